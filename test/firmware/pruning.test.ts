import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writeImage } from '../../src/image/write.js';
import type { IntegerModel } from '../../src/integer/model.js';
import { MODELS } from './models.js';
import { SCREENED_MODELS } from './screened-models.js';
import {
  buildFirmware,
  isInstalled,
  makeWorkspace,
  replaceMain,
  runFirmware,
  TARGETS,
  type Target,
} from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('pruning_check.c', import.meta.url));
/** Of pruning_check.c. */
const SETTINGS = 12;

/** Where all clusters have the same logit, all have to be read. */
const READ_WHOLLY = ['tiedClusters'];
const CLUSTERED = Object.entries(MODELS).filter(([, { clusters }]) => clusters !== null);

/** Has a program compare the choices at so many positions; the share of the embedding that was read for them. */
async function shareRead(
  name: string,
  model: IntegerModel,
  target: Target,
  positions: number,
  flags: string[] = [],
): Promise<number> {
  const directory = path.join(workspace, [target.toolchain, name, ...flags].join('-'));
  const elf = await buildFirmware(directory, writeImage(model), target, {
    compilerFlags: [`-DPOSITIONS=${positions}`, ...flags],
    patch: (project) => replaceMain(project, CHECK),
  });
  const lines = (await runFirmware(elf, target, '')).trimEnd().split('\r\n');
  expect(lines.at(-1)).toBe('done');
  expect(lines).toHaveLength(2);
  const read = Number(/^read (\d+)$/.exec(lines[0])?.[1]);
  return read / (positions * SETTINGS * model.config.vocabulary);
}

describe('clusters that are left out change no choice', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    const positions = target.name === 'host' ? 3000 : 150;
    for (const [name, model] of CLUSTERED) {
      it.skipIf(isMissing)(`at ${positions} positions on ${target.name}: ${name}`, async () => {
        const most = READ_WHOLLY.includes(name) ? 1 : 0.8;
        expect(await shareRead(name, model, target, positions)).toBeLessThanOrEqual(most);
      });
    }
  }
});

describe('rows that a screen leaves out change no choice', async () => {
  /** Of models whose rows are like trained ones; of the others any share may be read. */
  const mostRead: Record<string, number> = { skewed: 0.35, skewedLargeLogits: 0.35, wide: 0.8 };
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    const positions = target.name === 'host' ? 1000 : 30;
    for (const [name, model] of Object.entries(SCREENED_MODELS)) {
      it.skipIf(isMissing)(`at ${positions} positions on ${target.name}: ${name}`, async () => {
        const share = await shareRead(`screened-${name}`, model, target, positions);
        expect(share).toBeLessThanOrEqual(mostRead[name] ?? 1);
      });
    }
  }

  for (const highProduct of [0, 1]) {
    for (const [name, model] of Object.entries(SCREENED_MODELS)) {
      it(`within what the language defines: ${name}, high products ${highProduct}`, async () => {
        const share = await shareRead(`sanitised-${name}`, model, TARGETS[0], 50, [
          '-fsanitize=undefined,address',
          '-fno-sanitize-recover=all',
          '-fno-sanitize=alignment',
          `-DFLASHLM_HIGH_PRODUCT=${highProduct}`,
        ]);
        expect(share).toBeGreaterThan(0);
      });
    }
  }
});
