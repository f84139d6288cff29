/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/read.h"

#include <string.h>

#include "eval/file.h"
#include "eval/profile/import.h"
#include "eval/profile/links.h"
#include "eval/profile/words.h"
#include "eval/profile/xml.h"

const char *dg_read_text(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         const char *key)
{
    const char *text = dg_yaml_text(&read->yaml, map, key);

    return dg_arena_text(&read->profile->arena, text, strlen(text));
}

const char *dg_read_option(struct dg_profile_reading *read,
                           struct dg_yaml_node *map,
                           const char *key)
{
    return dg_yaml_has(map, key) ? dg_read_text(read, map, key) : "";
}

const char *dg_read_item(struct dg_profile_reading *read,
                         struct dg_yaml_node *item)
{
    if (read->profile->is_imported && (item->kind == DG_YAML_SCALAR) &&
        (item->text[0] == '\0')) {
        item->is_read = true;
        return "";
    }
    return dg_yaml_item(&read->yaml, item);
}

struct dg_words dg_read_words(struct dg_profile_reading *read,
                              struct dg_yaml_node *map,
                              const char *key)
{
    struct dg_words words = {NULL, 0U};

    if (!dg_yaml_has(map, key)) {
        return words;
    }
    words.count = dg_yaml_texts(
        &read->yaml, map, key, &read->profile->arena, &words.item);
    /* Published files say some things twice. */
    for (size_t i = 1U; (i < words.count) && !read->profile->is_imported; i++) {
        for (size_t at = 0U; at < i; at++) {
            if (strcmp(words.item[i], words.item[at]) == 0) {
                dg_yaml_fail(&read->yaml,
                             map,
                             "'%s' stands twice in '%s'",
                             words.item[i],
                             key);
            }
        }
    }
    return words;
}

struct dg_yaml_node *dg_read_items(struct dg_profile_reading *read,
                                   struct dg_yaml_node *map,
                                   const char *key,
                                   bool is_map,
                                   size_t each,
                                   void **room)
{
    size_t count = 0U;

    *room = NULL;
    if (!dg_yaml_has(map, key)) {
        return NULL;
    }

    struct dg_yaml_node *items = is_map ? dg_yaml_map(&read->yaml, map, key)
                                        : dg_yaml_list(&read->yaml, map, key);

    if (items == NULL) {
        return NULL;
    }
    for (struct dg_yaml_node *i = items->first; i != NULL; i = i->next) {
        count++;
    }
    *room = (count == 0U) ? NULL
                          : dg_arena_take(&read->profile->arena, count * each);
    return (*room == NULL) ? NULL : items->first;
}

struct dg_links dg_read_links(struct dg_profile_reading *read,
                              struct dg_yaml_node *map,
                              const char *key)
{
    void *room = NULL;
    struct dg_yaml_node *item =
        dg_read_items(read, map, key, true, sizeof(struct dg_link), &room);
    struct dg_links links = {room, 0U};

    for (; item != NULL; item = item->next) {
        const char *why = dg_read_item(read, item);
        struct dg_link *link = &links.item[links.count];

        link->to =
            dg_arena_text(&read->profile->arena, item->key, strlen(item->key));
        link->why = dg_arena_text(&read->profile->arena, why, strlen(why));
        link->line = item->line;
        links.count++;
    }
    return links;
}

unsigned dg_read_word(struct dg_profile_reading *read,
                      struct dg_yaml_node *map,
                      const char *key,
                      const char *(*word)(unsigned value),
                      unsigned count)
{
    const char *text = dg_yaml_text(&read->yaml, map, key);

    for (unsigned i = 1U; i <= count; i++) {
        if (strcmp(text, word(i)) == 0) {
            return i;
        }
    }
    dg_yaml_fail(&read->yaml,
                 map,
                 "'%s' cannot be '%.40s'; it is %s, %s%s",
                 key,
                 text,
                 word(1U),
                 word(2U),
                 (count > 2U) ? " or another word of docs/profiles.md" : "");
    return 0U;
}

const char *dg_read_ours(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         const char *key)
{
    return read->profile->is_imported ? dg_read_option(read, map, key)
                                      : dg_read_text(read, map, key);
}

static void read_terms(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(
        read, read->yaml.root, "glossary", true, sizeof(struct dg_term), &room);

    profile->terms = room;
    for (; item != NULL; item = item->next) {
        struct dg_term *term = &profile->terms[profile->term_count];
        const char *text = dg_read_item(read, item);

        term->name =
            dg_arena_text(&profile->arena, item->key, strlen(item->key));
        term->text = dg_arena_text(&profile->arena, text, strlen(text));
        term->line = item->line;
        profile->term_count++;
    }
}

static void read_features(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(read,
                                              read->yaml.root,
                                              "features",
                                              false,
                                              sizeof(struct dg_feature),
                                              &room);

    profile->features = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);
        struct dg_feature *feature = &profile->features[profile->feature_count];

        feature->id = dg_read_text(read, map, "id");
        feature->title = dg_read_ours(read, map, "title");
        feature->text = dg_read_option(read, map, "text");
        feature->line = item->line;
        dg_yaml_close(&read->yaml, map);
        profile->feature_count++;
    }
}

