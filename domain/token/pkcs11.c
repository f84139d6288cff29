/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "token.h"

/* Keys of a PKCS#11 token: made in it, private and not extractable, found again
 * by an id of 16 random bytes, which is the blob.  The token is named by an
 * RFC 7512 URI with module-path, token and pin-source; a PIN in the URI itself
 * is refused, because others can read command lines. */
#define ID_SIZE    16U
#define PIN_MAX    64U
#define SLOTS_MAX  32U
#define FIND_TRIES 8U

static CK_FUNCTION_LIST_PTR module;
static CK_SESSION_HANDLE session;

/* OID 1.2.840.10045.3.1.7, prime256v1. */
static CK_BYTE curve[] = {
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

static enum dg_status explain(const char *what, char why[DG_KEYSTORE_WHY_MAX])
{
    (void)snprintf(why, DG_KEYSTORE_WHY_MAX, "the PKCS#11 token: %s", what);
    return DG_E_PORT;
}

/* The first line of a file that is ours alone. */
static bool read_pin(const char *source, char pin[PIN_MAX], size_t *size)
{
    const char *path = (strncmp(source, "file:", 5) == 0) ? &source[5] : source;
    const int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat about;

    if ((from < 0) || (fstat(from, &about) != 0) || !S_ISREG(about.st_mode) ||
        (about.st_uid != geteuid()) ||
        ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0U)) {
        if (from >= 0) {
            (void)close(from);
        }
        return false;
    }

    const ssize_t got = read(from, pin, PIN_MAX - 1U);

    (void)close(from);
    if (got <= 0) {
        return false;
    }
    pin[got] = '\0';
    *size = strcspn(pin, "\r\n");
    return *size > 0U;
}

static bool find_slot(P11KitUri *uri, CK_SLOT_ID *slot)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO about;

        if ((module->C_GetTokenInfo(slots[i], &about) == CKR_OK) &&
            (p11_kit_uri_match_token_info(uri, &about) == 1)) {
            *slot = slots[i];
            return true;
        }
    }
    return false;
}

/* Tokens are looked for when the library starts, and SoftHSM does not see one
 * that another process writes to just then. */
static bool wait_for_slot(P11KitUri *uri, CK_SLOT_ID *slot)
{
    const struct timespec pause = {.tv_nsec = 100000000L};

    for (unsigned i = 0; i < FIND_TRIES; i++) {
        if (find_slot(uri, slot)) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
        if ((p11_kit_module_finalize(module) != CKR_OK) ||
            (p11_kit_module_initialize(module) != CKR_OK)) {
            return false;
        }
    }
    return false;
}

static enum dg_status log_in(P11KitUri *uri, char why[DG_KEYSTORE_WHY_MAX])
{
    const char *source = p11_kit_uri_get_pin_source(uri);
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    char pin[PIN_MAX] = "";
    size_t size = 0;
    CK_SLOT_ID slot = 0;

    if (!wait_for_slot(uri, &slot)) {
        return explain("none matches: see p11tool --list-tokens", why);
    }
    if ((source == NULL) || !read_pin(source, pin, &size)) {
        return explain("its PIN is missing: add ?pin-source=file:PATH, a file "
                       "that is yours with mode 600",
                       why);
    }

    const bool done =
        (module->C_OpenSession(slot, flags, NULL, NULL, &session) == CKR_OK) &&
        (module->C_Login(
             session, CKU_USER, (CK_UTF8CHAR_PTR)pin, (CK_ULONG)size) ==
         CKR_OK);

    explicit_bzero(pin, sizeof(pin));
    return done ? DG_OK : explain("it refuses the PIN, or a session", why);
}

static enum dg_status open_uri(P11KitUri *uri, char why[DG_KEYSTORE_WHY_MAX])
{
    const char *path = p11_kit_uri_get_module_path(uri);

    if (p11_kit_uri_get_pin_value(uri) != NULL) {
        return explain("no PIN in the URI, where others can read it: write it "
                       "into a file and name that as pin-source",
                       why);
    }
    if (path == NULL) {
        return explain("name its library: ?module-path=/usr/lib/...so", why);
    }
    module = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
    if ((module == NULL) || (p11_kit_module_initialize(module) != CKR_OK)) {
        return explain("its library cannot be loaded", why);
    }
    return log_in(uri, why);
}

static enum dg_status open_token(const char *where,
                                 char why[DG_KEYSTORE_WHY_MAX])
{
    char text[DG_KEYSTORE_WHERE_MAX + 8U];
    P11KitUri *uri = p11_kit_uri_new();
    enum dg_status status = DG_E_PORT;

    (void)snprintf(text, sizeof(text), "pkcs11:%s", where);
    if ((uri == NULL) ||
        (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK)) {
        status = explain("that is no URI as of RFC 7512", why);
    } else {
        status = open_uri(uri, why);
    }
    p11_kit_uri_free(uri);
    return status;
}

