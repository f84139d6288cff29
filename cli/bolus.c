/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "amount.h"
#include "place.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS      20000
#define FOLLOW_MS      500
#define FOLLOW_MAX     3600 /* half an hour: 45 U at 1.5 U a minute */
#define UNREACHED_MAX  6
#define SETTLE_MS      100
#define CONFIRM_MS_MAX 90000 /* a ticket lives a minute */

static const char help[] =
    "usage: dosegate bolus AMOUNT [--dir DIR] [--yes] [--again]\n"
    "\n"
    "Ask the pump for a bolus, show what the pump resolved, and follow it.\n"
    "AMOUNT is in units: 2 or 2.0 or 2.05.\n"
    "\n"
    "  --yes    approve what the pump resolved without asking (for scripts)\n"
    "  --again  a second dose, although the outcome of the one before was\n"
    "           reported within the last minute only\n";

struct bolus {
    struct dg_cli_talk gateway;
    struct dg_cli_talk display;
    dg_dose asked;
    bool yes;
};

static bool answer_is_yes(int ms)
{
    char word[16] = "";
    struct pollfd entry = {.fd = STDIN_FILENO, .events = POLLIN};

    if ((poll(&entry, 1, ms) != 1) ||
        (fgets(word, sizeof(word), stdin) == NULL)) {
        (void)printf("\n");
        return false;
    }
    return (strcmp(word, "y\n") == 0) || (strcmp(word, "Y\n") == 0) ||
           (strcmp(word, "yes\n") == 0);
}

/* What the trusted display shows: the pump's own words about the dose. */
static void take_question(struct bolus *bolus, const json_t *question)
{
    const char *ticket = dg_cli_text(question, "ticket");
    const long long resolved = dg_cli_int(question, "amount_mU");
    char asked[DG_CLI_AMOUNT_MAX];
    char line[64];

    if (strcmp(dg_cli_text(question, "show"), "ask") != 0) {
        return;
    }
    dg_cli_amount_write(bolus->asked.mU, asked);
    (void)printf("The pump resolved: %s.", dg_cli_text(question, "text"));
    if (resolved != bolus->asked.mU) {
        (void)printf(" (You asked for %s; it delivers whole steps of 0.05 U.)",
                     asked);
    }

    bool approved = resolved <= bolus->asked.mU;

    if (!approved) {
        (void)printf(" That is more than you asked for: declined.\n");
    } else if (bolus->yes) {
        (void)printf(" Approved.\n");
    } else {
        (void)printf(" Approve? [y/N] ");
        (void)fflush(stdout);
        approved = answer_is_yes((int)dg_cli_int(question, "lapses_s") * 1000);
    }
    (void)snprintf(line,
                   sizeof(line),
                   "%s %.16s",
                   approved ? "approve" : "decline",
                   ticket);
    (void)dg_cli_talk_say(&bolus->display, line);
}

/* Wait for the reply to the request, and answer what the display asks. */
static json_t *confirm(struct bolus *bolus)
{
    struct pollfd entries[2] = {{.fd = bolus->gateway.fd, .events = POLLIN},
                                {.fd = bolus->display.fd, .events = POLLIN}};

    for (;;) {
        if (poll(entries, 2, CONFIRM_MS_MAX) <= 0) {
            return NULL;
        }
        if (entries[0].revents != 0) {
            return dg_cli_talk_hear(&bolus->gateway, ANSWER_MS);
        }
        do {
            json_t *question = dg_cli_talk_hear(&bolus->display, ANSWER_MS);

            if (question == NULL) {
                return NULL;
            }
            take_question(bolus, question);
            json_decref(question);
        } while (dg_cli_talk_has_line(&bolus->display));
    }
}

/* One look; false when there is nothing more to follow. */
static bool follow_once(struct bolus *bolus,
                        const char *ticket,
                        char last[16],
                        int *unreached,
                        int *code)
{
    json_t *reply =
        dg_cli_talk_ask(&bolus->gateway, "{\"op\":\"status\"}", ANSWER_MS);
    const json_t *dose =
        json_object_get(json_object_get(reply, "status"), "last_dose");
    const char *outcome = dg_cli_text(dose, "outcome");
    char text[DG_CLI_AMOUNT_MAX];
    bool goes_on = true;

    dg_cli_amount_write(dg_cli_int(dose, "delivered_mU"), text);
    if (!json_is_true(json_object_get(reply, "ok"))) {
        (*unreached)++;
        goes_on = *unreached < UNREACHED_MAX;
        if (!goes_on) {
            dg_cli_complain(reply);
            (void)fprintf(stderr,
                          "dosegate: the dose was accepted; look at the pump, "
                          "or ask dosegate status later\n");
        }
    } else if (strcmp(dg_cli_text(dose, "ticket"), ticket) != 0) {
        (void)fprintf(stderr,
                      "dosegate: another dose came after this one: see "
                      "dosegate status\n");
        goes_on = false;
    } else {
        *unreached = 0;
        if ((strcmp(outcome, "waiting") == 0) && (strcmp(last, outcome) != 0)) {
            (void)printf("Press the button on the pump: it wants its own "
                         "confirmation.\n");
        }
        if ((strcmp(outcome, "delivering") == 0) &&
            (strcmp(last, outcome) != 0)) {
            (void)printf("Delivering.\n");
        }
        (void)snprintf(last, 16, "%s", outcome);
        if ((strcmp(outcome, "waiting") != 0) &&
            (strcmp(outcome, "delivering") != 0)) {
            (void)printf(
                "Outcome: %s, %s.\n", text, dg_cli_text(dose, "outcome_text"));
            *code =
                (strcmp(outcome, "delivered") == 0) ? DG_CLI_OK : DG_CLI_FAILED;
            goes_on = false;
        }
    }
    (void)fflush(stdout);
    json_decref(reply);
    return goes_on;
}

