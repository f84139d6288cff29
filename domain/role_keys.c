/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "crypto_openssl.h"
#include "keys.h"
#include "keystore_port.h"
#include "pair_store.h"
#include "private_file.h"
#include "role.h"

/* The only role that has the phone's keys, or may use them where they are kept.
 * It can reach one directory and its sockets: to link, therapy, confirm and,
 * where keys are in hardware, to dosegate-token. */
static struct dg_crypto library;
static struct dg_crypto crypto; /* the library, with the keystore in front */
static struct dg_keystore store;
static struct dg_vault vault;
static struct dg_keys keys;
static int directory = -1;

static enum dg_status save(void *context, const struct dg_phone *phone)
{
    (void)context;
    return dg_pair_store_save(&vault, phone);
}

static void complain(const char *dir, enum dg_status status)
{
    const char *what = "cannot be read";

    if (status == DG_E_AUTH) {
        what = "must be a plain file, yours, with mode 600: someone may have "
               "read it, so remove it and pair again";
    }
    if (status == DG_E_CORRUPT) {
        what = "is damaged, or was sealed elsewhere: remove it and pair "
               "again";
    }
    (void)fprintf(stderr, "role keys: %s/phone %s\n", dir, what);
}

/* Everything that a library loads late is loaded now, before the door shuts. */
static enum dg_status warm_up(void)
{
    struct dg_secret private_key;
    struct dg_public_key public_key;
    struct dg_secret shared;
    enum dg_status status =
        library.p256_generate(library.context, &private_key, &public_key);

    if (status == DG_OK) {
        status = library.p256_ecdh(
            library.context, &private_key, public_key.x, &shared);
    }
    return status;
}

/* The place that keys are kept in, and what lies sealed under one of them. */
static bool open_store(const char *dir, const char *where)
{
    char why[DG_KEYSTORE_WHY_MAX] = "";

    if (dg_keystore_open(
            &store, &library, where, directory, DG_ROLE_TOKEN_FD, why) !=
        DG_OK) {
        (void)fprintf(stderr, "role keys: --keys: %s\n", why);
        return false;
    }
    dg_keystore_port(&store, &library, &crypto);
    if (dg_vault_open(&vault, &store) != DG_OK) {
        (void)fprintf(stderr,
                      "role keys: %s/key-storage does not open: it was made by "
                      "another --keys, or is damaged; name the right one, or "
                      "dosegate phone erase and pair again\n",
                      dir);
        return false;
    }
    return true;
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    const char *dir = dg_role_option(argc, argv, "--dir");
    const char *where = dg_role_option(argc, argv, "--keys");
    char why[DG_PRIVATE_WHY_MAX] = "--dir is missing";
    struct dg_phone phone;

    (void)report;
    if ((dir == NULL) ||
        (dg_private_directory_open(dir, &directory, why) != DG_OK)) {
        (void)fprintf(stderr, "role keys: %s\n", why);
        return DG_E_PORT;
    }
    if ((dg_crypto_openssl_init(&library) != DG_OK) || (warm_up() != DG_OK)) {
        (void)fprintf(stderr, "role keys: OpenSSL 3 does not start\n");
        return DG_E_PORT;
    }
    if (!open_store(dir, (where == NULL) ? "file" : where)) {
        return DG_E_PORT;
    }

    const enum dg_status status = dg_pair_store_load(&vault, &phone);

    if ((status != DG_OK) && (status != DG_E_STATE)) {
        complain(dir, status);
        return status;
    }
    dg_keys_init(&keys, &crypto, (status == DG_OK) ? &phone : NULL, save, NULL);
    dg_keys_use(&keys, &store);
    explicit_bzero(&phone, sizeof(phone));
    grants->directory = directory;
    return DG_OK;
}

static void send_all(void)
{
    for (size_t i = 0; i < keys.out_count; i++) {
        dg_role_send(keys.out[i].to, &keys.out[i].message);
    }
    keys.out_count = 0;
}

static enum dg_status role_message(enum dg_role_id peer,
                                   const struct dg_internal *message)
{
    (void)peer;

    const enum dg_status status =
        dg_keys_take(&keys, dg_role_now_ms(), message);

    send_all();
    return status;
}

static int64_t role_tick(int64_t now_ms)
{
    const int64_t due = dg_keys_tick(&keys, now_ms);

    send_all();
    return due;
}

int main(int argc, char **argv)
{
    static const struct dg_role_program program = {.id = DG_ROLE_ID_KEYS,
                                                   .init = role_init,
                                                   .message = role_message,
                                                   .tick = role_tick};

    return dg_role_run(&program, argc, argv);
}
