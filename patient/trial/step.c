/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/step.h"

#include <string.h>

#include "patient/trial/bench.h"

#define DAY_MIN  1440U
#define STEP_MIN 5U
#define LANES    DG_TRIAL_LANES

/* Half of what basal alone keeps on board is starvation (DKA index). */
#define STARVED_PART 2

static const struct dg_trial_asker controller = {.is_person = false};
static const struct dg_trial_asker person = {.is_person = true};

/* When -------------------------------------------------------------------------- */

static bool is_phone_gone(const struct dg_trial_bench *bench, uint32_t minute)
{
    return ((bench->scenario->attack == DG_TRIAL_DEAD_PHONE) ||
            (bench->scenario->attack == DG_TRIAL_OS_UPDATE)) &&
           dg_trial_is_under_way(bench, minute);
}

/* Whoever owns the phone keeps it. */
static bool is_fallen(const struct dg_trial_bench *bench, uint32_t minute)
{
    return (bench->attack->culprit == DG_TRIAL_PHONE) &&
           (minute >= bench->start);
}

/* Things that fail ------------------------------------------------------------------ */

/* What a sensor that fails reads, instead of what is there. */
static int32_t failing(const struct dg_trial_bench *bench,
                       struct dg_trial_around *around,
                       uint32_t minute,
                       int32_t reading)
{
    const enum dg_trial_attack what = bench->scenario->attack;
    int32_t more = 0;

    if ((reading <= 0) || !dg_trial_is_under_way(bench, minute)) {
        return reading;
    }
    if (what == DG_TRIAL_SENSOR_FLAT) {
        return DG_TRIAL_FLAT_MG_DL;
    }
    if (what == DG_TRIAL_SENSOR_JUMP) {
        more = DG_TRIAL_JUMP_MG_DL;
    } else if (what == DG_TRIAL_SENSOR_DRIFT) {
        if (around->shift_mg_dL < DG_TRIAL_DRIFT_MG_DL) {
            around->shift_mg_dL += DG_TRIAL_DRIFT_PER_STEP;
        }
        more = around->shift_mg_dL;
    }
    if (more == 0) {
        return reading;
    }
    return ((reading + more) > 400) ? 400 : (reading + more);
}

/* Percent of what is counted that the mechanism moves. */
static int32_t moves(const struct dg_trial_bench *bench,
                     const struct dg_trial_device *device,
                     uint32_t minute)
{
    const enum dg_trial_attack what = bench->scenario->attack;

    if (device->is_mended || !dg_trial_is_under_way(bench, minute)) {
        return 100;
    }
    return (what == DG_TRIAL_PUMP_OVER)    ? DG_TRIAL_OVER_PERCENT
           : (what == DG_TRIAL_PUMP_UNDER) ? DG_TRIAL_UNDER_PERCENT
                                           : 100;
}

/* By how much the reading of the reservoir is off. */
static int32_t lies_mU(const struct dg_trial_bench *bench,
                       const struct dg_trial_device *device,
                       uint32_t minute)
{
    return ((bench->scenario->attack == DG_TRIAL_GAUGE) && !device->is_mended &&
            dg_trial_is_under_way(bench, minute))
               ? -DG_TRIAL_GAUGE_MU
               : 0;
}

/* Readings ------------------------------------------------------------------------ */

/* What the algorithm sees. */
static int32_t shown(const struct dg_trial_bench *bench,
                     struct dg_trial_around *around,
                     uint32_t minute,
                     int32_t reading)
{
    if (!dg_trial_is_under_way(bench, minute)) {
        return reading;
    }
    if (bench->scenario->attack == DG_TRIAL_STALE) {
        return DG_TRIAL_STALE_MG_DL;
    }
    if (bench->scenario->attack == DG_TRIAL_SHIFTED) {
        if (around->shift_mg_dL < DG_TRIAL_SHIFT_MG_DL) {
            around->shift_mg_dL += DG_TRIAL_SHIFT_PER_STEP;
        }
        if (reading > 0) {
            const int32_t more = reading + around->shift_mg_dL;

            return (more > 400) ? 400 : more;
        }
    }
    return reading;
}

