/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_openssl.h"
#include "crypto_openssl_group.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define SHA256_BLOCK_SIZE 64U
#define CCM_PLAIN_MAX     65535U /* a 13-byte nonce leaves a 2-byte length */
#define DER_MAX           72U /* two integers of 33 bytes, five heads, rounded up */

static enum dg_status fill_random(void *context, dg_buf out)
{
    (void)context;
    return ((out.capacity == 0U) ||
            (RAND_bytes_ex(NULL, out.at, out.capacity, 0U) == 1))
               ? DG_OK
               : DG_E_PORT;
}

/* Hash on a context that is in use already. */
static bool hash_parts(EVP_MD_CTX *ctx, const dg_span *parts, size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        if ((parts[i].size != 0U) &&
            (EVP_DigestUpdate(ctx, parts[i].at, parts[i].size) != 1)) {
            return false;
        }
    }
    return true;
}

static bool hash_once(EVP_MD_CTX *ctx,
                      const EVP_MD *sha256,
                      const dg_span *parts,
                      size_t count,
                      uint8_t hash[DG_HASH_SIZE])
{
    return (EVP_DigestInit_ex2(ctx, sha256, NULL) == 1) &&
           hash_parts(ctx, parts, count) &&
           (EVP_DigestFinal_ex(ctx, hash, NULL) == 1);
}

static enum dg_status hash_sha256(void *context,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *hash)
{
    const struct dg_openssl *self = context;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct dg_hash result;
    const bool done = (ctx != NULL) &&
                      hash_once(ctx, self->sha256, parts, count, result.byte);

    EVP_MD_CTX_free(ctx);
    if (!done) {
        return DG_E_PORT;
    }
    *hash = result;
    return DG_OK;
}

/* Pieces of a kilobyte: the stack of a host is patient, and one read of the
 * flash port is one copy. */
static bool hash_flash(EVP_MD_CTX *ctx,
                       const EVP_MD *sha256,
                       const struct dg_flash *flash,
                       uint32_t offset,
                       uint32_t size,
                       uint8_t hash[DG_HASH_SIZE])
{
    uint8_t piece[1024];
    bool done = EVP_DigestInit_ex2(ctx, sha256, NULL) == 1;

    while (done && (size > 0U)) {
        const uint32_t part =
            (size < sizeof piece) ? size : (uint32_t)sizeof piece;

        done = (flash->read(flash->context, offset, (dg_buf){piece, part}) ==
                DG_OK) &&
               (EVP_DigestUpdate(ctx, piece, part) == 1);
        offset += part;
        size -= part;
    }
    return done && (EVP_DigestFinal_ex(ctx, hash, NULL) == 1);
}

static enum dg_status sha256_flash(void *context,
                                   const struct dg_flash *flash,
                                   uint32_t offset,
                                   uint32_t size,
                                   struct dg_hash *hash)
{
    const struct dg_openssl *self = context;
    struct dg_hash result;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool done =
        (ctx != NULL) &&
        hash_flash(ctx, self->sha256, flash, offset, size, result.byte);

    EVP_MD_CTX_free(ctx);
    if (!done) {
        return DG_E_PORT;
    }
    *hash = result;
    return DG_OK;
}

/* HMAC (RFC 2104) by hand over the fetched digest: EVP_MAC looks the digest
 * up by name at every start, which costs more than the two hashes. */
static bool compute_hmac(EVP_MD_CTX *ctx,
                         const EVP_MD *sha256,
                         const uint8_t block[SHA256_BLOCK_SIZE],
                         const dg_span *parts,
                         size_t count,
                         uint8_t mac[DG_HASH_SIZE])
{
    uint8_t pad[SHA256_BLOCK_SIZE];

    for (size_t i = 0U; i < sizeof pad; i++) {
        pad[i] = (uint8_t)(block[i] ^ 0x36U);
    }

    bool done = (EVP_DigestInit_ex2(ctx, sha256, NULL) == 1) &&
                (EVP_DigestUpdate(ctx, pad, sizeof pad) == 1) &&
                hash_parts(ctx, parts, count) &&
                (EVP_DigestFinal_ex(ctx, mac, NULL) == 1);

    for (size_t i = 0U; i < sizeof pad; i++) {
        pad[i] = (uint8_t)(block[i] ^ 0x5cU);
    }

    const dg_span outer[] = {{pad, sizeof pad}, {mac, DG_HASH_SIZE}};

    done = done && hash_once(ctx, sha256, outer, 2U, mac);
    OPENSSL_cleanse(pad, sizeof pad);
    return done;
}

