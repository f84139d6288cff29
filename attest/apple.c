/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/judge.h"

#include <string.h>

#include "attest/anchors_parts.h"
#include "attest/apple_object.h"
#include "attest/chain.h"
#include "attest/der.h"

/* Apple App Attest: Apple's word that a key belongs to a genuine copy of an
 * app, and later that key's signatures.  docs/attestation.md says what it is
 * worth. */

/* 1.2.840.113635.100.8.2 and .7. */
static const uint8_t oid_nonce[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02};
static const uint8_t oid_os[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x07};

static const uint8_t live[16] = {'a', 'p', 'p', 'a', 't', 't', 'e', 's', 't'};
static const uint8_t development[16] = {'a',
                                        'p',
                                        'p',
                                        'a',
                                        't',
                                        't',
                                        'e',
                                        's',
                                        't',
                                        'd',
                                        'e',
                                        'v',
                                        'e',
                                        'l',
                                        'o',
                                        'p'};

static bool has_hashed(struct dg_judge *judge, enum dg_status status)
{
    if (status != DG_OK) {
        judge->has_port_failed = true;
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_SIGNATURE,
                             "the crypto library failed");
    }
    return true;
}

/* SHA-256(authenticator data || SHA-256(challenge)): what is signed. */
static bool make_nonce(struct dg_judge *judge,
                       dg_span auth_data,
                       struct dg_hash *nonce)
{
    const struct dg_crypto *crypto = judge->context->crypto;
    struct dg_hash client;

    if (!has_hashed(
            judge,
            crypto->sha256(
                crypto->context, &judge->context->challenge, 1U, &client))) {
        return false;
    }
    const dg_span parts[2] = {auth_data, DG_SPAN_OF(client.byte)};

    return has_hashed(judge, crypto->sha256(crypto->context, parts, 2U, nonce));
}

static bool has_challenge(struct dg_judge *judge)
{
    if (judge->context->challenge.size != 0U) {
        return true;
    }
    return dg_judge_fail(judge,
                         DG_APPRAISAL_UNDECIDED,
                         DG_STEP_CHALLENGE,
                         "no challenge was given to compare with");
}

static const struct dg_app_identity *find_app(struct dg_judge *judge,
                                              dg_span app_hash)
{
    const struct dg_appraisal_context *context = judge->context;

    for (size_t i = 0; i < context->apps; i++) {
        const struct dg_app_identity *app = &context->app[i];
        const dg_span name = {(const uint8_t *)app->name, strlen(app->name)};
        struct dg_hash hash;

        if ((app->kind == DG_KIND_APPLE_ATTESTATION) &&
            has_hashed(judge,
                       context->crypto->sha256(
                           context->crypto->context, &name, 1U, &hash)) &&
            dg_span_equal(app_hash, DG_SPAN_OF(hash.byte))) {
            return app;
        }
    }
    return NULL;
}

static bool check_app(struct dg_judge *judge, dg_span app_hash)
{
    struct dg_appraisal *appraisal = judge->appraisal;

    if (judge->context->apps == 0U) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_APP,
                             "no app was named: Apple states the hash of an "
                             "app id, which can only be compared");
    }
    const struct dg_app_identity *app = find_app(judge, app_hash);

    dg_judge_state(
        judge, DG_FACT_APP_KNOWN, app != NULL, DG_SOURCE_CERTIFICATE);
    if (app == NULL) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_APP,
                             "made by another app than those named");
    }
    if (strlen(app->name) <= DG_APP_NAME_MAX) {
        (void)memcpy(appraisal->app.name, app->name, strlen(app->name) + 1U);
        appraisal->app.packages = 1U;
        appraisal->app_source = DG_SOURCE_CERTIFICATE;
    }
    dg_judge_hold(judge, DG_STEP_APP);
    return true;
}

/* Leaf and intermediate; the root is not sent. */
static bool check_chain(struct dg_judge *judge,
                        const struct dg_apple_attestation *object,
                        struct dg_chain *chain)
{
    chain->count = 0U;
    for (size_t i = 0; i < object->certificates; i++) {
        dg_span der = object->certificate[i];
        struct dg_certificate *next = &chain->at[i];

        if (!dg_certificate_read(&der, next) || (der.size != 0U) ||
            next->has_unknown_critical) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_FORM,
                                 "certificate %zu is malformed, or has a "
                                 "critical extension not known here",
                                 i + 1U);
        }
        chain->count++;
    }
    judge->appraisal->certificates = (uint32_t)chain->count;
    if (chain->count != 2U) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_CHAIN,
                             "%zu certificates, where App Attest has leaf and "
                             "intermediate",
                             chain->count);
    }
    dg_judge_hold(judge, DG_STEP_FORM);
    return dg_chain_check_names(judge, chain);
}

