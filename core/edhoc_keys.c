/* SPDX-License-Identifier: Apache-2.0 */
#include "edhoc_keys.h"

#include <string.h>

#include "bytes.h"
#include "dosegate/cbor.h"
#include "dosegate/edhoc.h"
#include "hkdf.h"

#define KDF_CONTEXT_PARTS_MAX (DG_HKDF_INFO_PARTS_MAX - 2U)

/* A hash as a CBOR byte string: 58 20 and the bytes. */
struct hash_item {
    uint8_t byte[2U + DG_HASH_SIZE];
};

static struct hash_item item_of(const uint8_t bytes[DG_HASH_SIZE])
{
    struct hash_item item = {{0x58U, DG_HASH_SIZE}};

    (void)memcpy(&item.byte[2], bytes, DG_HASH_SIZE);
    return item;
}

enum dg_status dg_edhoc_kdf(const struct dg_crypto *crypto,
                            const struct dg_secret *prk,
                            uint16_t label,
                            const dg_span *context,
                            size_t count,
                            dg_buf out)
{
    /* info = label, context as one byte string, length of the output. */
    dg_span info[DG_HKDF_INFO_PARTS_MAX];
    uint8_t front[12];
    uint8_t back[9];
    struct dg_cbor_writer writer;
    size_t context_size = 0U;

    if (count > KDF_CONTEXT_PARTS_MAX) {
        return DG_E_USAGE;
    }
    for (size_t i = 0U; i < count; i++) {
        info[1U + i] = context[i];
        context_size += context[i].size;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(front));
    dg_cbor_write_uint(&writer, label);
    dg_cbor_write_bstr_head(&writer, context_size);

    const enum dg_status front_status = dg_cbor_writer_end(&writer, &info[0]);

    dg_cbor_writer_init(&writer, DG_BUF_OF(back));
    dg_cbor_write_uint(&writer, out.capacity);
    if ((front_status != DG_OK) ||
        (dg_cbor_writer_end(&writer, &info[1U + count]) != DG_OK)) {
        return DG_E_CORRUPT;
    }
    return dg_hkdf_expand(crypto, prk, info, count + 2U, out);
}

/* EDHOC_KDF over a transcript hash. */
static enum dg_status kdf_of_th(const struct dg_crypto *crypto,
                                const struct dg_secret *prk,
                                uint16_t label,
                                const struct dg_hash *th,
                                dg_buf out)
{
    const dg_span context = DG_SPAN_OF(th->byte);

    return dg_edhoc_kdf(crypto, prk, label, &context, 1U, out);
}

enum dg_status dg_edhoc_th_2(const struct dg_crypto *crypto,
                             const uint8_t g_y[DG_P256_SIZE],
                             struct dg_hash *th)
{
    const struct hash_item first = item_of(g_y);
    const struct hash_item second = item_of(th->byte);
    const dg_span parts[] = {DG_SPAN_OF(first.byte), DG_SPAN_OF(second.byte)};

    return crypto->sha256(crypto->context, parts, 2U, th);
}

enum dg_status dg_edhoc_th_next(const struct dg_crypto *crypto,
                                dg_span plaintext,
                                dg_span cred,
                                struct dg_hash *th)
{
    const struct hash_item first = item_of(th->byte);
    const dg_span parts[] = {DG_SPAN_OF(first.byte), plaintext, cred};

    return crypto->sha256(crypto->context, parts, 3U, th);
}

enum dg_status dg_edhoc_prk_2e(const struct dg_crypto *crypto,
                               const struct dg_hash *th_2,
                               const struct dg_secret *own,
                               const uint8_t peer_x[DG_P256_SIZE],
                               struct dg_secret *prk)
{
    struct dg_secret shared = {{0U}};
    enum dg_status status =
        crypto->p256_ecdh(crypto->context, own, peer_x, &shared);

    if (status == DG_OK) {
        status = dg_hkdf_extract(
            crypto, DG_SPAN_OF(th_2->byte), DG_SPAN_OF(shared.byte), prk);
    }
    dg_bytes_wipe(&shared, sizeof shared);
    return status;
}

