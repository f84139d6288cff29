/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KEYS_CANDIDATE_H
#define DG_KEYS_CANDIDATE_H

#include "keys.h"

/* What a pairing would leave on this phone, until it is certain: parts of
 * keys.c alone. */

/** Give it up, and destroy its key unless the pairing that holds has it. */
void dg_keys_drop_candidate(struct dg_keys *keys);

/** The key to ask with: that of the pairing that holds when it is with
 * @p device, else a fresh one.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_keys_choose_key(
    struct dg_keys *keys, const struct dg_device_id *device);

/** The device's key is known: what both share.
 * @retval DG_OK, DG_E_RANGE (no key), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_keys_know_device(
    struct dg_keys *keys, const struct dg_public_key *device_key);

#endif
