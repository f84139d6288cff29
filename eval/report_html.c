/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_html.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "eval/label.h"
#include "eval/position.h"
#include "eval/report_parts.h"
#include "eval/svg_check.h"

#define MOMENT_SIZE 64U

/* web/report.css, by embed.cmake. */
extern const unsigned char dg_report_css[];

/* What failed comes first, what does not apply last. */
static const enum dg_run_verdict order[] = {
    DG_RUN_FAIL,
    DG_RUN_ERROR,
    DG_RUN_INCONCLUSIVE,
    DG_RUN_UNDECIDED,
    DG_RUN_PENDING,
    DG_RUN_WAIVED,
    DG_RUN_PASS,
    DG_RUN_NOT_APPLICABLE,
    DG_RUN_NOT_ASKED,
};
_Static_assert(sizeof(order) / sizeof(order[0]) == DG_RUN_VERDICTS,
               "every verdict has its place");

const char *dg_report_verdict_class(enum dg_run_verdict verdict)
{
    switch (verdict) {
    case DG_RUN_PASS:
        return "pass";
    case DG_RUN_FAIL:
        return "fail";
    case DG_RUN_NOT_APPLICABLE:
        return "na";
    case DG_RUN_PENDING:
    case DG_RUN_NOT_ASKED:
        return "pending";
    case DG_RUN_ERROR:
        return "error";
    case DG_RUN_WAIVED:
        return "waived";
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_UNDECIDED:
    case DG_RUN_VERDICTS:
    default:
        return "open";
    }
}

static void put_icon(struct dg_html *html,
                     const char *class_name,
                     const char *size)
{
    dg_html_put(html,
                "<svg class=\"%s\" aria-hidden=\"true\"><use href=\"#i-%s\"/>"
                "</svg>",
                size,
                class_name);
}

void dg_report_verdict(struct dg_html *html, enum dg_run_verdict verdict)
{
    const char *class_name = dg_report_verdict_class(verdict);

    dg_html_put(html, "<span class=\"v v-%s\">", class_name);
    put_icon(html, class_name, "vi");
    dg_html_put(html, "%s</span>", dg_run_verdict_name(verdict));
}

void dg_report_seconds(struct dg_html *html, uint64_t ms)
{
    dg_html_put(html,
                "%llu.%u%u\xc2\xa0s",
                (unsigned long long)(ms / 1000U),
                (unsigned)((ms / 100U) % 10U),
                (unsigned)((ms / 10U) % 10U));
}

static size_t place_of(enum dg_run_verdict verdict)
{
    size_t place = 0;

    while (((place + 1U) < DG_RUN_VERDICTS) && (order[place] != verdict)) {
        place++;
    }
    return place;
}

const struct dg_run_test *dg_report_next_test(const struct dg_run *run,
                                              const struct dg_run_test *after)
{
    const struct dg_run_test *t = (after == NULL) ? run->tests : after->next;
    size_t place = (after == NULL) ? 0U : place_of(after->verdict);

    for (; place < DG_RUN_VERDICTS; place++) {
        for (; t != NULL; t = t->next) {
            if (place_of(t->verdict) == place) {
                return t;
            }
        }
        t = run->tests;
    }
    return NULL;
}

/* One shape per verdict, so that no colour is needed to tell them apart. */
static const char shapes[] =
    "<svg class=\"shapes\" aria-hidden=\"true\"><defs>\n"
    "<symbol id=\"i-pass\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" "
    "r=\"8\"/><path class=\"ink\" d=\"M4.2 8.3l2.6 2.6 5-5.4\"/></symbol>\n"
    "<symbol id=\"i-fail\" viewBox=\"0 0 16 16\"><path d=\"M4.7 0h6.6L16 "
    "4.7v6.6L11.3 16H4.7L0 11.3V4.7z\"/><path class=\"ink\" d=\"M5 5l6 6M11 "
    "5l-6 6\"/></symbol>\n"
    "<symbol id=\"i-open\" viewBox=\"0 0 16 16\"><path d=\"M8 0l8 8-8 8-8-8z"
    "\"/><path class=\"ink\" d=\"M6.2 6.6a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.9.6-.9 "
    "1.2M8 11.4v.2\"/></symbol>\n"
    "<symbol id=\"i-error\" viewBox=\"0 0 16 16\"><path d=\"M8 .5L16 15.5H0z"
    "\"/><path class=\"ink\" d=\"M8 6v4.2M8 12.6v.3\"/></symbol>\n"
    "<symbol id=\"i-pending\" viewBox=\"0 0 16 16\"><rect x=\".5\" y=\".5\" "
    "width=\"15\" height=\"15\" rx=\"3\"/><path class=\"ink\" d=\"M4 8h.2M7.9 "
    "8h.2M11.8 8h.2\"/></symbol>\n"
    "<symbol id=\"i-waived\" viewBox=\"0 0 16 16\"><rect x=\".5\" y=\".5\" "
    "width=\"15\" height=\"15\" rx=\"3\"/><path class=\"ink\" d=\"M4 12L12 4"
    "\"/></symbol>\n"
    "<symbol id=\"i-na\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" "
    "r=\"8\"/><path class=\"ink\" d=\"M4.5 8h7\"/></symbol>\n"
    "</defs></svg>\n";

