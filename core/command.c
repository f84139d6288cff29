/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_desk.h"
#include "device_parts.h"
#include "dosegate/envelope.h"
#include "interlock.h"

#include <stddef.h>
#include <string.h>

/* One authentic message in, one answer out.  A message is parsed whole, its
 * rung is asked for, and only then does its action run. */
struct command {
    struct dg_device *device;
    unsigned slot;
    struct dg_request request;
    struct dg_answer *answer;
};

static void refuse(struct command *command,
                   enum dg_reason reason,
                   dg_dose headroom)
{
    command->answer->kind = DG_ANSWER_REFUSED;
    command->answer->as.refused.reason = reason;
    command->answer->as.refused.headroom = headroom;
}

static void refuse_plainly(struct command *command, enum dg_reason reason)
{
    refuse(command, reason, (dg_dose){0});
}

static struct dg_session *session_of(const struct command *command)
{
    return &command->device->session[command->slot];
}

/* status ---------------------------------------------------------------- */

static void act_status(struct command *command)
{
    struct dg_session *session = session_of(command);

    if (command->request.as.status.major != DG_VERSION_MAJOR) {
        refuse_plainly(command, DG_REASON_VERSION);
        return;
    }
    session->is_greeted = true;
    /* A phone that is about to go flat hands over before it dies. */
    session->phone_battery.held =
        command->request.as.status.phone_battery_percent >= 10U;
    session->phone_battery.at = command->device->now;
    command->answer->kind = DG_ANSWER_STATUS;
}

/* lease ----------------------------------------------------------------- */

static void act_lease(struct command *command)
{
    struct dg_device *device = command->device;
    enum dg_reason reason = DG_REASON_NONE;

    command->answer->kind = DG_ANSWER_STATUS;
    if (command->request.as.lease.verb == DG_LEASE_RELEASE) {
        dg_lease_release(device, command->slot);
    } else if (command->request.as.lease.verb == DG_LEASE_HAND_OVER) {
        reason = dg_lease_hand_over(
            device, command->slot, command->request.as.lease.slot);
    } else {
        reason = dg_lease_take(device, command->slot);
    }
    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
    }
}

/* revoke and roles ------------------------------------------------------- */

/* Never oneself: the last owner goes only by the hand of a person at the
 * device. */
static void act_revoke(struct command *command)
{
    const unsigned slot = command->request.as.revoke.slot;
    const enum dg_status status =
        (slot == command->slot) ? DG_E_STATE : dg_revoke(command->device, slot);

    command->answer->kind = DG_ANSWER_STATUS;
    if (status != DG_OK) {
        refuse_plainly(
            command, (status == DG_E_STATE) ? DG_REASON_ROLE : DG_REASON_FAULT);
    }
}

static void act_roles(struct command *command)
{
    const struct dg_device *device = command->device;

    command->answer->kind = DG_ANSWER_ROLES;
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_enrolled *enrolled = &device->settings.controller[slot];
        struct dg_roles_entry *entry = &command->answer->as.roles.phone[slot];

        if (enrolled->is_used) {
            entry->role = enrolled->role;
            entry->has_session = device->session[slot].record.epoch != 0U;
            entry->name_size = enrolled->name_size;
            memcpy(entry->name, enrolled->name, sizeof entry->name);
        }
    }
}

/* glucose --------------------------------------------------------------- */

static void act_glucose(struct command *command)
{
    const dg_span frame = {command->request.as.glucose.frame,
                           command->request.as.glucose.size};
    const enum dg_reason reason =
        dg_device_take_reading(command->device, frame);

    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
        return;
    }
    command->answer->kind = DG_ANSWER_STATUS;
}

/* propose --------------------------------------------------------------- */

static enum dg_rung rung_of(const struct command *command)
{
    return dg_evidence_authority(command->device, command->slot).rung;
}

static enum dg_reason lacks_authority(const struct command *command,
                                      enum dg_rung needed)
{
    const struct dg_device *device = command->device;
    const struct dg_authority authority =
        dg_evidence_authority(device, command->slot);

    if ((needed != DG_RUNG_NONE) && (authority.rung >= needed)) {
        return DG_REASON_NONE;
    }
    return (dg_lease_is_live(device) && (device->lease.slot != command->slot))
               ? DG_REASON_LEASE
               : DG_REASON_AUTHORITY;
}

