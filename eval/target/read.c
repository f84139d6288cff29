/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/read.h"

#include <string.h>

static const char *keep(struct dg_target_reading *reading, const char *text)
{
    return dg_arena_text(&reading->target->own.arena, text, strlen(text));
}

size_t dg_target_line(const struct dg_yaml_node *map)
{
    return (map == NULL) ? 1U : map->line;
}

struct dg_yaml_node *dg_target_map(struct dg_target_reading *reading,
                                   struct dg_yaml_node *map,
                                   const char *key)
{
    return dg_yaml_has(map, key) ? dg_yaml_map(&reading->read.yaml, map, key)
                                 : NULL;
}

const char *dg_target_text(struct dg_target_reading *reading,
                           struct dg_yaml_node *map,
                           const char *key)
{
    for (struct dg_yaml_node *i = (map == NULL) ? NULL : map->first; i != NULL;
         i = i->next) {
        if (strcmp(i->key, key) == 0) {
            return keep(reading, dg_target_item(reading, i));
        }
    }
    return "";
}

const char *dg_target_item(struct dg_target_reading *reading,
                           struct dg_yaml_node *item)
{
    if ((item->kind == DG_YAML_SCALAR) && (item->text[0] == '\0')) {
        item->is_read = true;
        return "";
    }
    return dg_yaml_item(&reading->read.yaml, item);
}

struct dg_yaml_node *dg_target_items(struct dg_target_reading *reading,
                                     struct dg_yaml_node *map,
                                     const char *key,
                                     bool is_map,
                                     size_t each,
                                     void **room)
{
    return dg_read_items(&reading->read, map, key, is_map, each, room);
}

struct dg_refs dg_target_refs(struct dg_target_reading *reading,
                              struct dg_yaml_node *map,
                              const char *key)
{
    struct dg_refs refs = {.line = dg_target_line(map)};
    void *room = NULL;
    struct dg_yaml_node *item =
        dg_target_items(reading, map, key, false, sizeof(struct dg_ref), &room);

    refs.item = room;
    for (; item != NULL; item = item->next) {
        if (refs.count == DG_TARGET_LIST_MAX) {
            dg_yaml_fail(&reading->read.yaml,
                         item,
                         "more than %u words in '%.40s'",
                         DG_TARGET_LIST_MAX,
                         key);
            break;
        }
        refs.item[refs.count] = (struct dg_ref){
            keep(reading, dg_yaml_item(&reading->read.yaml, item)), item->line};
        refs.count++;
    }
    return refs;
}

static void read_product(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml_node *map =
        dg_target_map(reading, reading->read.yaml.root, "product");

    target->product_line = dg_target_line(map);
    target->maker = dg_target_text(reading, map, "maker");
    target->product = dg_target_text(reading, map, "name");
    target->product_version = dg_target_text(reading, map, "version");
    target->type = dg_target_text(reading, map, "type");
    target->firmware_digest = dg_target_text(reading, map, "firmware_digest");
    dg_yaml_close(&reading->read.yaml, map);
}

static void read_claim(struct dg_target_reading *reading,
                       struct dg_yaml_node *map,
                       struct dg_target_claim *claim)
{
    claim->line = dg_target_line(map);
    claim->id = dg_target_text(reading, map, "id");
    claim->version = dg_target_text(reading, map, "version");
    claim->file = dg_target_text(reading, map, "file");
    claim->sha256 = dg_target_text(reading, map, "sha256");
    claim->kind = dg_target_text(reading, map, "conformance");
    claim->why = dg_target_text(reading, map, "why");
    claim->adds = dg_target_refs(reading, map, "adds");
    dg_yaml_close(&reading->read.yaml, map);
}

