/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/output/etr.h"

/* web/report.css, by embed.cmake. */
extern const unsigned char dg_report_css[];

/* The page is the JSON form, drawn: an object is a list of pairs, an array of
 * objects a table, one row each. */

/* "what_to_do" as "what to do". */
static void put_key(struct dg_html *html, const char *key)
{
    for (; *key != '\0'; key++) {
        const char letter[2] = {(*key == '_') ? ' ' : *key, '\0'};

        dg_html_text(html, letter);
    }
}

static void put_scalar(struct dg_html *html, const json_t *value)
{
    if (json_is_integer(value)) {
        dg_html_put(html, "%lld", (long long)json_integer_value(value));
    } else if (json_is_string(value)) {
        dg_html_text(html, json_string_value(value));
    }
}

static void put_verdict(struct dg_html *html, const char *verdict)
{
    const char *tone = "open";

    if ((strcmp(verdict, "pass") == 0) || (strcmp(verdict, "fail") == 0)) {
        tone = verdict;
    }
    dg_html_put(html, "<span class=\"v v-%s\">%s</span>", tone, verdict);
}

static void put_member(struct dg_html *html, const char *key, json_t *value)
{
    size_t index = 0;
    json_t *item = NULL;

    if ((strcmp(key, "verdict") == 0) || (strcmp(key, "overall") == 0)) {
        put_verdict(html, json_string_value(value));
        return;
    }
    if (!json_is_array(value)) {
        put_scalar(html, value);
        return;
    }
    json_array_foreach(value, index, item)
    {
        dg_html_raw(html, (index == 0U) ? "" : "<br>");
        put_scalar(html, item);
    }
}

static void put_pairs(struct dg_html *html, json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;

    dg_html_raw(html, "<dl class=\"pairs\">\n");
    json_object_foreach(object, key, value)
    {
        dg_html_raw(html, "<div><dt>");
        put_key(html, key);
        dg_html_raw(html, "</dt><dd>");
        put_member(html, key, value);
        dg_html_raw(html, "</dd></div>\n");
    }
    dg_html_raw(html, "</dl>\n");
}

static void put_table(struct dg_html *html, json_t *rows, const char *label)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_t *row = NULL;
    size_t index = 0;

    dg_html_put(html,
                "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
                "aria-label=\"%s\"><table><thead><tr>",
                label);
    json_object_foreach(json_array_get(rows, 0), key, value)
    {
        dg_html_raw(html, "<th scope=\"col\">");
        put_key(html, key);
        dg_html_raw(html, "</th>");
    }
    dg_html_raw(html, "</tr></thead><tbody>\n");
    json_array_foreach(rows, index, row)
    {
        dg_html_raw(html, "<tr>");
        json_object_foreach(row, key, value)
        {
            dg_html_raw(html, "<td>");
            put_member(html, key, value);
            dg_html_raw(html, "</td>");
        }
        dg_html_raw(html, "</tr>\n");
    }
    dg_html_raw(html, "</tbody></table></div>\n");
}

/* A list that would be too wide for a sheet of paper: one block each. */
static void put_blocks(struct dg_html *html, json_t *list, const char *title)
{
    size_t index = 0;
    json_t *one = NULL;

    json_array_foreach(list, index, one)
    {
        dg_html_raw(html, "<article class=\"path\"><h3>");
        put_scalar(html, json_object_get(one, title));
        dg_html_raw(html, "</h3>\n");
        put_pairs(html, one);
        dg_html_raw(html, "</article>\n");
    }
    if (json_array_size(list) == 0U) {
        dg_html_raw(html, "<p>None.</p>\n");
    }
}

static void put_component(struct dg_html *html, json_t *component)
{
    const char *id = json_string_value(json_object_get(component, "component"));
    json_t *element = NULL;
    json_t *units = json_array();
    size_t index = 0;

    dg_html_put(html, "<article class=\"path\" id=\"%s\"><h3>%s ", id, id);
    put_scalar(html, json_object_get(component, "title"));
    dg_html_raw(html, " ");
    put_verdict(html, json_string_value(json_object_get(component, "verdict")));
    dg_html_raw(html, "</h3>\n<p class=\"text\">");
    put_scalar(html, json_object_get(component, "rationale"));
    dg_html_raw(html, "</p>\n");
    json_array_foreach(json_object_get(component, "elements"), index, element)
    {
        html->failed =
            html->failed ||
            (json_array_extend(units, json_object_get(element, "units")) != 0);
    }
    if (json_array_size(units) > 0U) {
        put_table(html, units, id);
    }
    json_decref(units);
    dg_html_raw(html, "</article>\n");
}

