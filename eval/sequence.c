/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/sequence.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/derived.h"
#include "eval/output/json_out.h"

#define FORMAT "dosegate-sequences-1"

/* Writing ----------------------------------------------------------------- */

static json_t *print_step(const char *state,
                          const char *message,
                          const struct dg_fuzz_step *step)
{
    json_t *changes = json_array();

    for (unsigned i = 0U; i < step->count; i++) {
        const struct dg_fuzz_operator *one = &step->change[i];

        (void)json_array_append_new(changes,
                                    json_sprintf("%s %lu %lu",
                                                 dg_fuzz_kind_name(one->kind),
                                                 (unsigned long)one->where,
                                                 (unsigned long)one->what));
    }
    return json_pack("{s:s, s:s, s:o}",
                     "state",
                     state,
                     "message",
                     message,
                     "change",
                     changes);
}

char *dg_sequence_print(const char *const *states,
                        const char *const *messages,
                        const struct dg_fuzz_step *steps,
                        size_t count,
                        const char *why)
{
    json_t *list = json_array();
    char *text = NULL;

    for (size_t i = 0U; i < count; i++) {
        (void)json_array_append_new(list,
                                    print_step(states[steps[i].state],
                                               messages[steps[i].message],
                                               &steps[i]));
    }

    const bool is_whole = json_array_size(list) == count;
    json_t *object = json_pack("{s:s, s:o}", "why", why, "steps", list);

    text =
        is_whole ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(object);
    return text;
}

/* Reading ----------------------------------------------------------------- */

/* Copy a text that fits and that a terminal may show. */
static bool take_text(const json_t *object,
                      const char *key,
                      char *to,
                      size_t room)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);

    if ((text == NULL) || (json_string_length(value) >= room)) {
        return false;
    }
    for (size_t i = 0U; i < json_string_length(value); i++) {
        if ((text[i] < ' ') || (text[i] > '~')) {
            return false;
        }
    }
    (void)snprintf(to, room, "%s", text);
    return true;
}

/* "nest 12 3", and nothing that could be written in another way. */
static bool take_change(const json_t *value, struct dg_fuzz_operator *to)
{
    const char *text = json_string_value(value);
    unsigned long where = 0U;
    unsigned long what = 0U;
    char name[16];
    char again[64];

    if ((text == NULL) || (strlen(text) >= sizeof again) ||
        (sscanf(text, "%15[a-z] %10lu %10lu", name, &where, &what) != 3) ||
        (where > UINT32_MAX) || (what > UINT32_MAX)) {
        return false;
    }
    (void)snprintf(again, sizeof again, "%s %lu %lu", name, where, what);
    *to = (struct dg_fuzz_operator){
        dg_fuzz_kind_of(name), (uint32_t)where, (uint32_t)what};
    return (to->kind != DG_FUZZ_NONE) && (strcmp(again, text) == 0);
}

static bool take_step(const json_t *object, struct dg_sequence_step *to)
{
    const json_t *changes = json_object_get(object, "change");

    if ((json_object_size(object) != 3U) ||
        !take_text(object, "state", to->state, sizeof to->state) ||
        !take_text(object, "message", to->message, sizeof to->message) ||
        !json_is_array(changes) ||
        (json_array_size(changes) > DG_FUZZ_OPERATORS_MAX)) {
        return false;
    }
    to->step.count = (uint8_t)json_array_size(changes);
    for (size_t i = 0U; i < to->step.count; i++) {
        if (!take_change(json_array_get(changes, i), &to->step.change[i])) {
            return false;
        }
    }
    return true;
}

/* As dg_sequence_print() wrote it, with @p more keys beside. */
static enum dg_status take_sequence(const json_t *object,
                                    size_t more,
                                    struct dg_sequence *to,
                                    struct dg_problem *problem)
{
    const json_t *steps = json_object_get(object, "steps");
    const size_t count = json_array_size(steps);

    if ((json_object_size(object) != 2U + more) ||
        !take_text(object, "why", to->why, sizeof to->why) ||
        !json_is_array(steps) || (count == 0U) || (count > DG_FUZZ_STEPS_MAX)) {
        dg_problem_set(problem,
                       "a sequence needs \"why\" and 1 to %u \"steps\", and "
                       "nothing that is not known",
                       DG_FUZZ_STEPS_MAX);
        return DG_E_MALFORMED;
    }
    to->steps = calloc(count, sizeof *to->steps);
    if (to->steps == NULL) {
        dg_problem_set(problem, "out of memory");
        return DG_E_PORT;
    }
    to->count = count;
    for (size_t i = 0U; i < count; i++) {
        if (!take_step(json_array_get(steps, i), &to->steps[i])) {
            dg_problem_set(problem,
                           "step %zu is none: it needs \"state\", \"message\" "
                           "and up to %u of \"change\", as \"nest 12 3\"",
                           i + 1U,
                           DG_FUZZ_OPERATORS_MAX);
            return DG_E_MALFORMED;
        }
    }
    return DG_OK;
}

