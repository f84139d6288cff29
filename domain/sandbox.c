/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox_landlock.h"

/* AddressSanitizer keeps what is freed, and its own notes. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZER_MIB 512U
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZER_MIB 512U
#endif
#endif
#ifndef SANITIZER_MIB
#define SANITIZER_MIB 0U
#endif

unsigned dg_sandbox_promises(enum dg_role_id role)
{
    return ((unsigned)role < DG_ROLE_IDS) ? dg_topology_roles[role].promises
                                          : 0U;
}

static bool allow_list(scmp_filter_ctx filter, unsigned granted)
{
    for (size_t i = 0; i < dg_topology_calls_count; i++) {
        const struct dg_topology_call *call = &dg_topology_calls[i];

        if (((call->promises & granted) != 0U) &&
            (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call->number, 0) != 0)) {
            return false;
        }
    }
    return true;
}

/* Calls of which one argument matters. */
static bool allow_narrowly(scmp_filter_ctx filter,
                           unsigned granted,
                           const struct dg_sandbox_grants *grants)
{
    for (size_t i = 0; i < dg_topology_narrows_count; i++) {
        const struct dg_topology_narrow *narrow = &dg_topology_narrows[i];
        const uint64_t value = narrow->is_reconnect_fd
                                   ? (uint64_t)grants->reconnect_fd
                                   : narrow->equals;

        if (((narrow->promises & granted) == 0U) ||
            (narrow->is_reconnect_fd && (grants->reconnect_fd < 0))) {
            continue;
        }

        const struct scmp_arg_cmp only = {.arg = narrow->argument,
                                          .op = SCMP_CMP_MASKED_EQ,
                                          .datum_a = narrow->mask,
                                          .datum_b = value};

        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, narrow->number, 1, only) !=
            0) {
            return false;
        }
    }
    return true;
}

/* Memory that can be written, of this process: source proc(5), statm, the sixth
 * figure, in pages.  0: it cannot be read. */
static rlim_t data_now(void)
{
    FILE *from = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;

    if (from == NULL) {
        return 0;
    }

    const int found = fscanf(from, "%*u %*u %*u %*u %*u %lu", &pages);

    (void)fclose(from);
    return (found == 1) ? (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) : 0;
}

static bool set_limit(__rlimit_resource_t what, rlim_t most)
{
    const struct rlimit limit = {most, most};

    return setrlimit(what, &limit) == 0;
}

enum dg_status dg_sandbox_limit(enum dg_role_id role)
{
    if ((role == DG_ROLE_ID_NONE) || ((unsigned)role >= DG_ROLE_IDS)) {
        return DG_E_USAGE;
    }

    const struct dg_topology_role *of = &dg_topology_roles[role];
    const rlim_t data = data_now();
    const rlim_t growth =
        ((rlim_t)of->memory_mib + SANITIZER_MIB) * 1024U * 1024U;

    /* A write beyond the limit fails; without this it would end the process,
     * also where only a message to a long log is in question. */
    (void)signal(SIGXFSZ, SIG_IGN);

    /* No memory image of a process that holds keys or plans doses. */
    return ((data != 0U) && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) &&
            (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0) &&
            set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_MSGQUEUE, 0) &&
            set_limit(RLIMIT_MEMLOCK, 0) &&
            set_limit(RLIMIT_DATA, data + growth) &&
            set_limit(RLIMIT_NOFILE, of->descriptors) &&
            set_limit(RLIMIT_NPROC, of->processes) &&
            set_limit(RLIMIT_FSIZE, (rlim_t)of->file_kib * 1024U))
               ? DG_OK
               : DG_E_PORT;
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

    if ((granted & DG_PROMISE_DIRECTORY) == 0U) {
        given.directory = -1;
    }
    if ((granted & DG_PROMISE_RECONNECT) == 0U) {
        given.reconnect_fd = -1;
        given.reconnect_port = 0;
    }

    enum dg_status status = dg_sandbox_limit(role);

    if (status == DG_OK) {
        status = dg_sandbox_landlock(granted, &given, landlock);
    }
    return (status == DG_OK) ? enter_seccomp(granted, &given) : status;
}
