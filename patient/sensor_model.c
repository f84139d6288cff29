/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/sensor_model.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "patient/lane/draw.h"
#include "patient/variates.h"

#define DRAWS_MAX  1000U
#define PERSON_MAX (UINT64_C(1) << 56)
#define FIGURES    7
/* mg/dL: a sensor whose noise settles above is drawn again. */
#define SD_MAX 10.0
/* How far from the edge of stability an autoregression has to stay. */
#define STABLE_BY 0.02

/* The sources are at enum dg_sensor_model. */
static const struct dg_sensor_figures fixed[DG_SENSOR_MODELS] = {
    [DG_SENSOR_MODEL_IDEAL] = {.a = {1.0, 0.0, 0.0}},
    [DG_SENSOR_MODEL_BRETON] = {.a = {1.0, 0.0, 0.0}},
    [DG_SENSOR_MODEL_FACCHINETTI] = {.a = {1.1, 2e-4, 0.0},
                                     .b = {-14.8, 0.04, 0.0},
                                     .v = {1.013, -0.2135, 14.45},
                                     .c = {1.23, -0.3995, 11.3}},
    [DG_SENSOR_MODEL_G5] = {.a = {1.04, 0.02, 0.0},
                            .b = {-8.75, 0.0, 0.0},
                            .v = {1.27, -0.42, 7.64}},
    [DG_SENSOR_MODEL_G6] = {.a = {1.048, -0.033, 0.002},
                            .b = {-6.398, 6.179, -0.448},
                            .v = {1.22, -0.331, 3.641},
                            .c = {1.34, -0.492, 5.538}},
};

/* a0, a1, a2, b0, p1, p2, standard deviation of the innovation. */
static const double population_mean[FIGURES] = {0.942287678,
                                                0.00493988211,
                                                -0.000584874857,
                                                6.38260220,
                                                1.26040704,
                                                -0.402222894,
                                                3.25163609};

/* The lower triangular root of 0.9 times the published covariance. */
static const double population_root[FIGURES][FIGURES] = {
    {0.10918446318043608},
    {-0.03257031812413768, 0.024631130247970118},
    {0.0025781201079389305, -0.0022838082278757283, 0.0007133587367713981},
    {1.2956164813140496,
     -2.045925157692612,
     -1.0528057941902524,
     4.374062658694694},
    {0.022154163051592696,
     -0.021502933738871265,
     0.0034345409112379334,
     0.009737920102070391,
     0.13286975103807444},
    {-0.02382588716584108,
     0.010850081694516287,
     -0.005850850555347451,
     -0.010250173732803158,
     -0.11821304203542485,
     0.04507509297760966},
    {-0.026213930229890502,
     -0.13436004412116728,
     -0.19498927602319918,
     0.021596669585817255,
     -0.12040859799542997,
     -0.007744783658536802,
     0.7612005795841642},
};

double dg_autoregression_sd(const struct dg_autoregression *process)
{
    const double correlation = process->p1 / (1.0 - process->p2);

    return dg_plain_sqrt(
        process->variance /
        (1.0 - process->p1 * correlation -
         process->p2 * (process->p1 * correlation + process->p2)));
}

static bool is_stationary(const struct dg_autoregression *process)
{
    return (process->p2 >= -1.0) &&
           (process->p2 <= 1.0 - fabs(process->p1) - STABLE_BY);
}

static void draw(struct dg_variates *from, double figure[FIGURES])
{
    double normal[FIGURES];

    for (size_t i = 0; i < FIGURES; i++) {
        normal[i] = dg_variates_normal(from);
    }
    for (size_t i = 0; i < FIGURES; i++) {
        figure[i] = population_mean[i];
        for (size_t k = 0; k <= i; k++) {
            figure[i] += population_root[i][k] * normal[k];
        }
    }
}

enum dg_status dg_sensor_model_figures(enum dg_sensor_model model,
                                       uint64_t seed,
                                       uint64_t person,
                                       uint32_t serial,
                                       struct dg_sensor_figures *figures)
{
    if (figures == NULL) {
        return DG_E_USAGE;
    }
    if (((unsigned int)model >= DG_SENSOR_MODELS) || (person >= PERSON_MAX)) {
        return DG_E_RANGE;
    }
    if (model != DG_SENSOR_MODEL_POPULATION) {
        *figures = fixed[model];
        return DG_OK;
    }

    struct dg_variates from =
        dg_variates_begin(seed, person, DG_LANE_STREAM_WORN, serial);

    for (unsigned int i = 0; i < DRAWS_MAX; i++) {
        double figure[FIGURES];

        draw(&from, figure);

        const struct dg_sensor_figures drawn = {
            .a = {figure[0], figure[1], figure[2]},
            .b = {figure[3], 0.0, 0.0},
            .v = {figure[4], figure[5], figure[6] * figure[6]},
        };

        if ((figure[6] > 0.0) && is_stationary(&drawn.v) &&
            (dg_autoregression_sd(&drawn.v) <= SD_MAX)) {
            *figures = drawn;
            return DG_OK;
        }
    }
    return DG_E_CORRUPT;
}
