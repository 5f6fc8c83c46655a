import { FloatSession } from '../float/forward.js';
import type { FloatModel } from '../float/model.js';
import { IntegerSession } from '../integer/forward.js';
import type { IntegerModel } from '../integer/model.js';
import { floatStoryBits, integerStoryBits } from './story-bits.js';

/** What is evaluated; plain data, so that it can travel to a worker. */
export interface EvaluatedModels {
  integerModel: IntegerModel;
  floatModel: FloatModel | null;
  /** Of an activation of the integer model; the chip's where it is left out. */
  activationBits?: number;
}

/** Bits that the models spend on one story. */
export interface StoryBits {
  integer: number;
  /** null without a float model */
  float: number | null;
}

/** The models, ready for one story after another. */
export class Evaluator {
  private readonly integerSession: IntegerSession;
  private readonly floatSession: FloatSession | null;

  constructor({ integerModel, floatModel, activationBits }: EvaluatedModels) {
    this.integerSession = new IntegerSession(integerModel, activationBits);
    this.floatSession = floatModel === null ? null : new FloatSession(floatModel);
  }

  evaluate(tokens: ArrayLike<number>): StoryBits {
    return {
      integer: integerStoryBits(this.integerSession, tokens),
      float: this.floatSession === null ? null : floatStoryBits(this.floatSession, tokens),
    };
  }
}
