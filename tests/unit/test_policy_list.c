/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/service/key_file.h"
#include "attest/service/policy_list.h"
#include "attest/service/text.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"

/* The platform policy: its text, its signature, its end, and the key files of
 * those who sign it. */

#define DAY_S    86400
#define ISSUED_S 1793491200LL /* 2026-11-01, by date(1) */

static struct dg_crypto crypto;
static struct dg_secret maker;
static struct dg_public_key maker_public;
static struct dg_policy_list list;
static char why[DG_POLICY_LIST_WHY_MAX];

#define HEAD                       \
    "dosegate platform policy 1\n" \
    "# for the tests\n"            \
    "version 7\n"                  \
    "issued 2026-11-01\n"          \
    "expires 2026-12-01\n"         \
    "epoch 2\n"                    \
    "life 14400\n"
#define LEVELS                                                        \
    "level low app fresh not-debuggable\n"                            \
    "level medium app fresh not-debuggable boot-verified boot-locked" \
    " key-in-hardware presence-bound platform\n"
#define SIGNER \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define APP \
    "app android-key com.example.pump signer " SIGNER " version 12 release\n"
#define BUILDS                                                           \
    "build android-key os 150000 159999 patch 20260801 vendor 20260701 " \
    "qualified\n"                                                        \
    "build android-key os 160000 160000 patch 20261000 trial 25\n"
#define STOP "stop runs 20 failed 5\n"
#define GOOD HEAD LEVELS APP BUILDS STOP

static int start(void **state)
{
    (void)state;
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return -1;
    }
    return (crypto.p256_generate(crypto.context, &maker, &maker_public) ==
            DG_OK)
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static enum dg_status read_text(const char *text)
{
    return dg_policy_list_read(
        (dg_span){(const uint8_t *)text, strlen(text)}, &list, why);
}

static void test_policy_list__whole__read(void **state)
{
    (void)state;
    assert_int_equal(read_text(GOOD), DG_OK);
    assert_int_equal(list.version, 7);
    assert_int_equal(list.epoch, 2);
    assert_int_equal(list.life_s, 14400);
    assert_true(list.issued_s == ISSUED_S);
    assert_true(list.expires_s == ISSUED_S + 30LL * DAY_S);
    assert_int_equal(list.apps, 1);
    assert_string_equal(list.app[0].name, "com.example.pump");
    assert_int_equal(list.app[0].version_min, 12);
    assert_true(list.app[0].is_release);
    assert_int_equal(list.app[0].signer.byte[31], 0xff);
    assert_int_equal(list.builds, 2);
    assert_int_equal(list.build[0].os_version_min, 150000);
    assert_int_equal(list.build[0].os_version_max, 159999);
    assert_int_equal(list.build[0].os_patch_min, 20260801);
    assert_int_equal(list.build[0].vendor_patch_min, 20260701);
    assert_int_equal(list.build[0].boot_patch_min, 0);
    assert_true(list.build[0].is_qualified);
    assert_false(list.build[1].is_qualified);
    assert_true(list.trial[1].is_on_trial);
    assert_int_equal(list.trial[1].percent, 25);
    assert_int_equal(list.stop_runs, 20);
    assert_int_equal(list.stop_percent, 5);
    assert_int_equal(list.level_yes[DG_PACKAGE_HIGH], 0);
}

