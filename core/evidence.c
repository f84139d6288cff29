/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "attest_desk.h"

#include <string.h>

/* Below it the device keeps its battery for basal and alarms. */
#define DEVICE_RESERVE_PERCENT 10U

static void hold(struct dg_evidence_set *evidence,
                 enum dg_evidence which,
                 bool is_held,
                 dg_seconds at)
{
    evidence->exhibit[which].held = is_held;
    evidence->exhibit[which].at = at;
}

void dg_evidence_gather(const struct dg_device *device,
                        unsigned slot,
                        struct dg_evidence_set *evidence)
{
    const struct dg_enrolled *enrolled = &device->settings.controller[slot];
    const struct dg_session *session = &device->session[slot];
    const struct dg_power *power = device->ports->power;
    const dg_seconds always = {0U};
    const bool has_session = enrolled->is_used && (session->record.epoch != 0U);

    memset(evidence, 0, sizeof *evidence);
    evidence->package = device->settings.therapy.package;
    evidence->role = enrolled->is_used ? enrolled->role : DG_ROLE_NONE;
    hold(evidence, DG_EVIDENCE_KEY, has_session, session->opened);
    hold(evidence,
         DG_EVIDENCE_LEASE,
         device->lease.is_held && (device->lease.slot == slot),
         device->lease.at);
    hold(evidence, DG_EVIDENCE_PRESENCE_KEY, enrolled->is_used, always);
    hold(evidence,
         DG_EVIDENCE_GLUCOSE,
         dg_glucose_is_trusted(&device->glucose),
         device->glucose.at);
    hold(evidence,
         DG_EVIDENCE_DEVICE_BATTERY,
         power->battery_percent(power->context) >= DEVICE_RESERVE_PERCENT,
         always);
    evidence->exhibit[DG_EVIDENCE_PHONE_BATTERY] = session->phone_battery;
    dg_desk_show(device, slot, evidence);
}

struct dg_authority dg_evidence_authority(const struct dg_device *device,
                                          unsigned slot)
{
    struct dg_evidence_set evidence;
    struct dg_authority authority;

    dg_evidence_gather(device, slot, &evidence);
    if (dg_authority_decide(&evidence, device->now, &authority) != DG_OK) {
        authority.rung = DG_RUNG_NONE;
    }
    return authority;
}

/* Glucagon that is running, or of which nothing is known, locks until it is
 * over. */
static void add_lock(const struct dg_device *device,
                     struct dg_envelope_view *view)
{
    const struct dg_glucagon_part *glucagon = &device->glucagon;

    if (device->ports->glucagon == NULL) {
        return;
    }

    const bool is_now = !glucagon->is_sound || glucagon->ledger->is_open;

    view->has_glucagon = is_now || glucagon->ledger->has_bolus;
    view->last_glucagon = is_now ? device->now : glucagon->ledger->last_bolus;
}

void dg_evidence_view(const struct dg_device *device,
                      struct dg_envelope_view *view)
{
    const struct dg_ledger *ledger = &device->ledger;

    memset(view, 0, sizeof *view);
    view->now = device->now;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            view->used_mU[tier][window] =
                dg_ledger_window(ledger,
                                 device->now,
                                 (enum dg_tier)tier,
                                 (enum dg_window)window)
                    .mU;
        }
    }
    view->iob_mU = dg_ledger_iob(ledger, device->now).mU;
    view->has_glucose = dg_glucose_is_trusted(&device->glucose);
    view->glucose = dg_glucose_bound(&device->glucose, device->now);
    view->glucose_at = device->glucose.at;
    view->has_bolus = ledger->has_bolus;
    view->last_bolus = ledger->last_bolus;
    add_lock(device, view);
}

bool dg_evidence_goes_on(const struct dg_device *device)
{
    struct dg_envelope_view view;

    dg_evidence_view(device, &view);
    return dg_envelope_goes_on(&device->limits, &view);
}

/* The most that @p tier could have now. */
static dg_dose headroom_of(const struct dg_device *device,
                           const struct dg_envelope_view *view,
                           enum dg_tier tier)
{
    struct dg_decision decision;
    const dg_dose least = {DG_PULSE_MU};

    if (device->is_fault ||
        (dg_envelope_decide(&device->limits, view, least, tier, &decision) !=
         DG_OK)) {
        return (dg_dose){0};
    }
    return decision.headroom;
}

static void add_ticket(const struct dg_device *device,
                       struct dg_device_status *status)
{
    const struct dg_delivery *delivery = &device->delivery;

    if (delivery->state == DG_DELIVERY_WAITING) {
        status->has_ticket = true;
        status->ticket = delivery->ticket.id;
        status->outcome = DG_OUTCOME_WAITING;
        status->ticket_amount =
            dg_proposal_dose(device, &delivery->ticket.effect);
        return;
    }

    const struct dg_ledger *ledger = &device->ledger;
    const struct dg_ledger_ticket *spread = &ledger->spread.ticket;
    const struct dg_ledger_ticket *last = &ledger->ticket[0];

    /* The newest: the spread dose, where no bolus came after it. */
    if (ledger->spread.is_open &&
        ((ledger->tickets == 0U) || (spread->at.s >= last->at.s)) &&
        !ledger->is_open) {
        last = spread;
    } else if (ledger->tickets == 0U) {
        return;
    }

    status->has_ticket = true;
    status->ticket = last->id;
    status->outcome = last->outcome;
    status->ticket_amount.mU = (int32_t)last->pulses * DG_PULSE_MU;
    status->ticket_delivered.mU = (int32_t)last->delivered * DG_PULSE_MU;
}

