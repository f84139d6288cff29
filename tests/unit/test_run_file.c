/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/file.h"
#include "sample_run.h"

#define PATH_SIZE 300U

static struct dg_crypto crypto;
static struct dg_lab_key key;
static struct dg_lab_key other_key;
static char folder[] = "run_file_XXXXXX";

static void in_folder(const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static int set_up(void **state)
{
    char path[PATH_SIZE];
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_non_null(mkdtemp(folder));
    in_folder("state/lab.key", path);
    if (dg_lab_key_open(&crypto, path, &key, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    in_folder("state/other.key", path);
    assert_int_equal(dg_lab_key_open(&crypto, path, &other_key, NULL), DG_OK);
    return 0;
}

static size_t empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    assert_non_null(dir);
    for (const struct dirent *one = readdir(dir); one != NULL;
         one = readdir(dir)) {
        char file[2U * PATH_SIZE];

        (void)snprintf(file, sizeof(file), "%s/%s", path, one->d_name);
        count += (unlink(file) == 0) ? 1U : 0U;
    }
    (void)closedir(dir);
    return count;
}

static int tear_down(void **state)
{
    char path[PATH_SIZE];

    (void)state;
    in_folder("state", path);
    (void)empty_folder(path);
    (void)rmdir(path);
    (void)empty_folder(folder);
    return rmdir(folder);
}

static dg_span encode_small(void)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    dg_span bytes = {NULL, 0};

    sample_run_small(&run);
    if (dg_run_file_encode(&crypto, &run, &key, &bytes, NULL, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
    dg_run_free(&run);
    return bytes;
}

static struct dg_run_file_check check_bytes(dg_span bytes)
{
    struct dg_run_file_check check;

    assert_int_equal(
        dg_run_file_check_bytes(&crypto, bytes, &key.public_key, NULL, &check),
        DG_OK);
    assert_int_not_equal(check.state, DG_RUN_FILE_NONE);
    assert_true(check.why.text[0] != '\0');
    return check;
}

/* Everything that was put in comes out: the second file has the sections of
 * the first, byte for byte. */
static void test_run_file__written_and_read__same_run(void **state)
{
    struct dg_run run;
    struct dg_run again;
    struct dg_run_file_check check;
    struct dg_run_origin origin;
    struct dg_problem problem = {""};
    dg_span second = {NULL, 0};
    dg_span first = {NULL, 0};
    char path[PATH_SIZE];

    (void)state;
    in_folder("a.dgrun", path);
    sample_run_make(&run, &crypto, true);
    if (dg_run_file_write(&crypto, &run, &key, path, &origin, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
    assert_int_equal(
        dg_run_file_read(&crypto, path, &key.public_key, &again, &check),
        DG_OK);
    assert_int_equal(check.state, DG_RUN_FILE_VALID);
    assert_string_equal(check.origin.digest, origin.digest);
    assert_string_equal(check.origin.key_id, key.id);
    assert_string_equal(again.product.name, run.product.name);
    assert_true(again.has_table);
    assert_string_equal(again.table.digest, run.table.digest);
    assert_int_equal(dg_run_exit_code(&again), 2);

    const struct dg_run_test *test = dg_run_find_test(&again, "starve-phone");

    assert_non_null(test);
    assert_int_equal(test->paths->choices->points, 3);
    assert_string_equal(test->paths->choices->reason,
                        "three weeks were needed on the bench");

    assert_int_equal(dg_file_read(path, 1U << 20, &first, NULL), DG_OK);
    assert_int_equal(
        dg_run_file_encode(&crypto, &again, &key, &second, NULL, NULL), DG_OK);
    assert_int_equal(first.size, second.size);

    /* Only the signature, which is random, may differ: 64 bytes in one run. */
    size_t from = first.size;
    size_t to = 0;

    for (size_t i = 0; i < first.size; i++) {
        if (first.at[i] != second.at[i]) {
            from = (i < from) ? i : from;
            to = i + 1U;
        }
    }
    assert_true((to > from) && ((to - from) <= 64U));
    dg_file_free(first);
    dg_file_free(second);
    dg_run_free(&run);
    dg_run_free(&again);
}

/* @verifies{EVL_RUN.1@1} */
static void test_run_file__any_bit_of_any_byte_flipped__altered(void **state)
{
    const dg_span bytes = encode_small();
    uint8_t *copy = malloc(bytes.size);

    (void)state;
    assert_non_null(copy);
    for (size_t i = 0; i < bytes.size; i++) {
        for (unsigned flip = 1; flip <= 0x80U; flip *= 4U) {
            memcpy(copy, bytes.at, bytes.size);
            copy[i] ^= (uint8_t)flip;

            const struct dg_run_file_check check =
                check_bytes((dg_span){copy, bytes.size});

            if (check.state != DG_RUN_FILE_ALTERED) {
                fail_msg("byte %zu: %s", i, check.why.text);
            }
            assert_true(check.offset <= i);
        }
    }
    print_message("%zu bytes\n", bytes.size);
    free(copy);
    dg_file_free(bytes);
}

static void test_run_file__cut_at_any_length__never_whole(void **state)
{
    const dg_span bytes = encode_small();

    (void)state;
    for (size_t size = 0; size < bytes.size; size++) {
        /* An exact allocation, so that a read beyond it is seen. */
        uint8_t *copy = malloc(size + 1U);

        assert_non_null(copy);
        memcpy(copy, bytes.at, size);

        const struct dg_run_file_check check =
            check_bytes((dg_span){copy, size});

        assert_int_equal(check.state,
                         (size < 6U) ? DG_RUN_FILE_NOT_A_RUN
                                     : DG_RUN_FILE_ALTERED);
        free(copy);
    }
    dg_file_free(bytes);
}

static void test_run_file__byte_appended__altered_after_the_end(void **state)
{
    const dg_span bytes = encode_small();
    uint8_t *copy = malloc(bytes.size + 1U);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, bytes.at, bytes.size);
    for (unsigned value = 0; value < 256U; value++) {
        copy[bytes.size] = (uint8_t)value;

        const struct dg_run_file_check check =
            check_bytes((dg_span){copy, bytes.size + 1U});

        assert_int_equal(check.state, DG_RUN_FILE_ALTERED);
        assert_string_equal(check.section, "after the end");
        assert_int_equal(check.offset, bytes.size);
    }
    free(copy);
    dg_file_free(bytes);
}

static void test_run_file__section_altered__named_with_offset(void **state)
{
    struct dg_run run;
    dg_span bytes = {NULL, 0};
    static const char needle[] = "second time after";

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(
        dg_run_file_encode(&crypto, &run, &key, &bytes, NULL, NULL), DG_OK);
    dg_run_free(&run);

    uint8_t *copy = malloc(bytes.size);
    size_t at = 0;

    assert_non_null(copy);
    memcpy(copy, bytes.at, bytes.size);
    while (memcmp(copy + at, needle, sizeof(needle) - 1U) != 0) {
        at++;
        assert_true((at + sizeof(needle)) < bytes.size);
    }
    copy[at] = 'S';

    const struct dg_run_file_check check =
        check_bytes((dg_span){copy, bytes.size});

    assert_int_equal(check.state, DG_RUN_FILE_ALTERED);
    assert_string_equal(check.section, "test replay");
    assert_true((check.offset < at) && (check.offset > 0U));
    free(copy);
    dg_file_free(bytes);
}

static void test_run_file__two_sections_swapped__altered(void **state)
{
    struct dg_run run;
    dg_span bytes = {NULL, 0};

    (void)state;
    /* Two tests of equal size: only their place tells them apart. */
    sample_run_small(&run);
    assert_non_null(dg_run_add_test(&run, "two"));
    run.tests->measures = NULL;
    run.tests->verdict = DG_RUN_UNDECIDED;
    assert_int_equal(
        dg_run_file_encode(&crypto, &run, &key, &bytes, NULL, NULL), DG_OK);
    dg_run_free(&run);

    uint8_t *copy = malloc(bytes.size);
    size_t one = 0;
    size_t two = 0;

    assert_non_null(copy);
    memcpy(copy, bytes.at, bytes.size);
    /* Array of 22 fields, then the id. */
    for (size_t i = 0; (i + 5U) < bytes.size; i++) {
        if (memcmp(copy + i, "\x96\x63one", 5) == 0) {
            one = i;
        }
        if (memcmp(copy + i, "\x96\x63two", 5) == 0) {
            two = i;
        }
    }
    assert_true((one > 0U) && (two > one));

    const size_t size = two - one;

    memcpy(copy + one, bytes.at + two, size);
    memcpy(copy + two, bytes.at + one, size);

    const struct dg_run_file_check check =
        check_bytes((dg_span){copy, bytes.size});

    assert_int_equal(check.state, DG_RUN_FILE_ALTERED);
    assert_string_equal(check.section, "test one");
    assert_int_equal(check.offset, one);
    free(copy);
    dg_file_free(bytes);
}

static void test_run_file__other_lab__other_signer_with_its_key(void **state)
{
    struct dg_run run;
    struct dg_run_file_check check;
    dg_span bytes = {NULL, 0};

    (void)state;
    sample_run_small(&run);
    assert_int_equal(
        dg_run_file_encode(&crypto, &run, &other_key, &bytes, NULL, NULL),
        DG_OK);
    dg_run_free(&run);
    check = check_bytes(bytes);
    assert_int_equal(check.state, DG_RUN_FILE_OTHER_SIGNER);
    assert_string_equal(check.origin.key_id, other_key.id);
    assert_non_null(strstr(check.why.text, other_key.id));

    /* No trusted key at all is no reason to call it valid. */
    assert_int_equal(
        dg_run_file_check_bytes(&crypto, bytes, NULL, NULL, &check), DG_OK);
    assert_int_equal(check.state, DG_RUN_FILE_OTHER_SIGNER);
    dg_file_free(bytes);
}

static void test_run_file__something_else__not_a_run(void **state)
{
    static const char text[] = "%PDF-1.7 and so on, long enough to look at";
    const dg_span bytes = {(const uint8_t *)text, sizeof(text)};

    (void)state;
    assert_int_equal(check_bytes(bytes).state, DG_RUN_FILE_NOT_A_RUN);
    assert_int_equal(check_bytes((dg_span){NULL, 0}).state,
                     DG_RUN_FILE_NOT_A_RUN);
}

static void test_run_file__bad_run__never_written(void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    char path[PATH_SIZE];

    (void)state;
    in_folder("bad.dgrun", path);
    sample_run_small(&run);
    run.product.maker = "\xff not UTF-8";
    assert_int_equal(
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem),
        DG_E_USAGE);
    assert_int_not_equal(access(path, F_OK), 0);
    run.product.maker = dg_run_text(&run, "\xff mended");
    assert_string_equal(run.product.maker, "\xef\xbf\xbd mended");
    run.head.van_claimed = 6;
    assert_int_equal(
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem),
        DG_E_USAGE);
    run.head.van_claimed = 5;
    run.arena.failed = true;
    assert_int_equal(
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem),
        DG_E_USAGE);
    run.arena.failed = false;
    assert_int_equal(
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem), DG_OK);
    dg_run_free(&run);
}

