/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_CONDUCT_H
#define DG_EVAL_TRIAL_CONDUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/status.h"
#include "eval/problem.h"
#include "eval/trial/book.h"

/* Conduct a trial: run each plan of a book with a checkpoint, put parts
 * together, write what was found. */

struct dg_conduct_progress {
    unsigned permille; /* done of the whole book, 0 .. 1000 */
    uint64_t patient_days_per_s;
    uint64_t left_s; /* estimate */
};

struct dg_conduct {
    const char *out;  /* folder, made when it is not there */
    unsigned threads; /* 0: all processors */
    enum dg_trial_isa isa;
    uint32_t shard; /* 1 .. shards; 0 of 0: all of it */
    uint32_t shards;
    /* Called about ten times a second; false ends the trial, which can be
     * resumed.  May be NULL. */
    bool (*progress)(void *context, const struct dg_conduct_progress *progress);
    /* Called for people whose controller failed, see dg_trial_host; or NULL. */
    void (*dropped)(void *context, uint64_t person, const char *why);
    void *context;
    char *summary; /* out: DG_CONDUCT_SUMMARY bytes, or NULL */
};

#define DG_CONDUCT_SUMMARY 4096U

/**
 * Run a book, or the shard of it that was asked for.
 *
 * A trial that was ended, by a kill at any moment too, goes on where it was
 * when it is run again with the same @p how->out.  Parts lie in
 * OUT/MODEL.part, of a shard in OUT/MODEL.I-of-N.part.  A whole trial writes
 * report.html, report.pdf, results.csv, results.json, worst-N.csv and
 * manifest.json beside them.
 *
 * @retval DG_OK        All of it is done and written.
 * @retval DG_E_STATE   progress() ended it.
 * @retval DG_E_CORRUPT A part is damaged or of another trial.
 * @retval DG_E_PORT    A file, a thread, memory or a program failed.
 */
DG_NODISCARD enum dg_status dg_conduct_run(const struct dg_book *book,
                                           const struct dg_conduct *how,
                                           struct dg_problem *problem);

/**
 * Put shards together, in any order, and write what was found.
 *
 * @param how    Where to: out and summary are used.
 * @param paths  Parts of all shards of all models of the book.
 *
 * @retval DG_OK          All people are there, once each; written.
 * @retval DG_E_STATE     People are missing, or there twice.
 * @retval DG_E_CORRUPT   A part is damaged or of another trial.
 * @retval DG_E_PORT      A file or memory failed.
 */
DG_NODISCARD enum dg_status dg_conduct_merge(const struct dg_book *book,
                                             const struct dg_conduct *how,
                                             const char *const *paths,
                                             size_t count,
                                             struct dg_problem *problem);

/**
 * Estimate how long a trial takes on this machine by running a piece of it.
 *
 * @param[out] seconds  For all of it with all processors.
 * @param[out] rate     patient-days per second.
 *
 * @retval DG_OK      Measured.
 * @retval DG_E_PORT  It could not run.
 */
DG_NODISCARD enum dg_status dg_conduct_estimate(const struct dg_book *book,
                                                const struct dg_conduct *how,
                                                uint64_t *seconds,
                                                uint64_t *rate,
                                                struct dg_problem *problem);

#endif
