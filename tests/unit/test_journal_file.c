/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/journal_file.h"
#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "dosegate/cbor.h"

#include <string.h>

/* Exported journals: what holds, and everything that must not. */

#define ENTRIES 40U
#define ROOM    8192U

static struct dg_crypto crypto;
static struct dg_secret secret;
static struct dg_secret other_secret;
static struct dg_public_key public_key;
static struct dg_public_key other_key;
static const struct dg_device_id device = {{1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}};
static char why[DG_JOURNAL_FILE_WHY];

/* A pump's history: entry i tells @salt where it is not below @fork. */
struct history {
    uint8_t bytes[ENTRIES][DG_JOURNAL_ENTRY_MAX];
    size_t size[ENTRIES];
};

static void make_history(struct history *history, uint32_t fork, uint32_t salt)
{
    for (uint32_t i = 0U; i < ENTRIES; i++) {
        const struct dg_journal_entry entry = {
            .at = {100U + i},
            .kind = DG_JOURNAL_ENDED,
            .who = DG_JOURNAL_BY_DEVICE,
            .code = 0x0302U,
            .amount = 50U + i + ((i >= fork) ? salt : 0U),
            .data_size = 8U,
            .data = {(uint8_t)i}};
        dg_span bytes = {NULL, 0U};

        assert_int_equal(dg_journal_entry_encode(
                             &entry, DG_BUF_OF(history->bytes[i]), &bytes),
                         DG_OK);
        history->size[i] = bytes.size;
    }
}

static struct dg_merkle tree_of(const struct history *history, uint32_t size)
{
    struct dg_merkle tree;
    struct dg_hash leaf;

    memset(&tree, 0, sizeof tree);
    for (uint32_t i = 0U; i < size; i++) {
        assert_int_equal(
            dg_merkle_leaf(
                &crypto, (dg_span){history->bytes[i], history->size[i]}, &leaf),
            DG_OK);
        assert_int_equal(dg_merkle_add(&tree, &crypto, &leaf), DG_OK);
    }
    return tree;
}

/* What a test may get wrong on purpose. */
struct forgery {
    const struct dg_secret *key;       /* of the head; NULL: the pump's   */
    const struct dg_device_id *device; /* that the head names             */
    uint32_t head_size;                /* 0: as many as there are         */
    uint32_t drop;                     /* 1 + entry that is left out      */
    uint32_t swap;                     /* 1 + entry that changes places   */
    uint32_t epoch;                    /* 0: 1                            */
};

static dg_span export_of(const struct history *history,
                         uint32_t first,
                         uint32_t end,
                         const struct forgery *forgery,
                         uint8_t room[ROOM])
{
    static const struct forgery none;
    const struct forgery *how = (forgery == NULL) ? &none : forgery;
    const uint32_t size = (how->head_size == 0U) ? end : how->head_size;
    struct dg_journal_file file = {.device = device, .key = public_key};
    struct dg_journal_claim claim = {.size = size,
                                     .epoch =
                                         (how->epoch == 0U) ? 1U : how->epoch,
                                     .at = {1000U + end}};
    struct dg_merkle tree = tree_of(history, size);
    uint8_t head[DG_JOURNAL_HEAD_MAX];
    uint8_t entries[ROOM];
    struct dg_cbor_writer writer;
    struct dg_hash hash;
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_merkle_root(&tree, &crypto, &claim.root), DG_OK);
    assert_int_equal(
        dg_journal_head_sign(&crypto,
                             (how->key == NULL) ? &secret : how->key,
                             (how->device == NULL) ? &device : how->device,
                             &claim,
                             DG_BUF_OF(head),
                             &file.head,
                             &hash),
        DG_OK);
    tree = tree_of(history, first);
    file.first = first;
    for (unsigned level = 0U; level < DG_MERKLE_LEVELS; level++) {
        if (((first >> level) & 1U) != 0U) {
            file.peak[file.peak_count] = tree.peak[level];
            file.peak_count++;
        }
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(entries));
    for (uint32_t i = first; i < end; i++) {
        uint32_t which = i;

        if ((how->swap > 0U) && (i == (how->swap - 1U))) {
            which = i + 1U;
        } else if ((how->swap > 0U) && (i == how->swap)) {
            which = i - 1U;
        }
        if ((how->drop == 0U) || (i != (how->drop - 1U))) {
            dg_cbor_write_bstr(
                &writer,
                (dg_span){history->bytes[which], history->size[which]});
            file.count++;
        }
    }
    assert_int_equal(dg_cbor_writer_end(&writer, &file.entries), DG_OK);
    assert_int_equal(dg_journal_file_write(&file, (dg_buf){room, ROOM}, &bytes),
                     DG_OK);
    return bytes;
}