static enum dg_status take_file(const json_t *root,
                                struct dg_sequences *list,
                                struct dg_problem *problem)
{
    const json_t *all = json_object_get(root, "sequences");
    char format[32] = "";
    char run[sizeof(DG_DERIVED_MARK) + 64U];

    if (!take_text(root, "format", format, sizeof format) ||
        (strcmp(format, FORMAT) != 0)) {
        dg_problem_set(problem, "it is no file of sequences (" FORMAT ")");
        return DG_E_MALFORMED;
    }
    if ((json_object_size(root) != 4U) ||
        !take_text(root, "run", run, sizeof run) ||
        !take_text(root,
                   "firmware_digest",
                   list->firmware_digest,
                   sizeof list->firmware_digest) ||
        !json_is_array(all) || (json_array_size(all) > DG_SEQUENCES_MAX)) {
        dg_problem_set(problem,
                       "it needs \"run\", \"format\", \"firmware_digest\" "
                       "and at most %u \"sequences\", and nothing else",
                       DG_SEQUENCES_MAX);
        return DG_E_MALFORMED;
    }
    for (size_t i = 0U; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        struct dg_sequence *to = &list->item[list->count++];

        if (!take_text(one, "test", to->test, sizeof to->test)) {
            dg_problem_set(problem, "sequence %zu names no test", i + 1U);
            return DG_E_MALFORMED;
        }

        const enum dg_status status = take_sequence(one, 1U, to, problem);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

/* @satisfies{EVL_FUZZ.2@1} */
enum dg_status dg_sequences_read(dg_span bytes,
                                 struct dg_sequences *list,
                                 struct dg_problem *problem)
{
    json_error_t error;
    json_t *root = NULL;
    enum dg_status status = DG_E_MALFORMED;

    memset(list, 0, sizeof *list);
    if (bytes.size > DG_SEQUENCE_FILE_MAX) {
        dg_problem_set(problem, "larger than %u bytes", DG_SEQUENCE_FILE_MAX);
        return DG_E_MALFORMED;
    }
    root = json_loadb(
        (const char *)bytes.at, bytes.size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        dg_problem_set(problem, "line %d: %s", error.line, error.text);
        return DG_E_MALFORMED;
    }
    status = take_file(root, list, problem);
    json_decref(root);
    if (status != DG_OK) {
        dg_sequences_free(list);
    }
    return status;
}

void dg_sequences_free(struct dg_sequences *list)
{
    for (size_t i = 0U; i < list->count; i++) {
        free(list->item[i].steps);
    }
    memset(list, 0, sizeof *list);
}

/* Of a run ---------------------------------------------------------------- */

bool dg_sequences_any(const struct dg_run *run)
{
    for (const struct dg_run_test *test = run->tests; test != NULL;
         test = test->next) {
        if (test->sequence[0] != '\0') {
            return true;
        }
    }
    return false;
}

/* What a run file says is read as strictly as what a person brings. */
static json_t *sequence_of(const struct dg_run_test *test)
{
    json_t *steps = json_loads(test->sequence, JSON_REJECT_DUPLICATES, NULL);
    struct dg_sequence sequence = {.count = 0U};
    struct dg_problem problem;
    const bool is_good = take_sequence(steps, 0U, &sequence, &problem) == DG_OK;

    free(sequence.steps);
    if (!is_good) {
        json_decref(steps);
        return NULL;
    }

    json_t *named = json_pack("{s:s}", "test", test->id);

    (void)json_object_update(named, steps);
    json_decref(steps);
    return named;
}

enum dg_status dg_sequences_render(const struct dg_run *run,
                                   const struct dg_run_origin *origin,
                                   struct dg_html *out)
{
    struct dg_json json = {.failed = false};
    json_t *list = json_array();

    for (const struct dg_run_test *test = run->tests; test != NULL;
         test = test->next) {
        json_t *one = (test->sequence[0] == '\0') ? NULL : sequence_of(test);

        if ((test->sequence[0] != '\0') && (one == NULL)) {
            json_decref(list);
            dg_html_init(out);
            return DG_E_USAGE;
        }
        if (one != NULL) {
            dg_json_add(&json, list, one);
        }
    }
    return dg_json_finish(&json,
                          json_pack("{s:s+, s:s, s:s, s:o}",
                                    "run",
                                    DG_DERIVED_MARK,
                                    origin->digest,
                                    "format",
                                    FORMAT,
                                    "firmware_digest",
                                    run->product.firmware_digest,
                                    "sequences",
                                    list),
                          out);
}
