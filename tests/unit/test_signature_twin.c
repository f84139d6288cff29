/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/attest_desk.h"
#include "dosegate/cose.h"
#include "dosegate/manifest.h"
#include "dosegate/policy.h"
#include "maker.h"

/* Who has a signature (r, s) of ECDSA can make its twin (r, n - s), which holds
 * as well, without the key.  It is taken wherever the first is, because a
 * signer cannot be kept from either, and it must be worth nothing: a statement
 * is known by what it says, never by the bytes of its signature. */

/* Order of P-256 (FIPS 186-5). */
static const uint8_t order[DG_P256_SIZE] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
    0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

static struct rig rig;

static void turn(uint8_t *s)
{
    unsigned borrow = 0U;

    for (size_t k = DG_P256_SIZE; k-- > 0U;) {
        const unsigned take = (unsigned)s[k] + borrow;

        s[k] = (uint8_t)((unsigned)order[k] - take);
        borrow = (take > order[k]) ? 1U : 0U;
    }
    assert_int_equal(borrow, 0U);
}

/* A statement ends with its signature. */
static dg_span twin_of(dg_span message, dg_buf room)
{
    assert_true(message.size <= room.capacity);
    memcpy(room.at, message.at, message.size);
    turn(&room.at[message.size - DG_P256_SIZE]);
    assert_memory_not_equal(room.at, message.at, message.size);
    return (dg_span){room.at, message.size};
}

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    return 0;
}

/* @verifies{FDP_DOSE.1@1} */
static void test_twin__approval__one_ticket_one_dose(void **state)
{
    (void)state;
    for (unsigned first = 0U; first < 2U; first++) {
        (void)start(NULL);
        assert_int_equal(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500)->kind,
                         DG_ANSWER_TICKET);

        const struct dg_ticket_id id = rig.phone[0].ticket.as.ticket.id;
        const struct dg_approval approval = rig_approval(&rig, 0U);
        struct dg_request request =
            rig_signed_commit(&rig, &rig.phone[0].presence, &id, &approval);

        if (first == 1U) {
            turn(&request.as.commit.signature.byte[DG_P256_SIZE]);
        }
        assert_int_equal(rig_ask(&rig, 0U, &request)->kind, DG_ANSWER_ACCEPTED);
        turn(&request.as.commit.signature.byte[DG_P256_SIZE]);
        assert_int_equal(rig_ask(&rig, 0U, &request)->kind, DG_ANSWER_ALREADY);
        rig_wait(&rig, 120U);
        assert_int_equal(rig_ask(&rig, 0U, &request)->kind, DG_ANSWER_ALREADY);
        rig_wait(&rig, 120U);
        assert_int_equal(rig.moved * DG_PULSE_MU, 500);
    }
}

/* @verifies{FDP_ATT.4@1} */
static void test_twin__policy__an_old_one(void **state)
{
    uint8_t room[DG_POLICY_MAX];
    uint8_t twin_room[DG_POLICY_MAX];
    const dg_span head = rig_policy(&rig, 50U, DG_BUF_OF(room));
    const dg_span twin = twin_of(head, DG_BUF_OF(twin_room));
    struct dg_policy policy;

    (void)state;
    assert_int_equal(
        dg_policy_verify(
            &rig.crypto, &rig.settings.trust.policy_key, twin, &policy),
        DG_OK);
    assert_int_equal(dg_desk_policy(&rig.device, head), DG_REASON_NONE);

    const struct dg_trust held = rig.device.settings.trust;
    const uint32_t generation = rig.device.settings.generation;

    assert_int_equal(dg_desk_policy(&rig.device, twin), DG_REASON_POLICY);
    assert_int_equal(dg_desk_policy(&rig.device, head), DG_REASON_POLICY);
    assert_memory_equal(&rig.device.settings.trust, &held, sizeof held);
    assert_int_equal(rig.device.settings.generation, generation);
}

/* @verifies{FMT_LIM.2@1} */
static void test_twin__profile__nothing_new(void **state)
{
    struct dg_prescription prescription = rig_prescription(&rig, 1U);
    uint8_t room[DG_PRESCRIPTION_MAX];
    uint8_t twin_room[DG_PRESCRIPTION_MAX];
    const dg_span profile = rig_sign(&rig, &prescription, DG_BUF_OF(room));
    const dg_span twin = twin_of(profile, DG_BUF_OF(twin_room));

    (void)state;
    assert_int_equal(rig_bring(&rig, 0U, profile)->kind, DG_ANSWER_PROFILE);

    const struct dg_settings held = rig.device.settings;

    assert_int_equal(rig_bring(&rig, 0U, twin)->kind, DG_ANSWER_PROFILE);
    assert_memory_equal(&rig.device.settings, &held, sizeof held);
}

/* @verifies{FDP_ATT.1@1} */
static void test_twin__ticket__its_nonce_is_spent(void **state)
{
    const struct dg_attest_nonce nonce = rig_nonce(&rig, 0U);
    const struct dg_attestation claims = rig_attestation(&rig, 0U, &nonce);
    uint8_t room[DG_ATTEST_TICKET_MAX];
    uint8_t twin_room[DG_ATTEST_TICKET_MAX];
    dg_span ticket = {NULL, 0U};

    (void)state;
    assert_int_equal(
        dg_attestation_sign(
            &rig.crypto, &rig.verifier, &claims, DG_BUF_OF(room), &ticket),
        DG_OK);

    const dg_span twin = twin_of(ticket, DG_BUF_OF(twin_room));

    assert_int_equal(dg_desk_take(&rig.device, 0U, twin), DG_REASON_NONE);

    const struct dg_attested held = rig.device.desk.attested[0];

    assert_int_equal(dg_desk_take(&rig.device, 0U, ticket),
                     DG_REASON_ATTESTATION);
    assert_int_equal(dg_desk_take(&rig.device, 0U, twin),
                     DG_REASON_ATTESTATION);
    assert_memory_equal(&rig.device.desk.attested[0], &held, sizeof held);
}

/* The same release: it begins anew, as any offer with other bytes does, and
 * comes to the same image under the same counter. */
/* @verifies{FPT_TUD.1@1} */
static void test_twin__manifest__the_same_release(void **state)
{
    struct dg_manifest manifest;
    struct dg_manifest back;
    uint8_t twin_room[DG_MANIFEST_MAX];
    dg_span twin;

    (void)state;
    maker_manufacture();
    manifest = maker_manifest_of(2U, 6U);
    twin = twin_of(maker_sign(&manifest), DG_BUF_OF(twin_room));
    assert_int_equal(
        dg_manifest_verify(&maker_crypto, &maker_root, twin, &back), DG_OK);
    assert_memory_equal(&back, &manifest, sizeof back);
    assert_true(maker_download(1U, &manifest, twin));
    assert_int_equal(
        dg_image_verify(
            &maker_images.port, &maker_crypto, &maker_root, 1U, &back),
        DG_OK);
    assert_memory_equal(&back, &manifest, sizeof back);
    /* Of an image below the counter a twin is below it as well. */
    manifest = maker_manifest_of(3U, 4U);
    twin = twin_of(maker_sign(&manifest), DG_BUF_OF(twin_room));
    assert_true(maker_download(1U, &manifest, twin));
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_twin__approval__one_ticket_one_dose, start),
        cmocka_unit_test_setup(test_twin__policy__an_old_one, start),
        cmocka_unit_test_setup(test_twin__profile__nothing_new, start),
        cmocka_unit_test_setup(test_twin__ticket__its_nonce_is_spent, start),
        cmocka_unit_test(test_twin__manifest__the_same_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
