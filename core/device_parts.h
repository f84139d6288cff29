/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_DEVICE_PARTS_H
#define DG_CORE_DEVICE_PARTS_H

#include "dosegate/device.h"
#include "dosegate/envelope.h"

/* The stations of the path, one file each. */

/* command.c: one authentic message in, one answer out. */
void dg_command_run(struct dg_device *device,
                    unsigned slot,
                    dg_span message,
                    struct dg_answer *answer);

/* reading.c: a sensor's frame; NONE when it was taken and nothing speaks
 * against it. */
enum dg_reason dg_device_take_reading(struct dg_device *device, dg_span frame);
/* Power on: no reading from before comes again. */
void dg_reading_boot(struct dg_device *device);

/* evidence.c: what the device knows about a controller, and the rung. */
void dg_evidence_gather(const struct dg_device *device,
                        unsigned slot,
                        struct dg_evidence_set *evidence);
/*@ assigns \nothing; */
struct dg_authority dg_evidence_authority(const struct dg_device *device,
                                          unsigned slot);

/* evidence.c: what the envelope decides on. */
void dg_evidence_view(const struct dg_device *device,
                      struct dg_envelope_view *view);

/* T1: what the controller alone asked for may go on. */
bool dg_evidence_goes_on(const struct dg_device *device);

/* delivery.c: tickets that were approved become pulses; @commit is the phone's
 * request, NULL for what the device asks itself. */
bool dg_delivery_is_busy(const struct dg_device *device);
enum dg_status dg_delivery_start(struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 const struct dg_request *commit);
enum dg_status dg_delivery_press(struct dg_device *device);
enum dg_status dg_delivery_stop(struct dg_device *device);
/* Time of the next thing that delivery has to do; false: none. */
bool dg_delivery_due(const struct dg_device *device, dg_seconds *at);
void dg_delivery_step(struct dg_device *device, dg_seconds at);
uint32_t dg_delivery_reservoir_pulses(const struct dg_device *device);

/* glucagon.c: the same for the second hormone.  Without a chamber nothing is
 * ever busy or due, and a start is refused. */
enum dg_status dg_glucagon_boot(struct dg_device *device);
void dg_glucagon_view(const struct dg_device *device,
                      struct dg_glucagon_view *view);
bool dg_glucagon_is_busy(const struct dg_device *device);
bool dg_glucagon_is_waiting(const struct dg_device *device);
enum dg_status dg_glucagon_start(struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 const struct dg_request *commit);
enum dg_status dg_glucagon_press(struct dg_device *device);
enum dg_status dg_glucagon_stop(struct dg_device *device);
bool dg_glucagon_due(const struct dg_device *device, dg_seconds *at);
void dg_glucagon_step(struct dg_device *device);
uint32_t dg_glucagon_left_steps(const struct dg_device *device);

/* A remote stop: a micro-dose ends, a rescue does not. */
void dg_glucagon_stop_micro(struct dg_device *device);

/* command_glucagon.c: may this ticket be offered (its confirmation is filled
 * in), and may it be committed?  NONE: it may. */
enum dg_reason dg_glucagon_offer(const struct dg_device *device,
                                 struct dg_ticket *ticket,
                                 enum dg_rung rung);
enum dg_reason dg_glucagon_check(const struct dg_device *device,
                                 const struct dg_ticket *ticket);

/* rescue.c: the rescue dose. */
enum dg_status dg_rescue_announce(struct dg_device *device);
/* Rescue by itself, if it is due. */
void dg_rescue_watch(struct dg_device *device);
/* A reading was accepted. */
void dg_rescue_reading(struct dg_device *device);
/* A person stopped glucagon: none by itself for a while. */
void dg_rescue_hold(struct dg_device *device);

/* proposal.c: what an effect of insulin comes to.  May this ticket be offered
 * (tier and confirmation are filled in), may it go ahead now, and begin.
 * NONE: it may.  Headroom is mU, of E5 and E6 seconds, of E9 mU/h. */
enum dg_reason dg_proposal_offer(const struct dg_device *device,
                                 struct dg_ticket *ticket,
                                 enum dg_rung rung,
                                 dg_dose *headroom);
enum dg_reason dg_proposal_check(const struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 dg_dose *headroom);
enum dg_status dg_proposal_start(struct dg_device *device,
                                 struct dg_interlock *interlock,
                                 const struct dg_ticket *ticket);
/* What a confirmation at the phone alone is judged as.  A LOW phone cannot show
 * that a person was there: AUTOMATIC, glucose and all. */
enum dg_tier dg_proposal_word(const struct dg_device *device);
/* Insulin above the schedule that it would give. */
dg_dose dg_proposal_dose(const struct dg_device *device,
                         const struct dg_effect *effect);
/* The mechanism is busy with it from start to end. */
bool dg_proposal_is_quick(const struct dg_device *device,
                          const struct dg_ticket *ticket);

/* spread.c: a dose over time. */
enum dg_status dg_spread_start(struct dg_device *device,
                               const struct dg_ticket *ticket,
                               dg_dose amount,
                               uint32_t seconds,
                               bool is_raised);
