/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the CBOR reader.  Oracle: what dg_cbor_read_any() accepts can be
 * read head by head with the typed functions, and writing the same values
 * gives the same bytes; a longer or cut input is refused. */
#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_head(struct dg_cbor_reader *reader,
                      struct dg_cbor_writer *writer)
{
    struct dg_cbor_map map;

    switch (dg_cbor_peek(reader)) {
    case DG_CBOR_UINT:
        dg_cbor_write_uint(writer, dg_cbor_read_uint(reader));
        break;
    case DG_CBOR_NINT:
        dg_cbor_write_int(writer, dg_cbor_read_int(reader));
        break;
    case DG_CBOR_BSTR:
        dg_cbor_write_bstr(writer, dg_cbor_read_bstr(reader));
        break;
    case DG_CBOR_TSTR:
        dg_cbor_write_tstr_span(writer, dg_cbor_read_tstr(reader));
        break;
    case DG_CBOR_ARRAY:
        dg_cbor_write_array(writer, dg_cbor_read_array(reader));
        break;
    case DG_CBOR_MAP:
        dg_cbor_read_map(reader, &map);
        dg_cbor_write_map(writer, map.left);
        break;
    case DG_CBOR_TAG:
        dg_cbor_write_tag(writer, dg_cbor_read_tag(reader));
        break;
    case DG_CBOR_BOOL:
        dg_cbor_write_bool(writer, dg_cbor_read_bool(reader));
        break;
    case DG_CBOR_NULL:
        dg_cbor_read_null(reader);
        dg_cbor_write_null(writer);
        break;
    case DG_CBOR_NONE:
    default:
        abort();
    }
}

/* Read a map of integer keys as messages do. */
static void read_as_message(dg_span bytes)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t last = 0;
    int64_t key = 0;
    bool is_first = true;

    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);
    while (dg_cbor_map_next(&reader, &map, &key)) {
        /* 0, 1, ... and then -1, -2, ... */
        const bool rises = ((last >= 0) && (key >= 0) && (key > last)) ||
                           ((last >= 0) && (key < 0)) ||
                           ((last < 0) && (key < last));

        if (!is_first && !rises) {
            abort();
        }
        is_first = false;
        last = key;
        (void)dg_cbor_read_any(&reader);
    }
    if ((dg_cbor_reader_end(&reader) == DG_OK) && (map.left != 0U)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[65536];
    struct dg_cbor_reader reader;
    struct dg_cbor_writer writer;
    dg_span written;

    if (size > sizeof room) {
        return 0;
    }
    read_as_message((dg_span){data, size});
    dg_cbor_reader_init(&reader, (dg_span){data, size});

    const dg_span item = dg_cbor_read_any(&reader);

    if (reader.status != DG_OK) {
        if ((item.at != NULL) || (item.size != 0U)) {
            abort();
        }
        return 0;
    }
    if ((item.at != data) || (item.size + reader.rest.size != size)) {
        abort();
    }

    dg_cbor_reader_init(&reader, item);
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    while (reader.rest.size != 0U) {
        copy_head(&reader, &writer);
    }
    if ((dg_cbor_reader_end(&reader) != DG_OK) ||
        (dg_cbor_writer_end(&writer, &written) != DG_OK) ||
        (written.size != item.size) ||
        (memcmp(written.at, item.at, item.size) != 0)) {
        abort();
    }

    dg_cbor_reader_init(&reader, (dg_span){data, item.size - 1U});
    (void)dg_cbor_read_any(&reader);
    if (dg_cbor_reader_end(&reader) != DG_E_TRUNCATED) {
        abort();
    }
    return 0;
}
