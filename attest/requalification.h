/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_REQUALIFICATION_H
#define DG_ATTEST_REQUALIFICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/attestation.h"

/* What a phone found out about itself after its system changed: one signed
 * record of a run of self-tests.  It is the phone's own word.  The verifier
 * takes it only beside accepted evidence over the same nonce, so that a known
 * app on a verified system said it, and only for builds that the policy has on
 * trial (docs/adr/0036-requalification-and-staged-builds.md).
 *
 * COSE_Sign1, purpose "dosegate requalification 1", over the deterministic
 * CBOR array [1, nonce, subject, x, y, [7 results], [7 ms]]. */
#define DG_REQUALIFICATION_SIZE_MAX 320U

enum dg_check {
    DG_CHECK_STORAGE = 0,      /* what was written and synced comes back     */
    DG_CHECK_CLOCK = 1,        /* runs as fast as the pump's                 */
    DG_CHECK_BACKGROUND = 2,   /* a process without a terminal is scheduled  */
    DG_CHECK_NOTIFICATION = 3, /* a question comes up on the trusted display */
    DG_CHECK_LINK = 4,         /* the pump answers                           */
    DG_CHECK_CONFIRMATION = 5, /* a person's answer comes back               */
    DG_CHECK_TIMING = 6,       /* round trips through all roles in time      */
};

#define DG_CHECKS 7U

enum dg_check_result {
    DG_CHECK_NOT_RUN = 0,
    DG_CHECK_PASSED = 1,
    DG_CHECK_FAILED = 2,
};

struct dg_requalification {
    struct dg_attest_nonce nonce; /* the pump's, of the same ticket          */
    struct dg_hash subject;
    struct dg_public_key key; /* that signs this record                      */
    enum dg_check_result result[DG_CHECKS];
    uint32_t took_ms[DG_CHECKS]; /* 0 .. UINT32_MAX                          */
};

/** All seven ran and passed? */
bool dg_requalification_passed(const struct dg_requalification *run);

/** "storage", ... "timing"; "?" for no check. */
const char *dg_check_name(enum dg_check check);

/**
 * Sign a record; key is filled in from @p secret.
 *
 * @param room  At least DG_REQUALIFICATION_SIZE_MAX bytes.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (a result that is none),
 *         DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_requalification_sign(
    const struct dg_crypto *crypto,
    const struct dg_secret *secret,
    struct dg_requalification *run,
    dg_buf room,
    dg_span *message);

/**
 * Read and verify a record by the key that it names; whether that key, the
 * nonce and the subject are the right ones is the caller's to say.
 *
 * @param[out] run  Cleared unless DG_OK.
 *
 * @retval DG_OK      Signed by the key in it.
 * @retval DG_E_USAGE A NULL.
 * @retval DG_E_AUTH  The signature does not hold.
 * @retval DG_E_PORT  The crypto port failed.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not such a record.
 */
DG_NODISCARD enum dg_status dg_requalification_verify(
    const struct dg_crypto *crypto,
    dg_span message,
    struct dg_requalification *run);

#endif
