/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LEDGER_H
#define DG_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/bins.h"
#include "dosegate/effect.h"
#include "dosegate/flash.h"
#include "dosegate/limits.h"
#include "dosegate/pauses.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"
#include "dosegate/usual.h"

/* What was delivered, and what may have been; one ledger for each hormone.
 *
 * An append-only log of 44-byte records in a ring of flash sectors; the log
 * alone is the truth, everything in RAM is rebuilt from it.  Each record is
 * written *before* the pulses that it announces and carries the actuator's own
 * step count, so after a power cut the count tells how far delivery came:
 *
 *   BOLUS  an intent: this ticket, so many pulses, from this step count on
 *   BASAL  the next pulse is basal
 *   CLOSE  the bolus ended: outcome and pulses delivered
 *   BOOT   power came back after a cut that left something open or torn
 *   SPREAD a dose spread over time begins or ends; beside at most one bolus
 *   DRIP   the next pulse is one of the spread dose
 *   PAUSE  basal is withheld from now on, whole or in part, or no longer
 *   PRIME  as BOLUS, but into the tube: counted as moved, not as delivered
 *
 * A cut can tear only the record being written.  A torn record is accepted
 * only where a BOOT record (or the end) follows; any other damage is
 * DG_E_CORRUPT: refused, never repaired.
 *
 * In RAM: 24 h of five-minute bins per tier.  A trailing window counts every
 * bin that it touches and every pulse of an open intent, so it never
 * under-counts.  @satisfies{FDP_LEDGER.1@1} */
#define DG_LEDGER_RECORD_SIZE 44U
#define DG_LEDGER_MEMORY      8U /* tickets remembered for "already" */

/* Where the ledger of one hormone lives, and what it counts in.
 * @satisfies{FDP_LEDGER.3@1} */
struct dg_ledger_region {
    uint32_t first;   /* sector of the flash                              */
    uint32_t sectors; /* in the ring, at least 3                          */
    int32_t step;     /* one step of the actuator: mU of insulin, ug of
                         glucagon                                         */
};

/** The region of a hormone; NULL where there is none. */
const struct dg_ledger_region *dg_ledger_region_of(enum dg_hormone hormone);

/* The log that a ledger writes to.  Every record names the hormone, so that
 * records of one are never read as those of another. */
struct dg_log {
    const struct dg_flash *flash;
    const struct dg_ledger_region *region;
    enum dg_hormone hormone;
};

/* Numbers that only rise end at 2^32.  So long before it no dose is announced
 * any more: at 200 records of basal in an hour there are nine years left, in
 * which basal goes on. */
#define DG_LEDGER_COUNT_MAX (UINT32_MAX - 0x01000000U)

struct dg_ledger_ticket {
    struct dg_ticket_id id;
    enum dg_tier tier; /* NONE: a prime */
    enum dg_outcome outcome;
    dg_seconds at;
    uint16_t pulses;    /* announced */
    uint16_t delivered; /* vouched for by the actuator */
};

/* A dose that goes out over time: an extended bolus, or what a raised basal
 * gives above the schedule. */
struct dg_ledger_spread {
    bool is_open;
    uint16_t seconds; /* from the intent to the last pulse */
    struct dg_ledger_ticket ticket;
};

/* Basal that is withheld. */
#define DG_PAUSE_UNTIL_RESUMED UINT16_MAX

struct dg_ledger_pause {
    bool is_on;
    bool is_unrecorded; /* a person's, while flash fails: gone after a reset  */
    enum dg_tier tier;  /* PRESENT: by a person at the device, not counted    */
    uint16_t permille;  /* of the schedule, 1 .. 1000: all of it              */
    uint16_t granted_s; /* or DG_PAUSE_UNTIL_RESUMED                          */
    dg_seconds since;
};

struct dg_ledger {
    struct dg_log log;
    uint32_t sequence;     /* of the next record           */
    uint32_t sector;       /* being written                */
    uint32_t slot;         /* next free record in it       */
    dg_seconds last;       /* latest time in any record    */
    uint32_t moved;        /* actuator steps accounted for */
    uint32_t bolus_pulses; /* delivered since manufacture  */
    uint32_t basal_pulses;
    uint32_t uncertain_pulses; /* counted, not vouched for   */
    dg_seconds last_basal;
    bool has_bolus;
    dg_seconds last_bolus; /* start of the newest intent   */
    bool is_open;          /* the newest ticket is being delivered */
    bool failed;           /* flash gave an error: nothing more is announced */
    bool is_lost;          /* what was delivered is not known: safe state    */
    uint8_t tickets;
    struct dg_ledger_ticket ticket[DG_LEDGER_MEMORY]; /* newest first */
    struct dg_ledger_spread spread;
    struct dg_ledger_pause pause;
    struct dg_pauses pauses;
    struct dg_usual usual;
    struct dg_bins bins;
};

