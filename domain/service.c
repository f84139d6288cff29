/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "channel.h"

#define HIGH_FD 64 /* out of the way of the numbers that roles expect */

static bool has_its_channels(const struct dg_service *service)
{
    for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
        if ((service->channel[peer] >= 0) !=
            dg_role_has_channel(service->role, (enum dg_role_id)peer)) {
            return false;
        }
    }
    return service->report >= 0;
}

/* Aside first: a descriptor may have the number that another one needs. */
static bool set_aside(int fds[DG_ROLE_IDS + 1U])
{
    for (unsigned i = 0; i <= DG_ROLE_IDS; i++) {
        if (fds[i] < 0) {
            continue;
        }

        const int high = fcntl(fds[i], F_DUPFD_CLOEXEC, HIGH_FD);

        (void)close(fds[i]);
        fds[i] = high;
        if (high < 0) {
            return false;
        }
    }
    return true;
}

static bool place(int fd, int at)
{
    const bool done = dup2(fd, at) == at;

    (void)close(fd);
    return done;
}

enum dg_status dg_service_adopt(const struct dg_service *service)
{
    int fds[DG_ROLE_IDS + 1U] = {-1};

    if ((service == NULL) || (service->role == DG_ROLE_ID_NONE) ||
        ((unsigned)service->role >= DG_ROLE_PROGRAMS) ||
        !has_its_channels(service)) {
        return DG_E_USAGE;
    }
    for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
        fds[peer] = service->channel[peer];
    }
    fds[DG_ROLE_IDS] = service->report;

    bool done = set_aside(fds);

    for (unsigned peer = 1; done && (peer < DG_ROLE_IDS); peer++) {
        done = (fds[peer] < 0) || place(fds[peer], DG_CHANNEL_FD(peer));
    }
    return (done && place(fds[DG_ROLE_IDS], DG_ROLE_READY_FD)) ? DG_OK
                                                               : DG_E_PORT;
}
