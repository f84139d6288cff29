/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/report_pdf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/label.h"
#include "eval/output/json_out.h"
#include "eval/output/paper.h"
#include "eval/position.h"
#include "eval/report_parts.h"

#define TEXT_SIZE 2048U

struct sheet {
    struct dg_paper paper;
    const struct dg_run *run;
    const struct dg_run_origin *origin;
    struct dg_conclusion conclusion;
};

static void say(struct sheet *sheet,
                enum dg_paper_style style,
                const char *format,
                ...) __attribute__((format(printf, 3, 4)));

static void say(struct sheet *sheet,
                enum dg_paper_style style,
                const char *format,
                ...)
{
    char text[TEXT_SIZE];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    dg_paper_put(&sheet->paper, style, text);
}

static void put_head(struct sheet *sheet)
{
    const struct dg_run *run = sheet->run;
    char sentence[512];

    dg_paper_put(&sheet->paper, DG_PAPER_SMALL, "Dosegate evaluation report");
    dg_paper_put(
        &sheet->paper, DG_PAPER_TITLE, dg_json_or_unstated(run->product.name));
    say(sheet,
        DG_PAPER_SMALL,
        "%.200s, version %.100s, tested %.20s",
        dg_json_or_unstated(run->product.maker),
        dg_json_or_unstated(run->product.version),
        dg_json_or_unstated(run->head.ended));
    dg_label_sentence(run, &sheet->conclusion, sentence, sizeof(sentence));
    dg_paper_put(&sheet->paper, DG_PAPER_SUBHEADING, sentence);
    dg_paper_put(&sheet->paper,
                 DG_PAPER_TEXT,
                 "This evaluation uses Dosegate's own, non-normative profile. "
                 "It is not a DTSec, DTMoSt or IEEE 2621 evaluation, and it is "
                 "not a certificate.");
    for (size_t i = 0; i < DG_RUN_VERDICTS; i++) {
        if (sheet->conclusion.count[i] > 0U) {
            char count[32];

            (void)snprintf(
                count, sizeof(count), "%zu", sheet->conclusion.count[i]);
            dg_paper_pair(&sheet->paper,
                          dg_run_verdict_name((enum dg_run_verdict)i),
                          count);
        }
    }
}

static void put_facts(struct sheet *sheet)
{
    struct dg_label_fact facts[DG_LABEL_FACTS_MAX];
    const size_t count =
        dg_label_facts(sheet->run, &sheet->conclusion, sheet->origin, facts);

    dg_paper_put(&sheet->paper, DG_PAPER_HEADING, "Security facts");
    for (size_t i = 0; i < count; i++) {
        char text[700];

        (void)snprintf(text,
                       sizeof(text),
                       "%s%s%s",
                       facts[i].value,
                       (facts[i].value[0] == '\0') ? "" : ". ",
                       facts[i].sentence);
        dg_paper_pair(&sheet->paper, facts[i].title, text);
    }
}

static void put_verdicts(struct sheet *sheet)
{
    dg_paper_put(&sheet->paper, DG_PAPER_HEADING, "Verdicts");
    for (const struct dg_run_test *t = dg_report_next_test(sheet->run, NULL);
         t != NULL;
         t = dg_report_next_test(sheet->run, t)) {
        char text[TEXT_SIZE];

        (void)snprintf(text, sizeof(text), "%.900s (%.200s)", t->title, t->id);
        dg_paper_pair(&sheet->paper, dg_run_verdict_name(t->verdict), text);
    }
}

