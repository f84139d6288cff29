/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/flawed.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/yaml.h"

#define PRODUCTS_MAX 256U

static const char *keep(struct dg_flawed_list *list, const char *text)
{
    return dg_arena_text(&list->arena, text, strlen(text));
}

static enum dg_status read_product(struct dg_flawed_list *list,
                                   const char *folder,
                                   const char *name,
                                   struct dg_problem *problem)
{
    char path[1024];
    struct dg_yaml yaml;
    struct dg_flawed *item = &list->items[list->count];

    (void)snprintf(path, sizeof path, "%s/%s/product.yaml", folder, name);
    dg_yaml_open(&yaml, path);
    item->name = keep(list, name);
    item->flaw = keep(list, dg_yaml_text(&yaml, yaml.root, "flaw"));
    item->imitates = keep(list, dg_yaml_text(&yaml, yaml.root, "imitates"));
    item->caught_by = keep(list, dg_yaml_text(&yaml, yaml.root, "caught_by"));
    dg_yaml_close(&yaml, yaml.root);

    const enum dg_status status = dg_yaml_end(&yaml, problem);

    dg_yaml_free(&yaml);
    if (status == DG_OK) {
        list->count++;
    }
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_product(const struct dirent *entry)
{
    return (entry->d_name[0] != '.') && (strchr(entry->d_name, '.') == NULL);
}

enum dg_status dg_flawed_open(const char *folder,
                              struct dg_flawed_list *list,
                              struct dg_problem *problem)
{
    struct dirent **names = NULL;
    enum dg_status status = DG_OK;

    dg_arena_init(&list->arena);
    list->count = 0U;
    list->items =
        dg_arena_take(&list->arena, PRODUCTS_MAX * sizeof *list->items);

    const int count = scandir(folder, &names, is_product, by_name);

    if ((count < 0) || (list->items == NULL)) {
        dg_problem_set(problem, "%s: the folder cannot be read", folder);
        return DG_E_PORT;
    }
    for (int i = 0; i < count; i++) {
        if ((status == DG_OK) && (list->count == PRODUCTS_MAX)) {
            dg_problem_set(problem,
                           "%s: more than %u flawed products",
                           folder,
                           PRODUCTS_MAX);
            status = DG_E_RANGE;
        }
        if (status == DG_OK) {
            status = read_product(list, folder, names[i]->d_name, problem);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

void dg_flawed_free(struct dg_flawed_list *list)
{
    dg_arena_free(&list->arena);
    list->count = 0U;
}