/* "2026-03-02T09:14:47Z" as people write it; any other text as it is. */
static void say_moment(const char *iso, char out[MOMENT_SIZE])
{
    if ((strlen(iso) == 20U) && (iso[10] == 'T') && (iso[19] == 'Z')) {
        (void)snprintf(out, MOMENT_SIZE, "%.10s, %.5s UTC", iso, iso + 11);
    } else {
        (void)snprintf(out, MOMENT_SIZE, "%s", iso);
    }
}

static void put_head(struct dg_html *html,
                     const struct dg_run *run,
                     const struct dg_run_origin *origin)
{
    char moment[MOMENT_SIZE];

    say_moment(run->head.ended, moment);
    dg_html_put(html,
                "<!doctype html>\n<!-- dosegate-run:sha256:%s -->\n"
                "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\""
                "default-src 'none'; style-src 'unsafe-inline'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\">\n<meta name=\"color-scheme\" "
                "content=\"light dark\">\n<title>%s %s: Dosegate evaluation"
                "</title>\n<style>\n",
                origin->digest,
                run->product.name,
                run->product.version);
    dg_html_raw(html, (const char *)dg_report_css);
    dg_html_raw(html, "</style></head>\n<body>\n");
    dg_html_raw(html, shapes);
    dg_html_put(html,
                "<main>\n<header class=\"top\"><p class=\"over\">Dosegate "
                "evaluation report</p>\n<h1>%s</h1>\n<p class=\"sub\">%s"
                "<span>Version %s</span><span>Tested %s</span></p></header>\n",
                run->product.name,
                run->product.maker,
                run->product.version,
                moment);
}

static enum dg_run_verdict overall(const struct dg_conclusion *c)
{
    if (c->count[DG_RUN_FAIL] > 0U) {
        return DG_RUN_FAIL;
    }
    return ((c->open > 0U) || (c->count[DG_RUN_PASS] == 0U))
               ? DG_RUN_INCONCLUSIVE
               : DG_RUN_PASS;
}

static void put_result(struct dg_html *html,
                       const struct dg_run *run,
                       const struct dg_conclusion *conclusion)
{
    const char *class_name = dg_report_verdict_class(overall(conclusion));
    char sentence[512];

    dg_label_sentence(run, conclusion, sentence, sizeof(sentence));
    dg_html_put(html, "<div class=\"result is-%s\">", class_name);
    put_icon(html, class_name, "big");
    dg_html_put(html, "<p>%s</p></div>\n", sentence);
    dg_html_raw(html,
                "<p class=\"note\">This evaluation uses Dosegate\xe2\x80\x99s "
                "own, non-normative profile. It is not a DTSec, DTMoSt or "
                "IEEE 2621 evaluation, and it is not a certificate.</p>\n");
    dg_html_raw(html, "<ul class=\"tally\">\n");
    for (size_t i = 0; i < DG_RUN_VERDICTS; i++) {
        if (conclusion->count[order[i]] > 0U) {
            dg_html_put(html, "<li><b>%zu</b> ", conclusion->count[order[i]]);
            dg_report_verdict(html, order[i]);
            dg_html_raw(html, "</li>\n");
        }
    }
    dg_html_raw(html, "</ul>\n");
}

