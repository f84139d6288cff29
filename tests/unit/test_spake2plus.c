/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "cmocka_all.h"
#include "core/p256_scalar.h"
#include "dosegate/spake2plus.h"
#include "ports/host/crypto_openssl.h"
#include "vectors.h"

static struct dg_crypto real;
static struct dg_crypto crypto; /* real, with the ephemeral key given */
static struct dg_secret next_key;
static unsigned fail_at; /* the n-th call of the port fails; 0: none does */

static bool is_failing(void)
{
    if (fail_at == 0U) {
        return false;
    }
    fail_at--;
    return fail_at == 0U;
}

static enum dg_status give_key(void *context,
                               struct dg_secret *private_key,
                               struct dg_public_key *public_key)
{
    *private_key = next_key;
    return is_failing() ? DG_E_PORT
                        : real.p256_public(context, &next_key, public_key);
}

static enum dg_status try_multiply(void *context,
                                   const struct dg_secret *scalar,
                                   const struct dg_public_key *point,
                                   struct dg_public_key *product)
{
    return is_failing() ? DG_E_PORT
                        : real.p256_multiply(context, scalar, point, product);
}

static enum dg_status try_add(void *context,
                              const struct dg_public_key *a,
                              const struct dg_public_key *b,
                              struct dg_public_key *sum)
{
    return is_failing() ? DG_E_PORT : real.p256_add(context, a, b, sum);
}

static enum dg_status try_sha256(void *context,
                                 const dg_span *parts,
                                 size_t count,
                                 struct dg_hash *hash)
{
    return is_failing() ? DG_E_PORT : real.sha256(context, parts, count, hash);
}

static enum dg_status try_hmac(void *context,
                               dg_span key,
                               const dg_span *parts,
                               size_t count,
                               struct dg_hash *mac)
{
    return is_failing() ? DG_E_PORT
                        : real.hmac_sha256(context, key, parts, count, mac);
}

/* One vector, decoded. */
struct vector {
    uint8_t context_room[128];
    uint8_t room[11][128];
    struct dg_spake2plus_names names;
    struct dg_spake2plus_secrets secrets;
    dg_span x;
    dg_span y;
    dg_span l;
    dg_span share_p;
    dg_span share_v;
    dg_span confirm_p;
    dg_span confirm_v;
    dg_span shared;
};

static struct vector vector;

static dg_span text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    return (dg_span){(const uint8_t *)text, strlen(text)};
}

static void load(const json_t *object)
{
    memset(&vector, 0, sizeof vector);
    vector.names.context = text_of(object, "context");
    vector.names.prover = text_of(object, "idProver");
    vector.names.verifier = text_of(object, "idVerifier");
    (void)vectors_get(object, "w0", DG_BUF_OF(vector.secrets.w0.byte));
    (void)vectors_get(object, "w1", DG_BUF_OF(vector.secrets.w1.byte));
    vector.x = vectors_get(object, "x", DG_BUF_OF(vector.room[0]));
    vector.y = vectors_get(object, "y", DG_BUF_OF(vector.room[1]));
    vector.l = vectors_get(object, "L", DG_BUF_OF(vector.room[2]));
    vector.share_p = vectors_get(object, "shareP", DG_BUF_OF(vector.room[3]));
    vector.share_v = vectors_get(object, "shareV", DG_BUF_OF(vector.room[4]));
    vector.confirm_p =
        vectors_get(object, "confirmP", DG_BUF_OF(vector.room[5]));
    vector.confirm_v =
        vectors_get(object, "confirmV", DG_BUF_OF(vector.room[6]));
    vector.shared = vectors_get(object, "K_shared", DG_BUF_OF(vector.room[7]));
}

static void use_key(dg_span key)
{
    assert_int_equal(key.size, sizeof next_key);
    memcpy(next_key.byte, key.at, key.size);
}

static struct dg_spake2plus_attempt started(void)
{
    struct dg_spake2plus_attempt attempt;

    use_key(vector.x);
    assert_int_equal(dg_spake2plus_start(&crypto, &vector.secrets, &attempt),
                     DG_OK);
    return attempt;
}

