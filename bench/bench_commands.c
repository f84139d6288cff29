/* SPDX-License-Identifier: Apache-2.0 */
/* Commands a second, end to end: a phone here, a dosegate-device process there,
 * a socket between them.  One request at a time, as a phone has it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/pump.h"
#include "dosegate/controller.h"
#include "dosegate/knock.h"
#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "ports/host/crypto_openssl.h"

/* Nine repetitions of both stay below half of a phone's budget of energy
 * (dosegate/energy.h): beyond it the device backs off. */
#define ROUNDS         100U
#define SESSIONS       10U
#define ANSWER_MS      2000
#define SMALL_BOLUS_MU 50
#define DOSE_LOOKS     200U
#define DOSE_LOOK_MS   100
#define PHONE_BATTERY  90U
#define NAME           "bench"

struct scene {
    struct dg_crypto crypto;
    struct dg_bench_pump pump;
    struct dg_link link;
    struct dg_phone phone;
    struct dg_secret presence;
    struct dg_controller controller;
    struct dg_answer answer;
    unsigned sent; /* datagrams, and bytes both ways, since the last leg */
    size_t bytes;
};

static void expect(bool is_good, const char *what)
{
    dg_bench_expect(is_good ? DG_OK : DG_E_STATE, what);
}

static void send_datagram(struct scene *scene, dg_span datagram)
{
    dg_bench_expect(dg_link_send(&scene->link, NULL, datagram), "send");
    scene->sent++;
    scene->bytes += datagram.size;
}

/* One leg of the way ends: each datagram of the phone had one answer. */
static void tell_leg(struct scene *scene, const char *what)
{
    (void)printf("  %-40s round trips %u, bytes %5zu\n",
                 what,
                 scene->sent,
                 scene->bytes);
    scene->sent = 0U;
    scene->bytes = 0U;
}

static dg_span wait_datagram(struct scene *scene, dg_buf room)
{
    struct pollfd entries[DG_LINK_POLL_MAX];
    dg_span datagram = {NULL, 0U};

    while (dg_link_receive(&scene->link, room, NULL, &datagram) != DG_OK) {
        const size_t count =
            dg_link_poll(&scene->link, entries, DG_LINK_POLL_MAX);

        expect(poll(entries, (nfds_t)count, ANSWER_MS) > 0,
               "an answer within 2 s");
    }
    scene->bytes += datagram.size;
    return datagram;
}

static void pair(struct scene *scene)
{
    const struct dg_crypto *crypto = &scene->crypto;
    struct dg_phone *phone = &scene->phone;
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OWNER,
                                         .name_size = sizeof NAME - 1U,
                                         .name = NAME};
    uint8_t code_room[DG_PAIRING_CODE_MAX];
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];
    uint8_t room[DG_DATAGRAM_MAX];
    struct dg_pairing_code code;
    struct dg_pairing_answer answer;
    dg_span datagram = {NULL, 0U};
    const size_t size = dg_bench_pump_code(&scene->pump, DG_BUF_OF(code_room));

    dg_bench_expect(dg_pairing_code_decode((dg_span){code_room, size}, &code),
                    "code");
    dg_bench_expect(crypto->p256_generate(crypto->context,
                                          &phone->private_key,
                                          &phone->public_key),
                    "key pair");
    dg_bench_expect(crypto->p256_generate(
                        crypto->context, &scene->presence, &request.presence),
                    "presence key");
    dg_bench_expect(crypto->random(crypto->context, DG_BUF_OF(nonce)), "nonce");
    request.key = phone->public_key;
    dg_bench_expect(
        dg_pairing_request_seal(
            crypto, &code, nonce, &request, DG_BUF_OF(room), &datagram),
        "pairing request");
    send_datagram(scene, datagram);
    datagram = wait_datagram(scene, DG_BUF_OF(room));
    dg_bench_expect(
        dg_pairing_answer_open(crypto, &code, nonce, datagram, &answer),
        "pairing answer");
    phone->slot = answer.slot;
    phone->device = code.device;
    phone->method = DG_METHOD_STATIC;
    phone->device_key = code.device_key;
    dg_bench_expect(
        dg_knock_key(
            crypto, &phone->private_key, &phone->device_key, &phone->knock_key),
        "knock key");
}

/* Take datagrams until the controller has what is waited for. */
static dg_span wait_event(struct scene *scene,
                          enum dg_controller_event wanted,
                          dg_buf room)
{
    uint8_t in[DG_DATAGRAM_MAX];
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    dg_span bytes = {NULL, 0U};

    while (event != wanted) {
        const dg_span datagram = wait_datagram(scene, DG_BUF_OF(in));

        dg_bench_expect(dg_controller_receive(&scene->controller,
                                              &scene->crypto,
                                              &scene->phone,
                                              datagram,
                                              room,
                                              &event,
                                              &bytes),
                        "receive");
        if (event == DG_CONTROLLER_SEND) {
            send_datagram(scene, bytes);
        }
    }
    return bytes;
}

static void ask(struct scene *scene, const struct dg_request *request)
{
    uint8_t plain[DG_MESSAGE_MAX];
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span message = {NULL, 0U};
    dg_span datagram = {NULL, 0U};

    dg_bench_expect(dg_request_encode(request, DG_BUF_OF(plain), &message),
                    "request");
    dg_bench_expect(dg_controller_send(&scene->controller,
                                       &scene->crypto,
                                       message,
                                       DG_BUF_OF(room),
                                       &datagram),
                    "seal");
    send_datagram(scene, datagram);
    message = wait_event(scene, DG_CONTROLLER_ANSWER, DG_BUF_OF(room));
    dg_bench_expect(dg_answer_decode(message, &scene->answer), "answer");
}

