import type { Emulator } from './emulators.js';
import { instructionCounter } from './instruction-counter.js';

/**
 * What an emulator is given so that it writes the count of executed instructions to a file whenever a place is reached.
 *
 * @param mark address of the place
 * @param more for the counter: options of src/emulate/instruction_counter.c, and of src/emulate/simavr_machine.c
 * @returns null where it cannot count
 */
export async function counterArguments(
  { program }: Emulator,
  mark: number,
  file: string,
  more: { plugin: string; machine: string[] } = { plugin: '', machine: [] },
): Promise<string[] | null> {
  if (program === null) return null;
  const address = `0x${mark.toString(16)}`;
  if (program.countsInstructions === true) return ['--mark', address, '--out', file, ...more.machine];
  const plugin = await instructionCounter();
  return plugin === null ? null : ['-plugin', `${plugin},mark=${address},out=${file}${more.plugin}`];
}
