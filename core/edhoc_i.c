/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/edhoc.h"

#include <string.h>

#include "bytes.h"
#include "edhoc_keys.h"
#include "edhoc_proof.h"
#include "edhoc_state.h"
#include "edhoc_wire.h"

#define ERR_WRONG_SUITE 2

/* message_1 = METHOD, SUITES_I, G_X, C_I, ? EAD_1 */
static enum dg_status write_message_1(struct dg_edhoc *edhoc,
                                      const struct dg_crypto *crypto,
                                      const struct dg_edhoc_suites *suites,
                                      unsigned selected,
                                      dg_span connection,
                                      dg_span ead_1,
                                      dg_buf room,
                                      dg_span *message_1)
{
    struct dg_public_key g_x;
    struct dg_cbor_writer writer;
    dg_span written;
    enum dg_status status =
        crypto->p256_generate(crypto->context, &edhoc->ephemeral, &g_x);

    if (status != DG_OK) {
        return status;
    }
    edhoc->suite = suites->suite[selected];
    edhoc->method = suites->method;
    (void)memcpy(edhoc->ephemeral_x, g_x.x, sizeof g_x.x);

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_int(&writer, dg_edhoc_method_on_wire(suites->method));
    dg_edhoc_write_suites(&writer, suites->suite, selected + 1U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(g_x.x));
    dg_edhoc_write_identifier(&writer, connection);
    dg_cbor_write_raw(&writer, ead_1);
    status = dg_cbor_writer_end(&writer, &written);
    if (status == DG_OK) {
        status = crypto->sha256(crypto->context, &written, 1U, &edhoc->th);
    }
    if (status == DG_OK) {
        *message_1 = written;
    }
    return status;
}

