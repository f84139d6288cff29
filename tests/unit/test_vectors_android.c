/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"
#include "cmocka_all.h"
#include "vector_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"

/* Android Key Attestation: chains of real phones, and chains made good and
 * hostile under a root of their own.  @verifies{FDP_ATT.5@1} */

static struct dg_crypto crypto;

static int start(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static const char *word(enum dg_claim_value value)
{
    return (value == DG_CLAIM_YES)  ? "yes"
           : (value == DG_CLAIM_NO) ? "no"
                                    : "not stated";
}

/* The vectors write 0 or "not stated" for what is not stated, and patch levels
 * as the phone does: with or without a day. */
static void check_number(const char *which,
                         const json_t *claims,
                         const char *name,
                         uint32_t stated)
{
    const json_t *value = json_object_get(claims, name);
    json_int_t expected = json_integer_value(value);

    if ((strstr(name, "patch") != NULL) && (expected < 1000000)) {
        expected *= 100;
    }
    if (stated != (uint32_t)expected) {
        fail_msg(
            "%s: %s is %u, not %u", which, name, stated, (unsigned)expected);
    }
}

static void check_fact(const char *which,
                       const json_t *claims,
                       const char *name,
                       const struct dg_appraisal *appraisal,
                       enum dg_fact fact)
{
    if (strcmp(word(appraisal->fact[fact].value), vector_text(claims, name)) !=
        0) {
        fail_msg("%s: %s is %s, not %s",
                 which,
                 name,
                 word(appraisal->fact[fact].value),
                 vector_text(claims, name));
    }
    assert_int_equal(appraisal->fact[fact].source == DG_SOURCE_NONE,
                     appraisal->fact[fact].value == DG_CLAIM_NOT_STATED);
}

static void check_level(const json_t *claims,
                        const struct dg_appraisal *appraisal)
{
    static const char *const names[] = {
        "not stated", "SOFTWARE", "TRUSTED_ENVIRONMENT", "STRONG_BOX"};
    static const char *const origins[] = {
        "not stated", "GENERATED", "DERIVED", "IMPORTED", "RESERVED"};

    assert_string_equal(names[appraisal->key_level],
                        vector_text(claims, "key_security_level"));
    assert_string_equal(origins[appraisal->key_origin],
                        vector_text(claims, "key_origin"));
}

static void check_app(const json_t *claims,
                      const struct dg_appraisal *appraisal)
{
    const json_t *app = json_object_get(claims, "app_identity");
    const json_t *packages = json_object_get(app, "packages");
    const json_t *package = NULL;
    const json_t *digest = NULL;
    size_t i = 0U;
    bool is_there = !json_is_object(app);

    assert_int_equal(appraisal->app.packages, json_array_size(packages));
    assert_int_equal(appraisal->app.signers,
                     json_array_size(json_object_get(app, "signing_digests")));
    json_array_foreach(packages, i, package)
    {
        is_there =
            is_there ||
            ((strcmp(vector_text(package, "name"), appraisal->app.name) == 0) &&
             ((uint64_t)json_integer_value(json_object_get(
                  package, "version")) == appraisal->app.version));
    }
    assert_true(is_there);
    json_array_foreach(json_object_get(app, "signing_digests"), i, digest)
    {
        dg_buf bytes = hex_bytes(json_string_value(digest));

        assert_memory_equal(
            appraisal->app.signer[i].byte, bytes.at, DG_HASH_SIZE);
        free(bytes.at);
    }
}

static void check_claims(const char *which,
                         const json_t *claims,
                         const struct dg_appraisal *appraisal)
{
    check_fact(
        which, claims, "verified_boot", appraisal, DG_FACT_BOOT_VERIFIED);
    check_fact(
        which, claims, "bootloader_locked", appraisal, DG_FACT_BOOT_LOCKED);
    check_fact(
        which, claims, "key_in_hardware", appraisal, DG_FACT_KEY_IN_HARDWARE);
    check_fact(which,
               claims,
               "key_user_presence_bound",
               appraisal,
               DG_FACT_KEY_NEEDS_PERSON);
    check_fact(which,
               claims,
               "key_trusted_confirmation",
               appraisal,
               DG_FACT_KEY_CONFIRMATION);
    check_fact(which, claims, "debuggable", appraisal, DG_FACT_NOT_DEBUGGABLE);
    check_number(which, claims, "os_version", appraisal->os_version);
    check_number(which, claims, "os_patch_level", appraisal->os_patch);
    check_number(which, claims, "vendor_patch_level", appraisal->vendor_patch);
    check_number(which, claims, "boot_patch_level", appraisal->boot_patch);
    check_level(claims, appraisal);
    check_app(claims, appraisal);
}

static void judge(const char *pem,
                  const json_t *about,
                  const struct dg_anchors *anchors,
                  struct dg_appraisal *appraisal)
{
    dg_buf challenge = vector_hex(about, "challenge");
    dg_buf bytes = vector_bytes(pem);
    const struct dg_appraisal_context context = {
        .crypto = &crypto,
        .at_s = vector_time(about, "evaluate_at"),
        .challenge = {challenge.at, challenge.capacity},
        .anchors = anchors};

    assert_int_equal(dg_appraise(&context,
                                 DG_KIND_ANDROID_KEY,
                                 (dg_span){bytes.at, bytes.capacity},
                                 appraisal),
                     DG_OK);
    free(challenge.at);
    free(bytes.at);
}

static void check_real(const char *folder, const char *name, const char *roots)
{
    char path[256];
    struct dg_appraisal appraisal;

    (void)snprintf(path, sizeof(path), "android/%s/%s.json", folder, name);
    json_t *about = vector_json(path);
    const json_t *chain = json_object_get(about, "chain");

    if (chain != NULL) {
        struct dg_anchors *anchors =
            signed_anchors(roots, NULL, vector_time(about, "evaluate_at"));
        const bool is_accepted =
            strcmp(vector_text(chain, "result"), "accept") == 0;
        const bool is_usable =
            strcmp(vector_text(chain, "leaf_key_usable"), "yes") == 0;

        (void)snprintf(path, sizeof(path), "android/%s/%s.pem", folder, name);
        judge(path, about, anchors, &appraisal);
        if (appraisal.result != (!is_accepted ? DG_APPRAISAL_REJECTED
                                 : is_usable  ? DG_APPRAISAL_ACCEPTED
                                              : DG_APPRAISAL_UNSUPPORTED)) {
            fail_msg("%s: %s: %s",
                     path,
                     dg_appraisal_result_name(appraisal.result),
                     appraisal.reason);
        }
        if (is_accepted) {
            check_claims(path, json_object_get(about, "claims"), &appraisal);
            assert_int_equal(
                appraisal.is_remotely_provisioned,
                strcmp(vector_text(chain, "provisioning"), "remote") == 0);
        } else {
            assert_string_equal(dg_appraisal_step_name(appraisal.failed),
                                vector_text(chain, "reason"));
        }
        dg_anchors_free(anchors);
    }
    json_decref(about);
}

static void test_vectors_android__real_chains__as_published(void **state)
{
    static const char *const folders[] = {"chains", "older", "odd"};
    unsigned count = 0U;

    (void)state;
    if (!vectors_are_there("android/chains")) {
        skip();
    }
    char *roots = file_text(DG_ROOTS);

    for (size_t i = 0; i < 3U; i++) {
        char path[512];
        (void)snprintf(
            path, sizeof(path), DG_VECTORS "/android/%s", folders[i]);
        DIR *folder = opendir(path);
        const struct dirent *entry = NULL;

        assert_non_null(folder);
        while ((entry = readdir(folder)) != NULL) {
            char name[128];
            const char *end = strstr(entry->d_name, ".json");

            if (end != NULL) {
                (void)snprintf(name,
                               sizeof(name),
                               "%.*s",
                               (int)(end - entry->d_name),
                               entry->d_name);
                check_real(folders[i], name, roots);
                count++;
            }
        }
        (void)closedir(folder);
    }
    assert_true(count >= 20U);
    free(roots);
}

static char *made_status(const json_t *one)
{
    static char text[512];
    const json_t *serials = json_object_get(one, "revoked_serials");
    const json_t *serial = NULL;
    size_t i = 0U;
    size_t used = (size_t)snprintf(text, sizeof(text), "{\"entries\":{");

    json_array_foreach(serials, i, serial)
    {
        used += (size_t)snprintf(&text[used],
                                 sizeof(text) - used,
                                 "%s\"%s\":{\"status\":\"SUSPENDED\"}",
                                 (i == 0U) ? "" : ",",
                                 json_string_value(serial));
    }
    (void)snprintf(&text[used], sizeof(text) - used, "}}");
    return text;
}

static void check_made(const json_t *one, const char *roots)
{
    char path[256];
    struct dg_appraisal appraisal;
    struct dg_anchors *anchors = signed_anchors(
        roots, made_status(one), vector_time(one, "evaluate_at"));
    const bool is_accepted =
        strcmp(vector_text(one, "expect_chain"), "accept") == 0;
    /* A tag that we do not know is no forgery: unsupported. */
    const bool is_unknown =
        strstr(vector_text(one, "reason"), "unknown tag") != NULL;

    (void)snprintf(
        path, sizeof(path), "android/generated/%s", vector_text(one, "file"));
    judge(path, one, anchors, &appraisal);
    if (appraisal.result != (is_accepted  ? DG_APPRAISAL_ACCEPTED
                             : is_unknown ? DG_APPRAISAL_UNSUPPORTED
                                          : DG_APPRAISAL_REJECTED)) {
        fail_msg("%s (%s): %s: %s",
                 path,
                 vector_text(one, "why"),
                 dg_appraisal_result_name(appraisal.result),
                 appraisal.reason);
    }
    if (is_accepted) {
        check_claims(path, json_object_get(one, "claims"), &appraisal);
        assert_true((appraisal.note[0] != '\0') ||
                    (json_object_get(one, "notes") == NULL));
    } else {
        print_message("%s: %s: %s\n",
                      vector_text(one, "file"),
                      vector_text(one, "reason"),
                      appraisal.reason);
    }
    dg_anchors_free(anchors);
}

static void test_vectors_android__made_chains__as_expected(void **state)
{
    size_t i = 0U;
    const json_t *one = NULL;

    (void)state;
    if (!vectors_are_there("android/generated")) {
        skip();
    }
    json_t *all = vector_json("android/generated/expected.json");
    char *roots = root_list("android/generated/root.pem", "android-key");

    json_array_foreach(json_object_get(all, "cases"), i, one)
    {
        check_made(one, roots);
    }
    assert_int_equal(i, 46);
    free(roots);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_android__real_chains__as_published),
        cmocka_unit_test(test_vectors_android__made_chains__as_expected),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
