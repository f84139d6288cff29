/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/utf8.h"

#define FIRST_CAPACITY 4096U
#define CAPACITY_MAX   (256U * 1024U * 1024U)

void dg_html_init(struct dg_html *html)
{
    *html = (struct dg_html){NULL, 0, 0, false};
}

void dg_html_free(struct dg_html *html)
{
    free(html->at);
    dg_html_init(html);
}

static bool has_room(struct dg_html *html, size_t size)
{
    if (html->failed || (size >= (CAPACITY_MAX - html->used))) {
        html->failed = true;
        return false;
    }

    const size_t needed = html->used + size + 1U;
    size_t capacity = html->capacity;

    if (needed <= capacity) {
        return true;
    }
    if (capacity == 0U) {
        capacity = FIRST_CAPACITY;
    }
    while (capacity < needed) {
        capacity *= 2U;
    }

    char *grown = realloc(html->at, capacity);

    if (grown == NULL) {
        html->failed = true;
        return false;
    }
    html->at = grown;
    html->capacity = capacity;
    return true;
}

static void append(struct dg_html *html, const char *bytes, size_t size)
{
    if (!has_room(html, size)) {
        return;
    }
    if (size > 0U) {
        memcpy(html->at + html->used, bytes, size);
    }
    html->used += size;
    html->at[html->used] = '\0';
}

void dg_html_raw(struct dg_html *html, const char *markup)
{
    append(html, markup, strlen(markup));
}

void dg_html_raw_span(struct dg_html *html, dg_span markup)
{
    append(html, (const char *)markup.at, markup.size);
}

/* Characters that XML 1.0 forbids or discourages, or that reorder a line. */
static bool is_banned(uint32_t c)
{
    const bool is_control = ((c < 0x20U) && (c != '\n') && (c != '\t')) ||
                            ((c >= 0x7FU) && (c <= 0x9FU));
    const bool is_reorder = ((c >= 0x202AU) && (c <= 0x202EU)) ||
                            ((c >= 0x2066U) && (c <= 0x2069U)) ||
                            (c == 0x200EU) || (c == 0x200FU) || (c == 0x061CU);
    const bool is_nothing =
        ((c & 0xFFFEU) == 0xFFFEU) || ((c >= 0xFDD0U) && (c <= 0xFDEFU));

    return is_control || is_reorder || is_nothing;
}

static const char *entity_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void dg_html_text(struct dg_html *html, const char *text)
{
    size_t left = strlen(text);

    while (left > 0U) {
        uint32_t c = 0;
        const size_t used = dg_utf8_next(text, left, &c);
        const char *entity = entity_of(c);

        text += used;
        left -= used;
        if (entity != NULL) {
            dg_html_raw(html, entity);
            continue;
        }

        char out[4];
        const size_t size =
            dg_utf8_put(is_banned(c) ? DG_UTF8_REPLACEMENT : c, out);

        append(html, out, size);
    }
}

/* One conversion of dg_html_put(); gives the characters after the percent
 * sign that it used, 0 for one that we do not know.  The caller must hand over
 * the list by address: its state after a call that took it by value is not
 * defined. */
static size_t convert(struct dg_html *html, const char *spec, va_list *list)
{
    char number[24] = "";
    size_t used = 1;

    if (spec[0] == '%') {
        dg_html_raw(html, "%");
    } else if (spec[0] == 's') {
        dg_html_text(html, va_arg(*list, const char *));
    } else if (spec[0] == 'u') {
        (void)snprintf(
            number, sizeof(number), "%u", va_arg(*list, unsigned int));
    } else if (spec[0] == 'd') {
        (void)snprintf(number, sizeof(number), "%d", va_arg(*list, int));
    } else if (strncmp(spec, "zu", 2) == 0) {
        (void)snprintf(number, sizeof(number), "%zu", va_arg(*list, size_t));
        used = 2;
    } else if (strncmp(spec, "llu", 3) == 0) {
        (void)snprintf(
            number, sizeof(number), "%llu", va_arg(*list, unsigned long long));
        used = 3;
    } else if (strncmp(spec, "lld", 3) == 0) {
        (void)snprintf(
            number, sizeof(number), "%lld", va_arg(*list, long long));
        used = 3;
    } else {
        used = 0;
    }
    dg_html_raw(html, number);
    return used;
}

void dg_html_put(struct dg_html *html, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    for (const char *at = format; *at != '\0';) {
        const size_t plain = strcspn(at, "%");

        append(html, at, plain);
        at += plain;
        if (*at == '\0') {
            break;
        }

        const size_t used = convert(html, at + 1, &list);

        if (used == 0U) {
            html->failed = true;
            break;
        }
        at += used + 1U;
    }
    va_end(list);
}

dg_span dg_html_span(const struct dg_html *html)
{
    if (html->failed) {
        return (dg_span){NULL, 0};
    }
    return (dg_span){(const uint8_t *)html->at, html->used};
}
