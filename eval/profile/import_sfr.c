/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/import.h"
#include "eval/profile/words.h"

/* "fcs_cop.1", "HASH": FCS_COP.1/HASH. */
static void name_sfr(struct dg_import *import,
                     const xmlNode *node,
                     struct dg_sfr *sfr)
{
    const char *cc_id = dg_import_attribute(import, node, "cc-id");
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    char component[64];
    char id[160];
    size_t size = 0U;

    while ((size < (sizeof component - 1U)) && (cc_id[size] != '\0')) {
        component[size] = (char)toupper((unsigned char)cc_id[size]);
        size++;
    }
    component[size] = '\0';
    sfr->component = dg_arena_text(&import->profile->arena, component, size);
    sfr->iteration = dg_import_attribute(import, node, "iteration");
    (void)snprintf(id,
                   sizeof id,
                   "%s%s%.80s",
                   component,
                   (sfr->iteration[0] == '\0') ? "" : "/",
                   sfr->iteration);
    sfr->id = dg_arena_text(&import->profile->arena, id, strlen(id));
    if (size == 0U) {
        dg_import_fail(import, node, "a component without cc-id");
    }
    if ((cc_id[size] != '\0') || (strlen(sfr->iteration) > 60U) ||
        (strspn(sfr->iteration, letters) != strlen(sfr->iteration))) {
        dg_import_fail(import, node, "a cc-id or iteration of another form");
    }
}

static enum dg_sfr_status status_of(struct dg_import *import,
                                    const xmlNode *node)
{
    static const struct {
        const char *word;
        enum dg_sfr_status status;
    } rows[] = {{"", DG_SFR_MANDATORY},
                {"optional", DG_SFR_OPTIONAL},
                {"objective", DG_SFR_OBJECTIVE},
                {"sel-based", DG_SFR_SELECTION_BASED},
                {"feat-based", DG_SFR_FEATURE_BASED},
                {"invisible", DG_SFR_INVISIBLE}};
    const char *word = dg_import_attribute(import, node, "status");

    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        if (strcmp(word, rows[i].word) == 0) {
            return rows[i].status;
        }
    }
    dg_import_fail(import, node, "a status that is not known: %.40s", word);
    return DG_SFR_MANDATORY;
}

/* The ids in all attributes of all `depends` of a component. */
static struct dg_words depends_of(struct dg_import *import, const xmlNode *node)
{
    struct dg_words words = {NULL, 0U};
    size_t count = 0U;

    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        for (const xmlAttr *at = dg_import_is(i, "depends") ? i->properties
                                                            : NULL;
             at != NULL;
             at = at->next) {
            count++;
        }
    }
    words.item = dg_import_room(import, node, count, sizeof *words.item);
    for (const xmlNode *i = (words.item == NULL) ? NULL : node->children;
         i != NULL;
         i = i->next) {
        for (const xmlAttr *at = dg_import_is(i, "depends") ? i->properties
                                                            : NULL;
             at != NULL;
             at = at->next) {
            words.item[words.count] =
                dg_import_attribute(import, i, (const char *)at->name);
            words.count += (words.item[words.count][0] == '\0') ? 0U : 1U;
        }
    }
    return words;
}

static void read_tests(struct dg_import *import,
                       const xmlNode *node,
                       struct dg_activity *activity)
{
    activity->tests = dg_import_room(
        import, node, dg_import_count(node, "test"), sizeof *activity->tests);
    for (const xmlNode *i =
             (activity->tests == NULL) ? NULL : dg_import_next(node, node);
         i != NULL;
         i = dg_import_next(node, i)) {
        if (!dg_import_is(i, "test")) {
            continue;
        }

        struct dg_activity_test *test = &activity->tests[activity->count];

        test->id = dg_import_attribute(import, i, "id");
        test->text = dg_import_body(import, i);
        test->goal = dg_import_text(import, dg_import_child(i, "test-obj"));
        test->evidence = dg_import_text(import, dg_import_child(i, "evidence"));
        activity->count++;
    }
}

