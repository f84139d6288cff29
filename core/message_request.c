/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/message.h"

#include "dosegate/policy.h"
#include "journal_message.h"
#include "message_parts.h"

#include <stddef.h>
#include <string.h>

/* Request map: 0 kind, then the fields of that kind from key 1 on. */

static void write_status(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    dg_cbor_write_map(writer, 4U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_STATUS);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, request->as.status.major);
    dg_cbor_write_uint(writer, 2U);
    dg_cbor_write_uint(writer, request->as.status.minor);
    dg_cbor_write_uint(writer, 3U);
    dg_cbor_write_uint(writer, request->as.status.phone_battery_percent);
}

static void write_propose(struct dg_cbor_writer *writer,
                          const struct dg_request *request)
{
    dg_cbor_write_map(writer, 3U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_PROPOSE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, (uint64_t)request->as.propose.tier);
    dg_cbor_write_uint(writer, 2U);
    dg_effect_write(writer, &request->as.propose.effect);
}

static void write_commit(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    const bool has_signature = request->as.commit.has_signature;

    dg_cbor_write_map(writer, has_signature ? 3U : 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_COMMIT);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_bstr(writer, DG_SPAN_OF(request->as.commit.ticket.byte));
    if (has_signature) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer,
                           DG_SPAN_OF(request->as.commit.signature.byte));
    }
}

static void write_stop(struct dg_cbor_writer *writer,
                       const struct dg_request *request)
{
    (void)request;
    dg_cbor_write_map(writer, 1U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_STOP);
}

static void write_lease(struct dg_cbor_writer *writer,
                        const struct dg_request *request)
{
    dg_cbor_write_map(writer, request->as.lease.has_slot ? 3U : 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_LEASE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, (uint64_t)request->as.lease.verb);
    if (request->as.lease.has_slot) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_uint(writer, request->as.lease.slot);
    }
}

static void write_revoke(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_REVOKE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, request->as.revoke.slot);
}

static void write_roles(struct dg_cbor_writer *writer,
                        const struct dg_request *request)
{
    (void)request;
    dg_cbor_write_map(writer, 1U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_ROLES);
}

static void write_rekey(struct dg_cbor_writer *writer,
                        const struct dg_request *request)
{
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_REKEY);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_bstr(writer, DG_SPAN_OF(request->as.rekey.nonce));
}

static void write_glucose(struct dg_cbor_writer *writer,
                          const struct dg_request *request)
{
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_GLUCOSE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_bstr(
        writer, (dg_span){request->as.glucose.frame, request->as.glucose.size});
}

static bool has_bytes(enum dg_update_verb verb)
{
    return (verb == DG_UPDATE_OFFER) || (verb == DG_UPDATE_PART);
}

static bool has_offset(enum dg_update_verb verb)
{
    return verb == DG_UPDATE_PART;
}

static void write_update(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    const enum dg_update_verb verb = request->as.update.verb;
    size_t pairs = 2U;

    pairs += has_bytes(verb) ? 1U : 0U;
    pairs += has_offset(verb) ? 1U : 0U;
    dg_cbor_write_map(writer, pairs);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_UPDATE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, (uint64_t)verb);
    if (has_bytes(verb)) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(
            writer,
            (dg_span){request->as.update.byte, request->as.update.size});
    }
    if (has_offset(verb)) {
        dg_cbor_write_uint(writer, 3U);
        dg_cbor_write_uint(writer, request->as.update.offset);
    }
}

/* Bytes with the verbs that have some, and with no other. */
static bool is_update_sound(const struct dg_request *request)
{
    const enum dg_update_verb verb = request->as.update.verb;

    return (verb >= DG_UPDATE_OFFER) && (verb <= DG_UPDATE_ABANDON) &&
           (has_bytes(verb) == (request->as.update.size > 0U)) &&
           (request->as.update.size <= DG_UPDATE_CHUNK) &&
           (has_offset(verb) == request->as.update.has_offset);
}

static void write_suspend(struct dg_cbor_writer *writer,
                          const struct dg_request *request)
{
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_SUSPEND);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, request->as.suspend.seconds);
}

