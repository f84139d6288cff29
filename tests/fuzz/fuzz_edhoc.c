/* SPDX-License-Identifier: Apache-2.0 */
/* Target: EDHOC, both roles and both methods.  One message of an otherwise correct handshake is
 * replaced or changed.  Oracle: with every message as written both ends are
 * done and export the same key; with any other message they never are. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dosegate/credential.h"
#include "dosegate/edhoc.h"
#include "ports/host/crypto_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct end {
    struct dg_edhoc edhoc;
    struct dg_edhoc_self self;
    struct dg_ccs ccs;
    uint8_t id_cred[4];
};

static struct dg_crypto crypto;
static struct end i_end;
static struct end r_end;

static struct dg_edhoc_suites suites_i = {2U, {3, 2}, DG_METHOD_STATIC};
static struct dg_edhoc_suites suites_r = {1U, {2}, DG_METHOD_STATIC};
/* A label with four bytes, and padding. */
static const uint8_t ead[] = {0x19U, 0xFDU, 0xE9U, 0x44U, 1U, 2U, 3U, 4U, 0U};

static void make_end(struct end *end, uint8_t kid)
{
    struct dg_credential credential = {.kid = kid};

    if (crypto.p256_generate(crypto.context,
                             &end->self.private_key,
                             &end->self.public_key) != DG_OK) {
        abort();
    }
    credential.key = end->self.public_key;
    if (dg_credential_ccs(&credential, &end->ccs) != DG_OK) {
        abort();
    }
    (void)memcpy(end->id_cred, "\xA1\x04\x41", 3U);
    end->id_cred[3] = kid;
    end->self.id_cred = DG_SPAN_OF(end->id_cred);
    end->self.cred = DG_SPAN_OF(end->ccs.byte);
}

/* Whom a claim names; both credentials are known to both ends. */
static bool look_up(dg_span id_cred, struct dg_edhoc_peer *peer)
{
    const struct end *const ends[] = {&i_end, &r_end};

    for (size_t k = 0U; k < 2U; k++) {
        if ((id_cred.size == sizeof ends[k]->id_cred) &&
            (memcmp(id_cred.at, ends[k]->id_cred, id_cred.size) == 0)) {
            peer->public_key = ends[k]->self.public_key;
            peer->cred = ends[k]->self.cred;
            return true;
        }
    }
    return false;
}

static enum dg_status write_message(unsigned number, dg_buf room, dg_span *out)
{
    const uint8_t c = (uint8_t)number;
    const dg_span connection = {&c, 1U};

    switch (number) {
    case 1:
        return dg_edhoc_i_message_1(&i_end.edhoc,
                                    &crypto,
                                    &suites_i,
                                    1U,
                                    connection,
                                    DG_SPAN_OF(ead),
                                    room,
                                    out);
    case 2:
        return dg_edhoc_r_message_2(&r_end.edhoc,
                                    &crypto,
                                    &r_end.self,
                                    connection,
                                    DG_SPAN_OF(ead),
                                    room,
                                    out);
    case 3:
        return dg_edhoc_i_message_3(
            &i_end.edhoc, &crypto, &i_end.self, DG_SPAN_OF(ead), room, out);
    default:
        return dg_edhoc_r_message_4(
            &r_end.edhoc, &crypto, DG_SPAN_OF(ead), room, out);
    }
}

static enum dg_status read_message(unsigned number, dg_span message)
{
    struct dg_edhoc_claim claim = {{NULL, 0U}, {NULL, 0U}};
    struct dg_edhoc_peer peer;
    uint8_t room[16];
    dg_span error;
    enum dg_status status = DG_OK;

    switch (number) {
    case 1:
        return dg_edhoc_r_read_message_1(&r_end.edhoc,
                                         &crypto,
                                         &suites_r,
                                         message,
                                         &claim,
                                         DG_BUF_OF(room),
                                         &error);
    case 2:
        status =
            dg_edhoc_i_read_message_2(&i_end.edhoc, &crypto, message, &claim);
        break;
    case 3:
        status = dg_edhoc_r_read_message_3(
            &r_end.edhoc, &crypto, &r_end.self, message, &claim);
        break;
    default:
        return dg_edhoc_i_read_message_4(
            &i_end.edhoc, &crypto, message, &claim);
    }
    if (status != DG_OK) {
        return status;
    }
    if (!look_up(claim.id_cred, &peer)) {
        return DG_E_AUTH;
    }
    return (number == 2U) ? dg_edhoc_i_verify_message_2(
                                &i_end.edhoc, &crypto, &i_end.self, &peer)
                          : dg_edhoc_r_verify_message_3(
                                &r_end.edhoc, &crypto, &r_end.self, &peer);
}

/* The message that arrives: the input itself, or the written one with pairs
 * of place and value changed. */
static dg_span attack(const uint8_t *data,
                      size_t size,
                      dg_span written,
                      dg_buf room)
{
    if ((data[0] & 4U) != 0U) {
        return (dg_span){&data[1], size - 1U};
    }
    (void)memcpy(room.at, written.at, written.size);
    for (size_t k = 1U; k + 1U < size; k += 2U) {
        room.at[data[k] % written.size] ^= data[k + 1U];
    }
    return (dg_span){room.at, written.size};
}

static bool have_equal_keys(void)
{
    const dg_span none = {NULL, 0U};
    uint8_t i_key[16];
    uint8_t r_key[16];

    return (dg_edhoc_export(
                &i_end.edhoc, &crypto, 32768U, none, DG_BUF_OF(i_key)) ==
            DG_OK) &&
           (dg_edhoc_export(
                &r_end.edhoc, &crypto, 32768U, none, DG_BUF_OF(r_key)) ==
            DG_OK) &&
           (memcmp(i_key, r_key, sizeof i_key) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t room[DG_EDHOC_MESSAGE_MAX];
    uint8_t changed[DG_EDHOC_MESSAGE_MAX];
    bool is_changed = false;
    enum dg_status status = DG_OK;

    if (crypto.context == NULL) {
        if (dg_crypto_openssl_init(&crypto) != DG_OK) {
            abort();
        }
        make_end(&i_end, 1U);
        make_end(&r_end, 2U);
    }
    if ((size == 0U) || (size > 2048U)) {
        return 0;
    }
    dg_edhoc_wipe(&i_end.edhoc);
    dg_edhoc_wipe(&r_end.edhoc);

    const unsigned target = 1U + (data[0] & 3U);

    suites_i.method =
        ((data[0] & 8U) != 0U) ? DG_METHOD_SIGN : DG_METHOD_STATIC;
    suites_r.method = suites_i.method;

    for (unsigned number = 1U; (number <= 4U) && (status == DG_OK); number++) {
        dg_span message;

        status = write_message(number, DG_BUF_OF(room), &message);
        if (status != DG_OK) {
            break;
        }
        if (number == target) {
            const dg_span written = message;

            message = attack(data, size, written, DG_BUF_OF(changed));
            is_changed = (message.size != written.size) ||
                         (memcmp(message.at, written.at, written.size) != 0);
        }
        status = read_message(number, message);
    }
    if ((status == DG_E_PORT) || (status == DG_E_CORRUPT) ||
        (status == DG_E_STATE) || (have_equal_keys() == is_changed)) {
        abort();
    }
    return 0;
}
