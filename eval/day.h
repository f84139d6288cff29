/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_DAY_H
#define DG_EVAL_DAY_H

#include "eval/scene.h"
#include "patient/day_figure.h"
#include "patient/day_metrics.h"
#include "patient/person.h"

/* A day of a virtual person on the pump under test: the pump delivers, the
 * person answers, the sensor measures, the phone acts. */
#define DG_DAY_STEPS    288U
#define DG_DAY_STEP_MIN 5U

struct dg_day {
    struct dg_person person;
    double plasma[DG_DAY_STEPS + 1U];
    double sensor[DG_DAY_STEPS + 1U];
    int64_t insulin_mU[DG_DAY_STEPS]; /* moved in each step               */
    int64_t bolus_mU[DG_DAY_STEPS];   /* of it bolus, as the product says */
    int64_t bolus_total_mU;
    size_t steps;
    int64_t moved_mU;
};

/** Begin at midnight; "adult", "adolescent" or "child". */
bool dg_day_begin(struct dg_day *day, struct dg_scene *scene, const char *who);

/** Five minutes: time, delivery, body, and the sensor's frame to the phones. */
void dg_day_step(struct dg_day *day, struct dg_scene *scene);

/** Numbers of the day into the test's measurements. */
void dg_day_measure(const struct dg_day *day,
                    struct dg_scene *scene,
                    const char *who,
                    struct dg_day_metrics *metrics);

/** Draw the day; @p beside may be NULL. */
void dg_day_draw(const struct dg_day *day,
                 const struct dg_day *beside,
                 struct dg_scene *scene,
                 const char *id,
                 const char *title,
                 const char *caption);

#endif
