/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/file.h"
#include "sample_run.h"

static struct dg_crypto crypto;
static struct dg_rating_table table;
static char folder[] = "catalogue_XXXXXX";
static char file[64];

static int set_up(void **state)
{
    const dg_span bytes = sample_spec("rating/cem-3.1r5.yaml");

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(dg_rating_table_parse(&crypto, bytes, "cem", &table, NULL),
                     DG_OK);
    dg_file_free(bytes);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof(file), "%s/replay.yaml", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(file);
    return rmdir(folder);
}

static void test_catalogue__ours__whole_and_rated(void **state)
{
    struct dg_catalogue catalogue;
    struct dg_problem problem = {""};
    struct dg_run run;

    (void)state;
    if (dg_catalogue_open(DG_SPEC "/catalogue", &table, &catalogue, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
    dg_run_init(&run);
    for (const struct dg_catalogue_entry *e = catalogue.entries; e != NULL;
         e = e->next) {
        struct dg_rating rating;

        assert_true((e->next == NULL) || (strcmp(e->id, e->next->id) < 0));
        assert_ptr_equal(dg_catalogue_find(&catalogue, e->id), e);
        assert_int_equal(dg_rating_rate(&table, e->choices, &rating, &problem),
                         DG_OK);

        struct dg_run_test *test = dg_catalogue_add_test(&run, e);

        assert_non_null(test);
        assert_int_equal(test->verdict, DG_RUN_UNDECIDED);
        assert_string_equal(test->corpus->text, e->corpus[0]);
        assert_non_null(
            dg_catalogue_add_path(&run, test, e, DG_RATING_SUCCESSFUL));
        assert_int_equal(
            dg_rating_rate(&table, test->paths->choices, &rating, NULL), DG_OK);
    }

    const struct dg_catalogue_entry *replay =
        dg_catalogue_find(&catalogue, "replay");
    int64_t value = 0;

    assert_non_null(replay);
    assert_string_equal(replay->position, "NA");
    assert_int_equal(replay->corpus_count, 2);
    assert_string_equal(replay->corpus[1], "DG-A16");
    assert_int_equal(dg_catalogue_number(replay, "bolus_mU", 1, 10000, &value),
                     DG_OK);
    assert_int_equal(value, 1000);
    assert_int_equal(dg_catalogue_number(replay, "bolus_mU", 1, 10, &value),
                     DG_E_RANGE);
    assert_int_equal(dg_catalogue_number(replay, "none", 1, 10, &value),
                     DG_E_MALFORMED);
    assert_null(dg_catalogue_find(&catalogue, "none"));
    print_message("%zu entries\n", catalogue.count);
    dg_run_free(&run);
    dg_catalogue_free(&catalogue);
}

/* The good entry with one text replaced must be refused with a line. */
static void expect_refused(const char *find, const char *replace)
{
    const dg_span bytes = sample_spec("catalogue/replay.yaml");
    struct dg_catalogue catalogue;
    struct dg_problem problem = {""};
    char text[8192];
    char changed[8192];

    assert_true(bytes.size < sizeof(text));
    memcpy(text, bytes.at, bytes.size);
    text[bytes.size] = '\0';
    dg_file_free(bytes);

    char *at = strstr(text, find);

    assert_non_null(at);
    *at = '\0';

    const int size = snprintf(
        changed, sizeof(changed), "%s%s%s", text, replace, at + strlen(find));

    assert_int_equal(
        dg_file_write(file,
                      (dg_span){(const uint8_t *)changed, (size_t)size},
                      0644,
                      NULL),
        DG_OK);
    if (dg_catalogue_open(folder, &table, &catalogue, &problem) !=
        DG_E_MALFORMED) {
        fail_msg("taken: %s", replace);
    }
    assert_non_null(strstr(problem.text, "replay.yaml:"));
    dg_catalogue_free(&catalogue);
}

static void test_catalogue__wrong_entry__refused_with_line(void **state)
{
    (void)state;
    expect_refused("id: replay", "id: other");
    expect_refused("title:", "titel:");
    expect_refused("title:", "title: a\ntitle:");
    expect_refused("tier: fast", "tier: slow");
    expect_refused("position: NA", "position: XX");
    expect_refused("T.NETWORK_ATTACK", "NETWORK_ATTACK");
    expect_refused("DG-A16", "DG-B16");
    expect_refused("DG-A16", "DG-A161");
    expect_refused("DG-A16", "DG-A16x");
    expect_refused("[DG-A02, DG-A16]", "[]");
    expect_refused("[DG-A02, DG-A16]", "DG-A02");
    expect_refused("[link, process, therapy, energy]", "[]");
    expect_refused("le_1_day", "le_1_hour");
    expect_refused("  window: easy\n", "");
    expect_refused("  window: easy\n", "  window: easy\n  luck: much\n");
    expect_refused("bolus_mU: 1000", "bolus_mU: [1]");
}

/* The good entry once more under another id. */
static void write_copy(const char *id)
{
    const dg_span bytes = sample_spec("catalogue/replay.yaml");
    static const char head[] = "id: replay";
    char path[80];
    char text[8192];
    char changed[8192];

    assert_true(bytes.size < sizeof(text));
    memcpy(text, bytes.at, bytes.size);
    text[bytes.size] = '\0';
    dg_file_free(bytes);

    char *at = strstr(text, head);

    assert_non_null(at);
    *at = '\0';

    const int size = snprintf(changed,
                              sizeof(changed),
                              "%sid: %s%s",
                              text,
                              id,
                              at + sizeof(head) - 1U);

    (void)snprintf(path, sizeof(path), "%s/%s.yaml", folder, id);
    assert_int_equal(
        dg_file_write(path,
                      (dg_span){(const uint8_t *)changed, (size_t)size},
                      0644,
                      NULL),
        DG_OK);
}

static void test_catalogue__several_entries__sorted_by_id(void **state)
{
    static const char *const ids[] = {"m-2", "a", "z", "m-10", "b"};
    static const char *const sorted[] = {"a", "b", "m-10", "m-2", "z"};
    struct dg_catalogue catalogue;
    char path[80];
    size_t at = 0;

    (void)state;
    (void)unlink(file);
    for (size_t i = 0; i < 5U; i++) {
        write_copy(ids[i]);
    }
    assert_int_equal(dg_catalogue_open(folder, &table, &catalogue, NULL),
                     DG_OK);
    assert_int_equal(catalogue.count, 5);
    for (const struct dg_catalogue_entry *e = catalogue.entries; e != NULL;
         e = e->next) {
        assert_string_equal(e->id, sorted[at]);
        at++;
    }
    dg_catalogue_free(&catalogue);
    for (size_t i = 0; i < 5U; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s.yaml", folder, ids[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_catalogue__no_folder_or_empty__refused(void **state)
{
    struct dg_catalogue catalogue;
    struct dg_problem problem = {""};

    (void)state;
    (void)unlink(file);
    assert_int_equal(dg_catalogue_open("no/such", &table, &catalogue, &problem),
                     DG_E_PORT);
    dg_catalogue_free(&catalogue);
    assert_int_equal(dg_catalogue_open(folder, &table, &catalogue, &problem),
                     DG_E_MALFORMED);
    dg_catalogue_free(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue__ours__whole_and_rated),
        cmocka_unit_test(test_catalogue__wrong_entry__refused_with_line),
        cmocka_unit_test(test_catalogue__several_entries__sorted_by_id),
        cmocka_unit_test(test_catalogue__no_folder_or_empty__refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
