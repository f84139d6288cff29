/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_form.h"

#include "bytes.h"
#include "dosegate/cbor.h"
#include "member.h"

#include <stddef.h>
#include <string.h>

/* Programmed at once; the longest item (32 bytes and its head) fits behind. */
#define PIECE    128U
#define ITEM_MAX 36U

#define HOURS 24U

/* One item of the body, in the order in which they stand there. */
enum kind {
    LIST = 1,      /* head of an array; most: its items  */
    BYTES = 2,     /* size of them                       */
    NUMBER = 3,    /* unsigned, 0 .. most, in size bytes */
    EACH_HOUR = 4, /* an array of as many numbers        */
    EACH_SHARE = 5,
    EACH_BOUND = 6,
};

struct field {
    uint8_t kind;
    uint8_t size;
    uint16_t at; /* of the structure */
    uint32_t most;
};

/* Size and place of a member. */
#define IN(member)                              \
    sizeof((struct dg_settings *)NULL)->member, \
        offsetof(struct dg_settings, member)
#define OF(member)                              \
    sizeof((struct dg_enrolled *)NULL)->member, \
        offsetof(struct dg_enrolled, member)

#define MOST_I32 ((uint32_t)INT32_MAX)

/* After the head of the whole and the layout; the controllers follow. */
#define TOP_ITEMS 26U

static const struct field settings_fields[] = {
    {BYTES, IN(device.byte), 0U},
    {BYTES, IN(private_key.byte), 0U},
    {BYTES, IN(public_key.x), 0U},
    {BYTES, IN(public_key.y), 0U},
    {BYTES, IN(sign_private.byte), 0U},
    {BYTES, IN(sign_public.x), 0U},
    {BYTES, IN(sign_public.y), 0U},
    {BYTES, IN(journal_key.byte), 0U},
    {BYTES, IN(journal_public.x), 0U},
    {BYTES, IN(journal_public.y), 0U},
    {BYTES, IN(sensor_key.byte), 0U},
    {NUMBER, IN(sensor_start.s), UINT32_MAX},
    {NUMBER, IN(sensor_warm_s), DG_GLUCOSE_WARM_S_MAX},
    {NUMBER, IN(sensor_untimed), 1U},
    {NUMBER, IN(reservoir_pulses), UINT32_MAX},
    {NUMBER, IN(reservoir_start), UINT32_MAX},
    {NUMBER, IN(glucagon_steps), UINT32_MAX},
    {NUMBER, IN(glucagon_start), UINT32_MAX},
    {LIST, 0U, 0U, 8U},
    {NUMBER, IN(therapy.age_class), (uint32_t)DG_AGE_ADULT},
    {NUMBER, IN(therapy.package), (uint32_t)DG_PACKAGE_HIGH},
    {NUMBER, IN(therapy.total_daily_dose.mU), MOST_I32},
    {NUMBER, IN(therapy.isf_mg_dL_per_U), MOST_I32},
    {NUMBER, IN(therapy.floor.mg_dL), MOST_I32},
    {EACH_HOUR, IN(therapy.basal[0]), MOST_I32},
    {LIST, 0U, 0U, 5U},
    {NUMBER, IN(therapy.glucagon.dose.ug), MOST_I32},
    {NUMBER, IN(therapy.glucagon.day.ug), MOST_I32},
    {NUMBER, IN(therapy.glucagon.rescue.ug), MOST_I32},
    {NUMBER, IN(therapy.glucagon.rescue_below.mg_dL), MOST_I32},
    {NUMBER, IN(therapy.glucagon.below.mg_dL), MOST_I32},
    {EACH_SHARE, IN(therapy.share[0]), UINT16_MAX},
    {LIST, 0U, 0U, 4U},
    {NUMBER, IN(prescribed.counter), UINT32_MAX},
    {EACH_BOUND, IN(prescribed.outer.value[0]), MOST_I32},
    {NUMBER, IN(prescribed.is_loosening), 1U},
    {EACH_BOUND, IN(prescribed.next.value[0]), MOST_I32},
    {NUMBER, IN(lock.tries), DG_PAIRING_TRIES},
    {NUMBER, IN(lock.locks), DG_PAIRING_LOCKS_MAX},
    {NUMBER, IN(lock.until.s), UINT32_MAX},
    {LIST, 0U, 0U, 10U},
    {BYTES, IN(trust.policy_key.x), 0U},
    {BYTES, IN(trust.policy_key.y), 0U},
    {BYTES, IN(trust.prescriber_key.x), 0U},
    {BYTES, IN(trust.prescriber_key.y), 0U},
    {NUMBER, IN(trust.policy.version), UINT32_MAX},
    {NUMBER, IN(trust.policy.life_s), UINT32_MAX},
    {NUMBER, IN(trust.policy.epoch), UINT32_MAX},
    {BYTES, IN(trust.policy.verifier.x), 0U},
    {BYTES, IN(trust.policy.verifier.y), 0U},
    {NUMBER, IN(trust.policy_at.s), UINT32_MAX},
    {LIST, 0U, 0U, DG_CONTROLLERS},
};

