/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_landlock.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Written out rather than taken from <linux/landlock.h>: the header of the
 * build machine may be older than the kernel that runs this.  source: Linux
 * 6.18, include/uapi/linux/landlock.h. */
#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT          2

#define FS_WRITE_FILE  (1ULL << 1)
#define FS_READ_FILE   (1ULL << 2)
#define FS_READ_DIR    (1ULL << 3)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_REG    (1ULL << 8)
#define FS_ABI_1       ((1ULL << 13) - 1ULL) /* execute .. make symlink */
#define FS_REFER       (1ULL << 13)          /* ABI 2 */
#define FS_TRUNCATE    (1ULL << 14)          /* ABI 3 */
#define FS_IOCTL_DEV   (1ULL << 15)          /* ABI 5 */

#define NET_BIND_TCP    (1ULL << 0) /* ABI 4 */
#define NET_CONNECT_TCP (1ULL << 1) /* ABI 4 */

#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* ABI 6 */
#define SCOPE_SIGNAL          (1ULL << 1) /* ABI 6 */

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
    struct ruleset ruleset = {.handled_fs = FS_ABI_1};

    if (abi >= 2U) {
        ruleset.handled_fs |= FS_REFER;
    }
    if (abi >= 3U) {
        ruleset.handled_fs |= FS_TRUNCATE;
    }
    if (abi >= 4U) {
        ruleset.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
    }
    if (abi >= 5U) {
        ruleset.handled_fs |= FS_IOCTL_DEV;
    }
    if (abi >= 6U) {
        ruleset.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
    }
    return ruleset;
}

static bool add_rules(int fd,
                      unsigned abi,
                      const struct dg_sandbox_grants *grants)
{
    const struct path_beneath files = {.allowed = FS_WRITE_FILE | FS_READ_FILE |
                                                  FS_READ_DIR | FS_REMOVE_FILE |
                                                  FS_MAKE_REG,
                                       .parent = grants->directory};
    const struct net_port device = {.allowed = NET_CONNECT_TCP,
                                    .port = grants->reconnect_port};

    if ((grants->directory >= 0) &&
        (syscall(SYS_landlock_add_rule, fd, RULE_PATH_BENEATH, &files, 0) !=
         0)) {
        return false;
    }
    return (abi < 4U) || (grants->reconnect_port == 0U) ||
           (syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &device, 0) == 0);
}

enum dg_status dg_sandbox_landlock(const struct dg_sandbox_grants *grants,
                                   unsigned *abi)
{
    const long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    *abi = (version > 0) ? (unsigned)version : 0U;
    if (*abi == 0U) {
        return DG_OK; /* the caller tells the person */
    }

    const struct ruleset ruleset = ruleset_of(*abi);

    /* An older kernel takes the longer struct as long as what it does not
     * know is zero, and ruleset_of() leaves it so. */
    const int fd =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

    if (fd < 0) {
        return DG_E_PORT;
    }

    const bool done = add_rules(fd, *abi, grants) &&
                      (syscall(SYS_landlock_restrict_self, fd, 0) == 0);

    (void)close(fd);
    return done ? DG_OK : DG_E_PORT;
}
