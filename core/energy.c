/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/energy.h"

#include <stddef.h>
#include <string.h>

#define HOUR_S   3600U
#define THIN_MAX 12U

/* 2^10 s are beyond the longest back-off. */
#define STRIKES_MAX 10U

struct size {
    uint32_t nAh;
    uint32_t per_h;
};

static const struct size budget_size = {DG_ENERGY_BUDGET_NAH,
                                        DG_ENERGY_BUDGET_PER_H};
static const struct size knock_size = {DG_ENERGY_KNOCK_NAH,
                                       DG_ENERGY_KNOCK_PER_H};
static const struct size shared_size = {DG_ENERGY_SHARED_NAH,
                                        DG_ENERGY_SHARED_PER_H};
static const struct size far_size = {DG_ENERGY_FAR_NAH, DG_ENERGY_FAR_PER_H};
static const struct size forged_size = {DG_ENERGY_FORGED_NAH,
                                        DG_ENERGY_FORGED_PER_H};
static const struct size rescue_size = {DG_ENERGY_RESCUE_NAH,
                                        DG_ENERGY_RESCUE_PER_H};
/* Below the reserve each bucket of strangers is of this size. */
static const struct size sparse_size = {DG_ENERGY_SPARSE_NAH,
                                        DG_ENERGY_SPARSE_PER_H};

/* Beyond the record itself.  A kind without a row costs DEAREST: nobody has
 * looked at it. */
static const uint8_t extra_nAh[DG_REQUESTS] = {
    [DG_REQUEST_STATUS] = 1U,
    [DG_REQUEST_PROPOSE] = 1U,
    [DG_REQUEST_COMMIT] = 100U, /* ES256 twice, and flash */
    [DG_REQUEST_STOP] = 1U,
    [DG_REQUEST_LEASE] = 1U,
    [DG_REQUEST_GLUCOSE] = 2U, /* one HMAC */
    [DG_REQUEST_SUSPEND] = 10U,
    [DG_REQUEST_RESUME] = 10U,
    [DG_REQUEST_ATTEST] = 25U,  /* ES256 */
    [DG_REQUEST_POLICY] = 60U,  /* ES256 and flash */
    [DG_REQUEST_PROFILE] = 95U, /* ES256, and flash twice */
    [DG_REQUEST_UPDATE] = 6U,   /* a part: its share of the digest, flash */
    [DG_REQUEST_ROLES] = 1U,
    [DG_REQUEST_REKEY] = 8U, /* four HMACs */
};

/* What each question to the journal costs in signatures and hashes, on the
 * smallest flash: 50 records in a sector, 800 in all. */
static const uint16_t journal_nAh[DG_JOURNAL_VERBS] = {
    [DG_JOURNAL_ASK_HEAD] = 60U,
    [DG_JOURNAL_ASK_RANGE] = 60U,
    [DG_JOURNAL_ASK_PROOF] = 4000U,
    [DG_JOURNAL_ASK_PEAKS] = 250U,
    [DG_JOURNAL_ASK_EXPORTED] = 250U,
    [DG_JOURNAL_ASK_KEY] = 1U,
};

static uint32_t extra_of(const struct dg_request *request)
{
    if ((request == NULL) || ((unsigned)request->kind >= DG_REQUESTS) ||
        (request->kind == DG_REQUEST_UPDATE &&
         (request->as.update.verb != DG_UPDATE_PART))) {
        return DG_ENERGY_DEAREST_NAH;
    }
    if ((request->kind == DG_REQUEST_PROFILE) &&
        (request->as.profile.verb == DG_PROFILE_SHOW)) {
        return 1U;
    }
    if (request->kind == DG_REQUEST_JOURNAL) {
        return journal_nAh[request->as.journal.verb];
    }

    const uint32_t extra = extra_nAh[request->kind];

    return (extra == 0U) ? DG_ENERGY_DEAREST_NAH : extra;
}

/* The dearest of what follows, with its record. */
#define VITAL_NAH (DG_ENERGY_RECORD_NAH + 10U)

/* What a phone may ask to the last: it protects, or tells. */
static bool is_vital(enum dg_request_kind kind)
{
    return (kind == DG_REQUEST_STATUS) || (kind == DG_REQUEST_STOP) ||
           (kind == DG_REQUEST_SUSPEND) || (kind == DG_REQUEST_GLUCOSE);
}

/* buckets ----------------------------------------------------------------- */

static void fill(struct dg_bucket *bucket,
                 const struct size *size,
                 dg_seconds now)
{
    const uint64_t flow =
        ((uint64_t)(now.s - bucket->at.s) * size->per_h) + bucket->rest;
    /* It may have held more: the size falls with the battery. */
    const uint32_t room =
        (bucket->nAh < size->nAh) ? (size->nAh - bucket->nAh) : 0U;

    bucket->at = now;
    if ((flow / HOUR_S) >= room) {
        bucket->nAh = size->nAh;
        bucket->rest = 0U;
        return;
    }
    bucket->nAh += (uint32_t)(flow / HOUR_S);
    bucket->rest = (uint32_t)(flow % HOUR_S);
}

