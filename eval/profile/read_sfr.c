/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/profile/operation.h"
#include "eval/profile/read.h"
#include "eval/profile/words.h"

/* Text of a key that has to be there, and that only in an imported file may be
 * empty. */
static const char *read_empty(struct dg_profile_reading *read,
                              struct dg_yaml_node *map,
                              const char *key)
{
    for (struct dg_yaml_node *i = (map == NULL) ? NULL : map->first; i != NULL;
         i = i->next) {
        if (read->profile->is_imported && (strcmp(i->key, key) == 0) &&
            (i->kind == DG_YAML_SCALAR) && (i->text[0] == '\0')) {
            i->is_read = true;
            return "";
        }
    }
    return dg_read_text(read, map, key);
}

/* Mark the choices that a list names. */
static void mark(struct dg_profile_reading *read,
                 struct dg_yaml_node *map,
                 struct dg_operation *operation,
                 bool is_chosen)
{
    const char *key = is_chosen ? "chosen" : "exclusive";
    const struct dg_words names = dg_read_words(read, map, key);

    for (size_t i = 0U; i < names.count; i++) {
        bool is_found = false;

        for (size_t at = 0U; at < operation->choice_count; at++) {
            struct dg_choice *choice = &operation->choices[at];

            if (strcmp(choice->id, names.item[i]) == 0) {
                is_found = true;
                choice->is_chosen = choice->is_chosen || is_chosen;
                choice->is_exclusive = choice->is_exclusive || !is_chosen;
            }
        }
        if (!is_found) {
            dg_yaml_fail(&read->yaml,
                         map,
                         "'%s' names '%s', which is no choice of {%s}",
                         key,
                         names.item[i],
                         operation->name);
        }
    }
}

static void read_selection(struct dg_profile_reading *read,
                           struct dg_yaml_node *map,
                           struct dg_operation *operation)
{
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, map, "select", true, sizeof(struct dg_choice), &room);

    operation->kind = DG_OPERATION_SELECTION;
    operation->choices = room;
    for (; item != NULL; item = item->next) {
        const char *text = dg_read_item(read, item);
        struct dg_choice *choice = &operation->choices[operation->choice_count];

        choice->id =
            dg_arena_text(&read->profile->arena, item->key, strlen(item->key));
        choice->text = dg_arena_text(&read->profile->arena, text, strlen(text));
        choice->line = item->line;
        operation->choice_count++;
    }
    if ((operation->choice_count < 2U) && !read->profile->is_imported) {
        dg_yaml_fail(&read->yaml,
                     map,
                     "the selection {%s} offers fewer than two choices",
                     operation->name);
    }
    if (dg_yaml_has(map, "one")) {
        const char *one = dg_yaml_text(&read->yaml, map, "one");

        operation->is_one = strcmp(one, "yes") == 0;
        if (!operation->is_one) {
            dg_yaml_fail(&read->yaml, map, "'one' is yes or is left out");
        }
    }
    mark(read, map, operation, false);
    mark(read, map, operation, true);
}

static void read_operation(struct dg_profile_reading *read,
                           struct dg_yaml_node *item,
                           struct dg_operation *operation)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);

    operation->name =
        dg_arena_text(&read->profile->arena, item->key, strlen(item->key));
    operation->line = item->line;
    operation->text = "";
    operation->value = "";
    operation->bound = "";
    if (dg_yaml_has(map, "assign")) {
        operation->kind = DG_OPERATION_ASSIGNMENT;
        operation->text = read_empty(read, map, "assign");
        operation->value = dg_read_option(read, map, "value");
        operation->bound = dg_read_option(read, map, "bound");
    } else if (dg_yaml_has(map, "select")) {
        read_selection(read, map, operation);
    } else {
        operation->kind = DG_OPERATION_REFINEMENT;
        operation->text = read_empty(read, map, "refine");
    }
    dg_yaml_close(&read->yaml, map);
}

/* Elements are numbered in their order: FTP_ITC.1.2/PHONE. */
static const char *element_id(struct dg_arena *arena,
                              const char *component,
                              const char *iteration,
                              size_t number)
{
    const size_t size = strlen(component) + strlen(iteration) + 16U;
    char *id = dg_arena_take(arena, size);
    char digits[8];
    size_t used = sizeof digits - 1U;

    if (id == NULL) {
        return "";
    }
    digits[used] = '\0';
    do {
        used--;
        digits[used] = (char)('0' + (number % 10U));
        number /= 10U;
    } while ((number > 0U) && (used > 0U));
    (void)strcpy(id, component);
    (void)strcat(id, ".");
    (void)strcat(id, &digits[used]);
    if (iteration[0] != '\0') {
        (void)strcat(id, "/");
        (void)strcat(id, iteration);
    }
    return id;
}

