/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "edhoc_run.h"
#include "ports/host/crypto_openssl.h"

/* EDHOC with signatures (method 0) against whoever has everything but the
 * right key at the right moment. */

static struct dg_crypto crypto;
static struct edhoc_run run;
static const struct dg_edhoc wiped;

static const uint8_t order[DG_P256_SIZE] = {
    0xFFU, 0xFFU, 0xFFU, 0xFFU, 0x00U, 0x00U, 0x00U, 0x00U, 0xFFU, 0xFFU, 0xFFU,
    0xFFU, 0xFFU, 0xFFU, 0xFFU, 0xFFU, 0xBCU, 0xE6U, 0xFAU, 0xADU, 0xA7U, 0x17U,
    0x9EU, 0x84U, 0xF3U, 0xB9U, 0xCAU, 0xC2U, 0xFCU, 0x63U, 0x25U, 0x51U};

static void fresh(void)
{
    edhoc_run_fresh(&run, &crypto, 3);
    edhoc_run_method(&run, DG_METHOD_SIGN);
}

/* The end that reads message @number has nothing left of the handshake. */
static void want_refused(unsigned number, enum dg_status status)
{
    const struct dg_edhoc *edhoc = (number == 2U) ? &run.i.edhoc : &run.r.edhoc;

    assert_int_equal(status, DG_E_AUTH);
    assert_memory_equal(edhoc, &wiped, sizeof wiped);
}

/* Everything is right but the key that signs. */
/* @verifies{FTP_ITC.2@1} */
static void test_edhoc_sign__signature_of_another__refused(void **state)
{
    struct dg_public_key ignored;

    (void)state;
    for (unsigned number = 2U; number <= 3U; number++) {
        fresh();

        struct edhoc_end *liar = (number == 2U) ? &run.r : &run.i;

        assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
        assert_int_equal(crypto.p256_generate(
                             crypto.context, &liar->self.private_key, &ignored),
                         DG_OK);
        assert_int_equal(edhoc_run_write(&run, number), DG_OK);
        want_refused(number,
                     edhoc_run_read(&run, number, run.message[number - 1U]));
    }
}

/* A good signature of the right end, made in the handshake before. */
static void test_edhoc_sign__signature_of_another_transcript__refused(
    void **state)
{
    (void)state;
    for (unsigned number = 2U; number <= 3U; number++) {
        struct edhoc_end *ends[] = {&run.r, &run.i};
        struct edhoc_end *signer = ends[number - 2U];
        struct dg_edhoc_claim claim;
        struct dg_signature old;

        fresh();
        assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
        assert_int_equal(edhoc_run_write(&run, number), DG_OK);

        /* The reader sees it: it closes PLAINTEXT_x. */
        const struct dg_edhoc *reader =
            (number == 2U) ? &run.i.edhoc : &run.r.edhoc;

        assert_int_equal(
            (number == 2U) ? dg_edhoc_i_read_message_2(
                                 &run.i.edhoc, &crypto, run.message[1], &claim)
                           : dg_edhoc_r_read_message_3(&run.r.edhoc,
                                                       &crypto,
                                                       &run.r.self,
                                                       run.message[2],
                                                       &claim),
            DG_OK);
        (void)memcpy(old.byte,
                     &reader->plain[reader->plain_size - sizeof old.byte],
                     sizeof old.byte);

        /* The same ends, keys and credentials; fresh ephemerals. */
        memset(&run.i.edhoc, 0, sizeof run.i.edhoc);
        memset(&run.r.edhoc, 0, sizeof run.r.edhoc);
        assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
        signer->port.signature = old;
        assert_int_equal(edhoc_run_write(&run, number), DG_OK);
        want_refused(number,
                     edhoc_run_read(&run, number, run.message[number - 1U]));
    }
}

/* Signature_2 sent back as Signature_3, by who would have R believe that R's
 * own key stands behind it under another name. */
