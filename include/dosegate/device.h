/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_DEVICE_H
#define DG_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/alarm.h"
#include "dosegate/approval.h"
#include "dosegate/attestation.h"
#include "dosegate/authority.h"
#include "dosegate/crypto.h"
#include "dosegate/edhoc.h"
#include "dosegate/effect.h"
#include "dosegate/energy.h"
#include "dosegate/flash.h"
#include "dosegate/glucagon.h"
#include "dosegate/glucose.h"
#include "dosegate/journal.h"
#include "dosegate/journal_head.h"
#include "dosegate/ledger.h"
#include "dosegate/limits.h"
#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "dosegate/pairing_digits.h"
#include "dosegate/quantity.h"
#include "dosegate/record.h"
#include "dosegate/rekey.h"
#include "dosegate/settings.h"
#include "dosegate/span.h"
#include "dosegate/status.h"
#include "dosegate/update.h"

/* The device: a frame travels one line through it and nothing turns back.
 *
 *   frame -> session -> command -> authority -> envelope -> ledger -> actuator
 *   device_link.c       command.c  authority.c  envelope.c  ledger.c  delivery.c
 *
 * Sans-I/O: the caller brings datagrams, time and presses of the button; the
 * device asks its ports for crypto, flash, actuator and sound. */

struct dg_actuator {
    void *context;
    /* Move one step, DG_PULSE_MU.  DG_E_PORT: it did not move (empty,
     * blocked). */
    enum dg_status (*step)(void *context);
    /* Steps since manufacture, by the mechanism's own encoder; survives any
     * loss of power. */
    uint32_t (*moved)(void *context);
};

/* What is left in the reservoir, by something else than the mechanism's own
 * count: a plunger's position, a weight, a level. */
struct dg_reservoir {
    void *context;
    /* Steps' worth of insulin.  DG_E_PORT: it cannot be read now, and then no
     * dose is given (E10). */
    enum dg_status (*left)(void *context, uint32_t *pulses);
};

/* The glucagon chamber: a type of its own, so that no insulin can be sent
 * there, with its own step and its own encoder. */
struct dg_glucagon_actuator {
    void *context;
    /* Move one step, DG_GLUCAGON_STEP_UG.  DG_E_PORT: it did not move. */
    enum dg_status (*step)(void *context);
    /* Its own steps since manufacture; survives any loss of power. */
    uint32_t (*moved)(void *context);
    /* Memory for what was delivered, for the core alone; a pump without a
     * chamber has no need of it. */
    struct dg_ledger *ledger;
};

struct dg_annunciator {
    void *context;
    /* Sound and show what the notice says; called at least at every tick. */
    void (*alarms)(void *context, const struct dg_notice *notice);
    /* Announce a dose that waits for the button; 0 mU: nothing waits. */
    void (*announce)(void *context, dg_dose amount);
    /* The same of glucagon; may be NULL where there is no chamber. */
    void (*announce_glucagon)(void *context, dg_glucagon amount);
    /* Show a prime or a setting that waits for the button; NULL: nothing. */
    void (*announce_change)(void *context, const struct dg_effect *effect);
};

struct dg_power {
    void *context;
    uint8_t (*battery_percent)(void *context); /* 0 .. 100 */
};

struct dg_device_ports {
    const struct dg_crypto *crypto;
    const struct dg_flash *flash;
    const struct dg_actuator *actuator;
    const struct dg_reservoir *reservoir;
    const struct dg_annunciator *annunciator;
    const struct dg_power *power;
    struct dg_update_port *update; /* NULL: this device cannot be updated */
    const struct dg_glucagon_actuator *glucagon; /* NULL: no chamber */
};

/* A dose that was proposed and may be committed once. */
struct dg_ticket {
    bool is_open;
    uint8_t asked_by; /* slot + 1 of the phone; 0: the device itself */
    struct dg_ticket_id id;
    struct dg_effect effect;
    enum dg_tier tier;
    enum dg_confirmation confirmation;
    dg_seconds expiry;
};

