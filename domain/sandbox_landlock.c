/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_landlock.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "landlock_bits.h"

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT          2

struct ruleset {
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
};

/* The kernel's struct is packed. */
struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

struct net_port {
    uint64_t allowed;
    uint64_t port;
};

/* Everything that this kernel can take away. */
static struct ruleset ruleset_of(unsigned abi)
{
    struct ruleset ruleset = {.handled_fs = DG_FS_ABI_1};

    if (abi >= 2U) {
        ruleset.handled_fs |= DG_FS_REFER;
    }
    if (abi >= 3U) {
        ruleset.handled_fs |= DG_FS_TRUNCATE;
    }
    if (abi >= 4U) {
        ruleset.handled_net = DG_NET_BIND_TCP | DG_NET_CONNECT_TCP;
    }
    if (abi >= 5U) {
        ruleset.handled_fs |= DG_FS_IOCTL_DEV;
    }
    if (abi >= 6U) {
        ruleset.scoped = DG_SCOPE_ABSTRACT_SOCKET | DG_SCOPE_SIGNAL;
    }
    return ruleset;
}

/* What the promises of a role come to, below its directory and on its port. */
static struct dg_topology_landlock access_of(unsigned granted)
{
    struct dg_topology_landlock sum = {.promise = granted};

    for (size_t i = 0; i < dg_topology_landlocks_count; i++) {
        if ((dg_topology_landlocks[i].promise & granted) != 0U) {
            sum.files |= dg_topology_landlocks[i].files;
            sum.ports |= dg_topology_landlocks[i].ports;
        }
    }
    return sum;
}

static bool add_rules(int fd,
                      unsigned abi,
                      const struct dg_topology_landlock *access,
                      const struct dg_sandbox_grants *grants)
{
    const struct path_beneath files = {.allowed = access->files,
                                       .parent = grants->directory};
    const struct net_port device = {.allowed = access->ports,
                                    .port = grants->reconnect_port};

    if ((access->files != 0U) && (grants->directory >= 0) &&
        (syscall(SYS_landlock_add_rule, fd, RULE_PATH_BENEATH, &files, 0) !=
         0)) {
        return false;
    }
    return (abi < 4U) || (access->ports == 0U) ||
           (grants->reconnect_port == 0U) ||
           (syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &device, 0) == 0);
}

enum dg_status dg_sandbox_landlock(unsigned granted,
                                   const struct dg_sandbox_grants *grants,
                                   unsigned *abi)
{
    const long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    *abi = (version > 0) ? (unsigned)version : 0U;
    if (*abi == 0U) {
        return DG_OK; /* the caller tells the person */
    }

    const struct ruleset ruleset = ruleset_of(*abi);
    const struct dg_topology_landlock access = access_of(granted);

    /* An older kernel takes the longer struct as long as what it does not
     * know is zero, and ruleset_of() leaves it so. */
    const int fd =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

    if (fd < 0) {
        return DG_E_PORT;
    }

    const bool done = add_rules(fd, *abi, &access, grants) &&
                      (syscall(SYS_landlock_restrict_self, fd, 0) == 0);

    (void)close(fd);
    return done ? DG_OK : DG_E_PORT;
}
