import { describe, expect, it } from 'vitest';
import { type TrainingFacts, trainingCard } from '../../src/train/card.js';

const FACTS: TrainingFacts = {
  name: 'v4',
  config: { vocabulary: 10000, dimension: 192, blocks: 6, hidden: 512, kernel: 8, context: 256 },
  parameters: 4_364_736,
  ternaryParameters: 2_433_024,
  imageBytes: 2_512_345,
  date: '2026-11-24',
  data: [
    { name: '/home/anna/data/train.txt', stories: 23_763, characters: 20_123_456, sha256: 'ab12'.repeat(16) },
    { name: 'synthetic.txt', stories: 43_200, characters: 33_000_000, sha256: 'cd34'.repeat(16) },
  ],
  dataNote: 'TinyStories, and stories that a transformer wrote.',
  heldOutStories: 200,
  charactersPerToken: 4.3,
  seconds: 7200,
  finished: true,
  steps: 4321,
  tokensSeen: 26_000_000,
  epochs: 2.0777,
  batch: 24,
  learningRates: { matrices: 0.02, embedding: 0.003 },
  optimiser: 'AdamW',
  optimiserSettings: { 'beta 1': 0.9, 'weight decay': 0.01 },
  schedule: '100 steps of warm-up, then linear to zero',
  threads: 2,
  engine: 'C, OpenBLAS',
  core: 'AMD EPYC 7763',
  nodeVersion: 'v20.20.2',
  seed: 1,
  beganWith: null,
  commandLine: ['flashlm-mcu', 'train', '--preset', 'v4', '--data', '/home/anna/data/train.txt'],
  heldOut: { bpc: 0.812345, how: '32 windows, cut anywhere' },
  lossless: {
    bpc: 0.84321,
    bpcFloat: 0.84319,
    interval: { low: 0.83, high: 0.855, confidence: 0.95, resamples: 2000, seed: 1 },
    stories: 200,
    characters: 170_000,
    what: 'held-out stories of the files below',
  },
  lossPicture: 'loss.svg',
  samples: [
    {
      prompt: 'Once upon a time',
      tokens: 256,
      seed: 1,
      temperature: 0.8,
      topK: 40,
      text: 'Once upon a time\nthere was a *star*.\n\nThe <end>.',
      sampledTokens: 120,
      ended: true,
    },
    {
      prompt: '',
      tokens: 64,
      seed: 2,
      temperature: 0,
      topK: 1,
      text: '# Tom said "hi"',
      sampledTokens: 64,
      ended: false,
    },
  ],
};

