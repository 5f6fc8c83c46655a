import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { checksumOf } from '../../src/integer/checksum.js';
import { generateTrace } from '../../src/integer/generate.js';
import { Sampler } from '../../src/integer/sampler.js';
import { ExactSession } from './exact-forward.js';
import { ExactSampler, exactChecksum } from './exact-sampler.js';
import { makeRandomModel, RandomNumbers, SMALL_CONFIG } from './random-model.js';

describe('Sampler', () => {
  it('chooses what its definition chooses', () => {
    const random = new RandomNumbers(31);
    for (let round = 0; round < 300; round++) {
      const seed = round < 3 ? [0, 2 ** 32 - 1, 0x61c88647][round] : random.integer(0, 2 ** 32 - 1);
      const temperatureThousandths = [0, 100, 800, 1000, 10000, random.integer(100, 10000)][round % 6];
      const topK = [1, 2, 40, 64, random.integer(1, 64)][round % 5];
      const sampler = new Sampler({ seed, temperatureThousandths, topK });
      const exact = new ExactSampler(BigInt(seed), BigInt(temperatureThousandths), topK);
      // A spread from ties everywhere to the largest distance that logits can have.
      const spread = 2 ** random.integer(0, 30);
      for (let draw = 0; draw < 10; draw++) {
        const logits = Int32Array.from({ length: random.integer(1, 300) }, () =>
          random.integer(-spread, spread),
        );
        expect(sampler.sample(logits)).toBe(exact.sample([...logits]));
      }
    }
  });

  it('draws in proportion to the softmax', () => {
    const probabilities = [0.5, 0.25, 0.15, 0.1];
    const logits = Int32Array.from(probabilities, (p) => Math.round(Math.log(p) * 65536));
    const sampler = new Sampler({ seed: 1, temperatureThousandths: 1000, topK: 64 });
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20000; i++) {
      counts[sampler.sample(logits)]++;
    }
    for (const [token, p] of probabilities.entries()) {
      expect(counts[token] / 20000).toBeCloseTo(p, 1.9);
    }
  });

  it('refuses settings out of their range', () => {
    const good = { seed: 1, temperatureThousandths: 800, topK: 40 };
    for (const bad of [
      { seed: -1 },
      { seed: 2 ** 32 },
      { topK: 0 },
      { topK: 65 },
      { temperatureThousandths: 99 },
      { temperatureThousandths: 10001 },
      { temperatureThousandths: 100.5 },
    ]) {
      expect(() => new Sampler({ ...good, ...bad })).toThrow(FlashlmError);
    }
  });
});

describe('checksum', () => {
  it('is the word hash of the page', () => {
    expect(checksumOf([])).toBe(0x811c9dc5);
    const random = new RandomNumbers(41);
    const words = Array.from({ length: 500 }, () => random.integer(-(2 ** 31), 2 ** 31 - 1));
    expect(checksumOf(words)).toBe(exactChecksum(words));
    expect(checksumOf(Int32Array.from(words))).toBe(exactChecksum(words));
    expect(checksumOf(words.map((x) => x >>> 0))).toBe(exactChecksum(words));
  });
});

describe('generateTrace', () => {
  const model = makeRandomModel(SMALL_CONFIG, 9);
  const settings = { prompt: [20, 21], tokens: 30, seed: 3, temperatureThousandths: 2500, topK: 60 };

  it('feeds end-of-story, the prompt, and every sampled token, as the definition does', () => {
    const trace = generateTrace(model, settings);

    const session = new ExactSession(model);
    const sampler = new ExactSampler(3n, 2500n, 100);
    const step = (token: number) => session.step(token).logits.map(Number);
    const allLogits = [0, ...settings.prompt].map(step);
    const sampled: number[] = [];
    while (sampled.length < settings.tokens && sampled.at(-1) !== 0) {
      const token = sampler.sample(allLogits[allLogits.length - 1]);
      sampled.push(token);
      allLogits.push(step(token));
    }

    expect(trace.sampled).toEqual(sampled);
    expect(trace.steps.map(({ token }) => token)).toEqual([0, ...settings.prompt, ...sampled]);
    const checksums = allLogits.map(exactChecksum);
    expect(trace.steps.map(({ checksum }) => checksum)).toEqual(checksums);
    expect(trace.checksum).toBe(exactChecksum(checksums));
  });

  it('hashes the logits of a model with clusters in order of cluster, then of id', () => {
    const clustered = makeRandomModel({ ...SMALL_CONFIG, clusters: 9 }, 9);
    const { clusterOfToken } = clustered.clusters ?? { clusterOfToken: new Uint16Array(0) };
    const trace = generateTrace(clustered, { ...settings, tokens: 4 });
    const session = new ExactSession(clustered);
    const checksums = trace.steps.map(({ token }) => {
      const logits = session.step(token).logits.map(Number);
      const order = [...logits.keys()].sort((a, b) => clusterOfToken[a] - clusterOfToken[b] || a - b);
      return exactChecksum(order.map((id) => logits[id]));
    });
    expect(trace.steps.map(({ checksum }) => checksum)).toEqual(checksums);
    expect(trace.checksum).toBe(exactChecksum(checksums));
  });

  it('stops at the limit or after end-of-story, which is fed as the last step', () => {
    const trace = generateTrace(model, { ...settings, tokens: 5 });
    expect(trace.sampled).toHaveLength(5);
    expect(trace.steps).toHaveLength(8);
    expect(trace.stoppedByEndOfStory).toBe(false);

    // A model whose only candidate is end-of-story: its row alone is not zero, and points at the final norm.
    const ending = makeRandomModel(SMALL_CONFIG, 9);
    ending.embeddingMultiplier.fill(0, 1);
    ending.blocks = ending.blocks.map((block) => ({
      ...block,
      mixerDownScale: { ...block.mixerDownScale, multiplier: 0 },
      ffnDownScale: { ...block.ffnDownScale, multiplier: 0 },
    }));
    ending.finalNorm.fill(32000);
    const ended = generateTrace(ending, { ...settings, prompt: [], temperatureThousandths: 0 });
    expect(ended).toMatchObject({ sampled: [0], stoppedByEndOfStory: true });
    expect(ended.steps.map((step) => step.token)).toEqual([0, 0]);
  });

  it('refuses a limit out of its range', () => {
    for (const tokens of [0, 65536, 2.5]) {
      expect(() => generateTrace(model, { ...settings, tokens })).toThrow(FlashlmError);
    }
  });
});
