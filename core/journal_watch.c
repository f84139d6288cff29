/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_watch.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* Most of what the journal tells is seen by comparing the device with what was
 * told last, so that no way to a change goes past the journal. */

/* doses ------------------------------------------------------------------ */

static bool is_same(const struct dg_ticket_id *a, const struct dg_ticket_id *b)
{
    return memcmp(a->byte, b->byte, DG_TICKET_SIZE) == 0;
}

static struct dg_journal_entry entry_of(const struct dg_device *device,
                                        enum dg_journal_kind kind,
                                        uint32_t code,
                                        uint32_t amount,
                                        const struct dg_ticket_id *ticket)
{
    struct dg_journal_entry entry = {.at = device->now,
                                     .kind = kind,
                                     .who = DG_JOURNAL_BY_DEVICE,
                                     .code = code,
                                     .amount = amount,
                                     .data_size = DG_TICKET_SIZE};

    memcpy(entry.data, ticket->byte, DG_TICKET_SIZE);
    return entry;
}

/* A dose as the ledger has it, and the words for it. */
struct watched {
    const struct dg_ledger *ledger;
    enum dg_journal_kind kind;
    struct dg_note_doses *told;
};

static uint32_t amount_of(const struct watched *watched, uint16_t pulses)
{
    return (uint32_t)pulses * (uint32_t)watched->ledger->log.region->step;
}

static void tell_end(struct dg_device *device,
                     const struct watched *watched,
                     const struct dg_ledger_ticket *ticket)
{
    const bool is_prime = ticket->tier == DG_TIER_NONE;
    struct dg_journal_entry entry =
        entry_of(device,
                 is_prime ? DG_JOURNAL_PRIMED : watched->kind,
                 ((uint32_t)ticket->outcome << 8) | (uint32_t)ticket->tier,
                 amount_of(watched, ticket->delivered),
                 &ticket->id);

    /* What ended by itself nobody ended (ADR 0043). */
    if (ticket->outcome == DG_OUTCOME_STOPPED) {
        entry.who = device->notes.who;
    }
    watched->told->ended = ticket->id;
    /* One that came to nothing can be repeated at will. */
    if ((ticket->delivered > 0U) ||
        dg_note_may(device, device->notes.who, DG_NOTE_CHANGE)) {
        dg_note_put(device, &entry);
    }
}

/* A person's dose is told when it begins.  What an automatic one began, its end
 * tells soon. */
static void tell_begin(struct dg_device *device,
                       const struct watched *watched,
                       const struct dg_ledger_ticket *ticket,
                       struct dg_ticket_id *begun)
{
    if ((ticket->tier <= DG_TIER_AUTOMATIC) || is_same(&ticket->id, begun)) {
        return;
    }
    *begun = ticket->id;

    struct dg_journal_entry entry = entry_of(device,
                                             DG_JOURNAL_ACCEPTED,
                                             (uint32_t)ticket->tier,
                                             amount_of(watched, ticket->pulses),
                                             &ticket->id);

    entry.who = device->notes.who;
    dg_note_put(device, &entry);
}

/* Doses that the ledger remembers and the journal does not know yet, oldest
 * first; after a cut between the two as well.  One that is still open stands
 * first in the ledger's memory. */
/* @satisfies{FAU_LOG.4@1} */
static void tell_doses(struct dg_device *device, const struct watched *watched)
{
    const struct dg_ledger *ledger = watched->ledger;
    struct dg_note_doses *told = watched->told;
    unsigned fresh = 0U;

    while ((fresh < ledger->tickets) &&
           !is_same(&ledger->ticket[fresh].id, &told->ended)) {
        fresh++;
    }
    while (fresh > 0U) {
        fresh--;

        const struct dg_ledger_ticket *ticket = &ledger->ticket[fresh];

        if (ticket->outcome == DG_OUTCOME_DELIVERING) {
            tell_begin(device, watched, ticket, &told->begun);
        } else {
            tell_end(device, watched, ticket);
        }
    }
    if (ledger->spread.is_open) {
        tell_begin(device, watched, &ledger->spread.ticket, &told->spread);
    }
}

void dg_watch_doses(struct dg_device *device)
{
    const struct watched insulin = {.ledger = &device->ledger,
                                    .kind = DG_JOURNAL_ENDED,
                                    .told = &device->notes.insulin};
    const struct watched glucagon = {.ledger = device->glucagon.ledger,
                                     .kind = DG_JOURNAL_GLUCAGON,
                                     .told = &device->notes.glucagon};

    tell_doses(device, &insulin);
    if (device->glucagon.is_sound) {
        tell_doses(device, &glucagon);
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
    uint8_t bytes[(size_t)4U * (DG_CONTROLLERS + 1U)];

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        dg_bytes_put_u32(&bytes[(size_t)4U * slot], notes->phone[slot]);
    }
    dg_bytes_put_u32(&bytes[(size_t)4U * DG_CONTROLLERS], notes->therapy);
    dg_bytes_put_u32(&digest[0], notes->therapy);
    dg_bytes_put_u32(&digest[4], dg_bytes_crc32(DG_SPAN_OF(bytes)));
}

