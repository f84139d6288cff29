/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stddef.h>
#include <string.h>

#define MAGIC 0x44475732U /* "DGW2" */

static void charge(struct dg_world *world, uint64_t nAh)
{
    world->cells->used_nAh += nAh;
}

/* Ports ----------------------------------------------------------------- */

static enum dg_status step(void *context)
{
    struct dg_world *world = context;

    if ((world->cells->is_blocked != 0U) || (world->cells->left == 0U)) {
        return DG_E_PORT;
    }
    world->cells->left--;
    charge(world, DG_CHARGE_PULSE_NAH);
    world->cells->moved++;
    return DG_OK;
}

static uint32_t moved(void *context)
{
    return dg_world_moved(context);
}

static enum dg_status chamber_step(void *context)
{
    struct dg_world *world = context;

    if ((world->cells->is_chamber_blocked != 0U) ||
        (dg_world_chamber_left(world) == 0U)) {
        return DG_E_PORT;
    }
    charge(world, DG_CHARGE_PULSE_NAH);
    world->cells->chamber_moved++;
    return DG_OK;
}

static uint32_t chamber_moved(void *context)
{
    return dg_world_chamber_moved(context);
}

/* A level of the reservoir's own, so to say: it knows nothing of the steps. */
static enum dg_status left(void *context, uint32_t *pulses)
{
    const struct dg_world *world = context;

    *pulses = world->cells->left;
    return DG_OK;
}

static void hear_alarms(void *context, const struct dg_notice *notice)
{
    struct dg_world *world = context;

    world->notice = *notice;
}

static void hear_announcement(void *context, dg_dose amount)
{
    struct dg_world *world = context;

    world->announced = amount;
}

static void hear_change(void *context, const struct dg_effect *effect)
{
    static const struct dg_effect none = {.kind = DG_EFFECT_NONE};
    struct dg_world *world = context;

    world->announced_change = (effect == NULL) ? none : *effect;
}

static void hear_glucagon(void *context, dg_glucagon amount)
{
    struct dg_world *world = context;

    world->announced_glucagon = amount;
}

static uint8_t battery_percent(void *context)
{
    const struct dg_world *world = context;
    const uint64_t used = world->cells->used_nAh;

    if (used >= DG_CHARGE_FULL_NAH) {
        return 0U;
    }
    return (uint8_t)(((DG_CHARGE_FULL_NAH - used) * 100U) / DG_CHARGE_FULL_NAH);
}

/* Each crypto operation costs charge: that is how the bench sees work that a
 * stranger can cause. */
static enum dg_status charged_random(void *context, dg_buf out)
{
    struct dg_world *world = context;

    return world->inner.random(world->inner.context, out);
}

static enum dg_status charged_sha256(void *context,
                                     const dg_span *parts,
                                     size_t count,
                                     struct dg_hash *hash)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_HASH_NAH);
    return world->inner.sha256(world->inner.context, parts, count, hash);
}

/* One hash of the model is a message; a kilobyte takes as long as eight. */
static enum dg_status charged_sha256_flash(void *context,
                                           const struct dg_flash *flash,
                                           uint32_t offset,
                                           uint32_t size,
                                           struct dg_hash *hash)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_HASH_NAH * (1U + (size / 128U)));
    return world->inner.sha256_flash(
        world->inner.context, flash, offset, size, hash);
}

static enum dg_status charged_hmac(void *context,
                                   dg_span key,
                                   const dg_span *parts,
                                   size_t count,
                                   struct dg_hash *mac)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_HASH_NAH);
    return world->inner.hmac_sha256(
        world->inner.context, key, parts, count, mac);
}

static enum dg_status charged_seal(void *context,
                                   const struct dg_aead_key *key,
                                   size_t tag_size,
                                   dg_span aad,
                                   dg_span plain,
                                   dg_buf out)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_HASH_NAH);
    return world->inner.ccm_seal(
        world->inner.context, key, tag_size, aad, plain, out);
}

