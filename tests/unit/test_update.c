/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "update_rig.h"

/* What a running device lets happen to its firmware. */

/* @verifies{FPT_TUD.3@1} */
static void test_device__update__runs_after_press_and_proof(void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(1000);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.state,
                     DG_UPDATE_WAITING);
    assert_int_equal(update_announced, 2U);
    assert_int_equal(update_restarts, 0U);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    assert_int_equal(update_restarts, 1U);
    assert_int_equal(update_announced, 0U);

    update_boot();
    assert_true(update_port.choice.is_trial);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_greet(&rig, 0U)->status.firmware, 2U);
    /* The way back is not for overwriting. */
    next = maker_manifest_of(3U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_ON_TRIAL);
    rig_wait(&rig, DG_UPDATE_TRIAL_S);
    assert_false(update_port.choice.is_trial);
    assert_int_equal(update_port.choice.state.security_counter, 7U);
    update_boot();
    assert_false(update_port.choice.is_trial);
    assert_int_equal(update_port.choice.manifest.sequence, 2U);
    assert_int_equal(update_restarts, 1U);
}

/* @verifies{FPT_TUD.2@1} @verifies{FPT_TST.1@1} */
static void test_device__trial_in_fault__restarts_and_old_one_runs(void **state)
{
    (void)state;
    update_start(1000);
    maker_install(1U, 2U, 7U);
    update_boot();
    assert_true(update_port.choice.is_trial);
    rig.device.is_fault = true;
    rig_wait(&rig, 1U);
    assert_int_equal(update_restarts, 1U);
    update_boot();
    assert_int_equal(update_port.choice.manifest.sequence, 1U);
    assert_int_equal(update_port.choice.state.last, DG_TRIAL_REJECTED);
    assert_int_not_equal(rig.alarms & (1U << (unsigned)DG_ALARM_UPDATE_FAILED),
                         0U);
}

/* The mechanism moves behind the ledger's back: the trial does not pass. */
/* @verifies{FPT_TST.1@1} */
static void test_device__trial_fails_its_self_test__rejected(void **state)
{
    (void)state;
    update_start(0);
    maker_install(1U, 2U, 7U);
    update_boot();
    rig_wait(&rig, DG_UPDATE_TRIAL_S - 1U);
    rig.moved++;
    assert_int_equal(update_restarts, 0U);
    rig_wait(&rig, 1U);
    assert_int_equal(update_restarts, 1U);
    assert_int_equal(maker_choose().manifest.sequence, 1U);
}

/* @verifies{FPT_TUD.1@1} */
static void test_device__offers_that_are_refused__say_why(void **state)
{
    struct dg_manifest next;
    uint8_t forged[DG_MANIFEST_MAX];
    dg_span message;

    (void)state;
    update_start(0);
    next = maker_manifest_of(2U, 4U);
    assert_int_equal(update_offer(&next), DG_UPDATE_COUNTER);
    next = maker_manifest_of(1U, 5U);
    assert_int_equal(update_offer(&next), DG_UPDATE_OLD);
    next = maker_manifest_of(2U, 5U);
    next.size = dg_image_size_max(&maker_images.port) + 1U;
    assert_int_equal(update_offer(&next), DG_UPDATE_TOO_LARGE);
    next.size = MAKER_IMAGE_SIZE;
    next.layout_from = DG_SETTINGS_LAYOUT + 1U;
    next.layout_to = DG_SETTINGS_LAYOUT + 1U;
    assert_int_equal(update_offer(&next), DG_UPDATE_LAYOUT);
    next.layout_from = 0U;
    next.layout_to = DG_SETTINGS_LAYOUT - 1U;
    assert_int_equal(update_offer(&next), DG_UPDATE_LAYOUT);
    next.layout_to = DG_SETTINGS_LAYOUT;
    next.protocol_major = DG_VERSION_MAJOR + 1U;
    assert_int_equal(update_offer(&next), DG_UPDATE_PROTOCOL);
    next.protocol_major = DG_VERSION_MAJOR;
    message = maker_sign(&next);
    memcpy(forged, message.at, message.size);
    forged[message.size - 1U] ^= 1U;
    assert_int_equal(
        update_ask(DG_UPDATE_OFFER, 0U, (dg_span){forged, message.size})
            ->as.update.why,
        DG_UPDATE_FORGED);
    maker_root.vendor[0] ^= 1U;
    message = maker_sign(&next);
    maker_root.vendor[0] ^= 1U;
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.why,
                     DG_UPDATE_NOT_OURS);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    assert_int_equal(maker_choose().slot, 0U);
}

