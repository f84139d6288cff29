/* SPDX-License-Identifier: Apache-2.0 */
#include "link_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_for_later(int error)
{
    return (error == EAGAIN) || (error == EINTR) || (error == EINPROGRESS);
}

void dg_link_stream_reset(struct dg_link_stream *stream)
{
    stream->rx_have = 0;
    stream->tx_size = 0;
    stream->tx_sent = 0;
}

void dg_link_stream_open(struct dg_link_stream *stream,
                         int fd,
                         uint32_t generation)
{
    dg_link_stream_reset(stream);
    stream->fd = fd;
    stream->generation = generation;
}

void dg_link_stream_close(struct dg_link_stream *stream)
{
    if (stream->fd >= 0) {
        (void)close(stream->fd);
    }
    dg_link_stream_open(stream, -1, 0);
}

static size_t length_of(const uint8_t *frame)
{
    return ((size_t)frame[0] << 8U) | frame[1];
}

/* Read up to @want bytes of the current frame and not one more: what follows
 * belongs to the next one and stays in the socket. */
static enum dg_status fill(struct dg_link_stream *stream, size_t want)
{
    if (stream->rx_have >= want) {
        return DG_OK;
    }

    const ssize_t got = recv(stream->fd,
                             &stream->rx[stream->rx_have],
                             want - stream->rx_have,
                             MSG_DONTWAIT);

    if (got < 0) {
        return is_for_later(errno) ? DG_E_STATE : DG_E_PORT;
    }
    if (got == 0) {
        return DG_E_PORT;
    }
    stream->rx_have = (uint16_t)(stream->rx_have + (size_t)got);
    return (stream->rx_have == want) ? DG_OK : DG_E_STATE;
}

enum dg_status dg_link_stream_receive(struct dg_link_stream *stream,
                                      dg_buf room,
                                      dg_span *datagram)
{
    enum dg_status status = fill(stream, 2U);

    if (status != DG_OK) {
        return status;
    }

    const size_t length = length_of(stream->rx);

    if ((length == 0U) || (length > DG_LINK_DATAGRAM_MAX)) {
        return DG_E_PORT;
    }
    status = fill(stream, 2U + length);
    if (status != DG_OK) {
        return status;
    }
    memcpy(room.at, &stream->rx[2], length);
    *datagram = (dg_span){room.at, length};
    stream->rx_have = 0;
    return DG_OK;
}

enum dg_status dg_link_stream_flush(struct dg_link_stream *stream)
{
    if (stream->tx_sent == stream->tx_size) {
        return DG_OK;
    }

    const ssize_t sent = send(stream->fd,
                              &stream->tx[stream->tx_sent],
                              (size_t)(stream->tx_size - stream->tx_sent),
                              MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0) {
        return is_for_later(errno) ? DG_OK : DG_E_PORT;
    }
    stream->tx_sent = (uint16_t)(stream->tx_sent + (size_t)sent);
    return DG_OK;
}

enum dg_status dg_link_stream_send(struct dg_link_stream *stream,
                                   dg_span datagram)
{
    const enum dg_status status = dg_link_stream_flush(stream);

    if ((status != DG_OK) || (stream->tx_sent != stream->tx_size)) {
        return status;
    }
    stream->tx[0] = (uint8_t)(datagram.size >> 8U);
    stream->tx[1] = (uint8_t)datagram.size;
    memcpy(&stream->tx[2], datagram.at, datagram.size);
    stream->tx_size = (uint16_t)(2U + datagram.size);
    stream->tx_sent = 0;
    return dg_link_stream_flush(stream);
}
