/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "token.h"
#include "token_pkcs11.h"

/* Keys of a PKCS#11 token for the phone: the blob is the key's id.  Nobody is
 * there to be asked for a PIN, so the URI names a pin-source. */
_Static_assert(DG_KEYSTORE_WHY_MAX == DG_PKCS11_WHY_MAX, "one size of reasons");
_Static_assert(DG_PKCS11_ID_SIZE <= DG_KEYSTORE_BLOB_MAX, "an id is a blob");

static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

static enum dg_status open_token(const char *where,
                                 char why[DG_KEYSTORE_WHY_MAX])
{
    char uri[DG_KEYSTORE_WHERE_MAX + 8U];

    (void)snprintf(uri, sizeof(uri), "pkcs11:%s", where);
    return dg_pkcs11_open(uri, NULL, false, why);
}

static bool find_key(const struct dg_key_blob *blob, CK_OBJECT_HANDLE *key)
{
    return (blob->size == DG_PKCS11_ID_SIZE) &&
           dg_pkcs11_find(CKO_PRIVATE_KEY, blob->byte, key);
}

static enum dg_status make(enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob)
{
    const enum dg_status status = dg_pkcs11_make("dosegate",
                                                 use == DG_KEY_SIGN,
                                                 use == DG_KEY_AGREE,
                                                 blob->byte,
                                                 public_key);

    blob->size = (status == DG_OK) ? DG_PKCS11_ID_SIZE : 0U;
    return status;
}

static enum dg_status destroy(const struct dg_key_blob *blob)
{
    /* A blob of another size is no key of ours: nothing is there. */
    return (blob->size == DG_PKCS11_ID_SIZE) ? dg_pkcs11_destroy(blob->byte)
                                             : DG_OK;
}

static enum dg_status agree(const struct dg_key_blob *blob,
                            const struct dg_public_key *peer,
                            struct dg_secret *shared)
{
    CK_BYTE point[1U + (2U * DG_P256_SIZE)] = {0x04U};
    CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, sizeof(point), point};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof(params)};
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ULONG size = sizeof(shared->byte);
    CK_ATTRIBUTE form[] = {{CKA_CLASS, &kind, sizeof(kind)},
                           {CKA_KEY_TYPE, &type, sizeof(type)},
                           {CKA_TOKEN, &no, sizeof(no)},
                           {CKA_SENSITIVE, &no, sizeof(no)},
                           {CKA_EXTRACTABLE, &yes, sizeof(yes)},
                           {CKA_VALUE_LEN, &size, sizeof(size)}};
    CK_ATTRIBUTE value = {CKA_VALUE, shared->byte, sizeof(shared->byte)};
    CK_FUNCTION_LIST_PTR module = dg_pkcs11_module();
    const CK_SESSION_HANDLE session = dg_pkcs11_session();
    CK_OBJECT_HANDLE key = 0;
    CK_OBJECT_HANDLE made = 0;

    memcpy(&point[1], peer->x, DG_P256_SIZE);
    memcpy(&point[1U + DG_P256_SIZE], peer->y, DG_P256_SIZE);
    if (!find_key(blob, &key) ||
        (module->C_DeriveKey(session, &mechanism, key, form, 6, &made) !=
         CKR_OK)) {
        return DG_E_PORT;
    }

    const bool done =
        (module->C_GetAttributeValue(session, made, &value, 1) == CKR_OK) &&
        (value.ulValueLen == sizeof(shared->byte));

    (void)module->C_DestroyObject(session, made);
    return done ? DG_OK : DG_E_PORT;
}

static enum dg_status sign(const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature)
{
    CK_OBJECT_HANDLE key = 0;

    return find_key(blob, &key) ? dg_pkcs11_sign(key, hash, signature)
                                : DG_E_PORT;
}

const struct dg_token_row dg_token_pkcs11 = {.scheme = "pkcs11",
                                             .open = open_token,
                                             .make = make,
                                             .agree = agree,
                                             .sign = sign,
                                             .destroy = destroy,
                                             .close = dg_pkcs11_close};
