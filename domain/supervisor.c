/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "keystore.h"
#include "token_start.h"

#define HIGH_FD    64 /* out of the way of the numbers that roles expect */
#define ARGS_MAX   14
#define STALE_MAX  4096U
#define END_MS_MAX 2000

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
    supervisor->self_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    return (supervisor->self_fd >= 0) && raise_fd(&supervisor->self_fd);
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
                         const struct dg_supervisor *supervisor,
                         char text[2][DG_PATH_MAX],
                         struct arguments *arguments)
{
    const struct dg_domain_options *options = supervisor->options;
    const struct dg_child *child = &supervisor->child[role];
    char *path = text[0];
    const char *const file =
        (role == DG_ROLE_ID_KEYS) ? "keys" : "gateway.sock";

    (void)snprintf(path, DG_PATH_MAX, "%s/%s", options->dir, file);
    (void)snprintf(text[1], DG_PATH_MAX, "%u", child->starts);
    add(arguments, "--isolation", supervisor->backend->name);
    switch (role) {
    case DG_ROLE_ID_LINK:
        add(arguments, "--link", options->link);
        /* Where sensors were told to send must not move. */
        add(arguments,
            "--sensor",
            (child->report.address[0] == '\0') ? options->sensor
                                               : child->report.address);
        break;
    case DG_ROLE_ID_KEYS:
        add(arguments, "--dir", path);
        add(arguments, "--keys", options->keys);
        break;
    case DG_ROLE_ID_THERAPY:
        add(arguments, "--closed-loop", options->closed_loop);
        add(arguments, "--target", options->target);
        add(arguments, "--isf", options->isf);
        add(arguments, "--phone-battery", options->phone_battery);
        break;
    case DG_ROLE_ID_CONFIRM:
        add(arguments, "--dir", options->dir);
        add(arguments, "--keys", options->presence_keys);
        add(arguments, "--page", options->page ? "on" : "off");
        break;
    case DG_ROLE_ID_GATEWAY:
        add(arguments, "--socket", path);
        add(arguments, "--start", text[1]);
        break;
    case DG_ROLE_ID_NONE:
    case DG_ROLE_ID_SUPERVISOR:
        break;
    }
}

/* Has our parent ended before we asked to be told?  getppid() cannot say: in a
 * namespace of its own a process has no parent. */
static bool is_orphan(const struct dg_supervisor *supervisor)
{
    struct pollfd parent = {.fd = supervisor->self_fd, .events = POLLIN};

    return poll(&parent, 1, 0) != 0;
}

/* Where a role's keys are, if that is hardware; NULL: it is not. */
static const char *hardware_of(const struct dg_domain_options *options,
                               enum dg_role_id role)
{
    const char *where = (role == DG_ROLE_ID_KEYS)      ? options->keys
                        : (role == DG_ROLE_ID_CONFIRM) ? options->presence_keys
                                                       : NULL;

    return ((where == NULL) || dg_keystore_row_of(where)->is_weak) ? NULL
                                                                   : where;
}

bool dg_supervisor_has_token(const struct dg_supervisor *supervisor)
{
    return supervisor->token_program >= 0;
}

/* Outside of the role's namespaces, before them: a program that talks to the
 * hardware with the role's keys.  -1: keys lie in files. */
static bool start_token(struct dg_supervisor *supervisor,
                        enum dg_role_id role,
                        int *token)
{
    const char *where = hardware_of(supervisor->options, role);

    *token = -1;
    if (where == NULL) {
        return true;
    }
    *token = dg_token_start(
        where, supervisor->token_program, &supervisor->token[role]);
    return (*token >= 0) && raise_fd(token);
}

/* The page of the trusted display listens on this machine's own address, which
 * the role's namespace has not: the socket is made here.  -1: there is none. */
static bool open_page(const struct dg_supervisor *supervisor,
                      enum dg_role_id role,
                      int *page)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    *page = -1;
    if ((role != DG_ROLE_ID_CONFIRM) || !supervisor->options->page) {
        return true;
    }
    *page = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return (*page >= 0) &&
           (bind(*page,
                 (const struct sockaddr *)(const void *)&at,
                 sizeof(at)) == 0) &&
           (listen(*page, 8) == 0) && raise_fd(page);
}