/* The ticket gets its id and goes out. */
static void issue(struct command *command, struct dg_ticket *ticket)
{
    const struct dg_device *device = command->device;
    const struct dg_crypto *crypto = device->ports->crypto;

    if (crypto->random(crypto->context, DG_BUF_OF(ticket->id.byte)) != DG_OK) {
        refuse_plainly(command, DG_REASON_FAULT);
        return;
    }
    ticket->is_open = true;
    ticket->expiry.s = device->now.s + DG_TICKET_LIFE_S;
    session_of(command)->ticket = *ticket;
    command->answer->kind = DG_ANSWER_TICKET;
    command->answer->as.ticket.id = ticket->id;
    command->answer->as.ticket.effect = ticket->effect;
    command->answer->as.ticket.expiry = ticket->expiry;
    command->answer->as.ticket.confirmation = ticket->confirmation;
}

static void propose_glucagon(struct command *command, struct dg_ticket *ticket)
{
    const enum dg_reason reason =
        dg_glucagon_offer(command->device, ticket, rung_of(command));

    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
        return;
    }
    issue(command, ticket);
}

/* The mechanism does one thing at a time, and so does the button. */
static bool is_busy(const struct dg_device *device,
                    const struct dg_ticket *ticket)
{
    const bool is_button = ticket->confirmation == DG_CONFIRM_BUTTON;

    return dg_update_is_restarting(device) ||
           (dg_delivery_is_busy(device) &&
            (is_button || dg_proposal_is_quick(device, ticket))) ||
           (is_button && dg_confirm_is_taken(device));
}

/* @satisfies{FDP_DOSE.1@1} */
static void act_propose(struct command *command)
{
    struct dg_device *device = command->device;
    struct dg_ticket ticket;
    const enum dg_tier tier = command->request.as.propose.tier;
    /* What is asked to be confirmed may end at the button, which asks least. */
    const enum dg_reason lack = lacks_authority(
        command,
        dg_authority_rung_for((tier == DG_TIER_CONFIRMED) ? DG_TIER_PRESENT
                                                          : tier));

    if (lack != DG_REASON_NONE) {
        refuse_plainly(command, lack);
        return;
    }
    memset(&ticket, 0, sizeof ticket);
    ticket.tier = tier;
    ticket.asked_by = (uint8_t)(command->slot + 1U);
    ticket.effect = dg_effect_resolve(&command->request.as.propose.effect);
    if (dg_effect_hormone(&ticket.effect) == DG_HORMONE_GLUCAGON) {
        propose_glucagon(command, &ticket);
        return;
    }

    /* Which confirmation it needs is known later, and then asked again. */
    if (is_busy(device, &ticket)) {
        refuse_plainly(command, DG_REASON_BUSY);
        return;
    }

    dg_dose headroom = {0};
    const enum dg_reason reason =
        dg_proposal_offer(device, &ticket, rung_of(command), &headroom);

    if (reason != DG_REASON_NONE) {
        refuse(command, reason, headroom);
        return;
    }
    if (is_busy(device, &ticket)) {
        refuse_plainly(command, DG_REASON_BUSY);
        return;
    }
    issue(command, &ticket);
}

/* commit ---------------------------------------------------------------- */

static bool is_same_ticket(const struct dg_ticket_id *a,
                           const struct dg_ticket_id *b)
{
    return memcmp(a->byte, b->byte, DG_TICKET_SIZE) == 0;
}

static bool is_done(const struct command *command)
{
    const struct dg_device *device = command->device;
    const struct dg_ticket_id *id = &command->request.as.commit.ticket;

    return (dg_ledger_find(&device->ledger, id) != NULL) ||
           (dg_ledger_find(device->glucagon.ledger, id) != NULL) ||
           (dg_glucagon_is_busy(device) &&
            is_same_ticket(&device->glucagon.delivery.ticket.id, id)) ||
           (dg_delivery_is_busy(device) &&
            is_same_ticket(&device->delivery.ticket.id, id));
}

static void commit_glucagon(struct command *command,
                            const struct dg_ticket *ticket)
{
    struct dg_device *device = command->device;
    const enum dg_reason reason = dg_glucagon_check(device, ticket);

    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
        return;
    }
    /* Spent before it is used, as below. */
    dg_ticket_void(&session_of(command)->ticket);
    if (dg_glucagon_start(device, ticket, &command->request) != DG_OK) {
        refuse_plainly(command, DG_REASON_FAULT);
        return;
    }
    command->answer->kind = DG_ANSWER_ACCEPTED;
}

