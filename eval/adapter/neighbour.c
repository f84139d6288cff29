/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/neighbour.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "eval/adapter/words.h"
#include "eval/hex.h"

#define HELD_MAX   64
#define BYTES_MAX  8192U
#define ANSWER_MAX 4096U
/* Nothing comes before the end of a line; after it, soon, but this bench may be
 * busy. */
#define ANSWER_MS  2000
#define SILENCE_MS 200
#define TYPED_MAX  64U

static int held[HELD_MAX];
static size_t held_count;

/* At the door -------------------------------------------------------------- */

static int connect_to(const struct dg_bench_phone *phone, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if ((fd < 0) ||
        (snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", phone->dir, name) >=
         (int)sizeof at.sun_path) ||
        (connect(fd, (const struct sockaddr *)(const void *)&at, sizeof at) !=
         0)) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    return fd;
}

/* What comes back to the end of a line, or until nothing comes any more. */
static void hear_line(int fd, int patience_ms, char answer[ANSWER_MAX])
{
    struct pollfd entry = {fd, POLLIN, 0};
    size_t used = 0U;

    while ((used < ANSWER_MAX - 1U) && (poll(&entry, 1U, patience_ms) == 1)) {
        const ssize_t got = recv(fd, answer + used, ANSWER_MAX - 1U - used, 0);

        if (got <= 0) {
            break;
        }
        used += (size_t)got;
        if (memchr(answer, '\n', used) != NULL) {
            break;
        }
    }
    answer[used] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
}

/* Each text in a connection of its own. */
static json_t *send_texts(struct dg_bench_phone *phone,
                          const json_t *request,
                          const char *bin)
{
    static uint8_t bytes[BYTES_MAX];
    static char answer[ANSWER_MAX];
    const json_t *list = json_object_get(request, "hex");
    json_t *answers = json_array();
    size_t index = 0U;
    json_t *item = NULL;
    int asked = 0;

    (void)bin;
    json_array_foreach(list, index, item)
    {
        const char *hex = json_string_value(item);
        const size_t size = (hex == NULL) ? 0U : strlen(hex) / 2U;
        const int fd = connect_to(phone, "gateway.sock");

        answer[0] = '\0';
        if ((fd >= 0) && (size > 0U) && (size <= BYTES_MAX) &&
            dg_hex_get(hex, (dg_buf){bytes, size})) {
            const ssize_t put = send(fd, bytes, size, MSG_NOSIGNAL);

            (void)put;
            hear_line(fd,
                      (bytes[size - 1U] == (uint8_t)'\n') ? ANSWER_MS
                                                          : SILENCE_MS,
                      answer);
        }
        if (fd >= 0) {
            (void)close(fd);
        }

        json_t *text = json_string(answer);

        json_array_append_new(answers, (text != NULL) ? text : json_string(""));
        if (answer[0] == '\0') {
            asked += dg_app_decline_all(&phone->app);
        }
    }
    return json_pack(
        "{s:b, s:i, s:o}", "ok", 1, "asked", asked, "answers", answers);
}

/* What an app says at our door when it wants a dose, a rate, a stop. */
static json_t *show_samples(struct dg_bench_phone *phone,
                            const json_t *request,
                            const char *bin)
{
    static const char *const samples[] = {
        "{\"op\":\"bolus\",\"mU\":1000}\n",
        "{\"op\":\"temporary-basal\",\"mU_per_h\":1500,\"over_s\":1800}\n",
        "{\"op\":\"bolus\",\"mU\":1000,\"over_s\":3600}\n"};
    json_t *list = json_array();

    (void)phone;
    (void)request;
    (void)bin;
    for (size_t i = 0U; i < sizeof samples / sizeof samples[0]; i++) {
        const dg_span text = {(const uint8_t *)samples[i], strlen(samples[i])};
        char hex[512];

        dg_hex_put(text, hex);
        json_array_append_new(list, json_string(hex));
    }
    return json_pack("{s:b, s:o}", "ok", 1, "hex", list);
}