/* What the device gets.  A product of today believes what is sent; for
 * Dosegate the sensor signs, so that forging is withholding. */
static int32_t heard(const struct dg_trial_bench *bench,
                     const struct dg_trial_device *device,
                     uint32_t minute,
                     int32_t reading,
                     int32_t forged)
{
    if (is_phone_gone(bench, minute)) {
        return 0;
    }
    if (!dg_trial_is_under_way(bench, minute) || (reading == forged)) {
        return reading;
    }
    if (device->phone->forges_for_pump) {
        return forged;
    }
    return ((bench->scenario->attack == DG_TRIAL_STALE) &&
            device->phone->withholds)
               ? 0
               : reading;
}

/* The person --------------------------------------------------------------------- */

static void send_later(struct dg_trial_around *around,
                       int32_t mU,
                       uint32_t minute,
                       bool is_replay)
{
    for (unsigned i = 0U; i < DG_TRIAL_AGAIN; i++) {
        if (around->again[i].mU == 0) {
            around->again[i] = (struct dg_trial_again){mU, minute, is_replay};
            return;
        }
    }
}

static void queue(const struct dg_trial_bench *bench,
                  struct dg_trial_around *around,
                  uint32_t minute,
                  int32_t mU)
{
    const enum dg_trial_attack what = bench->scenario->attack;
    unsigned times = 0U;
    uint32_t apart = STEP_MIN;

    if (what == DG_TRIAL_RETRIES) {
        times = DG_TRIAL_SENDS - 1U;
    } else if (what == DG_TRIAL_REPLAY) {
        times = DG_TRIAL_REPLAYS;
        apart = DG_TRIAL_REPLAY_STEPS * STEP_MIN;
    } else if ((what == DG_TRIAL_DOUBLED) && !around->is_done) {
        times = 1U;
        apart = DG_TRIAL_DOUBLED_STEPS * STEP_MIN;
        around->is_done = true;
    }
    for (unsigned i = 1U; i <= times; i++) {
        send_later(around, mU, minute + (i * apart), what == DG_TRIAL_REPLAY);
    }
}

/* A dose that a person agreed to, through what goes wrong with it. */
static void confirm(struct dg_trial_bench *bench,
                    unsigned lane,
                    uint32_t minute,
                    int32_t mU)
{
    struct dg_trial_around *around = &bench->around[lane];
    struct dg_trial_device *device = &bench->device[lane];
    struct dg_trial_asker asker = person;
    const bool is_now = dg_trial_is_under_way(bench, minute);

    if (is_now && (bench->scenario->attack == DG_TRIAL_MISSED) &&
        !around->is_done) {
        around->is_done = true;
        return;
    }
    if (is_now && (bench->scenario->attack == DG_TRIAL_SUSPEND_WORST)) {
        return;
    }
    if (is_now && (bench->scenario->attack == DG_TRIAL_TENFOLD) &&
        !around->is_done) {
        around->is_done = true;
        asker.is_hostile = true;
        /* The whole, or what the device says is left: the person nods again. */
        (void)dg_trial_device_dose(device, mU * 10, DG_TIER_CONFIRMED, &asker);
        return;
    }
    if (is_now && (bench->attack->culprit == DG_TRIAL_PHONE) &&
        (bench->attack->harm == DG_TRIAL_HARM_OVER) &&
        bench->attack->is_worst &&
        (around->deceived < device->phone->deceptions_a_day)) {
        around->deceived++;
        asker =
            (struct dg_trial_asker){.is_hostile = true, .is_compromised = true};
        (void)dg_trial_device_dose(
            device, DG_TRIAL_OVERDOSE_MU, DG_TIER_CONFIRMED, &asker);
        return;
    }
    (void)dg_trial_device_dose(device, mU, DG_TIER_CONFIRMED, &asker);
    if (is_now) {
        queue(bench, around, minute, mU);
    }
}

