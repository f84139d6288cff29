/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 2
/* What the adapter's children get to end by themselves once it has ended. */
#define SETTLE_MS 1000
#define SWEEP_MS  3000
#define STOP_MS   4000

/* Exit codes of the keeper: what dg_keeper_stop() reads. */
#define CODE_WELL   0
#define CODE_BADLY  1
#define CODE_LEFT   2
#define CODE_KILLED 3

/* Descriptors of the keeper, below everything that it closes. */
#define FD_ERRORS 3
#define FD_LOG    4
#define FD_FIRST  5

/* The keeper's side: a copy of a program with threads, so nothing below may
 * allocate memory or take a lock. */
static volatile sig_atomic_t is_told_to_end;

static void be_told(int number)
{
    if (number == SIGTERM) {
        is_told_to_end = 1;
    }
}

static void listen_to_signals(sigset_t *asleep)
{
    struct sigaction action;
    sigset_t held;

    memset(&action, 0, sizeof action);
    action.sa_handler = be_told;
    (void)sigemptyset(asleep);
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGTERM);
    (void)sigaddset(&held, SIGCHLD);
    /* Heard only while it sleeps, so that none comes unseen. */
    (void)sigprocmask(SIG_SETMASK, &held, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGCHLD, &action, NULL);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
}

struct words {
    size_t kept;
    bool is_open; /* it may still say something */
};

/* The adapter's words, as many as are kept; the rest is read and forgotten, so
 * that it does not wait for us. */
static void copy_words(struct words *words)
{
    uint8_t room[4096];
    const ssize_t got = read(FD_ERRORS, room, sizeof room);

    if (got <= 0) {
        (void)close(FD_ERRORS);
        words->is_open = false;
        return;
    }
    if (words->kept + (size_t)got <= DG_KEEPER_LOG_MAX) {
        words->kept += (size_t)got;
        (void)!write(FD_LOG, room, (size_t)got);
    }
}

static void sleep_a_little(const sigset_t *asleep,
                           long wait_ms,
                           struct words *words)
{
    struct pollfd entry = {FD_ERRORS, POLLIN, 0};
    const struct timespec span = {wait_ms / 1000, (wait_ms % 1000) * 1000000};
    const nfds_t count = words->is_open ? 1U : 0U;

    if ((ppoll(&entry, count, &span, asleep) > 0) && (entry.revents != 0)) {
        copy_words(words);
    }
}

/* The fourth word of /proc/PID/stat, after a name that may hold anything but
 * is closed by the last parenthesis. */
static pid_t parent_of(int pid)
{
    char path[32] = "/proc/";
    char text[512];
    char digits[12];
    size_t count = 0U;
    size_t at = 6U;

    for (int rest = pid; rest > 0; rest /= 10) {
        digits[count++] = (char)('0' + (rest % 10));
    }
    while (count > 0U) {
        path[at++] = digits[--count];
    }
    memcpy(&path[at], "/stat", 6U);

    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = (fd < 0) ? -1 : read(fd, text, sizeof text - 1U);
    const char *end = NULL;
    pid_t parent = 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    if (got <= 0) {
        return 0;
    }
    text[got] = '\0';
    end = strrchr(text, ')');
    if ((end == NULL) || (strlen(end) < 5U)) {
        return 0;
    }
    for (end = &end[4]; (*end >= '0') && (*end <= '9'); end++) {
        parent = (parent * 10) + (*end - '0');
    }
    return parent;
}

static int number_of(const char *name)
{
    int value = 0;

    for (; (*name >= '0') && (*name <= '9') && (value < 100000000); name++) {
        value = (value * 10) + (*name - '0');
    }
    return (*name == '\0') ? value : 0;
}

/* Kill every child of ours; gives how many there were.  Theirs become ours
 * when they die, for the next round. */
