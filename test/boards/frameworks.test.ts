import { describe, expect, it } from 'vitest';
import { addBuildCommand } from '../../src/commands/build.js';
import { addFlashCommand } from '../../src/commands/flash.js';
import { EXIT_WRONG_USE } from '../../src/errors.js';
import { runCommand } from '../commands/run-command.js';

describe.each([
  ['build', addBuildCommand],
  ['flash', addFlashCommand],
] as const)('%s', (name, add) => {
  it.each([
    ['pico', 'esp-idf', 'Raspberry Pi Pico', 'bare, arduino, arduino-library, platformio'],
    ['esp32', 'bare', 'ESP32', 'arduino, arduino-library, platformio, esp-idf'],
  ])('refuses %s with %s, and says what goes', async (board, framework, boardName, allowed) => {
    await expect(runCommand(add, name, '--board', board, '--framework', framework)).rejects.toMatchObject({
      code: 'bad-argument',
      exitCode: EXIT_WRONG_USE,
      what: `${boardName} is not built with the framework "${framework}".`,
      action: `Choose one of: ${allowed}.`,
    });
  });
});
