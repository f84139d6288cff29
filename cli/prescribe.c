/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "bounds_text.h"
#include "crypto_openssl.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "place.h"
#include "profile_file.h"
#include "talk.h"
#include "verbs.h"

/* The prescriber's side of rule E9: a profile from a small file, signed for one
 * pump.  What the pump makes of it is the pump's to say. */
#define ANSWER_MS  20000
#define COSE_SIGN1 0xD2U /* tag 18: how a signed profile begins */

static const char help[] =
    "usage: dosegate prescribe key KEY [--dir DIR]\n"
    "       dosegate prescribe show FILE [--key KEY]\n"
    "       dosegate prescribe sign FILE --key KEY --out PROFILE\n"
    "\n"
    "The prescriber's tool.  sign reads FILE, refuses what the age class may "
    "not\n"
    "have, and writes the signed PROFILE, which dosegate limits bring takes to "
    "the\n"
    "pump.  show tells what FILE, or a signed profile, allows; with --key "
    "also\n"
    "whether that key signed it.  dosegate limits show --file writes a FILE to "
    "begin\n"
    "with.  key asks the bench of the virtual pump for the key of the "
    "prescriber\n"
    "whom that pump trusts, which is simulation.\n";

struct orders {
    const char *verb;
    const char *file;
    const char *key;
    const char *out;
    const char *dir;
};

static bool read_key(const char *path, struct dg_secret *key)
{
    struct dg_problem problem = {{0}};
    char text[(2U * sizeof(key->byte)) + 1U];
    dg_span bytes = {NULL, 0};
    bool is_one = false;

    if (dg_file_read(path, 4096, &bytes, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate prescribe: %s\n", problem.text);
        return false;
    }
    if (bytes.size == sizeof(text)) {
        memcpy(text, bytes.at, sizeof(text));
        is_one = text[sizeof(text) - 1U] == '\n';
        text[sizeof(text) - 1U] = '\0';
        is_one = is_one && dg_hex_get(text, DG_BUF_OF(key->byte));
        explicit_bzero(text, sizeof(text));
    }
    dg_file_free(bytes);
    if (!is_one) {
        (void)fprintf(
            stderr,
            "dosegate prescribe: %s: not a prescriber's key: one line "
            "of 64 hex digits\n",
            path);
    }
    return is_one;
}

static int get_key(const struct orders *orders)
{
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    char line[80];
    struct dg_problem problem = {{0}};
    struct dg_cli_talk bench;
    int code = DG_CLI_FAILED;

    if (!dg_cli_place(orders->dir, dir) ||
        !dg_cli_join(dir, "device/bench.sock", path) ||
        !dg_cli_talk_open(
            &bench, path, "no virtual pump runs here: dosegate up")) {
        return code;
    }

    json_t *answer =
        dg_cli_talk_ask(&bench, "{\"op\":\"prescriber\"}", ANSWER_MS);

    (void)snprintf(line, sizeof(line), "%.64s\n", dg_cli_text(answer, "key"));
    if (!json_is_true(json_object_get(answer, "ok"))) {
        dg_cli_complain(answer);
    } else if (dg_file_create(orders->file,
                              (dg_span){(const uint8_t *)line, strlen(line)},
                              0600,
                              &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate prescribe: %s\n", problem.text);
    } else {
        (void)printf("%s: the key of the prescriber whom pump %s trusts "
                     "(simulated)\n",
                     orders->file,
                     dg_cli_text(answer, "device"));
        code = DG_CLI_OK;
    }
    json_decref(answer);
    dg_cli_talk_close(&bench);
    return code;
}

static void print_profile(const struct dg_prescription *profile)
{
    char device[(2U * DG_DEVICE_ID_SIZE) + 1U];
    char text[DG_BOUND_TEXT_MAX];

    dg_hex_put(DG_SPAN_OF(profile->device.byte), device);
    (void)printf("Profile %u for pump %s, age class %s:\n",
                 (unsigned)profile->counter,
                 device,
                 dg_age_words(profile->age_class));
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        dg_bound_write(i, &profile->bounds, text);
        (void)printf("  %-42s %s\n", dg_bound_words(i), text);
    }
}

static int check_signed(const struct dg_crypto *crypto,
                        const char *key_path,
                        dg_span bytes,
                        const char *name)
{
    struct dg_prescription again;
    struct dg_public_key public_key;
    struct dg_secret key;

    if (!read_key(key_path, &key)) {
        return DG_CLI_FAILED;
    }

    enum dg_status status =
        crypto->p256_public(crypto->context, &key, &public_key);

    explicit_bzero(&key, sizeof(key));
    if (status == DG_OK) {
        status = dg_prescription_verify(crypto, &public_key, bytes, &again);
    }
    (void)printf("%s: %s\n",
                 name,
                 (status == DG_OK) ? "signed by this key"
                                   : "NOT signed by this key");
    return (status == DG_OK) ? DG_CLI_OK : 2;
}

static int show(const struct dg_crypto *crypto,
                const struct orders *orders,
                dg_span bytes)
{
    struct dg_problem problem = {{0}};
    struct dg_prescription profile;
    const bool is_signed = (bytes.size > 0U) && (bytes.at[0] == COSE_SIGN1);

    if (is_signed && (dg_prescription_read(bytes, &profile) != DG_OK)) {
        (void)fprintf(stderr,
                      "dosegate prescribe: %s: signed, but not a profile of "
                      "this version\n",
                      orders->file);
        return DG_CLI_FAILED;
    }
    if (!is_signed && (dg_profile_file_read(
                           orders->file, bytes, &profile, &problem) != DG_OK)) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return DG_CLI_FAILED;
    }
    print_profile(&profile);
    if (!is_signed || (orders->key == NULL)) {
        (void)printf("%s\n",
                     is_signed ? "Not verified: name --key."
                               : "Not signed yet.");
        return DG_CLI_OK;
    }
    return check_signed(crypto, orders->key, bytes, orders->file);
}

