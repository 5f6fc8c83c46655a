import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { traceOnEmulator } from '../../src/emulate/run.js';
import { measureTokenCost } from '../../src/emulate/token-cost.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { readImage } from '../../src/image/read.js';
import { writeImage } from '../../src/image/write.js';
import { findModel } from '../../src/model/find.js';
import { checkParity } from '../../src/parity/parity.js';
import { PARITY_STORIES } from '../../src/parity/prompts.js';
import { MODELS } from '../firmware/models.js';
import { SCREENED_MODELS } from '../firmware/screened-models.js';
import { buildFirmware, makeWorkspace, TARGETS } from '../firmware/workspace.js';

const BOARDS = ['host', 'esp32c3', 'pico', 'esp32'];

/** Short stories: these tests ask where a difference is found, not whether long stories agree. */
const SHORT_STORIES: StorySettings[] = [
  { prompt: 'a cab', tokens: 6, seed: 3, temperatureThousandths: 800, topK: 40 },
];

async function firmwareFor(image: Uint8Array, board: string) {
  return emulatorFirmware(image, await findBoard(board));
}

describe('the shipped model', async () => {
  const image = new Uint8Array(await readFile((await findModel('mcu')).image));
  const model = readImage(image);

  it('is compared on three prompts, each greedy and sampled, for 64 tokens', () => {
    expect(new Set(PARITY_STORIES.map(({ prompt }) => prompt)).size).toBe(3);
    for (const { tokens } of PARITY_STORIES) expect(tokens).toBe(64);
    expect(PARITY_STORIES.filter(({ temperatureThousandths }) => temperatureThousandths === 0)).toHaveLength(
      3,
    );
  });

  it.each(BOARDS)('computes on %s what the reference computes, at every step', async (board) => {
    const report = await checkParity(model, await firmwareFor(image, board), PARITY_STORIES);
    expect(report).toMatchObject({ status: 'match' });
    expect(report.steps).toBeGreaterThan(6 * 30);
  });

  it('tells the same story twice and on every board, token by token, checksum by checksum', async () => {
    const story: StorySettings = {
      prompt: 'Once upon a time',
      tokens: 40,
      seed: 1,
      temperatureThousandths: 800,
      topK: 40,
    };
    const first = await traceOnEmulator(await firmwareFor(image, 'host'), story);
    for (const board of [...BOARDS, 'esp32c3']) {
      expect(await traceOnEmulator(await firmwareFor(image, board), story)).toEqual(first);
    }
  });

  it.each(['esp32c3', 'pico', 'esp32'])(
    'takes the same number of instructions on %s every time',
    async (board) => {
      const firmware = await firmwareFor(image, board);
      const cost = await measureTokenCost(firmware);
      expect(cost.instructions).toBeGreaterThan(1e6);
      expect(await measureTokenCost(firmware)).toEqual(cost);
    },
  );
});

describe('firmware with one wrong weight', () => {
  const right = MODELS.small;

  it.each(['host', 'esp32c3'])('is caught on %s, and step, layer and element are named', async (board) => {
    const wrong = structuredClone(right);
    const { columns, weights } = wrong.blocks[1].mixerDown;
    const [row, column] = [5, 7];
    weights[row * columns + column] = weights[row * columns + column] === 1 ? -1 : 1;
    const report = await checkParity(right, await firmwareFor(writeImage(wrong), board), SHORT_STORIES);
    expect(report.status).toBe('broken');
    expect(report.mismatch).toMatch(
      /step 0, layer mixer_down of block 1, element 5 of 12: -?\d+ instead of -?\d+/,
    );
  });

  it('is caught when only one row of the embedding differs', async () => {
    const wrong = structuredClone(right);
    wrong.embedding[200 * right.config.dimension + 3] ^= 4;
    const report = await checkParity(right, await firmwareFor(writeImage(wrong), 'host'), SHORT_STORIES);
    expect(report.status).toBe('broken');
    expect(report.mismatch).toContain('step 0: the logits differ');
  });
});

describe('firmware that leaves out rows which could change a choice', async () => {
  const workspace = await makeWorkspace();
  const story: StorySettings = {
    ...{ prompt: 'a cab', tokens: 24, seed: 3, temperatureThousandths: 800, topK: 40 },
  };

  /** Has the sampler ask for less than it needs: nothing that a trace, which computes every logit, takes notice of. */
  async function leaveOutTooMuch(project: string): Promise<void> {
    const file = path.join(project, 'src', 'core', 'sampler.c');
    const text = await readFile(file, 'utf8');
    const parameters = '(const struct flashlm_sampler *sampler)';
    const wrong = text.replace(
      `int32_t flashlm_sampler_least${parameters} {`,
      `static int32_t right_least${parameters};
int32_t flashlm_sampler_least${parameters} {
    return sampler->count == 0 ? right_least(sampler) : right_least(sampler) + sampler->reach;
}
static int32_t right_least${parameters} {`,
    );
    expect(wrong).not.toBe(text);
    await writeFile(file, wrong);
  }

  it.each([
    ['clusters', MODELS.memoryAndClusters],
    ['a screen', SCREENED_MODELS.skewed],
  ])('is caught though a trace agrees, and the token is named: %s', async (name, model) => {
    const build = (folder: string, options: { patch?: (project: string) => Promise<void> }) =>
      buildFirmware(path.join(workspace, `${name} ${folder}`), writeImage(model), TARGETS[0], options);
    const emulator = findEmulator(TARGETS[0].emulator);
    const right = { emulator, elfFile: await build('right', {}) };
    expect(await checkParity(model, right, [story])).toMatchObject({ status: 'match' });
    const wrong = { emulator, elfFile: await build('wrong', { patch: leaveOutTooMuch }) };
    const { status, mismatch } = await checkParity(model, wrong, [story]);
    expect(status).toBe('broken');
    expect(mismatch).toMatch(
      /^story "a cab" \(seed 3\), told without a trace, sampled token \d+ of 24: ".*" instead of ".*", token \d+, /,
    );
    expect(await traceOnEmulator(wrong, story)).toEqual(await traceOnEmulator(right, story));
  });
});
