/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SEQUENCE_H
#define DG_EVAL_SEQUENCE_H

#include "dosegate/span.h"
#include "eval/fuzz.h"
#include "eval/html.h"
#include "eval/problem.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* What was enough to make a product fail under fuzzing, so that exactly that
 * can be sent again.  Each sequence stands in the run file, signed, and all of
 * a run beside it as sequences.json (docs/runs.md), made from the run file and
 * to be made again.
 *
 * A sequence says which message is sent in which state of a conversation, and
 * how it is changed: the bytes themselves carry keys and counters of a session
 * that is gone. */
#define DG_SEQUENCE_NAME_SIZE 32U
#define DG_SEQUENCE_WHY_SIZE  160U
#define DG_SEQUENCES_MAX      8U
#define DG_SEQUENCE_FILE      "sequences.json"
#define DG_SEQUENCE_FILE_MAX  1048576U

struct dg_sequence_step {
    char state[DG_SEQUENCE_NAME_SIZE]; /* as the test names it */
    char message[DG_SEQUENCE_NAME_SIZE];
    struct dg_fuzz_step step; /* its state and message are not decided */
};

struct dg_sequence {
    char test[64];
    char why[DG_SEQUENCE_WHY_SIZE]; /* it failed */
    size_t count;                   /* 1 .. DG_FUZZ_STEPS_MAX */
    struct dg_sequence_step *steps;
    bool was_played; /* by the test that it names */
};

struct dg_sequences {
    char firmware_digest[65]; /* where they were found */
    size_t count;
    struct dg_sequence item[DG_SEQUENCES_MAX];
};

/**
 * Write one sequence as the run file keeps it: JSON in one line.
 *
 * @param states    Names, by the number in a step.
 * @param messages  The same.
 *
 * @return NULL when memory is out; free() it.
 */
char *dg_sequence_print(const char *const *states,
                        const char *const *messages,
                        const struct dg_fuzz_step *steps,
                        size_t count,
                        const char *why);

/**
 * Read a file of sequences.  Every byte of it is untrusted.
 *
 * @param[out] list  Empty unless DG_OK; dg_sequences_free() in any case.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  Not such a file: a key, type or value that the form
 *                         does not have, or one that is missing.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_sequences_read(dg_span bytes,
                                              struct dg_sequences *list,
                                              struct dg_problem *problem);

void dg_sequences_free(struct dg_sequences *list);

/** Whether a run holds any. */
bool dg_sequences_any(const struct dg_run *run);

/** The file of a run, as the formats of output/formats.h are made.
 * DG_E_USAGE: the run holds a sequence that is none. */
DG_NODISCARD enum dg_status dg_sequences_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

#endif
