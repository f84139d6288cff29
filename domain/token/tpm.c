/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "token.h"

/* Keys of a TPM 2.0 through the enhanced API of tpm2-tss.  Each key is a child
 * of one storage key that the TPM derives anew from its own seed; what lies on
 * this phone is the child wrapped by it, of no use to any other TPM.  Private
 * halves never leave; what an agreement gives travels encrypted in a session
 * that is salted to that storage key.
 *
 * source: TCG TPM 2.0 Library, parts 2 and 3: TPM2_CreatePrimary, Create, Load,
 * ECDH_ZGen, Sign, NV_DefineSpace, NV_Increment. */
#define COUNTER_INDEX 0x0180D05EU /* owner's range, 0x01800000 .. 0x01BFFFFF */

static ESYS_CONTEXT *esys;
static ESYS_TR primary = ESYS_TR_NONE;
static ESYS_TR session = ESYS_TR_NONE;

static const TPM2B_SENSITIVE_CREATE no_auth;
static const TPM2B_DATA no_data;
static const TPML_PCR_SELECTION no_pcr;

static enum dg_status explain(const char *what,
                              TSS2_RC code,
                              char why[DG_KEYSTORE_WHY_MAX])
{
    (void)snprintf(why,
                   DG_KEYSTORE_WHY_MAX,
                   "the TPM cannot %s: %.150s",
                   what,
                   Tss2_RC_Decode(code));
    return DG_E_PORT;
}

/* A storage key on P-256.  source: TCG EK Credential Profile's SRK template,
 * with no data of our own. */
static TSS2_RC make_primary(void)
{
    const TPM2B_PUBLIC form = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
                                TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
            .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
                                                   .keyBits.aes = 128,
                                                   .mode.aes = TPM2_ALG_CFB},
                                     .scheme.scheme = TPM2_ALG_NULL,
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf.scheme = TPM2_ALG_NULL}}};
    TPM2B_PUBLIC *made = NULL;
    TPM2B_CREATION_DATA *data = NULL;
    TPM2B_DIGEST *hash = NULL;
    TPMT_TK_CREATION *ticket = NULL;
    const TSS2_RC code = Esys_CreatePrimary(esys,
                                            ESYS_TR_RH_OWNER,
                                            ESYS_TR_PASSWORD,
                                            ESYS_TR_NONE,
                                            ESYS_TR_NONE,
                                            &no_auth,
                                            &form,
                                            &no_data,
                                            &no_pcr,
                                            &primary,
                                            &made,
                                            &data,
                                            &hash,
                                            &ticket);

    Esys_Free(made);
    Esys_Free(data);
    Esys_Free(hash);
    Esys_Free(ticket);
    return code;
}

/* What passes the bus in this session is encrypted and cannot be replayed. */
static TSS2_RC start_session(void)
{
    const TPMT_SYM_DEF symmetric = {.algorithm = TPM2_ALG_AES,
                                    .keyBits.aes = 128,
                                    .mode.aes = TPM2_ALG_CFB};
    TSS2_RC code = Esys_StartAuthSession(esys,
                                         primary,
                                         ESYS_TR_NONE,
                                         ESYS_TR_NONE,
                                         ESYS_TR_NONE,
                                         ESYS_TR_NONE,
                                         NULL,
                                         TPM2_SE_HMAC,
                                         &symmetric,
                                         TPM2_ALG_SHA256,
                                         &session);

    if (code == TSS2_RC_SUCCESS) {
        const TPMA_SESSION want = TPMA_SESSION_CONTINUESESSION |
                                  TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT;

        code = Esys_TRSess_SetAttributes(esys, session, want, want);
    }
    return code;
}

static enum dg_status open_tpm(const char *where, char why[DG_KEYSTORE_WHY_MAX])
{
    TSS2_TCTI_CONTEXT *tcti = NULL;
    TSS2_RC code = Tss2_TctiLdr_Initialize(where, &tcti);

    if (code != TSS2_RC_SUCCESS) {
        return explain("be reached (tpm:device:/dev/tpmrm0?)", code, why);
    }
    code = Esys_Initialize(&esys, tcti, NULL);
    if (code != TSS2_RC_SUCCESS) {
        return explain("be talked to", code, why);
    }
    code = Esys_Startup(esys, TPM2_SU_CLEAR);
    if ((code != TSS2_RC_SUCCESS) && (code != TPM2_RC_INITIALIZE)) {
        return explain("start", code, why);
    }
    code = make_primary();
    if (code != TSS2_RC_SUCCESS) {
        return explain("make a storage key", code, why);
    }
    code = start_session();
    return (code == TSS2_RC_SUCCESS)
               ? DG_OK
               : explain("encrypt its answers", code, why);
}

