/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of every SFR: what the profile left open is completed as the
 * target says, on a copy, and judged by what the profile offers. */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/operation.h"
#include "eval/target/view.h"

#define PATTERN_MAX 256U

/* Copying ----------------------------------------------------------------- */

static void copy_operation(struct dg_view *view, struct dg_operation *operation)
{
    struct dg_choice *choices = dg_arena_take(
        &view->arena, (operation->choice_count + 1U) * sizeof *choices);

    if (choices == NULL) {
        return;
    }
    if (operation->choice_count > 0U) {
        memcpy(choices,
               operation->choices,
               operation->choice_count * sizeof *choices);
    }
    operation->choices = choices;
    operation->is_placed = false;
    operation->parent = NULL;
    operation->choice = NULL;
}

static struct dg_element *copy_elements(struct dg_view *view,
                                        const struct dg_sfr *sfr)
{
    struct dg_element *elements =
        dg_arena_take(&view->arena, (sfr->count + 1U) * sizeof *elements);

    for (size_t i = 0U; (elements != NULL) && (i < sfr->count); i++) {
        struct dg_element *one = &elements[i];
        struct dg_operation *operations = NULL;
        size_t line = 0U;

        *one = sfr->elements[i];
        operations =
            dg_arena_take(&view->arena, (one->count + 1U) * sizeof *operations);
        if (operations == NULL) {
            return NULL;
        }
        if (one->count > 0U) {
            memcpy(
                operations, one->operations, one->count * sizeof *operations);
        }
        one->operations = operations;
        for (size_t at = 0U; at < one->count; at++) {
            copy_operation(view, &operations[at]);
        }
        /* It was tied once when it was read, so it can be again. */
        if (dg_element_tie(one, &line, NULL) != DG_OK) {
            return NULL;
        }
    }
    return elements;
}

/* Values ------------------------------------------------------------------ */

static bool is_in_range(const char *value, const char *range)
{
    char *end = NULL;
    long long low = 0;
    long long high = 0;
    long long number = 0;

    errno = 0;
    low = strtoll(range, &end, 10);
    if ((end == range) || (strncmp(end, "..", 2U) != 0)) {
        return false;
    }
    range = end + 2;
    high = strtoll(range, &end, 10);
    if ((end == range) || (*end != '\0')) {
        return false;
    }
    number = strtoll(value, &end, 10);
    return (end != value) && (*end == '\0') && (errno == 0) &&
           (number >= low) && (number <= high);
}

/* What a profile may bring: one repeat with braces, of three digits, and no back
 * reference.  Repeats of repeats and back references cost as much memory and
 * time as their writer likes. */
static bool is_cheap(const char *pattern)
{
    size_t repeats = 0U;

    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '{') {
            repeats++;
            for (const char *part = at + 1; *part != '\0';) {
                const size_t digits = strspn(part, "0123456789");

                if (digits > 3U) {
                    return false;
                }
                part += digits;
                if (*part != ',') {
                    break;
                }
                part++;
            }
        }
        if ((*at == '\\') && (at[1] >= '1') && (at[1] <= '9')) {
            return false;
        }
    }
    return repeats <= 1U;
}

/* The whole value, whatever brackets and anchors the pattern has. */
static bool is_matched(const char *value, const char *pattern)
{
    regex_t regex;
    regmatch_t found = {-1, -1};

    if ((strlen(pattern) > PATTERN_MAX) || !is_cheap(pattern) ||
        (regcomp(&regex, pattern, REG_EXTENDED) != 0)) {
        return false;
    }

    const bool is_found = regexec(&regex, value, 1U, &found, 0) == 0;

    regfree(&regex);
    return is_found && (found.rm_so == 0) &&
           ((size_t)found.rm_eo == strlen(value));
}

bool dg_view_fits(const char *value, const char *bound)
{
    if (bound[0] == '\0') {
        return true;
    }
    if (strncmp(bound, "int ", 4U) == 0) {
        return is_in_range(value, &bound[4]);
    }
    return (strncmp(bound, "regex ", 6U) == 0) && is_matched(value, &bound[6]);
}

static void assign(struct dg_view *view,
                   const struct dg_completion *one,
                   struct dg_operation *operation)
{
    const char *value = one->value;

