/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/app.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eval/adapter/unit.h"
#include "eval/adapter/words.h"

#define START_MS  8000
#define ANSWER_MS 20000
#define CYCLE_MS  4000

/* In which a display that was opened is known to the other parts. */
#define DISPLAY_TRIES 20U
#define DISPLAY_MS    50
#define LOOK_MS       50
#define REOPEN_MS     8000

static bool read_ready(struct dg_app *app, const json_t *line)
{
    const char *sensor = json_string_value(json_object_get(line, "sensor"));
    const char *gateway = json_string_value(json_object_get(line, "gateway"));
    const char *display = json_string_value(json_object_get(line, "confirm"));

    if ((sensor == NULL) || (gateway == NULL) || (display == NULL)) {
        return false;
    }
    (void)snprintf(app->sensor, sizeof app->sensor, "%s", sensor);
    return dg_jsonl_connect(&app->gateway, gateway, START_MS) &&
           dg_jsonl_connect(&app->display, display, START_MS) &&
           dg_jsonl_connect(&app->events, gateway, START_MS);
}

const char *dg_app_start(struct dg_app *app,
                         const char *bin,
                         const char *dir,
                         const char *link,
                         bool is_loop,
                         int isf)
{
    char path[640];
    char log[640];
    char dir_text[640];
    char link_text[64];
    char isf_text[16];
    char name[] = "dosegate-domain";
    char o_dir[] = "--dir";
    char o_link[] = "--link";
    char o_loop[] = "--closed-loop";
    char o_isf[] = "--isf";
    char o_ready[] = "--ready-fd";
    char one[] = "1";
    char on[] = "on";
    char off[] = "off";
    struct dg_jsonl ready;

    dg_app_stop(app);
    (void)snprintf(path, sizeof path, "%s/dosegate-domain", bin);
    (void)snprintf(log, sizeof log, "%s.log", dir);
    (void)snprintf(dir_text, sizeof dir_text, "%s", dir);
    (void)snprintf(link_text, sizeof link_text, "%s", link);
    (void)snprintf(isf_text, sizeof isf_text, "%d", isf);

    char *const arguments[] = {name,
                               o_dir,
                               dir_text,
                               o_link,
                               link_text,
                               o_loop,
                               is_loop ? on : off,
                               o_isf,
                               isf_text,
                               o_ready,
                               one,
                               NULL};

    if (!dg_child_start(&app->child, path, arguments, log, &ready)) {
        return "the phone's domain could not be started";
    }
    app->is_made = true;

    json_t *line = dg_jsonl_receive(&ready, START_MS, NULL);
    const bool is_up = read_ready(app, line);

    json_decref(line);
    dg_jsonl_close(&ready);
    if (!is_up) {
        dg_app_stop(app);
        return "the phone's domain did not come up; see its log";
    }
    (void)dg_jsonl_send(&app->events, json_pack("{s:s}", "op", "watch"));
    return NULL;
}

void dg_app_kill(struct dg_app *app)
{
    if (app->is_made) {
        dg_jsonl_close(&app->gateway);
        dg_jsonl_close(&app->display);
        dg_jsonl_close(&app->events);
        dg_child_kill(&app->child);
        app->is_made = false;
    }
}

void dg_app_stop(struct dg_app *app)
{
    if (app->is_made) {
        dg_jsonl_close(&app->gateway);
        dg_jsonl_close(&app->display);
        dg_jsonl_close(&app->events);
        dg_child_stop(&app->child, 1000);
        app->is_made = false;
    }
}

/* Words ------------------------------------------------------------------- */

static const char *result_word(const char *result)
{
    static const struct {
        const char *theirs;
        const char *contract;
    } words[] = {{"ok", "accepted"},
                 {"earlier", "already"},
                 {"unreachable", "silent"},
                 {"failed", "silent"},
                 {"no-display", "no_display"},
                 {"open-loop", "open_loop"}};

    for (size_t i = 0U; i < (sizeof words / sizeof words[0]); i++) {
        if (strcmp(result, words[i].theirs) == 0) {
            return words[i].contract;
        }
    }
    return result;
}

