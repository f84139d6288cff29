/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/ledger.h"

#include "ledger_count.h"
#include "ledger_log.h"

#include <stddef.h>
#include <string.h>

enum dg_status dg_ledger_format(const struct dg_flash *flash,
                                enum dg_hormone hormone,
                                uint32_t moved)
{
    struct dg_log log;

    if ((flash == NULL) || (dg_log_init(&log, flash, hormone) != DG_OK)) {
        return DG_E_USAGE;
    }

    enum dg_status status = DG_OK;

    for (uint32_t sector = 0U;
         (status == DG_OK) && (sector < dg_log_sectors(&log));
         sector++) {
        status = dg_log_erase(&log, sector);
    }
    if (status != DG_OK) {
        return status;
    }

    const struct dg_entry entry = {.kind = DG_ENTRY_FORMAT, .moved = moved};

    return dg_log_write(&log, 0U, 0U, &entry);
}

/*@ lemma dg_ledger_slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @*/

/* The youngest record of a sector; state is not GOOD when it has none. */
/*@ requires \valid(state) && \valid(entry) && \valid_read(log);
  @ requires \separated(state, entry, log);
  @ assigns  *state, *entry;
  @*/
static enum dg_status read_youngest(const struct dg_log *log,
                                    uint32_t sector,
                                    enum dg_slot_state *state,
                                    struct dg_entry *entry)
{
    enum dg_status status = DG_OK;
    uint32_t slot = dg_log_slots(log);

    *state = DG_SLOT_BLANK;
    /*@ loop assigns slot, status, *state, *entry;
      @ loop variant slot;
      @*/
    while ((status == DG_OK) && (*state != DG_SLOT_GOOD) && (slot > 0U)) {
        slot--;
        status = dg_log_read(log, sector, slot, state, entry);
    }
    return status;
}

/* @satisfies{FDP_LEDGER.6@1} */
/* Go to the next sector of the ring, unless it still holds what a window may
 * need: then nothing more is announced until time has passed. */
/*@ requires \valid(ledger);
  @ assigns  ledger->sector, ledger->slot;
  @*/
static enum dg_status turn_sector(struct dg_ledger *ledger, dg_seconds now)
{
    const struct dg_log *log = &ledger->log;
    const uint32_t next = (ledger->sector + 1U) % dg_log_sectors(log);
    enum dg_slot_state state = DG_SLOT_BLANK;
    struct dg_entry youngest;
    enum dg_status status = read_youngest(log, next, &state, &youngest);

    if (status != DG_OK) {
        return status;
    }
    if ((state == DG_SLOT_GOOD) && ((now.s - youngest.at.s) < DG_LOG_KEEP_S)) {
        return DG_E_STATE;
    }
    status = dg_log_erase(log, next);
    if (status == DG_OK) {
        ledger->sector = next;
        ledger->slot = 0U;
    }
    return status;
}

enum dg_status dg_ledger_append(struct dg_ledger *ledger,
                                dg_seconds now,
                                struct dg_entry *entry)
{
    if (ledger->failed || (ledger->sequence == UINT32_MAX)) {
        return DG_E_STATE;
    }
    dg_ledger_advance(ledger, now);
    entry->sequence = ledger->sequence;
    entry->at = ledger->last;
    entry->moved = ledger->moved;
    entry->bolus_pulses = ledger->bolus_pulses;
    entry->basal_pulses = ledger->basal_pulses;
    entry->uncertain_pulses = ledger->uncertain_pulses;

    enum dg_status status = DG_OK;

    if (ledger->slot == dg_log_slots(&ledger->log)) {
        status = turn_sector(ledger, ledger->last);
        if (status == DG_E_STATE) {
            return status;
        }
    }
    if (status == DG_OK) {
        status =
            dg_log_write(&ledger->log, ledger->sector, ledger->slot, entry);
    }
    if (status != DG_OK) {
        ledger->failed = true;
        return status;
    }
    ledger->slot++;
    ledger->sequence++;
    return DG_OK;
}

bool dg_ledger_is_worn(const struct dg_ledger *ledger)
{
    return (ledger->sequence > DG_LEDGER_COUNT_MAX) ||
           (ledger->moved > DG_LEDGER_COUNT_MAX) ||
           (ledger->uncertain_pulses > DG_LEDGER_COUNT_MAX) ||
           (ledger->last.s > DG_LEDGER_COUNT_MAX);
}

