/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ROLE_H
#define DG_ROLE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "internal.h"
#include "sandbox.h"

/* A role is a program with five entry points and no main loop of its own. */
#define DG_ROLE_FDS_MAX  20U
#define DG_ROLE_READY_FD 9 /* struct dg_role_report after struct is written */
#define DG_ROLE_BEAT_MS  5000
#define DG_ROLE_TOKEN_FD 20 /* keys, confirm: to dosegate-token, if any */
#define DG_ROLE_PAGE_FD  21 /* confirm: listens for the page, if any */
#define DG_ROLE_NEVER    INT64_MAX
#define DG_ROLE_PROGRAMS 6U /* roles 1 .. 5 have one */

/* How a role ends; the supervisor turns it into words. */
enum dg_role_exit {
    DG_ROLE_EXIT_OK = 0,
    DG_ROLE_EXIT_START = 1,      /* could not start; it said why          */
    DG_ROLE_EXIT_FAULT = 2,      /* its own bug, or the system failed     */
    DG_ROLE_EXIT_PEER = 64,      /* + peer: malformed internal message    */
    DG_ROLE_EXIT_PEER_GONE = 80, /* + peer: the peer ended first          */
};

enum dg_role_says {
    DG_ROLE_SAYS_NOTHING = 0,
    DG_ROLE_SAYS_READY = 1, /* once: it is confined                          */
    DG_ROLE_SAYS_BEAT = 2,  /* every DG_ROLE_BEAT_MS: it still turns          */
    DG_ROLE_SAYS_BLAME = 3, /* the peer broke the rules, and may be replaced */
};

/* What a role tells the supervisor, on a pipe of its own. */
struct dg_role_report {
    uint8_t says;
    uint8_t role;
    uint8_t landlock; /* READY */
    uint8_t peer;     /* BLAME */
    char address[60]; /* READY of link: where sensor frames go; else empty */
};

struct dg_role_program {
    enum dg_role_id id;
    /* Read options, open what is needed, fill the grants; DG_OK or it has
     * said on stderr what to do. */
    enum dg_status (*init)(int argc,
                           char **argv,
                           struct dg_sandbox_grants *grants,
                           struct dg_role_report *report);
    /* One message from a peer.  DG_E_PEER: the peer broke the rules. */
    enum dg_status (*message)(enum dg_role_id peer,
                              const struct dg_internal *message);
    /* Time has come; gives the next moment, or DG_ROLE_NEVER. */
    int64_t (*tick)(int64_t now_ms);
    /* Own descriptors to wait for, and what to do when one is ready. */
    size_t (*watch)(struct pollfd *entries, size_t room);
    void (*ready)(const struct pollfd *entries, size_t count);
};

/** Run a role until it ends; never returns to a caller that goes on. */
int dg_role_run(const struct dg_role_program *program, int argc, char **argv);

/** Send to a peer; a failure ends the process with the fitting exit code. */
void dg_role_send(enum dg_role_id peer, const struct dg_internal *message);

/** The peer owes one answer from now on (dosegate gate phase ASKED). */
void dg_role_ask(enum dg_role_id peer);

/** End this process. */
_Noreturn void dg_role_exit(int code);

/** Milliseconds of the monotonic clock. */
int64_t dg_role_now_ms(void);

/** Is there a channel between these two? */
bool dg_role_has_channel(enum dg_role_id one, enum dg_role_id other);

/** Value of "--name value" in the options; NULL when it is absent. */
const char *dg_role_option(int argc, char **argv, const char *name);

#endif