static void put_lists(struct sheet *sheet, const struct dg_run_test *test)
{
    size_t packets = 0;

    for (const struct dg_run_line *l = test->requirements; l != NULL;
         l = l->next) {
        dg_paper_pair(&sheet->paper, "Requirement", l->text);
    }
    for (const struct dg_run_line *l = test->seen; l != NULL; l = l->next) {
        dg_paper_pair(&sheet->paper, "Seen", l->text);
    }
    for (const struct dg_run_measure *m = test->measures; m != NULL;
         m = m->next) {
        struct dg_html value;

        dg_html_init(&value);
        dg_report_value(&value, m);
        say(sheet,
            DG_PAPER_TEXT,
            "Measured: %.300s %.60s %.60s",
            m->name,
            value.failed ? "" : value.at,
            m->unit);
        dg_html_free(&value);
    }
    for (const struct dg_run_monitor *m = test->monitors; m != NULL;
         m = m->next) {
        say(sheet,
            DG_PAPER_TEXT,
            "Monitor %.100s: %s. %.900s",
            m->name,
            dg_run_verdict_name(m->verdict),
            m->text);
    }
    for (const struct dg_run_packet *p = test->packets; p != NULL;
         p = p->next) {
        packets++;
    }
    if (packets > 0U) {
        say(sheet,
            DG_PAPER_SMALL,
            "Evidence: %zu packets, in the run file and in report.html.",
            packets);
    }
}

static void put_test(struct sheet *sheet, const struct dg_run_test *test)
{
    struct dg_paper *paper = &sheet->paper;
    const char *position = dg_position_name(test->position);

    dg_paper_put(paper, DG_PAPER_SUBHEADING, test->title);
    say(sheet,
        DG_PAPER_STRONG,
        "%s: %.1500s",
        dg_run_verdict_name(test->verdict),
        test->reason);
    dg_paper_pair(paper, "Test", test->id);
    dg_paper_pair(paper, "Threat", test->threat);
    dg_paper_pair(
        paper, "Attacker", (position == NULL) ? test->position : position);
    dg_paper_pair(paper, "Passes when", test->criterion);
    dg_paper_pair(paper, "What was tried", test->tried);
    put_lists(sheet, test);
    if (test->verdict == DG_RUN_WAIVED) {
        say(sheet,
            DG_PAPER_TEXT,
            "Waived by %.200s until %.20s: %.900s",
            test->waived_by,
            test->waived_until,
            test->waived_because);
    }
    if (test->verdict == DG_RUN_FAIL) {
        dg_paper_pair(paper, "What to do", test->remediation);
    }
    dg_paper_pair(paper, "Run it again", test->replay_command);
}

static void put_tests(struct sheet *sheet)
{
    dg_paper_put(&sheet->paper, DG_PAPER_HEADING, "The tests");
    for (const struct dg_run_test *t = dg_report_next_test(sheet->run, NULL);
         t != NULL;
         t = dg_report_next_test(sheet->run, t)) {
        put_test(sheet, t);
    }
}

static void put_path(struct sheet *sheet,
                     const struct dg_run_test *test,
                     const struct dg_run_path *path)
{
    struct dg_rating rating;

    dg_paper_put(&sheet->paper, DG_PAPER_SUBHEADING, path->title);
    dg_paper_pair(&sheet->paper, "Found by", test->id);
    dg_paper_pair(&sheet->paper,
                  "State",
                  (path->state == DG_RATING_SUCCESSFUL) ? "works"
                  : (path->state == DG_RATING_UNSUCCESSFUL)
                      ? "does not work"
                      : "not shown either way");
    for (const struct dg_rating_choice *c = path->choices; c != NULL;
         c = c->next) {
        dg_paper_pair(&sheet->paper, c->factor, c->level);
    }
    if (dg_conclude_path(sheet->run, path, &rating) && rating.is_exploitable) {
        say(sheet,
            DG_PAPER_STRONG,
            "Sum %u: needs %s attack potential.",
            rating.sum,
            rating.range->required);
    } else {
        dg_paper_put(&sheet->paper, DG_PAPER_STRONG, "Not rated.");
    }
    dg_paper_put(&sheet->paper, DG_PAPER_TEXT, path->justification);
    say(sheet,
        DG_PAPER_SMALL,
        "Rated by: %.200s. Second evaluator: %.200s.",
        dg_json_or_unstated(path->rated_by),
        (path->confirmed_by[0] == '\0') ? "nobody yet" : path->confirmed_by);
}

