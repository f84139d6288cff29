/* SPDX-License-Identifier: Apache-2.0 */
/* Our profiles and packages against the tables of the Common Criteria: nothing
 * of a component was left out or made up. */
#include "cmocka_all.h"

#include <string.h>

#include "eval/profile/profile.h"
#include "eval/target/criteria.h"

static const char *const ours[] = {
    DG_SPEC "/profiles/connected-device.yaml",
    DG_SPEC "/profiles/mobile-control.yaml",
    DG_SPEC "/../examples/profiles/smart-pen.yaml",
};

static const char *const packages[] = {
    DG_SPEC "/profiles/packages/enhanced-basic.yaml",
    DG_SPEC "/profiles/packages/moderate.yaml",
    DG_SPEC "/profiles/packages/high.yaml",
};

static struct dg_criteria criteria;

static void open_or_fail(const char *path, struct dg_profile *profile)
{
    struct dg_problem problem = {""};

    if (dg_profile_open(path, profile, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
}

static unsigned operations(const struct dg_sfr *sfr,
                           enum dg_operation_kind kind)
{
    unsigned count = 0U;

    for (size_t i = 0U; i < sfr->count; i++) {
        for (size_t at = 0U; at < sfr->elements[i].count; at++) {
            count += (sfr->elements[i].operations[at].kind == kind) ? 1U : 0U;
        }
    }
    return count;
}

/* Elements, assignments and selections as Part 2 has them, and no component
 * that it has not. */
static void test_profiles__components__have_all_of_part_2(void **state)
{
    size_t compared = 0U;

    (void)state;
    for (size_t one = 0U; one < (sizeof ours / sizeof ours[0]); one++) {
        struct dg_profile profile;

        open_or_fail(ours[one], &profile);
        assert_string_equal(dg_edition_word(profile.edition), criteria.edition);
        for (size_t i = 0U; i < profile.sfr_count; i++) {
            const struct dg_sfr *sfr = &profile.sfrs[i];
            const struct dg_component *component =
                dg_criteria_find(&criteria, sfr->component);

            if (dg_component_is_extended(sfr->component)) {
                assert_null(component);
                continue;
            }
            if ((component == NULL) || (component->elements != sfr->count) ||
                (component->fills !=
                 operations(sfr, DG_OPERATION_ASSIGNMENT)) ||
                (component->picks != operations(sfr, DG_OPERATION_SELECTION))) {
                fail_msg("%s:%zu: %s is not as in Part 2",
                         profile.file,
                         sfr->line,
                         sfr->id);
            }
            compared++;
        }
        dg_profile_free(&profile);
    }
    assert_true(compared > 40U);
}

static bool is_met(const struct dg_profile *profile,
                   const struct dg_alternatives *need)
{
    for (size_t any = 0U; any < need->count; any++) {
        const struct dg_component *other =
            dg_criteria_find(&criteria, need->any[any]);

        /* A package brings the assurance. */
        if ((other != NULL) && other->is_assurance &&
            (profile->sar_count == 0U)) {
            return true;
        }
        for (size_t i = 0U; i < profile->sfr_count; i++) {
            if (dg_criteria_meets(
                    &criteria, profile->sfrs[i].component, need->any[any])) {
                return true;
            }
        }
        for (size_t i = 0U; i < profile->sar_count; i++) {
            if (dg_criteria_meets(
                    &criteria, profile->sars[i].component, need->any[any])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_waived(const struct dg_sfr *sfr,
                      const struct dg_alternatives *need)
{
    for (size_t any = 0U; any < need->count; any++) {
        for (size_t i = 0U; i < sfr->waiver_count; i++) {
            if (strcmp(sfr->waivers[i].component, need->any[any]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* What a component needs is there, or it is said why not; what is waived is
 * needed. */
static void test_profiles__dependencies__are_met_or_waived(void **state)
{
    (void)state;
    for (size_t one = 0U; one < 2U; one++) {
        struct dg_profile profile;

        open_or_fail(ours[one], &profile);
        for (size_t i = 0U; i < profile.sfr_count; i++) {
            const struct dg_sfr *sfr = &profile.sfrs[i];
            const struct dg_component *component =
                dg_criteria_find(&criteria, sfr->component);
            size_t waived = 0U;

            for (size_t at = 0U;
                 (component != NULL) && (at < component->need_count);
                 at++) {
                const struct dg_alternatives *need = &component->needs[at];
                const bool is_there = is_met(&profile, need);

                if (is_there == is_waived(sfr, need)) {
                    fail_msg("%s:%zu: %s: %s is %s",
                             profile.file,
                             sfr->line,
                             sfr->id,
                             need->any[0],
                             is_there ? "met and waived" : "not met");
                }
                waived += is_there ? 0U : 1U;
            }
            assert_true((component == NULL) || (waived == sfr->waiver_count));
        }
        dg_profile_free(&profile);
    }
}

static void test_packages__are_closed_under_dependencies(void **state)
{
    (void)state;
    for (size_t one = 0U; one < (sizeof packages / sizeof packages[0]); one++) {
        struct dg_profile package;

        open_or_fail(packages[one], &package);
        for (size_t i = 0U; i < package.sar_count; i++) {
            const struct dg_component *component =
                dg_criteria_find(&criteria, package.sars[i].component);

            assert_non_null(component);
            assert_true(component->is_assurance);
            for (size_t at = 0U; at < component->need_count; at++) {
                if (!is_met(&package, &component->needs[at])) {
                    fail_msg("%s: %s needs %s",
                             package.file,
                             component->id,
                             component->needs[at].any[0]);
                }
            }
        }
        dg_profile_free(&package);
    }
}

static int set_up(void **state)
{
    struct dg_problem problem = {""};

    (void)state;
    return (dg_criteria_open(
                DG_SPEC "/criteria", "3.1R5", &criteria, &problem) == DG_OK)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_criteria_free(&criteria);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles__components__have_all_of_part_2),
        cmocka_unit_test(test_profiles__dependencies__are_met_or_waived),
        cmocka_unit_test(test_packages__are_closed_under_dependencies),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
