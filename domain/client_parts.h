/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLIENT_PARTS_H
#define DG_CLIENT_PARTS_H

#include "client.h"

/* client.c takes what comes in and picks the next job; client_jobs.c carries
 * it out; client_say.c builds what is said; client_settle.c finds out what
 * became of a dose; client_orders.c is what is no dose;
 * client_limits.c brings profiles. */

/* client_jobs.c ---------------------------------------------------------- */

/** The job is over: tell whom it concerns; @p refusal may be NULL. */
void dg_client_finish(struct dg_client *client,
                      int64_t now_ms,
                      enum dg_result result,
                      const struct dg_answer *refusal);

/** Start the next exchange of the job, or finish it. */
void dg_client_advance(struct dg_client *client, int64_t now_ms);

/** The device answered. */
void dg_client_answer(struct dg_client *client,
                      int64_t now_ms,
                      const struct dg_internal *message);

/** It did not. */
void dg_client_unanswered(struct dg_client *client,
                          int64_t now_ms,
                          enum dg_cause cause);

/** Pairing ended, well or not. */
void dg_client_paired(struct dg_client *client,
                      int64_t now_ms,
                      const struct dg_internal *message);

/* client_say.c ----------------------------------------------------------- */

/** Send the request of work.step to keys. */
void dg_client_request(struct dg_client *client, int64_t now_ms);

/** Send the pairing order to keys. */
void dg_client_order_pairing(struct dg_client *client, int64_t now_ms);

/** Ask the person about the ticket in client->dose. */
void dg_client_ask(struct dg_client *client);

/** Ask the person about limits that become looser. */
void dg_client_ask_limits(struct dg_client *client,
                          const struct dg_bounds *in_force);

/** The device's limits, to the app. */
void dg_client_tell_limits(struct dg_client *client,
                           const struct dg_answer *answer);

/** Take a question back. */
void dg_client_withdraw(struct dg_client *client);

/** Reply to the app; ticket and amounts are those of the dose when
 * @p about_dose. */
void dg_client_reply(struct dg_client *client,
                     int64_t now_ms,
                     uint32_t tag,
                     enum dg_result result,
                     const struct dg_answer *refusal,
                     bool about_dose);

/** What the journal answered, to the app. */
void dg_client_tell_journal(struct dg_client *client,
                            const struct dg_answer *answer);

/** The earlier dose's fate, instead of a new dose. */
void dg_client_reply_earlier(struct dg_client *client,
                             int64_t now_ms,
                             uint32_t tag);

/** Tell the app what the device said, as it is. */
void dg_client_tell_phones(struct dg_client *client,
                           const struct dg_answer *answer);
void dg_client_tell_progress(struct dg_client *client,
                             const struct dg_answer *answer);

/** Give the app the device's nonce, with the keys that a ticket is about. */
void dg_client_tell_nonce(struct dg_client *client,
                          uint32_t tag,
                          const struct dg_attest_nonce *nonce);

/** Tell watchers how a sensor frame ended. */
void dg_client_tell_cycle(struct dg_client *client,
                          const struct dg_reading *reading,
                          dg_dose decided,
                          enum dg_result result,
                          enum dg_reason reason);

/** Tell watchers what became of a dose. */
void dg_client_tell_dose(struct dg_client *client, enum dg_result result);

/* client_orders.c --------------------------------------------------------- */

/** Is it an order that therapy can pass on? */
bool dg_client_is_order(const struct dg_internal *message);

/** The request of an order, or of a part of an update. */
void dg_client_fill_order(const struct dg_client *client,
                          struct dg_request *request);
void dg_client_fill_carry(const struct dg_client *client,
                          struct dg_request *request);

/** Is it an answer to the order? */
bool dg_client_fits_order(const struct dg_client *client,
                          const struct dg_answer *answer);

/** The device answered: the job is over. */
void dg_client_take_order(struct dg_client *client,
                          int64_t now_ms,
                          const struct dg_answer *answer);
void dg_client_take_progress(struct dg_client *client,
                             int64_t now_ms,
                             const struct dg_answer *answer);

/* client_limits.c --------------------------------------------------------- */

/** Is it an order about limits that therapy can pass on? */
bool dg_client_is_limits(const struct dg_internal *message);

/** The request of this step. */
void dg_client_fill_limits(const struct dg_client *client,
                           struct dg_request *request);

/** May this job go on?  false: it is over, and the app was told. */
bool dg_client_begin_limits(struct dg_client *client, int64_t now_ms);

/** The device answered: done, ask the person, or bring the profile. */
void dg_client_take_limits(struct dg_client *client,
                           int64_t now_ms,
                           const struct dg_answer *answer);

/** The person answered, if it was about limits.
 * @retval DG_OK, DG_E_PEER (no such question). */
DG_NODISCARD enum dg_status dg_client_take_permit(
    struct dg_client *client,
    int64_t now_ms,
    const struct dg_internal *message);

/** Make the job that brings what the person approved; false: nothing. */
bool dg_client_pick_limits(struct dg_client *client);

/* client_settle.c -------------------------------------------------------- */

enum dg_settled {
    DG_SETTLED_NOT_YET = 0, /* ask for one more status           */
    DG_SETTLED_DONE,        /* it began; the status has the rest */
    DG_SETTLED_NOT_BEGUN,   /* nothing was or will be delivered  */
    DG_SETTLED_UNCERTAIN,   /* others dosed too: nobody can tell */
};

/** Does the last status say that nothing goes on which a stop would end? */
bool dg_client_is_stopped(const struct dg_client *client);

/** What the last status counts of the hormone of the dose under way: delivered
 * and vouched for, since manufacture, mU of bolus or ug; and what is uncertain. */
uint32_t dg_client_total(const struct dg_client *client);
uint32_t dg_client_uncertain(const struct dg_client *client);

/** What does the status just received, asked for after the commit, say? */
enum dg_settled dg_client_settle(struct dg_client *client);

/** The dose is over and its fate known. */
void dg_client_close_dose(struct dg_client *client,
                          int64_t now_ms,
                          enum dg_result result,
                          const struct dg_answer *refusal);

/** No word for now: tell the app once and look again later. */
void dg_client_park_dose(struct dg_client *client, int64_t now_ms);

/* health ----------------------------------------------------------------- */

/** The supervisor found something out, or that all is well. */
void dg_client_take_health(struct dg_client *client,
                           int64_t now_ms,
                           const struct dg_health_note *health);

/** A supervisor that fell silent is believed no longer: the phone retires until
 * it speaks again.  Gives the moment when that would be; INT64_MAX: it never
 * spoke. */
int64_t dg_client_age_health(struct dg_client *client, int64_t now_ms);

/** May the loop dose by itself? */
bool dg_client_may_automate(const struct dg_client *client);

/** May the app ask for this while the phone is as it is?  Stopping, looking and
 * giving away is always allowed. */
bool dg_client_is_fit_for(const struct dg_client *client,
                          const struct dg_internal *message);

/** Is the lease to be given back now? */
bool dg_client_must_retire(const struct dg_client *client, int64_t now_ms);

#endif
