/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_probe.h"

#include "patient/lane/draw.h"

static vec compute(enum probe_function function, vec x)
{
    vec sine;
    vec cosine;

    switch (function) {
    case PROBE_EXP:
        return v_exp(x);
    case PROBE_LOG:
        return v_log(x);
    case PROBE_TANH:
        return v_tanh(x);
    case PROBE_TANH_ROUGH:
        return v_tanh_rough(x);
    case PROBE_SINH:
        return v_sinh(x);
    case PROBE_SINE:
        v_sincos_turn(x, &sine, &cosine);
        return sine;
    case PROBE_COSINE:
        v_sincos_turn(x, &sine, &cosine);
        return cosine;
    case PROBE_SQRT:
        return v_sqrt(x);
    case PROBE_POW:
        return v_pow(x, v_set(R(0.8124)));
    case PROBE_ROUND:
        return v_round(x);
    case PROBE_FLOOR:
        return v_floor(x);
    case PROBE_MIN:
        return v_min(x, v_set(R(1.0)));
    case PROBE_MAX:
        return v_max(x, v_set(R(1.0)));
    case PROBE_CLAMP:
        return v_clamp(x, R(-2.0), R(3.0));
    case PROBE_COPYSIGN:
        return v_copysign(v_set(R(7.0)), x);
    case PROBE_IS_FINITE:
        return v_keep(v_is_finite(x), v_set(R(1.0)));
    case PROBE_FUNCTIONS:
        break;
    }
    return v_set(R(0.0));
}

static void apply(enum probe_function function, const double *in, double *out)
{
    for (int row = 0; row < PROBE_ROWS; row += DG_LANES) {
        vec x = {0};

        for (int i = 0; i < DG_LANES; i++) {
            x[i] = R(in[row + i]);
        }

        const vec y = compute(function, x);

        for (int i = 0; i < DG_LANES; i++) {
            out[row + i] = (double)y[i];
        }
    }
}

static void draw(uint64_t seed,
                 uint64_t first,
                 uint32_t day,
                 uint32_t index,
                 uint32_t (*words)[4],
                 double (*uniform)[4],
                 double (*normal)[4])
{
    for (unsigned int row = 0; row < PROBE_ROWS; row += DG_LANES) {
        const struct dg_lane_people people = dg_lane_people_from(first + row);
        const struct dg_lane_block block = dg_lane_draw(
            seed, &people, day, DG_LANE_STREAM_SENSOR, u_set(index));
        vec n[4];

        v_normal_pair(block.word[0], block.word[1], &n[0], &n[1]);
        v_normal_pair(block.word[2], block.word[3], &n[2], &n[3]);
        for (unsigned int k = 0; k < 4; k++) {
            const vec u = v_uniform(block.word[k]);

            for (unsigned int i = 0; i < DG_LANES; i++) {
                words[row + i][k] = (uint32_t)block.word[k][i];
                uniform[row + i][k] = (double)u[i];
                normal[row + i][k] = (double)n[k][i];
            }
        }
    }
}

extern const struct probe DG_LANE_NAME(lane_probe);
const struct probe DG_LANE_NAME(lane_probe) = {
    .lanes = DG_LANES,
    .apply = apply,
    .draw = draw,
};
