/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

#include <string.h>

#include "bounds_text.h"

/* Rule E9 at the phone.  The device decides on every profile, and asks for its
 * own button and a day before anything becomes looser.  What the phone adds: a
 * person reads on the trusted display what would become looser before the
 * profile leaves.  A profile that is tighter in all leaves at once. */

bool dg_client_is_limits(const struct dg_internal *message)
{
    const struct dg_limits_order *order = &message->as.app.limits;

    return ((order->verb == DG_PROFILE_SHOW) ||
            (order->verb == DG_PROFILE_TAKE) ||
            (order->verb == DG_PROFILE_WITHDRAW)) &&
           ((order->verb == DG_PROFILE_TAKE) == (order->profile.size > 0U));
}

/* Before anything is brought, what holds now. */
static enum dg_profile_verb verb_now(const struct dg_client *client)
{
    const enum dg_profile_verb verb = client->work.limits.verb;

    return ((verb == DG_PROFILE_TAKE) && !client->work.is_shown)
               ? DG_PROFILE_SHOW
               : verb;
}

void dg_client_fill_limits(const struct dg_client *client,
                           struct dg_request *request)
{
    const struct dg_slip *profile = &client->work.limits.profile;

    request->kind = DG_REQUEST_PROFILE;
    request->as.profile.verb = verb_now(client);
    if (request->as.profile.verb == DG_PROFILE_TAKE) {
        request->as.profile.bytes = (dg_span){profile->byte, profile->size};
    }
}

/* The display asks one thing at a time. */
bool dg_client_begin_limits(struct dg_client *client, int64_t now_ms)
{
    if ((client->work.limits.verb == DG_PROFILE_TAKE) &&
        !client->work.is_shown &&
        ((client->limits.phase != DG_LIMITS_NONE) ||
         (client->dose.phase != DG_DOSE_NONE))) {
        dg_client_finish(client, now_ms, DG_RESULT_BUSY, NULL);
        return false;
    }
    return true;
}

/* Does the device have a reason to take it, and would it allow more?  Where it
 * will refuse anyway, nobody is asked: it tells why. */
static bool has_question(const struct dg_client *client,
                         const struct dg_prescription *prescription,
                         const struct dg_answer *answer)
{
    const struct dg_bounds *in_force = &answer->as.profile.in_force;
    bool grows = false;

    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        grows = grows || dg_bound_grows(i, in_force, &prescription->bounds);
    }
    return grows && (prescription->counter >= answer->as.profile.counter) &&
           (memcmp(&prescription->device,
                   &client->device,
                   sizeof(client->device)) == 0);
}

static void ask(struct dg_client *client, const struct dg_answer *answer)
{
    struct dg_client_limits *limits = &client->limits;
    const uint8_t name[4] = {'l', 'i', 'm', 's'};

    limits->phase = DG_LIMITS_ASKING;
    limits->tag = client->work.tag;
    limits->profile = client->work.limits.profile;
    limits->questions++;
    memcpy(limits->ticket.byte, name, sizeof(name));
    for (unsigned i = 0; i < 4U; i++) {
        limits->ticket.byte[4U + i] =
            (uint8_t)(limits->questions >> (8U * (3U - i)));
    }
    dg_client_ask_limits(client, &answer->as.profile.in_force);
    memset(&client->work, 0, sizeof(client->work));
}

void dg_client_take_limits(struct dg_client *client,
                           int64_t now_ms,
                           const struct dg_answer *answer)
{
    const struct dg_slip *profile = &client->work.limits.profile;
    struct dg_prescription prescription;

    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    if ((client->work.limits.verb != DG_PROFILE_TAKE) ||
        client->work.is_shown) {
        dg_client_tell_limits(client, answer);
        memset(&client->work, 0, sizeof(client->work));
        return;
    }
    if ((dg_prescription_read((dg_span){profile->byte, profile->size},
                              &prescription) == DG_OK) &&
        has_question(client, &prescription, answer)) {
        ask(client, answer);
        return;
    }
    client->work.is_shown = true;
    dg_client_advance(client, now_ms);
}

enum dg_status dg_client_take_permit(struct dg_client *client,
                                     int64_t now_ms,
                                     const struct dg_internal *message)
{
    struct dg_client_limits *limits = &client->limits;
    const bool is_yes = message->type == DG_INTERNAL_PERMITTED;
    const struct dg_ticket_id *ticket =
        is_yes ? &message->as.permitted : &message->as.declined.ticket;
    enum dg_result result = DG_RESULT_DECLINED;

    if ((message->type == DG_INTERNAL_APPROVED) ||
        (memcmp(ticket, &limits->ticket, sizeof(*ticket)) != 0)) {
        return DG_E_PEER;
    }
    if (is_yes) {
        limits->phase = DG_LIMITS_APPROVED;
        return DG_OK;
    }
    if (message->as.declined.cause == DG_CAUSE_LAPSED) {
        result = DG_RESULT_LAPSED;
    }
    if (message->as.declined.cause == DG_CAUSE_NO_DISPLAY) {
        result = DG_RESULT_NO_DISPLAY;
    }
    limits->phase = DG_LIMITS_NONE;
    dg_client_reply(client, now_ms, limits->tag, result, NULL, false);
    return DG_OK;
}

bool dg_client_pick_limits(struct dg_client *client)
{
    struct dg_client_work *work = &client->work;

    if (client->limits.phase != DG_LIMITS_APPROVED) {
        return false;
    }
    work->job = DG_JOB_LIMITS;
    work->tag = client->limits.tag;
    work->limits.verb = DG_PROFILE_TAKE;
    work->limits.profile = client->limits.profile;
    work->is_shown = true;
    client->limits.phase = DG_LIMITS_NONE;
    return true;
}
