import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSections } from '../../src/image/read.js';
import { probeStep } from '../../src/integer/probe.js';
import { IMAGES, MODELS } from './models.js';
import { hexadecimal } from './reference.js';
import { buildFirmware, makeWorkspace, runFirmware, TARGETS } from './workspace.js';

const workspace = await makeWorkspace();
const HOST = TARGETS[0];
const elf = await buildFirmware(path.join(workspace, 'console'), IMAGES.small, HOST);

/** What the firmware answers to the lines, from the first prompt on. */
async function answersTo(input: string | Uint8Array, program = elf): Promise<string[]> {
  const output = await runFirmware(program, HOST, input);
  return output.split('> ').slice(1);
}

async function answerTo(line: string): Promise<string> {
  return (await answersTo(`${line}\n`))[0];
}

describe('the console', () => {
  it('greets with the name of its model and how to begin', async () => {
    const fingerprint = /fingerprint ([0-9a-f]{8})/;
    const output = await runFirmware(elf, HOST, '');
    expect(output.replace(fingerprint, 'fingerprint X')).toBe(
      `flashlm-mcu: random 1, 12345 parameters, image ${IMAGES.small.length} bytes, fingerprint X\r\n` +
        'Type the beginning of a story and press Enter; /help lists the commands.\r\n> ',
    );
    const view = new DataView(IMAGES.small.buffer, IMAGES.small.byteOffset);
    expect(fingerprint.exec(output)?.[1]).toBe(hexadecimal(view.getUint32(24, true)));
  });

  it.each([
    ['/temp 0', 'temperature 0.000'],
    ['/temp 0.8', 'temperature 0.800'],
    ['/temp .25', 'temperature 0.250'],
    ['/temp 10.000', 'temperature 10.000'],
    ['/temp   1', 'temperature 1.000'],
    ['/topk 64', 'top-k 64'],
    ['/tokens 65535', 'tokens 65535'],
    ['/seed 4294967295', 'seed 4294967295'],
    ['/trace 1', 'trace 1'],
    ['/probe 3', 'probe step 3'],
    ['/probe 3 14', 'probe step 3 point 14'],
    ['/probe off', 'probe off'],
  ])('answers %s', async (line, answer) => {
    expect(await answerTo(line)).toBe(`${answer}\r\n`);
  });

  it.each([
    '/temp',
    '/temp 0.05',
    '/temp 10.001',
    '/temp 0.8001',
    '/temp -1',
    '/temp 1 2',
    '/temp .',
    '/temp 99999999999',
    '/topk 0',
    '/topk 65',
    '/topk 1.5',
    '/tokens 0',
    '/tokens 65536',
    '/seed 4294967296',
    '/seed x',
    '/trace 2',
    '/trace',
    '/probe',
    '/probe 1 2 3',
    '/probe off 1',
    '/probe 1 x',
    '/nonsense',
    '/info now',
    '/Temp 1',
    '/',
  ])('refuses %s and changes nothing', async (line) => {
    const [refusal, info] = await answersTo(`${line}\n/info\n`);
    expect(refusal).toMatch(/^error: .*\r\n$/);
    expect(info).toContain(
      'settings: temperature 0.800, top-k 40, tokens 256, seed 1, trace 0, probe off\r\n',
    );
  });

  it('takes CR, LF and CR LF as one end of line each', async () => {
    for (const end of ['\r', '\n', '\r\n']) {
      expect(await answersTo(`/seed 5${end}/seed 6${end}`)).toEqual(['seed 5\r\n', 'seed 6\r\n', '']);
    }
  });

  it('takes a line of 255 bytes and refuses a longer one, telling nothing', async () => {
    const [longest, longer] = await answersTo(`/tokens 1\n${'a'.repeat(255)}\n${'a'.repeat(256)}\n`).then(
      (answers) => answers.slice(1),
    );
    expect(longest.startsWith('a'.repeat(255))).toBe(true);
    expect(longer).toMatch(/^error: .*\r\n$/);
  });

  it('repeats the prompt, tells the pieces, and closes with the number of tokens', async () => {
    const [, , story] = await answersTo('/temp 0\n/tokens 3\nOnce\n');
    expect(story).toMatch(
      /^Once[\s\S]*\r\n\[[1-3] tokens in [0-9]+\.[0-9] s: [0-9]+\.[0-9] tokens\/s\]\r\n$/,
    );
  });

  it('tells the same story again from the same seed', async () => {
    const answers = await answersTo('/tokens 9\na b\n/seed 2\na b\n/seed 1\na b\n');
    const stories = [1, 3, 5].map((i) => answers[i].split('\r\n[')[0]);
    expect(stories[2]).toBe(stories[0]);
    expect(stories[1]).not.toBe(stories[0]);
  });

  it('says what the model is and takes', async () => {
    const { vocabulary, dimension, blocks, hidden, kernel } = MODELS.small.config;
    const answer = await answerTo('/info');
    expect(answer).toContain(
      `shape: vocabulary ${vocabulary}, dimension ${dimension}, blocks ${blocks}, hidden ${hidden}, taps ${kernel}`,
    );
    expect(answer).toMatch(/and kernel shared-partial-sums-\d+ \d+ bytes of RAM/);
  });

  it('says what memory and clusters its model has', async () => {
    const program = await buildFirmware(path.join(workspace, 'extended'), IMAGES.memoryAndClusters, HOST);
    const [answer] = await answersTo('/info\n', program);
    expect(answer).toContain('taps 4, memory 6 x 8, clusters 16\r\n');
  });

  it('says how many rows of the embedding the last story took', async () => {
    const { vocabulary } = MODELS.small.config;
    const [before, , , , after] = await answersTo('/info\n/temp 0\n/tokens 3\na b\n/info\n');
    expect(before).toContain('last story: 0 tokens, 0 rows of the embedding read\r\n');
    const tokens = Number(/last story: (\d) tokens/.exec(after)?.[1]);
    expect(tokens).toBeGreaterThan(0);
    expect(after).toContain(`${tokens} tokens, ${tokens * vocabulary} rows of the embedding read\r\n`);
  });

  it('lists every command', async () => {
    const help = await answerTo('/help');
    for (const command of ['/temp', '/topk', '/tokens', '/seed', '/info', '/trace', '/probe', '/help']) {
      expect(help).toContain(`\r\n${command}`);
    }
  });
});

