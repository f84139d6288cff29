/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_KEEPER_H
#define DG_EVAL_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "eval/jsonl.h"

/* A program that nobody trusts, and everything that it starts.
 *
 * Between the evaluator and an adapter stands a process of ours, the keeper.
 * It inherits whatever the adapter's children leave behind (PR_SET_CHILD_
 * SUBREAPER), keeps no more than DG_KEEPER_LOG_MAX of what the adapter writes
 * to its standard error, and ends all of them when the adapter has ended, when
 * it is told to, and when the evaluator dies. */
#define DG_KEEPER_LOG_MAX 1048576U

struct dg_keeper {
    pid_t pid; /* of the keeper; 0: none */
};

/* How the program ended.  Zero: nobody waited for it. */
enum dg_keeper_end {
    DG_KEEPER_UNDECIDED = 0,
    DG_KEEPER_WELL,   /* exit code 0, nothing left */
    DG_KEEPER_BADLY,  /* another exit code, or a signal */
    DG_KEEPER_LEFT,   /* it left processes behind; they were ended */
    DG_KEEPER_KILLED, /* it did not end in time, and was ended */
};

/**
 * Start a program under a keeper.
 *
 * @param path       Absolute or relative path; no search.
 * @param arguments  NULL-terminated, arguments[0] first.
 * @param log        File that takes its stderr; NULL: our stderr.
 * @param pipes      Joined to its stdin and stdout.
 *
 * @return False with errno when it could not be started.
 */
bool dg_keeper_start(struct dg_keeper *keeper,
                     const char *path,
                     char *const arguments[],
                     const char *log,
                     struct dg_jsonl *pipes);

/** Wait @p grace_ms for the program to end, then end it and all that it
 * started.  Close its input before.  Returns within grace_ms and 5 s. */
enum dg_keeper_end dg_keeper_stop(struct dg_keeper *keeper, int grace_ms);

/** In words, for a report. */
const char *dg_keeper_end_text(enum dg_keeper_end end);

#endif
