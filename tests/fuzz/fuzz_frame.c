/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of the serial line.  Oracle: whatever comes out, written
 * again, is a stretch of what went in, in order and without overlap; and a
 * frame that is put behind anything comes out within one longest frame, unless
 * another frame whose checks hold has it inside. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ports/serial/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t find(const uint8_t *data, size_t from, size_t size, dg_span frame)
{
    for (size_t at = from; (at + frame.size) <= size; at++) {
        if (memcmp(&data[at], frame.at, frame.size) == 0) {
            return at + frame.size;
        }
    }
    __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t last[] = "the frame behind it all";
    static struct dg_frame_reader reader;
    static uint8_t room[DG_FRAME_MAX];
    dg_span payload = {NULL, 0U};
    dg_span frame = {NULL, 0U};
    size_t seen = 0U;
    int is_found = 0;

    memset(&reader, 0, sizeof reader);
    for (size_t i = 0U; i < size; i++) {
        dg_frame_put(&reader, data[i]);
        while (dg_frame_next(&reader, &payload)) {
            if (dg_frame_write(payload, DG_BUF_OF(room), &frame) != DG_OK) {
                __builtin_trap();
            }
            seen = find(data, seen, i + 1U, frame);
        }
    }
    if (dg_frame_write(DG_SPAN_OF(last), DG_BUF_OF(room), &frame) != DG_OK) {
        __builtin_trap();
    }
    for (size_t i = 0U; (i < (frame.size + DG_FRAME_MAX)); i++) {
        dg_frame_put(&reader, (i < frame.size) ? frame.at[i] : 0U);
        while (dg_frame_next(&reader, &payload)) {
            for (size_t at = 0U; (at + sizeof last) <= payload.size; at++) {
                is_found |= memcmp(&payload.at[at], last, sizeof last) == 0;
            }
        }
    }
    if (!is_found) {
        __builtin_trap();
    }
    return 0;
}