/* Of a controller; its name follows.  One that is not there is null. */
static const struct field enrolled_fields[] = {
    {LIST, 0U, 0U, 9U},
    {NUMBER, OF(role), (uint32_t)DG_ROLE_OBSERVER},
    {NUMBER, OF(method), (uint32_t)DG_METHOD_STATIC},
    {BYTES, OF(key.x), 0U},
    {BYTES, OF(key.y), 0U},
    {BYTES, OF(presence.x), 0U},
    {BYTES, OF(presence.y), 0U},
    {BYTES, OF(knock_key.byte), 0U},
    {NUMBER, OF(knock_counter), UINT32_MAX},
};

#define COUNT_OF(fields) (sizeof(fields) / sizeof((fields)[0]))

struct stream {
    const struct dg_flash *flash;
    uint32_t at;
    uint32_t left; /* bytes of the body, or of its room, beyond at */
    uint32_t crc;
    bool is_read;
    struct dg_cbor_reader reader;
    struct dg_cbor_writer writer;
    uint8_t room[PIECE + ITEM_MAX];
};

/* Account for @p size bytes that went over the flash port. */
static void pass(struct stream *stream, const uint8_t *bytes, uint32_t size)
{
    stream->crc = dg_bytes_crc32_more(stream->crc, (dg_span){bytes, size});
    stream->at += size;
    stream->left -= size;
}

/* Bring the next item into the room as a whole. */
static void fill(struct stream *stream)
{
    struct dg_cbor_reader *reader = &stream->reader;
    const uint32_t kept = (uint32_t)reader->rest.size;
    uint8_t *more = &stream->room[kept];
    uint32_t size = (uint32_t)sizeof stream->room - kept;

    if ((reader->status != DG_OK) || (kept >= ITEM_MAX) ||
        (stream->left == 0U)) {
        return;
    }
    size = (size < stream->left) ? size : stream->left;
    if (kept != 0U) {
        (void)memmove(stream->room, reader->rest.at, kept);
    }
    if (stream->flash->read(stream->flash->context,
                            stream->at,
                            (dg_buf){more, size}) != DG_OK) {
        dg_cbor_reader_fail(reader, DG_E_PORT);
        return;
    }
    pass(stream, more, size);
    reader->rest = (dg_span){stream->room, (size_t)kept + size};
}

/* Program the first @p size bytes of the room, and move up what is behind. */
static void drain(struct stream *stream, uint32_t size)
{
    struct dg_cbor_writer *writer = &stream->writer;

    if ((writer->status != DG_OK) || (size == 0U)) {
        return;
    }
    if (size > stream->left) {
        writer->status = DG_E_NO_SPACE;
        return;
    }
    writer->status = stream->flash->program(
        stream->flash->context, stream->at, (dg_span){stream->room, size});
    pass(stream, stream->room, size);
    writer->used -= size;
    (void)memmove(stream->room, &stream->room[size], writer->used);
}

/* Before each item. */
static void turn(struct stream *stream)
{
    if (stream->is_read) {
        fill(stream);
    } else if (stream->writer.used >= PIECE) {
        drain(stream, PIECE);
    } else {
        /* There is room. */
    }
}

static void pass_list(struct stream *stream, uint32_t items)
{
    turn(stream);
    if (!stream->is_read) {
        dg_cbor_write_array(&stream->writer, items);
    } else if (dg_cbor_read_array(&stream->reader) != items) {
        dg_cbor_reader_fail(&stream->reader, DG_E_CORRUPT);
    } else {
        /* As it has to be. */
    }
}

static void pass_bytes(struct stream *stream, uint8_t *at, size_t size)
{
    turn(stream);
    if (!stream->is_read) {
        dg_cbor_write_bstr(&stream->writer, (dg_span){at, size});
        return;
    }

    const dg_span bytes = dg_cbor_read_bstr_exact(&stream->reader, size);

    if (bytes.size == size) {
        (void)memcpy(at, bytes.at, size);
    }
}

static void pass_number(struct stream *stream,
                        uint8_t *at,
                        size_t size,
                        uint32_t most)
{
    turn(stream);
    if (stream->is_read) {
        dg_member_set(
            at, size, (uint32_t)dg_cbor_read_uint_max(&stream->reader, most));
    } else {
        dg_cbor_write_uint(&stream->writer, dg_member_get(at, size));
    }
}