/* Doses that come again. */
static void repeat(struct dg_trial_bench *bench, unsigned lane, uint32_t minute)
{
    struct dg_trial_around *around = &bench->around[lane];
    struct dg_trial_device *device = &bench->device[lane];

    for (unsigned i = 0U; i < DG_TRIAL_AGAIN; i++) {
        struct dg_trial_again *again = &around->again[i];
        const bool is_doubled = bench->scenario->attack == DG_TRIAL_DOUBLED;

        if ((again->mU == 0) || (again->minute > minute)) {
            continue;
        }

        const int32_t mU = again->mU;
        const bool is_taken =
            is_doubled || (again->is_replay ? device->phone->replays
                                            : device->phone->duplicates);
        struct dg_trial_asker asker = {.is_hostile = true,
                                       .is_person = is_doubled,
                                       .is_all_or_none = true};

        again->mU = 0;
        if (is_taken) {
            (void)dg_trial_device_dose(device, mU, DG_TIER_CONFIRMED, &asker);
        } else {
            /* One ticket, one dose: nothing that the core need weigh. */
            const uint32_t pulses = (uint32_t)(mU / DG_PULSE_MU);

            device->asked += pulses;
            device->rule = DG_TRIAL_RULE_AUTHORITY;
            device->tally->asked_pulses += pulses;
            device->tally->hostile_pulses += pulses;
            device->tally->refusals[DG_TRIAL_RULE_AUTHORITY]++;
            device->tally->blocked_pulses[DG_TRIAL_RULE_AUTHORITY] += pulses;
        }
    }
}

/* The phone ------------------------------------------------------------------------- */

static bool ask_controller(struct dg_trial_bench *bench,
                           unsigned lane,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output)
{
    struct dg_trial_around *around = &bench->around[lane];

    if (around->is_dropped) {
        memset(output, 0, sizeof *output);
        return false;
    }
    if (bench->plan->controller->step(
            &bench->memory[lane * bench->memory_bytes], input, output) !=
        DG_OK) {
        dg_trial_drop_by_controller(bench, lane, "failed in a step");
    } else if (dg_controller_output_check(output) != DG_OK) {
        dg_trial_drop(bench,
                      lane,
                      "the controller asked for what is no rate "
                      "or dose");
    }
    if (around->is_dropped) {
        memset(output, 0, sizeof *output);
    }
    return !around->is_dropped;
}

static void tell(const struct dg_trial_bench *bench,
                 unsigned lane,
                 uint32_t minute,
                 int32_t reading,
                 uint32_t carbs_g,
                 struct dg_controller_input *input)
{
    const struct dg_trial_around *around = &bench->around[lane];
    const struct dg_trial_device *device = &bench->device[lane];

    memset(input, 0, sizeof *input);
    input->minute = minute;
    input->glucose_mg_dL = reading;
    input->carbs_g = carbs_g;
    input->basal_mU = around->basal_mU;
    input->bolus_mU = around->bolus_mU;
    input->glucagon_ug = around->glucagon_ug;
    input->temp_runs = device->temp_until_s > device->now.s;
    if (input->temp_runs) {
        input->temp_mU_per_h = (uint32_t)device->temp_mU_per_h;
        input->temp_minutes = (device->temp_until_s - device->now.s) / 60U;
        input->suspended = input->temp_mU_per_h == 0U;
    }
    input->reservoir_mU = device->reservoir * DG_PULSE_MU;
    input->battery_percent = 100U;
}

