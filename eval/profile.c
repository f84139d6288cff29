/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile.h"

#include <string.h>

#include "eval/yaml.h"

struct loading {
    struct dg_profile *profile;
    struct dg_yaml yaml;
};

static const char *take(struct loading *load,
                        struct dg_yaml_node *map,
                        const char *key)
{
    const char *text = dg_yaml_text(&load->yaml, map, key);

    return dg_arena_text(&load->profile->arena, text, strlen(text));
}

static bool has_id(const struct dg_profile *profile, const char *id)
{
    for (size_t i = 0U; i < profile->count; i++) {
        if (strcmp(profile->requirements[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void read_requirement(struct loading *load, struct dg_yaml_node *item)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&load->yaml, item);
    struct dg_profile *profile = load->profile;
    struct dg_profile_requirement *next =
        &profile->requirements[profile->count];

    next->id = take(load, map, "id");
    next->rev = dg_yaml_int(&load->yaml, map, "rev", 1, 1000);
    next->plain = take(load, map, "plain");
    if (has_id(profile, next->id)) {
        dg_yaml_fail(&load->yaml, item, "%s stands here twice", next->id);
    }
    dg_yaml_close(&load->yaml, map);
    profile->count++;
}

static void read_ceiling(struct loading *load,
                         struct dg_yaml_node *map,
                         const char *tier,
                         int64_t permille[DG_PROFILE_CAPS])
{
    static const char *const keys[DG_PROFILE_CAPS] = {
        "dose", "5min", "1h", "4h", "24h"};
    struct dg_yaml_node *own = dg_yaml_map(&load->yaml, map, tier);

    for (size_t i = 0U; i < DG_PROFILE_CAPS; i++) {
        permille[i] = dg_yaml_int(&load->yaml, own, keys[i], 0, 2000);
    }
    dg_yaml_close(&load->yaml, own);
}

static void read_requirements(struct loading *load)
{
    struct dg_yaml_node *list =
        dg_yaml_list(&load->yaml, load->yaml.root, "requirements");
    size_t items = 1U;

    for (struct dg_yaml_node *i = (list == NULL) ? NULL : list->first;
         i != NULL;
         i = i->next) {
        items++;
    }
    load->profile->requirements = dg_arena_take(
        &load->profile->arena, items * sizeof *load->profile->requirements);
    if (load->profile->requirements == NULL) {
        return;
    }
    for (struct dg_yaml_node *i = (list == NULL) ? NULL : list->first;
         i != NULL;
         i = i->next) {
        read_requirement(load, i);
    }
}

enum dg_status dg_profile_open(const char *path,
                               struct dg_profile *profile,
                               struct dg_problem *problem)
{
    struct loading load = {.profile = profile};

    memset(profile, 0, sizeof *profile);
    dg_arena_init(&profile->arena);
    dg_yaml_open(&load.yaml, path);

    struct dg_yaml_node *root = load.yaml.root;

    profile->id = take(&load, root, "id");
    profile->version = take(&load, root, "version");
    profile->title = take(&load, root, "title");

    struct dg_yaml_node *package = dg_yaml_map(&load.yaml, root, "package");

    profile->package_id = take(&load, package, "id");
    profile->package_title = take(&load, package, "title");
    profile->van = (unsigned)dg_yaml_int(&load.yaml, package, "van", 1, 5);
    dg_yaml_close(&load.yaml, package);

    struct dg_yaml_node *ceilings =
        dg_yaml_map(&load.yaml, root, "ceilings_permille");

    read_ceiling(&load, ceilings, "automatic", profile->automatic_permille);
    read_ceiling(&load, ceilings, "total", profile->total_permille);
    dg_yaml_close(&load.yaml, ceilings);
    if (dg_yaml_has(root, "mandatory_features")) {
        profile->mandatory_count = dg_yaml_texts(&load.yaml,
                                                 root,
                                                 "mandatory_features",
                                                 &profile->arena,
                                                 &profile->mandatory);
    }
    read_requirements(&load);
    dg_yaml_close(&load.yaml, root);

    enum dg_status status = dg_yaml_end(&load.yaml, problem);

    dg_yaml_free(&load.yaml);
    if ((status == DG_OK) && profile->arena.failed) {
        status = DG_E_PORT;
    }
    return status;
}

void dg_profile_free(struct dg_profile *profile)
{
    dg_arena_free(&profile->arena);
    profile->count = 0U;
}
