/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/etr.h"
#include "eval/output/json_page.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return (text == NULL) ? "" : text;
}

static void put_component(struct dg_json_page *page, json_t *component)
{
    struct dg_html *html = page->html;
    const char *id = text_of(component, "component");
    json_t *element = NULL;
    json_t *units = json_array();
    size_t index = 0;

    dg_html_put(html,
                "<article class=\"path\" id=\"%s\"><h3>%s %s ",
                id,
                id,
                text_of(component, "title"));
    dg_json_page_verdict(page, text_of(component, "verdict"));
    dg_html_put(html,
                "</h3>\n<p class=\"text\">%s</p>\n",
                text_of(component, "rationale"));
    json_array_foreach(json_object_get(component, "elements"), index, element)
    {
        html->failed =
            html->failed ||
            (json_array_extend(units, json_object_get(element, "units")) != 0);
    }
    if (json_array_size(units) > 0U) {
        dg_json_page_table(page, units, id);
    }
    json_decref(units);
    dg_html_raw(html, "</article>\n");
}

static void put_results(struct dg_json_page *page, json_t *results)
{
    struct dg_html *html = page->html;
    json_t *classes = json_object_get(results, "classes");
    json_t *analysis = json_object_get(results, "vulnerability_analysis");
    json_t *one = NULL;
    json_t *component = NULL;
    size_t index = 0;
    size_t below = 0;

    dg_html_raw(html, "<p class=\"lead\">Overall: ");
    dg_json_page_verdict(page, text_of(results, "overall"));
    dg_html_raw(html,
                "</p>\n<p>Work units that need a person stay pending; by "
                "itself this report never passes a product.</p>\n");
    json_array_foreach(classes, index, one)
    {
        json_array_foreach(json_object_get(one, "components"), below, component)
        {
            put_component(page, component);
        }
    }
    dg_html_raw(html, "<h3>Configurations and interfaces</h3>\n<p>");
    dg_json_page_value(page, "", json_object_get(analysis, "configurations"));
    dg_html_raw(html, "</p>\n<p>");
    dg_json_page_value(page, "", json_object_get(analysis, "interfaces"));
    dg_html_raw(html, "</p>\n<h3>Exploitable and residual</h3>\n");
    dg_json_page_table(
        page, json_object_get(analysis, "vulnerabilities"), "Attack paths");
    dg_html_raw(html, "<h3>Penetration tests</h3>\n");
    dg_json_page_blocks(
        page, json_object_get(analysis, "penetration_tests"), "vulnerability");
}

static void put_part(struct dg_json_page *page, size_t number, json_t *part)
{
    json_t *content = json_object_get(part, "content");

    dg_html_put(page->html,
                "<section id=\"part-%zu\"><h2>%s</h2>\n",
                number,
                text_of(part, "title"));
    if (json_object_get(content, "classes") != NULL) {
        put_results(page, content);
    } else if (json_is_object(content)) {
        dg_json_page_pairs(page, content);
    } else {
        dg_json_page_blocks(page, content, "title");
    }
    dg_html_raw(page->html, "</section>\n");
}

enum dg_status dg_etr_html_render(const struct dg_run *run,
                                  const struct dg_run_origin *origin,
                                  struct dg_html *out)
{
    struct dg_json json = {false};
    struct dg_json_page page = {out, NULL};
    json_t *root = NULL;
    json_t *part = NULL;
    size_t index = 0;

    dg_html_init(out);
    if (run->head.van_claimed == 0U) {
        return DG_E_USAGE;
    }
    root = dg_etr_build(&json, run, origin);
    out->failed = (root == NULL) || json.failed;
    dg_json_page_begin(&page,
                       origin,
                       "etr",
                       "Evaluation technical report",
                       dg_json_or_unstated(run->product.name));
    json_array_foreach(json_object_get(root, "parts"), index, part)
    {
        put_part(&page, index + 1U, part);
    }
    dg_json_page_end(&page);
    json_decref(root);
    return out->failed ? DG_E_PORT : DG_OK;
}
