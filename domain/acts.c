/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

#define PATH_SIZE 64U
#define HOG_BYTES (1024UL * 1024UL * 1024UL)
#define HOG_STEP  (1024UL * 1024UL)
#define LEAK_MAX  256
#define BOMB_MAX  16

/* What the acts work on. */
static char place[PATH_SIZE];       /* the scratch directory              */
static char secret_path[PATH_SIZE]; /* a key file, in another directory   */
static char display_path[PATH_SIZE];
static int directory = -1; /* the one of the role                */
static int bystander = -1; /* an unconnected UDP socket          */
static int listener = -1;  /* a local socket, bound and listening */
static int display = -1;   /* the trusted display's              */
static int unbound = -1;   /* another UDP socket                 */
static int tcp = -1;       /* the device's                       */
static int pair[2] = {-1, -1};
static pid_t victim;                  /* another role                    */
static uint64_t victim_word = 0x5AC3; /* at the same address in it */

static bool is_fd(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
    return fd >= 0;
}

static struct sockaddr_in somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

static bool use_channel(void)
{
    uint8_t byte = 0;

    return (write(pair[0], "x", 1) == 1) && (read(pair[1], &byte, 1) == 1);
}

static bool write_own_file(void)
{
    return is_fd(openat(directory, "own", O_WRONLY | O_CREAT, 0600));
}

static bool accept_client(void)
{
    const int got = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    return (got < 0) ? (errno == EAGAIN) : is_fd(got);
}

static bool accept_another_way(void)
{
    const int got = accept(listener, NULL, NULL);

    return (got < 0) ? (errno == EAGAIN) : is_fd(got);
}

/* Nobody listens there: refused by the peer is not refused to ask. */
static bool may_connect(int fd)
{
    const struct sockaddr_in at = somewhere();

    return (connect(fd,
                    (const struct sockaddr *)(const void *)&at,
                    sizeof(at)) == 0) ||
           (errno == ECONNREFUSED) || (errno == EINPROGRESS);
}

static bool reconnect_device(void)
{
    return may_connect(tcp);
}

static bool read_keys(void)
{
    return is_fd(open(secret_path, O_RDONLY | O_CLOEXEC));
}

static bool read_memory(void)
{
    uint64_t word = 0;
    const struct iovec here = {&word, sizeof(word)};
    const struct iovec there = {&victim_word, sizeof(victim_word)};

    return process_vm_readv(victim, &here, 1, &there, 1, 0) ==
           (ssize_t)sizeof(word);
}

static bool change_keys(void)
{
    return is_fd(open(secret_path, O_WRONLY | O_CLOEXEC));
}

/* There and back; to its own name it would be done without asking. */
static bool rename_keys(void)
{
    char path[PATH_SIZE];
    char other[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%.48s/spare", place);
    (void)snprintf(other, sizeof(other), "%.48s/other", place);
    return (rename(path, other) == 0) && (rename(other, path) == 0);
}

static bool open_display(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", display_path);
    return (fd >= 0) &&
           (connect(fd,
                    (const struct sockaddr *)(const void *)&at,
                    sizeof(at)) == 0) &&
           is_fd(fd);
}

static bool trace(void)
{
    if (ptrace(PTRACE_ATTACH, victim, NULL, NULL) != 0) {
        return false;
    }
    (void)waitpid(victim, NULL, 0);
    return ptrace(PTRACE_DETACH, victim, NULL, NULL) == 0;
}

static bool write_memory(void)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "/proc/%d/mem", victim);

    const int fd = open(path, O_RDWR | O_CLOEXEC);
    const bool done = (fd >= 0) && (pwrite(fd,
                                           &victim_word,
                                           sizeof(victim_word),
                                           (off_t)(uintptr_t)&victim_word) ==
                                    (ssize_t)sizeof(victim_word));

    return done && is_fd(fd);
}

static bool signal_victim(void)
{
    return kill(victim, SIGCONT) == 0;
}

static bool execute(void)
{
    char *argv[] = {NULL};

    (void)execv("/bin/true", argv); /* comes back only when refused */
    return false;
}

static bool executable_memory(void)
{
    return mmap(NULL,
                4096,
                PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0) != MAP_FAILED;
}

static bool show_memory(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool open_system_file(void)
{
    return is_fd(open("/etc/hostname", O_RDONLY | O_CLOEXEC));
}

static bool open_beside(void)
{
    return is_fd(openat(directory, "../beside", O_RDONLY | O_CLOEXEC));
}

static bool peek_proc(void)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", victim);
    return is_fd(open(path, O_RDONLY | O_CLOEXEC));
}

static bool list_processes(void)
{
    DIR *proc = opendir("/proc");

    return (proc != NULL) && (readdir(proc) != NULL) && (closedir(proc) == 0);
}

