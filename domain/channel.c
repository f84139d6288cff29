/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

void dg_channel_open(struct dg_channel *channel,
                     int fd,
                     enum dg_role_id self,
                     enum dg_role_id peer)
{
    channel->fd = fd;
    dg_gate_open(&channel->gate, self, peer);
}

enum dg_status dg_channel_send(struct dg_channel *channel,
                               const struct dg_internal *message)
{
    const struct dg_gate_rule *rule = dg_gate_rule_of(message->type);
    uint8_t room[DG_INTERNAL_MAX];
    dg_span bytes;

    if ((rule->from != channel->gate.self) ||
        (rule->to != channel->gate.peer) ||
        (dg_internal_encode(message, DG_BUF_OF(room), &bytes) != DG_OK) ||
        (bytes.size != rule->size)) {
        return DG_E_USAGE;
    }

    const ssize_t sent =
        send(channel->fd, bytes.at, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent == (ssize_t)bytes.size) {
        return DG_OK;
    }
    if ((sent < 0) && ((errno == EPIPE) || (errno == ECONNRESET))) {
        return DG_E_PORT;
    }
    return rule->may_drop ? DG_OK : DG_E_PEER;
}

/* A message without bytes and an end of the peer look alike to recv(). */
static bool has_gone(int fd)
{
    struct pollfd entry = {.fd = fd};

    return (poll(&entry, 1, 0) == 1) && ((entry.revents & POLLHUP) != 0);
}

enum dg_status dg_channel_receive(struct dg_channel *channel,
                                  struct dg_internal *message)
{
    uint8_t room[DG_INTERNAL_MAX];

    /* MSG_TRUNC gives the true size, so that a message which is too long is
     * not mistaken for one that is exact. */
    const ssize_t got =
        recv(channel->fd, room, sizeof(room), MSG_DONTWAIT | MSG_TRUNC);

    if (got < 0) {
        return ((errno == EAGAIN) || (errno == EINTR)) ? DG_E_STATE : DG_E_PORT;
    }
    if (got == 0) {
        return has_gone(channel->fd) ? DG_E_PORT : DG_E_PEER;
    }
    if ((size_t)got > sizeof(room)) {
        return DG_E_PEER;
    }

    const dg_span bytes = {room, (size_t)got};
    const enum dg_status status = dg_gate_pass(&channel->gate, bytes);

    return (status == DG_OK) ? dg_internal_decode(bytes, message) : status;
}
