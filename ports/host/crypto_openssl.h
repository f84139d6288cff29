/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CRYPTO_OPENSSL_H
#define DG_CRYPTO_OPENSSL_H

#include "dosegate/crypto.h"

/* The crypto port over libcrypto of OpenSSL 3.
 *
 * Algorithms and the curve are fetched once, at init; afterwards the context
 * is only read, so one port may serve several threads.  Beyond the contract of
 * crypto.h: more than 65,535 bytes of CCM plaintext, more than INT_MAX bytes of
 * associated data, or a tag size other than 8 or 16 is DG_E_USAGE. */

/**
 * Fill the port.
 *
 * @param[out] crypto  All zero unless DG_OK; release with
 *                     dg_crypto_openssl_free().
 *
 * @retval DG_OK       Ready.
 * @retval DG_E_USAGE  @p crypto is NULL.
 * @retval DG_E_PORT   Out of memory, or this libcrypto lacks an algorithm.
 */
DG_NODISCARD enum dg_status dg_crypto_openssl_init(struct dg_crypto *crypto);

/** Release what dg_crypto_openssl_init() made; @p crypto is all zero then.
 * NULL and an all-zero port are allowed. */
void dg_crypto_openssl_free(struct dg_crypto *crypto);

#endif
