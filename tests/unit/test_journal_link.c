/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/device_parts.h"
#include "dosegate/journal_head.h"
#include "journal_rig.h"

#include <string.h>

/* The journal over the link: what phones can read of it, and what they can and
 * cannot do to it. */

/* over the link ------------------------------------------------------------ */

static const struct dg_answer *ask(unsigned who, enum dg_journal_verb verb)
{
    const struct dg_request request = dg_journal_ask(verb);

    return rig_ask(&rig, who, &request);
}

static enum dg_reason say_exported(unsigned who, dg_span head)
{
    struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_EXPORTED);

    request.as.journal.size = (uint8_t)head.size;
    memcpy(request.as.journal.byte, head.at, head.size);

    const struct dg_answer *answer = rig_ask(&rig, who, &request);

    assert_non_null(answer);
    return (answer->kind == DG_ANSWER_REFUSED) ? answer->as.refused.reason
                                               : DG_REASON_NONE;
}

static uint8_t head_room[DG_JOURNAL_BYTES_MAX];

static dg_span ask_head(struct dg_journal_claim *claim, struct dg_hash *hash)
{
    const struct dg_answer *answer = ask(0U, DG_JOURNAL_ASK_HEAD);

    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_JOURNAL);
    memcpy(head_room, answer->as.journal.byte, answer->as.journal.size);

    const dg_span head = {head_room, answer->as.journal.size};

    assert_int_equal(dg_journal_head_verify(&rig.crypto,
                                            &rig.settings.journal_public,
                                            &rig.settings.device,
                                            head,
                                            claim,
                                            hash),
                     DG_OK);
    assert_int_equal(claim->size, answer->as.journal.total);
    return head;
}

/* @verifies{FAU_HEAD.1@1} */
static void test_journal_link__head__signed_chained_and_not_for_every_entry(
    void **state)
{
    struct dg_journal_claim first;
    struct dg_journal_claim claim;
    struct dg_hash hash;
    struct dg_hash next;
    struct dg_hash root;
    struct dg_merkle tree;

    (void)state;
    start(0);

    const dg_span head = ask_head(&first, &hash);

    assert_int_equal(dg_journal_tree_at(&rig.device.journal, first.size, &tree),
                     DG_OK);
    assert_int_equal(dg_merkle_root(&tree, &rig.crypto, &root), DG_OK);
    assert_memory_equal(&root, &first.root, sizeof root);
    assert_int_equal(first.epoch, 1U);
    assert_int_equal(first.at.s, rig.device.now.s);

    /* Asked again and again, nothing is signed and nothing is written. */
    const unsigned p256 = rig.p256;
    const uint32_t size = rig.device.journal.tree.size;

    for (unsigned i = 0U; i < 50U; i++) {
        (void)ask(0U, DG_JOURNAL_ASK_HEAD);
    }
    assert_int_equal(rig.p256, p256);
    assert_int_equal(rig.device.journal.tree.size, size);

    /* Each names the one before, also across a reset. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    rig_wait(&rig, 1000U);
    (void)ask_head(&claim, &next);
    assert_true(claim.size > first.size);
    assert_memory_equal(&claim.previous, &hash, sizeof hash);
    rig_reboot(&rig);
    rig_wait(&rig, 1U);
    assert_true(rig_connect(&rig, 0U));
    (void)ask_head(&claim, &hash);
    assert_memory_equal(&claim.previous, &next, sizeof next);

    /* One bit, another key, another device: refused. */
    struct dg_device_id other = rig.settings.device;
    uint8_t copy[DG_JOURNAL_BYTES_MAX];

    other.byte[0] ^= 1U;
    assert_int_equal(dg_journal_head_verify(&rig.crypto,
                                            &rig.settings.journal_public,
                                            &other,
                                            head,
                                            &claim,
                                            &hash),
                     DG_E_AUTH);
    assert_int_equal(dg_journal_head_verify(&rig.crypto,
                                            &rig.settings.public_key,
                                            &rig.settings.device,
                                            head,
                                            &claim,
                                            &hash),
                     DG_E_AUTH);
    for (size_t at = 0U; at < head.size; at++) {
        memcpy(copy, head.at, head.size);
        copy[at] ^= 0x01U;
        assert_int_not_equal(
            dg_journal_head_verify(&rig.crypto,
                                   &rig.settings.journal_public,
                                   &rig.settings.device,
                                   (dg_span){copy, head.size},
                                   &claim,
                                   &hash),
            DG_OK);
    }
}

