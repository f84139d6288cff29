/* SPDX-License-Identifier: Apache-2.0 */
#include "vector_file.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto_openssl.h"
#include "dosegate/cose.h"

bool vectors_are_there(const char *folder)
{
    char path[512];
    struct stat found;

    (void)snprintf(path, sizeof(path), DG_VECTORS "/%s", folder);
    if (stat(path, &found) == 0) {
        return true;
    }
    print_message("skipped: no %s\n", path);
    return false;
}

static dg_buf read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    dg_buf bytes = {NULL, 0U};
    long size = 0;

    if (file == NULL) {
        fail_msg("cannot read %s", path);
        return bytes;
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    assert_true(size >= 0);
    bytes.at = malloc((size_t)size + 1U);
    assert_non_null(bytes.at);
    bytes.capacity = fread(bytes.at, 1U, (size_t)size, file);
    assert_int_equal(bytes.capacity, size);
    bytes.at[size] = 0U;
    (void)fclose(file);
    return bytes;
}

dg_buf vector_bytes(const char *path)
{
    char whole[512];

    (void)snprintf(whole, sizeof(whole), DG_VECTORS "/%s", path);
    return read_file(whole);
}

char *file_text(const char *path)
{
    return (char *)read_file(path).at;
}

json_t *vector_json(const char *path)
{
    dg_buf bytes = vector_bytes(path);
    json_error_t error;
    json_t *value = json_loadb((char *)bytes.at, bytes.capacity, 0, &error);

    free(bytes.at);
    assert_non_null(value);
    return value;
}

const char *vector_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return (text != NULL) ? text : "";
}

dg_buf hex_bytes(const char *text)
{
    dg_buf bytes = {malloc((strlen(text) / 2U) + 1U), strlen(text) / 2U};

    assert_non_null(bytes.at);
    for (size_t i = 0; i < bytes.capacity; i++) {
        char pair[3] = {text[2U * i], text[(2U * i) + 1U], '\0'};

        bytes.at[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

dg_buf vector_hex(const json_t *object, const char *name)
{
    return hex_bytes(vector_text(object, name));
}

/* Days from 1970-01-01, counted one year and month after the other. */
static int64_t days_until(int year, int month, int day)
{
    static const int before[] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t days = before[month - 1] + day - 1;

    for (int past = 1970; past < year; past++) {
        days += ((past % 4) == 0) ? 366 : 365; /* good until 2099 */
    }
    return days + ((((year % 4) == 0) && (month > 2)) ? 1 : 0);
}

int64_t vector_time(const json_t *object, const char *name)
{
    int part[6] = {0};

    assert_int_equal(sscanf(vector_text(object, name),
                            "%d-%d-%dT%d:%d:%dZ",
                            &part[0],
                            &part[1],
                            &part[2],
                            &part[3],
                            &part[4],
                            &part[5]),
                     6);
    assert_in_range(part[1], 1, 12);
    return (days_until(part[0], part[1], part[2]) * 86400) + (part[3] * 3600) +
           (part[4] * 60) + part[5];
}

static void write_hex(char *to, const uint8_t *bytes, int size)
{
    for (int i = 0; i < size; i++) {
        (void)sprintf(&to[2 * i], "%02x", bytes[i]);
    }
}

char *root_list(const char *path, const char *kind)
{
    dg_buf pem = vector_bytes(path);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.capacity);
    X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    unsigned char *der = NULL;
    char subject[512];
    char key[2048];
    char *text = malloc(4096U);

    assert_non_null(root);
    assert_non_null(text);
    int size = i2d_X509_NAME(X509_get_subject_name(root), &der);

    write_hex(subject, der, size);
    OPENSSL_free(der);
    der = NULL;
    size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(root), &der);
    write_hex(key, der, size);
    OPENSSL_free(der);
    (void)snprintf(text,
                   4096U,
                   "{\"roots\":[{\"kind\":\"%s\",\"name\":\"made\","
                   "\"until\":4000000000,\"subject\":\"%s\",\"key\":"
                   "\"%s\"}]}",
                   kind,
                   subject,
                   key);
    X509_free(root);
    BIO_free(bio);
    free(pem.at);
    return text;
}

struct dg_anchors *signed_anchors(const char *roots_json,
                                  const char *status_json,
                                  int64_t at_s)
{
    static const uint8_t purpose[] = DG_ANCHORS_PURPOSE;
    const struct dg_anchors_head head = {.version = 1U,
                                         .issued_s = at_s - 10,
                                         .expires_s = at_s + 1000,
                                         .listed_s = at_s - 10};
    struct dg_anchors *anchors = NULL;
    struct dg_crypto crypto;
    struct dg_secret secret;
    struct dg_public_key key;
    char reason[DG_REASON_MAX];
    dg_buf payload = {NULL, 0U};
    size_t size = 0U;
    dg_span file;

    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(crypto.p256_generate(crypto.context, &secret, &key),
                     DG_OK);
    if (dg_anchors_make(roots_json,
                        (status_json != NULL) ? status_json
                                              : "{\"entries\":{}}",
                        &head,
                        &payload,
                        &size,
                        reason) != DG_OK) {
        fail_msg("%s", reason);
    }
    dg_buf room = {malloc(size + 256U), size + 256U};

    assert_non_null(room.at);
    assert_int_equal(dg_cose_sign1(&crypto,
                                   &secret,
                                   (dg_span){NULL, 0U},
                                   (dg_span){purpose, sizeof(purpose) - 1U},
                                   (dg_span){payload.at, size},
                                   room,
                                   &file),
                     DG_OK);
    if (dg_anchors_open(&crypto, &key, file, at_s, 0U, &anchors, reason) !=
        DG_OK) {
        fail_msg("%s", reason);
    }
    free(room.at);
    free(payload.at);
    dg_crypto_openssl_free(&crypto);
    return anchors;
}
