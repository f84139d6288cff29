/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_PUMP_H
#define DG_BENCH_PUMP_H

#include <sys/types.h>

#include "dosegate/span.h"
#include "ports/host/link.h"

#define DG_BENCH_PATH_MAX 96U /* fits a Unix socket's address */

/* One virtual pump: a process of its own, with a folder that ends with it. */
struct dg_bench_pump {
    pid_t pid;
    char folder[DG_BENCH_PATH_MAX];
    char link[DG_LINK_ADDRESS_MAX];
    int bench; /* the bench's socket */
};

/** Start @p program on a new flash; ends the program when it cannot. */
void dg_bench_pump_start(struct dg_bench_pump *pump, const char *program);

/** Press the pair button and read the code that is shown.
 * @return The size of the code in @p code. */
size_t dg_bench_pump_code(const struct dg_bench_pump *pump, dg_buf code);

/** Press the button that agrees to what the pump announces. */
void dg_bench_pump_confirm(const struct dg_bench_pump *pump);

/** End the process and remove its folder. */
void dg_bench_pump_end(struct dg_bench_pump *pump);

#endif
