/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_IMPORT_H
#define DG_EVAL_PROFILE_IMPORT_H

#include <libxml/tree.h>
#include <stdio.h>

#include "eval/profile/profile.h"

/* CC XML (https://niap-ccevs.org/cc/v1) into the model.  What our own export
 * adds to it stands in HTML elements with a class that begins with "dosegate-",
 * which every other reader of the format takes for text. */

/* More of one kind than this are refused: what is looked up is looked up one
 * by one. */
#define DG_IMPORT_PARTS_MAX 2048U

/* Texts of elements that lie inside each other are kept more than once; all
 * together may be no longer than this.  Of those of NIAP: 1 MiB. */
#define DG_IMPORT_TEXT_MAX (64U * 1024U * 1024U)

struct dg_import {
    struct dg_profile *profile;
    struct dg_problem *problem;
    size_t text;           /* bytes kept so far */
    enum dg_status status; /* the first error sticks */
};

/** Read CC XML in memory; as dg_profile_parse(). */
DG_NODISCARD enum dg_status dg_profile_import(dg_span bytes,
                                              const char *name,
                                              struct dg_profile *profile,
                                              struct dg_problem *problem);

/* What the parts of the importer share. */

void dg_import_fail(struct dg_import *import,
                    const xmlNode *node,
                    const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

/** Whether an element of the CC namespace (or of its sections) has a name. */
bool dg_import_is(const xmlNode *node, const char *name);

/** The first child of that name; NULL. */
const xmlNode *dg_import_child(const xmlNode *node, const char *name);

/** The next element below @p top in the order of the file, @p at not
 * included; begin with at = top.  NULL at the end. */
const xmlNode *dg_import_next(const xmlNode *top, const xmlNode *at);

/** How many elements of a name lie below. */
size_t dg_import_count(const xmlNode *top, const char *name);

/** Copy text into the arena and count it; "" once there is too much. */
const char *dg_import_keep(struct dg_import *import,
                           const xmlNode *node,
                           const char *text,
                           size_t size);

/** An attribute, in the arena; "" when there is none. */
const char *dg_import_attribute(struct dg_import *import,
                                const xmlNode *node,
                                const char *name);

/** The text of an element with all in it, blanks run together; "" for NULL. */
const char *dg_import_text(struct dg_import *import, const xmlNode *node);

/** As dg_import_text(), of the element of class "dosegate-<mark>" below it. */
const char *dg_import_marked(struct dg_import *import,
                             const xmlNode *top,
                             const char *mark);

/** As dg_import_text(), but of the part "text" when our export marked one. */
const char *dg_import_body(struct dg_import *import, const xmlNode *node);

/** The words of all elements of class "dosegate-<mark>" below. */
struct dg_words dg_import_words(struct dg_import *import,
                                const xmlNode *top,
                                const char *mark);

/** Whether it is an HTML element that begins a new line when it is shown. */
bool dg_import_is_block(const xmlNode *node);

/** Whether an element has the class "dosegate-<mark>". */
bool dg_import_has_mark(const xmlNode *node, const char *mark);

/** Room for @p count, zeroed; NULL when memory is out or there are too many. */
void *dg_import_room(struct dg_import *import,
                     const xmlNode *node,
                     size_t count,
                     size_t each);

/** Write an element's text with blanks run together.  @p has_blank: a blank
 * waits to be written before the next character; 2: nothing was written yet. */
void dg_import_write(FILE *out, const char *text, int *has_blank);

/** Fill in the SFRs and SARs. */
void dg_import_requirements(struct dg_import *import, const xmlNode *root);

/** The title of an element as text with operations. */
void dg_import_title(struct dg_import *import,
                     const xmlNode *title,
                     struct dg_element *element);

#endif
