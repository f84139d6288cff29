/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUND_MAX 256U

static bool read_port(const char *address, uint16_t *port)
{
    static const char prefix[] = "udp:127.0.0.1:";
    char *rest = NULL;

    if (strncmp(address, prefix, sizeof prefix - 1U) != 0) {
        return false;
    }

    const long value = strtol(&address[sizeof prefix - 1U], &rest, 10);

    if ((*rest != '\0') || (value < 1) || (value > 65535)) {
        return false;
    }
    *port = (uint16_t)value;
    return true;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int open_socket(void)
{
    const struct sockaddr_in any = loopback(0);
    const int fd =
        socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if ((fd >= 0) &&
        (bind(fd, (const struct sockaddr *)&any, sizeof any) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool dg_relay_open(struct dg_relay *relay, const char *device)
{
    memset(relay, 0, sizeof *relay);
    relay->opened_ms = dg_clock_ms();
    relay->frames = calloc(DG_RELAY_FRAMES_MAX, sizeof *relay->frames);
    return (relay->frames != NULL) && dg_relay_redirect(relay, device);
}

bool dg_relay_redirect(struct dg_relay *relay, const char *device)
{
    return read_port(device, &relay->device_port);
}

int dg_relay_add_door(struct dg_relay *relay, char address[32])
{
    struct sockaddr_in own;
    socklen_t size = sizeof own;

    if (relay->doors == DG_RELAY_DOORS) {
        return -1;
    }

    struct dg_relay_door *door = &relay->door[relay->doors];

    memset(door, 0, sizeof *door);
    door->phone = open_socket();
    door->device = open_socket();
    if ((door->phone < 0) || (door->device < 0) ||
        (getsockname(door->phone, (struct sockaddr *)&own, &size) != 0)) {
        return -1;
    }
    (void)snprintf(
        address, 32U, "udp:127.0.0.1:%u", (unsigned)ntohs(own.sin_port));
    relay->doors++;
    return (int)relay->doors - 1;
}

void dg_relay_set_rule(struct dg_relay *relay,
                       dg_relay_rule *rule,
                       void *context)
{
    relay->rule = rule;
    relay->rule_context = context;
    relay->count[DG_WAY_TO_DEVICE] = 0U;
    relay->count[DG_WAY_TO_PHONE] = 0U;
}

static void put(const struct dg_relay *relay,
                unsigned number,
                enum dg_way way,
                dg_span bytes)
{
    const struct dg_relay_door *door = &relay->door[number];
    struct sockaddr_in to = loopback(relay->device_port);
    int fd = door->device;

    if (way == DG_WAY_TO_PHONE) {
        if (door->phone_port == 0U) {
            return;
        }
        to.sin_addr.s_addr = door->phone_address;
        to.sin_port = door->phone_port;
        fd = door->phone;
    }
    (void)sendto(fd,
                 bytes.at,
                 bytes.size,
                 MSG_NOSIGNAL,
                 (const struct sockaddr *)&to,
                 sizeof to);
}

void dg_relay_inject(struct dg_relay *relay,
                     unsigned door,
                     enum dg_way way,
                     dg_span bytes)
{
    put(relay, door, way, bytes);
}

static void record(struct dg_relay *relay, const struct dg_frame *frame)
{
    if (relay->heard == DG_RELAY_FRAMES_MAX) {
        relay->overheard++;
        return;
    }
    relay->frames[relay->heard++] = *frame;
}

static void decide(struct dg_relay *relay, struct dg_frame *frame)
{
    const unsigned number = relay->count[frame->way]++;
    const enum dg_fate fate =
        (relay->rule == NULL) ? DG_FATE_PASS
                              : relay->rule(relay->rule_context, frame, number);
    const dg_span bytes = {frame->byte, frame->size};

    if ((fate == DG_FATE_PASS) || (fate == DG_FATE_TWICE)) {
        put(relay, frame->door, frame->way, bytes);
    }
    if (fate == DG_FATE_TWICE) {
        put(relay, frame->door, frame->way, bytes);
    }
    if ((fate == DG_FATE_HOLD) && (relay->held_count < 8U)) {
        relay->held[relay->held_count++] = *frame;
    }
}

void dg_relay_release(struct dg_relay *relay)
{
    for (unsigned i = 0U; i < relay->held_count; i++) {
        const struct dg_frame *frame = &relay->held[i];

        put(relay,
            frame->door,
            frame->way,
            (dg_span){frame->byte, frame->size});
    }
    relay->held_count = 0U;
}

static bool take(struct dg_relay *relay, unsigned number, enum dg_way way)
{
    struct dg_relay_door *door = &relay->door[number];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    struct dg_frame frame;
    const ssize_t got =
        recvfrom((way == DG_WAY_TO_DEVICE) ? door->phone : door->device,
                 frame.byte,
                 sizeof frame.byte,
                 0,
                 (struct sockaddr *)&from,
                 &size);

    if (got <= 0) {
        return false;
    }
    if (way == DG_WAY_TO_DEVICE) {
        door->phone_address = from.sin_addr.s_addr;
        door->phone_port = from.sin_port;
    }
    frame.at_ms = (uint64_t)(dg_clock_ms() - relay->opened_ms);
    frame.way = way;
    frame.door = (uint8_t)number;
    frame.size = (uint16_t)got;
    record(relay, &frame);
    decide(relay, &frame);
    return true;
}

static size_t fill(void *context, struct pollfd entries[DG_PUMP_POLL_MAX])
{
    const struct dg_relay *relay = context;
    size_t count = 0U;

    for (unsigned i = 0U; i < relay->doors; i++) {
        entries[count++] = (struct pollfd){relay->door[i].phone, POLLIN, 0};
        entries[count++] = (struct pollfd){relay->door[i].device, POLLIN, 0};
    }
    return count;
}

/* What waits; of one that never stops talking a round of it, so that whoever
 * waits for something else still gets its turn. */
static void take_some(struct dg_relay *relay, unsigned number, enum dg_way way)
{
    for (unsigned i = 0U; (i < ROUND_MAX) && take(relay, number, way); i++) {
    }
}

static void serve(void *context)
{
    struct dg_relay *relay = context;

    for (unsigned i = 0U; i < relay->doors; i++) {
        take_some(relay, i, DG_WAY_TO_DEVICE);
        take_some(relay, i, DG_WAY_TO_PHONE);
    }
}

struct dg_pump dg_relay_pump(struct dg_relay *relay)
{
    return (struct dg_pump){relay, fill, serve};
}

void dg_relay_close(struct dg_relay *relay)
{
    for (unsigned i = 0U; i < relay->doors; i++) {
        (void)close(relay->door[i].phone);
        (void)close(relay->door[i].device);
    }
    free(relay->frames);
    memset(relay, 0, sizeof *relay);
}