    if (one->is_selection) {
        dg_view_find(view,
                     DG_RULE_REQ_3_VALUE,
                     one->line,
                     "{%.40s} of %.64s is an assignment: a text, no list",
                     operation->name,
                     one->element);
        return;
    }
    operation->value = value;
    if (!dg_target_is_said(value)) {
        return; /* OPEN says so already */
    }
    if (!dg_view_fits(value, operation->bound)) {
        dg_view_find(view,
                     DG_RULE_REQ_3_VALUE,
                     one->line,
                     "'%.60s' for {%.40s} is not %.60s",
                     value,
                     operation->name,
                     operation->bound);
    }
    if ((strcmp(value, "none") == 0) &&
        (strstr(operation->text, "none") == NULL)) {
        dg_view_find(view,
                     DG_RULE_REQ_3_VALUE,
                     one->line,
                     "'none' is not offered for {%.40s}",
                     operation->name);
    }
    if (strpbrk(value, "[]") != NULL) {
        dg_view_find(view,
                     DG_RULE_REQ_3_BRACKET,
                     one->line,
                     "the value of {%.40s} has a bracket",
                     operation->name);
    }
}

static struct dg_choice *choice_of(const struct dg_operation *operation,
                                   const char *id)
{
    for (size_t i = 0U; i < operation->choice_count; i++) {
        if (strcmp(operation->choices[i].id, id) == 0) {
            return &operation->choices[i];
        }
    }
    return NULL;
}

/* Make the choices of a list; gives how many there are. */
static size_t make_choices(struct dg_view *view,
                           const struct dg_completion *one,
                           struct dg_operation *operation,
                           bool *has_exclusive)
{
    size_t made = 0U;

    for (size_t i = 0U; i < one->choices.count; i++) {
        const struct dg_ref *ref = &one->choices.item[i];
        struct dg_choice *choice = choice_of(operation, ref->id);

        if ((choice == NULL) || choice->is_chosen) {
            dg_view_find(view,
                         DG_RULE_REQ_3_CHOICE,
                         ref->line,
                         "'%.60s' %s {%.40s}",
                         ref->id,
                         (choice == NULL) ? "is no choice of"
                                          : "stands twice in",
                         operation->name);
            continue;
        }
        choice->is_chosen = true;
        *has_exclusive = *has_exclusive || choice->is_exclusive;
        made++;
    }
    return made;
}

static void choose(struct dg_view *view,
                   const struct dg_completion *one,
                   struct dg_operation *operation)
{
    bool has_exclusive = false;
    const char *fault = NULL;

    if (!one->is_selection) {
        if (dg_target_is_said(one->value)) {
            dg_view_find(view,
                         DG_RULE_REQ_3_CHOICE,
                         one->line,
                         "{%.40s} is a selection: a list of ids",
                         operation->name);
        }
        /* Still to be written, or wrong: said once, nothing below it waits. */
        operation->kind = DG_OPERATION_REFINEMENT;
        operation->text = "";
        return;
    }

    const size_t made = make_choices(view, one, operation, &has_exclusive);

    if (one->choices.count == 0U) {
        fault = "nothing is chosen";
    } else if (operation->is_one && (made > 1U)) {
        fault = "only one may be chosen";
    } else if (has_exclusive && (made > 1U)) {
        fault = "an exclusive choice stands alone";
    }
    if (fault != NULL) {
        dg_view_find(view,
                     DG_RULE_REQ_3_CHOICE,
                     one->line,
                     "{%.40s}: %s",
                     operation->name,
                     fault);
    }
}

/* One SFR ----------------------------------------------------------------- */

static struct dg_operation *operation_of(struct dg_view_sfr *sfr,
                                         const struct dg_completion *one)
{
    for (size_t i = 0U; i < sfr->sfr->count; i++) {
        struct dg_element *element = &sfr->elements[i];

        for (size_t at = 0U;
             (strcmp(element->id, one->element) == 0) && (at < element->count);
             at++) {
            if (strcmp(element->operations[at].name, one->operation) == 0) {
                return &element->operations[at];
            }
        }
    }
    return NULL;
}

static bool is_completed(const struct dg_operation *operation)
{
    for (size_t i = 0U; i < operation->choice_count; i++) {
        if (operation->choices[i].is_chosen) {
            return true;
        }
    }
    return operation->value[0] != '\0';
}

