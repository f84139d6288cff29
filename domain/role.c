/* SPDX-License-Identifier: Apache-2.0 */
#include "role.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "confine.h"

#define DRAIN_MAX \
    64U /* messages of one peer per wake-up, so that none starves */

static struct dg_channel channels[DG_ROLE_IDS];
static enum dg_role_id self;

int64_t dg_role_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

void dg_role_exit(int code)
{
    /* Not exit(): nothing of this process is to be flushed or saved. */
    _exit(code);
}

bool dg_role_has_channel(enum dg_role_id one, enum dg_role_id other)
{
    for (unsigned type = 1; type < DG_INTERNAL_TYPES; type++) {
        const struct dg_gate_rule *rule = dg_gate_rule_of(type);

        if (((rule->from == one) && (rule->to == other)) ||
            ((rule->from == other) && (rule->to == one))) {
            return true;
        }
    }
    return false;
}

const char *dg_role_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

static _Noreturn void end_because_of(enum dg_role_id peer,
                                     enum dg_status status)
{
    if (status == DG_E_PEER) {
        dg_role_exit(DG_ROLE_EXIT_PEER + (int)peer);
    }
    if (status == DG_E_PORT) {
        dg_role_exit(DG_ROLE_EXIT_PEER_GONE + (int)peer);
    }
    dg_role_exit(DG_ROLE_EXIT_FAULT);
}

void dg_role_send(enum dg_role_id peer, const struct dg_internal *message)
{
    const enum dg_status status = dg_channel_send(&channels[peer], message);

    if (status != DG_OK) {
        end_because_of(peer, status);
    }
}

void dg_role_ask(enum dg_role_id peer)
{
    dg_gate_ask(&channels[peer].gate);
}

/* The pipe never blocks: a supervisor that is slow misses beats, not us. */
static bool tell(struct dg_role_report report)
{
    report.role = (uint8_t)self;
    return write(DG_ROLE_READY_FD, &report, sizeof(report)) ==
           (ssize_t)sizeof(report);
}

/* A peer that broke the rules is no longer ours.  One that may be started again
 * is replaced, and what it said is dropped; with any other all ends. */
static void blame(enum dg_role_id peer, enum dg_status status)
{
    if ((status != DG_E_PEER) || !dg_topology_roles[peer].may_restart) {
        end_because_of(peer, status);
    }
    (void)tell((struct dg_role_report){.says = DG_ROLE_SAYS_BLAME,
                                       .peer = (uint8_t)peer});
}

static void drain(const struct dg_role_program *program, enum dg_role_id peer)
{
    for (unsigned i = 0; i < DRAIN_MAX; i++) {
        struct dg_internal message;
        enum dg_status status = dg_channel_receive(&channels[peer], &message);

        if (status == DG_E_STATE) {
            return;
        }
        if (status == DG_OK) {
            status = program->message(peer, &message);
        }
        if (status != DG_OK) {
            blame(peer, status);
            return;
        }
    }
}

/* Still alive; gives the time of the next such word. */
static int64_t beat(int64_t due, int64_t now)
{
    if (now < due) {
        return due;
    }
    (void)tell((struct dg_role_report){.says = DG_ROLE_SAYS_BEAT});
    return now + DG_ROLE_BEAT_MS;
}

static int wait_ms(int64_t due, int64_t now)
{
    if (due == DG_ROLE_NEVER) {
        return -1;
    }
    if (due <= now) {
        return 0;
    }
    return (due - now > 60000) ? 60000 : (int)(due - now);
}

static _Noreturn void loop(const struct dg_role_program *program)
{
    int64_t next_beat = 0;

    for (;;) {
        struct pollfd entries[DG_ROLE_IDS + DG_ROLE_FDS_MAX];
        enum dg_role_id peers[DG_ROLE_IDS];
        size_t count = 0;
        size_t own = 0;
        int64_t due = program->tick(dg_role_now_ms());

        next_beat = beat(next_beat, dg_role_now_ms());
        due = (due < next_beat) ? due : next_beat;
        for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
            if (channels[peer].fd >= 0) {
                peers[count] = (enum dg_role_id)peer;
                entries[count++] =
                    (struct pollfd){.fd = channels[peer].fd, .events = POLLIN};
            }
        }
        if (program->watch != NULL) {
            own = program->watch(&entries[count], DG_ROLE_FDS_MAX);
        }
        if (poll(entries,
                 (nfds_t)(count + own),
                 wait_ms(due, dg_role_now_ms())) <= 0) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (entries[i].revents != 0) {
                drain(program, peers[i]);
            }
        }
        if (own > 0U) {
            program->ready(&entries[count], own);
        }
    }
}

int dg_role_run(const struct dg_role_program *program, int argc, char **argv)
{
    struct dg_sandbox_grants grants = {.directory = -1, .reconnect_fd = -1};
    struct dg_role_report report = {.says = DG_ROLE_SAYS_READY};
    const char *isolation = dg_role_option(argc, argv, "--isolation");
    unsigned landlock = 0;
    char name[32];

    self = program->id;
    (void)snprintf(
        name, sizeof(name), "dosegate-role-%s", dg_role_id_name(self));
    (void)prctl(PR_SET_NAME, name, 0, 0, 0); /* it was started from memory */

    for (unsigned peer = 0; peer < DG_ROLE_IDS; peer++) {
        const bool linked =
            dg_role_has_channel(program->id, (enum dg_role_id)peer);

        dg_channel_open(&channels[peer],
                        linked ? DG_CHANNEL_FD(peer) : -1,
                        program->id,
                        (enum dg_role_id)peer);
    }
    if (program->init(argc, argv, &grants, &report) != DG_OK) {
        return DG_ROLE_EXIT_START;
    }
    if (dg_confine(isolation, program->id, &grants, &landlock) != DG_OK) {
        (void)fprintf(stderr,
                      "role %s: the kernel refused to confine it: it needs "
                      "seccomp filters\n",
                      dg_role_id_name(program->id));
        return DG_ROLE_EXIT_START;
    }
    report.landlock = (uint8_t)landlock;

    /* First words before "ready": whoever waits for that finds us complete. */
    (void)program->tick(dg_role_now_ms());
    if (!tell(report)) {
        dg_role_exit(DG_ROLE_EXIT_FAULT);
    }
    loop(program);
}
