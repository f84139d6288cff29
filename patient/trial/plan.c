/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "patient/control/controller.h"
#include "patient/trial/digest.h"
#include "patient/trial/phone.h"
#include "patient/trial/trial.h"

/* Raised with every change that changes a result. */
#define ENGINE "dosegate trial engine 4"

/* What a scenario does shows in hours. */
#define SEEN_MIN 240U

#define START_MAX (DG_TRIAL_DAYS_MAX * 1440U)

const char *dg_trial_scenario_name(const struct dg_trial_scenario *scenario)
{
    return (scenario->label[0] != '\0')
               ? scenario->label
               : dg_trial_attack_at(scenario->attack)->name;
}

const char *dg_trial_scenario_title(const struct dg_trial_scenario *scenario)
{
    return (scenario->label[0] != '\0')
               ? scenario->label
               : dg_trial_attack_at(scenario->attack)->title;
}

static const char *fault_of_size(const struct dg_trial_plan *plan)
{
    if ((plan->people == 0U) || (plan->people > DG_TRIAL_PEOPLE_MAX)) {
        return "people: 1 to 1,000,000,000";
    }
    if ((plan->days == 0U) || (plan->days > DG_TRIAL_DAYS_MAX)) {
        return "days: 1 to 14";
    }
    if ((plan->scenarios == 0U) || (plan->scenarios > DG_TRIAL_SCENARIOS_MAX)) {
        return "scenarios: 1 to 24";
    }
    if ((plan->arms == 0U) || (plan->arms > DG_TRIAL_ARMS_MAX)) {
        return "arms: 1 to 16";
    }
    return NULL;
}

static const char *fault_of_scenario(const struct dg_trial_plan *plan,
                                     const struct dg_trial_scenario *scenario)
{
    const struct dg_trial_attack_row *row =
        dg_trial_attack_at(scenario->attack);

    if (row == NULL) {
        return "a scenario without an attack";
    }
    if ((scenario->minutes > START_MAX) ||
        (scenario->start_minute > START_MAX)) {
        return "a scenario lasts or starts beyond two weeks";
    }

    const uint32_t start = (scenario->start_minute > 0U)
                               ? scenario->start_minute
                               : row->start_minute;

    if (((start % 5U) != 0U) || ((scenario->minutes % 5U) != 0U)) {
        return "a scenario starts and lasts whole steps of 5 min";
    }
    if (start >= (plan->days * 1440U)) {
        return "a scenario starts after the last day";
    }
    if ((plan->days * 1440U) < (start + SEEN_MIN)) {
        return "a scenario starts so late that less than 4 h of it are seen: "
               "take another day, or a start_minute";
    }
    return dg_trial_world_fault(&scenario->world);
}

static const char *fault_of_arm(const struct dg_trial_arm *arm)
{
    if ((arm->guard == DG_TRIAL_GUARD_SOLD) && (arm->sold == NULL)) {
        return "an arm of a product without the product";
    }
    if ((arm->change.is_changed != 0U) &&
        (arm->guard != DG_TRIAL_GUARD_DOSEGATE)) {
        return "changed limits are for arms of Dosegate";
    }
    return (dg_trial_phone_of(arm)->alone == DG_TIER_NONE)
               ? "an arm that is none"
               : NULL;
}

const char *dg_trial_fault(const struct dg_trial_plan *plan)
{
    const char *fault = (plan == NULL) ? "no plan" : fault_of_size(plan);

    if (fault != NULL) {
        return fault;
    }
    if ((plan->model < DG_TRIAL_WILINSKA) || (plan->model > DG_TRIAL_HOVORKA)) {
        return "no such model";
    }
    if ((plan->precision != DG_TRIAL_FLOAT) &&
        (plan->precision != DG_TRIAL_DOUBLE)) {
        return "precision: float or double";
    }
    if (plan->sensor > DG_TRIAL_SENSOR_G6) {
        return "no such sensor";
    }
    if ((plan->published == NULL) != (plan->published_count == 0U)) {
        return "a table of people without people";
    }
    if ((plan->controller == NULL) || (plan->controller->step == NULL) ||
        (plan->controller->start == NULL)) {
        return "no controller";
    }
    for (size_t i = 0U; (i < plan->scenarios) && (fault == NULL); i++) {
        fault = fault_of_scenario(plan, &plan->scenario[i]);
    }
    for (size_t i = 0U; (i < plan->arms) && (fault == NULL); i++) {
        fault = fault_of_arm(&plan->arm[i]);
    }
    return fault;
}

static void digest_world(struct dg_trial_digest *sum,
                         const struct dg_trial_world *world)
{
    const uint64_t words[] = {world->pump,
                              world->has_habits ? 1U : 0U,
                              world->skip_permille,
                              world->late_permille,
                              world->count_bias_permille,
                              world->count_sd_permille,
                              world->exercise_minute,
                              world->exercise_minutes,
                              world->exercise_percent};

    for (unsigned i = 0U; i < DG_TRIAL_FAULTS; i++) {
        const uint64_t chance = world->fault_permille[i];

        dg_trial_digest_words(sum, &chance, 1U);
    }
    dg_trial_digest_words(sum, words, sizeof words / sizeof words[0]);
}

static void digest_change(struct dg_trial_digest *sum,
                          const struct dg_trial_change *change)
{
    for (unsigned i = 0U; i < DG_TRIAL_LIMITS; i++) {
        if (dg_trial_is_changed(change, i)) {
            const uint64_t value = (uint64_t)change->value[i];

            dg_trial_digest_text(sum, dg_trial_limit_at(i)->name);
            dg_trial_digest_words(sum, &value, 1U);
        }
    }
}

void dg_trial_digest(const struct dg_trial_plan *plan, uint8_t digest[32])
{
    const uint64_t head[] = {plan->seed,
                             plan->people,
                             plan->days,
                             (uint64_t)plan->model,
                             (uint64_t)plan->precision,
                             plan->sensor,
                             plan->published_count,
                             plan->scenarios,
                             plan->arms};
    struct dg_trial_digest sum;

    dg_trial_digest_start(&sum);
    dg_trial_digest_text(&sum, ENGINE);
    dg_trial_digest_words(&sum, head, sizeof head / sizeof head[0]);
    dg_trial_digest_text(&sum, plan->controller->name);
    if (plan->controller_text != NULL) {
        dg_trial_digest_text(&sum, plan->controller_text);
    }
    dg_trial_digest_people(&sum, plan->published, plan->published_count);
    for (size_t i = 0U; i < plan->scenarios; i++) {
        const struct dg_trial_scenario *scenario = &plan->scenario[i];
        const uint64_t words[] = {scenario->start_minute,
                                  scenario->minutes,
                                  scenario->no_rescue ? 1U : 0U};

        dg_trial_digest_text(&sum, dg_trial_attack_at(scenario->attack)->name);
        dg_trial_digest_words(&sum, words, sizeof words / sizeof words[0]);
        dg_trial_digest_text(&sum, scenario->label);
        digest_world(&sum, &scenario->world);
    }
    for (size_t i = 0U; i < plan->arms; i++) {
        char name[DG_TRIAL_ARM_NAME_MAX];

        dg_trial_arm_name(&plan->arm[i], name);
        dg_trial_digest_text(&sum, name);
        digest_change(&sum, &plan->arm[i].change);
    }
    dg_trial_digest_end(&sum, digest);
}