static dg_glucagon glucagon_headroom_of(const struct dg_device *device,
                                        enum dg_tier tier)
{
    const dg_glucagon least = {DG_GLUCAGON_STEP_UG};
    struct dg_glucagon_view view;
    struct dg_glucagon_decision decision;

    dg_glucagon_view(device, &view);
    if (device->is_fault || !device->glucagon.is_sound ||
        (dg_glucagon_decide(
             &device->glucagon.limits, &view, least, tier, &decision) !=
         DG_OK)) {
        return (dg_glucagon){0};
    }
    return decision.headroom;
}

static void add_glucagon(const struct dg_device *device,
                         struct dg_glucagon_status *status)
{
    const struct dg_glucagon_part *glucagon = &device->glucagon;
    const struct dg_ledger *ledger = glucagon->ledger;
    const struct dg_ticket *waiting = &glucagon->delivery.ticket;

    status->has_chamber = device->ports->glucagon != NULL;
    if (!status->has_chamber) {
        return;
    }
    status->total_ug = ledger->bolus_pulses * DG_GLUCAGON_STEP_UG;
    status->uncertain_ug = ledger->uncertain_pulses * DG_GLUCAGON_STEP_UG;
    status->left_ug = dg_glucagon_left_steps(device) * DG_GLUCAGON_STEP_UG;
    status->headroom_automatic =
        glucagon_headroom_of(device, DG_TIER_AUTOMATIC);
    status->headroom_confirmed =
        glucagon_headroom_of(device, DG_TIER_CONFIRMED);
    if (dg_glucagon_is_waiting(device)) {
        status->has_ticket = true;
        status->ticket = waiting->id;
        status->outcome = DG_OUTCOME_WAITING;
        status->amount = waiting->effect.glucagon;
    } else if (ledger->tickets > 0U) {
        status->has_ticket = true;
        status->ticket = ledger->ticket[0].id;
        status->outcome = ledger->ticket[0].outcome;
        status->amount.ug = ledger->ticket[0].pulses * DG_GLUCAGON_STEP_UG;
        status->delivered.ug =
            ledger->ticket[0].delivered * DG_GLUCAGON_STEP_UG;
    }
}

static enum dg_therapy_state therapy_of(const struct dg_device *device)
{
    if (device->is_fault) {
        return DG_THERAPY_FAULT;
    }
    if (dg_therapy_is_suspended(device)) {
        return DG_THERAPY_SUSPENDED;
    }
    return device->ledger.pause.is_on ? DG_THERAPY_LOWERED : DG_THERAPY_RUN;
}

static void add_pause(const struct dg_device *device,
                      struct dg_device_status *status)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;
    dg_seconds until = {0U};

    status->headroom_pause_s =
        device->is_fault ? 0U : dg_therapy_room_s(device, DG_PERMILLE);
    if (!pause->is_on) {
        return;
    }
    status->pause_permille = pause->permille;
    status->pause_left_s = DG_PAUSE_UNTIL_RESUMED;
    if (dg_therapy_due(device, &until)) {
        status->pause_left_s =
            (until.s > device->now.s) ? (until.s - device->now.s) : 0U;
    }
}

/* @satisfies{FDP_OUTCOME.1@1} */
void dg_device_status(const struct dg_device *device,
                      unsigned slot,
                      struct dg_device_status *status)
{
    const struct dg_authority authority = dg_evidence_authority(device, slot);
    const struct dg_power *power = device->ports->power;
    struct dg_envelope_view view;

    memset(status, 0, sizeof *status);
    dg_evidence_view(device, &view);
    status->now = device->now;
    status->therapy = therapy_of(device);
    status->fault = device->fault;
    add_pause(device, status);
    if (device->ledger.spread.is_open) {
        status->spread_left_mU =
            ((uint32_t)device->ledger.spread.ticket.pulses -
             device->ledger.spread.ticket.delivered) *
            DG_PULSE_MU;
    }
    status->rung = authority.rung;
    status->missing = authority.missing;
    if (device->lease.is_held) {
        status->lease =
            (device->lease.slot == slot) ? DG_LEASE_YOU : DG_LEASE_OTHER;
    }
    add_ticket(device, status);
    add_glucagon(device, &status->glucagon);
    status->bolus_total_mU = device->ledger.bolus_pulses * DG_PULSE_MU;
    status->basal_total_mU = device->ledger.basal_pulses * DG_PULSE_MU;
    status->uncertain_mU = device->ledger.uncertain_pulses * DG_PULSE_MU;
    status->iob.mU = view.iob_mU;
    status->reservoir_mU = dg_delivery_reservoir_pulses(device) * DG_PULSE_MU;
    status->battery_percent = power->battery_percent(power->context);
    status->alarms = dg_alarm_bits(&device->board);
    status->sound = dg_alarm_sound(&device->board, device->now);
    status->drainer = dg_energy_drainer(&device->energy);
    status->journal = device->journal.tree.size;
    status->has_glucose = device->glucose.has &&
                          !dg_glucose_is_suspect(&device->glucose) &&
                          ((device->now.s - device->glucose.at.s) <=
                           (uint32_t)device->limits.glucose_age_s_max);
    status->glucose = device->glucose.value;
    status->loosen_left_s =
        device->settings.prescribed.is_loosening ? device->loosen.left_s : 0U;
    status->findings = device->glucose.findings;
    status->headroom_automatic = headroom_of(device, &view, DG_TIER_AUTOMATIC);
    status->headroom_confirmed =
        headroom_of(device, &view, dg_proposal_word(device));
    if (device->ports->update != NULL) {
        status->firmware = device->ports->update->choice.manifest.sequence;
    }
}
