import type { FixedPointScale, IntegerBlock, IntegerClusters, IntegerModel } from '../integer/model.js';
import type { ModelConfig } from '../model/config.js';

/** The numbers of the fixed_point section that belong to the whole model. */
export type ModelFixedPoints = Pick<
  IntegerModel,
  'squareShift' | 'epsilon' | 'embeddingShift' | 'headLeftShift' | 'headRightShift'
>;

/** The numbers of the fixed_point section that belong to the clusters. */
export type ClusterFixedPoints = Pick<IntegerClusters, 'headLeftShift' | 'headRightShift'>;

/** The numbers of the fixed_point section that belong to one block. */
export type BlockFixedPoints = Pick<
  IntegerBlock,
  | 'mixerUpScale'
  | 'mixerFractionBits'
  | 'mixerDownScale'
  | 'ffnGateScale'
  | 'gateFractionBits'
  | 'ffnUpScale'
  | 'upFractionBits'
  | 'ffnDownScale'
>;

/** All numbers of the fixed_point section. */
export interface FixedPoints extends ModelFixedPoints {
  blocks: BlockFixedPoints[];
  /** null for a plain softmax */
  clusters: ClusterFixedPoints | null;
}

/** The numbers of section fixed_point, in the order of docs/image-format.md. */
export function fixedPointNumbers(model: FixedPoints): number[] {
  const scale = ({ leftShift, multiplier, rightShift }: FixedPointScale) => [
    leftShift,
    multiplier,
    rightShift,
  ];
  return [
    model.squareShift,
    model.epsilon,
    model.embeddingShift,
    model.headLeftShift,
    model.headRightShift,
    0,
    ...model.blocks.flatMap((block) => [
      ...scale(block.mixerUpScale),
      block.mixerFractionBits,
      ...scale(block.mixerDownScale),
      ...scale(block.ffnGateScale),
      block.gateFractionBits,
      ...scale(block.ffnUpScale),
      block.upFractionBits,
      ...scale(block.ffnDownScale),
    ]),
    ...(model.clusters === null ? [] : [model.clusters.headLeftShift, model.clusters.headRightShift]),
  ];
}

/** Reads back what `fixedPointNumbers` lists. */
export function parseFixedPointNumbers(
  numbers: ArrayLike<number>,
  { blocks, clusters }: Pick<ModelConfig, 'blocks' | 'clusters'>,
): FixedPoints {
  let position = 0;
  const next = () => numbers[position++];
  const nextScale = (): FixedPointScale => ({ leftShift: next(), multiplier: next(), rightShift: next() });

  const model: ModelFixedPoints = {
    squareShift: next(),
    epsilon: next(),
    embeddingShift: next(),
    headLeftShift: next(),
    headRightShift: next(),
  };
  next(); // reserved
  return {
    ...model,
    blocks: Array.from({ length: blocks }, () => ({
      mixerUpScale: nextScale(),
      mixerFractionBits: next(),
      mixerDownScale: nextScale(),
      ffnGateScale: nextScale(),
      gateFractionBits: next(),
      ffnUpScale: nextScale(),
      upFractionBits: next(),
      ffnDownScale: nextScale(),
    })),
    clusters: clusters === undefined ? null : { headLeftShift: next(), headRightShift: next() },
  };
}
