/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_KNOCK_LOG_H
#define DG_CORE_KNOCK_LOG_H

#include "dosegate/settings.h"

/* The counters of knocks that were accepted, behind the settings in the same
 * sector: a connection costs 16 bytes there and not a sector.  Entries are
 * bound to the copy of the settings that they follow; a new copy holds the
 * counters itself and begins an empty log. */
#define DG_KNOCK_LOG_AT      3072U /* of the sector, behind any settings */
#define DG_KNOCK_LOG_ENTRIES 64U   /* of 16 bytes, up to byte 4096       */

/** Raise the counters to what the log says.  Entries that are torn or damaged
 * were never answered, or cost a hash if they are answered again. */
void dg_knock_log_apply(const struct dg_flash *flash,
                        struct dg_settings *settings);

/**
 * Keep that the knock of @p slot with @p counter was accepted; in @p settings
 * as well.  With the log full the settings are saved anew.
 *
 * @retval DG_OK      In flash: it works no second time.
 * @retval DG_E_PORT  Not kept: do not answer it.
 */
DG_NODISCARD enum dg_status dg_knock_log_append(const struct dg_flash *flash,
                                                struct dg_settings *settings,
                                                unsigned slot,
                                                uint32_t counter);

#endif
