/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>
#include <string.h>

/* Proposals and commits, honest and otherwise. */

double mid(uint32_t draw, const uint16_t *from, size_t count)
{
    return from[draw % count];
}

static int32_t amount_of(const struct walk_step *step, bool is_glucagon)
{
    const int32_t automatic =
        is_glucagon
            ? (int32_t)lround(
                  1000.0 * ref_glucagon(&ref, REF_AUTOMATIC, STEP_MG, REF_EXACT)
                               .headroom)
            : (int32_t)lround(1000.0 * automatic_room(REF_EXACT));
    const int32_t confirmed = (int32_t)lround(
        1000.0 *
        (is_glucagon
             ? ref_glucagon(&ref, REF_CONFIRMED, STEP_MG, REF_EXACT).headroom
             : ref_bolus(&ref, REF_CONFIRMED, STEP_U, REF_EXACT).headroom));
    const int32_t unit = is_glucagon ? 10 : 50;
    const int32_t most = is_glucagon ? DG_EFFECT_UG_MAX : DG_EFFECT_MU_MAX;
    const int32_t drawn = (int32_t)(step->a >> 8);
    int32_t amount = 0;

    switch (step->a & 7U) {
    case 0U:
        amount = automatic;
        break;
    case 1U:
        amount = automatic + unit;
        break;
    case 2U:
    case 5U:
        amount = confirmed;
        break;
    case 3U:
        amount = confirmed + unit;
        break;
    case 4U:
        amount = 1 + (drawn % most);
        break;
    case 6U:
        amount = unit * (1 + (drawn % 30));
        break;
    default:
        amount = unit * (1 + (drawn % 6));
        break;
    }
    return (amount < 1) ? 1 : ((amount > most) ? most : amount);
}

void act_propose(const struct walk_step *step)
{
    const unsigned who = step->who;
    const bool is_glucagon =
        (rig.ports.glucagon != NULL) && ((step->b & 3U) == 0U);
    const enum ref_tier tier =
        ((step->b & 4U) != 0U) ? REF_AUTOMATIC : REF_CONFIRMED;
    const int32_t amount = amount_of(step, is_glucagon);
    struct offer offer = {
        .is_glucagon = is_glucagon,
        .tier = tier,
        .amount = is_glucagon ? (floor((double)amount / 10.0) * STEP_MG)
                              : (floor((double)amount / 50.0) * STEP_U)};
    const struct dg_answer *answer =
        is_glucagon
            ? rig_propose_glucagon(&rig, who, (enum dg_tier)tier, amount)
            : rig_propose(&rig, who, (enum dg_tier)tier, amount);

    if (rig.flash.is_dead) {
        return;
    }
    note_answer(who, answer);
    if (answer == NULL) {
        return;
    }
    if (answer->kind == DG_ANSWER_REFUSED) {
        /* Insulin that is asked to be confirmed is tried for the button. */
        if ((rule_of(answer->as.refused.reason) == REF_NO_RULE)) {
            check_refusal(who,
                          answer,
                          &offer,
                          (tier == REF_AUTOMATIC) ? DG_RUNG_AUTOMATE
                                                  : DG_RUNG_DOSE_BUTTON);
        } else {
            check_rule(answer,
                       &offer,
                       ((tier == REF_CONFIRMED) && !is_glucagon) ? REF_PRESENT
                                                                 : tier);
        }
        return;
    }
    if (answer->kind != DG_ANSWER_TICKET) {
        FAIL("answer %d to a proposal", answer->kind);
    }
    offer.is_open = true;
    offer.id = answer->as.ticket.id;
    offer.confirmation = answer->as.ticket.confirmation;
    offer.expiry = answer->as.ticket.expiry.s;
    if (offer.expiry > (ref.now + 60.0)) {
        FAIL("a ticket for %.0f s", offer.expiry - ref.now);
    }
    if (!is_glucagon && (tier == REF_CONFIRMED) &&
        (offer.confirmation == DG_CONFIRM_BUTTON)) {
        offer.tier = REF_PRESENT;
    }
    if ((tier == REF_AUTOMATIC) !=
        (offer.confirmation == DG_CONFIRM_AUTOMATIC)) {
        FAIL("confirmation %d of tier %d", offer.confirmation, tier);
    }

    const double told = is_glucagon
                            ? units(answer->as.ticket.effect.glucagon.ug)
                            : units(answer->as.ticket.effect.amount.mU);

    check_between("the resolved amount", told, offer.amount, offer.amount);
    must_allow(&offer, "ticket");
    /* A person looks at the pump where glucose is low, where the dose is
     * unusual, and beyond what confirming reaches; nowhere else. */
    if (!is_glucagon && (tier == REF_CONFIRMED)) {
        const bool must = ref_is_low(&ref) ||
                          ref_is_unusual(&ref, offer.amount, REF_EXACT) ||
                          ((unsigned)answer->status.rung < DG_RUNG_DOSE) ||
                          !judge(&offer, REF_CONFIRMED, REF_EXACT).is_allowed;
        const bool may = must ||
                         ref_is_unusual(&ref, offer.amount, REF_CAREFUL) ||
                         !judge(&offer, REF_CONFIRMED, REF_CAREFUL).is_allowed;
        const bool is = offer.confirmation == DG_CONFIRM_BUTTON;

        if ((must && !is) || (is && !may)) {
            FAIL("confirmation %d, must %d, may %d",
                 offer.confirmation,
                 must,
                 may);
        }
    }
    offers[who] = offer;
}

