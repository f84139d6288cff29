/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "domain/channel.h"
#include "domain/role.h"

/* A captured gateway: reports like a good one, then says to therapy what a
 * gateway has no right to say. */
int main(void)
{
    struct dg_role_report report = {.says = DG_ROLE_SAYS_READY,
                                    .role = DG_ROLE_ID_GATEWAY};
    const uint8_t bytes[] = {DG_INTERNAL_APPROVED, 1, 2, 3};

    (void)prctl(PR_SET_NAME, "dosegate-role-g", 0, 0, 0);
    if ((write(DG_ROLE_READY_FD, &report, sizeof(report)) !=
         (ssize_t)sizeof(report)) ||
        (sleep(1) != 0U) ||
        (send(DG_CHANNEL_FD(DG_ROLE_ID_THERAPY), bytes, sizeof(bytes), 0) !=
         (ssize_t)sizeof(bytes))) {
        return DG_ROLE_EXIT_FAULT;
    }
    (void)pause();
    return DG_ROLE_EXIT_OK;
}
