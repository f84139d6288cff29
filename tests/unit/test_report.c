/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_html.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/conclude.h"
#include "eval/file.h"
#include "eval/report_junit.h"
#include "eval/svg_check.h"
#include "eval/verify.h"
#include "sample_run.h"

#define PATH_SIZE 300U

static struct dg_crypto crypto;
static struct dg_lab_key key;
static char folder[] = "report_XXXXXX";
static const struct dg_run_origin origin = {"00ff", "0123456789abcdef"};

static void in_folder(const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static int set_up(void **state)
{
    char path[PATH_SIZE];

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_non_null(mkdtemp(folder));
    in_folder("lab.key", path);
    return (dg_lab_key_open(&crypto, path, &key, NULL) == DG_OK) ? 0 : 1;
}

static int tear_down(void **state)
{
    DIR *dir = opendir(folder);

    (void)state;
    assert_non_null(dir);
    for (const struct dirent *one = readdir(dir); one != NULL;
         one = readdir(dir)) {
        char path[2U * PATH_SIZE];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, one->d_name);
        (void)unlink(path);
    }
    (void)closedir(dir);
    return rmdir(folder);
}

static void test_html__hostile_text__escaped_or_replaced(void **state)
{
    struct dg_html html;

    (void)state;
    dg_html_init(&html);
    dg_html_put(&html,
                "<a title=\"%s\">%u %d %zu %llu %lld%%",
                "\"'<&>\x01\x1b\x7f\t\n\xff\xc0\x80\xed\xa0\x80"
                "\xe2\x80\xae\xef\xbf\xbe\xc3\xa9",
                7U,
                -7,
                (size_t)8,
                9ULL,
                -9LL);
    assert_string_equal(
        html.at,
        "<a title=\"&quot;&#39;&lt;&amp;&gt;"
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\t\n" /* 01 1b 7f */
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"     /* ff, overlong c0 80 */
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"     /* surrogate */
        "\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\">"      /* reorder, fffe, e acute */
        "7 -7 8 9 -9%");
    dg_html_free(&html);
}

static void put_unknown(struct dg_html *html, const char *format)
{
    /* The compiler would refuse this format where it can see it. */
    void (*put)(struct dg_html *, const char *, ...) = dg_html_put;

    put(html, format, 1.0);
}

static void test_html__unknown_conversion__fails(void **state)
{
    struct dg_html html;

    (void)state;
    dg_html_init(&html);
    put_unknown(&html, "%x");
    assert_true(html.failed);
    assert_int_equal(dg_html_span(&html).size, 0);
    dg_html_free(&html);
}

/* Put one hostile text into every text of the run that a page shows. */
static void poison(struct dg_run *run, const char *text)
{
    run->product.name = text;
    run->product.maker = text;
    run->product.version = text;
    run->product.contact = text;
    run->product.phone_lost = text;
    run->head.host = text;
    run->head.profile_title = text;
    run->head.ended = text;
    run->product.claims->value = text;
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        t->id = text;
        t->title = text;
        t->threat = text;
        t->position = text;
        t->reason = text;
        t->tried = text;
        t->criterion = text;
        t->remediation = text;
        t->replay_command = text;
        t->waived_because = text;
        t->requirements->text = text;
        t->monitors->name = text;
        t->monitors->text = text;
        if (t->seen != NULL) {
            t->seen->text = text;
        }
        if (t->measures != NULL) {
            t->measures->name = text;
            t->measures->unit = text;
        }
        if (t->packets != NULL) {
            t->packets->label = text;
            t->packets->hex = text;
        }
        if (t->paths != NULL) {
            t->paths->title = text;
            t->paths->justification = text;
            t->paths->rated_by = text;
            t->paths->choices->reason = text;
        }
    }
    run->calibration->flaw = text;
    run->calibration->product = text;
    run->calibration->seen = text;
    run->figures->caption = text;
    run->figures->id = text;
    run->figures->svg = text;
}

