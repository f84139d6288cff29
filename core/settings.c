/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/settings.h"

#include "bytes.h"
#include "dosegate/cbor.h"
#include "knock_log.h"

#include <stddef.h>
#include <string.h>

/* Sector: magic (4), generation (4), size (4), CRC-32 of the body and of the
 * eight bytes before it (4), body.  The head is programmed last. */
#define HEAD_SIZE 16U
#define BODY_MAX  2048U

_Static_assert((HEAD_SIZE + BODY_MAX) <= DG_KNOCK_LOG_AT,
               "settings end before the log of knocks");

static const uint8_t magic[4] = {'D', 'G', 'S', '1'};

static void write_bytes(struct dg_cbor_writer *writer,
                        const uint8_t *bytes,
                        size_t size)
{
    dg_cbor_write_bstr(writer, (dg_span){bytes, size});
}

static void write_therapy(struct dg_cbor_writer *writer,
                          const struct dg_therapy *therapy)
{
    dg_cbor_write_array(writer, 7U);
    dg_cbor_write_uint(writer, (uint64_t)therapy->age_class);
    dg_cbor_write_uint(writer, (uint64_t)therapy->package);
    dg_cbor_write_uint(writer, (uint64_t)therapy->total_daily_dose.mU);
    dg_cbor_write_uint(writer, (uint64_t)therapy->isf_mg_dL_per_U);
    dg_cbor_write_uint(writer, (uint64_t)therapy->floor.mg_dL);
    dg_cbor_write_array(writer, 24U);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        dg_cbor_write_uint(writer, (uint64_t)therapy->basal[hour].mU_per_h);
    }
    dg_cbor_write_array(writer, 4U);
    dg_cbor_write_uint(writer, (uint64_t)therapy->glucagon.dose.ug);
    dg_cbor_write_uint(writer, (uint64_t)therapy->glucagon.day.ug);
    dg_cbor_write_uint(writer, (uint64_t)therapy->glucagon.rescue.ug);
    dg_cbor_write_uint(writer, (uint64_t)therapy->glucagon.rescue_below.mg_dL);
}

static void write_key(struct dg_cbor_writer *writer,
                      const struct dg_public_key *key)
{
    write_bytes(writer, key->x, DG_P256_SIZE);
    write_bytes(writer, key->y, DG_P256_SIZE);
}

static void write_trust(struct dg_cbor_writer *writer,
                        const struct dg_trust *trust)
{
    dg_cbor_write_array(writer, 10U);
    write_key(writer, &trust->policy_key);
    write_key(writer, &trust->prescriber_key);
    dg_cbor_write_uint(writer, trust->policy.version);
    dg_cbor_write_uint(writer, trust->policy.life_s);
    dg_cbor_write_uint(writer, trust->policy.epoch);
    write_key(writer, &trust->policy.verifier);
    dg_cbor_write_uint(writer, trust->policy_at.s);
}

static void write_controller(struct dg_cbor_writer *writer,
                             const struct dg_enrolled *enrolled)
{
    if (!enrolled->is_used) {
        dg_cbor_write_null(writer);
        return;
    }
    dg_cbor_write_array(writer, 9U);
    dg_cbor_write_uint(writer, (uint64_t)enrolled->role);
    dg_cbor_write_uint(writer, (uint64_t)enrolled->method);
    write_bytes(writer, enrolled->key.x, DG_P256_SIZE);
    write_bytes(writer, enrolled->key.y, DG_P256_SIZE);
    write_bytes(writer, enrolled->presence.x, DG_P256_SIZE);
    write_bytes(writer, enrolled->presence.y, DG_P256_SIZE);
    write_bytes(writer, enrolled->knock_key.byte, DG_HASH_SIZE);
    dg_cbor_write_uint(writer, enrolled->knock_counter);
    write_bytes(writer, (const uint8_t *)enrolled->name, enrolled->name_size);
}

