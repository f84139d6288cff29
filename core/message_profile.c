/* SPDX-License-Identifier: Apache-2.0 */
#include "message_parts.h"

#include "bounds_wire.h"
#include "dosegate/prescription.h"

/* Request `profile`: 1 verb, 2 the signed bytes (TAKE), 3 the wish (WISH).
 * Answer: 2 counter, 3 state, 4 seconds left, 5 limits in force, 6 what comes
 * next, empty when nothing does. */

static bool has_bytes(enum dg_profile_verb verb)
{
    return verb == DG_PROFILE_TAKE;
}

static bool has_wish(enum dg_profile_verb verb)
{
    return verb == DG_PROFILE_WISH;
}

void dg_profile_request_write(struct dg_cbor_writer *writer,
                              const struct dg_request *request)
{
    const enum dg_profile_verb verb = request->as.profile.verb;

    dg_cbor_write_map(writer, (has_bytes(verb) || has_wish(verb)) ? 3U : 2U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, DG_REQUEST_PROFILE);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, (uint64_t)verb);
    if (has_bytes(verb)) {
        dg_cbor_write_uint(writer, 2U);
        dg_cbor_write_bstr(writer, request->as.profile.bytes);
    }
    if (has_wish(verb)) {
        dg_cbor_write_uint(writer, 3U);
        dg_cbor_write_array(writer, DG_WISHES);
        for (unsigned i = 0U; i < DG_WISHES; i++) {
            dg_cbor_write_uint(writer, request->as.profile.wish[i]);
        }
    }
}

static void read_wish(struct dg_cbor_reader *reader, struct dg_request *request)
{
    if (dg_cbor_read_array(reader) != DG_WISHES) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    for (unsigned i = 0U; i < DG_WISHES; i++) {
        request->as.profile.wish[i] =
            (uint16_t)dg_cbor_read_uint_max(reader, UINT16_MAX);
    }
}

void dg_profile_request_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_request *request)
{
    /* The verb sorts first: a field that is not its own is another encoding. */
    if (key == 1) {
        request->as.profile.verb =
            (enum dg_profile_verb)dg_cbor_read_uint_max(reader, UINT8_MAX);
    } else if ((key == 2) && has_bytes(request->as.profile.verb)) {
        request->as.profile.bytes = dg_cbor_read_bstr(reader);
    } else if ((key == 3) && has_wish(request->as.profile.verb)) {
        read_wish(reader, request);
        request->as.profile.has_wish = true;
    } else {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

bool dg_profile_request_is_sound(const struct dg_request *request)
{
    const enum dg_profile_verb verb = request->as.profile.verb;
    const dg_span bytes = request->as.profile.bytes;

    return (verb >= DG_PROFILE_SHOW) && (verb <= DG_PROFILE_WITHDRAW) &&
           (has_bytes(verb) == (bytes.size > 0U)) &&
           (bytes.size <= DG_PRESCRIPTION_MAX) &&
           (has_wish(verb) == request->as.profile.has_wish);
}

void dg_profile_answer_write(struct dg_cbor_writer *writer,
                             const struct dg_answer *answer)
{
    dg_cbor_write_uint(writer, 2U);
    dg_cbor_write_uint(writer, answer->as.profile.counter);
    dg_cbor_write_uint(writer, 3U);
    dg_cbor_write_uint(writer, (uint64_t)answer->as.profile.state);
    dg_cbor_write_uint(writer, 4U);
    dg_cbor_write_uint(writer, answer->as.profile.left_s);
    dg_cbor_write_uint(writer, 5U);
    dg_bounds_write(writer, &answer->as.profile.in_force);
    dg_cbor_write_uint(writer, 6U);
    if (answer->as.profile.state == DG_LOOSENING_NONE) {
        dg_cbor_write_array(writer, 0U);
    } else {
        dg_bounds_write(writer, &answer->as.profile.next);
    }
}

void dg_profile_answer_read(struct dg_cbor_reader *reader,
                            int64_t key,
                            struct dg_answer *answer)
{
    if (key == 2) {
        answer->as.profile.counter =
            (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
    } else if (key == 3) {
        answer->as.profile.state = (enum dg_loosening)dg_cbor_read_uint_max(
            reader, DG_LOOSENING_DELAY);
    } else if (key == 4) {
        answer->as.profile.left_s =
            (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
    } else if (key == 5) {
        dg_bounds_read(reader, &answer->as.profile.in_force);
    } else if (answer->as.profile.state != DG_LOOSENING_NONE) {
        dg_bounds_read(reader, &answer->as.profile.next);
    } else if (dg_cbor_read_array(reader) != 0U) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    } else {
        /* Nothing comes next. */
    }
}

static bool are_sound(const struct dg_bounds *bounds)
{
    bool sound = true;

    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        sound = sound && (bounds->value[bound] >= 0);
    }
    return sound;
}

bool dg_profile_answer_is_sound(const struct dg_answer *answer)
{
    return ((unsigned)answer->as.profile.state <=
            (unsigned)DG_LOOSENING_DELAY) &&
           are_sound(&answer->as.profile.in_force) &&
           ((answer->as.profile.state == DG_LOOSENING_NONE) ||
            are_sound(&answer->as.profile.next));
}
