/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/record.h"

static const char *published_name(const char *who)
{
    if (strcmp(who, "child") == 0) {
        return "child#001";
    }
    return (strcmp(who, "adolescent") == 0) ? "adolescent#001" : "adult#001";
}

bool dg_day_begin(struct dg_day *day, struct dg_scene *scene, const char *who)
{
    memset(day, 0, sizeof *day);
    if (dg_person_init(
            &day->person, published_name(who), scene->seed, DG_SENSOR_G6) !=
        DG_OK) {
        return false;
    }
    day->plasma[0] = dg_person_plasma_mg_dL(&day->person);
    day->sensor[0] = (double)dg_person_sensor_mg_dL(&day->person);
    day->moved_mU = dg_scene_moved(scene);
    day->bolus_total_mU = dg_scene_status(scene, "a").bolus_total_mU;
    return !dg_scene_is_over(scene);
}

void dg_day_step(struct dg_day *day, struct dg_scene *scene)
{
    uint32_t mU[DG_DAY_STEP_MIN];
    const int64_t before = day->moved_mU;

    if (day->steps == DG_DAY_STEPS) {
        return;
    }
    for (unsigned minute = 0U; minute < DG_DAY_STEP_MIN; minute++) {
        dg_scene_advance(scene, 60U);

        const int64_t now = scene->delivery[scene->deliveries - 1U].total_mU;

        mU[minute] = (uint32_t)(now - day->moved_mU);
        day->moved_mU = now;
    }
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (dg_person_advance(&day->person, DG_DAY_STEP_MIN, mU) != DG_OK) {
        dg_scene_inconclusive(scene, "The virtual person's model gave up.");
        return;
    }

    const int64_t bolus_mU = dg_scene_status(scene, "a").bolus_total_mU;

    day->insulin_mU[day->steps] = day->moved_mU - before;
    if (bolus_mU > day->bolus_total_mU) {
        day->bolus_mU[day->steps] = bolus_mU - day->bolus_total_mU;
        day->bolus_total_mU = bolus_mU;
    }
    day->steps++;
    day->plasma[day->steps] = dg_person_plasma_mg_dL(&day->person);
    day->sensor[day->steps] = (double)dg_person_sensor_mg_dL(&day->person);
    dg_scene_reading(scene, (int)dg_person_sensor_mg_dL(&day->person));
}

void dg_day_measure(const struct dg_day *day,
                    struct dg_scene *scene,
                    const char *who,
                    struct dg_day_metrics *metrics)
{
    char name[96];

    memset(metrics, 0, sizeof *metrics);
    if (dg_day_metrics_compute(
            day->plasma, day->steps + 1U, DG_DAY_STEP_MIN, metrics) != DG_OK) {
        return;
    }

    const struct {
        const char *what;
        double value;
        const char *unit;
    } rows[] = {
        {"time 70-180 mg/dL", metrics->in_range_percent, "%"},
        {"time below 70 mg/dL", metrics->below_70_percent, "%"},
        {"time below 54 mg/dL", metrics->below_54_percent, "%"},
        {"lowest plasma glucose", metrics->min_mg_dL, "mg/dL"},
        {"highest plasma glucose", metrics->max_mg_dL, "mg/dL"},
    };

    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        (void)snprintf(name, sizeof name, "%s: %s", who, rows[i].what);
        dg_scene_measure(scene,
                         name,
                         (int64_t)((rows[i].value * 10.0) + 0.5),
                         1U,
                         rows[i].unit);
    }
}

struct sketch {
    struct dg_figure_sample plasma[DG_DAY_STEPS + 1U];
    struct dg_figure_sample sensor[DG_DAY_STEPS + 1U];
    struct dg_figure_sample beside[DG_DAY_STEPS + 1U];
    struct dg_figure_delivery delivery[2U * DG_DAY_STEPS];
    size_t deliveries;
    struct dg_figure_meal meal[64];
    size_t meals;
};

static void fill_series(struct dg_figure_sample *to,
                        const double *from,
                        size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        to[i].minute = (double)(i * DG_DAY_STEP_MIN);
        to[i].mg_dL = from[i];
    }
}

/* How much the mechanism moved is measured; how much of it was bolus is what
 * the product says. */
static void fill_deliveries(struct sketch *sketch,
                            const struct dg_day *day,
                            const struct dg_scene *scene)
{
    for (size_t i = 0U; i < day->steps; i++) {
        const int64_t bolus_mU = (day->bolus_mU[i] < day->insulin_mU[i])
                                     ? day->bolus_mU[i]
                                     : day->insulin_mU[i];
        const double minute = (double)(i * DG_DAY_STEP_MIN);

        if (bolus_mU > 0) {
            sketch->delivery[sketch->deliveries++] =
                (struct dg_figure_delivery){
                    minute,
                    (double)bolus_mU / 1000.0,
                    (bolus_mU > scene->automatic.dose_mU)
                        ? DG_FIGURE_CONFIRMED
                        : DG_FIGURE_AUTOMATIC};
        }
        sketch->delivery[sketch->deliveries++] = (struct dg_figure_delivery){
            minute,
            (double)(day->insulin_mU[i] - bolus_mU) / 1000.0,
            DG_FIGURE_BASAL};
    }
}

void dg_day_draw(const struct dg_day *day,
                 const struct dg_day *beside,
                 struct dg_scene *scene,
                 const char *id,
                 const char *title,
                 const char *caption)
{
    struct sketch *sketch = calloc(1U, sizeof *sketch);
    char *svg = NULL;
    size_t size = 0U;
    FILE *out = open_memstream(&svg, &size);

    if ((sketch == NULL) || (out == NULL)) {
        free(sketch);
        return;
    }
    fill_series(sketch->plasma, day->plasma, day->steps + 1U);
    fill_series(sketch->sensor, day->sensor, day->steps + 1U);
    fill_deliveries(sketch, day, scene);
    for (size_t i = 0U; (i < day->person.eaten_count) && (i < 64U); i++) {
        sketch->meal[i].minute = (double)day->person.eaten[i].minute;
        sketch->meal[i].grams = day->person.eaten[i].grams;
        sketch->meals++;
    }

    struct dg_day_figure figure = {.id = id,
                                   .title = title,
                                   .description = caption,
                                   .end_min =
                                       (double)(day->steps * DG_DAY_STEP_MIN),
                                   .plasma = {sketch->plasma, day->steps + 1U},
                                   .sensor = {sketch->sensor, day->steps + 1U},
                                   .deliveries = sketch->delivery,
                                   .delivery_count = sketch->deliveries,
                                   .meals = sketch->meal,
                                   .meal_count = sketch->meals};

    if (beside != NULL) {
        fill_series(sketch->beside, beside->plasma, beside->steps + 1U);
        figure.comparison =
            (struct dg_figure_series){sketch->beside, beside->steps + 1U};
        figure.comparison_name = "Same day, nobody attacks";
        figure.plasma_name = "Plasma glucose under attack";
    }

    const enum dg_status status = dg_day_figure_write(&figure, out);

    (void)fclose(out);
    if (status == DG_OK) {
        dg_record_figure(scene->run, id, caption, svg);
    } else {
        dg_scene_see(scene, "The figure of the day could not be drawn.");
    }
    free(svg);
    free(sketch);
}
