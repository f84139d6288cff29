/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_PAIRING_LOCK_H
#define DG_CORE_PAIRING_LOCK_H

#include "dosegate/device.h"

/* The lock-out of pairing: five tries since the last phone that came in, over
 * all windows, presses and resets; then no window for 1, 2, 4, 8 min.  A try is
 * in flash before anything that it could be told by is sent. */

/** Count a try.  Where it was the last, the lock is written with it.
 * @retval DG_OK       It is in flash, and may be answered.
 * @retval DG_E_STATE  There was none left: do not answer.
 * @retval DG_E_PORT   Flash failed: do not answer. */
DG_NODISCARD enum dg_status dg_pairing_lock_count(struct dg_device *device);

/** Are the tries used up?  The last of them may still turn out well. */
bool dg_pairing_lock_is_spent(const struct dg_device *device);

/** May a window be opened now?  Frees the tries once the wait is over. */
bool dg_pairing_lock_is_free(struct dg_device *device);

/** After a reset: a clock that fell back makes no wait longer than it was. */
void dg_pairing_lock_boot(struct dg_device *device);

#endif