static enum dg_journal_verdict check(dg_span bytes)
{
    struct dg_journal_file file;

    why[0] = '\0';

    const enum dg_journal_verdict verdict =
        dg_journal_file_check(&crypto, bytes, &file, why);

    assert_true(strlen(why) > 5U); /* always a sentence */
    return verdict;
}

static struct history own;
static struct history forked;
static uint8_t room[ROOM];
static uint8_t room_2[ROOM];

/* @verifies{FAU_EXPORT.1@1} */
static void test_journal_file__from_every_entry__sound(void **state)
{
    (void)state;
    for (uint32_t first = 0U; first <= ENTRIES; first++) {
        struct dg_journal_file file;
        const dg_span bytes = export_of(&own, first, ENTRIES, NULL, room);

        assert_true(dg_journal_file_is_one(bytes));
        assert_int_equal(dg_journal_file_check(&crypto, bytes, &file, why),
                         DG_JOURNAL_SOUND);
        assert_int_equal(file.first, first);
        assert_int_equal(file.count, ENTRIES - first);
        assert_memory_equal(&file.key, &public_key, sizeof public_key);

        dg_span rest = file.entries;
        dg_span entry = {NULL, 0U};

        for (uint32_t i = first; i < ENTRIES; i++) {
            assert_true(dg_journal_file_next(&rest, &entry));
            assert_int_equal(entry.size, own.size[i]);
            assert_memory_equal(entry.at, own.bytes[i], entry.size);
        }
        assert_false(dg_journal_file_next(&rest, &entry));
    }
}

/* @verifies{FAU_EXPORT.1@1} */
static void test_journal_file_attack__every_flipped_bit__not_sound(void **state)
{
    uint8_t copy[ROOM];
    const dg_span bytes = export_of(&own, 21U, 31U, NULL, room);

    (void)state;
    for (size_t at = 0U; at < bytes.size; at++) {
        for (unsigned bit = 0U; bit < 8U; bit++) {
            memcpy(copy, bytes.at, bytes.size);
            copy[at] = (uint8_t)(copy[at] ^ (1U << bit));
            assert_int_not_equal(check((dg_span){copy, bytes.size}),
                                 DG_JOURNAL_SOUND);
        }
    }
}

/* @verifies{FAU_EXPORT.1@1} */
static void test_journal_file_attack__cut_or_longer__not_whole(void **state)
{
    uint8_t copy[ROOM];
    const dg_span bytes = export_of(&own, 21U, 31U, NULL, room);

    (void)state;
    for (size_t size = 0U; size < bytes.size; size++) {
        assert_int_equal(check((dg_span){bytes.at, size}),
                         (size <= 20U) ? DG_JOURNAL_NOT_ONE
                                       : DG_JOURNAL_ALTERED);
    }
    memcpy(copy, bytes.at, bytes.size);
    copy[bytes.size] = 0U;
    assert_int_equal(check((dg_span){copy, bytes.size + 1U}),
                     DG_JOURNAL_ALTERED);
}

/* @verifies{FAU_EXPORT.1@1} */
static void test_journal_file_attack__forged__altered(void **state)
{
    const struct dg_device_id stranger = {{9U}};
    const struct forgery forgeries[] = {
        {.drop = 1U},
        {.drop = ENTRIES},
        {.drop = 17U},
        {.swap = 1U},
        {.swap = 23U},
        {.key = &other_secret},
        {.device = &stranger},
        {.head_size = ENTRIES - 1U}, /* an old head, with newer entries */
        {.head_size = 1U},
    };

    (void)state;
    for (unsigned i = 0U; i < (sizeof forgeries / sizeof forgeries[0]); i++) {
        assert_int_equal(
            check(export_of(&own, 0U, ENTRIES, &forgeries[i], room)),
            DG_JOURNAL_ALTERED);
    }
    /* Peaks of another tree, and more or fewer of them than the size has. */
    for (uint32_t first = 1U; first < ENTRIES; first++) {
        struct dg_journal_file file;
        dg_span bytes = export_of(&own, first, ENTRIES, NULL, room);

        assert_int_equal(dg_journal_file_check(&crypto, bytes, &file, why),
                         DG_JOURNAL_SOUND);
        file.peak[0].byte[0] ^= 1U;
        assert_int_equal(
            dg_journal_file_write(&file, DG_BUF_OF(room_2), &bytes), DG_OK);
        assert_int_equal(check(bytes), DG_JOURNAL_ALTERED);
        file.peak[0].byte[0] ^= 1U;
        file.peak_count++;
        assert_int_equal(
            dg_journal_file_write(&file, DG_BUF_OF(room_2), &bytes), DG_OK);
        assert_int_equal(check(bytes), DG_JOURNAL_ALTERED);
    }
}