static bool spend(struct dg_bucket *bucket, uint32_t nAh)
{
    if (bucket->nAh < nAh) {
        return false;
    }
    bucket->nAh -= nAh;
    return true;
}

static void spend_what_is_there(struct dg_bucket *bucket, uint32_t nAh)
{
    bucket->nAh -= (bucket->nAh < nAh) ? bucket->nAh : nAh;
}

static void give_back(struct dg_bucket *bucket, const struct size *size)
{
    bucket->nAh += (bucket->nAh < size->nAh) ? 1U : 0U;
}

/* meters ------------------------------------------------------------------ */

/* @satisfies{FRU_NRG.4@1}
 * xorshift32 (Marsaglia): a stranger never learns which throws he won, so it
 * need not be more. */
static bool is_lucky(struct dg_energy *energy, unsigned thin)
{
    energy->dice ^= energy->dice << 13;
    energy->dice ^= energy->dice >> 17;
    energy->dice ^= energy->dice << 5;
    return (energy->dice & (((uint32_t)1U << thin) - 1U)) == 0U;
}

/* As many halvings as it takes to bring @p count down to @p few. */
static uint8_t thinness(uint32_t count, uint32_t few)
{
    uint8_t thin = 0U;

    while ((thin < THIN_MAX) && ((count >> (thin + 1U)) >= few)) {
        thin++;
    }
    return thin;
}

/* A new second: who came in the one before says how few are heard now. */
static void turn(struct dg_meter *meter,
                 const struct size *size,
                 uint32_t few,
                 dg_seconds now)
{
    const uint32_t passed_s = now.s - meter->second.s;

    fill(&meter->bucket, size, now);
    if (passed_s == 0U) {
        return;
    }
    meter->thin = ((passed_s == 1U) && (meter->bucket.nAh < (size->nAh / 2U)))
                      ? thinness(meter->count, few)
                      : 0U;
    meter->count = 0U;
    meter->second = now;
}

static void note_flood(struct dg_energy *energy, dg_seconds now)
{
    if (!energy->is_flood) {
        energy->flood_since = now;
    }
    energy->is_flood = true;
    energy->flood_at = now;
}

/* What strangers may use up of a bucket that holds @p plenty. */
static const struct size *size_now(const struct dg_energy *energy,
                                   const struct size *plenty)
{
    return energy->in_reserve ? &sparse_size : plenty;
}

/* One hash from @p meter, from @p more when that is empty. */
static bool draw(struct dg_energy *energy,
                 struct dg_meter *meter,
                 const struct size *plenty,
                 struct dg_bucket *more,
                 dg_seconds now)
{
    const struct size *size = size_now(energy, plenty);
    const uint32_t per_h =
        size->per_h + ((more == NULL) ? 0U : shared_size.per_h);
    const uint32_t few = per_h / HOUR_S;

    turn(meter, size, (few == 0U) ? 1U : few, now);
    if (more != NULL) {
        fill(more, &shared_size, now);
    }
    meter->count += (meter->count < UINT32_MAX) ? 1U : 0U;
    if (is_lucky(energy, meter->thin) &&
        (spend(&meter->bucket, DG_CHARGE_HASH_NAH) ||
         ((more != NULL) && spend(more, DG_CHARGE_HASH_NAH)))) {
        return true;
    }
    note_flood(energy, now);
    return false;
}

/* the device's questions -------------------------------------------------- */

static struct dg_bucket full(const struct size *size, dg_seconds now)
{
    const struct dg_bucket bucket = {size->nAh, 0U, now};

    return bucket;
}

void dg_energy_start(struct dg_energy *energy, dg_seconds now, uint32_t seed)
{
    memset(energy, 0, sizeof *energy);
    energy->dice = (seed == 0U) ? 1U : seed;
    energy->shared = full(&shared_size, now);
    energy->far.bucket = full(&far_size, now);
    energy->far.second = now;
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        struct dg_energy_slot *own = &energy->slot[slot];

        own->budget = full(&budget_size, now);
        own->rescue = full(&rescue_size, now);
        own->knocks.bucket = full(&knock_size, now);
        own->knocks.second = now;
        own->forged.bucket = full(&forged_size, now);
        own->forged.second = now;
    }
}

void dg_energy_forget(struct dg_energy *energy, dg_seconds now, unsigned slot)
{
    struct dg_energy_slot *own = &energy->slot[slot];

    own->budget = full(&budget_size, now);
    own->rescue = full(&rescue_size, now);
    own->strikes = 0U;
    own->until = now;
}

/* @satisfies{FRU_NRG.5@2} */
void dg_energy_pass(struct dg_energy *energy, dg_seconds now, uint8_t percent)
{
    energy->in_reserve = percent < DG_ENERGY_RESERVE_PERCENT;
    fill(&energy->shared, &shared_size, now);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        fill(&energy->slot[slot].budget, &budget_size, now);
        fill(&energy->slot[slot].rescue, &rescue_size, now);
    }
    if ((now.s - energy->flood_at.s) > DG_ENERGY_FLOODS_S) {
        energy->is_flood = false;
    }
}

