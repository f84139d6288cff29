/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include "dosegate/controller.h"

/* The main loop of a pump.  Keys, limits, ledger and delivery are the core's;
 * the board brings its ports, a clock, a radio and buttons. */
int pump_run(struct dg_device *pump, const struct dg_device_ports *ports)
{
    uint8_t in[DG_DATAGRAM_MAX];
    uint8_t out[DG_DATAGRAM_MAX];

    if (dg_device_boot(pump, ports, board_clock()) != DG_OK) {
        return 1; /* not our flash, or damaged: refused, never repaired */
    }
    while (board_is_on()) {
        dg_span answer = {NULL, 0U};
        const dg_span heard = board_radio_receive(DG_BUF_OF(in)); /* <= 1 s */
        const enum dg_button button = board_button();
        const dg_seconds now = board_clock();

        dg_device_tick(pump, now); /* pulses that are due go out */
        if ((button != DG_BUTTON_NONE) &&
            (dg_device_press(pump, now, button) != DG_OK)) {
            board_beep(); /* nothing to confirm or to stop */
        }
        if (dg_device_receive(pump, now, heard, DG_BUF_OF(out), &answer) !=
            DG_OK) {
            return 1; /* a NULL of ours; whatever was heard is DG_OK */
        }
        if (answer.size > 0U) {
            board_radio_send(answer); /* strangers get silence */
        }
    }
    return 0;
}
