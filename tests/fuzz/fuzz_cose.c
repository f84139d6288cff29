/* SPDX-License-Identifier: Apache-2.0 */
/* Target: COSE_Sign1.  Oracle: what parses is exactly what its parts write;
 * what verifies carries the payload that was signed, and differs from the
 * signed message in the kid at most. */
#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "ports/host/crypto_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dg_crypto crypto;
static struct dg_public_key public_key;
static const uint8_t purpose[] = "dosegate fuzz 1";
static const uint8_t payload[] = "what was signed";
static uint8_t signed_room[128];
static dg_span signed_message;

static void set_up(void)
{
    const uint8_t kid = 7U;
    struct dg_secret key;

    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (crypto.p256_generate(crypto.context, &key, &public_key) != DG_OK) ||
        (dg_cose_sign1(&crypto,
                       &key,
                       (dg_span){&kid, 1U},
                       DG_SPAN_OF(purpose),
                       DG_SPAN_OF(payload),
                       DG_BUF_OF(signed_room),
                       &signed_message) != DG_OK)) {
        abort();
    }
}

/* Write the parts again; the bytes must be those that were parsed. */
static void check_parts(const struct dg_cose_sign1 *parts, dg_span message)
{
    static uint8_t room[8192];
    static const uint8_t headers[] = {0xA1U, 0x01U, 0x26U};
    struct dg_cbor_writer writer;
    dg_span written;

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_tag(&writer, 18U);
    dg_cbor_write_array(&writer, 4U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(headers));
    dg_cbor_write_map(&writer, (parts->kid.at == NULL) ? 0U : 1U);
    if (parts->kid.at != NULL) {
        dg_cbor_write_uint(&writer, 4U);
        dg_cbor_write_bstr(&writer, parts->kid);
    }
    dg_cbor_write_bstr(&writer, parts->payload);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(parts->signature.byte));
    if ((dg_cbor_writer_end(&writer, &written) != DG_OK) ||
        (written.size != message.size) ||
        (memcmp(written.at, message.at, message.size) != 0)) {
        abort();
    }
}

static void check_message(dg_span message)
{
    struct dg_cose_sign1 parts;
    dg_span found;
    const enum dg_status parsed = dg_cose_sign1_parse(message, &parts);
    const enum dg_status verified = dg_cose_sign1_verify(
        &crypto, &public_key, DG_SPAN_OF(purpose), message, &found);

    if (parsed == DG_OK) {
        check_parts(&parts, message);
    }
    if (verified != DG_OK) {
        if ((found.at != NULL) || (verified == DG_E_PORT) ||
            ((parsed != DG_OK) && (verified != parsed))) {
            abort();
        }
        return;
    }
    if ((parsed != DG_OK) || (found.size != sizeof payload) ||
        (memcmp(found.at, payload, sizeof payload) != 0)) {
        abort();
    }
}

/* An even first byte: the rest is the message.  An odd one: the rest is
 * pairs of place and value, changed in the signed message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t room[sizeof signed_room];

    if (signed_message.at == NULL) {
        set_up();
    }
    if ((size == 0U) || (size > 4096U)) {
        return 0;
    }
    if ((data[0] & 1U) == 0U) {
        check_message((dg_span){&data[1], size - 1U});
        return 0;
    }
    (void)memcpy(room, signed_message.at, signed_message.size);
    for (size_t i = 1U; i + 1U < size; i += 2U) {
        room[data[i] % signed_message.size] ^= data[i + 1U];
    }
    check_message((dg_span){room, signed_message.size});
    return 0;
}
