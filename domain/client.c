/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <string.h>

#include "client_parts.h"

void dg_client_init(struct dg_client *client,
                    const struct dg_client_settings *settings)
{
    memset(client, 0, sizeof(*client));
    client->settings = *settings;
}

/* what comes in ---------------------------------------------------------- */

static void take_app(struct dg_client *client,
                     int64_t now_ms,
                     const struct dg_internal *message)
{
    const bool is_stop = message->type == DG_INTERNAL_APP_STOP;

    if (is_stop && ((client->dose.phase == DG_DOSE_ASKING) ||
                    (client->limits.phase == DG_LIMITS_ASKING))) {
        dg_client_withdraw(client);
    }
    if (is_stop && (client->dose.phase == DG_DOSE_APPROVED)) {
        dg_client_close_dose(client, now_ms, DG_RESULT_DECLINED, NULL);
    }
    if (!dg_client_is_fit_for(client, message)) {
        dg_client_reply(
            client, now_ms, message->as.app.tag, DG_RESULT_UNFIT, NULL, false);
        return;
    }
    if (client->queue_count == DG_CLIENT_QUEUE_MAX) {
        dg_client_reply(
            client, now_ms, message->as.app.tag, DG_RESULT_BUSY, NULL, false);
        return;
    }

    size_t at = client->queue_count;

    if (is_stop) { /* before everything else that waits */
        memmove(&client->queue[1],
                &client->queue[0],
                client->queue_count * sizeof(client->queue[0]));
        at = 0;
    }
    client->queue[at] = *message;
    client->queue_count++;
}

static void take_frame(struct dg_client *client,
                       const struct dg_internal *message)
{
    struct dg_reading reading;
    const dg_span frame = {message->as.frame.byte, message->as.frame.size};

    if ((frame.size > DG_SENSOR_FRAME_MAX) ||
        (dg_reading_parse(frame, &reading) != DG_OK)) {
        return; /* anyone may send to the sensor's port */
    }
    if (client->has_frame) {
        dg_client_tell_cycle(client,
                             &client->reading,
                             (dg_dose){0},
                             DG_RESULT_SKIPPED,
                             DG_REASON_NONE);
    }
    client->has_frame = true;
    client->frame = message->as.frame;
    client->reading = reading;
}

static enum dg_status take_confirm(struct dg_client *client,
                                   int64_t now_ms,
                                   const struct dg_internal *message)
{
    const bool is_yes = message->type == DG_INTERNAL_APPROVED;
    const struct dg_ticket_id *ticket =
        is_yes ? &message->as.approved.ticket : &message->as.declined.ticket;
    enum dg_result result = DG_RESULT_DECLINED;

    if (client->limits.phase == DG_LIMITS_ASKING) {
        return dg_client_take_permit(client, now_ms, message);
    }
    if ((message->type == DG_INTERNAL_PERMITTED) ||
        (client->dose.phase != DG_DOSE_ASKING) ||
        (memcmp(ticket, &client->dose.ticket, sizeof(*ticket)) != 0)) {
        return DG_E_PEER;
    }
    if (is_yes && (client->health.fitness == DG_FITNESS_RETIRE)) {
        dg_client_close_dose(client, now_ms, DG_RESULT_UNFIT, NULL);
        return DG_OK;
    }
    if (is_yes) {
        client->dose.signature = message->as.approved.signature;
        client->dose.phase = DG_DOSE_APPROVED;
        return DG_OK;
    }
    if (message->as.declined.cause == DG_CAUSE_LAPSED) {
        result = DG_RESULT_LAPSED;
    }
    if (message->as.declined.cause == DG_CAUSE_NO_DISPLAY) {
        result = DG_RESULT_NO_DISPLAY;
    }
    dg_client_close_dose(client, now_ms, result, NULL);
    return DG_OK;
}

/* The next job: stopping first, then what a person has approved, then the
 * sensor, then the app in its order, then what is still unknown. */
static bool pick(struct dg_client *client, int64_t now_ms)
{
    static const enum dg_client_job job_of[DG_INTERNAL_TYPES] = {
        [DG_INTERNAL_APP_STATUS] = DG_JOB_STATUS,
        [DG_INTERNAL_APP_DOSE] = DG_JOB_DOSE,
        [DG_INTERNAL_APP_STOP] = DG_JOB_STOP,
        [DG_INTERNAL_APP_PAIR] = DG_JOB_PAIR,
        [DG_INTERNAL_APP_ORDER] = DG_JOB_ORDER,
        [DG_INTERNAL_APP_CARRY] = DG_JOB_CARRY,
        [DG_INTERNAL_APP_ATTEST] = DG_JOB_ATTEST,
        [DG_INTERNAL_APP_JOURNAL] = DG_JOB_JOURNAL,
        [DG_INTERNAL_APP_LIMITS] = DG_JOB_LIMITS};
    struct dg_client_work *work = &client->work;
    const struct dg_internal *first = &client->queue[0];
    const bool has_app = client->queue_count > 0U;

    memset(work, 0, sizeof(*work));
    if (!has_app || (first->type != DG_INTERNAL_APP_STOP)) {
        if (client->dose.phase == DG_DOSE_APPROVED) {
            work->job = DG_JOB_COMMIT;
            return true;
        }
        if (dg_client_must_retire(client, now_ms)) {
            work->job = DG_JOB_ORDER;
            work->order.verb = DG_ORDER_RELEASE;
            client->retire_ms = now_ms + DG_CLIENT_RETIRE_MS;
            return true;
        }
        if (dg_client_pick_limits(client)) {
            return true;
        }
        if (client->has_frame) {
            work->job = DG_JOB_CYCLE;
            work->frame = client->frame;
            work->reading = client->reading;
            client->has_frame = false;
            return true;
        }
    }
    if (has_app) {
        work->job = job_of[first->type];
        work->tag = first->as.app.tag;
        work->asked = first->as.app.effect;
        work->again = first->as.app.again;
        work->pair = first->as.app.pair;
        work->order = first->as.app.order;
        work->carry = first->as.app.carry;
        work->ticket = first->as.app.ticket;
        work->journal = first->as.app.journal;
        work->limits = first->as.app.limits;
        client->queue_count--;
        memmove(&client->queue[0],
                &client->queue[1],
                client->queue_count * sizeof(client->queue[0]));
        return true;
    }
    if ((client->dose.phase == DG_DOSE_UNKNOWN) &&
        (now_ms >= client->dose.retry_ms)) {
        work->job = DG_JOB_RECONCILE;
        return true;
    }
    return false;
}

