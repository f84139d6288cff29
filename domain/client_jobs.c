/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

#include <string.h>

#define STRAY_WAIT_MS 400 /* as keys waits for an answer */
#define COMMITS_MAX   3U
#define STOPS_MAX     3U

/* The job is over; dg_client_reply() and the like tell whom it concerns. */
void dg_client_finish(struct dg_client *client,
                      int64_t now_ms,
                      enum dg_result result,
                      const struct dg_answer *refusal)
{
    const struct dg_client_work *work = &client->work;
    const enum dg_reason reason =
        (refusal != NULL) ? refusal->as.refused.reason : DG_REASON_NONE;

    switch (work->job) {
    case DG_JOB_STATUS:
    case DG_JOB_DOSE:
    case DG_JOB_STOP:
    case DG_JOB_PAIR:
    case DG_JOB_ORDER:
    case DG_JOB_CARRY:
    case DG_JOB_ATTEST:
    case DG_JOB_JOURNAL:
    case DG_JOB_LIMITS:
        dg_client_reply(client, now_ms, work->tag, result, refusal, false);
        break;
    case DG_JOB_CYCLE:
        dg_client_tell_cycle(
            client, &work->reading, work->asked.amount, result, reason);
        break;
    case DG_JOB_NONE:
    case DG_JOB_COMMIT:
    case DG_JOB_RECONCILE:
        break;
    }
    memset(&client->work, 0, sizeof(client->work));
}

static void go(struct dg_client *client,
               int64_t now_ms,
               enum dg_client_step step)
{
    client->work.step = step;
    dg_client_request(client, now_ms);
}

static void commit(struct dg_client *client, int64_t now_ms)
{
    client->dose.phase = DG_DOSE_COMMITTING;
    client->dose.commits++;
    go(client, now_ms, DG_STEP_COMMIT);
}

/* A person's dose, once the device was heard. */
static void advance_dose(struct dg_client *client, int64_t now_ms)
{
    const struct dg_client_earlier *earlier = &client->earlier;
    /* The fate of one hormone's dose says nothing of the other's. */
    const bool is_like = dg_effect_hormone(&earlier->resolved) ==
                         dg_effect_hormone(&client->work.asked);

    if (client->dose.phase == DG_DOSE_UNKNOWN) {
        dg_client_reply(
            client, now_ms, client->work.tag, DG_RESULT_UNKNOWN, NULL, true);
        memset(&client->work, 0, sizeof(client->work));
        return;
    }
    if ((client->dose.phase != DG_DOSE_NONE) ||
        (client->limits.phase != DG_LIMITS_NONE)) {
        dg_client_finish(client, now_ms, DG_RESULT_BUSY, NULL);
        return;
    }
    if (earlier->is_set && is_like && !client->work.again &&
        (now_ms - earlier->known_ms < DG_CLIENT_EARLIER_MS)) {
        dg_client_reply_earlier(client, now_ms, client->work.tag);
        memset(&client->work, 0, sizeof(client->work));
        return;
    }
    client->earlier.is_set = earlier->is_set && !is_like;
    go(client,
       now_ms,
       (client->status.lease == DG_LEASE_YOU) ? DG_STEP_PROPOSE
                                              : DG_STEP_LEASE);
}

/* A reading that the device took: what should the loop do about it? */
static void advance_cycle(struct dg_client *client, int64_t now_ms)
{
    const struct dg_device_status *status = &client->status;
    dg_dose dose = {0};

    if (!client->settings.closed_loop) {
        dg_client_finish(client, now_ms, DG_RESULT_OPEN_LOOP, NULL);
        return;
    }
    if (!dg_client_may_automate(client)) {
        dg_client_finish(client, now_ms, DG_RESULT_UNFIT, NULL);
        return;
    }
    if ((client->dose.phase != DG_DOSE_NONE) || !status->has_glucose ||
        (status->therapy != DG_THERAPY_RUN) ||
        (dg_loop_decide(&client->loop,
                        &client->settings.loop,
                        status->iob,
                        status->headroom_automatic,
                        &dose) != DG_OK) ||
        (dose.mU < DG_PULSE_MU)) {
        dg_client_finish(client, now_ms, DG_RESULT_HELD, NULL);
        return;
    }
    /* The device believes the phone's word about its battery for eleven
     * minutes; before a dose it hears it anew. */
    if (!client->work.greeted) {
        go(client, now_ms, DG_STEP_STATUS);
        return;
    }
    client->work.asked = (struct dg_effect){
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = dose};
    go(client,
       now_ms,
       (status->lease == DG_LEASE_YOU) ? DG_STEP_PROPOSE : DG_STEP_LEASE);
}

