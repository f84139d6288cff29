/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SUPERVISOR_H
#define DG_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "internal.h"
#include "role.h"

#define DG_PATH_MAX 256U

/* What the person asked for, checked. */
struct dg_domain_options {
    const char *dir;
    const char *link;
    const char *sensor;
    const char *closed_loop;
    const char *target;
    const char *isf;
    const char *phone_battery;
    int ready_fd; /* -1: none */
};

/* One role at work. */
struct dg_child {
    pid_t pid; /* 0: not started, or ended */
    struct dg_role_report report;
    bool is_ready;
};

struct dg_supervisor {
    struct dg_child child[DG_ROLE_IDS];
    int channel[DG_ROLE_IDS][DG_ROLE_IDS]; /* [one][other]: one's end, or -1 */
    int report_fd[2];
};

/** How a role ended, in words: what, why, and who was to blame. */
void dg_supervisor_describe(enum dg_role_id role,
                            int wait_status,
                            char *text,
                            size_t size);

/** Is this end only the echo of another role's end? */
bool dg_supervisor_is_echo(int wait_status);

/** Make the channels, start every role with nothing but its own ends.
 * @return false after it has said on stderr what failed. */
bool dg_supervisor_start(struct dg_supervisor *supervisor,
                         const struct dg_domain_options *options);

/** End every role that still lives and wait for it. */
void dg_supervisor_end(struct dg_supervisor *supervisor);

#endif
