import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { IMAGES, MODELS } from './models.js';
import { buildFirmware, isInstalled, makeWorkspace, replaceMain, runFirmware, TARGETS } from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('pruning_check.c', import.meta.url));
/** Of pruning_check.c. */
const SETTINGS = 12;

/** Where all clusters have the same logit, all have to be read. */
const READ_WHOLLY = ['tiedClusters'];
const CLUSTERED = Object.entries(MODELS).filter(([, { clusters }]) => clusters !== null);

describe('clusters that are left out change no choice', async () => {
  for (const target of TARGETS) {
    const isMissing = !(await isInstalled(target));
    const positions = target.name === 'host' ? 3000 : 150;
    for (const [name, { config }] of CLUSTERED) {
      it.skipIf(isMissing)(`at ${positions} positions on ${target.name}: ${name}`, async () => {
        const elf = await buildFirmware(
          path.join(workspace, `${target.toolchain}-${name}`),
          IMAGES[name],
          target,
          {
            compilerFlags: [`-DPOSITIONS=${positions}`],
            patch: (directory) => replaceMain(directory, CHECK),
          },
        );
        const lines = (await runFirmware(elf, target, '')).trimEnd().split('\r\n');
        expect(lines.at(-1)).toBe('done');
        expect(lines).toHaveLength(2);
        const read = Number(/^read (\d+)$/.exec(lines[0])?.[1]);
        const most = READ_WHOLLY.includes(name) ? 1 : 0.8;
        expect(read / (positions * SETTINGS * config.vocabulary)).toBeLessThanOrEqual(most);
      });
    }
  }
});