/* Each round ends a job or starts an exchange, and jobs come from a bounded
 * queue. */
static void run(struct dg_client *client, int64_t now_ms)
{
    while ((client->work.job == DG_JOB_NONE) && pick(client, now_ms)) {
        dg_client_advance(client, now_ms);
    }
}

enum dg_status dg_client_take(struct dg_client *client,
                              int64_t now_ms,
                              const struct dg_internal *message)
{
    enum dg_status status = DG_OK;
    const bool is_waiting = (client->work.step != DG_STEP_NONE) &&
                            (client->work.step != DG_STEP_PAIR);

    switch (message->type) {
    case DG_INTERNAL_APP_STATUS:
    case DG_INTERNAL_APP_STOP:
    case DG_INTERNAL_APP_ATTEST:
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_APP_DOSE:
        if (!dg_effect_is_sound(&message->as.app.effect)) {
            return DG_E_PEER;
        }
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_APP_PAIR:
        if ((message->as.app.pair.name_size == 0U) ||
            (message->as.app.pair.role == DG_ROLE_NONE)) {
            return DG_E_PEER;
        }
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_APP_ORDER:
    case DG_INTERNAL_APP_CARRY:
        if (!dg_client_is_order(message)) {
            return DG_E_PEER;
        }
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_APP_JOURNAL:
        if (message->as.app.journal.verb == DG_JOURNAL_ASK_NONE) {
            return DG_E_PEER;
        }
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_APP_LIMITS:
        if (!dg_client_is_limits(message)) {
            return DG_E_PEER;
        }
        take_app(client, now_ms, message);
        break;
    case DG_INTERNAL_FRAME:
        take_frame(client, message);
        break;
    case DG_INTERNAL_SESSION:
        client->device = message->as.session.device;
        client->session = message->as.session.id;
        client->key = message->as.session.key;
        client->has_session = true;
        client->strays = 0; /* answers of the old one cannot be opened */
        break;
    case DG_INTERNAL_ANSWER:
        dg_client_answer(client, now_ms, message);
        break;
    case DG_INTERNAL_UNANSWERED:
        if (is_waiting) {
            dg_client_unanswered(client, now_ms, message->as.unanswered);
        }
        break;
    case DG_INTERNAL_PAIRED:
        if (client->work.step != DG_STEP_PAIR) {
            return DG_E_PEER;
        }
        dg_client_paired(client, now_ms, message);
        break;
    case DG_INTERNAL_PRESENCE:
        client->presence = message->as.presence;
        client->has_presence = true;
        break;
    case DG_INTERNAL_APPROVED:
    case DG_INTERNAL_DECLINED:
    case DG_INTERNAL_PERMITTED:
        status = take_confirm(client, now_ms, message);
        break;
    case DG_INTERNAL_HEALTH:
        dg_client_take_health(client, now_ms, &message->as.health);
        break;
    case DG_INTERNAL_NONE:
    case DG_INTERNAL_DATAGRAM_OUT:
    case DG_INTERNAL_DATAGRAM_IN:
    case DG_INTERNAL_FRAME_IN:
    case DG_INTERNAL_REQUEST:
    case DG_INTERNAL_PAIR:
    case DG_INTERNAL_ENROLL:
    case DG_INTERNAL_ASK:
    case DG_INTERNAL_ASK_LIMITS:
    case DG_INTERNAL_LIMITS:
    case DG_INTERNAL_WITHDRAW:
    case DG_INTERNAL_REPLY:
    case DG_INTERNAL_EVENT:
    case DG_INTERNAL_PHONES:
    case DG_INTERNAL_PROGRESS:
    case DG_INTERNAL_NONCE:
    case DG_INTERNAL_JOURNAL:
        return DG_E_PEER;
    }
    run(client, now_ms);
    return status;
}

int64_t dg_client_tick(struct dg_client *client, int64_t now_ms)
{
    if ((client->work.step != DG_STEP_NONE) &&
        (now_ms >= client->work.due_ms)) {
        if (client->work.step == DG_STEP_PAIR) {
            dg_client_finish(client, now_ms, DG_RESULT_FAILED, NULL);
        } else {
            dg_client_unanswered(client, now_ms, DG_CAUSE_NO_ANSWER);
        }
    }
    const int64_t silence_ms = dg_client_age_health(client, now_ms);

    run(client, now_ms);
    if (client->work.step != DG_STEP_NONE) {
        return (client->work.due_ms < silence_ms) ? client->work.due_ms
                                                  : silence_ms;
    }

    int64_t retry = (client->dose.phase == DG_DOSE_UNKNOWN)
                        ? client->dose.retry_ms
                        : INT64_MAX;

    retry = (silence_ms < retry) ? silence_ms : retry;

    /* Due as soon as the pause is over, were there a lease to give back. */
    return (dg_client_must_retire(client, client->retire_ms) &&
            (client->retire_ms < retry))
               ? client->retire_ms
               : retry;
}
