/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "core/edhoc_wire.h"
#include "edhoc_run.h"
#include "ports/host/crypto_openssl.h"

static struct dg_crypto crypto;
static struct edhoc_run run;
static const struct dg_edhoc wiped;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    return text;
}

/* What a class of negative vectors may be refused with. */
static bool is_expected(const char *class_name, enum dg_status status)
{
    static const struct {
        const char *name;
        enum dg_status allowed[4];
    } rows[] = {
        {"decode", {DG_E_MALFORMED, DG_E_TRUNCATED, DG_E_TRAILING, DG_E_RANGE}},
        {"length", {DG_E_RANGE, DG_E_TRUNCATED, DG_E_RANGE, DG_E_RANGE}},
        {"non-deterministic",
         {DG_E_MALFORMED, DG_E_MALFORMED, DG_E_MALFORMED, DG_E_MALFORMED}},
        {"method",
         {DG_E_UNSUPPORTED, DG_E_MALFORMED, DG_E_MALFORMED, DG_E_MALFORMED}},
        {"decode-or-method",
         {DG_E_MALFORMED, DG_E_MALFORMED, DG_E_MALFORMED, DG_E_MALFORMED}},
        {"point", {DG_E_RANGE, DG_E_RANGE, DG_E_RANGE, DG_E_RANGE}},
        {"mac", {DG_E_AUTH, DG_E_AUTH, DG_E_AUTH, DG_E_AUTH}},
        {"aead", {DG_E_AUTH, DG_E_AUTH, DG_E_AUTH, DG_E_AUTH}},
        {"aead-or-length", {DG_E_AUTH, DG_E_RANGE, DG_E_RANGE, DG_E_RANGE}},
        {"own-identity", {DG_E_AUTH, DG_E_AUTH, DG_E_AUTH, DG_E_AUTH}},
        {"unknown-credential", {DG_E_PEER, DG_E_PEER, DG_E_PEER, DG_E_PEER}},
        {"ead-critical",
         {DG_E_UNSUPPORTED,
          DG_E_UNSUPPORTED,
          DG_E_UNSUPPORTED,
          DG_E_UNSUPPORTED}},
    };

    if (strcmp(class_name, "any") == 0) {
        return status != DG_OK;
    }
    for (size_t i = 0U; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, class_name) == 0) {
            return (status == rows[i].allowed[0]) ||
                   (status == rows[i].allowed[1]) ||
                   (status == rows[i].allowed[2]) ||
                   (status == rows[i].allowed[3]);
        }
    }
    return false;
}

/* The rest of a handshake after message @number went in well. */
static enum dg_status go_on(unsigned number)
{
    if (number == 4U) {
        return DG_OK;
    }

    enum dg_status status = edhoc_run_write(&run, number + 1U);

    if ((status == DG_OK) && (number == 2U)) {
        /* I goes on from another PLAINTEXT_2 than R wrote: R refuses. */
        status = (edhoc_run_read(&run, 3U, run.message[2]) == DG_E_AUTH)
                     ? DG_OK
                     : DG_E_CORRUPT;
    }
    return status;
}

static void run_case(const json_t *test)
{
    uint8_t room[1024];
    const char *class_name = text_of(test, "class");
    const unsigned number =
        (unsigned)json_integer_value(json_object_get(test, "message"));
    const bool accept = strcmp(text_of(test, "expect"), "accept") == 0;
    const dg_span message = vectors_get(test, "hex", DG_BUF_OF(room));
    const struct edhoc_end *end =
        (strcmp(text_of(test, "receiver"), "I") == 0) ? &run.i : &run.r;

    assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
    if (number > 1U) {
        assert_int_equal(edhoc_run_write(&run, number), DG_OK);
    }

    enum dg_status status = edhoc_run_read(&run, number, message);

    if (accept) {
        assert_int_equal(status, DG_OK);
        status = go_on(number);
    }
    if (accept ? (status != DG_OK) : !is_expected(class_name, status)) {
        fail_msg("%s (%s): %s",
                 text_of(test, "id"),
                 class_name,
                 dg_status_name(status));
    }
    /* Unknown credentials and EAD are found by the caller, who then wipes. */
    if (!accept && (status != DG_E_PEER) &&
        (strcmp(class_name, "ead-critical") != 0)) {
        assert_memory_equal(&end->edhoc, &wiped, sizeof wiped);
    }
}

