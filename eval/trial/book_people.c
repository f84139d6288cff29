/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/trial/book_parts.h"
#include "patient/people_file.h"

/* People of a published table, in place of those that ship. */

#define PEOPLE_MAX 4096U

/* Beside the book where the path is none of its own; NULL: said why. */
static const char *place(struct dg_book_reading *reading,
                         struct dg_yaml_node *map,
                         const char *key)
{
    const char *text = dg_yaml_text(&reading->yaml, map, key);
    const char *end = strrchr(reading->yaml.name, '/');
    char beside[PATH_MAX];
    char whole[PATH_MAX];
    int size = 0;

    if ((text[0] == '/') || (end == NULL)) {
        size = snprintf(beside, sizeof(beside), "%s", text);
    } else {
        size = snprintf(beside,
                        sizeof(beside),
                        "%.*s/%s",
                        (int)(end - reading->yaml.name),
                        reading->yaml.name,
                        text);
    }
    if ((size <= 0) || ((size_t)size >= sizeof(beside)) ||
        (realpath(beside, whole) == NULL)) {
        dg_yaml_fail(&reading->yaml,
                     map,
                     "there is no file '%.200s': %s",
                     text,
                     strerror(errno));
        return NULL;
    }
    return dg_book_keep(reading, whole);
}

static void take(struct dg_book_reading *reading,
                 const struct dg_person_row *rows,
                 size_t count)
{
    struct dg_book *book = reading->book;
    struct dg_s2008_parameters *people =
        dg_arena_take(&book->arena, count * sizeof *people);

    for (size_t i = 0U; (people != NULL) && (i < count); i++) {
        people[i] = rows[i].parameters;
    }
    book->plan.published = people;
    book->plan.published_count = (people != NULL) ? count : 0U;
}

static void read_tables(struct dg_book_reading *reading,
                        const struct dg_yaml_node *map,
                        FILE *figures,
                        FILE *therapy)
{
    struct dg_person_row *rows = calloc(PEOPLE_MAX, sizeof *rows);
    struct dg_people_fault fault = {0};
    size_t count = 0U;

    if (rows == NULL) {
        reading->book->arena.failed = true;
        return;
    }
    if (dg_people_file_read(
            figures, therapy, rows, PEOPLE_MAX, &count, &fault) == DG_OK) {
        take(reading, rows, count);
    } else {
        dg_yaml_fail(&reading->yaml,
                     map,
                     "%.200s:%u: %.100s",
                     (fault.table == DG_PEOPLE_THERAPY)
                         ? reading->book->therapy
                         : reading->book->figures,
                     fault.line,
                     fault.text);
    }
    free(rows);
}

void dg_book_read_people(struct dg_book_reading *reading)
{
    struct dg_book *book = reading->book;

    if (!dg_yaml_has(reading->yaml.root, "people_file")) {
        return;
    }

    struct dg_yaml_node *map =
        dg_yaml_map(&reading->yaml, reading->yaml.root, "people_file");

    if (map == NULL) {
        return;
    }
    for (size_t i = 0U; i < book->models; i++) {
        if ((book->model[i] != DG_TRIAL_S2008) &&
            (book->model[i] != DG_TRIAL_S2013)) {
            dg_yaml_fail(&reading->yaml,
                         map,
                         "people of a file are for s2008 and s2013 alone");
            return;
        }
    }
    book->figures = place(reading, map, "figures");
    book->therapy = place(reading, map, "therapy");
    dg_yaml_close(&reading->yaml, map);
    if ((book->figures == NULL) || (book->therapy == NULL)) {
        return;
    }

    FILE *figures = fopen(book->figures, "r");
    FILE *therapy = fopen(book->therapy, "r");

    if ((figures != NULL) && (therapy != NULL)) {
        read_tables(reading, map, figures, therapy);
    } else {
        dg_yaml_fail(&reading->yaml, map, "a table cannot be read");
    }
    if (figures != NULL) {
        (void)fclose(figures);
    }
    if (therapy != NULL) {
        (void)fclose(therapy);
    }
}