struct dg_session {
    struct dg_edhoc_pending handshake; /* under way; the old session lives */
    dg_seconds begun;                  /* it: by an authentic knock         */
    uint8_t forged;                    /* of it: messages that did not hold */
    uint32_t heard;                    /* counter of the last authentic knock */
    struct dg_record record;
    struct dg_rekey rekey;
    struct dg_session_id id;
    dg_seconds opened;
    bool is_greeted; /* status with a version we know came first */
    struct dg_exhibit phone_battery;
    struct dg_ticket ticket;
};

/* A number kept twice, the second time inverted: no cleared, stray or changed
 * word reads as one. */
struct dg_twice {
    uint32_t value;
    uint32_t inverse;
};

/* What the last door before a mechanism goes by (core/interlock.h). */
struct dg_interlock {
    struct dg_twice approved;
    struct dg_twice pressed;
    struct dg_twice pulses; /* of the open dose that may still move */
};

enum dg_delivery_state {
    DG_DELIVERY_IDLE = 0,
    DG_DELIVERY_WAITING = 1, /* for the button */
    DG_DELIVERY_RUNNING = 2,
};

struct dg_delivery {
    enum dg_delivery_state state;
    struct dg_ticket ticket;
    dg_seconds next; /* pulse, or the end of waiting */
    struct dg_interlock interlock;
};

/* The chamber of glucagon.  Without one all is zero and everything is refused. */
struct dg_glucagon_part {
    bool is_sound; /* there is a chamber, and its ledger is known */
    struct dg_glucagon_limits limits;
    struct dg_ledger *ledger; /* NULL: no chamber */
    struct dg_delivery delivery;
    bool has_run; /* all readings since run_at were below rescue_below */
    dg_seconds run_at;
    bool is_held; /* a person stopped glucagon: no rescue by itself until */
    dg_seconds held_until;
};

struct dg_basal {
    dg_seconds at;      /* accrued up to here                      */
    uint32_t due_mU_s;  /* (mU/h) x s; a pulse at DG_BASAL_PULSE   */
    dg_rate lowered;    /* while the ledger has a pause of less than all */
    uint32_t reminders; /* hours of a person's suspension that were sounded */
};

/* The spread dose of the ledger. */
struct dg_spread {
    bool is_raised;   /* of a raised basal, else an extended bolus */
    uint8_t asked_by; /* slot + 1 */
    struct dg_interlock interlock;
};

/* A sensor that a person held to the device. */
struct dg_sensor_offer {
    bool has;
    dg_seconds at;
    struct dg_secret key;
};

struct dg_lease {
    bool is_held;
    uint8_t slot;   /* of the holder, or of the last one             */
    dg_seconds at;  /* taken or renewed                              */
    dg_seconds end; /* it lapses or was let go: the turns begin here */
    uint8_t waiting;
    uint8_t queue[DG_CONTROLLERS]; /* slots that were refused, in order */
};

/* Which phone the person at the device is about to forget. */
#define DG_FORGET_NOBODY 0U
#define DG_FORGET_ALL    (DG_CONTROLLERS + 1U) /* between them: slot + 1 */

struct dg_forget {
    uint8_t choice;
    dg_seconds until;
};

/* What the device tells a person about pairing; its display shows it. */
enum dg_pairing_note {
    DG_PAIRING_NOTHING = 0,
    DG_PAIRING_OPEN = 1,     /* a code is shown                           */
    DG_PAIRING_DONE = 2,     /* a phone came in                           */
    DG_PAIRING_WRONG = 3,    /* a code was wrong, or somebody else's      */
    DG_PAIRING_NO_PLACE = 4, /* four phones are paired: forget one first  */
    DG_PAIRING_LOCKED = 5,   /* too many wrong tries: wait, then press    */
    DG_PAIRING_OVER = 6,     /* nobody came in time                       */
};

