/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#include <stddef.h>
#include <string.h>

/* Glucagon from an approved ticket, or from a rescue, to the last step: one at
 * a time, beside insulin.  Every start passes rule E8 here, next to the
 * ledger, so that there is one door to the chamber. */

enum event {
    EVENT_START = 0,
    EVENT_BUTTON, /* a person at the device agrees  */
    EVENT_STOP,
    EVENT_TIME, /* next step, or the wait is over */
};

#define STATES 3U
#define EVENTS 4U

bool dg_glucagon_is_busy(const struct dg_device *device)
{
    return device->glucagon.delivery.state != DG_DELIVERY_IDLE;
}

bool dg_glucagon_is_waiting(const struct dg_device *device)
{
    return device->glucagon.delivery.state == DG_DELIVERY_WAITING;
}

uint32_t dg_glucagon_left_steps(const struct dg_device *device)
{
    const struct dg_settings *settings = &device->settings;

    if (!device->glucagon.is_sound) {
        return 0U;
    }

    const uint32_t used =
        device->glucagon.ledger->moved - settings->glucagon_start;

    return (used >= settings->glucagon_steps)
               ? 0U
               : (settings->glucagon_steps - used);
}

/* Of what was given, rescue doses alone have the tier PRESENT. */
static int32_t rescued_ug(const struct dg_device *device, uint32_t length_s)
{
    const struct dg_ledger *ledger = device->glucagon.ledger;
    const int32_t all_ug =
        dg_ledger_glucagon(ledger, device->now, DG_TIER_PRESENT, length_s).ug;
    const int32_t micro_ug =
        dg_ledger_glucagon(ledger, device->now, DG_TIER_CONFIRMED, length_s).ug;

    /* Not known is as much as there can be. */
    return (all_ug == INT32_MAX) ? INT32_MAX : (all_ug - micro_ug);
}

void dg_glucagon_view(const struct dg_device *device,
                      struct dg_glucagon_view *view)
{
    const struct dg_glucagon_part *glucagon = &device->glucagon;
    const struct dg_ledger *insulin = &device->ledger;

    memset(view, 0, sizeof *view);
    view->now = device->now;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            view->used_ug[tier][window] =
                dg_ledger_glucagon(glucagon->ledger,
                                   device->now,
                                   (enum dg_tier)tier,
                                   dg_window_s((enum dg_window)window))
                    .ug;
        }
    }
    view->rescue_recent_ug = rescued_ug(device, DG_RESCUE_REPEAT_S);
    view->rescue_day_ug = rescued_ug(device, dg_window_s(DG_WINDOW_24_H));
    view->has_dose = glucagon->ledger->has_bolus;
    view->last_dose = glucagon->ledger->last_bolus;
    /* The number itself, not the lower bound that insulin goes by: here lower
     * is not the safe side. */
    view->has_glucose = dg_glucose_is_trusted(&device->glucose);
    view->glucose = device->glucose.value;
    view->glucose_at = device->glucose.at;
    view->has_run = glucagon->has_run;
    view->run_at = glucagon->run_at;
    view->is_held =
        glucagon->is_held && (device->now.s < glucagon->held_until.s);
    view->insulin_mU =
        dg_ledger_window(
            insulin, device->now, DG_TIER_AUTOMATIC, DG_WINDOW_5_MIN)
            .mU;
    view->is_insulin_open =
        (insulin->is_open && (insulin->tickets > 0U) &&
         (insulin->ticket[0].tier == DG_TIER_AUTOMATIC)) ||
        (insulin->spread.is_open &&
         (insulin->spread.ticket.tier == DG_TIER_AUTOMATIC));
}

static void announce(const struct dg_device *device, dg_glucagon amount)
{
    const struct dg_annunciator *annunciator = device->ports->annunciator;

    annunciator->announce_glucagon(annunciator->context, amount);
}

static bool is_rescue(const struct dg_device *device)
{
    return device->glucagon.delivery.ticket.tier == DG_TIER_PRESENT;
}

/* What E8 leaves of the ticket now: all of a micro-dose or nothing, of a
 * rescue as much as there is. */
static dg_glucagon allowed(const struct dg_device *device)
{
    const struct dg_glucagon_part *glucagon = &device->glucagon;
    const struct dg_ticket *ticket = &glucagon->delivery.ticket;
    const int32_t left_ug =
        (int32_t)dg_glucagon_left_steps(device) * DG_GLUCAGON_STEP_UG;
    struct dg_glucagon_view view;
    struct dg_glucagon_decision decision;
    dg_glucagon amount = {0};

    dg_glucagon_view(device, &view);
    if (is_rescue(device)) {
        const enum dg_rescuer rescuer =
            (ticket->confirmation == DG_CONFIRM_BUTTON) ? DG_RESCUER_PERSON
                                                        : DG_RESCUER_DEVICE;

        if (dg_glucagon_rescue(&glucagon->limits, &view, rescuer, &amount) !=
            DG_OK) {
            amount.ug = 0;
        }
        amount.ug = (amount.ug < left_ug) ? amount.ug : left_ug;
        return amount;
    }
    if ((dg_glucagon_decide(&glucagon->limits,
                            &view,
                            ticket->effect.glucagon,
                            ticket->tier,
                            &decision) == DG_OK) &&
        (decision.verdict == DG_VERDICT_ALLOW) &&
        (ticket->effect.glucagon.ug <= left_ug)) {
        amount = ticket->effect.glucagon;
    }
    return amount;
}

