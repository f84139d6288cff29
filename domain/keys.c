/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <string.h>

#include "dosegate/message.h"
#include "keys_candidate.h"

/* Waits after each try: quick at first, because a lost datagram is the common
 * case, then slower, because the device pays for each handshake. */
static const int64_t back_off_ms[DG_KEYS_TRIES] = {300, 600, 1200, 1200, 1200};

#define UNANSWERED_MAX 2U /* then the session is taken to be dead */

void dg_keys_init(struct dg_keys *keys,
                  const struct dg_crypto *crypto,
                  const struct dg_phone *phone,
                  dg_keys_save save,
                  void *save_context)
{
    memset(keys, 0, sizeof(*keys));
    keys->crypto = crypto;
    keys->save = save;
    keys->save_context = save_context;
    keys->due_ms = INT64_MAX;
    if (phone != NULL) {
        keys->phone = *phone;
        keys->is_paired = true;
    }
}

void dg_keys_use(struct dg_keys *keys, struct dg_keystore *store)
{
    keys->store = store;
}

/* Where the next message goes.  Each call here puts at most two. */
static struct dg_internal *put(struct dg_keys *keys,
                               enum dg_role_id to,
                               enum dg_internal_type type)
{
    struct dg_keys_out *out = &keys->out[keys->out_count % DG_KEYS_OUT_MAX];

    keys->out_count++;
    memset(out, 0, sizeof(*out));
    out->to = to;
    out->message.type = type;
    return &out->message;
}

static void put_datagram(struct dg_keys *keys, dg_span datagram)
{
    struct dg_packet *packet =
        &put(keys, DG_ROLE_ID_LINK, DG_INTERNAL_DATAGRAM_OUT)->as.datagram;

    packet->size = (uint16_t)datagram.size;
    memcpy(packet->byte, datagram.at, datagram.size);
}

static void rest(struct dg_keys *keys)
{
    keys->activity = DG_KEYS_IDLE;
    keys->due_ms = INT64_MAX;
    keys->tries = 0;
}

static void put_unanswered(struct dg_keys *keys, enum dg_cause cause)
{
    rest(keys);
    put(keys, DG_ROLE_ID_THERAPY, DG_INTERNAL_UNANSWERED)->as.unanswered =
        cause;
}

static void put_paired(struct dg_keys *keys,
                       enum dg_cause cause,
                       const struct dg_pairing_answer *answer)
{
    struct dg_internal *message =
        put(keys, DG_ROLE_ID_THERAPY, DG_INTERNAL_PAIRED);

    message->as.paired.cause = cause;
    if (answer != NULL) {
        message->as.paired.answer = *answer;
    }
    rest(keys);
    dg_keys_drop_candidate(keys);
    keys->code = (struct dg_pairing_code){.secret = {0}};
    dg_prover_wipe(&keys->prover);
}

static void transmit(struct dg_keys *keys,
                     int64_t now_ms,
                     const struct dg_plain *plain)
{
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram;
    const enum dg_status status =
        dg_controller_send(&keys->controller,
                           keys->crypto,
                           (dg_span){plain->byte, plain->size},
                           DG_BUF_OF(room),
                           &datagram);

    if (status != DG_OK) {
        dg_controller_wipe(&keys->controller);
        put_unanswered(
            keys, (status == DG_E_STATE) ? DG_CAUSE_SESSION : DG_CAUSE_FAILED);
        return;
    }
    put_datagram(keys, datagram);
    keys->activity = DG_KEYS_WAITING;
    keys->due_ms = now_ms + DG_KEYS_ANSWER_MS;
}

/* Fresh keys before the next request, when these are old or much used.  Without
 * an answer the old ones go on: a session is worth more than new keys. */
static bool rekey(struct dg_keys *keys,
                  int64_t now_ms,
                  const struct dg_plain *plain)
{
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram;

    if ((now_ms < keys->rekey_ms) &&
        !dg_controller_wants_rekey(&keys->controller)) {
        return false;
    }
    keys->rekey_ms = now_ms + DG_KEYS_REKEY_AGAIN_MS;
    if (dg_controller_rekey(
            &keys->controller, keys->crypto, DG_BUF_OF(room), &datagram) !=
        DG_OK) {
        return false;
    }
    put_datagram(keys, datagram);
    keys->waiting = *plain;
    keys->activity = DG_KEYS_REKEYING;
    keys->due_ms = now_ms + DG_KEYS_ANSWER_MS;
    return true;
}