/* @satisfies{FRU_NRG.1@1} */
bool dg_energy_may_listen(struct dg_energy *energy,
                          dg_seconds now,
                          unsigned slot,
                          bool is_near)
{
    if (!is_near) {
        return draw(energy, &energy->far, &far_size, NULL, now);
    }
    return draw(energy,
                &energy->slot[slot].knocks,
                &knock_size,
                energy->in_reserve ? NULL : &energy->shared,
                now);
}

/* Beyond half of its budget: each try that is heard doubles the wait for the
 * next.  @return Whether this one has to wait. */
static bool is_backed_off(struct dg_energy_slot *own, dg_seconds now)
{
    if (own->budget.nAh >= (budget_size.nAh / 2U)) {
        own->strikes = 0U;
        return false;
    }
    if (now.s < own->until.s) {
        return true;
    }
    if (own->strikes < STRIKES_MAX) {
        own->strikes++;
    }

    const uint32_t doubled_s = (uint32_t)1U << own->strikes;
    const uint32_t wait_s = (doubled_s > DG_ENERGY_BACKOFF_S_MAX)
                                ? DG_ENERGY_BACKOFF_S_MAX
                                : doubled_s;

    own->until.s =
        (wait_s > (UINT32_MAX - now.s)) ? UINT32_MAX : (now.s + wait_s);
    /* This one try is heard; the next waits. */
    return false;
}

/* @satisfies{FRU_NRG.2@1} */
bool dg_energy_may_connect(struct dg_energy *energy,
                           dg_seconds now,
                           unsigned slot)
{
    struct dg_energy_slot *own = &energy->slot[slot];

    if (energy->in_reserve) {
        give_back(&own->knocks.bucket, &sparse_size);
        fill(&own->rescue, &rescue_size, now);
        return spend(&own->rescue, DG_ENERGY_HANDSHAKE_NAH);
    }
    fill(&own->budget, &budget_size, now);
    if (is_backed_off(own, now)) {
        /* Its knocks are its own expense, not the strangers'. */
        spend_what_is_there(&own->budget, DG_CHARGE_HASH_NAH);
        return false;
    }
    give_back(&own->knocks.bucket, &knock_size);
    return spend(&own->budget, DG_ENERGY_HANDSHAKE_NAH);
}

/* Who pays for what a phone asks. */
static struct dg_bucket *purse_of(struct dg_energy *energy, unsigned slot)
{
    struct dg_energy_slot *own = &energy->slot[slot];

    return energy->in_reserve ? &own->rescue : &own->budget;
}

/* @satisfies{FRU_NRG.1@1} */
bool dg_energy_may_open(struct dg_energy *energy, dg_seconds now, unsigned slot)
{
    struct dg_energy_slot *own = &energy->slot[slot];

    fill(&own->budget, &budget_size, now);
    fill(&own->rescue, &rescue_size, now);
    if (purse_of(energy, slot)->nAh < VITAL_NAH) {
        return false;
    }
    if (!draw(energy, &own->forged, &forged_size, NULL, now)) {
        return false;
    }
    /* Only lies are paid from here. */
    give_back(&own->forged.bucket, size_now(energy, &forged_size));
    return true;
}

void dg_energy_forged(struct dg_energy *energy, unsigned slot)
{
    spend_what_is_there(&energy->slot[slot].forged.bucket, DG_CHARGE_HASH_NAH);
}

/* @satisfies{FRU_NRG.2@1} @satisfies{FRU_NRG.3@1} */
bool dg_energy_pay(struct dg_energy *energy,
                   unsigned slot,
                   const struct dg_request *request)
{
    struct dg_energy_slot *own = &energy->slot[slot];
    const enum dg_request_kind kind =
        (request == NULL) ? DG_REQUEST_NONE : request->kind;
    const uint32_t cost = DG_ENERGY_RECORD_NAH + extra_of(request);
    const bool may =
        energy->in_reserve
            ? is_vital(kind)
            : ((own->budget.nAh >= (budget_size.nAh / 4U)) || is_vital(kind));
    const uint32_t price = may ? cost : DG_ENERGY_RECORD_NAH;

    spend_what_is_there(purse_of(energy, slot), price);
    return may;
}

void dg_energy_press(struct dg_energy *energy, dg_seconds now)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        energy->slot[slot].until = now;
    }
}

/* @satisfies{FRU_NRG.2@1} */
uint8_t dg_energy_drainer(const struct dg_energy *energy)
{
    unsigned worst = DG_CONTROLLERS;
    uint32_t least = budget_size.nAh / 2U;

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (energy->slot[slot].budget.nAh < least) {
            least = energy->slot[slot].budget.nAh;
            worst = slot;
        }
    }
    return (worst == DG_CONTROLLERS) ? 0U : (uint8_t)(worst + 1U);
}

bool dg_energy_is_flooded(const struct dg_energy *energy, dg_seconds now)
{
    return energy->is_flood &&
           ((energy->flood_at.s - energy->flood_since.s) >=
            DG_ENERGY_FLOOD_S) &&
           ((now.s - energy->flood_at.s) <= DG_ENERGY_FLOODS_S);
}
