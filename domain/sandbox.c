/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "sandbox_landlock.h"

/* Who may what.  domain/roles.toml says the same for people; test_roles reads
 * both. */
static const unsigned promises[DG_ROLE_IDS] = {
    [DG_ROLE_ID_LINK] = DG_PROMISE_CHANNELS | DG_PROMISE_RECONNECT,
    [DG_ROLE_ID_KEYS] = DG_PROMISE_CHANNELS | DG_PROMISE_DIRECTORY,
    [DG_ROLE_ID_THERAPY] = DG_PROMISE_CHANNELS,
    [DG_ROLE_ID_CONFIRM] = DG_PROMISE_CHANNELS | DG_PROMISE_CLIENTS,
    [DG_ROLE_ID_GATEWAY] = DG_PROMISE_CHANNELS | DG_PROMISE_CLIENTS,
};

struct call {
    int number;
    unsigned promise;
};

/* Calls that are allowed whatever their arguments. */
static const struct call calls[] = {
    {SCMP_SYS(read), DG_PROMISE_CHANNELS},
    {SCMP_SYS(write), DG_PROMISE_CHANNELS},
    {SCMP_SYS(recvfrom), DG_PROMISE_CHANNELS},
    {SCMP_SYS(poll), DG_PROMISE_CHANNELS},
    {SCMP_SYS(ppoll), DG_PROMISE_CHANNELS},
    {SCMP_SYS(close), DG_PROMISE_CHANNELS},
    {SCMP_SYS(clock_gettime), DG_PROMISE_CHANNELS},
    {SCMP_SYS(getrandom), DG_PROMISE_CHANNELS},
    {SCMP_SYS(getpid), DG_PROMISE_CHANNELS},
    {SCMP_SYS(gettid), DG_PROMISE_CHANNELS},
    {SCMP_SYS(brk), DG_PROMISE_CHANNELS},
    {SCMP_SYS(munmap), DG_PROMISE_CHANNELS},
    {SCMP_SYS(mremap), DG_PROMISE_CHANNELS},
    {SCMP_SYS(madvise), DG_PROMISE_CHANNELS},
    {SCMP_SYS(futex), DG_PROMISE_CHANNELS},
    {SCMP_SYS(sigaltstack), DG_PROMISE_CHANNELS},
    {SCMP_SYS(rt_sigprocmask), DG_PROMISE_CHANNELS},
    {SCMP_SYS(rt_sigreturn), DG_PROMISE_CHANNELS},
    {SCMP_SYS(restart_syscall), DG_PROMISE_CHANNELS},
    {SCMP_SYS(exit), DG_PROMISE_CHANNELS},
    {SCMP_SYS(exit_group), DG_PROMISE_CHANNELS},
    {SCMP_SYS(openat), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(fstat), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(newfstatat), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(geteuid), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(fsync), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(renameat), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(renameat2), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(unlinkat), DG_PROMISE_DIRECTORY},
    {SCMP_SYS(accept4), DG_PROMISE_CLIENTS},
};

unsigned dg_sandbox_promises(enum dg_role_id role)
{
    return ((unsigned)role < DG_ROLE_IDS) ? promises[role] : 0U;
}

static bool allow_list(scmp_filter_ctx filter, unsigned granted)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (((calls[i].promise & granted) != 0U) &&
            (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].number, 0) !=
             0)) {
            return false;
        }
    }
    return true;
}

/* Calls whose arguments matter: memory is never executable, and datagrams go
 * only where a socket is connected already. */
static bool allow_narrowly(scmp_filter_ctx filter,
                           unsigned granted,
                           const struct dg_sandbox_grants *grants)
{
    const struct scmp_arg_cmp not_executable =
        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp no_address = SCMP_A4(SCMP_CMP_EQ, 0, 0);
    int failed = 0;

    failed |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable);
    failed |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_executable);
    failed |= seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, no_address);
    if (((granted & DG_PROMISE_RECONNECT) != 0U) &&
        (grants->reconnect_fd >= 0)) {
        const struct scmp_arg_cmp that_one =
            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)grants->reconnect_fd, 0);

        failed |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 1, that_one);
    }
    return failed == 0;
}

static enum dg_status enter_seccomp(unsigned granted,
                                    const struct dg_sandbox_grants *grants)
{
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (filter == NULL) {
        return DG_E_PORT;
    }

    const bool done = allow_list(filter, granted) &&
                      allow_narrowly(filter, granted, grants) &&
                      (seccomp_load(filter) == 0);

    seccomp_release(filter);
    return done ? DG_OK : DG_E_PORT;
}

/* @satisfies{FPT_SEP.1@1} */
enum dg_status dg_sandbox_enter(enum dg_role_id role,
                                const struct dg_sandbox_grants *grants,
                                unsigned *landlock)
{
    const unsigned granted = dg_sandbox_promises(role);

    if ((grants == NULL) || (landlock == NULL) || (granted == 0U)) {
        return DG_E_USAGE;
    }

    struct dg_sandbox_grants given = *grants;
    const struct rlimit nothing = {0, 0};

    if ((granted & DG_PROMISE_DIRECTORY) == 0U) {
        given.directory = -1;
    }
    if ((granted & DG_PROMISE_RECONNECT) == 0U) {
        given.reconnect_fd = -1;
        given.reconnect_port = 0;
    }

    /* No memory image of a process that holds keys or plans doses. */
    if ((prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ||
        (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
        (setrlimit(RLIMIT_CORE, &nothing) != 0)) {
        return DG_E_PORT;
    }

    const enum dg_status status = dg_sandbox_landlock(&given, landlock);

    return (status == DG_OK) ? enter_seccomp(granted, &given) : status;
}
