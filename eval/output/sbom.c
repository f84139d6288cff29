/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/sbom.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/output/sbom_parts.h"

#define TEXT_SIZE 512U

void dg_sbom_find(struct dg_sbom_work *work,
                  const char *rule,
                  const char *place,
                  const char *format,
                  ...)
{
    struct dg_sbom *sbom = work->sbom;
    struct dg_sbom_finding *one = NULL;
    char text[TEXT_SIZE];
    va_list list;

    sbom->finding_count++;
    if (sbom->finding_count > DG_SBOM_FINDINGS_MAX) {
        return;
    }
    one = dg_arena_take(&sbom->arena, sizeof(*one));
    if (one == NULL) {
        return;
    }
    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    one->rule = rule;
    one->place = dg_arena_text(&sbom->arena, place, strlen(place));
    one->text = dg_arena_text(&sbom->arena, text, strlen(text));
    *sbom->last_finding = one;
    sbom->last_finding = &one->next;
}

const char *dg_sbom_text(struct dg_sbom_work *work,
                         const json_t *object,
                         const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return (text == NULL)
               ? ""
               : dg_arena_text(&work->sbom->arena, text, strlen(text));
}

struct dg_sbom_component *dg_sbom_add(struct dg_sbom_work *work,
                                      const char *place)
{
    struct dg_sbom *sbom = work->sbom;
    struct dg_sbom_component *one = NULL;

    if (sbom->count == DG_SBOM_ITEMS_MAX) {
        work->status = DG_E_RANGE;
        dg_problem_set(work->problem,
                       "%.100s: more than %u components",
                       place,
                       DG_SBOM_ITEMS_MAX);
        return NULL;
    }
    one = dg_arena_take(&sbom->arena, sizeof(*one));
    if (one == NULL) {
        return NULL;
    }
    one->place = dg_arena_text(&sbom->arena, place, strlen(place));
    one->id = "";
    one->name = "";
    one->version = "";
    one->supplier = "";
    one->other_id = "";
    one->support_level = "";
    one->support_end = "";
    *sbom->last_component = one;
    sbom->last_component = &one->next;
    sbom->count++;
    return one;
}

static bool is_date(const char *text)
{
    static const char shape[] = "0000-00-00";

    for (size_t i = 0; shape[i] != '\0'; i++) {
        const bool is_digit = (text[i] >= '0') && (text[i] <= '9');

        if ((shape[i] == '0') ? !is_digit : (text[i] != shape[i])) {
            return false;
        }
    }
    /* A time may follow, nothing else. */
    return (text[sizeof(shape) - 1U] == '\0') ||
           (text[sizeof(shape) - 1U] == 'T');
}

struct rule {
    const char *value;
    const char *rule;
    const char *text;
};

void dg_sbom_check(struct dg_sbom_work *work,
                   const struct dg_sbom_component *component)
{
    const struct rule rules[] = {
        {component->name, "SBOM-NAME", "has no name: write one"},
        {component->version,
         "SBOM-VERSION",
         "has no version: write the one that is built in"},
        {component->supplier,
         "SBOM-SUPPLIER",
         "has no supplier: write who makes it"},
        {component->other_id,
         "SBOM-ID",
         "has no other identifier: write a purl or a CPE"},
        {component->id,
         "SBOM-REF",
         "has no id of its own, so that nothing can refer to it: write one"},
        {component->support_level,
         "SBOM-SUPPORT",
         "does not say how it is supported: write its support level"},
        {component->support_end,
         "SBOM-END",
         "does not say when its support ends: write the date"},
    };
    const char *name =
        (component->name[0] == '\0') ? "component" : component->name;

    for (size_t i = 0; i < (sizeof(rules) / sizeof(rules[0])); i++) {
        if (rules[i].value[0] == '\0') {
            dg_sbom_find(work,
                         rules[i].rule,
                         component->place,
                         "%.100s %s",
                         name,
                         rules[i].text);
        }
    }
    if ((component->support_end[0] != '\0') &&
        !is_date(component->support_end)) {
        dg_sbom_find(work,
                     "SBOM-END",
                     component->place,
                     "%.100s: end of support '%.60s' is no date: write "
                     "YYYY-MM-DD",
                     name,
                     component->support_end);
    }
    if (!component->has_digest) {
        dg_sbom_find(work,
                     "SBOM-DIGEST",
                     component->place,
                     "%.100s has no digest, so that nobody can tell whether it "
                     "is the file that was built in: write its SHA-256",
                     name);
    }
}

