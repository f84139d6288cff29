/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_JOURNAL_WATCH_H
#define DG_CORE_JOURNAL_WATCH_H

#include "device_parts.h"

/* journal_note.c: write one entry; and is there an allowance left for this
 * source?  If not, it is counted. */
void dg_note_put(struct dg_device *device,
                 const struct dg_journal_entry *entry);
bool dg_note_may(struct dg_device *device, uint8_t who, unsigned class);

/* journal_watch.c: the device compared with what was told last. */
void dg_watch_start(struct dg_device *device);
void dg_watch_settings_at_boot(struct dg_device *device);
void dg_watch_changes(struct dg_device *device);
void dg_watch_doses(struct dg_device *device);
void dg_watch_alarms(struct dg_device *device);

#endif