/* What the honest app asks for. */
static void obey(struct dg_trial_bench *bench,
                 unsigned lane,
                 uint32_t minute,
                 const struct dg_controller_output *output)
{
    struct dg_trial_device *device = &bench->device[lane];
    const bool is_taken_over = (bench->attack->culprit == DG_TRIAL_PHONE) &&
                               dg_trial_is_under_way(bench, minute) &&
                               (bench->scenario->attack != DG_TRIAL_GLUCAGON);

    if (output->meal_bolus_mU > 0U) {
        confirm(bench, lane, minute, (int32_t)output->meal_bolus_mU);
    }
    if (is_taken_over) {
        return;
    }
    if (output->bolus_mU > 0U) {
        (void)dg_trial_device_dose(
            device, (int32_t)output->bolus_mU, DG_TIER_AUTOMATIC, &controller);
    }
    if (output->temp_set) {
        dg_trial_device_temp(
            device, (int32_t)output->temp_mU_per_h, output->temp_minutes);
    }
    if (output->glucagon_ug > 0U) {
        (void)dg_trial_device_glucagon(device, output->glucagon_ug, false);
    }
}

/* No phone: what a person can do at the device, by counting carbohydrate. */
static void without_phone(struct dg_trial_bench *bench,
                          unsigned lane,
                          uint32_t carbs_g)
{
    const double grams = (double)carbs_g;

    if (carbs_g > 0U) {
        (void)dg_trial_device_emergency(
            &bench->device[lane],
            (int32_t)((grams * 1000.0) / bench->around[lane].person.cr_g_U));
    }
}

/* One person --------------------------------------------------------------------------- */

static bool is_meal_missed(const struct dg_trial_bench *bench,
                           struct dg_trial_around *around,
                           uint32_t minute,
                           uint32_t carbs_g)
{
    if ((bench->scenario->attack != DG_TRIAL_NOT_EATEN) || (carbs_g == 0U) ||
        around->is_done || !dg_trial_is_under_way(bench, minute)) {
        return false;
    }
    around->is_done = true;
    return true;
}

static void finish(struct dg_trial_bench *bench,
                   unsigned lane,
                   struct dg_trial_step_out *out)
{
    struct dg_trial_around *around = &bench->around[lane];
    struct dg_trial_device *device = &bench->device[lane];
    const uint32_t at_once = device->bolus;
    const uint32_t spread = device->basal + device->raised;

    out->bolus_mU[lane] = (int32_t)at_once * DG_PULSE_MU;
    out->basal_mU[lane] = (int32_t)spread * DG_PULSE_MU;
    out->glucagon_ug[lane] = (int32_t)device->ug;
    around->basal_mU = spread * DG_PULSE_MU;
    around->bolus_mU = at_once * DG_PULSE_MU;
    around->glucagon_ug = device->ug;
}

/* What basal alone would keep on board, in the ledger's measure. */
static void watch_starving(struct dg_trial_bench *bench, unsigned lane)
{
    const struct dg_trial_device *device = &bench->device[lane];

    /* mU per h of pulses in 5 min, times the shares: the same measure. */
    const int64_t steady =
        (bench->shares * device->need_mU_per_h) / (12 * DG_PULSE_MU);

    if (((int64_t)bench->windows.whole_weighted[lane] * STARVED_PART) <
        steady) {
        bench->tally[lane].starved++;
    }
}

static void note(struct dg_trial_bench *bench,
                 unsigned lane,
                 const struct dg_trial_step_in *in,
                 int32_t shown_mg_dL)
{
    const struct dg_trial_device *device = &bench->device[lane];
    struct dg_trial_moment *moment = &bench->moment;

    *moment = (struct dg_trial_moment){
        .minute = in->minute,
        .plasma_tenths =
            bench->plasma[((in->minute / STEP_MIN) * LANES) + lane],
        .sensor_mg_dL = in->sensor_mg_dL[lane],
        .shown_mg_dL = shown_mg_dL,
        .basal_mU = (int32_t)device->basal * DG_PULSE_MU,
        .raised_mU = (int32_t)device->raised * DG_PULSE_MU,
        .at_once_mU = (int32_t)device->bolus * DG_PULSE_MU,
        .asked_mU = (int32_t)device->asked * DG_PULSE_MU,
        .glucagon_ug = (int32_t)device->ug,
        .iob_mU = dg_trial_windows_iob_mU(&bench->windows, lane),
        .rule = device->rule,
    };
    for (unsigned tier = 0U; tier < DG_TIERS; tier++) {
        moment->bolus_mU[tier] = (int32_t)device->by_tier[tier] * DG_PULSE_MU;
    }
}