/* Limits, schedule, what was prescribed, and what of it is to come. */
#define MARKED 5U

static uint32_t mark_of_therapy(const struct dg_device *device)
{
    const struct dg_limits *limits = &device->limits;
    const struct dg_therapy *therapy = &device->settings.therapy;
    const struct dg_prescribed *prescribed = &device->settings.prescribed;
    struct dg_bounds bounds;
    const dg_span parts[MARKED] = {
        {(const uint8_t *)limits, sizeof *limits},
        {(const uint8_t *)therapy->basal, sizeof therapy->basal},
        {(const uint8_t *)&bounds, sizeof bounds},
        {(const uint8_t *)&prescribed->outer, sizeof prescribed->outer},
        {(const uint8_t *)&prescribed->next,
         prescribed->is_loosening ? sizeof prescribed->next : 0U}};
    uint8_t bytes[4U * MARKED];

    dg_bounds_of(therapy, &bounds);
    for (unsigned i = 0U; i < MARKED; i++) {
        dg_bytes_put_u32(&bytes[(size_t)4U * i], dg_bytes_crc32(parts[i]));
    }
    return dg_bytes_crc32(DG_SPAN_OF(bytes));
}

void dg_watch_settings_at_boot(struct dg_device *device)
{
    uint8_t digest[8];

    digest_of(&device->notes, digest);
    if (memcmp(digest, device->journal.memory.settings, sizeof digest) != 0) {
        dg_note_data(device,
                     DG_JOURNAL_THERAPY,
                     DG_JOURNAL_BY_DEVICE,
                     1U,
                     device->settings.generation,
                     DG_SPAN_OF(digest));
    }
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

void dg_watch_alarms(struct dg_device *device)
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

/* Basal that is withheld: told when it begins and when it ends. */
static void tell_pause(struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;
    struct dg_notes *notes = &device->notes;
    const uint32_t paused_s = pause->is_on ? pause->since.s : 0U;
    const unsigned who = (pause->is_on && (pause->tier == DG_TIER_PRESENT))
                             ? DG_JOURNAL_BY_PERSON
                             : notes->who;
    uint8_t data[4];

    if (paused_s == notes->paused_s) {
        return;
    }
    notes->paused_s = paused_s;
    dg_bytes_put_u32(data, paused_s);
    dg_note_data(device,
                 DG_JOURNAL_STATE,
                 who,
                 pause->is_on ? pause->permille : 0U,
                 pause->is_on ? pause->granted_s : 0U,
                 DG_SPAN_OF(data));
}

static void tell_update(struct dg_device *device)
{
    const struct dg_update *update = &device->update;
    const uint32_t code =
        ((uint32_t)update->state << 8) | (uint32_t)update->why;

    if (code == device->notes.update) {
        return;
    }
    device->notes.update = code;
    dg_note(device,
            DG_JOURNAL_UPDATE,
            device->notes.who,
            code,
            update->manifest.sequence);
}

static void tell_energy(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;
    const uint8_t drainer = dg_energy_drainer(&device->energy);
    const bool is_one = drainer > 0U;

    if (drainer == notes->drainer) {
        return;
    }
    dg_note(device,
            DG_JOURNAL_ENERGY,
            (is_one ? drainer : notes->drainer) - 1U,
            is_one ? 1U : 0U,
            0U);
    notes->drainer = drainer;
}

static void tell_fault(struct dg_device *device)
{
    if (device->is_fault && !device->notes.is_fault) {
        dg_note(device,
                DG_JOURNAL_FAULT,
                DG_JOURNAL_BY_DEVICE,
                (uint32_t)device->fault,
                0U);
    }
    device->notes.is_fault = device->is_fault;
}

void dg_watch_changes(struct dg_device *device)
{
    tell_settings(device);
    tell_sessions(device);
    tell_lease(device);
    tell_pause(device);
    tell_update(device);
    tell_energy(device);
    tell_fault(device);
}

/* What was true before the reset is not news; what changed while power went
 * is. */
void dg_watch_start(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;
    const struct dg_journal_memory *memory = &device->journal.memory;

    notes->holder = DG_CONTROLLERS;
    notes->generation = device->settings.generation;
    notes->paused_s = memory->paused_s;
    notes->update =
        ((uint32_t)device->update.state << 8) | (uint32_t)device->update.why;
    notes->therapy = mark_of_therapy(device);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        notes->phone[slot] = mark_of(&device->settings.controller[slot]);
    }
    memcpy(notes->insulin.ended.byte, memory->ticket, DG_TICKET_SIZE);
    memcpy(notes->glucagon.ended.byte, memory->glucagon, DG_TICKET_SIZE);
}
