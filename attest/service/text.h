/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_TEXT_H
#define DG_ATTEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"

/* Bytes as text and back.  Hex has lower-case digits only, base64 is that of
 * RFC 4648, section 4, with its padding and nothing between: one text for the
 * same bytes. */

/** Write 2 * size digits and a zero byte to @p text. */
void dg_text_put_hex(dg_span bytes, char *text);

/** Exactly @p out.capacity bytes; false, with @p out in part written, for
 * anything else. */
bool dg_text_get_hex(const char *text, dg_buf out);

/**
 * Read base64.
 *
 * @param[out] bytes  Inside @p room; untouched unless true.
 *
 * @return false for another alphabet, missing padding, bits that are left over
 *         and are not zero, or more bytes than @p room has.
 */
bool dg_text_get_base64(const char *text, dg_buf room, dg_span *bytes);

/** Room for the base64 of @p size bytes and a zero byte. */
#define DG_TEXT_BASE64_SIZE(size) ((4U * (((size) + 2U) / 3U)) + 1U)

/** Write base64 with its padding and a zero byte to @p text. */
void dg_text_put_base64(dg_span bytes, char *text);

/** A whole number without sign: digits, no blanks, at most @p max. */
bool dg_text_get_number(const char *text, uint64_t max, uint64_t *number);

/** Seconds since 1970 at the start of the day YYYY-MM-DD, 2000 .. 9999, in
 * UTC; false when there is no such day. */
bool dg_text_get_date(const char *text, int64_t *seconds);

#endif
