/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/edhoc_keys.h"
#include "core/edhoc_proof.h"
#include "core/edhoc_state.h"
#include "core/edhoc_wire.h"
#include "core/hkdf.h"
#include "tests/unit/rig.h"

/* The parts of a handshake with what no peer of ours would hand them: sizes
 * beyond their room, identifiers of another kind, and credentials that are
 * none.  Each has its category, and nothing is written. */

static struct rig rig;
static uint8_t bytes[512];

static int start(void **state)
{
    (void)state;
    rig_init_crypto(&rig);
    memset(bytes, 0x11, sizeof bytes);
    return 0;
}

/* Keys ------------------------------------------------------------------------ */

static void test_kdf__too_many_parts__usage(void **state)
{
    static const struct dg_secret prk = {{1U}};
    struct dg_secret out = {{0U}};
    const dg_span parts[8] = {{bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U},
                              {bytes, 1U}};

    (void)state;
    assert_int_equal(
        dg_edhoc_kdf(&rig.crypto, &prk, 1U, parts, 6U, DG_BUF_OF(out.byte)),
        DG_OK);
    assert_int_equal(
        dg_edhoc_kdf(&rig.crypto, &prk, 1U, parts, 7U, DG_BUF_OF(out.byte)),
        DG_E_USAGE);
}

static void test_keystream__no_text_or_too_long__range(void **state)
{
    static const struct dg_secret prk = {{1U}};
    static const struct dg_hash th = {{2U}};
    static uint8_t text[DG_EDHOC_PLAIN_MAX + 1U];

    (void)state;
    for (size_t size = 0U; size <= sizeof text; size += sizeof text) {
        assert_int_equal(
            dg_edhoc_xor_2(&rig.crypto, &prk, &th, (dg_buf){text, size}),
            DG_E_RANGE);
    }
    assert_int_equal(text[0], 0U);
    assert_int_equal(
        dg_edhoc_xor_2(
            &rig.crypto, &prk, &th, (dg_buf){text, DG_EDHOC_PLAIN_MAX}),
        DG_OK);
}

/* Sealing into too little, and opening into too little. */
static void test_aead__room_too_small__refused(void **state)
{
    static const struct dg_secret prk = {{1U}};
    static const struct dg_hash th = {{2U}};
    const struct dg_edhoc_aead aead = {&prk, &th, DG_EDHOC_KDF_K_3, 8U};
    const dg_span plain = {bytes, 20U};
    uint8_t room[64];
    uint8_t back[32];
    dg_span message = {NULL, 0U};
    dg_span opened = {NULL, 0U};

    (void)state;
    /* Two bytes of head, twenty of plaintext, eight of tag. */
    for (size_t size = 0U; size < 30U; size++) {
        assert_int_equal(
            dg_edhoc_seal(
                &rig.crypto, &aead, plain, (dg_buf){room, size}, &message),
            DG_E_NO_SPACE);
    }
    assert_int_equal(
        dg_edhoc_seal(&rig.crypto, &aead, plain, (dg_buf){room, 30U}, &message),
        DG_OK);
    assert_int_equal(message.size, 30U);
    assert_int_equal(
        dg_edhoc_open(
            &rig.crypto, &aead, message, (dg_buf){back, 19U}, &opened),
        DG_E_RANGE);
    assert_int_equal(
        dg_edhoc_open(
            &rig.crypto, &aead, message, (dg_buf){back, 20U}, &opened),
        DG_OK);
    assert_memory_equal(opened.at, bytes, 20U);
}

static void test_update__context_missing_or_too_long__usage(void **state)
{
    struct dg_secret prk_out = {{1U}};
    const struct dg_secret before = prk_out;
    struct dg_secret exporter = {{0U}};
    static const size_t wrong[] = {0U, DG_EDHOC_UPDATE_CONTEXT_MAX + 1U};

    (void)state;
    for (size_t i = 0U; i < 2U; i++) {
        assert_int_equal(
            dg_edhoc_key_update(
                &rig.crypto, &prk_out, (dg_span){bytes, wrong[i]}, &exporter),
            DG_E_USAGE);
        assert_memory_equal(&prk_out, &before, sizeof before);
    }
    assert_int_equal(
        dg_edhoc_key_update(&rig.crypto,
                            &prk_out,
                            (dg_span){bytes, DG_EDHOC_UPDATE_CONTEXT_MAX},
                            &exporter),
        DG_OK);
    assert_memory_not_equal(&prk_out, &before, sizeof before);
}

