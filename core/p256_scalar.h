/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_P256_SCALAR_H
#define DG_CORE_P256_SCALAR_H

#include "dosegate/crypto.h"

/* 64 bits more than the order: the remainder is then uniform to 2^-64, as
 * RFC 9383, 3.2, asks. */
#define DG_P256_WIDE_SIZE 40U

/**
 * Reduce a wide number modulo the order n of P-256.  No branch and no index
 * depends on it.
 *
 * @param wide         Big endian.
 * @param[out] scalar  0 .. n-1, big endian.
 */
void dg_p256_reduce(const uint8_t wide[DG_P256_WIDE_SIZE],
                    struct dg_secret *scalar);

#endif