/* @verifies{FAU_LOG.3@1} */
static void test_journal_link__range_peaks_and_proof__lead_to_the_head(
    void **state)
{
    struct dg_journal_claim old;
    struct dg_journal_claim claim;
    struct dg_hash hash;
    struct dg_merkle tree;
    struct dg_hash root;
    struct dg_hash nodes[DG_MERKLE_PROOF_MAX];

    (void)state;
    start(0);
    (void)ask_head(&old, &hash);
    for (unsigned i = 0U; i < 12U; i++) {
        (void)rig_glucose(&rig, 0U, 250);
        (void)rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 100);
        rig_wait_in_steps(&rig, 200U, 4U);
    }
    (void)ask_head(&claim, &hash);
    assert_true(claim.size > (old.size + 10U));

    /* All entries, from the link alone. */
    memset(&tree, 0, sizeof tree);
    while (tree.size < claim.size) {
        struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);

        request.as.journal.first = tree.size;

        const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

        assert_int_equal(answer->kind, DG_ANSWER_JOURNAL);
        assert_int_equal(answer->as.journal.first, tree.size);

        dg_span bytes = {answer->as.journal.byte, answer->as.journal.size};

        assert_true(bytes.size > 0U);
        while ((bytes.size > 0U) && (tree.size < claim.size)) {
            struct dg_journal_entry entry;
            struct dg_hash leaf;
            dg_span item = {bytes.at, 1U};

            while (dg_journal_entry_decode(item, &entry) != DG_OK) {
                item.size++;
                assert_true(item.size <= bytes.size);
            }
            assert_int_equal(dg_merkle_leaf(&rig.crypto, item, &leaf), DG_OK);
            assert_int_equal(dg_merkle_add(&tree, &rig.crypto, &leaf), DG_OK);
            bytes.at += item.size;
            bytes.size -= item.size;
        }
    }
    assert_int_equal(dg_merkle_root(&tree, &rig.crypto, &root), DG_OK);
    assert_memory_equal(&root, &claim.root, sizeof root);

    /* The proof, by pages. */
    struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_PROOF);
    size_t count = 0U;

    request.as.journal.first = old.size;
    request.as.journal.end = claim.size;
    do {
        request.as.journal.skip = (uint8_t)count;

        const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

        assert_int_equal(answer->kind, DG_ANSWER_JOURNAL);
        assert_true(answer->as.journal.size >= DG_HASH_SIZE);
        memcpy(&nodes[count], answer->as.journal.byte, answer->as.journal.size);
        count += answer->as.journal.size / DG_HASH_SIZE;
        if (count >= answer->as.journal.total) {
            break;
        }
    } while (true);
    assert_int_equal(dg_merkle_verify_consistency(&rig.crypto,
                                                  old.size,
                                                  claim.size,
                                                  &old.root,
                                                  &claim.root,
                                                  nodes,
                                                  count),
                     DG_OK);

    /* The peaks at the old size give its root. */
    request = dg_journal_ask(DG_JOURNAL_ASK_PEAKS);
    request.as.journal.first = old.size;

    const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

    assert_int_equal(answer->kind, DG_ANSWER_JOURNAL);
    memset(&tree, 0, sizeof tree);
    tree.size = old.size;
    count = 0U;
    for (unsigned level = 0U; level < DG_MERKLE_LEVELS; level++) {
        if (((old.size >> level) & 1U) != 0U) {
            memcpy(&tree.peak[level],
                   &answer->as.journal.byte[count * DG_HASH_SIZE],
                   DG_HASH_SIZE);
            count++;
        }
    }
    assert_int_equal(answer->as.journal.total, count);
    assert_int_equal(dg_merkle_root(&tree, &rig.crypto, &root), DG_OK);
    assert_memory_equal(&root, &old.root, sizeof root);

    /* What there is not. */
    request = dg_journal_ask(DG_JOURNAL_ASK_PROOF);
    request.as.journal.first = old.size;
    request.as.journal.end = claim.size + 100U;
    answer = rig_ask(&rig, 0U, &request);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_JOURNAL);
}

