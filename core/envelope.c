/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/envelope.h"

#include "dosegate/glucagon.h"

#include <stddef.h>

/* "Predicted floor" of E4: no automatic dose that would bring glucose below
 * it once all insulin on board has acted.  54 mg/dL is level-2 hypoglycaemia
 * (Battelino 2019); 16 above it for the error of a sensor. */
#define PREDICTED_FLOOR_MG_DL 70

static bool is_tier(enum dg_tier tier)
{
    return (tier == DG_TIER_AUTOMATIC) || (tier == DG_TIER_CONFIRMED) ||
           (tier == DG_TIER_PRESENT);
}

static bool is_sound(const struct dg_limits *limits,
                     const struct dg_envelope_view *view)
{
    bool sound =
        (limits->iob_max_mU >= 0) && (view->iob_mU >= 0) &&
        (limits->isf_mg_dL_per_U > 0) && (limits->isf_mg_dL_per_U <= 1000) &&
        (limits->floor_mg_dL > 0) && (limits->glucose_age_s_max >= 0) &&
        (limits->interval_s_min >= 0);

    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        sound = sound && (limits->dose_max_mU[tier] >= 0);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            sound = sound && (limits->window_max_mU[tier][window] >= 0) &&
                    (view->used_mU[tier][window] >= 0);
        }
    }
    return sound;
}

/* Subtract from the ceiling: a sum could overflow. */
static int32_t room_mU(int32_t ceiling_mU, int32_t used_mU)
{
    return (used_mU >= ceiling_mU) ? 0 : (ceiling_mU - used_mU);
}

/* E2: the narrowest room over the tier's own windows and all wider ones. */
/* @satisfies{FDP_DOSE.3@1} */
static int32_t windows_mU(const struct dg_limits *limits,
                          const struct dg_envelope_view *view,
                          enum dg_tier tier)
{
    int32_t room = INT32_MAX;

    for (unsigned wider = (unsigned)tier; wider < DG_TIERS; wider++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const int32_t here = room_mU(limits->window_max_mU[wider][window],
                                         view->used_mU[wider][window]);

            room = (here < room) ? here : room;
        }
    }
    return room;
}

static bool is_glucose_fresh(const struct dg_limits *limits,
                             const struct dg_envelope_view *view)
{
    return view->has_glucose && (view->glucose_at.s <= view->now.s) &&
           ((view->now.s - view->glucose_at.s) <=
            (uint32_t)limits->glucose_age_s_max);
}

/* G - ISF x (IOB + dose) >= predicted floor, solved for IOB and dose; at most
 * 1000 mg/dL x 1000: fits.  Glucose is above the predicted floor. */
static int32_t bearable_mU(const struct dg_limits *limits,
                           const struct dg_envelope_view *view)
{
    const int32_t above = view->glucose.mg_dL - PREDICTED_FLOOR_MG_DL;

    return ((above > 1000 ? 1000 : above) * 1000) / limits->isf_mg_dL_per_U;
}

/* E4: what trusted glucose leaves for an automatic dose. */
/* @satisfies{FDP_DOSE.5@1} */
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
static bool is_lock_over(const struct dg_envelope_view *view)
{
    return !view->has_glucagon ||
           ((view->last_glucagon.s <= view->now.s) &&
            ((view->now.s - view->last_glucagon.s) >= DG_GLUCAGON_LOCK_S));
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
    const struct {
        enum dg_rule rule;
        int32_t room;
    } rooms[] = {
        {DG_RULE_E7, is_interval_over(limits, view) ? INT32_MAX : 0},
        {DG_RULE_E8, (automatic && !is_lock_over(view)) ? 0 : INT32_MAX},
        {DG_RULE_E4, automatic ? glucose_mU(limits, view) : INT32_MAX},
        {DG_RULE_E1, limits->dose_max_mU[tier]},
        {DG_RULE_E2, windows_mU(limits, view, tier)},
        {DG_RULE_E3, room_mU(limits->iob_max_mU, view->iob_mU)},
    };
    int32_t headroom = INT32_MAX;
    enum dg_rule rule = DG_RULE_NONE;

    for (unsigned i = 0U; i < (sizeof rooms / sizeof rooms[0]); i++) {
        if ((amount.mU > rooms[i].room) && (rule == DG_RULE_NONE)) {
            rule = rooms[i].rule;
        }
        headroom = (rooms[i].room < headroom) ? rooms[i].room : headroom;
    }
    decision->headroom.mU = headroom - (headroom % DG_PULSE_MU);
    decision->rule = rule;
    if (rule == DG_RULE_NONE) {
        decision->verdict = DG_VERDICT_ALLOW;
    }
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
