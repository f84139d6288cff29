/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_APPROVAL_H
#define DG_APPROVAL_H

#include "dosegate/crypto.h"
#include "dosegate/effect.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"

#define DG_DEVICE_ID_SIZE  8U
#define DG_SESSION_ID_SIZE 16U

struct dg_device_id {
    uint8_t byte[DG_DEVICE_ID_SIZE];
};

struct dg_session_id {
    uint8_t byte[DG_SESSION_ID_SIZE];
};

/* What a person approves: three times the same bytes - shown, signed, done. */
struct dg_approval {
    struct dg_device_id device;
    struct dg_session_id session;
    struct dg_ticket_id ticket;
    struct dg_effect effect; /* resolved by the device */
    dg_seconds expiry;       /* device clock           */
};

/**
 * Hash what the presence key signs: SHA-256 of the deterministic CBOR
 * ["dosegate approval 1", device, session, ticket, effect, expiry].
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (effect not sound),
 *         DG_E_PORT.
 */
/*@ assigns *hash; */
DG_NODISCARD enum dg_status dg_approval_hash(const struct dg_crypto *crypto,
                                             const struct dg_approval *approval,
                                             struct dg_hash *hash);

#endif
