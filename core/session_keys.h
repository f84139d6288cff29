/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_SESSION_KEYS_H
#define DG_CORE_SESSION_KEYS_H

#include <stdbool.h>

#include "dosegate/approval.h"
#include "dosegate/attestation.h"
#include "dosegate/crypto.h"
#include "dosegate/edhoc.h"
#include "dosegate/record.h"

/* The one suite of this build: 3, AES-CCM with 16-byte tags.  Suite 2 is what
 * EDHOC peers must support, but a pairing never goes below what it began with
 * (PROTOCOL, session). */
extern const struct dg_edhoc_suites dg_session_suites; /* method 3 */
extern const struct dg_edhoc_suites dg_session_suites_sign;

/** What a pairing with this method offers and accepts; NULL for none. */
const struct dg_edhoc_suites *dg_session_offer(enum dg_method method);

/** The kid of the device's key for this method. */
uint8_t dg_session_device_kid(enum dg_method method);

/* C_I and C_R serve no purpose here: records are told apart by their epoch. */
#define DG_SESSION_C_I 0x00U
#define DG_SESSION_C_R 0x01U

/* ID_CRED by kid, {4: h'kid'}: the only way in which we name a credential. */
#define DG_SESSION_ID_CRED_SIZE 4U

/** Write the ID_CRED of a kid. */
void dg_session_id_cred(uint8_t kid, uint8_t id_cred[DG_SESSION_ID_CRED_SIZE]);

/* EAD labels (RFC 9528, 3.8).  The registry has no private range: these are
 * good inside this closed protocol and nowhere else. */
#define DG_EAD_NONCE  65001U /* device to phone: nonce for the next ticket  */
#define DG_EAD_TICKET 65002U /* phone to device, always critical: a ticket */

/* Label, head and nonce; label, head and ticket: bytes. */
#define DG_EAD_NONCE_SIZE  20U
#define DG_EAD_TICKET_SIZE (6U + DG_ATTEST_TICKET_MAX)

/** Write one EAD item; {NULL, 0} when it does not fit. */
dg_span dg_session_write_ead(dg_buf room,
                             const struct dg_edhoc_ead *item,
                             dg_span value);

/**
 * Pick the items of a claim that are known at this place, and refuse a critical
 * one that is not: whoever sends it means something that we do not do.  The
 * handshake is wiped then.
 *
 * @param wanted  As for dg_edhoc_ead_pick(); NULL with @p count 0.
 *
 * @retval DG_OK, DG_E_UNSUPPORTED, and as dg_edhoc_ead_pick().
 */
DG_NODISCARD enum dg_status dg_session_pick_ead(
    struct dg_edhoc *edhoc,
    const struct dg_edhoc_claim *claim,
    struct dg_edhoc_ead *wanted,
    size_t count);

/**
 * Turn a finished handshake into record keys and the session id; the handshake
 * is wiped whatever happens.
 *
 * The epoch is 14 bits of the exporter and the slot, so that no two sessions of
 * a device share one.
 *
 * @param slot       The controller's slot, 0 .. 3.
 * @param is_device  Which direction is ours to send.
 *
 * @retval DG_OK, DG_E_STATE (handshake not done), DG_E_PORT; unless DG_OK
 *         @p record is wiped.
 */
DG_NODISCARD enum dg_status dg_session_keys(struct dg_edhoc *edhoc,
                                            const struct dg_crypto *crypto,
                                            unsigned slot,
                                            bool is_device,
                                            struct dg_record *record,
                                            struct dg_session_id *session);

#endif
