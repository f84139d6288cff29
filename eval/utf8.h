/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_UTF8_H
#define DG_EVAL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DG_UTF8_REPLACEMENT 0xFFFDU

/**
 * Read one character of text that may be hostile.
 *
 * Bytes that are not UTF-8 (RFC 3629: overlong, surrogate, above U+10FFFF,
 * cut short) read as U+FFFD, one byte at a time.
 *
 * @param text           @p size bytes, at least one.
 * @param[out] character The character, 0 .. 0x10FFFF.
 *
 * @return Bytes used, 1 .. 4.
 */
size_t dg_utf8_next(const char *text, size_t size, uint32_t *character);

/** Write @p character, a valid one; gives the bytes used, 1 .. 4. */
size_t dg_utf8_put(uint32_t character, char out[4]);

/**
 * Whether a text may go to a terminal as it is: UTF-8 without control
 * characters (below U+0020 but line feed and tab, U+007F, U+0080 .. U+009F).
 */
bool dg_utf8_is_printable(const char *text);

/** Make it one: each byte of what may not stand there becomes '?'. */
void dg_utf8_make_printable(char *text);

#endif