static void put_results(struct dg_html *html, json_t *results)
{
    json_t *classes = json_object_get(results, "classes");
    json_t *analysis = json_object_get(results, "vulnerability_analysis");
    json_t *paths = json_object_get(analysis, "vulnerabilities");
    json_t *one = NULL;
    json_t *component = NULL;
    size_t index = 0;
    size_t below = 0;

    dg_html_raw(html, "<p class=\"lead\">Overall: ");
    put_verdict(html, json_string_value(json_object_get(results, "overall")));
    dg_html_raw(html,
                "</p>\n<p>Work units that need a person stay pending; by "
                "itself this report never passes a product.</p>\n");
    json_array_foreach(classes, index, one)
    {
        json_array_foreach(json_object_get(one, "components"), below, component)
        {
            put_component(html, component);
        }
    }
    dg_html_raw(html, "<h3>Configurations and interfaces</h3>\n<p>");
    put_member(html, "", json_object_get(analysis, "configurations"));
    dg_html_raw(html, "</p>\n<p>");
    put_member(html, "", json_object_get(analysis, "interfaces"));
    dg_html_raw(html, "</p>\n<h3>Exploitable and residual</h3>\n");
    if (json_array_size(paths) > 0U) {
        put_table(html, paths, "Attack paths");
    } else {
        dg_html_raw(html, "<p>None.</p>\n");
    }
    dg_html_raw(html, "<h3>Penetration tests</h3>\n");
    put_blocks(
        html, json_object_get(analysis, "penetration_tests"), "vulnerability");
}

static void put_part(struct dg_html *html, size_t number, json_t *part)
{
    json_t *content = json_object_get(part, "content");

    dg_html_put(html, "<section id=\"part-%zu\"><h2>", number);
    put_scalar(html, json_object_get(part, "title"));
    dg_html_raw(html, "</h2>\n");
    if (json_object_get(content, "classes") != NULL) {
        put_results(html, content);
    } else if (json_is_object(content)) {
        put_pairs(html, content);
    } else {
        put_blocks(html, content, "title");
    }
    dg_html_raw(html, "</section>\n");
}

enum dg_status dg_etr_html_render(const struct dg_run *run,
                                  const struct dg_run_origin *origin,
                                  struct dg_html *out)
{
    struct dg_json json = {false};
    json_t *root = NULL;
    json_t *part = NULL;
    size_t index = 0;

    dg_html_init(out);
    if (run->head.van_claimed == 0U) {
        return DG_E_USAGE;
    }
    root = dg_etr_build(&json, run, origin);
    out->failed = (root == NULL) || json.failed;
    dg_html_put(out,
                "<!doctype html>\n<!-- dosegate-run:sha256:%s -->\n"
                "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\""
                "default-src 'none'; style-src 'unsafe-inline'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\">\n<meta name=\"dosegate\" content=\"etr\">"
                "\n<title>%s: evaluation technical report</title>\n<style>\n",
                origin->digest,
                run->product.name);
    dg_html_raw(out, (const char *)dg_report_css);
    dg_html_put(out,
                "</style></head>\n<body>\n<main>\n<header class=\"top\"><p "
                "class=\"over\">Evaluation technical report</p>\n<h1>%s</h1>\n"
                "<p class=\"sub\">Made from the signed run file "
                "<code>%s</code></p></header>\n",
                dg_json_or_unstated(run->product.name),
                origin->digest);
    json_array_foreach(json_object_get(root, "parts"), index, part)
    {
        put_part(out, index + 1U, part);
    }
    dg_html_raw(out,
                "<footer><p>Research evaluation, not a certificate. Dosegate "
                "is research software, not a medical device.</p></footer>\n"
                "</main></body></html>\n");
    json_decref(root);
    return out->failed ? DG_E_PORT : DG_OK;
}
