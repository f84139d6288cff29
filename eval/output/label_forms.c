/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/derived.h"
#include "eval/label.h"
#include "eval/output/json_out.h"
#include "eval/utf8.h"

#define SENTENCE_SIZE 512U
#define LINE_WIDTH    78U

#define NOTICE                                                           \
    "Research evaluation, not a certificate. Made with Dosegate's own, " \
    "non-normative profile; it is not a DTSec, DTMoSt or IEEE 2621 "     \
    "evaluation. No number adds these facts up."

/* What every form of the label is made from. */
struct form {
    struct dg_conclusion conclusion;
    struct dg_arena arena;
    struct dg_label_field fields[DG_LABEL_FIELDS_MAX];
    size_t count;
    char sentence[SENTENCE_SIZE];
    const char *age;
};

/* Two plain sentences that can be read aloud.  Without points: those stand in
 * the full record. */
static void say_plainly(const struct dg_run *run, struct form *form)
{
    const struct dg_conclusion *c = &form->conclusion;
    const size_t failed = c->count[DG_RUN_FAIL];
    char how[160];

    if (failed > 0U) {
        (void)snprintf(how,
                       sizeof(how),
                       "failed %zu of %zu tests of its security",
                       failed,
                       c->tests);
    } else if ((c->open > 0U) || (c->count[DG_RUN_PASS] == 0U)) {
        (void)snprintf(how,
                       sizeof(how),
                       "has no result yet: %zu of %zu tests of its security "
                       "were not judged",
                       c->open,
                       c->tests);
    } else {
        (void)snprintf(how,
                       sizeof(how),
                       "passed all %zu tests of its security that %s",
                       c->count[DG_RUN_PASS],
                       dg_run_is_chosen(run) ? "were chosen" : "apply");
    }
    (void)snprintf(form->sentence,
                   sizeof(form->sentence),
                   "%.200s %.60s %s. This is no reason to change a therapy: "
                   "ask the clinic or the maker.",
                   dg_json_or_unstated(run->product.name),
                   run->product.version,
                   how);
}

static enum dg_status form_open(struct form *form,
                                const struct dg_run *run,
                                const struct dg_run_origin *origin)
{
    const enum dg_status status = dg_conclude(run, &form->conclusion);

    dg_arena_init(&form->arena);
    if (status != DG_OK) {
        return status;
    }
    form->count = dg_label_fields(
        run, &form->conclusion, origin, &form->arena, form->fields);
    form->age = dg_label_age(run, &form->arena);
    say_plainly(run, form);
    return form->arena.failed ? DG_E_PORT : DG_OK;
}

/* JSON --------------------------------------------------------------------- */

static json_t *group_of(struct dg_json *json,
                        const struct form *form,
                        size_t from,
                        size_t *end)
{
    const char *group = form->fields[from].group;
    json_t *facts = json_array();
    size_t i = from;

    for (; (i < form->count) && (strcmp(form->fields[i].group, group) == 0);
         i++) {
        const char *value = form->fields[i].value;

        dg_json_add(
            json,
            facts,
            json_pack("{s:s s:b s:o}",
                      "title",
                      form->fields[i].title,
                      "stated",
                      value[0] != '\0',
                      "value",
                      (value[0] == '\0') ? json_null() : json_string(value)));
    }
    *end = i;
    return json_pack("{s:s s:o}", "group", group, "facts", facts);
}

enum dg_status dg_label_json_render(const struct dg_run *run,
                                    const struct dg_run_origin *origin,
                                    struct dg_html *out)
{
    struct dg_json json = {false};
    struct form form;
    char code[DG_LABEL_CODE_SIZE];
    enum dg_status status = form_open(&form, run, origin);
    json_t *groups = NULL;

