/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SANDBOX_H
#define DG_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "internal.h"
#include "topology.h"

/* What a role needs beyond its channels; everything else is gone for good. */
struct dg_sandbox_grants {
    int directory;    /* keys: the one directory it may use, else -1 */
    int reconnect_fd; /* link over TCP: may connect() this one, else -1 */
    uint16_t reconnect_port; /* ... to this port, where Landlock can tell  */
};

/**
 * Half of that, for a back-end that trusts whatever else keeps it apart: no new
 * privileges, no memory image, and the limits of the role.
 *
 * @retval DG_OK       In force, for good.
 * @retval DG_E_USAGE  No such role.
 * @retval DG_E_PORT   The kernel refused: do not go on.
 */
DG_NODISCARD enum dg_status dg_sandbox_limit(enum dg_role_id role);

/** What a role is granted: bits of dg_promise; 0 for no role. */
unsigned dg_sandbox_promises(enum dg_role_id role);

/**
 * Give up everything that the role does not need, for good: no new
 * privileges, limits, Landlock, then an allow list of system calls (the rest
 * ends the process with SIGSYS).  What that is, spec/topology.toml says.
 *
 * @param[out] landlock  Landlock ABI in force; 0: this kernel has none, and
 *                       only the allow list protects.
 *
 * @retval DG_OK       Confined.
 * @retval DG_E_USAGE  A NULL, or no such role.
 * @retval DG_E_PORT   The kernel refused: do not go on.
 */
DG_NODISCARD enum dg_status dg_sandbox_enter(
    enum dg_role_id role,
    const struct dg_sandbox_grants *grants,
    unsigned *landlock);

#endif
