/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_UPDATE_H
#define DG_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/boot.h"
#include "dosegate/image.h"
#include "dosegate/quantity.h"

/* A firmware update as the running firmware sees it.  The phone only carries
 * bytes; the maker's signature, the counters and a person's press decide.
 *
 *   IDLE --offer--> RECEIVING --last chunk--> READY --apply--> WAITING
 *    ^                 |                        |                 | button
 *    +-- abandon, flash failed, digest wrong ---+                 v
 *    +------------------- nobody pressed -----------------  RESTARTING
 *
 * Basal goes on in every state.  While the running image is on trial nothing
 * is accepted: the slot that would be overwritten is the way back. */
enum dg_update_state {
    DG_UPDATE_IDLE = 0,
    DG_UPDATE_RECEIVING = 1,
    DG_UPDATE_READY = 2,      /* whole and genuine */
    DG_UPDATE_WAITING = 3,    /* for the device's button */
    DG_UPDATE_RESTARTING = 4, /* armed; the reset is due */
};

/* Why an update was refused or ended. */
enum dg_update_why {
    DG_UPDATE_FINE = 0,
    DG_UPDATE_NO_SLOTS = 1,   /* this device cannot be updated            */
    DG_UPDATE_ON_TRIAL = 2,   /* the running image is not confirmed yet   */
    DG_UPDATE_FORGED = 3,     /* the manifest is not the maker's          */
    DG_UPDATE_NOT_OURS = 4,   /* another vendor, class or format          */
    DG_UPDATE_OLD = 5,        /* sequence not above the running one       */
    DG_UPDATE_COUNTER = 6,    /* security counter below the device's      */
    DG_UPDATE_TOO_LARGE = 7,  /* does not fit into a slot                 */
    DG_UPDATE_LAYOUT = 8,     /* the image cannot read our settings       */
    DG_UPDATE_PROTOCOL = 9,   /* the image does not speak with this phone */
    DG_UPDATE_ORDER = 10,     /* not what is due now: see state and next  */
    DG_UPDATE_DIGEST = 11,    /* the image is not what the manifest says  */
    DG_UPDATE_FLASH = 12,     /* the flash failed                         */
    DG_UPDATE_BUSY = 13,      /* a dose is under way                      */
    DG_UPDATE_UNPRESSED = 14, /* nobody pressed the button                */
};

/* A trial that lived so long without a fault, and passed its self-test, is
 * confirmed: long enough for a basal pulse of 0.3 U/h. */
#define DG_UPDATE_TRIAL_S 600U
#define DG_UPDATE_WAIT_S  120U /* to reach for the button */
#define DG_UPDATE_CHUNK   256U /* bytes in one message, at most */

_Static_assert(DG_UPDATE_CHUNK >= DG_MANIFEST_MAX, "an offer is one message");

enum dg_update_verb {
    DG_UPDATE_NOTHING = 0,
    DG_UPDATE_OFFER = 1, /* bytes: the signed manifest */
    DG_UPDATE_PART = 2,  /* bytes of the image from offset on */
    DG_UPDATE_APPLY = 3,
    DG_UPDATE_QUERY = 4,
    DG_UPDATE_ABANDON = 5,
};

#define DG_UPDATE_VERBS 6U /* array size */

/* The port: a second flash, the trust in the maker, and the reset line. */
struct dg_update_port {
    const struct dg_flash *flash;
    const struct dg_update_root *root;
    struct dg_boot_choice choice; /* what the boot loader decided */
    void *context;
    /* Show what waits for the button; NULL: nothing does. */
    void (*announce)(void *context, const struct dg_manifest *manifest);
    /* Reset soon; returns. */
    void (*restart)(void *context);
};

struct dg_update {
    enum dg_update_state state;
    enum dg_update_why why; /* of the last refusal or end */
    struct dg_manifest manifest;
    uint32_t next;    /* byte of the image that is due */
    bool is_whole;    /* all of it is in flash, and its digest held */
    dg_seconds until; /* end of waiting, or of the trial */
    bool is_judged;   /* the trial was confirmed or rejected */
};

#endif
