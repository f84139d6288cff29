/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* What the device writes into its journal.
 *
 * Most of it is seen by comparing the device with what was written last, so
 * that no way to a change goes past the journal.  Nothing here gives a result:
 * therapy never waits for the journal, and never stops with it. */

#define DAY_S        86400U
#define BOOT_GAP_S   3600U /* resets within it are one line         */
#define FRAMES_GAP_S 3600U

/* What one source may say at a stretch, and how soon it may go on.  Minor
 * entries have an allowance of their own, so that noise cannot use up what a
 * change needs.  All four phones at their limit fill the ring (750 entries on
 * the smallest flash) in about 31 h; strangers add 24 entries a day. */
struct allowance {
    uint8_t burst;
    uint32_t refill_s;
};

static const struct allowance allowance[DG_NOTE_CLASSES] = {
    [DG_NOTE_MINOR] = {6U, 1800U},
    [DG_NOTE_CHANGE] = {12U, 900U},
};

/* An entry that no peer can repeat at will has no class and no limit. */
static const uint8_t class_of[DG_JOURNAL_KINDS] = {
    [DG_JOURNAL_REFUSED] = DG_NOTE_MINOR,
    [DG_JOURNAL_SESSION] = DG_NOTE_MINOR,
    [DG_JOURNAL_LEASE] = DG_NOTE_MINOR,
    [DG_JOURNAL_EVIDENCE] = DG_NOTE_MINOR,
    [DG_JOURNAL_ENERGY] = DG_NOTE_MINOR,
    [DG_JOURNAL_ALARM] = DG_NOTE_CHANGE,
    [DG_JOURNAL_STATE] = DG_NOTE_CHANGE,
    [DG_JOURNAL_THERAPY] = DG_NOTE_CHANGE,
    [DG_JOURNAL_UPDATE] = DG_NOTE_CHANGE,
    [DG_JOURNAL_FORK] = DG_NOTE_CHANGE,
};

static void put(struct dg_device *device, const struct dg_journal_entry *entry)
{
    const uint32_t lost = device->journal.memory.lost;
    const bool was_sound = !device->journal.failed;
    const enum dg_status status = dg_journal_append(&device->journal, entry);

    /* Once when it fails; and once more when what somebody would have fetched
     * is gone, not at every sector after that. */
    if (((status != DG_OK) && was_sound) ||
        ((device->journal.memory.lost != lost) && !device->notes.has_lost &&
         (device->journal.memory.exported > 0U))) {
        device->notes.has_lost = true;
        dg_device_raise(device, DG_ALARM_JOURNAL);
    }
}

/* Is there an allowance left for this source?  If not, it is counted. */
/* @satisfies{FAU_LOG.5@1} */
static bool may_say(struct dg_device *device, uint8_t who, unsigned class)
{
    struct dg_note_budget *budget = &device->notes.budget[who][class];

    if (class == DG_NOTE_ALWAYS) {
        return true;
    }
    if (budget->used >= allowance[class].burst) {
        budget->dropped += (budget->dropped < UINT32_MAX) ? 1U : 0U;
        return false;
    }
    budget->used++;
    return true;
}

void dg_note_data(struct dg_device *device,
                  enum dg_journal_kind kind,
                  unsigned who,
                  uint32_t code,
                  uint32_t amount,
                  dg_span data)
{
    struct dg_journal_entry entry = {.at = device->now,
                                     .kind = kind,
                                     .who = (uint8_t)who,
                                     .code = code,
                                     .amount = amount,
                                     .data_size = (uint8_t)data.size};

    if ((who > DG_JOURNAL_BY_STRANGER) ||
        ((unsigned)kind >= DG_JOURNAL_KINDS) ||
        (data.size > DG_JOURNAL_DATA_MAX)) {
        return;
    }
    if (data.size > 0U) {
        memcpy(entry.data, data.at, data.size);
    }
    if (may_say(device, entry.who, class_of[kind])) {
        put(device, &entry);
    }
}

void dg_note(struct dg_device *device,
             enum dg_journal_kind kind,
             unsigned who,
             uint32_t code,
             uint32_t amount)
{
    dg_note_data(device, kind, who, code, amount, (dg_span){NULL, 0U});
}

void dg_note_frame(struct dg_device *device, uint8_t type)
{
    uint32_t *count =
        &device->notes
             .frames[(type < DG_NOTE_FRAMES) ? type : (DG_NOTE_FRAMES - 1U)];

    *count += (*count < UINT32_MAX) ? 1U : 0U;
}

/* time ------------------------------------------------------------------- */

