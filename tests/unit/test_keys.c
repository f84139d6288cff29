/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "phone.h"

static struct phone phone;

static int setup(void **state)
{
    (void)state;
    phone_init(&phone, false);
    phone_pair(&phone);
    return 0;
}

static void fill_request(struct dg_internal *message, enum dg_request_kind kind)
{
    struct dg_plain *plain = &message->as.message.plain;
    struct dg_request request = {.kind = kind};
    dg_span bytes;

    memset(message, 0, sizeof(*message));
    message->type = DG_INTERNAL_REQUEST;
    request.as.status.major = DG_VERSION_MAJOR;
    assert_int_equal(
        dg_request_encode(&request, DG_BUF_OF(plain->byte), &bytes), DG_OK);
    plain->size = (uint16_t)bytes.size;
}

static void check_out(size_t at, enum dg_role_id to, enum dg_internal_type type)
{
    assert_true(phone.keys.out_count > at);
    assert_int_equal(phone.keys.out[at].to, to);
    assert_int_equal(phone.keys.out[at].message.type, type);
}

static void test_keys__nobody_answers__five_knocks_then_unreachable(
    void **state)
{
    static const int64_t knocks_ms[] = {0, 300, 900, 2100, 3300, 4500};
    struct dg_internal message;

    (void)state;
    fill_request(&message, DG_REQUEST_STATUS);
    for (size_t i = 0; i < 6U; i++) {
        const int64_t now = 1000 + knocks_ms[i];

        if (i == 0U) {
            assert_int_equal(dg_keys_take(&phone.keys, now, &message), DG_OK);
        } else {
            (void)dg_keys_tick(&phone.keys, now - 1);
            assert_int_equal(phone.keys.out_count, 0);
            (void)dg_keys_tick(&phone.keys, now);
        }
        assert_int_equal(phone.keys.out_count, 1);
        if (i < 5U) {
            check_out(0, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT);
            assert_int_equal(phone.saved_counter, i + 1U);
        } else {
            check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED);
            assert_int_equal(phone.keys.out[0].message.as.unanswered,
                             DG_CAUSE_UNREACHABLE);
        }
    }
    assert_int_equal(dg_keys_tick(&phone.keys, 100000), INT64_MAX);
    assert_int_equal(phone.keys.out_count, 0);
}

/* Every knock is a new one: another counter, another ephemeral key. */
static void test_keys__knock_again__never_the_same_bytes(void **state)
{
    struct dg_internal message;
    uint8_t first[DG_DATAGRAM_MAX];

    (void)state;
    fill_request(&message, DG_REQUEST_STATUS);
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    memcpy(first, phone.keys.out[0].message.as.datagram.byte, sizeof(first));
    (void)dg_keys_tick(&phone.keys, 1300);
    check_out(0, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT);
    assert_memory_not_equal(
        first, phone.keys.out[0].message.as.datagram.byte, 60);
}

static void test_keys__counter_not_saved__no_knock_leaves(void **state)
{
    struct dg_internal message;

    (void)state;
    phone.save_fails = true;
    fill_request(&message, DG_REQUEST_STATUS);
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    assert_int_equal(phone.keys.out_count, 1);
    check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED);
    assert_int_equal(phone.keys.out[0].message.as.unanswered, DG_CAUSE_FAILED);
}

static void test_keys__therapy_breaks_the_rules__is_not_itself(void **state)
{
    struct dg_internal message;

    (void)state;
    fill_request(&message, DG_REQUEST_STOP); /* may not open a session */
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_E_PEER);
    fill_request(&message, DG_REQUEST_STATUS);
    message.as.message.plain.size = 0;
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_E_PEER);
    fill_request(&message, DG_REQUEST_STATUS);
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    assert_int_equal(dg_keys_take(&phone.keys, 1001, &message), DG_E_PEER);
    message.type = DG_INTERNAL_APPROVED;
    assert_int_equal(dg_keys_take(&phone.keys, 1002, &message), DG_E_PEER);
}