static enum dg_status encode(const struct dg_settings *settings,
                             dg_buf room,
                             dg_span *body)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_array(&writer, 24U);
    dg_cbor_write_uint(&writer, DG_SETTINGS_LAYOUT);
    write_bytes(&writer, settings->device.byte, DG_DEVICE_ID_SIZE);
    write_bytes(&writer, settings->private_key.byte, DG_HASH_SIZE);
    write_bytes(&writer, settings->public_key.x, DG_P256_SIZE);
    write_bytes(&writer, settings->public_key.y, DG_P256_SIZE);
    write_bytes(&writer, settings->sign_private.byte, DG_HASH_SIZE);
    write_bytes(&writer, settings->sign_public.x, DG_P256_SIZE);
    write_bytes(&writer, settings->sign_public.y, DG_P256_SIZE);
    write_bytes(&writer, settings->journal_key.byte, DG_HASH_SIZE);
    write_bytes(&writer, settings->journal_public.x, DG_P256_SIZE);
    write_bytes(&writer, settings->journal_public.y, DG_P256_SIZE);
    write_bytes(&writer, settings->sensor_key.byte, DG_HASH_SIZE);
    dg_cbor_write_uint(&writer, settings->sensor_start.s);
    dg_cbor_write_uint(&writer, settings->sensor_warm_s);
    dg_cbor_write_uint(&writer, settings->reservoir_pulses);
    dg_cbor_write_uint(&writer, settings->reservoir_start);
    dg_cbor_write_uint(&writer, settings->glucagon_steps);
    dg_cbor_write_uint(&writer, settings->glucagon_start);
    write_therapy(&writer, &settings->therapy);
    dg_cbor_write_uint(&writer, settings->lock.tries);
    dg_cbor_write_uint(&writer, settings->lock.locks);
    dg_cbor_write_uint(&writer, settings->lock.until.s);
    write_trust(&writer, &settings->trust);
    dg_cbor_write_array(&writer, DG_CONTROLLERS);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        write_controller(&writer, &settings->controller[slot]);
    }
    return dg_cbor_writer_end(&writer, body);
}

