/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "confirm_limits.h"
#include "phone.h"

/* A profile on its way through therapy, before a whole device. */
static struct phone phone;

static int setup(void **state)
{
    (void)state;
    phone_init(&phone, false);
    phone_pair(&phone);
    return 0;
}

/* What holds, with one share of the automatic tier for 24 h. */
static struct dg_prescription profile_of(uint32_t counter, int32_t permille)
{
    struct dg_prescription profile = {.device = phone.rig.settings.device,
                                      .counter = counter,
                                      .age_class =
                                          phone.rig.settings.therapy.age_class};

    dg_bounds_of(&phone.rig.settings.therapy, &profile.bounds);
    profile.bounds.value[13] = permille;
    return profile;
}

static void bring(uint32_t tag, const struct dg_prescription *profile)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_LIMITS};
    struct dg_slip *slip = &message.as.app.limits.profile;
    dg_span bytes;

    message.as.app.tag = tag;
    message.as.app.limits.verb = DG_PROFILE_TAKE;
    assert_int_equal(dg_prescription_sign(&phone.rig.crypto,
                                          &phone.rig.prescriber,
                                          profile,
                                          DG_BUF_OF(slip->byte),
                                          &bytes),
                     DG_OK);
    slip->size = (uint16_t)bytes.size;
    phone_order(&phone, &message);
}

static int32_t in_force(void)
{
    struct dg_bounds bounds;

    dg_bounds_of(&phone.rig.device.settings.therapy, &bounds);
    return bounds.value[13];
}

static struct dg_internal answer_to(const struct dg_internal *question,
                                    enum dg_internal_type type)
{
    struct dg_internal message = {.type = type};
    const struct dg_ticket_id *ticket = &question->as.limits_question.ticket;

    if (type == DG_INTERNAL_PERMITTED) {
        message.as.permitted = *ticket;
    } else {
        message.as.declined.ticket = *ticket;
        message.as.declined.cause = DG_CAUSE_LAPSED;
    }
    return message;
}

/* @verifies{FMT_LIM.1@1} */
static void test_limits__tighter__leaves_at_once(void **state)
{
    const struct dg_prescription profile = profile_of(1, 400);

    (void)state;
    bring(9, &profile);
    assert_int_equal(phone.note.type, DG_INTERNAL_LIMITS);
    assert_int_equal(phone.note.as.limits.tag, 9);
    assert_int_equal(phone.note.as.limits.counter, 1);
    assert_int_equal(phone.note.as.limits.state, DG_LOOSENING_NONE);
    assert_int_equal(in_force(), 400);
}

/* @verifies{FMT_LIM.4@1} */
static void test_limits__looser__only_after_a_person_read_it(void **state)
{
    const struct dg_prescription tight = profile_of(1, 400);
    const struct dg_prescription loose = profile_of(2, 450);
    struct dg_internal question;
    struct dg_internal yes;
    char text[DG_CONFIRM_LIMITS_MAX];

    (void)state;
    bring(9, &tight);
    bring(10, &loose);
    question = phone.note;
    assert_int_equal(question.type, DG_INTERNAL_ASK_LIMITS);
    assert_int_equal(phone.rig.device.settings.prescribed.counter, 1);
    assert_int_equal(dg_confirm_limits(&question.as.limits_question, 118, text),
                     DG_OK);
    assert_non_null(strstr(text,
                           "\"limit\":\"automatic insulin in 24 h\",\"before\":"
                           "\"40.0 % = "));
    assert_non_null(strstr(text, "\"tighter\":0,\"lapses_s\":118}\n"));

    /* One question at a time, of any kind. */
    bring(11, &loose);
    assert_int_equal(phone_reply(&phone, 11)->result, DG_RESULT_BUSY);
    phone_bolus(&phone, 12, 1000, false);
    assert_int_equal(phone_reply(&phone, 12)->result, DG_RESULT_BUSY);

    yes = answer_to(&question, DG_INTERNAL_PERMITTED);
    phone_order(&phone, &yes);
    assert_int_equal(phone.note.type, DG_INTERNAL_LIMITS);
    assert_int_equal(phone.note.as.limits.tag, 10);
    assert_int_equal(phone.note.as.limits.state, DG_LOOSENING_ASKED);
    assert_int_equal(phone.note.as.limits.next.value[13], 450);
    assert_int_equal(in_force(), 400);
    /* Said once is enough. */
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &yes),
                     DG_E_PEER);
}

