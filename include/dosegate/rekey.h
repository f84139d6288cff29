/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_REKEY_H
#define DG_REKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/record.h"
#include "dosegate/status.h"

/* Fresh record keys inside a session (EDHOC_KeyUpdate, RFC 9528, appendix H):
 *
 *   phone                                     device
 *   request 16: nonce (8)            ->       makes the next keys, keeps the old
 *                                    <-       answer 43: both nonces
 *   makes them too, forgets the old
 *   any record in the next epoch     ->       forgets the old
 *
 *   PRK_out = EDHOC_KDF(PRK_out, 11, phone's nonce | device's nonce, 32)
 *
 * Whatever is lost, either the old keys still serve both, or the next ones do:
 * the device takes both until it has seen one record in the next.  The session,
 * its id, its age and its tickets stay what they were, because no key of a
 * person or device was proven anew. */
#define DG_REKEY_NONCE_SIZE 8U

/* The phone asks after so many records in one direction, or so many seconds of
 * its own clock. */
#define DG_REKEY_RECORDS 0x00010000U
#define DG_REKEY_AGE_S   3600U

/* So many records before the end of the counter the device refuses, with a
 * reason, all that is not needed to protect or to get new keys. */
#define DG_REKEY_RESERVE 4096U

/* In one session.  Epochs count up by 4, so none comes twice: 14 bits would
 * last for 16,383. */
#define DG_REKEY_UPDATES_MAX 1024U

/* Beside the record of a session.  All zero: there is no session. */
struct dg_rekey {
    struct dg_secret root; /* PRK_out of the keys in use */
    struct dg_secret next_root;
    struct dg_record next; /* device: agreed on, not yet used; epoch 0: none */
    uint16_t updates;
    uint8_t nonce[DG_REKEY_NONCE_SIZE]; /* phone: of the question on its way */
    bool is_asked;                      /* phone */
};

/** A session begins.  @p root is PRK_out of its handshake. */
void dg_rekey_begin(struct dg_rekey *rekey, const struct dg_secret *root);

/** Forget everything. */
void dg_rekey_wipe(struct dg_rekey *rekey);

/** Has a counter of @p record come so far that the reserve is all that is left?
 */
bool dg_rekey_is_due(const struct dg_record *record);

/**
 * Device: make the next keys; those that were waiting for the phone are
 * forgotten.  Keys in use do not change.
 *
 * @param      phone   The phone's nonce.
 * @param[out] device  A fresh nonce of the device.
 *
 * @retval DG_OK       rekey->next is ready.
 * @retval DG_E_STATE  No session, or DG_REKEY_UPDATES_MAX reached.
 * @retval DG_E_PORT   The crypto port failed; nothing changed.
 */
DG_NODISCARD enum dg_status dg_rekey_offer(
    struct dg_rekey *rekey,
    const struct dg_crypto *crypto,
    const struct dg_record *record,
    const uint8_t phone[DG_REKEY_NONCE_SIZE],
    uint8_t device[DG_REKEY_NONCE_SIZE]);

/** Device: the phone used the next keys, so they are the keys now. */
void dg_rekey_commit(struct dg_rekey *rekey, struct dg_record *record);

/**
 * Phone: a fresh nonce to ask with.  One that is under way is forgotten.
 *
 * @retval DG_OK, DG_E_STATE (no session, or DG_REKEY_UPDATES_MAX), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_rekey_ask(struct dg_rekey *rekey,
                                         const struct dg_crypto *crypto);

/**
 * Phone: the device answered.  @p record gets the next keys, at once.
 *
 * @retval DG_OK       @p record is the next one.
 * @retval DG_E_STATE  Nothing was asked.
 * @retval DG_E_AUTH   The answer to another question; nothing changed.
 * @retval DG_E_PORT   The crypto port failed: connect anew.
 */
DG_NODISCARD enum dg_status dg_rekey_take(
    struct dg_rekey *rekey,
    const struct dg_crypto *crypto,
    struct dg_record *record,
    const uint8_t phone[DG_REKEY_NONCE_SIZE],
    const uint8_t device[DG_REKEY_NONCE_SIZE]);

#endif
