/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_FRAME_H
#define DG_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"

/* Datagrams over a serial line:
 *
 *   0x7E | size (2, little endian) | ~(size bytes xored) | payload | CRC (2)
 *
 * CRC-16/CCITT-FALSE over size and payload, little endian.  It is against
 * accidents of the line; who means harm is met by what is inside.
 *
 * A reader that meets damage drops one byte and looks for the next 0x7E among
 * those it has, so an intact frame behind any damage is found once enough of
 * the line has passed: at most DG_FRAME_MAX bytes. */
#define DG_FRAME_PAYLOAD_MAX 1024U
#define DG_FRAME_HEAD        4U
#define DG_FRAME_TAIL        2U
#define DG_FRAME_MAX         (DG_FRAME_HEAD + DG_FRAME_PAYLOAD_MAX + DG_FRAME_TAIL)
#define DG_FRAME_START       0x7EU

/* All zero is an empty reader. */
struct dg_frame_reader {
    size_t used;
    size_t taken; /* bytes of the frame that was given out last */
    uint8_t bytes[DG_FRAME_MAX];
};

/**
 * Put one byte in.  Before the first dg_frame_next() of a line nothing is
 * lost; a reader whose frames are not taken out drops the oldest byte.
 */
void dg_frame_put(struct dg_frame_reader *reader, uint8_t byte);

/**
 * Take a whole frame out, if there is one.
 *
 * @param[out] payload  Inside @p reader, until the next call with it.
 */
bool dg_frame_next(struct dg_frame_reader *reader, dg_span *payload);

/**
 * Write a frame.
 *
 * @param payload  0 .. DG_FRAME_PAYLOAD_MAX bytes.
 *
 * @retval DG_OK, DG_E_RANGE (payload too long), DG_E_NO_SPACE.
 */
DG_NODISCARD enum dg_status dg_frame_write(dg_span payload,
                                           dg_buf room,
                                           dg_span *frame);

#endif
