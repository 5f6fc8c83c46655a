import type { IntegerModel } from '../integer/model.js';
import { Sampler } from '../integer/sampler.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { type Sample, type SampleSettings, writeSample } from './samples.js';
import { STORY_PROMPTS } from './story-prompts.js';
import { doAll } from './worker-pool.js';

/** How all of the stories are told; the seed is that of the first one. */
export type TellingSettings = Omit<SampleSettings, 'prompt'>;

export interface TellOptions {
  model: IntegerModel;
  settings: TellingSettings;
  /** Worker threads; by default one for each core, at most 4. */
  workers?: number;
  /** Called as each story finishes. */
  onProgress?: (done: number, ofStories: number) => void;
}

const SEEDS = 2 ** 32;

/**
 * Has a model tell one story for each prompt of story-prompts.ts, as a chip tells it: integer arithmetic, and the
 * prompt cut into tokens as a chip cuts it. Story k has the seed of the settings plus k - 1, so all are known beforehand
 * and none is chosen.
 *
 * @throws FlashlmError `bad-argument` for a setting out of its range
 */
export async function tellStories({ model, settings, workers, onProgress }: TellOptions): Promise<Sample[]> {
  const tasks = STORY_PROMPTS.map((prompt, index) => ({
    ...settings,
    prompt,
    seed: (settings.seed + index) % SEEDS,
  }));
  // Here, because an error that a worker throws loses its class on the way.
  new Sampler({ ...settings, temperatureThousandths: Math.round(settings.temperature * 1000) });
  const told: Sample[] = new Array(tasks.length);
  let done = 0;
  await doAll<SampleSettings, Sample>({
    tasks,
    workers,
    program: new URL('./story-worker.js', import.meta.url),
    data: model,
    workHere: () => storyTeller(model),
    onResult: (index, sample) => {
      told[index] = sample;
      onProgress?.(++done, tasks.length);
    },
  });
  return told;
}

/** What tells one story after another with a model. */
export function storyTeller(model: IntegerModel): (settings: SampleSettings) => Sample {
  const tokenizer = Tokenizer.fromPieces(model.pieces);
  return (settings) => writeSample(model, tokenizer, settings);
}
