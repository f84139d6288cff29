/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/glucose.h"

#include "dosegate/effect.h"

#include <stddef.h>
#include <string.h>

#define CODE_LOW  39
#define CODE_HIGH 401

#define BIT(finding) (1U << (unsigned)(finding))

/* All but SETTLING. */
#define SUSPECT \
    ((uint16_t)((BIT(DG_GLUCOSE_FINDINGS) - 1U) ^ BIT(DG_GLUCOSE_SETTLING)))

/* Not a number that others could agree with. */
#define USELESS                                                               \
    (BIT(DG_GLUCOSE_CODE) | BIT(DG_GLUCOSE_WARM_UP) | BIT(DG_GLUCOSE_SPENT) | \
     BIT(DG_GLUCOSE_FLAT) | BIT(DG_GLUCOSE_UNTIMED))

void dg_glucose_start(struct dg_glucose_state *state, dg_seconds now)
{
    memset(state, 0, sizeof *state);
    state->at = now;
}

void dg_glucose_meet(struct dg_glucose_state *state, dg_seconds sensor_start)
{
    /* The old sensor's last reading is older than the new sensor's start; what
     * the new one says is not. */
    const dg_seconds at =
        (sensor_start.s > state->at.s) ? sensor_start : state->at;

    if (state->sensor_start.s != sensor_start.s) {
        dg_glucose_start(state, at);
        state->sensor_start = sensor_start;
    }
}

uint32_t dg_glucose_ahead_s(dg_seconds age)
{
    return DG_GLUCOSE_AHEAD_S + (age.s / DG_GLUCOSE_AHEAD_PARTS);
}

/* The reading under judgement and one before it. */
struct pair {
    int32_t change;  /* mg/dL, newer less older */
    int32_t s;       /* between them            */
    int32_t effect;  /* mg/dL that insulin took */
    int32_t minutes; /* between them            */
};

/* Insulin that acted between two readings: on board at the first, given since,
 * less what is left.  Basal is not counted: it holds glucose where it is. */
static int32_t acted_mU(const struct dg_glucose_point *older,
                        const struct dg_glucose_point *newer)
{
    const uint32_t given = newer->bolus_steps - older->bolus_steps;
    const int32_t given_mU =
        (given > (uint32_t)(DG_EFFECT_MU_MAX / DG_PULSE_MU))
            ? DG_EFFECT_MU_MAX
            : ((int32_t)given * DG_PULSE_MU);
    /* A ledger that is lost says INT32_MAX. */
    const int64_t acted =
        ((int64_t)older->iob_mU - (int64_t)newer->iob_mU) + given_mU;

    return (acted < 0)                  ? 0
           : (acted > DG_EFFECT_MU_MAX) ? DG_EFFECT_MU_MAX
                                        : (int32_t)acted;
}

static struct pair pair_of(const struct dg_glucose_point *older,
                           const struct dg_glucose_point *newer,
                           int32_t isf)
{
    struct pair pair;

    /* Points are at most an hour of gaps apart: fits. */
    pair.change = newer->mg_dL - older->mg_dL;
    pair.s = (int32_t)(newer->at.s - older->at.s);
    pair.minutes = pair.s / 60;
    /* At most 1000 x 300 mg/dL. */
    pair.effect = (acted_mU(older, newer) / 10) * isf / 100;
    return pair;
}

static int32_t size_of(int32_t change)
{
    return (change < 0) ? -change : change;
}

/* @satisfies{FDP_GLU.1@1} */
static uint16_t judge_pair(const struct pair *pair)
{
    const int32_t noise = DG_GLUCOSE_NOISE_MG_DL;

    if ((uint32_t)pair->s <= DG_GLUCOSE_NEAR_S) {
        const int32_t cone = noise + (pair->s / DG_GLUCOSE_CONE_S);

        return (size_of(pair->change) > cone) ? BIT(DG_GLUCOSE_JUMP) : 0U;
    }

    const int32_t fall =
        noise + (DG_GLUCOSE_FALL_PER_MIN * pair->minutes) + (2 * pair->effect);
    const int32_t least = noise + pair->minutes; /* 1 mg/dL a minute */
    const int32_t most = (noise + (DG_GLUCOSE_RISE_PER_MIN * pair->minutes)) -
                         (pair->effect / 2);
    const int32_t rise = (most > least) ? most : least;

    if (pair->change > rise) {
        return BIT(DG_GLUCOSE_RISE);
    }
    return (-pair->change > fall) ? BIT(DG_GLUCOSE_FALL) : 0U;
}