static struct dg_spake2plus_record registered(void)
{
    struct dg_spake2plus_record record;

    assert_int_equal(dg_spake2plus_register(&crypto, &vector.secrets, &record),
                     DG_OK);
    return record;
}

/* What the two ends hold after their steps. */
static uint8_t share_v[DG_SPAKE2PLUS_SHARE_SIZE];
static uint8_t confirm_v[DG_SPAKE2PLUS_CONFIRM_SIZE];
static uint8_t confirm_p[DG_SPAKE2PLUS_CONFIRM_SIZE];
static struct dg_spake2plus_pending pending;
static struct dg_secret shared;

static enum dg_status answer(const struct dg_spake2plus_record *record,
                             dg_span share_p)
{
    use_key(vector.y);
    return dg_spake2plus_answer(
        &crypto, record, &vector.names, share_p, share_v, confirm_v, &pending);
}

static enum dg_status finish(struct dg_spake2plus_attempt *attempt,
                             dg_span share,
                             dg_span confirm)
{
    return dg_spake2plus_finish(&crypto,
                                &vector.secrets,
                                &vector.names,
                                attempt,
                                share,
                                confirm,
                                confirm_p,
                                &shared);
}

static void same(dg_span got, dg_span want)
{
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.at, want.at, want.size);
}

/* Both ends, every value that leaves them. */
static void check_run(const json_t *object)
{
    load(object);

    struct dg_spake2plus_attempt attempt = started();
    const struct dg_spake2plus_record record = registered();

    same(DG_SPAN_OF(attempt.share_p), vector.share_p);
    assert_memory_equal(record.l.x, &vector.l.at[1], 32U);
    assert_memory_equal(record.l.y, &vector.l.at[33], 32U);
    assert_int_equal(answer(&record, vector.share_p), DG_OK);
    same(DG_SPAN_OF(share_v), vector.share_v);
    same(DG_SPAN_OF(confirm_v), vector.confirm_v);
    assert_int_equal(finish(&attempt, vector.share_v, vector.confirm_v), DG_OK);
    same(DG_SPAN_OF(confirm_p), vector.confirm_p);
    same(DG_SPAN_OF(shared.byte), vector.shared);
    assert_int_equal(dg_spake2plus_check(&pending, vector.confirm_p), DG_OK);
    same(DG_SPAN_OF(pending.shared.byte), vector.shared);
    /* x served one answer. */
    assert_int_equal(finish(&attempt, vector.share_v, vector.confirm_v),
                     DG_E_STATE);
}

static void test_spake2plus__rfc9383__every_value(void **state)
{
    json_t *root = vectors_load("spake2plus/rfc9383_p256.json");
    const json_t *object = NULL;
    size_t i = 0U;
    unsigned ran = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "vectors"), i, object)
    {
        /* The other three are for other hashes and MACs. */
        if (strcmp(json_string_value(json_object_get(object, "suite")),
                   "SPAKE2+-P256-SHA256-HKDF-SHA256-HMAC-SHA256") == 0) {
            check_run(object);
            ran++;
        }
    }
    assert_int_equal(i, 4U);
    assert_int_equal(ran, 1U);
    json_decref(root);
}

static void check_stretch(const json_t *object)
{
    const json_t *pbkdf = json_object_get(object, "pbkdf");
    struct dg_spake2plus_secrets secrets;
    uint8_t salt_room[64];
    const dg_span salt = vectors_get(pbkdf, "salt", DG_BUF_OF(salt_room));
    const json_t *iterations = json_object_get(pbkdf, "iterations");

    load(object);
    assert_int_equal(
        dg_spake2plus_stretch(&crypto,
                              text_of(object, "password"),
                              &vector.names,
                              salt,
                              (uint32_t)json_integer_value(iterations),
                              &secrets),
        DG_OK);
    assert_memory_equal(&secrets, &vector.secrets, sizeof secrets);
}

static void test_spake2plus__from_a_code__every_value(void **state)
{
    json_t *root = vectors_load("spake2plus/generated.json");
    const json_t *object = NULL;
    size_t i = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "vectors"), i, object)
    {
        check_stretch(object);
        check_run(object);
    }
    assert_int_equal(i, 3U);
    json_decref(root);
}

