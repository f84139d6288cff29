/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "eval/position.h"
#include "eval/report_parts.h"

static void put_text_block(struct dg_html *html,
                           const char *title,
                           const char *text)
{
    if (text[0] != '\0') {
        dg_html_put(
            html, "<h4>%s</h4>\n<p class=\"text\">%s</p>\n", title, text);
    }
}

static void put_seen(struct dg_html *html, const struct dg_run_test *test)
{
    if (test->seen == NULL) {
        return;
    }
    dg_html_raw(html, "<h4>What was seen</h4>\n<ul class=\"seen\">\n");
    for (const struct dg_run_line *l = test->seen; l != NULL; l = l->next) {
        dg_html_put(html, "<li>%s</li>\n", l->text);
    }
    dg_html_raw(html, "</ul>\n");
}

/* value * 10^-decimals without floating point: the same bytes everywhere. */
void dg_report_value(struct dg_html *html, const struct dg_run_measure *m)
{
    const uint64_t size =
        (m->value < 0) ? (0U - (uint64_t)m->value) : (uint64_t)m->value;
    uint64_t power = 1;

    for (uint64_t i = 0; i < m->decimals; i++) {
        power *= 10U;
    }
    dg_html_put(html,
                "%s%llu",
                (m->value < 0) ? "-" : "",
                (unsigned long long)(size / power));
    if (m->decimals == 0U) {
        return;
    }
    dg_html_raw(html, ".");
    for (uint64_t place = power / 10U; place > 0U; place /= 10U) {
        dg_html_put(html, "%u", (unsigned)((size / place) % 10U));
    }
}

static void put_measures(struct dg_html *html, const struct dg_run_test *test)
{
    if (test->measures == NULL) {
        return;
    }
    dg_html_raw(html, "<h4>Measured</h4>\n<dl class=\"measures\">\n");
    for (const struct dg_run_measure *m = test->measures; m != NULL;
         m = m->next) {
        dg_html_put(html, "<div><dt>%s</dt><dd>", m->name);
        dg_report_value(html, m);
        dg_html_put(
            html, " <span class=\"unit\">%s</span></dd></div>\n", m->unit);
    }
    dg_html_raw(html, "</dl>\n");
}

static void put_monitors(struct dg_html *html, const struct dg_run_test *test)
{
    if (test->monitors == NULL) {
        return;
    }
    dg_html_raw(html, "<h4>Monitors</h4>\n<ul class=\"monitors\">\n");
    for (const struct dg_run_monitor *m = test->monitors; m != NULL;
         m = m->next) {
        dg_html_raw(html, "<li>");
        dg_report_verdict(html, m->verdict);
        dg_html_put(html,
                    "<span><strong>%s</strong> %s</span></li>\n",
                    m->name,
                    m->text);
    }
    dg_html_raw(html, "</ul>\n");
}

static const char *arrow_of(enum dg_run_direction direction)
{
    switch (direction) {
    case DG_RUN_TO_PRODUCT:
        return "to product";
    case DG_RUN_FROM_PRODUCT:
        return "from product";
    case DG_RUN_NOTE:
    case DG_RUN_DIRECTIONS:
    default:
        return "note";
    }
}

/* A space after every fourth byte, so that a person can count and a browser
 * can break the line. */
static void put_hex(struct dg_html *html, const char *hex)
{
    for (size_t i = 0; hex[i] != '\0'; i++) {
        char one[3] = {hex[i], '\0', '\0'};

        if ((i > 0U) && ((i % 8U) == 0U)) {
            dg_html_raw(html, " ");
        }
        dg_html_text(html, one);
    }
}

static void put_packets(struct dg_html *html, const struct dg_run_test *test)
{
    size_t count = 0;

    for (const struct dg_run_packet *p = test->packets; p != NULL;
         p = p->next) {
        count++;
    }
    if (count == 0U) {
        return;
    }
    dg_html_put(html,
                "<details><summary>Evidence: %zu packet%s</summary>\n"
                "<ol class=\"packets\">\n",
                count,
                (count == 1U) ? "" : "s");
    for (const struct dg_run_packet *p = test->packets; p != NULL;
         p = p->next) {
        dg_html_raw(html, "<li><span class=\"when\">");
        dg_report_seconds(html, p->time_ms);
        dg_html_put(html,
                    "</span> <span class=\"dir\">%s</span> %s",
                    arrow_of(p->direction),
                    p->label);
        if (p->hex[0] != '\0') {
            dg_html_raw(html, "<code class=\"hex\">");
            put_hex(html, p->hex);
            dg_html_raw(html, "</code>");
        }
        dg_html_raw(html, "</li>\n");
    }
    dg_html_raw(html, "</ol></details>\n");
}

static void put_lines(struct dg_html *html,
                      const char *title,
                      const struct dg_run_line *lines)
{
    if (lines == NULL) {
        return;
    }
    dg_html_put(html, "<span class=\"meta\"><b>%s</b> ", title);
    for (const struct dg_run_line *l = lines; l != NULL; l = l->next) {
        dg_html_put(html, "%s%s", l->text, (l->next == NULL) ? "" : ", ");
    }
    dg_html_raw(html, "</span>\n");
}

static void put_facts(struct dg_html *html, const struct dg_run_test *test)
{
    const char *position = dg_position_name(test->position);

    dg_html_raw(html, "<p class=\"metas\">");
    dg_html_put(html,
                "<span class=\"meta\"><b>Test</b> <code>%s</code></span>\n",
                test->id);
    dg_html_put(
        html, "<span class=\"meta\"><b>Threat</b> %s</span>\n", test->threat);
    dg_html_put(html,
                "<span class=\"meta\"><b>Attacker</b> %s</span>\n",
                (position == NULL) ? test->position : position);
    put_lines(html, "Corpus", test->corpus);
    put_lines(html, "Requirements", test->requirements);
    dg_html_raw(html, "<span class=\"meta\"><b>Took</b> ");
    dg_report_seconds(html, test->elapsed_ms);
    dg_html_raw(html, "</span></p>\n");
}

