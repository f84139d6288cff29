/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/message.h"

#include "journal_message.h"
#include "message_parts.h"

#include <stddef.h>
#include <string.h>

/* Answer map: 0 kind, 1 status (a map), then the fields of the kind:
 * TICKET 2 id, 3 effect, 4 expiry, 5 confirmation; ACCEPTED and ALREADY 2 id;
 * REFUSED 2 reason, 3 headroom; ROLES 2 the phones; REKEY 2 and 3 the nonces;
 * PROFILE 2 to 6, core/message_profile.c.
 *
 * Status map: every number has its key, in this order; ticket (key 5) and
 * glucose (key 19) are absent when there is none, keys from 22 on when they are
 * zero. */

#define DOSE_MAX ((uint64_t)INT32_MAX)

static void write_pair(struct dg_cbor_writer *writer,
                       uint64_t key,
                       uint64_t value)
{
    dg_cbor_write_uint(writer, key);
    dg_cbor_write_uint(writer, value);
}

/* Key 35: is there something to hear, or somebody to name? */
static bool is_attention(const struct dg_device_status *status)
{
    return (status->sound != DG_SOUND_OFF) || (status->drainer != 0U);
}

static size_t status_pairs(const struct dg_device_status *status)
{
    size_t pairs = 17U;

    pairs += status->has_ticket ? 4U : 0U;
    pairs += status->has_glucose ? 1U : 0U;
    pairs += (status->fault != DG_FAULT_NONE) ? 1U : 0U;
    pairs += (status->pause_left_s != 0U) ? 1U : 0U;
    pairs += (status->pause_permille != 0U) ? 1U : 0U;
    pairs += (status->headroom_pause_s != 0U) ? 1U : 0U;
    pairs += (status->spread_left_mU != 0U) ? 1U : 0U;
    pairs += dg_glucagon_status_pairs(&status->glucagon);
    pairs += (status->loosen_left_s != 0U) ? 1U : 0U;
    pairs += (status->journal != 0U) ? 1U : 0U;
    pairs += (status->firmware != 0U) ? 1U : 0U;
    pairs += (status->findings != 0U) ? 1U : 0U;
    pairs += is_attention(status) ? 1U : 0U;
    return pairs;
}

static void write_status(struct dg_cbor_writer *writer,
                         const struct dg_device_status *status)
{
    dg_cbor_write_map(writer, status_pairs(status));
    write_pair(writer, 0U, status->now.s);
    write_pair(writer, 1U, (uint64_t)status->therapy);
    write_pair(writer, 2U, (uint64_t)status->rung);
    write_pair(writer, 3U, status->missing);
    write_pair(writer, 4U, (uint64_t)status->lease);
    if (status->has_ticket) {
        dg_cbor_write_uint(writer, 5U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(status->ticket.byte));
        write_pair(writer, 6U, (uint64_t)status->outcome);
        write_pair(writer, 7U, (uint64_t)status->ticket_amount.mU);
        write_pair(writer, 8U, (uint64_t)status->ticket_delivered.mU);
    }
    write_pair(writer, 9U, status->bolus_total_mU);
    write_pair(writer, 10U, status->basal_total_mU);
    write_pair(writer, 11U, status->uncertain_mU);
    write_pair(writer, 12U, (uint64_t)status->iob.mU);
    write_pair(writer, 13U, status->reservoir_mU);
    write_pair(writer, 14U, status->battery_percent);
    write_pair(writer, 15U, status->alarms);
    write_pair(writer, 16U, (uint64_t)status->headroom_automatic.mU);
    write_pair(writer, 17U, (uint64_t)status->headroom_confirmed.mU);
    write_pair(writer, 18U, DG_PULSE_MU);
    if (status->has_glucose) {
        write_pair(writer, 19U, (uint64_t)status->glucose.mg_dL);
    }
    write_pair(writer, 20U, DG_VERSION_MAJOR);
    write_pair(writer, 21U, DG_VERSION_MINOR);
    if (status->fault != DG_FAULT_NONE) {
        write_pair(writer, 22U, (uint64_t)status->fault);
    }
    if (status->pause_left_s != 0U) {
        write_pair(writer, 23U, status->pause_left_s);
    }
    if (status->pause_permille != 0U) {
        write_pair(writer, 24U, status->pause_permille);
    }
    if (status->headroom_pause_s != 0U) {
        write_pair(writer, 25U, status->headroom_pause_s);
    }
    if (status->spread_left_mU != 0U) {
        write_pair(writer, 26U, status->spread_left_mU);
    }
    dg_glucagon_status_write(writer, &status->glucagon);
    if (status->loosen_left_s != 0U) {
        write_pair(writer, 30U, status->loosen_left_s);
    }
    if (status->journal != 0U) {
        write_pair(writer, 32U, status->journal);
    }
    if (status->firmware != 0U) {
        write_pair(writer, 33U, status->firmware);
    }
    if (status->findings != 0U) {
        write_pair(writer, 34U, status->findings);
    }
    if (is_attention(status)) {
        dg_cbor_write_uint(writer, 35U);
        dg_cbor_write_array(writer, 2U);
        dg_cbor_write_uint(writer, (uint64_t)status->sound);
        dg_cbor_write_uint(writer, status->drainer);
    }
}

