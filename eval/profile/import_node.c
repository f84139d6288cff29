/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/import.h"

#define CC_SPACE   "https://niap-ccevs.org/cc/v1"
#define HTML_SPACE "http://www.w3.org/1999/xhtml"
#define MARK       "dosegate-"

void dg_import_fail(struct dg_import *import,
                    const xmlNode *node,
                    const char *format,
                    ...)
{
    char text[300];
    va_list list;

    if (import->status != DG_OK) {
        return;
    }
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    import->status = DG_E_MALFORMED;
    dg_problem_set(import->problem,
                   "%.200s:%ld: %s",
                   import->profile->file,
                   (node == NULL) ? 1L : xmlGetLineNo(node),
                   text);
}

static bool is_html(const xmlNode *node)
{
    return (node->type == XML_ELEMENT_NODE) && (node->ns != NULL) &&
           (strcmp((const char *)node->ns->href, HTML_SPACE) == 0);
}

bool dg_import_is(const xmlNode *node, const char *name)
{
    /* The name first: it tells most apart. */
    return (node->type == XML_ELEMENT_NODE) &&
           (strcmp((const char *)node->name, name) == 0) &&
           (node->ns != NULL) &&
           (strncmp((const char *)node->ns->href,
                    CC_SPACE,
                    sizeof CC_SPACE - 1U) == 0);
}

const xmlNode *dg_import_child(const xmlNode *node, const char *name)
{
    for (const xmlNode *i = (node == NULL) ? NULL : node->children; i != NULL;
         i = i->next) {
        if (dg_import_is(i, name)) {
            return i;
        }
    }
    return NULL;
}

const xmlNode *dg_import_next(const xmlNode *top, const xmlNode *at)
{
    do {
        if ((at->type == XML_ELEMENT_NODE) && (at->children != NULL)) {
            at = at->children;
            continue;
        }
        while ((at != top) && (at->next == NULL)) {
            at = at->parent;
        }
        at = (at == top) ? NULL : at->next;
    } while ((at != NULL) && (at->type != XML_ELEMENT_NODE));
    return at;
}

size_t dg_import_count(const xmlNode *top, const char *name)
{
    size_t count = 0U;

    for (const xmlNode *i = dg_import_next(top, top); i != NULL;
         i = dg_import_next(top, i)) {
        count += dg_import_is(i, name) ? 1U : 0U;
    }
    return count;
}

const char *dg_import_keep(struct dg_import *import,
                           const xmlNode *node,
                           const char *text,
                           size_t size)
{
    if (size > (DG_IMPORT_TEXT_MAX - import->text)) {
        dg_import_fail(import, node, "texts add up to more than 64 MiB");
    }
    if (import->status != DG_OK) {
        return "";
    }
    import->text += size;
    return dg_arena_text(&import->profile->arena, text, size);
}

const char *dg_import_attribute(struct dg_import *import,
                                const xmlNode *node,
                                const char *name)
{
    xmlChar *value =
        (node == NULL) ? NULL : xmlGetNoNsProp(node, (const xmlChar *)name);

    if (value == NULL) {
        return "";
    }

    const char *text = dg_import_keep(
        import, node, (const char *)value, strlen((char *)value));

    xmlFree(value);
    return text;
}

void dg_import_write(FILE *out, const char *text, int *has_blank)
{
    const char *at = text;

    while (*at != '\0') {
        /* A no-break space (C2 A0) is a blank as well. */
        const bool is_nbsp = (at[0] == '\xC2') && (at[1] == '\xA0');
        size_t size = is_nbsp ? 2U : strspn(at, " \t\r\n");

        if (size > 0U) {
            *has_blank = (*has_blank == 2) ? 2 : 1;
            at += size;
            continue;
        }
        if (*has_blank == 1) {
            (void)fputc(' ', out);
        }
        *has_blank = 0;
        size = strcspn(at, " \t\r\n\xC2");
        size = (size == 0U) ? 1U : size; /* C2 of another letter */
        (void)fwrite(at, 1U, size, out);
        at += size;
    }
}