/* Was there, not long ago, a point from which glucose fell to @p low and to
 * which it now has come back? */
static bool is_dip(const struct dg_glucose_state *state,
                   const struct dg_glucose_point *now,
                   unsigned low)
{
    const struct dg_glucose_point *bottom = &state->point[low];

    if (((now->at.s - bottom->at.s) > DG_GLUCOSE_NEAR_S) ||
        ((now->mg_dL - bottom->mg_dL) < DG_GLUCOSE_DIP_MG_DL)) {
        return false;
    }
    for (unsigned i = low + 1U; i < state->run; i++) {
        const struct dg_glucose_point *before = &state->point[i];

        if (((bottom->at.s - before->at.s) <= DG_GLUCOSE_NEAR_S) &&
            ((before->mg_dL - bottom->mg_dL) >= DG_GLUCOSE_DIP_MG_DL) &&
            ((before->mg_dL - now->mg_dL) <= DG_GLUCOSE_RETURN_MG_DL)) {
            return true;
        }
    }
    return false;
}

/* Against the readings that agreed so far. */
static unsigned judge_run(const struct dg_glucose_state *state,
                          const struct dg_glucose_point *now,
                          int32_t isf)
{
    unsigned findings = 0U;

    for (unsigned i = 0U; i < state->run; i++) {
        const struct pair pair = pair_of(&state->point[i], now, isf);

        findings |= judge_pair(&pair);
        if (is_dip(state, now, i)) {
            findings |= BIT(DG_GLUCOSE_DROP_OUT);
        }
    }
    return findings;
}

static bool is_flat(const struct dg_glucose_state *state, dg_seconds at)
{
    return (state->same >= DG_GLUCOSE_FLAT_READINGS) &&
           ((at.s - state->same_since.s) >= DG_GLUCOSE_FLAT_S);
}

/* Up to @p max, and no further. */
static void count_up(uint8_t *counter, unsigned max)
{
    if (*counter < max) {
        (*counter)++;
    }
}

static void count_same(struct dg_glucose_state *state,
                       const struct dg_glucose_point *now)
{
    if (!state->has || (state->value.mg_dL != now->mg_dL)) {
        state->same = 0U;
        state->same_since = now->at;
    }
    count_up(&state->same, UINT8_MAX);
}

static void keep(struct dg_glucose_state *state,
                 const struct dg_glucose_point *now)
{
    for (unsigned i = DG_GLUCOSE_KEPT - 1U; i > 0U; i--) {
        state->point[i] = state->point[i - 1U];
    }
    state->point[0] = *now;
    count_up(&state->kept, DG_GLUCOSE_KEPT);
}

/* How many readings stand behind this one. */
static void count(struct dg_glucose_state *state,
                  const struct dg_glucose_point *now,
                  uint32_t left_out,
                  bool is_gap)
{
    if ((state->findings & USELESS) != 0U) {
        state->run = 0U;
        state->streak = 0U;
        return;
    }
    if (is_gap || (state->findings != 0U) || (state->run == 0U)) {
        state->run = 1U;
        state->streak = 1U;
        state->run_since = now->at;
        return;
    }
    count_up(&state->run, DG_GLUCOSE_KEPT);
    count_up(&state->streak, DG_GLUCOSE_STREAK);
    /* One left out may be lost; this reading was perhaps chosen. */
    if ((left_out > 0U) && (state->streak == DG_GLUCOSE_STREAK)) {
        state->streak = DG_GLUCOSE_STREAK - 1U;
    }
}

