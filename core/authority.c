/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/authority.h"

#include <stddef.h>

/* How old evidence may be.  0 is an absent cell, and an absent cell refuses:
 * every pair of rung and evidence has to be decided here. */
#define ANY_AGE   UINT32_MAX
#define NOT_ASKED (UINT32_MAX - 1U)
#define REFUSED   0U

/* Seconds for which a report of the phone's battery is believed: one sensor
 * period of 5 min and one missed beat. */
#define BEAT_S 660U
/* A reading is fresh for 10 min (SAFETY, E4). */
#define FRESH_S 600U
/* Days between two sessions are a matter of keys; within one, daily rekeying
 * (PROTOCOL, session). */
#define SESSION_S 86400U
/* A control lease lasts 30 min and is renewed by asking again. */
#define LEASE_S 1800U

/* What a ticket showed counts for confirmed doses as long as the keys of a
 * session do.  For automatic doses it is asked again: the phone may have fallen
 * the moment after, and what it then takes by itself ends with one window of E2
 * (docs/adr/0018-evidence-tickets-and-policy.md). */
#define SHOWN_S       SESSION_S
#define TICKET_S_LOW  3600U
#define TICKET_S_MED  14400U
#define TICKET_S_HIGH 86400U

#define PACKAGES 4U /* index 0 unused */

/* The whole of authority: which evidence each rung needs for each package of
 * the product, and how fresh.
 *
 *                 KEY        ROLE     LEASE    PRESENCE   APP        PLATFORM
 *                 ATTEST.    GLUCOSE  DEVICE B. PHONE B.  QUALIFIED          */
/* clang-format off */
static const uint32_t age_s_max[PACKAGES][DG_RUNGS][DG_EVIDENCES] = {
    [DG_PACKAGE_LOW] = {
        [DG_RUNG_OBSERVE] = {
            SESSION_S, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_PROTECT] = {
            SESSION_S, ANY_AGE,   NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE_BUTTON] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, ANY_AGE,   NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            NOT_ASKED, NOT_ASKED, ANY_AGE,   NOT_ASKED, SHOWN_S   },
        [DG_RUNG_AUTOMATE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            TICKET_S_LOW, FRESH_S, ANY_AGE,   BEAT_S,    SHOWN_S   },
    },
    [DG_PACKAGE_MEDIUM] = {
        [DG_RUNG_OBSERVE] = {
            SESSION_S, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_PROTECT] = {
            SESSION_S, ANY_AGE,   NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE_BUTTON] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, ANY_AGE,   NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            SHOWN_S,   NOT_ASKED, ANY_AGE,   NOT_ASKED, SHOWN_S   },
        [DG_RUNG_AUTOMATE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            TICKET_S_MED, FRESH_S, ANY_AGE,   BEAT_S,    SHOWN_S   },
    },
    [DG_PACKAGE_HIGH] = {
        [DG_RUNG_OBSERVE] = {
            SESSION_S, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_PROTECT] = {
            SESSION_S, ANY_AGE,   NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE_BUTTON] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   NOT_ASKED, NOT_ASKED,
            NOT_ASKED, NOT_ASKED, ANY_AGE,   NOT_ASKED, NOT_ASKED },
        [DG_RUNG_DOSE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            SHOWN_S,   NOT_ASKED, ANY_AGE,   NOT_ASKED, SHOWN_S   },
        [DG_RUNG_AUTOMATE] = {
            SESSION_S, ANY_AGE,   LEASE_S,   ANY_AGE,   SHOWN_S,   SHOWN_S,
            TICKET_S_HIGH, FRESH_S, ANY_AGE,   BEAT_S,    SHOWN_S   },
    },
};
/* clang-format on */

/* Which rung a role may reach at all. */
static const enum dg_rung rung_of_role[4] = {
    [DG_ROLE_NONE] = DG_RUNG_NONE,
    [DG_ROLE_OWNER] = DG_RUNG_AUTOMATE,
    [DG_ROLE_CAREGIVER] = DG_RUNG_DOSE,
    [DG_ROLE_OBSERVER] = DG_RUNG_OBSERVE,
};

/*@ assigns \nothing;
  @ ensures \result <==> dg_authority_role(role, rung);
  @*/
static bool is_role_met(enum dg_role role, enum dg_rung rung)
{
    return ((unsigned)role <= (unsigned)DG_ROLE_OBSERVER) &&
           (rung_of_role[role] >= rung);
}