/* Wire ------------------------------------------------------------------------ */

/* {@p label: a byte string of @p size}, or a map, or an integer. */
static dg_span id_cred_of(int64_t label, enum dg_cbor_type type, size_t size)
{
    static uint8_t room[512];
    struct dg_cbor_writer writer;
    dg_span made = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_int(&writer, label);
    if (type == DG_CBOR_BSTR) {
        dg_cbor_write_bstr(&writer, (dg_span){bytes, size});
    } else if (type == DG_CBOR_MAP) {
        dg_cbor_write_map(&writer, 1U);
        dg_cbor_write_int(&writer, 8);
        dg_cbor_write_bstr(&writer, (dg_span){bytes, size});
    } else {
        dg_cbor_write_uint(&writer, size);
    }
    assert_int_equal(dg_cbor_writer_end(&writer, &made), DG_OK);
    return made;
}

/* PLAINTEXT_3 with this identifier and a proof of eight bytes. */
static enum dg_status split(dg_span id_cred)
{
    uint8_t room[512];
    uint8_t kid_map[DG_EDHOC_KID_MAP_MAX];
    struct dg_edhoc_parts parts;
    struct dg_cbor_writer writer;
    dg_span plain = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_raw(&writer, id_cred);
    dg_cbor_write_bstr(&writer, (dg_span){bytes, 8U});
    assert_int_equal(dg_cbor_writer_end(&writer, &plain), DG_OK);
    return dg_edhoc_split(plain, false, 8U, DG_BUF_OF(kid_map), &parts);
}

static void test_id_cred__of_another_kind__not_ours(void **state)
{
    static const uint8_t two[] = {
        0xA2, 0x04, 0x41, 0x21, 0x0E, 0xA0}; /* {4: h'21', 14: {}} */
    static const uint8_t cut[] = {0xA1, 0x04};
    static const uint8_t long_kid[] = {0x58, DG_EDHOC_KID_MAX + 1U};
    uint8_t kid[2U + DG_EDHOC_KID_MAX + 1U] = {0U};

    (void)state;
    assert_true(dg_edhoc_is_id_cred(id_cred_of(4, DG_CBOR_BSTR, 1U)));
    assert_true(dg_edhoc_is_id_cred(id_cred_of(14, DG_CBOR_MAP, 9U)));
    assert_false(dg_edhoc_is_id_cred((dg_span){NULL, 0U}));
    assert_false(dg_edhoc_is_id_cred(DG_SPAN_OF(cut)));
    assert_false(dg_edhoc_is_id_cred(DG_SPAN_OF(two)));
    assert_false(dg_edhoc_is_id_cred(id_cred_of(4, DG_CBOR_UINT, 5U)));
    assert_false(dg_edhoc_is_id_cred(
        id_cred_of(4, DG_CBOR_BSTR, DG_EDHOC_KID_MAX + 1U)));
    assert_false(dg_edhoc_is_id_cred(id_cred_of(14, DG_CBOR_BSTR, 9U)));
    assert_false(dg_edhoc_is_id_cred(id_cred_of(33, DG_CBOR_BSTR, 9U)));
    assert_false(
        dg_edhoc_is_id_cred(id_cred_of(14, DG_CBOR_MAP, DG_EDHOC_ID_CRED_MAX)));
    /* The same in a plaintext, each with its category. */
    assert_int_equal(split(id_cred_of(14, DG_CBOR_MAP, 9U)), DG_OK);
    assert_int_equal(split(id_cred_of(4, DG_CBOR_BSTR, 1U)), DG_E_MALFORMED);
    assert_int_equal(split(DG_SPAN_OF(two)), DG_E_UNSUPPORTED);
    assert_int_equal(split(id_cred_of(14, DG_CBOR_BSTR, 9U)), DG_E_UNSUPPORTED);
    assert_int_equal(split(id_cred_of(14, DG_CBOR_MAP, DG_EDHOC_ID_CRED_MAX)),
                     DG_E_RANGE);
    memcpy(kid, long_kid, sizeof long_kid);
    assert_int_equal(split(DG_SPAN_OF(kid)), DG_E_RANGE);
    assert_int_equal(split((dg_span){cut, 1U}), DG_E_MALFORMED);
}

