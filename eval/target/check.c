/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/check.h"

#include <stdarg.h>
#include <string.h>

#include "eval/target/view.h"
#include "eval/utf8.h"

#define TEXT_MAX 400U

/* Sorted by line, then by rule, so that a person goes through the file once. */
static void insert(struct dg_findings *findings, struct dg_finding *finding)
{
    struct dg_finding **at = &findings->first;

    while ((*at != NULL) && (((*at)->line < finding->line) ||
                             (((*at)->line == finding->line) &&
                              ((*at)->rule <= finding->rule)))) {
        at = &(*at)->next;
    }
    finding->next = *at;
    *at = finding;
}

/* A finding quotes a stranger's file, in pieces: what a piece cut in two, and
 * what a terminal would obey, becomes U+FFFD.
 *
 * @return Text in the arena. */
static const char *tame(struct dg_arena *arena, const char *text)
{
    size_t left = strlen(text);
    char *copy = dg_arena_take(arena, (3U * left) + 1U);
    size_t used = 0U;

    while ((copy != NULL) && (left > 0U)) {
        uint32_t character = 0U;
        const size_t size = dg_utf8_next(text, left, &character);
        const bool is_control = (character < 0x20U) ||
                                ((character >= 0x7FU) && (character < 0xA0U));

        used += dg_utf8_put(is_control ? DG_UTF8_REPLACEMENT : character,
                            copy + used);
        text += size;
        left -= size;
    }
    return (copy == NULL) ? "" : copy;
}

void dg_view_find(struct dg_view *view,
                  enum dg_rule_id rule,
                  size_t line,
                  const char *format,
                  ...)
{
    struct dg_findings *findings = view->findings;
    struct dg_finding *finding =
        dg_arena_take(&findings->arena, sizeof *finding);
    char text[TEXT_MAX];
    va_list list;

    if (finding == NULL) {
        return;
    }
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    finding->rule = rule;
    finding->line = line;
    finding->text = tame(&findings->arena, text);
    insert(findings, finding);
    if (dg_rule(rule)->severity == DG_SEVERITY_ERROR) {
        findings->errors++;
    } else {
        findings->warnings++;
    }
}

static void check_open(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    for (size_t i = 0U; i < target->open_count; i++) {
        const char *text = target->open[i].id + strlen(DG_TARGET_OPEN);

        dg_view_find(view,
                     DG_RULE_OPEN,
                     target->open[i].line,
                     "still to be written:%s%s",
                     ((text[0] == ' ') || (text[0] == '\0')) ? "" : " ",
                     (text[0] == '\0') ? " this" : text);
    }
}

/* @satisfies{EVL_TARGET.1@1} */
enum dg_status dg_target_check(const struct dg_target *target,
                               const char *spec,
                               struct dg_findings *findings,
                               struct dg_problem *problem)
{
    static const struct dg_view empty;
    struct dg_view view = empty;

    memset(findings, 0, sizeof *findings);
    dg_arena_init(&findings->arena);
    view.target = target;
    view.findings = findings;
    view.spec = spec;

    enum dg_status status = dg_view_open(&view, problem);

    if (status == DG_OK) {
        check_open(&view);
        dg_view_complete(&view);
        dg_check_introduction(&view);
        dg_check_claims(&view);
        dg_check_conformance(&view);
        dg_check_problem(&view);
        dg_check_traces(&view);
        dg_check_requirements(&view);
        dg_check_dependencies(&view);
    }
    if ((status == DG_OK) && (view.arena.failed || findings->arena.failed)) {
        dg_problem_set(problem, "%.200s: out of memory", target->file);
        status = DG_E_PORT;
    }
    dg_view_close(&view);
    return status;
}

void dg_findings_free(struct dg_findings *findings)
{
    dg_arena_free(&findings->arena);
    memset(findings, 0, sizeof *findings);
}

void dg_findings_print(const struct dg_findings *findings,
                       const char *file,
                       FILE *out)
{
    for (const struct dg_finding *i = findings->first; i != NULL; i = i->next) {
        const struct dg_rule *rule = dg_rule(i->rule);

        (void)fprintf(out,
                      "%s:%zu: %s%s: %s; %s\n",
                      file,
                      i->line,
                      rule->id,
                      (rule->severity == DG_SEVERITY_WARNING) ? " (warning)"
                                                              : "",
                      i->text,
                      rule->cure);
    }
}
