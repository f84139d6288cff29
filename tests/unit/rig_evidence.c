/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "cmocka_all.h"

#include <string.h>

/* The verifier, the maker and the prescriber, whose signatures the pump under
 * test trusts. */

dg_span rig_policy(const struct rig *rig, uint32_t version, dg_buf room)
{
    struct dg_policy policy = rig->settings.trust.policy;
    dg_span head = {NULL, 0U};

    policy.version = version;
    assert_int_equal(
        dg_policy_sign(&rig->crypto, &rig->maker, &policy, room, &head), DG_OK);
    return head;
}

struct dg_attestation rig_attestation(struct rig *rig,
                                      unsigned who,
                                      const struct dg_attest_nonce *nonce)
{
    const struct rig_phone *phone = &rig->phone[who];
    struct dg_attestation attestation = {
        .nonce = *nonce,
        .level = rig->settings.therapy.package,
        .policy = rig->settings.trust.policy.version,
        .life_s = DG_ATTEST_LIFE_S_MAX,
        .epoch = rig->settings.trust.policy.epoch};

    rig->serial++;
    attestation.serial = rig->serial;
    for (unsigned claim = 0U; claim < DG_CLAIMS; claim++) {
        attestation.claims = dg_attestation_state(
            attestation.claims, (enum dg_claim)claim, DG_CLAIM_YES);
    }
    assert_int_equal(dg_attestation_subject(&rig->crypto,
                                            &phone->phone.device,
                                            &phone->phone.public_key,
                                            &phone->presence_key,
                                            &attestation.subject),
                     DG_OK);
    return attestation;
}

const struct dg_answer *rig_hand_in(struct rig *rig,
                                    unsigned who,
                                    dg_span ticket)
{
    const struct dg_request request = {.kind = DG_REQUEST_ATTEST,
                                       .as.attest = {ticket}};

    return rig_ask(rig, who, &request);
}

static bool try_nonce(struct rig *rig,
                      unsigned who,
                      struct dg_attest_nonce *nonce)
{
    const struct dg_answer *answer = rig_hand_in(rig, who, (dg_span){NULL, 0U});

    if ((answer == NULL) || (answer->kind != DG_ANSWER_ATTEST)) {
        return false;
    }
    *nonce = answer->as.attest.nonce;
    return true;
}

struct dg_attest_nonce rig_nonce(struct rig *rig, unsigned who)
{
    struct dg_attest_nonce nonce = {{0U}};

    assert_true(try_nonce(rig, who, &nonce));
    return nonce;
}

const struct dg_answer *rig_hand_in_of(struct rig *rig,
                                       unsigned who,
                                       const struct dg_attestation *claims)
{
    uint8_t room[DG_ATTEST_TICKET_MAX];
    dg_span ticket = {NULL, 0U};

    assert_int_equal(
        dg_attestation_sign(
            &rig->crypto, &rig->verifier, claims, DG_BUF_OF(room), &ticket),
        DG_OK);
    return rig_hand_in(rig, who, ticket);
}

bool rig_try_attest(struct rig *rig, unsigned who)
{
    struct dg_attest_nonce nonce;

    if (!try_nonce(rig, who, &nonce)) {
        return false;
    }

    const struct dg_attestation claims = rig_attestation(rig, who, &nonce);
    const struct dg_answer *answer = rig_hand_in_of(rig, who, &claims);

    return (answer != NULL) && (answer->kind == DG_ANSWER_ATTEST);
}

void rig_attest(struct rig *rig, unsigned who)
{
    assert_true(rig_try_attest(rig, who));
}

void rig_vouch(struct rig *rig, unsigned slot)
{
    const struct dg_enrolled *enrolled = &rig->device.settings.controller[slot];
    const struct dg_policy *policy = &rig->device.settings.trust.policy;
    struct dg_attested *attested = &rig->device.desk.attested[slot];

    assert_true(enrolled->is_used);
    *attested = (struct dg_attested){.has = true,
                                     .at = rig->device.now,
                                     .life_s = DG_ATTEST_LIFE_S_MAX,
                                     .level = DG_PACKAGE_HIGH,
                                     .policy = policy->version,
                                     .epoch = policy->epoch};
    for (unsigned claim = 0U; claim < DG_CLAIMS; claim++) {
        attested->claims = dg_attestation_state(
            attested->claims, (enum dg_claim)claim, DG_CLAIM_YES);
    }
    memcpy(attested->key_x, enrolled->key.x, sizeof attested->key_x);
    memcpy(attested->presence_x,
           enrolled->presence.x,
           sizeof attested->presence_x);
}

struct dg_prescription rig_prescription(const struct rig *rig, uint32_t counter)
{
    struct dg_prescription made = {.device = rig->settings.device,
                                   .counter = counter,
                                   .age_class =
                                       rig->settings.therapy.age_class};

    dg_bounds_of(&rig->settings.therapy, &made.bounds);
    return made;
}

dg_span rig_sign(const struct rig *rig,
                 const struct dg_prescription *prescription,
                 dg_buf room)
{
    dg_span message = {NULL, 0U};

    assert_int_equal(
        dg_prescription_sign(
            &rig->crypto, &rig->prescriber, prescription, room, &message),
        DG_OK);
    return message;
}

const struct dg_answer *rig_bring(struct rig *rig,
                                  unsigned who,
                                  dg_span profile)
{
    const struct dg_request request = {
        .kind = DG_REQUEST_PROFILE,
        .as.profile = {.verb = DG_PROFILE_TAKE, .bytes = profile}};

    return rig_ask(rig, who, &request);
}

void rig_believe(struct rig *rig, int32_t mg_dL)
{
    struct dg_glucose_state *glucose = &rig->device.glucose;

    glucose->has = true;
    glucose->value.mg_dL = mg_dL;
    glucose->at = rig->device.now;
    glucose->findings = 0U;
    glucose->streak = DG_GLUCOSE_STREAK;
    glucose->run_since.s = glucose->at.s - DG_GLUCOSE_SETTLE_S;
    assert_true(dg_glucose_is_trusted(glucose));
}