/* The next exchange of the job, after everything so far went well. */
void dg_client_advance(struct dg_client *client, int64_t now_ms)
{
    const struct dg_client_work *work = &client->work;

    switch (work->job) {
    case DG_JOB_STATUS:
        if (work->greeted) {
            dg_client_finish(client, now_ms, DG_RESULT_OK, NULL);
        } else {
            go(client, now_ms, DG_STEP_STATUS);
        }
        break;
    case DG_JOB_DOSE:
        if (work->greeted) {
            advance_dose(client, now_ms);
        } else {
            go(client, now_ms, DG_STEP_STATUS);
        }
        break;
    case DG_JOB_STOP:
        go(client, now_ms, client->has_session ? DG_STEP_STOP : DG_STEP_STATUS);
        break;
    case DG_JOB_CYCLE:
        if (!client->has_session) {
            go(client, now_ms, DG_STEP_STATUS);
        } else if (!work->relayed) {
            go(client, now_ms, DG_STEP_GLUCOSE);
        } else {
            advance_cycle(client, now_ms);
        }
        break;
    case DG_JOB_PAIR:
        if (client->has_presence) {
            dg_client_order_pairing(client, now_ms);
        } else {
            dg_client_finish(client, now_ms, DG_RESULT_FAILED, NULL);
        }
        break;
    case DG_JOB_ORDER:
        go(client, now_ms, work->greeted ? DG_STEP_ORDER : DG_STEP_STATUS);
        break;
    case DG_JOB_CARRY:
        go(client,
           now_ms,
           client->has_session ? DG_STEP_CARRY : DG_STEP_STATUS);
        break;
    case DG_JOB_ATTEST:
        go(client, now_ms, work->greeted ? DG_STEP_ATTEST : DG_STEP_STATUS);
        break;
    case DG_JOB_JOURNAL:
        go(client,
           now_ms,
           client->has_session ? DG_STEP_JOURNAL : DG_STEP_STATUS);
        break;
    case DG_JOB_LIMITS:
        if (!work->greeted) {
            go(client, now_ms, DG_STEP_STATUS);
        } else if (dg_client_begin_limits(client, now_ms)) {
            go(client, now_ms, DG_STEP_LIMITS);
        }
        break;
    case DG_JOB_COMMIT:
        commit(client, now_ms);
        break;
    case DG_JOB_RECONCILE:
        go(client, now_ms, DG_STEP_STATUS);
        break;
    case DG_JOB_NONE:
        break;
    }
}

/* answers ---------------------------------------------------------------- */

