/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/export_part.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "eval/profile/operation.h"

static const xmlChar *of(const char *text)
{
    return (const xmlChar *)text;
}

void dg_export_begin(struct dg_export *xml, const char *name)
{
    xml->failed |= xmlTextWriterStartElement(xml->out, of(name)) < 0;
}

void dg_export_end(struct dg_export *xml)
{
    xml->failed |= xmlTextWriterEndElement(xml->out) < 0;
}

void dg_export_attribute(struct dg_export *xml,
                         const char *name,
                         const char *value)
{
    xml->failed |=
        xmlTextWriterWriteAttribute(xml->out, of(name), of(value)) < 0;
}

void dg_export_words(struct dg_export *xml, const char *text)
{
    xml->failed |= xmlTextWriterWriteString(xml->out, of(text)) < 0;
}

void dg_export_text(struct dg_export *xml, const char *name, const char *text)
{
    dg_export_begin(xml, name);
    dg_export_words(xml, text);
    dg_export_end(xml);
}

static void begin_mark(struct dg_export *xml,
                       const char *name,
                       const char *mark)
{
    char class[48];

    (void)snprintf(class, sizeof class, "dosegate-%s", mark);
    dg_export_begin(xml, name);
    dg_export_attribute(xml, "class", class);
}

void dg_export_mark(struct dg_export *xml,
                    const char *name,
                    const char *mark,
                    const char *text)
{
    if (text[0] != '\0') {
        begin_mark(xml, name, mark);
        dg_export_words(xml, text);
        dg_export_end(xml);
    }
}

void dg_export_marks(struct dg_export *xml,
                     const char *name,
                     const char *mark,
                     const struct dg_words *words)
{
    for (size_t i = 0U; i < words->count; i++) {
        dg_export_mark(xml, name, mark, words->item[i]);
    }
}

static void put_text(struct dg_export *xml,
                     const struct dg_element *element,
                     const char *text);

/* "int 1..10" as <int gte="1" lte="10"/>, "regex a+" as <regex expr="a+"/>. */
static void put_bound(struct dg_export *xml, const char *bound)
{
    const char *dots = strstr(bound, "..");
    char least[32];

    if (strncmp(bound, "regex ", 6U) == 0) {
        dg_export_begin(xml, "regex");
        dg_export_attribute(xml, "expr", bound + 6);
        dg_export_end(xml);
    } else if ((strncmp(bound, "int ", 4U) == 0) && (dots != NULL)) {
        (void)snprintf(
            least, sizeof least, "%.*s", (int)(dots - bound) - 4, bound + 4);
        dg_export_begin(xml, "int");
        if (least[0] != '\0') {
            dg_export_attribute(xml, "gte", least);
        }
        if (dots[2] != '\0') {
            dg_export_attribute(xml, "lte", dots + 2);
        }
        dg_export_end(xml);
    }
}

