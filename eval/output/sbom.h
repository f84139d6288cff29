/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_SBOM_H
#define DG_EVAL_OUTPUT_SBOM_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* A list of software components that somebody gave, read and checked: a
 * CycloneDX document of 1.4 to 1.7 or an SPDX document of 2.2 or 2.3, as JSON.
 * Nothing in it is believed or made up; what it leaves out is a finding.
 *
 * Checked are the minimum elements of the NTIA (2021: supplier, name, version,
 * other identifier, relationship, author, timestamp), and what the FDA's
 * guidance of 2025-06-27, V.A.4, adds for each component: level of support and
 * its end; then that ids are unique and lead somewhere.
 *
 * Level and end of support have no field in CycloneDX 1.6: the properties
 * "dosegate:support-level" and "dosegate:end-of-support" (YYYY-MM-DD) are read.
 * In SPDX the end is validUntilDate, the level an annotation that begins with
 * "support-level: ".
 *
 * Untrusted: every byte.  Bounds: DG_SBOM_SIZE_MAX bytes, DG_SBOM_ITEMS_MAX
 * components and as many relationships; of the findings the first
 * DG_SBOM_FINDINGS_MAX are kept, and all are counted. */
#define DG_SBOM_SIZE_MAX     (16U * 1024U * 1024U)
#define DG_SBOM_ITEMS_MAX    20000U
#define DG_SBOM_FINDINGS_MAX 2000U
#define DG_SBOM_NESTING_MAX  16U

struct dg_sbom_component {
    struct dg_sbom_component *next;
    const char *place; /* components[3] */
    const char *id;    /* bom-ref, SPDXID; "" */
    const char *name;
    const char *version;
    const char *supplier;
    const char *other_id; /* purl, cpe, ... */
    const char *support_level;
    const char *support_end;
    bool has_digest;
};

struct dg_sbom_finding {
    struct dg_sbom_finding *next;
    const char *rule;  /* SBOM-SUPPLIER, ... */
    const char *place; /* components[3] */
    const char *text;  /* what is wrong and what to do */
};

struct dg_sbom {
    struct dg_arena arena;
    const char *format;  /* "CycloneDX", "SPDX" */
    const char *version; /* of the format */
    const char *author;
    const char *made; /* when */
    struct dg_sbom_component *components;
    size_t count;
    size_t relationships;
    struct dg_sbom_finding *findings;
    size_t finding_count; /* all, also those that were not kept */
    /* Where the next goes; private to sbom*.c. */
    struct dg_sbom_component **last_component;
    struct dg_sbom_finding **last_finding;
};

/**
 * Read and check bytes.
 *
 * @param[out] sbom  Free it with dg_sbom_free() in any case.
 *
 * @retval DG_OK           Read; the findings say what is wrong with it.
 * @retval DG_E_MALFORMED  Not JSON, a member twice, or neither CycloneDX nor
 *                         SPDX: @p problem says where.
 * @retval DG_E_RANGE      Beyond a bound.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_sbom_read(dg_span bytes,
                                         struct dg_sbom *sbom,
                                         struct dg_problem *problem);

void dg_sbom_free(struct dg_sbom *sbom);

#endif