static bool is_same_ticket(const struct dg_ticket_id *a,
                           const struct dg_ticket_id *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* The device rounds an amount down to whole steps; all else must be as it was
 * asked for. */
static bool is_what_was_asked(const struct dg_client *client,
                              const struct dg_effect *effect)
{
    const struct dg_effect want = dg_effect_resolve(&client->work.asked);

    return (effect->kind == want.kind) && (effect->form == want.form) &&
           (effect->setting == want.setting) &&
           (effect->amount.mU == want.amount.mU) &&
           (effect->glucagon.ug == want.glucagon.ug) &&
           (effect->duration.s == want.duration.s) &&
           (effect->rate.mU_per_h == want.rate.mU_per_h) &&
           (effect->hour == want.hour) && (effect->hours == want.hours);
}

/* Is this an answer to what was asked?  Answers carry no number of their own,
 * so one that was late may come now. */
static bool fits(const struct dg_client *client, const struct dg_answer *answer)
{
    const bool is_refusal = answer->kind == DG_ANSWER_REFUSED;
    const bool is_done = (answer->kind == DG_ANSWER_ACCEPTED) ||
                         (answer->kind == DG_ANSWER_ALREADY);

    switch (client->work.step) {
    case DG_STEP_STATUS:
    case DG_STEP_GLUCOSE:
    case DG_STEP_LEASE:
    case DG_STEP_STOP:
        return is_refusal || (answer->kind == DG_ANSWER_STATUS);
    case DG_STEP_PROPOSE:
        return is_refusal ||
               ((answer->kind == DG_ANSWER_TICKET) &&
                is_what_was_asked(client, &answer->as.ticket.effect));
    case DG_STEP_COMMIT:
        return is_refusal || (is_done && is_same_ticket(&answer->as.accepted.id,
                                                        &client->dose.ticket));
    case DG_STEP_ORDER:
        return dg_client_fits_order(client, answer);
    case DG_STEP_CARRY:
        return is_refusal || (answer->kind == DG_ANSWER_UPDATE);
    case DG_STEP_ATTEST:
        return is_refusal || (answer->kind == (client->work.ticket.is_head
                                                   ? DG_ANSWER_STATUS
                                                   : DG_ANSWER_ATTEST));
    case DG_STEP_JOURNAL:
        return is_refusal ||
               ((answer->kind == DG_ANSWER_JOURNAL) &&
                (answer->as.journal.verb == client->work.journal.verb));
    case DG_STEP_LIMITS:
        return is_refusal || (answer->kind == DG_ANSWER_PROFILE);
    case DG_STEP_NONE:
    case DG_STEP_PAIR:
        break;
    }
    return false;
}

static bool may_commit_again(const struct dg_client *client)
{
    const struct dg_client_dose *dose = &client->dose;

    return client->has_session && (dose->waits == 0U) &&
           (dose->commits < COMMITS_MAX) &&
           (memcmp(&dose->session, &client->session, sizeof(dose->session)) ==
            0) &&
           (client->status.now.s < dose->expiry.s) &&
           ((client->work.job == DG_JOB_COMMIT) ||
            (client->work.job == DG_JOB_CYCLE));
}

/* A status after a commit that got no answer. */
static void settle(struct dg_client *client, int64_t now_ms)
{
    const bool is_its_own_job =
        (client->work.job == DG_JOB_COMMIT) ||
        (client->work.job == DG_JOB_RECONCILE) ||
        ((client->work.job == DG_JOB_CYCLE) && (client->dose.waits == 0U));
    enum dg_result result = DG_RESULT_OK;

    switch (dg_client_settle(client)) {
    case DG_SETTLED_NOT_YET:
        go(client, now_ms, DG_STEP_STATUS);
        return;
    case DG_SETTLED_DONE:
        break;
    case DG_SETTLED_UNCERTAIN:
        result = DG_RESULT_UNKNOWN;
        break;
    case DG_SETTLED_NOT_BEGUN:
        if (may_commit_again(client)) {
            commit(client, now_ms);
            return;
        }
        result = DG_RESULT_UNREACHABLE;
        break;
    }
    dg_client_close_dose(client, now_ms, result, NULL);
    if (is_its_own_job) {
        dg_client_finish(client, now_ms, result, NULL);
    } else {
        dg_client_advance(client, now_ms);
    }
}

static void take_status(struct dg_client *client,
                        int64_t now_ms,
                        const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    client->work.greeted = true;
    if (client->dose.phase == DG_DOSE_UNKNOWN) {
        settle(client, now_ms);
        return;
    }
    dg_client_advance(client, now_ms);
}

static void take_glucose(struct dg_client *client,
                         int64_t now_ms,
                         const struct dg_answer *answer)
{
    /* "Seen already" is good news when the first answer was lost. */
    const bool is_seen = client->work.relay_unanswered &&
                         (answer->kind == DG_ANSWER_REFUSED) &&
                         (answer->as.refused.reason == DG_REASON_REPLAY);

    if ((answer->kind == DG_ANSWER_REFUSED) && !is_seen) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    client->work.relayed = true;
    dg_loop_add(&client->loop, &client->work.reading);
    dg_client_advance(client, now_ms);
}

static void take_lease(struct dg_client *client,
                       int64_t now_ms,
                       const struct dg_answer *answer)
{
    struct dg_answer held = {.kind = DG_ANSWER_REFUSED};

    held.as.refused.reason = DG_REASON_LEASE;
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
    } else if (client->status.lease != DG_LEASE_YOU) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, &held);
    } else {
        go(client, now_ms, DG_STEP_PROPOSE);
    }
}

