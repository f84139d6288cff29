/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/canvas.h"

#include <cairo-svg.h>
#include <fontconfig/fontconfig.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define FONT "DejaVu Sans"

#define LINE_MAX_BYTES 512U

struct colour {
    unsigned char red;
    unsigned char green;
    unsigned char blue;
};

/* Ranges: shades near those of the ambulatory glucose profile.  Arms: the
 * palette of Okabe and Ito, which most colour-blind people tell apart. */
static const struct colour colours[DG_INKS] = {
    [DG_INK_PAPER] = {255, 255, 255},    [DG_INK_TEXT] = {31, 41, 51},
    [DG_INK_MUTED] = {91, 103, 112},     [DG_INK_GRID] = {222, 227, 231},
    [DG_INK_TARGET] = {232, 242, 236},   [DG_INK_LOW] = {179, 64, 31},
    [DG_INK_GLUCOSE] = {31, 78, 121},    [DG_INK_INSULIN] = {138, 75, 8},
    [DG_INK_BELOW_54] = {125, 20, 22},   [DG_INK_BELOW_70] = {201, 62, 60},
    [DG_INK_IN_RANGE] = {86, 156, 104},  [DG_INK_ABOVE_180] = {242, 196, 80},
    [DG_INK_ABOVE_250] = {222, 130, 50}, [DG_INK_ARM_1] = {86, 86, 86},
    [DG_INK_ARM_2] = {213, 94, 0},       [DG_INK_ARM_3] = {204, 121, 167},
    [DG_INK_ARM_4] = {0, 114, 178},      [DG_INK_ARM_5] = {86, 180, 233},
    [DG_INK_ARM_6] = {0, 158, 115},
};

void dg_canvas_ink(cairo_t *cairo, enum dg_ink ink, double alpha)
{
    const struct colour *colour = &colours[ink];

    cairo_set_source_rgba(cairo,
                          (double)colour->red / 255.0,
                          (double)colour->green / 255.0,
                          (double)colour->blue / 255.0,
                          alpha);
}

void dg_canvas_fill(cairo_t *cairo,
                    struct dg_box box,
                    enum dg_ink ink,
                    double alpha)
{
    dg_canvas_ink(cairo, ink, alpha);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_fill(cairo);
}

void dg_canvas_line(cairo_t *cairo,
                    struct dg_point from,
                    struct dg_point to,
                    double width,
                    enum dg_ink ink)
{
    dg_canvas_ink(cairo, ink, 1.0);
    cairo_set_line_width(cairo, width);
    cairo_move_to(cairo, from.x, from.y);
    cairo_line_to(cairo, to.x, to.y);
    cairo_stroke(cairo);
}

