/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SELFTEST_H
#define DG_SELFTEST_H

#include "dosegate/crypto.h"
#include "dosegate/status.h"

/**
 * Known answers of every operation of the crypto port, and that a wrong
 * signature and a wrong tag are refused: a library that says yes to everything
 * would pass without.  Costs five public-key operations.
 *
 * source: SHA-256 and ES256 of "sample" from RFC 6979, A.2.5; HMAC from
 * RFC 4231, test case 2; CCM from RFC 3610, packet vector 1.  The ECDH value
 * is the square of the RFC 6979 key times the base point.
 *
 * @retval DG_OK         All as known.
 * @retval DG_E_USAGE    A NULL.
 * @retval DG_E_CORRUPT  An answer differs.
 * @retval DG_E_PORT     The port failed.
 */
DG_NODISCARD enum dg_status dg_selftest_crypto(const struct dg_crypto *crypto);

#endif