static size_t count_files(void)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/* A limit on the size of files stands in for a full disk. */
static void test_run_file__disk_full__old_file_stays(void **state)
{
    struct rlimit old;
    struct rlimit small;
    struct dg_run run;
    struct dg_problem problem = {""};
    struct dg_run_file_check check;
    char path[PATH_SIZE];

    (void)state;
    in_folder("full.dgrun", path);
    sample_run_small(&run);
    assert_int_equal(
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem), DG_OK);

    const size_t files = count_files();

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 100;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

    const enum dg_status status =
        dg_run_file_write(&crypto, &run, &key, path, NULL, &problem);

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, DG_E_PORT);
    assert_non_null(strstr(problem.text, path));
    assert_int_equal(count_files(), files);
    assert_int_equal(dg_run_file_verify(&crypto, path, &key.public_key, &check),
                     DG_OK);
    assert_int_equal(check.state, DG_RUN_FILE_VALID);
    dg_run_free(&run);
}

static void test_lab_key__second_use__same_key(void **state)
{
    struct dg_lab_key again;
    struct dg_public_key read;
    struct stat about;
    char path[PATH_SIZE];

    (void)state;
    in_folder("state/lab.key", path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777U, 0600);
    assert_int_equal(dg_lab_key_open(&crypto, path, &again, NULL), DG_OK);
    assert_memory_equal(&again, &key, sizeof(key));
    assert_int_equal(strlen(key.id), 16);
    assert_string_not_equal(key.id, other_key.id);

    in_folder("state/lab.pub", path);
    assert_int_equal(dg_lab_public_write(&key.public_key, path, NULL), DG_OK);
    assert_int_equal(dg_lab_public_read(path, &read, NULL), DG_OK);
    assert_memory_equal(&read, &key.public_key, sizeof(read));
    dg_lab_key_wipe(&again);
    assert_int_equal(again.private_key.byte[0], 0);
}

