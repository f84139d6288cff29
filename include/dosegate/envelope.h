/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ENVELOPE_H
#define DG_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/limits.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"

/* Zero is no decision.  The two real values differ in all 16 bits, so neither
 * cleared memory nor a flipped bit nor a stray 1 reads as ALLOW. */
enum dg_verdict {
    DG_VERDICT_NONE = 0,
    DG_VERDICT_ALLOW = 0x5AC3,
    DG_VERDICT_DENY = 0xA53C,
};

/* Rules by the numbers of SAFETY.md. */
enum dg_rule {
    DG_RULE_NONE = 0,
    DG_RULE_E1 = 1, /* one dose                   */
    DG_RULE_E2 = 2, /* trailing windows           */
    DG_RULE_E3 = 3, /* insulin on board           */
    DG_RULE_E4 = 4, /* trusted glucose            */
    DG_RULE_E7 = 7, /* interval between boluses   */
    DG_RULE_E8 = 8, /* lock-out after glucagon    */
};

/* What the decision rests on: only what the device itself knows. */
struct dg_envelope_view {
    dg_seconds now;
    int32_t used_mU[DG_TIERS][DG_WINDOWS]; /* each tier with all narrower ones;
                                              open intents count in full      */
    int32_t iob_mU;                        /* 0 .. INT32_MAX                  */
    bool has_bolus;
    dg_seconds last_bolus; /* start of the last one */
    bool has_glucose;      /* the sensor's own key authenticated it */
    dg_glucose glucose;
    dg_seconds glucose_at;
    bool has_glucagon;
    dg_seconds last_glucagon; /* start of the last one; now while it runs */
};

struct dg_decision {
    enum dg_verdict verdict;
    enum dg_rule rule; /* the first rule that refuses; NONE on ALLOW */
    dg_dose headroom; /* the most that this tier could have now, whole pulses */
};

/**
 * Decide whether a bolus of one tier may be delivered now.
 *
 * Pure: reads its arguments and writes @p decision.
 *
 * @param      limits    As dg_limits_derive() made them.
 * @param      view      Every used_mU and iob_mU 0 or more.
 * @param      amount    1 .. DG_EFFECT_MU_MAX mU.
 * @param      tier      AUTOMATIC, CONFIRMED or PRESENT.
 * @param[out] decision  DENY whenever the result is not DG_OK.
 *
 * @retval DG_OK         A decision was taken; it may be DENY.
 * @retval DG_E_USAGE    A NULL.
 * @retval DG_E_RANGE    @p amount or @p tier is out of range.
 * @retval DG_E_CORRUPT  @p limits or @p view is not sound: safe state.
 */
DG_NODISCARD enum dg_status dg_envelope_decide(
    const struct dg_limits *limits,
    const struct dg_envelope_view *view,
    dg_dose amount,
    enum dg_tier tier,
    struct dg_decision *decision);

/**
 * Whether what was given to the automatic tier before may still go on: the
 * reading is fresh, at or above the floor, and all insulin on board, what is
 * still to come of open doses included, is bearable (T1).
 *
 * @return false also for a NULL, or limits or a view that is not sound.
 */
bool dg_envelope_goes_on(const struct dg_limits *limits,
                         const struct dg_envelope_view *view);

#endif
