/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/cbor.h"
#include "dosegate/pairing.h"
#include "failing.h"
#include "tests/unit/rig.h"

/* What who knows the secret of the code can still send: every field of request
 * and answer out of its range, cut, and under a crypto port that fails. */

static struct rig rig;
static struct failing failing;
static const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {9U};
static const struct dg_pairing_code code = {{{1U}}, {{2U}, {3U}}, {4U}};
static uint8_t plain[DG_PAIRING_DATAGRAM_MAX];
static size_t plain_size;

/* A crypto port that opens every datagram and finds @plain in it. */
static struct dg_crypto generous;

static enum dg_status find_plain(void *context,
                                 const struct dg_aead_key *key,
                                 size_t tag_size,
                                 dg_span head,
                                 dg_span sealed,
                                 dg_buf room)
{
    (void)context;
    (void)key;
    (void)head;
    assert_int_equal(sealed.size, plain_size + tag_size);
    assert_true(room.capacity >= plain_size);
    memcpy(room.at, plain, plain_size);
    return DG_OK;
}

static int set_up(void **state)
{
    (void)state;
    rig_init_crypto(&rig);
    generous = rig.crypto;
    generous.ccm_open = find_plain;
    return 0;
}

static struct dg_public_key key_of(uint8_t first)
{
    struct dg_public_key key = {{0U}, {0U}};

    key.x[0] = first;
    key.y[0] = (uint8_t)(first + 1U);
    return key;
}

static struct dg_pairing_request request_of(enum dg_method method)
{
    struct dg_pairing_request request = {.method = method,
                                         .key = key_of(10U),
                                         .presence = key_of(20U),
                                         .role = DG_ROLE_OWNER,
                                         .name_size = 4U,
                                         .name = "here"};

    if (method == DG_METHOD_SIGN) {
        request.exchange = key_of(30U);
    }
    return request;
}

static void write_point(struct dg_cbor_writer *writer,
                        const struct dg_public_key *key)
{
    dg_cbor_write_bstr(writer, DG_SPAN_OF(key->x));
    dg_cbor_write_bstr(writer, DG_SPAN_OF(key->y));
}

/* As dg_pairing_request_seal() would, without asking whether it is sound;
 * @items and @name_size as they are said. */
static void write_request(const struct dg_pairing_request *request,
                          size_t items,
                          size_t name_size)
{
    static const char name[64] =
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
    struct dg_cbor_writer writer;
    dg_span bytes;

    dg_cbor_writer_init(&writer, DG_BUF_OF(plain));
    dg_cbor_write_array(&writer, items);
    dg_cbor_write_uint(&writer, (uint64_t)request->method);
    write_point(&writer, &request->key);
    write_point(&writer, &request->presence);
    dg_cbor_write_uint(&writer, (uint64_t)request->role);
    dg_cbor_write_tstr_span(&writer,
                            (dg_span){(const uint8_t *)name, name_size});
    if (items > 7U) {
        write_point(&writer, &request->exchange);
    }
    assert_int_equal(dg_cbor_writer_end(&writer, &bytes), DG_OK);
    plain_size = bytes.size;
}

static enum dg_status open_request(void)
{
    uint8_t datagram[1U + DG_PAIRING_NONCE_SIZE + sizeof plain + DG_TAG_SIZE];
    uint8_t found[DG_PAIRING_NONCE_SIZE];
    struct dg_pairing_request request;

    memset(datagram, 0, sizeof datagram);
    datagram[0] = DG_PAIRING_REQUEST_TYPE;
    return dg_pairing_request_open(
        &generous,
        &code,
        (dg_span){datagram,
                  1U + DG_PAIRING_NONCE_SIZE + plain_size + DG_TAG_SIZE},
        found,
        &request);
}

/* Sealed: what is not sound is not sent.  Opened: it is not taken either. */
static void expect_unsound(const struct dg_pairing_request *request)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    assert_int_equal(
        dg_pairing_request_seal(
            &rig.crypto, &code, nonce, request, DG_BUF_OF(room), &datagram),
        DG_E_RANGE);
    /* The length of the name has rows of its own, and a phone that agrees has no
     * field for a third key. */
    if ((request->name_size == 4U) && ((request->method == DG_METHOD_SIGN) ||
                                       (request->exchange.x[0] == 0U))) {
        write_request(
            request, (request->method == DG_METHOD_SIGN) ? 9U : 7U, 4U);
        assert_int_not_equal(open_request(), DG_OK);
    }
}

