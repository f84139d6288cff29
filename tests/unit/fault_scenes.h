/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_FAULT_SCENES_H
#define DG_TEST_FAULT_SCENES_H

#include "failing.h"
#include "rig.h"

/* What people and phones do with a device, each told as one act that can be
 * begun again at any time: it comes to its end, or says that it did not. */
struct fault_scene {
    const char *name;
    bool (*prepare)(void); /* NULL: nothing; done with sound ports */
    bool (*act)(void);
    int32_t mU;     /* what is approved in it, above the schedule of basal */
    bool withholds; /* basal is withheld in it, by a person or a phone */
    bool boots;     /* it is a reset: flash is read anew */
};

#define FAULT_RATE_MU_PER_H 1200 /* a pulse in 150 s */

extern const struct fault_scene fault_scenes[];
extern const size_t fault_scene_count;

extern struct rig rig;
extern bool fault_has_committed; /* a dose was approved since it was cleared */

/** Owner 0 and caregiver 1 (who signs) paired, connected; trusted readings. */
void fault_begin(const struct dg_device_ports *ports);

/** Phone 0 connects, shows a reading and takes the lease, however long the
 * world stood still. */
bool fault_ready(void);

#endif
