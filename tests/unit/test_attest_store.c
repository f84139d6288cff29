/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/service/store.h"

/* What the instances share: two handles on one file stand for two instances.
 * tests/integration/test_attestd.py does the same on PostgreSQL.  With
 * DG_TEST_DATABASE=postgresql://... all of this runs there. */

static char folder[] = "/tmp/dgstoreXXXXXX";
static char path[64];
static struct dg_store one;
static struct dg_store two;

static const char *where(void)
{
    const char *asked = getenv("DG_TEST_DATABASE");

    return (asked == NULL) ? path : asked;
}

static int start(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof(path), "%s/db", folder);
    if ((dg_store_open(&one, where()) != DG_OK) ||
        (dg_store_open(&two, where()) != DG_OK)) {
        print_error("%s %s\n", one.db.why, two.db.why);
        return -1;
    }
    return 0;
}

static int end(void **state)
{
    static const char *const left[] = {"", "-wal", "-shm"};
    char file[80];

    (void)state;
    dg_store_close(&one);
    dg_store_close(&two);
    for (size_t i = 0; i < 3U; i++) {
        (void)snprintf(file, sizeof(file), "%s%s", path, left[i]);
        (void)unlink(file);
    }
    return rmdir(folder);
}

static struct dg_hash hash(uint8_t byte)
{
    struct dg_hash made;

    memset(&made, byte, sizeof(made));
    return made;
}

static struct dg_store_ticket ticket(uint8_t nonce)
{
    struct dg_store_ticket made = {.subject = hash(9U),
                                   .claims = 0x5555U,
                                   .level = DG_PACKAGE_MEDIUM,
                                   .policy = 3U,
                                   .build = "android-key 1 2"};

    memset(&made.nonce, nonce, sizeof(made.nonce));
    return made;
}

/* @verifies{FDP_ATTEST.2@1} */
static void test_store__nonce__spent_once_over_all_instances(void **state)
{
    const struct dg_store_ticket first = ticket(1U);
    const struct dg_store_ticket second = ticket(2U);
    uint32_t serial = 0;
    uint32_t next = 0;

    (void)state;
    assert_int_equal(dg_store_ticket(&one, &first, 1000, &serial), DG_OK);
    assert_true(serial >= 1U);
    assert_int_equal(dg_store_ticket(&one, &first, 1001, &next), DG_E_REPLAY);
    assert_int_equal(dg_store_ticket(&two, &first, 1001, &next), DG_E_REPLAY);
    assert_int_equal(next, 0);
    assert_int_equal(dg_store_ticket(&two, &second, 1001, &next), DG_OK);
    assert_true(next > serial);

    /* Kept for a day, and no longer. */
    assert_int_equal(dg_store_prune(&two, 1000 + 86400), DG_OK);
    assert_int_equal(dg_store_ticket(&one, &first, 1002, &next), DG_E_REPLAY);
    assert_int_equal(dg_store_prune(&two, 1000 + 86401), DG_OK);
    assert_int_equal(dg_store_ticket(&one, &first, 1002, &next), DG_OK);
}

static void test_store__rates__counted_together_by_window(void **state)
{
    int64_t count = 0;

    (void)state;
    for (int64_t i = 1; i <= 4; i++) {
        assert_int_equal(dg_store_count((i % 2 == 0) ? &one : &two,
                                        "peer 10.0.0.1",
                                        600 + i,
                                        60,
                                        &count),
                         DG_OK);
        assert_int_equal(count, i);
    }
    assert_int_equal(dg_store_count(&one, "peer 10.0.0.2", 601, 60, &count),
                     DG_OK);
    assert_int_equal(count, 1);
    assert_int_equal(dg_store_count(&one, "peer 10.0.0.1", 660, 60, &count),
                     DG_OK);
    assert_int_equal(count, 1);
}

/* @verifies{FDP_ATTEST.4@1} */
static void test_store__pin__never_older(void **state)
{
    const struct dg_hash who = hash(1U);

    (void)state;
    assert_int_equal(dg_store_pin(&one, &who, 150000, 20261001, 5, 1), DG_OK);
    assert_int_equal(dg_store_pin(&two, &who, 150000, 20261001, 5, 2), DG_OK);
    assert_int_equal(dg_store_pin(&two, &who, 150000, 20261101, 6, 3), DG_OK);
    assert_int_equal(dg_store_pin(&one, &who, 150000, 20261001, 6, 4),
                     DG_E_REPLAY);
    assert_int_equal(dg_store_pin(&one, &who, 140000, 20261101, 6, 4),
                     DG_E_REPLAY);
    assert_int_equal(dg_store_pin(&one, &who, 150000, 20261101, 5, 4),
                     DG_E_REPLAY);
    assert_int_equal(dg_store_pin(&one, &who, 160000, 20261101, 6, 5), DG_OK);
}

/* @verifies{FDP_ATTEST.2@1} */
static void test_store__assertion_counter__only_rises(void **state)
{
    const struct dg_hash id = hash(7U);
    const struct dg_hash unknown = hash(8U);
    struct dg_public_key key;
    struct dg_store_apple_key found;

    (void)state;
    memset(&key, 0x5a, sizeof(key));
    assert_int_equal(dg_store_apple_find(&one, &id, &found), DG_E_STATE);
    assert_int_equal(dg_store_apple_keep(&one, &id, &key, 1), DG_OK);
    assert_int_equal(dg_store_apple_find(&two, &id, &found), DG_OK);
    assert_memory_equal(&found.key, &key, sizeof(key));
    assert_int_equal(found.counter, 0);
    assert_int_equal(dg_store_apple_count(&two, &id, 3), DG_OK);
    assert_int_equal(dg_store_apple_count(&one, &id, 3), DG_E_REPLAY);
    assert_int_equal(dg_store_apple_count(&one, &id, 2), DG_E_REPLAY);
    assert_int_equal(dg_store_apple_count(&one, &unknown, 9), DG_E_REPLAY);

    /* A second attestation of the key does not set its counter back. */
    assert_int_equal(dg_store_apple_keep(&one, &id, &key, 2), DG_OK);
    assert_int_equal(dg_store_apple_find(&one, &id, &found), DG_OK);
    assert_int_equal(found.counter, 3);
}