void dg_spread_stop(struct dg_device *device);
bool dg_spread_due(const struct dg_device *device, dg_seconds *at);
void dg_spread_step(struct dg_device *device, dg_seconds at);
void dg_spread_watch(struct dg_device *device);

/* change.c: settings. */
enum dg_reason dg_change_check(const struct dg_device *device,
                               const struct dg_effect *effect,
                               dg_dose *headroom);
enum dg_status dg_change_apply(struct dg_device *device,
                               const struct dg_ticket *ticket);

/* prescribe.c: limits that a message brings (E9).  NONE: taken, or nothing to
 * do; @p named is 1 + the number that is refused, 0 when it is not one. */
enum dg_reason dg_prescribe_take(struct dg_device *device,
                                 unsigned slot,
                                 dg_span profile,
                                 unsigned *named);
enum dg_reason dg_prescribe_wish(struct dg_device *device,
                                 unsigned slot,
                                 const uint16_t wish[DG_WISHES],
                                 unsigned *named);

/* loosen.c: limits that become looser: a question, a press, a delay. */
/* Both at once, in flash and then in force, or neither.  DG_E_PORT: flash
 * failed; what it holds is in force. */
enum dg_status dg_limits_set(struct dg_device *device,
                             const struct dg_bounds *in_force,
                             const struct dg_prescribed *prescribed);
enum dg_loosening dg_loosen_state(const struct dg_device *device);
/* A person is asked nothing else, and was not asked not long ago. */
bool dg_loosen_may_ask(const struct dg_device *device);
/* Nothing happens when it may not. */
void dg_loosen_ask(struct dg_device *device,
                   unsigned slot,
                   const struct dg_bounds *target);
bool dg_loosen_is_waiting(const struct dg_device *device);
enum dg_status dg_loosen_press(struct dg_device *device);
/* Nobody pressed, or something more urgent needs the button. */
void dg_loosen_give_up(struct dg_device *device);
/* Neither asked for nor to come any more. */
enum dg_status dg_loosen_withdraw(struct dg_device *device, unsigned who);
void dg_loosen_start(struct dg_device *device);
void dg_loosen_tick(struct dg_device *device);

/* emergency.c: the bolus without a phone. */
enum dg_status dg_emergency_announce(struct dg_device *device);

/* reservoir.c: E10. */
enum dg_balance {
    DG_BALANCE_OFF = 0, /* it does not add up          */
    DG_BALANCE_UNKNOWN, /* it cannot be read           */
    DG_BALANCE_EVEN,    /* it does, within tolerance   */
};

enum dg_balance dg_reservoir_balance(const struct dg_device *device);
/* The reading says that so much is in it. */
bool dg_reservoir_holds(const struct dg_device *device, uint32_t pulses);
/* Look now, or when it is time; where it does not add up: an alarm, and every
 * dose ends. */
void dg_reservoir_check(struct dg_device *device);
void dg_reservoir_watch(struct dg_device *device);

/* therapy.c: basal withheld, by a phone within E5 or by a person. */
bool dg_therapy_is_suspended(const struct dg_device *device);
/* E5: seconds that @p permille of basal could be withheld from now on. */
uint32_t dg_therapy_room_s(const struct dg_device *device, uint32_t permille);
/* Headroom of a refusal by E5: seconds. */
enum dg_reason dg_therapy_suspend(struct dg_device *device,
                                  uint32_t seconds,
                                  uint32_t *headroom_s);
enum dg_reason dg_therapy_resume(struct dg_device *device);
enum dg_status dg_therapy_press_suspend(struct dg_device *device);
enum dg_status dg_therapy_press_resume(struct dg_device *device);
/* The set is off the body, and a person said so. */
enum dg_status dg_therapy_press_detach(struct dg_device *device);
/* Withhold @p permille of basal for a while, as this ticket says. */
enum dg_status dg_therapy_lower(struct dg_device *device,
                                const struct dg_ticket *ticket,
                                uint32_t permille);
/* A raised or lowered basal ends now. */
void dg_therapy_end_lease(struct dg_device *device);
/* ... and every dose, and every ticket that nobody committed. */
void dg_therapy_end_doses(struct dg_device *device);
/* Somebody is in control and has been heard of lately. */
bool dg_therapy_is_led(const struct dg_device *device);
/* A lowered basal whose phone is gone ends. */
void dg_therapy_watch(struct dg_device *device);
bool dg_therapy_due(const struct dg_device *device, dg_seconds *at);
void dg_therapy_step(struct dg_device *device, dg_seconds at);
/* A person's suspension is sounded once in an hour. */
void dg_therapy_remind(struct dg_device *device);
/* Most basal pulses in an hour of the schedule. */
uint32_t dg_therapy_pulses_per_h(const struct dg_device *device);

/* basal.c: the device's own programme. */
/* Bring the accrual up to now, before the rate changes. */
void dg_basal_settle(struct dg_device *device, dg_seconds at);
/* The schedule: the rate at a time; what a raised basal would give above it,
 * whole pulses; the largest permille of it that a lowered one would withhold. */
int32_t dg_basal_scheduled(const struct dg_device *device, dg_seconds at);
dg_dose dg_basal_extra(const struct dg_device *device,
                       const struct dg_effect *effect);
