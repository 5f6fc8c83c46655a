import { describe, expect, it } from 'vitest';
import { FlashlmError } from '../../src/errors.js';
import { DEFAULT_SAMPLE, writeSample } from '../../src/evaluate/samples.js';
import { generateTrace } from '../../src/integer/generate.js';
import { quantise } from '../../src/quantise/quantise.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomFloatModel } from '../float/random-model.js';

const tokenizer = new Tokenizer(['the ', 'cat']);
const config = { vocabulary: 259, dimension: 16, blocks: 1, hidden: 24, kernel: 4, context: 16 };
const model = quantise(makeRandomFloatModel(config, 1), tokenizer.pieces);

describe('writeSample', () => {
  it('tells the story that the reference trace tells', () => {
    const settings = { prompt: 'the cat', tokens: 30, seed: 7, temperature: 0.8, topK: 40 };
    const sample = writeSample(model, tokenizer, settings);
    const trace = generateTrace(model, { ...settings, prompt: [258, 257], temperatureThousandths: 800 });
    expect(sample).toMatchObject({ ...settings, sampledTokens: trace.sampled.length });
    expect(sample.text).toBe(tokenizer.decode([258, 257, ...trace.sampled]));
    expect(sample.text.startsWith('the cat')).toBe(true);
  });

  it('says whether the model ended the story', () => {
    const endless = writeSample(model, tokenizer, { ...DEFAULT_SAMPLE, tokens: 1, temperature: 0 });
    expect(endless).toMatchObject({ ended: false, sampledTokens: 1 });
    // Hot, and long enough to meet end-of-story among 64 candidates.
    const ended = Array.from({ length: 20 }, (_, seed) =>
      writeSample(model, tokenizer, { prompt: '', tokens: 2000, seed, temperature: 10, topK: 64 }),
    ).filter((sample) => sample.ended);
    expect(ended.length).toBeGreaterThan(0);
    expect(ended[0].sampledTokens).toBeLessThan(2000);
  });

  it('refuses settings that no chip takes', () => {
    expect(() => writeSample(model, tokenizer, { ...DEFAULT_SAMPLE, temperature: 0.01 })).toThrow(
      FlashlmError,
    );
    expect(() => writeSample(model, tokenizer, { ...DEFAULT_SAMPLE, topK: 65 })).toThrow(/top-k/);
  });
});
