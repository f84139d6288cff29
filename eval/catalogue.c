/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/digest.h"
#include "eval/position.h"
#include "eval/yaml.h"

#define SUFFIX      ".yaml"
#define ID_SIZE_MAX 48U

/* The factors of an entry, in the words of the first rating table. */
static const char *const factors[] = {
    "elapsed_time", "expertise", "knowledge", "window", "equipment"};

struct loading {
    struct dg_catalogue *catalogue;
    const struct dg_rating_table *table;
    struct dg_yaml yaml;
};

static const char *keep(struct loading *load, const char *text)
{
    return dg_arena_text(&load->catalogue->arena, text, strlen(text));
}

static const char *take_text(struct loading *load,
                             struct dg_yaml_node *map,
                             const char *key)
{
    return keep(load, dg_yaml_text(&load->yaml, map, key));
}

static bool is_id(const char *text)
{
    return (text[0] != '\0') &&
           (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
            strlen(text)) &&
           (strlen(text) <= ID_SIZE_MAX);
}

static size_t take_texts(struct loading *load,
                         struct dg_yaml_node *map,
                         const char *key,
                         const char ***texts)
{
    return dg_yaml_texts(&load->yaml, map, key, &load->catalogue->arena, texts);
}

/* One value, or a list of two and more: the test then runs with combinations
 * of them, see combinations.h. */
static void read_values(struct loading *load,
                        struct dg_yaml_node *item,
                        struct dg_catalogue_parameter *to)
{
    struct dg_catalogue_value **end = &to->values;
    struct dg_yaml_node *node = item;

    if (item->kind == DG_YAML_LIST) {
        item->is_read = true;
        node = item->first;
    }
    while (node != NULL) {
        struct dg_catalogue_value *one =
            dg_arena_take(&load->catalogue->arena, sizeof(*one));

        if (one == NULL) {
            return;
        }
        one->text = keep(load, dg_yaml_item(&load->yaml, node));
        *end = one;
        end = &one->next;
        to->value_count++;
        node = (node == item) ? NULL : node->next;
    }
    if ((item->kind == DG_YAML_LIST) &&
        ((to->value_count < 2U) ||
         (to->value_count > DG_CATALOGUE_VALUES_MAX))) {
        dg_yaml_fail(&load->yaml,
                     item,
                     "a list of values has 2 to %u of them; one value is "
                     "written without brackets",
                     DG_CATALOGUE_VALUES_MAX);
    }
    to->value = (to->values == NULL) ? "" : to->values->text;
}

static void read_parameters(struct loading *load,
                            struct dg_yaml_node *map,
                            struct dg_catalogue_entry *entry)
{
    struct dg_catalogue_parameter **end = &entry->parameters;

    for (struct dg_yaml_node *i = (map == NULL) ? NULL : map->first; i != NULL;
         i = i->next) {
        struct dg_catalogue_parameter *one =
            dg_arena_take(&load->catalogue->arena, sizeof(*one));

        if (one == NULL) {
            return;
        }
        one->name = keep(load, i->key);
        read_values(load, i, one);
        *end = one;
        end = &one->next;
    }
}

/* How many of the parameters that vary are combined completely. */
static void read_strength(struct loading *load,
                          struct dg_yaml_node *root,
                          struct dg_catalogue_entry *entry)
{
    size_t varied = 0;

    for (const struct dg_catalogue_parameter *i = entry->parameters; i != NULL;
         i = i->next) {
        varied += (i->value_count > 1U) ? 1U : 0U;
    }
    if (dg_yaml_has(root, "strength")) {
        entry->strength = (unsigned)dg_yaml_int(
            &load->yaml, root, "strength", 1, DG_CATALOGUE_STRENGTH_MAX);
    }
    if ((varied > 0U) != (entry->strength > 0U)) {
        dg_yaml_fail(&load->yaml,
                     root,
                     "'strength' and a parameter with a list of values need "
                     "each other");
    } else if (entry->strength > varied) {
        dg_yaml_fail(&load->yaml,
                     root,
                     "'strength' is %u, but %zu parameters have a list",
                     entry->strength,
                     varied);
    }
}

