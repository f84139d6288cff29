/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_EXPORT_PART_H
#define DG_EVAL_PROFILE_EXPORT_PART_H

#include <libxml/xmlwriter.h>

#include "eval/profile/profile.h"

/* What the parts of the exporter share: a writer whose failure sticks. */
struct dg_export {
    xmlTextWriter *out;
    const struct dg_profile *profile;
    bool failed;
};

void dg_export_begin(struct dg_export *xml, const char *name);
void dg_export_end(struct dg_export *xml);
void dg_export_attribute(struct dg_export *xml,
                         const char *name,
                         const char *value);
void dg_export_words(struct dg_export *xml, const char *text);

/** An element with text and nothing else. */
void dg_export_text(struct dg_export *xml, const char *name, const char *text);

/** An HTML element of class "dosegate-<mark>"; nothing when @p text is "". */
void dg_export_mark(struct dg_export *xml,
                    const char *name,
                    const char *mark,
                    const char *text);

/** One HTML element of class "dosegate-<mark>" for each word. */
void dg_export_marks(struct dg_export *xml,
                     const char *name,
                     const char *mark,
                     const struct dg_words *words);

/** The chapter of requirements; @p package may be NULL. */
void dg_export_requirements(struct dg_export *xml,
                            const struct dg_profile *package);

#endif
