/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/criteria.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/yaml.h"

#define PATH_SIZE     640U
#define ELEMENTS_MAX  99
#define ASSURANCE_ROW 3U /* D, C, E */

struct loading {
    struct dg_criteria *criteria;
    struct dg_yaml yaml;
};

static const char *keep(struct loading *load, const char *text)
{
    return dg_arena_text(&load->criteria->arena, text, strlen(text));
}

static size_t length_of(const struct dg_yaml_node *list)
{
    size_t count = 0U;

    for (const struct dg_yaml_node *i = (list == NULL) ? NULL : list->first;
         i != NULL;
         i = i->next) {
        count++;
    }
    return count;
}

/* An item of `needs`: one component, or a list of which one is enough. */
static void read_group(struct loading *load,
                       struct dg_yaml_node *item,
                       struct dg_alternatives *group)
{
    const bool is_list = item->kind == DG_YAML_LIST;
    const size_t count = is_list ? length_of(item) : 1U;

    item->is_read = true;
    group->any = dg_arena_take(&load->criteria->arena,
                               (count + 1U) * sizeof(const char *));
    if (group->any == NULL) {
        return;
    }
    for (struct dg_yaml_node *i = is_list ? item->first : item; i != NULL;
         i = is_list ? i->next : NULL) {
        group->any[group->count] = keep(load, dg_yaml_item(&load->yaml, i));
        group->count++;
    }
    if (group->count == 0U) {
        dg_yaml_fail(&load->yaml, item, "a group of 'needs' is empty");
    }
}

static void read_needs(struct loading *load,
                       struct dg_yaml_node *map,
                       struct dg_component *component)
{
    struct dg_yaml_node *list = dg_yaml_list(&load->yaml, map, "needs");

    component->needs =
        dg_arena_take(&load->criteria->arena,
                      (length_of(list) + 1U) * sizeof *component->needs);
    for (struct dg_yaml_node *i = (list == NULL) ? NULL : list->first;
         (i != NULL) && (component->needs != NULL);
         i = i->next) {
        read_group(load, i, &component->needs[component->need_count]);
        component->need_count++;
    }
}

static unsigned read_count(struct loading *load,
                           struct dg_yaml_node *map,
                           const char *key)
{
    return !dg_yaml_has(map, key)
               ? 0U
               : (unsigned)dg_yaml_int(&load->yaml, map, key, 1, ELEMENTS_MAX);
}

static void read_elements(struct loading *load,
                          struct dg_yaml_node *map,
                          struct dg_component *component)
{
    if (!component->is_assurance) {
        component->elements = (unsigned)dg_yaml_int(
            &load->yaml, map, "elements", 1, ELEMENTS_MAX);
        return;
    }

    struct dg_yaml_node *row = dg_yaml_list(&load->yaml, map, "elements");

    if ((row != NULL) && (length_of(row) != ASSURANCE_ROW)) {
        dg_yaml_fail(&load->yaml, row, "'elements' must be [D, C, E]");
    }
    for (struct dg_yaml_node *i = (row == NULL) ? NULL : row->first; i != NULL;
         i = i->next) {
        component->elements +=
            (unsigned)dg_yaml_item_int(&load->yaml, i, 0, ELEMENTS_MAX);
    }
}

static void read_component(struct loading *load,
                           const struct dg_yaml_node *family,
                           struct dg_yaml_node *item,
                           bool is_assurance)
{
    struct dg_criteria *criteria = load->criteria;
    struct dg_yaml_node *map = dg_yaml_item_map(&load->yaml, item);
    char id[64];

    if ((strspn(item->key, "0123456789") != strlen(item->key)) ||
        (snprintf(id, sizeof id, "%s.%s", family->key, item->key) >=
         (int)sizeof id)) {
        dg_yaml_fail(&load->yaml, item, "'%s' is no number", item->key);
        return;
    }

    struct dg_component *component = &criteria->components[criteria->count];

    component->id = keep(load, id);
    component->is_assurance = is_assurance;
    read_elements(load, map, component);
    if (!is_assurance) {
        component->fills = read_count(load, map, "fill");
        component->picks = read_count(load, map, "pick");
    }
    if (dg_yaml_has(map, "over")) {
        component->over_count = dg_yaml_texts(
            &load->yaml, map, "over", &criteria->arena, &component->over);
    }
    if (dg_yaml_has(map, "needs")) {
        read_needs(load, map, component);
    }
    dg_yaml_close(&load->yaml, map);
    criteria->count++;
}

