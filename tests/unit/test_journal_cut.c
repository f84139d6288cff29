/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "journal_run.h"
#include "ports/host/crypto_openssl.h"
#include "rig.h"

#include <string.h>

/* The journal cut at every byte, and with bits that changed. */

/* cuts --------------------------------------------------------------------- */

/* Power goes after every @step bytes of a story that turns a sector over; of
 * the first one, and of a ring that is full. */
static void cut_everywhere(uint32_t before, uint32_t step)
{
    static uint8_t image[sizeof flash.bytes];
    static struct dg_journal_entry past[ENTRIES];

    start();
    append_many(before);
    read_all();
    memcpy(image, flash.bytes, sizeof image);
    memcpy(past, book, sizeof past);

    const struct dg_journal was = journal;
    const uint32_t story = 5U;

    flash.used = 0U;
    for (uint32_t i = 0U; i < story; i++) {
        const struct dg_journal_entry entry = entry_of(5000U + i);

        assert_int_equal(append(&entry), DG_OK);
    }

    const uint32_t bytes = flash.used;

    assert_true(bytes > 1000U);
    for (uint32_t at = 1U; at <= bytes; at += step) {
        uint32_t held = 0U;

        memcpy(flash.bytes, image, sizeof image);
        journal = was;
        flash.used = 0U;
        flash.budget = at;
        for (uint32_t i = 0U; i < story; i++) {
            const struct dg_journal_entry entry = entry_of(5000U + i);

            held += (append(&entry) == DG_OK) ? 1U : 0U;
        }
        assert_true(flash.is_dead);
        assert_true(held < story);
        reopen();
        assert_false(found.is_new);
        assert_false(found.is_damaged);
        read_all();
        expect_root_from_oldest();
        /* What was there is there, in its place. */
        for (uint32_t i = journal.oldest; i < was.tree.size; i++) {
            assert_true(is_same(&book[i], &past[i]));
        }

        /* Of the story: all that was told to be there, and one at most that
         * was on its way; a line about what was lost beside them. */
        uint32_t seen = 0U;

        for (uint32_t i = was.tree.size; i < booked; i++) {
            const struct dg_journal_entry want = entry_of(5000U + seen);

            if (book[i].kind == DG_JOURNAL_LOST) {
                continue;
            }
            assert_true(is_same(&book[i], &want));
            seen++;
        }
        assert_in_range(seen, held, held + 1U);

        /* And it goes on. */
        for (uint32_t i = seen; i < story; i++) {
            const struct dg_journal_entry entry = entry_of(5000U + i);

            assert_int_equal(append(&entry), DG_OK);
        }
        reopen();
        assert_false(found.is_new);
        assert_false(found.is_damaged);
        read_all();
        expect_root_from_oldest();
    }
}

/* @verifies{FAU_LOG.2@1} */
static void test_journal_cut__every_byte_of_a_young_ring__nothing_lost(
    void **state)
{
    (void)state;
    cut_everywhere(SLOTS - 3U, 1U);
}

/* @verifies{FAU_LOG.2@1} */
static void test_journal_cut__a_full_ring__nothing_lost(void **state)
{
    (void)state;
    /* The next turn erases the oldest sector. */
    cut_everywhere((SLOTS * DG_FLASH_JOURNAL_SECTORS) - 3U, 29U);
}

/* Cut while writing, and again while writing after that, many times. */
/* @verifies{FAU_LOG.2@1} */
static void test_journal_cut__storm_of_cuts__torn_slots_are_passed_over(
    void **state)
{
    uint64_t seed = 7U;
    uint32_t held = 0U;

    (void)state;
    start();
    for (uint32_t i = 0U; i < 600U; i++) {
        const struct dg_journal_entry entry = entry_of(held);
        const uint32_t before = journal.tree.size;

        flash.used = 0U;
        /* Now and then enough for the head of a sector. */
        flash.budget =
            1U + (rig_random(&seed) % (((i % 5U) == 0U) ? 1500U : 90U));
        (void)append(&entry);
        reopen();
        assert_false(found.is_damaged);
        assert_in_range(journal.tree.size, before, before + 2U);
        held += (journal.tree.size > before) ? 1U : 0U;
    }
    assert_true(held > 100U);
    read_all();
    expect_root_from_oldest();
}

/* damage ------------------------------------------------------------------- */

/* Whatever bit changes: what is handed out is what was written, and where
 * something is missing it is told. */