/* @satisfies{FDP_DOSE.1@1} */
static void act_commit(struct command *command)
{
    struct dg_device *device = command->device;
    struct dg_ticket *open = &session_of(command)->ticket;
    const struct dg_ticket ticket = *open;

    command->answer->as.accepted.id = command->request.as.commit.ticket;
    if (is_done(command)) {
        command->answer->kind = DG_ANSWER_ALREADY;
        return;
    }
    if (!ticket.is_open ||
        !is_same_ticket(&ticket.id, &command->request.as.commit.ticket)) {
        refuse_plainly(command, DG_REASON_TICKET);
        return;
    }
    if (device->now.s > ticket.expiry.s) {
        dg_ticket_void(open);
        refuse_plainly(command, DG_REASON_STALE);
        return;
    }
    if (!dg_ticket_is_approved(
            device, command->slot, &ticket, &command->request)) {
        refuse_plainly(command, DG_REASON_PRESENCE);
        return;
    }

    const enum dg_reason lack =
        lacks_authority(command, dg_ticket_rung(&ticket));

    if (lack != DG_REASON_NONE) {
        refuse_plainly(command, lack);
        return;
    }
    if (dg_effect_hormone(&ticket.effect) == DG_HORMONE_GLUCAGON) {
        commit_glucagon(command, &ticket);
        return;
    }
    if (is_busy(device, &ticket)) {
        refuse_plainly(command, DG_REASON_BUSY);
        return;
    }

    /* The world may have changed since the ticket was issued. */
    dg_dose headroom = {0};
    const enum dg_reason reason = dg_proposal_check(device, &ticket, &headroom);

    if (reason != DG_REASON_NONE) {
        refuse(command, reason, headroom);
        return;
    }
    /* Spent before it is used: whatever happens next, once is all. */
    dg_ticket_void(open);
    if (dg_delivery_start(device, &ticket, &command->request) != DG_OK) {
        refuse_plainly(command, DG_REASON_FAULT);
        return;
    }
    command->answer->kind = DG_ANSWER_ACCEPTED;
}

/* stop ------------------------------------------------------------------ */

static void act_stop(struct command *command)
{
    struct dg_device *device = command->device;

    /* Stop also means every dose that was asked for and not yet begun. */
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        dg_ticket_void(&device->session[slot].ticket);
    }
    (void)dg_delivery_stop(device);
    dg_spread_stop(device);
    dg_glucagon_stop_micro(device);
    command->answer->kind = DG_ANSWER_STATUS;
}

/* update ---------------------------------------------------------------- */

/* The maker's signature and a press at the device are what an update needs;
 * the owner's phone only saves others the trouble. */
static void act_update(struct command *command)
{
    struct dg_device *device = command->device;
    const struct dg_update *update = &device->update;

    dg_update_take(device, &command->request);
    command->answer->kind = DG_ANSWER_UPDATE;
    command->answer->as.update.state = update->state;
    command->answer->as.update.why = update->why;
    command->answer->as.update.next = update->next;
    command->answer->as.update.size =
        (update->state == DG_UPDATE_IDLE) ? 0U : update->manifest.size;
}

/* suspend and resume ------------------------------------------------------ */

static void act_suspend(struct command *command)
{
    uint32_t headroom_s = 0U;
    const enum dg_reason reason = dg_therapy_suspend(
        command->device, command->request.as.suspend.seconds, &headroom_s);

    command->answer->kind = DG_ANSWER_STATUS;
    if (reason != DG_REASON_NONE) {
        refuse(command,
               reason,
               (dg_dose){(reason == DG_REASON_E5) ? (int32_t)headroom_s : 0});
    }
}

static void act_resume(struct command *command)
{
    const enum dg_reason reason = dg_therapy_resume(command->device);

    command->answer->kind = DG_ANSWER_STATUS;
    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
    }
}

/* rekey ------------------------------------------------------------------ */

