/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SUPERVISOR_H
#define DG_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "backend.h"
#include "internal.h"
#include "program.h"
#include "role.h"

#define DG_PATH_MAX DG_PROGRAM_PATH_MAX

/* What the person asked for, checked. */
struct dg_domain_options {
    const char *dir;
    const char *link;
    const char *sensor;
    const char *closed_loop;
    const char *target;
    const char *isf;
    const char *phone_battery;
    const char *isolation;
    const char *keys;          /* where role keys has its keys */
    const char *presence_keys; /* where role confirm has its   */
    bool page;                 /* of the trusted display       */
    int ready_fd;              /* -1: none */
};

/* One role at work, or waiting to be started again. */
struct dg_child {
    pid_t pid;     /* 0: not running                              */
    int report_fd; /* what it tells us; -1: none                  */
    int program;   /* a sealed copy, measured                     */
    struct dg_role_report report; /* READY                        */
    bool is_ready;
    unsigned apart;            /* bits of dg_apart in force      */
    unsigned starts;           /* so far                         */
    unsigned failures;         /* in a row, for the pause        */
    int64_t started_ms;        /* monotonic                      */
    int64_t heard_ms;          /* the last word                  */
    int64_t again_ms;          /* start it again then; 0: no     */
    enum dg_role_id blamed_by; /* why we ended it; NONE: we did not */
    bool was_silent;           /* ... or because it was silent   */
};

struct dg_supervisor {
    const struct dg_domain_options *options;
    const struct dg_backend *backend;
    struct dg_child child[DG_ROLE_IDS];
    int channel[DG_ROLE_IDS][DG_ROLE_IDS]; /* [one][other]: one's end, or -1 */
    int token_program;        /* a sealed copy, measured; -1: not used     */
    pid_t token[DG_ROLE_IDS]; /* dosegate-token of a role; 0: it has none  */
    int self_fd;              /* by which a child sees our end            */
    int health_fd;            /* our end of the channel to therapy, or -1 */
};

/** How a role ended, in words: what, why, and who was to blame. */
void dg_supervisor_describe(enum dg_role_id role,
                            int wait_status,
                            char *text,
                            size_t size);

/** Is this end only the echo of another role's end? */
bool dg_supervisor_is_echo(int wait_status);

/** Measure the programs, make the channels, start every role with nothing but its own ends.
 * @return false after it has said on stderr what failed. */
bool dg_supervisor_start(struct dg_supervisor *supervisor,
                         const struct dg_domain_options *options,
                         const struct dg_crypto *crypto);

/** Does a role have its keys in hardware, and so dosegate-token at work? */
bool dg_supervisor_has_token(const struct dg_supervisor *supervisor);

/** Tell therapy how the phone is; a therapy that does not listen misses it. */
void dg_supervisor_tell(struct dg_supervisor *supervisor,
                        const struct dg_health_note *note);

/** Start a role again that may be; what waited for its predecessor is dropped.
 * @return false: the system has no process or pipe for it. */
bool dg_supervisor_restart(struct dg_supervisor *supervisor,
                           enum dg_role_id role);

/** End every role that still lives and wait for it. */
void dg_supervisor_end(struct dg_supervisor *supervisor);

#endif
