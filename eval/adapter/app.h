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
    char pin[16];      /* that the person has set; "": none            */
    bool was_asked;    /* for the number again                         */
    const char *typed; /* what the person types for the number; NULL: it */
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

/** Ask for a bolus while @p person looks at the display; the answer in the
 * contract's words. */
json_t *dg_app_bolus(struct dg_app *app,
                     json_int_t mU,
                     const struct dg_pump *person);

/** What the display still has to say is about what is over. */
void dg_app_look_away(struct dg_app *app);

/** Ask for a bolus and type @p text where the display wants the number again,
 * and nothing else: "accepted", "declined" when the display did not take it,
 * or "unasked" when it never wanted it. */
json_t *dg_app_type(struct dg_app *app, json_int_t mU, const char *text);

/** Say no to whatever the display asks now; gives how often it asked. */
int dg_app_decline_all(struct dg_app *app);

/** Connect anew at the app's door in @p dir, within 8 s; false: it stays
 * shut. */
bool dg_app_reconnect(struct dg_app *app, const char *dir);

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
