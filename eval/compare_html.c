/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compare_out.h"

/* A page of tables.  Its few colours come with a word each. */
static const char style[] =
    "<style>\n"
    "body{margin:0;background:#fcfcfb;color:#17191c;font:1rem/1.5 -apple-"
    "system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\",Arial,sans-"
    "serif;overflow-wrap:break-word}\n"
    "main{max-width:56rem;margin:0 auto;padding:2rem 1rem}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "caption{text-align:left;font-weight:600;padding:1.5rem 0 .5rem}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;"
    "border-bottom:1px solid #dcdedf;overflow-wrap:anywhere}\n"
    ".worse{color:#b33c00;font-weight:600}\n"
    ".lead{font-size:1.25rem}\n"
    "@media screen and (prefers-color-scheme:dark){body{background:"
    "#121416;color:#e7e8e9}th,td{border-color:#31363b}.worse{color:#f58d57}}\n"
    "@media print{body{background:#fff;color:#000}.worse{color:#b33c00}"
    "tr{break-inside:avoid}}\n"
    "</style>\n";

static void put_run(struct dg_html *html,
                    const char *which,
                    const struct dg_run *run,
                    const struct dg_run_origin *origin)
{
    dg_html_put(html,
                "<tr><th scope=\"row\">%s</th><td>%s %s</td><td>%s</td>"
                "<td>%s</td><td>%s</td></tr>\n",
                which,
                run->product.name,
                run->product.version,
                run->product.firmware_digest,
                run->head.ended,
                origin->digest);
}

static void put_premises(struct dg_html *html,
                         const struct dg_comparison *comparison)
{
    if (comparison->premise_count == 0U) {
        dg_html_raw(html,
                    "<p>Firmware, profile, rating table and program are the "
                    "same.</p>\n");
        return;
    }
    dg_html_raw(html,
                "<table><caption>What the results rest on has changed"
                "</caption>\n<tr><th scope=\"col\">What</th><th scope=\"col\">"
                "Before</th><th scope=\"col\">After</th><th scope=\"col\">What "
                "follows</th></tr>\n");
    for (size_t i = 0; i < comparison->premise_count; i++) {
        const struct dg_premise *premise = &comparison->premises[i];

        dg_html_put(html,
                    "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>"
                    "<td>%s</td></tr>\n",
                    premise->name,
                    premise->before,
                    premise->after,
                    dg_premise_consequence(premise->effect));
    }
    dg_html_raw(html, "</table>\n");
}

static const char *verdict_of(const struct dg_run_test *test)
{
    return (test == NULL) ? "-" : dg_run_verdict_name(test->verdict);
}

static void put_tests(struct dg_html *html,
                      const struct dg_comparison *comparison)
{
    dg_html_raw(html,
                "<table><caption>Tests</caption>\n<tr><th scope=\"col\">Test"
                "</th><th scope=\"col\">Change</th><th scope=\"col\">Before"
                "</th><th scope=\"col\">After</th><th scope=\"col\">To do"
                "</th></tr>\n");
    for (size_t i = 0; i < comparison->test_count; i++) {
        const struct dg_compared_test *test = &comparison->tests[i];

        dg_html_put(html,
                    "<tr><th scope=\"row\">%s</th><td>%s%s</td><td>%s</td>"
                    "<td>%s",
                    (test->after != NULL) ? test->after->id : test->before->id,
                    dg_change_name(test->kind),
                    test->is_other_test ? "; the test itself changed" : "",
                    verdict_of(test->before),
                    verdict_of(test->after));
        dg_html_raw(
            html, test->is_worse ? " <span class=\"worse\">worse</span>" : "");
        dg_html_put(html,
                    "</td><td>%s%s</td></tr>\n",
                    test->is_to_be_tested ? "test again: " : "",
                    test->is_to_be_tested ? test->because : "");
    }
    dg_html_raw(html, "</table>\n");
}

static void put_sum(struct dg_html *html,
                    bool is_there,
                    bool has_sum,
                    unsigned sum)
{
    if (has_sum) {
        dg_html_put(html, "<td>%u</td>", sum);
    } else {
        dg_html_put(html, "<td>%s</td>", is_there ? "not rated" : "-");
    }
}

static void put_paths(struct dg_html *html,
                      const struct dg_comparison *comparison)
{
    if (comparison->path_count == 0U) {
        dg_html_raw(html, "<p>No attack path has changed.</p>\n");
        return;
    }
    dg_html_raw(html,
                "<table><caption>Attack paths that changed, in points"
                "</caption>\n<tr><th scope=\"col\">Path</th><th scope=\"col\">"
                "Test</th><th scope=\"col\">Before</th><th scope=\"col\">After"
                "</th><th scope=\"col\">Result</th></tr>\n");
    for (size_t i = 0; i < comparison->path_count; i++) {
        const struct dg_compared_path *path = &comparison->paths[i];

        dg_html_put(html,
                    "<tr><th scope=\"row\">%s</th><td>%s</td>",
                    path->path->title,
                    path->test->id);
        put_sum(html, path->was_there, path->had_sum, path->sum_before);
        put_sum(html, path->is_there, path->has_sum, path->sum_after);
        dg_html_raw(html,
                    path->is_worse
                        ? "<td><span class=\"worse\">worse</span></td></tr>\n"
                        : "<td>better or the same</td></tr>\n");
    }
    dg_html_raw(html, "</table>\n");
}

enum dg_status dg_compare_html(const struct dg_comparison *comparison,
                               const struct dg_run_origin *before,
                               const struct dg_run_origin *after,
                               struct dg_html *html)
{
    dg_html_init(html);
    dg_html_raw(html,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\""
                "utf-8\">\n<meta name=\"viewport\" content=\"width=device-"
                "width,initial-scale=1\">\n<meta http-equiv=\"Content-Security-"
                "Policy\" content=\"default-src 'none';style-src 'unsafe-"
                "inline'\">\n");
    dg_html_put(html,
                "<title>%s: two runs compared</title>\n",
                comparison->after->product.name);
    dg_html_raw(html, style);
    dg_html_put(html,
                "</head><body><main>\n<h1>%s: two runs compared</h1>\n",
                comparison->after->product.name);
    dg_html_put(
        html, "<p class=\"lead\">%s</p>\n", dg_compare_sentence(comparison));
    dg_html_raw(html,
                "<table><caption>The runs</caption>\n<tr><th scope=\"col\">"
                "Which</th><th scope=\"col\">Product</th><th scope=\"col\">"
                "Firmware</th><th scope=\"col\">Ended</th><th scope=\"col\">"
                "Run file, SHA-256</th></tr>\n");
    put_run(html, "Before", comparison->before, before);
    put_run(html, "After", comparison->after, after);
    dg_html_raw(html, "</table>\n");
    put_premises(html, comparison);
    put_tests(html, comparison);
    put_paths(html, comparison);
    dg_html_raw(html,
                "<p>Made by Dosegate. Its profiles are derived and not "
                "normative.</p>\n</main></body></html>\n");
    return html->failed ? DG_E_PORT : DG_OK;
}
