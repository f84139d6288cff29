/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_DEVICE_LINK_H
#define DG_CORE_DEVICE_LINK_H

#include "dosegate/device.h"

/** Take a datagram as far as it deserves; the device's time is set already.
 * The result is for the device alone: silence is what a stranger gets. */
enum dg_status dg_device_link_receive(struct dg_device *device,
                                      dg_span datagram,
                                      dg_buf room,
                                      dg_span *answer);

#endif