static void test_edhoc_sign__signature_of_the_other_side__refused(void **state)
{
    struct dg_edhoc_claim claim;

    (void)state;
    fresh();
    assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
    assert_int_equal(dg_edhoc_i_read_message_2(
                         &run.i.edhoc, &crypto, run.message[1], &claim),
                     DG_OK);
    (void)memcpy(run.i.port.signature.byte,
                 &run.i.edhoc.plain[run.i.edhoc.plain_size - DG_SIGNATURE_SIZE],
                 DG_SIGNATURE_SIZE);

    const struct dg_edhoc_peer r_peer = {run.r.self.public_key,
                                         run.r.self.cred};

    assert_int_equal(dg_edhoc_i_verify_message_2(
                         &run.i.edhoc, &crypto, &run.i.self, &r_peer),
                     DG_OK);
    assert_int_equal(edhoc_run_write(&run, 3U), DG_OK);

    /* As if R did not know its own key when it comes back. */
    struct dg_edhoc_self blind = run.r.self;
    const struct dg_edhoc_peer peer = {run.r.self.public_key, run.i.self.cred};

    blind.public_key.x[0] ^= 1U;
    assert_int_equal(dg_edhoc_r_read_message_3(
                         &run.r.edhoc, &crypto, &blind, run.message[2], &claim),
                     DG_OK);
    want_refused(
        3U, dg_edhoc_r_verify_message_3(&run.r.edhoc, &crypto, &blind, &peer));
}

/* The kid is right and so is the signature; what was looked up under the kid
 * is another credential, or another key. */
static void test_edhoc_sign__swapped_credential__refused(void **state)
{
    struct dg_edhoc_claim claim;
    struct dg_secret ignored;
    struct dg_public_key other_key;
    uint8_t cred[DG_EDHOC_CRED_MAX];

    (void)state;
    assert_int_equal(crypto.p256_generate(crypto.context, &ignored, &other_key),
                     DG_OK);
    for (unsigned what = 0U; what < 2U; what++) {
        for (unsigned number = 2U; number <= 3U; number++) {
            fresh();

            const struct dg_edhoc_self *signer =
                (number == 2U) ? &run.r.self : &run.i.self;
            struct dg_edhoc_peer peer = {signer->public_key, signer->cred};

            (void)memcpy(cred, peer.cred.at, peer.cred.size);
            cred[peer.cred.size - 1U] ^= 1U;
            if (what == 0U) {
                peer.cred.at = cred;
            } else {
                peer.public_key = other_key;
            }
            assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
            assert_int_equal(edhoc_run_write(&run, number), DG_OK);
            if (number == 2U) {
                assert_int_equal(
                    dg_edhoc_i_read_message_2(
                        &run.i.edhoc, &crypto, run.message[1], &claim),
                    DG_OK);
                want_refused(2U,
                             dg_edhoc_i_verify_message_2(
                                 &run.i.edhoc, &crypto, &run.i.self, &peer));
            } else {
                assert_int_equal(dg_edhoc_r_read_message_3(&run.r.edhoc,
                                                           &crypto,
                                                           &run.r.self,
                                                           run.message[2],
                                                           &claim),
                                 DG_OK);
                want_refused(3U,
                             dg_edhoc_r_verify_message_3(
                                 &run.r.edhoc, &crypto, &run.r.self, &peer));
            }
        }
    }
}

/* Each end takes the one method that it was told, and no other number. */
static void test_edhoc_sign__method_that_is_not_configured__unsupported(
    void **state)
{
    static const uint8_t on_wire[] = {0U, 1U, 2U, 3U, 4U, 23U, 0x20U, 0x23U};

    (void)state;
    for (unsigned own = 0U; own < 2U; own++) {
        const enum dg_method method =
            (own == 0U) ? DG_METHOD_SIGN : DG_METHOD_STATIC;
        const uint8_t mine = (own == 0U) ? 0U : 3U;

        for (size_t k = 0U; k < sizeof on_wire; k++) {
            edhoc_run_fresh(&run, &crypto, 3);
            edhoc_run_method(&run, method);
            assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
            assert_int_equal(run.room[0][0], mine);
            run.room[0][0] = on_wire[k];
            if (on_wire[k] == mine) {
                assert_int_equal(edhoc_run_read(&run, 1U, run.message[0]),
                                 DG_OK);
                continue;
            }
            assert_int_equal(edhoc_run_read(&run, 1U, run.message[0]),
                             DG_E_UNSUPPORTED);
            assert_memory_equal(&run.r.edhoc, &wiped, sizeof wiped);
        }
    }
}

/* Somebody between turns METHOD into what R was told: I is not fooled. */
static void test_edhoc_sign__method_changed_on_the_way__never_done(void **state)
{
    (void)state;
    for (unsigned own = 0U; own < 2U; own++) {
        fresh();
        run.i.suites.method = (own == 0U) ? DG_METHOD_SIGN : DG_METHOD_STATIC;
        run.r.suites.method = (own == 0U) ? DG_METHOD_STATIC : DG_METHOD_SIGN;
        assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
        run.room[0][0] ^= 3U;
        assert_int_equal(edhoc_run_read(&run, 1U, run.message[0]), DG_OK);
        assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
        assert_int_not_equal(edhoc_run_read(&run, 2U, run.message[1]), DG_OK);
        assert_memory_equal(&run.i.edhoc, &wiped, sizeof wiped);
    }
}