/* TSS, Guidance, KMD, Tests, CustomEA of one aactivity; NULL: no such. */
static const char *activity_kind(struct dg_import *import, const xmlNode *node)
{
    static const char *const kinds[] = {
        "TSS", "Guidance", "KMD", "Tests", "no-tests"};

    for (size_t i = 0U; i < (sizeof kinds / sizeof kinds[0]); i++) {
        if (dg_import_is(node, kinds[i])) {
            return kinds[i];
        }
    }
    if (!dg_import_is(node, "CustomEA")) {
        return NULL;
    }

    const char *name = dg_import_attribute(import, node, "name");

    return (name[0] == '\0') ? "CustomEA" : name;
}

/* Of an aactivity: its parts, or, where it has none, itself. */
static size_t count_parts(struct dg_import *import, const xmlNode *node)
{
    size_t count = 0U;

    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        count += (activity_kind(import, i) != NULL) ? 1U : 0U;
    }
    return (count == 0U) ? 1U : count;
}

/* Our export repeats `tests` and `manual` for readers that know only the
 * format, and gives a SAR without elements one. */
static bool is_derived(const xmlNode *node)
{
    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        if (dg_import_has_mark(i, "derived") ||
            (dg_import_is(i, "title") && is_derived(i))) {
            return true;
        }
    }
    return false;
}

/* The parts of one aactivity; where it has none, itself. */
static void take_parts(struct dg_import *import,
                       const xmlNode *node,
                       const char *of,
                       struct dg_activity *activities,
                       size_t *used)
{
    const size_t before = *used;

    for (const xmlNode *part = node->children; part != NULL;
         part = part->next) {
        const char *kind = activity_kind(import, part);

        if (kind != NULL) {
            struct dg_activity *activity = &activities[*used];

            activity->of = of;
            activity->kind = kind;
            activity->text = dg_import_body(import, part);
            activity->line = (size_t)xmlGetLineNo(part);
            read_tests(import, part, activity);
            (*used)++;
        }
    }
    if (*used == before) {
        activities[*used] =
            (struct dg_activity){.of = of,
                                 .kind = "Activity",
                                 .text = dg_import_text(import, node),
                                 .line = (size_t)xmlGetLineNo(node)};
        (*used)++;
    }
}

static struct dg_activity *take_activities(struct dg_import *import,
                                           const xmlNode *top,
                                           const char *component,
                                           const struct dg_element *elements,
                                           const char *element_name,
                                           size_t *used)
{
    size_t count = 0U;
    const struct dg_element *element = NULL;
    size_t number = 0U;

    for (const xmlNode *i = dg_import_next(top, top); i != NULL;
         i = dg_import_next(top, i)) {
        count += dg_import_is(i, "aactivity") ? count_parts(import, i) : 0U;
    }

    struct dg_activity *activities =
        dg_import_room(import, top, count, sizeof *activities);

    *used = 0U;
    for (const xmlNode *i = (activities == NULL) ? NULL
                                                 : dg_import_next(top, top);
         i != NULL;
         i = dg_import_next(top, i)) {
        if (dg_import_is(i, element_name) && (i->parent == top) &&
            !is_derived(i)) {
            element = &elements[number];
            number++;
        }
        if (!dg_import_is(i, "aactivity") || is_derived(i)) {
            continue;
        }

        const bool is_component =
            (element == NULL) ||
            (strcmp(dg_import_attribute(import, i, "level"), "component") == 0);
        take_parts(import,
                   i,
                   is_component ? component : element->id,
                   activities,
                   used);
    }
    return activities;
}

static struct dg_element *take_elements(struct dg_import *import,
                                        const xmlNode *top,
                                        const char *name,
                                        const char *component,
                                        const char *iteration,
                                        size_t *used)
{
    size_t count = 0U;
    char id[200];

    for (const xmlNode *i = top->children; i != NULL; i = i->next) {
        count += (dg_import_is(i, name) && !is_derived(i)) ? 1U : 0U;
    }

    struct dg_element *elements =
        dg_import_room(import, top, count, sizeof *elements);

    *used = 0U;
    for (const xmlNode *i = (elements == NULL) ? NULL : top->children;
         i != NULL;
         i = i->next) {
        if (!dg_import_is(i, name) || is_derived(i)) {
            continue;
        }

        struct dg_element *element = &elements[*used];

        (*used)++;
        (void)snprintf(id,
                       sizeof id,
                       "%.60s.%zu%s%.80s",
                       component,
                       *used,
                       (iteration[0] == '\0') ? "" : "/",
                       iteration);
        element->id = dg_arena_text(&import->profile->arena, id, strlen(id));
        element->line = (size_t)xmlGetLineNo(i);
        element->type = dg_import_attribute(import, i, "type")[0];
        if ((element->type == '\0') || (strchr("DCE", element->type) == NULL)) {
            element->type = '\0';
        }
        element->note = dg_import_text(import, dg_import_child(i, "note"));
        dg_import_title(import, dg_import_child(i, "title"), element);
    }
    return elements;
}

