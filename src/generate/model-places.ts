import type { Board, Framework } from '../boards/board.js';
import { imageRegionOf } from '../report/board-fit.js';
import type { ModelPlaces } from './model-sources.js';

/**
 * Compilers that take no array of more than 32 KB, with a section behind all code: pointers of 16 bits reach neither such an
 * array nor code that comes after it.
 */
const SECTION_BEHIND_CODE: Readonly<Record<string, string>> = { atmega2560: '.fini1' };

/** Where an image lies and how it is read, in projects of a framework; an emulator has it in its own memory. */
export function modelPlaces(board: Board, framework: Framework, imageBytes: number): ModelPlaces {
  const section = SECTION_BEHIND_CODE[board.toolchain];
  const read = { pageBytes: board.memory.paged?.bytes };
  if (section !== undefined) return { ...read, imageSection: section, inAssembly: true };
  if (framework === 'bare' || framework === 'esp-idf') return read;
  const { imageSection, stagingSection } = board.arduino ?? {};
  const imageOffset = imageRegionOf(board, framework, imageBytes)?.offset;
  return { ...read, imageSection, stagingSection, imageOffset };
}
