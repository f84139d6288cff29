/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

/* The phone's side of a dose: proposal, approval, commit. */

const struct dg_answer *rig_propose_glucagon(struct rig *rig,
                                             unsigned who,
                                             enum dg_tier tier,
                                             int32_t ug)
{
    const struct dg_request request = {
        .kind = DG_REQUEST_PROPOSE,
        .as.propose = {tier, {.kind = DG_EFFECT_GLUCAGON, .glucagon = {ug}}}};

    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_propose_effect(struct rig *rig,
                                           unsigned who,
                                           enum dg_tier tier,
                                           const struct dg_effect *effect)
{
    struct dg_request request = {.kind = DG_REQUEST_PROPOSE};

    request.as.propose.tier = tier;
    request.as.propose.effect = *effect;
    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_do(struct rig *rig,
                               unsigned who,
                               enum dg_tier tier,
                               const struct dg_effect *effect)
{
    const struct dg_answer *answer = rig_propose_effect(rig, who, tier, effect);

    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return answer;
    }
    return rig_commit(rig, who, tier != DG_TIER_AUTOMATIC);
}

const struct dg_answer *rig_propose(struct rig *rig,
                                    unsigned who,
                                    enum dg_tier tier,
                                    int32_t mU)
{
    const struct dg_effect effect = {
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {mU}};

    return rig_propose_effect(rig, who, tier, &effect);
}

struct dg_approval rig_approval(const struct rig *rig, unsigned who)
{
    const struct rig_phone *phone = &rig->phone[who];
    const struct dg_approval approval = {phone->phone.device,
                                         phone->controller.session,
                                         phone->ticket.as.ticket.id,
                                         phone->ticket.as.ticket.effect,
                                         phone->ticket.as.ticket.expiry};

    return approval;
}

struct dg_request rig_signed_commit(const struct rig *rig,
                                    const struct dg_secret *presence,
                                    const struct dg_ticket_id *ticket,
                                    const struct dg_approval *approval)
{
    struct dg_request request = {.kind = DG_REQUEST_COMMIT};
    struct dg_hash hash;

    request.as.commit.ticket = *ticket;
    request.as.commit.has_signature = true;
    assert_int_equal(dg_approval_hash(&rig->crypto, approval, &hash), DG_OK);
    assert_int_equal(
        rig->crypto.es256_sign(
            rig->crypto.context, presence, &hash, &request.as.commit.signature),
        DG_OK);
    return request;
}

const struct dg_answer *rig_commit(struct rig *rig,
                                   unsigned who,
                                   bool is_signed)
{
    const struct rig_phone *phone = &rig->phone[who];
    struct dg_request request = {.kind = DG_REQUEST_COMMIT};

    request.as.commit.ticket = phone->ticket.as.ticket.id;
    if (is_signed) {
        const struct dg_approval approval = rig_approval(rig, who);

        request = rig_signed_commit(
            rig, &phone->presence, &approval.ticket, &approval);
    }
    return rig_ask(rig, who, &request);
}

bool rig_dose(struct rig *rig, unsigned who, enum dg_tier tier, int32_t mU)
{
    const struct dg_answer *answer = rig_propose(rig, who, tier, mU);

    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return false;
    }
    answer = rig_commit(rig, who, tier != DG_TIER_AUTOMATIC);
    return (answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED);
}
