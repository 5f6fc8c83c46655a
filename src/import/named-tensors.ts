/** A tensor in a file, read when it is asked for. */
export interface NamedTensor {
  shape: number[];
  /**
   * Its elements in row-major order.
   * @throws FlashlmError bad-checkpoint
   */
  read(): Promise<Float32Array>;
}

/** What a file of weights holds. */
export interface TensorFile {
  /** The file's name, for messages. */
  source: string;
  tensors: Map<string, NamedTensor>;
  /** What the file itself says about the model's shape; null where it says nothing. */
  config: ReadonlyMap<unknown, unknown> | null;
}
