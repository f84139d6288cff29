/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_BODY_PROBE_H
#define DG_TEST_BODY_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "patient/cambridge.h"
#include "patient/s2008.h"

/* Every model of a body, run in every variant of the lanes. */

#define BODY_PEOPLE 16 /* DG_TILE */

struct body_minute {
    double insulin_mU;
    double carbs_g;
    double rescue_g;
    double glucagon_ug;
    double exercise;
};

struct body_run {
    const struct dg_s2008_parameters *s2008[BODY_PEOPLE];
    bool is_2013;
    const struct dg_cambridge_parameters *cambridge[BODY_PEOPLE];
    size_t minutes;
    const struct body_minute *in; /* [minute][person]                        */
    double *plasma;               /* [minute][person], minutes + 1 rows      */
    double *interstitial;
    bool is_sound[BODY_PEOPLE]; /* at the end                                */
};

struct body_probe {
    int lanes;
    void (*s2008)(struct body_run *run);
    void (*wilinska)(struct body_run *run);
    void (*hovorka)(struct body_run *run);
};

#define BODY_DECLARE(real, isa) \
    extern const struct body_probe body_probe_##real##_##isa

BODY_DECLARE(float, base);
BODY_DECLARE(double, base);
BODY_DECLARE(float, avx2);
BODY_DECLARE(double, avx2);
BODY_DECLARE(float, avx512f);
BODY_DECLARE(double, avx512f);

#endif
