/* SPDX-License-Identifier: Apache-2.0 */
/* From power-on to main(), and from a fault to a reset. */
#include "board.h"

#include <stddef.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define AIRCR             REGISTER(0xE000ED0CU)
#define AIRCR_RESET       0x05FA0004U /* key, system reset */

extern uint32_t dg_data_load[];
extern uint32_t dg_data_start[];
extern uint32_t dg_data_end[];
extern uint32_t dg_bss_start[];
extern uint32_t dg_bss_end[];
extern uint32_t dg_stack_top[];

int main(void);
void dg_reset(void) __attribute__((noreturn));
void dg_fault(void) __attribute__((noreturn));
void dg_fault_seen(const uint32_t *frame) __attribute__((noreturn));

void dg_reset(void)
{
    const uint32_t *from = dg_data_load;

    /* Interrupts wake the processor and run nothing. */
    __asm volatile("cpsid i");
    for (uint32_t *to = dg_data_start; to < dg_data_end; to++) {
        *to = *from;
        from++;
    }
    for (uint32_t *to = dg_bss_start; to < dg_bss_end; to++) {
        *to = 0U;
    }
    dg_board_stack_paint();
    (void)main();
    dg_fault();
}

/* A processor that is not sure of itself stops moving insulin: reset, and let
 * the ledger settle what was open. */
void dg_fault_seen(const uint32_t *frame)
{
    struct dg_board_box *box = (struct dg_board_box *)(uintptr_t)DG_BOARD_BOX;
    const uintptr_t at = (uintptr_t)frame;

    box->faults++;
    /* A fault by a lost stack pointer has no frame to read. */
    box->at = ((at >= 0x20000000U) && (at <= (uintptr_t)dg_stack_top - 32U))
                  ? frame[6]
                  : 0U;
    AIRCR = AIRCR_RESET;
    for (;;) {
    }
}

__attribute__((naked)) void dg_fault(void)
{
    __asm volatile("mrs r0, msp\n\t"
                   "ldr r1, =dg_stack_top\n\t"
                   "mov sp, r1\n\t"
                   "b dg_fault_seen");
}

struct vectors {
    uint32_t *stack;
    void (*exception[15])(void);
    void (*interrupt[32])(void);
};

/* clang-format off */
__attribute__((section(".vectors"), used))
static const struct vectors vectors = {
    .stack = dg_stack_top,
    .exception = { dg_reset, dg_fault, dg_fault, dg_fault, dg_fault, dg_fault,
                   dg_fault, dg_fault, dg_fault, dg_fault, dg_fault, dg_fault,
                   dg_fault, dg_fault, dg_fault },
    .interrupt = { NULL },
};
/* clang-format on */