static void read_element(struct dg_profile_reading *read,
                         struct dg_yaml_node *item,
                         struct dg_element *element)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);
    void *room = NULL;
    struct dg_problem problem = {""};
    size_t line = 0U;

    element->line = item->line;
    element->text = read_empty(read, map, "text");
    element->note = dg_read_option(read, map, "note");
    element->type = dg_read_option(read, map, "type")[0];

    struct dg_yaml_node *at = dg_read_items(
        read, map, "operations", true, sizeof(struct dg_operation), &room);

    element->operations = room;
    for (; at != NULL; at = at->next) {
        read_operation(read, at, &element->operations[element->count]);
        element->count++;
    }
    dg_yaml_close(&read->yaml, map);
    if ((read->yaml.status == DG_OK) &&
        (dg_element_tie(element, &line, &problem) != DG_OK)) {
        const struct dg_yaml_node there = {.line = line};

        dg_yaml_fail(&read->yaml, &there, "%s", problem.text);
    }
}

static struct dg_element *read_elements(struct dg_profile_reading *read,
                                        struct dg_yaml_node *map,
                                        const char *component,
                                        const char *iteration,
                                        size_t *count)
{
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, map, "elements", false, sizeof(struct dg_element), &room);
    struct dg_element *elements = room;

    *count = 0U;
    for (; item != NULL; item = item->next) {
        elements[*count].id = element_id(
            &read->profile->arena, component, iteration, *count + 1U);
        read_element(read, item, &elements[*count]);
        (*count)++;
    }
    return elements;
}

static const struct dg_definition *read_definition(
    struct dg_profile_reading *read, struct dg_yaml_node *map)
{
    if (!dg_yaml_has(map, "definition")) {
        return NULL;
    }

    struct dg_definition *definition =
        dg_arena_take(&read->profile->arena, sizeof *definition);
    struct dg_yaml_node *own = dg_yaml_map(&read->yaml, map, "definition");

    if ((definition == NULL) || (own == NULL)) {
        return NULL;
    }
    definition->levelling = dg_read_ours(read, own, "levelling");
    definition->management = dg_read_ours(read, own, "management");
    definition->audit = dg_read_ours(read, own, "audit");
    definition->dependencies = dg_read_ours(read, own, "dependencies");
    definition->line = own->line;
    dg_yaml_close(&read->yaml, own);
    return definition;
}

static void read_waivers(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         struct dg_sfr *sfr)
{
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, map, "waived", true, sizeof(struct dg_waiver), &room);

    sfr->waivers = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *own = dg_yaml_item_map(&read->yaml, item);
        struct dg_waiver *waiver = &sfr->waivers[sfr->waiver_count];

        waiver->component =
            dg_arena_text(&read->profile->arena, item->key, strlen(item->key));
        waiver->kind = (enum dg_waiver_kind)dg_read_word(
            read, own, "kind", dg_word_waiver, DG_WORDS_WAIVERS);
        waiver->by = (waiver->kind == DG_WAIVER_NOT_NEEDED)
                         ? ""
                         : dg_read_ours(read, own, "by");
        waiver->why = dg_read_ours(read, own, "why");
        waiver->line = item->line;
        dg_yaml_close(&read->yaml, own);
        sfr->waiver_count++;
    }
}

