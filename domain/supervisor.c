/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"

#define HIGH_FD  64 /* out of the way of the numbers that roles expect */
#define ARGS_MAX 12

static bool is_exit(int wait_status, int base)
{
    return WIFEXITED(wait_status) && (WEXITSTATUS(wait_status) > base) &&
           (WEXITSTATUS(wait_status) < base + (int)DG_ROLE_IDS);
}

bool dg_supervisor_is_echo(int wait_status)
{
    return is_exit(wait_status, DG_ROLE_EXIT_PEER_GONE);
}

void dg_supervisor_describe(enum dg_role_id role,
                            int wait_status,
                            char *text,
                            size_t size)
{
    const char *name = dg_role_id_name(role);
    const int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;

    if (is_exit(wait_status, DG_ROLE_EXIT_PEER)) {
        (void)snprintf(
            text,
            size,
            "role %s ended itself: role %s sent it a malformed "
            "internal message",
            name,
            dg_role_id_name((enum dg_role_id)(code - DG_ROLE_EXIT_PEER)));
    } else if (dg_supervisor_is_echo(wait_status)) {
        (void)snprintf(
            text,
            size,
            "role %s ended because role %s had gone",
            name,
            dg_role_id_name((enum dg_role_id)(code - DG_ROLE_EXIT_PEER_GONE)));
    } else if (WIFSIGNALED(wait_status) && (WTERMSIG(wait_status) == SIGSYS)) {
        (void)snprintf(text,
                       size,
                       "role %s tried a system call that it has no right to, "
                       "and was ended",
                       name);
    } else if (WIFSIGNALED(wait_status)) {
        (void)snprintf(text,
                       size,
                       "role %s was ended by signal %d (%s)",
                       name,
                       WTERMSIG(wait_status),
                       strsignal(WTERMSIG(wait_status)));
    } else if (code == DG_ROLE_EXIT_START) {
        (void)snprintf(text, size, "role %s could not start", name);
    } else {
        (void)snprintf(
            text, size, "role %s ended by itself (code %d)", name, code);
    }
}

static bool raise_fd(int *fd)
{
    const int high = fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD);

    (void)close(*fd);
    *fd = high;
    return high >= 0;
}

static bool make_channels(struct dg_supervisor *supervisor)
{
    for (unsigned one = 1; one < DG_ROLE_IDS; one++) {
        for (unsigned other = one + 1U; other < DG_ROLE_IDS; other++) {
            int pair[2];

            if (!dg_role_has_channel((enum dg_role_id)one,
                                     (enum dg_role_id)other)) {
                continue;
            }
            if ((socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) !=
                 0) ||
                !raise_fd(&pair[0]) || !raise_fd(&pair[1])) {
                return false;
            }
            supervisor->channel[one][other] = pair[0];
            supervisor->channel[other][one] = pair[1];
        }
    }
    return (pipe2(supervisor->report_fd, O_CLOEXEC) == 0) &&
           raise_fd(&supervisor->report_fd[0]) &&
           raise_fd(&supervisor->report_fd[1]);
}

/* The roles live beside the supervisor. */
static bool program_of(enum dg_role_id role, char path[DG_PATH_MAX])
{
    const ssize_t size = readlink("/proc/self/exe", path, DG_PATH_MAX - 1U);

    if (size <= 0) {
        return false;
    }
    path[size] = '\0';

    char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return false;
    }

    const size_t room = DG_PATH_MAX - (size_t)(slash + 1 - path);
    const int wrote =
        snprintf(slash + 1, room, "dosegate-role-%s", dg_role_id_name(role));

    return (wrote > 0) && ((size_t)wrote < room);
}

/* Options travel as arguments: none of them is a secret. */
struct arguments {
    const char *item[ARGS_MAX];
    size_t count;
};

static void add(struct arguments *arguments,
                const char *name,
                const char *value)
{
    arguments->item[arguments->count++] = name;
    arguments->item[arguments->count++] = value;
}

static void arguments_of(enum dg_role_id role,
                         const struct dg_domain_options *options,
                         char path[DG_PATH_MAX],
                         struct arguments *arguments)
{
    const char *const file = (role == DG_ROLE_ID_KEYS)      ? "keys"
                             : (role == DG_ROLE_ID_CONFIRM) ? "confirm.sock"
                                                            : "gateway.sock";

