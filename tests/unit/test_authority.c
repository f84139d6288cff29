/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/authority.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1000000U

/* The oracle: the tables of SAFETY.md ("Authority", "Approval tiers",
 * "Updates") and of docs/adr/0018, each rung as what it adds to the one below,
 * in words.  Written apart from core/authority.c, which lists every cell of
 * every rung. */
struct needs {
    const char *evidence;
    const char *oldest; /* "10 min", "24 h"; "": at any age */
};

#define ADDS_MAX 5U

static const struct needs observe_adds[ADDS_MAX] = {{"key", "24 h"}};
static const struct needs protect_adds[ADDS_MAX] = {{"role", ""}};
static const struct needs button_adds[ADDS_MAX] = {
    {"lease", "30 min"}, {"presence", ""}, {"device battery", ""}};
static const struct needs dose_adds[ADDS_MAX] = {
    {"app", "24 h"}, {"platform", "24 h"}, {"qualified", "24 h"}};
static const struct needs dose_adds_hardware[ADDS_MAX] = {{"ticket", "24 h"}};
static const struct needs automate_adds[ADDS_MAX] = {
    {"glucose", "10 min"}, {"phone battery", "11 min"}};
/* By package: low, medium, high. */
static const struct needs automate_ticket[3][ADDS_MAX] = {
    {{"ticket", "1 h"}}, {{"ticket", "4 h"}}, {{"ticket", "24 h"}}};

static const char *const names[DG_EVIDENCES] = {"key",
                                                "role",
                                                "lease",
                                                "presence",
                                                "app",
                                                "platform",
                                                "ticket",
                                                "glucose",
                                                "device battery",
                                                "phone battery",
                                                "qualified"};

static uint64_t seconds_of(const char *text)
{
    char *unit = NULL;
    const uint64_t number = strtoul(text, &unit, 10);

    if (*text == '\0') {
        return UINT64_MAX;
    }
    return number * ((strcmp(unit, " h") == 0) ? 3600U : 60U);
}

/* Which roles may at all: owner everything, caregiver doses, observer looks. */
static bool may_role(unsigned role, enum dg_rung rung)
{
    return (role == DG_ROLE_OWNER) ||
           ((role == DG_ROLE_CAREGIVER) && (rung != DG_RUNG_AUTOMATE));
}

static bool has(const struct dg_evidence_set *set,
                const char *evidence,
                const char *oldest)
{
    unsigned which = 0U;

    while (strcmp(names[which], evidence) != 0) {
        which++;
    }

    const struct dg_exhibit *exhibit = &set->exhibit[which];

    return exhibit->held && (exhibit->at.s <= NOW) &&
           ((NOW - exhibit->at.s) <= seconds_of(oldest));
}

static bool has_all(const struct dg_evidence_set *set,
                    enum dg_rung rung,
                    const struct needs adds[ADDS_MAX])
{
    for (unsigned i = 0U; (i < ADDS_MAX) && (adds[i].evidence != NULL); i++) {
        const bool is_role = strcmp(adds[i].evidence, "role") == 0;

        if (is_role ? !may_role((unsigned)set->role, rung)
                    : !has(set, adds[i].evidence, adds[i].oldest)) {
            return false;
        }
    }
    return true;
}

static bool may(const struct dg_evidence_set *set, enum dg_rung rung)
{
    const unsigned package = (unsigned)set->package;
    bool allowed = (package >= DG_PACKAGE_LOW) && (package <= DG_PACKAGE_HIGH);

    if (rung == DG_RUNG_NONE) {
        return true;
    }
    allowed = allowed && has_all(set, rung, observe_adds);
    if (rung >= DG_RUNG_PROTECT) {
        allowed = allowed && has_all(set, rung, protect_adds);
    }
    if (rung >= DG_RUNG_DOSE_BUTTON) {
        allowed = allowed && has_all(set, rung, button_adds);
    }
    if (rung >= DG_RUNG_DOSE) {
        allowed = allowed && has_all(set, rung, dose_adds) &&
                  ((package == DG_PACKAGE_LOW) ||
                   has_all(set, rung, dose_adds_hardware));
    }
    if (rung >= DG_RUNG_AUTOMATE) {
        allowed = allowed && has_all(set, rung, automate_adds) &&
                  has_all(set, rung, automate_ticket[package - 1U]);
    }
    return allowed;
}

static unsigned highest(const struct dg_evidence_set *set)
{
    unsigned rung = DG_RUNG_AUTOMATE;

    while (!may(set, (enum dg_rung)rung)) {
        rung--;
    }
    return rung;
}

static bool is_package(unsigned package)
{
    return (package >= DG_PACKAGE_LOW) && (package <= DG_PACKAGE_HIGH);
}

static void check(const struct dg_evidence_set *set)
{
    struct dg_authority got;

    assert_int_equal(dg_authority_decide(set, (dg_seconds){NOW}, &got), DG_OK);

    const unsigned want = highest(set);

    assert_int_equal(got.rung, want);
    assert_int_equal(got.missing == 0U, want == DG_RUNG_AUTOMATE);
    /* What the status calls missing is what would help: give all of it, and
     * the next rung is there. */
    struct dg_evidence_set more = *set;

    for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
        if ((((unsigned)got.missing >> which) & 1U) != 0U) {
            more.exhibit[which].held = true;
            more.exhibit[which].at.s = NOW;
            if (which == DG_EVIDENCE_ROLE) {
                more.role = DG_ROLE_OWNER;
            }
        }
    }
    assert_true((want == DG_RUNG_AUTOMATE) || (highest(&more) > want) ||
                !is_package((unsigned)set->package));
}

