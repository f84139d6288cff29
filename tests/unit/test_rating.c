/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rating.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/file.h"
#include "sample_run.h"

#define FACTORS   5U
#define COLUMNS   16U
#define LINE_SIZE 1024U

static struct dg_crypto crypto;
static struct dg_rating_table table;

static const char *const factor_ids[FACTORS] = {
    "elapsed_time", "expertise", "knowledge", "window", "equipment"};

static int set_up(void **state)
{
    struct dg_problem problem = {""};
    const dg_span bytes = sample_spec("rating/cem-3.1r5.yaml");

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    if (dg_rating_table_parse(&crypto, bytes, "cem", &table, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
    dg_file_free(bytes);
    return 0;
}

/* Five choices in a row, ended for the list. */
static const struct dg_rating_choice *choose(
    struct dg_rating_choice choices[FACTORS], const char *const levels[FACTORS])
{
    for (size_t i = 0; i < FACTORS; i++) {
        choices[i] = (struct dg_rating_choice){
            (i + 1U < FACTORS) ? &choices[i + 1U] : NULL,
            factor_ids[i],
            levels[i],
            false,
            0,
            "",
            "",
            ""};
    }
    return choices;
}

/* Split a line of tab separated values in place; empty values stay. */
static size_t split(char *line, char *column[COLUMNS])
{
    size_t count = 0;

    line[strcspn(line, "\r\n")] = '\0';
    while ((line != NULL) && (count < COLUMNS)) {
        char *tab = strchr(line, '\t');

        column[count] = line;
        count++;
        if (tab != NULL) {
            *tab = '\0';
            tab++;
        }
        line = tab;
    }
    while (count < COLUMNS) {
        column[count] = line == NULL ? strchr(column[0], '\0') : line;
        count++;
    }
    return count;
}

static FILE *open_vectors(const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/criteria/%s", DG_VECTORS, name);

    FILE *file = fopen(path, "r");

    if (file == NULL) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    return file;
}

static const char *outcome_of(const struct dg_rating *rating, unsigned claimed)
{
    const struct dg_rating_scenario one = {DG_RATING_SUCCESSFUL, *rating};

    if (!rating->is_exploitable) {
        return "not-exploitable";
    }
    return (dg_rating_assess(&one, 1, claimed).verdict == DG_RATING_FAIL)
               ? "contradiction"
               : "no-contradiction";
}

/* Columns of cem_examples.tsv. */
enum { ID, STATUS, TIME, SUM_GIVEN = 7, CLAIMED, SUM, REQUIRED, RESISTANT };
enum { HIGHEST = 12, OUTCOME = 13 };

static struct dg_rating rate_row(char *column[COLUMNS])
{
    struct dg_rating_choice choices[FACTORS];
    struct dg_rating rating = {false, 0, NULL};
    struct dg_problem problem = {""};

    if (column[SUM_GIVEN][0] != '\0') {
        return dg_rating_of_sum(&table,
                                (unsigned)strtoul(column[SUM_GIVEN], NULL, 10));
    }

    const char *const levels[FACTORS] = {column[TIME],
                                         column[TIME + 1],
                                         column[TIME + 2],
                                         column[TIME + 3],
                                         column[TIME + 4]};

    if (dg_rating_rate(&table, choose(choices, levels), &rating, &problem) !=
        DG_OK) {
        fail_msg("%s: %s", column[ID], problem.text);
    }
    return rating;
}

static void check_row(char *column[COLUMNS])
{
    const struct dg_rating rating = rate_row(column);

    print_message("%s ", column[ID]);
    if (strcmp(column[SUM], "NE") == 0) {
        assert_false(rating.is_exploitable);
        assert_null(rating.range);
    } else {
        assert_true(rating.is_exploitable);
        assert_string_equal(rating.range->required, column[REQUIRED]);
        assert_string_equal(rating.range->resistant_to, column[RESISTANT]);
        assert_int_equal(rating.range->van, strtoul(column[HIGHEST], NULL, 10));
        /* The published text does not add up there: the band only. */
        if (strcmp(column[STATUS], "published-inconsistent") != 0) {
            assert_int_equal(rating.sum, strtoul(column[SUM], NULL, 10));
        }
    }
    if (column[OUTCOME][0] != '\0') {
        const unsigned claimed = (unsigned)strtoul(column[CLAIMED], NULL, 10);

        assert_string_equal(outcome_of(&rating, claimed), column[OUTCOME]);
    }
}

/* @verifies{EVL_RATE.1@1} */
static void test_rating__published_examples__same_result(void **state)
{
    FILE *file = open_vectors("cem_examples.tsv");
    char line[LINE_SIZE];
    char *column[COLUMNS];
    size_t rows = 0;

    (void)state;
    assert_non_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file) != NULL) {
        (void)split(line, column);
        check_row(column);
        rows++;
    }
    (void)fclose(file);
    print_message("\n%zu rows\n", rows);
    assert_int_equal(rows, 80);
}

