/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eval/trial/book_parts.h"

/* Scenarios: what goes wrong, and the world around it. */

/* enum dg_sensor_fault, in its order. */
static const char *const fault_name[DG_TRIAL_FAULTS] = {"dropout",
                                                        "compression",
                                                        "false_low",
                                                        "stuck",
                                                        "bias_ramp",
                                                        "spike",
                                                        "late"};

static const char *const pump_name[] = {
    [DG_TRIAL_PUMP_EXACT] = "exact",
    [DG_TRIAL_PUMP_PERIODIC] = "periodic",
    [DG_TRIAL_PUMP_SCATTER] = "scatter",
};

#define PUMPS (sizeof(pump_name) / sizeof(pump_name[0]))

const char *dg_book_fault_name(unsigned fault)
{
    return (fault < DG_TRIAL_FAULTS) ? fault_name[fault] : NULL;
}

const char *dg_book_pump_name(unsigned pump)
{
    return (pump < PUMPS) ? pump_name[pump] : NULL;
}

/* "30%" as 300; a share that is not there is none. */
static uint32_t read_share(struct dg_book_reading *reading,
                           struct dg_yaml_node *map,
                           const char *key,
                           long most)
{
    char *end = NULL;

    if (!dg_yaml_has(map, key)) {
        return 0U;
    }

    const char *text = dg_yaml_text(&reading->yaml, map, key);
    const long percent = strtol(text, &end, 10);

    if ((end == text) || (percent < 0) || (percent > most) ||
        (strcmp(end, "%") != 0)) {
        dg_yaml_fail(&reading->yaml,
                     map,
                     "'%s' is a whole percentage from 0%% to %ld%%",
                     key,
                     most);
        return 0U;
    }
    return (uint32_t)percent * 10U;
}

static void read_faults(struct dg_book_reading *reading,
                        struct dg_yaml_node *map,
                        struct dg_trial_world *world)
{
    struct dg_yaml_node *faults =
        dg_yaml_map(&reading->yaml, map, "sensor_faults");

    if (faults == NULL) {
        return;
    }
    for (unsigned i = 0U; i < DG_TRIAL_FAULTS; i++) {
        world->fault_permille[i] =
            read_share(reading, faults, fault_name[i], 100);
    }
    dg_yaml_close(&reading->yaml, faults);
}

static void read_habits(struct dg_book_reading *reading,
                        struct dg_yaml_node *map,
                        struct dg_trial_world *world)
{
    struct dg_yaml_node *habits = dg_yaml_map(&reading->yaml, map, "habits");

    if (habits == NULL) {
        return;
    }
    world->has_habits = true;
    world->skip_permille = read_share(reading, habits, "skip", 100);
    world->late_permille = read_share(reading, habits, "late", 100);
    world->count_bias_permille = read_share(reading, habits, "count_bias", 50);
    world->count_sd_permille = dg_yaml_has(habits, "count_sd")
                                   ? read_share(reading, habits, "count_sd", 50)
                                   : DG_TRIAL_COUNT_SD_PERMILLE;
    dg_yaml_close(&reading->yaml, habits);
}

static void read_exercise(struct dg_book_reading *reading,
                          struct dg_yaml_node *map,
                          struct dg_trial_world *world)
{
    struct dg_yaml_node *sport = dg_yaml_map(&reading->yaml, map, "exercise");

    if (sport == NULL) {
        return;
    }
    world->exercise_minute =
        (uint32_t)dg_yaml_int(&reading->yaml, sport, "start_minute", 0, 1439);
    world->exercise_minutes =
        (uint32_t)dg_yaml_int(&reading->yaml, sport, "minutes", 5, 300);
    world->exercise_percent =
        (uint32_t)dg_yaml_int(&reading->yaml, sport, "percent", 10, 100);
    dg_yaml_close(&reading->yaml, sport);
}

