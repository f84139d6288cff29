/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define REAP_STEP_NS 5000000L

static int64_t now_ms(void)
{
    struct timespec time = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static enum dg_status fail(struct dg_plugin *plugin,
                           enum dg_status status,
                           const char *why)
{
    (void)snprintf(plugin->fault,
                   sizeof plugin->fault,
                   "%.100s: %.140s",
                   plugin->setup->argv[0],
                   why);
    return status;
}

/* Wait at most so long for its end, and leave it to be reaped: until then
 * nobody else can get its number, nor that of its group. */
static bool has_ended(pid_t pid, uint32_t ms, siginfo_t *info)
{
    const int64_t deadline = now_ms() + (int64_t)ms;
    const struct timespec pause = {.tv_nsec = REAP_STEP_NS};

    for (;;) {
        info->si_pid = 0;
        if (waitid(P_PID, (id_t)pid, info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info->si_pid == pid) {
            return true;
        }
        if (now_ms() >= deadline) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
}

/* End it with all that it started; says how it had ended, if it had. */
static void stop(struct dg_plugin *plugin, uint32_t ms, char *how, size_t size)
{
    siginfo_t info = {.si_pid = 0};

    if (plugin->pid == 0) {
        return;
    }
    (void)close(plugin->fd);
    if (!has_ended(plugin->pid, ms, &info)) {
        (void)snprintf(how, size, "closed its output");
    } else if (info.si_code == CLD_EXITED) {
        (void)snprintf(how, size, "ended with exit code %d", info.si_status);
    } else {
        (void)snprintf(how, size, "was killed by signal %d", info.si_status);
    }
    (void)kill(-plugin->pid, SIGKILL);
    (void)waitpid(plugin->pid, NULL, 0);
    plugin->pid = 0;
    plugin->held = 0;
}

/* It did not keep to the rules, or not to the time: no more of it. */
static enum dg_status end(struct dg_plugin *plugin,
                          enum dg_status status,
                          const char *why)
{
    char how[64];

    stop(plugin, 0, how, sizeof how);
    return fail(plugin, status, why);
}

static enum dg_status end_lost(struct dg_plugin *plugin)
{
    char how[64] = "closed its output";

    stop(plugin, DG_PLUGIN_CLOSE_MS, how, sizeof how);
    return fail(plugin, DG_E_PORT, how);
}

static enum dg_status spawn(struct dg_plugin *plugin)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t defaults;
    int ends[2];
    char why[128];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail(plugin, DG_E_PORT, strerror(errno));
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGTERM);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(
        &attributes,
        POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);

    /* posix_spawnp() does not write to them. */
    union {
        const char *const *given;
        char *const *taken;
    } argv = {.given = plugin->setup->argv};
    const int error = posix_spawnp(&plugin->pid,
                                   plugin->setup->argv[0],
                                   &actions,
                                   &attributes,
                                   argv.taken,
                                   environ);

    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        plugin->pid = 0;
        (void)snprintf(
            why, sizeof why, "cannot be started: %s", strerror(error));
        return fail(plugin, DG_E_PORT, why);
    }
    plugin->fd = ends[0];
    plugin->held = 0;
    return DG_OK;
}

/* Until the program can be read or written; false when the time is over. */
static bool wait_for(const struct dg_plugin *plugin,
                     short events,
                     int64_t deadline)
{
    for (;;) {
        struct pollfd one = {.fd = plugin->fd, .events = events};
        const int64_t left = deadline - now_ms();
        const int ready = poll(&one, 1, left > 0 ? (int)left : 0);

        if (ready > 0) {
            return true;
        }
        if (left <= 0 && ready == 0) {
            return false;
        }
    }
}

static enum dg_status too_late(struct dg_plugin *plugin, const char *what)
{
    char why[96];

    (void)snprintf(why, sizeof why, "did not %s in time", what);
    return end(plugin, DG_E_PORT, why);
}

static enum dg_status send_all(struct dg_plugin *plugin,
                               const char *bytes,
                               size_t length,
                               int64_t deadline)
{
    while (length > 0) {
        const ssize_t sent = send(plugin->fd, bytes, length, MSG_NOSIGNAL);

        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(plugin, POLLOUT, deadline)) {
                return too_late(plugin, "read its input");
            }
        } else if (errno != EINTR) {
            return end_lost(plugin);
        }
    }
    return DG_OK;
}

