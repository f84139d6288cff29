/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SANDBOX_H
#define DG_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "internal.h"

/* What a role needs beyond its channels; everything else is gone for good. */
struct dg_sandbox_grants {
    int directory;    /* keys: the one directory it may use, else -1 */
    int reconnect_fd; /* link over TCP: may connect() this one, else -1 */
    uint16_t reconnect_port; /* ... to this port, where Landlock can tell  */
};

/* One bit each; domain/roles.toml has the same words. */
enum dg_promise {
    DG_PROMISE_CHANNELS = 1,  /* read, write and wait on what is open       */
    DG_PROMISE_DIRECTORY = 2, /* files below one directory                  */
    DG_PROMISE_CLIENTS = 4,   /* accept on a socket that is already bound   */
    DG_PROMISE_RECONNECT = 8, /* connect one socket again (TCP only)        */
};

/** What a role is granted: bits of dg_promise; 0 for no role. */
unsigned dg_sandbox_promises(enum dg_role_id role);

/**
 * Give up everything that the role does not need, for good: no new
 * privileges, Landlock, then an allow list of system calls (the rest ends the
 * process with SIGSYS).
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
