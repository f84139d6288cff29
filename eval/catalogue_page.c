/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/catalogue_page.h"

#include <string.h>

#include "eval/position.h"

/* web/report.css and web/catalogue.css, by embed.cmake. */
extern const unsigned char dg_report_css[];
extern const unsigned char dg_catalogue_css[];

struct page {
    struct dg_html *html;
    const struct dg_catalogue *catalogue;
    const struct dg_corpus *corpus;
    const struct dg_flawed_list *flawed;
};

static bool is_covered(const struct dg_catalogue *catalogue,
                       const struct dg_corpus_row *row)
{
    for (const struct dg_catalogue_entry *e = catalogue->entries; e != NULL;
         e = e->next) {
        if (dg_corpus_is_covered_by(row, e)) {
            return true;
        }
    }
    return false;
}

size_t dg_catalogue_uncovered(const struct dg_catalogue *catalogue,
                              const struct dg_corpus *corpus)
{
    size_t count = 0;

    for (size_t i = 0; i < corpus->count; i++) {
        count += is_covered(catalogue, &corpus->rows[i]) ? 0U : 1U;
    }
    return count;
}

static const struct dg_flawed *find_flawed(const struct page *page,
                                           const char *name)
{
    for (size_t i = 0; i < page->flawed->count; i++) {
        if (strcmp(page->flawed->items[i].name, name) == 0) {
            return &page->flawed->items[i];
        }
    }
    return NULL;
}

static void put_head(const struct page *page)
{
    size_t forms = 0;

    for (const struct dg_catalogue_entry *e = page->catalogue->entries;
         e != NULL;
         e = e->next) {
        forms += e->is_form ? 1U : 0U;
    }
    dg_html_raw(page->html,
                "<!doctype html>\n<!-- SPDX-License-Identifier: Apache-2.0\n"
                "     Made by: dosegate catalogue --html -->\n"
                "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\""
                "default-src 'none'; style-src 'unsafe-inline'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\">\n<meta name=\"color-scheme\" "
                "content=\"light dark\">\n<title>Dosegate: catalogue of tests"
                "</title>\n<style>\n");
    dg_html_raw(page->html, (const char *)dg_report_css);
    dg_html_raw(page->html, (const char *)dg_catalogue_css);
    dg_html_put(page->html,
                "</style></head>\n<body>\n<main>\n<header class=\"top\">"
                "<p class=\"over\">Dosegate evaluation program</p>\n"
                "<h1>Catalogue of tests</h1>\n<p class=\"sub\">What is known "
                "to go wrong, what looks for it, and what shows that it would "
                "be found</p></header>\n<ul class=\"tally\"><li><b>%zu</b> "
                "running tests</li><li><b>%zu</b> forms for a person</li><li>"
                "<b>%zu</b> flawed products</li><li><b>%zu</b> of %zu cases "
                "covered</li></ul>\n<p class=\"note\">Dosegate\xe2\x80\x99s "
                "own catalogue, not normative, and not one of DTSec, DTMoSt or "
                "IEEE 2621. A test is believed because a product with a "
                "planted weakness fails it.</p>\n",
                page->catalogue->count - forms,
                forms,
                page->flawed->count,
                page->corpus->count -
                    dg_catalogue_uncovered(page->catalogue, page->corpus),
                page->corpus->count);
}

/* The tests (or the forms) that cover a row, as links. */
static size_t put_links(const struct page *page,
                        const struct dg_corpus_row *row,
                        bool is_form)
{
    size_t count = 0;

    for (const struct dg_catalogue_entry *e = page->catalogue->entries;
         e != NULL;
         e = e->next) {
        if ((e->is_form == is_form) && dg_corpus_is_covered_by(row, e)) {
            dg_html_put(page->html,
                        "<a class=\"%s\" href=\"#%s\">%s</a>",
                        is_form ? "form" : "run",
                        e->id,
                        e->id);
            count++;
        }
    }
    return count;
}

