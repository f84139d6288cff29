/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "eval/profile/import.h"
#include "eval/profile/operation.h"
#include "eval/profile/platform.h"
#include "eval/profile/xml.h"

#define NIAP DG_VECTORS "/niap/"

/* Counts of the published files, from their README; of the operations those in
 * the titles of elements, without the texts of definitions. */
static const struct {
    const char *file;
    enum dg_profile_kind kind;
    size_t threats;
    size_t assumptions;
    size_t environment;
    size_t sfrs;
    size_t mandatory;
    size_t objective;
    size_t selection_based;
    size_t elements;
    size_t sars;
    size_t test_blocks;
    size_t test_items;
    size_t selections;
    size_t choices;
    size_t assignments;
    size_t links;
} published[] = {
    {NIAP "mobile-device-4.0.xml",
     DG_PROFILE_PROFILE,
     5,
     4,
     4,
     101,
     69,
     16,
     10,
     151,
     11,
     151,
     87,
     215,
     594,
     68,
     167},
    {NIAP "application-software-2.0.xml",
     DG_PROFILE_PROFILE,
     4,
     3,
     3,
     37,
     15,
     2,
     20,
     57,
     11,
     51,
     101,
     75,
     245,
     39,
     90},
    {NIAP "bluetooth-module-2.0.xml",
     DG_PROFILE_MODULE,
     2,
     0,
     0,
     17,
     16,
     0,
     0,
     20,
     0,
     24,
     15,
     5,
     12,
     11,
     27},
};

#define PUBLISHED (sizeof published / sizeof published[0])

static size_t with_status(const struct dg_profile *profile,
                          enum dg_sfr_status status)
{
    size_t count = 0U;

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        count += (profile->sfrs[i].status == status) ? 1U : 0U;
    }
    return count;
}

struct sums {
    size_t elements;
    size_t blocks;
    size_t items;
    size_t selections;
    size_t choices;
    size_t assignments;
};

static void add_activities(struct sums *sums,
                           const struct dg_activity *activities,
                           size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        assert_non_null(activities[i].of);
        sums->blocks += (strcmp(activities[i].kind, "Tests") == 0) ? 1U : 0U;
        sums->items += activities[i].count;
    }
}

static struct sums sums_of(const struct dg_profile *profile)
{
    struct sums sums = {0};

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const struct dg_sfr *sfr = &profile->sfrs[i];

        sums.elements += sfr->count;
        add_activities(&sums, sfr->activities, sfr->activity_count);
        for (size_t e = 0U; e < sfr->count; e++) {
            assert_true(sfr->elements[e].text[0] != '\0');
            for (size_t o = 0U; o < sfr->elements[e].count; o++) {
                const struct dg_operation *operation =
                    &sfr->elements[e].operations[o];

                assert_true(operation->is_placed);
                sums.selections +=
                    (operation->kind == DG_OPERATION_SELECTION) ? 1U : 0U;
                sums.assignments +=
                    (operation->kind == DG_OPERATION_ASSIGNMENT) ? 1U : 0U;
                sums.choices += operation->choice_count;
            }
        }
    }
    for (size_t i = 0U; i < profile->sar_count; i++) {
        add_activities(&sums,
                       profile->sars[i].activities,
                       profile->sars[i].activity_count);
    }
    return sums;
}

static size_t of_kind(const struct dg_profile *profile, enum dg_spd_kind kind)
{
    size_t count = 0U;

    for (size_t i = 0U; i < profile->problem_count; i++) {
        count += (profile->problem[i].kind == kind) ? 1U : 0U;
    }
    return count;
}