enum dg_status dg_edhoc_prk_mix(const struct dg_crypto *crypto,
                                uint16_t label,
                                const struct dg_hash *th,
                                const struct dg_secret *own,
                                const uint8_t peer_x[DG_P256_SIZE],
                                struct dg_secret *prk)
{
    struct dg_secret shared = {{0U}};
    struct dg_secret salt = {{0U}};
    enum dg_status status =
        kdf_of_th(crypto, prk, label, th, DG_BUF_OF(salt.byte));

    if (status == DG_OK) {
        status = crypto->p256_ecdh(crypto->context, own, peer_x, &shared);
    }
    if (status == DG_OK) {
        status = dg_hkdf_extract(
            crypto, DG_SPAN_OF(salt.byte), DG_SPAN_OF(shared.byte), prk);
    }
    dg_bytes_wipe(&shared, sizeof shared);
    dg_bytes_wipe(&salt, sizeof salt);
    if (status != DG_OK) {
        dg_bytes_wipe(prk, sizeof *prk);
    }
    return status;
}

enum dg_status dg_edhoc_mac(const struct dg_crypto *crypto,
                            const struct dg_secret *prk,
                            uint16_t label,
                            const struct dg_hash *th,
                            const struct dg_edhoc_context *context,
                            dg_buf out)
{
    const struct hash_item th_item = item_of(th->byte);
    const dg_span parts[] = {context->connection,
                             context->id_cred,
                             DG_SPAN_OF(th_item.byte),
                             context->cred,
                             context->ead};

    return dg_edhoc_kdf(
        crypto, prk, label, parts, sizeof parts / sizeof parts[0], out);
}

enum dg_status dg_edhoc_xor_2(const struct dg_crypto *crypto,
                              const struct dg_secret *prk_2e,
                              const struct dg_hash *th_2,
                              dg_buf text)
{
    uint8_t keystream[DG_EDHOC_PLAIN_MAX];

    if ((text.capacity == 0U) || (text.capacity > sizeof keystream)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = kdf_of_th(crypto,
                                            prk_2e,
                                            DG_EDHOC_KDF_KEYSTREAM_2,
                                            th_2,
                                            (dg_buf){keystream, text.capacity});

    if (status == DG_OK) {
        for (size_t i = 0U; i < text.capacity; i++) {
            text.at[i] ^= keystream[i];
        }
    }
    dg_bytes_wipe(keystream, text.capacity);
    return status;
}

/* Enc_structure (RFC 9052, 5.3): ["Encrypt0", h'', TH]. */
struct enc_structure {
    uint8_t byte[11U + sizeof(struct hash_item)];
};

static struct enc_structure aad_of(const struct dg_hash *th)
{
    struct enc_structure aad = {
        {0x83U, 0x68U, 'E', 'n', 'c', 'r', 'y', 'p', 't', '0', 0x40U}};
    const struct hash_item item = item_of(th->byte);

    (void)memcpy(&aad.byte[11], item.byte, sizeof item.byte);
    return aad;
}

static enum dg_status derive_aead_key(const struct dg_crypto *crypto,
                                      const struct dg_edhoc_aead *aead,
                                      struct dg_aead_key *key)
{
    const uint16_t iv_label = (uint16_t)(aead->label + 1U);
    const enum dg_status status = kdf_of_th(
        crypto, aead->prk, aead->label, aead->th, DG_BUF_OF(key->key));

    if (status != DG_OK) {
        return status;
    }
    return kdf_of_th(
        crypto, aead->prk, iv_label, aead->th, DG_BUF_OF(key->nonce));
}

enum dg_status dg_edhoc_seal(const struct dg_crypto *crypto,
                             const struct dg_edhoc_aead *aead,
                             dg_span plain,
                             dg_buf room,
                             dg_span *message)
{
    const struct enc_structure aad = aad_of(aead->th);
    const size_t sealed_size = plain.size + aead->tag_size;
    struct dg_aead_key key = {{0U}, {0U}};
    struct dg_cbor_writer writer;
    dg_span head;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_bstr_head(&writer, sealed_size);
    if ((dg_cbor_writer_end(&writer, &head) != DG_OK) ||
        (room.capacity - head.size < sealed_size)) {
        return DG_E_NO_SPACE;
    }

    enum dg_status status = derive_aead_key(crypto, aead, &key);

    if (status == DG_OK) {
        status = crypto->ccm_seal(crypto->context,
                                  &key,
                                  aead->tag_size,
                                  DG_SPAN_OF(aad.byte),
                                  plain,
                                  (dg_buf){&room.at[head.size], sealed_size});
    }
    dg_bytes_wipe(&key, sizeof key);
    if (status == DG_OK) {
        *message = (dg_span){room.at, head.size + sealed_size};
    }
    return status;
}

enum dg_status dg_edhoc_open(const struct dg_crypto *crypto,
                             const struct dg_edhoc_aead *aead,
                             dg_span message,
                             dg_buf room,
                             dg_span *plain)
{
    const struct enc_structure aad = aad_of(aead->th);
    struct dg_aead_key key = {{0U}, {0U}};
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, message);

    const dg_span sealed = dg_cbor_read_bstr(&reader);
    enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if ((sealed.size < aead->tag_size) ||
        (sealed.size - aead->tag_size > room.capacity)) {
        return DG_E_RANGE;
    }
    status = derive_aead_key(crypto, aead, &key);
    if (status == DG_OK) {
        status = crypto->ccm_open(crypto->context,
                                  &key,
                                  aead->tag_size,
                                  DG_SPAN_OF(aad.byte),
                                  sealed,
                                  room);
    }
    dg_bytes_wipe(&key, sizeof key);
    if (status == DG_OK) {
        *plain = (dg_span){room.at, sealed.size - aead->tag_size};
    }
    return status;
}