/* The device's end of pairing by digits, for one window. */
struct dg_pairing_verifier {
    bool has_record; /* made at the first share: it costs a second */
    struct dg_spake2plus_record record;
    struct dg_spake2plus_pending pending;
    dg_seconds begun; /* of the attempt that is pending                  */
    uint8_t share_p[DG_SPAKE2PLUS_SHARE_SIZE];
    uint8_t reply[DG_PAIRING_REPLY_DATAGRAM]; /* to it; sent again as it is */
};

struct dg_pairing_window {
    bool is_open;
    dg_seconds until;
    bool is_spent; /* the code has enrolled a phone: only it may repeat */
    uint8_t slot;
    struct dg_pairing_request admitted; /* what enrolled it */
    enum dg_pairing_note note;
    struct dg_pairing_code code;     /* the long one, for QR and NFC */
    struct dg_pairing_digits digits; /* the short one, to be typed   */
    struct dg_pairing_verifier verifier;
};

/* How much one source may still write into the journal. */
struct dg_note_budget {
    uint8_t used;
    uint32_t dropped; /* since its allowance was used up */
    dg_seconds since; /* the last refill                 */
    dg_seconds told;  /* when a count of them was written last */
};

enum dg_note_class {
    DG_NOTE_ALWAYS = 0, /* nobody can repeat it at will              */
    DG_NOTE_MINOR = 1,
    DG_NOTE_CHANGE = 2,
};

#define DG_NOTE_CLASSES 3U
#define DG_NOTE_FRAMES  8U /* types of datagrams told apart; the last: others */

/* Of the doses of one hormone. */
struct dg_note_doses {
    struct dg_ticket_id begun;
    struct dg_ticket_id spread;
    struct dg_ticket_id ended;
};

/* What the journal was told last (core/journal_watch.c). */
struct dg_notes {
    uint8_t who; /* whom the call at hand comes from */
    bool is_fault;
    bool has_lost;
    uint8_t holder; /* of the lease; DG_CONTROLLERS: nobody */
    uint16_t alarms;
    uint32_t generation; /* of the settings */
    uint32_t therapy;
    uint32_t phone[DG_CONTROLLERS];
    struct dg_session_id session[DG_CONTROLLERS];
    struct dg_note_doses insulin;
    struct dg_note_doses glucagon;
    uint32_t paused_s;
    uint32_t update;
    uint8_t drainer;
    struct {
        uint8_t who;
        uint32_t code; /* 0: nothing was refused */
        uint32_t amount;
    } refused;
    uint8_t head[DG_JOURNAL_HEAD_MAX]; /* the last one that was signed */
    uint8_t head_bytes;                /* 0: none since the reset      */
    dg_seconds head_at;
    uint32_t frames[DG_NOTE_FRAMES];
    dg_seconds frames_since;
    struct dg_note_budget budget[DG_JOURNAL_BY_STRANGER + 1U][DG_NOTE_CLASSES];
};

/* Nonces that a ticket may still name; each is good once. */
#define DG_NONCES 2U

struct dg_nonce {
    bool is_open;
    struct dg_attest_nonce value;
    dg_seconds at;
};

/* What the last good ticket of a controller said, and about which keys. */
struct dg_attested {
    bool has;
    uint8_t key_x[DG_P256_SIZE];
    uint8_t presence_x[DG_P256_SIZE];
    dg_seconds at; /* when its nonce was made: evidence is no younger */
    uint32_t life_s;
    uint32_t claims;
    enum dg_package level;
    uint32_t policy;
    uint32_t epoch;
};

/* Of the slot, not of the session: a phone that connects anew keeps what it
 * has shown.  A reset forgets it, and the rung falls until the next ticket. */
struct dg_attest_desk {
    struct dg_nonce nonce[DG_CONTROLLERS][DG_NONCES]; /* newest first */
    struct dg_attested attested[DG_CONTROLLERS];
};

