/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "amount.h"
#include "ask_word.h"
#include "place.h"
#include "quantity_text.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS      20000
#define FOLLOW_MS      500
#define FOLLOW_MAX     3600 /* half an hour: 45 U at 1.5 U a minute */
#define UNREACHED_MAX  6
#define SETTLE_MS      100
#define CONFIRM_MS_MAX 90000 /* a ticket lives a minute */
#define ASK_MAX        160

struct order {
    const struct dg_effect *wanted;
    struct dg_cli_talk gateway;
    struct dg_cli_talk display;
    bool yes;
    bool again;
    char ticket[17]; /* that was asked about */
};

bool dg_cli_answer_is_yes(int ms)
{
    char word[DG_CLI_WORD_MAX] = "";

    if (!dg_cli_ask_word("", true, ms, word)) {
        (void)printf("\n");
        return false;
    }
    return (strcmp(word, "y") == 0) || (strcmp(word, "Y") == 0) ||
           (strcmp(word, "yes") == 0);
}

/* what is asked, and what the pump made of it ----------------------------- */

static const char *kind_of(const struct dg_effect *effect)
{
    static const char *const settings[] = {"none", "refill", "sensor", "basal"};

    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        return "bolus";
    case DG_EFFECT_BASAL:
        return "temporary-basal";
    case DG_EFFECT_PRIME:
        return "prime";
    case DG_EFFECT_GLUCAGON:
        return "glucagon";
    case DG_EFFECT_SETTINGS:
        return settings[effect->setting];
    case DG_EFFECT_NONE:
    default:
        return "none";
    }
}

static bool is_glucagon(const struct dg_effect *effect)
{
    return effect->kind == DG_EFFECT_GLUCAGON;
}

/* The amount, as the pump tells it: in mU, or in ug of glucagon. */
static int32_t amount_of(const struct dg_effect *effect)
{
    return is_glucagon(effect) ? effect->glucagon.ug : effect->amount.mU;
}

static long long told_amount(const struct dg_effect *effect,
                             const json_t *question)
{
    return dg_cli_int(question,
                      is_glucagon(effect) ? "amount_ug" : "amount_mU");
}

static void write_amount(const struct dg_effect *effect,
                         long long amount,
                         char text[DG_CLI_AMOUNT_MAX])
{
    if (is_glucagon(effect)) {
        dg_milligrams_write((int32_t)amount, text);
    } else {
        dg_cli_amount_write(amount, text);
    }
}

/* The last dose of the same hormone. */
static const json_t *last_dose(const struct dg_effect *effect,
                               const json_t *reply)
{
    const json_t *status = json_object_get(reply, "status");

    return json_object_get(
        is_glucagon(effect) ? json_object_get(status, "glucagon") : status,
        "last_dose");
}

static void write_line(const struct order *order, char line[ASK_MAX])
{
    const struct dg_effect *wanted = order->wanted;
    const char *again = order->again ? "true" : "false";

    if ((wanted->kind == DG_EFFECT_BOLUS) && (wanted->duration.s > 0U)) {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"bolus\",\"mU\":%d,\"over_s\":%u,"
                       "\"again\":%s}",
                       wanted->amount.mU,
                       (unsigned)wanted->duration.s,
                       again);
    } else if (wanted->kind == DG_EFFECT_BOLUS) {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"bolus\",\"mU\":%d,\"again\":%s}",
                       wanted->amount.mU,
                       again);
    } else if (wanted->kind == DG_EFFECT_BASAL) {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"temporary-basal\",\"mU_per_h\":%d,"
                       "\"over_s\":%u}",
                       wanted->rate.mU_per_h,
                       (unsigned)wanted->duration.s);
    } else if (is_glucagon(wanted)) {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"glucagon\",\"ug\":%d,\"again\":%s}",
                       wanted->glucagon.ug,
                       again);
    } else if (wanted->setting == DG_SETTING_BASAL) {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"basal\",\"mU_per_h\":%d,\"hour\":%u,"
                       "\"hours\":%u}",
                       wanted->rate.mU_per_h,
                       wanted->hour,
                       wanted->hours);
    } else if (wanted->setting == DG_SETTING_SENSOR) {
        (void)snprintf(line, ASK_MAX, "{\"op\":\"sensor\"}");
    } else {
        (void)snprintf(line,
                       ASK_MAX,
                       "{\"op\":\"%s\",\"mU\":%d}",
                       kind_of(wanted),
                       wanted->amount.mU);
    }
}

/* Beside the amount, which the pump rounds down, all is as it was asked for. */
static bool is_as_asked(const struct dg_effect *wanted, const json_t *question)
{
    const bool is_extended =
        strcmp(dg_cli_text(question, "form"), "extended") == 0;

    return (strcmp(dg_cli_text(question, "kind"), kind_of(wanted)) == 0) &&
           (is_extended == (wanted->form == DG_FORM_EXTENDED)) &&
           (told_amount(wanted, question) <= amount_of(wanted)) &&
           (dg_cli_int(question, "seconds") == (long long)wanted->duration.s) &&
           (dg_cli_int(question, "mU_per_h") == wanted->rate.mU_per_h) &&
           (dg_cli_int(question, "hour") == wanted->hour) &&
           (dg_cli_int(question, "hours") == wanted->hours);
}

