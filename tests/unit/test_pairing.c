/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

static struct rig rig;
static const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {9U};

static struct dg_public_key phone_key;
static struct dg_public_key presence_key;

static struct dg_public_key fresh_key(void)
{
    struct dg_secret ignored;
    struct dg_public_key key;

    assert_int_equal(
        rig.crypto.p256_generate(rig.crypto.context, &ignored, &key), DG_OK);
    return key;
}

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    phone_key = fresh_key();
    presence_key = fresh_key();
}

static void open_window(void)
{
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR),
        DG_OK);
}

static struct dg_pairing_request sample(void)
{
    struct dg_pairing_request request;

    memset(&request, 0, sizeof request);
    request.method = DG_METHOD_STATIC;
    request.key = phone_key;
    request.presence = presence_key;
    request.role = DG_ROLE_OWNER;
    request.name_size = DG_PAIRING_NAME_MAX;
    memset(request.name, 'n', DG_PAIRING_NAME_MAX);
    return request;
}

static dg_span seal(const struct dg_pairing_code *code, dg_buf room)
{
    const struct dg_pairing_request request = sample();
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_pairing_request_seal(
                         &rig.crypto, code, nonce, &request, room, &datagram),
                     DG_OK);
    return datagram;
}

static enum dg_status open_request(dg_span datagram)
{
    uint8_t got_nonce[DG_PAIRING_NONCE_SIZE];
    struct dg_pairing_request got;

    return dg_pairing_request_open(
        &rig.crypto, &rig.device.pairing.code, datagram, got_nonce, &got);
}

static void test_pairing_code__round_trip__and_every_damage_refused(
    void **state)
{
    struct dg_pairing_code back;
    uint8_t room[DG_PAIRING_CODE_MAX];
    dg_span bytes;

    (void)state;
    start();
    open_window();
    assert_int_equal(dg_pairing_code_encode(
                         &rig.device.pairing.code, DG_BUF_OF(room), &bytes),
                     DG_OK);
    assert_int_equal(dg_pairing_code_decode(bytes, &back), DG_OK);
    assert_memory_equal(&back, &rig.device.pairing.code, sizeof back);
    for (size_t size = 0U; size < bytes.size; size++) {
        assert_int_not_equal(
            dg_pairing_code_decode((dg_span){room, size}, &back), DG_OK);
    }
    room[1] = 2U;
    assert_int_equal(dg_pairing_code_decode(bytes, &back), DG_E_UNSUPPORTED);
}

static void test_pairing__both_directions__round_trip(void **state)
{
    struct dg_pairing_answer answer = {.slot = 3U, .role = DG_ROLE_CAREGIVER};
    struct dg_pairing_request got;
    struct dg_pairing_answer back;
    uint8_t got_nonce[DG_PAIRING_NONCE_SIZE];
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    dg_span datagram;

    (void)state;
    start();
    open_window();

    const struct dg_pairing_request want = sample();

    datagram = seal(&rig.device.pairing.code, DG_BUF_OF(room));
    assert_int_equal(
        dg_pairing_request_open(
            &rig.crypto, &rig.device.pairing.code, datagram, got_nonce, &got),
        DG_OK);
    assert_memory_equal(&got, &want, sizeof got);
    assert_memory_equal(got_nonce, nonce, sizeof nonce);
    assert_int_equal(dg_pairing_answer_seal(&rig.crypto,
                                            &rig.device.pairing.code,
                                            nonce,
                                            &answer,
                                            DG_BUF_OF(room),
                                            &datagram),
                     DG_OK);
    for (size_t bit = 0U; bit <= (datagram.size * 8U); bit++) {
        const bool is_whole = bit == (datagram.size * 8U);

        room[is_whole ? 0U : (bit / 8U)] ^=
            (uint8_t)(is_whole ? 0U : (1U << (bit % 8U)));

        const enum dg_status status = dg_pairing_answer_open(
            &rig.crypto, &rig.device.pairing.code, nonce, datagram, &back);

        assert_int_equal(status == DG_OK, is_whole);
        room[is_whole ? 0U : (bit / 8U)] ^=
            (uint8_t)(is_whole ? 0U : (1U << (bit % 8U)));
    }
    assert_int_equal(back.slot, 3U);
    assert_int_equal(back.role, DG_ROLE_CAREGIVER);
    /* The answer to another nonce. */
    got_nonce[0] ^= 1U;
    assert_int_equal(
        dg_pairing_answer_open(
            &rig.crypto, &rig.device.pairing.code, got_nonce, datagram, &back),
        DG_E_AUTH);
}

