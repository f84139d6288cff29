/* SPDX-License-Identifier: Apache-2.0 */
/* truncate() is an extension. */
#define _GNU_SOURCE
#include "processes.h"

#include "unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pump's journal at the front door: exported, verified, compared. */

static char dir[PROCESS_PATH];
static char text[PROCESS_TEXT];

static const char *program(const char *name)
{
    return process_path(DG_BIN_DIR, name);
}

/* Exit code; what it said is in text. */
static int cli(const char *verb,
               const char *argument,
               const char *option,
               const char *input)
{
    char dosegate[PROCESS_PATH * 2U];
    const char *argv[8] = {dosegate, verb, "--dir", dir, NULL};
    size_t count = 4;

    (void)snprintf(dosegate, sizeof(dosegate), "%s", program("dosegate"));
    if (argument != NULL) {
        argv[count++] = argument;
    }
    if (option != NULL) {
        argv[count++] = option;
    }
    return process_run(argv, input, text);
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

static int show(const char *path)
{
    char dosegate[PROCESS_PATH * 2U];
    const char *const argv[] = {
        dosegate, "journal", "show", path, "--dir", dir, NULL};

    (void)snprintf(dosegate, sizeof(dosegate), "%s", program("dosegate"));
    return process_run(argv, NULL, text);
}

static int verify(const char *file, const char *option, const char *value)
{
    char dosegate[PROCESS_PATH * 2U];
    const char *argv[] = {
        dosegate, "verify", file, "--dir", dir, option, value, NULL};

    (void)snprintf(dosegate, sizeof(dosegate), "%s", program("dosegate"));
    return process_run(argv, NULL, text);
}

/* Another byte in its place; of the hex digits of a key, another digit. */
static void alter(const char *path, long at)
{
    FILE *file = fopen(path, "r+be");

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_END), 0);

    const int other = (fgetc(file) == '0') ? '1' : '0';

    assert_int_equal(fseek(file, at, SEEK_END), 0);
    assert_int_equal(fputc(other, file), other);
    assert_int_equal(fclose(file), 0);
}

/* What the pump did leaves it, and can be checked without it. */
static void test_journal_export__two__verified_and_compared(void **state)
{
    char one[PROCESS_PATH * 2U];
    char two[PROCESS_PATH * 2U];

    (void)state;
    (void)snprintf(one, sizeof(one), "%s", process_path(dir, "one.dgj"));
    (void)snprintf(two, sizeof(two), "%s", process_path(dir, "two.dgj"));
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("journal", one, NULL, NULL), 1);
    check_says("dosegate pair");
    assert_int_equal(access(one, F_OK), -1);
    assert_int_equal(cli("pair", NULL, NULL, NULL), 0);
    assert_int_equal(cli("bolus", "0.1", "--yes", NULL), 0);
    assert_int_equal(cli("journal", one, NULL, NULL), 0);
    check_says("entries 0 to ");
    assert_int_equal(verify(one, NULL, NULL), 0);
    check_says("valid");
    assert_int_equal(verify(one, "--key", process_path(dir, "journal.key")), 0);
    assert_int_equal(show(one), 0);
    check_says("phone paired: phone 1 as owner");
    check_says("dose accepted: 0.10 U, ");
    check_says("dose ended: 0.10 U, delivered, ");

    /* A pump that starts anew signs a new head. */
    assert_int_equal(cli("down", NULL, NULL, NULL), 0);
    assert_int_equal(cli("up", NULL, NULL, NULL), 0);
    assert_int_equal(cli("status", NULL, NULL, NULL), 0);
    assert_int_equal(cli("journal", two, NULL, NULL), 0);
    assert_int_equal(cli("down", NULL, NULL, NULL), 0);
    assert_int_equal(verify(two, "--since", one), 0);
    check_says("it continues the earlier one");
    assert_int_equal(verify(one, "--since", two), 2);
    check_says("went back");

    alter(two, -10);
    assert_int_equal(verify(two, NULL, NULL), 2);
    check_says("ALTERED");
    assert_int_equal(show(two), 2);
    check_says("ALTERED");
    assert_null(strstr(text, "phone 1")); /* nothing of it is shown */
    assert_int_equal(verify(one, "--since", two), 2);
    check_says("ALTERED");
    alter(process_path(dir, "journal.key"), -3);
    assert_int_equal(verify(one, NULL, NULL), 2);
    check_says("another pump");
    assert_int_equal(unlink(process_path(dir, "journal.key")), 0);
    assert_int_equal(verify(one, NULL, NULL), 2);
    check_says("--key");
    assert_int_equal(truncate(one, 400), 0);
    assert_int_equal(verify(one, NULL, NULL), 2);
    check_says("cut short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_journal_export__two__verified_and_compared, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
