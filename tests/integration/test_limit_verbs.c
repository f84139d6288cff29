/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "dosegate/prescription.h"
#include "processes.h"

/* A profile from the prescriber's file to the pump, with real processes, and
 * what an attacker makes of one on the way. */
#define ANSWER_MS 20000

static char dir[PROCESS_PATH];
static char text[PROCESS_TEXT];

/* Words of one command line; @p file is put at each %. */
static int says(const char *line)
{
    char dosegate[PROCESS_PATH * 2U];
    char words[2048];
    const char *argv[20] = {dosegate};
    size_t count = 1;

    (void)snprintf(
        dosegate, sizeof(dosegate), "%s", process_path(DG_BIN_DIR, "dosegate"));
    words[0] = '\0';
    for (const char *at = line; *at != '\0'; at++) {
        const size_t used = strlen(words);

        (void)snprintf(&words[used],
                       sizeof(words) - used,
                       (*at == '%') ? "%s/" : "%.1s",
                       (*at == '%') ? dir : at);
    }
    for (char *word = strtok(words, " "); word != NULL;
         word = strtok(NULL, " ")) {
        argv[count++] = word;
    }
    argv[count++] = "--dir";
    argv[count] = dir;
    return process_run(argv, NULL, text);
}

static void check_says(const char *words)
{
    if (strstr(text, words) == NULL) {
        fail_msg("not said: '%s' in: %s", words, text);
    }
}

