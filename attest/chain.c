/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/chain.h"

#include <stdio.h>

#include "attest/der.h"

bool dg_chain_read(struct dg_judge *judge, dg_span der, struct dg_chain *chain)
{
    chain->count = 0U;
    while (der.size != 0U) {
        if (chain->count == DG_EVIDENCE_CHAIN_MAX) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_CHAIN,
                                 "more than %u certificates",
                                 DG_EVIDENCE_CHAIN_MAX);
        }
        struct dg_certificate *next = &chain->at[chain->count];

        if (!dg_certificate_read(&der, next)) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_FORM,
                                 "certificate %zu is malformed",
                                 chain->count + 1U);
        }
        chain->count++;
        if (next->has_unknown_critical) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_FORM,
                                 "certificate %zu has a critical extension "
                                 "that is not known here",
                                 chain->count);
        }
    }
    judge->appraisal->certificates = (uint32_t)chain->count;
    dg_judge_hold(judge, DG_STEP_FORM);
    return true;
}

bool dg_chain_check_names(struct dg_judge *judge, const struct dg_chain *chain)
{
    for (size_t i = 1U; i < chain->count; i++) {
        if (!dg_span_equal(chain->at[i - 1U].issuer, chain->at[i].subject)) {
            return dg_judge_fail(judge,
                                 DG_APPRAISAL_REJECTED,
                                 DG_STEP_CHAIN,
                                 "certificate %zu was not issued by the next "
                                 "one: one is missing or out of place",
                                 i);
        }
    }
    dg_judge_hold(judge, DG_STEP_CHAIN);
    return true;
}

bool dg_chain_check_signature(struct dg_judge *judge,
                              const struct dg_chain *chain,
                              size_t which,
                              const struct dg_key_view *key)
{
    const struct dg_certificate *certificate = &chain->at[which];
    char what[32];

    (void)snprintf(what, sizeof(what), "certificate %zu", which + 1U);
    return dg_judge_signature(judge,
                              dg_signature_verify(key,
                                                  certificate->form,
                                                  certificate->signed_part,
                                                  certificate->signature),
                              what);
}

bool dg_chain_check_time(struct dg_judge *judge,
                         const struct dg_chain *chain,
                         size_t which,
                         bool may_be_expired)
{
    const struct dg_certificate *certificate = &chain->at[which];
    const int64_t now_s = judge->context->at_s;

    if (now_s < certificate->not_before_s) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_TIME,
                             "certificate %zu is not yet valid",
                             which + 1U);
    }
    if (!may_be_expired && (now_s > certificate->not_after_s)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_TIME,
                             "certificate %zu has expired",
                             which + 1U);
    }
    dg_judge_hold(judge, DG_STEP_TIME);
    return true;
}
