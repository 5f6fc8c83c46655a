/** Limits of docs/arithmetic.md that more than one step of the road has to keep. */

/** Largest magnitude of an element of the residual stream (16 fraction bits). */
export const RESIDUAL_LIMIT = 2 ** 30 - 1;
/** Largest magnitude of a gate, a value or an up projection. */
export const GATE_LIMIT = 32767;
/** Largest magnitude of an activation that enters a matrix. */
export const ACTIVATION_LIMIT = 4096;
/** Largest magnitude of a folded norm weight. */
export const NORM_WEIGHT_LIMIT = 32000;
/** Largest sum of |tap| over the taps of one channel. */
export const TAP_SUM_LIMIT = 32767;
/** Largest magnitude of a shifted accumulator, and of everything that is multiplied or rounded. */
export const ACCUMULATOR_LIMIT = 2 ** 30;
export const LOGIT_LIMIT = 2 ** 30;
/** Largest magnitude of a token's logit within its cluster, and of the cluster's own. */
export const CLUSTERED_LOGIT_LIMIT = 2 ** 29;
/** Fraction bits that a gate, the argument of a sigmoid, may have. */
export const MINIMUM_GATE_FRACTION_BITS = 4;
export const MAXIMUM_GATE_FRACTION_BITS = 14;
/** Fraction bits that an up projection may have; the arithmetic itself does not use them. */
export const MAXIMUM_UP_FRACTION_BITS = 30;
/** Largest magnitude of a right shift in an image; far beyond 31 every shift gives 0 or saturates. */
export const RIGHT_SHIFT_LIMIT = 1023;
export const MAXIMUM_LEFT_SHIFT = 30;
export const MAXIMUM_MULTIPLIER = 65535;
/** A screen has at most so many stages, and so many codes for a row in all of them. */
export const MAXIMUM_STAGES = 4;
export const MAXIMUM_SCREEN_COLUMNS = 256;
/** Largest shift of a row of a screen's transform, and of its reaches. */
export const MAXIMUM_TRANSFORM_SHIFT = 14;
export const MAXIMUM_REACH_SHIFT = 10;
/** Largest magnitude of an embedding element. */
export const EMBEDDING_LIMIT = 127;
