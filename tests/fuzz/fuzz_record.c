/* SPDX-License-Identifier: Apache-2.0 */
/* Target: records.  Oracle: a datagram opens if and only if it is the one
 * that was sealed, and then gives the message that was sealed, once. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dosegate/record.h"
#include "ports/host/crypto_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dg_crypto crypto;

static struct dg_record session(void)
{
    struct dg_record record = {.epoch = 3U, .tx_next = 77U, .rx_next = 70U};

    (void)memset(&record.tx, 0x31, sizeof record.tx);
    record.rx = record.tx;
    return record;
}

static void check(dg_span datagram, dg_span original, dg_span message)
{
    struct dg_record record = session();
    uint8_t room[DG_RECORD_MAX];
    dg_span plain;
    const bool is_same = (datagram.size == original.size) &&
                         (memcmp(datagram.at, original.at, original.size) == 0);
    const enum dg_status status =
        dg_record_open(&record, &crypto, datagram, DG_BUF_OF(room), &plain);

    if ((status == DG_OK) != is_same) {
        abort();
    }
    if (!is_same) {
        if ((plain.at != NULL) || (record.rx_next != 70U) ||
            (record.failures > 1U) || (status == DG_E_PORT)) {
            abort();
        }
        return;
    }
    if ((plain.size != message.size) ||
        (memcmp(plain.at, message.at, message.size) != 0) ||
        (record.rx_next != 78U) ||
        (dg_record_open(&record, &crypto, datagram, DG_BUF_OF(room), &plain) !=
         DG_E_REPLAY)) {
        abort();
    }
}

/* Two bytes of size, one of mode, and then either the datagram itself, or
 * triples of place (2) and value (1) that change the sealed one; a last odd
 * byte cuts it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t message[DG_RECORD_PLAIN_MAX];
    uint8_t sealed[DG_RECORD_MAX];
    uint8_t changed[DG_RECORD_MAX];
    struct dg_record record = session();
    dg_span original;

    if ((crypto.context == NULL) &&
        (dg_crypto_openssl_init(&crypto) != DG_OK)) {
        abort();
    }
    if (size < 3U) {
        return 0;
    }

    const size_t message_size =
        1U + (((size_t)data[0] << 8) | data[1]) % sizeof message;

    for (size_t i = 0U; i < message_size; i++) {
        message[i] = data[i % size];
    }
    if (dg_record_seal(&record,
                       &crypto,
                       (dg_span){message, message_size},
                       DG_BUF_OF(sealed),
                       &original) != DG_OK) {
        abort();
    }

    dg_span datagram = {&data[3], size - 3U};

    if ((data[2] & 1U) == 0U) {
        (void)memcpy(changed, original.at, original.size);
        datagram = (dg_span){changed, original.size};
        for (size_t i = 3U; i + 2U < size; i += 3U) {
            const size_t at = ((size_t)data[i] << 8) | data[i + 1U];

            changed[at % original.size] ^= data[i + 2U];
        }
        if ((size % 3U) == 1U) {
            datagram.size -= data[size - 1U] % original.size;
        }
    }
    check(datagram, original, (dg_span){message, message_size});
    return 0;
}