/**
 * Format the ledger of one hormone: everything in it is lost.  For manufacture
 * only.
 *
 * @param hormone  INSULIN or GLUCAGON.
 * @param moved    The count of that hormone's actuator.
 *
 * @retval DG_OK       An empty ledger.
 * @retval DG_E_USAGE  A NULL, no such hormone, or a flash smaller than
 *                     dosegate/flash.h asks.
 * @retval DG_E_PORT   Flash failed.
 */
DG_NODISCARD enum dg_status dg_ledger_format(const struct dg_flash *flash,
                                             enum dg_hormone hormone,
                                             uint32_t moved);

/**
 * Rebuild from flash and settle what a power cut left open.
 *
 * @param hormone  INSULIN or GLUCAGON.
 * @param now      Device clock; an earlier time than the last record is taken
 *                 as that time.
 * @param moved    The step count of that hormone's actuator.
 *
 * @retval DG_OK         Ready.
 * @retval DG_E_USAGE    A NULL, no such hormone, or a flash smaller than
 *                       dosegate/flash.h asks.
 * @retval DG_E_STATE    Something was open or torn, and the ring has no room
 *                       to say so until its oldest sector is 24 h old.
 * @retval DG_E_CORRUPT  Not a ledger, damaged, or the actuator's count cannot
 *                       follow from the records (T9).
 * @retval DG_E_PORT     Flash failed.
 */
DG_NODISCARD enum dg_status dg_ledger_open(struct dg_ledger *ledger,
                                           const struct dg_flash *flash,
                                           enum dg_hormone hormone,
                                           dg_seconds now,
                                           uint32_t moved);

/**
 * Stand in for a ledger that cannot be opened: nothing can be announced, every
 * window and the insulin on board are INT32_MAX, and flash is not touched.
 *
 * @param[in,out] ledger  As dg_ledger_open() left it; keeps its latest time, or
 *                        @p now where that is later.
 * @param         moved   The actuator's own step count.
 */
void dg_ledger_lose(struct dg_ledger *ledger, dg_seconds now, uint32_t moved);

/**
 * Write a bolus intent.  Only after DG_OK may a pulse go out.
 *
 * @param pulses  1 .. 65535.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_RANGE, DG_E_STATE (one is open, or the
 *         ledger failed), DG_E_PORT (nothing may be delivered).
 */
DG_NODISCARD enum dg_status dg_ledger_announce_bolus(
    struct dg_ledger *ledger,
    dg_seconds now,
    const struct dg_ticket_id *ticket,
    enum dg_tier tier,
    uint32_t pulses);

/** Whether a number of it, or its time, has come so near to its end that doses
 * are refused; dg_ledger_announce_bolus(), _spread() and _prime() do, with
 * DG_E_STATE.  @satisfies{FDP_LEDGER.5@1} */
bool dg_ledger_is_worn(const struct dg_ledger *ledger);

/** Write that the next pulse is basal.  DG_OK, DG_E_STATE, DG_E_PORT;
 * DG_E_USAGE: a NULL, or a hormone that has no basal. */
DG_NODISCARD enum dg_status dg_ledger_announce_basal(struct dg_ledger *ledger,
                                                     dg_seconds now);

/** A pulse that was announced went out.  No flash is touched. */
void dg_ledger_bolus_pulse(struct dg_ledger *ledger, dg_seconds now);
void dg_ledger_basal_pulse(struct dg_ledger *ledger, dg_seconds now);

/** Close the open bolus with what was delivered.  On DG_E_PORT it stays open
 * in flash, which counts it in full. */
DG_NODISCARD enum dg_status dg_ledger_close(struct dg_ledger *ledger,
                                            dg_seconds now,
                                            enum dg_outcome outcome);

/** Remember a ticket that ended without a pulse (lapsed), in RAM only. */
void dg_ledger_note(struct dg_ledger *ledger,
                    dg_seconds now,
                    const struct dg_ticket_id *ticket,
                    enum dg_tier tier,
                    enum dg_outcome outcome,
                    uint32_t pulses);