enum dg_status dg_edhoc_i_message_1(struct dg_edhoc *edhoc,
                                    const struct dg_crypto *crypto,
                                    const struct dg_edhoc_suites *suites,
                                    unsigned selected,
                                    dg_span connection,
                                    dg_span ead_1,
                                    dg_buf room,
                                    dg_span *message_1)
{
    if (message_1 == NULL) {
        return DG_E_USAGE;
    }
    *message_1 = (dg_span){NULL, 0U};
    if ((edhoc == NULL) || (crypto == NULL) || (suites == NULL) ||
        (suites->count > DG_EDHOC_SUITES_MAX) || (selected >= suites->count) ||
        !dg_edhoc_has_method(suites->method) || (connection.at == NULL) ||
        (connection.size > DG_EDHOC_CONNECTION_MAX) ||
        !dg_edhoc_is_ead(ead_1) || (room.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_NONE) {
        return DG_E_STATE;
    }
    if (!dg_edhoc_has_suite(suites->suite[selected])) {
        return DG_E_UNSUPPORTED;
    }
    return dg_edhoc_settle(edhoc,
                           write_message_1(edhoc,
                                           crypto,
                                           suites,
                                           selected,
                                           connection,
                                           ead_1,
                                           room,
                                           message_1),
                           DG_EDHOC_I_WAIT_2);
}

/* What was read of PLAINTEXT_2, as long as it lies in the context. */
static enum dg_status split_2(struct dg_edhoc *edhoc,
                              struct dg_edhoc_parts *parts)
{
    return dg_edhoc_split((dg_span){edhoc->plain, edhoc->plain_size},
                          true,
                          dg_edhoc_proof_size(edhoc),
                          DG_BUF_OF(edhoc->kid_map),
                          parts);
}

/* message_2 = bstr (G_Y, CIPHERTEXT_2) */
static enum dg_status read_message_2(struct dg_edhoc *edhoc,
                                     const struct dg_crypto *crypto,
                                     dg_span message_2,
                                     struct dg_edhoc_claim *claim)
{
    struct dg_cbor_reader reader;
    struct dg_edhoc_parts parts;

    dg_cbor_reader_init(&reader, message_2);

    const dg_span content = dg_cbor_read_bstr(&reader);
    enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if ((content.size <= DG_P256_SIZE) ||
        (content.size - DG_P256_SIZE > sizeof edhoc->plain)) {
        return DG_E_RANGE;
    }
    (void)memcpy(edhoc->peer_x, content.at, sizeof edhoc->peer_x);
    edhoc->plain_size = (uint16_t)(content.size - DG_P256_SIZE);
    (void)memcpy(edhoc->plain, &content.at[DG_P256_SIZE], edhoc->plain_size);
    if (dg_bytes_equal(DG_SPAN_OF(edhoc->peer_x),
                       DG_SPAN_OF(edhoc->ephemeral_x))) {
        return DG_E_AUTH;
    }

    status = dg_edhoc_th_2(crypto, edhoc->peer_x, &edhoc->th);
    if (status == DG_OK) {
        status = dg_edhoc_prk_2e(
            crypto, &edhoc->th, &edhoc->ephemeral, edhoc->peer_x, &edhoc->prk);
    }
    if (status == DG_OK) {
        status = dg_edhoc_xor_2(crypto,
                                &edhoc->prk,
                                &edhoc->th,
                                (dg_buf){edhoc->plain, edhoc->plain_size});
    }
    if (status == DG_OK) {
        status = split_2(edhoc, &parts);
    }
    if (status == DG_OK) {
        claim->id_cred = parts.id_cred;
        claim->ead = parts.ead;
    }
    return status;
}

enum dg_status dg_edhoc_i_read_message_2(struct dg_edhoc *edhoc,
                                         const struct dg_crypto *crypto,
                                         dg_span message_2,
                                         struct dg_edhoc_claim *claim)
{
    if (claim == NULL) {
        return DG_E_USAGE;
    }
    *claim = (struct dg_edhoc_claim){{NULL, 0U}, {NULL, 0U}};
    if ((edhoc == NULL) || (crypto == NULL) || (message_2.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_I_WAIT_2) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(edhoc,
                           read_message_2(edhoc, crypto, message_2, claim),
                           DG_EDHOC_I_VERIFY_2);
}

static enum dg_status verify_message_2(struct dg_edhoc *edhoc,
                                       const struct dg_crypto *crypto,
                                       const struct dg_edhoc_self *self,
                                       const struct dg_edhoc_peer *peer)
{
    uint8_t room[1U + DG_EDHOC_CONNECTION_MAX];
    struct dg_edhoc_parts parts;
    struct dg_edhoc_context context;
    struct dg_cbor_writer writer;
    enum dg_status status = split_2(edhoc, &parts);

    if (status != DG_OK) {
        return DG_E_CORRUPT; /* it could be split when it was read */
    }
    if (!dg_edhoc_is_other(self, peer, parts.id_cred)) {
        return DG_E_AUTH;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_edhoc_write_identifier(&writer, parts.connection);
    status = dg_cbor_writer_end(&writer, &context.connection);
    context.id_cred = parts.id_cred;
    context.cred = peer->cred;
    context.ead = parts.ead;

    if (status == DG_OK) {
        status = dg_edhoc_check_proof(
            edhoc, crypto, &dg_edhoc_responder, peer, &context, parts.mac);
    }
    if (status != DG_OK) {
        return status;
    }
    return dg_edhoc_th_next(crypto,
                            (dg_span){edhoc->plain, edhoc->plain_size},
                            peer->cred,
                            &edhoc->th);
}

enum dg_status dg_edhoc_i_verify_message_2(struct dg_edhoc *edhoc,
                                           const struct dg_crypto *crypto,
                                           const struct dg_edhoc_self *self,
                                           const struct dg_edhoc_peer *peer)
{
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_self(self) ||
        !dg_edhoc_is_peer(peer)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_I_VERIFY_2) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc, verify_message_2(edhoc, crypto, self, peer), DG_EDHOC_I_SEND_3);
}

/* PLAINTEXT_3 = ID_CRED_I, Signature_or_MAC_3, ? EAD_3, into the context.
 * PRK_3e2m there becomes PRK_4e3m. */
static enum dg_status make_plaintext_3(struct dg_edhoc *edhoc,
                                       const struct dg_crypto *crypto,
                                       const struct dg_edhoc_self *self,
                                       dg_span ead_3,
                                       dg_span *plain)
{
    uint8_t proof_room[DG_EDHOC_PROOF_MAX];
    const dg_buf proof = {proof_room, dg_edhoc_proof_size(edhoc)};
    const struct dg_edhoc_context context = {
        {NULL, 0U}, self->id_cred, self->cred, ead_3};
    const struct dg_edhoc_parts parts = {
        {NULL, 0U}, self->id_cred, {proof.at, proof.capacity}, ead_3};
    const enum dg_status status = dg_edhoc_prove(
        edhoc, crypto, &dg_edhoc_initiator, self, &context, proof);

    if (status != DG_OK) {
        return status;
    }
    return dg_edhoc_join(&parts, false, DG_BUF_OF(edhoc->plain), plain);
}

static enum dg_status write_message_3(struct dg_edhoc *edhoc,
                                      const struct dg_crypto *crypto,
                                      const struct dg_edhoc_self *self,
                                      dg_span ead_3,
                                      dg_buf room,
                                      dg_span *message_3)
{
    struct dg_secret prk_3e2m = edhoc->prk;
    const struct dg_edhoc_aead aead = {&prk_3e2m,
                                       &edhoc->th,
                                       DG_EDHOC_KDF_K_3,
                                       dg_edhoc_tag_size(edhoc->suite)};
    dg_span plain = {NULL, 0U};
    dg_span sealed = {NULL, 0U};
    enum dg_status status =
        make_plaintext_3(edhoc, crypto, self, ead_3, &plain);

    if (status == DG_OK) {
        status = dg_edhoc_seal(crypto, &aead, plain, room, &sealed);
    }
    if (status == DG_OK) {
        status = dg_edhoc_th_next(crypto, plain, self->cred, &edhoc->th);
    }
    if (status == DG_OK) {
        *message_3 = sealed;
    }
    dg_bytes_wipe(&prk_3e2m, sizeof prk_3e2m);
    dg_bytes_wipe(&edhoc->ephemeral, sizeof edhoc->ephemeral);
    dg_bytes_wipe(edhoc->plain, sizeof edhoc->plain);
    return status;
}

enum dg_status dg_edhoc_i_message_3(struct dg_edhoc *edhoc,
                                    const struct dg_crypto *crypto,
                                    const struct dg_edhoc_self *self,
                                    dg_span ead_3,
                                    dg_buf room,
                                    dg_span *message_3)
{
    if (message_3 == NULL) {
        return DG_E_USAGE;
    }
    *message_3 = (dg_span){NULL, 0U};
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_self(self) ||
        !dg_edhoc_is_ead(ead_3) || (room.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_I_SEND_3) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc,
        write_message_3(edhoc, crypto, self, ead_3, room, message_3),
        DG_EDHOC_I_WAIT_4);
}

