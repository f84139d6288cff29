/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/der.h"
#include "attest/judge.h"
#include "attest/signature.h"

static unsigned rank(enum dg_appraisal_result result)
{
    switch (result) {
    case DG_APPRAISAL_REJECTED:
        return 3U;
    case DG_APPRAISAL_UNSUPPORTED:
        return 2U;
    case DG_APPRAISAL_UNDECIDED:
        return 1U;
    case DG_APPRAISAL_ACCEPTED:
    default:
        return 0U;
    }
}

void dg_judge_hold(struct dg_judge *judge, enum dg_appraisal_step step)
{
    if (judge->appraisal->step[step] == DG_CLAIM_NOT_STATED) {
        judge->appraisal->step[step] = DG_CLAIM_YES;
    }
}

bool dg_judge_fail(struct dg_judge *judge,
                   enum dg_appraisal_result result,
                   enum dg_appraisal_step step,
                   const char *format,
                   ...)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    va_list words;

    appraisal->step[step] =
        (result == DG_APPRAISAL_REJECTED) ? DG_CLAIM_NO : DG_CLAIM_NOT_STATED;
    if ((appraisal->failed != DG_STEP_NONE) &&
        (rank(result) <= rank(appraisal->result))) {
        return false;
    }
    appraisal->result = result;
    appraisal->failed = step;
    va_start(words, format);
    (void)vsnprintf(
        appraisal->reason, sizeof(appraisal->reason), format, words);
    va_end(words);
    return false;
}

bool dg_judge_check(struct dg_judge *judge,
                    bool is_held,
                    enum dg_appraisal_step step,
                    const char *words)
{
    if (is_held) {
        dg_judge_hold(judge, step);
        return true;
    }
    return dg_judge_fail(judge, DG_APPRAISAL_REJECTED, step, "%s", words);
}

bool dg_judge_signature(struct dg_judge *judge,
                        enum dg_status status,
                        const char *what)
{
    judge->appraisal->signatures++;
    if (status == DG_OK) {
        dg_judge_hold(judge, DG_STEP_SIGNATURE);
        return true;
    }
    if (status == DG_E_UNSUPPORTED) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ALGORITHM,
                             "%s is signed with an algorithm or key that is "
                             "not checked here",
                             what);
    }
    if (status == DG_E_AUTH) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_SIGNATURE,
                             "the signature of %s does not hold",
                             what);
    }
    judge->has_port_failed = true;
    return dg_judge_fail(judge,
                         DG_APPRAISAL_UNDECIDED,
                         DG_STEP_SIGNATURE,
                         "the crypto library failed");
}

void dg_judge_note(struct dg_judge *judge, const char *words)
{
    if (judge->appraisal->note[0] == '\0') {
        (void)snprintf(judge->appraisal->note,
                       sizeof(judge->appraisal->note),
                       "%s",
                       words);
    }
}

void dg_judge_state(struct dg_judge *judge,
                    enum dg_fact fact,
                    bool is_yes,
                    enum dg_fact_source source)
{
    judge->appraisal->fact[fact] = (struct dg_stated){
        .value = is_yes ? DG_CLAIM_YES : DG_CLAIM_NO, .source = source};
}

void dg_judge_challenge(struct dg_judge *judge, dg_span stated)
{
    const dg_span asked = judge->context->challenge;

    if (asked.size == 0U) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNDECIDED,
                            DG_STEP_CHALLENGE,
                            "no challenge was given to compare with");
        return;
    }
    const bool is_same = dg_span_equal(asked, stated);

    dg_judge_state(judge, DG_FACT_FRESH, is_same, DG_SOURCE_COMPARISON);
    (void)dg_judge_check(judge,
                         is_same,
                         DG_STEP_CHALLENGE,
                         "made for another challenge than the one given");
}

static bool is_key(const struct dg_public_key *key,
                   const struct dg_public_key *known)
{
    return (known != NULL) && (memcmp(key, known, sizeof(*key)) == 0);
}

void dg_judge_key(struct dg_judge *judge, dg_span spki)
{
    struct dg_appraisal *appraisal = judge->appraisal;
    const struct dg_appraisal_context *context = judge->context;
    struct dg_key_view view;

    if (!dg_key_view_spki(spki, &view) ||
        !dg_key_view_p256(&view, &appraisal->key)) {
        return;
    }
    appraisal->has_key = true;
    if (is_key(&appraisal->key, context->controller)) {
        appraisal->key_role = DG_KEY_CONTROLLER;
    } else if (is_key(&appraisal->key, context->presence)) {
        appraisal->key_role = DG_KEY_PRESENCE;
    } else if ((context->controller != NULL) || (context->presence != NULL)) {
        appraisal->key_role = DG_KEY_OTHER;
    }
}

static void (*const judges[DG_KINDS])(struct dg_judge *judge,
                                      dg_span evidence) = {
    [DG_KIND_ANDROID_KEY] = dg_android_judge,
    [DG_KIND_APPLE_ATTESTATION] = dg_apple_judge_attestation,
    [DG_KIND_APPLE_ASSERTION] = dg_apple_judge_assertion,
    [DG_KIND_TPM_QUOTE] = dg_tpm_judge,
    [DG_KIND_PSA_TOKEN] = dg_psa_judge,
};

/* @satisfies{FDP_ATT.5@1} */
enum dg_status dg_appraise(const struct dg_appraisal_context *context,
                           enum dg_evidence_kind kind,
                           dg_span evidence,
                           struct dg_appraisal *appraisal)
{
    struct dg_judge judge = {.context = context, .appraisal = appraisal};

    if ((context == NULL) || (appraisal == NULL) || (context->crypto == NULL) ||
        ((unsigned)kind >= DG_KINDS) || (judges[kind] == NULL) ||
        ((evidence.at == NULL) && (evidence.size != 0U))) {
        return DG_E_USAGE;
    }
    *appraisal = (struct dg_appraisal){.kind = kind};
    if ((evidence.size == 0U) || (evidence.size > DG_EVIDENCE_SIZE_MAX)) {
        (void)dg_judge_fail(&judge,
                            DG_APPRAISAL_REJECTED,
                            DG_STEP_FORM,
                            "evidence has 1 to %u bytes, not %zu",
                            DG_EVIDENCE_SIZE_MAX,
                            evidence.size);
        return DG_OK;
    }
    judges[kind](&judge, evidence);
    /* Accepted is what no step objected to, and what was signed and made for
     * us: silence of a verifier is no approval. */
    if ((appraisal->failed == DG_STEP_NONE) &&
        (appraisal->step[DG_STEP_SIGNATURE] == DG_CLAIM_YES) &&
        (appraisal->step[DG_STEP_CHALLENGE] == DG_CLAIM_YES)) {
        appraisal->result = DG_APPRAISAL_ACCEPTED;
    }
    if ((appraisal->fact[DG_FACT_MEASURED].value == DG_CLAIM_YES) &&
        (context->measured != NULL)) {
        (void)snprintf(appraisal->measured,
                       sizeof(appraisal->measured),
                       "%s",
                       context->measured);
    }
    return judge.has_port_failed ? DG_E_PORT : DG_OK;
}
