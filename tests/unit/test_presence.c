/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "domain/keystore_rows.h"
#include "domain/presence.h"
#include "domain/private_file.h"
#include "examples/presence_platform.h"

/* @verifies{FIA_PRESENCE.1@1} @verifies{FIA_AFL.2@1} */
static struct dg_crypto crypto;
static struct dg_keystore store;
static struct dg_keystore_row row; /* files, and a counter like a TPM's */
static uint64_t counter;
static struct dg_vault vault;
static struct dg_presence presence;
static char place[] = "/tmp/dgp-XXXXXX";
static int directory = -1;
static char why[DG_KEYSTORE_WHY_MAX];

static enum dg_status count(struct dg_keystore *at, bool bump, uint64_t *value)
{
    (void)at;
    counter += bump ? 1U : 0U;
    *value = counter;
    return DG_OK;
}

static enum dg_status open_again(int64_t now_ms)
{
    return dg_presence_open(&presence, &crypto, &store, &vault, now_ms);
}

static int setup(void **state)
{
    (void)state;
    (void)strcpy(place, "/tmp/dgp-XXXXXX");
    counter = 7; /* others may have used it before */
    if ((mkdtemp(place) == NULL) ||
        (dg_private_directory_open(place, &directory, why) != DG_OK) ||
        (dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (dg_keystore_open(&store, &crypto, "file", directory, -1, why) !=
         DG_OK)) {
        return -1;
    }
    row = dg_keystore_file_row;
    row.count = count;
    store.row = &row;
    store.counts = true;
    return ((dg_vault_open(&vault, &store) == DG_OK) &&
            (open_again(0) == DG_OK))
               ? 0
               : -1;
}

static int teardown(void **state)
{
    char line[64];

    (void)state;
    (void)close(directory);
    dg_crypto_openssl_free(&crypto);
    (void)snprintf(line, sizeof(line), "rm -rf %s", place);
    return system(line);
}

static struct dg_approval approval_of(int32_t mU, uint8_t ticket)
{
    struct dg_approval approval = {.effect = {.kind = DG_EFFECT_BOLUS,
                                              .form = DG_FORM_NORMAL,
                                              .amount = {mU}},
                                   .expiry = {60}};

    memset(approval.ticket.byte, ticket, sizeof(approval.ticket.byte));
    return approval;
}

static void ask(int32_t mU, uint8_t ticket)
{
    const struct dg_approval approval = approval_of(mU, ticket);

    assert_int_equal(dg_presence_ask(&presence, &approval, false, 1000000000),
                     DG_OK);
}

static enum dg_act_result act_at(int64_t now_ms,
                                 uint8_t ticket,
                                 const char *number,
                                 const char *pin,
                                 struct dg_signature *signature)
{
    struct dg_ticket_id id;

    memset(id.byte, ticket, sizeof(id.byte));
    memset(signature, 0, sizeof(*signature));
    return dg_presence_act(&presence, now_ms, &id, number, pin, signature);
}

static void check_unsigned(const struct dg_signature *signature)
{
    static const struct dg_signature none;

    assert_memory_equal(signature, &none, sizeof(none));
}

static enum dg_status verify(int32_t mU,
                             uint8_t ticket,
                             const struct dg_signature *signature)
{
    const struct dg_approval approval = approval_of(mU, ticket);
    struct dg_hash hash;

    assert_int_equal(dg_approval_hash(&crypto, &approval, &hash), DG_OK);
    return crypto.es256_verify(
        crypto.context, &presence.key.public_key, &hash, signature);
}

static void set_pin(void)
{
    assert_int_equal(dg_presence_set_pin(&presence, 0, NULL, "2580"),
                     DG_ACT_DONE);
}

/* grades ------------------------------------------------------------------ */

static void test_presence__grades__as_the_decision_page_says(void **state)
{
    static const struct {
        struct dg_effect effect;
        bool button;
        enum dg_grade grade;
    } want[] = {
        {{.kind = DG_EFFECT_BOLUS, .amount = {50}}, false, DG_GRADE_SMALL},
        {{.kind = DG_EFFECT_BOLUS, .amount = {5000}}, false, DG_GRADE_SMALL},
        {{.kind = DG_EFFECT_BOLUS, .amount = {50}}, true, DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_BOLUS, .amount = {5050}}, false, DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_BOLUS, .amount = {9950}}, true, DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_BOLUS, .amount = {10000}}, false, DG_GRADE_LARGE},
        {{.kind = DG_EFFECT_BASAL, .rate = {0}}, false, DG_GRADE_SMALL},
        {{.kind = DG_EFFECT_BASAL, .rate = {5001}}, false, DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_PRIME, .amount = {50}}, false, DG_GRADE_LARGE},
        {{.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_BASAL},
         false,
         DG_GRADE_LARGE},
        {{.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_REFILL},
         false,
         DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_GLUCAGON, .glucagon = {10}},
         false,
         DG_GRADE_UNUSUAL},
        {{.kind = DG_EFFECT_NONE}, true, DG_GRADE_NONE}};

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_int_equal(dg_presence_grade(&want[i].effect, want[i].button),
                         want[i].grade);
    }
}

