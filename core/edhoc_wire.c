/* SPDX-License-Identifier: Apache-2.0 */
#include "edhoc_wire.h"

/* COSE header labels (RFC 9052, table 3; kccs from the COSE registry). */
#define HEADER_KID  4
#define HEADER_KCCS 14

#define EAD_LABEL_MAX 65535

bool dg_edhoc_has_method(enum dg_method method)
{
    return (method == DG_METHOD_SIGN) || (method == DG_METHOD_STATIC);
}

int dg_edhoc_method_on_wire(enum dg_method method)
{
    return (int)method - 1;
}

bool dg_edhoc_has_suite(int64_t suite)
{
    return (suite == 2) || (suite == 3);
}

size_t dg_edhoc_tag_size(int8_t suite)
{
    return (suite == 2) ? 8U : 16U;
}

static bool is_one_byte_int(dg_span bytes)
{
    return (bytes.size == 1U) &&
           ((bytes.at[0] <= 0x17U) ||
            ((0x20U <= bytes.at[0]) && (bytes.at[0] <= 0x37U)));
}

void dg_edhoc_write_identifier(struct dg_cbor_writer *writer, dg_span bytes)
{
    if (is_one_byte_int(bytes)) {
        dg_cbor_write_raw(writer, bytes);
    } else {
        dg_cbor_write_bstr(writer, bytes);
    }
}

dg_span dg_edhoc_read_identifier(struct dg_cbor_reader *reader)
{
    dg_span bytes = {reader->rest.at, 1U};

    if (dg_cbor_peek(reader) == DG_CBOR_BSTR) {
        bytes = dg_cbor_read_bstr(reader);
        if (is_one_byte_int(bytes)) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        }
    } else {
        /* The encoding of the integer is the string. */
        const int64_t value = dg_cbor_read_int(reader);

        if ((value < -24) || (value > 23)) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        }
    }
    return (reader->status == DG_OK) ? bytes : (dg_span){NULL, 0U};
}

void dg_edhoc_write_suites(struct dg_cbor_writer *writer,
                           const int8_t *suites,
                           size_t count)
{
    if (count > 1U) {
        dg_cbor_write_array(writer, count);
    }
    for (size_t i = 0U; i < count; i++) {
        dg_cbor_write_int(writer, suites[i]);
    }
}

void dg_edhoc_read_suites(struct dg_cbor_reader *reader,
                          struct dg_edhoc_offer *offer)
{
    size_t count = 1U;

    offer->count = 0U;
    if (dg_cbor_peek(reader) == DG_CBOR_ARRAY) {
        count = dg_cbor_read_array(reader);
        if (count < 2U) {
            dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        }
        if (count > DG_EDHOC_SUITES_MAX) {
            dg_cbor_reader_fail(reader, DG_E_RANGE);
        }
    }
    while ((offer->count < count) && (reader->status == DG_OK)) {
        const int64_t suite = dg_cbor_read_int(reader);

        for (size_t i = 0U; i < offer->count; i++) {
            if (offer->suite[i] == suite) {
                dg_cbor_reader_fail(reader, DG_E_MALFORMED);
            }
        }
        offer->suite[offer->count] = suite;
        offer->count++;
    }
}

dg_span dg_edhoc_read_ead(struct dg_cbor_reader *reader)
{
    const dg_span ead = reader->rest;

    while ((reader->status == DG_OK) && (reader->rest.size != 0U)) {
        const int64_t label = dg_cbor_read_int(reader);

        if ((label < -EAD_LABEL_MAX) || (label > EAD_LABEL_MAX)) {
            dg_cbor_reader_fail(reader, DG_E_RANGE);
        }
        if (dg_cbor_peek(reader) == DG_CBOR_BSTR) {
            (void)dg_cbor_read_bstr(reader);
        }
    }
    if (ead.size > DG_EDHOC_EAD_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    return ((reader->status == DG_OK) && (ead.size != 0U))
               ? ead
               : (dg_span){NULL, 0U};
}

bool dg_edhoc_is_ead(dg_span ead)
{
    struct dg_cbor_reader reader;

    if (ead.at == NULL) {
        return ead.size == 0U;
    }
    dg_cbor_reader_init(&reader, ead);
    (void)dg_edhoc_read_ead(&reader);
    return dg_cbor_reader_end(&reader) == DG_OK;
}

/* The one header of an ID_CRED: its label, and its value as a CBOR item. */
static enum dg_status read_id_cred(struct dg_cbor_reader *reader,
                                   int64_t *label,
                                   dg_span *value)
{
    struct dg_cbor_map map;
    int64_t ignored = 0;

    *label = 0;
    dg_cbor_read_map(reader, &map);

    const bool is_single = map.left == 1U;

    if (dg_cbor_map_next(reader, &map, label)) {
        *value = dg_cbor_read_any(reader);
    }
    while (dg_cbor_map_next(reader, &map, &ignored)) {
        (void)dg_cbor_read_any(reader);
    }
    if (reader->status != DG_OK) {
        return reader->status;
    }
    return is_single ? DG_OK : DG_E_UNSUPPORTED;
}

/* Is the encoded @value of the type that the header wants? */
static bool is_value_of(int64_t label, dg_span value)
{
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, value);

    const enum dg_cbor_type type = dg_cbor_peek(&reader);

    return ((label == HEADER_KID) && (type == DG_CBOR_BSTR) &&
            (dg_cbor_read_bstr(&reader).size <= DG_EDHOC_KID_MAX)) ||
           ((label == HEADER_KCCS) && (type == DG_CBOR_MAP));
}

