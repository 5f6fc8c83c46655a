import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { findBoard } from '../../src/boards/load.js';
import { emulatorFirmware } from '../../src/emulate/emulator-firmware.js';
import { startPseudoTerminal } from '../../src/emulate/pseudo-terminal.js';
import { applySettings, type StorySettings } from '../../src/emulate/trace.js';
import { readImage } from '../../src/image/read.js';
import { findModel } from '../../src/model/find.js';
import { referenceTrace } from '../../src/parity/parity.js';
import { SerialConsole } from '../../src/serial/serial-console.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';

const image = new Uint8Array(await readFile((await findModel('mcu')).image));
const model = readImage(image);
const story: StorySettings = {
  prompt: 'Once upon a time',
  tokens: 24,
  seed: 5,
  temperatureThousandths: 800,
  topK: 40,
};

it.each(['host', 'esp32c3', 'pico'])(
  'a serial client hears the reference story from %s over a pseudo-terminal',
  async (board) => {
    const terminal = await startPseudoTerminal(await emulatorFirmware(image, await findBoard(board)));
    try {
      expect(terminal.device).toMatch(/^\/dev\/pts\/\d+$/);
      const firmware = await SerialConsole.open(terminal.device);
      await applySettings(firmware, story);
      const pieces: string[] = [];
      const told = await firmware.tell(story.prompt, (text) => pieces.push(text));
      await firmware.close();

      const { sampled } = referenceTrace(model, story);
      expect(told.text).toBe(story.prompt + Tokenizer.fromPieces(model.pieces).decode(sampled));
      expect(told.tokens).toBe(sampled.length);
      expect(pieces.join('')).toBe(told.text);
      expect(pieces.length).toBeGreaterThan(1); // word by word, not all at once
    } finally {
      terminal.close();
      await terminal.ended;
    }
  },
);
