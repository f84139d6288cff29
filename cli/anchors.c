/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/anchors.h"
#include "attest/service/files.h"
#include "attest/service/key_file.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"
#include "place.h"
#include "verbs.h"

#define LIST_MAX ((size_t)32U * 1024U * 1024U)
#define WHY_MAX  320U
#define DAY_S    86400

static const char help[] =
    "usage: dosegate anchors FILE --trust KEY [--version-min N]\n"
    "       dosegate anchors FILE --sign KEY --version N [--days N]\n"
    "                [--roots FILE] [--status FILE --fetched SECONDS]\n"
    "\n"
    "Roots and revocation list that platform evidence is checked with, as one "
    "signed\n"
    "file that expires.  The first form shows one; the second makes one.\n"
    "  --trust        public key of who signed it\n"
    "  --version-min  refuse a file older than this version\n"
    "  --sign         private key (dosegate policy key makes one)\n"
    "  --version      1 .., one more than the last: nobody takes an older "
    "one\n"
    "  --days         how long it is good, 1 .. 90; 7 when not given\n"
    "  --roots        JSON; the shipped roots of Google and Apple when not "
    "given\n"
    "  --status       the revocation list as Google publishes it, from\n"
    "                 https://android.googleapis.com/attestation/status\n"
    "  --fetched      when it was fetched, seconds since 1970; now when not "
    "given\n"
    "Without --status no Android evidence can be accepted.\n";

struct wish {
    const char *file;
    const char *trust;
    const char *sign;
    const char *roots;
    const char *status;
    unsigned long long version;
    unsigned long long version_min;
    unsigned long long days;
    unsigned long long fetched_s;
};

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate anchors: %s: %s\n", what, why);
    return DG_CLI_FAILED;
}

