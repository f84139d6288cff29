/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CRYPTO_PSA_H
#define DG_CRYPTO_PSA_H

#include "dosegate/crypto.h"

/* The crypto port over PSA Crypto, as devices have it; written against Mbed
 * TLS 2.28 (the only library of Debian 12 that offers it).
 *
 * PSA Crypto keeps its state for itself, so there is one port in a program and
 * it is for one thread.  PSA of 2.28 takes no compressed points, so the y of a
 * peer is computed here with the big numbers of Mbed TLS itself.
 *
 * Signatures are deterministic (RFC 6979): a source of randomness that is weak
 * for a while must not give a signing key away.
 *
 * Beyond the contract of crypto.h: more than 65,535 bytes of CCM plaintext,
 * 65,279 or more bytes of associated data, or a tag size other than 8 or 16 is
 * DG_E_USAGE.
 * @satisfies{FPT_FIRMWARE.1@1} */

/**
 * Start PSA Crypto and fill the port.
 *
 * @param[out] crypto  All zero unless DG_OK.
 *
 * @retval DG_OK       Ready.
 * @retval DG_E_USAGE  @p crypto is NULL.
 * @retval DG_E_PORT   The library did not start: no entropy, no memory.
 */
DG_NODISCARD enum dg_status dg_crypto_psa_init(struct dg_crypto *crypto);

/** Wipe what the library holds; @p crypto is all zero then.  NULL and an
 * all-zero port are allowed. */
void dg_crypto_psa_free(struct dg_crypto *crypto);

#endif