/* @verifies{FDP_ITC.2@1} */
static void test_request__each_field_out_of_range__refused(void **state)
{
    struct dg_pairing_request bad;

    (void)state;
    for (unsigned signs = 0U; signs < 2U; signs++) {
        const enum dg_method method =
            (signs == 1U) ? DG_METHOD_SIGN : DG_METHOD_STATIC;
        const struct dg_pairing_request good = request_of(method);

        write_request(&good, (signs == 1U) ? 9U : 7U, 4U);
        assert_int_equal(open_request(), DG_OK);
        bad = good;
        bad.method = DG_METHOD_NONE;
        expect_unsound(&bad);
        bad.method = (enum dg_method)3;
        expect_unsound(&bad);
        bad = good;
        bad.role = DG_ROLE_NONE;
        expect_unsound(&bad);
        bad = good;
        bad.role = (enum dg_role)(DG_ROLE_OBSERVER + 1);
        expect_unsound(&bad);
        bad = good;
        bad.name_size = 0U;
        expect_unsound(&bad);
        bad = good;
        bad.name_size = DG_PAIRING_NAME_MAX + 1U;
        expect_unsound(&bad);
        bad = good;
        bad.presence = bad.key;
        expect_unsound(&bad);
        bad = good;
        bad.exchange = bad.key;
        expect_unsound(&bad);
        bad = good;
        bad.exchange = bad.presence;
        expect_unsound(&bad);
        /* More or fewer fields than the method has; a name of no length, and
         * one too long. */
        write_request(&good, (signs == 1U) ? 7U : 9U, 4U);
        assert_int_not_equal(open_request(), DG_OK);
        write_request(&good, (signs == 1U) ? 9U : 7U, 0U);
        assert_int_equal(open_request(), DG_E_RANGE);
        write_request(&good, (signs == 1U) ? 9U : 7U, DG_PAIRING_NAME_MAX + 1U);
        assert_int_equal(open_request(), DG_E_RANGE);
        /* Cut anywhere. */
        write_request(&good, (signs == 1U) ? 9U : 7U, 4U);
        for (size_t size = plain_size; size > 1U; size--) {
            plain_size = size - 1U;
            assert_int_not_equal(open_request(), DG_OK);
        }
    }
}

static enum dg_status open_answer(void)
{
    uint8_t datagram[1U + sizeof plain + DG_TAG_SIZE];
    struct dg_pairing_answer answer;

    memset(datagram, 0, sizeof datagram);
    datagram[0] = DG_PAIRING_ANSWER_TYPE;
    return dg_pairing_answer_open(
        &generous,
        &code,
        nonce,
        (dg_span){datagram, 1U + plain_size + DG_TAG_SIZE},
        &answer);
}

static void write_answer(size_t items, uint64_t slot, uint64_t role)
{
    const struct dg_public_key key = key_of(40U);
    struct dg_cbor_writer writer;
    dg_span bytes;

    dg_cbor_writer_init(&writer, DG_BUF_OF(plain));
    dg_cbor_write_array(&writer, items);
    dg_cbor_write_uint(&writer, slot);
    dg_cbor_write_uint(&writer, role);
    write_point(&writer, &key);
    for (size_t item = 4U; item < items; item++) {
        dg_cbor_write_bstr(&writer, DG_SPAN_OF(key.x));
    }
    assert_int_equal(dg_cbor_writer_end(&writer, &bytes), DG_OK);
    plain_size = bytes.size;
}

static void test_answer__each_field_out_of_range__refused(void **state)
{
    static const struct {
        size_t items;
        uint64_t slot;
        uint64_t role;
        bool is_good;
    } rows[] = {
        {4U, 0U, 1U, true},
        {6U, 3U, 3U, true},
        {5U, 0U, 1U, false},
        {7U, 0U, 1U, false},
        {4U, 4U, 1U, false},
        {4U, 0U, 0U, false},
        {4U, 0U, 4U, false},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        write_answer(rows[i].items, rows[i].slot, rows[i].role);
        assert_int_equal(open_answer() == DG_OK, rows[i].is_good);
    }
    write_answer(6U, 1U, 1U);
    for (size_t size = plain_size; size > 1U; size--) {
        plain_size = size - 1U;
        assert_int_not_equal(open_answer(), DG_OK);
    }
}