/* A loosening of limits on its way (rule E9).  What a person pressed for is in
 * the settings; how much of the delay is over is not, so that a reset begins it
 * anew. */
struct dg_loosen {
    bool is_waiting;         /* the device asks for the press         */
    uint8_t asked_by;        /* slot + 1 of the phone                 */
    dg_seconds until;        /* of that question                      */
    dg_seconds quiet;        /* no other one before                   */
    dg_seconds at;           /* the delay is counted up to here       */
    uint32_t left_s;         /* of it                                 */
    struct dg_bounds target; /* of the question */
};

struct dg_device {
    const struct dg_device_ports *ports;
    dg_seconds now;
    uint32_t lead_s; /* how far our time is ahead of a clock that fell back */
    uint32_t clock_s;
    uint32_t time_check; /* of the two: one that changed alone is found */
    bool is_fault;       /* safe state: basal goes on, no dose */
    enum dg_fault fault; /* the first reason for it        */
    struct dg_alarm_board board;
    struct dg_energy energy;
    uint32_t moved_seen; /* of the mechanism, when last looked at */
    struct dg_settings settings;
    struct dg_limits limits;
    struct dg_ledger ledger;
    struct dg_journal journal;
    struct dg_notes notes;
    struct dg_session session[DG_CONTROLLERS];
    struct dg_delivery delivery;
    struct dg_glucagon_part glucagon;
    struct dg_basal basal;
    struct dg_spread spread;
    struct dg_sensor_offer offer;
    bool is_detached;        /* a person said that the set is off the body */
    uint32_t primed_pulses;  /* asked for since then                       */
    dg_seconds reservoir_at; /* last look at the reservoir                 */
    struct dg_lease lease;
    struct dg_glucose_state glucose;
    struct dg_pairing_window pairing;
    struct dg_forget forget;
    struct dg_attest_desk desk;
    struct dg_loosen loosen;
    dg_seconds heard; /* last authentic frame of the lease holder */
    struct dg_update update;
};

#define DG_TICKET_LIFE_S     60U  /* ticket (<= 60 s)               */
#define DG_BUTTON_WAIT_S     120U /* to reach for the device        */
#define DG_PAIRING_WINDOW_S  120U
#define DG_PAIRING_ATTEMPT_S 10U /* one at a time, for so long      */
#define DG_PULSE_INTERVAL_S  2U  /* 1.5 U/min, as common pumps      */
#define DG_BASAL_PULSE       ((uint32_t)DG_PULSE_MU * 3600U)
#define DG_SESSION_LIFE_S    86400U /* at least daily rekeying              */
#define DG_HANDSHAKE_LIFE_S  60U    /* from knock to message_3              */
#define DG_LEASE_LIFE_S      1800U  /* lease (<= 30 min)               */
#define DG_LEASE_TURN_S      60U    /* of each who waits, to ask again    */
#define DG_FORGET_WAIT_S     30U    /* from choosing a phone to holding */
#define DG_NONCE_LIFE_S      900U   /* to fetch a ticket                    */
#define DG_LOOSEN_QUIET_S    3600U  /* between two questions about limits  */
#define DG_LOOSEN_STEP_S     60U    /* of the delay, at one look at the clock */

/* From the press to looser limits: no trailing window of E2 that is longer, and
 * a person who sleeps wakes in it (docs/adr/0019-profile-and-loosening.md). */
#define DG_LOOSEN_DELAY_S 86400U
#define DG_HEARTBEAT_S    900U  /* hb (<= 15 min)                  */
#define DG_GAP_S_MAX      3600U /* beyond it nobody was running us */

