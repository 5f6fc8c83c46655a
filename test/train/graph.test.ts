import { beforeAll, describe, expect, it } from 'vitest';
import { FloatSession } from '../../src/float/forward.js';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { END_OF_STORY } from '../../src/tokenizer/tokenizer.js';
import { startBackend } from '../../src/train/backend.js';
import { lossAndGradient } from '../../src/train/gradient.js';
import { Random } from '../../src/train/random.js';
import { trainedLikeParameters } from './trained-like.js';

/** The definition of what is learned, against the float reference of what is evaluated and quantised. */

const PLAIN = { vocabulary: 60, dimension: 12, blocks: 3, hidden: 20, kernel: 4, context: 16 };
const MEMORY = { memory: { heads: 3, slots: 4 } };
const CLUSTERS = { clusters: 7 };
const SHAPES: { name: string; config: ModelConfig }[] = [
  { name: 'a plain model', config: PLAIN },
  { name: 'a memory', config: { ...PLAIN, ...MEMORY } },
  { name: 'clusters', config: { ...PLAIN, ...CLUSTERS } },
  { name: 'a memory and clusters', config: { ...PLAIN, ...MEMORY, ...CLUSTERS } },
];
const SEQUENCES = 3;
const TOLERANCE = 1e-5;

/** Token ids without the end of a story, which would clear the memory of the trainer and not that of a session. */
function storyTokens(count: number): Int32Array {
  const random = new Random(4);
  return Int32Array.from({ length: count }, () => 1 + Math.floor(random.uniform() * (PLAIN.vocabulary - 1)));
}

function sessionOf(config: ModelConfig, flat: Float32Array): FloatSession {
  const { parameters } = parameterLayout(config);
  return new FloatSession({
    name: 'test',
    config,
    parameters: new Map(parameters.map((parameter) => [parameter.name, parameterView(flat, parameter)])),
  });
}

/** Nats of the session's surprise at `target` after it was fed `token`. */
function surprise(session: FloatSession, token: number, target: number): number {
  const logits = session.step(token);
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return largest + Math.log(sum) - logits[target];
}

beforeAll(async () => {
  await startBackend();
});

describe('the training loss equals the cross-entropy of the float reference', () => {
  it.each(SHAPES)('with $name', ({ config }) => {
    const flat = trainedLikeParameters(config);
    const windows = storyTokens(SEQUENCES * (config.context + 1));
    const session = sessionOf(config, flat);
    let nats = 0;
    for (let sequence = 0; sequence < SEQUENCES; sequence++) {
      const window = windows.subarray(sequence * (config.context + 1), (sequence + 1) * (config.context + 1));
      session.reset();
      for (let t = 0; t < config.context; t++) nats += surprise(session, window[t], window[t + 1]);
    }
    const expected = nats / (SEQUENCES * config.context);
    const loss = lossAndGradient(config, flat, windows, SEQUENCES, null);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(TOLERANCE);
  });

  it('with a memory that the end of a story clears', () => {
    // A convolution over one token, so that the memory alone could carry anything from the first story to the second.
    const config: ModelConfig = { ...PLAIN, ...MEMORY, kernel: 1 };
    const flat = trainedLikeParameters(config);
    const window = storyTokens(config.context + 1);
    const beginning = config.context / 2;
    window[beginning] = END_OF_STORY;
    const session = sessionOf(config, flat);
    let nats = 0;
    for (let t = 0; t < config.context; t++) {
      if (t === beginning) session.reset();
      nats += surprise(session, window[t], window[t + 1]);
    }
    const loss = lossAndGradient(config, flat, window, 1, null);
    expect(Math.abs(loss / (nats / config.context) - 1)).toBeLessThan(TOLERANCE);
  });
});
