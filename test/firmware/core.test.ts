import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/compile/find-program.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { generateProject } from '../../src/generate/project.js';
import { writeImage } from '../../src/image/write.js';
import { IMAGES, MODELS } from './models.js';
import { consoleLines, encodeByTrying, expectedTrace, type StoryRequest } from './reference.js';
import { SCREENED_MODELS } from './screened-models.js';
import {
  buildFirmware,
  isInstalled,
  makeWorkspace,
  plainBoard,
  runFirmware,
  TARGETS,
  TARGETS_AND_DSP,
  traceLines,
} from './workspace.js';

const workspace = await makeWorkspace();
const HOST = TARGETS[0];

const REQUESTS: StoryRequest[] = [
  { prompt: Buffer.from('a cab a'), seed: 1, temperatureThousandths: 800, topK: 40, tokens: 12 },
  { prompt: Buffer.from(''), seed: 4294967295, temperatureThousandths: 0, topK: 5, tokens: 5 },
  { prompt: Buffer.from('Zoë bb'), seed: 7, temperatureThousandths: 10000, topK: 64, tokens: 20 },
  { prompt: Buffer.from([1, 255, 128, 32, 32]), seed: 0, temperatureThousandths: 100, topK: 1, tokens: 1 },
];

const WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror', '-fsyntax-only'];

async function generateHostProject(name: string, image: Uint8Array): Promise<string> {
  const { directory } = await generateProject({
    image,
    board: plainBoard('host', 'host', 'host'),
    framework: 'bare',
    directory: path.join(workspace, name),
    toolchain: findToolchain('host'),
    emulatorPort: null,
  });
  return directory;
}

async function sourcesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.c')).map((name) => path.join(folder, name));
}

describe('the C sources', async () => {
  const languages = [
    { compiler: 'gcc', options: ['-std=c99'] },
    { compiler: 'clang', options: ['-std=c99'] },
    { compiler: 'g++', options: ['-x', 'c++', '-std=c++11'] },
    { compiler: 'clang++', options: ['-x', 'c++', '-std=c++11'] },
  ];
  for (const { compiler, options } of languages) {
    const isMissing = (await findProgram(compiler)) === null;
    const images: Record<string, Uint8Array> = { ...IMAGES, screened: writeImage(SCREENED_MODELS.skewed) };
    for (const model of [
      'small',
      'odd',
      'oneTap',
      'memory',
      'clusters',
      'memoryAndClusters',
      'screened',
    ] as const) {
      it.skipIf(isMissing)(`have no warnings with ${compiler} ${options.join(' ')}: ${model}`, async () => {
        const directory = await generateHostProject(`warnings-${compiler}-${model}`, images[model]);
        const sources = await sourcesBelow(path.join(directory, 'src'));
        await execa(compiler, [...options, ...WARNINGS, '-O2', ...sources]);
      });
    }
  }

  it('include nothing but three headers of the language and each other', async () => {
    const directory = await generateHostProject('includes', IMAGES.small);
    const folders = ['core', 'console', 'model'].map((folder) => path.join(directory, 'src', folder));
    const { stdout } = await execa('grep', ['-rhoE', '#include .*', ...folders]);
    const outside = stdout.split('\n').filter((line) => line.includes('<'));
    expect([...new Set(outside)].sort()).toEqual(['#include <stddef.h>', '#include <stdint.h>']);
  });

  it('have no division of 64 bits, no float and no call of the C library in core and console', async () => {
    const directory = path.join(workspace, 'objects');
    await buildFirmware(directory, IMAGES.small, HOST, { compilerFlags: ['-ffreestanding'] });
    const objects = (await readdir(path.join(directory, 'build'), { recursive: true }))
      .filter((name) => /^(core|console|model)\/.*\.o$/.test(name))
      .map((name) => path.join(directory, 'build', name));
    const { stdout } = await execa('nm', ['--undefined-only', ...objects]);
    const foreign = stdout
      .split('\n')
      .map((line) => line.trim().split(' ').at(-1) ?? '')
      .filter((name) => name !== '' && !name.includes(':') && !name.startsWith('flashlm_'))
      .filter((name) => name !== '_GLOBAL_OFFSET_TABLE_' && name !== 'memset' && name !== 'memcpy');
    expect(foreign).toEqual([]);
  });
});