static bool open_published(const char *path, struct dg_profile *profile)
{
    struct dg_problem problem = {""};

    if (access(path, R_OK) != 0) {
        print_message("skipped: no published profile at %s\n", path);
        return false;
    }
    if (dg_profile_open(path, profile, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    return true;
}

/* @verifies{EVL_PROFILE.2@1} */
static void test_import__published__is_whole(void **state)
{
    (void)state;
    for (size_t i = 0U; i < PUBLISHED; i++) {
        struct dg_profile profile;
        size_t links = 0U;

        if (!open_published(published[i].file, &profile)) {
            skip();
        }

        const struct sums sums = sums_of(&profile);

        for (size_t at = 0U; at < profile.problem_count; at++) {
            if (profile.problem[at].kind == DG_SPD_THREAT) {
                links += profile.problem[at].links.count;
            }
        }
        assert_true(profile.is_imported && profile.is_direct);
        assert_int_equal(profile.kind, published[i].kind);
        assert_int_equal(of_kind(&profile, DG_SPD_THREAT),
                         published[i].threats);
        assert_int_equal(of_kind(&profile, DG_SPD_ASSUMPTION),
                         published[i].assumptions);
        assert_int_equal(profile.objective_count, published[i].environment);
        assert_int_equal(profile.sfr_count, published[i].sfrs);
        assert_int_equal(with_status(&profile, DG_SFR_MANDATORY),
                         published[i].mandatory);
        assert_int_equal(with_status(&profile, DG_SFR_OBJECTIVE),
                         published[i].objective);
        assert_int_equal(with_status(&profile, DG_SFR_SELECTION_BASED),
                         published[i].selection_based);
        assert_int_equal(profile.sar_count, published[i].sars);
        assert_int_equal(sums.elements, published[i].elements);
        assert_int_equal(sums.blocks, published[i].test_blocks);
        assert_int_equal(sums.items, published[i].test_items);
        assert_int_equal(sums.selections, published[i].selections);
        assert_int_equal(sums.choices, published[i].choices);
        assert_int_equal(sums.assignments, published[i].assignments);
        assert_int_equal(links, published[i].links);
        dg_profile_free(&profile);
    }
}

/* The links are those of the table that was made by another program: its rows
 * document, version, threat, SFR, status. */
static void test_import__links__are_those_of_the_table(void **state)
{
    struct dg_profile profile;
    char line[512];
    size_t rows = 0U;
    FILE *table = fopen(DG_VECTORS "/criteria/niap_threat_sfr.tsv", "r");

    (void)state;
    if ((table == NULL) || !open_published(published[0].file, &profile)) {
        print_message("skipped: no table of published links\n");
        skip();
    }
    while (fgets(line, sizeof line, table) != NULL) {
        char *save = NULL;
        char *threat = NULL;
        char *sfr = NULL;

        if (strstr(line, "T.") == NULL) {
            continue;
        }
        if (strncmp(line, "mobile-device", 13U) != 0) {
            continue;
        }
        (void)strtok_r(line, "\t", &save);
        (void)strtok_r(NULL, "\t", &save);
        threat = strtok_r(NULL, "\t", &save);
        sfr = strtok_r(NULL, "\t\n", &save);

        const struct dg_spd *spd = dg_profile_problem(&profile, threat);
        bool is_there = false;

        assert_non_null(spd);
        for (size_t i = 0U; i < spd->links.count; i++) {
            is_there =
                is_there || (strcasecmp(spd->links.item[i].to, sfr) == 0);
        }
        if (!is_there) {
            fail_msg("%s is not addressed by %s", threat, sfr);
        }
        rows++;
    }
    assert_true(rows > 100U);
    assert_int_equal(fclose(table), 0);
    dg_profile_free(&profile);
}

/* @verifies{EVL_PROFILE.4@1} */
static void test_platform__phone__carries_what_it_has_and_no_more(void **state)
{
    /* Statuses of the table: mandatory of "addressed by". */
    static const struct {
        const char *threat;
        size_t addressed;
    } rows[] = {{"T.NETWORK_EAVESDROP", 29U},
                {"T.NETWORK_ATTACK", 40U},
                {"T.PHYSICAL_ACCESS", 44U},
                {"T.MALICIOUS_APP", 39U},
                {"T.PERSISTENT_PRESENCE", 15U},
                {"T.STARVATION", 0U},
                {"T.PRIVACY", 0U},
                {"T.HAZARD", 0U}};
    static const char *one[] = {"fcs_cop.1/hash"};
    static const char *wrong[] = {"FRU_RSA.1"};
    const struct dg_words claimed = {one, 1U};
    const struct dg_words nonsense = {wrong, 1U};
    struct dg_profile ours;
    struct dg_profile theirs;
    struct dg_problem problem = {""};
    struct dg_platform_row *all = NULL;
    struct dg_platform_row *few = NULL;

    (void)state;
    if (!open_published(published[0].file, &theirs)) {
        skip();
    }
    assert_int_equal(dg_profile_open(DG_SPEC "/profiles/mobile-control.yaml",
                                     &ours,
                                     &problem),
                     DG_OK);
    assert_int_equal(
        dg_profile_platform(&ours, &theirs, NULL, &ours.arena, &all),
        sizeof rows / sizeof rows[0]);
    assert_int_equal(
        dg_profile_platform(&ours, &theirs, &claimed, &ours.arena, &few),
        sizeof rows / sizeof rows[0]);
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        assert_string_equal(all[i].ours->id, rows[i].threat);
        assert_int_equal(all[i].theirs != NULL, rows[i].addressed > 0U);
        assert_int_equal(all[i].held.count + all[i].missing.count +
                             all[i].outside.count,
                         rows[i].addressed);
        assert_true(few[i].held.count <= 1U);
        for (size_t at = 0U; at < all[i].missing.count; at++) {
            const struct dg_sfr *sfr =
                dg_profile_sfr(&theirs, all[i].missing.item[at]);

            assert_int_not_equal(sfr->status, DG_SFR_MANDATORY);
        }
    }
    assert_int_equal(few[1].held.count, 1U);
    assert_null(dg_profile_platform_stranger(&theirs, &claimed));
    assert_string_equal(dg_profile_platform_stranger(&theirs, &nonsense),
                        "FRU_RSA.1");
    assert_int_equal(dg_profile_van(&theirs), 1U);
    dg_profile_free(&ours);
    dg_profile_free(&theirs);
}

#define BEGIN                                                              \
    "<PP xmlns=\"https://niap-ccevs.org/cc/v1\" "                          \
    "xmlns:h=\"http://www.w3.org/1999/xhtml\" target-product=\"Pen\">"     \
    "<PPReference><ReferenceTable><PPTitle>A pen</PPTitle><PPVersion>1"    \
    "</PPVersion><PPAuthor>me</PPAuthor><PPPubDate>2026-01-01</PPPubDate>" \
    "</ReferenceTable></PPReference>"

static enum dg_status import_text(const char *text,
                                  struct dg_profile *profile,
                                  struct dg_problem *problem)
{
    return dg_profile_import((dg_span){(const uint8_t *)text, strlen(text)},
                             "pen.xml",
                             profile,
                             problem);
}

static void test_import__operations__keep_their_places(void **state)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};

    (void)state;
    assert_int_equal(
        import_text(
            BEGIN
            "<f-component cc-id=\"fcs_cop.1\" iteration=\"Hash\" name=\"n\">"
            "<f-element><title>Do\n <selectables onlyone=\"yes\"><selectable "
            "id=\"one\">this { <assignable>much<int gte=\"1\" lte=\"9\"/>"
            "</assignable></selectable><selectable exclusive=\"yes\">nothing"
            "</selectable></selectables> <h:b>now</h:b>.</title><aactivity>"
            "<TSS>look</TSS><Tests>try<testlist><test id=\"t1\">first</test>"
            "</testlist></Tests></aactivity></f-element></f-component>"
            "<threat name=\"T.X\"><description>bad</description>"
            "<addressed-by>FCS_COP.1/HASH (objective)</addressed-by>"
            "<rationale>why</rationale>"
            "<addressed-by>FIA_UAU.1</addressed-by><rationale/></threat></PP>",
            &profile,
            &problem),
        DG_OK);

    const struct dg_element *element = &profile.sfrs[0].elements[0];

    assert_string_equal(profile.id, "a-pen");
    assert_string_equal(
        dg_element_render(element, &profile.arena),
        "Do [selection, choose one of: this { [assignment: much]; nothing] "
        "now.");
    assert_string_equal(element->operations[1].bound, "int 1..9");
    assert_ptr_equal(element->operations[1].parent, &element->operations[0]);
    assert_true(element->operations[0].choices[1].is_exclusive);
    assert_int_equal(profile.sfrs[0].activity_count, 2);
    assert_string_equal(profile.sfrs[0].activities[1].tests[0].id, "t1");
    assert_string_equal(profile.problem[0].links.item[0].to, "FCS_COP.1/Hash");
    assert_false(profile.problem[0].links.item[0].is_outside);
    assert_true(profile.problem[0].links.item[1].is_outside);
    dg_profile_free(&profile);
}