static const struct dg_answer *send_commit(const struct walk_step *step,
                                           unsigned who,
                                           bool *is_right,
                                           struct dg_ticket_id *id)
{
    const unsigned how = (step->b >> 8) % 12U;
    const struct dg_answer *ticket = &rig.phone[who].ticket;
    struct dg_request request = {.kind = DG_REQUEST_COMMIT};
    const bool wants_signature =
        offers[who].confirmation != DG_CONFIRM_AUTOMATIC;
    unsigned signer = who;

    *id = ticket->as.ticket.id;
    *is_right = true;
    if (how == 0U) {
        wants_signature ? (void)(*is_right = false) : (void)0;
        request.as.commit.ticket = *id;
        return rig_ask(&rig, who, &request);
    }
    if ((how == 1U) && (done_count > 0U)) {
        *id = done[(step->b >> 16) % done_count];
        request.as.commit.ticket = *id;
        return rig_ask(&rig, who, &request);
    }
    if (how == 2U) {
        signer = (who + 1U) % PHONES;
        *is_right = !wants_signature;
    }
    if (how == 3U) {
        *id = rig.phone[(who + 1U) % PHONES].ticket.as.ticket.id;
        *is_right = !wants_signature;
    }
    if (ticket->kind != DG_ANSWER_TICKET) {
        request.as.commit.ticket = *id;
        return rig_ask(&rig, who, &request);
    }

    const struct dg_approval approval = rig_approval(&rig, who);

    request =
        rig_signed_commit(&rig, &rig.phone[signer].presence, id, &approval);
    request.as.commit.has_signature = wants_signature;
    return rig_ask(&rig, who, &request);
}

/* What was to be confirmed at the phone alone: insulin not in a low, glucagon
 * only in one, and that with a phone that can show who was there. */
static bool wants_button(const struct offer *offer)
{
    if (offer->confirmation != DG_CONFIRM_PHONE) {
        return false;
    }
    return offer->is_glucagon
               ? (ref.person.is_low_package || !ref_is_fresh(&ref) ||
                  (ref.glucose >= fmin(80.0, ref.person.floor)))
               : ref_is_low(&ref);
}

