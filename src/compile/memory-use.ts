import { readFile } from 'node:fs/promises';
import { readElf } from './elf.js';

/** Memory that a linked firmware takes, in bytes. */
export interface MemoryUse {
  flash: {
    /** The image of the model. */
    model: number;
    /** Code, constants and the initial values of variables. */
    program: number;
  };
  ram: {
    /** Variables: the model's state, buffers, the console. */
    variables: number;
    /** Reserved for the stack by the linker script. */
    stack: number;
  };
}

/** Size that the linker script reserves, as it names it; see firmware/ports/support/sections.ld. */
const STACK_SYMBOL = 'stack_bytes';

/** Reads memory use from an ELF file. @param imageBytes length of the model's image within it */
export async function readMemoryUse(elfFile: string, imageBytes: number): Promise<MemoryUse> {
  const { sections, symbols } = readElf(await readFile(elfFile));
  const allocated = sections.filter((section) => section.allocated);
  const sum = (parts: typeof sections) => parts.reduce((total, { bytes }) => total + bytes, 0);
  return {
    flash: {
      model: imageBytes,
      program: sum(allocated.filter((section) => section.stored)) - imageBytes,
    },
    ram: {
      variables: sum(allocated.filter((section) => section.writable)),
      stack: symbols.get(STACK_SYMBOL) ?? 0,
    },
  };
}
