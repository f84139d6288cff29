/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attest/service/files.h"
#include "attest/service/key_file.h"
#include "attest/service/policy_list.h"
#include "attest/service/text.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"
#include "web.h"

#define ANSWER_MS 20000
#define DAY_S     86400U
#define FILE_MAX  (DG_POLICY_LIST_SIZE_MAX + DG_COSE_SIGN1_OVERHEAD_MAX)
#define WHY_SIZE  400U
#define HEX_MAX   ((2U * DG_POLICY_MAX) + 1U)

static const char help[] =
    "usage: dosegate policy key FILE\n"
    "       dosegate policy make FILE\n"
    "       dosegate policy sign TEXT --key FILE --out FILE\n"
    "       dosegate policy check FILE --key FILE.pub [--at-least N]\n"
    "       dosegate policy show FILE\n"
    "       dosegate policy head --policy-version N --verifier FILE.pub\n"
    "                --days N [--epoch N] (--key FILE | --simulated) --out "
    "FILE\n"
    "       dosegate policy send FILE [--dir DIR]\n"
    "       dosegate policy trials --service URL\n"
    "\n"
    "The platform policy: which apps, builds and patch levels are qualified.\n"
    "The attestation service judges by the signed list; the pump takes only "
    "its\n"
    "head: the oldest version and the verifier that it believes.\n"
    "\n"
    "  key     make a key: FILE (mode 0600) and FILE.pub\n"
    "  make    write a text to begin with\n"
    "  sign    sign the text, after reading it whole\n"
    "  check   signature, form, dates, and that it is no older than "
    "--at-least\n"
    "  show    say what is in a text or a signed list, believing nothing\n"
    "  head    sign a head for pumps; --simulated: by the bench of the "
    "virtual\n"
    "          pump in --dir, which plays its maker\n"
    "  send    carry a head to the pump\n"
    "  trials  how builds on trial do, and which were stopped\n";

static const char template[] =
    "dosegate platform policy 1\n"
    "# One directive a line; docs/attestd.md explains them.\n"
    "version 1\n"
    "issued 2026-11-01\n"
    "expires 2026-12-01\n"
    "epoch 1\n"
    "# seconds that a ticket is believed\n"
    "life 14400\n"
    "level low app fresh not-debuggable\n"
    "level medium app fresh not-debuggable boot-verified boot-locked "
    "key-in-hardware presence-bound\n"
    "# app android-key NAME signer SHA256 version OLDEST release\n"
    "# app apple-attestation TEAM.BUNDLE release\n"
    "# measured tpm-quote NAME sha256 REGISTER VALUE\n"
    "# measured psa-token NAME rfc9783 SIGNER MEASUREMENT\n"
    "# enrolled tpm-quote PUBLIC activated\n"
    "# enrolled psa-token KEY INSTANCE\n"
    "# app tpm-quote NAME release\n"
    "# build android-key os FIRST LAST patch YYYYMMDD qualified\n"
    "# build tpm-quote measured NAME qualified\n"
    "# build android-key os FIRST LAST patch YYYYMMDD trial PERCENT\n"
    "# stop runs 50 failed 4\n";

struct asked {
    const char *file;
    const char *key;
    const char *out;
    const char *verifier;
    const char *version;
    const char *epoch;
    const char *days;
    const char *at_least;
    const char *service;
    const char *dir;
    bool is_simulated;
};

static int complain(const char *what)
{
    (void)fprintf(stderr, "dosegate policy: %s\n", what);
    return DG_CLI_FAILED;
}

/* "FILE:7: ..." where the reader names a line. */
static int complain_of(const char *path, const char *why)
{
    char what[WHY_SIZE + PATH_MAX];

    if (strncmp(why, "line ", 5U) == 0) {
        (void)snprintf(what, sizeof(what), "%s:%s", path, &why[5]);
    } else {
        (void)snprintf(what, sizeof(what), "%s: %s", path, why);
    }
    return complain(what);
}

