/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "domain/gateway_json.h"

static struct dg_internal message;
static enum dg_gateway_op op;
static char why[DG_GATEWAY_WHY_MAX];
static char text[DG_GATEWAY_TEXT_MAX];

static enum dg_status take(const char *line)
{
    why[0] = '\0';
    return dg_gateway_read(line, &op, &message, why);
}

static void test_gateway_json__good_requests__read(void **state)
{
    (void)state;
    assert_int_equal(take("{\"op\":\"status\"}"), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_STATUS);
    assert_int_equal(take("{\"op\":\"bolus\",\"mU\":2000}"), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_DOSE);
    assert_int_equal(message.as.app.effect.amount.mU, 2000);
    assert_false(message.as.app.again);
    assert_int_equal(take("{\"again\":true, \"mU\":50, \"op\":\"bolus\"}"),
                     DG_OK);
    assert_true(message.as.app.again);
    assert_int_equal(take("{\"op\":\"bolus\",\"mU\":50,\"over_s\":1800}"),
                     DG_OK);
    assert_int_equal(message.as.app.effect.form, DG_FORM_EXTENDED);
    assert_int_equal(message.as.app.effect.duration.s, 1800);
    assert_int_equal(take("{\"op\":\"temporary-basal\",\"mU_per_h\":500,"
                          "\"over_s\":60}"),
                     DG_OK);
    assert_int_equal(message.as.app.effect.kind, DG_EFFECT_BASAL);
    assert_int_equal(message.as.app.effect.rate.mU_per_h, 500);
    assert_int_equal(take("{\"op\":\"prime\",\"mU\":50}"), DG_OK);
    assert_int_equal(message.as.app.effect.kind, DG_EFFECT_PRIME);
    assert_int_equal(take("{\"op\":\"refill\",\"mU\":300000}"), DG_OK);
    assert_int_equal(message.as.app.effect.setting, DG_SETTING_REFILL);
    assert_int_equal(take("{\"op\":\"sensor\"}"), DG_OK);
    assert_true(dg_effect_is_sound(&message.as.app.effect));
    assert_int_equal(take("{\"op\":\"basal\",\"mU_per_h\":500,\"hour\":23,"
                          "\"hours\":1}"),
                     DG_OK);
    assert_true(dg_effect_is_sound(&message.as.app.effect));
    assert_int_equal(take("{\"op\":\"bolus\",\"mU\":50,\"over_s\":1799}"),
                     DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"basal\",\"mU_per_h\":500,\"hour\":23,"
                          "\"hours\":2}"),
                     DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"temporary-basal\",\"mU_per_h\":0,"
                          "\"over_s\":60}"),
                     DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"prime\",\"mU\":\"50\"}"), DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"attest\",\"head\":\"d284\"}"), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_ATTEST);
    assert_true(message.as.app.ticket.is_head);
    assert_int_equal(message.as.app.ticket.size, 2);
    assert_int_equal(take("{\"op\":\"attest\",\"ticket\":\"d284\"}"), DG_OK);
    assert_false(message.as.app.ticket.is_head);
    assert_int_equal(
        take("{\"op\":\"attest\",\"ticket\":\"d2\",\"head\":\"d2\"}"),
        DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"stop\"}"), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_STOP);
    assert_int_equal(take("{\"op\":\"watch\"}"), DG_OK);
    assert_int_equal(op, DG_GATEWAY_WATCH);
    assert_int_equal(
        take("{\"op\":\"pair\",\"code\":\"00ffA5\",\"name\":\"me\","
             "\"role\":\"caregiver\"}"),
        DG_OK);
    assert_int_equal(message.as.app.pair.code.size, 3);
    assert_int_equal(message.as.app.pair.code.byte[2], 0xA5);
    assert_int_equal(message.as.app.pair.role, DG_ROLE_CAREGIVER);
    assert_int_equal(message.as.app.pair.name_size, 2);
    assert_int_equal(
        take("{\"op\":\"pair\",\"code\":\"01234567\",\"name\":\"me\","
             "\"role\":\"owner\"}"),
        DG_OK);
    assert_int_equal(message.as.app.pair.code.size, 8);
    assert_memory_equal(message.as.app.pair.code.byte, "01234567", 8);
    assert_int_equal(take("{\"op\":\"journal\",\"ask\":\"peaks\",\"from\":7,"
                          "\"skip\":2}"),
                     DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_JOURNAL);
    assert_int_equal(message.as.app.journal.verb, DG_JOURNAL_ASK_PEAKS);
    assert_int_equal(message.as.app.journal.first, 7);
    assert_int_equal(message.as.app.journal.skip, 2);
    assert_int_equal(
        take("{\"op\":\"journal\",\"ask\":\"exported\",\"head\":\"d284\"}"),
        DG_OK);
    assert_int_equal(message.as.app.journal.head.size, 2);
    assert_int_equal(message.as.app.journal.head.byte[1], 0x84);
}

