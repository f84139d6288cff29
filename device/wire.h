/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_WIRE_H
#define DG_WIRE_H

#include <stdint.h>

#include "dosegate/status.h"
#include "hands.h"

/* The bench channel between the firmware and its bridge: frames of
 * ports/serial/frame.h, each one of these structs, little endian, by the size
 * alone of what is asked.  A tool of the laboratory: no product has it, and
 * nothing of it decides on insulin.
 *
 * After a reset the board says AWAKE until it is told to BOOT.  Then one
 * answer comes to each request, and CUT once when the power goes. */
enum dg_wire {
    DG_WIRE_AWAKE = 1,  /* board: struct dg_wire_awake   */
    DG_WIRE_BOOT = 2,   /* bridge: struct dg_wire_boot   */
    DG_WIRE_BOOTED = 3, /* board: struct dg_wire_done    */
    DG_WIRE_LOOK = 4,   /* bridge                        */
    DG_WIRE_VIEW = 5,   /* board: struct dg_wire_view    */
    DG_WIRE_ACT = 6,    /* bridge: struct dg_wire_act    */
    DG_WIRE_ACTED = 7,  /* board: struct dg_wire_done    */
    DG_WIRE_GAUGE = 8,  /* bridge: struct dg_wire_gauge_ask */
    DG_WIRE_GAUGED = 9, /* board: struct dg_wire_gauge   */
    DG_WIRE_CUT = 10,   /* board: the power is gone      */
    DG_WIRE_OFF = 11,   /* bridge: end between two instants; ACTED follows */
};

#define DG_WIRE_NAME 16U
#define DG_WIRE_SEED 48U

struct dg_wire_head {
    uint32_t kind; /* enum dg_wire */
};

struct dg_wire_awake {
    struct dg_wire_head head;
    uint32_t view_size; /* of dg_hands_view: one build on both sides */
    uint32_t faults;    /* of the processor since the PSRAM was made  */
    uint32_t fault_at;
};

struct dg_wire_boot {
    struct dg_wire_head head;
    uint32_t is_driven;
    uint32_t is_new_world;
    uint32_t is_new_flash; /* erased: provision it */
    uint64_t real_s;       /* the calendar, as a clock with its own cell */
    uint32_t package;
    char person[DG_WIRE_NAME]; /* with a zero at the end */
    uint8_t seed[DG_WIRE_SEED];
    uint32_t glucagon; /* enum dg_provision_glucagon */
};

/* Where a boot ended. */
enum dg_wire_stage {
    DG_WIRE_STAGE_CRYPTO = 1,
    DG_WIRE_STAGE_WORLD = 2,
    DG_WIRE_STAGE_PROVISION = 3,
    DG_WIRE_STAGE_BOOT = 4,
};

struct dg_wire_done {
    struct dg_wire_head head;
    uint32_t status; /* enum dg_status */
    uint32_t stage;  /* of a boot */
};

struct dg_wire_act {
    struct dg_wire_head head;
    uint32_t act; /* enum dg_hands_act */
    uint32_t argument;
};

struct dg_wire_view {
    struct dg_wire_head head;
    uint32_t unused;
    struct dg_hands_view view;
};

/* What the report asks: with @p repaint the marks begin anew afterwards. */
struct dg_wire_gauge_ask {
    struct dg_wire_head head;
    uint32_t repaint;
};

struct dg_wire_gauge {
    struct dg_wire_head head;
    uint32_t stack_used;
    uint32_t stack_size;
    uint32_t heap_used; /* most that Mbed TLS ever had of its buffer */
    uint32_t heap_size;
    uint32_t device_size;  /* sizeof(struct dg_device)          */
    uint32_t chamber_size; /* and what a chamber of glucagon adds */
    uint32_t link_ticks;   /* of the last datagram, 25 MHz      */
    uint32_t crypto_ticks; /* of it inside the crypto port      */
    uint32_t crypto_calls;
};

#endif
