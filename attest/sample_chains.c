/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/sample_parts.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ec.h>

#include "attest/certificate.h"
#include "attest/der.h"
#include "dosegate/cbor.h"

/* Samples with certificates: Android and Apple. */
#define DAY_S 86400

static const char app_name[] = "org.dosegate.sample";
static const char app_id[] = "TEAMTEAM00.org.dosegate.sample";

static void put_explicit(struct dg_bytes *list,
                         uint32_t tag,
                         const struct dg_bytes *contents)
{
    dg_bytes_der(list, DG_DER_EXPLICIT(tag), contents->at, contents->size);
}

static void put_number(struct dg_bytes *list, uint32_t tag, uint64_t value)
{
    struct dg_bytes inner = {.size = 0U};

    dg_bytes_der_number(&inner, DG_DER_INTEGER, value);
    put_explicit(list, tag, &inner);
}

static void put_flag(struct dg_bytes *list, uint32_t tag)
{
    struct dg_bytes inner = {.size = 0U};

    dg_bytes_der(&inner, DG_DER_NULL, "", 0U);
    put_explicit(list, tag, &inner);
}

static void put_root_of_trust(struct dg_bytes *list, bool is_unlocked)
{
    static const uint8_t key[DG_HASH_SIZE] = {0x4bU};
    const uint8_t locked = is_unlocked ? 0x00U : 0xffU;
    struct dg_bytes inner = {.size = 0U};
    struct dg_bytes root = {.size = 0U};

    dg_bytes_der(&inner, DG_DER_OCTETS, key, sizeof(key));
    dg_bytes_der(&inner, DG_DER_BOOLEAN, &locked, 1U);
    dg_bytes_der_number(&inner, DG_DER_ENUMERATED, is_unlocked ? 2U : 0U);
    dg_bytes_der(&inner, DG_DER_OCTETS, key, sizeof(key));
    dg_bytes_der(&root, DG_DER_SEQUENCE, inner.at, inner.size);
    put_explicit(list, 704U, &root);
}

static void put_app(struct dg_bytes *list, const struct dg_hash *signer)
{
    struct dg_bytes package = {.size = 0U};
    struct dg_bytes sequence = {.size = 0U};
    struct dg_bytes digest = {.size = 0U};
    struct dg_bytes sets = {.size = 0U};
    struct dg_bytes whole = {.size = 0U};
    struct dg_bytes octets = {.size = 0U};

    dg_bytes_der(&package, DG_DER_OCTETS, app_name, sizeof(app_name) - 1U);
    dg_bytes_der_number(&package, DG_DER_INTEGER, 7U);
    dg_bytes_der(&sequence, DG_DER_SEQUENCE, package.at, package.size);
    dg_bytes_der(&sets, DG_DER_SET, sequence.at, sequence.size);
    dg_bytes_der(&digest, DG_DER_OCTETS, signer->byte, DG_HASH_SIZE);
    dg_bytes_der(&sets, DG_DER_SET, digest.at, digest.size);
    dg_bytes_der(&whole, DG_DER_SEQUENCE, sets.at, sets.size);
    dg_bytes_der(&octets, DG_DER_OCTETS, whole.at, whole.size);
    put_explicit(list, 709U, &octets);
}

static void describe(const struct dg_sample_wish *wish,
                     const struct dg_sample *sample,
                     struct dg_bytes *extension)
{
    const uint64_t level = wish->is_software ? 0U : 1U;
    struct dg_bytes software = {.size = 0U};
    struct dg_bytes hardware = {.size = 0U};
    struct dg_bytes fields = {.size = 0U};

    put_number(&software, 701U, 1800000000000U);
    put_app(&software, &sample->app.signer);
    put_number(&hardware, 2U, 3U);
    if (wish->needs_nobody) {
        put_flag(&hardware, 503U);
    } else {
        put_number(&hardware, 504U, 2U);
        put_number(&hardware, 505U, 0U);
    }
    put_number(&hardware, 702U, wish->is_imported ? 2U : 0U);
    put_root_of_trust(&hardware, wish->is_unlocked);
    put_number(&hardware, 705U, 160000U);
    put_number(&hardware, 706U, 202611U);
    put_number(&hardware, 718U, 20261105U);
    put_number(&hardware, 719U, 20261105U);
    if (wish->extra_tag != 0U) {
        put_number(&hardware, wish->extra_tag, 1U);
    }
    dg_bytes_der_number(&fields, DG_DER_INTEGER, 400U);
    dg_bytes_der_number(&fields, DG_DER_ENUMERATED, level);
    dg_bytes_der_number(&fields, DG_DER_INTEGER, 400U);
    dg_bytes_der_number(&fields, DG_DER_ENUMERATED, level);
    dg_bytes_der(&fields, DG_DER_OCTETS, sample->challenge.byte, DG_HASH_SIZE);
    dg_bytes_der(&fields, DG_DER_OCTETS, "", 0U);
    dg_bytes_der(&fields, DG_DER_SEQUENCE, software.at, software.size);
    dg_bytes_der(&fields, DG_DER_SEQUENCE, hardware.at, hardware.size);
    dg_bytes_der(extension, DG_DER_SEQUENCE, fields.at, fields.size);
}

