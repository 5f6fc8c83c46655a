import { describe, expect, it } from 'vitest';
import { IntegerSession } from '../../src/integer/forward.js';
import type { HeadScreen, IntegerModel } from '../../src/integer/model.js';
import { boundOf, columnsOf, screenStep, screenThreshold } from '../../src/integer/screen.js';
import {
  cholesky,
  inverseOf,
  multiply,
  symmetricEigen,
  transposed,
} from '../../src/quantise/screen/matrices.js';
import { makeScreen, withScreen } from '../../src/quantise/screen/screen.js';
import { toldActivations } from '../../src/quantise/screen/told-activations.js';
import { SCREENED_MODELS } from '../firmware/screened-models.js';
import { exactLogit } from '../integer/exact-head.js';
import { makeRandomModel, RandomNumbers, SMALL_CONFIG } from '../integer/random-model.js';

function screenOf(model: IntegerModel): HeadScreen {
  if (model.screen === null) throw new Error('this model has no screen');
  return model.screen;
}

/** What a head could be given: told, random, at the limits, along a row, nothing. */
function activationsFor(model: IntegerModel, count: number): Int16Array[] {
  const { dimension: d, vocabulary } = model.config;
  const random = new RandomNumbers(5);
  const along = (token: number, sign: number) =>
    Int16Array.from({ length: d }, (_, i) => Math.round(sign * 32.2 * model.embedding[token * d + i]));
  return [
    new Int16Array(d),
    new Int16Array(d).fill(4096),
    new Int16Array(d).fill(-4096),
    Int16Array.from({ length: d }, (_, i) => (i === 0 ? 1 : 0)),
    ...toldActivations(model)
      .slice(0, count)
      .map((told) => Int16Array.from(told)),
    ...Array.from({ length: count }, () => Int16Array.from({ length: d }, () => random.integer(-4096, 4096))),
    ...Array.from({ length: count }, () =>
      Int16Array.from({ length: d }, () => 4096 * (2 * random.integer(0, 1) - 1)),
    ),
    ...Array.from({ length: count }, () =>
      along(random.integer(0, vocabulary - 1), 2 * random.integer(0, 1) - 1),
    ),
  ];
}

/** Activations that a screen's own bound is tightest for: along what the first stage does not cover of a row. */
function alongResidual(model: IntegerModel, record: number): Int16Array {
  const { dimension: d } = model.config;
  const { tokens, transform, shift, stages } = screenOf(model);
  const token = tokens[record];
  const rest = Float64Array.from(
    { length: d },
    (_, i) => model.embedding[token * d + i] * model.embeddingMultiplier[token],
  );
  const step = stages[0].scale[record] / 2 ** screenOf(model).fractionBits;
  for (let i = 0; i < stages[0].columns; i++) {
    const factor = (stages[0].codes[record * stages[0].columns + i] * step) / 2 ** shift[i];
    for (let j = 0; j < d; j++) rest[j] -= factor * transform[i * d + j];
  }
  const largest = rest.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return Int16Array.from(rest, (value) => Math.round((value / largest) * 4096));
}

function expectTrueBounds(model: IntegerModel, activations: Int16Array, exponent: number): void {
  const screen = screenOf(model);
  const step = screenStep(screen, activations);
  for (const [record, token] of screen.tokens.entries()) {
    const logit = exactLogit(model, activations, exponent, token);
    // The row is wanted by a sampler that asks for its own logit, and so by all that ask for less.
    const threshold = screenThreshold(model, screen, step, exponent, logit);
    for (let stage = 0; stage < screen.stages.length; stage++) {
      const bound = boundOf(screen, step, record, stage);
      if (bound < threshold) {
        throw new Error(`token ${token}, logit ${logit}: stage ${stage} has ${bound}, below ${threshold}`);
      }
    }
  }
}

