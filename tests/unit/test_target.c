/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "eval/file.h"
#include "eval/target/starter.h"
#include "eval/target/view.h"
#include "eval/utf8.h"

#define REFERENCE DG_SPEC "/targets/virtual-pump.yaml"
#define TEXT_MAX  (128U * 1024U)

static char *good; /* the reference's target */

static int set_up(void **state)
{
    dg_span bytes = {NULL, 0U};

    (void)state;
    if (dg_file_read(REFERENCE, TEXT_MAX, &bytes, NULL) != DG_OK) {
        return -1;
    }
    good = calloc(1U, bytes.size + 1U);
    assert_non_null(good);
    memcpy(good, bytes.at, bytes.size);
    dg_file_free(bytes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(good);
    return 0;
}

static void check_text(const char *text, struct dg_findings *findings)
{
    struct dg_target target;
    struct dg_problem problem = {""};

    if ((dg_target_parse((dg_span){(const uint8_t *)text, strlen(text)},
                         REFERENCE,
                         &target,
                         &problem) != DG_OK) ||
        (dg_target_check(&target, DG_SPEC, findings, &problem) != DG_OK)) {
        fail_msg("%s", problem.text);
    }
    dg_target_free(&target);
}

/* One edit: what stands between `from` (with it) and `to` (without it) becomes
 * `with`; without `to`, `from` itself. */
struct edit {
    const char *from;
    const char *to;
    const char *with;
};

/* A fault that somebody could make, and the rule that has to find it. */
struct fault {
    enum dg_rule_id rule;
    struct edit edit;
    struct edit also; /* from NULL: one edit is enough */
};

/* Cut out a line of the file. */
#define CUT(line)           \
    {                       \
        line "\n", NULL, "" \
    }
#define SWAP(a, b) \
    {              \
        a, NULL, b \
    }

/* No second edit. */
#define ONE              \
    {                    \
        NULL, NULL, NULL \
    }

static const struct fault faults[] = {
    {DG_RULE_OPEN, SWAP("author: Dosegate", "author: \"? who\""), ONE},
    {DG_RULE_INT_1, CUT("author: Dosegate"), ONE},
    {DG_RULE_INT_1, SWAP("author: Dosegate", "author:"), ONE},
    {DG_RULE_INT_1_DIGEST, SWAP("per-build", "0123abcd"), ONE},
    {DG_RULE_INT_1_DIGEST, SWAP("  firmware_digest: per-build\n", ""), ONE},
    {DG_RULE_INT_2, {"  type:", "  firmware_digest", ""}, ONE},
    {DG_RULE_INT_2, {"  needs:", "\nscope:", ""}, ONE},
    {DG_RULE_INT_3, {"      delivery:", "    - part: guidance", ""}, ONE},
    {DG_RULE_INT_4, SWAP("virtual pump stands", "pump stands"), ONE},
    {DG_RULE_CCL_1, SWAP("edition: 3.1R5", "edition: \"2022\""), ONE},
    {DG_RULE_CCL_1, SWAP("edition: 3.1R5", "edition: \"4\""), ONE},
    {DG_RULE_CCL_2, SWAP("part2: extended", "part2: conformant"), ONE},
    {DG_RULE_CCL_3, SWAP("part3: conformant", "part3: extended"), ONE},
    {DG_RULE_CCL_4, SWAP("- id: connected-device", "- id: nobodys"), ONE},
    {DG_RULE_CCL_4,
     {"      sha256:", "      conformance: strict", "      sha256: \"00\"\n"},
     ONE},
    {DG_RULE_CCL_4_PIN,
     {"      sha256:", "      conformance: strict", ""},
     ONE},
    {DG_RULE_CCL_5, SWAP("  - ADV_ARC.1", "  - ADV_ARC.1\n  - ADV_INT.1"), ONE},
    {DG_RULE_CCL_5,
     SWAP("    conformance: conformant", "    conformance: augmented"),
     ONE},
    {DG_RULE_CCL_6,
     SWAP("conformance: strict", "conformance: demonstrable"),
     ONE},
    {DG_RULE_CCL_8_PROBLEM, CUT("      - T.STARVATION"), ONE},
    {DG_RULE_CCL_8_OBJECTIVE, CUT("      - O.AVAILABLE"), ONE},
    {DG_RULE_CCL_8_SFR, SWAP("  - id: FRU_PRS.1", "  - id: FRU_PRS.9"), ONE},
    {DG_RULE_CCL_8_SAR, CUT("  - AVA_VAN.4"), ONE},
    {DG_RULE_CCL_8_EXACT,
     SWAP("conformance: strict", "conformance: exact"),
     ONE},
    {DG_RULE_CCL_8_WHEN,
     SWAP("functions: [pump, automated,", "functions: [pump,"),
     ONE},
    {DG_RULE_CCL_8_COMPLETED,
     SWAP("  - id: FAU_ARP.1\n",
          "  - id: FAU_ARP.1\n    complete:\n      FAU_ARP.1.1:\n"
          "        actions: a whisper\n"),
     ONE},
    {DG_RULE_CCL_10, {"      why: >-", "  package:", ""}, ONE},
    {DG_RULE_SPD_1, SWAP("agent: observer", "agent: a ghost"), ONE},
    {DG_RULE_SPD_1,
     CUT("      action: asks for what its role does not allow."),
     ONE},
    {DG_RULE_SPD_2, SWAP("- id: T.OBSERVER_COMMANDS", "- id: T.Observer"), ONE},
    {DG_RULE_SPD_3,
     SWAP("in the place of hardware keeps", "dosegate-device keeps"),
     ONE},
    {DG_RULE_SPD_4,
     {"  threats:", "  assumptions:", ""},
     {"  take:\n    connected-device:\n      - T.",
      "\nobjectives:",
      "  take: {}\n"}},
    {DG_RULE_SPD_5, SWAP("editorial: additional", "editorial: T9"), ONE},
    {DG_RULE_OBJ_1, {"  A.HOST:\n    OE", "  O.AUDIT:\n    F", ""}, ONE},
    {DG_RULE_OBJ_2, {"  T.OBSERVER_COMMANDS:\n", "  A.HOST:\n", ""}, ONE},
    {DG_RULE_OBJ_3, SWAP("    OE.HOST: It", "    O.AUDIT: It"), ONE},
    {DG_RULE_OBJ_4,
     {"    O.AUTHENTICATE: Each", "  A.HOST:\n    OE", "    O.AUTHENTICATE:\n"},
     ONE},
    {DG_RULE_ECD_1, {"extended:\n  - family", "# What no profile", ""}, ONE},
    {DG_RULE_ECD_1,
     SWAP("extended:\n",
          "extended:\n  - {family: FPT_NON_EXT, title: None, behaviour: No}\n"),
     ONE},
    {DG_RULE_ECD_2, {"    behaviour: >-", "\n# What no profile", ""}, ONE},
    {DG_RULE_ECD_3,
     SWAP("    - id: FPT_INT_EXT.1\n", "    - id: FPT_STM_EXT.1\n"),
     SWAP("  - id: FPT_INT_EXT.1\n    complete:\n      FPT_INT_EXT.1.1:",
          "  - id: FPT_STM_EXT.1\n    complete:\n      FPT_STM_EXT.1.1:")},
    {DG_RULE_REQ_1, SWAP("  - AVA_VAN.4", "  - AVA_VAN.9"), ONE},
    {DG_RULE_REQ_1, SWAP("  - id: FPT_RPL.1", "  - id: FPT_RPL.7"), ONE},
    {DG_RULE_REQ_3_OPEN, CUT("        time: 120 s"), ONE},
    {DG_RULE_REQ_3_UNKNOWN,
     SWAP("        act: a press", "        deed: a press"),
     ONE},
    {DG_RULE_REQ_3_UNKNOWN,
     SWAP("agreement: [agree-button, agree-presence, agree-automatic]",
          "agreement: [agree-button]"),
     ONE},
    {DG_RULE_REQ_3_VALUE, SWAP("positive: \"5\"", "positive: \"11\""), ONE},
    {DG_RULE_REQ_3_VALUE, SWAP("positive: \"5\"", "positive: five"), ONE},
    {DG_RULE_REQ_3_VALUE,
     SWAP("        time: 120 s", "        time: none"),
     ONE},
    {DG_RULE_REQ_3_CHOICE, SWAP("[agree-button,", "[agree-nothing,"), ONE},
    {DG_RULE_REQ_3_CHOICE,
     SWAP("agreement: [agree-button,", "agreement: [agree-presence,"),
     ONE},
    {DG_RULE_REQ_3_OFFERED,
     {"        - text: >-\n            The TSF shall provide the audit",
      "    - id: FPT_INT_EXT.1",
      ""},
     ONE},
    {DG_RULE_REQ_3_BRACKET,
     SWAP("        time: 120 s", "        time: \"[assignment: time]\""),
     ONE},
    {DG_RULE_REQ_3_ITERATION,
     SWAP("own:\n  sfrs:\n",
          "own:\n  sfrs:\n"
          "    - id: FPT_RPL.1/A\n      title: A\n      plain: A\n"
          "      elements: [{text: The same.}, {text: The same.}]\n"
          "    - id: FPT_RPL.1/B\n      title: B\n      plain: B\n"
          "      elements: [{text: The same.}, {text: The same.}]\n"),
     SWAP("\nsfrs:\n",
          "\nsfrs:\n"
          "  - {id: FPT_RPL.1/A, manual: [Look.], summary: So.}\n"
          "  - {id: FPT_RPL.1/B, manual: [Look.], summary: So.}\n")},
    {DG_RULE_REQ_4,
     SWAP("dependencies: FDP_DOSE_EXT.1", "dependencies: FPT_ITA.1"),
     ONE},
    {DG_RULE_REQ_4, SWAP("  - id: FMT_SMF.1", "  - id: FMT_SMF.9"), ONE},
    {DG_RULE_REQ_4_BY, CUT("    by: {FCS_COP.1: FCS_COP.1/AEAD}"), ONE},
    {DG_RULE_REQ_4_BY,
     SWAP("by: {FCS_COP.1: FCS_COP.1/AEAD}", "by: {FCS_COP.1: FAU_GEN.1}"),
     ONE},
    {DG_RULE_REQ_4_WAIVER,
     SWAP("dependencies: FDP_DOSE_EXT.1", "dependencies: FPT_ITA.1"),
     SWAP("  - id: FPT_INT_EXT.1\n    complete",
          "  - id: FPT_INT_EXT.1\n    waived:\n      FPT_ITA.1: {kind: "
          "environment, by: OE.NOBODY, why: So.}\n    complete")},
    {DG_RULE_REQ_4_NEEDLESS,
     SWAP("  - id: FRU_FLT.1\n",
          "  - id: FRU_FLT.1\n    waived:\n      FPT_FLS.1: {kind: "
          "not-needed, why: So.}\n"),
     ONE},
    {DG_RULE_REQ_4_SAR, CUT("  - ALC_DVS.1"), ONE},
    {DG_RULE_REQ_5, {"  O.AUDIT:\n    F", "  O.BOUNDED_DOSE:\n", ""}, ONE},
    {DG_RULE_REQ_6,
     {"    FAU_SAR.1: A record", "  O.BOUNDED_DOSE:\n", "    FAU_SAR.1:\n"},
     ONE},
    {DG_RULE_REQ_7, {"sars_why:", "sars:\n", ""}, ONE},
    {DG_RULE_LOW_1, {"problem:\n", "objectives:\n", ""}, ONE},
    {DG_RULE_TSS_1,
     {"    summary: >-\n      core/command.c is a table",
      "  # How much a phone",
      ""},
     ONE},
    {DG_RULE_TSS_3,
     SWAP("    parts: [dosegate-device]", "    parts: [pump]"),
     ONE},
    {DG_RULE_TSS_4, SWAP("  - ASE_TSS.1", "  - ASE_TSS.2"), ONE},
    {DG_RULE_L6,
     SWAP("standards: RFC 9528, RFC 5869, NIST SP 800-56A",
          "standards: the usual"),
     SWAP("EDHOC key schedule on", "a key schedule on")},
    {DG_RULE_L8,
     SWAP("      - T.STARVATION",
          "      - T.STARVATION\n"
          "      - T.STARVATION"),
     ONE},
    {DG_RULE_L8, SWAP("      - T.STARVATION", "      - T.STAR"), ONE},
    {DG_RULE_L8,
     SWAP("    tests: [overdose-at-once]", "    tests: [nothing]"),
     ONE},
    {DG_RULE_L8, SWAP("    OE.HOST: It", "    OE.GHOST: It"), ONE},
    {DG_RULE_L9,
     CUT("    manual: [Export the journal and read a dose of today in it.]"),
     ONE},
    {DG_RULE_FEA_1, SWAP("  - sounder", "  - horn"), ONE},
    {DG_RULE_FEA_1, SWAP("  - sounder", "  - sounder\n  - sounder"), ONE},
    {DG_RULE_FEA_1,
     SWAP("functions: [pump, automated,", "functions: [pump, automated, fly,"),
     ONE},
    {DG_RULE_FEA_2, CUT("  - lease"), ONE},
    {DG_RULE_FEA_3, {"interfaces:\n", "features:\n", ""}, ONE},
};

#define FAULTS (sizeof faults / sizeof faults[0])

static void apply(char *text, const struct edit *edit)
{
    char *at = strstr(text, edit->from);
    char *end = NULL;

    if (at == NULL) {
        fail_msg("the reference has no \"%s\"", edit->from);
        return;
    }
    end =
        (edit->to == NULL) ? at + strlen(edit->from) : strstr(at + 1, edit->to);
    if (end == NULL) {
        fail_msg("the reference has no \"%s\"", edit->to);
        return;
    }

    char *rest = strdup(end);

    assert_non_null(rest);
    assert_true((size_t)(at - text) + strlen(edit->with) + strlen(rest) <
                TEXT_MAX);
    (void)strcpy(at, edit->with);
    (void)strcat(at, rest);
    free(rest);
}

static bool has_rule(const struct dg_findings *findings, enum dg_rule_id rule)
{
    for (const struct dg_finding *i = findings->first; i != NULL; i = i->next) {
        if (i->rule == rule) {
            assert_true(i->line >= 1U);
            assert_true(i->text[0] != '\0');
            return true;
        }
    }
    return false;
}

/* @verifies{EVL_TARGET.1@1} */
static void test_target__the_reference__has_no_finding(void **state)
{
    struct dg_findings findings;

    (void)state;
    check_text(good, &findings);
    dg_findings_print(&findings, REFERENCE, stdout);
    /* No warning either. */
    assert_null(findings.first);
    dg_findings_free(&findings);
}

/* @verifies{EVL_TARGET.1@1} @verifies{EVL_TARGET.2@1}
 * Each fault is found by its rule, which the good copy does not break. */
static void test_target__each_fault__is_found_by_its_rule(void **state)
{
    char *text = calloc(1U, TEXT_MAX);

    (void)state;
    assert_non_null(text);
    assert_true(strlen(good) < TEXT_MAX);
    for (size_t i = 0U; i < FAULTS; i++) {
        struct dg_findings findings;

        (void)strcpy(text, good);
        apply(text, &faults[i].edit);
        if (faults[i].also.from != NULL) {
            apply(text, &faults[i].also);
        }
        check_text(text, &findings);
        if (!has_rule(&findings, faults[i].rule)) {
            dg_findings_print(&findings, "fault", stdout);
            fail_msg("fault %zu (%s: \"%s\") was not found",
                     i,
                     dg_rule(faults[i].rule)->id,
                     faults[i].edit.from);
        }
        dg_findings_free(&findings);
    }
    free(text);
    print_message("%zu faults\n", FAULTS);
}

/* @verifies{EVL_TARGET.2@1} */
static void test_target__each_rule__has_words_and_a_fault(void **state)
{
    (void)state;
    assert_null(dg_rule(DG_RULE_NONE));
    assert_null(dg_rule(DG_RULES));
    for (unsigned i = 1U; i < DG_RULES; i++) {
        const struct dg_rule *rule = dg_rule((enum dg_rule_id)i);
        bool has_fault = false;

        assert_non_null(rule->id);
        assert_true(strlen(rule->title) > 10U);
        assert_true(strlen(rule->cure) > 5U);
        assert_true(rule->element[0] != '\0');
        for (unsigned at = 1U; at < i; at++) {
            assert_string_not_equal(rule->id, dg_rule((enum dg_rule_id)at)->id);
        }
        for (size_t at = 0U; at < FAULTS; at++) {
            has_fault = has_fault || (faults[at].rule == (enum dg_rule_id)i);
        }
        if (!has_fault) {
            fail_msg("no fault shows that %s finds anything", rule->id);
        }
    }
}

/* The line is where the fault is, not where the reader happened to be. */
static void test_target__a_finding__names_its_line(void **state)
{
    const char *text = "kind: security-target\n"
                       "edition: 3.1R5\n"
                       "product:\n"
                       "  maker: someone\n"
                       "features:\n"
                       "  - pairing\n"
                       "  - flying\n"
                       "traces:\n"
                       "  T.NONE:\n"
                       "    O.NONE: so\n";
    struct dg_findings findings;
    size_t feature = 0U;
    size_t trace = 0U;
    size_t last = 0U;

    (void)state;
    check_text(text, &findings);
    for (const struct dg_finding *i = findings.first; i != NULL; i = i->next) {
        feature = (i->rule == DG_RULE_FEA_1) ? i->line : feature;
        trace = (i->rule == DG_RULE_L8) ? i->line : trace;
        assert_true(i->line >= last);
        last = i->line;
    }
    assert_int_equal(feature, 7);
    assert_int_equal(trace, 10);
    dg_findings_free(&findings);
}

static void test_target__what_is_no_target__is_refused_with_its_line(
    void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } wrong[] = {
        {"", ":1: "},
        {"kind: profile\n", "no security-target"},
        {"kind: security-target\nmore: 1\n", ":2: unknown key 'more'"},
        {"kind: security-target\nproduct: pump\n", ":2: 'product' must be"},
        {"kind: security-target\nproduct: {colour: red}\n", "'colour'"},
        {"kind: security-target\nsfrs: [FAU_GEN.1]\n", ":2: expected a map"},
        {"kind: security-target\nfeatures: {a: b}\n", "must be a list"},
        {"kind: security-target\nid: &a x\n", "anchors"},
        {"kind: security-target\nid: x\nid: y\n", ":3: the key 'id'"},
        {"kind: security-target\nclaims:\n  profiles: [{}, {}, {}, {}, {}]\n",
         "more than 4 profiles"},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        struct dg_target target;
        struct dg_problem problem = {""};

        assert_int_equal(
            dg_target_parse((dg_span){(const uint8_t *)wrong[i].text,
                                      strlen(wrong[i].text)},
                            "st.yaml",
                            &target,
                            &problem),
            DG_E_MALFORMED);
        if ((strstr(problem.text, wrong[i].says) == NULL) ||
            (strstr(problem.text, "st.yaml:") == NULL)) {
            fail_msg("%s: %s", wrong[i].text, problem.text);
        }
        dg_target_free(&target);
    }
}

