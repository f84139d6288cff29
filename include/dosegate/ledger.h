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

/* Words of the proofs. */
/*@ logic integer dg_ledger_rest{L}(struct dg_ledger_ticket *ticket,
  @                                 integer tier) =
  @   ticket->tier == DG_TIER_NONE || ticket->tier > tier
  @     ? 0 : ticket->pulses - ticket->delivered;
  @
  @ // Pulses of open intents that are still to come.
  @ logic integer dg_ledger_open_pulses{L}(struct dg_ledger *ledger,
  @                                        integer tier) =
  @   (ledger->is_open ? dg_ledger_rest(&ledger->ticket[0], tier) : 0) +
  @   (ledger->spread.is_open
  @     ? dg_ledger_rest(&ledger->spread.ticket, tier) : 0);
  @
  @ predicate dg_ledger_ticket_sound{L}(struct dg_ledger_ticket *ticket) =
  @   0 <= ticket->tier <= 3 && ticket->delivered <= ticket->pulses;
  @
  @ // Clock and bins go together, and no ticket gave more than its amount.
  @ predicate dg_ledger_sound{L}(struct dg_ledger *ledger) =
  @   ledger->bins.head == ledger->last.s / DG_BIN_S &&
  @   ledger->usual.head <= UINT32_MAX / 3600 &&
  @   (ledger->is_open ==> dg_ledger_ticket_sound(&ledger->ticket[0])) &&
  @   (ledger->spread.is_open ==> ledger->spread.ticket.tier != 0 &&
  @     dg_ledger_ticket_sound(&ledger->spread.ticket));
  @
  @ predicate dg_ledger_step{L}(integer hormone,
  @                             struct dg_ledger_region *region) =
  @   (hormone == DG_HORMONE_INSULIN ==> region->step == DG_PULSE_MU) &&
  @   (hormone == DG_HORMONE_GLUCAGON ==> region->step == DG_GLUCAGON_STEP_UG);
  @
  @ logic integer dg_ledger_first(integer now, integer length) =
  @   now > length ? (now - length) / DG_BIN_S : 0;
  @
  @ // What a window holds, in pulses: every bin that it touches, and all that
  @ // is still to come.
  @ logic integer dg_ledger_used{L}(struct dg_ledger *ledger, integer now,
  @                                 integer tier, integer length) =
  @   dg_ledger_open_pulses(ledger, tier) +
  @   dg_bins_sum(&ledger->bins, dg_bins_oldest(&ledger->bins,
  @     dg_ledger_first(now, length)), ledger->bins.head, tier);
  @
  @ // An amount is that, unless it is more than a number can say.
  @ predicate dg_ledger_shows{L}(struct dg_ledger *ledger, integer now,
  @                              integer tier, integer length, integer step,
  @                              integer amount) =
  @   amount == step * dg_ledger_used(ledger, now, tier, length) ||
  @   amount >= INT32_MAX - step;
  @
  @ // Held while the newest bin is this one.
  @ predicate dg_ledger_has(integer head, integer bin) =
  @   0 <= bin && head - DG_BINS < bin <= head;
  @
  @ // One cell of a bin before and after: what was in it, and what is counted.
  @ predicate dg_ledger_cell{K, L}(struct dg_ledger *ledger, integer bin,
  @                                integer tier, integer pulses) =
  @   \at(ledger->bins.pulses[dg_bins_slot(bin)][tier - 1], L) ==
  @   \min(UINT16_MAX, pulses + (bin <= \at(ledger->bins.head, K)
  @     ? \at(ledger->bins.pulses[dg_bins_slot(bin)][tier - 1], K) : 0));
  @
  @ // The clock went on to now, if that is later, and nothing was forgotten or
  @ // invented but so many pulses of one tier in the newest bin.
  @ predicate dg_ledger_counted{K, L}(struct dg_ledger *ledger, integer now,
  @                                   integer tier, integer pulses) =
  @   \at(ledger->last.s, L) == \max(\at(ledger->last.s, K), now) &&
  @   \forall integer bin; dg_ledger_has(\at(ledger->bins.head, L), bin) ==>
  @     dg_ledger_cell{K, L}(ledger, bin, 1,
  @       tier == 1 && bin == \at(ledger->bins.head, L) ? pulses : 0) &&
  @     dg_ledger_cell{K, L}(ledger, bin, 2,
  @       tier == 2 && bin == \at(ledger->bins.head, L) ? pulses : 0) &&
  @     dg_ledger_cell{K, L}(ledger, bin, 3,
  @       tier == 3 && bin == \at(ledger->bins.head, L) ? pulses : 0);
  @*/

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
/*@ requires \valid(ledger) && dg_ledger_sound(ledger);
  @ requires \valid_read(ticket) && \separated(ticket, ledger);
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->sector, ledger->slot, ledger->sequence, ledger->failed,
  @          ledger->ticket[0 .. DG_LEDGER_MEMORY - 1], ledger->tickets,
  @          ledger->is_open, ledger->has_bolus, ledger->last_bolus;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  still: dg_ledger_counted{Pre, Post}(ledger, ledger->last.s, 0, 0);
  @ ensures  clock: ledger->last.s <= \max(\old(ledger->last.s), now.s);
  @ ensures  opened: \result == DG_OK ==> !\old(ledger->is_open) &&
  @   ledger->is_open && ledger->ticket[0].tier == tier &&
  @   ledger->ticket[0].pulses == pulses && 0 < pulses &&
  @   ledger->ticket[0].delivered == 0;
  @ ensures  refused: \result != DG_OK ==>
  @   ledger->is_open == \old(ledger->is_open) &&
  @   ledger->ticket[0].tier == \old(ledger->ticket[0].tier) &&
  @   ledger->ticket[0].pulses == \old(ledger->ticket[0].pulses) &&
  @   ledger->ticket[0].delivered == \old(ledger->ticket[0].delivered);
  @*/
