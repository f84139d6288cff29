/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/device_parts.h"
#include "failing.h"
#include "update_rig.h"

/* An update under a running device when the flash of images or the crypto
 * fails, when something else comes between, and when what comes is not what was
 * begun: the device says why, its therapy goes on, and the same update comes to
 * its end afterwards. */

static struct failing failing;
static struct rig before;
static struct rig_flash images_before;
static struct dg_update_port port_before;

static void keep(void)
{
    before = rig;
    images_before = maker_images;
    port_before = update_port;
}

static void restore(void)
{
    rig = before;
    maker_images = images_before;
    update_port = port_before;
    update_restarts = 0U;
    update_announced = 0U;
}

static void start_failing(void)
{
    update_start(1000);
    failing_init(&failing, rig.ports.crypto, &maker_images.port);
    update_port.flash = &failing.flash;
}

/* Offer, send, apply, press. */
static bool run_update(void)
{
    const struct dg_answer *answer = NULL;

    update_release = maker_manifest_of(2U, 7U);
    if (update_offer(&update_release) != DG_UPDATE_FINE) {
        return false;
    }
    answer = update_send();
    if ((answer->as.update.state != DG_UPDATE_READY) ||
        (update_ask_plainly(DG_UPDATE_APPLY)->as.update.state !=
         DG_UPDATE_WAITING)) {
        return false;
    }
    return update_press(DG_BUTTON_CONFIRM) == DG_OK;
}

/* @verifies{FPT_TUD.2@1} @verifies{FPT_FLS.1@1} */
static void test_update__each_call_of_its_flash_fails__told_and_repeatable(
    void **state)
{
    (void)state;
    start_failing();
    keep();
    failing_arm(&failing, 0U, FAILING_ONCE);
    assert_true(run_update());

    const uint32_t calls = failing.calls;

    assert_true(calls > 40U);
    for (uint32_t at = 1U; at <= calls; at++) {
        restore();
        failing_arm(&failing, at, FAILING_ONCE);
        if (run_update()) {
            /* The boot loader's state has two copies. */
            assert_true(at > (calls - 20U));
        } else {
            assert_int_equal(rig.device.update.why, DG_UPDATE_FLASH);
            assert_int_equal(rig.device.update.state, DG_UPDATE_IDLE);
            assert_int_equal(update_announced, 0U);
            assert_int_equal(update_restarts, 0U);
            assert_int_equal(maker_choose().manifest.sequence, 1U);
            assert_true(run_update());
        }
        assert_false(rig.device.is_fault);
        assert_int_equal(update_restarts, 1U);
        assert_int_equal(maker_choose().manifest.sequence, 2U);
    }
}

static enum dg_status no_memory(void *context,
                                const struct dg_public_key *public_key,
                                const struct dg_hash *hash,
                                const struct dg_signature *signature)
{
    (void)context;
    (void)public_key;
    (void)hash;
    (void)signature;
    return DG_E_PORT;
}

static enum dg_status yes_to_all(void *context,
                                 const struct dg_public_key *public_key,
                                 const struct dg_hash *hash,
                                 const struct dg_signature *signature)
{
    (void)context;
    (void)public_key;
    (void)hash;
    (void)signature;
    return DG_OK;
}

static enum dg_status no_digest(void *context,
                                const struct dg_flash *flash,
                                uint32_t offset,
                                uint32_t size,
                                struct dg_hash *hash)
{
    (void)context;
    (void)flash;
    (void)offset;
    (void)size;
    (void)hash;
    return DG_E_PORT;
}

/* A manifest that could not be verified is not called forged, and an image that
 * could not be hashed is not called wrong. */
/* @verifies{FPT_TUD.1@1} */
static void test_update__crypto_fails__said_and_nothing_ready(void **state)
{
    struct dg_crypto sound;

    (void)state;
    update_start(0);
    sound = rig.crypto;
    update_release = maker_manifest_of(2U, 7U);
    rig.crypto.es256_verify = no_memory;
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FLASH);
    rig.crypto = sound;
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    rig.crypto.sha256_flash = no_digest;
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_IDLE);
    assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.why,
                     DG_UPDATE_FLASH);
    rig.crypto = sound;
    update_let_wait();
}

/* A wrong image that could not be forgotten: a failed flash, not a wrong
 * digest. */
