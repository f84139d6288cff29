/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend.h"
#include "role.h"

/* Namespaces when the process is made; seccomp, Landlock and limits follow when
 * the role has opened what it needs. */
static bool is_there(char why[DG_BACKEND_WHY_MAX])
{
    const bool there = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;

    (void)snprintf(why,
                   DG_BACKEND_WHY_MAX,
                   "%s",
                   there ? ""
                         : "this kernel has no seccomp filters: use another "
                           "kernel, or --isolation process");
    return there;
}

static bool write_all(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const size_t size = strlen(text);

    if (fd < 0) {
        return false;
    }

    const bool done = write(fd, text, size) == (ssize_t)size;

    (void)close(fd);
    return done;
}

/* In the new user namespace the user stays who they are, and nobody else
 * exists. */
static bool map_user(uid_t user, gid_t group)
{
    char users[64];
    char groups[64];

    (void)snprintf(users, sizeof(users), "%u %u 1", user, user);
    (void)snprintf(groups, sizeof(groups), "%u %u 1", group, group);

    /* These files are root's while the process hides its memory, as we do; the
     * program that comes next decides anew. */
    return (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0) &&
           write_all("/proc/self/setgroups", "deny") &&
           write_all("/proc/self/uid_map", users) &&
           write_all("/proc/self/gid_map", groups);
}

static unsigned long flags_of(unsigned apart)
{
    static const struct {
        unsigned apart;
        unsigned long flag;
    } flags[] = {{DG_APART_USER, CLONE_NEWUSER},
                 {DG_APART_NET, CLONE_NEWNET},
                 {DG_APART_IPC, CLONE_NEWIPC},
                 {DG_APART_UTS, CLONE_NEWUTS},
                 {DG_APART_PID, CLONE_NEWPID},
                 {DG_APART_CGROUP, CLONE_NEWCGROUP}};
    unsigned long sum = 0;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        sum |= ((apart & flags[i].apart) != 0U) ? flags[i].flag : 0UL;
    }
    return sum;
}

static pid_t spawn(enum dg_role_id role, unsigned *apart)
{
    const uid_t user = geteuid();
    const gid_t group = getegid();

    *apart = dg_topology_roles[role].apart;

    /* Not fork(): a namespace of processes begins with its first one.  The
     * child does nothing but become another program. */
    const pid_t pid = (pid_t)syscall(SYS_clone,
                                     flags_of(*apart) | (unsigned long)SIGCHLD,
                                     NULL,
                                     NULL,
                                     NULL,
                                     NULL);

    if (pid < 0) {
        *apart = 0; /* this system lets no user make any: the caller says so */
        return fork();
    }
    if ((pid == 0) && (*apart != 0U) && !map_user(user, group)) {
        (void)fprintf(stderr,
                      "dosegate-domain: the kernel does not take the user map "
                      "of a namespace: is /proc mounted?\n");
        _exit(DG_ROLE_EXIT_START);
    }
    return pid;
}

const struct dg_backend dg_backend_linux = {
    .name = "linux",
    .words = "namespaces, seccomp, Landlock, resource limits",
    .is_there = is_there,
    .spawn = spawn};
