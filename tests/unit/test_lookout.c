/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <fcntl.h>
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

#include "domain/channel.h"
#include "domain/lookout.h"
#include "domain/senses.h"
#include "ports/host/crypto_openssl.h"

/* The monitor at work in this very process: each finding is brought about. */

/* No program has this digest, so each is found to be another one. */
const uint8_t dg_programs[DG_ROLE_PROGRAMS][32] = {{0}};

static struct dg_crypto crypto;
static struct dg_supervisor supervisor;
static struct dg_lookout lookout;
static struct dg_channel therapy;
static int directory = -1;

static int setup(void **state)
{
    int pair[2];

    (void)state;
    (void)mkdir("lookout", 0700);
    directory = open("lookout", O_RDONLY | O_DIRECTORY);
    if ((directory < 0) || (dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)) {
        return -1;
    }
    memset(&supervisor, 0, sizeof(supervisor));
    supervisor.health_fd = pair[0];
    supervisor.token_program = -1;
    dg_channel_open(
        &therapy, pair[1], DG_ROLE_ID_THERAPY, DG_ROLE_ID_SUPERVISOR);
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    (void)close(supervisor.health_fd);
    (void)close(therapy.fd);
    (void)unlinkat(directory, "health.json", 0);
    (void)close(directory);
    return rmdir("lookout");
}

static bool is_found(enum dg_finding finding)
{
    return ((unsigned)lookout.monitor.findings & (1U << (unsigned)finding)) !=
           0U;
}

static void look(int64_t now_ms)
{
    assert_int_equal(dg_lookout_look(&lookout, &supervisor, now_ms),
                     now_ms + DG_LOOKOUT_PERIOD_MS);
}

/* @verifies{FPT_WATCH.1@1} */
static void test_lookout__first_look__therapy_and_file_are_told(void **state)
{
    struct dg_internal message;
    char text[2048] = "";

    (void)state;
    look(7000);
    assert_true(is_found(DG_FINDING_PROGRAM)); /* there are none */
    assert_false(is_found(DG_FINDING_CLOCK));
    assert_false(is_found(DG_FINDING_DEBUGGER));
    assert_int_equal(dg_channel_receive(&therapy, &message), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_HEALTH);
    assert_int_equal(message.as.health.fitness, DG_FITNESS_RETIRE);
    assert_int_equal(message.as.health.findings, lookout.monitor.findings);
    assert_int_equal(message.as.health.phone_battery, 80);

    const int fd = openat(directory, "health.json", O_RDONLY);

    assert_true(read(fd, text, sizeof(text) - 1U) > 0);
    (void)close(fd);
    assert_non_null(strstr(text, "\"fitness\":\"retire\""));
    assert_non_null(strstr(text, "\"name\":\"program\""));
    assert_non_null(strstr(text, "\"age_s\":0"));

    /* Nothing new: therapy is told that we still look. */
    look(12000);
    assert_int_equal(dg_channel_receive(&therapy, &message), DG_OK);
    look(67000);
    assert_int_equal(dg_channel_receive(&therapy, &message), DG_OK);
    assert_int_equal(message.as.health.age_s, 60);
}

/* A role's library that we have not loaded is watched all the same. */
static void test_lookout__library_of_a_role__watched(void **state)
{
    int pipes[2];
    char byte = 0;
    size_t before = 0;

    (void)state;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
    before = lookout.files;

    const pid_t child = fork();

    if (child == 0) {
        char *const words[] = {"sleep", "60", NULL};

        (void)execv("/bin/sleep", words);
        _exit(1);
    }
    (void)close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 0); /* it is another program */
    supervisor.child[DG_ROLE_ID_GATEWAY].pid = child;
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
    assert_int_equal(lookout.files, before + 1U);
    assert_true(lookout.file[before].is_library);
    assert_int_equal(lookout.file[before].path[0], '/');
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)close(pipes[0]);
    supervisor.child[DG_ROLE_ID_GATEWAY].pid = 0;
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
}