static void test_keys__made_for_another_session__not_sent(void **state)
{
    struct dg_internal message;

    (void)state;
    phone_ask(&phone, 5, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, 5)->result, DG_RESULT_OK);
    fill_request(&message, DG_REQUEST_STOP);
    message.as.message.session = phone.keys.controller.session;
    message.as.message.session.byte[3] ^= 1U;
    assert_int_equal(dg_keys_take(&phone.keys, phone.now_ms, &message), DG_OK);
    assert_int_equal(phone.keys.out_count, 1);
    check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED);
    assert_int_equal(phone.keys.out[0].message.as.unanswered, DG_CAUSE_SESSION);
    message.as.message.session.byte[3] ^= 1U;
    assert_int_equal(dg_keys_take(&phone.keys, phone.now_ms, &message), DG_OK);
    check_out(0, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT);
}

static void test_keys__unanswered_twice__session_is_dropped(void **state)
{
    struct dg_internal message;

    (void)state;
    phone_ask(&phone, 5, DG_INTERNAL_APP_STATUS);
    fill_request(&message, DG_REQUEST_STATUS);
    for (unsigned i = 0; i < 2U; i++) {
        const int64_t now = phone.now_ms + (int64_t)i * 1000;

        assert_int_equal(phone.keys.controller.state, DG_CONTROLLER_OPEN);
        assert_int_equal(dg_keys_take(&phone.keys, now, &message), DG_OK);
        (void)dg_keys_tick(&phone.keys, now + DG_KEYS_ANSWER_MS - 1);
        assert_int_equal(phone.keys.out_count, 0);
        (void)dg_keys_tick(&phone.keys, now + DG_KEYS_ANSWER_MS);
        check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED);
        assert_int_equal(phone.keys.out[0].message.as.unanswered,
                         DG_CAUSE_NO_ANSWER);
    }
    assert_int_equal(phone.keys.controller.state, DG_CONTROLLER_CLOSED);
}

/* @verifies{FTP_KEY.1@1} */
static void test_keys__keys_an_hour_old__renewed_before_the_next_request(
    void **state)
{
    const struct dg_controller *controller = &phone.keys.controller;

    (void)state;
    phone_ask(&phone, 5, DG_INTERNAL_APP_STATUS);

    const uint16_t epoch = controller->record.epoch;

    assert_int_equal(phone.keys.rekey_ms - phone.now_ms, 3600000); /* an hour */
    phone.keys.rekey_ms = phone.now_ms;
    phone_ask(&phone, 6, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, 6)->result, DG_RESULT_OK);
    assert_int_equal(controller->record.epoch & 3U, epoch & 3U);
    assert_int_not_equal(controller->record.epoch, epoch);
    assert_int_equal(
        phone.rig.device.session[controller->record.epoch & 3U].record.epoch,
        controller->record.epoch);
    assert_true(phone.keys.rekey_ms > phone.now_ms);
}