/* What a role is born with, beside its channels; -1: not this. */
struct gifts {
    int report;
    int token;
    int page;
};

/* In the child: hold exactly what the role needs, then become it. */
static _Noreturn void become(const struct dg_supervisor *supervisor,
                             enum dg_role_id role,
                             const struct gifts *gifts)
{
    char text[2][DG_PATH_MAX];
    struct arguments arguments = {.count = 1};
    static char *const no_environment[] = {NULL};
    char *argv[ARGS_MAX + 1] = {NULL};
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if ((prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) || is_orphan(supervisor) ||
        (dup2(nothing, STDIN_FILENO) < 0) ||
        (dup2(gifts->report, DG_ROLE_READY_FD) < 0) ||
        ((gifts->token >= 0) && (dup2(gifts->token, DG_ROLE_TOKEN_FD) < 0)) ||
        ((gifts->page >= 0) && (dup2(gifts->page, DG_ROLE_PAGE_FD) < 0))) {
        _exit(DG_ROLE_EXIT_START);
    }
    for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
        const int end = supervisor->channel[role][peer];

        if ((end >= 0) && (dup2(end, DG_CHANNEL_FD(peer)) < 0)) {
            _exit(DG_ROLE_EXIT_START);
        }
    }
    arguments.item[0] = dg_role_id_name(role);
    arguments_of(role, supervisor, text, &arguments);
    for (size_t i = 0; i < arguments.count; i++) {
        argv[i] = strdup(arguments.item[i]); /* execve() wants them writable */
    }
    (void)execveat(supervisor->child[role].program,
                   "",
                   argv,
                   no_environment,
                   AT_EMPTY_PATH);
    (void)fprintf(stderr,
                  "dosegate-domain: cannot start role %s: %s\n",
                  dg_role_id_name(role),
                  strerror(errno));
    _exit(DG_ROLE_EXIT_START);
}

