/* Large arrays. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Zeroed floats, in large pages where the system has them; NULL where memory is short. Released by free(). */
float *allocate_floats(size_t count);

#endif
