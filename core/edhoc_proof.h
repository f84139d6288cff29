/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_EDHOC_PROOF_H
#define DG_CORE_EDHOC_PROOF_H

#include "dosegate/edhoc.h"
#include "edhoc_keys.h"

/* Signature_or_MAC_x (RFC 9528, 5.3.2 and 5.4.2): how an end shows that it
 * holds its key.  With method 3 it is a MAC under a key that only the two
 * static keys lead to; with method 0 an ES256 signature over such a MAC. */
#define DG_EDHOC_PROOF_MAX DG_SIGNATURE_SIZE

/* Whose proof: the labels of its salt and of its MAC. */
struct dg_edhoc_side {
    uint16_t salt_label; /* DG_EDHOC_KDF_SALT_3E2M or _4E3M */
    uint16_t mac_label;  /* DG_EDHOC_KDF_MAC_2 or _3        */
};

extern const struct dg_edhoc_side dg_edhoc_responder;
extern const struct dg_edhoc_side dg_edhoc_initiator;

/** Bytes of a proof in this handshake: 8, 16 or 64. */
size_t dg_edhoc_proof_size(const struct dg_edhoc *edhoc);

/**
 * Make the own proof.  edhoc->prk becomes PRK_3e2m or PRK_4e3m.
 *
 * @param out  dg_edhoc_proof_size() bytes, filled completely.
 *
 * @retval DG_OK, DG_E_PORT, DG_E_RANGE (the peer's ephemeral is no point, or
 *         the own key out of range).
 */
DG_NODISCARD enum dg_status dg_edhoc_prove(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_side *side,
    const struct dg_edhoc_self *self,
    const struct dg_edhoc_context *context,
    dg_buf out);

/**
 * Check the peer's proof, with what was looked up.  edhoc->prk as above.
 *
 * @retval DG_OK, DG_E_AUTH, DG_E_PORT, DG_E_RANGE (its key is no point).
 */
DG_NODISCARD enum dg_status dg_edhoc_check_proof(
    struct dg_edhoc *edhoc,
    const struct dg_crypto *crypto,
    const struct dg_edhoc_side *side,
    const struct dg_edhoc_peer *peer,
    const struct dg_edhoc_context *context,
    dg_span proof);

#endif