static TPM2B_PUBLIC form_of(enum dg_key_use use)
{
    TPM2B_PUBLIC form = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
            .parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                     .scheme.scheme = TPM2_ALG_NULL,
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf.scheme = TPM2_ALG_NULL}}};
    TPMT_PUBLIC *area = &form.publicArea;

    if (use == DG_KEY_SIGN) {
        area->objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
        area->parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
        area->parameters.eccDetail.scheme.details.ecdsa.hashAlg =
            TPM2_ALG_SHA256;
    } else {
        area->objectAttributes |= TPMA_OBJECT_DECRYPT;
    }
    return form;
}

/* Big endian, leading zeros put back: a TPM may leave them out. */
static bool widen(const TPM2B_ECC_PARAMETER *from, uint8_t to[DG_P256_SIZE])
{
    if (from->size > DG_P256_SIZE) {
        return false;
    }
    memset(to, 0, DG_P256_SIZE);
    memcpy(&to[DG_P256_SIZE - from->size], from->buffer, from->size);
    return true;
}

static bool pack(const TPM2B_PUBLIC *public_part,
                 const TPM2B_PRIVATE *private_part,
                 struct dg_key_blob *blob)
{
    size_t used = 0;
    const bool done =
        (Tss2_MU_TPM2B_PUBLIC_Marshal(
             public_part, blob->byte, sizeof(blob->byte), &used) ==
         TSS2_RC_SUCCESS) &&
        (Tss2_MU_TPM2B_PRIVATE_Marshal(
             private_part, blob->byte, sizeof(blob->byte), &used) ==
         TSS2_RC_SUCCESS);

    blob->size = (uint16_t)used;
    return done;
}

static enum dg_status make(enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob)
{
    const TPM2B_PUBLIC form = form_of(use);
    TPM2B_PRIVATE *private_part = NULL;
    TPM2B_PUBLIC *public_part = NULL;
    TPM2B_CREATION_DATA *data = NULL;
    TPM2B_DIGEST *hash = NULL;
    TPMT_TK_CREATION *ticket = NULL;
    const TSS2_RC code = Esys_Create(esys,
                                     primary,
                                     session,
                                     ESYS_TR_NONE,
                                     ESYS_TR_NONE,
                                     &no_auth,
                                     &form,
                                     &no_data,
                                     &no_pcr,
                                     &private_part,
                                     &public_part,
                                     &data,
                                     &hash,
                                     &ticket);
    bool done = code == TSS2_RC_SUCCESS;

    if (done) {
        const TPMS_ECC_POINT *point = &public_part->publicArea.unique.ecc;

        done = widen(&point->x, public_key->x) &&
               widen(&point->y, public_key->y) &&
               pack(public_part, private_part, blob);
    }
    Esys_Free(private_part);
    Esys_Free(public_part);
    Esys_Free(data);
    Esys_Free(hash);
    Esys_Free(ticket);
    return done ? DG_OK : DG_E_PORT;
}

/* The TPM itself checks that the wrapped key is its own and unchanged. */
static bool load(const struct dg_key_blob *blob, ESYS_TR *key)
{
    TPM2B_PUBLIC public_part = {0};
    TPM2B_PRIVATE private_part = {0};
    size_t used = 0;

    return (Tss2_MU_TPM2B_PUBLIC_Unmarshal(
                blob->byte, blob->size, &used, &public_part) ==
            TSS2_RC_SUCCESS) &&
           (Tss2_MU_TPM2B_PRIVATE_Unmarshal(
                blob->byte, blob->size, &used, &private_part) ==
            TSS2_RC_SUCCESS) &&
           (used == blob->size) &&
           (Esys_Load(esys,
                      primary,
                      session,
                      ESYS_TR_NONE,
                      ESYS_TR_NONE,
                      &private_part,
                      &public_part,
                      key) == TSS2_RC_SUCCESS);
}

static enum dg_status agree(const struct dg_key_blob *blob,
                            const struct dg_public_key *peer,
                            struct dg_secret *shared)
{
    TPM2B_ECC_POINT point = {
        .point = {.x.size = DG_P256_SIZE, .y.size = DG_P256_SIZE}};
    TPM2B_ECC_POINT *product = NULL;
    ESYS_TR key = ESYS_TR_NONE;
    bool done = false;

    memcpy(point.point.x.buffer, peer->x, DG_P256_SIZE);
    memcpy(point.point.y.buffer, peer->y, DG_P256_SIZE);
    if (!load(blob, &key)) {
        return DG_E_PORT;
    }
    done = (Esys_ECDH_ZGen(esys,
                           key,
                           session,
                           ESYS_TR_NONE,
                           ESYS_TR_NONE,
                           &point,
                           &product) == TSS2_RC_SUCCESS) &&
           widen(&product->point.x, shared->byte);
    if (product != NULL) {
        explicit_bzero(product, sizeof(*product));
    }
    Esys_Free(product);
    (void)Esys_FlushContext(esys, key);
    return done ? DG_OK : DG_E_PORT;
}