/* Elements that begin a new line when they are shown. */
bool dg_import_is_block(const xmlNode *node)
{
    static const char *const blocks[] = {"p",
                                         "br",
                                         "li",
                                         "ul",
                                         "ol",
                                         "div",
                                         "tr",
                                         "td",
                                         "th",
                                         "table",
                                         "h1",
                                         "h2",
                                         "h3",
                                         "h4"};

    for (size_t i = 0U; i < (sizeof blocks / sizeof blocks[0]); i++) {
        if (strcmp((const char *)node->name, blocks[i]) == 0) {
            return is_html(node);
        }
    }
    return false;
}

static void write_node(FILE *out, const xmlNode *top, int *has_blank)
{
    const xmlNode *at = top;

    do {
        if ((at->type == XML_TEXT_NODE) ||
            (at->type == XML_CDATA_SECTION_NODE)) {
            dg_import_write(out, (const char *)at->content, has_blank);
        } else if (at->type == XML_ELEMENT_NODE) {
            if (dg_import_is_block(at)) {
                dg_import_write(out, " ", has_blank);
            }
            if (at->children != NULL) {
                at = at->children;
                continue;
            }
        }
        while ((at != top) && (at->next == NULL)) {
            at = at->parent;
        }
        at = (at == top) ? top : at->next;
    } while (at != top);
}

const char *dg_import_text(struct dg_import *import, const xmlNode *node)
{
    char *text = NULL;
    size_t size = 0U;
    int has_blank = 2;
    const char *copy = "";

    if ((node == NULL) || (import->status != DG_OK)) {
        return "";
    }

    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        import->profile->arena.failed = true;
        return "";
    }
    write_node(out, node, &has_blank);
    if (fclose(out) == 0) {
        copy = dg_import_keep(import, node, text, size);
    } else {
        import->profile->arena.failed = true;
    }
    free(text);
    return copy;
}

bool dg_import_has_mark(const xmlNode *node, const char *mark)
{
    if (!is_html(node)) {
        return false;
    }

    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)"class");
    const bool is_so = (value != NULL) &&
                       (strncmp((char *)value, MARK, sizeof MARK - 1U) == 0) &&
                       (strcmp((char *)value + sizeof MARK - 1U, mark) == 0);

    xmlFree(value);
    return is_so;
}

static const xmlNode *marked(const xmlNode *top, const char *mark)
{
    for (const xmlNode *i = (top == NULL) ? NULL : dg_import_next(top, top);
         i != NULL;
         i = dg_import_next(top, i)) {
        if (dg_import_has_mark(i, mark)) {
            return i;
        }
    }
    return NULL;
}

const char *dg_import_marked(struct dg_import *import,
                             const xmlNode *top,
                             const char *mark)
{
    return dg_import_text(import, marked(top, mark));
}

const char *dg_import_body(struct dg_import *import, const xmlNode *node)
{
    for (const xmlNode *i = (node == NULL) ? NULL : node->children; i != NULL;
         i = i->next) {
        if (dg_import_has_mark(i, "text")) {
            return dg_import_text(import, i);
        }
    }
    return dg_import_text(import, node);
}

struct dg_words dg_import_words(struct dg_import *import,
                                const xmlNode *top,
                                const char *mark)
{
    struct dg_words words = {NULL, 0U};
    size_t count = 0U;

    for (const xmlNode *i = (top == NULL) ? NULL : dg_import_next(top, top);
         i != NULL;
         i = dg_import_next(top, i)) {
        count += dg_import_has_mark(i, mark) ? 1U : 0U;
    }
    words.item = dg_import_room(import, top, count, sizeof *words.item);
    for (const xmlNode *i = (words.item == NULL) ? NULL
                                                 : dg_import_next(top, top);
         i != NULL;
         i = dg_import_next(top, i)) {
        if (dg_import_has_mark(i, mark)) {
            words.item[words.count] = dg_import_text(import, i);
            words.count += (words.item[words.count][0] == '\0') ? 0U : 1U;
        }
    }
    return words;
}

void *dg_import_room(struct dg_import *import,
                     const xmlNode *node,
                     size_t count,
                     size_t each)
{
    if (count > DG_IMPORT_PARTS_MAX) {
        dg_import_fail(
            import, node, "more than %u of one kind", DG_IMPORT_PARTS_MAX);
        return NULL;
    }
    if ((count == 0U) || (import->status != DG_OK)) {
        return NULL;
    }
    return dg_arena_take(&import->profile->arena, count * each);
}