/* Room for one more file's components; the old ones keep their places. */
static bool make_room(struct loading *load, const struct dg_yaml_node *families)
{
    struct dg_criteria *criteria = load->criteria;
    struct dg_component *more = NULL;
    size_t count = criteria->count;

    for (const struct dg_yaml_node *i = families->first; i != NULL;
         i = i->next) {
        count += length_of(i);
    }
    more = dg_arena_take(&criteria->arena, (count + 1U) * sizeof *more);
    if (more == NULL) {
        return false;
    }
    if (criteria->count > 0U) {
        memcpy(more, criteria->components, criteria->count * sizeof *more);
    }
    criteria->components = more;
    criteria->room = count;
    return true;
}

static void read_head(struct loading *load, const char *kind)
{
    struct dg_yaml *yaml = &load->yaml;
    const char *edition = dg_yaml_text(yaml, yaml->root, "edition");

    if ((yaml->status == DG_OK) &&
        (strcmp(edition, load->criteria->edition) != 0)) {
        dg_yaml_fail(yaml,
                     yaml->root,
                     "the edition is '%s', not %s",
                     edition,
                     load->criteria->edition);
    }
    if (kind != NULL) {
        const char *own = dg_yaml_text(yaml, yaml->root, "kind");

        if ((yaml->status == DG_OK) && (strcmp(own, kind) != 0)) {
            dg_yaml_fail(yaml, yaml->root, "'kind' must be %s", kind);
        }
    }
}

static void read_components(struct loading *load, const char *kind)
{
    const bool is_assurance = strcmp(kind, "assurance") == 0;

    read_head(load, kind);

    struct dg_yaml_node *families =
        dg_yaml_map(&load->yaml, load->yaml.root, "families");

    dg_yaml_close(&load->yaml, load->yaml.root);
    if ((families == NULL) || !make_room(load, families)) {
        return;
    }
    for (struct dg_yaml_node *own = families->first; own != NULL;
         own = own->next) {
        struct dg_yaml_node *family = dg_yaml_item_map(&load->yaml, own);

        for (struct dg_yaml_node *i = (family == NULL) ? NULL : family->first;
             i != NULL;
             i = i->next) {
            read_component(load, own, i, is_assurance);
        }
    }
}

static void read_packages(struct loading *load)
{
    struct dg_criteria *criteria = load->criteria;

    read_head(load, NULL);

    struct dg_yaml_node *packages =
        dg_yaml_map(&load->yaml, load->yaml.root, "packages");

    dg_yaml_close(&load->yaml, load->yaml.root);
    criteria->packages =
        dg_arena_take(&criteria->arena,
                      (length_of(packages) + 1U) * sizeof *criteria->packages);
    for (struct dg_yaml_node *i = (packages == NULL) ? NULL : packages->first;
         (i != NULL) && (criteria->packages != NULL);
         i = i->next) {
        struct dg_criteria_package *next =
            &criteria->packages[criteria->package_count];

        next->id = keep(load, i->key);
        next->count = dg_yaml_texts(
            &load->yaml, packages, i->key, &criteria->arena, &next->components);
        for (size_t at = 0U; at < next->count; at++) {
            if (dg_criteria_find(criteria, next->components[at]) == NULL) {
                dg_yaml_fail(&load->yaml,
                             i,
                             "%s names %s, which this edition does not have",
                             next->id,
                             next->components[at]);
            }
        }
        criteria->package_count++;
    }
}

