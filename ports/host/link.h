/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LINK_H
#define DG_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"

/* A datagram link on this machine: what Bluetooth is to a real pump.  It may
 * lose, repeat, reorder and carry lies; nobody above it trusts it.
 *
 *   udp:127.0.0.1:PORT   one packet is one datagram
 *   tcp:127.0.0.1:PORT   2-byte big-endian length before each datagram; a
 *                        length of 0 or above 1024 closes the connection
 *
 * Nothing blocks and nothing grows: what does not fit is dropped. */
#define DG_LINK_DATAGRAM_MAX 1024U /* as the protocol: DG_DATAGRAM_MAX */
#define DG_LINK_CLIENTS_MAX  8U    /* twice the controllers of a device */
#define DG_LINK_POLL_MAX     (DG_LINK_CLIENTS_MAX + 1U)
#define DG_LINK_ADDRESS_MAX  32U
#define DG_LINK_WHY_MAX      192U
#define DG_LINK_FRAME_MAX    (2U + DG_LINK_DATAGRAM_MAX)

enum dg_link_kind {
    DG_LINK_NONE = 0,
    DG_LINK_UDP,
    DG_LINK_TCP,
};

enum dg_link_end {
    DG_LINK_CLIENT = 1, /* connects; one peer               */
    DG_LINK_SERVER,     /* waits; port 0 lets the host pick */
};

/* Who sent a datagram, so that the answer goes there.  Only for the link that
 * filled it. */
struct dg_link_peer {
    uint32_t address; /* udp, network order */
    uint16_t port;    /* udp, network order */
    uint8_t slot;     /* tcp */
    uint32_t generation;
};

/* One TCP connection: at most one frame on its way in, one on its way out. */
struct dg_link_stream {
    int fd; /* -1: free */
    uint32_t generation;
    uint16_t rx_have;
    uint16_t tx_size;
    uint16_t tx_sent;
    uint8_t rx[DG_LINK_FRAME_MAX];
    uint8_t tx[DG_LINK_FRAME_MAX];
};

/* Members are public but not yours; {0} is closed. */
struct dg_link {
    enum dg_link_kind kind;
    enum dg_link_end end;
    int fd; /* udp socket, or tcp listener */
    uint32_t address;
    uint16_t port; /* host order: own of a server, peer's of a client */
    uint8_t next;  /* whose turn it is to be read */
    uint32_t generations;
    struct dg_link_stream stream[DG_LINK_CLIENTS_MAX];
};

/**
 * Open a link.
 *
 * @param      address  As above, loopback only.
 * @param[out] why      DG_LINK_WHY_MAX bytes: what to do about a refusal.
 *
 * @retval DG_OK       Open; a TCP client is connected.
 * @retval DG_E_USAGE  A NULL, or an unknown @p end.
 * @retval DG_E_RANGE  Not an address that this link takes; see @p why.
 * @retval DG_E_PORT   The system refused; see @p why.
 */
DG_NODISCARD enum dg_status dg_link_open(struct dg_link *link,
                                         const char *address,
                                         enum dg_link_end end,
                                         char why[DG_LINK_WHY_MAX]);

/** Fill what poll(2) shall wait for; gives the number of entries, at most
 * DG_LINK_POLL_MAX, 0 when @p room is smaller than that. */
size_t dg_link_poll(const struct dg_link *link,
                    struct pollfd *entries,
                    size_t room);

/**
 * Take one datagram, if one waits; never blocks.  Also accepts connections
 * and writes out what waits, so call it whenever poll(2) names the link.
 *
 * @param      room      At least DG_LINK_DATAGRAM_MAX bytes.
 * @param[out] peer      Who sent it; may be NULL.
 * @param[out] datagram  1 .. DG_LINK_DATAGRAM_MAX bytes inside @p room.
 *
 * @retval DG_OK          One datagram; there may be more.
 * @retval DG_E_USAGE     A NULL, or the link is closed.
 * @retval DG_E_NO_SPACE  @p room is too small.
 * @retval DG_E_STATE     Nothing waits.
 * @retval DG_E_PORT      A TCP client lost its connection: reconnect.
 */
DG_NODISCARD enum dg_status dg_link_receive(struct dg_link *link,
                                            dg_buf room,
                                            struct dg_link_peer *peer,
                                            dg_span *datagram);

/**
 * Send one datagram or drop it; never blocks.
 *
 * @param peer      A server's addressee; a client may pass NULL.
 * @param datagram  1 .. DG_LINK_DATAGRAM_MAX bytes.
 *
 * @retval DG_OK       Sent, or dropped because a buffer was full, nobody
 *                     listened or the peer has left: a link may lose.
 * @retval DG_E_USAGE  A NULL, a closed link, or the size is out of range.
 * @retval DG_E_PORT   A TCP client has no connection: reconnect.
 */
DG_NODISCARD enum dg_status dg_link_send(struct dg_link *link,
                                         const struct dg_link_peer *peer,
                                         dg_span datagram);

/**
 * Connect a TCP client again, on the same descriptor, so that a process that
 * may not make sockets can do it; never blocks.
 *
 * @retval DG_OK       Connected or about to be; a UDP client always.
 * @retval DG_E_USAGE  A NULL, or not a client.
 * @retval DG_E_PORT   Nobody listens: try again later.
 */
DG_NODISCARD enum dg_status dg_link_reconnect(struct dg_link *link);

/** Write the address that a client would use: "udp:127.0.0.1:4711". */
void dg_link_address(const struct dg_link *link,
                     char address[DG_LINK_ADDRESS_MAX]);

/** Close everything; safe on a closed link. */
void dg_link_close(struct dg_link *link);

#endif
