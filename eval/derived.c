/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/derived.h"

#include <stdio.h>
#include <string.h>

#include "eval/file.h"
#include "eval/label.h"
#include "eval/output/etr.h"
#include "eval/output/formats.h"
#include "eval/report_html.h"
#include "eval/report_junit.h"
#include "eval/sequence.h"

/* One row for each kind.  A file is known by what stands near its beginning,
 * or, should that have been damaged, by the end of its name; the first row that
 * fits decides.  @satisfies{EVL_OUT.1@1} @satisfies{EVL_OUT.2@1} */
struct derived {
    enum dg_status (*render)(const struct dg_run *run,
                             const struct dg_run_origin *origin,
                             struct dg_html *out);
    const char *name;
    const char *sign;
    const char *suffix;
};

/* clang-format off */
static const struct derived table[DG_DERIVED_KINDS] = {
    [DG_DERIVED_ETR] = {
        dg_etr_html_render, "etr.html",
        "<meta name=\"dosegate\" content=\"etr\">", "etr.html"},
    [DG_DERIVED_ETR_JSON] = {
        dg_etr_json_render, "etr.json", "\"dosegate-etr-1\"", "etr.json"},
    [DG_DERIVED_HTML] = {
        dg_report_html_render, "report.html", "<html", ".html"},
    [DG_DERIVED_JUNIT] = {
        dg_report_junit_render, "junit.xml", "<testsuites", ".xml"},
    [DG_DERIVED_LABEL] = {
        dg_label_render, "label.svg", "<svg", ".svg"},
    [DG_DERIVED_LABEL_JSON] = {
        dg_label_json_render, "label.json", "\"dosegate-label-1\"",
        "label.json"},
    [DG_DERIVED_LABEL_TEXT] = {
        dg_label_text_render, "label.txt", "Security facts\n", ".txt"},
    [DG_DERIVED_SARIF] = {
        dg_sarif_render, "results.sarif", "sarif-schema-2.1.0", ".sarif"},
    [DG_DERIVED_OSCAL] = {
        dg_oscal_render, "oscal-assessment-results.json",
        "\"assessment-results\"", "oscal-assessment-results.json"},
    [DG_DERIVED_TEST_RESULT] = {
        dg_test_result_render, "test-result.intoto.json",
        "in-toto.io/attestation/test-result", "test-result.intoto.json"},
    [DG_DERIVED_SUMMARY] = {
        dg_summary_render, "verification.intoto.json",
        "in-toto.io/attestation/svr", "verification.intoto.json"},
    [DG_DERIVED_SEQUENCES] = {
        dg_sequences_render, DG_SEQUENCE_FILE, "\"dosegate-sequences-1\"",
        DG_SEQUENCE_FILE},
    [DG_DERIVED_CSAF] = {
        dg_csaf_render, "", "\"csaf_version\"", ".json"},
};
/* clang-format on */

enum dg_status dg_derived_render(enum dg_derived_kind kind,
                                 const struct dg_run *run,
                                 const struct dg_run_origin *origin,
                                 struct dg_html *html)
{
    if ((kind <= DG_DERIVED_NONE) || (kind >= DG_DERIVED_KINDS)) {
        dg_html_init(html);
        return DG_E_USAGE;
    }
    return table[kind].render(run, origin, html);
}

/* What a format asks for that the run does not say: of several the first. */
static const char *lacking(enum dg_derived_kind kind, const struct dg_run *run)
{
    const bool is_statement =
        (kind == DG_DERIVED_TEST_RESULT) || (kind == DG_DERIVED_SUMMARY);

    if ((kind == DG_DERIVED_ETR) || (kind == DG_DERIVED_ETR_JSON)) {
        return "which level is claimed; a run of chosen tests claims none";
    }
    if (is_statement && !dg_format_is_digest(run->product.firmware_digest)) {
        return "the firmware's SHA-256";
    }
    if (kind == DG_DERIVED_SEQUENCES) {
        return "each sequence in a form that can be read";
    }
    if ((kind == DG_DERIVED_CSAF) && (run->product.name[0] == '\0')) {
        return "what the product is called";
    }
    if ((kind == DG_DERIVED_CSAF) && (run->tests == NULL)) {
        return "anything of a test";
    }
    return "when it began and ended";
}

enum dg_status dg_derived_write(enum dg_derived_kind kind,
                                const struct dg_run *run,
                                const struct dg_run_origin *origin,
                                const char *path,
                                struct dg_problem *problem)
{
    struct dg_html html;
    enum dg_status status = dg_derived_render(kind, run, origin, &html);

    if (status == DG_OK) {
        status = dg_file_write(path, dg_html_span(&html), 0644, problem);
    } else if (status == DG_E_USAGE) {
        dg_problem_set(problem,
                       "cannot make %s: the run does not say %s",
                       path,
                       lacking(kind, run));
    } else {
        dg_problem_set(problem, "cannot make %s: out of memory", path);
    }
    dg_html_free(&html);
    return status;
}

void dg_derived_name(enum dg_derived_kind kind,
                     const struct dg_run_origin *origin,
                     char name[DG_DERIVED_NAME_SIZE])
{
    const bool is_known = (kind > DG_DERIVED_NONE) && (kind < DG_DERIVED_KINDS);

    if (kind == DG_DERIVED_CSAF) {
        (void)snprintf(
            name, DG_DERIVED_NAME_SIZE, "dosegate-%.16s.json", origin->digest);
    } else {
        (void)snprintf(
            name, DG_DERIVED_NAME_SIZE, "%s", is_known ? table[kind].name : "");
    }
}

static bool has_suffix(const char *path, const char *suffix)
{
    const size_t size = strlen(path);
    const size_t tail = strlen(suffix);

    return (size > tail) && (strcmp(path + size - tail, suffix) == 0);
}

static bool contains(dg_span bytes, size_t within, const char *text)
{
    const size_t size = strlen(text);
    const size_t end = (bytes.size < within) ? bytes.size : within;

    for (size_t i = 0; (i + size) <= end; i++) {
        if (memcmp(bytes.at + i, text, size) == 0) {
            return true;
        }
    }
    return false;
}

bool dg_derived_is_apart(dg_span bytes)
{
    static const char pdf[] = "%PDF-";
    static const char envelope[] = "{\"payloadType\":\"application/vnd.in-toto";

    return contains(bytes, sizeof(pdf) - 1U, pdf) ||
           contains(bytes, sizeof(envelope) - 1U, envelope) ||
           contains(bytes,
                    DG_DERIVED_WITHIN,
                    "<meta name=\"dosegate\" content=\"bundle\">") ||
           contains(bytes, bytes.size, "\"dosegate-bundle-1\"");
}

enum dg_derived_kind dg_derived_kind_of(const char *path, dg_span bytes)
{
    if (!contains(bytes, bytes.size, "dosegate") &&
        !contains(bytes, bytes.size, "Dosegate") &&
        !contains(bytes, bytes.size, "Security facts")) {
        return DG_DERIVED_NONE;
    }
    for (int kind = DG_DERIVED_NONE + 1; kind < DG_DERIVED_KINDS; kind++) {
        if (has_suffix(path, table[kind].suffix)) {
            return (enum dg_derived_kind)kind;
        }
    }
    for (int kind = DG_DERIVED_NONE + 1; kind < DG_DERIVED_KINDS; kind++) {
        if (contains(bytes, DG_DERIVED_WITHIN, table[kind].sign)) {
            return (enum dg_derived_kind)kind;
        }
    }
    return DG_DERIVED_NONE;
}
