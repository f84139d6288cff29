/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/edhoc.h"

#include <string.h>

#include "bytes.h"
#include "edhoc_keys.h"
#include "edhoc_proof.h"
#include "edhoc_state.h"
#include "edhoc_wire.h"

#define ERR_WRONG_SUITE 2

static bool is_supported(const struct dg_edhoc_suites *suites, int64_t suite)
{
    for (size_t i = 0U; i < suites->count; i++) {
        if (suites->suite[i] == suite) {
            return true;
        }
    }
    return false;
}

/* The Initiator selects the last of its list.  We must have that one, and
 * none that it likes better: otherwise somebody cut the list down. */
static bool is_acceptable(const struct dg_edhoc_suites *suites,
                          const struct dg_edhoc_offer *offer)
{
    const size_t last = offer->count - 1U;

    for (size_t i = 0U; i < last; i++) {
        if (is_supported(suites, offer->suite[i])) {
            return false;
        }
    }
    return is_supported(suites, offer->suite[last]);
}

/* error = 2, SUITES_R */
static enum dg_status refuse_suite(const struct dg_edhoc_suites *suites,
                                   dg_buf room,
                                   dg_span *error)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_int(&writer, ERR_WRONG_SUITE);
    dg_edhoc_write_suites(&writer, suites->suite, suites->count);

    const enum dg_status status = dg_cbor_writer_end(&writer, error);

    return (status == DG_OK) ? DG_E_UNSUPPORTED : status;
}

/* Make Y, and with it TH_2 and PRK_2e: the product also shows that G_X is a
 * point, before anything is answered. */
static enum dg_status meet(struct dg_edhoc *edhoc,
                           const struct dg_crypto *crypto,
                           dg_span message_1)
{
    struct dg_public_key g_y;
    enum dg_status status =
        crypto->p256_generate(crypto->context, &edhoc->ephemeral, &g_y);

    if (status == DG_OK) {
        (void)memcpy(edhoc->ephemeral_x, g_y.x, sizeof g_y.x);
        status = crypto->sha256(crypto->context, &message_1, 1U, &edhoc->th);
    }
    if (status == DG_OK) {
        status = dg_edhoc_th_2(crypto, g_y.x, &edhoc->th);
    }
    if (status == DG_OK) {
        status = dg_edhoc_prk_2e(
            crypto, &edhoc->th, &edhoc->ephemeral, edhoc->peer_x, &edhoc->prk);
    }
    return status;
}

/* message_1 = METHOD, SUITES_I, G_X, C_I, ? EAD_1 */
static enum dg_status read_message_1(struct dg_edhoc *edhoc,
                                     const struct dg_crypto *crypto,
                                     const struct dg_edhoc_suites *suites,
                                     dg_span message_1,
                                     struct dg_edhoc_claim *claim,
                                     dg_buf room,
                                     dg_span *error)
{
    struct dg_cbor_reader reader;
    struct dg_edhoc_offer offer;

    dg_cbor_reader_init(&reader, message_1);

    const int64_t method = dg_cbor_read_int(&reader);

    dg_edhoc_read_suites(&reader, &offer);

    const dg_span g_x = dg_cbor_read_bstr(&reader);

    if (dg_edhoc_read_identifier(&reader).size > DG_EDHOC_CONNECTION_MAX) {
        dg_cbor_reader_fail(&reader, DG_E_RANGE);
    }

    const dg_span ead_1 = dg_edhoc_read_ead(&reader);
    enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (method != dg_edhoc_method_on_wire(suites->method)) {
        return DG_E_UNSUPPORTED;
    }
    if (!is_acceptable(suites, &offer)) {
        return refuse_suite(suites, room, error);
    }
    /* Only now: another suite has keys of another size. */
    if (g_x.size != DG_P256_SIZE) {
        return DG_E_RANGE;
    }
    edhoc->suite = (int8_t)offer.suite[offer.count - 1U];
    edhoc->method = suites->method;
    (void)memcpy(edhoc->peer_x, g_x.at, sizeof edhoc->peer_x);
    if (ead_1.size != 0U) {
        (void)memcpy(edhoc->plain, ead_1.at, ead_1.size);
        claim->ead = (dg_span){edhoc->plain, ead_1.size};
    }
    status = meet(edhoc, crypto, message_1);
    if (status != DG_OK) {
        claim->ead = (dg_span){NULL, 0U};
    }
    return status;
}

