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

/* Room to write.  Who is given a dg_buf hands back a dg_span inside it. */
typedef struct dg_buf {
    uint8_t *at;
    size_t capacity;
} dg_buf;

/* A span or a buffer over a whole array. */
#define DG_SPAN_OF(array) ((dg_span){(array), sizeof(array)})
#define DG_BUF_OF(array)  ((dg_buf){(array), sizeof(array)})

#endif
