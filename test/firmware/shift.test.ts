import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import { PACKAGE_ROOT } from '../../src/files/package-root.js';
import { makeWorkspace } from './workspace.js';

const workspace = await makeWorkspace();
const CHECK = fileURLToPath(new URL('shift_check.c', import.meta.url));

it.skipIf((await findProgram('gcc')) === null)(
  'a shift that is prepared once gives what each shift gives by itself, without overflow',
  async () => {
    const program = path.join(workspace, 'shift-check');
    const flags = ['-std=c99', '-O1', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsanitize=undefined'];
    const include = `-I${path.join(PACKAGE_ROOT, 'firmware', 'core')}`;
    await execa('gcc', [...flags, '-fno-sanitize-recover', include, '-o', program, CHECK]);
    const { stdout } = await execa(program);
    expect(stdout).toBe('');
  },
);
