/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/controller.h"

#include <string.h>

#include "patient/control/oref0/carbs.h"
#include "patient/control/oref0/number.h"
#include "patient/control/oref0/onboard.h"

#define MS_PER_MINUTE 60000.0
#define READINGS      24U

/* Midnight of the first day: any midnight (UTC) far from the epoch, since a
 * time of 0 means "never". */
#define MIDNIGHT_MS (10000.0 * 86400000.0)

#define MAX_IOB_TDD_SHARE  6.0
#define MAX_IOB_BASAL_H    3.0
#define MAX_BASAL_MULTIPLE 4.0
#define BOLUS_STEP_U       0.05

/* Apart by so much, two temps are not the same. */
#define SAME_U_PER_H 0.0005
#define SAME_MIN     2.0

struct rig {
    struct dg_controller_person person;
    struct dg_oref0_profile profile;
    struct dg_oref0_curve_table table;
    struct dg_oref0_board board;
    struct dg_oref0_event temp; /* the last in the pump's history            */
    uint32_t last_minute;
    struct dg_oref0_reading readings[READINGS]; /* newest first              */
    struct dg_oref0_carb_history carbs;
};

static enum dg_status start(void *state,
                            const struct dg_controller_person *person)
{
    struct rig *const rig = state;
    struct dg_oref0_profile *const profile = &rig->profile;
    double highest = 0.0;

    memset(rig, 0, sizeof *rig);
    rig->person = *person;
    dg_oref0_profile_defaults(profile);
    profile->basal.count = person->basal_count;
    for (size_t i = 0; i < person->basal_count; i++) {
        const double rate = (double)person->basal[i].mU_per_h / 1000.0;

        profile->basal.entry[i].minute = (double)person->basal[i].minute;
        profile->basal.entry[i].rate = rate;
        highest = rate > highest ? rate : highest;
    }
    profile->dia = DG_OREF0_DIA_H;
    profile->max_daily_basal = highest;
    profile->max_basal = MAX_BASAL_MULTIPLE * highest;
    profile->max_iob =
        person->tdd_U / MAX_IOB_TDD_SHARE + MAX_IOB_BASAL_H * highest;
    profile->sens = person->isf_mg_dL_U;
    profile->carb_ratio = person->cr_g_U;
    profile->min_bg = person->target_mg_dL;
    profile->max_bg = person->target_mg_dL;
    profile->enable_smb_always = true;
    profile->bolus_increment = BOLUS_STEP_U;
    dg_oref0_board_begin(&rig->board, MIDNIGHT_MS);
    return dg_oref0_curve_table(&rig->table, profile) ? DG_OK : DG_E_RANGE;
}

/* The temp that the history says runs now. */
static struct dg_oref0_temp remembered(const struct rig *rig, double now_ms)
{
    const double left =
        rig->temp.minutes - (now_ms - rig->temp.at_ms) / MS_PER_MINUTE;

    return left > 0.0 ? (struct dg_oref0_temp){rig->temp.amount, left}
                      : (struct dg_oref0_temp){0.0, 0.0};
}

/* What the pump says became of the last step enters the history: what was
 * asked but refused is not there.  False if the history is full. */
static bool read_pump(struct rig *rig,
                      const struct dg_controller_input *input,
                      double now_ms,
                      struct dg_oref0_temp *running)
{
    const double before_ms =
        now_ms - (double)DG_CONTROLLER_STEP_MIN * MS_PER_MINUTE;
    const struct dg_oref0_event bolus = {
        .at_ms = before_ms,
        .kind = DG_OREF0_BOLUS,
        .amount = (double)input->bolus_mU / 1000.0,
    };

    if (input->bolus_mU > 0 && !dg_oref0_board_add(&rig->board, bolus)) {
        return false;
    }
    *running = (struct dg_oref0_temp){0.0, 0.0};
    if (input->suspended) {
        running->minutes = 1.0; /* as long as it lasts */
    } else if (input->temp_runs) {
        running->rate = (double)input->temp_mU_per_h / 1000.0;
        running->minutes =
            fmin((double)input->temp_minutes, DG_CONTROLLER_TEMP_MIN_MAX - 5.0);
    }

    const struct dg_oref0_temp known = remembered(rig, now_ms);
    const bool same = (known.minutes > 0.0) == (running->minutes > 0.0) &&
                      fabs(known.rate - running->rate) < SAME_U_PER_H &&
                      fabs(known.minutes - running->minutes) < SAME_MIN;

