/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/approval.h"
#include "dosegate/controller.h"
#include "dosegate/cose.h"
#include "dosegate/credential.h"
#include "dosegate/device.h"
#include "dosegate/knock.h"
#include "dosegate/manifest.h"
#include "dosegate/pairing_digits.h"
#include "dosegate/policy.h"
#include "dosegate/sensor.h"

#include <string.h>

/* A pointer that is missing is a mistake of the integrator: each function that
 * takes bytes, keys or a session says so, and touches nothing. */

static struct dg_crypto crypto;
static struct dg_secret secret;
static struct dg_public_key key;
static struct dg_hash hash;
static uint8_t bytes[DG_DATAGRAM_MAX];
static const dg_span some = {bytes, 8U};
static const dg_span no_bytes = {NULL, 8U};
static const dg_buf room = {bytes, sizeof bytes};
static const dg_buf no_room = {NULL, 0U};
static dg_span out;
static struct dg_approval approval;
static struct dg_device_id id;
static struct dg_attestation attestation;
static struct dg_controller controller;
static struct dg_phone phone;
static enum dg_controller_event event;
static struct dg_ccs ccs;
static struct dg_credential credential;
static struct dg_edhoc edhoc;
static const struct dg_edhoc_suites suites = {1U, {2}, DG_METHOD_STATIC};
static struct dg_edhoc_claim claim;
static struct dg_edhoc_self self;
static struct dg_edhoc_peer peer;
static unsigned number;
static struct dg_knock knock;
static struct dg_update_root root;
static struct dg_manifest manifest;
static struct dg_pairing_code code;
static struct dg_pairing_request request;
static struct dg_pairing_answer answer;
static struct dg_pairing_digits digits;
static struct dg_spake2plus_secrets secrets;
static struct dg_spake2plus_record verifier;
static struct dg_spake2plus_attempt attempt;
static struct dg_spake2plus_names names;
static struct dg_spake2plus_pending pending;
static struct dg_policy policy;
static struct dg_prover prover;
static struct dg_record record;
static struct dg_reading reading;
static const uint8_t id_cred[4] = {0xA1U, 0x04U, 0x41U, 0x10U};

/* Arguments that are sound, so that the one that is missing is why. */
static int start(void **state)
{
    (void)state;
    self.id_cred = DG_SPAN_OF(id_cred);
    self.cred = some;
    peer.cred = some;
    names = (struct dg_spake2plus_names){some, some, some};
    memset(digits.digit, '1', sizeof digits.digit);
    return 0;
}

#define usage(call) assert_int_equal((call), DG_E_USAGE)

static void test_usage__approval__each_null_refused(void **state)
{
    (void)state;
    usage(dg_approval_hash(NULL, &approval, &hash));
    usage(dg_approval_hash(&crypto, NULL, &hash));
    usage(dg_approval_hash(&crypto, &approval, NULL));
}

static void test_usage__attestation__each_null_refused(void **state)
{
    (void)state;
    usage(dg_attestation_subject(NULL, &id, &key, &key, &hash));
    usage(dg_attestation_subject(&crypto, NULL, &key, &key, &hash));
    usage(dg_attestation_subject(&crypto, &id, NULL, &key, &hash));
    usage(dg_attestation_subject(&crypto, &id, &key, NULL, &hash));
    usage(dg_attestation_subject(&crypto, &id, &key, &key, NULL));
    usage(dg_attestation_sign(NULL, &secret, &attestation, room, &out));
    usage(dg_attestation_sign(&crypto, NULL, &attestation, room, &out));
    usage(dg_attestation_sign(&crypto, &secret, NULL, room, &out));
    usage(dg_attestation_sign(&crypto, &secret, &attestation, room, NULL));
    usage(dg_attestation_peek(some, NULL));
    usage(dg_attestation_verify(NULL, &key, some, &attestation));
    usage(dg_attestation_verify(&crypto, NULL, some, &attestation));
    usage(dg_attestation_verify(&crypto, &key, some, NULL));
}