/* The act that the trusted display wants: the number again, the PIN. */
bool dg_cli_write_act(const json_t *question,
                      bool yes,
                      char line[DG_CLI_ACT_MAX])
{
    const int ms = (int)dg_cli_int(question, "lapses_s") * 1000;
    char number[DG_CLI_WORD_MAX] = "-";
    char pin[DG_CLI_WORD_MAX] = "";

    if (json_is_true(json_object_get(question, "number_again"))) {
        if (yes) {
            (void)snprintf(
                number, sizeof(number), "%s", dg_cli_text(question, "number"));
        } else if (!dg_cli_ask_word(
                       "Type the number again: ", true, ms, number)) {
            return false;
        }
    }
    if (json_is_true(json_object_get(question, "pin")) &&
        !dg_cli_ask_word("PIN: ", false, ms, pin)) {
        return false;
    }
    (void)snprintf(line,
                   DG_CLI_ACT_MAX,
                   "approve %.16s %s%s%s",
                   dg_cli_text(question, "ticket"),
                   number,
                   (pin[0] == '\0') ? "" : " ",
                   pin);
    explicit_bzero(pin, sizeof(pin));
    return true;
}

/* What the trusted display shows: the pump's own words about the dose. */
static void take_question(struct order *order, const json_t *question)
{
    const char *ticket = dg_cli_text(question, "ticket");
    const long long resolved = told_amount(order->wanted, question);
    char asked[DG_CLI_AMOUNT_MAX];
    char line[DG_CLI_ACT_MAX];

    if (json_object_get(question, "error") != NULL) {
        (void)printf("%s\n", dg_cli_text(question, "error"));
        (void)snprintf(line, sizeof(line), "decline %.16s", order->ticket);
        (void)dg_cli_talk_say(&order->display, line);
        return;
    }
    if (strcmp(dg_cli_text(question, "show"), "ask") != 0) {
        return;
    }
    (void)snprintf(order->ticket, sizeof(order->ticket), "%.16s", ticket);
    write_amount(order->wanted, amount_of(order->wanted), asked);
    (void)printf("The pump resolved: %s.", dg_cli_text(question, "text"));
    if (resolved != amount_of(order->wanted)) {
        (void)printf(" (You asked for %s; it delivers whole steps of %s.)",
                     asked,
                     is_glucagon(order->wanted) ? "0.01 mg" : "0.05 U");
    }

    bool approved = is_as_asked(order->wanted, question);

    if (!approved) {
        (void)printf(" That is %s: declined.\n",
                     (resolved > amount_of(order->wanted))
                         ? "more than you asked for"
                         : "not what you asked for");
    } else if (order->yes) {
        (void)printf(" Approved.\n");
    } else {
        (void)printf(" Approve? [y/N] ");
        (void)fflush(stdout);
        approved =
            dg_cli_answer_is_yes((int)dg_cli_int(question, "lapses_s") * 1000);
    }
    if (approved && dg_cli_write_act(question, order->yes, line)) {
        (void)dg_cli_talk_say(&order->display, line);
    } else {
        (void)snprintf(line, sizeof(line), "decline %.16s", ticket);
        (void)dg_cli_talk_say(&order->display, line);
    }
    explicit_bzero(line, sizeof(line));
}

/* Wait for the reply to the request, and answer what the display asks. */
static json_t *confirm(struct order *order)
{
    struct pollfd entries[2] = {{.fd = order->gateway.fd, .events = POLLIN},
                                {.fd = order->display.fd, .events = POLLIN}};

    for (;;) {
        if (poll(entries, 2, CONFIRM_MS_MAX) <= 0) {
            return NULL;
        }
        if (entries[0].revents != 0) {
            return dg_cli_talk_hear(&order->gateway, ANSWER_MS);
        }
        do {
            json_t *question = dg_cli_talk_hear(&order->display, ANSWER_MS);

            if (question == NULL) {
                return NULL;
            }
            take_question(order, question);
            json_decref(question);
        } while (dg_cli_talk_has_line(&order->display));
    }
}

/* following it ------------------------------------------------------------ */

/* What goes on for hours is followed until it has begun. */
static bool is_long(const struct dg_effect *effect)
{
    return effect->duration.s > 0U;
}

static bool has_begun(const struct order *order)
{
    if (!is_long(order->wanted)) {
        return false;
    }
    (void)printf("It goes on by itself: dosegate status tells how far it is, "
                 "dosegate stop ends it.\n");
    return true;
}

/* How it ended; what is no dose has no amount to tell.  A basal that was
 * lowered gives nothing, and is done when it has begun. */