/**
 * Write the intent of a dose that is spread over time.  It counts in full from
 * now on, whatever the time of its pulses.
 *
 * @param pulses   1 .. 65535.
 * @param seconds  1 .. 65535.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_RANGE, DG_E_STATE (one is open, or the
 *         ledger failed), DG_E_PORT (nothing may be delivered).
 */
DG_NODISCARD enum dg_status dg_ledger_announce_spread(
    struct dg_ledger *ledger,
    dg_seconds now,
    const struct dg_ticket_id *ticket,
    enum dg_tier tier,
    uint32_t pulses,
    uint32_t seconds);

/** Write that the next pulse is one of the spread dose.  DG_OK, DG_E_USAGE,
 * DG_E_STATE (none is open, all of it is out, or the ledger failed),
 * DG_E_PORT. */
DG_NODISCARD enum dg_status dg_ledger_announce_drip(struct dg_ledger *ledger,
                                                    dg_seconds now);

/** The pulse that was announced went out. */
void dg_ledger_drip_pulse(struct dg_ledger *ledger, dg_seconds now);

/** Close the spread dose; the rest counts no longer, unless it is UNCERTAIN.
 * As dg_ledger_close(). */
DG_NODISCARD enum dg_status dg_ledger_close_spread(struct dg_ledger *ledger,
                                                   dg_seconds now,
                                                   enum dg_outcome outcome);

/**
 * Write that basal is withheld from now on.
 *
 * @param ticket    Of a lowered basal, NULL for a suspension.
 * @param tier      PRESENT: by a person at the device.  That holds in RAM also
 *                  where flash fails; what is returned tells so.
 * @param permille  1 .. 1000.
 * @param seconds   1 .. 65534, or DG_PAUSE_UNTIL_RESUMED with PRESENT only.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_RANGE, DG_E_STATE (one is on, or the ledger
 *         failed), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_ledger_pause(struct dg_ledger *ledger,
                                            dg_seconds now,
                                            const struct dg_ticket_id *ticket,
                                            enum dg_tier tier,
                                            uint32_t permille,
                                            uint32_t seconds);

/** Basal goes on by its schedule, whatever is returned.  DG_OK, DG_E_USAGE,
 * DG_E_STATE (no pause is on, or the ledger failed), DG_E_PORT: flash keeps the
 * pause until it ends by itself. */
DG_NODISCARD enum dg_status dg_ledger_resume(struct dg_ledger *ledger,
                                             dg_seconds now);

/** Seconds of whole suspension in the trailing @p window_s, never less than the
 * truth, with all that a pause that is on was granted; UINT32_MAX when that is
 * not known. */
uint32_t dg_ledger_paused_s(const struct dg_ledger *ledger,
                            dg_seconds now,
                            uint32_t window_s);

/**
 * Write the intent of a prime.  It is closed by dg_ledger_close() and its
 * pulses are told by dg_ledger_bolus_pulse(), but no window counts them.
 *
 * @retval As dg_ledger_announce_bolus().
 */
DG_NODISCARD enum dg_status dg_ledger_announce_prime(
    struct dg_ledger *ledger,
    dg_seconds now,
    const struct dg_ticket_id *ticket,
    uint32_t pulses);

/**
 * Whether the ring takes @p records more at once, and what is open besides,
 * without ever refusing a record of basal or of a bolus later on.
 *
 * @param per_hour  Most basal pulses in an hour of the schedule, 0 .. 200.
 *
 * @return false also where flash cannot be read.
 */
bool dg_ledger_has_room(const struct dg_ledger *ledger,
                        dg_seconds now,
                        uint32_t records,
                        uint32_t per_hour);

/** Insulin above basal of @p tier and all narrower tiers that may lie in the
 * trailing @p window, mU, never less than the truth; INT32_MAX of a ledger
 * that does not keep insulin. */
dg_dose dg_ledger_window(const struct dg_ledger *ledger,
                         dg_seconds now,
                         enum dg_tier tier,
                         enum dg_window window);

/** The same of a glucagon ledger, ug, in the trailing @p length_s seconds, at
 * most 86400. */
dg_glucagon dg_ledger_glucagon(const struct dg_ledger *ledger,
                               dg_seconds now,
                               enum dg_tier tier,
                               uint32_t length_s);

/** Insulin on board above basal, mU, rounded up; INT32_MAX of a ledger that
 * does not keep insulin. */
dg_dose dg_ledger_iob(const struct dg_ledger *ledger, dg_seconds now);

/** Find a remembered ticket; NULL when unknown. */
const struct dg_ledger_ticket *dg_ledger_find(
    const struct dg_ledger *ledger, const struct dg_ticket_id *ticket);

#endif