/* Each flawed product once, though two tests of the row may catch it. */
static void put_caught(const struct page *page, const struct dg_corpus_row *row)
{
    for (size_t i = 0; i < page->flawed->count; i++) {
        const struct dg_flawed *flawed = &page->flawed->items[i];
        const struct dg_catalogue_entry *by =
            dg_catalogue_find(page->catalogue, flawed->caught_by);

        if ((by != NULL) && dg_corpus_is_covered_by(row, by)) {
            dg_html_put(page->html,
                        "<a href=\"#flawed-%s\">%s</a>",
                        flawed->name,
                        flawed->name);
        }
    }
}

static void put_cases(const struct page *page)
{
    dg_html_raw(page->html,
                "<section id=\"cases\"><h2>Cases, and what covers them</h2>\n"
                "<p>A form is work that software cannot do: hands, documents, "
                "users. Its answer is signed by the person who did it. <span "
                "class=\"links\"><span class=\"run\">runs by itself</span>, "
                "<span class=\"form\">a form</span>.</span></p>\n"
                "<table class=\"cases\"><thead><tr><th scope=\"col\">Case</th>"
                "<th scope=\"col\">Tests and forms</th><th scope=\"col\">"
                "Flawed products that they catch</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < page->corpus->count; i++) {
        const struct dg_corpus_row *row = &page->corpus->rows[i];

        dg_html_put(page->html,
                    "<tr id=\"%s\"><th scope=\"row\"><b>%s</b> %s</th>"
                    "<td class=\"links\">",
                    row->id,
                    row->id,
                    row->title);

        const size_t tests = put_links(page, row, false);
        const size_t forms = put_links(page, row, true);

        if (tests + forms == 0U) {
            dg_html_raw(page->html, "<span class=\"none\">not covered</span>");
        }
        dg_html_raw(page->html,
                    "</td><td class=\"links\" data-label=\"catches\">");
        put_caught(page, row);
        dg_html_raw(page->html, "</td></tr>\n");
    }
    dg_html_raw(page->html, "</tbody></table></section>\n");
}

static void put_block(const struct page *page,
                      const char *title,
                      const char *text)
{
    dg_html_put(
        page->html, "<h4>%s</h4>\n<p class=\"text\">%s</p>\n", title, text);
}

static void put_meta(const struct page *page,
                     const char *title,
                     const char **texts,
                     size_t count)
{
    if (count == 0U) {
        return;
    }
    dg_html_put(page->html, "<span class=\"meta\"><b>%s</b> ", title);
    for (size_t i = 0; i < count; i++) {
        dg_html_put(page->html, "%s%s", texts[i], (i + 1U < count) ? ", " : "");
    }
    dg_html_raw(page->html, "</span>\n");
}

static void put_list(const struct page *page,
                     const char *title,
                     const char *tag,
                     const char **texts,
                     size_t count)
{
    if (count == 0U) {
        return;
    }
    dg_html_put(page->html, "<h4>%s</h4>\n<%s class=\"seen\">\n", title, tag);
    for (size_t i = 0; i < count; i++) {
        dg_html_put(page->html, "<li>%s</li>\n", texts[i]);
    }
    dg_html_put(page->html, "</%s>\n", tag);
}

static void put_parameters(const struct page *page,
                           const struct dg_catalogue_entry *entry)
{
    if (entry->parameters == NULL) {
        return;
    }
    dg_html_raw(page->html, "<h4>Parameters</h4>\n<ul class=\"seen\">\n");
    for (const struct dg_catalogue_parameter *p = entry->parameters; p != NULL;
         p = p->next) {
        dg_html_put(page->html, "<li><code>%s</code> ", p->name);
        for (const struct dg_catalogue_value *v = p->values; v != NULL;
             v = v->next) {
            dg_html_put(
                page->html, "%s%s", v->text, (v->next == NULL) ? "" : " | ");
        }
        dg_html_raw(page->html, "</li>\n");
    }
    dg_html_raw(page->html, "</ul>\n");
    if (entry->strength > 0U) {
        dg_html_put(page->html,
                    "<p class=\"fine\">One run for each row of a covering "
                    "array of strength %u.</p>\n",
                    entry->strength);
    }
}

