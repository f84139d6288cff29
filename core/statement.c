/* SPDX-License-Identifier: Apache-2.0 */
#include "statement.h"

#include "bounds_wire.h"
#include "dosegate/bounds.h"
#include "dosegate/cbor.h"
#include "member.h"

#include <string.h>

/* Range ---------------------------------------------------------------------- */

static bool is_between(const struct dg_field *field, uint32_t number)
{
    return (number >= field->low) && (number <= field->high);
}

static struct dg_bounds bounds_at(const uint8_t *at)
{
    struct dg_bounds bounds;

    (void)memcpy((uint8_t *)&bounds, at, sizeof bounds);
    return bounds;
}

/* Fields of bytes have no range. */
static bool is_in_range(const struct dg_field *field, const uint8_t *at)
{
    bool is_right = true;

    if (field->form == (uint8_t)DG_FIELD_NUMBER) {
        is_right = is_between(field, dg_member_get(at, field->size));
    } else if (field->form == (uint8_t)DG_FIELD_TEXT) {
        is_right = is_between(field, *at);
    } else if (field->form == (uint8_t)DG_FIELD_BOUNDS) {
        const struct dg_bounds bounds = bounds_at(at);

        for (unsigned i = 0U; i < DG_BOUNDS; i++) {
            is_right = is_right && (bounds.value[i] >= 0);
        }
    } else {
        /* Any bytes. */
    }
    return is_right;
}

static bool are_in_range(const struct dg_statement *what, const uint8_t *base)
{
    bool are_right = true;

    for (unsigned i = 0U; i < what->fields; i++) {
        are_right =
            are_right && is_in_range(&what->field[i], &base[what->field[i].at]);
    }
    return are_right;
}

/* Writing -------------------------------------------------------------------- */

static void write_field(struct dg_cbor_writer *writer,
                        const struct dg_field *field,
                        const uint8_t *at)
{
    if (field->form == (uint8_t)DG_FIELD_NUMBER) {
        dg_cbor_write_uint(writer, dg_member_get(at, field->size));
    } else if (field->form == (uint8_t)DG_FIELD_BYTES) {
        dg_cbor_write_bstr(writer, (dg_span){at, field->size});
    } else if (field->form == (uint8_t)DG_FIELD_TEXT) {
        dg_cbor_write_tstr_span(writer, (dg_span){&at[1], at[0]});
    } else {
        const struct dg_bounds bounds = bounds_at(at);

        dg_bounds_write(writer, &bounds);
    }
}

static enum dg_status write_payload(const struct dg_statement *what,
                                    const uint8_t *base,
                                    dg_buf room,
                                    dg_span *payload)
{
    struct dg_cbor_writer writer;
    const size_t items = (size_t)what->fields + 1U;

    dg_cbor_writer_init(&writer, room);
    if (what->is_map) {
        dg_cbor_write_map(&writer, items);
        dg_cbor_write_uint(&writer, 0U);
    } else {
        dg_cbor_write_array(&writer, items);
    }
    dg_cbor_write_uint(&writer, what->layout);
    for (unsigned i = 0U; i < what->fields; i++) {
        if (what->is_map) {
            dg_cbor_write_uint(&writer, (uint64_t)i + 1U);
        }
        write_field(&writer, &what->field[i], &base[what->field[i].at]);
    }
    return dg_cbor_writer_end(&writer, payload);
}

enum dg_status dg_statement_sign(const struct dg_statement *what,
                                 const struct dg_crypto *crypto,
                                 const struct dg_secret *key,
                                 const void *object,
                                 dg_buf room,
                                 dg_span *message)
{
    const dg_span no_kid = {NULL, 0U};
    uint8_t plain[DG_STATEMENT_PAYLOAD_MAX];
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (key == NULL) || (object == NULL) ||
        (message == NULL)) {
        return DG_E_USAGE;
    }
    if (!are_in_range(what, object)) {
        return DG_E_RANGE;
    }
    if (room.capacity < what->message_max) {
        return DG_E_NO_SPACE;
    }

    const enum dg_status status =
        write_payload(what, object, DG_BUF_OF(plain), &payload);

    return (status == DG_OK)
               ? dg_cose_sign1(
                     crypto, key, no_kid, what->purpose, payload, room, message)
               : status;
}

