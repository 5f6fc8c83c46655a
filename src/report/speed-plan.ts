import type { Staging } from '../generate/staging.js';
import { bytesPerToken, estimateSpeed, formatTokens, type SpeedEstimate, weightSourceOf } from './speed.js';
import { chooseStagedWeights, type StagingRequest } from './staged-weights.js';

/** How fast a board would be with a model. */
export interface SpeedPlan {
  /** What is copied into RAM. */
  staging: Staging;
  /** Where instructions were not counted, the most that memory can deliver. */
  estimate: SpeedEstimate;
  /** The same if no weights were copied into RAM. */
  estimateWithoutStaging: SpeedEstimate;
}

/**
 * Chooses the weights that are copied into RAM, and says what that gains.
 * @throws FlashlmError bad-image for a damaged header or table
 */
export function planSpeed(request: StagingRequest): SpeedPlan {
  const { image, board, framework, cost } = request;
  const staging = chooseStagedWeights(request);
  const source = weightSourceOf(board, framework, image.length);
  const work = {
    bytesPerToken: cost?.bytesPerToken ?? bytesPerToken(image),
    instructionsPerToken: cost?.instructionsPerToken ?? null,
    cores: cost?.cores ?? 1,
  };
  return {
    staging,
    estimate: estimateSpeed(board, source, { ...work, stagedBytes: staging.bytes }),
    estimateWithoutStaging: estimateSpeed(board, source, { ...work, stagedBytes: 0 }),
  };
}

/** What copies of weights in RAM gain, as one line for people; empty where there is nothing to say. */
export function formatStagingGain(estimate: SpeedEstimate, without: SpeedEstimate): string {
  if (without.tokensPerSecond === null || estimate.tokensPerSecond === null) return '';
  if (estimate.stagedBytes > 0) return `without copies in RAM: ${formatTokens(without.tokensPerSecond)}`;
  const [slowest, faster] = estimate.ceilings;
  const waitsForCore =
    slowest.limit === 'instructions' && estimate.tokensPerSecond === slowest.tokensPerSecond;
  return waitsForCore && faster !== undefined
    ? `no weights are copied into RAM: ${faster.limit} is faster than the core`
    : '';
}