static bool is_text(const json_t *object, const char *name, const char *text)
{
    const char *got = json_string_value(json_object_get(object, name));

    return (got != NULL) && (strcmp(got, text) == 0);
}

/* Where each hostile message must be refused; at confirmation a try counts. */
static void check_negative(const json_t *object)
{
    static const uint8_t zeros[DG_SPAKE2PLUS_CONFIRM_SIZE];
    uint8_t room[128];
    const dg_span bytes = vectors_get(object, "hex", DG_BUF_OF(room));
    const bool is_late = is_text(object, "at", "confirmation");
    const enum dg_status want = is_late ? DG_E_AUTH : DG_E_RANGE;
    struct dg_spake2plus_attempt attempt = started();
    const struct dg_spake2plus_record record = registered();

    assert_true(is_text(object, "expect", "reject"));
    if (is_text(object, "share", "shareP") && is_late) {
        /* Well formed: the code shows at the confirmation only. */
        assert_int_equal(answer(&record, bytes), DG_OK);
        assert_int_equal(dg_spake2plus_check(&pending, vector.confirm_p),
                         DG_E_AUTH);
        assert_int_equal(
            finish(&attempt, DG_SPAN_OF(share_v), DG_SPAN_OF(confirm_v)),
            DG_E_AUTH);
    } else if (is_text(object, "share", "shareP")) {
        assert_int_equal(answer(&record, bytes), want);
    } else if (is_text(object, "share", "shareV")) {
        assert_int_equal(finish(&attempt, bytes, vector.confirm_v), want);
    } else if (is_text(object, "message", "confirmV")) {
        assert_int_equal(finish(&attempt, vector.share_v, bytes), want);
    } else {
        assert_true(is_text(object, "message", "confirmP"));
        assert_int_equal(answer(&record, vector.share_p), DG_OK);
        assert_int_equal(dg_spake2plus_check(&pending, bytes), want);
        /* The attempt is over: the good one comes too late, and what is left
         * of it is not confirmed by zeros. */
        assert_int_equal(dg_spake2plus_check(&pending, vector.confirm_p),
                         DG_E_STATE);
        assert_int_equal(dg_spake2plus_check(&pending, DG_SPAN_OF(zeros)),
                         DG_E_STATE);
    }
}

static void test_spake2plus__hostile_messages__refused_where_stated(
    void **state)
{
    json_t *root = vectors_load("spake2plus/generated.json");
    const json_t *object = NULL;
    size_t i = 0U;

    (void)state;
    load(json_array_get(json_object_get(root, "vectors"), 0U));
    json_array_foreach(json_object_get(root, "negative"), i, object)
    {
        check_negative(object);
    }
    assert_int_equal(i, 25U);
    json_decref(root);
}

/* Two live ends, without vectors. */
static void live(const char *phone_code,
                 const char *device_code,
                 const char *phone_context,
                 enum dg_status want)
{
    static const uint8_t salt[16] = {7U};
    const dg_span code = {(const uint8_t *)phone_code, strlen(phone_code)};
    const dg_span other = {(const uint8_t *)device_code, strlen(device_code)};
    const dg_span context = {(const uint8_t *)"context", 7U};
    const struct dg_spake2plus_names names = {
        context, {(const uint8_t *)"phone", 5U}, {(const uint8_t *)"pump", 4U}};
    struct dg_spake2plus_names phone_names = names;
    struct dg_spake2plus_secrets phone;
    struct dg_spake2plus_secrets device;
    struct dg_spake2plus_record record;
    struct dg_spake2plus_attempt attempt;

