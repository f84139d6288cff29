/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_AUTHORITY_H
#define DG_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/limits.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"

/* The ladder.  Zero allows nothing. */
enum dg_rung {
    DG_RUNG_NONE = 0,
    DG_RUNG_OBSERVE = 1,
    DG_RUNG_PROTECT = 2,
    DG_RUNG_DOSE_BUTTON = 3, /* doses, each with the device's own button */
    DG_RUNG_DOSE = 4,        /* doses that a person confirms at the phone */
    DG_RUNG_AUTOMATE = 5,    /* doses of the controller alone            */
};

#define DG_RUNGS 6U

/* Each is one bit of the "missing" field in the status. */
enum dg_evidence {
    DG_EVIDENCE_KEY = 0,            /* paired, unrevoked, session open      */
    DG_EVIDENCE_ROLE = 1,           /* the role may do this                 */
    DG_EVIDENCE_LEASE = 2,          /* holds the control lease              */
    DG_EVIDENCE_PRESENCE_KEY = 3,   /* enrolled a presence key              */
    DG_EVIDENCE_APP = 4,            /* app measurement known good           */
    DG_EVIDENCE_PLATFORM = 5,       /* platform in the signed policy        */
    DG_EVIDENCE_ATTESTATION = 6,    /* ticket at the level asked            */
    DG_EVIDENCE_GLUCOSE = 7,        /* trusted glucose                      */
    DG_EVIDENCE_DEVICE_BATTERY = 8, /* above reserve                        */
    DG_EVIDENCE_PHONE_BATTERY = 9,  /* above reserve, as the phone reports  */
    DG_EVIDENCE_QUALIFIED = 10,     /* no requalification pending           */
};

#define DG_EVIDENCES 11U

enum dg_role {
    DG_ROLE_NONE = 0,
    DG_ROLE_OWNER = 1,
    DG_ROLE_CAREGIVER = 2,
    DG_ROLE_OBSERVER = 3,
};

/* One piece of evidence: whether it is there, and since when it is true. */
struct dg_exhibit {
    bool held;
    dg_seconds at;
};

struct dg_evidence_set {
    enum dg_package package; /* how much the product asks of a phone */
    enum dg_role role;
    struct dg_exhibit exhibit[DG_EVIDENCES]; /* ROLE is derived from role */
};

struct dg_authority {
    enum dg_rung rung; /* the highest rung whose every cell is met     */
    uint16_t missing;  /* bits of dg_evidence that the next rung lacks */
};

/**
 * Work out the rung from the evidence.  One table, in core/authority.c.
 *
 * A rung is held only if all below it are; an exhibit from the future counts
 * as absent, and an unknown package or role holds nothing that asks for one.
 *
 * @retval DG_OK       @p authority is filled.
 * @retval DG_E_USAGE  A NULL; @p authority, if given, is {NONE, all missing}.
 */
DG_NODISCARD enum dg_status dg_authority_decide(
    const struct dg_evidence_set *evidence,
    dg_seconds now,
    struct dg_authority *authority);

/** The rung that a dose of this tier needs; NONE for an unknown tier, and the
 * caller refuses NONE. */
enum dg_rung dg_authority_rung_for(enum dg_tier tier);

#endif