/* A forged image under a true manifest is found by its digest, and does not
 * stay to be gone on with. */
/* @verifies{FPT_TUD.1@1} */
static void test_device__image_that_is_not_the_manifests__forgotten(
    void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(0);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    maker_image[8000] ^= 1U;

    const struct dg_answer *answer = update_send();

    assert_int_equal(answer->as.update.state, DG_UPDATE_IDLE);
    assert_int_equal(answer->as.update.why, DG_UPDATE_DIGEST);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.next, 0U);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
}

/* @verifies{FPT_TUD.3@1} */
static void test_device__out_of_order__nothing_moves(void **state)
{
    const dg_span some = {maker_image, 200U};
    struct dg_manifest next;

    (void)state;
    update_start(0);
    assert_int_equal(update_ask(DG_UPDATE_PART, 0U, some)->as.update.why,
                     DG_UPDATE_ORDER);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_ORDER);
    assert_int_equal(update_ask_plainly(DG_UPDATE_ABANDON)->as.update.why,
                     DG_UPDATE_ORDER);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    assert_int_equal(update_ask(DG_UPDATE_PART, 200U, some)->as.update.why,
                     DG_UPDATE_ORDER);
    assert_int_equal(update_ask(DG_UPDATE_PART, 0U, some)->as.update.next,
                     200U);
    /* The same again: the answer was lost. */
    assert_int_equal(update_ask(DG_UPDATE_PART, 0U, some)->as.update.next,
                     200U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_ORDER);
    assert_int_equal(update_ask_plainly(DG_UPDATE_ABANDON)->as.update.state,
                     DG_UPDATE_IDLE);
    /* A download goes on at the last whole sector, also after a reset. */
    const dg_span message = maker_sign(&next);

    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.why,
                     DG_UPDATE_FINE);
    for (uint32_t at = 0U; at < 5120U; at += 256U) {
        (void)update_ask(DG_UPDATE_PART, at, (dg_span){&maker_image[at], 256U});
    }
    update_boot();
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.next,
                     RIG_SECTOR);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
}

/* A person pressed for release 2; its try could not be counted, so release 1
 * runs.  What lies in the armed slot is not for another image to replace, or
 * that one would run at the next reset with nobody's press. */
/* @verifies{FPT_TUD.3@1} @verifies{FPT_TUD.4@1} */
static void test_device__armed_trial_waits__slot_is_not_overwritten(
    void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(0);
    maker_install(1U, 2U, 7U);
    maker_images.fails = true;
    update_boot();
    maker_images.fails = false;
    assert_false(update_port.choice.is_trial);
    assert_true(rig_connect(&rig, 0U));
    next = maker_manifest_of(3U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_ON_TRIAL);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_ORDER);
    update_boot();
    assert_true(update_port.choice.is_trial);
    assert_int_equal(update_port.choice.manifest.sequence, 2U);
}

/* @verifies{FPT_TUD.3@1} */
static void test_device__nobody_presses__nothing_is_armed(void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(0);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    (void)update_send();
    (void)update_ask_plainly(DG_UPDATE_APPLY);
    rig_wait(&rig, DG_UPDATE_WAIT_S + 1U);
    assert_int_equal(update_announced, 0U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.why,
                     DG_UPDATE_UNPRESSED);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_E_STATE);
    assert_int_equal(update_restarts, 0U);
    assert_int_equal(maker_choose().slot, 0U);
    assert_false(maker_choose().is_trial);
}

/* While the update asks for CONFIRM no dose does: a press for one would be a
 * press for the other.  @verifies{FDP_DOSE.11@1} */