/* A finding quotes a stranger: no half characters, nothing that a terminal
 * would obey. */
static void test_target__a_quoted_text__is_tame(void **state)
{
    char text[512];
    size_t used = (size_t)snprintf(text,
                                   sizeof text,
                                   "kind: security-target\n"
                                   "features: [\"\\e[31mred\", \"x");
    struct dg_findings findings;
    bool is_seen = false;

    (void)state;
    for (size_t i = 0U; i < 60U; i++) {
        used += (size_t)snprintf(
            &text[used], sizeof text - used, "%s", "\xE2\x82\xAC");
    }
    (void)snprintf(&text[used], sizeof text - used, "\"]\n");
    check_text(text, &findings);
    for (const struct dg_finding *i = findings.first; i != NULL; i = i->next) {
        size_t left = strlen(i->text);

        is_seen = is_seen || (strstr(i->text, "red") != NULL);
        for (const char *at = i->text; left > 0U;) {
            uint32_t character = 0U;
            const size_t size = dg_utf8_next(at, left, &character);

            assert_true((size > 1U) || ((uint8_t)*at < 0x80U));
            assert_true((character >= 0x20U) && (character != 0x7FU));
            at += size;
            left -= size;
        }
    }
    assert_true(is_seen);
    dg_findings_free(&findings);
}

