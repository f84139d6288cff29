/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_count.h"
#include "ledger_log.h"

#include <stddef.h>
#include <string.h>

enum dg_status dg_ledger_replay(struct dg_ledger *ledger,
                                dg_seconds now,
                                uint32_t moved,
                                bool *is_torn);

/* How far the replay has come. */
struct replay {
    struct dg_ledger *ledger;
    bool has_entry;       /* any record was read               */
    bool is_torn;         /* torn slots since the last record  */
    bool is_blind;        /* the ring may have begun in the middle of a bolus */
    bool is_blind_spread; /* ... of a spread dose          */
    bool is_blind_pause;  /* ... of a pause                */
    enum dg_entry_kind last_kind;
    struct dg_entry entry; /* the record at hand         */
};

/* What a sector looks like from outside. */
struct sketch {
    bool has_good;
    bool is_full; /* the last slot is not blank */
    uint32_t first_sequence;
};

static enum dg_status sketch_sector(const struct dg_log *log,
                                    uint32_t sector,
                                    struct sketch *sketch)
{
    struct dg_entry entry;
    enum dg_slot_state state = DG_SLOT_BLANK;
    const uint32_t slots = dg_log_slots(log);

    memset(sketch, 0, sizeof *sketch);
    for (uint32_t slot = 0U; (slot < slots) && !sketch->has_good; slot++) {
        const enum dg_status status =
            dg_log_read(log, sector, slot, &state, &entry);

        if (status != DG_OK) {
            return status;
        }
        if (state == DG_SLOT_GOOD) {
            sketch->has_good = true;
            sketch->first_sequence = entry.sequence;
        }
    }

    const enum dg_status status =
        dg_log_read(log, sector, slots - 1U, &state, &entry);

    sketch->is_full = state != DG_SLOT_BLANK;
    return status;
}

/* The sector whose first record is the youngest is being written. */
static enum dg_status find_newest(const struct dg_log *log,
                                  uint32_t *newest,
                                  bool *is_full)
{
    bool has_any = false;
    uint32_t best = 0U;

    for (uint32_t sector = 0U; sector < dg_log_sectors(log); sector++) {
        struct sketch sketch;
        const enum dg_status status = sketch_sector(log, sector, &sketch);

        if (status != DG_OK) {
            return status;
        }
        if (sketch.has_good && (!has_any || (sketch.first_sequence > best))) {
            has_any = true;
            best = sketch.first_sequence;
            *newest = sector;
            *is_full = sketch.is_full;
        }
    }
    return has_any ? DG_OK : DG_E_CORRUPT;
}

/* Pulses between the last record and @p moved belong to what was announced:
 * one to a basal or spread pulse that was announced last, the rest to the open
 * bolus or prime.
 * More than that cannot be: T9.  Only where the ring began in the middle of a
 * bolus the intent is not known any more; its pulses then count in the windows
 * of every tier. */
static enum dg_status attribute(struct replay *replay,
                                dg_seconds at,
                                uint32_t moved)
{
    struct dg_ledger *ledger = replay->ledger;

    if (moved < ledger->moved) {
        return DG_E_CORRUPT;
    }

    uint32_t pulses = moved - ledger->moved;

    if ((replay->last_kind == DG_ENTRY_BASAL) && (pulses > 0U)) {
        dg_ledger_basal_pulse(ledger, ledger->last);
        pulses--;
    }
    if ((replay->last_kind == DG_ENTRY_DRIP) && (pulses > 0U)) {
        dg_ledger_drip(ledger, at);
        pulses--;
    }
    if (pulses == 0U) {
        return DG_OK;
    }
    if (!ledger->is_open && replay->is_blind) {
        dg_ledger_count(ledger, at, DG_TIER_AUTOMATIC, pulses);
        ledger->moved += pulses;
        ledger->bolus_pulses += pulses;
        return DG_OK;
    }
    if (!ledger->is_open || (pulses > ((uint32_t)ledger->ticket[0].pulses -
                                       ledger->ticket[0].delivered))) {
        return DG_E_CORRUPT;
    }

    /* Counted at the later end of the span: never too early. */
    struct dg_ledger_ticket *ticket = &ledger->ticket[0];

    dg_ledger_count(ledger, at, ticket->tier, pulses);
    ticket->delivered = (uint16_t)(ticket->delivered + pulses);
    ledger->moved += pulses;
    ledger->bolus_pulses += (ticket->tier == DG_TIER_NONE) ? 0U : pulses;
    return DG_OK;
}