/* A whole file as text; NULL after a complaint. */
static char *read_text(const char *path)
{
    char why[WHY_MAX];
    dg_buf bytes = {NULL, 0U};
    char *text = NULL;

    if (dg_file_slurp(path, LIST_MAX, &bytes, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate anchors: %s\n", why);
        return NULL;
    }
    text = calloc(1U, bytes.capacity + 1U);
    if (text != NULL) {
        (void)memcpy(text, bytes.at, bytes.capacity);
    }
    free(bytes.at);
    return text;
}

static bool write_file(const char *path, dg_span bytes)
{
    char beside[512];
    FILE *file = NULL;

    /* Written beside and renamed: nobody reads half a list. */
    if (snprintf(beside, sizeof(beside), "%s.new", path) >=
        (int)sizeof(beside)) {
        return false;
    }
    file = fopen(beside, "wb");
    if (file == NULL) {
        return false;
    }
    const bool is_written =
        (fwrite(bytes.at, 1U, bytes.size, file) == bytes.size);
    const bool is_closed = fclose(file) == 0;

    if (is_written && is_closed && (rename(beside, path) == 0)) {
        return true;
    }
    (void)remove(beside);
    return false;
}

static int sign_payload(const struct wish *wish,
                        const struct dg_crypto *crypto,
                        dg_span payload)
{
    static const uint8_t purpose[] = DG_ANCHORS_PURPOSE;
    struct dg_secret secret;
    struct dg_public_key key;
    char why[WHY_MAX];
    dg_buf room = {malloc(payload.size + DG_COSE_SIGN1_OVERHEAD_MAX),
                   payload.size + DG_COSE_SIGN1_OVERHEAD_MAX};
    dg_span file = {NULL, 0U};
    enum dg_status status = DG_E_PORT;

    if (dg_key_file_read(crypto, wish->sign, &secret, &key, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate anchors: %s\n", why);
        free(room.at);
        return DG_CLI_FAILED;
    }
    if (room.at != NULL) {
        status = dg_cose_sign1(crypto,
                               &secret,
                               (dg_span){NULL, 0U},
                               (dg_span){purpose, sizeof(purpose) - 1U},
                               payload,
                               room,
                               &file);
    }
    dg_key_file_wipe(&secret);
    const bool is_ok = (status == DG_OK) && write_file(wish->file, file);

    free(room.at);
    return is_ok ? DG_CLI_OK : fail(wish->file, "cannot sign or write it");
}

static int make(const struct wish *wish, const struct dg_crypto *crypto)
{
    const int64_t now_s = (int64_t)time(NULL);
    const struct dg_anchors_head head = {
        .version = (uint32_t)wish->version,
        .issued_s = now_s,
        .expires_s = now_s + ((int64_t)wish->days * DAY_S),
        .listed_s = (wish->fetched_s != 0U) ? (int64_t)wish->fetched_s : now_s};
    char reason[DG_REASON_MAX];
    char *roots = read_text(
        (wish->roots != NULL) ? wish->roots : DG_SPEC_DIR "/attest/roots.json");
    char *list = (wish->status != NULL) ? read_text(wish->status) : NULL;
    dg_buf payload = {NULL, 0U};
    size_t size = 0U;
    int code = DG_CLI_FAILED;

    if (head.listed_s > now_s) {
        (void)fail("--fetched", "lies in the future");
    } else if ((roots != NULL) && ((wish->status == NULL) || (list != NULL))) {
        if (dg_anchors_make(roots, list, &head, &payload, &size, reason) ==
            DG_OK) {
            code = sign_payload(wish, crypto, (dg_span){payload.at, size});
            free(payload.at);
        } else {
            (void)fail("lists", reason);
        }
    }
    free(roots);
    free(list);
    return code;
}

static void print_time(const char *what, int64_t at_s)
{
    const time_t when = (time_t)at_s;
    struct tm parts;
    char text[32] = "?";

    if (gmtime_r(&when, &parts) != NULL) {
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    (void)printf("%-10s %s\n", what, text);
}

static int show(const struct wish *wish, const struct dg_crypto *crypto)
{
    struct dg_public_key signer;
    struct dg_anchors *anchors = NULL;
    char why[WHY_MAX];
    dg_buf file = {NULL, 0U};

    if ((dg_key_file_read_public(wish->trust, &signer, why) != DG_OK) ||
        (dg_file_slurp(wish->file, DG_ANCHORS_SIZE_MAX, &file, why) != DG_OK)) {
        (void)fprintf(stderr, "dosegate anchors: %s\n", why);
        return DG_CLI_FAILED;
    }
    const enum dg_status status =
        dg_anchors_open(crypto,
                        &signer,
                        (dg_span){file.at, file.capacity},
                        (int64_t)time(NULL),
                        (uint32_t)wish->version_min,
                        &anchors,
                        why);

    free(file.at);
    if (status != DG_OK) {
        return fail(wish->file, why);
    }
    const struct dg_anchors_head head = dg_anchors_head(anchors);

    (void)printf("%-10s %u\n", "version", head.version);
    print_time("issued", head.issued_s);
    print_time("expires", head.expires_s);
    (void)printf("%-10s %zu\n", "roots", head.roots);
    if (head.has_revocation) {
        print_time("listed", head.listed_s);
        (void)printf("%-10s %zu\n", "revoked", head.revoked);
    } else {
        (void)printf("%-10s no list: no Android evidence is accepted\n",
                     "revoked");
    }
    dg_anchors_free(anchors);
    return DG_CLI_OK;
}

int dg_cli_anchors(int argc, char **argv)
{
    struct wish wish = {.days = 7U};
    const char *version = NULL;
    const char *version_min = NULL;
    const char *days = NULL;
    const char *fetched = NULL;
    struct dg_crypto crypto;
    const struct dg_cli_option options[] = {
        {"--trust", &wish.trust, NULL},
        {"--version-min", &version_min, NULL},
        {"--sign", &wish.sign, NULL},
        {"--version", &version, NULL},
        {"--days", &days, NULL},
        {"--roots", &wish.roots, NULL},
        {"--status", &wish.status, NULL},
        {"--fetched", &fetched, NULL},
    };
    const int read = dg_cli_options(argc,
                                    argv,
                                    help,
                                    options,
                                    sizeof(options) / sizeof(options[0]),
                                    &wish.file);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((wish.file == NULL) || ((wish.sign == NULL) == (wish.trust == NULL)) ||
        ((wish.sign != NULL) && (version == NULL))) {
        return fail("what",
                    "name FILE, and either --trust, or --sign and --version: "
                    "see dosegate anchors --help");
    }
    if (!dg_cli_number(
            "anchors", "--version", version, 1U, UINT32_MAX, &wish.version) ||
        !dg_cli_number("anchors",
                       "--version-min",
                       version_min,
                       0U,
                       UINT32_MAX,
                       &wish.version_min) ||
        !dg_cli_number("anchors", "--days", days, 1U, 90U, &wish.days) ||
        !dg_cli_number("anchors",
                       "--fetched",
                       fetched,
                       1U,
                       253402300799U,
                       &wish.fetched_s) ||
        (dg_crypto_openssl_init(&crypto) != DG_OK)) {
        return DG_CLI_FAILED;
    }
    const int code =
        (wish.sign != NULL) ? make(&wish, &crypto) : show(&wish, &crypto);

    dg_crypto_openssl_free(&crypto);
    return code;
}
