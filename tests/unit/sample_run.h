/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SAMPLE_RUN_H
#define DG_SAMPLE_RUN_H

#include <stdbool.h>

#include "dosegate/crypto.h"
#include "eval/run.h"

/* A made-up run for the tests of everything that reads a run.  Its product,
 * numbers and verdicts are invented; no program outside of tests/ may link
 * this file.
 *
 * @failing  Two tests fail, others stay open; else all that apply pass. */
void sample_run_make(struct dg_run *run,
                     const struct dg_crypto *crypto,
                     bool failing);

/* A run of one test and few bytes, for tests that damage every byte. */
void sample_run_small(struct dg_run *run);

/* The bytes of a file of ours below spec/; the test fails when it is not
 * there.  Free with dg_file_free(). */
dg_span sample_spec(const char *name);

#endif
