/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/manifest.h"

#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Map: 0 format, 1 sequence, 2 security counter, 3 vendor, 4 class, 5 size,
 * 6 digest, 7 protocol major, 8 and 9 layouts, 10 version. */
#define FORMAT   1U
#define PAIRS    11U
#define ALL_SEEN ((1U << PAIRS) - 1U)

static const uint8_t purpose[] = {'d',
                                  'o',
                                  's',
                                  'e',
                                  'g',
                                  'a',
                                  't',
                                  'e',
                                  ' ',
                                  'u',
                                  'p',
                                  'd',
                                  'a',
                                  't',
                                  'e',
                                  ' ',
                                  '1'};

static bool is_sound(const struct dg_manifest *manifest)
{
    return (manifest->sequence > 0U) &&
           (manifest->sequence <= DG_SIGNED_COUNTER_MAX) &&
           (manifest->security_counter <= DG_SIGNED_COUNTER_MAX) &&
           (manifest->size > 0U) &&
           (manifest->layout_from <= manifest->layout_to) &&
           (manifest->version_size > 0U) &&
           (manifest->version_size <= DG_MANIFEST_VERSION_MAX);
}

static void write_bytes(struct dg_cbor_writer *writer,
                        uint64_t key,
                        const uint8_t *bytes,
                        size_t size)
{
    dg_cbor_write_uint(writer, key);
    dg_cbor_write_bstr(writer, (dg_span){bytes, size});
}

static void write_number(struct dg_cbor_writer *writer,
                         uint64_t key,
                         uint64_t value)
{
    dg_cbor_write_uint(writer, key);
    dg_cbor_write_uint(writer, value);
}

static enum dg_status encode(const struct dg_update_root *root,
                             const struct dg_manifest *manifest,
                             dg_buf room,
                             dg_span *payload)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_map(&writer, PAIRS);
    write_number(&writer, 0U, FORMAT);
    write_number(&writer, 1U, manifest->sequence);
    write_number(&writer, 2U, manifest->security_counter);
    write_bytes(&writer, 3U, root->vendor, sizeof root->vendor);
    write_bytes(&writer, 4U, root->device_class, sizeof root->device_class);
    write_number(&writer, 5U, manifest->size);
    write_bytes(&writer, 6U, manifest->digest.byte, DG_HASH_SIZE);
    write_number(&writer, 7U, manifest->protocol_major);
    write_number(&writer, 8U, manifest->layout_from);
    write_number(&writer, 9U, manifest->layout_to);
    dg_cbor_write_uint(&writer, 10U);
    dg_cbor_write_tstr_span(
        &writer,
        (dg_span){(const uint8_t *)manifest->version, manifest->version_size});
    return dg_cbor_writer_end(&writer, payload);
}

enum dg_status dg_manifest_sign(const struct dg_crypto *crypto,
                                const struct dg_secret *private_key,
                                const struct dg_update_root *root,
                                const struct dg_manifest *manifest,
                                dg_buf room,
                                dg_span *message)
{
    if ((crypto == NULL) || (private_key == NULL) || (root == NULL) ||
        (manifest == NULL) || (message == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_sound(manifest)) {
        return DG_E_RANGE;
    }

    uint8_t plain[DG_MANIFEST_MAX - DG_COSE_SIGN1_OVERHEAD_MAX];
    dg_span payload = {NULL, 0U};
    const dg_span no_kid = {NULL, 0U};
    const enum dg_status status =
        encode(root, manifest, DG_BUF_OF(plain), &payload);

    if (status != DG_OK) {
        return status;
    }
    return dg_cose_sign1(crypto,
                         private_key,
                         no_kid,
                         DG_SPAN_OF(purpose),
                         payload,
                         room,
                         message);
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

static uint8_t read_u8(struct dg_cbor_reader *reader)
{
    return (uint8_t)dg_cbor_read_uint_max(reader, UINT8_MAX);
}

/* An image for somebody else is refused, whoever signed it. */
static void want_id(struct dg_cbor_reader *reader,
                    const uint8_t id[DG_MANIFEST_ID_SIZE])
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, DG_MANIFEST_ID_SIZE);

    if ((bytes.size == DG_MANIFEST_ID_SIZE) &&
        (memcmp(bytes.at, id, DG_MANIFEST_ID_SIZE) != 0)) {
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
    }
}

static void read_version(struct dg_cbor_reader *reader,
                         struct dg_manifest *manifest)
{
    const dg_span text = dg_cbor_read_tstr(reader);

    if (text.size > DG_MANIFEST_VERSION_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    if (text.size > 0U) {
        memcpy(manifest->version, text.at, text.size);
    }
    manifest->version_size = (uint8_t)text.size;
}

static void read_digest(struct dg_cbor_reader *reader,
                        struct dg_manifest *manifest)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, DG_HASH_SIZE);

    if (bytes.size == DG_HASH_SIZE) {
        memcpy(manifest->digest.byte, bytes.at, DG_HASH_SIZE);
    }
}

static void read_pair(struct dg_cbor_reader *reader,
                      int64_t key,
                      const struct dg_update_root *root,
                      struct dg_manifest *manifest)
{
    switch (key) {
    case 0:
        if (read_u8(reader) != FORMAT) {
            dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        }
        break;
    case 1:
        manifest->sequence = read_u32(reader);
        break;
    case 2:
        manifest->security_counter = read_u32(reader);
        break;
    case 3:
        want_id(reader, root->vendor);
        break;
    case 4:
        want_id(reader, root->device_class);
        break;
    case 5:
        manifest->size = read_u32(reader);
        break;
    case 6:
        read_digest(reader, manifest);
        break;
    case 7:
        manifest->protocol_major = read_u8(reader);
        break;
    case 8:
        manifest->layout_from = read_u8(reader);
        break;
    case 9:
        manifest->layout_to = read_u8(reader);
        break;
    case 10:
        read_version(reader, manifest);
        break;
    default:
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        break;
    }
}

static enum dg_status decode(dg_span payload,
                             const struct dg_update_root *root,
                             struct dg_manifest *manifest)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    struct dg_manifest draft;
    int64_t key = 0;
    uint32_t seen = 0U;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, payload);
    dg_cbor_read_map(&reader, &map);
    while (dg_cbor_map_next(&reader, &map, &key)) {
        read_pair(&reader, key, root, &draft);
        if ((key >= 0) && (key < (int64_t)PAIRS)) {
            seen |= (uint32_t)1U << key;
        }
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (seen != ALL_SEEN) {
        return DG_E_MALFORMED;
    }
    if (!is_sound(&draft)) {
        return DG_E_RANGE;
    }
    *manifest = draft;
    return DG_OK;
}

/* @satisfies{FPT_TUD.1@1} */
enum dg_status dg_manifest_verify(const struct dg_crypto *crypto,
                                  const struct dg_update_root *root,
                                  dg_span message,
                                  struct dg_manifest *manifest)
{
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (root == NULL) || (manifest == NULL)) {
        return DG_E_USAGE;
    }
    if (message.size > DG_MANIFEST_MAX) {
        return DG_E_RANGE;
    }

    const enum dg_status status = dg_cose_sign1_verify(
        crypto, &root->key, DG_SPAN_OF(purpose), message, &payload);

    return (status == DG_OK) ? decode(payload, root, manifest) : status;
}
