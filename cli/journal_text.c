/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dosegate/device.h"
#include "dosegate/message.h"
#include "quantity_text.h"

/* What code, amount and data are is said with each kind in dosegate/journal.h.
 * An entry is the pump's word, but an older program may read a newer pump: a
 * number that is not known here stays a number. */
struct line {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format,
                                                      ...)
{
    const size_t room = DG_JOURNAL_TEXT_MAX - line->used;
    va_list arguments;

    va_start(arguments, format);

    const int size =
        vsnprintf(&line->text[line->used], room, format, arguments);

    va_end(arguments);
    line->used +=
        ((size < 0) || ((size_t)size >= room)) ? room - 1U : (size_t)size;
}

static const char *const kinds[DG_JOURNAL_KINDS] = {
    [DG_JOURNAL_BOOT] = "start",
    [DG_JOURNAL_TOTALS] = "totals",
    [DG_JOURNAL_ACCEPTED] = "dose accepted",
    [DG_JOURNAL_ENDED] = "dose ended",
    [DG_JOURNAL_REFUSED] = "refused",
    [DG_JOURNAL_SESSION] = "session opened",
    [DG_JOURNAL_LEASE] = "control",
    [DG_JOURNAL_PAIRED] = "phone paired",
    [DG_JOURNAL_REVOKED] = "phone revoked",
    [DG_JOURNAL_THERAPY] = "prescription or limits changed",
    [DG_JOURNAL_ALARM] = "alarm",
    [DG_JOURNAL_BUTTON] = "button",
    [DG_JOURNAL_FAULT] = "safe state",
    [DG_JOURNAL_STATE] = "basal",
    [DG_JOURNAL_UPDATE] = "update",
    [DG_JOURNAL_ENERGY] = "energy",
    [DG_JOURNAL_FRAMES] = "frames that did not hold",
    [DG_JOURNAL_HEAD] = "journal signed",
    [DG_JOURNAL_EXPORTED] = "journal exported",
    [DG_JOURNAL_FORK] = "FORK",
    [DG_JOURNAL_LOST] = "entries lost",
    [DG_JOURNAL_DAMAGED] = "entries damaged",
    [DG_JOURNAL_DROPPED] = "entries not written",
    [DG_JOURNAL_PRIMED] = "prime ended",
    [DG_JOURNAL_GLUCAGON] = "glucagon ended",
    [DG_JOURNAL_PROFILE] = "limits",
};

/* A name of a table, or the number. */
static void add_named(struct line *line,
                      const char *const *names,
                      size_t count,
                      uint32_t number)
{
    if ((number < count) && (names[number] != NULL)) {
        add(line, "%s", names[number]);
    } else {
        add(line, "no. %u", (unsigned)number);
    }
}

#define ADD_NAMED(line, names, number) \
    add_named((line), (names), sizeof(names) / sizeof((names)[0]), (number))

static void add_units(struct line *line, uint32_t mU)
{
    char units[DG_QUANTITY_TEXT_MAX];

    dg_units_write((int32_t)(mU & (uint32_t)INT32_MAX), units);
    add(line, "%s", units);
}

static void add_ticket(struct line *line, const struct dg_journal_entry *entry)
{
    if (entry->data_size != DG_TICKET_SIZE) {
        return;
    }
    add(line, ", ticket ");
    for (size_t i = 0; i < DG_TICKET_SIZE; i++) {
        add(line, "%02x", entry->data[i]);
    }
}

static void add_tier(struct line *line, uint32_t tier)
{
    static const char *const tiers[] = {
        NULL, "automatic", "confirmed at the phone", "by the button"};

    ADD_NAMED(line, tiers, tier);
}

static void add_dose(struct line *line, const struct dg_journal_entry *entry)
{
    const bool is_end = entry->kind != DG_JOURNAL_ACCEPTED;

    if (entry->kind == DG_JOURNAL_GLUCAGON) {
        add(line, "%u ug, ", (unsigned)entry->amount);
    } else {
        add_units(line, entry->amount);
        add(line, ", ");
    }
    if (is_end) {
        add(line,
            "%s, ",
            ((entry->code / 256U) <= (uint32_t)DG_OUTCOME_LAPSED)
                ? dg_outcome_text((enum dg_outcome)(entry->code / 256U))
                : "?");
    }
    add_tier(line, entry->code % 256U);
    add_ticket(line, entry);
}

static void add_refusal(struct line *line, const struct dg_journal_entry *entry)
{
    static const char *const requests[] = {NULL,
                                           "status",
                                           "propose",
                                           "commit",
                                           "stop",
                                           "lease",
                                           "glucose",
                                           "suspend",
                                           "resume",
                                           "profile",
                                           "journal",
                                           "attest",
                                           "update",
                                           "revoke",
                                           "roles",
                                           NULL,
                                           "rekey",
                                           NULL,
                                           "policy"};
    const uint32_t reason = entry->code % 256U;

    ADD_NAMED(line, requests, entry->code / 256U);
    add(line,
        ": %s",
        (reason <= (uint32_t)DG_REASON_MAX)
            ? dg_reason_text((enum dg_reason)reason)
            : "?");
    if (entry->amount > 0U) {
        add(line, ", headroom %u", (unsigned)entry->amount);
    }
}

static void add_button(struct line *line, uint32_t button)
{
    static const char *const buttons[] = {
        [DG_BUTTON_CONFIRM] = "confirm",
        [DG_BUTTON_STOP] = "stop",
        [DG_BUTTON_PAIR] = "pair",
        [DG_BUTTON_SILENCE] = "silence",
        [DG_BUTTON_SUSPEND] = "suspend",
        [DG_BUTTON_RESUME] = "resume",
        [DG_BUTTON_DETACH] = "the set is off",
        [DG_BUTTON_FORGET] = "forget",
        [DG_BUTTON_FORGET_HOLD] = "forget, held",
        [DG_BUTTON_BOLUS] = "small bolus",
        [DG_BUTTON_RESCUE] = "rescue",
    };

    ADD_NAMED(line, buttons, button);
}