static void write_resume(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    (void)request;
    dg_cbor_write_map(writer, 1U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_RESUME);
}

static void read_suspend(struct dg_cbor_reader *reader,
                         int64_t key,
                         struct dg_request *request)
{
    (void)key;
    request->as.suspend.seconds =
        (uint32_t)dg_cbor_read_uint_max(reader, DG_SUSPEND_S_ASK_MAX);
}

static void write_signed(struct dg_cbor_writer *writer,
                         enum dg_request_kind kind,
                         dg_span bytes)
{
    dg_cbor_write_map(writer, (bytes.size > 0U) ? 2U : 1U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, (uint64_t)kind);
    if (bytes.size > 0U) {
        dg_cbor_write_uint(writer, 1U);
        dg_cbor_write_bstr(writer, bytes);
    }
}

static void write_attest(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    write_signed(writer, DG_REQUEST_ATTEST, request->as.attest.ticket);
}

static void write_policy(struct dg_cbor_writer *writer,
                         const struct dg_request *request)
{
    write_signed(writer, DG_REQUEST_POLICY, request->as.policy.head);
}

/* A slot goes with handing over, and with nothing else. */
static bool is_lease_sound(const struct dg_request *request)
{
    const enum dg_lease_verb verb = request->as.lease.verb;

    if (verb == DG_LEASE_HAND_OVER) {
        return request->as.lease.has_slot &&
               (request->as.lease.slot < DG_ROLES_MAX);
    }
    return ((verb == DG_LEASE_TAKE) || (verb == DG_LEASE_RELEASE)) &&
           !request->as.lease.has_slot;
}

static bool is_asked_tier(enum dg_tier tier)
{
    return (tier == DG_TIER_AUTOMATIC) || (tier == DG_TIER_CONFIRMED);
}

/* The range of every field, for both directions. */
static bool is_in_range(const struct dg_request *request)
{
    switch (request->kind) {
    case DG_REQUEST_STATUS:
        return request->as.status.phone_battery_percent <= 100U;
    case DG_REQUEST_PROPOSE:
        return is_asked_tier(request->as.propose.tier) &&
               dg_effect_is_sound(&request->as.propose.effect);
    case DG_REQUEST_COMMIT:
    case DG_REQUEST_STOP:
    case DG_REQUEST_ROLES:
    case DG_REQUEST_RESUME:
    case DG_REQUEST_REKEY:
        return true;
    case DG_REQUEST_SUSPEND:
        return (request->as.suspend.seconds > 0U) &&
               (request->as.suspend.seconds <= DG_SUSPEND_S_ASK_MAX);
    case DG_REQUEST_LEASE:
        return is_lease_sound(request);
    case DG_REQUEST_REVOKE:
        return request->as.revoke.slot < DG_ROLES_MAX;
    case DG_REQUEST_GLUCOSE:
        return (request->as.glucose.size > 0U) &&
               (request->as.glucose.size <= DG_SENSOR_FRAME_MAX);
    case DG_REQUEST_JOURNAL:
        return dg_journal_request_is_sound(request);
    case DG_REQUEST_UPDATE:
        return is_update_sound(request);
    case DG_REQUEST_ATTEST:
        return request->as.attest.ticket.size <= DG_ATTEST_TICKET_MAX;
    case DG_REQUEST_POLICY:
        return (request->as.policy.head.size > 0U) &&
               (request->as.policy.head.size <= DG_POLICY_MAX);
    case DG_REQUEST_PROFILE:
        return dg_profile_request_is_sound(request);
    case DG_REQUEST_NONE:
    default:
        return false;
    }
}

static void read_status(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    if (key == 1) {
        request->as.status.major =
            (uint8_t)dg_cbor_read_uint_max(reader, UINT8_MAX);
    } else if (key == 2) {
        request->as.status.minor =
            (uint8_t)dg_cbor_read_uint_max(reader, UINT8_MAX);
    } else {
        request->as.status.phone_battery_percent =
            (uint8_t)dg_cbor_read_uint_max(reader, 100U);
    }
}

