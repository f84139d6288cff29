/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"

#include <stddef.h>
#include <string.h>

/* Arms of Dosegate: every verdict is the core's. */

/* As core/proposal.c has it. */
#define UNUSUAL_PERMILLE 100

void dg_trial_view(const struct dg_trial_device *device,
                   struct dg_envelope_view *view)
{
    const struct dg_trial_windows *windows = device->windows;

    memset(view, 0, sizeof *view);
    view->now = device->now;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            view->used_mU[tier][window] =
                windows->used[tier - 1U][window][device->lane] * DG_PULSE_MU;
        }
    }
    view->iob_mU = dg_trial_windows_iob_mU(windows, device->lane);
    view->has_bolus = device->has_bolus;
    view->last_bolus = device->last_bolus;
    view->has_glucose = dg_trial_is_trusted(device);
    view->glucose = dg_glucose_bound(&device->glucose, device->now);
    view->glucose_at = device->glucose.at;
    view->has_glucagon = device->has_glucagon;
    view->last_glucagon = device->last_glucagon;
    /* A lock-out that is shorter by so much is over when the shipped one would
     * be after glucagon so much earlier. */
    view->last_glucagon.s =
        (uint32_t)((int32_t)device->last_glucagon.s +
                   dg_trial_change_of(&device->arm->change,
                                      DG_TRIAL_LIMIT_E8_LOCK) -
                   (int32_t)DG_GLUCAGON_LOCK_S);
}

/* E4 has a predicted floor that is a constant of the core.  Glucose and floor
 * shifted by so much give the verdict of a floor shifted the other way. */
static enum dg_status ask(const struct dg_trial_device *device,
                          const struct dg_envelope_view *view,
                          dg_dose amount,
                          enum dg_tier tier,
                          struct dg_decision *decision)
{
    const struct dg_trial_limit_row *row =
        dg_trial_limit_at(DG_TRIAL_LIMIT_E4_PREDICTED);
    const int32_t shift =
        row->shipped -
        dg_trial_change_of(&device->arm->change, DG_TRIAL_LIMIT_E4_PREDICTED);
    struct dg_limits limits = device->limits;
    struct dg_envelope_view shifted = *view;

    if (shift == 0) {
        return dg_envelope_decide(
            &device->limits, view, amount, tier, decision);
    }
    limits.floor_mg_dL += shift;
    shifted.glucose.mg_dL += shift;
    return dg_envelope_decide(&limits, &shifted, amount, tier, decision);
}

static void hold(struct dg_trial_device *device,
                 enum dg_evidence which,
                 bool is_held,
                 dg_seconds at)
{
    device->evidence.exhibit[which].held = is_held;
    device->evidence.exhibit[which].at = at;
}

/* As core/authority.c has it. */
static const uint32_t ticket_s[] = {
    [DG_PACKAGE_LOW] = 3600U,
    [DG_PACKAGE_MEDIUM] = 14400U,
    [DG_PACKAGE_HIGH] = 86400U,
};

/* A ticket that may be older by so much is to the core what a younger one is:
 * its age is what the shipped table is asked about. */
static dg_seconds of_ticket(const struct dg_trial_device *device,
                            dg_seconds shown)
{
    const struct dg_trial_change *change = &device->arm->change;
    const int64_t shipped = ticket_s[device->therapy.package];
    const int64_t percent = dg_trial_change_of(change, DG_TRIAL_LIMIT_TICKET);
    const int64_t at =
        (int64_t)shown.s + (((shipped * percent) / 100) - shipped);

    if (!dg_trial_is_changed(change, DG_TRIAL_LIMIT_TICKET)) {
        return shown;
    }
    return (dg_seconds){(at > (int64_t)device->now.s) ? device->now.s
                        : (at < 0)                    ? 0U
                                                      : (uint32_t)at};
}

/* What the phone can show.  A phone that fell keeps session, lease and key; its
 * tickets stay those of before unless its package cannot tell. */
