/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/window.h"

#include <string.h>

#include "dosegate/quantity.h"

#define LANES DG_TRIAL_WINDOW_LANES
#define TIERS (DG_TIERS - 1U)

/* Bins before the present one that each window touches. */
static const uint32_t back[4] = {1U, 12U, 48U, 288U};

void dg_trial_windows_start(struct dg_trial_windows *windows, uint32_t head)
{
    memset(windows, 0, sizeof *windows);
    windows->head = head;
}

/* What has just left each window. */
static void drop(struct dg_trial_windows *windows)
{
    for (unsigned window = 0U; window < 4U; window++) {
        const uint32_t gone = (windows->head - 1U - back[window]) % DG_BINS;

        for (unsigned tier = 0U; tier < TIERS; tier++) {
            const uint16_t *from = windows->bin[gone][tier];
            int32_t *used = windows->used[tier][window];

            for (unsigned lane = 0U; lane < LANES; lane++) {
                used[lane] -= (int32_t)from[lane];
            }
        }
    }
}

/* Share of the bin that began @p ago steps ago, all of it as young as its
 * youngest can be (core/bins.c). */
static int32_t share(uint32_t ago)
{
    return (int32_t)dg_iob_table[(ago > 0U) ? (ago - 1U) : 0U];
}

static inline __attribute__((always_inline)) void weigh_all(
    struct dg_trial_windows *windows)
{
    int32_t weighted[LANES] = {0};
    int32_t whole[LANES] = {0};

    for (uint32_t ago = 1U; ago < DG_IOB_STEPS; ago++) {
        const uint32_t number = windows->head - ago;
        const uint16_t *bin = windows->bin[number % DG_BINS][TIERS - 1U];
        const uint16_t *all = windows->whole[number % DG_IOB_STEPS];
        const int32_t part = share(ago);

        for (unsigned lane = 0U; lane < LANES; lane++) {
            weighted[lane] += (int32_t)bin[lane] * part;
            whole[lane] += (int32_t)all[lane] * part;
        }
    }
    memcpy(windows->weighted, weighted, sizeof weighted);
    memcpy(windows->whole_weighted, whole, sizeof whole);
}

/* Whole numbers: the same on any processor. */
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void weigh_avx2(
    struct dg_trial_windows *windows)
{
    weigh_all(windows);
}
#endif

static void weigh(struct dg_trial_windows *windows)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) {
        weigh_avx2(windows);
        return;
    }
#endif
    weigh_all(windows);
}

void dg_trial_windows_step(struct dg_trial_windows *windows)
{
    windows->head++;
    drop(windows);
    /* The oldest bin has left the longest window: its slot is free. */
    memset(windows->bin[windows->head % DG_BINS], 0, sizeof windows->bin[0]);
    memset(windows->whole[windows->head % DG_IOB_STEPS],
           0,
           sizeof windows->whole[0]);
    weigh(windows);
}

void dg_trial_windows_add(struct dg_trial_windows *windows,
                          unsigned lane,
                          enum dg_tier tier,
                          uint32_t pulses)
{
    for (unsigned wider = (unsigned)tier - 1U; wider < TIERS; wider++) {
        windows->bin[windows->head % DG_BINS][wider][lane] =
            (uint16_t)(windows->bin[windows->head % DG_BINS][wider][lane] +
                       pulses);
        for (unsigned window = 0U; window < 4U; window++) {
            windows->used[wider][window][lane] += (int32_t)pulses;
        }
    }
    windows->weighted[lane] += (int32_t)(pulses * DG_IOB_ONE);
}

void dg_trial_windows_add_whole(struct dg_trial_windows *windows,
                                unsigned lane,
                                uint32_t pulses)
{
    uint16_t *bin = &windows->whole[windows->head % DG_IOB_STEPS][lane];

    *bin = (uint16_t)(*bin + pulses);
    windows->whole_weighted[lane] += (int32_t)(pulses * DG_IOB_ONE);
}

int32_t dg_trial_windows_iob_mU(const struct dg_trial_windows *windows,
                                unsigned lane)
{
    const uint64_t mU =
        (((uint64_t)(uint32_t)windows->weighted[lane] * DG_PULSE_MU) +
         DG_IOB_ONE - 1U) /
        DG_IOB_ONE;

    return (int32_t)mU;
}
