/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rating_table.h"

#include <string.h>

#include "eval/hex.h"
#include "eval/yaml.h"

#define NOT_EXPLOITABLE "not exploitable"

/* Copy a text of the map into a field of fixed size. */
static void take_text(struct dg_yaml *yaml,
                      struct dg_yaml_node *map,
                      const char *key,
                      char *out,
                      size_t capacity)
{
    const char *text = dg_yaml_text(yaml, map, key);
    const size_t size = strlen(text);

    if (size >= capacity) {
        dg_yaml_fail(
            yaml, map, "'%s' has more than %zu bytes", key, capacity - 1U);
        return;
    }
    memcpy(out, text, size + 1U);
}

#define TAKE(yaml, map, key, field) \
    take_text((yaml), (map), (key), (field), sizeof(field))

static void read_level(struct dg_yaml *yaml,
                       struct dg_yaml_node *item,
                       struct dg_rating_factor *factor)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);

    if (factor->count == DG_RATING_LEVELS_MAX) {
        dg_yaml_fail(yaml, item, "more than %u levels", DG_RATING_LEVELS_MAX);
        return;
    }

    struct dg_rating_level *level = &factor->level[factor->count];
    const char *points = dg_yaml_text(yaml, map, "points");

    level->is_exploitable = (strcmp(points, NOT_EXPLOITABLE) != 0);
    if (level->is_exploitable) {
        level->points =
            (unsigned)dg_yaml_int(yaml, map, "points", 0, DG_RATING_POINTS_MAX);
    }
    TAKE(yaml, map, "id", level->id);
    TAKE(yaml, map, "label", level->label);
    dg_yaml_close(yaml, map);

    if (dg_rating_factor_level(factor, level->id) != NULL) {
        dg_yaml_fail(yaml, map, "the level '%s' is here twice", level->id);
    }
    if (factor->count > 0U) {
        const struct dg_rating_level *below = level - 1;

        if (!below->is_exploitable) {
            dg_yaml_fail(yaml, map, "'%s' must come last", below->id);
        }
        if (level->is_exploitable && (level->points <= below->points)) {
            dg_yaml_fail(yaml, map, "points must rise from level to level");
        }
    }
    factor->count++;
}

static void read_factor(struct dg_yaml *yaml,
                        struct dg_yaml_node *item,
                        struct dg_rating_table *table)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);

    if (table->factors == DG_RATING_FACTORS_MAX) {
        dg_yaml_fail(yaml, item, "more than %u factors", DG_RATING_FACTORS_MAX);
        return;
    }

    struct dg_rating_factor *factor = &table->factor[table->factors];
    struct dg_yaml_node *levels = dg_yaml_list(yaml, map, "levels");

    TAKE(yaml, map, "id", factor->id);
    TAKE(yaml, map, "title", factor->title);
    dg_yaml_close(yaml, map);
    if (dg_rating_table_factor(table, factor->id) != NULL) {
        dg_yaml_fail(yaml, map, "the factor '%s' is here twice", factor->id);
    }
    for (struct dg_yaml_node *i = (levels == NULL) ? NULL : levels->first;
         (i != NULL) && (yaml->status == DG_OK);
         i = i->next) {
        read_level(yaml, i, factor);
    }
    if ((factor->count == 0U) || !factor->level[0].is_exploitable) {
        dg_yaml_fail(yaml, map, "a factor needs a level with points");
    }
    table->factors++;
}

static void read_range(struct dg_yaml *yaml,
                       struct dg_yaml_node *item,
                       struct dg_rating_table *table)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);

    if (table->ranges == DG_RATING_RANGES_MAX) {
        dg_yaml_fail(yaml, item, "more than %u ranges", DG_RATING_RANGES_MAX);
        return;
    }

    struct dg_rating_range *range = &table->range[table->ranges];

    range->from = (unsigned)dg_yaml_int(yaml, map, "from", 0, 1000);
    range->van = (unsigned)dg_yaml_int(yaml, map, "van", 0, 5);
    TAKE(yaml, map, "required", range->required);
    TAKE(yaml, map, "resistant_to", range->resistant_to);
    dg_yaml_close(yaml, map);

    if ((table->ranges == 0U) && (range->from != 0U)) {
        dg_yaml_fail(yaml, map, "the first range must start from 0");
    }
    if (table->ranges > 0U) {
        const struct dg_rating_range *below = range - 1;

        if ((range->from <= below->from) || (range->van < below->van)) {
            dg_yaml_fail(yaml, map, "ranges must rise");
        }
    }
    table->ranges++;
}

static void read_table(struct dg_yaml *yaml, struct dg_rating_table *table)
{
    struct dg_yaml_node *root = yaml->root;
    struct dg_yaml_node *factors = dg_yaml_list(yaml, root, "factors");
    struct dg_yaml_node *ranges = dg_yaml_list(yaml, root, "ranges");

    TAKE(yaml, root, "id", table->id);
    TAKE(yaml, root, "version", table->version);
    TAKE(yaml, root, "title", table->title);
    TAKE(yaml, root, "source", table->source);
    dg_yaml_close(yaml, root);

    for (struct dg_yaml_node *i = (factors == NULL) ? NULL : factors->first;
         (i != NULL) && (yaml->status == DG_OK);
         i = i->next) {
        read_factor(yaml, i, table);
    }
    for (struct dg_yaml_node *i = (ranges == NULL) ? NULL : ranges->first;
         (i != NULL) && (yaml->status == DG_OK);
         i = i->next) {
        read_range(yaml, i, table);
    }
    if ((table->factors == 0U) || (table->ranges == 0U)) {
        dg_yaml_fail(yaml, root, "a table needs factors and ranges");
    }
}

enum dg_status dg_rating_table_parse(const struct dg_crypto *crypto,
                                     dg_span bytes,
                                     const char *name,
                                     struct dg_rating_table *table,
                                     struct dg_problem *problem)
{
    struct dg_rating_table read = {.factors = 0};
    struct dg_yaml yaml;
    struct dg_hash hash;

    dg_yaml_parse(&yaml, bytes, name);
    read_table(&yaml, &read);

    enum dg_status status = dg_yaml_end(&yaml, problem);

    dg_yaml_free(&yaml);
    if (status != DG_OK) {
        return status;
    }
    status = crypto->sha256(crypto->context, &bytes, 1, &hash);
    if (status != DG_OK) {
        dg_problem_set(problem, "%s: the crypto library failed", name);
        return status;
    }
    dg_hex_put((dg_span){hash.byte, sizeof(hash.byte)}, read.digest);
    *table = read;
    return DG_OK;
}

const struct dg_rating_factor *dg_rating_table_factor(
    const struct dg_rating_table *table, const char *id)
{
    for (size_t i = 0; i < table->factors; i++) {
        if (strcmp(table->factor[i].id, id) == 0) {
            return &table->factor[i];
        }
    }
    return NULL;
}

const struct dg_rating_level *dg_rating_factor_level(
    const struct dg_rating_factor *factor, const char *id)
{
    for (size_t i = 0; i < factor->count; i++) {
        if (strcmp(factor->level[i].id, id) == 0) {
            return &factor->level[i];
        }
    }
    return NULL;
}
