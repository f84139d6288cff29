/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_TALLY_H
#define DG_PATIENT_TRIAL_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/effect.h"

/* What happened to one person in one scenario and arm, as whole numbers: sums
 * of whole numbers are the same in any order.  Glucose counts in tenths of
 * mg/dL, one sample every 5 min.
 *
 * source of the figures: facts, models.md section 11. */

#define DG_TRIAL_SAMPLE_MIN 5U

/* Glucose above counts as this: far beyond any harm that differs. */
#define DG_TRIAL_TENTHS_MAX 15000

enum dg_trial_signal {
    DG_TRIAL_PLASMA = 0,
    DG_TRIAL_SENSOR = 1, /* what the sensor reads; a lost reading is none */
    DG_TRIAL_SIGNALS = 2,
};

struct dg_trial_glucose {
    uint32_t samples;
    uint32_t below_54; /* samples; below_70 holds them too */
    uint32_t below_70;
    uint32_t tight;     /* 70 .. 140  */
    uint32_t range;     /* 70 .. 180  */
    uint32_t above_180; /* above_250 is among them */
    uint32_t above_250;
    uint64_t sum;      /* tenths         */
    uint64_t squares;  /* tenths squared */
    uint64_t low_risk; /* sums of DG_TRIAL_RISK_ONE */
    uint64_t high_risk;
    uint32_t least; /* tenths */
    uint32_t most;
    uint32_t episodes_70;  /* begun; level 1, 15 min or more          */
    uint32_t episodes_54;  /* level 2                                 */
    uint32_t prolonged_54; /* of them longer than 120 min             */
};

/* Risk of one sample, 10 f(G)^2, in millionths. */
#define DG_TRIAL_RISK_ONE 1000000

/* Who refused, as the device names it. */
enum dg_trial_rule {
    DG_TRIAL_RULE_NONE = 0,
    DG_TRIAL_RULE_E1,
    DG_TRIAL_RULE_E2,
    DG_TRIAL_RULE_E3,
    DG_TRIAL_RULE_E4,
    DG_TRIAL_RULE_E5,
    DG_TRIAL_RULE_E6,
    DG_TRIAL_RULE_E7,
    DG_TRIAL_RULE_E8,
    DG_TRIAL_RULE_E10,
    DG_TRIAL_RULE_AUTHORITY, /* rung, presence, replay: nobody may ask that */
    DG_TRIAL_RULE_SOLD,      /* a limit of the product of today             */
    DG_TRIAL_RULES,
};

/** "E1" .. "E8", "E10", "authority", "product"; "?" beyond. */
const char *dg_trial_rule_name(unsigned rule);

struct dg_trial_tally {
    bool is_lost;    /* the numbers broke: in no average                    */
    bool is_dropped; /* its controller failed: in no average                */
    struct dg_trial_glucose glucose[DG_TRIAL_SIGNALS];
    uint32_t lethal_proxy; /* samples of plasma below 20                   */
    uint32_t severe_proxy; /* times plasma was below 40 for 15 min         */
    uint32_t starved;      /* samples with IOB below half of basal's (DKA) */
    uint32_t withheld_s;   /* whole basal that was not given, seconds      */
    uint32_t basal_pulses;
    uint32_t pulses[DG_TIERS]; /* insulin above basal, by who approved       */
    uint32_t glucagon_ug;
    uint32_t rescue_g;
    uint32_t carbs_g;
    uint32_t asked_pulses;   /* above basal, all that anybody asked for      */
    uint32_t hostile_pulses; /* of them by the attacker or by mistake        */
    uint32_t hostile_given;  /* what was given of them                       */
    uint32_t blocked_pulses[DG_TRIAL_RULES]; /* not given, by first rule     */
    uint32_t refusals[DG_TRIAL_RULES];       /* asks that were cut           */
    uint32_t alarms;       /* E10: the reservoir does not add up           */
    uint32_t event_minute; /* first plasma below 54 at or after the start of
                              the scenario, minutes from it, plus 1; 0: none */
};

