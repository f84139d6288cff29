/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_CHANGE_H
#define DG_PATIENT_TRIAL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/glucagon.h"
#include "dosegate/limits.h"

/* Limits of an arm of Dosegate that are not the shipped ones: so that a trial
 * can ask whether these are right (docs/limits.md).  Changes reach the numbers
 * that the core decides by, after it has worked them out; how it decides is the
 * core's. */
enum dg_trial_limit {
    DG_TRIAL_LIMIT_E1_AUTOMATIC = 0, /* one dose, and with it 5 min        */
    DG_TRIAL_LIMIT_E1_CONFIRMED,
    DG_TRIAL_LIMIT_E1_PRESENT,
    DG_TRIAL_LIMIT_E2_AUTOMATIC_1_H,
    DG_TRIAL_LIMIT_E2_AUTOMATIC_4_H,
    DG_TRIAL_LIMIT_E2_AUTOMATIC_24_H,
    DG_TRIAL_LIMIT_E2_CONFIRMED_1_H,
    DG_TRIAL_LIMIT_E2_CONFIRMED_4_H,
    DG_TRIAL_LIMIT_E2_CONFIRMED_24_H,
    DG_TRIAL_LIMIT_E2_TOTAL_1_H,
    DG_TRIAL_LIMIT_E2_TOTAL_4_H,
    DG_TRIAL_LIMIT_E2_TOTAL_24_H,
    DG_TRIAL_LIMIT_E3_IOB,
    DG_TRIAL_LIMIT_E4_FLOOR,
    DG_TRIAL_LIMIT_E4_AGE,
    DG_TRIAL_LIMIT_E4_PHONE,
    DG_TRIAL_LIMIT_E4_PREDICTED,
    DG_TRIAL_LIMIT_E4_MOVEMENT, /* how far and how fast a reading may move */
    DG_TRIAL_LIMIT_E4_FLAT,
    DG_TRIAL_LIMIT_E4_STREAK,
    DG_TRIAL_LIMIT_E5_4_H,
    DG_TRIAL_LIMIT_E5_24_H,
    DG_TRIAL_LIMIT_E6_LEASE,
    DG_TRIAL_LIMIT_E7_INTERVAL,
    DG_TRIAL_LIMIT_E8_DOSE,
    DG_TRIAL_LIMIT_E8_DAY,
    DG_TRIAL_LIMIT_E8_INTERVAL,
    DG_TRIAL_LIMIT_E8_LOCK,
    DG_TRIAL_LIMIT_E9_BASAL,
    DG_TRIAL_LIMIT_E9_DELAY,
    DG_TRIAL_LIMIT_E9_DAILY,
    DG_TRIAL_LIMIT_E9_ISF,
    DG_TRIAL_LIMIT_E10_BASE,
    DG_TRIAL_LIMIT_E10_SHARE,
    DG_TRIAL_LIMIT_TICKET,
    DG_TRIAL_LIMIT_EMERGENCY,
    DG_TRIAL_LIMIT_UNUSUAL,
    DG_TRIAL_LIMITS,
};

struct dg_trial_limit_row {
    const char *name; /* "e3_iob" */
    const char *unit; /* "%": of what is shipped; else its own */
    int32_t low;
    int32_t high;
    int32_t shipped;
    const char *what;
};

/* None is changed: all zero. */
struct dg_trial_change {
    uint64_t is_changed;            /* one bit each                       */
    int32_t value[DG_TRIAL_LIMITS]; /* in the unit of the row             */
};

/** One row; NULL behind the last. */
const struct dg_trial_limit_row *dg_trial_limit_at(unsigned which);

/** By name; DG_TRIAL_LIMITS: there is none of it. */
unsigned dg_trial_limit_find(const char *name);

/** Change a limit. @p value: within its row. */
void dg_trial_change_set(struct dg_trial_change *change,
                         unsigned which,
                         int32_t value);

/** Whether this one is not as shipped. */
static inline bool dg_trial_is_changed(const struct dg_trial_change *change,
                                       unsigned which)
{
    return ((change->is_changed >> which) & 1U) != 0U;
}

/** The value that holds: changed, or as shipped. */
int32_t dg_trial_change_of(const struct dg_trial_change *change,
                           unsigned which);

/** @p amount times the percentage that holds, rounded down. */
int32_t dg_trial_change_scale(const struct dg_trial_change *change,
                              unsigned which,
                              int32_t amount);

/** What the core derived, changed. */
void dg_trial_change_limits(const struct dg_trial_change *change,
                            struct dg_limits *limits,
                            struct dg_glucagon_limits *glucagon);

#endif
