/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CBOR_H
#define DG_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"

/* Deterministic CBOR (RFC 8949, 4.2.1), strict both ways: shortest arguments,
 * definite lengths, sorted map keys, no floats, no simple values other than
 * false, true and null, valid UTF-8, nesting of at most DG_CBOR_DEPTH_MAX
 * (arrays, maps and tags count), map keys that are integers or strings, no
 * integer below INT64_MIN.  So an accepted item has one encoding, and typed
 * reading and writing gives it again.
 *
 * Trusted: the reader itself.  Untrusted: every byte it reads.  Kept for any
 * input: no read outside the span, the first error sticks and every later read
 * gives zero, {NULL, 0} or false. */
#define DG_CBOR_DEPTH_MAX 4U

enum dg_cbor_type {
    DG_CBOR_NONE = 0, /* nothing left, an error, or a type that we refuse */
    DG_CBOR_UINT,
    DG_CBOR_NINT,
    DG_CBOR_BSTR,
    DG_CBOR_TSTR,
    DG_CBOR_ARRAY,
    DG_CBOR_MAP,
    DG_CBOR_TAG,
    DG_CBOR_BOOL,
    DG_CBOR_NULL,
};

struct dg_cbor_reader {
    dg_span rest;
    enum dg_status status;
};

/* Reading goes on in the bytes that are left, and never past their end.  What
 * is given out lies in them. */
/*@ predicate dg_cbor_sound{L}(struct dg_cbor_reader *reader) =
  @   \valid(reader) && dg_span_readable(reader->rest);
  @
  @ predicate dg_cbor_onward{A,B}(struct dg_cbor_reader *reader) =
  @   \at(reader->rest.size, B) <= \at(reader->rest.size, A) &&
  @   \at(reader->rest.at, B) == \at(reader->rest.at, A) +
  @     (\at(reader->rest.size, A) - \at(reader->rest.size, B)) &&
  @   (\at(reader->status, A) != DG_OK ==> \at(reader->status, B) != DG_OK);
  @*/

/* Where a map is being read; zero it with dg_cbor_read_map(). */
struct dg_cbor_map {
    size_t left;      /* pairs not yet read */
    dg_span last_key; /* encoded; {NULL, 0} before the first */
};

/** Start reading @p bytes. */
/*@ requires \valid(reader) && dg_span_readable(bytes);
  @ assigns  *reader;
  @ ensures  dg_cbor_sound(reader);
  @*/
void dg_cbor_reader_init(struct dg_cbor_reader *reader, dg_span bytes);

/** Name the type of the next item; DG_CBOR_NONE at the end or after an error.
 * Changes nothing. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  \nothing;
  @*/
enum dg_cbor_type dg_cbor_peek(const struct dg_cbor_reader *reader);

/** Read an unsigned integer, 0 .. UINT64_MAX.  Other type: DG_E_MALFORMED. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
uint64_t dg_cbor_read_uint(struct dg_cbor_reader *reader);

/** Read an unsigned integer of at most @p max; above it: DG_E_RANGE. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  most: \result <= max;
  @*/
uint64_t dg_cbor_read_uint_max(struct dg_cbor_reader *reader, uint64_t max);

/** Read an integer, INT64_MIN .. INT64_MAX; outside it: DG_E_RANGE. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
int64_t dg_cbor_read_int(struct dg_cbor_reader *reader);

/** Read a byte string; the span lies inside the input. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result);
  @*/
dg_span dg_cbor_read_bstr(struct dg_cbor_reader *reader);

/** Read a byte string of exactly @p size bytes; other size: DG_E_RANGE. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result) &&
  @   (\result.size == 0 || \result.size == size);
  @*/
dg_span dg_cbor_read_bstr_exact(struct dg_cbor_reader *reader, size_t size);

/** Read a text string (valid UTF-8); the span lies inside the input. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result);
  @*/
dg_span dg_cbor_read_tstr(struct dg_cbor_reader *reader);

/** Read the head of an array and give its number of items.  A number larger
 * than the bytes left is refused at once: DG_E_TRUNCATED. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  few: \result <= reader->rest.size;
  @*/
size_t dg_cbor_read_array(struct dg_cbor_reader *reader);

/** Read the head of a map.  Same bound as dg_cbor_read_array(). */
/*@ requires dg_cbor_sound(reader) && \valid(map) &&
  @   \separated(reader, map);
  @ assigns  *reader, *map;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  key: dg_span_readable(map->last_key);
  @*/
