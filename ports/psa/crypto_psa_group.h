/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CRYPTO_PSA_GROUP_H
#define DG_CRYPTO_PSA_GROUP_H

#include "dosegate/crypto.h"

/* What PSA of Mbed TLS 2.28 does not offer on P-256, by the library's own
 * group arithmetic.  Contracts of the operations in dosegate/crypto.h. */
#define DG_PSA_POINT_SIZE   (1U + (2U * DG_P256_SIZE))
#define DG_PSA_UNCOMPRESSED 0x04U

/** The point of abscissa @p x as 04 || x || y, with either y.  DG_E_RANGE: x
 * is not below p, or no such point is on the curve. */
DG_NODISCARD enum dg_status dg_psa_decompress(const uint8_t x[DG_P256_SIZE],
                                              uint8_t point[DG_PSA_POINT_SIZE]);

/** The scalar is blinded with the port's own randomness. */
DG_NODISCARD enum dg_status dg_psa_multiply(void *context,
                                            const struct dg_secret *scalar,
                                            const struct dg_public_key *point,
                                            struct dg_public_key *product);

DG_NODISCARD enum dg_status dg_psa_add(void *context,
                                       const struct dg_public_key *a,
                                       const struct dg_public_key *b,
                                       struct dg_public_key *sum);

#endif