/* One handshake more.  The counter is on storage before the knock leaves, so
 * that no power cut makes us use it twice. */
static void knock(struct dg_keys *keys, int64_t now_ms)
{
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram;

    if (keys->tries >= DG_KEYS_TRIES) {
        put_unanswered(keys, DG_CAUSE_UNREACHABLE);
        return;
    }
    if ((dg_controller_connect(&keys->controller,
                               keys->crypto,
                               &keys->phone,
                               DG_BUF_OF(room),
                               &datagram) != DG_OK) ||
        (keys->save(keys->save_context, &keys->phone) != DG_OK)) {
        dg_controller_wipe(&keys->controller);
        put_unanswered(keys, DG_CAUSE_FAILED);
        return;
    }
    put_datagram(keys, datagram);
    keys->activity = DG_KEYS_CONNECTING;
    keys->due_ms = now_ms + back_off_ms[keys->tries];
    keys->tries++;
}

static bool is_zero(const struct dg_session_id *session)
{
    static const struct dg_session_id none;

    return memcmp(session, &none, sizeof(none)) == 0;
}

/* A session must begin with a status, so only a status may open one. */
static bool may_open(const struct dg_plain *plain)
{
    struct dg_request request;

    return (dg_request_decode((dg_span){plain->byte, plain->size}, &request) ==
            DG_OK) &&
           (request.kind == DG_REQUEST_STATUS);
}

static enum dg_status take_request(struct dg_keys *keys,
                                   int64_t now_ms,
                                   const struct dg_internal *message)
{
    const struct dg_plain *plain = &message->as.message.plain;
    const struct dg_session_id *session = &message->as.message.session;
    const bool is_open = keys->controller.state == DG_CONTROLLER_OPEN;

    if ((keys->activity != DG_KEYS_IDLE) || (plain->size == 0U) ||
        (plain->size > DG_MESSAGE_MAX) ||
        (is_zero(session) && !may_open(plain))) {
        return DG_E_PEER;
    }
    if (!keys->is_paired) {
        put_unanswered(keys, DG_CAUSE_UNPAIRED);
        return DG_OK;
    }
    if (!is_zero(session) &&
        (!is_open ||
         (memcmp(session, &keys->controller.session, sizeof(*session)) != 0))) {
        put_unanswered(keys, DG_CAUSE_SESSION);
        return DG_OK;
    }
    if (is_open) {
        if (!rekey(keys, now_ms, plain)) {
            transmit(keys, now_ms, plain);
        }
        return DG_OK;
    }
    keys->waiting = *plain;
    knock(keys, now_ms);
    return DG_OK;
}

static void ask_to_pair(struct dg_keys *keys, int64_t now_ms)
{
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram;

    if (keys->tries >= DG_KEYS_TRIES) {
        put_paired(keys, DG_CAUSE_UNREACHABLE, NULL);
        return;
    }

    uint8_t *nonce = keys->nonce[keys->tries];
    const dg_buf fresh = {nonce, DG_PAIRING_NONCE_SIZE};

    if ((keys->crypto->random(keys->crypto->context, fresh) != DG_OK) ||
        (dg_pairing_request_seal(keys->crypto,
                                 &keys->code,
                                 nonce,
                                 &keys->request,
                                 DG_BUF_OF(room),
                                 &datagram) != DG_OK)) {
        put_paired(keys, DG_CAUSE_FAILED, NULL);
        return;
    }
    put_datagram(keys, datagram);
    keys->activity = DG_KEYS_PAIRING;
    keys->due_ms = now_ms + back_off_ms[keys->tries];
    keys->tries++;
}

static void fill_request(struct dg_keys *keys,
                         const struct dg_internal *message)
{
    const struct dg_pair_order *order = &message->as.pair;

    keys->request = (struct dg_pairing_request){.method = DG_METHOD_STATIC,
                                                .presence = keys->presence,
                                                .role = order->role,
                                                .name_size = order->name_size};
    memcpy(keys->request.name, order->name, sizeof(order->name));
}

