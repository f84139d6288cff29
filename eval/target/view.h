/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_VIEW_H
#define DG_EVAL_TARGET_VIEW_H

#include "eval/feature.h"
#include "eval/target/check.h"
#include "eval/target/criteria.h"

/* What a target amounts to: its own words and what it took from its profiles,
 * in one place, with what the checks of check_*.c need beside it. */
struct dg_view_spd {
    const struct dg_spd *spd;
    const struct dg_profile *from; /* NULL: the target's own */
    size_t line;
};

struct dg_view_objective {
    const struct dg_objective *objective;
    const struct dg_profile *from;
    size_t line;
};

struct dg_view_sfr {
    const struct dg_target_sfr *own;
    const struct dg_sfr *sfr;      /* NULL: nobody knows the id */
    const struct dg_profile *from; /* NULL: the target's own, or none */
    struct dg_element *elements;   /* completed; sfr->count */
    const char *text;              /* all of them, as people read them */
};

/* All traces, of profiles and target. */
struct dg_view_edge {
    const char *from;
    const char *to;
    const char *why;
    size_t line;
};

struct dg_view {
    const struct dg_target *target;
    struct dg_findings *findings;
    struct dg_arena arena;
    struct dg_criteria criteria;
    bool has_criteria;
    struct dg_feature_list features;
    struct dg_profile profiles[DG_TARGET_PROFILES_MAX];
    bool has_profile[DG_TARGET_PROFILES_MAX]; /* found and read */
    struct dg_profile package;
    bool has_package;                            /* of ours, read */
    const struct dg_criteria_package *published; /* an EAL */
    const char *spec;

    struct dg_view_spd *problem;
    size_t problem_count;
    struct dg_view_objective *objectives;
    size_t objective_count;
    struct dg_view_sfr *sfrs;
    size_t sfr_count;
    struct dg_view_edge *edges;
    size_t edge_count;
    bool is_direct; /* a profile has no objectives for the product */
};

/** Add a finding; the text as printf(). */
void dg_view_find(struct dg_view *view,
                  enum dg_rule_id rule,
                  size_t line,
                  const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/** Read what the target claims and gather all of it; what is not there is a
 * finding.  Results as dg_target_check(). */
DG_NODISCARD enum dg_status dg_view_open(struct dg_view *view,
                                         struct dg_problem *problem);

void dg_view_close(struct dg_view *view);

const struct dg_view_spd *dg_view_problem(const struct dg_view *view,
                                          const char *id);
const struct dg_view_objective *dg_view_objective(const struct dg_view *view,
                                                  const char *id);
const struct dg_view_sfr *dg_view_sfr(const struct dg_view *view,
                                      const char *id);

/** Whether a SAR is there, or one above it. */
bool dg_view_has_sar(const struct dg_view *view, const char *component);

/** Whether an id is among the choices made or the functions claimed. */
bool dg_view_is_triggered(const struct dg_view *view, const char *id);

/**
 * Whether a value is what its assignment asks for.
 *
 * @param bound  "int 1..10", "regex a+" (POSIX extended, of the whole value;
 *               none with back references or more than one repeat in braces),
 *               or "" for anything.
 */
bool dg_view_fits(const char *value, const char *bound);

/** Complete the elements of every SFR, and find what is wrong with that. */
void dg_view_complete(struct dg_view *view);

/* The checks, each with its rules. */
void dg_check_introduction(struct dg_view *view); /* INT, FEA */
void dg_check_claims(struct dg_view *view);       /* CCL but 8 */
void dg_check_conformance(struct dg_view *view);  /* CCL-8 */
void dg_check_problem(struct dg_view *view);      /* SPD, LOW */
void dg_check_traces(struct dg_view *view);       /* OBJ, REQ-5, REQ-6 */
void dg_check_requirements(struct dg_view *view); /* REQ, ECD, TSS, L */
void dg_check_dependencies(struct dg_view *view); /* REQ-4 */

#endif
