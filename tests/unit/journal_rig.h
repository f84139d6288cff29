/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TESTS_JOURNAL_RIG_H
#define DG_TESTS_JOURNAL_RIG_H

#include "rig.h"

/* A whole device, and its journal as it stands on flash. */
#define ENTRIES_MAX 2048U

extern struct rig rig;
extern struct dg_journal_entry entries[ENTRIES_MAX];
extern uint32_t first_read; /* index in the journal of entries[0] */
extern uint32_t end_read;

/** An adult on this basal, paired, connected, with the lease and a reading. */
void start(int32_t basal_mU_per_h);

/** Read everything that is on flash, straight from the device. */
void read_journal(void);

/** How many entries of a kind were read; the last one, or a failed test. */
uint32_t count_of(enum dg_journal_kind kind);
const struct dg_journal_entry *last_of(enum dg_journal_kind kind);

#endif