static bool check_root(struct dg_judge *judge, const struct dg_chain *chain)
{
    const struct dg_anchor *anchor = NULL;

    if (judge->context->anchors == NULL) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_ROOT,
                             "no anchors to compare the root with");
    }
    const struct dg_anchors_head head =
        dg_anchors_head(judge->context->anchors);

    /* 0: the shipped roots, which nobody signed. */
    if ((head.expires_s != 0) && (judge->context->at_s > head.expires_s)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_ROOT,
                             "the anchors have expired");
    }
    anchor = dg_anchors_find(judge->context->anchors,
                             DG_KIND_APPLE_ATTESTATION,
                             chain->at[1].issuer,
                             NULL);
    if ((anchor == NULL) || (judge->context->at_s > anchor->until_s)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_ROOT,
                             "not issued under Apple's App Attestation root");
    }
    dg_judge_hold(judge, DG_STEP_ROOT);
    return dg_chain_check_time(judge, chain, 0U, false) &&
           dg_chain_check_time(judge, chain, 1U, false) &&
           dg_chain_check_signature(judge, chain, 1U, &anchor->key) &&
           dg_chain_check_signature(judge, chain, 0U, &chain->at[1].key);
}

/* SEQUENCE { [1] OCTET STRING } */
static dg_span nonce_of(const struct dg_certificate *leaf)
{
    struct dg_der outer =
        dg_der_over(dg_certificate_extension(leaf, DG_SPAN_OF(oid_nonce)));
    struct dg_der inner = dg_der_enter(&outer, DG_DER_SEQUENCE);
    struct dg_der tagged = dg_der_enter(&inner, DG_DER_EXPLICIT(1U));
    const dg_span nonce = dg_der_take(&tagged, DG_DER_OCTETS);

    return (dg_der_is_done(&tagged) && dg_der_is_done(&inner) &&
            dg_der_is_done(&outer))
               ? nonce
               : (dg_span){NULL, 0U};
}

/* "14.4" to 140400; 0 when it is no such text. */
static uint32_t version_of(dg_span text)
{
    uint32_t part[3] = {0U, 0U, 0U};
    size_t at = 0U;

    for (size_t i = 0; i < text.size; i++) {
        const uint8_t letter = text.at[i];

        if ((letter == '.') && (at < 2U)) {
            at++;
        } else if ((letter >= '0') && (letter <= '9') && (part[at] < 100U)) {
            part[at] = (part[at] * 10U) + (uint32_t)(letter - '0');
        } else {
            return 0U;
        }
    }
    return ((part[0] < 100U) && (part[1] < 100U) && (part[2] < 100U))
               ? (part[0] * 10000U) + (part[1] * 100U) + part[2]
               : 0U;
}

/* Not documented by Apple: stated when it is there, and missed by nobody when
 * it is not. */
static void state_os(struct dg_judge *judge, const struct dg_certificate *leaf)
{
    struct dg_der outer =
        dg_der_over(dg_certificate_extension(leaf, DG_SPAN_OF(oid_os)));
    struct dg_der inner = dg_der_enter(&outer, DG_DER_SEQUENCE);

    while (!inner.is_bad && (inner.rest.size != 0U)) {
        uint32_t id = 0U;
        struct dg_der tagged = dg_der_over(dg_der_any(&inner, &id));

        if (id == DG_DER_EXPLICIT(1400U)) {
            judge->appraisal->os_version =
                version_of(dg_der_take(&tagged, DG_DER_OCTETS));
        }
    }
}

/* The identifier of a key is the hash of its point. */
static bool check_key(struct dg_judge *judge,
                      const struct dg_apple_attestation *object,
                      const struct dg_certificate *leaf)
{
    const struct dg_crypto *crypto = judge->context->crypto;
    const dg_span named = judge->context->apple.key_id;
    struct dg_appraisal *appraisal = judge->appraisal;
    struct dg_hash id;

    if (!dg_key_view_p256(&leaf->key, &appraisal->key)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_KEY,
                             "the key attested is not P-256");
    }
    if (!has_hashed(
            judge,
            crypto->sha256(crypto->context, &leaf->key.point, 1U, &id))) {
        return false;
    }
    appraisal->has_key = true;
    return dg_judge_check(
        judge,
        (memcmp(&appraisal->key, &object->key, sizeof(object->key)) == 0) &&
            dg_span_equal(object->credential_id, DG_SPAN_OF(id.byte)) &&
            ((named.size == 0U) || dg_span_equal(named, DG_SPAN_OF(id.byte))),
        DG_STEP_KEY,
        "key identifier, credential and certificate do not name one key");
}

static bool check_environment(struct dg_judge *judge,
                              const struct dg_apple_attestation *object)
{
    const bool is_live = dg_span_equal(object->environment, DG_SPAN_OF(live));
    const bool is_trial =
        dg_span_equal(object->environment, DG_SPAN_OF(development));

    if (!is_live && !is_trial) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ENVIRONMENT,
                             "an environment not known here");
    }
    dg_judge_state(judge, DG_FACT_PRODUCTION, is_live, DG_SOURCE_CERTIFICATE);
    if (is_trial) {
        dg_judge_state(
            judge, DG_FACT_NOT_DEBUGGABLE, false, DG_SOURCE_CERTIFICATE);
    }
    return dg_judge_check(judge,
                          is_trial == judge->context->apple.is_development,
                          DG_STEP_ENVIRONMENT,
                          is_trial ? "made in the development environment"
                                   : "made in the live environment, where "
                                     "development was asked for");
}

