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

/* A counter that may still come, and what nobody may ask twice of a key. */
/*@ predicate dg_record_fresh{L}(struct dg_record *record, dg_span datagram) =
  @   record->rx_next <= dg_bytes_u32(datagram.at + 3) <=
  @   DG_RECORD_COUNTER_MAX;
  @
  @ predicate dg_record_room{L}(dg_buf room) =
  @   \valid(room.at + (0 .. room.capacity - 1));
  @
  @ predicate dg_record_apart{L}(struct dg_record *record, dg_buf room,
  @                              dg_span *out) =
  @   \separated(record, out, room.at + (0 .. room.capacity - 1));
  @*/

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
/*@ requires record == \null || \valid(record);
  @ requires crypto == \null ||
  @   (\valid_read(crypto) && dg_ideal_crypto(crypto));
  @ requires datagram == \null || \valid(datagram);
  @ requires dg_span_readable(plain) && dg_record_room(room);
  @ requires dg_record_apart(record, room, datagram);
  @ requires crypto != \null ==> \separated(crypto, datagram);
  @ requires \separated(plain.at + (0 .. plain.size - 1),
  @                     room.at + (0 .. room.capacity - 1), datagram);
  @ assigns  *datagram, record->tx_next, room.at[0 .. room.capacity - 1];
  @ ensures  once: \result == DG_OK ==> record->epoch != 0 &&
  @   \old(record->tx_next) <= DG_RECORD_COUNTER_MAX &&
  @   record->tx_next == \old(record->tx_next) + 1;
  @ ensures  kept: \result != DG_OK && record != \null ==>
  @   record->tx_next == \old(record->tx_next);
  @*/
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
/*@ requires record == \null || \valid(record);
  @ requires crypto == \null ||
  @   (\valid_read(crypto) && dg_ideal_crypto(crypto));
  @ requires plain == \null || \valid(plain);
  @ requires dg_span_readable(datagram) && dg_record_room(room);
  @ requires dg_record_apart(record, room, plain);
  @ requires crypto != \null ==> \separated(crypto, plain);
  @ requires plain != \null ==>
  @   \separated(plain, datagram.at + (0 .. datagram.size - 1));
  @ assigns  *plain, record->rx_next, record->failures,
  @          room.at[0 .. room.capacity - 1];
  @ ensures  once: \result == DG_OK ==>
  @   dg_record_fresh{Pre}(record, datagram) &&
  @   record->rx_next == \old(dg_bytes_u32(datagram.at + 3)) + 1;
  @ ensures  epoch: \result == DG_OK ==> record->epoch != 0 &&
  @   record->epoch == \old(dg_bytes_u16(datagram.at + 1));
  @ ensures  forward: record != \null ==>
  @   \old(record->rx_next) <= record->rx_next;
  @ ensures  ended: record != \null &&
  @   \old(record->failures) >= DG_RECORD_FAILURES_MAX ==>
  @   \result != DG_OK;
  @*/
DG_NODISCARD enum dg_status dg_record_open(struct dg_record *record,
                                           const struct dg_crypto *crypto,
                                           dg_span datagram,
                                           dg_buf room,
                                           dg_span *plain);

/** Forget the keys: the session refuses everything from now on. */
void dg_record_wipe(struct dg_record *record);

#endif
