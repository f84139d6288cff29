/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MESSAGE_H
#define DG_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/attestation.h"
#include "dosegate/authority.h"
#include "dosegate/bounds.h"
#include "dosegate/crypto.h"
#include "dosegate/effect.h"
#include "dosegate/glucose.h"
#include "dosegate/merkle.h"
#include "dosegate/pairing.h"
#include "dosegate/quantity.h"
#include "dosegate/rekey.h"
#include "dosegate/span.h"
#include "dosegate/status.h"
#include "dosegate/update.h"

/* The messages inside records: deterministic CBOR maps with integer keys.
 * docs/protocol.md has the bytes.  A message is parsed whole and validated
 * whole before anything acts on it; an unknown key is ignored when positive
 * and refused when negative (critical).  Anything not listed is refused. */
#define DG_MESSAGE_MAX      479U /* two record buckets */
#define DG_MESSAGE_SMALL    239U /* one: what all but bulk data fits into */
#define DG_VERSION_MAJOR    1U
#define DG_VERSION_MINOR    0U
#define DG_SENSOR_FRAME_MAX 64U

/* The largest number that a request to suspend carries. */
#define DG_SUSPEND_S_ASK_MAX 86400U

enum dg_request_kind {
    DG_REQUEST_NONE = 0,
    DG_REQUEST_STATUS = 1,
    DG_REQUEST_PROPOSE = 2,
    DG_REQUEST_COMMIT = 3,
    DG_REQUEST_STOP = 4,
    DG_REQUEST_LEASE = 5,
    DG_REQUEST_GLUCOSE = 6,
    DG_REQUEST_SUSPEND = 7,
    DG_REQUEST_RESUME = 8,
    DG_REQUEST_PROFILE = 9,
    DG_REQUEST_JOURNAL = 10,
    DG_REQUEST_ATTEST = 11,
    DG_REQUEST_UPDATE = 12,
    DG_REQUEST_REVOKE = 13,
    DG_REQUEST_ROLES = 14,
    DG_REQUEST_REKEY = 16,
    DG_REQUEST_POLICY = 18,
};

#define DG_REQUESTS 19U /* array size */

enum dg_lease_verb {
    DG_LEASE_NONE = 0,
    DG_LEASE_TAKE = 1, /* take or renew */
    DG_LEASE_RELEASE = 2,
    DG_LEASE_HAND_OVER = 3, /* to a named slot */
};

/* What is asked of the journal; docs/protocol.md, "Journal". */
enum dg_journal_verb {
    DG_JOURNAL_ASK_NONE = 0,
    DG_JOURNAL_ASK_HEAD = 1,     /* a signed head                          */
    DG_JOURNAL_ASK_RANGE = 2,    /* entries from @first on                 */
    DG_JOURNAL_ASK_PROOF = 3,    /* consistency of @first and @end, nodes from
                                    @skip on                               */
    DG_JOURNAL_ASK_PEAKS = 4,    /* of the tree of @first leaves           */
    DG_JOURNAL_ASK_EXPORTED = 5, /* "I hold all below this head"           */
    DG_JOURNAL_ASK_KEY = 6,      /* public half of the journal key         */
};

#define DG_JOURNAL_VERBS     7U   /* array size */
#define DG_JOURNAL_BYTES_MAX 224U /* a head, seven nodes, some entries */

/* Rule E9; docs/protocol.md, "Profile". */
enum dg_profile_verb {
    DG_PROFILE_NONE = 0,
    DG_PROFILE_SHOW = 1,     /* what is in force, and what waits             */
    DG_PROFILE_TAKE = 2,     /* a profile that the prescriber signed         */
    DG_PROFILE_WISH = 3,     /* limits within it, as a person wants them     */
    DG_PROFILE_WITHDRAW = 4, /* what is looser and waits is not wanted       */
};

/* What a wish names: the floor, then the shares of the automatic and of the
 * confirmed tier in the order of enum dg_bound.  Nothing that a person at the
 * device doses by. */
#define DG_WISHES 11U

