/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "eval/yaml.h"
#include "patient/control/controller.h"

struct model_row {
    enum dg_trial_model model;
    const char *name;
    const char *caution;
};

/* clang-format off */
static const struct model_row models[] = {
    { DG_TRIAL_WILINSKA, "wilinska2010",
      "Wilinska 2010 has no counter-regulation: nobody's liver answers a low. Its people are drawn "
      "from published distributions, not measured." },
    { DG_TRIAL_S2013, "s2013",
      "UVA/Padova with the uptake of S2013 has no counter-regulation; it was accepted for one meal a "
      "day." },
    { DG_TRIAL_S2008, "s2008",
      "UVA/Padova S2008 has neither counter-regulation (too pessimistic in a low) nor the uptake that a "
      "low amplifies (too optimistic); it was accepted for a single meal." },
    { DG_TRIAL_HOVORKA, "hovorka2004",
      "Hovorka 2004 has no counter-regulation; its people differ in few parameters." },
};
/* clang-format on */

#define MODELS (sizeof(models) / sizeof(models[0]))

const char *dg_book_model_name(enum dg_trial_model model)
{
    for (size_t i = 0; i < MODELS; i++) {
        if (models[i].model == model) {
            return models[i].name;
        }
    }
    return "?";
}

const char *dg_book_model_caution(enum dg_trial_model model)
{
    for (size_t i = 0; i < MODELS; i++) {
        if (models[i].model == model) {
            return models[i].caution;
        }
    }
    return "";
}

struct reading {
    struct dg_book *book;
    struct dg_yaml yaml;
};

static const char *keep(struct reading *reading, const char *text)
{
    return dg_arena_text(&reading->book->arena, text, strlen(text));
}

static void read_models(struct reading *reading)
{
    struct dg_yaml_node *list =
        dg_yaml_list(&reading->yaml, reading->yaml.root, "models");

    if (list == NULL) {
        return;
    }
    for (struct dg_yaml_node *item = list->first; item != NULL;
         item = item->next) {
        const char *name = dg_yaml_item(&reading->yaml, item);
        enum dg_trial_model model = (enum dg_trial_model)0;

        for (size_t i = 0; i < MODELS; i++) {
            if (strcmp(models[i].name, name) == 0) {
                model = models[i].model;
            }
        }
        if ((int)model == 0) {
            dg_yaml_fail(&reading->yaml,
                         item,
                         "there is no model '%.32s'; there are wilinska2010, "
                         "s2013, s2008 and hovorka2004",
                         name);
            return;
        }
        if (reading->book->models == DG_BOOK_MODELS_MAX) {
            dg_yaml_fail(&reading->yaml, item, "more models than there are");
            return;
        }
        reading->book->model[reading->book->models] = model;
        reading->book->models++;
    }
    if (reading->book->models == 0U) {
        dg_yaml_fail(&reading->yaml, list, "a trial needs one model at least");
    }
}

/* A command line is the shell's to take apart. */
static void set_program(struct dg_book *book, const char *program)
{
    book->program = program;
    book->controller = NULL;
    book->argv[0] = "/bin/sh";
    book->argv[1] = "-c";
    book->argv[2] = program;
    book->argv[3] = NULL;
    book->setup = (struct dg_plugin_setup){.argv = book->argv,
                                           .start_ms_max = DG_PLUGIN_START_MS,
                                           .step_ms_max = DG_PLUGIN_STEP_MS};
}

static void read_controller(struct reading *reading)
{
    struct dg_yaml_node *root = reading->yaml.root;
    const bool has_name = dg_yaml_has(root, "controller");

    if (has_name == dg_yaml_has(root, "program")) {
        dg_yaml_fail(&reading->yaml,
                     root,
                     "write either 'controller: NAME' or 'program: COMMAND'");
        return;
    }
    if (!has_name) {
        set_program(
            reading->book,
            keep(reading, dg_yaml_text(&reading->yaml, root, "program")));
        return;
    }

    const char *name = dg_yaml_text(&reading->yaml, root, "controller");

    if (dg_controller_find(name) == NULL) {
        dg_yaml_fail(&reading->yaml,
                     root,
                     "there is no controller '%.32s'; see dosegate trial list",
                     name);
        return;
    }
    reading->book->controller = keep(reading, name);
}

/* "80 %" or "80%" of a percentage, or a plain number. */
static bool read_amount(const char *text,
                        const struct dg_trial_limit_row *row,
                        int32_t *value)
{
    const bool is_share = strcmp(row->unit, "%") == 0;
    char *end = NULL;

    errno = 0;
    const long number = strtol(text, &end, 10);

    if ((errno != 0) || (end == text) || (number < row->low) ||
        (number > row->high)) {
        return false;
    }
    while (*end == ' ') {
        end++;
    }
    *value = (int32_t)number;
    return strcmp(end, is_share ? "%" : "") == 0;
}

