/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "dosegate/prescription.h"
#include "tests/unit/rig.h"

#include <string.h>

/* The signed profile as bytes: one encoding, one signer, one purpose. */

static struct rig rig;
static struct dg_secret key;
static struct dg_public_key public_key;
static uint8_t room[DG_PRESCRIPTION_MAX];

static int start(void **state)
{
    (void)state;
    rig_init_crypto(&rig);
    rig_make_key(&rig, &key, &public_key);
    return 0;
}

static struct dg_prescription sample(void)
{
    struct dg_prescription made = {.counter = 7U, .age_class = DG_AGE_ADULT};
    struct dg_therapy therapy = rig_therapy(0);

    memset(made.device.byte, 0x5D, sizeof made.device.byte);
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    dg_bounds_of(&therapy, &made.bounds);
    return made;
}

static dg_span sign(const struct dg_prescription *prescription)
{
    dg_span message = {NULL, 0U};

    assert_int_equal(
        dg_prescription_sign(
            &rig.crypto, &key, prescription, DG_BUF_OF(room), &message),
        DG_OK);
    return message;
}

static enum dg_status verify(dg_span message)
{
    struct dg_prescription read;
    struct dg_prescription before;

    memset(&read, 0xA5, sizeof read);
    before = read;

    const enum dg_status status =
        dg_prescription_verify(&rig.crypto, &public_key, message, &read);

    if (status != DG_OK) {
        assert_memory_equal(&read, &before, sizeof read);
    }
    return status;
}

/* @verifies{FMT_LIM.2@1} */
static void test_prescription__signed__reads_the_same(void **state)
{
    struct dg_prescription wanted = sample();
    struct dg_prescription read;

    (void)state;
    wanted.counter = DG_SIGNED_COUNTER_MAX;
    for (unsigned i = 0U; i < DG_BOUNDS; i++) {
        /* The longest encoding that sign takes; ceilings are not its matter. */
        wanted.bounds.value[i] = (i == 0U) ? INT32_MAX : 65535;
    }

    const dg_span message = sign(&wanted);

    print_message("the longest in use: %zu bytes\n", message.size);
    memset(&read, 0, sizeof read);
    assert_int_equal(
        dg_prescription_verify(&rig.crypto, &public_key, message, &read),
        DG_OK);
    assert_memory_equal(&read.device, &wanted.device, sizeof read.device);
    assert_int_equal(read.counter, wanted.counter);
    assert_int_equal(read.age_class, wanted.age_class);
    assert_memory_equal(&read.bounds, &wanted.bounds, sizeof read.bounds);
}

/* Every bit of it, every shorter piece, and one byte more. */
/* @verifies{FMT_LIM.2@1} */
static void test_prescription__any_bit_flipped_or_cut__refused(void **state)
{
    const struct dg_prescription wanted = sample();
    const dg_span message = sign(&wanted);
    uint8_t copy[DG_PRESCRIPTION_MAX + 1U];

    (void)state;
    assert_int_equal(verify(message), DG_OK);
    for (size_t bit = 0U; bit < (message.size * 8U); bit++) {
        memcpy(copy, message.at, message.size);
        copy[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_not_equal(verify((dg_span){copy, message.size}), DG_OK);
    }
    memcpy(copy, message.at, message.size);
    for (size_t size = 0U; size < message.size; size++) {
        assert_int_not_equal(verify((dg_span){copy, size}), DG_OK);
    }
    copy[message.size] = 0U;
    assert_int_not_equal(verify((dg_span){copy, message.size + 1U}), DG_OK);
    assert_int_equal(verify((dg_span){copy, sizeof copy}), DG_E_RANGE);
    assert_int_equal(verify((dg_span){NULL, 0U}), DG_E_RANGE);
}

/* Somebody else's key; our key for another purpose. */
static void test_prescription__other_key_or_purpose__auth(void **state)
{
    static const uint8_t other[] = "dosegate policy 1";
    const struct dg_prescription wanted = sample();
    const struct dg_secret own = key;
    struct dg_cose_sign1 parts;
    struct dg_public_key unused;
    uint8_t payload[DG_PRESCRIPTION_MAX];
    dg_span message = sign(&wanted);
    const dg_span no_kid = {NULL, 0U};

    (void)state;
    assert_int_equal(dg_cose_sign1_parse(message, &parts), DG_OK);
    memcpy(payload, parts.payload.at, parts.payload.size);
    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   &key,
                                   no_kid,
                                   (dg_span){other, sizeof other - 1U},
                                   (dg_span){payload, parts.payload.size},
                                   DG_BUF_OF(room),
                                   &message),
                     DG_OK);
    assert_int_equal(verify(message), DG_E_AUTH);
    rig_make_key(&rig, &key, &unused);
    assert_int_equal(verify(sign(&wanted)), DG_E_AUTH);
    key = own;
    assert_int_equal(verify(sign(&wanted)), DG_OK);
}