static void test_lab_key__others_may_read_it__refused(void **state)
{
    struct dg_lab_key got;
    struct dg_problem problem = {""};
    char path[PATH_SIZE];

    (void)state;
    in_folder("state/wide.key", path);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, NULL), DG_OK);
    for (unsigned bit = 1; bit <= 040U; bit *= 2U) {
        assert_int_equal(chmod(path, (mode_t)(0600U | bit)), 0);
        assert_int_equal(dg_lab_key_open(&crypto, path, &got, &problem),
                         DG_E_AUTH);
        assert_non_null(strstr(problem.text, "chmod 600"));
        assert_int_equal(got.id[0], 0);
    }
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, NULL), DG_OK);
}

static void test_lab_key__link_folder_or_damage__refused(void **state)
{
    struct dg_lab_key got;
    struct dg_problem problem = {""};
    char path[PATH_SIZE];
    static const uint8_t text[] = "dosegate lab key 1 00\n";

    (void)state;
    in_folder("state/link.key", path);
    assert_int_equal(symlink("lab.key", path), 0);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, &problem), DG_E_AUTH);
    in_folder("state", path);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, &problem), DG_E_AUTH);
    in_folder("state/bad.key", path);
    assert_int_equal(dg_file_write(path, DG_SPAN_OF(text), 0600, &problem),
                     DG_OK);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, &problem),
                     DG_E_MALFORMED);
    in_folder("no/such/folder/lab.key", path);
    assert_int_equal(dg_lab_key_open(&crypto, path, &got, &problem), DG_E_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_file__written_and_read__same_run),
        cmocka_unit_test(test_run_file__any_bit_of_any_byte_flipped__altered),
        cmocka_unit_test(test_run_file__cut_at_any_length__never_whole),
        cmocka_unit_test(test_run_file__byte_appended__altered_after_the_end),
        cmocka_unit_test(test_run_file__section_altered__named_with_offset),
        cmocka_unit_test(test_run_file__two_sections_swapped__altered),
        cmocka_unit_test(test_run_file__other_lab__other_signer_with_its_key),
        cmocka_unit_test(test_run_file__something_else__not_a_run),
        cmocka_unit_test(test_run_file__bad_run__never_written),
        cmocka_unit_test(test_run_file__disk_full__old_file_stays),
        cmocka_unit_test(test_lab_key__second_use__same_key),
        cmocka_unit_test(test_lab_key__others_may_read_it__refused),
        cmocka_unit_test(test_lab_key__link_folder_or_damage__refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