static void take_refused_commit(unsigned who,
                                const struct dg_answer *answer,
                                const struct dg_ticket_id *id,
                                bool is_right)
{
    struct offer *offer = &offers[who];
    const bool is_this = offer->is_open && is_same(&offer->id, id);
    const enum dg_reason reason = answer->as.refused.reason;

    if (reason == DG_REASON_TICKET) {
        if (is_this) {
            FAIL("an open ticket is not known");
        }
    } else if (reason == DG_REASON_STALE) {
        if (!is_this || (ref.now <= offer->expiry)) {
            FAIL("not stale");
        }
        offer->is_open = false;
    } else if (reason == DG_REASON_PRESENCE) {
        if (is_right) {
            FAIL("a true approval was refused");
        }
    } else if (wants_button(offer) &&
               (rule_of(reason) == (offer->is_glucagon ? REF_E8 : REF_E4))) {
        /* A look at the pump is wanted now that was not when it was offered. */
    } else if (rule_of(reason) != REF_NO_RULE) {
        check_rule(answer, offer, offer->tier);
    } else {
        check_refusal(who,
                      answer,
                      offer,
                      (offer->confirmation == DG_CONFIRM_BUTTON)
                          ? DG_RUNG_DOSE_BUTTON
                          : ((offer->tier == REF_AUTOMATIC) ? DG_RUNG_AUTOMATE
                                                            : DG_RUNG_DOSE));
    }
}

void act_commit(const struct walk_step *step)
{
    const unsigned who = step->who;
    struct offer *offer = &offers[who];
    struct dg_ticket_id id;
    bool is_right = false;
    const double left = reservoir_U();

    if (offer->is_open) {
        asked = offer->amount;
        asked_tier = offer->tier;
        asked_glucagon = offer->is_glucagon;
        is_ending = is_ending || asked_glucagon;
    }

    const struct dg_answer *answer = send_commit(step, who, &is_right, &id);

    if (rig.flash.is_dead) {
        return;
    }
    if (answer == NULL) {
        tally->silence++;
        return;
    }
    if (answer->kind == DG_ANSWER_ALREADY) {
        tally->already++;
    } else if (is_remembered(&id) &&
               !((answer->kind == DG_ANSWER_REFUSED) &&
                 (rule_of(answer->as.refused.reason) == REF_NO_RULE))) {
        FAIL("a ticket that was used is answered with %d", answer->kind);
    } else if (answer->kind == DG_ANSWER_REFUSED) {
        take_refused_commit(who, answer, &id, is_right);
    } else if (answer->kind == DG_ANSWER_ACCEPTED) {
        if (!offer->is_open || !is_same(&offer->id, &id)) {
            FAIL("accepted a ticket that is not open");
        }
        if (!is_right || (ref.now > offer->expiry)) {
            FAIL("accepted, approved %d, %.0f s old",
                 is_right,
                 ref.now - offer->expiry);
        }
        if ((is_busy(offer->is_glucagon) && (blocked == 0U)) ||
            (ref.is_paused && !offer->is_glucagon)) {
            FAIL("accepted while another runs, or suspended");
        }
        if (highest_rung(who) < ((offer->tier == REF_AUTOMATIC)
                                     ? DG_RUNG_AUTOMATE
                                     : DG_RUNG_DOSE_BUTTON)) {
            FAIL("accepted without authority");
        }
        if (wants_button(offer)) {
            FAIL("accepted without a look at the pump");
        }
        must_allow(offer, "commit");
        if (!offer->is_glucagon && (offer->amount > (left + EPSILON))) {
            FAIL("%.3f U accepted, %.3f are left", offer->amount, left);
        }
        *(offer->is_glucagon ? &glucagon_by : &insulin_by) = (int)who;
        offer->is_open = false;
        remember(&offer->id);
        if (offer->confirmation == DG_CONFIRM_BUTTON) {
            struct wait *wait =
                offer->is_glucagon ? &glucagon_wait : &insulin_wait;

            *wait = (struct wait){true, false, ref.now + 120.0, *offer};
        } else {
            begin(offer);
        }
    } else {
        FAIL("answer %d to a commit", answer->kind);
    }
    note_answer(who, answer);
}
