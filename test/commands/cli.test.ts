import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModel } from '../../src/model/find.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashlm-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the built command line as a user does. */
function run(words: string[], env: Record<string, string> = {}) {
  return execa(process.execPath, [CLI, ...words], { cwd: folder, reject: false, env });
}

/** A bin folder that holds the named programs of this machine and no others. */
async function onlyPrograms(name: string, programs: string[]): Promise<string> {
  const bin = path.join(folder, name);
  await mkdir(bin);
  for (const program of programs) {
    const { stdout } = await execa('which', [program]);
    await symlink(stdout, path.join(bin, program));
  }
  return bin;
}

const IMAGE = (await findModel('mcu')).image;

describe('bad input gets one sentence, what to do, and the right exit code', () => {
  it('an unknown board', async () => {
    const result = await run(['build', '--board', 'esp32-c3']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toBe('error: There is no board "esp32-c3".\nDid you mean "esp32c3"?');
  });

  it('an unknown model', async () => {
    const result = await run(['emulate', '--model', 'mcuu']);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('Did you mean "mcu"?');
  });

  it('an unknown command or option', async () => {
    const command = await run(['biuld', '--board', 'pico']);
    expect(command.exitCode).toBe(2);
    expect(command.stderr).toContain('Did you mean build?');
    expect((await run(['build', '--bord', 'pico'])).exitCode).toBe(2);
  });

  it('a truncated image', async () => {
    const file = path.join(folder, 'short.flm');
    await writeFile(file, (await readFile(IMAGE)).subarray(0, 100_000));
    const result = await run(['build', '--board', 'pico', '--model', file, '--out', 'short-out']);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: .*100,?000.*bytes/);
    expect(await readdir(folder)).not.toContain('short-out');
  });

  it('an image with one wrong bit', async () => {
    const bytes = await readFile(IMAGE);
    bytes[700_001] ^= 16;
    const file = path.join(folder, 'flipped.flm');
    await writeFile(file, bytes);
    for (const words of [
      ['build', '--board', 'esp32c3'],
      ['emulate', '--json'],
    ]) {
      const result = await run([...words, '--model', file]);
      expect(result.exitCode).toBe(1);
      expect(result.stderr).toMatch(/^error: .*(damaged|CRC)/);
    }
  });

  it('a model that does not fit the board', async () => {
    const board = JSON.parse(await readFile(new URL('../../boards/pico.json', import.meta.url), 'utf8'));
    expect(board.memory.flashBytes).toBe(2 * 1024 * 1024);
    const result = await run(['build', '--board', 'pico', '--model', 'v4', '--out', 'large-out', '--json']);
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toMatch(/[\d,]+ bytes of flash more than the 2,097,152/);
    expect(result.stderr).toContain('What fits');
    expect(JSON.parse(result.stdout).error.code).toBe('does-not-fit');
    expect(await readdir(folder)).not.toContain('large-out');
  });

  it('a missing cross-compiler', async () => {
    const bin = await onlyPrograms('bin-without-compilers', ['qemu-system-riscv32', 'make']);
    const result = await run(['build', '--board', 'esp32c3', '--out', 'no-compiler'], { PATH: bin });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toBe(
      'error: riscv64-unknown-elf-gcc is not installed.\nOn Debian: apt-get install gcc-riscv64-unknown-elf.',
    );
    expect(await readdir(folder)).not.toContain('no-compiler');
  });

  it('a missing emulator', async () => {
    const bin = await onlyPrograms('bin-without-emulators', ['make']);
    const result = await run(['emulate', '--board', 'pico'], { PATH: bin });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('apt-get install qemu-system-arm');
  });

  it('no arduino-cli where a binary is required', async () => {
    const bin = await onlyPrograms('bin-without-arduino', [
      'make',
      'qemu-system-xtensa',
      'xtensa-lx106-elf-gcc',
    ]);
    const result = await run(['build', '--board', 'esp32', '--require-binary'], { PATH: bin });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('arduino-cli is not installed');
  });

  it('a port that is not there', async () => {
    const result = await run(['story', '--port', '/dev/ttyNONE9', 'Once upon a time']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr.split('\n')).toHaveLength(2);
    expect(result.stderr).toContain('/dev/ttyNONE9');
  });

  it.each([
    ['an empty story file', ''],
    ['a binary story file', '\0\x01\x02ELF'],
  ])('%s', async (name, content) => {
    const file = path.join(folder, `${name.split(' ')[1]}.txt`);
    await writeFile(file, content);
    for (const words of [
      ['train', '--steps', '1', '--out', 'no-model'],
      ['eval'],
      ['tokenizer', 'train', '--out', 'no-tokenizer.json'],
    ]) {
      const result = await run([...words, '--data', file]);
      expect(result).toMatchObject({ exitCode: 1, stdout: '' });
      expect(result.stderr).toMatch(
        /^error: .*\.txt (holds no story|is not a text file: byte 0 is no UTF-8 text)\.\n.+$/,
      );
    }
    expect(await readdir(folder)).not.toEqual(expect.arrayContaining(['no-model', 'no-tokenizer.json']));
  });

  it("a project folder that holds somebody's own files", async () => {
    const words = ['build', '--board', 'host', '--out', 'shared-folder'];
    expect((await run(words)).exitCode).toBe(0);
    await writeFile(path.join(folder, 'shared-folder', 'notes.md'), 'mine');
    const result = await run(words);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('holds changes of yours: notes.md was added');
    expect(await readFile(path.join(folder, 'shared-folder', 'notes.md'), 'utf8')).toBe('mine');
  });

  it('a folder that cannot be written', async () => {
    const sealed = path.join(folder, 'sealed');
    await writeFile(sealed, 'a file where a folder is wanted');
    await chmod(sealed, 0o444);
    const result = await run(['build', '--board', 'host', '--out', path.join(sealed, 'project')]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/^error: The project could not be written/);
  });
});