static void test_usage__controller__each_null_refused(void **state)
{
    (void)state;
    usage(dg_controller_carry(NULL, some));
    usage(dg_controller_carry(&controller, no_bytes));
    usage(dg_controller_connect(NULL, &crypto, &phone, room, &out));
    usage(dg_controller_connect(&controller, NULL, &phone, room, &out));
    usage(dg_controller_connect(&controller, &crypto, NULL, room, &out));
    usage(dg_controller_connect(&controller, &crypto, &phone, room, NULL));
    usage(
        dg_controller_receive(NULL, &crypto, &phone, some, room, &event, &out));
    usage(dg_controller_receive(
        &controller, NULL, &phone, some, room, &event, &out));
    usage(dg_controller_receive(
        &controller, &crypto, NULL, some, room, &event, &out));
    usage(dg_controller_receive(
        &controller, &crypto, &phone, some, room, NULL, &out));
    usage(dg_controller_receive(
        &controller, &crypto, &phone, some, room, &event, NULL));
    usage(dg_controller_send(NULL, &crypto, some, room, &out));
    usage(dg_controller_send(&controller, NULL, some, room, &out));
    usage(dg_controller_send(&controller, &crypto, some, room, NULL));
    usage(dg_controller_rekey(NULL, &crypto, room, &out));
    usage(dg_controller_rekey(&controller, NULL, room, &out));
    usage(dg_controller_rekey(&controller, &crypto, room, NULL));
}

static void test_usage__cose__each_null_refused(void **state)
{
    (void)state;
    usage(dg_cose_sign1(NULL, &secret, some, some, some, room, &out));
    usage(dg_cose_sign1(&crypto, NULL, some, some, some, room, &out));
    usage(dg_cose_sign1(&crypto, &secret, no_bytes, some, some, room, &out));
    usage(dg_cose_sign1(&crypto, &secret, some, no_bytes, some, room, &out));
    usage(dg_cose_sign1(&crypto, &secret, some, some, no_bytes, room, &out));
    usage(dg_cose_sign1(&crypto, &secret, some, some, some, no_room, &out));
    usage(dg_cose_sign1(&crypto, &secret, some, some, some, room, NULL));
    usage(dg_cose_sign1_parse(some, NULL));
    usage(dg_cose_sign1_verify(NULL, &key, some, some, &out));
    usage(dg_cose_sign1_verify(&crypto, NULL, some, some, &out));
    usage(dg_cose_sign1_verify(&crypto, &key, no_bytes, some, &out));
    usage(dg_cose_sign1_verify(&crypto, &key, some, some, NULL));
}

static void test_usage__credential__each_null_refused(void **state)
{
    (void)state;
    usage(dg_credential_ccs(NULL, &ccs));
    usage(dg_credential_ccs(&credential, NULL));
}

static void test_usage__edhoc__each_null_refused(void **state)
{
    (void)state;
    usage(dg_edhoc_export(NULL, &crypto, 1U, some, room));
    usage(dg_edhoc_export(&edhoc, NULL, 1U, some, room));
    usage(dg_edhoc_export(&edhoc, &crypto, 1U, no_bytes, room));
    usage(dg_edhoc_export(&edhoc, &crypto, 1U, some, no_room));
    usage(dg_edhoc_ead_pick(some, NULL, 1U));
}

