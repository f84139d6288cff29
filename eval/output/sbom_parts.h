/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_SBOM_PARTS_H
#define DG_EVAL_OUTPUT_SBOM_PARTS_H

#include <jansson.h>

#include "eval/output/sbom.h"

/* Private to sbom*.c. */
struct dg_sbom_work {
    struct dg_sbom *sbom;
    struct dg_problem *problem;
    json_t *ids;     /* every id that something has, as a set */
    json_t *related; /* every id that a relationship begins with */
    enum dg_status status;
};

/** Keep a finding; texts are copied.  @p format as printf(). */
void dg_sbom_find(struct dg_sbom_work *work,
                  const char *rule,
                  const char *place,
                  const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/** Text of a member, copied; "" when it is not there or no text. */
const char *dg_sbom_text(struct dg_sbom_work *work,
                         const json_t *object,
                         const char *key);

/** Add a component and check what stands in it; NULL beyond a bound. */
struct dg_sbom_component *dg_sbom_add(struct dg_sbom_work *work,
                                      const char *place);
void dg_sbom_check(struct dg_sbom_work *work,
                   const struct dg_sbom_component *component);

/** Take an id into the set; a second time is a finding. */
void dg_sbom_take_id(struct dg_sbom_work *work,
                     const char *id,
                     const char *place);

/** Count one relationship; false beyond the bound. */
bool dg_sbom_relate(struct dg_sbom_work *work);

/** Read the members of each format. */
void dg_sbom_read_cyclonedx(struct dg_sbom_work *work, json_t *root);
void dg_sbom_read_spdx(struct dg_sbom_work *work, json_t *root);

#endif
