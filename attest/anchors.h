/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_ANCHORS_H
#define DG_ATTEST_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/evidence.h"

/* Roots and revocation, as one signed file that expires: COSE_Sign1 (ES256,
 * purpose "dosegate anchors 1") over deterministic CBOR,
 *
 *   { 1: version, 2: issued, 3: expires,
 *     4: [ * [ kind, name, subject, key, until ] ],
 *     ? 5: [ listed at, [ * serial ] ] }
 *
 * times in seconds since 1970, subject as a DER Name, key as a DER
 * SubjectPublicKeyInfo, serial as the big-endian bytes of a certificate's
 * serial number, rising.  5 is the revocation list of Android certificates;
 * without it no Android evidence can be accepted.  docs/attestation.md says
 * how to make one.
 *
 * Trusted: the key that the operator names.  Untrusted: every byte until the
 * signature holds. */
#define DG_ANCHORS_PURPOSE  "dosegate anchors 1"
#define DG_ANCHORS_SIZE_MAX ((size_t)4U * 1024U * 1024U)
#define DG_ANCHOR_ROOTS_MAX 16U
#define DG_ANCHOR_NAME_MAX  64U
#define DG_ANCHOR_LIFE_S_MAX \
    7776000U                      /* 90 days: no longer than that is any
                                           list believed                     */
#define DG_ANCHOR_SERIAL_MAX  20U /* bytes: RFC 5280, 4.1.2.2          */
#define DG_ANCHOR_REVOKED_MAX 100000U

struct dg_anchors; /* opaque: holds prepared keys */

struct dg_anchors_head {
    uint32_t version; /* 1 ..: store the highest taken, and refuse lower     */
    int64_t issued_s;
    int64_t expires_s;
    bool has_revocation;
    int64_t listed_s; /* when the revocation list was fetched                */
    size_t roots;
    size_t revoked;
};

/**
 * Take an anchors file.
 *
 * @param signer       The operator's key.
 * @param file         The whole file; copied.
 * @param at_s         Seconds since 1970.
 * @param version_min  The highest version ever taken; 0: none yet.
 * @param[out] anchors NULL unless DG_OK; give to dg_anchors_free().
 * @param[out] reason  Why not, in words; "" when DG_OK.
 *
 * @retval DG_OK             Taken.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_AUTH         Another key signed it, or nobody.
 * @retval DG_E_REPLAY       Older than @p version_min.
 * @retval DG_E_STATE        Expired, or of the future.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not such a file.
 * @retval DG_E_PORT         Out of memory, or the crypto library failed.
 */
DG_NODISCARD enum dg_status dg_anchors_open(const struct dg_crypto *crypto,
                                            const struct dg_public_key *signer,
                                            dg_span file,
                                            int64_t at_s,
                                            uint32_t version_min,
                                            struct dg_anchors **anchors,
                                            char reason[DG_REASON_MAX]);

/**
 * Take the roots alone, from the JSON that is shipped (spec/attest/roots.json):
 * for explaining evidence offline.  No revocation list: Android evidence stays
 * UNDECIDED.
 *
 * @retval As dg_anchors_open(), without AUTH, REPLAY and STATE.
 */
DG_NODISCARD enum dg_status dg_anchors_from_roots(const char *roots_json,
                                                  struct dg_anchors **anchors,
                                                  char reason[DG_REASON_MAX]);

/** Release; NULL is allowed. */
void dg_anchors_free(struct dg_anchors *anchors);

/** Say what the file says of itself; all zero for NULL. */
struct dg_anchors_head dg_anchors_head(const struct dg_anchors *anchors);

/**
 * Make the payload of an anchors file, not yet signed.
 *
 * @param roots_json   As spec/attest/roots.json.
 * @param status_json  Google's list as published, {"entries": {serial:
 *                     {"status": ...}}}; NULL: none.  REVOKED and SUSPENDED
 *                     both count.
 * @param head         version, issued_s, expires_s, listed_s are used.
 * @param[out] payload To be released with free(); untouched unless DG_OK.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_MALFORMED, DG_E_RANGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_anchors_make(const char *roots_json,
                                            const char *status_json,
                                            const struct dg_anchors_head *head,
                                            dg_buf *payload,
                                            size_t *size,
                                            char reason[DG_REASON_MAX]);

#endif
