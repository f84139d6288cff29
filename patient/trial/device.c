/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"

#include <stddef.h>
#include <string.h>

/* What an open arm still cannot do: 300 U in one command. */
#define OPEN_MU_MAX DG_EFFECT_MU_MAX

/* What somebody wrote down for a person may be wrong. */
static void write_down(const struct dg_trial_change *change,
                       struct dg_therapy *therapy)
{
    therapy->total_daily_dose.mU = dg_trial_change_scale(
        change, DG_TRIAL_LIMIT_E9_DAILY, therapy->total_daily_dose.mU);
    therapy->isf_mg_dL_per_U = dg_trial_change_scale(
        change, DG_TRIAL_LIMIT_E9_ISF, therapy->isf_mg_dL_per_U);
}

enum dg_status dg_trial_device_start(struct dg_trial_device *device,
                                     const struct dg_trial_arm *arm,
                                     const struct dg_therapy *therapy,
                                     struct dg_trial_windows *windows,
                                     unsigned lane,
                                     struct dg_trial_tally *tally)
{
    enum dg_status status = DG_OK;

    memset(device, 0, sizeof *device);
    device->arm = arm;
    device->phone = dg_trial_phone_of(arm);
    device->therapy = *therapy;
    device->therapy.package =
        dg_trial_is_guarded(device) ? arm->package : DG_PACKAGE_HIGH;
    device->windows = windows;
    device->lane = lane;
    device->tally = tally;
    device->now.s = DG_TRIAL_START_S;
    device->fallen_at.s = UINT32_MAX;
    dg_trial_reservoir_fill(device);
    device->chamber_ug = DG_TRIAL_CHAMBER_UG;
    if (dg_trial_is_guarded(device)) {
        write_down(&arm->change, &device->therapy);
    }
    status = dg_limits_derive(&device->therapy, &device->limits);
    if (status == DG_OK) {
        status = dg_glucagon_limits_derive(&device->therapy,
                                           &device->glucagon_limits);
    }
    dg_trial_change_limits(
        &arm->change, &device->limits, &device->glucagon_limits);
    dg_glucose_start(&device->glucose, device->now);
    device->pauses.head = device->now.s / DG_PAUSE_BIN_S;
    device->usual.head = device->now.s / DG_TRIAL_HOUR_S;
    device->glucagon.head = device->now.s / DG_BIN_S;
    device->evidence.package = device->therapy.package;
    device->evidence.role = DG_ROLE_OWNER;
    return status;
}

void dg_trial_device_step(struct dg_trial_device *device, uint32_t minute)
{
    device->now.s = DG_TRIAL_START_S + (minute * 60U);
    device->need_mU_per_h =
        device->therapy.basal[(minute / 60U) % 24U].mU_per_h;
    device->schedule_mU_per_h =
        dg_trial_programmed(device, device->need_mU_per_h);
    if ((minute % 1440U) == 0U) {
        dg_trial_reservoir_fill(device);
        device->chamber_ug = DG_TRIAL_CHAMBER_UG;
    }
    device->basal = 0U;
    device->bolus = 0U;
    device->raised = 0U;
    device->ug = 0U;
    device->asked = 0U;
    device->has_rung[0] = false;
    device->has_rung[1] = false;
    device->rule = DG_TRIAL_RULE_NONE;
    memset(device->by_tier, 0, sizeof device->by_tier);
}

void dg_trial_device_read(struct dg_trial_device *device, int32_t mg_dL)
{
    struct dg_reading reading = {0};
    /* What the core learns to ask for is not so until a trial says it is. */
    struct dg_glucose_context context = {0};

    if (mg_dL == 0) {
        return;
    }
    device->reading_mg_dL = mg_dL;
    device->has_rung[0] = false;
    device->has_rung[1] = false;
    if (!dg_trial_is_guarded(device)) {
        return;
    }
    /* A sensor that is worn for days already. */
    reading.sequence = device->now.s / DG_TRIAL_STEP_S;
    reading.at.s = device->now.s;
    reading.value.mg_dL = (mg_dL > 401) ? 401 : ((mg_dL < 39) ? 39 : mg_dL);
    context.at = device->now;
    context.warm_s = 0U;
    context.isf_mg_dL_per_U = device->limits.isf_mg_dL_per_U;
    context.iob_mU = dg_trial_windows_iob_mU(device->windows, device->lane);
    context.bolus_steps = device->bolus_steps;
    dg_trial_believe(device, &reading, &context);
}

/* Doses ---------------------------------------------------------------------- */