static void take_ticket(struct dg_client *client,
                        int64_t now_ms,
                        const struct dg_answer *answer)
{
    struct dg_client_dose *dose = &client->dose;
    const bool is_cycle = client->work.job == DG_JOB_CYCLE;
    struct dg_answer refusal = {.kind = DG_ANSWER_REFUSED};

    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }

    /* The loop never answers for a person. */
    if (is_cycle && (answer->as.ticket.confirmation != DG_CONFIRM_AUTOMATIC)) {
        refusal.as.refused.reason = DG_REASON_PRESENCE;
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, &refusal);
        return;
    }
    *dose = (struct dg_client_dose){
        .tier = is_cycle ? DG_TIER_AUTOMATIC : DG_TIER_CONFIRMED,
        .has_app = !is_cycle,
        .tag = client->work.tag,
        .asked = client->work.asked,
        .ticket = answer->as.ticket.id,
        .effect = answer->as.ticket.effect,
        .expiry = answer->as.ticket.expiry,
        .confirmation = answer->as.ticket.confirmation,
        .session = client->session};
    dose->total = dg_client_total(client);
    dose->uncertain = dg_client_uncertain(client);
    if (is_cycle) {
        commit(client, now_ms);
        return;
    }
    dose->phase = DG_DOSE_ASKING;
    dg_client_ask(client);
    memset(&client->work, 0, sizeof(client->work));
}

static void take_commit(struct dg_client *client,
                        int64_t now_ms,
                        const struct dg_answer *answer)
{
    const bool is_refusal = answer->kind == DG_ANSWER_REFUSED;

    /* A refusal names no ticket: with late answers about, look again. */
    if (is_refusal && (client->strays > 0U)) {
        client->dose.phase = DG_DOSE_UNKNOWN;
        client->dose.commits = COMMITS_MAX;
        go(client, now_ms, DG_STEP_STATUS);
        return;
    }

    const enum dg_result result = is_refusal ? DG_RESULT_REFUSED : DG_RESULT_OK;

    dg_client_close_dose(client, now_ms, result, is_refusal ? answer : NULL);
    dg_client_finish(client, now_ms, result, is_refusal ? answer : NULL);
}

static void take_stop(struct dg_client *client,
                      int64_t now_ms,
                      const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
    } else if (dg_client_is_stopped(client)) {
        dg_client_finish(client, now_ms, DG_RESULT_OK, NULL);
    } else if (client->work.stops < STOPS_MAX) {
        client->work.stops++;
        go(client, now_ms, DG_STEP_STOP);
    } else {
        dg_client_finish(client, now_ms, DG_RESULT_FAILED, NULL);
    }
}

static void take_attest(struct dg_client *client,
                        int64_t now_ms,
                        const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    if (answer->kind == DG_ANSWER_STATUS) {
        dg_client_finish(client, now_ms, DG_RESULT_OK, NULL);
        return;
    }
    dg_client_tell_nonce(client, client->work.tag, &answer->as.attest.nonce);
    memset(&client->work, 0, sizeof(client->work));
}

static void take_journal(struct dg_client *client,
                         int64_t now_ms,
                         const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    dg_client_tell_journal(client, answer);
    memset(&client->work, 0, sizeof(client->work));
}

static void dispatch(struct dg_client *client,
                     int64_t now_ms,
                     const struct dg_answer *answer)
{
    /* A session that lost its first status is greeted again. */
    if ((answer->kind == DG_ANSWER_REFUSED) &&
        (answer->as.refused.reason == DG_REASON_VERSION) &&
        (client->work.step != DG_STEP_STATUS) &&
        (client->work.step != DG_STEP_COMMIT) &&
        (client->work.tries < DG_CLIENT_TRIES)) {
        client->work.tries++;
        go(client, now_ms, DG_STEP_STATUS);
        return;
    }
    switch (client->work.step) {
    case DG_STEP_STATUS:
        take_status(client, now_ms, answer);
        break;
    case DG_STEP_GLUCOSE:
        take_glucose(client, now_ms, answer);
        break;
    case DG_STEP_LEASE:
        take_lease(client, now_ms, answer);
        break;
    case DG_STEP_PROPOSE:
        take_ticket(client, now_ms, answer);
        break;
    case DG_STEP_COMMIT:
        take_commit(client, now_ms, answer);
        break;
    case DG_STEP_STOP:
        take_stop(client, now_ms, answer);
        break;
    case DG_STEP_ORDER:
        dg_client_take_order(client, now_ms, answer);
        break;
    case DG_STEP_CARRY:
        dg_client_take_progress(client, now_ms, answer);
        break;
    case DG_STEP_ATTEST:
        take_attest(client, now_ms, answer);
        break;
    case DG_STEP_JOURNAL:
        take_journal(client, now_ms, answer);
        break;
    case DG_STEP_LIMITS:
        dg_client_take_limits(client, now_ms, answer);
        break;
    case DG_STEP_NONE:
    case DG_STEP_PAIR:
        break;
    }
}