describe('a probe', () => {
  it('shows every vector of its step, in order, and the elements of its point', async () => {
    const answers = await answersTo('/trace 1\n/tokens 2\n/probe 1 2\nab\n');
    const lines = answers[3].split('\r\n').filter((line) => line.startsWith('@@'));
    const records = lines.map((line) => JSON.parse(line.slice(2)));
    const points = records.filter((record) => 'name' in record);
    expect(points.map((record) => record.point)).toEqual(points.map((_, i) => i));
    expect(points.length).toBe(2 + 12 * MODELS.small.config.blocks);
    expect(points[2]).toMatchObject({ name: 'mixer_up', block: 0, count: 24 });
    expect(points.at(-1)).toMatchObject({ name: 'final_norm', block: -1, count: 12 });
    const values = records.filter((record) => 'values' in record);
    expect(values.map((record) => [record.point, record.offset, record.values.length])).toEqual([
      [2, 0, 16],
      [2, 16, 8],
    ]);
    const hash = values
      .flatMap((record) => record.values)
      .reduce((sum: number, value: number) => Math.imul(sum ^ value, 0x01000193), 0x811c9dc5);
    expect(hexadecimal(hash)).toBe(points[2].checksum);
    expect(records[0]).toHaveProperty('step', 0);
    expect(records.findIndex((record) => record.step === 1)).toBeGreaterThan(points.length);
  });

  it.each(['memory', 'memoryAndClusters'])('shows what the reference computes: %s', async (name) => {
    const program = await buildFirmware(path.join(workspace, `probed-${name}`), IMAGES[name], HOST);
    const [, , , answer] = await answersTo('/trace 1\n/tokens 1\n/probe 2\nabc\n', program);
    const records = answer
      .split('\r\n')
      .filter((line) => line.startsWith('@@'))
      .map((line) => JSON.parse(line.slice(2)));
    const tokens = records.filter((record) => 'step' in record).map((record) => record.token);
    const expected = probeStep(MODELS[name], tokens, 2).map(({ checksum, values: _, ...point }) => ({
      ...point,
      checksum: hexadecimal(checksum),
    }));
    expect(expected.map(({ name }) => name)).toContain('memory');
    expect(records.filter((record) => 'name' in record)).toEqual(expected);
  });

  it('changes no checksum of a step', async () => {
    const [, , plain] = await answersTo('/trace 1\n/tokens 2\nab\n');
    const [, , , probed] = await answersTo('/trace 1\n/tokens 2\n/probe 2\nab\n');
    const steps = (text: string) => text.split('\r\n').filter((line) => line.includes('"step'));
    expect(steps(probed)).toEqual(steps(plain));
  });
});

describe('a damaged image', () => {
  /** Changes one bit of the generated array, at a byte of the image. */
  async function damage(directory: string, offset: number): Promise<void> {
    const file = path.join(directory, 'src', 'model', 'flashlm_image.c');
    let word = -1;
    const text = (await readFile(file, 'utf8')).replaceAll(/0x[0-9a-f]{8},/g, (literal) => {
      word++;
      const flipped = (Number.parseInt(literal, 16) ^ (word === offset >> 2 ? 1 : 0)) >>> 0;
      return `0x${hexadecimal(flipped)},`;
    });
    await writeFile(file, text);
  }

  const sections = listSections(IMAGES.small);
  const offsetOf = (name: string, block: number) =>
    sections.find((section) => section.name === name && section.block === block)?.offset ?? 0;

  it.each([
    ['header', 'header', 28],
    ['embedding', 'embedding', offsetOf('embedding', -1)],
    ['ffn_in of block 1', 'ffn_in-1', offsetOf('ffn_in', 1)],
    ['final_norm', 'final_norm', offsetOf('final_norm', -1)],
  ])('is named at the start and to everybody who asks for a story: %s', async (place, folder, offset) => {
    const damaged = await buildFirmware(path.join(workspace, `damaged-${folder}`), IMAGES.small, HOST, {
      patch: (directory) => damage(directory, offset),
    });
    const output = await runFirmware(damaged, HOST, '/seed 2\nOnce\n');
    const line = `error: image section ${place} is damaged; flash the model again.\r\n`;
    const [banner, ...rest] = output.split('\r\n');
    expect(banner).toMatch(/^flashlm-mcu: /);
    expect(rest.join('\r\n')).toBe(`${line}> seed 2\r\n> ${line}> `);
  });
});