static json_t *status_words(const json_t *theirs)
{
    static const char *const same[] = {"bolus_total_mU",
                                       "basal_total_mU",
                                       "uncertain_mU",
                                       "iob_mU",
                                       "headroom_automatic_mU",
                                       "headroom_confirmed_mU"};
    const json_t *dose = json_object_get(theirs, "last_dose");
    json_t *status = json_object();

    for (size_t i = 0U; i < 6U; i++) {
        json_object_set(status, same[i], json_object_get(theirs, same[i]));
    }
    json_object_set(status, "outcome", json_object_get(dose, "outcome"));
    json_object_set(
        status, "delivered_mU", json_object_get(dose, "delivered_mU"));
    return status;
}

static json_t *in_contract_words(json_t *reply, const char *fine)
{
    const char *theirs = json_string_value(json_object_get(reply, "result"));
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));
    const json_t *code = json_object_get(reply, "reason_code");

    if (reply == NULL) {
        return dg_words_result("silent");
    }
    if (theirs == NULL) {
        json_t *failure = dg_words_failure(
            json_string_value(json_object_get(reply, "error")));

        json_decref(reply);
        return failure;
    }

    json_t *answer = dg_words_result(is_ok ? fine : result_word(theirs));

    if (json_is_integer(code)) {
        json_object_set_new(answer,
                            "reason",
                            json_string(dg_words_reason(
                                (enum dg_reason)json_integer_value(code))));
    }
    json_object_set(
        answer, "headroom_mU", json_object_get(reply, "headroom_mU"));
    json_object_set(
        answer, "resolved_mU", json_object_get(reply, "resolved_mU"));
    json_object_set_new(
        answer, "status", status_words(json_object_get(reply, "status")));
    json_decref(reply);
    return answer;
}

/* Doing ------------------------------------------------------------------- */

/* What the person sees on the trusted display and does about it. */
static void look_at_display(struct dg_app *app, bool is_approving)
{
    json_t *shown = dg_jsonl_receive(&app->display, 0, NULL);
    const char *what = json_string_value(json_object_get(shown, "show"));
    const char *ticket = json_string_value(json_object_get(shown, "ticket"));
    const char *number = json_string_value(json_object_get(shown, "number"));
    char line[128];

    if ((what != NULL) && (ticket != NULL) && (strcmp(what, "ask") == 0)) {
        /* Where the display wants the number again, the person types it, and
         * the PIN where there is one. */
        const bool types = is_approving && (number != NULL) &&
                           json_is_true(json_object_get(shown, "number_again"));
        const bool proves =
            is_approving && json_is_true(json_object_get(shown, "pin"));
        const char *given = (app->typed != NULL) ? app->typed : number;
        const int size = snprintf(line,
                                  sizeof line,
                                  "%s %.16s%s%.32s%s%.16s\n",
                                  is_approving ? "approve" : "decline",
                                  ticket,
                                  (types || proves) ? " " : "",
                                  types ? given : (proves ? "-" : ""),
                                  proves ? " " : "",
                                  proves ? app->pin : "");
        ssize_t put = write(app->display.out, line, (size_t)size);

        app->was_asked = types;
        if (app->typed != NULL) {
            const int more =
                snprintf(line, sizeof line, "decline %.16s\n", ticket);

            put = write(app->display.out, line, (size_t)more);
        }
        (void)put;
    }
    json_decref(shown);
}

struct person {
    struct dg_app *app;
    bool is_approving;
};

static size_t person_fill(void *context,
                          struct pollfd entries[DG_PUMP_POLL_MAX])
{
    const struct person *person = context;

    entries[0] = (struct pollfd){person->app->display.in, POLLIN, 0};
    return 1U;
}

static void person_serve(void *context)
{
    const struct person *person = context;

    look_at_display(person->app, person->is_approving);
}

/* What the person asks the app for. */
static json_t *dose_of(const json_t *order)
{
    const char *kind = json_string_value(json_object_get(order, "kind"));
    const json_int_t mU = json_integer_value(json_object_get(order, "mU"));
    const json_int_t s = json_integer_value(json_object_get(order, "s"));

    if ((kind == NULL) || (strcmp(kind, "bolus") == 0)) {
        return json_pack("{s:s, s:I}", "op", "bolus", "mU", mU);
    }
    if (strcmp(kind, "extended") == 0) {
        return json_pack(
            "{s:s, s:I, s:I}", "op", "bolus", "mU", mU, "over_s", s);
    }
    if (strcmp(kind, "temp_basal") == 0) {
        return json_pack("{s:s, s:I, s:I}",
                         "op",
                         "temporary-basal",
                         "mU_per_h",
                         json_integer_value(json_object_get(order, "mU_per_h")),
                         "over_s",
                         s);
    }
    return NULL;
}

