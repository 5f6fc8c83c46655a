import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOARDS_DIRECTORY } from '../../src/boards/load.js';
import { addBoardsCommand } from '../../src/commands/boards.js';
import { writeImage } from '../../src/image/write.js';
import { bytesPerToken } from '../../src/report/speed.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';
import { runCommand } from './run-command.js';

const image = writeImage(makeRandomModel(SMALL_CONFIG, 1));
let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-boards-command-'));
  model = path.join(folder, 'small.flm');
  await writeFile(model, image);
});
afterAll(() => rm(folder, { recursive: true }));

it('lists every board, and whether the model fits, as a table', async () => {
  const { stdout, stderr } = await runCommand(addBoardsCommand, 'boards', '--model', model);
  expect(stdout).toMatch(/^pico +Raspberry Pi Pico +2 x Cortex-M0\+ +133 MHz +2 MiB +264 KiB .* yes, /m);
  expect(stdout).toMatch(/^esp32c3 .* at most [\d.]+ tokens\/s +flash$/m);
  expect(stdout).toContain('random 1: an image of');
  expect(stderr).toBe('');
});

it('prints one JSON document; a board of another folder stands in for the one that ships', async () => {
  const esp32c3 = JSON.parse(await readFile(path.join(BOARDS_DIRECTORY, 'esp32c3.json'), 'utf8'));
  const fast = { ...esp32c3, memory: { ...esp32c3.memory, flashBytesPerSecond: 30000000 } };
  await writeFile(path.join(folder, 'esp32c3.json'), JSON.stringify(fast));
  const { stdout } = await runCommand(
    addBoardsCommand,
    ...['boards', '--model', model, '--boards-dir', folder, '--json'],
  );
  const bytes = bytesPerToken(image);
  const document = JSON.parse(stdout);
  expect(document.model).toMatchObject({ name: 'random 1', imageBytes: image.length, bytesPerToken: bytes });
  expect(document.boards.map(({ id }: { id: string }) => id)).toEqual(
    expect.arrayContaining(['pico', 'host']),
  );
  const found = document.boards.filter(({ id }: { id: string }) => id === 'esp32c3');
  const { stagedBytes } = found[0].estimate;
  expect(stagedBytes).toBeGreaterThan(bytes / 5);
  expect(found).toMatchObject([
    {
      core: 'RV32IMC',
      clockHz: 160000000,
      usb: ['303a:1001', '10c4:ea60'],
      fit: { framework: 'bare', fits: true, flash: { model: image.length } },
      estimate: { limit: 'flash', tokensPerSecond: 30000000 / (bytes - stagedBytes) },
    },
  ]);
});

it('plans for one board: for people, and as JSON', async () => {
  const words = ['boards', '--board', 'esp32c3', '--framework', 'arduino', '--model', model];
  const { stdout } = await runCommand(addBoardsCommand, ...words);
  expect(stdout).toMatch(/^random 1 on ESP32-C3 \(RV32IMC\), arduino: fits, /);
  const plan = JSON.parse((await runCommand(addBoardsCommand, ...words, '--json')).stdout);
  expect(plan).toMatchObject({ board: 'esp32c3', model: 'random 1', framework: 'arduino', fits: true });
});

it('plans with the model that suits the board, and says which', async () => {
  const { stdout, stderr } = await runCommand(addBoardsCommand, 'boards', '--board', 'mega2560');
  expect(stdout).toMatch(/^nano on Arduino Mega 2560/);
  expect(stderr).toMatch(/^model: nano, the largest that ships and fits/);
});

it('refuses a framework without a board, or one that the board has not', async () => {
  for (const words of [
    ['--framework', 'arduino'],
    ['--board', 'mega2560', '--framework', 'esp-idf'],
  ]) {
    await expect(runCommand(addBoardsCommand, 'boards', ...words)).rejects.toMatchObject({
      code: 'bad-argument',
    });
  }
});

it('refuses a model that was named and is not there', async () => {
  await expect(
    runCommand(addBoardsCommand, 'boards', '--model', path.join(folder, 'none')),
  ).rejects.toMatchObject({ code: 'unknown-model' });
});