    dg_html_init(out);
    if (status == DG_OK) {
        groups = json_array();
        for (size_t i = 0; i < form.count;) {
            dg_json_add(&json, groups, group_of(&json, &form, i, &i));
        }
        dg_label_code(origin, code);
        status =
            dg_json_finish(&json,
                           json_pack("{s:s s:s+ s:s s:s s:[s] s:s s:s s:o}",
                                     "format",
                                     "dosegate-label-1",
                                     "run",
                                     DG_DERIVED_MARK,
                                     origin->digest,
                                     "notice",
                                     NOTICE,
                                     "sentence",
                                     form.sentence,
                                     "languages",
                                     "en",
                                     "age",
                                     form.age,
                                     "code",
                                     code,
                                     "groups",
                                     groups),
                           out);
    }
    dg_arena_free(&form.arena);
    return status;
}

/* Text ---------------------------------------------------------------------
 * For a screen reader, a terminal and a letter: short lines, no table. */

/* Printable characters only: a terminal obeys the others. */
static void put_plain(struct dg_html *out, const char *text, size_t size)
{
    while (size > 0U) {
        uint32_t character = 0;
        char bytes[4];
        const size_t used = dg_utf8_next(text, size, &character);
        const bool is_bad =
            (character < 0x20U) ||
            ((character >= 0x7FU) && (character <= 0x9FU)) ||
            ((character >= 0x200EU) && (character <= 0x200FU)) ||
            ((character >= 0x2028U) && (character <= 0x202EU)) ||
            ((character >= 0x2066U) && (character <= 0x2069U));

        dg_html_raw_span(
            out,
            (dg_span){(const uint8_t *)bytes,
                      dg_utf8_put(is_bad ? ' ' : character, bytes)});
        text += used;
        size -= used;
    }
}

/* Words of a text on lines of LINE_WIDTH bytes, the second and later ones set
 * in. */
static void put_wrapped(struct dg_html *out,
                        const char *text,
                        size_t column,
                        size_t indent)
{
    bool is_first = true;

    while (*text != '\0') {
        const size_t size = strcspn(text, " ");

        if (size > 0U) {
            if (!is_first && ((column + 1U + size) > LINE_WIDTH)) {
                dg_html_raw(out, "\n");
                for (column = 0; column < indent; column++) {
                    dg_html_raw(out, " ");
                }
            } else if (!is_first) {
                dg_html_raw(out, " ");
                column++;
            }
            put_plain(out, text, size);
            column += size;
            is_first = false;
        }
        text += size;
        text += (*text == ' ') ? 1U : 0U;
    }
    dg_html_raw(out, "\n");
}

enum dg_status dg_label_text_render(const struct dg_run *run,
                                    const struct dg_run_origin *origin,
                                    struct dg_html *out)
{
    struct form form;
    const char *group = "";
    const enum dg_status status = form_open(&form, run, origin);

    dg_html_init(out);
    if (status != DG_OK) {
        dg_arena_free(&form.arena);
        return status;
    }
    dg_html_raw(out, "Security facts\n" DG_DERIVED_MARK);
    dg_html_raw(out, origin->digest);
    dg_html_raw(out, "\n\n");
    put_wrapped(out, form.sentence, 0, 0);
    put_wrapped(out, NOTICE, 0, 0);
    put_wrapped(out, form.age, 0, 0);
    for (size_t i = 0; i < form.count; i++) {
        const struct dg_label_field *field = &form.fields[i];

        if (strcmp(field->group, group) != 0) {
            group = field->group;
            dg_html_raw(out, "\n");
            dg_html_raw(out, group);
            dg_html_raw(out, "\n");
        }
        dg_html_raw(out, "  ");
        dg_html_raw(out, field->title);
        dg_html_raw(out, ": ");
        put_wrapped(out,
                    (field->value[0] == '\0') ? "not stated" : field->value,
                    4U + strlen(field->title),
                    4U);
    }
    dg_arena_free(&form.arena);
    return out->failed ? DG_E_PORT : DG_OK;
}
