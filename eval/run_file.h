/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RUN_FILE_H
#define DG_EVAL_RUN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "eval/lab_key.h"
#include "eval/problem.h"
#include "eval/run.h"
#include "eval/run_second.h"

/* The one canonical file of an evaluation, *.dgrun: a CBOR sequence (RFC 8742)
 *
 *     COSE_Sign1 over the manifest, section, section, ...
 *
 * manifest = {1: "dosegate-run-1", 2: key x, 3: key y,
 *             4: [[name, size, SHA-256], ...]}
 *
 * Sections, in this order: "head", "product", one "test <id>" for each test,
 * one "figure <id>" for each figure, "calibration".  Each is deterministic
 * CBOR in the form of run_shape.c.  The unprotected kid is the key id of the
 * key in the manifest.  Behind the last section may stand the sign-off of a
 * second evaluator (run_second.h).  No byte of the file is left uncovered.
 *
 * Trusted: the lab's public key, which the reader brings along.  Untrusted:
 * every byte of the file.  Kept for any input: never DG_RUN_FILE_VALID unless
 * each byte is as the trusted key signed it. */
#define DG_RUN_FILE_SIZE_MAX  (64U * 1024U * 1024U)
#define DG_RUN_FILE_ITEMS_MAX 200000U
#define DG_RUN_FILE_SUFFIX    ".dgrun"

enum dg_run_file_state {
    DG_RUN_FILE_NONE = 0,
    DG_RUN_FILE_VALID,
    DG_RUN_FILE_ALTERED,
    DG_RUN_FILE_OTHER_SIGNER, /* whole, but signed with a key that the reader
                               * did not bring along as trusted */
    DG_RUN_FILE_NOT_A_RUN,
};

/* Where and under which name a run file is known; what every derived file
 * prints. */
struct dg_run_origin {
    char digest[2U * DG_HASH_SIZE + 1U]; /* SHA-256 of the whole file, hex */
    char key_id[DG_KEY_ID_SIZE];         /* of the signer */
};

/* Why a file is not simply valid: what a person can do about it differs. */
enum dg_run_file_cause {
    DG_RUN_CAUSE_NONE = 0,
    DG_RUN_CAUSE_OTHER_KEY, /* signed by a key that the reader does not trust */
    DG_RUN_CAUSE_NO_KEY,    /* the reader brought no key */
    DG_RUN_CAUSE_ALTERED,
    DG_RUN_CAUSE_CUT_SHORT,
    DG_RUN_CAUSE_SECOND,  /* the second signature is not what it should be */
    DG_RUN_CAUSE_VERSION, /* signed, in a format that this program has not */
    DG_RUN_CAUSE_NO_RUN,  /* something else */
};

struct dg_run_file_check {
    enum dg_run_file_state state;
    enum dg_run_file_cause cause;
    struct dg_run_second second; /* of a run that is whole */
    struct dg_run_origin origin; /* key id "" unless the signature holds */
    char section[80];            /* altered: which; "manifest" is the first */
    size_t offset;               /* altered: byte where that part begins */
    struct dg_problem why;       /* one sentence, for any state */
};

/**
 * Encode, sign, and write atomically.
 *
 * What was written was read back from memory first, so that a run that no
 * reader would take is never stored.
 *
 * @param[out] origin  Digest and key id of the file; may be NULL.
 *
 * @retval DG_OK       Written.
 * @retval DG_E_USAGE  The run ran out of memory while it was made, or holds a
 *                     text that is not UTF-8 or a number out of range.
 * @retval DG_E_RANGE  Larger than DG_RUN_FILE_SIZE_MAX.
 * @retval DG_E_PORT   Disk or crypto failed; @p path is as it was.
 */
DG_NODISCARD enum dg_status dg_run_file_write(const struct dg_crypto *crypto,
                                              const struct dg_run *run,
                                              const struct dg_lab_key *key,
                                              const char *path,
                                              struct dg_run_origin *origin,
                                              struct dg_problem *problem);

/** As dg_run_file_write(), into memory; free with dg_file_free(). */
DG_NODISCARD enum dg_status dg_run_file_encode(const struct dg_crypto *crypto,
                                               const struct dg_run *run,
                                               const struct dg_lab_key *key,
                                               dg_span *bytes,
                                               struct dg_run_origin *origin,
                                               struct dg_problem *problem);

/**
 * Check bytes and, when they are whole, read the run.
 *
 * @param      trusted  The key that the reader trusts; NULL for none, and then
 *                      the best result is DG_RUN_FILE_OTHER_SIGNER.
 * @param[out] run      NULL, or an uninitialised run: filled when the state is
 *                      VALID or OTHER_SIGNER, empty otherwise.  Free it with
 *                      dg_run_free() in any case.
 * @param[out] check    The result; `state` is never NONE after DG_OK.
 *
 * @retval DG_OK      Checked.
 * @retval DG_E_PORT  Memory or crypto failed: nothing is known.
 */
DG_NODISCARD enum dg_status dg_run_file_check_bytes(
    const struct dg_crypto *crypto,
    dg_span bytes,
    const struct dg_public_key *trusted,
    struct dg_run *run,
    struct dg_run_file_check *check);

/** As dg_run_file_check_bytes(), for a file.  Also DG_E_PORT when it cannot be
 * read; `why` then says so. */
DG_NODISCARD enum dg_status dg_run_file_read(
    const struct dg_crypto *crypto,
    const char *path,
    const struct dg_public_key *trusted,
    struct dg_run *run,
    struct dg_run_file_check *check);

/** Check a file without keeping the run. */
DG_NODISCARD enum dg_status dg_run_file_verify(
    const struct dg_crypto *crypto,
    const char *path,
    const struct dg_public_key *trusted,
    struct dg_run_file_check *check);

#endif