static int follow(struct bolus *bolus, const char *ticket)
{
    const struct timespec pause = {.tv_nsec = FOLLOW_MS * 1000000L};
    char last[16] = "";
    int unreached = 0;
    int code = DG_CLI_FAILED;

    for (int i = 0; i < FOLLOW_MAX; i++) {
        if (!follow_once(bolus, ticket, last, &unreached, &code)) {
            return code;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)fprintf(stderr, "dosegate: still not done: ask dosegate status\n");
    return code;
}

static int run(struct bolus *bolus, bool again)
{
    char line[96];
    json_t *foreign = dg_cli_talk_hear(&bolus->display, SETTLE_MS);

    /* A question that waits already is about another dose, and never to be
     * answered in passing. */
    if (foreign != NULL) {
        (void)fprintf(stderr,
                      "dosegate: another dose waits for confirmation (%s): "
                      "answer it, or dosegate stop, first\n",
                      dg_cli_text(foreign, "text"));
        json_decref(foreign);
        return DG_CLI_FAILED;
    }
    (void)snprintf(line,
                   sizeof(line),
                   "{\"op\":\"bolus\",\"mU\":%d,\"again\":%s}",
                   bolus->asked.mU,
                   again ? "true" : "false");
    if (!dg_cli_talk_say(&bolus->gateway, line)) {
        dg_cli_complain(NULL);
        return DG_CLI_FAILED;
    }

    json_t *reply = confirm(bolus);
    char ticket[17];

    (void)snprintf(ticket, sizeof(ticket), "%s", dg_cli_text(reply, "ticket"));
    if (!json_is_true(json_object_get(reply, "ok"))) {
        const long long headroom = dg_cli_int(reply, "headroom_mU");
        const char *result = dg_cli_text(reply, "result");
        const json_t *dose =
            json_object_get(json_object_get(reply, "status"), "last_dose");
        char text[DG_CLI_AMOUNT_MAX];

        dg_cli_complain(reply);
        dg_cli_amount_write(headroom, text);
        if (headroom > 0) {
            (void)fprintf(
                stderr, "dosegate: at most %s would be allowed now\n", text);
        }
        if (strcmp(result, "earlier") == 0) {
            (void)fprintf(stderr,
                          "dosegate: that dose: %s; write --again for a second "
                          "one\n",
                          dg_cli_text(dose, "outcome_text"));
        }
        json_decref(reply);
        return DG_CLI_FAILED;
    }
    json_decref(reply);
    (void)printf("Accepted (ticket %s).\n", ticket);
    return follow(bolus, ticket);
}

int dg_cli_bolus(int argc, char **argv)
{
    struct bolus bolus = {.gateway = {.fd = -1}, .display = {.fd = -1}};
    const char *asked = NULL;
    const char *amount = NULL;
    const char *why = NULL;
    bool again = false;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--yes", NULL, &bolus.yes},
                                            {"--again", NULL, &again}};
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc, argv, help, options, 3, &amount);
    int code = DG_CLI_FAILED;

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (amount == NULL) {
        (void)fprintf(stderr,
                      "dosegate bolus: how much?  write dosegate bolus 2.0\n");
        return DG_CLI_FAILED;
    }
    if (dg_cli_amount_read(amount, &bolus.asked, &why) != DG_OK) {
        (void)fprintf(stderr, "dosegate bolus: '%.32s': %s\n", amount, why);
        return DG_CLI_FAILED;
    }
    if (dg_cli_place(asked, dir)) {
        dg_cli_show_phone_if_simulated(dir);
    }
    if (dg_cli_place(asked, dir) && dg_cli_gateway(&bolus.gateway, dir) &&
        dg_cli_join(dir, "confirm.sock", path) &&
        dg_cli_talk_open(&bolus.display,
                         path,
                         "the medical domain does not run: dosegate up")) {
        code = run(&bolus, again);
    }
    dg_cli_talk_close(&bolus.gateway);
    dg_cli_talk_close(&bolus.display);
    return code;
}
