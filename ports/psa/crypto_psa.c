/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_psa.h"
#include "crypto_psa_group.h"

#include <stdbool.h>
#include <string.h>

#include <mbedtls/platform_util.h>
#include <psa/crypto.h>

#define CCM_PLAIN_MAX 65535U  /* a 13-byte nonce leaves a 2-byte length */
#define CCM_AAD_MAX   0xFEFFU /* beyond it CCM counts in another form   */
#define P256_BITS     256U

/* Keys live for one call: PSA would hold them, but our keys are records of
 * flash and of sessions, with a life of their own. */
static psa_status_t import_key(psa_key_type_t type,
                               psa_key_usage_t usage,
                               psa_algorithm_t algorithm,
                               dg_span bytes,
                               psa_key_id_t *key)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

    psa_set_key_type(&attributes, type);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, algorithm);
    return psa_import_key(&attributes, bytes.at, bytes.size, key);
}

static psa_status_t import_private(const struct dg_secret *private_key,
                                   psa_key_usage_t usage,
                                   psa_algorithm_t algorithm,
                                   psa_key_id_t *key)
{
    return import_key(PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1),
                      usage,
                      algorithm,
                      (dg_span){private_key->byte, DG_P256_SIZE},
                      key);
}

/* The only invalid argument that the callers below can pass is a private key
 * out of range or a point off the curve. */
static enum dg_status status_of(psa_status_t status, enum dg_status invalid)
{
    if (status == PSA_SUCCESS) {
        return DG_OK;
    }
    return (status == PSA_ERROR_INVALID_ARGUMENT) ? invalid : DG_E_PORT;
}

static void forget(psa_key_id_t key)
{
    /* Of a volatile key there is nothing that can fail but memory damage. */
    (void)psa_destroy_key(key);
}

static enum dg_status fill_random(void *context, dg_buf out)
{
    (void)context;
    return ((out.capacity == 0U) ||
            (psa_generate_random(out.at, out.capacity) == PSA_SUCCESS))
               ? DG_OK
               : DG_E_PORT;
}

static enum dg_status hash_sha256(void *context,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *hash)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    struct dg_hash result;
    size_t size = 0U;
    psa_status_t status = psa_hash_setup(&operation, PSA_ALG_SHA_256);

    (void)context;
    for (size_t i = 0U; (i < count) && (status == PSA_SUCCESS); i++) {
        if (parts[i].size != 0U) {
            status = psa_hash_update(&operation, parts[i].at, parts[i].size);
        }
    }
    if (status == PSA_SUCCESS) {
        status =
            psa_hash_finish(&operation, result.byte, sizeof result.byte, &size);
    }
    if ((status != PSA_SUCCESS) || (size != sizeof result.byte)) {
        (void)psa_hash_abort(&operation);
        return DG_E_PORT;
    }
    *hash = result;
    return DG_OK;
}

/* Pieces of a quarter kilobyte: the stack of a device is small. */
static enum dg_status sha256_flash(void *context,
                                   const struct dg_flash *flash,
                                   uint32_t offset,
                                   uint32_t size,
                                   struct dg_hash *hash)
{
    psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
    uint8_t piece[256];
    struct dg_hash result;
    size_t written = 0U;
    bool done = psa_hash_setup(&operation, PSA_ALG_SHA_256) == PSA_SUCCESS;

    (void)context;
    while (done && (size > 0U)) {
        const uint32_t part =
            (size < sizeof piece) ? size : (uint32_t)sizeof piece;

        done = (flash->read(flash->context, offset, (dg_buf){piece, part}) ==
                DG_OK) &&
               (psa_hash_update(&operation, piece, part) == PSA_SUCCESS);
        offset += part;
        size -= part;
    }
    done = done &&
           (psa_hash_finish(
                &operation, result.byte, sizeof result.byte, &written) ==
            PSA_SUCCESS) &&
           (written == sizeof result.byte);
    if (!done) {
        (void)psa_hash_abort(&operation);
        return DG_E_PORT;
    }
    *hash = result;
    return DG_OK;
}

static enum dg_status hmac_sha256(void *context,
                                  dg_span key,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *mac)
{
    static const uint8_t zero = 0U;
    /* PSA has no empty key; HMAC pads with zeros, so one zero is the same. */
    const dg_span bytes = (key.size != 0U) ? key : (dg_span){&zero, 1U};
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    struct dg_hash result;
    size_t size = 0U;
    psa_status_t status = import_key(PSA_KEY_TYPE_HMAC,
                                     PSA_KEY_USAGE_SIGN_MESSAGE,
                                     PSA_ALG_HMAC(PSA_ALG_SHA_256),
                                     bytes,
                                     &id);

    (void)context;
    if (status == PSA_SUCCESS) {
        status =
            psa_mac_sign_setup(&operation, id, PSA_ALG_HMAC(PSA_ALG_SHA_256));
    }
    for (size_t i = 0U; (i < count) && (status == PSA_SUCCESS); i++) {
        if (parts[i].size != 0U) {
            status = psa_mac_update(&operation, parts[i].at, parts[i].size);
        }
    }
    if (status == PSA_SUCCESS) {
        status = psa_mac_sign_finish(
            &operation, result.byte, sizeof result.byte, &size);
    }

    const bool done = (status == PSA_SUCCESS) && (size == sizeof result.byte);

    if (!done) {
        (void)psa_mac_abort(&operation);
    }
    forget(id);
    if (!done) {
        return DG_E_PORT;
    }
    *mac = result;
    mbedtls_platform_zeroize(&result, sizeof result);
    return DG_OK;
}

