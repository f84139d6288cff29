/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/glucagon.h"

#include <stddef.h>

_Static_assert(DG_WINDOWS == 4U, "each window is named below");

/*@ predicate is_cell_sound{L}(struct dg_glucagon_limits *limits,
  @                            struct dg_glucagon_view *view,
  @                            integer tier, integer window) =
  @   0 <= limits->window_max_ug[tier][window] &&
  @   0 <= view->used_ug[tier][window];
  @
  @ predicate is_row_sound{L}(struct dg_glucagon_limits *limits,
  @                           struct dg_glucagon_view *view, integer tier) =
  @   0 <= limits->dose_max_ug[tier] &&
  @   is_cell_sound(limits, view, tier, 0) &&
  @   is_cell_sound(limits, view, tier, 1) &&
  @   is_cell_sound(limits, view, tier, 2) &&
  @   is_cell_sound(limits, view, tier, 3);
  @
  @ predicate is_dose_sound{L}(struct dg_glucagon_limits *limits,
  @                            struct dg_glucagon_view *view) =
  @   0 <= limits->interval_s_min && 0 < limits->below_mg_dL &&
  @   0 < limits->low_mg_dL && 0 <= limits->glucose_age_s_max &&
  @   0 <= limits->rescue_ug <= DG_EFFECT_UG_MAX &&
  @   0 <= limits->rescue_below_mg_dL && 0 <= view->rescue_recent_ug &&
  @   0 <= view->rescue_day_ug && 0 <= view->insulin_mU &&
  @   is_row_sound(limits, view, 1) && is_row_sound(limits, view, 2) &&
  @   is_row_sound(limits, view, 3);
  @*/

/*@ requires \valid_read(limits) && \valid_read(view) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  \result ==> is_row_sound(limits, view, tier);
  @*/
