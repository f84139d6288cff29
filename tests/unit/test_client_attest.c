/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "phone.h"

#include <string.h>

static struct phone phone;

static int setup(void **state)
{
    (void)state;
    phone_init(&phone, false);
    phone_pair(&phone);
    return 0;
}

/* The whole way through therapy and keys, twice: nonce, ticket, next nonce. */
/* @verifies{FDP_ATT.1@1} */
static void test_client__attest__rung_rises_and_bad_ticket_is_named(
    void **state)
{
    struct dg_internal forged = {.type = DG_INTERNAL_APP_ATTEST};

    (void)state;
    memset(&phone.rig.device.desk, 0, sizeof phone.rig.device.desk);
    phone_bolus(&phone, 1, 500, false);
    assert_int_equal(phone_reply(&phone, 1)->status.rung, DG_RUNG_DOSE_BUTTON);
    assert_int_equal(phone_reply(&phone, 1)->confirmation, DG_CONFIRM_BUTTON);
    phone_ask(&phone, 2, DG_INTERNAL_APP_STOP);
    phone_attest(&phone);
    phone_ask(&phone, 3, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, 3)->status.rung, DG_RUNG_DOSE);
    forged.as.app.tag = 4;
    forged.as.app.ticket.size = 200;
    memset(forged.as.app.ticket.byte, 0x5A, 200);
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &forged),
                     DG_OK);
    phone_wait(&phone, 1000);
    assert_int_equal(phone_reply(&phone, 4)->result, DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, 4)->reason, DG_REASON_ATTESTATION);
}

/* A head of the policy goes the same way: one that is not newer is named, a
 * newer one ends what was attested under the old. */
/* @verifies{FDP_ATT.4@1} */
static void test_client__policy_head__carried_and_judged_by_the_pump(
    void **state)
{
    struct dg_internal head = {.type = DG_INTERNAL_APP_ATTEST};
    struct dg_slip *slip = &head.as.app.ticket;
    struct dg_policy policy = phone.rig.device.settings.trust.policy;
    dg_span bytes = {NULL, 0U};

    (void)state;
    phone_bolus(&phone, 9, 500, false); /* takes the lease */
    phone_ask(&phone, 8, DG_INTERNAL_APP_STOP);
    phone_attest(&phone);
    phone_ask(&phone, 1, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, 1)->status.rung, DG_RUNG_DOSE);
    slip->is_head = true;
    for (uint32_t tag = 2; tag <= 3U; tag++) {
        assert_int_equal(dg_policy_sign(&phone.rig.crypto,
                                        &phone.rig.maker,
                                        &policy,
                                        DG_BUF_OF(slip->byte),
                                        &bytes),
                         DG_OK);
        memmove(slip->byte, bytes.at, bytes.size);
        slip->size = (uint16_t)bytes.size;
        head.as.app.tag = tag;
        assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &head),
                         DG_OK);
        phone_wait(&phone, 1000);
        policy.version++;
    }
    assert_int_equal(phone_reply(&phone, 2)->result, DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, 2)->reason, DG_REASON_POLICY);
    assert_int_equal(phone_reply(&phone, 3)->result, DG_RESULT_OK);
    phone_ask(&phone, 4, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, 4)->status.rung, DG_RUNG_DOSE_BUTTON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_client__attest__rung_rises_and_bad_ticket_is_named, setup),
        cmocka_unit_test_setup(
            test_client__policy_head__carried_and_judged_by_the_pump, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