static bool are_suites(const struct dg_edhoc_suites *suites)
{
    if ((suites == NULL) || (suites->count == 0U) ||
        (suites->count > DG_EDHOC_SUITES_MAX) ||
        !dg_edhoc_has_method(suites->method)) {
        return false;
    }
    for (size_t i = 0U; i < suites->count; i++) {
        if (!dg_edhoc_has_suite(suites->suite[i])) {
            return false;
        }
    }
    return true;
}

enum dg_status dg_edhoc_r_read_message_1(struct dg_edhoc *edhoc,
                                         const struct dg_crypto *crypto,
                                         const struct dg_edhoc_suites *suites,
                                         dg_span message_1,
                                         struct dg_edhoc_claim *claim,
                                         dg_buf room,
                                         dg_span *error)
{
    if ((claim == NULL) || (error == NULL)) {
        return DG_E_USAGE;
    }
    *claim = (struct dg_edhoc_claim){{NULL, 0U}, {NULL, 0U}};
    *error = (dg_span){NULL, 0U};
    if ((edhoc == NULL) || (crypto == NULL) || (message_1.at == NULL) ||
        (room.at == NULL) || !are_suites(suites)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_NONE) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc,
        read_message_1(edhoc, crypto, suites, message_1, claim, room, error),
        DG_EDHOC_R_SEND_2);
}

/* PLAINTEXT_2 = C_R, ID_CRED_R, Signature_or_MAC_2, ? EAD_2, into the context.
 * PRK_2e there becomes PRK_3e2m. */
static enum dg_status make_plaintext_2(struct dg_edhoc *edhoc,
                                       const struct dg_crypto *crypto,
                                       const struct dg_edhoc_self *self,
                                       dg_span connection,
                                       dg_span ead_2)
{
    uint8_t room[1U + DG_EDHOC_CONNECTION_MAX];
    uint8_t proof_room[DG_EDHOC_PROOF_MAX];
    const dg_buf proof = {proof_room, dg_edhoc_proof_size(edhoc)};
    const struct dg_edhoc_parts parts = {
        connection, self->id_cred, {proof.at, proof.capacity}, ead_2};
    struct dg_edhoc_context context = {
        {NULL, 0U}, self->id_cred, self->cred, ead_2};
    struct dg_cbor_writer writer;
    dg_span plain = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_edhoc_write_identifier(&writer, connection);

    enum dg_status status = dg_cbor_writer_end(&writer, &context.connection);

    if (status == DG_OK) {
        status = dg_edhoc_prove(
            edhoc, crypto, &dg_edhoc_responder, self, &context, proof);
    }
    if (status == DG_OK) {
        status = dg_edhoc_join(&parts, true, DG_BUF_OF(edhoc->plain), &plain);
    }
    edhoc->plain_size = (uint16_t)plain.size;
    return status;
}

/* Encrypt the plaintext where it lies; TH_2 becomes TH_3. */
static enum dg_status encrypt_2(struct dg_edhoc *edhoc,
                                const struct dg_crypto *crypto,
                                const struct dg_secret *prk_2e,
                                dg_span cred)
{
    const struct dg_hash th_2 = edhoc->th;
    const enum dg_status status = dg_edhoc_th_next(
        crypto, (dg_span){edhoc->plain, edhoc->plain_size}, cred, &edhoc->th);

    if (status != DG_OK) {
        return status;
    }
    return dg_edhoc_xor_2(
        crypto, prk_2e, &th_2, (dg_buf){edhoc->plain, edhoc->plain_size});
}

