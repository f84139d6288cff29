/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct dg_arena_block {
    struct dg_arena_block *next;
    max_align_t bytes[];
};

void dg_arena_init(struct dg_arena *arena)
{
    *arena = (struct dg_arena){NULL, false};
}

void *dg_arena_take(struct dg_arena *arena, size_t size)
{
    const size_t head = sizeof(struct dg_arena_block);
    struct dg_arena_block *block = NULL;

    if (size < (SIZE_MAX - head)) {
        block = calloc(1, head + size);
    }
    if (block == NULL) {
        arena->failed = true;
        return NULL;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

const char *dg_arena_text(struct dg_arena *arena, const char *text, size_t size)
{
    char *copy = dg_arena_take(arena, size + 1U);

    if (copy == NULL) {
        return "";
    }
    if (size > 0U) {
        memcpy(copy, text, size);
    }
    return copy;
}

void dg_arena_free(struct dg_arena *arena)
{
    struct dg_arena_block *block = arena->blocks;

    while (block != NULL) {
        struct dg_arena_block *next = block->next;

        free(block);
        block = next;
    }
    dg_arena_init(arena);
}