static void read_bytes(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

static void want_array(struct dg_cbor_reader *reader, size_t items)
{
    if (dg_cbor_read_array(reader) != items) {
        dg_cbor_reader_fail(reader, DG_E_CORRUPT);
    }
}

static int32_t read_i32(struct dg_cbor_reader *reader)
{
    return (int32_t)dg_cbor_read_uint_max(reader, (uint64_t)INT32_MAX);
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

static void read_therapy(struct dg_cbor_reader *reader,
                         struct dg_therapy *therapy)
{
    want_array(reader, 7U);
    therapy->age_class = (enum dg_age_class)read_i32(reader);
    therapy->package = (enum dg_package)read_i32(reader);
    therapy->total_daily_dose.mU = read_i32(reader);
    therapy->isf_mg_dL_per_U = read_i32(reader);
    therapy->floor.mg_dL = read_i32(reader);
    want_array(reader, 24U);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy->basal[hour].mU_per_h = read_i32(reader);
    }
    want_array(reader, 4U);
    therapy->glucagon.dose.ug = read_i32(reader);
    therapy->glucagon.day.ug = read_i32(reader);
    therapy->glucagon.rescue.ug = read_i32(reader);
    therapy->glucagon.rescue_below.mg_dL = read_i32(reader);
}

static void read_key(struct dg_cbor_reader *reader, struct dg_public_key *key)
{
    read_bytes(reader, key->x, DG_P256_SIZE);
    read_bytes(reader, key->y, DG_P256_SIZE);
}

static void read_trust(struct dg_cbor_reader *reader, struct dg_trust *trust)
{
    want_array(reader, 10U);
    read_key(reader, &trust->policy_key);
    read_key(reader, &trust->prescriber_key);
    trust->policy.version = read_u32(reader);
    trust->policy.life_s = read_u32(reader);
    trust->policy.epoch = read_u32(reader);
    read_key(reader, &trust->policy.verifier);
    trust->policy_at.s = read_u32(reader);
}

static void read_controller(struct dg_cbor_reader *reader,
                            struct dg_enrolled *enrolled)
{
    if (dg_cbor_peek(reader) == DG_CBOR_NULL) {
        dg_cbor_read_null(reader);
        return;
    }
    want_array(reader, 9U);
    enrolled->role =
        (enum dg_role)dg_cbor_read_uint_max(reader, DG_ROLE_OBSERVER);
    enrolled->method =
        (enum dg_method)dg_cbor_read_uint_max(reader, DG_METHOD_STATIC);
    read_bytes(reader, enrolled->key.x, DG_P256_SIZE);
    read_bytes(reader, enrolled->key.y, DG_P256_SIZE);
    read_bytes(reader, enrolled->presence.x, DG_P256_SIZE);
    read_bytes(reader, enrolled->presence.y, DG_P256_SIZE);
    read_bytes(reader, enrolled->knock_key.byte, DG_HASH_SIZE);
    enrolled->knock_counter = read_u32(reader);

    const dg_span name = dg_cbor_read_bstr(reader);

    if ((name.size == 0U) || (name.size > DG_PAIRING_NAME_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_CORRUPT);
        return;
    }
    memcpy(enrolled->name, name.at, name.size);
    enrolled->name_size = (uint8_t)name.size;
    enrolled->is_used = true;
}

static bool decode(dg_span body, struct dg_settings *settings)
{
    struct dg_cbor_reader reader;
    struct dg_limits limits;

    dg_cbor_reader_init(&reader, body);
    want_array(&reader, 24U);
    if (read_u32(&reader) != DG_SETTINGS_LAYOUT) {
        return false;
    }
    read_bytes(&reader, settings->device.byte, DG_DEVICE_ID_SIZE);
    read_bytes(&reader, settings->private_key.byte, DG_HASH_SIZE);
    read_bytes(&reader, settings->public_key.x, DG_P256_SIZE);
    read_bytes(&reader, settings->public_key.y, DG_P256_SIZE);
    read_bytes(&reader, settings->sign_private.byte, DG_HASH_SIZE);
    read_bytes(&reader, settings->sign_public.x, DG_P256_SIZE);
    read_bytes(&reader, settings->sign_public.y, DG_P256_SIZE);
    read_bytes(&reader, settings->journal_key.byte, DG_HASH_SIZE);
    read_bytes(&reader, settings->journal_public.x, DG_P256_SIZE);
    read_bytes(&reader, settings->journal_public.y, DG_P256_SIZE);
    read_bytes(&reader, settings->sensor_key.byte, DG_HASH_SIZE);
    settings->sensor_start.s = read_u32(&reader);
    settings->sensor_warm_s =
        (uint32_t)dg_cbor_read_uint_max(&reader, DG_GLUCOSE_WARM_S_MAX);
    settings->reservoir_pulses = read_u32(&reader);
    settings->reservoir_start = read_u32(&reader);
    settings->glucagon_steps = read_u32(&reader);
    settings->glucagon_start = read_u32(&reader);
    read_therapy(&reader, &settings->therapy);
    settings->lock.tries =
        (uint8_t)dg_cbor_read_uint_max(&reader, DG_PAIRING_TRIES);
    settings->lock.locks =
        (uint8_t)dg_cbor_read_uint_max(&reader, DG_PAIRING_LOCKS_MAX);
    settings->lock.until.s = read_u32(&reader);
    read_trust(&reader, &settings->trust);
    want_array(&reader, DG_CONTROLLERS);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        read_controller(&reader, &settings->controller[slot]);
    }
    /* Therapy that gives no limits is no therapy. */
    return (dg_cbor_reader_end(&reader) == DG_OK) &&
           (dg_limits_derive(&settings->therapy, &limits) == DG_OK);
}

static uint32_t crc_of(const uint8_t *head, dg_span body)
{
    /* Body first: its CRC is folded into that of the head. */
    uint8_t all[12];

    memcpy(all, &head[4], 8U);
    dg_bytes_put_u32(&all[8], dg_bytes_crc32(body));
    return dg_bytes_crc32(DG_SPAN_OF(all));
}

