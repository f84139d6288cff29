/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/boot.h"
#include "dosegate/controller.h"
#include "dosegate/device.h"
#include "dosegate/envelope.h"
#include "dosegate/merkle.h"
#include "dosegate/selftest.h"

#include <string.h>

/* As test_usage.c, of what decides, remembers and runs: limits, ledgers,
 * journal, settings, boot and the device. */

static struct dg_crypto crypto;
static struct dg_secret secret;
static struct dg_hash hash;
static uint8_t bytes[DG_DATAGRAM_MAX];
static const dg_span some = {bytes, 8U};
static const dg_buf room = {bytes, sizeof bytes};
static const dg_buf no_room = {NULL, 0U};
static dg_span out;
static const dg_seconds now = {1000U};
static struct dg_authority authority;
static struct dg_evidence_set evidence;
static struct dg_boot_state state_of_boot;
static struct dg_flash flash;
static struct dg_update_root root;
static struct dg_boot_choice choice;
static struct dg_device device;
static struct dg_device_ports ports;
static struct dg_envelope_view view;
static struct dg_decision decision;
static struct dg_limits limits;
static struct dg_glucagon_view glucagon_view;
static struct dg_glucagon_decision glucagon_decision;
static struct dg_glucagon_limits glucagon_limits;
static dg_glucagon glucagon;
static struct dg_journal_found found;
static struct dg_journal journal;
static struct dg_ticket_id ticket;
static struct dg_ledger ledger;
static struct dg_therapy therapy;
static struct dg_answer answer;
static struct dg_request request;
static struct dg_settings settings;

/* Arguments that are sound, so that the one that is missing is why. */
static int start(void **state)
{
    (void)state;
    flash.sector_size = 4096U;
    flash.sector_count = DG_FLASH_SECTORS_MIN;
    ledger.log.hormone = DG_HORMONE_INSULIN;
    return 0;
}

#define usage(call) assert_int_equal((call), DG_E_USAGE)
#define no(call)    assert_false(call)
static void test_usage__authority__each_null_refused(void **state)
{
    (void)state;
    usage(dg_authority_decide(NULL, now, &authority));
    usage(dg_authority_decide(&evidence, now, NULL));
}

static void test_usage__boot__each_null_refused(void **state)
{
    (void)state;
    usage(dg_boot_read(NULL, &state_of_boot));
    usage(dg_boot_read(&flash, NULL));
    usage(dg_boot_format(NULL, &crypto, &root, 1U));
    usage(dg_boot_format(&flash, NULL, &root, 1U));
    usage(dg_boot_format(&flash, &crypto, NULL, 1U));
    usage(dg_boot_choose(NULL, &crypto, &root, &choice));
    usage(dg_boot_choose(&flash, NULL, &root, &choice));
    usage(dg_boot_choose(&flash, &crypto, NULL, &choice));
    usage(dg_boot_choose(&flash, &crypto, &root, NULL));
    usage(dg_boot_arm(&flash, NULL, &root, 1U));
    usage(dg_boot_arm(&flash, &crypto, NULL, 1U));
    usage(dg_boot_confirm(&flash, NULL, &root, 1U));
    usage(dg_boot_confirm(&flash, &crypto, NULL, 1U));
}

static void test_usage__change__each_null_refused(void **state)
{
    (void)state;
    usage(dg_device_offer_sensor(NULL, now, &secret));
    usage(dg_device_offer_sensor(&device, now, NULL));
}

static void test_usage__device__each_null_refused(void **state)
{
    (void)state;
    usage(dg_device_boot(NULL, &ports, now));
    usage(dg_device_boot(&device, NULL, now));
    usage(dg_device_receive(NULL, now, some, room, &out));
    usage(dg_device_receive(&device, now, some, no_room, &out));
    usage(dg_device_receive(&device, now, some, room, NULL));
    usage(dg_device_press(NULL, now, DG_BUTTON_STOP));
}

