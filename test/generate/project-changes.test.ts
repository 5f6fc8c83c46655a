import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireReplaceable } from '../../src/generate/project-changes.js';
import { manifestFile } from '../../src/generate/project-manifest.js';
import { replaceFolder } from '../../src/generate/replace-folder.js';

let folder: string;
let project: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-changes-'));
  project = path.join(folder, 'project');
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a project of these files and its manifest. */
async function generate(files: Record<string, string>, force = false, board = 'pico'): Promise<void> {
  const generated = Object.entries(files).map(([path, content]) => ({ path, content }));
  const about = { board, framework: 'bare', model: { name: 'm', fingerprint: '0' } } as const;
  await replaceFolder({ directory: project, board, force }, [...generated, manifestFile(about, generated)]);
}

async function write(name: string, content: string): Promise<void> {
  await mkdir(path.dirname(path.join(project, name)), { recursive: true });
  await writeFile(path.join(project, name), content);
}

function read(name: string): Promise<string> {
  return readFile(path.join(project, name), 'utf8');
}

const FIRST = { Makefile: 'all:', 'src/a.c': 'int a;' };

describe('a project that a person changed', () => {
  it('is not replaced: the message names what was edited and what was added', async () => {
    await generate(FIRST);
    await write('src/a.c', 'int mine;');
    await write('src/notes.txt', 'mine');
    await symlink('/nowhere', path.join(project, 'link'));
    await expect(generate({ Makefile: 'new' })).rejects.toMatchObject({
      code: 'bad-argument',
      exitCode: 2,
      what: `The project in ${project} holds changes of yours: src/a.c was edited; link, src/notes.txt were added.`,
      action: expect.stringContaining('--force'),
    });
    expect(await read('src/a.c')).toBe('int mine;');
    expect(await read('Makefile')).toBe('all:');
    expect(await readdir(folder)).toEqual(['project']);
  });

  it('names five files and counts the rest', async () => {
    await generate(FIRST);
    for (let i = 0; i < 7; i++) await write(`${i}.txt`, '');
    await expect(generate(FIRST)).rejects.toMatchObject({
      what: expect.stringContaining('0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more were added'),
    });
  });

  it('is replaced by force: edited files are overwritten, added ones stay, generated ones of old go', async () => {
    await generate(FIRST);
    await write('Makefile', 'mine');
    await write('src/notes.txt', 'mine');
    await symlink('/nowhere', path.join(project, 'link'));
    await generate({ Makefile: 'new' }, true);
    expect(await read('Makefile')).toBe('new');
    expect(await read('src/notes.txt')).toBe('mine');
    expect(existsSync(path.join(project, 'src', 'a.c'))).toBe(false);
    expect((await readdir(project)).sort()).toEqual(
      ['Makefile', 'flashlm-project.json', 'link', 'src'].sort(),
    );
    expect(await readdir(folder)).toEqual(['project']);
  });
});

describe('what is no reason to ask', () => {
  it('is what a build made, which goes', async () => {
    await generate(FIRST);
    for (const name of ['build/a.o', '.pio/x', 'managed_components/y', 'firmware.elf', 'build.log']) {
      await write(name, '');
    }
    await generate(FIRST);
    expect((await readdir(project)).sort()).toEqual(['Makefile', 'flashlm-project.json', 'src'].sort());
  });

  it('is a repository and the settings of an editor and of menuconfig, which stay', async () => {
    await generate(FIRST);
    for (const name of ['.git/HEAD', '.gitignore', '.vscode/settings.json', 'sdkconfig'])
      await write(name, 'mine');
    await generate({ Makefile: 'new' });
    for (const name of ['.git/HEAD', '.gitignore', '.vscode/settings.json', 'sdkconfig']) {
      expect(await read(name), name).toBe('mine');
    }
    await generate({ Makefile: 'new' }, false, 'another-board');
    expect(existsSync(path.join(project, 'sdkconfig'))).toBe(false);
    expect(await read('.git/HEAD')).toBe('mine');
  });

  it('is a generated file that was removed', async () => {
    await generate(FIRST);
    await rm(path.join(project, 'src/a.c'));
    await generate(FIRST);
    expect(await read('src/a.c')).toBe('int a;');
  });
});

describe('a folder without a manifest', () => {
  it('is left alone, by force too, if it holds something else', async () => {
    await write('diary.txt', 'mine');
    for (const force of [false, true]) {
      await expect(generate(FIRST, force)).rejects.toMatchObject({
        code: 'bad-argument',
        what: expect.stringContaining('holds no firmware project'),
      });
    }
    expect(await readdir(project)).toEqual(['diary.txt']);
  });

  it('is replaced only by force if it holds a project of an earlier version', async () => {
    await write('src/model/flashlm_model.h', 'old');
    await expect(generate(FIRST)).rejects.toMatchObject({
      code: 'bad-argument',
      what: expect.stringContaining('has no flashlm-project.json'),
    });
    await generate({ ...FIRST, 'src/model/flashlm_model.h': 'new' }, true);
    expect(await read('src/model/flashlm_model.h')).toBe('new');
  });

  it('is not taken for one by a manifest that cannot be read', async () => {
    await write('flashlm-project.json', '{ "files": ');
    await expect(
      requireReplaceable({ directory: project, board: 'pico', force: true }),
    ).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});

describe('a place that cannot be written', () => {
  it('is named in one sentence, and nothing is left there', async () => {
    await writeFile(path.join(folder, 'file'), '');
    project = path.join(folder, 'file', 'project');
    await expect(generate(FIRST)).rejects.toMatchObject({
      code: 'write-failed',
      exitCode: 1,
      what: expect.stringContaining(project),
    });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('leaves the earlier project as it was where the disk refuses a file of the new one', async () => {
    await generate(FIRST);
    // A file and a folder of the same name: whatever the disk refuses, it does in the middle of the writing.
    await expect(generate({ Makefile: 'new', 'src/x': '', 'src/x/y': '' })).rejects.toMatchObject({
      code: 'write-failed',
    });
    expect(await read('Makefile')).toBe('all:');
    expect(await read('src/a.c')).toBe('int a;');
    expect(await readdir(folder)).toEqual(['project']);
  });
});