/* Both halves of a key carry its id. */
static bool find(CK_OBJECT_CLASS kind,
                 const struct dg_key_blob *blob,
                 CK_OBJECT_HANDLE *object)
{
    CK_BYTE id[ID_SIZE];
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &kind, sizeof(kind)},
                           {CKA_ID, id, sizeof(id)}};
    CK_ULONG count = 0;

    if (blob->size != ID_SIZE) {
        return false;
    }
    memcpy(id, blob->byte, ID_SIZE);
    if (module->C_FindObjectsInit(session, want, 2) != CKR_OK) {
        return false;
    }

    const bool found =
        (module->C_FindObjects(session, object, 1, &count) == CKR_OK) &&
        (count == 1U);

    return (module->C_FindObjectsFinal(session) == CKR_OK) && found;
}

/* DER: OCTET STRING of 04, x, y. */
static bool read_point(CK_OBJECT_HANDLE object,
                       struct dg_public_key *public_key)
{
    CK_BYTE point[80];
    CK_ATTRIBUTE want = {CKA_EC_POINT, point, sizeof(point)};

    if ((module->C_GetAttributeValue(session, object, &want, 1) != CKR_OK) ||
        (want.ulValueLen != 67U) || (point[0] != 0x04U) || (point[1] != 65U) ||
        (point[2] != 0x04U)) {
        return false;
    }
    memcpy(public_key->x, &point[3], DG_P256_SIZE);
    memcpy(public_key->y, &point[3U + DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

static enum dg_status destroy(const struct dg_key_blob *blob)
{
    CK_OBJECT_HANDLE object = 0;
    bool done = true;

    if (find(CKO_PUBLIC_KEY, blob, &object)) {
        done = module->C_DestroyObject(session, object) == CKR_OK;
    }
    if (find(CKO_PRIVATE_KEY, blob, &object)) {
        done = (module->C_DestroyObject(session, object) == CKR_OK) && done;
    }
    return done ? DG_OK : DG_E_PORT;
}

static enum dg_status make(enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob)
{
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_BYTE id[ID_SIZE];
    CK_BBOOL signs = (use == DG_KEY_SIGN) ? CK_TRUE : CK_FALSE;
    CK_BBOOL agrees = (use == DG_KEY_AGREE) ? CK_TRUE : CK_FALSE;
    CK_UTF8CHAR label[] = "dosegate";
    CK_ATTRIBUTE open_half[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                                {CKA_VERIFY, &signs, sizeof(signs)},
                                {CKA_EC_PARAMS, curve, sizeof(curve)},
                                {CKA_LABEL, label, sizeof(label) - 1U},
                                {CKA_ID, id, sizeof(id)}};
    CK_ATTRIBUTE closed_half[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                                  {CKA_PRIVATE, &yes, sizeof(yes)},
                                  {CKA_SENSITIVE, &yes, sizeof(yes)},
                                  {CKA_EXTRACTABLE, &no, sizeof(no)},
                                  {CKA_SIGN, &signs, sizeof(signs)},
                                  {CKA_DERIVE, &agrees, sizeof(agrees)},
                                  {CKA_LABEL, label, sizeof(label) - 1U},
                                  {CKA_ID, id, sizeof(id)}};
    CK_OBJECT_HANDLE pair[2] = {0, 0};

    if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id)) {
        return DG_E_PORT;
    }
    if (module->C_GenerateKeyPair(session,
                                  &mechanism,
                                  open_half,
                                  5,
                                  closed_half,
                                  8,
                                  &pair[0],
                                  &pair[1]) != CKR_OK) {
        return DG_E_PORT;
    }
    blob->size = ID_SIZE;
    memcpy(blob->byte, id, ID_SIZE);
    if (!read_point(pair[0], public_key)) {
        (void)destroy(blob);
        return DG_E_PORT;
    }
    return DG_OK;
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
    CK_OBJECT_HANDLE key = 0;
    CK_OBJECT_HANDLE made = 0;

    memcpy(&point[1], peer->x, DG_P256_SIZE);
    memcpy(&point[1U + DG_P256_SIZE], peer->y, DG_P256_SIZE);
    if (!find(CKO_PRIVATE_KEY, blob, &key) ||
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
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_BYTE digest[DG_HASH_SIZE];
    CK_ULONG size = sizeof(signature->byte);
    CK_OBJECT_HANDLE key = 0;

    memcpy(digest, hash->byte, sizeof(digest));
    return (find(CKO_PRIVATE_KEY, blob, &key) &&
            (module->C_SignInit(session, &mechanism, key) == CKR_OK) &&
            (module->C_Sign(
                 session, digest, sizeof(digest), signature->byte, &size) ==
             CKR_OK) &&
            (size == sizeof(signature->byte)))
               ? DG_OK
               : DG_E_PORT;
}

static void close_token(void)
{
    if (module != NULL) {
        (void)module->C_Logout(session);
        (void)module->C_CloseSession(session);
    }
}

const struct dg_token_row dg_token_pkcs11 = {.scheme = "pkcs11",
                                             .open = open_token,
                                             .make = make,
                                             .agree = agree,
                                             .sign = sign,
                                             .destroy = destroy,
                                             .close = close_token};