static void read_claims(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *map = dg_target_map(reading, yaml->root, "claims");
    void *room = NULL;

    target->claims_line = dg_target_line(map);
    target->part2 = dg_target_text(reading, map, "part2");
    target->part3 = dg_target_text(reading, map, "part3");
    read_claim(
        reading, dg_target_map(reading, map, "package"), &target->package);

    struct dg_yaml_node *item = dg_target_items(
        reading, map, "profiles", false, sizeof(struct dg_target_claim), &room);

    target->profiles = room;
    for (; item != NULL; item = item->next) {
        if (target->profile_count == DG_TARGET_PROFILES_MAX) {
            dg_yaml_fail(
                yaml, item, "more than %u profiles", DG_TARGET_PROFILES_MAX);
            break;
        }
        read_claim(reading,
                   dg_yaml_item_map(yaml, item),
                   &target->profiles[target->profile_count]);
        target->profile_count++;
    }
    dg_yaml_close(yaml, map);
}

static void read_overview(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml_node *map =
        dg_target_map(reading, reading->read.yaml.root, "overview");

    target->overview_line = dg_target_line(map);
    target->usage = dg_target_text(reading, map, "usage");
    target->security = dg_target_text(reading, map, "security");
    target->needs = dg_target_refs(reading, map, "needs");
    dg_yaml_close(&reading->read.yaml, map);
}

static void read_scope(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *map = dg_target_map(reading, yaml->root, "scope");
    void *room = NULL;
    struct dg_yaml_node *item = dg_target_items(
        reading, map, "physical", false, sizeof(struct dg_target_part), &room);

    target->scope_line = dg_target_line(map);
    target->parts = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *own = dg_yaml_item_map(yaml, item);
        struct dg_target_part *part = &target->parts[target->part_count];

        part->line = item->line;
        part->name = dg_target_text(reading, own, "part");
        part->version = dg_target_text(reading, own, "version");
        part->delivery = dg_target_text(reading, own, "delivery");
        dg_yaml_close(yaml, own);
        target->part_count++;
    }
    target->logical = dg_target_text(reading, map, "logical");
    dg_yaml_close(yaml, map);
}

static void read_terms(struct dg_target_reading *reading)
{
    struct dg_profile *own = &reading->target->own;
    void *room = NULL;
    struct dg_yaml_node *item = dg_target_items(reading,
                                                reading->read.yaml.root,
                                                "glossary",
                                                true,
                                                sizeof(struct dg_term),
                                                &room);

    own->terms = room;
    for (; item != NULL; item = item->next) {
        own->terms[own->term_count] = (struct dg_term){
            keep(reading, item->key),
            keep(reading, dg_yaml_item(&reading->read.yaml, item)),
            item->line};
        own->term_count++;
    }
}

static void read_families(struct dg_target_reading *reading)
{
    struct dg_profile *own = &reading->target->own;
    struct dg_yaml *yaml = &reading->read.yaml;
    void *room = NULL;
    struct dg_yaml_node *item = dg_target_items(reading,
                                                yaml->root,
                                                "extended",
                                                false,
                                                sizeof(struct dg_family),
                                                &room);

    own->families = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
        struct dg_family *family = &own->families[own->family_count];

        family->line = item->line;
        family->id = dg_target_text(reading, map, "family");
        family->title = dg_target_text(reading, map, "title");
        family->behaviour = dg_target_text(reading, map, "behaviour");
        dg_yaml_close(yaml, map);
        own->family_count++;
    }
}

/* Open texts ------------------------------------------------------------------
 */

/* The next node in the order of the file; the walk has no recursion, because
 * the file decides how deep it is. */
struct walk {
    const struct dg_yaml_node *at[DG_YAML_DEPTH_MAX + 1U];
    size_t depth;
};

static const struct dg_yaml_node *step(struct walk *walk)
{
    while (walk->depth > 0U) {
        const struct dg_yaml_node *node = walk->at[walk->depth - 1U];

        if (node == NULL) {
            walk->depth--;
            continue;
        }
        walk->at[walk->depth - 1U] = node->next;
        if ((node->first != NULL) && (walk->depth <= DG_YAML_DEPTH_MAX)) {
            walk->at[walk->depth] = node->first;
            walk->depth++;
        }
        return node;
    }
    return NULL;
}

static bool is_open(const struct dg_yaml_node *node)
{
    return (node->kind == DG_YAML_SCALAR) &&
           (node->text[0] == DG_TARGET_OPEN[0]);
}

