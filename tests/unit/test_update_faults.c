/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/bytes.h"
#include "failing.h"
#include "maker.h"

/* The flash of images and the crypto of the boot loader fail: each call once,
 * alone, with all that follow, or done and said to have failed.  Whatever
 * failed, an image runs that the maker signed and that was confirmed or armed,
 * the security counter never falls, basal goes on, and the same update comes to
 * its end once the flash works again. */

static struct failing failing;
static struct rig_flash kept;
static struct dg_manifest release;
static uint8_t message_room[DG_MANIFEST_MAX];
static dg_span message;

/* The boot loader alone -------------------------------------------------------- */

static void with_release(void)
{
    maker_manufacture();
    release = maker_manifest_of(2U, 7U);

    const dg_span made = maker_sign(&release);

    memcpy(message_room, made.at, made.size);
    message = (dg_span){message_room, made.size};
    assert_true(maker_download(1U, &release, message));
}

static void armed(void)
{
    with_release();
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U), DG_OK);
}

/* The counter has risen from 5 to 7, in the newer copy of the state alone. */
static void confirmed(void)
{
    armed();
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_OK);
}

static void begun(void)
{
    uint32_t next = 0U;

    maker_manufacture();
    release = maker_manifest_of(2U, 7U);
    message = maker_sign(&release);
    assert_int_equal(
        dg_image_begin(&maker_images.port, 1U, message, &release, &next),
        DG_OK);
}

static enum dg_status do_format(void)
{
    return dg_boot_format(&failing.flash, &failing.crypto, &maker_root, 0U);
}

static enum dg_status do_choose(void)
{
    struct dg_boot_choice choice;

    return dg_boot_choose(
        &failing.flash, &failing.crypto, &maker_root, &choice);
}

static enum dg_status do_arm(void)
{
    return dg_boot_arm(&failing.flash, &failing.crypto, &maker_root, 1U);
}

/* The image of before: below the counter. */
static enum dg_status do_arm_first(void)
{
    const enum dg_status status =
        dg_boot_arm(&failing.flash, &failing.crypto, &maker_root, 0U);

    return (status == DG_E_AUTH) ? DG_OK : status;
}

static enum dg_status do_confirm(void)
{
    return dg_boot_confirm(&failing.flash, &failing.crypto, &maker_root, 1U);
}

static enum dg_status do_reject(void)
{
    return dg_boot_reject(&failing.flash);
}

static enum dg_status do_begin(void)
{
    uint32_t next = 0U;

    return dg_image_begin(&failing.flash, 1U, message, &release, &next);
}

static enum dg_status do_write(void)
{
    uint32_t next = 0U;

    return dg_image_write(
        &failing.flash, 1U, &release, (dg_span){maker_image, 256U}, &next);
}

static enum dg_status do_verify(void)
{
    struct dg_manifest manifest;

    return dg_image_verify(
        &failing.flash, &failing.crypto, &maker_root, 0U, &manifest);
}

static const struct act {
    const char *name;
    void (*prepare)(void);
    enum dg_status (*act)(void);
    bool goes_on; /* it has another way when a call fails */
} acts[] = {
    {"manufacture", maker_manufacture, do_format, true},
    {"choose", with_release, do_choose, true},
    {"choose a trial", armed, do_choose, true},
    {"arm", with_release, do_arm, true},
    {"confirm", armed, do_confirm, true},
    {"reject", armed, do_reject, true},
    {"choose after a rise", confirmed, do_choose, true},
    {"arm after a rise", confirmed, do_arm_first, true},
    {"begin anew", maker_manufacture, do_begin, false},
    {"go on", begun, do_begin, false},
    {"begin over another", with_release, do_begin, false},
    {"write", begun, do_write, false},
    {"verify", maker_manufacture, do_verify, false},
};

static void expect_a_true_image_runs(const struct act *act,
                                     uint32_t counter,
                                     bool has_state)
{
    struct dg_boot_choice choice;
    const enum dg_status status =
        dg_boot_choose(&maker_images.port, &maker_crypto, &maker_root, &choice);

    if (!has_state && (status == DG_E_CORRUPT)) {
        return; /* manufacture was not done: nothing runs */
    }
    if (status != DG_OK) {
        fail_msg("%s: nothing runs (%d)", act->name, status);
    }
    assert_true(choice.state.security_counter >= counter);
    assert_true(choice.manifest.security_counter >=
                choice.state.security_counter);
    assert_in_range(choice.manifest.sequence, 1U, 2U);
}

