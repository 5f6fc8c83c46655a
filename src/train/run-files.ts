import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { type Sample, writeSample } from '../evaluate/samples.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { writeImage } from '../image/write.js';
import type { IntegerModel } from '../integer/model.js';
import { quantise } from '../quantise/quantise.js';
import { withScreen } from '../quantise/screen/screen.js';
import { renderLossPicture } from './loss-picture.js';
import type { TrainingState } from './resume.js';

export const LOSS_PICTURE = 'loss.svg';
const SAMPLES_FILE = 'samples.md';

/** Samples are written so many times in a run, evenly over its budget. */
const SAMPLES_IN_RUN = 10;

/** Draws the loss so far. */
export async function writeLossPicture(directory: string, state: TrainingState): Promise<void> {
  const { training, heldOut } = state.losses;
  const picture = renderLossPicture({ title: path.basename(path.resolve(directory)), training, heldOut });
  await writeFileAtomically(path.join(directory, LOSS_PICTURE), picture);
}

/** Makes model.flm from the checkpoint in the folder. */
export async function writeModelImage(
  directory: string,
): Promise<{ integerModel: IntegerModel; imageBytes: number }> {
  const { model, tokenizer } = await readCheckpoint(directory);
  const integerModel = withScreen(quantise(model, tokenizer.pieces));
  const image = writeImage(integerModel);
  await writeFileAtomically(path.join(directory, 'model.flm'), image);
  return { integerModel, imageBytes: image.length };
}

/** Keeps what the model writes as it learns: a sample at each tenth of the budget, in samples.md. */
export class SampleDiary {
  private written: number;

  /** @param share used part of the budget where this call begins */
  constructor(
    private readonly directory: string,
    share: number,
  ) {
    this.written = Math.floor(share * SAMPLES_IN_RUN);
  }

  /** Writes a sample of the checkpoint in the folder if it is time for one. */
  async keep(state: TrainingState, share: number): Promise<void> {
    const due = Math.floor(share * SAMPLES_IN_RUN);
    if (due <= this.written) return;
    this.written = due;
    const { model, tokenizer } = await readCheckpoint(this.directory);
    const sample = writeSample(quantise(model, tokenizer.pieces), tokenizer);
    await appendFile(path.join(this.directory, SAMPLES_FILE), describe(sample, state));
  }
}

function describe(
  { text, seed, temperature, topK }: Sample,
  { step, minutes, losses }: TrainingState,
): string {
  const bpc = losses.heldOut.at(-1)?.bpc;
  const heldOut = bpc === undefined ? '' : `, held-out BPC ${bpc.toFixed(3)}`;
  return (
    `## Step ${step}, ${minutes.toFixed(1)} minutes${heldOut}\n\n` +
    `Seed ${seed}, temperature ${temperature}, top ${topK}:\n\n${text.replaceAll(/^/gm, '> ')}\n\n`
  );
}