/* Each role has a pipe of its own, so that none can speak for another. */
static bool spawn(struct dg_supervisor *supervisor, enum dg_role_id role)
{
    struct dg_child *child = &supervisor->child[role];
    int report[2];
    struct gifts gifts = {.token = -1, .page = -1};

    if (!start_token(supervisor, role, &gifts.token) ||
        !open_page(supervisor, role, &gifts.page)) {
        return false;
    }
    if (pipe2(report, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    if (!raise_fd(&report[0]) || !raise_fd(&report[1])) {
        return false;
    }

    const pid_t pid = supervisor->backend->spawn(role, &child->apart);

    if (pid == 0) {
        gifts.report = report[1];
        become(supervisor, role, &gifts);
    }
    if (gifts.token >= 0) {
        (void)close(gifts.token);
    }
    if (gifts.page >= 0) {
        (void)close(gifts.page);
    }
    (void)close(report[1]);
    if (child->report_fd >= 0) {
        (void)close(child->report_fd);
    }
    child->report_fd = report[0];
    child->pid = (pid > 0) ? pid : 0;
    child->is_ready = false;
    child->starts++;
    child->started_ms = dg_role_now_ms();
    child->heard_ms = child->started_ms;
    child->again_ms = 0;
    child->blamed_by = DG_ROLE_ID_NONE;
    child->was_silent = false;
    return pid > 0;
}

/* The supervisor keeps the ends of roles that it may start again: their peers
 * do not see them go.  It keeps no other: when keys, therapy or confirm ends,
 * its peers see it. */
static void close_channels(struct dg_supervisor *supervisor)
{
    for (unsigned one = 1; one < DG_ROLE_IDS; one++) {
        for (unsigned other = 1; other < DG_ROLE_IDS; other++) {
            if ((supervisor->channel[one][other] >= 0) &&
                !dg_topology_roles[one].may_restart) {
                (void)close(supervisor->channel[one][other]);
                supervisor->channel[one][other] = -1;
            }
        }
    }
}

/* All are measured before one is started; dosegate-token (NONE) where a role
 * has its keys in hardware. */
static bool take_programs(struct dg_supervisor *supervisor,
                          const struct dg_crypto *crypto)
{
    const bool has_token =
        (hardware_of(supervisor->options, DG_ROLE_ID_KEYS) != NULL) ||
        (hardware_of(supervisor->options, DG_ROLE_ID_CONFIRM) != NULL);
    char why[DG_PROGRAM_WHY_MAX];

    for (unsigned role = has_token ? 0U : 1U; role < DG_ROLE_PROGRAMS; role++) {
        int *program = (role == 0U) ? &supervisor->token_program
                                    : &supervisor->child[role].program;

        if ((dg_program_take(crypto, (enum dg_role_id)role, program, why) !=
             DG_OK) ||
            !raise_fd(program)) {
            (void)fprintf(stderr, "dosegate-domain: %s\n", why);
            return false;
        }
    }
    return true;
}

bool dg_supervisor_start(struct dg_supervisor *supervisor,
                         const struct dg_domain_options *options,
                         const struct dg_crypto *crypto)
{
    bool started = true;

    memset(supervisor, 0, sizeof(*supervisor));
    memset(supervisor->channel, -1, sizeof(supervisor->channel));
    supervisor->options = options;
    supervisor->backend = dg_backend_named(options->isolation);
    for (unsigned role = 0; role < DG_ROLE_IDS; role++) {
        supervisor->child[role].report_fd = -1;
    }
    supervisor->health_fd = -1;
    supervisor->token_program = -1;
    if (!take_programs(supervisor, crypto)) {
        return false;
    }
    if (!make_channels(supervisor)) {
        (void)fprintf(stderr,
                      "dosegate-domain: cannot make the channels: %s\n",
                      strerror(errno));
        return false;
    }
    for (unsigned role = 1; started && (role < DG_ROLE_PROGRAMS); role++) {
        started = spawn(supervisor, (enum dg_role_id)role);
    }
    if (!started) {
        (void)fprintf(stderr,
                      "dosegate-domain: cannot start a process: %s\n",
                      strerror(errno));
    }
    supervisor->health_fd =
        supervisor->channel[DG_ROLE_ID_SUPERVISOR][DG_ROLE_ID_THERAPY];
    supervisor->channel[DG_ROLE_ID_SUPERVISOR][DG_ROLE_ID_THERAPY] = -1;
    close_channels(supervisor);
    return started;
}

void dg_supervisor_tell(struct dg_supervisor *supervisor,
                        const struct dg_health_note *note)
{
    const struct dg_internal message = {.type = DG_INTERNAL_HEALTH,
                                        .as.health = *note};
    struct dg_channel channel;

    dg_channel_open(&channel,
                    supervisor->health_fd,
                    DG_ROLE_ID_SUPERVISOR,
                    DG_ROLE_ID_THERAPY);
    if (dg_channel_send(&channel, &message) != DG_OK) {
        (void)fprintf(stderr,
                      "dosegate-domain: therapy cannot be told how the phone "
                      "is\n");
    }
}

bool dg_supervisor_restart(struct dg_supervisor *supervisor,
                           enum dg_role_id role)
{
    uint8_t old[DG_INTERNAL_MAX];

    for (unsigned peer = 1; peer < DG_ROLE_IDS; peer++) {
        const int end = supervisor->channel[role][peer];

        /* Bounded by what a socket holds: the peer can add to it meanwhile. */
        for (unsigned i = 0; (end >= 0) && (i < STALE_MAX) &&
                             (recv(end, old, sizeof(old), MSG_DONTWAIT) > 0);
             i++) {
        }
    }
    return spawn(supervisor, role);
}

/* All are killed before one is waited for, and none for long: whoever traces a
 * role can keep its end from us. */
void dg_supervisor_end(struct dg_supervisor *supervisor)
{
    const int64_t until = dg_role_now_ms() + END_MS_MAX;

    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        if (supervisor->child[role].pid > 0) {
            (void)kill(supervisor->child[role].pid, SIGKILL);
        }
    }
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        struct dg_child *child = &supervisor->child[role];

        while ((child->pid > 0) && (waitpid(child->pid, NULL, WNOHANG) == 0) &&
               (dg_role_now_ms() < until)) {
            (void)poll(NULL, 0, 5);
        }
        child->pid = 0;
    }
}