/* Labels of 65,535 either way, and not one more. */
static void test_ead__label_out_of_range__not_ours(void **state)
{
    static const uint8_t highest[] = {0x19, 0xFF, 0xFF};
    static const uint8_t lowest[] = {0x39, 0xFF, 0xFE};
    static const uint8_t above[] = {0x1A, 0x00, 0x01, 0x00, 0x00};
    static const uint8_t below[] = {0x39, 0xFF, 0xFF};

    (void)state;
    assert_true(dg_edhoc_is_ead(DG_SPAN_OF(highest)));
    assert_true(dg_edhoc_is_ead(DG_SPAN_OF(lowest)));
    assert_false(dg_edhoc_is_ead(DG_SPAN_OF(above)));
    assert_false(dg_edhoc_is_ead(DG_SPAN_OF(below)));
}

/* Ends ------------------------------------------------------------------------ */

static void test_end__no_credential_or_too_long__none(void **state)
{
    const dg_span good = {bytes, DG_EDHOC_CRED_MAX};
    static const size_t wrong[] = {0U, DG_EDHOC_CRED_MAX + 1U};
    struct dg_edhoc_peer peer = {.cred = good};
    struct dg_edhoc_self self = {.cred = good,
                                 .id_cred = id_cred_of(4, DG_CBOR_BSTR, 1U)};

    (void)state;
    assert_false(dg_edhoc_is_peer(NULL));
    assert_false(dg_edhoc_is_self(NULL));
    assert_true(dg_edhoc_is_peer(&peer));
    assert_true(dg_edhoc_is_self(&self));
    peer.cred.at = NULL;
    assert_false(dg_edhoc_is_peer(&peer));
    for (size_t i = 0U; i < 2U; i++) {
        peer.cred = (dg_span){bytes, wrong[i]};
        self.cred = peer.cred;
        assert_false(dg_edhoc_is_peer(&peer));
        assert_false(dg_edhoc_is_self(&self));
    }
}

static void test_export__no_room_or_too_much__usage(void **state)
{
    struct dg_edhoc edhoc;
    const dg_span none = {NULL, 0U};

    (void)state;
    memset(&edhoc, 0, sizeof edhoc);
    edhoc.state = DG_EDHOC_DONE;
    assert_int_equal(
        dg_edhoc_export(&edhoc, &rig.crypto, 1U, none, (dg_buf){bytes, 0U}),
        DG_E_USAGE);
    assert_int_equal(dg_edhoc_export(&edhoc,
                                     &rig.crypto,
                                     1U,
                                     none,
                                     (dg_buf){bytes, DG_HKDF_OUT_MAX + 1U}),
                     DG_E_USAGE);
    assert_int_equal(
        dg_edhoc_export(&edhoc, &rig.crypto, 1U, none, (dg_buf){bytes, 16U}),
        DG_OK);
}

/* A signature of another length is no signature. */
static void test_proof__of_another_length__auth(void **state)
{
    struct dg_edhoc edhoc;
    struct dg_edhoc_peer peer;
    const struct dg_edhoc_context context = {.id_cred = {bytes, 4U},
                                             .cred = {bytes, 9U}};

    (void)state;
    memset(&edhoc, 0, sizeof edhoc);
    memset(&peer, 0, sizeof peer);
    edhoc.method = DG_METHOD_SIGN;
    edhoc.suite = 2;
    for (size_t size = 0U; size <= 128U; size++) {
        if (size != DG_SIGNATURE_SIZE) {
            assert_int_equal(dg_edhoc_check_proof(&edhoc,
                                                  &rig.crypto,
                                                  &dg_edhoc_initiator,
                                                  &peer,
                                                  &context,
                                                  (dg_span){bytes, size}),
                             DG_E_AUTH);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kdf__too_many_parts__usage),
        cmocka_unit_test(test_keystream__no_text_or_too_long__range),
        cmocka_unit_test(test_aead__room_too_small__refused),
        cmocka_unit_test(test_update__context_missing_or_too_long__usage),
        cmocka_unit_test(test_id_cred__of_another_kind__not_ours),
        cmocka_unit_test(test_ead__label_out_of_range__not_ours),
        cmocka_unit_test(test_end__no_credential_or_too_long__none),
        cmocka_unit_test(test_export__no_room_or_too_much__usage),
        cmocka_unit_test(test_proof__of_another_length__auth),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
