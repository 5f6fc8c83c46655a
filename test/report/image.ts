import { writeImage } from '../../src/image/write.js';
import type { ModelShape } from '../../src/report/image-size.js';
import { FIRST_PIECE_TOKEN } from '../../src/tokenizer/tokenizer.js';
import { makePieces, makeRandomModel } from '../integer/random-model.js';

/** An image of random weights whose learned pieces all have one length. */
export function imageWithPieces(config: ModelShape, bytesOfPiece: number): Uint8Array {
  const { context: _, ...shape } = { context: 0, ...config }; // presets have one
  const { vocabulary } = shape;
  const model = makeRandomModel(shape, 1);
  const learned = Array.from({ length: vocabulary - FIRST_PIECE_TOKEN }, (_, index) =>
    new TextEncoder().encode(index.toString(16).padStart(bytesOfPiece, '0')),
  );
  return writeImage({ ...model, pieces: [...makePieces(FIRST_PIECE_TOKEN), ...learned] });
}
