/* SPDX-License-Identifier: Apache-2.0 */
/* How many handshakes a second, both roles in one process, and how much that
 * is above the public-key operations that it cannot do without: two key pairs
 * and six Diffie-Hellman (RFC 9528, method 3: three on each side). */
#include <stdio.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/raw.h"
#include "core/session_keys.h"
#include "dosegate/credential.h"
#include "dosegate/edhoc.h"
#include "dosegate/pairing.h"
#include "ports/host/crypto_openssl.h"

#define KEY_PAIRS 2U
#define PRODUCTS  6U
#define ROUNDS    60U
#define SLOT      0U

/* One end: what it brings, and what it believes of the other. */
struct end {
    struct dg_edhoc_self self;
    struct dg_edhoc_peer peer;
    struct dg_ccs ccs;
    uint8_t id_cred[4];
    struct dg_edhoc edhoc;
    struct dg_record record;
    struct dg_session_id session;
};

struct scene {
    struct dg_crypto crypto;
    struct dg_raw raw;
    struct end phone;
    struct end device;
};

static void make_end(const struct dg_crypto *crypto,
                     struct end *end,
                     uint8_t kid)
{
    struct dg_credential credential = {.kid = kid};

    memset(end, 0, sizeof *end);
    dg_bench_expect(crypto->p256_generate(crypto->context,
                                          &end->self.private_key,
                                          &end->self.public_key),
                    "key pair");
    credential.key = end->self.public_key;
    dg_bench_expect(dg_credential_ccs(&credential, &end->ccs), "credential");
    memcpy(end->id_cred, (const uint8_t[4]){0xA1U, 0x04U, 0x41U, kid}, 4U);
    end->self.id_cred = DG_SPAN_OF(end->id_cred);
    end->self.cred = DG_SPAN_OF(end->ccs.byte);
}

static void introduce(struct end *end, const struct end *other)
{
    end->peer.public_key = other->self.public_key;
    end->peer.cred = other->self.cred;
}

/* message_1 to message_3, as core/controller.c and core/device_link.c do. */
static dg_span agree(struct scene *scene, dg_buf room_1, dg_buf room_2)
{
    const struct dg_crypto *crypto = &scene->crypto;
    struct dg_edhoc *phone = &scene->phone.edhoc;
    struct dg_edhoc *device = &scene->device.edhoc;
    static const uint8_t c_i[1] = {DG_SESSION_C_I};
    static const uint8_t c_r[1] = {DG_SESSION_C_R};
    const dg_span none = {NULL, 0U};
    struct dg_edhoc_claim claim;
    dg_span message = none;
    dg_span error = none;

    dg_bench_expect(dg_edhoc_i_message_1(phone,
                                         crypto,
                                         &dg_session_suites,
                                         0U,
                                         DG_SPAN_OF(c_i),
                                         none,
                                         room_1,
                                         &message),
                    "message_1");
    dg_bench_expect(dg_edhoc_r_read_message_1(device,
                                              crypto,
                                              &dg_session_suites,
                                              message,
                                              &claim,
                                              room_2,
                                              &error),
                    "read message_1");
    dg_bench_expect(dg_edhoc_r_message_2(device,
                                         crypto,
                                         &scene->device.self,
                                         DG_SPAN_OF(c_r),
                                         none,
                                         room_2,
                                         &message),
                    "message_2");
    dg_bench_expect(dg_edhoc_i_read_message_2(phone, crypto, message, &claim),
                    "read message_2");
    dg_bench_expect(dg_edhoc_i_verify_message_2(
                        phone, crypto, &scene->phone.self, &scene->phone.peer),
                    "verify message_2");
    dg_bench_expect(
        dg_edhoc_i_message_3(
            phone, crypto, &scene->phone.self, none, room_1, &message),
        "message_3");
    return message;
}

