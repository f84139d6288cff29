/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/bytes.h"
#include "dosegate/record.h"
#include "ports/host/crypto_openssl.h"

#define ONE_BUCKET (DG_RECORD_HEADER_SIZE + DG_RECORD_BUCKET + DG_TAG_SIZE)

static struct dg_crypto crypto;

/* Two ends of one session. */
struct pair {
    struct dg_record phone;
    struct dg_record device;
};

static struct pair fresh_pair(void)
{
    struct pair pair = {.phone = {.epoch = 0x0102U},
                        .device = {.epoch = 0x0102U}};

    (void)memset(&pair.phone.tx, 0x11, sizeof pair.phone.tx);
    (void)memset(&pair.phone.rx, 0x22, sizeof pair.phone.rx);
    pair.device.tx = pair.phone.rx;
    pair.device.rx = pair.phone.tx;
    return pair;
}

static uint8_t message[DG_RECORD_PLAIN_MAX + 1U];

static dg_span seal(struct dg_record *from, size_t size, dg_buf room)
{
    dg_span datagram;

    assert_int_equal(
        dg_record_seal(
            from, &crypto, (dg_span){message, size}, room, &datagram),
        DG_OK);
    assert_ptr_equal(datagram.at, room.at);
    return datagram;
}

/* Open, and check what must hold whatever comes out. */
static enum dg_status try_open(struct dg_record *to, dg_span datagram)
{
    const struct dg_record before = *to;
    uint8_t room[DG_RECORD_MAX];
    static const uint8_t zeros[DG_RECORD_MAX];
    dg_span plain = {message, 1U};

    (void)memset(room, 0xEE, sizeof room);

    const enum dg_status status =
        dg_record_open(to, &crypto, datagram, DG_BUF_OF(room), &plain);

    if (status == DG_OK) {
        assert_ptr_equal(plain.at, room);
        assert_memory_equal(plain.at, message, plain.size);
        return status;
    }
    assert_null(plain.at);
    assert_int_equal(plain.size, 0);
    assert_memory_equal(room, zeros, sizeof room);
    if (status != DG_E_MALFORMED) {
        assert_int_equal(to->rx_next, before.rx_next);
    }
    return status;
}

static void test_record__sizes_around_powers_of_two__back_again(void **state)
{
    struct pair pair = fresh_pair();
    unsigned tried = 0U;

    (void)state;
    for (size_t power = 1U; power <= 512U; power *= 2U) {
        for (size_t size = power - 1U; size <= power + 1U; size++) {
            uint8_t room[DG_RECORD_MAX];
            uint8_t out[DG_RECORD_MAX];
            dg_span plain;

            if ((size == 0U) || (size > DG_RECORD_PLAIN_MAX)) {
                continue;
            }

            const dg_span datagram = seal(&pair.phone, size, DG_BUF_OF(room));

            assert_int_equal(datagram.size,
                             (size < DG_RECORD_BUCKET)
                                 ? ONE_BUCKET
                                 : ONE_BUCKET + DG_RECORD_BUCKET);
            assert_int_equal(
                dg_record_open(
                    &pair.device, &crypto, datagram, DG_BUF_OF(out), &plain),
                DG_OK);
            assert_int_equal(plain.size, size);
            assert_memory_equal(plain.at, message, size);
            tried++;
        }
    }
    assert_true(tried >= 25U);
}

/* The edges of the buckets. */
static void test_record__bucket_edges__length_tells_the_bucket_only(
    void **state)
{
    static const size_t sizes[] = {1U, 239U, 240U, 479U};
    static const size_t want[] = {
        ONE_BUCKET, ONE_BUCKET, DG_RECORD_MAX, DG_RECORD_MAX};

    (void)state;
    for (size_t i = 0U; i < 4U; i++) {
        struct pair pair = fresh_pair();
        uint8_t room[DG_RECORD_MAX];
        const dg_span datagram = seal(&pair.phone, sizes[i], DG_BUF_OF(room));

        assert_int_equal(datagram.size, want[i]);
        assert_int_equal(try_open(&pair.device, datagram), DG_OK);
    }
}

