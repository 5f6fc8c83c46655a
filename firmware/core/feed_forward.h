/*
 * The gated feed-forward layer, the second half of a block: what a token makes of what it saw.
 *
 *     residual += down(silu(gate) * up),   gate, up = halves of in(norm2(residual)),   silu(x) = x * sigmoid(x)
 *
 * docs/arithmetic.md, section 6, "ffn".
 */
#ifndef FLASHLM_FEED_FORWARD_H
#define FLASHLM_FEED_FORWARD_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Adds the feed-forward layer of a block to the residual stream. */
void flashlm_feed_forward(struct flashlm_state *state, uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
