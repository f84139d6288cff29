/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ENTROPY_EMULATED_H
#define DG_ENTROPY_EMULATED_H

#include <stdbool.h>

#include "dosegate/span.h"

/* EMULATION ONLY.  The emulated board has no source of entropy, so the test
 * bench brings a seed over its channel at each power-on and HMAC-DRBG (SP
 * 800-90A) makes the rest.  Whoever sees that channel knows every key of the
 * device.  A product puts its hardware's source here instead; PSA's hook is
 * mbedtls_psa_external_get_random(). */
#define DG_ENTROPY_SEED 48U

/** False when the seed was refused; without one every request fails. */
bool dg_entropy_seed(dg_span seed);

#endif