static void test_limits__nobody_answers__nothing_leaves(void **state)
{
    const struct dg_prescription tight = profile_of(1, 400);
    const struct dg_prescription loose = profile_of(2, 450);
    struct dg_internal question;
    struct dg_internal reply;

    (void)state;
    bring(9, &tight);
    bring(10, &loose);
    question = phone.note;

    /* An approval of a dose is no answer, nor one to another question. */
    reply = (struct dg_internal){.type = DG_INTERNAL_APPROVED};
    reply.as.approved.ticket = question.as.limits_question.ticket;
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &reply),
                     DG_E_PEER);
    reply = answer_to(&question, DG_INTERNAL_PERMITTED);
    reply.as.permitted.byte[7] ^= 1U;
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &reply),
                     DG_E_PEER);

    reply = answer_to(&question, DG_INTERNAL_DECLINED);
    phone_order(&phone, &reply);
    assert_int_equal(phone_reply(&phone, 10)->result, DG_RESULT_LAPSED);
    assert_int_equal(phone.rig.device.settings.prescribed.counter, 1);
}

/* Where the device will refuse nobody is bothered; the device tells why. */
/* @verifies{FMT_LIM.2@1} */
static void test_limits__not_for_this_pump__the_pump_refuses(void **state)
{
    struct dg_prescription profile = profile_of(5, 400);

    (void)state;
    bring(9, &profile);
    profile = profile_of(4, 450); /* replayed */
    bring(10, &profile);
    assert_int_equal(phone_reply(&phone, 10)->reason, DG_REASON_E9);
    profile = profile_of(6, 450);
    profile.device.byte[0] ^= 1U;
    bring(11, &profile);
    assert_int_equal(phone_reply(&phone, 11)->reason, DG_REASON_E9);
    assert_int_equal(phone.rig.device.settings.prescribed.counter, 5);
    assert_int_equal(in_force(), 400);
}

/* A display is not asked about what is no profile, or allows nothing more. */
static void test_limits__nothing_to_show__no_line(void **state)
{
    const struct dg_prescription loose = profile_of(2, 450);
    struct dg_limits_question question;
    char text[DG_CONFIRM_LIMITS_MAX];

    (void)state;
    memset(&question, 0, sizeof(question));
    assert_int_equal(dg_confirm_limits(&question, 0, text), DG_E_PEER);
    bring(9, &loose); /* 480 permille hold: tighter */
    assert_int_equal(phone.note.type, DG_INTERNAL_LIMITS);
    question.in_force = loose.bounds;
    dg_span bytes;
    assert_int_equal(dg_prescription_sign(&phone.rig.crypto,
                                          &phone.rig.prescriber,
                                          &loose,
                                          DG_BUF_OF(question.profile.byte),
                                          &bytes),
                     DG_OK);
    question.profile.size = (uint16_t)bytes.size;
    assert_int_equal(dg_confirm_limits(&question, 0, text), DG_E_PEER);
    question.in_force.value[13] = 1;
    assert_int_equal(dg_confirm_limits(&question, 0, text), DG_OK);

    /* The longest line there can be. */
    memset(&question.in_force, 0, sizeof(question.in_force));
    question.in_force.value[DG_BOUND_ISF] = 1000;
    question.in_force.value[DG_BOUND_FLOOR] = 120;
    assert_int_equal(dg_confirm_limits(&question, 0, text), DG_OK);
    print_message("longest line: %zu bytes\n", strlen(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_limits__tighter__leaves_at_once, setup),
        cmocka_unit_test_setup(test_limits__looser__only_after_a_person_read_it,
                               setup),
        cmocka_unit_test_setup(test_limits__nobody_answers__nothing_leaves,
                               setup),
        cmocka_unit_test_setup(test_limits__not_for_this_pump__the_pump_refuses,
                               setup),
        cmocka_unit_test_setup(test_limits__nothing_to_show__no_line, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