void dg_trial_step_tell(struct dg_trial_bench *bench,
                        const double *meal_g,
                        const uint32_t *rescue_g)
{
    if (bench->record == NULL) {
        return;
    }
    bench->moment.meal_g = meal_g[bench->record_lane];
    bench->moment.rescue_g = rescue_g[bench->record_lane];
    bench->moment.carbs_g =
        (int32_t)(bench->moment.meal_g + 0.5) + (int32_t)bench->moment.rescue_g;
    bench->record(bench->context, &bench->moment);
}

static void step_lane(struct dg_trial_bench *bench,
                      unsigned lane,
                      const struct dg_trial_step_in *in,
                      struct dg_trial_step_out *out)
{
    struct dg_trial_around *around = &bench->around[lane];
    struct dg_trial_device *device = &bench->device[lane];
    const uint32_t minute = in->minute;
    const int32_t reading =
        failing(bench, around, minute, in->sensor_mg_dL[lane]);
    const int32_t forged = shown(bench, around, minute, reading);
    const bool is_gone = is_phone_gone(bench, minute);
    const struct dg_trial_asker runner = {
        .is_hostile = false,
        .is_compromised = is_fallen(bench, minute),
    };
    struct dg_controller_input input;
    struct dg_controller_output output;

    if ((minute % DAY_MIN) == 0U) {
        around->deceived = 0U;
    }
    if (is_fallen(bench, minute) && (device->fallen_at.s == UINT32_MAX)) {
        device->fallen_at.s = DG_TRIAL_START_S + (bench->start * 60U);
    }
    dg_trial_reservoir_check(
        device, in->moved_mU[lane], lies_mU(bench, device, minute));
    dg_trial_device_step(device, minute);
    dg_trial_device_read(device, heard(bench, device, minute, reading, forged));
    watch_starving(bench, lane);
    /* A program that is not there is called all the same, and blind: the
     * interface says once per step. */
    tell(bench,
         lane,
         minute,
         is_gone ? 0 : forged,
         is_gone ? 0U : in->announced_g[lane],
         &input);
    if (ask_controller(bench, lane, &input, &output) && !is_gone) {
        obey(bench, lane, minute, &output);
    }
    if (is_gone) {
        without_phone(bench, lane, in->announced_g[lane]);
    }
    repeat(bench, lane, minute);
    dg_trial_strike(bench, lane, minute, reading);
    around->before_mg_dL = (reading > 0) ? reading : around->before_mg_dL;
    dg_trial_device_basal(device, &runner);
    out->is_uneaten[lane] =
        is_meal_missed(bench, around, minute, in->announced_g[lane]);
    out->seen_mg_dL[lane] =
        (is_fallen(bench, minute) && device->phone->hides_lows)
            ? DG_TRIAL_SHOWN_MG_DL
            : (device->phone->forges_for_pump ? forged : reading);
    finish(bench, lane, out);
    out->moved_percent[lane] = moves(bench, device, minute);
    if ((bench->record != NULL) && (lane == bench->record_lane)) {
        note(bench, lane, in, forged);
    }
}

void dg_trial_step(struct dg_trial_bench *bench,
                   const struct dg_trial_step_in *in,
                   struct dg_trial_step_out *out)
{
    dg_trial_windows_step(&bench->windows);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        step_lane(bench, lane, in, out);
    }
}
