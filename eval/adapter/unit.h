/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_UNIT_H
#define DG_ADAPTER_UNIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "eval/child.h"
#include "eval/jsonl.h"

/* One virtual pump under test: its process, its bench, its glucose sensor. */
#define DG_UNITS     2U
#define DG_UNIT_PATH 512U

struct dg_unit {
    bool is_made;
    bool is_off; /* by the bench */
    char dir[DG_UNIT_PATH];
    char link[64];
    struct dg_child child;
    struct dg_jsonl bench;
    uint32_t sequence; /* of the sensor */
    unsigned releases; /* that its maker made after the first */
};

/** Start the pump of @p unit in a new directory below @p dir, with a chamber of
 * @p glucagon (none, asked, rescue); NULL on success, else what went wrong. */
const char *dg_unit_start(struct dg_unit *unit,
                          const char *bin,
                          const char *dir,
                          const char *person,
                          const char *glucagon);

/** Power off, in the middle of whatever it does. */
void dg_unit_cut(struct dg_unit *unit);

/** Power on again; the same flash, the same link address. */
const char *dg_unit_power_on(struct dg_unit *unit, const char *bin);

void dg_unit_stop(struct dg_unit *unit);

/** What the pump declares when it starts: the answer to "start", NULL when its
 * bench does not answer. */
json_t *dg_unit_declare(struct dg_unit *unit);

/** mg/dL that a unit of insulin takes away from its person; 50 when the bench
 * does not say. */
int dg_unit_isf(struct dg_unit *unit);

/** A release of its maker, or what someone made of one: {"ok", "manifest",
 * "image"}, names of files. */
json_t *dg_unit_release(struct dg_unit *unit, const char *kind);

/** {"ok", "version"}: the release that runs. */
json_t *dg_unit_firmware(struct dg_unit *unit);

/** What someone does who opens the unit: "keep" copies its memory, "rewind"
 * cuts power, puts the copy back and gives power again, "settings" tells what
 * is set as text to compare, "secrets" what no message may carry, with
 * @p known (its reference is taken) of the phones. */
json_t *dg_unit_opened(struct dg_unit *unit,
                       const char *bin,
                       const json_t *request,
                       json_t *known);

/** Ask the bench of a running pump; NULL when it does not answer. */
json_t *dg_unit_ask(struct dg_unit *unit, json_t *request);

/** What the sensor would send now for a glucose value; hex, or NULL. */
const char *dg_unit_reading(struct dg_unit *unit,
                            int mg_dL,
                            uint8_t frame[64],
                            size_t *size);

/** What the attestation service says about a phone; hex of a ticket, freed by
 * the caller, or NULL.  @p nonce, @p key and @p presence are hex. */
char *dg_unit_ticket(struct dg_unit *unit,
                     const char *nonce,
                     const char *key,
                     const char *presence);

#endif
