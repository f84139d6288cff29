/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/raw.h"

#include <openssl/ec.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define NONCE_SIZE  13
#define TAG_SIZE    16
#define HEADER_SIZE 7
#define SIZE_MAX_   512U

static void expect(bool is_good, const char *what)
{
    if (!is_good) {
        (void)fprintf(stderr, "bench: OpenSSL: %s failed\n", what);
        exit(1);
    }
}

void dg_raw_init(struct dg_raw *raw)
{
    raw->own = EVP_EC_gen("P-256");
    raw->peer = EVP_EC_gen("P-256");
    raw->ccm = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
    expect((raw->own != NULL) && (raw->peer != NULL) && (raw->ccm != NULL),
           "setting up");
}

void dg_raw_free(struct dg_raw *raw)
{
    EVP_PKEY_free(raw->own);
    EVP_PKEY_free(raw->peer);
    EVP_CIPHER_free(raw->ccm);
}

void dg_raw_keygen(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    expect(key != NULL, "key generation");
    EVP_PKEY_free(key);
}

void dg_raw_ecdh(const struct dg_raw *raw)
{
    uint8_t secret[32];
    size_t size = sizeof secret;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, raw->own, NULL);

    /* 0: the peer's point is not validated again, which would cost a second
     * multiplication. */
    expect((ctx != NULL) && (EVP_PKEY_derive_init(ctx) == 1) &&
               (EVP_PKEY_derive_set_peer_ex(ctx, raw->peer, 0) == 1) &&
               (EVP_PKEY_derive(ctx, secret, &size) == 1),
           "ECDH");
    EVP_PKEY_CTX_free(ctx);
}

static const uint8_t key[16] = {1};
static const uint8_t nonce[NONCE_SIZE] = {2};
static const uint8_t header[HEADER_SIZE] = {3};

static bool start(EVP_CIPHER_CTX *ctx,
                  const EVP_CIPHER *ccm,
                  uint8_t *tag,
                  int size,
                  int is_seal)
{
    int ignored = 0;

    return (EVP_CipherInit_ex(ctx, ccm, NULL, NULL, NULL, is_seal) == 1) &&
           (EVP_CIPHER_CTX_ctrl(
                ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE_SIZE, NULL) == 1) &&
           (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) ==
            1) &&
           (EVP_CipherInit_ex(ctx, NULL, NULL, key, nonce, is_seal) == 1) &&
           (EVP_CipherUpdate(ctx, NULL, &ignored, NULL, size) == 1) &&
           (EVP_CipherUpdate(ctx, NULL, &ignored, header, HEADER_SIZE) == 1);
}

void dg_raw_ccm(const struct dg_raw *raw, size_t size)
{
    static const uint8_t plain[SIZE_MAX_] = {4};
    uint8_t sealed[SIZE_MAX_];
    uint8_t opened[SIZE_MAX_];
    uint8_t tag[TAG_SIZE];
    int written = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    expect(
        (ctx != NULL) && (size <= SIZE_MAX_) &&
            start(ctx, raw->ccm, NULL, (int)size, 1) &&
            (EVP_CipherUpdate(ctx, sealed, &written, plain, (int)size) == 1) &&
            (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) ==
             1),
        "CCM seal");
    EVP_CIPHER_CTX_free(ctx);
    ctx = EVP_CIPHER_CTX_new();
    expect(
        (ctx != NULL) && start(ctx, raw->ccm, tag, (int)size, 0) &&
            (EVP_CipherUpdate(ctx, opened, &written, sealed, (int)size) == 1),
        "CCM open");
    EVP_CIPHER_CTX_free(ctx);
}