/* @verifies{FAU_HEAD.2@1} */
static void test_journal_link__exported__believed_for_our_own_head_alone(
    void **state)
{
    struct dg_journal_claim claim;
    struct dg_hash hash;
    uint8_t copy[DG_JOURNAL_BYTES_MAX];

    (void)state;
    start(0);
    rig_pair(&rig, 1U, DG_ROLE_OBSERVER);
    assert_true(rig_connect(&rig, 1U));

    const dg_span head = ask_head(&claim, &hash);

    memcpy(copy, head.at, head.size);
    copy[head.size - 1U] ^= 1U;
    assert_int_equal(say_exported(0U, (dg_span){copy, head.size}),
                     DG_REASON_JOURNAL);
    assert_int_equal(rig.device.journal.memory.exported, 0U);
    /* Who only looks on holds nothing for others. */
    assert_int_equal(say_exported(1U, head), DG_REASON_NONE);
    assert_int_equal(rig.device.journal.memory.exported, 0U);
    assert_int_equal(say_exported(0U, head), DG_REASON_NONE);
    assert_int_equal(rig.device.journal.memory.exported, claim.size);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_EXPORTED)->amount, claim.size);
    /* Said again, nothing is written. */
    const uint32_t size = rig.device.journal.tree.size;

    assert_int_equal(say_exported(0U, head), DG_REASON_NONE);
    assert_int_equal(rig.device.journal.tree.size, size);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_FORK), 0U);
}

/* Somebody puts an older image of the flash back: the device learns it from
 * the phone that holds its own later head. */
/* @verifies{FAU_HEAD.2@1} */
static void test_journal_link__flash_put_back__fork_is_told(void **state)
{
    static struct rig past;
    struct dg_journal_claim claim;
    struct dg_hash hash;

    (void)state;
    start(0);
    past = rig;
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    rig_wait(&rig, 1000U);

    const dg_span head = ask_head(&claim, &hash);

    /* The journal alone: the ledger would refuse at once. */
    memcpy(&rig.flash.bytes[DG_FLASH_JOURNAL_FIRST * RIG_SECTOR],
           &past.flash.bytes[DG_FLASH_JOURNAL_FIRST * RIG_SECTOR],
           DG_FLASH_JOURNAL_SECTORS * RIG_SECTOR);
    rig_reboot(&rig);
    rig_wait(&rig, 1U);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig.phone[0].answer.status.journal > 0U);
    assert_int_equal(say_exported(0U, head), DG_REASON_JOURNAL);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_FORK)->amount, claim.size);
    assert_int_equal(last_of(DG_JOURNAL_FORK)->who, 0U);
    assert_true((rig.alarms & (1U << DG_ALARM_JOURNAL)) != 0U);
}

/* attacks ------------------------------------------------------------------ */

/* A phone wholly in an attacker's hands, for two days: it cannot push out more
 * than its allowance, and what goes beyond is counted. */
/* @verifies{FAU_LOG.5@1} */
static void test_journal_attack__a_noisy_phone__the_past_stays(void **state)
{
    struct dg_journal_claim claim;
    struct dg_hash hash;

    (void)state;
    start(1200);
    (void)ask_head(&claim, &hash);

    const uint32_t size = rig.device.journal.tree.size;
    const uint32_t began_s = rig.clock_s;

    while ((rig.clock_s - began_s) < (2U * 86400U)) {
        (void)rig_connect(&rig, 0U);
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        (void)rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 300000);
        (void)rig_suspend(&rig, 0U, 60U);
        (void)rig_resume(&rig, 0U);
        (void)ask(0U, DG_JOURNAL_ASK_HEAD);
        (void)rig_lease(&rig, 0U, DG_LEASE_RELEASE);
        rig_wait_in_steps(&rig, 30U, 15U);
    }

    const uint32_t grown = rig.device.journal.tree.size - size;

    /* In a day 36 minor entries and 72 changes of the phone, with the counts of
     * what was dropped among them; 72 changes of the device, 96 heads, 24 lines
     * about strangers; and what each may say at once. */
    assert_true(grown > 100U);
    assert_true(grown < ((2U * (36U + 72U + 72U + 96U + 24U)) + 48U));
    read_journal();
    assert_int_equal(first_read, 0U);
    assert_true(count_of(DG_JOURNAL_DROPPED) > 10U);
    /* What it did is told as well, not only how often. */
    assert_true(count_of(DG_JOURNAL_SESSION) > 10U);
    assert_true(count_of(DG_JOURNAL_STATE) > 50U);

    uint32_t dropped = 0U;

    for (uint32_t i = 0U; i < end_read; i++) {
        dropped +=
            (entries[i].kind == DG_JOURNAL_DROPPED) ? entries[i].amount : 0U;
    }
    assert_true(dropped > 1000U);
}

