import { expect, it } from 'vitest';
import { FloatSession } from '../../src/float/forward.js';
import type { ModelConfig } from '../../src/model/config.js';
import { parameterLayout, parameterView } from '../../src/model/parameters.js';
import { startBackend } from '../../src/train/backend.js';
import { lossAndGradient } from '../../src/train/gradient.js';
import { initialiseParameters } from '../../src/train/initialise.js';
import { Random } from '../../src/train/random.js';

it('the training loss equals the cross-entropy of the float reference', async () => {
  await startBackend();
  const config: ModelConfig = {
    vocabulary: 60,
    dimension: 12,
    blocks: 3,
    hidden: 20,
    kernel: 4,
    context: 16,
  };
  const { parameters, total } = parameterLayout(config);
  const flat = new Float32Array(total);
  initialiseParameters(flat, config, 11);
  const random = new Random(4);
  for (let i = 0; i < total; i++) flat[i] *= 1 + 0.3 * random.normal();
  const sequences = 3;
  const windows = Int32Array.from({ length: sequences * (config.context + 1) }, () =>
    Math.floor(random.uniform() * config.vocabulary),
  );

  const session = new FloatSession({
    name: 'test',
    config,
    parameters: new Map(parameters.map((parameter) => [parameter.name, parameterView(flat, parameter)])),
  });
  let nats = 0;
  for (let sequence = 0; sequence < sequences; sequence++) {
    const window = windows.subarray(sequence * (config.context + 1), (sequence + 1) * (config.context + 1));
    session.reset();
    for (let t = 0; t < config.context; t++) {
      const logits = session.step(window[t]);
      const largest = logits.reduce((a, b) => Math.max(a, b));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      nats += largest + Math.log(sum) - logits[window[t + 1]];
    }
  }
  const expected = nats / (sequences * config.context);
  const loss = lossAndGradient(config, flat, windows, sequences, null);
  expect(Math.abs(loss - expected)).toBeLessThan(1e-4);
});
