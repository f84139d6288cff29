/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ADVANCE_S_MAX 86400
#define TICK_S        60

static json_t *failure(const char *what)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

static json_t *success(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static void set_hex(json_t *object, const char *key, dg_span bytes)
{
    static const char digit[] = "0123456789abcdef";
    char text[2U * DG_PAIRING_CODE_MAX + 1U];
    size_t at = 0U;

    for (size_t i = 0U; (i < bytes.size) && (i < DG_PAIRING_CODE_MAX); i++) {
        text[at++] = digit[bytes.at[i] >> 4];
        text[at++] = digit[bytes.at[i] & 15U];
    }
    text[at] = '\0';
    json_object_set_new(object, key, json_string(text));
}

static void set_number(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

/* Operations -------------------------------------------------------------- */

static json_t *windows_of(const struct dg_limits *limits, unsigned tier)
{
    json_t *caps = json_object();

    set_number(caps, "dose_mU", limits->dose_max_mU[tier]);
    set_number(caps, "5min_mU", limits->window_max_mU[tier][DG_WINDOW_5_MIN]);
    set_number(caps, "1h_mU", limits->window_max_mU[tier][DG_WINDOW_1_H]);
    set_number(caps, "4h_mU", limits->window_max_mU[tier][DG_WINDOW_4_H]);
    set_number(caps, "24h_mU", limits->window_max_mU[tier][DG_WINDOW_24_H]);
    return caps;
}

static json_t *do_hello(struct dg_bench *bench, const json_t *request)
{
    const struct dg_device *device = bench->device;
    const struct dg_limits *limits = &device->limits;
    const struct dg_therapy *therapy = &device->settings.therapy;
    json_t *answer = success();
    json_t *caps = json_object();

    (void)request;
    json_object_set_new(
        caps, "automatic", windows_of(limits, DG_TIER_AUTOMATIC));
    json_object_set_new(
        caps, "confirmed", windows_of(limits, DG_TIER_CONFIRMED));
    json_object_set_new(caps, "total", windows_of(limits, DG_TIER_PRESENT));
    json_object_set_new(answer, "caps", caps);
    set_hex(answer, "device", DG_SPAN_OF(device->settings.device.byte));
    set_number(answer, "pulse_mU", DG_PULSE_MU);
    set_number(answer, "basal_mU_per_h", therapy->basal[0].mU_per_h);
    set_number(answer, "daily_mU", therapy->total_daily_dose.mU);
    set_number(answer, "isf", therapy->isf_mg_dL_per_U);
    set_number(answer, "interval_s", limits->interval_s_min);
    set_number(answer, "iob_mU", limits->iob_max_mU);
    set_number(answer, "ticket_s", DG_TICKET_LIFE_S);
    set_number(answer, "now_s", device->now.s);
    return answer;
}

static json_t *do_advance(struct dg_bench *bench, const json_t *request)
{
    const json_t *seconds = json_object_get(request, "s");
    const json_int_t asked = json_integer_value(seconds);

    if (!json_is_integer(seconds) || (asked < 1) || (asked > ADVANCE_S_MAX)) {
        return failure("advance needs \"s\", an integer from 1 to 86400");
    }
    if (!bench->world->is_driven) {
        return failure("the clock is real; start with --clock driven");
    }
    for (json_int_t left = asked; left > 0;) {
        const json_int_t part = (left < TICK_S) ? left : TICK_S;

        dg_world_advance(bench->world, (uint32_t)part);
        dg_device_tick(bench->device, dg_world_clock(bench->world));
        left -= part;
    }

    json_t *answer = success();

    set_number(answer, "now_s", bench->device->now.s);
    set_number(
        answer, "mU", (int64_t)dg_world_moved(bench->world) * DG_PULSE_MU);
    return answer;
}

static json_t *do_press(struct dg_bench *bench, const json_t *request)
{
    static const struct {
        const char *name;
        enum dg_button button;
    } buttons[] = {{"confirm", DG_BUTTON_CONFIRM},
                   {"stop", DG_BUTTON_STOP},
                   {"pair", DG_BUTTON_PAIR},
                   {"silence", DG_BUTTON_SILENCE}};
    const char *name = json_string_value(json_object_get(request, "button"));

    for (size_t i = 0U; (name != NULL) && (i < 4U); i++) {
        if (strcmp(name, buttons[i].name) == 0) {
            const enum dg_status status = dg_device_press(
                bench->device, dg_world_clock(bench->world), buttons[i].button);

            return (status == DG_OK)
                       ? success()
                       : failure((status == DG_E_STATE)
                                     ? "nothing to do for this button now"
                                     : dg_status_name(status));
        }
    }
    return failure("press needs \"button\": confirm, stop, pair or silence");
}

static json_t *do_display(struct dg_bench *bench, const json_t *request)
{
    const struct dg_device *device = bench->device;
    json_t *answer = success();

    (void)request;
    if (device->pairing.is_open) {
        uint8_t room[DG_PAIRING_CODE_MAX];
        dg_span bytes = {NULL, 0U};

        if (dg_pairing_code_encode(
                &device->pairing.code, DG_BUF_OF(room), &bytes) == DG_OK) {
            set_hex(answer, "code", bytes);
        }
    }
    set_number(answer, "announced_mU", bench->world->announced.mU);
    return answer;
}

static json_t *do_delivered(struct dg_bench *bench, const json_t *request)
{
    const int64_t moved = dg_world_moved(bench->world);
    json_t *answer = success();

    (void)request;
    set_number(answer, "pulses", moved);
    set_number(answer, "mU", moved * DG_PULSE_MU);
    return answer;
}

static json_t *do_ledger(struct dg_bench *bench, const json_t *request)
{
    const struct dg_ledger *ledger = &bench->device->ledger;
    json_t *answer = success();

    (void)request;
    set_number(answer, "bolus_mU", (int64_t)ledger->bolus_pulses * DG_PULSE_MU);
    set_number(answer, "basal_mU", (int64_t)ledger->basal_pulses * DG_PULSE_MU);
    set_number(answer,
               "uncertain_mU",
               (int64_t)ledger->uncertain_pulses * DG_PULSE_MU);
    return answer;
}

static json_t *do_alarms(struct dg_bench *bench, const json_t *request)
{
    json_t *answer = success();
    json_t *names = json_array();

    (void)request;
    for (unsigned bit = 0U; bit < 16U; bit++) {
        if ((((unsigned)bench->world->alarms >> bit) & 1U) != 0U) {
            json_array_append_new(
                names, json_string(dg_alarm_text((enum dg_alarm)bit)));
        }
    }
    json_object_set_new(answer, "alarms", names);
    return answer;
}

static json_t *do_battery(struct dg_bench *bench, const json_t *request)
{
    json_t *answer = success();

    (void)request;
    set_number(
        answer, "percent", bench->world->power.battery_percent(bench->world));
    set_number(answer, "used_nAh", (int64_t)dg_world_used_nAh(bench->world));
    set_number(answer, "full_nAh", (int64_t)DG_CHARGE_FULL_NAH);
    return answer;
}

static json_t *do_sensor(struct dg_bench *bench, const json_t *request)
{
    const struct dg_settings *settings = &bench->device->settings;
    json_t *answer = success();

    (void)request;
    set_hex(answer, "key", DG_SPAN_OF(settings->sensor_key.byte));
    set_number(answer, "start_s", settings->sensor_start.s);
    set_number(answer, "now_s", bench->device->now.s);
    return answer;
}

static json_t *do_block(struct dg_bench *bench, const json_t *request)
{
    const json_t *on = json_object_get(request, "on");

    if (!json_is_boolean(on)) {
        return failure("block needs \"on\": true or false");
    }
    dg_world_block(bench->world, json_is_true(on));
    return success();
}

static json_t *do_cut(struct dg_bench *bench, const json_t *request)
{
    const json_t *writes = json_object_get(request, "writes");

    if (!json_is_integer(writes) || (json_integer_value(writes) < 1) ||
        (json_integer_value(writes) > 1000000)) {
        return failure("cut needs \"writes\", an integer from 1 to 1000000");
    }
    bench->flash->cut_in = (uint32_t)json_integer_value(writes);
    return success();
}

static const struct {
    const char *name;
    json_t *(*run)(struct dg_bench *bench, const json_t *request);
} operations[] = {
    {"hello", do_hello},
    {"advance", do_advance},
    {"press", do_press},
    {"display", do_display},
    {"delivered", do_delivered},
    {"ledger", do_ledger},
    {"alarms", do_alarms},
    {"battery", do_battery},
    {"sensor", do_sensor},
    {"block", do_block},
    {"cut", do_cut},
};

static json_t *run_line(struct dg_bench *bench, const char *line)
{
    json_error_t error;
    json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    const char *name = json_string_value(json_object_get(request, "op"));
    json_t *answer = NULL;

    for (size_t i = 0U;
         (name != NULL) && (i < (sizeof operations / sizeof operations[0]));
         i++) {
        if (strcmp(name, operations[i].name) == 0) {
            answer = operations[i].run(bench, request);
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
