import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/image/header.js';
import { writeImage } from '../../src/image/write.js';
import { findModel, readModelImage } from '../../src/model/find.js';
import { MODELS } from './models.js';
import { SCREENED_MODELS } from './screened-models.js';
import {
  buildFirmware,
  isInstalled,
  makeWorkspace,
  replaceMain,
  runFirmware,
  TARGETS,
  TARGETS_AND_DSP,
  type Target,
} from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('pruning_check.c', import.meta.url));
/** Settings that pruning_check.c tries at each position: all, and with FEW_SETTINGS greedy and a board's first. */
const SETTINGS = 12;
const FEW_SETTINGS = 2;

/** Where all clusters have the same logit, all have to be read. */
const READ_WHOLLY = ['tiedClusters'];
const CLUSTERED = Object.entries(MODELS).filter(([, { clusters }]) => clusters !== null);

/**
 * Has a program compare candidates and choices at so many positions, with every setting; the share of the embedding that was
 * read for them.
 */
async function shareRead(
  name: string,
  image: Uint8Array,
  target: Target,
  positions: number,
  flags: string[] = [],
  settings = SETTINGS,
): Promise<number> {
  const directory = path.join(workspace, [target.toolchain, name, ...flags].join('-'));
  const elf = await buildFirmware(directory, image, target, {
    compilerFlags: [`-DPOSITIONS=${positions}`, ...flags],
    patch: (project) => replaceMain(project, CHECK),
  });
  const lines = (await runFirmware(elf, target, '')).trimEnd().split('\r\n');
  expect(lines).toEqual([expect.stringMatching(/^read \d+$/), 'done']);
  return (
    Number(lines[0].slice('read '.length)) / (positions * settings * parseHeader(image).config.vocabulary)
  );
}

describe('clusters that are left out hold no candidate', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    const positions = target.name === 'host' ? 3000 : 150;
    for (const [name, model] of CLUSTERED) {
      it.skipIf(isMissing)(`at ${positions} positions on ${target.name}: ${name}`, async () => {
        const most = READ_WHOLLY.includes(name) ? 1 : 0.8;
        expect(await shareRead(name, writeImage(model), target, positions)).toBeLessThanOrEqual(most);
      });
    }
  }
});

describe('rows that a screen leaves out hold no candidate', async () => {
  /** Of models whose rows are like trained ones; of the others any share may be read. */
  const mostRead: Record<string, number> = { skewed: 0.35, skewedLargeLogits: 0.35, wide: 0.8 };
  for (const target of TARGETS_AND_DSP) {
    const isMissing = !(await isInstalled(target));
    const positions = target.name === 'host' ? 1000 : 30;
    for (const [name, model] of Object.entries(SCREENED_MODELS)) {
      it.skipIf(isMissing)(`at ${positions} positions on ${target.name}: ${name}`, async () => {
        const share = await shareRead(`screened-${name}`, writeImage(model), target, positions);
        expect(share).toBeLessThanOrEqual(mostRead[name] ?? 1);
      });
    }
  }

  for (const highProduct of [0, 1]) {
    for (const [name, model] of Object.entries(SCREENED_MODELS)) {
      it(`within what the language defines: ${name}, high products and pairs ${highProduct}`, async () => {
        const share = await shareRead(`sanitised-${name}`, writeImage(model), TARGETS[0], 50, [
          '-fsanitize=undefined,address',
          '-fno-sanitize-recover=all',
          '-fno-sanitize=alignment',
          `-DFLASHLM_HIGH_PRODUCT=${highProduct}`,
          `-DFLASHLM_PAIRS_PAY=${highProduct}`,
        ]);
        expect(share).toBeGreaterThan(0);
      });
    }
  }
});

describe('of the models that ship, what is left out holds no candidate', () => {
  it.each([
    ['v4', 0.12],
    ['mcu', 0.12],
  ])('at 2000 positions of stories, greedy and as a board samples when it starts: %s', async (name, most) => {
    const image = await readModelImage(await findModel(name));
    const flags = ['-DFEW_SETTINGS'];
    const share = await shareRead(`shipped-${name}`, image, TARGETS[0], 2000, flags, FEW_SETTINGS);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(most);
  });
});
