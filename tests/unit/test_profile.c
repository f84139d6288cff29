/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/catalogue.h"
#include "eval/profile/operation.h"
#include "eval/profile/profile.h"

static const char *const ours[] = {
    DG_SPEC "/profiles/connected-device.yaml",
    DG_SPEC "/profiles/mobile-control.yaml",
};

#define OURS (sizeof ours / sizeof ours[0])

static void open_or_fail(const char *path, struct dg_profile *profile)
{
    struct dg_problem problem = {""};

    if (dg_profile_open(path, profile, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
}

static bool is_linked(const struct dg_profile *profile, const char *id)
{
    for (size_t i = 0U; i < profile->objective_count; i++) {
        const struct dg_links *links = &profile->objectives[i].links;

        for (size_t at = 0U; at < links->count; at++) {
            if (strcmp(links->item[at].to, id) == 0) {
                return true;
            }
        }
    }
    for (size_t i = 0U; i < profile->problem_count; i++) {
        const struct dg_links *links = &profile->problem[i].links;

        for (size_t at = 0U; at < links->count; at++) {
            if (strcmp(links->item[at].to, id) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Every threat is countered, every objective has a reason to be there and
 * something that meets it, every requirement meets an objective, is tested or
 * looked at by a person, and can be read by anyone. */
static void test_profile__ours__is_complete(void **state)
{
    (void)state;
    for (size_t one = 0U; one < OURS; one++) {
        struct dg_profile profile;

        open_or_fail(ours[one], &profile);
        assert_non_null(strstr(profile.status, "non-normative"));
        for (size_t i = 0U; i < profile.problem_count; i++) {
            const struct dg_spd *spd = &profile.problem[i];

            assert_true(spd->links.count > 0U);
            assert_true(strlen(spd->plain) > 10U);
        }
        for (size_t i = 0U; i < profile.objective_count; i++) {
            const struct dg_objective *objective = &profile.objectives[i];

            assert_true(is_linked(&profile, objective->id));
            assert_true(objective->is_environment ||
                        (objective->links.count > 0U));
        }
        for (size_t i = 0U; i < profile.sfr_count; i++) {
            const struct dg_sfr *sfr = &profile.sfrs[i];

            if (!is_linked(&profile, sfr->id) ||
                ((sfr->tests.count + sfr->manual.count) == 0U) ||
                (strlen(sfr->plain) <= 20U)) {
                fail_msg("%s: %s lacks a link, a test or plain words",
                         ours[one],
                         sfr->id);
            }
        }
        dg_profile_free(&profile);
    }
}

/* The seven of the editorial (10.1177/1932296817723259). */
static void test_profile__ours__answers_each_threat_of_the_editorial(
    void **state)
{
    (void)state;
    for (size_t one = 0U; one < OURS; one++) {
        struct dg_profile profile;

        open_or_fail(ours[one], &profile);
        for (char digit = '1'; digit <= '7'; digit++) {
            bool is_there = false;

            for (size_t i = 0U; i < profile.problem_count; i++) {
                const char *editorial = profile.problem[i].editorial;

                is_there = is_there ||
                           ((editorial[0] == 'T') && (editorial[1] == digit));
            }
            assert_true(is_there);
        }
        dg_profile_free(&profile);
    }
}

static bool asks_for(const struct dg_profile *profile, const char *requirement)
{
    const size_t size = strlen(requirement);

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const struct dg_words *words = &profile->sfrs[i].requirements;

        for (size_t at = 0U; at < words->count; at++) {
            if ((strncmp(words->item[at], requirement, size) == 0) &&
                (words->item[at][size] == '@')) {
                return true;
            }
        }
    }
    return false;
}

/* A test that checks what no profile asks for would judge a product by a rule
 * that nobody claimed; a profile that names a test that is not there promises
 * what nobody does. */
static void test_profile__ours__and_the_catalogue_know_each_other(void **state)
{
    struct dg_profile profile[OURS];
    struct dg_catalogue catalogue;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(
        dg_catalogue_open(DG_SPEC "/catalogue", NULL, &catalogue, &problem),
        DG_OK);
    for (size_t one = 0U; one < OURS; one++) {
        open_or_fail(ours[one], &profile[one]);
        for (size_t i = 0U; i < profile[one].sfr_count; i++) {
            const struct dg_words *tests = &profile[one].sfrs[i].tests;

            for (size_t at = 0U; at < tests->count; at++) {
                if (dg_catalogue_find(&catalogue, tests->item[at]) == NULL) {
                    fail_msg("%s: no test %s", ours[one], tests->item[at]);
                }
            }
        }
    }
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        for (size_t i = 0U; i < entry->requirement_count; i++) {
            bool is_there = false;

            for (size_t one = 0U; one < OURS; one++) {
                is_there =
                    is_there || asks_for(&profile[one], entry->requirements[i]);
            }
            if (!is_there) {
                fail_msg("%s tests %s, which no profile asks for",
                         entry->id,
                         entry->requirements[i]);
            }
        }
    }
    for (size_t one = 0U; one < OURS; one++) {
        dg_profile_free(&profile[one]);
    }
    dg_catalogue_free(&catalogue);
}

static void test_profile__packages__stand_for_their_levels(void **state)
{
    static const struct {
        const char *id;
        unsigned van;
    } rows[] = {{"enhanced-basic", 3U}, {"moderate", 4U}, {"high", 5U}};
    struct dg_profile profile;

    (void)state;
    open_or_fail(ours[0], &profile);
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        struct dg_profile package;
        char path[512];

        dg_profile_package_path(&profile, rows[i].id, path, sizeof path);
        open_or_fail(path, &package);
        assert_int_equal(package.kind, DG_PROFILE_ASSURANCE_PACKAGE);
        assert_string_equal(package.id, rows[i].id);
        assert_int_equal(dg_profile_van(&package), rows[i].van);
        dg_profile_free(&package);
    }
    dg_profile_free(&profile);
}

#define HEAD                                                              \
    "kind: profile\nid: pen\nversion: \"2\"\ndate: today\ntitle: A pen\n" \
    "author: me\nstatus: mine\nedition: 3.1R5\nconformance: strict\n"     \
    "toe: A pen\noverview: It writes doses down.\n"                       \
    "glossary: {thief: a thief, dose: a dose}\n"                          \
    "features:\n  - {id: radio, title: It has a radio}\n"
#define PROBLEM                                                              \
    "threats:\n  - {id: T.X, agent: thief, assets: [dose], action: steals, " \
    "plain: p, countered_by: {O.X: why}}\n"                                  \
    "objectives:\n  - {id: O.X, text: t, plain: p, met_by: {FTP_ITC.1/A: "   \
    "w}}\n"
#define SFR                                                                   \
    "sfrs:\n  - id: FTP_ITC.1/A\n    title: t\n    plain: p\n"                \
    "    elements:\n      - text: \"Do {one} and {two}, {{ and {three}.\"\n"  \
    "        operations:\n"                                                   \
    "          one: {assign: a thing, bound: int 1..9}\n"                     \
    "          two: {select: {s-a: first, s-b: \"second {four}\", s-c: no}, " \
    "chosen: [s-b], exclusive: [s-c]}\n"                                      \
    "          three: {refine: \"all of {five}\"}\n"                          \
    "          four: {assign: deep}\n"                                        \
    "          five: {assign: it, value: them}\n"
#define GOOD HEAD PROBLEM SFR

static enum dg_status parse(const char *text,
                            struct dg_profile *profile,
                            struct dg_problem *problem)
{
    return dg_profile_parse((dg_span){(const uint8_t *)text, strlen(text)},
                            "pen.yaml",
                            profile,
                            problem);
}

/* Another class of product takes the place of ours as data.
 * @verifies{EVL_PROFILE.1@1} */
static void test_profile__another__is_read_without_a_change_of_code(
    void **state)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(parse(GOOD, &profile, &problem), DG_OK);
    assert_string_equal(profile.title, "A pen");
    assert_null(profile.ceilings);
    assert_int_equal(profile.sfrs[0].line, 20);
    assert_string_equal(profile.sfrs[0].component, "FTP_ITC.1");
    assert_string_equal(profile.sfrs[0].iteration, "A");
    assert_string_equal(profile.problem[0].assets.item[0], "dose");
    dg_profile_free(&profile);
}

static void test_profile__operations__are_open_until_completed(void **state)
{
    static const struct {
        const char *name;
        bool is_open;
        bool is_nested;
    } rows[] = {{"one", true, false},
                {"two", false, false},
                {"three", false, false},
                {"four", true, true},
                {"five", false, true}};
    struct dg_profile profile;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(parse(GOOD, &profile, &problem), DG_OK);

    const struct dg_element *element = &profile.sfrs[0].elements[0];

    assert_string_equal(element->id, "FTP_ITC.1.1/A");
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        const struct dg_operation *operation =
            dg_element_operation(element, rows[i].name);

        assert_non_null(operation);
        assert_int_equal(dg_operation_is_open(operation), rows[i].is_open);
        assert_int_equal(operation->parent != NULL, rows[i].is_nested);
    }
    assert_string_equal(
        dg_element_render(element, &profile.arena),
        "Do [assignment: a thing] and second [assignment: deep], { and all of "
        "them.");
    dg_profile_free(&profile);
}

/* @verifies{EVL_PROFILE.1@1} */
static void test_profile__wrong__is_refused_with_file_and_line(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "pen.yaml:1: expected a map"},
        {HEAD "extra: 1\n", "pen.yaml:15: unknown key 'extra'"},
        {HEAD "objectives:\n  - {id: O.X, text: t, plain: p}\n  - {id: O.X, "
              "text: t, plain: p}\n",
         "pen.yaml:17: O.X stands here twice"},
        {HEAD "objectives:\n  - {id: O.X, text: t, plain: p, met_by: "
              "{FTP_ITC.1: w}}\n",
         "pen.yaml:16: FTP_ITC.1 is no SFR of this file, but meets O.X"},
        {HEAD "threats:\n  - {id: T.X, agent: thief, assets: [dose], action: "
              "a, plain: p, countered_by: {O.Y: w}}\n",
         "pen.yaml:16: O.Y is no objective"},
        {HEAD "threats:\n  - {id: T.X, agent: nobody, assets: [dose], "
              "action: a, plain: p}\n",
         "agent that the glossary does not have: nobody"},
        {HEAD "threats:\n  - {id: T.X, agent: thief, assets: [], action: a, "
              "plain: p}\n",
         "pen.yaml:16: T.X names no asset"},
        {HEAD "assumptions:\n  - {id: A.X, text: t, plain: p, upheld_by: "
              "{O.X: w}}\nobjectives:\n  - {id: O.X, text: t, plain: p}\n",
         "pen.yaml:16: O.X is no objective for the environment"},
        {HEAD "threats:\n  - {id: O.X, agent: thief, assets: [dose], action: "
              "a, plain: p}\n",
         "pen.yaml:16: O.X needs the form T."},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: \"{a}\"}]}\n",
         "'{a}' is no operation of this element"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: x, operations: {a: {assign: b}}}]}\n",
         "the operation 'a' stands nowhere"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: \"{a}{a}\", operations: {a: {assign: b}}}]}\n",
         "the operation '{a}' stands twice"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: \"{a}\", operations: {a: {select: {b: c}}}}]}\n",
         "fewer than two choices"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: \"{a}\", operations: {a: {select: {b: c, d: e}, "
              "chosen: [f]}}}]}\n",
         "names 'f', which is no choice of {a}"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: \"{ x\"}]}\n",
         "a brace that closes around no name"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, when: [radio], "
              "elements: [{text: x}]}\n",
         "needs 'when' if, and only if"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, status: "
              "feature-based, when: [wire], elements: [{text: x}]}\n",
         "waits for what is no choice and no feature of this file: wire"},
        {HEAD "sfrs:\n  - {id: FTP_ITC_EXT.1, title: t, plain: p, elements: "
              "[{text: x}]}\n",
         "is of a family that 'extended' does not define"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: x}], waived: {FCS_CKM.1: {kind: environment, by: OE.X, "
              "why: w}}}\n",
         "waived by what is no objective for the environment: OE.X"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: "
              "[{text: x}], requirements: [FTP_ITC.1]}\n",
         "names a requirement without its revision"},
        {HEAD "sfrs:\n  - {id: FTP_ITC.1, title: t, elements: [{text: x}]}\n",
         "the key 'plain' is missing"},
        {HEAD "sfrs:\n  - {id: ftp, title: t, plain: p, elements: [{text: "
              "x}]}\n",
         "is no component"},
        {HEAD "sars:\n  - {id: AVA_VAN.4, title: t}\n",
         "the key 'plain' is missing"},
        {HEAD "ceilings_permille:\n  total: {dose: 1}\n",
         "the key 'automatic' is missing"},
        {"kind: thing\n", "'kind' cannot be 'thing'"},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        struct dg_profile profile;
        struct dg_problem problem = {""};

        if (parse(rows[i].text, &profile, &problem) != DG_E_MALFORMED) {
            fail_msg("taken: %s", rows[i].text);
        }
        if (strstr(problem.text, rows[i].says) == NULL) {
            fail_msg("'%s' does not say '%s'", problem.text, rows[i].says);
        }
        dg_profile_free(&profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile__ours__is_complete),
        cmocka_unit_test(
            test_profile__ours__answers_each_threat_of_the_editorial),
        cmocka_unit_test(test_profile__ours__and_the_catalogue_know_each_other),
        cmocka_unit_test(test_profile__packages__stand_for_their_levels),
        cmocka_unit_test(
            test_profile__another__is_read_without_a_change_of_code),
        cmocka_unit_test(test_profile__operations__are_open_until_completed),
        cmocka_unit_test(test_profile__wrong__is_refused_with_file_and_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
