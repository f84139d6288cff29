/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/judge.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "attest/anchors_parts.h"
#include "attest/chain.h"
#include "attest/der.h"
#include "attest/key_description.h"

/* Android Key Attestation: a chain of certificates whose leaf describes a key
 * and the phone that keeps it.  docs/attestation.md says what it is worth. */

/* 1.3.6.1.4.1.11129.2.1.17 and .30. */
static const uint8_t oid_attestation[] = {
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11};
static const uint8_t oid_provisioning[] = {
    0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x1e};

/* Leaf, attestation, intermediate, root; remotely provisioned ones have one
 * more.  A software chain has three, and a key that everybody has. */
#define CHAIN_FACTORY 4U
#define CHAIN_REMOTE  5U
#define CHAIN_MIN     3U

static bool starts_as_pem(dg_span evidence)
{
    return (evidence.size > 10U) &&
           (memcmp(evidence.at, "-----BEGIN", 10U) == 0);
}

/* PEM to DER, certificates one behind the other; DER is never longer. */
static bool read_pem(struct dg_judge *judge, dg_span pem, dg_buf *room)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.size);
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long size = 0;
    size_t used = 0U;
    size_t count = 0U;
    bool is_ok = bio != NULL;

    while (is_ok && (PEM_read_bio(bio, &name, &header, &der, &size) == 1)) {
        count++;
        is_ok = (strcmp(name, "CERTIFICATE") == 0) &&
                (count <= DG_EVIDENCE_CHAIN_MAX) && (size > 0) &&
                ((size_t)size <= (room->capacity - used));
        if (is_ok) {
            (void)memcpy(&room->at[used], der, (size_t)size);
            used += (size_t)size;
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    BIO_free(bio);
    room->capacity = used;
    if (!is_ok || (count == 0U)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             (count > DG_EVIDENCE_CHAIN_MAX) ? DG_STEP_CHAIN
                                                             : DG_STEP_FORM,
                             (count > DG_EVIDENCE_CHAIN_MAX)
                                 ? "too many certificates: more than 8"
                                 : "not a list of PEM certificates");
    }
    return true;
}

static bool check_root(struct dg_judge *judge,
                       const struct dg_chain *chain,
                       const struct dg_anchor **anchor)
{
    const struct dg_certificate *top = &chain->at[chain->count - 1U];

    if (chain->count < CHAIN_MIN) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_CHAIN,
                             "%zu certificates: a whole chain has at least %u",
                             chain->count,
                             CHAIN_MIN);
    }
    if (!dg_span_equal(top->issuer, top->subject)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_ROOT,
                             "the last certificate is no root: send the whole "
                             "chain");
    }
    if (judge->context->anchors == NULL) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_ROOT,
                             "no anchors to compare the root with");
    }
    /* Copies of one root were issued again with one key: name and key count,
     * not the certificate. */
    *anchor = dg_anchors_find(
        judge->context->anchors, DG_KIND_ANDROID_KEY, top->subject, &top->spki);
    if (*anchor == NULL) {
        return dg_judge_fail(
            judge,
            DG_APPRAISAL_REJECTED,
            DG_STEP_ROOT,
            "the root is none of Google's hardware attestation roots%s",
            dg_certificate_is_named(top, "Software Attestation")
                ? ": it is the software root, whose key is public"
                : "");
    }
    if (judge->context->at_s > (*anchor)->until_s) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_ROOT,
                             "the root '%s' is believed no more at that time",
                             (*anchor)->name);
    }
    dg_judge_hold(judge, DG_STEP_ROOT);
    return true;
}

/* The leaf's dates are set by the phone, the root's are the anchor's; factory
 * certificates cannot be renewed, so their end is not asked for. */
static bool check_times(struct dg_judge *judge, const struct dg_chain *chain)
{
    for (size_t i = 1U; i < (chain->count - 1U); i++) {
        if (!dg_chain_check_time(
                judge, chain, i, !judge->appraisal->is_remotely_provisioned)) {
            return false;
        }
    }
    return true;
}

static bool check_revocation(struct dg_judge *judge,
                             const struct dg_chain *chain)
{
    const struct dg_anchors *anchors = judge->context->anchors;
    const struct dg_anchors_head head = dg_anchors_head(anchors);

    if (!head.has_revocation) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNDECIDED,
                            DG_STEP_REVOCATION,
                            "no revocation list: leaked keys are traded, so "
                            "without one nothing is accepted");
        return true;
    }
    if (judge->context->at_s > head.expires_s) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNDECIDED,
                            DG_STEP_REVOCATION,
                            "the revocation list has expired");
        return true;
    }
    for (size_t i = 0; i < chain->count; i++) {
        if (dg_anchors_is_revoked(anchors, chain->at[i].serial)) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_REVOCATION,
                                 "certificate %zu is revoked or suspended",
                                 i + 1U);
        }
    }
    dg_judge_hold(judge, DG_STEP_REVOCATION);
    return true;
}

