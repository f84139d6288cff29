/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/policy_parts.h"

#include <stdio.h>
#include <string.h>

#include "attest/service/text.h"
#include "attest/signature.h"
#include "attest/tpm_wire.h"

/* References: what machines and chips of a build measure, and whose word is
 * taken.  A quote or a token says nothing without them. */

/* Software can set these back whenever it likes, and so write into them what
 * the reference says (TCG PC Client Platform TPM Profile for TPM 2.0, PCR
 * attributes: 16 debug, 23 application support). */
#define RESETTABLE_PCRS ((1U << 16) | (1U << 23))

struct word_value {
    const char *word;
    uint32_t value;
};

static const struct word_value banks[] = {
    {"sha256", DG_TPM_SHA256},
    {"sha384", DG_TPM_SHA384},
    {"sha512", DG_TPM_SHA512},
};

static const struct word_value profiles[] = {
    {"rfc9783", DG_PSA_RFC9783},
    {"draft-2", DG_PSA_DRAFT_2},
    {"profile-1", DG_PSA_PROFILE_1},
};

/* What the three words stand for; 0: none of them. */
static uint32_t value_of(const struct dg_policy_reader *reader,
                         size_t at,
                         const struct word_value of[3])
{
    for (size_t i = 0; i < 3U; i++) {
        if (dg_policy_is_word(reader, at, of[i].word)) {
            return of[i].value;
        }
    }
    return 0U;
}

/* Bytes of a word in hex; they live as long as the list. */
static bool hex(struct dg_policy_reader *reader, size_t at, dg_span *bytes)
{
    struct dg_policy_list *list = reader->list;
    const size_t size = strlen(reader->word[at]) / 2U;
    const dg_buf room = {&list->bytes[list->used], size};

    if ((size == 0U) || (size > (sizeof(list->bytes) - list->used)) ||
        !dg_text_get_hex(reader->word[at], room)) {
        return dg_policy_refuse(reader,
                                "%s: value %zu is no even number of lower-case "
                                "hex digits",
                                reader->word[0],
                                at);
    }
    *bytes = (dg_span){room.at, size};
    list->used += size;
    return true;
}

static const struct dg_policy_measured *find(const struct dg_policy_list *list,
                                             enum dg_evidence_kind kind,
                                             const char *name)
{
    for (size_t i = 0; i < list->measureds; i++) {
        if ((list->measured[i].kind == kind) &&
            (strcmp(list->measured[i].name, name) == 0)) {
            return &list->measured[i];
        }
    }
    return NULL;
}

const struct dg_policy_measured *dg_policy_named(
    struct dg_policy_reader *reader, enum dg_evidence_kind kind, size_t at)
{
    const struct dg_policy_measured *measured =
        (at < reader->words) ? find(reader->list, kind, reader->word[at])
                             : NULL;

    if (measured == NULL) {
        (void)dg_policy_refuse(reader,
                               "%s: write a name that a line 'measured %s' "
                               "before this one has",
                               reader->word[0],
                               dg_evidence_kind_name(kind));
    }
    return measured;
}

/* The reference of that name, a new one where there was none. */
static struct dg_policy_measured *place(struct dg_policy_reader *reader,
                                        enum dg_evidence_kind kind)
{
    struct dg_policy_list *list = reader->list;
    const char *name = reader->word[2];

    for (size_t i = 0; i < list->measureds; i++) {
        if ((list->measured[i].kind == kind) &&
            (strcmp(list->measured[i].name, name) == 0)) {
            return &list->measured[i];
        }
    }
    if ((list->measureds == DG_POLICY_LIST_MEASURED) ||
        (strlen(name) > DG_MEASURED_NAME_MAX)) {
        (void)dg_policy_refuse(reader,
                               "measured: more than %u names, or one of more "
                               "than %u characters",
                               DG_POLICY_LIST_MEASURED,
                               DG_MEASURED_NAME_MAX);
        return NULL;
    }

    struct dg_policy_measured *measured = &list->measured[list->measureds];

    measured->kind = kind;
    (void)memcpy(measured->name, name, strlen(name) + 1U);
    list->measureds++;
    return measured;
}

/* measured tpm-quote NAME BANK PCR HEX */
static bool take_register(struct dg_policy_reader *reader,
                          struct dg_policy_measured *measured)
{
    struct dg_pcr_bank *bank = &measured->bank;
    const uint32_t hash = value_of(reader, 3U, banks);
    uint64_t pcr = 0;

