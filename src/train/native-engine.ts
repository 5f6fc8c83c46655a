import type { ModelConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import type { NativeLibrary } from './native-library.js';
import { BETA_1, BETA_2, EPSILON, type TrainingEngine } from './training-engine.js';

export interface NativeEngine extends TrainingEngine {
  /** @returns [tokens x vocabulary] logits after each token; at most config.context tokens */
  logits(tokens: Int32Array): Float32Array;
}

/**
 * The engine in C: everything between the parameters and the gradient, data-parallel over threads.
 *
 * @param integers compute with 16-bit integers what bears it (native/integer_product.h)
 * @param blas the library that was loaded, for the description
 * @returns null where memory or threads are short
 */
export function startNativeEngine(
  native: NativeLibrary,
  config: ModelConfig,
  threads: number,
  integers: boolean,
  blas: string | null,
): NativeEngine | null {
  const { total } = parameterLayout(config);
  const vectors = {
    parameters: new Float32Array(total),
    gradient: new Float32Array(total),
    firstMoment: new Float32Array(total),
    secondMoment: new Float32Array(total),
  };
  const { vocabulary, dimension, blocks, hidden, kernel, context, memory, clusters = 0 } = config;
  const handle = native.create({
    ...{ vocabulary, dimension, blocks, hidden, kernel, clusters },
    memoryHeads: memory?.heads ?? 0,
    memorySlots: memory?.slots ?? 0,
    length: context,
    threads,
    integers: integers ? 1 : 0,
    ...vectors,
  });
  if (handle === null) return null;
  const products = `${integers ? '16-bit integers, ' : ''}${blas ?? 'built-in products'}`;
  return {
    ...vectors,
    description: `C (${products}), ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    arithmetic: `C ${products} ${threads}`,
    compute: async (windows, sequences) => {
      const [loss, gradientNorm] = native.compute(handle, windows, sequences, true);
      return { loss, gradientNorm };
    },
    evaluate: async (windows, sequences) => native.compute(handle, windows, sequences, false)[0],
    update: ({ step, gradientScale, groups }) => {
      const fields = groups.flatMap(({ end, learningRate, weightDecay, muon }) => [
        ...[end, learningRate, weightDecay],
        ...(muon ?? [0, 0]),
      ]);
      native.update(handle, Float64Array.of(step, gradientScale, BETA_1, BETA_2, EPSILON, ...fields));
    },
    logits: (tokens) => {
      const logits = new Float32Array(tokens.length * vocabulary);
      native.logits(handle, tokens, logits);
      return logits;
    },
    close: async () => native.close(handle),
  };
}
