/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/bare.h"

#include "crypto_openssl.h"
#include "dosegate/knock.h"
#include "dosegate/sensor.h"
#include "eval/adapter/unit.h"
#include "eval/adapter/words.h"
#include "eval/hex.h"
#include "eval/jsonl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE_TRIES 3

const char *dg_bare_start(struct dg_bare *bare,
                          const char *address,
                          int patience_ms)
{
    char why[DG_LINK_WHY_MAX];

    dg_bare_stop(bare);
    memset(bare, 0, sizeof *bare);
    if (dg_crypto_openssl_init(&bare->crypto) != DG_OK) {
        return "OpenSSL is not usable";
    }
    if (dg_link_open(&bare->link, address, DG_LINK_CLIENT, why) != DG_OK) {
        return "the link address cannot be opened";
    }
    bare->patience_ms = patience_ms;
    bare->is_made = true;
    return NULL;
}

void dg_bare_stop(struct dg_bare *bare)
{
    if (bare->is_made) {
        dg_link_close(&bare->link);
        dg_crypto_openssl_free(&bare->crypto);
        bare->is_made = false;
    }
}

void dg_bare_forget_session(struct dg_bare *bare)
{
    memset(&bare->controller, 0, sizeof bare->controller);
    bare->has_ticket = false;
    bare->has_before = false;
    bare->frame_size = 0U;
}

static bool send(struct dg_bare *bare, dg_span datagram)
{
    return dg_link_send(&bare->link, NULL, datagram) == DG_OK;
}

bool dg_bare_receive(struct dg_bare *bare,
                     dg_buf room,
                     long long until_ms,
                     dg_span *datagram)
{
    for (;;) {
        struct pollfd entries[DG_LINK_POLL_MAX];
        const size_t count =
            dg_link_poll(&bare->link, entries, DG_LINK_POLL_MAX);
        const long long left_ms = until_ms - dg_clock_ms();

        if (dg_link_receive(&bare->link, room, NULL, datagram) == DG_OK) {
            return true;
        }
        if (left_ms <= 0) {
            return false;
        }
        (void)poll(entries, (nfds_t)count, (int)left_ms);
    }
}

/* The next datagram and what it means; false when none came in time, or the
 * session is over. */
static bool hear(struct dg_bare *bare,
                 dg_buf room,
                 long long until_ms,
                 enum dg_controller_event *event,
                 dg_span *bytes)
{
    uint8_t in[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    return dg_bare_receive(bare, DG_BUF_OF(in), until_ms, &datagram) &&
           (dg_controller_receive(&bare->controller,
                                  &bare->crypto,
                                  &bare->phone,
                                  datagram,
                                  room,
                                  event,
                                  bytes) == DG_OK);
}

bool dg_bare_handshake(struct dg_bare *bare)
{
    uint8_t out[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    return (dg_controller_connect(&bare->controller,
                                  &bare->crypto,
                                  &bare->phone,
                                  DG_BUF_OF(out),
                                  &datagram) == DG_OK) &&
           dg_bare_follow(bare, datagram);
}

bool dg_bare_follow(struct dg_bare *bare, dg_span knock)
{
    uint8_t out[DG_DATAGRAM_MAX];
    dg_span bytes = {NULL, 0U};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    const long long until_ms = dg_clock_ms() + bare->patience_ms;

    if (!send(bare, knock)) {
        return false;
    }
    while (hear(bare, DG_BUF_OF(out), until_ms, &event, &bytes)) {
        if (event == DG_CONTROLLER_OPENED) {
            return true;
        }
        if ((event == DG_CONTROLLER_SEND) && !send(bare, bytes)) {
            return false;
        }
    }
    return false;
}

/* What came late belongs to an earlier request. */
static void forget_late(struct dg_bare *bare)
{
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    while (dg_link_receive(&bare->link, DG_BUF_OF(room), NULL, &datagram) ==
           DG_OK) {
    }
}

bool dg_bare_exchange(struct dg_bare *bare,
                      dg_span message,
                      dg_buf room,
                      dg_span *bytes)
{
    uint8_t out[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    const long long until_ms = dg_clock_ms() + bare->patience_ms;

    forget_late(bare);
    if ((dg_controller_send(&bare->controller,
                            &bare->crypto,
                            message,
                            DG_BUF_OF(out),
                            &datagram) != DG_OK) ||
        !send(bare, datagram)) {
        return false;
    }
    while (hear(bare, room, until_ms, &event, bytes)) {
        if (event == DG_CONTROLLER_ANSWER) {
            return true;
        }
    }
    return false;
}

bool dg_bare_ask(struct dg_bare *bare,
                 const struct dg_request *request,
                 struct dg_answer *answer)
{
    uint8_t plain[DG_MESSAGE_MAX];
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span message = {NULL, 0U};
    dg_span bytes = {NULL, 0U};

    return (dg_request_encode(request, DG_BUF_OF(plain), &message) == DG_OK) &&
           dg_bare_exchange(bare, message, DG_BUF_OF(room), &bytes) &&
           (dg_answer_decode(bytes, answer) == DG_OK);
}

struct dg_request dg_bare_simple(enum dg_request_kind kind)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = kind;
    if (kind == DG_REQUEST_STATUS) {
        request.as.status.major = DG_VERSION_MAJOR;
        request.as.status.phone_battery_percent = 80U;
    }
    if (kind == DG_REQUEST_LEASE) {
        request.as.lease.verb = DG_LEASE_TAKE;
    }
    return request;
}

json_t *dg_bare_say(struct dg_bare *bare, const struct dg_request *request)
{
    struct dg_answer answer;

    if (bare->controller.state != DG_CONTROLLER_OPEN) {
        return dg_words_result("no_session");
    }
    if (!dg_bare_ask(bare, request, &answer)) {
        return dg_words_result("silent");
    }
    if (answer.kind == DG_ANSWER_TICKET) {
        bare->ticket = answer;
        bare->has_ticket = true;
    }
    return dg_words_answer(&answer);
}

/* One exchange about tickets; without one it asks for a nonce. */
static bool hand_in(struct dg_bare *bare,
                    dg_span ticket,
                    struct dg_answer *answer)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_ATTEST);

    request.as.attest.ticket = ticket;
    return dg_bare_ask(bare, &request, answer) &&
           (answer->kind == DG_ANSWER_ATTEST);
}