static void test_edhoc_sign__no_method__usage(void **state)
{
    const dg_span connection = {(const uint8_t *)"\x01", 1U};
    const dg_span none = {NULL, 0U};
    const enum dg_method wrong[] = {DG_METHOD_NONE,
                                    (enum dg_method)2,
                                    (enum dg_method)3,
                                    (enum dg_method)5};
    struct dg_edhoc_claim claim;
    dg_span out;

    (void)state;
    for (size_t k = 0U; k < sizeof wrong / sizeof wrong[0]; k++) {
        fresh();
        assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
        run.r.suites.method = wrong[k];
        assert_int_equal(dg_edhoc_r_read_message_1(&run.r.edhoc,
                                                   &crypto,
                                                   &run.r.suites,
                                                   run.message[0],
                                                   &claim,
                                                   DG_BUF_OF(run.room[1]),
                                                   &out),
                         DG_E_USAGE);
        memset(&run.i.edhoc, 0, sizeof run.i.edhoc);
        run.i.suites.method = wrong[k];
        assert_int_equal(dg_edhoc_i_message_1(&run.i.edhoc,
                                              &crypto,
                                              &run.i.suites,
                                              0U,
                                              connection,
                                              none,
                                              DG_BUF_OF(run.room[0]),
                                              &out),
                         DG_E_USAGE);
    }
}

/* r and s that no signature has. */
static void test_edhoc_sign__zero_and_the_order__refused(void **state)
{
    (void)state;
    for (unsigned what = 0U; what < 5U; what++) {
        struct dg_signature *signature = &run.r.port.signature;

        fresh();
        assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
        memset(signature->byte, 0x11, sizeof signature->byte);
        if (what < 2U) {
            memset(&signature->byte[32U * what], 0, 32U);
        } else if (what < 4U) {
            (void)memcpy(
                &signature->byte[32U * (what - 2U)], order, sizeof order);
        } else {
            memset(signature->byte, 0xFF, sizeof signature->byte);
        }
        assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
        want_refused(2U, edhoc_run_read(&run, 2U, run.message[1]));
    }
}

/* ECDSA lets a third hand turn (r, s) into (r, n - s), which holds as well: I
 * goes on, and R finds that I saw another message_2 (RFC 9528, 9.1). */
static void test_edhoc_sign__other_s_in_message_2__found_in_message_3(
    void **state)
{
    struct dg_edhoc_claim claim;
    uint8_t s[DG_P256_SIZE];
    unsigned borrow = 0U;

    (void)state;
    fresh();
    assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);

    struct dg_edhoc peek = run.i.edhoc;

    assert_int_equal(
        dg_edhoc_i_read_message_2(&peek, &crypto, run.message[1], &claim),
        DG_OK);
    (void)memcpy(s, &peek.plain[peek.plain_size - sizeof s], sizeof s);

    uint8_t *last = &run.room[1][run.message[1].size - sizeof s];

    for (size_t k = sizeof s; k-- > 0U;) {
        const unsigned take = (unsigned)s[k] + borrow;
        const uint8_t other = (uint8_t)((unsigned)order[k] - take);

        borrow = (take > order[k]) ? 1U : 0U;
        last[k] ^= (uint8_t)(s[k] ^ other);
    }
    assert_int_equal(borrow, 0U);
    assert_int_equal(edhoc_run_read(&run, 2U, run.message[1]), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 3U), DG_OK);
    want_refused(3U, edhoc_run_read(&run, 3U, run.message[2]));
}

static int set_up(void **state)
{
    (void)state;
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
        cmocka_unit_test(test_edhoc_sign__signature_of_another__refused),
        cmocka_unit_test(
            test_edhoc_sign__signature_of_another_transcript__refused),
        cmocka_unit_test(test_edhoc_sign__signature_of_the_other_side__refused),
        cmocka_unit_test(test_edhoc_sign__swapped_credential__refused),
        cmocka_unit_test(
            test_edhoc_sign__method_that_is_not_configured__unsupported),
        cmocka_unit_test(
            test_edhoc_sign__method_changed_on_the_way__never_done),
        cmocka_unit_test(test_edhoc_sign__no_method__usage),
        cmocka_unit_test(test_edhoc_sign__zero_and_the_order__refused),
        cmocka_unit_test(
            test_edhoc_sign__other_s_in_message_2__found_in_message_3),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
