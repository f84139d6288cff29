/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eval/trial/chart.h"
#include "eval/trial/document.h"

static const char *const arms[] = {"no guard", "Dosegate High"};

static void write_sample(struct dg_document *document,
                         enum dg_document_kind kind)
{
    static const struct dg_chart_dots_row rows[] = {
        {"over-dose", {{80.0, 75.0, 85.0}, {1.0, 0.2, 3.0}}},
        {"nobody", {{NAN, NAN, NAN}, {0.0, 0.0, 0.4}}}};
    static const struct dg_chart_dots dots = {
        "Harm", "% of people", 100.0, arms, 2U, rows, 2U};
    static const char *const heads[] = {"arm", "TIR"};
    static const char *const cells[] = {"<script>alert(1)</script>", "71.2"};

    dg_document_begin(document, kind, "A trial", "plan 0123");
    dg_document_heading(document, "Harm & cost");
    dg_document_paragraph(document, false, "One paragraph.");
    dg_document_figure(document,
                       dg_chart_dots_height(&dots),
                       dg_chart_dots_draw,
                       &dots,
                       "A figure.");
    dg_document_table(document, heads, 2U);
    for (unsigned i = 0U; i < 120U; i++) {
        dg_document_row(document, cells); /* more than two sheets of paper */
    }
    dg_document_table_end(document);
}

static void a_page_escapes_what_it_is_told(void **state)
{
    (void)state;
    struct dg_document document;

    write_sample(&document, DG_DOCUMENT_HTML);
    assert_int_equal(dg_document_end(&document), DG_OK);

    const char *page = document.out.at;

    assert_null(strstr(page, "<script>"));
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_non_null(strstr(page, "Harm &amp; cost"));
    assert_non_null(strstr(page, "data:image/svg+xml;base64,PD94bWwg"));
    /* No other resource, and no script, may ever load. */
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_null(strstr(page, "http://"));
    dg_document_free(&document);
}

static size_t count_of(const struct dg_html *in, const char *what)
{
    const size_t size = strlen(what);
    size_t count = 0;

    for (size_t i = 0; (i + size) <= in->used; i++) {
        if (memcmp(in->at + i, what, size) == 0) {
            count++;
        }
    }
    return count;
}

static void paper_has_as_many_sheets_as_it_needs(void **state)
{
    (void)state;
    struct dg_document document;

    write_sample(&document, DG_DOCUMENT_PDF);
    assert_int_equal(dg_document_end(&document), DG_OK);
    assert_memory_equal(document.out.at, "%PDF-", 5U);
    assert_in_range(document.sheet, 3U, 4U);
    assert_int_equal(count_of(&document.out, "/Type /Page "), document.sheet);
    dg_document_free(&document);
}

static void the_same_report_has_the_same_bytes(void **state)
{
    (void)state;
    for (int kind = DG_DOCUMENT_HTML; kind <= DG_DOCUMENT_PDF; kind++) {
        struct dg_document first;
        struct dg_document second;

        write_sample(&first, (enum dg_document_kind)kind);
        write_sample(&second, (enum dg_document_kind)kind);
        assert_int_equal(dg_document_end(&first), DG_OK);
        assert_int_equal(dg_document_end(&second), DG_OK);
        assert_int_equal(first.out.used, second.out.used);
        assert_memory_equal(first.out.at, second.out.at, first.out.used);
        dg_document_free(&first);
        dg_document_free(&second);
    }
}

static void a_table_without_columns_fails(void **state)
{
    (void)state;
    struct dg_document document;

    dg_document_begin(&document, DG_DOCUMENT_HTML, "A trial", "plan");
    dg_document_table(&document, arms, 0U);
    assert_int_equal(dg_document_end(&document), DG_E_PORT);
    dg_document_free(&document);
}

/* Every figure draws whatever numbers come: none is there, all are zero, all
 * are huge. */
static void figures_draw_any_numbers(void **state)
{
    (void)state;
    static double mg_dL[3] = {0.0, 1e9, 40.0};
    static double units[3] = {0.0, 0.0, 25.0};
    static struct dg_chart_agp agp = {.title = "agp"};
    static const struct dg_chart_ranges_row row = {"none", {0}};
    static const struct dg_chart_ranges ranges = {"ranges", &row, 1U};
    const struct dg_chart_trace trace = {
        .title = "trace",
        .count = 3U,
        .attack_hour = -1.0,
        .lines = {{"a", mg_dL, units}, {"b", mg_dL, NULL}},
        .line_count = 2U};
    struct dg_html svg;

    dg_html_init(&svg);
    assert_int_equal(
        dg_canvas_svg(
            DG_CHART_WIDTH, DG_CHART_AGP_HEIGHT, dg_chart_agp_draw, &agp, &svg),
        DG_OK);
    assert_int_equal(dg_canvas_svg(DG_CHART_WIDTH,
                                   dg_chart_ranges_height(&ranges),
                                   dg_chart_ranges_draw,
                                   &ranges,
                                   &svg),
                     DG_OK);
    assert_int_equal(dg_canvas_svg(DG_CHART_WIDTH,
                                   DG_CHART_TRACE_HEIGHT,
                                   dg_chart_trace_draw,
                                   &trace,
                                   &svg),
                     DG_OK);
    assert_int_equal(count_of(&svg, "</svg>"), 3U);
    dg_html_free(&svg);
}

static int give_fonts_back(void **state)
{
    (void)state;
    dg_canvas_release();
    return 0;
}

static void a_line_ends_at_a_space_or_inside_a_word_that_is_too_long(
    void **state)
{
    (void)state;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_A8, 10, 10);
    cairo_t *cairo = cairo_create(surface);

    assert_int_equal(dg_canvas_fit(cairo, 500.0, 9.0, false, "a b"), 3);
    assert_int_equal(dg_canvas_fit(cairo, 500.0, 9.0, false, "a"), 1);
    assert_int_equal(dg_canvas_fit(cairo, 60.0, 9.0, true, "some words here"),
                     10);
    /* No narrower than one character, and never half of one. */
    assert_int_equal(dg_canvas_fit(cairo, 0.5, 9.0, false, "ab"), 1);
    assert_int_equal(dg_canvas_fit(cairo, 0.5, 9.0, false, "\xc3\xa4x"), 2);
    assert_int_equal(dg_canvas_fit(cairo, 0.5, 9.0, false, "\xc3\xa4"), 2);
    const size_t cut = dg_canvas_fit(
        cairo, 40.0, 9.0, false, "0123456789abcdef0123456789abcdef");

    assert_true((cut > 4U) && (cut < 12U));
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    dg_canvas_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_escapes_what_it_is_told),
        cmocka_unit_test(paper_has_as_many_sheets_as_it_needs),
        cmocka_unit_test(the_same_report_has_the_same_bytes),
        cmocka_unit_test(a_table_without_columns_fails),
        cmocka_unit_test(
            a_line_ends_at_a_space_or_inside_a_word_that_is_too_long),
        cmocka_unit_test(figures_draw_any_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, give_fonts_back);
}
