import { FlashlmError } from '../errors.js';

/**
 * The package serialport, loaded when a port is needed: its compiled part is missing on a few kinds of computers, which
 * must not keep the other commands from working.
 *
 * @throws FlashlmError missing-tool
 */
export function loadSerialport(): Promise<typeof import('serialport')> {
  return import('serialport').catch((cause) => {
    throw new FlashlmError(
      'missing-tool',
      'The package serialport does not run on this computer.',
      'Run "npm rebuild @serialport/bindings-cpp", which needs a C++ compiler, or use any serial monitor.',
      { cause },
    );
  });
}
