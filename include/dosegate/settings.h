/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SETTINGS_H
#define DG_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/authority.h"
#include "dosegate/bounds.h"
#include "dosegate/crypto.h"
#include "dosegate/flash.h"
#include "dosegate/glucose.h"
#include "dosegate/limits.h"
#include "dosegate/pairing.h"
#include "dosegate/policy.h"
#include "dosegate/status.h"

/* What the device knows for good: who it is, whose it is, who may speak.
 * Two sectors, A and B, written in turn, each with generation and CRC-32: a
 * cut leaves the older one. */
#define DG_CONTROLLERS 4U

/* Rises whenever the bytes of the settings or of a ledger change. */
#define DG_SETTINGS_LAYOUT 8U

struct dg_enrolled {
    bool is_used;
    enum dg_role role;
    enum dg_method method; /* how key proves itself, and not otherwise */
    struct dg_public_key key;
    struct dg_public_key presence;
    struct dg_secret knock_key;
    uint32_t knock_counter; /* last one accepted */
    uint8_t name_size;
    char name[DG_PAIRING_NAME_MAX];
};

/* Wrong tries at pairing, across windows, presses and resets
 * (docs/adr/0016-pairing-by-code.md). */
struct dg_pairing_lock {
    uint8_t tries;    /* begun since the last phone that came in, 0 .. 5 */
    uint8_t locks;    /* how often they ran out, 0 .. 3                  */
    dg_seconds until; /* with 5 tries: no window before it               */
};

/* Whose word counts, from manufacture.  The verifier's key comes with the
 * policy head; version 0 is no policy, and no ticket is believed. */
struct dg_trust {
    struct dg_public_key policy_key;     /* of the maker                  */
    struct dg_public_key prescriber_key; /* of who prescribes the limits  */
    struct dg_policy policy;
    dg_seconds policy_at; /* when the device took it */
};

/* What the prescriber's last profile left behind; the limits in force are those
 * of the therapy (rule E9). */
struct dg_prescribed {
    uint32_t counter;       /* of that profile; 0: none was ever taken */
    struct dg_bounds outer; /* what it allows at most                  */
    bool is_loosening;      /* a person at the device agreed that `next`
                               replaces the limits in force, after the delay */
    struct dg_bounds next;  /* nowhere looser than outer               */
};

struct dg_settings {
    uint32_t generation;
    bool has_unread; /* the other copy could not be read, and may be newer:
                        not on flash, of this load alone */
    struct dg_device_id device;
    struct dg_secret private_key;
    struct dg_public_key public_key;
    struct dg_secret sign_private;    /* for DG_METHOD_SIGN; all zero: the  */
    struct dg_public_key sign_public; /* device has none, and refuses it */
    struct dg_secret journal_key;     /* signs heads, and nothing else */
    struct dg_public_key journal_public;
    struct dg_secret sensor_key;
    dg_seconds sensor_start;   /* device clock at enrolment of the sensor */
    uint32_t sensor_warm_s;    /* its younger readings do not count, 0 ..
                                  DG_GLUCOSE_WARM_S_MAX; 0: it is silent then */
    uint8_t sensor_untimed;    /* 1: our clock was lost since it began, and how
                                  old its readings are is not known; else 0 */
    uint32_t reservoir_pulses; /* in the reservoir when moved was start  */
    uint32_t reservoir_start;  /* actuator steps at the last fill        */
    uint32_t glucagon_steps;   /* in the chamber when its count was start */
    uint32_t glucagon_start;
    struct dg_therapy therapy;
    struct dg_prescribed prescribed;
    struct dg_pairing_lock lock;
    struct dg_trust trust;
    struct dg_enrolled controller[DG_CONTROLLERS];
};

/**
 * Read the newer sound copy.
 *
 * A copy that cannot be read does not spoil the other one, but neither is it
 * written over when it can be read again: it may be the newer.
 *
 * @retval DG_OK         @p settings is filled.
 * @retval DG_E_USAGE    A NULL.
 * @retval DG_E_CORRUPT  Neither copy is sound: not our flash, or damaged.
 * @retval DG_E_PORT     Flash failed.
 */
DG_NODISCARD enum dg_status dg_settings_load(const struct dg_flash *flash,
                                             struct dg_settings *settings);

/* The number of a copy ends at 2^32; this long before it none is written. */
#define DG_SETTINGS_GENERATION_MAX (UINT32_MAX - 0x10000U)

/**
 * Write the settings beside the copy that is in force.
 *
 * @param[in,out] settings  generation rises by one on success.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_RANGE (a field out of range), DG_E_STATE
 *         (generation above DG_SETTINGS_GENERATION_MAX), DG_E_PORT (the older
 *         copy is untouched; or what could not be read at load can be read now
 *         and is newer: load again, at the reset).
 */
DG_NODISCARD enum dg_status dg_settings_save(const struct dg_flash *flash,
                                             struct dg_settings *settings);

#endif