static void read_propose(struct dg_cbor_reader *reader,
                         int64_t key,
                         struct dg_request *request)
{
    if (key == 1) {
        request->as.propose.tier =
            (enum dg_tier)dg_cbor_read_uint_max(reader, UINT8_MAX);
    } else {
        request->as.propose.effect = dg_effect_read(reader);
    }
}

static void read_commit(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    if (key == 1) {
        const dg_span ticket = dg_cbor_read_bstr_exact(reader, DG_TICKET_SIZE);

        if (ticket.size == DG_TICKET_SIZE) {
            memcpy(request->as.commit.ticket.byte, ticket.at, ticket.size);
        }
    } else {
        const dg_span bytes =
            dg_cbor_read_bstr_exact(reader, DG_SIGNATURE_SIZE);

        if (bytes.size == DG_SIGNATURE_SIZE) {
            memcpy(request->as.commit.signature.byte, bytes.at, bytes.size);
            request->as.commit.has_signature = true;
        }
    }
}

static void read_lease(struct dg_cbor_reader *reader,
                       int64_t key,
                       struct dg_request *request)
{
    if (key == 1) {
        request->as.lease.verb =
            (enum dg_lease_verb)dg_cbor_read_uint_max(reader, UINT8_MAX);
    } else {
        request->as.lease.has_slot = true;
        request->as.lease.slot =
            (uint8_t)dg_cbor_read_uint_max(reader, DG_ROLES_MAX - 1U);
    }
}

static void read_revoke(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    (void)key;
    request->as.revoke.slot =
        (uint8_t)dg_cbor_read_uint_max(reader, DG_ROLES_MAX - 1U);
}

static void read_glucose(struct dg_cbor_reader *reader,
                         int64_t key,
                         struct dg_request *request)
{
    const dg_span frame = dg_cbor_read_bstr(reader);

