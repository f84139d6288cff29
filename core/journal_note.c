/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "bytes.h"
#include "journal_watch.h"

#include <stddef.h>
#include <string.h>

/* What the device writes into its journal.
 *
 * Nothing here gives a result: therapy never waits for the journal, and never
 * stops with it. */

#define DAY_S        86400U
#define BOOT_GAP_S   3600U /* resets within it are one line         */
#define FRAMES_GAP_S 3600U
#define DROPS_GAP_S  3600U /* how often one is told what it lost  */

/* What one source may say at a stretch, and how soon it may go on.  Minor
 * entries have an allowance of their own, so that noise cannot use up what a
 * change needs.  All four phones and the device at their limit, with the heads
 * that they ask for, fill the ring (750 entries on the smallest flash) in
 * 27 h; strangers add 24 entries a day. */
struct allowance {
    uint8_t burst;
    uint32_t refill_s;
};

static const struct allowance allowance[DG_NOTE_CLASSES] = {
    [DG_NOTE_MINOR] = {6U, 2400U},
    [DG_NOTE_CHANGE] = {12U, 1200U},
};

/* An entry that no peer can repeat at will has no class and no limit. */
static const uint8_t class_of[DG_JOURNAL_KINDS] = {
    [DG_JOURNAL_REFUSED] = DG_NOTE_MINOR,
    [DG_JOURNAL_SESSION] = DG_NOTE_MINOR,
    [DG_JOURNAL_LEASE] = DG_NOTE_MINOR,
    [DG_JOURNAL_ENERGY] = DG_NOTE_MINOR,
    [DG_JOURNAL_ALARM] = DG_NOTE_CHANGE,
    [DG_JOURNAL_STATE] = DG_NOTE_CHANGE,
    [DG_JOURNAL_THERAPY] = DG_NOTE_CHANGE,
    [DG_JOURNAL_PROFILE] = DG_NOTE_CHANGE,
    [DG_JOURNAL_UPDATE] = DG_NOTE_CHANGE,
    [DG_JOURNAL_FORK] = DG_NOTE_CHANGE,
};

void dg_note_put(struct dg_device *device, const struct dg_journal_entry *entry)
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
bool dg_note_may(struct dg_device *device, uint8_t who, unsigned class)
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
    if (dg_note_may(device, entry.who, class_of[kind])) {
        dg_note_put(device, &entry);
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
            if ((turns > 0U) && (budget->dropped > 0U) &&
                ((device->now.s - budget->told.s) >= DROPS_GAP_S)) {
                const struct dg_journal_entry entry = {
                    .at = device->now,
                    .kind = DG_JOURNAL_DROPPED,
                    .who = who,
                    .code = class,
                    .amount = budget->dropped};

                budget->dropped = 0U;
                budget->told = device->now;
                budget->used++;
                dg_note_put(device, &entry);
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

/* Is every dose either in the journal or not begun? */
static bool are_doses_settled(const struct dg_device *device)
{
    const struct dg_ledger *ledger = &device->ledger;
    const struct dg_ledger *glucagon = device->glucagon.ledger;

    return !ledger->is_open && !ledger->spread.is_open && !ledger->failed &&
           !ledger->is_lost && ((glucagon == NULL) || !glucagon->is_open);
}

/* What the pulses came to, so that the doses in between can be held against
 * it: T9.  Not while a dose is open. */
static void tell_totals(struct dg_device *device,
                        enum dg_journal_kind kind,
                        uint32_t code)
{
    const struct dg_ledger *ledger = &device->ledger;
    const struct dg_ledger *glucagon = device->glucagon.ledger;
    uint8_t data[12];

    dg_bytes_put_u32(&data[0], ledger->bolus_pulses);
    dg_bytes_put_u32(&data[4], ledger->basal_pulses);
    dg_bytes_put_u32(&data[8],
                     (glucagon == NULL) ? 0U : glucagon->bolus_pulses);
    dg_note_data(device,
                 kind,
                 DG_JOURNAL_BY_DEVICE,
                 code,
                 ledger->moved,
                 DG_SPAN_OF(data));
}

void dg_note_pass(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;

    dg_watch_changes(device);
    if (notes->refused.code != 0U) {
        dg_note(device,
                DG_JOURNAL_REFUSED,
                notes->refused.who,
                notes->refused.code,
                notes->refused.amount);
        notes->refused.code = 0U;
    }
    dg_watch_doses(device);
    refill(device);
    tell_frames(device);
    if (((device->now.s - device->journal.memory.totals_at_s) >= DAY_S) &&
        are_doses_settled(device)) {
        tell_totals(device, DG_JOURNAL_TOTALS, 0U);
    }
    /* Last: what was written may have raised one. */
    dg_watch_alarms(device);
    notes->who = DG_JOURNAL_BY_DEVICE;
}

/* boot ------------------------------------------------------------------- */

/* What was true before the reset is not news.  Settings that the journal does
 * not know of, because power went in between, are. */
static void start_notes(struct dg_device *device)
{
    struct dg_notes *notes = &device->notes;

    memset(notes, 0, sizeof *notes);
    notes->who = DG_JOURNAL_BY_DEVICE;
    notes->frames_since = device->now;
    dg_watch_start(device);
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
    /* Doses that a cut ended come before the totals that count them. */
    dg_watch_doses(device);
    /* A storm of resets must not push out what came before it. */
    if (!is_again || found.is_torn) {
        tell_totals(device,
                    DG_JOURNAL_BOOT,
                    (found.is_torn ? 1U : 0U) |
                        (are_doses_settled(device) ? 0U : 2U));
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
    dg_watch_settings_at_boot(device);
    dg_note_pass(device);
}
