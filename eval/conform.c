/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/conform.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "eval/relay.h"
#include "eval/scratch.h"

#define LONG_REQUEST 30000U
#define TEXT_MAX     200U
#define DOORS        "abls"

struct conform {
    const struct dg_conform_options *options;
    struct dg_contract contract;
    struct dg_relay relay;
    bool has_relay;
    char door[DG_RELAY_DOORS][32];
    json_t *hello;
    char link[32];
    int64_t moved_mU; /* last seen */
    int64_t pulse_mU;
    int64_t basal_mU_per_h;
    unsigned good;
    unsigned wrong;
    unsigned absent;
    unsigned untried;
};

/* What is printed comes from a stranger's program: ASCII only, and not much of
 * it. */
static void print_text(FILE *out, const char *word, const char *text)
{
    (void)fprintf(out, "         %-5s ", word);
    for (size_t at = 0U;
         (text[at] != '\0') && (text[at] != '\n') && (at < TEXT_MAX);
         at++) {
        (void)fputc(((text[at] >= ' ') && (text[at] <= '~')) ? text[at] : '.',
                    out);
    }
    (void)fputs((strlen(text) > TEXT_MAX) ? "...\n" : "\n", out);
}

static void say(struct conform *conform,
                const char *word,
                const char *id,
                const char *title)
{
    (void)fprintf(conform->options->out, "  %-6s %-20s %s\n", word, id, title);
    (void)fflush(conform->options->out);
}

static void say_good(struct conform *conform, const char *id, const char *title)
{
    conform->good++;
    say(conform, "ok", id, title);
}

static void say_wrong(struct conform *conform,
                      const struct dg_conform_step *step,
                      const char *sent,
                      const json_t *answer,
                      const char *what)
{
    FILE *out = conform->options->out;
    char *came = (answer == NULL)
                     ? NULL
                     : json_dumps(answer, JSON_COMPACT | JSON_ENSURE_ASCII);

    conform->wrong++;
    say(conform, "WRONG", step->id, step->title);
    print_text(out, "sent", sent);
    if (came != NULL) {
        print_text(out, "came", came);
    } else {
        print_text(out,
                   "came",
                   (conform->contract.came[0] != '\0') ? conform->contract.came
                                                       : "nothing");
    }
    print_text(out, "why", what);
    print_text(out, "do", step->remedy);
    (void)fflush(out);
    free(came);
}

/* "@b" becomes the address of door b, "@long" a long request. */
static char *make_line(const struct conform *conform, const char *send)
{
    const char *at = strchr(send, '@');
    const char *door =
        ((at == NULL) || (at[1] == '\0')) ? NULL : strchr(DOORS, at[1]);
    char *line = NULL;
    size_t size = 0U;
    FILE *to = open_memstream(&line, &size);

    if (to == NULL) {
        return NULL;
    }
    if (strcmp(send, "@long") == 0) {
        (void)fputs("{\"op\":\"delivered\",\"unit\":\"", to);
        for (size_t i = 0U; i < LONG_REQUEST; i++) {
            (void)fputc('x', to);
        }
        (void)fputs("\"}", to);
    } else if (door != NULL) {
        (void)fprintf(to,
                      "%.*s%s%s",
                      (int)(at - send),
                      send,
                      conform->door[door - DOORS],
                      &at[2]);
    } else {
        (void)fputs(send, to);
    }
    (void)fputc('\n', to);
    return (fclose(to) == 0) ? line : NULL;
}

static int64_t number(const json_t *answer, const char *key)
{
    return json_integer_value(json_object_get(answer, key));
}

static const char *text(const json_t *answer, const char *key)
{
    const char *value = json_string_value(json_object_get(answer, key));

    return (value == NULL) ? "" : value;
}

static const char *take_start(struct conform *conform, const json_t *answer)
{
    (void)snprintf(
        conform->link, sizeof conform->link, "%s", text(answer, "link"));
    conform->pulse_mU = number(answer, "pulse_mU");
    conform->basal_mU_per_h = number(answer, "basal_mU_per_h");
    if (!dg_relay_open(&conform->relay, conform->link)) {
        return "\"link\" is no address that the relay can use";
    }
    conform->has_relay = true;
    for (size_t i = 0U; i < DG_RELAY_DOORS; i++) {
        if (dg_relay_add_door(&conform->relay, conform->door[i]) < 0) {
            return "the bench could not open a door; see ulimit -n";
        }
    }
    return NULL;
}

static const char *look_at_moved(struct conform *conform, const json_t *answer)
{
    const int64_t before_mU = conform->moved_mU;

    conform->moved_mU = number(answer, "mU");
    return (conform->moved_mU >= before_mU)
               ? NULL
               : "less was moved since manufacture than before";
}