static enum dg_status read_message_4(struct dg_edhoc *edhoc,
                                     const struct dg_crypto *crypto,
                                     dg_span message_4,
                                     struct dg_edhoc_claim *claim)
{
    const struct dg_edhoc_aead aead = {&edhoc->prk,
                                       &edhoc->th,
                                       DG_EDHOC_KDF_K_4,
                                       dg_edhoc_tag_size(edhoc->suite)};
    struct dg_cbor_reader reader;
    dg_span plain = {NULL, 0U};
    enum dg_status status = dg_edhoc_open(
        crypto, &aead, message_4, DG_BUF_OF(edhoc->plain), &plain);

    if (status != DG_OK) {
        return status;
    }
    dg_cbor_reader_init(&reader, plain);

    const dg_span ead_4 = dg_edhoc_read_ead(&reader);

    status = dg_cbor_reader_end(&reader);
    if (status == DG_OK) {
        status = dg_edhoc_finish(crypto,
                                 &edhoc->prk,
                                 &edhoc->th,
                                 &edhoc->prk_out,
                                 &edhoc->prk_exporter);
    }
    if (status == DG_OK) {
        dg_edhoc_keep_exporter(edhoc);
        claim->ead = ead_4;
    }
    return status;
}

enum dg_status dg_edhoc_i_read_message_4(struct dg_edhoc *edhoc,
                                         const struct dg_crypto *crypto,
                                         dg_span message_4,
                                         struct dg_edhoc_claim *claim)
{
    if (claim == NULL) {
        return DG_E_USAGE;
    }
    *claim = (struct dg_edhoc_claim){{NULL, 0U}, {NULL, 0U}};
    if ((edhoc == NULL) || (crypto == NULL) || (message_4.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_I_WAIT_4) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc, read_message_4(edhoc, crypto, message_4, claim), DG_EDHOC_DONE);
}

static bool is_offered(const struct dg_edhoc_offer *offer, int64_t suite)
{
    for (size_t i = 0U; i < offer->count; i++) {
        if (offer->suite[i] == suite) {
            return true;
        }
    }
    return false;
}

enum dg_status dg_edhoc_i_read_error(const struct dg_edhoc_suites *suites,
                                     dg_span error,
                                     unsigned *selected)
{
    struct dg_cbor_reader reader;
    struct dg_edhoc_offer offer = {0U, {0}};

    if ((suites == NULL) || (suites->count > DG_EDHOC_SUITES_MAX) ||
        (error.at == NULL) || (selected == NULL)) {
        return DG_E_USAGE;
    }
    dg_cbor_reader_init(&reader, error);
    if (dg_cbor_read_int(&reader) == ERR_WRONG_SUITE) {
        dg_edhoc_read_suites(&reader, &offer);
    } else {
        (void)dg_cbor_read_any(&reader);
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    for (unsigned i = 0U; i < suites->count; i++) {
        if (dg_edhoc_has_suite(suites->suite[i]) &&
            is_offered(&offer, suites->suite[i])) {
            *selected = i;
            return DG_OK;
        }
    }
    return DG_E_UNSUPPORTED;
}