static void test_presence__small__yes_or_pin(void **state)
{
    struct dg_signature signature;

    (void)state;
    ask(2000, 1);
    assert_int_equal(act_at(0, 1, NULL, NULL, &signature), DG_ACT_DONE);
    assert_int_equal(verify(2000, 1, &signature), DG_OK);
    set_pin();
    ask(2000, 2);
    assert_int_equal(act_at(0, 2, NULL, NULL, &signature), DG_ACT_WANTS_PIN);
    check_unsigned(&signature);
    assert_int_equal(act_at(0, 2, NULL, "2580", &signature), DG_ACT_DONE);
    assert_int_equal(verify(2000, 2, &signature), DG_OK);
}

static void test_presence__unusual__the_number_again(void **state)
{
    static const char *const wrong[] = {
        NULL, "", "75", "7,500", "0.75", "7.55", ".75", "7.5 ", "٧٫٥"};
    struct dg_signature signature;

    (void)state;
    ask(7500, 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(act_at(0, 1, wrong[i], NULL, &signature),
                         DG_ACT_WANTS_NUMBER);
        check_unsigned(&signature);
    }
    assert_int_equal(act_at(0, 1, "7,5", NULL, &signature), DG_ACT_DONE);
    assert_int_equal(verify(7500, 1, &signature), DG_OK);
}

/* attacks ----------------------------------------------------------------- */

static void test_presence__one_act__signs_once_and_that_alone(void **state)
{
    struct dg_signature signature;
    struct dg_signature second;

    (void)state;
    set_pin();
    ask(2000, 1);
    assert_int_equal(act_at(0, 1, NULL, "2580", &signature), DG_ACT_DONE);

    /* The same act again, and the same act for the next dose. */
    assert_int_equal(act_at(0, 1, NULL, "2580", &second), DG_ACT_NOT_ASKED);
    check_unsigned(&second);
    ask(4000, 2);
    assert_int_equal(act_at(0, 1, NULL, "2580", &second), DG_ACT_NOT_ASKED);
    check_unsigned(&second);
    assert_int_equal(act_at(0, 2, NULL, NULL, &second), DG_ACT_WANTS_PIN);
    check_unsigned(&second);
    assert_int_equal(verify(4000, 2, &signature), DG_E_AUTH);
    assert_int_equal(verify(2000, 2, &signature), DG_E_AUTH);
    assert_int_equal(verify(2000, 1, &signature), DG_OK);
}

/* What was asked in the meantime is what is signed: an act for the question
 * before is none. */
static void test_presence__question_changes_under_the_finger__refused(
    void **state)
{
    struct dg_signature signature;

    (void)state;
    ask(1000, 1);
    ask(4950, 2);
    assert_int_equal(act_at(0, 1, NULL, NULL, &signature), DG_ACT_NOT_ASKED);
    check_unsigned(&signature);
    dg_presence_forget(&presence);
    assert_int_equal(act_at(0, 2, NULL, NULL, &signature), DG_ACT_NOT_ASKED);
    check_unsigned(&signature);
}

static void test_presence__lapsed__refused(void **state)
{
    const struct dg_approval approval = approval_of(1000, 1);
    struct dg_signature signature;

    (void)state;
    assert_int_equal(dg_presence_ask(&presence, &approval, false, 5000), DG_OK);
    assert_int_equal(act_at(5000, 1, NULL, NULL, &signature), DG_ACT_NOT_ASKED);
    check_unsigned(&signature);
    assert_int_equal(act_at(4999, 1, NULL, NULL, &signature), DG_ACT_DONE);
}

