/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTESTATION_H
#define DG_ATTESTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/crypto.h"
#include "dosegate/limits.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The attestation ticket: what a verifier found out about a phone, in the
 * passport model (RFC 9334).  The phone takes its evidence to the verifier; the
 * verifier, which has the lists, the network and the true time, signs a short
 * result; the device checks one signature.  docs/protocol.md has the bytes.
 *
 * Trusted: the verifier's public key.  Untrusted: every byte of a ticket until
 * dg_attestation_verify() says DG_OK, and then only for the phone, device and
 * nonce that it names. */
#define DG_ATTEST_TICKET_MAX 256U
#define DG_ATTEST_NONCE_SIZE 16U

struct dg_attest_nonce {
    uint8_t byte[DG_ATTEST_NONCE_SIZE];
};

/* What a ticket can say, each yes, no or nothing at all.  Every claim is put
 * so that yes is the good answer. */
enum dg_claim {
    DG_CLAIM_BOOT_VERIFIED = 0, /* the system that runs was verified at start */
    DG_CLAIM_BOOT_LOCKED = 1,   /* the bootloader is locked                 */
    DG_CLAIM_PLATFORM = 2,      /* build and patch level are in the policy  */
    DG_CLAIM_APP = 3,           /* app identity and measurement are known   */
    DG_CLAIM_NOT_DEBUGGABLE = 4,  /* neither app nor system                   */
    DG_CLAIM_FRESH = 5,           /* the evidence itself holds this nonce     */
    DG_CLAIM_KEY_IN_HARDWARE = 6, /* the controller's key                     */
    DG_CLAIM_PRESENCE_BOUND = 7,  /* the presence key needs a present person  */
    DG_CLAIM_QUALIFIED = 8, /* this build passed its requalification run */
    DG_CLAIM_ISOLATED = 9,  /* the medical domain lies below the system */
};

#define DG_CLAIMS 10U

enum dg_claim_value {
    DG_CLAIM_NOT_STATED = 0,
    DG_CLAIM_YES = 1,
    DG_CLAIM_NO = 2,
};

struct dg_attestation {
    struct dg_attest_nonce nonce; /* the device's                           */
    struct dg_hash subject;       /* dg_attestation_subject()               */
    uint32_t claims;              /* two bits each, dg_attestation_state()  */
    enum dg_package level;        /* LOW .. HIGH: the assurance shown       */
    uint32_t policy;              /* version of the platform policy used    */
    uint32_t life_s;              /* from the making of the nonce, 1 ..     */
    uint32_t serial;              /* finds it in the verifier's journal     */
    uint32_t epoch;               /* of the verifier's key, 1 ..            */
};

/* Longest life a ticket may claim; the table of core/authority.c asks for
 * less on every rung. */
#define DG_ATTEST_LIFE_S_MAX 86400U

/**
 * Hash what a ticket is about: this device, this controller's key and its
 * presence key.  SHA-256 of the deterministic CBOR
 * ["dosegate subject 1", device, x, y, presence x, presence y].
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_attestation_subject(
    const struct dg_crypto *crypto,
    const struct dg_device_id *device,
    const struct dg_public_key *key,
    const struct dg_public_key *presence,
    struct dg_hash *subject);

/** What a ticket says of one claim; NOT_STATED for a claim that is none. */
enum dg_claim_value dg_attestation_claim(uint32_t claims, enum dg_claim claim);

/** @p claims with one of them stated. */
uint32_t dg_attestation_state(uint32_t claims,
                              enum dg_claim claim,
                              enum dg_claim_value value);

/** Do the claims carry the level?  One table, in core/attestation.c; the
 * device does not take the verifier's word for the sum. */
bool dg_attestation_meets(uint32_t claims, enum dg_package level);

/**
 * Sign a ticket: the verifier's side.
 *
 * @param room  At least DG_ATTEST_TICKET_MAX bytes.
 *
 * @retval DG_OK          @p ticket is inside @p room.
 * @retval DG_E_USAGE     A NULL.
 * @retval DG_E_RANGE     A field is out of range.
 * @retval DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_attestation_sign(
    const struct dg_crypto *crypto,
    const struct dg_secret *verifier,
    const struct dg_attestation *attestation,
    dg_buf room,
    dg_span *ticket);

/**
 * Read a ticket without believing it: to find the nonce before a signature is
 * paid for.
 *
 * @param[out] attestation  Untouched unless DG_OK.
 *
 * @retval DG_OK             Well formed and in range; nothing is proven.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not a ticket.
 */
DG_NODISCARD enum dg_status dg_attestation_peek(
    dg_span ticket, struct dg_attestation *attestation);

/**
 * Read and verify a ticket.
 *
 * @retval DG_OK      The verifier signed it.  Nonce, subject, epoch and policy
 *                    are the caller's to compare.
 * @retval DG_E_AUTH  It did not.
 * @retval DG_E_PORT  The crypto port failed.
 * @retval others     As dg_attestation_peek().
 */
DG_NODISCARD enum dg_status dg_attestation_verify(
    const struct dg_crypto *crypto,
    const struct dg_public_key *verifier,
    dg_span ticket,
    struct dg_attestation *attestation);

#endif