static int sign(const struct dg_crypto *crypto,
                const struct orders *orders,
                dg_span bytes)
{
    struct dg_problem problem = {{0}};
    struct dg_prescription profile;
    struct dg_secret key;
    uint8_t room[DG_PRESCRIPTION_MAX];
    dg_span message = {NULL, 0};

    if (dg_profile_file_read(orders->file, bytes, &profile, &problem) !=
        DG_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return DG_CLI_FAILED;
    }
    if (!read_key(orders->key, &key)) {
        return DG_CLI_FAILED;
    }

    const enum dg_status status =
        dg_prescription_sign(crypto, &key, &profile, DG_BUF_OF(room), &message);

    explicit_bzero(&key, sizeof(key));
    if (status != DG_OK) {
        (void)fprintf(stderr,
                      "dosegate prescribe: %s: cannot sign with that key\n",
                      orders->key);
        return DG_CLI_FAILED;
    }
    if (dg_file_write(orders->out, message, 0644, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate prescribe: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    print_profile(&profile);
    (void)printf("%s: signed. Bring it with dosegate limits bring.\n",
                 orders->out);
    return DG_CLI_OK;
}

static int run(const struct orders *orders)
{
    struct dg_problem problem = {{0}};
    struct dg_crypto crypto;
    dg_span bytes = {NULL, 0};
    int code = DG_CLI_FAILED;

    if (dg_file_read(orders->file, DG_PROFILE_FILE_MAX, &bytes, &problem) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate prescribe: %s\n", problem.text);
        return code;
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        (void)fprintf(stderr, "dosegate prescribe: no usable OpenSSL 3\n");
    } else {
        code = (strcmp(orders->verb, "sign") == 0)
                   ? sign(&crypto, orders, bytes)
                   : show(&crypto, orders, bytes);
        dg_crypto_openssl_free(&crypto);
    }
    dg_file_free(bytes);
    return code;
}

int dg_cli_prescribe(int argc, char **argv)
{
    struct orders orders = {.verb = (argc > 1) ? argv[1] : ""};
    const struct dg_cli_option options[] = {{"--dir", &orders.dir, NULL},
                                            {"--key", &orders.key, NULL},
                                            {"--out", &orders.out, NULL}};
    const bool is_key = strcmp(orders.verb, "key") == 0;
    const bool is_sign = strcmp(orders.verb, "sign") == 0;
    const bool is_known =
        is_key || is_sign || (strcmp(orders.verb, "show") == 0);
    const int skip = is_known ? 1 : 0;
    const int read = dg_cli_options(
        argc - skip, argv + skip, help, options, 3, &orders.file);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!is_known || (orders.file == NULL)) {
        (void)fprintf(stderr,
                      "dosegate prescribe: write key, show or sign, and a "
                      "file; see --help\n");
        return DG_CLI_FAILED;
    }
    if (is_sign && ((orders.key == NULL) || (orders.out == NULL))) {
        (void)fprintf(stderr,
                      "dosegate prescribe sign: name --key and --out\n");
        return DG_CLI_FAILED;
    }
    return is_key ? get_key(&orders) : run(&orders);
}
