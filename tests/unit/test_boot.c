/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "maker.h"

/* What the maker says of an image, what arrives in flash, and what runs after
 * a reset. */

/* manifest --------------------------------------------------------------- */

/* @verifies{FPT_TUD.1@1} */
static void test_manifest__signed__comes_back(void **state)
{
    struct dg_manifest manifest;
    struct dg_manifest back;

    (void)state;
    maker_init();
    manifest = maker_manifest_of(DG_SIGNED_COUNTER_MAX, DG_SIGNED_COUNTER_MAX);
    manifest.version_size = DG_MANIFEST_VERSION_MAX;
    memset(manifest.version, 'v', DG_MANIFEST_VERSION_MAX);

    const dg_span message = maker_sign(&manifest);

    assert_true(message.size <= DG_MANIFEST_MAX);
    assert_int_equal(
        dg_manifest_verify(&maker_crypto, &maker_root, message, &back), DG_OK);
    assert_memory_equal(&back, &manifest, sizeof back);
}

/* @verifies{FPT_TUD.1@1} */
static void test_manifest__any_bit_or_byte_less__refused(void **state)
{
    struct dg_manifest manifest;
    struct dg_manifest back;
    uint8_t bad[DG_MANIFEST_MAX + 1U] = {0U};

    (void)state;
    maker_init();
    manifest = maker_manifest_of(2U, 5U);

    const dg_span message = maker_sign(&manifest);

    memset(&back, 0xEE, sizeof back);
    for (size_t bit = 0U; bit < (message.size * 8U); bit++) {
        memcpy(bad, message.at, message.size);
        bad[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_not_equal(dg_manifest_verify(&maker_crypto,
                                                &maker_root,
                                                (dg_span){bad, message.size},
                                                &back),
                             DG_OK);
    }
    memcpy(bad, message.at, message.size);
    for (size_t size = 0U; size < message.size; size++) {
        assert_int_not_equal(
            dg_manifest_verify(
                &maker_crypto, &maker_root, (dg_span){bad, size}, &back),
            DG_OK);
    }
    assert_int_equal(dg_manifest_verify(&maker_crypto,
                                        &maker_root,
                                        (dg_span){bad, message.size + 1U},
                                        &back),
                     DG_E_TRAILING);
    assert_int_equal(dg_manifest_verify(&maker_crypto,
                                        &maker_root,
                                        (dg_span){bad, DG_MANIFEST_MAX + 1U},
                                        &back),
                     DG_E_RANGE);
    /* What was not verified was not handed out. */
    for (size_t i = 0U; i < sizeof back; i++) {
        assert_int_equal(((const uint8_t *)&back)[i], 0xEE);
    }
}

/* @verifies{FPT_TUD.1@1} */
static void test_manifest__for_another_device_or_by_another__refused(
    void **state)
{
    struct dg_update_root other;
    struct dg_manifest manifest;
    struct dg_manifest back;
    struct dg_secret stranger;

    (void)state;
    maker_init();
    manifest = maker_manifest_of(2U, 5U);

    const dg_span message = maker_sign(&manifest);

    other = maker_root;
    other.vendor[15] ^= 1U;
    assert_int_equal(dg_manifest_verify(&maker_crypto, &other, message, &back),
                     DG_E_UNSUPPORTED);
    other = maker_root;
    other.device_class[0] ^= 1U;
    assert_int_equal(dg_manifest_verify(&maker_crypto, &other, message, &back),
                     DG_E_UNSUPPORTED);
    other = maker_root;
    assert_int_equal(
        maker_crypto.p256_generate(maker_crypto.context, &stranger, &other.key),
        DG_OK);
    assert_int_equal(dg_manifest_verify(&maker_crypto, &other, message, &back),
                     DG_E_AUTH);
}

/* @verifies{FPT_TUD.1@1} */
static void test_manifest__fields_out_of_range__not_signed(void **state)
{
    struct dg_manifest good;
    struct dg_manifest bad;
    const struct dg_secret any = {{1U}};
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message;

    (void)state;
    maker_init();
    good = maker_manifest_of(1U, 0U);
    for (unsigned field = 0U; field < 5U; field++) {
        bad = good;
        switch (field) {
        case 0U:
            bad.sequence = 0U;
            break;
        case 1U:
            bad.size = 0U;
            break;
        case 2U:
            bad.layout_from = (uint8_t)(bad.layout_to + 1U);
            break;
        case 3U:
            bad.version_size = 0U;
            break;
        default:
            bad.version_size = DG_MANIFEST_VERSION_MAX + 1U;
            break;
        }
        assert_int_equal(dg_manifest_sign(&maker_crypto,
                                          &any,
                                          &maker_root,
                                          &bad,
                                          DG_BUF_OF(room),
                                          &message),
                         DG_E_RANGE);
    }
}

/* boot ------------------------------------------------------------------- */

/* @verifies{FPT_TUD.2@1} */
static void test_boot__trial_confirmed__runs_from_then_on(void **state)
{
    (void)state;
    maker_manufacture();
    assert_int_equal(maker_choose().slot, 0U);
    assert_false(maker_choose().is_trial);
    maker_install(1U, 2U, 7U);

    const struct dg_boot_choice trial = maker_choose();

    assert_int_equal(trial.slot, 1U);
    assert_true(trial.is_trial);
    assert_int_equal(trial.state.security_counter, 5U);
    /* Not by the one that was not tried. */
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_E_STATE);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    assert_int_equal(maker_choose().slot, 1U);
    assert_false(maker_choose().is_trial);
    assert_int_equal(maker_choose().state.security_counter, 7U);
    assert_int_equal(maker_choose().state.last, DG_TRIAL_CONFIRMED);
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__trial_that_never_ends__rolled_back(void **state)
{
    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 7U);
    for (unsigned i = 0U; i < DG_BOOT_TRIES; i++) {
        assert_true(maker_choose().is_trial);
    }
    for (unsigned i = 0U; i < 3U; i++) {
        const struct dg_boot_choice choice = maker_choose();

        assert_int_equal(choice.slot, 0U);
        assert_false(choice.is_trial);
        assert_int_equal(choice.state.last, DG_TRIAL_TIRED);
        assert_int_equal(choice.state.security_counter, 5U);
    }
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__trial_rejected_or_not_genuine__rolled_back(void **state)
{
    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 7U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(dg_boot_reject(&maker_images.port), DG_OK);
    assert_int_equal(dg_boot_reject(&maker_images.port), DG_E_STATE);
    assert_int_equal(maker_choose().slot, 0U);
    assert_int_equal(maker_choose().state.last, DG_TRIAL_REJECTED);

    maker_install(1U, 3U, 7U);
    maker_spoil(1U);
    assert_int_equal(maker_choose().slot, 0U);
    assert_int_equal(maker_choose().state.last, DG_TRIAL_NOT_GENUINE);
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__below_the_counter__never_runs(void **state)
{
    struct dg_manifest old;
    struct dg_boot_choice choice;

    (void)state;
    maker_manufacture();
    old = maker_manifest_of(9U, 4U);
    assert_true(maker_download(1U, &old, maker_sign(&old)));
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_AUTH);

    /* Release 2 raises the counter; release 1 is no way back any more, even
     * when release 2 rots. */
    maker_install(1U, 2U, 7U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    maker_spoil(1U);
    assert_int_equal(
        dg_boot_choose(&maker_images.port, &maker_crypto, &maker_root, &choice),
        DG_E_CORRUPT);
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__confirmed_image_rots__other_of_same_counter_runs(
    void **state)
{
    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 5U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    maker_spoil(1U);
    assert_int_equal(maker_choose().slot, 0U);
    assert_int_equal(maker_choose().manifest.sequence, 1U);
    assert_int_equal(maker_choose().state.confirmed, 0U);
}

static enum dg_status choose(struct dg_boot_choice *choice)
{
    return dg_boot_choose(
        &maker_images.port, &maker_crypto, &maker_root, choice);
}

/* Failed its self-test, was never started as often as it may, or was never
 * pressed for: genuine all of them, and no way back. */
/* @verifies{FPT_TUD.4@1} */
static void test_boot__confirmed_image_rots__no_image_that_never_passed(
    void **state)
{
    struct dg_boot_choice choice;
    struct dg_manifest staged;

    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 5U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(dg_boot_reject(&maker_images.port), DG_OK);
    maker_spoil(0U);
    assert_int_equal(choose(&choice), DG_E_CORRUPT);

    maker_manufacture();
    maker_install(1U, 2U, 5U);
    for (unsigned i = 0U; i < DG_BOOT_TRIES; i++) {
        assert_true(maker_choose().is_trial);
    }
    assert_int_equal(maker_choose().slot, 0U);
    maker_spoil(0U);
    assert_int_equal(choose(&choice), DG_E_CORRUPT);

    maker_manufacture();
    staged = maker_manifest_of(2U, 5U);
    assert_true(maker_download(1U, &staged, maker_sign(&staged)));
    maker_spoil(0U);
    assert_int_equal(choose(&choice), DG_E_CORRUPT);

    /* Nor when one before it was confirmed: the slot holds another one now. */
    maker_manufacture();
    maker_install(1U, 2U, 5U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    assert_int_equal(maker_choose().state.fallback, 1U);
    maker_install(0U, 3U, 5U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(dg_boot_reject(&maker_images.port), DG_OK);
    maker_spoil(1U);
    assert_int_equal(choose(&choice), DG_E_CORRUPT);
}

static void test_boot__arm__only_a_whole_other_slot_once(void **state)
{
    struct dg_manifest manifest;

    (void)state;
    maker_manufacture();
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_E_STATE);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_CORRUPT);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 2U),
        DG_E_USAGE);
    manifest = maker_manifest_of(2U, 5U);
    assert_true(maker_download(1U, &manifest, maker_sign(&manifest)));
    maker_spoil(1U);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_CORRUPT);
    maker_spoil(1U);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U), DG_OK);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_STATE);
}

