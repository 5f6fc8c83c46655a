import { readFile, stat } from 'node:fs/promises';
import { decodeSafetensors } from '../checkpoint/safetensors.js';
import { FlashlmError } from '../errors.js';
import type { TensorFile } from './named-tensors.js';
import { explainOtherPickle, isZip, readTorchFile } from './torch-file.js';

/** Node reads no larger file at once; a FlashLM v4-large with its optimizer takes 190 MB. */
const LARGEST_FILE_BYTES = 2 ** 31 - 1;

/**
 * Reads the weights in a PyTorch or safetensors file; its content says which it is, not its name.
 * @throws FlashlmError missing-file or bad-checkpoint
 */
export async function readWeightsFile(file: string): Promise<TensorFile> {
  const information = await stat(file).catch(() => null);
  if (information === null || !information.isFile()) {
    throw new FlashlmError(
      'missing-file',
      `There is no file ${file}.`,
      'Give a model.pt or a model.safetensors.',
    );
  }
  if (information.size > LARGEST_FILE_BYTES) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} has ${information.size} bytes, more than the ${LARGEST_FILE_BYTES} that can be read.`,
      'Save the state_dict alone, without the optimizer.',
    );
  }
  return parseWeights(new Uint8Array(await readFile(file)), file);
}

/**
 * The tensors in the bytes of a PyTorch or safetensors file.
 * @param source the file's name, for messages
 * @throws FlashlmError bad-checkpoint
 */
export async function parseWeights(bytes: Uint8Array, source: string): Promise<TensorFile> {
  if (bytes.length === 0) {
    throw new FlashlmError('bad-checkpoint', `${source} is empty.`, 'Copy or download it again.');
  }
  if (isZip(bytes)) return readTorchFile(bytes, source);
  if (!beginsLikeSafetensors(bytes)) throw explainOtherPickle(bytes, source);
  const { tensors } = decodeSafetensors(bytes, source);
  return {
    source,
    tensors: new Map(
      Array.from(tensors, ([name, { shape, values }]) => [name, { shape, read: async () => values }]),
    ),
    config: null,
  };
}

/** The header of safetensors is JSON after eight bytes that tell its length. */
function beginsLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === '{'.charCodeAt(0);
}
