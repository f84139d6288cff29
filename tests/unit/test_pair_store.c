/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "domain/pair_store.h"
#include "domain/private_file.h"

static struct dg_crypto crypto;
static struct dg_keystore store;
static struct dg_vault vault;
static char place[] = "pair-store-XXXXXX";
static int directory = -1;
static char why[DG_PRIVATE_WHY_MAX];

static int setup(void **state)
{
    (void)state;
    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (mkdtemp(place) == NULL)) {
        return -1;
    }
    return ((dg_private_directory_open(place, &directory, why) == DG_OK) &&
            (dg_keystore_open(&store, &crypto, "file", directory, -1, why) ==
             DG_OK) &&
            (dg_vault_open(&vault, &store) == DG_OK))
               ? 0
               : -1;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlinkat(directory, "phone", 0);
    (void)unlinkat(directory, "phone.new", 0);
    (void)unlinkat(directory, "elsewhere", 0);
    (void)unlinkat(directory, "key-storage", 0);
    (void)close(directory);
    dg_crypto_openssl_free(&crypto);
    return rmdir(place);
}

static struct dg_phone some_phone(void)
{
    struct dg_phone phone;

    memset(&phone, 0, sizeof(phone));
    memset(phone.private_key.byte, 1, sizeof(phone.private_key.byte));
    memset(phone.public_key.x, 2, sizeof(phone.public_key.x));
    memset(phone.public_key.y, 3, sizeof(phone.public_key.y));
    memset(phone.device.byte, 4, sizeof(phone.device.byte));
    memset(phone.device_key.x, 5, sizeof(phone.device_key.x));
    memset(phone.device_key.y, 6, sizeof(phone.device_key.y));
    memset(phone.knock_key.byte, 7, sizeof(phone.knock_key.byte));
    phone.knock_counter = 0x01020304U;
    phone.slot = 3;
    return phone;
}

static enum dg_status load(struct dg_phone *phone)
{
    return dg_pair_store_load(&vault, phone);
}

static void test_pair_store__nothing_saved__not_paired(void **state)
{
    struct dg_phone phone = some_phone();
    const struct dg_phone before = phone;

    (void)state;
    (void)unlinkat(directory, "phone", 0);
    assert_int_equal(load(&phone), DG_E_STATE);
    assert_memory_equal(&phone, &before, sizeof(phone));
}

static void test_pair_store__saved__comes_back_whole(void **state)
{
    const struct dg_phone saved = some_phone();
    struct dg_phone phone;
    struct stat about;

    (void)state;
    memset(&phone, 0, sizeof(phone));
    assert_int_equal(dg_pair_store_save(&vault, &saved), DG_OK);
    assert_int_equal(load(&phone), DG_OK);
    assert_memory_equal(&phone, &saved, sizeof(phone));
    assert_int_equal(fstatat(directory, "phone", &about, 0), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(fstatat(directory, "phone.new", &about, 0), -1);
}

static void test_pair_store__saved_again__replaces(void **state)
{
    struct dg_phone phone = some_phone();

    (void)state;
    for (uint32_t i = 1; i < 20U; i++) {
        phone.knock_counter = i;
        assert_int_equal(dg_pair_store_save(&vault, &phone), DG_OK);
        phone.knock_counter = 0;
        assert_int_equal(load(&phone), DG_OK);
        assert_int_equal(phone.knock_counter, i);
    }
}

/* What an interrupted write leaves is neither read nor in the way. */
static void test_pair_store__interrupted_write__old_one_stays(void **state)
{
    struct dg_phone phone = some_phone();
    const int fd = openat(directory, "phone.new", O_WRONLY | O_CREAT, 0600);

    (void)state;
    assert_int_equal(write(fd, "half", 4), 4);
    (void)close(fd);
    assert_int_equal(load(&phone), DG_OK);
    assert_int_equal(dg_pair_store_save(&vault, &phone), DG_OK);
    assert_int_equal(load(&phone), DG_OK);
}

static void test_pair_store__any_byte_changed__damaged(void **state)
{
    struct dg_phone phone = some_phone();
    uint8_t bytes[512];

    (void)state;
    assert_int_equal(dg_pair_store_save(&vault, &phone), DG_OK);

    const int fd = openat(directory, "phone", O_RDWR);
    const ssize_t size = pread(fd, bytes, sizeof(bytes), 0);

    assert_int_equal(
        size, 8 + 1 + 32 + 64 + 8 + 64 + 32 + 4 + 1 + 32); /* salt, tag */
    for (ssize_t i = 0; i < size; i++) {
        const uint8_t wrong = (uint8_t)(bytes[i] ^ 0x10U);

        assert_int_equal(pwrite(fd, &wrong, 1, i), 1);
        assert_int_equal(load(&phone), DG_E_CORRUPT);
        assert_int_equal(pwrite(fd, &bytes[i], 1, i), 1);
    }
    assert_int_equal(load(&phone), DG_OK);
    assert_int_equal(ftruncate(fd, size - 1), 0);
    assert_int_equal(load(&phone), DG_E_CORRUPT);
    (void)close(fd);
}

static void test_pair_store__open_to_others_or_a_link__refused(void **state)
{
    struct dg_phone phone = some_phone();

    (void)state;
    assert_int_equal(dg_pair_store_save(&vault, &phone), DG_OK);
    for (unsigned mode = 0; mode < 2U; mode++) {
        assert_int_equal(
            fchmodat(directory, "phone", (mode == 0U) ? 0640 : 0604, 0), 0);
        assert_int_equal(load(&phone), DG_E_AUTH);
    }
    assert_int_equal(fchmodat(directory, "phone", 0600, 0), 0);
    assert_int_equal(load(&phone), DG_OK);
    assert_int_equal(linkat(directory, "phone", directory, "elsewhere", 0), 0);
    assert_int_equal(load(&phone), DG_E_AUTH);
    assert_int_equal(unlinkat(directory, "phone", 0), 0);
    assert_int_equal(symlinkat("elsewhere", directory, "phone"), 0);
    assert_int_equal(load(&phone), DG_E_AUTH);
    assert_int_equal(unlinkat(directory, "elsewhere", 0), 0);
}

static void test_pair_store__directory_open_to_others__refused(void **state)
{
    int fd = -1;

    (void)state;
    assert_int_equal(fchmod(directory, 0750), 0);
    assert_int_equal(dg_private_directory_open(place, &fd, why), DG_E_AUTH);
    assert_non_null(strstr(why, "chmod 700"));
    assert_int_equal(fchmod(directory, 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pair_store__nothing_saved__not_paired),
        cmocka_unit_test(test_pair_store__saved__comes_back_whole),
        cmocka_unit_test(test_pair_store__saved_again__replaces),
        cmocka_unit_test(test_pair_store__interrupted_write__old_one_stays),
        cmocka_unit_test(test_pair_store__any_byte_changed__damaged),
        cmocka_unit_test(test_pair_store__open_to_others_or_a_link__refused),
        cmocka_unit_test(test_pair_store__directory_open_to_others__refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