static void refill(struct dg_device *device)
{
    for (uint8_t who = 0U; who <= DG_JOURNAL_BY_STRANGER; who++) {
        for (unsigned class = DG_NOTE_MINOR; class < DG_NOTE_CLASSES;
             class ++) {
            struct dg_note_budget *budget = &device->notes.budget[who][class];
            const uint32_t gap_s = allowance[class].refill_s;
            const uint32_t turns = (device->now.s - budget->since.s) / gap_s;

            budget->since.s += turns * gap_s;
            budget->used =
                (turns >= budget->used) ? 0U : (uint8_t)(budget->used - turns);
            if ((turns > 0U) && (budget->dropped > 0U)) {
                const struct dg_journal_entry entry = {
                    .at = device->now,
                    .kind = DG_JOURNAL_DROPPED,
                    .who = who,
                    .code = class,
                    .amount = budget->dropped};

                budget->dropped = 0U;
                budget->used++;
                put(device, &entry);
            }
        }
    }
}

/* Frames that did not hold cost their sender nothing, so they are told once an
 * hour, all in one line. */
static void tell_frames(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;
    uint8_t data[4U * DG_NOTE_FRAMES];
    uint32_t sum = 0U;

    if ((device->now.s - notes->frames_since.s) < FRAMES_GAP_S) {
        return;
    }
    for (unsigned type = 0U; type < DG_NOTE_FRAMES; type++) {
        const uint32_t count = notes->frames[type];

        dg_bytes_put_u32(&data[(size_t)4U * type], count);
        sum = (count > (UINT32_MAX - sum)) ? UINT32_MAX : (sum + count);
        notes->frames[type] = 0U;
    }
    notes->frames_since = device->now;
    if (sum > 0U) {
        dg_note_data(device,
                     DG_JOURNAL_FRAMES,
                     DG_JOURNAL_BY_STRANGER,
                     0U,
                     sum,
                     DG_SPAN_OF(data));
    }
}

/* What the pulses came to, so that the doses in between can be held against
 * it: T9.  Not while a dose is open. */
static void tell_totals(struct dg_device *device,
                        enum dg_journal_kind kind,
                        uint32_t code)
{
    const struct dg_ledger *ledger = &device->ledger;
    uint8_t data[8];

    dg_bytes_put_u32(&data[0], ledger->bolus_pulses);
    dg_bytes_put_u32(&data[4], ledger->basal_pulses);
    dg_note_data(device,
                 kind,
                 DG_JOURNAL_BY_DEVICE,
                 code,
                 ledger->moved,
                 DG_SPAN_OF(data));
}

/* doses ------------------------------------------------------------------ */

static bool is_noted(const struct dg_device *device,
                     const struct dg_ledger_ticket *ticket)
{
    return memcmp(ticket->id.byte,
                  device->notes.ended.byte,
                  sizeof ticket->id.byte) == 0;
}

static void tell_end(struct dg_device *device,
                     const struct dg_ledger_ticket *ticket)
{
    const uint32_t code =
        ((uint32_t)ticket->outcome << 8) | (uint32_t)ticket->tier;
    const struct dg_journal_entry entry = {
        .at = device->now,
        .kind = DG_JOURNAL_ENDED,
        .who = DG_JOURNAL_BY_DEVICE,
        .code = code,
        .amount = (uint32_t)ticket->delivered * (uint32_t)DG_PULSE_MU,
        .data_size = DG_TICKET_SIZE};
    struct dg_journal_entry told = entry;

    memcpy(told.data, ticket->id.byte, DG_TICKET_SIZE);
    device->notes.ended = ticket->id;
    /* One that came to nothing can be repeated at will. */
    if ((ticket->delivered > 0U) ||
        may_say(device, device->notes.who, DG_NOTE_CHANGE)) {
        put(device, &told);
    }
}

/* What a person approved is told when it begins; what an automatic dose began,
 * its end tells soon. */
static void tell_begin(struct dg_device *device,
                       const struct dg_ledger_ticket *ticket,
                       struct dg_ticket_id *begun)
{
    if ((ticket->tier == DG_TIER_AUTOMATIC) ||
        (memcmp(ticket->id.byte, begun->byte, DG_TICKET_SIZE) == 0)) {
        return;
    }
    *begun = ticket->id;
    dg_note_data(device,
                 DG_JOURNAL_ACCEPTED,
                 device->notes.who,
                 (uint32_t)ticket->tier,
                 (uint32_t)ticket->pulses * (uint32_t)DG_PULSE_MU,
                 DG_SPAN_OF(ticket->id.byte));
}

/* Doses that the ledger remembers and the journal does not know yet, oldest
 * first; after a cut between the two as well. */
