/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_VERIFY_H
#define DG_EVAL_VERIFY_H

#include <stddef.h>

#include "eval/derived.h"
#include "eval/problem.h"
#include "eval/run_file.h"

enum dg_verify_state {
    DG_VERIFY_NONE = 0,
    DG_VERIFY_VALID,
    DG_VERIFY_ALTERED,
    DG_VERIFY_OTHER_SIGNER, /* whole, but by a key that is not trusted */
    DG_VERIFY_NOT_OURS,     /* no run file and nothing made from one */
    DG_VERIFY_NO_RUN,       /* derived, but its run file is not beside it */
    DG_VERIFY_NOT_COMPARED, /* of a kind that nothing here can be held to */
};

/* What a person can do about it. */
enum dg_verify_cause {
    DG_VERIFY_CAUSE_NONE = 0, /* valid */
    DG_VERIFY_CAUSE_OTHER_KEY,
    DG_VERIFY_CAUSE_NO_KEY,
    DG_VERIFY_CAUSE_ALTERED,
    DG_VERIFY_CAUSE_CUT_SHORT,
    DG_VERIFY_CAUSE_SECOND,
    DG_VERIFY_CAUSE_SECOND_KEY,     /* not the one that the reader trusts */
    DG_VERIFY_CAUSE_SECOND_MISSING, /* the reader asked for one           */
    DG_VERIFY_CAUSE_VERSION,
    DG_VERIFY_CAUSE_NOT_OURS,
    DG_VERIFY_CAUSE_NO_RUN,
    DG_VERIFY_CAUSE_OTHER_RUN, /* made from another run than the one beside */
    DG_VERIFY_CAUSE_DERIVED,   /* a derived file that was altered           */
    DG_VERIFY_CAUSE_NOT_COMPARED,
    DG_VERIFY_CAUSES,
};

struct dg_verify_result {
    enum dg_verify_state state;
    enum dg_verify_cause cause;
    struct dg_run_second second; /* of the run file, when it is whole */
    enum dg_derived_kind kind;   /* NONE: it is a run file itself */
    char section[80];            /* altered run file: which part, */
    size_t offset;               /* and from which byte on */
    size_t line;                 /* altered derived file: first line, from 1 */
    char run_path[1024]; /* derived: the run file it was compared with */
    struct dg_run_origin origin;
    struct dg_problem why; /* one sentence, for any state */
};

/**
 * Check any file that Dosegate made, offline.
 *
 * A run file is checked by itself.  A report, a JUnit file and a label are
 * made again from the run file beside them (same folder, *.dgrun, the digest
 * that the file names; else the only one there) and compared byte by byte.
 *
 * @param trusted  As for dg_run_file_verify().
 *
 * @retval DG_OK      Checked: see @p result.
 * @retval DG_E_PORT  The file cannot be read, or memory or crypto failed; the
 *                    reason is in @p result.
 */
DG_NODISCARD enum dg_status dg_verify_file(const struct dg_crypto *crypto,
                                           const char *path,
                                           const struct dg_public_key *trusted,
                                           struct dg_verify_result *result);

/** The same, and demand the sign-off of a second evaluator with this key.
 *
 * @param second  NULL: none is demanded; one that is there must hold. */
DG_NODISCARD enum dg_status dg_verify_signed_off(
    const struct dg_crypto *crypto,
    const char *path,
    const struct dg_public_key *trusted,
    const struct dg_public_key *second,
    struct dg_verify_result *result);

/** What to do about it, in a sentence or two; "" when it is valid. */
const char *dg_verify_advice(enum dg_verify_cause cause);

#endif