static uint32_t count_of(uint8_t kind)
{
    return (kind == (uint8_t)EACH_HOUR)    ? HOURS
           : (kind == (uint8_t)EACH_SHARE) ? DG_SHARES
                                           : DG_BOUNDS;
}

static void pass_fields(struct stream *stream,
                        const struct field *fields,
                        size_t count,
                        uint8_t *base)
{
    for (size_t i = 0U; i < count; i++) {
        const struct field *field = &fields[i];
        uint8_t *at = &base[field->at];

        if (field->kind == (uint8_t)LIST) {
            pass_list(stream, field->most);
        } else if (field->kind == (uint8_t)BYTES) {
            pass_bytes(stream, at, field->size);
        } else if (field->kind == (uint8_t)NUMBER) {
            pass_number(stream, at, field->size, field->most);
        } else {
            const uint32_t items = count_of(field->kind);

            pass_list(stream, items);
            for (size_t item = 0U; item < items; item++) {
                pass_number(
                    stream, &at[item * field->size], field->size, field->most);
            }
        }
    }
}

static void pass_name(struct stream *stream, struct dg_enrolled *enrolled)
{
    turn(stream);
    if (!stream->is_read) {
        dg_cbor_write_bstr(
            &stream->writer,
            (dg_span){(const uint8_t *)enrolled->name, enrolled->name_size});
        return;
    }

    const dg_span name = dg_cbor_read_bstr(&stream->reader);

    if ((name.size == 0U) || (name.size > sizeof enrolled->name)) {
        dg_cbor_reader_fail(&stream->reader, DG_E_CORRUPT);
        return;
    }
    (void)memcpy(enrolled->name, name.at, name.size);
    enrolled->name_size = (uint8_t)name.size;
    enrolled->is_used = true;
}

static void pass_controller(struct stream *stream, struct dg_enrolled *enrolled)
{
    turn(stream);
    if (stream->is_read && (dg_cbor_peek(&stream->reader) == DG_CBOR_NULL)) {
        dg_cbor_read_null(&stream->reader);
        return;
    }
    if (!stream->is_read && !enrolled->is_used) {
        dg_cbor_write_null(&stream->writer);
        return;
    }
    pass_fields(stream,
                enrolled_fields,
                COUNT_OF(enrolled_fields),
                (uint8_t *)enrolled);
    pass_name(stream, enrolled);
}

static void pass_settings(struct stream *stream, struct dg_settings *settings)
{
    uint32_t layout = DG_SETTINGS_LAYOUT;

    pass_list(stream, TOP_ITEMS);
    pass_number(stream, (uint8_t *)&layout, sizeof layout, UINT32_MAX);
    if (layout != DG_SETTINGS_LAYOUT) {
        dg_cbor_reader_fail(&stream->reader, DG_E_CORRUPT);
    }
    pass_fields(stream,
                settings_fields,
                COUNT_OF(settings_fields),
                (uint8_t *)settings);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        pass_controller(stream, &settings->controller[slot]);
    }
}

static void open_stream(struct stream *stream,
                        const struct dg_flash *flash,
                        const struct dg_form_body *body)
{
    memset(stream, 0, sizeof *stream);
    stream->flash = flash;
    stream->at = body->at;
    stream->left = body->size;
    dg_cbor_reader_init(&stream->reader, (dg_span){stream->room, 0U});
    dg_cbor_writer_init(&stream->writer, DG_BUF_OF(stream->room));
}

enum dg_status dg_form_write(const struct dg_flash *flash,
                             struct dg_form_body *body,
                             struct dg_settings *settings)
{
    struct stream stream;

    open_stream(&stream, flash, body);
    pass_settings(&stream, settings);
    turn(&stream);
    drain(&stream, (uint32_t)stream.writer.used);
    body->size -= stream.left;
    body->crc = stream.crc;

    const enum dg_status status = stream.writer.status;

    dg_bytes_wipe(&stream, sizeof stream);
    return status;
}

enum dg_status dg_form_read(const struct dg_flash *flash,
                            struct dg_form_body *body,
                            struct dg_settings *settings)
{
    struct stream stream;

    open_stream(&stream, flash, body);
    stream.is_read = true;
    pass_settings(&stream, settings);
    body->crc = stream.crc;

    enum dg_status status = dg_cbor_reader_end(&stream.reader);

    if ((status == DG_OK) && (stream.left != 0U)) {
        status = DG_E_TRAILING;
    }
    dg_bytes_wipe(&stream, sizeof stream);
    return status;
}