static void apply(struct dg_view *view,
                  struct dg_view_sfr *sfr,
                  const struct dg_completion *one)
{
    struct dg_operation *operation = operation_of(sfr, one);

    if ((operation == NULL) || (operation->kind == DG_OPERATION_REFINEMENT)) {
        dg_view_find(view,
                     DG_RULE_REQ_3_UNKNOWN,
                     one->line,
                     "%.64s has no open operation {%.40s}",
                     one->element,
                     one->operation);
    } else if (is_completed(operation)) {
        dg_view_find(view,
                     DG_RULE_CCL_8_COMPLETED,
                     one->line,
                     "{%.40s} of %.64s is completed already",
                     one->operation,
                     one->element);
    } else if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        assign(view, one, operation);
    } else {
        choose(view, one, operation);
    }
}

static bool is_reached(const struct dg_operation *operation)
{
    for (const struct dg_operation *at = operation; at != NULL;
         at = at->parent) {
        if ((at->choice != NULL) && !at->choice->is_chosen) {
            return false;
        }
    }
    return true;
}

static void find_open(struct dg_view *view, const struct dg_view_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->sfr->count; i++) {
        const struct dg_element *element = &sfr->elements[i];

        for (size_t at = 0U; at < element->count; at++) {
            const struct dg_operation *operation = &element->operations[at];

            if (dg_operation_is_open(operation)) {
                dg_view_find(view,
                             DG_RULE_REQ_3_OPEN,
                             sfr->own->line,
                             "%.64s leaves {%.40s} open (%.100s)",
                             element->id,
                             operation->name,
                             (operation->kind == DG_OPERATION_SELECTION)
                                 ? "a selection"
                                 : operation->text);
            }
        }
    }
}

static void find_unreached(struct dg_view *view, struct dg_view_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->own->completion_count; i++) {
        const struct dg_completion *one = &sfr->own->completions[i];
        const struct dg_operation *operation = operation_of(sfr, one);

        if ((operation != NULL) && !is_reached(operation)) {
            dg_view_find(view,
                         DG_RULE_REQ_3_UNKNOWN,
                         one->line,
                         "{%.40s} stands in a choice that is not made",
                         one->operation);
        }
    }
}

static const char *render(struct dg_view *view, const struct dg_view_sfr *sfr)
{
    const char *text = "";

    for (size_t i = 0U; i < sfr->sfr->count; i++) {
        const char *next = dg_element_render(&sfr->elements[i], &view->arena);
        const size_t size = strlen(text) + strlen(next) + 2U;
        char *both = dg_arena_take(&view->arena, size);

        if (both == NULL) {
            return "";
        }
        (void)snprintf(both, size, "%s%s\n", text, next);
        text = both;
    }
    return text;
}

void dg_view_complete(struct dg_view *view)
{
    for (size_t i = 0U; i < view->sfr_count; i++) {
        struct dg_view_sfr *sfr = &view->sfrs[i];

        if (sfr->sfr == NULL) {
            continue;
        }
        sfr->elements = copy_elements(view, sfr->sfr);
        if (sfr->elements == NULL) {
            view->arena.failed = true;
            return;
        }
        for (size_t at = 0U; at < sfr->own->completion_count; at++) {
            apply(view, sfr, &sfr->own->completions[at]);
        }
        find_open(view, sfr);
        find_unreached(view, sfr);
        sfr->text = render(view, sfr);
    }
}

bool dg_view_is_triggered(const struct dg_view *view, const char *id)
{
    for (size_t i = 0U; i < view->target->functions.count; i++) {
        if (strcmp(view->target->functions.item[i].id, id) == 0) {
            return true;
        }
    }
    for (size_t i = 0U; i < view->sfr_count; i++) {
        const struct dg_view_sfr *sfr = &view->sfrs[i];

        for (size_t at = 0U; (sfr->elements != NULL) && (at < sfr->sfr->count);
             at++) {
            for (size_t op = 0U; op < sfr->elements[at].count; op++) {
                const struct dg_choice *choice =
                    choice_of(&sfr->elements[at].operations[op], id);

                if ((choice != NULL) && choice->is_chosen) {
                    return true;
                }
            }
        }
    }
    return false;
}
