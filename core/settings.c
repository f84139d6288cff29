/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/settings.h"

#include "bytes.h"
#include "knock_log.h"
#include "settings_form.h"

#include <stddef.h>
#include <string.h>

/* Sector: magic (4), generation (4), size (4), CRC-32 of the body and of the
 * eight bytes before it (4), body.  The head is programmed last. */
#define HEAD_SIZE 16U
#define BODY_MAX  2048U
#define LOADS_MAX 3U

_Static_assert((HEAD_SIZE + BODY_MAX) <= DG_KNOCK_LOG_AT,
               "settings end before the log of knocks");

static const uint8_t magic[4] = {'D', 'G', 'S', '1'};

/* The body's CRC is folded into that of the head. */
static uint32_t crc_of(const uint8_t *head, uint32_t body_crc)
{
    uint8_t all[12];

    memcpy(all, &head[4], 8U);
    dg_bytes_put_u32(&all[8], body_crc);
    return dg_bytes_crc32(DG_SPAN_OF(all));
}

/* What the head of a copy says; whether it is true its CRC shows later. */
struct copy {
    enum dg_status status; /* of reading it */
    bool has;
    uint32_t at;
    uint8_t head[HEAD_SIZE];
    uint32_t generation;
};

static struct copy find_copy(const struct dg_flash *flash, uint32_t number)
{
    struct copy copy = {.at = number * flash->sector_size};

    copy.status = flash->read(flash->context, copy.at, DG_BUF_OF(copy.head));
    copy.has = (copy.status == DG_OK) &&
               (memcmp(copy.head, magic, sizeof magic) == 0) &&
               (dg_bytes_get_u32(&copy.head[8]) <= BODY_MAX);
    copy.generation = dg_bytes_get_u32(&copy.head[4]);
    return copy;
}

/* @satisfies{FMT_LIM.1@1}
 * Limits in force, and those to come, stay within the profile: a flash that
 * says otherwise is not ours. */
static bool is_prescribed_sound(const struct dg_settings *settings)
{
    const struct dg_prescribed *prescribed = &settings->prescribed;
    const enum dg_age_class age_class = settings->therapy.age_class;
    struct dg_bounds in_force;

    if (prescribed->counter == 0U) {
        return !prescribed->is_loosening;
    }
    dg_bounds_of(&settings->therapy, &in_force);
    return (dg_bounds_unsound(&prescribed->outer, age_class) == DG_BOUNDS) &&
           (dg_bounds_looser(&in_force, &prescribed->outer) == DG_BOUNDS) &&
           (!prescribed->is_loosening ||
            ((dg_bounds_unsound(&prescribed->next, age_class) == DG_BOUNDS) &&
             (dg_bounds_looser(&prescribed->next, &prescribed->outer) ==
              DG_BOUNDS)));
}

/* Take @p copy, if it is there and sound. */
static bool take_copy(const struct dg_flash *flash,
                      struct copy *copy,
                      struct dg_settings *settings)
{
    struct dg_form_body body = {copy->at + HEAD_SIZE, 0U, 0U};
    struct dg_limits limits;

    if (!copy->has) {
        return false;
    }
    memset(settings, 0, sizeof *settings);
    settings->generation = copy->generation;
    body.size = dg_bytes_get_u32(&copy->head[8]);
    copy->status = dg_form_read(flash, &body, settings);
    /* Therapy that gives no limits is no therapy. */
    return (copy->status == DG_OK) &&
           (crc_of(copy->head, body.crc) ==
            dg_bytes_get_u32(&copy->head[12])) &&
           (dg_limits_derive(&settings->therapy, &limits) == DG_OK) &&
           is_prescribed_sound(settings);
}

static enum dg_status load_once(const struct dg_flash *flash,
                                struct dg_settings *settings)
{
    /* A copy that cannot be read does not spoil the other one. */
    struct copy first = find_copy(flash, 0U);
    struct copy second = find_copy(flash, 1U);
    const bool is_second_newer =
        second.has && (!first.has || (second.generation > first.generation));
    struct copy *newer = is_second_newer ? &second : &first;
    struct copy *older = is_second_newer ? &first : &second;

