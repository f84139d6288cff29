/* SPDX-License-Identifier: Apache-2.0 */
#include "oversee.h"

#include "keystore.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lookout.h"

#define START_MS_MAX 10000
#define SETTLE_MS    300 /* for the true cause behind an echo */
#define TEXT_MAX     256U

enum next {
    NEXT_GO_ON,
    NEXT_END,  /* asked to */
    NEXT_FAIL, /* a role has ended */
};

/* What a round of looking after found. */
struct dead {
    enum dg_role_id role; /* on which therapy rests; NONE: all live */
    int status;
};

int64_t dg_oversee_pause_ms(unsigned failures)
{
    int64_t pause = DG_OVERSEE_PAUSE_MS_MIN;

    for (unsigned i = 1; (i < failures) && (pause < DG_OVERSEE_PAUSE_MS_MAX);
         i++) {
        pause *= 2;
    }
    return (pause < DG_OVERSEE_PAUSE_MS_MAX) ? pause : DG_OVERSEE_PAUSE_MS_MAX;
}

static void explain(const struct dg_child *child,
                    enum dg_role_id role,
                    int status,
                    char text[TEXT_MAX])
{
    if (child->blamed_by != DG_ROLE_ID_NONE) {
        (void)snprintf(text,
                       TEXT_MAX,
                       "role %s was ended: it sent role %s a malformed "
                       "internal message",
                       dg_role_id_name(role),
                       dg_role_id_name(child->blamed_by));
    } else if (child->was_silent) {
        (void)snprintf(text,
                       TEXT_MAX,
                       "role %s was ended: it gave no sign of life for %d s",
                       dg_role_id_name(role),
                       DG_OVERSEE_SILENCE_MS / 1000);
    } else {
        dg_supervisor_describe(role, status, text, TEXT_MAX);
    }
}

/* Nothing rests on it: start it again, later each time.
 * @satisfies{FPT_SEP.3@1} */
static void plan_restart(struct dg_child *child,
                         enum dg_role_id role,
                         int status)
{
    const int64_t now = dg_role_now_ms();
    char text[TEXT_MAX];

    if (now - child->started_ms >= DG_OVERSEE_STEADY_MS) {
        child->failures = 0;
    }
    child->failures++;

    const int64_t pause = dg_oversee_pause_ms(child->failures);

    child->again_ms = now + pause;
    if (!dg_supervisor_is_echo(status)) {
        explain(child, role, status, text);
        (void)fprintf(stderr,
                      "dosegate-domain: %s; it is started again in %lld ms, "
                      "therapy goes on\n",
                      text,
                      (long long)pause);
    }
}

/* One child that has ended; false: none has. */
static bool reap(struct dg_supervisor *supervisor,
                 bool all_are_up,
                 struct dead *dead)
{
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);

    for (unsigned role = 1; (pid > 0) && (role < DG_ROLE_PROGRAMS); role++) {
        struct dg_child *child = &supervisor->child[role];

        if (supervisor->token[role] == pid) {
            supervisor->token[role] = 0; /* its role sees its end */
        }
        if (child->pid != pid) {
            continue;
        }
        child->pid = 0;
        if (all_are_up && dg_topology_roles[role].may_restart) {
            plan_restart(child, (enum dg_role_id)role, status);
        } else if ((dead->role == DG_ROLE_ID_NONE) ||
                   (dg_supervisor_is_echo(dead->status) &&
                    !dg_supervisor_is_echo(status))) {
            *dead = (struct dead){(enum dg_role_id)role, status};
        }
    }
    return pid > 0;
}

/* Has a role ended on which therapy rests?  Where its end is an echo of
 * another's, wait a little for the true cause. */
static bool find_dead(struct dg_supervisor *supervisor, bool all_are_up)
{
    const int64_t until = dg_role_now_ms() + SETTLE_MS;
    struct dead dead = {DG_ROLE_ID_NONE, 0};
    char text[TEXT_MAX];

    for (;;) {
        while (reap(supervisor, all_are_up, &dead)) {
        }
        if (dead.role == DG_ROLE_ID_NONE) {
            return false;
        }
        if (!dg_supervisor_is_echo(dead.status) ||
            (dg_role_now_ms() >= until)) {
            break;
        }
        (void)poll(NULL, 0, 10);
    }
    explain(&supervisor->child[dead.role], dead.role, dead.status, text);
    (void)fprintf(stderr,
                  "dosegate-domain: %s; the domain ends (the pump goes on "
                  "with its own programme)\n",
                  text);
    return true;
}

static void take_ready(struct dg_child *child,
                       const struct dg_role_report *report)
{
    child->report = *report;
    child->report.address[sizeof(report->address) - 1U] = '\0';
    child->is_ready = true;
}

