/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "backend.h"

/* The least there is: one process per role, with limits.  Whatever captures a
 * role has all the rights of the user.  It is here to be measured against, and
 * for systems that have nothing else. */
static bool is_there(char why[DG_BACKEND_WHY_MAX])
{
    why[0] = '\0';
    return true;
}

static pid_t spawn(enum dg_role_id role, unsigned *apart)
{
    (void)role;
    *apart = 0;
    return fork();
}

const struct dg_backend dg_backend_process = {
    .name = "process",
    .words = "one process per role, resource limits",
    .is_there = is_there,
    .spawn = spawn};
