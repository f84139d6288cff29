/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "domain/keystore.h"
#include "domain/private_file.h"
#include "domain/token_start.h"
#include "domain/vault.h"
#include "hardware.h"

/* The same story for every kind of place: a file, a TPM (swtpm, started here)
 * and a PKCS#11 token (SoftHSM, made here).
 * @verifies{FCS_KEY.1@1} */
static struct dg_crypto crypto;
static char place[] = "/tmp/dgk-XXXXXX";
static char where[3][HARDWARE_WHERE_MAX] = {"file", "", ""};
static bool is_there[3] = {true, false, false};
static char why[DG_KEYSTORE_WHY_MAX];
static struct dg_keystore store;
static int directory = -1;

#define FILE_STORE 0U
#define TPM        1U

/* As the supervisor does it. */
static enum dg_status open_at(const char *at)
{
    pid_t pid = -1;
    const int token =
        (strcmp(at, "file") == 0) ? -1 : dg_token_start(at, -1, &pid);

    return dg_keystore_open(&store, &crypto, at, directory, token, why);
}

static void open_store(unsigned kind)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/keys%u", place, kind);
    assert_int_equal(dg_private_directory_open(path, &directory, why), DG_OK);
    if (open_at(where[kind]) != DG_OK) {
        fail_msg("%s: %s", where[kind], why);
    }
}

static void close_store(void)
{
    dg_keystore_close(&store);
    (void)close(directory);
}

/* A peer of software. */
static struct dg_secret peer;
static struct dg_public_key peer_public;

static int setup(void **state)
{
    (void)state;
    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (mkdtemp(place) == NULL) ||
        (crypto.p256_generate(crypto.context, &peer, &peer_public) != DG_OK)) {
        return -1;
    }
    is_there[1] = hardware_tpm_start(place, where[1]);
    is_there[2] = hardware_token_make(place, where[2]);
    return 0;
}

static int teardown(void **state)
{
    char line[64];

    (void)state;
    hardware_tpm_end();
    dg_crypto_openssl_free(&crypto);
    (void)snprintf(line, sizeof(line), "rm -rf %s", place);
    return system(line);
}

static void check_agrees(const struct dg_key *key)
{
    struct dg_secret one;
    struct dg_secret other;

    assert_int_equal(dg_keystore_agree(&store, key, peer_public.x, &one),
                     DG_OK);
    assert_int_equal(
        crypto.p256_ecdh(crypto.context, &peer, key->public_key.x, &other),
        DG_OK);
    assert_memory_equal(&one, &other, sizeof(one));
}

static void check_signs(const struct dg_key *key)
{
    struct dg_hash hash;
    struct dg_signature signature;

    memset(hash.byte, 0x5A, sizeof(hash.byte));
    assert_int_equal(dg_keystore_sign(&store, key, &hash, &signature), DG_OK);
    assert_int_equal(crypto.es256_verify(
                         crypto.context, &key->public_key, &hash, &signature),
                     DG_OK);
    hash.byte[0] ^= 1U;
    assert_int_equal(crypto.es256_verify(
                         crypto.context, &key->public_key, &hash, &signature),
                     DG_E_AUTH);
}

static void test_keystore__keys_made__agree_and_sign_here_and_later(
    void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        struct dg_key agrees;
        struct dg_key signs;
        struct dg_key again;

        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        assert_int_equal(
            dg_keystore_make(&store, "phone-1", DG_KEY_AGREE, &agrees), DG_OK);
        assert_int_equal(
            dg_keystore_make(&store, "presence", DG_KEY_SIGN, &signs), DG_OK);
        check_agrees(&agrees);
        check_signs(&signs);
        close_store();
        open_store(kind); /* as after a restart */
        assert_int_equal(
            dg_keystore_load(&store, "phone-1", DG_KEY_AGREE, &again), DG_OK);
        assert_memory_equal(
            &again.public_key, &agrees.public_key, sizeof(again.public_key));
        for (unsigned i = 0; i < 8U; i++) {
            check_agrees(&again); /* leading zeros, objects left behind */
        }
        assert_int_equal(
            dg_keystore_load(&store, "presence", DG_KEY_SIGN, &again), DG_OK);
        check_signs(&again);
        close_store();
    }
}

