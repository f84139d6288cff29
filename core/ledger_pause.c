/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_count.h"

#include <stddef.h>

/* Basal that is withheld, in the ledger: what E5 counts (T5).  What was granted
 * counts in full from the first second on; what was not used comes back when
 * the pause ends early.  A pause by a person at the device is written, so that
 * it outlives a reset, but not counted. */

static bool is_counted(const struct dg_ledger_pause *pause)
{
    return pause->tier != DG_TIER_PRESENT;
}

void dg_ledger_begin_pause(struct dg_ledger *ledger,
                           dg_seconds since,
                           enum dg_tier tier,
                           uint16_t permille,
                           uint16_t granted_s)
{
    ledger->pause = (struct dg_ledger_pause){.is_on = true,
                                             .tier = tier,
                                             .permille = permille,
                                             .granted_s = granted_s,
                                             .since = since};
}

void dg_ledger_end_pause(struct dg_ledger *ledger, dg_seconds now)
{
    const struct dg_ledger_pause *pause = &ledger->pause;
    const uint32_t room_s = UINT32_MAX - pause->since.s;
    const uint32_t end_s =
        pause->since.s +
        ((pause->granted_s < room_s) ? pause->granted_s : room_s);

    if (is_counted(pause)) {
        dg_pauses_add(&ledger->pauses,
                      pause->since.s,
                      (now.s < end_s) ? now.s : end_s,
                      pause->permille);
    }
    ledger->pause.is_on = false;
}

enum dg_status dg_ledger_pause(struct dg_ledger *ledger,
                               dg_seconds now,
                               const struct dg_ticket_id *ticket,
                               enum dg_tier tier,
                               uint32_t permille,
                               uint32_t seconds)
{
    const bool is_person = tier == DG_TIER_PRESENT;

    if ((ledger == NULL) || (ledger->log.hormone != DG_HORMONE_INSULIN)) {
        return DG_E_USAGE;
    }
    if ((permille == 0U) || (permille > DG_PERMILLE) || (seconds == 0U) ||
        (seconds > DG_PAUSE_UNTIL_RESUMED) || (tier == DG_TIER_NONE) ||
        ((unsigned)tier >= DG_TIERS) ||
        (!is_person && (seconds == DG_PAUSE_UNTIL_RESUMED))) {
        return DG_E_RANGE;
    }
    if (ledger->pause.is_on) {
        return DG_E_STATE;
    }

    struct dg_entry entry = {.kind = DG_ENTRY_PAUSE,
                             .tier = tier,
                             .pulses = (uint16_t)permille,
                             .delivered = (uint16_t)seconds};

    if (ticket != NULL) {
        entry.ticket = *ticket;
    }

    const enum dg_status status = dg_ledger_append(ledger, now, &entry);

    if ((status != DG_OK) && !is_person) {
        return status;
    }
    dg_ledger_begin_pause(
        ledger, ledger->last, tier, (uint16_t)permille, (uint16_t)seconds);
    ledger->pause.is_unrecorded = status != DG_OK;
    if (ticket != NULL) {
        const struct dg_ledger_ticket made = {.id = *ticket,
                                              .tier = tier,
                                              .outcome = DG_OUTCOME_DELIVERED,
                                              .at = ledger->last};

        dg_ledger_remember(ledger, &made);
    }
    return status;
}

enum dg_status dg_ledger_resume(struct dg_ledger *ledger, dg_seconds now)
{
    if (ledger == NULL) {
        return DG_E_USAGE;
    }
    if (!ledger->pause.is_on) {
        return DG_E_STATE;
    }

    enum dg_status status = DG_OK;
    const struct dg_ledger_pause *pause = &ledger->pause;

    if (!pause->is_unrecorded) {
        const uint32_t past_s =
            (now.s > pause->since.s) ? (now.s - pause->since.s) : 0U;
        struct dg_entry entry = {.kind = DG_ENTRY_PAUSE,
                                 .tier = pause->tier,
                                 .outcome = DG_OUTCOME_STOPPED,
                                 .pulses = pause->permille,
                                 .delivered = (past_s < pause->granted_s)
                                                  ? (uint16_t)past_s
                                                  : pause->granted_s};

        status = dg_ledger_append(ledger, now, &entry);
    }
    dg_ledger_end_pause(ledger, now);
    return status;
}

uint32_t dg_ledger_paused_s(const struct dg_ledger *ledger,
                            dg_seconds now,
                            uint32_t window_s)
{
    if ((ledger == NULL) || ledger->is_lost) {
        return UINT32_MAX;
    }

    uint32_t sum = dg_pauses_within(&ledger->pauses, now.s, window_s);

    if (ledger->pause.is_on && is_counted(&ledger->pause)) {
        sum += dg_pauses_weigh(ledger->pause.granted_s, ledger->pause.permille);
    }
    return sum;
}
