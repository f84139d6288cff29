/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <stddef.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

#define UART(uart)                  (0x40004000U + ((uint32_t)(uart)*0x1000U))
#define UART_DATA(uart)             REGISTER(UART(uart) + 0x00U)
#define UART_STATE(uart)            REGISTER(UART(uart) + 0x04U)
#define UART_CTRL(uart)             REGISTER(UART(uart) + 0x08U)
#define UART_CLEAR(uart)            REGISTER(UART(uart) + 0x0CU)
#define UART_DIVIDER(uart)          REGISTER(UART(uart) + 0x10U)
#define STATE_TX_FULL               1U
#define STATE_RX_FULL               2U
#define CTRL_TX_RX_AND_RX_INTERRUPT 0xBU
#define CLEAR_RX                    2U

#define TIMER_CTRL   REGISTER(0x40000000U)
#define TIMER_VALUE  REGISTER(0x40000004U)
#define TIMER_RELOAD REGISTER(0x40000008U)

#define SYST_CTRL           REGISTER(0xE000E010U)
#define SYST_RELOAD         REGISTER(0xE000E014U)
#define SYST_VALUE          REGISTER(0xE000E018U)
#define NVIC_ENABLE         REGISTER(0xE000E100U)
#define NVIC_UNPEND         REGISTER(0xE000E280U)
#define ICSR                REGISTER(0xE000ED04U)
#define ICSR_UNPEND_SYSTICK (1UL << 25)
/* Receive and transmit of UART0 and UART1. */
#define UART_IRQS 0xFU

/* Word that no code leaves on the stack by habit. */
#define PAINT 0xA5C3F00DU

extern uint32_t dg_stack_low[];
extern uint32_t dg_stack_top[];

static uint32_t last_ticks;
static uint64_t all_ticks;

void dg_board_init(void)
{
    for (unsigned uart = 0U; uart < 2U; uart++) {
        UART_DIVIDER(uart) = 16U;
        UART_CTRL(uart) = CTRL_TX_RX_AND_RX_INTERRUPT;
    }
    TIMER_CTRL = 0U;
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CTRL = 1U;
    SYST_RELOAD = (DG_BOARD_HZ / 2U) - 1U;
    SYST_VALUE = 0U;
    SYST_CTRL = 7U;
    NVIC_ENABLE = UART_IRQS;
}

bool dg_board_take(enum dg_uart uart, uint8_t *byte)
{
    if ((UART_STATE(uart) & STATE_RX_FULL) == 0U) {
        return false;
    }
    *byte = (uint8_t)UART_DATA(uart);
    UART_CLEAR(uart) = CLEAR_RX;
    return true;
}

void dg_board_send(enum dg_uart uart, dg_span bytes)
{
    for (size_t i = 0U; i < bytes.size; i++) {
        while ((UART_STATE(uart) & STATE_TX_FULL) != 0U) {
        }
        UART_DATA(uart) = bytes.at[i];
    }
}

void dg_board_wait(void)
{
    /* What was pending has been looked at; what comes from here on pends and
     * ends the sleep at once. */
    NVIC_UNPEND = UART_IRQS;
    ICSR = ICSR_UNPEND_SYSTICK;
    if (((UART_STATE(DG_UART_LINK) | UART_STATE(DG_UART_BENCH)) &
         STATE_RX_FULL) == 0U) {
        __asm volatile("dsb\n\twfi" ::: "memory");
    }
}

uint32_t dg_board_ticks(void)
{
    return UINT32_MAX - TIMER_VALUE;
}

uint32_t dg_board_seconds(void)
{
    const uint32_t now = dg_board_ticks();

    all_ticks += (uint32_t)(now - last_ticks);
    last_ticks = now;
    return (uint32_t)(all_ticks / DG_BOARD_HZ);
}

void dg_board_off(void)
{
    for (;;) {
        __asm volatile("wfi");
    }
}

void dg_board_stack_paint(void)
{
    uint32_t *here = NULL;

    __asm volatile("mov %0, sp" : "=r"(here));
    for (uint32_t *at = dg_stack_low; at < (here - 16); at++) {
        *at = PAINT;
    }
}

uint32_t dg_board_stack_used(void)
{
    const uint32_t *at = dg_stack_low;

    while ((at < dg_stack_top) && (*at == PAINT)) {
        at++;
    }
    return (uint32_t)((uintptr_t)dg_stack_top - (uintptr_t)at);
}

uint32_t dg_board_stack_size(void)
{
    return (uint32_t)((uintptr_t)dg_stack_top - (uintptr_t)dg_stack_low);
}