static bool network_socket(void)
{
    return is_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static bool local_socket(void)
{
    return is_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static bool connect_bystander(void)
{
    return may_connect(bystander);
}

static bool send_elsewhere(void)
{
    const struct sockaddr_in at = somewhere();

    return sendto(bystander,
                  "x",
                  1,
                  0,
                  (const struct sockaddr *)(const void *)&at,
                  sizeof(at)) == 1;
}

static bool bind_bystander(void)
{
    const struct sockaddr_in at = {.sin_family = AF_INET};

    return bind(unbound,
                (const struct sockaddr *)(const void *)&at,
                sizeof(at)) == 0;
}

/* Give an open descriptor to somebody else. */
static bool pass_descriptor(void)
{
    char byte = 'x';
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};

    memset(&control, 0, sizeof(control));
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &directory, sizeof(int));
    return sendmsg(pair[0], &message, 0) == 1;
}

static bool new_namespace(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool io_ring(void)
{
    uint8_t parameters[120];

    memset(parameters, 0, sizeof(parameters));
    return is_fd((int)syscall(SYS_io_uring_setup, 1, parameters));
}

static bool start_process(void)
{
    const pid_t pid = fork();

    if (pid == 0) {
        _exit(0);
    }
    return (pid > 0) && (waitpid(pid, NULL, 0) == pid);
}

static bool fork_bomb(void)
{
    int made = 0;

    for (int i = 0; i < BOMB_MAX; i++) {
        const pid_t pid = fork();

        if (pid == 0) {
            (void)poll(NULL, 0, 20);
            _exit(0);
        }
        made += (pid > 0) ? 1 : 0;
    }
    while (wait(NULL) > 0) {
    }
    return made == BOMB_MAX;
}

static bool hog_memory(void)
{
    for (size_t have = 0; have < HOG_BYTES; have += HOG_STEP) {
        if (mmap(NULL,
                 HOG_STEP,
                 PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1,
                 0) == MAP_FAILED) {
            return false;
        }
    }
    return true;
}

static bool leak_descriptors(void)
{
    for (int i = 0; i < LEAK_MAX; i++) {
        if (fcntl(directory, F_DUPFD_CLOEXEC, 0) < 0) {
            return false;
        }
    }
    return true;
}

static bool fill_disk(void)
{
    static const char block[4096];
    const int fd = openat(directory, "big", O_WRONLY | O_CREAT, 0600);
    bool done = fd >= 0;

    for (unsigned i = 0; done && (i < 2048U); i++) {
        done = write(fd, block, sizeof(block)) == (ssize_t)sizeof(block);
    }
    return done && is_fd(fd);
}

static bool raise_limit(void)
{
    const struct rlimit more = {LEAK_MAX * 4, LEAK_MAX * 4};

    return setrlimit(RLIMIT_NOFILE, &more) == 0;
}

static bool raise_priority(void)
{
    const struct sched_param first = {.sched_priority = 1};

    return sched_setscheduler(0, SCHED_FIFO, &first) == 0;
}

#define CHANNEL    DG_OBJECTIVE_CHANNEL
#define CONFIG     DG_OBJECTIVE_CONFIG
#define USER       DG_OBJECTIVE_USER
#define INTEGRITY  DG_OBJECTIVE_INTEGRITY
#define ISOLATION  DG_OBJECTIVE_ISOLATION
#define STARVATION DG_OBJECTIVE_STARVATION

/* clang-format off */
const struct dg_act dg_acts[] = {
    {"use its channels",                     ISOLATION,  DG_PROMISE_CHANNELS,  use_channel},
    {"write in its own directory",           CONFIG,     DG_PROMISE_DIRECTORY, write_own_file},
    {"accept a client",                      ISOLATION,  DG_PROMISE_CLIENTS,   accept_client},
    {"connect the device's socket again",    ISOLATION,  DG_PROMISE_RECONNECT, reconnect_device},
    {"accept a client in another way",       ISOLATION,  0, accept_another_way},
    {"read the file with the keys",          CHANNEL,    0, read_keys},
    {"read the memory of another role",      CHANNEL,    0, read_memory},
    {"write the file with the keys",         CONFIG,     0, change_keys},
    {"rename files of another role",         CONFIG,     0, rename_keys},
    {"open the trusted display",             USER,       0, open_display},
    {"trace another role",                   INTEGRITY,  0, trace},
    {"write the memory of another role",     INTEGRITY,  0, write_memory},
    {"signal another role",                  INTEGRITY,  0, signal_victim},
    {"start a program",                      INTEGRITY,  0, execute},
    {"make memory executable",               INTEGRITY,  0, executable_memory},
    {"open its memory to others",            INTEGRITY,  0, show_memory},
    {"open a system file",                   ISOLATION,  0, open_system_file},
    {"open a file beside its directory",     ISOLATION,  0, open_beside},
    {"look at another role in /proc",        ISOLATION,  0, peek_proc},
    {"list all processes",                   ISOLATION,  0, list_processes},
    {"make a network socket",                ISOLATION,  0, network_socket},
    {"make a local socket",                  ISOLATION,  0, local_socket},
    {"connect an open socket",               ISOLATION,  0, connect_bystander},
    {"send to an address",                   ISOLATION,  0, send_elsewhere},
    {"bind a socket",                        ISOLATION,  0, bind_bystander},
    {"pass on a descriptor",                 ISOLATION,  0, pass_descriptor},
    {"make namespaces",                      ISOLATION,  0, new_namespace},
    {"make an I/O ring",                     ISOLATION,  0, io_ring},
    {"start a process",                      STARVATION, 0, start_process},
    {"start processes without end",          STARVATION, 0, fork_bomb},
    {"take 1 GiB of memory",                 STARVATION, 0, hog_memory},
    {"open descriptors without end",         STARVATION, 0, leak_descriptors},
    {"fill the disk",                        STARVATION, 0, fill_disk},
    {"raise its own limits",                 STARVATION, 0, raise_limit},
    {"run before all others",                STARVATION, 0, raise_priority},
};
/* clang-format on */

const size_t dg_acts_count = sizeof(dg_acts) / sizeof(dg_acts[0]);

const char *dg_objective_name(enum dg_objective objective)
{
    static const char *const names[DG_OBJECTIVES] = {
        "-", "O1", "O2", "O3", "O4", "O5", "T6"};

    return ((unsigned)objective < DG_OBJECTIVES) ? names[objective] : names[0];
}

static bool make_file(const char *name)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%.48s/%.12s", place, name);
    return is_fd(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int listen_at(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const int fd =
        socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
    if ((fd >= 0) &&
        ((bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) !=
          0) ||
         (listen(fd, 128) != 0))) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool make_victim(void)
{
    victim = fork();
    if (victim == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            (void)pause();
        }
    }
    return victim > 0;
}

bool dg_acts_open(void)
{
    char path[PATH_SIZE];

    (void)snprintf(place, sizeof(place), "/tmp/dosegate-acts-XXXXXX");
    if (mkdtemp(place) == NULL) {
        place[0] = '\0';
        return false;
    }
    (void)snprintf(secret_path, sizeof(secret_path), "%.48s/keys", place);
    (void)snprintf(display_path, sizeof(display_path), "%.48s/display", place);
    (void)snprintf(path, sizeof(path), "%.48s/own", place);
    if ((mkdir(path, 0700) != 0) || !make_file("keys") ||
        !make_file("beside") || !make_file("spare")) {
        return false;
    }
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(path, sizeof(path), "%.48s/clients", place);
    listener = listen_at(path);
    display = listen_at(display_path);
    bystander = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unbound = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return (directory >= 0) && (listener >= 0) && (display >= 0) &&
           (bystander >= 0) && (unbound >= 0) && (tcp >= 0) &&
           (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) &&
           make_victim();
}

static void forget(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

void dg_acts_close(void)
{
    static const char *const files[] = {
        "own/own", "own/big", "keys", "beside", "spare", "clients", "display"};
    char path[PATH_SIZE];

    if (victim > 0) {
        (void)kill(victim, SIGKILL);
        (void)waitpid(victim, NULL, 0);
        victim = 0;
    }
    forget(&directory);
    forget(&listener);
    forget(&display);
    forget(&bystander);
    forget(&unbound);
    forget(&tcp);
    forget(&pair[0]);
    forget(&pair[1]);
    if (place[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%.48s/%s", place, files[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%.48s/own", place);
    (void)rmdir(path);
    (void)rmdir(place);
}

#define EXIT_DONE    0
#define EXIT_REFUSED 41
#define EXIT_UNTRIED 42

static _Noreturn void be_role(const struct dg_backend *backend,
                              enum dg_role_id role,
                              const struct dg_act *act)
{
    const struct dg_sandbox_grants grants = {
        .directory = directory, .reconnect_fd = tcp, .reconnect_port = 9};
    unsigned landlock = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    if ((backend != NULL) &&
        (dg_confine(backend->name, role, &grants, &landlock) != DG_OK)) {
        _exit(EXIT_UNTRIED);
    }
    _exit(act->act() ? EXIT_DONE : EXIT_REFUSED);
}

enum dg_act_end dg_act_try(const struct dg_backend *backend,
                           enum dg_role_id role,
                           const struct dg_act *act)
{
    unsigned apart = 0;
    int status = 0;
    const pid_t pid = (backend == NULL) ? fork() : backend->spawn(role, &apart);

    if (pid == 0) {
        be_role(backend, role, act);
    }
    if ((pid < 0) || (waitpid(pid, &status, 0) != pid)) {
        return DG_ACT_UNTRIED;
    }
    if (WIFSIGNALED(status)) {
        return (WTERMSIG(status) == SIGSYS) ? DG_ACT_REFUSED : DG_ACT_UNTRIED;
    }
    if (WEXITSTATUS(status) == EXIT_DONE) {
        return DG_ACT_DONE;
    }
    return (WEXITSTATUS(status) == EXIT_REFUSED) ? DG_ACT_REFUSED
                                                 : DG_ACT_UNTRIED;
}
