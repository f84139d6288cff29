/* SPDX-License-Identifier: Apache-2.0 */
/* A device on the PSA port and phones on the OpenSSL port: two libraries that
 * know nothing of each other agree on every byte. */
#include "cmocka_all.h"
#include "ports/psa/crypto_psa.h"
#include "rig.h"

static struct rig rig;
static struct dg_crypto psa;

static struct rig *start(void)
{
    const struct dg_therapy therapy = rig_therapy(1000);

    rig_init(&rig, &therapy);
    rig.ports.crypto = &psa;
    rig_reboot(&rig);
    assert_ptr_equal(rig.device.ports->crypto, &psa);
    return &rig;
}

/* @verifies{FPT_FIRMWARE.1@1} */
static void test_psa_session__two_libraries__pair_connect_and_dose(void **state)
{
    struct rig *r = start();
    const unsigned before = r->p256;

    (void)state;
    rig_ready(r, 150);
    assert_true(rig_dose(r, 0U, DG_TIER_CONFIRMED, 1000));

    const uint32_t moved = r->moved;

    rig_wait(r, 60U);
    assert_true((r->moved - moved) >= 19U);
    /* The phones worked on their own library and were counted there. */
    assert_true(r->p256 > before);
}

static void test_psa_session__forged_record__silence_then_goes_on(void **state)
{
    struct rig *r = start();
    uint8_t junk[64] = {0U};

    (void)state;
    rig_ready(r, 150);
    for (unsigned i = 0U; i < 256U; i++) {
        junk[0] = (uint8_t)i;
        assert_int_equal(rig_deliver(r, DG_SPAN_OF(junk)).size, 0U);
    }
    assert_int_equal(rig_greet(r, 0U)->kind, DG_ANSWER_STATUS);
}

/* A signature by a key that is not the person's, verified by PSA. */
static void test_psa_session__wrong_signature__refused(void **state)
{
    struct rig *r = start();

    (void)state;
    rig_ready(r, 150);
    assert_int_equal(rig_propose(r, 0U, DG_TIER_CONFIRMED, 1000)->kind,
                     DG_ANSWER_TICKET);

    const struct dg_approval approval = rig_approval(r, 0U);
    struct dg_request commit = rig_signed_commit(
        r, &r->phone[0].presence, &approval.ticket, &approval);

    commit.as.commit.signature.byte[63] ^= 1U;

    const struct dg_answer *answer = rig_ask(r, 0U, &commit);

    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_PRESENCE);
    commit.as.commit.signature.byte[63] ^= 1U;
    assert_int_equal(rig_ask(r, 0U, &commit)->kind, DG_ANSWER_ACCEPTED);
}

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_psa_init(&psa) == DG_OK) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_psa_free(&psa);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_psa_session__two_libraries__pair_connect_and_dose),
        cmocka_unit_test(test_psa_session__forged_record__silence_then_goes_on),
        cmocka_unit_test(test_psa_session__wrong_signature__refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
