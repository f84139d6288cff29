/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/cbor.h"

#include <string.h>

/* Major types, in the place where they stand in a head (RFC 8949, 3.1). */
#define HEAD_UINT  0x00U
#define HEAD_NINT  0x20U
#define HEAD_BSTR  0x40U
#define HEAD_TSTR  0x60U
#define HEAD_ARRAY 0x80U
#define HEAD_MAP   0xA0U
#define HEAD_TAG   0xC0U
#define HEAD_FALSE 0xF4U
#define HEAD_TRUE  0xF5U
#define HEAD_NULL  0xF6U

void dg_cbor_writer_init(struct dg_cbor_writer *writer, dg_buf out)
{
    writer->out = out;
    writer->used = 0U;
    writer->status = DG_OK;
}

void dg_cbor_write_raw(struct dg_cbor_writer *writer, dg_span bytes)
{
    if (writer->status != DG_OK) {
        return;
    }
    if (bytes.size > writer->out.capacity - writer->used) {
        writer->status = DG_E_NO_SPACE;
        return;
    }
    if (bytes.size != 0U) {
        (void)memcpy(&writer->out.at[writer->used], bytes.at, bytes.size);
        writer->used += bytes.size;
    }
}

static void write_head(struct dg_cbor_writer *writer,
                       unsigned major,
                       uint64_t argument)
{
    uint8_t head[9];
    size_t extra = 0U;
    unsigned info = (unsigned)argument;

    if (argument > UINT32_MAX) {
        extra = 8U;
        info = 27U;
    } else if (argument > UINT16_MAX) {
        extra = 4U;
        info = 26U;
    } else if (argument > UINT8_MAX) {
        extra = 2U;
        info = 25U;
    } else if (argument > 23U) {
        extra = 1U;
        info = 24U;
    }
    head[0] = (uint8_t)(major | info);
    for (size_t i = 0U; i < extra; i++) {
        head[extra - i] = (uint8_t)(argument >> (8U * i));
    }
    dg_cbor_write_raw(writer, (dg_span){head, 1U + extra});
}

void dg_cbor_write_uint(struct dg_cbor_writer *writer, uint64_t value)
{
    write_head(writer, HEAD_UINT, value);
}

void dg_cbor_write_int(struct dg_cbor_writer *writer, int64_t value)
{
    if (value < 0) {
        write_head(writer, HEAD_NINT, (uint64_t)(-1 - value));
    } else {
        write_head(writer, HEAD_UINT, (uint64_t)value);
    }
}

void dg_cbor_write_bstr_head(struct dg_cbor_writer *writer, size_t size)
{
    write_head(writer, HEAD_BSTR, size);
}

void dg_cbor_write_bstr(struct dg_cbor_writer *writer, dg_span bytes)
{
    dg_cbor_write_bstr_head(writer, bytes.size);
    dg_cbor_write_raw(writer, bytes);
}

void dg_cbor_write_tstr_span(struct dg_cbor_writer *writer, dg_span text)
{
    write_head(writer, HEAD_TSTR, text.size);
    dg_cbor_write_raw(writer, text);
}

void dg_cbor_write_tstr(struct dg_cbor_writer *writer, const char *text)
{
    size_t size = 0U;

    while (text[size] != '\0') {
        size++;
    }
    dg_cbor_write_tstr_span(writer, (dg_span){(const uint8_t *)text, size});
}

void dg_cbor_write_array(struct dg_cbor_writer *writer, size_t items)
{
    write_head(writer, HEAD_ARRAY, items);
}

void dg_cbor_write_map(struct dg_cbor_writer *writer, size_t pairs)
{
    write_head(writer, HEAD_MAP, pairs);
}

void dg_cbor_write_tag(struct dg_cbor_writer *writer, uint64_t tag)
{
    write_head(writer, HEAD_TAG, tag);
}

static void write_byte(struct dg_cbor_writer *writer, uint8_t byte)
{
    dg_cbor_write_raw(writer, (dg_span){&byte, 1U});
}

void dg_cbor_write_bool(struct dg_cbor_writer *writer, bool value)
{
    write_byte(writer, value ? HEAD_TRUE : HEAD_FALSE);
}

void dg_cbor_write_null(struct dg_cbor_writer *writer)
{
    write_byte(writer, HEAD_NULL);
}

enum dg_status dg_cbor_writer_end(const struct dg_cbor_writer *writer,
                                  dg_span *bytes)
{
    *bytes = (dg_span){NULL, 0U};
    if (writer->status == DG_OK) {
        *bytes = (dg_span){writer->out.at, writer->used};
    }
    return writer->status;
}
