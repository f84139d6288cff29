/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/sensor.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "patient/random.h"
#include "patient/sensor_model.h"

#define SAMPLES_PER_DAY        (1440U / DG_SENSOR_PERIOD_MIN)
#define SUBCUTANEOUS_MG_DL_MAX 20000.0

/* The figures that every Dexcom G6 has. */
static struct dg_sensor_figures figures_of_g6(void)
{
    struct dg_sensor_figures figures = {.a = {1.0, 0.0, 0.0}};

    /* They are fixed: nothing is drawn and nothing can fail. */
    (void)!dg_sensor_model_figures(DG_SENSOR_MODEL_G6, 0, 0, 0, &figures);
    return figures;
}

static double square(const double figure[3], double days)
{
    return figure[0] + figure[1] * days + figure[2] * days * days;
}

/* Start in the stationary distribution, so that the first reading is as wrong
 * as any other. */
static void start(const struct dg_autoregression *process,
                  uint64_t seed,
                  uint64_t draw,
                  struct dg_sensor_drift *drift)
{
    const double correlation = process->p1 / (1.0 - process->p2);
    const double sd = dg_autoregression_sd(process);
    const double first = dg_random_normal(seed, DG_STREAM_SENSOR_START, draw);
    const double second =
        dg_random_normal(seed, DG_STREAM_SENSOR_START, draw + 1U);

    drift->before_last = sd * first;
    drift->last = sd * (correlation * first +
                        sqrt(1.0 - correlation * correlation) * second);
}

static void advance(const struct dg_autoregression *process,
                    double normal,
                    struct dg_sensor_drift *drift)
{
    const double next = process->p1 * drift->last +
                        process->p2 * drift->before_last +
                        sqrt(process->variance) * normal;

    drift->before_last = drift->last;
    drift->last = next;
}

/* A new sensor draws numbers that no earlier one of this run has used. */
static void insert(struct dg_sensor *sensor)
{
    const uint64_t draw = 4U * sensor->samples_taken;
    const struct dg_sensor_figures g6 = figures_of_g6();

    start(&g6.v, sensor->seed, draw, &sensor->v);
    start(&g6.c, sensor->seed, draw + 2U, &sensor->c);
}

enum dg_status dg_sensor_init(struct dg_sensor *sensor,
                              enum dg_sensor_kind kind,
                              uint64_t seed,
                              uint32_t age_days)
{
    if (sensor == NULL) {
        return DG_E_USAGE;
    }
    if ((kind != DG_SENSOR_IDEAL) && (kind != DG_SENSOR_G6)) {
        return DG_E_RANGE;
    }
    if (age_days >= DG_SENSOR_DAYS) {
        return DG_E_RANGE;
    }
    *sensor = (struct dg_sensor){
        .kind = kind,
        .seed = seed,
        .age_samples = (uint64_t)age_days * SAMPLES_PER_DAY,
    };
    insert(sensor);
    return DG_OK;
}

static double error_added(struct dg_sensor *sensor, double glucose_mg_dL)
{
    const double days = (double)sensor->age_samples / SAMPLES_PER_DAY;
    const uint64_t draw = 2U * sensor->samples_taken;
    const struct dg_sensor_figures g6 = figures_of_g6();

    advance(&g6.v,
            dg_random_normal(sensor->seed, DG_STREAM_SENSOR_NOISE, draw),
            &sensor->v);
    advance(&g6.c,
            dg_random_normal(sensor->seed, DG_STREAM_SENSOR_NOISE, draw + 1U),
            &sensor->c);
    return square(g6.a, days) * glucose_mg_dL + square(g6.b, days) +
           sensor->v.last + sensor->c.last;
}

enum dg_status dg_sensor_sample(struct dg_sensor *sensor,
                                double subcutaneous_mg_dL,
                                int32_t *reading_mg_dL)
{
    if ((sensor == NULL) || (reading_mg_dL == NULL)) {
        return DG_E_USAGE;
    }
    if (!(subcutaneous_mg_dL >= 0.0) ||
        !(subcutaneous_mg_dL <= SUBCUTANEOUS_MG_DL_MAX)) {
        return DG_E_RANGE;
    }

    double shown = subcutaneous_mg_dL;

    if (sensor->kind == DG_SENSOR_G6) {
        shown = error_added(sensor, subcutaneous_mg_dL);
    }
    shown = fmin(fmax(shown, DG_SENSOR_MG_DL_MIN), DG_SENSOR_MG_DL_MAX);
    *reading_mg_dL = (int32_t)lround(shown);

    sensor->samples_taken++;
    sensor->age_samples++;
    if (sensor->age_samples >= DG_SENSOR_DAYS * SAMPLES_PER_DAY) {
        sensor->age_samples = 0;
        insert(sensor);
    }
    return DG_OK;
}
