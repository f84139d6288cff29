/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/cbor.h"

#include <string.h>

/* The three high bits of a head (RFC 8949, 3.1). */
enum major {
    MAJOR_UINT = 0,
    MAJOR_NINT = 1,
    MAJOR_BSTR = 2,
    MAJOR_TSTR = 3,
    MAJOR_ARRAY = 4,
    MAJOR_MAP = 5,
    MAJOR_TAG = 6,
    MAJOR_SIMPLE = 7,
};

#define SIMPLE_FALSE 20U
#define SIMPLE_TRUE  21U
#define SIMPLE_NULL  22U

struct head {
    unsigned major;
    uint64_t argument;
};

void dg_cbor_reader_init(struct dg_cbor_reader *reader, dg_span bytes)
{
    reader->rest = bytes;
    reader->status = DG_OK;
}

void dg_cbor_reader_fail(struct dg_cbor_reader *reader, enum dg_status status)
{
    if (reader->status == DG_OK) {
        reader->status = status;
    }
}

enum dg_status dg_cbor_reader_end(const struct dg_cbor_reader *reader)
{
    if ((reader->status == DG_OK) && (reader->rest.size != 0U)) {
        return DG_E_TRAILING;
    }
    return reader->status;
}

/* The one place that moves the reader. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result) &&
  @   (\result.size == 0 || \result.size == size);
  @*/
static dg_span take(struct dg_cbor_reader *reader, uint64_t size)
{
    dg_span taken = {NULL, 0U};

    if (reader->status != DG_OK) {
        return taken;
    }
    if (size > reader->rest.size) {
        reader->status = DG_E_TRUNCATED;
        return taken;
    }
    taken.at = reader->rest.at;
    taken.size = (size_t)size;
    reader->rest.at = &reader->rest.at[taken.size];
    reader->rest.size -= taken.size;
    return taken;
}

/* Well-formed UTF-8 (Unicode 15, table 3-7): what may follow which first byte.
 * The range of the second byte shuts out overlong forms, surrogates and what
 * lies above U+10FFFF. */
struct utf8_row {
    uint8_t first_low;
    uint8_t first_high;
    uint8_t size;
    uint8_t second_low;
    uint8_t second_high;
};

static const struct utf8_row utf8_rows[] = {
    {0x00U, 0x7FU, 1U, 0x00U, 0x00U},
    {0xC2U, 0xDFU, 2U, 0x80U, 0xBFU},
    {0xE0U, 0xE0U, 3U, 0xA0U, 0xBFU},
    {0xE1U, 0xECU, 3U, 0x80U, 0xBFU},
    {0xEDU, 0xEDU, 3U, 0x80U, 0x9FU},
    {0xEEU, 0xEFU, 3U, 0x80U, 0xBFU},
    {0xF0U, 0xF0U, 4U, 0x90U, 0xBFU},
    {0xF1U, 0xF3U, 4U, 0x80U, 0xBFU},
    {0xF4U, 0xF4U, 4U, 0x80U, 0x8FU},
};

/*@ assigns \nothing;
  @ ensures \result == \null || \valid_read(\result);
  @*/
static const struct utf8_row *find_utf8_row(uint8_t first)
{
    /*@ loop invariant 0 <= i <= 9;
      @ loop assigns i;
      @ loop variant 9 - i;
      @*/
    for (size_t i = 0U; i < sizeof utf8_rows / sizeof utf8_rows[0]; i++) {
        if ((utf8_rows[i].first_low <= first) &&
            (first <= utf8_rows[i].first_high)) {
            return &utf8_rows[i];
        }
    }
    return NULL;
}

/* Bytes of the first character of a text that is not empty; 0 when it is not
 * well formed. */
/*@ requires text.size > 0 && dg_span_readable(text);
  @ assigns  \nothing;
  @ ensures  \result <= text.size;
  @*/
static size_t utf8_size(dg_span text)
{
    const struct utf8_row *row = find_utf8_row(text.at[0]);

    if ((row == NULL) || (row->size > text.size)) {
        return 0U;
    }
    if ((row->size > 1U) &&
        ((text.at[1] < row->second_low) || (text.at[1] > row->second_high))) {
        return 0U;
    }
    /*@ loop invariant 2 <= i;
      @ loop assigns i;
      @ loop variant row->size - i;
      @*/
    for (size_t i = 2U; i < row->size; i++) {
        if ((text.at[i] & 0xC0U) != 0x80U) {
            return 0U;
        }
    }
    return row->size;
}

/*@ requires dg_span_readable(text);
  @ assigns  \nothing;
  @*/
