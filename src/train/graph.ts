import tf, {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '@tensorflow/tfjs';
import { type ModelConfig, memorySlots } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { END_OF_STORY } from '../tokenizer/tokenizer.js';

/**
 * FlashLM v4 and its extensions (docs/arithmetic.md) for training, in tfjs: the readable definition of what is learned.
 *
 * Activations are [tokens, channels] with tokens = sequences * length, sequence after sequence. Where tfjs' own
 * gradient multiplies with a transposed operand, which its WebAssembly backend does thirty times slower, the gradient
 * is written out with an explicit transposition; the mathematics is the same.
 */

const NORM_EPSILON = 1e-6;
const TERNARY_EPSILON = 1e-8;

/** The weights as the forward pass sees them: sign or zero, times mean|w| of the matrix. */
function ternary(weight: Tensor2D): Tensor2D {
  const scale = tf.mean(tf.abs(weight));
  return tf.mul(tf.clipByValue(tf.round(tf.div(weight, tf.add(scale, TERNARY_EPSILON))), -1, 1), scale);
}

/**
 * x [tokens, in] times the ternarised weight [out, in], transposed -> [tokens, out].
 * Straight-through: the latent weight receives the gradient of the ternary one.
 */
const ternaryLinear = tf.customGrad((x, weight, save) => {
  const ternaryWeight = ternary(weight as Tensor2D);
  (save as (tensors: Tensor[]) => void)([x as Tensor, ternaryWeight]);
  return {
    value: tf.matMul(x as Tensor2D, tf.transpose(ternaryWeight)),
    gradFunc: (outputGradient: Tensor2D, saved: Tensor[]) => [
      tf.matMul(outputGradient, saved[1] as Tensor2D),
      tf.transpose(tf.matMul(tf.transpose(saved[0] as Tensor2D), outputGradient)),
    ],
  };
}) as (x: Tensor2D, weight: Tensor2D) => Tensor2D;

function rmsNorm(x: Tensor2D, scale: Tensor1D): Tensor2D {
  const meanSquare = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.div(x, tf.sqrt(tf.add(meanSquare, NORM_EPSILON))), scale);
}

/**
 * Causal depthwise convolution of values [sequences, length, d] with taps [d, 1, K] -> the same shape.
 * Tap K-1 meets the newest token; before the first token stand zeros.
 */
function causalConvolution(values: Tensor3D, taps: Tensor3D): Tensor3D {
  const [sequences, length, d] = values.shape;
  const kernel = taps.shape[2];
  const slide = (padded: Tensor3D, filter: Tensor4D): Tensor3D =>
    tf.reshape(
      tf.depthwiseConv2d(
        tf.reshape(padded, [sequences, length + kernel - 1, 1, d]) as Tensor4D,
        filter,
        1,
        'valid',
      ),
      [sequences, length, d],
    );
  const operation = tf.customGrad((input, filter, save) => {
    const padded = tf.pad(input as Tensor3D, [
      [0, 0],
      [kernel - 1, 0],
      [0, 0],
    ]);
    (save as (tensors: Tensor[]) => void)([padded, filter as Tensor]);
    return {
      value: slide(padded, filter as Tensor4D),
      gradFunc: (outputGradient: Tensor3D, saved: Tensor[]) => {
        const [savedPadded, savedFilter] = saved as [Tensor3D, Tensor4D];
        // Each input reaches K outputs, the newest tap first: the same convolution, backwards.
        const ahead = tf.pad(outputGradient, [
          [0, 0],
          [0, kernel - 1],
          [0, 0],
        ]);
        const tapGradients = Array.from({ length: kernel }, (_, tap) =>
          tf.sum(tf.mul(tf.slice(savedPadded, [0, tap, 0], [sequences, length, d]), outputGradient), [0, 1]),
        );
        return [
          slide(ahead, tf.reverse(savedFilter, 0)),
          tf.reshape(tf.stack(tapGradients), [kernel, 1, d, 1]),
        ];
      },
    };
  }) as (input: Tensor3D, filter: Tensor4D) => Tensor3D;
  return operation(values, tf.reshape(tf.transpose(taps, [2, 1, 0]), [kernel, 1, d, 1]));
}

