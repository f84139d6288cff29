/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/anchors.h"
#include "attest/service/files.h"
#include "attest/service/key_file.h"
#include "crypto_openssl.h"

#define WHY_MAX      320U
#define FILE_MAX     ((size_t)16U * 1024U * 1024U)
#define EXIT_OK      0
#define EXIT_UNKNOWN 1
#define EXIT_BAD     2

static bool complain(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate attest: %s: %s\n", what, why);
    return false;
}

/* 2026-11-20T12:00:00Z, or seconds since 1970; NULL is now. */
static bool read_time(const char *text, int64_t *at_s)
{
    struct tm parts = {.tm_isdst = 0};
    char *rest = NULL;

    if (text == NULL) {
        *at_s = (int64_t)time(NULL);
        return true;
    }
    rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if ((rest != NULL) && (*rest == '\0')) {
        *at_s = (int64_t)timegm(&parts);
        return true;
    }
    *at_s = strtoll(text, &rest, 10);
    if ((*text != '\0') && (*rest == '\0') && (*at_s >= 0)) {
        return true;
    }
    return complain("--at",
                    "a time like 2026-11-20T12:00:00Z, or seconds "
                    "since 1970");
}

static bool slurp(const char *path, size_t max, dg_buf *bytes)
{
    char why[WHY_MAX];

    *bytes = (dg_buf){NULL, 0U};
    if (dg_file_slurp(path, max, bytes, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate attest: %s\n", why);
        return false;
    }
    return true;
}

/* The roots that are shipped: names and keys without a revocation list. */
static bool use_shipped(struct dg_anchors **anchors)
{
    char reason[DG_REASON_MAX];
    dg_buf file;
    char *text = NULL;

    if (!slurp(DG_SPEC_DIR "/attest/roots.json", FILE_MAX, &file)) {
        return false;
    }
    text = calloc(1U, file.capacity + 1U);
    if (text == NULL) {
        free(file.at);
        return complain("roots", "out of memory");
    }
    (void)memcpy(text, file.at, file.capacity);
    const bool is_ok = dg_anchors_from_roots(text, anchors, reason) == DG_OK;

    free(text);
    free(file.at);
    return is_ok || complain(DG_SPEC_DIR "/attest/roots.json", reason);
}

/* The file must be good today, whatever day the evidence is judged for. */
static bool open_anchors(const struct dg_cli_attest_question *question,
                         const struct dg_crypto *crypto,
                         struct dg_anchors **anchors)
{
    struct dg_public_key signer;
    char why[WHY_MAX];
    dg_buf file;

    if (question->anchors == NULL) {
        return use_shipped(anchors);
    }
    if (question->trust == NULL) {
        return complain("--anchors",
                        "name the public key of who signed them: --trust FILE");
    }
    if (dg_key_file_read_public(question->trust, &signer, why) != DG_OK) {
        (void)fprintf(stderr, "dosegate attest: %s\n", why);
        return false;
    }
    if (!slurp(question->anchors, DG_ANCHORS_SIZE_MAX, &file)) {
        return false;
    }
    const bool is_ok = dg_anchors_open(crypto,
                                       &signer,
                                       (dg_span){file.at, file.capacity},
                                       (int64_t)time(NULL),
                                       0U,
                                       anchors,
                                       why) == DG_OK;

    free(file.at);
    return is_ok || complain(question->anchors, why);
}

static bool add_app(const char *name,
                    enum dg_evidence_kind kind,
                    struct dg_cli_known *known)
{
    if (name != NULL) {
        if (kind == DG_KIND_ANDROID_KEY) {
            return complain("--app",
                            "an Android app is known by its signer, too: use "
                            "--known");
        }
        known->app[known->apps] = (struct dg_app_identity){
            .kind = DG_KIND_APPLE_ATTESTATION, .name = name};
        known->apps++;
    }
    return true;
}

static bool find_kind(const struct dg_cli_attest_question *question,
                      dg_span evidence,
                      enum dg_evidence_kind *kind)
{
    *kind = (question->kind != NULL) ? dg_evidence_kind_named(question->kind)
                                     : dg_evidence_detect(evidence);
    if (*kind != DG_KIND_NONE) {
        return true;
    }
    return complain((question->kind != NULL) ? question->kind : question->file,
                    "kinds are android-key, apple-attestation, "
                    "apple-assertion, tpm-quote, psa-token; the file looks "
                    "like none, or name it with --kind");
}

static int judge(const struct dg_cli_attest_question *question,
                 const struct dg_appraisal_context *context,
                 enum dg_evidence_kind kind,
                 dg_span evidence)
{
    struct dg_appraisal appraisal;

    if (dg_appraise(context, kind, evidence, &appraisal) != DG_OK) {
        (void)complain(question->file, "the crypto library failed");
        return EXIT_UNKNOWN;
    }
    if (question->wants_json) {
        dg_cli_attest_print_json(&appraisal);
    } else {
        dg_cli_attest_explain(&appraisal);
    }
    switch (appraisal.result) {
    case DG_APPRAISAL_ACCEPTED:
        return EXIT_OK;
    case DG_APPRAISAL_REJECTED:
        return EXIT_BAD;
    case DG_APPRAISAL_UNSUPPORTED:
    case DG_APPRAISAL_UNDECIDED:
    default:
        return EXIT_UNKNOWN;
    }
}

static int explain(const struct dg_cli_attest_question *question,
                   const struct dg_crypto *crypto,
                   struct dg_cli_known *known,
                   dg_span evidence)
{
    struct dg_appraisal_context context = {.crypto = crypto, .app = known->app};
    struct dg_anchors *anchors = NULL;
    enum dg_evidence_kind kind = DG_KIND_NONE;
    int code = EXIT_UNKNOWN;

    if (!find_kind(question, evidence, &kind) ||
        !read_time(question->at, &context.at_s) ||
        !dg_cli_known_read(question->known, known, &context) ||
        !add_app(question->app, kind, known)) {
        return EXIT_UNKNOWN;
    }
    if (!dg_cli_known_hex(known, question->challenge, &context.challenge)) {
        (void)complain("--challenge", "bytes in hex");
        return EXIT_UNKNOWN;
    }
    context.apps = known->apps;
    if (open_anchors(question, crypto, &anchors)) {
        context.anchors = anchors;
        code = judge(question, &context, kind, evidence);
    }
    dg_anchors_free(anchors);
    return code;
}

int dg_cli_attest_file(const struct dg_cli_attest_question *question)
{
    struct dg_cli_known *known = calloc(1U, sizeof(*known));
    struct dg_crypto crypto;
    dg_buf file;
    int code = EXIT_UNKNOWN;

    if ((known == NULL) || (dg_crypto_openssl_init(&crypto) != DG_OK)) {
        free(known);
        (void)complain("crypto", "out of memory");
        return EXIT_UNKNOWN;
    }
    /* More than a verifier reads: so that it says why it does not. */
    if (slurp(question->file, FILE_MAX, &file)) {
        code = explain(
            question, &crypto, known, (dg_span){file.at, file.capacity});
        free(file.at);
    }
    json_decref(known->json);
    free(known);
    dg_crypto_openssl_free(&crypto);
    return code;
}
