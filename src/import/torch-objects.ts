import type { PickleVocabulary } from './pickle.js';
import {
  PickleDictionary,
  PickleGlobal,
  PickleTuple,
  type PickleValue,
  StorageReference,
  TensorReference,
} from './pickle-values.js';

const ORDERED_DICTIONARY = 'collections.OrderedDict';
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';

/** Storages of numbers. Those of floats can become parameters; the others occur in optimizer states. */
const STORAGE_TYPES = [
  'Float',
  'Half',
  'BFloat16',
  'Double',
  'Long',
  'Int',
  'Short',
  'Char',
  'Byte',
  'Bool',
].map((type) => `torch.${type}Storage`);

const KNOWN_NAMES: ReadonlySet<string> = new Set([ORDERED_DICTIONARY, REBUILD_TENSOR, ...STORAGE_TYPES]);

/**
 * The few names that torch.save writes for a state_dict, and what they build: dictionaries, and descriptions of
 * tensors. See torch/_utils.py and torch/serialization.py of PyTorch.
 */
export const STATE_DICT_VOCABULARY: PickleVocabulary = {
  knows: (name) => KNOWN_NAMES.has(name),
  call(name, parameters) {
    if (name === ORDERED_DICTIONARY && parameters.length === 0) return new PickleDictionary();
    if (name === REBUILD_TENSOR) return tensorOf(parameters);
    return null;
  },
  load: storageOf,
};

/** @param parameters storage, offset, shape, strides, requires_grad, backward hooks and perhaps metadata */
function tensorOf(parameters: PickleValue[]): TensorReference | null {
  const [storage, offset, shape, strides] = parameters;
  if (!(storage instanceof StorageReference) || !isCount(offset)) return null;
  const [lengths, steps] = [countsOf(shape), countsOf(strides)];
  if (lengths === null || steps === null || lengths.length !== steps.length) return null;
  return new TensorReference(storage, offset, lengths, steps);
}

/** @param id ('storage', type, key, device, number of elements) */
function storageOf(id: PickleValue): StorageReference | null {
  if (!(id instanceof PickleTuple)) return null;
  const [kind, type, key, , elements] = id.items;
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || !STORAGE_TYPES.includes(type.name))
    return null;
  if (typeof key !== 'string' || !isCount(elements)) return null;
  return new StorageReference(type.name, key, elements);
}

function countsOf(value: PickleValue | undefined): number[] | null {
  return value instanceof PickleTuple && value.items.every(isCount) ? value.items : null;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
