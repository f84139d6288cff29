/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/profile/export.h"
#include "eval/profile/import.h"

static dg_span span_of(const char *text)
{
    return (dg_span){(const uint8_t *)text, strlen(text)};
}

static char *written(const struct dg_profile *profile)
{
    char *text = NULL;
    size_t size = 0U;

    assert_int_equal(dg_profile_write(profile, &text, &size), DG_OK);
    assert_int_equal(strlen(text), size);
    return text;
}

static void open_or_fail(const char *path, struct dg_profile *profile)
{
    struct dg_problem problem = {""};

    if (dg_profile_open(path, profile, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
}

/* As our YAML both say the same, to the byte. */
static void assert_same(const struct dg_profile *one,
                        const struct dg_profile *other)
{
    char *left = written(one);
    char *right = written(other);

    size_t at = 0U;

    while ((left[at] != '\0') && (left[at] == right[at])) {
        at++;
    }
    if (left[at] != right[at]) {
        at -= (at > 60U) ? 60U : at;
        fail_msg("'%.120s' became '%.120s'", &left[at], &right[at]);
    }
    free(left);
    free(right);
}

/* @verifies{EVL_PROFILE.2@1} */
static void test_export__ours__comes_back_the_same(void **state)
{
    static const char *const ours[] = {
        DG_SPEC "/profiles/connected-device.yaml",
        DG_SPEC "/profiles/mobile-control.yaml",
        DG_SPEC "/../examples/profiles/smart-pen.yaml",
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof ours / sizeof ours[0]); i++) {
        struct dg_profile profile;
        struct dg_profile again;
        struct dg_problem problem = {""};
        char *text = NULL;
        size_t size = 0U;

        open_or_fail(ours[i], &profile);
        assert_int_equal(
            dg_profile_export(&profile, NULL, &text, &size, &problem), DG_OK);
        assert_int_equal(
            dg_profile_import(span_of(text), "again.xml", &again, &problem),
            DG_OK);
        assert_false(again.is_imported);
        assert_same(&profile, &again);
        dg_profile_free(&again);
        dg_profile_free(&profile);
        free(text);
    }
}

/* Every kind of thing that a profile can have, with letters that XML, YAML and
 * our own texts treat in a special way; operations in the order in which they
 * stand. */
static void test_export__everything__comes_back_the_same(void **state)
{
    static const char all[] =
        "kind: profile\nid: all\nversion: \"1\"\ndate: \"2026-01-01\"\n"
        "title: \"<All> & \\\"more\\\"\"\nauthor: me\nstatus: mine\n"
        "edition: \"2022\"\nconformance: demonstrable\ntoe: T\noverview: o\n"
        "source: s\npackages: [a, b]\nmandatory_features: [pairing]\n"
        "glossary: {thief: t, dose: d}\n"
        "features:\n  - {id: f-one, title: t, text: x}\n"
        "threats:\n  - {id: T.X9, plain: p, agent: thief, assets: [dose], "
        "action: \"a < b & {c\", editorial: T3, countered_by: {O.X: \"w>\", "
        "OE.X: w}}\n"
        "policies:\n  - {id: P.X, plain: p, text: t, enforced_by: {O.X: w}}\n"
        "assumptions:\n  - {id: A.X, plain: p, text: t, upheld_by: {OE.X: "
        "w}}\n"
        "objectives:\n  - {id: O.X, text: t, plain: p, met_by: {FTP_ITC.1/A: "
        "w}}\n"
        "environment:\n  - {id: OE.X, text: t, plain: p}\n"
        "extended:\n  - {family: FTP_ITC_EXT, title: t, behaviour: b}\n"
        "sfrs:\n"
        "  - id: FTP_ITC.1/A\n    title: t\n    plain: p\n    status: "
        "selection-based\n    when: [s-b, f-one]\n    elements:\n"
        "      - text: \"Do {one}, {two}, {{ {three}.\"\n        note: n\n"
        "        operations:\n"
        "          one: {assign: a, bound: int 1..9, value: \"5 <\"}\n"
        "          two: {select: {s-a: \"{{\", s-b: \"{four}\", s-c: no}, one: "
        "\"yes\", exclusive: [s-c], chosen: [s-b]}\n"
        "          four: {assign: a, bound: \"regex [a-z]+\"}\n"
        "          three: {refine: \"r {five}\"}\n"
        "          five: {assign: a}\n"
        "    waived:\n      FIA_UAU.1: {kind: environment, by: OE.X, why: w}\n"
        "      FIA_UID.1: {kind: not-needed, why: w}\n"
        "    requirements: [FTP_ITC.1@1, FTP_ITC.2@1]\n    tests: [replay]\n"
        "    manual: [\"Look & see.\"]\n    activities:\n"
        "      - {of: FTP_ITC.1/A, kind: TSS, text: look}\n"
        "      - {of: FTP_ITC.1.1/A, kind: Tests, text: try, tests: [{id: t1, "
        "text: first, goal: g, evidence: e}]}\n"
        "  - id: FTP_ITC_EXT.1\n    title: t\n    plain: p\n    definition: "
        "{levelling: l, management: m, audit: a, dependencies: FTP_ITC.1}\n"
        "    elements: [{text: x}]\n"
        "sars:\n  - {id: AVA_VAN.4, title: t, plain: p, elements: [{text: e, "
        "type: D}]}\n"
        "ceilings_permille:\n"
        "  automatic: {dose: 1, 5min: 2, 1h: 3, 4h: 4, 24h: 5}\n"
        "  total: {dose: 6, 5min: 7, 1h: 8, 4h: 9, 24h: 10}\n";
    struct dg_profile profile;
    struct dg_profile again;
    struct dg_problem problem = {""};
    char *text = NULL;
    size_t size = 0U;

    (void)state;
    if (dg_profile_parse(span_of(all), "all.yaml", &profile, &problem) !=
        DG_OK) {
        fail_msg("%s", problem.text);
    }
    if (dg_profile_export(&profile, NULL, &text, &size, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    assert_int_equal(
        dg_profile_import(span_of(text), "all.xml", &again, &problem), DG_OK);
    assert_same(&profile, &again);
    dg_profile_free(&again);
    free(text);
    text = written(&profile);
    assert_int_equal(
        dg_profile_parse(span_of(text), "again.yaml", &again, &problem), DG_OK);
    assert_same(&profile, &again);
    dg_profile_free(&again);
    dg_profile_free(&profile);
    free(text);
}

/* @verifies{EVL_PROFILE.2@1} */
static void test_import__published__can_be_kept_as_yaml(void **state)
{
    static const char *const published[] = {
        DG_VECTORS "/niap/mobile-device-4.0.xml",
        DG_VECTORS "/niap/application-software-2.0.xml",
        DG_VECTORS "/niap/bluetooth-module-2.0.xml",
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof published / sizeof published[0]); i++) {
        struct dg_profile profile;
        struct dg_profile again;
        struct dg_problem problem = {""};

        if (access(published[i], R_OK) != 0) {
            print_message("skipped: no published profile at %s\n",
                          published[i]);
            skip();
        }
        open_or_fail(published[i], &profile);

        char *text = written(&profile);

        if (dg_profile_parse(span_of(text), "kept.yaml", &again, &problem) !=
            DG_OK) {
            fail_msg("%s", problem.text);
        }
        assert_true(again.is_imported);
        assert_same(&profile, &again);
        dg_profile_free(&again);
        dg_profile_free(&profile);
        free(text);
    }
}

static void test_export__what_the_format_cannot_say__is_refused(void **state)
{
    static const struct {
        const char *path;
        const char *says;
    } rows[] = {
        {DG_SPEC "/profiles/packages/high.yaml", "--package"},
    };
    static const char pen[] =
        "kind: profile\nid: pen\nversion: \"1\"\ndate: \"2026-01-01\"\ntitle: "
        "\"\\x01\"\nauthor: a\nstatus: s\nedition: 3.1R5\nconformance: "
        "strict\ntoe: t\noverview: o\nglossary: {a: a, b: b}\n"
        "threats:\n  - {id: T.X, plain: p, agent: a, assets: [b], action: a}\n"
        "sfrs:\n  - {id: FTP_ITC.1, title: t, plain: p, elements: [{text: "
        "x}]}\n";
    struct dg_profile profile;
    struct dg_problem problem = {""};
    char *text = NULL;
    size_t size = 0U;

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        open_or_fail(rows[i].path, &profile);
        assert_int_equal(
            dg_profile_export(&profile, NULL, &text, &size, &problem),
            DG_E_MALFORMED);
        assert_non_null(strstr(problem.text, rows[i].says));
        assert_null(text);
        dg_profile_free(&profile);
    }
    /* A letter that XML does not have. */
    assert_int_equal(
        dg_profile_parse(span_of(pen), "pen.yaml", &profile, &problem), DG_OK);
    assert_int_equal(dg_profile_export(&profile, NULL, &text, &size, &problem),
                     DG_E_MALFORMED);
    assert_null(text);
    dg_profile_free(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_export__ours__comes_back_the_same),
        cmocka_unit_test(test_export__everything__comes_back_the_same),
        cmocka_unit_test(test_import__published__can_be_kept_as_yaml),
        cmocka_unit_test(test_export__what_the_format_cannot_say__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