static void put_label(struct dg_html *html,
                      const struct dg_run *run,
                      const struct dg_conclusion *conclusion,
                      const struct dg_run_origin *origin)
{
    struct dg_label_fact facts[DG_LABEL_FACTS_MAX];
    const size_t count = dg_label_facts(run, conclusion, origin, facts);

    dg_html_raw(html,
                "<section id=\"facts\"><h2>Security facts</h2>\n"
                "<dl class=\"facts\">\n");
    for (size_t i = 0; i < count; i++) {
        dg_html_put(html, "<div><dt>%s</dt><dd>", facts[i].title);
        if (facts[i].value[0] != '\0') {
            dg_html_put(html, "<b>%s</b>", facts[i].value);
        }
        dg_html_put(html, "<span>%s</span></dd></div>\n", facts[i].sentence);
    }
    dg_html_raw(html, "</dl></section>\n");
}

static void put_table(struct dg_html *html, const struct dg_run *run)
{
    dg_html_raw(
        html,
        "<section id=\"verdicts\"><h2>Verdicts</h2>\n"
        "<table class=\"verdicts\"><thead><tr><th scope=\"col\">"
        "Verdict</th><th scope=\"col\">Test</th><th scope=\"col\">The "
        "attacker or cause</th><th scope=\"col\" class=\"num\">Time</th></tr>"
        "</thead><tbody>\n");
    for (const struct dg_run_test *t = dg_report_next_test(run, NULL);
         t != NULL;
         t = dg_report_next_test(run, t)) {
        const char *position = dg_position_name(t->position);

        if (t->verdict == DG_RUN_NOT_ASKED) {
            break; /* the last: dg_report_not_asked() */
        }
        dg_html_raw(html, "<tr><td>");
        dg_report_verdict(html, t->verdict);
        dg_html_put(html,
                    "</td><td><a href=\"#test-%s\">%s</a></td>"
                    "<td class=\"who\">%s</td><td class=\"num\">",
                    t->id,
                    t->title,
                    (position == NULL) ? t->position : position);
        dg_report_seconds(html, t->elapsed_ms);
        dg_html_raw(html, "</td></tr>\n");
    }
    dg_html_raw(html, "</tbody></table></section>\n");
}

static void put_figures(struct dg_html *html, const struct dg_run *run)
{
    if (run->figures == NULL) {
        return;
    }
    dg_html_raw(html, "<section id=\"figures\"><h2>What happened</h2>\n");
    for (const struct dg_run_figure *f = run->figures; f != NULL; f = f->next) {
        const char *why = NULL;

        dg_html_put(html, "<figure id=\"figure-%s\">\n", f->id);
        if (dg_svg_is_plain(f->svg, &why)) {
            dg_html_put(html, DG_REPORT_SCROLL, f->id);
            dg_html_raw(html, f->svg);
            dg_html_raw(html, "</div>");
        } else {
            dg_html_put(html,
                        "<p class=\"text\">This figure was left out: %s.</p>",
                        why);
        }
        dg_html_put(
            html, "\n<figcaption>%s</figcaption></figure>\n", f->caption);
    }
    dg_html_raw(html, "</section>\n");
}

static void put_calibration(struct dg_html *html,
                            const struct dg_run *run,
                            const struct dg_conclusion *conclusion)
{
    dg_html_raw(html,
                "<section id=\"calibration\"><h2>Can these tests find "
                "anything?</h2>\n");
    if (conclusion->planted == 0U) {
        dg_html_raw(html,
                    "<p class=\"lead\">No flawed product was tested in this "
                    "run, so its passes are not calibrated.</p></section>\n");
        return;
    }
    dg_html_put(html,
                "<p class=\"lead\">The same tests were run against products "
                "with a planted weakness. They caught %zu of "
                "%zu.</p>\n" DG_REPORT_SCROLL
                "<table class=\"calibration\"><thead>"
                "<tr><th scope=\"col\">Caught</th><th scope=\"col\">Planted "
                "weakness</th><th scope=\"col\">Test</th><th scope=\"col\">"
                "What was seen</th><th scope=\"col\" class=\"num\">Time</th>"
                "</tr></thead><tbody>\n",
                conclusion->caught,
                conclusion->planted,
                "Planted weaknesses");
    for (const struct dg_run_calibration *c = run->calibration; c != NULL;
         c = c->next) {
        const char *class_name = c->is_caught ? "pass" : "fail";

        dg_html_put(html, "<tr><td><span class=\"v v-%s\">", class_name);
        put_icon(html, class_name, "vi");
        dg_html_put(html,
                    "%s</span></td><td>%s<br><code>%s</code></td><td>%s</td>"
                    "<td>%s</td><td class=\"num\">",
                    c->is_caught ? "caught" : "missed",
                    c->flaw,
                    c->product,
                    c->test,
                    c->seen);
        dg_report_seconds(html, c->elapsed_ms);
        dg_html_raw(html, "</td></tr>\n");
    }
    dg_html_raw(html, "</tbody></table></div></section>\n");
}