static enum dg_status hmac_sha256(void *context,
                                  dg_span key,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *mac)
{
    const struct dg_openssl *self = context;
    uint8_t block[SHA256_BLOCK_SIZE] = {0U};
    struct dg_hash result;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = ctx != NULL;

    if (done && (key.size > sizeof block)) {
        done = hash_once(ctx, self->sha256, &key, 1U, block);
    } else if (key.size != 0U) {
        (void)memcpy(block, key.at, key.size);
    }
    done = done &&
           compute_hmac(ctx, self->sha256, block, parts, count, result.byte);
    EVP_MD_CTX_free(ctx);
    OPENSSL_cleanse(block, sizeof block);
    if (done) {
        *mac = result;
    }
    OPENSSL_cleanse(&result, sizeof result);
    return done ? DG_OK : DG_E_PORT;
}

/* Sizes that both CCM directions share. */
static enum dg_status check_ccm(size_t tag_size, dg_span aad, size_t plain_size)
{
    if (((tag_size != 8U) && (tag_size != 16U)) ||
        (aad.size > (size_t)INT_MAX) || (plain_size > CCM_PLAIN_MAX)) {
        return DG_E_USAGE;
    }
    return DG_OK;
}

/* Start CCM.  The order is OpenSSL's: sizes of nonce and tag, then key and
 * nonce, then the total length, then the associated data. */
static bool start_ccm(EVP_CIPHER_CTX *ctx,
                      const EVP_CIPHER *ccm,
                      const struct dg_aead_key *key,
                      bool seal,
                      size_t tag_size,
                      const uint8_t *tag,
                      dg_span aad,
                      size_t plain_size)
{
    uint8_t given[DG_TAG_SIZE];
    int ignored = 0;

    if (tag != NULL) {
        (void)memcpy(given, tag, tag_size);
    }
    if ((EVP_CipherInit_ex(ctx, ccm, NULL, NULL, NULL, seal ? 1 : 0) != 1) ||
        (EVP_CIPHER_CTX_ctrl(
             ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)DG_AEAD_NONCE_SIZE, NULL) !=
         1) ||
        (EVP_CIPHER_CTX_ctrl(ctx,
                             EVP_CTRL_AEAD_SET_TAG,
                             (int)tag_size,
                             (tag != NULL) ? given : NULL) != 1) ||
        (EVP_CipherInit_ex(
             ctx, NULL, NULL, key->key, key->nonce, seal ? 1 : 0) != 1) ||
        (EVP_CipherUpdate(ctx, NULL, &ignored, NULL, (int)plain_size) != 1)) {
        return false;
    }
    return (aad.size == 0U) ||
           (EVP_CipherUpdate(ctx, NULL, &ignored, aad.at, (int)aad.size) == 1);
}

static enum dg_status ccm_seal(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span plain,
                               dg_buf out)
{
    static const uint8_t nothing = 0U;
    const struct dg_openssl *self = context;
    const enum dg_status status = check_ccm(tag_size, aad, plain.size);
    int written = 0;

    if (status != DG_OK) {
        return status;
    }
    if (out.capacity < plain.size + tag_size) {
        return DG_E_NO_SPACE;
    }

    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const uint8_t *input = (plain.size != 0U) ? plain.at : &nothing;
    const bool done =
        (ctx != NULL) &&
        start_ccm(ctx, self->ccm, key, true, tag_size, NULL, aad, plain.size) &&
        (EVP_CipherUpdate(ctx, out.at, &written, input, (int)plain.size) ==
         1) &&
        (EVP_CIPHER_CTX_ctrl(
             ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_size, &out.at[plain.size]) ==
         1);

    EVP_CIPHER_CTX_free(ctx);
    if (!done) {
        OPENSSL_cleanse(out.at, plain.size + tag_size);
        return DG_E_PORT;
    }
    return DG_OK;
}