/* One copy: false when there is none or it is not sound. */
static enum dg_status load_copy(const struct dg_flash *flash,
                                uint32_t copy,
                                struct dg_settings *settings,
                                bool *is_sound)
{
    const uint32_t at = copy * flash->sector_size;
    uint8_t head[HEAD_SIZE];
    uint8_t body[BODY_MAX];
    enum dg_status status = flash->read(flash->context, at, DG_BUF_OF(head));

    *is_sound = false;
    if ((status != DG_OK) || (memcmp(head, magic, sizeof magic) != 0)) {
        return status;
    }

    const uint32_t size = dg_bytes_get_u32(&head[8]);

    if (size > BODY_MAX) {
        return DG_OK;
    }
    status = flash->read(flash->context, at + HEAD_SIZE, (dg_buf){body, size});
    if (status != DG_OK) {
        return status;
    }
    if (crc_of(head, (dg_span){body, size}) == dg_bytes_get_u32(&head[12])) {
        memset(settings, 0, sizeof *settings);
        settings->generation = dg_bytes_get_u32(&head[4]);
        *is_sound = decode((dg_span){body, size}, settings);
    }
    dg_bytes_wipe(body, sizeof body);
    return DG_OK;
}

enum dg_status dg_settings_load(const struct dg_flash *flash,
                                struct dg_settings *settings)
{
    if ((flash == NULL) || (settings == NULL)) {
        return DG_E_USAGE;
    }

    struct dg_settings other;
    bool has_first = false;
    bool has_second = false;

    memset(&other, 0, sizeof other);
    /* A copy that cannot be read does not spoil the other one. */
    const enum dg_status first = load_copy(flash, 0U, settings, &has_first);
    const enum dg_status second = load_copy(flash, 1U, &other, &has_second);

    if (has_second &&
        (!has_first || (other.generation > settings->generation))) {
        *settings = other;
    }
    dg_bytes_wipe(&other, sizeof other);
    if (has_first || has_second) {
        dg_knock_log_apply(flash, settings);
        return DG_OK;
    }
    return ((first == DG_OK) && (second == DG_OK)) ? DG_E_CORRUPT : DG_E_PORT;
}

static bool is_enrolled_sound(const struct dg_enrolled *enrolled)
{
    return !enrolled->is_used || ((enrolled->role >= DG_ROLE_OWNER) &&
                                  (enrolled->role <= DG_ROLE_OBSERVER) &&
                                  dg_pairing_is_method(enrolled->method) &&
                                  (enrolled->name_size > 0U) &&
                                  (enrolled->name_size <= DG_PAIRING_NAME_MAX));
}

/* What load would refuse is not written. */
static enum dg_status check(const struct dg_settings *settings)
{
    struct dg_limits limits;

    if (settings->sensor_warm_s > DG_GLUCOSE_WARM_S_MAX) {
        return DG_E_RANGE;
    }
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (!is_enrolled_sound(&settings->controller[slot])) {
            return DG_E_RANGE;
        }
    }
    return dg_limits_derive(&settings->therapy, &limits);
}

enum dg_status dg_settings_save(const struct dg_flash *flash,
                                struct dg_settings *settings)
{
    if ((flash == NULL) || (settings == NULL)) {
        return DG_E_USAGE;
    }

    uint8_t room[BODY_MAX];
    uint8_t head[HEAD_SIZE];
    dg_span body = {NULL, 0U};
    enum dg_status status = check(settings);

    /* A number that began again at zero would lose to the older copy. */
    if ((status == DG_OK) &&
        (settings->generation > DG_SETTINGS_GENERATION_MAX)) {
        status = DG_E_STATE;
    }
    if (status == DG_OK) {
        status = encode(settings, DG_BUF_OF(room), &body);
    }
    if (status != DG_OK) {
        return status;
    }

    /* Even generations live in sector 0, odd ones in sector 1, so the copy in
     * force is never the one being written. */
    const uint32_t generation = settings->generation + 1U;
    const uint32_t copy = generation % 2U;
    const uint32_t at = copy * flash->sector_size;

    memcpy(head, magic, sizeof magic);
    dg_bytes_put_u32(&head[4], generation);
    dg_bytes_put_u32(&head[8], (uint32_t)body.size);
    dg_bytes_put_u32(&head[12], crc_of(head, body));
    status = flash->erase(flash->context, copy);
    if (status == DG_OK) {
        status = flash->program(flash->context, at + HEAD_SIZE, body);
    }
    if (status == DG_OK) {
        status = flash->program(flash->context, at, DG_SPAN_OF(head));
    }
    dg_bytes_wipe(room, sizeof room);
    if (status == DG_OK) {
        settings->generation = generation;
    }
    return status;
}
