/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/people.h"

#include <stddef.h>
#include <string.h>

#include "patient/people.h"

/* As enum dg_trial_model. */
#define MODEL_WILINSKA 1U
#define MODEL_HOVORKA  4U

#define TARGET_MG_DL 110.0
#define ISF_LEAST    2
#define ISF_MOST     1000
#define BASAL_STEP   25.0 /* mU/h: half a pulse an hour */

static int32_t whole(double value)
{
    return (int32_t)(value + 0.5);
}

static void settle(struct dg_trial_settings *to,
                   double daily_U,
                   double basal_U_per_h,
                   double isf,
                   double carb_ratio)
{
    const int32_t sensitivity = whole(isf);

    to->daily_mU = whole(daily_U * 1000.0);
    to->isf_mg_dL_per_U =
        (sensitivity < ISF_LEAST)
            ? ISF_LEAST
            : ((sensitivity > ISF_MOST) ? ISF_MOST : sensitivity);
    to->carb_ratio_g_per_U = carb_ratio;
    to->target_mg_dL = TARGET_MG_DL;
    for (unsigned hour = 0U; hour < 24U; hour++) {
        to->basal_mU_per_h[hour] =
            whole(basal_U_per_h * 1000.0 / BASAL_STEP) * (int32_t)BASAL_STEP;
    }
}

static void eats(struct dg_trial_people *people,
                 unsigned lane,
                 const struct dg_trial_tile *tile,
                 double weight_kg,
                 bool is_child)
{
    people->eater[lane] =
        (struct dg_trial_eater){.seed = tile->seed,
                                .person = tile->first + lane,
                                .weight_kg = weight_kg,
                                .is_child = is_child ? 1U : 0U};
    people->settings[lane].person = tile->first + lane;
    people->settings[lane].weight_kg = weight_kg;
}

static void of_cambridge(const struct dg_trial_tile *tile,
                         struct dg_trial_people *people,
                         unsigned lane)
{
    const enum dg_cambridge_model model = (tile->model == MODEL_HOVORKA)
                                              ? DG_CAMBRIDGE_HOVORKA
                                              : DG_CAMBRIDGE_WILINSKA;
    struct dg_cambridge_parameters *body = &people->cambridge[lane];

    if (dg_cambridge_draw(model, tile->seed, tile->first + lane, body, NULL) !=
        DG_OK) {
        /* Somebody has to be in the lane; who, is in no average. */
        people->is_missing[lane] = true;
        if (dg_cambridge_mean(model, body) != DG_OK) {
            return;
        }
    }
    settle(&people->settings[lane],
           body->daily_U,
           body->basal_U_per_h,
           body->correction_mg_dL_per_U,
           body->carb_ratio_g_per_U);
    /* The population is one of adults. */
    people->settings[lane].age_class = DG_AGE_ADULT;
    eats(people, lane, tile, body->weight_kg, false);
}

static void of_s2008(const struct dg_trial_tile *tile,
                     struct dg_trial_people *people,
                     unsigned lane)
{
    const struct dg_s2008_parameters *table = tile->published;
    struct dg_s2008_parameters *body = &people->s2008[lane];
    const uint64_t person = tile->first + lane;

    *body =
        (tile->published_count > 0U)
            ? table[person % tile->published_count]
            : dg_people_at((size_t)(person % dg_people_count()))->parameters;
    settle(&people->settings[lane],
           body->daily_U,
           dg_s2008_basal_U_per_h(body),
           body->correction_mg_dL_per_U,
           body->carb_ratio_g_per_U);
    people->settings[lane].age_class = (unsigned)body->age_class;
    eats(people, lane, tile, body->weight_kg, body->age_class == DG_AGE_CHILD);
}

size_t dg_trial_people_bytes(void)
{
    return sizeof(struct dg_trial_people);
}

void dg_trial_people_of(const struct dg_trial_tile *tile,
                        struct dg_trial_people *people)
{
    const bool is_cambridge =
        (tile->model == MODEL_WILINSKA) || (tile->model == MODEL_HOVORKA);

    memset(people, 0, sizeof *people);
    for (unsigned lane = 0U; lane < DG_TRIAL_STEP_LANES; lane++) {
        if (is_cambridge) {
            of_cambridge(tile, people, lane);
        } else {
            of_s2008(tile, people, lane);
        }
    }
}

void dg_trial_digest_people(struct dg_trial_digest *digest,
                            const void *published,
                            uint64_t count)
{
    const struct dg_s2008_parameters *people = published;
    const size_t before = offsetof(struct dg_s2008_parameters, age_class);
    const size_t after = offsetof(struct dg_s2008_parameters, kabs);

    /* Around the class there may be padding. */
    for (uint64_t i = 0U; i < count; i++) {
        const uint64_t age = (uint64_t)people[i].age_class;
        const unsigned char *bytes = (const unsigned char *)&people[i];

        dg_trial_digest_add(digest, bytes, before);
        dg_trial_digest_words(digest, &age, 1U);
        dg_trial_digest_add(digest, bytes + after, sizeof people[i] - after);
    }
}
