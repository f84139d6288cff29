/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/catalogue.h"
#include "eval/profile.h"

static char file[] = "profile-test-XXXXXX";

static void test_profile__ours__is_whole(void **state)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(dg_profile_open(DG_SPEC "/profiles/connected-device.yaml",
                                     &profile,
                                     &problem),
                     DG_OK);
    assert_string_equal(profile.id, "connected-device");
    assert_int_equal(profile.van, 4);
    assert_true(profile.count >= 20U);
    for (size_t i = 0U; i < profile.count; i++) {
        assert_true(strlen(profile.requirements[i].plain) > 20U);
    }
    dg_profile_free(&profile);
}

/* A test that checks what the profile does not ask for would judge a product
 * by a rule that nobody claimed. */
static void test_profile__ours__asks_for_what_the_catalogue_tests(void **state)
{
    struct dg_profile profile;
    struct dg_catalogue catalogue;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(dg_profile_open(DG_SPEC "/profiles/connected-device.yaml",
                                     &profile,
                                     &problem),
                     DG_OK);
    assert_int_equal(
        dg_catalogue_open(DG_SPEC "/catalogue", NULL, &catalogue, &problem),
        DG_OK);
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        for (size_t i = 0U; i < entry->requirement_count; i++) {
            bool is_there = false;

            for (size_t at = 0U; at < profile.count; at++) {
                is_there = is_there || (strcmp(profile.requirements[at].id,
                                               entry->requirements[i]) == 0);
            }
            if (!is_there) {
                fail_msg("%s tests %s, which the profile does not ask for",
                         entry->id,
                         entry->requirements[i]);
            }
        }
    }
    dg_catalogue_free(&catalogue);
    dg_profile_free(&profile);
}

#define GOOD                                                  \
    "id: other\nversion: \"2\"\ntitle: Another profile\n"     \
    "package:\n  id: high\n  title: High\n  van: 5\n"         \
    "ceilings_permille:\n"                                    \
    "  automatic: {dose: 1, 5min: 1, 1h: 1, 4h: 1, 24h: 1}\n" \
    "  total: {dose: 2, 5min: 2, 1h: 2, 4h: 2, 24h: 2}\n"     \
    "requirements:\n  - id: FDP_X.1\n    rev: 1\n    plain: One.\n"

static enum dg_status open_text(const char *text, struct dg_profile *profile)
{
    struct dg_problem problem = {""};
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);

    const enum dg_status status = dg_profile_open(file, profile, &problem);

    if (status != DG_OK) {
        assert_non_null(strstr(problem.text, file));
    }
    return status;
}

/* Another profile and package take the place of ours as data. */
static void test_profile__another__is_read_without_a_change_of_code(
    void **state)
{
    struct dg_profile profile;

    (void)state;
    assert_int_equal(open_text(GOOD, &profile), DG_OK);
    assert_string_equal(profile.title, "Another profile");
    assert_int_equal(profile.van, 5);
    assert_int_equal(profile.count, 1U);
    assert_int_equal(profile.automatic_permille[4], 1);
    assert_int_equal(profile.total_permille[0], 2);
    dg_profile_free(&profile);
}

static void test_profile__wrong__is_refused_with_its_file(void **state)
{
    static const char extra_key[] = GOOD "extra: 1\n";
    static const char twice[] =
        GOOD "  - id: FDP_X.1\n    rev: 1\n    plain: Twice.\n";
    static const char undecided[] =
        GOOD "  - id: FDP_X.2\n    rev: 0\n    plain: Never decided.\n";
    static const char no_plain[] = GOOD "  - id: FDP_X.2\n    rev: 1\n";
    static const char no_such_level[] =
        "id: other\nversion: \"2\"\ntitle: t\n"
        "package:\n  id: h\n  title: H\n  van: 6\nrequirements: []\n";
    static const char *const wrong[] = {"",
                                        "id: other\n",
                                        extra_key,
                                        twice,
                                        undecided,
                                        no_plain,
                                        no_such_level};

    (void)state;
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        struct dg_profile profile;

        if (open_text(wrong[i], &profile) != DG_E_MALFORMED) {
            fail_msg("taken: %s", wrong[i]);
        }
        dg_profile_free(&profile);
    }
}

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemp(file);

    return (fd < 0) ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile__ours__is_whole),
        cmocka_unit_test(test_profile__ours__asks_for_what_the_catalogue_tests),
        cmocka_unit_test(
            test_profile__another__is_read_without_a_change_of_code),
        cmocka_unit_test(test_profile__wrong__is_refused_with_its_file),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