static void test_keystore__wrong_use_or_point__refused(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        struct dg_key agrees;
        struct dg_key signs;
        struct dg_secret shared;
        struct dg_hash hash = {{0}};
        struct dg_signature signature;
        uint8_t none[DG_P256_SIZE];

        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        assert_int_equal(dg_keystore_make(&store, "a", DG_KEY_AGREE, &agrees),
                         DG_OK);
        assert_int_equal(dg_keystore_make(&store, "s", DG_KEY_SIGN, &signs),
                         DG_OK);
        assert_int_equal(dg_keystore_sign(&store, &agrees, &hash, &signature),
                         DG_E_USAGE);
        assert_int_equal(
            dg_keystore_agree(&store, &signs, peer_public.x, &shared),
            DG_E_USAGE);
        assert_int_equal(dg_keystore_load(&store, "a", DG_KEY_SIGN, &signs),
                         DG_E_CORRUPT);
        memset(none, 0xFF, sizeof(none)); /* above the field's prime */
        assert_int_equal(dg_keystore_agree(&store, &agrees, none, &shared),
                         DG_E_RANGE);
        assert_int_equal(dg_keystore_make(&store, "../x", DG_KEY_SIGN, &signs),
                         DG_E_USAGE);
        assert_int_equal(dg_keystore_make(&store, "", DG_KEY_SIGN, &signs),
                         DG_E_USAGE);
        check_agrees(&agrees);
        close_store();
    }
}

/* How much of a key an attacker has who copies all files of the phone: of the
 * weak store everything, of the others nothing that makes the public half. */
static void test_keystore__stolen_files__hold_the_key_in_the_weak_store_alone(
    void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        struct dg_key key;
        uint8_t bytes[1024];
        bool found = false;

        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        assert_int_equal(dg_keystore_make(&store, "theft", DG_KEY_AGREE, &key),
                         DG_OK);

        const int file = openat(directory, "key-theft", O_RDONLY);
        const ssize_t size = read(file, bytes, sizeof(bytes));

        (void)close(file);
        assert_true(size > 64);
        for (ssize_t i = 0; i + 32 <= size; i++) {
            struct dg_secret guess;
            struct dg_public_key made;

            memcpy(guess.byte, &bytes[i], sizeof(guess.byte));
            found =
                found ||
                ((crypto.p256_public(crypto.context, &guess, &made) == DG_OK) &&
                 (memcmp(&made, &key.public_key, sizeof(made)) == 0));
        }
        assert_int_equal(found, kind == FILE_STORE);
        assert_int_equal(store.row->is_weak, kind == FILE_STORE);
        close_store();
    }
}

static void test_keystore__destroyed_or_damaged__not_used(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        struct dg_key key;
        struct dg_key copy;
        struct dg_secret shared;
        struct stat about;

        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        assert_int_equal(dg_keystore_make(&store, "gone", DG_KEY_AGREE, &key),
                         DG_OK);
        copy = key;
        copy.blob.byte[10] ^= 1U;
        if (kind != FILE_STORE) {
            assert_int_equal(
                dg_keystore_agree(&store, &copy, peer_public.x, &shared),
                DG_E_PORT);
        }
        copy = key;
        assert_int_equal(dg_keystore_destroy(&store, &key), DG_OK);
        assert_int_equal(fstatat(directory, "key-gone", &about, 0), -1);
        assert_int_equal(dg_keystore_load(&store, "gone", DG_KEY_AGREE, &key),
                         DG_E_STATE);
        if (kind == 2U) { /* a token forgets; see CAVEATS of the others */
            assert_int_equal(
                dg_keystore_agree(&store, &copy, peer_public.x, &shared),
                DG_E_PORT);
        }
        close_store();
    }
}

static void test_keystore__counter__rises_in_a_tpm_and_is_absent_elsewhere(
    void **state)
{
    uint64_t before = 0;
    uint64_t after = 0;

    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        if (kind != TPM) {
            assert_int_equal(dg_keystore_count(&store, true, &after),
                             DG_E_STATE);
            close_store();
            continue;
        }
        assert_int_equal(dg_keystore_count(&store, false, &before), DG_OK);
        assert_int_equal(dg_keystore_count(&store, true, &after), DG_OK);
        assert_int_equal(after, before + 1U);
        close_store();
        open_store(kind);
        assert_int_equal(dg_keystore_count(&store, false, &before), DG_OK);
        assert_int_equal(before, after);
        close_store();
    }
}

static void test_keystore__places_that_are_none__told_what_to_write(
    void **state)
{
    static const struct {
        const char *where;
        const char *words;
    } bad[] = {
        {"", "write file"},
        {"disk", "write file"},
        {"tpmx:", "write file"},
        {"tpm:swtpm:path=/nonexistent/tpm", "cannot be reached"},
        {"tpm:nonsense", "cannot be reached"},
        {"pkcs11:token=dosegate", "module-path"},
        {"pkcs11:token=a?module-path=/nonexistent.so", "loaded"},
        {"pkcs11:token=a?pin-value=1234&module-path=/x.so", "others can read"},
        {"pkcs11:%zz", "RFC 7512"}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        why[0] = '\0';
        assert_int_not_equal(open_at(bad[i].where), DG_OK);
        if (strstr(why, bad[i].words) == NULL) {
            fail_msg("%s: '%s' lacks '%s'", bad[i].where, why, bad[i].words);
        }
        dg_keystore_close(&store);
    }
}

