import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/checkpoint/safetensors.js';
import { madeUpStories } from '../fixtures/stories.js';

/** The command itself, killed without warning at random moments and started again until it finishes. */

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');
const KILLS = 6;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-killed-'));
  await writeFile(path.join(folder, 'stories.txt'), madeUpStories(300).join('\n<|endoftext|>\n'));
  const shape = { vocabulary: 300, dimension: 16, blocks: 2, hidden: 24, kernel: 4, context: 32 };
  await writeFile(path.join(folder, 'shape.json'), JSON.stringify(shape));
});
afterAll(() => rm(folder, { recursive: true }));

const STEPS = '3000';

function start(name: string, engine: string, steps: string) {
  return spawn(
    process.execPath,
    [
      ...[CLI, 'train', '--data', 'stories.txt', '--config', 'shape.json', '--out', name],
      ...['--steps', steps, '--threads', '2', '--save-every', '0.05', '--engine', engine, '--json'],
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

/** The weights, and everything that a resumed run would go on from but for the minutes, which no two runs share. */
async function ends(name: string) {
  const weights = await readFile(path.join(folder, name, 'model.safetensors'));
  const file = path.join(folder, name, 'resume.safetensors');
  const { tensors, metadata } = decodeSafetensors(await readFile(file), file);
  const state = JSON.stringify(JSON.parse(metadata.state), (key, value) =>
    key === 'minutes' ? undefined : value,
  );
  return { weights, tensors, state };
}

it.each([
  ['c', STEPS],
  ['tfjs', '150'],
])(
  'a run with engine %s ends in the same bits though it was killed again and again',
  async (engine, steps) => {
    const whole = start(`whole-${engine}`, engine, steps);
    const begun = performance.now();
    expect(await once(whole, 'exit')).toEqual([0, null]);
    const duration = performance.now() - begun;

    const moments: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = duration * (0.2 + 0.5 * Math.random());
      moments.push(moment);
      const run = start(`killed-${engine}`, engine, steps);
      const exit = once(run, 'exit');
      if ((await Promise.race([exit, setTimeout(moment, 'killed')])) === 'killed') run.kill('SIGKILL');
      await exit;
    }
    expect(await once(start(`killed-${engine}`, engine, steps), 'exit')).toEqual([0, null]);
    expect(await ends(`killed-${engine}`), `killed after ${moments.join(', ')} ms`).toEqual(
      await ends(`whole-${engine}`),
    );
  },
  120_000,
);