/* The journal cannot be written: insulin goes on. */
/* @verifies{FAU_LOG.2@1} */
static void test_journal_attack__journal_gone__therapy_goes_on(void **state)
{
    (void)state;
    start(6000);
    rig.flash.worn_first = DG_FLASH_JOURNAL_FIRST;
    rig.flash.worn_end = DG_FLASH_JOURNAL_FIRST + DG_FLASH_JOURNAL_SECTORS;

    for (unsigned round = 0U; round < 2U; round++) {
        const uint32_t moved = rig.moved;

        rig_wait(&rig, 900U);
        (void)rig_glucose(&rig, 0U, 250);
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
        rig_wait(&rig, 300U);
        assert_true((rig.moved - moved) >= (10U + 38U));
        assert_false(rig.device.is_fault);
        assert_true((rig.alarms & (1U << DG_ALARM_JOURNAL)) != 0U);
        /* A head that cannot be written down is not given. */
        assert_int_equal(ask(0U, DG_JOURNAL_ASK_HEAD)->kind, DG_ANSWER_REFUSED);
        /* And after a reset as well. */
        rig_reboot(&rig);
        rig_wait(&rig, 1U);
        assert_true(rig_connect(&rig, 0U));
        assert_true(rig_lease(&rig, 0U, DG_LEASE_TAKE));
    }
    /* All of it zero: told as damaged, and begun anew. */
    rig.flash.worn_end = 0U;
    memset(&rig.flash.bytes[DG_FLASH_JOURNAL_FIRST * RIG_SECTOR],
           0x00,
           DG_FLASH_JOURNAL_SECTORS * RIG_SECTOR);
    rig_reboot(&rig);
    rig_wait(&rig, 900U);
    assert_false(rig.device.is_fault);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_DAMAGED), 1U);
}

/* A head signed by another device, and our own of long ago: the one is nobody's
 * word, the other proves nothing new. */
/* @verifies{FAU_HEAD.2@1} */
static void test_journal_attack__foreign_and_old_heads__change_nothing(
    void **state)
{
    struct dg_journal_claim old;
    struct dg_journal_claim claim;
    struct dg_hash hash;
    uint8_t first[DG_JOURNAL_BYTES_MAX];
    uint8_t room[DG_JOURNAL_BYTES_MAX];
    dg_span forged = {NULL, 0U};
    struct dg_secret secret;
    struct dg_public_key public_key;

    (void)state;
    start(0);

    const dg_span seen = ask_head(&old, &hash);

    memcpy(first, seen.at, seen.size);

    const dg_span replayed = {first, seen.size};

    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    rig_wait(&rig, 1000U);

    const dg_span head = ask_head(&claim, &hash);

    assert_int_equal(say_exported(0U, head), DG_REASON_NONE);
    assert_int_equal(rig.device.journal.memory.exported, claim.size);
    /* The old one is ours, and still what this journal leads from. */
    assert_int_equal(say_exported(0U, replayed), DG_REASON_NONE);
    assert_int_equal(rig.device.journal.memory.exported, claim.size);

    /* The same words under another key; under ours for another device; with
     * the key of handshakes; and a size that was never reached. */
    const struct dg_device_id other = {{9U, 9U, 9U, 9U, 9U, 9U, 9U, 9U}};
    struct dg_journal_claim beyond = claim;

    beyond.size += 1000U;
    rig_make_key(&rig, &secret, &public_key);

    const struct {
        const struct dg_secret *key;
        const struct dg_device_id *device;
        const struct dg_journal_claim *claim;
    } forgeries[] = {
        {&secret, &rig.settings.device, &beyond},
        {&rig.settings.journal_key, &other, &claim},
        {&rig.settings.private_key, &rig.settings.device, &beyond},
    };

    for (unsigned i = 0U; i < (sizeof forgeries / sizeof forgeries[0]); i++) {
        assert_int_equal(dg_journal_head_sign(&rig.crypto,
                                              forgeries[i].key,
                                              forgeries[i].device,
                                              forgeries[i].claim,
                                              DG_BUF_OF(room),
                                              &forged,
                                              &hash),
                         DG_OK);
        assert_int_equal(say_exported(0U, forged), DG_REASON_JOURNAL);
    }
    assert_int_equal(rig.device.journal.memory.exported, claim.size);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_FORK), 0U);
    assert_int_equal(rig.alarms & (1U << DG_ALARM_JOURNAL), 0U);
}

/* 1 when it was refused. */
static unsigned expect_given(const struct dg_request *request, bool is_given)
{
    const struct dg_answer *answer = rig_ask(&rig, 0U, request);

    assert_non_null(answer);
    if (is_given) {
        assert_int_equal(answer->kind, DG_ANSWER_JOURNAL);
        return 0U;
    }
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_JOURNAL);
    return 1U;
}