static void put_selection(struct dg_export *xml,
                          const struct dg_element *element,
                          const struct dg_operation *operation)
{
    dg_export_begin(xml, "selectables");
    if (operation->is_one) {
        dg_export_attribute(xml, "choose-one-of", "yes");
    }
    for (size_t i = 0U; i < operation->choice_count; i++) {
        const struct dg_choice *choice = &operation->choices[i];

        dg_export_begin(xml, "selectable");
        if (choice->is_exclusive) {
            dg_export_attribute(xml, "exclusive", "yes");
        }
        dg_export_attribute(xml, "id", choice->id);
        put_text(xml, element, choice->text);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

static void put_operation(struct dg_export *xml,
                          const struct dg_element *element,
                          const struct dg_operation *operation)
{
    char chosen[2000] = "";
    size_t used = 0U;

    for (size_t i = 0U; i < operation->choice_count; i++) {
        const struct dg_choice *choice = &operation->choices[i];

        if (choice->is_chosen &&
            ((used + strlen(choice->id) + 2U) < sizeof chosen)) {
            used += (size_t)snprintf(&chosen[used],
                                     sizeof chosen - used,
                                     "%s%s",
                                     (used == 0U) ? "" : " ",
                                     choice->id);
        }
    }
    begin_mark(xml, "h:span", "operation");
    dg_export_attribute(xml, "title", operation->name);
    if (operation->value[0] != '\0') {
        dg_export_attribute(xml, "data-value", operation->value);
    }
    if (used > 0U) {
        dg_export_attribute(xml, "data-chosen", chosen);
    }
    if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        dg_export_begin(xml, "assignable");
        dg_export_words(xml, operation->text);
        put_bound(xml, operation->bound);
        dg_export_end(xml);
    } else if (operation->kind == DG_OPERATION_SELECTION) {
        put_selection(xml, element, operation);
    } else {
        dg_export_begin(xml, "refinement");
        put_text(xml, element, operation->text);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

/* No deeper than DG_OPERATION_DEPTH_MAX. */
static void put_text(struct dg_export *xml,
                     const struct dg_element *element,
                     const char *text)
{
    struct dg_piece piece;
    char name[128];

    while (dg_piece_next(&text, &piece)) {
        if (!piece.is_name) {
            xml->failed |= xmlTextWriterWriteFormatString(
                               xml->out, "%.*s", (int)piece.size, piece.at) < 0;
            continue;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)piece.size, piece.at);

        const struct dg_operation *operation =
            dg_element_operation(element, name);

        if (operation != NULL) {
            put_operation(xml, element, operation);
        }
    }
}

static void put_test(struct dg_export *xml, const struct dg_activity_test *test)
{
    dg_export_begin(xml, "test");
    if (test->id[0] != '\0') {
        dg_export_attribute(xml, "id", test->id);
    }
    dg_export_mark(xml, "h:span", "text", test->text);
    if (test->goal[0] != '\0') {
        dg_export_text(xml, "test-obj", test->goal);
    }
    if (test->evidence[0] != '\0') {
        dg_export_text(xml, "evidence", test->evidence);
    }
    dg_export_end(xml);
}

static void put_activity(struct dg_export *xml,
                         const struct dg_activity *activity,
                         bool is_component)
{
    static const char *const kinds[] = {"TSS", "Guidance", "KMD", "Tests"};
    bool is_known = false;

    for (size_t i = 0U; i < (sizeof kinds / sizeof kinds[0]); i++) {
        is_known = is_known || (strcmp(activity->kind, kinds[i]) == 0);
    }
    dg_export_begin(xml, "aactivity");
    dg_export_attribute(xml, "level", is_component ? "component" : "element");
    dg_export_begin(xml, is_known ? activity->kind : "CustomEA");
    if (!is_known) {
        dg_export_attribute(xml, "name", activity->kind);
    }
    dg_export_mark(xml, "h:span", "text", activity->text);
    if (activity->count > 0U) {
        dg_export_begin(xml, "testlist");
        for (size_t i = 0U; i < activity->count; i++) {
            put_test(xml, &activity->tests[i]);
        }
        dg_export_end(xml);
    }
    dg_export_end(xml);
    dg_export_end(xml);
}

/* What stands in `tests` and `manual`, for readers that know only the format;
 * our own reader leaves it out. */
static void put_derived(struct dg_export *xml, const struct dg_sfr *sfr)
{
    if ((sfr->tests.count + sfr->manual.count) == 0U) {
        return;
    }
    dg_export_begin(xml, "aactivity");
    dg_export_attribute(xml, "level", "component");
    dg_export_mark(xml, "h:span", "derived", " ");
    if (sfr->manual.count > 0U) {
        dg_export_begin(xml, "CustomEA");
        dg_export_attribute(xml, "name", "Manual");
        for (size_t i = 0U; i < sfr->manual.count; i++) {
            dg_export_text(xml, "h:p", sfr->manual.item[i]);
        }
        dg_export_end(xml);
    }
    if (sfr->tests.count > 0U) {
        dg_export_begin(xml, "Tests");
        dg_export_begin(xml, "testlist");
        for (size_t i = 0U; i < sfr->tests.count; i++) {
            dg_export_begin(xml, "test");
            dg_export_words(xml, "The test of the catalogue with the id ");
            dg_export_words(xml, sfr->tests.item[i]);
            dg_export_end(xml);
        }
        dg_export_end(xml);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

static void put_element(struct dg_export *xml,
                        const struct dg_sfr *sfr,
                        size_t at)
{
    const struct dg_element *element = &sfr->elements[at];

    dg_export_begin(xml, "f-element");
    dg_export_begin(xml, "title");
    put_text(xml, element, element->text);
    dg_export_end(xml);
    if (element->note[0] != '\0') {
        dg_export_text(xml, "note", element->note);
    }
    for (size_t i = 0U; i < sfr->activity_count; i++) {
        const struct dg_activity *activity = &sfr->activities[i];
        const bool is_component = strcmp(activity->of, sfr->id) == 0;

        if (is_component ? (at == 0U)
                         : (strcmp(activity->of, element->id) == 0)) {
            put_activity(xml, activity, is_component);
        }
    }
    if (at == 0U) {
        put_derived(xml, sfr);
    }
    dg_export_end(xml);
}

static void put_words_of(struct dg_export *xml, const struct dg_sfr *sfr)
{
    dg_export_begin(xml, "description");
    dg_export_mark(xml, "h:p", "plain", sfr->plain);
    dg_export_marks(xml, "h:span", "requirement", &sfr->requirements);
    dg_export_marks(xml, "h:span", "catalogue", &sfr->tests);
    dg_export_marks(xml, "h:p", "manual", &sfr->manual);
    for (size_t i = 0U; i < sfr->waiver_count; i++) {
        const struct dg_waiver *waiver = &sfr->waivers[i];

        begin_mark(xml, "h:p", "waived");
        dg_export_attribute(xml, "title", waiver->component);
        dg_export_attribute(xml, "data-kind", dg_waiver_word(waiver->kind));
        dg_export_attribute(xml, "data-by", waiver->by);
        dg_export_words(xml, waiver->why);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

/* "FTP_ITC.1" in the small letters of cc-id. */
static void put_cc_id(struct dg_export *xml, const char *component)
{
    char id[64];
    size_t size = 0U;

    while ((size < (sizeof id - 1U)) && (component[size] != '\0')) {
        id[size] = (char)tolower((unsigned char)component[size]);
        size++;
    }
    id[size] = '\0';
    dg_export_attribute(xml, "cc-id", id);
}

static void put_sfr(struct dg_export *xml, const struct dg_sfr *sfr)
{
    static const char *const words[] = {"",
                                        "",
                                        "optional",
                                        "objective",
                                        "sel-based",
                                        "feat-based",
                                        "invisible"};

    dg_export_begin(xml, "f-component");
    put_cc_id(xml, sfr->component);
    dg_export_attribute(xml, "name", sfr->title);
    if (sfr->iteration[0] != '\0') {
        dg_export_attribute(xml, "iteration", sfr->iteration);
    }
    if (words[sfr->status][0] != '\0') {
        dg_export_attribute(xml, "status", words[sfr->status]);
    }
    for (size_t i = 0U; i < sfr->when.count; i++) {
        dg_export_begin(xml, "depends");
        dg_export_attribute(xml, "on", sfr->when.item[i]);
        dg_export_end(xml);
    }
    if (sfr->definition != NULL) {
        dg_export_text(xml, "comp-lev", sfr->definition->levelling);
        dg_export_text(xml, "management", sfr->definition->management);
        dg_export_text(xml, "audit", sfr->definition->audit);
        dg_export_text(xml, "dependencies", sfr->definition->dependencies);
    }
    put_words_of(xml, sfr);
    for (size_t i = 0U; i < sfr->count; i++) {
        put_element(xml, sfr, i);
    }
    dg_export_end(xml);
}

/* A section for a class, opened when it changes. */
static void turn_section(struct dg_export *xml,
                         const char *class,
                         const char **open)
{
    char name[16];

    if ((*open != NULL) &&
        ((class == NULL) || (strncmp(*open, class, 3U) != 0))) {
        dg_export_end(xml);
        *open = NULL;
    }
    if ((class != NULL) && (*open == NULL)) {
        *open = class;
        (void)snprintf(name, sizeof name, "sec:%.3s", class);
        dg_export_begin(xml, name);
        dg_export_attribute(xml, "title", name + 4);
    }
}

static void put_families(struct dg_export *xml, const char *class)
{
    for (size_t i = 0U; i < xml->profile->family_count; i++) {
        const struct dg_family *family = &xml->profile->families[i];

        if (strncmp(family->id, class, 3U) == 0) {
            dg_export_begin(xml, "ext-comp-def");
            dg_export_attribute(xml, "fam-id", family->id);
            dg_export_attribute(xml, "title", family->title);
            dg_export_text(xml, "fam-behavior", family->behaviour);
            dg_export_end(xml);
        }
    }
}

static void put_sars(struct dg_export *xml, const struct dg_profile *from)
{
    const char *open = NULL;

    for (size_t i = 0U; i < from->sar_count; i++) {
        const struct dg_sar *sar = &from->sars[i];

        turn_section(xml, sar->component, &open);
        dg_export_begin(xml, "a-component");
        put_cc_id(xml, sar->component);
        dg_export_attribute(xml, "name", sar->title);
        dg_export_mark(xml, "h:p", "plain", sar->plain);
        for (size_t at = 0U; at < sar->count; at++) {
            const char type[2] = {
                (sar->elements[at].type == 0) ? 'D' : sar->elements[at].type,
                0};

            dg_export_begin(xml, "a-element");
            dg_export_attribute(xml, "type", type);
            dg_export_begin(xml, "title");
            put_text(xml, &sar->elements[at], sar->elements[at].text);
            dg_export_end(xml);
            dg_export_end(xml);
        }
        /* The format wants one; those of Part 3 hold. */
        if (sar->count == 0U) {
            dg_export_begin(xml, "a-element");
            dg_export_attribute(xml, "type", "D");
            dg_export_begin(xml, "title");
            dg_export_mark(
                xml, "h:span", "derived", "As in CC Part 3, unchanged.");
            dg_export_end(xml);
            dg_export_end(xml);
        }
        dg_export_end(xml);
    }
    turn_section(xml, NULL, &open);
}

void dg_export_requirements(struct dg_export *xml,
                            const struct dg_profile *package)
{
    const char *open = NULL;
    const struct dg_profile *profile = xml->profile;

    dg_export_begin(xml, "sec:Security_Requirements");
    dg_export_begin(xml, "sec:Security_Functional_Requirements");
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const char *before = open;

        turn_section(xml, profile->sfrs[i].component, &open);
        if (open != before) {
            put_families(xml, open);
        }
        put_sfr(xml, &profile->sfrs[i]);
    }
    turn_section(xml, NULL, &open);
    dg_export_end(xml);
    dg_export_begin(xml, "sec:Security_Assurance_Requirements");
    if ((profile->sar_count == 0U) && (package == NULL)) {
        dg_export_begin(xml, "sec:Packages");
        dg_export_attribute(xml, "title", "Packages");
        dg_export_words(xml, "Those of the assurance package that is claimed.");
        dg_export_end(xml);
    }
    put_sars(xml, profile);
    if (package != NULL) {
        put_sars(xml, package);
    }
    dg_export_end(xml);
    dg_export_end(xml);
}
