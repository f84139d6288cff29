/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_COSE_H
#define DG_COSE_H

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* COSE_Sign1 (RFC 9052, 4.2) with ES256 and nothing else: tag 18, protected
 * header {1: -7}, unprotected header {} or {4: kid}, embedded payload.
 *
 * external_aad carries the purpose ("dosegate run 1", ...) so that a
 * signature for one use is worthless for another. */

/* Tag, array, protected header, empty map, payload head (3), signature. */
#define DG_COSE_SIGN1_OVERHEAD_MAX 96U
#define DG_COSE_KID_MAX            32U

/* The last number of a statement in which numbers only rise (sequence, security
 * counter, version, epoch, counter): a slip of the signer's hand must not use
 * up the numbers of all that come after. */
#define DG_SIGNED_COUNTER_MAX (UINT32_MAX - 0x10000U)

struct dg_cose_sign1 {
    dg_span kid;     /* {NULL, 0} when absent; inside the message */
    dg_span payload; /* inside the message */
    struct dg_signature signature;
};

/**
 * Sign a payload.
 *
 * @param crypto        The crypto port.
 * @param private_key   The signer's P-256 key.
 * @param kid           0 .. DG_COSE_KID_MAX bytes for the unprotected header.
 * @param external_aad  The purpose; at least one byte.
 * @param payload       Any bytes, at most UINT32_MAX.
 * @param room          Room for payload.size + kid.size +
 *                      DG_COSE_SIGN1_OVERHEAD_MAX bytes.
 * @param[out] message  The tagged COSE_Sign1, inside @p room.
 *
 * @retval DG_OK          Signed.
 * @retval DG_E_USAGE     A NULL, an empty purpose, a kid too long.
 * @retval DG_E_NO_SPACE  @p room is too small.
 * @retval DG_E_PORT      The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_cose_sign1(const struct dg_crypto *crypto,
                                          const struct dg_secret *private_key,
                                          dg_span kid,
                                          dg_span external_aad,
                                          dg_span payload,
                                          dg_buf room,
                                          dg_span *message);

/**
 * Parse a COSE_Sign1 without believing it.
 *
 * @retval DG_OK             Well formed; @p parts points into @p message.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE
 *                           Not the one form described above.
 * @retval DG_E_UNSUPPORTED  Well formed, but another algorithm, a crit header,
 *                           an unknown header or a detached payload.
 */
DG_NODISCARD enum dg_status dg_cose_sign1_parse(dg_span message,
                                                struct dg_cose_sign1 *parts);

/**
 * Parse and verify.
 *
 * @param[out] payload  The signed bytes, inside @p message; {NULL, 0} unless
 *                      DG_OK.
 *
 * @retval DG_OK      The signature holds under @p public_key for this purpose.
 * @retval DG_E_AUTH  It does not.
 * @retval DG_E_PORT  The crypto port failed.
 * @retval others     As dg_cose_sign1_parse().
 */
DG_NODISCARD enum dg_status dg_cose_sign1_verify(
    const struct dg_crypto *crypto,
    const struct dg_public_key *public_key,
    dg_span external_aad,
    dg_span message,
    dg_span *payload);

#endif
