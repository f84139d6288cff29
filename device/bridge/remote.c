/* SPDX-License-Identifier: Apache-2.0 */
#include "remote.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#define WAKE_MS   15000
#define BOOT_MS   60000 /* key generation on a slow machine */
#define ANSWER_MS 60000 /* a day of ticks */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

static bool send_frame(struct dg_remote *remote, int fd, dg_span payload)
{
    uint8_t room[DG_FRAME_MAX];
    dg_span frame = {NULL, 0U};

    if (remote->is_gone ||
        (dg_frame_write(payload, DG_BUF_OF(room), &frame) != DG_OK)) {
        return false;
    }
    /* A socket pair takes a frame whole or waits; the board always reads. */
    if (send(fd, frame.at, frame.size, MSG_NOSIGNAL) != (ssize_t)frame.size) {
        remote->is_gone = true;
        return false;
    }
    return true;
}

/* One frame of one line; false when none came in time, or none will. */
static bool read_frame(struct dg_remote *remote,
                       int fd,
                       struct dg_frame_reader *reader,
                       int64_t until_ms,
                       dg_span *payload)
{
    for (;;) {
        uint8_t byte = 0U;

        if (dg_frame_next(reader, payload)) {
            return true;
        }

        const ssize_t got = recv(fd, &byte, 1U, MSG_DONTWAIT);

        if (got == 1) {
            dg_frame_put(reader, byte);
            continue;
        }
        if ((got == 0) || ((errno != EAGAIN) && (errno != EINTR))) {
            remote->is_gone = true;
            return false;
        }

        const int64_t left = until_ms - now_ms();
        struct pollfd entry = {fd, POLLIN, 0};

        if (left <= 0) {
            return false;
        }
        (void)poll(&entry, 1, (int)left);
    }
}

static uint32_t kind_of(dg_span payload)
{
    struct dg_wire_head head = {0U};

    if (payload.size >= sizeof head) {
        memcpy(&head, payload.at, sizeof head);
    }
    return head.kind;
}

/* Power on what has just said that it is awake. */
static enum dg_status boot(struct dg_remote *remote,
                           dg_span payload,
                           enum dg_wire_stage *stage)
{
    struct dg_wire_awake awake;
    struct timespec now;
    struct dg_wire_boot message = {
        .head = {DG_WIRE_BOOT},
        .is_driven = remote->options->is_driven ? 1U : 0U,
        .is_new_world = remote->is_new_world ? 1U : 0U,
        .is_new_flash = remote->is_new_flash ? 1U : 0U,
        .package = (uint32_t)remote->options->package,
        .glucagon = (uint32_t)remote->options->glucagon,
    };

    if (payload.size != sizeof awake) {
        return DG_E_UNSUPPORTED;
    }
    memcpy(&awake, payload.at, sizeof awake);
    if (awake.view_size != sizeof(struct dg_hands_view)) {
        return DG_E_UNSUPPORTED;
    }
    if (awake.faults != 0U) {
        (void)fprintf(stderr,
                      "dosegate-firmware: %u processor faults since power-on, "
                      "the last at 0x%x\n",
                      (unsigned)awake.faults,
                      (unsigned)awake.fault_at);
    }
    if (remote->options->person != NULL) {
        (void)snprintf(message.person,
                       sizeof message.person,
                       "%s",
                       remote->options->person);
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    message.real_s = (uint64_t)now.tv_sec;
    if (getrandom(message.seed, sizeof message.seed, 0U) !=
        (ssize_t)sizeof message.seed) {
        return DG_E_PORT;
    }
    if (!send_frame(remote,
                    remote->bench,
                    (dg_span){(const uint8_t *)&message, sizeof message})) {
        return DG_E_PORT;
    }

    const int64_t until = now_ms() + BOOT_MS;
    struct dg_wire_done done;

    do {
        if (!read_frame(
                remote, remote->bench, &remote->from_bench, until, &payload)) {
            return DG_E_PORT;
        }
    } while ((kind_of(payload) != (uint32_t)DG_WIRE_BOOTED) ||
             (payload.size != sizeof done));
    memcpy(&done, payload.at, sizeof done);
    *stage = (enum dg_wire_stage)done.stage;
    /* From here on a reset finds both. */
    remote->is_new_world = false;
    remote->is_new_flash = false;
    return (enum dg_status)done.status;
}

/* What needs no question: true when it was that. */
static bool is_unasked(struct dg_remote *remote, dg_span payload)
{
    enum dg_wire_stage stage = DG_WIRE_STAGE_CRYPTO;

    switch (kind_of(payload)) {
    case DG_WIRE_CUT:
        remote->on_cut();
        return true;
    case DG_WIRE_AWAKE:
        if (boot(remote, payload, &stage) != DG_OK) {
            (void)fprintf(stderr,
                          "dosegate-firmware: after a reset the device does "
                          "not come up (stage %d)\n",
                          (int)stage);
            remote->is_gone = true;
        }
        return true;
    default:
        return false;
    }
}

enum dg_status dg_remote_boot(struct dg_remote *remote,
                              enum dg_wire_stage *stage)
{
    const int64_t until = now_ms() + WAKE_MS;
    dg_span payload = {NULL, 0U};

