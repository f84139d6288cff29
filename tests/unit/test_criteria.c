/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/criteria.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "eval/file.h"

#define COLUMNS   12U
#define TABLE_MAX (256U * 1024U)

/* A table of /vectors/criteria, walked row by row. */
struct table {
    char *text;
    char *at;
    char *cell[COLUMNS];
    size_t columns;
};

static bool open_table(struct table *table, const char *name)
{
    char path[512];
    dg_span bytes = {NULL, 0U};

    (void)snprintf(path, sizeof path, "%s/criteria/%s", DG_VECTORS, name);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        return false;
    }
    assert_int_equal(dg_file_read(path, TABLE_MAX, &bytes, NULL), DG_OK);
    table->text = calloc(1U, bytes.size + 1U);
    assert_non_null(table->text);
    memcpy(table->text, bytes.at, bytes.size);
    dg_file_free(bytes);
    table->at = table->text;
    return true;
}

static bool next_row(struct table *table)
{
    char *end = strchr(table->at, '\n');

    if (end == NULL) {
        free(table->text);
        return false;
    }
    *end = '\0';
    table->columns = 0U;
    for (char *cell = table->at; (cell != NULL) && (table->columns < COLUMNS);
         table->columns++) {
        table->cell[table->columns] = cell;
        cell = strchr(cell, '\t');
        if (cell != NULL) {
            *cell = '\0';
            cell++;
        }
    }
    table->at = end + 1;
    return true;
}