static enum dg_status charged_open(void *context,
                                   const struct dg_aead_key *key,
                                   size_t tag_size,
                                   dg_span aad,
                                   dg_span sealed,
                                   dg_buf out)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_HASH_NAH);
    return world->inner.ccm_open(
        world->inner.context, key, tag_size, aad, sealed, out);
}

static enum dg_status charged_generate(void *context,
                                       struct dg_secret *private_key,
                                       struct dg_public_key *public_key)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_P256_NAH);
    return world->inner.p256_generate(
        world->inner.context, private_key, public_key);
}

static enum dg_status charged_public(void *context,
                                     const struct dg_secret *private_key,
                                     struct dg_public_key *public_key)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_P256_NAH);
    return world->inner.p256_public(
        world->inner.context, private_key, public_key);
}

static enum dg_status charged_ecdh(void *context,
                                   const struct dg_secret *private_key,
                                   const uint8_t peer_x[DG_P256_SIZE],
                                   struct dg_secret *shared)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_P256_NAH);
    return world->inner.p256_ecdh(
        world->inner.context, private_key, peer_x, shared);
}

static enum dg_status charged_multiply(void *context,
                                       const struct dg_secret *scalar,
                                       const struct dg_public_key *point,
                                       struct dg_public_key *product)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_P256_NAH);
    return world->inner.p256_multiply(
        world->inner.context, scalar, point, product);
}

static enum dg_status charged_add(void *context,
                                  const struct dg_public_key *a,
                                  const struct dg_public_key *b,
                                  struct dg_public_key *sum)
{
    struct dg_world *world = context;

    /* An inversion: a small part of a multiplication. */
    charge(world, DG_CHARGE_HASH_NAH);
    return world->inner.p256_add(world->inner.context, a, b, sum);
}

static enum dg_status charged_sign(void *context,
                                   const struct dg_secret *private_key,
                                   const struct dg_hash *hash,
                                   struct dg_signature *signature)
{
    struct dg_world *world = context;

    charge(world, DG_CHARGE_P256_NAH);
    return world->inner.es256_sign(
        world->inner.context, private_key, hash, signature);
}

static enum dg_status charged_verify(void *context,
                                     const struct dg_public_key *public_key,
                                     const struct dg_hash *hash,
                                     const struct dg_signature *signature)
{
    struct dg_world *world = context;

    /* Two scalar multiplications. */
    charge(world, 2U * DG_CHARGE_P256_NAH);
    return world->inner.es256_verify(
        world->inner.context, public_key, hash, signature);
}

static void fill_ports(struct dg_world *world, const struct dg_crypto *crypto)
{
    world->inner = *crypto;
    world->crypto = (struct dg_crypto){.context = world,
                                       .random = charged_random,
                                       .sha256 = charged_sha256,
                                       .hmac_sha256 = charged_hmac,
                                       .ccm_seal = charged_seal,
                                       .ccm_open = charged_open,
                                       .p256_generate = charged_generate,
                                       .p256_public = charged_public,
                                       .p256_ecdh = charged_ecdh,
                                       .p256_multiply = charged_multiply,
                                       .p256_add = charged_add,
                                       .es256_sign = charged_sign,
                                       .es256_verify = charged_verify,
                                       .sha256_flash = charged_sha256_flash};
    world->actuator = (struct dg_actuator){world, step, moved};
    world->chamber = (struct dg_glucagon_actuator){
        world, chamber_step, chamber_moved, &world->chamber_ledger};
    world->annunciator =
        (struct dg_annunciator){.context = world,
                                .alarms = hear_alarms,
                                .announce = hear_announcement,
                                .announce_glucagon = hear_glucagon,
                                .announce_change = hear_change};
    world->reservoir = (struct dg_reservoir){world, left};
    world->power = (struct dg_power){world, battery_percent};
}

/* Life ------------------------------------------------------------------ */

