/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "patient/control/plugin.h"

/* Real programs: they serve, or they go wrong in each way that we could think
 * of, and the call says which within its time. */

#define ROGUE DG_SOURCE "/tests/integration/rogue_controller.py"
#define GOOD  DG_SOURCE "/examples/controller.py"

static struct dg_plugin plugin;

static const struct dg_controller_person person = {
    .id = 7,
    .basal = {{.minute = 0, .mU_per_h = 1000},
              {.minute = 600, .mU_per_h = 800}},
    .basal_count = 2,
    .isf_mg_dL_U = 40.0,
    .cr_g_U = 10.0,
    .tdd_U = 40.0,
    .target_mg_dL = 110.0,
    .weight_kg = 70.0,
    .age = DG_CONTROLLER_ADULT,
};

static enum dg_status begin(const struct dg_plugin_setup *setup)
{
    memset(&plugin, 0, sizeof plugin);
    assert_int_equal(dg_controller_plugin.open(&plugin, setup), DG_OK);
    return dg_controller_plugin.start(&plugin, &person);
}

static enum dg_status step(uint32_t minute,
                           int32_t mg_dL,
                           struct dg_controller_output *output)
{
    const struct dg_controller_input input = {
        .minute = minute, .glucose_mg_dL = mg_dL, .carbs_g = 30};

    memset(output, 0xA5, sizeof *output);
    return dg_controller_plugin.step(&plugin, &input, output);
}

static void test_plugin__example__serves_people_one_after_another(void **state)
{
    static const char *const argv[] = {"python3", GOOD, NULL};
    const struct dg_plugin_setup setup = {argv, 30000, 30000};
    struct dg_controller_output output;

    (void)state;
    assert_int_equal(begin(&setup), DG_OK);
    const pid_t pid = plugin.pid;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dg_controller_plugin.start(&plugin, &person), DG_OK);
        assert_int_equal(step(595, 150, &output), DG_OK);
        assert_true(output.temp_set);
        assert_int_equal(output.temp_mU_per_h, 1250);
        assert_int_equal(output.temp_minutes, 30);
        assert_int_equal(output.meal_bolus_mU, 3000);
        assert_int_equal(output.bolus_mU + output.glucagon_ug, 0);
        assert_int_equal(step(600, 110, &output), DG_OK);
        assert_int_equal(output.temp_mU_per_h, 800);
        assert_int_equal(step(605, 0, &output), DG_OK);
        assert_false(output.temp_set);
        assert_int_equal(step(610, 79, &output), DG_OK);
        assert_true(output.temp_set && output.temp_mU_per_h == 0);
    }
    assert_int_equal(plugin.pid, pid);
    dg_controller_plugin.close(&plugin);
    assert_int_not_equal(kill(pid, 0), 0);
}

static void test_plugin__no_program__is_found_at_once(void **state)
{
    static const char *const argv[] = {"/no/such/controller", NULL};
    const struct dg_plugin_setup setup = {argv, 1000, 1000};

    (void)state;
    memset(&plugin, 0, sizeof plugin);
    assert_int_equal(dg_controller_plugin.open(&plugin, &setup), DG_E_PORT);
    assert_non_null(
        strstr(dg_controller_plugin.fault(&plugin), "cannot be started"));
    assert_non_null(strstr(dg_controller_plugin.fault(&plugin), argv[0]));
    dg_controller_plugin.close(&plugin);
}

struct rogue {
    const char *how;
    enum dg_status status;
    const char *says;
};

/* The last process that had the other end is gone. */
static bool nobody_holds(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    char byte = 0;
    const bool is_over = poll(&one, 1, 30000) == 1 && read(fd, &byte, 1) == 0;

    (void)close(fd);
    return is_over;
}

/* At the third step; what it asked before counts, and the next person gets a
 * program that works again (until its third step). */
