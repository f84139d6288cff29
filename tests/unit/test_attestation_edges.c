/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/attestation.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "rig.h"

#include <string.h>

/* The edges of the ticket's codec: arguments that are none, sizes, and payloads
 * that the verifier's key signed although no verifier of ours would. */

static struct rig rig;
static uint8_t room[DG_ATTEST_TICKET_MAX + 64U];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    return 0;
}

static const struct dg_public_key *verifier(void)
{
    return &rig.settings.trust.policy.verifier;
}

/* What a ticket says, each field as it stands in the bytes. */
struct fields {
    size_t items;
    uint32_t layout;
    size_t nonce;
    size_t subject;
    uint32_t claims;
    uint32_t level;
    uint32_t life_s;
    uint32_t epoch;
};

static const struct fields sound = {9U, 1U, 16U, 32U, 0x55555U, 2U, 3600U, 1U};

/* Signed by the right key, for the right purpose. */
static dg_span ticket_of(const struct fields *fields)
{
    static const uint8_t purpose[] = "dosegate ticket 1";
    static const uint8_t filler[32] = {0x5AU};
    uint8_t bytes[128];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};
    dg_span ticket = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(bytes));
    dg_cbor_write_array(&writer, fields->items);
    dg_cbor_write_uint(&writer, fields->layout);
    dg_cbor_write_bstr(&writer, (dg_span){filler, fields->nonce});
    dg_cbor_write_bstr(&writer, (dg_span){filler, fields->subject});
    dg_cbor_write_uint(&writer, fields->claims);
    dg_cbor_write_uint(&writer, fields->level);
    dg_cbor_write_uint(&writer, 1U);
    dg_cbor_write_uint(&writer, fields->life_s);
    dg_cbor_write_uint(&writer, 7U);
    dg_cbor_write_uint(&writer, fields->epoch);
    assert_int_equal(dg_cbor_writer_end(&writer, &payload), DG_OK);
    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   &rig.verifier,
                                   (dg_span){NULL, 0U},
                                   (dg_span){purpose, sizeof purpose - 1U},
                                   payload,
                                   DG_BUF_OF(room),
                                   &ticket),
                     DG_OK);
    return ticket;
}

static void check_refused(const struct fields *fields)
{
    const dg_span ticket = ticket_of(fields);
    struct dg_attestation back;
    struct dg_attestation before;

    memset(&back, 0xA5, sizeof back);
    before = back;
    assert_int_not_equal(dg_attestation_peek(ticket, &back), DG_OK);
    assert_int_not_equal(
        dg_attestation_verify(&rig.crypto, verifier(), ticket, &back), DG_OK);
    assert_memory_equal(&back, &before, sizeof back);
}

/* @verifies{FDP_ATT.1@1} */
static void test_ticket__signed_but_out_of_range__untouched(void **state)
{
    static const struct fields bad[] = {
        {8U, 1U, 16U, 32U, 0x55555U, 2U, 3600U, 1U},
        {10U, 1U, 16U, 32U, 0x55555U, 2U, 3600U, 1U},
        {9U, 0U, 16U, 32U, 0x55555U, 2U, 3600U, 1U},
        {9U, 2U, 16U, 32U, 0x55555U, 2U, 3600U, 1U},
        {9U, 1U, 15U, 32U, 0x55555U, 2U, 3600U, 1U},
        {9U, 1U, 17U, 32U, 0x55555U, 2U, 3600U, 1U},
        {9U, 1U, 16U, 31U, 0x55555U, 2U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0x00003U, 2U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0xC0000U, 2U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0x155555U, 2U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0x55555U, 0U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0x55555U, 4U, 3600U, 1U},
        {9U, 1U, 16U, 32U, 0x55555U, 2U, 0U, 1U},
        {9U, 1U, 16U, 32U, 0x55555U, 2U, 86401U, 1U},
        {9U, 1U, 16U, 32U, 0x55555U, 2U, 3600U, 0U},
    };
    const dg_span ticket = ticket_of(&sound);
    struct dg_attestation back;

    (void)state;
    assert_int_equal(
        dg_attestation_verify(&rig.crypto, verifier(), ticket, &back), DG_OK);
    assert_int_equal(back.claims, 0x55555U);
    for (size_t i = 0U; i < (sizeof bad / sizeof bad[0]); i++) {
        check_refused(&bad[i]);
    }
}