static void test_gateway_json__good_orders__read(void **state)
{
    char line[DG_GATEWAY_TEXT_MAX];

    (void)state;
    assert_int_equal(take("{\"op\":\"phones\"}"), DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_ORDER);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_PHONES);
    assert_int_equal(take("{\"op\":\"revoke\",\"slot\":3}"), DG_OK);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_REVOKE);
    assert_int_equal(message.as.app.order.slot, 3);
    assert_int_equal(take("{\"op\":\"lease\",\"verb\":\"give\",\"slot\":2}"),
                     DG_OK);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_GIVE);
    assert_int_equal(message.as.app.order.slot, 2);
    assert_int_equal(take("{\"op\":\"suspend\",\"seconds\":1800}"), DG_OK);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_SUSPEND);
    assert_int_equal(message.as.app.order.seconds, 1800);
    assert_int_equal(take("{\"op\":\"suspend\",\"seconds\":0}"),
                     DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"suspend\",\"seconds\":86401}"),
                     DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"suspend\"}"), DG_E_MALFORMED);
    assert_int_equal(take("{\"op\":\"resume\"}"), DG_OK);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_RESUME);
    assert_int_equal(take("{\"op\":\"lease\",\"verb\":\"release\"}"), DG_OK);
    assert_int_equal(message.as.app.order.verb, DG_ORDER_RELEASE);
    assert_int_equal(take("{\"op\":\"update\",\"verb\":\"part\",\"bytes\":"
                          "\"00ff10\",\"offset\":4294967295}"),
                     DG_OK);
    assert_int_equal(message.type, DG_INTERNAL_APP_CARRY);
    assert_int_equal(message.as.app.carry.verb, DG_UPDATE_PART);
    assert_int_equal(message.as.app.carry.size, 3);
    assert_int_equal(message.as.app.carry.byte[1], 0xFF);
    assert_int_equal(message.as.app.carry.offset, UINT32_MAX);

    /* The longest that fits, and a byte more. */
    for (unsigned more = 0; more < 2U; more++) {
        char hex[2U * DG_UPDATE_CHUNK + 3U];

        memset(hex, 'a', sizeof(hex));
        hex[2U * (DG_UPDATE_CHUNK + more)] = '\0';
        (void)snprintf(
            line,
            sizeof(line),
            "{\"op\":\"update\",\"verb\":\"offer\",\"bytes\":\"%s\"}",
            hex);
        assert_true(strlen(line) < 1023U);
        assert_int_equal(take(line), (more == 0U) ? DG_OK : DG_E_MALFORMED);
    }
}

static void test_gateway_json__phones_and_progress__written(void **state)
{
    struct dg_phones_note phones = {.tag = 1};
    const struct dg_progress_note note = {
        1, DG_UPDATE_RECEIVING, DG_UPDATE_ORDER, 256, UINT32_MAX};

    (void)state;
    phones.phone[1].role = DG_ROLE_CAREGIVER;
    phones.phone[1].name_size = 2;
    memcpy(phones.phone[1].name, "\xFF!", 2); /* no text */
    phones.phone[3].role = DG_ROLE_OWNER;
    phones.phone[3].has_session = true;
    phones.phone[3].name_size = 2;
    memcpy(phones.phone[3].name, "\"n", 2);
    dg_gateway_write_phones(&phones, text);
    assert_string_equal(
        text,
        "{\"op\":\"phones\",\"ok\":true,\"result\":\"ok\",\"phones\":[{"
        "\"slot\":1,\"role\":\"caregiver\",\"has_session\":false,\"name\":"
        "\"?\"},{\"slot\":3,\"role\":\"owner\",\"has_session\":true,"
        "\"name\":\"\\\"n\"}]}\n");
    dg_gateway_write_progress(&note, text);
    assert_string_equal(
        text,
        "{\"op\":\"update\",\"ok\":true,\"result\":\"ok\",\"update\":{"
        "\"state\":\"receiving\",\"why\":10,\"next\":256,\"size\":"
        "4294967295}}\n");
}

