/*
 * Compares a kernel with sums that are added up weight by weight, on matrices of every size that matters. Runs on any
 * port: prints one line for each matrix that differs, a dot for each size, how many do not differ, and "done".
 *
 * ROWS_MULTIPLE: what the kernel's row counts are multiples of.
 * MOST_ROWS, MOST_WEIGHTS, MOST_PACKED_BYTES: of a matrix, for ports with little RAM; larger ones are left out.
 */
#include "../../core/kernel.h"
#include "../../ports/port.h"

#define MOST_COLUMNS 260
#define LARGEST_ACTIVATION 4096
#define GROUPS_OF_A_QUAD 4
#define COLUMNS_OF_A_GROUP 5

#if !defined(MOST_ROWS)
#define MOST_ROWS 256
#define MOST_WEIGHTS (MOST_ROWS * MOST_COLUMNS)
#define MOST_PACKED_BYTES (MOST_COLUMNS / FLASHLM_QUAD_COLUMNS * MOST_ROWS * GROUPS_OF_A_QUAD)
#endif

static uint8_t packed[MOST_PACKED_BYTES];
static int8_t weights[MOST_WEIGHTS]; /* row by row */
static int16_t activations[MOST_COLUMNS];
static int32_t accumulators[MOST_ROWS + 1];

#if FLASHLM_PAGE_BYTES > 0

/* Flash that is not mapped holds nothing but the matrix. */
void flashlm_port_read(uint32_t offset, uint32_t *words, uint32_t bytes) {
    uint8_t *to = (uint8_t *)words;
    uint32_t i;
    for (i = 0; i < bytes; i++) {
        to[i] = packed[offset + i];
    }
}

#define WEIGHTS 0

#else

#define WEIGHTS packed

#endif

static uint32_t generator = 2463534242u;

static uint32_t next_number(void) {
    generator ^= generator << 13;
    generator ^= generator >> 17;
    generator ^= generator << 5;
    return generator >> 8;
}

static void print(const char *text) {
    while (*text != '\0') {
        flashlm_port_put((uint8_t)*text++);
    }
}

static void print_number(uint32_t number) {
    if (number >= 10) {
        print_number(number / 10);
    }
    flashlm_port_put((uint8_t)('0' + number % 10));
}

enum fill { RANDOM, LARGEST_SUM, SMALLEST_SUM, MIXED_LARGEST };

static void fill_matrix(uint32_t rows, uint32_t columns, enum fill fill) {
    uint32_t row;
    uint32_t column;
    for (column = 0; column < MOST_COLUMNS; column++) {
        int16_t value = (int16_t)((int32_t)(next_number() % (2 * LARGEST_ACTIVATION + 1)) - LARGEST_ACTIVATION);
        if (fill == MIXED_LARGEST) {
            value = value < 0 ? -LARGEST_ACTIVATION : LARGEST_ACTIVATION;
        } else if (fill != RANDOM) {
            value = LARGEST_ACTIVATION;
        }
        activations[column] = value;
    }
    for (row = 0; row < rows; row++) {
        for (column = 0; column < columns; column++) {
            int8_t weight = (int8_t)((int32_t)(next_number() % 3) - 1);
            if (fill == LARGEST_SUM) {
                weight = 1;
            } else if (fill == SMALLEST_SUM) {
                weight = -1;
            } else if (fill == MIXED_LARGEST) {
                weight = activations[column] < 0 ? -1 : 1;
            }
            weights[row * columns + column] = weight;
        }
    }
}

/* docs/image-format.md, "Packed ternary". */
static void pack(uint32_t rows, uint32_t columns) {
    static const uint8_t places[COLUMNS_OF_A_GROUP] = {1, 3, 9, 28, 84};
    uint8_t *code = packed;
    uint32_t first;
    uint32_t row;
    uint32_t group;
    uint32_t i;
    for (first = 0; first < columns; first += FLASHLM_QUAD_COLUMNS) {
        for (row = 0; row < rows; row++) {
            for (group = 0; group < GROUPS_OF_A_QUAD; group++) {
                *code = 0;
                for (i = 0; i < COLUMNS_OF_A_GROUP; i++) {
                    uint32_t column = first + COLUMNS_OF_A_GROUP * group + i;
                    int32_t weight = column < columns ? weights[row * columns + column] : 0;
                    *code = (uint8_t)(*code + (uint32_t)(weight + 1) * places[i]);
                }
                code++;
            }
        }
    }
}

static int is_right(uint32_t rows, uint32_t columns) {
    const int32_t untouched = 123456789;
    uint32_t row;
    uint32_t column;
    accumulators[rows] = untouched;
    flashlm_ternary_product(WEIGHTS, rows, columns, activations, accumulators);
    for (row = 0; row < rows; row++) {
        int32_t sum = 0;
        for (column = 0; column < columns; column++) {
            sum += weights[row * columns + column] * (int32_t)activations[column];
        }
        if (sum != accumulators[row]) {
            return 0;
        }
    }
    return accumulators[rows] == untouched;
}

static int fits(uint32_t rows, uint32_t columns) {
    uint32_t quads = (columns + FLASHLM_QUAD_COLUMNS - 1) / FLASHLM_QUAD_COLUMNS;
    return rows <= MOST_ROWS && rows * columns <= MOST_WEIGHTS &&
           rows * quads * GROUPS_OF_A_QUAD <= MOST_PACKED_BYTES;
}

/* Returns whether the product of this matrix is right, and prints a line where it is not. */
static uint32_t check(uint32_t rows, uint32_t columns, enum fill fill) {
    fill_matrix(rows, columns, fill);
    pack(rows, columns);
    if (is_right(rows, columns)) {
        return 1;
    }
    print("wrong: ");
    print_number(rows);
    print(" x ");
    print_number(columns);
    print(" fill ");
    print_number((uint32_t)fill);
    print("\r\n");
    return 0;
}

int main(void) {
    static const uint16_t row_counts[] = {1, 2, 3, 7, 16, 31};
    static const uint16_t column_counts[] = {1, 4, 5, 6, 19, 20, 21, 39, 40, 41, 192, 256};
    uint32_t right = 0;
    uint32_t r;
    uint32_t c;
    uint32_t fill;
    flashlm_port_start();
    for (r = 0; r < sizeof row_counts / sizeof row_counts[0]; r++) {
        for (c = 0; c < sizeof column_counts / sizeof column_counts[0]; c++) {
            uint32_t rows = (uint32_t)row_counts[r] * ROWS_MULTIPLE;
            if (!fits(rows, column_counts[c])) {
                continue;
            }
            for (fill = RANDOM; fill <= MIXED_LARGEST; fill++) {
                right += check(rows, column_counts[c], (enum fill)fill);
            }
            print("."); /* an emulator ends a program that is silent for long */
        }
    }
    print_number(right);
    print(" right\r\ndone\r\n");
    flashlm_port_end();
    return 0;
}