/* @verifies{FAU_LOG.2@1} */
static void test_journal_damage__flipped_bits__nothing_invented(void **state)
{
    static uint8_t image[sizeof flash.bytes];
    static struct dg_journal_entry past[ENTRIES];
    unsigned told = 0U;

    (void)state;
    start();
    append_many((2U * SLOTS) + 9U);
    read_all();
    memcpy(image, flash.bytes, sizeof image);
    memcpy(past, book, sizeof past);

    const struct dg_journal was = journal;
    const uint32_t first = DG_FLASH_JOURNAL_FIRST * SECTOR;

    for (uint32_t at = 0U; at < (4U * SECTOR); at += 5U) {
        memcpy(flash.bytes, image, sizeof image);
        flash.bytes[first + at] ^= (uint8_t)(1U << ((at / 5U) % 8U));
        reopen();

        const bool is_told = found.is_torn || found.is_damaged;

        assert_int_equal(found.is_new, journal.epoch != was.epoch);
        if (found.is_new) {
            assert_true(found.is_damaged);
            told++;
            continue;
        }
        assert_true(is_told || ((journal.oldest == 0U) &&
                                (journal.tree.size == was.tree.size)));
        assert_true(journal.tree.size <= was.tree.size);
        /* Torn is the last record alone. */
        assert_true(journal.tree.size >= (was.tree.size - 1U));
        read_all();
        for (uint32_t i = journal.oldest; i < booked; i++) {
            assert_true(is_same(&book[i], &past[i]));
        }
        expect_root_from_oldest();
        told += is_told ? 1U : 0U;
    }
    /* All of the two full sectors' heads and records, at least. */
    assert_true(told > (2U * SLOTS * 64U / 5U));
}

/* A flash that was changed under a running device. */
static void test_journal_damage__while_running__not_handed_out(void **state)
{
    uint8_t room[240];
    dg_span bytes = {NULL, 0U};
    uint32_t count = 0U;

    (void)state;
    start();
    append_many(20U);
    /* A letter of the entry with index 10. */
    flash.bytes[(DG_FLASH_JOURNAL_FIRST * SECTOR) + (14U * 64U) + (10U * 64U) +
                4U] ^= 1U;
    assert_int_equal(
        dg_journal_read(&journal, 0U, DG_BUF_OF(room), &bytes, &count), DG_OK);
    assert_true(count <= 10U);
    assert_int_equal(
        dg_journal_read(&journal, 10U, DG_BUF_OF(room), &bytes, &count),
        DG_E_PORT);
    assert_int_equal(
        dg_journal_read(&journal, 15U, DG_BUF_OF(room), &bytes, &count),
        DG_E_PORT);
}

/* @verifies{FAU_LOG.2@1} */
static void test_journal__all_erased__a_new_epoch_says_so(void **state)
{
    (void)state;
    start();
    append_many(70U);
    memset(&flash.bytes[DG_FLASH_JOURNAL_FIRST * SECTOR],
           0xFF,
           DG_FLASH_JOURNAL_SECTORS * SECTOR);
    reopen();
    assert_true(found.is_new);
    assert_int_equal(journal.tree.size, 0U);

    const struct dg_journal_entry entry = entry_of(1U);

    assert_int_equal(append(&entry), DG_OK);
    reopen();
    assert_false(found.is_new);
    assert_int_equal(journal.tree.size, 1U);
}

static void test_journal__flash_fails__refuses_and_opens_again(void **state)
{
    const struct dg_journal_entry entry = entry_of(1U);

    (void)state;
    start();
    append_many(3U);
    flash.is_dead = true;
    assert_int_equal(append(&entry), DG_E_PORT);
    flash.is_dead = false;
    assert_int_equal(append(&entry), DG_E_STATE);
    reopen();
    assert_int_equal(journal.tree.size, 3U);
    assert_int_equal(append(&entry), DG_OK);
    assert_int_equal(dg_journal_format(NULL), DG_E_USAGE);
    assert_int_equal(dg_journal_open(&journal, NULL, &crypto, &found),
                     DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_journal_cut__every_byte_of_a_young_ring__nothing_lost),
        cmocka_unit_test(test_journal_cut__a_full_ring__nothing_lost),
        cmocka_unit_test(
            test_journal_cut__storm_of_cuts__torn_slots_are_passed_over),
        cmocka_unit_test(test_journal_damage__flipped_bits__nothing_invented),
        cmocka_unit_test(test_journal_damage__while_running__not_handed_out),
        cmocka_unit_test(test_journal__all_erased__a_new_epoch_says_so),
        cmocka_unit_test(test_journal__flash_fails__refuses_and_opens_again),
    };

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return 1;
    }

    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    dg_crypto_openssl_free(&crypto);
    return failed;
}
