/* SPDX-License-Identifier: Apache-2.0 */
#include "edhoc_proof.h"

#include <string.h>

#include "bytes.h"
#include "dosegate/cbor.h"
#include "edhoc_wire.h"

const struct dg_edhoc_side dg_edhoc_responder = {DG_EDHOC_KDF_SALT_3E2M,
                                                 DG_EDHOC_KDF_MAC_2};
const struct dg_edhoc_side dg_edhoc_initiator = {DG_EDHOC_KDF_SALT_4E3M,
                                                 DG_EDHOC_KDF_MAC_3};

/* [ "Signature1", ...: an array of four and a text of ten bytes. */
static const uint8_t sig_head[] = {
    0x84, 0x6A, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
/* A hash, or a MAC of that length, as a byte string. */
static const uint8_t hash_head[] = {0x58, 0x20};

static bool signs(const struct dg_edhoc *edhoc)
{
    return edhoc->method == DG_METHOD_SIGN;
}

size_t dg_edhoc_proof_size(const struct dg_edhoc *edhoc)
{
    return signs(edhoc) ? DG_SIGNATURE_SIZE : dg_edhoc_tag_size(edhoc->suite);
}

/* The head of a byte string of @size bytes. */
static dg_span head_of(dg_buf room, size_t size)
{
    struct dg_cbor_writer writer;
    dg_span head = {NULL, 0U};

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_bstr_head(&writer, size);
    /* Nine bytes hold any head. */
    return (dg_cbor_writer_end(&writer, &head) == DG_OK) ? head
                                                         : (dg_span){NULL, 0U};
}

/* The hash of Sig_structure (RFC 9052, 4.4): [ "Signature1", << ID_CRED >>,
 * << TH, CRED, ? EAD >>, MAC ]. */
static enum dg_status hash_to_sign(const struct dg_edhoc *edhoc,
                                   const struct dg_crypto *crypto,
                                   const struct dg_edhoc_side *side,
                                   const struct dg_edhoc_context *context,
                                   struct dg_hash *hash)
{
    uint8_t mac[DG_HASH_SIZE];
    uint8_t id_room[9];
    uint8_t aad_room[9];
    const size_t aad_size = sizeof hash_head + DG_HASH_SIZE +
                            context->cred.size + context->ead.size;
    const dg_span parts[] = {DG_SPAN_OF(sig_head),
                             head_of(DG_BUF_OF(id_room), context->id_cred.size),
                             context->id_cred,
                             head_of(DG_BUF_OF(aad_room), aad_size),
                             DG_SPAN_OF(hash_head),
                             DG_SPAN_OF(edhoc->th.byte),
                             context->cred,
                             context->ead,
                             DG_SPAN_OF(hash_head),
                             DG_SPAN_OF(mac)};
    enum dg_status status = dg_edhoc_mac(crypto,
                                         &edhoc->prk,
                                         side->mac_label,
                                         &edhoc->th,
                                         context,
                                         DG_BUF_OF(mac));

    if (status == DG_OK) {
        status = crypto->sha256(
            crypto->context, parts, sizeof parts / sizeof parts[0], hash);
    }
    return status;
}

static enum dg_status sign(const struct dg_edhoc *edhoc,
                           const struct dg_crypto *crypto,
                           const struct dg_edhoc_side *side,
                           const struct dg_edhoc_self *self,
                           const struct dg_edhoc_context *context,
                           dg_buf out)
{
    struct dg_hash hash;
    struct dg_signature signature;
    enum dg_status status = hash_to_sign(edhoc, crypto, side, context, &hash);

    if (status == DG_OK) {
        status = crypto->es256_sign(
            crypto->context, &self->private_key, &hash, &signature);
    }
    if (status == DG_OK) {
        (void)memcpy(out.at, signature.byte, sizeof signature.byte);
    }
    return status;
}

enum dg_status dg_edhoc_prove(struct dg_edhoc *edhoc,
                              const struct dg_crypto *crypto,
                              const struct dg_edhoc_side *side,
                              const struct dg_edhoc_self *self,
                              const struct dg_edhoc_context *context,
                              dg_buf out)
{
    if (signs(edhoc)) {
        return sign(edhoc, crypto, side, self, context, out);
    }

    enum dg_status status = dg_edhoc_prk_mix(crypto,
                                             side->salt_label,
                                             &edhoc->th,
                                             &self->private_key,
                                             edhoc->peer_x,
                                             &edhoc->prk);

    if (status == DG_OK) {
        status = dg_edhoc_mac(
            crypto, &edhoc->prk, side->mac_label, &edhoc->th, context, out);
    }
    return status;
}

static enum dg_status check_signature(const struct dg_edhoc *edhoc,
                                      const struct dg_crypto *crypto,
                                      const struct dg_edhoc_side *side,
                                      const struct dg_edhoc_peer *peer,
                                      const struct dg_edhoc_context *context,
                                      dg_span proof)
{
    struct dg_hash hash;
    struct dg_signature signature;

    if (proof.size != sizeof signature.byte) {
        return DG_E_AUTH;
    }
    (void)memcpy(signature.byte, proof.at, sizeof signature.byte);

    const enum dg_status status =
        hash_to_sign(edhoc, crypto, side, context, &hash);

    if (status != DG_OK) {
        return status;
    }
    return crypto->es256_verify(
        crypto->context, &peer->public_key, &hash, &signature);
}

enum dg_status dg_edhoc_check_proof(struct dg_edhoc *edhoc,
                                    const struct dg_crypto *crypto,
                                    const struct dg_edhoc_side *side,
                                    const struct dg_edhoc_peer *peer,
                                    const struct dg_edhoc_context *context,
                                    dg_span proof)
{
    if (signs(edhoc)) {
        return check_signature(edhoc, crypto, side, peer, context, proof);
    }

    uint8_t mac_room[DG_TAG_SIZE];
    const dg_buf mac = {mac_room, dg_edhoc_tag_size(edhoc->suite)};
    enum dg_status status = dg_edhoc_prk_mix(crypto,
                                             side->salt_label,
                                             &edhoc->th,
                                             &edhoc->ephemeral,
                                             peer->public_key.x,
                                             &edhoc->prk);

    if (status == DG_OK) {
        status = dg_edhoc_mac(
            crypto, &edhoc->prk, side->mac_label, &edhoc->th, context, mac);
    }
    if (status != DG_OK) {
        return status;
    }
    return dg_bytes_equal((dg_span){mac.at, mac.capacity}, proof) ? DG_OK
                                                                  : DG_E_AUTH;
}
