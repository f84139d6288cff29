/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

#include "dosegate/glucagon.h"

#include <string.h>

#define RETRY_MS    2000
#define RETRY_WAITS 4U /* 2, 4, 8, 16, 32 s, then every 32 s */

/* Each hormone has a ledger, a last ticket and totals of its own. */
static bool is_glucagon(const struct dg_client *client)
{
    return dg_effect_hormone(&client->dose.effect) == DG_HORMONE_GLUCAGON;
}

static bool names_our_ticket(const struct dg_client *client)
{
    const struct dg_device_status *status = &client->status;
    const bool has_ticket =
        is_glucagon(client) ? status->glucagon.has_ticket : status->has_ticket;
    const struct dg_ticket_id *last =
        is_glucagon(client) ? &status->glucagon.ticket : &status->ticket;

    return has_ticket &&
           (memcmp(last, &client->dose.ticket, sizeof(client->dose.ticket)) ==
            0);
}

static bool is_rescue(const struct dg_ticket_id *id)
{
    return memcmp(id->byte, DG_RESCUE_TICKET, sizeof DG_RESCUE_TICKET) == 0;
}

static bool is_under_way(enum dg_outcome outcome)
{
    return (outcome == DG_OUTCOME_DELIVERING) ||
           (outcome == DG_OUTCOME_WAITING);
}

bool dg_client_is_stopped(const struct dg_client *client)
{
    const struct dg_device_status *status = &client->status;
    /* No message ends a rescue: that one goes on is no failure of a stop. */
    const bool has_micro =
        status->glucagon.has_ticket && !is_rescue(&status->glucagon.ticket);

    return !(status->has_ticket && is_under_way(status->outcome)) &&
           !(has_micro && is_under_way(status->glucagon.outcome));
}

uint32_t dg_client_total(const struct dg_client *client)
{
    return is_glucagon(client) ? client->status.glucagon.total_ug
                               : client->status.bolus_total_mU;
}

uint32_t dg_client_uncertain(const struct dg_client *client)
{
    return is_glucagon(client) ? client->status.glucagon.uncertain_ug
                               : client->status.uncertain_mU;
}

enum dg_settled dg_client_settle(struct dg_client *client)
{
    const struct dg_client_dose *dose = &client->dose;

    if (names_our_ticket(client)) {
        return DG_SETTLED_DONE;
    }

    /* It may be the late answer to a status that was asked for before the
     * commit.  Each such answer can come only once: the record layer refuses
     * replays. */
    if (client->strays > 0U) {
        client->strays--;
        return DG_SETTLED_NOT_YET;
    }
    if ((dg_client_total(client) == dose->total) &&
        (dg_client_uncertain(client) == dose->uncertain)) {
        return DG_SETTLED_NOT_BEGUN;
    }
    return DG_SETTLED_UNCERTAIN;
}

/* How the end of a dose reads to those who asked for it. */
void dg_client_close_dose(struct dg_client *client,
                          int64_t now_ms,
                          enum dg_result result,
                          const struct dg_answer *refusal)
{
    struct dg_client_dose *dose = &client->dose;

    if (dose->has_app) {
        dg_client_reply(client, now_ms, dose->tag, result, refusal, true);
    }
    if (dose->waits > 0U) {
        dg_client_tell_dose(client, result);
        /* A person who was told "unknown" will try again: within a minute that
         * gets this dose's fate.  One that never began cannot be doubled. */
        client->earlier.is_set =
            (dose->tier == DG_TIER_CONFIRMED) &&
            ((result == DG_RESULT_OK) || (result == DG_RESULT_UNKNOWN));
        client->earlier.known_ms = now_ms;
        client->earlier.ticket = dose->ticket;
        client->earlier.asked = dose->asked;
        client->earlier.resolved = dose->effect;
    }
    memset(dose, 0, sizeof(*dose));
}

void dg_client_park_dose(struct dg_client *client, int64_t now_ms)
{
    struct dg_client_dose *dose = &client->dose;

    dose->phase = DG_DOSE_UNKNOWN;
    if (dose->has_app) {
        dg_client_reply(
            client, now_ms, dose->tag, DG_RESULT_UNKNOWN, NULL, true);
        dose->has_app = false;
    }
    dose->retry_ms = now_ms + ((int64_t)RETRY_MS << dose->waits);
    if (dose->waits < RETRY_WAITS) {
        dose->waits++;
    }
}
