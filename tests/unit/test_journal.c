/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "journal_run.h"
#include "ports/host/crypto_openssl.h"

#include <string.h>

/* entries ------------------------------------------------------------------ */

static void test_journal_entry__bounds__one_encoding_each(void **state)
{
    struct dg_journal_entry entry;
    struct dg_journal_entry back;
    uint8_t room[DG_JOURNAL_ENTRY_MAX];
    dg_span bytes = {NULL, 0U};

    (void)state;
    memset(&entry, 0xFF, sizeof entry);
    entry.kind = (enum dg_journal_kind)(DG_JOURNAL_KINDS - 1U);
    entry.who = DG_JOURNAL_BY_STRANGER;
    entry.data_size = DG_JOURNAL_DATA_MAX;
    assert_int_equal(dg_journal_entry_encode(&entry, DG_BUF_OF(room), &bytes),
                     DG_OK);
    assert_true(bytes.size <= DG_JOURNAL_ENTRY_MAX);
    assert_int_equal(dg_journal_entry_decode(bytes, &back), DG_OK);
    assert_true(is_same(&entry, &back));
    bytes.size--;
    assert_int_equal(dg_journal_entry_decode(bytes, &back), DG_E_TRUNCATED);

    struct dg_journal_entry bad = entry_of(1U);

    bad.kind = DG_JOURNAL_NONE;
    assert_int_equal(dg_journal_entry_encode(&bad, DG_BUF_OF(room), &bytes),
                     DG_E_RANGE);
    bad = entry_of(1U);
    bad.who = DG_JOURNAL_BY_STRANGER + 1U;
    assert_int_equal(dg_journal_entry_encode(&bad, DG_BUF_OF(room), &bytes),
                     DG_E_RANGE);
    bad = entry_of(1U);
    bad.data_size = DG_JOURNAL_DATA_MAX + 1U;
    assert_int_equal(dg_journal_entry_encode(&bad, DG_BUF_OF(room), &bytes),
                     DG_E_RANGE);
    start();
    assert_int_equal(append(&bad), DG_E_RANGE);
    assert_int_equal(journal.tree.size, 0U);
    assert_false(journal.failed);
}

static void test_journal_entry__malformed__refused(void **state)
{
    struct dg_journal_entry entry;
    /* Five fields; a longer form; kind 0; who 7; text for bytes. */
    static const uint8_t few[] = {0x85, 1, 1, 1, 1, 1};
    static const uint8_t longer[] = {0x86, 1, 0x18, 1, 1, 1, 1, 0x40};
    static const uint8_t none[] = {0x86, 1, 0, 1, 1, 1, 0x40};
    static const uint8_t who[] = {0x86, 1, 1, 7, 1, 1, 0x40};
    static const uint8_t text[] = {0x86, 1, 1, 1, 1, 1, 0x60};
    static const uint8_t more[] = {0x86, 1, 1, 1, 1, 1, 0x40, 0x00};
    static const uint8_t good[] = {0x86, 1, 1, 1, 1, 1, 0x40};

    (void)state;
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(few), &entry),
                     DG_E_MALFORMED);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(longer), &entry),
                     DG_E_MALFORMED);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(none), &entry),
                     DG_E_RANGE);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(who), &entry),
                     DG_E_RANGE);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(text), &entry),
                     DG_E_MALFORMED);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(more), &entry),
                     DG_E_TRAILING);
    assert_int_equal(dg_journal_entry_decode(DG_SPAN_OF(good), &entry), DG_OK);
}

/* the ring ----------------------------------------------------------------- */