/* @verifies{FPT_TUD.1@1} */
static void test_update__wrong_image_not_forgotten__flash_is_blamed(
    void **state)
{
    const uint32_t at = MAKER_IMAGE_SIZE - (MAKER_IMAGE_SIZE % 256U);
    const dg_span last = {&maker_image[at], MAKER_IMAGE_SIZE - at};
    const struct dg_answer *answer = NULL;

    (void)state;
    start_failing();
    update_release = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    maker_image[MAKER_IMAGE_SIZE - 1U] ^= 1U;
    for (uint32_t sent = 0U; sent < at; sent += 256U) {
        (void)update_ask(
            DG_UPDATE_PART, sent, (dg_span){&maker_image[sent], 256U});
    }
    keep();
    failing_arm(&failing, 0U, FAILING_ONCE);
    answer = update_ask(DG_UPDATE_PART, at, last);
    assert_int_equal(answer->as.update.why, DG_UPDATE_DIGEST);
    /* The erase is the last call. */
    const uint32_t calls = failing.calls;

    restore();
    failing_arm(&failing, calls, FAILING_ONCE);
    answer = update_ask(DG_UPDATE_PART, at, last);
    assert_true(failing.was_write);
    assert_int_equal(answer->as.update.state, DG_UPDATE_IDLE);
    assert_int_equal(answer->as.update.why, DG_UPDATE_FLASH);
    assert_int_equal(maker_choose().manifest.sequence, 1U);
}

/* Another release is not taken for the whole image that lies there: neither a
 * newer one, nor one of the same number and another size or digest. */
/* @verifies{FPT_TUD.1@1} */
static void test_update__another_image_offered__received_anew(void **state)
{
    struct dg_manifest other;

    (void)state;
    update_start(0);
    for (unsigned i = 0U; i < 3U; i++) {
        update_release = maker_manifest_of(2U, 7U);
        assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
        assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
        other = update_release;
        if (i == 0U) {
            other.sequence = 3U;
        } else if (i == 1U) {
            other.size -= 100U;
        } else {
            other.digest.byte[31] ^= 1U;
        }
        assert_int_equal(update_offer(&other), DG_UPDATE_FINE);
        assert_int_equal(rig.device.update.state, DG_UPDATE_RECEIVING);
        assert_int_equal(rig.device.update.next, 0U);
        assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                         DG_UPDATE_ORDER);
    }
}

/* Whole before the reset: hashed again at the next offer, and not sent again;
 * spoilt meanwhile, it is forgotten. */
/* @verifies{FPT_TUD.1@1} */
static void test_update__whole_before_a_reset__hashed_not_sent_again(
    void **state)
{
    (void)state;
    update_start(0);
    update_release = maker_manifest_of(2U, 7U);

    uint8_t room[DG_MANIFEST_MAX];
    const dg_span made = maker_sign(&update_release);
    const dg_span message = {room, made.size};

    memcpy(room, made.at, made.size);
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.why,
                     DG_UPDATE_FINE);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
    for (unsigned i = 0U; i < 2U; i++) {
        update_boot();
        assert_true(rig_connect(&rig, 0U));
        if (i == 1U) {
            maker_spoil(1U);
        }

        const struct dg_answer *answer =
            update_ask(DG_UPDATE_OFFER, 0U, message);

        assert_int_equal(answer->as.update.state,
                         (i == 0U) ? DG_UPDATE_READY : DG_UPDATE_IDLE);
        assert_int_equal(answer->as.update.why,
                         (i == 0U) ? DG_UPDATE_FINE : DG_UPDATE_DIGEST);
    }
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.next,
                     0U);
    /* Known whole, and then the flash lost where it was: not ready unseen. */
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
    memset(&maker_images
                .bytes[dg_image_offset(&maker_images.port, 1U) - RIG_SECTOR],
           0xFF,
           RIG_SECTOR);
    assert_int_equal(update_ask(DG_UPDATE_OFFER, 0U, message)->as.update.state,
                     DG_UPDATE_RECEIVING);
}

/* More bytes than the image has: nothing moves. */
static void test_update__chunk_over_the_end__out_of_order(void **state)
{
    const uint32_t at = MAKER_IMAGE_SIZE - (MAKER_IMAGE_SIZE % 256U);

    (void)state;
    update_start(0);
    update_release = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    for (uint32_t sent = 0U; sent < at; sent += 256U) {
        (void)update_ask(
            DG_UPDATE_PART, sent, (dg_span){&maker_image[sent], 256U});
    }

    const struct dg_answer *answer = update_ask(
        DG_UPDATE_PART, at, (dg_span){&maker_image[at - 256U], 256U});

    assert_int_equal(answer->as.update.why, DG_UPDATE_ORDER);
    assert_int_equal(answer->as.update.next, at);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
}

