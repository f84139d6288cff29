/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/run_second.h"

#define TEST_ID_MAX 96U

/* "id" or "id:2"; false when it is neither. */
static bool split(const char *path, char id[TEST_ID_MAX + 1U], size_t *number)
{
    const size_t size = strcspn(path, ":");
    char *end = NULL;

    if ((size == 0U) || (size > TEST_ID_MAX)) {
        return false;
    }
    memcpy(id, path, size);
    id[size] = '\0';
    *number = 0;
    if (path[size] == '\0') {
        return true;
    }
    *number = (size_t)strtoul(&path[size + 1U], &end, 10);
    return (end != &path[size + 1U]) && (*end == '\0') && (*number > 0U);
}

static struct dg_run_path *find_path(const struct dg_run *run,
                                     const char *path,
                                     struct dg_problem *problem)
{
    char id[TEST_ID_MAX + 1U];
    size_t number = 0;
    size_t count = 0;

    if (!split(path, id, &number)) {
        dg_problem_set(problem,
                       "'%.96s' names no path: write the id of a test, or "
                       "id:2 for its second path",
                       path);
        return NULL;
    }

    const struct dg_run_test *test = dg_run_find_test(run, id);

    if (test == NULL) {
        dg_problem_set(problem, "the run has no test '%s'", id);
        return NULL;
    }
    for (const struct dg_run_path *p = test->paths; p != NULL; p = p->next) {
        count++;
    }
    if ((count == 0U) || (number > count) || ((number == 0U) && (count > 1U))) {
        dg_problem_set(problem,
                       "the test '%s' has %zu paths: %s",
                       id,
                       count,
                       (count == 0U) ? "there is nothing to rate"
                                     : "say which, as id:1");
        return NULL;
    }

    struct dg_run_path *found = test->paths;

    for (size_t i = 1; i < number; i++) {
        found = found->next;
    }
    return found;
}

/* Say which levels there are, for a person who guessed. */
static enum dg_status no_level(const struct dg_rating_factor *factor,
                               const char *level,
                               struct dg_problem *problem)
{
    char list[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < factor->count; i++) {
        const int size = snprintf(
            &list[used], sizeof(list) - used, " %s", factor->level[i].id);

        if ((size < 0) || ((size_t)size >= (sizeof(list) - used))) {
            break;
        }
        used += (size_t)size;
    }
    dg_problem_set(problem,
                   "the factor '%s' has no level '%.48s'; it has:%s",
                   factor->id,
                   level,
                   list);
    return DG_E_MALFORMED;
}

static enum dg_status check_words(const struct dg_rate_change *change,
                                  struct dg_problem *problem)
{
    const size_t size = strlen(change->because);

    if (!dg_second_is_name(change->person)) {
        dg_problem_set(problem, "a rating needs the name of who gives it");
        return DG_E_RANGE;
    }
    if ((strspn(change->because, " \t\r\n") == size) ||
        (size > DG_RATE_REASON_MAX)) {
        dg_problem_set(problem,
                       "a rating needs a reason, of at most %u bytes",
                       DG_RATE_REASON_MAX);
        return DG_E_RANGE;
    }
    return DG_OK;
}

/* @satisfies{EVL_RATE.1@1} */
enum dg_status dg_rate_change(struct dg_run *run,
                              const struct dg_rate_change *change,
                              struct dg_problem *problem)
{
    const enum dg_status status = check_words(change, problem);

    if (status != DG_OK) {
        return status;
    }

    struct dg_run_path *path = find_path(run, change->path, problem);
    const struct dg_rating_factor *factor =
        run->has_table ? dg_rating_table_factor(&run->table, change->factor)
                       : NULL;
    struct dg_rating_choice *choice = (path == NULL) ? NULL : path->choices;

    if (path == NULL) {
        return DG_E_MALFORMED;
    }
    while ((choice != NULL) && (strcmp(choice->factor, change->factor) != 0)) {
        choice = choice->next;
    }
    if ((factor == NULL) || (choice == NULL)) {
        dg_problem_set(
            problem, "the run's table has no factor '%.48s'", change->factor);
        return DG_E_MALFORMED;
    }
    if (dg_rating_factor_level(factor, change->level) == NULL) {
        return no_level(factor, change->level, problem);
    }
    /* The first proposal stays, however often it is changed. */
    if (choice->proposed[0] == '\0') {
        choice->proposed = choice->level;
    }
    choice->level = dg_run_text(run, change->level);
    choice->is_adjusted = false;
    choice->points = 0;
    choice->reason = dg_run_text(run, change->because);
    choice->changed_by = dg_run_text(run, change->person);
    path->rated_by = dg_run_text(run, change->person);
    dg_second_forget(run);
    if (run->arena.failed) {
        dg_problem_set(problem, "out of memory");
        return DG_E_PORT;
    }
    return DG_OK;
}