/* All PINs one after another, by a thief with all the time in the world. */
static void test_presence__pin_guessing__ten_tries_in_more_than_three_hours(
    void **state)
{
    struct dg_signature signature;
    int64_t now_ms = 0;
    unsigned tried = 0;
    char pin[8];

    (void)state;
    set_pin();
    ask(1000, 1);
    for (unsigned i = 0; !dg_presence_is_locked(&presence); i++) {
        (void)snprintf(pin, sizeof(pin), "%04u", i);

        const enum dg_act_result result =
            act_at(now_ms, 1, NULL, pin, &signature);

        check_unsigned(&signature);
        if (result == DG_ACT_WAIT) {
            assert_true(dg_presence_wait_ms(&presence, now_ms) > 0);
            now_ms += 1000;
            continue;
        }
        assert_true((result == DG_ACT_WRONG_PIN) || (result == DG_ACT_LOCKED));
        tried++;
    }
    assert_int_equal(tried, DG_PIN_FAILURES_MAX);
    assert_true(now_ms > 3LL * 3600 * 1000);

    /* Locked: not even the right one, today or after a restart. */
    assert_int_equal(act_at(now_ms, 1, NULL, "2580", &signature),
                     DG_ACT_LOCKED);
    assert_int_equal(open_again(0), DG_OK);
    ask(1000, 1);
    assert_int_equal(act_at(now_ms * 2, 1, NULL, "2580", &signature),
                     DG_ACT_LOCKED);
    assert_int_equal(act_at(now_ms * 2, 1, NULL, NULL, &signature),
                     DG_ACT_LOCKED);
    assert_int_equal(dg_presence_set_pin(&presence, now_ms * 2, "2580", "1111"),
                     DG_ACT_LOCKED);
    check_unsigned(&signature);
}

static void fail_three_times(void)
{
    struct dg_signature signature;

    for (unsigned i = 0; i < 3U; i++) {
        ask(1000, 1);
        assert_int_equal(act_at(0, 1, NULL, "0000", &signature),
                         DG_ACT_WRONG_PIN);
    }
}

static void test_presence__restart_or_clock_set_back__no_delay_skipped(
    void **state)
{
    struct dg_signature signature;

    (void)state;
    set_pin();
    fail_three_times();
    assert_int_equal(act_at(29000, 1, NULL, "2580", &signature), DG_ACT_WAIT);
    assert_int_equal(act_at(-86400000, 1, NULL, "2580", &signature),
                     DG_ACT_WAIT);

    /* After a restart at any reading of the clock the delay begins anew. */
    for (int64_t start = 0; start <= 86400000; start += 21600000) {
        assert_int_equal(open_again(start), DG_OK);
        ask(1000, 1);
        presence.lapses_ms = INT64_MAX;
        assert_int_equal(act_at(start + 29999, 1, NULL, "2580", &signature),
                         DG_ACT_WAIT);
    }
    assert_int_equal(act_at(86400000 + 30000, 1, NULL, "2580", &signature),
                     DG_ACT_DONE);
    assert_int_equal(presence.pin.failures, 0);
}

/* A cut after the count and before the check: the try is gone. */
static unsigned macs_left;
static enum dg_status (*real_mac)(void *context,
                                  dg_span key,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *mac);

static enum dg_status mac_until_cut(void *context,
                                    dg_span key,
                                    const dg_span *parts,
                                    size_t many,
                                    struct dg_hash *mac)
{
    if (macs_left == 0U) {
        return DG_E_PORT;
    }
    macs_left--;
    return real_mac(context, key, parts, many, mac);
}

static void test_presence__power_cut_during_the_check__counts(void **state)
{
    struct dg_signature signature;

    (void)state;
    set_pin();
    real_mac = crypto.hmac_sha256;
    for (unsigned i = 1; i <= 5U; i++) {
        ask(1000, 1);
        crypto.hmac_sha256 = mac_until_cut;
        macs_left = 1U; /* to seal the count, and then the power is gone */
        presence.lapses_ms = INT64_MAX;
        assert_int_equal(act_at(INT64_MAX / 4, 1, NULL, "2580", &signature),
                         DG_ACT_FAILED);
        check_unsigned(&signature);
        crypto.hmac_sha256 = real_mac;
        assert_int_equal(open_again(0), DG_OK);
        assert_int_equal(presence.pin.failures, i);
    }
    assert_int_equal(dg_presence_wait_ms(&presence, 0), 300000);
}

static void copy(const char *from, const char *to)
{
    uint8_t bytes[1024];
    const int source = openat(directory, from, O_RDONLY);
    const ssize_t size = read(source, bytes, sizeof(bytes));

    (void)close(source);
    assert_true(size > 0);
    assert_int_equal(
        dg_private_file_write(directory, to, (dg_span){bytes, (size_t)size}),
        DG_OK);
}

