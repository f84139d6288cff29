/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_RIG_H
#define DG_TEST_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/controller.h"
#include "dosegate/device.h"
#include "dosegate/prescription.h"
#include "dosegate/sensor.h"

/* A device on a bench, and the phones around it: flash in RAM with the rules
 * of NOR, an actuator and a clock that outlive a reset, real cryptography.
 * Everything lies in one struct without outside state, so a test saves and
 * restores a moment of it by assignment. */
#define RIG_PHONES        4U
#define RIG_SECTOR        4096U
#define RIG_SECTORS       DG_FLASH_SECTORS_MIN
#define RIG_MOVES         16384U
#define RIG_CHAMBER       3000U /* steps of glucagon at manufacture, where any */
#define RIG_CHAMBER_MOVES 4096U
#define RIG_START         100000U /* first boot, seconds of the device's clock */

/* How far the operation came in which the power went. */
enum rig_cut {
    RIG_CUT_NOTHING = 0,
    RIG_CUT_HALF,
    RIG_CUT_ALL,
};

#define RIG_CUTS 3U

struct rig_flash {
    struct dg_flash port;
    uint32_t operations; /* programs and erases so far              */
    uint32_t cut_in;     /* 1: at the next operation, 0: never      */
    enum rig_cut cut;
    bool is_dead;        /* the power is gone until rig_reboot()    */
    bool fails;          /* programs and erases fail, power is there */
    uint32_t worn_first; /* so do those of sectors worn_first .. */
    uint32_t worn_end;   /* worn_end - 1                         */
    uint8_t bytes[RIG_SECTOR * RIG_SECTORS];
};

struct rig_phone {
    struct dg_phone phone;
    struct dg_controller controller;
    struct dg_secret presence;
    struct dg_public_key presence_key;
    enum dg_role role;       /* as the device granted it */
    struct dg_answer answer; /* the last one             */
    struct dg_answer ticket; /* the last ticket          */
};

struct rig {
    struct dg_crypto crypto; /* counts */
    unsigned p256;           /* public-key operations so far */
    unsigned hashes;
    struct rig_flash flash;
    struct dg_actuator actuator;
    struct dg_reservoir reservoir;
    struct dg_annunciator annunciator;
    struct dg_power power;
    struct dg_device_ports ports;
    struct dg_device device;
    struct dg_settings settings; /* as at manufacture */
    uint32_t clock_s;
    uint32_t moved;           /* actuator steps since manufacture */
    uint32_t move[RIG_MOVES]; /* when each of them was, clock     */
    bool is_blocked;
    struct dg_ledger chamber_ledger;
    struct dg_glucagon_actuator chamber; /* ports point to it where the therapy
                                            has glucagon */
    uint32_t chamber_moved;
    uint32_t chamber_move[RIG_CHAMBER_MOVES]; /* when each of them was, clock */
    bool is_chamber_blocked;
    int32_t announced_ug;
    uint16_t alarms;
    struct dg_notice notice; /* the last one */
    int32_t announced_mU;
    struct dg_effect announced_change; /* NONE: nothing of that kind waits */
    uint32_t filled;    /* the reservoir held so much ...            */
    uint32_t filled_at; /* ... when the mechanism stood here      */
    int32_t leaked;     /* and this has gone by itself            */
    bool is_reservoir_blind;
    uint8_t battery_percent;
    uint32_t sensor_sequence;
    struct dg_secret verifier;   /* signs attestation tickets  */
    struct dg_secret maker;      /* signs platform policies    */
    struct dg_secret prescriber; /* signs profiles             */
    uint32_t serial;             /* of the last ticket         */
    bool shows_nothing;          /* phones do not attest by themselves */
    struct rig_phone phone[RIG_PHONES];
    uint8_t device_room[DG_DATAGRAM_MAX];
    uint8_t phone_room[DG_DATAGRAM_MAX];
};

/* Every request that there is; numbers between them are nobody's. */
#define RIG_REQUESTS 16U
extern const enum dg_request_kind rig_requests[RIG_REQUESTS];

/* An adult of 50 U a day on package MEDIUM, the same basal all day. */
struct dg_therapy rig_therapy(int32_t basal_mU_per_h);

/** NOR flash in RAM, erased. */
void rig_flash_init(struct rig_flash *flash);

/** How many programs and erases it takes to save @p settings there: a copy of
 * @p flash is written to. */
uint32_t rig_flash_saves(const struct rig_flash *flash,
                         const struct dg_settings *settings);

/** A fresh key pair. */
void rig_make_key(const struct rig *rig,
                  struct dg_secret *private_key,
                  struct dg_public_key *public_key);

/** The crypto port of the rig: the real one, with its calls counted; part of
 * rig_init(). */
void rig_init_crypto(struct rig *rig);

/** Manufacture and first boot.  Any failure fails the test. */
void rig_init(struct rig *rig, const struct dg_therapy *therapy);

/** What a reset does: RAM is gone, the clock and the actuator are not. */
enum dg_status rig_try_reboot(struct rig *rig);
void rig_reboot(struct rig *rig);

/** Let @p seconds pass in steps of @p step. */
void rig_wait_in_steps(struct rig *rig, uint32_t seconds, uint32_t step);
void rig_wait(struct rig *rig, uint32_t seconds);

/** Hand a datagram to the device; its answer, {NULL, 0} for silence. */
dg_span rig_deliver(struct rig *rig, dg_span datagram);