static void test_device__update_waits_for_the_button__no_dose_does(void **state)
{
    (void)state;
    update_start(0);
    update_let_wait();
    /* Beyond what a phone confirms. */
    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 8000);

    if (answer->kind == DG_ANSWER_TICKET) {
        answer = rig_commit(&rig, 0U, true);
    }
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_BUSY);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 60U);
    assert_int_equal(update_restarts, 1U);
    assert_int_equal(rig.moved, 0U);
}

/* A rescue is more urgent: the update's question ends, and a press that comes
 * too late for the rescue arms nothing.  @verifies{FDP_DOSE.11@1} */
static void test_device__late_press_for_a_rescue__arms_no_update(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
    update_start_with(&therapy);
    update_let_wait();
    assert_int_equal(update_press(DG_BUTTON_RESCUE), DG_OK);
    assert_int_equal(update_announced, 0U);
    rig_wait(&rig, DG_RESCUE_WAIT_S + 1U);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_E_STATE);
    rig_wait(&rig, 60U);
    assert_int_equal(update_restarts, 0U);
    assert_int_equal(rig.chamber_moved, 0U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.why,
                     DG_UPDATE_UNPRESSED);
}

static void test_device__a_dose_under_way__update_waits(void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(0);
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_FINE);
    (void)update_send();
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_BUSY);
    rig_wait(&rig, 60U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.state,
                     DG_UPDATE_WAITING);
}

/* A stolen phone of the owner asks for its update again and again: a person at
 * the pump forgets it all the same, and what it asked for goes with it. */
/* @verifies{FMT_REV.2@1} */
static void test_device__asks_for_ever__forgotten_all_the_same(void **state)
{
    (void)state;
    update_start(0);
    update_let_wait();
    assert_int_equal(update_press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(update_announced, 0U);
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    (void)update_send();
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_BUSY);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(update_press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_false(rig.device.settings.controller[0].is_used);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(update_restarts, 0U);
}

/* Bytes of images that were hashed. */
static enum dg_status (*plain_hash)(void *context,
                                    const struct dg_flash *flash,
                                    uint32_t offset,
                                    uint32_t size,
                                    struct dg_hash *hash);
static uint32_t hashed;

static enum dg_status counted_hash(void *context,
                                   const struct dg_flash *flash,
                                   uint32_t offset,
                                   uint32_t size,
                                   struct dg_hash *hash)
{
    hashed += size;
    return plain_hash(context, flash, offset, size, hash);
}

/* An owner's phone in hostile hands offers what is there already, again and
 * again.  The price of an offer is that of a signature: a whole image is hashed
 * once, and not for each. */
/* @verifies{FRU_NRG.2@1} */
static void test_device__whole_image_offered_again__hashed_once(void **state)
{
    uint8_t room[DG_MANIFEST_MAX];
    struct dg_manifest next;

    (void)state;
    update_start(0);
    next = maker_manifest_of(2U, 7U);
    plain_hash = rig.crypto.sha256_flash;
    rig.crypto.sha256_flash = counted_hash;
    hashed = 0U;

    const dg_span signed_once = maker_sign(&next);
    const dg_span message = {room, signed_once.size};

    memcpy(room, signed_once.at, signed_once.size);
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.state,
                     DG_UPDATE_RECEIVING);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
    assert_int_equal(hashed, MAKER_IMAGE_SIZE);
    for (unsigned i = 0U; i < 100U; i++) {
        if ((i % 2U) == 0U) {
            assert_int_equal(
                update_ask_plainly(DG_UPDATE_ABANDON)->as.update.state,
                DG_UPDATE_IDLE);
        }
        assert_int_equal(
            update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.state,
            DG_UPDATE_READY);
    }
    assert_int_equal(hashed, MAKER_IMAGE_SIZE);
    /* It is hashed once more before it is armed. */
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.state,
                     DG_UPDATE_WAITING);
    maker_spoil(1U);
    assert_int_not_equal(update_press(DG_BUTTON_CONFIRM), DG_OK);
    assert_int_equal(update_restarts, 0U);
}

/* Between the press and the reset, which comes soon and not at once, no dose of
 * a phone begins: the reset would cut it. */