static enum dg_status start_bolus(struct replay *replay)
{
    const struct dg_entry *entry = &replay->entry;
    const struct dg_ledger_ticket ticket = {.id = entry->ticket,
                                            .tier = entry->tier,
                                            .outcome = DG_OUTCOME_DELIVERING,
                                            .at = entry->at,
                                            .pulses = entry->pulses,
                                            .delivered = 0U};

    const bool is_prime = entry->kind == DG_ENTRY_PRIME;

    if (replay->ledger->is_open || (entry->pulses == 0U) ||
        (is_prime != (entry->tier == DG_TIER_NONE))) {
        return DG_E_CORRUPT;
    }
    dg_ledger_remember(replay->ledger, &ticket);
    replay->ledger->is_open = true;
    if (!is_prime) {
        replay->ledger->has_bolus = true;
        replay->ledger->last_bolus = entry->at;
    }
    replay->is_blind = false;
    return DG_OK;
}

/* The intent was in a sector that the ring has erased: what its end says is
 * counted as if all of it went out just now. */
static void adopt_bolus(struct replay *replay)
{
    const struct dg_entry *entry = &replay->entry;
    const struct dg_ledger_ticket ticket = {.id = entry->ticket,
                                            .tier = entry->tier,
                                            .outcome = DG_OUTCOME_DELIVERING,
                                            .at = entry->at,
                                            .pulses = entry->pulses,
                                            .delivered = entry->delivered};

    dg_ledger_remember(replay->ledger, &ticket);
    dg_ledger_count(replay->ledger, entry->at, entry->tier, entry->delivered);
    replay->ledger->is_open = true;
    replay->is_blind = false;
}

static enum dg_status close_bolus(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;
    const struct dg_ledger_ticket *ticket = &ledger->ticket[0];

    if (entry->delivered > entry->pulses) {
        return DG_E_CORRUPT;
    }
    if (!ledger->is_open && replay->is_blind) {
        adopt_bolus(replay);
    }
    if (!ledger->is_open || (ticket->tier != entry->tier) ||
        (memcmp(ticket->id.byte, entry->ticket.byte, DG_TICKET_SIZE) != 0) ||
        (ticket->delivered != entry->delivered)) {
        return DG_E_CORRUPT;
    }
    dg_ledger_end(ledger, entry->at, entry->outcome);
    return DG_OK;
}

static enum dg_status begin_spread(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;

    if (ledger->spread.is_open || (entry->tier == DG_TIER_NONE) ||
        (entry->pulses == 0U) || (entry->delivered == 0U)) {
        return DG_E_CORRUPT;
    }
    ledger->spread =
        (struct dg_ledger_spread){.is_open = true,
                                  .seconds = entry->delivered,
                                  .ticket = {.id = entry->ticket,
                                             .tier = entry->tier,
                                             .outcome = DG_OUTCOME_DELIVERING,
                                             .at = entry->at,
                                             .pulses = entry->pulses}};
    ledger->has_bolus = true;
    ledger->last_bolus = entry->at;
    replay->is_blind_spread = false;
    return DG_OK;
}