static void test_report__hostile_run__nothing_runs(void **state)
{
    static const enum dg_derived_kind kinds[] = {
        DG_DERIVED_HTML, DG_DERIVED_JUNIT, DG_DERIVED_LABEL};
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, true);
    poison(&run, "\"'><script>alert(1)</script>]]>-->");
    for (size_t i = 0; i < 3U; i++) {
        struct dg_html html;

        assert_int_equal(dg_derived_render(kinds[i], &run, &origin, &html),
                         DG_OK);
        assert_null(strstr(html.at, "<script"));
        assert_null(strstr(html.at, "\"'>"));
        assert_null(strstr(html.at, "]]>"));
        assert_non_null(strstr(html.at, "&lt;script&gt;"));
        dg_html_free(&html);
    }
    dg_run_free(&run);
}

/* No page may fetch anything: the only addresses are names of formats. */
static void test_report__page__needs_nothing_else(void **state)
{
    static const char *const fetching[] = {
        "src=", "<link", "<script", "@import", "url(", "<img", "<iframe"};
    struct dg_run run;
    struct dg_html html;

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_report_html_render(&run, &origin, &html), DG_OK);
    for (size_t i = 0; i < (sizeof(fetching) / sizeof(fetching[0])); i++) {
        assert_null(strstr(html.at, fetching[i]));
    }
    for (const char *at = strstr(html.at, "http"); at != NULL;
         at = strstr(at + 1, "http")) {
        assert_true((strncmp(at, "http-equiv", 10) == 0) ||
                    (strncmp(at, "http://www.w3.org/2000/svg", 26) == 0));
    }
    assert_non_null(strstr(html.at, "not a DTSec, DTMoSt or IEEE 2621"));
    dg_html_free(&html);
    dg_run_free(&run);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = strstr(text, what); at != NULL;
         at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static void test_report__page__holds_every_test_and_link(void **state)
{
    struct dg_run run;
    struct dg_html html;

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_report_html_render(&run, &origin, &html), DG_OK);
    for (const struct dg_run_test *t = run.tests; t != NULL; t = t->next) {
        char part[200];

        (void)snprintf(part, sizeof(part), "id=\"test-%s\"", t->id);
        assert_int_equal(count_of(html.at, part), 1);
        (void)snprintf(part, sizeof(part), "<td><a href=\"#test-%s\"", t->id);
        assert_int_equal(count_of(html.at, part), 1);
    }
    /* What failed first: both failures stand before the first pass. */
    assert_true(strstr(html.at, "id=\"test-overdose-slow\"") <
                strstr(html.at, "id=\"test-capture\""));
    assert_non_null(strstr(html.at, "caught 2 of 3"));
    assert_non_null(strstr(html.at, "184.2 <span class=\"unit\">ms"));
    assert_non_null(strstr(html.at, run.table.digest));
    dg_html_free(&html);
    dg_run_free(&run);
}

static void test_report__same_run_twice__same_bytes(void **state)
{
    static const enum dg_derived_kind kinds[] = {
        DG_DERIVED_HTML, DG_DERIVED_JUNIT, DG_DERIVED_LABEL};
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, false);
    for (size_t i = 0; i < 3U; i++) {
        struct dg_html first;
        struct dg_html second;

        assert_int_equal(dg_derived_render(kinds[i], &run, &origin, &first),
                         DG_OK);
        assert_int_equal(dg_derived_render(kinds[i], &run, &origin, &second),
                         DG_OK);
        assert_string_equal(first.at, second.at);
        dg_html_free(&first);
        dg_html_free(&second);
    }
    dg_run_free(&run);
}

static void test_junit__verdicts__mapped_and_counted(void **state)
{
    struct dg_run run;
    struct dg_html xml;

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_report_junit_render(&run, &origin, &xml), DG_OK);
    /* 8 tests: 2 fail; suite error and inconclusive; not applicable, pending
     * and waived; 1 passes. */
    assert_int_equal(count_of(xml.at, "<testcase "), 8);
    assert_int_equal(count_of(xml.at, "<failure "), 2);
    assert_int_equal(count_of(xml.at, "<error "), 2);
    assert_int_equal(count_of(xml.at, "<skipped "), 3);
    assert_int_equal(count_of(xml.at,
                              "tests=\"8\" failures=\"2\" errors=\"2\" "
                              "skipped=\"3\""),
                     2);
    assert_non_null(strstr(xml.at, "C. Certifier, until 2026-06-30"));
    dg_html_free(&xml);

    /* A waiver that has run out is no excuse. */
    run.head.ended = "2026-07-01T00:00:00Z";
    assert_int_equal(dg_report_junit_render(&run, &origin, &xml), DG_OK);
    assert_int_equal(count_of(xml.at, "<error "), 3);
    dg_html_free(&xml);
    dg_run_free(&run);
}

