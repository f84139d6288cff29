/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/derived.h"

#include "eval/file.h"
#include "eval/label.h"
#include "eval/report_html.h"
#include "eval/report_junit.h"

enum dg_status dg_derived_render(enum dg_derived_kind kind,
                                 const struct dg_run *run,
                                 const struct dg_run_origin *origin,
                                 struct dg_html *html)
{
    switch (kind) {
    case DG_DERIVED_HTML:
        return dg_report_html_render(run, origin, html);
    case DG_DERIVED_JUNIT:
        return dg_report_junit_render(run, origin, html);
    case DG_DERIVED_LABEL:
        return dg_label_render(run, origin, html);
    case DG_DERIVED_NONE:
    default:
        dg_html_init(html);
        return DG_E_USAGE;
    }
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
    } else {
        dg_problem_set(problem, "cannot make %s: out of memory", path);
    }
    dg_html_free(&html);
    return status;
}