static struct dg_activity *read_activities(struct dg_profile_reading *read,
                                           struct dg_yaml_node *map,
                                           size_t *count)
{
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, map, "activities", false, sizeof(struct dg_activity), &room);

    struct dg_activity *activities = room;

    *count = 0U;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *own = dg_yaml_item_map(&read->yaml, item);
        struct dg_activity *activity = &activities[*count];
        void *tests = NULL;
        struct dg_yaml_node *at = NULL;

        activity->of = dg_read_text(read, own, "of");
        activity->kind = dg_read_text(read, own, "kind");
        activity->text = dg_read_option(read, own, "text");
        activity->line = item->line;
        at = dg_read_items(
            read, own, "tests", false, sizeof(struct dg_activity_test), &tests);
        activity->tests = tests;
        for (; at != NULL; at = at->next) {
            struct dg_yaml_node *one = dg_yaml_item_map(&read->yaml, at);
            struct dg_activity_test *test = &activity->tests[activity->count];

            test->id = dg_read_option(read, one, "id");
            test->text = read_empty(read, one, "text");
            test->goal = dg_read_option(read, one, "goal");
            test->evidence = dg_read_option(read, one, "evidence");
            dg_yaml_close(&read->yaml, one);
            activity->count++;
        }
        dg_yaml_close(&read->yaml, own);
        (*count)++;
    }
    return activities;
}

/* "FTP_ITC.1/PHONE": component and iteration. */
static void split_id(struct dg_profile_reading *read,
                     const struct dg_yaml_node *item,
                     struct dg_sfr *sfr)
{
    const char *slash = strchr(sfr->id, '/');
    const size_t size =
        (slash == NULL) ? strlen(sfr->id) : (size_t)(slash - sfr->id);

    sfr->component = dg_arena_text(&read->profile->arena, sfr->id, size);
    sfr->iteration = (slash == NULL) ? "" : slash + 1;
    /* Of an imported module, once for each base: FMT_SMF_EXT.1/BT#2. */
    if (read->profile->is_imported && (strchr(sfr->id, '#') != NULL)) {
        const char *part = (slash == NULL) ? sfr->component : sfr->iteration;
        const char *cut =
            dg_arena_text(&read->profile->arena, part, strcspn(part, "#"));

        sfr->component = (slash == NULL) ? cut : sfr->component;
        sfr->iteration = (slash == NULL) ? "" : cut;
    }
    if ((slash != NULL) && (slash[1] == '\0')) {
        dg_yaml_fail(&read->yaml,
                     item,
                     "'%s' has no iteration behind its slash",
                     sfr->id);
    }
}

static void read_sfr(struct dg_profile_reading *read,
                     struct dg_yaml_node *item,
                     struct dg_sfr *sfr)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);

    sfr->line = item->line;
    sfr->id = dg_read_text(read, map, "id");
    split_id(read, item, sfr);
    sfr->title = dg_read_ours(read, map, "title");
    sfr->plain = dg_read_ours(read, map, "plain");
    sfr->status =
        !dg_yaml_has(map, "status")
            ? DG_SFR_MANDATORY
            : (enum dg_sfr_status)dg_read_word(
                  read, map, "status", dg_word_status, DG_WORDS_STATUSES);
    sfr->when = dg_read_words(read, map, "when");
    sfr->definition = read_definition(read, map);
    sfr->elements =
        read_elements(read, map, sfr->component, sfr->iteration, &sfr->count);
    read_waivers(read, map, sfr);
    sfr->requirements = dg_read_words(read, map, "requirements");
    sfr->tests = dg_read_words(read, map, "tests");
    sfr->manual = dg_read_words(read, map, "manual");
    sfr->activities = read_activities(read, map, &sfr->activity_count);
    dg_yaml_close(&read->yaml, map);
}

static void read_sar(struct dg_profile_reading *read,
                     struct dg_yaml_node *item,
                     struct dg_sar *sar)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);

    sar->line = item->line;
    sar->component = dg_read_text(read, map, "id");
    sar->title = dg_read_ours(read, map, "title");
    sar->plain = dg_read_ours(read, map, "plain");
    sar->is_optional =
        strcmp(dg_read_option(read, map, "optional"), "yes") == 0;
    sar->elements = read_elements(read, map, sar->component, "", &sar->count);
    sar->activities = read_activities(read, map, &sar->activity_count);
    dg_yaml_close(&read->yaml, map);
}

void dg_read_requirements(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, read->yaml.root, "sfrs", false, sizeof(struct dg_sfr), &room);

    profile->sfrs = room;
    for (; item != NULL; item = item->next) {
        read_sfr(read, item, &profile->sfrs[profile->sfr_count]);
        profile->sfr_count++;
    }
    item = dg_read_items(
        read, read->yaml.root, "sars", false, sizeof(struct dg_sar), &room);
    profile->sars = room;
    for (; item != NULL; item = item->next) {
        read_sar(read, item, &profile->sars[profile->sar_count]);
        profile->sar_count++;
    }
}