/* Each refusal names the line on which it happens. */
static void test_policy_list__bad_lines__named(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } bad[] = {
        {"", "line 1: the end"},
        {"dosegate platform policy 2\n", "line 1: write 'dosegate"},
        {HEAD "version 8\n", "line 8: version a second time"},
        {HEAD "life 0\n", "line 8: life a second time"},
        {HEAD "level top app\n", "line 8: level: write low"},
        {HEAD "level low\n", "line 8: level: name the claims"},
        {HEAD "level low apps\n", "line 8: 'apps' is no claim"},
        {HEAD LEVELS "level low app\n", "line 10: level low a second time"},
        {HEAD "colour blue\n", "line 8: 'colour' is no directive"},
        {HEAD "app tpm-quote x release\n", "line 8: app: write a name that"},
        {HEAD "app android-key x signer 00 version 1 release\n",
         "line 8: app android-key: write NAME"},
        {HEAD "app android-key x signer " SIGNER " version -1 release\n",
         "line 8: app: write version"},
        {HEAD "app apple-attestation T.x maybe\n", "line 8: app: end with"},
        {HEAD "build android-key os 2 1 qualified\n", "line 8: build: os"},
        {HEAD "build android-key os 1 2 patch 5 qualified\n",
         "line 8: build: patch: write a day"},
        {HEAD "build android-key os 1 2 patch 20260101 patch 20260101 "
              "qualified\n",
         "line 8: build: patch a second time"},
        {HEAD "build android-key os 1 2\n", "line 8: build: end with"},
        {HEAD "build android-key os 1 2 trial 0\n", "line 8: build: end with"},
        {HEAD "build android-key os 1 2 trial 101\n",
         "line 8: build: end with"},
        {HEAD "stop runs 0 failed 5\n", "line 8: stop: write once"},
        {HEAD, "line 8: the end, and no line says what level low"},
        {HEAD LEVELS BUILDS, "line 12: the end, and a build is on trial"},
        {HEAD "version 8", "line 8: the last line has no end"},
        {HEAD "level low \t\n", "line 8: a character"},
        {"dosegate platform policy 1\nissued 2026-02-29\n",
         "line 2: issued: write a day"},
        {"dosegate platform policy 1\nversion 1\n" LEVELS,
         "line 5: the end, and one of version"},
        {"dosegate platform policy 1\nversion 1\nissued 2026-01-01\n"
         "expires 2027-01-03\nepoch 1\nlife 60\n" LEVELS,
         "line 9: the end: expires"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        assert_int_equal(read_text(bad[i].text), DG_E_MALFORMED);
        if (strncmp(why, bad[i].why, strlen(bad[i].why)) != 0) {
            fail_msg("wanted \"%s\", got \"%s\"", bad[i].why, why);
        }
        assert_int_equal(list.version, 0);
    }
}

static dg_span sign(const char *text, uint8_t *room, size_t size)
{
    dg_span file = {NULL, 0U};

    assert_int_equal(
        dg_policy_list_sign(&crypto,
                            &maker,
                            (dg_span){(const uint8_t *)text, strlen(text)},
                            (dg_buf){room, size},
                            &file,
                            why),
        DG_OK);
    return file;
}

/* @verifies{FDP_ATTEST.3@1} */
static void test_policy_list__signed__only_in_time_and_never_back(void **state)
{
    static uint8_t room[4096];
    const dg_span file = sign(GOOD, room, sizeof(room));
    const int64_t now_s = ISSUED_S + DAY_S;
    struct dg_secret other;
    struct dg_public_key other_public;

    (void)state;
    assert_int_equal(
        crypto.p256_generate(crypto.context, &other, &other_public), DG_OK);
    assert_int_equal(
        dg_policy_list_open(&crypto, &maker_public, file, now_s, 7, &list, why),
        DG_OK);
    assert_int_equal(list.version, 7);
    assert_int_equal(
        dg_policy_list_open(&crypto, &maker_public, file, now_s, 8, &list, why),
        DG_E_REPLAY);
    assert_int_equal(list.version, 0);
    assert_int_equal(
        dg_policy_list_open(&crypto, &other_public, file, now_s, 0, &list, why),
        DG_E_AUTH);
    assert_int_equal(
        dg_policy_list_open(
            &crypto, &maker_public, file, ISSUED_S - 1, 0, &list, why),
        DG_E_STATE);
    assert_int_equal(dg_policy_list_open(&crypto,
                                         &maker_public,
                                         file,
                                         ISSUED_S + 30LL * DAY_S,
                                         0,
                                         &list,
                                         why),
                     DG_E_STATE);

    /* One byte of the text is another policy. */
    room[file.size / 2U] ^= 1U;
    assert_int_equal(
        dg_policy_list_open(&crypto, &maker_public, file, now_s, 0, &list, why),
        DG_E_AUTH);
}