static enum dg_status end_spread(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    struct dg_ledger_spread *spread = &ledger->spread;
    const struct dg_entry *entry = &replay->entry;

    if ((entry->tier == DG_TIER_NONE) || (entry->delivered > entry->pulses)) {
        return DG_E_CORRUPT;
    }
    /* The intent was in a sector that the ring has erased; the pulses that
     * came after it have counted already, those before are a day old. */
    if (!spread->is_open && replay->is_blind_spread) {
        spread->is_open = true;
        spread->ticket =
            (struct dg_ledger_ticket){.id = entry->ticket,
                                      .tier = entry->tier,
                                      .at = entry->at,
                                      .pulses = entry->pulses,
                                      .delivered = entry->delivered};
        replay->is_blind_spread = false;
    }
    if (!spread->is_open || (spread->ticket.tier != entry->tier) ||
        (memcmp(spread->ticket.id.byte, entry->ticket.byte, DG_TICKET_SIZE) !=
         0) ||
        (spread->ticket.delivered != entry->delivered)) {
        return DG_E_CORRUPT;
    }
    dg_ledger_end_spread(ledger, entry->at, entry->outcome);
    return DG_OK;
}

static enum dg_status take_spread(struct replay *replay)
{
    return (replay->entry.outcome == DG_OUTCOME_NONE) ? begin_spread(replay)
                                                      : end_spread(replay);
}

static enum dg_status take_drip(struct replay *replay)
{
    const struct dg_ledger_spread *spread = &replay->ledger->spread;

    if (!spread->is_open) {
        return replay->is_blind_spread ? DG_OK : DG_E_CORRUPT;
    }
    return (spread->ticket.delivered < spread->ticket.pulses) ? DG_OK
                                                              : DG_E_CORRUPT;
}

static enum dg_status begin_pause(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;
    const struct dg_ticket_id none = {{0}};

    if (ledger->pause.is_on || (entry->tier == DG_TIER_NONE) ||
        (entry->delivered == 0U)) {
        return DG_E_CORRUPT;
    }
    dg_ledger_begin_pause(
        ledger, entry->at, entry->tier, entry->pulses, entry->delivered);
    if (memcmp(entry->ticket.byte, none.byte, DG_TICKET_SIZE) != 0) {
        const struct dg_ledger_ticket made = {.id = entry->ticket,
                                              .tier = entry->tier,
                                              .outcome = DG_OUTCOME_DELIVERED,
                                              .at = entry->at};

        dg_ledger_remember(ledger, &made);
    }
    replay->is_blind_pause = false;
    return DG_OK;
}

static enum dg_status end_pause(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;

    /* It began in a sector that the ring has erased: its end says how long it
     * had been on. */
    if (!ledger->pause.is_on && replay->is_blind_pause) {
        const dg_seconds since = {(entry->at.s > entry->delivered)
                                      ? (entry->at.s - entry->delivered)
                                      : 0U};

        dg_ledger_begin_pause(
            ledger, since, entry->tier, entry->pulses, entry->delivered);
        replay->is_blind_pause = false;
    }
    if (!ledger->pause.is_on || (ledger->pause.tier != entry->tier) ||
        (ledger->pause.permille != entry->pulses)) {
        return DG_E_CORRUPT;
    }
    dg_ledger_end_pause(ledger, entry->at);
    return DG_OK;
}

static enum dg_status take_pause(struct replay *replay)
{
    if ((replay->entry.pulses == 0U) || (replay->entry.pulses > DG_PERMILLE)) {
        return DG_E_CORRUPT;
    }
    return (replay->entry.outcome == DG_OUTCOME_NONE) ? begin_pause(replay)
                                                      : end_pause(replay);
}

/* The first record of all is believed; every later one has to follow.  No cut
 * tears the first slot of a sector for good: it is erased again. */