static enum dg_status check_ccm(size_t tag_size, dg_span aad, size_t plain_size)
{
    return (((tag_size == 8U) || (tag_size == 16U)) &&
            (aad.size < CCM_AAD_MAX) && (plain_size <= CCM_PLAIN_MAX))
               ? DG_OK
               : DG_E_USAGE;
}

static psa_status_t import_ccm(const struct dg_aead_key *key,
                               psa_key_usage_t usage,
                               psa_algorithm_t algorithm,
                               psa_key_id_t *id)
{
    return import_key(PSA_KEY_TYPE_AES,
                      usage,
                      algorithm,
                      (dg_span){key->key, sizeof key->key},
                      id);
}

static enum dg_status ccm_seal(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span plain,
                               dg_buf out)
{
    enum dg_status status = check_ccm(tag_size, aad, plain.size);
    psa_key_id_t id = PSA_KEY_ID_NULL;
    size_t size = 0U;

    (void)context;
    if (status != DG_OK) {
        return status;
    }
    if (out.capacity < plain.size + tag_size) {
        return DG_E_NO_SPACE;
    }

    const psa_algorithm_t algorithm =
        PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, tag_size);

    if (import_ccm(key, PSA_KEY_USAGE_ENCRYPT, algorithm, &id) != PSA_SUCCESS) {
        return DG_E_PORT;
    }
    status = (psa_aead_encrypt(id,
                               algorithm,
                               key->nonce,
                               sizeof key->nonce,
                               aad.at,
                               aad.size,
                               plain.at,
                               plain.size,
                               out.at,
                               plain.size + tag_size,
                               &size) == PSA_SUCCESS)
                 ? DG_OK
                 : DG_E_PORT;
    forget(id);
    if (status != DG_OK) {
        mbedtls_platform_zeroize(out.at, plain.size + tag_size);
    }
    return status;
}

static enum dg_status ccm_open(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span sealed,
                               dg_buf out)
{
    uint8_t nothing = 0U;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    size_t written = 0U;

    (void)context;
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

    const psa_algorithm_t algorithm =
        PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, tag_size);

    if (import_ccm(key, PSA_KEY_USAGE_DECRYPT, algorithm, &id) != PSA_SUCCESS) {
        return DG_E_PORT;
    }

    const psa_status_t opened =
        psa_aead_decrypt(id,
                         algorithm,
                         key->nonce,
                         sizeof key->nonce,
                         aad.at,
                         aad.size,
                         sealed.at,
                         sealed.size,
                         (size != 0U) ? out.at : &nothing,
                         size,
                         &written);

    forget(id);
    if (opened == PSA_SUCCESS) {
        return DG_OK;
    }
    if (size != 0U) {
        mbedtls_platform_zeroize(out.at, size);
    }
    return (opened == PSA_ERROR_INVALID_SIGNATURE) ? DG_E_AUTH : DG_E_PORT;
}

/* PSA gives 04 || x || y. */
static psa_status_t export_public(psa_key_id_t id,
                                  struct dg_public_key *public_key)
{
    uint8_t point[DG_PSA_POINT_SIZE];
    size_t size = 0U;
    const psa_status_t status =
        psa_export_public_key(id, point, sizeof point, &size);

    if ((status == PSA_SUCCESS) && (size != sizeof point)) {
        return PSA_ERROR_CORRUPTION_DETECTED;
    }
    if (status == PSA_SUCCESS) {
        (void)memcpy(public_key->x, &point[1], DG_P256_SIZE);
        (void)memcpy(public_key->y, &point[1U + DG_P256_SIZE], DG_P256_SIZE);
    }
    return status;
}

static enum dg_status p256_public(void *context,
                                  const struct dg_secret *private_key,
                                  struct dg_public_key *public_key)
{
    psa_key_id_t id = PSA_KEY_ID_NULL;
    psa_status_t status = import_private(private_key, 0U, 0U, &id);

    (void)context;
    if (status != PSA_SUCCESS) {
        return status_of(status, DG_E_RANGE);
    }
    status = export_public(id, public_key);
    forget(id);
    return status_of(status, DG_E_PORT);
}

