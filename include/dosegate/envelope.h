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

/* What ALLOW means, rule by rule; make prove shows that it does.  Numbers: the
 * predicted floor of 70 mg/dL and the lock-out of an hour. */
/*@ predicate dg_envelope_fits_one{L}(struct dg_limits *limits,
  @                                   struct dg_envelope_view *view,
  @                                   integer mU, integer tier) =
  @   view->used_mU[tier][0] + mU <= limits->window_max_mU[tier][0] &&
  @   view->used_mU[tier][1] + mU <= limits->window_max_mU[tier][1] &&
  @   view->used_mU[tier][2] + mU <= limits->window_max_mU[tier][2] &&
  @   view->used_mU[tier][3] + mU <= limits->window_max_mU[tier][3];
  @
  @ predicate dg_envelope_e2{L}(struct dg_limits *limits,
  @                             struct dg_envelope_view *view,
  @                             integer mU, integer tier) =
  @   (tier <= 1 ==> dg_envelope_fits_one(limits, view, mU, 1)) &&
  @   (tier <= 2 ==> dg_envelope_fits_one(limits, view, mU, 2)) &&
  @   dg_envelope_fits_one(limits, view, mU, 3);
  @
  @ predicate dg_envelope_e3{L}(struct dg_limits *limits,
  @                             struct dg_envelope_view *view, integer mU) =
  @   view->iob_mU + mU <= limits->iob_max_mU;
  @
  @ logic integer dg_envelope_bearable_mU{L}(struct dg_limits *limits,
  @                                          struct dg_envelope_view *view) =
  @   ((view->glucose.mg_dL - 70 > 1000 ? 1000 : view->glucose.mg_dL - 70) *
  @    1000) / limits->isf_mg_dL_per_U;
  @
  @ predicate dg_envelope_e4{L}(struct dg_limits *limits,
  @                             struct dg_envelope_view *view) =
  @   view->has_glucose && view->glucose_at.s <= view->now.s &&
  @   view->now.s - view->glucose_at.s <= limits->glucose_age_s_max &&
  @   view->glucose.mg_dL >= limits->floor_mg_dL &&
  @   view->glucose.mg_dL > 70;
  @
  @ predicate dg_envelope_e7{L}(struct dg_limits *limits,
  @                             struct dg_envelope_view *view) =
  @   view->has_bolus ==> view->last_bolus.s <= view->now.s &&
  @   view->now.s - view->last_bolus.s >= limits->interval_s_min;
  @
  @ predicate dg_envelope_e8{L}(struct dg_envelope_view *view) =
  @   view->has_glucagon ==> view->last_glucagon.s <= view->now.s &&
  @   view->now.s - view->last_glucagon.s >= 3600;
  @*/

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
/*@ requires limits == \null || \valid_read(limits);
  @ requires view == \null || \valid_read(view);
  @ requires decision == \null || \valid(decision);
  @ requires apart: decision != \null ==>
  @   \separated(decision, limits) && \separated(decision, view);
  @ assigns  *decision;
  @ ensures  decided: decision != \null ==>
  @   decision->verdict == DG_VERDICT_ALLOW ||
  @   decision->verdict == DG_VERDICT_DENY;
  @ ensures  safe: decision != \null && \result != DG_OK ==>
  @   decision->verdict == DG_VERDICT_DENY && decision->headroom.mU == 0;
  @ ensures  e1: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==>
  @   0 < amount.mU <= limits->dose_max_mU[tier];
  @ ensures  e2: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==> 1 <= tier <= 3 &&
  @   dg_envelope_e2(limits, view, amount.mU, tier);
  @ ensures  e3: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==>
  @   dg_envelope_e3(limits, view, amount.mU);
  @ ensures  e4: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW && tier == DG_TIER_AUTOMATIC ==>
  @   dg_envelope_e4(limits, view);
  @ ensures  e7: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==>
  @   dg_envelope_e7(limits, view);
  @ ensures  e8: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW && tier == DG_TIER_AUTOMATIC ==>
  @   dg_envelope_e8(view);
  @ ensures  headroom: decision != \null ==> 0 <= decision->headroom.mU;
  @*/
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
/*@ requires limits == \null || \valid_read(limits);
  @ requires view == \null || \valid_read(view);
  @ assigns  \nothing;
  @ ensures  bearable: \result ==> limits != \null && view != \null &&
  @   dg_envelope_e4(limits, view) && dg_envelope_e8(view) &&
  @   view->iob_mU <= dg_envelope_bearable_mU(limits, view);
  @*/
bool dg_envelope_goes_on(const struct dg_limits *limits,
                         const struct dg_envelope_view *view);

#endif