    (void)snprintf(path, DG_PATH_MAX, "%s/%s", options->dir, file);
    switch (role) {
    case DG_ROLE_ID_LINK:
        add(arguments, "--link", options->link);
        add(arguments, "--sensor", options->sensor);
        break;
    case DG_ROLE_ID_KEYS:
        add(arguments, "--dir", path);
        break;
    case DG_ROLE_ID_THERAPY:
        add(arguments, "--closed-loop", options->closed_loop);
        add(arguments, "--target", options->target);
        add(arguments, "--isf", options->isf);
        add(arguments, "--phone-battery", options->phone_battery);
        break;
    case DG_ROLE_ID_CONFIRM:
        add(arguments, "--dir", options->dir);
        add(arguments, "--socket", path);
        break;
    case DG_ROLE_ID_GATEWAY:
        add(arguments, "--socket", path);
        break;
    case DG_ROLE_ID_NONE:
        break;
    }
}

/* In the child: hold exactly what the role needs, then become it. */
static _Noreturn void become(const struct dg_supervisor *supervisor,
                             enum dg_role_id role,
                             const struct dg_domain_options *options,
                             pid_t parent)
{
    char program[DG_PATH_MAX];
    char path[DG_PATH_MAX];
    struct arguments arguments = {.count = 1};
    static char *const no_environment[] = {NULL};
    char *argv[ARGS_MAX + 1] = {NULL};
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if ((prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) || (getppid() != parent) ||
        (dup2(nothing, STDIN_FILENO) < 0) ||
        (dup2(supervisor->report_fd[1], DG_ROLE_READY_FD) < 0) ||
        !program_of(role, program)) {
        _exit(DG_ROLE_EXIT_START);
    }
    for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
        const int end = supervisor->channel[role][peer];

        if ((end >= 0) && (dup2(end, DG_CHANNEL_FD(peer)) < 0)) {
            _exit(DG_ROLE_EXIT_START);
        }
    }
    arguments.item[0] = program;
    arguments_of(role, options, path, &arguments);
    for (size_t i = 0; i < arguments.count; i++) {
        argv[i] = strdup(arguments.item[i]); /* execve() wants them writable */
    }
    (void)execve(program, argv, no_environment);
    (void)fprintf(stderr,
                  "dosegate-domain: cannot start %s: %s (the roles belong "
                  "beside dosegate-domain)\n",
                  program,
                  strerror(errno));
    _exit(DG_ROLE_EXIT_START);
}

/* The supervisor keeps no end of any channel: when a role ends, its peers
 * see it. */
static void close_channels(struct dg_supervisor *supervisor)
{
    for (unsigned one = 1; one < DG_ROLE_IDS; one++) {
        for (unsigned other = 1; other < DG_ROLE_IDS; other++) {
            if (supervisor->channel[one][other] >= 0) {
                (void)close(supervisor->channel[one][other]);
                supervisor->channel[one][other] = -1;
            }
        }
    }
    (void)close(supervisor->report_fd[1]);
}

bool dg_supervisor_start(struct dg_supervisor *supervisor,
                         const struct dg_domain_options *options)
{
    const pid_t self = getpid();
    bool started = true;

    memset(supervisor, 0, sizeof(*supervisor));
    memset(supervisor->channel, -1, sizeof(supervisor->channel));
    if (!make_channels(supervisor)) {
        (void)fprintf(stderr,
                      "dosegate-domain: cannot make the channels: %s\n",
                      strerror(errno));
        return false;
    }
    for (unsigned role = 1; started && (role < DG_ROLE_IDS); role++) {
        const pid_t pid = fork();

        if (pid == 0) {
            become(supervisor, (enum dg_role_id)role, options, self);
        }
        started = pid > 0;
        supervisor->child[role].pid = started ? pid : 0;
    }
    if (!started) {
        (void)fprintf(
            stderr, "dosegate-domain: cannot fork: %s\n", strerror(errno));
    }
    close_channels(supervisor);
    return started;
}

void dg_supervisor_end(struct dg_supervisor *supervisor)
{
    for (unsigned role = 1; role < DG_ROLE_IDS; role++) {
        struct dg_child *child = &supervisor->child[role];

        if (child->pid > 0) {
            (void)kill(child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
            child->pid = 0;
        }
    }
}
