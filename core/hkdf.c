/* SPDX-License-Identifier: Apache-2.0 */
#include "hkdf.h"

#include <string.h>

#include "bytes.h"

enum dg_status dg_hkdf_extract(const struct dg_crypto *crypto,
                               dg_span salt,
                               dg_span secret,
                               struct dg_secret *prk)
{
    struct dg_hash mac;
    const enum dg_status status =
        crypto->hmac_sha256(crypto->context, salt, &secret, 1U, &mac);

    if (status == DG_OK) {
        (void)memcpy(prk->byte, mac.byte, sizeof prk->byte);
    }
    dg_bytes_wipe(&mac, sizeof mac);
    return status;
}

enum dg_status dg_hkdf_expand(const struct dg_crypto *crypto,
                              const struct dg_secret *prk,
                              const dg_span *info,
                              size_t count,
                              dg_buf out)
{
    /* T(i) = HMAC(PRK, T(i - 1) | info | i), the first without T. */
    dg_span parts[DG_HKDF_INFO_PARTS_MAX + 2U];
    struct dg_hash block;
    uint8_t number = 0U;
    size_t done = 0U;
    enum dg_status status = DG_OK;

    if ((out.capacity == 0U) || (out.capacity > DG_HKDF_OUT_MAX) ||
        (count > DG_HKDF_INFO_PARTS_MAX)) {
        return DG_E_USAGE;
    }
    parts[0] = (dg_span){block.byte, 0U};
    for (size_t i = 0U; i < count; i++) {
        parts[1U + i] = info[i];
    }
    parts[1U + count] = (dg_span){&number, 1U};

    while ((done < out.capacity) && (status == DG_OK)) {
        const size_t left = out.capacity - done;
        const size_t size = (left < DG_HASH_SIZE) ? left : DG_HASH_SIZE;
        struct dg_hash next;

        number++;
        status = crypto->hmac_sha256(
            crypto->context, DG_SPAN_OF(prk->byte), parts, count + 2U, &next);
        if (status == DG_OK) {
            block = next;
            (void)memcpy(&out.at[done], block.byte, size);
            parts[0].size = DG_HASH_SIZE;
            done += size;
        }
        dg_bytes_wipe(&next, sizeof next);
    }
    dg_bytes_wipe(&block, sizeof block);
    if (status != DG_OK) {
        dg_bytes_wipe(out.at, out.capacity);
    }
    return status;
}