static void close_held(void)
{
    while (held_count > 0U) {
        (void)close(held[--held_count]);
    }
}

void dg_neighbour_end(void)
{
    close_held();
    dg_neighbour_let_go();
}

static json_t *hold_door(struct dg_bench_phone *phone,
                         const json_t *request,
                         const char *bin)
{
    const json_int_t count =
        json_integer_value(json_object_get(request, "count"));

    (void)bin;
    close_held();
    while ((held_count < HELD_MAX) && ((json_int_t)held_count < count)) {
        const int fd = connect_to(phone, "gateway.sock");

        if (fd < 0) {
            break;
        }
        held[held_count++] = fd;
    }
    return json_pack("{s:b, s:i}", "ok", 1, "held", (int)held_count);
}

/* At the trusted display --------------------------------------------------- */

/* Whether the display has said what came of it.  A question that is open is
 * shown first, to whoever comes, perhaps in the same breath. */
static const char *find_result(const char *text)
{
    static const char *const ends[] = {"{\"done\"",
                                       "{\"error\"",
                                       "{\"show\":\"approved\"",
                                       "{\"show\":\"declined\"",
                                       "{\"show\":\"withdrawn\""};

    for (size_t i = 0U; i < sizeof ends / sizeof ends[0]; i++) {
        const char *at = strstr(text, ends[i]);

        if ((at != NULL) && (strchr(at, '\n') != NULL)) {
            return at;
        }
    }
    return NULL;
}

static json_t *say_to_display(const struct dg_bench_phone *phone,
                              const char *line)
{
    static char text[ANSWER_MAX];
    const int fd = connect_to(phone, "confirm.sock");
    struct pollfd entry = {fd, POLLIN, 0};
    size_t used = 0U;

    text[0] = '\0';
    if (fd < 0) {
        return NULL;
    }

    const ssize_t put = send(fd, line, strlen(line), MSG_NOSIGNAL);

    (void)put;
    while ((find_result(text) == NULL) && (used < ANSWER_MAX - 1U) &&
           (poll(&entry, 1U, ANSWER_MS) == 1)) {
        const ssize_t got = recv(fd, text + used, ANSWER_MAX - 1U - used, 0);

        if (got <= 0) {
            break;
        }
        used += (size_t)got;
        text[used] = '\0';
    }
    (void)close(fd);

    const char *result = find_result(text);

    return (result == NULL) ? NULL
                            : json_loads(result, JSON_DISABLE_EOF_CHECK, NULL);
}

/* The person sets, or changes, the PIN. */
static json_t *set_pin(struct dg_bench_phone *phone,
                       const json_t *request,
                       const char *bin)
{
    const char *pin = json_string_value(json_object_get(request, "pin"));
    const char *before = json_string_value(json_object_get(request, "before"));
    char line[2U * TYPED_MAX + 16U];

    (void)bin;
    if ((pin == NULL) || (strlen(pin) >= sizeof phone->app.pin)) {
        return dg_words_failure("needs a \"pin\"");
    }
    (void)snprintf(line,
                   sizeof line,
                   "pin %s%s%.*s\n",
                   (before == NULL) ? "" : before,
                   (before == NULL) ? "" : " ",
                   (int)TYPED_MAX,
                   pin);

    json_t *said = say_to_display(phone, line);
    const bool is_done = json_object_get(said, "done") != NULL;

    json_decref(said);
    if (is_done) {
        (void)snprintf(phone->app.pin, sizeof phone->app.pin, "%s", pin);
    }
    return dg_words_result(is_done ? "done" : "refused");
}

struct script {
    struct dg_bench_phone *phone;
    const json_t *pins;
};

