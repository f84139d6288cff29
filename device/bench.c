/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"
#include "bench_hex.h"

#include "bench_call.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static json_t *failure(const char *what)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

static json_t *success(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static void set_number(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

/* Operations -------------------------------------------------------------- */

#define GONE "the pump does not answer"

static enum dg_status act(const struct bench_call *call,
                          enum dg_hands_act what,
                          uint32_t argument)
{
    return call->hands->act(call->hands->context, what, argument);
}

static json_t *windows_of(const struct dg_hands_view *view, unsigned tier)
{
    json_t *caps = json_object();

    set_number(caps, "dose_mU", view->dose_max_mU[tier]);
    set_number(caps, "5min_mU", view->window_max_mU[tier][DG_WINDOW_5_MIN]);
    set_number(caps, "1h_mU", view->window_max_mU[tier][DG_WINDOW_1_H]);
    set_number(caps, "4h_mU", view->window_max_mU[tier][DG_WINDOW_4_H]);
    set_number(caps, "24h_mU", view->window_max_mU[tier][DG_WINDOW_24_H]);
    return caps;
}

static json_t *do_hello(const struct bench_call *call)
{
    const struct dg_hands_view *view = &call->view;
    json_t *answer = success();
    json_t *caps = json_object();

    json_object_set_new(caps, "automatic", windows_of(view, DG_TIER_AUTOMATIC));
    json_object_set_new(caps, "confirmed", windows_of(view, DG_TIER_CONFIRMED));
    json_object_set_new(caps, "total", windows_of(view, DG_TIER_PRESENT));
    json_object_set_new(answer, "caps", caps);
    dg_bench_set_hex(answer, "device", DG_SPAN_OF(view->device));
    set_number(answer, "pulse_mU", view->pulse_mU);
    set_number(answer, "basal_mU_per_h", view->basal_mU_per_h);
    set_number(answer, "daily_mU", view->daily_mU);
    set_number(answer, "isf", view->isf_mg_dL_per_U);
    set_number(answer, "interval_s", view->interval_s);
    set_number(answer, "iob_mU", view->iob_max_mU);
    set_number(answer, "ticket_s", view->ticket_s);
    set_number(answer, "now_s", view->now_s);
    return answer;
}

static json_t *do_advance(const struct bench_call *call)
{
    const json_t *seconds = json_object_get(call->request, "s");
    const json_int_t asked = json_integer_value(seconds);
    struct dg_hands_view after;

    if (!json_is_integer(seconds) || (asked < 1) ||
        (asked > (json_int_t)DG_HANDS_ADVANCE_S_MAX)) {
        return failure("advance needs \"s\", an integer from 1 to 86400");
    }
    if (call->view.is_driven == 0U) {
        return failure("the clock is real; start with --clock driven");
    }
    if ((act(call, DG_HANDS_ADVANCE, (uint32_t)asked) != DG_OK) ||
        (call->hands->look(call->hands->context, &after) != DG_OK)) {
        return failure(GONE);
    }

    json_t *answer = success();

    set_number(answer, "now_s", after.now_s);
    set_number(answer, "mU", (int64_t)after.moved_pulses * DG_PULSE_MU);
    return answer;
}

static json_t *do_press(const struct bench_call *call)
{
    static const struct {
        const char *name;
        enum dg_button button;
    } buttons[] = {{"confirm", DG_BUTTON_CONFIRM},
                   {"stop", DG_BUTTON_STOP},
                   {"rescue", DG_BUTTON_RESCUE},
                   {"pair", DG_BUTTON_PAIR},
                   {"silence", DG_BUTTON_SILENCE},
                   {"suspend", DG_BUTTON_SUSPEND},
                   {"resume", DG_BUTTON_RESUME},
                   {"detach", DG_BUTTON_DETACH},
                   {"bolus", DG_BUTTON_BOLUS},
                   {"forget", DG_BUTTON_FORGET},
                   {"forget_hold", DG_BUTTON_FORGET_HOLD}};
    const char *name =
        json_string_value(json_object_get(call->request, "button"));

    for (size_t i = 0U;
         (name != NULL) && (i < (sizeof buttons / sizeof buttons[0]));
         i++) {
        if (strcmp(name, buttons[i].name) == 0) {
            const enum dg_status status =
                act(call, DG_HANDS_PRESS, (uint32_t)buttons[i].button);

            return (status == DG_OK)
                       ? success()
                       : failure((status == DG_E_STATE)
                                     ? "nothing to do for this button now"
                                     : dg_status_name(status));
        }
    }
    return failure(
        "press needs \"button\": confirm, stop, rescue, pair or silence");
}

static json_t *do_display(const struct bench_call *call)
{
    const struct dg_hands_view *view = &call->view;
    json_t *answer = success();

    if ((view->code_size > 0U) && (view->code_size <= sizeof view->code)) {
        dg_bench_set_hex(
            answer, "code", (dg_span){view->code, view->code_size});
    }
    if (view->has_digits == 1U) {
        char digits[DG_PAIRING_DIGITS + 1U] = {0};

        memcpy(digits, view->digits, DG_PAIRING_DIGITS);
        json_object_set_new(answer, "digits", json_string(digits));
    }
    set_number(answer, "announced_mU", view->announced_mU);
    set_number(answer, "announced_ug", view->announced_ug);
    if (view->change_kind != 0U) {
        set_number(answer, "change_kind", view->change_kind);
        set_number(answer, "change_setting", view->change_setting);
        set_number(answer, "change_mU", view->change_mU);
    }
    return answer;
}

static json_t *do_delivered(const struct bench_call *call)
{
    const int64_t moved = call->view.moved_pulses;
    json_t *answer = success();

    set_number(answer, "pulses", moved);
    set_number(answer, "mU", moved * DG_PULSE_MU);
    set_number(answer,
               "reservoir_mU",
               (int64_t)call->view.reservoir_left * DG_PULSE_MU);
    return answer;
}

static json_t *do_ledger(const struct bench_call *call)
{
    const struct dg_hands_view *view = &call->view;
    json_t *answer = success();

    set_number(answer, "bolus_mU", (int64_t)view->bolus_pulses * DG_PULSE_MU);
    set_number(answer, "basal_mU", (int64_t)view->basal_pulses * DG_PULSE_MU);
    set_number(
        answer, "uncertain_mU", (int64_t)view->uncertain_pulses * DG_PULSE_MU);
    return answer;
}

static json_t *do_glucagon(const struct bench_call *call)
{
    const struct dg_hands_view *view = &call->view;
    json_t *answer = success();

    set_number(
        answer, "ug", (int64_t)view->chamber_moved_steps * view->step_ug);
    set_number(answer,
               "ledger_ug",
               (int64_t)view->chamber_ledger_steps * view->step_ug);
    set_number(
        answer, "left_ug", (int64_t)view->chamber_left_steps * view->step_ug);
    return answer;
}

static json_t *do_alarms(const struct bench_call *call)
{
    static const char *const sounds[] = {"off", "gentle", "loud", "continuous"};
    json_t *answer = success();
    json_t *names = json_array();

    for (unsigned bit = 0U; bit < 16U; bit++) {
        if (((call->view.alarms >> bit) & 1U) != 0U) {
            json_array_append_new(
                names, json_string(dg_alarm_text((enum dg_alarm)bit)));
        }
    }
    json_object_set_new(answer, "alarms", names);
    json_object_set_new(answer,
                        "sound",
                        json_string((call->view.sound < 4U)
                                        ? sounds[call->view.sound]
                                        : "unknown"));
    json_object_set_new(
        answer,
        "drainer",
        json_stringn((const char *)call->view.name, call->view.name_size));
    return answer;
}

static json_t *do_battery(const struct bench_call *call)
{
    json_t *answer = success();

    set_number(answer, "percent", call->view.battery_percent);
    set_number(answer, "used_nAh", (int64_t)call->view.used_nAh);
    set_number(answer, "full_nAh", (int64_t)call->view.full_nAh);
    return answer;
}

static json_t *do_sensor(const struct bench_call *call)
{
    json_t *answer = success();

    dg_bench_set_hex(answer, "key", DG_SPAN_OF(call->view.sensor_key));
    set_number(answer, "start_s", call->view.sensor_start_s);
    set_number(answer, "now_s", call->view.now_s);
    return answer;
}

static json_t *block(const struct bench_call *call, enum dg_hands_act what)
{
    const json_t *on = json_object_get(call->request, "on");

    if (!json_is_boolean(on)) {
        return failure("block needs \"on\": true or false");
    }
    return (act(call, what, json_is_true(on) ? 1U : 0U) == DG_OK)
               ? success()
               : failure(GONE);
}

static json_t *do_block(const struct bench_call *call)
{
    return block(call, DG_HANDS_BLOCK);
}

static json_t *do_block_chamber(const struct bench_call *call)
{
    return block(call, DG_HANDS_BLOCK_CHAMBER);
}

static json_t *do_cut(const struct bench_call *call)
{
    static const char *const parts[DG_HANDS_PARTS] = {"half", "nothing", "all"};
    const json_t *writes = json_object_get(call->request, "writes");
    const json_t *part = json_object_get(call->request, "part");
    uint32_t index = 0U;

    if (!json_is_integer(writes) || (json_integer_value(writes) < 1) ||
        (json_integer_value(writes) > (json_int_t)DG_HANDS_CUT_MAX)) {
        return failure("cut needs \"writes\", an integer from 1 to 1000000");
    }
    while ((part != NULL) && (index < DG_HANDS_PARTS) &&
           (!json_is_string(part) ||
            (strcmp(json_string_value(part), parts[index]) != 0))) {
        index++;
    }
    if (index == DG_HANDS_PARTS) {
        return failure("\"part\" of a cut is half, nothing or all");
    }
    return ((act(call, DG_HANDS_CUT_PART, index) == DG_OK) &&
            (act(call, DG_HANDS_CUT, (uint32_t)json_integer_value(writes)) ==
             DG_OK))
               ? success()
               : failure(GONE);
}

/* The second flash -------------------------------------------------------- */

#define NO_IMAGES "this pump has no second flash and cannot be updated"

static json_t *do_cut_images(const struct bench_call *call)
{
    const json_t *writes = json_object_get(call->request, "writes");

    if (call->images == NULL) {
        return failure(NO_IMAGES);
    }
    if (!json_is_integer(writes) || (json_integer_value(writes) < 1) ||
        (json_integer_value(writes) > (json_int_t)DG_HANDS_CUT_MAX)) {
        return failure(
            "cut_images needs \"writes\", an integer from 1 to 1000000");
    }
    call->images->flash.cut_in = (uint32_t)json_integer_value(writes);
    return success();
}

/* A whole number from the request, or -1. */
static int64_t number_of(const struct bench_call *call, const char *key)
{
    const json_t *value = json_object_get(call->request, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static json_t *do_release(const struct bench_call *call)
{
    static const char *const kinds[] = {"good", "crash", "faulty"};
    const char *kind =
        json_string_value(json_object_get(call->request, "kind"));
    const int64_t sequence = number_of(call, "sequence");
    const int64_t counter = number_of(call, "counter");
    const int64_t size = number_of(call, "size");

    if (call->images == NULL) {
        return failure(NO_IMAGES);
    }
    for (unsigned i = 0U; (kind != NULL) && (i < 3U); i++) {
        if ((strcmp(kind, kinds[i]) == 0) && (sequence > 0) &&
            (sequence <= 99999) && (counter >= 0) && (counter <= 99999) &&
            (size >= 0) &&
            (dg_images_release(call->images,
                               call->crypto,
                               (uint32_t)sequence,
                               (uint32_t)counter,
                               (enum dg_image_kind)i,
                               (uint32_t)size) == DG_OK)) {
            return success();
        }
    }
    return failure("release needs \"sequence\" from 1, \"counter\" from 0, "
                   "\"size\" from 16 to 65536 and \"kind\": good, crash or "
                   "faulty");
}

static json_t *do_firmware(const struct bench_call *call)
{
    static const char *const ends[] = {
        "none", "running", "confirmed", "rejected", "tired", "not genuine"};

    if (call->images == NULL) {
        return failure(NO_IMAGES);
    }

    const struct dg_boot_choice *choice = &call->images->port.choice;
    json_t *answer = success();

    set_number(answer, "sequence", choice->manifest.sequence);
    set_number(answer, "slot", choice->slot);
    set_number(answer, "counter", choice->state.security_counter);
    set_number(answer, "announced", call->images->announced);
    json_object_set_new(answer, "trial", json_boolean(choice->is_trial));
    json_object_set_new(
        answer, "last", json_string(ends[(unsigned)choice->state.last % 6U]));
    return answer;
}

static json_t *act_number(const struct bench_call *call,
                          const char *key,
                          json_int_t most,
                          json_int_t unit,
                          enum dg_hands_act what)
{
    const json_t *number = json_object_get(call->request, key);
    const json_int_t value = json_integer_value(number);

    if (!json_is_integer(number) || (value < 0) || (value > most)) {
        return failure("this needs its number, and no larger one");
    }
    return (act(call, what, (uint32_t)(value / unit)) == DG_OK) ? success()
                                                                : failure(GONE);
}

static json_t *do_leak(const struct bench_call *call)
{
    return act_number(call, "mU", 300000, DG_PULSE_MU, DG_HANDS_LEAK);
}

static json_t *do_fill(const struct bench_call *call)
{
    return act_number(call, "mU", 300000, DG_PULSE_MU, DG_HANDS_FILL);
}

static json_t *do_clock(const struct bench_call *call)
{
    return act_number(call, "back_s", UINT32_MAX, 1, DG_HANDS_CLOCK);
}

static json_t *do_hold_sensor(const struct bench_call *call)
{
    return act_number(call, "number", INT32_MAX, 1, DG_HANDS_SENSOR);
}

static const struct {
    const char *name;
    json_t *(*run)(const struct bench_call *call);
} operations[] = {
    {"hello", do_hello},
    {"advance", do_advance},
    {"press", do_press},
    {"display", do_display},
    {"delivered", do_delivered},
    {"ledger", do_ledger},
    {"glucagon", do_glucagon},
    {"alarms", do_alarms},
    {"battery", do_battery},
    {"sensor", do_sensor},
    {"attest", dg_bench_attest},
    {"policy", dg_bench_policy},
    {"prescriber", dg_bench_prescriber},
    {"block", do_block},
    {"block_chamber", do_block_chamber},
    {"cut", do_cut},
    {"clock", do_clock},
    {"leak", do_leak},
    {"fill", do_fill},
    {"hold_sensor", do_hold_sensor},
    {"cut_images", do_cut_images},
    {"release", do_release},
    {"firmware", do_firmware},
    {"gauge", dg_bench_gauge},
};

static json_t *run_line(struct dg_bench *bench, const char *line)
{
    json_error_t error;
    json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    const char *name = json_string_value(json_object_get(request, "op"));
    struct bench_call call = {
        .hands = bench->hands, .crypto = bench->crypto, .request = request};
    json_t *answer = NULL;

    if ((bench->images != NULL) && bench->images->is_open) {
        call.images = bench->images;
    }
    if (call.hands->look(call.hands->context, &call.view) != DG_OK) {
        json_decref(request);
        return failure(GONE);
    }

    for (size_t i = 0U;
         (name != NULL) && (i < (sizeof operations / sizeof operations[0]));
         i++) {
        if (strcmp(name, operations[i].name) == 0) {
            answer = operations[i].run(&call);
        }
    }
    if (answer == NULL) {
        answer =
            failure((request == NULL) ? "not one JSON object on one line"
                                      : "unknown \"op\"; see device/bench.h");
    }
    json_decref(request);
    return answer;
}

/* Sockets ----------------------------------------------------------------- */

int dg_bench_open(struct dg_bench *bench, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    for (size_t i = 0U; i < DG_BENCH_CLIENTS_MAX; i++) {
        bench->client[i].fd = -1;
    }
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1U);
    bench->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bench->fd < 0) {
        return -1;
    }
    (void)unlink(path);
    if ((bind(bench->fd, (const struct sockaddr *)&address, sizeof address) !=
         0) ||
        (listen(bench->fd, 4) != 0)) {
        return -1;
    }
    return 0;
}

size_t dg_bench_poll(const struct dg_bench *bench, struct pollfd *entries)
{
    size_t count = 0U;

    entries[count++] = (struct pollfd){bench->fd, POLLIN, 0};
    for (size_t i = 0U; i < DG_BENCH_CLIENTS_MAX; i++) {
        if (bench->client[i].fd >= 0) {
            entries[count++] = (struct pollfd){bench->client[i].fd, POLLIN, 0};
        }
    }
    return count;
}

static void drop(struct dg_bench_client *client)
{
    (void)close(client->fd);
    client->fd = -1;
    client->used = 0U;
}

static void answer_line(struct dg_bench *bench,
                        struct dg_bench_client *client,
                        const char *line)
{
    json_t *answer = run_line(bench, line);
    char *text = json_dumps(answer, JSON_COMPACT);

    json_decref(answer);
    if (text == NULL) {
        drop(client);
        return;
    }

    /* One answer is far below a socket buffer; a bench that does not read is
     * let go. */
    char room[2048];
    const int size = snprintf(room, sizeof room, "%s\n", text);

    free(text);
    if ((size < 0) || ((size_t)size >= sizeof room) ||
        (send(client->fd, room, (size_t)size, MSG_NOSIGNAL) != size)) {
        drop(client);
    }
}

static void read_client(struct dg_bench *bench, struct dg_bench_client *client)
{
    const ssize_t got = recv(client->fd,
                             &client->line[client->used],
                             sizeof client->line - client->used - 1U,
                             MSG_DONTWAIT);

    if (got <= 0) {
        if ((got == 0) || ((errno != EAGAIN) && (errno != EINTR))) {
            drop(client);
        }
        return;
    }
    client->used += (size_t)got;
    client->line[client->used] = '\0';

    char *end = NULL;

    while ((client->fd >= 0) &&
           ((end = memchr(client->line, '\n', client->used)) != NULL)) {
        const size_t size = (size_t)(end - client->line) + 1U;

        *end = '\0';
        answer_line(bench, client, client->line);
        client->used -= (client->fd >= 0) ? size : client->used;
        memmove(client->line, &client->line[size], client->used);
    }
    if (client->used == (sizeof client->line - 1U)) {
        drop(client);
    }
}

static void welcome(struct dg_bench *bench)
{
    const int fd = accept4(bench->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        return;
    }
    for (size_t i = 0U; i < DG_BENCH_CLIENTS_MAX; i++) {
        if (bench->client[i].fd < 0) {
            bench->client[i].fd = fd;
            bench->client[i].used = 0U;
            return;
        }
    }
    (void)close(fd);
}

void dg_bench_serve(struct dg_bench *bench)
{
    welcome(bench);
    for (size_t i = 0U; i < DG_BENCH_CLIENTS_MAX; i++) {
        if (bench->client[i].fd >= 0) {
            read_client(bench, &bench->client[i]);
        }
    }
}

void dg_bench_close(struct dg_bench *bench, const char *path)
{
    for (size_t i = 0U; i < DG_BENCH_CLIENTS_MAX; i++) {
        if (bench->client[i].fd >= 0) {
            drop(&bench->client[i]);
        }
    }
    (void)close(bench->fd);
    (void)unlink(path);
}
