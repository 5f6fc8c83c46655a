/*
 * Muon (Jordan et al., 2024): momentum whose update of a matrix is brought near the nearest orthogonal one, so that all
 * directions of the matrix learn at the same rate.
 */
#ifndef MUON_H
#define MUON_H

#include "trainer.h"

/* Floats of workspace for a matrix. */
size_t muon_workspace_length(size_t rows, size_t columns);

/*
 * Updates the matrix [group->rows x group->columns] at `offset` of the parameters, in place; its momentum is kept in
 * the first moment.
 */
void muon_update(const struct trainer_vectors *vectors, const struct optimizer_step *step,
                 const struct parameter_group *group, size_t offset, float *workspace);

#endif
