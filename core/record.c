/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/record.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"

/* type | epoch | counter | sealed */
#define AT_EPOCH         1U
#define AT_COUNTER       3U
#define PADDED_MAX       (2U * DG_RECORD_BUCKET)
#define SIZE_MIN         (DG_RECORD_HEADER_SIZE + DG_RECORD_BUCKET + DG_TAG_SIZE)
#define PAD_MARK         0x80U
#define NONCE_COUNTER_AT (DG_AEAD_NONCE_SIZE - sizeof(uint32_t))

_Static_assert(DG_RECORD_PLAIN_MAX + 1U == PADDED_MAX, "mark included");
_Static_assert(DG_RECORD_MAX == SIZE_MIN + DG_RECORD_BUCKET, "two buckets");

/*@ assigns *key; */
static void forget(struct dg_aead_key *key)
{
    dg_bytes_wipe(key, sizeof *key);
}

/*@ requires \valid(room.at + (0 .. room.capacity - 1));
  @ assigns  room.at[0 .. room.capacity - 1];
  @*/
static void forget_room(dg_buf room)
{
    dg_bytes_wipe(room.at, room.capacity);
}

/* The key with the nonce of one counter: base XOR counter, left padded. */
/*@ requires \valid_read(base);
  @ assigns  \nothing;
  @*/
static struct dg_aead_key key_at(const struct dg_aead_key *base,
                                 uint32_t counter)
{
    struct dg_aead_key key = *base;
    uint8_t bytes[sizeof counter];

    dg_bytes_put_u32(bytes, counter);
    /*@ loop invariant 0 <= i <= 4;
      @ loop assigns i, key.nonce[0 .. DG_AEAD_NONCE_SIZE - 1];
      @ loop variant 4 - i;
      @*/
    for (size_t i = 0U; i < sizeof bytes; i++) {
        key.nonce[NONCE_COUNTER_AT + i] ^= bytes[i];
    }
    return key;
}

enum dg_status dg_record_seal(struct dg_record *record,
                              const struct dg_crypto *crypto,
                              dg_span plain,
                              dg_buf room,
                              dg_span *datagram)
{
    uint8_t padded[PADDED_MAX] = {0U};

    if (datagram != NULL) {
        *datagram = (dg_span){NULL, 0U};
    }
    if ((record == NULL) || (crypto == NULL) || (plain.at == NULL) ||
        (room.at == NULL) || (datagram == NULL) || (plain.size == 0U) ||
        (plain.size > DG_RECORD_PLAIN_MAX)) {
        return DG_E_USAGE;
    }
    if ((record->epoch == 0U) || (record->tx_next > DG_RECORD_COUNTER_MAX)) {
        return DG_E_STATE;
    }
    if (room.capacity < DG_RECORD_MAX) {
        return DG_E_NO_SPACE;
    }

    const size_t size =
        (plain.size < DG_RECORD_BUCKET) ? DG_RECORD_BUCKET : PADDED_MAX;
    struct dg_aead_key key = key_at(&record->tx, record->tx_next);

    (void)memcpy(padded, plain.at, plain.size);
    padded[plain.size] = PAD_MARK;
    room.at[0] = DG_RECORD_TYPE;
    dg_bytes_put_u16(&room.at[AT_EPOCH], record->epoch);
    dg_bytes_put_u32(&room.at[AT_COUNTER], record->tx_next);

    enum dg_status status = DG_E_PORT;

    /*@ calls dg_ideal_seal; */
    status = crypto->ccm_seal(crypto->context,
                              &key,
                              DG_TAG_SIZE,
                              (dg_span){room.at, DG_RECORD_HEADER_SIZE},
                              (dg_span){padded, size},
                              (dg_buf){&room.at[DG_RECORD_HEADER_SIZE],
                                       room.capacity - DG_RECORD_HEADER_SIZE});

    forget_room(DG_BUF_OF(padded));
    forget(&key);
    if (status != DG_OK) {
        return status;
    }
    record->tx_next++;
    *datagram = (dg_span){room.at, DG_RECORD_HEADER_SIZE + size + DG_TAG_SIZE};
    return DG_OK;
}

/* Which counters may still come: T3 rests on no message counting twice. */
/*@ requires \valid_read(record);
  @ assigns  \nothing;
  @ ensures  fresh: \result == DG_OK <==>
  @   record->rx_next <= counter <= DG_RECORD_COUNTER_MAX;
  @ ensures  replay: counter < record->rx_next ==> \result != DG_OK;
  @*/
static enum dg_status check_counter(const struct dg_record *record,
                                    uint32_t counter)
{
    if (counter > DG_RECORD_COUNTER_MAX) {
        return DG_E_RANGE;
    }
    return (counter < record->rx_next) ? DG_E_REPLAY : DG_OK;
}

/* Everything that needs no key. */
/*@ requires \valid_read(record) && dg_span_readable(datagram);
  @ assigns  \nothing;
  @ ensures  whole: \result == DG_OK ==>
  @   SIZE_MIN <= datagram.size <= DG_RECORD_MAX &&
  @   (datagram.size - SIZE_MIN) % DG_RECORD_BUCKET == 0 &&
  @   datagram.at[0] == DG_RECORD_TYPE;
  @ ensures  epoch: \result == DG_OK ==>
  @   dg_bytes_u16(datagram.at + AT_EPOCH) == record->epoch;
  @ ensures  fresh: \result == DG_OK ==>
  @   record->rx_next <= dg_bytes_u32(datagram.at + AT_COUNTER) <=
  @   DG_RECORD_COUNTER_MAX;
  @*/
