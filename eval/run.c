/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/hex.h"
#include "eval/run_codec.h"
#include "eval/utf8.h"

/* Evidence shows what happened; a flood is not stored byte by byte. */
#define PACKET_BYTES_MAX 512U

void dg_run_init(struct dg_run *run)
{
    memset(run, 0, sizeof(*run));
    dg_arena_init(&run->arena);
    dg_run_codec_clear(&dg_shape_head, &run->head);
    dg_run_codec_clear(&dg_shape_product, &run->product);
}

void dg_run_free(struct dg_run *run)
{
    dg_arena_free(&run->arena);
    dg_run_init(run);
}

const char *dg_run_text(struct dg_run *run, const char *text)
{
    if ((text == NULL) || (text[0] == '\0')) {
        return "";
    }

    /* A bad byte grows into the three bytes of U+FFFD. */
    size_t left = strlen(text);
    char *copy = dg_arena_take(&run->arena, (3U * left) + 1U);
    size_t used = 0;

    if (copy == NULL) {
        return "";
    }
    while (left > 0U) {
        uint32_t character = 0;
        const size_t size = dg_utf8_next(text, left, &character);

        used += dg_utf8_put(character, copy + used);
        text += size;
        left -= size;
    }
    copy[used] = '\0';
    return copy;
}

const char *dg_run_textf(struct dg_run *run, const char *format, ...)
{
    char text[4096];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    return dg_run_text(run, text);
}

enum dg_status dg_run_set_table(struct dg_run *run,
                                const struct dg_crypto *crypto,
                                dg_span yaml,
                                struct dg_problem *problem)
{
    const enum dg_status status = dg_rating_table_parse(
        crypto, yaml, "rating table", &run->table, problem);

    if (status != DG_OK) {
        return status;
    }
    run->head.rating_table =
        dg_arena_text(&run->arena, (const char *)yaml.at, yaml.size);
    run->has_table = true;
    return run->arena.failed ? DG_E_PORT : DG_OK;
}

/* Make a cleared item of `size` bytes and hang it behind the last one.
 * @list is the head; `next` stands first in every item. */
static void *append(struct dg_run *run, void *list, size_t size)
{
    void *item = dg_arena_take(&run->arena, size);
    void *at = list;
    void *next = NULL;

    if (item == NULL) {
        return NULL;
    }
    memcpy(&next, at, sizeof(next));
    while (next != NULL) {
        at = next;
        memcpy(&next, at, sizeof(next));
    }
    memcpy(at, &item, sizeof(item));
    return item;
}

struct dg_run_test *dg_run_add_test(struct dg_run *run, const char *id)
{
    struct dg_run_test *test = append(run, &run->tests, sizeof(*test));

    if (test == NULL) {
        return NULL;
    }
    dg_run_codec_clear(&dg_shape_test, test);
    test->id = dg_run_text(run, id);
    return test;
}

struct dg_run_test *dg_run_find_test(const struct dg_run *run, const char *id)
{
    struct dg_run_test *test = run->tests;

    while ((test != NULL) && (strcmp(test->id, id) != 0)) {
        test = test->next;
    }
    return test;
}

void dg_run_add_line(struct dg_run *run,
                     struct dg_run_line **list,
                     const char *text)
{
    struct dg_run_line *line = append(run, list, sizeof(*line));

    if (line != NULL) {
        line->text = dg_run_text(run, text);
    }
}

void dg_run_add_cap(struct dg_run *run, const char *name, uint64_t mU)
{
    struct dg_run_cap *cap = append(run, &run->product.caps, sizeof(*cap));

    if (cap != NULL) {
        cap->name = dg_run_text(run, name);
        cap->mU = mU;
    }
}

void dg_run_add_claim(struct dg_run *run, const char *name, const char *value)
{
    struct dg_run_claim *claim =
        append(run, &run->product.claims, sizeof(*claim));

    if (claim != NULL) {
        claim->name = dg_run_text(run, name);
        claim->value = dg_run_text(run, value);
    }
}

