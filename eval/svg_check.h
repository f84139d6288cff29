/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SVG_CHECK_H
#define DG_EVAL_SVG_CHECK_H

#include <stdbool.h>

/**
 * Tell whether an SVG may stand inline in a page.
 *
 * A figure carries text that came from a product, so nothing is believed:
 * exactly one <svg> element, only elements of a short list of shapes and text
 * (svg g path line polyline polygon rect circle ellipse text tspan title desc
 * defs linearGradient stop clipPath style), double quoted attributes, no
 * attribute that begins with "on", no href, no style attribute, url() only as
 * url(#fig-...), no declaration, comment or processing instruction, tags
 * closed in order.  A class is fine.  Ids begin with "fig-" and selectors in a
 * <style> with ".dg-", so that a figure reaches nothing but itself.
 *
 * @param[out] why  One reason when the answer is no; may be NULL.
 */
bool dg_svg_is_plain(const char *svg, const char **why);

#endif
