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

/* Words of one command line, at most nine beside the verb. */
static int says(const char *line)
{
    char dosegate[PROCESS_PATH * 2U];
    char words[160];
    const char *argv[16] = {dosegate};
    size_t count = 1;

    (void)snprintf(
        dosegate, sizeof(dosegate), "%s", process_path(DG_BIN_DIR, "dosegate"));
    (void)snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok(words, " "); word != NULL;
         word = strtok(NULL, " ")) {
        argv[count++] = word;
    }
    argv[count++] = "--dir";
    argv[count] = dir;
    return process_run(argv, NULL, text);
}

/* The same while somebody at the pump presses its button as soon as it asks. */
static int says_and_press(const char *line)
{
    int status = 0;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        bool is_pressed = false;

        for (unsigned i = 0; (i < 300U) && !is_pressed; i++) {
            (void)usleep(100000);

            json_t *pressed =
                bench_says("{\"op\":\"press\",\"button\":\"confirm\"}");

            is_pressed = json_is_true(json_object_get(pressed, "ok"));
            json_decref(pressed);
        }
        _exit(is_pressed ? 0 : 1);
    }

    const int code = says(line);

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return code;
}

static void start_pump(void)
{
    assert_int_equal(says("up"), 0);
    assert_int_equal(says("pair"), 0);
}

static void test_verbs__extended_bolus__shown_begun_and_stopped(void **state)
{
    (void)state;
    start_pump();
    assert_int_equal(says("bolus 0.5 --extended 20m"), 1);
    check_says("write 30m to 8h");
    assert_int_equal(says("bolus 0.5 --extended 1,5h"), 1);
    check_says("2h or 90m or 1h30m");
    /* What the device refuses it refuses with its reason, and the room. */
    assert_int_equal(says("bolus 200 --extended 2h --yes"), 1);
    check_says("the pump refused");
    check_says("at most");
    assert_int_equal(says("bolus 0.52 --extended 1h30m --yes"), 0);
    check_says("bolus 0.50 U, extended over 1 h 30 min.");
    check_says("You asked for 0.52 U");
    check_says("It goes on by itself");
    assert_int_equal(says("status"), 0);
    assert_int_equal(says("stop"), 0);
}

static void test_verbs__temporary_basal__lowered_and_refused(void **state)
{
    (void)state;
    start_pump();
    assert_int_equal(says("temp-basal 0.5"), 1);
    check_says("temp-basal 0.5 --for 30m");
    assert_int_equal(says("temp-basal .5 --for 30m"), 1);
    check_says("0.5");
    assert_int_equal(says("temp-basal 0 --for 30m"), 1);
    check_says("a suspension");
    assert_int_equal(says("temp-basal 29 --for 24h --yes"), 1);
    check_says("refused");
    assert_int_equal(says("temp-basal 0.4 --for 30m --yes"), 0);
    check_says("temporary basal 0.40 U/h for 30 min.");
    check_says("Basal is lowered");
    assert_int_equal(says("status"), 0);
    check_says("lowered");
}

static void test_verbs__prime_and_settings__only_with_the_button(void **state)
{
    (void)state;
    start_pump();
    /* The set is on the body, and no sensor was held to the pump. */
    assert_int_equal(says("prime 0.2 --yes"), 1);
    assert_int_equal(says("refill 300 --yes"), 1);
    assert_int_equal(says("sensor --yes"), 1);
    check_says("state");
    assert_int_equal(says("basal 0.8 --from 6 --to 6"), 1);
    check_says("after --from");
    assert_int_equal(says("basal 30 --from 6 --to 10 --yes"), 1);
    json_decref(bench_says("{\"op\":\"press\",\"button\":\"detach\"}"));
    assert_int_equal(says_and_press("prime 0.2 --yes"), 0);
    check_says("prime 0.20 U into the tube");
    check_says("Press the button on the pump");
    json_decref(bench_says("{\"op\":\"press\",\"button\":\"resume\"}"));
    assert_int_equal(says_and_press("basal 1.1 --from 6 --to 10 --yes"), 0);
    check_says("basal schedule: 1.10 U/h from 6:00 to 10:00, every day");
    check_says("Outcome: set.");
}