/* The phone takes its question back: the display shows nothing, a press is for
 * nothing. */
/* @verifies{FPT_TUD.3@1} */
static void test_update__abandoned_while_it_asks__press_is_for_nothing(
    void **state)
{
    (void)state;
    update_start(0);
    assert_int_equal(dg_update_press(&rig.device), DG_E_STATE);
    update_let_wait();
    assert_int_equal(update_announced, 2U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_ABANDON)->as.update.state,
                     DG_UPDATE_IDLE);
    assert_int_equal(update_announced, 0U);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(update_restarts, 0U);
    rig.ports.update = NULL;
    assert_int_equal(dg_update_press(&rig.device), DG_E_STATE);
}

static struct dg_therapy both_hormones(void)
{
    struct dg_therapy therapy = rig_therapy(0);

    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    return therapy;
}

/* A dose that a phone confirmed began after the question: the reset would cut
 * it, so the press arms nothing. */
/* @verifies{FPT_TUD.3@1} */
static void test_update__dose_began_meanwhile__press_arms_nothing(void **state)
{
    const struct dg_therapy therapy = both_hormones();

    (void)state;
    update_start_with(&therapy);
    for (unsigned hormone = 0U; hormone < 2U; hormone++) {
        update_let_wait();
        if (hormone == 0U) {
            assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
        } else {
            rig_believe(&rig, 60);
            assert_int_equal(
                rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 100)->kind,
                DG_ANSWER_TICKET);
            assert_int_equal(rig_commit(&rig, 0U, true)->kind,
                             DG_ANSWER_ACCEPTED);
        }
        assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_E_STATE);
        assert_int_equal(update_announced, 0U);
        assert_int_equal(update_restarts, 0U);
        assert_int_equal(rig.device.update.why, DG_UPDATE_BUSY);
        rig_wait(&rig, 60U);
    }
    assert_int_equal(rig.moved, 20U);
    assert_int_equal(rig.chamber_moved, 10U);
    /* Nor does it ask while glucagon runs. */
    assert_int_equal(update_press(DG_BUTTON_RESCUE), DG_OK);
    assert_int_equal(update_press(DG_BUTTON_CONFIRM), DG_OK);
    update_release = maker_manifest_of(2U, 7U);
    assert_int_equal(update_offer(&update_release), DG_UPDATE_FINE);
    assert_int_equal(update_send()->as.update.state, DG_UPDATE_READY);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.why,
                     DG_UPDATE_BUSY);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, 110U);
    assert_int_equal(update_ask_plainly(DG_UPDATE_APPLY)->as.update.state,
                     DG_UPDATE_WAITING);
}

static void start_trial(void)
{
    update_start(1000);
    maker_install(1U, 2U, 7U);
    update_boot();
    assert_true(update_port.choice.is_trial);
    failing_init(&failing, &maker_crypto, &maker_images.port);
    update_port.flash = &failing.flash;
    rig_wait(&rig, DG_UPDATE_TRIAL_S - 1U);
    keep();
}

/* Whichever call of the flash fails at the end of a trial: no restart, the
 * image stays on trial or is confirmed, and it is the one that runs. */
/* @verifies{FPT_TUD.2@1} @verifies{FPT_FLS.1@1} */
static void test_update__trial_ends_on_a_failing_flash__tried_again(
    void **state)
{
    unsigned failed = 0U;
    uint32_t calls = 0U;

    (void)state;
    start_trial();
    failing_arm(&failing, 0U, FAILING_ONCE);
    rig_wait(&rig, 1U);
    assert_false(update_port.choice.is_trial);
    calls = failing.calls;
    for (uint32_t at = 1U; at <= calls; at++) {
        restore();
        failing_arm(&failing, at, FAILING_LASTS);
        rig_wait(&rig, 1U);
        assert_int_equal(update_restarts, 0U);
        if (!update_port.choice.is_trial) {
            /* The state is read back from either copy. */
            assert_int_equal(at, calls);
            continue;
        }
        assert_int_equal(rig.device.update.why, DG_UPDATE_FLASH);
        failed++;
        /* Asked, it says so; it is judged once. */
        failing_arm(&failing, 0U, FAILING_ONCE);
        rig_wait(&rig, 60U);
        assert_true(update_port.choice.is_trial);
        assert_int_equal(failing.calls, 0U);
        assert_true(rig_connect(&rig, 0U));
        assert_int_equal(update_ask_plainly(DG_UPDATE_QUERY)->as.update.why,
                         DG_UPDATE_FLASH);
        update_boot();
        assert_int_equal(update_port.choice.manifest.sequence, 2U);
        rig_wait(&rig, DG_UPDATE_TRIAL_S);
        assert_false(update_port.choice.is_trial);
    }
    assert_true(failed > 3U);
}