/* Whoever needs rescue needs no insulin: every dose ends, spread or not, and a
 * raised basal with it; what was asked for and not begun is void.  What holds
 * insulin back, a lowered basal or a suspension, stays.  A person's micro-dose
 * ends what the controller alone is giving (T7); E8 refuses an automatic one
 * meanwhile. */
static void end_insulin(struct dg_device *device)
{
    const struct dg_ledger *insulin = &device->ledger;

    if (is_rescue(device)) {
        dg_therapy_end_doses(device);
        return;
    }
    if (insulin->is_open && (insulin->ticket[0].tier == DG_TIER_AUTOMATIC)) {
        (void)dg_delivery_stop(device);
    }
    if (insulin->spread.is_open &&
        (insulin->spread.ticket.tier == DG_TIER_AUTOMATIC)) {
        dg_spread_stop(device);
    }
}

/* @satisfies{FDP_GLUCAGON.2@1} */
static enum dg_status deliver(struct dg_device *device)
{
    struct dg_glucagon_part *glucagon = &device->glucagon;
    struct dg_ticket *ticket = &glucagon->delivery.ticket;
    const dg_glucagon amount = allowed(device);

    if (amount.ug <= 0) {
        return DG_E_STATE;
    }

    const uint32_t steps = (uint32_t)(amount.ug / DG_GLUCAGON_STEP_UG);
    enum dg_status status =
        dg_interlock_open(&glucagon->delivery.interlock, ticket, steps);

    if (status != DG_OK) {
        return status;
    }
    end_insulin(device);
    ticket->effect.glucagon = amount;
    status = dg_ledger_announce_bolus(
        glucagon->ledger, device->now, &ticket->id, ticket->tier, steps);

    if (status != DG_OK) {
        return status;
    }
    glucagon->delivery.next = device->now;
    if (is_rescue(device)) {
        dg_device_raise(device, DG_ALARM_GLUCAGON);
    }
    return DG_OK;
}

static enum dg_status begin(struct dg_device *device)
{
    struct dg_delivery *delivery = &device->glucagon.delivery;

    if (delivery->ticket.confirmation == DG_CONFIRM_BUTTON) {
        delivery->next.s =
            device->now.s +
            (is_rescue(device) ? DG_RESCUE_WAIT_S : DG_BUTTON_WAIT_S);
        announce(device, delivery->ticket.effect.glucagon);
        return DG_OK;
    }
    return deliver(device);
}

/* A ticket that nobody will deliver is remembered, so that a repeated commit
 * learns it.  A rescue has none. */
static enum dg_status give_up(struct dg_device *device)
{
    const struct dg_ticket *ticket = &device->glucagon.delivery.ticket;

    if (!is_rescue(device)) {
        dg_ledger_note(
            device->glucagon.ledger,
            device->now,
            &ticket->id,
            ticket->tier,
            DG_OUTCOME_LAPSED,
            (uint32_t)(ticket->effect.glucagon.ug / DG_GLUCAGON_STEP_UG));
    }
    announce(device, (dg_glucagon){0});
    return DG_OK;
}

/* E8 may have closed meanwhile: then the dose lapses. */
static enum dg_status confirm(struct dg_device *device)
{
    const enum dg_status status = deliver(device);

    if (status != DG_OK) {
        (void)give_up(device);
        return status;
    }
    announce(device, (dg_glucagon){0});
    return DG_OK;
}

static enum dg_status stop(struct dg_device *device)
{
    return dg_ledger_close(
        device->glucagon.ledger, device->now, DG_OUTCOME_STOPPED);
}

static enum dg_status step_once(struct dg_device *device)
{
    const struct dg_glucagon_actuator *actuator = device->ports->glucagon;
    struct dg_ledger *ledger = device->glucagon.ledger;
    const struct dg_ledger_ticket *ticket = &ledger->ticket[0];

    if (dg_interlock_spend(&device->glucagon.delivery.interlock,
                           ticket,
                           ledger->is_open) != DG_OK) {
        dg_device_fail(device, DG_FAULT_INTERNAL);
        return stop(device);
    }
    if (actuator->step(actuator->context) != DG_OK) {
        dg_device_raise(device, DG_ALARM_GLUCAGON);
        return stop(device);
    }
    dg_ledger_bolus_pulse(ledger, device->now);
    device->glucagon.delivery.next.s = device->now.s + DG_GLUCAGON_INTERVAL_S;
    return (ticket->delivered == ticket->pulses)
               ? dg_ledger_close(ledger, device->now, DG_OUTCOME_DELIVERED)
               : DG_OK;
}

