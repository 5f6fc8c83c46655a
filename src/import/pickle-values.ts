/** A name that a pickle refers to, such as `torch.FloatStorage`; never more than its name. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

export class PickleTuple {
  constructor(readonly items: PickleValue[]) {}
}

export type PickleKey = string | number | bigint | boolean | null;

/** A dict or an OrderedDict; a Map, so that no key can touch a prototype. */
export class PickleDictionary {
  readonly entries = new Map<PickleKey, PickleValue>();
}

/** A run of equal elements in a file of the archive. */
export class StorageReference {
  /**
   * @param type name of the storage's class, such as `torch.FloatStorage`
   * @param key name of the file below `data/`
   * @param elements how many it claims to hold
   */
  constructor(
    readonly type: string,
    readonly key: string,
    readonly elements: number,
  ) {}
}

/** A view of a storage; nothing in it has been checked against the storage's file. */
export class TensorReference {
  /**
   * @param offset first element within the storage
   * @param shape length of each dimension
   * @param strides distance between neighbours of each dimension, in elements
   */
  constructor(
    readonly storage: StorageReference,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** Everything that the pickle of a state_dict can hold. Lists are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleTuple
  | PickleDictionary
  | PickleGlobal
  | StorageReference
  | TensorReference;

/** What a value is, for messages. */
export function describeValue(value: PickleValue): string {
  if (value === null) return 'None';
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleDictionary) return 'a dictionary';
  if (value instanceof StorageReference) return 'a storage';
  if (value instanceof TensorReference) return 'a tensor';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : 'a number';
}
