/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/attack.h"

#include <string.h>

#define AT(hour, minute) (((hour)*60U) + (minute))
#define DAY              1440U

/* Numbers of the attacks: attack.h.  Default starts: at night, hours after the
 * last meal, when nobody looks; mistakes at the first meal after 6:00. */
/* clang-format off */
static const struct dg_trial_attack_row rows[DG_TRIAL_ATTACKS] = {
    [DG_TRIAL_QUIET] = {
        "quiet", "nothing goes wrong", "-",
        "an honest phone that works",
        DG_TRIAL_NOBODY, DG_TRIAL_HARM_NONE, false, 0U, 0U },
    [DG_TRIAL_OVERDOSE] = {
        "overdose", "over-dose at once", "DG-A06 DG-A43 DG-H35",
        "one automatic dose of 30 U in one command",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, false, AT(23U, 0U), 5U },
    [DG_TRIAL_OVERDOSE_WORST] = {
        "overdose-worst", "over-dose, worst allowed", "DG-A06 DG-A33 DG-A43",
        "at each step the largest dose that the arm allows, for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, true, AT(23U, 0U), DAY },
    [DG_TRIAL_STRIKE_WORST] = {
        "strike-worst", "over-dose, saved up for a fall", "DG-A33 DG-A43",
        "nothing until glucose falls below 120 mg/dL, then the largest dose "
        "that the arm allows at each step",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, true, AT(21U, 0U), DAY },
    [DG_TRIAL_SLOW] = {
        "slow", "low and slow", "DG-A33",
        "an automatic dose of 1 % of the daily dose each 15 min for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, false, AT(0U, 0U), DAY },
    [DG_TRIAL_SUSPEND] = {
        "suspend", "malicious suspension", "DG-A05 DG-A48",
        "no basal for 12 h, asked for again every half hour",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_UNDER, false, AT(22U, 0U), 720U },
    [DG_TRIAL_SUSPEND_WORST] = {
        "suspend-worst", "malicious suspension, worst allowed",
        "DG-A05 DG-A43 DG-A48",
        "basal withheld as long as the arm allows, and no dose of the phone "
        "sent, for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_UNDER, true, AT(6U, 0U), DAY },
    [DG_TRIAL_STALE] = {
        "stale", "stale glucose", "DG-H03 DG-A20",
        "the algorithm sees 300 mg/dL for 6 h; the device hears nothing new",
        DG_TRIAL_STRANGER, DG_TRIAL_HARM_BOTH, false, AT(23U, 0U), 360U },
    [DG_TRIAL_SHIFTED] = {
        "shifted", "shifted glucose", "DG-A20 DG-A21",
        "the algorithm sees up to 150 mg/dL too much for 6 h",
        DG_TRIAL_STRANGER, DG_TRIAL_HARM_OVER, false, AT(23U, 0U), 360U },
    [DG_TRIAL_REPLAY] = {
        "replay", "replayed bolus", "DG-A02 DG-A09 DG-A16",
        "each dose that a person confirmed is sent again three times, 10 min "
        "apart, for a day",
        DG_TRIAL_STRANGER, DG_TRIAL_HARM_OVER, false, AT(0U, 0U), DAY },
    [DG_TRIAL_RETRIES] = {
        "retries", "duplicated retries", "DG-H12 DG-H13 DG-A48",
        "answers are lost: each confirmed dose is sent four times in 20 min, "
        "for a day",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_OVER, false, AT(0U, 0U), DAY },
    [DG_TRIAL_GLUCAGON] = {
        "glucagon", "glucagon drain", "DG-H38",
        "1 mg of glucagon in one command",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_UNDER, false, AT(23U, 0U), 5U },
    [DG_TRIAL_GLUCAGON_WORST] = {
        "glucagon-worst", "glucagon drain, worst allowed", "DG-H38",
        "as much glucagon as the arm allows at each step, for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_UNDER, true, AT(23U, 0U), DAY },
    [DG_TRIAL_DEAD_PHONE] = {
        "dead-phone", "dead phone", "DG-H04 DG-H28 DG-H11 DG-H31",
        "no phone from 12:00 on; meals by what the device itself can do",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_BOTH, false, AT(12U, 0U), 14U * DAY },
    [DG_TRIAL_OS_UPDATE] = {
        "os-update", "system update at night", "DG-H09 DG-H10 DG-H30",
        "no phone from 2:00 to 7:00 of each night",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_BOTH, false, AT(2U, 0U), 300U },
    [DG_TRIAL_TENFOLD] = {
        "tenfold", "a decimal point lost", "DG-H02",
        "one bolus for a meal is confirmed ten times too large",
        DG_TRIAL_PERSON, DG_TRIAL_HARM_OVER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_NOT_EATEN] = {
        "not-eaten", "a meal that stays away", "DG-H20 DG-H40",
        "one meal is announced and dosed and not eaten",
        DG_TRIAL_PERSON, DG_TRIAL_HARM_OVER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_DOUBLED] = {
        "doubled", "a bolus taken twice", "DG-H12 DG-H19",
        "one bolus for a meal is confirmed again half an hour later",
        DG_TRIAL_PERSON, DG_TRIAL_HARM_OVER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_MISSED] = {
        "missed", "a bolus forgotten", "DG-H32",
        "one meal is eaten without a bolus",
        DG_TRIAL_PERSON, DG_TRIAL_HARM_UNDER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_SENSOR_JUMP] = {
        "sensor-jump", "a sensor that jumps", "DG-H03 DG-A21",
        "the sensor itself reads 150 mg/dL too much for 6 h, from one reading "
        "to the next",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_OVER, false, AT(23U, 0U), 360U },
    [DG_TRIAL_SENSOR_DRIFT] = {
        "sensor-drift", "a sensor that drifts", "DG-H03 DG-A21",
        "the sensor itself reads more and more, by 2 mg/dL a minute up to 200 "
        "mg/dL too much, for 6 h",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_OVER, false, AT(23U, 0U), 360U },
    [DG_TRIAL_SENSOR_FLAT] = {
        "sensor-flat", "a sensor that stands still", "DG-H03 DG-A21",
        "the sensor itself reads 250 mg/dL for 6 h, whatever there is",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_OVER, false, AT(23U, 0U), 360U },
    [DG_TRIAL_PUMP_OVER] = {
        "pump-over", "a mechanism that moves more", "DG-H35",
        "each dose and basal is half as much again as the pump counts, for a "
        "day; an hour after its alarm a person changes the set",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_OVER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_PUMP_UNDER] = {
        "pump-under", "a mechanism that moves less", "DG-H15",
        "30 % arrives of what the pump counts, for a day; an hour after its "
        "alarm a person changes the set",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_UNDER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_GAUGE] = {
        "gauge", "a reservoir whose reading lies", "DG-H15",
        "it reads 3 U too little for a day, and nothing else is wrong; an "
        "hour after the alarm a person changes it",
        DG_TRIAL_FAILURE, DG_TRIAL_HARM_UNDER, false, AT(6U, 0U), DAY },
    [DG_TRIAL_BASAL_OVER] = {
        "basal-over", "the schedule raised", "DG-A03 DG-A43",
        "a person is deceived once into a basal schedule as high as one change "
        "may make it, for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, true, AT(22U, 0U), DAY },
    [DG_TRIAL_BASAL_UNDER] = {
        "basal-under", "the schedule lowered", "DG-A03 DG-A43",
        "a person is deceived once into a basal schedule as low as one change "
        "may make it, for a day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_UNDER, true, AT(22U, 0U), DAY },
    [DG_TRIAL_LOOSEN] = {
        "loosen", "limits loosened, then over-dose", "DG-A06 DG-A33 DG-A43",
        "a person with half of the widest shares is deceived once into the "
        "widest; at each step the largest dose that is allowed by then, for a "
        "day",
        DG_TRIAL_PHONE, DG_TRIAL_HARM_OVER, true, AT(6U, 0U), DAY },
};
/* clang-format on */

const struct dg_trial_attack_row *dg_trial_attack_at(enum dg_trial_attack which)
{
    if (((unsigned)which >= DG_TRIAL_ATTACKS) || (rows[which].name == NULL)) {
        return NULL;
    }
    return &rows[which];
}

enum dg_status dg_trial_attack_find(const char *name,
                                    enum dg_trial_attack *which)
{
    if ((name == NULL) || (which == NULL)) {
        return DG_E_USAGE;
    }
    for (unsigned i = 1U; i < DG_TRIAL_ATTACKS; i++) {
        if (strcmp(name, rows[i].name) == 0) {
            *which = (enum dg_trial_attack)i;
            return DG_OK;
        }
    }
    return DG_E_UNSUPPORTED;
}