/* How far a loosening came. */
enum dg_loosening {
    DG_LOOSENING_NONE = 0,
    DG_LOOSENING_ASKED = 1, /* the device asks for the press            */
    DG_LOOSENING_DELAY = 2, /* pressed; in force when the delay is over */
};

struct dg_request {
    enum dg_request_kind kind;
    union {
        struct {
            uint8_t major;
            uint8_t minor;
            uint8_t phone_battery_percent; /* 0 .. 100 */
        } status;
        struct {
            enum dg_tier tier; /* AUTOMATIC or CONFIRMED; the device may ask
                                  for more */
            struct dg_effect effect;
        } propose;
        struct {
            struct dg_ticket_id ticket;
            bool has_signature;
            struct dg_signature signature; /* dosegate/approval.h */
        } commit;
        struct {
            enum dg_lease_verb verb;
            bool has_slot; /* HAND_OVER, and only that */
            uint8_t slot;  /* 0 .. 3 */
        } lease;
        struct {
            uint8_t slot; /* 0 .. 3, not the asker's own */
        } revoke;
        struct {
            uint32_t seconds; /* 1 .. DG_SUSPEND_S_ASK_MAX; E5 decides below */
        } suspend;
        struct {
            uint8_t nonce[DG_REKEY_NONCE_SIZE]; /* fresh */
        } rekey;
        struct {
            uint8_t size;
            uint8_t frame[DG_SENSOR_FRAME_MAX]; /* dosegate/sensor.h */
        } glucose;
        struct {
            enum dg_journal_verb verb;
            uint8_t keys; /* those of the verb: begin with dg_journal_ask() */
            uint32_t first;
            uint32_t end;
            uint8_t skip; /* 0 .. DG_MERKLE_PROOF_MAX */
            uint8_t size;
            uint8_t byte[DG_JOURNAL_BYTES_MAX];
        } journal;
        struct {
            enum dg_update_verb verb;
            bool has_offset; /* with PART, and only there           */
            uint32_t offset; /* of the first byte in the image      */
            uint16_t size;   /* OFFER, PART: 1 .. DG_UPDATE_CHUNK */
            uint8_t byte[DG_UPDATE_CHUNK];
        } update;
        struct {
            dg_span ticket; /* dosegate/attestation.h; size 0: only a nonce is
                               asked for.  Decoded: inside the message */
        } attest;
        struct {
            dg_span head; /* dosegate/policy.h; decoded: inside the message */
        } policy;
        struct {
            enum dg_profile_verb verb;
            dg_span bytes; /* TAKE: dosegate/prescription.h; decoded: inside
                              the message */
            bool has_wish; /* with WISH, and only there        */
            uint16_t wish[DG_WISHES]; /* 0: nobody decided, and is refused */
        } profile;
    } as;
};

enum dg_answer_kind {
    DG_ANSWER_NONE = 0,
    DG_ANSWER_STATUS = 33,
    DG_ANSWER_TICKET = 34,
    DG_ANSWER_ACCEPTED = 35,
    DG_ANSWER_ALREADY = 36,
    DG_ANSWER_REFUSED = 37,
    DG_ANSWER_JOURNAL = 38,
    DG_ANSWER_ATTEST = 39,
    DG_ANSWER_UPDATE = 40,
    DG_ANSWER_ROLES = 41,
    DG_ANSWER_PROFILE = 42,
    DG_ANSWER_REKEY = 43,
};