/* Keys of a chain, leaf first: as in the field since 2026. */
struct keys {
    EVP_PKEY *at[5];
};

static bool make_keys(const char *const curves[5], struct keys *keys)
{
    bool is_ok = true;

    for (size_t i = 0; i < 5U; i++) {
        keys->at[i] = (curves[i] != NULL) ? EVP_EC_gen(curves[i]) : NULL;
        is_ok = is_ok && ((curves[i] == NULL) || (keys->at[i] != NULL));
    }
    return is_ok;
}

static void free_keys(struct keys *keys)
{
    for (size_t i = 0; i < 5U; i++) {
        EVP_PKEY_free(keys->at[i]);
    }
}

static bool put_chain(const struct dg_sample_wish *wish,
                      const struct keys *keys,
                      const struct dg_bytes *extension,
                      struct dg_sample *sample)
{
    static const uint8_t provisioned[] = {0xa1U, 0x01U, 0x18U, 0x2aU};
    struct dg_bytes provisioning = {.size = 0U};
    const int64_t from_s = sample->at_s - DAY_S;
    const int64_t to_s = sample->at_s + (20 * (int64_t)DAY_S);

    dg_bytes_add(&provisioning, provisioned, sizeof(provisioned));
    const struct dg_new_certificate chain[5] = {
        {"Android Keystore Key",
         "tee/TEE",
         NULL,
         keys->at[0],
         wish->is_other_signature ? keys->at[0] : keys->at[1],
         "SHA256",
         "1.3.6.1.4.1.11129.2.1.17",
         extension,
         wish->has_critical,
         from_s,
         to_s},
        {"tee",
         "CA3",
         "TEE",
         keys->at[1],
         keys->at[2],
         "SHA256",
         "1.3.6.1.4.1.11129.2.1.30",
         &provisioning,
         false,
         from_s,
         to_s},
        {"CA3",
         "CA2",
         NULL,
         keys->at[2],
         keys->at[3],
         "SHA384",
         NULL,
         NULL,
         false,
         from_s,
         to_s},
        {"CA2",
         "root",
         NULL,
         keys->at[3],
         keys->at[4],
         "SHA384",
         NULL,
         NULL,
         false,
         from_s,
         to_s},
        {"root",
         "root",
         NULL,
         keys->at[4],
         keys->at[4],
         "SHA384",
         NULL,
         NULL,
         false,
         from_s,
         to_s},
    };
    struct dg_bytes der = {.size = 0U};
    /* A leaf of the attacker's, signed with the key that is attested. */
    const struct dg_new_certificate appended = {"forged",
                                                "Android Keystore Key",
                                                NULL,
                                                keys->at[0],
                                                keys->at[0],
                                                "SHA256",
                                                "1.3.6.1.4.1.11129.2.1.17",
                                                extension,
                                                false,
                                                from_s,
                                                to_s};
    bool is_ok = (!wish->is_extended || dg_new_certificate(&appended, &der)) &&
                 dg_new_certificate(&chain[0], &der);

    for (unsigned i = 0U; is_ok && (i < wish->certificates) &&
                          ((sample->used + der.size) < DG_SAMPLE_SIZE);
         i++) {
        (void)memcpy(&sample->bytes[sample->used], der.at, der.size);
        sample->used += der.size;
    }
    for (size_t i = 1U; is_ok && (i < 5U); i++) {
        is_ok = dg_new_certificate(&chain[i], &der);
    }
    if ((sample->used + der.size) <= DG_SAMPLE_SIZE) {
        (void)memcpy(&sample->bytes[sample->used], der.at, der.size);
        sample->used += der.size;
    }
    sample->evidence = (dg_span){sample->bytes, sample->used};
    return is_ok;
}

