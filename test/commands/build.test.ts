import { expect, it, vi } from 'vitest';
import { buildFirmware } from '../../src/build/build-firmware.js';
import type { BuildReport } from '../../src/build/build-report.js';
import { addBuildCommand } from '../../src/commands/build.js';
import { parseHeader } from '../../src/image/header.js';
import { runCommand } from './run-command.js';

/** Nothing is built here: that is tested where buildFirmware is, and takes a minute. */
vi.mock(import('../../src/build/build-firmware.js'), async (original) => ({
  ...(await original()),
  buildFirmware: vi.fn(async () => ({}) as BuildReport),
}));
vi.mock(import('../../src/build/format-report.js'), () => ({ formatReport: () => 'the report' }));

/** Runs `build`. @returns what it would have built, and what it said on stderr */
async function whatItBuilds(...words: string[]) {
  vi.mocked(buildFirmware).mockClear();
  const { stderr } = await runCommand(addBuildCommand, 'build', ...words);
  const [[{ image, framework }]] = vi.mocked(buildFirmware).mock.calls;
  return { model: parseHeader(image).name, framework, stderr };
}

it('build takes a model that fits the board, and says why it is not the default', async () => {
  expect(await whatItBuilds('--board', 'mega2560', '--framework', 'arduino')).toEqual({
    model: 'nano',
    framework: 'arduino',
    stderr: expect.stringMatching(/^model: nano, the largest .*\n$/),
  });
  expect(await whatItBuilds('--board', 'mega2560', '--framework', 'arduino', '--json')).toEqual({
    model: 'nano',
    framework: 'arduino',
    stderr: '',
  });
  expect(await whatItBuilds('--board', 'pico')).toMatchObject({ model: 'mcu', stderr: '' });
  expect(await whatItBuilds('--board', 'mega2560', '--model', 'mcu')).toMatchObject({
    model: 'mcu',
    stderr: '',
  });
});

it('build refuses a framework that the board has not, before it chooses a model', async () => {
  const words = ['build', '--board', 'mega2560', '--framework', 'esp-idf'];
  await expect(runCommand(addBuildCommand, ...words)).rejects.toMatchObject({ code: 'bad-argument' });
});