static void test_edhoc__negative_vectors__as_told(void **state)
{
    json_t *root = vectors_load("edhoc/negative.json");
    const json_t *test = NULL;
    size_t i = 0U;
    unsigned ran = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "cases"), i, test)
    {
        char name[128];

        (void)snprintf(name, sizeof name, "edhoc/%s", text_of(test, "base"));

        json_t *base = vectors_load(name);

        edhoc_run_load(&run, &crypto, base);
        run_case(test);
        json_decref(base);
        ran++;
    }
    print_message("negative: %u ran\n", ran);
    assert_true(ran >= 140U);
    json_decref(root);
}

/* @verifies{FTP_ITC.1@1} */
static void test_edhoc__rfc9529_invalid__all_refused(void **state)
{
    json_t *root = vectors_load("edhoc/rfc9529_invalid.json");
    const json_t *test = NULL;
    size_t i = 0U;
    unsigned ran = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "cases"), i, test)
    {
        uint8_t room[128];
        uint8_t kid_map[DG_EDHOC_KID_MAP_MAX];
        struct dg_edhoc_parts parts;
        const char *what = text_of(test, "what");
        const dg_span bytes = vectors_get(test, "hex", DG_BUF_OF(room));
        enum dg_status status = DG_OK;

        edhoc_run_fresh(&run, &crypto, 2);
        run.r.suites = (struct dg_edhoc_suites){2U, {2, 3}, DG_METHOD_STATIC};
        if (strcmp(what, "message_1") == 0) {
            status = edhoc_run_read(&run, 1U, bytes);
        } else if (strcmp(what, "message_2") == 0) {
            assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
            status = edhoc_run_read(&run, 2U, bytes);
        } else {
            assert_string_equal(what, "PLAINTEXT_2");
            status =
                dg_edhoc_split(bytes, true, 8U, DG_BUF_OF(kid_map), &parts);
        }
        /* The suites that we lack are class "length" and "point" there. */
        if (!is_expected(text_of(test, "class"), status) &&
            (status != DG_E_UNSUPPORTED)) {
            fail_msg("%s: %s", text_of(test, "id"), dg_status_name(status));
        }
        ran++;
    }
    print_message("RFC 9529, section 4: %u ran\n", ran);
    assert_true(ran >= 15U);
    json_decref(root);
}

/* One bit of one message changes: at least one end never gets that far. */
static unsigned change_every_byte(enum dg_method method)
{
    unsigned tried = 0U;

    edhoc_run_fresh(&run, &crypto, 2);
    edhoc_run_method(&run, method);
    run.ead[1] = (dg_span){(const uint8_t *)"\x19\xFD\xE9\x41\xAA", 5U};
    run.ead[2] = run.ead[1];
    run.ead[3] = run.ead[1];

    const struct edhoc_run start = run;

    for (unsigned number = 1U; number <= 4U; number++) {
        size_t size = 1U;

        for (size_t at = 0U; at < size; at++) {
            enum dg_status status = DG_OK;

            run = start;
            run.i.crypto.context = &run.i.port;
            run.r.crypto.context = &run.r.port;
            assert_int_equal(edhoc_run_to(&run, number - 1U), DG_OK);
            assert_int_equal(edhoc_run_write(&run, number), DG_OK);
            size = run.message[number - 1U].size;
            run.room[number - 1U][at] ^= (uint8_t)(1U << (at % 8U));
            status = edhoc_run_read(&run, number, run.message[number - 1U]);
            for (unsigned next = number + 1U; (next <= 4U) && (status == DG_OK);
                 next++) {
                status = edhoc_run_write(&run, next);
                if (status == DG_OK) {
                    status = edhoc_run_read(&run, next, run.message[next - 1U]);
                }
            }
            assert_int_not_equal(status, DG_OK);
            assert_int_not_equal(run.i.edhoc.state, DG_EDHOC_DONE);
            tried++;
        }
    }
    return tried;
}

static void test_edhoc__any_byte_of_any_message_changed__never_done(
    void **state)
{
    (void)state;
    assert_true(change_every_byte(DG_METHOD_STATIC) > 110U);
    assert_true(change_every_byte(DG_METHOD_SIGN) > 225U);
}

