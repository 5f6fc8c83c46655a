import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { findProgram, findProgramIn } from '../compile/find-program.js';
import { FlashlmError } from '../errors.js';

/** A program of somebody else that writes firmware. */
export interface FlashTool {
  name: string;
  /** Boards that it is for, as a phrase. */
  boards: string;
  /** Debian package that brings it; null where Debian's does not know these boards. */
  debianPackage: string | null;
  website: string;
  /** Core of arduino-cli that brings it as well; null if none does. */
  arduinoCore: string | null;
}

/** Every tool that a method of flashing calls. */
export const FLASH_TOOLS = {
  avrdude: {
    name: 'avrdude',
    boards: 'AVR boards',
    debianPackage: 'avrdude',
    website: 'https://github.com/avrdudes/avrdude',
    arduinoCore: 'arduino:avr',
  },
  teensyLoader: {
    name: 'teensy_loader_cli',
    boards: 'Teensy boards',
    debianPackage: 'teensy-loader-cli',
    website: 'https://www.pjrc.com/teensy/loader_cli.html',
    arduinoCore: null,
  },
  dfuUtil: {
    name: 'dfu-util',
    boards: 'STM32 and Renesas boards',
    debianPackage: 'dfu-util',
    website: 'https://dfu-util.sourceforge.net',
    arduinoCore: 'arduino:renesas_uno',
  },
  stFlash: {
    name: 'st-flash',
    boards: 'STM32 boards with an ST-Link',
    debianPackage: 'stlink-tools',
    website: 'https://github.com/stlink-org/stlink',
    arduinoCore: null,
  },
  bossac: {
    name: 'bossac',
    boards: 'nRF52 boards of Arduino, in its own version',
    debianPackage: null,
    website: 'https://github.com/arduino/BOSSA',
    arduinoCore: 'arduino:mbed_nano',
  },
} as const satisfies Record<string, FlashTool>;

/**
 * Path of a tool: in PATH, or else where arduino-cli and the Arduino IDE put what their cores bring.
 *
 * @param packages folder of those, null where there is none
 * @returns null if it is nowhere
 */
export async function findFlashTool(
  tool: FlashTool,
  packages: string | null = arduinoPackages(),
): Promise<string | null> {
  const ofArduino = async () => (packages === null ? null : findBelow(packages, tool.name));
  // Only Arduino's own version of bossac knows its nRF52 boards, so that one goes before.
  if (tool.debianPackage === null) return (await ofArduino()) ?? (await findProgram(tool.name));
  return (await findProgram(tool.name)) ?? (await ofArduino());
}

/** How to get some of these tools, in a sentence. */
export function toolMissing(tools: readonly FlashTool[]): FlashlmError {
  const ways = tools.map(({ debianPackage, arduinoCore, website }) =>
    [
      ...(debianPackage === null ? [] : [`on Debian "apt-get install ${debianPackage}"`]),
      ...(arduinoCore === null ? [] : [`"arduino-cli core install ${arduinoCore}"`]),
      website,
    ].join(', or '),
  );
  const names = tools.map(({ name }) => name);
  return new FlashlmError(
    'missing-tool',
    names.length === 1 ? `${names[0]} is not installed.` : `Neither ${names.join(' nor ')} is installed.`,
    `Get ${names[0]}: ${ways[0]}.`,
  );
}

/** packages/VENDOR/tools/NAME/VERSION/NAME, or in a folder bin there; the newest by name. */
async function findBelow(packages: string, name: string): Promise<string | null> {
  const namesIn = (folder: string) => readdir(folder).catch(() => []);
  for (const vendor of await namesIn(packages)) {
    const versions = path.join(packages, vendor, 'tools', name);
    for (const version of (await namesIn(versions)).sort().reverse()) {
      const folder = path.join(versions, version);
      const found = await findProgramIn([folder, path.join(folder, 'bin')], name);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Where Arduino's tools keep what they download. */
function arduinoPackages(): string | null {
  const data = {
    linux: path.join(homedir(), '.arduino15'),
    darwin: path.join(homedir(), 'Library', 'Arduino15'),
    win32: path.join(process.env.LOCALAPPDATA ?? homedir(), 'Arduino15'),
  };
  const { platform } = process;
  return platform in data ? path.join(data[platform as keyof typeof data], 'packages') : null;
}
