/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CREDENTIAL_H
#define DG_CREDENTIAL_H

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* How a key proves itself in EDHOC: the method on the wire, and one.  A key
 * serves one method and no other.  Zero: nobody decided, and is refused. */
enum dg_method {
    DG_METHOD_NONE = 0,
    DG_METHOD_SIGN = 1,   /* method 0: both ends sign          */
    DG_METHOD_STATIC = 4, /* method 3: both Diffie-Hellman     */
};

/* A peer's static key and the one byte that names it in a store.  The bytes
 * that enter the EDHOC transcript are always built from these two, so both
 * ends hold the same bytes without storing any CBOR. */
struct dg_credential {
    uint8_t kid; /* 0x00 .. 0x17: one byte on the wire, as a CBOR integer */
    struct dg_public_key key;
};

/* CCS (RFC 8392, RFC 8747) of exactly this shape:
 *   {8: {1: {1: 2, 2: h'kid', -1: 1, -2: x, -3: y}}}
 */
#define DG_CREDENTIAL_CCS_SIZE 82U /* checked by the test of this module */

struct dg_ccs {
    uint8_t byte[DG_CREDENTIAL_CCS_SIZE];
};

/**
 * Build the CCS of a credential.
 *
 * @retval DG_OK       @p ccs is filled.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  kid is above 0x17.
 */
DG_NODISCARD enum dg_status dg_credential_ccs(
    const struct dg_credential *credential, struct dg_ccs *ccs);

#endif
