/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/device_parts.h"

#include <stddef.h>
#include <string.h>

/* As core/proposal.c has it. */
#define LEASE_MIN 30U

/* As core/change.c: one change moves a rate by half of it, or by this. */
#define CHANGE_PERCENT  50
#define CHANGE_MU_PER_H 100

int32_t dg_trial_programmed(const struct dg_trial_device *device,
                            int32_t mU_per_h)
{
    const struct dg_trial_change *change = &device->arm->change;
    const int32_t part = dg_trial_change_scale(
        change, DG_TRIAL_LIMIT_E9_BASAL, (mU_per_h * CHANGE_PERCENT) / 100);
    const int32_t slip =
        dg_trial_change_scale(change, DG_TRIAL_LIMIT_E9_BASAL, CHANGE_MU_PER_H);
    const int32_t by = (part > slip) ? part : slip;
    /* The schedule of a day within the daily dose. */
    const int32_t most = dg_trial_least(
        device->therapy.total_daily_dose.mU / 24, DG_BASAL_MU_PER_H_MAX);

    if (device->change_of_basal == 0) {
        return mU_per_h;
    }
    if (!dg_trial_is_guarded(device)) {
        return (device->change_of_basal > 0) ? DG_EFFECT_MU_PER_H_MAX : 0;
    }
    if (device->change_of_basal < 0) {
        return (mU_per_h > by) ? (mU_per_h - by) : 0;
    }
    return (most > mU_per_h) ? dg_trial_least(mU_per_h + by, most) : mU_per_h;
}

void dg_trial_device_reprogram(struct dg_trial_device *device, int way)
{
    device->change_of_basal = way;
}

void dg_trial_device_loosen(struct dg_trial_device *device)
{
    struct dg_limits limits;

    dg_limits_widest(&device->therapy);
    if (dg_trial_is_guarded(device) &&
        (dg_limits_derive(&device->therapy, &limits) == DG_OK)) {
        struct dg_glucagon_limits same = device->glucagon_limits;

        dg_trial_change_limits(&device->arm->change, &limits, &same);
        device->limits = limits;
    }
}

/* E6; in an arm with another lease all of it is asked for. */
static uint32_t leased(const struct dg_trial_device *device, uint32_t minutes)
{
    const struct dg_trial_change *change = &device->arm->change;
    const uint32_t lease =
        (uint32_t)dg_trial_change_of(change, DG_TRIAL_LIMIT_E6_LEASE);

    if (minutes == 0U) {
        return 0U;
    }
    return ((lease != LEASE_MIN) || (minutes > lease)) ? lease : minutes;
}

void dg_trial_device_temp(struct dg_trial_device *device,
                          int32_t mU_per_h,
                          uint32_t minutes)
{
    if (dg_trial_is_guarded(device) &&
        (mU_per_h > dg_trial_device_schedule(device))) {
        minutes = leased(device, minutes);
    }
    device->temp_mU_per_h = mU_per_h;
    device->temp_until_s =
        (minutes == 0U) ? 0U : (device->now.s + (minutes * 60U));
    if (minutes == 0U) {
        device->extra_mU_s = 0U;
    }
}

/* What E5 counts, by the core's sums; they change when a bin begins and with
 * what is added, and are not summed up again in between. */
static void count_pauses(struct dg_trial_device *device)
{
    const uint32_t head = device->now.s / DG_PAUSE_BIN_S;

    if (device->paused_head == head) {
        return;
    }
    dg_pauses_advance(&device->pauses, head);
    device->paused_head = head;
    device->paused_4_h_s =
        dg_pauses_within(&device->pauses, device->now.s, DG_PAUSE_WINDOW_4_H);
    device->paused_24_h_s =
        dg_pauses_within(&device->pauses, device->now.s, DG_PAUSE_WINDOW_24_H);
}

static void add_pause(struct dg_trial_device *device, uint32_t permille)
{
    /* A step lies within one bin. */
    const uint16_t *bin =
        &device->pauses.s[device->paused_head % DG_PAUSE_BINS];
    const uint32_t before = *bin;

    dg_pauses_add(&device->pauses,
                  device->now.s,
                  device->now.s + DG_TRIAL_STEP_S,
                  permille);
    device->paused_4_h_s += *bin - before;
    device->paused_24_h_s += *bin - before;
}

/* A cap that is changed by so much leaves what the shipped one leaves when so
 * much less is used. */
static uint32_t used_of(uint32_t used_s, uint32_t shipped_s, int32_t percent)
{
    const int64_t used =
        (int64_t)used_s + shipped_s - (((int64_t)shipped_s * percent) / 100);

    return (used > 0) ? (uint32_t)used : 0U;
}