/* Reading -------------------------------------------------------------------- */

static void read_text(struct dg_cbor_reader *reader,
                      const struct dg_field *field,
                      uint8_t *at)
{
    const dg_span text = dg_cbor_read_tstr(reader);

    if (text.size > field->size) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    } else if (text.size > 0U) {
        (void)memcpy(&at[1], text.at, text.size);
        at[0] = (uint8_t)text.size;
    } else {
        /* None: is that in range? */
    }
}

static void read_field(struct dg_cbor_reader *reader,
                       const struct dg_field *field,
                       uint8_t *at)
{
    if (field->form == (uint8_t)DG_FIELD_NUMBER) {
        dg_member_set(at,
                      field->size,
                      (uint32_t)dg_cbor_read_uint_max(reader, field->high));
    } else if (field->form == (uint8_t)DG_FIELD_BYTES) {
        const dg_span bytes = dg_cbor_read_bstr_exact(reader, field->size);

        if (bytes.size == field->size) {
            (void)memcpy(at, bytes.at, bytes.size);
        }
    } else if (field->form == (uint8_t)DG_FIELD_TEXT) {
        read_text(reader, field, at);
    } else {
        struct dg_bounds bounds;

        dg_bounds_read(reader, &bounds);
        (void)memcpy(at, (const uint8_t *)&bounds, sizeof bounds);
    }
}

static void read_layout(struct dg_cbor_reader *reader,
                        const struct dg_statement *what)
{
    if (dg_cbor_read_uint_max(reader, UINT32_MAX) != what->layout) {
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
    }
}

/* Keys come in order and none twice, so as many as there are rows, none of
 * them beyond the last, are all of them. */
static void read_map(struct dg_cbor_reader *reader,
                     const struct dg_statement *what,
                     uint8_t *base)
{
    struct dg_cbor_map map;
    int64_t key = 0;

    dg_cbor_read_map(reader, &map);
    if (map.left != ((size_t)what->fields + 1U)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    while (dg_cbor_map_next(reader, &map, &key)) {
        if ((key < 0) || (key > (int64_t)what->fields)) {
            dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        } else if (key == 0) {
            read_layout(reader, what);
        } else {
            const struct dg_field *field = &what->field[key - 1];

            read_field(reader, field, &base[field->at]);
        }
    }
}

static void read_array(struct dg_cbor_reader *reader,
                       const struct dg_statement *what,
                       uint8_t *base)
{
    if (dg_cbor_read_array(reader) != ((size_t)what->fields + 1U)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    read_layout(reader, what);
    for (unsigned i = 0U; i < what->fields; i++) {
        read_field(reader, &what->field[i], &base[what->field[i].at]);
    }
}

enum dg_status dg_statement_read(const struct dg_statement *what,
                                 dg_span payload,
                                 void *object)
{
    struct dg_cbor_reader reader;

    (void)memset(object, 0, what->size);
    dg_cbor_reader_init(&reader, payload);
    if (what->is_map) {
        read_map(&reader, what, object);
    } else {
        read_array(&reader, what, object);
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    return are_in_range(what, object) ? DG_OK : DG_E_RANGE;
}

bool dg_statement_is_size(const struct dg_statement *what, dg_span message)
{
    return (message.at != NULL) && (message.size > 0U) &&
           (message.size <= what->message_max);
}

enum dg_status dg_statement_verify(const struct dg_statement *what,
                                   const struct dg_crypto *crypto,
                                   const struct dg_public_key *key,
                                   dg_span message,
                                   void *object)
{
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (key == NULL) || (object == NULL)) {
        return DG_E_USAGE;
    }
    if (!dg_statement_is_size(what, message)) {
        return DG_E_RANGE;
    }

    const enum dg_status status =
        dg_cose_sign1_verify(crypto, key, what->purpose, message, &payload);

    return (status == DG_OK) ? dg_statement_read(what, payload, object)
                             : status;
}
