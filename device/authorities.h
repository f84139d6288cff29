/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_AUTHORITIES_H
#define DG_AUTHORITIES_H

#include "dosegate/approval.h"
#include "dosegate/attestation.h"
#include "dosegate/crypto.h"
#include "dosegate/settings.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Simulation: those whose signatures a pump trusts - verifier, maker and
 * prescriber - as the test bench plays them.  Their keys are made for each
 * virtual pump at provisioning, from one secret of the pump that never changes
 * (the journal's key; a sensor's does) and that its bench knows, so that a bench
 * behind a wire can sign as well as one beside it.
 *
 * The verifier here looks at no evidence: there is none on a host.  It vouches
 * for whoever asks.  A real one is a service of its own (CAVEATS.md). */
enum dg_authority_of {
    DG_OF_VERIFIER = 1,
    DG_OF_MAKER = 2,
    DG_OF_PRESCRIBER = 3,
};

/** The private key of one of them: SHA-256 of a text, its number and @p seed.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_authority_secret(
    const struct dg_crypto *crypto,
    enum dg_authority_of which,
    const uint8_t seed[DG_HASH_SIZE],
    struct dg_secret *secret);

/** What a new pump trusts: their public keys, and policy 1 for a year.
 * @retval DG_OK, DG_E_PORT, DG_E_RANGE (no key comes of this seed). */
DG_NODISCARD enum dg_status dg_authority_trust(const struct dg_crypto *crypto,
                                               const uint8_t seed[DG_HASH_SIZE],
                                               dg_seconds now,
                                               struct dg_trust *trust);

/** A ticket that says only good things, for the keys given.
 * @param room  At least DG_ATTEST_TICKET_MAX bytes.
 * @retval DG_OK, DG_E_PORT, DG_E_NO_SPACE. */
DG_NODISCARD enum dg_status dg_authority_ticket(
    const struct dg_crypto *crypto,
    const uint8_t seed[DG_HASH_SIZE],
    const struct dg_device_id *device,
    const struct dg_attest_nonce *nonce,
    const struct dg_public_key *key,
    const struct dg_public_key *presence,
    dg_buf room,
    dg_span *ticket);

#endif