static void tell_doses(struct dg_device *device)
{
    const struct dg_ledger *ledger = &device->ledger;
    unsigned fresh = 0U;

    while ((fresh < ledger->tickets) &&
           !is_noted(device, &ledger->ticket[fresh])) {
        fresh++;
    }
    while (fresh > 0U) {
        fresh--;

        const struct dg_ledger_ticket *ticket = &ledger->ticket[fresh];

        if (ticket->outcome != DG_OUTCOME_DELIVERING) {
            tell_end(device, ticket);
        } else {
            tell_begin(device, ticket, &device->notes.begun);
        }
    }
    if (ledger->spread.is_open) {
        tell_begin(device, &ledger->spread.ticket, &device->notes.begun_spread);
    }
}

/* settings --------------------------------------------------------------- */

/* One number for everything about a phone that may not change unseen; its
 * knock counter may. */
static uint32_t mark_of(const struct dg_enrolled *enrolled)
{
    const uint32_t parts[3] = {dg_bytes_crc32(DG_SPAN_OF(enrolled->key.x)),
                               dg_bytes_crc32(DG_SPAN_OF(enrolled->presence.x)),
                               (uint32_t)enrolled->role};
    uint8_t bytes[12];

    for (unsigned i = 0U; i < 3U; i++) {
        dg_bytes_put_u32(&bytes[(size_t)4U * i], parts[i]);
    }
    return enrolled->is_used ? (dg_bytes_crc32(DG_SPAN_OF(bytes)) | 1U) : 0U;
}

/* Eight bytes that stand for who is paired and what was prescribed. */
static void digest_of(const struct dg_notes *notes, uint8_t digest[8])
{
    uint8_t bytes[4U * (DG_CONTROLLERS + 1U)];

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        dg_bytes_put_u32(&bytes[(size_t)4U * slot], notes->phone[slot]);
    }
    dg_bytes_put_u32(&bytes[(size_t)4U * DG_CONTROLLERS], notes->therapy);
    dg_bytes_put_u32(&digest[0], notes->therapy);
    dg_bytes_put_u32(&digest[4], dg_bytes_crc32(DG_SPAN_OF(bytes)));
}

static uint32_t mark_of_therapy(const struct dg_device *device)
{
    const struct dg_limits *limits = &device->limits;
    const struct dg_therapy *therapy = &device->settings.therapy;
    const dg_span parts[2] = {
        {(const uint8_t *)limits, sizeof *limits},
        {(const uint8_t *)therapy->basal, sizeof therapy->basal}};
    uint8_t bytes[8];

    dg_bytes_put_u32(&bytes[0], dg_bytes_crc32(parts[0]));
    dg_bytes_put_u32(&bytes[4], dg_bytes_crc32(parts[1]));
    return dg_bytes_crc32(DG_SPAN_OF(bytes));
}

static void tell_settings(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;
    const struct dg_settings *settings = &device->settings;
    uint8_t digest[8];

    if (notes->generation == settings->generation) {
        return;
    }
    notes->generation = settings->generation;
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const uint32_t mark = mark_of(&settings->controller[slot]);

        if (mark == notes->phone[slot]) {
            continue;
        }
        notes->phone[slot] = mark;
        digest_of(notes, digest);
        dg_note_data(device,
                     (mark != 0U) ? DG_JOURNAL_PAIRED : DG_JOURNAL_REVOKED,
                     (mark != 0U) ? DG_JOURNAL_BY_PERSON : notes->who,
                     (uint32_t)settings->controller[slot].role,
                     slot,
                     DG_SPAN_OF(digest));
    }

    const uint32_t therapy = mark_of_therapy(device);

    if (therapy != notes->therapy) {
        notes->therapy = therapy;
        digest_of(notes, digest);
        dg_note_data(device,
                     DG_JOURNAL_THERAPY,
                     notes->who,
                     0U,
                     settings->generation,
                     DG_SPAN_OF(digest));
    }
}

/* the rest ---------------------------------------------------------------- */

static void tell_alarms(struct dg_device *device)
{
    const uint16_t before = device->notes.alarms;
    const uint16_t now = dg_alarm_bits(&device->board);

    device->notes.alarms = now;
    for (unsigned bit = 0U; bit < 16U; bit++) {
        const unsigned is_on = ((unsigned)now >> bit) & 1U;

        if ((((unsigned)before >> bit) & 1U) != is_on) {
            dg_note(device, DG_JOURNAL_ALARM, device->notes.who, bit, is_on);
        }
    }
}