static void test_usage__envelope__each_null_refused(void **state)
{
    (void)state;
    usage(dg_envelope_decide(
        NULL, &view, (dg_dose){1}, DG_TIER_AUTOMATIC, &decision));
    usage(dg_envelope_decide(
        &limits, NULL, (dg_dose){1}, DG_TIER_AUTOMATIC, &decision));
    usage(dg_envelope_decide(
        &limits, &view, (dg_dose){1}, DG_TIER_AUTOMATIC, NULL));
    no(dg_envelope_goes_on(NULL, &view));
    no(dg_envelope_goes_on(&limits, NULL));
}

static void test_usage__envelope_glucagon__each_null_refused(void **state)
{
    (void)state;
    usage(dg_glucagon_decide(NULL,
                             &glucagon_view,
                             (dg_glucagon){1},
                             DG_TIER_AUTOMATIC,
                             &glucagon_decision));
    usage(dg_glucagon_decide(&glucagon_limits,
                             NULL,
                             (dg_glucagon){1},
                             DG_TIER_AUTOMATIC,
                             &glucagon_decision));
    usage(dg_glucagon_decide(&glucagon_limits,
                             &glucagon_view,
                             (dg_glucagon){1},
                             DG_TIER_AUTOMATIC,
                             NULL));
    usage(
        dg_glucagon_rescue(NULL, &glucagon_view, DG_RESCUER_PERSON, &glucagon));
    usage(dg_glucagon_rescue(
        &glucagon_limits, NULL, DG_RESCUER_PERSON, &glucagon));
    usage(dg_glucagon_rescue(
        &glucagon_limits, &glucagon_view, DG_RESCUER_PERSON, NULL));
}

static void test_usage__journal__each_null_refused(void **state)
{
    (void)state;
    usage(dg_journal_format(NULL));
}

static void test_usage__journal_open__each_null_refused(void **state)
{
    (void)state;
    usage(dg_journal_open(NULL, &flash, &crypto, &found));
    usage(dg_journal_open(&journal, NULL, &crypto, &found));
    usage(dg_journal_open(&journal, &flash, NULL, &found));
    usage(dg_journal_open(&journal, &flash, &crypto, NULL));
}

static void test_usage__ledger__each_null_refused(void **state)
{
    (void)state;
    usage(dg_ledger_format(NULL, DG_HORMONE_INSULIN, 1U));
    usage(dg_ledger_announce_bolus(NULL, now, &ticket, DG_TIER_AUTOMATIC, 1U));
    usage(dg_ledger_announce_bolus(&ledger, now, NULL, DG_TIER_AUTOMATIC, 1U));
    usage(dg_ledger_announce_prime(NULL, now, &ticket, 1U));
    usage(dg_ledger_announce_prime(&ledger, now, NULL, 1U));
    usage(dg_ledger_announce_basal(NULL, now));
    usage(dg_ledger_close(NULL, now, DG_OUTCOME_DELIVERED));
    usage(dg_ledger_open(NULL, &flash, DG_HORMONE_INSULIN, now, 1U));
    usage(dg_ledger_open(&ledger, NULL, DG_HORMONE_INSULIN, now, 1U));
}

static void test_usage__ledger_pause__each_null_refused(void **state)
{
    (void)state;
    usage(dg_ledger_pause(NULL, now, &ticket, DG_TIER_AUTOMATIC, 1U, 1U));
    usage(dg_ledger_resume(NULL, now));
}

static void test_usage__ledger_room__each_null_refused(void **state)
{
    (void)state;
    no(dg_ledger_has_room(NULL, now, 1U, 1U));
}

static void test_usage__ledger_spread__each_null_refused(void **state)
{
    (void)state;
    usage(dg_ledger_announce_spread(
        NULL, now, &ticket, DG_TIER_AUTOMATIC, 1U, 1U));
    usage(dg_ledger_announce_spread(
        &ledger, now, NULL, DG_TIER_AUTOMATIC, 1U, 1U));
    usage(dg_ledger_announce_drip(NULL, now));
    usage(dg_ledger_close_spread(NULL, now, DG_OUTCOME_DELIVERED));
}

