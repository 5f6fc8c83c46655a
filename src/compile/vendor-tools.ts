import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Board, Framework } from '../boards/board.js';
import { fqbnOf } from '../generate/arduino-context.js';
import { FLASH_SEGMENTS_FILE, flashSegmentsSchema } from '../generate/flash-segments.js';
import { LIBRARY_NAME } from '../generate/library-sources.js';
import { quoteForShell } from '../quote.js';
import {
  ARDUINO_BUILDER,
  ARDUINO_BUILDER_PACKAGES,
  compileWithArduinoBuilder,
  findArduinoBuilder,
  suitsArduinoBuilder,
} from './arduino-builder.js';
import { compileExampleWithArduino, compileWithArduino } from './arduino-cli.js';
import { compileWithEspIdf } from './esp-idf.js';
import { findProgram } from './find-program.js';
import { compileWithPlatformio } from './platformio.js';

/** The program of a vendor that turns a project of a framework into a binary. */
export interface VendorTool {
  program: string;
  /** Where to get it. */
  website: string;
  /** What else there is to open the project with, as a phrase for whoever lacks the program. */
  otherwise: string;
  /** One line that says how to get a binary without this program, or with it. */
  howTo: (directory: string) => string;
  /** @returns paths of what can be flashed */
  compile: (directory: string, board: Board) => Promise<string[]>;
}

/** What to use for a project, and whether it is there. */
export interface FoundTool {
  tool: VendorTool;
  isInstalled: boolean;
}

const ARDUINO_CLI = { program: 'arduino-cli', website: 'https://arduino.github.io/arduino-cli' };
const LIBRARY_EXAMPLE = 'Console';
const EXAMPLE_SKETCH = path.join(LIBRARY_NAME, 'examples', LIBRARY_EXAMPLE, `${LIBRARY_EXAMPLE}.ino`);

/** By framework; bare projects need no vendor's tool. */
export const VENDOR_TOOLS: Readonly<Record<Exclude<Framework, 'bare'>, VendorTool>> = {
  arduino: {
    ...ARDUINO_CLI,
    otherwise: 'use the Arduino IDE',
    howTo: (directory) =>
      `Open ${directory} in the Arduino IDE and press Verify, or: arduino-cli compile ${quoteForShell(directory)}`,
    compile: compileWithArduino,
  },
  'arduino-library': {
    ...ARDUINO_CLI,
    otherwise: 'use the Arduino IDE',
    howTo: (directory) =>
      `In the Arduino IDE, Sketch > Include Library > Add .ZIP Library takes ` +
      `${path.join(directory, `${LIBRARY_NAME}.zip`)}; its README.md says more.`,
    compile: (directory, board) =>
      compileExampleWithArduino(directory, LIBRARY_NAME, LIBRARY_EXAMPLE, fqbnOf(board)),
  },
  platformio: {
    program: 'pio',
    website: 'https://docs.platformio.org/page/core/installation',
    otherwise: 'use PlatformIO in Visual Studio Code',
    howTo: (directory) =>
      `Open ${directory} in Visual Studio Code with PlatformIO, or: pio run --project-dir ${quoteForShell(directory)}`,
    compile: (directory, board) => compileWithPlatformio(directory, board.id),
  },
  'esp-idf': {
    program: 'idf.py',
    website:
      'https://docs.espressif.com/projects/esp-idf/en/stable/esp32/get-started, then source its export.sh',
    otherwise: 'use its extension for Visual Studio Code',
    howTo: (directory) => `With ESP-IDF 5.3 or newer: idf.py -C ${quoteForShell(directory)} build`,
    compile: async (directory) => {
      const text = await readFile(path.join(directory, FLASH_SEGMENTS_FILE), 'utf8');
      const { segments } = flashSegmentsSchema.parse(JSON.parse(text));
      return compileWithEspIdf(
        directory,
        segments.map(({ file }) => file),
      );
    },
  },
};

/** For boards whose Arduino core Debian has, where arduino-cli is not installed. */
const DEBIAN_TOOLS: Readonly<Partial<Record<Framework, VendorTool>>> = {
  arduino: debianTool((directory, board) =>
    compileWithArduinoBuilder(
      directory,
      board,
      path.join(directory, `${path.basename(path.resolve(directory))}.ino`),
    ),
  ),
  'arduino-library': debianTool((directory, board) =>
    compileWithArduinoBuilder(directory, board, path.join(directory, EXAMPLE_SKETCH), directory),
  ),
};

function debianTool(compile: VendorTool['compile']): VendorTool {
  return {
    program: ARDUINO_BUILDER,
    website: `Debian: apt-get install ${ARDUINO_BUILDER_PACKAGES}`,
    otherwise: 'use the Arduino IDE',
    howTo: (directory) =>
      `Open ${directory} in the Arduino IDE, or install it and run flashlm-mcu build again`,
    compile,
  };
}

/** The program that turns a project of a framework into a binary for a board: of several, one that is installed. */
export async function findVendorTool(
  framework: Exclude<Framework, 'bare'>,
  board: Board,
): Promise<FoundTool> {
  const tool = VENDOR_TOOLS[framework];
  if ((await findProgram(tool.program)) !== null) return { tool, isInstalled: true };
  const debian = suitsArduinoBuilder(board) ? DEBIAN_TOOLS[framework] : undefined;
  if (debian === undefined) return { tool, isInstalled: false };
  return { tool: debian, isInstalled: (await findArduinoBuilder()) !== null };
}

/** How to get a binary of a project whose program is not here, and where that program is to be had. */
export function howToCompile({ program, website, howTo }: VendorTool, directory: string): string {
  return `${program} is not installed (${website}). ${howTo(directory)}`;
}