static void key_hex(const struct dg_public_key *key,
                    char text[4U * DG_P256_SIZE + 1U])
{
    dg_hex_put(DG_SPAN_OF(key->x), text);
    dg_hex_put(DG_SPAN_OF(key->y), &text[2U * DG_P256_SIZE]);
}

void dg_bare_attest(struct dg_bare *bare)
{
    char nonce[2U * DG_ATTEST_NONCE_SIZE + 1U];
    char key[4U * DG_P256_SIZE + 1U];
    char presence[4U * DG_P256_SIZE + 1U];
    uint8_t bytes[DG_ATTEST_TICKET_MAX];
    struct dg_answer answer;

    if ((bare->unit == NULL) ||
        (bare->controller.state != DG_CONTROLLER_OPEN) ||
        !hand_in(bare, (dg_span){NULL, 0U}, &answer)) {
        return;
    }
    dg_hex_put(DG_SPAN_OF(answer.as.attest.nonce.byte), nonce);
    key_hex(&bare->phone.public_key, key);
    key_hex(&bare->presence_key, presence);

    char *ticket = dg_unit_ticket(bare->unit, nonce, key, presence);
    const size_t size = (ticket == NULL) ? 0U : (strlen(ticket) / 2U);

    if ((size > 0U) && (size <= sizeof bytes) &&
        dg_hex_get(ticket, (dg_buf){bytes, size})) {
        (void)hand_in(bare, (dg_span){bytes, size}, &answer);
    }
    free(ticket);
}

static json_t *do_connect(struct dg_bare *bare, const json_t *order)
{
    (void)order;
    for (unsigned i = 0U; i < HANDSHAKE_TRIES; i++) {
        if (dg_bare_handshake(bare)) {
            const struct dg_request request = dg_bare_simple(DG_REQUEST_STATUS);
            json_t *answer = dg_bare_say(bare, &request);

            dg_bare_attest(bare);
            return answer;
        }
    }
    return dg_words_result("no_session");
}

static json_t *do_status(struct dg_bare *bare, const json_t *order)
{
    const struct dg_request request = dg_bare_simple(DG_REQUEST_STATUS);

    (void)order;
    return dg_bare_say(bare, &request);
}

static json_t *do_lease(struct dg_bare *bare, const json_t *order)
{
    const struct dg_request request = dg_bare_simple(DG_REQUEST_LEASE);

    (void)order;
    return dg_bare_say(bare, &request);
}

static json_t *do_stop(struct dg_bare *bare, const json_t *order)
{
    const struct dg_request request = dg_bare_simple(DG_REQUEST_STOP);

    (void)order;
    return dg_bare_say(bare, &request);
}

/* A reading newer and higher than the sensor's, as well as a phone can make it
 * that lacks the sensor's key. */