static const uint32_t ages_s[] = {
    0U,     1U,     599U,   600U,   601U,   659U,   660U,
    661U,   1799U,  1800U,  1801U,  3599U,  3600U,  3601U,
    14399U, 14400U, 14401U, 86399U, 86400U, 86401U, NOW};

#define AGES (sizeof ages_s / sizeof ages_s[0])

/* Every package and role (and one beyond each), every subset of evidence, at
 * every edge of age: 5 x 5 x 2048 x 21. */
/* @verifies{FDP_ACC.1@2} */
static void test_authority__every_subset_role_package_age__as_safety_says(
    void **state)
{
    unsigned seen[DG_RUNGS] = {0U};

    (void)state;
    for (unsigned row = 0U; row < (5U * 5U * AGES); row++) {
        const uint32_t age_s = ages_s[row / 25U];

        for (unsigned bits = 0U; bits < (1U << DG_EVIDENCES); bits++) {
            struct dg_evidence_set set;

            memset(&set, 0, sizeof set);
            set.package = (enum dg_package)((row / 5U) % 5U);
            set.role = (enum dg_role)(row % 5U);
            for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
                set.exhibit[which].held = ((bits >> which) & 1U) != 0U;
                set.exhibit[which].at.s = NOW - age_s;
            }
            check(&set);
            seen[highest(&set)]++;
        }
    }
    for (unsigned rung = 0U; rung < DG_RUNGS; rung++) {
        assert_true(seen[rung] > 0U);
    }
}

/* Everything held; two exhibits at a time at the edges of every limit. */
static void test_authority__ages_at_the_limits__as_safety_says(void **state)
{
    (void)state;
    for (unsigned row = 0U; row < (5U * 3U); row++) {
        for (unsigned pair = 0U; pair < (DG_EVIDENCES * DG_EVIDENCES); pair++) {
            for (size_t i = 0U; i < (AGES * AGES); i++) {
                struct dg_evidence_set set;

                set.package = (enum dg_package)((row / 5U) + 1U);
                set.role = (enum dg_role)(row % 5U);
                for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
                    set.exhibit[which] = (struct dg_exhibit){true, {NOW}};
                }
                set.exhibit[pair / DG_EVIDENCES].at.s = NOW - ages_s[i % AGES];
                set.exhibit[pair % DG_EVIDENCES].at.s = NOW - ages_s[i / AGES];
                check(&set);
            }
        }
    }
}

static void test_authority__exhibit_from_the_future__absent(void **state)
{
    (void)state;
    for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
        struct dg_evidence_set set = {.package = DG_PACKAGE_MEDIUM,
                                      .role = DG_ROLE_OWNER};

        for (unsigned other = 0U; other < DG_EVIDENCES; other++) {
            set.exhibit[other] = (struct dg_exhibit){true, {NOW}};
        }
        set.exhibit[which].at.s = NOW + 1U;
        check(&set);
        set.exhibit[which].at.s = UINT32_MAX;
        check(&set);
    }
}

static void test_authority__null__usage_and_nothing(void **state)
{
    const struct dg_evidence_set set = {.package = DG_PACKAGE_MEDIUM,
                                        .role = DG_ROLE_OWNER};
    struct dg_authority got = {DG_RUNG_AUTOMATE, 0U};

    (void)state;
    assert_int_equal(dg_authority_decide(&set, (dg_seconds){NOW}, NULL),
                     DG_E_USAGE);
    assert_int_equal(dg_authority_decide(NULL, (dg_seconds){NOW}, &got),
                     DG_E_USAGE);
    assert_int_equal(got.rung, DG_RUNG_NONE);
    assert_int_equal(got.missing, (1U << DG_EVIDENCES) - 1U);
}

static void test_authority_rung_for__each_tier__as_safety_says(void **state)
{
    (void)state;
    assert_int_equal(dg_authority_rung_for(DG_TIER_AUTOMATIC),
                     DG_RUNG_AUTOMATE);
    assert_int_equal(dg_authority_rung_for(DG_TIER_CONFIRMED), DG_RUNG_DOSE);
    assert_int_equal(dg_authority_rung_for(DG_TIER_PRESENT),
                     DG_RUNG_DOSE_BUTTON);
    assert_int_equal(dg_authority_rung_for(DG_TIER_NONE), DG_RUNG_NONE);
    assert_int_equal(dg_authority_rung_for((enum dg_tier)4), DG_RUNG_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_authority__every_subset_role_package_age__as_safety_says),
        cmocka_unit_test(test_authority__ages_at_the_limits__as_safety_says),
        cmocka_unit_test(test_authority__exhibit_from_the_future__absent),
        cmocka_unit_test(test_authority__null__usage_and_nothing),
        cmocka_unit_test(test_authority_rung_for__each_tier__as_safety_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
