import type { Board } from '../../src/boards/board.js';
import { loadBoards } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { ARDUINO_STAND_IN, crossCompile, ESP_IDF_STAND_IN, sourcesBelow } from './compile-with-stand-in.js';

/** Macros by which a core for Arduino makes itself known, as far as one of our sources could ask for them. */
const MACROS_OF_PLATFORM: Readonly<Record<string, readonly string[]>> = {
  'STMicroelectronics:stm32': ['ARDUINO_ARCH_STM32'],
  'arduino:avr': ['ARDUINO_ARCH_AVR'],
  'arduino:mbed_giga': ['ARDUINO_ARCH_MBED', 'ARDUINO_ARCH_MBED_GIGA'],
  'arduino:mbed_nano': ['ARDUINO_ARCH_MBED', 'ARDUINO_ARCH_MBED_NANO'],
  'arduino:renesas_uno': ['ARDUINO_ARCH_RENESAS', 'ARDUINO_ARCH_RENESAS_UNO'],
  'esp32:esp32': ['ARDUINO_ARCH_ESP32', 'ESP32', 'ESP_PLATFORM'],
  'esp8266:esp8266': ['ARDUINO_ARCH_ESP8266', 'ESP8266'],
  'rp2040:rp2040': ['ARDUINO_ARCH_RP2040'],
  'teensy:avr': ['ARDUINO_ARCH_AVR', 'TEENSYDUINO'],
};

/** A board that ships, and whether its compiler is not here. */
export interface ArduinoBoard {
  id: string;
  board: Board;
  isCompilerMissing: boolean;
}

/** Every board that ships and has a core for Arduino. */
export async function arduinoBoards(): Promise<ArduinoBoard[]> {
  const boards = (await loadBoards()).filter(({ arduino }) => arduino !== undefined);
  return Promise.all(
    boards.map(async (board) => {
      const compiler = `${findToolchain(board.toolchain).prefix}g++`;
      return { id: board.id, board, isCompilerMissing: (await findProgram(compiler)) === null };
    }),
  );
}

/**
 * Compiles all sources of a board's sketch or library with its compiler, as its core for Arduino would see them, against
 * the stand-in of the vendor's headers; rejects with what the compiler says if there is so much as a warning.
 */
export async function compileForBoard(board: Board, directory: string, includes: string[] = []) {
  const platform = board.arduino?.platform ?? '';
  const macros = MACROS_OF_PLATFORM[platform];
  if (macros === undefined) throw new Error(`which macros does ${platform} define?`);
  const hasExternalRam = board.memory.externalRam !== undefined;
  const definitions = [...macros, ...(hasExternalRam ? ['BOARD_HAS_PSRAM'] : [])].map((name) => `-D${name}`);
  const headers = [ARDUINO_STAND_IN, ...(macros.includes('ESP_PLATFORM') ? [ESP_IDF_STAND_IN] : [])];
  const sources = await sourcesBelow(directory);
  await crossCompile(findToolchain(board.toolchain), sources, [...includes, ...headers], definitions);
}