/* The serial number of the second certificate, in hex. */
static void serial_of(const struct dg_sample *sample,
                      char out[(2U * DG_ANCHOR_SERIAL_MAX) + 1U])
{
    struct dg_certificate certificate;
    dg_span rest = sample->evidence;

    out[0] = '\0';
    if (!dg_certificate_read(&rest, &certificate) ||
        !dg_certificate_read(&rest, &certificate)) {
        return;
    }
    for (size_t i = 0; i < certificate.serial.size; i++) {
        (void)snprintf(&out[2U * i], 3U, "%02x", certificate.serial.at[i]);
    }
}

bool dg_sample_android_make(const struct dg_sample_wish *wish,
                            struct dg_sample *sample)
{
    const char *const curves[5] = {wish->uses_p384_leaf ? "P-384" : "P-256",
                                   "P-256",
                                   "P-256",
                                   "P-384",
                                   "P-384"};
    char serial[(2U * DG_ANCHOR_SERIAL_MAX) + 1U];
    struct dg_bytes extension = {.size = 0U};
    struct keys keys;
    bool is_ok = make_keys(curves, &keys);

    sample->app = (struct dg_app_identity){.kind = DG_KIND_ANDROID_KEY,
                                           .name = app_name,
                                           .signer = {{0x51U}},
                                           .version_min = 7U,
                                           .is_release = true};
    describe(wish, sample, &extension);
    is_ok = is_ok && put_chain(wish, &keys, &extension, sample) &&
            (wish->uses_p384_leaf || dg_point_of(keys.at[0], &sample->key));
    if (is_ok) {
        serial_of(sample, serial);
        sample->anchors = dg_new_anchors("android-key",
                                         "root",
                                         keys.at[4],
                                         wish->is_revoked ? serial : NULL,
                                         sample->at_s);
    }
    free_keys(&keys);
    return is_ok && (sample->anchors != NULL);
}

/* authData: app, flags, counter; of an attestation also environment,
 * credential and key. */
static bool put_auth_data(const struct dg_sample *sample,
                          const struct dg_hash *key_id,
                          struct dg_bytes *data)
{
    static const uint8_t live[16] = "appattest";
    const bool is_assertion = sample->kind == DG_KIND_APPLE_ASSERTION;
    const dg_span name = {(const uint8_t *)app_id, sizeof(app_id) - 1U};
    struct dg_cbor_writer writer;
    struct dg_hash app;
    uint8_t room[96];
    dg_span key;

    if (!dg_sha256(&name, 1U, &app)) {
        return false;
    }
    dg_bytes_add(data, app.byte, DG_HASH_SIZE);
    dg_bytes_number(data, 0x40U, 1U);
    dg_bytes_number(data, is_assertion ? 1U : 0U, 4U);
    if (is_assertion) {
        return true;
    }
    dg_bytes_add(data, live, sizeof(live));
    dg_bytes_number(data, DG_HASH_SIZE, 2U);
    dg_bytes_add(data, key_id->byte, DG_HASH_SIZE);
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_map(&writer, 5U);
    dg_cbor_write_uint(&writer, 1U);
    dg_cbor_write_uint(&writer, 2U);
    dg_cbor_write_uint(&writer, 3U);
    dg_cbor_write_int(&writer, -7);
    dg_cbor_write_int(&writer, -1);
    dg_cbor_write_uint(&writer, 1U);
    dg_cbor_write_int(&writer, -2);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(sample->key.x));
    dg_cbor_write_int(&writer, -3);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(sample->key.y));
    if (dg_cbor_writer_end(&writer, &key) != DG_OK) {
        return false;
    }
    dg_bytes_add(data, key.at, key.size);
    return true;
}

static bool nonce_of(const struct dg_sample *sample,
                     const struct dg_bytes *data,
                     struct dg_hash *nonce)
{
    const dg_span challenge = DG_SPAN_OF(sample->challenge.byte);
    struct dg_hash client;

    if (!dg_sha256(&challenge, 1U, &client)) {
        return false;
    }
    const dg_span parts[2] = {{data->at, data->size}, DG_SPAN_OF(client.byte)};

    return dg_sha256(parts, 2U, nonce);
}

static bool put_assertion(EVP_PKEY *key,
                          const struct dg_hash *nonce,
                          const struct dg_bytes *data,
                          struct dg_cbor_writer *writer)
{
    uint8_t raw[DG_SIGNATURE_SIZE];
    struct dg_bytes der = {.size = 0U};

    if (!dg_sign_es256(key, DG_SPAN_OF(nonce->byte), raw, &der)) {
        return false;
    }
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_tstr(writer, "signature");
    dg_cbor_write_bstr(writer, (dg_span){der.at, der.size});
    dg_cbor_write_tstr(writer, "authenticatorData");
    dg_cbor_write_bstr(writer, (dg_span){data->at, data->size});
    return true;
}

