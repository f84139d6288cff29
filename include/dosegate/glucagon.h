/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GLUCAGON_H
#define DG_GLUCAGON_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/envelope.h"
#include "dosegate/limits.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"

/* Rule E8: how much glucagon, when, and never against insulin.
 *
 * Two things are given.  A *micro-dose* is proposed and committed like a bolus:
 * by the controller alone (AUTOMATIC) or by a person at the phone (CONFIRMED).
 * A *rescue dose* has no message: a person at the device gives it, or the
 * device itself on a trusted severe low where the prescriber said so.  In the
 * ledger it has the tier PRESENT, and nothing else does.
 *
 * @satisfies{FDP_GLUCAGON.2@1} */
struct dg_glucagon_limits {
    int32_t dose_max_ug[DG_TIERS];               /* one micro-dose; 0: none */
    int32_t window_max_ug[DG_TIERS][DG_WINDOWS]; /* PRESENT is the total    */
    int32_t interval_s_min;     /* between the starts of two micro-doses    */
    int32_t below_mg_dL;        /* automatic: only below this               */
    int32_t low_mg_dL;          /* ... after insulin in the last step: this */
    int32_t glucose_age_s_max;  /* of a reading that anything rests on      */
    int32_t rescue_ug;          /* one rescue dose; 0: none                 */
    int32_t rescue_below_mg_dL; /* by the device itself; 0: never           */
};

/* Length of the lock-out: no automatic insulin above basal for so long after
 * the start of any glucagon.  source: rise of glucose after a mini-dose lasts
 * about an hour (doi 10.2337/diacare.24.4.643); with tau = 19 min the level is
 * then down to 37 % of its peak (facts: models.md, section 4). */
#define DG_GLUCAGON_LOCK_S 3600U

#define DG_GLUCAGON_INTERVAL_S 1U  /* between steps: 1 mg takes 100 s */
#define DG_RESCUE_WAIT_S       30U /* from RESCUE to CONFIRM          */

/* The id of a rescue begins with this and its zero: no message asked for it, and
 * none ends it. */
#define DG_RESCUE_TICKET "DGR"

/* Rescue: one dose in any 15 min (labels repeat after 15 min), two in any 24 h
 * (then help has to come), of which the device by itself gives one. */
#define DG_RESCUE_REPEAT_S 900U
#define DG_RESCUES_A_DAY   2

/* A severe low is trusted when readings over at least 4 min all say it: one
 * sensor period of 5 min with its jitter. */
#define DG_RESCUE_RUN_S 240U

/**
 * Work out the personal limits of glucagon.
 *
 * @param[in]  therapy  Its age class, floor and glucagon.
 * @param[out] limits   All zero where none is prescribed: nothing is allowed.
 *
 * @retval DG_OK       @p limits is filled.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  A field is outside its range or above the ceiling of the
 *                     age class.
 */
/*@ assigns *limits; */
DG_NODISCARD enum dg_status dg_glucagon_limits_derive(
    const struct dg_therapy *therapy, struct dg_glucagon_limits *limits);

/* What a decision rests on: only what the device itself knows. */
struct dg_glucagon_view {
    dg_seconds now;
    int32_t used_ug[DG_TIERS][DG_WINDOWS]; /* each tier with all narrower ones;
                                              open intents count in full      */
    int32_t rescue_recent_ug; /* rescue in the last DG_RESCUE_REPEAT_S        */
    int32_t rescue_day_ug;    /* ... and in 24 h                              */
    bool has_dose;
    dg_seconds last_dose; /* start of the newest glucagon */
    bool has_glucose;     /* the last reading is trusted (dosegate/glucose.h) */
    dg_glucose glucose;   /* the last reading */
    dg_seconds glucose_at;
    bool has_run; /* every reading since run_at, the last one too, was below
                     rescue_below, and nothing spoke against it but that "low"
                     is no number or that few agree yet */
    dg_seconds run_at;
    bool is_held;         /* a person at the device ended the last glucagon
                             less than DG_RESCUE_REPEAT_S ago */
    int32_t insulin_mU;   /* automatic insulin in the last step (5 min)      */
    bool is_insulin_open; /* automatic insulin is being delivered            */
};

struct dg_glucagon_decision {
    enum dg_verdict verdict;
    dg_glucagon headroom; /* the most that this tier could have now, steps */
};