static enum dg_status sign(const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature)
{
    const TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_ECDSA,
                                    .details.ecdsa.hashAlg = TPM2_ALG_SHA256};
    const TPMT_TK_HASHCHECK from_outside = {.tag = TPM2_ST_HASHCHECK,
                                            .hierarchy = TPM2_RH_NULL};
    TPM2B_DIGEST digest = {.size = sizeof(hash->byte)};
    TPMT_SIGNATURE *made = NULL;
    ESYS_TR key = ESYS_TR_NONE;

    memcpy(digest.buffer, hash->byte, sizeof(hash->byte));
    if (!load(blob, &key)) {
        return DG_E_PORT;
    }

    const bool done =
        (Esys_Sign(esys,
                   key,
                   session,
                   ESYS_TR_NONE,
                   ESYS_TR_NONE,
                   &digest,
                   &scheme,
                   &from_outside,
                   &made) == TSS2_RC_SUCCESS) &&
        widen(&made->signature.ecdsa.signatureR, signature->byte) &&
        widen(&made->signature.ecdsa.signatureS,
              &signature->byte[DG_P256_SIZE]);

    Esys_Free(made);
    (void)Esys_FlushContext(esys, key);
    return done ? DG_OK : DG_E_PORT;
}

/* The wrapped key is all there is of it, and the caller overwrites that. */
static enum dg_status destroy(const struct dg_key_blob *blob)
{
    (void)blob;
    return DG_OK;
}

static bool find_counter(ESYS_TR *counter)
{
    const TPM2B_NV_PUBLIC form = {
        .nvPublic = {.nvIndex = COUNTER_INDEX,
                     .nameAlg = TPM2_ALG_SHA256,
                     .attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD |
                                   TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE |
                                   TPMA_NV_NO_DA |
                                   (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT),
                     .dataSize = 8}};
    const TPM2B_AUTH nothing = {0};

    if (Esys_TR_FromTPMPublic(esys,
                              COUNTER_INDEX,
                              ESYS_TR_NONE,
                              ESYS_TR_NONE,
                              ESYS_TR_NONE,
                              counter) == TSS2_RC_SUCCESS) {
        return true;
    }
    return (Esys_NV_DefineSpace(esys,
                                ESYS_TR_RH_OWNER,
                                ESYS_TR_PASSWORD,
                                ESYS_TR_NONE,
                                ESYS_TR_NONE,
                                &nothing,
                                &form,
                                counter) == TSS2_RC_SUCCESS) &&
           (Esys_NV_Increment(esys,
                              *counter,
                              *counter,
                              ESYS_TR_PASSWORD,
                              ESYS_TR_NONE,
                              ESYS_TR_NONE) == TSS2_RC_SUCCESS);
}

static enum dg_status count(bool bump, uint64_t *value)
{
    TPM2B_MAX_NV_BUFFER *read = NULL;
    ESYS_TR counter = ESYS_TR_NONE;
    bool done = find_counter(&counter);

    if (done && bump) {
        done = Esys_NV_Increment(esys,
                                 counter,
                                 counter,
                                 ESYS_TR_PASSWORD,
                                 ESYS_TR_NONE,
                                 ESYS_TR_NONE) == TSS2_RC_SUCCESS;
    }
    done = done &&
           (Esys_NV_Read(esys,
                         counter,
                         counter,
                         ESYS_TR_PASSWORD,
                         ESYS_TR_NONE,
                         ESYS_TR_NONE,
                         8,
                         0,
                         &read) == TSS2_RC_SUCCESS) &&
           (read->size == 8U);
    if (done) {
        *value = 0;
        for (size_t i = 0; i < 8U; i++) {
            *value = (*value << 8U) | read->buffer[i];
        }
    }
    Esys_Free(read);
    return done ? DG_OK : DG_E_PORT;
}

/* Without a resource manager a TPM keeps what nobody flushes. */
static void close_tpm(void)
{
    if (esys != NULL) {
        (void)Esys_FlushContext(esys, session);
        (void)Esys_FlushContext(esys, primary);
    }
}

const struct dg_token_row dg_token_tpm = {.scheme = "tpm",
                                          .open = open_tpm,
                                          .make = make,
                                          .agree = agree,
                                          .sign = sign,
                                          .destroy = destroy,
                                          .count = count,
                                          .close = close_tpm};