static uint32_t all_yes(void)
{
    uint32_t claims = 0;

    for (unsigned i = 0; i < DG_CLAIMS; i++) {
        claims = dg_attestation_state(claims, (enum dg_claim)i, DG_CLAIM_YES);
    }
    return claims;
}

static uint32_t without(uint32_t claims, enum dg_claim claim)
{
    return dg_attestation_state(claims, claim, DG_CLAIM_NOT_STATED);
}

static void test_policy_list__levels__ask_what_both_ask(void **state)
{
    const uint32_t all = all_yes();

    (void)state;
    assert_int_equal(read_text(GOOD), DG_OK);

    /* The policy does not define high: nobody gets it. */
    assert_int_equal(dg_policy_list_level(&list, all), DG_PACKAGE_MEDIUM);
    /* The policy asks more than the device. */
    assert_int_equal(
        dg_policy_list_level(&list, without(all, DG_CLAIM_PLATFORM)),
        DG_PACKAGE_LOW);
    assert_int_equal(dg_policy_list_level(&list, without(all, DG_CLAIM_APP)),
                     DG_PACKAGE_NONE);

    /* The policy asks less, and the device's own table holds. */
    assert_int_equal(read_text(HEAD "level low platform\n"
                                    "level medium platform\n"),
                     DG_OK);
    assert_int_equal(
        dg_policy_list_level(&list, without(all, DG_CLAIM_BOOT_LOCKED)),
        DG_PACKAGE_LOW);
    assert_int_equal(dg_policy_list_level(&list, without(all, DG_CLAIM_FRESH)),
                     DG_PACKAGE_NONE);
}

static void test_policy_list__build__found_by_version_and_patch(void **state)
{
    struct dg_appraisal seen = {.kind = DG_KIND_ANDROID_KEY,
                                .os_version = 160000,
                                .os_patch = 20261001};

    (void)state;
    assert_int_equal(read_text(GOOD), DG_OK);
    assert_int_equal(dg_policy_list_row(&list, &seen), 1);
    seen.os_patch = 20260930;
    assert_int_equal(dg_policy_list_row(&list, &seen), -1);
    seen.os_version = 160001;
    seen.os_patch = 20270101;
    assert_int_equal(dg_policy_list_row(&list, &seen), -1);
    seen.os_version = 155000;
    assert_int_equal(dg_policy_list_row(&list, &seen), -1); /* no vendor */
    seen.vendor_patch = 20260701;
    assert_int_equal(dg_policy_list_row(&list, &seen), 0);
    seen.kind = DG_KIND_APPLE_ATTESTATION;
    assert_int_equal(dg_policy_list_row(&list, &seen), -1);
}

