/* SPDX-License-Identifier: Apache-2.0 */
/* nftw() and pipe2() are extensions. */
#define _GNU_SOURCE
#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX 24
#define RUN_MS   60000
#define READY_MS 20000

static long long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((long long)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

void process_place(char dir[PROCESS_PATH])
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(
        dir, PROCESS_PATH, "%s/dgXXXXXX", (base == NULL) ? P_tmpdir : base);
    if (mkdtemp(dir) == NULL) {
        perror(dir);
        abort();
    }
}

static int remove_one(const char *path,
                      const struct stat *about,
                      int type,
                      struct FTW *at)
{
    (void)about;
    (void)type;
    (void)at;
    (void)remove(path);
    return 0;
}

void process_clear(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *process_path(const char *dir, const char *name)
{
    static char path[4][2U * PROCESS_PATH];
    static unsigned turn;

    turn = (turn + 1U) % 4U;
    (void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
    return path[turn];
}

static pid_t launch(
    const char *const *argv, int in, int out, int ready, char number[16])
{
    char *args[ARGS_MAX + 3] = {NULL};
    size_t count = 0;
    const pid_t pid = fork();

    if (pid != 0) {
        return pid;
    }
    while ((argv[count] != NULL) && (count < ARGS_MAX)) {
        args[count] = strdup(argv[count]);
        count++;
    }
    if (ready >= 0) {
        (void)snprintf(number, 16, "%d", ready);
        args[count] = strdup("--ready-fd");
        args[count + 1U] = number;
        (void)fcntl(ready, F_SETFD, 0);
    }
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
    (void)execv(args[0], args);
    _exit(127);
}

static int code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Collect output until the process ends or time is up. */
int process_wait(struct process *process, int ms, char text[PROCESS_TEXT])
{
    const long long until = now_ms() + ms;
    size_t have = 0;
    int status = 0;

    text[0] = '\0';
    for (;;) {
        struct pollfd entry = {.fd = process->out, .events = POLLIN};
        const bool ended = waitpid(process->pid, &status, WNOHANG) > 0;

        while ((have < PROCESS_TEXT - 1U) &&
               (poll(&entry, 1, ended ? 0 : 20) == 1)) {
            const ssize_t got =
                read(process->out, &text[have], PROCESS_TEXT - 1U - have);

            if (got <= 0) {
                break;
            }
            have += (size_t)got;
            text[have] = '\0';
        }
        if (ended) {
            (void)close(process->out);
            process->pid = 0;
            return code_of(status);
        }
        if (now_ms() > until) {
            return -1;
        }
        (void)poll(NULL, 0, 5);
    }
}

int process_run(const char *const *argv,
                const char *input,
                char text[PROCESS_TEXT])
{
    struct process process;
    char number[16];
    int in[2];
    int out[2];

    if ((pipe2(in, O_CLOEXEC) != 0) || (pipe2(out, O_CLOEXEC) != 0)) {
        return -1;
    }
    process.pid = launch(argv, in[0], out[1], -1, number);
    process.out = out[0];
    (void)close(in[0]);
    (void)close(out[1]);
    if ((input != NULL) &&
        (write(in[1], input, strlen(input)) != (ssize_t)strlen(input))) {
        return -1;
    }
    (void)close(in[1]);

    const int code = process_wait(&process, RUN_MS, text);

    if (code == -1) {
        (void)kill(process.pid, SIGKILL);
        (void)waitpid(process.pid, NULL, 0);
    }
    return code;
}

json_t *process_start(const char *const *argv,
                      struct process *process,
                      char text[PROCESS_TEXT])
{
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char number[16];
    int out[2];
    int ready[2];

    if ((pipe2(out, O_CLOEXEC) != 0) || (pipe2(ready, O_CLOEXEC) != 0)) {
        return NULL;
    }
    process->pid = launch(argv, nothing, out[1], ready[1], number);
    process->out = out[0];
    (void)close(nothing);
    (void)close(out[1]);
    (void)close(ready[1]);

    json_t *line = process_ask(ready[0], NULL, READY_MS);

    (void)close(ready[0]);
    text[0] = '\0';
    if ((line == NULL) && (process_wait(process, READY_MS, text) == -1)) {
        (void)kill(process->pid, SIGKILL);
        (void)waitpid(process->pid, NULL, 0);
    }
    return line;
}

static bool is_child(const char *pid, pid_t parent, const char *program)
{
    char path[64];
    char line[512] = "";
    char name[64] = "";
    long number = 0;
    long of = 0;
    char state = 0;

    (void)snprintf(path, sizeof(path), "/proc/%.16s/stat", pid);

    FILE *from = fopen(path, "re");

    if (from == NULL) {
        return false;
    }
    (void)fgets(line, sizeof(line), from);
    (void)fclose(from);
    if (sscanf(line, "%ld (%63[^)]) %c %ld", &number, name, &state, &of) != 4) {
        return false;
    }
    /* The kernel keeps 15 characters of a name. */
    return (of == (long)parent) && (state != 'Z') &&
           (strncmp(name, program, 15) == 0);
}

pid_t process_child(pid_t parent, const char *program)
{
    DIR *all = opendir("/proc");
    const struct dirent *entry = NULL;
    pid_t found = 0;

    while ((found == 0) && ((entry = readdir(all)) != NULL)) {
        if ((entry->d_name[0] >= '1') && (entry->d_name[0] <= '9') &&
            is_child(entry->d_name, parent, program)) {
            found = (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    (void)closedir(all);
    return found;
}

bool process_copy(const char *from, const char *to)
{
    char block[65536];
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    bool done = (in >= 0) && (out >= 0);
    ssize_t got = done ? read(in, block, sizeof(block)) : 0;

    while (done && (got > 0)) {
        done = write(out, block, (size_t)got) == got;
        got = read(in, block, sizeof(block));
    }
    (void)close(in);
    (void)close(out);
    return done;
}

int process_connect(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    if (connect(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) !=
        0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

json_t *process_ask(int fd, const char *line, int ms)
{
    const long long until = now_ms() + ms;
    char text[8192];
    size_t have = 0;
    json_error_t error;

    if (line != NULL) {
        (void)dprintf(fd, "%s\n", line);
    }

    /* One byte at a time: what follows the line belongs to the next call. */
    while (have < sizeof(text)) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        const long long left = until - now_ms();

        if ((left <= 0) || (poll(&entry, 1, (int)left) != 1) ||
            (read(fd, &text[have], 1) != 1)) {
            return NULL;
        }
        have++;
        if (text[have - 1U] == '\n') {
            return json_loadb(text, have, 0, &error);
        }
    }
    return NULL;
}
