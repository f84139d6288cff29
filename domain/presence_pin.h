/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PRESENCE_PIN_H
#define DG_PRESENCE_PIN_H

#include "presence.h"

/* The PIN behind presence.h: parts of it, for presence.c alone.
 *
 * A try is counted on storage before the PIN is looked at, so that no power cut
 * gives one for nothing.  Delays run on the monotonic clock of this process and
 * begin anew when it starts: no clock that a person can set has a say.  Where
 * the keystore has a counter that only rises, each try raises it, and what
 * storage lacks of it counts as failed: putting old files back gains nothing.
 * @satisfies{FIA_AFL.2@1} */

/** @retval DG_OK, DG_E_STATE (none yet), DG_E_CORRUPT, DG_E_AUTH, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_pin_load(struct dg_presence *presence,
                                        int64_t now_ms);

/** Put a state without a PIN on storage.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_pin_begin(struct dg_presence *presence);

/** One try.
 * @retval DG_ACT_DONE, DG_ACT_WANTS_PIN (no PIN is set, or that is none),
 *         DG_ACT_WRONG_PIN, DG_ACT_WAIT, DG_ACT_LOCKED, DG_ACT_FAILED. */
enum dg_act_result dg_pin_try(struct dg_presence *presence,
                              int64_t now_ms,
                              const char *text);

#endif