    if ((hash == 0U) ||
        ((bank->asked != 0U) && (hash != (uint32_t)bank->hash))) {
        return dg_policy_refuse(reader,
                                "measured: write sha256, sha384 or sha512, the "
                                "same for all registers of a name");
    }
    if (!dg_policy_number(reader, 4U, 0U, DG_PCRS - 1U, &pcr)) {
        return false;
    }
    if (((RESETTABLE_PCRS >> pcr) & 1U) != 0U) {
        return dg_policy_refuse(reader,
                                "measured: any software sets register %u back: "
                                "it shows nothing",
                                (unsigned)pcr);
    }
    if (((bank->asked >> pcr) & 1U) != 0U) {
        return dg_policy_refuse(
            reader, "measured: register %u a second time", (unsigned)pcr);
    }
    if (!hex(reader, 5U, &bank->value[pcr])) {
        return false;
    }
    if (bank->value[pcr].size !=
        dg_digest_size(dg_tpm_digest((uint16_t)hash))) {
        return dg_policy_refuse(
            reader, "measured: not as many digits as %s has", reader->word[3]);
    }
    bank->hash = (enum dg_tpm_hash)hash;
    bank->asked |= 1U << pcr;
    return true;
}

static bool is_hash_size(size_t size)
{
    return (size == 32U) || (size == 48U) || (size == 64U);
}

/* measured psa-token NAME PROFILE SIGNER MEASUREMENT */
static bool take_component(struct dg_policy_reader *reader,
                           struct dg_policy_measured *measured)
{
    const uint32_t profile = value_of(reader, 3U, profiles);
    struct dg_psa_component component = {{NULL, 0U}, {NULL, 0U}};

    if ((profile == 0U) ||
        ((measured->components > 0U) && (profile != measured->profile))) {
        return dg_policy_refuse(
            reader,
            "measured: write rfc9783, draft-2 or profile-1, "
            "the same for all components of a name");
    }
    if (measured->components == DG_POLICY_LIST_COMPONENTS) {
        return dg_policy_refuse(reader,
                                "measured: more than %u components of a name",
                                DG_POLICY_LIST_COMPONENTS);
    }
    if (!hex(reader, 4U, &component.signer) ||
        !hex(reader, 5U, &component.measurement)) {
        return false;
    }
    if (!is_hash_size(component.signer.size) ||
        !is_hash_size(component.measurement.size)) {
        return dg_policy_refuse(reader,
                                "measured: signer and measurement have 64, 96 "
                                "or 128 digits each");
    }
    measured->profile = profile;
    measured->component[measured->components] = component;
    measured->components++;
    return true;
}

/* @satisfies{FDP_ATTEST.3@1} */
bool dg_policy_take_measured(struct dg_policy_reader *reader)
{
    enum dg_evidence_kind kind = DG_KIND_NONE;

    if (!dg_policy_kind(reader, &kind)) {
        return false;
    }
    if ((kind != DG_KIND_TPM_QUOTE) && (kind != DG_KIND_PSA_TOKEN)) {
        return dg_policy_refuse(reader,
                                "measured: write tpm-quote or psa-token first");
    }
    if (!dg_policy_only(reader, 6U)) {
        return false;
    }

    struct dg_policy_measured *measured = place(reader, kind);

    if (measured == NULL) {
        return false;
    }
    return (kind == DG_KIND_TPM_QUOTE) ? take_register(reader, measured)
                                       : take_component(reader, measured);
}

/* enrolled tpm-quote PUBLIC activated */
static bool take_machine(struct dg_policy_reader *reader,
                         struct dg_policy_enrolled *enrolled)
{
    const uint32_t asked = DG_TPM_SIGN | DG_TPM_RESTRICTED | DG_TPM_FIXED_TPM;
    struct dg_tpm_public key;
    uint8_t digest[DG_DIGEST_SIZE_MAX];

    if (!dg_policy_is_word(reader, 3U, "activated")) {
        return dg_policy_refuse(reader,
                                "enrolled: end with activated, and take in "
                                "only keys that TPM2_ActivateCredential tied "
                                "to a genuine TPM");
    }
    if (!hex(reader, 2U, &enrolled->key)) {
        return false;
    }
    if (!dg_tpm_public_read(enrolled->key, &key) ||
        ((key.attributes & asked) != asked) ||
        ((key.attributes & DG_TPM_DECRYPT) != 0U) ||
        (key.key.kind == DG_KEY_KIND_NONE)) {
        return dg_policy_refuse(reader,
                                "enrolled: no TPM2B_PUBLIC of a restricted "
                                "signing key that is fixed to its TPM, on "
                                "P-256, P-384, P-521 or RSA");
    }

    const dg_span area = {&enrolled->key.at[2], enrolled->key.size - 2U};

    if (dg_digest_of(DG_DIGEST_SHA256, &area, 1U, digest) != DG_OK) {
        return dg_policy_refuse(reader, "the crypto library failed");
    }
    (void)memcpy(enrolled->id.byte, digest, DG_HASH_SIZE);
    return true;
}