static void test_text__numbers_dates_base64__one_text_for_one_value(
    void **state)
{
    static const char *const no_base64[] = {"",
                                            "A",
                                            "AA",
                                            "AAA",
                                            "AAAA=",
                                            "AA=A",
                                            "AB==",
                                            "AAB=",
                                            "AA A",
                                            "A===",
                                            "====",
                                            "QUJD\n",
                                            "QQ==QQ==",
                                            "-_-_"};
    static const char *const no_dates[] = {"2026-13-01",
                                           "2026-00-10",
                                           "2026-04-31",
                                           "2100-02-29",
                                           "26-01-01",
                                           "2026/01/01",
                                           "1999-01-01",
                                           "2026-1-010"};
    uint8_t room[8];
    uint8_t small[2];
    dg_span bytes = {NULL, 0U};
    uint64_t number = 0;
    int64_t date = 0;

    (void)state;
    assert_true(dg_text_get_base64("QUJDRA==", DG_BUF_OF(room), &bytes));
    assert_int_equal(bytes.size, 4);
    assert_memory_equal(bytes.at, "ABCD", 4);
    assert_false(dg_text_get_base64("QUJD", DG_BUF_OF(small), &bytes));
    for (size_t i = 1; i <= sizeof(room); i++) {
        static const uint8_t all[8] = {0, 255, 63, 62, 1, 128, 7, 250};
        char text[DG_TEXT_BASE64_SIZE(sizeof(room))];

        dg_text_put_base64((dg_span){all, i}, text);
        assert_int_equal(strlen(text), 4U * ((i + 2U) / 3U));
        assert_true(dg_text_get_base64(text, DG_BUF_OF(room), &bytes));
        assert_int_equal(bytes.size, i);
        assert_memory_equal(bytes.at, all, i);
    }
    for (size_t i = 0; i < (sizeof(no_base64) / sizeof(no_base64[0])); i++) {
        assert_false(dg_text_get_base64(no_base64[i], DG_BUF_OF(room), &bytes));
    }
    assert_true(dg_text_get_number("4294967295", UINT32_MAX, &number));
    assert_true(number == UINT32_MAX);
    assert_false(dg_text_get_number("4294967296", UINT32_MAX, &number));
    assert_true(
        dg_text_get_number("18446744073709551615", UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    assert_false(
        dg_text_get_number("18446744073709551616", UINT64_MAX, &number));
    assert_false(dg_text_get_number("", 9, &number));
    assert_false(dg_text_get_number("7", 5, &number));
    assert_true(dg_text_get_date("2024-02-29", &date));
    assert_true(date == 1709164800LL);
    assert_true(dg_text_get_date("2100-03-01", &date));
    assert_true(date == 4107542400LL);
    for (size_t i = 0; i < (sizeof(no_dates) / sizeof(no_dates[0])); i++) {
        assert_false(dg_text_get_date(no_dates[i], &date));
    }
}

static void test_key_file__others_may_read_it__refused(void **state)
{
    char folder[] = "/tmp/dgkeyXXXXXX";
    char path[64];
    char beside[72];
    char said[DG_KEY_FILE_WHY_MAX];
    struct dg_secret secret;
    struct dg_public_key key;
    struct dg_public_key pub;
    FILE *file = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/key", folder);
    (void)snprintf(beside, sizeof(beside), "%s.pub", path);
    assert_int_equal(dg_key_file_make(&crypto, path, said), DG_OK);
    assert_int_equal(dg_key_file_make(&crypto, path, said), DG_E_STATE);
    assert_int_equal(dg_key_file_read(&crypto, path, &secret, &key, said),
                     DG_OK);
    assert_int_equal(dg_key_file_read_public(beside, &pub, said), DG_OK);
    assert_memory_equal(&key, &pub, sizeof(key));

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(dg_key_file_read(&crypto, path, &secret, &key, said),
                     DG_E_AUTH);
    assert_non_null(strstr(said, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(dg_key_file_read_public(path, &pub, said), DG_E_MALFORMED);

    file = fopen(path, "ae");
    assert_non_null(file);
    assert_true(fputs("more\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(dg_key_file_read(&crypto, path, &secret, &key, said),
                     DG_E_MALFORMED);
    (void)unlink(path);
    assert_int_equal(dg_key_file_read(&crypto, path, &secret, &key, said),
                     DG_E_PORT);
    (void)unlink(beside);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_list__whole__read),
        cmocka_unit_test(test_policy_list__bad_lines__named),
        cmocka_unit_test(test_policy_list__signed__only_in_time_and_never_back),
        cmocka_unit_test(test_policy_list__levels__ask_what_both_ask),
        cmocka_unit_test(test_policy_list__build__found_by_version_and_patch),
        cmocka_unit_test(
            test_text__numbers_dates_base64__one_text_for_one_value),
        cmocka_unit_test(test_key_file__others_may_read_it__refused),
    };

    return cmocka_run_group_tests(tests, start, end);
}