/* An ID_CRED of ours: gives the label, 0 when it is none. */
static int64_t label_of(dg_span id_cred, dg_span *value)
{
    struct dg_cbor_reader reader;
    int64_t label = 0;

    dg_cbor_reader_init(&reader, id_cred);
    if ((id_cred.size > DG_EDHOC_ID_CRED_MAX) ||
        (read_id_cred(&reader, &label, value) != DG_OK) ||
        (dg_cbor_reader_end(&reader) != DG_OK) || !is_value_of(label, *value)) {
        return 0;
    }
    return label;
}

bool dg_edhoc_is_id_cred(dg_span id_cred)
{
    dg_span value = {NULL, 0U};

    return (id_cred.at != NULL) && (label_of(id_cred, &value) != 0);
}

dg_span dg_edhoc_cred_by_value(dg_span id_cred)
{
    dg_span value = {NULL, 0U};

    return (label_of(id_cred, &value) == HEADER_KCCS) ? value
                                                      : (dg_span){NULL, 0U};
}

void dg_edhoc_write_id_cred(struct dg_cbor_writer *writer, dg_span id_cred)
{
    dg_span value = {NULL, 0U};

    if (label_of(id_cred, &value) == HEADER_KID) {
        struct dg_cbor_reader reader;

        dg_cbor_reader_init(&reader, value);
        dg_edhoc_write_identifier(writer, dg_cbor_read_bstr(&reader));
    } else {
        dg_cbor_write_raw(writer, id_cred);
    }
}

/* Restore {4: kid} from a kid alone. */
static enum dg_status restore_kid(dg_span kid, dg_buf kid_map, dg_span *id_cred)
{
    struct dg_cbor_writer writer;

    if (kid.size > DG_EDHOC_KID_MAX) {
        return DG_E_RANGE;
    }
    dg_cbor_writer_init(&writer, kid_map);
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_int(&writer, HEADER_KID);
    dg_cbor_write_bstr(&writer, kid);
    return dg_cbor_writer_end(&writer, id_cred);
}

/* ID_CRED as it stands in a plaintext. */
static enum dg_status split_id_cred(struct dg_cbor_reader *reader,
                                    dg_buf kid_map,
                                    dg_span *id_cred)
{
    const dg_span start = reader->rest;
    dg_span value = {NULL, 0U};
    int64_t label = 0;

    if (dg_cbor_peek(reader) != DG_CBOR_MAP) {
        const dg_span kid = dg_edhoc_read_identifier(reader);

        return (reader->status == DG_OK) ? restore_kid(kid, kid_map, id_cred)
                                         : reader->status;
    }

    const enum dg_status status = read_id_cred(reader, &label, &value);

    if (status != DG_OK) {
        return status;
    }
    *id_cred = (dg_span){start.at, start.size - reader->rest.size};
    if (label == HEADER_KID) {
        return DG_E_MALFORMED; /* a kid travels without its map */
    }
    if (!is_value_of(label, value)) {
        return DG_E_UNSUPPORTED;
    }
    return (id_cred->size <= DG_EDHOC_ID_CRED_MAX) ? DG_OK : DG_E_RANGE;
}

enum dg_status dg_edhoc_split(dg_span plain,
                              bool with_connection,
                              size_t mac_size,
                              dg_buf kid_map,
                              struct dg_edhoc_parts *parts)
{
    struct dg_cbor_reader reader;

    *parts = (struct dg_edhoc_parts){0};
    dg_cbor_reader_init(&reader, plain);
    if (with_connection) {
        parts->connection = dg_edhoc_read_identifier(&reader);
        if (parts->connection.size > DG_EDHOC_CONNECTION_MAX) {
            dg_cbor_reader_fail(&reader, DG_E_RANGE);
        }
    }

    const enum dg_status status =
        split_id_cred(&reader, kid_map, &parts->id_cred);

    if (status != DG_OK) {
        dg_cbor_reader_fail(&reader, status);
    }
    parts->mac = dg_cbor_read_bstr_exact(&reader, mac_size);
    parts->ead = dg_edhoc_read_ead(&reader);
    return dg_cbor_reader_end(&reader);
}

enum dg_status dg_edhoc_join(const struct dg_edhoc_parts *parts,
                             bool with_connection,
                             dg_buf room,
                             dg_span *plain)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    if (with_connection) {
        dg_edhoc_write_identifier(&writer, parts->connection);
    }
    dg_edhoc_write_id_cred(&writer, parts->id_cred);
    dg_cbor_write_bstr(&writer, parts->mac);
    dg_cbor_write_raw(&writer, parts->ead);
    return dg_cbor_writer_end(&writer, plain);
}
