/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link_stream.h"

#define CONNECT_MS_MAX 1000 /* a listener on this machine answers at once */

/* Decimal port at the end of an address: 0 .. 65535, nothing behind it. */
static bool read_port(const char *text, uint16_t *port)
{
    uint32_t value = 0;
    size_t digits = 0;

    while ((digits < 6U) && (text[digits] >= '0') && (text[digits] <= '9')) {
        value = (value * 10U) + (uint32_t)(text[digits] - '0');
        digits++;
    }
    if ((digits == 0U) || (digits > 5U) || (text[digits] != '\0') ||
        (value > 65535U)) {
        return false;
    }
    *port = (uint16_t)value;
    return true;
}

static bool read_address(struct dg_link *link, const char *text)
{
    if (strncmp(text, "udp:", 4) == 0) {
        link->kind = DG_LINK_UDP;
    } else if (strncmp(text, "tcp:", 4) == 0) {
        link->kind = DG_LINK_TCP;
    } else {
        return false;
    }

    const char *host = text + 4;
    const char *colon = strchr(host, ':');
    char dotted[INET_ADDRSTRLEN];
    struct in_addr address;

    if ((colon == NULL) || ((size_t)(colon - host) >= sizeof(dotted))) {
        return false;
    }
    memcpy(dotted, host, (size_t)(colon - host));
    dotted[colon - host] = '\0';
    if ((inet_pton(AF_INET, dotted, &address) != 1) ||
        ((ntohl(address.s_addr) >> 24U) != 127U)) {
        return false;
    }
    link->address = address.s_addr;
    return read_port(colon + 1, &link->port);
}

static struct sockaddr_in sockaddr_of(const struct dg_link *link)
{
    struct sockaddr_in at = {.sin_family = AF_INET};

    at.sin_addr.s_addr = link->address;
    at.sin_port = htons(link->port);
    return at;
}

/* The BSD socket calls take every address family through one pointer type. */
static const struct sockaddr *generic(const struct sockaddr_in *at)
{
    return (const struct sockaddr *)(const void *)at;
}

