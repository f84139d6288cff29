/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_XML_H
#define DG_EVAL_PROFILE_XML_H

#include <stddef.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/problem.h"

/* What is looked at before a parser sees a byte of an XML file, in one pass
 * and without memory: its size, encoding, declarations, depth and number of
 * parts.  So that a file that is made to use up memory or time is refused
 * first, whatever the parser would do. */
#define DG_XML_SIZE_MAX       ((size_t)32U * 1024U * 1024U)
#define DG_XML_DEPTH_MAX      64U     /* of those of NIAP: 16    */
#define DG_XML_ELEMENTS_MAX   200000U /* of those of NIAP: 8,173 */
#define DG_XML_ATTRIBUTES_MAX 200000U /* of those of NIAP: 2,261 */

/**
 * Look through an XML file.
 *
 * Refused: more than DG_XML_SIZE_MAX bytes, a zero byte (UTF-16), a declared
 * encoding other than UTF-8, a document type declaration (and with it every
 * entity but the five of XML), more than the figures above, a comment, section
 * or tag without an end, ends of elements that were not begun or are missing.
 *
 * @param name  Of the file, for messages.
 *
 * @retval DG_OK           A parser may have it; it need not be well formed.
 * @retval DG_E_MALFORMED  @p problem says file and line.
 */
DG_NODISCARD enum dg_status dg_xml_look(dg_span bytes,
                                        const char *name,
                                        struct dg_problem *problem);

#endif