static void truncate_every_message(enum dg_method method)
{
    edhoc_run_fresh(&run, &crypto, 3);
    edhoc_run_method(&run, method);
    for (unsigned number = 1U; number <= 4U; number++) {
        assert_int_equal(edhoc_run_write(&run, number), DG_OK);

        const struct edhoc_run written = run;
        const dg_span whole = run.message[number - 1U];

        for (size_t size = 0U; size < whole.size; size++) {
            run = written;
            assert_int_equal(
                edhoc_run_read(&run, number, (dg_span){whole.at, size}),
                DG_E_TRUNCATED);
        }
        /* Play on with the whole one. */
        run = written;
        assert_int_equal(edhoc_run_read(&run, number, whole), DG_OK);
    }
    assert_int_equal(run.i.edhoc.state, DG_EDHOC_DONE);
}

static void test_edhoc__any_truncation__refused(void **state)
{
    (void)state;
    truncate_every_message(DG_METHOD_STATIC);
    truncate_every_message(DG_METHOD_SIGN);
}

static const enum dg_method methods[] = {DG_METHOD_STATIC, DG_METHOD_SIGN};

/* A peer whose proof fits because it is we ourselves. */
static void test_edhoc__own_key_mirrored__reflection_refused(void **state)
{
    struct dg_edhoc_claim claim;

    (void)state;
    for (unsigned round = 0U; round < 6U; round++) {
        const unsigned what = round % 3U;

        edhoc_run_fresh(&run, &crypto, 3);
        edhoc_run_method(&run, methods[round / 3U]);
        /* Both ends hold one private key: as if I's own were reflected. */
        run.r.self.private_key = run.i.self.private_key;

        struct dg_edhoc_peer peer = {run.i.self.public_key, run.r.self.cred};
        struct dg_edhoc_self self = run.i.self;

        if (what == 1U) {
            peer.public_key.y[31] ^= 1U; /* only x matters */
        }
        if (what == 2U) {
            self.public_key.x[0] ^= 1U; /* as if it were another key */
        }
        assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
        assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
        assert_int_equal(dg_edhoc_i_read_message_2(
                             &run.i.edhoc, &crypto, run.message[1], &claim),
                         DG_OK);
        /* The third shows that the proof does fit: only the rule refuses. */
        assert_int_equal(
            dg_edhoc_i_verify_message_2(&run.i.edhoc, &crypto, &self, &peer),
            (what == 2U) ? DG_OK : DG_E_AUTH);
    }
}

/* The same from the Responder's side. */
static void test_edhoc_r__own_key_mirrored__reflection_refused(void **state)
{
    struct dg_edhoc_claim claim;

    (void)state;
    for (unsigned round = 0U; round < 4U; round++) {
        const unsigned what = round % 2U;

        edhoc_run_fresh(&run, &crypto, 3);
        edhoc_run_method(&run, methods[round / 2U]);
        assert_int_equal(edhoc_run_to(&run, 2U), DG_OK);
        run.i.self.private_key = run.r.self.private_key;
        assert_int_equal(edhoc_run_write(&run, 3U), DG_OK);

        const struct dg_edhoc_peer peer = {run.r.self.public_key,
                                           run.i.self.cred};
        struct dg_edhoc_self self = run.r.self;

        if (what == 1U) {
            self.public_key.x[0] ^= 1U; /* as if it were another key */
        }
        assert_int_equal(
            dg_edhoc_r_read_message_3(
                &run.r.edhoc, &crypto, &self, run.message[2], &claim),
            DG_OK);
        assert_int_equal(
            dg_edhoc_r_verify_message_3(&run.r.edhoc, &crypto, &self, &peer),
            (what == 1U) ? DG_OK : DG_E_AUTH);
    }
}

static void test_edhoc_split__c_r_too_long__range(void **state)
{
    uint8_t plain[11U + 9U] = {0x48U};
    uint8_t kid_map[DG_EDHOC_KID_MAP_MAX];
    struct dg_edhoc_parts parts;

    (void)state;
    plain[9] = 0x05U;  /* kid */
    plain[10] = 0x48U; /* MAC */
    assert_int_equal(
        dg_edhoc_split(
            (dg_span){plain, 19U}, true, 8U, DG_BUF_OF(kid_map), &parts),
        DG_OK);
    plain[0] = 0x49U;
    plain[9] = 0x00U;
    plain[10] = 0x05U;
    plain[11] = 0x48U;
    assert_int_equal(
        dg_edhoc_split(DG_SPAN_OF(plain), true, 8U, DG_BUF_OF(kid_map), &parts),
        DG_E_RANGE);
}

