/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_APPLE_OBJECT_H
#define DG_ATTEST_APPLE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The two CBOR objects of Apple App Attest, as they stand. */
#define DG_APPLE_CERTIFICATES_MAX 4U

struct dg_apple_attestation {
    dg_span certificate[DG_APPLE_CERTIFICATES_MAX]; /* leaf first */
    size_t certificates;
    dg_span auth_data;
    dg_span app_hash; /* SHA-256 of team id, dot, bundle id; in auth_data */
    uint32_t counter;
    dg_span environment;      /* aaguid, 16 bytes      */
    dg_span credential_id;    /* 32 bytes              */
    struct dg_public_key key; /* of the COSE_Key    */
    bool is_other_format;     /* fmt is not "apple-appattest" */
};

struct dg_apple_assertion {
    dg_span signature; /* DER ECDSA */
    dg_span auth_data; /* 37 bytes  */
    dg_span app_hash;
    uint32_t counter;
};

/**
 * Read an attestation object: {"fmt", "attStmt": {"x5c", "receipt"},
 * "authData"}, each once, nothing else, nothing behind.
 *
 * @retval DG_OK    Whole, or with is_other_format and nothing else filled.
 * @retval others   Of dg_cbor_reader_end(); RANGE when sizes do not fit.
 */
DG_NODISCARD enum dg_status dg_apple_attestation_read(
    dg_span object, struct dg_apple_attestation *attestation);

/** Read an assertion: {"signature", "authenticatorData"}. */
DG_NODISCARD enum dg_status dg_apple_assertion_read(
    dg_span object, struct dg_apple_assertion *assertion);

#endif