    phone_names.context =
        (dg_span){(const uint8_t *)phone_context, strlen(phone_context)};
    assert_int_equal(
        dg_spake2plus_stretch(
            &real, code, &phone_names, DG_SPAN_OF(salt), 10U, &phone),
        DG_OK);
    assert_int_equal(dg_spake2plus_stretch(
                         &real, other, &names, DG_SPAN_OF(salt), 10U, &device),
                     DG_OK);
    assert_int_equal(dg_spake2plus_register(&real, &device, &record), DG_OK);
    assert_int_equal(dg_spake2plus_start(&real, &phone, &attempt), DG_OK);
    assert_int_equal(dg_spake2plus_answer(&real,
                                          &record,
                                          &names,
                                          DG_SPAN_OF(attempt.share_p),
                                          share_v,
                                          confirm_v,
                                          &pending),
                     DG_OK);
    memset(confirm_p, 0, sizeof confirm_p);
    assert_int_equal(dg_spake2plus_finish(&real,
                                          &phone,
                                          &phone_names,
                                          &attempt,
                                          DG_SPAN_OF(share_v),
                                          DG_SPAN_OF(confirm_v),
                                          confirm_p,
                                          &shared),
                     want);
    assert_int_equal(dg_spake2plus_check(&pending, DG_SPAN_OF(confirm_p)),
                     want);
}

static void test_spake2plus__live__right_code_only(void **state)
{
    (void)state;
    for (unsigned i = 0U; i < 4U; i++) {
        live("48213907", "48213907", "context", DG_OK);
    }
    assert_memory_equal(&pending.shared, &shared, sizeof shared);
    live("48213907", "48213908", "context", DG_E_AUTH);
    live("48213907", "48213907", "contexT", DG_E_AUTH);
}

/* Whoever sends the device's own messages back to it, or plays the verifier
 * towards a phone without knowing the code, learns nothing and gets nowhere. */
static void test_spake2plus__swapped_roles_and_reflection__refused(void **state)
{
    static const uint8_t salt[16] = {7U};
    const dg_span code = {(const uint8_t *)"48213907", 8U};
    struct dg_spake2plus_names names = {{(const uint8_t *)"context", 7U},
                                        {(const uint8_t *)"phone", 5U},
                                        {(const uint8_t *)"pump", 4U}};
    struct dg_spake2plus_secrets secrets;
    struct dg_spake2plus_record record;
    struct dg_spake2plus_attempt attempt;
    struct dg_spake2plus_attempt second;
    uint8_t reflected[DG_SPAKE2PLUS_SHARE_SIZE];
    uint8_t reflected_confirm[DG_SPAKE2PLUS_CONFIRM_SIZE];

    (void)state;
    assert_int_equal(dg_spake2plus_stretch(
                         &real, code, &names, DG_SPAN_OF(salt), 10U, &secrets),
                     DG_OK);
    assert_int_equal(dg_spake2plus_register(&real, &secrets, &record), DG_OK);
    /* Two phones that know the code do not pair with each other. */
    assert_int_equal(dg_spake2plus_start(&real, &secrets, &attempt), DG_OK);
    assert_int_equal(dg_spake2plus_start(&real, &secrets, &second), DG_OK);
    memcpy(reflected, second.share_p, sizeof reflected);
    memset(reflected_confirm, 0, sizeof reflected_confirm);
    assert_int_equal(dg_spake2plus_finish(&real,
                                          &secrets,
                                          &names,
                                          &attempt,
                                          DG_SPAN_OF(reflected),
                                          DG_SPAN_OF(reflected_confirm),
                                          confirm_p,
                                          &shared),
                     DG_E_AUTH);
    /* The device's share sent back as a prover's, its confirmation too. */
    assert_int_equal(dg_spake2plus_answer(&real,
                                          &record,
                                          &names,
                                          DG_SPAN_OF(second.share_p),
                                          share_v,
                                          confirm_v,
                                          &pending),
                     DG_OK);
    memcpy(reflected, share_v, sizeof reflected);
    memcpy(reflected_confirm, confirm_v, sizeof reflected_confirm);
    assert_int_equal(
        dg_spake2plus_check(&pending, DG_SPAN_OF(reflected_confirm)),
        DG_E_AUTH);
    assert_int_equal(dg_spake2plus_answer(&real,
                                          &record,
                                          &names,
                                          DG_SPAN_OF(reflected),
                                          share_v,
                                          confirm_v,
                                          &pending),
                     DG_OK);
    assert_int_equal(
        dg_spake2plus_check(&pending, DG_SPAN_OF(reflected_confirm)),
        DG_E_AUTH);
    /* Names the other way round. */
    const dg_span prover = names.prover;

    assert_int_equal(dg_spake2plus_start(&real, &secrets, &attempt), DG_OK);
    assert_int_equal(dg_spake2plus_answer(&real,
                                          &record,
                                          &names,
                                          DG_SPAN_OF(attempt.share_p),
                                          share_v,
                                          confirm_v,
                                          &pending),
                     DG_OK);
    names.prover = names.verifier;
    names.verifier = prover;
    assert_int_equal(dg_spake2plus_finish(&real,
                                          &secrets,
                                          &names,
                                          &attempt,
                                          DG_SPAN_OF(share_v),
                                          DG_SPAN_OF(confirm_v),
                                          confirm_p,
                                          &shared),
                     DG_E_AUTH);
}