static bool is_in_range(const struct dg_answer *answer)
{
    const struct dg_device_status *status = &answer->status;

    return (status->ticket_amount.mU >= 0) &&
           (status->ticket_delivered.mU >= 0) && (status->iob.mU >= 0) &&
           (status->headroom_automatic.mU >= 0) &&
           (status->headroom_confirmed.mU >= 0) &&
           ((unsigned)status->sound <= (unsigned)DG_SOUND_CONTINUOUS) &&
           (status->glucose.mg_dL >= 0) &&
           dg_glucagon_status_is_in_range(&status->glucagon) &&
           ((answer->kind != DG_ANSWER_TICKET) ||
            dg_effect_is_sound(&answer->as.ticket.effect)) &&
           ((answer->kind != DG_ANSWER_REFUSED) ||
            (answer->as.refused.headroom.mU >= 0)) &&
           ((answer->kind != DG_ANSWER_JOURNAL) ||
            dg_journal_answer_is_sound(answer)) &&
           ((answer->kind != DG_ANSWER_ROLES) || dg_roles_are_sound(answer)) &&
           ((answer->kind != DG_ANSWER_PROFILE) ||
            dg_profile_answer_is_sound(answer));
}

static size_t fields_of(enum dg_answer_kind kind)
{
    switch (kind) {
    case DG_ANSWER_STATUS:
        return 0U;
    case DG_ANSWER_TICKET:
    case DG_ANSWER_UPDATE:
        return 4U;
    case DG_ANSWER_ACCEPTED:
    case DG_ANSWER_ALREADY:
    case DG_ANSWER_ROLES:
        return 1U;
    case DG_ANSWER_REFUSED:
    case DG_ANSWER_REKEY:
    case DG_ANSWER_ATTEST:
        return 2U;
    case DG_ANSWER_JOURNAL:
        return DG_JOURNAL_ANSWER_KEYS;
    case DG_ANSWER_PROFILE:
        return DG_PROFILE_ANSWER_KEYS;
    case DG_ANSWER_NONE:
    default:
        return SIZE_MAX;
    }
}

