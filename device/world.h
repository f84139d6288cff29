/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_WORLD_H
#define DG_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/device.h"

/* The physical world of the virtual pump: the mechanism that moves, the clock
 * with its own cell, the battery that empties, the sounder, the display.  None
 * of it loses power when the processor does, so it lives in a mapped file of
 * its own beside the flash.
 *
 * A bench reads it from here, not from the firmware: what the actuator moved
 * is a fact of the world. */

/* Charges in nAh.  A model, for comparing one day with another, not a data
 * sheet: P-256 from 0.9 M cycles at 64 MHz and 5 mA (facts: channel.md, 14),
 * radio from 1 ms at 6 mA a packet, hash and cipher from their share of a
 * millisecond, idle from 10 uA. */
#define DG_CHARGE_P256_NAH       20U
#define DG_CHARGE_PACKET_NAH     2U
#define DG_CHARGE_HASH_NAH       1U
#define DG_CHARGE_IDLE_NAH_PER_H 10000U
#define DG_CHARGE_PULSE_NAH      100U
#define DG_CHARGE_FULL_NAH       200000000ULL /* 200 mAh */

/* A cartridge of 200 U. */
#define DG_RESERVOIR_FULL_PULSES 4000U

struct dg_world_cells; /* what is in the file */

struct dg_world {
    struct dg_world_cells *cells;
    int fd;
    bool is_driven;    /* the bench drives the clock */
    uint16_t alarms;   /* as the sounder has them    */
    dg_dose announced; /* as the display has it      */
    struct dg_crypto inner;
    struct dg_crypto crypto; /* inner, with each operation charged */
    struct dg_actuator actuator;
    struct dg_annunciator annunciator;
    struct dg_power power;
};

/**
 * Open or make the world file.
 *
 * @param path       File; made when absent.
 * @param is_driven  The clock stands still until dg_world_advance().
 *
 * @retval DG_OK         Open; ports are filled.
 * @retval DG_E_CORRUPT  The file is not a world.
 * @retval DG_E_PORT     The system refused (errno tells why).
 */
DG_NODISCARD enum dg_status dg_world_open(struct dg_world *world,
                                          const char *path,
                                          bool is_driven,
                                          const struct dg_crypto *crypto);

void dg_world_close(struct dg_world *world);

/** The hardware clock, seconds since manufacture. */
dg_seconds dg_world_clock(struct dg_world *world);

/** Let time pass; only when driven. */
void dg_world_advance(struct dg_world *world, uint32_t s);

/** A packet was received or sent. */
void dg_world_packet(struct dg_world *world);

/** Steps since manufacture. */
uint32_t dg_world_moved(const struct dg_world *world);

/** Charge used since manufacture, nAh. */
uint64_t dg_world_used_nAh(const struct dg_world *world);

/** Block or free the mechanism (an occlusion). */
void dg_world_block(struct dg_world *world, bool is_blocked);

#endif