static bool is_utf8(dg_span text)
{
    /*@ loop invariant dg_span_readable(text);
      @ loop assigns text;
      @ loop variant text.size;
      @*/
    while (text.size != 0U) {
        const size_t size = utf8_size(text);

        if (size == 0U) {
            return false;
        }
        text.at = &text.at[size];
        text.size -= size;
    }
    return true;
}

/* Bytes of the argument behind a head whose low bits are 24 .. 27. */
/*@ requires 24 <= info <= 27;
  @ assigns  \nothing;
  @ ensures  1 <= \result <= 8;
  @*/
static size_t argument_size(unsigned info)
{
    static const uint8_t sizes[] = {1U, 2U, 4U, 8U};

    return sizes[info - 24U];
}

/* Read a head in shortest form.  After an error the argument is zero. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
static struct head read_head(struct dg_cbor_reader *reader)
{
    struct head head = {MAJOR_SIMPLE, 0U};
    const dg_span first = take(reader, 1U);

    if (first.size == 0U) {
        return head;
    }

    const unsigned info = first.at[0] & 0x1FU;

    if (info > 27U) {
        /* Reserved, or an indefinite length. */
        reader->status = DG_E_MALFORMED;
        return head;
    }
    if (info < 24U) {
        head.argument = info;
    } else {
        const size_t size = argument_size(info);
        const dg_span more = take(reader, size);
        uint64_t least = 24U;

        /*@ loop invariant 0 <= i <= more.size;
          @ loop assigns i, head.argument;
          @ loop variant more.size - i;
          @*/
        for (size_t i = 0U; i < more.size; i++) {
            head.argument = (head.argument << 8) | more.at[i];
        }
        if (info > 24U) {
            /* What does not fit into half as many bytes. */
            least = 1ULL << (4U * size);
        }
        if (head.argument < least) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
            head.argument = 0U;
            return head;
        }
    }
    head.major = (unsigned)first.at[0] >> 5;
    return head;
}

/* Read a head that must be of one major type. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
static uint64_t read_argument(struct dg_cbor_reader *reader, unsigned major)
{
    const struct head head = read_head(reader);

    if ((reader->status == DG_OK) && (head.major != major)) {
        reader->status = DG_E_MALFORMED;
    }
    return (reader->status == DG_OK) ? head.argument : 0U;
}

enum dg_cbor_type dg_cbor_peek(const struct dg_cbor_reader *reader)
{
    static const enum dg_cbor_type types[] = {
        [MAJOR_UINT] = DG_CBOR_UINT,
        [MAJOR_NINT] = DG_CBOR_NINT,
        [MAJOR_BSTR] = DG_CBOR_BSTR,
        [MAJOR_TSTR] = DG_CBOR_TSTR,
        [MAJOR_ARRAY] = DG_CBOR_ARRAY,
        [MAJOR_MAP] = DG_CBOR_MAP,
        [MAJOR_TAG] = DG_CBOR_TAG,
        [MAJOR_SIMPLE] = DG_CBOR_NONE,
    };

    if ((reader->status != DG_OK) || (reader->rest.size == 0U)) {
        return DG_CBOR_NONE;
    }

    const unsigned major = (unsigned)reader->rest.at[0] >> 5;
    const unsigned info = reader->rest.at[0] & 0x1FU;

    if (info > 27U) {
        return DG_CBOR_NONE;
    }
    if ((major == MAJOR_SIMPLE) && (info == SIMPLE_NULL)) {
        return DG_CBOR_NULL;
    }
    if ((major == MAJOR_SIMPLE) &&
        ((info == SIMPLE_FALSE) || (info == SIMPLE_TRUE))) {
        return DG_CBOR_BOOL;
    }
    return types[major];
}

uint64_t dg_cbor_read_uint(struct dg_cbor_reader *reader)
{
    return read_argument(reader, MAJOR_UINT);
}

uint64_t dg_cbor_read_uint_max(struct dg_cbor_reader *reader, uint64_t max)
{
    const uint64_t value = dg_cbor_read_uint(reader);

    if (value > max) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return 0U;
    }
    return value;
}

int64_t dg_cbor_read_int(struct dg_cbor_reader *reader)
{
    const struct head head = read_head(reader);

    if (reader->status != DG_OK) {
        return 0;
    }
    if ((head.major != MAJOR_UINT) && (head.major != MAJOR_NINT)) {
        reader->status = DG_E_MALFORMED;
        return 0;
    }
    if (head.argument > (uint64_t)INT64_MAX) {
        reader->status = DG_E_RANGE;
        return 0;
    }

    const int64_t value = (int64_t)head.argument;

    return (head.major == MAJOR_UINT) ? value : (-1 - value);
}

dg_span dg_cbor_read_bstr(struct dg_cbor_reader *reader)
{
    return take(reader, read_argument(reader, MAJOR_BSTR));
}

dg_span dg_cbor_read_bstr_exact(struct dg_cbor_reader *reader, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr(reader);

    if ((reader->status == DG_OK) && (bytes.size != size)) {
        reader->status = DG_E_RANGE;
    }
    return (reader->status == DG_OK) ? bytes : (dg_span){NULL, 0U};
}

/* Take the bytes of a text whose head was read. */
/*@ requires dg_cbor_sound(reader);
  @ assigns  *reader;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @ ensures  given: dg_span_readable(\result);
  @*/
