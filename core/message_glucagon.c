/* SPDX-License-Identifier: Apache-2.0 */
#include "message_parts.h"

#include <string.h>

/* 27 [total, uncertain, left], where there is a chamber; 28 [ticket, outcome,
 * amount, delivered]; 29 [headroom automatic, headroom confirmed] where one is
 * not zero; all in ug.  28 and 29 do not come without 27. */

#define UG_MAX ((int32_t)UINT16_MAX)

static bool has_headroom(const struct dg_glucagon_status *glucagon)
{
    return (glucagon->headroom_automatic.ug != 0) ||
           (glucagon->headroom_confirmed.ug != 0);
}

size_t dg_glucagon_status_pairs(const struct dg_glucagon_status *glucagon)
{
    if (!glucagon->has_chamber) {
        return 0U;
    }
    return 1U + (glucagon->has_ticket ? 1U : 0U) +
           (has_headroom(glucagon) ? 1U : 0U);
}

static bool is_ug(dg_glucagon amount)
{
    return (amount.ug >= 0) && (amount.ug <= UG_MAX);
}

bool dg_glucagon_status_is_in_range(const struct dg_glucagon_status *glucagon)
{
    return is_ug(glucagon->amount) && is_ug(glucagon->delivered) &&
           is_ug(glucagon->headroom_automatic) &&
           is_ug(glucagon->headroom_confirmed);
}

void dg_glucagon_status_write(struct dg_cbor_writer *writer,
                              const struct dg_glucagon_status *glucagon)
{
    if (!glucagon->has_chamber) {
        return;
    }
    dg_cbor_write_uint(writer, 27U);
    dg_cbor_write_array(writer, 3U);
    dg_cbor_write_uint(writer, glucagon->total_ug);
    dg_cbor_write_uint(writer, glucagon->uncertain_ug);
    dg_cbor_write_uint(writer, glucagon->left_ug);
    if (glucagon->has_ticket) {
        dg_cbor_write_uint(writer, 28U);
        dg_cbor_write_array(writer, 4U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(glucagon->ticket.byte));
        dg_cbor_write_uint(writer, (uint64_t)glucagon->outcome);
        dg_cbor_write_uint(writer, (uint64_t)glucagon->amount.ug);
        dg_cbor_write_uint(writer, (uint64_t)glucagon->delivered.ug);
    }
    if (has_headroom(glucagon)) {
        dg_cbor_write_uint(writer, 29U);
        dg_cbor_write_array(writer, 2U);
        dg_cbor_write_uint(writer, (uint64_t)glucagon->headroom_automatic.ug);
        dg_cbor_write_uint(writer, (uint64_t)glucagon->headroom_confirmed.ug);
    }
}

static void want_array(struct dg_cbor_reader *reader, size_t items)
{
    if (dg_cbor_read_array(reader) != items) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

static dg_glucagon read_ug(struct dg_cbor_reader *reader)
{
    return (dg_glucagon){
        (int32_t)dg_cbor_read_uint_max(reader, (uint64_t)UG_MAX)};
}

static void read_ticket(struct dg_cbor_reader *reader,
                        struct dg_ticket_id *ticket)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, DG_TICKET_SIZE);

    if (bytes.size == DG_TICKET_SIZE) {
        memcpy(ticket->byte, bytes.at, bytes.size);
    }
}

void dg_glucagon_status_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_glucagon_status *glucagon)
{
    if (key == 27) {
        want_array(reader, 3U);
        glucagon->has_chamber = true;
        glucagon->total_ug = read_u32(reader);
        glucagon->uncertain_ug = read_u32(reader);
        glucagon->left_ug = read_u32(reader);
        return;
    }
    /* Keys rise, so 27 was read before. */
    if (!glucagon->has_chamber) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    if (key == 28) {
        want_array(reader, 4U);
        glucagon->has_ticket = true;
        read_ticket(reader, &glucagon->ticket);
        glucagon->outcome =
            (enum dg_outcome)dg_cbor_read_uint_max(reader, UINT8_MAX);
        glucagon->amount = read_ug(reader);
        glucagon->delivered = read_ug(reader);
        return;
    }
    want_array(reader, 2U);
    glucagon->headroom_automatic = read_ug(reader);
    glucagon->headroom_confirmed = read_ug(reader);
    /* Nothing is said by silence, and by nothing else. */
    if ((reader->status == DG_OK) && !has_headroom(glucagon)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
}