/* Everything that can be typed without knowing the person's PIN. */
static void answer_for_person(const struct dg_bench_phone *phone,
                              const json_t *pins,
                              const char *ticket,
                              const char *number)
{
    size_t index = 0U;
    json_t *pin = NULL;
    char line[192];

    (void)snprintf(line, sizeof line, "approve %.16s\n", ticket);
    json_decref(say_to_display(phone, line));
    (void)snprintf(line, sizeof line, "approve %.16s %.32s\n", ticket, number);
    json_decref(say_to_display(phone, line));
    json_array_foreach(pins, index, pin)
    {
        (void)snprintf(line,
                       sizeof line,
                       "approve %.16s %.32s %.32s\n",
                       ticket,
                       number,
                       json_string_value(pin));
        json_decref(say_to_display(phone, line));
    }
    (void)snprintf(line, sizeof line, "decline %.16s\n", ticket);
    json_decref(say_to_display(phone, line));
}

static size_t script_fill(void *context,
                          struct pollfd entries[DG_PUMP_POLL_MAX])
{
    const struct script *script = context;

    entries[0] = (struct pollfd){script->phone->app.display.in, POLLIN, 0};
    return 1U;
}

static void script_serve(void *context)
{
    const struct script *script = context;
    struct dg_app *app = &script->phone->app;
    json_t *shown = dg_jsonl_receive(&app->display, 0, NULL);
    const char *what = json_string_value(json_object_get(shown, "show"));
    const char *ticket = json_string_value(json_object_get(shown, "ticket"));
    const char *number = json_string_value(json_object_get(shown, "number"));

    if ((what != NULL) && (ticket != NULL) && (number != NULL) &&
        (strcmp(what, "ask") == 0)) {
        answer_for_person(script->phone, script->pins, ticket, number);
    }
    json_decref(shown);
}

/* A program asks for a dose and answers the display in the person's place. */
static json_t *dose_by_script(struct dg_bench_phone *phone,
                              const json_t *request,
                              const char *bin)
{
    struct script script = {phone, json_object_get(request, "pins")};
    const struct dg_pump pump = {&script, script_fill, script_serve};
    json_t *answer = dg_app_bolus(
        &phone->app, json_integer_value(json_object_get(request, "mU")), &pump);

    (void)bin;
    dg_app_look_away(&phone->app);
    return answer;
}

/* A person types something for the number that the trusted display shows. */
static json_t *type_amount(struct dg_bench_phone *phone,
                           const json_t *request,
                           const char *bin)
{
    const char *text = json_string_value(json_object_get(request, "text"));

    (void)bin;
    return (text == NULL)
               ? dg_words_failure("needs a \"text\"")
               : dg_app_type(&phone->app,
                             json_integer_value(json_object_get(request, "mU")),
                             text);
}

/* All ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    json_t *(*run)(struct dg_bench_phone *phone,
                   const json_t *request,
                   const char *bin);
} acts[] = {
    {"sample", show_samples},
    {"send", send_texts},
    {"hold", hold_door},
    {"pin", set_pin},
    {"script", dose_by_script},
    {"type", type_amount},
    {"reach", dg_neighbour_reach},
    {"end", dg_neighbour_end_part},
    {"change", dg_neighbour_change},
    {"spoil", dg_neighbour_spoil},
    {"search", dg_neighbour_search},
    {"load", dg_neighbour_load},
};

json_t *dg_neighbour_do(struct dg_bench_phone *phone,
                        const json_t *request,
                        const char *bin)
{
    const char *name = json_string_value(json_object_get(request, "do"));

    if ((phone == NULL) || !phone->is_app) {
        return dg_words_failure("needs a phone with the product's own part");
    }
    for (size_t i = 0U; (name != NULL) && (i < (sizeof acts / sizeof acts[0]));
         i++) {
        if (strcmp(name, acts[i].name) == 0) {
            return acts[i].run(phone, request, bin);
        }
    }
    return dg_words_failure("unknown \"do\"; see docs/adapter.md");
}
