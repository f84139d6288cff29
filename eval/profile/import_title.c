/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "eval/profile/import.h"
#include "eval/profile/operation.h"

/* One title on its way. */
struct titling {
    struct dg_import *import;
    struct dg_element *element;
    size_t room;
    /* What our own export says about the operation that comes next. */
    const char *name;
    const char *value;
    const char *chosen; /* ids with blanks between */
};

struct writing {
    FILE *out;
    int has_blank;
};

static void put_children(struct titling *title,
                         struct writing *write,
                         const xmlNode *node);

/* Run @p put into text of the arena. */
static const char *text_of(struct titling *title,
                           const xmlNode *node,
                           void (*put)(struct titling *title,
                                       struct writing *write,
                                       const xmlNode *node))
{
    char *text = NULL;
    size_t size = 0U;
    struct writing write = {open_memstream(&text, &size), 2};
    const char *copy = "";

    if (write.out == NULL) {
        title->import->profile->arena.failed = true;
        return "";
    }
    put(title, &write, node);
    if (fclose(write.out) == 0) {
        copy = dg_import_keep(title->import, node, text, size);
    } else {
        title->import->profile->arena.failed = true;
    }
    free(text);
    return copy;
}

static void put_text(struct writing *write, const char *text)
{
    char one[2] = "";

    for (; *text != '\0'; text++) {
        one[0] = *text;
        dg_import_write(
            write->out, (*text == '{') ? "{{" : one, &write->has_blank);
    }
}

/* Plain text of a node, where a no-break space is one character. */
static void put_words(struct writing *write, const char *text)
{
    const char *brace = strchr(text, '{');

    if (brace != NULL) {
        put_text(write, text);
    } else {
        dg_import_write(write->out, text, &write->has_blank);
    }
}

static struct dg_operation *begin_operation(struct titling *title,
                                            const xmlNode *node,
                                            enum dg_operation_kind kind)
{
    static const char *const letters[] = {"", "a", "s", "r"};
    char name[24];

    if (title->element->count >= title->room) {
        dg_import_fail(title->import, node, "too many operations");
        return NULL;
    }

    struct dg_operation *operation =
        &title->element->operations[title->element->count];

    title->element->count++;
    (void)snprintf(
        name, sizeof name, "%s%zu", letters[kind], title->element->count);
    operation->kind = kind;
    operation->name =
        (title->name != NULL)
            ? title->name
            : dg_arena_text(&title->import->profile->arena, name, strlen(name));
    operation->text = "";
    operation->value = "";
    operation->bound = "";
    operation->line = (size_t)xmlGetLineNo(node);
    title->name = NULL;
    return operation;
}

/* "int 1..10", "regex a+", or "". */
static const char *bound_of(struct titling *title, const xmlNode *node)
{
    static const char *const kinds[] = {"int", "real", "regex"};
    struct dg_import *import = title->import;
    char text[256];
    int used = 0;

    for (size_t i = 0U; i < 3U; i++) {
        const xmlNode *at = dg_import_child(node, kinds[i]);

        if (at == NULL) {
            continue;
        }
        if (i == 2U) {
            used = snprintf(text,
                            sizeof text,
                            "regex %s",
                            dg_import_attribute(import, at, "expr"));
        } else {
            const char *more = dg_import_attribute(import, at, "gt");
            const char *least = dg_import_attribute(import, at, "gte");
            const char *less = dg_import_attribute(import, at, "lt");
            const char *most = dg_import_attribute(import, at, "lte");

            used = snprintf(text,
                            sizeof text,
                            "%s %s%s..%s%s",
                            kinds[i],
                            (more[0] == '\0') ? "" : ">",
                            (more[0] == '\0') ? least : more,
                            (less[0] == '\0') ? "" : "<",
                            (less[0] == '\0') ? most : less);
        }
        if ((used < 0) || ((size_t)used >= sizeof text)) {
            dg_import_fail(import, at, "a bound of more than 255 bytes");
            return "";
        }
        return dg_arena_text(&import->profile->arena, text, strlen(text));
    }
    return "";
}

static void put_operation(struct titling *title,
                          struct writing *write,
                          const struct dg_operation *operation)
{
    if (operation != NULL) {
        dg_import_write(write->out, "{", &write->has_blank);
        dg_import_write(write->out, operation->name, &write->has_blank);
        dg_import_write(write->out, "}", &write->has_blank);
    }
    title->value = NULL;
    title->chosen = NULL;
}

static bool is_chosen(const char *chosen, const char *id)
{
    const size_t size = strlen(id);

    for (const char *at = chosen; (at != NULL) && (*at != '\0');
         at += (*at == ' ') ? 1U : 0U) {
        const size_t word = strcspn(at, " ");

        if ((word == size) && (memcmp(at, id, size) == 0)) {
            return true;
        }
        at += word;
    }
    return false;
}

