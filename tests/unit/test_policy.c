/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "rig.h"

#include <string.h>

/* The head of the platform policy: who may replace it, by what, and what that
 * does to tickets. */

static struct rig rig;
static uint8_t room[DG_ATTEST_TICKET_MAX];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig.shows_nothing = true;
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_OWNER);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    return 0;
}

static enum dg_rung rung_of(unsigned who)
{
    return rig_greet(&rig, who)->status.rung;
}

static bool misses(enum dg_evidence which)
{
    return (((unsigned)rig_greet(&rig, 0U)->status.missing >> which) & 1U) !=
           0U;
}

static dg_span sign(const struct dg_secret *key,
                    const struct dg_attestation *attestation)
{
    dg_span ticket = {NULL, 0U};

    assert_int_equal(
        dg_attestation_sign(
            &rig.crypto, key, attestation, DG_BUF_OF(room), &ticket),
        DG_OK);
    return ticket;
}

static bool is_taken(const struct dg_answer *answer)
{
    assert_non_null(answer);
    if (answer->kind == DG_ANSWER_ATTEST) {
        return true;
    }
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_ATTESTATION);
    return false;
}

static struct dg_attestation honest(unsigned who)
{
    const struct dg_attest_nonce nonce = rig_nonce(&rig, who);

    return rig_attestation(&rig, who, &nonce);
}

static enum dg_reason policy(dg_span head)
{
    const struct dg_request request = {.kind = DG_REQUEST_POLICY,
                                       .as.policy = {head}};
    const struct dg_answer *answer = rig_ask(&rig, 1U, &request);

    assert_non_null(answer);
    return (answer->kind == DG_ANSWER_REFUSED) ? answer->as.refused.reason
                                               : DG_REASON_NONE;
}

/* @verifies{FDP_ATT.4@1} */
static void test_policy__newer_only__and_old_tickets_are_out(void **state)
{
    uint8_t head[DG_POLICY_MAX];

    (void)state;
    rig_attest(&rig, 0U);
    assert_int_equal(policy(rig_policy(&rig, 1U, DG_BUF_OF(head))),
                     DG_REASON_POLICY);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    assert_int_equal(policy(rig_policy(&rig, 5U, DG_BUF_OF(head))),
                     DG_REASON_NONE);
    /* Judged by version 1: no longer enough. */
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    assert_int_equal(policy(rig_policy(&rig, 4U, DG_BUF_OF(head))),
                     DG_REASON_POLICY);
    assert_int_equal(policy(rig_policy(&rig, 5U, DG_BUF_OF(head))),
                     DG_REASON_POLICY);
    rig_reboot(&rig);
    assert_int_equal(rig.device.settings.trust.policy.version, 5U);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    rig.settings.trust.policy.version = 5U;
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
}

/* A stolen verifier key is answered by a higher epoch. */
/* @verifies{FDP_ATT.4@1} */
static void test_policy__higher_epoch__revokes_every_older_ticket(void **state)
{
    struct dg_policy next = rig.settings.trust.policy;
    struct dg_secret stolen = rig.verifier;
    struct dg_attestation attestation;
    uint8_t head[DG_POLICY_MAX];
    dg_span span = {NULL, 0U};

    (void)state;
    rig_attest(&rig, 0U);
    assert_int_equal(rig.crypto.p256_generate(
                         rig.crypto.context, &rig.verifier, &next.verifier),
                     DG_OK);
    next.version = 2U;
    next.epoch = 2U;
    assert_int_equal(
        dg_policy_sign(&rig.crypto, &rig.maker, &next, DG_BUF_OF(head), &span),
        DG_OK);
    assert_int_equal(policy(span), DG_REASON_NONE);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    attestation = honest(0U);
    attestation.policy = 2U;
    attestation.epoch = 2U;
    assert_false(is_taken(rig_hand_in(&rig, 0U, sign(&stolen, &attestation))));
    attestation.nonce = rig_nonce(&rig, 0U);
    assert_true(is_taken(rig_hand_in_of(&rig, 0U, &attestation)));
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    /* And epochs do not go back, whatever the version. */
    next.version = 3U;
    next.epoch = 1U;
    assert_int_equal(
        dg_policy_sign(&rig.crypto, &rig.maker, &next, DG_BUF_OF(head), &span),
        DG_OK);
    assert_int_equal(policy(span), DG_REASON_POLICY);
}