describe.each(Object.entries(SCREENED_MODELS))('the bounds of a screen: %s', (_name, model) => {
  it('are above the logits, whatever enters the head', () => {
    for (const [i, activations] of activationsFor(model, 6).entries()) {
      for (const exponent of [0, 13 + (i % 6)]) expectTrueBounds(model, activations, exponent);
    }
  });

  it('are above the logits where they are tightest', () => {
    for (let record = 0; record < model.config.vocabulary; record += 37) {
      expectTrueBounds(model, alongResidual(model, record), 14);
    }
  });

  it('would not be without the reach', () => {
    const { stages, ...screen } = screenOf(model);
    const blind = {
      ...screen,
      stages: stages.map((stage) => ({ ...stage, reach: stage.reach.map(() => 0) })),
    };
    const isZero = model.embedding.every((weight) => weight === 0);
    const covered = columnsOf(screenOf(model)) === model.config.dimension && stages.length === 1;
    const check = () => expectTrueBounds({ ...model, screen: blind }, alongResidual(model, 5), 14);
    if (isZero || covered) check();
    else expect(check).toThrow(/below/);
  });
});

describe('a screen', () => {
  it('leaves out most rows of a model whose rows are alike', () => {
    const model = SCREENED_MODELS.skewed;
    const screen = screenOf(model);
    const session = new IntegerSession(model);
    let activations = new Int16Array(0);
    session.probe = ({ name, values }) => {
      if (name === 'final_norm') activations = Int16Array.from(values);
    };
    let wanted = 0;
    const steps = 40;
    for (let token = 0; token < steps; token++) {
      const logits = session.step(token);
      const step = screenStep(screen, activations);
      // The exponent does not reach the probe; it is found again from the logits.
      const exponent = Array.from({ length: 31 }, (_, e) => e).findIndex((e) =>
        logits.subarray(0, 9).every((logit, v) => exactLogit(model, activations, e, v) === logit),
      );
      const threshold = screenThreshold(
        model,
        screen,
        step,
        exponent,
        logits.reduce((a, b) => Math.max(a, b)),
      );
      for (let record = 0; record < screen.tokens.length; record++) {
        if (boundOf(screen, step, record, 2) >= threshold) wanted++;
      }
    }
    expect(wanted / steps).toBeGreaterThanOrEqual(1);
    expect(wanted / steps / screen.tokens.length).toBeLessThan(0.25);
  });

  it('is the same for the same model', () => {
    const model = SCREENED_MODELS.odd;
    expect(makeScreen({ ...model, screen: null })).toEqual(model.screen);
  });

  it('is made where it is worth its flash: for a single softmax over many tokens', () => {
    const small = makeRandomModel(SMALL_CONFIG, 1);
    expect(withScreen(small)).toBe(small);
    const clustered = makeRandomModel({ ...SMALL_CONFIG, vocabulary: 2001, clusters: 40 }, 1);
    expect(withScreen(clustered)).toBe(clustered);
    const large = makeRandomModel({ ...SMALL_CONFIG, vocabulary: 2001 }, 1);
    expect(withScreen(large).screen?.stages[0].records).toBe(2001);
  });
});

describe('matrices', () => {
  const n = 17;
  const random = new RandomNumbers(9);
  const any = Float64Array.from({ length: n * n }, () => random.normal());
  const symmetric = multiply(any, transposed(any, n), n);
  const expectClose = (a: Float64Array, b: Float64Array) => {
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], 8);
  };
  const identity = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

  it('have eigenvectors', () => {
    const { values, vectors } = symmetricEigen(symmetric, n);
    expectClose(multiply(vectors, transposed(vectors, n), n), identity);
    const scaled = vectors.map((element, i) => element * values[Math.floor(i / n)]);
    expectClose(multiply(transposed(vectors, n), scaled, n), symmetric);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  it('have a triangle and an inverse', () => {
    const lower = cholesky(symmetric, n);
    expectClose(multiply(lower, transposed(lower, n), n), symmetric);
    expect(lower[n - 1]).toBe(0);
    const inverse = inverseOf(any, n);
    expectClose(multiply(any, inverse ?? identity, n), identity);
    expect(
      inverseOf(
        any.map((element, i) => (i < n ? 0 : element)),
        n,
      ),
    ).toBeNull();
  });
});