static void put_waiver(struct dg_html *html,
                       const struct dg_run *run,
                       const struct dg_run_test *test)
{
    if (test->verdict != DG_RUN_WAIVED) {
        return;
    }
    dg_html_put(html,
                "<p class=\"text\">Waived by %s until %s: %s%s</p>\n",
                test->waived_by,
                test->waived_until,
                test->waived_because,
                dg_run_is_waiver_good(run, test)
                    ? ""
                    : " This waiver has run out or is not whole, so the test "
                      "counts as open.");
}

/* What an earlier run said, and what somebody expects: both stay in view. */
static void put_history(struct dg_html *html,
                        const struct dg_run *run,
                        const struct dg_run_test *test)
{
    for (const struct dg_run_earlier *e = test->earlier; e != NULL;
         e = e->next) {
        dg_html_put(html,
                    "<p class=\"text\">Before, in the run that ended %s: %s. "
                    "%s</p>\n",
                    e->ended,
                    dg_run_verdict_name(e->verdict),
                    e->reason);
    }
    if (test->expected != DG_RUN_UNDECIDED) {
        dg_html_put(html,
                    "<p class=\"text\">Expected by %s until %s: %s. %s%s</p>"
                    "\n",
                    test->expected_by,
                    test->expected_until,
                    dg_run_verdict_name(test->expected),
                    test->expected_because,
                    dg_run_is_expectation_good(run, test)
                        ? ""
                        : " This does not count: it has run out or is not "
                          "whole.");
    }
}

static bool needs_remedy(enum dg_run_verdict verdict)
{
    return (verdict != DG_RUN_PASS) && (verdict != DG_RUN_NOT_APPLICABLE) &&
           (verdict != DG_RUN_PENDING);
}

static void put_test(struct dg_html *html,
                     const struct dg_run *run,
                     const struct dg_run_test *test)
{
    dg_html_put(html,
                "<article class=\"test is-%s\" id=\"test-%s\">\n<header><h3>"
                "%s</h3>",
                dg_report_verdict_class(test->verdict),
                test->id,
                test->title);
    dg_report_verdict(html, test->verdict);
    dg_html_raw(html, "</header>\n");
    put_facts(html, test);
    if (test->reason[0] != '\0') {
        dg_html_put(html, "<p class=\"reason\">%s</p>\n", test->reason);
    }
    put_waiver(html, run, test);
    put_history(html, run, test);
    put_text_block(html, "Passes when", test->criterion);
    put_text_block(html, "What was tried", test->tried);
    put_seen(html, test);
    put_measures(html, test);
    put_monitors(html, test);
    if (needs_remedy(test->verdict)) {
        put_text_block(html, "What to do", test->remediation);
    }
    put_packets(html, test);
    if (test->replay_command[0] != '\0') {
        dg_html_put(html,
                    "<h4>Run this test again</h4>\n"
                    "<pre class=\"command\"><code>%s</code></pre>\n",
                    test->replay_command);
    }

    char command[1024];

    if (dg_run_replay(test, "sequences.json", command, sizeof command)) {
        dg_html_put(html,
                    "<h4>Send again what was enough</h4>\n"
                    "<pre class=\"command\"><code>%s</code></pre>\n",
                    command);
    }
    dg_html_raw(html, "</article>\n");
}

void dg_report_tests(struct dg_html *html, const struct dg_run *run)
{
    dg_html_raw(html, "<section id=\"tests\"><h2>The tests</h2>\n");
    for (const struct dg_run_test *t = dg_report_next_test(run, NULL);
         t != NULL;
         t = dg_report_next_test(run, t)) {
        if (t->verdict == DG_RUN_NOT_ASKED) {
            break; /* these come last, and have a section of their own */
        }
        put_test(html, run, t);
    }
    dg_html_raw(html, "</section>\n");
}

/* @satisfies{EVL_FORM.1@1} */
void dg_report_not_asked(struct dg_html *html,
                         const struct dg_run *run,
                         const struct dg_conclusion *conclusion)
{
    if (conclusion->count[DG_RUN_NOT_ASKED] == 0U) {
        return;
    }
    dg_html_put(
        html,
        "<section id=\"not-evaluated\"><h2>What was not evaluated"
        "</h2>\n<p class=\"lead\">%zu pieces of work need a person: "
        "hands, documents or users. This run asked for none of them, "
        "and its verdict says nothing about them.</p>\n" DG_REPORT_SCROLL
        "<table class=\"plain\"><thead><tr>"
        "<th scope=\"col\">Form</th><th scope=\"col\">Kind</th>"
        "<th scope=\"col\">Corpus</th></tr></thead><tbody>\n",
        conclusion->count[DG_RUN_NOT_ASKED],
        "What was not evaluated");
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if (t->verdict == DG_RUN_NOT_ASKED) {
            dg_html_put(html,
                        "<tr><td>%s<br><code>%s</code></td><td>%s</td><td>",
                        t->title,
                        t->id,
                        t->tier);
            for (const struct dg_run_line *l = t->corpus; l != NULL;
                 l = l->next) {
                dg_html_put(
                    html, "%s%s", l->text, (l->next == NULL) ? "" : ", ");
            }
            dg_html_raw(html, "</td></tr>\n");
        }
    }
    dg_html_raw(html, "</tbody></table></div></section>\n");
}
