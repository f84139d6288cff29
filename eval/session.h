/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SESSION_H
#define DG_EVAL_SESSION_H

#include "eval/attacks/attacks.h"
#include "eval/profile/profile.h"

/* One test from the start of the adapter to a verdict. */
struct dg_session_order {
    const struct dg_attack *attack;
    const struct dg_catalogue_entry *entry;
    const struct dg_profile *profile;
    const char *adapter; /* program */
    const char *dir;     /* scratch, made */
    const char *replay;  /* the one command that repeats it */
    int patience_ms;     /* for one answer of the adapter */
    const json_t *hello; /* who the product said it is; NULL: not asked yet */
    const json_t *start; /* and what it declared                            */
    uint64_t seed;
    struct dg_sequence *sequence; /* as in a scene; NULL: none */
    struct dg_run *run;
    struct dg_run_test *test;     /* verdict, reason and all that was seen */
    enum dg_run_verdict *verdict; /* where it goes; NULL: into the test */
};

/** A verdict in the test is in every run file that is saved from then on: what
 * is one of several, or has to be settled first, goes elsewhere. */
static inline void dg_session_give(const struct dg_session_order *order,
                                   enum dg_run_verdict verdict)
{
    *((order->verdict != NULL) ? order->verdict : &order->test->verdict) =
        verdict;
}

/** Run it; only the order's test and verdict are written. */
void dg_session_run(const struct dg_session_order *order);

#endif
