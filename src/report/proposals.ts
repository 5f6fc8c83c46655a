import { type ModelConfig, parameterCount } from '../model/config.js';
import { PRESETS, type PresetName } from '../model/presets.js';
import { type FitRequest, fitShape } from './board-fit.js';
import { imageBytesOf, type ModelShape } from './image-size.js';

/** What is proposed must fit even if its pieces are longer than average. */
const MARGIN = 1.01;
/** Vocabularies are proposed in steps of this size. */
const VOCABULARY_STEP = 256;
const SMALLEST_PROPOSAL = 512;

/** The preset with the most parameters of those that fit; null if none does. */
export function largestPreset(request: FitRequest): PresetName | null {
  const presets = Object.entries(PRESETS) as [PresetName, ModelConfig][];
  const [largest] = presets
    .filter(([, config]) => wouldFit(request, config))
    .sort(([, a], [, b]) => parameterCount(b) - parameterCount(a));
  return largest?.[0] ?? null;
}

/** The largest vocabulary, a multiple of 256 below the model's own, with which its shape fits; null if none does. */
export function largestVocabulary(request: FitRequest): number | null {
  const below = Math.ceil(request.shape.vocabulary / VOCABULARY_STEP) - 1;
  for (let steps = below; steps * VOCABULARY_STEP >= SMALLEST_PROPOSAL; steps--) {
    const vocabulary = steps * VOCABULARY_STEP;
    if (wouldFit(request, { ...request.shape, vocabulary })) return vocabulary;
  }
  return null;
}

/** Dimensions and feed-forward widths are proposed in steps of so many. */
const WIDTH_STEP = 8;
/** What is narrower tells no stories. */
const SMALLEST_DIMENSION = 64;

/** A shape's width: of the embedding and all vectors, and of the feed-forward layer. */
export interface Width {
  dimension: number;
  hidden: number;
}

/**
 * The widest that the model's shape can be on the board, its feed-forward layer narrowed in proportion; null if none below
 * the model's own fits.
 */
export function largestWidth(request: FitRequest): Width | null {
  const { dimension: own, hidden, memory } = request.shape;
  // The heads of a memory must divide the dimension.
  const step = WIDTH_STEP * (memory?.heads ?? 1);
  for (
    let dimension = Math.ceil(own / step) * step - step;
    dimension >= SMALLEST_DIMENSION;
    dimension -= step
  ) {
    const width = { dimension, hidden: Math.round((hidden * dimension) / own / WIDTH_STEP) * WIDTH_STEP };
    if (wouldFit(request, { ...request.shape, ...width })) return width;
  }
  return null;
}

function wouldFit(request: FitRequest, shape: ModelShape): boolean {
  return fitShape({ ...request, shape, imageBytes: Math.ceil(imageBytesOf(shape) * MARGIN) }).fits;
}
