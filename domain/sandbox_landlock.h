/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SANDBOX_LANDLOCK_H
#define DG_SANDBOX_LANDLOCK_H

#include "sandbox.h"

/** Landlock's half of dg_sandbox_enter(); grants.directory and
 * grants.reconnect_port are -1 and 0 when not granted. */
DG_NODISCARD enum dg_status dg_sandbox_landlock(
    unsigned granted, const struct dg_sandbox_grants *grants, unsigned *abi);

#endif
