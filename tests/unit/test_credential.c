/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/cbor.h"
#include "dosegate/credential.h"

static struct dg_credential sample(uint8_t kid)
{
    struct dg_credential credential = {.kid = kid};

    (void)memset(credential.key.x, 0xA1, sizeof credential.key.x);
    (void)memset(credential.key.y, 0xB2, sizeof credential.key.y);
    return credential;
}

/* {8: {1: {1: 2, 2: h'kid', -1: 1, -2: x, -3: y}}}, written out by hand. */
static void test_credential_ccs__sample__documented_bytes(void **state)
{
    static const uint8_t front[] = {0xA1,
                                    0x08,
                                    0xA1,
                                    0x01,
                                    0xA5,
                                    0x01,
                                    0x02,
                                    0x02,
                                    0x41,
                                    0x05,
                                    0x20,
                                    0x01,
                                    0x21,
                                    0x58,
                                    0x20};
    static const uint8_t middle[] = {0x22, 0x58, 0x20};
    const struct dg_credential credential = sample(0x05U);
    struct dg_ccs ccs;
    size_t at = 0U;

    (void)state;
    assert_int_equal(dg_credential_ccs(&credential, &ccs), DG_OK);
    assert_memory_equal(&ccs.byte[at], front, sizeof front);
    at += sizeof front;
    assert_memory_equal(&ccs.byte[at], credential.key.x, 32U);
    at += 32U;
    assert_memory_equal(&ccs.byte[at], middle, sizeof middle);
    at += sizeof middle;
    assert_memory_equal(&ccs.byte[at], credential.key.y, 32U);
    assert_int_equal(at + 32U, DG_CREDENTIAL_CCS_SIZE);
}

static void test_credential_ccs__every_kid__range_and_strict_cbor(void **state)
{
    (void)state;
    for (unsigned kid = 0U; kid <= 0xFFU; kid++) {
        const struct dg_credential credential = sample((uint8_t)kid);
        struct dg_cbor_reader reader;
        struct dg_ccs ccs = {{0U}};
        const enum dg_status status = dg_credential_ccs(&credential, &ccs);

        assert_int_equal(status, (kid <= 0x17U) ? DG_OK : DG_E_RANGE);
        if (status == DG_OK) {
            dg_cbor_reader_init(&reader, DG_SPAN_OF(ccs.byte));
            (void)dg_cbor_read_any(&reader);
            assert_int_equal(dg_cbor_reader_end(&reader), DG_OK);
            assert_int_equal(ccs.byte[9], kid);
        }
    }
}

static void test_credential_ccs__null__usage(void **state)
{
    const struct dg_credential credential = sample(1U);
    struct dg_ccs ccs;

    (void)state;
    assert_int_equal(dg_credential_ccs(NULL, &ccs), DG_E_USAGE);
    assert_int_equal(dg_credential_ccs(&credential, NULL), DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credential_ccs__sample__documented_bytes),
        cmocka_unit_test(test_credential_ccs__every_kid__range_and_strict_cbor),
        cmocka_unit_test(test_credential_ccs__null__usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
