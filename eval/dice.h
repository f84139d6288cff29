/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_DICE_H
#define DG_EVAL_DICE_H

#include <stdint.h>

#include "patient/random.h"

/* @satisfies{EVL_RUN.2@1}
 * A test's chance: a walk over one stream of the counter-based generator, so
 * that a seed repeats a test exactly. */
struct dg_dice {
    uint64_t seed;
    uint32_t next;
};

/** 0 .. below - 1; @p below is 1 or more. */
static inline uint32_t dg_dice_roll(struct dg_dice *dice, uint32_t below)
{
    const uint32_t counter[4] = {dice->next++, 0U, DG_STREAM_ATTACK, 0U};
    const uint32_t key[2] = {(uint32_t)dice->seed,
                             (uint32_t)(dice->seed >> 32)};
    uint32_t block[4];

    dg_philox4x32(counter, key, block);
    return (below == 0U) ? 0U : (block[0] % below);
}

#endif