/* by digits --------------------------------------------------------------- */

static bool are_digits(const struct dg_plain *code)
{
    bool are = code->size == DG_PAIRING_DIGITS;

    for (size_t i = 0; are && (i < DG_PAIRING_DIGITS); i++) {
        are = (code->byte[i] >= '0') && (code->byte[i] <= '9');
    }
    return are;
}

/* The device answers the same bytes with the same bytes, so what gets no
 * answer is sent again; for longer than an attempt that somebody left there
 * keeps it busy (DG_PAIRING_ATTEMPT_S). */
#define PROVING_TRIES 13U

static void send_pending(struct dg_keys *keys, int64_t now_ms)
{
    if (keys->tries >= PROVING_TRIES) {
        put_paired(keys, DG_CAUSE_UNREACHABLE, NULL);
        return;
    }
    put_datagram(keys, (dg_span){keys->pending.byte, keys->pending.size});
    keys->activity = DG_KEYS_PROVING;
    keys->due_ms =
        now_ms +
        back_off_ms[(keys->tries < DG_KEYS_TRIES) ? keys->tries
                                                  : DG_KEYS_TRIES - 1U];
    keys->tries++;
}

static void send_first(struct dg_keys *keys, int64_t now_ms, dg_span datagram)
{
    keys->pending.size = (uint16_t)datagram.size;
    memcpy(keys->pending.byte, datagram.at, datagram.size);
    keys->tries = 0;
    send_pending(keys, now_ms);
}

static void begin_proving(struct dg_keys *keys,
                          int64_t now_ms,
                          const struct dg_plain *code)
{
    const struct dg_device_id unknown = {{0}};
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0};
    enum dg_status status = dg_keys_choose_key(keys, &unknown);

    if (status == DG_OK) {
        status = dg_prover_start(&keys->prover,
                                 keys->crypto,
                                 code->byte,
                                 &keys->request,
                                 DG_BUF_OF(room),
                                 &datagram);
    }
    if (status != DG_OK) {
        put_paired(keys, DG_CAUSE_FAILED, NULL);
        return;
    }
    send_first(keys, now_ms, datagram);
}

static void adopt(struct dg_keys *keys, const struct dg_pairing_answer *answer)
{
    keys->candidate.slot = answer->slot;
    if (keys->save(keys->save_context, &keys->candidate) != DG_OK) {
        put_paired(keys, DG_CAUSE_FAILED, NULL);
        return;
    }
    dg_controller_wipe(&keys->controller);

    const struct dg_phone before = keys->phone;

    keys->phone = keys->candidate;
    keys->candidate = before; /* whose key goes, unless it is the same */
    keys->is_paired = true;
    put_paired(keys, DG_CAUSE_NONE, answer);
}

/* The next step of the prover, or its end. */
static void take_proving(struct dg_keys *keys, int64_t now_ms, dg_span datagram)
{
    struct dg_prover *prover = &keys->prover;
    const enum dg_prover_state before = prover->state;
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span reply = {NULL, 0};
    enum dg_status status = dg_prover_receive(
        prover, keys->crypto, datagram, DG_BUF_OF(room), &reply);

    if (status != DG_OK) {
        /* Wrong digits, or somebody who does not know them either. */
        put_paired(keys,
                   (dg_status_category(status) == DG_CAT_PORT)
                       ? DG_CAUSE_FAILED
                       : DG_CAUSE_REFUSED,
                   NULL);
        return;
    }
    if ((before == DG_PROVER_WAIT_SALT) &&
        (prover->state == DG_PROVER_WAIT_REPLY)) {
        status = dg_keys_choose_key(keys, &prover->code.device);
        if (status == DG_OK) {
            status = dg_prover_enroll(prover, &keys->request);
        }
    }
    if (prover->state == DG_PROVER_DONE) {
        status = dg_keys_know_device(keys, &prover->answer.device_key);
    }
    if (status != DG_OK) {
        put_paired(keys, DG_CAUSE_FAILED, NULL);
    } else if (prover->state == DG_PROVER_DONE) {
        const struct dg_pairing_answer answer = prover->answer;

        adopt(keys, &answer);
    } else if (reply.size > 0U) {
        send_first(keys, now_ms, reply);
    } else {
        /* Not for this step. */
    }
    explicit_bzero(room, sizeof(room));
}