static enum dg_status verify_payload(dg_span payload)
{
    static const uint8_t purpose[] = "dosegate profile 1";
    const dg_span no_kid = {NULL, 0U};
    dg_span message = {NULL, 0U};

    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   &key,
                                   no_kid,
                                   (dg_span){purpose, sizeof purpose - 1U},
                                   payload,
                                   DG_BUF_OF(room),
                                   &message),
                     DG_OK);
    return verify(message);
}

struct shape {
    uint64_t layout;
    size_t items;
    size_t device;
    uint64_t counter;
    uint64_t age;
    size_t numbers;
    uint64_t number;
    enum dg_status want;
};

/* The prescriber's own signature over what is no profile. */
/* @verifies{FMT_LIM.2@1} */
static void test_prescription__signed_but_malformed__refused(void **state)
{
    static const uint8_t id[16] = {0U};
    static const struct shape shapes[] = {
        {1U, 5U, 8U, 1U, 3U, 24U, 100U, DG_OK},
        {2U, 5U, 8U, 1U, 3U, 24U, 100U, DG_E_UNSUPPORTED},
        {1U, 6U, 8U, 1U, 3U, 24U, 100U, DG_E_MALFORMED},
        {1U, 5U, 7U, 1U, 3U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 9U, 1U, 3U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 8U, 0U, 3U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 8U, 0x100000000U, 3U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 8U, 1U, 0U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 8U, 1U, 4U, 24U, 100U, DG_E_RANGE},
        {1U, 5U, 8U, 1U, 3U, 23U, 100U, DG_E_MALFORMED},
        {1U, 5U, 8U, 1U, 3U, 25U, 100U, DG_E_MALFORMED},
        {1U, 5U, 8U, 1U, 3U, 24U, 0x80000000U, DG_E_RANGE},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof shapes / sizeof shapes[0]); i++) {
        const struct shape *shape = &shapes[i];
        struct dg_cbor_writer writer;
        uint8_t bytes[DG_PRESCRIPTION_MAX];
        dg_span payload = {NULL, 0U};

        dg_cbor_writer_init(&writer, DG_BUF_OF(bytes));
        dg_cbor_write_array(&writer, shape->items);
        dg_cbor_write_uint(&writer, shape->layout);
        dg_cbor_write_bstr(&writer, (dg_span){id, shape->device});
        dg_cbor_write_uint(&writer, shape->counter);
        dg_cbor_write_uint(&writer, shape->age);
        dg_cbor_write_array(&writer, shape->numbers);
        for (size_t n = 0U; n < shape->numbers; n++) {
            dg_cbor_write_uint(&writer, shape->number);
        }
        for (size_t n = 5U; n < shape->items; n++) {
            dg_cbor_write_uint(&writer, 1U);
        }
        assert_int_equal(dg_cbor_writer_end(&writer, &payload), DG_OK);
        assert_int_equal(verify_payload(payload), shape->want);
    }
}

/* One number, longer than it need be: not deterministic, so not accepted, even
 * with the prescriber's signature over those very bytes. */
