import { writeImage } from '../../src/image/write.js';
import type { HeadScreen, IntegerModel } from '../../src/integer/model.js';
import { plannedStages } from '../../src/quantise/screen/screen.js';
import type { ModelShape } from '../../src/report/image-size.js';
import { FIRST_PIECE_TOKEN } from '../../src/tokenizer/tokenizer.js';
import { makePieces, makeRandomModel } from '../integer/random-model.js';

/** A screen of the shape that training makes, which says nothing. */
function emptyScreen(shape: IntegerModel['config']): HeadScreen | null {
  const { vocabulary, dimension } = shape;
  const stages = plannedStages(shape).map(({ records, columns }) => ({
    records,
    columns,
    codes: new Int8Array(records * columns),
    scale: new Uint16Array(records),
    reach: new Uint16Array(records),
  }));
  if (stages.length === 0) return null;
  return {
    fractionBits: 0,
    reachShift: 0,
    shift: new Uint8Array(dimension),
    transform: new Int8Array(dimension * dimension),
    tokens: Uint16Array.from({ length: vocabulary }, (_, token) => token),
    stages,
  };
}

/** An image of random weights whose learned pieces all have one length. */
export function imageWithPieces(config: ModelShape, bytesOfPiece: number): Uint8Array {
  const { context: _, ...shape } = { context: 0, ...config }; // presets have one
  const { vocabulary } = shape;
  const model = makeRandomModel(shape, 1);
  const learned = Array.from({ length: vocabulary - FIRST_PIECE_TOKEN }, (_, index) =>
    new TextEncoder().encode(index.toString(16).padStart(bytesOfPiece, '0')),
  );
  return writeImage({
    ...model,
    screen: emptyScreen(shape),
    pieces: [...makePieces(FIRST_PIECE_TOKEN), ...learned],
  });
}
