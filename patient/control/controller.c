/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/controller.h"

#include "patient/control/basal_bolus.h"
#include "patient/control/dual.h"
#include "patient/control/oref0/controller.h"
#include "patient/control/pid.h"

#define MINUTES_PER_DAY 1440U

static const struct dg_controller *const all[] = {
    &dg_controller_basal_bolus,
    &dg_controller_pid,
    &dg_controller_dual,
    &dg_controller_oref0,
};

const struct dg_controller *dg_controller_at(size_t at)
{
    return at < sizeof all / sizeof all[0] ? all[at] : NULL;
}

static bool is_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

const struct dg_controller *dg_controller_find(const char *name)
{
    if (name == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (is_same(all[i]->name, name)) {
            return all[i];
        }
    }
    return NULL;
}

/* False for what is not a number, too. */
static bool is_within(double value, double least, double most)
{
    return value >= least && value <= most;
}

static bool is_schedule(const struct dg_controller_person *person)
{
    if (person->basal_count == 0 ||
        person->basal_count > DG_CONTROLLER_BASAL_MAX ||
        person->basal[0].minute != 0) {
        return false;
    }
    for (size_t i = 0; i < person->basal_count; i++) {
        if (person->basal[i].minute >= MINUTES_PER_DAY ||
            person->basal[i].mU_per_h > DG_CONTROLLER_BASAL_MU_PER_H_MAX ||
            (i > 0 && person->basal[i].minute <= person->basal[i - 1].minute)) {
            return false;
        }
    }
    return true;
}

enum dg_status dg_controller_person_check(
    const struct dg_controller_person *person)
{
    if (person == NULL) {
        return DG_E_USAGE;
    }
    if (!is_schedule(person) ||
        !is_within(person->isf_mg_dL_U,
                   DG_CONTROLLER_ISF_MG_DL_MIN,
                   DG_CONTROLLER_ISF_MG_DL_MAX) ||
        !is_within(
            person->cr_g_U, DG_CONTROLLER_CR_G_MIN, DG_CONTROLLER_CR_G_MAX) ||
        !is_within(
            person->tdd_U, DG_CONTROLLER_TDD_U_MIN, DG_CONTROLLER_TDD_U_MAX) ||
        !is_within(person->target_mg_dL,
                   DG_CONTROLLER_TARGET_MG_DL_MIN,
                   DG_CONTROLLER_TARGET_MG_DL_MAX) ||
        !is_within(person->weight_kg,
                   DG_CONTROLLER_WEIGHT_KG_MIN,
                   DG_CONTROLLER_WEIGHT_KG_MAX)) {
        return DG_E_RANGE;
    }
    return person->age >= DG_CONTROLLER_CHILD &&
                   person->age <= DG_CONTROLLER_ADULT
               ? DG_OK
               : DG_E_RANGE;
}

enum dg_status dg_controller_output_check(
    const struct dg_controller_output *output)
{
    if (output == NULL) {
        return DG_E_USAGE;
    }
    if (output->temp_set &&
        (output->temp_mU_per_h > DG_CONTROLLER_TEMP_MU_PER_H_MAX ||
         output->temp_minutes > DG_CONTROLLER_TEMP_MIN_MAX)) {
        return DG_E_RANGE;
    }
    return output->bolus_mU <= DG_CONTROLLER_BOLUS_MU_MAX &&
                   output->meal_bolus_mU <= DG_CONTROLLER_BOLUS_MU_MAX &&
                   output->glucagon_ug <= DG_CONTROLLER_GLUCAGON_UG_MAX
               ? DG_OK
               : DG_E_RANGE;
}

uint32_t dg_controller_basal_mU_per_h(const struct dg_controller_person *person,
                                      uint32_t minute)
{
    const uint32_t today = minute % MINUTES_PER_DAY;
    uint32_t rate = person->basal[0].mU_per_h;

    for (size_t i = 1; i < person->basal_count; i++) {
        if (person->basal[i].minute <= today) {
            rate = person->basal[i].mU_per_h;
        }
    }
    return rate;
}
