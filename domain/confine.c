/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <stddef.h>
#include <string.h>

/* The least there is: what captures the role has the rights of the user. */
static enum dg_status limit_only(enum dg_role_id role,
                                 const struct dg_sandbox_grants *grants,
                                 unsigned *landlock)
{
    (void)grants;
    *landlock = 0;
    return dg_sandbox_limit(role);
}

static const struct {
    const char *name;
    enum dg_status (*enter)(enum dg_role_id role,
                            const struct dg_sandbox_grants *grants,
                            unsigned *landlock);
} ways[] = {{"process", limit_only}, {"linux", dg_sandbox_enter}};

enum dg_status dg_confine(const char *isolation,
                          enum dg_role_id role,
                          const struct dg_sandbox_grants *grants,
                          unsigned *landlock)
{
    if ((isolation == NULL) || (grants == NULL) || (landlock == NULL)) {
        return DG_E_USAGE;
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(ways[i].name, isolation) == 0) {
            return ways[i].enter(role, grants, landlock);
        }
    }
    return DG_E_USAGE;
}