static void put_paths(struct sheet *sheet)
{
    dg_paper_put(&sheet->paper, DG_PAPER_HEADING, "Attack paths");
    if (sheet->conclusion.paths == 0U) {
        dg_paper_put(&sheet->paper, DG_PAPER_TEXT, "None was found.");
    }
    for (const struct dg_run_test *t = sheet->run->tests; t != NULL;
         t = t->next) {
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            put_path(sheet, t, p);
        }
    }
}

static void put_calibration(struct sheet *sheet)
{
    dg_paper_put(
        &sheet->paper, DG_PAPER_HEADING, "Can these tests find anything?");
    if (sheet->conclusion.planted == 0U) {
        dg_paper_put(&sheet->paper,
                     DG_PAPER_TEXT,
                     "No flawed product was tested in this run, so its passes "
                     "are not calibrated.");
        return;
    }
    say(sheet,
        DG_PAPER_TEXT,
        "The same tests were run against products with a planted weakness. "
        "They caught %zu of %zu.",
        sheet->conclusion.caught,
        sheet->conclusion.planted);
    for (const struct dg_run_calibration *c = sheet->run->calibration;
         c != NULL;
         c = c->next) {
        char text[TEXT_SIZE];

        (void)snprintf(text,
                       sizeof(text),
                       "%.300s: %.600s (%.200s)",
                       c->product,
                       c->flaw,
                       c->test);
        dg_paper_pair(&sheet->paper, c->is_caught ? "caught" : "missed", text);
    }
}

static void put_method(struct sheet *sheet)
{
    const struct dg_run_head *head = &sheet->run->head;
    struct dg_paper *paper = &sheet->paper;

    dg_paper_put(paper, DG_PAPER_HEADING, "Method and limits");
    dg_paper_put(paper,
                 DG_PAPER_TEXT,
                 "A test that passes shows that this attack did not work on "
                 "this firmware in this set-up. It does not show that no "
                 "attack works. Hardware, the supply chain, documents and the "
                 "maker's processes need people and are not judged here.");
    dg_paper_pair(paper, "Profile", head->profile_title);
    dg_paper_pair(paper, "Profile SHA-256", head->profile_digest);
    dg_paper_pair(paper, "Package", head->package_title);
    dg_paper_pair(paper, "Laboratory", head->laboratory);
    dg_paper_pair(paper, "Tier", head->tier);
    dg_paper_pair(paper, "Bench", head->host);
    dg_paper_pair(paper, "Tool", head->tool_version);
    dg_paper_pair(
        paper, "Firmware SHA-256", sheet->run->product.firmware_digest);
    if (sheet->run->figures != NULL) {
        dg_paper_put(paper,
                     DG_PAPER_SMALL,
                     "Figures are in report.html and in the run file.");
    }
    dg_paper_put(paper, DG_PAPER_HEADING, "Check this report");
    dg_paper_put(paper,
                 DG_PAPER_TEXT,
                 "Everything here was made from one signed run file. Check "
                 "that with: dosegate verify run.dgrun");
    dg_paper_pair(paper, "Run file SHA-256", sheet->origin->digest);
    dg_paper_pair(paper, "Signed with key", sheet->origin->key_id);
}

enum dg_status dg_report_pdf_render(const struct dg_run *run,
                                    const struct dg_run_origin *origin,
                                    struct dg_html *out)
{
    struct sheet sheet = {.run = run, .origin = origin};
    char foot[160];
    const enum dg_status status = dg_conclude(run, &sheet.conclusion);

    if (status != DG_OK) {
        dg_html_init(out);
        return status;
    }
    (void)snprintf(foot,
                   sizeof(foot),
                   "Research evaluation, not a certificate. %s%s",
                   DG_DERIVED_MARK,
                   origin->digest);
    dg_paper_begin(&sheet.paper,
                   out,
                   dg_json_or_unstated(run->product.name),
                   run->head.ended,
                   foot);
    put_head(&sheet);
    put_facts(&sheet);
    put_verdicts(&sheet);
    put_tests(&sheet);
    put_paths(&sheet);
    put_calibration(&sheet);
    put_method(&sheet);
    return dg_paper_end(&sheet.paper);
}