static void write_fields(struct dg_cbor_writer *writer,
                         const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_TICKET) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(answer->as.ticket.id.byte));
        dg_cbor_write_uint(writer, 3U);
        dg_effect_write(writer, &answer->as.ticket.effect);
        write_pair(writer, 4U, answer->as.ticket.expiry.s);
        write_pair(writer, 5U, (uint64_t)answer->as.ticket.confirmation);
    }
    if ((answer->kind == DG_ANSWER_ACCEPTED) ||
        (answer->kind == DG_ANSWER_ALREADY)) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(answer->as.accepted.id.byte));
    }
    if (answer->kind == DG_ANSWER_JOURNAL) {
        dg_journal_answer_write(writer, answer);
    }
    if (answer->kind == DG_ANSWER_PROFILE) {
        dg_profile_answer_write(writer, answer);
    }
    if (answer->kind == DG_ANSWER_UPDATE) {
        write_pair(writer, 2U, (uint64_t)answer->as.update.state);
        write_pair(writer, 3U, (uint64_t)answer->as.update.why);
        write_pair(writer, 4U, answer->as.update.next);
        write_pair(writer, 5U, answer->as.update.size);
    }
    if (answer->kind == DG_ANSWER_ROLES) {
        dg_cbor_write_uint(writer, 2U);
        dg_roles_write(writer, answer);
    }
    if (answer->kind == DG_ANSWER_REKEY) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(answer->as.rekey.phone));
        dg_cbor_write_uint(writer, 3U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(answer->as.rekey.device));
    }
    if (answer->kind == DG_ANSWER_ATTEST) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer, DG_SPAN_OF(answer->as.attest.nonce.byte));
        write_pair(writer, 3U, answer->as.attest.life_s);
    }
    if (answer->kind == DG_ANSWER_REFUSED) {
        write_pair(writer, 2U, (uint64_t)answer->as.refused.reason);
        write_pair(writer, 3U, (uint64_t)answer->as.refused.headroom.mU);
    }
}

enum dg_status dg_answer_encode(const struct dg_answer *answer,
                                dg_buf room,
                                dg_span *bytes)
{
    if ((answer == NULL) || (bytes == NULL)) {
        return DG_E_USAGE;
    }

    const size_t fields = fields_of(answer->kind);

    if ((fields == SIZE_MAX) || !is_in_range(answer)) {
        return DG_E_RANGE;
    }

    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_map(&writer, 2U + fields);
    write_pair(&writer, 0U, (uint64_t)answer->kind);
    dg_cbor_write_uint(&writer, 1U);
    write_status(&writer, &answer->status);
    write_fields(&writer, answer);
    return dg_cbor_writer_end(&writer, bytes);
}

static dg_dose read_dose(struct dg_cbor_reader *reader)
{
    return (dg_dose){(int32_t)dg_cbor_read_uint_max(reader, DOSE_MAX)};
}

static struct dg_ticket_id read_ticket(struct dg_cbor_reader *reader)
{
    struct dg_ticket_id ticket = {{0}};
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, DG_TICKET_SIZE);

    if (bytes.size == DG_TICKET_SIZE) {
        memcpy(ticket.byte, bytes.at, bytes.size);
    }
    return ticket;
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

static unsigned read_small(struct dg_cbor_reader *reader)
{
    return (unsigned)dg_cbor_read_uint_max(reader, UINT8_MAX);
}