static void put_catches(const struct page *page,
                        const struct dg_catalogue_entry *entry)
{
    if (entry->catch_count == 0U) {
        return;
    }
    dg_html_raw(page->html,
                "<h4>Flawed products that it catches</h4>\n"
                "<ul class=\"seen\">\n");
    for (size_t i = 0; i < entry->catch_count; i++) {
        const struct dg_flawed *flawed = find_flawed(page, entry->catches[i]);

        dg_html_put(page->html,
                    "<li><a href=\"#flawed-%s\">%s</a>: %s</li>\n",
                    entry->catches[i],
                    entry->catches[i],
                    (flawed == NULL) ? "" : flawed->flaw);
    }
    dg_html_raw(page->html, "</ul>\n");
}

static void put_entry(const struct page *page,
                      const struct dg_catalogue_entry *entry)
{
    const char *position = dg_position_name(entry->position);

    dg_html_put(page->html,
                "<article class=\"test\" id=\"%s\">\n<header><h3>%s</h3>"
                "<span class=\"tier\">%s%s%s</span></header>\n"
                "<p class=\"metas\"><span class=\"meta\"><b>%s</b> <code>%s"
                "</code></span>\n<span class=\"meta\"><b>Threat</b> %s</span>\n"
                "<span class=\"meta\"><b>Attacker</b> %s</span>\n",
                entry->id,
                entry->title,
                entry->tier,
                entry->is_form ? ": " : " tier",
                entry->work,
                entry->is_form ? "Form" : "Test",
                entry->id,
                entry->threat,
                (position == NULL) ? entry->position : position);
    put_meta(page, "Corpus", entry->corpus, entry->corpus_count);
    put_meta(
        page, "Requirements", entry->requirements, entry->requirement_count);
    dg_html_raw(page->html, "</p>\n");
    put_list(page, "How", "ol", entry->method, entry->method_count);
    put_list(page, "To be recorded", "ul", entry->record, entry->record_count);
    put_block(page, "Passes when", entry->pass);
    put_block(page, "What to do when it fails", entry->remediation);
    put_parameters(page, entry);
    put_catches(page, entry);
    dg_html_raw(page->html, "</article>\n");
}

static void put_entries(const struct page *page,
                        const char *id,
                        const char *title,
                        bool is_form)
{
    dg_html_put(page->html, "<section id=\"%s\"><h2>%s</h2>\n", id, title);
    for (const struct dg_catalogue_entry *e = page->catalogue->entries;
         e != NULL;
         e = e->next) {
        if (e->is_form == is_form) {
            put_entry(page, e);
        }
    }
    dg_html_raw(page->html, "</section>\n");
}

static void put_flawed(const struct page *page)
{
    dg_html_raw(page->html,
                "<section id=\"flawed\"><h2>The flawed products</h2>\n"
                "<table class=\"cases\"><thead><tr><th scope=\"col\">Product"
                "</th><th scope=\"col\">Its flaw</th><th scope=\"col\">Caught "
                "by</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < page->flawed->count; i++) {
        const struct dg_flawed *flawed = &page->flawed->items[i];

        dg_html_put(page->html,
                    "<tr id=\"flawed-%s\"><th scope=\"row\"><b>%s</b></th><td>"
                    "%s <span class=\"fine\">Imitates: %s</span></td>"
                    "<td class=\"links\" data-label=\"caught by\">"
                    "<a class=\"run\" href=\"#%s\">%s</a>"
                    "</td></tr>\n",
                    flawed->name,
                    flawed->name,
                    flawed->flaw,
                    flawed->imitates,
                    flawed->caught_by,
                    flawed->caught_by);
    }
    dg_html_raw(page->html, "</tbody></table></section>\n");
}

/* @satisfies{EVL_CAT.1@1} */
enum dg_status dg_catalogue_page(const struct dg_catalogue *catalogue,
                                 const struct dg_corpus *corpus,
                                 const struct dg_flawed_list *flawed,
                                 struct dg_html *html)
{
    const struct page page = {html, catalogue, corpus, flawed};

    put_head(&page);
    put_cases(&page);
    put_entries(&page, "tests", "The tests", false);
    put_entries(&page, "forms", "The forms", true);
    put_flawed(&page);
    dg_html_raw(html,
                "<footer>Made by <code>dosegate catalogue --html</code> from "
                "spec/catalogue, spec/corpus.yaml and eval/flawed.</footer>\n"
                "</main></body></html>\n");
    return html->failed ? DG_E_PORT : DG_OK;
}
