/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_READ_H
#define DG_EVAL_PROFILE_READ_H

#include "eval/profile/profile.h"
#include "eval/yaml.h"

/* One file being read: where from, and where to. */
struct dg_profile_reading {
    struct dg_yaml yaml;
    struct dg_profile *profile;
};

/** Text of a key that must be there, in the profile's arena. */
const char *dg_read_text(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         const char *key);

/** Text of a key that may be missing: "". */
const char *dg_read_option(struct dg_profile_reading *read,
                           struct dg_yaml_node *map,
                           const char *key);

/** Text of a key that only an imported file may leave out. */
const char *dg_read_ours(struct dg_profile_reading *read,
                         struct dg_yaml_node *map,
                         const char *key);

/** Text of an item that only in an imported file may be empty. */
const char *dg_read_item(struct dg_profile_reading *read,
                         struct dg_yaml_node *item);

/** A list of words that may be missing: none.  No word twice. */
struct dg_words dg_read_words(struct dg_profile_reading *read,
                              struct dg_yaml_node *map,
                              const char *key);

/** A map from ids to reasons that may be missing: none. */
struct dg_links dg_read_links(struct dg_profile_reading *read,
                              struct dg_yaml_node *map,
                              const char *key);

/** The first item of a list or map that may be missing, and room for all.
 *
 * @param      is_map  A map of keys and values; else a list.
 * @param      each    Bytes for an item.
 * @param[out] room    Zeroed, in the arena; NULL: no items, or no memory.
 *
 * @return NULL when there are none. */
struct dg_yaml_node *dg_read_items(struct dg_profile_reading *read,
                                   struct dg_yaml_node *map,
                                   const char *key,
                                   bool is_map,
                                   size_t each,
                                   void **room);

/** One of `count` words, as 1 .. count; 0 after an error. */
unsigned dg_read_word(struct dg_profile_reading *read,
                      struct dg_yaml_node *map,
                      const char *key,
                      const char *(*word)(unsigned value),
                      unsigned count);

/** The SFRs and SARs of a file. */
void dg_read_requirements(struct dg_profile_reading *read);

#endif