enum dg_rung dg_trial_rung(struct dg_trial_device *device,
                           const struct dg_trial_asker *asker)
{
    const bool is_known =
        asker->is_compromised && !device->phone->attests_for_ever;
    const dg_seconds shown = is_known ? device->fallen_at : device->now;
    const unsigned which = is_known ? 1U : 0U;
    struct dg_authority authority;

    if (device->has_rung[which]) {
        return device->rung[which];
    }
    device->has_rung[which] = true;
    device->rung[which] = DG_RUNG_NONE;

    hold(device, DG_EVIDENCE_KEY, true, device->now);
    hold(device, DG_EVIDENCE_LEASE, true, device->now);
    hold(device, DG_EVIDENCE_PRESENCE_KEY, true, device->now);
    hold(device, DG_EVIDENCE_APP, true, shown);
    hold(device, DG_EVIDENCE_PLATFORM, true, shown);
    hold(device, DG_EVIDENCE_ATTESTATION, true, of_ticket(device, shown));
    hold(device, DG_EVIDENCE_QUALIFIED, true, shown);
    hold(device,
         DG_EVIDENCE_GLUCOSE,
         dg_trial_is_trusted(device),
         device->glucose.at);
    hold(device, DG_EVIDENCE_DEVICE_BATTERY, true, device->now);
    hold(device, DG_EVIDENCE_PHONE_BATTERY, true, device->now);
    if (dg_authority_decide(&device->evidence, device->now, &authority) ==
        DG_OK) {
        device->rung[which] = authority.rung;
    }
    return device->rung[which];
}

/* Without a reading nothing is automatic: authority says so, and E4 is meant. */
unsigned dg_trial_rule_of_rung(const struct dg_trial_device *device)
{
    const uint32_t age_s = device->now.s - device->glucose.at.s;
    const bool is_seen = dg_trial_is_trusted(device) &&
                         (age_s <= (uint32_t)device->limits.glucose_age_s_max);

    return is_seen ? DG_TRIAL_RULE_AUTHORITY : DG_TRIAL_RULE_E4;
}

/* The names are the same for the rules that both know. */
static unsigned rule_of(enum dg_rule rule)
{
    switch (rule) {
    case DG_RULE_E1:
        return DG_TRIAL_RULE_E1;
    case DG_RULE_E2:
        return DG_TRIAL_RULE_E2;
    case DG_RULE_E3:
        return DG_TRIAL_RULE_E3;
    case DG_RULE_E4:
        return DG_TRIAL_RULE_E4;
    case DG_RULE_E7:
        return DG_TRIAL_RULE_E7;
    case DG_RULE_E8:
        return DG_TRIAL_RULE_E8;
    case DG_RULE_NONE:
    default:
        return DG_TRIAL_RULE_NONE;
    }
}

/* Ask the envelope; on a refusal ask again for what it says is left.  Nothing
 * is given without its ALLOW. */
struct dg_trial_answer dg_trial_decide(const struct dg_trial_device *device,
                                       const struct dg_envelope_view *view,
                                       int32_t mU,
                                       enum dg_tier tier,
                                       bool is_all_or_none)
{
    struct dg_trial_answer answer = {0, tier, DG_TRIAL_RULE_NONE};
    struct dg_decision decision;

    if (device->is_off) {
        answer.rule = DG_TRIAL_RULE_E10;
        return answer;
    }
    if (ask(device, view, (dg_dose){mU}, tier, &decision) != DG_OK) {
        answer.rule = DG_TRIAL_RULE_E1;
        return answer;
    }
    if (decision.verdict == DG_VERDICT_ALLOW) {
        answer.mU = mU;
        return answer;
    }
    answer.rule = rule_of(decision.rule);

    const dg_dose left = decision.headroom;

    if (!is_all_or_none && (left.mU > 0) &&
        (ask(device, view, left, tier, &decision) == DG_OK) &&
        (decision.verdict == DG_VERDICT_ALLOW)) {
        answer.mU = left.mU;
    }
    return answer;
}

/* As core/proposal.c: a dose beyond what is usual wants the button. */
static int32_t usual_mU(const struct dg_trial_device *device)
{
    const int32_t plain_mU = dg_trial_change_scale(
        &device->arm->change,
        DG_TRIAL_LIMIT_UNUSUAL,
        (int32_t)(((int64_t)device->therapy.total_daily_dose.mU *
                   UNUSUAL_PERMILLE) /
                  DG_TRIAL_PERMILLE));
    const int32_t largest_mU =
        (int32_t)dg_usual_largest(&device->usual,
                                  device->now.s / DG_TRIAL_HOUR_S) *
        DG_PULSE_MU;
    const int32_t half_more_mU = largest_mU + (largest_mU / 2);

    return (plain_mU > half_more_mU) ? plain_mU : half_more_mU;
}