/* Ourselves and every library that is loaded are watched.  A library that
 * somebody replaces is found at the next look, and so is one that only looks as
 * before, when it is its time. */
static void test_lookout__library_replaced__found(void **state)
{
    struct dg_lookout_file *crypto_library = NULL;
    struct dg_lookout_file *last = NULL;
    bool is_ourselves = false;
    static char path[] = "lookout/library";
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    (void)state;
    assert_int_equal(write(fd, "one", 3), 3);
    (void)close(fd);
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
    for (size_t i = 0; i < lookout.files; i++) {
        struct dg_lookout_file *file = &lookout.file[i];

        crypto_library = (strstr(file->path, "/libcrypto.so") != NULL)
                             ? file
                             : crypto_library;
        is_ourselves =
            is_ourselves || (strstr(file->path, "/test_lookout") != NULL);
    }
    assert_non_null(crypto_library);
    assert_true(crypto_library->is_library);
    assert_true(is_ourselves);

    /* One of them stands for ours; the roles, which nobody has here, go. */
    last = crypto_library;
    (void)snprintf(last->path, sizeof(last->path), "%s", path);
    assert_int_equal(dg_program_measure(&crypto, path, true, &last->want),
                     DG_OK);
    lookout.file[0] = *last;
    lookout.files = 1;
    look(1000);
    assert_false(is_found(DG_FINDING_PROGRAM));

    fd = open("lookout/new", O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "two", 3), 3);
    (void)close(fd);
    assert_int_equal(rename("lookout/new", path), 0);
    look(6000);
    assert_true(is_found(DG_FINDING_PROGRAM));

    /* The same by somebody who can make it look the same. */
    dg_monitor_init(&lookout.monitor);
    look(11000);
    assert_false(is_found(DG_FINDING_PROGRAM));
    look(1000 + DG_LOOKOUT_MEASURE_MS);
    assert_true(is_found(DG_FINDING_PROGRAM));
    assert_int_equal(unlink(path), 0);
    dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
}

static void test_lookout__clock_set__found_either_way(void **state)
{
    static const int64_t jumps_ms[] = {40000, -40000};

    (void)state;
    for (size_t i = 0; i < 2U; i++) {
        dg_lookout_open(&lookout, &crypto, directory, &supervisor, "80");
        lookout.offset_ms += jumps_ms[i];
        look(1000);
        assert_true(is_found(DG_FINDING_CLOCK));
        look(6000);
        assert_int_equal(lookout.monitor.last_ms[DG_FINDING_CLOCK], 1000);
    }
}