static void test_boot__no_flash_of_ours__corrupt(void **state)
{
    struct dg_boot_choice choice;
    struct rig_flash small;

    (void)state;
    maker_init();
    rig_flash_init(&maker_images);
    assert_int_equal(
        dg_boot_choose(&maker_images.port, &maker_crypto, &maker_root, &choice),
        DG_E_CORRUPT);
    assert_int_equal(
        dg_boot_format(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_E_CORRUPT);
    small = maker_images;
    small.port.sector_count = DG_IMAGE_SECTORS_MIN - 1U;
    assert_int_equal(
        dg_boot_choose(&small.port, &maker_crypto, &maker_root, &choice),
        DG_E_USAGE);
}

/* Read errors of one sector, as a memory with error correction gives them for
 * cells that a cut left half programmed. */
static enum dg_status (*sound_read)(void *context, uint32_t offset, dg_buf out);
static uint32_t unreadable;

static enum dg_status read_with_errors(void *context,
                                       uint32_t offset,
                                       dg_buf out)
{
    return ((offset / RIG_SECTOR) == unreadable)
               ? DG_E_PORT
               : sound_read(context, offset, out);
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__a_copy_of_the_state_unreadable__other_one_counts(
    void **state)
{
    struct dg_boot_choice choice;

    (void)state;
    for (unreadable = 0U; unreadable < 2U; unreadable++) {
        maker_manufacture();
        sound_read = maker_images.port.read;
        maker_images.port.read = read_with_errors;
        assert_int_equal(
            dg_boot_choose(
                &maker_images.port, &maker_crypto, &maker_root, &choice),
            DG_OK);
        assert_int_equal(choice.slot, 0U);
        assert_int_equal(choice.state.security_counter, 5U);
    }
}

static uint32_t sector_of(unsigned slot)
{
    return dg_image_offset(&maker_images.port, slot) / RIG_SECTOR;
}

/* A trial that cannot be read: the confirmed image runs at the same reset, and
 * a confirmed one that cannot be read gives way to the one before it, for this
 * reset only. */
/* @verifies{FPT_TUD.4@1} */
static void test_boot__a_slot_unreadable__a_sound_one_runs(void **state)
{
    struct dg_boot_choice choice;

    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 5U);
    sound_read = maker_images.port.read;
    maker_images.port.read = read_with_errors;
    unreadable = sector_of(1U);
    assert_int_equal(choose(&choice), DG_OK);
    assert_int_equal(choice.slot, 0U);
    assert_false(choice.is_trial);
    assert_int_equal(choice.manifest.sequence, 1U);
    assert_int_equal(choice.state.last, DG_TRIAL_NOT_GENUINE);

    maker_images.port.read = sound_read;
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U), DG_OK);
    assert_true(maker_choose().is_trial);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    maker_images.port.read = read_with_errors;
    assert_int_equal(choose(&choice), DG_OK);
    assert_int_equal(choice.slot, 0U);
    assert_int_equal(choice.manifest.sequence, 1U);
    assert_int_equal(choice.state.confirmed, 1U);
    maker_images.port.read = sound_read;
    assert_int_equal(maker_choose().slot, 1U);

    /* Without a way back it is a failure of the port, not of the image. */
    maker_manufacture();
    maker_images.port.read = read_with_errors;
    unreadable = sector_of(0U);
    assert_int_equal(choose(&choice), DG_E_PORT);
    maker_images.port.read = sound_read;
    assert_int_equal(maker_choose().slot, 0U);
}