/* Another number of fields in the code that the device shows. */
static void test_code__fields_and_version__refused(void **state)
{
    uint8_t room[DG_PAIRING_CODE_MAX];
    struct dg_pairing_code back;
    dg_span bytes;

    (void)state;
    assert_int_equal(dg_pairing_code_encode(&code, DG_BUF_OF(room), &bytes),
                     DG_OK);
    assert_int_equal(dg_pairing_code_decode(bytes, &back), DG_OK);
    room[0]--;
    assert_int_not_equal(dg_pairing_code_decode(bytes, &back), DG_OK);
    room[0]++;
    room[1] = 2U;
    assert_int_equal(dg_pairing_code_decode(bytes, &back), DG_E_UNSUPPORTED);
    room[1] = 1U;
    for (size_t size = 0U; size < bytes.size; size++) {
        assert_int_not_equal(
            dg_pairing_code_decode((dg_span){bytes.at, size}, &back), DG_OK);
    }
    assert_int_equal(dg_pairing_code_decode(bytes, NULL), DG_E_USAGE);
}

/* Each call of the port fails: said, and nothing is given out. */
static void test_pairing__port_fails__said(void **state)
{
    const struct dg_pairing_request request = request_of(DG_METHOD_SIGN);
    const struct dg_pairing_answer answer = {
        1U, DG_ROLE_OWNER, key_of(50U), true, key_of(60U)};
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    uint8_t other[DG_PAIRING_DATAGRAM_MAX];
    uint8_t found[DG_PAIRING_NONCE_SIZE];
    struct dg_pairing_request back;
    struct dg_pairing_answer got;
    dg_span asked;
    dg_span told;
    dg_span none;

    (void)state;
    assert_int_equal(
        dg_pairing_request_seal(
            &rig.crypto, &code, nonce, &request, DG_BUF_OF(room), &asked),
        DG_OK);
    assert_int_equal(
        dg_pairing_answer_seal(
            &rig.crypto, &code, nonce, &answer, DG_BUF_OF(other), &told),
        DG_OK);
    assert_int_equal(
        dg_pairing_answer_open(&rig.crypto, &code, nonce, told, &got), DG_OK);
    for (size_t size = 0U; size < asked.size; size++) {
        uint8_t small[DG_PAIRING_DATAGRAM_MAX];

        assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                                 &code,
                                                 nonce,
                                                 &request,
                                                 (dg_buf){small, size},
                                                 &none),
                         DG_E_NO_SPACE);
        assert_int_not_equal(
            dg_pairing_request_open(
                &rig.crypto, &code, (dg_span){asked.at, size}, found, &back),
            DG_OK);
    }
    failing_init(&failing, &rig.crypto, &rig.flash.port);
    for (uint32_t at = 1U; at <= 3U; at++) {
        uint8_t third[DG_PAIRING_DATAGRAM_MAX];

        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(dg_pairing_request_seal(&failing.crypto,
                                                 &code,
                                                 nonce,
                                                 &request,
                                                 DG_BUF_OF(third),
                                                 &none),
                         DG_E_PORT);
        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(dg_pairing_request_open(
                             &failing.crypto, &code, asked, found, &back),
                         DG_E_PORT);
        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(dg_pairing_answer_seal(&failing.crypto,
                                                &code,
                                                nonce,
                                                &answer,
                                                DG_BUF_OF(third),
                                                &none),
                         DG_E_PORT);
        failing_arm(&failing, at, FAILING_ONCE);
        assert_int_equal(
            dg_pairing_answer_open(&failing.crypto, &code, nonce, told, &got),
            DG_E_PORT);
    }
    /* Of another kind, or nothing at all. */
    room[0] = DG_PAIRING_ANSWER_TYPE;
    assert_int_equal(
        dg_pairing_request_open(&rig.crypto, &code, asked, found, &back),
        DG_E_MALFORMED);
    other[0] = DG_PAIRING_REQUEST_TYPE;
    assert_int_equal(
        dg_pairing_answer_open(&rig.crypto, &code, nonce, told, &got),
        DG_E_MALFORMED);
    assert_int_equal(
        dg_pairing_answer_open(
            &rig.crypto, &code, nonce, (dg_span){NULL, 100U}, &got),
        DG_E_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request__each_field_out_of_range__refused),
        cmocka_unit_test(test_answer__each_field_out_of_range__refused),
        cmocka_unit_test(test_code__fields_and_version__refused),
        cmocka_unit_test(test_pairing__port_fails__said),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
