/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/progress.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"

static struct dg_progress progress;
static char *text;
static size_t size;
static FILE *to;

static int set_up(void **state)
{
    (void)state;
    to = open_memstream(&text, &size);
    return (to == NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)fclose(to);
    free(text);
    return 0;
}

static void test_progress__log__a_line_for_each_end_and_no_escapes(void **state)
{
    (void)state;
    dg_progress_begin(&progress, to, 3, 1);
    dg_progress_start(&progress, "replay");
    dg_progress_tick(&progress);
    dg_progress_end(&progress, "replay", "fail", 1200, true);
    dg_progress_tick(&progress);
    dg_progress_close(&progress);
    (void)fflush(to);
    assert_non_null(strstr(text, "[ 2/3] replay"));
    assert_non_null(strstr(text, "1.2 s"));
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\r'));
    /* One line: nobody waits long enough for a sign of life. */
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1U);
}

static void test_progress__log_and_nothing_ends__sign_of_life(void **state)
{
    (void)state;
    dg_progress_begin(&progress, to, 3, 0);
    dg_progress_start(&progress, "simulated-day");
    progress.spoke_ms -= 31000;
    dg_progress_tick(&progress);
    dg_progress_tick(&progress);
    (void)fflush(to);
    assert_non_null(strstr(text, "0 of 3; running simulated-day"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1U);
}

static void test_progress__terminal__moving_line_fits_and_goes_away(
    void **state)
{
    static const char wipe[] = "\r\033[K";
    char name[] = "a-test-with-a-rather-long-name-0";

    (void)state;
    dg_progress_begin(&progress, to, 40, 0);
    progress.is_terminal = true;
    progress.columns = 50;
    for (size_t i = 0; i < 9U; i++) {
        name[sizeof(name) - 2U] = (char)('0' + (int)i);
        dg_progress_start(&progress, name);
    }
    progress.spoke_ms = 0;
    dg_progress_tick(&progress);
    (void)fflush(to);
    assert_int_equal(strncmp(text, wipe, strlen(wipe)), 0);
    assert_null(strchr(text, '\n'));
    assert_true((strlen(text) - strlen(wipe)) < 50U);
    assert_non_null(strstr(text, "0 of 40; running a-test"));
    dg_progress_close(&progress);
    (void)fflush(to);
    assert_string_equal(text + strlen(text) - strlen(wipe), wipe);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_progress__log__a_line_for_each_end_and_no_escapes),
        TEST(test_progress__log_and_nothing_ends__sign_of_life),
        TEST(test_progress__terminal__moving_line_fits_and_goes_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