static enum dg_status check_header(const struct dg_record *record,
                                   dg_span datagram)
{
    if (datagram.size < SIZE_MIN) {
        return DG_E_TRUNCATED;
    }
    if ((datagram.size > DG_RECORD_MAX) ||
        ((datagram.size - SIZE_MIN) % DG_RECORD_BUCKET != 0U)) {
        return DG_E_RANGE;
    }
    if (datagram.at[0] != DG_RECORD_TYPE) {
        return DG_E_MALFORMED;
    }
    if (dg_bytes_get_u16(&datagram.at[AT_EPOCH]) != record->epoch) {
        return DG_E_AUTH;
    }
    return check_counter(record, dg_bytes_get_u32(&datagram.at[AT_COUNTER]));
}

/* Only one padding is right for a message, so a message has one length. */
/*@ requires dg_span_readable(padded) && \valid(plain);
  @ assigns  *plain;
  @ ensures  inside: \result == DG_OK ==> plain->at == padded.at &&
  @   1 <= plain->size < padded.size &&
  @   padded.at[plain->size] == PAD_MARK;
  @*/
static enum dg_status remove_padding(dg_span padded, dg_span *plain)
{
    size_t size = padded.size;

    /*@ loop invariant 0 <= size <= padded.size;
      @ loop assigns size;
      @ loop variant size;
      @*/
    while ((size > 0U) && (padded.at[size - 1U] == 0U)) {
        size--;
    }
    if ((size < 2U) || (padded.at[size - 1U] != PAD_MARK) ||
        (padded.size - size >= DG_RECORD_BUCKET)) {
        return DG_E_MALFORMED;
    }
    *plain = (dg_span){padded.at, size - 1U};
    return DG_OK;
}

/*@ requires \valid(record) && \valid_read(crypto);
  @ requires dg_ideal_crypto(crypto);
  @ requires SIZE_MIN <= datagram.size <= DG_RECORD_MAX;
  @ requires \valid_read(datagram.at + (0 .. datagram.size - 1));
  @ requires DG_RECORD_MAX <= room.capacity;
  @ requires \valid(room.at + (0 .. room.capacity - 1)) && \valid(plain);
  @ requires dg_record_fresh(record, datagram);
  @ requires \separated(record, plain, room.at + (0 .. room.capacity - 1));
  @ assigns  record->rx_next, record->failures, *plain,
  @          room.at[0 .. room.capacity - 1];
  @ ensures  forward: \old(record->rx_next) <= record->rx_next;
  @ ensures  once: \result == DG_OK ==>
  @   record->rx_next == \old(dg_bytes_u32(datagram.at + 3)) + 1;
  @*/
static enum dg_status open_sealed(struct dg_record *record,
                                  const struct dg_crypto *crypto,
                                  dg_span datagram,
                                  dg_buf room,
                                  dg_span *plain)
{
    const uint32_t counter = dg_bytes_get_u32(&datagram.at[AT_COUNTER]);
    const dg_span sealed = {&datagram.at[DG_RECORD_HEADER_SIZE],
                            datagram.size - DG_RECORD_HEADER_SIZE};
    struct dg_aead_key key = key_at(&record->rx, counter);
    enum dg_status status = DG_E_PORT;

    /*@ calls dg_ideal_open; */
    status = crypto->ccm_open(crypto->context,
                              &key,
                              DG_TAG_SIZE,
                              (dg_span){datagram.at, DG_RECORD_HEADER_SIZE},
                              sealed,
                              room);

    forget(&key);
    if (status == DG_E_AUTH) {
        record->failures++;
    }
    if (status != DG_OK) {
        return status;
    }
    record->rx_next = counter + 1U;
    /*@ assert DG_TAG_SIZE < sealed.size <= DG_RECORD_MAX - DG_RECORD_HEADER_SIZE; */
    /*@ assert \valid_read(room.at + (0 .. sealed.size - DG_TAG_SIZE - 1)); */
    return remove_padding((dg_span){room.at, sealed.size - DG_TAG_SIZE}, plain);
}

/* @satisfies{FPT_RPL.1@1} */
enum dg_status dg_record_open(struct dg_record *record,
                              const struct dg_crypto *crypto,
                              dg_span datagram,
                              dg_buf room,
                              dg_span *plain)
{
    if (plain != NULL) {
        *plain = (dg_span){NULL, 0U};
    }
    if ((record == NULL) || (crypto == NULL) || (datagram.at == NULL) ||
        (room.at == NULL) || (plain == NULL)) {
        return DG_E_USAGE;
    }

    enum dg_status status = DG_OK;

    if ((record->epoch == 0U) || (record->failures >= DG_RECORD_FAILURES_MAX)) {
        status = DG_E_STATE;
    } else if (room.capacity < DG_RECORD_MAX) {
        status = DG_E_NO_SPACE;
    } else {
        status = check_header(record, datagram);
    }
    if (status == DG_OK) {
        status = open_sealed(record, crypto, datagram, room, plain);
    }
    if (status != DG_OK) {
        forget_room(room);
    }
    return status;
}

void dg_record_wipe(struct dg_record *record)
{
    if (record != NULL) {
        dg_bytes_wipe(record, sizeof *record);
    }
}
