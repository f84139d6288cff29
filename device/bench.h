/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_H
#define DG_BENCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "hands.h"
#include "images.h"

/* The test bench's hands on the virtual pump: a Unix socket that takes one
 * JSON object a line and answers one a line.  It is the physical world, not an
 * interface of the product: it presses buttons, reads the mechanism, drives
 * the clock, cuts the power.
 *
 *   {"op":"hello"}                      what this is, and its limits
 *   {"op":"advance","s":300}            only with --clock driven
 *   {"op":"press","button":"confirm"}   or stop, rescue, pair, silence,
 *                                       suspend, resume, detach, bolus,
 *                                       forget, forget_hold
 *   {"op":"display"}                    pairing code, announced dose or change
 *   {"op":"delivered"}                  what the mechanism moved
 *   {"op":"ledger"}                     what the device's ledger says
 *   {"op":"glucagon"}                   the chamber, and its ledger
 *   {"op":"alarms"}  {"op":"battery"}  {"op":"sensor"}
 *   {"op":"attest","nonce":..,"key":..,"presence":..}   simulation of the
 *                                       attestation service: a ticket, in hex
 *   {"op":"block","on":true}            an occlusion
 *   {"op":"block_chamber","on":true}    one of glucagon
 *   {"op":"leak","mU":2000}             leaves the reservoir by itself
 *   {"op":"fill","mU":200000}           a person fills it
 *   {"op":"hold_sensor","number":7}     holds a new sensor to the pump, whose
 *                                       key this number makes
 *   {"op":"clock","back_s":3600}        the device's clock falls back, to 0 at
 *                                       most; only with --clock driven
 *   {"op":"cut","writes":3}             power goes in the 3rd flash write, of
 *                                       which "part" is done: half, nothing,
 *                                       all
 *
 * where the pump is a board:
 *
 *   {"op":"gauge","repaint":true}       stack, heap and time of the last
 *                                       datagram; the stack's marks anew
 *
 * where the pump has a second flash, the maker and the boot loader:
 *
 *   {"op":"release","sequence":2,"counter":1,"size":9000,"kind":"good"}
 *                                       or crash, faulty: writes two files
 *   {"op":"firmware"}                   what runs, and how it came to it
 *   {"op":"cut_images","writes":3}      as cut, for the second flash */
#define DG_BENCH_CLIENTS_MAX 4U
#define DG_BENCH_LINE_MAX    512U

struct dg_bench_client {
    int fd; /* -1: free */
    size_t used;
    char line[DG_BENCH_LINE_MAX];
};

struct dg_bench {
    const struct dg_hands *hands;
    struct dg_images *images;       /* NULL: none */
    const struct dg_crypto *crypto; /* of the host: signs as others would */
    int fd;
    struct dg_bench_client client[DG_BENCH_CLIENTS_MAX];
};

/** Listen on @p path (a stale socket is replaced).  0, or -1 with errno. */
int dg_bench_open(struct dg_bench *bench, const char *path);

/** Fill poll entries: at most 1 + DG_BENCH_CLIENTS_MAX. */
size_t dg_bench_poll(const struct dg_bench *bench, struct pollfd *entries);

/** Serve whatever is ready; never blocks. */
void dg_bench_serve(struct dg_bench *bench);

void dg_bench_close(struct dg_bench *bench, const char *path);

#endif
