/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/rekey.h"

#include <string.h>

#include "bytes.h"
#include "dosegate/edhoc.h"
#include "edhoc_keys.h"

/* The low two bits of an epoch are the slot; those above count. */
#define EPOCH_STEP         4U
#define EPOCH_SLOT         3U
#define COUNTER_RESERVE_AT (DG_RECORD_COUNTER_MAX - DG_REKEY_RESERVE)

_Static_assert(DG_REKEY_UPDATES_MAX < 0x4000U - 1U, "no epoch comes twice");
_Static_assert(DG_REKEY_RECORDS < COUNTER_RESERVE_AT, "asked for in time");

void dg_rekey_wipe(struct dg_rekey *rekey)
{
    dg_bytes_wipe(rekey, sizeof *rekey);
}

void dg_rekey_begin(struct dg_rekey *rekey, const struct dg_secret *root)
{
    dg_rekey_wipe(rekey);
    rekey->root = *root;
}

bool dg_rekey_is_due(const struct dg_record *record)
{
    return (record->rx_next > COUNTER_RESERVE_AT) ||
           (record->tx_next > COUNTER_RESERVE_AT);
}

/* Never 0, which is "no session". */
static uint16_t epoch_after(uint16_t epoch)
{
    const uint16_t next = (uint16_t)((epoch + EPOCH_STEP) & 0xFFFFU);

    return ((next & ~EPOCH_SLOT) == 0U) ? (uint16_t)(next + EPOCH_STEP) : next;
}

static enum dg_status derive_key(const struct dg_crypto *crypto,
                                 const struct dg_secret *prk_exporter,
                                 uint16_t label,
                                 struct dg_aead_key *key)
{
    uint8_t okm[DG_AEAD_KEY_SIZE + DG_AEAD_NONCE_SIZE];
    const dg_span none = {NULL, 0U};
    const enum dg_status status =
        dg_edhoc_kdf(crypto, prk_exporter, label, &none, 1U, DG_BUF_OF(okm));

    if (status == DG_OK) {
        (void)memcpy(key->key, okm, sizeof key->key);
        (void)memcpy(key->nonce, &okm[DG_AEAD_KEY_SIZE], sizeof key->nonce);
    }
    dg_bytes_wipe(okm, sizeof okm);
    return status;
}

/* next_root and next of @p rekey; both are gone unless DG_OK. */
static enum dg_status derive(struct dg_rekey *rekey,
                             const struct dg_crypto *crypto,
                             const struct dg_record *record,
                             const uint8_t phone[DG_REKEY_NONCE_SIZE],
                             const uint8_t device[DG_REKEY_NONCE_SIZE],
                             bool is_device)
{
    uint8_t context[2U * DG_REKEY_NONCE_SIZE];
    struct dg_secret prk_exporter = {{0U}};
    struct dg_record *next = &rekey->next;

    (void)memcpy(context, phone, DG_REKEY_NONCE_SIZE);
    (void)memcpy(&context[DG_REKEY_NONCE_SIZE], device, DG_REKEY_NONCE_SIZE);
    dg_record_wipe(next);
    rekey->next_root = rekey->root;

    enum dg_status status = dg_edhoc_key_update(
        crypto, &rekey->next_root, DG_SPAN_OF(context), &prk_exporter);

    if (status == DG_OK) {
        status = derive_key(crypto,
                            &prk_exporter,
                            DG_EDHOC_LABEL_I_TO_R,
                            is_device ? &next->rx : &next->tx);
    }
    if (status == DG_OK) {
        status = derive_key(crypto,
                            &prk_exporter,
                            DG_EDHOC_LABEL_R_TO_I,
                            is_device ? &next->tx : &next->rx);
    }
    dg_bytes_wipe(&prk_exporter, sizeof prk_exporter);
    if (status == DG_OK) {
        next->epoch = epoch_after(record->epoch);
    } else {
        dg_record_wipe(next);
        dg_bytes_wipe(&rekey->next_root, sizeof rekey->next_root);
    }
    return status;
}

static bool may_update(const struct dg_rekey *rekey)
{
    static const struct dg_secret none;

    return (rekey->updates < DG_REKEY_UPDATES_MAX) &&
           !dg_bytes_equal(DG_SPAN_OF(rekey->root.byte), DG_SPAN_OF(none.byte));
}

/* @satisfies{FTP_KEY.1@1} */
enum dg_status dg_rekey_offer(struct dg_rekey *rekey,
                              const struct dg_crypto *crypto,
                              const struct dg_record *record,
                              const uint8_t phone[DG_REKEY_NONCE_SIZE],
                              uint8_t device[DG_REKEY_NONCE_SIZE])
{
    if ((record->epoch == 0U) || !may_update(rekey)) {
        return DG_E_STATE;
    }

    const enum dg_status status =
        crypto->random(crypto->context, (dg_buf){device, DG_REKEY_NONCE_SIZE});

    return (status == DG_OK)
               ? derive(rekey, crypto, record, phone, device, true)
               : status;
}

/* The old keys are gone with this line. */
void dg_rekey_commit(struct dg_rekey *rekey, struct dg_record *record)
{
    *record = rekey->next;
    rekey->root = rekey->next_root;
    rekey->updates++;
    rekey->is_asked = false;
    dg_record_wipe(&rekey->next);
    dg_bytes_wipe(&rekey->next_root, sizeof rekey->next_root);
}

enum dg_status dg_rekey_ask(struct dg_rekey *rekey,
                            const struct dg_crypto *crypto)
{
    rekey->is_asked = false;
    if (!may_update(rekey)) {
        return DG_E_STATE;
    }

    const enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(rekey->nonce));

    rekey->is_asked = status == DG_OK;
    return status;
}

enum dg_status dg_rekey_take(struct dg_rekey *rekey,
                             const struct dg_crypto *crypto,
                             struct dg_record *record,
                             const uint8_t phone[DG_REKEY_NONCE_SIZE],
                             const uint8_t device[DG_REKEY_NONCE_SIZE])
{
    if (!rekey->is_asked) {
        return DG_E_STATE;
    }
    if (!dg_bytes_equal(DG_SPAN_OF(rekey->nonce),
                        (dg_span){phone, DG_REKEY_NONCE_SIZE})) {
        return DG_E_AUTH;
    }

    const enum dg_status status =
        derive(rekey, crypto, record, phone, device, false);

    if (status == DG_OK) {
        dg_rekey_commit(rekey, record);
    }
    return status;
}