uint32_t dg_basal_withheld(const struct dg_device *device,
                           const struct dg_effect *effect);
void dg_basal_start(struct dg_device *device);
bool dg_basal_due(const struct dg_device *device, dg_seconds *at);
void dg_basal_step(struct dg_device *device, dg_seconds at);
/* Time that nobody ran us is not made up. */
void dg_basal_forget(struct dg_device *device, dg_seconds now);

/* confirm.c: whether a person is being asked something that CONFIRM would
 * answer, and the answer.  Press: DG_E_STATE when nothing waits. */
bool dg_confirm_is_taken(const struct dg_device *device);
enum dg_status dg_confirm_press(struct dg_device *device);

/* update.c: firmware that arrives, waits for a press and proves itself. */
void dg_update_start(struct dg_device *device);
void dg_update_take(struct dg_device *device, const struct dg_request *request);
bool dg_update_is_waiting(const struct dg_device *device);
/* The reset comes soon: what begins now would be cut. */
bool dg_update_is_restarting(const struct dg_device *device);
enum dg_status dg_update_press(struct dg_device *device);
/* Nobody pressed, or something more urgent needs the button. */
void dg_update_give_up(struct dg_device *device);
void dg_update_tick(struct dg_device *device);

/* watch.c: what the device watches over, and lets a person hear.  Once after
 * everything that happens. */
void dg_device_watch(struct dg_device *device);
/* The phone in control is silent, or told that its battery is nearly flat: what
 * it set for a while goes on no longer. */
bool dg_device_is_left(const struct dg_device *device);
void dg_device_raise(struct dg_device *device, enum dg_alarm alarm);
/* Enter the safe state: basal goes on, no dose. */
void dg_device_fail(struct dg_device *device, enum dg_fault fault);
void dg_device_clear(struct dg_device *device, enum dg_alarm alarm);

/* role.c: may this role ask for that at all? */
bool dg_role_may(enum dg_role role, enum dg_request_kind kind);

/* lease.c: NONE is yes, anything else the reason of a refusal. */
bool dg_lease_is_live(const struct dg_device *device);
enum dg_reason dg_lease_take(struct dg_device *device, unsigned slot);
void dg_lease_release(struct dg_device *device, unsigned slot);
/* The phone in @slot is gone: it neither holds it nor waits. */
void dg_lease_drop(struct dg_device *device, unsigned slot);
/* Nobody holds it, and nobody waits. */
void dg_lease_forget(struct dg_device *device);
enum dg_reason dg_lease_hand_over(struct dg_device *device,
                                  unsigned slot,
                                  unsigned to);

/* revoke.c.  DG_E_STATE: nobody is paired there.  DG_E_PORT: flash failed; what
 * is in flash counts.  The button chooses a phone, and held it forgets it. */
enum dg_status dg_revoke(struct dg_device *device, unsigned slot);
bool dg_forget_is_open(const struct dg_device *device);
enum dg_status dg_forget_choose(struct dg_device *device);
enum dg_status dg_forget_now(struct dg_device *device);

/* journal_note.c: what happened goes into the journal.  Doses that the ledger
 * remembers, settings, alarms, lease, sessions and the safe state are seen by
 * dg_note_pass(); whatever else should be known later calls dg_note() where it
 * happens.  @p who is a slot or DG_JOURNAL_BY_...; dosegate/journal.h says what
 * code, amount and data of each kind are. */
void dg_note(struct dg_device *device,
             enum dg_journal_kind kind,
             unsigned who,
             uint32_t code,
             uint32_t amount);
void dg_note_data(struct dg_device *device,
                  enum dg_journal_kind kind,
                  unsigned who,
                  uint32_t code,
                  uint32_t amount,
                  dg_span data);
/* A datagram that did not hold; told once an hour. */
void dg_note_frame(struct dg_device *device, uint8_t type);
/* Open the journal and tell the boot; when the rest of the device stands. */
void dg_note_boot(struct dg_device *device);
/* At the end of every call into the device. */
void dg_note_pass(struct dg_device *device);

/* journal_serve.c: request `journal`; false: refuse it. */
bool dg_journal_serve(struct dg_device *device,
                      unsigned slot,
                      const struct dg_request *request,
                      struct dg_answer *answer);

/* pairing_window.c */
enum dg_status dg_window_open(struct dg_device *device);
void dg_window_close(struct dg_device *device);
void dg_window_expire(struct dg_device *device);
void dg_window_fail(struct dg_device *device);
enum dg_status dg_window_admit(struct dg_device *device,
                               const struct dg_pairing_code *code,
                               const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
                               const struct dg_pairing_request *request,
                               dg_buf room,
                               dg_span *answer);
enum dg_status dg_window_receive(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer);

/* pairing_verifier.c: the device's end of pairing by digits.  The link has
 * checked type and least size. */
enum dg_status dg_verifier_hello(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer);
enum dg_status dg_verifier_share(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer);
enum dg_status dg_verifier_confirm(struct dg_device *device,
                                   dg_span datagram,
                                   dg_buf room,
                                   dg_span *answer);

#endif
