/* SPDX-License-Identifier: Apache-2.0 */
#include "vouch.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/evidence.h"
#include "attest/service/key_file.h"
#include "attest/service/text.h"
#include "crypto_openssl.h"
#include "platform.h"
#include "talk.h"
#include "web.h"

#define ANSWER_MS   20000
#define FILE_NAME   "attestation"
#define RUNNER_NAME "requalify.key"

/* What the pump said, as bytes and as the text that goes on. */
struct subject {
    struct dg_device_id device;
    struct dg_attest_nonce nonce;
    struct dg_public_key key;
    struct dg_public_key presence;
    struct dg_hash hash;
    char challenge[(2U * DG_HASH_SIZE) + 1U];
};

static bool complain(const char *what)
{
    (void)fprintf(stderr, "dosegate: %s\n", what);
    return false;
}

/* memory ------------------------------------------------------------------- */

static bool line_of(FILE *from, char text[DG_CLI_PATH_MAX])
{
    if (fgets(text, (int)DG_CLI_PATH_MAX, from) == NULL) {
        return false;
    }

    char *end = strchr(text, '\n');

    if (end == NULL) {
        return false;
    }
    *end = '\0';
    return text[0] != '\0';
}

bool dg_cli_vouch_load(const char *dir, struct dg_cli_vouch *vouch)
{
    char path[DG_CLI_PATH_MAX];
    FILE *from = dg_cli_join(dir, FILE_NAME, path) ? fopen(path, "re") : NULL;

    if (from == NULL) {
        return false;
    }

    const bool is_whole =
        line_of(from, vouch->service) && line_of(from, vouch->platform);

    (void)fclose(from);
    return is_whole;
}

static bool save(const char *dir, const struct dg_cli_vouch *vouch)
{
    char path[DG_CLI_PATH_MAX];

    if (!dg_cli_join(dir, FILE_NAME, path)) {
        return complain("the state directory's name is too long");
    }

    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_put =
        (fd >= 0) &&
        (dprintf(fd, "%s\n%s\n", vouch->service, vouch->platform) > 0);

    if (fd >= 0) {
        (void)close(fd);
    }
    return is_put || complain("the service cannot be remembered: is the state "
                              "directory writable?");
}

static bool copy(const char *text, char to[DG_CLI_PATH_MAX])
{
    if (text == NULL) {
        return true;
    }
    if ((strlen(text) >= DG_CLI_PATH_MAX) || (strchr(text, '\n') != NULL)) {
        return complain("--service and --platform take names of at most 255 "
                        "characters on one line");
    }
    (void)memcpy(to, text, strlen(text) + 1U);
    return true;
}

bool dg_cli_vouch_take(const char *dir,
                       const char *service,
                       const char *platform,
                       struct dg_cli_vouch *vouch)
{
    memset(vouch, 0, sizeof(*vouch));
    if (!dg_cli_vouch_load(dir, vouch)) {
        memset(vouch, 0, sizeof(*vouch));
    }
    if (!copy(service, vouch->service) || !copy(platform, vouch->platform)) {
        return false;
    }
    if ((vouch->service[0] == '\0') || (vouch->platform[0] != '/')) {
        return complain("write --service URL and --platform PROGRAM, with the "
                        "program's whole path");
    }
    return save(dir, vouch);
}

/* exchange ----------------------------------------------------------------- */

static bool read_key(const json_t *object,
                     const char *name,
                     struct dg_public_key *key)
{
    uint8_t both[2U * DG_P256_SIZE];

