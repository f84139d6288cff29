/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EFFECT_H
#define DG_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/cbor.h"
#include "dosegate/quantity.h"

/* What a command would do to a person.  Zero is no effect. */
enum dg_effect_kind {
    DG_EFFECT_NONE = 0,
    DG_EFFECT_BOLUS = 1,
    DG_EFFECT_BASAL = 2,    /* temporary basal: raised or lowered for a while */
    DG_EFFECT_PRIME = 3,    /* fill the tube, while the set is off the body   */
    DG_EFFECT_GLUCAGON = 4, /* a micro-dose; rescue has no message */
    DG_EFFECT_SETTINGS = 5, /* approved, and pressed at the device      */
};

enum dg_bolus_form {
    DG_FORM_NONE = 0,
    DG_FORM_NORMAL = 1,   /* all at once, at the speed of the actuator */
    DG_FORM_EXTENDED = 2, /* evenly over its duration                */
};

enum dg_setting {
    DG_SETTING_NONE = 0,
    DG_SETTING_REFILL = 1, /* so much is in the reservoir now              */
    DG_SETTING_SENSOR = 2, /* the sensor that was held to the device       */
    DG_SETTING_BASAL = 3,  /* the rate of some hours of the schedule       */
    DG_SETTING_LIMITS = 4, /* looser limits (E9): announced, never proposed;
                              the amount is the daily dose that would hold  */
};

struct dg_effect {
    enum dg_effect_kind kind;
    enum dg_bolus_form form;
    dg_dose amount;          /* BOLUS, PRIME, REFILL: 1 .. DG_EFFECT_MU_MAX;
                             resolved: whole pulses */
    dg_glucagon glucagon;    /* GLUCAGON only: 1 .. DG_EFFECT_UG_MAX; resolved:
                             whole steps */
    dg_seconds duration;     /* EXTENDED and temporary BASAL */
    dg_rate rate;            /* temporary BASAL, setting BASAL: 0 ..
                             DG_EFFECT_MU_PER_H_MAX */
    enum dg_setting setting; /* SETTINGS only */
    uint8_t hour;            /* setting BASAL: first hour, 0 .. 23 */
    uint8_t hours;           /* ... and how many, 1 .. 24 - hour   */
};

/* Shortest and longest extended bolus: below half an hour it is one at once,
 * and eight hours is the longest in common use (facts: pumps.md). */
#define DG_EXTENDED_S_MIN 1800U
#define DG_EXTENDED_S_MAX 28800U

/* What the encoding carries of a temporary basal; E5 and E6 decide below. */
#define DG_TEMPORARY_S_MIN     60U
#define DG_TEMPORARY_S_MAX     86400U
#define DG_EFFECT_MU_PER_H_MAX 30000

/* The largest number that the encoding carries; the envelope decides far
 * below.  A t:slim cartridge holds 300 U, the largest in common use. */
#define DG_EFFECT_MU_MAX 300000

/* The same of glucagon.  1 mg is a whole rescue dose and the most for a day
 * that dual-hormone studies recommend (doi 10.1177/1932296819879093). */
#define DG_EFFECT_UG_MAX 1000

/* Who approved a dose.  Tiers nest: a dose counts against its own tier's
 * windows and against all wider ones. */
enum dg_tier {
    DG_TIER_NONE = 0,
    DG_TIER_AUTOMATIC = 1, /* the controller alone           */
    DG_TIER_CONFIRMED = 2, /* a person at the phone          */
    DG_TIER_PRESENT = 3,   /* a person at the device         */
};

#define DG_TIERS 4U /* array size, index 0 unused */

/* How far a bolus came. */
enum dg_outcome {
    DG_OUTCOME_NONE = 0,
    DG_OUTCOME_WAITING = 1,    /* accepted; the device waits for its button */
    DG_OUTCOME_DELIVERING = 2, /* pulses are going out                      */
    DG_OUTCOME_DELIVERED = 3,  /* all of it                                 */
    DG_OUTCOME_STOPPED = 4,    /* ended early by a person or a controller   */
    DG_OUTCOME_UNCERTAIN = 5,  /* power was lost: counted as delivered      */
    DG_OUTCOME_LAPSED = 6,     /* nobody pressed the button: nothing went   */
};

#define DG_TICKET_SIZE 8U

struct dg_ticket_id {
    uint8_t byte[DG_TICKET_SIZE];
};

/** The hormone that an effect would give; NONE for an unknown kind.  Everything
 * that asks for a limit, a ledger or an actuator asks here first. */
/*@ assigns \nothing; */
enum dg_hormone dg_effect_hormone(const struct dg_effect *effect);

/** Is this an effect the device knows, with an amount in range? */
bool dg_effect_is_sound(const struct dg_effect *effect);

/** Bring the amount down to whole pulses: what the device would really do. */
struct dg_effect dg_effect_resolve(const struct dg_effect *effect);

/** Write a map with the keys of its kind, and no other: 0 kind, 1 amount mU, 2
 * form, 3 seconds, 4 mU/h, 5 setting, 6 first hour, 7 hours; of glucagon 8
 * amount ug and 9 hormone: neither amount can be read as the other. */
void dg_effect_write(struct dg_cbor_writer *writer,
                     const struct dg_effect *effect);

/** Read the same; anything else makes the reader fail. */
struct dg_effect dg_effect_read(struct dg_cbor_reader *reader);

#endif