/* @satisfies{FDP_GLU.1@1} @satisfies{FDP_GLU.2@1} */
void dg_glucose_take(struct dg_glucose_state *state,
                     const struct dg_reading *reading,
                     const struct dg_glucose_context *context)
{
    const struct dg_glucose_point now = {context->at,
                                         reading->value.mg_dL,
                                         context->iob_mU,
                                         context->bolus_steps};
    const uint32_t left_out =
        state->has ? (reading->sequence - state->sequence - 1U) : 0U;
    const bool is_gap = !state->has || (left_out > 1U) ||
                        ((now.at.s - state->at.s) > DG_GLUCOSE_GAP_S);
    unsigned findings = 0U;

    count_same(state, &now);
    if ((now.mg_dL <= CODE_LOW) || (now.mg_dL >= CODE_HIGH)) {
        findings |= BIT(DG_GLUCOSE_CODE);
    }
    if (reading->at.s < context->warm_s) {
        findings |= BIT(DG_GLUCOSE_WARM_UP);
    }
    if (reading->sequence > DG_GLUCOSE_SEQUENCE_MAX) {
        findings |= BIT(DG_GLUCOSE_SPENT);
    }
    if (context->is_untimed) {
        findings |= BIT(DG_GLUCOSE_UNTIMED);
    }
    if (is_flat(state, now.at)) {
        findings |= BIT(DG_GLUCOSE_FLAT);
    }
    if (!is_gap && ((findings & USELESS) == 0U)) {
        findings |= judge_run(state, &now, context->isf_mg_dL_per_U);
    }
    state->findings = (uint16_t)findings;
    count(state, &now, left_out, is_gap);
    keep(state, &now);
    state->has = true;
    state->sequence = reading->sequence;
    state->value = reading->value;
    state->at = now.at;
    if (((state->findings & SUSPECT) == 0U) && !dg_glucose_is_trusted(state)) {
        state->findings = (uint16_t)BIT(DG_GLUCOSE_SETTLING);
    }
    if (dg_glucose_is_trusted(state)) {
        state->trusted_at = state->at;
    }
}

bool dg_glucose_is_suspect(const struct dg_glucose_state *state)
{
    return state->has && ((state->findings & SUSPECT) != 0U);
}

/* @satisfies{FDP_GLU.2@1} */
bool dg_glucose_is_trusted(const struct dg_glucose_state *state)
{
    return state->has && ((state->findings & SUSPECT) == 0U) &&
           (state->streak >= DG_GLUCOSE_STREAK) &&
           ((state->at.s - state->run_since.s) >= DG_GLUCOSE_SETTLE_S);
}

/* @satisfies{FDP_GLU.3@1} */
bool dg_glucose_is_low(const struct dg_glucose_state *state,
                       dg_seconds now,
                       uint32_t age_s_max,
                       dg_glucose floor)
{
    /* A trusted reading speaks for itself; of others every fresh one does. */
    const unsigned count = dg_glucose_is_trusted(state) ? 1U : state->kept;

    for (unsigned i = 0U; (i < count) && (i < state->kept); i++) {
        const struct dg_glucose_point *point = &state->point[i];

        if ((point->mg_dL < floor.mg_dL) &&
            ((now.s - point->at.s) <= age_s_max)) {
            return true;
        }
    }
    return false;
}

/* @satisfies{FDP_GLU.4@1} */
dg_glucose dg_glucose_bound(const struct dg_glucose_state *state,
                            dg_seconds now)
{
    const uint32_t fresh_s = DG_GLUCOSE_PERIOD_S + DG_GLUCOSE_AHEAD_S;
    const uint32_t age_s = now.s - state->at.s;
    const uint32_t late_s = (age_s > fresh_s) ? (age_s - fresh_s) : 0U;
    const uint32_t fall =
        (late_s + ((uint32_t)DG_GLUCOSE_CONE_S - 1U)) / DG_GLUCOSE_CONE_S;
    const uint32_t value = (uint32_t)state->value.mg_dL;

    return (dg_glucose){(fall >= value) ? 0 : (int32_t)(value - fall)};
}
