/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CHANNEL_H
#define DG_CHANNEL_H

#include "gate.h"
#include "internal.h"

/* One end of a socket pair between two roles; the supervisor made it. */
struct dg_channel {
    int fd;
    struct dg_gate gate; /* for what comes in */
};

/** The descriptor on which a role finds the channel to @p peer. */
#define DG_CHANNEL_FD(peer) (10 + (int)(peer))

/** Take over a descriptor. */
void dg_channel_open(struct dg_channel *channel,
                     int fd,
                     enum dg_role_id self,
                     enum dg_role_id peer);

/**
 * Send one message; never blocks.
 *
 * @retval DG_OK       Sent; or dropped, where the rule says that it may be.
 * @retval DG_E_USAGE  Not ours to say, or a field is out of range: our bug.
 * @retval DG_E_PEER   The peer does not read: end, naming the peer.
 * @retval DG_E_PORT   The peer has gone.
 */
DG_NODISCARD enum dg_status dg_channel_send(struct dg_channel *channel,
                                            const struct dg_internal *message);

/**
 * Take one message; never blocks.
 *
 * @retval DG_OK       @p message is whole, in range and allowed.
 * @retval DG_E_STATE  Nothing waits.
 * @retval DG_E_PEER   The peer broke the rules: end, naming the peer.
 * @retval DG_E_PORT   The peer has gone.
 */
DG_NODISCARD enum dg_status dg_channel_receive(struct dg_channel *channel,
                                               struct dg_internal *message);

#endif
