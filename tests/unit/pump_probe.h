/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_PUMP_PROBE_H
#define DG_TEST_PUMP_PROBE_H

#include <stddef.h>
#include <stdint.h>

/* What pumps deliver to a tile of people, in every variant of the lanes. */

#define PUMP_PEOPLE 16 /* DG_TILE */

struct pump_run {
    int error; /* enum dg_pump_error */
    uint64_t seed;
    uint64_t first;
    size_t minutes;
    const double *bolus; /* [minute], mU, for everybody */
    const double *basal;
    double *given; /* [minute][person] */
};

struct pump_probe {
    int lanes;
    void (*run)(const struct pump_run *run);
};

#define PUMP_DECLARE(real, isa) \
    extern const struct pump_probe pump_probe_##real##_##isa

PUMP_DECLARE(float, base);
PUMP_DECLARE(double, base);
PUMP_DECLARE(float, avx2);
PUMP_DECLARE(double, avx2);
PUMP_DECLARE(float, avx512f);
PUMP_DECLARE(double, avx512f);

#endif