static void add_basal(struct line *line, const struct dg_journal_entry *entry)
{
    char span[DG_QUANTITY_TEXT_MAX];

    if (entry->code == 0U) {
        add(line, "by its schedule again");
        return;
    }
    dg_span_write(entry->amount, span);
    add(line,
        "%u.%u %% withheld%s%s",
        (unsigned)(entry->code / 10U),
        (unsigned)(entry->code % 10U),
        (entry->amount < UINT16_MAX) ? " for " : " until resumed",
        (entry->amount < UINT16_MAX) ? span : "");
}

static void add_limits(struct line *line, const struct dg_journal_entry *entry)
{
    static const char *const steps[] = {NULL,
                                        "profile taken",
                                        "looser limits asked for",
                                        "pressed, the delay begins",
                                        "taken back",
                                        "the looser ones hold"};

    ADD_NAMED(line, steps, entry->code);
    add(line, ", profile %u", (unsigned)entry->amount);
}

static void add_role(struct line *line, const struct dg_journal_entry *entry)
{
    static const char *const roles[] = {NULL, "owner", "caregiver", "observer"};

    add(line, "phone %u as ", (unsigned)entry->amount + 1U);
    ADD_NAMED(line, roles, entry->code);
}

/* The rest of an entry whose numbers need no names. */
static void add_numbers(struct line *line, const struct dg_journal_entry *entry)
{
    const unsigned code = (unsigned)entry->code;
    const unsigned amount = (unsigned)entry->amount;

    switch ((unsigned)entry->kind) {
    case DG_JOURNAL_BOOT:
    case DG_JOURNAL_TOTALS:
        add(line, "%u steps moved so far", amount);
        break;
    case DG_JOURNAL_SESSION:
        add(line, "epoch %u", code);
        break;
    case DG_JOURNAL_LEASE:
        add(line, "%s", (code == 1U) ? "taken" : "given up");
        break;
    case DG_JOURNAL_REVOKED:
        add(line, "phone %u", amount + 1U);
        break;
    case DG_JOURNAL_THERAPY:
        add(line, "generation %u", amount);
        break;
    case DG_JOURNAL_UPDATE:
        add(line, "release %u, state %u", amount, code / 256U);
        break;
    case DG_JOURNAL_ENERGY:
        add(line, "%s", (code == 1U) ? "beyond its share" : "over");
        break;
    case DG_JOURNAL_FRAMES:
        add(line, "%u in the last hour", amount);
        break;
    case DG_JOURNAL_HEAD:
        add(line, "%u entries", amount);
        break;
    case DG_JOURNAL_EXPORTED:
        add(line, "entries below %u are held outside", amount);
        break;
    case DG_JOURNAL_FORK:
        add(line,
            "a head of %u entries that this journal did not have",
            amount);
        break;
    case DG_JOURNAL_LOST:
    case DG_JOURNAL_DAMAGED:
        add(line, "%u up to %u", code, amount);
        break;
    case DG_JOURNAL_DROPPED:
        add(line, "%u of kind %u", amount, code);
        break;
    default:
        add(line, "code %u, amount %u", code, amount);
        break;
    }
}

static void add_what(struct line *line, const struct dg_journal_entry *entry)
{
    switch ((unsigned)entry->kind) {
    case DG_JOURNAL_ACCEPTED:
    case DG_JOURNAL_ENDED:
    case DG_JOURNAL_PRIMED:
    case DG_JOURNAL_GLUCAGON:
        add_dose(line, entry);
        break;
    case DG_JOURNAL_REFUSED:
        add_refusal(line, entry);
        break;
    case DG_JOURNAL_BUTTON:
        add_button(line, entry->code);
        break;
    case DG_JOURNAL_STATE:
        add_basal(line, entry);
        break;
    case DG_JOURNAL_PROFILE:
        add_limits(line, entry);
        break;
    case DG_JOURNAL_PAIRED:
        add_role(line, entry);
        break;
    case DG_JOURNAL_ALARM:
        add(line,
            "%s%s",
            (entry->code < DG_ALARMS)
                ? dg_alarm_text((enum dg_alarm)entry->code)
                : "?",
            (entry->amount == 1U) ? "" : ", over");
        break;
    case DG_JOURNAL_FAULT:
        add(line, "%s", dg_fault_text((enum dg_fault)entry->code));
        break;
    default:
        add_numbers(line, entry);
        break;
    }
}

void dg_journal_text(const struct dg_journal_entry *entry,
                     char text[DG_JOURNAL_TEXT_MAX])
{
    static const char *const who[] = {"phone 1",
                                      "phone 2",
                                      "phone 3",
                                      "phone 4",
                                      "person",
                                      "pump",
                                      "stranger"};
    const unsigned s = (unsigned)entry->at.s;
    struct line line = {.text = text};

    add(&line,
        "day %u %02u:%02u:%02u  %-8s  ",
        s / 86400U,
        (s / 3600U) % 24U,
        (s / 60U) % 60U,
        s % 60U,
        (entry->who <= DG_JOURNAL_BY_STRANGER) ? who[entry->who] : "?");
    if (((unsigned)entry->kind < DG_JOURNAL_KINDS) &&
        (kinds[entry->kind] != NULL)) {
        add(&line, "%s: ", kinds[entry->kind]);
    } else {
        add(&line,
            "kind %u, which this program does not know: ",
            (unsigned)entry->kind);
    }
    add_what(&line, entry);
}
