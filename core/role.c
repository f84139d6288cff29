/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

/* Who may ask for what, whatever else holds: the rung comes on top of it.  A
 * cell that is not written refuses.  Pairing (15) is in nobody's
 * row: a phone comes in by presence. */

#define OWNER     (1U << (unsigned)DG_ROLE_OWNER)
#define CAREGIVER (1U << (unsigned)DG_ROLE_CAREGIVER)
#define OBSERVER  (1U << (unsigned)DG_ROLE_OBSERVER)

#define REQUESTS 19U

_Static_assert(DG_REQUESTS <= REQUESTS, "every request has a row");

/* clang-format off */
static const uint8_t roles[REQUESTS] = {
    [DG_REQUEST_STATUS]  = OWNER | CAREGIVER | OBSERVER,
    [DG_REQUEST_PROPOSE] = OWNER | CAREGIVER,
    [DG_REQUEST_COMMIT]  = OWNER | CAREGIVER,
    [DG_REQUEST_STOP]    = OWNER | CAREGIVER,
    [DG_REQUEST_LEASE]   = OWNER | CAREGIVER,
    [DG_REQUEST_GLUCOSE] = OWNER | CAREGIVER | OBSERVER,
    [7]                  = OWNER | CAREGIVER,            /* suspend  */
    [8]                  = OWNER | CAREGIVER,            /* resume   */
    [DG_REQUEST_PROFILE] = OWNER | CAREGIVER,
    [DG_REQUEST_JOURNAL] = OWNER | CAREGIVER | OBSERVER,
    [DG_REQUEST_ATTEST]  = OWNER | CAREGIVER,
    [DG_REQUEST_UPDATE]  = OWNER,
    [DG_REQUEST_REVOKE]  = OWNER,
    [DG_REQUEST_ROLES]   = OWNER,
    [DG_REQUEST_REKEY]   = OWNER | CAREGIVER | OBSERVER,
    [17]                 = OWNER,                        /* settings */
    [DG_REQUEST_POLICY]  = OWNER | CAREGIVER,
};
/* clang-format on */

/* @satisfies{FMT_ROLE.1@1} */
bool dg_role_may(enum dg_role role, enum dg_request_kind kind)
{
    return ((unsigned)role <= (unsigned)DG_ROLE_OBSERVER) &&
           ((unsigned)kind < REQUESTS) &&
           (((roles[(unsigned)kind] >> (unsigned)role) & 1U) != 0U);
}