static void check_level(struct loading *load,
                        const struct dg_yaml_node *map,
                        const struct dg_rating_choice *choice)
{
    if (load->table == NULL) {
        return;
    }

    const struct dg_rating_factor *factor =
        dg_rating_table_factor(load->table, choice->factor);

    if ((factor == NULL) ||
        (dg_rating_factor_level(factor, choice->level) == NULL)) {
        dg_yaml_fail(&load->yaml,
                     map,
                     "the table %s has no level '%s' of '%s'",
                     load->table->id,
                     choice->level,
                     choice->factor);
    }
}

static void read_rating(struct loading *load,
                        struct dg_yaml_node *map,
                        struct dg_catalogue_entry *entry)
{
    struct dg_rating_choice **end = &entry->choices;

    for (size_t i = 0; i < (sizeof(factors) / sizeof(factors[0])); i++) {
        struct dg_rating_choice *one =
            dg_arena_take(&load->catalogue->arena, sizeof(*one));

        if (one == NULL) {
            return;
        }
        one->factor = factors[i];
        one->level = take_text(load, map, factors[i]);
        one->reason = "";
        one->proposed = "";
        one->changed_by = "";
        check_level(load, map, one);
        *end = one;
        end = &one->next;
    }
    entry->justification = take_text(load, map, "justification");
    dg_yaml_close(&load->yaml, map);
}

bool dg_catalogue_is_corpus_id(const char *text)
{
    return (strncmp(text, "DG-", 3) == 0) &&
           ((text[3] == 'A') || (text[3] == 'H')) &&
           (strspn(text + 4, "0123456789") == 2U) && (text[6] == '\0');
}

static void check_corpus(struct loading *load,
                         const struct dg_yaml_node *root,
                         const struct dg_catalogue_entry *entry)
{
    if (entry->corpus_count == 0U) {
        dg_yaml_fail(&load->yaml, root, "'corpus' names no row");
    }
    for (size_t i = 0; i < entry->corpus_count; i++) {
        const char *row = entry->corpus[i];

        if (!dg_catalogue_is_corpus_id(row)) {
            dg_yaml_fail(&load->yaml,
                         root,
                         "'%s' is no row of the corpus (DG-A00, DG-H00)",
                         row);
        }
    }
}

/* What the types alone do not say. */
static void check_entry(struct loading *load,
                        const struct dg_yaml_node *root,
                        const struct dg_catalogue_entry *entry,
                        const char *stem)
{
    struct dg_yaml *yaml = &load->yaml;

    if (strcmp(entry->id, stem) != 0) {
        dg_yaml_fail(
            yaml, root, "the id '%s' is not the name of the file", entry->id);
    }
    if (!is_id(entry->id)) {
        dg_yaml_fail(yaml, root, "an id has a-z, 0-9 and - only");
    }
    if (strncmp(entry->threat, "T.", 2) != 0) {
        dg_yaml_fail(yaml, root, "'threat' must begin with T.");
    }
    if (dg_position_name(entry->position) == NULL) {
        dg_yaml_fail(yaml,
                     root,
                     "'position' is NE, NA, PH, MA, PM, PE, RS, PR, UE, PU, "
                     "PW, LL or SW, not '%s'",
                     entry->position);
    }
    check_corpus(load, root, entry);
}

/* A form: what a person does, records and signs. */
static void read_form(struct loading *load,
                      struct dg_yaml_node *root,
                      struct dg_catalogue_entry *entry)
{
    struct dg_yaml *yaml = &load->yaml;

    if (strcmp(dg_yaml_text(yaml, root, "kind"), "form") != 0) {
        dg_yaml_fail(yaml, root, "'kind' is form; a test has none");
    }
    entry->is_form = true;
    entry->tier = "form";
    entry->work = take_text(load, root, "work");
    entry->method_count = take_texts(load, root, "method", &entry->method);
    entry->record_count = take_texts(load, root, "record", &entry->record);
    if ((strcmp(entry->work, "physical") != 0) &&
        (strcmp(entry->work, "document") != 0) &&
        (strcmp(entry->work, "usability") != 0)) {
        dg_yaml_fail(yaml, root, "'work' is physical, document or usability");
    }
    if ((entry->method_count == 0U) || (entry->record_count == 0U)) {
        dg_yaml_fail(
            yaml, root, "'method' and 'record' say at least one thing each");
    }
}