/* @verifies{EVL_VERDICT.2@1} */
static void test_run__verdicts__exit_code(void **state)
{
    struct dg_run run;

    (void)state;
    sample_run_small(&run);
    assert_int_equal(dg_run_exit_code(&run), 0);

    struct dg_run_test *test = dg_run_add_test(&run, "two");

    assert_int_equal(dg_run_exit_code(&run), 1); /* nobody decided */
    test->verdict = DG_RUN_NOT_APPLICABLE;
    assert_int_equal(dg_run_exit_code(&run), 0);
    test->verdict = DG_RUN_INCONCLUSIVE;
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->verdict = DG_RUN_PENDING;
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->verdict = DG_RUN_ERROR;
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->verdict = DG_RUN_WAIVED;
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->waived_because = "x";
    test->waived_by = "y";
    test->waived_until = "2026-03-02";
    assert_int_equal(dg_run_exit_code(&run), 0);
    test->waived_until = "2026-03-01";
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->waived_until = "forever";
    assert_int_equal(dg_run_exit_code(&run), 1);
    test->verdict = DG_RUN_FAIL;
    assert_int_equal(dg_run_exit_code(&run), 2);
    run.tests->verdict = DG_RUN_NOT_APPLICABLE;
    test->verdict = DG_RUN_NOT_APPLICABLE;
    assert_int_equal(dg_run_exit_code(&run), 1); /* nothing was shown */
    dg_run_free(&run);
}

/* @verifies{EVL_VERDICT.1@1} */
static void test_conclude__runs__claim_and_level(void **state)
{
    struct dg_run run;
    struct dg_conclusion c;

    (void)state;
    sample_run_make(&run, &crypto, false);
    assert_int_equal(dg_conclude(&run, &c), DG_OK);
    assert_int_equal(c.claim, DG_CLAIM_HOLDS);
    assert_int_equal(c.van, 3); /* the claim, though 3+6+7+4+0 = 20 gives 4 */
    assert_int_equal(c.cheapest_rating.sum, 20);
    assert_int_equal(c.residual, 1);
    assert_true(c.has_van);

    /* A few tests alone, which claim nothing, name no level. */
    run.head.van_claimed = 0U;
    assert_int_equal(dg_conclude(&run, &c), DG_OK);
    assert_false(c.has_van);
    run.head.van_claimed = 3U;

    /* Unrated factors can never help a product. */
    dg_run_find_test(&run, "starve-phone")->paths->choices->level = "x";
    assert_int_equal(dg_conclude(&run, &c), DG_OK);
    assert_int_equal(c.claim, DG_CLAIM_UNDECIDED);
    assert_false(c.has_van);
    dg_run_free(&run);

    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_conclude(&run, &c), DG_OK);
    assert_int_equal(c.claim, DG_CLAIM_FAILS);
    assert_int_equal(c.cheapest_rating.sum, 4);
    assert_int_equal(c.van, 0);
    assert_true(c.has_van);
    assert_string_equal(c.cheapest_test->id, "replay");

    /* A failure that nobody rated leaves no level. */
    dg_run_find_test(&run, "replay")->paths = NULL;
    assert_int_equal(dg_conclude(&run, &c), DG_OK);
    assert_int_equal(c.unrated_failures, 1);
    assert_false(c.has_van);
    dg_run_free(&run);
}