/* A file of a stranger ends in bounded time: lists are bounded. */
static void test_target__endless_lists__are_refused(void **state)
{
    static char text[64U * 1024U];
    static const char *const heads[] = {"features: [a", "sars: [a"};

    (void)state;
    for (size_t i = 0U; i < 2U; i++) {
        struct dg_target target;
        struct dg_problem problem = {""};
        size_t used = (size_t)snprintf(
            text, sizeof text, "kind: security-target\n%s", heads[i]);

        while (used < sizeof text - 8U) {
            used += (size_t)snprintf(&text[used], sizeof text - used, ", a");
        }
        used += (size_t)snprintf(&text[used], sizeof text - used, "]\n");
        assert_int_equal(dg_target_parse((dg_span){(const uint8_t *)text, used},
                                         "st.yaml",
                                         &target,
                                         &problem),
                         DG_E_MALFORMED);
        dg_target_free(&target);
    }
}

/* @verifies{EVL_TARGET.3@1}
 * What is begun is read, and what is found is what is left to write. */
static void test_starter__of_a_profile__leaves_only_questions(void **state)
{
    static const char *functions[] = {"pump", "automated"};
    struct dg_profile profile;
    struct dg_profile package;
    struct dg_problem problem = {""};
    struct dg_findings findings;
    char *text = NULL;
    size_t size = 0U;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(out);
    if ((dg_profile_open(DG_SPEC "/profiles/connected-device.yaml",
                         &profile,
                         &problem) != DG_OK) ||
        (dg_profile_open(DG_SPEC "/profiles/packages/high.yaml",
                         &package,
                         &problem) != DG_OK)) {
        fail_msg("%s", problem.text);
    }

    const struct dg_starter starter = {
        .profile = &profile,
        .package = &package,
        .product = "A \"pump\": #1\n",
        .date = "2026-01-01",
        .functions = {functions, 2U},
    };

    dg_starter_write(&starter, out);
    assert_int_equal(fclose(out), 0);
    check_text(text, &findings);
    assert_true(findings.errors > 20U);
    for (const struct dg_finding *i = findings.first; i != NULL; i = i->next) {
        if ((i->rule != DG_RULE_OPEN) && (i->rule != DG_RULE_REQ_4_BY)) {
            fail_msg("%zu: %s: %s", i->line, dg_rule(i->rule)->id, i->text);
        }
    }
    dg_findings_free(&findings);
    dg_profile_free(&profile);
    dg_profile_free(&package);
    free(text);
}

