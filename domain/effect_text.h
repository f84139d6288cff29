/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EFFECT_TEXT_H
#define DG_EFFECT_TEXT_H

#include <stddef.h>

#include "dosegate/effect.h"

/* What the trusted display shows of an effect as the device resolved it: every
 * number that it carries, with its unit, and nothing else. */
#define DG_EFFECT_TEXT_MAX 128U

/**
 * Write the words for a person, e.g. "bolus 2.00 U over 2 h 30 min".
 *
 * @param      effect  Sound (dg_effect_is_sound).
 * @param[out] text    Whole, never cut.
 */
void dg_effect_words(const struct dg_effect *effect,
                     char text[DG_EFFECT_TEXT_MAX]);

/** The same as members of a JSON object, without braces: "kind", then "form"
 * or "setting", then the numbers that the effect carries. */
void dg_effect_members(const struct dg_effect *effect,
                       char text[DG_EFFECT_TEXT_MAX]);

/** The one number that a person has to look at: "1.50", "0.85", or "" where
 * there is none; as dg_effect_words() writes it. */
#define DG_EFFECT_NUMBER_MAX 24U
void dg_effect_number(const struct dg_effect *effect,
                      char text[DG_EFFECT_NUMBER_MAX]);

#endif