enum dg_status dg_world_init(struct dg_world *world,
                             struct dg_world_cells *cells,
                             bool is_new,
                             bool is_driven,
                             uint64_t (*real_s)(void),
                             const struct dg_crypto *crypto)
{
    memset(world, 0, sizeof *world);
    if (is_new) {
        memset(cells, 0, sizeof *cells);
        cells->magic = MAGIC;
        cells->born_s = real_s();
        cells->left = DG_RESERVOIR_FULL_PULSES;
    }
    if (cells->magic != MAGIC) {
        return DG_E_CORRUPT;
    }
    world->cells = cells;
    world->is_driven = is_driven;
    world->real_s = real_s;
    fill_ports(world, crypto);
    return DG_OK;
}

static void charge_idle(struct dg_world *world, uint64_t now_s)
{
    struct dg_world_cells *cells = world->cells;
    const uint64_t hours =
        (now_s > cells->idle_at_s) ? ((now_s - cells->idle_at_s) / 3600U) : 0U;

    charge(world, hours * DG_CHARGE_IDLE_NAH_PER_H);
    cells->idle_at_s += hours * 3600U;
}

dg_seconds dg_world_clock(struct dg_world *world)
{
    struct dg_world_cells *cells = world->cells;
    uint64_t now_s = cells->clock_s;

    if (!world->is_driven) {
        const uint64_t real = world->real_s();

        now_s = (real > cells->born_s) ? (real - cells->born_s) : 0U;
        cells->clock_s = (uint32_t)now_s;
    }
    charge_idle(world, now_s);
    return (dg_seconds){(uint32_t)now_s};
}

void dg_world_advance(struct dg_world *world, uint32_t s)
{
    if (world->is_driven) {
        world->cells->clock_s += s;
    }
}

bool dg_world_clock_back(struct dg_world *world, uint32_t s)
{
    struct dg_world_cells *cells = world->cells;

    if (world->is_driven) {
        cells->clock_s -= (s < cells->clock_s) ? s : cells->clock_s;
        /* The cells go on ageing from here. */
        cells->idle_at_s = cells->clock_s;
    }
    return world->is_driven;
}

void dg_world_packet(struct dg_world *world)
{
    charge(world, DG_CHARGE_PACKET_NAH);
}

uint32_t dg_world_moved(const struct dg_world *world)
{
    return world->cells->moved;
}

uint32_t dg_world_chamber_moved(const struct dg_world *world)
{
    return world->cells->chamber_moved;
}

uint32_t dg_world_chamber_left(const struct dg_world *world)
{
    const struct dg_world_cells *cells = world->cells;

    return (cells->chamber_full > cells->chamber_moved)
               ? (cells->chamber_full - cells->chamber_moved)
               : 0U;
}

uint64_t dg_world_used_nAh(const struct dg_world *world)
{
    return world->cells->used_nAh;
}

void dg_world_block(struct dg_world *world, bool is_blocked)
{
    world->cells->is_blocked = is_blocked ? 1U : 0U;
}

void dg_world_block_chamber(struct dg_world *world, bool is_blocked)
{
    world->cells->is_chamber_blocked = is_blocked ? 1U : 0U;
}

void dg_world_fit_chamber(struct dg_world *world, bool is_fitted)
{
    world->cells->chamber_full =
        is_fitted ? (world->cells->chamber_moved + DG_CHAMBER_FULL_STEPS) : 0U;
}

const struct dg_glucagon_actuator *dg_world_chamber(
    const struct dg_world *world)
{
    return (world->cells->chamber_full > 0U) ? &world->chamber : NULL;
}

void dg_world_leak(struct dg_world *world, uint32_t pulses)
{
    const uint32_t held = world->cells->left;

    world->cells->left = (pulses < held) ? (held - pulses) : 0U;
}

void dg_world_fill(struct dg_world *world, uint32_t pulses)
{
    world->cells->left = pulses;
}