/* Only who shares a channel with a role that may be replaced can ask for it,
 * and gains nothing that ending itself would not gain. */
static bool take_blame(struct dg_supervisor *supervisor,
                       enum dg_role_id from,
                       unsigned peer)
{
    if ((peer >= DG_ROLE_PROGRAMS) || !dg_topology_roles[peer].may_restart ||
        !dg_role_has_channel(from, (enum dg_role_id)peer)) {
        return false;
    }

    struct dg_child *child = &supervisor->child[peer];

    if ((child->pid > 0) && (child->blamed_by == DG_ROLE_ID_NONE)) {
        child->blamed_by = from;
        (void)kill(child->pid, SIGKILL);
    }
    return true;
}

/* Everything that a role has said; false: it lied. */
static bool take_words(struct dg_supervisor *supervisor, enum dg_role_id role)
{
    struct dg_child *child = &supervisor->child[role];
    struct dg_role_report report;
    ssize_t got = 0;

    while ((got = read(child->report_fd, &report, sizeof(report))) > 0) {
        bool is_true =
            (got == (ssize_t)sizeof(report)) && (report.role == (uint8_t)role);

        child->heard_ms = dg_role_now_ms();
        if (report.says == DG_ROLE_SAYS_READY) {
            is_true = is_true && !child->is_ready;
            take_ready(child, &report);
        } else if (report.says == DG_ROLE_SAYS_BLAME) {
            is_true = is_true && take_blame(supervisor, role, report.peer);
        } else {
            is_true = is_true && (report.says == DG_ROLE_SAYS_BEAT);
        }
        if (!is_true) {
            (void)fprintf(stderr,
                          "dosegate-domain: role %s lied to the supervisor\n",
                          dg_role_id_name(role));
            (void)kill(child->pid, SIGKILL);
            return false;
        }
    }
    if (got == 0) { /* it has ended: waitpid() tells more */
        (void)close(child->report_fd);
        child->report_fd = -1;
    }
    return true;
}

static bool all_ready(const struct dg_supervisor *supervisor)
{
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        if (!supervisor->child[role].is_ready) {
            return false;
        }
    }
    return true;
}

/* Wait for a signal or a word, at most so long; then hear all of it. */
static enum next hear(struct dg_supervisor *supervisor,
                      int signals,
                      int wait_ms,
                      bool all_are_up)
{
    struct pollfd entries[DG_ROLE_IDS] = {{.fd = signals, .events = POLLIN}};
    struct signalfd_siginfo info;

    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        entries[role] = (struct pollfd){.fd = supervisor->child[role].report_fd,
                                        .events = POLLIN};
    }
    (void)poll(entries, DG_ROLE_IDS, wait_ms);
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        if (entries[role].revents != 0) {
            (void)take_words(supervisor, (enum dg_role_id)role);
        }
    }
    if (((entries[0].revents & POLLIN) == 0) ||
        (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))) {
        return NEXT_GO_ON;
    }
    if (info.ssi_signo != SIGCHLD) {
        return NEXT_END;
    }
    return find_dead(supervisor, all_are_up) ? NEXT_FAIL : NEXT_GO_ON;
}

static enum next wait_ready(struct dg_supervisor *supervisor, int signals)
{
    const int64_t until = dg_role_now_ms() + START_MS_MAX;
    enum next next = NEXT_GO_ON;

    while ((next == NEXT_GO_ON) && !all_ready(supervisor)) {
        const int64_t left = until - dg_role_now_ms();

        if (left <= 0) {
            (void)fprintf(stderr, "dosegate-domain: a role does not come up\n");
            return NEXT_FAIL;
        }
        next = hear(supervisor, signals, (int)left, false);
    }
    return next;
}

/* Start what is due; end what is silent.  Gives the next moment to look. */
static int64_t look_after(struct dg_supervisor *supervisor,
                          struct dg_lookout *lookout)
{
    const int64_t now = dg_role_now_ms();
    int64_t next = dg_lookout_look(lookout, supervisor, now);

    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        struct dg_child *child = &supervisor->child[role];
        const int64_t silent = child->heard_ms + DG_OVERSEE_SILENCE_MS;

        if ((child->pid > 0) && (now >= silent) && !child->was_silent) {
            child->was_silent = true;
            dg_monitor_find(&lookout->monitor, DG_FINDING_SILENT, now);
            (void)kill(child->pid, SIGKILL);
        }
        if ((child->pid == 0) && (child->again_ms != 0) &&
            (now >= child->again_ms) &&
            !dg_supervisor_restart(supervisor, (enum dg_role_id)role)) {
            child->failures++;
            child->again_ms = now + dg_oversee_pause_ms(child->failures);
        }
        if ((child->pid > 0) && (silent < next)) {
            next = silent;
        }
        if ((child->pid == 0) && (child->again_ms < next)) {
            next = child->again_ms;
        }
    }
    return next;
}

