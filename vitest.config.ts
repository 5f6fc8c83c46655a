import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most tests wait for compilers and emulators: no core is kept back for vitest itself.
    maxWorkers: availableParallelism(),
    // Compiling and emulating take minutes on a loaded machine; a hang still ends.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