describe('a traced story', async () => {
  for (const target of TARGETS_AND_DSP) {
    const isMissing = !(await isInstalled(target));
    for (const [name, model] of Object.entries(MODELS)) {
      it.skipIf(isMissing)(`has the checksums of the reference on ${target.name}: ${name}`, async () => {
        const directory = path.join(workspace, `${target.toolchain}-${name}`);
        const elf = await buildFirmware(directory, IMAGES[name], target);
        const output = await runFirmware(elf, target, Buffer.concat(REQUESTS.map(consoleLines)));
        expect(traceLines(output)).toEqual(REQUESTS.flatMap((request) => expectedTrace(model, request)));
      });
    }
  }

  for (const highProduct of [0, 1]) {
    for (const name of Object.keys(MODELS)) {
      it(`stays within what the language defines: ${name}, high products and pairs ${highProduct}`, async () => {
        const directory = path.join(workspace, `sanitised-${name}-${highProduct}`);
        const compilerFlags = [
          '-fsanitize=undefined,address',
          '-fno-sanitize-recover=all',
          '-fno-sanitize=alignment',
          `-DFLASHLM_HIGH_PRODUCT=${highProduct}`,
          `-DFLASHLM_PAIRS_PAY=${highProduct}`,
        ];
        const elf = await buildFirmware(directory, IMAGES[name], HOST, { compilerFlags });
        const output = await runFirmware(elf, HOST, Buffer.concat(REQUESTS.map(consoleLines)));
        expect(traceLines(output)).toEqual(
          REQUESTS.flatMap((request) => expectedTrace(MODELS[name], request)),
        );
      });
    }
  }

  it('is the same with the plain kernel', async () => {
    const directory = path.join(workspace, 'plain');
    const elf = await buildFirmware(directory, IMAGES.wide, HOST, { kernel: 'plain' });
    const output = await runFirmware(elf, HOST, consoleLines(REQUESTS[0]));
    expect(traceLines(output)).toEqual(expectedTrace(MODELS.wide, REQUESTS[0]));
  });
});

describe('a step', () => {
  it.each(['memoryAndClusters', 'odd'])(
    'does not depend on what comes after it, and every later one depends on it: %s',
    async (name) => {
      const { pieces } = MODELS[name];
      const beginning = 'Zoë had a cab and a bee, ';
      const requests = ['!', '?'].map(
        (last): StoryRequest => ({
          ...{
            prompt: Buffer.from(beginning + last),
            seed: 1,
            temperatureThousandths: 800,
            topK: 40,
            tokens: 6,
          },
        }),
      );
      const elf = await buildFirmware(path.join(workspace, `causal-${name}`), IMAGES[name], HOST);
      const [first, second] = await Promise.all(
        requests.map(async (request) => traceLines(await runFirmware(elf, HOST, consoleLines(request)))),
      );
      // Step 0 feeds end-of-story.
      const same = 1 + encodeByTrying(pieces, Buffer.from(beginning)).length;
      expect(same).toBeGreaterThan(10);
      expect(second.slice(0, same)).toEqual(first.slice(0, same));
      const checksums = (lines: string[]) => lines.slice(same).map((line) => JSON.parse(line).checksum);
      // The prompt's last token, those that were sampled, and the run's.
      expect(checksums(first)).toHaveLength(8);
      for (const [index, checksum] of checksums(first).entries()) {
        expect(checksums(second)[index]).not.toBe(checksum);
      }
    },
  );
});