/* message_2 = bstr (G_Y, CIPHERTEXT_2) */
static enum dg_status write_message_2(struct dg_edhoc *edhoc,
                                      const struct dg_crypto *crypto,
                                      const struct dg_edhoc_self *self,
                                      dg_span connection,
                                      dg_span ead_2,
                                      dg_buf room,
                                      dg_span *message_2)
{
    struct dg_secret prk_2e = edhoc->prk;
    struct dg_cbor_writer writer;
    enum dg_status status =
        make_plaintext_2(edhoc, crypto, self, connection, ead_2);

    if (status == DG_OK) {
        status = encrypt_2(edhoc, crypto, &prk_2e, self->cred);
    }
    dg_bytes_wipe(&prk_2e, sizeof prk_2e);
    if (status != DG_OK) {
        return status;
    }
    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_bstr_head(&writer, DG_P256_SIZE + edhoc->plain_size);
    dg_cbor_write_raw(&writer, DG_SPAN_OF(edhoc->ephemeral_x));
    dg_cbor_write_raw(&writer, (dg_span){edhoc->plain, edhoc->plain_size});
    return dg_cbor_writer_end(&writer, message_2);
}

enum dg_status dg_edhoc_r_message_2(struct dg_edhoc *edhoc,
                                    const struct dg_crypto *crypto,
                                    const struct dg_edhoc_self *self,
                                    dg_span connection,
                                    dg_span ead_2,
                                    dg_buf room,
                                    dg_span *message_2)
{
    if (message_2 == NULL) {
        return DG_E_USAGE;
    }
    *message_2 = (dg_span){NULL, 0U};
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_self(self) ||
        (connection.at == NULL) ||
        (connection.size > DG_EDHOC_CONNECTION_MAX) ||
        !dg_edhoc_is_ead(ead_2) || (room.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_R_SEND_2) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc,
        write_message_2(
            edhoc, crypto, self, connection, ead_2, room, message_2),
        DG_EDHOC_R_WAIT_3);
}

enum dg_status dg_edhoc_r_park(struct dg_edhoc *edhoc,
                               struct dg_edhoc_pending *pending)
{
    if ((edhoc == NULL) || (pending == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_R_WAIT_3) {
        return DG_E_STATE;
    }
    pending->is_open = true;
    pending->suite = edhoc->suite;
    pending->method = edhoc->method;
    pending->ephemeral = edhoc->ephemeral;
    pending->th = edhoc->th;
    pending->prk = edhoc->prk;
    dg_edhoc_wipe(edhoc);
    return DG_OK;
}

enum dg_status dg_edhoc_r_resume(struct dg_edhoc *edhoc,
                                 const struct dg_edhoc_pending *pending)
{
    if ((edhoc == NULL) || (pending == NULL)) {
        return DG_E_USAGE;
    }
    if ((edhoc->state != DG_EDHOC_NONE) || !pending->is_open) {
        return DG_E_STATE;
    }
    edhoc->state = DG_EDHOC_R_WAIT_3;
    edhoc->suite = pending->suite;
    edhoc->method = pending->method;
    edhoc->ephemeral = pending->ephemeral;
    edhoc->th = pending->th;
    edhoc->prk = pending->prk;
    return DG_OK;
}

/* What was read of PLAINTEXT_3, as long as it lies in the context. */
static enum dg_status split_3(struct dg_edhoc *edhoc,
                              struct dg_edhoc_parts *parts)
{
    return dg_edhoc_split((dg_span){edhoc->plain, edhoc->plain_size},
                          false,
                          dg_edhoc_proof_size(edhoc),
                          DG_BUF_OF(edhoc->kid_map),
                          parts);
}

static enum dg_status read_message_3(struct dg_edhoc *edhoc,
                                     const struct dg_crypto *crypto,
                                     const struct dg_edhoc_self *self,
                                     dg_span message_3,
                                     struct dg_edhoc_claim *claim)
{
    const struct dg_edhoc_aead aead = {&edhoc->prk,
                                       &edhoc->th,
                                       DG_EDHOC_KDF_K_3,
                                       dg_edhoc_tag_size(edhoc->suite)};
    struct dg_edhoc_parts parts;
    dg_span plain = {NULL, 0U};
    enum dg_status status = dg_edhoc_open(
        crypto, &aead, message_3, DG_BUF_OF(edhoc->plain), &plain);

