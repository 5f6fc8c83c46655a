import { expect, it } from 'vitest';
import { IntegerSession } from '../../src/integer/forward.js';
import { findBrokenInvariant } from '../../src/integer/invariants.js';
import { reorderTokens } from '../../src/quantise/reorder.js';
import { makePieces, makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

it.each([
  ['a plain softmax', {}],
  ['clusters', { clusters: 20 }],
])('another order of the tokens moves every logit and changes none: %s', (_, extensions) => {
  const model = makeRandomModel({ ...SMALL_CONFIG, ...extensions }, 3);
  const { vocabulary } = model.config;
  const rows = Uint16Array.from({ length: vocabulary }, (_, token) => (token * 5) % vocabulary);
  const other = reorderTokens(model, rows, makePieces(vocabulary));
  expect(findBrokenInvariant(other)).toBeNull();
  const [session, reordered] = [new IntegerSession(model), new IntegerSession(other)];
  for (const token of [0, 7, 250, 3]) {
    const logits = session.step(rows[token]);
    expect([...reordered.step(token)]).toEqual(Array.from(rows, (row) => logits[row]));
  }
});

it('a token may stand for more than one, also in clusters', () => {
  for (const extensions of [{}, { clusters: 20 }]) {
    const model = makeRandomModel({ ...SMALL_CONFIG, ...extensions }, 4);
    const rows = Uint16Array.from({ length: 270 }, (_, token) => Math.min(token, 262));
    const grown = reorderTokens(model, rows, makePieces(270));
    expect(grown.config.vocabulary).toBe(270);
    expect(findBrokenInvariant(grown)).toBeNull();
    const logits = new IntegerSession(grown).step(265);
    expect(logits.subarray(263).every((logit) => logit === logits[262])).toBe(true);
  }
});
