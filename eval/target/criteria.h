/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_CRITERIA_H
#define DG_EVAL_TARGET_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* The components of the Common Criteria as data: spec/criteria/.  Which there
 * are, what stands above what, what needs what, which the packages hold.  Ids
 * mean other things in other editions: never look one up without its edition.
 */
struct dg_alternatives {
    const char **any; /* one of these is enough */
    size_t count;
};

struct dg_component {
    const char *id;    /* FAU_GEN.1 */
    bool is_assurance; /* of Part 3; else of Part 2 */
    unsigned elements; /* of Part 2; of Part 3 all of D, C and E */
    unsigned fills;    /* assignments, of Part 2 */
    unsigned picks;    /* selections, of Part 2 */
    const char **over; /* is directly hierarchical to these */
    size_t over_count;
    struct dg_alternatives *needs; /* all groups */
    size_t need_count;
};

struct dg_criteria_package {
    const char *id; /* EAL4 */
    const char **components;
    size_t count;
};

struct dg_criteria {
    struct dg_arena arena;
    const char *edition; /* 3.1R5, 2022 */
    struct dg_component *components;
    size_t count;
    size_t room;
    struct dg_criteria_package *packages;
    size_t package_count;
};

/* Largest set that dg_criteria_closure() gives. */
#define DG_CLOSURE_MAX 64U

/**
 * Read one edition: functional-, assurance- and, where there is one,
 * packages-<edition>.yaml.
 *
 * Refused beside what the reader of YAML refuses: a component that another
 * names and that is not there, and one that is above itself.
 *
 * @param      edition   "3.1R5" or "2022".
 * @param[out] criteria  Free it with dg_criteria_free() in any case.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  @p problem says file and line.
 * @retval DG_E_PORT       A file cannot be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_criteria_open(const char *folder,
                                             const char *edition,
                                             struct dg_criteria *criteria,
                                             struct dg_problem *problem);

void dg_criteria_free(struct dg_criteria *criteria);

/** Find a component; NULL when the edition has none of that id. */
const struct dg_component *dg_criteria_find(const struct dg_criteria *criteria,
                                            const char *id);

/** Find a package; NULL when there is none. */
const struct dg_criteria_package *dg_criteria_package(
    const struct dg_criteria *criteria, const char *id);

/** Whether @p id is @p base or, by the table, above it. */
bool dg_criteria_meets(const struct dg_criteria *criteria,
                       const char *id,
                       const char *base);

/**
 * Find what a component pulls in: the smallest set, closed under needs, in
 * which nothing stands below another.  Of alternatives the first is taken
 * where none is there.
 *
 * @param[out] set  The components, without @p start, sorted.
 *
 * @return How many; 0 also when @p start is unknown.
 */
size_t dg_criteria_closure(const struct dg_criteria *criteria,
                           const char *start,
                           const struct dg_component *set[DG_CLOSURE_MAX]);

#endif
