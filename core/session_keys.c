/* SPDX-License-Identifier: Apache-2.0 */
#include "session_keys.h"

#include "bytes.h"
#include "dosegate/cbor.h"
#include "dosegate/pairing.h"

#include <stddef.h>
#include <string.h>

/* @satisfies{FTP_ITC.2@1} */
const struct dg_edhoc_suites dg_session_suites = {
    .count = 1U, .suite = {3}, .method = DG_METHOD_STATIC};
const struct dg_edhoc_suites dg_session_suites_sign = {
    .count = 1U, .suite = {3}, .method = DG_METHOD_SIGN};

const struct dg_edhoc_suites *dg_session_offer(enum dg_method method)
{
    switch (method) {
    case DG_METHOD_SIGN:
        return &dg_session_suites_sign;
    case DG_METHOD_STATIC:
        return &dg_session_suites;
    case DG_METHOD_NONE:
    default:
        return NULL;
    }
}

uint8_t dg_session_device_kid(enum dg_method method)
{
    return (method == DG_METHOD_SIGN) ? (uint8_t)DG_DEVICE_SIGN_KID
                                      : (uint8_t)DG_DEVICE_KID;
}

void dg_session_id_cred(uint8_t kid, uint8_t id_cred[DG_SESSION_ID_CRED_SIZE])
{
    id_cred[0] = 0xA1U;
    id_cred[1] = 0x04U;
    id_cred[2] = 0x41U;
    id_cred[3] = kid;
}

dg_span dg_session_write_ead(dg_buf room,
                             const struct dg_edhoc_ead *item,
                             dg_span value)
{
    const int64_t label = (int64_t)item->label;
    struct dg_cbor_writer writer;
    dg_span bytes = {NULL, 0U};

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_int(&writer, item->critical ? -label : label);
    dg_cbor_write_bstr(&writer, value);
    if (dg_cbor_writer_end(&writer, &bytes) != DG_OK) {
        return (dg_span){NULL, 0U};
    }
    return bytes;
}

enum dg_status dg_session_pick_ead(struct dg_edhoc *edhoc,
                                   const struct dg_edhoc_claim *claim,
                                   struct dg_edhoc_ead *wanted,
                                   size_t count)
{
    const enum dg_status status = dg_edhoc_ead_pick(claim->ead, wanted, count);

    if (status != DG_OK) {
        dg_edhoc_wipe(edhoc);
    }
    return status;
}

/* 2 bytes: the epoch; beside the labels of dosegate/edhoc.h. */
#define LABEL_EPOCH 32771U

/* Never 0, which is "no session". */
static uint16_t epoch_of(const uint8_t bytes[2], unsigned slot)
{
    const unsigned high = dg_bytes_get_u16(bytes) & 0xFFFCU;

    return (uint16_t)(((high == 0U) ? 4U : high) | (slot & 3U));
}

static enum dg_status export_key(const struct dg_edhoc *edhoc,
                                 const struct dg_crypto *crypto,
                                 uint16_t label,
                                 struct dg_aead_key *key)
{
    uint8_t okm[DG_AEAD_KEY_SIZE + DG_AEAD_NONCE_SIZE];
    const dg_span none = {NULL, 0U};
    const enum dg_status status =
        dg_edhoc_export(edhoc, crypto, label, none, DG_BUF_OF(okm));

    if (status == DG_OK) {
        memcpy(key->key, okm, sizeof key->key);
        memcpy(key->nonce, &okm[DG_AEAD_KEY_SIZE], sizeof key->nonce);
    }
    dg_bytes_wipe(okm, sizeof okm);
    return status;
}

enum dg_status dg_session_keys(struct dg_edhoc *edhoc,
                               const struct dg_crypto *crypto,
                               unsigned slot,
                               bool is_device,
                               struct dg_record *record,
                               struct dg_session_id *session)
{
    const dg_span none = {NULL, 0U};
    struct dg_record made;
    uint8_t epoch[2] = {0U, 0U};

    memset(&made, 0, sizeof made);

    enum dg_status status = dg_edhoc_export(
        edhoc, crypto, DG_EDHOC_LABEL_SESSION, none, DG_BUF_OF(session->byte));

    if (status == DG_OK) {
        status =
            dg_edhoc_export(edhoc, crypto, LABEL_EPOCH, none, DG_BUF_OF(epoch));
    }
    made.epoch = epoch_of(epoch, slot);
    if (status == DG_OK) {
        status = export_key(edhoc,
                            crypto,
                            DG_EDHOC_LABEL_I_TO_R,
                            is_device ? &made.rx : &made.tx);
    }
    if (status == DG_OK) {
        status = export_key(edhoc,
                            crypto,
                            DG_EDHOC_LABEL_R_TO_I,
                            is_device ? &made.tx : &made.rx);
    }
    dg_record_wipe(record);
    if (status == DG_OK) {
        *record = made;
    }
    dg_bytes_wipe(&made, sizeof made);
    dg_edhoc_wipe(edhoc);
    return status;
}