static void read_limit(struct reading *reading,
                       struct dg_yaml_node *limits,
                       struct dg_yaml_node *item,
                       struct dg_trial_change *change)
{
    const unsigned which = dg_trial_limit_find(item->key);
    const struct dg_trial_limit_row *row = dg_trial_limit_at(which);
    int32_t value = 0;

    if (row == NULL) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "there is no limit '%.32s'; see dosegate trial list",
                     item->key);
        return;
    }
    if (!read_amount(
            dg_yaml_text(&reading->yaml, limits, item->key), row, &value)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "'%.32s' is a whole number from %d to %d%s%s",
                     item->key,
                     row->low,
                     row->high,
                     (row->unit[0] == '\0') ? "" : " ",
                     row->unit);
        return;
    }
    dg_trial_change_set(change, which, value);
}

static bool is_label(const char *text)
{
    const size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.");

    return (size > 0U) && (size < DG_TRIAL_LABEL_MAX) && (text[size] == '\0');
}

/* An arm with limits of its own. */
static void read_changed(struct reading *reading,
                         struct dg_yaml_node *item,
                         struct dg_trial_arm *arm)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&reading->yaml, item);
    const char *name = dg_yaml_text(&reading->yaml, map, "arm");
    const char *label = dg_yaml_text(&reading->yaml, map, "name");
    struct dg_yaml_node *limits = dg_yaml_map(&reading->yaml, map, "limits");

    if (limits == NULL) {
        return;
    }
    if ((dg_trial_arm_find(name, arm) != DG_OK) ||
        (arm->guard != DG_TRIAL_GUARD_DOSEGATE)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "limits are changed in dosegate:low, dosegate:medium or "
                     "dosegate:high, not in '%.32s'",
                     name);
        return;
    }
    if (!is_label(label)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "the name of an arm is 1 to %u small letters, digits, "
                     "'-' and '.'",
                     DG_TRIAL_LABEL_MAX - 1U);
        return;
    }
    memcpy(arm->label, label, strlen(label) + 1U);
    for (struct dg_yaml_node *one = limits->first; one != NULL;
         one = one->next) {
        read_limit(reading, limits, one, &arm->change);
    }
    if (arm->change.is_changed == 0U) {
        dg_yaml_fail(&reading->yaml, item, "'limits' changes nothing");
    }
    dg_yaml_close(&reading->yaml, map);
}

/* False: said why. */
static bool read_arm(struct reading *reading,
                     struct dg_yaml_node *item,
                     struct dg_trial_arm *arm)
{
    if (item->kind == DG_YAML_MAP) {
        read_changed(reading, item, arm);
        return reading->yaml.status == DG_OK;
    }

    const char *name = dg_yaml_item(&reading->yaml, item);

    if (dg_trial_arm_find(name, arm) != DG_OK) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "there is no arm '%.32s'; see dosegate trial list",
                     name);
        return false;
    }
    return true;
}

/* Results are told apart by the names of their arms. */
static bool is_arm_new(const struct dg_trial_plan *plan)
{
    char name[DG_TRIAL_ARM_NAME_MAX];
    char other[DG_TRIAL_ARM_NAME_MAX];
    bool is_new = true;

    dg_trial_arm_name(&plan->arm[plan->arms], name);
    for (size_t i = 0; i < plan->arms; i++) {
        dg_trial_arm_name(&plan->arm[i], other);
        is_new = is_new && (strcmp(name, other) != 0);
    }
    return is_new;
}

static void read_arms(struct reading *reading)
{
    struct dg_yaml_node *list =
        dg_yaml_list(&reading->yaml, reading->yaml.root, "arms");
    struct dg_trial_plan *plan = &reading->book->plan;

    for (struct dg_yaml_node *item = (list == NULL) ? NULL : list->first;
         item != NULL;
         item = item->next) {
        if (plan->arms == DG_TRIAL_ARMS_MAX) {
            dg_yaml_fail(&reading->yaml, item, "more than 16 arms");
            return;
        }
        if (!read_arm(reading, item, &plan->arm[plan->arms])) {
            return;
        }
        if (!is_arm_new(plan)) {
            dg_yaml_fail(&reading->yaml, item, "this arm is there already");
            return;
        }
        plan->arms++;
    }
}

static void read_scenario(struct reading *reading, struct dg_yaml_node *item)
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
    dg_yaml_close(&reading->yaml, map);
    plan->scenarios++;
}

static void read_scenarios(struct reading *reading)
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

static void read_precision(struct reading *reading)
{
    struct dg_trial_plan *plan = &reading->book->plan;

    plan->precision = DG_TRIAL_FLOAT;
    if (!dg_yaml_has(reading->yaml.root, "precision")) {
        return;
    }

    const char *text =
        dg_yaml_text(&reading->yaml, reading->yaml.root, "precision");

    if (strcmp(text, "double") == 0) {
        plan->precision = DG_TRIAL_DOUBLE;
    } else if (strcmp(text, "float") != 0) {
        dg_yaml_fail(&reading->yaml,
                     reading->yaml.root,
                     "'precision' is float or double");
    }
}

