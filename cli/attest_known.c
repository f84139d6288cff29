/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_file.h"

#include <stdio.h>
#include <string.h>

/* What evidence is compared with: one JSON file of the operator's. */

static bool complain(const char *what)
{
    (void)fprintf(stderr,
                  "dosegate attest: --known: %s: see docs/attestation.md\n",
                  what);
    return false;
}

static int digit_of(char letter)
{
    if ((letter >= '0') && (letter <= '9')) {
        return letter - '0';
    }
    if ((letter >= 'a') && (letter <= 'f')) {
        return (letter - 'a') + 10;
    }
    return ((letter >= 'A') && (letter <= 'F')) ? (letter - 'A') + 10 : -1;
}

bool dg_cli_known_hex(struct dg_cli_known *known,
                      const char *text,
                      dg_span *bytes)
{
    const size_t digits = (text != NULL) ? strlen(text) : 0U;
    uint8_t *to = &known->bytes[known->used];

    *bytes = (dg_span){NULL, 0U};
    if (text == NULL) {
        return true;
    }
    if (((digits % 2U) != 0U) || (digits == 0U) ||
        ((digits / 2U) > (sizeof(known->bytes) - known->used))) {
        return false;
    }
    for (size_t i = 0; i < (digits / 2U); i++) {
        const int high = digit_of(text[2U * i]);
        const int low = digit_of(text[(2U * i) + 1U]);

        if ((high < 0) || (low < 0)) {
            return false;
        }
        to[i] = (uint8_t)(((unsigned)high << 4) | (unsigned)low);
    }
    *bytes = (dg_span){to, digits / 2U};
    known->used += digits / 2U;
    return true;
}

/* A member in hex; one that is not there is no bytes. */
static bool take_hex(struct dg_cli_known *known,
                     const json_t *object,
                     const char *name,
                     dg_span *bytes)
{
    const json_t *value = json_object_get(object, name);

    return ((value == NULL) || json_is_string(value)) &&
           dg_cli_known_hex(known, json_string_value(value), bytes);
}

static bool take_count(const json_t *object, const char *name, uint64_t *count)
{
    const json_t *value = json_object_get(object, name);

    if (value == NULL) {
        return true;
    }
    *count = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && (json_integer_value(value) >= 0);
}

static bool take_app(struct dg_cli_known *known, const json_t *object)
{
    struct dg_app_identity *app = &known->app[known->apps];
    dg_span signer;

    app->kind = dg_evidence_kind_named(
        json_string_value(json_object_get(object, "kind")));
    app->name = json_string_value(json_object_get(object, "name"));
    app->is_release = json_is_true(json_object_get(object, "release"));
    if (((app->kind != DG_KIND_ANDROID_KEY) &&
         (app->kind != DG_KIND_APPLE_ATTESTATION)) ||
        (app->name == NULL) ||
        !take_count(object, "version_min", &app->version_min) ||
        !take_hex(known, object, "signer", &signer)) {
        return complain("an app has kind (android-key or apple-attestation), "
                        "name, and for Android signer and version_min");
    }
    if ((app->kind == DG_KIND_ANDROID_KEY) && (signer.size != DG_HASH_SIZE)) {
        return complain("the signer of an Android app is 32 bytes in hex");
    }
    if (signer.size == DG_HASH_SIZE) {
        (void)memcpy(app->signer.byte, signer.at, DG_HASH_SIZE);
    }
    known->apps++;
    return true;
}

static bool take_apps(struct dg_cli_known *known, const json_t *apps)
{
    const json_t *app = NULL;
    size_t i = 0U;

    if (json_array_size(apps) > DG_CLI_KNOWN_APPS) {
        return complain("at most 16 apps");
    }
    json_array_foreach(apps, i, app)
    {
        if (!take_app(known, app)) {
            return false;
        }
    }
    return true;
}

static bool take_apple(struct dg_cli_known *known,
                       const json_t *object,
                       struct dg_apple_reference *apple)
{
    dg_span key;
    uint64_t counter = 0U;

    apple->is_development =
        json_is_true(json_object_get(object, "development"));
    if (!take_hex(known, object, "key_id", &apple->key_id) ||
        !take_hex(known, object, "key", &key) ||
        !take_count(object, "counter", &counter) || (counter > UINT32_MAX) ||
        ((key.size != 0U) &&
         ((key.size != (1U + (2U * DG_P256_SIZE))) || (key.at[0] != 4U)))) {
        return complain("apple has development, key_id and key (04, x, y) in "
                        "hex, counter");
    }
    apple->counter = (uint32_t)counter;
    if (key.size != 0U) {
        (void)memcpy(known->key.x, &key.at[1], DG_P256_SIZE);
        (void)memcpy(known->key.y, &key.at[1U + DG_P256_SIZE], DG_P256_SIZE);
        apple->key = &known->key;
    }
    return true;
}

