/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/tally.h"

#include <stdbool.h>
#include <string.h>

#include "patient/lane/elementary.h"

__extension__ typedef unsigned __int128 wide;

#define MILLION  1000000
#define MINUTE_S 60U
#define STEP_S   (DG_TRIAL_SAMPLE_MIN * MINUTE_S)
#define A_DAY    288U /* steps */

/* Shares in millionths, glucose in thousandths of mg/dL. */
#define SHARE_ONE   MILLION
#define GLUCOSE_ONE 1000

#define SHARE(id, text)                                     \
    {                                                       \
        id, text, "%", SHARE_ONE / 100, 0, SHARE_ONE, false \
    }
#define RISK(id, text)                                  \
    {                                                   \
        id, text, "", MILLION, 0, 20LL * MILLION, false \
    }
#define COUNT(id, text)                          \
    {                                            \
        id, text, "a day", 1000, 0, 10000, false \
    }
#define YES(id, text)                        \
    {                                        \
        id, text, "of people", 1, 0, 1, true \
    }

/* clang-format off */
#define OF_SIGNAL(P, id, of)                                                   \
    [P##TIR] = SHARE(id "tir", "time in 70-180 mg/dL, " of),                   \
    [P##TITR] = SHARE(id "titr", "time in 70-140 mg/dL, " of),                 \
    [P##TBR_70] = SHARE(id "tbr70", "time below 70 mg/dL, " of),               \
    [P##TBR_54] = SHARE(id "tbr54", "time below 54 mg/dL, " of),               \
    [P##TAR_180] = SHARE(id "tar180", "time above 180 mg/dL, " of),            \
    [P##TAR_250] = SHARE(id "tar250", "time above 250 mg/dL, " of),            \
    [P##MEAN] = { id "mean", "mean glucose, " of, "mg/dL", GLUCOSE_ONE,        \
                  40LL * GLUCOSE_ONE, 340LL * GLUCOSE_ONE, false },            \
    [P##SD] = { id "sd", "standard deviation, " of, "mg/dL", GLUCOSE_ONE,      \
                0, 150LL * GLUCOSE_ONE, false },                               \
    [P##CV] = SHARE(id "cv", "coefficient of variation, " of),                 \
    [P##GMI] = { id "gmi", "glucose management indicator, " of, "%",           \
                 MILLION, 4LL * MILLION, 12LL * MILLION, false },              \
    [P##GRI] = { id "gri", "glycemia risk index, " of, "", 1000,               \
                 0, 100000, false },                                           \
    [P##LBGI] = RISK(id "lbgi", "low blood glucose index, " of),               \
    [P##HBGI] = RISK(id "hbgi", "high blood glucose index, " of),              \
    [P##LEAST] = { id "least", "lowest glucose, " of, "mg/dL", 10,             \
                   0, 2000, false },                                           \
    [P##EPISODES_70] = COUNT(id "episodes70", "episodes below 70 mg/dL, " of), \
    [P##EPISODES_54] = COUNT(id "episodes54", "episodes below 54 mg/dL, " of), \
    [P##PROLONGED_54] = COUNT(id "prolonged54",                                \
                              "of them above 120 min, " of)

static const struct dg_trial_metric_row rows[DG_TRIAL_METRICS] = {
    OF_SIGNAL(DG_TRIAL_, "", "plasma"),
    OF_SIGNAL(DG_TRIAL_CGM_, "cgm_", "sensor"),
    [DG_TRIAL_HAD_54] = YES("had54", "below 54 mg/dL for 15 min"),
    [DG_TRIAL_HAD_SEVERE] = YES("severe", "below 40 mg/dL for 15 min "
                                          "(proxy of severe)"),
    [DG_TRIAL_HAD_LETHAL] = YES("lethal", "below 20 mg/dL (proxy of lethal)"),
    [DG_TRIAL_HIT] = YES("hit", "below 54 mg/dL within 12 h of the start"),
    [DG_TRIAL_DKA_HOURS] = { "dka_hours", "hours a day with less than half of "
                             "basal insulin on board", "h a day", 1000,
                             0, 24000, false },
    [DG_TRIAL_DKA_SCORE] = { "dka_score", "DKA index, hours in all, 0-4", "",
                             1, 0, 4, false },
    [DG_TRIAL_WITHHELD_HOURS] = { "withheld_hours", "basal withheld, as hours "
                                  "of all of it", "h a day", 1000,
                                  0, 24000, false },
    [DG_TRIAL_INSULIN] = { "insulin", "insulin in all", "U a day", 1000,
                           0, 150000, false },
    [DG_TRIAL_ABOVE_BASAL] = { "above_basal", "insulin above basal",
                               "U a day", 1000, 0, 100000, false },
    [DG_TRIAL_GLUCAGON_DAY] = { "glucagon", "glucagon", "ug a day", 1000,
                                0, 2000000, false },
    [DG_TRIAL_RESCUE] = { "rescue", "carbohydrate against lows", "g a day",
                          1000, 0, 200000, false },
    [DG_TRIAL_BLOCKED] = { "blocked", "asked for above basal and not given",
                           "U a day", 1000, 0, 100000, false },
    [DG_TRIAL_HOSTILE_GIVEN] = { "hostile", "given of what the attack or the "
                                 "mistake asked", "U", 1000, 0, 100000, false },
    [DG_TRIAL_REFUSALS] = COUNT("refusals", "asks that were cut or refused"),
    [DG_TRIAL_ALARMS] = COUNT("alarms", "alarms that the reservoir does not "
                              "add up (E10)"),
};
/* clang-format on */

const struct dg_trial_metric_row *dg_trial_metric_at(enum dg_trial_metric which)
{
    return ((unsigned)which < DG_TRIAL_METRICS) ? &rows[which] : NULL;
}

const char *dg_trial_rule_name(unsigned rule)
{
    static const char *const name[DG_TRIAL_RULES] = {"none",
                                                     "E1",
                                                     "E2",
                                                     "E3",
                                                     "E4",
                                                     "E5",
                                                     "E6",
                                                     "E7",
                                                     "E8",
                                                     "E10",
                                                     "authority",
                                                     "product"};

    return (rule < DG_TRIAL_RULES) ? name[rule] : "?";
}

/* Risk --------------------------------------------------------------------- */

static int32_t risk_table[DG_TRIAL_TENTHS_MAX + 1];
static bool is_made;

/* By our own logarithm, so that the table is the same on every machine. */
static int32_t risk_of(uint32_t tenths)
{
    /* Below 1 mg/dL the transformation has no value: 1 counts. */
    const double glucose = (tenths < 10U) ? 1.0 : ((double)tenths / 10.0);
    vec value = v_set(R(glucose));

    value = v_log(value);
    /* ln(1)^1.084 is 0. */
    if (tenths > 10U) {
        value = v_pow(value, v_set(R(1.084)));
    } else {
        value = v_set(R(0.0));
    }

    const double f = 1.509 * ((double)value[0] - 5.381);
    const double risk = 10.0 * f * f * (double)DG_TRIAL_RISK_ONE;

    return (int32_t)((f < 0.0) ? -(risk + 0.5) : (risk + 0.5));
}

const int32_t *dg_trial_risk_table(void)
{
    if (!is_made) {
        for (uint32_t i = 0U; i <= DG_TRIAL_TENTHS_MAX; i++) {
            risk_table[i] = risk_of(i);
        }
        is_made = true;
    }
    return risk_table;
}

int32_t dg_trial_risk(uint32_t tenths)
{
    return dg_trial_risk_table()[(tenths > DG_TRIAL_TENTHS_MAX)
                                     ? DG_TRIAL_TENTHS_MAX
                                     : tenths];
}

/* Figures ------------------------------------------------------------------ */

/* part / whole * one, to the nearest; 0 of nothing. */
static int64_t share(uint64_t part, uint64_t whole, uint64_t one)
{
    if (whole == 0U) {
        return 0;
    }
    return (int64_t)((((wide)part * one) + (whole / 2U)) / whole);
}

/* The largest whole number whose square is not above. */
static uint64_t root(wide of)
{
    uint64_t below = 0U;

    for (int bit = 62; bit >= 0; bit--) {
        const uint64_t trial = below | ((uint64_t)1 << bit);

        if (((wide)trial * trial) <= of) {
            below = trial;
        }
    }
    return below;
}

/* Standard deviation in thousandths of mg/dL. */
static int64_t deviation(const struct dg_trial_glucose *glucose)
{
    const wide n = glucose->samples;

    if (n < 2U) {
        return 0;
    }

    /* n times the sum of squares is never below the square of the sum. */
    const wide spread =
        (n * glucose->squares) - ((wide)glucose->sum * glucose->sum);

    /* A tenth is 100 thousandths. */
    return (int64_t)root((spread * 10000U) / (n * (n - 1U)));
}

static void of_signal(const struct dg_trial_glucose *glucose,
                      int64_t values[DG_TRIAL_METRICS],
                      unsigned offset)
{
    const uint64_t n = glucose->samples;
    int64_t *to = &values[offset];
    const int64_t mean = share(glucose->sum, n, 100U);

    to[DG_TRIAL_TIR] = share(glucose->range, n, SHARE_ONE);
    to[DG_TRIAL_TITR] = share(glucose->tight, n, SHARE_ONE);
    to[DG_TRIAL_TBR_70] = share(glucose->below_70, n, SHARE_ONE);
    to[DG_TRIAL_TBR_54] = share(glucose->below_54, n, SHARE_ONE);
    to[DG_TRIAL_TAR_180] = share(glucose->above_180, n, SHARE_ONE);
    to[DG_TRIAL_TAR_250] = share(glucose->above_250, n, SHARE_ONE);
    to[DG_TRIAL_MEAN] = mean;
    to[DG_TRIAL_SD] = deviation(glucose);
    to[DG_TRIAL_CV] =
        share((uint64_t)to[DG_TRIAL_SD], (uint64_t)mean, SHARE_ONE);
    /* 3.31 + 0.02392 mean. */
    to[DG_TRIAL_GMI] = (n == 0U) ? 0 : (3310000 + ((mean * 2392) + 50) / 100);

    /* In percent: 3.0 below 54, 2.4 of 54-70, 1.6 above 250, 0.8 of 180-250. */
    const uint64_t weighted =
        (30U * (uint64_t)glucose->below_54) +
        (24U * (uint64_t)(glucose->below_70 - glucose->below_54)) +
        (16U * (uint64_t)glucose->above_250) +
        (8U * (uint64_t)(glucose->above_180 - glucose->above_250));
    const int64_t gri = share(weighted, n, 10000U);

    to[DG_TRIAL_GRI] = (gri > 100000) ? 100000 : gri;
    to[DG_TRIAL_LBGI] = share(glucose->low_risk, n, 1U);
    to[DG_TRIAL_HBGI] = share(glucose->high_risk, n, 1U);
    to[DG_TRIAL_LEAST] = (n == 0U) ? 0 : (int64_t)glucose->least;
    to[DG_TRIAL_EPISODES_70] =
        share((uint64_t)glucose->episodes_70 * A_DAY, n, 1000U);
    to[DG_TRIAL_EPISODES_54] =
        share((uint64_t)glucose->episodes_54 * A_DAY, n, 1000U);
    to[DG_TRIAL_PROLONGED_54] =
        share((uint64_t)glucose->prolonged_54 * A_DAY, n, 1000U);
}

/* Hours with too little insulin: 4, 8, 12, 16 (TID, facts section 11). */
static int64_t dka_score(uint32_t starved)
{
    const uint32_t hours = starved / (60U / DG_TRIAL_SAMPLE_MIN);

    return (hours >= 16U) ? 4 : (int64_t)(hours / 4U);
}

static uint64_t above_basal(const struct dg_trial_tally *tally)
{
    uint64_t pulses = 0U;

    for (unsigned tier = 0U; tier < DG_TIERS; tier++) {
        pulses += tally->pulses[tier];
    }
    return pulses;
}

void dg_trial_values(const struct dg_trial_tally *tally,
                     int64_t values[DG_TRIAL_METRICS])
{
    const struct dg_trial_glucose *plasma = &tally->glucose[DG_TRIAL_PLASMA];
    const uint64_t n = plasma->samples;
    const uint64_t above = above_basal(tally);
    uint64_t blocked = 0U;
    uint64_t refusals = 0U;

    for (unsigned rule = 0U; rule < DG_TRIAL_RULES; rule++) {
        blocked += tally->blocked_pulses[rule];
        refusals += tally->refusals[rule];
    }
    memset(values, 0, DG_TRIAL_METRICS * sizeof values[0]);
    of_signal(plasma, values, 0U);
    of_signal(&tally->glucose[DG_TRIAL_SENSOR],
              values,
              (unsigned)DG_TRIAL_CGM_TIR - (unsigned)DG_TRIAL_TIR);
    values[DG_TRIAL_HAD_54] = (plasma->episodes_54 > 0U) ? 1 : 0;
    values[DG_TRIAL_HAD_SEVERE] = (tally->severe_proxy > 0U) ? 1 : 0;
    values[DG_TRIAL_HAD_LETHAL] = (tally->lethal_proxy > 0U) ? 1 : 0;
    values[DG_TRIAL_HIT] =
        ((tally->event_minute > 0U) && (tally->event_minute <= 721U)) ? 1 : 0;
    values[DG_TRIAL_DKA_HOURS] = share(tally->starved, n, 24000U);
    values[DG_TRIAL_DKA_SCORE] = dka_score(tally->starved);
    values[DG_TRIAL_WITHHELD_HOURS] =
        share(tally->withheld_s, n * STEP_S, 24000U);
    /* A pulse is DG_PULSE_MU mU, and the scale is one mU. */
    values[DG_TRIAL_INSULIN] =
        share((above + tally->basal_pulses) * A_DAY, n, DG_PULSE_MU);
    values[DG_TRIAL_ABOVE_BASAL] = share(above * A_DAY, n, DG_PULSE_MU);
    values[DG_TRIAL_GLUCAGON_DAY] =
        share((uint64_t)tally->glucagon_ug * A_DAY, n, 1000U);
    values[DG_TRIAL_RESCUE] =
        share((uint64_t)tally->rescue_g * A_DAY, n, 1000U);
    values[DG_TRIAL_BLOCKED] = share(blocked * A_DAY, n, DG_PULSE_MU);
    values[DG_TRIAL_HOSTILE_GIVEN] =
        (int64_t)tally->hostile_given * DG_PULSE_MU;
    values[DG_TRIAL_REFUSALS] = share(refusals * A_DAY, n, 1000U);
    values[DG_TRIAL_ALARMS] = share((uint64_t)tally->alarms * A_DAY, n, 1000U);
}