/* type | epoch | counter, and nothing of the plaintext. */
static void test_record_seal__header__as_documented(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];

    (void)state;
    pair.phone.tx_next = 0x000A0B0CU;
    assert_memory_equal(seal(&pair.phone, 3U, DG_BUF_OF(room)).at,
                        "\x20\x01\x02\x00\x0A\x0B\x0C",
                        DG_RECORD_HEADER_SIZE);
    assert_int_equal(pair.phone.tx_next, 0x000A0B0DU);
}

/* The nonce is the base XOR the counter: an independent sealing agrees. */
static void test_record_seal__nonce__base_xor_counter(void **state)
{
    struct pair pair = fresh_pair();
    struct dg_aead_key key = pair.phone.tx;
    uint8_t padded[DG_RECORD_BUCKET] = {0U};
    uint8_t sealed[DG_RECORD_BUCKET + DG_TAG_SIZE];
    uint8_t room[DG_RECORD_MAX];

    (void)state;
    pair.phone.tx_next = 0x00012345U;
    key.nonce[10] ^= 0x01U;
    key.nonce[11] ^= 0x23U;
    key.nonce[12] ^= 0x45U;
    (void)memcpy(padded, message, 5U);
    padded[5] = 0x80U;

    const dg_span datagram = seal(&pair.phone, 5U, DG_BUF_OF(room));

    assert_int_equal(crypto.ccm_seal(crypto.context,
                                     &key,
                                     DG_TAG_SIZE,
                                     (dg_span){datagram.at, 7U},
                                     DG_SPAN_OF(padded),
                                     DG_BUF_OF(sealed)),
                     DG_OK);
    assert_memory_equal(&datagram.at[7], sealed, sizeof sealed);
}

/* Every bit of every byte: header, ciphertext, tag. */
/* @verifies{FTP_ITC.1@1} */
static void test_record_open__any_bit_changed__refused(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 33U, DG_BUF_OF(room));

    (void)state;
    for (size_t bit = 0U; bit < 8U * datagram.size; bit++) {
        struct dg_record to = pair.device;

        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));

        const enum dg_status status = try_open(&to, datagram);
        enum dg_status want = DG_E_AUTH;

        if (bit < 8U) {
            want = DG_E_MALFORMED;
        }
        /* Counter bits from 2^20 up. */
        if ((bit >= 24U) && (bit < 32U)) {
            want = DG_E_RANGE;
        }
        if ((bit >= 36U) && (bit < 40U)) {
            want = DG_E_RANGE;
        }
        assert_int_equal(status, want);
        assert_int_equal(to.rx_next, 0);
        /* A foreign epoch costs no decryption, so it is not counted. */
        assert_int_equal(to.failures,
                         ((want == DG_E_AUTH) && (bit >= 24U)) ? 1 : 0);
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    assert_int_equal(try_open(&pair.device, datagram), DG_OK);
}

static void test_record_open__any_truncation__refused_without_trying(
    void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX + 1U];
    const dg_span datagram = seal(&pair.phone, 300U, DG_BUF_OF(room));

    (void)state;
    for (size_t size = 0U; size <= sizeof room; size++) {
        struct dg_record to = pair.device;
        const enum dg_status status =
            try_open(&to, (dg_span){datagram.at, size});
        enum dg_status want = DG_E_RANGE;

        if (size < ONE_BUCKET) {
            want = DG_E_TRUNCATED;
        }
        if (size == ONE_BUCKET) {
            want = DG_E_AUTH; /* the right shape, another length */
        }
        if (size == datagram.size) {
            want = DG_OK;
        }
        assert_int_equal(status, want);
        assert_int_equal(to.failures, (size == ONE_BUCKET) ? 1 : 0);
    }
}