/* The question for fresh keys is lost: the request goes with the old ones. */
/* @verifies{FTP_KEY.2@1} */
static void test_keys__renewal_unanswered__request_goes_all_the_same(
    void **state)
{
    struct dg_internal message;

    (void)state;
    phone_ask(&phone, 5, DG_INTERNAL_APP_STATUS);
    fill_request(&message, DG_REQUEST_STATUS);
    phone.keys.rekey_ms = phone.now_ms;
    assert_int_equal(dg_keys_take(&phone.keys, phone.now_ms, &message), DG_OK);
    assert_int_equal(phone.keys.activity, DG_KEYS_REKEYING);
    assert_int_equal(phone.keys.out_count, 1);

    const struct dg_packet question = phone.keys.out[0].message.as.datagram;
    const int64_t late = phone.now_ms + DG_KEYS_ANSWER_MS;

    (void)dg_keys_tick(&phone.keys, late);
    check_out(0, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT);
    assert_int_equal(phone.keys.activity, DG_KEYS_WAITING);

    /* The question comes after all, its answer first: too late for it. */
    const struct dg_packet sent = phone.keys.out[0].message.as.datagram;
    const uint16_t epoch = phone.keys.controller.record.epoch;
    dg_span answer =
        rig_deliver(&phone.rig, (dg_span){question.byte, question.size});

    message.type = DG_INTERNAL_DATAGRAM_IN;
    message.as.datagram.size = (uint16_t)answer.size;
    assert_int_not_equal(answer.size, 0);
    memcpy(message.as.datagram.byte, answer.at, answer.size);
    assert_int_equal(dg_keys_take(&phone.keys, late, &message), DG_OK);
    assert_int_equal(phone.keys.out_count, 0);
    assert_int_equal(phone.keys.activity, DG_KEYS_WAITING);
    assert_int_equal(phone.keys.controller.record.epoch, epoch);
    answer = rig_deliver(&phone.rig, (dg_span){sent.byte, sent.size});

    message.type = DG_INTERNAL_DATAGRAM_IN;
    message.as.datagram.size = (uint16_t)answer.size;
    assert_int_not_equal(answer.size, 0);
    memcpy(message.as.datagram.byte, answer.at, answer.size);
    assert_int_equal(dg_keys_take(&phone.keys, late, &message), DG_OK);
    check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_ANSWER);
    /* Not asked again at once. */
    assert_true(phone.keys.rekey_ms > late);
}

static void test_keys__hostile_datagrams__nothing_comes_of_them(void **state)
{
    struct dg_internal message = {.type = DG_INTERNAL_DATAGRAM_IN};
    uint64_t seed = 3;

    (void)state;
    phone_ask(&phone, 5, DG_INTERNAL_APP_STATUS);
    for (unsigned i = 0; i < 3000U; i++) {
        message.as.datagram.size =
            (uint16_t)(rig_random(&seed) % (DG_DATAGRAM_MAX + 1U));
        for (size_t k = 0; k < message.as.datagram.size; k++) {
            message.as.datagram.byte[k] = (uint8_t)rig_random(&seed);
        }
        if ((i % 2U) == 0U) {
            message.as.datagram.byte[0] = 0x20U;
        }
        assert_int_equal(dg_keys_take(&phone.keys, phone.now_ms, &message),
                         DG_OK);
        assert_int_equal(phone.keys.out_count, 0);
    }
}

static void test_keys__not_paired__says_so(void **state)
{
    struct dg_internal message;

    (void)state;
    phone_init(&phone, false);
    fill_request(&message, DG_REQUEST_STATUS);
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    check_out(0, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED);
    assert_int_equal(phone.keys.out[0].message.as.unanswered,
                     DG_CAUSE_UNPAIRED);
}

static void test_keys__wrong_code__device_stays_silent(void **state)
{
    struct dg_internal message = {.type = DG_INTERNAL_PAIR};
    struct dg_pairing_code code = phone.rig.device.pairing.code;
    dg_span bytes;

    (void)state;
    code.device_key = phone.rig.settings.public_key;
    code.secret[0] ^= 1U;
    assert_int_equal(dg_pairing_code_encode(
                         &code, DG_BUF_OF(message.as.pair.code.byte), &bytes),
                     DG_OK);
    message.as.pair.code.size = (uint16_t)bytes.size;
    message.as.pair.role = DG_ROLE_OWNER;
    message.as.pair.name_size = 1;
    message.as.pair.name[0] = 'x';
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    check_out(0, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT);
    for (int64_t now = 1000; now <= 6000; now += 100) {
        (void)dg_keys_tick(&phone.keys, now);
        if (phone.keys.out_count > 0U) {
            memcpy(&message, &phone.keys.out[0].message, sizeof(message));
        }
    }
    assert_int_equal(message.type, DG_INTERNAL_PAIRED);
    assert_int_equal(message.as.paired.cause, DG_CAUSE_UNREACHABLE);
    assert_true(phone.keys.is_paired); /* the old pairing stays */
}

