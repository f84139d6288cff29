/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/cose.h"
#include "dosegate/journal_head.h"
#include "failing.h"
#include "journal_run.h"
#include "ports/host/crypto_openssl.h"

#include <string.h>

/* The journal on ports that fail: each call of flash and crypto once, alone and
 * with all that follow.  Whatever failed is said, and what stood on flash before
 * stands there afterwards. */

#define DENSE  12U /* the first calls one by one, the others by strides */
#define STRIDE 211U
#define LAST   6U

static struct failing failing;
static uint8_t kept[sizeof flash.bytes];
static struct dg_secret key;
static struct dg_public_key public_key;
static const struct dg_device_id device = {{0xD5U}};

/* Where the journal stands, for each of the acts below. */
static void young(void)
{
    start();
    append_many(3U);
}

/* The next entry needs a new sector. */
static void at_the_end_of_a_sector(void)
{
    start();
    append_many(SLOTS);
}

/* The next sector is one that holds the oldest entries. */
static void round_the_ring(void)
{
    start();
    append_many((SLOTS * DG_FLASH_JOURNAL_SECTORS) - 1U);
    while (journal.slot < SLOTS) {
        append_many(1U);
    }
}

/* The oldest sector cannot be read, nor one in the middle. */
static void damaged(void)
{
    round_the_ring();
    for (uint32_t back = 3U; back < DG_FLASH_JOURNAL_SECTORS; back += 5U) {
        const uint32_t serial = journal.serial - back;
        const uint32_t sector =
            DG_FLASH_JOURNAL_FIRST + (serial % DG_FLASH_JOURNAL_SECTORS);

        flash.bytes[(sector * SECTOR) + 20U] ^= 4U;
    }
}

static enum dg_status do_open(void)
{
    return dg_journal_open(&journal, &failing.flash, &failing.crypto, &found);
}

static enum dg_status do_append(void)
{
    const struct dg_journal_entry entry = entry_of(77U);

    return dg_journal_append(&journal, &entry);
}

static enum dg_status do_read(void)
{
    uint8_t room[600];
    dg_span bytes = {NULL, 0U};
    uint32_t count = 0U;

    return dg_journal_read(
        &journal, journal.oldest + 1U, DG_BUF_OF(room), &bytes, &count);
}

static enum dg_status do_tree(void)
{
    struct dg_merkle tree;

    return dg_journal_tree_at(&journal, journal.tree.size - 1U, &tree);
}

static enum dg_status do_prove(void)
{
    struct dg_hash nodes[DG_MERKLE_PROOF_MAX];
    size_t count = 0U;
    size_t total = 0U;

    return dg_journal_prove(&journal,
                            (journal.oldest > 0U) ? journal.oldest : 1U,
                            journal.tree.size,
                            0U,
                            nodes,
                            DG_MERKLE_PROOF_MAX,
                            &count,
                            &total);
}

static enum dg_status do_format(void)
{
    return dg_journal_format(&failing.flash);
}

static const struct act {
    const char *name;
    void (*prepare)(void);
    enum dg_status (*act)(void);
    bool writes; /* what stands on flash may be more afterwards */
    bool keeps;  /* the entries of before are there afterwards  */
} acts[] = {
    {"open a young journal", young, do_open, false, true},
    {"open a full sector", at_the_end_of_a_sector, do_open, false, true},
    {"open a full ring", round_the_ring, do_open, false, true},
    {"open a damaged ring", damaged, do_open, true, false},
    {"append", young, do_append, true, true},
    {"append to a new sector", at_the_end_of_a_sector, do_append, true, true},
    {"append to a full ring", round_the_ring, do_append, true, true},
    {"read", round_the_ring, do_read, false, true},
    {"go back", round_the_ring, do_tree, false, true},
    {"prove", round_the_ring, do_prove, false, true},
    {"format", young, do_format, true, false},
};

/* On flash as kept, opened through ports that do not fail yet. */
static void begin(const struct act *act)
{
    memcpy(flash.bytes, kept, sizeof kept);
    failing_arm(&failing, 0U, FAILING_ONCE);
    if ((act->act != do_open) && (act->act != do_format)) {
        assert_int_equal(do_open(), DG_OK);
    }
}