static void refused(const char *text, const char *says)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};

    if (import_text(text, &profile, &problem) != DG_E_MALFORMED) {
        fail_msg("taken: %.200s", text);
    }
    if (strstr(problem.text, says) == NULL) {
        fail_msg("'%s' does not say '%s'", problem.text, says);
    }
    dg_profile_free(&profile);
}

/* @verifies{EVL_PROFILE.3@1} */
static void test_import__hostile__is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "pen.xml:1: empty"},
        {"<?xml version=\"1.0\"?>\n<!DOCTYPE b [<!ENTITY a \"b\">\n<!ENTITY c "
         "\"&a;&a;&a;\">]><b>&c;</b>",
         "pen.xml:2: a document type or entity declaration"},
        /* A comment begins here, and only seems to end at once. */
        {"<!--> <![CDATA[ --><!DOCTYPE PP [<!ENTITY a \"hidden\">]><!-- ]]> "
         "--><PP xmlns=\"https://niap-ccevs.org/cc/v1\">&a;</PP>",
         "a document type or entity declaration"},
        {"<!DOCTYPE b SYSTEM \"http://127.0.0.1/x\"><b/>", "document type"},
        {"<b><!ENTITY a SYSTEM \"file:///etc/passwd\"></b>", "entity"},
        {"<b>&unknown;</b>", "pen.xml:1: not XML"},
        {"<b>", "cut short"},
        {"<b>\n\n<c", "pen.xml:3: a tag that does not end"},
        {"<b><!-- ", "cut short"},
        {"<b><![CDATA[ ", "cut short"},
        {"</b>", "did not begin"},
        {"<b/></c>", "did not begin"},
        {"<b></c>", "not XML"},
        {"<?xml version=\"1.0\" encoding=\"UTF-16\"?><b/>", "encoding"},
        {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><b>\xE9</b>",
         "encoding"},
        {"<b>\xE9</b>", "not XML"},
        {"<b/>", "no PP, Module or Package"},
        {"<PP xmlns=\"https://niap-ccevs.org/cc/v1\"/>", "ReferenceTable"},
        {BEGIN "<f-component name=\"n\"/></PP>", "without cc-id"},
        {BEGIN "<f-component cc-id=\"nonsense\" name=\"n\"/></PP>",
         "is no component"},
        {BEGIN "<f-component cc-id=\"fcs_cop.1\" name=\"n\"><f-component "
               "cc-id=\"fcs_cop.2\" name=\"n\"/></f-component></PP>",
         "a component inside another"},
        {BEGIN "<f-component cc-id=\"fcs_cop.1\" name=\"n\"><f-element/>"
               "</f-component></PP>",
         "has no title"},
        {BEGIN "<threat name=\"T.X\"/><threat name=\"T.X\"/></PP>",
         "T.X stands here twice"},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        refused(rows[i].text, rows[i].says);
    }
}

