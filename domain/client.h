/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLIENT_H
#define DG_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/message.h"
#include "dosegate/sensor.h"
#include "internal.h"
#include "loop.h"

/* What the phone knows about the therapy and wants from the device: one
 * exchange at a time, propose -> ticket -> approval -> commit, and the truth
 * about a dose whose answer was lost.  Sans-I/O.
 *
 * A dose whose outcome is unknown blocks every new one.  It becomes known by a
 * status that was asked for after the commit: it names our ticket, or it shows
 * that nothing was delivered.  The device cannot take the lost commit later:
 * the counter of the record that carried the status is higher. */
#define DG_CLIENT_QUEUE_MAX  8U
#define DG_CLIENT_OUT_MAX    24U
#define DG_CLIENT_TRIES      3U
#define DG_CLIENT_EARLIER_MS 60000 /* a retry this soon is not a new dose */
#define DG_CLIENT_RETIRE_MS  30000 /* between attempts to give the lease back */
#define DG_CLIENT_HEALTH_MS \
    30000 /* the supervisor speaks every 5 s (lookout.h) */

struct dg_client_settings {
    bool closed_loop;
    struct dg_loop_settings loop;
    uint8_t phone_battery_percent;
};

enum dg_client_job {
    DG_JOB_NONE = 0,
    DG_JOB_STATUS,
    DG_JOB_DOSE, /* what a person wants of the pump */
    DG_JOB_STOP,
    DG_JOB_PAIR,
    DG_JOB_ORDER,     /* phones, or the lease           */
    DG_JOB_JOURNAL,   /* a question to the journal      */
    DG_JOB_LIMITS,    /* show limits, or bring a profile */
    DG_JOB_CARRY,     /* a part of an update            */
    DG_JOB_COMMIT,    /* the person approved              */
    DG_JOB_CYCLE,     /* a sensor frame                   */
    DG_JOB_ATTEST,    /* a nonce, or a ticket     */
    DG_JOB_RECONCILE, /* find out what became of the dose */
};

enum dg_client_step {
    DG_STEP_NONE = 0,
    DG_STEP_STATUS,
    DG_STEP_GLUCOSE,
    DG_STEP_LEASE,
    DG_STEP_PROPOSE,
    DG_STEP_COMMIT,
    DG_STEP_STOP,
    DG_STEP_PAIR,
    DG_STEP_ORDER,
    DG_STEP_CARRY,
    DG_STEP_ATTEST,
    DG_STEP_JOURNAL,
    DG_STEP_LIMITS,
};

/* What is being done now. */
struct dg_client_work {
    enum dg_client_job job;
    enum dg_client_step step;
    uint32_t tag; /* the app's; jobs of the app only */
    struct dg_effect asked;
    bool again;
    uint8_t tries; /* of exchanges that got no answer */
    bool greeted;  /* a status of this job was answered */
    bool relayed;  /* CYCLE: the device took the frame */
    bool relay_unanswered;
    uint8_t stops;
    int64_t due_ms;
    struct dg_plain frame;     /* CYCLE */
    struct dg_reading reading; /* CYCLE */
    struct dg_pair_order pair; /* PAIR */
    struct dg_order order;     /* ORDER */
    struct dg_carry carry;     /* CARRY */
    struct dg_slip ticket;     /* ATTEST */
    struct dg_journal_order journal;
    struct dg_limits_order limits; /* LIMITS */
    bool
        is_shown; /* LIMITS: a person saw what becomes looser, or nothing does */
};

enum dg_limits_phase {
    DG_LIMITS_NONE = 0,
    DG_LIMITS_ASKING,   /* the person reads what becomes looser */
    DG_LIMITS_APPROVED, /* to be brought                        */
};

/* The one profile that a person is asked about. */
struct dg_client_limits {
    enum dg_limits_phase phase;
    uint32_t tag; /* the app's */
    struct dg_ticket_id ticket;
    uint32_t questions; /* so far; makes the ticket */
    struct dg_slip profile;
};

enum dg_dose_phase {
    DG_DOSE_NONE = 0,
    DG_DOSE_ASKING,     /* the person is being asked     */
    DG_DOSE_APPROVED,   /* to be committed               */
    DG_DOSE_COMMITTING, /* a commit is under way         */
    DG_DOSE_UNKNOWN,    /* sent; no word of its outcome  */
};

/* The one dose that is under way. */
struct dg_client_dose {
    enum dg_dose_phase phase;
    enum dg_tier tier;
    bool has_app; /* the app still waits for a reply */
    uint32_t tag;
    struct dg_effect asked;
    struct dg_ticket_id ticket;
    struct dg_effect effect;
    dg_seconds expiry;
    enum dg_confirmation confirmation;
    struct dg_session_id session;
    struct dg_signature signature;
    uint8_t commits;
    uint32_t total; /* of its hormone when the ticket was given: bolus, mU, */
    uint32_t uncertain; /* or glucagon, ug */
    uint8_t waits;
    int64_t retry_ms;
};

/* A dose whose outcome was unknown for a while, and is known now. */
struct dg_client_earlier {
    bool is_set;
    int64_t known_ms;
    struct dg_ticket_id ticket;
    struct dg_effect asked;
    struct dg_effect resolved;
};

struct dg_client {
    struct dg_client_settings settings;
    bool has_presence;
    struct dg_public_key presence;
    bool has_session;
    struct dg_device_id device;
    struct dg_session_id session;
    struct dg_public_key key; /* this phone's, for that device */
    bool has_status;
    int64_t status_ms;
    struct dg_device_status status;
    uint8_t strays; /* status answers that may still come late */
    struct dg_client_work work;
    struct dg_client_dose dose;
    struct dg_client_earlier earlier;
    struct dg_client_limits limits;
    struct dg_loop loop;
    bool has_frame;
    struct dg_plain frame;
    struct dg_reading reading;
    struct dg_health_note health; /* of this phone */
    bool has_health;              /* the supervisor spoke, and when */
    int64_t health_ms;
    int64_t retire_ms; /* when the lease may be given back again */
    uint8_t queue_count;
    struct dg_internal queue[DG_CLIENT_QUEUE_MAX]; /* what the app asked */
    uint8_t out_count;
    struct dg_internal out[DG_CLIENT_OUT_MAX]; /* the gate knows to whom */
};

/** Begin, knowing nothing. */
void dg_client_init(struct dg_client *client,
                    const struct dg_client_settings *settings);

/**
 * Take a message of gateway, keys or confirm; what is to be sent is appended
 * to out, and the caller empties it.
 *
 * @retval DG_OK      Taken.
 * @retval DG_E_PEER  No such message in this state: the peer is not itself.
 */
DG_NODISCARD enum dg_status dg_client_take(struct dg_client *client,
                                           int64_t now_ms,
                                           const struct dg_internal *message);

/** Time passed; gives the next moment, INT64_MAX when nothing is due. */
int64_t dg_client_tick(struct dg_client *client, int64_t now_ms);

#endif