/* Why a request was refused.  1 .. 15 are ours, 16 + n is rule En. */
enum dg_reason {
    DG_REASON_NONE = 0,
    DG_REASON_FORMAT = 1,     /* not a message of this protocol              */
    DG_REASON_VERSION = 2,    /* major version unknown, or status not first  */
    DG_REASON_AUTHORITY = 3,  /* rung too low: see "missing" in the status   */
    DG_REASON_LEASE = 4,      /* another controller holds the lease          */
    DG_REASON_TICKET = 5,     /* no such ticket (used, voided or never was)  */
    DG_REASON_STALE = 6,      /* ticket expired, or a reading is too old     */
    DG_REASON_PRESENCE = 7,   /* approval missing or not valid               */
    DG_REASON_BUSY = 8,       /* a bolus is in progress or waits for a button */
    DG_REASON_REPLAY = 9,     /* a sensor frame that was already seen        */
    DG_REASON_SENSOR = 10,    /* a sensor frame not authenticated or absurd  */
    DG_REASON_RESERVOIR = 11, /* not enough insulin left                    */
    DG_REASON_FAULT = 12,     /* the device is in its safe state             */
    DG_REASON_STATE = 13,     /* suspended, or not in this state of therapy  */
    DG_REASON_E1 = 17,
    DG_REASON_E2 = 18,
    DG_REASON_E3 = 19,
    DG_REASON_E4 = 20,
    DG_REASON_E5 = 21, /* headroom in seconds */
    DG_REASON_E6 = 22, /* headroom in seconds */
    DG_REASON_E7 = 23,
    DG_REASON_E8 = 24,
    DG_REASON_E9 = 25,     /* headroom in mU/h; of a profile: the number that is
                              refused, enum dg_bound + 1; 0: all of it */
    DG_REASON_E10 = 26,    /* the reservoir does not add up */
    DG_REASON_ROLE = 28,   /* not for this role, or no such phone to do it to */
    DG_REASON_ENERGY = 27, /* this phone used up its share of energy */
    DG_REASON_KEYS = 34, /* these keys are at their end, or cannot be renewed */
    DG_REASON_JOURNAL = 30,     /* not on flash any more, or not our head */
    DG_REASON_IMPLAUSIBLE = 31, /* a reading that may not be true */
    DG_REASON_ATTESTATION = 32, /* a ticket that is no evidence here         */
    DG_REASON_POLICY = 33,      /* a policy head not signed, or not newer    */
};

#define DG_REASON_MAX 63 /* the highest that any version may name */

enum dg_confirmation {
    DG_CONFIRM_NONE = 0,
    DG_CONFIRM_AUTOMATIC = 1, /* commit alone                             */
    DG_CONFIRM_PHONE = 2,     /* commit with the presence key's signature */
    DG_CONFIRM_BUTTON = 3,    /* the same, and the device's own button    */
};

enum dg_therapy_state {
    DG_THERAPY_NONE = 0,
    DG_THERAPY_RUN = 1,       /* basal by schedule                            */
    DG_THERAPY_FAULT = 2,     /* safe state: basal goes on, no dose, alarm    */
    DG_THERAPY_SUSPENDED = 3, /* no basal, no dose                        */
    DG_THERAPY_LOWERED = 4,   /* less basal than the schedule             */
};

/* Why the device is in its safe state; the first reason stays. */
enum dg_fault {
    DG_FAULT_NONE = 0,
    DG_FAULT_LEDGER = 1,   /* damaged, or it and the mechanism disagree      */
    DG_FAULT_FLASH = 2,    /* flash cannot be read or written                */
    DG_FAULT_RING = 3,     /* the ledger has no room until records are older */
    DG_FAULT_INTERNAL = 5, /* a part of the device is not sound           */
    DG_FAULT_GLUCAGON = 6, /* what was given of glucagon is not known     */
    DG_FAULT_WORN = 7,     /* a number of a ledger comes near its end     */
};

enum dg_lease_holder {
    DG_LEASE_NOBODY = 0,
    DG_LEASE_YOU = 1,
    DG_LEASE_OTHER = 2,
};