/* @verifies{FAU_LOG.1@1} @verifies{FAU_LOG.5@1} */
static void test_journal__twice_round_the_ring__size_and_root_stay(void **state)
{
    struct dg_merkle tree;
    uint32_t oldest = 0U;

    (void)state;
    start();
    memset(&tree, 0, sizeof tree);
    for (uint32_t i = 0U; i < 1900U; i++) {
        const struct dg_journal_entry entry = entry_of(i);
        const uint32_t before = journal.tree.size;
        struct dg_journal_entry last;
        uint8_t room[DG_JOURNAL_ENTRY_MAX];
        dg_span bytes = {NULL, 0U};
        uint32_t count = 0U;

        assert_int_equal(append(&entry), DG_OK);
        /* Into a tree of our own: what was told as lost as well. */
        for (uint32_t index = before; index < journal.tree.size; index++) {
            struct dg_hash leaf;

            assert_int_equal(
                dg_journal_read(
                    &journal, index, DG_BUF_OF(room), &bytes, &count),
                DG_OK);
            assert_true(count >= 1U);
            bytes = item_at(bytes);
            assert_int_equal(dg_journal_entry_decode(bytes, &last), DG_OK);
            assert_int_equal(dg_merkle_leaf(&crypto, bytes, &leaf), DG_OK);
            assert_int_equal(dg_merkle_add(&tree, &crypto, &leaf), DG_OK);
            if ((index + 1U) < journal.tree.size) {
                assert_int_equal(last.kind, DG_JOURNAL_LOST);
                assert_int_equal(last.code, oldest);
                assert_int_equal(last.amount, journal.oldest);
            }
        }
        assert_true(is_same(&last, &entry));
        assert_true(journal.tree.size - journal.oldest <=
                    (SLOTS * DG_FLASH_JOURNAL_SECTORS));
        oldest = journal.oldest;
        if ((i % 97U) == 0U) {
            const struct dg_journal was = journal;

            reopen();
            assert_false(found.is_torn);
            assert_false(found.is_damaged);
            expect_same_state(&was);
        }
    }
    assert_true(journal.oldest > 1000U);
    assert_true(journal.tree.size - journal.oldest >
                (SLOTS * (DG_FLASH_JOURNAL_SECTORS - 1U)));
    expect_same_root(&tree);
    read_all();
    expect_root_from_oldest();
}

/* Who has it outside need not be told that it left. */
/* @verifies{FAU_LOG.5@1} */
static void test_journal__exported__nothing_told_as_lost(void **state)
{
    (void)state;
    start();
    for (uint32_t i = 0U; i < 1200U; i++) {
        struct dg_journal_entry entry = entry_of(i);

        if ((i % 300U) == 299U) {
            entry.kind = DG_JOURNAL_EXPORTED;
            entry.amount = journal.tree.size;
        }
        assert_int_equal(append(&entry), DG_OK);
    }
    assert_true(journal.oldest > 0U);
    assert_int_equal(journal.memory.lost, 0U);
    assert_int_equal(journal.tree.size, 1200U);
    reopen();
    assert_int_equal(journal.memory.exported, 1199U);
}

static void test_journal__time_runs_back__entry_takes_the_last_time(
    void **state)
{
    struct dg_journal_entry entry = entry_of(500U);

    (void)state;
    start();
    assert_int_equal(append(&entry), DG_OK);
    entry.at.s = 3U;
    assert_int_equal(append(&entry), DG_OK);
    read_all();
    assert_int_equal(book[1].at.s, book[0].at.s);
}

/* @verifies{FAU_LOG.3@1} */
static void test_journal__every_size_on_flash__proof_holds(void **state)
{
    (void)state;
    start();
    append_many(920U);

    const uint32_t size = journal.tree.size;
    struct dg_merkle tree;
    struct dg_hash root;
    struct dg_hash old;
    struct dg_hash nodes[DG_MERKLE_PROOF_MAX];

    assert_int_equal(dg_merkle_root(&journal.tree, &crypto, &root), DG_OK);
    for (uint32_t from = journal.oldest; from <= size; from += 7U) {
        size_t done = 0U;
        size_t total = 0U;

        assert_int_equal(dg_journal_tree_at(&journal, from, &tree), DG_OK);
        assert_int_equal(dg_merkle_root(&tree, &crypto, &old), DG_OK);
        /* By pages of three, as it travels. */
        do {
            size_t count = 0U;

            assert_int_equal(dg_journal_prove(&journal,
                                              from,
                                              size,
                                              done,
                                              &nodes[done],
                                              3U,
                                              &count,
                                              &total),
                             DG_OK);
            done += count;
        } while (done < total);
        assert_int_equal(dg_merkle_verify_consistency(
                             &crypto, from, size, &old, &root, nodes, total),
                         DG_OK);
    }

    size_t count = 0U;
    size_t total = 0U;

    assert_int_equal(
        dg_journal_prove(
            &journal, journal.oldest - 1U, size, 0U, nodes, 3U, &count, &total),
        DG_E_RANGE);
    assert_int_equal(
        dg_journal_prove(
            &journal, size, size + 1U, 0U, nodes, 3U, &count, &total),
        DG_E_RANGE);
    assert_int_equal(dg_journal_tree_at(&journal, size + 1U, &tree),
                     DG_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal_entry__bounds__one_encoding_each),
        cmocka_unit_test(test_journal_entry__malformed__refused),
        cmocka_unit_test(
            test_journal__twice_round_the_ring__size_and_root_stay),
        cmocka_unit_test(test_journal__exported__nothing_told_as_lost),
        cmocka_unit_test(
            test_journal__time_runs_back__entry_takes_the_last_time),
        cmocka_unit_test(test_journal__every_size_on_flash__proof_holds),
    };

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return 1;
    }

    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    dg_crypto_openssl_free(&crypto);
    return failed;
}
