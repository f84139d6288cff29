/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SCENE_PROBE_H
#define DG_EVAL_SCENE_PROBE_H

#include "eval/scene.h"

/* Messages by op code, and what is set in the product: for tests that try out
 * everything a message can be. */
#define DG_SCENE_CODES 256

/** Let a phone send the message of one op code (0 .. 255) in a shape of
 * docs/adapter.md ("plain", ...).  Gives what was answered, an array of
 * {"code", "result", "reason", "answer"}; NULL on trouble.  The caller owns
 * it. */
json_t *dg_scene_probe(struct dg_scene *scene,
                       const char *phone,
                       int code,
                       const char *shape);

/** Open a session again after a message that may have ended it: in an ended one
 * nothing is heard, which is no refusal.  Waits up to half an hour, as a
 * device may bound how often it is connected to; inconclusive when none comes.
 */
void dg_scene_reopen(struct dg_scene *scene, const char *phone);

/** What is set in unit x, as text to compare; NULL on trouble.  Free it. */
char *dg_scene_settings(struct dg_scene *scene);

/** Fail when what is set is no longer @p before; @p after says when, for the
 * report: "from a stranger". */
void dg_scene_expect_settings(struct dg_scene *scene,
                              const char *before,
                              const char *after);

#endif