/* Alarms, one bit each; they sound on the device. */
enum dg_alarm {
    DG_ALARM_BATTERY_LOW = 0,
    DG_ALARM_RESERVOIR_LOW = 1,
    DG_ALARM_RESERVOIR_EMPTY = 2,
    DG_ALARM_DOSE_UNCERTAIN = 3,
    DG_ALARM_FAULT = 4,
    DG_ALARM_PAIRING_LOCKED = 5,
    DG_ALARM_LINK_STALE = 6,  /* who is in control is silent, or soon will be */
    DG_ALARM_CONTROLLER = 7,  /* a paired controller sent bad frames         */
    DG_ALARM_SUSPENDED = 8,   /* a phone suspended, a suspension ended by
                                 itself, or a person's lasts for long        */
    DG_ALARM_RESERVOIR = 9,   /* E10: it does not add up, or cannot be read  */
    DG_ALARM_GLUCAGON = 10,   /* rescue given; chamber low, empty or blocked */
    DG_ALARM_ENERGY = 11,     /* somebody drains the battery                 */
    DG_ALARM_SEVERE_LOW = 12, /* trusted glucose below 54 mg/dL             */
    DG_ALARM_UPDATE_FAILED = 13, /* the old firmware runs again              */
    DG_ALARM_JOURNAL = 14, /* lost entries, was damaged, or cannot be written */
    DG_ALARM_SENSOR = 15,  /* lost, or not plausible, for long               */
};

#define DG_ALARMS 16U

/* How loud the device is. */
enum dg_sound {
    DG_SOUND_OFF = 0,
    DG_SOUND_GENTLE = 1,     /* now and then                */
    DG_SOUND_LOUD = 2,       /* often                       */
    DG_SOUND_CONTINUOUS = 3, /* without pause               */
};

/* Glucagon in the status; all zero without a chamber. */
struct dg_glucagon_status {
    bool has_chamber;
    uint32_t total_ug;     /* since manufacture, vouched for; wraps          */
    uint32_t uncertain_ug; /* counted as delivered, not vouched for          */
    uint32_t left_ug;      /* in the chamber                                 */
    bool has_ticket;       /* any glucagon in the ledger's memory            */
    struct dg_ticket_id ticket; /* the last one; a rescue has an id too      */
    enum dg_outcome outcome;
    dg_glucagon amount;             /* 0 .. 65535 */
    dg_glucagon delivered;          /* 0 .. 65535 */
    dg_glucagon headroom_automatic; /* what E8 would allow now, 0 .. 65535 */
    dg_glucagon headroom_confirmed;
};

/* What every answer carries. */
struct dg_device_status {
    dg_seconds now;
    enum dg_therapy_state therapy;
    enum dg_rung rung; /* of the asking controller, now             */
    uint16_t missing;  /* for the next rung                         */
    enum dg_lease_holder lease;
    bool has_ticket;            /* any bolus in the ledger's memory          */
    struct dg_ticket_id ticket; /* the last one                           */
    enum dg_outcome outcome;
    dg_dose ticket_amount;
    dg_dose ticket_delivered; /* what the actuator vouches for            */
    uint32_t bolus_total_mU;  /* since manufacture; wraps at 2^32         */
    uint32_t basal_total_mU;
    uint32_t uncertain_mU; /* counted as delivered, not vouched for    */
    dg_dose iob;
    uint32_t reservoir_mU;
    uint8_t battery_percent;
    uint16_t alarms;
    bool has_glucose; /* nothing speaks against it, and fresh */
    dg_glucose glucose;
    dg_dose headroom_automatic; /* what the envelope would allow now */
    dg_dose headroom_confirmed;
    enum dg_fault fault;       /* NONE unless therapy is FAULT */
    uint32_t pause_left_s;     /* of basal withheld; 0: none,
                                  DG_PAUSE_UNTIL_RESUMED: by a person        */
    uint32_t pause_permille;   /* of the schedule that is withheld           */
    uint32_t headroom_pause_s; /* E5: a suspension could last so long, now   */
    uint32_t spread_left_mU;   /* still to come of an extended bolus or a
                                  raised basal                               */
    struct dg_glucagon_status glucagon;
    uint32_t loosen_left_s; /* of the delay of a loosening; 0: none runs */
    uint32_t journal;       /* entries in it; 0: none */
    uint32_t firmware;      /* sequence of the running image; 0: not known */
    uint16_t findings;      /* against the last reading, bits of
                          dg_glucose_finding; optional */
    enum dg_sound sound;    /* of the alarms, now */
    uint8_t drainer;        /* 1 + slot of the phone that drains the battery */
};

