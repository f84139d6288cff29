/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "cmocka_all.h"
#include "dosegate/knock.h"

#include <string.h>

/* A phone whose secure element signs and does not agree (method 0); the answer
 * of the device tells it the rest. */
bool rig_try_pair_signer(struct rig *rig, unsigned who, enum dg_role role)
{
    struct rig_phone *phone = &rig->phone[who];
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {(uint8_t)who, 7U};
    struct dg_pairing_request request = {.method = DG_METHOD_SIGN,
                                         .role = role,
                                         .name_size = 6U,
                                         .name = "signer"};
    struct dg_pairing_answer answer;
    struct dg_secret exchange;
    dg_span datagram = {NULL, 0U};

    memset(phone, 0, sizeof *phone);
    rig_make_key(rig, &phone->phone.private_key, &request.key);
    rig_make_key(rig, &phone->presence, &request.presence);
    rig_make_key(rig, &exchange, &request.exchange);
    assert_int_equal(dg_pairing_request_seal(&rig->crypto,
                                             &rig->device.pairing.code,
                                             nonce,
                                             &request,
                                             DG_BUF_OF(rig->phone_room),
                                             &datagram),
                     DG_OK);

    const dg_span reply = rig_deliver(rig, datagram);

    if (reply.size == 0U) {
        return false;
    }
    assert_int_equal(
        dg_pairing_answer_open(
            &rig->crypto, &rig->device.pairing.code, nonce, reply, &answer),
        DG_OK);
    assert_true(answer.has_sign_key);
    phone->phone.method = DG_METHOD_SIGN;
    phone->phone.public_key = request.key;
    phone->phone.device = rig->settings.device;
    phone->phone.device_key = answer.sign_key;
    phone->phone.slot = answer.slot;
    phone->presence_key = request.presence;
    phone->role = answer.role;
    assert_int_equal(dg_knock_key(&rig->crypto,
                                  &exchange,
                                  &answer.device_key,
                                  &phone->phone.knock_key),
                     DG_OK);
    return true;
}