static enum dg_status ccm_open(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span sealed,
                               dg_buf out)
{
    const struct dg_openssl *self = context;
    uint8_t nothing = 0U;
    int written = 0;

    if (sealed.size < tag_size) {
        return DG_E_AUTH;
    }

    const size_t size = sealed.size - tag_size;
    const enum dg_status status = check_ccm(tag_size, aad, size);

    if (status != DG_OK) {
        return status;
    }
    if (out.capacity < size) {
        return DG_E_NO_SPACE;
    }

    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const bool started =
        (ctx != NULL) &&
        start_ccm(
            ctx, self->ccm, key, false, tag_size, &sealed.at[size], aad, size);

    /* The one update is also the check of the tag. */
    (void)ERR_set_mark();
    const bool held =
        started && (EVP_CipherUpdate(ctx,
                                     (size != 0U) ? out.at : &nothing,
                                     &written,
                                     sealed.at,
                                     (int)size) == 1);

    (void)ERR_pop_to_mark();
    EVP_CIPHER_CTX_free(ctx);
    if (!held && (size != 0U)) {
        OPENSSL_cleanse(out.at, size);
    }
    if (!started) {
        return DG_E_PORT;
    }
    return held ? DG_OK : DG_E_AUTH;
}

/* Make an EVP key on P-256 from its one parameter; NULL when the library
 * refuses it. */
