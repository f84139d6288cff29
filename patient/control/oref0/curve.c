/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/curve.h"

#include "patient/control/oref0/number.h"
#include "patient/lane/elementary.h"

#define MINUTES_PER_HOUR 60.0

/* Shortest action. */
#define BILINEAR_H_MIN    3.0
#define EXPONENTIAL_H_MIN 5.0

/* Peak of activity and the range in which a setting may put it, minutes. */
#define RAPID_PEAK     75.0
#define RAPID_PEAK_MIN 50.0
#define RAPID_PEAK_MAX 120.0
#define ULTRA_PEAK     55.0
#define ULTRA_PEAK_MIN 35.0
#define ULTRA_PEAK_MAX 100.0

/* One unit, at one age. */
struct point {
    double on_board;
    double activity;
};

/* Two straight lines of activity, and polynomials fitted to their integral:
 * exactly 1 at 0, with small steps at 75 and at the end.  `scaled` is the age
 * as if the action were three hours. */
static struct point bilinear(double minutes, double hours)
{
    const double scaled = minutes * (BILINEAR_H_MIN / hours);
    const double peak = 2.0 / (MINUTES_PER_HOUR * hours);

    if (scaled < 75.0) {
        const double y = scaled / 5.0 + 1.0;
        return (struct point){
            .on_board = 1.0 + 0.001852 * y - 0.001852 * y * y,
            .activity = peak / 75.0 * scaled,
        };
    }
    if (scaled < 180.0) {
        const double z = (scaled - 75.0) / 5.0;
        return (struct point){
            .on_board = 0.55556 - 0.054233 * z + 0.001323 * z * z,
            .activity = peak - peak / 105.0 * (scaled - 75.0),
        };
    }
    return (struct point){0.0, 0.0};
}

/* Ours, not that of a mathematical library: the same bits on any machine. */
static double exp_of(double x)
{
    return v_exp(v_set(x))[0];
}

static struct point exponential(double minutes, double hours, double peak)
{
    const double end = MINUTES_PER_HOUR * hours;

    if (minutes >= end) {
        return (struct point){0.0, 0.0};
    }

    const double tau = peak * (1.0 - peak / end) / (1.0 - 2.0 * peak / end);
    const double a = 2.0 * tau / end;
    const double scale = 1.0 / (1.0 - a + (1.0 + a) * exp_of(-end / tau));
    const double decay = exp_of(-minutes / tau);

    return (struct point){
        .on_board = 1.0 - scale * (1.0 - a) *
                              ((minutes * minutes / (tau * end * (1.0 - a)) -
                                minutes / tau - 1.0) *
                                   decay +
                               1.0),
        .activity =
            scale / (tau * tau) * minutes * (1.0 - minutes / end) * decay,
    };
}

static double limited(double value, double least, double most)
{
    if (value < least) {
        return least;
    }
    return value > most ? most : value;
}

static double peak_of(const struct dg_oref0_profile *profile)
{
    const bool ultra = profile->curve == DG_OREF0_ULTRA_RAPID;
    const bool custom = profile->use_custom_peak_time &&
                        profile->curve_is_exact &&
                        dg_oref0_is_there(profile->insulin_peak_time);

    if (!custom) {
        return ultra ? ULTRA_PEAK : RAPID_PEAK;
    }
    return limited(profile->insulin_peak_time,
                   ultra ? ULTRA_PEAK_MIN : RAPID_PEAK_MIN,
                   ultra ? ULTRA_PEAK_MAX : RAPID_PEAK_MAX);
}

bool dg_oref0_curve_table(struct dg_oref0_curve_table *table,
                          const struct dg_oref0_profile *profile)
{
    const bool is_bilinear = profile->curve == DG_OREF0_BILINEAR;
    const double least = is_bilinear ? BILINEAR_H_MIN : EXPONENTIAL_H_MIN;
    const double hours = profile->dia < least ? least : profile->dia;
    const double peak = peak_of(profile);

    if (!(hours <= DG_OREF0_DIA_H_MAX)) {
        return false;
    }
    table->hours = hours;
    table->fives = (size_t)(hours * 12.0) + 2;
    for (size_t r = 0; r < DG_OREF0_AHEAD_MIN; r++) {
        for (size_t q = 0; q < DG_OREF0_CURVE_FIVES; q++) {
            const double minutes = (double)(q * DG_OREF0_AHEAD_MIN + r);
            const struct point point = is_bilinear
                                           ? bilinear(minutes, hours)
                                           : exponential(minutes, hours, peak);

            table->on_board[r][q] = point.on_board;
            table->activity[r][q] = point.activity;
        }
    }
    return true;
}