/* Write an intent; a prime is one of no tier. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && 0 <= tier <= 3;
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
static enum dg_status announce(struct dg_ledger *ledger,
                               dg_seconds now,
                               enum dg_entry_kind kind,
                               const struct dg_ticket_id *ticket,
                               enum dg_tier tier,
                               uint32_t pulses)
{
    if ((pulses == 0U) || (pulses > UINT16_MAX)) {
        return DG_E_RANGE;
    }
    if (ledger->is_open || dg_ledger_is_worn(ledger)) {
        return DG_E_STATE;
    }

    struct dg_entry entry = {.kind = kind,
                             .tier = tier,
                             .pulses = (uint16_t)pulses,
                             .ticket = *ticket};
    const enum dg_status status = dg_ledger_append(ledger, now, &entry);

    if (status != DG_OK) {
        return status;
    }

    const struct dg_ledger_ticket made = {.id = *ticket,
                                          .tier = tier,
                                          .outcome = DG_OUTCOME_DELIVERING,
                                          .at = ledger->last,
                                          .pulses = (uint16_t)pulses,
                                          .delivered = 0U};

    /*@ ghost Written: ; */
    dg_ledger_remember(ledger, &made);
    ledger->is_open = true;
    if (tier != DG_TIER_NONE) {
        ledger->has_bolus = true;
        ledger->last_bolus.s = ledger->last.s;
    }
    /*@ assert ledger->bins.head == \at(ledger->bins.head, Written); */
    /*@ assert ledger->last.s == \at(ledger->last.s, Written); */
    /*@ assert same: \forall integer bin;
      @   dg_ledger_has(ledger->bins.head, bin) ==>
      @   dg_bins_same{Written, Here}(&ledger->bins, bin); */
    /*@ assert dg_ledger_counted{Pre, Here}(ledger, ledger->last.s, 0, 0); */
    return DG_OK;
}

enum dg_status dg_ledger_announce_bolus(struct dg_ledger *ledger,
                                        dg_seconds now,
                                        const struct dg_ticket_id *ticket,
                                        enum dg_tier tier,
                                        uint32_t pulses)
{
    if ((ledger == NULL) || (ticket == NULL)) {
        return DG_E_USAGE;
    }
    if ((tier == DG_TIER_NONE) || ((unsigned)tier >= DG_TIERS)) {
        return DG_E_RANGE;
    }
    return announce(ledger, now, DG_ENTRY_BOLUS, ticket, tier, pulses);
}

/* @satisfies{FDP_PRIME.1@1} */
enum dg_status dg_ledger_announce_prime(struct dg_ledger *ledger,
                                        dg_seconds now,
                                        const struct dg_ticket_id *ticket,
                                        uint32_t pulses)
{
    if ((ledger == NULL) || (ticket == NULL) ||
        (ledger->log.hormone != DG_HORMONE_INSULIN)) {
        return DG_E_USAGE;
    }
    return announce(ledger, now, DG_ENTRY_PRIME, ticket, DG_TIER_NONE, pulses);
}

enum dg_status dg_ledger_announce_basal(struct dg_ledger *ledger,
                                        dg_seconds now)
{
    if ((ledger == NULL) || (ledger->log.hormone != DG_HORMONE_INSULIN)) {
        return DG_E_USAGE;
    }

    struct dg_entry entry = {.kind = DG_ENTRY_BASAL, .pulses = 1U};

    return dg_ledger_append(ledger, now, &entry);
}

void dg_ledger_bolus_pulse(struct dg_ledger *ledger, dg_seconds now)
{
    struct dg_ledger_ticket *ticket = &ledger->ticket[0];

    /* Delivered first, so that the pulse is never missing from a window. */
    dg_ledger_count(ledger, now, ticket->tier, 1U);
    ticket->delivered++;
    ledger->moved++;
    ledger->bolus_pulses += (ticket->tier == DG_TIER_NONE) ? 0U : 1U;
}

void dg_ledger_basal_pulse(struct dg_ledger *ledger, dg_seconds now)
{
    dg_ledger_advance(ledger, now);
    ledger->moved++;
    ledger->basal_pulses++;
    ledger->last_basal = ledger->last;
}

enum dg_status dg_ledger_close(struct dg_ledger *ledger,
                               dg_seconds now,
                               enum dg_outcome outcome)
{
    if (ledger == NULL) {
        return DG_E_USAGE;
    }
    if (!ledger->is_open) {
        return DG_E_STATE;
    }

