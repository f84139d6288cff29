/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/attest_desk.h"
#include "core/device_parts.h"
#include "rig.h"

#include <string.h>

/* The desk where tickets are handed in, when what is around it fails: no
 * randomness, no policy, a clock that reads less than it did. */

static struct rig rig;
static uint8_t room[DG_ATTEST_TICKET_MAX];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig.shows_nothing = true;
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    assert_true(rig_connect(&rig, 0U));
    return 0;
}

static dg_span fresh_ticket(void)
{
    struct dg_attest_nonce nonce;
    dg_span ticket = {NULL, 0U};

    assert_int_equal(dg_desk_nonce(&rig.device, 0U, &nonce), DG_OK);

    const struct dg_attestation claims = rig_attestation(&rig, 0U, &nonce);

    assert_int_equal(
        dg_attestation_sign(
            &rig.crypto, &rig.verifier, &claims, DG_BUF_OF(room), &ticket),
        DG_OK);
    return ticket;
}

static bool holds(enum dg_evidence which)
{
    struct dg_evidence_set evidence;

    memset(&evidence, 0, sizeof evidence);
    evidence.package = DG_PACKAGE_MEDIUM;
    dg_desk_show(&rig.device, 0U, &evidence);
    return evidence.exhibit[which].held;
}

static enum dg_status no_random(void *context, dg_buf out)
{
    (void)context;
    (void)out;
    return DG_E_PORT;
}

static enum dg_status no_hash(void *context,
                              const dg_span *parts,
                              size_t count,
                              struct dg_hash *hash)
{
    (void)context;
    (void)parts;
    (void)count;
    (void)hash;
    return DG_E_PORT;
}

/* Whose ticket it is cannot be told: then it is nobody's. */
/* @verifies{FDP_ATT.1@1} */
static void test_desk__no_hash__not_taken(void **state)
{
    const dg_span ticket = fresh_ticket();

    (void)state;
    rig.crypto.sha256 = no_hash;
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket),
                     DG_REASON_ATTESTATION);
    assert_false(holds(DG_EVIDENCE_APP));
}

/* A nonce that could be guessed is worse than none. */
/* @verifies{FDP_ATT.1@1} */
static void test_desk__no_randomness__no_nonce_and_old_ones_stay(void **state)
{
    const dg_span ticket = fresh_ticket();
    struct dg_attest_nonce nonce;

    (void)state;
    rig.crypto.random = no_random;
    assert_int_equal(dg_desk_nonce(&rig.device, 0U, &nonce), DG_E_PORT);
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket), DG_REASON_NONE);
    assert_true(holds(DG_EVIDENCE_ATTESTATION));
}

/* @verifies{FDP_ATT.3@1} */
static void test_attack__clock_reads_less__nothing_is_fresher(void **state)
{
    const dg_span ticket = fresh_ticket();
    const uint32_t now_s = rig.device.now.s;

    (void)state;
    rig.device.now.s = now_s - 1U;
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket),
                     DG_REASON_ATTESTATION);
    rig.device.now.s = now_s;
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket), DG_REASON_NONE);
    assert_true(holds(DG_EVIDENCE_PLATFORM));
    rig.device.now.s = now_s - 1U;
    assert_false(holds(DG_EVIDENCE_APP));
    assert_false(holds(DG_EVIDENCE_ATTESTATION));
    rig.device.now.s = now_s;
    rig.device.settings.trust.policy_at.s = now_s + 1U;
    assert_false(holds(DG_EVIDENCE_PLATFORM));
    assert_true(holds(DG_EVIDENCE_APP));
}

/* @verifies{FDP_ATT.4@1} */
static void test_desk__no_policy__no_ticket_is_believed(void **state)
{
    dg_span ticket = fresh_ticket();

    (void)state;
    rig.device.settings.trust.policy.version = 0U;
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket),
                     DG_REASON_ATTESTATION);
    rig.device.settings.trust.policy.version = 1U;
    ticket = fresh_ticket();
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket), DG_REASON_NONE);
    assert_true(holds(DG_EVIDENCE_PLATFORM));
    rig.device.settings.trust.policy.version = 0U;
    assert_false(holds(DG_EVIDENCE_PLATFORM));
}

/* @verifies{FDP_ATT.1@1} */
static void test_desk__phone_gone__neither_taken_nor_held(void **state)
{
    dg_span ticket = fresh_ticket();

    (void)state;
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket), DG_REASON_NONE);
    ticket = fresh_ticket();
    rig.device.settings.controller[0].is_used = false;
    assert_false(holds(DG_EVIDENCE_APP));
    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket),
                     DG_REASON_ATTESTATION);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        WITH(test_desk__no_randomness__no_nonce_and_old_ones_stay),
        WITH(test_desk__no_hash__not_taken),
        WITH(test_attack__clock_reads_less__nothing_is_fresher),
        WITH(test_desk__no_policy__no_ticket_is_believed),
        WITH(test_desk__phone_gone__neither_taken_nor_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
