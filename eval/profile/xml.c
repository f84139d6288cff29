/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/xml.h"

#include <stdbool.h>
#include <string.h>

/* @satisfies{EVL_PROFILE.3@1} */
struct look {
    const uint8_t *at; /* what comes next */
    size_t left;
    size_t line;
    size_t depth;
    size_t elements;
    size_t attributes;
    const char *name;
    struct dg_problem *problem;
};

static bool fail(const struct look *look, const char *what)
{
    dg_problem_set(
        look->problem, "%.200s:%zu: %s", look->name, look->line, what);
    return false;
}

static bool begins(const struct look *look, const char *text)
{
    const size_t size = strlen(text);

    return (look->left >= size) && (memcmp(look->at, text, size) == 0);
}

static void step(struct look *look)
{
    look->line += (*look->at == (uint8_t)'\n') ? 1U : 0U;
    look->at++;
    look->left--;
}

/* From @begin, which is here, behind the next @end; false: there is none.  The
 * two have no byte in common: "<!-->" begins a comment and does not end it. */
static bool pass(struct look *look, const char *begin, const char *end)
{
    look->at += strlen(begin);
    look->left -= strlen(begin);
    while (look->left > 0U) {
        if (begins(look, end)) {
            look->at += strlen(end);
            look->left -= strlen(end);
            return true;
        }
        step(look);
    }
    return fail(look,
                "a comment, section or instruction that does not end; the file "
                "is cut short");
}

static bool is_within(const struct look *look)
{
    if (look->depth > DG_XML_DEPTH_MAX) {
        return fail(look, "elements lie too deep inside each other (64)");
    }
    if (look->elements > DG_XML_ELEMENTS_MAX) {
        return fail(look, "too many elements (200,000)");
    }
    return (look->attributes <= DG_XML_ATTRIBUTES_MAX) ||
           fail(look, "too many attributes (200,000)");
}

/* From behind "<" to behind ">". */
static bool pass_tag(struct look *look)
{
    const bool is_end = begins(look, "/");
    uint8_t last = 0U;

    while ((look->left > 0U) && (*look->at != (uint8_t)'>')) {
        const uint8_t quote = *look->at;

        last = quote;
        if ((quote == (uint8_t)'"') || (quote == (uint8_t)'\'')) {
            look->attributes++;
            do {
                step(look);
            } while ((look->left > 0U) && (*look->at != quote));
        }
        if (look->left > 0U) {
            step(look);
        }
    }
    if (look->left == 0U) {
        return fail(look, "a tag that does not end; the file is cut short");
    }
    step(look);
    if (is_end && (look->depth == 0U)) {
        return fail(look, "the end of an element that did not begin");
    }
    look->depth -= is_end ? 1U : 0U;
    if (!is_end) {
        look->elements++;
        look->depth += (last == (uint8_t)'/') ? 0U : 1U;
    }
    return is_within(look);
}

/* "<?xml ... encoding='UTF-8'?>", or none. */
static bool is_encoding_utf8(const struct look *look)
{
    static const char *const ours[] = {
        "\"UTF-8\"", "'UTF-8'", "\"utf-8\"", "'utf-8'"};
    static const char key[] = "encoding";
    size_t size = 0U;

    if (!begins(look, "<?xml")) {
        return true;
    }
    while ((size < look->left) && (look->at[size] != (uint8_t)'>')) {
        size++;
    }
    for (size_t i = 0U; (i + sizeof key) < size; i++) {
        if (memcmp(&look->at[i], key, sizeof key - 1U) != 0) {
            continue;
        }
        for (size_t one = 0U; one < 4U; one++) {
            for (size_t at = i; (at + strlen(ours[one])) <= size; at++) {
                if (memcmp(&look->at[at], ours[one], strlen(ours[one])) == 0) {
                    return true;
                }
            }
        }
        return false;
    }
    return true;
}

static bool pass_markup(struct look *look)
{
    if (begins(look, "<!--")) {
        return pass(look, "<!--", "-->");
    }
    if (begins(look, "<![CDATA[")) {
        return pass(look, "<![CDATA[", "]]>");
    }
    if (begins(look, "<?")) {
        return pass(look, "<?", "?>");
    }
    if (begins(look, "<!")) {
        return fail(look,
                    "a document type or entity declaration; profiles have "
                    "none, take it out");
    }
    step(look);
    return pass_tag(look);
}

static bool look_through(struct look *look, dg_span bytes)
{
    if (bytes.size > DG_XML_SIZE_MAX) {
        return fail(look, "larger than 32 MiB");
    }
    if (bytes.size == 0U) {
        return fail(look, "empty");
    }
    /* UTF-16 and UTF-32 have zero bytes; other slips the parser finds, which
     * is told that this is UTF-8. */
    if (memchr(bytes.at, 0, bytes.size) != NULL) {
        return fail(look, "not UTF-8 text; profiles are read as UTF-8 only");
    }
    /* A byte order mark. */
    if (begins(look, "\xEF\xBB\xBF")) {
        look->at += 3;
        look->left -= 3U;
    }
    if (!is_encoding_utf8(look)) {
        return fail(look, "declares an encoding other than UTF-8");
    }
    while (look->left > 0U) {
        if (*look->at != (uint8_t)'<') {
            step(look);
        } else if (!pass_markup(look)) {
            return false;
        }
    }
    return ((look->depth == 0U) && (look->elements > 0U)) ||
           fail(look, "elements without an end; the file is cut short");
}

enum dg_status dg_xml_look(dg_span bytes,
                           const char *name,
                           struct dg_problem *problem)
{
    struct look look = {.at = bytes.at,
                        .left = bytes.size,
                        .line = 1U,
                        .name = name,
                        .problem = problem};

    return look_through(&look, bytes) ? DG_OK : DG_E_MALFORMED;
}
