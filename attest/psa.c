/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/judge.h"

#include "attest/der.h"
#include "attest/psa_token.h"
#include "dosegate/cbor.h"

/* A PSA token: what a chip says of the software that it booted and of its own
 * state.  docs/attestation.md says what it is worth. */
#define LIFECYCLE_SECURED 0x3000U

static const char *lifecycle_words(uint32_t lifecycle)
{
    static const char *const words[] = {
        "unknown",
        "in assembly and test",
        "being provisioned",
        "secured",
        "open to a debugger outside its root of trust",
        "open to a debugger, recoverable",
        "decommissioned",
    };

    return words[lifecycle >> 12];
}

static bool check_envelope(struct dg_judge *judge,
                           const struct dg_psa_message *message,
                           bool is_read)
{
    if (!dg_judge_check(judge, is_read, DG_STEP_FORM, message->fault)) {
        return false;
    }
    if (message->is_mac) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ALGORITHM,
                             "a COSE_Mac0 is checked with a secret that we do "
                             "not have");
    }
    if (message->form.scheme == DG_SCHEME_NONE) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ALGORITHM,
                             "signed with an algorithm that is not checked "
                             "here");
    }
    dg_judge_hold(judge, DG_STEP_ALGORITHM);
    return true;
}

/* Sig_structure (RFC 9052, 4.4): ["Signature1", protected, h'', payload]. */
static bool check_signature(struct dg_judge *judge,
                            const struct dg_psa_message *message)
{
    const struct dg_psa_reference *psa = &judge->context->psa;
    struct dg_key_view key;
    uint8_t room[2][32];
    struct dg_cbor_writer writer[2];
    dg_span head = {NULL, 0U};
    dg_span middle = {NULL, 0U};

    if (psa->key.size == 0U) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_KEY,
                             "no enrolled key was given to check it with");
    }
    if (!dg_key_view_spki(psa->key, &key)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_KEY,
                             "the enrolled key is no SubjectPublicKeyInfo");
    }
    dg_cbor_writer_init(&writer[0], DG_BUF_OF(room[0]));
    dg_cbor_write_array(&writer[0], 4U);
    dg_cbor_write_tstr(&writer[0], "Signature1");
    dg_cbor_write_bstr_head(&writer[0], message->protected_header.size);
    dg_cbor_writer_init(&writer[1], DG_BUF_OF(room[1]));
    dg_cbor_write_bstr_head(&writer[1], 0U);
    dg_cbor_write_bstr_head(&writer[1], message->payload.size);
    if ((dg_cbor_writer_end(&writer[0], &head) != DG_OK) ||
        (dg_cbor_writer_end(&writer[1], &middle) != DG_OK)) {
        judge->has_port_failed = true; /* 32 bytes hold either */
        return false;
    }
    const dg_span parts[4] = {
        head, message->protected_header, middle, message->payload};

    return dg_judge_signature(
        judge,
        dg_signature_verify_parts(
            &key, message->form, parts, 4U, message->signature),
        "the token (by the enrolled key)");
}

static bool is_reference(const struct dg_psa_reference *psa,
                         const struct dg_psa_component *component)
{
    for (size_t i = 0; i < psa->components; i++) {
        if (dg_span_equal(psa->component[i].signer, component->signer) &&
            dg_span_equal(psa->component[i].measurement,
                          component->measurement)) {
            return true;
        }
    }
    return false;
}

static void check_components(struct dg_judge *judge,
                             const struct dg_psa_claims *claims)
{
    bool is_same = true;

    if (judge->context->psa.components == 0U) {
        return; /* not stated: nobody told what should be there */
    }
    for (size_t i = 0; i < claims->components; i++) {
        is_same = is_same &&
                  is_reference(&judge->context->psa, &claims->component[i]);
    }
    dg_judge_state(judge, DG_FACT_MEASURED, is_same, DG_SOURCE_COMPARISON);
    dg_judge_state(judge, DG_FACT_BOOT_VERIFIED, is_same, DG_SOURCE_COMPARISON);
    (void)dg_judge_check(judge,
                         is_same,
                         DG_STEP_MEASUREMENT,
                         "a component is not the reference: other software");
}

static bool is_as_enrolled(dg_span enrolled, dg_span stated)
{
    return (enrolled.size == 0U) || dg_span_equal(enrolled, stated);
}

static void check_lifecycle(struct dg_judge *judge,
                            const struct dg_psa_claims *claims)
{
    const bool is_secured = (claims->lifecycle & 0xff00U) == LIFECYCLE_SECURED;

    if ((claims->lifecycle & 0xff00U) != 0U) {
        dg_judge_state(
            judge, DG_FACT_NOT_DEBUGGABLE, is_secured, DG_SOURCE_STATEMENT);
        dg_judge_state(
            judge, DG_FACT_PRODUCTION, is_secured, DG_SOURCE_STATEMENT);
        dg_judge_state(
            judge, DG_FACT_BOOT_LOCKED, is_secured, DG_SOURCE_STATEMENT);
    }
    if (!is_secured) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_LIFECYCLE,
                            "the chip is not secured: it is %s",
                            lifecycle_words(claims->lifecycle));
        return;
    }
    dg_judge_hold(judge, DG_STEP_LIFECYCLE);
}

static void judge_claims(struct dg_judge *judge,
                         const struct dg_psa_claims *claims)
{
    const struct dg_psa_reference *psa = &judge->context->psa;

    if ((claims->profile & psa->profiles) == 0U) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_STATEMENT,
                            "a profile that the verifier was not told to take");
    }
    dg_judge_challenge(judge, claims->nonce);
    (void)dg_judge_check(
        judge,
        is_as_enrolled(psa->instance, claims->instance) &&
            is_as_enrolled(psa->implementation, claims->implementation),
        DG_STEP_KEY,
        "another chip than the one enrolled");
    dg_judge_state(
        judge, DG_FACT_ATTESTED_IN_HARDWARE, true, DG_SOURCE_ENROLMENT);
    dg_judge_state(judge, DG_FACT_KEY_IN_HARDWARE, true, DG_SOURCE_ENROLMENT);
    judge->appraisal->attestation_level = DG_LEVEL_TRUSTED_ENVIRONMENT;
    judge->appraisal->key_role = DG_KEY_OTHER;
    if (claims->client < 0) {
        dg_judge_note(judge, "asked for from the non-secure world");
    }
    check_components(judge, claims);
    check_lifecycle(judge, claims);
}

void dg_psa_judge(struct dg_judge *judge, dg_span evidence)
{
    struct dg_psa_message message;
    struct dg_psa_claims claims;
    const bool is_read = dg_psa_message_read(evidence, &message);

    if (!check_envelope(judge, &message, is_read) ||
        !check_signature(judge, &message)) {
        return;
    }
    const bool is_whole = dg_psa_claims_read(message.payload, &claims);

    if (dg_judge_check(judge, is_whole, DG_STEP_STATEMENT, claims.fault)) {
        judge_claims(judge, &claims);
    }
}
