import { afterEach, describe, expect, it, vi } from 'vitest';
import { compilerOf, findToolchain, requireToolchain, TOOLCHAINS } from '../../src/compile/toolchains.js';
import { EXIT_MISSING } from '../../src/errors.js';

afterEach(() => vi.unstubAllEnvs());

describe('requireToolchain', () => {
  it.each(TOOLCHAINS)('names the package of $id where its compiler is missing', async (toolchain) => {
    vi.stubEnv('PATH', '');
    await expect(requireToolchain(toolchain)).rejects.toMatchObject({
      code: 'missing-tool',
      exitCode: EXIT_MISSING,
      what: `${compilerOf(toolchain)} is not installed.`,
      action: `On Debian: apt-get install ${toolchain.debianPackage}.`,
    });
  });

  it('lets an installed compiler through', async () => {
    await expect(requireToolchain(findToolchain('host'))).resolves.toBeUndefined();
  });
});

it('an unknown compiler family is refused with those there are', () => {
  expect(() => findToolchain('z80')).toThrow(/no compiler family "z80".*riscv32imc/);
});