/*@ requires \valid_read(evidence) && 1 <= rung < DG_RUNGS;
  @ requires which < DG_EVIDENCES;
  @ assigns  \nothing;
  @ ensures  \result ==> dg_authority_met(evidence, rung, which, now);
  @*/
static bool is_met(const struct dg_evidence_set *evidence,
                   enum dg_rung rung,
                   unsigned which,
                   dg_seconds now)
{
    const unsigned package = (unsigned)evidence->package;
    const uint32_t limit_s =
        age_s_max[(package < PACKAGES) ? package : 0U][(unsigned)rung][which];
    const struct dg_exhibit *exhibit = &evidence->exhibit[which];

    if (limit_s == REFUSED) {
        return false;
    }
    if (limit_s == NOT_ASKED) {
        return true;
    }
    if (which == (unsigned)DG_EVIDENCE_ROLE) {
        return is_role_met(evidence->role, rung);
    }
    if (!exhibit->held || (exhibit->at.s > now.s)) {
        return false;
    }
    return (now.s - exhibit->at.s) <= limit_s;
}

/* A rung rests on each of its cells, and on nothing else. */
/*@ requires \valid_read(evidence) && 1 <= rung < DG_RUNGS;
  @ assigns  \nothing;
  @ ensures  \result ==> dg_authority_holds(evidence, rung, now);
  @*/
static bool is_held(const struct dg_evidence_set *evidence,
                    enum dg_rung rung,
                    dg_seconds now)
{
    /*@ loop invariant 0 <= which <= DG_EVIDENCES;
      @ loop invariant \forall integer before; 0 <= before < which ==>
      @   dg_authority_met(evidence, rung, before, now);
      @ loop assigns which;
      @ loop variant DG_EVIDENCES - which;
      @*/
    for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
        if (!is_met(evidence, rung, which, now)) {
            return false;
        }
    }
    return true;
}

/* What to tell the phone; nothing is granted by it. */
/*@ requires \valid_read(evidence) && 1 <= rung < DG_RUNGS;
  @ assigns  \nothing;
  @*/
static uint16_t missing_for(const struct dg_evidence_set *evidence,
                            enum dg_rung rung,
                            dg_seconds now)
{
    unsigned missing = 0U;

    /*@ loop invariant 0 <= which <= DG_EVIDENCES;
      @ loop assigns which, missing;
      @ loop variant DG_EVIDENCES - which;
      @*/
    for (unsigned which = 0U; which < DG_EVIDENCES; which++) {
        if (!is_met(evidence, rung, which, now)) {
            missing |= 1U << which;
        }
    }
    return (uint16_t)missing;
}

/* @satisfies{FDP_ACC.1@2} */
enum dg_status dg_authority_decide(const struct dg_evidence_set *evidence,
                                   dg_seconds now,
                                   struct dg_authority *authority)
{
    const uint16_t all = (uint16_t)((1U << DG_EVIDENCES) - 1U);

    if (authority == NULL) {
        return DG_E_USAGE;
    }
    if (evidence == NULL) {
        authority->rung = DG_RUNG_NONE;
        authority->missing = all;
        return DG_E_USAGE;
    }

    enum dg_rung granted = DG_RUNG_NONE;
    uint16_t missing = all;

    /*@ loop invariant DG_RUNG_OBSERVE <= rung <= DG_RUNGS;
      @ loop invariant granted == rung - 1;
      @ loop invariant \forall integer below; 1 <= below < rung ==>
      @   dg_authority_holds(evidence, below, now);
      @ loop assigns rung, granted, missing;
      @ loop variant DG_RUNGS - rung;
      @*/
    for (unsigned rung = DG_RUNG_OBSERVE; rung < DG_RUNGS; rung++) {
        missing = missing_for(evidence, (enum dg_rung)rung, now);
        if (!is_held(evidence, (enum dg_rung)rung, now)) {
            break;
        }
        granted = (enum dg_rung)rung;
    }
    authority->rung = granted;
    authority->missing = missing;
    return DG_OK;
}

enum dg_rung dg_authority_rung_for(enum dg_tier tier)
{
    static const enum dg_rung rung[DG_TIERS] = {
        [DG_TIER_NONE] = DG_RUNG_NONE,
        [DG_TIER_AUTOMATIC] = DG_RUNG_AUTOMATE,
        [DG_TIER_CONFIRMED] = DG_RUNG_DOSE,
        [DG_TIER_PRESENT] = DG_RUNG_DOSE_BUTTON,
    };

    return ((unsigned)tier < DG_TIERS) ? rung[tier] : DG_RUNG_NONE;
}