    const struct dg_ledger_ticket *ticket = &ledger->ticket[0];
    struct dg_entry entry = {.kind = DG_ENTRY_CLOSE,
                             .tier = ticket->tier,
                             .outcome = outcome,
                             .pulses = ticket->pulses,
                             .delivered = ticket->delivered,
                             .ticket = ticket->id};
    const enum dg_status status = dg_ledger_append(ledger, now, &entry);

    /* What flash could not take is counted as it will be after a reset, and
     * the intent that stays open there must remain the last one. */
    if (status != DG_OK) {
        ledger->failed = true;
        outcome = DG_OUTCOME_UNCERTAIN;
    }
    dg_ledger_end(ledger, now, outcome);
    return status;
}

void dg_ledger_note(struct dg_ledger *ledger,
                    dg_seconds now,
                    const struct dg_ticket_id *ticket,
                    enum dg_tier tier,
                    enum dg_outcome outcome,
                    uint32_t pulses)
{
    const struct dg_ledger_ticket made = {.id = *ticket,
                                          .tier = tier,
                                          .outcome = outcome,
                                          .at = now,
                                          .pulses = (uint16_t)pulses,
                                          .delivered = 0U};

    if (!ledger->is_open) {
        dg_ledger_remember(ledger, &made);
    }
}

static enum dg_outcome outcome_of(const struct dg_ledger_ticket *ticket)
{
    return (ticket->delivered == ticket->pulses) ? DG_OUTCOME_DELIVERED
                                                 : DG_OUTCOME_UNCERTAIN;
}

/* What a cut left open is settled by the actuator's own count.  A lowered basal
 * is a lease that no reset outlives; a suspension goes on to its end.  A reset
 * that left nothing behind writes nothing, so no storm of resets fills the
 * ring. */
static enum dg_status settle(struct dg_ledger *ledger,
                             dg_seconds now,
                             bool is_torn)
{
    struct dg_entry boot = {.kind = DG_ENTRY_BOOT};
    const bool is_lowered =
        ledger->pause.is_on && (ledger->pause.permille < DG_PERMILLE);

    dg_ledger_advance(ledger, now);
    if (!is_torn && !ledger->is_open && !ledger->spread.is_open &&
        !is_lowered) {
        return DG_OK;
    }

    enum dg_status status = dg_ledger_append(ledger, now, &boot);

    if ((status == DG_OK) && ledger->is_open) {
        status = dg_ledger_close(ledger, now, outcome_of(&ledger->ticket[0]));
    }
    if ((status == DG_OK) && ledger->spread.is_open) {
        status = dg_ledger_close_spread(
            ledger, now, outcome_of(&ledger->spread.ticket));
    }
    if ((status == DG_OK) && is_lowered) {
        status = dg_ledger_resume(ledger, now);
    }
    return status;
}

/* core/ledger_replay.c */
/*@ assigns *ledger, *is_torn; */
enum dg_status dg_ledger_replay(struct dg_ledger *ledger,
                                dg_seconds now,
                                uint32_t moved,
                                bool *is_torn);

void dg_ledger_lose(struct dg_ledger *ledger, dg_seconds now, uint32_t moved)
{
    const struct dg_log log = ledger->log;
    const dg_seconds last = (now.s > ledger->last.s) ? now : ledger->last;

    memset(ledger, 0, sizeof *ledger);
    ledger->log = log;
    ledger->failed = true;
    ledger->is_lost = true;
    ledger->moved = moved;
    ledger->last = last;
    ledger->last_basal = last;
    ledger->bins.head = last.s / DG_BIN_S;
}

/* @satisfies{FDP_LEDGER.2@1} */
enum dg_status dg_ledger_open(struct dg_ledger *ledger,
                              const struct dg_flash *flash,
                              enum dg_hormone hormone,
                              dg_seconds now,
                              uint32_t moved)
{
    if ((ledger == NULL) || (flash == NULL)) {
        return DG_E_USAGE;
    }
    memset(ledger, 0, sizeof *ledger);
    if (dg_log_init(&ledger->log, flash, hormone) != DG_OK) {
        return DG_E_USAGE;
    }

    bool is_torn = false;
    const enum dg_status status =
        dg_ledger_replay(ledger, now, moved, &is_torn);

    if (status != DG_OK) {
        return status;
    }
    return settle(
        ledger, (now.s > ledger->last.s) ? now : ledger->last, is_torn);
}