void dg_run_add_measure(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *name,
                        int64_t value,
                        unsigned decimals,
                        const char *unit)
{
    struct dg_run_measure *measure =
        append(run, &test->measures, sizeof(*measure));

    if (measure != NULL) {
        measure->name = dg_run_text(run, name);
        measure->value = value;
        measure->decimals = decimals;
        measure->unit = dg_run_text(run, unit);
    }
}

void dg_run_add_monitor(struct dg_run *run,
                        struct dg_run_test *test,
                        const char *name,
                        enum dg_run_verdict verdict,
                        const char *text)
{
    struct dg_run_monitor *monitor =
        append(run, &test->monitors, sizeof(*monitor));

    if (monitor != NULL) {
        monitor->name = dg_run_text(run, name);
        monitor->verdict = verdict;
        monitor->text = dg_run_text(run, text);
    }
}

void dg_run_add_packet(struct dg_run *run,
                       struct dg_run_test *test,
                       uint64_t time_ms,
                       enum dg_run_direction direction,
                       const char *label,
                       dg_span bytes)
{
    struct dg_run_packet *packet = append(run, &test->packets, sizeof(*packet));
    char hex[(2U * PACKET_BYTES_MAX) + 1U];
    const dg_span kept = {bytes.at,
                          (bytes.size > PACKET_BYTES_MAX) ? PACKET_BYTES_MAX
                                                          : bytes.size};

    if (packet == NULL) {
        return;
    }
    dg_hex_put(kept, hex);
    packet->time_ms = time_ms;
    packet->direction = direction;
    packet->label = dg_run_text(run, label);
    packet->hex = dg_run_text(run, hex);
    if (kept.size < bytes.size) {
        packet->label = dg_run_textf(
            run, "%s (first %zu of %zu bytes)", label, kept.size, bytes.size);
    }
}

struct dg_run_earlier *dg_run_add_earlier(struct dg_run *run,
                                          struct dg_run_test *test,
                                          enum dg_run_verdict verdict)
{
    struct dg_run_earlier *one = append(run, &test->earlier, sizeof(*one));

    if (one != NULL) {
        one->verdict = verdict;
        one->reason = "";
        one->run = "";
        one->ended = "";
    }
    return one;
}

struct dg_run_path *dg_run_add_path(struct dg_run *run,
                                    struct dg_run_test *test,
                                    const char *title,
                                    enum dg_rating_state state)
{
    struct dg_run_path *path = append(run, &test->paths, sizeof(*path));

    if (path != NULL) {
        path->title = dg_run_text(run, title);
        path->state = state;
        path->justification = "";
        path->rated_by = "";
        path->confirmed_by = "";
    }
    return path;
}

struct dg_rating_choice *dg_run_add_choice(struct dg_run *run,
                                           struct dg_run_path *path,
                                           const char *factor,
                                           const char *level)
{
    struct dg_rating_choice *choice =
        append(run, &path->choices, sizeof(*choice));

    if (choice != NULL) {
        choice->factor = dg_run_text(run, factor);
        choice->level = dg_run_text(run, level);
        choice->reason = "";
        choice->proposed = "";
        choice->changed_by = "";
    }
    return choice;
}

struct dg_run_figure *dg_run_add_figure(struct dg_run *run,
                                        const char *id,
                                        const char *caption,
                                        const char *svg)
{
    struct dg_run_figure *figure = append(run, &run->figures, sizeof(*figure));

    if (figure != NULL) {
        figure->id = dg_run_text(run, id);
        figure->caption = dg_run_text(run, caption);
        figure->svg = dg_run_text(run, svg);
    }
    return figure;
}

struct dg_run_calibration *dg_run_add_calibration(struct dg_run *run,
                                                  const char *product,
                                                  const char *flaw,
                                                  const char *test)
{
    struct dg_run_calibration *one =
        append(run, &run->calibration, sizeof(*one));

    if (one != NULL) {
        one->product = dg_run_text(run, product);
        one->flaw = dg_run_text(run, flaw);
        one->test = dg_run_text(run, test);
        one->seen = "";
    }
    return one;
}

