/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/service/request.h"

/* What a phone may send, and that each refusal names field and remedy. */

#define HEX8     "0011223344556677"
#define HEX16    HEX8 HEX8
#define HEX64    HEX16 HEX16 HEX16 HEX16
#define EVIDENCE "\"evidence\":[{\"kind\":\"android-key\",\"bytes\":\"QUJD\"}]"
#define START                                                           \
    "{\"device\":\"" HEX8 "\",\"nonce\":\"" HEX16 "\",\"key\":\"" HEX64 \
    "\",\"presence\":\"" HEX64 "\","

static struct dg_ticket_request request;
static struct dg_request_problem problem;

static enum dg_status read_text(const char *text)
{
    return dg_ticket_request_read(
        (dg_span){(const uint8_t *)text, strlen(text)}, &request, &problem);
}

static void test_request__whole__read(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(START "\"key_id\":\"" HEX16 HEX16
                        "\",\"requalification\":\"QQ==\",\"evidence\":["
                        "{\"kind\":\"apple-assertion\",\"bytes\":\"QUI=\"},"
                        "{\"kind\":\"android-key\",\"bytes\":\"QUJD\"}]}"),
        DG_OK);
    assert_int_equal(request.device.byte[1], 0x11);
    assert_int_equal(request.nonce.byte[15], 0x77);
    assert_int_equal(request.key.y[31], 0x77);
    assert_int_equal(request.evidences, 2);
    assert_int_equal(request.kind[0], DG_KIND_APPLE_ASSERTION);
    assert_int_equal(request.kind[1], DG_KIND_ANDROID_KEY);
    assert_int_equal(request.evidence[0].size, 2);
    assert_memory_equal(request.evidence[1].at, "ABC", 3);
    assert_true(request.has_key_id);
    assert_int_equal(request.requalification.size, 1);
}

/* @verifies{FDP_ATTEST.1@1} */
static void test_request__bad__names_field_and_remedy(void **state)
{
    static const struct {
        const char *text;
        const char *field;
    } bad[] = {
        {"[]", "request"},
        {"{", "request"},
        {"{} {}", "request"},
        {"{\"device\":\"a\",\"device\":\"a\"}", "request"},
        {"{}", "device"},
        {"{\"device\":7}", "device"},
        {"{\"device\":\"00\"}", "device"},
        {"{\"device\":\"001122334455667X\"}", "device"},
        {"{\"device\":\"001122334455667A\"}", "device"},
        {"{\"device\":\"" HEX8 "\"}", "nonce"},
        {START EVIDENCE ",\"more\":1}", "request"},
        {START "\"evidence\":{}}", "evidence"},
        {START "\"evidence\":[]}", "evidence"},
        {START "\"evidence\":[1]}", "evidence"},
        {START "\"evidence\":[{\"kind\":\"android-key\"}]}", "evidence"},
        {START "\"evidence\":[{\"kind\":\"x\",\"bytes\":\"QUJD\"}]}",
         "evidence.kind"},
        {START "\"evidence\":[{\"kind\":\"android-key\",\"bytes\":\"QUJ\"}]}",
         "evidence.bytes"},
        {START EVIDENCE ",\"key_id\":\"00\"}", "key_id"},
        {START EVIDENCE ",\"requalification\":\"!\"}", "requalification"},
        {START EVIDENCE ",\"requalification\":5}", "requalification"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        assert_int_equal(read_text(bad[i].text), DG_E_MALFORMED);
        assert_string_equal(problem.field, bad[i].field);
        assert_true(strlen(problem.problem) > 0U);
        assert_true(strlen(problem.remedy) > 0U);
    }
}

static void test_request__three_pieces_or_too_large__refused(void **state)
{
    const size_t letters = 4U * ((DG_EVIDENCE_SIZE_MAX + 3U) / 3U);
    char *text = malloc(2U * DG_REQUEST_SIZE_MAX);
    int used = 0;

    (void)state;
    assert_non_null(text);
    used = sprintf(text,
                   START "\"evidence\":[{\"kind\":\"android-key\","
                         "\"bytes\":\"");
    memset(&text[used], 'A', letters);
    memcpy(&text[(size_t)used + letters], "\"}]}", 5);
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_string_equal(problem.field, "evidence.bytes");

    /* One quartet less, and it fits. */
    memcpy(&text[(size_t)used + letters - 4U], "\"}]}", 5);
    assert_int_equal(read_text(text), DG_OK);
    assert_int_equal(request.evidence[0].size, DG_EVIDENCE_SIZE_MAX - 1U);

    memset(text, ' ', DG_REQUEST_SIZE_MAX + 1U);
    text[DG_REQUEST_SIZE_MAX + 1U] = '\0';
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_string_equal(problem.field, "request");
    free(text);
}

/* Deep nesting must cost no stack. */
static void test_request__brackets__refused(void **state)
{
    char *text = malloc(DG_REQUEST_SIZE_MAX + 1U);

    (void)state;
    assert_non_null(text);
    memset(text, '[', DG_REQUEST_SIZE_MAX);
    text[DG_REQUEST_SIZE_MAX] = '\0';
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request__whole__read),
        cmocka_unit_test(test_request__bad__names_field_and_remedy),
        cmocka_unit_test(test_request__three_pieces_or_too_large__refused),
        cmocka_unit_test(test_request__brackets__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