static const struct dg_definition *definition_of(struct dg_import *import,
                                                 const xmlNode *node)
{
    const xmlNode *levelling = dg_import_child(node, "comp-lev");

    if (levelling == NULL) {
        return NULL;
    }

    struct dg_definition *definition =
        dg_arena_take(&import->profile->arena, sizeof *definition);

    if (definition != NULL) {
        definition->levelling = dg_import_text(import, levelling);
        definition->management =
            dg_import_text(import, dg_import_child(node, "management"));
        definition->audit =
            dg_import_text(import, dg_import_child(node, "audit"));
        definition->dependencies =
            dg_import_text(import, dg_import_child(node, "dependencies"));
        definition->line = (size_t)xmlGetLineNo(levelling);
    }
    return definition;
}

static void read_waivers(struct dg_import *import,
                         const xmlNode *top,
                         struct dg_sfr *sfr)
{
    size_t count = 0U;

    for (const xmlNode *i = dg_import_next(top, top); i != NULL;
         i = dg_import_next(top, i)) {
        count += dg_import_has_mark(i, "waived") ? 1U : 0U;
    }
    sfr->waivers = dg_import_room(import, top, count, sizeof *sfr->waivers);
    for (const xmlNode *i = (sfr->waivers == NULL) ? NULL
                                                   : dg_import_next(top, top);
         i != NULL;
         i = dg_import_next(top, i)) {
        if (!dg_import_has_mark(i, "waived")) {
            continue;
        }

        struct dg_waiver *waiver = &sfr->waivers[sfr->waiver_count];
        const char *kind = dg_import_attribute(import, i, "data-kind");

        for (unsigned at = 1U; at <= DG_WORDS_WAIVERS; at++) {
            if (strcmp(kind, dg_word_waiver(at)) == 0) {
                waiver->kind = (enum dg_waiver_kind)at;
            }
        }
        if (waiver->kind == 0) {
            dg_import_fail(import, i, "a waiver of no known kind");
        }
        waiver->component = dg_import_attribute(import, i, "title");
        waiver->by = dg_import_attribute(import, i, "data-by");
        waiver->why = dg_import_text(import, i);
        waiver->line = (size_t)xmlGetLineNo(i);
        sfr->waiver_count++;
    }
}

static void read_sfr(struct dg_import *import,
                     const xmlNode *node,
                     struct dg_sfr *sfr)
{
    const xmlNode *words = dg_import_child(node, "description");

    name_sfr(import, node, sfr);
    sfr->line = (size_t)xmlGetLineNo(node);
    sfr->title = dg_import_attribute(import, node, "name");
    sfr->status = status_of(import, node);
    sfr->when = depends_of(import, node);
    sfr->plain = dg_import_marked(import, words, "plain");
    sfr->requirements = dg_import_words(import, words, "requirement");
    sfr->tests = dg_import_words(import, words, "catalogue");
    sfr->manual = dg_import_words(import, words, "manual");
    sfr->definition = definition_of(import, node);
    sfr->elements = take_elements(
        import, node, "f-element", sfr->component, sfr->iteration, &sfr->count);
    /* Only ours have them. */
    if ((words != NULL) && !import->profile->is_imported) {
        read_waivers(import, words, sfr);
    }
    if (import->status == DG_OK) {
        sfr->activities = take_activities(import,
                                          node,
                                          sfr->id,
                                          sfr->elements,
                                          "f-element",
                                          &sfr->activity_count);
    }
}

static void read_sar(struct dg_import *import,
                     const xmlNode *node,
                     struct dg_sar *sar)
{
    struct dg_sfr as_sfr = {0};

    name_sfr(import, node, &as_sfr);
    sar->component = as_sfr.id;
    sar->line = (size_t)xmlGetLineNo(node);
    sar->title = dg_import_attribute(import, node, "name");
    sar->plain = dg_import_marked(import, node, "plain");
    sar->is_optional =
        strcmp(dg_import_attribute(import, node, "status"), "optional") == 0;
    sar->elements = take_elements(
        import, node, "a-element", sar->component, "", &sar->count);
    if ((import->status == DG_OK) && (sar->count > 0U)) {
        sar->activities = take_activities(import,
                                          node,
                                          sar->component,
                                          sar->elements,
                                          "a-element",
                                          &sar->activity_count);
    }
}