static enum dg_status exporter_of(const struct dg_crypto *crypto,
                                  const struct dg_secret *prk_out,
                                  struct dg_secret *prk_exporter)
{
    return dg_edhoc_kdf(crypto,
                        prk_out,
                        DG_EDHOC_KDF_PRK_EXPORTER,
                        NULL,
                        0U,
                        DG_BUF_OF(prk_exporter->byte));
}

enum dg_status dg_edhoc_finish(const struct dg_crypto *crypto,
                               const struct dg_secret *prk_4e3m,
                               const struct dg_hash *th_4,
                               struct dg_secret *prk_out,
                               struct dg_secret *prk_exporter)
{
    const enum dg_status status = kdf_of_th(
        crypto, prk_4e3m, DG_EDHOC_KDF_PRK_OUT, th_4, DG_BUF_OF(prk_out->byte));

    return (status == DG_OK) ? exporter_of(crypto, prk_out, prk_exporter)
                             : status;
}

enum dg_status dg_edhoc_key_update(const struct dg_crypto *crypto,
                                   struct dg_secret *prk_out,
                                   dg_span context,
                                   struct dg_secret *prk_exporter)
{
    struct dg_secret next = {{0U}};

    if ((crypto == NULL) || (prk_out == NULL) || (prk_exporter == NULL) ||
        (context.at == NULL) || (context.size == 0U) ||
        (context.size > DG_EDHOC_UPDATE_CONTEXT_MAX)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_edhoc_kdf(crypto,
                                         prk_out,
                                         DG_EDHOC_KDF_KEY_UPDATE,
                                         &context,
                                         1U,
                                         DG_BUF_OF(next.byte));

    if (status == DG_OK) {
        status = exporter_of(crypto, &next, prk_exporter);
    }
    if (status == DG_OK) {
        *prk_out = next;
    } else {
        dg_bytes_wipe(prk_out, sizeof *prk_out);
    }
    dg_bytes_wipe(&next, sizeof next);
    return status;
}