static void try_call(const struct act *act,
                     uint32_t at,
                     enum failing_how how,
                     const struct dg_journal *before)
{
    begin(act);
    failing_arm(&failing, at, how);

    const enum dg_status status = act->act();
    const bool has_failed = failing.was_flash || failing.was_crypto;

    if ((status != DG_E_PORT) || !has_failed) {
        fail_msg("%s, call %u: %d", act->name, (unsigned)at, status);
    }
    /* What could not be opened, or was not written, is not gone on with. */
    if ((act->act == do_open) || (act->act == do_append)) {
        assert_true(journal.failed);
        assert_int_equal(do_append(), DG_E_STATE);
    }
    if (!act->writes) {
        assert_memory_equal(flash.bytes, kept, sizeof kept);
    }
    failing_arm(&failing, 0U, FAILING_ONCE);
    assert_int_equal(do_open(), DG_OK);
    if (act->keeps) {
        assert_int_equal(journal.epoch, before->epoch);
        assert_in_range(journal.tree.size,
                        before->tree.size,
                        before->tree.size + (act->writes ? 2U : 0U));
        assert_false(found.is_new);
    }
    assert_int_equal(do_append(), DG_OK);
}

/* The first calls, the last ones, and some between them. */
static uint32_t stride_at(uint32_t at, uint32_t calls)
{
    if ((at < DENSE) || ((at + LAST) >= calls)) {
        return 1U;
    }
    return (STRIDE < (calls - LAST - at)) ? STRIDE : (calls - LAST - at);
}

/* @verifies{FAU_LOG.2@1} */
static void test_journal__each_call_fails__said_and_the_past_stays(void **state)
{
    (void)state;
    for (size_t i = 0U; i < (sizeof acts / sizeof acts[0]); i++) {
        const struct act *act = &acts[i];

        act->prepare();
        memcpy(kept, flash.bytes, sizeof kept);
        failing_init(&failing, &crypto, &flash.port);
        begin(act);
        if (act->act == do_open) {
            assert_int_equal(do_open(), DG_OK);
        }

        const struct dg_journal before = journal;

        begin(act);
        failing_arm(&failing, 0U, FAILING_ONCE);
        assert_int_equal(act->act(), DG_OK);

        const uint32_t calls = failing.calls;

        assert_true(calls > 0U);
        for (uint32_t at = 1U; at <= calls; at += stride_at(at, calls)) {
            try_call(act, at, FAILING_ONCE, &before);
            try_call(act, at, FAILING_LASTS, &before);
        }
    }
}

/* What a reader asks for that is not there. */
static void test_journal__asked_beyond_its_ends__refused(void **state)
{
    static const int32_t off[] = {-1, 0, 1};
    uint8_t room[600];
    struct dg_hash node;
    struct dg_merkle tree;
    dg_span bytes = {NULL, 0U};
    uint32_t number = 0U;
    size_t count = 0U;
    size_t total = 0U;

    (void)state;
    round_the_ring();
    append_many(5U);
    assert_true(journal.oldest > 1U);
    for (unsigned i = 0U; i < 3U; i++) {
        const uint32_t low = (uint32_t)((int32_t)journal.oldest + off[i]);
        const uint32_t high = (uint32_t)((int32_t)journal.tree.size + off[i]);

        assert_int_equal(
            dg_journal_read(&journal, low, DG_BUF_OF(room), &bytes, &number),
            (off[i] < 0) ? DG_E_RANGE : DG_OK);
        assert_int_equal(
            dg_journal_read(&journal, high, DG_BUF_OF(room), &bytes, &number),
            (off[i] > 0) ? DG_E_RANGE : DG_OK);
        assert_int_equal(number, (off[i] < 0) ? 1U : 0U);
        assert_int_equal(dg_journal_tree_at(&journal, low, &tree),
                         (off[i] < 0) ? DG_E_RANGE : DG_OK);
        assert_int_equal(dg_journal_tree_at(&journal, high, &tree),
                         (off[i] > 0) ? DG_E_RANGE : DG_OK);
        assert_int_equal(
            dg_journal_prove(
                &journal, low, high, 0U, &node, 1U, &count, &total),
            (off[i] == 0) ? DG_OK : DG_E_RANGE);
    }
    assert_int_equal(
        dg_journal_prove(
            &journal, 0U, journal.tree.size, 0U, &node, 1U, &count, &total),
        DG_E_RANGE);
    /* No room for a whole entry: none is given. */
    assert_int_equal(
        dg_journal_read(
            &journal, journal.oldest, (dg_buf){room, 1U}, &bytes, &number),
        DG_OK);
    assert_int_equal(number, 0U);
}

/* heads ---------------------------------------------------------------------- */

static struct dg_journal_claim claim_of(void)
{
    struct dg_journal_claim claim = {.size = 500U, .epoch = 2U, .at = {9000U}};