    if (same) {
        return true;
    }
    rig->temp = (struct dg_oref0_event){
        .at_ms = before_ms,
        .kind = DG_OREF0_TEMP,
        .amount = running->rate,
        .minutes = running->minutes > 0.0
                       ? running->minutes + (double)DG_CONTROLLER_STEP_MIN
                       : 0.0,
    };
    return dg_oref0_board_add(&rig->board, rig->temp);
}

static void take_reading(struct rig *rig, int32_t mg_dL, double now_ms)
{
    memmove(&rig->readings[1],
            &rig->readings[0],
            (READINGS - 1U) * sizeof rig->readings[0]);
    rig->readings[0] = (struct dg_oref0_reading){
        .mg_dL = mg_dL > 0 ? (double)mg_dL : 0.0,
        .date_ms = now_ms,
        .noise = 1.0,
    };
}

static void answer(const struct dg_oref0_decision *decision,
                   struct dg_controller_output *output)
{
    if (decision->error != DG_OREF0_FINE) {
        return;
    }
    if (decision->has_temp && dg_oref0_is_there(decision->temp.rate) &&
        dg_oref0_is_there(decision->temp.minutes)) {
        output->temp_set = true;
        output->temp_mU_per_h =
            (uint32_t)dg_oref0_round(decision->temp.rate * 1000.0);
        output->temp_minutes = (uint32_t)decision->temp.minutes;
    }
    if (dg_oref0_is_there(decision->units) && decision->units > 0.0) {
        output->bolus_mU = (uint32_t)dg_oref0_round(decision->units * 1000.0);
    }
}

static uint32_t meal_mU(const struct rig *rig, uint32_t carbs_g)
{
    const double dose_mU = (double)carbs_g / rig->person.cr_g_U * 1000.0;

    return dose_mU < (double)DG_CONTROLLER_BOLUS_MU_MAX
               ? (uint32_t)dose_mU
               : DG_CONTROLLER_BOLUS_MU_MAX;
}

static enum dg_status step(void *state,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output)
{
    struct rig *const rig = state;
    const double now_ms = MIDNIGHT_MS + (double)input->minute * MS_PER_MINUTE;
    struct dg_oref0_situation situation = {
        .now_ms = now_ms,
        .has_autosens = true,
        .autosens_ratio = 1.0,
        .micro_bolus_allowed = true,
    };
    struct dg_oref0_iob iob;
    struct dg_oref0_decision decision;

    *output = (struct dg_controller_output){
        .meal_bolus_mU = meal_mU(rig, input->carbs_g),
    };
    rig->profile.current_basal =
        (double)dg_controller_basal_mU_per_h(&rig->person, input->minute) /
        1000.0;
    take_reading(rig, input->glucose_mg_dL, now_ms);

    const uint32_t passed = input->minute - rig->last_minute;

    rig->last_minute = input->minute;
    if (!read_pump(rig, input, now_ms, &situation.running) ||
        !dg_oref0_board_step(&rig->board,
                             &rig->profile,
                             &rig->table,
                             situation.autosens_ratio,
                             passed / DG_CONTROLLER_STEP_MIN,
                             DG_OREF0_WANT_DECISION,
                             &iob)) {
        return DG_OK; /* nothing to ask: the device goes on by itself */
    }
    dg_oref0_carbs_record(&rig->carbs,
                          rig->readings[0].mg_dL,
                          iob.activity[0],
                          (double)input->carbs_g);
    if (!dg_oref0_glucose_status(rig->readings, READINGS, &situation.glucose)) {
        return DG_OK;
    }
    dg_oref0_carbs(&rig->carbs, &rig->profile, now_ms, &situation.meal);
    situation.outlook = (struct dg_oref0_outlook){
        .count = DG_OREF0_AHEAD,
        .is_list = true,
        .iob = iob.iob[0],
        .activity = iob.activity,
        .zt_activity = iob.zt_activity,
        .last_bolus_ms = iob.last_bolus_ms,
        .last_temp = iob.last_temp,
    };
    dg_oref0_decide(&rig->profile, &situation, &decision);
    answer(&decision, output);
    return DG_OK;
}

const struct dg_controller dg_controller_oref0 = {
    .name = "oref0",
    .title = "as OpenAPS decides (oref0 0.7.1), with micro-boluses",
    .state_bytes = sizeof(struct rig),
    .start = start,
    .step = step,
};