/* The n-th operation of the port fails: nothing comes out, nothing stays. */
static void test_spake2plus__port_fails_anywhere__nothing_written(void **state)
{
    static const struct dg_spake2plus_pending none;
    static const struct dg_secret zero;
    json_t *root = vectors_load("spake2plus/generated.json");
    unsigned failed = 0U;

    (void)state;
    load(json_array_get(json_object_get(root, "vectors"), 0U));

    const struct dg_spake2plus_record record = registered();

    for (unsigned i = 1U; i < 32U; i++) {
        memset(&pending, 0, sizeof pending);
        fail_at = i;
        if (answer(&record, vector.share_p) != DG_OK) {
            assert_memory_equal(&pending, &none, sizeof none);
            failed++;
        }
        fail_at = 0U;

        struct dg_spake2plus_attempt attempt = started();

        memset(&shared, 0, sizeof shared);
        fail_at = i;
        if (finish(&attempt, vector.share_v, vector.confirm_v) != DG_OK) {
            assert_memory_equal(&shared, &zero, sizeof zero);
            failed++;
        }
        fail_at = i;
        use_key(vector.x);
        if (dg_spake2plus_start(&crypto, &vector.secrets, &attempt) != DG_OK) {
            assert_int_equal(attempt.share_p[0], 0U);
            failed++;
        }
        fail_at = 0U;
    }
    assert_true(failed >= 28U);
    json_decref(root);
}

static void test_spake2plus__arguments__refused(void **state)
{
    static const uint8_t salt[65] = {1U};
    static const uint8_t text[DG_SPAKE2PLUS_INPUT_MAX + 1U] = {'1'};
    const dg_span code = {text, 8U};
    struct dg_spake2plus_names names = {{text, 1U}, {text, 1U}, {text, 1U}};
    struct dg_spake2plus_secrets secrets;
    struct dg_spake2plus_record record;
    struct dg_spake2plus_attempt attempt;

    (void)state;
    memset(&secrets, 0, sizeof secrets);
    assert_int_equal(
        dg_spake2plus_stretch(
            &real, code, &names, (dg_span){salt, 0U}, 1U, &secrets),
        DG_E_USAGE);
    assert_int_equal(
        dg_spake2plus_stretch(
            &real, code, &names, (dg_span){salt, 65U}, 1U, &secrets),
        DG_E_USAGE);
    assert_int_equal(
        dg_spake2plus_stretch(
            &real, code, &names, (dg_span){salt, 16U}, 0U, &secrets),
        DG_E_USAGE);
    assert_int_equal(dg_spake2plus_stretch(&real,
                                           (dg_span){text, sizeof text - 2U},
                                           &names,
                                           (dg_span){salt, 16U},
                                           1U,
                                           &secrets),
                     DG_E_USAGE);
    assert_int_equal(dg_spake2plus_stretch(&real,
                                           (dg_span){text, sizeof text - 3U},
                                           &names,
                                           (dg_span){salt, 64U},
                                           1U,
                                           &secrets),
                     DG_OK);
    names.prover.at = NULL;
    assert_int_equal(
        dg_spake2plus_stretch(
            &real, code, &names, (dg_span){salt, 16U}, 1U, &secrets),
        DG_E_USAGE);
    /* Scalars of zero are no secrets. */
    secrets.w0 = (struct dg_secret){{0U}};
    assert_int_equal(dg_spake2plus_register(&real, &secrets, &record),
                     DG_E_RANGE);
    assert_int_equal(dg_spake2plus_start(&real, &secrets, &attempt),
                     DG_E_RANGE);
    secrets.w0.byte[31] = 1U;
    secrets.w1 = (struct dg_secret){{0U}};
    assert_int_equal(dg_spake2plus_register(&real, &secrets, &record),
                     DG_E_RANGE);
    assert_int_equal(dg_spake2plus_register(NULL, &secrets, &record),
                     DG_E_USAGE);
    assert_int_equal(dg_spake2plus_start(&real, NULL, &attempt), DG_E_USAGE);
    assert_int_equal(dg_spake2plus_check(NULL, code), DG_E_USAGE);
}

