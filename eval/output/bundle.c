/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/bundle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/derived.h"
#include "eval/file.h"
#include "eval/output/bundle_parts.h"
#include "eval/output/json_page.h"
#include "eval/report_parts.h"

#define PATH_SIZE 1024U
#define ID_SIZE   256U

/* More columns than this become one block a row: paper does not scroll. */
#define COLUMNS_MAX 5U

/* Parts ---------------------------------------------------------------------
 */

json_t *dg_bundle_id(const char *kind, const char *name)
{
    char id[ID_SIZE];
    size_t used = strlen(kind);

    (void)snprintf(id, sizeof(id), "%s", kind);
    for (; (*name != '\0') && (used < (sizeof(id) - 1U)); name++) {
        const bool is_kept = ((*name >= 'a') && (*name <= 'z')) ||
                             ((*name >= 'A') && (*name <= 'Z')) ||
                             ((*name >= '0') && (*name <= '9')) ||
                             (strchr("._-/", *name) != NULL);

        id[used] = is_kept ? *name : '_';
        used++;
    }
    id[used] = '\0';
    return json_string((used == 0U) ? "UNNAMED" : id);
}

json_t *dg_bundle_document(const char *name,
                           const char *title,
                           const char *intro)
{
    return json_pack("{s:s s:s s:s s:[]}",
                     "file",
                     name,
                     "title",
                     title,
                     "intro",
                     intro,
                     "sections");
}

void dg_bundle_table(struct dg_bundle_work *work,
                     json_t *document,
                     const char *title,
                     const char *text,
                     json_t *rows)
{
    dg_json_add(
        &work->json,
        json_object_get(document, "sections"),
        json_pack("{s:s s:s s:o}", "title", title, "text", text, "rows", rows));
}

void dg_bundle_figure(struct dg_bundle_work *work,
                      json_t *document,
                      const char *id,
                      const char *title,
                      const char *text,
                      const struct dg_html *svg)
{
    dg_json_add(&work->json,
                json_object_get(document, "sections"),
                json_pack("{s:s s:s s:s s:s%}",
                          "id",
                          id,
                          "title",
                          title,
                          "text",
                          text,
                          "svg",
                          svg->failed ? NULL : svg->at,
                          svg->used));
}

/* What the guidance lists ---------------------------------------------------
 * FDA, Cybersecurity in Medical Devices, 2025-06-27, Appendix 4, Table 1.  The
 * table is no checklist, and says so itself. */
static const struct element {
    const char *name;
    const char *section;
    const char *file; /* NULL: not in this bundle */
    const char *note;
} elements[] = {
    {"Threat model", "V.A.1", "threat-model.html", "from the profile"},
    {"Cybersecurity risk assessment",
     "V.A.2",
     "risk-assessment.html",
     "of the attacks that were tested; harm is our proposal"},
    {"Software bill of materials",
     "V.A.4",
     "components.html",
     "checked, not made; the list itself is the maker's"},
    {"Vulnerability assessment and software support",
     "V.A.4",
     NULL,
     "needs the known vulnerabilities of each component"},
    {"Unresolved anomalies", "V.A.5", NULL, "the maker's register"},
    {"Traceability", "V.A to V.C", "traceability.html", ""},
    {"Measures and metrics", "V.A.6", NULL, "from the field"},
    {"Architecture views",
     "V.B",
     "architecture.html",
     "four views, from what the product says of itself"},
    {"Testing", "V.C", "tests.html", "of the run; other tests are the maker's"},
    {"Labelling", "VI.A", NULL, "the security facts: --format label"},
    {"Cybersecurity management plan", "VI.B", NULL, "the maker's"},
};

json_t *dg_bundle_elements(struct dg_bundle_work *work)
{
    const struct dg_run *run = work->source->run;
    json_t *document = dg_bundle_document(
        "index",
        "Cybersecurity documents",
        "What this run gives of the documents that FDA's guidance of "
        "2025-06-27 lists in Appendix 4, Table 1, and what it does not give. "
        "That table is not merely a checklist, and whether a document suffices "
        "is not decided here.");
    json_t *rows = json_array();

    for (size_t i = 0; i < (sizeof(elements) / sizeof(elements[0])); i++) {
        dg_json_add(&work->json,
                    rows,
                    json_pack("{s:s s:s s:s s:s}",
                              "element",
                              elements[i].name,
                              "section",
                              elements[i].section,
                              "document",
                              (elements[i].file == NULL) ? "not in this bundle"
                                                         : elements[i].file,
                              "note",
                              elements[i].note));
    }
    dg_bundle_table(work, document, "Elements", "", rows);
    dg_bundle_table(work,
                    document,
                    "Of what",
                    "",
                    json_pack("[{s:s s:s s:s s:s s:s s:s}]",
                              "product",
                              dg_json_or_unstated(run->product.name),
                              "version",
                              dg_json_or_unstated(run->product.version),
                              "firmware_sha256",
                              dg_json_or_unstated(run->product.firmware_digest),
                              "profile",
                              dg_json_or_unstated(run->head.profile_id),
                              "profile_sha256",
                              dg_json_or_unstated(run->head.profile_digest),
                              "tested",
                              dg_json_or_unstated(run->head.ended)));
    return document;
}