/* @verifies{FPT_RPL.1@1} */
static void test_record_open__same_or_older_again__replay(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t first[DG_RECORD_MAX];
    uint8_t second[DG_RECORD_MAX];
    uint8_t third[DG_RECORD_MAX];
    const dg_span one = seal(&pair.phone, 9U, DG_BUF_OF(first));
    const dg_span two = seal(&pair.phone, 9U, DG_BUF_OF(second));
    const dg_span three = seal(&pair.phone, 9U, DG_BUF_OF(third));

    (void)state;
    assert_int_equal(try_open(&pair.device, two), DG_OK);
    assert_int_equal(pair.device.rx_next, 2);
    assert_int_equal(try_open(&pair.device, two), DG_E_REPLAY);
    assert_int_equal(try_open(&pair.device, one), DG_E_REPLAY);
    assert_int_equal(pair.device.failures, 0);
    assert_int_equal(try_open(&pair.device, three), DG_OK);
    assert_int_equal(pair.device.rx_next, 3);
}

static void test_record_open__own_record_back__refused(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));

    (void)state;
    assert_int_equal(try_open(&pair.phone, datagram), DG_E_AUTH);
    assert_int_equal(pair.phone.failures, 1);
    assert_int_equal(pair.phone.rx_next, 0);
}

static void test_record_open__other_epoch__refused(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));

    (void)state;
    pair.device.epoch++;
    assert_int_equal(try_open(&pair.device, datagram), DG_E_AUTH);
    /* Put right on the way, it is the tag that does not hold. */
    dg_bytes_put_u16(&room[1], pair.device.epoch);
    assert_int_equal(try_open(&pair.device, datagram), DG_E_AUTH);
    assert_int_equal(pair.device.failures, 1);
}

static void test_record__counter_end__last_works_then_state(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];
    dg_span datagram;

    (void)state;
    pair.phone.tx_next = DG_RECORD_COUNTER_MAX;
    pair.device.rx_next = DG_RECORD_COUNTER_MAX;
    datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));
    assert_int_equal(try_open(&pair.device, datagram), DG_OK);
    assert_int_equal(pair.device.rx_next, DG_RECORD_COUNTER_MAX + 1U);
    assert_int_equal(try_open(&pair.device, datagram), DG_E_REPLAY);
    assert_int_equal(dg_record_seal(&pair.phone,
                                    &crypto,
                                    (dg_span){message, 9U},
                                    DG_BUF_OF(room),
                                    &datagram),
                     DG_E_STATE);
    assert_null(datagram.at);
    assert_int_equal(pair.phone.tx_next, DG_RECORD_COUNTER_MAX + 1U);
}

static void test_record_open__counter_beyond_end__range(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t room[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));

    (void)state;
    dg_bytes_put_u32(&room[3], DG_RECORD_COUNTER_MAX + 1U);
    assert_int_equal(try_open(&pair.device, datagram), DG_E_RANGE);
    assert_int_equal(pair.device.failures, 0);
}

/* Seal any plaintext with the session's key, as a faulty peer could. */
static dg_span seal_raw(const struct dg_record *from,
                        dg_span padded,
                        dg_buf room)
{
    struct dg_aead_key key = from->tx;

    room.at[0] = DG_RECORD_TYPE;
    dg_bytes_put_u16(&room.at[1], from->epoch);
    dg_bytes_put_u32(&room.at[3], 0U);
    assert_int_equal(crypto.ccm_seal(crypto.context,
                                     &key,
                                     DG_TAG_SIZE,
                                     (dg_span){room.at, 7U},
                                     padded,
                                     (dg_buf){&room.at[7], 496U}),
                     DG_OK);
    return (dg_span){room.at, 7U + padded.size + DG_TAG_SIZE};
}

static void test_record_open__bad_padding_in_good_tag__malformed(void **state)
{
    uint8_t padded[2U * DG_RECORD_BUCKET] = {0U};
    uint8_t room[DG_RECORD_MAX];

    (void)state;
    for (unsigned fault = 0U; fault < 5U; fault++) {
        struct pair pair = fresh_pair();
        size_t size = DG_RECORD_BUCKET;

        (void)memset(padded, 0, sizeof padded);
        padded[0] = message[0];
        switch (fault) {
        case 0: /* no mark, only zeros after the message */
            break;
        case 1: /* the whole bucket empty */
            padded[0] = 0U;
            break;
        case 2: /* an empty message */
            padded[0] = 0x80U;
            break;
        case 3: /* another byte where the mark should be */
            padded[100] = 0x81U;
            break;
        default: /* a bucket more than the message needs */
            padded[239] = 0x80U;
            size = 2U * DG_RECORD_BUCKET;
            break;
        }

        const dg_span datagram =
            seal_raw(&pair.phone, (dg_span){padded, size}, DG_BUF_OF(room));

        assert_int_equal(try_open(&pair.device, datagram), DG_E_MALFORMED);
        /* The tag held: the counter is used, and it is no forgery. */
        assert_int_equal(pair.device.rx_next, 1);
        assert_int_equal(pair.device.failures, 0);
        assert_int_equal(try_open(&pair.device, datagram), DG_E_REPLAY);
    }
}