/* The faults that only the whole plan has, for each model. */
static const char *fault_of(const struct dg_book *book)
{
    for (size_t i = 0; i < book->models; i++) {
        struct dg_trial_plan plan;

        dg_book_plan(book, i, &plan);
        const char *fault = dg_trial_fault(&plan);

        if (fault != NULL) {
            return fault;
        }
    }
    return NULL;
}

/* @satisfies{PAT_TRIAL.2@1} */
static void read_root(struct reading *reading)
{
    struct dg_book *book = reading->book;
    struct dg_yaml_node *root = reading->yaml.root;

    book->name = keep(reading, dg_yaml_text(&reading->yaml, root, "trial"));
    book->title = keep(reading, dg_yaml_text(&reading->yaml, root, "title"));
    book->question =
        keep(reading, dg_yaml_text(&reading->yaml, root, "question"));
    book->plan.seed =
        (uint64_t)dg_yaml_int(&reading->yaml, root, "seed", 0, INT64_MAX);
    book->plan.people = (uint64_t)dg_yaml_int(
        &reading->yaml, root, "people", 1, (int64_t)DG_TRIAL_PEOPLE_MAX);
    book->plan.days = (uint32_t)dg_yaml_int(
        &reading->yaml, root, "days", 1, (int64_t)DG_TRIAL_DAYS_MAX);
    read_precision(reading);
    read_models(reading);
    read_controller(reading);
    read_arms(reading);
    read_scenarios(reading);
    if (dg_yaml_has(root, "digests")) {
        book->digest_count = dg_yaml_texts(
            &reading->yaml, root, "digests", &book->arena, &book->digests);
    }
    dg_yaml_close(&reading->yaml, root);
}

enum dg_status dg_book_read(struct dg_book *book,
                            const char *path,
                            struct dg_problem *problem)
{
    struct reading reading = {.book = book};

    *book = (struct dg_book){0};
    dg_arena_init(&book->arena);
    dg_yaml_open(&reading.yaml, path);
    if (reading.yaml.root != NULL) {
        read_root(&reading);
    }

    enum dg_status status = dg_yaml_end(&reading.yaml, problem);

    if ((status == DG_OK) && book->arena.failed) {
        dg_problem_set(problem, "%s: memory is out", path);
        status = DG_E_PORT;
    }

    const char *fault = (status == DG_OK) ? fault_of(book) : NULL;

    if (fault != NULL) {
        dg_problem_set(problem, "%s: %s", path, fault);
        status = DG_E_MALFORMED;
    }
    dg_yaml_free(&reading.yaml);
    return status;
}

static bool read_seed(const char *text, uint64_t *seed)
{
    char *end = NULL;

    errno = 0;
    *seed = strtoull(text, &end, 10);
    return (errno == 0) && (text[0] >= '0') && (text[0] <= '9') &&
           (*end == '\0') && (*seed <= (uint64_t)INT64_MAX);
}

enum dg_status dg_book_wish(struct dg_book *book,
                            const struct dg_book_wish *wish,
                            struct dg_problem *problem)
{
    const bool is_changed =
        (wish->people > 0U) || (wish->days > 0U) || (wish->seed != NULL) ||
        (wish->controller != NULL) || (wish->program != NULL);

    if (is_changed) {
        book->digest_count = 0U; /* another trial than the manifest's */
    }
    if (wish->people > 0U) {
        book->plan.people = wish->people;
    }
    if (wish->days > 0U) {
        book->plan.days = wish->days;
    }
    if ((wish->seed != NULL) && !read_seed(wish->seed, &book->plan.seed)) {
        dg_problem_set(problem,
                       "the seed '%.32s' is no number from 0 to 2^63 - 1",
                       wish->seed);
        return DG_E_RANGE;
    }
    if ((wish->controller != NULL) &&
        (dg_controller_find(wish->controller) == NULL)) {
        dg_problem_set(problem,
                       "there is no controller '%.32s'; see dosegate trial "
                       "list",
                       wish->controller);
        return DG_E_RANGE;
    }
    if (wish->controller != NULL) {
        book->controller = wish->controller;
        book->program = NULL;
    }
    if (wish->program != NULL) {
        set_program(book, wish->program);
    }

    const char *fault = fault_of(book);

    if (fault != NULL) {
        dg_problem_set(problem, "%s", fault);
        return DG_E_RANGE;
    }
    return DG_OK;
}

void dg_book_plan(const struct dg_book *book,
                  size_t at,
                  struct dg_trial_plan *plan)
{
    *plan = book->plan;
    plan->model = book->model[at];
    if (book->program != NULL) {
        plan->controller = &dg_controller_plugin;
        plan->controller_setup = &book->setup;
    } else {
        plan->controller = dg_controller_find(book->controller);
    }
}

void dg_book_free(struct dg_book *book)
{
    dg_arena_free(&book->arena);
    *book = (struct dg_book){0};
}
