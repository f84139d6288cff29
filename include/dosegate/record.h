/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_RECORD_H
#define DG_RECORD_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Records: AES-CCM with 16-byte tags, one key per direction, over the EDHOC
 * exporter.  On the wire
 *
 *   type (1) | epoch (2, big endian) | counter (4, big endian) | sealed
 *
 * The seven header bytes are the associated data.  nonce = base XOR counter
 * (left padded).  The plaintext is padded (one 0x80, then zeros) up to the
 * next multiple of DG_RECORD_BUCKET, so that length does not tell the act. */
#define DG_RECORD_TYPE        0x20U
#define DG_RECORD_HEADER_SIZE 7U
#define DG_RECORD_BUCKET      240U
#define DG_RECORD_PLAIN_MAX   479U /* two buckets, less one byte of padding */
#define DG_RECORD_MAX         (DG_RECORD_HEADER_SIZE + 480U + DG_TAG_SIZE)

/* Far below the bound for CCM with 16-byte tags (about 2^21.5 records a key);
 * at the limit the session ends and EDHOC runs again. */
#define DG_RECORD_COUNTER_MAX  0x000FFFFFU
#define DG_RECORD_FAILURES_MAX 1024U

/* All zero is no session: it refuses everything. */
struct dg_record {
    uint16_t epoch; /* chosen by the device, never 0 in a session */
    uint32_t tx_next;
    uint32_t rx_next;  /* least counter that is still acceptable */
    uint32_t failures; /* tags that did not hold */
    struct dg_aead_key tx;
    struct dg_aead_key rx;
};

/**
 * Seal one message.
 *
 * @param[in,out] record   A session; tx_next rises by one on success only.
 * @param         plain    1 .. DG_RECORD_PLAIN_MAX bytes.
 * @param         room     At least DG_RECORD_MAX bytes.
 * @param[out]    datagram The record, inside @p room.
 *
 * @retval DG_OK          Sealed.
 * @retval DG_E_USAGE     A NULL, or @p plain out of range.
 * @retval DG_E_STATE     No session, or the counter reached its end.
 * @retval DG_E_NO_SPACE  @p room is too small.
 * @retval DG_E_PORT      The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_record_seal(struct dg_record *record,
                                           const struct dg_crypto *crypto,
                                           dg_span plain,
                                           dg_buf room,
                                           dg_span *datagram);

/**
 * Open one record.
 *
 * Only a tag that holds moves anything: rx_next then becomes counter + 1.  A
 * tag that fails only counts.
 *
 * @param room        At least DG_RECORD_MAX bytes, wiped unless DG_OK.
 * @param[out] plain  The message without padding, inside @p room.
 *
 * @retval DG_OK           Authentic and new.
 * @retval DG_E_USAGE      A NULL.
 * @retval DG_E_STATE      No session, or too many failures: end the session.
 * @retval DG_E_TRUNCATED  Shorter than a record with one bucket.
 * @retval DG_E_RANGE      Not a whole number of buckets, or too many, or a
 *                         counter above DG_RECORD_COUNTER_MAX.
 * @retval DG_E_MALFORMED  Wrong type, or bad padding inside a good tag.
 * @retval DG_E_AUTH       Other epoch, or the tag does not hold.
 * @retval DG_E_REPLAY     The counter was used; no decryption was tried.
 * @retval DG_E_NO_SPACE   @p room is too small.
 * @retval DG_E_PORT       The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_record_open(struct dg_record *record,
                                           const struct dg_crypto *crypto,
                                           dg_span datagram,
                                           dg_buf room,
                                           dg_span *plain);

/** Forget the keys: the session refuses everything from now on. */
void dg_record_wipe(struct dg_record *record);

#endif