static bool lacks_display(const json_t *reply)
{
    const char *result = json_string_value(json_object_get(reply, "result"));

    return (result != NULL) && (strcmp(result, "no-display") == 0);
}

static json_t *do_bolus(struct dg_app *app, const json_t *order)
{
    struct person person = {app,
                            json_is_true(json_object_get(order, "approve"))};
    const struct dg_pump pump = {&person, person_fill, person_serve};
    json_t *dose = dose_of(order);

    if (dose == NULL) {
        return dg_words_failure(
            "an app's \"kind\" is bolus, extended or temp_basal");
    }
    /* Whoever was told to open the display first asks again: it was opened a
     * moment ago. */
    json_t *reply = NULL;

    for (unsigned i = 0U; i < DISPLAY_TRIES; i++) {
        json_decref(reply);
        reply =
            dg_jsonl_call(&app->gateway, json_incref(dose), ANSWER_MS, &pump);
        if (!lacks_display(reply)) {
            break;
        }
        (void)poll(NULL, 0, DISPLAY_MS);
    }
    json_decref(dose);
    return in_contract_words(reply, "accepted");
}

json_t *dg_app_bolus(struct dg_app *app,
                     json_int_t mU,
                     const struct dg_pump *person)
{
    return in_contract_words(
        dg_jsonl_call(&app->gateway,
                      json_pack("{s:s, s:I}", "op", "bolus", "mU", mU),
                      ANSWER_MS,
                      person),
        "accepted");
}

int dg_app_decline_all(struct dg_app *app)
{
    json_t *shown = dg_jsonl_receive(&app->display, LOOK_MS, NULL);
    char line[64];
    int asked = 0;

    while (shown != NULL) {
        const char *what = json_string_value(json_object_get(shown, "show"));
        const char *ticket =
            json_string_value(json_object_get(shown, "ticket"));

        if ((what != NULL) && (ticket != NULL) && (strcmp(what, "ask") == 0)) {
            const int size =
                snprintf(line, sizeof line, "decline %.16s\n", ticket);
            const ssize_t put = write(app->display.out, line, (size_t)size);

            (void)put;
            asked++;
        }
        json_decref(shown);
        shown = dg_jsonl_receive(&app->display, LOOK_MS, NULL);
    }
    return asked;
}

void dg_app_look_away(struct dg_app *app)
{
    (void)dg_app_decline_all(app);
}

bool dg_app_reconnect(struct dg_app *app, const char *dir)
{
    char path[700];
    json_t *answer = NULL;
    const long long until_ms = dg_clock_ms() + REOPEN_MS;

    (void)snprintf(path, sizeof path, "%s/gateway.sock", dir);
    while ((answer == NULL) && (dg_clock_ms() < until_ms)) {
        dg_jsonl_close(&app->gateway);
        if (dg_jsonl_connect(&app->gateway, path, LOOK_MS)) {
            answer = dg_jsonl_call(&app->gateway,
                                   json_pack("{s:s}", "op", "watch"),
                                   LOOK_MS * 4,
                                   NULL);
        }
    }
    if (answer != NULL) {
        /* One connection asks, the other one listens. */
        dg_jsonl_close(&app->gateway);
        dg_jsonl_close(&app->events);
        (void)dg_jsonl_connect(&app->gateway, path, START_MS);
        (void)dg_jsonl_connect(&app->events, path, START_MS);
        (void)dg_jsonl_send(&app->events, json_pack("{s:s}", "op", "watch"));
    }
    json_decref(answer);
    return answer != NULL;
}