static void test_usage__edhoc_i__each_null_refused(void **state)
{
    (void)state;
    usage(dg_edhoc_i_message_1(
        NULL, &crypto, &suites, 1U, some, some, room, &out));
    usage(dg_edhoc_i_message_1(
        &edhoc, NULL, &suites, 1U, some, some, room, &out));
    usage(dg_edhoc_i_message_1(
        &edhoc, &crypto, NULL, 1U, some, some, room, &out));
    usage(dg_edhoc_i_message_1(
        &edhoc, &crypto, &suites, 1U, no_bytes, some, room, &out));
    usage(dg_edhoc_i_message_1(
        &edhoc, &crypto, &suites, 1U, some, some, no_room, &out));
    usage(dg_edhoc_i_message_1(
        &edhoc, &crypto, &suites, 1U, some, some, room, NULL));
    usage(dg_edhoc_i_read_message_2(NULL, &crypto, some, &claim));
    usage(dg_edhoc_i_read_message_2(&edhoc, NULL, some, &claim));
    usage(dg_edhoc_i_read_message_2(&edhoc, &crypto, no_bytes, &claim));
    usage(dg_edhoc_i_read_message_2(&edhoc, &crypto, some, NULL));
    usage(dg_edhoc_i_verify_message_2(NULL, &crypto, &self, &peer));
    usage(dg_edhoc_i_verify_message_2(&edhoc, NULL, &self, &peer));
    usage(dg_edhoc_i_verify_message_2(&edhoc, &crypto, NULL, &peer));
    usage(dg_edhoc_i_verify_message_2(&edhoc, &crypto, &self, NULL));
    usage(dg_edhoc_i_message_3(NULL, &crypto, &self, some, room, &out));
    usage(dg_edhoc_i_message_3(&edhoc, NULL, &self, some, room, &out));
    usage(dg_edhoc_i_message_3(&edhoc, &crypto, NULL, some, room, &out));
    usage(dg_edhoc_i_message_3(&edhoc, &crypto, &self, some, no_room, &out));
    usage(dg_edhoc_i_message_3(&edhoc, &crypto, &self, some, room, NULL));
    usage(dg_edhoc_i_read_message_4(NULL, &crypto, some, &claim));
    usage(dg_edhoc_i_read_message_4(&edhoc, NULL, some, &claim));
    usage(dg_edhoc_i_read_message_4(&edhoc, &crypto, no_bytes, &claim));
    usage(dg_edhoc_i_read_message_4(&edhoc, &crypto, some, NULL));
    usage(dg_edhoc_i_read_error(NULL, some, &number));
    usage(dg_edhoc_i_read_error(&suites, no_bytes, &number));
    usage(dg_edhoc_i_read_error(&suites, some, NULL));
}

static void test_usage__edhoc_keys__each_null_refused(void **state)
{
    (void)state;
    usage(dg_edhoc_key_update(NULL, &secret, some, &secret));
    usage(dg_edhoc_key_update(&crypto, NULL, some, &secret));
    usage(dg_edhoc_key_update(&crypto, &secret, no_bytes, &secret));
    usage(dg_edhoc_key_update(&crypto, &secret, some, NULL));
}

static void test_usage__edhoc_r__each_null_refused(void **state)
{
    (void)state;
    usage(dg_edhoc_r_read_message_1(
        NULL, &crypto, &suites, some, &claim, room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, NULL, &suites, some, &claim, room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, &crypto, NULL, some, &claim, room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, &crypto, &suites, no_bytes, &claim, room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, &crypto, &suites, some, NULL, room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, &crypto, &suites, some, &claim, no_room, &out));
    usage(dg_edhoc_r_read_message_1(
        &edhoc, &crypto, &suites, some, &claim, room, NULL));
    usage(dg_edhoc_r_message_2(NULL, &crypto, &self, some, some, room, &out));
    usage(dg_edhoc_r_message_2(&edhoc, NULL, &self, some, some, room, &out));
    usage(dg_edhoc_r_message_2(&edhoc, &crypto, NULL, some, some, room, &out));
    usage(dg_edhoc_r_message_2(
        &edhoc, &crypto, &self, no_bytes, some, room, &out));
    usage(dg_edhoc_r_message_2(
        &edhoc, &crypto, &self, some, some, no_room, &out));
    usage(dg_edhoc_r_message_2(&edhoc, &crypto, &self, some, some, room, NULL));
    usage(dg_edhoc_r_read_message_3(NULL, &crypto, &self, some, &claim));
    usage(dg_edhoc_r_read_message_3(&edhoc, NULL, &self, some, &claim));
    usage(dg_edhoc_r_read_message_3(&edhoc, &crypto, NULL, some, &claim));
    usage(dg_edhoc_r_read_message_3(&edhoc, &crypto, &self, no_bytes, &claim));
    usage(dg_edhoc_r_read_message_3(&edhoc, &crypto, &self, some, NULL));
    usage(dg_edhoc_r_verify_message_3(NULL, &crypto, &self, &peer));
    usage(dg_edhoc_r_verify_message_3(&edhoc, NULL, &self, &peer));
    usage(dg_edhoc_r_verify_message_3(&edhoc, &crypto, NULL, &peer));
    usage(dg_edhoc_r_verify_message_3(&edhoc, &crypto, &self, NULL));
    usage(dg_edhoc_r_message_4(NULL, &crypto, some, room, &out));
    usage(dg_edhoc_r_message_4(&edhoc, NULL, some, room, &out));
    usage(dg_edhoc_r_message_4(&edhoc, &crypto, some, no_room, &out));
    usage(dg_edhoc_r_message_4(&edhoc, &crypto, some, room, NULL));
}