static void open_edition(const char *edition, struct dg_criteria *criteria)
{
    struct dg_problem problem = {""};

    if (dg_criteria_open(DG_SPEC "/criteria", edition, criteria, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
}

/* Our needs in the words of the table: "A; (B | C)". */
static void say_needs(const struct dg_component *component,
                      char *text,
                      size_t size)
{
    size_t used = 0U;

    text[0] = '\0';
    for (size_t i = 0U; i < component->need_count; i++) {
        const struct dg_alternatives *group = &component->needs[i];
        const bool is_one = group->count == 1U;

        used += (size_t)snprintf(&text[used],
                                 size - used,
                                 "%s%s",
                                 (i == 0U) ? "" : "; ",
                                 is_one ? "" : "(");
        for (size_t at = 0U; at < group->count; at++) {
            used += (size_t)snprintf(&text[used],
                                     size - used,
                                     "%s%s",
                                     (at == 0U) ? "" : " | ",
                                     group->any[at]);
        }
        used +=
            (size_t)snprintf(&text[used], size - used, "%s", is_one ? "" : ")");
    }
}

static unsigned number(const char *cell)
{
    return (unsigned)strtoul(cell, NULL, 10);
}

static void compare_row(const struct dg_criteria *criteria,
                        const struct table *table,
                        bool is_assurance)
{
    const struct dg_component *own = dg_criteria_find(criteria, table->cell[0]);
    char needs[512];

    if (own == NULL) {
        fail_msg("%s is not in edition %s", table->cell[0], criteria->edition);
        return;
    }
    assert_int_equal(own->is_assurance, is_assurance);
    assert_string_equal((own->over_count == 0U) ? "" : own->over[0],
                        table->cell[2]);
    say_needs(own, needs, sizeof needs);
    assert_string_equal(needs, table->cell[3]);
    if (is_assurance) {
        assert_int_equal(own->elements,
                         number(table->cell[4]) + number(table->cell[5]) +
                             number(table->cell[6]));
    } else {
        assert_int_equal(own->elements, number(table->cell[4]));
        assert_int_equal(own->fills, number(table->cell[5]));
        assert_int_equal(own->picks, number(table->cell[6]));
    }
}

static void compare_edition(const char *edition,
                            const char *functional,
                            const char *assurance)
{
    const char *const names[] = {functional, assurance};
    struct dg_criteria criteria;
    size_t rows = 0U;

    open_edition(edition, &criteria);
    for (size_t i = 0U; i < 2U; i++) {
        struct table table;

        if (!open_table(&table, names[i])) {
            dg_criteria_free(&criteria);
            skip();
        }
        assert_true(next_row(&table)); /* names of the columns */
        while (next_row(&table)) {
            compare_row(&criteria, &table, i == 1U);
            rows++;
        }
    }
    /* Each of theirs is one of ours, and ours are as many. */
    assert_int_equal(rows, criteria.count);
    print_message("%zu components of %s\n", rows, edition);
    dg_criteria_free(&criteria);
}

static void test_criteria__31r5__is_the_published_table(void **state)
{
    (void)state;
    compare_edition("3.1R5", "sfr_deps_31R5.tsv", "sar_deps_31R5.tsv");
}

static void test_criteria__2022__is_the_table_of_revision_0_9(void **state)
{
    (void)state;
    compare_edition("2022", "sfr_deps_2022.tsv", "sar_deps_2022.tsv");
}

static void test_criteria__packages__are_the_published_ones(void **state)
{
    struct dg_criteria criteria;
    struct table table;
    size_t cells = 0U;
    size_t own = 0U;
    char names[COLUMNS][8];

    (void)state;
    open_edition("3.1R5", &criteria);
    if (!open_table(&table, "eal_table.tsv")) {
        dg_criteria_free(&criteria);
        skip();
    }
    assert_true(next_row(&table));
    for (size_t i = 1U; i < table.columns; i++) {
        (void)snprintf(names[i], sizeof names[i], "%.7s", table.cell[i]);
        if (names[i][3] == '_') {
            names[i][3] = '-';
        }
    }
    while (next_row(&table)) {
        for (size_t i = 1U; i < table.columns; i++) {
            const struct dg_criteria_package *package =
                dg_criteria_package(&criteria, names[i]);
            char id[32];
            bool is_there = false;

            assert_non_null(package);
            (void)snprintf(
                id, sizeof id, "%s.%s", table.cell[0], table.cell[i]);
            for (size_t at = 0U; at < package->count; at++) {
                is_there =
                    is_there || (strcmp(package->components[at], id) == 0);
            }
            assert_int_equal(is_there, table.cell[i][0] != '-');
            cells += is_there ? 1U : 0U;
        }
    }
    for (size_t i = 0U; i < criteria.package_count; i++) {
        own += criteria.packages[i].count;
    }
    assert_int_equal(own, cells);
    assert_int_equal(criteria.package_count, 10);
    dg_criteria_free(&criteria);
}

static void test_criteria__closure__is_the_published_one(void **state)
{
    struct table table;
    size_t rows = 0U;

    (void)state;
    if (!open_table(&table, "sar_closure.tsv")) {
        skip();
    }
    assert_true(next_row(&table));
    while (next_row(&table)) {
        const struct dg_component *set[DG_CLOSURE_MAX];
        struct dg_criteria criteria;
        char text[512] = "";
        size_t used = 0U;

        open_edition((table.cell[0][0] == '3') ? "3.1R5" : "2022", &criteria);

        const size_t count = dg_criteria_closure(&criteria, table.cell[1], set);

        for (size_t i = 0U; i < count; i++) {
            used += (size_t)snprintf(&text[used],
                                     sizeof text - used,
                                     "%s%s",
                                     (i == 0U) ? "" : "; ",
                                     set[i]->id);
        }
        if (strcmp(text, table.cell[2]) != 0) {
            fail_msg("%s of %s: %s", table.cell[1], table.cell[0], text);
        }
        dg_criteria_free(&criteria);
        rows++;
    }
    assert_true(rows >= 40U);
}

/* @verifies{EVL_CRITERIA.1@1}
 * Known from the criteria, without any table beside ours. */
static void test_criteria__hierarchy__is_read_and_not_counted(void **state)
{
    struct dg_criteria criteria;

    (void)state;
    open_edition("3.1R5", &criteria);
    assert_true(dg_criteria_meets(&criteria, "FAU_STG.2", "FAU_STG.1"));
    assert_true(dg_criteria_meets(&criteria, "AVA_VAN.5", "AVA_VAN.1"));
    assert_true(dg_criteria_meets(&criteria, "FIA_UAU.2", "FIA_UAU.1"));
    assert_false(dg_criteria_meets(&criteria, "FIA_UAU.3", "FIA_UAU.2"));
    assert_false(dg_criteria_meets(&criteria, "FDP_IFF.3", "FDP_IFF.2"));
    assert_false(dg_criteria_meets(&criteria, "AVA_VAN.1", "AVA_VAN.5"));
    assert_false(dg_criteria_meets(&criteria, "FXX_NON.1", "FXX_NON.2"));
    assert_null(dg_criteria_find(&criteria, "FCS_CKM.6"));
    assert_non_null(dg_criteria_package(&criteria, "EAL4"));
    dg_criteria_free(&criteria);
    open_edition("2022", &criteria);
    assert_non_null(dg_criteria_find(&criteria, "FCS_CKM.6"));
    assert_null(dg_criteria_package(&criteria, "EAL4"));
    dg_criteria_free(&criteria);
}

/* Every evaluation assurance level is closed: what a component of it needs is
 * in it. */
static void test_criteria__every_eal__is_closed(void **state)
{
    struct dg_criteria criteria;

    (void)state;
    open_edition("3.1R5", &criteria);
    for (size_t i = 0U; i < criteria.package_count; i++) {
        const struct dg_criteria_package *package = &criteria.packages[i];

        for (size_t at = 0U;
             (strncmp(package->id, "EAL", 3U) == 0) && (at < package->count);
             at++) {
            const struct dg_component *set[DG_CLOSURE_MAX];
            const size_t count =
                dg_criteria_closure(&criteria, package->components[at], set);

            for (size_t n = 0U; n < count; n++) {
                bool is_met = false;

                for (size_t m = 0U; m < package->count; m++) {
                    is_met = is_met || dg_criteria_meets(&criteria,
                                                         package->components[m],
                                                         set[n]->id);
                }
                assert_true(is_met);
            }
        }
    }
    dg_criteria_free(&criteria);
}

static char folder[] = "criteria-test-XXXXXX";

static void write_part(const char *name, const char *text)
{
    char path[96];

    (void)snprintf(path, sizeof path, "%s/%s-3.1R5.yaml", folder, name);
    assert_int_equal(
        dg_file_write(
            path, (dg_span){(const uint8_t *)text, strlen(text)}, 0644, NULL),
        DG_OK);
}

#define HEAD_F "edition: \"3.1R5\"\nkind: functional\nfamilies:\n"
#define HEAD_A "edition: \"3.1R5\"\nkind: assurance\nfamilies:\n"
#define GOOD_A HEAD_A "  AXX_AAA:\n    1: {elements: [1, 1, 1]}\n"

static void test_criteria__wrong_table__is_refused(void **state)
{
    static const struct {
        const char *functional;
        const char *says;
    } wrong[] = {
        {HEAD_F "  FXX_AAA:\n    1: {elements: 1, needs: [FXX_NON.1]}\n",
         "names FXX_NON.1"},
        {HEAD_F "  FXX_AAA:\n    1: {elements: 1, over: [FXX_AAA.2]}\n"
                "    2: {elements: 1, over: [FXX_AAA.1]}\n",
         "above itself"},
        {HEAD_F "  FXX_AAA:\n    1: {elements: 0}\n", ":5: 'elements'"},
        {HEAD_F "  FXX_AAA:\n    one: {elements: 1}\n", "no number"},
        {HEAD_F "  FXX_AAA:\n    1: {elements: 1, more: 1}\n", "unknown key"},
        {HEAD_F "  FXX_AAA:\n    1: {elements: 1, needs: [[]]}\n", "empty"},
        {HEAD_A "  FXX_AAA:\n    1: {elements: 1}\n", "must be functional"},
        {"edition: \"4\"\nkind: functional\nfamilies: {}\n", "not 3.1R5"},
    };

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_part("assurance", GOOD_A);
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        struct dg_criteria criteria;
        struct dg_problem problem = {""};

        write_part("functional", wrong[i].functional);
        assert_int_equal(dg_criteria_open(folder, "3.1R5", &criteria, &problem),
                         DG_E_MALFORMED);
        if (strstr(problem.text, wrong[i].says) == NULL) {
            fail_msg("%s: %s", wrong[i].functional, problem.text);
        }
        dg_criteria_free(&criteria);
    }
}

static int remove_folder(void **state)
{
    char path[96];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/functional-3.1R5.yaml", folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/assurance-3.1R5.yaml", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_criteria__31r5__is_the_published_table),
        cmocka_unit_test(test_criteria__2022__is_the_table_of_revision_0_9),
        cmocka_unit_test(test_criteria__packages__are_the_published_ones),
        cmocka_unit_test(test_criteria__closure__is_the_published_one),
        cmocka_unit_test(test_criteria__hierarchy__is_read_and_not_counted),
        cmocka_unit_test(test_criteria__every_eal__is_closed),
        cmocka_unit_test(test_criteria__wrong_table__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