/* A profile of somebody else, by direct rationale and exact conformance, with
 * requirements and assurance that no package of ours has. */
static void test_starter__of_an_imported_profile__claims_it_as_it_is(
    void **state)
{
    static const enum dg_rule_id never[] = {
        DG_RULE_CCL_2,
        DG_RULE_CCL_3,
        DG_RULE_CCL_5,
        DG_RULE_CCL_6,
        DG_RULE_CCL_8_PROBLEM,
        DG_RULE_CCL_8_OBJECTIVE,
        DG_RULE_OBJ_2,
        DG_RULE_CCL_8_SFR,
        DG_RULE_CCL_8_EXACT,
        DG_RULE_REQ_1,
        DG_RULE_SPD_2,
        DG_RULE_L8,
    };
    static const char path[] = DG_VECTORS "/niap/mobile-device-4.0.xml";
    struct dg_profile profile;
    struct dg_profile package;
    struct dg_problem problem = {""};
    struct dg_findings findings;
    char *text = NULL;
    size_t size = 0U;
    FILE *out = NULL;

    (void)state;
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    out = open_memstream(&text, &size);
    assert_non_null(out);
    if ((dg_profile_open(path, &profile, &problem) != DG_OK) ||
        (dg_profile_open(DG_SPEC "/profiles/packages/moderate.yaml",
                         &package,
                         &problem) != DG_OK)) {
        fail_msg("%s", problem.text);
    }
    dg_starter_write(&(struct dg_starter){.profile = &profile,
                                          .package = &package,
                                          .profile_file = path,
                                          .product = "A phone",
                                          .date = "2026-01-01"},
                     out);
    assert_int_equal(fclose(out), 0);
    check_text(text, &findings);
    assert_true(has_rule(&findings, DG_RULE_OPEN));
    for (size_t i = 0U; i < (sizeof never / sizeof never[0]); i++) {
        if (has_rule(&findings, never[i])) {
            dg_findings_print(&findings, "imported", stdout);
            fail_msg("%s", dg_rule(never[i])->id);
        }
    }
    dg_findings_free(&findings);
    dg_profile_free(&profile);
    dg_profile_free(&package);
    free(text);
}

