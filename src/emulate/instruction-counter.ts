import { type CompiledHelper, compileHelper } from './compiled-helper.js';

/** The QEMU plugin that counts instructions. It fits every version of QEMU. */
export const INSTRUCTION_COUNTER: CompiledHelper = {
  source: 'instruction_counter',
  flags: ['-shared', '-fPIC'],
  libraries: [],
};

/**
 * The plugin, compiled for this computer on first use.
 * @returns its path; null where no C compiler can make it, so that nothing can be counted
 */
export async function instructionCounter(): Promise<string | null> {
  const compiled = await compileHelper(INSTRUCTION_COUNTER);
  return 'file' in compiled ? compiled.file : null;
}