enum dg_button {
    DG_BUTTON_NONE = 0,
    DG_BUTTON_CONFIRM = 1, /* yes to the dose that was announced */
    DG_BUTTON_STOP = 2,    /* end any bolus, now                 */
    DG_BUTTON_PAIR = 3,    /* open the pairing window            */
    DG_BUTTON_SILENCE = 4, /* a person heard the alarm           */
    /* A lost phone: each press shows the next one that is paired, then all of
     * them, then nobody; held within 30 s it forgets what is shown. */
    DG_BUTTON_FORGET = 8,
    DG_BUTTON_FORGET_HOLD = 9,
    DG_BUTTON_RESCUE = 11, /* announce a rescue dose of glucagon; CONFIRM
                              within 30 s gives it               */
    DG_BUTTON_SUSPEND = 5, /* end any dose, withhold basal until resumed */
    DG_BUTTON_RESUME = 6,  /* basal by its schedule, now; the set is on */
    DG_BUTTON_DETACH = 7,  /* the set is off the body: as SUSPEND, and a prime
                              or a refill may follow             */
    DG_BUTTON_BOLUS = 10,  /* announce a small bolus without any phone; CONFIRM
                              within 120 s gives it              */
};

#define DG_BUTTONS 12U

/**
 * Power on.
 *
 * Where the settings have a sound copy the device runs.  A ledger that cannot
 * be opened puts it into the safe state: scheduled basal from those settings,
 * an alarm, the fault in the status, no dose, and nothing is written to the
 * ledger.  Out of it leads provisioning anew, and nothing else.
 *
 * @param[out] device  Filled; @p ports must outlive it.
 * @param      clock   The hardware clock, seconds; may have fallen back.
 *
 * @retval DG_OK         Running; see is_fault.
 * @retval DG_E_USAGE    A NULL, no reservoir port, or a flash smaller than
 *                       dosegate/flash.h asks.
 * @retval DG_E_CORRUPT  No sound settings: not our flash, or damaged.  Do not
 *                       run, do not repair.
 * @retval DG_E_PORT     Flash failed, and no settings could be read.
 */
DG_NODISCARD enum dg_status dg_device_boot(struct dg_device *device,
                                           const struct dg_device_ports *ports,
                                           dg_seconds clock);

/** Let time pass: pulses that are due go out.  Call at least every second;
 * after a gap of more than DG_GAP_S_MAX what was missed is not made up, and a
 * dose that was under way ends. */
void dg_device_tick(struct dg_device *device, dg_seconds clock);

/**
 * Take one datagram from the link, whoever sent it.
 *
 * @param      room    At least 1024 bytes, and none of @p datagram's.
 * @param[out] answer  The datagram to send back, {NULL, 0} for silence.
 *
 * @retval DG_OK       Whatever came; hostile bytes give silence.
 * @retval DG_E_USAGE  A NULL, or @p room too small.
 */
DG_NODISCARD enum dg_status dg_device_receive(struct dg_device *device,
                                              dg_seconds clock,
                                              dg_span datagram,
                                              dg_buf room,
                                              dg_span *answer);

/**
 * A person pressed the button.
 *
 * @retval DG_OK       Done.
 * @retval DG_E_USAGE  A NULL, or no such button.
 * @retval DG_E_STATE  Nothing to do (no dose waits, no bolus runs).
 * @retval DG_E_PORT   A port failed.
 */
DG_NODISCARD enum dg_status dg_device_press(struct dg_device *device,
                                            dg_seconds clock,
                                            enum dg_button button);

/**
 * A person held a new sensor to the device: its key, by a way that no phone has
 * a part in.  It counts once a setting of kind SENSOR was approved and pressed.
 *
 * @retval DG_OK       It waits for five minutes.
 * @retval DG_E_USAGE  A NULL.
 */
DG_NODISCARD enum dg_status dg_device_offer_sensor(struct dg_device *device,
                                                   dg_seconds clock,
                                                   const struct dg_secret *key);

/** Status as any answer would carry it to the controller in @p slot. */
void dg_device_status(const struct dg_device *device,
                      unsigned slot,
                      struct dg_device_status *status);

#endif
