/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/envelope.h"

#include "dosegate/glucagon.h"

#include <stddef.h>

/* "Predicted floor" of E4: no automatic dose that would bring glucose below
 * it once all insulin on board has acted.  54 mg/dL is level-2 hypoglycaemia
 * (Battelino 2019); 16 above it for the error of a sensor. */
#define PREDICTED_FLOOR_MG_DL 70

/*@ assigns \nothing;
  @ ensures \result <==> 1 <= tier <= 3;
  @*/
static bool is_tier(enum dg_tier tier)
{
    return (tier == DG_TIER_AUTOMATIC) || (tier == DG_TIER_CONFIRMED) ||
           (tier == DG_TIER_PRESENT);
}

_Static_assert(DG_WINDOWS == 4U, "each window is named below");

/*@ predicate is_cell_sound{L}(struct dg_limits *limits,
  @                            struct dg_envelope_view *view,
  @                            integer tier, integer window) =
  @   0 <= limits->window_max_mU[tier][window] &&
  @   0 <= view->used_mU[tier][window];
  @
  @ predicate is_row_sound{L}(struct dg_limits *limits,
  @                           struct dg_envelope_view *view, integer tier) =
  @   0 <= limits->dose_max_mU[tier] &&
  @   is_cell_sound(limits, view, tier, 0) &&
  @   is_cell_sound(limits, view, tier, 1) &&
  @   is_cell_sound(limits, view, tier, 2) &&
  @   is_cell_sound(limits, view, tier, 3);
  @
  @ predicate is_view_sound{L}(struct dg_limits *limits,
  @                            struct dg_envelope_view *view) =
  @   0 <= limits->iob_max_mU && 0 <= view->iob_mU &&
  @   0 < limits->isf_mg_dL_per_U <= 1000 && 0 < limits->floor_mg_dL &&
  @   0 <= limits->glucose_age_s_max && 0 <= limits->interval_s_min;
  @
  @ predicate are_sound{L}(struct dg_limits *limits,
  @                        struct dg_envelope_view *view) =
  @   is_view_sound(limits, view) &&
  @   is_row_sound(limits, view, 1) && is_row_sound(limits, view, 2) &&
  @   is_row_sound(limits, view, 3);
  @*/

/*@ requires \valid_read(limits) && \valid_read(view) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  \result ==> is_row_sound(limits, view, tier);
  @*/