/* A phone as the owner sees it. */
struct dg_roles_entry {
    enum dg_role role; /* NONE: the slot is free, and the rest zero */
    bool has_session;  /* it has one now */
    uint8_t name_size; /* 1 .. DG_PAIRING_NAME_MAX */
    char name[DG_PAIRING_NAME_MAX];
};

#define DG_ROLES_MAX 4U

struct dg_answer {
    enum dg_answer_kind kind;
    struct dg_device_status status; /* always */
    union {
        struct {
            struct dg_ticket_id id;
            struct dg_effect effect; /* as the device resolved it */
            dg_seconds expiry;       /* device clock */
            enum dg_confirmation confirmation;
        } ticket;
        struct {
            enum dg_journal_verb verb;
            uint32_t first; /* RANGE: index of the first entry; PROOF, PEAKS:
                               nodes passed over; HEAD, KEY: oldest entry;
                               EXPORTED: entries below it are held         */
            uint32_t total; /* HEAD: size; PROOF, PEAKS: nodes in all; others:
                               entries in the journal                      */
            uint8_t size;
            uint8_t byte[DG_JOURNAL_BYTES_MAX];
        } journal;
        struct {
            struct dg_ticket_id id;
        } accepted; /* ACCEPTED and ALREADY; how far it came: status */
        struct {
            enum dg_reason reason;
            dg_dose headroom;
        } refused;
        struct {
            enum dg_update_state state;
            enum dg_update_why why;
            uint32_t next; /* byte of the image that is due */
            uint32_t size; /* of the image, 0 when none is known */
        } update;
        struct {
            struct dg_roles_entry phone[DG_ROLES_MAX]; /* by slot */
        } roles;
        struct {
            uint8_t phone[DG_REKEY_NONCE_SIZE]; /* of the request */
            uint8_t device[DG_REKEY_NONCE_SIZE];
        } rekey;
        struct {
            struct dg_attest_nonce nonce; /* for the next ticket */
            uint32_t life_s;              /* the nonce is good for so long */
        } attest;
        struct {
            uint32_t counter; /* of the last profile; 0: none was taken */
            enum dg_loosening state;
            uint32_t left_s;           /* of the delay; 0 without one */
            struct dg_bounds in_force; /* limits, now                 */
            struct dg_bounds next;     /* when state is not NONE: what comes in
                                          force if nothing is in its way */
        } profile;
    } as;
};

/** A request of the journal with the keys of @p verb and nothing in them. */
struct dg_request dg_journal_ask(enum dg_journal_verb verb);

/** Encode a request.
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (a field out of range),
 *         DG_E_NO_SPACE. */
DG_NODISCARD enum dg_status dg_request_encode(const struct dg_request *request,
                                              dg_buf room,
                                              dg_span *bytes);

/** Decode a request; @p request is untouched unless DG_OK.
 * @retval DG_OK, DG_E_USAGE, DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED,
 *         DG_E_RANGE, DG_E_UNSUPPORTED (unknown kind or critical key). */
DG_NODISCARD enum dg_status dg_request_decode(dg_span bytes,
                                              struct dg_request *request);

/** As above, for answers. */
DG_NODISCARD enum dg_status dg_answer_encode(const struct dg_answer *answer,
                                             dg_buf room,
                                             dg_span *bytes);
DG_NODISCARD enum dg_status dg_answer_decode(dg_span bytes,
                                             struct dg_answer *answer);

/** Words for people: "E2: trailing window", "lease held by another ...". */
const char *dg_reason_text(enum dg_reason reason);
const char *dg_outcome_text(enum dg_outcome outcome);
const char *dg_rung_text(enum dg_rung rung);
const char *dg_evidence_text(enum dg_evidence evidence);
const char *dg_alarm_text(enum dg_alarm alarm);
const char *dg_fault_text(enum dg_fault fault);
const char *dg_finding_text(enum dg_glucose_finding finding);

#endif