/* @verifies{FPT_TUD.2@1} */
static void test_boot__each_call_fails__a_true_image_runs(void **state)
{
    (void)state;
    for (size_t i = 0U; i < (sizeof acts / sizeof acts[0]); i++) {
        const struct act *act = &acts[i];

        act->prepare();
        if (act->act == do_begin) {
            release = maker_manifest_of((act->prepare == begun) ? 2U : 3U, 7U);
            message = maker_sign(&release);
        }
        kept = maker_images;
        failing_init(&failing, &maker_crypto, &maker_images.port);
        failing_arm(&failing, 0U, FAILING_ONCE);
        assert_int_equal(act->act(), DG_OK);

        const uint32_t calls = failing.calls;

        assert_true(calls > 0U);
        for (uint32_t at = 1U; at <= calls; at++) {
            for (unsigned how = 0U; how < FAILING_WAYS; how++) {
                maker_images = kept;
                failing_arm(&failing, at, (enum failing_how)how);

                const enum dg_status status = act->act();

                assert_true(failing.was_flash || failing.was_crypto);
                if ((status == DG_OK)
                        ? !act->goes_on
                        : ((status != DG_E_PORT) && (status != DG_E_CORRUPT) &&
                           (status != DG_E_STATE))) {
                    fail_msg("%s, call %u, way %u: %d",
                             act->name,
                             (unsigned)at,
                             how,
                             status);
                }
                expect_a_true_image_runs(act,
                                         (act->prepare == confirmed) ? 7U : 5U,
                                         act->act != do_format);
            }
        }
    }
}

/* What no flash and no slot is. */
static void test_boot__no_flash_for_it__usage(void **state)
{
    struct dg_boot_state boot_state;
    struct dg_boot_choice choice;
    struct dg_flash small;
    const struct dg_crypto *none = NULL;

    (void)state;
    with_release();
    for (unsigned which = 0U; which < 4U; which++) {
        small = maker_images.port;
        small.sector_size = (which == 0U)   ? 2048U
                            : (which == 1U) ? 5000U
                                            : small.sector_size;
        small.sector_count = (which == 2U)   ? 3U
                             : (which == 3U) ? 4U
                                             : small.sector_count;
        assert_int_equal(
            dg_boot_choose(&small, &maker_crypto, &maker_root, &choice),
            DG_E_USAGE);
        assert_int_equal(dg_boot_read(&small, &boot_state), DG_E_USAGE);
        assert_int_equal(dg_boot_format(&small, &maker_crypto, &maker_root, 0U),
                         DG_E_USAGE);
    }
    for (unsigned slot = DG_IMAGE_SLOTS; slot < 300U; slot += 101U) {
        assert_int_equal(
            dg_boot_format(
                &maker_images.port, &maker_crypto, &maker_root, slot),
            DG_E_USAGE);
        assert_int_equal(
            dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, slot),
            DG_E_USAGE);
        assert_int_equal(
            dg_boot_confirm(
                &maker_images.port, &maker_crypto, &maker_root, slot),
            DG_E_USAGE);
    }
    assert_int_equal(dg_boot_arm(&maker_images.port, none, &maker_root, 1U),
                     DG_E_USAGE);
    assert_int_equal(dg_boot_arm(&maker_images.port, &maker_crypto, NULL, 1U),
                     DG_E_USAGE);
    assert_int_equal(dg_boot_confirm(&maker_images.port, none, &maker_root, 1U),
                     DG_E_USAGE);
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, NULL, 1U),
        DG_E_USAGE);
    /* Nothing is on trial, and what is confirmed is not tried. */
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_STATE);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_E_STATE);
    assert_int_equal(dg_boot_reject(&maker_images.port), DG_E_STATE);
    armed();
    assert_int_equal(
        dg_boot_confirm(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_E_STATE);
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U),
        DG_E_STATE);
}