static void gather_open(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    const struct dg_yaml_node *root = reading->read.yaml.root;
    struct walk walk = {.at = {root}, .depth = (root == NULL) ? 0U : 1U};
    size_t count = 0U;

    for (const struct dg_yaml_node *i = step(&walk); i != NULL;
         i = step(&walk)) {
        count += is_open(i) ? 1U : 0U;
    }
    target->open =
        dg_arena_take(&target->own.arena, (count + 1U) * sizeof *target->open);
    walk = (struct walk){.at = {root}, .depth = (root == NULL) ? 0U : 1U};
    for (const struct dg_yaml_node *i = step(&walk);
         (i != NULL) && (target->open != NULL);
         i = step(&walk)) {
        if (is_open(i)) {
            target->open[target->open_count] =
                (struct dg_ref){keep(reading, i->text), i->line};
            target->open_count++;
        }
    }
}

/* The whole ------------------------------------------------------------------
 */

static void read_head(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml *yaml = &reading->read.yaml;
    struct dg_yaml_node *root = yaml->root;
    const char *kind = dg_yaml_text(yaml, root, "kind");

    if ((yaml->status == DG_OK) && (strcmp(kind, "security-target") != 0)) {
        dg_yaml_fail(
            yaml, root, "'kind' is '%.40s': this is no security-target", kind);
    }
    target->id = dg_target_text(reading, root, "id");
    target->title = dg_target_text(reading, root, "title");
    target->version = dg_target_text(reading, root, "version");
    target->date = dg_target_text(reading, root, "date");
    target->author = dg_target_text(reading, root, "author");
    target->edition = dg_target_text(reading, root, "edition");
}

static void read_all(struct dg_target_reading *reading)
{
    struct dg_target *target = reading->target;
    struct dg_yaml_node *root = reading->read.yaml.root;

    read_head(reading);
    read_product(reading);
    read_claims(reading);
    read_overview(reading);
    read_scope(reading);
    target->interfaces = dg_target_refs(reading, root, "interfaces");
    target->features = dg_target_refs(reading, root, "features");
    target->functions = dg_target_refs(reading, root, "functions");
    read_terms(reading);
    read_families(reading);
    dg_target_read_problem(reading);
    dg_target_read_requirements(reading);
    dg_yaml_close(&reading->read.yaml, root);
    gather_open(reading);
}

static enum dg_status finish(struct dg_target_reading *reading,
                             struct dg_problem *problem)
{
    struct dg_target *target = reading->target;

    target->file = keep(reading, reading->read.yaml.name);
    target->own.file = target->file;
    read_all(reading);

    const enum dg_status status = dg_yaml_end(&reading->read.yaml, problem);

    dg_yaml_free(&reading->read.yaml);
    if ((status == DG_OK) && target->own.arena.failed) {
        dg_problem_set(problem, "%.200s: out of memory", target->file);
        return DG_E_PORT;
    }
    return status;
}

static struct dg_target_reading begin(struct dg_target *target)
{
    memset(target, 0, sizeof *target);
    dg_arena_init(&target->own.arena);
    return (struct dg_target_reading){.read.profile = &target->own,
                                      .target = target};
}

enum dg_status dg_target_parse(dg_span bytes,
                               const char *name,
                               struct dg_target *target,
                               struct dg_problem *problem)
{
    struct dg_target_reading reading = begin(target);

    dg_yaml_parse(&reading.read.yaml, bytes, name);
    return finish(&reading, problem);
}

enum dg_status dg_target_open(const char *path,
                              struct dg_target *target,
                              struct dg_problem *problem)
{
    struct dg_target_reading reading = begin(target);

    dg_yaml_open(&reading.read.yaml, path);
    return finish(&reading, problem);
}

void dg_target_free(struct dg_target *target)
{
    dg_arena_free(&target->own.arena);
    memset(target, 0, sizeof *target);
}

const struct dg_target_sfr *dg_target_sfr(const struct dg_target *target,
                                          const char *id)
{
    for (size_t i = 0U; i < target->sfr_count; i++) {
        if (strcmp(target->sfrs[i].id, id) == 0) {
            return &target->sfrs[i];
        }
    }
    return NULL;
}

bool dg_target_is_said(const char *text)
{
    return (text[0] != '\0') && (text[0] != DG_TARGET_OPEN[0]);
}
