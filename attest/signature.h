/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_SIGNATURE_H
#define DG_ATTEST_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Public keys as the evidence names them, and signatures under them.  What is
 * not in these tables is unsupported: never valid, never forged. */
enum dg_key_kind {
    DG_KEY_KIND_NONE = 0, /* another algorithm, curve or size */
    DG_KEY_KIND_P256 = 1,
    DG_KEY_KIND_P384 = 2,
    DG_KEY_KIND_P521 = 3,
    DG_KEY_KIND_RSA = 4, /* 2048 .. 4096 bit, exponent 3 .. 2^32 - 1, odd */
};

/* Where the parts of a key lie; nothing is decoded before it is needed. */
struct dg_key_view {
    enum dg_key_kind kind;
    dg_span point;    /* EC: 04 || x || y                        */
    dg_span modulus;  /* RSA, without leading zero               */
    dg_span exponent; /* RSA                                     */
};

enum dg_digest {
    DG_DIGEST_NONE = 0,
    DG_DIGEST_SHA1 = 1, /* of PCR banks; no signature is taken with it */
    DG_DIGEST_SHA256 = 2,
    DG_DIGEST_SHA384 = 3,
    DG_DIGEST_SHA512 = 4,
};

#define DG_DIGEST_SIZE_MAX 64U

enum dg_scheme {
    DG_SCHEME_NONE = 0,      /* another: unsupported */
    DG_SCHEME_ECDSA = 1,     /* DER SEQUENCE { r, s } */
    DG_SCHEME_ECDSA_RAW = 2, /* r || s */
    DG_SCHEME_RSA_PKCS1 = 3,
    DG_SCHEME_RSA_PSS = 4, /* salt as long as the digest */
};

struct dg_signature_form {
    enum dg_scheme scheme;
    enum dg_digest digest;
};

/**
 * Look into a DER SubjectPublicKeyInfo.
 *
 * @retval true   Well formed; @p view->kind is NONE for a key of a kind that
 *                we do not know.
 * @retval false  Malformed.
 */
bool dg_key_view_spki(dg_span spki, struct dg_key_view *view);

/** A P-256 key out of a view; false for others. */
bool dg_key_view_p256(const struct dg_key_view *view,
                      struct dg_public_key *key);

/**
 * Verify a signature over a message.
 *
 * @retval DG_OK             It holds.
 * @retval DG_E_AUTH         It does not, or the key is no point of its curve.
 * @retval DG_E_UNSUPPORTED  Key or scheme is none of ours, or they do not go
 *                           together.
 * @retval DG_E_PORT         The crypto library failed.
 */
DG_NODISCARD enum dg_status dg_signature_verify(const struct dg_key_view *key,
                                                struct dg_signature_form form,
                                                dg_span message,
                                                dg_span signature);

/** ... over the concatenation of @p count parts. */
DG_NODISCARD enum dg_status dg_signature_verify_parts(
    const struct dg_key_view *key,
    struct dg_signature_form form,
    const dg_span *parts,
    size_t count,
    dg_span signature);

/** Bytes of a digest; 0 for none. */
size_t dg_digest_size(enum dg_digest digest);

/**
 * Hash the concatenation of @p count parts.
 *
 * @retval DG_OK, DG_E_UNSUPPORTED (no such digest), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_digest_of(enum dg_digest digest,
                                         const dg_span *parts,
                                         size_t count,
                                         uint8_t out[DG_DIGEST_SIZE_MAX]);

#endif