/* Names ---------------------------------------------------------------------
 */

static bool looks_like_name(const char *text)
{
    static const char *const kinds[] = {"SFR:",
                                        "REQ:",
                                        "TEST:",
                                        "RISK:",
                                        "IF:",
                                        "VIEW:",
                                        "COMPONENT:",
                                        "FINDING:"};

    for (size_t i = 0; i < (sizeof(kinds) / sizeof(kinds[0])); i++) {
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0) {
            return strchr(text, ' ') == NULL;
        }
    }
    return false;
}

/* Gather every row that has a name; one name twice keeps the first. */
static void gather(json_t *documents, json_t *rows, struct dg_json *json)
{
    json_t *document = NULL;
    json_t *section = NULL;
    json_t *row = NULL;
    size_t i = 0;
    size_t k = 0;
    size_t n = 0;

    json_array_foreach(documents, i, document)
    {
        const char *file = json_string_value(json_object_get(document, "file"));

        json_array_foreach(json_object_get(document, "sections"), k, section)
        {
            const char *own = json_string_value(json_object_get(section, "id"));

            if (own != NULL) {
                dg_json_set(json, rows, own, json_sprintf("%s.html", file));
            }
            json_array_foreach(json_object_get(section, "rows"), n, row)
            {
                const char *id = json_string_value(json_object_get(row, "id"));

                if ((id != NULL) && (json_object_get(rows, id) == NULL)) {
                    dg_json_set(json, rows, id, json_sprintf("%s.html", file));
                }
            }
        }
    }
}

/* The first name, anywhere in a document, that is the name of no row. */
static const char *find_dangling(json_t *value, json_t *rows)
{
    const char *key = NULL;
    const char *found = NULL;
    json_t *below = NULL;
    size_t index = 0;

    if (json_is_string(value)) {
        const char *text = json_string_value(value);

        return (looks_like_name(text) && (json_object_get(rows, text) == NULL))
                   ? text
                   : NULL;
    }
    json_array_foreach(value, index, below)
    {
        found = (found == NULL) ? find_dangling(below, rows) : found;
    }
    if (json_is_object(value)) {
        json_object_foreach(value, key, below)
        {
            found = (found == NULL) ? find_dangling(below, rows) : found;
        }
    }
    return found;
}

/* Pages ---------------------------------------------------------------------
 */

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return (text == NULL) ? "" : text;
}

static void put_section(struct dg_json_page *page, json_t *section)
{
    json_t *rows = json_object_get(section, "rows");
    const char *svg = json_string_value(json_object_get(section, "svg"));

    dg_html_raw(page->html, "<section");
    if (text_of(section, "id")[0] != '\0') {
        dg_html_put(page->html, " id=\"%s\"", text_of(section, "id"));
    }
    dg_html_put(page->html, "><h2>%s</h2>\n", text_of(section, "title"));
    if (text_of(section, "text")[0] != '\0') {
        dg_html_put(page->html, "<p>%s</p>\n", text_of(section, "text"));
    }
    if (svg != NULL) {
        dg_html_put(
            page->html, "<figure>" DG_REPORT_SCROLL, text_of(section, "title"));
        dg_html_raw(page->html, svg);
        dg_html_raw(page->html, "</div></figure>\n");
    } else if ((json_array_size(rows) == 1U) &&
               (json_object_get(json_array_get(rows, 0), "id") == NULL)) {
        dg_json_page_pairs(page, json_array_get(rows, 0));
    } else if (json_object_size(json_array_get(rows, 0)) > COLUMNS_MAX) {
        dg_json_page_blocks(page, rows, "id");
    } else {
        dg_json_page_table(page, rows, text_of(section, "title"));
    }
    dg_html_raw(page->html, "</section>\n");
}

static void put_links(struct dg_json_page *page, json_t *documents)
{
    json_t *one = NULL;
    size_t index = 0;

    dg_html_raw(page->html, "<nav aria-label=\"Documents\"><p>");
    json_array_foreach(documents, index, one)
    {
        dg_html_put(page->html,
                    "%s<a href=\"%s.html\">%s</a>",
                    (index == 0U) ? "" : " \xc2\xb7 ",
                    text_of(one, "file"),
                    text_of(one, "title"));
    }
    dg_html_raw(page->html, "</p></nav>\n");
}