void dg_cbor_read_map(struct dg_cbor_reader *reader, struct dg_cbor_map *map);

/**
 * Read the next key of a map, an integer.
 *
 * The caller then reads (or skips) exactly one value.
 *
 * @retval true   @p key is the next key; keys rise in the bytewise order of
 *                their encodings (0, 1, ... then -1, -2, ...).
 * @retval false  No pair is left, or an error stuck in @p reader: a key that
 *                is no integer, repeated or out of order is DG_E_MALFORMED.
 */
/*@ requires dg_cbor_sound(reader) && \valid(map) && \valid(key);
  @ requires dg_span_readable(map->last_key) &&
  @   \separated(reader, map, key);
  @ assigns  *reader, *map, *key;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  key: dg_span_readable(map->last_key);
  @*/
bool dg_cbor_map_next(struct dg_cbor_reader *reader,
                      struct dg_cbor_map *map,
                      int64_t *key);

/** Read a tag number. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
uint64_t dg_cbor_read_tag(struct dg_cbor_reader *reader);

/** Read false or true. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
bool dg_cbor_read_bool(struct dg_cbor_reader *reader);

/** Read null. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
void dg_cbor_read_null(struct dg_cbor_reader *reader);

/** Check one whole item of any type we accept and give its bytes.  Nesting is
 * followed with a fixed stack, not by recursion. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result);
  @*/
dg_span dg_cbor_read_any(struct dg_cbor_reader *reader);

/** Make @p status stick, unless an earlier error already does. */
/*@ requires \valid(reader);
  @ assigns  reader->status;
  @ ensures  \old(reader->status) != DG_OK ==>
  @   reader->status == \old(reader->status);
  @ ensures  \old(reader->status) == DG_OK ==> reader->status == status;
  @*/
void dg_cbor_reader_fail(struct dg_cbor_reader *reader, enum dg_status status);

/**
 * Ask once, at the end, how the reading went.
 *
 * @retval DG_OK           Everything was read and nothing is left.
 * @retval DG_E_TRAILING   Everything was read, and bytes are left over.
 * @retval DG_E_TRUNCATED  An item reached beyond the input.
 * @retval DG_E_MALFORMED  Wrong type, longer encoding than needed, indefinite
 *                         length, float, bad UTF-8, key order, too deep.
 * @retval DG_E_RANGE      A value outside the range that was asked for.
 */
/*@ requires \valid_read(reader);
  @ assigns  \nothing;
  @*/
DG_NODISCARD enum dg_status dg_cbor_reader_end(
    const struct dg_cbor_reader *reader);

/* Writing.  The caller owns the buffer and writes map keys in order (checked
 * by the tests of each message: re-encoding gives the input). */
struct dg_cbor_writer {
    dg_buf out;
    size_t used;
    enum dg_status status; /* DG_E_NO_SPACE sticks */
};

void dg_cbor_writer_init(struct dg_cbor_writer *writer, dg_buf out);
void dg_cbor_write_uint(struct dg_cbor_writer *writer, uint64_t value);
void dg_cbor_write_int(struct dg_cbor_writer *writer, int64_t value);
void dg_cbor_write_bstr(struct dg_cbor_writer *writer, dg_span bytes);
/** Write only the head of a byte string of @p size bytes that the caller will
 * add with dg_cbor_write_raw(). */
void dg_cbor_write_bstr_head(struct dg_cbor_writer *writer, size_t size);
void dg_cbor_write_tstr(struct dg_cbor_writer *writer, const char *text);
void dg_cbor_write_tstr_span(struct dg_cbor_writer *writer, dg_span text);
void dg_cbor_write_array(struct dg_cbor_writer *writer, size_t items);
void dg_cbor_write_map(struct dg_cbor_writer *writer, size_t pairs);
void dg_cbor_write_tag(struct dg_cbor_writer *writer, uint64_t tag);
void dg_cbor_write_bool(struct dg_cbor_writer *writer, bool value);
void dg_cbor_write_null(struct dg_cbor_writer *writer);
/** Append bytes that are already CBOR. */
void dg_cbor_write_raw(struct dg_cbor_writer *writer, dg_span bytes);

/**
 * Give what was written.
 *
 * @retval DG_OK          @p bytes is the part of the buffer that was used.
 * @retval DG_E_NO_SPACE  It did not fit; @p bytes is {NULL, 0}.
 */
DG_NODISCARD enum dg_status dg_cbor_writer_end(
    const struct dg_cbor_writer *writer, dg_span *bytes);

#endif