/* by either code ----------------------------------------------------------- */

static enum dg_status take_pair(struct dg_keys *keys,
                                int64_t now_ms,
                                const struct dg_internal *message)
{
    const struct dg_pair_order *order = &message->as.pair;
    const dg_span code = {order->code.byte, order->code.size};

    if ((keys->activity != DG_KEYS_IDLE) || (order->name_size == 0U) ||
        (order->role == DG_ROLE_NONE)) {
        return DG_E_PEER;
    }
    /* Confirm told its key to us before therapy could ask, but over another
     * channel: it is on its way. */
    if (!keys->has_presence) {
        keys->early = *message;
        keys->is_early = true;
        return DG_OK;
    }
    fill_request(keys, message);
    if (are_digits(&order->code)) {
        begin_proving(keys, now_ms, &order->code);
        return DG_OK;
    }
    if (dg_pairing_code_decode(code, &keys->code) != DG_OK) {
        put_paired(keys, DG_CAUSE_REFUSED, NULL);
        return DG_OK;
    }
    if ((dg_keys_choose_key(keys, &keys->code.device) != DG_OK) ||
        (dg_keys_know_device(keys, &keys->code.device_key) != DG_OK)) {
        put_paired(keys, DG_CAUSE_FAILED, NULL);
        return DG_OK;
    }
    ask_to_pair(keys, now_ms);
    return DG_OK;
}

/* The answer may be to any of the requests that are under way. */
static void take_pairing_answer(struct dg_keys *keys, dg_span datagram)
{
    struct dg_pairing_answer answer;

    for (size_t i = 0; i < keys->tries; i++) {
        if (dg_pairing_answer_open(
                keys->crypto, &keys->code, keys->nonce[i], datagram, &answer) !=
            DG_OK) {
            continue;
        }
        adopt(keys, &answer);
        return;
    }
}

static void put_session(struct dg_keys *keys)
{
    struct dg_internal *message =
        put(keys, DG_ROLE_ID_THERAPY, DG_INTERNAL_SESSION);

    message->as.session.device = keys->phone.device;
    message->as.session.id = keys->controller.session;
    message->as.session.key = keys->phone.public_key;
}

static void put_answer(struct dg_keys *keys, dg_span plain)
{
    if ((plain.size == 0U) || (plain.size > DG_PLAIN_MAX)) {
        return;
    }

    struct dg_internal *message =
        put(keys, DG_ROLE_ID_THERAPY, DG_INTERNAL_ANSWER);

    message->as.message.session = keys->controller.session;
    message->as.message.plain.size = (uint16_t)plain.size;
    memcpy(message->as.message.plain.byte, plain.at, plain.size);
    keys->unanswered = 0;
    if (keys->activity == DG_KEYS_WAITING) {
        rest(keys);
    }
}

/* An offer of fresh keys that was given up is nobody's answer. */
static bool is_offer(dg_span plain)
{
    struct dg_answer answer;

    return (dg_answer_decode(plain, &answer) == DG_OK) &&
           (answer.kind == DG_ANSWER_REKEY);
}

/* What came of a datagram. */
static void follow(struct dg_keys *keys,
                   int64_t now_ms,
                   enum dg_controller_event event,
                   dg_span bytes)
{
    const bool is_rekeying = keys->activity == DG_KEYS_REKEYING;

    switch (event) {
    case DG_CONTROLLER_SEND:
        put_datagram(keys, bytes);
        break;
    case DG_CONTROLLER_OPENED:
        keys->tries = 0;
        keys->unanswered = 0;
        keys->rekey_ms = now_ms + DG_KEYS_REKEY_MS;
        put_session(keys);
        if (keys->activity == DG_KEYS_CONNECTING) {
            transmit(keys, now_ms, &keys->waiting);
        }
        break;
    case DG_CONTROLLER_REKEYED:
        keys->rekey_ms = now_ms + DG_KEYS_REKEY_MS;
        if (is_rekeying) {
            transmit(keys, now_ms, &keys->waiting);
        }
        break;
    case DG_CONTROLLER_ANSWER:
        /* Refused fresh keys: the request goes with the old ones. */
        if (is_rekeying) {
            transmit(keys, now_ms, &keys->waiting);
        } else if (!is_offer(bytes)) {
            put_answer(keys, bytes);
        } else {
            /* too late */
        }
        break;
    case DG_CONTROLLER_NOTHING:
        break;
    }
}

