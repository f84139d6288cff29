/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOPOLOGY_H
#define DG_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate.h"
#include "internal.h"

/* The tables that tools/topology makes of spec/topology.toml at build time.
 * Nobody writes them by hand. */

/* What a role may do: one bit each, with the file's words. */
enum dg_promise {
    DG_PROMISE_CHANNELS = 1,  /* read, write and wait on what is open       */
    DG_PROMISE_DIRECTORY = 2, /* files below one directory                  */
    DG_PROMISE_CLIENTS = 4,   /* accept on a socket that is already bound   */
    DG_PROMISE_RECONNECT = 8, /* connect one socket again (TCP only)        */
};

/* What a role does not share with the rest of the phone. */
enum dg_apart {
    DG_APART_USER = 1,
    DG_APART_NET = 2,
    DG_APART_IPC = 4,
    DG_APART_UTS = 8,
    DG_APART_PID = 16,
    DG_APART_CGROUP = 32,
};

#define DG_APART_ALL 63U

struct dg_topology_role {
    const char *name;    /* its program is dosegate-role-NAME            */
    unsigned promises;   /* bits of dg_promise                           */
    unsigned apart;      /* bits of dg_apart                             */
    bool may_restart;    /* else its end is the end of the domain        */
    uint16_t memory_mib; /* growth after it was confined                 */
    uint16_t descriptors;
    uint16_t processes; /* that it may start                             */
    uint32_t file_kib;  /* longest file that it may write                */
};

/* A system call that is allowed to whoever has one of the promises. */
struct dg_topology_call {
    int number; /* of libseccomp, SCMP_SYS() */
    unsigned promises;
};

/* ... when one argument has one value under a mask. */
struct dg_topology_narrow {
    int number;
    unsigned promises;
    unsigned argument; /* 0 .. 5 */
    uint64_t mask;
    uint64_t equals;
    bool is_reconnect_fd; /* the value is the descriptor that was granted */
};

/* Landlock's access rights that come with a promise. */
struct dg_topology_landlock {
    unsigned promise;
    uint64_t files; /* below the granted directory */
    uint64_t ports; /* on the granted port         */
};

extern const struct dg_gate_rule dg_topology_rules[DG_INTERNAL_TYPES];
extern const struct dg_topology_role dg_topology_roles[DG_ROLE_IDS];
extern const struct dg_topology_call dg_topology_calls[];
extern const size_t dg_topology_calls_count;
extern const struct dg_topology_narrow dg_topology_narrows[];
extern const size_t dg_topology_narrows_count;
extern const struct dg_topology_landlock dg_topology_landlocks[];
extern const size_t dg_topology_landlocks_count;

#endif
