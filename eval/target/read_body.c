/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a security target: problem, objectives, requirements. */
#include <string.h>

#include "eval/profile/words.h"
#include "eval/target/read.h"

static const char *keep(struct dg_target_reading *reading, const char *text)
{
    return dg_arena_text(&reading->target->own.arena, text, strlen(text));
}

static size_t length_of(const struct dg_yaml_node *node)
{
    size_t count = 0U;

    for (const struct dg_yaml_node *i = (node == NULL) ? NULL : node->first;
         i != NULL;
         i = i->next) {
        count++;
    }
    return count;
}

/* "take: {profile: [ids]}" of a section. */
static struct dg_takes read_takes(struct dg_target_reading *reading,
                                  struct dg_yaml_node *section)
{
    struct dg_takes takes = {NULL, 0U};
    struct dg_yaml_node *map = dg_target_map(reading, section, "take");
    size_t count = 0U;

    for (const struct dg_yaml_node *i = (map == NULL) ? NULL : map->first;
         i != NULL;
         i = i->next) {
        count += length_of(i);
    }
    takes.item = dg_arena_take(&reading->target->own.arena,
                               (count + 1U) * sizeof *takes.item);
    for (struct dg_yaml_node *i = (map == NULL) ? NULL : map->first;
         (i != NULL) && (takes.item != NULL);
         i = i->next) {
        const struct dg_refs refs = dg_target_refs(reading, map, i->key);

        for (size_t at = 0U; at < refs.count; at++) {
            takes.item[takes.count] = (struct dg_take){
                keep(reading, i->key), refs.item[at].id, refs.item[at].line};
            takes.count++;
        }
    }
    return takes;
}

/* "{from: {to: why}}" */
static struct dg_trace *read_traces(struct dg_target_reading *reading,
                                    struct dg_yaml_node *section,
                                    const char *key,
                                    size_t *count)
{
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *map = dg_target_map(reading, section, key);
    struct dg_trace *traces = NULL;
    size_t room = 0U;

    *count = 0U;
    for (const struct dg_yaml_node *i = (map == NULL) ? NULL : map->first;
         i != NULL;
         i = i->next) {
        room += length_of(i);
    }
    traces = dg_arena_take(&reading->target->own.arena,
                           (room + 1U) * sizeof *traces);
    for (struct dg_yaml_node *i = (map == NULL) ? NULL : map->first;
         (i != NULL) && (traces != NULL);
         i = i->next) {
        struct dg_yaml_node *own = dg_yaml_item_map(yaml, i);

        for (struct dg_yaml_node *to = (own == NULL) ? NULL : own->first;
             to != NULL;
             to = to->next) {
            traces[*count] =
                (struct dg_trace){keep(reading, i->key),
                                  keep(reading, to->key),
                                  keep(reading, dg_target_item(reading, to)),
                                  to->line};
            *count += 1U;
        }
    }
    return traces;
}

static struct dg_words words_of(struct dg_target_reading *reading,
                                struct dg_yaml_node *map,
                                const char *key)
{
    return dg_read_words(&reading->read, map, key);
}

static const struct {
    enum dg_spd_kind kind;
    const char *key;
    const char *text;
} kinds[] = {
    {DG_SPD_THREAT, "threats", "action"},
    {DG_SPD_POLICY, "policies", "text"},
    {DG_SPD_ASSUMPTION, "assumptions", "text"},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static void read_own_problem(struct dg_target_reading *reading,
                             struct dg_yaml_node *section,
                             size_t kind)
{
    struct dg_profile *own = &reading->target->own;
    struct dg_yaml *yaml = &reading->read.yaml;
    void *room = NULL;
    struct dg_yaml_node *item =
        dg_target_items(reading, section, kinds[kind].key, false, 1U, &room);

    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
        struct dg_spd *spd = &own->problem[own->problem_count];

        spd->kind = kinds[kind].kind;
        spd->line = item->line;
        spd->id = dg_target_text(reading, map, "id");
        spd->plain = dg_target_text(reading, map, "plain");
        spd->text = dg_target_text(reading, map, kinds[kind].text);
        spd->agent = "";
        spd->editorial = "";
        if (spd->kind == DG_SPD_THREAT) {
            spd->agent = dg_target_text(reading, map, "agent");
            spd->assets = words_of(reading, map, "assets");
            spd->editorial = dg_target_text(reading, map, "editorial");
        }
        dg_yaml_close(yaml, map);
        own->problem_count++;
    }
}