/* Threats, policies and assumptions differ in what answers them. */
static const struct spd_row {
    enum dg_spd_kind kind;
    const char *key;
    const char *links;
} spd_rows[] = {
    {DG_SPD_THREAT, "threats", "countered_by"},
    {DG_SPD_POLICY, "policies", "enforced_by"},
    {DG_SPD_ASSUMPTION, "assumptions", "upheld_by"},
};

#define SPD_ROWS (sizeof spd_rows / sizeof spd_rows[0])

static size_t count_of(const struct dg_yaml_node *map, const char *key)
{
    size_t count = 0U;

    for (const struct dg_yaml_node *i = (map == NULL) ? NULL : map->first;
         i != NULL;
         i = i->next) {
        if (strcmp(i->key, key) == 0) {
            for (const struct dg_yaml_node *at = i->first; at != NULL;
                 at = at->next) {
                count++;
            }
        }
    }
    return count;
}

static void read_spd(struct dg_profile_reading *read,
                     struct dg_yaml_node *map,
                     const struct spd_row *row,
                     struct dg_spd *spd)
{
    spd->kind = row->kind;
    spd->id = dg_read_text(read, map, "id");
    spd->plain = dg_read_ours(read, map, "plain");
    spd->agent = "";
    spd->editorial = "";
    if (row->kind == DG_SPD_THREAT) {
        spd->agent = dg_read_ours(read, map, "agent");
        spd->assets = dg_read_words(read, map, "assets");
        spd->text = dg_read_ours(read, map, "action");
        spd->editorial = dg_read_option(read, map, "editorial");
        if ((spd->assets.count == 0U) && !read->profile->is_imported) {
            dg_yaml_fail(&read->yaml,
                         map,
                         "%s names no asset: write assets: [...]",
                         spd->id);
        }
    } else {
        spd->text = dg_read_ours(read, map, "text");
    }
    spd->links = dg_read_links(read, map, row->links);
    dg_yaml_close(&read->yaml, map);
}

static void read_security_problem(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    size_t count = 0U;

    for (size_t i = 0U; i < SPD_ROWS; i++) {
        count += count_of(read->yaml.root, spd_rows[i].key);
    }
    profile->problem =
        dg_arena_take(&profile->arena, (count + 1U) * sizeof *profile->problem);
    for (size_t i = 0U; (profile->problem != NULL) && (i < SPD_ROWS); i++) {
        void *room = NULL;
        struct dg_yaml_node *item = dg_read_items(
            read, read->yaml.root, spd_rows[i].key, false, 1U, &room);

        for (; item != NULL; item = item->next) {
            struct dg_spd *spd = &profile->problem[profile->problem_count];

            spd->line = item->line;
            read_spd(
                read, dg_yaml_item_map(&read->yaml, item), &spd_rows[i], spd);
            profile->problem_count++;
        }
    }
}

static void read_objectives(struct dg_profile_reading *read)
{
    static const char *const keys[] = {"objectives", "environment"};
    struct dg_profile *profile = read->profile;
    const size_t count =
        count_of(read->yaml.root, keys[0]) + count_of(read->yaml.root, keys[1]);

    profile->objectives = dg_arena_take(
        &profile->arena, (count + 1U) * sizeof *profile->objectives);
    for (size_t i = 0U; (profile->objectives != NULL) && (i < 2U); i++) {
        void *room = NULL;
        struct dg_yaml_node *item =
            dg_read_items(read, read->yaml.root, keys[i], false, 1U, &room);

        for (; item != NULL; item = item->next) {
            struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);
            struct dg_objective *objective =
                &profile->objectives[profile->objective_count];

            objective->id = dg_read_text(read, map, "id");
            objective->is_environment = (i == 1U);
            objective->text = dg_read_ours(read, map, "text");
            objective->plain = dg_read_ours(read, map, "plain");
            objective->line = item->line;
            if (i == 0U) {
                objective->links = dg_read_links(read, map, "met_by");
            }
            dg_yaml_close(&read->yaml, map);
            profile->objective_count++;
        }
    }
}

static void read_families(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    void *room = NULL;
    struct dg_yaml_node *item = dg_read_items(read,
                                              read->yaml.root,
                                              "extended",
                                              false,
                                              sizeof(struct dg_family),
                                              &room);

    profile->families = room;
    for (; item != NULL; item = item->next) {
        struct dg_yaml_node *map = dg_yaml_item_map(&read->yaml, item);
        struct dg_family *family = &profile->families[profile->family_count];

        family->id = dg_read_text(read, map, "family");
        family->title = dg_read_ours(read, map, "title");
        family->behaviour = dg_read_ours(read, map, "behaviour");
        family->line = item->line;
        dg_yaml_close(&read->yaml, map);
        profile->family_count++;
    }
}

static void read_ceiling(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         const char *tier,
                         int64_t permille[DG_PROFILE_CAPS])
{
    static const char *const keys[DG_PROFILE_CAPS] = {
        "dose", "5min", "1h", "4h", "24h"};
    struct dg_yaml_node *own = dg_yaml_map(&read->yaml, map, tier);

    for (size_t i = 0U; i < DG_PROFILE_CAPS; i++) {
        permille[i] = dg_yaml_int(&read->yaml, own, keys[i], 0, 2000);
    }
    dg_yaml_close(&read->yaml, own);
}