/* Pieces that do not fit where they would go. */
static void test_image__piece_that_does_not_fit__nothing_moves(void **state)
{
    const struct dg_flash *port = &maker_images.port;
    uint32_t next = 0U;

    (void)state;
    begun();
    kept = maker_images;

    const struct {
        uint32_t next;
        size_t size;
    } bad[] = {
        {0U, 0U},                            /* nothing             */
        {0U, RIG_SECTOR + 1U},               /* over a sector's end */
        {RIG_SECTOR - 1U, 2U},               /* ... from within it  */
        {MAKER_IMAGE_SIZE, 1U},              /* behind the image    */
        {MAKER_IMAGE_SIZE - 10U, 11U},       /* over its end        */
        {MAKER_IMAGE_SIZE + RIG_SECTOR, 1U}, /* far behind          */
    };

    for (size_t i = 0U; i < (sizeof bad / sizeof bad[0]); i++) {
        next = bad[i].next;
        assert_int_equal(
            dg_image_write(
                port, 1U, &release, (dg_span){maker_image, bad[i].size}, &next),
            DG_E_RANGE);
        assert_int_equal(next, bad[i].next);
    }
    /* An image larger than a slot, and a manifest longer than any. */
    release.size = dg_image_size_max(port) + 1U;
    assert_int_equal(dg_image_begin(port, 1U, message, &release, &next),
                     DG_E_RANGE);
    release.size = MAKER_IMAGE_SIZE;
    assert_int_equal(dg_image_begin(port,
                                    1U,
                                    (dg_span){message.at, DG_MANIFEST_MAX + 1U},
                                    &release,
                                    &next),
                     DG_E_RANGE);
    assert_memory_equal(maker_images.bytes, kept.bytes, sizeof kept.bytes);
}

/* The head of a slot, each field wrong: there is no image. */
static void test_image__head_wrong__no_image(void **state)
{
    static const struct {
        unsigned at;
        uint8_t byte;
    } wrong[] = {{0U, 'X'},
                 {4U, 0x7FU},
                 {5U, 0x00U},
                 {6U, 1U},
                 {7U, 1U},
                 {8U, 0xAAU},
                 {20U, 0xAAU}};
    struct dg_manifest manifest;

    (void)state;
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        maker_manufacture();

        uint8_t *bytes =
            &maker_images
                 .bytes[dg_image_offset(&maker_images.port, 0U) - RIG_SECTOR];

        bytes[wrong[i].at] = wrong[i].byte;
        assert_int_equal(
            dg_image_verify(
                &maker_images.port, &maker_crypto, &maker_root, 0U, &manifest),
            DG_E_CORRUPT);
    }
}

/* The state of the boot loader, each field beyond its range with a CRC that
 * holds: that copy is none, the other one counts. */
static void test_boot__state_out_of_range__other_copy_counts(void **state)
{
    static const struct {
        unsigned at;
        uint8_t byte;
    } wrong[] = {{12U, 2U}, /* confirmed: no slot                */
                 {13U, 2U}, /* trial: no slot                    */
                 {13U, 0U}, /* trial: the confirmed one          */
                 {14U, 4U}, /* more tries than there are         */
                 {15U, 9U}, /* an end that nobody knows          */
                 {15U, 1U}, /* running, and nothing is on trial  */
                 {0U, 'X'}};
    struct dg_boot_state found;

    (void)state;
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        maker_manufacture();
        /* Manufacture writes generations 1 and 2: the second is in sector 0. */
        uint8_t *bytes = maker_images.bytes;

        bytes[wrong[i].at] = wrong[i].byte;

        dg_bytes_put_u32(&bytes[20], dg_bytes_crc32((dg_span){bytes, 20U}));
        assert_int_equal(dg_boot_read(&maker_images.port, &found), DG_OK);
        assert_int_equal(found.generation, 1U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot__each_call_fails__a_true_image_runs),
        cmocka_unit_test(test_boot__no_flash_for_it__usage),
        cmocka_unit_test(test_image__piece_that_does_not_fit__nothing_moves),
        cmocka_unit_test(test_image__head_wrong__no_image),
        cmocka_unit_test(test_boot__state_out_of_range__other_copy_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
