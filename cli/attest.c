/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attest_file.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"
#include "vouch.h"

#define ANSWER_MS 20000

static const char help[] =
    "usage: dosegate attest [--service URL --platform PROGRAM] [--dir DIR]\n"
    "       dosegate attest FILE [--kind KIND] [--challenge HEX] [--at TIME]\n"
    "                [--known FILE] [--app NAME] [--anchors FILE --trust "
    "KEY]\n"
    "                [--json]\n"
    "\n"
    "Without FILE: show the pump what this phone is: take the pump's nonce to "
    "the\n"
    "attestation service and the service's ticket back.  PROGRAM asks the "
    "platform\n"
    "for evidence (docs/attestd.md); both are remembered in DIR.  Where none "
    "was ever\n"
    "named, the virtual pump's own bench plays the service and vouches for "
    "whoever\n"
    "asks: this is simulation, no evidence.\n"
    "Without a ticket each dose needs the pump's own button.\n"
    "\n"
    "With FILE: explain a piece of platform evidence, offline, claim by "
    "claim.\n"
    "  --kind       android-key, apple-attestation, apple-assertion, "
    "tpm-quote,\n"
    "               psa-token; guessed from the file when not given\n"
    "  --challenge  what it should have been made for, in hex\n"
    "  --at         when to judge: 2026-11-20T12:00:00Z; now when not given\n"
    "  --known      JSON: apps, enrolled keys, reference values\n"
    "  --app        an Apple app: team id, dot, bundle id\n"
    "  --anchors    roots and revocation list, signed (dosegate anchors)\n"
    "  --trust      public key of who signed them\n"
    "  --json       for programs\n"
    "Exit codes: 0 accepted, 1 unsupported, undecided or could not run, 2 "
    "rejected.\n";

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
    struct dg_cli_vouch vouch;
    char path[DG_CLI_PATH_MAX];
    bool is_shown = true;

    if (dg_cli_vouch_load(dir, &vouch)) {
        is_shown = dg_cli_vouch_run(dir, &vouch, NULL);
    } else if (dg_cli_join(dir, "device/bench.sock", path) &&
               (access(path, F_OK) == 0)) {
        is_shown = dg_cli_show_phone(dir);
    }
    if (!is_shown) {
        (void)fprintf(stderr,
                      "dosegate: the phone could not be attested: doses will "
                      "need the button on the pump\n");
    }
}

static int show(const char *dir, const char *service, const char *platform)
{
    struct dg_cli_vouch vouch;

    if ((service != NULL) || (platform != NULL)) {
        return (dg_cli_vouch_take(dir, service, platform, &vouch) &&
                dg_cli_vouch_run(dir, &vouch, NULL))
                   ? DG_CLI_OK
                   : DG_CLI_FAILED;
    }
    if (dg_cli_vouch_load(dir, &vouch)) {
        return dg_cli_vouch_run(dir, &vouch, NULL) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_show_phone(dir)) {
        return DG_CLI_FAILED;
    }
    (void)printf("The pump has this phone's ticket (simulated: nobody looked "
                 "at the phone).\n");
    return DG_CLI_OK;
}

int dg_cli_attest(int argc, char **argv)
{
    const char *asked = NULL;
    const char *service = NULL;
    const char *platform = NULL;
    struct dg_cli_attest_question question = {.file = NULL};
    const struct dg_cli_option options[] = {
        {"--dir", &asked, NULL},
        {"--service", &service, NULL},
        {"--platform", &platform, NULL},
        {"--kind", &question.kind, NULL},
        {"--challenge", &question.challenge, NULL},
        {"--at", &question.at, NULL},
        {"--known", &question.known, NULL},
        {"--app", &question.app, NULL},
        {"--anchors", &question.anchors, NULL},
        {"--trust", &question.trust, NULL},
        {"--json", NULL, &question.wants_json},
    };
    char dir[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc,
                                    argv,
                                    help,
                                    options,
                                    sizeof(options) / sizeof(options[0]),
                                    &question.file);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (question.file != NULL) {
        return dg_cli_attest_file(&question);
    }
    if ((question.kind != NULL) || (question.challenge != NULL) ||
        (question.at != NULL) || (question.known != NULL) ||
        (question.app != NULL) || (question.anchors != NULL) ||
        (question.trust != NULL) || question.wants_json) {
        (void)fprintf(stderr,
                      "dosegate attest: name the file of the evidence: see "
                      "dosegate attest --help\n");
        return DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir)) {
        return DG_CLI_FAILED;
    }
    return show(dir, service, platform);
}