static void test_pairing_request__any_bit_or_secret__refused(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];

    (void)state;
    start();
    open_window();

    const dg_span datagram = seal(&rig.device.pairing.code, DG_BUF_OF(room));

    assert_int_equal(open_request(datagram), DG_OK);
    for (size_t bit = 0U; bit < (datagram.size * 8U); bit++) {
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_not_equal(open_request(datagram), DG_OK);
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    for (size_t size = 0U; size < datagram.size; size++) {
        assert_int_not_equal(open_request((dg_span){room, size}), DG_OK);
    }
    rig.device.pairing.code.secret[15] ^= 1U;
    assert_int_equal(open_request(datagram), DG_E_AUTH);
}

/* @verifies{FIA_PAIR.1@1} */
static void test_window__five_wrong_tries__closed_and_alarm(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    struct dg_pairing_code wrong;

    (void)state;
    start();
    /* Closed until a person presses. */
    assert_false(rig_try_pair(&rig, 0U, DG_ROLE_OWNER));
    open_window();
    wrong = rig.device.pairing.code;
    wrong.secret[0] ^= 1U;

    const dg_span guess = seal(&wrong, DG_BUF_OF(room));

    for (unsigned i = 0U; i < (DG_PAIRING_TRIES - 1U); i++) {
        assert_int_equal(rig_deliver(&rig, guess).size, 0U);
        assert_true(rig.device.pairing.is_open);
    }
    assert_int_equal(rig_deliver(&rig, guess).size, 0U);
    assert_false(rig.device.pairing.is_open);
    assert_true((rig.alarms & (1U << DG_ALARM_PAIRING_LOCKED)) != 0U);
    for (unsigned i = 0U; i < DG_PAIRING_SECRET_SIZE; i++) {
        assert_int_equal(rig.device.pairing.code.secret[i], 0U);
    }
    assert_false(rig_try_pair(&rig, 0U, DG_ROLE_OWNER));
    /* The lock-out outlives the window; test_pairing_digits has the rest. */
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR),
        DG_E_STATE);
    rig_wait(&rig, 60U);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
}

/* @verifies{FIA_PAIR.1@1} */
static void test_window__expires__to_the_second(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];

    (void)state;
    start();
    open_window();

    const dg_span late = seal(&rig.device.pairing.code, DG_BUF_OF(room));

    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
    assert_int_equal(rig_deliver(&rig, late).size, 0U);
    assert_false(rig.device.settings.controller[0].is_used);
    open_window();
    rig_wait(&rig, DG_PAIRING_WINDOW_S);
    assert_true(rig_try_pair(&rig, 0U, DG_ROLE_OWNER));
}

/* The answer was lost: the same phone asks again and gets the same slot.  A
 * second phone with a photograph of the code gets nothing. */
static void test_window__repeat_and_photograph__one_code_one_phone(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];

    (void)state;
    start();
    open_window();

    const dg_span request = seal(&rig.device.pairing.code, DG_BUF_OF(room));

    assert_true(rig_deliver(&rig, request).size > 0U);
    assert_true(rig_deliver(&rig, request).size > 0U);
    assert_true(rig.device.settings.controller[0].is_used);
    assert_false(rig.device.settings.controller[1].is_used);
    assert_false(rig_try_pair(&rig, 1U, DG_ROLE_OWNER));
    assert_false(rig.device.settings.controller[1].is_used);
    /* A new press is a new code, and works. */
    rig_pair(&rig, 1U, DG_ROLE_OWNER);
    assert_int_equal(rig.phone[1].phone.slot, 1U);
}

/* Whoever photographed the code and heard the request knows the phone's public
 * key: with it he must not put his own presence key in the place of hers. */
/* @verifies{FIA_PAIR.1@1} */
static void test_window__same_key_other_presence__changes_nothing(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    struct dg_pairing_request thief;
    dg_span datagram = {NULL, 0U};

    (void)state;
    start();
    open_window();
    assert_true(
        rig_deliver(&rig, seal(&rig.device.pairing.code, DG_BUF_OF(room)))
            .size > 0U);
    for (unsigned i = 0U; i < 3U; i++) {
        thief = sample();
        if (i == 0U) {
            thief.presence = fresh_key();
        } else if (i == 1U) {
            thief.name[0] = 'N';
        } else {
            thief.role = DG_ROLE_CAREGIVER;
        }
        assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                                 &rig.device.pairing.code,
                                                 nonce,
                                                 &thief,
                                                 DG_BUF_OF(room),
                                                 &datagram),
                         DG_OK);
        assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    }
    assert_memory_equal(&rig.device.settings.controller[0].presence,
                        &presence_key,
                        sizeof presence_key);
    assert_int_equal(rig.device.settings.controller[0].name[0], 'n');
}

