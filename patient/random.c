/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/random.h"

#include <math.h>

/* Multipliers and Weyl increments of Philox4x32. source: Salmon et al., SC11,
 * section 3.3. */
#define MULTIPLIER_0 0xD2511F53U
#define MULTIPLIER_1 0xCD9E8D57U
#define WEYL_0       0x9E3779B9U
#define WEYL_1       0xBB67AE85U
#define ROUNDS       10

#define TWO_PI 6.28318530717958647692

void dg_philox4x32(const uint32_t counter[4],
                   const uint32_t key[2],
                   uint32_t block[4])
{
    uint32_t c0 = counter[0];
    uint32_t c1 = counter[1];
    uint32_t c2 = counter[2];
    uint32_t c3 = counter[3];
    uint32_t k0 = key[0];
    uint32_t k1 = key[1];

    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t product_0 = (uint64_t)MULTIPLIER_0 * c0;
        const uint64_t product_1 = (uint64_t)MULTIPLIER_1 * c2;

        c0 = (uint32_t)(product_1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)product_1;
        c2 = (uint32_t)(product_0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)product_0;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    block[0] = c0;
    block[1] = c1;
    block[2] = c2;
    block[3] = c3;
}

static void draw_block(uint64_t seed,
                       uint32_t stream,
                       uint64_t index,
                       uint32_t block[4])
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {
        (uint32_t)index, (uint32_t)(index >> 32), stream, 0U};

    dg_philox4x32(counter, key, block);
}

/* 52 bits and a half: exact in a double, and neither 0 nor 1. */
static double open_unit(uint32_t high, uint32_t low)
{
    const uint64_t bits = (((uint64_t)high << 32) | low) >> 12;

    return ((double)bits + 0.5) * 0x1p-52;
}

double dg_random_uniform(uint64_t seed, uint32_t stream, uint64_t index)
{
    uint32_t block[4];

    draw_block(seed, stream, index, block);
    return open_unit(block[0], block[1]);
}

double dg_random_normal(uint64_t seed, uint32_t stream, uint64_t index)
{
    uint32_t block[4];

    /* Box-Muller with one of its two results: the other would tie this index
     * to the next. */
    draw_block(seed, stream, index, block);
    return sqrt(-2.0 * log(open_unit(block[0], block[1]))) *
           cos(TWO_PI * open_unit(block[2], block[3]));
}
