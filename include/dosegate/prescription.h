/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PRESCRIPTION_H
#define DG_PRESCRIPTION_H

#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/bounds.h"
#include "dosegate/crypto.h"
#include "dosegate/limits.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The profile: what a prescriber signs for one person and one device, a
 * COSE_Sign1 with the purpose "dosegate profile 1" over deterministic CBOR
 * (docs/protocol.md).  It says the outermost limits; what of it comes in force,
 * and when, is rule E9 (docs/adr/0019-profile-and-loosening.md). */
#define DG_PRESCRIPTION_MAX 256U

struct dg_prescription {
    struct dg_device_id device; /* for this one and no other              */
    uint32_t counter;           /* 1 ..; rises with each one              */
    enum dg_age_class
        age_class; /* that it was written for: not changed by it */
    struct dg_bounds bounds;
};

/**
 * Sign a profile: the prescriber's side.  What a device would refuse as too
 * much is signed all the same; dg_bounds_unsound() tells before.
 *
 * @param room  At least DG_PRESCRIPTION_MAX bytes.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (counter 0, no age class, a
 *         number below zero), DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_prescription_sign(
    const struct dg_crypto *crypto,
    const struct dg_secret *private_key,
    const struct dg_prescription *prescription,
    dg_buf room,
    dg_span *message);

/**
 * Read a profile without believing it: for a phone that shows what it is about
 * to bring.  Only the device knows the prescriber's key.
 *
 * @param[out] prescription  Untouched unless DG_OK.
 *
 * @retval DG_OK       It has the form of one.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not a profile.
 */
DG_NODISCARD enum dg_status dg_prescription_read(
    dg_span message, struct dg_prescription *prescription);

/**
 * Verify a profile and read it.  Whether it is for this device, newer, and
 * within the ceilings is the caller's to say.
 *
 * @param[out] prescription  Untouched unless DG_OK.
 *
 * @retval DG_OK             The prescriber signed it.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_AUTH         The signature does not hold.
 * @retval DG_E_PORT         The crypto port failed.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not a profile.
 */
DG_NODISCARD enum dg_status dg_prescription_verify(
    const struct dg_crypto *crypto,
    const struct dg_public_key *key,
    dg_span message,
    struct dg_prescription *prescription);

#endif