/* Whole-number figures of a person: what aggregates add up. */
enum dg_trial_metric {
    DG_TRIAL_TIR, /* of plasma from here ... */
    DG_TRIAL_TITR,
    DG_TRIAL_TBR_70,
    DG_TRIAL_TBR_54,
    DG_TRIAL_TAR_180,
    DG_TRIAL_TAR_250,
    DG_TRIAL_MEAN,
    DG_TRIAL_SD,
    DG_TRIAL_CV,
    DG_TRIAL_GMI,
    DG_TRIAL_GRI,
    DG_TRIAL_LBGI,
    DG_TRIAL_HBGI,
    DG_TRIAL_LEAST,
    DG_TRIAL_EPISODES_70, /* ... to here */
    DG_TRIAL_EPISODES_54,
    DG_TRIAL_PROLONGED_54,
    DG_TRIAL_CGM_TIR, /* the same of the sensor */
    DG_TRIAL_CGM_TITR,
    DG_TRIAL_CGM_TBR_70,
    DG_TRIAL_CGM_TBR_54,
    DG_TRIAL_CGM_TAR_180,
    DG_TRIAL_CGM_TAR_250,
    DG_TRIAL_CGM_MEAN,
    DG_TRIAL_CGM_SD,
    DG_TRIAL_CGM_CV,
    DG_TRIAL_CGM_GMI,
    DG_TRIAL_CGM_GRI,
    DG_TRIAL_CGM_LBGI,
    DG_TRIAL_CGM_HBGI,
    DG_TRIAL_CGM_LEAST,
    DG_TRIAL_CGM_EPISODES_70,
    DG_TRIAL_CGM_EPISODES_54,
    DG_TRIAL_CGM_PROLONGED_54,
    DG_TRIAL_HAD_54,     /* 0 or 1: plasma was below 54 for 15 min           */
    DG_TRIAL_HAD_SEVERE, /* 0 or 1: below 40 for 15 min (proxy)              */
    DG_TRIAL_HAD_LETHAL, /* 0 or 1: below 20 (proxy)                         */
    DG_TRIAL_HIT,        /* 0 or 1: below 54 within 12 h of the start        */
    DG_TRIAL_DKA_HOURS,
    DG_TRIAL_DKA_SCORE, /* 0 .. 4 */
    DG_TRIAL_WITHHELD_HOURS,
    DG_TRIAL_INSULIN,
    DG_TRIAL_ABOVE_BASAL,
    DG_TRIAL_GLUCAGON_DAY,
    DG_TRIAL_RESCUE,
    DG_TRIAL_BLOCKED,       /* U a day of what was asked, in all             */
    DG_TRIAL_HOSTILE_GIVEN, /* U that the scenario itself brought            */
    DG_TRIAL_REFUSALS,      /* a day */
    DG_TRIAL_ALARMS,        /* that the reservoir does not add up, a day */
    DG_TRIAL_METRICS,
};

struct dg_trial_metric_row {
    const char *name;  /* "tir"  */
    const char *title; /* "time in 70-180 mg/dL, plasma" */
    const char *unit;  /* of value / scale */
    int64_t scale;     /* a value is a whole number of 1 / scale units */
    int64_t low;       /* ends of the histogram, as a value */
    int64_t high;
    bool is_proportion; /* 0 or 1 of each person */
};

const struct dg_trial_metric_row *dg_trial_metric_at(
    enum dg_trial_metric which);

/**
 * Work out the figures of a person.
 *
 * @param[in]  tally   Neither lost nor dropped, with at least one sample of
 *                     plasma; the figures of a sensor that never read are 0.
 * @param[out] values  In units of 1 / scale; |value| < 2^40.
 */
void dg_trial_values(const struct dg_trial_tally *tally,
                     int64_t values[DG_TRIAL_METRICS]);

/** Risk of a sample: negative for a low (LBGI), positive for a high, in
 * millionths.  source: Kovatchev et al., Diabetes Care 20 (1997) 1655.
 * @param tenths  0 .. DG_TRIAL_TENTHS_MAX. */
int32_t dg_trial_risk(uint32_t tenths);

/** The table behind dg_trial_risk(), DG_TRIAL_TENTHS_MAX + 1 cells; made at
 * the first call, which must return before threads begin. */
const int32_t *dg_trial_risk_table(void);

#endif
