import { FlashlmError } from '../errors.js';

/** https://docs.arduino.cc/arduino-cli/sketch-specification: what the name of a sketch may be. */
const SKETCH_NAME = /^\w(?:[\w.-]{0,61}[\w-])?$/;

/** Windows keeps these for devices, whatever follows after a dot. */
const RESERVED_NAME = /^(?:con|prn|aux|nul|(?:com|lpt)\d)(?:\.|$)/i;

/**
 * Refuses a name that no sketch can have; a sketch's folder has the same name as its file.
 * @throws FlashlmError `bad-argument`
 */
export function requireSketchName(name: string): void {
  if (SKETCH_NAME.test(name) && !RESERVED_NAME.test(name)) return;
  throw new FlashlmError(
    'bad-argument',
    `An Arduino sketch cannot be called "${name}".`,
    'Choose a folder whose name has only letters, digits, underscores, dots and hyphens, ends with no dot and is no device of Windows (CON, NUL, ...).',
  );
}