/* A value that is absent when it is zero: zero has one encoding. */
static uint32_t read_present(struct dg_cbor_reader *reader, uint32_t most)
{
    const uint32_t value = (uint32_t)dg_cbor_read_uint_max(reader, most);

    if ((reader->status == DG_OK) && (value == 0U)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    return value;
}

static void read_attention(struct dg_cbor_reader *reader,
                           struct dg_device_status *status)
{
    const size_t items = dg_cbor_read_array(reader);

    status->sound =
        (enum dg_sound)dg_cbor_read_uint_max(reader, DG_SOUND_CONTINUOUS);
    status->drainer = (uint8_t)dg_cbor_read_uint_max(reader, UINT8_MAX);
    if ((reader->status == DG_OK) && ((items != 2U) || !is_attention(status))) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

/* Keys that are absent when they have nothing to say. */
static void read_late_pair(struct dg_cbor_reader *reader,
                           int64_t key,
                           struct dg_device_status *status)
{
    switch (key) {
    case 22:
        status->fault = (enum dg_fault)read_present(reader, UINT8_MAX);
        break;
    case 23:
        status->pause_left_s = read_present(reader, UINT32_MAX);
        break;
    case 24:
        status->pause_permille = read_present(reader, 1000U);
        break;
    case 25:
        status->headroom_pause_s = read_present(reader, UINT32_MAX);
        break;
    case 26:
        status->spread_left_mU = read_present(reader, UINT32_MAX);
        break;
    case 27:
    case 28:
    case 29:
        dg_glucagon_status_read(reader, key, &status->glucagon);
        break;
    case 30:
        status->loosen_left_s = read_present(reader, UINT32_MAX);
        break;
    case 32:
        status->journal = read_present(reader, UINT32_MAX);
        break;
    case 33:
        status->firmware = read_present(reader, UINT32_MAX);
        break;
    case 34:
        status->findings = (uint16_t)read_present(reader, UINT16_MAX);
        break;
    case 35:
        read_attention(reader, status);
        break;
    default:
        /* 18, 20, 21 are for other readers; later versions may add more. */
        (void)dg_cbor_read_any(reader);
        break;
    }
}

static void read_status_pair(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_device_status *status)
{
    switch (key) {
    case 0:
        status->now.s = read_u32(reader);
        break;
    case 1:
        status->therapy = (enum dg_therapy_state)read_small(reader);
        break;
    case 2:
        status->rung = (enum dg_rung)read_small(reader);
        break;
    case 3:
        status->missing = (uint16_t)dg_cbor_read_uint_max(reader, UINT16_MAX);
        break;
    case 4:
        status->lease = (enum dg_lease_holder)read_small(reader);
        break;
    case 5:
        status->has_ticket = true;
        status->ticket = read_ticket(reader);
        break;
    case 6:
        status->outcome = (enum dg_outcome)read_small(reader);
        break;
    case 7:
        status->ticket_amount = read_dose(reader);
        break;
    case 8:
        status->ticket_delivered = read_dose(reader);
        break;
    case 9:
        status->bolus_total_mU = read_u32(reader);
        break;
    case 10:
        status->basal_total_mU = read_u32(reader);
        break;
    case 11:
        status->uncertain_mU = read_u32(reader);
        break;
    case 12:
        status->iob = read_dose(reader);
        break;
    case 13:
        status->reservoir_mU = read_u32(reader);
        break;
    case 14:
        status->battery_percent = (uint8_t)dg_cbor_read_uint_max(reader, 100U);
        break;
    case 15:
        status->alarms = (uint16_t)dg_cbor_read_uint_max(reader, UINT16_MAX);
        break;
    case 16:
        status->headroom_automatic = read_dose(reader);
        break;
    case 17:
        status->headroom_confirmed = read_dose(reader);
        break;
    case 19:
        status->has_glucose = true;
        status->glucose.mg_dL = (int32_t)dg_cbor_read_uint_max(reader, 1000U);
        break;
    default:
        read_late_pair(reader, key, status);
        break;
    }
}

/* Bits 0 to 21 without the optional ticket (5 to 8) and glucose (19). */
#define STATUS_NEEDED 0x37FE1FU
#define STATUS_TICKET 0x1E0U

static void read_status(struct dg_cbor_reader *reader,
                        struct dg_device_status *status)
{
    struct dg_cbor_map map;
    int64_t key = 0;
    uint32_t seen = 0U;

    dg_cbor_read_map(reader, &map);
    while (dg_cbor_map_next(reader, &map, &key)) {
        if (key < 0) {
            dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
            return;
        }
        read_status_pair(reader, key, status);
        seen |= (key < 32) ? ((uint32_t)1U << key) : 0U;
    }

    const uint32_t ticket = seen & STATUS_TICKET;

    if (((seen & STATUS_NEEDED) != STATUS_NEEDED) ||
        ((ticket != 0U) && (ticket != STATUS_TICKET))) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

static void read_update_field(struct dg_cbor_reader *reader,
                              int64_t key,
                              struct dg_answer *answer)
{
    if (key == 2) {
        answer->as.update.state = (enum dg_update_state)read_small(reader);
    } else if (key == 3) {
        answer->as.update.why = (enum dg_update_why)read_small(reader);
    } else if (key == 4) {
        answer->as.update.next = read_u32(reader);
    } else {
        answer->as.update.size = read_u32(reader);
    }
}

static void read_nonce(struct dg_cbor_reader *reader,
                       uint8_t *nonce,
                       size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(nonce, bytes.at, bytes.size);
    }
}

static void read_attest(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_answer *answer)
{
    if (key == 2) {
        read_nonce(reader, answer->as.attest.nonce.byte, DG_ATTEST_NONCE_SIZE);
    } else {
        answer->as.attest.life_s = read_u32(reader);
    }
}

static void read_offer(struct dg_cbor_reader *reader,
                       int64_t key,
                       struct dg_answer *answer)
{
    if (key == 2) {
        answer->as.ticket.id = read_ticket(reader);
    } else if (key == 3) {
        answer->as.ticket.effect = dg_effect_read(reader);
    } else if (key == 4) {
        answer->as.ticket.expiry.s = read_u32(reader);
    } else {
        answer->as.ticket.confirmation =
            (enum dg_confirmation)read_small(reader);
    }
}

static void read_field(struct dg_cbor_reader *reader,
                       int64_t key,
                       struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_TICKET) {
        read_offer(reader, key, answer);
    } else if (answer->kind == DG_ANSWER_ATTEST) {
        read_attest(reader, key, answer);
    } else if (answer->kind == DG_ANSWER_REFUSED) {
        if (key == 2) {
            answer->as.refused.reason = (enum dg_reason)read_small(reader);
        } else {
            answer->as.refused.headroom = read_dose(reader);
        }
    } else if (answer->kind == DG_ANSWER_JOURNAL) {
        dg_journal_answer_read(reader, key, answer);
    } else if (answer->kind == DG_ANSWER_PROFILE) {
        dg_profile_answer_read(reader, key, answer);
    } else if (answer->kind == DG_ANSWER_UPDATE) {
        read_update_field(reader, key, answer);
    } else if (answer->kind == DG_ANSWER_ROLES) {
        dg_roles_read(reader, answer);
    } else if (answer->kind == DG_ANSWER_REKEY) {
        read_nonce(reader,
                   (key == 2) ? answer->as.rekey.phone
                              : answer->as.rekey.device,
                   DG_REKEY_NONCE_SIZE);
    } else {
        answer->as.accepted.id = read_ticket(reader);
    }
}

/* Keys 0 and 1 sort first, so kind and status come before the fields. */
static void read_head(struct dg_cbor_reader *reader,
                      struct dg_cbor_map *map,
                      struct dg_answer *answer)
{
    int64_t key = 0;

    if (!dg_cbor_map_next(reader, map, &key) || (key != 0)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        return;
    }
    answer->kind = (enum dg_answer_kind)read_small(reader);
    if ((reader->status == DG_OK) && (fields_of(answer->kind) == SIZE_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        return;
    }
    if (!dg_cbor_map_next(reader, map, &key) || (key != 1)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        return;
    }
    read_status(reader, &answer->status);
}

enum dg_status dg_answer_decode(dg_span bytes, struct dg_answer *answer)
{
    if (answer == NULL) {
        return DG_E_USAGE;
    }

    struct dg_answer draft;
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t key = 0;
    size_t seen = 0U;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);
    read_head(&reader, &map, &draft);

    const size_t fields = fields_of(draft.kind);

    while (dg_cbor_map_next(&reader, &map, &key)) {
        if (key < 0) {
            dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
        } else if ((fields != SIZE_MAX) && (key >= 2) &&
                   ((size_t)key < (2U + fields))) {
            read_field(&reader, key, &draft);
            seen++;
        } else {
            (void)dg_cbor_read_any(&reader);
        }
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (seen != fields) {
        return DG_E_MALFORMED;
    }
    *answer = draft;
    return DG_OK;
}
