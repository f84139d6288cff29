/* SPDX-License-Identifier: Apache-2.0 */
#include "token_start.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keystore.h"

#define PATH_SIZE  4096U
#define PROGRAM_FD (STDERR_FILENO + 1)

static bool beside(char path[PATH_SIZE])
{
    const ssize_t size = readlink("/proc/self/exe", path, PATH_SIZE - 1U);

    if (size <= 0) {
        return false;
    }
    path[size] = '\0';

    char *slash = strrchr(path, '/');
    const char *name = "dosegate-token";

    if ((slash == NULL) ||
        ((size_t)(slash + 1 - path) + strlen(name) >= PATH_SIZE)) {
        return false;
    }
    memcpy(slash + 1, name, strlen(name) + 1U);
    return true;
}

/* In the child: the socket, and nothing else. */
static _Noreturn void become(int program, const char *where, int end)
{
    char copy[DG_KEYSTORE_WHERE_MAX];
    char name[] = "dosegate-token";
    char *const argv[] = {name, copy, NULL};
    sigset_t none;

    (void)snprintf(copy, sizeof(copy), "%s", where);
    /* It ends when the role's end of the socket closes, and not by a signal: a
     * TPM is to be left tidy. */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if ((dup2(end, STDIN_FILENO) < 0) || (dup2(program, PROGRAM_FD) < 0) ||
        (fcntl(PROGRAM_FD, F_SETFD, FD_CLOEXEC) != 0) ||
        (close_range(PROGRAM_FD + 1, ~0U, 0) != 0)) {
        _exit(1);
    }
    (void)execveat(PROGRAM_FD, "", argv, environ, AT_EMPTY_PATH);
    _exit(127);
}

/* A file that nobody measured, opened as one that is. */
static int open_beside(void)
{
    char path[PATH_SIZE];

    return beside(path) ? open(path, O_PATH | O_CLOEXEC) : -1;
}

int dg_token_start(const char *where, int program, pid_t *pid)
{
    const int own = (program < 0) ? open_beside() : -1;
    const int from = (program < 0) ? own : program;
    int pair[2] = {-1, -1};

    *pid = -1;
    if ((from >= 0) &&
        (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0)) {
        *pid = fork();
        if (*pid == 0) {
            become(from, where, pair[1]);
        }
        (void)close(pair[1]);
    }
    if (own >= 0) {
        (void)close(own);
    }
    if ((*pid < 0) && (pair[0] >= 0)) {
        (void)close(pair[0]);
        return -1;
    }
    return pair[0];
}