static int tell_outcome(const struct order *order, const json_t *dose)
{
    const bool is_done = strcmp(dg_cli_text(dose, "outcome"), "delivered") == 0;
    char text[DG_CLI_AMOUNT_MAX];

    if (order->wanted->kind == DG_EFFECT_SETTINGS) {
        (void)printf("Outcome: %s.\n",
                     is_done ? "set" : dg_cli_text(dose, "outcome_text"));
    } else if (is_done && (told_amount(order->wanted, dose) == 0)) {
        (void)printf("Basal is lowered; it goes back to the schedule by "
                     "itself.\n");
    } else {
        write_amount(order->wanted,
                     dg_cli_int(dose,
                                is_glucagon(order->wanted) ? "delivered_ug"
                                                           : "delivered_mU"),
                     text);
        (void)printf(
            "Outcome: %s, %s.\n", text, dg_cli_text(dose, "outcome_text"));
    }
    return is_done ? DG_CLI_OK : DG_CLI_FAILED;
}

/* What the pump says of the dose; false when there is nothing more to follow. */
static bool take_outcome(const struct order *order,
                         const json_t *dose,
                         char last[16],
                         int *code)
{
    const char *outcome = dg_cli_text(dose, "outcome");
    const bool is_new = strcmp(last, outcome) != 0;

    (void)snprintf(last, 16, "%s", outcome);
    if (strcmp(outcome, "waiting") == 0) {
        if (is_new) {
            (void)printf("Press the button on the pump: it wants its own "
                         "confirmation.\n");
        }
        return true;
    }
    if (strcmp(outcome, "delivering") == 0) {
        if (is_new) {
            (void)printf("Delivering.\n");
        }
        if (has_begun(order)) {
            *code = DG_CLI_OK;
            return false;
        }
        return true;
    }
    *code = tell_outcome(order, dose);
    return false;
}

/* One look; false when there is nothing more to follow. */
static bool follow_once(struct order *order,
                        const char *ticket,
                        char last[16],
                        int *unreached,
                        int *code)
{
    json_t *reply =
        dg_cli_talk_ask(&order->gateway, "{\"op\":\"status\"}", ANSWER_MS);
    const json_t *dose = last_dose(order->wanted, reply);
    bool goes_on = true;

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
        goes_on = take_outcome(order, dose, last, code);
    }
    (void)fflush(stdout);
    json_decref(reply);
    return goes_on;
}

static int follow(struct order *order, const char *ticket)
{
    const struct timespec pause = {.tv_nsec = FOLLOW_MS * 1000000L};
    char last[16] = "";
    int unreached = 0;
    int code = DG_CLI_FAILED;

    for (int i = 0; i < FOLLOW_MAX; i++) {
        if (!follow_once(order, ticket, last, &unreached, &code)) {
            return code;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)fprintf(stderr, "dosegate: still not done: ask dosegate status\n");
    return code;
}

/* asking ------------------------------------------------------------------ */

static void tell_refusal(const struct dg_effect *wanted, const json_t *reply)
{
    const json_t *chamber =
        json_object_get(json_object_get(reply, "status"), "glucagon");
    const long long headroom =
        is_glucagon(wanted) ? dg_cli_int(chamber, "headroom_confirmed_ug")
                            : dg_cli_int(reply, "headroom_mU");
    const json_t *dose = last_dose(wanted, reply);
    char text[DG_CLI_AMOUNT_MAX];

    dg_cli_complain(reply);
    write_amount(wanted, headroom, text);
    if (headroom > 0) {
        (void)fprintf(
            stderr, "dosegate: at most %s would be allowed now\n", text);
    }
    if (strcmp(dg_cli_text(reply, "result"), "earlier") == 0) {
        (void)fprintf(stderr,
                      "dosegate: that dose: %s; write --again for a second "
                      "one\n",
                      dg_cli_text(dose, "outcome_text"));
    }
}

static int run(struct order *order)
{
    char line[ASK_MAX];
    json_t *foreign = dg_cli_talk_hear(&order->display, SETTLE_MS);

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
    write_line(order, line);
    if (!dg_cli_talk_say(&order->gateway, line)) {
        dg_cli_complain(NULL);
        return DG_CLI_FAILED;
    }

    json_t *reply = confirm(order);
    char ticket[17];

    (void)snprintf(ticket, sizeof(ticket), "%s", dg_cli_text(reply, "ticket"));
    if (!json_is_true(json_object_get(reply, "ok"))) {
        tell_refusal(order->wanted, reply);
        json_decref(reply);
        return DG_CLI_FAILED;
    }
    json_decref(reply);
    (void)printf("Accepted (ticket %s).\n", ticket);
    return follow(order, ticket);
}

int dg_cli_order_run(const struct dg_cli_order *wanted)
{
    struct order order = {.wanted = &wanted->wanted,
                          .gateway = {.fd = -1},
                          .display = {.fd = -1},
                          .yes = wanted->yes,
                          .again = wanted->again};
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    int code = DG_CLI_FAILED;

    if (dg_cli_place(wanted->dir, dir)) {
        dg_cli_show_phone_if_simulated(dir);
    }
    if (dg_cli_place(wanted->dir, dir) && dg_cli_gateway(&order.gateway, dir) &&
        dg_cli_join(dir, "confirm.sock", path) &&
        dg_cli_talk_open(&order.display,
                         path,
                         "the medical domain does not run: dosegate up")) {
        code = run(&order);
    }
    dg_cli_talk_close(&order.gateway);
    dg_cli_talk_close(&order.display);
    return code;
}
