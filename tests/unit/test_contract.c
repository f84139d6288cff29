/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/contract.h"

/* The form of answers ------------------------------------------------------ */

static bool is_shaped(const char *op, const char *text)
{
    char what[DG_CONTRACT_WHY_MAX];
    json_t *answer = json_loads(text, 0, NULL);

    assert_non_null(answer);

    const bool is_good = dg_contract_is_shaped(op, answer, what);

    json_decref(answer);
    return is_good;
}

#define DIGEST                                                               \
    "\"firmware_digest\":\"0123456789abcdef0123456789abcdef0123456789abcdef" \
    "0123456789abcdef\""
#define CAPS \
    "{\"dose_mU\":1,\"5min_mU\":1,\"1h_mU\":1,\"4h_mU\":1,\"24h_mU\":1}"
#define START                                                               \
    "\"pulse_mU\":50,\"basal_mU_per_h\":1000,\"caps\":{\"automatic\":" CAPS \
    ",\"confirmed\":" CAPS ",\"total\":" CAPS "}}"

static void test_shape__complete_answers__are_taken(void **state)
{
    (void)state;
    assert_true(
        is_shaped("hello",
                  "{\"contract\":1,\"name\":\"n\",\"version\":\"1\"," DIGEST
                  ",\"later\":{}}"));
    assert_true(is_shaped(
        "hello",
        "{\"contract\":1,\"name\":\"n\\n\u00FC\",\"version\":\"1\"," DIGEST
        ",\"claims\":{\"Model\":\"m\"}}"));
    assert_true(is_shaped("start", "{\"link\":\"udp:127.0.0.1:4711\"," START));
    assert_true(is_shaped("delivered", "{\"mU\":0}"));
    assert_true(is_shaped("phone", "{\"result\":\"no_session\"}"));
    assert_true(is_shaped("press", "{}"));
    assert_true(is_shaped("an_operation_of_later", "{\"mU\":\"x\"}"));
}

/* @verifies{EVL_ADAPTER.2@1} */
static void test_claims__of_others__may_not_be_stated_and_do_not_change(
    void **state)
{
    json_t *then = json_loads("{\"claims\":{\"Model\":\"a\"}}", 0, NULL);
    json_t *now = json_loads("{\"claims\":{\"Model\":\"b\"}}", 0, NULL);

    (void)state;
    assert_true(dg_contract_may_claim("Model"));
    assert_false(dg_contract_may_claim("features"));
    assert_false(dg_contract_may_claim("Security target"));
    assert_false(dg_contract_may_claim("Not judged"));
    assert_false(dg_contract_may_claim("Certifier"));
    assert_false(dg_contract_may_claim("Valid until"));
    assert_false(dg_contract_may_claim("Certificate"));
    assert_string_equal(dg_contract_differs("hello", then, now), "claims");
    assert_null(dg_contract_differs("hello", then, then));
    json_decref(then);
    json_decref(now);
}