/* A module has a component once for each of its bases: the second and every
 * later one gets a number. */
static void number_twins(struct dg_import *import)
{
    struct dg_profile *profile = import->profile;
    char id[200];

    for (size_t i = 1U; i < profile->sfr_count; i++) {
        size_t twins = 1U;

        for (size_t at = 0U; at < i; at++) {
            const struct dg_sfr *other = &profile->sfrs[at];

            twins +=
                ((strcmp(other->component, profile->sfrs[i].component) == 0) &&
                 (strcmp(other->iteration, profile->sfrs[i].iteration) == 0))
                    ? 1U
                    : 0U;
        }
        if (twins > 1U) {
            (void)snprintf(
                id, sizeof id, "%.160s#%zu", profile->sfrs[i].id, twins);
            profile->sfrs[i].id =
                dg_arena_text(&profile->arena, id, strlen(id));
        }
    }
}

struct known {
    struct dg_choice *choice;
    size_t order;
};

static int by_id(const void *left, const void *right)
{
    const struct known *one = left;
    const struct known *other = right;
    const int order = strcmp(one->choice->id, other->choice->id);

    if (order != 0) {
        return order;
    }
    return (one->order > other->order) ? 1 : -1;
}

static size_t gather(const struct dg_profile *profile, struct known *known)
{
    size_t count = 0U;

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        for (size_t one = 0U; one < profile->sfrs[i].count; one++) {
            const struct dg_element *element = &profile->sfrs[i].elements[one];

            for (size_t at = 0U; at < element->count; at++) {
                struct dg_operation *operation = &element->operations[at];

                for (size_t own = 0U; own < operation->choice_count; own++) {
                    if (known != NULL) {
                        known[count] =
                            (struct known){&operation->choices[own], count};
                    }
                    count++;
                }
            }
        }
    }
    return count;
}

/* Published files use some ids of choices twice, although each should be used
 * once: the second and every later one gets a number. */
static void number_choices(struct dg_import *import)
{
    const size_t count = gather(import->profile, NULL);
    struct known *known = calloc(count + 1U, sizeof *known);
    size_t first = 0U;
    char id[200];

    if (known == NULL) {
        import->profile->arena.failed = true;
        return;
    }
    (void)gather(import->profile, known);
    qsort(known, count, sizeof *known, by_id);
    for (size_t i = 1U; i < count; i++) {
        if (strcmp(known[first].choice->id, known[i].choice->id) != 0) {
            first = i;
            continue;
        }
        (void)snprintf(id,
                       sizeof id,
                       "%.160s#%zu",
                       known[first].choice->id,
                       i - first + 1U);
        known[i].choice->id =
            dg_arena_text(&import->profile->arena, id, strlen(id));
    }
    free(known);
}

void dg_import_requirements(struct dg_import *import, const xmlNode *root)
{
    struct dg_profile *profile = import->profile;

    profile->sfrs = dg_import_room(import,
                                   root,
                                   dg_import_count(root, "f-component"),
                                   sizeof *profile->sfrs);
    profile->sars = dg_import_room(import,
                                   root,
                                   dg_import_count(root, "a-component"),
                                   sizeof *profile->sars);
    for (const xmlNode *i = dg_import_next(root, root); i != NULL;
         i = dg_import_next(root, i)) {
        if ((dg_import_is(i, "f-component") ||
             dg_import_is(i, "a-component")) &&
            ((dg_import_count(i, "f-component") +
              dg_import_count(i, "a-component")) > 0U)) {
            dg_import_fail(import, i, "a component inside another");
        }
        if (import->status != DG_OK) {
            return;
        }
        if ((profile->sfrs != NULL) && dg_import_is(i, "f-component")) {
            read_sfr(import, i, &profile->sfrs[profile->sfr_count]);
            profile->sfr_count++;
        }
        if ((profile->sars != NULL) && dg_import_is(i, "a-component")) {
            read_sar(import, i, &profile->sars[profile->sar_count]);
            profile->sar_count++;
        }
    }
    number_twins(import);
    number_choices(import);
}