/* Two minutes of basal, one dose, and one pulse more or less of each. */
static const char *look_at_dose(struct conform *conform, const json_t *answer)
{
    const int64_t got_mU = number(answer, "mU") - conform->moved_mU;
    const int64_t basal_mU = (conform->basal_mU_per_h * 120) / 3600;

    conform->moved_mU = number(answer, "mU");
    if (got_mU < DG_CONFORM_DOSE_MU - conform->pulse_mU) {
        return "the mechanism moved less than the accepted dose";
    }
    return (got_mU <= DG_CONFORM_DOSE_MU + basal_mU + (2 * conform->pulse_mU))
               ? NULL
               : "the mechanism moved more than dose and basal";
}

static const char *want(const json_t *answer, const char *result)
{
    return (strcmp(text(answer, "result"), result) == 0)
               ? NULL
               : "\"result\" is another word";
}

/* NULL when it is as it must be, else what is wrong. */
static const char *look(struct conform *conform,
                        enum dg_conform_look what,
                        const json_t *answer)
{
    static const char *const words[] = {[DG_LOOK_PAIRED] = "paired",
                                        [DG_LOOK_REFUSED] = "refused",
                                        [DG_LOOK_STATUS] = "status",
                                        [DG_LOOK_ACCEPTED] = "accepted"};

    if ((what < sizeof words / sizeof words[0]) && (words[what] != NULL)) {
        return want(answer, words[what]);
    }
    switch (what) {
    case DG_LOOK_SAME_HELLO:
        return (dg_contract_differs("hello", conform->hello, answer) == NULL)
                   ? NULL
                   : "it says something else of itself than at first";
    case DG_LOOK_LINK:
        return take_start(conform, answer);
    case DG_LOOK_SAME_LINK:
        return (strcmp(text(answer, "link"), conform->link) == 0)
                   ? NULL
                   : "another address than start's";
    case DG_LOOK_OTHER_LINK:
        return (strcmp(text(answer, "link"), conform->link) != 0)
                   ? NULL
                   : "the same address as that of unit x";
    case DG_LOOK_MOVED:
        return look_at_moved(conform, answer);
    case DG_LOOK_DOSED:
        return look_at_dose(conform, answer);
    case DG_LOOK_ALIVE:
        return json_is_true(json_object_get(answer, "alive"))
                   ? NULL
                   : "\"alive\" is not true";
    case DG_LOOK_OPENED:
        if (conform->relay.heard < 2U) {
            return "no frames crossed the relay";
        }
        return want(answer, "status");
    case DG_LOOK_TICKET:
        return (want(answer, "refused") == NULL) ? NULL
                                                 : want(answer, "ticket");
    case DG_LOOK_DECIDED:
        return (want(answer, "refused") == NULL) ? NULL
                                                 : want(answer, "accepted");
    case DG_LOOK_NOT_PAIRED:
        return (want(answer, "paired") != NULL) ? NULL : "the guess was right";
    case DG_LOOK_NOT_TAKEN:
        return (want(answer, "accepted") != NULL) ? NULL
                                                  : "the dose was accepted";
    case DG_LOOK_PAIRED:
    case DG_LOOK_REFUSED:
    case DG_LOOK_STATUS:
    case DG_LOOK_ACCEPTED:
    case DG_LOOK_NOTHING:
    default:
        return NULL;
    }
}

static json_t *ask(struct conform *conform,
                   const struct dg_conform_step *step,
                   const char *line)
{
    struct dg_pump pump = dg_relay_pump(&conform->relay);
    json_t *request = json_loads(step->send, 0, NULL);
    const char *asked = json_string_value(json_object_get(request, "op"));
    json_t *answer = dg_contract_ask_raw(&conform->contract,
                                         (asked == NULL) ? "" : asked,
                                         line,
                                         conform->has_relay ? &pump : NULL);

    json_decref(request);
    return answer;
}

static void judge(struct conform *conform,
                  const struct dg_conform_step *step,
                  const char *line,
                  const json_t *answer)
{
    const bool is_good = json_is_true(json_object_get(answer, "ok"));
    const char *what = NULL;

    if ((step->expect == DG_EXPECT_OPTION) && !is_good) {
        conform->absent++;
        say(conform, "absent", step->id, step->title);
        return;
    }
    if ((step->expect == DG_EXPECT_FALSE) && is_good) {
        what = "it must be refused";
    } else if ((step->expect == DG_EXPECT_OK) && !is_good) {
        what = "it must be done";
    } else if (is_good) {
        what = look(conform, step->look, answer);
    }
    if (what == NULL) {
        say_good(conform, step->id, step->title);
    } else {
        say_wrong(conform, step, line, answer, what);
    }
}