/* The same by hand with good padding: what the faults above are measured
 * against. */
static void test_record_open__good_padding_by_hand__opens(void **state)
{
    uint8_t padded[2U * DG_RECORD_BUCKET] = {0U};
    uint8_t room[DG_RECORD_MAX];
    struct pair pair = fresh_pair();

    (void)state;
    (void)memcpy(padded, message, 240U);
    padded[240] = 0x80U;
    assert_int_equal(
        try_open(&pair.device,
                 seal_raw(&pair.phone, DG_SPAN_OF(padded), DG_BUF_OF(room))),
        DG_OK);
}

static void test_record_open__failures_at_limit__state(void **state)
{
    struct pair pair = fresh_pair();
    uint8_t bad[DG_RECORD_MAX];
    uint8_t good[DG_RECORD_MAX];
    const dg_span broken = seal(&pair.phone, 9U, DG_BUF_OF(bad));
    const dg_span whole = seal(&pair.phone, 9U, DG_BUF_OF(good));

    (void)state;
    bad[20] ^= 1U;
    for (unsigned i = 0U; i < DG_RECORD_FAILURES_MAX; i++) {
        assert_int_equal(pair.device.failures, i);
        assert_int_equal(try_open(&pair.device, broken), DG_E_AUTH);
    }
    assert_int_equal(try_open(&pair.device, broken), DG_E_STATE);
    assert_int_equal(try_open(&pair.device, whole), DG_E_STATE);
    assert_int_equal(pair.device.failures, DG_RECORD_FAILURES_MAX);

    /* One below the limit still opens. */
    pair.device.failures = DG_RECORD_FAILURES_MAX - 1U;
    assert_int_equal(try_open(&pair.device, whole), DG_OK);
}

static void test_record__zeroed_or_wiped__no_session(void **state)
{
    struct pair pair = fresh_pair();
    static const struct dg_record zero;
    uint8_t room[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));
    dg_span ignored;

    (void)state;
    dg_record_wipe(&pair.device);
    assert_memory_equal(&pair.device, &zero, sizeof zero);
    assert_int_equal(try_open(&pair.device, datagram), DG_E_STATE);
    assert_int_equal(dg_record_seal(&pair.device,
                                    &crypto,
                                    (dg_span){message, 9U},
                                    DG_BUF_OF(room),
                                    &ignored),
                     DG_E_STATE);
    dg_record_wipe(NULL);
}

