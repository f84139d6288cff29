/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_APP_H
#define DG_ADAPTER_APP_H

#include <jansson.h>
#include <stdbool.h>

#include "dosegate/span.h"
#include "eval/child.h"
#include "eval/jsonl.h"

struct dg_unit;

/* The product's own phone part, the medical domain, with a person in front of
 * it: the app's buttons, and the eyes and the finger at the trusted display. */
struct dg_app {
    bool is_made;
    struct dg_child child;
    struct dg_jsonl gateway;
    struct dg_jsonl display;
    struct dg_jsonl events;
    char sensor[64];
};

/** Start it; NULL or what went wrong.  @p isf is used when it closes the
 * loop. */
const char *dg_app_start(struct dg_app *app,
                         const char *bin,
                         const char *dir,
                         const char *link,
                         bool is_loop,
                         int isf);

void dg_app_stop(struct dg_app *app);

/** End it in the middle of whatever it does. */
void dg_app_kill(struct dg_app *app);

/** {"do":"status"|"stop"|"resume"}, {"do":"suspend","s":..} or
 * {"do":"bolus","approve":true} with the numbers of its "kind". */
json_t *dg_app_do(struct dg_app *app, const json_t *order);

/** Pair with the code that the device shows; the gateway's reply. */
json_t *dg_app_pair(struct dg_app *app,
                    const char *code,
                    const char *name,
                    const char *role);

/** A sensor frame arrives; @p waits until the phone has acted on it. */
void dg_app_hear(struct dg_app *app, dg_span frame, bool waits);

/** Take the pump's nonce to the attestation service of @p unit and its ticket
 * back; when that fails the phone has nothing to show, and goes on. */
void dg_app_attest(struct dg_app *app, struct dg_unit *unit);

#endif
