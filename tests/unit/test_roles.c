/* SPDX-License-Identifier: Apache-2.0 */
/* accept4() is a GNU extension. */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "domain/gate.h"
#include "domain/sandbox.h"

/* The data of domain/roles.toml against the code, and one forbidden act of
 * every class tried by a process that entered the very sandbox of each role. */

/* data ------------------------------------------------------------------- */

struct toml {
    unsigned promises[DG_ROLE_IDS];
    bool has_binary[DG_ROLE_IDS];
    bool may_say[DG_INTERNAL_TYPES];
    unsigned channels;
};

static enum dg_role_id role_named(const char *name, size_t size)
{
    for (unsigned role = 1; role < DG_ROLE_IDS; role++) {
        const char *known = dg_role_id_name((enum dg_role_id)role);

        if ((strlen(known) == size) && (strncmp(known, name, size) == 0)) {
            return (enum dg_role_id)role;
        }
    }
    fail_msg("no role is called %.*s", (int)size, name);
    return DG_ROLE_ID_NONE;
}

/* The next "word" of a line, NULL at its end. */
static const char *next_word(const char **at, size_t *size)
{
    const char *open = strchr(*at, '"');
    const char *end = (open == NULL) ? NULL : strchr(open + 1, '"');

    if (end == NULL) {
        return NULL;
    }
    *at = end + 1;
    *size = (size_t)(end - open - 1);
    return open + 1;
}

static unsigned promise_named(const char *name, size_t size)
{
    static const struct {
        const char *name;
        unsigned bit;
    } known[] = {{"channels", DG_PROMISE_CHANNELS},
                 {"directory", DG_PROMISE_DIRECTORY},
                 {"clients", DG_PROMISE_CLIENTS},
                 {"reconnect", DG_PROMISE_RECONNECT}};

    for (size_t i = 0; i < 4U; i++) {
        if ((strlen(known[i].name) == size) &&
            (strncmp(known[i].name, name, size) == 0)) {
            return known[i].bit;
        }
    }
    fail_msg("no promise is called %.*s", (int)size, name);
    return 0;
}

