/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_FAULT_PLAN_H
#define DG_FAULT_PLAN_H

#include <stddef.h>
#include <stdint.h>

/* What tests/fault/fault.c is to do, as tools/fault-inject writes it. */
#define FAULT_RANGES_MAX 1024U
#define FAULT_LINE_MAX   4096U
#define FAULT_LINES_MAX  4U
#define FAULT_REGISTERS  17U

/* A frame that arrives on a UART. */
struct fault_line {
    unsigned uart;
    size_t size;
    uint8_t byte[FAULT_LINE_MAX];
};

struct fault_plan {
    uint32_t reg[FAULT_REGISTERS]; /* r0 to r15, and xPSR */
    struct {
        uint32_t from;
        uint32_t to;
    } code[FAULT_RANGES_MAX]; /* functions of ours */
    unsigned codes;
    struct fault_line line[FAULT_LINES_MAX];
    unsigned lines;
    uint32_t wfi;    /* where the board sleeps       */
    uint32_t moved;  /* the mechanism's own count    */
    uint32_t clock;  /* the laboratory's clock       */
    uint32_t from;   /* faults begin at this function */
    uint32_t back;   /* and end in its caller        */
    uint32_t sample; /* 1 of so many bits            */
    uint32_t skips;  /* 1 of so many skips and flags */
    uint64_t seed;
    uint32_t heavy; /* so many instructions before a long call */
};

void fault_die(const char *what) __attribute__((noreturn));

/** Read a plan or end the process. */
void fault_plan_read(struct fault_plan *plan, const char *path);

#endif
