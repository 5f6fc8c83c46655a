/* How fast the float products are on this computer. */
#ifndef PRODUCT_RATE_H
#define PRODUCT_RATE_H

#include <stddef.h>

/* Floating-point operations a second of y = x W^T on one thread, the best of a few; 0 where memory is short. */
double product_rate(size_t tokens, size_t outputs, size_t inputs);

#endif