json_t *dg_app_type(struct dg_app *app, json_int_t mU, const char *text)
{
    struct person person = {app, true};
    const struct dg_pump pump = {&person, person_fill, person_serve};

    app->typed = text;
    app->was_asked = false;

    json_t *answer = dg_app_bolus(app, mU, &pump);

    app->typed = NULL;
    dg_app_look_away(app);
    if (!app->was_asked) {
        json_object_set_new(answer, "result", json_string("unasked"));
    }
    return answer;
}

static json_t *do_suspend(struct dg_app *app, const json_t *order)
{
    return in_contract_words(
        dg_jsonl_call(
            &app->gateway,
            json_pack("{s:s, s:I}",
                      "op",
                      "suspend",
                      "seconds",
                      json_integer_value(json_object_get(order, "s"))),
            ANSWER_MS,
            NULL),
        "status");
}

static json_t *ask(struct dg_app *app, const char *op, const char *fine)
{
    return in_contract_words(
        dg_jsonl_call(
            &app->gateway, json_pack("{s:s}", "op", op), ANSWER_MS, NULL),
        fine);
}

json_t *dg_app_do(struct dg_app *app, const json_t *order)
{
    const char *name = json_string_value(json_object_get(order, "do"));

    if ((name != NULL) && (strcmp(name, "bolus") == 0)) {
        return do_bolus(app, order);
    }
    if ((name != NULL) &&
        ((strcmp(name, "status") == 0) || (strcmp(name, "connect") == 0))) {
        return ask(app, "status", "status");
    }
    if ((name != NULL) &&
        ((strcmp(name, "stop") == 0) || (strcmp(name, "resume") == 0))) {
        return ask(app, name, "status");
    }
    if ((name != NULL) && (strcmp(name, "suspend") == 0)) {
        return do_suspend(app, order);
    }
    return dg_words_failure(
        "an app can do bolus, status, stop, suspend, resume, connect");
}

json_t *dg_app_pair(struct dg_app *app,
                    const char *code,
                    const char *name,
                    const char *role)
{
    return in_contract_words(dg_jsonl_call(&app->gateway,
                                           json_pack("{s:s, s:s, s:s, s:s}",
                                                     "op",
                                                     "pair",
                                                     "code",
                                                     code,
                                                     "name",
                                                     name,
                                                     "role",
                                                     role),
                                           ANSWER_MS,
                                           NULL),
                             "paired");
}

void dg_app_hear(struct dg_app *app, dg_span frame, bool waits)
{
    static const char prefix[] = "udp:127.0.0.1:";
    struct sockaddr_in to = {.sin_family = AF_INET};
    const long long until_ms = dg_clock_ms() + CYCLE_MS;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if ((fd < 0) || (strncmp(app->sensor, prefix, sizeof prefix - 1U) != 0)) {
        return;
    }
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons((uint16_t)strtoul(&app->sensor[sizeof prefix - 1U], NULL, 10));
    (void)sendto(
        fd, frame.at, frame.size, 0, (const struct sockaddr *)&to, sizeof to);
    (void)close(fd);
    while (waits && (dg_clock_ms() < until_ms)) {
        json_t *event = dg_jsonl_receive(
            &app->events, (int)(until_ms - dg_clock_ms()), NULL);
        const char *name = json_string_value(json_object_get(event, "event"));
        const bool is_cycle = (name != NULL) && (strcmp(name, "cycle") == 0);
        const bool is_gone = event == NULL;

        json_decref(event);
        if (is_cycle || is_gone) {
            return;
        }
    }
}

void dg_app_attest(struct dg_app *app, struct dg_unit *unit)
{
    json_t *note = dg_jsonl_call(
        &app->gateway, json_pack("{s:s}", "op", "attest"), ANSWER_MS, NULL);
    const char *nonce = json_string_value(json_object_get(note, "nonce"));
    const char *key = json_string_value(json_object_get(note, "key"));
    const char *presence = json_string_value(json_object_get(note, "presence"));
    char *ticket = ((nonce != NULL) && (key != NULL) && (presence != NULL))
                       ? dg_unit_ticket(unit, nonce, key, presence)
                       : NULL;

    if (ticket != NULL) {
        json_decref(dg_jsonl_call(
            &app->gateway,
            json_pack("{s:s, s:s}", "op", "attest", "ticket", ticket),
            ANSWER_MS,
            NULL));
    }
    free(ticket);
    json_decref(note);
}
