/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_SVG_H
#define DG_PATIENT_SVG_H

#include <stddef.h>
#include <stdio.h>

/* The few marks that the figures are made of.  Numbers are written by hand
 * with one decimal: printf() would follow the locale and write "1,5". */

/* Write a number with at most one decimal. */
void dg_svg_number(FILE *out, double value);

/* Write an amount, 0 or more, that people read, with at most two decimals:
 * doses come in steps of 0.05 U. */
void dg_svg_amount(FILE *out, double value);

/* Write text with the characters that mean something in XML escaped, and with
 * control characters left out. */
void dg_svg_escaped(FILE *out, const char *text);

/* Say how wide text will be, about, at 12 px. */
double dg_svg_width(const char *text);

void dg_svg_line(
    FILE *out, const char *class, double x1, double y1, double x2, double y2);

void dg_svg_box(FILE *out,
                const char *class,
                double x,
                double y,
                double width,
                double height);

/* Open a text element; the caller writes its content and dg_svg_text_end().
 * The anchor is "start", "middle" or "end". */
void dg_svg_text_begin(
    FILE *out, const char *class, const char *anchor, double x, double y);
void dg_svg_text_end(FILE *out);

/* Write a whole text element. */
void dg_svg_text(FILE *out,
                 const char *class,
                 const char *anchor,
                 double x,
                 double y,
                 const char *text);

/* Write a path command: a letter and a point. */
void dg_svg_point(FILE *out, char command, double x, double y);

#endif
