/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/platform.h"

#include <string.h>
#include <strings.h>

static bool is_claimed(const struct dg_sfr *sfr, const struct dg_words *claimed)
{
    if (claimed == NULL) {
        return sfr->status == DG_SFR_MANDATORY;
    }
    for (size_t i = 0U; i < claimed->count; i++) {
        if (strcasecmp(claimed->item[i], sfr->id) == 0) {
            return true;
        }
    }
    return false;
}

static bool take_room(struct dg_arena *arena,
                      struct dg_words *words,
                      size_t count)
{
    words->item = dg_arena_take(arena, (count + 1U) * sizeof *words->item);
    return words->item != NULL;
}

static void add(struct dg_words *words, const char *word)
{
    words->item[words->count] = word;
    words->count++;
}

static bool fill(struct dg_platform_row *row,
                 const struct dg_profile *theirs,
                 const struct dg_words *claimed,
                 struct dg_arena *arena)
{
    const size_t count = (row->theirs == NULL) ? 0U : row->theirs->links.count;

    if (!take_room(arena, &row->held, count) ||
        !take_room(arena, &row->missing, count) ||
        !take_room(arena, &row->outside, count)) {
        return false;
    }
    for (size_t i = 0U; i < count; i++) {
        const char *to = row->theirs->links.item[i].to;
        const struct dg_sfr *sfr = dg_profile_sfr(theirs, to);

        if (sfr == NULL) {
            add(&row->outside, to);
        } else {
            add(is_claimed(sfr, claimed) ? &row->held : &row->missing, to);
        }
    }
    return true;
}

/* @satisfies{EVL_PROFILE.4@1} */
size_t dg_profile_platform(const struct dg_profile *ours,
                           const struct dg_profile *theirs,
                           const struct dg_words *claimed,
                           struct dg_arena *arena,
                           struct dg_platform_row **rows)
{
    size_t count = 0U;

    *rows = dg_arena_take(arena, (ours->problem_count + 1U) * sizeof **rows);
    for (size_t i = 0U; (*rows != NULL) && (i < ours->problem_count); i++) {
        struct dg_platform_row *row = &(*rows)[count];

        if (ours->problem[i].kind != DG_SPD_THREAT) {
            continue;
        }
        row->ours = &ours->problem[i];
        row->theirs = dg_profile_problem(theirs, row->ours->id);
        if (!fill(row, theirs, claimed, arena)) {
            *rows = NULL;
            return 0U;
        }
        count++;
    }
    return count;
}

const char *dg_profile_platform_stranger(const struct dg_profile *theirs,
                                         const struct dg_words *claimed)
{
    for (size_t i = 0U; i < claimed->count; i++) {
        bool is_there = false;

        for (size_t at = 0U; at < theirs->sfr_count; at++) {
            is_there = is_there ||
                       (strcasecmp(theirs->sfrs[at].id, claimed->item[i]) == 0);
        }
        if (!is_there) {
            return claimed->item[i];
        }
    }
    return NULL;
}