void dg_client_answer(struct dg_client *client,
                      int64_t now_ms,
                      const struct dg_internal *message)
{
    const struct dg_plain *plain = &message->as.message.plain;
    struct dg_answer answer;

    /* Authentic bytes that are no answer of this protocol: as if none came. */
    if (dg_answer_decode((dg_span){plain->byte, plain->size}, &answer) !=
        DG_OK) {
        client->work.due_ms = now_ms;
        return;
    }
    client->status = answer.status;
    client->has_status = true;
    client->status_ms = now_ms;
    if (fits(client, &answer)) {
        dispatch(client, now_ms, &answer);
    } else {
        client->work.due_ms = now_ms + STRAY_WAIT_MS;
    }
}

/* no answer -------------------------------------------------------------- */

static enum dg_result result_of(enum dg_cause cause)
{
    if (cause == DG_CAUSE_UNPAIRED) {
        return DG_RESULT_UNPAIRED;
    }
    return (cause == DG_CAUSE_FAILED) ? DG_RESULT_FAILED
                                      : DG_RESULT_UNREACHABLE;
}

static void give_up(struct dg_client *client,
                    int64_t now_ms,
                    enum dg_result result)
{
    const enum dg_client_job job = client->work.job;

    if (client->dose.phase != DG_DOSE_UNKNOWN) {
        dg_client_finish(client, now_ms, result, NULL);
        return;
    }
    if ((job == DG_JOB_COMMIT) || (job == DG_JOB_RECONCILE) ||
        ((job == DG_JOB_CYCLE) && (client->dose.waits == 0U))) {
        dg_client_park_dose(client, now_ms);
        dg_client_finish(client, now_ms, DG_RESULT_UNKNOWN, NULL);
    } else if (job == DG_JOB_DOSE) {
        advance_dose(client, now_ms); /* says that the outcome is unknown */
    } else {
        dg_client_finish(client, now_ms, result, NULL);
    }
}

static void unanswered_commit(struct dg_client *client,
                              int64_t now_ms,
                              enum dg_cause cause)
{
    if (cause == DG_CAUSE_NO_ANSWER) {
        client->dose.phase = DG_DOSE_UNKNOWN;
        go(client, now_ms, DG_STEP_STATUS);
        return;
    }

    /* It was not sent, and an approval is good for one session only. */
    const enum dg_result result =
        (cause == DG_CAUSE_SESSION) ? DG_RESULT_LAPSED : result_of(cause);

    dg_client_close_dose(client, now_ms, result, NULL);
    dg_client_finish(client, now_ms, result, NULL);
}

void dg_client_unanswered(struct dg_client *client,
                          int64_t now_ms,
                          enum dg_cause cause)
{
    if ((cause == DG_CAUSE_NO_ANSWER) && (client->strays < UINT8_MAX)) {
        client->strays++;
    }
    if (cause != DG_CAUSE_NO_ANSWER) {
        client->has_session = false;
    }
    if (client->work.step == DG_STEP_COMMIT) {
        unanswered_commit(client, now_ms, cause);
        return;
    }
    if (client->work.step == DG_STEP_GLUCOSE) {
        client->work.relay_unanswered = true;
    }
    client->work.tries++;
    if (((cause == DG_CAUSE_NO_ANSWER) || (cause == DG_CAUSE_SESSION)) &&
        (client->work.tries < DG_CLIENT_TRIES)) {
        go(client, now_ms, DG_STEP_STATUS);
    } else {
        give_up(client, now_ms, result_of(cause));
    }
}

void dg_client_paired(struct dg_client *client,
                      int64_t now_ms,
                      const struct dg_internal *message)
{
    enum dg_result result = DG_RESULT_OK;

    if (message->as.paired.cause != DG_CAUSE_NONE) {
        result = (message->as.paired.cause == DG_CAUSE_REFUSED)
                     ? DG_RESULT_REFUSED
                     : result_of(message->as.paired.cause);
    } else {
        client->has_session = false;
        client->has_status = false;
        memset(&client->loop, 0, sizeof(client->loop));
    }
    dg_client_finish(client, now_ms, result, NULL);

    /* The reply that dg_client_finish() made: add what the device granted. */
    struct dg_reply *reply = &client->out[client->out_count - 1U].as.reply;

    reply->slot = message->as.paired.answer.slot;
    reply->role = message->as.paired.answer.role;
}
