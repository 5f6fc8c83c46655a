import { describe, expect, it } from 'vitest';
import { type LossHistory, renderLossPicture } from '../../src/train/loss-picture.js';
import { expectWellFormed, textsOf } from '../picture/read-svg.js';

/** A run whose loss falls from 9 to 2, with one figure of held-out stories for every hundred steps. */
function makeHistory(steps: number): LossHistory {
  const minutes = (step: number) => (120 * step) / steps;
  const training = Array.from({ length: steps }, (_, i) => ({
    tokens: (i + 1) * 10_000,
    minutes: minutes(i + 1),
    loss: 2 + 7 * Math.exp(-i / 20) + (i % 2) * 0.02,
  }));
  const heldOut = training
    .filter((_, i) => i % 100 === 99)
    .map((point) => ({
      tokens: point.tokens,
      minutes: point.minutes,
      bpc: 0.5 + 1e6 / (point.tokens + 1e6),
    }));
  return { title: 'v4 & friends <1>', training, heldOut };
}

/** Pen-down runs of the curve of a panel. */
const runsOf = (svg: string, name: string) => {
  const [, path] = svg.match(new RegExp(`<path class="curve ${name}" d="([^"]*)"`)) ?? [];
  return path === undefined ? null : path.split('M').length - 1;
};

describe('renderLossPicture', () => {
  const many = renderLossPicture(makeHistory(2000));

  it('shows both curves against tokens, with a scale of time', () => {
    const texts = textsOf(many);
    expect(texts).toEqual(expect.arrayContaining(['tokens seen', '10M', '20M', '1 h', '2 h', '2.01']));
    expect(many).toContain('>Training loss<');
    expect(many).toContain('>Held-out stories<');
    // The last held-out figure stands beside its curve: 0.5 + 1 / 21.
    expect(texts).toContain((0.5 + 1 / 21).toFixed(3));
    expect([runsOf(many, 'training'), runsOf(many, 'held-out')]).toEqual([1, 1]);
  });

  it('leaves a steep beginning above the panel, and says so', () => {
    expect(textsOf(many)).toContain('begins at 9.00');
    expect(textsOf(renderLossPicture(makeHistory(2000), { logarithmic: true }))).not.toContain(
      'begins at 9.00',
    );
  });

  it('is well-formed, small, without script or outside reference, for both colour schemes', () => {
    expectWellFormed(many);
    expect(many.length).toBeLessThan(40_000);
    expect(many).not.toMatch(/<script|href|url\(|@import|on\w+=/);
    expect(many).toContain('prefers-color-scheme: dark');
    expect(many).toContain('<title>v4 &amp; friends &lt;1&gt;</title>');
  });

  it('is the same bytes for the same run', () => {
    expect(renderLossPicture(makeHistory(2000))).toBe(many);
  });

  it('has room for a run of any length', () => {
    for (const steps of [0, 1, 2, 40, 41, 300, 100_000]) {
      for (const logarithmic of [false, true]) {
        const svg = renderLossPicture(makeHistory(steps), { logarithmic });
        expectWellFormed(svg);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it('says so where there is nothing to show', () => {
    const nothing = renderLossPicture({ title: 'nothing', training: [], heldOut: [] });
    expect(textsOf(nothing).filter((text) => text === 'no figures')).toHaveLength(2);
    const one = renderLossPicture({
      title: 'one',
      training: [{ tokens: 100, minutes: 0, loss: 5 }],
      heldOut: [],
    });
    expect(one.match(/<circle/g)).toHaveLength(1);
    expect(textsOf(one)).toContain('5.00');
  });

  it('leaves a gap where the loss was no number', () => {
    const history = makeHistory(2000);
    for (let step = 900; step < 1000; step++) history.training[step].loss = Number.NaN;
    const svg = renderLossPicture(history);
    expect(runsOf(svg, 'training')).toBe(2);
    expect(svg).not.toContain('NaN');
  });

  it('puts minutes where the run had got to by then', () => {
    // The first half of the tokens took 10 minutes, the second 30: 20 minutes lie at two thirds.
    const point = (tokens: number, minutes: number) => ({ tokens, minutes, loss: 2 });
    const svg = renderLossPicture({ title: '', training: [point(300, 10), point(600, 40)], heldOut: [] });
    const [, x] = svg.match(/<text x="([\d.]+)" [^>]*>20 min</) ?? [];
    const [, left] = svg.match(/<text x="([\d.]+)" [^>]*>0</) ?? [];
    const [, right] = svg.match(/<text x="([\d.]+)" [^>]*>40 min</) ?? [];
    expect((Number(x) - Number(left)) / (Number(right) - Number(left))).toBeCloseTo(2 / 3, 3);
  });
});