static enum dg_status begin(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;

    if (replay->is_torn) {
        return DG_E_CORRUPT;
    }
    replay->is_blind = entry->kind != DG_ENTRY_FORMAT;
    replay->is_blind_spread = replay->is_blind;
    replay->is_blind_pause = replay->is_blind;
    ledger->moved = entry->moved;
    ledger->bolus_pulses = entry->bolus_pulses;
    ledger->basal_pulses = entry->basal_pulses;
    ledger->uncertain_pulses = entry->uncertain_pulses;
    ledger->sequence = entry->sequence;
    ledger->last = entry->at;
    ledger->last_basal = entry->at;
    ledger->bins.head = entry->at.s / DG_BIN_S;
    replay->has_entry = true;
    return DG_OK;
}

static enum dg_status follow(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    const struct dg_entry *entry = &replay->entry;

    /* A torn record was never counted, so its number is used again. */
    if ((entry->sequence != ledger->sequence) ||
        (entry->at.s < ledger->last.s) ||
        (replay->is_torn && (entry->kind != DG_ENTRY_BOOT)) ||
        (entry->kind == DG_ENTRY_FORMAT)) {
        return DG_E_CORRUPT;
    }

    const uint32_t before = ledger->bolus_pulses;
    enum dg_status status = attribute(replay, entry->at, entry->moved);

    /* An intent that is not known may have been a prime, which delivers
     * nothing: what the record says is between none and all of its pulses. */
    if (replay->is_blind && (entry->bolus_pulses >= before) &&
        (entry->bolus_pulses < ledger->bolus_pulses)) {
        ledger->bolus_pulses = entry->bolus_pulses;
    }
    if ((status == DG_OK) &&
        ((entry->bolus_pulses != ledger->bolus_pulses) ||
         (entry->basal_pulses != ledger->basal_pulses) ||
         (entry->uncertain_pulses != ledger->uncertain_pulses))) {
        status = DG_E_CORRUPT;
    }
    return status;
}

/* What a record does beside its counts. */
/* clang-format off */
static enum dg_status (*const take[DG_ENTRY_KINDS])(struct replay *) = {
    [DG_ENTRY_BOLUS]  = start_bolus,
    [DG_ENTRY_CLOSE]  = close_bolus,
    [DG_ENTRY_SPREAD] = take_spread,
    [DG_ENTRY_DRIP]   = take_drip,
    [DG_ENTRY_PAUSE]  = take_pause,
    [DG_ENTRY_PRIME]  = start_bolus,
};
/* clang-format on */

static enum dg_status apply(struct replay *replay)
{
    struct dg_ledger *ledger = replay->ledger;
    enum dg_status status = replay->has_entry ? follow(replay) : begin(replay);

    if (status != DG_OK) {
        return status;
    }
    dg_ledger_advance(ledger, replay->entry.at);
    if (take[replay->entry.kind] != NULL) {
        status = take[replay->entry.kind](replay);
    }
    replay->last_kind = replay->entry.kind;
    replay->is_torn = false;
    ledger->sequence++;
    return status;
}

/* Read one sector in order.  Blank slots end it, and after a blank slot all
 * have to be blank. */
static enum dg_status replay_sector(struct replay *replay,
                                    uint32_t sector,
                                    bool is_newest)
{
    const struct dg_log *log = &replay->ledger->log;
    const uint32_t slots = dg_log_slots(log);
    bool is_blank = false;

    replay->ledger->sector = sector;
    replay->ledger->slot = slots;
    for (uint32_t slot = 0U; slot < slots; slot++) {
        enum dg_slot_state state = DG_SLOT_BLANK;
        enum dg_status status =
            dg_log_read(log, sector, slot, &state, &replay->entry);

        if (status != DG_OK) {
            return status;
        }
        if (state == DG_SLOT_BLANK) {
            if (!is_blank) {
                replay->ledger->slot = slot;
            }
            is_blank = true;
            continue;
        }
        if (is_blank) {
            return DG_E_CORRUPT;
        }
        if (state == DG_SLOT_TORN) {
            replay->is_torn = true;
            continue;
        }
        status = apply(replay);
        if (status != DG_OK) {
            return status;
        }
    }
    return (is_blank && !is_newest && replay->has_entry) ? DG_E_CORRUPT : DG_OK;
}