static void read_own_objectives(struct dg_target_reading *reading,
                                struct dg_yaml_node *section,
                                bool is_environment)
{
    struct dg_profile *own = &reading->target->own;
    struct dg_yaml *yaml = &reading->read.yaml;
    void *room = NULL;
    struct dg_yaml_node *item =
        dg_target_items(reading,
                        section,
                        is_environment ? "environment" : "product",
                        false,
                        1U,
                        &room);

    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
        struct dg_objective *objective = &own->objectives[own->objective_count];

        objective->is_environment = is_environment;
        objective->line = item->line;
        objective->id = dg_target_text(reading, map, "id");
        objective->text = dg_target_text(reading, map, "text");
        objective->plain = dg_target_text(reading, map, "plain");
        dg_yaml_close(yaml, map);
        own->objective_count++;
    }
}

static size_t items_of(const struct dg_yaml_node *section, const char *key)
{
    for (const struct dg_yaml_node *i = (section == NULL) ? NULL
                                                          : section->first;
         i != NULL;
         i = i->next) {
        if (strcmp(i->key, key) == 0) {
            return length_of(i);
        }
    }
    return 0U;
}

void dg_target_read_problem(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *problem =
        dg_target_map(reading, yaml->root, "problem");
    struct dg_yaml_node *objectives =
        dg_target_map(reading, yaml->root, "objectives");
    size_t count = 1U;

    for (size_t i = 0U; i < KINDS; i++) {
        count += items_of(problem, kinds[i].key);
    }
    target->own.problem =
        dg_arena_take(&target->own.arena, count * sizeof *target->own.problem);
    target->own.objectives =
        dg_arena_take(&target->own.arena,
                      (items_of(objectives, "product") +
                       items_of(objectives, "environment") + 1U) *
                          sizeof *target->own.objectives);
    if ((target->own.problem == NULL) || (target->own.objectives == NULL)) {
        return;
    }
    target->problem = read_takes(reading, problem);
    for (size_t i = 0U; i < KINDS; i++) {
        read_own_problem(reading, problem, i);
    }
    dg_yaml_close(yaml, problem);
    target->objectives = read_takes(reading, objectives);
    read_own_objectives(reading, objectives, false);
    read_own_objectives(reading, objectives, true);
    target->reassigned = read_traces(
        reading, objectives, "reassigned", &target->reassigned_count);
    dg_yaml_close(yaml, objectives);
    target->traces =
        read_traces(reading, yaml->root, "traces", &target->trace_count);
}

/* Requirements ------------------------------------------------------------- */

/* "complete: {element: {operation: value or [choices]}}" */
static void read_completions(struct dg_target_reading *reading,
                             struct dg_yaml_node *map,
                             struct dg_target_sfr *sfr)
{
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *own = dg_target_map(reading, map, "complete");
    size_t count = 0U;