/* Old files put back after each try: the keystore's counter knows better. */
static void test_presence__rollback_of_the_counter_file__gains_nothing(
    void **state)
{
    struct dg_signature signature;
    unsigned tried = 0;

    (void)state;
    set_pin();
    copy("pin", "kept");
    for (unsigned i = 0; i < 100U; i++) {
        copy("kept", "pin");
        assert_int_equal(open_again(0), DG_OK);
        if (dg_presence_is_locked(&presence)) {
            break;
        }
        ask(1000, 1);
        presence.lapses_ms = INT64_MAX;
        assert_int_equal(act_at(7200000, 1, NULL, "0000", &signature),
                         (tried == 9U) ? DG_ACT_LOCKED : DG_ACT_WRONG_PIN);
        tried++;
    }
    assert_int_equal(tried, DG_PIN_FAILURES_MAX);
}

static void test_presence__state_without_a_pin_put_back_or_deleted__refused(
    void **state)
{
    (void)state;
    copy("pin", "kept"); /* before there was a PIN */
    set_pin();
    copy("kept", "pin");
    assert_int_equal(open_again(0), DG_E_CORRUPT);
    assert_int_equal(unlinkat(directory, "pin", 0), 0);
    assert_int_equal(open_again(0), DG_E_CORRUPT);
}

static void test_presence__change_of_pin__needs_the_old_one(void **state)
{
    static const char *const bad[] = {
        NULL, "", "123", "1234567890123", "12a4", "12 34", "١٢٣٤"};
    struct dg_signature signature;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(dg_presence_set_pin(&presence, 0, NULL, bad[i]),
                         DG_ACT_WANTS_PIN);
    }
    set_pin();
    assert_int_equal(dg_presence_set_pin(&presence, 0, NULL, "1111"),
                     DG_ACT_WANTS_PIN);
    assert_int_equal(dg_presence_set_pin(&presence, 0, "0000", "1111"),
                     DG_ACT_WRONG_PIN);
    assert_int_equal(dg_presence_set_pin(&presence, 0, "2580", "112233"),
                     DG_ACT_DONE);
    assert_int_equal(open_again(0), DG_OK);
    ask(1000, 1);
    assert_int_equal(act_at(0, 1, NULL, "2580", &signature), DG_ACT_WRONG_PIN);
    assert_int_equal(act_at(0, 1, NULL, "112233", &signature), DG_ACT_DONE);
}

/* the platform ------------------------------------------------------------ */

static struct dg_secret finger;
static bool is_there;

static bool prompt(void *context,
                   const struct dg_hash *what,
                   struct dg_signature *signature)
{
    const struct dg_crypto *port = context;

    return is_there &&
           (port->es256_sign(port->context, &finger, what, signature) == DG_OK);
}

static void test_presence__platform__for_small_and_unusual_never_for_large(
    void **state)
{
    struct example_platform platform = {
        .crypto = &crypto, .ask_context = &crypto, .ask = prompt};
    struct dg_presence_platform seam;
    struct dg_signature signature;

    (void)state;
    assert_int_equal(
        crypto.p256_generate(crypto.context, &finger, &platform.key), DG_OK);
    example_platform_seam(&platform, &seam);
    set_pin();
    presence.platform = &seam;
    ask(2000, 1);
    is_there = false;
    assert_int_equal(act_at(0, 1, NULL, NULL, &signature), DG_ACT_WANTS_PIN);
    check_unsigned(&signature);
    is_there = true;
    assert_int_equal(act_at(0, 1, NULL, NULL, &signature), DG_ACT_DONE);
    ask(7000, 2);
    assert_int_equal(act_at(0, 2, NULL, NULL, &signature), DG_ACT_WANTS_NUMBER);
    assert_int_equal(act_at(0, 2, "7", NULL, &signature), DG_ACT_DONE);
    ask(12000, 3);
    assert_int_equal(act_at(0, 3, "12", NULL, &signature), DG_ACT_WANTS_PIN);
    check_unsigned(&signature);
    assert_int_equal(act_at(0, 3, "12", "2580", &signature), DG_ACT_DONE);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_presence__grades__as_the_decision_page_says),
        ONE(test_presence__small__yes_or_pin),
        ONE(test_presence__unusual__the_number_again),
        ONE(test_presence__one_act__signs_once_and_that_alone),
        ONE(test_presence__question_changes_under_the_finger__refused),
        ONE(test_presence__lapsed__refused),
        ONE(test_presence__pin_guessing__ten_tries_in_more_than_three_hours),
        ONE(test_presence__restart_or_clock_set_back__no_delay_skipped),
        ONE(test_presence__power_cut_during_the_check__counts),
        ONE(test_presence__rollback_of_the_counter_file__gains_nothing),
        ONE(test_presence__state_without_a_pin_put_back_or_deleted__refused),
        ONE(test_presence__change_of_pin__needs_the_old_one),
        ONE(test_presence__platform__for_small_and_unusual_never_for_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