static void act_rekey(struct command *command)
{
    struct dg_session *session = session_of(command);
    const uint8_t *nonce = command->request.as.rekey.nonce;
    struct dg_answer *answer = command->answer;
    const enum dg_status status = dg_rekey_offer(&session->rekey,
                                                 command->device->ports->crypto,
                                                 &session->record,
                                                 nonce,
                                                 answer->as.rekey.device);

    if (status != DG_OK) {
        refuse_plainly(
            command, (status == DG_E_STATE) ? DG_REASON_KEYS : DG_REASON_FAULT);
        return;
    }
    memcpy(answer->as.rekey.phone, nonce, DG_REKEY_NONCE_SIZE);
    answer->kind = DG_ANSWER_REKEY;
}

/* With the last records of these keys: what protects, and what gets others. */
static bool is_for_the_end(enum dg_request_kind kind)
{
    return (kind == DG_REQUEST_STATUS) || (kind == DG_REQUEST_STOP) ||
           (kind == DG_REQUEST_SUSPEND) || (kind == DG_REQUEST_REKEY);
}

/* journal --------------------------------------------------------------- */

/* Reading changes nothing, so whoever may see the status may read. */
static void act_journal(struct command *command)
{
    if (!dg_journal_serve(command->device,
                          command->slot,
                          &command->request,
                          command->answer)) {
        memset(command->answer, 0, sizeof *command->answer);
        refuse_plainly(command, DG_REASON_JOURNAL);
    }
}

/* attest, policy ---------------------------------------------------------- */

/* Takes the ticket, if there is one, and answers with a nonce for the next. */
static void act_attest(struct command *command)
{
    struct dg_device *device = command->device;
    const dg_span ticket = command->request.as.attest.ticket;
    const enum dg_reason reason =
        (ticket.size > 0U) ? dg_desk_take(device, command->slot, ticket)
                           : DG_REASON_NONE;

    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
        return;
    }
    if (dg_desk_nonce(device,
                      command->slot,
                      &command->answer->as.attest.nonce) != DG_OK) {
        refuse_plainly(command, DG_REASON_FAULT);
        return;
    }
    command->answer->kind = DG_ANSWER_ATTEST;
    command->answer->as.attest.life_s = DG_NONCE_LIFE_S;
}

static void act_policy(struct command *command)
{
    const enum dg_reason reason =
        dg_desk_policy(command->device, command->request.as.policy.head);

    if (reason != DG_REASON_NONE) {
        refuse_plainly(command, reason);
        return;
    }
    command->answer->kind = DG_ANSWER_STATUS;
}

/* profile ----------------------------------------------------------------- */

static void show_profile(struct command *command)
{
    const struct dg_device *device = command->device;
    const struct dg_prescribed *prescribed = &device->settings.prescribed;
    struct dg_answer *answer = command->answer;

    answer->kind = DG_ANSWER_PROFILE;
    answer->as.profile.counter = prescribed->counter;
    answer->as.profile.state = dg_loosen_state(device);
    dg_bounds_of(&device->settings.therapy, &answer->as.profile.in_force);
    if (prescribed->is_loosening) {
        answer->as.profile.left_s = device->loosen.left_s;
        answer->as.profile.next = prescribed->next;
    } else if (device->loosen.is_waiting) {
        answer->as.profile.next = device->loosen.target;
    } else {
        /* Nothing comes next. */
    }
}

/* The prescriber's signature is the authority for a profile; the rung and the
 * role say only whose phone may bring it. */
static void act_profile(struct command *command)
{
    struct dg_device *device = command->device;
    const struct dg_request *request = &command->request;
    enum dg_reason reason = DG_REASON_NONE;
    unsigned named = 0U;

    switch (request->as.profile.verb) {
    case DG_PROFILE_TAKE:
        reason = dg_prescribe_take(
            device, command->slot, request->as.profile.bytes, &named);
        break;
    case DG_PROFILE_WISH:
        reason = dg_prescribe_wish(
            device, command->slot, request->as.profile.wish, &named);
        break;
    case DG_PROFILE_WITHDRAW:
        reason = (dg_loosen_withdraw(device, command->slot) == DG_OK)
                     ? DG_REASON_NONE
                     : DG_REASON_FAULT;
        break;
    case DG_PROFILE_NONE:
    case DG_PROFILE_SHOW:
    default:
        break;
    }
    if (reason != DG_REASON_NONE) {
        refuse(command, reason, (dg_dose){(int32_t)named});
        return;
    }
    show_profile(command);
}

