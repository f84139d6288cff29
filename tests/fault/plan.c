/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fault_die(const char *what)
{
    (void)fprintf(stderr, "fault: %s\n", what);
    exit(1);
}

void fault_plan_read(struct fault_plan *plan, const char *path)
{
    static char text[2U * FAULT_LINE_MAX + 64U];
    static char hex[2U * FAULT_LINE_MAX + 64U];
    FILE *file = fopen(path, "r");
    unsigned a = 0U;
    unsigned b = 0U;

    if (file == NULL) {
        fault_die(path);
    }
    while (fgets(text, sizeof text, file) != NULL) {
        if (sscanf(text, "reg %x %x", &a, &b) == 2) {
            if (a < FAULT_REGISTERS) {
                plan->reg[a] = b;
            }
        } else if (sscanf(text, "code %x %x", &a, &b) == 2) {
            if (plan->codes == FAULT_RANGES_MAX) {
                fault_die("too many functions");
            }
            plan->code[plan->codes].from = a;
            plan->code[plan->codes++].to = b;
        } else if (sscanf(text, "line %x %8255s", &a, hex) == 2) {
            struct fault_line *line = &plan->line[plan->lines++];

            line->uart = a;
            line->size = strlen(hex) / 2U;
            for (size_t i = 0U; i < line->size; i++) {
                (void)sscanf(&hex[2U * i], "%2x", &b);
                line->byte[i] = (uint8_t)b;
            }
        } else if (sscanf(text, "wfi %x", &a) == 1) {
            plan->wfi = a;
        } else if (sscanf(text, "moved %x", &a) == 1) {
            plan->moved = a;
        } else if (sscanf(text, "clock %x", &a) == 1) {
            plan->clock = a;
        } else if (sscanf(text, "from %x", &a) == 1) {
            plan->from = a;
        } else if (sscanf(text, "sample %x %x", &a, &b) == 2) {
            plan->sample = a;
            plan->seed = b;
        } else if (sscanf(text, "skips %x", &a) == 1) {
            plan->skips = a;
        } else if (sscanf(text, "heavy %x", &a) == 1) {
            plan->heavy = a;
        } else {
            fault_die(text);
        }
    }
    (void)fclose(file);
}
