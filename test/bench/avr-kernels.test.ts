import { expect, it } from 'vitest';
import { BENCH_KERNELS } from '../../src/bench/bench-kernels.js';
import { measureKernel } from '../../src/bench/kernel-instructions.js';
import { findBoard } from '../../src/boards/load.js';
import { findProgram } from '../../src/compile/find-program.js';
import { compilerOf, findToolchain } from '../../src/compile/toolchains.js';
import { helperHeader } from '../../src/emulate/compiled-helper.js';
import { findEmulator } from '../../src/emulate/emulators.js';

const board = await findBoard('mega2560');
const simavr = findEmulator(board.emulator).program?.compiled;
const isMissing =
  simavr === undefined ||
  (await findProgram(compilerOf(findToolchain(board.toolchain)))) === null ||
  (await helperHeader(simavr)) === null;

/** `measureKernel` compares every sum: an `int` of 16 bits is where a product overflows. */
it.skipIf(isMissing)('on an ATmega2560 shared sums take a quarter of what blocked bytes take', async () => {
  const [shared, blocked] = await Promise.all(
    ['shared-partial-sums-20', 'int8-blocked'].map(async (id) => {
      const kernel = BENCH_KERNELS.find((candidate) => candidate.id === id);
      if (kernel === undefined) throw new Error(`there is no kernel ${id}`);
      return measureKernel(kernel, board, { rows: 120, columns: 32 });
    }),
  );
  expect(shared.instructions).toBeLessThan(blocked.instructions / 4);
});
