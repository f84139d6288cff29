/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_LANE_PROBE_H
#define DG_TEST_LANE_PROBE_H

#include <stddef.h>
#include <stdint.h>

/* What every variant of the lane headers computes for the test.  Inputs and
 * results are doubles whatever the precision; bits of a float fit. */

#define PROBE_ROWS 64 /* a multiple of every number of lanes */

enum probe_function {
    PROBE_EXP,
    PROBE_LOG,
    PROBE_TANH,
    PROBE_TANH_ROUGH,
    PROBE_SINH,
    PROBE_SINE,
    PROBE_COSINE,
    PROBE_SQRT,
    PROBE_POW, /* to the power of 0.8124 */
    PROBE_ROUND,
    PROBE_FLOOR,
    PROBE_MIN,       /* with 1 */
    PROBE_MAX,       /* with 1 */
    PROBE_CLAMP,     /* into -2 .. 3 */
    PROBE_COPYSIGN,  /* of 7 */
    PROBE_IS_FINITE, /* 1 or 0 */
    PROBE_FUNCTIONS,
};

struct probe {
    int lanes;
    void (*apply)(enum probe_function, const double *in, double *out);
    /* Four words of each person first .. first + PROBE_ROWS - 1. */
    void (*draw)(uint64_t seed,
                 uint64_t first,
                 uint32_t day,
                 uint32_t index,
                 uint32_t (*words)[4],
                 double (*uniform)[4],
                 double (*normal)[4]);
};

#define PROBE_DECLARE(real, isa) \
    extern const struct probe lane_probe_##real##_##isa

PROBE_DECLARE(float, base);
PROBE_DECLARE(double, base);
PROBE_DECLARE(float, avx2);
PROBE_DECLARE(double, avx2);
PROBE_DECLARE(float, avx512f);
PROBE_DECLARE(double, avx512f);

#endif