static bool forge(struct dg_bare *bare,
                  json_int_t mg_dL,
                  struct dg_request *request)
{
    const struct dg_secret guess = {{0}};
    struct dg_reading reading;
    dg_span frame = {NULL, 0U};

    if (dg_reading_parse((dg_span){bare->frame, bare->frame_size}, &reading) !=
        DG_OK) {
        return false;
    }
    reading.sequence++;
    reading.value.mg_dL = (mg_dL == 0) ? 300 : (int32_t)mg_dL;
    if (dg_reading_write(&bare->crypto,
                         &guess,
                         &reading,
                         DG_BUF_OF(request->as.glucose.frame),
                         &frame) != DG_OK) {
        return false;
    }
    request->as.glucose.size = (uint8_t)frame.size;
    return true;
}

static json_t *do_glucose(struct dg_bare *bare, const json_t *order)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_GLUCOSE);

    if (json_is_true(json_object_get(order, "forge"))) {
        return forge(bare,
                     json_integer_value(json_object_get(order, "mg_dL")),
                     &request)
                   ? dg_bare_say(bare, &request)
                   : dg_words_failure("there is no reading to forge after");
    }
    if (bare->frame_size == 0U) {
        return dg_words_failure("no reading was placed yet");
    }
    request.as.glucose.size = (uint8_t)bare->frame_size;
    memcpy(request.as.glucose.frame, bare->frame, bare->frame_size);
    return dg_bare_say(bare, &request);
}

/* Fresh keys within the session. */
static json_t *do_rekey(struct dg_bare *bare, const json_t *order)
{
    uint8_t out[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};
    dg_span bytes = {NULL, 0U};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    const long long until_ms = dg_clock_ms() + bare->patience_ms;

    (void)order;
    forget_late(bare);
    if ((dg_controller_rekey(
             &bare->controller, &bare->crypto, DG_BUF_OF(out), &datagram) !=
         DG_OK) ||
        !send(bare, datagram)) {
        return dg_words_result("no_session");
    }
    while (hear(bare, DG_BUF_OF(out), until_ms, &event, &bytes)) {
        if (event == DG_CONTROLLER_REKEYED) {
            return dg_words_result("rekeyed");
        }
    }
    return dg_words_result("silent");
}

static bool is_result(const json_t *answer, const char *result)
{
    const char *got = json_string_value(json_object_get(answer, "result"));

    return (got != NULL) && (strcmp(got, result) == 0);
}

/* The whole way to a dose, with nothing of an app's care. */
static json_t *do_bolus(struct dg_bare *bare, const json_t *order)
{
    json_t *answer = NULL;

    if (bare->controller.state != DG_CONTROLLER_OPEN) {
        json_decref(do_connect(bare, order));
    }
    json_decref(do_lease(bare, order));
    answer = dg_bare_propose(bare, order);
    if (!is_result(answer, "ticket")) {
        return answer;
    }
    json_decref(answer);
    return dg_bare_commit(bare, order);
}

static const struct {
    const char *name;
    json_t *(*run)(struct dg_bare *bare, const json_t *order);
} orders[] = {
    {"connect", do_connect},      {"status", do_status},
    {"lease", do_lease},          {"stop", do_stop},
    {"suspend", dg_bare_suspend}, {"resume", dg_bare_resume},
    {"rekey", do_rekey},          {"glucose", do_glucose},
    {"propose", dg_bare_propose}, {"commit", dg_bare_commit},
    {"bolus", do_bolus},          {"update", dg_bare_update},
    {"guess", dg_bare_guess},     {"crack", dg_bare_crack},
    {"probe", dg_bare_probe},     {"sample", dg_bare_sample},
    {"raw", dg_bare_raw},         {"weaker", dg_bare_weaker},
    {"records", dg_bare_records},
};

json_t *dg_bare_do(struct dg_bare *bare, const json_t *order)
{
    const char *name = json_string_value(json_object_get(order, "do"));

    for (size_t i = 0U;
         (name != NULL) && (i < (sizeof orders / sizeof orders[0]));
         i++) {
        if (strcmp(name, orders[i].name) == 0) {
            return orders[i].run(bare, order);
        }
    }
    return dg_words_failure("unknown \"do\"; see docs/adapter.md");
}

/* Pairing ------------------------------------------------------------------ */

static enum dg_role role_of(const char *name)
{
    if ((name != NULL) && (strcmp(name, "observer") == 0)) {
        return DG_ROLE_OBSERVER;
    }
    return ((name != NULL) && (strcmp(name, "caregiver") == 0))
               ? DG_ROLE_CAREGIVER
               : DG_ROLE_OWNER;
}