static enum dg_journal_verdict compare(dg_span earlier, dg_span later)
{
    struct dg_journal_file first;
    struct dg_journal_file second;

    assert_int_equal(dg_journal_file_check(&crypto, earlier, &first, why),
                     DG_JOURNAL_SOUND);
    assert_int_equal(dg_journal_file_check(&crypto, later, &second, why),
                     DG_JOURNAL_SOUND);
    return dg_journal_file_continues(&crypto, &first, &second, why);
}

/* @verifies{FAU_EXPORT.2@1} */
static void test_journal_file__two_exports__later_continues_the_earlier(
    void **state)
{
    const struct forgery anew = {.epoch = 2U};

    (void)state;
    for (uint32_t end = 1U; end <= ENTRIES; end += 3U) {
        for (uint32_t first = 0U; first <= ENTRIES; first += 3U) {
            const dg_span earlier = export_of(&own, 0U, end, NULL, room);
            const dg_span later = export_of(&own, first, ENTRIES, NULL, room_2);

            assert_int_equal(compare(earlier, later),
                             (first <= end) ? DG_JOURNAL_SOUND
                                            : DG_JOURNAL_APART);
        }
    }
    assert_int_equal(compare(export_of(&own, 0U, 20U, NULL, room),
                             export_of(&own, 0U, ENTRIES, &anew, room_2)),
                     DG_JOURNAL_APART);
}

/* @verifies{FAU_EXPORT.2@1} */
static void test_journal_file_attack__fork_or_rollback__found(void **state)
{
    const struct forgery anew = {.epoch = 2U};
    const struct dg_public_key saved = public_key;

    (void)state;
    /* Both are signed by the pump: it told two histories. */
    for (uint32_t end = 11U; end <= ENTRIES; end++) {
        assert_int_equal(compare(export_of(&own, 0U, end, NULL, room),
                                 export_of(&forked, 0U, ENTRIES, NULL, room_2)),
                         DG_JOURNAL_ALTERED);
    }
    /* Before the fork both are one. */
    assert_int_equal(compare(export_of(&own, 0U, 10U, NULL, room),
                             export_of(&forked, 0U, ENTRIES, NULL, room_2)),
                     DG_JOURNAL_SOUND);
    /* Shorter than before, or of an earlier epoch: flash was put back. */
    assert_int_equal(compare(export_of(&own, 0U, 30U, NULL, room),
                             export_of(&own, 0U, 29U, NULL, room_2)),
                     DG_JOURNAL_ALTERED);
    assert_int_equal(compare(export_of(&own, 0U, 20U, &anew, room),
                             export_of(&own, 0U, ENTRIES, NULL, room_2)),
                     DG_JOURNAL_ALTERED);
    /* Another pump's. */
    const struct forgery others = {.key = &other_secret};
    const dg_span later = export_of(&own, 0U, ENTRIES, NULL, room_2);

    public_key = other_key;

    const dg_span earlier = export_of(&own, 0U, 20U, &others, room);

    public_key = saved;
    assert_int_equal(compare(earlier, later), DG_JOURNAL_ALTERED);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(crypto.p256_generate(crypto.context, &secret, &public_key),
                     DG_OK);
    assert_int_equal(
        crypto.p256_generate(crypto.context, &other_secret, &other_key), DG_OK);
    make_history(&own, ENTRIES, 0U);
    make_history(&forked, 10U, 1000U);
    return 0;
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
        cmocka_unit_test(test_journal_file__from_every_entry__sound),
        cmocka_unit_test(
            test_journal_file_attack__every_flipped_bit__not_sound),
        cmocka_unit_test(test_journal_file_attack__cut_or_longer__not_whole),
        cmocka_unit_test(test_journal_file_attack__forged__altered),
        cmocka_unit_test(
            test_journal_file__two_exports__later_continues_the_earlier),
        cmocka_unit_test(test_journal_file_attack__fork_or_rollback__found),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