static bool open_server(struct dg_link *link, const char **what)
{
    const struct sockaddr_in at = sockaddr_of(link);
    const int yes = 1;
    struct sockaddr_in bound = {0};
    socklen_t size = sizeof(bound);

    *what = "bind";
    if (link->kind == DG_LINK_TCP) {
        (void)setsockopt(link->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    }
    if (bind(link->fd, generic(&at), sizeof(at)) != 0) {
        return false;
    }
    if (link->kind == DG_LINK_TCP) {
        *what = "listen on";
        if (listen(link->fd, (int)DG_LINK_CLIENTS_MAX) != 0) {
            return false;
        }
    }
    *what = "name";
    if (getsockname(link->fd, (struct sockaddr *)(void *)&bound, &size) != 0) {
        return false;
    }
    link->port = ntohs(bound.sin_port);
    return true;
}

/* A non-blocking connect may still be on its way; see how it ended. */
static bool is_connected(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (poll(&entry, 1, CONNECT_MS_MAX) != 1) {
        errno = ETIMEDOUT;
        return false;
    }
    if ((getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) ||
        (error != 0)) {
        errno = error;
        return false;
    }
    return true;
}

static bool open_client(struct dg_link *link, const char **what)
{
    const struct sockaddr_in at = sockaddr_of(link);

    *what = "connect to";
    if ((connect(link->fd, generic(&at), sizeof(at)) != 0) &&
        ((errno != EINPROGRESS) || !is_connected(link->fd))) {
        return false;
    }
    if (link->kind == DG_LINK_TCP) {
        link->generations = 1;
        dg_link_stream_open(&link->stream[0], link->fd, link->generations);
        link->fd = -1;
    }
    return true;
}

enum dg_status dg_link_open(struct dg_link *link,
                            const char *address,
                            enum dg_link_end end,
                            char why[DG_LINK_WHY_MAX])
{
    if ((link == NULL) || (address == NULL) || (why == NULL) ||
        ((end != DG_LINK_CLIENT) && (end != DG_LINK_SERVER))) {
        return DG_E_USAGE;
    }

    memset(link, 0, sizeof(*link));
    link->end = end;
    link->fd = -1;
    for (size_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        link->stream[i].fd = -1;
    }
    if (!read_address(link, address) ||
        ((end == DG_LINK_CLIENT) && (link->port == 0U))) {
        (void)snprintf(why,
                       DG_LINK_WHY_MAX,
                       "'%.64s' is not an address of this link: write "
                       "udp:127.0.0.1:PORT or tcp:127.0.0.1:PORT (loopback "
                       "only%s)",
                       address,
                       (end == DG_LINK_SERVER) ? "; port 0 picks one" : "");
        link->kind = DG_LINK_NONE;
        return DG_E_RANGE;
    }

    const int type = (link->kind == DG_LINK_UDP) ? SOCK_DGRAM : SOCK_STREAM;
    const char *what = "make a socket for";

    link->fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if ((link->fd < 0) ||
        !((end == DG_LINK_SERVER) ? open_server(link, &what)
                                  : open_client(link, &what))) {
        (void)snprintf(why,
                       DG_LINK_WHY_MAX,
                       "cannot %s %.64s: %s",
                       what,
                       address,
                       strerror(errno));
        dg_link_close(link);
        return DG_E_PORT;
    }
    return DG_OK;
}

size_t dg_link_poll(const struct dg_link *link,
                    struct pollfd *entries,
                    size_t room)
{
    size_t count = 0;

    if ((link == NULL) || (entries == NULL) || (link->kind == DG_LINK_NONE) ||
        (room < DG_LINK_POLL_MAX)) {
        return 0;
    }
    if (link->fd >= 0) {
        entries[count++] = (struct pollfd){.fd = link->fd, .events = POLLIN};
    }
    for (size_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        const struct dg_link_stream *stream = &link->stream[i];

        if ((link->kind == DG_LINK_TCP) && (stream->fd >= 0)) {
            const bool waits = stream->tx_sent != stream->tx_size;

            entries[count++] = (struct pollfd){
                .fd = stream->fd,
                .events = (short)(POLLIN | (waits ? POLLOUT : 0))};
        }
    }
    return count;
}

static enum dg_status receive_udp(struct dg_link *link,
                                  dg_buf room,
                                  struct dg_link_peer *peer,
                                  dg_span *datagram)
{
    struct sockaddr_in from = {0};
    socklen_t size = sizeof(from);

    /* MSG_TRUNC gives the true size: a datagram that is too long is dropped,
     * never cut. */
    const ssize_t got = recvfrom(link->fd,
                                 room.at,
                                 DG_LINK_DATAGRAM_MAX,
                                 MSG_DONTWAIT | MSG_TRUNC,
                                 (struct sockaddr *)(void *)&from,
                                 &size);

    if ((got <= 0) || ((size_t)got > DG_LINK_DATAGRAM_MAX)) {
        return DG_E_STATE;
    }
    if (peer != NULL) {
        *peer = (struct dg_link_peer){.address = from.sin_addr.s_addr,
                                      .port = from.sin_port};
    }
    *datagram = (dg_span){room.at, (size_t)got};
    return DG_OK;
}

/* Whom there is no room for is told by closing: it must not wait, and the
 * listener must not stay readable. */
static void accept_one(struct dg_link *link)
{
    const int fd = accept4(link->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return;
    }
    for (size_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        if (link->stream[i].fd < 0) {
            link->generations++;
            dg_link_stream_open(&link->stream[i], fd, link->generations);
            return;
        }
    }
    (void)close(fd);
}

/* A client keeps its descriptor to reconnect with; a server frees the slot. */
static void lose(struct dg_link *link, struct dg_link_stream *stream)
{
    if (link->end == DG_LINK_SERVER) {
        dg_link_stream_close(stream);
    } else {
        dg_link_stream_reset(stream);
    }
}

static enum dg_status receive_tcp(struct dg_link *link,
                                  dg_buf room,
                                  struct dg_link_peer *peer,
                                  dg_span *datagram)
{
    for (size_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        const uint8_t slot = (uint8_t)((link->next + i) % DG_LINK_CLIENTS_MAX);
        struct dg_link_stream *stream = &link->stream[slot];

        if (stream->fd < 0) {
            continue;
        }

        enum dg_status status = dg_link_stream_flush(stream);

        if (status == DG_OK) {
            status = dg_link_stream_receive(stream, room, datagram);
        }
        if (status == DG_E_PORT) {
            lose(link, stream);
            if (link->end == DG_LINK_CLIENT) {
                return DG_E_PORT;
            }
        }
        if (status == DG_OK) {
            if (peer != NULL) {
                *peer = (struct dg_link_peer){.slot = slot,
                                              .generation = stream->generation};
            }
            link->next = (uint8_t)((slot + 1U) % DG_LINK_CLIENTS_MAX);
            return DG_OK;
        }
    }

    /* Last, so that slots of those who left are free again. */
    if (link->fd >= 0) {
        accept_one(link);
    }
    return DG_E_STATE;
}

enum dg_status dg_link_receive(struct dg_link *link,
                               dg_buf room,
                               struct dg_link_peer *peer,
                               dg_span *datagram)
{
    if ((link == NULL) || (room.at == NULL) || (datagram == NULL) ||
        (link->kind == DG_LINK_NONE)) {
        return DG_E_USAGE;
    }
    if (room.capacity < DG_LINK_DATAGRAM_MAX) {
        return DG_E_NO_SPACE;
    }
    return (link->kind == DG_LINK_UDP)
               ? receive_udp(link, room, peer, datagram)
               : receive_tcp(link, room, peer, datagram);
}

static enum dg_status send_udp(struct dg_link *link,
                               const struct dg_link_peer *peer,
                               dg_span datagram)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const bool is_server = link->end == DG_LINK_SERVER;

    if (is_server) {
        to.sin_addr.s_addr = peer->address;
        to.sin_port = peer->port;
    }

    /* Whatever becomes of it is the link's right: it may lose. */
    (void)sendto(link->fd,
                 datagram.at,
                 datagram.size,
                 MSG_DONTWAIT | MSG_NOSIGNAL,
                 is_server ? generic(&to) : NULL,
                 is_server ? (socklen_t)sizeof(to) : 0);
    return DG_OK;
}

