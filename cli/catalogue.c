/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/catalogue_page.h"
#include "eval/form.h"
#include "place.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate catalogue [--html | --json | --blank ID]\n"
    "\n"
    "List the tests, the forms for a person, and the cases that they cover.\n"
    "\n"
    "  --html      one page for a browser (kept as docs/catalogue.html)\n"
    "  --json      the same for programs\n"
    "  --blank ID  an evaluator's form, to be filled in by a person and given\n"
    "              to dosegate evaluate --forms DIR as DIR/ID.yaml\n"
    "\n"
    "Exit codes: 0 ok, 1 could not run.\n";

struct lists {
    struct dg_catalogue catalogue;
    struct dg_corpus corpus;
    struct dg_flawed_list flawed;
};

static bool open_lists(struct lists *lists)
{
    const char *own = getenv("DOSEGATE_SPEC");
    const char *spec = (own == NULL) ? DG_SPEC_DIR : own;
    struct dg_problem problem;
    char path[DG_CLI_PATH_MAX];

    if (!dg_cli_join(spec, "catalogue", path)) {
        return false;
    }

    enum dg_status status =
        dg_catalogue_open(path, NULL, &lists->catalogue, &problem);

    if ((status == DG_OK) && dg_cli_join(spec, "corpus.yaml", path)) {
        status = dg_corpus_open(path, &lists->corpus, &problem);
    }
    if (status == DG_OK) {
        status = dg_flawed_open(DG_FLAWED_DIR, &lists->flawed, &problem);
    }
    if (status != DG_OK) {
        (void)fprintf(stderr, "dosegate catalogue: %s\n", problem.text);
    }
    return status == DG_OK;
}

static void close_lists(struct lists *lists)
{
    dg_catalogue_free(&lists->catalogue);
    dg_corpus_free(&lists->corpus);
    dg_flawed_free(&lists->flawed);
}

static bool print_page(const struct lists *lists)
{
    struct dg_html html;

    dg_html_init(&html);

    const enum dg_status status = dg_catalogue_page(
        &lists->catalogue, &lists->corpus, &lists->flawed, &html);

    if (status == DG_OK) {
        (void)fwrite(html.at, 1U, html.used, stdout);
    }
    dg_html_free(&html);
    return status == DG_OK;
}

static json_t *texts_of(const char **texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_string(texts[i]));
    }
    return list;
}

static json_t *parameters_of(const struct dg_catalogue_entry *entry)
{
    json_t *map = json_object();

    for (const struct dg_catalogue_parameter *p = entry->parameters; p != NULL;
         p = p->next) {
        json_t *values = json_array();

        for (const struct dg_catalogue_value *v = p->values; v != NULL;
             v = v->next) {
            json_array_append_new(values, json_string(v->text));
        }
        json_object_set_new(map, p->name, values);
    }
    return map;
}

static json_t *entry_of(const struct dg_catalogue_entry *entry)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:i, "
                     "s:o, s:o, s:s, s:s}",
                     "id",
                     entry->id,
                     "kind",
                     entry->is_form ? "form" : "test",
                     "title",
                     entry->title,
                     "threat",
                     entry->threat,
                     "position",
                     entry->position,
                     "tier",
                     entry->tier,
                     "requirements",
                     texts_of(entry->requirements, entry->requirement_count),
                     "corpus",
                     texts_of(entry->corpus, entry->corpus_count),
                     "catches",
                     texts_of(entry->catches, entry->catch_count),
                     "parameters",
                     parameters_of(entry),
                     "strength",
                     (int)entry->strength,
                     "method",
                     texts_of(entry->method, entry->method_count),
                     "record",
                     texts_of(entry->record, entry->record_count),
                     "pass",
                     entry->pass,
                     "remediation",
                     entry->remediation);
}

static bool print_json(const struct lists *lists)
{
    json_t *entries = json_array();
    json_t *rows = json_array();
    json_t *flawed = json_array();

    for (const struct dg_catalogue_entry *e = lists->catalogue.entries;
         e != NULL;
         e = e->next) {
        json_array_append_new(entries, entry_of(e));
    }
    for (size_t i = 0; i < lists->corpus.count; i++) {
        const struct dg_corpus_row *row = &lists->corpus.rows[i];

        json_array_append_new(
            rows, json_pack("{s:s, s:s}", "id", row->id, "title", row->title));
    }
    for (size_t i = 0; i < lists->flawed.count; i++) {
        const struct dg_flawed *one = &lists->flawed.items[i];

        json_array_append_new(flawed,
                              json_pack("{s:s, s:s, s:s, s:s}",
                                        "name",
                                        one->name,
                                        "flaw",
                                        one->flaw,
                                        "imitates",
                                        one->imitates,
                                        "caught_by",
                                        one->caught_by));
    }

    json_t *all = json_pack("{s:o, s:o, s:o}",
                            "entries",
                            entries,
                            "corpus",
                            rows,
                            "flawed",
                            flawed);
    const bool is_made =
        (all != NULL) && (json_dumpf(all, stdout, JSON_INDENT(1)) == 0);

    (void)putchar('\n');
    json_decref(all);
    return is_made;
}

static bool print_list(const struct lists *lists)
{
    for (const struct dg_catalogue_entry *e = lists->catalogue.entries;
         e != NULL;
         e = e->next) {
        (void)printf("%-28s %-5s %s\n", e->id, e->tier, e->title);
    }
    (void)printf("\n%zu of %zu cases of the corpus are covered, by a test or a "
                 "form.\n",
                 lists->corpus.count -
                     dg_catalogue_uncovered(&lists->catalogue, &lists->corpus),
                 lists->corpus.count);
    return true;
}

static bool print_blank(const struct lists *lists, const char *id)
{
    const struct dg_catalogue_entry *entry =
        dg_catalogue_find(&lists->catalogue, id);

    if ((entry == NULL) || !entry->is_form) {
        (void)fprintf(stderr,
                      "dosegate catalogue: there is no form '%.64s'; dosegate "
                      "catalogue lists them\n",
                      id);
        return false;
    }
    dg_form_print(entry, stdout);
    return true;
}

int dg_cli_catalogue(int argc, char **argv)
{
    const char *blank = NULL;
    bool is_html = false;
    bool is_json = false;
    const struct dg_cli_option options[] = {{"--html", NULL, &is_html},
                                            {"--json", NULL, &is_json},
                                            {"--blank", &blank, NULL}};
    struct lists lists;
    bool is_done = false;
    const int asked = dg_cli_options(argc, argv, help, options, 3U, NULL);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((is_html ? 1 : 0) + (is_json ? 1 : 0) + ((blank != NULL) ? 1 : 0) > 1) {
        (void)fprintf(stderr,
                      "dosegate catalogue: --html, --json, --blank: name one "
                      "of them\n");
        return DG_CLI_FAILED;
    }
    memset(&lists, 0, sizeof lists);
    if (open_lists(&lists)) {
        if (is_html) {
            is_done = print_page(&lists);
        } else if (is_json) {
            is_done = print_json(&lists);
        } else if (blank != NULL) {
            is_done = print_blank(&lists, blank);
        } else {
            is_done = print_list(&lists);
        }
    }
    close_lists(&lists);
    if (is_done && (fflush(stdout) != 0)) {
        (void)fprintf(stderr, "dosegate catalogue: the output is full\n");
        is_done = false;
    }
    return is_done ? DG_CLI_OK : DG_CLI_FAILED;
}