/* From the top: whoever has no certificate from under the root costs us one
 * check, however many they send. */
static bool check_signatures(struct dg_judge *judge,
                             const struct dg_chain *chain,
                             const struct dg_anchor *anchor)
{
    const struct dg_key_view *key = &anchor->key;

    for (size_t i = chain->count - 1U; i > 0U; i--) {
        if (!dg_chain_check_signature(judge, chain, i - 1U, key)) {
            return false;
        }
        key = &chain->at[i - 1U].key;
    }
    return true;
}

/* An attested key that may sign can sign a certificate, too.  If the first
 * extension found counted, it could append a leaf of its own. */
static bool check_extension_place(struct dg_judge *judge,
                                  const struct dg_chain *chain)
{
    for (size_t i = 1U; i < chain->count; i++) {
        if (dg_certificate_extension(&chain->at[i], DG_SPAN_OF(oid_attestation))
                .at != NULL) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_STATEMENT,
                                 "an attestation extension stands above the "
                                 "leaf, in certificate %zu",
                                 i + 1U);
        }
    }
    return dg_judge_check(
        judge,
        dg_certificate_extension(&chain->at[0], DG_SPAN_OF(oid_attestation))
                .at != NULL,
        DG_STEP_STATEMENT,
        "the leaf has no attestation extension");
}

static void check_shape(struct dg_judge *judge, const struct dg_chain *chain)
{
    const size_t whole = judge->appraisal->is_remotely_provisioned
                             ? CHAIN_REMOTE
                             : CHAIN_FACTORY;

    if (chain->count != whole) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNSUPPORTED,
                            DG_STEP_CHAIN,
                            "%zu certificates, where such a chain has %zu",
                            chain->count,
                            whole);
    }
}

/* YYYYMM or YYYYMMDD to YYYYMMDD; 0 for what is no date. */
static uint32_t patch_of(const struct dg_authorization_list *list,
                         enum dg_authorization field)
{
    const uint64_t stated = list->number[field];
    const uint64_t date = (stated < 1000000U) ? (stated * 100U) : stated;
    const uint64_t month = (date / 100U) % 100U;

    if (!list->is_stated[field] || (date < 20000000U) || (date > 29991231U) ||
        (month < 1U) || (month > 12U) || ((date % 100U) > 31U)) {
        return 0U;
    }
    return (uint32_t)date;
}

static void state_boot(struct dg_judge *judge,
                       const struct dg_authorization_list *list)
{
    struct dg_appraisal *appraisal = judge->appraisal;

    if (!list->is_stated[DG_AUTH_ROOT_OF_TRUST]) {
        return;
    }
    dg_judge_state(judge,
                   DG_FACT_BOOT_VERIFIED,
                   list->boot_state == 0U,
                   DG_SOURCE_HARDWARE);
    dg_judge_state(
        judge, DG_FACT_BOOT_LOCKED, list->is_locked, DG_SOURCE_HARDWARE);
    if (list->boot_key.size == DG_HASH_SIZE) {
        appraisal->has_boot_key = true;
        (void)memcpy(appraisal->boot_key.byte, list->boot_key.at, DG_HASH_SIZE);
    }
}

/* Which act each use of the key needs, by the hardware's own list. */
static void state_person(struct dg_judge *judge,
                         const struct dg_authorization_list *list)
{
    const bool needs_press = list->is_stated[DG_AUTH_PRESENCE_REQUIRED];
    const bool needs_yes = list->is_stated[DG_AUTH_CONFIRMATION_REQUIRED];
    const bool needs_pin = list->is_stated[DG_AUTH_USER_AUTH_TYPE] &&
                           (list->number[DG_AUTH_USER_AUTH_TYPE] != 0U) &&
                           !list->is_stated[DG_AUTH_NO_AUTH_REQUIRED] &&
                           (!list->is_stated[DG_AUTH_TIMEOUT_S] ||
                            (list->number[DG_AUTH_TIMEOUT_S] == 0U));

    dg_judge_state(
        judge, DG_FACT_KEY_AUTH_PER_USE, needs_pin, DG_SOURCE_HARDWARE);
    dg_judge_state(judge, DG_FACT_KEY_PRESS, needs_press, DG_SOURCE_HARDWARE);
    dg_judge_state(
        judge, DG_FACT_KEY_CONFIRMATION, needs_yes, DG_SOURCE_HARDWARE);
    dg_judge_state(judge,
                   DG_FACT_KEY_NEEDS_PERSON,
                   needs_pin || needs_press || needs_yes,
                   DG_SOURCE_HARDWARE);
}

