/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_PHONE_H
#define DG_ADAPTER_PHONE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "eval/adapter/app.h"
#include "eval/adapter/bare.h"
#include "eval/adapter/unit.h"

/* One phone on the bench: which kind it is, what it shows of itself, and what
 * becomes of it as a thing that is dropped, frozen or wiped. */
struct dg_bench_phone {
    char name[16]; /* "": free */
    bool is_app;
    bool is_loop;
    bool is_frozen; /* it does nothing, and does not know */
    bool is_off;    /* it is gone, or its battery is flat */
    char dir[640];  /* of an app */
    char via[64];   /* the relay's door */
    int isf;        /* mg/dL per U, of its controller */
    struct dg_app app;
    struct dg_bare bare;
    struct dg_unit *unit; /* paired with; NULL before */
    json_int_t shown_s;   /* bench time since it showed a ticket */
};

/** Start it at @p phone->via; NULL or what went wrong. */
const char *dg_phone_start(struct dg_bench_phone *phone,
                           const char *bin,
                           int patience_ms);

/**
 * {"how":"kill"}  gone at once, in the middle of whatever it does; it keeps
 *                 what it stored. "freeze" and "thaw"; "wipe": killed, and what
 *                 it stored is gone; "start": on again after kill or wipe.
 */
json_t *dg_phone_power(struct dg_bench_phone *phone,
                       const json_t *request,
                       const char *bin,
                       int patience_ms);

/** Send a signal to the processes of a medical part: @p supervisor and its
 * children, which are signalled so that it takes none for dead. */
void dg_phone_signal(pid_t supervisor, int what);

/** Show a ticket, if the last one is old. */
void dg_phone_attest_if_old(struct dg_bench_phone *phone);
void dg_phone_attest(struct dg_bench_phone *phone);

#define DG_PHONE_RENEW_S 1800 /* a ticket is good for hours */

#endif
