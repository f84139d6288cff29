/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patient/trial/measure.h"
#include "patient/trial/tile.h"

#define LANES    DG_TRIAL_LANES
#define STEP_MIN DG_TRIAL_SAMPLE_MIN

struct dg_trial_bench *dg_trial_bench_new(const struct dg_trial_plan *plan)
{
    struct dg_trial_bench *bench = calloc(1U, sizeof *bench);
    const size_t unit = sizeof(max_align_t);

    if (bench == NULL) {
        return NULL;
    }
    bench->plan = plan;
    bench->memory_bytes = ((plan->controller->state_bytes / unit) + 1U) * unit;
    bench->memory = calloc(LANES, bench->memory_bytes);
    bench->plasma =
        calloc((size_t)plan->days * 288U * LANES, sizeof *bench->plasma);
    bench->sensor =
        calloc((size_t)plan->days * 288U * LANES, sizeof *bench->sensor);
    bench->people = malloc(dg_trial_people_bytes());
    bench->people_first = UINT64_MAX;
    if ((bench->people == NULL) || (bench->memory == NULL) ||
        (bench->plasma == NULL) || (bench->sensor == NULL)) {
        dg_trial_bench_free(bench);
        return NULL;
    }
    bench->is_open = true;
    for (unsigned lane = 0U; lane < LANES; lane++) {
        void *memory = &bench->memory[lane * bench->memory_bytes];

        if ((plan->controller->open != NULL) &&
            (plan->controller->open(memory, plan->controller_setup) != DG_OK)) {
            bench->is_open = false;
        }
    }
    return bench;
}

void dg_trial_bench_free(struct dg_trial_bench *bench)
{
    if (bench == NULL) {
        return;
    }
    if (bench->is_open && (bench->plan->controller->close != NULL)) {
        for (unsigned lane = 0U; lane < LANES; lane++) {
            bench->plan->controller->close(
                &bench->memory[lane * bench->memory_bytes]);
        }
    }
    free(bench->people);
    free(bench->memory);
    free(bench->plasma);
    free(bench->sensor);
    free(bench);
}

/* Glucagon as in dual-hormone studies, .1 mg a dose and 1 mg a day, less for a
 * child (core/limits_glucagon.c has the ceilings). */
static void prescribe(const struct dg_trial_settings *settings,
                      bool is_tight,
                      struct dg_therapy *therapy)
{
    memset(therapy, 0, sizeof *therapy);
    therapy->age_class = (enum dg_age_class)settings->age_class;
    therapy->package = DG_PACKAGE_HIGH;
    therapy->total_daily_dose.mU = settings->daily_mU;
    therapy->isf_mg_dL_per_U = settings->isf_mg_dL_per_U;
    therapy->floor.mg_dL = 80;
    therapy->glucagon.dose.ug = 100;
    therapy->glucagon.day.ug =
        (therapy->age_class == DG_AGE_CHILD) ? 500 : 1000;
    therapy->glucagon.below.mg_dL = 80;
    dg_limits_widest(therapy);
    for (unsigned i = 0U; is_tight && (i < DG_SHARES); i++) {
        therapy->share[i] /= DG_TRIAL_TIGHT_PART;
    }
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy->basal[hour].mU_per_h = settings->basal_mU_per_h[hour];
    }
}

static void describe(const struct dg_trial_settings *settings,
                     bool has_glucagon,
                     struct dg_controller_person *to)
{
    memset(to, 0, sizeof *to);
    to->id = settings->person;
    for (unsigned hour = 0U; hour < 24U; hour++) {
        const uint32_t rate = (uint32_t)settings->basal_mU_per_h[hour];

        if ((to->basal_count == 0U) ||
            (to->basal[to->basal_count - 1U].mU_per_h != rate)) {
            to->basal[to->basal_count].minute = hour * 60U;
            to->basal[to->basal_count].mU_per_h = rate;
            to->basal_count++;
        }
    }
    to->isf_mg_dL_U = (double)settings->isf_mg_dL_per_U;
    to->cr_g_U = settings->carb_ratio_g_per_U;
    to->tdd_U = (double)settings->daily_mU / 1000.0;
    to->target_mg_dL = settings->target_mg_dL;
    to->weight_kg = settings->weight_kg;
    to->age = (enum dg_controller_age)settings->age_class;
    to->has_glucagon = has_glucagon;
}