static void test_edhoc__own_cred_under_other_key__reflection_refused(
    void **state)
{
    struct dg_edhoc_claim claim;

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    run.r.self.cred = run.i.self.cred; /* R claims I's credential bytes */

    const struct dg_edhoc_peer peer = {run.r.self.public_key, run.i.self.cred};

    assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
    assert_int_equal(dg_edhoc_i_read_message_2(
                         &run.i.edhoc, &crypto, run.message[1], &claim),
                     DG_OK);
    assert_int_equal(
        dg_edhoc_i_verify_message_2(&run.i.edhoc, &crypto, &run.i.self, &peer),
        DG_E_AUTH);
    assert_memory_equal(&run.i.edhoc, &wiped, sizeof wiped);
}

/* Put the credential of an end into its ID_CRED, by value. */
static void send_by_value(struct edhoc_end *end, const struct edhoc_end *whose)
{
    end->id_cred[0] = 0xA1U;
    end->id_cred[1] = 0x0EU;
    (void)memcpy(&end->id_cred[2], whose->self.cred.at, whose->self.cred.size);
    end->self.id_cred = (dg_span){end->id_cred, 2U + whose->self.cred.size};
}

static void test_edhoc__by_value__only_what_was_looked_up(void **state)
{
    struct dg_edhoc_claim claim;
    struct edhoc_end other;

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    send_by_value(&run.i, &run.i);
    send_by_value(&run.r, &run.r);
    assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);

    /* R shows another credential than the one whose key it has. */
    edhoc_run_fresh(&run, &crypto, 3);
    other = run.r;
    other.cred[20] ^= 1U;
    other.self.cred.at = other.cred;
    send_by_value(&run.r, &other);

    const struct dg_edhoc_peer peer = {run.r.self.public_key, run.r.self.cred};

    assert_int_equal(edhoc_run_to(&run, 1U), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 2U), DG_OK);
    assert_int_equal(dg_edhoc_i_read_message_2(
                         &run.i.edhoc, &crypto, run.message[1], &claim),
                     DG_OK);
    assert_int_equal(
        dg_edhoc_i_verify_message_2(&run.i.edhoc, &crypto, &run.i.self, &peer),
        DG_E_AUTH);
}

static void test_edhoc_r__own_cred_by_value_in_message_3__auth(void **state)
{
    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    send_by_value(&run.i, &run.r);
    assert_int_equal(edhoc_run_to(&run, 2U), DG_OK);
    assert_int_equal(edhoc_run_write(&run, 3U), DG_OK);

    struct dg_edhoc_claim claim;

    assert_int_equal(
        dg_edhoc_r_read_message_3(
            &run.r.edhoc, &crypto, &run.r.self, run.message[2], &claim),
        DG_E_AUTH);
    assert_null(claim.id_cred.at);
    assert_memory_equal(&run.r.edhoc, &wiped, sizeof wiped);
}

static void test_edhoc_i__own_ephemeral_comes_back__auth(void **state)
{
    uint8_t message_2[2U + DG_P256_SIZE + 20U] = {0x58U, DG_P256_SIZE + 20U};

    (void)state;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
    (void)memcpy(&message_2[2], &run.message[0].at[4], DG_P256_SIZE);
    assert_int_equal(edhoc_run_read(&run, 2U, DG_SPAN_OF(message_2)),
                     DG_E_AUTH);
}

