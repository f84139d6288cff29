/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_POLICY_H
#define DG_POLICY_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/quantity.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The platform policy, as far as a device needs it.  Which app measurements,
 * system builds and patch levels are qualified is a long list that changes
 * weekly; the verifier holds it, and a ticket names the version that it was
 * judged by.  The device holds only the head: the oldest version that it
 * accepts, whose tickets it believes, and how long it goes on without a newer
 * head (docs/adr/0018-evidence-tickets-and-policy.md).
 *
 * Signed by the policy key, which the maker puts in at manufacture. */
#define DG_POLICY_MAX 256U

/* A head that nobody renews ends by itself: at least a day, at most a year. */
#define DG_POLICY_LIFE_S_MIN 86400U
#define DG_POLICY_LIFE_S_MAX 31622400U

struct dg_policy {
    uint32_t version;              /* 1 ..: never goes back                */
    uint32_t life_s;               /* LIFE_S_MIN .. LIFE_S_MAX, from the
                                      moment that the device takes it      */
    uint32_t epoch;                /* of the verifier's key, 1 ..: never goes
                                      back; a higher one revokes all older
                                      tickets                              */
    struct dg_public_key verifier; /* signs tickets in this epoch          */
};

/**
 * Sign a head: the maker's side.
 *
 * @param room  At least DG_POLICY_MAX bytes.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE, DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_policy_sign(const struct dg_crypto *crypto,
                                           const struct dg_secret *private_key,
                                           const struct dg_policy *policy,
                                           dg_buf room,
                                           dg_span *message);

/**
 * Read and verify a head; whether it is newer is the caller's to say.
 *
 * @param[out] policy  Untouched unless DG_OK.
 *
 * @retval DG_OK             The policy key signed it.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_AUTH         It did not.
 * @retval DG_E_PORT         The crypto port failed.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED  Not a head.
 */
DG_NODISCARD enum dg_status dg_policy_verify(const struct dg_crypto *crypto,
                                             const struct dg_public_key *key,
                                             dg_span message,
                                             struct dg_policy *policy);

#endif