static void read_test(struct loading *load,
                      struct dg_yaml_node *root,
                      struct dg_catalogue_entry *entry)
{
    struct dg_yaml *yaml = &load->yaml;

    entry->work = "";
    entry->tier = take_text(load, root, "tier");
    entry->monitor_count = take_texts(load, root, "monitors", &entry->monitors);
    read_parameters(load, dg_yaml_map(yaml, root, "parameters"), entry);
    read_strength(load, root, entry);
    entry->catch_count = take_texts(load, root, "catches", &entry->catches);
    if ((strcmp(entry->tier, "fast") != 0) &&
        (strcmp(entry->tier, "full") != 0)) {
        dg_yaml_fail(yaml, root, "'tier' is fast or full");
    }
    if (entry->monitor_count == 0U) {
        dg_yaml_fail(yaml, root, "'monitors' names none");
    }
}

static void read_entry(struct loading *load,
                       struct dg_catalogue_entry *entry,
                       const char *stem)
{
    struct dg_yaml *yaml = &load->yaml;
    struct dg_yaml_node *root = yaml->root;

    entry->id = take_text(load, root, "id");
    entry->title = take_text(load, root, "title");
    entry->threat = take_text(load, root, "threat");
    entry->requirement_count =
        take_texts(load, root, "requirements", &entry->requirements);
    entry->corpus_count = take_texts(load, root, "corpus", &entry->corpus);
    entry->position = take_text(load, root, "position");
    if (dg_yaml_has(root, "needs")) {
        entry->need_count = take_texts(load, root, "needs", &entry->needs);
    }
    if (dg_yaml_has(root, "kind")) {
        read_form(load, root, entry);
    } else {
        read_test(load, root, entry);
    }
    entry->pass = take_text(load, root, "pass");
    entry->remediation = take_text(load, root, "remediation");
    read_rating(load, dg_yaml_map(yaml, root, "rating"), entry);
    dg_yaml_close(yaml, root);
    check_entry(load, root, entry, stem);
}

/* Insert so that the list stays sorted by id, whatever order the folder gives.
 */
static void insert(struct dg_catalogue *catalogue,
                   struct dg_catalogue_entry *entry)
{
    struct dg_catalogue_entry **at = &catalogue->entries;

    while ((*at != NULL) && (strcmp((*at)->id, entry->id) < 0)) {
        at = &(*at)->next;
    }
    entry->next = *at;
    *at = entry;
    catalogue->count++;
}

static enum dg_status load_file(struct loading *load,
                                const char *folder,
                                const char *name,
                                struct dg_problem *problem)
{
    char path[PATH_MAX];
    char stem[NAME_MAX + 1];
    const size_t size = strlen(name) - strlen(SUFFIX);

    if ((snprintf(path, sizeof(path), "%s/%s", folder, name) >=
         (int)sizeof(path)) ||
        (size >= sizeof(stem))) {
        dg_problem_set(problem, "the path is too long: %s", folder);
        return DG_E_PORT;
    }
    memcpy(stem, name, size);
    stem[size] = '\0';

    struct dg_catalogue_entry *entry =
        dg_arena_take(&load->catalogue->arena, sizeof(*entry));

    if (entry == NULL) {
        return DG_E_PORT;
    }
    dg_yaml_open(&load->yaml, path);
    read_entry(load, entry, stem);

    const enum dg_status status = dg_yaml_end(&load->yaml, problem);

    dg_yaml_free(&load->yaml);
    if (status != DG_OK) {
        return status;
    }

    char digest[65] = "";

    if (!dg_digest_file(path, digest)) {
        dg_problem_set(problem, "%s: cannot be read a second time", path);
        return DG_E_PORT;
    }
    entry->digest = keep(load, digest);
    insert(load->catalogue, entry);
    return DG_OK;
}

/* Hidden files are editors' leavings. */
static bool is_entry_name(const char *name)
{
    const size_t size = strlen(name);
    const size_t suffix = strlen(SUFFIX);

    return (name[0] != '.') && (size > suffix) &&
           (strcmp(name + size - suffix, SUFFIX) == 0);
}

enum dg_status dg_catalogue_open(const char *folder,
                                 const struct dg_rating_table *table,
                                 struct dg_catalogue *catalogue,
                                 struct dg_problem *problem)
{
    struct loading load = {.catalogue = catalogue, .table = table};
    enum dg_status status = DG_OK;