static void take_datagram(struct dg_keys *keys,
                          int64_t now_ms,
                          dg_span datagram)
{
    uint8_t room[DG_DATAGRAM_MAX];
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    dg_span bytes = {NULL, 0};

    if ((keys->activity == DG_KEYS_PAIRING) && (datagram.size > 0U) &&
        (datagram.at[0] == DG_PAIRING_ANSWER_TYPE)) {
        take_pairing_answer(keys, datagram);
        return;
    }
    if (keys->activity == DG_KEYS_PROVING) {
        take_proving(keys, now_ms, datagram);
        return;
    }
    if (!keys->is_paired) {
        return;
    }
    if (dg_controller_receive(&keys->controller,
                              keys->crypto,
                              &keys->phone,
                              datagram,
                              DG_BUF_OF(room),
                              &event,
                              &bytes) != DG_OK) {
        dg_controller_wipe(&keys->controller);
        if ((keys->activity == DG_KEYS_WAITING) ||
            (keys->activity == DG_KEYS_REKEYING)) {
            put_unanswered(keys, DG_CAUSE_NO_ANSWER);
        }
        return;
    }
    follow(keys, now_ms, event, bytes);
    explicit_bzero(room, sizeof(room));
}

enum dg_status dg_keys_take(struct dg_keys *keys,
                            int64_t now_ms,
                            const struct dg_internal *message)
{
    keys->out_count = 0;
    if (message->type == DG_INTERNAL_REQUEST) {
        return take_request(keys, now_ms, message);
    }
    if (message->type == DG_INTERNAL_PAIR) {
        return take_pair(keys, now_ms, message);
    }
    /* @satisfies{FIA_ENROL.1@1} */
    if (message->type == DG_INTERNAL_ENROLL) {
        /* From confirm itself, once: the gate sees to both. */
        keys->presence = message->as.presence;
        keys->has_presence = true;
        if (keys->is_early) {
            keys->is_early = false;
            return take_pair(keys, now_ms, &keys->early);
        }
        return DG_OK;
    }
    if (message->type == DG_INTERNAL_DATAGRAM_IN) {
        take_datagram(
            keys,
            now_ms,
            (dg_span){message->as.datagram.byte, message->as.datagram.size});
        return DG_OK;
    }
    if (message->type == DG_INTERNAL_FRAME_IN) {
        put(keys, DG_ROLE_ID_THERAPY, DG_INTERNAL_FRAME)->as.frame =
            message->as.frame;
        return DG_OK;
    }
    return DG_E_PEER;
}

int64_t dg_keys_tick(struct dg_keys *keys, int64_t now_ms)
{
    keys->out_count = 0;
    if (now_ms < keys->due_ms) {
        return keys->due_ms;
    }
    switch (keys->activity) {
    case DG_KEYS_CONNECTING:
        knock(keys, now_ms);
        break;
    case DG_KEYS_PAIRING:
        ask_to_pair(keys, now_ms);
        break;
    case DG_KEYS_PROVING:
        send_pending(keys, now_ms);
        break;
    case DG_KEYS_REKEYING:
        dg_controller_keep_keys(&keys->controller);
        transmit(keys, now_ms, &keys->waiting);
        break;
    case DG_KEYS_WAITING:
        keys->unanswered++;
        if (keys->unanswered >= UNANSWERED_MAX) {
            dg_controller_wipe(&keys->controller);
        }
        put_unanswered(keys, DG_CAUSE_NO_ANSWER);
        break;
    case DG_KEYS_IDLE:
        keys->due_ms = INT64_MAX;
        break;
    }
    return keys->due_ms;
}
