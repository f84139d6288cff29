/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_DER_H
#define DG_ATTEST_DER_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/span.h"

/* A cursor over DER (X.690, 10) with an error that sticks: definite lengths in
 * their shortest form, tag numbers in theirs, of at most 14 bits.
 *
 * Untrusted: every byte.  Kept for any input: no read outside the span, no
 * recursion, and every read after an error gives zero or {NULL, 0}.
 *
 * libcrypto's own reader decodes the key of each certificate as it reads, for
 * 120 to 230 us each; that is two and a half P-256 verifications
 * (docs/adr/0034-evidence.md). */
struct dg_der {
    dg_span rest;
    bool is_bad;
};

/* An identifier: class and form of the first byte, and the tag number. */
#define DG_DER_ID(first, number) (((uint32_t)(first) << 16) | (number))

#define DG_DER_BOOLEAN    DG_DER_ID(0x00U, 1U)
#define DG_DER_INTEGER    DG_DER_ID(0x00U, 2U)
#define DG_DER_BITS       DG_DER_ID(0x00U, 3U)
#define DG_DER_OCTETS     DG_DER_ID(0x00U, 4U)
#define DG_DER_NULL       DG_DER_ID(0x00U, 5U)
#define DG_DER_OID        DG_DER_ID(0x00U, 6U)
#define DG_DER_ENUMERATED DG_DER_ID(0x00U, 10U)
#define DG_DER_UTC_TIME   DG_DER_ID(0x00U, 23U)
#define DG_DER_TIME       DG_DER_ID(0x00U, 24U)
#define DG_DER_SEQUENCE   DG_DER_ID(0x20U, 16U)
#define DG_DER_SET        DG_DER_ID(0x20U, 17U)
/* Explicitly tagged [n]. */
#define DG_DER_EXPLICIT(number) DG_DER_ID(0xa0U, (number))

/** Start reading @p bytes. */
struct dg_der dg_der_over(dg_span bytes);

/** The identifier of the next element; 0 at the end or after an error. */
uint32_t dg_der_peek(const struct dg_der *der);

/** Read one element of any kind: its identifier and contents. */
dg_span dg_der_any(struct dg_der *der, uint32_t *id);

/** Read one element of this kind and give its contents. */
dg_span dg_der_take(struct dg_der *der, uint32_t id);

/** ... and give all of it, head and contents. */
dg_span dg_der_whole(struct dg_der *der, uint32_t id);

/** Read a constructed element and start reading inside it. */
struct dg_der dg_der_enter(struct dg_der *der, uint32_t id);

/** Read a number, 0 .. UINT64_MAX, of INTEGER or ENUMERATED. */
uint64_t dg_der_number(struct dg_der *der, uint32_t id);

/** Was everything read, and nothing wrong? */
bool dg_der_is_done(const struct dg_der *der);

/** Are these the same bytes? */
bool dg_span_equal(dg_span a, dg_span b);

#endif