/* A new file, or none; never over one that is there. */
static int put_file(const char *path, dg_span bytes)
{
    char why[WHY_SIZE];
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    const bool is_put =
        (fd >= 0) && (write(fd, bytes.at, bytes.size) == (ssize_t)bytes.size) &&
        (fsync(fd) == 0);

    if (fd >= 0) {
        (void)close(fd);
    }
    if (is_put) {
        return DG_CLI_OK;
    }
    if (fd >= 0) {
        (void)unlink(path);
    }
    (void)snprintf(why,
                   sizeof(why),
                   "%.200s cannot be made: choose a name that is free",
                   path);
    return complain(why);
}

static int make_key(const struct asked *asked, const struct dg_crypto *crypto)
{
    char why[DG_KEY_FILE_WHY_MAX];

    if (dg_key_file_make(crypto, asked->file, why) != DG_OK) {
        return complain(why);
    }
    (void)printf("%s signs; keep it from everybody.  %s.pub is for those who "
                 "check.\n",
                 asked->file,
                 asked->file);
    return DG_CLI_OK;
}

static int make_text(const struct asked *asked, const struct dg_crypto *crypto)
{
    (void)crypto;
    return put_file(
        asked->file,
        (dg_span){(const uint8_t *)template, sizeof(template) - 1U});
}

static int sign_list(const struct asked *asked, const struct dg_crypto *crypto)
{
    char why[WHY_SIZE];
    struct dg_secret secret;
    struct dg_public_key key;
    dg_buf text = {NULL, 0U};
    dg_span file = {NULL, 0U};
    uint8_t *room = malloc(FILE_MAX);
    int code = DG_CLI_FAILED;

    if ((room == NULL) ||
        (dg_file_slurp(asked->file, DG_POLICY_LIST_SIZE_MAX, &text, why) !=
         DG_OK)) {
        free(room);
        return complain((room == NULL) ? "no memory" : why);
    }
    if (dg_key_file_read(crypto, asked->key, &secret, &key, why) != DG_OK) {
        (void)complain(why);
    } else if (dg_policy_list_sign(crypto,
                                   &secret,
                                   (dg_span){text.at, text.capacity},
                                   (dg_buf){room, FILE_MAX},
                                   &file,
                                   why) != DG_OK) {
        (void)complain_of(asked->file, why);
    } else {
        code = put_file(asked->out, file);
    }
    dg_key_file_wipe(&secret);
    free(text.at);
    free(room);
    return code;
}

/* show and check ----------------------------------------------------------- */

static void show_builds(const struct dg_policy_list *list)
{
    for (size_t i = 0; i < list->builds; i++) {
        const struct dg_build_rule *rule = &list->build[i];

        (void)printf("build  %s ", dg_evidence_kind_name(rule->kind));
        if (rule->measured != NULL) {
            (void)printf("that measures %s: ", rule->measured);
        } else {
            (void)printf("os %lu to %lu, patch from %lu: ",
                         (unsigned long)rule->os_version_min,
                         (unsigned long)rule->os_version_max,
                         (unsigned long)rule->os_patch_min);
        }
        if (list->trial[i].is_on_trial) {
            (void)printf("on trial for %u of 100 phones\n",
                         (unsigned)list->trial[i].percent);
        } else {
            (void)printf("qualified\n");
        }
    }
}

static void show_references(const struct dg_policy_list *list)
{
    for (size_t i = 0; i < list->measureds; i++) {
        const struct dg_policy_measured *measured = &list->measured[i];

        (void)printf("values %s %s: %u\n",
                     dg_evidence_kind_name(measured->kind),
                     measured->name,
                     (measured->kind == DG_KIND_TPM_QUOTE)
                         ? (unsigned)__builtin_popcount(measured->bank.asked)
                         : (unsigned)measured->components);
    }
    for (size_t i = 0; i < list->enrolleds; i++) {
        char digits[(2U * DG_HASH_SIZE) + 1U];

        dg_text_put_hex(DG_SPAN_OF(list->enrolled[i].id.byte), digits);
        (void)printf("key    %s %s\n",
                     dg_evidence_kind_name(list->enrolled[i].kind),
                     digits);
    }
}

