import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../../src/files/files-below.js';
import { writeImage } from '../../src/image/write.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';
import { arduinoBoards, compileForBoard } from './arduino-boards.js';
import { ARDUINO_STAND_IN, linkForHost, sourcesBelow } from './compile-with-stand-in.js';
import { MODELS } from './models.js';
import { packageAs } from './packaging-boards.js';
import { consoleLines, expectedTrace } from './reference.js';
import { makeWorkspace, traceLines } from './workspace.js';

const workspace = await makeWorkspace();
const project = path.join(workspace, 'library');
const library = path.join(project, 'FlashLM');
beforeAll(async () => {
  await packageAs('arduino-library', project);
});

async function propertiesIn(folder: string): Promise<Record<string, string>> {
  const text = await readFile(path.join(folder, 'FlashLM', 'library.properties'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** The rules of arduino-lint (https://arduino.github.io/arduino-lint/latest/rules/library) that a library can break. */
describe('an Arduino library, by the rules of arduino-lint', () => {
  it('has every field that is required, and says each once', async () => {
    const properties = await propertiesIn(project);
    const required = 'name version author maintainer sentence paragraph category url architectures'.split(
      ' ',
    );
    for (const field of required) expect(properties[field], field).toMatch(/\S/);
    const known = [...required, 'includes'];
    expect(Object.keys(properties).sort()).toEqual(known.sort());
    expect((await readFile(path.join(library, 'library.properties'), 'utf8')).match(/^name=/gm)).toHaveLength(
      1,
    );
  });

  it('has a name that the library manager takes, and a folder of that name', async () => {
    const { name, maintainer } = await propertiesIn(project);
    expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_.-]{0,15}$/);
    expect(name).not.toMatch(/arduino|library/i);
    expect(maintainer).not.toMatch(/arduino/i);
    expect(name).toBe(path.basename(library));
  });

  it('has a version, a category, an address and an architecture that there are', async () => {
    const { version, category, url, architectures, includes } = await propertiesIn(project);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(category).toBe('Data Processing');
    expect(new URL(url).protocol).toBe('https:');
    expect(architectures).toBe('esp32');
    expect((await stat(path.join(library, 'src', includes))).isFile()).toBe(true);
  });

  it('has a sentence that is one, and a paragraph that does not repeat it', async () => {
    const { sentence, paragraph } = await propertiesIn(project);
    expect(sentence).toMatch(/^[A-Z].*[^.]\.$/);
    expect(paragraph).not.toContain(sentence);
  });

  it('keeps to its lines whatever the model is called', async () => {
    const image = writeImage({ ...makeRandomModel(SMALL_CONFIG, 1), name: 'a\narchitectures=avr' });
    const directory = await packageAs('arduino-library', path.join(workspace, 'odd'), undefined, image);
    expect((await propertiesIn(directory)).architectures).toBe('esp32');
  });

  it('has the layout of the specification: one header to include, no source at the top, examples of their names', async () => {
    expect((await readdir(library)).sort()).toEqual(
      ['LICENSE', 'README.md', 'examples', 'keywords.txt', 'library.properties', 'src'].sort(),
    );
    const top = await readdir(path.join(library, 'src'));
    expect(top.filter((name) => name.endsWith('.h'))).toEqual(['FlashLM.h']);
    for (const example of await readdir(path.join(library, 'examples'))) {
      const names = await readdir(path.join(library, 'examples', example));
      expect(names.sort()).toEqual([`${example}.ino`, 'partitions.csv', 'sketch.yaml'].sort());
    }
    for (const file of await filesBelow(library)) expect(file).not.toMatch(/\.(?:exe|o|a|elf)$|\/\./);
  });

  it('has keywords that are separated by a tab, and are in its header', async () => {
    const header = await readFile(path.join(library, 'src', 'FlashLM.h'), 'utf8');
    const lines = (await readFile(path.join(library, 'keywords.txt'), 'utf8')).split('\n');
    const keywords = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(keywords.length).toBeGreaterThan(0);
    for (const line of keywords) {
      expect(line).toMatch(/^\w+\t(?:KEYWORD[123]|LITERAL[12])$/);
      expect(header).toMatch(new RegExp(`\\b${line.split('\t')[0]}\\b`));
    }
  });

  // A profile would have to name the library by its folder, and arduino-cli before 1.3, which Arduino IDE 2.3.6 has in it,
  // opens no sketch whose sketch.yaml does that.
  it('has a sketch.yaml that says the board, in what every arduino-cli with a sketch.yaml understands', async () => {
    for (const example of await readdir(path.join(library, 'examples'))) {
      const text = await readFile(path.join(library, 'examples', example, 'sketch.yaml'), 'utf8');
      expect(text).toMatch(/^default_fqbn: esp32:esp32:esp32:PartitionScheme=custom$/m);
      const keys = [...text.matchAll(/^(\w+):/gm)].map(([, key]) => key);
      expect(keys).toEqual(['default_fqbn', 'default_port_config']);
      expect(text).not.toContain('dir:');
    }
    const readme = await readFile(path.join(library, 'README.md'), 'utf8');
    expect(readme).toContain(
      'arduino-cli core install esp32:esp32@3.0.7 --additional-urls https://example.com/package_index.json\n',
    );
  });
});

describe('the zip of an Arduino library', () => {
  it('holds the folder, byte for byte', async () => {
    const zip = unzipSync(await readFile(path.join(project, 'FlashLM.zip')));
    const files = (await filesBelow(library)).map((file) => path.relative(project, file));
    expect(Object.keys(zip).sort()).toEqual(files.sort());
    for (const file of files) {
      expect(Buffer.from(zip[file]).equals(await readFile(path.join(project, file))), file).toBe(true);
    }
  });
});

describe('the sources of an Arduino library', async () => {
  const includes = [path.join(library, 'src'), ARDUINO_STAND_IN];

  for (const { id, board, isCompilerMissing } of await arduinoBoards()) {
    it.skipIf(isCompilerMissing)(`compile with their examples without warnings for ${id}`, async () => {
      const directory = await packageAs('arduino-library', path.join(workspace, id), board);
      const folder = path.join(directory, 'FlashLM');
      expect((await sourcesBelow(folder)).filter((source) => source.endsWith('.ino'))).toHaveLength(2);
      await compileForBoard(board, folder, [path.join(folder, 'src')]);
    });
  }

  async function linkExample(name: string): Promise<string> {
    const sources = [
      ...(await sourcesBelow(path.join(library, 'src'))),
      path.join(library, 'examples', name, `${name}.ino`),
      path.join(ARDUINO_STAND_IN, 'arduino.cpp'),
    ];
    return linkForHost(path.join(workspace, name), sources, includes);
  }

  it('are a console that tells what the reference tells', async () => {
    const program = await linkExample('Console');
    const request = {
      prompt: Buffer.from('a cab'),
      seed: 3,
      temperatureThousandths: 900,
      topK: 20,
      tokens: 8,
    };
    const { stdout } = await execa(program, { input: consoleLines(request), encoding: 'latin1' });
    expect(traceLines(stdout)).toEqual(expectedTrace(MODELS.wide, request));
  });

  // Each byte of input is a turn of loop(), and each turn a token: two stories of 256, and some.
  it('are one story after another, the same as the console tells', async () => {
    const stories = await execa(await linkExample('OneStory'), {
      input: '\n'.repeat(600),
      encoding: 'latin1',
    });
    const input = '/seed 1\nOnce upon a time\n/seed 2\nOnce upon a time\n';
    const spoken = await execa(path.join(workspace, 'Console'), { input, encoding: 'latin1' });
    // A terminal wants line breaks that a display does not.
    const unbroken = ({ stdout }: { stdout: string }) => stdout.replaceAll(/[\r\n]/g, '');
    const told = [...unbroken(spoken).matchAll(/> (Once upon a time.*?)\[\d+ tokens in /g)].map(
      ([, story]) => story,
    );
    expect(told).toHaveLength(2);
    expect(unbroken(stories).startsWith(told.join(''))).toBe(true);
  });
});
