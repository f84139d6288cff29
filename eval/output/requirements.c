/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/requirements.h"

#include <string.h>

bool dg_requirement_is_of(const struct dg_run_test *test, const char *id)
{
    for (const struct dg_run_line *l = test->requirements; l != NULL;
         l = l->next) {
        if (strcmp(l->text, id) == 0) {
            return true;
        }
    }
    return false;
}

const char *dg_requirement_state_name(enum dg_requirement_state state)
{
    switch (state) {
    case DG_REQUIREMENT_MET:
        return "met";
    case DG_REQUIREMENT_NOT_MET:
        return "not met";
    case DG_REQUIREMENT_NOT_APPLICABLE:
        return "not applicable";
    case DG_REQUIREMENT_OPEN:
    case DG_REQUIREMENT_NONE:
    default:
        return "open";
    }
}

static void judge(const struct dg_run *run, struct dg_requirement_result *one)
{
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if (!dg_requirement_is_of(t, one->id)) {
            continue;
        }
        one->tests++;
        if (t->verdict == DG_RUN_PASS) {
            one->passed++;
        } else if (t->verdict == DG_RUN_FAIL) {
            one->failed++;
        } else if (t->verdict == DG_RUN_NOT_ASKED) {
            one->unasked++;
        } else if (t->verdict != DG_RUN_NOT_APPLICABLE) {
            /* A waiver excuses an exit code; it shows nothing. */
            one->open++;
        }
    }
    if (one->failed > 0U) {
        one->state = DG_REQUIREMENT_NOT_MET;
    } else if (one->open > 0U) {
        one->state = DG_REQUIREMENT_OPEN;
    } else if (one->passed > 0U) {
        one->state = DG_REQUIREMENT_MET;
    } else if (one->unasked > 0U) {
        one->state = DG_REQUIREMENT_OPEN;
    } else {
        one->state = DG_REQUIREMENT_NOT_APPLICABLE;
    }
}

static bool has(const struct dg_requirement_result *results,
                size_t count,
                const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(results[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

size_t dg_requirements_of(const struct dg_run *run,
                          struct dg_arena *arena,
                          struct dg_requirement_result **results)
{
    size_t room = 0;
    size_t count = 0;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        for (const struct dg_run_line *l = t->requirements; l != NULL;
             l = l->next) {
            room++;
        }
    }
    *results = dg_arena_take(arena, (room + 1U) * sizeof(**results));
    if (*results == NULL) {
        return 0;
    }
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        for (const struct dg_run_line *l = t->requirements; l != NULL;
             l = l->next) {
            if (!has(*results, count, l->text)) {
                (*results)[count].id = l->text;
                judge(run, &(*results)[count]);
                count++;
            }
        }
    }
    return count;
}