/* A request that somebody overheard is thrown at the device as long as its
 * window is open: each costs a hash or two, and no sector of flash. */
static void test_window__request_replayed__flash_is_not_worn(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];

    (void)state;
    start();
    open_window();

    const dg_span request = seal(&rig.device.pairing.code, DG_BUF_OF(room));

    assert_true(rig_deliver(&rig, request).size > 0U);

    const uint32_t operations = rig.flash.operations;
    const unsigned p256 = rig.p256;

    for (unsigned i = 0U; i < 1000U; i++) {
        assert_true(rig_deliver(&rig, request).size > 0U);
    }
    assert_int_equal(rig.flash.operations, operations);
    assert_int_equal(rig.p256, p256);
}

static void test_window__four_phones__one_owner_and_no_fifth(void **state)
{
    (void)state;
    start();
    for (unsigned who = 0U; who < 4U; who++) {
        rig_pair(&rig, who, (who == 3U) ? DG_ROLE_OBSERVER : DG_ROLE_OWNER);
        assert_int_equal(rig.phone[who].phone.slot, who);
        assert_int_equal(rig.phone[who].role,
                         (who == 0U)   ? DG_ROLE_OWNER
                         : (who == 3U) ? DG_ROLE_OBSERVER
                                       : DG_ROLE_CAREGIVER);
    }

    /* A fifth: no window, and the pump says why. */
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR),
        DG_E_STATE);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_NO_PLACE);
    /* All four come in, also after a reset: pairing is in flash. */
    rig_reboot(&rig);
    for (unsigned who = 0U; who < 4U; who++) {
        assert_true(rig_connect(&rig, who));
    }
}

/* @verifies{FMT_KEY.1@1} */
static void test_window__keys_with_two_uses__refused(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    struct dg_pairing_request request;
    dg_span datagram = {NULL, 0U};

    (void)state;
    start();
    /* What the phone may not even write. */
    request = sample();
    request.presence = request.key;
    for (unsigned i = 0U; i < 5U; i++) {
        static const enum dg_method methods[] = {DG_METHOD_STATIC,
                                                 DG_METHOD_NONE,
                                                 (enum dg_method)2,
                                                 DG_METHOD_SIGN,
                                                 DG_METHOD_SIGN};

        request.method = methods[i];
        if (i == 1U) {
            request.presence = presence_key;
        }
        if (i == 3U) {
            request.exchange = request.key;
        }
        if (i == 4U) {
            request.exchange = request.presence;
        }
        assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                                 &rig.device.pairing.code,
                                                 nonce,
                                                 &request,
                                                 DG_BUF_OF(room),
                                                 &datagram),
                         DG_E_RANGE);
    }
    /* What only the device knows: its own keys, and a key that is enrolled for
     * the other method. */
    for (unsigned i = 0U; i < 3U; i++) {
        open_window();
        request = sample();
        if (i == 0U) {
            request.key = rig.settings.public_key;
        } else if (i == 1U) {
            request.key = rig.settings.sign_public;
        } else {
            assert_true(
                rig_deliver(&rig,
                            seal(&rig.device.pairing.code, DG_BUF_OF(room)))
                    .size > 0U);
            open_window();
            request.method = DG_METHOD_SIGN;
            request.exchange = fresh_key();
        }
        assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                                 &rig.device.pairing.code,
                                                 nonce,
                                                 &request,
                                                 DG_BUF_OF(room),
                                                 &datagram),
                         DG_OK);
        assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    }
    assert_int_equal(rig.device.settings.controller[0].method,
                     DG_METHOD_STATIC);
    assert_false(rig.device.settings.controller[1].is_used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_pairing_code__round_trip__and_every_damage_refused),
        cmocka_unit_test(test_pairing__both_directions__round_trip),
        cmocka_unit_test(test_pairing_request__any_bit_or_secret__refused),
        cmocka_unit_test(test_window__five_wrong_tries__closed_and_alarm),
        cmocka_unit_test(test_window__expires__to_the_second),
        cmocka_unit_test(
            test_window__repeat_and_photograph__one_code_one_phone),
        cmocka_unit_test(test_window__same_key_other_presence__changes_nothing),
        cmocka_unit_test(test_window__request_replayed__flash_is_not_worn),
        cmocka_unit_test(test_window__four_phones__one_owner_and_no_fifth),
        cmocka_unit_test(test_window__keys_with_two_uses__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