struct folder {
    const char *path;
    void (*tell)(const char *line);
    struct dg_problem *problem;
};

static enum dg_status put_file(const struct folder *folder,
                               const char *name,
                               const char *suffix,
                               const struct dg_html *html)
{
    char path[PATH_SIZE];
    const int size =
        snprintf(path, sizeof(path), "%s/%s%s", folder->path, name, suffix);
    enum dg_status status = DG_E_PORT;

    if ((size < 0) || ((size_t)size >= sizeof(path)) || html->failed) {
        dg_problem_set(folder->problem, "cannot make %.100s", name);
        return DG_E_PORT;
    }
    status = dg_file_write(path, dg_html_span(html), 0644, folder->problem);
    if ((status == DG_OK) && (folder->tell != NULL)) {
        folder->tell(path);
    }
    return status;
}

static enum dg_status put_page(const struct folder *folder,
                               const struct dg_bundle_source *source,
                               json_t *documents,
                               json_t *document,
                               json_t *rows)
{
    struct dg_html html;
    struct dg_json_page page = {&html, rows};
    json_t *section = NULL;
    size_t index = 0;

    dg_html_init(&html);
    dg_json_page_begin(&page,
                       source->origin,
                       "bundle",
                       dg_json_or_unstated(source->run->product.name),
                       text_of(document, "title"));
    put_links(&page, documents);
    dg_html_put(
        &html, "<p class=\"lead\">%s</p>\n", text_of(document, "intro"));
    json_array_foreach(json_object_get(document, "sections"), index, section)
    {
        put_section(&page, section);
    }
    dg_json_page_end(&page);

    const enum dg_status status =
        put_file(folder, text_of(document, "file"), ".html", &html);

    dg_html_free(&html);
    return status;
}

static enum dg_status put_all(const struct folder *folder,
                              struct dg_bundle_work *work,
                              json_t *documents,
                              json_t *rows)
{
    const struct dg_bundle_source *source = work->source;
    enum dg_status status = DG_OK;
    struct dg_html json;
    json_t *document = NULL;
    size_t index = 0;

    json_array_foreach(documents, index, document)
    {
        if (status == DG_OK) {
            status = put_page(folder, source, documents, document, rows);
        }
    }
    if (status != DG_OK) {
        return status;
    }
    status = dg_json_finish(&work->json,
                            json_pack("{s:s s:s+ s:s s:O s:O}",
                                      "format",
                                      "dosegate-bundle-1",
                                      "run",
                                      DG_DERIVED_MARK,
                                      source->origin->digest,
                                      "lab_key",
                                      source->origin->key_id,
                                      "documents",
                                      documents,
                                      "names",
                                      rows),
                            &json);
    if (status == DG_OK) {
        status = put_file(folder, "bundle", ".json", &json);
    }
    dg_html_free(&json);
    return status;
}

static enum dg_status put_bundle(const struct folder *folder,
                                 struct dg_bundle_work *work)
{
    json_t *documents = json_pack("[o o o o o o o]",
                                  dg_bundle_elements(work),
                                  dg_bundle_threats(work),
                                  dg_bundle_risks(work),
                                  dg_bundle_trace(work),
                                  dg_bundle_views(work),
                                  dg_bundle_tests(work),
                                  dg_bundle_components(work));
    json_t *rows = json_object();
    const char *dangling = NULL;
    enum dg_status status = DG_OK;

    gather(documents, rows, &work->json);
    dangling = find_dangling(documents, rows);
    if ((documents == NULL) || work->json.failed) {
        dg_problem_set(folder->problem, "out of memory");
        status = DG_E_PORT;
    } else if (dangling != NULL) {
        dg_problem_set(
            folder->problem, "%.200s is the name of nothing", dangling);
        status = DG_E_MALFORMED;
    } else if ((mkdir(folder->path, 0755) != 0) && (errno != EEXIST)) {
        dg_problem_set(
            folder->problem, "%.300s: %s", folder->path, strerror(errno));
        status = DG_E_PORT;
    } else {
        status = put_all(folder, work, documents, rows);
    }
    json_decref(documents);
    json_decref(rows);
    return status;
}

/* @satisfies{EVL_OUT.4@1} */
enum dg_status dg_bundle_make(const struct dg_bundle_source *source,
                              const char *path,
                              void (*tell)(const char *line),
                              struct dg_problem *problem)
{
    const struct folder folder = {path, tell, problem};
    struct dg_bundle_work work = {.source = source};

    if (source->run->tests == NULL) {
        dg_problem_set(problem, "the run has no test: there is nothing to say");
        return DG_E_USAGE;
    }

    enum dg_status status = dg_harm_table_read(&work.harms, problem);

    if (status == DG_OK) {
        status = put_bundle(&folder, &work);
    }
    dg_harm_table_free(&work.harms);
    return status;
}