/* Long division on bytes, written another way: subtract n shifted, from the
 * top, as often as it goes. */
static void divide(const uint8_t wide[40], uint8_t rest[32])
{
    uint8_t order[32];
    int number[40];

    (void)vectors_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2"
                      "fc632551",
                      DG_BUF_OF(order));
    for (unsigned i = 0U; i < 40U; i++) {
        number[i] = wide[i];
    }
    for (unsigned shift = 0U; shift <= 8U; shift++) {
        for (;;) {
            int trial[40];
            int borrow = 0;

            memcpy(trial, number, sizeof trial);
            for (unsigned i = 32U; i > 0U; i--) {
                int *digit = &trial[shift + i - 1U];

                *digit -= (int)order[i - 1U] + borrow;
                borrow = (*digit < 0) ? 1 : 0;
                *digit += 256 * borrow;
            }
            for (unsigned i = shift; (i > 0U) && (borrow != 0); i--) {
                trial[i - 1U] -= borrow;
                borrow = (trial[i - 1U] < 0) ? 1 : 0;
                trial[i - 1U] += 256 * borrow;
            }
            if (borrow != 0) {
                break;
            }
            memcpy(number, trial, sizeof number);
        }
    }
    for (unsigned i = 0U; i < 32U; i++) {
        rest[i] = (uint8_t)number[8U + i];
    }
}

static void test_p256_reduce__edges_and_random__as_long_division(void **state)
{
    uint8_t wide[40];
    uint8_t want[32];
    struct dg_secret got;

    (void)state;
    for (unsigned round = 0U; round < 2000U; round++) {
        if (round < 8U) {
            /* 0, all ones, n - 1, n, n + 1, and n shifted up. */
            memset(wide, (round == 1U) ? 0xFF : 0, sizeof wide);
            if (round >= 2U) {
                (void)vectors_hex("ffffffff00000000ffffffffffffffffbce6faada717"
                                  "9e84f3b9cac2fc632551",
                                  (dg_buf){&wide[(round < 5U) ? 8U : 0U], 32U});
                wide[39] = (round < 5U) ? (uint8_t)(0x50U + round - 2U)
                                        : (uint8_t)(round - 5U);
            }
        } else {
            assert_int_equal(real.random(real.context, DG_BUF_OF(wide)), DG_OK);
            memset(wide, 0, round % 12U);
        }
        divide(wide, want);
        dg_p256_reduce(wide, &got);
        assert_memory_equal(got.byte, want, sizeof want);
    }
}

static int set_up(void **state)
{
    (void)state;
    if (dg_crypto_openssl_init(&real) != DG_OK) {
        return -1;
    }
    crypto = real;
    crypto.p256_generate = give_key;
    crypto.p256_multiply = try_multiply;
    crypto.p256_add = try_add;
    crypto.sha256 = try_sha256;
    crypto.hmac_sha256 = try_hmac;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&real);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spake2plus__rfc9383__every_value),
        cmocka_unit_test(test_spake2plus__from_a_code__every_value),
        cmocka_unit_test(
            test_spake2plus__hostile_messages__refused_where_stated),
        cmocka_unit_test(test_spake2plus__live__right_code_only),
        cmocka_unit_test(
            test_spake2plus__swapped_roles_and_reflection__refused),
        cmocka_unit_test(test_spake2plus__port_fails_anywhere__nothing_written),
        cmocka_unit_test(test_spake2plus__arguments__refused),
        cmocka_unit_test(test_p256_reduce__edges_and_random__as_long_division),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