/* Trials cannot be counted any more, so there are none; the image that people
 * live on needs no write to run. */
/* @verifies{FPT_TUD.2@1} */
static void test_boot__state_cannot_be_written__confirmed_image_runs(
    void **state)
{
    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 6U);
    maker_images.fails = true;
    for (unsigned i = 0U; i < 2U; i++) {
        const struct dg_boot_choice choice = maker_choose();

        assert_int_equal(choice.slot, 0U);
        assert_false(choice.is_trial);
        assert_int_equal(choice.manifest.sequence, 1U);
    }
    /* And where the other image is all that is left, it runs as well. */
    maker_images.fails = false;
    maker_manufacture();
    maker_install(1U, 2U, 5U);
    assert_true(maker_choose().is_trial);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
    maker_spoil(1U);
    maker_images.fails = true;
    assert_int_equal(maker_choose().slot, 0U);
    assert_int_equal(maker_choose().manifest.sequence, 1U);
}

/* Any flipped bit of the state: the other copy counts, or none differs. */
static void test_boot__any_bit_of_the_state_flipped__still_boots(void **state)
{
    (void)state;
    maker_manufacture();
    maker_install(1U, 2U, 7U);

    static struct rig_flash before;

    before = maker_images;
    for (unsigned copy = 0U; copy < DG_IMAGE_STATE_SECTORS; copy++) {
        for (unsigned bit = 0U; bit < (20U * 8U); bit++) {
            struct dg_boot_state found;

            maker_images = before;
            maker_images.port.context = &maker_images;
            maker_images.bytes[(copy * RIG_SECTOR) + (bit / 8U)] ^=
                (uint8_t)(1U << (bit % 8U));
            assert_int_equal(dg_boot_read(&maker_images.port, &found), DG_OK);
            assert_int_equal(found.confirmed, 0U);
            assert_int_equal(found.security_counter, 5U);
            assert_int_equal(maker_choose().manifest.size, MAKER_IMAGE_SIZE);
        }
    }
}

