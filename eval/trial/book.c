/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/book_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

const char *dg_book_sensor_name(uint32_t sensor)
{
    static const char *const names[] = {
        [DG_TRIAL_SENSOR_POPULATION] = "population",
        [DG_TRIAL_SENSOR_IDEAL] = "ideal",
        [DG_TRIAL_SENSOR_BRETON] = "breton",
        [DG_TRIAL_SENSOR_FACCHINETTI] = "facchinetti",
        [DG_TRIAL_SENSOR_G5] = "g5",
        [DG_TRIAL_SENSOR_G6] = "g6",
    };

    return (sensor < (sizeof(names) / sizeof(names[0]))) ? names[sensor] : NULL;
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

const char *dg_book_keep(struct dg_book_reading *reading, const char *text)
{
    return dg_arena_text(&reading->book->arena, text, strlen(text));
}

static void read_models(struct dg_book_reading *reading)
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

static void read_controller(struct dg_book_reading *reading)
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
        dg_book_set_program(
            reading->book,
            dg_book_keep(reading,
                         dg_yaml_text(&reading->yaml, root, "program")));
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
    reading->book->controller = dg_book_keep(reading, name);
}

static void read_precision(struct dg_book_reading *reading)
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

static void read_sensor(struct dg_book_reading *reading)
{
    if (!dg_yaml_has(reading->yaml.root, "sensor")) {
        return;
    }

    const char *name =
        dg_yaml_text(&reading->yaml, reading->yaml.root, "sensor");

    for (uint32_t i = 0U; dg_book_sensor_name(i) != NULL; i++) {
        if (strcmp(dg_book_sensor_name(i), name) == 0) {
            reading->book->plan.sensor = i;
            return;
        }
    }
    dg_yaml_fail(&reading->yaml,
                 reading->yaml.root,
                 "there is no sensor '%.32s'; there are population, ideal, "
                 "breton, facchinetti, g5 and g6",
                 name);
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
static void read_root(struct dg_book_reading *reading)
{
    struct dg_book *book = reading->book;
    struct dg_yaml_node *root = reading->yaml.root;

    book->name =
        dg_book_keep(reading, dg_yaml_text(&reading->yaml, root, "trial"));
    book->title =
        dg_book_keep(reading, dg_yaml_text(&reading->yaml, root, "title"));
    book->question =
        dg_book_keep(reading, dg_yaml_text(&reading->yaml, root, "question"));
    book->plan.seed =
        (uint64_t)dg_yaml_int(&reading->yaml, root, "seed", 0, INT64_MAX);
    book->plan.people = (uint64_t)dg_yaml_int(
        &reading->yaml, root, "people", 1, (int64_t)DG_TRIAL_PEOPLE_MAX);
    book->plan.days = (uint32_t)dg_yaml_int(
        &reading->yaml, root, "days", 1, (int64_t)DG_TRIAL_DAYS_MAX);
    read_precision(reading);
    read_models(reading);
    read_sensor(reading);
    dg_book_read_people(reading);
    read_controller(reading);
    dg_book_read_arms(reading);
    dg_book_read_scenarios(reading);
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
    struct dg_book_reading reading = {.book = book};

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
        dg_book_set_program(book, wish->program);
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
        plan->controller_text = book->program_digest;
    } else {
        plan->controller = dg_controller_find(book->controller);
    }
}

void dg_book_free(struct dg_book *book)
{
    dg_arena_free(&book->arena);
    *book = (struct dg_book){0};
}
