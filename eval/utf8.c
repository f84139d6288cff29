/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/utf8.h"

#include <string.h>

struct lead {
    size_t size;
    uint32_t bits;
    uint32_t min; /* below it the form is overlong */
};

static struct lead lead_of(uint32_t byte)
{
    if (byte < 0x80U) {
        return (struct lead){1, byte, 0};
    }
    if ((byte & 0xE0U) == 0xC0U) {
        return (struct lead){2, byte & 0x1FU, 0x80U};
    }
    if ((byte & 0xF0U) == 0xE0U) {
        return (struct lead){3, byte & 0x0FU, 0x800U};
    }
    if ((byte & 0xF8U) == 0xF0U) {
        return (struct lead){4, byte & 0x07U, 0x10000U};
    }
    return (struct lead){0, 0, 0};
}

size_t dg_utf8_next(const char *text, size_t size, uint32_t *character)
{
    const struct lead lead = lead_of((uint8_t)text[0]);
    uint32_t value = lead.bits;

    *character = DG_UTF8_REPLACEMENT;
    if ((lead.size == 0U) || (lead.size > size)) {
        return 1;
    }
    for (size_t i = 1; i < lead.size; i++) {
        const uint8_t byte = (uint8_t)text[i];

        if ((byte & 0xC0U) != 0x80U) {
            return 1;
        }
        value = (value << 6) | (byte & 0x3FU);
    }
    if ((value < lead.min) || (value > 0x10FFFFU) ||
        ((value >= 0xD800U) && (value <= 0xDFFFU))) {
        return 1;
    }
    *character = value;
    return lead.size;
}

size_t dg_utf8_put(uint32_t character, char out[4])
{
    if (character < 0x80U) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800U) {
        out[0] = (char)(0xC0U | (character >> 6));
        out[1] = (char)(0x80U | (character & 0x3FU));
        return 2;
    }
    if (character < 0x10000U) {
        out[0] = (char)(0xE0U | (character >> 12));
        out[1] = (char)(0x80U | ((character >> 6) & 0x3FU));
        out[2] = (char)(0x80U | (character & 0x3FU));
        return 3;
    }
    out[0] = (char)(0xF0U | (character >> 18));
    out[1] = (char)(0x80U | ((character >> 12) & 0x3FU));
    out[2] = (char)(0x80U | ((character >> 6) & 0x3FU));
    out[3] = (char)(0x80U | (character & 0x3FU));
    return 4;
}

/* Bytes of the next character; *is_good: it may go to a terminal. */
static size_t look_at(const char *text, size_t left, bool *is_good)
{
    uint32_t character = 0;
    const size_t size = dg_utf8_next(text, left, &character);
    const bool is_control =
        (character < 0x20U) || ((character >= 0x7FU) && (character < 0xA0U));
    const bool is_stray = (character == DG_UTF8_REPLACEMENT) && (size == 1U);

    *is_good = (*text == '\n') || (*text == '\t') || (!is_control && !is_stray);
    return size;
}

bool dg_utf8_is_printable(const char *text)
{
    size_t left = strlen(text);
    bool is_good = true;

    while (is_good && (left > 0U)) {
        const size_t size = look_at(text, left, &is_good);

        text += size;
        left -= size;
    }
    return is_good;
}

void dg_utf8_make_printable(char *text)
{
    size_t left = strlen(text);

    while (left > 0U) {
        bool is_good = true;
        const size_t size = look_at(text, left, &is_good);

        if (!is_good) {
            memset(text, '?', size);
        }
        text += size;
        left -= size;
    }
}