static void show_list(const struct dg_policy_list *list)
{
    static const char *const levels[] = {NULL, "low", "medium", "high"};

    (void)printf("version %lu, verifier epoch %lu, tickets live %lu s, %lld "
                 "days in all\n",
                 (unsigned long)list->version,
                 (unsigned long)list->epoch,
                 (unsigned long)list->life_s,
                 (long long)((list->expires_s - list->issued_s) / DAY_S));
    for (unsigned i = DG_PACKAGE_LOW; i <= DG_PACKAGE_HIGH; i++) {
        (void)printf("level  %s:", levels[i]);
        for (unsigned claim = 0; claim < DG_CLAIMS; claim++) {
            if (((list->level_yes[i] >> claim) & 1U) != 0U) {
                (void)printf(" %s", dg_claim_name((enum dg_claim)claim));
            }
        }
        (void)printf("%s\n", (list->level_yes[i] == 0U) ? " never given" : "");
    }
    for (size_t i = 0; i < list->apps; i++) {
        (void)printf("app    %s %s from version %" PRIu64 "%s\n",
                     dg_evidence_kind_name(list->app[i].kind),
                     list->app[i].name,
                     list->app[i].version_min,
                     list->app[i].is_release ? "" : ", debuggable");
    }
    show_references(list);
    show_builds(list);
    if (list->stop_runs > 0U) {
        (void)printf("stop   a trial from %lu runs on, at %lu %% failed\n",
                     (unsigned long)list->stop_runs,
                     (unsigned long)list->stop_percent);
    }
}

static int show(const struct asked *asked, const struct dg_crypto *crypto)
{
    static struct dg_policy_list list;
    struct dg_cose_sign1 parts;
    char why[WHY_SIZE];
    dg_buf file = {NULL, 0U};
    int code = DG_CLI_OK;

    (void)crypto;
    if (dg_file_slurp(asked->file, FILE_MAX, &file, why) != DG_OK) {
        return complain(why);
    }

    dg_span text = {file.at, file.capacity};
    const bool is_signed = dg_cose_sign1_parse(text, &parts) == DG_OK;

    text = is_signed ? parts.payload : text;
    if (dg_policy_list_read(text, &list, why) == DG_OK) {
        (void)printf("%s\n",
                     is_signed ? "signed; nobody checked by whom"
                               : "a text, not signed yet");
        show_list(&list);
    } else {
        code = complain_of(asked->file, why);
    }
    free(file.at);
    return code;
}

static int check(const struct asked *asked, const struct dg_crypto *crypto)
{
    static struct dg_policy_list list;
    char why[WHY_SIZE];
    struct dg_public_key key;
    dg_buf file = {NULL, 0U};
    unsigned long long at_least = 0;

    if (!dg_cli_number("policy",
                       "--at-least",
                       asked->at_least,
                       0,
                       UINT32_MAX,
                       &at_least)) {
        return DG_CLI_FAILED;
    }
    if ((dg_key_file_read_public(asked->key, &key, why) != DG_OK) ||
        (dg_file_slurp(asked->file, FILE_MAX, &file, why) != DG_OK)) {
        return complain(why);
    }

    const enum dg_status status =
        dg_policy_list_open(crypto,
                            &key,
                            (dg_span){file.at, file.capacity},
                            (int64_t)time(NULL),
                            (uint32_t)at_least,
                            &list,
                            why);

    free(file.at);
    if (status != DG_OK) {
        return complain(why);
    }
    (void)printf("good: signed, in time, not older\n");
    show_list(&list);
    return DG_CLI_OK;
}

/* heads -------------------------------------------------------------------- */

static bool read_head(const struct asked *asked, struct dg_policy *policy)
{
    unsigned long long version = 0;
    unsigned long long epoch = 1;
    unsigned long long days = 0;
    char why[DG_KEY_FILE_WHY_MAX];

    if ((asked->version == NULL) || (asked->verifier == NULL) ||
        (asked->days == NULL) || (asked->out == NULL)) {
        (void)complain("head needs --policy-version, --verifier, --days and "
                       "--out");
        return false;
    }
    if (!dg_cli_number("policy",
                       "--policy-version",
                       asked->version,
                       1,
                       UINT32_MAX,
                       &version) ||
        !dg_cli_number(
            "policy", "--epoch", asked->epoch, 1, UINT32_MAX, &epoch) ||
        !dg_cli_number("policy",
                       "--days",
                       asked->days,
                       DG_POLICY_LIFE_S_MIN / DAY_S,
                       DG_POLICY_LIFE_S_MAX / DAY_S,
                       &days)) {
        return false;
    }
    if (dg_key_file_read_public(asked->verifier, &policy->verifier, why) !=
        DG_OK) {
        (void)complain(why);
        return false;
    }
    policy->version = (uint32_t)version;
    policy->epoch = (uint32_t)epoch;
    policy->life_s = (uint32_t)(days * DAY_S);
    return true;
}