    edhoc->plain_size = (uint16_t)plain.size;
    if (status == DG_OK) {
        status = split_3(edhoc, &parts);
    }
    if (status != DG_OK) {
        return status;
    }
    if (dg_bytes_equal(dg_edhoc_cred_by_value(parts.id_cred), self->cred)) {
        return DG_E_AUTH;
    }
    claim->id_cred = parts.id_cred;
    claim->ead = parts.ead;
    return DG_OK;
}

enum dg_status dg_edhoc_r_read_message_3(struct dg_edhoc *edhoc,
                                         const struct dg_crypto *crypto,
                                         const struct dg_edhoc_self *self,
                                         dg_span message_3,
                                         struct dg_edhoc_claim *claim)
{
    if (claim == NULL) {
        return DG_E_USAGE;
    }
    *claim = (struct dg_edhoc_claim){{NULL, 0U}, {NULL, 0U}};
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_self(self) ||
        (message_3.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_R_WAIT_3) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc,
        read_message_3(edhoc, crypto, self, message_3, claim),
        DG_EDHOC_R_VERIFY_3);
}

static enum dg_status verify_message_3(struct dg_edhoc *edhoc,
                                       const struct dg_crypto *crypto,
                                       const struct dg_edhoc_self *self,
                                       const struct dg_edhoc_peer *peer)
{
    struct dg_edhoc_parts parts;
    enum dg_status status = split_3(edhoc, &parts);

    if (status != DG_OK) {
        return DG_E_CORRUPT; /* it could be split when it was read */
    }
    if (!dg_edhoc_is_other(self, peer, parts.id_cred)) {
        return DG_E_AUTH;
    }

    const struct dg_edhoc_context context = {
        {NULL, 0U}, parts.id_cred, peer->cred, parts.ead};

    status = dg_edhoc_check_proof(
        edhoc, crypto, &dg_edhoc_initiator, peer, &context, parts.mac);
    if (status != DG_OK) {
        return status;
    }
    return dg_edhoc_th_next(crypto,
                            (dg_span){edhoc->plain, edhoc->plain_size},
                            peer->cred,
                            &edhoc->th);
}

enum dg_status dg_edhoc_r_verify_message_3(struct dg_edhoc *edhoc,
                                           const struct dg_crypto *crypto,
                                           const struct dg_edhoc_self *self,
                                           const struct dg_edhoc_peer *peer)
{
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_self(self) ||
        !dg_edhoc_is_peer(peer)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_R_VERIFY_3) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc, verify_message_3(edhoc, crypto, self, peer), DG_EDHOC_R_SEND_4);
}

static enum dg_status write_message_4(struct dg_edhoc *edhoc,
                                      const struct dg_crypto *crypto,
                                      dg_span ead_4,
                                      dg_buf room,
                                      dg_span *message_4)
{
    const struct dg_edhoc_aead aead = {&edhoc->prk,
                                       &edhoc->th,
                                       DG_EDHOC_KDF_K_4,
                                       dg_edhoc_tag_size(edhoc->suite)};
    dg_span sealed = {NULL, 0U};
    enum dg_status status = dg_edhoc_seal(crypto, &aead, ead_4, room, &sealed);

    if (status == DG_OK) {
        status = dg_edhoc_finish(crypto,
                                 &edhoc->prk,
                                 &edhoc->th,
                                 &edhoc->prk_out,
                                 &edhoc->prk_exporter);
    }
    if (status == DG_OK) {
        dg_edhoc_keep_exporter(edhoc);
        dg_bytes_wipe(edhoc->plain, sizeof edhoc->plain);
        *message_4 = sealed;
    }
    return status;
}

enum dg_status dg_edhoc_r_message_4(struct dg_edhoc *edhoc,
                                    const struct dg_crypto *crypto,
                                    dg_span ead_4,
                                    dg_buf room,
                                    dg_span *message_4)
{
    if (message_4 == NULL) {
        return DG_E_USAGE;
    }
    *message_4 = (dg_span){NULL, 0U};
    if ((edhoc == NULL) || (crypto == NULL) || !dg_edhoc_is_ead(ead_4) ||
        (room.at == NULL)) {
        return DG_E_USAGE;
    }
    if (edhoc->state != DG_EDHOC_R_SEND_4) {
        return DG_E_STATE;
    }
    return dg_edhoc_settle(
        edhoc,
        write_message_4(edhoc, crypto, ead_4, room, message_4),
        DG_EDHOC_DONE);
}