static void read_pump(struct dg_book_reading *reading,
                      struct dg_yaml_node *map,
                      struct dg_trial_world *world)
{
    const char *name = dg_yaml_text(&reading->yaml, map, "pump");

    for (uint32_t i = 0U; i < PUMPS; i++) {
        if (strcmp(name, pump_name[i]) == 0) {
            world->pump = i;
            return;
        }
    }
    dg_yaml_fail(&reading->yaml, map, "'pump' is exact, periodic or scatter");
}

static void read_world(struct dg_book_reading *reading,
                       struct dg_yaml_node *map,
                       struct dg_trial_world *world)
{
    if (dg_yaml_has(map, "sensor_faults")) {
        read_faults(reading, map, world);
    }
    if (dg_yaml_has(map, "pump")) {
        read_pump(reading, map, world);
    }
    if (dg_yaml_has(map, "habits")) {
        read_habits(reading, map, world);
    }
    if (dg_yaml_has(map, "exercise")) {
        read_exercise(reading, map, world);
    }
}

/* Results are told apart by it. */
static void read_name(struct dg_book_reading *reading,
                      struct dg_yaml_node *map,
                      struct dg_trial_scenario *scenario)
{
    const char *name = dg_yaml_text(&reading->yaml, map, "name");
    const size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-. ");

    if ((size == 0U) || (size >= sizeof(scenario->label)) ||
        (name[size] != '\0')) {
        dg_yaml_fail(&reading->yaml,
                     map,
                     "the name of a scenario is 1 to %zu small letters, "
                     "digits, blanks, '-' and '.'",
                     sizeof(scenario->label) - 1U);
        return;
    }
    memcpy(scenario->label, name, size + 1U);
}

static void read_scenario(struct dg_book_reading *reading,
                          struct dg_yaml_node *item)
{
    struct dg_trial_plan *plan = &reading->book->plan;
    struct dg_yaml_node *map = dg_yaml_item_map(&reading->yaml, item);
    const char *name = dg_yaml_text(&reading->yaml, map, "attack");
    struct dg_trial_scenario *scenario = &plan->scenario[plan->scenarios];

    if (dg_trial_attack_find(name, &scenario->attack) != DG_OK) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "there is no attack or failure '%.32s'; see dosegate "
                     "trial list",
                     name);
        return;
    }
    if (dg_yaml_has(map, "start_minute")) {
        scenario->start_minute = (uint32_t)dg_yaml_int(
            &reading->yaml, map, "start_minute", 1, DG_BOOK_MINUTE_MAX);
    }
    if (dg_yaml_has(map, "minutes")) {
        scenario->minutes = (uint32_t)dg_yaml_int(
            &reading->yaml, map, "minutes", 5, DG_BOOK_MINUTE_MAX);
    }
    if (dg_yaml_has(map, "rescue")) {
        const char *rescue = dg_yaml_text(&reading->yaml, map, "rescue");

        scenario->no_rescue = (strcmp(rescue, "no") == 0);
        if (!scenario->no_rescue && (strcmp(rescue, "yes") != 0)) {
            dg_yaml_fail(&reading->yaml, item, "'rescue' is yes or no");
        }
    }
    if (dg_yaml_has(map, "name")) {
        read_name(reading, map, scenario);
    }
    read_world(reading, map, &scenario->world);
    dg_yaml_close(&reading->yaml, map);
    plan->scenarios++;
}

void dg_book_read_scenarios(struct dg_book_reading *reading)
{
    struct dg_yaml_node *list =
        dg_yaml_list(&reading->yaml, reading->yaml.root, "scenarios");

    for (struct dg_yaml_node *item = (list == NULL) ? NULL : list->first;
         (item != NULL) && (reading->yaml.status == DG_OK);
         item = item->next) {
        if (reading->book->plan.scenarios == DG_TRIAL_SCENARIOS_MAX) {
            dg_yaml_fail(&reading->yaml, item, "more than 24 scenarios");
            return;
        }
        read_scenario(reading, item);
    }
}