void dg_sbom_take_id(struct dg_sbom_work *work,
                     const char *id,
                     const char *place)
{
    if (id[0] == '\0') {
        return;
    }
    if (json_object_get(work->ids, id) != NULL) {
        dg_sbom_find(work,
                     "SBOM-TWICE",
                     place,
                     "the id '%.200s' stands here a second time: make ids "
                     "unique",
                     id);
    }
    if (json_object_set_new(work->ids, id, json_true()) != 0) {
        work->sbom->arena.failed = true;
    }
}

bool dg_sbom_relate(struct dg_sbom_work *work)
{
    if (work->sbom->relationships == DG_SBOM_ITEMS_MAX) {
        work->status = DG_E_RANGE;
        dg_problem_set(
            work->problem, "more than %u relationships", DG_SBOM_ITEMS_MAX);
        return false;
    }
    work->sbom->relationships++;
    return true;
}

/* What both formats need as a whole. */
static void check_document(struct dg_sbom_work *work)
{
    const struct dg_sbom *sbom = work->sbom;

    if (sbom->author[0] == '\0') {
        dg_sbom_find(work,
                     "SBOM-AUTHOR",
                     "the document",
                     "does not say who made this list: write the author");
    }
    if (!is_date(sbom->made)) {
        dg_sbom_find(work,
                     "SBOM-TIME",
                     "the document",
                     "does not say when it was made: write a timestamp");
    }
    if (sbom->count == 0U) {
        dg_sbom_find(work,
                     "SBOM-EMPTY",
                     "the document",
                     "lists no component: a product without software needs no "
                     "list");
    }
    for (const struct dg_sbom_component *c = sbom->components; c != NULL;
         c = c->next) {
        if ((c->id[0] != '\0') &&
            (json_object_get(work->related, c->id) == NULL)) {
            dg_sbom_find(work,
                         "SBOM-DEPENDENCY",
                         c->place,
                         "%.100s is in no relationship: write what it depends "
                         "on, or that this is nothing",
                         (c->name[0] == '\0') ? "component" : c->name);
        }
    }
}

static void read_root(struct dg_sbom_work *work, json_t *root)
{
    const char *cyclonedx =
        json_string_value(json_object_get(root, "bomFormat"));
    const char *spdx = json_string_value(json_object_get(root, "spdxVersion"));

    work->ids = json_object();
    work->related = json_object();
    if ((work->ids == NULL) || (work->related == NULL)) {
        work->status = DG_E_PORT;
    } else if ((cyclonedx != NULL) && (strcmp(cyclonedx, "CycloneDX") == 0)) {
        dg_sbom_read_cyclonedx(work, root);
    } else if (spdx != NULL) {
        dg_sbom_read_spdx(work, root);
    } else {
        work->status = DG_E_MALFORMED;
        dg_problem_set(work->problem,
                       "neither CycloneDX (\"bomFormat\") nor SPDX "
                       "(\"spdxVersion\"): give the list as JSON in one of "
                       "them");
    }
    if (work->status == DG_OK) {
        check_document(work);
    }
    json_decref(work->ids);
    json_decref(work->related);
}

enum dg_status dg_sbom_read(dg_span bytes,
                            struct dg_sbom *sbom,
                            struct dg_problem *problem)
{
    struct dg_sbom_work work = {.sbom = sbom, .problem = problem};
    json_error_t error;

    *sbom =
        (struct dg_sbom){.format = "", .version = "", .author = "", .made = ""};
    dg_arena_init(&sbom->arena);
    sbom->last_component = &sbom->components;
    sbom->last_finding = &sbom->findings;
    if (bytes.size > DG_SBOM_SIZE_MAX) {
        dg_problem_set(
            problem, "larger than %u MiB", DG_SBOM_SIZE_MAX / 1048576U);
        return DG_E_RANGE;
    }

    json_t *root = json_loadb(
        (const char *)bytes.at, bytes.size, JSON_REJECT_DUPLICATES, &error);

    if (root == NULL) {
        dg_problem_set(problem, "line %d: %.300s", error.line, error.text);
        return DG_E_MALFORMED;
    }
    read_root(&work, root);
    json_decref(root);
    if ((work.status == DG_OK) && sbom->arena.failed) {
        work.status = DG_E_PORT;
        dg_problem_set(problem, "out of memory");
    }
    return work.status;
}

void dg_sbom_free(struct dg_sbom *sbom)
{
    dg_arena_free(&sbom->arena);
    sbom->components = NULL;
    sbom->findings = NULL;
}
