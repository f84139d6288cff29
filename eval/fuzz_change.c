/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/fuzz.h"

#include <string.h>

#define ITEMS_MAX 96U
#define DEPTH_MAX 12U

/* Where items lie: heads and whole items, nested ones, too. */
struct item {
    size_t at;
    size_t head; /* bytes of its head */
    size_t end;
};

struct items {
    struct item list[ITEMS_MAX];
    size_t count;
};

struct text {
    uint8_t *byte;
    size_t size;
    size_t room;
};

static bool read_head(const struct text *text,
                      size_t at,
                      size_t *head,
                      uint64_t *value)
{
    const unsigned info = (at < text->size) ? (text->byte[at] & 0x1FU) : 31U;
    const size_t more = (info < 24U) ? 0U : ((size_t)1U << (info - 24U));

    if ((info > 27U) || (at + more >= text->size)) {
        return false;
    }
    *head = 1U + more;
    *value = info;
    if (more > 0U) {
        *value = 0U;
        for (size_t i = 1U; i <= more; i++) {
            *value = (*value << 8) | text->byte[at + i];
        }
    }
    return true;
}

/* One item and those in it; its end, or 0 when there is none.  The recursion is
 * DEPTH_MAX deep at most. */
static size_t find_item(const struct text *text,
                        size_t at,
                        unsigned depth,
                        struct items *items)
{
    size_t head = 0U;
    uint64_t value = 0U;
    const size_t own = items->count;

    if ((depth == DEPTH_MAX) || (own == ITEMS_MAX) ||
        !read_head(text, at, &head, &value)) {
        return 0U;
    }

    const unsigned type = text->byte[at] >> 5;
    size_t end = at + head;
    uint64_t inner = (type == 4U) ? value : ((type == 6U) ? 1U : 0U);

    inner = (type == 5U) ? (2U * value) : inner;
    if ((inner > text->size) || (value > UINT64_MAX / 4U)) {
        return 0U;
    }
    if ((type == 2U) || (type == 3U)) {
        if (value > text->size - end) {
            return 0U;
        }
        end += (size_t)value;
    }
    items->count++;
    for (uint64_t i = 0U; i < inner; i++) {
        end = find_item(text, end, depth + 1U, items);
        if (end == 0U) {
            items->count = own;
            return 0U;
        }
    }
    items->list[own] = (struct item){at, head, end};
    return end;
}

/* The sequence of items that begins at or behind @p from and ends with the
 * message; where none does, a byte is an item. */
static void find_items(const struct text *text,
                       size_t from,
                       struct items *items)
{
    for (size_t first = from; first < text->size; first++) {
        size_t at = first;

        items->count = 0U;
        while ((at != 0U) && (at < text->size)) {
            at = find_item(text, at, 0U, items);
        }
        if ((at == text->size) && (items->count > 1U)) {
            return;
        }
    }
    items->count = 0U;
    for (size_t at = from; (at < text->size) && (items->count < ITEMS_MAX);
         at++) {
        items->list[items->count++] = (struct item){at, 1U, at + 1U};
    }
}

/* Put @p size bytes in the place of those from @p at to @p end; what does not
 * fit any more falls off the end. */
static void replace(
    struct text *text, size_t at, size_t end, const uint8_t *with, size_t size)
{
    if (at + size > text->room) {
        return;
    }

    size_t rest = text->size - end;

    rest = (at + size + rest > text->room) ? (text->room - at - size) : rest;
    memmove(&text->byte[at + size], &text->byte[end], rest);
    if (size > 0U) {
        memcpy(&text->byte[at], with, size);
    }
    text->size = at + size + rest;
}

/* Heads ------------------------------------------------------------------- */

static size_t put_head(uint8_t *to,
                       unsigned type,
                       uint64_t value,
                       unsigned more)
{
    const size_t bytes = (more == 0U) ? 0U : ((size_t)1U << (more - 1U));

    to[0] = (uint8_t)((type << 5) | ((more == 0U) ? (unsigned)(value & 0x1FU)
                                                  : (23U + more)));
    for (size_t i = 0U; i < bytes; i++) {
        to[1U + i] = (uint8_t)(value >> (8U * (bytes - 1U - i)));
    }
    return 1U + bytes;
}

static void change_edge(struct text *text,
                        const struct item *item,
                        uint32_t what)
{
    static const uint64_t edge[] = {0U,
                                    1U,
                                    23U,
                                    24U,
                                    255U,
                                    256U,
                                    65535U,
                                    65536U,
                                    0x7FFFFFFFU,
                                    0x80000000U,
                                    0xFFFFFFFFU,
                                    0x100000000U,
                                    INT64_MAX,
                                    UINT64_MAX};
    const uint64_t value = edge[(what >> 1) % (sizeof edge / sizeof edge[0])];
    const unsigned more = (value < 24U)            ? 0U
                          : (value <= 0xFFU)       ? 1U
                          : (value <= 0xFFFFU)     ? 2U
                          : (value <= 0xFFFFFFFFU) ? 3U
                                                   : 4U;
    uint8_t head[9];
    const size_t size = put_head(head, what & 1U, value, more);

    replace(text, item->at, item->end, head, size);
}

static void change_odd(struct text *text,
                       const struct item *item,
                       uint32_t what)
{
    static const uint8_t odd[][9] = {{0xF4U},
                                     {0xF5U},
                                     {0xF6U},
                                     {0xF7U},
                                     {0xF9U, 0x7EU, 0x00U},
                                     {0xFAU, 0x7FU, 0xC0U, 0x00U, 0x00U},
                                     {0xFBU, 0x7FU, 0xF0U},
                                     {0xC1U, 0x00U},
                                     {0xFFU}};
    static const uint8_t size[] = {1U, 1U, 1U, 1U, 3U, 5U, 9U, 2U, 1U};
    const size_t which = what % sizeof size;

    replace(text, item->at, item->end, odd[which], size[which]);
}

