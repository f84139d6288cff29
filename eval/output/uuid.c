/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/uuid.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "eval/derived.h"
#include "eval/hex.h"

#define UUID_BYTES 16U
#define SHA1_BYTES 20U /* version 5 is made of SHA-1; nothing rests on it */

/* RFC 9562, 6.6: the namespace of addresses. */
static const uint8_t addresses[UUID_BYTES] = {0x6b,
                                              0xa7,
                                              0xb8,
                                              0x11,
                                              0x9d,
                                              0xad,
                                              0x11,
                                              0xd1,
                                              0x80,
                                              0xb4,
                                              0x00,
                                              0xc0,
                                              0x4f,
                                              0xd4,
                                              0x30,
                                              0xc8};

static bool hash(const char *const *parts, size_t count, uint8_t *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good =
        (context != NULL) &&
        (EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1) &&
        (EVP_DigestUpdate(context, addresses, sizeof(addresses)) == 1);

    for (size_t i = 0; is_good && (i < count); i++) {
        is_good = EVP_DigestUpdate(context, parts[i], strlen(parts[i])) == 1;
    }
    is_good = is_good && (EVP_DigestFinal_ex(context, out, NULL) == 1);
    EVP_MD_CTX_free(context);
    return is_good;
}

struct dg_uuid dg_uuid_of(const struct dg_run_origin *origin,
                          const char *kind,
                          const char *name)
{
    const char *const parts[] = {
        DG_DERIVED_MARK, origin->digest, "/", kind, "/", name};
    uint8_t bytes[SHA1_BYTES] = {0};
    char digits[(2U * UUID_BYTES) + 1U];
    struct dg_uuid uuid = {""};

    if (!hash(parts, sizeof(parts) / sizeof(parts[0]), bytes)) {
        return uuid;
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0FU) | 0x50U);
    bytes[8] = (uint8_t)((bytes[8] & 0x3FU) | 0x80U);
    dg_hex_put((dg_span){bytes, UUID_BYTES}, digits);
    (void)snprintf(uuid.text,
                   sizeof(uuid.text),
                   "%.8s-%.4s-%.4s-%.4s-%.12s",
                   digits,
                   digits + 8,
                   digits + 12,
                   digits + 16,
                   digits + 20);
    return uuid;
}
