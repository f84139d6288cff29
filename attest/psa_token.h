/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_PSA_TOKEN_H
#define DG_ATTEST_PSA_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "attest/evidence.h"
#include "attest/signature.h"

/* A PSA attestation token (RFC 9783): a CWT in COSE_Sign1, as it stands.
 *
 * Genuine encoders do not sort their maps; all else of deterministic CBOR
 * holds: shortest form, definite lengths, no key twice. */
#define DG_PSA_COMPONENTS_MAX 16U

struct dg_psa_message {
    dg_span protected_header; /* contents of the byte string */
    dg_span payload;
    dg_span signature;
    struct dg_signature_form form; /* NONE: unsupported algorithm */
    bool is_mac;                   /* COSE_Mac0: a secret key   */
    const char *fault;             /* why not, in words         */
};

struct dg_psa_claims {
    uint32_t profile; /* DG_PSA_RFC9783, ... */
    dg_span nonce;
    dg_span instance;
    dg_span implementation;
    int64_t client;
    uint32_t lifecycle;
    struct dg_psa_component component[DG_PSA_COMPONENTS_MAX];
    size_t components;
    const char *fault;
};

/** Open the envelope; false and a fault when it is none. */
bool dg_psa_message_read(dg_span token, struct dg_psa_message *message);

/** Read the claims; false and a fault when one is missing or out of range. */
bool dg_psa_claims_read(dg_span payload, struct dg_psa_claims *claims);

#endif
