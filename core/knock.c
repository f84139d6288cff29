/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/knock.h"

#include <string.h>

#include "bytes.h"
#include "hkdf.h"

/* type | slot | counter | mac | message_1 */
#define AT_SLOT               1U
#define AT_COUNTER            2U
#define AT_MAC                6U
#define MAC_SIZE              8U
#define SLOT_AND_COUNTER_SIZE (AT_MAC - AT_SLOT)

/* With the final zero, which is not part of the info. */
static const uint8_t knock_info[] = "dosegate knock 1";

enum dg_status dg_knock_key(const struct dg_crypto *crypto,
                            const struct dg_secret *private_key,
                            const struct dg_public_key *peer,
                            struct dg_secret *knock_key)
{
    struct dg_secret shared = {{0U}};
    struct dg_secret prk = {{0U}};

    if ((crypto == NULL) || (private_key == NULL) || (peer == NULL) ||
        (knock_key == NULL)) {
        return DG_E_USAGE;
    }

    const dg_span info = {knock_info, sizeof knock_info - 1U};
    enum dg_status status =
        crypto->p256_ecdh(crypto->context, private_key, peer->x, &shared);

    if (status == DG_OK) {
        status = dg_hkdf_extract(
            crypto, (dg_span){NULL, 0U}, DG_SPAN_OF(shared.byte), &prk);
    }
    if (status == DG_OK) {
        status =
            dg_hkdf_expand(crypto, &prk, &info, 1U, DG_BUF_OF(knock_key->byte));
    }
    dg_bytes_wipe(&shared, sizeof shared);
    dg_bytes_wipe(&prk, sizeof prk);
    return status;
}

static enum dg_status compute_mac(const struct dg_crypto *crypto,
                                  const struct dg_secret *knock_key,
                                  const uint8_t *slot_and_counter,
                                  dg_span message_1,
                                  struct dg_hash *mac)
{
    const dg_span parts[] = {{slot_and_counter, SLOT_AND_COUNTER_SIZE},
                             message_1};

    return crypto->hmac_sha256(
        crypto->context, DG_SPAN_OF(knock_key->byte), parts, 2U, mac);
}

enum dg_status dg_knock_write(const struct dg_crypto *crypto,
                              const struct dg_secret *knock_key,
                              const struct dg_knock *knock,
                              dg_buf room,
                              dg_span *datagram)
{
    struct dg_hash mac;
    uint8_t header[DG_KNOCK_HEADER_SIZE];

    if ((crypto == NULL) || (knock_key == NULL) || (knock == NULL) ||
        (room.at == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }
    *datagram = (dg_span){NULL, 0U};
    if ((knock->message_1.at == NULL) || (knock->message_1.size == 0U)) {
        return DG_E_USAGE;
    }
    if ((room.capacity < sizeof header) ||
        (room.capacity - sizeof header < knock->message_1.size)) {
        return DG_E_NO_SPACE;
    }

    header[0] = DG_KNOCK_TYPE;
    header[AT_SLOT] = knock->slot;
    dg_bytes_put_u32(&header[AT_COUNTER], knock->counter);

    const enum dg_status status = compute_mac(
        crypto, knock_key, &header[AT_SLOT], knock->message_1, &mac);

    if (status != DG_OK) {
        return status;
    }
    (void)memcpy(&header[AT_MAC], mac.byte, MAC_SIZE);

    /* The message first: it may already lie inside the room. */
    (void)memmove(
        &room.at[sizeof header], knock->message_1.at, knock->message_1.size);
    (void)memcpy(room.at, header, sizeof header);
    *datagram = (dg_span){room.at, sizeof header + knock->message_1.size};
    return DG_OK;
}

enum dg_status dg_knock_parse(dg_span datagram, struct dg_knock *knock)
{
    if ((knock == NULL) || (datagram.at == NULL)) {
        return DG_E_USAGE;
    }
    if (datagram.size <= DG_KNOCK_HEADER_SIZE) {
        return DG_E_TRUNCATED;
    }
    if (datagram.at[0] != DG_KNOCK_TYPE) {
        return DG_E_MALFORMED;
    }
    knock->slot = datagram.at[AT_SLOT];
    knock->counter = dg_bytes_get_u32(&datagram.at[AT_COUNTER]);
    knock->message_1 = (dg_span){&datagram.at[DG_KNOCK_HEADER_SIZE],
                                 datagram.size - DG_KNOCK_HEADER_SIZE};
    if (knock->counter > DG_KNOCK_COUNTER_MAX) {
        return DG_E_RANGE;
    }
    return DG_OK;
}

enum dg_status dg_knock_verify(const struct dg_crypto *crypto,
                               const struct dg_secret *knock_key,
                               dg_span datagram)
{
    struct dg_knock knock;
    struct dg_hash mac;

    if ((crypto == NULL) || (knock_key == NULL)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_knock_parse(datagram, &knock);

    if (status == DG_OK) {
        status = compute_mac(
            crypto, knock_key, &datagram.at[AT_SLOT], knock.message_1, &mac);
    }
    if (status != DG_OK) {
        return status;
    }
    return dg_bytes_equal((dg_span){mac.byte, MAC_SIZE},
                          (dg_span){&datagram.at[AT_MAC], MAC_SIZE})
               ? DG_OK
               : DG_E_AUTH;
}