static bool make_keys(struct dg_bare *bare, struct dg_pairing_request *request)
{
    const struct dg_crypto *crypto = &bare->crypto;

    return (crypto->p256_generate(crypto->context,
                                  &bare->phone.private_key,
                                  &bare->phone.public_key) == DG_OK) &&
           (crypto->p256_generate(
                crypto->context, &bare->presence, &request->presence) == DG_OK);
}

/* Send the request until its answer comes; the device takes a repeat of it as
 * the same. */
static bool exchange(struct dg_bare *bare,
                     const struct dg_pairing_code *code,
                     const struct dg_pairing_request *request,
                     struct dg_pairing_answer *answer)
{
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];
    uint8_t out[DG_PAIRING_DATAGRAM_MAX];
    uint8_t in[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    if ((bare->crypto.random(bare->crypto.context, DG_BUF_OF(nonce)) !=
         DG_OK) ||
        (dg_pairing_request_seal(
             &bare->crypto, code, nonce, request, DG_BUF_OF(out), &datagram) !=
         DG_OK)) {
        return false;
    }

    const dg_span first = datagram;

    for (unsigned i = 0U; i < HANDSHAKE_TRIES; i++) {
        const long long until_ms = dg_clock_ms() + bare->patience_ms;

        if (!send(bare, first)) {
            return false;
        }
        while (dg_bare_receive(bare, DG_BUF_OF(in), until_ms, &datagram)) {
            if (dg_pairing_answer_open(
                    &bare->crypto, code, nonce, datagram, answer) == DG_OK) {
                return true;
            }
        }
    }
    return false;
}

const char *dg_bare_pairing_begin(struct dg_bare *bare,
                                  const char *role,
                                  struct dg_pairing_request *request)
{
    const char *name = (bare->name[0] != '\0') ? bare->name : "bench phone";

    memset(request, 0, sizeof *request);
    if (!make_keys(bare, request)) {
        return "no keys could be made";
    }
    request->key = bare->phone.public_key;
    request->method = DG_METHOD_STATIC;
    request->role = role_of(role);
    request->name_size = (uint8_t)strlen(name);
    memcpy(request->name, name, strlen(name));
    return NULL;
}

const char *dg_bare_pairing_end(struct dg_bare *bare,
                                const struct dg_pairing_code *code,
                                const struct dg_pairing_request *request,
                                const struct dg_pairing_answer *answer)
{
    bare->presence_key = request->presence;
    bare->phone.device = code->device;
    bare->phone.method = DG_METHOD_STATIC;
    bare->phone.device_key = code->device_key;
    bare->phone.slot = answer->slot;
    return (dg_knock_key(&bare->crypto,
                         &bare->phone.private_key,
                         &bare->phone.device_key,
                         &bare->phone.knock_key) == DG_OK)
               ? NULL
               : "the device's key is no point of the curve";
}

const char *dg_bare_pair(struct dg_bare *bare,
                         const char *code_hex,
                         const char *role)
{
    uint8_t bytes[DG_PAIRING_CODE_MAX];
    struct dg_pairing_code code;
    struct dg_pairing_request request;
    struct dg_pairing_answer answer;
    const size_t size = strlen(code_hex) / 2U;

    if ((size > sizeof bytes) || !dg_hex_get(code_hex, (dg_buf){bytes, size}) ||
        (dg_pairing_code_decode((dg_span){bytes, size}, &code) != DG_OK)) {
        return "what the device shows is no pairing code";
    }

    const char *problem = dg_bare_pairing_begin(bare, role, &request);

    if (problem != NULL) {
        return problem;
    }
    if (!exchange(bare, &code, &request, &answer)) {
        return "the device did not answer the pairing";
    }
    return dg_bare_pairing_end(bare, &code, &request, &answer);
}

const char *dg_bare_pose_as(struct dg_bare *bare, const struct dg_bare *model)
{
    struct dg_pairing_request unused;

    memset(&unused, 0, sizeof unused);
    bare->phone = model->phone;
    /* Ahead of the real phone, as one who watched its counter would be. */
    bare->phone.knock_counter += 100U;
    bare->seen_epoch = model->controller.record.epoch;
    bare->seen_counter = model->controller.record.tx_next;
    if (!make_keys(bare, &unused)) {
        return "no keys could be made";
    }
    return (dg_knock_key(&bare->crypto,
                         &bare->phone.private_key,
                         &bare->phone.device_key,
                         &bare->phone.knock_key) == DG_OK)
               ? NULL
               : "the device's key is no point of the curve";
}
