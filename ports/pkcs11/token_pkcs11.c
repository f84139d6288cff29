/* SPDX-License-Identifier: Apache-2.0 */
#include "token_pkcs11.h"

#include <fcntl.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PIN_MAX    64U
#define SLOTS_MAX  32U
#define FIND_TRIES 8U

static CK_FUNCTION_LIST_PTR module;
static CK_SESSION_HANDLE session;
/* What the URI says of the key; empty: nothing. */
static char wanted_label[DG_PKCS11_NAME_MAX + 1U];
static CK_BYTE wanted_id[DG_PKCS11_NAME_MAX];
static size_t wanted_id_size;

/* OID 1.2.840.10045.3.1.7, prime256v1. */
static CK_BYTE curve[] = {
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

CK_FUNCTION_LIST_PTR dg_pkcs11_module(void)
{
    return module;
}

CK_SESSION_HANDLE dg_pkcs11_session(void)
{
    return session;
}

static enum dg_status explain(const char *what, char why[DG_PKCS11_WHY_MAX])
{
    (void)snprintf(why, DG_PKCS11_WHY_MAX, "the PKCS#11 token: %s", what);
    return DG_E_PORT;
}

/* The line that was read; false: there is none, or it may go on.  A PIN that was
 * cut would be tried as it is, and costs one of few tries. */
static bool end_pin(char pin[PIN_MAX], ssize_t got, size_t *size)
{
    if ((got <= 0) || (got >= (ssize_t)PIN_MAX)) {
        return false;
    }
    pin[got] = '\0';
    *size = strcspn(pin, "\r\n");
    return (*size > 0U) && (*size < (PIN_MAX - 1U));
}

/* The first line of a file that is ours alone. */
static bool read_pin(const char *source, char pin[PIN_MAX], size_t *size)
{
    const char *path = (strncmp(source, "file:", 5) == 0) ? &source[5] : source;
    /* What is no file, a pipe that nobody writes to, is not waited for. */
    const int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
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
    return end_pin(pin, got, size);
}

/* Ask the person at the terminal, without showing what is typed. */
static bool ask_pin(char pin[PIN_MAX], size_t *size)
{
    static const char question[] = "PIN of the PKCS#11 token: ";
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios kept;
    ssize_t got = -1;

    if (terminal < 0) {
        return false;
    }
    if (tcgetattr(terminal, &kept) == 0) {
        struct termios quiet = kept;

        quiet.c_lflag &= ~(tcflag_t)ECHO;
        if ((tcsetattr(terminal, TCSAFLUSH, &quiet) == 0) &&
            (write(terminal, question, sizeof(question) - 1U) > 0)) {
            got = read(terminal, pin, PIN_MAX - 1U);
        }
        (void)tcsetattr(terminal, TCSAFLUSH, &kept);
        if (write(terminal, "\n", 1) != 1) {
            got = -1;
        }
    }
    (void)close(terminal);
    return end_pin(pin, got, size);
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

static bool get_pin(const char *source,
                    bool may_ask,
                    char pin[PIN_MAX],
                    size_t *size)
{
    if (source != NULL) {
        return read_pin(source, pin, size);
    }
    return may_ask && ask_pin(pin, size);
}

static enum dg_status log_in(P11KitUri *uri,
                             const char *pin_file,
                             bool may_ask,
                             char why[DG_PKCS11_WHY_MAX])
{
    const char *source =
        (pin_file != NULL) ? pin_file : p11_kit_uri_get_pin_source(uri);
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    char pin[PIN_MAX] = "";
    size_t size = 0;
    CK_SLOT_ID slot = 0;

    if (!wait_for_slot(uri, &slot)) {
        return explain("none matches: see p11tool --list-tokens", why);
    }
    if (!get_pin(source, may_ask, pin, &size)) {
        explicit_bzero(pin, sizeof(pin));
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

/* Keep what the URI says of the key; false when it is too long. */
static bool note_key(P11KitUri *uri)
{
    const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(uri, CKA_LABEL);
    const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(uri, CKA_ID);

    wanted_label[0] = '\0';
    wanted_id_size = 0;
    if (label != NULL) {
        if ((label->ulValueLen == 0U) ||
            (label->ulValueLen > DG_PKCS11_NAME_MAX)) {
            return false;
        }
        memcpy(wanted_label, label->pValue, label->ulValueLen);
        wanted_label[label->ulValueLen] = '\0';
    }
    if (id != NULL) {
        if ((id->ulValueLen == 0U) || (id->ulValueLen > sizeof(wanted_id))) {
            return false;
        }
        memcpy(wanted_id, id->pValue, id->ulValueLen);
        wanted_id_size = id->ulValueLen;
    }
    return true;
}

static enum dg_status open_uri(P11KitUri *uri,
                               const char *pin_file,
                               bool may_ask,
                               char why[DG_PKCS11_WHY_MAX])
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
    if (!note_key(uri)) {
        return explain("the name or id of the key is too long", why);
    }
    module = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
    if ((module == NULL) || (p11_kit_module_initialize(module) != CKR_OK)) {
        module = NULL;
        return explain("its library cannot be loaded", why);
    }
    return log_in(uri, pin_file, may_ask, why);
}

enum dg_status dg_pkcs11_open(const char *text,
                              const char *pin_file,
                              bool may_ask,
                              char why[DG_PKCS11_WHY_MAX])
{
    P11KitUri *uri = p11_kit_uri_new();
    enum dg_status status = DG_E_PORT;

    if ((uri == NULL) || (strlen(text) >= DG_PKCS11_URI_MAX) ||
        (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK)) {
        status = explain("that is no URI as of RFC 7512", why);
    } else {
        status = open_uri(uri, pin_file, may_ask, why);
    }
    p11_kit_uri_free(uri);
    return status;
}

/* Up to two objects of a form: who asks for one wants to know of a second. */
static CK_ULONG look_up(CK_ATTRIBUTE *form,
                        CK_ULONG count,
                        CK_OBJECT_HANDLE objects[2])
{
    CK_ULONG found = 0;

    if (module->C_FindObjectsInit(session, form, count) != CKR_OK) {
        return 0;
    }
    if (module->C_FindObjects(session, objects, 2, &found) != CKR_OK) {
        found = 0;
    }
    return (module->C_FindObjectsFinal(session) == CKR_OK) ? found : 0U;
}

/* Both halves of a key carry its id. */
bool dg_pkcs11_find(CK_OBJECT_CLASS kind,
                    const uint8_t id[DG_PKCS11_ID_SIZE],
                    CK_OBJECT_HANDLE *object)
{
    CK_BYTE own_id[DG_PKCS11_ID_SIZE];
    CK_ATTRIBUTE want[] = {{CKA_CLASS, &kind, sizeof(kind)},
                           {CKA_ID, own_id, sizeof(own_id)}};
    CK_OBJECT_HANDLE objects[2] = {0, 0};

    memcpy(own_id, id, sizeof(own_id));
    if (look_up(want, 2, objects) == 0U) {
        return false;
    }
    *object = objects[0];
    return true;
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

enum dg_status dg_pkcs11_destroy(const uint8_t id[DG_PKCS11_ID_SIZE])
{
    CK_OBJECT_HANDLE object = 0;
    bool done = true;

    if (dg_pkcs11_find(CKO_PUBLIC_KEY, id, &object)) {
        done = module->C_DestroyObject(session, object) == CKR_OK;
    }
    if (dg_pkcs11_find(CKO_PRIVATE_KEY, id, &object)) {
        done = (module->C_DestroyObject(session, object) == CKR_OK) && done;
    }
    return done ? DG_OK : DG_E_PORT;
}

enum dg_status dg_pkcs11_make(const char *label,
                              bool signs,
                              bool agrees,
                              uint8_t id[DG_PKCS11_ID_SIZE],
                              struct dg_public_key *public_key)
{
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL may_sign = signs ? CK_TRUE : CK_FALSE;
    CK_BBOOL may_agree = agrees ? CK_TRUE : CK_FALSE;
    CK_BYTE name[DG_PKCS11_NAME_MAX];
    const size_t size = strlen(label);
    CK_ATTRIBUTE open_half[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                                {CKA_VERIFY, &may_sign, sizeof(may_sign)},
                                {CKA_EC_PARAMS, curve, sizeof(curve)},
                                {CKA_LABEL, name, size},
                                {CKA_ID, id, DG_PKCS11_ID_SIZE}};
    CK_ATTRIBUTE closed_half[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                                  {CKA_PRIVATE, &yes, sizeof(yes)},
                                  {CKA_SENSITIVE, &yes, sizeof(yes)},
                                  {CKA_EXTRACTABLE, &no, sizeof(no)},
                                  {CKA_SIGN, &may_sign, sizeof(may_sign)},
                                  {CKA_DERIVE, &may_agree, sizeof(may_agree)},
                                  {CKA_LABEL, name, size},
                                  {CKA_ID, id, DG_PKCS11_ID_SIZE}};
    CK_OBJECT_HANDLE pair[2] = {0, 0};

    if ((size > sizeof(name)) ||
        (getrandom(id, DG_PKCS11_ID_SIZE, 0) != (ssize_t)DG_PKCS11_ID_SIZE)) {
        return DG_E_PORT;
    }
    memcpy(name, label, size);
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
    if (!read_point(pair[0], public_key)) {
        if (dg_pkcs11_destroy(id) != DG_OK) {
            return DG_E_PORT; /* and something is left: nothing to be done */
        }
        return DG_E_PORT;
    }
    return DG_OK;
}

enum dg_status dg_pkcs11_sign(CK_OBJECT_HANDLE key,
                              const struct dg_hash *hash,
                              struct dg_signature *signature)
{
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_BYTE digest[DG_HASH_SIZE];
    CK_ULONG size = sizeof(signature->byte);

    memcpy(digest, hash->byte, sizeof(digest));
    return ((module->C_SignInit(session, &mechanism, key) == CKR_OK) &&
            (module->C_Sign(
                 session, digest, sizeof(digest), signature->byte, &size) ==
             CKR_OK) &&
            (size == sizeof(signature->byte)))
               ? DG_OK
               : DG_E_PORT;
}

/* How many keys of this half fit the URI; 2 stands for more than one. */
static CK_ULONG look_up_named(CK_OBJECT_CLASS kind, CK_OBJECT_HANDLE *object)
{
    CK_KEY_TYPE type = CKK_EC;
    CK_ATTRIBUTE want[4] = {{CKA_CLASS, &kind, sizeof(kind)},
                            {CKA_KEY_TYPE, &type, sizeof(type)}};
    CK_OBJECT_HANDLE objects[2] = {0, 0};
    CK_ULONG count = 2;

    if (wanted_label[0] != '\0') {
        want[count++] =
            (CK_ATTRIBUTE){CKA_LABEL, wanted_label, strlen(wanted_label)};
    }
    if (wanted_id_size > 0U) {
        want[count++] = (CK_ATTRIBUTE){CKA_ID, wanted_id, wanted_id_size};
    }

    const CK_ULONG found = look_up(want, count, objects);

    *object = objects[0];
    return found;
}

enum dg_status dg_pkcs11_named_key(CK_OBJECT_HANDLE *key,
                                   struct dg_public_key *public_key,
                                   char why[DG_PKCS11_WHY_MAX])
{
    CK_OBJECT_HANDLE open_half = 0;
    uint8_t id[DG_PKCS11_ID_SIZE];

    if ((wanted_label[0] == '\0') && (wanted_id_size == 0U)) {
        return explain("say which key: pkcs11:token=...;object=NAME?...", why);
    }
    /* Made on first use, as a key file is. */
    if ((look_up_named(CKO_PRIVATE_KEY, key) == 0U) && (wanted_id_size == 0U) &&
        (dg_pkcs11_make(wanted_label, true, false, id, public_key) != DG_OK)) {
        return explain("it has no such key and would not make one", why);
    }
    if ((look_up_named(CKO_PRIVATE_KEY, key) != 1U) ||
        (look_up_named(CKO_PUBLIC_KEY, &open_half) != 1U)) {
        return explain("not one key pair has that name or id: give an id", why);
    }
    return read_point(open_half, public_key)
               ? DG_OK
               : explain("that key is not on the curve P-256", why);
}

void dg_pkcs11_close(void)
{
    if (module != NULL) {
        (void)module->C_Logout(session);
        (void)module->C_CloseSession(session);
        module = NULL;
    }
}
