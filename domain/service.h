/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SERVICE_H
#define DG_SERVICE_H

#include "role.h"

/* The seam for platforms where somebody else makes the process of a role:
 * Android's isolatedProcess, or a partition manager.  The platform's manager
 * takes the place of backend.h; it starts the service and hands it its ends of
 * the channels.  docs/isolation.md says what belongs where. */

/* What the platform hands over: nothing is inherited, nothing looked up. */
struct dg_service {
    enum dg_role_id role;
    const char *confinement;  /* for dg_confine(): "process" where the platform
                                filters by itself, else "linux"            */
    int report;               /* where the role speaks to the supervisor    */
    int channel[DG_ROLE_IDS]; /* by peer; -1: none                         */
};

/**
 * Put the descriptors where a role looks for them.
 *
 * Exactly those channels are needed that spec/topology.toml gives to the role.
 *
 * @retval DG_OK       dg_role_run() may follow, with --isolation and the
 *                     options of the role as its arguments.
 * @retval DG_E_USAGE  A NULL, no such role, a channel too few or too many.
 * @retval DG_E_PORT   The system refused.
 */
DG_NODISCARD enum dg_status dg_service_adopt(const struct dg_service *service);

#endif
