/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BOOT_H
#define DG_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/image.h"
#include "dosegate/status.h"

/* Which firmware runs.  The boot loader calls dg_boot_choose() at every
 * reset; the firmware itself confirms or rejects.
 *
 *   confirmed ----arm----> trial ----confirm----> the trial is confirmed
 *       ^                    |
 *       +---reject, or tries used up (a crash, a hang, a flat battery)
 *
 * Every arrow is one write of a small state with generation and CRC-32 into
 * the older of two copies, so a cut leaves the state before or the state
 * after.  Where one copy cannot be read the other one is gone by, and is written
 * over nothing that may be newer: the security counter would fall with it.  The
 * confirmed image is never written to: whatever is interrupted,
 * something that ran before runs again. */
#define DG_BOOT_TRIES   3U
#define DG_BOOT_NO_SLOT 0xFFU

/* The number of a state ends at 2^32; this long before it none is written. */
#define DG_BOOT_GENERATION_MAX (UINT32_MAX - 0x10000U)

/* How the last trial ended; Zero: there was none. */
enum dg_trial {
    DG_TRIAL_NONE = 0,
    DG_TRIAL_RUNNING = 1,     /* armed, or running and not yet confirmed */
    DG_TRIAL_CONFIRMED = 2,   /* passed its self-test: it is the image now */
    DG_TRIAL_REJECTED = 3,    /* failed its self-test                      */
    DG_TRIAL_TIRED = 4,       /* never came to an end: tries used up       */
    DG_TRIAL_NOT_GENUINE = 5, /* what is in the slot does not verify, or
                                 cannot be read                            */
};

struct dg_boot_state {
    uint32_t generation;
    uint32_t security_counter; /* least that may run; only rises */
    uint8_t confirmed;         /* slot 0 or 1                    */
    uint8_t trial;             /* slot, or DG_BOOT_NO_SLOT       */
    uint8_t tries_left;        /* 0 .. DG_BOOT_TRIES             */
    enum dg_trial last;
    uint32_t fallback; /* sequence of the image that was confirmed before this
                          one, 0: none; no other may stand in for it */
};

struct dg_boot_choice {
    unsigned slot;
    bool is_trial;
    struct dg_manifest manifest; /* of the image that runs */
    struct dg_boot_state state;
};

/**
 * Write the first state: the image in @p slot is the confirmed one.  For
 * manufacture only.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_CORRUPT (that image does not verify),
 *         DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_boot_format(const struct dg_flash *flash,
                                           const struct dg_crypto *crypto,
                                           const struct dg_update_root *root,
                                           unsigned slot);

/**
 * Read the newer sound copy of the state; one that cannot be read does not spoil
 * the other.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_CORRUPT (neither is sound), DG_E_PORT (none is,
 *         and not both could be read).
 */
DG_NODISCARD enum dg_status dg_boot_read(const struct dg_flash *flash,
                                         struct dg_boot_state *state);

/**
 * Decide what runs after this reset.
 *
 * A trial spends one try first; where that cannot be written the confirmed
 * image runs, which needs no write.  An image runs only when it verifies whole and
 * its security counter is not below the state's.  When the confirmed image
 * itself does not verify any more, the other one runs under the same
 * conditions and becomes the confirmed one, but only where it was confirmed
 * itself before: not one that failed its trial, and not one that nobody armed.
 * A slot that cannot be read is passed over for this reset.
 *
 * @retval DG_OK         Run choice->slot.
 * @retval DG_E_USAGE    A NULL, or the flash is too small.
 * @retval DG_E_CORRUPT  Nothing may run: neither image is genuine.
 * @retval DG_E_PORT     Flash or crypto failed: reset and try again.
 */
DG_NODISCARD enum dg_status dg_boot_choose(const struct dg_flash *flash,
                                           const struct dg_crypto *crypto,
                                           const struct dg_update_root *root,
                                           struct dg_boot_choice *choice);

/**
 * Arm a trial of @p slot, to begin at the next reset.
 *
 * @retval DG_OK         Armed.
 * @retval DG_E_USAGE    A NULL, or no such slot.
 * @retval DG_E_STATE    A trial is under way, or @p slot is the confirmed one.
 * @retval DG_E_CORRUPT  The image does not verify: nothing was written.
 * @retval DG_E_AUTH     Its security counter is below the state's.
 * @retval DG_E_PORT
 */
DG_NODISCARD enum dg_status dg_boot_arm(const struct dg_flash *flash,
                                        const struct dg_crypto *crypto,
                                        const struct dg_update_root *root,
                                        unsigned slot);

/**
 * The running trial passed: it is the confirmed image from now on, and its
 * security counter is the least, both in one write.
 *
 * @param running  The slot that the caller runs from: nobody confirms what he
 *                 has not tried.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE (@p running is not on trial),
 *         DG_E_CORRUPT, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_boot_confirm(const struct dg_flash *flash,
                                            const struct dg_crypto *crypto,
                                            const struct dg_update_root *root,
                                            unsigned running);

/** The trial, running or only armed, is off: the confirmed image runs after
 * the next reset.  Results as dg_boot_confirm(). */
DG_NODISCARD enum dg_status dg_boot_reject(const struct dg_flash *flash);

#endif
