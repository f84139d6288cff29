/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SPAKE2PLUS_H
#define DG_SPAKE2PLUS_H

#include <stdbool.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* SPAKE2+ (RFC 9383), suite P256-SHA256-HKDF-SHA256-HMAC-SHA256: two ends that
 * share a short code agree on a key, and whoever does not know the code learns
 * one wrong guess from each attempt and nothing else.
 *
 *   prover                         verifier (holds w0 and L, not the code)
 *   start            shareP  ->
 *                            <-    answer: shareV, confirmV
 *   finish           confirmP ->   check
 *
 * Bytes in, bytes out.  Nothing that these functions give may be used before
 * both confirmations held.  The caller counts attempts before confirmV leaves:
 * a wrong code shows only afterwards. */

/* SEC1 uncompressed, the only form that is read or written. */
#define DG_SPAKE2PLUS_SHARE_SIZE   65U
#define DG_SPAKE2PLUS_CONFIRM_SIZE DG_HASH_SIZE
/* Password and both names, bytes. */
#define DG_SPAKE2PLUS_INPUT_MAX 96U

/* What both ends know and bind into every key.  Any of them may be empty only
 * where it is implied; ours never are. */
struct dg_spake2plus_names {
    dg_span context;
    dg_span prover;
    dg_span verifier;
};

/* w0 and w1 (prover), of which the verifier keeps w0 and L = w1 * G. */
struct dg_spake2plus_secrets {
    struct dg_secret w0;
    struct dg_secret w1;
};

struct dg_spake2plus_record {
    struct dg_secret w0;
    struct dg_public_key l;
};

/* An attempt under way at the prover.  All zero is none. */
struct dg_spake2plus_attempt {
    struct dg_secret x;
    uint8_t share_p[DG_SPAKE2PLUS_SHARE_SIZE]; /* begins with 04 when under way
                                                */
};

/* An attempt that waits for confirmP at the verifier.  All zero is none. */
struct dg_spake2plus_pending {
    bool is_waiting; /* without it zeros would confirm a wiped attempt */
    uint8_t confirm_p[DG_SPAKE2PLUS_CONFIRM_SIZE]; /* the only good one */
    struct dg_secret shared; /* not ours to use before it came */
};

/**
 * Stretch a password into w0 and w1: PBKDF2-HMAC-SHA-256 over len(pw) | pw |
 * len(idP) | idP | len(idV) | idV, 80 bytes, each half modulo the order.
 *
 * @param password    With both names at most DG_SPAKE2PLUS_INPUT_MAX bytes.
 * @param names       prover and verifier are used.
 * @param salt        1 .. 64 bytes.
 * @param iterations  At least 1.
 *
 * @retval DG_OK       @p secrets is filled.
 * @retval DG_E_USAGE  A NULL, or an argument outside its range.
 * @retval DG_E_PORT   The crypto port failed; nothing is written.
 */
DG_NODISCARD enum dg_status dg_spake2plus_stretch(
    const struct dg_crypto *crypto,
    dg_span password,
    const struct dg_spake2plus_names *names,
    dg_span salt,
    uint32_t iterations,
    struct dg_spake2plus_secrets *secrets);

/**
 * What the verifier keeps.  The caller wipes @p secrets after it.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (w0 or w1 is 0), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_spake2plus_register(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_secrets *secrets,
    struct dg_spake2plus_record *record);

/**
 * Prover: make x and shareP = x * G + w0 * M, into @p attempt.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (w0 is 0), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_spake2plus_start(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_secrets *secrets,
    struct dg_spake2plus_attempt *attempt);

/**
 * Prover: check what the verifier answered, and confirm.
 *
 * @param[in,out] attempt   Wiped, whatever happens: an x serves one answer.
 * @param share_v           As received.
 * @param confirm_v         As received.
 * @param[out] confirm_p    To send, DG_SPAKE2PLUS_CONFIRM_SIZE bytes.
 * @param[out] shared       K_shared.
 *
 * @retval DG_OK       The verifier knew the code.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_STATE  No attempt is under way.
 * @retval DG_E_RANGE  @p share_v is not 04 and a point, or Z or V would be the
 *                     identity.
 * @retval DG_E_AUTH   confirmV does not hold: another code, or somebody else.
 * @retval DG_E_PORT   The crypto port failed.
 *                     Outputs are untouched unless DG_OK.
 */
DG_NODISCARD enum dg_status dg_spake2plus_finish(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_secrets *secrets,
    const struct dg_spake2plus_names *names,
    struct dg_spake2plus_attempt *attempt,
    dg_span share_v,
    dg_span confirm_v,
    uint8_t confirm_p[DG_SPAKE2PLUS_CONFIRM_SIZE],
    struct dg_secret *shared);

/**
 * Verifier: answer shareP with shareV = y * G + w0 * N and confirmV.
 *
 * @param share_p         As received.
 * @param[out] share_v    To send, after the attempt was counted.
 * @param[out] confirm_v  To send with it.
 * @param[out] pending    For dg_spake2plus_check().
 *
 * @retval DG_OK       An attempt; whether the code was right shows later.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  @p share_p is not 04 and a point, or Z would be the
 *                     identity.
 * @retval DG_E_PORT   The crypto port failed.
 *                     Outputs are untouched unless DG_OK.
 */
DG_NODISCARD enum dg_status dg_spake2plus_answer(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_record *record,
    const struct dg_spake2plus_names *names,
    dg_span share_p,
    uint8_t share_v[DG_SPAKE2PLUS_SHARE_SIZE],
    uint8_t confirm_v[DG_SPAKE2PLUS_CONFIRM_SIZE],
    struct dg_spake2plus_pending *pending);

/** Verifier: does confirmP hold?  In time that does not depend on it.
 * @retval DG_OK       K_shared in @p pending may be used; the same confirmP may
 *                     come again (the answer to it was lost).
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_STATE  No attempt waits.
 * @retval DG_E_AUTH   It does not hold; @p pending is wiped. */
DG_NODISCARD enum dg_status dg_spake2plus_check(
    struct dg_spake2plus_pending *pending, dg_span confirm_p);

#endif
