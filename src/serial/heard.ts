import { FlashlmError } from '../errors.js';

/** What the boot ROM of an ESP chip says after a reset. */
const ESP_ROM = /\bets [A-Z][a-z]{2} |rst:0x[0-9a-f]+|ESP-ROM:/;
const ESP_WAITS_FOR_DOWNLOAD = /waiting for download/i;
const LONGEST_QUOTE = 60;

/**
 * Why nobody on a port speaks the console's language.
 * @param heard all that arrived, as latin1
 */
export function noFirmware(path: string, heard: string): FlashlmError {
  const [what, action] = explain(path, heard);
  return new FlashlmError('port-failed', what, action);
}

/** The same where something speaks without end: another program, or a long story. */
export function noAttention(path: string, heard: string): FlashlmError {
  if (ESP_ROM.test(heard)) return noFirmware(path, heard);
  return new FlashlmError(
    'port-failed',
    `What speaks on ${path} does not listen; heard was ${quoteEnd(heard)}.`,
    'If this is a story, wait for its end or press reset; else flash the firmware first.',
  );
}

function explain(path: string, heard: string): [what: string, action: string] {
  if (ESP_WAITS_FOR_DOWNLOAD.test(heard)) {
    return [
      `The ESP chip on ${path} waits for a download and has not started its firmware.`,
      'Press reset without holding BOOT, then run this again.',
    ];
  }
  if (ESP_ROM.test(heard)) {
    return [
      `On ${path} the boot ROM of an ESP chip speaks, but no firmware of flashlm-mcu answers.`,
      "Flash the firmware first; if it is flashed, use the board's other USB port.",
    ];
  }
  if (heard === '') {
    return [
      `Nothing answers on ${path}.`,
      'Press reset and run this again; a board that is busy with a long story answers after it.',
    ];
  }
  return [
    `No firmware of flashlm-mcu answers on ${path}; heard was ${quoteEnd(heard)}.`,
    'Flash the firmware first; if it is flashed, press reset and run this again.',
  ];
}

/** The last of what was heard, so that it is safe on a terminal. */
export function quoteEnd(heard: string): string {
  const readable = heard.replace(/[^ -~]+/g, ' ').trim();
  return readable === ''
    ? 'no readable text (another baud rate?)'
    : `"${readable.length > LONGEST_QUOTE ? '...' : ''}${readable.slice(-LONGEST_QUOTE)}"`;
}
