/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_INTERNAL_H
#define DG_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/bounds.h"
#include "dosegate/controller.h"
#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "dosegate/prescription.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* What the processes of the medical domain say to each other: one type byte
 * and a body whose size is fixed by the type.  Bytes on a socket, never raw
 * structs.  Who may say what to whom, and when, is domain/gate.c. */
enum dg_role_id {
    DG_ROLE_ID_NONE = 0,
    DG_ROLE_ID_LINK = 1,
    DG_ROLE_ID_KEYS = 2,
    DG_ROLE_ID_THERAPY = 3,
    DG_ROLE_ID_CONFIRM = 4,
    DG_ROLE_ID_GATEWAY = 5,
    DG_ROLE_ID_SUPERVISOR = 6, /* starts and watches the others */
};

#define DG_ROLE_IDS 7U /* array size, index 0 unused */

enum dg_internal_type {
    DG_INTERNAL_NONE = 0,
    DG_INTERNAL_DATAGRAM_OUT = 1,
    DG_INTERNAL_DATAGRAM_IN = 2,
    DG_INTERNAL_FRAME_IN = 3,
    DG_INTERNAL_FRAME = 4,
    DG_INTERNAL_REQUEST = 5,
    DG_INTERNAL_ANSWER = 6,
    DG_INTERNAL_SESSION = 7,
    DG_INTERNAL_UNANSWERED = 8,
    DG_INTERNAL_PAIR = 9,
    DG_INTERNAL_PAIRED = 10,
    DG_INTERNAL_PRESENCE = 11,
    DG_INTERNAL_ASK = 12,
    DG_INTERNAL_WITHDRAW = 13,
    DG_INTERNAL_APPROVED = 14,
    DG_INTERNAL_DECLINED = 15,
    DG_INTERNAL_APP_STATUS = 16,
    DG_INTERNAL_APP_DOSE = 17,
    DG_INTERNAL_APP_STOP = 18,
    DG_INTERNAL_APP_PAIR = 19,
    DG_INTERNAL_REPLY = 20,
    DG_INTERNAL_EVENT = 21,
    DG_INTERNAL_APP_ORDER = 22,
    DG_INTERNAL_APP_CARRY = 23,
    DG_INTERNAL_PHONES = 24,
    DG_INTERNAL_PROGRESS = 25,
    DG_INTERNAL_APP_ATTEST = 26,
    DG_INTERNAL_NONCE = 27,
    DG_INTERNAL_APP_JOURNAL = 28,
    DG_INTERNAL_JOURNAL = 29,
    DG_INTERNAL_ENROLL = 30,
    DG_INTERNAL_HEALTH = 31,
    DG_INTERNAL_APP_LIMITS = 32,
    DG_INTERNAL_LIMITS = 33,
    DG_INTERNAL_ASK_LIMITS = 34,
    DG_INTERNAL_PERMITTED = 35,
};

#define DG_INTERNAL_TYPES 36U /* array size, index 0 unused */

#define DG_PLAIN_MAX    480U
#define DG_INTERNAL_MAX (1U + 2U + DG_DATAGRAM_MAX)

/* Bytes of varying size travel in containers of one size, zero padded: size
 * on the inner channels tells nothing and is checked exactly. */
struct dg_plain {
    uint16_t size; /* 0 .. DG_PLAIN_MAX */
    uint8_t byte[DG_PLAIN_MAX];
};

struct dg_packet {
    uint16_t size; /* 0 .. DG_DATAGRAM_MAX */
    uint8_t byte[DG_DATAGRAM_MAX];
};

/* What the app wants beside doses; the device decides. */
enum dg_order_verb {
    DG_ORDER_NONE = 0,
    DG_ORDER_PHONES = 1,  /* who is paired             */
    DG_ORDER_REVOKE = 2,  /* the phone in slot         */
    DG_ORDER_TAKE = 3,    /* the lease, or renew it    */
    DG_ORDER_RELEASE = 4, /* it                        */
    DG_ORDER_GIVE = 5,    /* it, to the phone in slot  */
    DG_ORDER_SUSPEND = 6, /* withhold basal for a while */
    DG_ORDER_RESUME = 7,
};

struct dg_order {
    enum dg_order_verb verb;
    uint8_t slot;     /* 0 .. 3 */
    uint32_t seconds; /* SUSPEND: 1 .. DG_SUSPEND_S_ASK_MAX; else 0 */
};

/* One message of a firmware update; nobody on the phone understands it. */
struct dg_carry {
    enum dg_update_verb verb;
    uint32_t offset; /* PART */
    uint16_t size;   /* OFFER, PART: 1 .. DG_UPDATE_CHUNK */
    uint8_t byte[DG_UPDATE_CHUNK];
};

/* The device's list of phones, and how far an update has come. */
struct dg_phones_note {
    uint32_t tag; /* the app's */
    struct dg_roles_entry phone[DG_ROLES_MAX];
};

