/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_READ_H
#define DG_EVAL_TARGET_READ_H

#include "eval/profile/read.h"
#include "eval/target/target.h"

/* A target being read.  Missing keys are "": a finding of check.h says what
 * they are for. */
struct dg_target_reading {
    struct dg_profile_reading read; /* its profile is target->own */
    struct dg_target *target;
};

/** A map that may be missing; NULL then. */
struct dg_yaml_node *dg_target_map(struct dg_target_reading *reading,
                                   struct dg_yaml_node *map,
                                   const char *key);

/** Text that may be missing. */
const char *dg_target_text(struct dg_target_reading *reading,
                           struct dg_yaml_node *map,
                           const char *key);

/** Text of an item, possibly none. */
const char *dg_target_item(struct dg_target_reading *reading,
                           struct dg_yaml_node *item);

/** A list of words that may be missing; a word may stand twice. */
struct dg_refs dg_target_refs(struct dg_target_reading *reading,
                              struct dg_yaml_node *map,
                              const char *key);

/** Where a map begins; 1 when there is none. */
size_t dg_target_line(const struct dg_yaml_node *map);

/** Items of a list or map that may be missing, and room for them. */
struct dg_yaml_node *dg_target_items(struct dg_target_reading *reading,
                                     struct dg_yaml_node *map,
                                     const char *key,
                                     bool is_map,
                                     size_t each,
                                     void **room);

/** Security problem, objectives and what answers what. */
void dg_target_read_problem(struct dg_target_reading *reading);

/** SFRs and SARs. */
void dg_target_read_requirements(struct dg_target_reading *reading);

#endif