    dg_arena_init(&catalogue->arena);
    catalogue->entries = NULL;
    catalogue->count = 0;

    DIR *dir = opendir(folder);

    if (dir == NULL) {
        dg_problem_set(problem,
                       "cannot read the catalogue %s: %s",
                       folder,
                       strerror(errno));
        return DG_E_PORT;
    }
    for (const struct dirent *one = readdir(dir);
         (one != NULL) && (status == DG_OK);
         one = readdir(dir)) {
        if (is_entry_name(one->d_name)) {
            status = load_file(&load, folder, one->d_name, problem);
        }
    }
    (void)closedir(dir);
    if (status != DG_OK) {
        return status;
    }
    if (catalogue->arena.failed) {
        dg_problem_set(problem, "memory is out");
        return DG_E_PORT;
    }
    if (catalogue->count == 0U) {
        dg_problem_set(problem, "the catalogue %s has no entry", folder);
        return DG_E_MALFORMED;
    }
    return DG_OK;
}

void dg_catalogue_free(struct dg_catalogue *catalogue)
{
    dg_arena_free(&catalogue->arena);
    catalogue->entries = NULL;
    catalogue->count = 0;
}

const struct dg_catalogue_entry *dg_catalogue_find(
    const struct dg_catalogue *catalogue, const char *id)
{
    const struct dg_catalogue_entry *entry = catalogue->entries;

    while ((entry != NULL) && (strcmp(entry->id, id) != 0)) {
        entry = entry->next;
    }
    return entry;
}

enum dg_status dg_catalogue_number(const struct dg_catalogue_entry *entry,
                                   const char *name,
                                   int64_t min,
                                   int64_t max,
                                   int64_t *value)
{
    const struct dg_catalogue_parameter *one = entry->parameters;
    char *end = NULL;

    while ((one != NULL) && (strcmp(one->name, name) != 0)) {
        one = one->next;
    }
    if (one == NULL) {
        return DG_E_MALFORMED;
    }
    errno = 0;

    const long long number = strtoll(one->value, &end, 10);

    if ((end == one->value) || (*end != '\0') || (errno != 0)) {
        return DG_E_MALFORMED;
    }
    if ((number < min) || (number > max)) {
        return DG_E_RANGE;
    }
    *value = number;
    return DG_OK;
}

void dg_catalogue_fill_test(struct dg_run *run,
                            struct dg_run_test *test,
                            const struct dg_catalogue_entry *entry)
{
    test->id = dg_run_text(run, entry->id);
    test->title = dg_run_text(run, entry->title);
    test->threat = dg_run_text(run, entry->threat);
    test->position = dg_run_text(run, entry->position);
    test->tier = dg_run_text(run, entry->tier);
    test->criterion = dg_run_text(run, entry->pass);
    test->remediation = dg_run_text(run, entry->remediation);
    test->entry_digest = dg_run_text(run, entry->digest);
    for (size_t i = 0; i < entry->corpus_count; i++) {
        dg_run_add_line(run, &test->corpus, entry->corpus[i]);
    }
    for (size_t i = 0; i < entry->requirement_count; i++) {
        dg_run_add_line(run, &test->requirements, entry->requirements[i]);
    }
}

struct dg_run_test *dg_catalogue_add_test(
    struct dg_run *run, const struct dg_catalogue_entry *entry)
{
    struct dg_run_test *test = dg_run_add_test(run, entry->id);

    if (test != NULL) {
        dg_catalogue_fill_test(run, test, entry);
    }
    return test;
}

struct dg_run_path *dg_catalogue_add_path(
    struct dg_run *run,
    struct dg_run_test *test,
    const struct dg_catalogue_entry *entry,
    enum dg_rating_state state)
{
    struct dg_run_path *path = dg_run_add_path(run, test, entry->title, state);

    if (path == NULL) {
        return NULL;
    }
    for (const struct dg_rating_choice *c = entry->choices; c != NULL;
         c = c->next) {
        if (dg_run_add_choice(run, path, c->factor, c->level) == NULL) {
            return NULL;
        }
    }
    path->justification = dg_run_text(run, entry->justification);
    path->rated_by = "catalogue";
    return path;
}