/* The whole life of an update, with the power cut at every program and every
 * erase of it, done in no part, half and whole.  After each cut the device
 * runs a genuine image, the counter has not fallen, and the update can be done
 * again to its end. */
static bool live_through(void)
{
    const struct dg_manifest next = maker_manifest_of(2U, 7U);
    struct dg_boot_choice choice;

    return maker_download(1U, &next, maker_sign(&next)) &&
           (dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U) ==
            DG_OK) &&
           (dg_boot_choose(
                &maker_images.port, &maker_crypto, &maker_root, &choice) ==
            DG_OK) &&
           (dg_boot_confirm(
                &maker_images.port, &maker_crypto, &maker_root, 1U) == DG_OK);
}

/* From wherever the cut left it. */
static void live_on(void)
{
    struct dg_boot_choice choice = maker_choose();

    if (choice.is_trial) {
        assert_int_equal(choice.slot, 1U);
        assert_int_equal(
            dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
            DG_OK);
    } else if (choice.slot == 0U) {
        assert_int_equal(choice.manifest.sequence, 1U);
        assert_true(live_through());
    } else {
        assert_int_equal(choice.state.last, DG_TRIAL_CONFIRMED);
    }
    choice = maker_choose();
    assert_int_equal(choice.slot, 1U);
    assert_int_equal(choice.manifest.sequence, 2U);
    assert_int_equal(choice.state.security_counter, 7U);
}

/* @verifies{FPT_TUD.2@1} */
static void test_update__cut_at_every_flash_operation__something_runs(
    void **state)
{
    static struct rig_flash before;
    uint32_t operations = 0U;

    (void)state;
    maker_manufacture();
    before = maker_images;
    assert_true(live_through());
    operations = maker_images.operations - before.operations;
    assert_true(operations > 45U);
    for (uint32_t at = 1U; at <= operations; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            maker_images = before;
            maker_images.port.context = &maker_images;
            maker_images.cut_in = at;
            maker_images.cut = (enum rig_cut)cut;
            assert_false(live_through());
            maker_images.is_dead = false;
            maker_images.cut_in = 0U;
            live_on();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest__signed__comes_back),
        cmocka_unit_test(test_manifest__any_bit_or_byte_less__refused),
        cmocka_unit_test(
            test_manifest__for_another_device_or_by_another__refused),
        cmocka_unit_test(test_manifest__fields_out_of_range__not_signed),
        cmocka_unit_test(test_boot__trial_confirmed__runs_from_then_on),
        cmocka_unit_test(test_boot__trial_that_never_ends__rolled_back),
        cmocka_unit_test(test_boot__trial_rejected_or_not_genuine__rolled_back),
        cmocka_unit_test(test_boot__below_the_counter__never_runs),
        cmocka_unit_test(
            test_boot__confirmed_image_rots__other_of_same_counter_runs),
        cmocka_unit_test(
            test_boot__confirmed_image_rots__no_image_that_never_passed),
        cmocka_unit_test(test_boot__a_slot_unreadable__a_sound_one_runs),
        cmocka_unit_test(test_boot__arm__only_a_whole_other_slot_once),
        cmocka_unit_test(test_boot__no_flash_of_ours__corrupt),
        cmocka_unit_test(
            test_boot__a_copy_of_the_state_unreadable__other_one_counts),
        cmocka_unit_test(
            test_boot__state_cannot_be_written__confirmed_image_runs),
        cmocka_unit_test(test_boot__any_bit_of_the_state_flipped__still_boots),
        cmocka_unit_test(
            test_update__cut_at_every_flash_operation__something_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
