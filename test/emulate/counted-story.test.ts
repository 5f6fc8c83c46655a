import { expect, it } from 'vitest';
import { parseSteps } from '../../src/emulate/counted-story.js';

it("reads the counter's output", () => {
  expect(parseSteps('1000\n 8000abc 12\n 80ff 988\n1040\n 8000abc 40\n')).toEqual([
    {
      executed: 1000,
      ofCores: null,
      blocks: [
        { address: 0x8000abc, instructions: 12 },
        { address: 0x80ff, instructions: 988 },
      ],
    },
    { executed: 1040, ofCores: null, blocks: [{ address: 0x8000abc, instructions: 40 }] },
  ]);
});

it('reads counts without blocks, and the output of a firmware that never began a step', () => {
  expect(parseSteps('7\n9\n')).toEqual([
    { executed: 7, ofCores: null, blocks: [] },
    { executed: 9, ofCores: null, blocks: [] },
  ]);
  expect(parseSteps('')).toEqual([]);
});

it('reads the counts of two cores behind that of what they do one after another', () => {
  expect(parseSteps('12 10 5\n 80ff 15\n')).toEqual([
    { executed: 12, ofCores: [10, 5], blocks: [{ address: 0x80ff, instructions: 15 }] },
  ]);
});