static unsigned kill_children(void)
{
    static uint8_t room[16384];
    const pid_t own = getpid();
    const int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    unsigned count = 0U;

    for (;;) {
        const long got =
            (fd < 0) ? -1L : syscall(SYS_getdents64, fd, room, sizeof room);

        if (got <= 0) {
            break;
        }
        for (long at = 0; at < got;) {
            const struct dirent64 *entry = (const void *)&room[at];
            const int pid = number_of(entry->d_name);

            at += entry->d_reclen;
            if ((pid > 0) && (parent_of(pid) == own)) {
                (void)kill(pid, SIGKILL);
                count++;
            }
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return count;
}

/* Collect those that ended; false when no child is left. */
static bool collect(pid_t adapter, bool *has_ended, int *status)
{
    for (;;) {
        int one = 0;
        const pid_t pid = waitpid(-1, &one, WNOHANG);

        if (pid <= 0) {
            return pid == 0;
        }
        if (pid == adapter) {
            *has_ended = true;
            *status = one;
        }
    }
}

static int keep(pid_t adapter, const sigset_t *asleep)
{
    bool has_ended = false;
    bool has_left = false;
    int status = 0;
    struct words words = {0U, true};
    long long until_ms = 0;

    while (collect(adapter, &has_ended, &status) && (is_told_to_end == 0) &&
           !has_ended) {
        sleep_a_little(asleep, 1000, &words);
    }
    until_ms = dg_clock_ms() + SETTLE_MS;
    while (has_ended && (is_told_to_end == 0) &&
           collect(adapter, &has_ended, &status) &&
           (dg_clock_ms() < until_ms)) {
        sleep_a_little(asleep, POLL_MS, &words);
    }

    const bool was_in_time = has_ended;

    until_ms = dg_clock_ms() + SWEEP_MS;
    while (collect(adapter, &has_ended, &status) &&
           (dg_clock_ms() < until_ms)) {
        has_left = (kill_children() > 0U) || has_left;
        sleep_a_little(asleep, POLL_MS, &words);
    }
    sleep_a_little(asleep, 0, &words);
    if (!was_in_time) {
        return CODE_KILLED;
    }
    if (has_left) {
        return CODE_LEFT;
    }
    return (WIFEXITED(status) && (WEXITSTATUS(status) == 0)) ? CODE_WELL
                                                             : CODE_BADLY;
}

/* What the parent opened for the two of us. */
struct ends {
    int in;
    int out;
    int errors[2];
    int log;
};

_Noreturn static void be_adapter(const char *path,
                                 char *const arguments[],
                                 const struct ends *ends)
{
    sigset_t none;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(ends->in, STDIN_FILENO);
    (void)dup2(ends->out, STDOUT_FILENO);
    (void)dup2(ends->errors[1], STDERR_FILENO);
    (void)close_range(3U, ~0U, 0);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execv(path, arguments);
    _exit(127);
}

/* Where there is none, nothing else stays under its number: an end of a pipe
 * that we hold is one that never closes. */
static void put_at(int from, int to)
{
    if (dup2(from, to) < 0) {
        (void)close(to);
    }
}

_Noreturn static void be_keeper(pid_t evaluator,
                                const char *path,
                                char *const arguments[],
                                const struct ends *ends)
{
    sigset_t asleep;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    listen_to_signals(&asleep);
    if (getppid() != evaluator) {
        _exit(CODE_KILLED);
    }

    const pid_t adapter = fork();

    if (adapter == 0) {
        be_adapter(path, arguments, ends);
    }
    if (adapter < 0) {
        _exit(CODE_BADLY);
    }

    /* The pipes of this adapter and of every other that is at work: who holds
     * an end of one keeps it open. */
    const int errors = fcntl(ends->errors[0], F_DUPFD_CLOEXEC, 64);
    const int log = fcntl(ends->log, F_DUPFD_CLOEXEC, 64);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    put_at(nothing, STDIN_FILENO);
    put_at(nothing, STDOUT_FILENO);
    put_at(errors, FD_ERRORS);
    put_at(log, FD_LOG);
    (void)close_range((unsigned)FD_FIRST, ~0U, 0);
    _exit(keep(adapter, &asleep));
}

/* The evaluator's side. */

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}

bool dg_keeper_start(struct dg_keeper *keeper,
                     const char *path,
                     char *const arguments[],
                     const char *log,
                     struct dg_jsonl *pipes)
{
    int to[2] = {-1, -1};
    int from[2] = {-1, -1};
    struct ends ends = {-1, -1, {-1, -1}, -1};
    const pid_t own = getpid();

    keeper->pid = 0;
    if ((access(path, X_OK) != 0) || (pipe2(to, O_CLOEXEC) != 0) ||
        (pipe2(from, O_CLOEXEC) != 0) || (pipe2(ends.errors, O_CLOEXEC) != 0)) {
        close_all(to, 2U);
        close_all(from, 2U);
        return false;
    }
    ends.in = to[0];
    ends.out = from[1];
    ends.log = (log == NULL)
                   ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                   : open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* One that does not read must not make us wait for ever. */
    (void)fcntl(to[1], F_SETFL, O_NONBLOCK);

    const pid_t pid = fork();

    if (pid == 0) {
        be_keeper(own, path, arguments, &ends);
    }
    close_all(
        (const int[]){
            ends.in, ends.out, ends.errors[0], ends.errors[1], ends.log},
        5U);
    if (pid < 0) {
        close_all((const int[]){to[1], from[0]}, 2U);
        return false;
    }
    keeper->pid = pid;
    dg_jsonl_open(pipes, from[0], to[1]);
    return true;
}

static bool has_ended(struct dg_keeper *keeper, int timeout_ms, int *status)
{
    const long long until_ms = dg_clock_ms() + timeout_ms;

    while (waitpid(keeper->pid, status, WNOHANG) != keeper->pid) {
        if (dg_clock_ms() >= until_ms) {
            return false;
        }
        (void)poll(NULL, 0, POLL_MS);
    }
    return true;
}

enum dg_keeper_end dg_keeper_stop(struct dg_keeper *keeper, int grace_ms)
{
    static const enum dg_keeper_end ends[] = {
        DG_KEEPER_WELL, DG_KEEPER_BADLY, DG_KEEPER_LEFT, DG_KEEPER_KILLED};
    int status = 0;

    if (keeper->pid <= 0) {
        return DG_KEEPER_UNDECIDED;
    }
    if (!has_ended(keeper, grace_ms, &status)) {
        (void)kill(keeper->pid, SIGTERM);
        if (!has_ended(keeper, STOP_MS, &status)) {
            (void)kill(keeper->pid, SIGKILL);
            (void)waitpid(keeper->pid, &status, 0);
        }
    }
    keeper->pid = 0;
    return (WIFEXITED(status) && (WEXITSTATUS(status) <= CODE_KILLED))
               ? ends[WEXITSTATUS(status)]
               : DG_KEEPER_KILLED;
}

const char *dg_keeper_end_text(enum dg_keeper_end end)
{
    switch (end) {
    case DG_KEEPER_WELL:
        return "ended with exit code 0";
    case DG_KEEPER_BADLY:
        return "did not end with exit code 0";
    case DG_KEEPER_LEFT:
        return "left processes behind, which had to be ended";
    case DG_KEEPER_KILLED:
        return "did not end when its input ended, and had to be ended";
    case DG_KEEPER_UNDECIDED:
    default:
        return "was not waited for";
    }
}
