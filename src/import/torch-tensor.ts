import { FLOAT_FORMATS, type FloatFormat } from '../checkpoint/float-formats.js';
import { FlashlmError } from '../errors.js';
import type { TensorReference } from './pickle-values.js';

const FORMATS = new Map<string, FloatFormat>([
  ['torch.FloatStorage', FLOAT_FORMATS.F32],
  ['torch.HalfStorage', FLOAT_FORMATS.F16],
  ['torch.BFloat16Storage', FLOAT_FORMATS.BF16],
  ['torch.DoubleStorage', FLOAT_FORMATS.F64],
]);

/**
 * The elements of a tensor in row-major order, taken from its storage by offset and strides.
 *
 * @param bytes the storage's file
 * @param name the tensor's, for messages
 * @throws FlashlmError bad-checkpoint for a view that leaves its storage, or holds more elements than it (so that a
 *   small file cannot claim a huge tensor)
 */
export function readTorchTensor(
  { storage, offset, shape, strides }: TensorReference,
  bytes: Uint8Array,
  name: string,
  source: string,
): Float32Array {
  const refuse = (what: string) =>
    new FlashlmError(
      'bad-checkpoint',
      `${source} holds ${name} ${what}.`,
      'Save the model again with torch.save, in float32.',
    );
  const format = FORMATS.get(storage.type);
  if (format === undefined) throw refuse(`as ${storage.type}, which are no floats`);
  if (bytes.length !== storage.elements * format.bytesPerValue) {
    throw refuse(`in a storage of ${bytes.length} bytes that claims ${storage.elements} elements`);
  }
  const size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], offset);
  if (size === 0) return new Float32Array(0);
  // Written so that a number beyond exact integers, or none at all, fails too.
  if (!(last < storage.elements && size <= storage.elements)) {
    throw refuse(`as a view that reaches beyond its storage of ${storage.elements} elements`);
  }
  const values = format.decode(bytes);
  return isContiguous(shape, strides)
    ? values.slice(offset, offset + size)
    : gather(values, offset, shape, strides, size);
}

function isContiguous(shape: number[], strides: number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** Walks the view like an odometer: the last axis turns fastest. */
function gather(
  values: Float32Array,
  offset: number,
  shape: number[],
  strides: number[],
  size: number,
): Float32Array {
  const gathered = new Float32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let position = offset;
  for (let i = 0; i < size; i++) {
    gathered[i] = values[position];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis];
      if (++index[axis] < shape[axis]) break;
      position -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return gathered;
}
