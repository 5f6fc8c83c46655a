import tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

/** TensorFlow's own native library for Node: an optional dependency, faster where it could be installed. */
const NATIVE_PACKAGE = '@tensorflow/tfjs-node';

/**
 * Starts the fastest tfjs backend that is installed: native TensorFlow, else WebAssembly.
 * @returns the backend's name, for the progress line
 */
export async function startBackend(): Promise<string> {
  tf.enableProdMode();
  try {
    await import(NATIVE_PACKAGE);
    await tf.setBackend('tensorflow');
  } catch {
    await tf.setBackend('wasm');
  }
  await tf.ready();
  return tf.getBackend();
}
