/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/svg_check.h"

#include <stddef.h>
#include <string.h>

#define DEPTH_MAX     16U
#define NAME_MAX_SIZE 32U

static const char *const elements[] = {
    "svg",
    "g",
    "path",
    "line",
    "polyline",
    "polygon",
    "rect",
    "circle",
    "ellipse",
    "text",
    "tspan",
    "title",
    "desc",
    "defs",
    "linearGradient",
    "stop",
    "clipPath",
    "style",
};

struct scan {
    const char *at;
    const char *why;
    char open[DEPTH_MAX][NAME_MAX_SIZE];
    size_t depth;
    size_t roots;
};

static bool is_name_char(char c)
{
    return ((c >= 'a') && (c <= 'z')) || ((c >= 'A') && (c <= 'Z')) ||
           ((c >= '0') && (c <= '9')) || (c == '-') || (c == ':') || (c == '_');
}

static bool is_space(char c)
{
    return (c == ' ') || (c == '\n') || (c == '\t') || (c == '\r');
}

static void skip_space(struct scan *scan)
{
    while (is_space(*scan->at)) {
        scan->at++;
    }
}

static void take_name(struct scan *scan, char name[NAME_MAX_SIZE])
{
    size_t size = 0;

    while (is_name_char(*scan->at) && (size < (NAME_MAX_SIZE - 1U))) {
        name[size] = *scan->at;
        size++;
        scan->at++;
    }
    name[size] = '\0';
    if ((size == 0U) || is_name_char(*scan->at)) {
        scan->why = "a name is missing or too long";
    }
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < (sizeof(elements) / sizeof(elements[0])); i++) {
        if (strcmp(elements[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A value may point inside the figure and nowhere else.  Escapes and comments
 * of CSS could hide a word, so values have none. */
static void check_value(struct scan *scan, const char *value, size_t size)
{
    static const char space[] = "http://www.w3.org/2000/svg";

    if ((size == (sizeof(space) - 1U)) && has_prefix(value, space)) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        const char *at = value + i;

        if ((*at == '<') || (*at == '&') || (*at == '\\') || (*at == '@') ||
            has_prefix(at, "/*") || has_prefix(at, "//") || (*at == '\0')) {
            scan->why = "a value holds a character that is not used here";
        }
        /* url( in any case; only a fragment may follow. */
        if ((at[0] == '(') && (i >= 3U) && ((at[-1] | 0x20) == 'l') &&
            ((at[-2] | 0x20) == 'r') && ((at[-3] | 0x20) == 'u') &&
            !has_prefix(at, "(#fig-")) {
            scan->why = "a value loads something";
        }
        if (((*at | 0x20) == 'i') && ((at[1] | 0x20) == 'm') &&
            ((at[2] | 0x20) == 'a') && ((at[3] | 0x20) == 'g')) {
            scan->why = "a value loads an image";
        }
    }
}

/* An HTML parser does not tell capitals from small letters in a name. */
static void to_small(char *name)
{
    for (; *name != '\0'; name++) {
        if ((*name >= 'A') && (*name <= 'Z')) {
            *name = (char)(*name + ('a' - 'A'));
        }
    }
}

static void take_attribute(struct scan *scan)
{
    char name[NAME_MAX_SIZE];

    take_name(scan, name);
    to_small(name);
    if (has_prefix(name, "on") || (strstr(name, "href") != NULL) ||
        (strcmp(name, "src") == 0) || (strcmp(name, "style") == 0) ||
        ((strchr(name, ':') != NULL) && (strcmp(name, "xml:space") != 0))) {
        scan->why = "an attribute may run or load something";
    }
    if (!has_prefix(scan->at, "=\"")) {
        scan->why = "an attribute has no quoted value";
        return;
    }
    scan->at += 2;

    const size_t size = strcspn(scan->at, "\"");

    check_value(scan, scan->at, size);
    if ((strcmp(name, "id") == 0) && !has_prefix(scan->at, "fig-")) {
        scan->why = "an id must begin with fig-";
    }
    scan->at += size;
    if (*scan->at == '"') {
        scan->at++;
    } else {
        scan->why = "a value has no end";
    }
}

/* Rules of the figure's own: each selector begins with .dg-, so that none of
 * them reaches the page; nothing is loaded and nothing leaves its place. */
static void take_style(struct scan *scan)
{
    const size_t size = strcspn(scan->at, "<");
    const char *end = scan->at + size;

    check_value(scan, scan->at, size);
    while ((scan->why == NULL) && (scan->at < end)) {
        skip_space(scan);
        if (scan->at == end) {
            return;
        }

        const size_t selector = strcspn(scan->at, "{},<");

        if (!has_prefix(scan->at, ".dg-") || (scan->at[selector] != '{')) {
            scan->why = "a style reaches beyond the figure";
            return;
        }
        scan->at += selector + 1U;

        const size_t rule = strcspn(scan->at, "{}<");

        for (size_t i = 0; i < rule; i++) {
            if (has_prefix(scan->at + i, "position")) {
                scan->why = "a style moves the figure";
            }
        }
        if (scan->at[rule] != '}') {
            scan->why = "a style has no end";
            return;
        }
        scan->at += rule + 1U;
    }
}

static void take_close(struct scan *scan)
{
    char name[NAME_MAX_SIZE];

    take_name(scan, name);
    skip_space(scan);
    if ((*scan->at != '>') || (scan->depth == 0U) ||
        (strcmp(scan->open[scan->depth - 1U], name) != 0)) {
        scan->why = "tags are not closed in order";
        return;
    }
    scan->at++;
    scan->depth--;
}

static void take_open(struct scan *scan)
{
    char name[NAME_MAX_SIZE];

    take_name(scan, name);
    if (!is_known(name)) {
        scan->why = "an element is not one of the plain shapes";
        return;
    }
    if (scan->depth == DEPTH_MAX) {
        scan->why = "elements lie too deep";
        return;
    }
    if (scan->depth == 0U) {
        scan->roots++;
        if ((scan->roots > 1U) || (strcmp(name, "svg") != 0)) {
            scan->why = "there must be one svg element";
        }
    }
    while ((scan->why == NULL) && is_space(*scan->at)) {
        skip_space(scan);
        if ((*scan->at == '>') || (*scan->at == '/')) {
            break;
        }
        take_attribute(scan);
    }
    if (has_prefix(scan->at, "/>")) {
        scan->at += 2;
        return;
    }
    if (*scan->at != '>') {
        scan->why = "a tag has no end";
        return;
    }
    scan->at++;
    memcpy(scan->open[scan->depth], name, sizeof(name));
    scan->depth++;
    if (strcmp(name, "style") == 0) {
        take_style(scan);
    }
}

bool dg_svg_is_plain(const char *svg, const char **why)
{
    struct scan scan = {.at = svg};

    while ((*scan.at != '\0') && (scan.why == NULL)) {
        if (has_prefix(scan.at, "</")) {
            scan.at += 2;
            take_close(&scan);
        } else if (*scan.at == '<') {
            scan.at++;
            take_open(&scan);
        } else if ((scan.depth == 0U) && !is_space(*scan.at)) {
            scan.why = "text stands outside of the svg element";
        } else {
            scan.at++;
        }
    }
    if ((scan.why == NULL) && ((scan.depth != 0U) || (scan.roots != 1U))) {
        scan.why = "there must be one whole svg element";
    }
    if (why != NULL) {
        *why = scan.why;
    }
    return scan.why == NULL;
}
