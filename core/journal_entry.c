/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/journal.h"

#include "dosegate/cbor.h"

#include <stddef.h>
#include <string.h>

#define FIELDS 6U

enum dg_status dg_journal_entry_encode(const struct dg_journal_entry *entry,
                                       dg_buf room,
                                       dg_span *bytes)
{
    struct dg_cbor_writer writer;

    if ((entry->kind == DG_JOURNAL_NONE) ||
        ((unsigned)entry->kind >= DG_JOURNAL_KINDS) ||
        (entry->who > DG_JOURNAL_BY_STRANGER) ||
        (entry->data_size > DG_JOURNAL_DATA_MAX)) {
        return DG_E_RANGE;
    }
    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_array(&writer, FIELDS);
    dg_cbor_write_uint(&writer, entry->at.s);
    dg_cbor_write_uint(&writer, (uint64_t)entry->kind);
    dg_cbor_write_uint(&writer, entry->who);
    dg_cbor_write_uint(&writer, entry->code);
    dg_cbor_write_uint(&writer, entry->amount);
    dg_cbor_write_bstr(&writer, (dg_span){entry->data, entry->data_size});
    return dg_cbor_writer_end(&writer, bytes);
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

enum dg_status dg_journal_entry_decode(dg_span bytes,
                                       struct dg_journal_entry *entry)
{
    struct dg_journal_entry draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, bytes);
    if (dg_cbor_read_array(&reader) != FIELDS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    draft.at.s = read_u32(&reader);
    draft.kind =
        (enum dg_journal_kind)dg_cbor_read_uint_max(&reader, UINT8_MAX);
    draft.who = (uint8_t)dg_cbor_read_uint_max(&reader, DG_JOURNAL_BY_STRANGER);
    draft.code = read_u32(&reader);
    draft.amount = read_u32(&reader);

    const dg_span data = dg_cbor_read_bstr(&reader);

    if ((data.size > DG_JOURNAL_DATA_MAX) ||
        ((reader.status == DG_OK) && (draft.kind == DG_JOURNAL_NONE))) {
        dg_cbor_reader_fail(&reader, DG_E_RANGE);
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    draft.data_size = (uint8_t)data.size;
    if (data.size > 0U) {
        memcpy(draft.data, data.at, data.size);
    }
    *entry = draft;
    return DG_OK;
}
