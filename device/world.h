/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_WORLD_H
#define DG_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/device.h"
#include "dosegate/energy.h"

/* The physical world of the virtual pump: the mechanism that moves, the clock
 * with its own cell, the battery that empties, the sounder, the display.  None
 * of it loses power when the processor does, so it lives in a mapped file of
 * its own beside the flash.
 *
 * A bench reads it from here, not from the firmware: what the actuator moved
 * is a fact of the world. */

/* The charge model is in dosegate/energy.h. */

/* A cartridge of 200 U. */
#define DG_RESERVOIR_FULL_PULSES 4000U

/* A chamber of 3 mg.  source: three rescue doses of 1 mg, the largest that
 * core/limits_glucagon.c lets a prescriber write. */
#define DG_CHAMBER_FULL_STEPS (3000U / DG_GLUCAGON_STEP_UG)

/* What keeps its content without power.  Its layout is the same on the host
 * and on the board, so that a file holds either. */
struct dg_world_cells {
    uint32_t magic;
    uint32_t moved;
    uint32_t clock_s; /* driven */
    uint32_t is_blocked;
    uint32_t left; /* pulses in the reservoir */
    uint32_t is_chamber_blocked;
    uint32_t chamber_moved; /* steps of glucagon */
    uint32_t chamber_full;  /* steps when it was filled; 0: no chamber */
    uint64_t born_s;        /* real: CLOCK_REALTIME at manufacture */
    uint64_t used_nAh;
    uint64_t idle_at_s; /* idle charge is accounted up to here */
};

_Static_assert(sizeof(struct dg_world_cells) == 56U, "no padding anywhere");

struct dg_world {
    struct dg_world_cells *cells;
    bool is_driven; /* the bench drives the clock */
    uint64_t (*real_s)(void);
    struct dg_notice notice; /* as sounder and display have it */
    dg_dose announced;       /* as the display has it          */
    dg_glucagon announced_glucagon;
    struct dg_effect announced_change; /* NONE: no prime and no setting waits */
    struct dg_crypto inner;
    struct dg_crypto crypto; /* inner, with each operation charged */
    struct dg_actuator actuator;
    struct dg_ledger chamber_ledger; /* the core's */
    struct dg_glucagon_actuator chamber;
    struct dg_reservoir reservoir;
    struct dg_annunciator annunciator;
    struct dg_power power;
};

/**
 * Begin, or go on where the last power-on ended.
 *
 * @param cells      What survives; must outlive @p world.
 * @param is_new     Fill @p cells as at manufacture.
 * @param is_driven  The clock stands still until dg_world_advance().
 * @param real_s     Clock of the calendar, seconds.
 * @param crypto     Copied, and wrapped so that each operation is charged.
 *
 * @retval DG_OK         Ports are filled.
 * @retval DG_E_CORRUPT  @p cells are not those of a world.
 */
DG_NODISCARD enum dg_status dg_world_init(struct dg_world *world,
                                          struct dg_world_cells *cells,
                                          bool is_new,
                                          bool is_driven,
                                          uint64_t (*real_s)(void),
                                          const struct dg_crypto *crypto);

/** The hardware clock, seconds since manufacture. */
dg_seconds dg_world_clock(struct dg_world *world);

/** Let time pass; only when driven. */
void dg_world_advance(struct dg_world *world, uint32_t s);

/** The clock falls back by @p s seconds, to 0 at most; false: not driven. */
bool dg_world_clock_back(struct dg_world *world, uint32_t s);

/** A packet was received or sent. */
void dg_world_packet(struct dg_world *world);

/** Steps since manufacture. */
uint32_t dg_world_moved(const struct dg_world *world);

/** The same of glucagon. */
uint32_t dg_world_chamber_moved(const struct dg_world *world);

/** Steps of glucagon that are still in the chamber; 0: empty, or no chamber. */
uint32_t dg_world_chamber_left(const struct dg_world *world);

/** The chamber's port; NULL: there is none. */
const struct dg_glucagon_actuator *dg_world_chamber(
    const struct dg_world *world);

/** At manufacture: a full chamber of DG_CHAMBER_FULL_STEPS, or none. */
void dg_world_fit_chamber(struct dg_world *world, bool is_fitted);

/** Charge used since manufacture, nAh. */
uint64_t dg_world_used_nAh(const struct dg_world *world);

/** Insulin leaves the reservoir past the mechanism (a leak), at most what there
 * is; or a person fills it. */
void dg_world_leak(struct dg_world *world, uint32_t pulses);
void dg_world_fill(struct dg_world *world, uint32_t pulses);

/** Block or free the mechanism (an occlusion). */
void dg_world_block(struct dg_world *world, bool is_blocked);

/** The same of the glucagon chamber. */
void dg_world_block_chamber(struct dg_world *world, bool is_blocked);

#endif
