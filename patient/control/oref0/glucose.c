/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/glucose.h"

#include "patient/control/oref0/number.h"

#define MS_PER_MINUTE    60000.0
#define UNREADABLE_MG_DL 38.0 /* and below: the sensor's codes of failure    */

struct mean {
    double sum;
    double count;
};

static void take(struct mean *mean, double value)
{
    mean->sum += value;
    mean->count += 1.0;
}

static double result(const struct mean *mean)
{
    return mean->count > 0.0 ? dg_oref0_round2(mean->sum / mean->count) : 0.0;
}

/* The three sets of slopes, and the newest reading as it is averaged. */
struct walk {
    double mg_dL;
    double date_ms;
    struct mean five;
    struct mean fifteen;
    struct mean forty_five;
};

static void take_reading(struct walk *walk, const struct dg_oref0_reading *then)
{
    const double minutes =
        dg_oref0_round((walk->date_ms - then->date_ms) / MS_PER_MINUTE);
    const double slope = (walk->mg_dL - then->mg_dL) / minutes * 5.0;

    if (minutes >= -1.0 && minutes <= 2.0) {
        walk->mg_dL = (walk->mg_dL + then->mg_dL) / 2.0;
        walk->date_ms = (walk->date_ms + then->date_ms) / 2.0;
    } else if (minutes >= 3.0 && minutes <= 17.0) {
        take(&walk->fifteen, slope);
        if (minutes <= 7.0) {
            take(&walk->five, slope);
        }
    } else if (minutes >= 18.0 && minutes <= 42.0) {
        take(&walk->forty_five, slope);
    }
}

bool dg_oref0_glucose_status(const struct dg_oref0_reading *readings,
                             size_t count,
                             struct dg_oref0_glucose *glucose)
{
    const struct dg_oref0_reading *now = NULL;
    struct walk walk = {.mg_dL = 0.0};
    size_t place = 0; /* among those that have a value */
    size_t last_cal = 0;

    for (size_t i = 0; i < count; i++) {
        const struct dg_oref0_reading *const one = &readings[i];

        if (!dg_oref0_is_set(one->mg_dL)) {
            continue;
        }
        if (now == NULL) {
            now = one;
            walk.mg_dL = one->mg_dL;
            walk.date_ms = one->date_ms;
        } else if (one->is_calibration) {
            last_cal = place;
            break;
        } else if (one->mg_dL > UNREADABLE_MG_DL &&
                   one->device == now->device) {
            take_reading(&walk, one);
        }
        place++;
    }
    if (now == NULL) {
        return false;
    }
    *glucose = (struct dg_oref0_glucose){
        .mg_dL = dg_oref0_round2(walk.mg_dL),
        .delta = result(&walk.five),
        .short_avg = result(&walk.fifteen),
        .long_avg = result(&walk.forty_five),
        .noise = dg_oref0_round(now->noise),
        .date_ms = walk.date_ms,
        .last_cal = last_cal,
    };
    return true;
}