/* Crypto that says yes to every signature, a mechanism that moved by itself, a
 * ledger that cannot be written: no firmware to stay with. */
/* @verifies{FPT_TST.1@1} */
static void test_update__trial_is_unwell__rejected_once(void **state)
{
    (void)state;
    start_trial();
    for (unsigned i = 0U; i < 3U; i++) {
        restore();
        if (i == 0U) {
            rig.crypto.es256_verify = yes_to_all;
        } else if (i == 1U) {
            rig.moved++;
        } else {
            rig.device.ledger.failed = true;
        }
        rig_wait(&rig, 1U);
        assert_int_equal(update_restarts, 1U);
        assert_int_equal(maker_choose().manifest.sequence, 1U);
        assert_true((rig.alarms & (1U << (unsigned)DG_ALARM_UPDATE_FAILED)) !=
                    0U);
        /* The reset line is slow: nothing is judged twice. */
        rig_wait(&rig, 10U);
        assert_int_equal(update_restarts, 1U);
    }
}

/* That it is rejected cannot be written: it restarts all the same, and the
 * tries of the boot loader end. */
/* @verifies{FPT_TUD.2@1} */
static void test_update__rejection_not_written__tries_end(void **state)
{
    unsigned boots = 0U;

    (void)state;
    start_trial();
    failing_arm(&failing, 1U, FAILING_LASTS);
    rig.device.is_fault = true;
    rig_wait(&rig, 1U);
    assert_int_equal(update_restarts, 1U);
    assert_int_equal(rig.device.update.why, DG_UPDATE_FLASH);
    failing_arm(&failing, 0U, FAILING_ONCE);
    do {
        update_boot();
        boots++;
        assert_true(boots <= DG_BOOT_TRIES);
    } while (update_port.choice.is_trial);
    assert_int_equal(update_port.choice.manifest.sequence, 1U);
    assert_int_equal(update_port.choice.state.last, DG_TRIAL_TIRED);
    assert_true((rig.alarms & (1U << (unsigned)DG_ALARM_UPDATE_FAILED)) != 0U);
}

/* What lies in the armed slot does not verify: the old one runs, and says so. */
/* @verifies{FPT_TUD.1@1} */
static void test_update__armed_image_spoilt__old_one_runs_and_says_so(
    void **state)
{
    (void)state;
    update_start(0);
    maker_install(1U, 2U, 7U);
    maker_spoil(1U);
    update_boot();
    assert_false(update_port.choice.is_trial);
    assert_int_equal(update_port.choice.manifest.sequence, 1U);
    assert_int_equal(update_port.choice.state.last, DG_TRIAL_NOT_GENUINE);
    assert_true((rig.alarms & (1U << (unsigned)DG_ALARM_UPDATE_FAILED)) != 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_update__each_call_of_its_flash_fails__told_and_repeatable),
        cmocka_unit_test(test_update__crypto_fails__said_and_nothing_ready),
        cmocka_unit_test(
            test_update__wrong_image_not_forgotten__flash_is_blamed),
        cmocka_unit_test(test_update__another_image_offered__received_anew),
        cmocka_unit_test(
            test_update__whole_before_a_reset__hashed_not_sent_again),
        cmocka_unit_test(test_update__chunk_over_the_end__out_of_order),
        cmocka_unit_test(
            test_update__abandoned_while_it_asks__press_is_for_nothing),
        cmocka_unit_test(test_update__dose_began_meanwhile__press_arms_nothing),
        cmocka_unit_test(
            test_update__trial_ends_on_a_failing_flash__tried_again),
        cmocka_unit_test(test_update__trial_is_unwell__rejected_once),
        cmocka_unit_test(test_update__rejection_not_written__tries_end),
        cmocka_unit_test(
            test_update__armed_image_spoilt__old_one_runs_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