/* False: nothing more can be asked. */
static bool take_step(struct conform *conform,
                      const struct dg_conform_step *step)
{
    char *line = make_line(conform, step->send);
    json_t *answer = NULL;

    if (line == NULL) {
        say_wrong(conform, step, step->send, NULL, "out of memory");
        return false;
    }
    answer = ask(conform, step, line);
    if (answer == NULL) {
        say_wrong(conform, step, line, NULL, conform->contract.why);
        /* An answer of the wrong form is still one; the talk goes on. */
        if (conform->contract.is_lost) {
            free(line);
            return false;
        }
        conform->contract.why[0] = '\0';
        conform->contract.came[0] = '\0';
    } else {
        judge(conform, step, line, answer);
    }
    json_decref(answer);
    free(line);
    return true;
}

static const struct dg_conform_step first = {
    .id = "hello",
    .title = "it says who the product is, within 10 s",
    .send = "{\"op\":\"hello\"}",
    .remedy = "answer contract (1), name, version and firmware_digest"};
static const struct dg_conform_step last = {
    .id = "end",
    .title = "when its input ends it exits with 0 and leaves nothing behind",
    .send = "the end of its input",
    .remedy = "end all that was started, wait for it, exit 0 within 8 s"};

static void take_steps(struct conform *conform)
{
    const long long until_ms = dg_clock_ms() + DG_CONFORM_ALL_MS;
    bool goes_on = true;

    for (size_t i = 0U; i < dg_conform_step_count; i++) {
        const struct dg_conform_step *step = &dg_conform_steps[i];

        /* Without a link no phone has a door to knock at. */
        const bool has_door =
            conform->has_relay || (strstr(step->send, "\"@") == NULL);

        if (!goes_on || !has_door || (dg_clock_ms() >= until_ms)) {
            conform->untried++;
            say(conform, "-", step->id, "not tried");
        } else {
            goes_on = take_step(conform, step);
        }
    }
}

static void end(struct conform *conform)
{
    const enum dg_keeper_end how = dg_contract_close(&conform->contract);

    if (how == DG_KEEPER_WELL) {
        say_good(conform, last.id, last.title);
    } else if (conform->contract.is_lost) {
        conform->untried++;
        say(conform, "-", last.id, "not tried");
    } else {
        char what[80];

        (void)snprintf(
            what, sizeof what, "the adapter %s", dg_keeper_end_text(how));
        say_wrong(conform, &last, last.send, NULL, what);
    }
    (void)fprintf(conform->options->out,
                  "\n%u requirements hold, %u do not, %u not offered, %u not "
                  "tried (contract version %d).\n",
                  conform->good,
                  conform->wrong,
                  conform->absent,
                  conform->untried,
                  DG_CONTRACT_VERSION);
    if (conform->absent > 0U) {
        (void)fputs("What is not offered makes the tests that ask for it "
                    "end without a verdict.\n",
                    conform->options->out);
    }
}

static int run(struct conform *conform, const char *scratch)
{
    const struct dg_conform_options *options = conform->options;
    char dir[128];

    (void)snprintf(dir, sizeof dir, "%s/adapter", scratch);
    if (!dg_contract_open(&conform->contract,
                          options->program,
                          options->arguments,
                          dir,
                          NULL,
                          options->patience_ms)) {
        (void)fprintf(stderr,
                      "dosegate adapter check: %s: %s\n",
                      options->program,
                      conform->contract.why);
        return 1;
    }
    conform->hello = dg_contract_hello(&conform->contract);
    if (conform->hello == NULL) {
        say_wrong(conform, &first, first.send, NULL, conform->contract.why);
        conform->untried = (unsigned)dg_conform_step_count;
    } else {
        say_good(conform, first.id, first.title);
        take_steps(conform);
    }
    end(conform);
    return ((conform->wrong == 0U) && (conform->untried == 0U)) ? 0 : 2;
}

/* @satisfies{EVL_ADAPTER.1@1} */
int dg_conform(const struct dg_conform_options *options)
{
    struct conform *conform = calloc(1U, sizeof *conform);
    char scratch[64] = "";
    int code = 1;

    (void)signal(SIGPIPE, SIG_IGN);
    if ((conform == NULL) || !dg_scratch_make(scratch)) {
        (void)fputs("dosegate adapter check: no memory, or no folder for "
                    "temporary files\n",
                    stderr);
        free(conform);
        return 1;
    }
    conform->options = options;
    dg_scratch_guard(scratch);
    code = run(conform, scratch);
    json_decref(conform->hello);
    if (conform->has_relay) {
        dg_relay_close(&conform->relay);
    }
    dg_scratch_remove(scratch);
    free(conform);
    return code;
}