/* Numbers that no journal has: each a refusal, none an answer, and the device
 * goes on as before. */
static void test_journal_attack__questions_out_of_range__refused(void **state)
{
    static const struct {
        uint32_t from;
        uint32_t size;
    } asked[] = {{0U, 0U},
                 {0U, 2U},
                 {1U, 0U},
                 {2U, 1U},
                 {1U, 2U},
                 {1U, 1000U},
                 {1000U, 2U},
                 {1000U, 1000U},
                 {2U, DG_MERKLE_LEAVES},
                 {DG_MERKLE_LEAVES, DG_MERKLE_LEAVES},
                 {DG_MERKLE_LEAVES + 1U, DG_MERKLE_LEAVES + 1U},
                 {1U, UINT32_MAX},
                 {UINT32_MAX, UINT32_MAX}};
    unsigned refused = 0U;

    (void)state;
    start(0);

    const uint32_t size = rig.device.journal.tree.size;

    for (unsigned i = 0U; i < (sizeof asked / sizeof asked[0]); i++) {
        const bool is_one = (asked[i].from >= 1U) &&
                            (asked[i].from <= asked[i].size) &&
                            (asked[i].size <= size);
        struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_PROOF);

        request.as.journal.first = asked[i].from;
        request.as.journal.end = asked[i].size;
        request.as.journal.skip = (i % 2U == 0U) ? 0U : DG_MERKLE_PROOF_MAX;
        refused += expect_given(&request, is_one);
        request = dg_journal_ask(DG_JOURNAL_ASK_PEAKS);
        request.as.journal.first = asked[i].size;
        refused += expect_given(&request, asked[i].size <= size);
        request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);
        request.as.journal.first = asked[i].size;
        refused += expect_given(&request, asked[i].size <= size);
    }
    assert_true(refused > 20U);
    rig_wait(&rig, 200U);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

/* Full: the oldest makes room, and it is told which entries nobody held
 * outside; the alarm is for a person who had fetched before. */
/* @verifies{FAU_LOG.5@1} */
static void test_journal_device__full__oldest_goes_and_it_is_told(void **state)
{
    struct dg_journal_claim claim;
    struct dg_hash hash;

    (void)state;
    for (unsigned held = 0U; held < 2U; held++) {
        start(1200);

        const dg_span head = ask_head(&claim, &hash);

        if (held == 1U) {
            assert_int_equal(say_exported(0U, head), DG_REASON_NONE);
        }
        for (unsigned i = 0U; i < 900U; i++) {
            dg_note(&rig.device,
                    DG_JOURNAL_BUTTON,
                    DG_JOURNAL_BY_PERSON,
                    DG_BUTTON_STOP,
                    i);
        }
        rig_wait(&rig, 1U);

        const struct dg_journal *journal = &rig.device.journal;

        assert_false(journal->failed);
        assert_true(journal->oldest > 0U);
        read_journal();
        assert_true(count_of(DG_JOURNAL_LOST) > 0U);
        assert_int_equal(last_of(DG_JOURNAL_LOST)->amount, journal->oldest);
        assert_int_equal((rig.alarms >> DG_ALARM_JOURNAL) & 1U, held);

        /* What is left leads to the head, and therapy went on. */
        struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);
        const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

        assert_int_equal(answer->as.journal.first, journal->oldest);
        assert_true(answer->as.journal.size > 0U);
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));

        /* Held again: the alarm is over. */
        rig_wait(&rig, 1000U);
        assert_int_equal(say_exported(0U, ask_head(&claim, &hash)),
                         DG_REASON_NONE);
        rig_wait(&rig, 1U);
        assert_int_equal((rig.alarms >> DG_ALARM_JOURNAL) & 1U, 0U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_journal_link__head__signed_chained_and_not_for_every_entry),
        cmocka_unit_test(
            test_journal_link__range_peaks_and_proof__lead_to_the_head),
        cmocka_unit_test(
            test_journal_link__exported__believed_for_our_own_head_alone),
        cmocka_unit_test(test_journal_link__flash_put_back__fork_is_told),
        cmocka_unit_test(test_journal_attack__a_noisy_phone__the_past_stays),
        cmocka_unit_test(test_journal_attack__journal_gone__therapy_goes_on),
        cmocka_unit_test(
            test_journal_attack__foreign_and_old_heads__change_nothing),
        cmocka_unit_test(test_journal_attack__questions_out_of_range__refused),
        cmocka_unit_test(test_journal_device__full__oldest_goes_and_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