/* @verifies{FDP_ATT.4@1} */
static void test_policy__not_renewed__platform_falls(void **state)
{
    struct dg_policy next = rig.settings.trust.policy;
    uint8_t head[DG_POLICY_MAX];
    dg_span span = {NULL, 0U};

    (void)state;
    next.version = 2U;
    next.life_s = DG_POLICY_LIFE_S_MIN;
    assert_int_equal(
        dg_policy_sign(&rig.crypto, &rig.maker, &next, DG_BUF_OF(head), &span),
        DG_OK);
    assert_int_equal(policy(span), DG_REASON_NONE);
    rig.settings.trust.policy.version = 2U;
    rig_wait_in_steps(&rig, 86000U, 60U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    rig_attest(&rig, 0U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE);
    rig_wait_in_steps(&rig, 401U, 1U);
    assert_int_equal(rung_of(0U), DG_RUNG_DOSE_BUTTON);
    assert_true(misses(DG_EVIDENCE_PLATFORM));
    assert_false(misses(DG_EVIDENCE_APP));
}

/* @verifies{FDP_ATT.4@1} */
static void test_attack__policy_by_another_or_changed__refused(void **state)
{
    struct dg_policy next = rig.settings.trust.policy;
    uint8_t head[DG_POLICY_MAX];
    dg_span span = {NULL, 0U};

    (void)state;
    next.version = 2U;
    assert_int_equal(
        dg_policy_sign(
            &rig.crypto, &rig.verifier, &next, DG_BUF_OF(head), &span),
        DG_OK);
    assert_int_equal(policy(span), DG_REASON_POLICY);
    span = rig_policy(&rig, 2U, DG_BUF_OF(head));
    for (size_t i = 0U; i < span.size; i += 7U) {
        head[i] ^= 0x20U;
        assert_int_equal(policy(span), DG_REASON_POLICY);
        head[i] ^= 0x20U;
    }
    assert_int_equal(rig.device.settings.trust.policy.version, 1U);
    assert_int_equal(policy(span), DG_REASON_NONE);
}

/* @verifies{FDP_ATT.4@1} */
static void test_policy__power_cut_at_every_write__old_or_new(void **state)
{
    static struct rig before;
    uint8_t head[DG_POLICY_MAX];
    const dg_span span = rig_policy(&rig, 2U, DG_BUF_OF(head));

    (void)state;
    before = rig;
    for (unsigned cut = 0U; cut < (3U * RIG_CUTS); cut++) {
        const struct dg_request request = {.kind = DG_REQUEST_POLICY,
                                           .as.policy = {span}};

        rig = before;
        rig.flash.cut_in = (cut / RIG_CUTS) + 1U;
        rig.flash.cut = (enum rig_cut)(cut % RIG_CUTS);
        (void)rig_ask(&rig, 1U, &request);
        rig_reboot(&rig);

        const struct dg_trust *trust = &rig.device.settings.trust;

        assert_true((trust->policy.version == 1U) ||
                    (trust->policy.version == 2U));
        assert_memory_equal(&trust->policy.verifier,
                            &rig.settings.trust.policy.verifier,
                            sizeof trust->policy.verifier);
    }
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        WITH(test_policy__newer_only__and_old_tickets_are_out),
        WITH(test_policy__higher_epoch__revokes_every_older_ticket),
        WITH(test_policy__not_renewed__platform_falls),
        WITH(test_attack__policy_by_another_or_changed__refused),
        WITH(test_policy__power_cut_at_every_write__old_or_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