static void press_pair(void)
{
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     (dg_seconds){phone.rig.clock_s},
                                     DG_BUTTON_PAIR),
                     DG_OK);
}

/* Carry every datagram there and back, but for those that bit n of @lost takes
 * away; what keys told therapy in the end. */
static struct dg_internal carry(const struct dg_internal *first, unsigned lost)
{
    struct dg_internal message = *first;
    unsigned number = 0U;
    int64_t now = phone.now_ms;

    assert_int_equal(dg_keys_take(&phone.keys, now, &message), DG_OK);
    for (unsigned i = 0U; i < 40U; i++) {
        if (phone.keys.out_count == 0U) {
            now += 1200;
            rig_wait(&phone.rig, 2U);
            (void)dg_keys_tick(&phone.keys, now);
            continue;
        }
        message = phone.keys.out[0].message;
        phone.keys.out_count = 0U;
        if (message.type != DG_INTERNAL_DATAGRAM_OUT) {
            return message;
        }
        number++;
        if (((lost >> number) & 1U) != 0U) {
            continue;
        }

        const dg_span answer = rig_deliver(
            &phone.rig,
            (dg_span){message.as.datagram.byte, message.as.datagram.size});

        number++;
        if ((answer.size == 0U) || (((lost >> number) & 1U) != 0U)) {
            continue;
        }
        message.type = DG_INTERNAL_DATAGRAM_IN;
        message.as.datagram.size = (uint16_t)answer.size;
        memcpy(message.as.datagram.byte, answer.at, answer.size);
        assert_int_equal(dg_keys_take(&phone.keys, now, &message), DG_OK);
    }
    fail_msg("keys never told how it ended");
    return message;
}

/* @wrong: this many digits are others than the pump shows. */
static struct dg_internal by_digits(unsigned wrong)
{
    struct dg_internal message = {.type = DG_INTERNAL_PAIR};
    struct dg_pair_order *order = &message.as.pair;

    memcpy(order->code.byte, phone.rig.device.pairing.digits.digit, 8U);
    for (unsigned i = 0U; i < wrong; i++) {
        order->code.byte[i] =
            (uint8_t)('0' + ((order->code.byte[i] - '0' + 1) % 10));
    }
    order->code.size = 8U;
    order->role = DG_ROLE_OWNER;
    order->name_size = 1U;
    order->name[0] = 'd';
    return message;
}

/* Therapy says that there shall be a pairing, and nothing about keys: the pump
 * learns the presence key that confirm gave to keys itself.
 * @verifies{FIA_ENROL.1@1} */
static void test_keys__pairing__enrols_the_key_of_confirm_alone(void **state)
{
    struct dg_internal message;

    (void)state;
    phone_init(&phone, false);
    phone.keys.has_presence = false; /* confirm has not spoken yet */
    press_pair();
    message = by_digits(0U);
    /* The two channels have no order: the pairing waits for the key. */
    assert_int_equal(dg_keys_take(&phone.keys, 1000, &message), DG_OK);
    assert_int_equal(phone.keys.out_count, 0);
    message = (struct dg_internal){.type = DG_INTERNAL_ENROLL};
    message.as.presence = phone.presence_public;
    message = carry(&message, 0U);
    assert_int_equal(message.as.paired.cause, DG_CAUSE_NONE);
    assert_memory_equal(&phone.rig.device.settings.controller[0].presence,
                        &phone.presence_public,
                        sizeof(struct dg_public_key));
}

static void test_keys__eight_digits__paired_and_talks(void **state)
{
    struct dg_internal message;

    (void)state;
    phone_init(&phone, false);
    press_pair();
    message = by_digits(0U);
    message = carry(&message, 0U);
    assert_int_equal(message.type, DG_INTERNAL_PAIRED);
    assert_int_equal(message.as.paired.cause, DG_CAUSE_NONE);
    assert_int_equal(message.as.paired.answer.role, DG_ROLE_OWNER);
    assert_true(phone.keys.is_paired);
    assert_memory_equal(&phone.keys.phone.device_key,
                        &phone.rig.settings.public_key,
                        sizeof(struct dg_public_key));
    fill_request(&message, DG_REQUEST_STATUS);
    message = carry(&message, 0U);
    assert_int_equal(message.type, DG_INTERNAL_SESSION);
}

