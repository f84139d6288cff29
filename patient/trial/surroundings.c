/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/surroundings.h"

#include <stddef.h>

#define PERMILLE  1000U
#define DAY_MIN   1440U
#define COUNT_MAX 500U /* DG_HABITS_COUNT_ERROR_MAX */

const char *dg_trial_world_fault(const struct dg_trial_world *world)
{
    for (unsigned i = 0U; i < DG_TRIAL_FAULTS; i++) {
        if (world->fault_permille[i] > PERMILLE) {
            return "a fault of the sensor comes at most once a day";
        }
    }
    if (world->pump > DG_TRIAL_PUMP_SCATTER) {
        return "no such error of the pump";
    }
    if ((world->skip_permille > PERMILLE) ||
        (world->late_permille > PERMILLE) ||
        (world->count_bias_permille > COUNT_MAX) ||
        (world->count_sd_permille > COUNT_MAX)) {
        return "habits are shares, errors of a count at most half";
    }
    if ((world->exercise_minute >= DAY_MIN) ||
        (world->exercise_minutes > 300U) || (world->exercise_percent > 100U)) {
        return "exercise is at most 300 min at 100 %";
    }
    return NULL;
}