static void put_pair(struct dg_html *html, const char *title, const char *value)
{
    if (value[0] != '\0') {
        dg_html_put(html, "<div><dt>%s</dt><dd>%s</dd></div>\n", title, value);
    }
}

static void put_method(struct dg_html *html, const struct dg_run *run)
{
    const struct dg_run_head *head = &run->head;

    dg_html_raw(
        html,
        "<section id=\"method\"><h2>Method and limits</h2>\n"
        "<p>Each test attacks the product over its real interface. It first "
        "does the same thing as it should be done: if the product does not "
        "obey that, the test is inconclusive, not passed. Monitors count what "
        "the product really delivers, apart from what it reports. The same "
        "seed gives the same run.</p>\n"
        "<p>A test that passes shows that this attack did not work on this "
        "firmware in this set-up. It does not show that no attack works. "
        "Hardware attacks, the supply chain, documents and the maker\xe2\x80"
        "\x99s processes need people and are not judged here.</p>\n"
        "<p>Profile, packages and words of this report are Dosegate\xe2\x80"
        "\x99s own and non-normative. They were derived from public sources; "
        "the normative texts of DTSec, DTMoSt and IEEE/UL 2621 were not "
        "used.</p>\n<dl class=\"pairs\">\n");
    put_pair(html, "Profile", head->profile_title);
    put_pair(html, "Profile id", head->profile_id);
    put_pair(html, "Profile version", head->profile_version);
    put_pair(html, "Profile SHA-256", head->profile_digest);
    put_pair(html, "Package", head->package_title);
    put_pair(html, "Package SHA-256", head->package_digest);
    put_pair(html, "Laboratory", head->laboratory);
    put_pair(html, "Tier", head->tier);
    put_pair(html, "Started", head->started);
    put_pair(html, "Ended", head->ended);
    put_pair(html, "Bench", head->host);
    put_pair(html, "Tool", head->tool_version);
    dg_html_put(html,
                "<div><dt>Seed</dt><dd>%llu</dd></div>\n",
                (unsigned long long)head->seed);
    put_pair(html, "Firmware SHA-256", run->product.firmware_digest);
    put_pair(html, "Platform needed", run->product.platform);
    for (const struct dg_run_line *l = run->product.interfaces; l != NULL;
         l = l->next) {
        put_pair(html, "Interface", l->text);
    }
    for (const struct dg_run_claim *c = run->product.claims; c != NULL;
         c = c->next) {
        put_pair(html, c->name, c->value);
    }
    dg_html_raw(html, "</dl></section>\n");
}

static void put_foot(struct dg_html *html, const struct dg_run_origin *origin)
{
    dg_html_put(html,
                "<section id=\"verify\"><h2>Check this report</h2>\n"
                "<p>Everything here was made from one signed run file. Keep "
                "it beside this page and run:</p>\n"
                "<pre class=\"command\"><code>dosegate verify FILE</code>"
                "</pre>\n<dl class=\"pairs\">\n<div><dt>Run file SHA-256</dt>"
                "<dd>%s</dd></div>\n<div><dt>Signed with key</dt><dd>%s</dd>"
                "</div>\n</dl></section>\n",
                origin->digest,
                origin->key_id);
    dg_html_raw(html,
                "<footer><p>Research evaluation, not a certificate. Dosegate "
                "is research software, not a medical device. Nothing here is "
                "a reason to stop a therapy: ask the clinic or the maker.</p>"
                "</footer>\n</main></body></html>\n");
}

enum dg_status dg_report_html_render(const struct dg_run *run,
                                     const struct dg_run_origin *origin,
                                     struct dg_html *html)
{
    struct dg_conclusion conclusion;
    const enum dg_status status = dg_conclude(run, &conclusion);

    dg_html_init(html);
    if (status != DG_OK) {
        return status;
    }
    put_head(html, run, origin);
    put_result(html, run, &conclusion);
    put_label(html, run, &conclusion, origin);
    put_table(html, run);
    put_figures(html, run);
    dg_report_tests(html, run);
    dg_report_rating(html, run, &conclusion);
    put_calibration(html, run, &conclusion);
    dg_report_not_asked(html, run, &conclusion);
    put_method(html, run);
    put_foot(html, origin);
    return html->failed ? DG_E_PORT : DG_OK;
}