/* Each datagram of the six lost once, there and back. */
static void test_keys__eight_digits_and_losses__paired_all_the_same(
    void **state)
{
    (void)state;
    for (unsigned lost = 1U; lost <= 6U; lost++) {
        struct dg_internal message;

        phone_init(&phone, false);
        press_pair();
        message = by_digits(0U);
        message = carry(&message, 1U << lost);
        assert_int_equal(message.type, DG_INTERNAL_PAIRED);
        assert_int_equal(message.as.paired.cause, DG_CAUSE_NONE);
    }
}

/* The old pairing stays, and the old place is found again. */
static void test_keys__digits_once_more__same_place_and_role(void **state)
{
    const uint8_t slot = phone.keys.phone.slot;
    struct dg_internal message;

    (void)state;
    press_pair();
    message = by_digits(3U);
    message = carry(&message, 0U);
    assert_int_equal(message.type, DG_INTERNAL_PAIRED);
    assert_int_equal(message.as.paired.cause, DG_CAUSE_REFUSED);
    assert_true(phone.keys.is_paired);
    message = by_digits(0U);
    message = carry(&message, 0U);
    assert_int_equal(message.as.paired.cause, DG_CAUSE_NONE);
    assert_int_equal(message.as.paired.answer.slot, slot);
    assert_int_equal(message.as.paired.answer.role, DG_ROLE_OWNER);
    assert_false(phone.rig.device.settings.controller[slot + 1U].is_used);
}

/* Nothing of the digits stays in the phone. */
static void test_keys__digits_done__forgotten(void **state)
{
    static const struct dg_prover none;
    struct dg_internal message;

    (void)state;
    for (unsigned wrong = 0U; wrong < 2U; wrong++) {
        phone_init(&phone, false);
        press_pair();
        message = by_digits(wrong);
        (void)carry(&message, 0U);
        assert_memory_equal(&phone.keys.prover, &none, sizeof none);
        assert_memory_equal(
            &phone.keys.code.secret, none.code.secret, sizeof none.code.secret);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_keys__nobody_answers__five_knocks_then_unreachable, setup),
        cmocka_unit_test_setup(test_keys__knock_again__never_the_same_bytes,
                               setup),
        cmocka_unit_test_setup(test_keys__counter_not_saved__no_knock_leaves,
                               setup),
        cmocka_unit_test_setup(
            test_keys__therapy_breaks_the_rules__is_not_itself, setup),
        cmocka_unit_test_setup(test_keys__made_for_another_session__not_sent,
                               setup),
        cmocka_unit_test_setup(test_keys__unanswered_twice__session_is_dropped,
                               setup),
        cmocka_unit_test_setup(
            test_keys__keys_an_hour_old__renewed_before_the_next_request,
            setup),
        cmocka_unit_test_setup(
            test_keys__renewal_unanswered__request_goes_all_the_same, setup),
        cmocka_unit_test_setup(
            test_keys__hostile_datagrams__nothing_comes_of_them, setup),
        cmocka_unit_test_setup(test_keys__not_paired__says_so, setup),
        cmocka_unit_test_setup(
            test_keys__pairing__enrols_the_key_of_confirm_alone, setup),
        cmocka_unit_test_setup(test_keys__eight_digits__paired_and_talks,
                               setup),
        cmocka_unit_test_setup(
            test_keys__eight_digits_and_losses__paired_all_the_same, setup),
        cmocka_unit_test_setup(test_keys__digits_once_more__same_place_and_role,
                               setup),
        cmocka_unit_test_setup(test_keys__digits_done__forgotten, setup),
        cmocka_unit_test_setup(test_keys__wrong_code__device_stays_silent,
                               setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