static void test_lookout__traced_role__found(void **state)
{
    const pid_t child = fork();
    int status = 0;

    (void)state;
    if (child == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    supervisor.child[DG_ROLE_ID_KEYS].pid = child;
    look(1000);
    assert_true(is_found(DG_FINDING_DEBUGGER));
    assert_true(dg_monitor_must_end(&lookout.monitor));
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
}

static void test_lookout__loose_memory__found(void **state)
{
    (void)state;
    assert_false(dg_senses_has_loose_memory());

    void *loose = mmap(NULL,
                       4096,
                       PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS,
                       -1,
                       0);

    assert_ptr_not_equal(loose, MAP_FAILED);
    look(1000);
    assert_true(is_found(DG_FINDING_MEMORY));
    assert_int_equal(munmap(loose, 4096), 0);
    assert_false(dg_senses_has_loose_memory());
}

static void test_lookout__environment__only_the_loaders_words(void **state)
{
    char *good[] = {(char[]){"PATH=/bin"},
                    (char[]){"LD_PRELOAD="},
                    (char[]){"MY_LD_PRELOAD=x"},
                    NULL};
    char *bad[] = {(char[]){"PATH=/bin"}, (char[]){"LD_AUDIT=./x.so"}, NULL};

    (void)state;
    assert_false(dg_senses_has_preload(good));
    assert_true(dg_senses_has_preload(bad));
}

static void write_battery(const char *text)
{
    const int fd = open("lookout/capacity", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static void test_lookout__battery__number_or_file_and_zero_when_unknown(
    void **state)
{
    char path[512];

    (void)state;
    assert_int_equal(dg_senses_battery("0"), 0);
    assert_int_equal(dg_senses_battery("100"), 100);
    assert_int_equal(dg_senses_battery("101"), 0);
    assert_int_equal(dg_senses_battery("-3"), 0);
    assert_int_equal(dg_senses_battery(""), 0);
    assert_int_equal(dg_senses_battery("/nowhere/capacity"), 0);
    assert_non_null(realpath("lookout", path));
    (void)strncat(path, "/capacity", sizeof(path) - strlen(path) - 1U);
    write_battery("57\n");
    assert_int_equal(dg_senses_battery(path), 57);
    write_battery("");
    assert_int_equal(dg_senses_battery(path), 0);
    write_battery("full\n");
    assert_int_equal(dg_senses_battery(path), 0);
    (void)unlink("lookout/capacity");
}

static void put(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

/* Both versions of control groups: what is left, without the files that can be
 * dropped; no limit and no group is no lack. */
static void test_lookout__memory_of_the_group__least_counts(void **state)
{
    static const char own[] = "lookout/own";
    static const char *const made[] = {"lookout/own",
                                       "lookout/app/memory.max",
                                       "lookout/app/memory.current",
                                       "lookout/app/memory.stat",
                                       "lookout/memory/app/memory.stat",
                                       "lookout/memory/app/"
                                       "memory.limit_in_bytes",
                                       "lookout/memory/app/"
                                       "memory.usage_in_bytes"};

    (void)state;
    assert_true(dg_senses_group_left_kb("lookout/none", "lookout") ==
                INT64_MAX);
    put(own, "9:name=systemd:/\n0::/app\n");
    assert_true(dg_senses_group_left_kb(own, "lookout") == INT64_MAX);
    assert_int_equal(mkdir("lookout/app", 0700), 0);
    put(made[1], "max\n");
    put(made[2], "5242880\n");
    put(made[3], "anon 1\ninactive_file 1048576\n");
    assert_true(dg_senses_group_left_kb(own, "lookout") == INT64_MAX);
    put(made[1], "10485760\n");
    assert_int_equal(dg_senses_group_left_kb(own, "lookout"), 6144);
    put(made[1], "1048576\n");
    assert_int_equal(dg_senses_group_left_kb(own, "lookout"), 0);

    put(own, "4:memory:/app\n0::/other\n");
    assert_int_equal(mkdir("lookout/memory", 0700), 0);
    assert_int_equal(mkdir("lookout/memory/app", 0700), 0);
    put(made[4], "cache 9\ntotal_inactive_file 1024\n");
    put(made[5], "9223372036854771712\n");
    put(made[6], "1024\n");
    assert_true(dg_senses_group_left_kb(own, "lookout") > INT64_MAX / 2048);
    put(made[5], "3072\n");
    assert_int_equal(dg_senses_group_left_kb(own, "lookout"), 3);
    for (size_t i = 0; i < (sizeof(made) / sizeof(made[0])); i++) {
        assert_int_equal(unlink(made[i]), 0);
    }
    assert_int_equal(rmdir("lookout/app"), 0);
    assert_int_equal(rmdir("lookout/memory/app"), 0);
    assert_int_equal(rmdir("lookout/memory"), 0);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_lookout__first_look__therapy_and_file_are_told),
        ONE(test_lookout__library_of_a_role__watched),
        ONE(test_lookout__library_replaced__found),
        ONE(test_lookout__clock_set__found_either_way),
        ONE(test_lookout__traced_role__found),
        ONE(test_lookout__loose_memory__found),
        ONE(test_lookout__environment__only_the_loaders_words),
        ONE(test_lookout__memory_of_the_group__least_counts),
        ONE(test_lookout__battery__number_or_file_and_zero_when_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