static void test_usage__knock__each_null_refused(void **state)
{
    (void)state;
    usage(dg_knock_key(NULL, &secret, &key, &secret));
    usage(dg_knock_key(&crypto, NULL, &key, &secret));
    usage(dg_knock_key(&crypto, &secret, NULL, &secret));
    usage(dg_knock_key(&crypto, &secret, &key, NULL));
    usage(dg_knock_write(NULL, &secret, &knock, room, &out));
    usage(dg_knock_write(&crypto, NULL, &knock, room, &out));
    usage(dg_knock_write(&crypto, &secret, NULL, room, &out));
    usage(dg_knock_write(&crypto, &secret, &knock, no_room, &out));
    usage(dg_knock_write(&crypto, &secret, &knock, room, NULL));
    usage(dg_knock_parse(no_bytes, &knock));
    usage(dg_knock_parse(some, NULL));
    usage(dg_knock_verify(NULL, &secret, some));
    usage(dg_knock_verify(&crypto, NULL, some));
}

static void test_usage__manifest__each_null_refused(void **state)
{
    (void)state;
    usage(dg_manifest_sign(NULL, &secret, &root, &manifest, room, &out));
    usage(dg_manifest_sign(&crypto, NULL, &root, &manifest, room, &out));
    usage(dg_manifest_sign(&crypto, &secret, NULL, &manifest, room, &out));
    usage(dg_manifest_sign(&crypto, &secret, &root, NULL, room, &out));
    usage(dg_manifest_sign(&crypto, &secret, &root, &manifest, room, NULL));
    usage(dg_manifest_verify(NULL, &root, some, &manifest));
    usage(dg_manifest_verify(&crypto, NULL, some, &manifest));
    usage(dg_manifest_verify(&crypto, &root, some, NULL));
}

static void test_usage__pairing__each_null_refused(void **state)
{
    (void)state;
    usage(dg_pairing_code_encode(NULL, room, &out));
    usage(dg_pairing_code_encode(&code, room, NULL));
    usage(dg_pairing_code_decode(some, NULL));
    usage(dg_pairing_request_seal(NULL, &code, bytes, &request, room, &out));
    usage(dg_pairing_request_seal(&crypto, NULL, bytes, &request, room, &out));
    usage(dg_pairing_request_seal(&crypto, &code, NULL, &request, room, &out));
    usage(dg_pairing_request_seal(&crypto, &code, bytes, NULL, room, &out));
    usage(dg_pairing_request_seal(&crypto, &code, bytes, &request, room, NULL));
    usage(dg_pairing_request_open(NULL, &code, some, bytes, &request));
    usage(dg_pairing_request_open(&crypto, NULL, some, bytes, &request));
    assert_int_equal(
        dg_pairing_request_open(&crypto, &code, no_bytes, bytes, &request),
        DG_E_TRUNCATED);
    usage(dg_pairing_request_open(&crypto, &code, some, NULL, &request));
    usage(dg_pairing_request_open(&crypto, &code, some, bytes, NULL));
    usage(dg_pairing_answer_seal(NULL, &code, bytes, &answer, room, &out));
    usage(dg_pairing_answer_seal(&crypto, NULL, bytes, &answer, room, &out));
    usage(dg_pairing_answer_seal(&crypto, &code, NULL, &answer, room, &out));
    usage(dg_pairing_answer_seal(&crypto, &code, bytes, NULL, room, &out));
    usage(dg_pairing_answer_seal(&crypto, &code, bytes, &answer, room, NULL));
    usage(dg_pairing_answer_open(NULL, &code, bytes, some, &answer));
    usage(dg_pairing_answer_open(&crypto, NULL, bytes, some, &answer));
    usage(dg_pairing_answer_open(&crypto, &code, NULL, some, &answer));
    assert_int_equal(
        dg_pairing_answer_open(&crypto, &code, bytes, no_bytes, &answer),
        DG_E_TRUNCATED);
    usage(dg_pairing_answer_open(&crypto, &code, bytes, some, NULL));
}

