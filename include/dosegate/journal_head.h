/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_JOURNAL_HEAD_H
#define DG_JOURNAL_HEAD_H

#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/cose.h"
#include "dosegate/crypto.h"
#include "dosegate/quantity.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* A head: what a device says, under its journal key, about its whole journal at
 * one moment.  Who holds one can show later that the device went back on it.
 *
 * COSE_Sign1 over [size, root, epoch, at, previous]; external_aad is the
 * purpose "dosegate journal head 1" and the device id, so that it is neither
 * another device's head nor a ticket nor an approval.  The journal key signs
 * nothing else and is never used for Diffie-Hellman. */
#define DG_JOURNAL_HEAD_MAX 192U

struct dg_journal_claim {
    uint32_t size;
    struct dg_hash root;
    uint32_t epoch;
    dg_seconds at;
    struct dg_hash previous; /* hash of the payload of the head before; zero:
                                the first of the epoch */
};

/**
 * Sign a head.
 *
 * @param[out] message  The COSE_Sign1, inside @p room.
 * @param[out] hash     SHA-256 of its payload: the next head's previous.
 *
 * @retval DG_OK, DG_E_NO_SPACE, DG_E_PORT, DG_E_RANGE (not a private key).
 */
DG_NODISCARD enum dg_status dg_journal_head_sign(
    const struct dg_crypto *crypto,
    const struct dg_secret *key,
    const struct dg_device_id *device,
    const struct dg_journal_claim *claim,
    dg_buf room,
    dg_span *message,
    struct dg_hash *hash);

/**
 * Read a head without believing it.
 *
 * @retval DG_OK; DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED: not a head; DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_journal_head_parse(
    const struct dg_crypto *crypto,
    dg_span message,
    struct dg_journal_claim *claim,
    struct dg_hash *hash);

/**
 * Read a head and verify its signature.
 *
 * @retval DG_OK      @p device said so.
 * @retval DG_E_AUTH  It did not.
 * @retval others     As dg_journal_head_parse().
 */
DG_NODISCARD enum dg_status dg_journal_head_verify(
    const struct dg_crypto *crypto,
    const struct dg_public_key *key,
    const struct dg_device_id *device,
    dg_span message,
    struct dg_journal_claim *claim,
    struct dg_hash *hash);

#endif