static void test_record__arguments__usage_and_no_space(void **state)
{
    struct pair pair = fresh_pair();
    struct dg_record *phone = &pair.phone;
    const dg_span nine = {message, 9U};
    uint8_t bytes[DG_RECORD_MAX];
    const dg_buf room = DG_BUF_OF(bytes);
    const dg_buf small = {bytes, DG_RECORD_MAX - 1U};
    const dg_buf none = {NULL, DG_RECORD_MAX};
    dg_span out;

    (void)state;
    assert_int_equal(dg_record_seal(NULL, &crypto, nine, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_record_seal(phone, NULL, nine, room, &out), DG_E_USAGE);
    assert_int_equal(
        dg_record_seal(phone, &crypto, (dg_span){NULL, 9U}, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_record_seal(phone, &crypto, (dg_span){message, 0U}, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_record_seal(phone,
                       &crypto,
                       (dg_span){message, DG_RECORD_PLAIN_MAX + 1U},
                       room,
                       &out),
        DG_E_USAGE);
    assert_int_equal(dg_record_seal(phone, &crypto, nine, none, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_record_seal(phone, &crypto, nine, room, NULL),
                     DG_E_USAGE);
    assert_int_equal(dg_record_seal(phone, &crypto, nine, small, &out),
                     DG_E_NO_SPACE);
    assert_int_equal(phone->tx_next, 0);

    const dg_span datagram = seal(phone, 9U, room);
    uint8_t plain_bytes[DG_RECORD_MAX];
    const dg_buf plain_room = DG_BUF_OF(plain_bytes);

    assert_int_equal(dg_record_open(NULL, &crypto, datagram, plain_room, &out),
                     DG_E_USAGE);
    assert_int_equal(
        dg_record_open(&pair.device, NULL, datagram, plain_room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_record_open(
            &pair.device, &crypto, (dg_span){NULL, 9U}, plain_room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_record_open(&pair.device, &crypto, datagram, none, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_record_open(&pair.device, &crypto, datagram, plain_room, NULL),
        DG_E_USAGE);
    assert_int_equal(dg_record_open(&pair.device,
                                    &crypto,
                                    datagram,
                                    (dg_buf){plain_bytes, DG_RECORD_MAX - 1U},
                                    &out),
                     DG_E_NO_SPACE);
    assert_int_equal(pair.device.rx_next, 0);
}

static enum dg_status broken_seal(void *context,
                                  const struct dg_aead_key *key,
                                  size_t tag_size,
                                  dg_span aad,
                                  dg_span plain,
                                  dg_buf out)
{
    (void)context;
    (void)key;
    (void)tag_size;
    (void)aad;
    (void)plain;
    (void)out;
    return DG_E_PORT;
}

static void test_record__port_fails__port_and_nothing_moves(void **state)
{
    struct pair pair = fresh_pair();
    struct dg_crypto broken = crypto;
    uint8_t room[DG_RECORD_MAX];
    uint8_t out[DG_RECORD_MAX];
    const dg_span datagram = seal(&pair.phone, 9U, DG_BUF_OF(room));
    dg_span ignored;

    (void)state;
    broken.ccm_seal = broken_seal;
    broken.ccm_open = broken_seal; /* the same type */
    assert_int_equal(dg_record_seal(&pair.phone,
                                    &broken,
                                    (dg_span){message, 9U},
                                    DG_BUF_OF(out),
                                    &ignored),
                     DG_E_PORT);
    assert_null(ignored.at);
    assert_int_equal(pair.phone.tx_next, 1);
    assert_int_equal(
        dg_record_open(
            &pair.device, &broken, datagram, DG_BUF_OF(out), &ignored),
        DG_E_PORT);
    assert_int_equal(pair.device.rx_next, 0);
    assert_int_equal(pair.device.failures, 0);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0U; i < sizeof message; i++) {
        message[i] = (uint8_t)(1U + (7U * i) % 255U);
    }
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : -1;
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
        cmocka_unit_test(test_record__sizes_around_powers_of_two__back_again),
        cmocka_unit_test(
            test_record__bucket_edges__length_tells_the_bucket_only),
        cmocka_unit_test(test_record_seal__header__as_documented),
        cmocka_unit_test(test_record_seal__nonce__base_xor_counter),
        cmocka_unit_test(test_record_open__any_bit_changed__refused),
        cmocka_unit_test(
            test_record_open__any_truncation__refused_without_trying),
        cmocka_unit_test(test_record_open__same_or_older_again__replay),
        cmocka_unit_test(test_record_open__own_record_back__refused),
        cmocka_unit_test(test_record_open__other_epoch__refused),
        cmocka_unit_test(test_record__counter_end__last_works_then_state),
        cmocka_unit_test(test_record_open__counter_beyond_end__range),
        cmocka_unit_test(test_record_open__bad_padding_in_good_tag__malformed),
        cmocka_unit_test(test_record_open__good_padding_by_hand__opens),
        cmocka_unit_test(test_record_open__failures_at_limit__state),
        cmocka_unit_test(test_record__zeroed_or_wiped__no_session),
        cmocka_unit_test(test_record__arguments__usage_and_no_space),
        cmocka_unit_test(test_record__port_fails__port_and_nothing_moves),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