static enum dg_rating_state state_of(const char *word)
{
    if (strcmp(word, "successful") == 0) {
        return DG_RATING_SUCCESSFUL;
    }
    if (strcmp(word, "unsuccessful") == 0) {
        return DG_RATING_UNSUCCESSFUL;
    }
    assert_string_equal(word, "undetermined");
    return DG_RATING_UNDETERMINED;
}

static size_t read_scenarios(char *text, struct dg_rating_scenario list[8])
{
    size_t count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        char *colon = strchr(word, ':');

        assert_non_null(colon);
        *colon = '\0';
        list[count].state = state_of(colon + 1);
        list[count].rating =
            (strcmp(word, "NE") == 0)
                ? (struct dg_rating){false, 0, NULL}
                : dg_rating_of_sum(&table, (unsigned)strtoul(word, NULL, 10));
        count++;
    }
    return count;
}

static void test_rating__published_assessments__same_verdict(void **state)
{
    static const char *const names[] = {"none", "pass", "fail", "inconclusive"};
    FILE *file = open_vectors("cem_assessments.tsv");
    char line[LINE_SIZE];
    char *column[COLUMNS];
    size_t rows = 0;

    (void)state;
    assert_non_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file) != NULL) {
        struct dg_rating_scenario list[8];

        (void)split(line, column);
        print_message("%s ", column[ID]);

        const size_t count = read_scenarios(column[3], list);
        const struct dg_rating_assessment got = dg_rating_assess(
            list, count, (unsigned)strtoul(column[2], NULL, 10));

        assert_string_equal(names[got.verdict], column[4]);
        assert_int_equal(got.has_cheapest, strcmp(column[5], "-") != 0);
        if (got.has_cheapest) {
            assert_int_equal(list[got.cheapest].rating.sum,
                             strtoul(column[5], NULL, 10));
        }
        rows++;
    }
    (void)fclose(file);
    print_message("\n%zu rows\n", rows);
    assert_int_equal(rows, 14);
}

/* The points and ranges of the published table, from the vectors, against our
 * file: every level and every sum 0 to 57. */
static void test_rating__published_table__same_points(void **state)
{
    FILE *file = open_vectors("cem_attack_potential.tsv");
    char line[LINE_SIZE];
    char *column[COLUMNS];
    size_t rows = 0;

    (void)state;
    assert_non_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file) != NULL) {
        (void)split(line, column);

        const struct dg_rating_factor *factor =
            dg_rating_table_factor(&table, column[0]);

        assert_non_null(factor);

        const struct dg_rating_level *level =
            dg_rating_factor_level(factor, column[1]);

        assert_non_null(level);
        assert_int_equal(level->is_exploitable, strcmp(column[2], "NE") != 0);
        assert_int_equal(level->points, strtoul(column[2], NULL, 10));
        rows++;
    }
    (void)fclose(file);

    size_t own = 0;

    for (size_t i = 0; i < table.factors; i++) {
        own += table.factor[i].count;
    }
    assert_int_equal(own, rows);
}

/* @verifies{EVL_RATE.1@1} */
static void test_rating__every_sum__right_band(void **state)
{
    (void)state;
    for (unsigned sum = 0; sum <= 57U; sum++) {
        const unsigned van = (sum >= 25U)   ? 5U
                             : (sum >= 20U) ? 4U
                             : (sum >= 14U) ? 3U
                             : (sum >= 10U) ? 2U
                                            : 0U;

        assert_int_equal(dg_rating_of_sum(&table, sum).range->van, van);
    }
}

static enum dg_status rate_adjusted(size_t factor,
                                    const char *level,
                                    unsigned points,
                                    const char *reason,
                                    unsigned *sum)
{
    const char *const levels[FACTORS] = {
        "le_1_day", "layman", "public", "unlimited", "standard"};
    struct dg_rating_choice choices[FACTORS];
    struct dg_rating rating = {false, 0, NULL};

    (void)choose(choices, levels);
    choices[factor].level = level;
    choices[factor].is_adjusted = true;
    choices[factor].points = points;
    choices[factor].reason = reason;

    const enum dg_status status =
        dg_rating_rate(&table, choices, &rating, NULL);

    *sum = rating.sum;
    return status;
}

/* The text's own examples: twenty samples between easy and moderate, a lightly
 * altered public design between public and restricted. */
static void test_rating__value_between_levels__taken_with_reason(void **state)
{
    unsigned sum = 0;

    (void)state;
    assert_int_equal(rate_adjusted(3, "easy", 3, "20 samples", &sum), DG_OK);
    assert_int_equal(sum, 3);
    assert_int_equal(rate_adjusted(2, "public", 2, "altered", &sum), DG_OK);
    assert_int_equal(sum, 2);
    assert_int_equal(rate_adjusted(4, "multiple_bespoke", 8, "x", &sum), DG_OK);
}

