/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

static uint16_t crc_of(uint16_t crc, const uint8_t *at, size_t size)
{
    for (size_t i = 0U; i < size; i++) {
        crc ^= (uint16_t)(at[i] << 8);
        for (unsigned bit = 0U; bit < 8U; bit++) {
            crc = (uint16_t)(((crc & 0x8000U) != 0U)
                                 ? (((unsigned)crc << 1) ^ 0x1021U)
                                 : ((unsigned)crc << 1));
        }
    }
    return crc;
}

static uint16_t crc_of_frame(const uint8_t *frame, size_t payload)
{
    return crc_of(
        crc_of(0xFFFFU, &frame[1], 2U), &frame[DG_FRAME_HEAD], payload);
}

static uint8_t check_of(const uint8_t *frame)
{
    return (uint8_t) ~(frame[1] ^ frame[2]);
}

static size_t size_of(const uint8_t *frame)
{
    return (size_t)frame[1] | ((size_t)frame[2] << 8);
}

static void drop(struct dg_frame_reader *reader, size_t count)
{
    reader->used -= count;
    (void)memmove(reader->bytes, &reader->bytes[count], reader->used);
}

/* Drop at least one byte, and all up to the next that may begin a frame. */
static void resynchronise(struct dg_frame_reader *reader)
{
    size_t at = 1U;

    while ((at < reader->used) && (reader->bytes[at] != DG_FRAME_START)) {
        at++;
    }
    drop(reader, at);
}

void dg_frame_put(struct dg_frame_reader *reader, uint8_t byte)
{
    if (reader->taken > 0U) {
        drop(reader, reader->taken);
        reader->taken = 0U;
    }
    if (reader->used == sizeof reader->bytes) {
        drop(reader, 1U);
    }
    reader->bytes[reader->used] = byte;
    reader->used++;
}

bool dg_frame_next(struct dg_frame_reader *reader, dg_span *payload)
{
    const uint8_t *frame = reader->bytes;

    if (reader->taken > 0U) {
        drop(reader, reader->taken);
        reader->taken = 0U;
    }
    while (reader->used > 0U) {
        if (frame[0] != DG_FRAME_START) {
            resynchronise(reader);
            continue;
        }
        if (reader->used < DG_FRAME_HEAD) {
            return false;
        }

        const size_t size = size_of(frame);

        if ((frame[3] != check_of(frame)) || (size > DG_FRAME_PAYLOAD_MAX)) {
            resynchronise(reader);
            continue;
        }

        const size_t whole = DG_FRAME_HEAD + size + DG_FRAME_TAIL;

        if (reader->used < whole) {
            return false;
        }

        const uint16_t crc = crc_of_frame(frame, size);

        if ((frame[whole - 2U] != (uint8_t)crc) ||
            (frame[whole - 1U] != (uint8_t)(crc >> 8))) {
            resynchronise(reader);
            continue;
        }
        reader->taken = whole;
        *payload = (dg_span){&reader->bytes[DG_FRAME_HEAD], size};
        return true;
    }
    return false;
}

enum dg_status dg_frame_write(dg_span payload, dg_buf room, dg_span *frame)
{
    const size_t whole = DG_FRAME_HEAD + payload.size + DG_FRAME_TAIL;

    if (payload.size > DG_FRAME_PAYLOAD_MAX) {
        return DG_E_RANGE;
    }
    if (room.capacity < whole) {
        return DG_E_NO_SPACE;
    }
    room.at[0] = (uint8_t)DG_FRAME_START;
    room.at[1] = (uint8_t)payload.size;
    room.at[2] = (uint8_t)(payload.size >> 8);
    room.at[3] = check_of(room.at);
    if (payload.size > 0U) {
        (void)memmove(&room.at[DG_FRAME_HEAD], payload.at, payload.size);
    }

    const uint16_t crc = crc_of_frame(room.at, payload.size);

    room.at[whole - 2U] = (uint8_t)crc;
    room.at[whole - 1U] = (uint8_t)(crc >> 8);
    *frame = (dg_span){room.at, whole};
    return DG_OK;
}