static void ask_status(void *context)
{
    struct scene *scene = context;
    const struct dg_request request = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {.major = DG_VERSION_MAJOR,
                      .minor = DG_VERSION_MINOR,
                      .phone_battery_percent = PHONE_BATTERY}};

    ask(scene, &request);
    expect(scene->answer.kind == DG_ANSWER_STATUS, "a status");
}

static void open_session(void *context)
{
    struct scene *scene = context;
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    dg_bench_expect(dg_controller_connect(&scene->controller,
                                          &scene->crypto,
                                          &scene->phone,
                                          DG_BUF_OF(room),
                                          &datagram),
                    "connect");
    send_datagram(scene, datagram);
    (void)wait_event(scene, DG_CONTROLLER_OPENED, DG_BUF_OF(room));
}

static void propose(struct scene *scene)
{
    const struct dg_request request = {
        .kind = DG_REQUEST_PROPOSE,
        .as.propose = {.tier = DG_TIER_CONFIRMED,
                       .effect = {.kind = DG_EFFECT_BOLUS,
                                  .form = DG_FORM_NORMAL,
                                  .amount = {SMALL_BOLUS_MU}}}};

    ask(scene, &request);
}

/* A whole dose, so that the interval (E7) runs from now on. */
static void dose_once(struct scene *scene)
{
    const struct dg_request lease = {.kind = DG_REQUEST_LEASE,
                                     .as.lease = {.verb = DG_LEASE_TAKE}};
    struct dg_request commit = {.kind = DG_REQUEST_COMMIT};
    struct dg_approval approval;
    struct dg_hash hash;

    ask(scene, &lease);
    tell_leg(scene, "control lease");
    propose(scene);
    tell_leg(scene, "dose proposed: ticket");
    expect(scene->answer.kind == DG_ANSWER_TICKET, "a ticket");
    approval.device = scene->phone.device;
    approval.session = scene->controller.session;
    approval.ticket = scene->answer.as.ticket.id;
    approval.effect = scene->answer.as.ticket.effect;
    approval.expiry = scene->answer.as.ticket.expiry;
    dg_bench_expect(dg_approval_hash(&scene->crypto, &approval, &hash),
                    "approval");
    dg_bench_expect(scene->crypto.es256_sign(scene->crypto.context,
                                             &scene->presence,
                                             &hash,
                                             &commit.as.commit.signature),
                    "signature");
    commit.as.commit.has_signature = true;
    commit.as.commit.ticket = approval.ticket;
    ask(scene, &commit);
    expect(scene->answer.kind == DG_ANSWER_ACCEPTED, "an accepted dose");
    tell_leg(scene, "dose committed: accepted");
    /* This phone has proved nothing of itself (Low): a hand at the pump agrees
     * to each of its doses. */
    dg_bench_pump_confirm(&scene->pump);
    /* One pulse, and what follows it. */
    for (unsigned i = 0U; i < DOSE_LOOKS; i++) {
        (void)poll(NULL, 0, DOSE_LOOK_MS);
        ask_status(scene);
        if (scene->answer.status.outcome == DG_OUTCOME_DELIVERED) {
            return;
        }
    }
    expect(false, "a dose that is delivered within 20 s");
}

/* Goes through session, command, authority and the whole envelope. */
static void propose_refused(void *context)
{
    struct scene *scene = context;

    propose(scene);
    expect((scene->answer.kind == DG_ANSWER_REFUSED) &&
               (scene->answer.as.refused.reason == DG_REASON_E7),
           "a refusal by E7");
}

static void start(struct scene *scene, const char *program)
{
    char why[DG_LINK_WHY_MAX];

    dg_bench_expect(dg_crypto_openssl_init(&scene->crypto), "crypto port");
    dg_bench_pump_start(&scene->pump, program);
    dg_bench_expect(
        dg_link_open(&scene->link, scene->pump.link, DG_LINK_CLIENT, why),
        "link");
    (void)printf("the way to a dose, counted on the link\n");
    (void)printf("  power-on to the first basal pulse        none: basal "
                 "needs no phone\n");
    pair(scene);
    tell_leg(scene, "pairing, once");
    open_session(scene);
    tell_leg(scene, "connecting: knock, EDHOC 1 to 4");
    ask_status(scene);
    tell_leg(scene, "status: version and first command");
    dose_once(scene);
    (void)printf(
        "  handshakes of others, three flights, raw public keys:\n"
        "    DTLS 1.3 894 bytes, TLS 1.3 789, EDHOC static DH (kid) 101\n"
        "    (IETF comparison of protocols; without message_4 and knock)\n");
}

int main(int argc, char **argv)
{
    static struct scene scene;
    const dg_bench_work commands[] = {ask_status, propose_refused};
    const dg_bench_work sessions[] = {open_session};
    double ns[2];

    if (argc != 2) {
        (void)fprintf(stderr,
                      "usage: bench_commands PATH_OF_DOSEGATE_DEVICE\n");
        return 1;
    }
    start(&scene, argv[1]);
    dg_bench_compare(commands, &scene, 2U, ROUNDS, ns);
    (void)printf("commands (a device process, UDP on this machine)\n");
    dg_bench_tell("status, asked and answered", 1e9 / ns[0], "/s", "");
    dg_bench_tell("dose proposed and refused by E7", 1e9 / ns[1], "/s", "");
    dg_bench_compare(sessions, &scene, 1U, SESSIONS, ns);
    dg_bench_tell(
        "new sessions", 1e9 / ns[0], "/s", "(flash written each time)");
    dg_link_close(&scene.link);
    dg_bench_pump_end(&scene.pump);
    dg_crypto_openssl_free(&scene.crypto);
    return 0;
}
