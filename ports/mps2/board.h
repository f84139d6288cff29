/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MPS2_BOARD_H
#define DG_MPS2_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/span.h"

/* Arm MPS2 with application note AN386 (Cortex-M4), as qemu-system-arm has it.
 * source: Arm DAI 0386, memory map; CMSDK UART and timer in DDI 0479.
 *
 * No interrupt handler runs: interrupts wake the processor and stay masked, so
 * there is one thread of control and nothing to share. */
enum dg_uart {
    DG_UART_LINK = 0,  /* UART0: frames of datagrams */
    DG_UART_BENCH = 1, /* UART1: the test bench      */
};

#define DG_BOARD_HZ 25000000U /* timer and processor */

/* What keeps its content through a reset: it lies in the PSRAM, which nothing
 * initialises.  On a real board: flash, and the encoder of the mechanism. */
#define DG_BOARD_FLASH 0x21000000U
#define DG_BOARD_WORLD 0x21100000U
#define DG_BOARD_BOX   0x21101000U

/* Why the last run ended, for the bench: a fault must not go unseen. */
#define DG_BOARD_BOX_MAGIC 0x44474242U
struct dg_board_box {
    uint32_t magic;
    uint32_t starts; /* resets of all kinds    */
    uint32_t faults; /* of the processor       */
    uint32_t at;     /* program counter of the last fault, 0 if unknown */
};

void dg_board_init(void);

/** A byte that came, if one did. */
bool dg_board_take(enum dg_uart uart, uint8_t *byte);

void dg_board_send(enum dg_uart uart, dg_span bytes);

/** Sleep until a byte comes or half a second is over. */
void dg_board_wait(void);

/** Seconds since dg_board_init(); call at least once in 171 s. */
uint32_t dg_board_seconds(void);

/** Ticks of 1 / DG_BOARD_HZ, counting up and over. */
uint32_t dg_board_ticks(void);

/** The power is gone: never returns. */
void dg_board_off(void) __attribute__((noreturn));

/** Bytes of stack that were ever used, of how many. */
uint32_t dg_board_stack_used(void);
uint32_t dg_board_stack_size(void);
/** Forget how far it was used until now. */
void dg_board_stack_paint(void);

#endif
