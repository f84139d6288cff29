/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "ports/host/flash_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "flash_file_XXXXXX";
static char path[64];
static struct dg_flash_file flash;

static enum dg_status program(uint32_t offset, const char *text)
{
    return flash.port.program(flash.port.context,
                              offset,
                              (dg_span){(const uint8_t *)text, strlen(text)});
}

static void expect_bytes(uint32_t offset, const char *want)
{
    uint8_t room[16];
    const size_t size = strlen(want);

    assert_int_equal(
        flash.port.read(flash.port.context, offset, (dg_buf){room, size}),
        DG_OK);
    assert_memory_equal(room, want, size);
}

static void make(void)
{
    (void)unlink(path);
    assert_int_equal(dg_flash_file_create(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_OK);
}

static void test_flash_file__created__erased_and_of_the_right_size(void **state)
{
    (void)state;
    make();
    assert_int_equal(flash.port.sector_size, 4096U);
    assert_int_equal(flash.port.sector_count, DG_FLASH_SECTORS_MIN);
    for (uint32_t at = 0U; at < 4096U * DG_FLASH_SECTORS_MIN; at += 4093U) {
        expect_bytes(at, "\xFF");
    }
    dg_flash_file_close(&flash);
    dg_flash_file_close(&flash);
}

static void test_flash_file__reopened__bytes_are_still_there(void **state)
{
    struct dg_flash_file second;

    (void)state;
    make();
    assert_int_equal(program(5000U, "insulin"), DG_OK);
    /* One flash, one device. */
    assert_int_equal(dg_flash_file_open(&second, path, DG_FLASH_SECTORS_MIN),
                     DG_E_STATE);
    assert_int_equal(dg_flash_file_create(&second, path, DG_FLASH_SECTORS_MIN),
                     DG_E_STATE);
    dg_flash_file_close(&flash);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_OK);
    expect_bytes(5000U, "insulin");
    dg_flash_file_close(&flash);
}

static void test_flash_file__rules_of_nor__kept(void **state)
{
    const uint32_t end = 4096U * DG_FLASH_SECTORS_MIN;

    (void)state;
    make();
    assert_int_equal(program(4096U, "abc"), DG_OK);
    assert_int_equal(program(4098U, "d"), DG_E_PORT); /* not erased */
    assert_int_equal(program(4099U, "d"), DG_OK);
    assert_int_equal(flash.port.erase(flash.port.context, 0U), DG_OK);
    expect_bytes(4096U, "abcd");
    assert_int_equal(flash.port.erase(flash.port.context, 1U), DG_OK);
    expect_bytes(4096U, "\xFF\xFF\xFF\xFF");
    assert_int_equal(program(4096U, "efg"), DG_OK);
    assert_int_equal(flash.port.erase(flash.port.context, DG_FLASH_SECTORS_MIN),
                     DG_E_PORT);
    assert_int_equal(program(end - 1U, "ab"), DG_E_PORT);
    assert_int_equal(program(UINT32_MAX, "a"), DG_E_PORT);
    assert_int_equal(program(end - 1U, "a"), DG_OK);
    dg_flash_file_close(&flash);
}

static unsigned cuts;

static void on_cut(void *context)
{
    assert_ptr_equal(context, &cuts);
    cuts++;
}

static void test_flash_file__power_cut__done_in_part_and_dead(void **state)
{
    uint8_t room[4];

    (void)state;
    make();
    cuts = 0U;
    flash.on_cut = on_cut;
    flash.on_cut_context = &cuts;
    flash.cut_in = 2U;
    assert_int_equal(program(8192U, "1234"), DG_OK);
    assert_int_equal(program(8200U, "5678"), DG_E_PORT);
    assert_int_equal(cuts, 1U);
    assert_int_equal(flash.operations, 2U);
    assert_int_equal(program(9000U, "x"), DG_E_PORT);
    assert_int_equal(flash.port.erase(flash.port.context, 3U), DG_E_PORT);
    assert_int_equal(
        flash.port.read(flash.port.context, 8192U, DG_BUF_OF(room)), DG_E_PORT);
    dg_flash_file_close(&flash);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_OK);
    expect_bytes(8192U, "1234");
    expect_bytes(8200U, "56\xFF\xFF");

    flash.cut_in = 1U;
    assert_int_equal(program(8192U + 4000U, "z"), DG_E_PORT);
    dg_flash_file_close(&flash);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_OK);
    assert_int_equal(program(8192U + 4000U, "z"), DG_OK);
    flash.cut_in = 1U;
    assert_int_equal(flash.port.erase(flash.port.context, 2U), DG_E_PORT);
    dg_flash_file_close(&flash);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_OK);
    expect_bytes(8192U, "\xFF\xFF\xFF\xFF");
    expect_bytes(8192U + 4000U, "z");
    dg_flash_file_close(&flash);
}

static void test_flash_file_open__not_ours__refused(void **state)
{
    FILE *file = NULL;

    (void)state;
    (void)unlink(path);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_E_PORT);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fputs("short", file) >= 0, true);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(dg_flash_file_open(&flash, path, DG_FLASH_SECTORS_MIN),
                     DG_E_CORRUPT);
    assert_int_equal(dg_flash_file_open(&flash, folder, DG_FLASH_SECTORS_MIN),
                     DG_E_PORT);
    assert_int_equal(
        dg_flash_file_create(&flash, "no/such/folder", DG_FLASH_SECTORS_MIN),
        DG_E_PORT);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/flash", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_flash_file__created__erased_and_of_the_right_size),
        cmocka_unit_test(test_flash_file__reopened__bytes_are_still_there),
        cmocka_unit_test(test_flash_file__rules_of_nor__kept),
        cmocka_unit_test(test_flash_file__power_cut__done_in_part_and_dead),
        cmocka_unit_test(test_flash_file_open__not_ours__refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
