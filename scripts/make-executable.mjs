import { chmod } from 'node:fs/promises';

// npm sets this on installation; a checkout that was just built needs it too.
await chmod(new URL('../dist/cli.js', import.meta.url), 0o755);