/* The bench of the virtual pump plays the maker: simulation. */
static int head_by_bench(const struct asked *asked,
                         const struct dg_policy *policy)
{
    struct dg_cli_talk bench = {.fd = -1};
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    char line[400];
    uint8_t both[2U * DG_P256_SIZE];
    uint8_t head[DG_POLICY_MAX];
    char hex[(4U * DG_P256_SIZE) + 1U];
    int code = DG_CLI_FAILED;

    if (!dg_cli_place(asked->dir, dir) ||
        !dg_cli_join(dir, "device/bench.sock", path) ||
        !dg_cli_talk_open(&bench, path, "no virtual pump runs here")) {
        return DG_CLI_FAILED;
    }
    memcpy(both, policy->verifier.x, DG_P256_SIZE);
    memcpy(&both[DG_P256_SIZE], policy->verifier.y, DG_P256_SIZE);
    dg_text_put_hex(DG_SPAN_OF(both), hex);
    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"policy\",\"version\":%lu,\"epoch\":%lu,"
                   "\"life_s\":%lu,\"verifier\":\"%s\"}",
                   (unsigned long)policy->version,
                   (unsigned long)policy->epoch,
                   (unsigned long)policy->life_s,
                   hex);

    json_t *answer = dg_cli_talk_ask(&bench, line, ANSWER_MS);
    const char *text = dg_cli_text(answer, "head");
    const size_t size = strlen(text) / 2U;

    if (!json_is_true(json_object_get(answer, "ok"))) {
        dg_cli_complain(answer);
    } else if ((size <= sizeof(head)) &&
               dg_text_get_hex(text, (dg_buf){head, size})) {
        code = put_file(asked->out, (dg_span){head, size});
    }
    json_decref(answer);
    dg_cli_talk_close(&bench);
    return code;
}

static int make_head(const struct asked *asked, const struct dg_crypto *crypto)
{
    struct dg_policy policy;
    struct dg_secret secret;
    struct dg_public_key key;
    uint8_t room[DG_POLICY_MAX];
    dg_span head = {NULL, 0U};
    char why[DG_KEY_FILE_WHY_MAX];

    if (!read_head(asked, &policy)) {
        return DG_CLI_FAILED;
    }
    if (asked->is_simulated) {
        return head_by_bench(asked, &policy);
    }
    if (asked->key == NULL) {
        return complain("head needs --key FILE, or --simulated");
    }
    if (dg_key_file_read(crypto, asked->key, &secret, &key, why) != DG_OK) {
        return complain(why);
    }

    const enum dg_status status =
        dg_policy_sign(crypto, &secret, &policy, DG_BUF_OF(room), &head);

    dg_key_file_wipe(&secret);
    return (status == DG_OK) ? put_file(asked->out, head)
                             : complain("the head was not signed");
}