    memset(claim.root.byte, 0x31, DG_HASH_SIZE);
    memset(claim.previous.byte, 0x32, DG_HASH_SIZE);
    return claim;
}

/* @verifies{FAU_HEAD.1@1} */
static void test_head__each_byte_cut_or_flipped__not_verified(void **state)
{
    const struct dg_journal_claim claim = claim_of();
    uint8_t room[DG_JOURNAL_HEAD_MAX];
    uint8_t bad[DG_JOURNAL_HEAD_MAX];
    struct dg_journal_claim back;
    struct dg_hash hash;
    dg_span message = {NULL, 0U};

    (void)state;
    assert_int_equal(
        dg_journal_head_sign(
            &crypto, &key, &device, &claim, DG_BUF_OF(room), &message, &hash),
        DG_OK);
    assert_int_equal(dg_journal_head_verify(
                         &crypto, &public_key, &device, message, &back, &hash),
                     DG_OK);
    assert_memory_equal(&back, &claim, sizeof back);
    for (size_t i = 0U; i < message.size; i++) {
        memcpy(bad, message.at, message.size);
        bad[i] ^= (uint8_t)(1U << (i % 8U));
        assert_int_not_equal(
            dg_journal_head_verify(&crypto,
                                   &public_key,
                                   &device,
                                   (dg_span){bad, message.size},
                                   &back,
                                   &hash),
            DG_OK);
        assert_int_not_equal(
            dg_journal_head_parse(
                &crypto, (dg_span){message.at, i}, &back, &hash),
            DG_OK);
    }
}

/* Payloads that are signed and are no heads. */
static void test_head__signed_and_malformed__refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum dg_status status;
    } bad[] = {
        {"\x84\x01\x02\x03\x04", 5U, DG_E_MALFORMED}, /* four fields        */
        {"\x85\x01", 2U, DG_E_TRUNCATED},             /* no root            */
        {"\x85\x01\x41\x00\x01\x01\x01",
         7U,
         DG_E_RANGE},                                 /* a short root       */
        {"\x85\x1A\x01\x00\x00\x00", 6U, DG_E_RANGE}, /* more than leaves   */
        {"\xA0", 1U, DG_E_MALFORMED},                 /* a map              */
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof bad / sizeof bad[0]); i++) {
        const dg_span payload = {(const uint8_t *)bad[i].bytes, bad[i].size};
        const dg_span purpose = {(const uint8_t *)"x", 1U};
        uint8_t room[256];
        struct dg_journal_claim back;
        struct dg_hash hash;
        dg_span message = {NULL, 0U};

        assert_int_equal(dg_cose_sign1(&crypto,
                                       &key,
                                       (dg_span){NULL, 0U},
                                       purpose,
                                       payload,
                                       DG_BUF_OF(room),
                                       &message),
                         DG_OK);
        assert_int_equal(dg_journal_head_parse(&crypto, message, &back, &hash),
                         bad[i].status);
    }
}

/* @verifies{FAU_HEAD.1@1} */
static void test_head__port_fails__no_head(void **state)
{
    const struct dg_journal_claim claim = claim_of();
    uint8_t room[DG_JOURNAL_HEAD_MAX];
    uint8_t other[DG_JOURNAL_HEAD_MAX];
    struct dg_journal_claim back;
    struct dg_hash hash;
    dg_span message = {NULL, 0U};
    dg_span none = {NULL, 0U};

    (void)state;
    assert_int_equal(
        dg_journal_head_sign(
            &crypto, &key, &device, &claim, DG_BUF_OF(room), &message, &hash),
        DG_OK);
    failing_init(&failing, &crypto, &flash.port);
    for (uint32_t at = 1U; at <= 3U; at++) {
        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(dg_journal_head_sign(&failing.crypto,
                                              &key,
                                              &device,
                                              &claim,
                                              DG_BUF_OF(other),
                                              &none,
                                              &hash),
                         DG_E_PORT);
        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(
            dg_journal_head_verify(
                &failing.crypto, &public_key, &device, message, &back, &hash),
            DG_E_PORT);
    }
}

static int set_up(void **state)
{
    (void)state;
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return -1;
    }
    return (crypto.p256_generate(crypto.context, &key, &public_key) == DG_OK)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_journal__each_call_fails__said_and_the_past_stays),
        cmocka_unit_test(test_journal__asked_beyond_its_ends__refused),
        cmocka_unit_test(test_head__each_byte_cut_or_flipped__not_verified),
        cmocka_unit_test(test_head__signed_and_malformed__refused),
        cmocka_unit_test(test_head__port_fails__no_head),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
