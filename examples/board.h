/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EXAMPLE_BOARD_H
#define DG_EXAMPLE_BOARD_H

#include <stdbool.h>

#include "dosegate/device.h"

/* What the example asks of a board beside the ports of dosegate/device.h. */

/** False when the main loop should end. */
bool board_is_on(void);

/** The hardware clock, seconds; it may fall back, never needs to be right. */
dg_seconds board_clock(void);

/** One datagram from the radio inside @p room, {NULL, 0} after a second of
 * silence. */
dg_span board_radio_receive(dg_buf room);

void board_radio_send(dg_span datagram);

/** The button that a person has pressed since the last look. */
enum dg_button board_button(void);

void board_beep(void);

/** The main loop of a pump; 0 when switched off, 1 when it must not run. */
int pump_run(struct dg_device *pump, const struct dg_device_ports *ports);

#endif
