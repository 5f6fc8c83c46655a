import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Compiling and emulating take minutes on a loaded machine; a hang still ends.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
