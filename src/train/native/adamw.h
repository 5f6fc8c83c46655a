/* AdamW (Loshchilov and Hutter, 2019). */
#ifndef ADAMW_H
#define ADAMW_H

#include "trainer.h"

/* Updates elements first..last-1 in place, those of groups for Muon left out. */
void adamw_update(const struct trainer_vectors *vectors, const struct optimizer_step *step,
                  const struct parameter_group *groups, size_t group_count, size_t first, size_t last);

#endif
