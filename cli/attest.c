/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000

static const char help[] =
    "usage: dosegate attest [--dir DIR]\n"
    "\n"
    "Show the pump what this phone is: take the pump's nonce to the "
    "attestation\n"
    "service and the service's ticket back.  The virtual pump's own bench "
    "plays\n"
    "that service and vouches for whoever asks: this is simulation, no "
    "evidence.\n"
    "Without a ticket each dose needs the pump's own button.\n";

/* One exchange; NULL when the phone did not answer. */
static json_t *ask_gateway(struct dg_cli_talk *gateway, const char *ticket)
{
    char line[DG_CLI_LINE_MAX];

    (void)snprintf(line,
                   sizeof(line),
                   (*ticket == '\0') ? "{\"op\":\"attest\"}"
                                     : "{\"op\":\"attest\",\"ticket\":\"%s\"}",
                   ticket);
    return dg_cli_talk_ask(gateway, line, ANSWER_MS);
}

static json_t *ask_service(struct dg_cli_talk *bench, const json_t *nonce)
{
    char line[DG_CLI_LINE_MAX];

    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"attest\",\"nonce\":\"%s\",\"key\":\"%s\","
                   "\"presence\":\"%s\"}",
                   dg_cli_text(nonce, "nonce"),
                   dg_cli_text(nonce, "key"),
                   dg_cli_text(nonce, "presence"));
    return dg_cli_talk_ask(bench, line, ANSWER_MS);
}

static bool exchange(struct dg_cli_talk *gateway, struct dg_cli_talk *bench)
{
    json_t *nonce = ask_gateway(gateway, "");
    json_t *ticket = NULL;
    json_t *taken = NULL;
    bool is_ok = json_is_true(json_object_get(nonce, "ok"));

    if (is_ok) {
        ticket = ask_service(bench, nonce);
        is_ok = json_is_true(json_object_get(ticket, "ok"));
    }
    if (is_ok) {
        taken = ask_gateway(gateway, dg_cli_text(ticket, "ticket"));
        is_ok = json_is_true(json_object_get(taken, "ok"));
    }
    if (!is_ok) {
        dg_cli_complain((taken != NULL)    ? taken
                        : (ticket != NULL) ? ticket
                                           : nonce);
    }
    json_decref(nonce);
    json_decref(ticket);
    json_decref(taken);
    return is_ok;
}

bool dg_cli_show_phone(const char *dir)
{
    struct dg_cli_talk gateway = {.fd = -1};
    struct dg_cli_talk bench = {.fd = -1};
    char path[DG_CLI_PATH_MAX];
    bool is_ok = false;

    if (dg_cli_join(dir, "device/bench.sock", path) &&
        dg_cli_talk_open(&bench,
                         path,
                         "no virtual pump runs here, and a real one needs an "
                         "attestation service of its own") &&
        dg_cli_gateway(&gateway, dir)) {
        is_ok = exchange(&gateway, &bench);
    }
    dg_cli_talk_close(&gateway);
    dg_cli_talk_close(&bench);
    return is_ok;
}

void dg_cli_show_phone_if_simulated(const char *dir)
{
    char path[DG_CLI_PATH_MAX];

    if (dg_cli_join(dir, "device/bench.sock", path) &&
        (access(path, F_OK) == 0) && !dg_cli_show_phone(dir)) {
        (void)fprintf(stderr,
                      "dosegate: the phone could not be attested: doses will "
                      "need the button on the pump\n");
    }
}

int dg_cli_attest(int argc, char **argv)
{
    const char *asked = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc, argv, help, options, 1, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_show_phone(dir)) {
        return DG_CLI_FAILED;
    }
    (void)printf("The pump has this phone's ticket (simulated: nobody looked "
                 "at the phone).\n");
    return DG_CLI_OK;
}
