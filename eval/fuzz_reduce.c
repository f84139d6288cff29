/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/fuzz.h"

#include <string.h>

struct reduction {
    struct dg_fuzz_step *steps;
    size_t count;
    bool (*fails)(void *context,
                  const struct dg_fuzz_step *steps,
                  size_t count);
    void *context;
    unsigned tries; /* left */
};

/* Keep the sequence without the steps from @p at to @p end when it still
 * fails. */
static bool leave_out(struct reduction *reduction, size_t at, size_t end)
{
    struct dg_fuzz_step less[DG_FUZZ_STEPS_MAX];
    const size_t count = reduction->count - (end - at);

    if ((reduction->tries == 0U) || (count == 0U)) {
        return false;
    }
    memcpy(less, reduction->steps, at * sizeof less[0]);
    memcpy(&less[at],
           &reduction->steps[end],
           (reduction->count - end) * sizeof less[0]);
    reduction->tries--;
    if (!reduction->fails(reduction->context, less, count)) {
        return false;
    }
    memcpy(reduction->steps, less, count * sizeof less[0]);
    reduction->count = count;
    return true;
}

static void reduce_steps(struct reduction *reduction)
{
    size_t part = (reduction->count + 1U) / 2U;

    while ((part > 0U) && (reduction->tries > 0U)) {
        bool has_shrunk = false;

        for (size_t at = 0U;
             (at < reduction->count) && (reduction->tries > 0U);) {
            const size_t end =
                (at + part < reduction->count) ? (at + part) : reduction->count;

            if (leave_out(reduction, at, end)) {
                has_shrunk = true;
            } else {
                at = end;
            }
        }
        /* One by one until nothing more falls away. */
        if ((part == 1U) && !has_shrunk) {
            return;
        }
        part = (part == 1U) ? 1U : ((part + 1U) / 2U);
    }
}

static void reduce_changes(struct reduction *reduction)
{
    for (size_t i = 0U; i < reduction->count; i++) {
        struct dg_fuzz_step *step = &reduction->steps[i];

        for (unsigned at = 0U; (at < step->count) && (reduction->tries > 0U);) {
            const struct dg_fuzz_step whole = *step;

            for (unsigned next = at; next + 1U < step->count; next++) {
                step->change[next] = step->change[next + 1U];
            }
            step->count--;
            reduction->tries--;
            if (!reduction->fails(
                    reduction->context, reduction->steps, reduction->count)) {
                *step = whole;
                at++;
            }
        }
    }
}

void dg_fuzz_reduce(struct dg_fuzz_step *steps,
                    size_t *count,
                    bool (*fails)(void *context,
                                  const struct dg_fuzz_step *steps,
                                  size_t count),
                    void *context,
                    unsigned tries)
{
    struct reduction reduction = {steps, *count, fails, context, tries};

    reduce_steps(&reduction);
    reduce_changes(&reduction);
    *count = reduction.count;
}
