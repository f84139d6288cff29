/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 2

static void become(
    const char *path, char *const arguments[], const char *log, int in, int out)
{
    sigset_t none;

    /* What this process keeps back of signals is not for its children. */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    if (log != NULL) {
        const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        if (fd >= 0) {
            (void)dup2(fd, STDERR_FILENO);
        }
    }
    (void)execv(path, arguments);
    _exit(127);
}

bool dg_child_start(struct dg_child *child,
                    const char *path,
                    char *const arguments[],
                    const char *log,
                    struct dg_jsonl *pipes)
{
    int to[2] = {-1, -1};
    int from[2] = {-1, -1};

    child->pid = 0;
    if (access(path, X_OK) != 0) {
        return false;
    }
    if (pipes != NULL) {
        if ((pipe2(to, O_CLOEXEC) != 0) || (pipe2(from, O_CLOEXEC) != 0)) {
            return false;
        }
    } else {
        to[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
        from[1] = to[0];
    }

    const pid_t pid = fork();

    if (pid == 0) {
        become(path, arguments, log, to[0], from[1]);
    }
    (void)close(to[0]);
    if (pipes != NULL) {
        (void)close(from[1]);
    }
    if (pid < 0) {
        return false;
    }
    child->pid = pid;
    if (pipes != NULL) {
        dg_jsonl_open(pipes, from[0], to[1]);
    }
    return true;
}

bool dg_child_is_alive(struct dg_child *child)
{
    if (child->pid <= 0) {
        return false;
    }
    if (waitpid(child->pid, NULL, WNOHANG) == child->pid) {
        child->pid = 0;
        return false;
    }
    return true;
}

bool dg_child_wait(struct dg_child *child, int timeout_ms)
{
    const long long until_ms = dg_clock_ms() + timeout_ms;

    while (dg_child_is_alive(child)) {
        if (dg_clock_ms() >= until_ms) {
            return false;
        }
        (void)poll(NULL, 0, POLL_MS);
    }
    return true;
}

void dg_child_kill(struct dg_child *child)
{
    if (child->pid > 0) {
        (void)kill(child->pid, SIGKILL);
        (void)waitpid(child->pid, NULL, 0);
        child->pid = 0;
    }
}

void dg_child_stop(struct dg_child *child, int grace_ms)
{
    if (child->pid > 0) {
        (void)kill(child->pid, SIGTERM);
        if (!dg_child_wait(child, grace_ms)) {
            dg_child_kill(child);
        }
    }
}