/* A cell that is not written refuses. */
/* clang-format off */
static enum dg_status (*const table[STATES][EVENTS])(struct dg_device *) = {
    [DG_DELIVERY_IDLE]    = { [EVENT_START]  = begin     },
    [DG_DELIVERY_WAITING] = { [EVENT_BUTTON] = confirm,
                              [EVENT_STOP]   = give_up,
                              [EVENT_TIME]   = give_up   },
    [DG_DELIVERY_RUNNING] = { [EVENT_STOP]   = stop,
                              [EVENT_TIME]   = step_once },
};
/* clang-format on */

/* The ledger decides whether a dose is running: state is not kept twice. */
static enum dg_delivery_state next_state(const struct dg_device *device,
                                         enum event event,
                                         enum dg_status status)
{
    const struct dg_glucagon_part *glucagon = &device->glucagon;

    if (glucagon->ledger->is_open) {
        return DG_DELIVERY_RUNNING;
    }
    return ((event == EVENT_START) && (status == DG_OK) &&
            (glucagon->delivery.ticket.confirmation == DG_CONFIRM_BUTTON))
               ? DG_DELIVERY_WAITING
               : DG_DELIVERY_IDLE;
}

static enum dg_status step(struct dg_device *device, enum event event)
{
    struct dg_glucagon_part *glucagon = &device->glucagon;
    enum dg_status (*const act)(struct dg_device *) =
        table[glucagon->delivery.state][event];

    if (act == NULL) {
        return DG_E_STATE;
    }

    const enum dg_status status = act(device);

    glucagon->delivery.state = next_state(device, event, status);
    if (glucagon->delivery.state == DG_DELIVERY_IDLE) {
        dg_interlock_close(&glucagon->delivery.interlock);
    }
    if (glucagon->ledger->failed) {
        glucagon->is_sound = false;
        dg_device_fail(device, DG_FAULT_GLUCAGON);
        dg_device_raise(device, DG_ALARM_GLUCAGON);
    }
    return status;
}

enum dg_status dg_glucagon_start(struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 const struct dg_request *commit)
{
    struct dg_interlock *interlock = &device->glucagon.delivery.interlock;

    if (!device->glucagon.is_sound || dg_glucagon_is_busy(device) ||
        (dg_effect_hormone(&ticket->effect) != DG_HORMONE_GLUCAGON)) {
        return DG_E_STATE;
    }
    if (dg_interlock_approve(device, interlock, ticket, commit) != DG_OK) {
        return DG_E_STATE;
    }
    device->glucagon.delivery.ticket = *ticket;
    return step(device, EVENT_START);
}

enum dg_status dg_glucagon_press(struct dg_device *device)
{
    dg_interlock_press(&device->glucagon.delivery.interlock);
    return step(device, EVENT_BUTTON);
}

enum dg_status dg_glucagon_stop(struct dg_device *device)
{
    return step(device, EVENT_STOP);
}

/* @satisfies{FDP_GLUCAGON.4@1} */
void dg_glucagon_stop_micro(struct dg_device *device)
{
    if (dg_glucagon_is_busy(device) && !is_rescue(device)) {
        (void)dg_glucagon_stop(device);
    }
}

bool dg_glucagon_due(const struct dg_device *device, dg_seconds *at)
{
    *at = device->glucagon.delivery.next;
    return dg_glucagon_is_busy(device);
}

void dg_glucagon_step(struct dg_device *device)
{
    (void)step(device, EVENT_TIME);
}

/* @satisfies{FDP_GLUCAGON.1@1} @satisfies{FDP_GLUCAGON.5@1} */
enum dg_status dg_glucagon_boot(struct dg_device *device)
{
    const struct dg_device_ports *ports = device->ports;
    struct dg_glucagon_part *glucagon = &device->glucagon;

    if (ports->glucagon == NULL) {
        return DG_OK;
    }
    if ((ports->annunciator->announce_glucagon == NULL) ||
        (ports->glucagon->ledger == NULL)) {
        return DG_E_USAGE;
    }
    glucagon->ledger = ports->glucagon->ledger;

    const uint32_t moved = ports->glucagon->moved(ports->glucagon->context);
    enum dg_status status =
        dg_glucagon_limits_derive(&device->settings.therapy, &glucagon->limits);

    if (status == DG_OK) {
        status = dg_ledger_open(glucagon->ledger,
                                ports->flash,
                                DG_HORMONE_GLUCAGON,
                                device->now,
                                moved);
    }
    /* What was given is not known: no glucagon at all, and no dose of insulin
     * either, because it might meet glucagon. */
    if (status != DG_OK) {
        dg_ledger_lose(glucagon->ledger, device->now, moved);
        dg_device_fail(device, DG_FAULT_GLUCAGON);
        dg_device_raise(device, DG_ALARM_GLUCAGON);
        return DG_OK;
    }
    glucagon->is_sound = true;
    if (glucagon->ledger->last.s > device->now.s) {
        device->now = glucagon->ledger->last;
    }
    if ((glucagon->ledger->tickets > 0U) &&
        (glucagon->ledger->ticket[0].outcome == DG_OUTCOME_UNCERTAIN)) {
        dg_device_raise(device, DG_ALARM_DOSE_UNCERTAIN);
    }
    return DG_OK;
}
