/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "private_file.h"
#include "supervisor.h"

#define START_MS_MAX 10000
#define SETTLE_MS    300 /* for the true cause behind an echo */

static const char help[] =
    "dosegate-domain: the phone's medical domain, one process per role\n"
    "\n"
    "  --dir DIR            state directory, made with mode 700 (required)\n"
    "  --link ADDR          the pump: udp:127.0.0.1:PORT or "
    "tcp:127.0.0.1:PORT\n"
    "                       (required)\n"
    "  --sensor ADDR        where sensor frames arrive; default "
    "udp:127.0.0.1:0,\n"
    "                       which picks a port\n"
    "  --closed-loop on|off automatic doses toward the target; default off\n"
    "  --target MG_DL       80 .. 250, default 110\n"
    "  --isf MG_DL          insulin sensitivity, mg/dL per U, 2 .. 1000,\n"
    "                       default 50\n"
    "  --phone-battery N    percent, 0 .. 100, default 100 (on mains)\n"
    "  --ready-fd N         one JSON line goes there when all roles are "
    "confined\n"
    "  --help               this text\n"
    "\n"
    "Ends on SIGTERM, or when any role ends.  Exit codes: 0 ok, 1 could not "
    "run.\n";

static bool is_number(const char *text, long low, long high)
{
    char *end = NULL;

    if ((*text < '0') || (*text > '9')) {
        return false;
    }
    errno = 0;

    const long value = strtol(text, &end, 10);

    return (errno == 0) && (*end == '\0') && (value >= low) && (value <= high);
}

/* One option with its value; NULL or what is wrong with it. */
static const char *take_option(struct dg_domain_options *options,
                               const char *name,
                               const char *value)
{
    if (strcmp(name, "--dir") == 0) {
        options->dir = value;
        return (*value == '\0') ? "write a directory" : NULL;
    }
    if (strcmp(name, "--link") == 0) {
        options->link = value;
        return NULL;
    }
    if (strcmp(name, "--sensor") == 0) {
        options->sensor = value;
        return NULL;
    }
    if (strcmp(name, "--closed-loop") == 0) {
        options->closed_loop = value;
        return ((strcmp(value, "on") == 0) || (strcmp(value, "off") == 0))
                   ? NULL
                   : "write on or off";
    }
    if (strcmp(name, "--target") == 0) {
        options->target = value;
        return is_number(value, 80, 250) ? NULL : "write 80 .. 250 (mg/dL)";
    }
    if (strcmp(name, "--isf") == 0) {
        options->isf = value;
        return is_number(value, 2, 1000) ? NULL
                                         : "write 2 .. 1000 (mg/dL per U)";
    }
    if (strcmp(name, "--phone-battery") == 0) {
        options->phone_battery = value;
        return is_number(value, 0, 100) ? NULL : "write 0 .. 100 (percent)";
    }
    if (strcmp(name, "--ready-fd") == 0) {
        if (!is_number(value, 0, 1023)) {
            return "write the number of an open descriptor";
        }
        options->ready_fd = (int)strtol(value, NULL, 10);
        return (fcntl(options->ready_fd, F_SETFD, FD_CLOEXEC) == 0)
                   ? NULL
                   : "that descriptor is not open";
    }
    return "no such option: see --help";
}

static bool read_options(struct dg_domain_options *options,
                         int argc,
                         char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *wrong = (i + 1 < argc)
                                ? take_option(options, argv[i], argv[i + 1])
                                : "its value is missing: see --help";

        if (wrong != NULL) {
            (void)fprintf(stderr, "dosegate-domain: %s: %s\n", argv[i], wrong);
            return false;
        }
    }
    if ((options->dir == NULL) || (options->link == NULL)) {
        (void)fprintf(stderr,
                      "dosegate-domain: --dir and --link are needed: see "
                      "--help\n");
        return false;
    }

    /* Told here, in words, before five processes trip over it. */
    if (strlen(options->dir) + sizeof("/confirm.sock") >
        sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        (void)fprintf(stderr,
                      "dosegate-domain: --dir is too long for a socket path: "
                      "choose one of at most %zu characters\n",
                      sizeof(((struct sockaddr_un *)NULL)->sun_path) -
                          sizeof("/confirm.sock"));
        return false;
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

/* The first role that has ended, with a true cause rather than an echo where
 * one turns up soon enough. */
static enum dg_role_id find_dead(struct dg_supervisor *supervisor, int *cause)
{
    enum dg_role_id found = DG_ROLE_ID_NONE;
    const int64_t until = now_ms() + SETTLE_MS;

    for (;;) {
        int status = 0;
        const pid_t pid = waitpid(-1, &status, WNOHANG);

        for (unsigned role = 1; (pid > 0) && (role < DG_ROLE_IDS); role++) {
            if (supervisor->child[role].pid != pid) {
                continue;
            }
            supervisor->child[role].pid = 0;
            if ((found == DG_ROLE_ID_NONE) ||
                (dg_supervisor_is_echo(*cause) &&
                 !dg_supervisor_is_echo(status))) {
                found = (enum dg_role_id)role;
                *cause = status;
            }
        }
        if ((found == DG_ROLE_ID_NONE) && (pid <= 0)) {
            return found;
        }
        if ((found != DG_ROLE_ID_NONE) &&
            (!dg_supervisor_is_echo(*cause) || (now_ms() >= until))) {
            return found;
        }
        if (pid <= 0) {
            (void)poll(NULL, 0, 10);
        }
    }
}

static bool report_dead(struct dg_supervisor *supervisor)
{
    int cause = 0;
    const enum dg_role_id role = find_dead(supervisor, &cause);
    char text[256];

    if (role == DG_ROLE_ID_NONE) {
        return false;
    }
    dg_supervisor_describe(role, cause, text, sizeof(text));
    (void)fprintf(stderr,
                  "dosegate-domain: %s; the domain ends (the pump goes on "
                  "with its own programme)\n",
                  text);
    return true;
}

enum next {
    NEXT_GO_ON,
    NEXT_END,  /* asked to */
    NEXT_FAIL, /* a role has ended */
};

static enum next take_signal(struct dg_supervisor *supervisor, int signals)
{
    struct signalfd_siginfo info;

    if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return NEXT_GO_ON;
    }
    if (info.ssi_signo != SIGCHLD) {
        return NEXT_END;
    }
    return report_dead(supervisor) ? NEXT_FAIL : NEXT_GO_ON;
}