static void change_head(struct text *text,
                        const struct item *item,
                        enum dg_fuzz_kind kind,
                        uint32_t what)
{
    const unsigned type = text->byte[item->at] >> 5;
    uint8_t head[9];
    size_t old = 0U;
    uint64_t value = 0U;

    if (!read_head(text, item->at, &old, &value)) {
        return;
    }
    if (kind == DG_FUZZ_TYPE) {
        text->byte[item->at] ^= (uint8_t)((1U + (what % 7U)) << 5);
        return;
    }

    size_t size = 0U;

    if (kind == DG_FUZZ_OPEN) {
        head[0] = (uint8_t)((((type < 2U) ? 4U : type) << 5) | 31U);
        size = 1U;
    } else if (kind == DG_FUZZ_LOOSE) {
        size = put_head(head, type, value, 1U + (what % 4U));
    } else {
        size = put_head(head,
                        (type < 2U) ? 2U + (what & 3U) : type,
                        ((what & 4U) != 0U) ? value + 1U + (what >> 3) % 300U
                                            : UINT64_MAX >> (what % 40U),
                        ((what & 4U) != 0U) ? 2U : 4U);
    }
    replace(text, item->at, item->at + old, head, size);
}

/* Whole items ------------------------------------------------------------- */

static void change_nest(struct text *text,
                        const struct item *item,
                        uint32_t what)
{
    uint8_t heads[64];
    const size_t deep = 1U + (what % sizeof heads);

    memset(heads, ((what & 0x100U) != 0U) ? 0xA1 : 0x81, deep);
    replace(text, item->at, item->at, heads, deep);
}

static void change_repeat(struct text *text, const struct item *item)
{
    uint8_t copy[1024];
    const size_t size = item->end - item->at;

    if (size <= sizeof copy) {
        memcpy(copy, &text->byte[item->at], size);
        replace(text, item->end, item->end, copy, size);
    }
}

static void change_swap(struct text *text,
                        const struct item *item,
                        const struct item *next)
{
    uint8_t copy[1024];
    const size_t first = item->end - item->at;
    const size_t second = next->end - next->at;

    if ((next->at == item->end) && (first + second <= sizeof copy)) {
        memcpy(copy, &text->byte[next->at], second);
        memcpy(&copy[second], &text->byte[item->at], first);
        memcpy(&text->byte[item->at], copy, first + second);
    }
}

static void change_one(struct text *text,
                       const struct dg_fuzz_operator *how,
                       size_t kept)
{
    struct items items = {.count = 0U};
    const size_t at = kept + (how->where % (text->size - kept));

    if (how->kind == DG_FUZZ_BIT) {
        text->byte[at] ^= (uint8_t)(1U << (how->what % 8U));
        return;
    }
    if (how->kind == DG_FUZZ_CUT) {
        text->size = (at > 0U) ? at : text->size;
        return;
    }
    if (how->kind == DG_FUZZ_TAIL) {
        uint8_t tail[16];
        const size_t size = 1U + (how->where % sizeof tail);

        memset(tail, (int)(how->what & 0xFFU), sizeof tail);
        replace(text, text->size, text->size, tail, size);
        return;
    }
    find_items(text, kept, &items);
    if (items.count == 0U) {
        return;
    }

    const size_t number = how->where % items.count;
    const struct item *item = &items.list[number];

    if (how->kind == DG_FUZZ_NEST) {
        change_nest(text, item, how->what);
    } else if (how->kind == DG_FUZZ_REPEAT) {
        change_repeat(text, item);
    } else if (how->kind == DG_FUZZ_DROP) {
        replace(text, item->at, item->end, NULL, 0U);
    } else if (how->kind == DG_FUZZ_SWAP) {
        change_swap(text, item, &items.list[(number + 1U) % items.count]);
    } else if (how->kind == DG_FUZZ_EDGE) {
        change_edge(text, item, how->what);
    } else if (how->kind == DG_FUZZ_ODD) {
        change_odd(text, item, how->what);
    } else {
        change_head(text, item, how->kind, how->what);
    }
}

void dg_fuzz_change(const struct dg_fuzz_step *step,
                    uint8_t *byte,
                    size_t *size,
                    size_t room,
                    size_t kept)
{
    struct text text = {byte, *size, room};

    for (unsigned i = 0U; i < step->count; i++) {
        struct dg_fuzz_operator change = step->change[i];

        /* Nothing but what says its kind: more can follow it. */
        change.kind = (text.size > kept) ? change.kind : DG_FUZZ_TAIL;
        change_one(&text, &change, (text.size > kept) ? kept : 0U);
        /* A message of no bytes cannot be sent. */
        text.size = (text.size == 0U) ? 1U : text.size;
    }
    *size = text.size;
}

struct dg_fuzz_step dg_fuzz_throw(struct dg_dice *dice,
                                  unsigned state,
                                  unsigned message)
{
    struct dg_fuzz_step step;

    memset(&step, 0, sizeof step);
    step.state = (uint8_t)state;
    step.message = (uint8_t)message;
    step.count = (uint8_t)(1U + dg_dice_roll(dice, DG_FUZZ_OPERATORS_MAX));
    for (unsigned i = 0U; i < step.count; i++) {
        step.change[i].kind = (enum dg_fuzz_kind)(
            1U + dg_dice_roll(dice, (uint32_t)DG_FUZZ_KINDS - 1U));
        step.change[i].where = dg_dice_roll(dice, UINT32_MAX);
        step.change[i].what = dg_dice_roll(dice, UINT32_MAX);
    }
    return step;
}
