/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ENERGY_H
#define DG_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/message.h"
#include "dosegate/quantity.h"
#include "dosegate/settings.h"

/* What the battery may spend on talking, and on whom.
 *
 * Charges in nAh.  A model, for comparing one day with another, not a data
 * sheet: P-256 from 0.9 M cycles at 64 MHz and 5 mA (facts: channel.md, 14),
 * radio from 1 ms at 6 mA a packet, hash and cipher from their share of a
 * millisecond, idle from 10 uA.  Receiving is part of idle: the radio listens
 * at its own rhythm, whoever sends. */
#define DG_CHARGE_P256_NAH       20U
#define DG_CHARGE_PACKET_NAH     2U
#define DG_CHARGE_HASH_NAH       1U
#define DG_CHARGE_IDLE_NAH_PER_H 10000U
#define DG_CHARGE_PULSE_NAH      100U
#define DG_CHARGE_FULL_NAH       200000000ULL /* 200 mAh */

/* What the device counts for its own work, never less than the model says
 * (tests/unit/test_energy_device.c measures). */
#define DG_ENERGY_HANDSHAKE_NAH 160U /* knock to message_4, both answers */
#define DG_ENERGY_RECORD_NAH    6U   /* open, seal, answer               */
#define DG_ENERGY_DEAREST_NAH \
    120U /* a request with public-key work and
                                        flash, or one that has no row */

/* Buckets: most that they hold, nAh, and what flows in, nAh an hour.  Together
 * with 64 forged messages for each handshake that a phone can pay, they bound
 * what a day of hostile traffic costs to 1.9 % of the battery
 * (docs/adr/0023). */
#define DG_ENERGY_BUDGET_NAH   100000U /* work for one paired phone */
#define DG_ENERGY_BUDGET_PER_H 10000U
#define DG_ENERGY_KNOCK_NAH    1024U /* hashes of knocks that name it */
#define DG_ENERGY_KNOCK_PER_H  7200U
#define DG_ENERGY_SHARED_NAH   4096U /* more of those, for all slots */
#define DG_ENERGY_SHARED_PER_H 14400U
#define DG_ENERGY_FAR_NAH      256U /* counters far from the last one */
#define DG_ENERGY_FAR_PER_H    7200U
#define DG_ENERGY_FORGED_NAH   2048U /* records of one session that lie */
#define DG_ENERGY_FORGED_PER_H 7200U

/* Below the reserve: three handshakes for each paired phone, of its own, and
 * seventy records; strangers have the buckets above, but so small. */
#define DG_ENERGY_RESCUE_NAH   480U
#define DG_ENERGY_RESCUE_PER_H 300U
#define DG_ENERGY_SPARSE_NAH   64U
#define DG_ENERGY_SPARSE_PER_H 60U

/* A phone is never this many knocks ahead without a stranger's help. */
#define DG_ENERGY_NEAR 4096U

/* Below this the battery is for basal and alarms. */
#define DG_ENERGY_RESERVE_PERCENT 5U

/* Back-off of a phone that lives beyond its budget: 2 s, doubling, at most as
 * long as a heartbeat. */
#define DG_ENERGY_BACKOFF_S_MAX 900U

/* A flood is told when it lasts, and for as long after it. */
#define DG_ENERGY_FLOOD_S  60U
#define DG_ENERGY_FLOODS_S 600U

/* A bucket that fills with time.  Over any span of s seconds it gives at most
 * what it holds and the inflow of s seconds: what is less than one unit of
 * charge is kept, not rounded up. */
struct dg_bucket {
    uint32_t nAh;
    uint32_t rest; /* of the inflow, in 1/3600 nAh: 0 .. 3599 */
    dg_seconds at;
};

/* How many of those who knock are listened to: one in 2^thin, by how many
 * there were in the second before. */
struct dg_meter {
    struct dg_bucket bucket;
    dg_seconds second;
    uint32_t count;
    uint8_t thin;
};

struct dg_energy_slot {
    struct dg_bucket budget;
    struct dg_bucket rescue; /* instead of it, below the reserve */
    struct dg_meter knocks;
    struct dg_meter forged;
    uint8_t strikes;
    dg_seconds until; /* of the back-off */
};

struct dg_energy {
    struct dg_energy_slot slot[DG_CONTROLLERS];
    struct dg_meter far;
    struct dg_bucket shared;
    bool in_reserve;
    bool is_flood; /* some were not heard, of late */
    dg_seconds flood_since;
    dg_seconds flood_at; /* last time */
    uint32_t dice;       /* never 0 */
};

/** Power on: all buckets are full, nobody is backed off.
 * @param seed  From the random port. */
void dg_energy_start(struct dg_energy *energy, dg_seconds now, uint32_t seed);

/** The phone of @p slot is gone: who gets its place begins with a budget of its
 * own.  What strangers may spend there is not theirs, and stays. */
void dg_energy_forget(struct dg_energy *energy, dg_seconds now, unsigned slot);

/** Time passes; the battery stands at @p percent. */
void dg_energy_pass(struct dg_energy *energy, dg_seconds now, uint8_t percent);

/** May the one hash be spent that tells a stranger from a phone?  When more
 * knock than the battery bears, chance decides who is heard: nobody can time
 * his knocks so that he alone is.
 * @param is_near  The counter is at most DG_ENERGY_NEAR above the last. */
bool dg_energy_may_listen(struct dg_energy *energy,
                          dg_seconds now,
                          unsigned slot,
                          bool is_near);

/** The knock was authentic: give the hash back, and say whether its phone may
 * have a handshake, which is then paid. */
bool dg_energy_may_connect(struct dg_energy *energy,
                           dg_seconds now,
                           unsigned slot);

/** May a record of this session be opened? */
bool dg_energy_may_open(struct dg_energy *energy,
                        dg_seconds now,
                        unsigned slot);

/** It did not hold. */
void dg_energy_forged(struct dg_energy *energy, unsigned slot);

/** It did: pay for it and for what it asks.  False: refuse with reason 27; only
 * what protects goes on.
 * @param request  NULL: it was no request. */
bool dg_energy_pay(struct dg_energy *energy,
                   unsigned slot,
                   const struct dg_request *request);

/** A person at the device pressed: whoever is backed off may try again. */
void dg_energy_press(struct dg_energy *energy, dg_seconds now);

/** 1 + slot of the phone that lives beyond its budget, 0: none. */
uint8_t dg_energy_drainer(const struct dg_energy *energy);

/** Strangers have sent so much for a minute that not all were heard. */
bool dg_energy_is_flooded(const struct dg_energy *energy, dg_seconds now);

#endif
