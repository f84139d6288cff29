/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SCENE_HANDS_H
#define DG_EVAL_SCENE_HANDS_H

#include "eval/scene.h"

/* What a person does at the device and what the world does to it and to a
 * phone: buttons, sounder, a blocked tube, a phone that falls into the sea. */

struct dg_scene_alarms {
    bool sounds; /* the device can be heard now */
    char sound[16];
    char words[192]; /* of the alarms, with commas */
};

/** Press a button: confirm, stop, pair, silence, suspend, resume, detach,
 * bolus, rescue, forget, forget_hold.  False: it had nothing to do. */
bool dg_scene_press(struct dg_scene *scene, const char *button);

struct dg_scene_alarms dg_scene_alarms(struct dg_scene *scene);

/** Let at most @p most_s pass in steps of 30 s until the device can be heard;
 * gives the seconds that it took, or -1. */
int64_t dg_scene_until_heard(struct dg_scene *scene, uint32_t most_s);

/** Nothing that sounds for an earlier reason: a person silences it. */
void dg_scene_silence(struct dg_scene *scene);

/** An occlusion begins or ends. */
void dg_scene_block(struct dg_scene *scene, bool is_on);

/** What becomes of a phone: kill, freeze, thaw, wipe, start. */
void dg_scene_power(struct dg_scene *scene, const char *phone, const char *how);

/** As dg_scene_reading(), but nobody waits for what an app makes of it. */
void dg_scene_reading_at_once(struct dg_scene *scene, int mg_dL);

/** The device's own clock falls back by @p s seconds, to its zero at most. */
void dg_scene_clock_back(struct dg_scene *scene, uint32_t s);

/** This much of scheduled basal may be missing at the end: the test itself had
 * it withheld. */
void dg_scene_withhold(struct dg_scene *scene, int64_t mU);

/** Scheduled basal over @p s seconds, mU. */
int64_t dg_scene_basal(const struct dg_scene *scene, uint32_t s);

/** Try to pair, with or without a person at the device; true when the phone
 * says that it is paired. */
bool dg_scene_try_pair(struct dg_scene *scene,
                       const char *phone,
                       const char *role,
                       bool has_presence);

#endif