void dg_trial_drop(struct dg_trial_bench *bench, unsigned lane, const char *why)
{
    struct dg_trial_around *around = &bench->around[lane];

    around->is_dropped = true;
    bench->tally[lane].is_dropped = true;
    (void)snprintf(around->why, sizeof around->why, "%s", why);
}

void dg_trial_drop_by_controller(struct dg_trial_bench *bench,
                                 unsigned lane,
                                 const char *otherwise)
{
    const struct dg_controller *made = bench->plan->controller;
    const char *said =
        (made->fault != NULL)
            ? made->fault(&bench->memory[lane * bench->memory_bytes])
            : NULL;
    char why[DG_TRIAL_WHY_MAX];

    (void)snprintf(why,
                   sizeof why,
                   "controller %s: %s",
                   made->name,
                   ((said != NULL) && (said[0] != '\0')) ? said : otherwise);
    dg_trial_drop(bench, lane, why);
}

static void start_lane(struct dg_trial_bench *bench,
                       unsigned lane,
                       const struct dg_trial_settings *settings)
{
    const struct dg_controller *made = bench->plan->controller;
    struct dg_trial_around *around = &bench->around[lane];
    struct dg_therapy therapy;

    memset(around, 0, sizeof *around);
    memset(&bench->tally[lane], 0, sizeof bench->tally[lane]);
    prescribe(settings, bench->scenario->attack == DG_TRIAL_LOOSEN, &therapy);
    describe(settings, made->uses_glucagon, &around->person);
    if (!bench->is_open) {
        dg_trial_drop(bench, lane, "the controller could not be opened");
    } else if (dg_trial_device_start(&bench->device[lane],
                                     bench->arm,
                                     &therapy,
                                     &bench->windows,
                                     lane,
                                     &bench->tally[lane]) != DG_OK) {
        dg_trial_drop(bench, lane, "the device refuses these settings");
    } else if (dg_controller_person_check(&around->person) != DG_OK) {
        dg_trial_drop(bench, lane, "no controller may treat such a person");
    } else if (made->start(&bench->memory[lane * bench->memory_bytes],
                           &around->person) != DG_OK) {
        dg_trial_drop_by_controller(bench, lane, "does not treat this person");
    }
}

/* A person whose life begins here has lived on basal until now. */
static void fill_whole(struct dg_trial_bench *bench,
                       const struct dg_trial_settings *settings)
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        uint32_t due = 0U;

        for (unsigned slot = 0U; slot < DG_IOB_STEPS; slot++) {
            due += (uint32_t)settings[lane].basal_mU_per_h[0] * 300U;
            bench->windows.whole[slot][lane] =
                (uint16_t)(due / (DG_PULSE_MU * 3600U));
            due %= DG_PULSE_MU * 3600U;
        }
    }
}

void dg_trial_step_start(struct dg_trial_bench *bench,
                         const struct dg_trial_plan *plan,
                         unsigned scenario,
                         unsigned arm,
                         const struct dg_trial_settings *settings)
{
    const struct dg_trial_scenario *what = &plan->scenario[scenario];

    bench->plan = plan;
    bench->scenario = what;
    bench->attack = dg_trial_attack_at(what->attack);
    bench->arm = &plan->arm[arm];
    bench->start = (what->start_minute > 0U) ? what->start_minute
                                             : bench->attack->start_minute;
    bench->end = bench->start + ((what->minutes > 0U) ? what->minutes
                                                      : bench->attack->minutes);
    /* The first step begins this bin. */
    dg_trial_windows_start(&bench->windows, (DG_TRIAL_START_S / DG_BIN_S) - 1U);
    fill_whole(bench, settings);
    bench->shares = 0;
    for (unsigned i = 0U; i < DG_IOB_STEPS; i++) {
        bench->shares += dg_iob_table[i];
    }
    for (unsigned lane = 0U; lane < LANES; lane++) {
        start_lane(bench, lane, &settings[lane]);
    }
}

void dg_trial_bench_measure(struct dg_trial_bench *bench)
{
    struct dg_trial_glucose glucose[LANES];
    const size_t steps = (size_t)bench->plan->days * 288U;

    dg_trial_measure(bench->plasma, steps, glucose);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        bench->tally[lane].glucose[DG_TRIAL_PLASMA] = glucose[lane];
    }
    dg_trial_measure(bench->sensor, steps, glucose);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        bench->tally[lane].glucose[DG_TRIAL_SENSOR] = glucose[lane];
    }
    dg_trial_measure_harm(
        bench->plasma, steps, bench->start / STEP_MIN, bench->tally);
}
