/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SCENE_NEIGHBOUR_H
#define DG_EVAL_SCENE_NEIGHBOUR_H

#include "eval/scene.h"

/* Another program of the same user on the phone, and what it reaches of the
 * medical part: operation "neighbour" of docs/adapter.md. */

/** Let it do something; the adapter's whole answer, to be given back with
 * json_decref(); NULL on trouble.  @p order is taken. */
json_t *dg_scene_neighbour(struct dg_scene *scene,
                           const char *phone,
                           const char *what,
                           json_t *order);

/** The same where one word comes back: "done", "refused", ... */
struct dg_said dg_scene_neighbour_said(struct dg_scene *scene,
                                       const char *phone,
                                       const char *what,
                                       json_t *order);

/** Give bytes to the app's door, one connection for each of @p list (a JSON
 * array of hex, taken); how often the trusted display asked a person, and how
 * many got an answer. */
struct dg_door {
    int64_t asked;
    int64_t sent;
    int64_t answered;
    char first[160]; /* of the answers, cut */
};

struct dg_door dg_scene_door(struct dg_scene *scene,
                             const char *phone,
                             json_t *list);

/** Append bytes to a JSON array as hex. */
void dg_scene_add_hex(json_t *list, dg_span bytes);

/** A phone with the product's own part, paired as owner. */
void dg_scene_owner(struct dg_scene *scene, const char *phone);

/** A message of an app at its door that asks for a dose, from the vendor;
 * false when there is none of that number. */
#define DG_SCENE_SAMPLE_MAX 512U
bool dg_scene_sample(struct dg_scene *scene,
                     const char *phone,
                     size_t number,
                     uint8_t bytes[DG_SCENE_SAMPLE_MAX],
                     size_t *size);

#endif