static void test_rating__value_beside_neighbours__refused(void **state)
{
    unsigned sum = 0;

    (void)state;
    assert_int_equal(rate_adjusted(3, "easy", 3, "", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(3, "easy", 0, "x", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(3, "easy", 4, "x", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(2, "public", 0, "x", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(3, "difficult", 11, "x", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(3, "none", 1, "x", &sum), DG_E_RANGE);
    assert_int_equal(rate_adjusted(4, "multiple_bespoke", 10, "x", &sum),
                     DG_E_RANGE);
}

static void test_rating__set_not_whole__refused(void **state)
{
    const char *const levels[FACTORS] = {
        "le_1_day", "layman", "public", "unlimited", "standard"};
    struct dg_rating_choice choices[FACTORS];
    struct dg_rating rating = {false, 77, NULL};

    (void)state;
    (void)choose(choices, levels);
    choices[3].next = NULL; /* no equipment */
    assert_int_equal(dg_rating_rate(&table, choices, &rating, NULL),
                     DG_E_MALFORMED);
    (void)choose(choices, levels);
    choices[4].factor = "window"; /* twice */
    assert_int_equal(dg_rating_rate(&table, choices, &rating, NULL),
                     DG_E_MALFORMED);
    (void)choose(choices, levels);
    choices[1].level = "wizard";
    assert_int_equal(dg_rating_rate(&table, choices, &rating, NULL),
                     DG_E_MALFORMED);
    assert_int_equal(rating.sum, 77);
}

static void test_rating__scenario_without_state__never_pass(void **state)
{
    const struct dg_rating_scenario one = {DG_RATING_STATE_NONE,
                                           dg_rating_of_sum(&table, 40)};

    (void)state;
    assert_int_equal(dg_rating_assess(&one, 1, 1).verdict,
                     DG_RATING_INCONCLUSIVE);
    assert_int_equal(dg_rating_assess(&one, 1, 1).van, 0);
}

static void test_rating__second_table__replaces_the_first(void **state)
{
    static const char other[] =
        "id: other\nversion: '1'\ntitle: t\nsource: s\n"
        "factors:\n  - id: luck\n    title: Luck\n    levels:\n"
        "      - {id: much, label: much, points: 0}\n"
        "      - {id: little, label: little, points: 50}\n"
        "ranges:\n  - {from: 0, required: a, resistant_to: b, van: 1}\n"
        "  - {from: 50, required: c, resistant_to: d, van: 5}\n";
    const struct dg_rating_choice choice = {
        NULL, "luck", "little", false, 0, "", "", ""};
    struct dg_rating_table second;
    struct dg_rating rating;

    (void)state;
    assert_int_equal(dg_rating_table_parse(
                         &crypto,
                         (dg_span){(const uint8_t *)other, sizeof(other) - 1U},
                         "other",
                         &second,
                         NULL),
                     DG_OK);
    assert_int_equal(dg_rating_rate(&second, &choice, &rating, NULL), DG_OK);
    assert_int_equal(rating.sum, 50);
    assert_int_equal(rating.range->van, 5);
    assert_string_not_equal(second.digest, table.digest);
    assert_int_equal(strlen(second.digest), 64);
}

static void expect_bad_table(const char *find, const char *replace)
{
    const dg_span bytes = sample_spec("rating/cem-3.1r5.yaml");
    struct dg_rating_table bad;
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
        dg_rating_table_parse(&crypto,
                              (dg_span){(const uint8_t *)changed, (size_t)size},
                              "t.yaml",
                              &bad,
                              &problem),
        DG_E_MALFORMED);
    assert_memory_equal(problem.text, "t.yaml:", 7);
}

static void test_rating__table_that_does_not_rise__refused(void **state)
{
    (void)state;
    expect_bad_table("one week or less, points: 1", "w, points: 0");
    expect_bad_table("from: 14", "from: 10");
    expect_bad_table("from: 0,", "from: 1,");
    expect_bad_table("id: expertise", "id: window");
    expect_bad_table("{id: layman,", "{id: expert,");
    expect_bad_table("van: 3", "van: 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rating__published_examples__same_result),
        cmocka_unit_test(test_rating__published_assessments__same_verdict),
        cmocka_unit_test(test_rating__published_table__same_points),
        cmocka_unit_test(test_rating__every_sum__right_band),
        cmocka_unit_test(test_rating__value_between_levels__taken_with_reason),
        cmocka_unit_test(test_rating__value_beside_neighbours__refused),
        cmocka_unit_test(test_rating__set_not_whole__refused),
        cmocka_unit_test(test_rating__scenario_without_state__never_pass),
        cmocka_unit_test(test_rating__second_table__replaces_the_first),
        cmocka_unit_test(test_rating__table_that_does_not_rise__refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