static void test_usage__pairing_digits__each_null_refused(void **state)
{
    (void)state;
    usage(dg_pairing_digits_stretch(&crypto, NULL, &digits, &secrets));
    usage(dg_pairing_digits_stretch(&crypto, &id, NULL, &secrets));
}

static void test_usage__policy__each_null_refused(void **state)
{
    (void)state;
    usage(dg_policy_sign(NULL, &secret, &policy, room, &out));
    usage(dg_policy_sign(&crypto, NULL, &policy, room, &out));
    usage(dg_policy_sign(&crypto, &secret, NULL, room, &out));
    usage(dg_policy_sign(&crypto, &secret, &policy, room, NULL));
    usage(dg_policy_verify(NULL, &key, some, &policy));
    usage(dg_policy_verify(&crypto, NULL, some, &policy));
    assert_int_equal(dg_policy_verify(&crypto, &key, no_bytes, &policy),
                     DG_E_RANGE);
    usage(dg_policy_verify(&crypto, &key, some, NULL));
}

static void test_usage__prover__each_null_refused(void **state)
{
    (void)state;
    usage(dg_prover_start(NULL, &crypto, bytes, &request, room, &out));
    usage(dg_prover_start(&prover, NULL, bytes, &request, room, &out));
    usage(dg_prover_start(&prover, &crypto, NULL, &request, room, &out));
    usage(dg_prover_start(&prover, &crypto, bytes, NULL, room, &out));
    usage(dg_prover_start(&prover, &crypto, bytes, &request, no_room, &out));
    usage(dg_prover_start(&prover, &crypto, bytes, &request, room, NULL));
    usage(dg_prover_enroll(NULL, &request));
    usage(dg_prover_enroll(&prover, NULL));
    usage(dg_prover_receive(NULL, &crypto, some, room, &out));
    usage(dg_prover_receive(&prover, NULL, some, room, &out));
    usage(dg_prover_receive(&prover, &crypto, some, no_room, &out));
    usage(dg_prover_receive(&prover, &crypto, some, room, NULL));
}

static void test_usage__record__each_null_refused(void **state)
{
    (void)state;
    usage(dg_record_seal(NULL, &crypto, some, room, &out));
    usage(dg_record_seal(&record, NULL, some, room, &out));
    usage(dg_record_seal(&record, &crypto, no_bytes, room, &out));
    usage(dg_record_seal(&record, &crypto, some, no_room, &out));
    usage(dg_record_seal(&record, &crypto, some, room, NULL));
    usage(dg_record_open(NULL, &crypto, some, room, &out));
    usage(dg_record_open(&record, NULL, some, room, &out));
    usage(dg_record_open(&record, &crypto, no_bytes, room, &out));
    usage(dg_record_open(&record, &crypto, some, no_room, &out));
    usage(dg_record_open(&record, &crypto, some, room, NULL));
}

static void test_usage__sensor__each_null_refused(void **state)
{
    (void)state;
    usage(dg_reading_write(NULL, &secret, &reading, room, &out));
    usage(dg_reading_write(&crypto, NULL, &reading, room, &out));
    usage(dg_reading_write(&crypto, &secret, NULL, room, &out));
    usage(dg_reading_write(&crypto, &secret, &reading, room, NULL));
    assert_int_equal(dg_reading_parse(no_bytes, &reading), DG_E_TRUNCATED);
    usage(dg_reading_parse(some, NULL));
    usage(dg_reading_verify(NULL, &secret, some, &reading));
    usage(dg_reading_verify(&crypto, NULL, some, &reading));
    usage(dg_reading_verify(&crypto, &secret, some, NULL));
}