/* @verifies{EVL_PROFILE.3@1} */
static void test_import__deep_and_many__is_refused_before_it_is_parsed(
    void **state)
{
    static char text[900000];
    size_t size = 0U;

    (void)state;
    for (size_t i = 0U; i < 100000U; i++) {
        memcpy(&text[size], "<b>", 3U);
        size += 3U;
    }
    refused(text, "too deep");
    memcpy(text, "<a>", 3U);
    for (size = 3U; size < (sizeof text - 8U); size += 4U) {
        memcpy(&text[size], "<b/>", 4U);
    }
    refused(text, "too many elements");
    memset(text, 0, sizeof text);
    memcpy(text, "<a ", 3U);
    for (size = 3U; size < (sizeof text - 8U); size += 4U) {
        memcpy(&text[size],
               "b='"
               "'",
               4U);
    }
    memcpy(&text[size], "/>", 2U);
    refused(text, "too many attributes");
}

/* A part in the middle of elements that lie inside each other is kept once for
 * each of them; that ends before memory does. */
static void test_import__nested_texts__are_bounded(void **state)
{
    const size_t words = 4U * 1024U * 1024U;
    char *text = calloc(1U, words + 8192U);
    size_t size = 0U;

    (void)state;
    assert_non_null(text);
    size += (size_t)sprintf(&text[size],
                            "%s<f-component cc-id=\"fcs_cop.1\" name=\"n\">"
                            "<f-element><title>t</title><aactivity><Tests>",
                            BEGIN);
    for (size_t i = 0U; i < 24U; i++) {
        size += (size_t)sprintf(&text[size], "<testlist><test>");
    }
    memset(&text[size], 'x', words);
    size += words;
    for (size_t i = 0U; i < 24U; i++) {
        size += (size_t)sprintf(&text[size], "</test></testlist>");
    }
    (void)sprintf(&text[size],
                  "</Tests></aactivity></f-element></f-component></PP>");
    refused(text, "texts add up to more than 64 MiB");
    free(text);
}

/* @verifies{EVL_PROFILE.3@1} */
static void test_import__too_large__is_not_read(void **state)
{
    char path[] = "profile-large-XXXXXX";
    char named[40];
    const int fd = mkstemp(path);
    struct dg_profile profile;
    struct dg_problem problem = {""};

    (void)state;
    assert_true(fd >= 0);
    /* 100 MB, of which the disk has none. */
    assert_int_equal(ftruncate(fd, 100 * 1000 * 1000), 0);
    assert_int_equal(close(fd), 0);
    (void)snprintf(named, sizeof named, "%s.xml", path);
    assert_int_equal(rename(path, named), 0);

    const enum dg_status status = dg_profile_open(named, &profile, &problem);

    assert_int_equal(unlink(named), 0);
    assert_int_equal(status, DG_E_MALFORMED);
    assert_non_null(strstr(problem.text, named));
    dg_profile_free(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_import__published__is_whole),
        cmocka_unit_test(test_import__links__are_those_of_the_table),
        cmocka_unit_test(test_platform__phone__carries_what_it_has_and_no_more),
        cmocka_unit_test(test_import__operations__keep_their_places),
        cmocka_unit_test(test_import__hostile__is_refused),
        cmocka_unit_test(
            test_import__deep_and_many__is_refused_before_it_is_parsed),
        cmocka_unit_test(test_import__nested_texts__are_bounded),
        cmocka_unit_test(test_import__too_large__is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
