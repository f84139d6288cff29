/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SPAN_H
#define DG_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* Bytes to read.  {NULL, 0} is "none"; a non-NULL span of size 0 is "empty". */
typedef struct dg_span {
    const uint8_t *at;
    size_t size;
} dg_span;

/*@ predicate dg_span_readable{L}(dg_span b) =
  @   b.size == 0 || \valid_read(b.at + (0 .. b.size - 1));
  @*/

/* Integers on the wire: big endian. */
/*@ logic integer dg_bytes_u16{L}(uint8_t *at) =
  @   (uint16_t)((at[0] << 8) | at[1]);
  @
  @ logic integer dg_bytes_u32{L}(uint8_t *at) =
  @   ((uint32_t)(at[0] << 24)) | ((uint32_t)(at[1] << 16)) |
  @   ((uint32_t)(at[2] << 8)) | at[3];
  @*/

/* Room to write.  Who is given a dg_buf hands back a dg_span inside it. */
typedef struct dg_buf {
    uint8_t *at;
    size_t capacity;
} dg_buf;

/* A span or a buffer over a whole array. */
#define DG_SPAN_OF(array) ((dg_span){(array), sizeof(array)})
#define DG_BUF_OF(array)  ((dg_buf){(array), sizeof(array)})

#endif
