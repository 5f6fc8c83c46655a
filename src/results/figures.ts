import { z } from 'zod';

const words = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 hexadecimal digits');

/** The stories that bits per character are of, so named that another can find the same ones. */
export const evaluationSchema = z.strictObject({
  /** Of the file, without its folder. */
  name: words,
  sha256,
  /** How many of them were used, from the first. */
  stories: z.int().positive(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** A figure that others published, or that was measured by other means than the command `results`. */
export const quotedFigureSchema = z.strictObject({
  value: z.number().positive(),
  /** Where the source knows it only so far. */
  range: z.strictObject({ low: z.number().positive(), high: z.number().positive() }).optional(),
  /** Who found it, and how, in a sentence. */
  source: words,
});
export type QuotedFigure = z.infer<typeof quotedFigureSchema>;

/** Another's model. What is not known is not there. */
export const rivalSchema = z.strictObject({
  name: words,
  /** Where it is published. */
  address: z.url(),
  /** How its weights are stored: "float", "int8". */
  weights: words,
  /** Bytes that the model takes in flash, without a program. */
  bytesInFlash: quotedFigureSchema,
  /** Lossless bits per character. */
  bpc: quotedFigureSchema,
  /** Instructions executed for a token, by the core that executes them: names as in boards/*.json. */
  instructionsPerToken: z.record(words, quotedFigureSchema),
});
export type Rival = z.infer<typeof rivalSchema>;

/** The rivals of a file, all evaluated on the same stories: their bits per character say nothing beside others. */
export const rivalsSchema = z.strictObject({ evaluation: evaluationSchema, models: z.array(rivalSchema) });
export type Rivals = z.infer<typeof rivalsSchema>;

/** What a board's emulator made of a model. */
const boardRunSchema = z.strictObject({
  /** Id of the board. */
  board: words,
  /**
   * Mean over a short story that is sampled as a board samples when it starts: the model, the sampler and the printing.
   * null where it was not counted.
   */
  instructionsPerToken: z.int().positive().nullable(),
  /** The same for a story of the likeliest tokens. */
  instructionsPerLikeliestToken: z.int().positive().nullable(),
  /** Why it was not, in words; null where it was. */
  missing: words.nullable(),
  /** Every logit of so many steps equals the reference's; null where nothing ran. */
  paritySteps: z.int().positive().nullable(),
});
export type BoardRun = z.infer<typeof boardRunSchema>;

/** A model of this project's, measured. */
const measuredModelSchema = z.strictObject({
  name: words,
  /** Of its image, eight hexadecimal digits. */
  fingerprint: z.string().regex(/^[0-9a-f]{8}$/),
  parameters: z.int().positive(),
  /** Length of model.flm. */
  bytesInFlash: z.int().positive(),
  /** Lossless bits per character in integer arithmetic. */
  bpc: z.number().positive(),
  /** On the evaluation stories. */
  charactersPerToken: z.number().positive(),
  /** In the order of the boards. */
  runs: z.array(boardRunSchema),
});
export type MeasuredModel = z.infer<typeof measuredModelSchema>;

/** A board that instructions were counted for. */
const countedBoardSchema = z.strictObject({
  id: words,
  name: words,
  core: words,
  /** What its firmware ran on, in words. */
  target: words,
});
export type CountedBoard = z.infer<typeof countedBoardSchema>;

/** Every figure of a page of results: the page and its pictures are made from nothing else. */
export const resultsSchema = z.strictObject({
  /** What measures the same again. */
  command: words,
  evaluation: evaluationSchema,
  /** The first is the one of the picture. */
  boards: z.array(countedBoardSchema).min(1),
  models: z.array(measuredModelSchema),
  rivals: rivalsSchema,
});
export type Results = z.infer<typeof resultsSchema>;

/** The rivals whose bits per character are of the same stories as the models'. */
export function comparableRivals({ evaluation, rivals }: Results): Rival[] {
  const isSame =
    rivals.evaluation.sha256 === evaluation.sha256 && rivals.evaluation.stories === evaluation.stories;
  return isSame ? rivals.models : [];
}
