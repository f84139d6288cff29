/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_REQUIREMENTS_H
#define DG_EVAL_OUTPUT_REQUIREMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "eval/arena.h"
#include "eval/run.h"

/* What the tests of a run say about one requirement.  A fail fails it; an open
 * test leaves it open; not applicable and not asked are neutral; and where no
 * test passed, nothing was shown. */
enum dg_requirement_state {
    DG_REQUIREMENT_NONE = 0,
    DG_REQUIREMENT_MET,
    DG_REQUIREMENT_NOT_MET,
    DG_REQUIREMENT_OPEN,
    DG_REQUIREMENT_NOT_APPLICABLE, /* every test of it */
};

struct dg_requirement_result {
    const char *id;
    enum dg_requirement_state state;
    size_t tests;
    size_t passed;
    size_t failed;
    size_t open;
    size_t unasked; /* need a person, and the run asked for none */
};

/** Gather the requirements that a run's tests name, in the order of their
 * first naming; gives how many.  On a failure of memory @p arena has failed. */
size_t dg_requirements_of(const struct dg_run *run,
                          struct dg_arena *arena,
                          struct dg_requirement_result **results);

/** Whether a test names the requirement. */
bool dg_requirement_is_of(const struct dg_run_test *test, const char *id);

/** "met", "not met", "open", "not applicable". */
const char *dg_requirement_state_name(enum dg_requirement_state state);

#endif