describe('the command line', () => {
  it.each([
    'build',
    'emulate',
    'story',
    'train',
    'eval',
    'tokenizer',
    'boards',
    'doctor',
    'bench',
    'logits',
    'import',
  ])('%s has help with examples', async (command) => {
    const result = await run([command, '--help']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/Examples?:\n {2}flashlm-mcu /);
  });

  it('build --json prints one document with the keys that tools rely on', async () => {
    const result = await run(['build', '--board', 'host', '--out', 'project', '--json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const report = JSON.parse(result.stdout);
    expect(report).toMatchObject({
      board: 'host',
      model: 'mcu',
      framework: 'bare',
      project: 'project',
      flash: { used: expect.any(Number), available: expect.any(Number) },
      ram: { used: expect.any(Number), available: expect.any(Number) },
      bytesPerToken: expect.any(Number),
      instructionsPerToken: null,
      estimate: { tokensPerSecond: null, limit: null },
      parity: {
        status: 'match',
        steps: expect.any(Number),
        checksum: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    });
    for (const artifact of report.artifacts) expect(await readFile(path.join(folder, artifact))).toBeTruthy();
  });

  it('emulate --json prints tokens, text and checksum', async () => {
    const words = ['emulate', '--board', 'host', '--prompt', 'The cat', '--tokens', '12', '--json'];
    const result = await run(words);
    const story = JSON.parse(result.stdout);
    expect(story).toMatchObject({ board: 'host', checksum: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(story.text.startsWith('The cat')).toBe(true);
    expect(story.tokens.length).toBeLessThanOrEqual(12);
    expect((await run(words)).stdout).toBe(result.stdout);
  });

  it('train, eval and emulate go all the way from stories to a story', async () => {
    const { madeUpStories } = await import('../fixtures/stories.js');
    await writeFile(path.join(folder, 'stories.txt'), madeUpStories(200).join('\n<|endoftext|>\n'));
    const shape = { vocabulary: 300, dimension: 16, blocks: 2, hidden: 24, kernel: 4, context: 32 };
    await writeFile(path.join(folder, 'shape.json'), JSON.stringify(shape));
    const trained = await run([
      ...['train', '--config', 'shape.json', '--data', 'stories.txt', '--steps', '30', '--threads', '2'],
      ...['--learning-rate', '0.01', '--out', 'mine', '--json'],
    ]);
    expect(trained.exitCode).toBe(0);
    expect(JSON.parse(trained.stdout)).toMatchObject({
      tokensSeen: 30 * 8 * 32,
      threads: 2,
      bpc: expect.any(Number),
      checkpoint: 'mine',
    });
    const evaluated = await run([
      'eval',
      '--model',
      'mine',
      '--data',
      'stories.txt',
      '--stories',
      '20',
      '--json',
    ]);
    const { bpc, bpcFloat, unknownTokens, stories, spread, tokensPerCharacter } = JSON.parse(
      evaluated.stdout,
    );
    expect(stories).toBe(20);
    expect(unknownTokens).toBe(0);
    expect(Math.abs(bpc - bpcFloat)).toBeLessThan(0.005);
    expect(spread.interval.low).toBeLessThan(bpc);
    expect(spread.interval.high).toBeGreaterThan(bpc);
    expect(tokensPerCharacter).toBeGreaterThan(0);
    const told = await run(['emulate', '--model', 'mine', '--prompt', 'Once', '--tokens', '5']);
    expect(told.stdout).toMatch(/^Once/);
  });
});
