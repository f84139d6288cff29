/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_name_letter(char letter)
{
    return ((letter >= 'a') && (letter <= 'z')) ||
           ((letter >= '0') && (letter <= '9')) || (letter == '_') ||
           (letter == '-');
}

bool dg_piece_next(const char **text, struct dg_piece *piece)
{
    const char *at = *text;

    if (*at == '\0') {
        return false;
    }
    if (at[0] != '{') {
        *piece = (struct dg_piece){at, strcspn(at, "{"), false};
        *text = at + piece->size;
        return true;
    }
    if (at[1] == '{') {
        *piece = (struct dg_piece){at, 1U, false};
        *text = at + 2;
        return true;
    }

    size_t size = 0U;

    while (is_name_letter(at[1U + size])) {
        size++;
    }
    if ((size == 0U) || (at[1U + size] != '}')) {
        return false;
    }
    *piece = (struct dg_piece){&at[1], size, true};
    *text = at + size + 2U;
    return true;
}

static struct dg_operation *find(const struct dg_element *element,
                                 const char *name,
                                 size_t size)
{
    for (size_t i = 0U; i < element->count; i++) {
        const char *own = element->operations[i].name;

        if ((strlen(own) == size) && (memcmp(own, name, size) == 0)) {
            return &element->operations[i];
        }
    }
    return NULL;
}

const struct dg_operation *dg_element_operation(
    const struct dg_element *element, const char *name)
{
    return find(element, name, strlen(name));
}

/* What ties one element. */
struct tying {
    struct dg_element *element;
    size_t line;
    struct dg_problem *problem;
    bool is_bad;
};

static void fail(struct tying *tie,
                 size_t line,
                 const char *format,
                 size_t size,
                 const char *name)
{
    if (!tie->is_bad) {
        tie->is_bad = true;
        tie->line = line;
        dg_problem_set(
            tie->problem, format, (int)((size > 60U) ? 60U : size), name);
    }
}

static void tie_text(struct tying *tie,
                     const char *text,
                     const struct dg_operation *parent,
                     const struct dg_choice *choice,
                     size_t depth);

static void tie_operation(struct tying *tie,
                          struct dg_operation *operation,
                          size_t depth)
{
    if (operation->kind == DG_OPERATION_REFINEMENT) {
        tie_text(tie, operation->text, operation, NULL, depth);
    }
    for (size_t i = 0U; i < operation->choice_count; i++) {
        const struct dg_choice *choice = &operation->choices[i];

        tie_text(tie, choice->text, operation, choice, depth);
    }
}

static void tie_text(struct tying *tie,
                     const char *text,
                     const struct dg_operation *parent,
                     const struct dg_choice *choice,
                     size_t depth)
{
    const size_t line = (choice != NULL)   ? choice->line
                        : (parent != NULL) ? parent->line
                                           : tie->element->line;
    struct dg_piece piece;

    while (!tie->is_bad && dg_piece_next(&text, &piece)) {
        if (!piece.is_name) {
            continue;
        }

        struct dg_operation *next = find(tie->element, piece.at, piece.size);

        if (next == NULL) {
            fail(tie,
                 line,
                 "'{%.*s}' is no operation of this element; write {{ for a "
                 "brace",
                 piece.size,
                 piece.at);
        } else if (next->is_placed) {
            fail(tie,
                 line,
                 "the operation '{%.*s}' stands twice",
                 piece.size,
                 piece.at);
        } else if (depth == DG_OPERATION_DEPTH_MAX) {
            fail(tie,
                 line,
                 "the operation '{%.*s}' lies too deep inside others",
                 piece.size,
                 piece.at);
        } else {
            next->is_placed = true;
            next->parent = parent;
            next->choice = choice;
            tie_operation(tie, next, depth + 1U);
        }
    }
    if (!tie->is_bad && (*text != '\0')) {
        fail(tie,
             line,
             "a brace that closes around no name: '%.*s'; write {{ for a "
             "brace",
             strlen(text),
             text);
    }
}

enum dg_status dg_element_tie(struct dg_element *element,
                              size_t *line,
                              struct dg_problem *problem)
{
    struct tying tie = {.element = element, .problem = problem};

    tie_text(&tie, element->text, NULL, NULL, 0U);
    for (size_t i = 0U; !tie.is_bad && (i < element->count); i++) {
        const struct dg_operation *operation = &element->operations[i];

        if (!operation->is_placed) {
            fail(&tie,
                 operation->line,
                 "the operation '%.*s' stands nowhere in the text",
                 strlen(operation->name),
                 operation->name);
        }
    }
    *line = tie.line;
    return tie.is_bad ? DG_E_MALFORMED : DG_OK;
}

bool dg_operation_is_open(const struct dg_operation *operation)
{
    for (const struct dg_operation *at = operation; at != NULL;
         at = at->parent) {
        if ((at->choice != NULL) && !at->choice->is_chosen) {
            return false;
        }
    }
    if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        return operation->value[0] == '\0';
    }
    for (size_t i = 0U; i < operation->choice_count; i++) {
        if (operation->choices[i].is_chosen) {
            return false;
        }
    }
    return operation->kind == DG_OPERATION_SELECTION;
}

static void render_text(FILE *out,
                        const struct dg_element *element,
                        const char *text);

static void render_selection(FILE *out,
                             const struct dg_element *element,
                             const struct dg_operation *operation)
{
    const bool is_open = dg_operation_is_open(operation);
    const char *between = "";
    bool has_chosen = false;

    for (size_t i = 0U; i < operation->choice_count; i++) {
        has_chosen = has_chosen || operation->choices[i].is_chosen;
    }
    if (is_open || !has_chosen) {
        (void)fputs(operation->is_one ? "[selection, choose one of: "
                                      : "[selection: ",
                    out);
    }
    for (size_t i = 0U; i < operation->choice_count; i++) {
        if (!has_chosen || operation->choices[i].is_chosen) {
            (void)fputs(between, out);
            render_text(out, element, operation->choices[i].text);
            between = has_chosen ? ", " : "; ";
        }
    }
    if (is_open || !has_chosen) {
        (void)fputs("]", out);
    }
}

/* No deeper than dg_element_tie() allowed. */
static void render_text(FILE *out,
                        const struct dg_element *element,
                        const char *text)
{
    struct dg_piece piece;

    while (dg_piece_next(&text, &piece)) {
        const struct dg_operation *operation =
            piece.is_name ? find(element, piece.at, piece.size) : NULL;

        if (operation == NULL) {
            (void)fwrite(piece.at, 1U, piece.size, out);
        } else if (operation->kind == DG_OPERATION_REFINEMENT) {
            render_text(out, element, operation->text);
        } else if (operation->kind == DG_OPERATION_SELECTION) {
            render_selection(out, element, operation);
        } else if (operation->value[0] == '\0') {
            (void)fprintf(out, "[assignment: %s]", operation->text);
        } else {
            (void)fputs(operation->value, out);
        }
    }
}

const char *dg_element_render(const struct dg_element *element,
                              struct dg_arena *arena)
{
    char *text = NULL;
    size_t size = 0U;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        arena->failed = true;
        return "";
    }
    render_text(out, element, element->text);

    const char *copy = "";

    if (fclose(out) == 0) {
        copy = dg_arena_text(arena, text, size);
    } else {
        arena->failed = true;
    }
    free(text);
    return copy;
}