static bool take_report(struct dg_supervisor *supervisor)
{
    struct dg_role_report report;

    if ((read(supervisor->report_fd[0], &report, sizeof(report)) !=
         (ssize_t)sizeof(report)) ||
        (report.role == 0U) || (report.role >= DG_ROLE_IDS)) {
        return false;
    }
    report.address[sizeof(report.address) - 1U] = '\0';
    supervisor->child[report.role].report = report;
    supervisor->child[report.role].is_ready = true;
    return true;
}

static bool all_ready(const struct dg_supervisor *supervisor)
{
    for (unsigned role = 1; role < DG_ROLE_IDS; role++) {
        if (!supervisor->child[role].is_ready) {
            return false;
        }
    }
    return true;
}

static enum next wait_ready(struct dg_supervisor *supervisor, int signals)
{
    const int64_t until = now_ms() + START_MS_MAX;

    while (!all_ready(supervisor)) {
        struct pollfd entries[2] = {
            {.fd = signals, .events = POLLIN},
            {.fd = supervisor->report_fd[0], .events = POLLIN}};
        const int64_t left = until - now_ms();

        if ((left <= 0) || (poll(entries, 2, (int)left) == 0)) {
            (void)fprintf(stderr, "dosegate-domain: a role does not come up\n");
            return NEXT_FAIL;
        }
        if (((entries[1].revents & POLLIN) != 0) && !take_report(supervisor)) {
            (void)fprintf(stderr, "dosegate-domain: a role lied\n");
            return NEXT_FAIL;
        }
        if (entries[0].revents != 0) {
            const enum next next = take_signal(supervisor, signals);

            if (next != NEXT_GO_ON) {
                return next;
            }
        }
    }
    return NEXT_GO_ON;
}

static void tell_ready(const struct dg_supervisor *supervisor,
                       const struct dg_domain_options *options)
{
    const struct dg_role_report *link =
        &supervisor->child[DG_ROLE_ID_LINK].report;
    char text[1024];

    if (link->landlock == 0U) {
        (void)fprintf(stderr,
                      "dosegate-domain: warning: this kernel has no Landlock; "
                      "only the system call filter confines the roles\n");
    }
    const int size = snprintf(text,
                              sizeof(text),
                              "{\"ready\":true,\"sensor\":\"%s\","
                              "\"gateway\":\"%s/gateway.sock\","
                              "\"confirm\":\"%s/confirm.sock\","
                              "\"landlock\":%u}\n",
                              link->address,
                              options->dir,
                              options->dir,
                              (unsigned)link->landlock);

    if ((options->ready_fd >= 0) && (size > 0) &&
        (write(options->ready_fd, text, (size_t)size) != size)) {
        (void)fprintf(stderr, "dosegate-domain: nobody reads --ready-fd\n");
    }
    if (options->ready_fd > STDERR_FILENO) {
        (void)close(options->ready_fd);
    }
}

static void remove_sockets(const struct dg_domain_options *options)
{
    char path[DG_PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/gateway.sock", options->dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/confirm.sock", options->dir);
    (void)unlink(path);
}

static int supervise(const struct dg_domain_options *options, int signals)
{
    static struct dg_supervisor supervisor;
    enum next next = NEXT_FAIL;

    if (dg_supervisor_start(&supervisor, options)) {
        next = wait_ready(&supervisor, signals);
    }
    if (next == NEXT_GO_ON) {
        tell_ready(&supervisor, options);
    }
    while (next == NEXT_GO_ON) {
        next = take_signal(&supervisor, signals);
    }
    dg_supervisor_end(&supervisor);
    remove_sockets(options);
    return (next == NEXT_END) ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct dg_domain_options options = {.sensor = "udp:127.0.0.1:0",
                                        .closed_loop = "off",
                                        .target = "110",
                                        .isf = "50",
                                        .phone_battery = "100",
                                        .ready_fd = -1};
    char why[DG_PRIVATE_WHY_MAX];
    sigset_t set;
    int directory = -1;

    if ((argc == 2) && (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, stdout);
        return 0;
    }
    if (!read_options(&options, argc, argv)) {
        return 1;
    }
    if (dg_private_directory_open(options.dir, &directory, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate-domain: %s\n", why);
        return 1;
    }
    if (flock(directory, LOCK_EX | LOCK_NB) != 0) {
        (void)fprintf(stderr,
                      "dosegate-domain: another domain runs in %s: end it "
                      "first, or choose another --dir\n",
                      options.dir);
        return 1;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);

    const int signals = signalfd(-1, &set, SFD_CLOEXEC);

    if (signals < 0) {
        (void)fprintf(
            stderr, "dosegate-domain: no signals: %s\n", strerror(errno));
        return 1;
    }
    return supervise(&options, signals);
}
