/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROGRESS_H
#define DG_EVAL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What a person sees while tests run.  On a terminal: one line for each test
 * that ended, and below them a line that says what runs now.  In a log: the
 * same lines without the moving one, and a sign of life every half minute in
 * which nothing ended.  No thread of its own; the caller keeps calls apart. */
#define DG_PROGRESS_RUNNING_MAX 16U
#define DG_PROGRESS_NAME_MAX    96U

struct dg_progress {
    FILE *to;
    bool is_terminal;
    unsigned columns; /* of the terminal */
    size_t count;     /* tests in all */
    size_t done;
    size_t fresh; /* of these, ended in this process */
    size_t failed;
    long long began_ms;
    long long spoke_ms;
    struct {
        char name[DG_PROGRESS_NAME_MAX]; /* "": free */
        long long began_ms;
    } running[DG_PROGRESS_RUNNING_MAX];
};

/**
 * Begin.
 *
 * @param to     Where to; a terminal is treated as one unless TERM is "dumb".
 * @param count  Tests in all, and ...
 * @param done   ... those that an earlier process has ended already.
 */
void dg_progress_begin(struct dg_progress *progress,
                       FILE *to,
                       size_t count,
                       size_t done);

/** A test begins. */
void dg_progress_start(struct dg_progress *progress, const char *name);

/**
 * A test ended.
 *
 * @param word       Its verdict in a word or two.
 * @param is_failed  Whether to count it among the failures.
 */
void dg_progress_end(struct dg_progress *progress,
                     const char *name,
                     const char *word,
                     uint64_t elapsed_ms,
                     bool is_failed);

/** To be called several times a second: keeps the moving line alive. */
void dg_progress_tick(struct dg_progress *progress);

/** Take the moving line away. */
void dg_progress_close(struct dg_progress *progress);

#endif
