/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CONFINE_H
#define DG_CONFINE_H

#include "sandbox.h"

/**
 * In the role: give up what is not needed, for good, in the way of the back-end
 * of that name.  Apart from backend.h, so that no role contains what starts
 * processes.
 *
 * @param[out] landlock  Landlock ABI in force, 0: none.
 *
 * @retval DG_OK       Confined.
 * @retval DG_E_USAGE  A NULL, no such role, or no such back-end.
 * @retval DG_E_PORT   The platform refused: do not go on.
 */
DG_NODISCARD enum dg_status dg_confine(const char *isolation,
                                       enum dg_role_id role,
                                       const struct dg_sandbox_grants *grants,
                                       unsigned *landlock);

#endif