/* What ALLOW, the automatic tier and an amount of rescue need (make prove). */
/*@ predicate dg_glucagon_fits_one{L}(struct dg_glucagon_limits *limits,
  @                                   struct dg_glucagon_view *view,
  @                                   integer amount_ug, integer tier) =
  @   view->used_ug[tier][0] + amount_ug <= limits->window_max_ug[tier][0] &&
  @   view->used_ug[tier][1] + amount_ug <= limits->window_max_ug[tier][1] &&
  @   view->used_ug[tier][2] + amount_ug <= limits->window_max_ug[tier][2] &&
  @   view->used_ug[tier][3] + amount_ug <= limits->window_max_ug[tier][3];
  @
  @ predicate dg_glucagon_e2{L}(struct dg_glucagon_limits *limits,
  @                             struct dg_glucagon_view *view,
  @                             integer amount_ug, integer tier) =
  @   (tier <= 1 ==> dg_glucagon_fits_one(limits, view, amount_ug, 1)) &&
  @   dg_glucagon_fits_one(limits, view, amount_ug, 2) &&
  @   dg_glucagon_fits_one(limits, view, amount_ug, 3);
  @
  @ predicate dg_glucagon_interval{L}(struct dg_glucagon_limits *limits,
  @                                   struct dg_glucagon_view *view) =
  @   view->has_dose ==> view->last_dose.s <= view->now.s &&
  @   view->now.s - view->last_dose.s >= limits->interval_s_min;
  @
  @ predicate dg_glucagon_fresh{L}(struct dg_glucagon_limits *limits,
  @                                struct dg_glucagon_view *view) =
  @   view->glucose_at.s <= view->now.s &&
  @   view->now.s - view->glucose_at.s <= limits->glucose_age_s_max;
  @
  @ predicate dg_glucagon_t7{L}(struct dg_glucagon_limits *limits,
  @                             struct dg_glucagon_view *view) =
  @   view->has_glucose && dg_glucagon_fresh(limits, view) &&
  @   view->glucose.mg_dL < (view->insulin_mU > 0 ? limits->low_mg_dL
  @                                               : limits->below_mg_dL) &&
  @   !view->is_insulin_open;
  @
  @ predicate dg_glucagon_severe{L}(struct dg_glucagon_limits *limits,
  @                                 struct dg_glucagon_view *view) =
  @   0 < limits->rescue_below_mg_dL && dg_glucagon_fresh(limits, view) &&
  @   view->glucose.mg_dL < limits->rescue_below_mg_dL && view->has_run &&
  @   view->run_at.s <= view->glucose_at.s &&
  @   view->glucose_at.s - view->run_at.s >= DG_RESCUE_RUN_S && !view->is_held;
  @*/

/**
 * Decide whether a micro-dose may be given now.
 *
 * Pure: reads its arguments and writes @p decision.
 *
 * @param      limits    As dg_glucagon_limits_derive() made them.
 * @param      view      Every used_ug, rescue_*_ug and insulin_mU 0 or more.
 * @param      amount    1 .. DG_EFFECT_UG_MAX ug.
 * @param      tier      AUTOMATIC or CONFIRMED.
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
  @   decision->verdict == DG_VERDICT_DENY && decision->headroom.ug == 0;
  @ ensures  one: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==> 1 <= tier <= 2 &&
  @   0 < amount.ug <= limits->dose_max_ug[tier];
  @ ensures  windows: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==>
  @   dg_glucagon_e2(limits, view, amount.ug, tier);
  @ ensures  interval: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW ==>
  @   dg_glucagon_interval(limits, view);
  @ ensures  t7: decision != \null &&
  @   decision->verdict == DG_VERDICT_ALLOW && tier == DG_TIER_AUTOMATIC ==>
  @   dg_glucagon_t7(limits, view);
  @*/
DG_NODISCARD enum dg_status dg_glucagon_decide(
    const struct dg_glucagon_limits *limits,
    const struct dg_glucagon_view *view,
    dg_glucagon amount,
    enum dg_tier tier,
    struct dg_glucagon_decision *decision);

enum dg_rescuer {
    DG_RESCUER_NONE = 0,
    DG_RESCUER_PERSON = 1, /* at the device                    */
    DG_RESCUER_DEVICE = 2, /* by itself, on a trusted severe low */
};

/**
 * Work out the rescue dose that may be given now.
 *
 * Pure.  What is left of a dose that was ended early may follow at once.
 *
 * @param[out] amount  0: none now; whole steps.
 *
 * @retval DG_OK         @p amount is the answer.
 * @retval DG_E_USAGE    A NULL.
 * @retval DG_E_RANGE    @p rescuer is not one.
 * @retval DG_E_CORRUPT  @p limits or @p view is not sound.
 */
/*@ requires limits == \null || \valid_read(limits);
  @ requires view == \null || \valid_read(view);
  @ requires amount == \null || \valid(amount);
  @ requires apart: amount != \null ==>
  @   \separated(amount, limits) && \separated(amount, view);
  @ assigns  *amount;
  @ ensures  safe: amount != \null && \result != DG_OK ==> amount->ug == 0;
  @ ensures  bounded: amount != \null && 0 < amount->ug ==>
  @   view->rescue_recent_ug + amount->ug <= limits->rescue_ug &&
  @   view->rescue_day_ug + amount->ug <=
  @   DG_RESCUES_A_DAY * limits->rescue_ug;
  @ ensures  severe: amount != \null && 0 < amount->ug &&
  @   rescuer == DG_RESCUER_DEVICE ==> dg_glucagon_severe(limits, view) &&
  @   view->rescue_day_ug + amount->ug <= limits->rescue_ug;
  @*/
DG_NODISCARD enum dg_status dg_glucagon_rescue(
    const struct dg_glucagon_limits *limits,
    const struct dg_glucagon_view *view,
    enum dg_rescuer rescuer,
    dg_glucagon *amount);

#endif