/* A profile of a stranger says what a value is; it costs little to find out. */
static void test_bound__of_the_whole_value__and_none_that_costs(void **state)
{
    static const struct {
        const char *value;
        const char *bound;
        bool fits;
    } rows[] = {
        {"ab", "regex a|ab", true},
        {"abc", "regex a|ab", false},
        {"xab", "regex ab", false},
        {"ab", "regex ^ab$", true},
        /* No bracket of ours to close. */
        {"anything", "regex a)|(.*", false},
        {"aaa", "regex a{1,3}", true},
        {"aaaa", "regex a{1,3}", false},
        {"a", "regex ((a{1,99}){1,99}){1,99}", false},
        {"a", "regex a{1,9999}", false},
        {"aa", "regex (a)\\1", false},
        {"7", "int 1..10", true},
        {"11", "int 1..10", false},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        if (dg_view_fits(rows[i].value, rows[i].bound) != rows[i].fits) {
            fail_msg("'%s' and %s", rows[i].value, rows[i].bound);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_target__the_reference__has_no_finding),
        cmocka_unit_test(test_target__each_fault__is_found_by_its_rule),
        cmocka_unit_test(test_target__each_rule__has_words_and_a_fault),
        cmocka_unit_test(test_target__a_finding__names_its_line),
        cmocka_unit_test(
            test_target__what_is_no_target__is_refused_with_its_line),
        cmocka_unit_test(test_target__a_quoted_text__is_tame),
        cmocka_unit_test(test_target__endless_lists__are_refused),
        cmocka_unit_test(test_bound__of_the_whole_value__and_none_that_costs),
        cmocka_unit_test(test_starter__of_a_profile__leaves_only_questions),
        cmocka_unit_test(
            test_starter__of_an_imported_profile__claims_it_as_it_is),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