/* As core/proposal.c: on a LOW phone a confirmation is the controller's word. */
static enum dg_tier word_of(const struct dg_trial_device *device)
{
    const struct dg_trial_change *change = &device->arm->change;
    const bool is_changed =
        dg_trial_is_changed(change, DG_TRIAL_LIMIT_E4_PHONE);
    const bool is_weak = device->therapy.package == DG_PACKAGE_LOW;

    return (is_changed ? (change->value[DG_TRIAL_LIMIT_E4_PHONE] != 0)
                       : is_weak)
               ? DG_TIER_AUTOMATIC
               : DG_TIER_CONFIRMED;
}

/* Confirmed at the phone and nowhere else. */
static struct dg_trial_answer decide_at_phone(
    const struct dg_trial_device *device,
    const struct dg_envelope_view *view,
    int32_t mU,
    bool is_all_or_none)
{
    struct dg_trial_answer answer =
        dg_trial_decide(device, view, mU, word_of(device), is_all_or_none);

    answer.tier = DG_TIER_CONFIRMED;
    return answer;
}

/* With a person there: at the phone where that reaches, else by the button of
 * the device (core/proposal.c, dg_proposal_offer). */
static struct dg_trial_answer by_person(const struct dg_trial_device *device,
                                        const struct dg_envelope_view *view,
                                        int32_t mU,
                                        bool is_shown)
{
    if (is_shown && !dg_trial_is_low(device) && (mU <= usual_mU(device))) {
        const struct dg_trial_answer answer =
            decide_at_phone(device, view, mU, true);

        if (answer.mU == mU) {
            return answer;
        }
    }
    return dg_trial_decide(device, view, mU, DG_TIER_PRESENT, false);
}

/* Confirmed at the phone and nobody at the device: what would want the button
 * is refused. */
static struct dg_trial_answer by_phone(const struct dg_trial_device *device,
                                       const struct dg_envelope_view *view,
                                       int32_t mU,
                                       bool is_all_or_none)
{
    const int32_t usual = usual_mU(device);
    const int32_t most = dg_trial_least(mU, usual - (usual % DG_PULSE_MU));
    struct dg_trial_answer answer = {0, DG_TIER_CONFIRMED, DG_TRIAL_RULE_E4};

    if (dg_trial_is_low(device)) {
        return answer;
    }
    answer.rule = DG_TRIAL_RULE_AUTHORITY;
    if ((most <= 0) || (is_all_or_none && (most < mU))) {
        return answer;
    }
    answer = decide_at_phone(device, view, most, is_all_or_none);
    if ((answer.rule == DG_TRIAL_RULE_NONE) && (most < mU)) {
        answer.rule = DG_TRIAL_RULE_AUTHORITY;
    }
    return answer;
}

static struct dg_trial_answer guarded_confirmed(
    struct dg_trial_device *device,
    const struct dg_envelope_view *view,
    int32_t mU,
    const struct dg_trial_asker *asker)
{
    const bool is_shown = dg_trial_rung(device, asker) >= DG_RUNG_DOSE;
    struct dg_trial_answer answer = {
        0, DG_TIER_CONFIRMED, DG_TRIAL_RULE_AUTHORITY};

    if (asker->is_person) {
        return by_person(device, view, mU, is_shown);
    }
    return is_shown ? by_phone(device, view, mU, asker->is_all_or_none)
                    : answer;
}

struct dg_trial_answer dg_trial_guarded(struct dg_trial_device *device,
                                        int32_t mU,
                                        enum dg_tier tier,
                                        const struct dg_trial_asker *asker)
{
    struct dg_trial_answer answer = {0, tier, DG_TRIAL_RULE_AUTHORITY};
    struct dg_envelope_view view;

    if (tier == DG_TIER_AUTOMATIC) {
        if (dg_trial_rung(device, asker) < dg_authority_rung_for(tier)) {
            answer.rule = dg_trial_rule_of_rung(device);
            return answer;
        }
        dg_trial_view(device, &view);
        return dg_trial_decide(device, &view, mU, tier, asker->is_all_or_none);
    }
    dg_trial_view(device, &view);
    return guarded_confirmed(device, &view, mU, asker);
}