/* What the person prepared at the pump is taken; a phone's word alone is not. */
static void test_verbs__sensor_and_refill__taken_as_prepared(void **state)
{
    (void)state;
    start_pump();

    json_t *before = bench_says("{\"op\":\"sensor\"}");

    json_decref(bench_says("{\"op\":\"hold_sensor\",\"number\":7}"));
    assert_int_equal(says_and_press("sensor --yes"), 0);
    check_says("use the sensor that was held to the pump");
    check_says("Outcome: set.");

    json_t *after = bench_says("{\"op\":\"sensor\"}");

    assert_string_not_equal(json_string_value(json_object_get(before, "key")),
                            json_string_value(json_object_get(after, "key")));
    json_decref(before);
    json_decref(after);

    json_decref(bench_says("{\"op\":\"press\",\"button\":\"detach\"}"));
    json_decref(bench_says("{\"op\":\"fill\",\"mU\":200000}"));
    /* The reservoir's own reading is far from what this says. */
    assert_int_equal(says("refill 300 --yes"), 1);
    check_says("the pump refused");
    assert_int_equal(says_and_press("refill 200 --yes"), 0);
    check_says("the reservoir holds 200.00 U now");
    check_says("Outcome: set.");
    json_decref(bench_says("{\"op\":\"press\",\"button\":\"resume\"}"));
    assert_int_equal(says("status"), 0);
    check_says("reservoir   200.00 U");
}

static void test_verbs__suspend__bounded_and_resumed(void **state)
{
    (void)state;
    start_pump();
    assert_int_equal(says("suspend"), 1);
    check_says("suspend 30m");
    assert_int_equal(says("suspend 25h"), 1);
    check_says("1m to 24h");
    assert_int_equal(says("suspend 3h"), 1);
    check_says("a phone may withhold 2 h now");
    assert_int_equal(says("suspend 30m"), 0);
    check_says("The pump resumes by itself in 30 min");
    check_says("A phone may withhold 1 h 30 min now");
    assert_int_equal(says("status"), 0);
    check_says("100 % of basal");
    assert_int_equal(says("bolus 0.1 --yes"), 1);
    assert_int_equal(says("resume"), 0);
    check_says("Basal goes on");

    /* A person's suspension no phone ends. */
    json_decref(bench_says("{\"op\":\"press\",\"button\":\"suspend\"}"));
    assert_int_equal(says("resume"), 1);
    check_says("the pump refused");
    assert_int_equal(says("status"), 0);
    check_says("until a person resumes at the pump");
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* In parts, so that they run side by side: each has a pump of its own. */
static const struct CMUnitTest pairing[] = {
    ONE(test_verbs__pair_by_digits__works_and_guesses_lock),
};
static const struct CMUnitTest updates[] = {
    ONE(test_verbs__update__carried_and_pressed),
    ONE(test_verbs__suspend__bounded_and_resumed),
};
static const struct CMUnitTest doses[] = {
    ONE(test_verbs__phones_and_lease__by_the_owner),
    ONE(test_verbs__extended_bolus__shown_begun_and_stopped),
    ONE(test_verbs__temporary_basal__lowered_and_refused),
};
static const struct CMUnitTest settings[] = {
    ONE(test_verbs__prime_and_settings__only_with_the_button),
    ONE(test_verbs__sensor_and_refill__taken_as_prepared),
};

int main(int argc, char **argv)
{
    const char *part = (argc == 2) ? argv[1] : "";

    (void)signal(SIGPIPE, SIG_IGN);
    if (strcmp(part, "pairing") == 0) {
        return cmocka_run_group_tests(pairing, NULL, NULL);
    }
    if (strcmp(part, "updates") == 0) {
        return cmocka_run_group_tests(updates, NULL, NULL);
    }
    if (strcmp(part, "doses") == 0) {
        return cmocka_run_group_tests(doses, NULL, NULL);
    }
    if (strcmp(part, "settings") == 0) {
        return cmocka_run_group_tests(settings, NULL, NULL);
    }
    (void)fputs("usage: test_verbs pairing|updates|doses|settings\n", stderr);
    return 2;
}