    if (take_copy(flash, newer, settings) ||
        take_copy(flash, older, settings)) {
        /* What was read and is not in force cannot be newer; what was not read
         * may be. */
        settings->has_unread =
            (first.status == DG_E_PORT) || (second.status == DG_E_PORT);
        dg_knock_log_apply(flash, settings);
        return DG_OK;
    }
    dg_bytes_wipe(settings, sizeof *settings);
    return ((first.status == DG_E_PORT) || (second.status == DG_E_PORT))
               ? DG_E_PORT
               : DG_E_CORRUPT;
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

    if ((settings->sensor_warm_s > DG_GLUCOSE_WARM_S_MAX) ||
        (settings->sensor_untimed > 1U) || !is_prescribed_sound(settings)) {
        return DG_E_RANGE;
    }
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (!is_enrolled_sound(&settings->controller[slot])) {
            return DG_E_RANGE;
        }
    }
    return dg_limits_derive(&settings->therapy, &limits);
}

enum dg_status dg_settings_load(const struct dg_flash *flash,
                                struct dg_settings *settings)
{
    if ((flash == NULL) || (settings == NULL)) {
        return DG_E_USAGE;
    }

    enum dg_status status = load_once(flash, settings);

    /* A read that failed by chance does not put the older copy in force. */
    for (unsigned i = 1U;
         (i < LOADS_MAX) && ((status == DG_E_PORT) || settings->has_unread);
         i++) {
        status = load_once(flash, settings);
    }
    return status;
}

/* Whether what could not be read at load may be written over by now.  If it can
 * be read again it may not: a phone that was removed, or a limit that was
 * tightened, may stand there alone, and the next reset finds it.  What still
 * cannot be read is lost, and only an erase mends the sector: to refuse would
 * be never to remove a phone again. */
static enum dg_status look_again(const struct dg_flash *flash,
                                 uint32_t number,
                                 struct dg_settings *settings)
{
    uint8_t piece[64];
    const struct copy copy = find_copy(flash, number);
    uint32_t crc = 0U;

    if ((copy.status == DG_OK) && copy.has &&
        (copy.generation > settings->generation)) {
        const uint32_t size = dg_bytes_get_u32(&copy.head[8]);

        for (uint32_t done = 0U; done < size; done += (uint32_t)sizeof piece) {
            const uint32_t left = size - done;
            const dg_buf room = {piece,
                                 (left < sizeof piece) ? left : sizeof piece};
            const enum dg_status status =
                flash->read(flash->context, copy.at + HEAD_SIZE + done, room);

            if (status != DG_OK) {
                break; /* of other bytes the CRC is another */
            }
            crc = dg_bytes_crc32_more(crc, (dg_span){room.at, room.capacity});
        }
        dg_bytes_wipe(piece, sizeof piece);
        if (crc_of(copy.head, crc) == dg_bytes_get_u32(&copy.head[12])) {
            return DG_E_PORT;
        }
    }
    settings->has_unread = false;
    return DG_OK;
}

enum dg_status dg_settings_save(const struct dg_flash *flash,
                                struct dg_settings *settings)
{
    if ((flash == NULL) || (settings == NULL)) {
        return DG_E_USAGE;
    }

    uint8_t head[HEAD_SIZE];
    enum dg_status status = check(settings);

    /* A number that began again at zero would lose to the older copy. */
    if ((status == DG_OK) &&
        (settings->generation > DG_SETTINGS_GENERATION_MAX)) {
        status = DG_E_STATE;
    }
    if (status != DG_OK) {
        return status;
    }

    /* Even generations live in sector 0, odd ones in sector 1, so the copy in
     * force is never the one being written. */
    const uint32_t generation = settings->generation + 1U;
    const uint32_t copy = generation % 2U;
    const uint32_t at = copy * flash->sector_size;
    struct dg_form_body body = {at + HEAD_SIZE, BODY_MAX, 0U};

    status = settings->has_unread ? look_again(flash, copy, settings) : DG_OK;
    if (status == DG_OK) {
        status = flash->erase(flash->context, copy);
    }
    if (status == DG_OK) {
        status = dg_form_write(flash, &body, settings);
    }
    if (status == DG_OK) {
        memcpy(head, magic, sizeof magic);
        dg_bytes_put_u32(&head[4], generation);
        dg_bytes_put_u32(&head[8], body.size);
        dg_bytes_put_u32(&head[12], crc_of(head, body.crc));
        status = flash->program(flash->context, at, DG_SPAN_OF(head));
    }
    if (status == DG_OK) {
        settings->generation = generation;
    }
    return status;
}