/* @verifies{FPT_TUD.3@1} */
static void test_device__restarting__no_dose_begins(void **state)
{
    (void)state;
    update_start(0);
    assert_int_equal(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500)->kind,
                     DG_ANSWER_TICKET);
    rig.phone[0].ticket = rig.phone[0].answer;
    update_let_wait();
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_OK);
    assert_int_equal(update_restarts, 1U);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_REFUSED);
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_BUSY);
    rig_wait(&rig, 10U);
    assert_int_equal(rig.moved, 0U);
}

static void test_device__without_slots__says_so(void **state)
{
    struct dg_manifest next;

    (void)state;
    update_start(0);
    rig.ports.update = NULL;
    next = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&next), DG_UPDATE_NO_SLOTS);
    assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.why,
                     DG_UPDATE_NO_SLOTS);
}

/* The attack: an owner's phone in hostile hands offers, sends junk, applies,
 * abandons and repeats at random for a day.  No image but the first ever runs,
 * nothing update_restarts, and basal is complete to within a pulse. */
/* @verifies{FPT_TUD.3@1} @verifies{FDP_BASAL.1@1} */
static void test_device__hostile_day_of_updates__basal_goes_on(void **state)
{
    uint64_t seed = 20261123U;
    uint32_t before = 0U;
    struct dg_manifest next;
    uint8_t junk[DG_UPDATE_CHUNK];

    (void)state;
    update_start(1000);
    before = rig.moved;
    next = maker_manifest_of(2U, 7U);
    for (uint32_t minute = 0U; minute < 1440U; minute++) {
        if ((minute % 720U) == 719U) {
            assert_true(rig_connect(&rig, 0U));
        }
        for (size_t i = 0U; i < sizeof junk; i++) {
            junk[i] = (uint8_t)rig_random(&seed);
        }
        switch (rig_random(&seed) % 8U) {
        case 0U:
            next = maker_manifest_of(2U, 7U);
            (void)update_offer(&next);
            break;
        case 1U:
            (void)update_ask(DG_UPDATE_OFFER, 0U, DG_SPAN_OF(junk));
            break;
        case 2U:
            (void)update_ask_plainly(DG_UPDATE_APPLY);
            break;
        case 3U:
            (void)update_ask_plainly(DG_UPDATE_ABANDON);
            break;
        default: {
            const uint32_t due =
                update_ask_plainly(DG_UPDATE_QUERY)->as.update.next;

            (void)update_ask(DG_UPDATE_PART, due, DG_SPAN_OF(junk));
            break;
        }
        }
        rig_wait(&rig, 60U);
    }
    assert_int_equal(update_restarts, 0U);
    assert_int_equal(maker_choose().manifest.sequence, 1U);
    /* 24 U in pulses of 50 mU. */
    assert_in_range(rig.moved - before, 479U, 481U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device__update__runs_after_press_and_proof),
        cmocka_unit_test(
            test_device__trial_in_fault__restarts_and_old_one_runs),
        cmocka_unit_test(test_device__trial_fails_its_self_test__rejected),
        cmocka_unit_test(test_device__offers_that_are_refused__say_why),
        cmocka_unit_test(
            test_device__image_that_is_not_the_manifests__forgotten),
        cmocka_unit_test(test_device__out_of_order__nothing_moves),
        cmocka_unit_test(
            test_device__armed_trial_waits__slot_is_not_overwritten),
        cmocka_unit_test(test_device__nobody_presses__nothing_is_armed),
        cmocka_unit_test(
            test_device__update_waits_for_the_button__no_dose_does),
        cmocka_unit_test(test_device__late_press_for_a_rescue__arms_no_update),
        cmocka_unit_test(test_device__a_dose_under_way__update_waits),
        cmocka_unit_test(test_device__asks_for_ever__forgotten_all_the_same),
        cmocka_unit_test(test_device__whole_image_offered_again__hashed_once),
        cmocka_unit_test(test_device__restarting__no_dose_begins),
        cmocka_unit_test(test_device__without_slots__says_so),
        cmocka_unit_test(test_device__hostile_day_of_updates__basal_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
