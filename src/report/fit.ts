import type { Board, Framework } from '../boards/board.js';
import { FlashlmError } from '../errors.js';
import { parseHeader } from '../image/header.js';
import { type Fit, type FitRequest, fitShape, type MemoryFit } from './board-fit.js';
import { formatCount } from './format.js';
import { largestPreset, largestVocabulary, largestWidth } from './proposals.js';

export { availableFlash, type Fit, type MemoryFit } from './board-fit.js';

/**
 * Whether an image fits a board, estimated without a compiler.
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function checkFit(image: Uint8Array, board: Board, framework: Framework): Fit {
  return fitShape(requestOf(image, board, framework));
}

/**
 * Lets through what fits.
 *
 * @returns the numbers of `checkFit`
 * @throws FlashlmError does-not-fit: by how many bytes, and what would fit; bad-image for a damaged header or table
 */
export function requireFit(image: Uint8Array, board: Board, framework: Framework): Fit {
  const request = requestOf(image, board, framework);
  const fit = fitShape(request);
  if (fit.fits) return fit;
  const note = board.memory.flashNote;
  const shortages = [
    shortage('flash', 'the image', fit.flash) +
      (fit.flash.missing === 0 || note === undefined ? '' : `; ${note}`),
    shortage('RAM', 'the variables', fit.ram),
  ];
  throw new FlashlmError(
    'does-not-fit',
    `The model ${parseHeader(image).name} does not fit ${board.name} (${framework}): ` +
      `${shortages.filter((text) => text !== '').join('; ')}.`,
    formatProposals(proposals(request)),
  );
}

function requestOf(image: Uint8Array, board: Board, framework: Framework): FitRequest {
  return { shape: parseHeader(image).config, imageBytes: image.length, board, framework };
}

function shortage(memory: string, part: string, { model, allowance, available, missing }: MemoryFit): string {
  if (missing === 0) return '';
  return (
    `it needs ${formatCount(missing)} bytes of ${memory} more than the ${formatCount(available)} there are ` +
    `(${part} ${formatCount(model)}, allowance for the rest of the program ${formatCount(allowance)})`
  );
}

/**
 * The nearest things that fit where an image does not, as phrases; none where nothing does.
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function proposeFits(image: Uint8Array, board: Board, framework: Framework): string[] {
  return proposals(requestOf(image, board, framework));
}

function proposals(request: FitRequest): string[] {
  const preset = largestPreset(request);
  const vocabulary = largestVocabulary(request);
  const width = largestWidth(request);
  const framework = request.board.frameworks.find((other) => fitShape({ ...request, framework: other }).fits);
  return [
    ...(framework === undefined ? [] : [`this model with --framework ${framework}`]),
    ...(preset === null ? [] : [`the preset ${preset}`]),
    ...(vocabulary === null ? [] : [`this shape with a vocabulary of ${vocabulary}`]),
    ...(width === null
      ? []
      : [`this shape with a dimension of ${width.dimension} and a feed-forward of ${width.hidden}`]),
  ];
}

/** As one sentence. */
export function formatProposals(choices: string[]): string {
  return choices.length === 0
    ? 'No preset fits this board either: choose a board with more memory.'
    : `What fits: ${choices.join(', or ')}.`;
}
