/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_ARENA_H
#define DG_EVAL_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct dg_arena_block;

/* Memory that lives and dies together.  Whoever owns the arena owns all that
 * was taken from it.  A failure sticks: take all, ask once. */
struct dg_arena {
    struct dg_arena_block *blocks;
    bool failed;
};

/** Start with nothing. */
void dg_arena_init(struct dg_arena *arena);

/** Give @p size zeroed bytes, aligned for any type; NULL when memory is out,
 * and then `failed` sticks. */
void *dg_arena_take(struct dg_arena *arena, size_t size);

/** Copy @p size bytes and end them with a zero byte; "" when memory is out. */
const char *dg_arena_text(struct dg_arena *arena,
                          const char *text,
                          size_t size);

/** Free everything; the arena is as after dg_arena_init(). */
void dg_arena_free(struct dg_arena *arena);

#endif