static bool is_tier_sound(const struct dg_glucagon_limits *limits,
                          const struct dg_glucagon_view *view,
                          unsigned tier)
{
    const int32_t *max_ug = limits->window_max_ug[tier];
    const int32_t *used_ug = view->used_ug[tier];

    return (limits->dose_max_ug[tier] >= 0) && (max_ug[0] >= 0) &&
           (max_ug[1] >= 0) && (max_ug[2] >= 0) && (max_ug[3] >= 0) &&
           (used_ug[0] >= 0) && (used_ug[1] >= 0) && (used_ug[2] >= 0) &&
           (used_ug[3] >= 0);
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ assigns  \nothing;
  @ ensures  \result ==> is_dose_sound(limits, view);
  @*/
static bool is_sound(const struct dg_glucagon_limits *limits,
                     const struct dg_glucagon_view *view)
{
    return (limits->interval_s_min >= 0) && (limits->below_mg_dL > 0) &&
           (limits->low_mg_dL > 0) && (limits->glucose_age_s_max >= 0) &&
           (limits->rescue_ug >= 0) &&
           (limits->rescue_ug <= DG_EFFECT_UG_MAX) &&
           (limits->rescue_below_mg_dL >= 0) && (view->rescue_recent_ug >= 0) &&
           (view->rescue_day_ug >= 0) && (view->insulin_mU >= 0) &&
           is_tier_sound(limits, view, 1U) && is_tier_sound(limits, view, 2U) &&
           is_tier_sound(limits, view, 3U);
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
/*@ requires 0 <= ceiling_ug && 0 <= used_ug;
  @ assigns  \nothing;
  @ ensures  \result ==
  @   (used_ug >= ceiling_ug ? 0 : ceiling_ug - used_ug);
  @*/
static int32_t room_ug(int32_t ceiling_ug, int32_t used_ug)
{
    return (used_ug >= ceiling_ug) ? 0 : (ceiling_ug - used_ug);
}

/*@ requires 0 <= ug;
  @ assigns  \nothing;
  @ ensures  0 <= \result <= ug && \result % DG_GLUCAGON_STEP_UG == 0;
  @*/
static int32_t whole_steps(int32_t ug)
{
    return ug - (ug % DG_GLUCAGON_STEP_UG);
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires is_row_sound(limits, view, tier) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  0 < \result ==>
  @   dg_glucagon_fits_one(limits, view, \result, tier);
  @*/
static int32_t tier_ug(const struct dg_glucagon_limits *limits,
                       const struct dg_glucagon_view *view,
                       unsigned tier)
{
    const int32_t *max_ug = limits->window_max_ug[tier];
    const int32_t *used_ug = view->used_ug[tier];

    return least(
        least(room_ug(max_ug[0], used_ug[0]), room_ug(max_ug[1], used_ug[1])),
        least(room_ug(max_ug[2], used_ug[2]), room_ug(max_ug[3], used_ug[3])));
}

/* The narrowest room over the tier's own windows and all wider ones; rescue
 * doses use up the widest. */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires is_dose_sound(limits, view) && 1 <= tier <= 2;
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  0 < \result ==> dg_glucagon_e2(limits, view, \result, tier);
  @*/
static int32_t windows_ug(const struct dg_glucagon_limits *limits,
                          const struct dg_glucagon_view *view,
                          enum dg_tier tier)
{
    int32_t room = least(tier_ug(limits, view, (unsigned)DG_TIER_PRESENT),
                         tier_ug(limits, view, (unsigned)DG_TIER_CONFIRMED));

    /*@ assert 0 <= room; */
    /*@ assert 0 < room ==> dg_glucagon_fits_one(limits, view, room, 2); */
    /*@ assert 0 < room ==> dg_glucagon_fits_one(limits, view, room, 3); */
    if (tier == DG_TIER_AUTOMATIC) {
        room = least(room, tier_ug(limits, view, (unsigned)DG_TIER_AUTOMATIC));
        /*@ assert 0 <= room; */
        /*@ assert 0 < room ==> dg_glucagon_fits_one(limits, view, room, 1); */
        /*@ assert 0 < room ==> dg_glucagon_e2(limits, view, room, 1); */
    }
    return room;
}

/* Glucagon in the future means that the clock or the ledger lies: wait. */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->interval_s_min;
  @ assigns  \nothing;
  @ ensures  \result <==> dg_glucagon_interval(limits, view);
  @*/
static bool is_interval_over(const struct dg_glucagon_limits *limits,
                             const struct dg_glucagon_view *view)
{
    return !view->has_dose || ((view->last_dose.s <= view->now.s) &&
                               ((view->now.s - view->last_dose.s) >=
                                (uint32_t)limits->interval_s_min));
}

/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->glucose_age_s_max;
  @ assigns  \nothing;
  @ ensures  \result <==> dg_glucagon_fresh(limits, view);
  @*/
static bool is_fresh(const struct dg_glucagon_limits *limits,
                     const struct dg_glucagon_view *view)
{
    return (view->glucose_at.s <= view->now.s) &&
           ((view->now.s - view->glucose_at.s) <=
            (uint32_t)limits->glucose_age_s_max);
}

/* Trusted glucose below the threshold, and not against insulin that the
 * controller has just given: that would be its own mistake paid twice (T7). */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->glucose_age_s_max;
  @ assigns  \nothing;
  @ ensures  \result <==> dg_glucagon_t7(limits, view);
  @*/
static bool is_automatic_due(const struct dg_glucagon_limits *limits,
                             const struct dg_glucagon_view *view)
{
    const int32_t threshold =
        (view->insulin_mU > 0) ? limits->low_mg_dL : limits->below_mg_dL;

    return view->has_glucose && is_fresh(limits, view) &&
           (view->glucose.mg_dL < threshold) && !view->is_insulin_open;
}

/* @satisfies{FDP_GLUCAGON.2@1} @satisfies{FDP_GLUCAGON.3@1} */
enum dg_status dg_glucagon_decide(const struct dg_glucagon_limits *limits,
                                  const struct dg_glucagon_view *view,
                                  dg_glucagon amount,
                                  enum dg_tier tier,
                                  struct dg_glucagon_decision *decision)
{
    if (decision == NULL) {
        return DG_E_USAGE;
    }
    decision->verdict = DG_VERDICT_DENY;
    decision->headroom.ug = 0;

    if ((limits == NULL) || (view == NULL)) {
        return DG_E_USAGE;
    }
    if (((tier != DG_TIER_AUTOMATIC) && (tier != DG_TIER_CONFIRMED)) ||
        (amount.ug <= 0) || (amount.ug > DG_EFFECT_UG_MAX)) {
        return DG_E_RANGE;
    }
    if (!is_sound(limits, view)) {
        return DG_E_CORRUPT;
    }
    if (!is_interval_over(limits, view)) {
        return DG_OK;
    }
    if ((tier == DG_TIER_AUTOMATIC) && !is_automatic_due(limits, view)) {
        return DG_OK;
    }
    decision->headroom.ug = whole_steps(
        least(limits->dose_max_ug[tier], windows_ug(limits, view, tier)));
    if (amount.ug <= decision->headroom.ug) {
        decision->verdict = DG_VERDICT_ALLOW;
    }
    return DG_OK;
}

/* One low reading may be a finger on the sensor; a run of them is not, and a
 * person who ended the last glucagon knows more than the device. */
/*@ requires \valid_read(limits) && \valid_read(view);
  @ requires 0 <= limits->glucose_age_s_max;
  @ assigns  \nothing;
  @ ensures  \result <==> dg_glucagon_severe(limits, view);
  @*/
static bool is_rescue_due(const struct dg_glucagon_limits *limits,
                          const struct dg_glucagon_view *view)
{
    return (limits->rescue_below_mg_dL > 0) && is_fresh(limits, view) &&
           (view->glucose.mg_dL < limits->rescue_below_mg_dL) &&
           view->has_run && (view->run_at.s <= view->glucose_at.s) &&
           ((view->glucose_at.s - view->run_at.s) >= DG_RESCUE_RUN_S) &&
           !view->is_held;
}

/* @satisfies{FDP_GLUCAGON.4@1} */
enum dg_status dg_glucagon_rescue(const struct dg_glucagon_limits *limits,
                                  const struct dg_glucagon_view *view,
                                  enum dg_rescuer rescuer,
                                  dg_glucagon *amount)
{
    if (amount == NULL) {
        return DG_E_USAGE;
    }
    amount->ug = 0;
    if ((limits == NULL) || (view == NULL)) {
        return DG_E_USAGE;
    }
    if ((rescuer != DG_RESCUER_PERSON) && (rescuer != DG_RESCUER_DEVICE)) {
        return DG_E_RANGE;
    }
    if (!is_sound(limits, view)) {
        return DG_E_CORRUPT;
    }
    if ((rescuer == DG_RESCUER_DEVICE) && !is_rescue_due(limits, view)) {
        return DG_OK;
    }

    /* The device leaves the second dose to a person. */
    const int32_t day_ug =
        limits->rescue_ug *
        ((rescuer == DG_RESCUER_PERSON) ? DG_RESCUES_A_DAY : 1);

    amount->ug =
        whole_steps(least(room_ug(limits->rescue_ug, view->rescue_recent_ug),
                          room_ug(day_ug, view->rescue_day_ug)));
    return DG_OK;
}