static int send_head(const struct asked *asked, const struct dg_crypto *crypto)
{
    struct dg_cli_talk gateway = {.fd = -1};
    char dir[DG_CLI_PATH_MAX];
    char why[WHY_SIZE];
    char hex[HEX_MAX];
    char line[HEX_MAX + 64U];
    dg_buf head = {NULL, 0U};
    int code = DG_CLI_FAILED;

    (void)crypto;
    if (dg_file_slurp(asked->file, DG_POLICY_MAX, &head, why) != DG_OK) {
        return complain(why);
    }
    dg_text_put_hex((dg_span){head.at, head.capacity}, hex);
    free(head.at);
    (void)snprintf(
        line, sizeof(line), "{\"op\":\"attest\",\"head\":\"%s\"}", hex);
    if (!dg_cli_place(asked->dir, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    json_t *answer = dg_cli_talk_ask(&gateway, line, ANSWER_MS);

    if (json_is_true(json_object_get(answer, "ok"))) {
        (void)printf("The pump took it: older tickets count no more.\n");
        code = DG_CLI_OK;
    } else {
        dg_cli_complain(answer);
    }
    json_decref(answer);
    dg_cli_talk_close(&gateway);
    return code;
}

static int show_trials(const struct asked *asked,
                       const struct dg_crypto *crypto)
{
    long code = 0;
    json_t *answer = dg_cli_web_ask(asked->service, "/v1/trials", NULL, &code);
    const json_t *list = json_object_get(answer, "trials");

    (void)crypto;
    if (!json_is_array(list)) {
        dg_cli_web_complain("policy", answer);
        json_decref(answer);
        return DG_CLI_FAILED;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *trial = json_array_get(list, i);

        (void)printf(
            "%s: %lld runs, %lld failed%s\n",
            dg_cli_text(trial, "build"),
            dg_cli_int(trial, "runs"),
            dg_cli_int(trial, "failed"),
            json_is_true(json_object_get(trial, "stopped")) ? ", stopped" : "");
    }
    if (json_array_size(list) == 0U) {
        (void)printf("no runs yet\n");
    }
    json_decref(answer);
    return DG_CLI_OK;
}

/* verbs -------------------------------------------------------------------- */

struct act {
    const char *name;
    int (*run)(const struct asked *asked, const struct dg_crypto *crypto);
    bool needs_file;
    bool needs_key;
    bool needs_out;
    bool needs_service;
};

/* clang-format off */
static const struct act acts[] = {
    { "key",    make_key,    true,  false, false, false },
    { "make",   make_text,   true,  false, false, false },
    { "sign",   sign_list,   true,  true,  true,  false },
    { "check",  check,       true,  true,  false, false },
    { "show",   show,        true,  false, false, false },
    { "head",   make_head,   false, false, true,  false },
    { "send",   send_head,   true,  false, false, false },
    { "trials", show_trials, false, false, false, true  },
};
/* clang-format on */

static int run_act(const struct act *act, const struct asked *asked)
{
    struct dg_crypto crypto;

    if (act->needs_file && (asked->file == NULL)) {
        return complain("a FILE is missing: see dosegate policy --help");
    }
    if (act->needs_key && (asked->key == NULL)) {
        return complain("--key FILE is missing");
    }
    if (act->needs_out && (asked->out == NULL)) {
        return complain("--out FILE is missing");
    }
    if (act->needs_service && (asked->service == NULL)) {
        return complain("--service URL is missing");
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return complain("this OpenSSL lacks what we need");
    }

    const int code = act->run(asked, &crypto);

    dg_crypto_openssl_free(&crypto);
    return code;
}

int dg_cli_policy(int argc, char **argv)
{
    struct asked asked = {0};
    const struct dg_cli_option options[] = {
        {"--key", &asked.key, NULL},
        {"--out", &asked.out, NULL},
        {"--verifier", &asked.verifier, NULL},
        {"--policy-version", &asked.version, NULL},
        {"--epoch", &asked.epoch, NULL},
        {"--days", &asked.days, NULL},
        {"--at-least", &asked.at_least, NULL},
        {"--service", &asked.service, NULL},
        {"--dir", &asked.dir, NULL},
        {"--simulated", NULL, &asked.is_simulated}};
    const size_t count = sizeof(options) / sizeof(options[0]);

    if ((argc < 2) || (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, (argc < 2) ? stderr : stdout);
        return (argc < 2) ? DG_CLI_FAILED : DG_CLI_OK;
    }
    for (size_t i = 0; i < (sizeof(acts) / sizeof(acts[0])); i++) {
        if (strcmp(argv[1], acts[i].name) == 0) {
            const int read = dg_cli_options(
                argc - 1, argv + 1, help, options, count, &asked.file);

            if (read != 0) {
                return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
            }
            return run_act(&acts[i], &asked);
        }
    }
    return complain("write key, make, sign, check, show, head, send or trials");
}
