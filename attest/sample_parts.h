/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_SAMPLE_PARTS_H
#define DG_ATTEST_SAMPLE_PARTS_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "attest/sample.h"

/* Tools of the makers of samples.  Private to attest/sample*.c. */

/* Bytes that are being put together. */
struct dg_bytes {
    uint8_t at[4096];
    size_t size;
};

/** Append. */
void dg_bytes_add(struct dg_bytes *bytes, const void *from, size_t size);

/** Append a number, big endian, of @p size bytes. */
void dg_bytes_number(struct dg_bytes *bytes, uint64_t value, size_t size);

/** Append a DER element: identifier as in der.h, contents. */
void dg_bytes_der(struct dg_bytes *bytes,
                  uint32_t id,
                  const void *contents,
                  size_t size);

/** Append a DER INTEGER or ENUMERATED. */
void dg_bytes_der_number(struct dg_bytes *bytes, uint32_t id, uint64_t value);

/* One certificate to be made. */
struct dg_new_certificate {
    const char *subject;
    const char *issuer;
    const char *organization; /* of the subject; NULL: none */
    EVP_PKEY *key;
    EVP_PKEY *signer;
    const char *digest;
    const char *oid; /* of an extension; NULL: none */
    const struct dg_bytes *extension;
    bool is_critical;
    int64_t not_before_s;
    int64_t not_after_s;
};

/** Make it and append its DER; false when libcrypto failed. */
bool dg_new_certificate(const struct dg_new_certificate *wish,
                        struct dg_bytes *der);

/** Anchors with one root of that name and key, and a list with that serial
 * number in hex, or an empty one. */
struct dg_anchors *dg_new_anchors(const char *kind,
                                  const char *name,
                                  EVP_PKEY *root,
                                  const char *revoked,
                                  int64_t at_s);

/** The point of a P-256 key. */
bool dg_point_of(EVP_PKEY *key, struct dg_public_key *point);

/** Sign with ECDSA and SHA-256; @p raw gets r || s, @p der the DER form. */
bool dg_sign_es256(EVP_PKEY *key,
                   dg_span message,
                   uint8_t raw[DG_SIGNATURE_SIZE],
                   struct dg_bytes *der);

bool dg_sha256(const dg_span *parts, size_t count, struct dg_hash *hash);

/* Makers of the kinds. */
bool dg_sample_android_make(const struct dg_sample_wish *wish,
                            struct dg_sample *sample);
bool dg_sample_apple_make(struct dg_sample *sample);
bool dg_sample_tpm_make(const struct dg_sample_wish *wish,
                        struct dg_sample *sample);
bool dg_sample_psa_make(const struct dg_sample_wish *wish,
                        struct dg_sample *sample);

#endif
