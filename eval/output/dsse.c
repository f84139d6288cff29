/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/dsse.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_TYPE "application/vnd.in-toto+json"
#define PAYLOAD_MAX  (64U * 1024U * 1024U)

/* Two integers of at most 33 bytes, each with its head, below one head. */
#define HALF    (DG_SIGNATURE_SIZE / 2U)
#define DER_MAX (2U + (2U * (2U + HALF + 1U)))

/* RFC 5480: SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING 04 }. */
static const uint8_t spki_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                    0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

static void put_base64(struct dg_html *out, dg_span bytes)
{
    const size_t size = 4U * ((bytes.size + 2U) / 3U);
    uint8_t *text = NULL;

    if (bytes.size > PAYLOAD_MAX) {
        out->failed = true;
        return;
    }
    text = malloc(size + 1U);
    if (text == NULL) {
        out->failed = true;
        return;
    }
    (void)EVP_EncodeBlock(text, bytes.at, (int)bytes.size);
    dg_html_raw_span(out, (dg_span){text, size});
    free(text);
}

/* X.690: the shortest form, never negative. */
static size_t put_integer(const uint8_t half[HALF], uint8_t *out)
{
    size_t skip = 0;
    size_t used = 2;

    while ((skip < (HALF - 1U)) && (half[skip] == 0U)) {
        skip++;
    }
    if (half[skip] >= 0x80U) {
        out[used] = 0U;
        used++;
    }
    memcpy(&out[used], &half[skip], HALF - skip);
    used += HALF - skip;
    out[0] = 0x02U;
    out[1] = (uint8_t)(used - 2U);
    return used;
}

static size_t put_der(const struct dg_signature *signature, uint8_t *out)
{
    size_t used = 2;

    used += put_integer(signature->byte, &out[used]);
    used += put_integer(signature->byte + HALF, &out[used]);
    out[0] = 0x30U;
    out[1] = (uint8_t)(used - 2U);
    return used;
}

enum dg_status dg_dsse_seal(const struct dg_crypto *crypto,
                            const struct dg_lab_key *key,
                            dg_span payload,
                            struct dg_html *out)
{
    char head[96];
    uint8_t der[DER_MAX];
    struct dg_hash hash;
    struct dg_signature signature;
    const int size = snprintf(head,
                              sizeof(head),
                              "DSSEv1 %zu %s %zu ",
                              strlen(PAYLOAD_TYPE),
                              PAYLOAD_TYPE,
                              payload.size);
    const dg_span parts[] = {{(const uint8_t *)head, (size_t)size}, payload};

    dg_html_init(out);
    if ((size < 0) || ((size_t)size >= sizeof(head)) ||
        (crypto->sha256(crypto->context, parts, 2, &hash) != DG_OK) ||
        (crypto->es256_sign(
             crypto->context, &key->private_key, &hash, &signature) != DG_OK)) {
        return DG_E_PORT;
    }
    dg_html_raw(out, "{\"payloadType\":\"" PAYLOAD_TYPE "\",\"payload\":\"");
    put_base64(out, payload);
    dg_html_raw(out, "\",\"signatures\":[{\"keyid\":\"");
    dg_html_raw(out, key->id);
    dg_html_raw(out, "\",\"sig\":\"");
    put_base64(out, (dg_span){der, put_der(&signature, der)});
    dg_html_raw(out, "\"}]}\n");
    return out->failed ? DG_E_PORT : DG_OK;
}

enum dg_status dg_dsse_public_key(const struct dg_public_key *public_key,
                                  struct dg_html *out)
{
    uint8_t spki[sizeof(spki_head) + (2U * DG_P256_SIZE)];
    uint8_t *at = spki + sizeof(spki_head);
    struct dg_html text;

    memcpy(spki, spki_head, sizeof(spki_head));
    memcpy(at, public_key->x, DG_P256_SIZE);
    memcpy(at + DG_P256_SIZE, public_key->y, DG_P256_SIZE);
    dg_html_init(out);
    dg_html_init(&text);
    put_base64(&text, (dg_span){spki, sizeof(spki)});

    const dg_span line = dg_html_span(&text);

    dg_html_raw(out, "-----BEGIN PUBLIC KEY-----\n");
    for (size_t i = 0; i < line.size; i += 64U) {
        const size_t left = line.size - i;

        dg_html_raw_span(out,
                         (dg_span){line.at + i, (left < 64U) ? left : 64U});
        dg_html_raw(out, "\n");
    }
    dg_html_raw(out, "-----END PUBLIC KEY-----\n");
    out->failed = out->failed || text.failed;
    dg_html_free(&text);
    return out->failed ? DG_E_PORT : DG_OK;
}
