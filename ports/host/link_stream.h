/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LINK_STREAM_H
#define DG_LINK_STREAM_H

#include "link.h"

/** Take a connected, non-blocking socket. */
void dg_link_stream_open(struct dg_link_stream *stream,
                         int fd,
                         uint32_t generation);

/** Close the socket and forget both frames. */
void dg_link_stream_close(struct dg_link_stream *stream);

/** Forget both frames, keep the socket. */
void dg_link_stream_reset(struct dg_link_stream *stream);

/**
 * Read on; hand out a frame once it is whole.
 *
 * @retval DG_OK       @p datagram is inside @p room.
 * @retval DG_E_STATE  Not whole yet.
 * @retval DG_E_PORT   The connection ended, or a length was 0 or too large.
 */
DG_NODISCARD enum dg_status dg_link_stream_receive(
    struct dg_link_stream *stream, dg_buf room, dg_span *datagram);

/**
 * Send one frame; a frame that the socket took in part is finished before the
 * next one, which is dropped if it comes too early.
 *
 * @retval DG_OK      Sent, on its way or dropped.
 * @retval DG_E_PORT  The connection ended.
 */
DG_NODISCARD enum dg_status dg_link_stream_send(struct dg_link_stream *stream,
                                                dg_span datagram);

/** Write on; as dg_link_stream_send(). */
DG_NODISCARD enum dg_status dg_link_stream_flush(struct dg_link_stream *stream);

#endif