static bool put_attestation(const struct keys *keys,
                            const struct dg_hash *nonce,
                            const struct dg_bytes *data,
                            const struct dg_sample *sample,
                            struct dg_cbor_writer *writer)
{
    const int64_t from_s = sample->at_s - DAY_S;
    const int64_t to_s = sample->at_s + (2 * (int64_t)DAY_S);
    struct dg_bytes octets = {.size = 0U};
    struct dg_bytes tagged = {.size = 0U};
    struct dg_bytes extension = {.size = 0U};
    struct dg_bytes leaf = {.size = 0U};
    struct dg_bytes middle = {.size = 0U};

    dg_bytes_der(&octets, DG_DER_OCTETS, nonce->byte, DG_HASH_SIZE);
    put_explicit(&tagged, 1U, &octets);
    dg_bytes_der(&extension, DG_DER_SEQUENCE, tagged.at, tagged.size);
    const struct dg_new_certificate first = {"leaf",
                                             "middle",
                                             NULL,
                                             keys->at[0],
                                             keys->at[1],
                                             "SHA256",
                                             "1.2.840.113635.100.8.2",
                                             &extension,
                                             false,
                                             from_s,
                                             to_s};
    const struct dg_new_certificate second = {"middle",
                                              "apple",
                                              NULL,
                                              keys->at[1],
                                              keys->at[2],
                                              "SHA384",
                                              NULL,
                                              NULL,
                                              false,
                                              from_s,
                                              to_s};

    if (!dg_new_certificate(&first, &leaf) ||
        !dg_new_certificate(&second, &middle)) {
        return false;
    }
    dg_cbor_write_map(writer, 3U);
    dg_cbor_write_tstr(writer, "fmt");
    dg_cbor_write_tstr(writer, "apple-appattest");
    dg_cbor_write_tstr(writer, "attStmt");
    dg_cbor_write_map(writer, 2U);
    dg_cbor_write_tstr(writer, "x5c");
    dg_cbor_write_array(writer, 2U);
    dg_cbor_write_bstr(writer, (dg_span){leaf.at, leaf.size});
    dg_cbor_write_bstr(writer, (dg_span){middle.at, middle.size});
    dg_cbor_write_tstr(writer, "receipt");
    dg_cbor_write_bstr(writer, (dg_span){(const uint8_t *)"", 0U});
    dg_cbor_write_tstr(writer, "authData");
    dg_cbor_write_bstr(writer, (dg_span){data->at, data->size});
    return true;
}

static bool put_object(const struct keys *keys, struct dg_sample *sample)
{
    const bool is_assertion = sample->kind == DG_KIND_APPLE_ASSERTION;
    uint8_t point[1U + (2U * DG_P256_SIZE)] = {4U};
    const dg_span whole = DG_SPAN_OF(point);
    struct dg_bytes data = {.size = 0U};
    struct dg_cbor_writer writer;
    struct dg_hash key_id;
    struct dg_hash nonce;

    (void)memcpy(&point[1], sample->key.x, DG_P256_SIZE);
    (void)memcpy(&point[1U + DG_P256_SIZE], sample->key.y, DG_P256_SIZE);
    dg_cbor_writer_init(&writer, DG_BUF_OF(sample->bytes));
    return dg_sha256(&whole, 1U, &key_id) &&
           put_auth_data(sample, &key_id, &data) &&
           nonce_of(sample, &data, &nonce) &&
           (is_assertion
                ? put_assertion(keys->at[0], &nonce, &data, &writer)
                : put_attestation(keys, &nonce, &data, sample, &writer)) &&
           (dg_cbor_writer_end(&writer, &sample->evidence) == DG_OK);
}

bool dg_sample_apple_make(struct dg_sample *sample)
{
    const char *const curves[5] = {"P-256", "P-384", "P-384", NULL, NULL};
    struct keys keys;
    bool is_ok = make_keys(curves, &keys);

    sample->app = (struct dg_app_identity){
        .kind = DG_KIND_APPLE_ATTESTATION, .name = app_id, .is_release = true};
    is_ok = is_ok && dg_point_of(keys.at[0], &sample->key) &&
            put_object(&keys, sample);
    if (is_ok) {
        sample->anchors = dg_new_anchors(
            "apple-attestation", "apple", keys.at[2], NULL, sample->at_s);
    }
    free_keys(&keys);
    return is_ok && (sample->anchors != NULL);
}