static void test_gateway_json__hostile_requests__told_what_is_wrong(
    void **state)
{
    static const struct {
        const char *line;
        const char *hint;
    } bad[] = {
        {"", "JSON"},
        {"nonsense", "JSON"},
        {"[]", "JSON"},
        {"null", "JSON"},
        {"{\"op\":\"status\"} x", "JSON"},
        {"{\"op\":\"status\",\"op\":\"stop\"}", "JSON"},
        {"{\"op\":\"stat\xff\"}", "JSON"},
        {"{\"op\":\"phones\",\"slot\":1}", "does not know"},
        {"{\"op\":\"revoke\"}", "0 .. 3"},
        {"{\"op\":\"revoke\",\"slot\":4}", "0 .. 3"},
        {"{\"op\":\"revoke\",\"slot\":-1}", "0 .. 3"},
        {"{\"op\":\"revoke\",\"slot\":\"1\"}", "0 .. 3"},
        {"{\"op\":\"revoke\",\"slot\":1.0}", "0 .. 3"},
        {"{\"op\":\"lease\"}", "verb must be"},
        {"{\"op\":\"lease\",\"verb\":\"steal\"}", "verb must be"},
        {"{\"op\":\"lease\",\"verb\":\"give\"}", "verb must be"},
        {"{\"op\":\"lease\",\"verb\":\"take\",\"slot\":1}", "verb must be"},
        {"{\"op\":\"update\"}", "verb must be"},
        {"{\"op\":\"update\",\"verb\":\"offer\"}", "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"offer\",\"bytes\":\"\"}",
         "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"offer\",\"bytes\":\"0\"}",
         "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"offer\",\"bytes\":\"0G\"}",
         "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"offer\",\"bytes\":7}", "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"query\",\"bytes\":\"00\"}",
         "bytes must be"},
        {"{\"op\":\"update\",\"verb\":\"part\",\"bytes\":\"00\"}",
         "offset must be"},
        {"{\"op\":\"update\",\"verb\":\"apply\",\"offset\":0}",
         "offset must be"},
        {"{\"op\":\"update\",\"verb\":\"part\",\"bytes\":\"00\","
         "\"offset\":4294967296}",
         "offset must be"},
        {"{}", "op must be"},
        {"{\"op\":5}", "op must be"},
        {"{\"op\":\"Status\"}", "op must be"},
        {"{\"op\":\"commit\"}", "op must be"},
        {"{\"op\":\"status\",\"mU\":1}", "does not know"},
        {"{\"op\":\"stop\",\"force\":true}", "does not know"},
        {"{\"op\":\"bolus\"}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":2000.0}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":2e3}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":\"2000\"}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":null}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":true}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":[2000]}", "whole number"},
        {"{\"op\":\"bolus\",\"mU\":0}", "50 .. 300000"},
        {"{\"op\":\"bolus\",\"mU\":-2000}", "50 .. 300000"},
        {"{\"op\":\"bolus\",\"mU\":49}", "50 .. 300000"},
        {"{\"op\":\"bolus\",\"mU\":300001}", "50 .. 300000"},
        {"{\"op\":\"bolus\",\"mU\":4294968296}", "50 .. 300000"},
        {"{\"op\":\"bolus\",\"mU\":99999999999999999999}", "JSON"},
        {"{\"op\":\"bolus\",\"mU\":100,\"again\":1}", "true or false"},
        {"{\"op\":\"bolus\",\"mU\":100,\"again\":null}", "true or false"},
        {"{\"op\":\"pair\",\"name\":\"a\",\"role\":\"owner\"}", "code"},
        {"{\"op\":\"pair\",\"code\":\"0\",\"name\":\"a\",\"role\":\"owner\"}",
         "code"},
        {"{\"op\":\"pair\",\"code\":\"0g\",\"name\":\"a\",\"role\":\"owner\"}",
         "code"},
        {"{\"op\":\"pair\",\"code\":\"00\",\"name\":\"\",\"role\":\"owner\"}",
         "name"},
        {"{\"op\":\"pair\",\"code\":\"00\",\"name\":\"1234567890123456789012345"
         "\",\"role\":\"owner\"}",
         "name"},
        {"{\"op\":\"pair\",\"code\":\"00\",\"name\":\"a\",\"role\":\"root\"}",
         "role"},
        {"{\"op\":\"pair\",\"code\":\"00\",\"name\":\"a\"}", "role"},
        {"{\"op\":\"journal\"}", "ask must be"},
        {"{\"op\":\"journal\",\"ask\":\"proof\"}", "ask must be"},
        {"{\"op\":\"journal\",\"ask\":\"range\",\"from\":-1}", "from must"},
        {"{\"op\":\"journal\",\"ask\":\"range\",\"from\":4294967296}",
         "from must"},
        {"{\"op\":\"journal\",\"ask\":\"range\",\"from\":\"0\"}", "from must"},
        {"{\"op\":\"journal\",\"ask\":\"peaks\",\"skip\":26}", "skip 0 .. 25"},
        {"{\"op\":\"journal\",\"ask\":\"exported\"}", "head must"},
        {"{\"op\":\"journal\",\"ask\":\"exported\",\"head\":\"d2x\"}",
         "head must"},
        {"{\"op\":\"journal\",\"ask\":\"head\",\"path\":\"/\"}",
         "does not know"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if ((take(bad[i].line) != DG_E_MALFORMED) ||
            (strstr(why, bad[i].hint) == NULL)) {
            fail_msg("%s: %s", bad[i].line, why);
        }
    }
}