static void tell_lease(struct dg_device *device)
{
    const struct dg_lease *lease = &device->lease;
    struct dg_notes *notes = &device->notes;
    const uint8_t holder = lease->is_held ? lease->slot : DG_CONTROLLERS;

    if (holder == notes->holder) {
        return;
    }
    dg_note(device,
            DG_JOURNAL_LEASE,
            lease->is_held ? holder : notes->holder,
            lease->is_held ? 1U : 0U,
            0U);
    notes->holder = holder;
}

static void tell_sessions(struct dg_device *device)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_session *session = &device->session[slot];

        if (memcmp(&session->id,
                   &device->notes.session[slot],
                   sizeof session->id) != 0) {
            device->notes.session[slot] = session->id;
            dg_note(
                device, DG_JOURNAL_SESSION, slot, session->record.epoch, 0U);
        }
    }
}

void dg_note_pass(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;

    tell_settings(device);
    tell_sessions(device);
    tell_lease(device);
    if (notes->refused.code != 0U) {
        dg_note(device,
                DG_JOURNAL_REFUSED,
                notes->refused.who,
                notes->refused.code,
                notes->refused.amount);
        notes->refused.code = 0U;
    }
    tell_doses(device);
    if (device->is_fault && !notes->is_fault) {
        dg_note(device,
                DG_JOURNAL_FAULT,
                DG_JOURNAL_BY_DEVICE,
                (uint32_t)device->fault,
                0U);
    }
    notes->is_fault = device->is_fault;
    refill(device);
    tell_frames(device);
    if (!device->ledger.is_open && !device->ledger.failed &&
        ((device->now.s - device->journal.memory.totals_at_s) >= DAY_S)) {
        tell_totals(device, DG_JOURNAL_TOTALS, 0U);
    }
    /* Last: what was written may have raised one. */
    tell_alarms(device);
    notes->who = DG_JOURNAL_BY_DEVICE;
}

/* boot ------------------------------------------------------------------- */

static bool has_settings_changed(const struct dg_device *device)
{
    uint8_t digest[8];

    digest_of(&device->notes, digest);
    return memcmp(digest, device->journal.memory.settings, sizeof digest) != 0;
}

/* What was true before the reset is not news.  Settings that the journal does
 * not know of, because power went in between, are. */
static void start_notes(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;
    const struct dg_journal_memory *memory = &device->journal.memory;

    memset(notes, 0, sizeof *notes);
    notes->who = DG_JOURNAL_BY_DEVICE;
    notes->holder = DG_CONTROLLERS;
    notes->generation = device->settings.generation;
    notes->frames_since = device->now;
    notes->therapy = mark_of_therapy(device);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        notes->phone[slot] = mark_of(&device->settings.controller[slot]);
    }
    memcpy(notes->ended.byte, memory->ticket, DG_TICKET_SIZE);
    for (unsigned who = 0U; who <= DG_JOURNAL_BY_STRANGER; who++) {
        for (unsigned class = 0U; class < DG_NOTE_CLASSES; class ++) {
            notes->budget[who][class].since = device->now;
        }
    }
}

void dg_note_boot(struct dg_device *device)
{
    struct dg_journal_found found;
    const struct dg_device_ports *ports = device->ports;
    const enum dg_status status =
        dg_journal_open(&device->journal, ports->flash, ports->crypto, &found);
    const struct dg_journal_memory *memory = &device->journal.memory;
    const bool is_first = device->journal.tree.size == 0U;
    const bool is_again =
        !is_first && ((device->now.s - memory->totals_at_s) < BOOT_GAP_S);

    start_notes(device);
    if (status != DG_OK) {
        dg_device_raise(device, DG_ALARM_JOURNAL);
        return;
    }
    /* A storm of resets must not push out what came before it. */
    if (!is_again || found.is_torn) {
        tell_totals(device,
                    DG_JOURNAL_BOOT,
                    (found.is_torn ? 1U : 0U) |
                        (device->ledger.failed ? 2U : 0U));
    } else {
        device->notes.alarms = dg_alarm_bits(&device->board);
        device->notes.is_fault = device->is_fault;
    }
    if (found.is_damaged) {
        dg_note(device,
                DG_JOURNAL_DAMAGED,
                DG_JOURNAL_BY_DEVICE,
                found.damaged_first,
                found.damaged_end);
        dg_device_raise(device, DG_ALARM_JOURNAL);
    }
    if (has_settings_changed(device)) {
        uint8_t digest[8];

        digest_of(&device->notes, digest);
        dg_note_data(device,
                     DG_JOURNAL_THERAPY,
                     DG_JOURNAL_BY_DEVICE,
                     1U,
                     device->settings.generation,
                     DG_SPAN_OF(digest));
    }
    dg_note_pass(device);
}
