/* SPDX-License-Identifier: Apache-2.0 */
#include "body_probe.h"

#include "patient/lane/cambridge.h"
#include "patient/lane/s2008.h"

_Static_assert(BODY_PEOPLE == DG_TILE, "a run is a tile");

static struct dg_lane_inflow inflow_of(const struct body_run *run,
                                       size_t minute,
                                       int group)
{
    struct dg_lane_inflow in = {{0}, {0}, {0}, {0}, {0}};

    for (int i = 0; i < DG_LANES; i++) {
        const struct body_minute *one =
            &run->in[minute * BODY_PEOPLE + (size_t)(group * DG_LANES + i)];

        in.insulin_mU[i] = R(one->insulin_mU);
        in.carbs_g[i] = R(one->carbs_g);
        in.rescue_g[i] = R(one->rescue_g);
        in.glucagon_ug[i] = R(one->glucagon_ug);
        in.exercise[i] = R(one->exercise);
    }
    return in;
}

static void record(const struct body_run *run,
                   size_t minute,
                   int group,
                   const struct dg_lane_glucose *glucose)
{
    for (int i = 0; i < DG_LANES; i++) {
        const size_t at = minute * BODY_PEOPLE + (size_t)(group * DG_LANES + i);

        run->plasma[at] = (double)glucose->plasma_mg_dL[i];
        run->interstitial[at] = (double)glucose->interstitial_mg_dL[i];
    }
}

/* One model: its group, and the three functions that every model has. */
#define RUN(run, group_type, set_lane, minute_of, glucose_of, is_sound_of)   \
    do {                                                                     \
        for (int group = 0; group < DG_GROUPS; group++) {                    \
            struct group_type body;                                          \
                                                                             \
            for (int lane = 0; lane < DG_LANES; lane++) {                    \
                const int person = group * DG_LANES + lane;                  \
                                                                             \
                set_lane;                                                    \
            }                                                                \
            for (size_t minute = 0; minute <= (run)->minutes; minute++) {    \
                const struct dg_lane_glucose glucose = glucose_of(&body);    \
                                                                             \
                record(run, minute, group, &glucose);                        \
                if (minute < (run)->minutes) {                               \
                    const struct dg_lane_inflow in =                         \
                        inflow_of(run, minute, group);                       \
                                                                             \
                    minute_of(&body, &in);                                   \
                }                                                            \
            }                                                                \
                                                                             \
            const bits sound = is_sound_of(&body);                           \
                                                                             \
            for (int lane = 0; lane < DG_LANES; lane++) {                    \
                (run)->is_sound[group * DG_LANES + lane] = sound[lane] != 0; \
            }                                                                \
        }                                                                    \
    } while (0)

static void s2008(struct body_run *run)
{
    RUN(run,
        dg_lane_s2008,
        dg_lane_s2008_set(&body, lane, run->s2008[person], run->is_2013),
        dg_lane_s2008_minute,
        dg_lane_s2008_glucose,
        dg_lane_s2008_is_sound);
}

/* The model is a constant, as it is for an engine. */
static void wilinska_minute(struct dg_lane_cambridge *body,
                            const struct dg_lane_inflow *in)
{
    dg_lane_cambridge_minute(body, DG_CAMBRIDGE_WILINSKA, in);
}

static void hovorka_minute(struct dg_lane_cambridge *body,
                           const struct dg_lane_inflow *in)
{
    dg_lane_cambridge_minute(body, DG_CAMBRIDGE_HOVORKA, in);
}

static void wilinska(struct body_run *run)
{
    RUN(run,
        dg_lane_cambridge,
        dg_lane_cambridge_set(
            &body, DG_CAMBRIDGE_WILINSKA, lane, run->cambridge[person]),
        wilinska_minute,
        dg_lane_cambridge_glucose,
        dg_lane_cambridge_is_sound);
}

static void hovorka(struct body_run *run)
{
    RUN(run,
        dg_lane_cambridge,
        dg_lane_cambridge_set(
            &body, DG_CAMBRIDGE_HOVORKA, lane, run->cambridge[person]),
        hovorka_minute,
        dg_lane_cambridge_glucose,
        dg_lane_cambridge_is_sound);
}

extern const struct body_probe DG_LANE_NAME(body_probe);
const struct body_probe DG_LANE_NAME(body_probe) = {
    .lanes = DG_LANES,
    .s2008 = s2008,
    .wilinska = wilinska,
    .hovorka = hovorka,
};