static void choose_font(cairo_t *cairo, double size, bool bold)
{
    cairo_select_font_face(cairo,
                           FONT,
                           CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD
                                : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

double dg_canvas_width(cairo_t *cairo, double size, bool bold, const char *text)
{
    cairo_text_extents_t extents;

    choose_font(cairo, size, bold);
    cairo_text_extents(cairo, text, &extents);
    return extents.x_advance;
}

void dg_canvas_text(cairo_t *cairo,
                    struct dg_point at,
                    enum dg_align align,
                    double size,
                    bool bold,
                    enum dg_ink ink,
                    const char *text)
{
    double x = at.x;

    if (align != DG_ALIGN_LEFT) {
        const double width = dg_canvas_width(cairo, size, bold, text);

        x -= (align == DG_ALIGN_MIDDLE) ? (width / 2.0) : width;
    }
    choose_font(cairo, size, bold);
    dg_canvas_ink(cairo, ink, 1.0);
    cairo_move_to(cairo, x, at.y);
    cairo_show_text(cairo, text);
    cairo_new_path(cairo);
}

void dg_canvas_title(cairo_t *cairo, const char *title)
{
    dg_canvas_text(cairo,
                   (struct dg_point){0.0, 12.0},
                   DG_ALIGN_LEFT,
                   11.0,
                   true,
                   DG_INK_TEXT,
                   title);
}

/* How many bytes of @text make the next line: up to the last space that still
 * fits, or one word that is too long as a whole. */
static size_t line_bytes(
    cairo_t *cairo, double width, double size, bool bold, const char *text)
{
    char line[LINE_MAX_BYTES];
    size_t fits = 0;

    for (size_t end = 1U; end < sizeof(line); end++) {
        if ((text[end] != ' ') && (text[end] != '\0')) {
            continue;
        }
        memcpy(line, text, end);
        line[end] = '\0';
        if ((fits > 0U) && (dg_canvas_width(cairo, size, bold, line) > width)) {
            return fits;
        }
        fits = end;
        if (text[end] == '\0') {
            return fits;
        }
    }
    return (fits > 0U) ? fits : (sizeof(line) - 1U);
}

/* A byte in the middle of a character. */
static bool is_inside(char byte)
{
    return ((unsigned char)byte & 0xC0U) == 0x80U;
}

size_t dg_canvas_fit(
    cairo_t *cairo, double width, double size, bool bold, const char *text)
{
    size_t bytes = line_bytes(cairo, width, size, bold, text);
    char line[LINE_MAX_BYTES];

    while (bytes > 1U) {
        memcpy(line, text, bytes);
        line[bytes] = '\0';
        if (!is_inside(text[bytes]) &&
            (dg_canvas_width(cairo, size, bold, line) <= width)) {
            return bytes;
        }
        bytes--;
    }
    bytes = 1U;
    while (is_inside(text[bytes])) {
        bytes++;
    }
    return bytes;
}

double dg_canvas_paragraph(cairo_t *cairo,
                           struct dg_point at,
                           double width,
                           double size,
                           enum dg_ink ink,
                           const char *text)
{
    char line[LINE_MAX_BYTES];
    struct dg_point here = at;

    while (*text != '\0') {
        const size_t bytes = line_bytes(cairo, width, size, false, text);

        memcpy(line, text, bytes);
        line[bytes] = '\0';
        dg_canvas_text(cairo, here, DG_ALIGN_LEFT, size, false, ink, line);
        here.y += size * 1.4;
        text += bytes;
        text += (*text == ' ') ? 1U : 0U;
    }
    return here.y;
}

static void polygon(cairo_t *cairo,
                    struct dg_point at,
                    unsigned corners,
                    double radius,
                    double turn)
{
    for (unsigned i = 0; i < corners; i++) {
        const double angle =
            turn + ((2.0 * M_PI * (double)i) / (double)corners);

        cairo_line_to(
            cairo, at.x + (radius * cos(angle)), at.y + (radius * sin(angle)));
    }
    cairo_close_path(cairo);
}

void dg_canvas_mark(cairo_t *cairo,
                    struct dg_point at,
                    unsigned shape,
                    double radius,
                    enum dg_ink ink)
{
    const double upwards = -M_PI / 2.0;

    cairo_new_path(cairo);
    switch (shape) {
    case 0U:
        polygon(cairo, at, 4U, radius * 1.2, upwards + (M_PI / 4.0));
        break;
    case 1U:
        polygon(cairo, at, 3U, radius * 1.25, upwards);
        break;
    case 2U:
        polygon(cairo, at, 3U, radius * 1.25, -upwards);
        break;
    case 3U:
        cairo_arc(cairo, at.x, at.y, radius, 0.0, 2.0 * M_PI);
        break;
    case 4U:
        polygon(cairo, at, 4U, radius * 1.25, upwards);
        break;
    default:
        polygon(cairo, at, 6U, radius * 1.1, upwards);
        break;
    }
    dg_canvas_ink(cairo, ink, 1.0);
    cairo_fill_preserve(cairo);
    cairo_set_line_width(cairo, 0.6);
    dg_canvas_ink(cairo, DG_INK_PAPER, 1.0);
    cairo_stroke(cairo);
}

static cairo_status_t append(void *closure,
                             const unsigned char *bytes,
                             unsigned length)
{
    struct dg_html *svg = closure;

    dg_html_raw_span(svg, (dg_span){bytes, length});
    return svg->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* cairo numbers its surfaces through the life of the process, and writes the
 * number into a name that nobody uses: two equal drawings would differ. */
static void copy_without_number(dg_span from, struct dg_html *to)
{
    static const char name[] = "id=\"surface";
    const size_t size = sizeof(name) - 1U;
    size_t begin = 0;

    for (size_t i = 0; (i + size) < from.size; i++) {
        if (memcmp(from.at + i, name, size) == 0) {
            dg_html_raw_span(to, (dg_span){from.at + begin, i + size - begin});
            begin = i + size;
            while ((begin < from.size) && (from.at[begin] >= (uint8_t)'0') &&
                   (from.at[begin] <= (uint8_t)'9')) {
                begin++;
            }
        }
    }
    dg_html_raw_span(to, (dg_span){from.at + begin, from.size - begin});
}

enum dg_status dg_canvas_svg(double width,
                             double height,
                             dg_draw draw,
                             const void *what,
                             struct dg_html *svg)
{
    struct dg_html drawn;

    dg_html_init(&drawn);

    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(append, &drawn, width, height);
    cairo_t *cairo = cairo_create(surface);

    draw(cairo, what);

    cairo_status_t status = cairo_status(cairo);

    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_status(surface);
    }
    cairo_surface_destroy(surface);
    if ((status == CAIRO_STATUS_SUCCESS) && !drawn.failed) {
        copy_without_number(dg_html_span(&drawn), svg);
    } else {
        svg->failed = true;
    }
    dg_html_free(&drawn);
    return svg->failed ? DG_E_PORT : DG_OK;
}

void dg_canvas_release(void)
{
    cairo_debug_reset_static_data();
    FcFini();
}