static enum dg_security_level level_of(uint64_t stated)
{
    static const enum dg_security_level levels[] = {
        DG_LEVEL_SOFTWARE, DG_LEVEL_TRUSTED_ENVIRONMENT, DG_LEVEL_OWN_CHIP};

    return levels[stated];
}

static bool names_own_chip(const struct dg_chain *chain)
{
    for (size_t i = 1U; i < (chain->count - 1U); i++) {
        if (dg_certificate_is_named(&chain->at[i], "StrongBox")) {
            return true;
        }
    }
    return false;
}

static void state_levels(struct dg_judge *judge,
                         const struct dg_key_description *description,
                         const struct dg_chain *chain)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    const enum dg_security_level key = level_of(description->keymint_level);

    appraisal->attestation_level = level_of(description->attestation_level);
    if ((appraisal->attestation_level == DG_LEVEL_OWN_CHIP) &&
        !names_own_chip(chain)) {
        appraisal->attestation_level = DG_LEVEL_TRUSTED_ENVIRONMENT;
        dg_judge_note(judge,
                      "states StrongBox, but no certificate of the chain is "
                      "for one: counts as trusted environment");
    }
    appraisal->key_level = (key < appraisal->attestation_level)
                               ? key
                               : appraisal->attestation_level;
    dg_judge_state(judge,
                   DG_FACT_ATTESTED_IN_HARDWARE,
                   appraisal->attestation_level >= DG_LEVEL_TRUSTED_ENVIRONMENT,
                   DG_SOURCE_STATEMENT);
}

static void state_key(struct dg_judge *judge,
                      const struct dg_authorization_list *list)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    const bool is_in_hardware =
        appraisal->key_level >= DG_LEVEL_TRUSTED_ENVIRONMENT;

    if (is_in_hardware && list->is_stated[DG_AUTH_ORIGIN] &&
        (list->number[DG_AUTH_ORIGIN] <= 4U)) {
        appraisal->key_origin =
            (enum dg_key_origin)(list->number[DG_AUTH_ORIGIN] + 1U);
        dg_judge_state(judge,
                       DG_FACT_KEY_GENERATED,
                       appraisal->key_origin == DG_ORIGIN_GENERATED,
                       DG_SOURCE_HARDWARE);
    }
    if (is_in_hardware && (appraisal->key_origin == DG_ORIGIN_NOT_STATED)) {
        return;
    }
    dg_judge_state(judge,
                   DG_FACT_KEY_IN_HARDWARE,
                   is_in_hardware &&
                       (appraisal->key_origin == DG_ORIGIN_GENERATED),
                   is_in_hardware ? DG_SOURCE_HARDWARE : DG_SOURCE_STATEMENT);
    dg_judge_state(judge,
                   DG_FACT_KEY_IN_OWN_CHIP,
                   (appraisal->key_level == DG_LEVEL_OWN_CHIP) &&
                       (appraisal->key_origin == DG_ORIGIN_GENERATED),
                   is_in_hardware ? DG_SOURCE_HARDWARE : DG_SOURCE_STATEMENT);
}

static bool copy_name(dg_span name, char out[DG_APP_NAME_MAX + 1U])
{
    if ((name.size == 0U) || (name.size > DG_APP_NAME_MAX)) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if ((name.at[i] < 0x21U) || (name.at[i] > 0x7eU)) {
            return false;
        }
    }
    (void)memcpy(out, name.at, name.size);
    out[name.size] = '\0';
    return true;
}

static bool is_our_app(const struct dg_appraisal_context *context,
                       const struct dg_stated_app *app)
{
    for (size_t i = 0; i < context->apps; i++) {
        const struct dg_app_identity *ours = &context->app[i];

        if ((ours->kind == DG_KIND_ANDROID_KEY) && (app->packages == 1U) &&
            (app->signers == 1U) && (strcmp(ours->name, app->name) == 0) &&
            (memcmp(&ours->signer, &app->signer[0], DG_HASH_SIZE) == 0) &&
            (app->version >= ours->version_min)) {
            return true;
        }
    }
    return false;
}