static uint32_t room_s(const struct dg_trial_device *device, uint32_t permille)
{
    const struct dg_trial_change *change = &device->arm->change;

    return dg_pauses_room(
        used_of(device->paused_4_h_s,
                DG_PAUSE_S_MAX_IN_4_H,
                dg_trial_change_of(change, DG_TRIAL_LIMIT_E5_4_H)),
        used_of(device->paused_24_h_s,
                DG_PAUSE_S_MAX_IN_24_H,
                dg_trial_change_of(change, DG_TRIAL_LIMIT_E5_24_H)),
        permille);
}

/* Withhold for one step if E5 has room. */
static int32_t lowered(struct dg_trial_device *device, int32_t rate)
{
    const int32_t schedule = dg_trial_device_schedule(device);
    const uint32_t permille =
        (uint32_t)((((schedule - rate) * DG_TRIAL_PERMILLE) + schedule - 1) /
                   schedule);

    count_pauses(device);
    if (room_s(device, permille) < DG_TRIAL_STEP_S) {
        device->tally->refusals[DG_TRIAL_RULE_E5]++;
        device->rule = DG_TRIAL_RULE_E5;
        return schedule;
    }
    add_pause(device, permille);
    return rate;
}

/* Above the schedule is a dose of the controller alone.  E7 is not asked: it
 * goes on, it does not begin. */
static uint32_t raise(struct dg_trial_device *device,
                      uint32_t asked,
                      const struct dg_trial_asker *asker)
{
    struct dg_trial_answer answer = {
        0, DG_TIER_AUTOMATIC, dg_trial_rule_of_rung(device)};
    struct dg_envelope_view view;

    if (!dg_trial_is_guarded(device)) {
        return asked;
    }
    if (dg_trial_rung(device, asker) >= DG_RUNG_AUTOMATE) {
        dg_trial_view(device, &view);
        view.has_bolus = false;
        answer = dg_trial_decide(device,
                                 &view,
                                 (int32_t)asked * DG_PULSE_MU,
                                 DG_TIER_AUTOMATIC,
                                 false);
    }
    dg_trial_note_refusal(
        device, asked, (uint32_t)(answer.mU / DG_PULSE_MU), answer.rule);
    return (uint32_t)(answer.mU / DG_PULSE_MU);
}

static void run_extra(struct dg_trial_device *device,
                      int32_t rate,
                      const struct dg_trial_asker *asker)
{
    device->extra_mU_s +=
        (uint32_t)(rate - dg_trial_device_schedule(device)) * DG_TRIAL_STEP_S;

    const uint32_t asked = device->extra_mU_s / DG_TRIAL_PULSE_MU_S;

    if (asked == 0U) {
        return;
    }
    device->extra_mU_s %= DG_TRIAL_PULSE_MU_S;
    device->asked += asked;
    device->tally->asked_pulses += asked;

    uint32_t given = raise(device, asked, asker);

    given = (given < device->reservoir) ? given : device->reservoir;
    if (asker->is_hostile) {
        device->tally->hostile_pulses += asked;
        device->tally->hostile_given += given;
    }
    if (given > 0U) {
        dg_trial_give(device, given, DG_TIER_AUTOMATIC);
        device->raised += given;
    }
}

void dg_trial_device_basal(struct dg_trial_device *device,
                           const struct dg_trial_asker *asker)
{
    const int32_t schedule = dg_trial_device_schedule(device);
    int32_t rate = schedule;

    if (device->temp_until_s > device->now.s) {
        rate = device->temp_mU_per_h;
    } else {
        device->temp_until_s = 0U;
    }
    if (dg_trial_is_sold(device)) {
        rate = dg_trial_sold_rate(device, rate, asker);
    }
    if ((rate < schedule) && dg_trial_is_guarded(device)) {
        rate = lowered(device, rate);
    }
    if (rate > schedule) {
        run_extra(device, rate, asker);
    } else {
        device->extra_mU_s = 0U;
    }

    const int32_t own = dg_trial_least(rate, schedule);

    if (own < schedule) {
        device->tally->withheld_s +=
            (uint32_t)((schedule - own) * (int32_t)DG_TRIAL_STEP_S) /
            (uint32_t)schedule;
    }
    device->due_mU_s += (uint32_t)own * DG_TRIAL_STEP_S;
    device->basal = device->due_mU_s / DG_TRIAL_PULSE_MU_S;
    device->due_mU_s %= DG_TRIAL_PULSE_MU_S;
    if (device->basal > device->reservoir) {
        device->basal = device->reservoir;
    }
    device->reservoir -= device->basal;
    device->tally->basal_pulses += device->basal;
    dg_trial_windows_add_whole(device->windows, device->lane, device->basal);
}