/**
 * A block's memory: values [sequences, length, d], reads and writes [sequences, length, m] -> the shape of the values.
 *
 * State S [sequences, heads, slots, width], empty where a story begins; S += write gate (value - S) for the slots of each
 * head, and what is read from it is added to the value.
 *
 * @param continues [sequences, length]: 0 for the token that begins a story, else 1
 */
function recurrence(
  { heads, slots }: { heads: number; slots: number },
  values: Tensor3D,
  reads: Tensor3D,
  gates: Tensor3D,
  continues: Tensor2D,
): Tensor3D {
  const [sequences, length, d] = values.shape;
  const byToken = (x: Tensor, shape: number[]) => tf.unstack(tf.reshape(x, [sequences, length, ...shape]), 1);
  const value = byToken(values, [heads, 1, d / heads]);
  const read = byToken(reads, [heads, slots, 1]);
  const gate = byToken(gates, [heads, slots, 1]);
  const kept = byToken(continues, [1, 1, 1]);
  let state: Tensor = tf.zeros([sequences, heads, slots, d / heads]);
  const mixed = value.map((now, token) => {
    state = tf.mul(state, kept[token]);
    state = tf.add(state, tf.mul(gate[token], tf.sub(now, state)));
    const heard = tf.sum(tf.mul(read[token], state), 2, true);
    return tf.reshape(tf.add(now, heard), [sequences, d]);
  });
  return tf.stack(mixed, 1) as Tensor3D;
}

/** Rows of the embedding [V, d] for tokens [n] -> [n, d]. */
function embed(embedding: Tensor2D, tokens: Tensor1D): Tensor2D {
  const operation = tf.customGrad((table) => ({
    value: tf.gather(table as Tensor2D, tokens),
    gradFunc: (outputGradient: Tensor2D) => [
      tf.scatterND(tf.expandDims(tokens, 1), outputGradient, (table as Tensor2D).shape),
    ],
  })) as (table: Tensor2D) => Tensor2D;
  return operation(embedding);
}

/** Mean cross-entropy in nats of targets [n] under logits = x [n, d] times the embedding [V, d], transposed. */
function tiedCrossEntropy(x: Tensor2D, embedding: Tensor2D, targets: Tensor1D): Tensor {
  const operation = tf.customGrad((hidden, table, save) => {
    const probabilities = tf.softmax(tf.matMul(hidden as Tensor2D, tf.transpose(table as Tensor2D)));
    (save as (tensors: Tensor[]) => void)([hidden as Tensor, table as Tensor, probabilities, targets]);
    const rows = tf.range(0, targets.shape[0], 1, 'int32');
    const targetProbabilities = tf.gatherND(probabilities, tf.stack([rows, targets], 1));
    return {
      value: tf.neg(tf.mean(tf.log(tf.maximum(targetProbabilities, 1e-30)))),
      gradFunc: (outputGradient: Tensor, saved: Tensor[]) => {
        const [savedHidden, savedTable, savedProbabilities] = saved as [Tensor2D, Tensor2D, Tensor2D];
        const savedTargets = saved[3] as Tensor1D;
        const certain = tf.oneHot(savedTargets, savedTable.shape[0]);
        const scale = tf.div(outputGradient, savedTargets.shape[0]);
        const logitGradient = tf.mul(tf.sub(savedProbabilities, certain), scale) as Tensor2D;
        return [
          tf.matMul(logitGradient, savedTable),
          tf.transpose(tf.matMul(tf.transpose(savedHidden), logitGradient)),
        ];
      },
    };
  }) as (hidden: Tensor2D, table: Tensor2D) => Tensor;
  return operation(x, embedding);
}

/**
 * Mean cross-entropy in nats under a two-level softmax: of the targets' clusters, and of the targets within them.
 * @param clusters [C, d]; `clusterOfToken` [V], whole numbers
 */
