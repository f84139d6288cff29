/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_HANDS_H
#define DG_HANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/device.h"
#include "world.h"

/* What a test bench can see of a virtual pump and do to it, whether the core
 * runs in the bench's own process or as firmware behind a wire.
 *
 * Numbers only, of one size everywhere and without padding: on the wire a view
 * is its bytes.  A new field goes here, into dg_hands_local() and where the
 * bench prints it. */
struct dg_hands_view {
    uint64_t used_nAh;
    uint64_t full_nAh;
    uint32_t now_s;
    uint32_t moved_pulses; /* by the mechanism, not by the device's word */
    uint32_t bolus_pulses; /* by the ledger */
    uint32_t basal_pulses;
    uint32_t uncertain_pulses;
    uint32_t sensor_start_s;
    uint32_t alarms; /* as the sounder has them */
    uint32_t sound;  /* enum dg_sound */
    uint32_t name_size;
    uint32_t battery_percent;
    uint32_t is_driven;
    uint32_t fault;                /* enum dg_fault; 0: not in the safe state */
    uint32_t chamber_moved_steps;  /* glucagon, by the chamber's encoder */
    uint32_t chamber_ledger_steps; /* by the ledger */
    uint32_t chamber_left_steps;   /* glucagon, in it */
    uint32_t has_digits;           /* 1: eight digits are shown as well */
    uint32_t code_size;            /* 0: no pairing code is shown */
    int32_t announced_mU;
    int32_t announced_ug;    /* of glucagon */
    uint32_t change_kind;    /* enum dg_effect_kind; 0: none waits */
    uint32_t change_setting; /* enum dg_setting */
    int32_t change_mU;
    uint32_t reservoir_left; /* steps' worth, by its own level */
    int32_t step_ug;
    int32_t pulse_mU;
    int32_t basal_mU_per_h;
    int32_t daily_mU;
    int32_t isf_mg_dL_per_U;
    int32_t interval_s;
    int32_t iob_max_mU;
    int32_t ticket_s;
    int32_t dose_max_mU[DG_TIERS];
    int32_t window_max_mU[DG_TIERS][DG_WINDOWS];
    uint8_t device[DG_DEVICE_ID_SIZE];
    uint8_t sensor_key[DG_HASH_SIZE];
    uint8_t authority_seed[DG_HASH_SIZE]; /* device/authorities.h */
    uint8_t digits[DG_PAIRING_DIGITS];
    uint8_t code[DG_PAIRING_CODE_MAX];
    uint8_t name[DG_PAIRING_NAME_MAX]; /* of the phone that drains */
};

enum dg_hands_act {
    DG_HANDS_ADVANCE = 1, /* argument: seconds, 1 .. 86400; driven clock only */
    DG_HANDS_PRESS = 2,   /* enum dg_button */
    DG_HANDS_BLOCK = 3,   /* 1: an occlusion, 0: none */
    DG_HANDS_CUT = 4,     /* power goes in the n-th flash write from now */
    DG_HANDS_CUT_PART = 5, /* how much of it is done: enum dg_hands_part  */
    DG_HANDS_BLOCK_CHAMBER = 6, /* as BLOCK, of glucagon */
    DG_HANDS_LEAK = 7,          /* steps' worth leave the reservoir          */
    DG_HANDS_FILL = 8,          /* it holds so many steps' worth             */
    DG_HANDS_SENSOR = 9, /* hold a new sensor to the pump: a number, which
                                   makes its key                             */
    DG_HANDS_CLOCK = 10, /* the clock falls back by so many seconds, to 0 at
                            most; driven clock only                          */
};

enum dg_hands_part {
    DG_HANDS_HALF = 0,
    DG_HANDS_NOTHING = 1,
    DG_HANDS_ALL = 2,
};

#define DG_HANDS_PARTS 3U

#define DG_HANDS_ADVANCE_S_MAX 86400U
#define DG_HANDS_CUT_MAX       1000000U

struct dg_wire_gauge;

struct dg_hands {
    void *context;

    /* DG_E_PORT: the pump does not answer. */
    enum dg_status (*look)(void *context, struct dg_hands_view *view);

    /* DG_E_RANGE: no such act, or argument out of range.  DG_E_STATE: not now.
     * DG_E_PORT: the pump does not answer. */
    enum dg_status (*act)(void *context,
                          enum dg_hands_act act,
                          uint32_t argument);

    /* What a board measures of itself; NULL: this pump is a process. */
    enum dg_status (*gauge)(void *context,
                            bool repaint,
                            struct dg_wire_gauge *gauge);
};

/* A pump in this program. */
struct dg_local_hands {
    struct dg_device *device;
    struct dg_world *world;
    uint32_t *cut_in;   /* of the flash: 0 never, 1 at the next write */
    uint32_t *cut_part; /* enum dg_hands_part */
};

/** Fill @p hands; @p local must outlive it. */
void dg_hands_local(struct dg_hands *hands, struct dg_local_hands *local);

#endif