static enum dg_status send_tcp(struct dg_link *link,
                               const struct dg_link_peer *peer,
                               dg_span datagram)
{
    const bool is_server = link->end == DG_LINK_SERVER;

    if (is_server && (peer->slot >= DG_LINK_CLIENTS_MAX)) {
        return DG_E_USAGE;
    }

    struct dg_link_stream *stream = &link->stream[is_server ? peer->slot : 0];

    if (is_server &&
        ((stream->fd < 0) || (stream->generation != peer->generation))) {
        return DG_OK; /* the peer has left */
    }
    if (dg_link_stream_send(stream, datagram) != DG_OK) {
        lose(link, stream);
        return is_server ? DG_OK : DG_E_PORT;
    }
    return DG_OK;
}

enum dg_status dg_link_send(struct dg_link *link,
                            const struct dg_link_peer *peer,
                            dg_span datagram)
{
    if ((link == NULL) || (link->kind == DG_LINK_NONE) ||
        (datagram.at == NULL) || (datagram.size == 0U) ||
        (datagram.size > DG_LINK_DATAGRAM_MAX) ||
        ((link->end == DG_LINK_SERVER) && (peer == NULL))) {
        return DG_E_USAGE;
    }
    return (link->kind == DG_LINK_UDP) ? send_udp(link, peer, datagram)
                                       : send_tcp(link, peer, datagram);
}

enum dg_status dg_link_reconnect(struct dg_link *link)
{
    if ((link == NULL) || (link->end != DG_LINK_CLIENT) ||
        (link->kind == DG_LINK_NONE)) {
        return DG_E_USAGE;
    }
    if (link->kind == DG_LINK_UDP) {
        return DG_OK;
    }

    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    const struct sockaddr_in at = sockaddr_of(link);
    struct dg_link_stream *stream = &link->stream[0];

    dg_link_stream_reset(stream);
    (void)connect(stream->fd, &nobody, sizeof(nobody)); /* let go of the old */
    if ((connect(stream->fd, generic(&at), sizeof(at)) != 0) &&
        (errno != EINPROGRESS)) {
        return DG_E_PORT;
    }
    return DG_OK;
}

void dg_link_address(const struct dg_link *link,
                     char address[DG_LINK_ADDRESS_MAX])
{
    char dotted[INET_ADDRSTRLEN] = "";
    const struct in_addr at = {.s_addr = link->address};

    (void)inet_ntop(AF_INET, &at, dotted, sizeof(dotted));
    (void)snprintf(address,
                   DG_LINK_ADDRESS_MAX,
                   "%s:%s:%u",
                   (link->kind == DG_LINK_UDP) ? "udp" : "tcp",
                   dotted,
                   (unsigned)link->port);
}

void dg_link_close(struct dg_link *link)
{
    if ((link == NULL) || (link->kind == DG_LINK_NONE)) {
        return;
    }
    if (link->fd >= 0) {
        (void)close(link->fd);
    }
    for (size_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        dg_link_stream_close(&link->stream[i]);
    }
    memset(link, 0, sizeof(*link));
    link->fd = -1;
}