static void test_plugin__rogue__is_named_ended_and_replaced(void **state)
{
    static const struct rogue rogues[] = {
        {"exit", DG_E_PORT, "ended with exit code 3"},
        {"crash", DG_E_PORT, "was killed by signal 11"},
        {"hang", DG_E_PORT, "did not answer in time"},
        {"child", DG_E_PORT, "did not answer in time"},
        {"closed", DG_E_PORT, "did not answer in time"},
        {"long", DG_E_PEER, "more than 8191 bytes"},
        {"words", DG_E_PEER, "not JSON"},
        {"empty", DG_E_PEER, "not JSON"},
        {"list", DG_E_PEER, "not a JSON object"},
        {"two", DG_E_PEER, "more than one line"},
        {"key", DG_E_PEER, "unknown key \"bolus_mu\""},
        {"twice", DG_E_PEER, "not JSON: duplicate"},
        {"negative", DG_E_PEER, "\"bolus_mU\" must be a whole number"},
        {"huge", DG_E_PEER, "0 to 100000"},
        {"fraction", DG_E_PEER, "whole number"},
        {"nan", DG_E_PEER, "not JSON"},
        {"temp", DG_E_PEER, "\"temp\" must be null or have"},
        {"minutes", DG_E_PEER, "\"minutes\" must be a whole number"},
        {"glucagon", DG_E_PEER, "0 to 3000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rogues / sizeof rogues[0]; i++) {
        const char *const argv[] = {"python3", ROGUE, rogues[i].how, "2", NULL};
        const bool hangs = strstr(rogues[i].says, "in time") != NULL;
        const struct dg_plugin_setup setup = {argv, 30000, hangs ? 500 : 30000};
        struct dg_controller_output output;
        int ends[2]; /* whatever the program starts holds the second */
        assert_int_equal(pipe(ends), 0);
        enum dg_status status = begin(&setup);

        (void)close(ends[1]);
        assert_int_equal(status, DG_OK);
        for (uint32_t k = 1; k <= 2; k++) {
            assert_int_equal(step(5 * k, 120, &output), DG_OK);
            assert_int_equal(output.bolus_mU, k);
        }
        status = step(15, 120, &output);
        if (status != rogues[i].status ||
            strstr(dg_controller_plugin.fault(&plugin), rogues[i].says) ==
                NULL) {
            print_error("%s: %s: %s\n",
                        rogues[i].how,
                        dg_status_name(status),
                        dg_controller_plugin.fault(&plugin));
            fail();
        }
        assert_non_null(strstr(dg_controller_plugin.fault(&plugin), "python3"));
        assert_false(output.temp_set);
        assert_int_equal(output.bolus_mU, 0);
        assert_true(nobody_holds(ends[0]));
        assert_int_equal(step(20, 120, &output), DG_E_PORT);
        assert_int_equal(dg_controller_plugin.start(&plugin, &person), DG_OK);
        assert_int_equal(step(5, 120, &output), DG_OK);
        assert_int_equal(output.bolus_mU, 1);
        dg_controller_plugin.close(&plugin);
    }
}

static void test_plugin__start__must_be_answered(void **state)
{
    static const struct rogue rogues[] = {
        {"silent", DG_E_PORT, "did not answer in time"},
        {"unready", DG_E_PEER, "{\"ready\":true}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rogues / sizeof rogues[0]; i++) {
        const char *const argv[] = {"python3", ROGUE, rogues[i].how, NULL};
        const struct dg_plugin_setup setup = {
            argv, i == 0 ? 500 : 30000, 30000};

        assert_int_equal(begin(&setup), rogues[i].status);
        assert_non_null(
            strstr(dg_controller_plugin.fault(&plugin), rogues[i].says));
        dg_controller_plugin.close(&plugin);
    }
}

static void test_plugin__early_line__is_no_answer(void **state)
{
    static const char *const argv[] = {"python3", ROGUE, "early", NULL};
    const struct dg_plugin_setup setup = {argv, 30000, 30000};

    (void)state;
    assert_int_equal(begin(&setup), DG_E_PEER);
    dg_controller_plugin.close(&plugin);
}

static void test_plugin__messages__say_what_is_known(void **state)
{
    const struct dg_controller_input input = {
        .minute = 65,
        .glucose_mg_dL = 123,
        .carbs_g = 45,
        .basal_mU = 83,
        .bolus_mU = 4500,
        .glucagon_ug = 20,
        .temp_runs = true,
        .temp_mU_per_h = 900,
        .temp_minutes = 25,
        .reservoir_mU = 150000,
        .battery_percent = 80,
    };
    char *line = dg_plugin_write_step(&input);

    (void)state;
    assert_string_equal(
        line,
        "{\"step\":{\"minute\":65,\"glucose_mg_dL\":123,\"carbs_g\":45,"
        "\"basal_mU\":83,\"bolus_mU\":4500,\"glucagon_ug\":20,\"temp\":"
        "{\"mU_per_h\":900,\"minutes\":25},\"suspended\":false,"
        "\"reservoir_mU\":150000,\"battery_percent\":80}}");
    free(line);
    line = dg_plugin_write_start(&person);
    assert_string_equal(
        line,
        "{\"start\":{\"protocol\":1,\"person\":7,\"basal\":[[0,1000],"
        "[600,800]],\"isf_mg_dL_U\":40.0,\"cr_g_U\":10.0,\"tdd_U\":40.0,"
        "\"target_mg_dL\":110.0,\"weight_kg\":70.0,\"age\":\"adult\","
        "\"has_glucagon\":false}}");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plugin__example__serves_people_one_after_another),
        cmocka_unit_test(test_plugin__no_program__is_found_at_once),
        cmocka_unit_test(test_plugin__rogue__is_named_ended_and_replaced),
        cmocka_unit_test(test_plugin__start__must_be_answered),
        cmocka_unit_test(test_plugin__early_line__is_no_answer),
        cmocka_unit_test(test_plugin__messages__say_what_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