/* What each request needs and does.  A row that is not written refuses. */
struct row {
    enum dg_rung rung;
    bool in_fault; /* may be served in the safe state */
    void (*act)(struct command *command);
};

/* clang-format off */
static const struct row table[DG_REQUESTS] = {
    [DG_REQUEST_STATUS]  = { DG_RUNG_OBSERVE,      true,  act_status  },
    [DG_REQUEST_GLUCOSE] = { DG_RUNG_OBSERVE,      true,  act_glucose },
    [DG_REQUEST_STOP]    = { DG_RUNG_PROTECT,      true,  act_stop    },
    [DG_REQUEST_LEASE]   = { DG_RUNG_PROTECT,      true,  act_lease   },
    [DG_REQUEST_SUSPEND] = { DG_RUNG_PROTECT,      false, act_suspend },
    [DG_REQUEST_RESUME]  = { DG_RUNG_PROTECT,      true,  act_resume  },
    [DG_REQUEST_ATTEST]  = { DG_RUNG_OBSERVE,     true,  act_attest  },
    [DG_REQUEST_POLICY]  = { DG_RUNG_OBSERVE,     true,  act_policy  },
    [DG_REQUEST_PROFILE] = { DG_RUNG_PROTECT,     false, act_profile },
    [DG_REQUEST_PROPOSE] = { DG_RUNG_DOSE_BUTTON, false, act_propose },
    [DG_REQUEST_COMMIT]  = { DG_RUNG_DOSE_BUTTON, false, act_commit  },
    [DG_REQUEST_JOURNAL] = { DG_RUNG_OBSERVE,      true,  act_journal },
    [DG_REQUEST_UPDATE]  = { DG_RUNG_PROTECT,      false, act_update  },
    [DG_REQUEST_REVOKE]  = { DG_RUNG_PROTECT,      true,  act_revoke  },
    [DG_REQUEST_ROLES]   = { DG_RUNG_OBSERVE,      true,  act_roles   },
    [DG_REQUEST_REKEY]   = { DG_RUNG_OBSERVE,      true,  act_rekey   },
};
/* clang-format on */

static void run(struct command *command)
{
    const struct row *row = &table[command->request.kind];
    const bool is_greeting = command->request.kind == DG_REQUEST_STATUS;

    if (!dg_energy_pay(
            &command->device->energy, command->slot, &command->request)) {
        refuse_plainly(command, DG_REASON_ENERGY);
        return;
    }
    if (row->act == NULL) {
        refuse_plainly(command, DG_REASON_FORMAT);
        return;
    }
    if (!is_greeting && !session_of(command)->is_greeted) {
        refuse_plainly(command, DG_REASON_VERSION);
        return;
    }
    if (command->device->is_fault && !row->in_fault) {
        refuse_plainly(command, DG_REASON_FAULT);
        return;
    }

    if (dg_rekey_is_due(&session_of(command)->record) &&
        !is_for_the_end(command->request.kind)) {
        refuse_plainly(command, DG_REASON_KEYS);
        return;
    }

    const enum dg_reason lack = lacks_authority(command, row->rung);

    if (lack != DG_REASON_NONE) {
        refuse_plainly(command, lack);
        return;
    }
    if (!dg_role_may(command->device->settings.controller[command->slot].role,
                     command->request.kind)) {
        refuse_plainly(command, DG_REASON_ROLE);
        return;
    }
    row->act(command);
}

void dg_command_run(struct dg_device *device,
                    unsigned slot,
                    dg_span message,
                    struct dg_answer *answer)
{
    struct command command = {.device = device, .slot = slot, .answer = answer};

    memset(answer, 0, sizeof *answer);
    if (dg_request_decode(message, &command.request) == DG_OK) {
        run(&command);
    } else {
        (void)dg_energy_pay(&device->energy, slot, NULL);
        refuse_plainly(&command, DG_REASON_FORMAT);
    }
    device->notes.who = (uint8_t)slot;
    if (answer->kind == DG_ANSWER_REFUSED) {
        device->notes.refused.who = (uint8_t)slot;
        device->notes.refused.code = ((uint32_t)command.request.kind << 8) |
                                     (uint32_t)answer->as.refused.reason;
        device->notes.refused.amount = (uint32_t)answer->as.refused.headroom.mU;
    }
    /* After the action: the status tells what it led to. */
    dg_device_watch(device);
    dg_device_status(device, slot, &answer->status);
}