const char *dg_run_verdict_name(enum dg_run_verdict verdict)
{
    switch (verdict) {
    case DG_RUN_PASS:
        return "pass";
    case DG_RUN_FAIL:
        return "fail";
    case DG_RUN_INCONCLUSIVE:
        return "inconclusive";
    case DG_RUN_NOT_APPLICABLE:
        return "not applicable";
    case DG_RUN_PENDING:
        return "pending";
    case DG_RUN_ERROR:
        return "suite error";
    case DG_RUN_WAIVED:
        return "waived";
    case DG_RUN_NOT_ASKED:
        return "not evaluated";
    case DG_RUN_UNDECIDED:
    case DG_RUN_VERDICTS:
    default:
        return "undecided";
    }
}

/* YYYY-MM-DD at the start of a text, so that dates compare as texts. */
static bool starts_with_day(const char *text)
{
    static const char form[] = "0000-00-00";

    for (size_t i = 0; i < (sizeof(form) - 1U); i++) {
        const bool is_digit = (text[i] >= '0') && (text[i] <= '9');

        if ((form[i] == '0') ? !is_digit : (text[i] != '-')) {
            return false;
        }
    }
    return true;
}

/* Reason, name, and a last day that had not passed when the run ended. */
static bool is_good(const struct dg_run *run,
                    const char *because,
                    const char *person,
                    const char *until)
{
    return (because[0] != '\0') && (person[0] != '\0') &&
           starts_with_day(until) && starts_with_day(run->head.ended) &&
           (strncmp(run->head.ended, until, 10) <= 0);
}

bool dg_run_is_waiver_good(const struct dg_run *run,
                           const struct dg_run_test *test)
{
    return is_good(
        run, test->waived_because, test->waived_by, test->waived_until);
}

bool dg_run_is_expectation_good(const struct dg_run *run,
                                const struct dg_run_test *test)
{
    return (test->expected != DG_RUN_UNDECIDED) &&
           is_good(run,
                   test->expected_because,
                   test->expected_by,
                   test->expected_until);
}

/* Whether a test leaves nothing open. */
static bool is_settled(const struct dg_run *run, const struct dg_run_test *test)
{
    if (dg_run_is_expectation_good(run, test)) {
        return test->verdict == test->expected;
    }
    switch (test->verdict) {
    case DG_RUN_PASS:
    case DG_RUN_NOT_APPLICABLE:
    case DG_RUN_NOT_ASKED:
        return true;
    case DG_RUN_WAIVED:
        return dg_run_is_waiver_good(run, test);
    case DG_RUN_UNDECIDED:
    case DG_RUN_FAIL:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_PENDING:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        return false;
    }
}

bool dg_run_shows_nothing(const struct dg_run *run)
{
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if ((t->verdict == DG_RUN_PASS) || !is_settled(run, t)) {
            return false;
        }
    }
    return true;
}

int dg_run_exit_code(const struct dg_run *run)
{
    bool has_pass = false;
    bool has_open = false;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if ((t->verdict == DG_RUN_FAIL) && !is_settled(run, t)) {
            return 2;
        }
        has_pass = has_pass || (t->verdict == DG_RUN_PASS);
        has_open = has_open || !is_settled(run, t);
    }
    return (has_open || !has_pass) ? 1 : 0;
}

bool dg_run_is_chosen(const struct dg_run *run)
{
    return strcmp(run->head.tier, DG_RUN_CHOSEN) == 0;
}

/* The command of the whole test, with the file in place of the seed. */
bool dg_run_replay(const struct dg_run_test *test,
                   const char *file,
                   char *command,
                   size_t room)
{
    const char *seed = strstr(test->replay_command, " --seed ");
    const size_t head = (seed == NULL) ? strlen(test->replay_command)
                                       : (size_t)(seed - test->replay_command);

    if ((test->sequence[0] == '\0') || (head >= room)) {
        return false;
    }

    const int size = snprintf(command,
                              room,
                              "%.*s --replay %s",
                              (int)head,
                              test->replay_command,
                              file);

    return (size > 0) && ((size_t)size < room);
}
