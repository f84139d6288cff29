/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/svg.h"

#include <math.h>

void dg_svg_number(FILE *out, double value)
{
    const long tenths = lround(value * 10.0);
    const long size = (tenths < 0) ? -tenths : tenths;

    if (tenths < 0) {
        fputc('-', out);
    }
    fprintf(out, "%ld", size / 10);
    if (size % 10 != 0) {
        fprintf(out, ".%ld", size % 10);
    }
}

void dg_svg_amount(FILE *out, double value)
{
    const long hundredths = lround(value * 100.0);

    if (hundredths % 10 == 0) {
        dg_svg_number(out, value);
    } else {
        fprintf(out, "%ld.%02ld", hundredths / 100, hundredths % 100);
    }
}

void dg_svg_escaped(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            if (((unsigned char)*at >= 0x20U) && (*at != 0x7F)) {
                fputc(*at, out);
            }
            break;
        }
    }
}

double dg_svg_width(const char *text)
{
    double width = 0.0;

    for (const char *at = text; *at != '\0'; at++) {
        /* Continuation bytes of UTF-8 take no room. */
        if (((unsigned char)*at & 0xC0U) != 0x80U) {
            width += 6.5;
        }
    }
    return width;
}

static void attribute(FILE *out, const char *name, double value)
{
    fprintf(out, " %s=\"", name);
    dg_svg_number(out, value);
    fputc('"', out);
}

void dg_svg_line(
    FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
    fprintf(out, "<line class=\"%s\"", class);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    fputs("/>\n", out);
}

void dg_svg_box(FILE *out,
                const char *class,
                double x,
                double y,
                double width,
                double height)
{
    fprintf(out, "<rect class=\"%s\"", class);
    attribute(out, "x", x);
    attribute(out, "y", y);
    attribute(out, "width", width);
    attribute(out, "height", height);
    fputs("/>\n", out);
}

void dg_svg_text_begin(
    FILE *out, const char *class, const char *anchor, double x, double y)
{
    fprintf(out, "<text class=\"%s\" text-anchor=\"%s\"", class, anchor);
    attribute(out, "x", x);
    attribute(out, "y", y);
    fputc('>', out);
}

void dg_svg_text_end(FILE *out)
{
    fputs("</text>\n", out);
}

void dg_svg_text(FILE *out,
                 const char *class,
                 const char *anchor,
                 double x,
                 double y,
                 const char *text)
{
    dg_svg_text_begin(out, class, anchor, x, y);
    dg_svg_escaped(out, text);
    dg_svg_text_end(out);
}

void dg_svg_point(FILE *out, char command, double x, double y)
{
    fputc(command, out);
    dg_svg_number(out, x);
    fputc(' ', out);
    dg_svg_number(out, y);
}