DG_NODISCARD enum dg_status dg_ledger_announce_bolus(
    struct dg_ledger *ledger,
    dg_seconds now,
    const struct dg_ticket_id *ticket,
    enum dg_tier tier,
    uint32_t pulses);

/** Whether a number of it, or its time, has come so near to its end that doses
 * are refused; dg_ledger_announce_bolus(), _spread() and _prime() do, with
 * DG_E_STATE.  @satisfies{FDP_LEDGER.5@1} */
/*@ requires \valid_read(ledger);
  @ assigns  \nothing;
  @*/
bool dg_ledger_is_worn(const struct dg_ledger *ledger);

/** Write that the next pulse is basal.  DG_OK, DG_E_STATE, DG_E_PORT;
 * DG_E_USAGE: a NULL, or a hormone that has no basal. */
DG_NODISCARD enum dg_status dg_ledger_announce_basal(struct dg_ledger *ledger,
                                                     dg_seconds now);

/** A pulse that was announced went out.  No flash is touched. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && ledger->is_open;
  @ requires ledger->ticket[0].delivered < ledger->ticket[0].pulses;
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->ticket[0].delivered, ledger->moved, ledger->bolus_pulses;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  delivered: ledger->ticket[0].delivered ==
  @   \old(ledger->ticket[0].delivered) + 1;
  @ ensures  counted: ledger->ticket[0].tier != 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, ledger->ticket[0].tier, 1);
  @ ensures  prime: ledger->ticket[0].tier == 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, 0, 0);
  @*/
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
/*@ requires \valid(ledger) && dg_ledger_sound(ledger);
  @ requires \valid_read(ticket) && \separated(ticket, ledger);
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->sector, ledger->slot, ledger->sequence, ledger->failed,
  @          ledger->spread.is_open, ledger->spread.seconds,
  @          ledger->spread.ticket.id, ledger->spread.ticket.tier,
  @          ledger->spread.ticket.outcome, ledger->spread.ticket.at.s,
  @          ledger->spread.ticket.pulses, ledger->spread.ticket.delivered,
  @          ledger->has_bolus, ledger->last_bolus.s;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  still: dg_ledger_counted{Pre, Post}(ledger, ledger->last.s, 0, 0);
  @ ensures  clock: ledger->last.s <= \max(\old(ledger->last.s), now.s);
  @ ensures  opened: \result == DG_OK ==> !\old(ledger->spread.is_open) &&
  @   ledger->spread.is_open && ledger->spread.ticket.tier == tier &&
  @   ledger->spread.ticket.pulses == pulses && 0 < pulses &&
  @   ledger->spread.ticket.delivered == 0;
  @ ensures  refused: \result != DG_OK ==>
  @   ledger->spread.is_open == \old(ledger->spread.is_open) &&
  @   ledger->spread.ticket.tier == \old(ledger->spread.ticket.tier) &&
  @   ledger->spread.ticket.pulses == \old(ledger->spread.ticket.pulses) &&
  @   ledger->spread.ticket.delivered == \old(ledger->spread.ticket.delivered);
  @*/
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
/*@ assigns *ledger; */
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
/*@ assigns *ledger; */
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
/*@ requires \valid_read(ledger) && dg_ledger_sound(ledger);
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires 1 <= tier <= 3 && 0 <= window <= 3;
  @ assigns  \nothing;
  @ ensures  whole: 0 <= \result.mU && (\result.mU == INT32_MAX ||
  @   dg_ledger_shows(ledger, now.s, tier, dg_window_length(window),
  @                   DG_PULSE_MU, \result.mU));
  @*/
dg_dose dg_ledger_window(const struct dg_ledger *ledger,
                         dg_seconds now,
                         enum dg_tier tier,
                         enum dg_window window);

/** The same of a glucagon ledger, ug, in the trailing @p length_s seconds, at
 * most 86400. */
/*@ requires \valid_read(ledger) && dg_ledger_sound(ledger);
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  whole: 0 <= \result.ug && (\result.ug == INT32_MAX ||
  @   dg_ledger_shows(ledger, now.s, tier, length_s,
  @                   DG_GLUCAGON_STEP_UG, \result.ug));
  @*/
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