static void test_usage__spake2plus__each_null_refused(void **state)
{
    (void)state;
    usage(dg_spake2plus_register(NULL, &secrets, &verifier));
    usage(dg_spake2plus_register(&crypto, NULL, &verifier));
    usage(dg_spake2plus_register(&crypto, &secrets, NULL));
    usage(dg_spake2plus_start(NULL, &secrets, &attempt));
    usage(dg_spake2plus_start(&crypto, NULL, &attempt));
    usage(dg_spake2plus_start(&crypto, &secrets, NULL));
    usage(dg_spake2plus_finish(
        NULL, &secrets, &names, &attempt, some, some, bytes, &secret));
    usage(dg_spake2plus_finish(
        &crypto, NULL, &names, &attempt, some, some, bytes, &secret));
    usage(dg_spake2plus_finish(
        &crypto, &secrets, NULL, &attempt, some, some, bytes, &secret));
    usage(dg_spake2plus_finish(
        &crypto, &secrets, &names, NULL, some, some, bytes, &secret));
    usage(dg_spake2plus_finish(
        &crypto, &secrets, &names, &attempt, some, some, NULL, &secret));
    usage(dg_spake2plus_finish(
        &crypto, &secrets, &names, &attempt, some, some, bytes, NULL));
    usage(dg_spake2plus_answer(
        NULL, &verifier, &names, some, bytes, bytes, &pending));
    usage(dg_spake2plus_answer(
        &crypto, NULL, &names, some, bytes, bytes, &pending));
    usage(dg_spake2plus_answer(
        &crypto, &verifier, NULL, some, bytes, bytes, &pending));
    usage(dg_spake2plus_answer(
        &crypto, &verifier, &names, some, NULL, bytes, &pending));
    usage(dg_spake2plus_answer(
        &crypto, &verifier, &names, some, bytes, NULL, &pending));
    usage(dg_spake2plus_answer(
        &crypto, &verifier, &names, some, bytes, bytes, NULL));
    usage(dg_spake2plus_check(NULL, some));
}

static void test_usage__spake2plus_stretch__each_null_refused(void **state)
{
    (void)state;
    usage(dg_spake2plus_stretch(NULL, some, &names, some, 1U, &secrets));
    usage(dg_spake2plus_stretch(&crypto, some, NULL, some, 1U, &secrets));
    usage(dg_spake2plus_stretch(&crypto, some, &names, some, 1U, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage__approval__each_null_refused),
        cmocka_unit_test(test_usage__attestation__each_null_refused),
        cmocka_unit_test(test_usage__controller__each_null_refused),
        cmocka_unit_test(test_usage__cose__each_null_refused),
        cmocka_unit_test(test_usage__credential__each_null_refused),
        cmocka_unit_test(test_usage__edhoc__each_null_refused),
        cmocka_unit_test(test_usage__edhoc_i__each_null_refused),
        cmocka_unit_test(test_usage__edhoc_keys__each_null_refused),
        cmocka_unit_test(test_usage__edhoc_r__each_null_refused),
        cmocka_unit_test(test_usage__knock__each_null_refused),
        cmocka_unit_test(test_usage__manifest__each_null_refused),
        cmocka_unit_test(test_usage__pairing__each_null_refused),
        cmocka_unit_test(test_usage__pairing_digits__each_null_refused),
        cmocka_unit_test(test_usage__policy__each_null_refused),
        cmocka_unit_test(test_usage__prover__each_null_refused),
        cmocka_unit_test(test_usage__record__each_null_refused),
        cmocka_unit_test(test_usage__sensor__each_null_refused),
        cmocka_unit_test(test_usage__spake2plus__each_null_refused),
        cmocka_unit_test(test_usage__spake2plus_stretch__each_null_refused),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
