/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_UPDATE_RIG_H
#define DG_TEST_UPDATE_RIG_H

#include "maker.h"

/* A running device with two slots for firmware, and its owner's phone, which
 * carries releases of the maker.  The device's rig is `rig`. */
extern struct rig rig;
extern struct dg_update_port update_port;
extern unsigned update_restarts;
extern uint32_t update_announced;         /* sequence, 0: nothing */
extern struct dg_manifest update_release; /* of update_let_wait() */

/** A device with release 1, glucose known, its owner in control. */
void update_start_with(const struct dg_therapy *therapy);
void update_start(int32_t basal_mU_per_h);

/** What a reset of a device with two slots does. */
void update_boot(void);

/** One message; its answer, of the kind `update`. */
const struct dg_answer *update_ask(enum dg_update_verb verb,
                                   uint32_t offset,
                                   dg_span bytes);
const struct dg_answer *update_ask_plainly(enum dg_update_verb verb);
enum dg_update_why update_offer(const struct dg_manifest *manifest);

/** Send what is due of the maker's last image while the device receives. */
const struct dg_answer *update_send(void);

/** Release 2 is there and waits for CONFIRM. */
void update_let_wait(void);

enum dg_status update_press(enum dg_button button);

#endif
