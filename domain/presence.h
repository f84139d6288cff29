/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PRESENCE_H
#define DG_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/crypto.h"
#include "dosegate/status.h"
#include "keystore.h"
#include "vault.h"

/* When the presence key signs: once for each fresh act of a person, about the
 * one effect that the device resolved and this phone shows.  How much of an act
 * is a row of a table by how much the effect can harm.  Nothing here stands
 * before a stop, basal, or what a person takes at the device itself.
 * Sans-I/O but for two sealed bytes' worth of state. */
#define DG_PIN_DIGITS_MIN   4U
#define DG_PIN_DIGITS_MAX   12U
#define DG_PIN_FAILURES_MAX 10U /* then it is locked for good */

/* How much an effect can harm.  source: ours; see docs/adr/0041. */
#define DG_SMALL_MU_MAX       5000 /* above: unusual, the number again  */
#define DG_LARGE_MU_MIN       10000
#define DG_SMALL_MU_PER_H_MAX 5000

enum dg_grade {
    DG_GRADE_NONE = 0, /* nobody decided: never signed */
    DG_GRADE_SMALL = 1,
    DG_GRADE_UNUSUAL = 2, /* or the device finds it so */
    DG_GRADE_LARGE = 3,
};

#define DG_GRADES 4U

/* What an act consists of. */
enum dg_act {
    DG_ACT_NUMBER = 1,   /* the number typed again                        */
    DG_ACT_PIN = 2,      /* the PIN                                       */
    DG_ACT_PLATFORM = 4, /* or the platform's own proof, instead of a PIN */
};

/* The platform's own proof that its person is there, a fingerprint for
 * instance.  DG_OK: it was this person, now, for @what.  An example is
 * examples/presence_platform.c. */
struct dg_presence_platform {
    void *context;
    enum dg_status (*prove)(void *context, const struct dg_hash *what);
};

/* Why an act was refused, for people. */
enum dg_act_result {
    DG_ACT_NONE = 0,
    DG_ACT_DONE = 1,         /* signed, once                              */
    DG_ACT_NOT_ASKED = 2,    /* answered, lapsed, or another ticket       */
    DG_ACT_WANTS_NUMBER = 3, /* missing, or not the number that was shown */
    DG_ACT_WANTS_PIN = 4,    /* missing                                   */
    DG_ACT_WRONG_PIN = 5,
    DG_ACT_WAIT = 6,   /* too many wrong ones: see wait_ms  */
    DG_ACT_LOCKED = 7, /* for good: erase, and pair again   */
    DG_ACT_FAILED = 8, /* storage or keystore: nothing done */
};

#define DG_ACT_RESULTS 9U

/* On storage, sealed. */
struct dg_pin {
    bool is_set;
    uint8_t failures;
    uint64_t count; /* the keystore's counter at the last try; 0: has none */
    uint8_t salt[16];
    struct dg_hash verifier;
};

struct dg_presence {
    const struct dg_crypto *crypto;
    struct dg_keystore *store;
    const struct dg_vault *vault;
    const struct dg_presence_platform *platform; /* NULL: none */
    struct dg_key key;
    struct dg_pin pin;
    int64_t wait_until_ms;
    bool is_asked;
    struct dg_ticket_id ticket;
    struct dg_hash hash; /* what is signed: made when it was asked */
    enum dg_grade grade;
    unsigned needs; /* bits of dg_act          */
    int32_t number; /* thousandths; 0: it has none */
    int64_t lapses_ms;
};

/**
 * Open key and PIN; both are made where there is neither.
 *
 * @param now_ms  Monotonic; a delay that was running begins anew.
 *
 * @retval DG_OK         Ready.
 * @retval DG_E_CORRUPT  One of the two is missing, damaged, or older than the
 *                       keystore's counter: erase, and pair again.
 * @retval DG_E_AUTH     A file is not ours alone.
 * @retval DG_E_PORT     Storage or keystore failed.
 */
DG_NODISCARD enum dg_status dg_presence_open(struct dg_presence *presence,
                                             const struct dg_crypto *crypto,
                                             struct dg_keystore *store,
                                             const struct dg_vault *vault,
                                             int64_t now_ms);

/** How much an effect can harm.
 * @param button  The device wants its own button, too. */
enum dg_grade dg_presence_grade(const struct dg_effect *effect, bool button);

/** The number that is shown large: mU, mU/h or, where there is none, 0. */
int32_t dg_presence_number(const struct dg_effect *effect);

/**
 * Ask for an act about one effect; an earlier question is forgotten.
 *
 * @retval DG_OK, DG_E_RANGE (no sound effect), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_presence_ask(struct dg_presence *presence,
                                            const struct dg_approval *approval,
                                            bool button,
                                            int64_t lapses_ms);

/** No more. */
void dg_presence_forget(struct dg_presence *presence);

/**
 * One act.  @p signature is set for DG_ACT_DONE alone, and the question is
 * forgotten then: there is one signature for an act.
 *
 * @param number  As typed; NULL or "": none.
 * @param pin     As typed; NULL or "": none, the platform is asked instead
 *                where it may be.
 * @satisfies{FIA_PRESENCE.1@1}
 */
enum dg_act_result dg_presence_act(struct dg_presence *presence,
                                   int64_t now_ms,
                                   const struct dg_ticket_id *ticket,
                                   const char *number,
                                   const char *pin,
                                   struct dg_signature *signature);

/**
 * One act about something that needs no signature of this phone, such as limits
 * that a prescriber has signed: the PIN, where one is set.
 *
 * @retval DG_ACT_DONE, DG_ACT_WANTS_PIN, DG_ACT_WRONG_PIN, DG_ACT_WAIT,
 *         DG_ACT_LOCKED, DG_ACT_FAILED.
 */
enum dg_act_result dg_presence_permit(struct dg_presence *presence,
                                      int64_t now_ms,
                                      const char *pin);

/**
 * Set the PIN, or change it.
 *
 * @param before  The PIN so far; not asked for when there is none yet.
 * @param after   4 to 12 digits.
 *
 * @retval DG_ACT_DONE          It holds, and is on storage.
 * @retval DG_ACT_WANTS_PIN     @p after is no PIN, or @p before is missing.
 * @retval DG_ACT_WRONG_PIN, DG_ACT_WAIT, DG_ACT_LOCKED, DG_ACT_FAILED.
 */
enum dg_act_result dg_presence_set_pin(struct dg_presence *presence,
                                       int64_t now_ms,
                                       const char *before,
                                       const char *after);

/** How long no PIN is taken, ms; 0: it is. */
int64_t dg_presence_wait_ms(const struct dg_presence *presence, int64_t now_ms);

bool dg_presence_is_locked(const struct dg_presence *presence);

/** What to tell a person. */
const char *dg_act_words(enum dg_act_result result);

#endif