static void read_choices(struct titling *title,
                         const xmlNode *node,
                         struct dg_operation *operation)
{
    struct dg_import *import = title->import;
    const char *chosen = title->chosen;
    size_t count = 0U;
    char id[160];

    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        count += dg_import_is(i, "selectable") ? 1U : 0U;
    }
    operation->choices =
        dg_import_room(import, node, count, sizeof *operation->choices);
    title->chosen = NULL;
    for (const xmlNode *i = (operation->choices == NULL) ? NULL
                                                         : node->children;
         i != NULL;
         i = i->next) {
        if (!dg_import_is(i, "selectable")) {
            continue;
        }

        struct dg_choice *choice = &operation->choices[operation->choice_count];

        operation->choice_count++;
        choice->id = dg_import_attribute(import, i, "id");
        choice->line = (size_t)xmlGetLineNo(i);
        choice->is_exclusive =
            strcmp(dg_import_attribute(import, i, "exclusive"), "yes") == 0;
        if (choice->id[0] == '\0') {
            (void)snprintf(id,
                           sizeof id,
                           "%s-%s-%zu",
                           title->element->id,
                           operation->name,
                           operation->choice_count);
            choice->id = dg_arena_text(&import->profile->arena, id, strlen(id));
        }
        if (strlen(choice->id) > 150U) {
            dg_import_fail(import, i, "an id of more than 150 bytes");
        }
        choice->is_chosen = is_chosen(chosen, choice->id);
        choice->text = text_of(title, i, put_children);
    }
}

static void put_selection(struct titling *title,
                          struct writing *write,
                          const xmlNode *node)
{
    struct dg_operation *operation =
        begin_operation(title, node, DG_OPERATION_SELECTION);
    const xmlNode *table = dg_import_child(node, "tabularize");

    if (operation == NULL) {
        return;
    }
    operation->is_one =
        (dg_import_attribute(title->import, node, "onlyone")[0] != '\0') ||
        (dg_import_attribute(title->import, node, "choose-one-of")[0] != '\0');
    read_choices(title, node, operation);
    put_operation(title, write, operation);
    /* The words of the sentence between the columns of a table. */
    for (const xmlNode *i = (table == NULL) ? NULL : table->children; i != NULL;
         i = i->next) {
        if (dg_import_is(i, "reqtext")) {
            dg_import_write(write->out, " ", &write->has_blank);
            put_children(title, write, i);
        }
    }
}

static void put_assignment(struct titling *title,
                           struct writing *write,
                           const xmlNode *node)
{
    const char *value = title->value;
    struct dg_operation *operation =
        begin_operation(title, node, DG_OPERATION_ASSIGNMENT);

    if (operation != NULL) {
        operation->text = dg_import_text(title->import, node);
        operation->value = (value == NULL) ? "" : value;
        operation->bound = bound_of(title, node);
    }
    put_operation(title, write, operation);
}

/* What is not part of the sentence. */
static bool is_aside(const xmlNode *node)
{
    static const char *const names[] = {"aactivity",
                                        "app-note",
                                        "note",
                                        "depends",
                                        "comment",
                                        "readable",
                                        "M",
                                        "O",
                                        "NA",
                                        "_",
                                        "manager",
                                        "also",
                                        "deprecated",
                                        "not-selectable",
                                        "rule"};

    for (size_t i = 0U; i < (sizeof names / sizeof names[0]); i++) {
        if (dg_import_is(node, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_column(const xmlNode *node)
{
    return dg_import_is(node, "col") || dg_import_is(node, "text") ||
           dg_import_is_block(node);
}

static void put_element(struct titling *title,
                        struct writing *write,
                        const xmlNode *node)
{
    struct dg_import *import = title->import;

    if (dg_import_is(node, "selectables")) {
        put_selection(title, write, node);
    } else if (dg_import_is(node, "assignable")) {
        put_assignment(title, write, node);
    } else if (dg_import_is(node, "refinement")) {
        struct dg_operation *operation =
            begin_operation(title, node, DG_OPERATION_REFINEMENT);

        if (operation != NULL) {
            operation->text = text_of(title, node, put_children);
        }
        put_operation(title, write, operation);
    } else if (dg_import_is(node, "xref")) {
        put_words(write, dg_import_attribute(import, node, "to"));
    } else if (!is_aside(node)) {
        if (dg_import_has_mark(node, "operation")) {
            title->name = dg_import_attribute(import, node, "title");
            title->value = dg_import_attribute(import, node, "data-value");
            title->chosen = dg_import_attribute(import, node, "data-chosen");
        } else if (is_column(node)) {
            dg_import_write(write->out, " ", &write->has_blank);
        }
        put_children(title, write, node);
    }
}

/* No deeper than DG_XML_DEPTH_MAX. */
static void put_children(struct titling *title,
                         struct writing *write,
                         const xmlNode *node)
{
    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        if ((i->type == XML_TEXT_NODE) || (i->type == XML_CDATA_SECTION_NODE)) {
            put_words(write, (const char *)i->content);
        } else if (i->type == XML_ELEMENT_NODE) {
            put_element(title, write, i);
        }
    }
}

void dg_import_title(struct dg_import *import,
                     const xmlNode *title,
                     struct dg_element *element)
{
    struct titling work = {.import = import, .element = element};
    struct dg_problem problem = {""};
    size_t line = 0U;

    element->text = "";
    if (title == NULL) {
        dg_import_fail(import, NULL, "%s has no title", element->id);
        return;
    }
    work.room = dg_import_count(title, "selectables") +
                dg_import_count(title, "assignable") +
                dg_import_count(title, "refinement");
    element->operations =
        dg_import_room(import, title, work.room, sizeof *element->operations);
    if (element->operations == NULL) {
        work.room = 0U;
    }
    element->text = text_of(&work, title, put_children);
    if ((import->status == DG_OK) &&
        (dg_element_tie(element, &line, &problem) != DG_OK)) {
        dg_import_fail(import, title, "%s", problem.text);
    }
}