/* @verifies{FMT_LIM.2@1} */
static void test_prescription__any_integer_encoded_longer__refused(void **state)
{
    const struct dg_prescription wanted = sample();
    struct dg_cose_sign1 parts;
    uint8_t payload[DG_PRESCRIPTION_MAX];
    uint8_t longer[DG_PRESCRIPTION_MAX];
    unsigned tried = 0U;

    (void)state;
    assert_int_equal(dg_cose_sign1_parse(sign(&wanted), &parts), DG_OK);
    memcpy(payload, parts.payload.at, parts.payload.size);
    for (size_t at = 0U; at < parts.payload.size; at++) {
        const uint8_t head = payload[at];
        size_t skip = 1U;

        /* Heads of one byte become two bytes, those of two three. */
        if ((head & 0x1FU) < 24U) {
            longer[at] = (uint8_t)((head & 0xE0U) | 24U);
            longer[at + 1U] = head & 0x1FU;
        } else if ((head & 0x1FU) == 24U) {
            longer[at] = (uint8_t)((head & 0xE0U) | 25U);
            longer[at + 1U] = 0U;
            skip = 1U;
        } else {
            continue;
        }
        memcpy(longer, payload, at);
        memcpy(&longer[at + 2U],
               &payload[at + skip],
               parts.payload.size - at - skip);
        tried++;
        assert_int_not_equal(
            verify_payload((dg_span){longer, parts.payload.size + 1U}), DG_OK);
    }
    assert_true(tried > 24U);
}

static void test_prescription_sign__bad_arguments__refused(void **state)
{
    const struct dg_prescription good = sample();
    struct dg_prescription bad = good;
    struct dg_prescription read;
    dg_span message = {NULL, 0U};

    (void)state;
#define SIGN(crypto, secret, what, into) \
    dg_prescription_sign(crypto, secret, what, DG_BUF_OF(room), into)
    assert_int_equal(SIGN(NULL, &key, &good, &message), DG_E_USAGE);
    assert_int_equal(SIGN(&rig.crypto, NULL, &good, &message), DG_E_USAGE);
    assert_int_equal(SIGN(&rig.crypto, &key, NULL, &message), DG_E_USAGE);
    assert_int_equal(SIGN(&rig.crypto, &key, &good, NULL), DG_E_USAGE);
    bad.counter = 0U;
    assert_int_equal(SIGN(&rig.crypto, &key, &bad, &message), DG_E_RANGE);
    bad = good;
    bad.age_class = DG_AGE_NONE;
    assert_int_equal(SIGN(&rig.crypto, &key, &bad, &message), DG_E_RANGE);
    bad = good;
    bad.bounds.value[23] = -1;
    assert_int_equal(SIGN(&rig.crypto, &key, &bad, &message), DG_E_RANGE);
    assert_int_equal(
        dg_prescription_sign(
            &rig.crypto, &key, &good, (dg_buf){room, 40U}, &message),
        DG_E_NO_SPACE);
    message = sign(&good);
    assert_int_equal(dg_prescription_verify(NULL, &public_key, message, &read),
                     DG_E_USAGE);
    assert_int_equal(dg_prescription_verify(&rig.crypto, NULL, message, &read),
                     DG_E_USAGE);
    assert_int_equal(
        dg_prescription_verify(&rig.crypto, &public_key, message, NULL),
        DG_E_USAGE);
}

/* A display reads the same without the key, and nothing that is none. */
static void test_prescription__read_without_the_key__the_same(void **state)
{
    const struct dg_prescription wanted = sample();
    const dg_span message = sign(&wanted);
    struct dg_prescription read;

    (void)state;
    memset(&read, 0, sizeof read);
    assert_int_equal(dg_prescription_read(message, NULL), DG_E_USAGE);
    assert_int_equal(dg_prescription_read((dg_span){NULL, 0U}, &read),
                     DG_E_RANGE);
    for (size_t size = 1U; size < message.size; size++) {
        assert_int_not_equal(
            dg_prescription_read((dg_span){message.at, size}, &read), DG_OK);
        assert_int_equal(read.counter, 0U);
    }
    assert_int_equal(dg_prescription_read(message, &read), DG_OK);
    assert_memory_equal(&read.device, &wanted.device, sizeof read.device);
    assert_int_equal(read.counter, wanted.counter);
    assert_memory_equal(&read.bounds, &wanted.bounds, sizeof read.bounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prescription__read_without_the_key__the_same),
        cmocka_unit_test(test_prescription__signed__reads_the_same),
        cmocka_unit_test(test_prescription__any_bit_flipped_or_cut__refused),
        cmocka_unit_test(test_prescription__other_key_or_purpose__auth),
        cmocka_unit_test(test_prescription__signed_but_malformed__refused),
        cmocka_unit_test(
            test_prescription__any_integer_encoded_longer__refused),
        cmocka_unit_test(test_prescription_sign__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