static void allow(struct toml *toml,
                  enum dg_role_id from,
                  enum dg_role_id to,
                  const char *name,
                  size_t size)
{
    for (unsigned type = 1; type < DG_INTERNAL_TYPES; type++) {
        const struct dg_gate_rule *rule = dg_gate_rule_of(type);

        if ((strlen(rule->name) == size) &&
            (strncmp(rule->name, name, size) == 0)) {
            assert_int_equal(rule->from, from);
            assert_int_equal(rule->to, to);
            assert_false(toml->may_say[type]);
            toml->may_say[type] = true;
            return;
        }
    }
    fail_msg("no message is called %.*s", (int)size, name);
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void read_toml(struct toml *toml)
{
    FILE *from = fopen(DG_ROLES_TOML, "r");
    char line[256];
    enum dg_role_id role = DG_ROLE_ID_NONE;
    enum dg_role_id one = DG_ROLE_ID_NONE;
    enum dg_role_id other = DG_ROLE_ID_NONE;

    assert_non_null(from);
    memset(toml, 0, sizeof(*toml));
    while (fgets(line, sizeof(line), from) != NULL) {
        const char *at = line;
        size_t size = 0;
        const char *word = NULL;

        if (begins(line, "[role.")) {
            role = role_named(line + 6, strcspn(line + 6, "]"));
        } else if (begins(line, "[[channel]]")) {
            toml->channels++;
        } else if (begins(line, "binary")) {
            char want[64];

            word = next_word(&at, &size);
            (void)snprintf(
                want, sizeof(want), "dosegate-role-%s", dg_role_id_name(role));
            assert_int_equal(strlen(want), size);
            assert_memory_equal(word, want, size);
            toml->has_binary[role] = true;
        } else if (begins(line, "promises ")) {
            while ((word = next_word(&at, &size)) != NULL) {
                toml->promises[role] |= promise_named(word, size);
            }
        } else if (begins(line, "from")) {
            word = next_word(&at, &size);
            one = role_named(word, size);
        } else if (begins(line, "to ")) {
            word = next_word(&at, &size);
            other = role_named(word, size);
        } else if (begins(line, "messages")) {
            while ((word = next_word(&at, &size)) != NULL) {
                allow(toml, one, other, word, size);
            }
        }
    }
    (void)fclose(from);
}

static void test_roles__data_and_code__agree(void **state)
{
    struct toml toml;

    (void)state;
    read_toml(&toml);
    assert_int_equal(toml.channels, 9);
    for (unsigned role = 1; role < DG_ROLE_IDS; role++) {
        assert_true(toml.has_binary[role]);
        assert_int_equal(toml.promises[role],
                         dg_sandbox_promises((enum dg_role_id)role));
    }
    for (unsigned type = 1; type < DG_INTERNAL_TYPES; type++) {
        assert_true(toml.may_say[type]);
    }
}

/* acts ------------------------------------------------------------------- */

static int directory = -1;
static int bystander = -1; /* an unconnected UDP socket from before */
static int listener = -1;  /* a bound local socket from before */
static int tcp = -1;       /* a TCP socket from before */

static int act_open_system_file(void)
{
    return open("/etc/hostname", O_RDONLY);
}

static int act_open_beside(void)
{
    return openat(directory, "../roles-beside", O_RDONLY);
}

static int act_write_own_directory(void)
{
    return openat(directory, "own", O_WRONLY | O_CREAT, 0600);
}

static int act_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int act_local_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int act_connect(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(
        bystander, (const struct sockaddr *)(const void *)&at, sizeof(at));
}

static int act_send_elsewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (int)sendto(bystander,
                       "x",
                       1,
                       0,
                       (const struct sockaddr *)(const void *)&at,
                       sizeof(at));
}

static int act_bind(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};

    return bind(
        bystander, (const struct sockaddr *)(const void *)&at, sizeof(at));
}

static int act_exec(void)
{
    char *argv[] = {NULL};

    return execv("/bin/true", argv);
}

static int act_fork(void)
{
    return (int)fork();
}

static int act_ptrace(void)
{
    return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int act_kill(void)
{
    return kill(getppid(), 0);
}

static int act_executable_memory(void)
{
    void *at = mmap(NULL,
                    4096,
                    PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS,
                    -1,
                    0);

    return (at == MAP_FAILED) ? -1 : 0;
}

static int act_accept(void)
{
    return (accept(listener, NULL, NULL) < 0) && (errno == EAGAIN) ? 0 : -1;
}

static int act_accept4(void)
{
    const int got = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    return ((got < 0) && (errno == EAGAIN)) ? 0 : got;
}

static int act_reconnect(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};
    const int got =
        (at.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
         connect(tcp, (const struct sockaddr *)(const void *)&at, sizeof(at)));

    /* Nobody listens there: refused by the peer is not refused to ask. */
    return ((got < 0) && ((errno == ECONNREFUSED) || (errno == EINPROGRESS)))
               ? 0
               : got;
}

static int act_channel(void)
{
    uint8_t byte = 0;
    int pair[2] = {bystander, bystander};

    (void)pair;
    return (read(bystander, &byte, 0) <= 0) ? 0 : -1;
}

struct act {
    const char *name;
    int (*act)(void);
    unsigned promise; /* bits that allow it; 0: nobody */
};

