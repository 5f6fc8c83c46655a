import { compileHelper } from './compiled-helper.js';

/**
 * The QEMU plugin that counts instructions, compiled for this computer on first use. It fits every version of QEMU.
 * @returns its path; null where no C compiler can make it, so that nothing can be counted
 */
export async function instructionCounter(): Promise<string | null> {
  const plugin = { source: 'instruction_counter', flags: ['-shared', '-fPIC'], libraries: [] };
  const compiled = await compileHelper(plugin);
  return 'file' in compiled ? compiled.file : null;
}