/* Longest of everything, and one more of each. */
static void test_edhoc__longest_parts__fit_and_one_more_does_not(void **state)
{
    static uint8_t ead[DG_EDHOC_EAD_MAX] = {0x01U, 0x59U, 0x01U, 0x3CU};

    (void)state;
    for (unsigned round = 0U; round < 2U; round++) {
        edhoc_run_fresh(&run, &crypto, 3);
        edhoc_run_method(&run, methods[round]);
        for (unsigned k = 0U; k < 4U; k++) {
            run.ead[k] = DG_SPAN_OF(ead);
        }
        run.i.connection_size = DG_EDHOC_CONNECTION_MAX;
        run.r.connection_size = DG_EDHOC_CONNECTION_MAX;
        send_by_value(&run.i, &run.i);
        send_by_value(&run.r, &run.r);
        assert_int_equal(edhoc_run_to(&run, 4U), DG_OK);
        assert_int_equal(run.ead_seen_size, DG_EDHOC_EAD_MAX);
    }

    /* A longer C_I, and longer EAD_1, as another implementation may send. */
    uint8_t message_1[DG_EDHOC_MESSAGE_MAX] = {0x03U, 0x03U, 0x58U, 0x20U};

    (void)memcpy(&message_1[4], run.i.self.public_key.x, DG_P256_SIZE);
    message_1[36] = 0x49U;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(edhoc_run_read(&run, 1U, (dg_span){message_1, 46U}),
                     DG_E_RANGE);
    message_1[36] = 0x48U;
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(
        edhoc_run_read(&run, 1U, (dg_span){message_1, 45U + DG_EDHOC_EAD_MAX}),
        DG_OK);
    edhoc_run_fresh(&run, &crypto, 3);
    assert_int_equal(
        edhoc_run_read(&run, 1U, (dg_span){message_1, 46U + DG_EDHOC_EAD_MAX}),
        DG_E_RANGE);
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

/* The responder puts the handshake away between message_2 and message_3: what it
 * kept is enough, with either method, and again after a message_3 that was
 * forged. */
static void test_edhoc__parked__goes_on_after_a_forgery(void **state)
{
    static const struct dg_edhoc zero;

    (void)state;
    for (size_t m = 0U; m < 2U; m++) {
        struct dg_edhoc_pending pending = {.is_open = false};
        uint8_t forged[DG_EDHOC_MESSAGE_MAX];

        edhoc_run_fresh(&run, &crypto, 2);
        edhoc_run_method(&run, methods[m]);

        struct dg_edhoc *edhoc = &run.r.edhoc;

        assert_int_equal(dg_edhoc_r_park(edhoc, &pending), DG_E_STATE);
        assert_int_equal(dg_edhoc_r_resume(edhoc, &pending), DG_E_STATE);
        assert_int_equal(edhoc_run_to(&run, 2U), DG_OK);
        assert_int_equal(dg_edhoc_r_park(NULL, &pending), DG_E_USAGE);
        assert_int_equal(dg_edhoc_r_park(edhoc, NULL), DG_E_USAGE);
        assert_int_equal(dg_edhoc_r_park(edhoc, &pending), DG_OK);
        assert_memory_equal(edhoc, &zero, sizeof zero);
        assert_int_equal(edhoc_run_write(&run, 3U), DG_OK);
        assert_int_equal(dg_edhoc_r_resume(NULL, &pending), DG_E_USAGE);
        assert_int_equal(dg_edhoc_r_resume(edhoc, NULL), DG_E_USAGE);

        const size_t size = run.message[2].size;

        memcpy(forged, run.message[2].at, size);
        forged[size - 1U] ^= 1U;
        assert_int_equal(dg_edhoc_r_resume(edhoc, &pending), DG_OK);
        assert_int_equal(dg_edhoc_r_resume(edhoc, &pending), DG_E_STATE);
        assert_int_equal(edhoc_run_read(&run, 3U, (dg_span){forged, size}),
                         DG_E_AUTH);
        assert_int_equal(dg_edhoc_r_resume(edhoc, &pending), DG_OK);
        assert_int_equal(edhoc_run_read(&run, 3U, run.message[2]), DG_OK);
        assert_int_equal(edhoc_run_write(&run, 4U), DG_OK);
        assert_int_equal(edhoc_run_read(&run, 4U, run.message[3]), DG_OK);
        assert_memory_equal(
            &run.i.edhoc.prk_out, &run.r.edhoc.prk_out, DG_HASH_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edhoc__parked__goes_on_after_a_forgery),
        cmocka_unit_test(test_edhoc__negative_vectors__as_told),
        cmocka_unit_test(test_edhoc__rfc9529_invalid__all_refused),
        cmocka_unit_test(
            test_edhoc__any_byte_of_any_message_changed__never_done),
        cmocka_unit_test(test_edhoc__any_truncation__refused),
        cmocka_unit_test(test_edhoc__own_key_mirrored__reflection_refused),
        cmocka_unit_test(test_edhoc_r__own_key_mirrored__reflection_refused),
        cmocka_unit_test(test_edhoc_split__c_r_too_long__range),
        cmocka_unit_test(
            test_edhoc__own_cred_under_other_key__reflection_refused),
        cmocka_unit_test(test_edhoc__by_value__only_what_was_looked_up),
        cmocka_unit_test(test_edhoc_r__own_cred_by_value_in_message_3__auth),
        cmocka_unit_test(test_edhoc_i__own_ephemeral_comes_back__auth),
        cmocka_unit_test(test_edhoc__longest_parts__fit_and_one_more_does_not),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