static enum next go_on(struct dg_supervisor *supervisor,
                       struct dg_lookout *lookout,
                       int signals)
{
    enum next next = NEXT_GO_ON;

    while (next == NEXT_GO_ON) {
        const int64_t due = look_after(supervisor, lookout);
        const int64_t now = dg_role_now_ms();

        next =
            hear(supervisor, signals, (due > now) ? (int)(due - now) : 0, true);

        if (dg_monitor_must_end(&lookout->monitor)) {
            (void)fprintf(stderr,
                          "dosegate-domain: the domain ends (the pump goes on "
                          "with its own programme)\n");
            return NEXT_FAIL;
        }

        /* We were late ourselves (stopped, starved): nobody was silent, it was
         * us who did not listen. */
        const int64_t heard = dg_role_now_ms();

        if (heard - due <= DG_ROLE_BEAT_MS) {
            continue;
        }
        dg_monitor_find(&lookout->monitor, DG_FINDING_STARVED, heard);
        for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
            supervisor->child[role].heard_ms = heard;
        }
    }
    return next;
}

/* Has each role the namespaces that the topology gives it? */
static bool has_namespaces(const struct dg_supervisor *supervisor)
{
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        if (supervisor->child[role].apart != dg_topology_roles[role].apart) {
            return false;
        }
    }
    return true;
}

static void warn(const struct dg_supervisor *supervisor)
{
    if (supervisor->backend == &dg_backend_process) {
        (void)fprintf(stderr,
                      "dosegate-domain: warning: --isolation process: a role "
                      "that is captured has all the rights of this user\n");
        return;
    }
    if (supervisor->child[DG_ROLE_ID_LINK].report.landlock == 0U) {
        (void)fprintf(stderr,
                      "dosegate-domain: warning: this kernel has no Landlock; "
                      "only the system call filter confines the roles\n");
    }
    if (!has_namespaces(supervisor)) {
        (void)fprintf(stderr,
                      "dosegate-domain: warning: this system lets users make "
                      "no namespaces; the roles share the phone's\n");
    }
}

/* "weak": whoever reads the files of this directory has the keys. */
static const char *strength_of(const char *where)
{
    return dg_keystore_row_of(where)->is_weak ? "weak" : "hardware";
}

static void tell_ready(const struct dg_supervisor *supervisor)
{
    const struct dg_domain_options *options = supervisor->options;
    const struct dg_role_report *link =
        &supervisor->child[DG_ROLE_ID_LINK].report;
    char text[1024];

    warn(supervisor);

    const int size = snprintf(text,
                              sizeof(text),
                              "{\"ready\":true,\"sensor\":\"%s\","
                              "\"gateway\":\"%s/gateway.sock\","
                              "\"confirm\":\"%s/confirm.sock\","
                              "\"isolation\":\"%s\",\"landlock\":%u,"
                              "\"namespaces\":%s,"
                              "\"keys\":\"%s\",\"presence_keys\":\"%s\"}\n",
                              link->address,
                              options->dir,
                              options->dir,
                              supervisor->backend->name,
                              (unsigned)link->landlock,
                              has_namespaces(supervisor) ? "true" : "false",
                              strength_of(options->keys),
                              strength_of(options->presence_keys));

    if ((options->ready_fd >= 0) && (size > 0) &&
        (write(options->ready_fd, text, (size_t)size) != size)) {
        (void)fprintf(stderr, "dosegate-domain: nobody reads --ready-fd\n");
    }
    if (options->ready_fd > STDERR_FILENO) {
        (void)close(options->ready_fd);
    }
}

int dg_oversee(const struct dg_domain_options *options,
               const struct dg_crypto *crypto,
               int directory,
               int signals)
{
    static struct dg_supervisor supervisor;
    static struct dg_lookout lookout;
    enum next next = NEXT_FAIL;

    if (dg_supervisor_start(&supervisor, options, crypto)) {
        next = wait_ready(&supervisor, signals);
    }
    if (next == NEXT_GO_ON) {
        dg_lookout_open(
            &lookout, crypto, directory, &supervisor, options->phone_battery);
        (void)dg_lookout_look(&lookout, &supervisor, dg_role_now_ms());
        tell_ready(&supervisor);
        next = go_on(&supervisor, &lookout, signals);
    }
    dg_supervisor_end(&supervisor);
    return (next == NEXT_END) ? 0 : 1;
}
