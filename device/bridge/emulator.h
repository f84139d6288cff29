/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EMULATOR_H
#define DG_EMULATOR_H

#include <sys/types.h>

/* qemu-system-arm with the image, as a child that dies with this program. */
struct dg_emulator {
    pid_t pid;
    int link;  /* UART0 */
    int bench; /* UART1 */
};

/**
 * Start it.
 *
 * @param image  The firmware.
 * @param ram    File of 16 MiB that is the board's PSRAM.
 * @param lock   Descriptor that the emulator keeps open, so that its lock
 *               lasts as long as the emulator may still write.
 *
 * Environment: DG_FIRMWARE_QMP names a socket where the emulator takes QMP
 * commands; DG_FIRMWARE_ICOUNT makes one instruction one nanosecond.
 *
 * @return 0, or -1 with errno.
 */
int dg_emulator_start(struct dg_emulator *emulator,
                      const char *image,
                      const char *ram,
                      int lock);

void dg_emulator_kill(struct dg_emulator *emulator);

#endif