static void test_shape__wrong_types_and_ranges__are_refused(void **state)
{
    static const struct {
        const char *op;
        const char *text;
    } wrong[] = {
        {"hello", "{\"contract\":1,\"name\":\"n\",\"version\":\"1\"}"},
        {"hello",
         "{\"contract\":\"1\",\"name\":\"n\",\"version\":\"1\"," DIGEST "}"},
        {"hello", "{\"contract\":1,\"name\":[],\"version\":\"1\"," DIGEST "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"n\",\"version\":\"1\",\"features\":[1]"
         "," DIGEST "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"\\u001b[2J\",\"version\":\"1\"," DIGEST
         "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"\\u009b2J\",\"version\":\"1\"," DIGEST
         "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"n\",\"version\":\"1\",\"features\":["
         "\"\\u007f\"]," DIGEST "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"n\",\"version\":\"1\",\"claims\":{"
         "\"a\":1}," DIGEST "}"},
        {"hello",
         "{\"contract\":1,\"name\":\"n\",\"version\":\"1\",\"claims\":{"
         "\"a\\u0007\":\"b\"}," DIGEST "}"},
        {"start", "{\"link\":\"udp:10.0.0.1:4711\"," START},
        {"start", "{\"link\":\"udp:127.0.0.1:\"," START},
        {"start", "{\"link\":\"udp:127.0.0.1:123456\"," START},
        {"start",
         "{\"link\":\"udp:127.0.0.1:1\",\"pulse_mU\":50,"
         "\"basal_mU_per_h\":1000,\"caps\":{\"automatic\":" CAPS "}}"},
        {"start",
         "{\"link\":\"udp:127.0.0.1:1\",\"pulse_mU\":0,"
         "\"basal_mU_per_h\":1000}"},
        {"delivered", "{\"mU\":-1}"},
        {"delivered", "{\"mU\":1.0}"},
        {"delivered", "{\"mU\":1000000001}"},
        {"alive", "{\"alive\":1}"},
        {"alarms", "{\"alarms\":\"none\"}"},
        {"phone", "{\"result\":\"a result that is far too long\"}"},
        {"phone", "{\"result\":\"\"}"},
        {"phone", "{\"result\":\"status\",\"status\":7}"},
        {"phone",
         "{\"result\":\"status\",\"status\":{\"delivered_mU\":\"1\"}}"},
    };

    (void)state;
    for (size_t i = 0U; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (is_shaped(wrong[i].op, wrong[i].text)) {
            fail_msg("%s: %s was taken", wrong[i].op, wrong[i].text);
        }
    }
}

static void test_differs__anything_but_the_link__is_named(void **state)
{
    json_t *then = json_loads("{\"link\":\"udp:127.0.0.1:1\"," START, 0, NULL);
    json_t *now = json_loads("{\"link\":\"udp:127.0.0.1:2\"," START, 0, NULL);

    (void)state;
    assert_null(dg_contract_differs("start", then, now));
    json_object_set_new(now, "isf", json_integer(1));
    assert_string_equal(dg_contract_differs("start", then, now), "isf");
    json_object_set_new(json_object_get(json_object_get(now, "caps"), "total"),
                        "24h_mU",
                        json_integer(2));
    json_object_del(now, "isf");
    assert_string_equal(dg_contract_differs("start", then, now), "caps");
    json_decref(then);
    json_decref(now);
}

/* The keeper --------------------------------------------------------------- */

static struct dg_jsonl lines;

static enum dg_keeper_end run(const char *script, int grace_ms)
{
    struct dg_keeper keeper;
    char name[] = "sh";
    char option[] = "-c";
    char text[512];
    char *const arguments[] = {name, option, text, NULL};

    (void)snprintf(text, sizeof text, "%s", script);
    assert_true(
        dg_keeper_start(&keeper, "/bin/sh", arguments, "/dev/null", &lines));
    dg_jsonl_close(&lines);
    return dg_keeper_stop(&keeper, grace_ms);
}

static void test_keeper__ends_of_a_program__are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(run("read line; exit 0", 5000), DG_KEEPER_WELL);
    assert_int_equal(run("exit 3", 5000), DG_KEEPER_BADLY);
    assert_int_equal(run("kill -SEGV $$", 5000), DG_KEEPER_BADLY);
    assert_int_equal(run("trap '' TERM; sleep 60", 50), DG_KEEPER_KILLED);
}

static void test_keeper__what_is_left_behind__is_ended(void **state)
{
    char path[] = "/tmp/dg-keeper-XXXXXX";
    const int fd = mkstemp(path);
    char script[256];
    FILE *file = NULL;
    int pid = 0;

    (void)state;
    assert_true(fd >= 0);
    (void)snprintf(script,
                   sizeof script,
                   "(setsid sh -c 'trap \"\" TERM; echo $$ > %s; exec sleep "
                   "60' < /dev/null > /dev/null &) ; while [ ! -s %s ]; do "
                   "sleep 0.01; done; exit 0",
                   path,
                   path);
    assert_int_equal(run(script, 10000), DG_KEEPER_LEFT);
    file = fdopen(fd, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    (void)fclose(file);
    (void)unlink(path);
    assert_int_not_equal(kill(pid, 0), 0);
}

static void test_keeper__a_program_that_is_not_there__does_not_start(
    void **state)
{
    struct dg_keeper keeper;
    char name[] = "nobody";
    char *const arguments[] = {name, NULL};

    (void)state;
    assert_false(dg_keeper_start(
        &keeper, "/nonexistent/adapter", arguments, NULL, &lines));
    assert_int_equal(dg_keeper_stop(&keeper, 0), DG_KEEPER_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape__complete_answers__are_taken),
        cmocka_unit_test(
            test_claims__of_others__may_not_be_stated_and_do_not_change),
        cmocka_unit_test(test_shape__wrong_types_and_ranges__are_refused),
        cmocka_unit_test(test_differs__anything_but_the_link__is_named),
        cmocka_unit_test(test_keeper__ends_of_a_program__are_told_apart),
        cmocka_unit_test(test_keeper__what_is_left_behind__is_ended),
        cmocka_unit_test(
            test_keeper__a_program_that_is_not_there__does_not_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