struct dg_progress_note {
    uint32_t tag; /* the app's */
    enum dg_update_state state;
    enum dg_update_why why;
    uint32_t next;
    uint32_t size;
};

/* What somebody else signed, on its way to the device: an attestation ticket, a
 * head of the platform policy or a profile; size 0: none. */
struct dg_slip {
    bool is_head;  /* APP_ATTEST alone */
    uint16_t size; /* 0 .. DG_ATTEST_TICKET_MAX */
    uint8_t byte[DG_ATTEST_TICKET_MAX];
};

_Static_assert(DG_PRESCRIPTION_MAX == DG_ATTEST_TICKET_MAX,
               "a slip holds both");

/* What the verifier needs: the device, its nonce, and the keys that a ticket
 * is to be about. */
struct dg_nonce_note {
    uint32_t tag; /* the app's */
    struct dg_device_id device;
    struct dg_attest_nonce nonce;
    struct dg_public_key key;
    struct dg_public_key presence;
};

/* Why a request got no answer. */
enum dg_cause {
    DG_CAUSE_NONE = 0,
    DG_CAUSE_NO_ANSWER = 1,   /* sent; nothing came back in time            */
    DG_CAUSE_UNREACHABLE = 2, /* no session could be made; nothing was sent */
    DG_CAUSE_UNPAIRED = 3,    /* there is no device to talk to              */
    DG_CAUSE_SESSION = 4,     /* made for another session: not sent         */
    DG_CAUSE_FAILED = 5,      /* storage or crypto failed: not sent         */
    DG_CAUSE_REFUSED = 6,     /* not a request, or not a pairing code       */
    DG_CAUSE_DECLINED = 7,    /* the person said no                         */
    DG_CAUSE_LAPSED = 8,      /* nobody answered in time                    */
    DG_CAUSE_NO_DISPLAY = 9,  /* nobody is there to be asked                */
};

#define DG_CAUSES 10U

/* What became of what the app asked for. */
enum dg_result {
    DG_RESULT_NONE = 0,
    DG_RESULT_OK = 1,          /* done; see status for how far it came       */
    DG_RESULT_REFUSED = 2,     /* by the device; see reason                  */
    DG_RESULT_DECLINED = 3,    /* by the person                              */
    DG_RESULT_LAPSED = 4,      /* nobody confirmed in time                   */
    DG_RESULT_UNKNOWN = 5,     /* sent, and no word of its outcome yet       */
    DG_RESULT_UNREACHABLE = 6, /* the device does not answer; nothing begun  */
    DG_RESULT_UNPAIRED = 7,
    DG_RESULT_BUSY = 8,        /* too much at once, or a dose is under way   */
    DG_RESULT_EARLIER = 9,     /* not sent: this is the earlier dose's fate  */
    DG_RESULT_FAILED = 10,     /* this phone could not do it                 */
    DG_RESULT_NO_DISPLAY = 11, /* no trusted display to confirm on           */
    DG_RESULT_HELD = 12,       /* the loop decided to give nothing           */
    DG_RESULT_OPEN_LOOP = 13,  /* reading relayed; the loop is off           */
    DG_RESULT_SKIPPED = 14,    /* a newer reading came first                 */
    DG_RESULT_UNFIT = 15,      /* this phone does not trust itself now       */
};

#define DG_RESULTS 16U

enum dg_event {
    DG_EVENT_NONE = 0,
    DG_EVENT_CYCLE = 1, /* one sensor reading was dealt with        */
    DG_EVENT_DOSE = 2,  /* an unknown outcome became known          */
};

#define DG_EVENTS 3U

/* What the supervisor found out about the phone itself, and what follows. */
enum dg_fitness {
    DG_FITNESS_NONE = 0, /* nobody said: as HOLD                           */
    DG_FITNESS_FIT = 1,
    DG_FITNESS_HOLD = 2,   /* no dose without a person                       */
    DG_FITNESS_RETIRE = 3, /* no dose; give the lease back                   */
};

#define DG_FITNESSES 4U

struct dg_health_note {
    enum dg_fitness fitness;
    uint16_t findings;     /* bits of dg_finding (domain/monitor.h)  */
    uint32_t age_s;        /* of the oldest finding                  */
    uint8_t phone_battery; /* percent, 0 .. 100                      */
};

struct dg_pair_order {
    struct dg_plain code; /* as the device shows it: bytes, not hex */
    enum dg_role role;
    uint8_t name_size; /* 1 .. DG_PAIRING_NAME_MAX */
    char name[DG_PAIRING_NAME_MAX];
};

/* A question to the device's journal, and its answer: docs/protocol.md. */
struct dg_journal_order {
    enum dg_journal_verb verb;
    uint32_t first;
    uint8_t skip;
    struct dg_plain head; /* EXPORTED */
};

struct dg_journal_reply {
    uint32_t tag; /* the app's */
    enum dg_journal_verb verb;
    uint32_t first;
    uint32_t total;
    struct dg_plain bytes;
};