    if (!dg_text_get_hex(dg_cli_text(object, name), DG_BUF_OF(both))) {
        return false;
    }
    memcpy(key->x, both, DG_P256_SIZE);
    memcpy(key->y, &both[DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

static bool read_subject(const struct dg_crypto *crypto,
                         const json_t *nonce,
                         struct subject *subject)
{
    struct dg_hash challenge;

    if (!dg_text_get_hex(dg_cli_text(nonce, "device"),
                         DG_BUF_OF(subject->device.byte)) ||
        !dg_text_get_hex(dg_cli_text(nonce, "nonce"),
                         DG_BUF_OF(subject->nonce.byte)) ||
        !read_key(nonce, "key", &subject->key) ||
        !read_key(nonce, "presence", &subject->presence) ||
        (dg_attestation_subject(crypto,
                                &subject->device,
                                &subject->key,
                                &subject->presence,
                                &subject->hash) != DG_OK) ||
        (dg_appraisal_challenge(
             crypto, &subject->nonce, &subject->hash, &challenge) != DG_OK)) {
        return complain("the medical domain's answer is not of this version: "
                        "restart it");
    }
    dg_text_put_hex(DG_SPAN_OF(challenge.byte), subject->challenge);
    return true;
}

/* The key that signs this phone's runs: made at the first one. */
static bool sign_run(const struct dg_crypto *crypto,
                     const char *dir,
                     const struct subject *subject,
                     struct dg_requalification *run,
                     json_t *request)
{
    char path[DG_CLI_PATH_MAX];
    char why[DG_KEY_FILE_WHY_MAX];
    char text[DG_TEXT_BASE64_SIZE(DG_REQUALIFICATION_SIZE_MAX)];
    uint8_t room[DG_REQUALIFICATION_SIZE_MAX];
    struct dg_secret secret;
    struct dg_public_key key;
    dg_span message = {NULL, 0U};

    if (!dg_cli_join(dir, RUNNER_NAME, path)) {
        return complain("the state directory's name is too long");
    }
    if ((access(path, F_OK) != 0) &&
        (dg_key_file_make(crypto, path, why) != DG_OK)) {
        return complain(why);
    }
    if (dg_key_file_read(crypto, path, &secret, &key, why) != DG_OK) {
        return complain(why);
    }
    run->nonce = subject->nonce;
    run->subject = subject->hash;

    const enum dg_status status = dg_requalification_sign(
        crypto, &secret, run, DG_BUF_OF(room), &message);

    dg_key_file_wipe(&secret);
    if (status != DG_OK) {
        return complain("the run could not be signed");
    }
    dg_text_put_base64(message, text);
    return json_object_set_new(request, "requalification", json_string(text)) ==
           0;
}

/* What is posted; NULL after a complaint. */
static json_t *request_of(const struct dg_crypto *crypto,
                          const char *dir,
                          const struct dg_cli_vouch *vouch,
                          const json_t *nonce,
                          struct dg_requalification *run)
{
    struct subject subject;

    if (!read_subject(crypto, nonce, &subject)) {
        return NULL;
    }

    json_t *evidence = dg_cli_platform_ask(vouch->platform,
                                           subject.challenge,
                                           dg_cli_text(nonce, "key"),
                                           dg_cli_text(nonce, "presence"));

    if (evidence == NULL) {
        return NULL;
    }

    json_t *list = json_is_object(evidence)
                       ? json_object_get(evidence, "evidence")
                       : evidence;
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:O, s:O*}",
                                "device",
                                dg_cli_text(nonce, "device"),
                                "nonce",
                                dg_cli_text(nonce, "nonce"),
                                "key",
                                dg_cli_text(nonce, "key"),
                                "presence",
                                dg_cli_text(nonce, "presence"),
                                "evidence",
                                list,
                                "key_id",
                                json_object_get(evidence, "key_id"));

    json_decref(evidence);

    if ((request != NULL) && (run != NULL) &&
        !sign_run(crypto, dir, &subject, run, request)) {
        json_decref(request);
        return NULL;
    }
    return request;
}

static bool bring(struct dg_cli_talk *gateway, const json_t *answer)
{
    char line[DG_CLI_LINE_MAX];

    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"attest\",\"ticket\":\"%.512s\"}",
                   dg_cli_text(answer, "ticket"));

    json_t *taken = dg_cli_talk_ask(gateway, line, ANSWER_MS);
    const bool is_taken = json_is_true(json_object_get(taken, "ok"));

    if (!is_taken) {
        dg_cli_complain(taken);
    } else {
        (void)printf("The pump has this phone's ticket, level %s, for %lld "
                     "s.\n",
                     dg_cli_text(answer, "level"),
                     dg_cli_int(answer, "life_s"));
        if (dg_cli_text(answer, "note")[0] != '\0') {
            (void)printf("Note: %s.\n", dg_cli_text(answer, "note"));
        }
    }
    json_decref(taken);
    return is_taken;
}

static bool exchange(const struct dg_crypto *crypto,
                     const char *dir,
                     const struct dg_cli_vouch *vouch,
                     struct dg_cli_talk *gateway,
                     struct dg_requalification *run)
{
    json_t *nonce = dg_cli_talk_ask(gateway, "{\"op\":\"attest\"}", ANSWER_MS);
    json_t *request = NULL;
    json_t *answer = NULL;
    long code = 0;
    bool is_ok = false;

    if (json_is_true(json_object_get(nonce, "ok"))) {
        request = request_of(crypto, dir, vouch, nonce, run);
    } else {
        dg_cli_complain(nonce);
    }
    if (request != NULL) {
        answer = dg_cli_web_ask(vouch->service, "/v1/tickets", request, &code);
    }
    if (code == 200L) {
        is_ok = bring(gateway, answer);
    } else if (answer != NULL) {
        dg_cli_web_complain("attest", answer);
    }
    json_decref(nonce);
    json_decref(request);
    json_decref(answer);
    return is_ok;
}

bool dg_cli_vouch_run(const char *dir,
                      const struct dg_cli_vouch *vouch,
                      struct dg_requalification *run)
{
    struct dg_cli_talk gateway = {.fd = -1};
    struct dg_crypto crypto;
    bool is_ok = false;

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return complain("this OpenSSL lacks what we need");
    }
    if (dg_cli_gateway(&gateway, dir)) {
        is_ok = exchange(&crypto, dir, vouch, &gateway, run);
        dg_cli_talk_close(&gateway);
    }
    dg_crypto_openssl_free(&crypto);
    return is_ok;
}