/** Press PAIR and pair phone @p who; or without the press, false on silence. */
void rig_pair(struct rig *rig, unsigned who, enum dg_role role);
bool rig_try_pair(struct rig *rig, unsigned who, enum dg_role role);
/** The same of a phone that signs. */
bool rig_try_pair_signer(struct rig *rig, unsigned who, enum dg_role role);

/** Handshake, status, and a ticket unless rig.shows_nothing; true when the
 * session stands and the ticket was taken. */
bool rig_connect(struct rig *rig, unsigned who);

/** Ask; the answer, NULL for silence. */
const struct dg_answer *rig_ask(struct rig *rig,
                                unsigned who,
                                const struct dg_request *request);
const struct dg_answer *rig_greet(struct rig *rig, unsigned who);
const struct dg_answer *rig_lease(struct rig *rig,
                                  unsigned who,
                                  enum dg_lease_verb verb);
const struct dg_answer *rig_stop(struct rig *rig, unsigned who);
const struct dg_answer *rig_suspend(struct rig *rig,
                                    unsigned who,
                                    uint32_t seconds);
const struct dg_answer *rig_resume(struct rig *rig, unsigned who);
/* A reading of the true sensor, measured now. */
const struct dg_answer *rig_glucose(struct rig *rig,
                                    unsigned who,
                                    int32_t mg_dL);
/* As many as the device wants before it trusts one, over ten minutes. */
void rig_settle(struct rig *rig, unsigned who, int32_t mg_dL);
/* A reading that the device trusts, as if it had just come; which ones it does,
 * test_device_glucose shows. */
void rig_believe(struct rig *rig, int32_t mg_dL);
dg_span rig_reading(const struct rig *rig,
                    uint32_t sequence,
                    uint32_t at_s,
                    int32_t mg_dL,
                    dg_buf room);
const struct dg_answer *rig_relay(struct rig *rig, unsigned who, dg_span frame);
const struct dg_answer *rig_propose(struct rig *rig,
                                    unsigned who,
                                    enum dg_tier tier,
                                    int32_t mU);

const struct dg_answer *rig_propose_glucagon(struct rig *rig,
                                             unsigned who,
                                             enum dg_tier tier,
                                             int32_t ug);

const struct dg_answer *rig_propose_effect(struct rig *rig,
                                           unsigned who,
                                           enum dg_tier tier,
                                           const struct dg_effect *effect);

/** Propose and commit at one go; the last answer. */
const struct dg_answer *rig_do(struct rig *rig,
                               unsigned who,
                               enum dg_tier tier,
                               const struct dg_effect *effect);

/** What the person at phone @p who would sign for its last ticket. */
struct dg_approval rig_approval(const struct rig *rig, unsigned who);
struct dg_request rig_signed_commit(const struct rig *rig,
                                    const struct dg_secret *presence,
                                    const struct dg_ticket_id *ticket,
                                    const struct dg_approval *approval);

/** Commit the last ticket, with a person's signature or without. */
const struct dg_answer *rig_commit(struct rig *rig,
                                   unsigned who,
                                   bool is_signed);

/** Propose and commit at one go; true when it was accepted. */
bool rig_dose(struct rig *rig, unsigned who, enum dg_tier tier, int32_t mU);

/** A profile for this pump that says what is in force at manufacture. */
struct dg_prescription rig_prescription(const struct rig *rig,
                                        uint32_t counter);

/** Sign it as the true prescriber. */
dg_span rig_sign(const struct rig *rig,
                 const struct dg_prescription *prescription,
                 dg_buf room);

/** Phone @p who brings the bytes, as they are. */
const struct dg_answer *rig_bring(struct rig *rig,
                                  unsigned who,
                                  dg_span profile);

/** A head of the platform policy in its own bytes: epoch 1, a year. */
dg_span rig_policy(const struct rig *rig, uint32_t version, dg_buf room);

/** What the verifier would find out about an honest phone @p who: all good, at
 * the level of the product's package. */
struct dg_attestation rig_attestation(struct rig *rig,
                                      unsigned who,
                                      const struct dg_attest_nonce *nonce);

/** Hand in a ticket, or with {NULL, 0} only ask for a nonce. */
const struct dg_answer *rig_hand_in(struct rig *rig,
                                    unsigned who,
                                    dg_span ticket);
struct dg_attest_nonce rig_nonce(struct rig *rig, unsigned who);
/** Sign it as the true verifier and hand it in. */
const struct dg_answer *rig_hand_in_of(struct rig *rig,
                                       unsigned who,
                                       const struct dg_attestation *claims);

/** An honest phone shows what it is: nonce, ticket, and the device takes it. */
void rig_attest(struct rig *rig, unsigned who);
bool rig_try_attest(struct rig *rig, unsigned who);

/** As if the controller in @p slot had just handed in a good ticket: for tests
 * that are about something else. */
void rig_vouch(struct rig *rig, unsigned slot);

/** Pair phone 0 as owner, connect, report glucose until it is
 * trusted, take the lease. */
void rig_ready(struct rig *rig, int32_t mg_dL);

/** The most that the actuator moved in any trailing window of @p window_s, mU:
 * with no basal the oracle of T1 and T2. */
int32_t rig_worst_window_mU(const struct rig *rig, uint32_t window_s);

/** A small generator of test values; not for keys. */
uint32_t rig_random(uint64_t *state);

#endif