static void finish(struct scene *scene, dg_span message_3, dg_buf room)
{
    const struct dg_crypto *crypto = &scene->crypto;
    struct dg_edhoc *phone = &scene->phone.edhoc;
    struct dg_edhoc *device = &scene->device.edhoc;
    const dg_span none = {NULL, 0U};
    struct dg_edhoc_claim claim;
    dg_span message_4 = none;

    dg_bench_expect(dg_edhoc_r_read_message_3(
                        device, crypto, &scene->device.self, message_3, &claim),
                    "read message_3");
    dg_bench_expect(
        dg_edhoc_r_verify_message_3(
            device, crypto, &scene->device.self, &scene->device.peer),
        "verify message_3");
    dg_bench_expect(
        dg_edhoc_r_message_4(device, crypto, none, room, &message_4),
        "message_4");
    dg_bench_expect(dg_edhoc_i_read_message_4(phone, crypto, message_4, &claim),
                    "read message_4");
}

static void take_keys(struct scene *scene, struct end *end, bool is_device)
{
    dg_bench_expect(dg_session_keys(&end->edhoc,
                                    &scene->crypto,
                                    SLOT,
                                    is_device,
                                    &end->record,
                                    &end->session),
                    "session keys");
}

static void handshake(void *context)
{
    struct scene *scene = context;
    uint8_t room_1[DG_EDHOC_MESSAGE_MAX];
    uint8_t room_2[DG_EDHOC_MESSAGE_MAX];
    const dg_span message_3 =
        agree(scene, DG_BUF_OF(room_1), DG_BUF_OF(room_2));

    finish(scene, message_3, DG_BUF_OF(room_2));
    take_keys(scene, &scene->phone, false);
    take_keys(scene, &scene->device, true);
    if (memcmp(&scene->phone.session,
               &scene->device.session,
               sizeof scene->phone.session) != 0) {
        dg_bench_expect(DG_E_AUTH, "the ends disagree");
    }
}

static void raw_operations(void *context)
{
    const struct scene *scene = context;

    for (unsigned i = 0U; i < KEY_PAIRS; i++) {
        dg_raw_keygen();
    }
    for (unsigned i = 0U; i < PRODUCTS; i++) {
        dg_raw_ecdh(&scene->raw);
    }
}

/* The same through our port, which takes bytes and not ready keys. */
static void port_operations(void *context)
{
    struct scene *scene = context;
    const struct dg_crypto *crypto = &scene->crypto;
    struct dg_secret secret;
    struct dg_public_key point;

    for (unsigned i = 0U; i < KEY_PAIRS; i++) {
        dg_bench_expect(crypto->p256_generate(crypto->context, &secret, &point),
                        "key pair");
    }
    for (unsigned i = 0U; i < PRODUCTS; i++) {
        dg_bench_expect(crypto->p256_ecdh(crypto->context,
                                          &scene->phone.self.private_key,
                                          scene->device.self.public_key.x,
                                          &secret),
                        "ECDH");
    }
}

int main(void)
{
    static struct scene scene;
    const dg_bench_work works[] = {handshake, raw_operations, port_operations};
    double ns[3];

    dg_bench_expect(dg_crypto_openssl_init(&scene.crypto), "crypto port");
    dg_raw_init(&scene.raw);
    make_end(&scene.crypto, &scene.phone, SLOT);
    make_end(&scene.crypto, &scene.device, DG_DEVICE_KID);
    introduce(&scene.phone, &scene.device);
    introduce(&scene.device, &scene.phone);

    dg_bench_compare(works, &scene, 3U, ROUNDS, ns);
    (void)printf("handshake (EDHOC method 3, suite 3, both ends)\n");
    dg_bench_tell("handshakes", 1e9 / ns[0], "/s", "");
    dg_bench_tell("one handshake", ns[0] / 1e3, "us", "");
    dg_bench_tell("2 key pairs + 6 ECDH, OpenSSL", ns[1] / 1e3, "us", "");
    dg_bench_tell("the same through our port", ns[2] / 1e3, "us", "");
    dg_bench_tell("ratio to OpenSSL", ns[0] / ns[1], "", "(aim: under 1.3)");
    dg_bench_tell("ratio to our port", ns[0] / ns[2], "", "");
    dg_raw_free(&scene.raw);
    dg_crypto_openssl_free(&scene.crypto);
    return 0;
}