static void test_ticket__no_bytes_or_too_many__refused(void **state)
{
    struct dg_attestation back;
    const dg_span none = {NULL, 8U};
    const dg_span empty = {room, 0U};
    const dg_span most = {room, DG_ATTEST_TICKET_MAX + 1U};

    (void)state;
    assert_int_equal(dg_attestation_peek(none, &back), DG_E_RANGE);
    assert_int_equal(dg_attestation_peek(empty, &back), DG_E_RANGE);
    assert_int_equal(dg_attestation_peek(most, &back), DG_E_RANGE);
    assert_int_equal(
        dg_attestation_verify(&rig.crypto, verifier(), none, &back),
        DG_E_RANGE);
    assert_int_equal(
        dg_attestation_verify(&rig.crypto, verifier(), most, &back),
        DG_E_RANGE);
    memset(room, 0x5A, sizeof room);
    assert_int_not_equal(dg_attestation_peek((dg_span){room, 100U}, &back),
                         DG_OK);
}

static void test_ticket__no_argument__usage(void **state)
{
    const struct dg_crypto *crypto = &rig.crypto;
    const struct dg_public_key *key = verifier();
    const struct dg_device_id *device = &rig.settings.device;
    const dg_span ticket = ticket_of(&sound);
    struct dg_attestation claims;
    struct dg_hash subject;
    uint8_t out[DG_ATTEST_TICKET_MAX];
    const dg_buf space = {out, sizeof out};
    dg_span made;

    (void)state;
    assert_int_equal(dg_attestation_peek(ticket, NULL), DG_E_USAGE);
    assert_int_equal(dg_attestation_peek(ticket, &claims), DG_OK);
    assert_int_equal(dg_attestation_verify(NULL, key, ticket, &claims),
                     DG_E_USAGE);
    assert_int_equal(dg_attestation_verify(crypto, NULL, ticket, &claims),
                     DG_E_USAGE);
    assert_int_equal(dg_attestation_verify(crypto, key, ticket, NULL),
                     DG_E_USAGE);
    assert_int_equal(
        dg_attestation_sign(NULL, &rig.verifier, &claims, space, &made),
        DG_E_USAGE);
    assert_int_equal(dg_attestation_sign(crypto, NULL, &claims, space, &made),
                     DG_E_USAGE);
    assert_int_equal(
        dg_attestation_sign(crypto, &rig.verifier, NULL, space, &made),
        DG_E_USAGE);
    assert_int_equal(
        dg_attestation_sign(crypto, &rig.verifier, &claims, space, NULL),
        DG_E_USAGE);
    assert_int_equal(dg_attestation_subject(NULL, device, key, key, &subject),
                     DG_E_USAGE);
    assert_int_equal(dg_attestation_subject(crypto, NULL, key, key, &subject),
                     DG_E_USAGE);
    assert_int_equal(
        dg_attestation_subject(crypto, device, NULL, key, &subject),
        DG_E_USAGE);
    assert_int_equal(
        dg_attestation_subject(crypto, device, key, NULL, &subject),
        DG_E_USAGE);
    assert_int_equal(dg_attestation_subject(crypto, device, key, key, NULL),
                     DG_E_USAGE);
}

/* A claim or a value that nobody defined says nothing and changes nothing. */
/* @verifies{FDP_ATT.2@1} */
static void test_claims__undefined__say_nothing(void **state)
{
    (void)state;
    for (unsigned claim = DG_CLAIMS; claim < 40U; claim++) {
        assert_int_equal(dg_attestation_claim(~0U, (enum dg_claim)claim),
                         DG_CLAIM_NOT_STATED);
        assert_int_equal(
            dg_attestation_state(0x5U, (enum dg_claim)claim, DG_CLAIM_YES),
            0x5U);
    }
    for (unsigned claim = 0U; claim < DG_CLAIMS; claim++) {
        assert_int_equal(
            dg_attestation_claim(3U << (2U * claim), (enum dg_claim)claim),
            DG_CLAIM_NOT_STATED);
        assert_int_equal(dg_attestation_state(0x5U,
                                              (enum dg_claim)claim,
                                              (enum dg_claim_value)3),
                         0x5U);
    }
    assert_false(dg_attestation_meets(0x55555U, DG_PACKAGE_NONE));
    assert_false(dg_attestation_meets(0x55555U, (enum dg_package)4));
    assert_true(dg_attestation_meets(0x55555U, DG_PACKAGE_HIGH));
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        WITH(test_ticket__signed_but_out_of_range__untouched),
        WITH(test_ticket__no_bytes_or_too_many__refused),
        WITH(test_ticket__no_argument__usage),
        WITH(test_claims__undefined__say_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