/* One line into answer[], its end cut off; held is its length. */
static enum dg_status receive(struct dg_plugin *plugin, int64_t deadline)
{
    plugin->held = 0;
    for (;;) {
        const size_t room = sizeof plugin->answer - plugin->held;

        if (room == 0) {
            return end(plugin, DG_E_PEER, "answered with more than 8191 bytes");
        }

        const ssize_t got =
            recv(plugin->fd, plugin->answer + plugin->held, room, 0);

        if (got > 0) {
            char *const newline =
                memchr(plugin->answer + plugin->held, '\n', (size_t)got);

            plugin->held += (size_t)got;
            if (newline != NULL) {
                const size_t length = (size_t)(newline - plugin->answer);

                if (length + 1 != plugin->held) {
                    return end(
                        plugin, DG_E_PEER, "answered with more than one line");
                }
                plugin->held = length;
                return DG_OK;
            }
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wait_for(plugin, POLLIN, deadline)) {
                return too_late(plugin, "answer");
            }
        } else if (got == 0 || errno != EINTR) {
            return end_lost(plugin);
        }
    }
}

/* Send a line (which is freed) and get one back. */
static enum dg_status ask(struct dg_plugin *plugin, char *line, uint32_t ms)
{
    const int64_t deadline = now_ms() + (int64_t)ms;
    char early = 0;
    enum dg_status status = DG_E_PORT;

    if (line == NULL) {
        return end(plugin, DG_E_PORT, "no memory for its input");
    }
    if (recv(plugin->fd, &early, 1, MSG_PEEK) > 0) {
        status = end(plugin, DG_E_PEER, "spoke before it was asked");
    } else {
        status = send_all(plugin, line, strlen(line), deadline);
        if (status == DG_OK) {
            status = send_all(plugin, "\n", 1, deadline);
        }
        if (status == DG_OK) {
            status = receive(plugin, deadline);
        }
    }
    free(line);
    return status;
}

static enum dg_status plugin_open(void *state, const void *setup)
{
    struct dg_plugin *const plugin = state;

    plugin->setup = setup;
    return spawn(plugin);
}

static enum dg_status plugin_start(void *state,
                                   const struct dg_controller_person *person)
{
    struct dg_plugin *const plugin = state;
    char why[DG_PLUGIN_FAULT_MAX];
    enum dg_status status = DG_OK;

    plugin->person = person->id;
    if (plugin->pid == 0) {
        status = spawn(plugin);
    }
    if (status == DG_OK) {
        status = ask(
            plugin, dg_plugin_write_start(person), plugin->setup->start_ms_max);
    }
    if (status != DG_OK) {
        return status;
    }
    status = dg_plugin_read_ready(plugin->answer, plugin->held, why);
    return status == DG_OK ? DG_OK : end(plugin, status, why);
}

static enum dg_status plugin_step(void *state,
                                  const struct dg_controller_input *input,
                                  struct dg_controller_output *output)
{
    struct dg_plugin *const plugin = state;
    char why[DG_PLUGIN_FAULT_MAX];

    *output = (struct dg_controller_output){.temp_set = false};
    if (plugin->pid == 0) {
        return fail(plugin, DG_E_PORT, "does not run any more");
    }

    enum dg_status status =
        ask(plugin, dg_plugin_write_step(input), plugin->setup->step_ms_max);

    if (status != DG_OK) {
        return status;
    }
    status = dg_plugin_read_answer(plugin->answer, plugin->held, output, why);
    return status == DG_OK ? DG_OK : end(plugin, status, why);
}

static void plugin_close(void *state)
{
    char how[64];

    stop(state, DG_PLUGIN_CLOSE_MS, how, sizeof how);
}

static const char *plugin_fault(const void *state)
{
    const struct dg_plugin *const plugin = state;

    return plugin->fault;
}

const struct dg_controller dg_controller_plugin = {
    .name = "plugin",
    .title = "a program of yours, over lines of JSON",
    .uses_glucagon = true,
    .state_bytes = sizeof(struct dg_plugin),
    .open = plugin_open,
    .start = plugin_start,
    .step = plugin_step,
    .close = plugin_close,
    .fault = plugin_fault,
};