static void run(const char *build, uint8_t who, bool is_passed)
{
    const struct dg_hash subject = hash(who);

    assert_int_equal(dg_store_trial_add(((who % 2U) == 0U) ? &one : &two,
                                        build,
                                        &subject,
                                        is_passed,
                                        5,
                                        40,
                                        1),
                     DG_OK);
}

static struct dg_store_trial trial_of(const char *build)
{
    struct dg_store_trial trial;

    assert_int_equal(dg_store_trial(&one, build, &trial), DG_OK);
    return trial;
}

/* @verifies{FDP_ATTEST.6@1} */
static void test_store__trial__stops_at_the_share_and_for_good(void **state)
{
    static const char build[] = "android-key 160000 20261001";
    const struct dg_hash passed = hash(3U);
    const struct dg_hash failed = hash(2U);
    bool is_passed = true;

    (void)state;
    /* One phone that fails again and again is one phone. */
    for (unsigned i = 0; i < 9U; i++) {
        run(build, 1U, false);
    }
    assert_int_equal(trial_of(build).runs, 1);
    assert_false(trial_of(build).is_stopped);
    run(build, 2U, false);
    run(build, 3U, true);
    run(build, 4U, true);
    assert_false(trial_of(build).is_stopped); /* four runs: too few */
    run(build, 5U, true);
    assert_int_equal(trial_of(build).failed, 2);
    assert_true(trial_of(build).is_stopped); /* 2 of 5 are 40 % */
    for (unsigned i = 6U; i < 30U; i++) {
        run(build, (uint8_t)i, true);
    }
    assert_true(trial_of(build).is_stopped);

    assert_int_equal(dg_store_trial_passed(&two, build, &passed, &is_passed),
                     DG_OK);
    assert_true(is_passed);
    assert_int_equal(dg_store_trial_passed(&two, build, &failed, &is_passed),
                     DG_OK);
    assert_false(is_passed);
}

static void test_store__trial__below_the_share_goes_on(void **state)
{
    static const char build[] = "android-key 170000 20261101";
    char next[DG_STORE_BUILD_MAX] = "";

    (void)state;
    for (unsigned i = 1U; i <= 40U; i++) {
        run(build, (uint8_t)i, (i % 3U) != 0U);
    }
    assert_int_equal(trial_of(build).runs, 40);
    assert_int_equal(trial_of(build).failed, 13);
    assert_false(trial_of(build).is_stopped);
    assert_int_equal(
        dg_store_trial_next(&one, "android-key 160000 20261001", next), DG_OK);
    assert_string_equal(next, build);
    assert_int_equal(dg_store_trial_next(&one, build, next), DG_E_STATE);
}

static void test_store__runner__the_first_key_stays(void **state)
{
    const struct dg_hash who = hash(5U);
    struct dg_public_key key;
    struct dg_public_key other;

    (void)state;
    memset(&key, 1, sizeof(key));
    memset(&other, 2, sizeof(other));
    assert_int_equal(dg_store_runner(&one, &who, &key, 1), DG_OK);
    assert_int_equal(dg_store_runner(&two, &who, &key, 2), DG_OK);
    assert_int_equal(dg_store_runner(&two, &who, &other, 2), DG_E_AUTH);
}

static void test_store__versions__never_fall(void **state)
{
    uint32_t highest = 0;

    (void)state;
    assert_int_equal(dg_store_raise(&one, "policy", 4, &highest), DG_OK);
    assert_int_equal(highest, 4);
    assert_int_equal(dg_store_raise(&two, "policy", 3, &highest), DG_OK);
    assert_int_equal(highest, 4);
    assert_int_equal(dg_store_raise(&two, "policy", 9, &highest), DG_OK);
    assert_int_equal(dg_store_raise(&one, "policy", 0, &highest), DG_OK);
    assert_int_equal(highest, 9);
}

static void test_store__file__is_nobody_elses(void **state)
{
    struct stat about;

    (void)state;
    if (getenv("DG_TEST_DATABASE") != NULL) {
        skip();
    }
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(dg_store_ping(&one), DG_OK);
}

static void test_store__no_database__said_so(void **state)
{
    struct dg_store none;

    (void)state;
    assert_int_equal(dg_store_open(&none, "/nowhere/at/all"), DG_E_PORT);
    assert_non_null(strstr(none.db.why, "/nowhere/at/all"));
    assert_int_equal(dg_store_open(&none, "postgresql://127.0.0.1:1/none"),
                     DG_E_PORT);
    assert_non_null(strstr(none.db.why, "postgresql"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store__nonce__spent_once_over_all_instances),
        cmocka_unit_test(test_store__rates__counted_together_by_window),
        cmocka_unit_test(test_store__pin__never_older),
        cmocka_unit_test(test_store__assertion_counter__only_rises),
        cmocka_unit_test(test_store__trial__stops_at_the_share_and_for_good),
        cmocka_unit_test(test_store__trial__below_the_share_goes_on),
        cmocka_unit_test(test_store__runner__the_first_key_stays),
        cmocka_unit_test(test_store__versions__never_fall),
        cmocka_unit_test(test_store__file__is_nobody_elses),
        cmocka_unit_test(test_store__no_database__said_so),
    };

    return cmocka_run_group_tests(tests, start, end);
}