/* Rule E9: a profile on its way to the device, and what the device says of its
 * limits.  A wish is not carried. */
struct dg_limits_order {
    enum dg_profile_verb verb; /* SHOW, TAKE or WITHDRAW */
    struct dg_slip profile;    /* TAKE; else empty */
};

struct dg_limits_note {
    uint32_t tag; /* the app's */
    struct dg_device_id device;
    uint32_t counter; /* of the last profile; 0: none */
    enum dg_loosening state;
    uint32_t left_s; /* DELAY */
    struct dg_bounds in_force;
    struct dg_bounds next; /* all zero with NONE */
};

/* What the trusted display shows before a profile that allows more leaves: the
 * very bytes that will leave, and what holds now. */
struct dg_limits_question {
    struct dg_ticket_id ticket; /* names the question */
    uint16_t lapse_s;
    struct dg_bounds in_force;
    struct dg_slip profile;
};

struct dg_reply {
    uint32_t tag; /* the app's */
    enum dg_result result;
    enum dg_reason reason; /* REFUSED */
    dg_dose headroom;      /* REFUSED */
    bool has_ticket;
    struct dg_ticket_id ticket;
    dg_dose asked;
    dg_dose resolved;
    dg_glucagon asked_glucagon; /* one of the two hormones is 0 */
    dg_glucagon resolved_glucagon;
    enum dg_confirmation confirmation;
    uint8_t slot;      /* after pairing */
    enum dg_role role; /* after pairing */
    bool has_status;
    uint32_t status_age_s;
    struct dg_device_status status;
};

struct dg_event_note {
    enum dg_event event;
    uint32_t sequence;  /* CYCLE */
    dg_glucose glucose; /* CYCLE */
    dg_dose decided;    /* CYCLE: asked of the device; DOSE: its amount */
    dg_dose delivered;
    dg_glucagon decided_glucagon; /* DOSE; one of the two hormones is 0 */
    dg_glucagon delivered_glucagon;
    enum dg_result result;
    enum dg_reason reason;
    enum dg_outcome outcome;
    dg_dose iob;
};

struct dg_internal {
    enum dg_internal_type type;
    union {
        struct dg_packet datagram; /* DATAGRAM_OUT, DATAGRAM_IN */
        struct dg_plain frame;     /* FRAME_IN, FRAME           */
        struct {
            struct dg_session_id session; /* all zero: any, a status only */
            struct dg_plain plain;
        } message; /* REQUEST, ANSWER */
        struct {
            struct dg_device_id device;
            struct dg_session_id id;
            struct dg_public_key key; /* this phone's, for the device */
        } session;
        enum dg_cause unanswered;
        struct dg_pair_order pair; /* PAIR */
        struct {
            enum dg_cause cause; /* NONE: paired */
            struct dg_pairing_answer answer;
        } paired;
        struct dg_public_key presence; /* PRESENCE, ENROLL */
        struct {
            struct dg_approval approval;
            bool button; /* the device will want its own button, too */
            uint16_t lapse_s;
        } ask;
        struct dg_limits_question limits_question; /* ASK_LIMITS */
        struct dg_ticket_id permitted;
        struct dg_ticket_id withdraw;
        struct {
            struct dg_ticket_id ticket;
            struct dg_signature signature;
        } approved;
        struct {
            struct dg_ticket_id ticket;
            enum dg_cause cause;
        } declined;
        struct {
            uint32_t tag;
            struct dg_effect effect;   /* APP_DOSE  */
            bool again;                /* APP_DOSE  */
            struct dg_pair_order pair; /* APP_PAIR  */
            struct dg_order order;     /* APP_ORDER */
            struct dg_carry carry;     /* APP_CARRY */
            struct dg_slip ticket;     /* APP_ATTEST */
            struct dg_journal_order journal;
            struct dg_limits_order limits; /* APP_LIMITS */
        } app;
        struct dg_limits_note limits;
        struct dg_nonce_note nonce;
        struct dg_health_note health;
        struct dg_reply reply;
        struct dg_event_note event;
        struct dg_phones_note phones;
        struct dg_progress_note progress;
        struct dg_journal_reply journal;
    } as;
};

/**
 * Write one message: type byte and body.
 *
 * @retval DG_OK          @p bytes is inside @p room.
 * @retval DG_E_USAGE     A NULL, or no such type.
 * @retval DG_E_RANGE     A field is out of range.
 * @retval DG_E_NO_SPACE  @p room is smaller than the message.
 */
DG_NODISCARD enum dg_status dg_internal_encode(
    const struct dg_internal *message, dg_buf room, dg_span *bytes);

/**
 * Read one message; @p message is cleared unless DG_OK.
 *
 * @retval DG_OK      Read whole; every field is in range.
 * @retval DG_E_USAGE A NULL.
 * @retval DG_E_PEER  Not what our own code would have sent.
 */
DG_NODISCARD enum dg_status dg_internal_decode(dg_span bytes,
                                               struct dg_internal *message);

#endif
