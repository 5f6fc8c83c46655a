import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RandomNumbers } from '../integer/random-model.js';
import { IMAGES, MODELS } from './models.js';
import { encodeByTrying } from './reference.js';
import { buildFirmware, makeWorkspace, runFirmware, TARGETS, traceLines } from './workspace.js';

const workspace = await makeWorkspace();
const HOST = TARGETS[0];

/** Lines of bytes that are mostly of the alphabet of the pieces; none ends a line, begins a command or is an EOT. */
function randomLines(count: number): Uint8Array[] {
  const random = new RandomNumbers(11);
  return Array.from({ length: count }, () =>
    Uint8Array.from({ length: random.integer(0, 60) }, () => {
      const byte =
        random.integer(0, 9) === 0 ? random.integer(48, 255) : 'ab c'.charCodeAt(random.integer(0, 3));
      return byte;
    }),
  );
}

describe('the tokenizer on the chip', () => {
  it('cuts a text into the longest pieces from left to right', async () => {
    const { pieces } = MODELS.wide;
    const elf = await buildFirmware(path.join(workspace, 'tokenizer'), IMAGES.wide, HOST);
    const lines = randomLines(60);
    const input = [
      Buffer.from('/trace 1\n/tokens 1\n'),
      ...lines.flatMap((line) => [line, Buffer.from('\n')]),
    ];
    const records = traceLines(await runFirmware(elf, HOST, Buffer.concat(input))).map((line) =>
      JSON.parse(line),
    );
    const prompts: number[][] = [];
    for (const record of records) {
      if (record.step === 0) {
        prompts.push([]);
      } else if ('step' in record) {
        prompts.at(-1)?.push(record.token);
      }
    }
    // The last token of each run is the sampled one.
    expect(prompts.map((tokens) => tokens.slice(0, -1))).toEqual(
      lines.map((line) => encodeByTrying(pieces, line)),
    );
  });
});
