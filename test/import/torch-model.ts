import type { FloatModel } from '../../src/float/model.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { dictionary, integer, orderedDictionary, pickled, tensor, text } from './pickle-writer.js';
import { type WrittenEntry, zip } from './zip-writer.js';

/** What a test changes about a file of torch.save before it is written. */
export interface TorchFileChanges {
  /** Pickles of more or other tensors, by name; the empty text leaves a tensor out. */
  tensors?: Record<string, string>;
  entries?: WrittenEntry[];
  config?: Record<string, number>;
  /** The state_dict as the whole file, as FlashLM's `best.pt` is. */
  bare?: boolean;
  prefix?: string;
  /** More of the pickle's top dictionary. */
  extra?: Record<string, string>;
  /** Another data.pkl altogether, with a right CRC. */
  pickle?: Uint8Array;
}

/** A model as FlashLM's training script saves it: state_dict (head tied to the embedding), config, optimizer. */
export function torchFile(model: FloatModel, changes: TorchFileChanges = {}): Uint8Array {
  const { vocabulary, dimension, blocks, hidden, kernel } = model.config;
  const { prefix = '', tensors: changed = {} } = changes;
  const entries: WrittenEntry[] = [];
  const tensors: Record<string, string> = {};
  for (const [index, { name, shape }] of parameterLayout(model.config).parameters.entries()) {
    const values = model.parameters.get(name) ?? new Float32Array(0);
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    entries.push({ name: `m/data/${index}`, content });
    tensors[name] = tensor({ key: String(index), elements: values.length, shape });
  }
  tensors['head.weight'] = tensors['embedding.weight'];
  const stateDict = Object.fromEntries(
    Object.entries({ ...tensors, ...changed })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [prefix + name, value]),
  );
  // PyTorch gives the state_dict an attribute _metadata, by BUILD.
  const ordered = `${orderedDictionary(stateDict)}${dictionary({ _metadata: orderedDictionary({}) })}b`;
  const config = {
    vocab_size: vocabulary,
    dim: dimension,
    n_blocks: blocks,
    kernel_size: kernel,
    glu_hidden: hidden,
    seq_len: 128,
    ...changes.config,
  };
  const top = dictionary({
    model_state_dict: ordered,
    optimizer_state_dict: dictionary({ state: `}(K\x00${dictionary({ step: 'G\x40\x14\0\0\0\0\0\0' })}u` }),
    config: dictionary(
      Object.fromEntries(Object.entries(config).map(([key, value]) => [key, integer(value)])),
    ),
    note: text('more of the checkpoint'),
    ...changes.extra,
  });
  const content = changes.pickle ?? pickled(changes.bare === true ? ordered : top);
  return zip([{ name: 'm/data.pkl', content }, ...entries, ...(changes.entries ?? [])]);
}
