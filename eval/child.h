/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CHILD_H
#define DG_EVAL_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "eval/jsonl.h"

/* A child process that dies with us. */
struct dg_child {
    pid_t pid; /* 0: none */
};

/**
 * Start a program.
 *
 * @param path       Absolute or relative path; no search.
 * @param arguments  NULL-terminated, arguments[0] first.
 * @param log        File that takes its stderr; NULL: ours.
 * @param pipes      Two pipes joined to stdin and stdout; NULL: /dev/null.
 *
 * @return False with errno when it could not be started.
 */
bool dg_child_start(struct dg_child *child,
                    const char *path,
                    char *const arguments[],
                    const char *log,
                    struct dg_jsonl *pipes);

/** Whether it still runs. */
bool dg_child_is_alive(struct dg_child *child);

/** Ask it to end; kill it when it does not within @p grace_ms. */
void dg_child_stop(struct dg_child *child, int grace_ms);

/** SIGKILL, now, and wait. */
void dg_child_kill(struct dg_child *child);

/** Wait until it ends by itself; false when it did not in time. */
bool dg_child_wait(struct dg_child *child, int timeout_ms);

#endif