static void judge_object(struct dg_judge *judge,
                         const struct dg_apple_attestation *object)
{
    struct dg_chain chain = {.count = 0U};
    struct dg_hash nonce;

    judge->appraisal->counter = object->counter;
    if (!check_chain(judge, object, &chain) || !check_root(judge, &chain)) {
        return;
    }
    state_os(judge, &chain.at[0]);
    if (has_challenge(judge) && make_nonce(judge, object->auth_data, &nonce)) {
        const bool is_ours =
            dg_span_equal(nonce_of(&chain.at[0]), DG_SPAN_OF(nonce.byte));

        dg_judge_state(judge, DG_FACT_FRESH, is_ours, DG_SOURCE_COMPARISON);
        (void)dg_judge_check(judge,
                             is_ours,
                             DG_STEP_CHALLENGE,
                             "the nonce is not that of this challenge and this "
                             "object");
    }
    if (check_key(judge, object, &chain.at[0])) {
        dg_judge_state(
            judge, DG_FACT_KEY_IN_HARDWARE, true, DG_SOURCE_CERTIFICATE);
        dg_judge_state(
            judge, DG_FACT_KEY_GENERATED, true, DG_SOURCE_CERTIFICATE);
        judge->appraisal->key_level = DG_LEVEL_OWN_CHIP;
        judge->appraisal->key_role = DG_KEY_OTHER;
    }
    (void)check_app(judge, object->app_hash);
    (void)dg_judge_check(judge,
                         object->counter == 0U,
                         DG_STEP_COUNTER,
                         "a new key has counter 0");
    (void)check_environment(judge, object);
}

void dg_apple_judge_attestation(struct dg_judge *judge, dg_span evidence)
{
    struct dg_apple_attestation object;
    const enum dg_status status = dg_apple_attestation_read(evidence, &object);

    if (status != DG_OK) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_FORM,
                            "no attestation object of App Attest (%s)",
                            dg_status_name(status));
        return;
    }
    if (object.is_other_format) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_FORM,
                            "fmt is not \"apple-appattest\"");
        return;
    }
    judge_object(judge, &object);
}

static void judge_assertion(struct dg_judge *judge,
                            const struct dg_apple_assertion *object)
{
    const struct dg_apple_reference *apple = &judge->context->apple;
    struct dg_key_view view = {.kind = DG_KEY_KIND_P256};
    uint8_t point[1U + (2U * DG_P256_SIZE)] = {4U};
    struct dg_hash nonce;

    judge->appraisal->counter = object->counter;
    if (!has_challenge(judge)) {
        return;
    }
    if (apple->key == NULL) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNDECIDED,
                            DG_STEP_KEY,
                            "no attested key was given to check it with");
        return;
    }
    if (!make_nonce(judge, object->auth_data, &nonce)) {
        return;
    }
    (void)memcpy(&point[1], apple->key->x, DG_P256_SIZE);
    (void)memcpy(&point[1U + DG_P256_SIZE], apple->key->y, DG_P256_SIZE);
    view.point = DG_SPAN_OF(point);
    const struct dg_signature_form form = {DG_SCHEME_ECDSA, DG_DIGEST_SHA256};

    /* The nonce is the message, and is hashed once more. */
    if (!dg_judge_signature(
            judge,
            dg_signature_verify(
                &view, form, DG_SPAN_OF(nonce.byte), object->signature),
            "the assertion (by this key, over this "
            "challenge)")) {
        return;
    }
    judge->appraisal->key = *apple->key;
    judge->appraisal->has_key = true;
    judge->appraisal->key_role = DG_KEY_OTHER;
    dg_judge_hold(judge, DG_STEP_KEY);
    dg_judge_hold(judge, DG_STEP_CHALLENGE);
    dg_judge_state(judge, DG_FACT_FRESH, true, DG_SOURCE_COMPARISON);
    dg_judge_state(judge, DG_FACT_KEY_IN_HARDWARE, true, DG_SOURCE_ENROLMENT);
    (void)check_app(judge, object->app_hash);
    (void)dg_judge_check(judge,
                         object->counter > apple->counter,
                         DG_STEP_COUNTER,
                         "the counter is not above the one stored: replayed");
}

void dg_apple_judge_assertion(struct dg_judge *judge, dg_span evidence)
{
    struct dg_apple_assertion object;
    const enum dg_status status = dg_apple_assertion_read(evidence, &object);

    if (status != DG_OK) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_FORM,
                            "no assertion of App Attest (%s)",
                            dg_status_name(status));
        return;
    }
    dg_judge_hold(judge, DG_STEP_FORM);
    judge_assertion(judge, &object);
}
