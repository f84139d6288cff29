/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "eval/file.h"
#include "eval/trial/conduct_parts.h"
#include "eval/trial/report.h"
#include "eval/trial/traces.h"

#define MODE 0644U

enum dg_status dg_office_open(struct dg_office *office,
                              const struct dg_book *book,
                              struct dg_problem *problem)
{
    *office = (struct dg_office){0};
    dg_findings_begin(&office->findings, book);
    for (size_t model = 0; model < book->models; model++) {
        dg_book_plan(book, model, &office->plan[model]);
        office->result[model] = dg_trial_result_new(&office->plan[model]);
        if (office->result[model] == NULL) {
            dg_problem_set(problem, "memory is out");
            return DG_E_PORT;
        }
        dg_findings_plan(&office->findings,
                         model,
                         &office->plan[model],
                         office->result[model]);
    }
    return DG_OK;
}

void dg_office_close(struct dg_office *office)
{
    for (size_t model = 0; model < DG_BOOK_MODELS_MAX; model++) {
        dg_trial_result_free(office->result[model]);
        office->result[model] = NULL;
    }
}

static enum dg_status write_text(const char *out,
                                 const char *name,
                                 struct dg_html *text,
                                 enum dg_status made,
                                 struct dg_problem *problem)
{
    char path[DG_CONDUCT_PATH];
    enum dg_status status = made;

    if ((status != DG_OK) || text->failed) {
        dg_problem_set(problem, "%s could not be made: memory is out", name);
        status = DG_E_PORT;
    } else if (!dg_conduct_path(out, name, path, problem)) {
        status = DG_E_PORT;
    } else {
        status = dg_file_write(path, dg_html_span(text), MODE, problem);
    }
    dg_html_free(text);
    return status;
}

static enum dg_status write_report(const struct dg_office *office,
                                   const struct dg_traces *traces,
                                   enum dg_document_kind kind,
                                   const char *out,
                                   struct dg_problem *problem)
{
    struct dg_document document;
    const enum dg_status made =
        dg_trial_report(&office->findings, traces, kind, &document);
    const enum dg_status status =
        write_text(out,
                   (kind == DG_DOCUMENT_PDF) ? "report.pdf" : "report.html",
                   &document.out,
                   made,
                   problem);

    dg_document_free(&document);
    return status;
}

static enum dg_status write_data(const struct dg_office *office,
                                 const char *out,
                                 struct dg_problem *problem)
{
    struct dg_html text;
    enum dg_status status = DG_OK;

    dg_html_init(&text);
    dg_findings_csv(&office->findings, &text);
    status = write_text(out, "results.csv", &text, DG_OK, problem);
    if (status == DG_OK) {
        const enum dg_status made = dg_findings_json(&office->findings, &text);

        status = write_text(out, "results.json", &text, made, problem);
    }
    if (status == DG_OK) {
        const enum dg_status made =
            dg_findings_manifest(&office->findings, &text);

        status = write_text(out, "manifest.json", &text, made, problem);
    }
    return status;
}

static enum dg_status write_traces(const struct dg_office *office,
                                   const struct dg_traces *traces,
                                   const char *out,
                                   struct dg_problem *problem)
{
    enum dg_status status = DG_OK;

    for (size_t i = 0; (i < traces->count) && (status == DG_OK); i++) {
        struct dg_html text;
        char name[32];

        (void)snprintf(name, sizeof(name), "worst-%zu.csv", i + 1U);
        dg_html_init(&text);
        dg_trace_csv(&office->findings, &traces->trace[i], &text);
        status = write_text(out, name, &text, DG_OK, problem);
    }
    return status;
}

enum dg_status dg_office_write(const struct dg_office *office,
                               const char *out,
                               struct dg_problem *problem)
{
    struct dg_traces traces;
    enum dg_status status = dg_traces_make(&office->findings, &traces);

    if (status != DG_OK) {
        dg_problem_set(problem,
                       "the worst people could not be simulated again: memory "
                       "is out or the controller failed");
    }
    if (status == DG_OK) {
        status = write_data(office, out, problem);
    }
    if (status == DG_OK) {
        status = write_traces(office, &traces, out, problem);
    }
    if (status == DG_OK) {
        status = write_report(office, &traces, DG_DOCUMENT_PDF, out, problem);
    }
    if (status == DG_OK) {
        status = write_report(office, &traces, DG_DOCUMENT_HTML, out, problem);
    }
    dg_traces_free(&traces);
    dg_canvas_release();
    return status;
}