    for (const struct dg_yaml_node *i = (own == NULL) ? NULL : own->first;
         i != NULL;
         i = i->next) {
        count += length_of(i);
    }
    sfr->completions = dg_arena_take(&reading->target->own.arena,
                                     (count + 1U) * sizeof *sfr->completions);
    for (struct dg_yaml_node *i = (own == NULL) ? NULL : own->first;
         (i != NULL) && (sfr->completions != NULL);
         i = i->next) {
        struct dg_yaml_node *element = dg_yaml_item_map(yaml, i);

        for (struct dg_yaml_node *at = (element == NULL) ? NULL
                                                         : element->first;
             at != NULL;
             at = at->next) {
            struct dg_completion *one =
                &sfr->completions[sfr->completion_count];

            one->line = at->line;
            one->element = keep(reading, i->key);
            one->operation = keep(reading, at->key);
            one->value = "";
            one->is_selection = at->kind == DG_YAML_LIST;
            if (one->is_selection) {
                one->choices = dg_target_refs(reading, element, at->key);
            } else {
                one->value = keep(reading, dg_yaml_item(yaml, at));
            }
            sfr->completion_count++;
        }
    }
}

static void read_by(struct dg_target_reading *reading,
                    struct dg_yaml_node *map,
                    struct dg_target_sfr *sfr)
{
    const struct dg_links links = dg_read_links(&reading->read, map, "by");

    sfr->by = links.item;
    sfr->by_count = links.count;
}

static void read_waivers(struct dg_target_reading *reading,
                         struct dg_yaml_node *map,
                         struct dg_target_sfr *sfr)
{
    struct dg_yaml *yaml = &reading->read.yaml;
    void *room = NULL;
    struct dg_yaml_node *item = dg_target_items(
        reading, map, "waived", true, sizeof(struct dg_waiver), &room);

    sfr->waivers = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *own = dg_yaml_item_map(yaml, item);
        struct dg_waiver *waiver = &sfr->waivers[sfr->waiver_count];

        waiver->line = item->line;
        waiver->component = keep(reading, item->key);
        waiver->kind = (enum dg_waiver_kind)dg_read_word(
            &reading->read, own, "kind", dg_word_waiver, DG_WORDS_WAIVERS);
        waiver->by = dg_target_text(reading, own, "by");
        waiver->why = dg_target_text(reading, own, "why");
        dg_yaml_close(yaml, own);
        sfr->waiver_count++;
    }
}

static void read_sfr(struct dg_target_reading *reading,
                     struct dg_yaml_node *item,
                     struct dg_target_sfr *sfr)
{
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);

    sfr->line = item->line;
    sfr->id = dg_target_text(reading, map, "id");
    read_completions(reading, map, sfr);
    read_by(reading, map, sfr);
    read_waivers(reading, map, sfr);
    sfr->summary = dg_target_text(reading, map, "summary");
    sfr->parts = dg_target_refs(reading, map, "parts");
    sfr->tests = dg_target_refs(reading, map, "tests");
    sfr->manual = dg_target_refs(reading, map, "manual");
    dg_yaml_close(yaml, map);
}

/* What no profile has is written as a profile writes it, below "own". */
static void read_own_sfrs(struct dg_target_reading *reading)
{
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *root = yaml->root;
    struct dg_yaml_node *own = dg_target_map(reading, root, "own");

    if (own == NULL) {
        return;
    }
    yaml->root = own;
    dg_read_requirements(&reading->read);
    yaml->root = root;
    dg_yaml_close(yaml, own);
}

void dg_target_read_requirements(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml_node *root = reading->read.yaml.root;
    void *room = NULL;

    read_own_sfrs(reading);

    struct dg_yaml_node *item = dg_target_items(
        reading, root, "sfrs", false, sizeof(struct dg_target_sfr), &room);

    target->sfrs = room;
    for (; item != NULL; item = item->next) {
        if (target->sfr_count == DG_TARGET_LIST_MAX) {
            dg_yaml_fail(&reading->read.yaml,
                         item,
                         "more than %u SFRs",
                         DG_TARGET_LIST_MAX);
            break;
        }
        read_sfr(reading, item, &target->sfrs[target->sfr_count]);
        target->sfr_count++;
    }
    target->sars = dg_target_refs(reading, root, "sars");
    target->sars_why = dg_target_text(reading, root, "sars_why");
    target->self_protection = dg_target_text(reading, root, "self_protection");
    target->bypass = dg_target_text(reading, root, "bypass");
}