static bool press(const char *button)
{
    const int bench = process_connect(process_path(dir, "device/bench.sock"));
    char line[64];

    (void)snprintf(
        line, sizeof(line), "{\"op\":\"press\",\"button\":\"%s\"}", button);

    json_t *answer = process_ask(bench, line, ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(answer, "ok"));

    json_decref(answer);
    (void)close(bench);
    return is_ok;
}

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(process_path(dir, name), "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The file that the phone wrote, with @p to in the place of @p from, signed. */
static void prescribe(const char *whole,
                      const char *from,
                      const char *to,
                      const char *counter)
{
    char made[PROCESS_TEXT];
    const char *at = strstr(whole, from);
    const char *number = strstr(whole, "counter = 1");

    assert_non_null(at);
    assert_non_null(number);
    assert_true(number < at);
    (void)snprintf(made,
                   sizeof(made),
                   "%.*scounter = %s%.*s%s%s",
                   (int)(number - whole),
                   whole,
                   counter,
                   (int)(at - number - 11),
                   number + 11,
                   to,
                   at + strlen(from));

    char *age = strstr(made, "age = ");

    assert_non_null(age);
    memmove(age + 5, age, strlen(age) + 1U);
    memcpy(age, "age = adult", 11);
    write_file("p.txt", made, strlen(made));
    assert_int_equal(says("prescribe sign %p.txt --key %key --out %p.signed"),
                     0);
}

static size_t slurp(const char *name, char *bytes, size_t room)
{
    FILE *file = fopen(process_path(dir, name), "re");

    assert_non_null(file);

    const size_t size = fread(bytes, 1, room, file);

    (void)fclose(file);
    return size;
}

/* The profile of @p name with one share above the table, signed with the
 * prescriber's own key. */
static void sign_too_much(const char *name)
{
    struct dg_crypto crypto;
    struct dg_prescription profile;
    struct dg_secret key;
    uint8_t room[DG_PRESCRIPTION_MAX];
    char old[DG_PRESCRIPTION_MAX];
    char digits[80];
    dg_span message = {NULL, 0};
    const size_t size = slurp(name, old, sizeof(old));

    assert_int_equal(slurp("key", digits, sizeof(digits)), 65);
    for (size_t i = 0; i < sizeof(key.byte); i++) {
        char pair[3] = {digits[2U * i], digits[(2U * i) + 1U], '\0'};

        key.byte[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    assert_int_equal(
        dg_prescription_read((dg_span){(const uint8_t *)old, size}, &profile),
        DG_OK);
    profile.bounds.value[13] = 481; /* permille; 480 is the most */
    profile.counter = 99;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(dg_prescription_sign(
                         &crypto, &key, &profile, DG_BUF_OF(room), &message),
                     DG_OK);
    dg_crypto_openssl_free(&crypto);
    write_file(name, (const char *)message.at, message.size);
}

/* @verifies{FMT_LIM.1@1} @verifies{FMT_LIM.2@1} @verifies{FMT_LIM.3@1}
 * @verifies{FMT_LIM.4@1} */
static void test_limits__a_profile__tighter_now_looser_asked_and_waits(
    void **state)
{
    char whole[PROCESS_TEXT];
    char bytes[256];
    size_t size = 0;

    (void)state;
    process_place(dir);
    assert_int_equal(says("up"), 0);
    assert_int_equal(says("pair"), 0);
    assert_int_equal(says("limits show"), 0);
    check_says("no profile yet");
    check_says("automatic insulin, one dose                2.5 % = 1.26 U");
    check_says("Nothing is to become looser");
    assert_int_equal(says("prescribe key %key"), 0);
    assert_int_equal(says("prescribe key %key"), 1); /* never over another */
    assert_int_equal(says("limits show --file"), 0);
    memcpy(whole, text, sizeof(whole));
    write_file("p.txt", whole, strlen(whole));
    assert_int_equal(says("prescribe sign %p.txt --key %key --out %p.signed"),
                     1);
    check_says("p.txt:3:"); /* the age is the prescriber's to write */

    /* Tighter: holds at once, and nobody is asked. */
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 40.0", "1");
    assert_int_equal(says("prescribe show %p.signed --key %key"), 0);
    check_says("signed by this key");
    assert_int_equal(says("limits bring %p.signed"), 0);
    check_says("The pump has profile 1");
    assert_int_equal(says("limits show"), 0);
    check_says("automatic insulin in 24 h                  40.0 % = 20.16 U");
    check_says("Nothing is to become looser");

    /* Looser: shown before and after; no means that nothing leaves. */
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 45.0", "2");
    assert_int_equal(says("limits bring %p.signed"), 1);
    check_says("LOOSER");
    check_says("now    40.0 % = 20.16 U");
    check_says("then   45.0 % = 22.68 U");
    check_says("not approved");
    assert_int_equal(says("limits bring %p.signed --yes"), 0);
    check_says("Press the button");
    assert_int_equal(says("limits show"), 0);
    check_says("40.0 % = 20.16 U"); /* until the press, and the day */
    check_says("asks for its button now");
    assert_true(press("confirm"));
    assert_int_equal(says("limits show"), 0);
    check_says("automatic insulin in 24 h                  40.0 % = 20.16 U");
    check_says("40.0 % = 20.16 U -> 45.0 % = 22.68 U");
    assert_int_equal(says("limits withdraw"), 0);
    check_says("Nothing is to become looser");

    /* Attacks: one before it, one bit, another pump, another's key. */
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 47.0", "1");
    assert_int_equal(says("limits bring %p.signed --yes"), 1);
    check_says("not newer");
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 47.0", "9");
    size = slurp("p.signed", bytes, sizeof(bytes));
    bytes[size - 1U] = (char)(bytes[size - 1U] ^ 1);
    write_file("bad.signed", bytes, size);
    assert_int_equal(says("prescribe show %bad.signed --key %key"), 2);
    check_says("NOT signed by this key");
    assert_int_equal(says("limits bring %bad.signed --yes"), 1);
    check_says("not signed by this pump's prescriber");
    write_file("other",
               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
               "f\n",
               65);
    assert_int_equal(says("prescribe sign %p.txt --key %other --out %o.signed"),
                     0);
    assert_int_equal(says("limits bring %o.signed --yes"), 1);

    char *device = strstr(whole, "device = ");

    assert_non_null(device);

    const char digit = device[9];

    device[9] = (digit == '0') ? '1' : '0';
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 47.0", "9");
    assert_int_equal(says("limits bring %p.signed"), 1);
    check_says("for another pump");
    device[9] = digit;
    prescribe(whole, "automatic-24h = 48.0", "automatic-24h = 47.0", "9");

    /* Above the ceiling: our tool refuses, and a prescriber whose tool does not
     * is refused by the pump, by name. */
    sign_too_much("p.signed");
    assert_int_equal(says("limits bring %p.signed --yes"), 1);
    check_says("of the profile: automatic insulin in 24 h");
    write_file("junk", "no profile", 10);
    assert_int_equal(says("limits bring %junk"), 1);
    check_says("not a signed profile");
    assert_int_equal(says("limits show"), 0);
    check_says("profile 2");
    check_says("40.0 % = 20.16 U");
    assert_int_equal(says("down"), 0);
    process_clear(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_limits__a_profile__tighter_now_looser_asked_and_waits),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