static const struct act acts[] = {
    {"read or write an open socket", act_channel, DG_PROMISE_CHANNELS},
    {"open a system file", act_open_system_file, 0},
    {"open a file beside the directory", act_open_beside, 0},
    {"write in its directory", act_write_own_directory, DG_PROMISE_DIRECTORY},
    {"make a network socket", act_socket, 0},
    {"make a local socket", act_local_socket, 0},
    {"connect an open socket", act_connect, 0},
    {"send to an address", act_send_elsewhere, 0},
    {"bind", act_bind, 0},
    {"start a program", act_exec, 0},
    {"fork", act_fork, 0},
    {"trace a process", act_ptrace, 0},
    {"signal a process", act_kill, 0},
    {"make memory executable", act_executable_memory, 0},
    {"accept a client", act_accept4, DG_PROMISE_CLIENTS},
    {"accept a client the old way", act_accept, 0},
    {"connect the device's socket again", act_reconnect, DG_PROMISE_RECONNECT},
};

#define ACT_DONE    0
#define ACT_REFUSED 1
#define NO_SANDBOX  2

/* In a process of its own: confine, then try. */
static int try_act(enum dg_role_id role, const struct act *act)
{
    const pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        const struct dg_sandbox_grants grants = {
            .directory = directory, .reconnect_fd = tcp, .reconnect_port = 9};
        unsigned landlock = 0;

        if (dg_sandbox_enter(role, &grants, &landlock) != DG_OK) {
            _exit(NO_SANDBOX);
        }

        const int got = act->act();

        _exit((got >= 0) ? ACT_DONE : ACT_REFUSED);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS)) {
        return ACT_REFUSED;
    }
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), NO_SANDBOX);
    return WEXITSTATUS(status);
}

/* @verifies{FPT_SEP.1@1} */
static void test_roles__one_forbidden_act_of_each_class__refused(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (unsigned role = 1; role < DG_ROLE_IDS; role++) {
        const unsigned granted = dg_sandbox_promises((enum dg_role_id)role);

        for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
            const int want =
                ((acts[i].promise & granted) != 0U) ? ACT_DONE : ACT_REFUSED;
            const int got = try_act((enum dg_role_id)role, &acts[i]);

            if (got != want) {
                print_error("role %s: %s was %s\n",
                            dg_role_id_name((enum dg_role_id)role),
                            acts[i].name,
                            (got == ACT_DONE) ? "done" : "refused");
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

/* The acts are real: without a sandbox each of them works. */
static void test_roles__without_sandbox__acts_are_possible(void **state)
{
    static const size_t plain[] = {1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        const int got = acts[plain[i]].act();

        if (got < 0) {
            fail_msg("%s: %s", acts[plain[i]].name, strerror(errno));
        }
        if (got > STDERR_FILENO) {
            (void)close(got);
        }
    }
}

static void test_roles__no_such_role__refused(void **state)
{
    const struct dg_sandbox_grants grants = {.directory = -1};
    unsigned landlock = 0;

    (void)state;
    assert_int_equal(dg_sandbox_enter(DG_ROLE_ID_NONE, &grants, &landlock),
                     DG_E_USAGE);
    assert_int_equal(dg_sandbox_enter(DG_ROLE_ID_KEYS, NULL, &landlock),
                     DG_E_USAGE);
}

static int setup(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int beside = -1;

    (void)state;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)mkdir("roles-own", 0700);
    beside = open("roles-beside", O_WRONLY | O_CREAT, 0600);
    (void)close(beside);
    directory = open("roles-own", O_RDONLY | O_DIRECTORY);
    bystander = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if ((bind(listener,
              (const struct sockaddr *)(const void *)&at,
              sizeof(at)) != 0) ||
        (listen(listener, 1) != 0)) {
        return -1;
    }
    return ((directory < 0) || (bystander < 0) || (tcp < 0)) ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlinkat(directory, "own", 0);
    (void)close(directory);
    (void)unlink("roles-beside");
    return rmdir("roles-own");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles__data_and_code__agree),
        cmocka_unit_test(test_roles__one_forbidden_act_of_each_class__refused),
        cmocka_unit_test(test_roles__without_sandbox__acts_are_possible),
        cmocka_unit_test(test_roles__no_such_role__refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
