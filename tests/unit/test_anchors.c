/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/anchors.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/anchors_parts.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"
#include "vector_file.h"

/* Roots and revocation: only what the operator signed, only now, never an
 * older file than one taken before.  @verifies{FDP_ATT.6@1} */

#define NOW_S 1800000000

static struct dg_crypto crypto;
static struct dg_secret secret;
static struct dg_public_key signer;
static char *roots;
static char reason[DG_REASON_MAX];

static int start(void **state)
{
    (void)state;
    roots = file_text(DG_ROOTS);
    return ((dg_crypto_openssl_init(&crypto) == DG_OK) &&
            (crypto.p256_generate(crypto.context, &secret, &signer) == DG_OK))
               ? 0
               : 1;
}

static int stop(void **state)
{
    (void)state;
    free(roots);
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static dg_buf sign(dg_span payload, const char *purpose)
{
    dg_buf room = {malloc(payload.size + 256U), payload.size + 256U};
    dg_span file;

    assert_non_null(room.at);
    assert_int_equal(
        dg_cose_sign1(&crypto,
                      &secret,
                      (dg_span){NULL, 0U},
                      (dg_span){(const uint8_t *)purpose, strlen(purpose)},
                      payload,
                      room,
                      &file),
        DG_OK);
    (void)memmove(room.at, file.at, file.size);
    room.capacity = file.size;
    return room;
}

static dg_buf make(const char *status_json, const struct dg_anchors_head *head)
{
    dg_buf payload = {NULL, 0U};
    size_t size = 0U;

    assert_int_equal(
        dg_anchors_make(roots, status_json, head, &payload, &size, reason),
        DG_OK);
    dg_buf file = sign((dg_span){payload.at, size}, DG_ANCHORS_PURPOSE);

    free(payload.at);
    return file;
}

static enum dg_status open_at(dg_buf file,
                              int64_t at_s,
                              uint32_t version_min,
                              struct dg_anchors **anchors)
{
    return dg_anchors_open(&crypto,
                           &signer,
                           (dg_span){file.at, file.capacity},
                           at_s,
                           version_min,
                           anchors,
                           reason);
}

static enum dg_status try_at(dg_buf file, int64_t at_s, uint32_t version_min)
{
    struct dg_anchors *anchors = NULL;
    const enum dg_status status = open_at(file, at_s, version_min, &anchors);

    assert_int_equal(status == DG_OK, anchors != NULL);
    assert_int_equal(status == DG_OK, reason[0] == '\0');
    dg_anchors_free(anchors);
    return status;
}

static const struct dg_anchors_head usual = {.version = 7U,
                                             .issued_s = NOW_S,
                                             .expires_s = NOW_S + 86400,
                                             .listed_s = NOW_S - 60};

static const char list[] = "{\"entries\":{\"A1\":{}}}";
static const char good_list[] =
    "{\"entries\":{\"6681152659205225093\":{\"status\":\"REVOKED\"},"
    "\"a1\":{\"status\":\"SUSPENDED\"},\"00a1\":{\"status\":\"REVOKED\"},"
    "\"c35747a084470c3135aeefe2b8d40cd6\":{\"status\":\"REVOKED\"}}}";

static bool is_revoked(const struct dg_anchors *anchors, const char *hex)
{
    dg_buf serial = hex_bytes(hex);
    const bool found =
        dg_anchors_is_revoked(anchors, (dg_span){serial.at, serial.capacity});

    free(serial.at);
    return found;
}

static void test_anchors__signed_file__tells_roots_and_revoked(void **state)
{
    struct dg_anchors *anchors = NULL;
    dg_buf file = make(good_list, &usual);

    (void)state;
    assert_int_equal(open_at(file, NOW_S + 1, 7U, &anchors), DG_OK);
    const struct dg_anchors_head head = dg_anchors_head(anchors);

    assert_int_equal(head.version, 7U);
    assert_int_equal(head.roots, 3U);
    assert_int_equal(head.revoked, 3U); /* "a1" and "00a1" are one */
    assert_true(head.has_revocation);
    assert_int_equal(head.listed_s, usual.listed_s);
    assert_true(is_revoked(anchors, "a1"));
    assert_true(is_revoked(anchors, "c35747a084470c3135aeefe2b8d40cd6"));
    assert_false(is_revoked(anchors, "a2"));
    assert_false(is_revoked(anchors, "00a1"));
    assert_false(is_revoked(anchors, "c35747a084470c3135aeefe2b8d40cd7"));
    dg_anchors_free(anchors);
    free(file.at);
}

static void test_anchors__dates_and_version__edges(void **state)
{
    dg_buf file = make(good_list, &usual);

    (void)state;
    assert_int_equal(try_at(file, NOW_S - 1, 0U), DG_E_STATE);
    assert_int_equal(try_at(file, NOW_S, 0U), DG_OK);
    assert_int_equal(try_at(file, usual.expires_s, 0U), DG_OK);
    assert_int_equal(try_at(file, usual.expires_s + 1, 0U), DG_E_STATE);
    assert_int_equal(try_at(file, NOW_S, 7U), DG_OK);
    assert_int_equal(try_at(file, NOW_S, 8U), DG_E_REPLAY);
    free(file.at);
}

static void test_anchors__dates_that_contradict__refused(void **state)
{
    static const struct dg_anchors_head cases[] = {
        {.version = 1U, .issued_s = NOW_S, .expires_s = NOW_S},
        {.version = 1U,
         .issued_s = NOW_S,
         .expires_s = NOW_S + (int64_t)DG_ANCHOR_LIFE_S_MAX + 1},
        {.version = 1U,
         .issued_s = NOW_S,
         .expires_s = NOW_S + 60,
         .listed_s = NOW_S + 1},
    };

    (void)state;
    for (size_t i = 0; i < 3U; i++) {
        dg_buf file = make(good_list, &cases[i]);

        assert_int_equal(try_at(file, NOW_S, 0U), DG_E_RANGE);
        free(file.at);
    }
    const struct dg_anchors_head zero = {
        .version = 0U, .issued_s = NOW_S, .expires_s = NOW_S + 60};
    dg_buf file = make(NULL, &zero);

    assert_int_equal(try_at(file, NOW_S, 0U), DG_E_MALFORMED);
    free(file.at);
}

/* The attack: another key, another purpose, a changed or shortened file. */
static void test_anchors__forged__refused(void **state)
{
    dg_buf file = make(good_list, &usual);
    struct dg_anchors *anchors = NULL;
    struct dg_secret other;
    struct dg_public_key other_key;

    (void)state;
    assert_int_equal(crypto.p256_generate(crypto.context, &other, &other_key),
                     DG_OK);
    assert_int_equal(dg_anchors_open(&crypto,
                                     &other_key,
                                     (dg_span){file.at, file.capacity},
                                     NOW_S,
                                     0U,
                                     &anchors,
                                     reason),
                     DG_E_AUTH);
    assert_null(anchors);
    for (size_t i = 0; i < file.capacity; i += 13U) {
        file.at[i] ^= 0x04U;
        assert_int_not_equal(try_at(file, NOW_S, 0U), DG_OK);
        file.at[i] ^= 0x04U;
    }
    const size_t whole = file.capacity;

    for (size_t size = 0U; size < whole; size += 11U) {
        file.capacity = size;
        assert_int_not_equal(try_at(file, NOW_S, 0U), DG_OK);
    }
    free(file.at);

    dg_buf payload = {NULL, 0U};
    size_t size = 0U;

    assert_int_equal(
        dg_anchors_make(roots, good_list, &usual, &payload, &size, reason),
        DG_OK);
    file = sign((dg_span){payload.at, size}, "dosegate policy 1");
    assert_int_equal(try_at(file, NOW_S, 0U), DG_E_AUTH);
    free(file.at);
    free(payload.at);
}

static void test_anchors__lists_that_are_none__say_why(void **state)
{
    static const struct {
        const char *roots;
        const char *status;
        const char *words;
    } cases[] = {
        {"{", NULL, "roots, line 1"},
        {"{}", NULL, "1 to 16"},
        {"{\"roots\":[]}", NULL, "1 to 16"},
        {"{\"roots\":[{\"kind\":\"android-key\"}]}", NULL, "no name"},
        {"{\"roots\":[{\"name\":\"x\",\"kind\":\"y\"}]}", NULL, "no such kind"},
        {"{\"roots\":[{\"name\":\"x\",\"kind\":\"android-key\"}]}",
         NULL,
         "until"},
        {"{\"roots\":[{\"name\":\"x\",\"kind\":\"android-key\",\"until\":1,"
         "\"subject\":\"30g0\",\"key\":\"30\"}]}",
         NULL,
         "no hex"},
        {NULL, "{\"entries\":{\"0x1\":{}}}", "no serial number"},
        {NULL, list, "no serial number"},
        {NULL, "{\"entries\":{\"\":{}}}", "no serial number"},
        {NULL, "{}", "entries"},
        {NULL, "[", "status list, line 1"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(cases) / sizeof(cases[0])); i++) {
        dg_buf payload = {NULL, 0U};
        size_t size = 0U;

        assert_int_equal(
            dg_anchors_make((cases[i].roots != NULL) ? cases[i].roots : roots,
                            cases[i].status,
                            &usual,
                            &payload,
                            &size,
                            reason),
            DG_E_MALFORMED);
        assert_null(payload.at);
        assert_non_null(strstr(reason, cases[i].words));
    }
}

static void test_anchors__shipped_roots__without_revocation(void **state)
{
    struct dg_anchors *anchors = NULL;

    (void)state;
    assert_int_equal(dg_anchors_from_roots(roots, &anchors, reason), DG_OK);
    assert_int_equal(dg_anchors_head(anchors).roots, 3U);
    assert_false(dg_anchors_head(anchors).has_revocation);
    dg_anchors_free(anchors);
    assert_int_equal(dg_anchors_from_roots("{\"roots\":[{\"name\":\"x\","
                                           "\"kind\":\"android-key\","
                                           "\"until\":1,\"subject\":\"3000\","
                                           "\"key\":\"3000\"}]}",
                                           &anchors,
                                           reason),
                     DG_E_MALFORMED);
    assert_null(anchors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anchors__signed_file__tells_roots_and_revoked),
        cmocka_unit_test(test_anchors__dates_and_version__edges),
        cmocka_unit_test(test_anchors__dates_that_contradict__refused),
        cmocka_unit_test(test_anchors__forged__refused),
        cmocka_unit_test(test_anchors__lists_that_are_none__say_why),
        cmocka_unit_test(test_anchors__shipped_roots__without_revocation),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