static void test_gateway_json__deep_nesting__refused(void **state)
{
    char line[1000];

    (void)state;
    memset(line, '[', sizeof(line) - 1U);
    line[sizeof(line) - 1U] = '\0';
    assert_int_equal(take(line), DG_E_MALFORMED);
}

/* Whatever a reply holds, it is one line of JSON that fits. */
static void test_gateway_json__every_reply__one_line_of_json(void **state)
{
    (void)state;
    for (unsigned result = 1; result < DG_RESULTS; result++) {
        for (unsigned i = 1; i < DG_GATEWAY_OPS; i++) {
            struct dg_reply reply = {.result = (enum dg_result)result,
                                     .reason = DG_REASON_E2,
                                     .has_ticket = true,
                                     .has_status = true};
            json_error_t error;

            reply.status.has_ticket = true;
            reply.status.has_glucose = true;
            reply.status.missing = 0x07FFU;
            reply.status.alarms = 0x00FFU;
            reply.status.outcome = DG_OUTCOME_LAPSED;
            reply.status.lease = DG_LEASE_OTHER;
            reply.status.bolus_total_mU = UINT32_MAX;
            dg_gateway_write_reply((enum dg_gateway_op)i, &reply, text);

            const size_t size = strlen(text);
            json_t *object = json_loads(text, 0, &error);

            assert_non_null(object);
            assert_ptr_equal(strchr(text, '\n'), &text[size - 1U]);
            assert_int_equal(json_is_true(json_object_get(object, "ok")),
                             result == DG_RESULT_OK);
            if (result != DG_RESULT_OK) {
                assert_true(
                    json_string_length(json_object_get(object, "error")) > 0U);
            }
            assert_int_equal(
                json_integer_value(json_object_get(
                    json_object_get(object, "status"), "bolus_total_mU")),
                4294967295LL);
            json_decref(object);
        }
    }
}

static void test_gateway_json__an_event__has_its_numbers(void **state)
{
    const struct dg_event_note note = {.event = DG_EVENT_CYCLE,
                                       .sequence = 7,
                                       .glucose = {182},
                                       .decided = {150},
                                       .result = DG_RESULT_OK,
                                       .outcome = DG_OUTCOME_DELIVERING,
                                       .iob = {900}};
    json_error_t error;

    (void)state;
    dg_gateway_write_event(&note, text);

    json_t *object = json_loads(text, 0, &error);

    assert_string_equal(json_string_value(json_object_get(object, "event")),
                        "cycle");
    assert_int_equal(json_integer_value(json_object_get(object, "sequence")),
                     7);
    assert_int_equal(json_integer_value(json_object_get(object, "decided_mU")),
                     150);
    assert_string_equal(json_string_value(json_object_get(object, "outcome")),
                        "delivering");
    json_decref(object);
    dg_gateway_write_error("say \"please\"\n", text);
    object = json_loads(text, 0, &error);
    assert_string_equal(json_string_value(json_object_get(object, "error")),
                        "say \"please\"\n");
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gateway_json__good_requests__read),
        cmocka_unit_test(test_gateway_json__good_orders__read),
        cmocka_unit_test(test_gateway_json__phones_and_progress__written),
        cmocka_unit_test(
            test_gateway_json__hostile_requests__told_what_is_wrong),
        cmocka_unit_test(test_gateway_json__deep_nesting__refused),
        cmocka_unit_test(test_gateway_json__every_reply__one_line_of_json),
        cmocka_unit_test(test_gateway_json__an_event__has_its_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
