/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>

/* What the device says, held against the reference. */

double automatic_room(enum ref_view view)
{
    return ref_bolus(&ref, REF_AUTOMATIC, STEP_U, view).headroom;
}

void check_between(const char *what, double is, double low, double high)
{
    if ((is < (low - EPSILON)) || (is > (high + EPSILON))) {
        FAIL("%s is %.4f, should be %.4f to %.4f", what, is, low, high);
    }
}

unsigned highest_rung(unsigned who)
{
    const bool is_held =
        (holder == (int)who) && ((ref.now - held_at) <= 1800.0);

    if (!is_connected[who] || ((ref.now - connected_at[who]) > 86400.0)) {
        return DG_RUNG_NONE;
    }
    if (who == 2U) {
        return DG_RUNG_OBSERVE;
    }
    if (!is_held) {
        return DG_RUNG_PROTECT;
    }
    return ((who == 0U) && ref_is_fresh(&ref) &&
            ((ref.now - greeted_at[who]) <= 660.0))
               ? DG_RUNG_AUTOMATE
               : DG_RUNG_DOSE;
}

/* What every answer says about now. */
static void check_status(unsigned who, const struct dg_device_status *status)
{
    const double iob = units(status->iob.mU);

    if (status->now.s != bench_now_s()) {
        FAIL("the device says %u s", (unsigned)status->now.s);
    }
    check_between("insulin on board",
                  iob,
                  ref_iob_U(&ref, REF_EXACT),
                  ref_iob_U(&ref, REF_CAREFUL));
    if ((unsigned)status->rung > highest_rung(who)) {
        FAIL("rung %d of phone %u", status->rung, who);
    }
    if ((status->therapy == DG_THERAPY_SUSPENDED) != ref.is_paused) {
        FAIL("therapy state %d", status->therapy);
    }
    /* The first step of a dose moves behind the answer that accepts it. */
    check_between("the reservoir",
                  (double)status->reservoir_mU / 1000.0,
                  reservoir_U(),
                  reservoir_U() + STEP_U);
    check_between("what an extended bolus still gives",
                  (double)status->spread_left_mU / 1000.0,
                  ref.insulin.spread.rest,
                  ref.insulin.spread.rest);
    check_between("room of a suspension",
                  status->headroom_pause_s,
                  ref_pause_room_s(&ref, REF_CAREFUL),
                  ref_pause_room_s(&ref, REF_EXACT));
    check_between("automatic headroom",
                  units(status->headroom_automatic.mU),
                  automatic_room(REF_CAREFUL),
                  automatic_room(REF_EXACT));
    check_between("confirmed headroom",
                  units(status->headroom_confirmed.mU),
                  ref_bolus(&ref, REF_CONFIRMED, STEP_U, REF_CAREFUL).headroom,
                  ref_bolus(&ref, REF_CONFIRMED, STEP_U, REF_EXACT).headroom);
}

enum ref_rule rule_of(enum dg_reason reason)
{
    static const enum ref_rule rule[DG_REASON_MAX + 1] = {
        [DG_REASON_E1] = REF_E1,
        [DG_REASON_E2] = REF_E2,
        [DG_REASON_E3] = REF_E3,
        [DG_REASON_E4] = REF_E4,
        [DG_REASON_E7] = REF_E7,
        [DG_REASON_E8] = REF_E8,
    };

    return rule[reason];
}

/* A refusal by a rule must be one that the rules know, and its headroom too. */
void check_rule(const struct dg_answer *answer,
                const struct offer *offer,
                enum ref_tier tier)
{
    const enum ref_rule rule = rule_of(answer->as.refused.reason);
    const struct ref_verdict careful = judge(offer, tier, REF_CAREFUL);
    const struct ref_verdict exact = judge(offer, tier, REF_EXACT);

    if ((offer->amount > 0.0) && !careful.refuses[rule]) {
        FAIL("%.3f of tier %d refused with reason %d, which does not hold",
             offer->amount,
             tier,
             answer->as.refused.reason);
    }
    if (!offer->is_glucagon && (offer->amount > 0.0)) {
        check_between("headroom of a refusal",
                      units(answer->as.refused.headroom.mU),
                      careful.headroom,
                      exact.headroom);
    }
}

bool is_busy(bool is_glucagon)
{
    return is_glucagon ? (ref.glucagon.is_open || glucagon_wait.is_on)
                       : (ref.insulin.is_open || insulin_wait.is_on);
}

/* Refusals that are not by a rule of dosing. */
void check_refusal(unsigned who,
                   const struct dg_answer *answer,
                   const struct offer *offer,
                   unsigned needed)
{
    const enum dg_reason reason = answer->as.refused.reason;
    const bool is_other_waiting =
        offer->is_glucagon ? insulin_wait.is_on : glucagon_wait.is_on;

    (void)who;
    if ((reason == DG_REASON_AUTHORITY) || (reason == DG_REASON_LEASE)) {
        if ((unsigned)answer->status.rung >= needed) {
            FAIL("reason %d on rung %d", reason, answer->status.rung);
        }
    } else if (reason == DG_REASON_BUSY) {
        if (!is_busy(offer->is_glucagon) && !is_other_waiting) {
            FAIL("busy with nothing");
        }
    } else if (reason == DG_REASON_STATE) {
        if (!ref.is_paused) {
            FAIL("not suspended");
        }
    } else if (reason == DG_REASON_RESERVOIR) {
        if (offer->amount <= (reservoir_U() + EPSILON)) {
            FAIL("%.3f U refused, %.3f are left", offer->amount, reservoir_U());
        }
    } else if (reason != DG_REASON_ENERGY) {
        FAIL("reason %d", reason);
    }
}

void note_answer(unsigned who, const struct dg_answer *answer)
{
    if (rig.flash.is_dead) {
        return;
    }
    if (answer == NULL) {
        tally->silence++;
        return;
    }
    if (answer->kind == DG_ANSWER_REFUSED) {
        tally->refused[answer->as.refused.reason]++;
    }
    check_status(who, &answer->status);
}
