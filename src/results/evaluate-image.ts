import { z } from 'zod';
import { evaluateBpc } from '../evaluate/bpc.js';
import { readImage } from '../image/read.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import type { EvaluationStories } from './evaluation-stories.js';
import { remember } from './remember.js';

const imageEvaluationSchema = z.strictObject({
  /** Lossless bits per character in integer arithmetic. */
  bpc: z.number().positive(),
  charactersPerToken: z.number().positive(),
});

/** What an image makes of the evaluation stories. */
export type ImageEvaluation = z.infer<typeof imageEvaluationSchema>;

export interface EvaluateOptions {
  /** Worker threads; by default one for each core, at most 4. */
  workers?: number;
  onProgress?: (share: number) => void;
}

/**
 * Bits per character of an image alone, as a board has it: integer arithmetic, and text cut into tokens as a chip cuts
 * it. Minutes for 500 stories, unless the same was measured before.
 *
 * @throws FlashlmError bad-image, bad-stories, bad-argument, write-failed
 */
export function evaluateImage(
  image: Uint8Array,
  { evaluation, stories }: EvaluationStories,
  { workers, onProgress }: EvaluateOptions = {},
): Promise<ImageEvaluation> {
  return remember({
    name: 'bpc',
    inputs: [image, evaluation.sha256, String(evaluation.stories)],
    code: ['evaluate', 'image', 'integer', 'model', 'products', 'tokenizer'],
    schema: imageEvaluationSchema,
    measure: async () => {
      const integerModel = readImage(image);
      const { bpc, charactersPerToken } = await evaluateBpc({
        stories,
        tokenizer: Tokenizer.fromPieces(integerModel.pieces),
        integerModel,
        ...(workers === undefined ? {} : { workers }),
        onProgress: ({ tokens, totalTokens }) => onProgress?.(tokens / totalTokens),
      });
      return { bpc, charactersPerToken };
    },
  });
}