static dg_span take_text(struct dg_cbor_reader *reader, uint64_t size)
{
    const dg_span text = take(reader, size);

    if (!is_utf8(text)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        return (dg_span){NULL, 0U};
    }
    return text;
}

dg_span dg_cbor_read_tstr(struct dg_cbor_reader *reader)
{
    return take_text(reader, read_argument(reader, MAJOR_TSTR));
}

/* Refuse a number of items that the bytes left cannot hold: each item takes
 * at least one.  Loops over items are bounded by the input that way. */
/*@ requires \valid(reader) && bytes_each > 0;
  @ assigns  reader->status;
  @ ensures  few: \result <= reader->rest.size / bytes_each;
  @ ensures  \old(reader->status) != DG_OK ==> reader->status != DG_OK;
  @*/
static size_t bounded(struct dg_cbor_reader *reader,
                      uint64_t count,
                      size_t bytes_each)
{
    if (count > reader->rest.size / bytes_each) {
        dg_cbor_reader_fail(reader, DG_E_TRUNCATED);
        return 0U;
    }
    return (size_t)count;
}

size_t dg_cbor_read_array(struct dg_cbor_reader *reader)
{
    return bounded(reader, read_argument(reader, MAJOR_ARRAY), 1U);
}

void dg_cbor_read_map(struct dg_cbor_reader *reader, struct dg_cbor_map *map)
{
    map->left = bounded(reader, read_argument(reader, MAJOR_MAP), 2U);
    map->last_key = (dg_span){NULL, 0U};
}

/* Bytewise order of encodings; equal keys are not in order. */
/*@ requires dg_span_readable(before) && dg_span_readable(after);
  @ assigns  \nothing;
  @*/
static bool is_in_order(dg_span before, dg_span after)
{
    const size_t common = (before.size < after.size) ? before.size : after.size;
    const int order = (common == 0U) ? 0 : memcmp(before.at, after.at, common);

    return (order < 0) || ((order == 0) && (before.size < after.size));
}

/* What was read since @start. */
/*@ requires \valid_read(reader) && dg_span_readable(start) &&
  @   reader->rest.size <= start.size;
  @ assigns  \nothing;
  @ ensures  dg_span_readable(\result);
  @ ensures  \result.at == start.at && \result.size <= start.size;
  @*/
static dg_span read_since(const struct dg_cbor_reader *reader, dg_span start)
{
    return (dg_span){start.at, start.size - reader->rest.size};
}

bool dg_cbor_map_next(struct dg_cbor_reader *reader,
                      struct dg_cbor_map *map,
                      int64_t *key)
{
    const dg_span start = reader->rest;

    if ((reader->status != DG_OK) || (map->left == 0U)) {
        return false;
    }

    const int64_t value = dg_cbor_read_int(reader);
    const dg_span encoded = read_since(reader, start);

    if ((reader->status == DG_OK) && !is_in_order(map->last_key, encoded)) {
        reader->status = DG_E_MALFORMED;
    }
    if (reader->status != DG_OK) {
        return false;
    }
    map->last_key = encoded;
    map->left--;
    *key = value;
    return true;
}

uint64_t dg_cbor_read_tag(struct dg_cbor_reader *reader)
{
    return read_argument(reader, MAJOR_TAG);
}

