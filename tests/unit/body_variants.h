/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_BODY_VARIANTS_H
#define DG_TEST_BODY_VARIANTS_H

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "body_probe.h"

/* The variants that this processor can run; double comes at even places, and
 * the first two are the reference of their precision. */
struct body_variant {
    const struct body_probe *probe;
    const char *name;
};

static inline size_t body_variants(struct body_variant found[6])
{
    size_t count = 0;

    found[count++] =
        (struct body_variant){&body_probe_double_base, "double, base"};
    found[count++] =
        (struct body_variant){&body_probe_float_base, "float, base"};
#if defined(DG_LANE_X86)
    if (__builtin_cpu_supports("avx2") != 0) {
        found[count++] =
            (struct body_variant){&body_probe_double_avx2, "double, avx2"};
        found[count++] =
            (struct body_variant){&body_probe_float_avx2, "float, avx2"};
    } else {
        print_message("not tested here: avx2\n");
    }
    if (__builtin_cpu_supports("avx512f") != 0) {
        found[count++] = (struct body_variant){&body_probe_double_avx512f,
                                               "double, avx512f"};
        found[count++] =
            (struct body_variant){&body_probe_float_avx512f, "float, avx512f"};
    } else {
        print_message("not tested here: avx512f\n");
    }
#endif
    return count;
}

/* Room for a run; body_free() gives it back. */
static inline void body_room(struct body_run *run,
                             struct body_minute **in,
                             size_t minutes)
{
    *in = calloc(minutes * BODY_PEOPLE, sizeof **in);
    run->minutes = minutes;
    run->in = *in;
    run->plasma = calloc((minutes + 1) * BODY_PEOPLE, sizeof *run->plasma);
    run->interstitial =
        calloc((minutes + 1) * BODY_PEOPLE, sizeof *run->interstitial);
    assert_non_null(*in);
    assert_non_null(run->plasma);
    assert_non_null(run->interstitial);
}

static inline void body_free(struct body_run *run, struct body_minute *in)
{
    free(in);
    free(run->plasma);
    free(run->interstitial);
}

#endif