static void read_ceilings(struct dg_profile_reading *read)
{
    struct dg_yaml_node *root = read->yaml.root;

    if (!dg_yaml_has(root, "ceilings_permille")) {
        return;
    }

    struct dg_ceilings *ceilings =
        dg_arena_take(&read->profile->arena, sizeof *ceilings);
    struct dg_yaml_node *map =
        dg_yaml_map(&read->yaml, root, "ceilings_permille");

    if (ceilings != NULL) {
        read_ceiling(read, map, "automatic", ceilings->automatic_permille);
        read_ceiling(read, map, "total", ceilings->total_permille);
        dg_yaml_close(&read->yaml, map);
    }
    read->profile->ceilings = ceilings;
}

static void read_head(struct dg_profile_reading *read)
{
    struct dg_profile *profile = read->profile;
    struct dg_yaml_node *root = read->yaml.root;

    profile->kind = (enum dg_profile_kind)dg_read_word(
        read, root, "kind", dg_word_kind, DG_WORDS_KINDS);
    profile->is_imported =
        strcmp(dg_read_option(read, root, "imported"), "yes") == 0;
    profile->id = dg_read_text(read, root, "id");
    profile->version = dg_read_ours(read, root, "version");
    profile->date = dg_read_ours(read, root, "date");
    profile->title = dg_read_ours(read, root, "title");
    profile->author = dg_read_ours(read, root, "author");
    profile->status = dg_read_text(read, root, "status");
    profile->overview = dg_read_ours(read, root, "overview");
    profile->source = dg_read_option(read, root, "source");
    profile->edition = (enum dg_edition)dg_read_word(
        read, root, "edition", dg_word_edition, DG_WORDS_EDITIONS);
    if (profile->kind == DG_PROFILE_ASSURANCE_PACKAGE) {
        profile->toe = "";
        return;
    }
    profile->toe = dg_read_ours(read, root, "toe");
    profile->conformance = (enum dg_conformance)dg_read_word(
        read, root, "conformance", dg_word_conformance, DG_WORDS_CONFORMANCE);
    profile->is_direct =
        dg_yaml_has(root, "rationale") &&
        (strcmp(dg_read_text(read, root, "rationale"), "direct") == 0);
    profile->bases = dg_read_words(read, root, "bases");
    profile->packages = dg_read_words(read, root, "packages");
    profile->mandatory = dg_read_words(read, root, "mandatory_features");
}

/* @satisfies{EVL_PROFILE.1@1} */
static void read_all(struct dg_profile_reading *read)
{
    read_head(read);
    read_terms(read);
    read_features(read);
    read_security_problem(read);
    read_objectives(read);
    read_families(read);
    dg_read_requirements(read);
    read_ceilings(read);
    dg_yaml_close(&read->yaml, read->yaml.root);
}

static enum dg_status finish(struct dg_profile_reading *read,
                             struct dg_problem *problem)
{
    struct dg_profile *profile = read->profile;

    profile->file = dg_arena_text(
        &profile->arena, read->yaml.name, strlen(read->yaml.name));
    read_all(read);

    enum dg_status status = dg_yaml_end(&read->yaml, problem);

    dg_yaml_free(&read->yaml);
    if ((status == DG_OK) && profile->arena.failed) {
        dg_problem_set(problem, "%.200s: out of memory", profile->file);
        status = DG_E_PORT;
    }
    if (status == DG_OK) {
        status = dg_profile_link(profile, profile->is_imported, problem);
    }
    return status;
}

enum dg_status dg_profile_parse(dg_span bytes,
                                const char *name,
                                struct dg_profile *profile,
                                struct dg_problem *problem)
{
    struct dg_profile_reading read = {.profile = profile};

    memset(profile, 0, sizeof *profile);
    dg_arena_init(&profile->arena);
    dg_yaml_parse(&read.yaml, bytes, name);
    return finish(&read, problem);
}

enum dg_status dg_profile_open(const char *path,
                               struct dg_profile *profile,
                               struct dg_problem *problem)
{
    struct dg_profile_reading read = {.profile = profile};
    const size_t size = strlen(path);

    memset(profile, 0, sizeof *profile);
    dg_arena_init(&profile->arena);
    if ((size > 4U) && (strcmp(&path[size - 4U], ".xml") == 0)) {
        dg_span bytes = {NULL, 0U};
        enum dg_status status =
            dg_file_read(path, DG_XML_SIZE_MAX, &bytes, problem);

        if (status == DG_OK) {
            status = dg_profile_import(bytes, path, profile, problem);
        }
        dg_file_free(bytes);
        return (status == DG_E_RANGE) ? DG_E_MALFORMED : status;
    }
    dg_yaml_open(&read.yaml, path);
    return finish(&read, problem);
}

void dg_profile_free(struct dg_profile *profile)
{
    dg_arena_free(&profile->arena);
    memset(profile, 0, sizeof *profile);
}
