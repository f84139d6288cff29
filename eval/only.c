/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/only.h"

#include <stdio.h>
#include <string.h>

bool dg_only_has(const char *list, const char *id)
{
    const size_t size = strlen(id);

    if (list == NULL) {
        return true;
    }
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += (*at == ',') ? 1 : 0;
        if ((strncmp(at, id, size) == 0) &&
            ((at[size] == ',') || (at[size] == '\0'))) {
            return true;
        }
    }
    return false;
}

static const struct dg_catalogue_entry *find(
    const struct dg_catalogue *catalogue, const char *name, size_t size)
{
    for (const struct dg_catalogue_entry *one = catalogue->entries; one != NULL;
         one = one->next) {
        if ((strlen(one->id) == size) && (strncmp(one->id, name, size) == 0)) {
            return one;
        }
    }
    return NULL;
}

bool dg_only_check(const char *list, const struct dg_catalogue *catalogue)
{
    const char *at = list;

    while (at != NULL) {
        const size_t size = strcspn(at, ",");
        const struct dg_catalogue_entry *entry = find(catalogue, at, size);
        const char *rest = (at[size] == ',') ? &at[size + 1U] : NULL;

        if (entry == NULL) {
            (void)fprintf(stderr,
                          "dosegate: no test \"%.*s\"; the ids are the names "
                          "of the files in spec/catalogue\n",
                          (int)size,
                          at);
            return false;
        }
        if ((rest != NULL) && dg_only_has(rest, entry->id)) {
            (void)fprintf(stderr,
                          "dosegate: --only: \"%.64s\" is named twice\n",
                          entry->id);
            return false;
        }
        at = rest;
    }
    return true;
}
