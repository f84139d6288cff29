/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

/* What follows from the phone's own state.  Nothing here makes the device
 * believe the phone: it takes rights away, and what the device is owed in time
 * (lease, battery) it stops getting. */

static void follow(struct dg_client *client,
                   int64_t now_ms,
                   const struct dg_health_note *health)
{
    client->health = *health;
    client->settings.phone_battery_percent = health->phone_battery;
    if (health->fitness != DG_FITNESS_RETIRE) {
        client->retire_ms = now_ms;
        return;
    }

    /* A question that is open is taken back (confirm answers that it was
     * declined), an approval that was not sent is dropped; what was sent is the
     * device's. */
    if (client->dose.phase == DG_DOSE_ASKING) {
        dg_client_withdraw(client);
    } else if (client->dose.phase == DG_DOSE_APPROVED) {
        dg_client_close_dose(client, now_ms, DG_RESULT_UNFIT, NULL);
    }
}

void dg_client_take_health(struct dg_client *client,
                           int64_t now_ms,
                           const struct dg_health_note *health)
{
    client->has_health = true;
    client->health_ms = now_ms;
    follow(client, now_ms, health);
}

/* Whoever stops or replaces the supervisor ends what it watches.  So its word
 * has an age, and without a new one the phone does not trust itself.
 * @satisfies{FPT_WATCH.1@1} */
int64_t dg_client_age_health(struct dg_client *client, int64_t now_ms)
{
    struct dg_health_note silent = client->health;

    if (!client->has_health) {
        return INT64_MAX;
    }
    if ((now_ms - client->health_ms >= DG_CLIENT_HEALTH_MS) &&
        (client->health.fitness != DG_FITNESS_RETIRE)) {
        silent.fitness = DG_FITNESS_RETIRE;
        follow(client, now_ms, &silent);
    }
    return (client->health.fitness == DG_FITNESS_RETIRE)
               ? INT64_MAX
               : (client->health_ms + DG_CLIENT_HEALTH_MS);
}

bool dg_client_may_automate(const struct dg_client *client)
{
    return client->health.fitness == DG_FITNESS_FIT;
}

bool dg_client_is_fit_for(const struct dg_client *client,
                          const struct dg_internal *message)
{
    if (client->health.fitness != DG_FITNESS_RETIRE) {
        return true;
    }
    if (message->type == DG_INTERNAL_APP_ORDER) {
        return message->as.app.order.verb != DG_ORDER_TAKE;
    }
    return (message->type != DG_INTERNAL_APP_DOSE) &&
           (message->type != DG_INTERNAL_APP_PAIR) &&
           (message->type != DG_INTERNAL_APP_ATTEST);
}

bool dg_client_must_retire(const struct dg_client *client, int64_t now_ms)
{
    return (client->health.fitness == DG_FITNESS_RETIRE) &&
           client->has_status && (client->status.lease == DG_LEASE_YOU) &&
           (now_ms >= client->retire_ms);
}