/* The sector after the newest one is the next to be erased.  While the newest
 * is full an erase may have been cut there; what it held is older than every
 * window (core/ledger.c, turn_sector), so it may be passed over.  Untouched it
 * has a record in its first slot and then leads up to the sector behind it. */
static bool is_victim_whole(const struct dg_ledger *ledger, uint32_t victim)
{
    const struct dg_log *log = &ledger->log;
    const uint32_t slots = dg_log_slots(log);
    struct sketch behind;
    struct dg_entry entry;
    uint32_t next = 0U;

    for (uint32_t slot = 0U; slot < slots; slot++) {
        enum dg_slot_state state = DG_SLOT_BLANK;

        if ((dg_log_read(log, victim, slot, &state, &entry) != DG_OK) ||
            (state == DG_SLOT_BLANK) ||
            ((state == DG_SLOT_TORN) && (slot == 0U))) {
            return false;
        }
        if (state == DG_SLOT_TORN) {
            continue;
        }
        if ((slot > 0U) && (entry.sequence != next)) {
            return false;
        }
        next = entry.sequence + 1U;
    }
    return (sketch_sector(log, (victim + 1U) % dg_log_sectors(log), &behind) ==
            DG_OK) &&
           behind.has_good && (behind.first_sequence == next);
}

/* A sector is erased only when all in it has left every window.  One that is
 * passed over and still shows a younger record was not being erased: it is
 * damaged, and what it held may be needed. */
/* @satisfies{FDP_LEDGER.4@1} */
static enum dg_status check_is_old(const struct dg_ledger *ledger,
                                   uint32_t sector,
                                   dg_seconds now)
{
    const struct dg_log *log = &ledger->log;
    const uint64_t now_s = (now.s > ledger->last.s) ? now.s : ledger->last.s;

    for (uint32_t slot = 0U; slot < dg_log_slots(log); slot++) {
        enum dg_slot_state state = DG_SLOT_BLANK;
        struct dg_entry entry;
        const enum dg_status status =
            dg_log_read(log, sector, slot, &state, &entry);

        if (status != DG_OK) {
            return status;
        }
        if ((state == DG_SLOT_GOOD) &&
            (((uint64_t)entry.at.s + DG_LOG_KEEP_S) > now_s)) {
            return DG_E_CORRUPT;
        }
    }
    return DG_OK;
}

static enum dg_status replay_ring(struct replay *replay, dg_seconds now)
{
    struct dg_ledger *ledger = replay->ledger;
    const uint32_t sectors = dg_log_sectors(&ledger->log);
    uint32_t newest = 0U;
    bool is_full = false;
    enum dg_status status = find_newest(&ledger->log, &newest, &is_full);

    if (status != DG_OK) {
        return status;
    }

    const uint32_t victim = (newest + 1U) % sectors;
    const bool skip_victim = is_full && !is_victim_whole(ledger, victim);

    for (uint32_t i = skip_victim ? 1U : 0U; (status == DG_OK) && (i < sectors);
         i++) {
        const uint32_t sector = (victim + i) % sectors;

        status = replay_sector(replay, sector, sector == newest);
    }
    if ((status == DG_OK) && skip_victim) {
        status = check_is_old(ledger, victim, now);
    }
    return status;
}

enum dg_status dg_ledger_replay(struct dg_ledger *ledger,
                                dg_seconds now,
                                uint32_t moved,
                                bool *is_torn)
{
    struct replay replay = {.ledger = ledger};
    const enum dg_status status = replay_ring(&replay, now);

    if (status != DG_OK) {
        return status;
    }
    if (!replay.has_entry) {
        return DG_E_CORRUPT;
    }
    *is_torn = replay.is_torn;
    /* What went out after the last record may have gone out until now. */
    return attribute(
        &replay, (now.s > ledger->last.s) ? now : ledger->last, moved);
}
