/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>

/* What takes hours, and what a person changes for good.  Proposed, approved and
 * pressed at one go: what may come between has its acts with a bolus. */

/* Somebody else waits for the button, or the power may go between the parts. */
static bool is_in_the_way(void)
{
    return insulin_wait.is_on || glucagon_wait.is_on || (rig.flash.cut_in > 0U);
}

/* A ticket of @who, approved; and pressed, where the device asks for that.
 * false: it came to nothing, for a reason that has nothing to do with dosing. */
static bool carry_out(unsigned who, const struct dg_answer *ticket)
{
    const bool by_button = ticket->as.ticket.confirmation == DG_CONFIRM_BUTTON;
    const struct dg_ticket_id id = ticket->as.ticket.id;
    const struct dg_answer *answer = rig_commit(&rig, who, true);

    if (answer == NULL) {
        tally->silence++;
        return false;
    }
    if (answer->kind != DG_ANSWER_ACCEPTED) {
        const enum dg_reason reason = answer->as.refused.reason;

        if ((answer->kind != DG_ANSWER_REFUSED) ||
            ((reason != DG_REASON_ENERGY) &&
             ((reason != DG_REASON_BUSY) || !is_busy(false)))) {
            FAIL("answer %d, reason %d to a true approval",
                 answer->kind,
                 reason);
        }
        note_answer(who, answer);
        return false;
    }
    remember(&id);
    if (by_button && (dg_device_press(&rig.device,
                                      (dg_seconds){rig.clock_s},
                                      DG_BUTTON_CONFIRM) != DG_OK)) {
        FAIL("the button was refused");
    }
    return true;
}

/* What a refusal of something slow may say beside the rules of dosing. */
static bool is_plain(const struct dg_answer *answer)
{
    const enum dg_reason reason = answer->as.refused.reason;

    /* The ring has no room for so many records, which nobody knows here. */
    return (reason == DG_REASON_STATE) ||
           ((reason == DG_REASON_BUSY) &&
            (ref.insulin.spread.is_open || is_busy(false)));
}

void act_extended(const struct walk_step *step)
{
    const unsigned who = step->who;
    const int32_t mU = 50 * (1 + (int32_t)((step->a >> 3) % 60U));
    const uint32_t seconds =
        DG_EXTENDED_S_MIN +
        ((step->b >> 3) % (DG_EXTENDED_S_MAX - DG_EXTENDED_S_MIN + 1U));
    const struct dg_effect effect = {.kind = DG_EFFECT_BOLUS,
                                     .form = DG_FORM_EXTENDED,
                                     .amount = {mU},
                                     .duration = {seconds}};
    struct offer offer = {.amount = units(mU), .tier = REF_CONFIRMED};

    if (is_in_the_way()) {
        return;
    }

    const bool was_open = ref.insulin.spread.is_open;
    const struct dg_answer *answer =
        rig_propose_effect(&rig, who, DG_TIER_CONFIRMED, &effect);

    note_answer(who, answer);
    if (answer == NULL) {
        return;
    }
    if (answer->kind == DG_ANSWER_REFUSED) {
        if (rule_of(answer->as.refused.reason) != REF_NO_RULE) {
            check_rule(answer, &offer, REF_PRESENT);
        } else if (!is_plain(answer)) {
            check_refusal(who, answer, &offer, DG_RUNG_DOSE_BUTTON);
        }
        return;
    }
    /* The new ticket is the phone's only one. */
    offers[who].is_open = false;
    offer.tier = (answer->as.ticket.confirmation == DG_CONFIRM_BUTTON)
                     ? REF_PRESENT
                     : REF_CONFIRMED;
    must_allow(&offer, "an extended bolus");
    if (was_open || ref.is_paused ||
        (offer.amount > (reservoir_U() + EPSILON))) {
        FAIL("an extended bolus beside another (%d), in a pause (%d), of %.2f "
             "U left",
             was_open,
             ref.is_paused,
             reservoir_U());
    }
    if (carry_out(who, answer)) {
        spread_by = (int)who;
        ref_spread_open(&ref.insulin,
                        ref.now,
                        offer.tier,
                        offer.amount,
                        STEP_U,
                        (double)seconds);
        tally->extended++;
    }
}

/* One change moves an hour by half of its rate or .1 U/h at most, no hour has
 * more than 10 U/h, and a day of it is not above the daily dose. */
static bool is_near(const struct dg_effect *effect)
{
    const double rate = units(effect->rate.mU_per_h);
    double day = 0.0;
    bool is_right = rate <= (10.0 + EPSILON);

    for (unsigned hour = 0U; hour < 24U; hour++) {
        const double now = ref.person.basal_U_per_h[hour];
        /* Half in whole mU/h, as it is written. */
        const double half = fmax(floor((now * 500.0) + EPSILON) / 1000.0, .1);
        const bool is_named = (hour >= effect->hour) &&
                              (hour < ((unsigned)effect->hour + effect->hours));

        is_right =
            is_right && (!is_named || (fabs(rate - now) <= (half + EPSILON)));
        day += is_named ? rate : now;
    }
    return is_right && (day <= (ref.person.tdd_U + EPSILON));
}

void act_schedule(const struct walk_step *step)
{
    const unsigned who = step->who;
    const unsigned hour = (step->a >> 2) % 24U;
    const double now = ref.person.basal_U_per_h[hour] * 1000.0;
    const struct dg_effect effect = {
        .kind = DG_EFFECT_SETTINGS,
        .setting = DG_SETTING_BASAL,
        .hour = (uint8_t)hour,
        .hours = (uint8_t)(1U + ((step->a >> 8) % (24U - hour))),
        .rate = {(int32_t)lround(now * (.4 + ((step->b % 1300U) / 1000.0)))}};
    const struct offer offer = {0};

    if (is_in_the_way() || is_busy(false)) {
        return;
    }

    const struct dg_answer *answer =
        rig_propose_effect(&rig, who, DG_TIER_CONFIRMED, &effect);

    note_answer(who, answer);
    if (answer == NULL) {
        return;
    }
    if (answer->kind == DG_ANSWER_REFUSED) {
        if (answer->as.refused.reason == DG_REASON_E9) {
            if (is_near(&effect)) {
                FAIL("%d mU/h refused", (int)effect.rate.mU_per_h);
            }
        } else if (!is_plain(answer)) {
            check_refusal(who, answer, &offer, DG_RUNG_DOSE_BUTTON);
        }
        return;
    }
    offers[who].is_open = false;
    if (!is_near(&effect)) {
        FAIL("%d mU/h offered", (int)effect.rate.mU_per_h);
    }
    if (carry_out(who, answer)) {
        for (unsigned i = 0U; i < effect.hours; i++) {
            ref.person.basal_U_per_h[hour + i] = units(effect.rate.mU_per_h);
        }
        /* What accrued at the old rate is gone. */
        basal_U = 0.0;
        basal_from_U = ref.scheduled_U;
        tally->scheduled++;
    }
}