static void test_svg__plain_or_not__told(void **state)
{
    static const char *const bad[] = {
        "",
        "text",
        "<svg>",
        "<svg/><svg/>",
        "<g/>",
        "<svg></g></svg>",
        "<svg><script/></svg>",
        "<svg><style>text{fill:red}</style></svg>",
        "<svg><style>.dg-a{fill:red}.b{fill:red}</style></svg>",
        "<svg><style>.dg-a,p{fill:red}</style></svg>",
        "<svg><style>@import 'x';.dg-a{fill:red}</style></svg>",
        "<svg><style>.dg-a{fill:url(x)}</style></svg>",
        "<svg><style>.dg-a{position:fixed}</style></svg>",
        "<svg><style>.dg-a{fill:red</style></svg>",
        "<svg><style>.dg-a{fill:red}<g/></style></svg>x",
        "<svg oNload=\"x\"/>",
        "<svg><g hReF=\"#a\"/></svg>",
        "<svg><g style=\"fill:red\"/></svg>",
        "<svg><a/></svg>",
        "<svg><image/></svg>",
        "<svg><use/></svg>",
        "<svg><foreignObject/></svg>",
        "<svg onload=\"x\"/>",
        "<svg ONLOAD=\"x\"/>",
        "<svg><g xlink:href=\"#a\"/></svg>",
        "<svg><g href=\"#a\"/></svg>",
        "<svg><g fill=\"url(http:x)\"/></svg>",
        "<svg><g fill=\"URL(#fig-x) url( #y)\"/></svg>",
        "<svg><g style=\"background:\\75rl(x)\"/></svg>",
        "<svg><g style=\"x:image-set('y')\"/></svg>",
        "<svg><g id=\"test-replay\"/></svg>",
        "<svg><g fill=red/></svg>",
        "<svg><g fill='red'/></svg>",
        "<svg><!-- x --></svg>",
        "<?xml version=\"1.0\"?><svg/>",
        "<svg><g fill=\"a&#x3b;\"/></svg>",
        "<svg><g/ onload=\"x\"></svg>",
        "<svg/>x",
        "<svg><text>a</text",
    };
    static const char *const good[] = {
        "<svg/>",
        "<svg><style>\n.dg-a text{fill:var(--x,#fff)}\n.dg-b{fill:red}\n"
        "</style></svg>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">"
        "<defs><linearGradient id=\"fig-a\"><stop offset=\"0\"/>"
        "</linearGradient></defs>\n<path d=\"M0 0\" fill=\"url(#fig-a)\"/>"
        "<text x=\"1\">a &amp; b</text></svg>\n",
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        const char *why = NULL;

        if (dg_svg_is_plain(bad[i], &why)) {
            fail_msg("taken: %s", bad[i]);
        }
        assert_non_null(why);
    }
    for (size_t i = 0; i < (sizeof(good) / sizeof(good[0])); i++) {
        const char *why = NULL;

        if (!dg_svg_is_plain(good[i], &why)) {
            fail_msg("%s: %s", why, good[i]);
        }
    }
}

static void write_all(struct dg_run_origin *made)
{
    struct dg_run run;
    char path[PATH_SIZE];

    sample_run_make(&run, &crypto, true);
    in_folder("run.dgrun", path);
    assert_int_equal(dg_run_file_write(&crypto, &run, &key, path, made, NULL),
                     DG_OK);
    in_folder("report.html", path);
    assert_int_equal(dg_derived_write(DG_DERIVED_HTML, &run, made, path, NULL),
                     DG_OK);
    in_folder("junit.xml", path);
    assert_int_equal(dg_derived_write(DG_DERIVED_JUNIT, &run, made, path, NULL),
                     DG_OK);
    in_folder("label.svg", path);
    assert_int_equal(dg_derived_write(DG_DERIVED_LABEL, &run, made, path, NULL),
                     DG_OK);
    dg_run_free(&run);
}

static struct dg_verify_result verify(const char *name)
{
    struct dg_verify_result result;
    char path[PATH_SIZE];

    in_folder(name, path);
    assert_int_equal(dg_verify_file(&crypto, path, &key.public_key, &result),
                     DG_OK);
    assert_true(result.why.text[0] != '\0');
    return result;
}

