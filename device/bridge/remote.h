/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_REMOTE_H
#define DG_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "device/hands.h"
#include "device/options.h"
#include "device/wire.h"
#include "frame.h"

/* A pump behind two serial lines: what the bridge asks of the firmware. */
struct dg_remote {
    int link;  /* UART0 */
    int bench; /* UART1 */
    const struct dg_options *options;
    bool is_new_world;
    bool is_new_flash;
    bool is_gone; /* the emulator ended */
    struct dg_frame_reader from_link;
    struct dg_frame_reader from_bench;
    void (*on_cut)(void); /* the power went in a flash write; no return */
};

/**
 * Wait for the board to wake, and power its device on.
 *
 * @param[out] stage  Where it ended, when it did not come up.
 *
 * @retval DG_OK             Running.
 * @retval DG_E_PORT         The board does not answer, or a port of it failed.
 * @retval DG_E_UNSUPPORTED  The image is of another build than this program.
 * @return else what the device's boot said.
 */
DG_NODISCARD enum dg_status dg_remote_boot(struct dg_remote *remote,
                                           enum dg_wire_stage *stage);

/** Hand a datagram over; @p answer lies in @p remote, {NULL, 0} for silence. */
DG_NODISCARD enum dg_status dg_remote_datagram(struct dg_remote *remote,
                                               dg_span datagram,
                                               dg_span *answer);

/** What the board said without being asked: it was reset, or lost power. */
void dg_remote_listen(struct dg_remote *remote);

/** Stop the board between two instants. */
DG_NODISCARD enum dg_status dg_remote_off(struct dg_remote *remote);

/** Gauges of the report. */
DG_NODISCARD enum dg_status dg_remote_gauge(struct dg_remote *remote,
                                            bool repaint,
                                            struct dg_wire_gauge *gauge);

/** The bench's hands on it. */
void dg_remote_hands(struct dg_hands *hands, struct dg_remote *remote);

#endif