static bool take_bank(struct dg_cli_known *known,
                      const json_t *object,
                      struct dg_pcr_bank *bank)
{
    static const struct {
        const char *name;
        enum dg_tpm_hash hash;
    } hashes[] = {{"sha1", DG_TPM_SHA1},
                  {"sha256", DG_TPM_SHA256},
                  {"sha384", DG_TPM_SHA384},
                  {"sha512", DG_TPM_SHA512}};
    const char *name = json_string_value(json_object_get(object, "hash"));
    const json_t *pcrs = json_object_get(object, "pcrs");
    bool is_known = false;

    for (size_t i = 0; (name != NULL) && (i < 4U); i++) {
        if (strcmp(name, hashes[i].name) == 0) {
            bank->hash = hashes[i].hash;
            is_known = true;
        }
    }
    for (unsigned pcr = 0U; pcr < DG_PCRS; pcr++) {
        char key[12];

        (void)snprintf(key, sizeof(key), "%u", pcr);
        if (!take_hex(known, pcrs, key, &bank->value[pcr])) {
            return complain("a PCR value is hex");
        }
        bank->asked |= (bank->value[pcr].size != 0U) ? (1U << pcr) : 0U;
    }
    return (is_known && (bank->asked != 0U))
               ? true
               : complain("a bank has hash (sha256, ...) and pcrs {\"0\": "
                          "hex, ...}");
}

static bool take_tpm(struct dg_cli_known *known,
                     const json_t *object,
                     struct dg_tpm_reference *tpm)
{
    const json_t *banks = json_object_get(object, "banks");

    tpm->is_activated = json_is_true(json_object_get(object, "activated"));
    if (!take_hex(known, object, "key", &tpm->key) ||
        (json_array_size(banks) > DG_BANKS_MAX)) {
        return complain("tpm has key (TPM2B_PUBLIC, hex), activated, and at "
                        "most 4 banks");
    }
    for (size_t i = 0; i < json_array_size(banks); i++) {
        if (!take_bank(known, json_array_get(banks, i), &known->bank[i])) {
            return false;
        }
    }
    tpm->bank = known->bank;
    tpm->banks = json_array_size(banks);
    return true;
}

static bool take_profiles(const json_t *list, uint32_t *profiles)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = {{"rfc9783", DG_PSA_RFC9783},
                 {"draft-2", DG_PSA_DRAFT_2},
                 {"profile-1", DG_PSA_PROFILE_1}};

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        const uint32_t before = *profiles;

        for (size_t j = 0; (name != NULL) && (j < 3U); j++) {
            if (strcmp(name, names[j].name) == 0) {
                *profiles |= names[j].bit;
            }
        }
        if (*profiles == before) {
            return complain("profiles are rfc9783, draft-2, profile-1, each "
                            "once");
        }
    }
    return true;
}

static bool take_psa(struct dg_cli_known *known,
                     const json_t *object,
                     struct dg_psa_reference *psa)
{
    const json_t *parts = json_object_get(object, "components");

    if (!take_hex(known, object, "key", &psa->key) ||
        !take_hex(known, object, "instance", &psa->instance) ||
        !take_hex(known, object, "implementation", &psa->implementation) ||
        (json_array_size(parts) > DG_CLI_KNOWN_COMPONENTS)) {
        return complain("psa has key (SubjectPublicKeyInfo), instance and "
                        "implementation in hex, and at most 16 components");
    }
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i);

        if (!take_hex(known, part, "signer", &known->component[i].signer) ||
            !take_hex(
                known, part, "measurement", &known->component[i].measurement)) {
            return complain("a component has signer and measurement in hex");
        }
    }
    psa->component = known->component;
    psa->components = json_array_size(parts);
    return take_profiles(json_object_get(object, "profiles"), &psa->profiles);
}

/* A name that nobody reads is a wish that nobody grants. */
static bool has_only_known_names(json_t *json)
{
    static const char *const names[] = {"apps", "apple", "tpm", "psa"};
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(json, key, value)
    {
        bool is_known = false;

        for (size_t i = 0; i < 4U; i++) {
            is_known = is_known || (strcmp(key, names[i]) == 0);
        }
        if (!is_known) {
            (void)fprintf(
                stderr, "dosegate attest: --known: no such name: %.40s\n", key);
            return false;
        }
    }
    return true;
}

bool dg_cli_known_read(const char *path,
                       struct dg_cli_known *known,
                       struct dg_appraisal_context *context)
{
    json_error_t error;

    if (path == NULL) {
        return true;
    }
    known->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(known->json)) {
        (void)fprintf(stderr,
                      "dosegate attest: %s, line %d: %s\n",
                      path,
                      error.line,
                      (known->json == NULL) ? error.text : "no JSON object");
        return false;
    }
    return has_only_known_names(known->json) &&
           take_apps(known, json_object_get(known->json, "apps")) &&
           take_apple(
               known, json_object_get(known->json, "apple"), &context->apple) &&
           take_tpm(
               known, json_object_get(known->json, "tpm"), &context->tpm) &&
           take_psa(known, json_object_get(known->json, "psa"), &context->psa);
}
