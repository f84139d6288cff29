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

/* What each rung asks, in the words of SAFETY.md and apart from the table, and
 * for how many seconds; make prove shows that no cell of the table asks less
 * (FDP_ACC.1). */
/*@ logic integer dg_authority_ticket_s(integer package) =
  @   package == DG_PACKAGE_LOW ? 3600 :
  @   package == DG_PACKAGE_MEDIUM ? 14400 : 86400;
  @
  @ predicate dg_authority_shown{L}(struct dg_evidence_set *all,
  @                                 integer which, dg_seconds now,
  @                                 integer age_s) =
  @   all->exhibit[which].held && all->exhibit[which].at.s <= now.s &&
  @   now.s - all->exhibit[which].at.s <= age_s;
  @
  @ predicate dg_authority_role(integer role, integer rung) =
  @   rung == DG_RUNG_NONE ? 0 <= role <= DG_ROLE_OBSERVER :
  @   rung == DG_RUNG_OBSERVE ? DG_ROLE_OWNER <= role <= DG_ROLE_OBSERVER :
  @   rung <= DG_RUNG_DOSE ?
  @     role == DG_ROLE_OWNER || role == DG_ROLE_CAREGIVER :
  @     rung == DG_RUNG_AUTOMATE && role == DG_ROLE_OWNER;
  @
  @ predicate dg_authority_met{L}(struct dg_evidence_set *all, integer rung,
  @                               integer which, dg_seconds now) =
  @   DG_PACKAGE_LOW <= all->package <= DG_PACKAGE_HIGH &&
  @   (which == DG_EVIDENCE_KEY ==>
  @     dg_authority_shown(all, which, now, 86400)) &&
  @   (which == DG_EVIDENCE_ROLE && rung >= DG_RUNG_PROTECT ==>
  @     dg_authority_role(all->role, rung)) &&
  @   (which == DG_EVIDENCE_LEASE && rung >= DG_RUNG_DOSE_BUTTON ==>
  @     dg_authority_shown(all, which, now, 1800)) &&
  @   ((which == DG_EVIDENCE_PRESENCE_KEY ||
  @     which == DG_EVIDENCE_DEVICE_BATTERY) && rung >= DG_RUNG_DOSE_BUTTON ==>
  @     dg_authority_shown(all, which, now, UINT32_MAX)) &&
  @   ((which == DG_EVIDENCE_APP || which == DG_EVIDENCE_PLATFORM ||
  @     which == DG_EVIDENCE_QUALIFIED) && rung >= DG_RUNG_DOSE ==>
  @     dg_authority_shown(all, which, now, 86400)) &&
  @   (which == DG_EVIDENCE_ATTESTATION && rung == DG_RUNG_DOSE &&
  @     all->package >= DG_PACKAGE_MEDIUM ==>
  @     dg_authority_shown(all, which, now, 86400)) &&
  @   (which == DG_EVIDENCE_ATTESTATION && rung == DG_RUNG_AUTOMATE ==>
  @     dg_authority_shown(all, which, now,
  @                        dg_authority_ticket_s(all->package))) &&
  @   (which == DG_EVIDENCE_GLUCOSE && rung == DG_RUNG_AUTOMATE ==>
  @     dg_authority_shown(all, which, now, 600)) &&
  @   (which == DG_EVIDENCE_PHONE_BATTERY && rung == DG_RUNG_AUTOMATE ==>
  @     dg_authority_shown(all, which, now, 660));
  @
  @ predicate dg_authority_holds{L}(struct dg_evidence_set *all, integer rung,
  @                                 dg_seconds now) =
  @   \forall integer which; 0 <= which < DG_EVIDENCES ==>
  @     dg_authority_met(all, rung, which, now);
  @*/

/**
 * Work out the rung from the evidence.  One table, in core/authority.c.
 *
 * A rung is held only if all below it are; an exhibit from the future counts
 * as absent, and an unknown package or role holds nothing that asks for one.
 *
 * @retval DG_OK       @p authority is filled.
 * @retval DG_E_USAGE  A NULL; @p authority, if given, is {NONE, all missing}.
 */
/*@ requires evidence == \null || \valid_read(evidence);
  @ requires authority == \null || \valid(authority);
  @ requires apart: evidence != \null && authority != \null ==>
  @   \separated(evidence, authority);
  @ assigns  authority->rung, authority->missing;
  @ ensures  told: \result != DG_OK && authority != \null ==>
  @   authority->rung == DG_RUNG_NONE;
  @ ensures  rung: authority != \null ==> 0 <= authority->rung < DG_RUNGS;
  @ ensures  granted: authority != \null && authority->rung != DG_RUNG_NONE ==>
  @   \forall integer rung; 1 <= rung <= authority->rung ==>
  @     dg_authority_holds{Pre}(evidence, rung, now);
  @*/
DG_NODISCARD enum dg_status dg_authority_decide(
    const struct dg_evidence_set *evidence,
    dg_seconds now,
    struct dg_authority *authority);

/** The rung that a dose of this tier needs; NONE for an unknown tier, and the
 * caller refuses NONE. */
/*@ assigns \nothing;
  @ ensures automatic: tier == DG_TIER_AUTOMATIC ==>
  @   \result == DG_RUNG_AUTOMATE;
  @ ensures confirmed: tier == DG_TIER_CONFIRMED ==> \result == DG_RUNG_DOSE;
  @ ensures present: tier == DG_TIER_PRESENT ==>
  @   \result == DG_RUNG_DOSE_BUTTON;
  @ ensures unknown: tier == DG_TIER_NONE || tier > DG_TIER_PRESENT ==>
  @   \result == DG_RUNG_NONE;
  @*/
enum dg_rung dg_authority_rung_for(enum dg_tier tier);

#endif