enum part {
    PART_FUNCTIONAL = 0,
    PART_ASSURANCE,
    PART_PACKAGES,
    PARTS,
};

static const char *const part_words[PARTS] = {
    "functional", "assurance", "packages"};

static enum dg_status read_part(struct dg_criteria *criteria,
                                const char *folder,
                                enum part part,
                                struct dg_problem *problem)
{
    struct loading load = {.criteria = criteria};
    char path[PATH_SIZE];

    (void)snprintf(path,
                   sizeof path,
                   "%.480s/%s-%s.yaml",
                   folder,
                   part_words[part],
                   criteria->edition);
    /* Not every edition's packages were read by us. */
    if ((part == PART_PACKAGES) && (access(path, F_OK) != 0) &&
        (errno == ENOENT)) {
        return DG_OK;
    }
    dg_yaml_open(&load.yaml, path);
    if (part == PART_PACKAGES) {
        read_packages(&load);
    } else {
        read_components(&load, part_words[part]);
    }

    const enum dg_status status = dg_yaml_end(&load.yaml, problem);

    dg_yaml_free(&load.yaml);
    return status;
}

/* The whole ------------------------------------------------------------------
 */

static bool is_known(const struct dg_criteria *criteria,
                     const struct dg_component *component,
                     const char *id,
                     struct dg_problem *problem)
{
    if (dg_criteria_find(criteria, id) != NULL) {
        return true;
    }
    dg_problem_set(problem,
                   "spec/criteria, edition %s: %s names %s, which is not there",
                   criteria->edition,
                   component->id,
                   id);
    return false;
}

static bool is_sound(const struct dg_criteria *criteria,
                     const struct dg_component *component,
                     struct dg_problem *problem)
{
    for (size_t i = 0U; i < component->over_count; i++) {
        if (!is_known(criteria, component, component->over[i], problem)) {
            return false;
        }
        if (dg_criteria_meets(criteria, component->over[i], component->id)) {
            dg_problem_set(problem,
                           "spec/criteria, edition %s: %s is above itself",
                           criteria->edition,
                           component->id);
            return false;
        }
    }
    for (size_t i = 0U; i < component->need_count; i++) {
        for (size_t at = 0U; at < component->needs[i].count; at++) {
            if (!is_known(criteria,
                          component,
                          component->needs[i].any[at],
                          problem)) {
                return false;
            }
        }
    }
    return true;
}

enum dg_status dg_criteria_open(const char *folder,
                                const char *edition,
                                struct dg_criteria *criteria,
                                struct dg_problem *problem)
{
    enum dg_status status = DG_OK;

    memset(criteria, 0, sizeof *criteria);
    dg_arena_init(&criteria->arena);
    if ((strcmp(edition, "3.1R5") != 0) && (strcmp(edition, "2022") != 0)) {
        dg_problem_set(
            problem, "the edition '%.32s' is not 3.1R5 or 2022", edition);
        return DG_E_MALFORMED;
    }
    criteria->edition =
        dg_arena_text(&criteria->arena, edition, strlen(edition));
    for (unsigned part = 0U; (part < PARTS) && (status == DG_OK); part++) {
        status = read_part(criteria, folder, (enum part)part, problem);
    }
    for (size_t i = 0U; (i < criteria->count) && (status == DG_OK); i++) {
        status = is_sound(criteria, &criteria->components[i], problem)
                     ? DG_OK
                     : DG_E_MALFORMED;
    }
    if ((status == DG_OK) && criteria->arena.failed) {
        dg_problem_set(problem, "%s: memory is out", folder);
        return DG_E_PORT;
    }
    return status;
}

void dg_criteria_free(struct dg_criteria *criteria)
{
    dg_arena_free(&criteria->arena);
    memset(criteria, 0, sizeof *criteria);
}

const struct dg_component *dg_criteria_find(const struct dg_criteria *criteria,
                                            const char *id)
{
    for (size_t i = 0U; i < criteria->count; i++) {
        if (strcmp(criteria->components[i].id, id) == 0) {
            return &criteria->components[i];
        }
    }
    return NULL;
}