static void state_app(struct dg_judge *judge,
                      const struct dg_key_description *description)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    struct dg_stated_app *app = &appraisal->app;
    struct dg_application_id id;

    if (!description->software.is_stated[DG_AUTH_APP]) {
        return;
    }
    if (!dg_application_id_read(description->software.app, &id) ||
        !copy_name(id.name, app->name)) {
        dg_judge_note(judge, "the app identity is malformed: not stated");
        return;
    }
    app->version = id.version;
    app->packages = id.packages;
    app->signers = id.signers;
    for (uint32_t i = 0U; i < id.signers; i++) {
        (void)memcpy(app->signer[i].byte, id.signer[i].at, DG_HASH_SIZE);
    }
    appraisal->app_source = DG_SOURCE_SOFTWARE;
    if (judge->context->apps != 0U) {
        dg_judge_state(judge,
                       DG_FACT_APP_KNOWN,
                       is_our_app(judge->context, app),
                       DG_SOURCE_SOFTWARE);
    }
}

static void state_all(struct dg_judge *judge,
                      const struct dg_key_description *description,
                      const struct dg_chain *chain)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    const struct dg_authorization_list *list = &description->hardware;

    state_levels(judge, description, chain);
    state_key(judge, list);
    state_app(judge, description);
    if (appraisal->key_level < DG_LEVEL_TRUSTED_ENVIRONMENT) {
        return; /* software wrote the "hardware" list */
    }
    state_boot(judge, list);
    state_person(judge, list);
    appraisal->os_version = (list->number[DG_AUTH_OS_VERSION] <= 99999999U)
                                ? (uint32_t)list->number[DG_AUTH_OS_VERSION]
                                : 0U;
    appraisal->os_patch = patch_of(list, DG_AUTH_OS_PATCH);
    appraisal->vendor_patch = patch_of(list, DG_AUTH_VENDOR_PATCH);
    appraisal->boot_patch = patch_of(list, DG_AUTH_BOOT_PATCH);
}

static bool read_description(struct dg_judge *judge,
                             const struct dg_chain *chain,
                             struct dg_key_description *description)
{
    uint32_t tag = 0U;
    const enum dg_description_fault fault = dg_key_description_read(
        dg_certificate_extension(&chain->at[0], DG_SPAN_OF(oid_attestation)),
        description,
        &tag);

    switch (fault) {
    case DG_DESCRIPTION_OK:
        if (description->oddity != NULL) {
            dg_judge_note(judge, description->oddity);
        }
        return true;
    case DG_DESCRIPTION_UNKNOWN:
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_STATEMENT,
                             "the attestation extension has the unknown tag "
                             "%u",
                             tag);
    case DG_DESCRIPTION_DUPLICATE:
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_STATEMENT,
                             "the attestation extension has tag %u twice",
                             tag);
    case DG_DESCRIPTION_MALFORMED:
    default:
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_STATEMENT,
                             "the attestation extension is malformed");
    }
}

static void judge_chain(struct dg_judge *judge, const struct dg_chain *chain)
{
    const struct dg_anchor *anchor = NULL;
    struct dg_key_description description;

    judge->appraisal->is_remotely_provisioned =
        (chain->count > 1U) &&
        (dg_certificate_extension(&chain->at[1], DG_SPAN_OF(oid_provisioning))
             .at != NULL);
    if (!check_root(judge, chain, &anchor) ||
        !dg_chain_check_names(judge, chain) || !check_times(judge, chain) ||
        !check_revocation(judge, chain) ||
        !check_extension_place(judge, chain) ||
        !check_signatures(judge, chain, anchor) ||
        !read_description(judge, chain, &description)) {
        return;
    }
    check_shape(judge, chain);
    dg_judge_challenge(judge, description.challenge);
    dg_judge_key(judge, chain->at[0].spki);
    state_all(judge, &description, chain);
    if (chain->at[0].key.kind == DG_KEY_KIND_NONE) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNSUPPORTED,
                            DG_STEP_KEY,
                            "the chain is sound, but the key that it attests "
                            "is of an algorithm or size not known here");
    } else {
        dg_judge_hold(judge, DG_STEP_KEY);
    }
}

void dg_android_judge(struct dg_judge *judge, dg_span evidence)
{
    uint8_t *room = NULL;
    struct dg_chain chain = {.count = 0U};

    if (starts_as_pem(evidence)) {
        dg_buf der = {NULL, evidence.size};

        room = malloc(evidence.size);
        der.at = room;
        if (room == NULL) {
            judge->has_port_failed = true;
            return;
        }
        if (!read_pem(judge, evidence, &der)) {
            free(room);
            return;
        }
        evidence = (dg_span){room, der.capacity};
    }
    if (dg_chain_read(judge, evidence, &chain)) {
        judge_chain(judge, &chain);
    }
    free(room);
}
