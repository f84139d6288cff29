/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "role.h"

/* The only role that touches the network: two sockets, opened before it gave
 * up the right to make any.  It holds no key and understands no byte of what
 * it carries. */
#define BURST_MAX    64U /* datagrams per wake-up */
#define RECONNECT_MS 500

static struct dg_link device;
static struct dg_link sensor;
static int64_t reconnect_at = DG_ROLE_NEVER;

static enum dg_status open_link(struct dg_link *link,
                                const char *address,
                                enum dg_link_end end)
{
    char why[DG_LINK_WHY_MAX] = "the address is missing";
    const enum dg_status status =
        (address == NULL) ? DG_E_USAGE : dg_link_open(link, address, end, why);

    if (status != DG_OK) {
        (void)fprintf(stderr, "role link: %s\n", why);
    }
    return status;
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    enum dg_status status = open_link(
        &device, dg_role_option(argc, argv, "--link"), DG_LINK_CLIENT);

    if (status == DG_OK) {
        status = open_link(
            &sensor, dg_role_option(argc, argv, "--sensor"), DG_LINK_SERVER);
    }
    if (status != DG_OK) {
        return status;
    }
    if (device.kind == DG_LINK_TCP) {
        grants->reconnect_fd = device.stream[0].fd;
        grants->reconnect_port = device.port;
    }

    char address[DG_LINK_ADDRESS_MAX];

    dg_link_address(&sensor, address);
    (void)snprintf(report->address, sizeof(report->address), "%s", address);
    return DG_OK;
}

static void lost(void)
{
    if (reconnect_at == DG_ROLE_NEVER) {
        reconnect_at = dg_role_now_ms() + RECONNECT_MS;
    }
}

static enum dg_status role_message(enum dg_role_id peer,
                                   const struct dg_internal *message)
{
    const struct dg_packet *packet = &message->as.datagram;

    (void)peer;
    if (packet->size == 0U) {
        return DG_E_PEER;
    }
    if (dg_link_send(&device, NULL, (dg_span){packet->byte, packet->size}) ==
        DG_E_PORT) {
        lost();
    }
    return DG_OK;
}

static int64_t role_tick(int64_t now_ms)
{
    if (now_ms >= reconnect_at) {
        reconnect_at = (dg_link_reconnect(&device) == DG_OK)
                           ? DG_ROLE_NEVER
                           : now_ms + RECONNECT_MS;
    }
    return reconnect_at;
}

/* A connection that is lost stays readable; wait for the next attempt. */
static size_t role_watch(struct pollfd *entries, size_t room)
{
    size_t count = dg_link_poll(&sensor, entries, room);

    if ((reconnect_at == DG_ROLE_NEVER) && (count < room)) {
        count += dg_link_poll(&device, &entries[count], room - count);
    }
    return count;
}

static void carry_device(void)
{
    struct dg_internal message = {.type = DG_INTERNAL_DATAGRAM_IN};
    dg_span datagram;

    for (unsigned i = 0; i < BURST_MAX; i++) {
        memset(message.as.datagram.byte, 0, sizeof(message.as.datagram.byte));

        const enum dg_status status = dg_link_receive(
            &device, DG_BUF_OF(message.as.datagram.byte), NULL, &datagram);

        if (status == DG_E_PORT) {
            lost();
        }
        if (status != DG_OK) {
            return;
        }
        message.as.datagram.size = (uint16_t)datagram.size;
        dg_role_send(DG_ROLE_ID_KEYS, &message);
    }
}

static void carry_sensor(void)
{
    uint8_t room[DG_LINK_DATAGRAM_MAX];
    dg_span datagram;

    for (unsigned i = 0; i < BURST_MAX; i++) {
        if (dg_link_receive(&sensor, DG_BUF_OF(room), NULL, &datagram) !=
            DG_OK) {
            return;
        }
        if (datagram.size > DG_SENSOR_FRAME_MAX) {
            continue;
        }

        struct dg_internal message = {.type = DG_INTERNAL_FRAME_IN};

        message.as.frame.size = (uint16_t)datagram.size;
        memcpy(message.as.frame.byte, datagram.at, datagram.size);
        dg_role_send(DG_ROLE_ID_KEYS, &message);
    }
}

static void role_ready(const struct pollfd *entries, size_t count)
{
    (void)entries;
    (void)count;
    carry_sensor();
    if (reconnect_at == DG_ROLE_NEVER) {
        carry_device();
    }
}

int main(int argc, char **argv)
{
    static const struct dg_role_program program = {.id = DG_ROLE_ID_LINK,
                                                   .init = role_init,
                                                   .message = role_message,
                                                   .tick = role_tick,
                                                   .watch = role_watch,
                                                   .ready = role_ready};

    return dg_role_run(&program, argc, argv);
}
