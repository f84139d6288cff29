/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KNOCK_H
#define DG_KNOCK_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The knock: what stands in front of EDHOC message_1, so that a stranger costs
 * the device one HMAC and nothing else.
 *
 *   type 0x01 (1) | slot (1) | counter (4, big endian) | mac (8) | message_1
 *
 * mac = first 8 bytes of HMAC-SHA-256(knock key, slot | counter | message_1).
 * The caller keeps the counters: a device accepts only a counter above the
 * last accepted one of that slot. */
#define DG_KNOCK_TYPE        0x01U
#define DG_KNOCK_HEADER_SIZE 14U
/* The last one that is used or taken: 2^16 before the number ends, where one
 * connection a second comes to in 136 years.  Then: pair again. */
#define DG_KNOCK_COUNTER_MAX 0xFFFF0000U

struct dg_knock {
    uint8_t slot;
    uint32_t counter;
    dg_span message_1; /* inside the datagram */
};

/**
 * Derive the pairwise knock key: HKDF-Expand(HKDF-Extract(h'', ECDH of both
 * static keys), "dosegate knock 1", 32).
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (no point), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_knock_key(const struct dg_crypto *crypto,
                                         const struct dg_secret *private_key,
                                         const struct dg_public_key *peer,
                                         struct dg_secret *knock_key);

/** Write header and message_1.
 * @retval DG_OK, DG_E_USAGE, DG_E_NO_SPACE, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_knock_write(const struct dg_crypto *crypto,
                                           const struct dg_secret *knock_key,
                                           const struct dg_knock *knock,
                                           dg_buf room,
                                           dg_span *datagram);

/** Split a datagram without believing it.
 * @retval DG_OK, DG_E_USAGE, DG_E_TRUNCATED (no byte after the header),
 *         DG_E_MALFORMED (other type), DG_E_RANGE (counter above
 *         DG_KNOCK_COUNTER_MAX). */
DG_NODISCARD enum dg_status dg_knock_parse(dg_span datagram,
                                           struct dg_knock *knock);

/** Check the MAC of a parsed datagram.
 * @retval DG_OK, DG_E_USAGE, DG_E_AUTH, DG_E_PORT, and as dg_knock_parse(). */
DG_NODISCARD enum dg_status dg_knock_verify(const struct dg_crypto *crypto,
                                            const struct dg_secret *knock_key,
                                            dg_span datagram);

#endif