static void test_usage__limits__each_null_refused(void **state)
{
    (void)state;
    usage(dg_limits_derive(NULL, &limits));
    usage(dg_limits_derive(&therapy, NULL));
}

static void test_usage__limits_glucagon__each_null_refused(void **state)
{
    (void)state;
    usage(dg_glucagon_limits_derive(NULL, &glucagon_limits));
    usage(dg_glucagon_limits_derive(&therapy, NULL));
}

static void test_usage__merkle__each_null_refused(void **state)
{
    (void)state;
    usage(dg_merkle_verify_inclusion(NULL, 1U, 1U, &hash, &hash, 1U, &hash));
    usage(dg_merkle_verify_inclusion(&crypto, 1U, 1U, NULL, &hash, 1U, &hash));
    usage(dg_merkle_verify_inclusion(&crypto, 1U, 1U, &hash, NULL, 1U, &hash));
    usage(dg_merkle_verify_inclusion(&crypto, 1U, 1U, &hash, &hash, 1U, NULL));
    usage(dg_merkle_verify_consistency(NULL, 1U, 1U, &hash, &hash, &hash, 1U));
    usage(
        dg_merkle_verify_consistency(&crypto, 1U, 1U, NULL, &hash, &hash, 1U));
    usage(
        dg_merkle_verify_consistency(&crypto, 1U, 1U, &hash, NULL, &hash, 1U));
    usage(
        dg_merkle_verify_consistency(&crypto, 1U, 1U, &hash, &hash, NULL, 1U));
}

static void test_usage__message_answer__each_null_refused(void **state)
{
    (void)state;
    usage(dg_answer_encode(NULL, room, &out));
    usage(dg_answer_encode(&answer, room, NULL));
    usage(dg_answer_decode(some, NULL));
}

static void test_usage__message_request__each_null_refused(void **state)
{
    (void)state;
    usage(dg_request_encode(NULL, room, &out));
    usage(dg_request_encode(&request, room, NULL));
    usage(dg_request_decode(some, NULL));
}

static void test_usage__selftest__each_null_refused(void **state)
{
    (void)state;
    usage(dg_selftest_crypto(NULL));
}

static void test_usage__settings__each_null_refused(void **state)
{
    (void)state;
    usage(dg_settings_load(NULL, &settings));
    usage(dg_settings_load(&flash, NULL));
    usage(dg_settings_save(NULL, &settings));
    usage(dg_settings_save(&flash, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage__authority__each_null_refused),
        cmocka_unit_test(test_usage__boot__each_null_refused),
        cmocka_unit_test(test_usage__change__each_null_refused),
        cmocka_unit_test(test_usage__device__each_null_refused),
        cmocka_unit_test(test_usage__envelope__each_null_refused),
        cmocka_unit_test(test_usage__envelope_glucagon__each_null_refused),
        cmocka_unit_test(test_usage__journal__each_null_refused),
        cmocka_unit_test(test_usage__journal_open__each_null_refused),
        cmocka_unit_test(test_usage__ledger__each_null_refused),
        cmocka_unit_test(test_usage__ledger_pause__each_null_refused),
        cmocka_unit_test(test_usage__ledger_room__each_null_refused),
        cmocka_unit_test(test_usage__ledger_spread__each_null_refused),
        cmocka_unit_test(test_usage__limits__each_null_refused),
        cmocka_unit_test(test_usage__limits_glucagon__each_null_refused),
        cmocka_unit_test(test_usage__merkle__each_null_refused),
        cmocka_unit_test(test_usage__message_answer__each_null_refused),
        cmocka_unit_test(test_usage__message_request__each_null_refused),
        cmocka_unit_test(test_usage__selftest__each_null_refused),
        cmocka_unit_test(test_usage__settings__each_null_refused),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
