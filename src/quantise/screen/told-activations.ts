import { IntegerSession } from '../../integer/forward.js';
import type { IntegerModel } from '../../integer/model.js';
import { Sampler } from '../../integer/sampler.js';
import { END_OF_STORY } from '../../tokenizer/tokenizer.js';

/** Enough that another set of stories gives a screen that leaves out as much. */
const STORIES = 32;
const TOKENS_OF_A_STORY = 64;

/**
 * What enters the head in stories that the model tells by itself: the same model always tells the same.
 *
 * @returns of each token the head's activations [d], without their exponent
 */
export function toldActivations(model: IntegerModel): Int32Array[] {
  const told: Int32Array[] = [];
  const session = new IntegerSession(model);
  session.probe = ({ name, values }) => {
    if (name === 'final_norm') told.push(values);
  };
  for (let seed = 0; seed < STORIES; seed++) {
    session.reset();
    const sampler = new Sampler({ seed, temperatureThousandths: 1000, topK: 64 });
    let token = END_OF_STORY;
    for (let i = 0; i < TOKENS_OF_A_STORY && (i === 0 || token !== END_OF_STORY); i++) {
      token = sampler.sample(session.step(token));
    }
  }
  return told;
}