    *stage = DG_WIRE_STAGE_CRYPTO;
    do {
        if (!read_frame(
                remote, remote->bench, &remote->from_bench, until, &payload)) {
            return DG_E_PORT;
        }
    } while (kind_of(payload) != (uint32_t)DG_WIRE_AWAKE);
    return boot(remote, payload, stage);
}

/* Ask on the bench channel and copy the answer of this kind and size out. */
static enum dg_status ask(struct dg_remote *remote,
                          const void *question,
                          size_t question_size,
                          enum dg_wire kind,
                          void *answer,
                          size_t size)
{
    const int64_t until = now_ms() + ANSWER_MS;
    dg_span payload = {NULL, 0U};

    if (!send_frame(
            remote, remote->bench, (dg_span){question, question_size})) {
        return DG_E_PORT;
    }
    while (read_frame(
        remote, remote->bench, &remote->from_bench, until, &payload)) {
        if ((kind_of(payload) == (uint32_t)kind) && (payload.size == size)) {
            memcpy(answer, payload.at, size);
            return DG_OK;
        }
        if (is_unasked(remote, payload)) {
            /* The question died with the run that it was put to. */
            return DG_E_PORT;
        }
    }
    return DG_E_PORT;
}

void dg_remote_listen(struct dg_remote *remote)
{
    dg_span payload = {NULL, 0U};

    while (
        read_frame(remote, remote->bench, &remote->from_bench, 0, &payload)) {
        (void)is_unasked(remote, payload);
    }
}

enum dg_status dg_remote_datagram(struct dg_remote *remote,
                                  dg_span datagram,
                                  dg_span *answer)
{
    const int64_t until = now_ms() + ANSWER_MS;

    *answer = (dg_span){NULL, 0U};
    if (!send_frame(remote, remote->link, datagram)) {
        return DG_E_PORT;
    }
    for (;;) {
        const int64_t step = now_ms() + 20;

        if (read_frame(remote,
                       remote->link,
                       &remote->from_link,
                       (step < until) ? step : until,
                       answer)) {
            return DG_OK;
        }
        /* The power may have gone in the middle of the work. */
        dg_remote_listen(remote);
        if (remote->is_gone || (now_ms() >= until)) {
            return DG_E_PORT;
        }
    }
}

enum dg_status dg_remote_off(struct dg_remote *remote)
{
    const struct dg_wire_head head = {DG_WIRE_OFF};
    struct dg_wire_done done;

    return ask(remote, &head, sizeof head, DG_WIRE_ACTED, &done, sizeof done);
}

enum dg_status dg_remote_gauge(struct dg_remote *remote,
                               bool repaint,
                               struct dg_wire_gauge *gauge)
{
    const struct dg_wire_gauge_ask question = {{DG_WIRE_GAUGE},
                                               repaint ? 1U : 0U};

    return ask(remote,
               &question,
               sizeof question,
               DG_WIRE_GAUGED,
               gauge,
               sizeof *gauge);
}

static enum dg_status look(void *context, struct dg_hands_view *view)
{
    const struct dg_wire_head head = {DG_WIRE_LOOK};
    struct dg_wire_view answer;
    const enum dg_status status =
        ask(context, &head, sizeof head, DG_WIRE_VIEW, &answer, sizeof answer);

    if (status == DG_OK) {
        *view = answer.view;
    }
    return status;
}

static enum dg_status act(void *context,
                          enum dg_hands_act act,
                          uint32_t argument)
{
    const struct dg_wire_act question = {
        {DG_WIRE_ACT}, (uint32_t)act, argument};
    struct dg_wire_done done;
    const enum dg_status status = ask(
        context, &question, sizeof question, DG_WIRE_ACTED, &done, sizeof done);

    return (status == DG_OK) ? (enum dg_status)done.status : status;
}

static enum dg_status gauge_of(void *context,
                               bool repaint,
                               struct dg_wire_gauge *gauge)
{
    return dg_remote_gauge(context, repaint, gauge);
}

void dg_remote_hands(struct dg_hands *hands, struct dg_remote *remote)
{
    *hands = (struct dg_hands){
        .context = remote, .look = look, .act = act, .gauge = gauge_of};
}