static bool is_tier_sound(const struct dg_limits *limits,
                          const struct dg_envelope_view *view,
                          unsigned tier)
{
    const int32_t *max_mU = limits->window_max_mU[tier];
    const int32_t *used_mU = view->used_mU[tier];

    return (limits->dose_max_mU[tier] >= 0) && (max_mU[0] >= 0) &&
           (max_mU[1] >= 0) && (max_mU[2] >= 0) && (max_mU[3] >= 0) &&
           (used_mU[0] >= 0) && (used_mU[1] >= 0) && (used_mU[2] >= 0) &&
           (used_mU[3] >= 0);
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ assigns  \nothing;
  @ ensures  \result ==> are_sound(limits, view);
  @*/
static bool is_sound(const struct dg_limits *limits,
                     const struct dg_envelope_view *view)
{
    return (limits->iob_max_mU >= 0) && (view->iob_mU >= 0) &&
           (limits->isf_mg_dL_per_U > 0) && (limits->isf_mg_dL_per_U <= 1000) &&
           (limits->floor_mg_dL > 0) && (limits->glucose_age_s_max >= 0) &&
           (limits->interval_s_min >= 0) && is_tier_sound(limits, view, 1U) &&
           is_tier_sound(limits, view, 2U) && is_tier_sound(limits, view, 3U);
}

/*@ assigns \nothing;
  @ ensures \result <= a && \result <= b;
  @ ensures \result == a || \result == b;
  @*/
static int32_t least(int32_t a, int32_t b)
{
    return (a < b) ? a : b;
}

/* Subtract from the ceiling: a sum could overflow. */
/*@ requires 0 <= ceiling_mU && 0 <= used_mU;
  @ assigns  \nothing;
  @ ensures  \result ==
  @   (used_mU >= ceiling_mU ? 0 : ceiling_mU - used_mU);
  @*/
static int32_t room_mU(int32_t ceiling_mU, int32_t used_mU)
{
    return (used_mU >= ceiling_mU) ? 0 : (ceiling_mU - used_mU);
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires is_row_sound(limits, view, tier) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  0 < \result ==>
  @   dg_envelope_fits_one(limits, view, \result, tier);
  @*/
static int32_t tier_mU(const struct dg_limits *limits,
                       const struct dg_envelope_view *view,
                       unsigned tier)
{
    const int32_t *max_mU = limits->window_max_mU[tier];
    const int32_t *used_mU = view->used_mU[tier];

    return least(
        least(room_mU(max_mU[0], used_mU[0]), room_mU(max_mU[1], used_mU[1])),
        least(room_mU(max_mU[2], used_mU[2]), room_mU(max_mU[3], used_mU[3])));
}

/* E2: the narrowest room over the tier's own windows and all wider ones. */
/* @satisfies{FDP_DOSE.3@1} */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires are_sound(limits, view) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  0 < \result ==> dg_envelope_e2(limits, view, \result, tier);
  @*/
static int32_t windows_mU(const struct dg_limits *limits,
                          const struct dg_envelope_view *view,
                          enum dg_tier tier)
{
    int32_t room = tier_mU(limits, view, (unsigned)DG_TIER_PRESENT);

    if (tier != DG_TIER_PRESENT) {
        room = least(room, tier_mU(limits, view, (unsigned)DG_TIER_CONFIRMED));
        /*@ assert 0 <= room; */
        /*@ assert 0 < room ==> dg_envelope_fits_one(limits, view, room, 2); */
        /*@ assert 0 < room ==> dg_envelope_fits_one(limits, view, room, 3); */
    }
    if (tier == DG_TIER_AUTOMATIC) {
        room = least(room, tier_mU(limits, view, (unsigned)DG_TIER_AUTOMATIC));
        /*@ assert 0 <= room; */
        /*@ assert 0 < room ==> dg_envelope_fits_one(limits, view, room, 1); */
        /*@ assert 0 < room ==> dg_envelope_e2(limits, view, room, 1); */
    }
    return room;
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->glucose_age_s_max;
  @ assigns  \nothing;
  @ ensures  \result <==> view->has_glucose &&
  @   view->glucose_at.s <= view->now.s &&
  @   view->now.s - view->glucose_at.s <= limits->glucose_age_s_max;
  @*/
static bool is_glucose_fresh(const struct dg_limits *limits,
                             const struct dg_envelope_view *view)
{
    return view->has_glucose && (view->glucose_at.s <= view->now.s) &&
           ((view->now.s - view->glucose_at.s) <=
            (uint32_t)limits->glucose_age_s_max);
}

/* G - ISF x (IOB + dose) >= predicted floor, solved for IOB and dose; at most
 * 1000 mg/dL x 1000: fits.  Glucose is above the predicted floor. */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 < limits->isf_mg_dL_per_U <= 1000;
  @ requires view->glucose.mg_dL > PREDICTED_FLOOR_MG_DL;
  @ assigns  \nothing;
  @ ensures  0 <= \result == dg_envelope_bearable_mU(limits, view);
  @*/
static int32_t bearable_mU(const struct dg_limits *limits,
                           const struct dg_envelope_view *view)
{
    const int32_t above = view->glucose.mg_dL - PREDICTED_FLOOR_MG_DL;

    return ((above > 1000 ? 1000 : above) * 1000) / limits->isf_mg_dL_per_U;
}

/* E4: what trusted glucose leaves for an automatic dose. */
/* @satisfies{FDP_DOSE.5@1} */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires is_view_sound(limits, view);
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  0 < \result ==> dg_envelope_e4(limits, view);
  @ ensures  predicted: 0 < \result ==>
  @   view->iob_mU + \result <= dg_envelope_bearable_mU(limits, view);
  @*/
static int32_t glucose_mU(const struct dg_limits *limits,
                          const struct dg_envelope_view *view)
{
    if (!is_glucose_fresh(limits, view) ||
        (view->glucose.mg_dL < limits->floor_mg_dL) ||
        (view->glucose.mg_dL <= PREDICTED_FLOOR_MG_DL)) {
        return 0;
    }

    return room_mU(bearable_mU(limits, view), view->iob_mU);
}

/* E7 over all controllers and tiers.  A last bolus in the future means that
 * the clock or the ledger lies: wait. */
/* @satisfies{FDP_DOSE.6@1} */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->interval_s_min;
  @ assigns  \nothing;
  @ ensures  \result <==> dg_envelope_e7(limits, view);
  @*/
static bool is_interval_over(const struct dg_limits *limits,
                             const struct dg_envelope_view *view)
{
    return !view->has_bolus || ((view->last_bolus.s <= view->now.s) &&
                                ((view->now.s - view->last_bolus.s) >=
                                 (uint32_t)limits->interval_s_min));
}

/* E8, the side of insulin: the controller alone gives none against glucagon
 * that still acts.  Glucagon in the future: wait, as for E7. */
/* @satisfies{FDP_GLUCAGON.3@1} */
/*@ requires \valid_read(view);
  @ assigns  \nothing;
  @ ensures  \result <==> dg_envelope_e8(view);
  @*/
static bool is_lock_over(const struct dg_envelope_view *view)
{
    return !view->has_glucagon ||
           ((view->last_glucagon.s <= view->now.s) &&
            ((view->now.s - view->last_glucagon.s) >= DG_GLUCAGON_LOCK_S));
}

/* One rule more: the first that refuses is named. */
/*@ requires \valid(decision) && rule != DG_RULE_NONE;
  @ assigns  decision->rule, decision->headroom.mU;
  @ ensures  decision->headroom.mU <= \old(decision->headroom.mU) &&
  @   decision->headroom.mU <= room;
  @ ensures  decision->headroom.mU == \old(decision->headroom.mU) ||
  @   decision->headroom.mU == room;
  @ ensures  decision->rule == DG_RULE_NONE <==>
  @   \old(decision->rule) == DG_RULE_NONE && amount.mU <= room;
  @*/
static void bound(struct dg_decision *decision,
                  dg_dose amount,
                  enum dg_rule rule,
                  int32_t room)
{
    if ((amount.mU > room) && (decision->rule == DG_RULE_NONE)) {
        decision->rule = rule;
    }
    decision->headroom.mU = least(decision->headroom.mU, room);
}

/* @satisfies{FDP_DOSE.2@1} @satisfies{FDP_DOSE.4@1} @satisfies{FDP_DOSE.8@1} */
enum dg_status dg_envelope_decide(const struct dg_limits *limits,
                                  const struct dg_envelope_view *view,
                                  dg_dose amount,
                                  enum dg_tier tier,
                                  struct dg_decision *decision)
{
    if (decision == NULL) {
        return DG_E_USAGE;
    }
    decision->verdict = DG_VERDICT_DENY;
    decision->rule = DG_RULE_NONE;
    decision->headroom.mU = 0;

    if ((limits == NULL) || (view == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_tier(tier) || (amount.mU <= 0) || (amount.mU > DG_EFFECT_MU_MAX)) {
        return DG_E_RANGE;
    }
    if (!is_sound(limits, view)) {
        return DG_E_CORRUPT;
    }

    /* What each rule leaves, in the order in which a refusal is named. */
    const bool automatic = tier == DG_TIER_AUTOMATIC;
    struct dg_decision made = {DG_VERDICT_DENY, DG_RULE_NONE, {INT32_MAX}};

    bound(&made,
          amount,
          DG_RULE_E7,
          is_interval_over(limits, view) ? INT32_MAX : 0);
    bound(&made,
          amount,
          DG_RULE_E8,
          (automatic && !is_lock_over(view)) ? 0 : INT32_MAX);
    bound(&made,
          amount,
          DG_RULE_E4,
          automatic ? glucose_mU(limits, view) : INT32_MAX);
    bound(&made, amount, DG_RULE_E1, limits->dose_max_mU[tier]);
    bound(&made, amount, DG_RULE_E2, windows_mU(limits, view, tier));
    bound(&made, amount, DG_RULE_E3, room_mU(limits->iob_max_mU, view->iob_mU));
    made.headroom.mU -= made.headroom.mU % DG_PULSE_MU;
    if (made.rule == DG_RULE_NONE) {
        made.verdict = DG_VERDICT_ALLOW;
    }
    *decision = made;
    return DG_OK;
}

/* @satisfies{FDP_DOSE.10@1} */
bool dg_envelope_goes_on(const struct dg_limits *limits,
                         const struct dg_envelope_view *view)
{
    if ((limits == NULL) || (view == NULL) || !is_sound(limits, view)) {
        return false;
    }
    return is_glucose_fresh(limits, view) && is_lock_over(view) &&
           (view->glucose.mg_dL >= limits->floor_mg_dL) &&
           (view->glucose.mg_dL > PREDICTED_FLOOR_MG_DL) &&
           (bearable_mU(limits, view) >= view->iob_mU);
}
