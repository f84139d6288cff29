/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_RAW_H
#define DG_BENCH_RAW_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/* The peer that we measure against: OpenSSL's own interface, used in its most
 * favourable form (keys ready, contexts ready where they can be). */
struct dg_raw {
    EVP_PKEY *own;
    EVP_PKEY *peer;
    EVP_CIPHER *ccm;
};

/** Make keys and fetch the cipher; ends the program when it cannot. */
void dg_raw_init(struct dg_raw *raw);
void dg_raw_free(struct dg_raw *raw);

/** Make one P-256 key pair. */
void dg_raw_keygen(void);

/** One P-256 Diffie-Hellman. */
void dg_raw_ecdh(const struct dg_raw *raw);

/** Seal and open @p size bytes with AES-128-CCM and a 16-byte tag. */
void dg_raw_ccm(const struct dg_raw *raw, size_t size);

#endif