    (void)key;
    if (frame.size > DG_SENSOR_FRAME_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    if (frame.size > 0U) {
        memcpy(request->as.glucose.frame, frame.at, frame.size);
        request->as.glucose.size = (uint8_t)frame.size;
    }
}

static void read_update(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    if (key == 1) {
        request->as.update.verb =
            (enum dg_update_verb)dg_cbor_read_uint_max(reader, UINT8_MAX);
        return;
    }
    if (key == 3) {
        request->as.update.has_offset = true;
        request->as.update.offset =
            (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
        return;
    }

    const dg_span bytes = dg_cbor_read_bstr(reader);

    /* Empty and absent would be two encodings of one thing. */
    if ((bytes.size == 0U) || (bytes.size > DG_UPDATE_CHUNK)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    memcpy(request->as.update.byte, bytes.at, bytes.size);
    request->as.update.size = (uint16_t)bytes.size;
}

static void read_rekey(struct dg_cbor_reader *reader,
                       int64_t key,
                       struct dg_request *request)
{
    const dg_span nonce = dg_cbor_read_bstr_exact(reader, DG_REKEY_NONCE_SIZE);

    (void)key;
    if (nonce.size == DG_REKEY_NONCE_SIZE) {
        memcpy(request->as.rekey.nonce, nonce.at, nonce.size);
    }
}

/* What is signed stays where it lies; an empty one would be another encoding
 * of none. */
static dg_span read_signed(struct dg_cbor_reader *reader)
{
    const dg_span bytes = dg_cbor_read_bstr(reader);

    if (bytes.size == 0U) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    return bytes;
}

static void read_attest(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    (void)key;
    request->as.attest.ticket = read_signed(reader);
}

static void read_policy(struct dg_cbor_reader *reader,
                        int64_t key,
                        struct dg_request *request)
{
    (void)key;
    request->as.policy.head = read_signed(reader);
}

/* One row per request: how it is written and read, which keys it has (bit n
 * for key n, 0 is the kind) and which of them may be absent.  A kind without a
 * row has no writer and is refused. */
struct shape {
    void (*write)(struct dg_cbor_writer *writer,
                  const struct dg_request *request);
    void (*read)(struct dg_cbor_reader *reader,
                 int64_t key,
                 struct dg_request *request);
    unsigned keys;
    unsigned optional;
};

/* clang-format off */
static const struct shape shapes[DG_REQUESTS] = {
    [DG_REQUEST_STATUS]  = { write_status,  read_status,  0xFU, 0x0U },
    [DG_REQUEST_PROPOSE] = { write_propose, read_propose, 0x7U, 0x0U },
    [DG_REQUEST_COMMIT]  = { write_commit,  read_commit,  0x7U, 0x4U },
    [DG_REQUEST_STOP]    = { write_stop,    NULL,         0x1U, 0x0U },
    [DG_REQUEST_LEASE]   = { write_lease,   read_lease,   0x7U, 0x4U },
    [DG_REQUEST_GLUCOSE] = { write_glucose, read_glucose, 0x3U, 0x0U },
    [DG_REQUEST_SUSPEND] = { write_suspend, read_suspend, 0x3U, 0x0U },
    [DG_REQUEST_RESUME]  = { write_resume,  NULL,         0x1U, 0x0U },
    [DG_REQUEST_PROFILE] = { dg_profile_request_write, dg_profile_request_read,
                             DG_PROFILE_REQUEST_KEYS,
                             DG_PROFILE_REQUEST_OPTIONAL },
    [DG_REQUEST_JOURNAL] = { dg_journal_request_write, dg_journal_request_read,
                             DG_JOURNAL_REQUEST_KEYS, 0x3CU },
    [DG_REQUEST_UPDATE]  = { write_update,  read_update,  0xFU, 0xCU },
    [DG_REQUEST_REVOKE]  = { write_revoke,  read_revoke,  0x3U, 0x0U },
    [DG_REQUEST_ROLES]   = { write_roles,   NULL,         0x1U, 0x0U },
    [DG_REQUEST_REKEY]   = { write_rekey,   read_rekey,   0x3U, 0x0U },
    [DG_REQUEST_ATTEST]  = { write_attest,  read_attest,  0x3U, 0x2U },
    [DG_REQUEST_POLICY]  = { write_policy,  read_policy,  0x3U, 0x0U },
};
/* clang-format on */

enum dg_status dg_request_encode(const struct dg_request *request,
                                 dg_buf room,
                                 dg_span *bytes)
{
    if ((request == NULL) || (bytes == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_in_range(request)) {
        return DG_E_RANGE;
    }

    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    shapes[request->kind].write(&writer, request);
    return dg_cbor_writer_end(&writer, bytes);
}

/* Key 0 sorts first, so the kind is known before any field of it. */
static const struct shape *read_kind(struct dg_cbor_reader *reader,
                                     struct dg_cbor_map *map,
                                     struct dg_request *request)
{
    int64_t key = 0;

    if (!dg_cbor_map_next(reader, map, &key) || (key != 0)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
        return &shapes[DG_REQUEST_NONE];
    }

    const uint64_t kind = dg_cbor_read_uint_max(reader, UINT8_MAX);

    if ((reader->status == DG_OK) &&
        ((kind >= DG_REQUESTS) || (shapes[kind].write == NULL))) {
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
    }
    if (reader->status != DG_OK) {
        return &shapes[DG_REQUEST_NONE];
    }
    request->kind = (enum dg_request_kind)kind;
    return &shapes[kind];
}

/* @satisfies{FDP_ITC.2@1} */
enum dg_status dg_request_decode(dg_span bytes, struct dg_request *request)
{
    if (request == NULL) {
        return DG_E_USAGE;
    }

    struct dg_request draft;
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t key = 0;
    unsigned seen = 1U;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);
    const struct shape *shape = read_kind(&reader, &map, &draft);

    while (dg_cbor_map_next(&reader, &map, &key)) {
        if (key < 0) {
            dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
        } else if ((key < 8) && (((shape->keys >> key) & 1U) != 0U)) {
            shape->read(&reader, key, &draft);
            seen |= 1U << key;
        } else {
            (void)dg_cbor_read_any(&reader);
        }
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if ((seen | shape->optional) != shape->keys) {
        return DG_E_MALFORMED;
    }
    if (!is_in_range(&draft)) {
        return DG_E_RANGE;
    }
    *request = draft;
    return DG_OK;
}
