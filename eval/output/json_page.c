/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/json_page.h"

#include <string.h>

#include "eval/report_parts.h"

/* web/report.css, by embed.cmake. */
extern const unsigned char dg_report_css[];

void dg_json_page_begin(struct dg_json_page *page,
                        const struct dg_run_origin *origin,
                        const char *kind,
                        const char *over,
                        const char *title)
{
    dg_html_put(page->html,
                "<!doctype html>\n<!-- dosegate-run:sha256:%s -->\n"
                "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\""
                "default-src 'none'; style-src 'unsafe-inline'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\">\n<meta name=\"dosegate\" content=\"%s\">"
                "\n<title>%s: %s</title>\n<style>\n",
                origin->digest,
                kind,
                title,
                over);
    dg_html_raw(page->html, (const char *)dg_report_css);
    dg_html_put(page->html,
                "</style></head>\n<body>\n<main>\n<header class=\"top\"><p "
                "class=\"over\">%s</p>\n<h1>%s</h1>\n<p class=\"sub\">Made "
                "from the signed run file <code>%s</code></p></header>\n",
                over,
                title,
                origin->digest);
}

void dg_json_page_end(struct dg_json_page *page)
{
    dg_html_raw(page->html,
                "<footer><p>Research evaluation, not a certificate. Made with "
                "Dosegate\xe2\x80\x99s own, non-normative profile; not a "
                "DTSec, DTMoSt or IEEE 2621 evaluation.</p></footer>\n"
                "</main></body></html>\n");
}

/* "what_to_do" as "what to do". */
static void put_key(struct dg_html *html, const char *key)
{
    for (; *key != '\0'; key++) {
        const char letter[2] = {(*key == '_') ? ' ' : *key, '\0'};

        dg_html_text(html, letter);
    }
}

static void put_scalar(struct dg_json_page *page, const json_t *value)
{
    const char *text = json_string_value(value);
    const char *file = NULL;

    if (json_is_integer(value)) {
        dg_html_put(page->html, "%lld", (long long)json_integer_value(value));
        return;
    }
    if (text == NULL) {
        return;
    }
    file = json_string_value(json_object_get(page->rows, text));
    if (file != NULL) {
        dg_html_put(page->html, "<a href=\"%s#%s\">%s</a>", file, text, text);
    } else {
        dg_html_text(page->html, text);
    }
}

void dg_json_page_verdict(struct dg_json_page *page, const char *verdict)
{
    const char *tone = "open";

    if ((strcmp(verdict, "pass") == 0) || (strcmp(verdict, "met") == 0)) {
        tone = "pass";
    } else if ((strcmp(verdict, "fail") == 0) ||
               (strcmp(verdict, "not met") == 0)) {
        tone = "fail";
    }
    dg_html_put(page->html, "<span class=\"v v-%s\">%s</span>", tone, verdict);
}

void dg_json_page_value(struct dg_json_page *page,
                        const char *key,
                        json_t *value)
{
    size_t index = 0;
    json_t *item = NULL;

    if (json_is_string(value) &&
        ((strcmp(key, "verdict") == 0) || (strcmp(key, "state") == 0))) {
        dg_json_page_verdict(page, json_string_value(value));
        return;
    }
    if (json_is_string(value) && (strcmp(key, "id") == 0)) {
        dg_html_put(page->html, "<code>%s</code>", json_string_value(value));
        return;
    }
    if (!json_is_array(value)) {
        put_scalar(page, value);
        return;
    }
    json_array_foreach(value, index, item)
    {
        dg_html_raw(page->html, (index == 0U) ? "" : "<br>");
        put_scalar(page, item);
    }
}

void dg_json_page_pairs(struct dg_json_page *page, json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;

    dg_html_raw(page->html, "<dl class=\"pairs\">\n");
    json_object_foreach(object, key, value)
    {
        dg_html_raw(page->html, "<div><dt>");
        put_key(page->html, key);
        dg_html_raw(page->html, "</dt><dd>");
        dg_json_page_value(page, key, value);
        dg_html_raw(page->html, "</dd></div>\n");
    }
    dg_html_raw(page->html, "</dl>\n");
}

static void put_row(struct dg_json_page *page, json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "id"));
    const char *key = NULL;
    json_t *value = NULL;

    if (id != NULL) {
        dg_html_put(page->html, "<tr id=\"%s\">", id);
    } else {
        dg_html_raw(page->html, "<tr>");
    }
    json_object_foreach(row, key, value)
    {
        dg_html_raw(page->html, "<td>");
        dg_json_page_value(page, key, value);
        dg_html_raw(page->html, "</td>");
    }
    dg_html_raw(page->html, "</tr>\n");
}

void dg_json_page_table(struct dg_json_page *page,
                        json_t *rows,
                        const char *label)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_t *row = NULL;
    size_t index = 0;

    if (json_array_size(rows) == 0U) {
        dg_html_raw(page->html, "<p>None.</p>\n");
        return;
    }
    dg_html_put(page->html, DG_REPORT_SCROLL "<table><thead><tr>", label);
    json_object_foreach(json_array_get(rows, 0), key, value)
    {
        dg_html_raw(page->html, "<th scope=\"col\">");
        put_key(page->html, key);
        dg_html_raw(page->html, "</th>");
    }
    dg_html_raw(page->html, "</tr></thead><tbody>\n");
    json_array_foreach(rows, index, row)
    {
        put_row(page, row);
    }
    dg_html_raw(page->html, "</tbody></table></div>\n");
}

void dg_json_page_blocks(struct dg_json_page *page,
                         json_t *list,
                         const char *title)
{
    size_t index = 0;
    json_t *one = NULL;

    json_array_foreach(list, index, one)
    {
        const char *id = json_string_value(json_object_get(one, "id"));

        dg_html_raw(page->html, "<article class=\"path\"");
        if (id != NULL) {
            dg_html_put(page->html, " id=\"%s\"", id);
        }
        dg_html_put(page->html,
                    "><h3>%s</h3>\n",
                    json_string_value(json_object_get(one, title)));
        dg_json_page_pairs(page, one);
        dg_html_raw(page->html, "</article>\n");
    }
    if (json_array_size(list) == 0U) {
        dg_html_raw(page->html, "<p>None.</p>\n");
    }
}