/* Data at rest. @verifies{FDP_REST.1@1} */
static void test_vault__sealed__only_whole_here_and_under_its_name(void **state)
{
    static const uint8_t secret[] = "glucose 123, dose 4.5, key 0123456789";

    (void)state;
    for (unsigned kind = 0; kind < 3U; kind++) {
        struct dg_vault vault;
        struct dg_key key;
        uint8_t back[sizeof(secret)];
        uint8_t bytes[256];

        if (!is_there[kind]) {
            continue;
        }
        open_store(kind);
        assert_int_equal(dg_vault_open(&vault, &store), DG_OK);
        assert_int_equal(dg_vault_write(&vault, "one", DG_SPAN_OF(secret)),
                         DG_OK);
        dg_vault_wipe(&vault);
        assert_int_equal(dg_vault_open(&vault, &store), DG_OK);
        assert_int_equal(dg_vault_read(&vault, "one", DG_BUF_OF(back)), DG_OK);
        assert_memory_equal(back, secret, sizeof(secret));

        const int file = openat(directory, "one", O_RDWR);
        const ssize_t size = pread(file, bytes, sizeof(bytes), 0);

        assert_int_equal(size, sizeof(secret) + DG_VAULT_EXTRA);
        for (ssize_t i = 0; i + 4 <= size; i++) {
            assert_int_not_equal(memcmp(&bytes[i], "dose", 4), 0);
        }
        for (ssize_t i = 0; i < size; i++) {
            const uint8_t wrong = (uint8_t)(bytes[i] ^ 0x10U);

            assert_int_equal(pwrite(file, &wrong, 1, i), 1);
            assert_int_equal(dg_vault_read(&vault, "one", DG_BUF_OF(back)),
                             DG_E_CORRUPT);
            assert_int_equal(pwrite(file, &bytes[i], 1, i), 1);
        }
        (void)close(file);

        /* Under another name it is nothing. */
        assert_int_equal(dg_private_file_write(
                             directory, "two", (dg_span){bytes, (size_t)size}),
                         DG_OK);
        assert_int_equal(dg_vault_read(&vault, "two", DG_BUF_OF(back)),
                         DG_E_CORRUPT);

        /* Without the storage key it never comes back. */
        assert_int_equal(
            dg_keystore_load(&store, "storage", DG_KEY_AGREE, &key), DG_OK);
        assert_int_equal(dg_keystore_destroy(&store, &key), DG_OK);
        assert_int_equal(dg_vault_open(&vault, &store), DG_OK);
        assert_int_equal(dg_vault_read(&vault, "one", DG_BUF_OF(back)),
                         DG_E_CORRUPT);
        dg_vault_wipe(&vault);
        close_store();
    }
}

/* One phone's files on another phone. */
static void test_keystore__files_of_another_tpm__of_no_use(void **state)
{
    struct dg_key key;
    struct dg_secret shared;
    char path[64];
    char ignored[HARDWARE_WHERE_MAX];

    (void)state;
    if (!is_there[TPM]) {
        skip();
    }
    open_store(TPM);
    assert_int_equal(dg_keystore_make(&store, "moved", DG_KEY_AGREE, &key),
                     DG_OK);
    close_store();
    hardware_tpm_end();
    (void)snprintf(path, sizeof(path), "%s/tpm2-00.permall", place);
    assert_int_equal(unlink(path), 0); /* another chip in its place */
    assert_true(hardware_tpm_start(place, ignored));
    open_store(TPM);
    assert_int_equal(dg_keystore_load(&store, "moved", DG_KEY_AGREE, &key),
                     DG_OK);
    assert_int_equal(dg_keystore_agree(&store, &key, peer_public.x, &shared),
                     DG_E_PORT);
    close_store();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_keystore__keys_made__agree_and_sign_here_and_later),
        cmocka_unit_test(test_keystore__wrong_use_or_point__refused),
        cmocka_unit_test(
            test_keystore__stolen_files__hold_the_key_in_the_weak_store_alone),
        cmocka_unit_test(test_keystore__destroyed_or_damaged__not_used),
        cmocka_unit_test(
            test_keystore__counter__rises_in_a_tpm_and_is_absent_elsewhere),
        cmocka_unit_test(
            test_keystore__places_that_are_none__told_what_to_write),
        cmocka_unit_test(
            test_vault__sealed__only_whole_here_and_under_its_name),
        cmocka_unit_test(test_keystore__files_of_another_tpm__of_no_use),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
