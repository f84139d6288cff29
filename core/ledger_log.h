/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_LEDGER_LOG_H
#define DG_CORE_LEDGER_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/ledger.h"

/* The records of the ledger as bytes in a ring of sectors; nothing here knows
 * what they mean. */
enum dg_entry_kind {
    DG_ENTRY_NONE = 0,
    DG_ENTRY_FORMAT = 1,
    DG_ENTRY_BOOT = 2,
    DG_ENTRY_BOLUS = 3,
    DG_ENTRY_BASAL = 4,
    DG_ENTRY_CLOSE = 5,
    DG_ENTRY_SPREAD = 6, /* outcome NONE: begins, delivered holds its seconds;
                            else ends                                        */
    DG_ENTRY_DRIP = 7,
    DG_ENTRY_PAUSE = 8, /* pulses: permille; delivered: seconds; outcome NONE:
                           begins, else ends                                 */
    DG_ENTRY_PRIME = 9,
};

#define DG_ENTRY_KINDS 10U /* array size */

/* A record in an erased sector must have left every window, and so must the
 * pulses that it announced: the largest bolus takes 12 minutes, and a device
 * that nobody ran for an hour ends it (core/device.c).  Pulses of a spread dose
 * have records of their own. */
#define DG_LOG_KEEP_S ((DG_BINS * DG_BIN_S) + 3600U)

/* Cumulative counts are those *before* the pulses that the entry announces. */
struct dg_entry {
    enum dg_entry_kind kind;
    enum dg_tier tier;
    enum dg_outcome outcome;
    uint16_t pulses;
    uint16_t delivered;
    uint32_t sequence;
    dg_seconds at;
    uint32_t moved;
    uint32_t bolus_pulses;
    uint32_t basal_pulses;
    uint32_t uncertain_pulses;
    struct dg_ticket_id ticket;
};

enum dg_slot_state {
    DG_SLOT_BLANK,
    DG_SLOT_GOOD,
    DG_SLOT_TORN, /* neither blank nor a sound record */
};

/** Fill @p log.  DG_E_USAGE: no such hormone, or a flash that does not hold the
 * regions of dosegate/flash.h. */
/*@ assigns *log; */
DG_NODISCARD enum dg_status dg_log_init(struct dg_log *log,
                                        const struct dg_flash *flash,
                                        enum dg_hormone hormone);

/** Size of the ring, and records in one sector. */
/*@ assigns \nothing;
  @ ensures 0 < \result;
  @*/
uint32_t dg_log_sectors(const struct dg_log *log);
/*@ assigns \nothing; */
uint32_t dg_log_slots(const struct dg_log *log);

/** Read one slot; sectors count from the start of the ring. */
/*@ assigns *state, *entry; */
DG_NODISCARD enum dg_status dg_log_read(const struct dg_log *log,
                                        uint32_t sector,
                                        uint32_t slot,
                                        enum dg_slot_state *state,
                                        struct dg_entry *entry);

/** Program one blank slot and read it back. */
/*@ assigns \nothing; */
DG_NODISCARD enum dg_status dg_log_write(const struct dg_log *log,
                                         uint32_t sector,
                                         uint32_t slot,
                                         const struct dg_entry *entry);

/** Erase one ledger sector. */
/*@ assigns \nothing; */
DG_NODISCARD enum dg_status dg_log_erase(const struct dg_log *log,
                                         uint32_t sector);

#endif
