/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_SECOND_H
#define DG_EVAL_RUN_SECOND_H

#include <stdbool.h>

#include "eval/lab_key.h"
#include "eval/problem.h"
#include "eval/run.h"

/* The second evaluator's sign-off, behind the last section of a run file:
 *
 *     COSE_Sign1 over {1: "dosegate-second-1", 2: key x, 3: key y,
 *                      4: SHA-256 of every byte before it, 5: name, 6: time}
 *
 * It says: I have looked at this run and at each rating in it.  It is made
 * with another key, by another person than any whose name is in the run.  The
 * reader sees whose key it is, and has to know it. */
#define DG_SECOND_NAME_MAX 100U

struct dg_run_second {
    bool is_there;
    char name[DG_SECOND_NAME_MAX + 1U];
    char moment[32]; /* UTC, YYYY-MM-DDThh:mm:ssZ */
    char key_id[DG_KEY_ID_SIZE];
    struct dg_public_key key;
};

/** Whether a name may stand in a run: 1 .. DG_SECOND_NAME_MAX bytes of UTF-8
 * without control, invisible or text-turning characters, not all blanks. */
bool dg_second_is_name(const char *name);

/** Whether a person has a part in the run: evaluates, rated or changed a
 * rating, waived or expected a result, or signed a form.  Case, blanks and what
 * cannot be seen make no other person. */
bool dg_second_has_part(const struct dg_run *run, const char *name);

/**
 * Sign off a run file.
 *
 * @param      run_file  A whole run file without a sign-off.
 * @param      run       The same, read.
 * @param      first     The key that signed it.
 * @param      moment    Now, UTC.
 * @param[out] bytes     @p run_file with the sign-off behind it; free with
 *                       dg_file_free().
 *
 * @retval DG_OK       Signed.
 * @retval DG_E_AUTH   Same key, a person who has a part in the run, or nobody
 *                     is named as its evaluator.
 * @retval DG_E_RANGE  The name is none.
 * @retval DG_E_PORT   Memory or crypto failed.
 */
DG_NODISCARD enum dg_status dg_second_sign(const struct dg_crypto *crypto,
                                           dg_span run_file,
                                           const struct dg_run *run,
                                           const struct dg_public_key *first,
                                           const struct dg_lab_key *key,
                                           const char *name,
                                           const char *moment,
                                           dg_span *bytes,
                                           struct dg_problem *problem);

/** Whether bytes behind the sections mean to be a sign-off. */
bool dg_second_is_meant(dg_span bytes);

/**
 * Check a sign-off.
 *
 * @param      before  Every byte of the file before it.
 * @param      bytes   The sign-off: all that is left.
 * @param[out] second  Filled when DG_OK; empty otherwise.
 *
 * @retval DG_OK      It holds, with a key and a name other than the first.
 * @retval DG_E_AUTH  It does not; @p problem says why.
 * @retval DG_E_PORT  Crypto failed.
 */
DG_NODISCARD enum dg_status dg_second_check(const struct dg_crypto *crypto,
                                            dg_span before,
                                            dg_span bytes,
                                            const struct dg_run *run,
                                            const struct dg_public_key *first,
                                            struct dg_run_second *second,
                                            struct dg_problem *problem);

/** Note in every rated path of the run who has confirmed it. */
void dg_second_note(struct dg_run *run, const struct dg_run_second *second);

/** Forget who confirmed: what changes a run has to be confirmed anew. */
void dg_second_forget(struct dg_run *run);

#endif