static struct dg_trial_answer answer_of(struct dg_trial_device *device,
                                        int32_t mU,
                                        enum dg_tier tier,
                                        const struct dg_trial_asker *asker)
{
    struct dg_trial_answer answer = {
        dg_trial_least(mU, OPEN_MU_MAX), tier, DG_TRIAL_RULE_NONE};

    if (dg_trial_is_guarded(device)) {
        answer = dg_trial_guarded(
            device, dg_trial_least(mU, DG_EFFECT_MU_MAX), tier, asker);
    } else if (dg_trial_is_sold(device)) {
        answer = dg_trial_sold(device, answer.mU, tier, asker);
    }
    answer.mU -= answer.mU % DG_PULSE_MU;
    answer.mU =
        dg_trial_least(answer.mU, (int32_t)device->reservoir * DG_PULSE_MU);
    return answer;
}

void dg_trial_note_refusal(struct dg_trial_device *device,
                           uint32_t asked,
                           uint32_t given,
                           unsigned rule)
{
    if (given >= asked) {
        return;
    }
    device->rule = rule;
    device->tally->refusals[rule]++;
    device->tally->blocked_pulses[rule] += asked - given;
}

void dg_trial_give(struct dg_trial_device *device,
                   uint32_t pulses,
                   enum dg_tier tier)
{
    device->reservoir -= pulses;
    device->by_tier[tier] += pulses;
    device->bolus_steps += pulses;
    device->tally->pulses[tier] += pulses;
    dg_trial_windows_add(device->windows, device->lane, tier, pulses);
    dg_trial_windows_add_whole(device->windows, device->lane, pulses);
}

static uint32_t settle(struct dg_trial_device *device,
                       uint32_t asked,
                       const struct dg_trial_answer *answer,
                       const struct dg_trial_asker *asker)
{
    const uint32_t given = (uint32_t)(answer->mU / DG_PULSE_MU);

    device->asked += asked;
    device->tally->asked_pulses += asked;
    if (asker->is_hostile) {
        device->tally->hostile_pulses += asked;
        device->tally->hostile_given += given;
    }
    dg_trial_note_refusal(device, asked, given, answer->rule);
    if (given == 0U) {
        return 0U;
    }
    dg_trial_give(device, given, answer->tier);
    device->bolus += given;
    device->has_bolus = true;
    device->last_bolus = device->now;
    if (answer->tier == DG_TIER_AUTOMATIC) {
        device->has_automatic = true;
        device->last_automatic = device->now;
    } else {
        dg_usual_note(
            &device->usual, device->now.s / DG_TRIAL_HOUR_S, (uint16_t)given);
    }
    return given;
}

uint32_t dg_trial_device_dose(struct dg_trial_device *device,
                              int32_t mU,
                              enum dg_tier tier,
                              const struct dg_trial_asker *asker)
{
    const uint32_t asked = (mU <= 0) ? 0U : (uint32_t)(mU / DG_PULSE_MU);

    if (asked == 0U) {
        return 0U;
    }

    const struct dg_trial_answer answer =
        answer_of(device, (int32_t)asked * DG_PULSE_MU, tier, asker);

    return settle(device, asked, &answer, asker);
}

int32_t dg_trial_device_most(struct dg_trial_device *device,
                             enum dg_tier tier,
                             const struct dg_trial_asker *asker)
{
    struct dg_trial_asker greedy = *asker;

    /* An answer alone gives nothing and counts nothing. */
    greedy.is_all_or_none = false;
    return answer_of(device, OPEN_MU_MAX, tier, &greedy).mU;
}

/* core/emergency.c: capped, and once an hour. */
uint32_t dg_trial_device_emergency(struct dg_trial_device *device, int32_t mU)
{
    const struct dg_trial_windows *windows = device->windows;
    const struct dg_trial_asker person = {.is_person = true};
    const int32_t cap_mU = dg_trial_change_scale(
        &device->arm->change,
        DG_TRIAL_LIMIT_EMERGENCY,
        (int32_t)(((int64_t)device->therapy.total_daily_dose.mU *
                   device->phone->emergency_permille) /
                  DG_TRIAL_PERMILLE));
    const uint32_t asked = (mU <= 0) ? 0U : (uint32_t)(mU / DG_PULSE_MU);
    const int32_t whole_mU = cap_mU - (cap_mU % DG_PULSE_MU);
    const int32_t need_mU = (int32_t)asked * DG_PULSE_MU;
    struct dg_trial_answer answer = {
        0, DG_TIER_PRESENT, DG_TRIAL_RULE_AUTHORITY};
    struct dg_envelope_view view;

    if (asked == 0U) {
        return 0U;
    }
    /* It announces one size; who needs less than that lets it lapse. */
    if (dg_trial_is_guarded(device) && !device->is_off && (whole_mU > 0) &&
        (need_mU >= whole_mU) &&
        (windows->used[2][1][device->lane] ==
         windows->used[1][1][device->lane])) {
        dg_trial_view(device, &view);
        answer =
            dg_trial_decide(device, &view, whole_mU, DG_TIER_PRESENT, false);
        answer.mU =
            dg_trial_least(answer.mU, (int32_t)device->reservoir * DG_PULSE_MU);
        answer.rule = DG_TRIAL_RULE_AUTHORITY;
    }
    return settle(device, asked, &answer, &person);
}
