/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_reading_parse.  Oracle: what is accepted is in range, and writing
 * it again gives the same body. */
#include "dosegate/sensor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The MAC is not under test: any 32 bytes. */
static enum dg_status no_mac(void *context,
                             dg_span key,
                             const dg_span *parts,
                             size_t count,
                             struct dg_hash *mac)
{
    (void)context;
    (void)key;
    (void)parts;
    (void)count;
    memset(mac, 0, sizeof *mac);
    return DG_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dg_crypto crypto = {.hmac_sha256 = no_mac};
    const struct dg_secret key = {{0U}};
    struct dg_reading reading;
    uint8_t room[64];
    dg_span frame;

    if (dg_reading_parse((dg_span){data, size}, &reading) != DG_OK) {
        return 0;
    }
    if ((reading.value.mg_dL < 39) || (reading.value.mg_dL > 401) ||
        (dg_reading_write(&crypto, &key, &reading, DG_BUF_OF(room), &frame) !=
         DG_OK) ||
        (frame.size != size) ||
        (memcmp(frame.at, data, size - DG_READING_MAC_SIZE) != 0)) {
        abort();
    }
    return 0;
}