function clusteredCrossEntropy(
  x: Tensor2D,
  embedding: Tensor2D,
  clusters: Tensor2D,
  clusterOfToken: Tensor1D,
  targets: Tensor1D,
): Tensor {
  const targetClusters = tf.gather(clusterOfToken, targets);
  const others = tf.notEqual(tf.expandDims(targetClusters, 1), tf.expandDims(clusterOfToken, 0));
  const logits = tf.matMul(x, embedding, false, true);
  const within = tf.where(others, tf.fill(logits.shape, -1e30), logits);
  return tf.add(
    tiedCrossEntropy(x, clusters, tf.cast(targetClusters, 'int32')),
    tf.losses.softmaxCrossEntropy(tf.oneHot(targets, embedding.shape[0]), within),
  );
}

/** Parameters in the order of parameterLayout(config), handed out by name. */
function byName(config: ModelConfig, parameters: Tensor[]): <T extends Tensor>(name: string) => T {
  const index = new Map(parameterLayout(config).parameters.map(({ name }, i) => [name, parameters[i]]));
  return <T extends Tensor>(name: string) => index.get(name) as T;
}

/**
 * What the output head sees after each token: the last block's output, normalised -> [tokens, d].
 *
 * @param parameters in the order and shapes of parameterLayout(config)
 * @param inputs [sequences, length] token ids
 */
export function hiddenStates(config: ModelConfig, parameters: Tensor[], inputs: Tensor2D): Tensor2D {
  const parameter = byName(config, parameters);
  const [sequences, length] = inputs.shape;
  const d = config.dimension;
  const slots = memorySlots(config);
  const continues = tf.cast(tf.notEqual(inputs, END_OF_STORY), 'float32') as Tensor2D;
  const bySequence = (x: Tensor): Tensor3D => tf.reshape(x, [sequences, length, -1]);
  let residual = embed(parameter('embedding.weight'), tf.reshape(inputs, [sequences * length]));
  for (let block = 0; block < config.blocks; block++) {
    const prefix = `blocks.${block}.`;
    const mixerIn = rmsNorm(residual, parameter(`${prefix}norm1.scale`));
    const rows = ternaryLinear(mixerIn, parameter(`${prefix}mixer.up.weight`));
    const [gate, value, reads, writes] = tf.split(rows, [d, d, slots, slots], 1);
    let mixed = causalConvolution(bySequence(value), parameter(`${prefix}mixer.conv.weight`));
    if (config.memory !== undefined) {
      const gates = tf.sigmoid(tf.add(writes, parameter<Tensor1D>(`${prefix}mixer.write_bias`)));
      mixed = recurrence(config.memory, mixed, bySequence(reads), bySequence(gates), continues);
    }
    const gated = tf.mul(tf.reshape(mixed, [sequences * length, d]), tf.sigmoid(gate)) as Tensor2D;
    residual = tf.add(residual, ternaryLinear(gated, parameter(`${prefix}mixer.down.weight`)));

    const ffnIn = rmsNorm(residual, parameter(`${prefix}norm2.scale`));
    const ffnGate = ternaryLinear(ffnIn, parameter(`${prefix}ffn.W_gate.weight`));
    const ffnUp = ternaryLinear(ffnIn, parameter(`${prefix}ffn.W_up.weight`));
    const product = tf.mul(tf.mul(ffnGate, tf.sigmoid(ffnGate)), ffnUp) as Tensor2D;
    residual = tf.add(residual, ternaryLinear(product, parameter(`${prefix}ffn.W_down.weight`)));
  }
  return rmsNorm(residual, parameter('final_norm.scale'));
}

/**
 * Mean loss in nats per token.
 *
 * @param parameters in the order and shapes of parameterLayout(config)
 * @param inputs [sequences, length] token ids; `targets` the ids one position later
 */
export function loss(config: ModelConfig, parameters: Tensor[], inputs: Tensor2D, targets: Tensor2D): Tensor {
  const parameter = byName(config, parameters);
  const hidden = hiddenStates(config, parameters, inputs);
  const embedding = parameter<Tensor2D>('embedding.weight');
  const flatTargets = tf.reshape(targets, [targets.size]) as Tensor1D;
  if (config.clusters === undefined) return tiedCrossEntropy(hidden, embedding, flatTargets);
  const clusters = parameter<Tensor2D>('head.clusters.weight');
  return clusteredCrossEntropy(hidden, embedding, clusters, parameter('head.cluster_of_token'), flatTargets);
}