const struct dg_criteria_package *dg_criteria_package(
    const struct dg_criteria *criteria, const char *id)
{
    for (size_t i = 0U; i < criteria->package_count; i++) {
        if (strcmp(criteria->packages[i].id, id) == 0) {
            return &criteria->packages[i];
        }
    }
    return NULL;
}

/* @satisfies{EVL_CRITERIA.1@1}
 * Each step goes down by one; a file with a circle is bounded by its length. */
bool dg_criteria_meets(const struct dg_criteria *criteria,
                       const char *id,
                       const char *base)
{
    const struct dg_component *waiting[DG_CLOSURE_MAX];
    size_t count = 0U;
    size_t steps = 0U;

    if (strcmp(id, base) == 0) {
        return true;
    }
    waiting[count] = dg_criteria_find(criteria, id);
    count += (waiting[count] != NULL) ? 1U : 0U;
    while ((count > 0U) && (steps <= criteria->count)) {
        const struct dg_component *top = waiting[count - 1U];

        count--;
        steps++;
        for (size_t i = 0U; i < top->over_count; i++) {
            if (strcmp(top->over[i], base) == 0) {
                return true;
            }
            if (count < DG_CLOSURE_MAX) {
                waiting[count] = dg_criteria_find(criteria, top->over[i]);
                count += (waiting[count] != NULL) ? 1U : 0U;
            }
        }
    }
    return false;
}

/* Closure ------------------------------------------------------------------ */

struct closure {
    const struct dg_criteria *criteria;
    const struct dg_component *item[DG_CLOSURE_MAX]; /* [0] is the start */
    size_t count;
};

static bool is_met(const struct closure *closure,
                   const struct dg_alternatives *group)
{
    for (size_t i = 0U; i < closure->count; i++) {
        for (size_t at = 0U; at < group->count; at++) {
            if (dg_criteria_meets(
                    closure->criteria, closure->item[i]->id, group->any[at])) {
                return true;
            }
        }
    }
    return false;
}

/* Put one in, and take out what now stands below it. */
static bool put(struct closure *closure, const struct dg_component *one)
{
    size_t kept = 1U;

    for (size_t i = 1U; i < closure->count; i++) {
        if (!dg_criteria_meets(
                closure->criteria, one->id, closure->item[i]->id)) {
            closure->item[kept] = closure->item[i];
            kept++;
        }
    }
    closure->count = kept;
    if (closure->count == DG_CLOSURE_MAX) {
        return false;
    }
    closure->item[closure->count] = one;
    closure->count++;
    return true;
}

/* Meet the first need that is open; false: none is. */
static bool grow(struct closure *closure)
{
    for (size_t i = 0U; i < closure->count; i++) {
        const struct dg_component *one = closure->item[i];

        for (size_t at = 0U; at < one->need_count; at++) {
            if (!is_met(closure, &one->needs[at])) {
                const struct dg_component *next =
                    dg_criteria_find(closure->criteria, one->needs[at].any[0]);

                return (next != NULL) && put(closure, next);
            }
        }
    }
    return false;
}

static int by_id(const void *one, const void *other)
{
    const struct dg_component *const *left = one;
    const struct dg_component *const *right = other;

    return strcmp((*left)->id, (*right)->id);
}

size_t dg_criteria_closure(const struct dg_criteria *criteria,
                           const char *start,
                           const struct dg_component *set[DG_CLOSURE_MAX])
{
    struct closure closure = {.criteria = criteria};

    closure.item[0] = dg_criteria_find(criteria, start);
    if (closure.item[0] == NULL) {
        return 0U;
    }
    closure.count = 1U;
    while (grow(&closure)) {
    }
    memcpy(set, &closure.item[1], (closure.count - 1U) * sizeof(set[0]));
    qsort(set, closure.count - 1U, sizeof(set[0]), by_id);
    return closure.count - 1U;
}