/* Change one byte of a file in place. */
static void damage(const char *name, size_t at, uint8_t flip)
{
    char path[PATH_SIZE];
    int byte = 0;

    in_folder(name, path);

    FILE *file = fopen(path, "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    byte = fgetc(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ flip, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void test_verify__files_as_made__valid(void **state)
{
    struct dg_run_origin made;

    (void)state;
    write_all(&made);
    assert_int_equal(verify("run.dgrun").state, DG_VERIFY_VALID);
    assert_int_equal(verify("report.html").state, DG_VERIFY_VALID);
    assert_int_equal(verify("junit.xml").state, DG_VERIFY_VALID);
    assert_int_equal(verify("label.svg").state, DG_VERIFY_VALID);
    assert_int_equal(verify("label.svg").kind, DG_DERIVED_LABEL);
    assert_string_equal(verify("report.html").origin.digest, made.digest);
}

static void test_verify__derived_file_altered__line_told(void **state)
{
    static const char *const names[] = {
        "report.html", "junit.xml", "label.svg"};
    struct dg_run_origin made;

    (void)state;
    write_all(&made);
    for (size_t n = 0; n < 3U; n++) {
        char path[PATH_SIZE];
        dg_span bytes = {NULL, 0};

        in_folder(names[n], path);
        assert_int_equal(dg_file_read(path, 1U << 24, &bytes, NULL), DG_OK);
        /* A stride that is no divisor of any line, over the whole file. */
        for (size_t at = 0; at < bytes.size; at += 1 + (bytes.size / 37U)) {
            size_t line = 1;

            for (size_t i = 0; i < at; i++) {
                line += (bytes.at[i] == (uint8_t)'\n') ? 1U : 0U;
            }
            damage(names[n], at, 0x02);
            assert_int_equal(verify(names[n]).state, DG_VERIFY_ALTERED);
            assert_int_equal(verify(names[n]).line, line);
            damage(names[n], at, 0x02);
        }
        dg_file_free(bytes);
        assert_int_equal(verify(names[n]).state, DG_VERIFY_VALID);
    }
}

static void test_verify__run_file_altered_or_gone__told(void **state)
{
    struct dg_run_origin made;
    char path[PATH_SIZE];

    (void)state;
    write_all(&made);
    damage("run.dgrun", 2000, 0x01);
    assert_int_equal(verify("run.dgrun").state, DG_VERIFY_ALTERED);
    assert_int_equal(verify("report.html").state, DG_VERIFY_ALTERED);
    in_folder("run.dgrun", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(verify("report.html").state, DG_VERIFY_NO_RUN);
    assert_int_equal(verify("lab.key").state, DG_VERIFY_NOT_OURS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html__hostile_text__escaped_or_replaced),
        cmocka_unit_test(test_html__unknown_conversion__fails),
        cmocka_unit_test(test_report__hostile_run__nothing_runs),
        cmocka_unit_test(test_report__page__needs_nothing_else),
        cmocka_unit_test(test_report__page__holds_every_test_and_link),
        cmocka_unit_test(test_report__same_run_twice__same_bytes),
        cmocka_unit_test(test_junit__verdicts__mapped_and_counted),
        cmocka_unit_test(test_run__verdicts__exit_code),
        cmocka_unit_test(test_conclude__runs__claim_and_level),
        cmocka_unit_test(test_svg__plain_or_not__told),
        cmocka_unit_test(test_verify__files_as_made__valid),
        cmocka_unit_test(test_verify__derived_file_altered__line_told),
        cmocka_unit_test(test_verify__run_file_altered_or_gone__told),
    };

    /* A folder as argument: leave the sample's files there, to look at. */
    if (argc == 2) {
        assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
        for (int failing = 0; failing < 2; failing++) {
            struct dg_run run;

            sample_run_make(&run, &crypto, failing == 1);
            for (int kind = DG_DERIVED_HTML; kind <= DG_DERIVED_LABEL; kind++) {
                static const char *const ends[] = {"", "html", "xml", "svg"};
                char path[PATH_SIZE];

                (void)snprintf(path,
                               sizeof(path),
                               "%s/%s.%s",
                               argv[1],
                               (failing == 1) ? "failing" : "passing",
                               ends[kind]);
                assert_int_equal(
                    dg_derived_write(
                        (enum dg_derived_kind)kind, &run, &origin, path, NULL),
                    DG_OK);
            }
            dg_run_free(&run);
        }
        return 0;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