static enum dg_status p256_generate(void *context,
                                    struct dg_secret *private_key,
                                    struct dg_public_key *public_key)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    struct dg_secret secret;
    size_t size = 0U;

    (void)context;
    psa_set_key_type(&attributes,
                     PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, P256_BITS);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
    if (psa_generate_key(&attributes, &id) != PSA_SUCCESS) {
        return DG_E_PORT;
    }

    psa_status_t status =
        psa_export_key(id, secret.byte, sizeof secret.byte, &size);

    if ((status == PSA_SUCCESS) && (size != sizeof secret.byte)) {
        status = PSA_ERROR_CORRUPTION_DETECTED;
    }
    if (status == PSA_SUCCESS) {
        status = export_public(id, public_key);
    }
    forget(id);
    if (status == PSA_SUCCESS) {
        *private_key = secret;
    }
    mbedtls_platform_zeroize(&secret, sizeof secret);
    return status_of(status, DG_E_PORT);
}

static enum dg_status p256_ecdh(void *context,
                                const struct dg_secret *private_key,
                                const uint8_t peer_x[DG_P256_SIZE],
                                struct dg_secret *shared)
{
    uint8_t peer[DG_PSA_POINT_SIZE];
    struct dg_secret result;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    size_t size = 0U;
    const enum dg_status found = dg_psa_decompress(peer_x, peer);

    (void)context;
    if (found != DG_OK) {
        return found;
    }

    psa_status_t status =
        import_private(private_key, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH, &id);

    if (status != PSA_SUCCESS) {
        return status_of(status, DG_E_RANGE);
    }
    status = psa_raw_key_agreement(PSA_ALG_ECDH,
                                   id,
                                   peer,
                                   sizeof peer,
                                   result.byte,
                                   sizeof result.byte,
                                   &size);
    forget(id);
    if ((status == PSA_SUCCESS) && (size == sizeof result.byte)) {
        *shared = result;
    } else if (status == PSA_SUCCESS) {
        status = PSA_ERROR_CORRUPTION_DETECTED;
    }
    mbedtls_platform_zeroize(&result, sizeof result);
    return status_of(status, DG_E_RANGE);
}

static enum dg_status es256_sign(void *context,
                                 const struct dg_secret *private_key,
                                 const struct dg_hash *hash,
                                 struct dg_signature *signature)
{
    const psa_algorithm_t algorithm =
        PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);
    psa_key_id_t id = PSA_KEY_ID_NULL;
    struct dg_signature result;
    size_t size = 0U;
    psa_status_t status =
        import_private(private_key, PSA_KEY_USAGE_SIGN_HASH, algorithm, &id);

    (void)context;
    if (status != PSA_SUCCESS) {
        return status_of(status, DG_E_RANGE);
    }
    status = psa_sign_hash(id,
                           algorithm,
                           hash->byte,
                           sizeof hash->byte,
                           result.byte,
                           sizeof result.byte,
                           &size);
    forget(id);
    if ((status != PSA_SUCCESS) || (size != sizeof result.byte)) {
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
    const psa_algorithm_t algorithm = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
    uint8_t point[DG_PSA_POINT_SIZE];
    psa_key_id_t id = PSA_KEY_ID_NULL;

    (void)context;
    point[0] = (uint8_t)DG_PSA_UNCOMPRESSED;
    (void)memcpy(&point[1], public_key->x, DG_P256_SIZE);
    (void)memcpy(&point[1U + DG_P256_SIZE], public_key->y, DG_P256_SIZE);

    psa_status_t status =
        import_key(PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1),
                   PSA_KEY_USAGE_VERIFY_HASH,
                   algorithm,
                   DG_SPAN_OF(point),
                   &id);

    if (status != PSA_SUCCESS) {
        return status_of(status, DG_E_AUTH);
    }
    status = psa_verify_hash(id,
                             algorithm,
                             hash->byte,
                             sizeof hash->byte,
                             signature->byte,
                             sizeof signature->byte);
    forget(id);
    return (status == PSA_ERROR_INVALID_SIGNATURE)
               ? DG_E_AUTH
               : status_of(status, DG_E_PORT);
}

enum dg_status dg_crypto_psa_init(struct dg_crypto *crypto)
{
    if (crypto == NULL) {
        return DG_E_USAGE;
    }
    *crypto = (struct dg_crypto){0};
    if (psa_crypto_init() != PSA_SUCCESS) {
        return DG_E_PORT;
    }
    *crypto = (struct dg_crypto){
        .context = NULL,
        .random = fill_random,
        .sha256 = hash_sha256,
        .hmac_sha256 = hmac_sha256,
        .ccm_seal = ccm_seal,
        .ccm_open = ccm_open,
        .p256_generate = p256_generate,
        .p256_public = p256_public,
        .p256_ecdh = p256_ecdh,
        .p256_multiply = dg_psa_multiply,
        .p256_add = dg_psa_add,
        .es256_sign = es256_sign,
        .es256_verify = es256_verify,
        .sha256_flash = sha256_flash,
    };
    return DG_OK;
}

void dg_crypto_psa_free(struct dg_crypto *crypto)
{
    if ((crypto != NULL) && (crypto->random != NULL)) {
        mbedtls_psa_crypto_free();
        *crypto = (struct dg_crypto){0};
    }
}