/* enrolled psa-token KEY INSTANCE */
static bool take_chip(struct dg_policy_reader *reader,
                      struct dg_policy_enrolled *enrolled)
{
    struct dg_key_view view;

    if (!hex(reader, 2U, &enrolled->key) ||
        !hex(reader, 3U, &enrolled->instance)) {
        return false;
    }
    if (!dg_key_view_spki(enrolled->key, &view) ||
        (view.kind == DG_KEY_KIND_NONE)) {
        return dg_policy_refuse(reader,
                                "enrolled: no SubjectPublicKeyInfo on P-256, "
                                "P-384, P-521 or RSA");
    }
    if ((enrolled->instance.size != DG_HASH_SIZE + 1U) ||
        (enrolled->instance.at[0] != 1U)) {
        return dg_policy_refuse(reader,
                                "enrolled: the instance id has 66 digits and "
                                "begins with 01");
    }
    (void)memcpy(enrolled->id.byte, &enrolled->instance.at[1], DG_HASH_SIZE);
    return true;
}

bool dg_policy_take_enrolled(struct dg_policy_reader *reader)
{
    struct dg_policy_list *list = reader->list;
    struct dg_policy_enrolled *enrolled = &list->enrolled[list->enrolleds];
    enum dg_evidence_kind kind = DG_KIND_NONE;

    if (list->enrolleds == DG_POLICY_LIST_ENROLLED) {
        return dg_policy_refuse(
            reader, "more than %u machines and chips", DG_POLICY_LIST_ENROLLED);
    }
    if (!dg_policy_kind(reader, &kind)) {
        return false;
    }
    if ((kind != DG_KIND_TPM_QUOTE) && (kind != DG_KIND_PSA_TOKEN)) {
        return dg_policy_refuse(reader,
                                "enrolled: write tpm-quote or psa-token first");
    }
    if (!dg_policy_only(reader, 4U) ||
        !((kind == DG_KIND_TPM_QUOTE) ? take_machine(reader, enrolled)
                                      : take_chip(reader, enrolled))) {
        return false;
    }
    if (dg_policy_list_enrolled(list, kind, &enrolled->id) != NULL) {
        return dg_policy_refuse(reader, "enrolled: taken in a second time");
    }
    enrolled->kind = kind;
    list->enrolleds++;
    return true;
}

const struct dg_policy_enrolled *dg_policy_list_enrolled(
    const struct dg_policy_list *list,
    enum dg_evidence_kind kind,
    const struct dg_hash *key_id)
{
    for (size_t i = 0; i < list->enrolleds; i++) {
        if ((list->enrolled[i].kind == kind) &&
            (memcmp(&list->enrolled[i].id, key_id, sizeof(*key_id)) == 0)) {
            return &list->enrolled[i];
        }
    }
    return NULL;
}

/* Another reference can do better only where this one was what did not fit. */
static bool is_other_worth_a_try(const struct dg_appraisal *appraisal)
{
    return (appraisal->result == DG_APPRAISAL_REJECTED) &&
           ((appraisal->failed == DG_STEP_SELECTION) ||
            (appraisal->failed == DG_STEP_MEASUREMENT) ||
            (appraisal->failed == DG_STEP_STATEMENT));
}

enum dg_status dg_policy_list_appraise(
    const struct dg_policy_list *list,
    const struct dg_appraisal_context *context,
    const struct dg_policy_enrolled *from,
    dg_span evidence,
    struct dg_appraisal *appraisal)
{
    struct dg_appraisal_context own = *context;
    enum dg_status status = DG_OK;

    *appraisal = (struct dg_appraisal){.kind = from->kind,
                                       .failed = DG_STEP_MEASUREMENT};
    (void)snprintf(appraisal->reason,
                   sizeof(appraisal->reason),
                   "the policy measures nothing of this kind");
    for (size_t i = 0; i < list->measureds; i++) {
        const struct dg_policy_measured *measured = &list->measured[i];

        if (measured->kind != from->kind) {
            continue;
        }
        own.measured = measured->name;
        own.tpm = (struct dg_tpm_reference){.key = from->key,
                                            .is_activated = true,
                                            .bank = &measured->bank,
                                            .banks = 1U};
        own.psa = (struct dg_psa_reference){.key = from->key,
                                            .instance = from->instance,
                                            .profiles = measured->profile,
                                            .component = measured->component,
                                            .components = measured->components};
        status = dg_appraise(&own, from->kind, evidence, appraisal);
        if ((status != DG_OK) || !is_other_worth_a_try(appraisal)) {
            break;
        }
    }
    return status;
}