bool dg_cbor_read_bool(struct dg_cbor_reader *reader)
{
    const uint64_t value = read_argument(reader, MAJOR_SIMPLE);

    if ((value != SIMPLE_FALSE) && (value != SIMPLE_TRUE)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    return value == SIMPLE_TRUE;
}

void dg_cbor_read_null(struct dg_cbor_reader *reader)
{
    if (read_argument(reader, MAJOR_SIMPLE) != SIMPLE_NULL) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

/* An open array, map or tag.  In a map keys stand where left is even. */
struct level {
    size_t left;
    bool is_map;
    dg_span last_key;
};

/* Read a head, and the content of a string; give the number of items that
 * follow inside. */
/*@ requires dg_cbor_sound(reader) && \valid(major) &&
  @   \separated(reader, major);
  @ assigns  *reader, *major;
  @ ensures  inside: dg_cbor_sound(reader) && dg_cbor_onward{Pre, Post}(reader);
  @*/
static size_t read_shallow(struct dg_cbor_reader *reader, unsigned *major)
{
    const struct head head = read_head(reader);
    size_t inside = 0U;

    *major = head.major;
    if (reader->status != DG_OK) {
        return 0U;
    }
    switch (head.major) {
    case MAJOR_UINT:
        break;
    case MAJOR_NINT:
        if (head.argument > (uint64_t)INT64_MAX) {
            reader->status = DG_E_RANGE;
        }
        break;
    case MAJOR_BSTR:
        (void)take(reader, head.argument);
        break;
    case MAJOR_TSTR:
        (void)take_text(reader, head.argument);
        break;
    case MAJOR_ARRAY:
        inside = bounded(reader, head.argument, 1U);
        break;
    case MAJOR_MAP:
        inside = 2U * bounded(reader, head.argument, 2U);
        break;
    case MAJOR_TAG:
        inside = bounded(reader, 1U, 1U);
        break;
    default:
        if ((head.argument < SIMPLE_FALSE) || (head.argument > SIMPLE_NULL)) {
            reader->status = DG_E_MALFORMED;
        }
        break;
    }
    return inside;
}

/* Note that one item of this level was read, and check the order of keys. */
/*@ requires \valid(reader) && \valid(level) && \separated(reader, level);
  @ requires dg_span_readable(level->last_key) && dg_span_readable(item);
  @ assigns  reader->status, *level;
  @ ensures  dg_span_readable(level->last_key);
  @ ensures  \old(reader->status) != DG_OK ==> reader->status != DG_OK;
  @*/
static void count_item(struct dg_cbor_reader *reader,
                       struct level *level,
                       dg_span item,
                       unsigned major)
{
    if (level->is_map && ((level->left % 2U) == 0U)) {
        if ((major > MAJOR_TSTR) || !is_in_order(level->last_key, item)) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        }
        level->last_key = item;
    }
    level->left--;
}

/*@ requires \valid(level);
  @ assigns  *level;
  @ ensures  level->last_key.size == 0;
  @*/
static void enter(struct level *level, size_t inside, bool is_map)
{
    level->left = inside;
    level->is_map = is_map;
    level->last_key.at = NULL;
    level->last_key.size = 0U;
}

dg_span dg_cbor_read_any(struct dg_cbor_reader *reader)
{
    struct level levels[DG_CBOR_DEPTH_MAX + 1U] = {{1U, false, {NULL, 0U}}};
    size_t depth = 1U; /* levels in use; the lowest is the item itself */
    const dg_span start = reader->rest;

    /*@ loop invariant 0 <= depth <= DG_CBOR_DEPTH_MAX + 1;
      @ loop invariant dg_cbor_sound(reader);
      @ loop invariant dg_cbor_onward{Pre, Here}(reader);
      @ loop invariant \forall integer i; 0 <= i < depth ==>
      @   dg_span_readable(levels[i].last_key);
      @ loop assigns depth, *reader, levels[0 .. DG_CBOR_DEPTH_MAX];
      @*/
    while ((depth > 0U) && (reader->status == DG_OK)) {
        struct level *level = &levels[depth - 1U];

        if (level->left == 0U) {
            depth--;
            continue;
        }

        const dg_span item = reader->rest;
        unsigned major = MAJOR_SIMPLE;
        const size_t inside = read_shallow(reader, &major);

        count_item(reader, level, read_since(reader, item), major);
        /*@ assert \forall integer i; 0 <= i < depth - 1 ==>
          @   dg_span_readable(levels[i].last_key); */
        /*@ assert dg_span_readable(levels[depth - 1].last_key); */
        /*@ assert keys: \forall integer i; 0 <= i < depth ==>
          @   dg_span_readable(levels[i].last_key); */
        if ((major < MAJOR_ARRAY) || (major == MAJOR_SIMPLE)) {
            continue;
        }
        if (depth > DG_CBOR_DEPTH_MAX) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
            /*@ assert \forall integer i; 0 <= i < depth ==>
              @   dg_span_readable(levels[i].last_key); */
            continue;
        }
        enter(&levels[depth], inside, major == MAJOR_MAP);
        /*@ assert \forall integer i; 0 <= i < depth ==>
          @   dg_span_readable(levels[i].last_key); */
        depth++;
    }
    return (reader->status == DG_OK) ? read_since(reader, start)
                                     : (dg_span){NULL, 0U};
}