static EVP_PKEY *make_key(int selection, OSSL_PARAM parameter)
{
    char curve[] = SN_X9_62_prime256v1;
    const OSSL_PARAM group =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0U);
    OSSL_PARAM params[] = {group, parameter, OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    if ((ctx == NULL) || (EVP_PKEY_fromdata_init(ctx) != 1) ||
        (EVP_PKEY_fromdata(ctx, &key, selection, params) != 1)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *import_private(const struct dg_secret *private_key)
{
    uint8_t native[DG_P256_SIZE]; /* parameters are in the machine's order */
    BIGNUM *scalar = BN_secure_new();
    EVP_PKEY *key = NULL;

    if ((scalar != NULL) &&
        (BN_bin2bn(private_key->byte, (int)DG_P256_SIZE, scalar) != NULL) &&
        (BN_bn2nativepad(scalar, native, (int)sizeof native) >= 0)) {
        key = make_key(EVP_PKEY_KEYPAIR,
                       OSSL_PARAM_construct_BN(
                           OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof native));
    }
    BN_clear_free(scalar);
    OPENSSL_cleanse(native, sizeof native);
    return key;
}

static EVP_PKEY *import_public(const struct dg_public_key *public_key)
{
    uint8_t point[1U + 2U * DG_P256_SIZE];

    point[0] = (uint8_t)POINT_CONVERSION_UNCOMPRESSED;
    (void)memcpy(&point[1], public_key->x, DG_P256_SIZE);
    (void)memcpy(&point[1U + DG_P256_SIZE], public_key->y, DG_P256_SIZE);
    return make_key(EVP_PKEY_PUBLIC_KEY,
                    OSSL_PARAM_construct_octet_string(
                        OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point));
}

/* DER to r || s. */
static bool signature_from_der(const uint8_t *der,
                               size_t size,
                               struct dg_signature *signature)
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    const bool done = (pair != NULL) &&
                      (BN_bn2binpad(ECDSA_SIG_get0_r(pair),
                                    &signature->byte[0],
                                    (int)DG_P256_SIZE) >= 0) &&
                      (BN_bn2binpad(ECDSA_SIG_get0_s(pair),
                                    &signature->byte[DG_P256_SIZE],
                                    (int)DG_P256_SIZE) >= 0);

    ECDSA_SIG_free(pair);
    return done;
}

/* r || s to DER; the size, or 0 when memory ran out. */
static size_t signature_to_der(const struct dg_signature *signature,
                               uint8_t der[DER_MAX])
{
    BIGNUM *r = BN_bin2bn(&signature->byte[0], (int)DG_P256_SIZE, NULL);
    BIGNUM *s =
        BN_bin2bn(&signature->byte[DG_P256_SIZE], (int)DG_P256_SIZE, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    uint8_t *end = der;
    int size = 0;

    if ((r != NULL) && (s != NULL) && (pair != NULL) &&
        (ECDSA_SIG_set0(pair, r, s) == 1)) {
        r = NULL; /* the pair owns both now */
        s = NULL;
        size = i2d_ECDSA_SIG(pair, &end);
    }
    ECDSA_SIG_free(pair);
    BN_free(r);
    BN_free(s);
    return (size > 0) ? (size_t)size : 0U;
}

static enum dg_status es256_sign(void *context,
                                 const struct dg_secret *private_key,
                                 const struct dg_hash *hash,
                                 struct dg_signature *signature)
{
    uint8_t der[DER_MAX];
    size_t size = sizeof der;
    struct dg_signature result;

    (void)context;
    if (!dg_openssl_is_scalar(private_key)) {
        return DG_E_RANGE;
    }

    EVP_PKEY *key = import_private(private_key);
    EVP_PKEY_CTX *ctx =
        (key != NULL) ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
    const bool done =
        (ctx != NULL) && (EVP_PKEY_sign_init(ctx) == 1) &&
        (EVP_PKEY_sign(ctx, der, &size, hash->byte, sizeof hash->byte) == 1) &&
        signature_from_der(der, size, &result);

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    if (!done) {
        return DG_E_PORT;
    }
    *signature = result;
    return DG_OK;
}

static enum dg_status es256_verify(void *context,
                                   const struct dg_public_key *public_key,
                                   const struct dg_hash *hash,
                                   const struct dg_signature *signature)
{
    uint8_t der[DER_MAX];
    const size_t size = signature_to_der(signature, der);
    enum dg_status status = DG_E_PORT;

    (void)context;
    if (size == 0U) {
        return DG_E_PORT;
    }
    (void)ERR_set_mark();

    EVP_PKEY *key = import_public(public_key);
    EVP_PKEY_CTX *ctx =
        (key != NULL) ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;

    if (key == NULL) {
        /* Off the curve, or out of memory: not proven either way. */
        status = DG_E_AUTH;
    } else if ((ctx != NULL) && (EVP_PKEY_verify_init(ctx) == 1)) {
        /* Zero or negative for r or s out of range: refused alike. */
        status = (EVP_PKEY_verify(
                      ctx, der, size, hash->byte, sizeof hash->byte) == 1)
                     ? DG_OK
                     : DG_E_AUTH;
    }
    (void)ERR_pop_to_mark();
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return status;
}

static void release(struct dg_openssl *self)
{
    if (self != NULL) {
        EVP_MD_free(self->sha256);
        EVP_CIPHER_free(self->ccm);
        EC_GROUP_free(self->group);
        free(self);
    }
}

enum dg_status dg_crypto_openssl_init(struct dg_crypto *crypto)
{
    if (crypto == NULL) {
        return DG_E_USAGE;
    }
    *crypto = (struct dg_crypto){0};

    struct dg_openssl *self = calloc(1U, sizeof *self);

    if (self == NULL) {
        return DG_E_PORT;
    }
    self->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    self->ccm = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
    self->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if ((self->sha256 == NULL) || (self->ccm == NULL) ||
        (self->group == NULL)) {
        release(self);
        return DG_E_PORT;
    }
    *crypto = (struct dg_crypto){
        .context = self,
        .random = fill_random,
        .sha256 = hash_sha256,
        .hmac_sha256 = hmac_sha256,
        .ccm_seal = ccm_seal,
        .ccm_open = ccm_open,
        .p256_generate = dg_openssl_generate,
        .p256_public = dg_openssl_public,
        .p256_ecdh = dg_openssl_ecdh,
        .p256_multiply = dg_openssl_multiply,
        .p256_add = dg_openssl_add,
        .es256_sign = es256_sign,
        .es256_verify = es256_verify,
        .sha256_flash = sha256_flash,
    };
    return DG_OK;
}

void dg_crypto_openssl_free(struct dg_crypto *crypto)
{
    if (crypto != NULL) {
        release(crypto->context);
        *crypto = (struct dg_crypto){0};
    }
}
