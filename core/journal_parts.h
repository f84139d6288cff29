/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_JOURNAL_PARTS_H
#define DG_CORE_JOURNAL_PARTS_H

#include "dosegate/journal.h"
#include "journal_flash.h"

/* What appending, opening and reading share. */

/** Take note of what an entry tells that has to outlive it. */
void dg_journal_remember(struct dg_journal *journal,
                         const struct dg_journal_entry *entry);

/** Count a record that is on flash: tree, chain, time, memory.
 * @retval DG_OK, DG_E_PORT, DG_E_CORRUPT (not an entry). */
DG_NODISCARD enum dg_status dg_journal_count(
    struct dg_journal *journal, const struct dg_journal_record *record);

#endif