describe('trainingCard', () => {
  const card = trainingCard(FACTS);

  it('tells shape, figures, data, training and machine', () => {
    for (const fact of [
      '# v4',
      'Dimension 192, 6 blocks, feed-forward 512, convolution over 8 tokens, vocabulary 10,000',
      '4,364,736 parameters, of them 2,433,024 ternary',
      'model.flm, 2,512,345 bytes',
      '0.8432 in integer arithmetic, as on the chip; 0.8432 in float; 95% interval over stories 0.8300 to 0.8550',
      'every token of 200 stories (170,000 characters)',
      '0.8123 bits per character; 32 windows, cut anywhere',
      '2026-11-24, 7,200 seconds (2 h) on 2 threads of AMD EPYC 7763',
      '26,000,000; 2.08 epochs',
      '![Loss over the run](loss.svg)',
      '| train.txt | 23,763 | 20,123,456 | ab12ab12ab12ab12 |',
      '| synthetic.txt | 43,200 | 33,000,000 | cd34cd34cd34cd34 |',
      '200 stories of these were held out and never trained on. TinyStories, and stories',
      '| batch | 24 x 256 tokens |',
      '| peak learning rate | matrices 0.02, embedding 0.003 |',
      '| optimiser | AdamW, beta 1 0.9, weight decay 0.01 |',
      '| schedule | 100 steps of warm-up, then linear to zero |',
      '| engine | C, OpenBLAS |',
      '| Node | v20.20.2 |',
      '| seed | 1 |',
      '| tokens a second | 3,611 |',
    ]) {
      expect(card).toContain(fact);
    }
  });

  it('says what the model cannot do, from its receptive field', () => {
    // 6 x 7 + 1 = 43 tokens of 4.3 characters are 185.
    expect(card).toContain('sees 43 tokens back, about 180 characters');
    expect(card).toContain('follows no instructions');
  });

  it('says what a memory and clusters add', () => {
    const config = { ...FACTS.config, memory: { heads: 6, slots: 8 }, clusters: 64 };
    const withMemory = trainingCard({ ...FACTS, config });
    expect(withMemory).toContain(
      'a memory of 6 heads with 8 slots each in every block, vocabulary 10,000, predicted in two',
    );
    expect(withMemory).toContain(
      'what came before through 48 fading slots of memory in each block, so it forgets',
    );
  });

  it('counts the runs behind the weights that it began with', () => {
    const earlier = {
      name: 'mcu',
      beganWith: null,
      date: '2026-11-23',
      minutes: 230,
      steps: 42_575,
      tokensSeen: 188_028_416,
      finished: true,
      machine: '3 threads of AMD EPYC',
      settings: 'batch 9 x 512 tokens',
      data: [{ name: 'a.txt', stories: 14_838, characters: 12_148_537, sha256: 'ef56'.repeat(16) }],
      dataNote: 'Real stories.',
    };
    const beganWith = { name: 'mcu', sha256: '1234'.repeat(16), runs: [earlier] };
    const continued = trainingCard({ ...FACTS, beganWith });
    expect(continued).toContain('| tokens seen | 26,000,000; 2.08 epochs |');
    // 7,200 seconds and 26 million tokens of its own.
    expect(continued).toContain('| in all | 5 h 50, 214 million tokens, in 2 runs |');
    expect(continued).toContain(
      '| mcu | 2026-11-23 | 3 h 50 on 3 threads of AMD EPYC | 42,575 | 188,028,416 | batch 9 x 512 tokens | ' +
        'a.txt (14,838 stories, ef56ef56ef56ef56); Real stories. |',
    );
    const chain = [{ ...earlier, beganWith: { name: 'found', sha256: 'ab' } }, earlier];
    expect(trainingCard({ ...FACTS, beganWith: { ...beganWith, runs: chain } })).toContain(
      '| in all | 9 h 40, 402.1 million tokens, in 3 runs, and what made the weights of found that the first',
    );
    const { runs, ...unrecorded } = beganWith;
    expect(trainingCard({ ...FACTS, beganWith: unrecorded })).toContain('| in all | not known: what made');
    expect(runs).toHaveLength(1);
    expect(card).not.toMatch(/in all|Earlier runs/);
  });

  it('gives away no folder of the machine', () => {
    expect(card).not.toContain('anna');
    expect(card).toContain('    flashlm-mcu train --preset v4 --data train.txt\n');
    const commandLine = [
      ...['flashlm-mcu', 'train', '--data', '../secret/a b.txt', 'C:\\Users\\anna\\c.txt', 'stories/d.txt'],
      ...['--out=/tmp/anna/mine', '~/anna/e.txt'],
    ];
    expect(trainingCard({ ...FACTS, commandLine })).toContain(
      "    flashlm-mcu train --data 'a b.txt' c.txt stories/d.txt --out=mine e.txt\n",
    );
  });

  it('quotes samples as they came, with prompt and seed', () => {
    expect(card).toContain(
      'Prompt "Once upon a time", seed 1, temperature 0.8, top-k 40; the model ended it:\n\n' +
        '> Once upon a time  \n> there was a \\*star\\*.  \n>\n> The \\<end\\>.\n',
    );
    expect(card).toContain(
      'No prompt, seed 2, temperature 0, top-k 1; cut off after 64 tokens:\n\n> \\# Tom',
    );
    expect(trainingCard({ ...FACTS, samples: [] })).not.toContain('## Samples');
  });

  it('says what is not known', () => {
    const bare = trainingCard({
      ...FACTS,
      heldOut: null,
      lossless: null,
      lossPicture: null,
      dataNote: null,
      heldOutStories: 0,
      finished: false,
      seconds: 0,
    });
    expect(bare).toContain('| bits per character | not measured |');
    expect(bare).toContain('| held-out estimate | no stories were held out |');
    expect(bare).toContain('none was held out. Where the files came from was not recorded.');
    expect(bare).toContain('| state | interrupted');
    expect(bare).not.toMatch(/loss\.svg|NaN|Infinity|undefined|null/);
  });

  it('keeps tables whole and is the same bytes for the same facts', () => {
    const card = trainingCard({ ...FACTS, core: 'Core | with bar', engine: 'two\nlines' });
    expect(card).toContain('| core | Core \\| with bar |');
    expect(card).toContain('| engine | two lines |');
    for (const line of trainingCard(FACTS)
      .split('\n')
      .filter((text) => text.startsWith('|'))) {
      expect(line.match(/(?<!\\)\|/g)?.length).toBeGreaterThanOrEqual(3);
    }
    expect(trainingCard(structuredClone(FACTS))).toBe(trainingCard(FACTS));
  });
});
