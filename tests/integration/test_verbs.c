/* SPDX-License-Identifier: Apache-2.0 */
/* usleep() is an extension. */
#define _GNU_SOURCE
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "processes.h"

/* What a person does at the front door beside doses, with real processes:
 * pump, domain and command. */
#define ANSWER_MS 20000

static char dir[PROCESS_PATH];
static char text[PROCESS_TEXT];

static int cli(const char *verb,
               const char *argument,
               const char *option,
               const char *value)
{
    char dosegate[PROCESS_PATH * 2U];
    const char *argv[8] = {dosegate, verb, "--dir", dir, NULL};
    const char *const more[] = {argument, option, value};
    size_t count = 4;

    (void)snprintf(
        dosegate, sizeof(dosegate), "%s", process_path(DG_BIN_DIR, "dosegate"));
    for (size_t i = 0; i < 3U; i++) {
        if (more[i] != NULL) {
            argv[count++] = more[i];
        }
    }
    return process_run(argv, NULL, text);
}

static void check_says(const char *words)
{
    if (strstr(text, words) == NULL) {
        fail_msg("not said: '%s' in: %s", words, text);
    }
}

static int setup(void **state)
{
    (void)state;
    process_place(dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)cli("down", NULL, NULL, NULL);
    process_clear(dir);
    return 0;
}

static json_t *bench_says(const char *line)
{
    const int bench = process_connect(process_path(dir, "device/bench.sock"));
    json_t *answer = process_ask(bench, line, ANSWER_MS);

    (void)close(bench);
    return answer;
}

/* The digits that the pump shows after a press. */
static void read_digits(char digits[9])
{
    json_decref(bench_says("{\"op\":\"press\",\"button\":\"pair\"}"));

    json_t *shown = bench_says("{\"op\":\"display\"}");

    (void)snprintf(
        digits, 9U, "%s", json_string_value(json_object_get(shown, "digits")));
    json_decref(shown);
    assert_int_equal(strlen(digits), 8);
}

static void test_verbs__pair_by_digits__works_and_guesses_lock(void **state)
{
    char digits[9];
    char wrong[9];

    (void)state;
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("pair", "--digits", "1234567", NULL), 1);
    check_says("eight digits");
    assert_int_equal(cli("pair", "--digits", "123456789", NULL), 1);
    read_digits(digits);
    (void)snprintf(wrong, sizeof(wrong), "%s", digits);
    wrong[7] = (wrong[7] == '0') ? '1' : '0';
    assert_int_equal(cli("pair", "--digits", wrong, NULL), 1);
    check_says("not the code");
    assert_int_equal(cli("pair", "--digits", digits, NULL), 0);
    check_says("Paired as owner");
    assert_int_equal(cli("bolus", "0.1", "--yes", NULL), 0);
    /* Used up: the same digits let nobody in again. */
    assert_int_equal(cli("pair", "--digits", digits, NULL), 1);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);

    /* Five guesses close the window, and a press opens none. */
    read_digits(digits);
    (void)snprintf(wrong, sizeof(wrong), "%s", digits);
    for (unsigned i = 0; i < 5U; i++) {
        wrong[0] = (char)('0' + ((digits[0] - '0' + 1 + (int)i) % 10));
        assert_int_equal(cli("pair", "--digits", wrong, NULL), 1);
    }
    assert_int_equal(cli("pair", "--digits", digits, NULL), 1);

    json_t *pressed = bench_says("{\"op\":\"press\",\"button\":\"pair\"}");

    assert_false(json_is_true(json_object_get(pressed, "ok")));
    json_decref(pressed);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    check_says("pairing locked");
}

static void test_verbs__phones_and_lease__by_the_owner(void **state)
{
    (void)state;
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("phones", NULL, NULL, NULL), 1);
    check_says("dosegate pair");
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    assert_int_equal(cli("phones", NULL, NULL, NULL), 0);
    check_says("1  owner");
    check_says("connected");
    assert_int_equal(cli("revoke", "5", NULL, NULL), 1);
    check_says("1, 2, 3 or 4");
    assert_int_equal(cli("revoke", NULL, NULL, NULL), 1);
    assert_int_equal(cli("revoke", "1", NULL, NULL), 1);
    check_says("role");
    assert_int_equal(cli("revoke", "2", NULL, NULL), 1); /* nobody there */
    assert_int_equal(cli("lease", "steal", NULL, NULL), 1);
    check_says("take, release, or give");
    assert_int_equal(cli("lease", "take", NULL, NULL), 0);
    check_says("30 minutes");
    assert_int_equal(cli("lease", "give", "--to", NULL), 1);
    assert_int_equal(cli("lease", "give", "--to", "2"), 1); /* nobody there */
    assert_int_equal(cli("lease", "release", NULL, NULL), 0);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
}

/* The maker publishes; the phone carries; a person presses. */
static void test_verbs__update__carried_and_pressed(void **state)
{
    char manifest[PROCESS_PATH * 2U];

    (void)state;
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    assert_int_equal(cli("update", NULL, NULL, NULL), 1);
    check_says("FILE");
    assert_int_equal(cli("update", "/nonexistent.manifest", NULL, NULL), 1);
    assert_int_equal(cli("update", "--query", NULL, NULL), 0);
    check_says("idle");
    json_decref(bench_says("{\"op\":\"release\",\"sequence\":2,\"counter\":9,"
                           "\"kind\":\"good\",\"size\":5000}"));
    (void)snprintf(manifest,
                   sizeof(manifest),
                   "%s",
                   process_path(dir, "device/release-2.manifest"));

    /* Carry it, and press while it waits. */
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        const int code = cli("update", manifest, NULL, NULL);

        _exit((strstr(text, "restarts with it") != NULL) ? code : 77);
    }

    int status = 0;
    bool is_pressed = false;

    for (unsigned i = 0; (i < 400U) && !is_pressed; i++) {
        (void)usleep(100000);

        json_t *pressed =
            bench_says("{\"op\":\"press\",\"button\":\"confirm\"}");

        is_pressed = json_is_true(json_object_get(pressed, "ok"));
        json_decref(pressed);
    }
    assert_true(is_pressed);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);

    /* What runs is not newer than itself, and on trial. */
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    assert_int_equal(cli("update", manifest, NULL, NULL), 1);
    check_says("on trial");
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_verbs__pair_by_digits__works_and_guesses_lock),
        ONE(test_verbs__phones_and_lease__by_the_owner),
        ONE(test_verbs__update__carried_and_pressed),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
