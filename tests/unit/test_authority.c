/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/authority.h"

#include <string.h>

#define NOW 1000000U

/* The oracle: SAFETY.md's table rung by rung, as predicates over "held and not
 * older than".  APP, PLATFORM and ATTESTATION have no verifier in this release
 * (docs/adr/0004-authority-table.md) and are not asked for. */
static bool has(const struct dg_evidence_set *set,
                enum dg_evidence which,
                uint64_t age_s_max)
{
    const struct dg_exhibit *exhibit = &set->exhibit[which];

    return exhibit->held && (exhibit->at.s <= NOW) &&
           ((NOW - exhibit->at.s) <= age_s_max);
}

static bool may(const struct dg_evidence_set *set, enum dg_rung rung)
{
    const enum dg_role role = set->role;
    const bool session = has(set, DG_EVIDENCE_KEY, 24U * 3600U);
    const bool lease = has(set, DG_EVIDENCE_LEASE, 30U * 60U);
    const bool observe = session;
    const bool protect =
        observe && ((role == DG_ROLE_OWNER) || (role == DG_ROLE_CAREGIVER));
    const bool button = protect && lease &&
                        has(set, DG_EVIDENCE_PRESENCE_KEY, NOW) &&
                        has(set, DG_EVIDENCE_DEVICE_BATTERY, NOW);
    const bool dose = button;
    const bool automate = dose && (role == DG_ROLE_OWNER) &&
                          has(set, DG_EVIDENCE_GLUCOSE, 10U * 60U) &&
                          has(set, DG_EVIDENCE_PHONE_BATTERY, 11U * 60U) &&
                          has(set, DG_EVIDENCE_QUALIFIED, NOW);

    return (rung == DG_RUNG_NONE) || ((rung == DG_RUNG_OBSERVE) && observe) ||
           ((rung == DG_RUNG_PROTECT) && protect) ||
           ((rung == DG_RUNG_DOSE_BUTTON) && button) ||
           ((rung == DG_RUNG_DOSE) && dose) ||
           ((rung == DG_RUNG_AUTOMATE) && automate);
}

static unsigned highest(const struct dg_evidence_set *set)
{
    unsigned rung = DG_RUNG_AUTOMATE;

    while (!may(set, (enum dg_rung)rung)) {
        rung--;
    }
    return rung;
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
    assert_true((want == DG_RUNG_AUTOMATE) || (highest(&more) > want));
}

/* Every role, every subset of evidence: 5 x 2048. */
/* @verifies{FDP_ACC.1@1} */
static void test_authority__every_subset_and_role__as_safety_says(void **state)
{
    unsigned seen[DG_RUNGS] = {0U};

    (void)state;
    for (unsigned role = 0U; role <= 4U; role++) {
        for (unsigned bits = 0U; bits < (1U << DG_EVIDENCES); bits++) {
            struct dg_evidence_set set;

            memset(&set, 0, sizeof set);
            set.package = DG_PACKAGE_MEDIUM;
            set.role = (enum dg_role)role;
            for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
                set.exhibit[which].held = ((bits >> which) & 1U) != 0U;
                set.exhibit[which].at.s = NOW;
            }
            check(&set);
            seen[highest(&set)]++;
        }
    }
    for (unsigned rung = 0U; rung < DG_RUNGS; rung++) {
        /* No evidence lies between the two as long as no verifier exists. */
        assert_int_equal(seen[rung] > 0U, rung != DG_RUNG_DOSE_BUTTON);
    }
}

static const uint32_t ages_s[] = {0U,
                                  1U,
                                  599U,
                                  600U,
                                  601U,
                                  659U,
                                  660U,
                                  661U,
                                  1799U,
                                  1800U,
                                  1801U,
                                  86399U,
                                  86400U,
                                  86401U,
                                  NOW};

/* Everything held; two exhibits at a time at the edges of every limit. */
static void test_authority__ages_at_the_limits__as_safety_says(void **state)
{
    const size_t ages = sizeof ages_s / sizeof ages_s[0];

    (void)state;
    for (unsigned role = 0U; role <= 4U; role++) {
        for (unsigned a = 0U; a < DG_EVIDENCES; a++) {
            for (unsigned b = 0U; b < DG_EVIDENCES; b++) {
                for (size_t i = 0U; i < (ages * ages); i++) {
                    struct dg_evidence_set set;

                    set.package = DG_PACKAGE_MEDIUM;
                    set.role = (enum dg_role)role;
                    for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
                        set.exhibit[which] = (struct dg_exhibit){true, {NOW}};
                    }
                    set.exhibit[a].at.s = NOW - ages_s[i % ages];
                    set.exhibit[b].at.s = NOW - ages_s[i / ages];
                    check(&set);
                }
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
        cmocka_unit_test(test_authority__every_subset_and_role__as_safety_says),
        cmocka_unit_test(test_authority__ages_at_the_limits__as_safety_says),
        cmocka_unit_test(test_authority__exhibit_from_the_future__absent),
        cmocka_unit_test(test_authority__null__usage_and_nothing),
        cmocka_unit_test(test_authority_rung_for__each_tier__as_safety_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
