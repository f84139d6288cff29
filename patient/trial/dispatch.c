/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/dispatch.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void dg_tile_run_float_base(struct dg_trial_tile *tile);
void dg_tile_open_float_base(struct dg_trial_tile *tile);
void dg_tile_run_double_base(struct dg_trial_tile *tile);
void dg_tile_open_double_base(struct dg_trial_tile *tile);
#if defined(DG_LANE_X86)
void dg_tile_run_float_avx2(struct dg_trial_tile *tile);
void dg_tile_open_float_avx2(struct dg_trial_tile *tile);
void dg_tile_run_double_avx2(struct dg_trial_tile *tile);
void dg_tile_open_double_avx2(struct dg_trial_tile *tile);
void dg_tile_run_float_avx512f(struct dg_trial_tile *tile);
void dg_tile_open_float_avx512f(struct dg_trial_tile *tile);
void dg_tile_run_double_avx512f(struct dg_trial_tile *tile);
void dg_tile_open_double_avx512f(struct dg_trial_tile *tile);
#endif

#define BOTH(stem, set)                         \
    {                                           \
        stem##_float_##set, stem##_double_##set \
    }

static const struct {
    const char *name;
    dg_trial_tile_run run[2]; /* float, double */
    dg_trial_tile_run open[2];
} variants[] = {
    [DG_TRIAL_ISA_BEST] = {"best", {NULL, NULL}, {NULL, NULL}},
    [DG_TRIAL_ISA_SSE2] = {"sse2",
                           BOTH(dg_tile_run, base),
                           BOTH(dg_tile_open, base)},
#if defined(DG_LANE_X86)
    [DG_TRIAL_ISA_AVX2] = {"avx2",
                           BOTH(dg_tile_run, avx2),
                           BOTH(dg_tile_open, avx2)},
    [DG_TRIAL_ISA_AVX512] = {"avx512",
                             BOTH(dg_tile_run, avx512f),
                             BOTH(dg_tile_open, avx512f)},
#endif
};

#define VARIANTS (sizeof variants / sizeof variants[0])

static bool is_there(enum dg_trial_isa isa)
{
#if defined(DG_LANE_X86)
    if (isa == DG_TRIAL_ISA_AVX512) {
        return __builtin_cpu_supports("avx512f") != 0;
    }
    if (isa == DG_TRIAL_ISA_AVX2) {
        return __builtin_cpu_supports("avx2") != 0;
    }
#endif
    return isa == DG_TRIAL_ISA_SSE2;
}

static enum dg_trial_isa best(void)
{
    const char *wish = getenv("DOSEGATE_TRIAL_ISA");

    for (unsigned i = (unsigned)VARIANTS - 1U; i > 0U; i--) {
        const enum dg_trial_isa isa = (enum dg_trial_isa)i;

        if (is_there(isa) &&
            ((wish == NULL) || (strcmp(wish, variants[i].name) == 0))) {
            return isa;
        }
    }
    return DG_TRIAL_ISA_SSE2;
}

dg_trial_tile_run dg_trial_tile_of(enum dg_trial_isa isa,
                                   enum dg_trial_precision precision)
{
    const enum dg_trial_isa found = (isa == DG_TRIAL_ISA_BEST) ? best() : isa;

    if (((unsigned)found >= VARIANTS) || !is_there(found)) {
        return NULL;
    }
    return variants[found].run[(precision == DG_TRIAL_FLOAT) ? 0 : 1];
}

dg_trial_tile_run dg_trial_tile_open_of(enum dg_trial_isa isa,
                                        enum dg_trial_precision precision)
{
    const enum dg_trial_isa found = (isa == DG_TRIAL_ISA_BEST) ? best() : isa;

    if (((unsigned)found >= VARIANTS) || !is_there(found)) {
        return NULL;
    }
    return variants[found].open[(precision == DG_TRIAL_FLOAT) ? 0 : 1];
}

const char *dg_trial_isa_name(enum dg_trial_isa isa)
{
    const enum dg_trial_isa found = (isa == DG_TRIAL_ISA_BEST) ? best() : isa;

    return ((unsigned)found < VARIANTS) ? variants[found].name : "?";
}
