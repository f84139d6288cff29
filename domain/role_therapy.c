/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "gate.h"
#include "role.h"

/* What is known about the therapy and wanted from the device.  It holds no key
 * and reaches nothing but its three channels; all it thinks is in client.c. */
static struct dg_client client;

/* The supervisor has checked these; a bad one is its bug. */
static int32_t number(int argc, char **argv, const char *name)
{
    const char *text = dg_role_option(argc, argv, name);

    return (text == NULL) ? -1 : (int32_t)strtol(text, NULL, 10);
}

static enum dg_status role_init(int argc,
                                char **argv,
                                struct dg_sandbox_grants *grants,
                                struct dg_role_report *report)
{
    const char *closed = dg_role_option(argc, argv, "--closed-loop");
    const int32_t battery = number(argc, argv, "--phone-battery");
    struct dg_client_settings settings = {
        .closed_loop = (closed != NULL) && (strcmp(closed, "on") == 0),
        .loop = {.target = {number(argc, argv, "--target")},
                 .isf_mg_dL_per_U = number(argc, argv, "--isf")}};

    (void)grants;
    (void)report;
    if ((battery < 0) || (battery > 100)) {
        (void)fprintf(stderr, "role therapy: an option is missing\n");
        return DG_E_USAGE;
    }
    settings.phone_battery_percent = (uint8_t)battery;
    dg_client_init(&client, &settings);
    return DG_OK;
}

static void send_all(void)
{
    for (size_t i = 0; i < client.out_count; i++) {
        const struct dg_internal *message = &client.out[i];
        const enum dg_role_id to = dg_gate_rule_of(message->type)->to;

        if ((message->type == DG_INTERNAL_ASK) ||
            (message->type == DG_INTERNAL_ASK_LIMITS)) {
            dg_role_ask(to);
        }
        dg_role_send(to, message);
    }
    client.out_count = 0;
}

static enum dg_status role_message(enum dg_role_id peer,
                                   const struct dg_internal *message)
{
    (void)peer;

    const enum dg_status status =
        dg_client_take(&client, dg_role_now_ms(), message);

    send_all();
    return status;
}

static int64_t role_tick(int64_t now_ms)
{
    const int64_t due = dg_client_tick(&client, now_ms);

    send_all();
    return due;
}

int main(int argc, char **argv)
{
    static const struct dg_role_program program = {.id = DG_ROLE_ID_THERAPY,
                                                   .init = role_init,
                                                   .message = role_message,
                                                   .tick = role_tick};

    return dg_role_run(&program, argc, argv);
}
