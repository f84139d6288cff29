/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "place.h"
#include "quantity_text.h"
#include "talk.h"
#include "verbs.h"

#define ANSWER_MS 20000 /* the domain gives up on the pump long before */

static const char status_help[] =
    "usage: dosegate status [--dir DIR] [--json]\n"
    "\n"
    "What the pump says now: therapy, authority, last dose, totals, alarms.\n";

static const char stop_help[] =
    "usage: dosegate stop [--dir DIR]\n"
    "\n"
    "Stop a running bolus, and withdraw one that waits for confirmation.\n"
    "Basal goes on.\n";

static void print_list(const char *title, const json_t *list, const char *none)
{
    (void)printf("%-12s", title);
    if (json_array_size(list) == 0U) {
        (void)printf("%s\n", none);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)printf("%s%s",
                     (i == 0U) ? "" : "; ",
                     json_string_value(json_array_get(list, i)));
    }
    (void)printf("\n");
}

static void print_amount(const char *title, long long mU, const char *remark)
{
    char text[DG_CLI_AMOUNT_MAX];

    dg_cli_amount_write(mU, text);
    (void)printf("%-12s%s%s\n", title, text, remark);
}

static void print_last_dose(const json_t *dose)
{
    char amount[DG_CLI_AMOUNT_MAX];
    char delivered[DG_CLI_AMOUNT_MAX];

    if (!json_is_object(dose)) {
        (void)printf("%-12snone\n", "last dose");
        return;
    }
    dg_cli_amount_write(dg_cli_int(dose, "amount_mU"), amount);
    dg_cli_amount_write(dg_cli_int(dose, "delivered_mU"), delivered);
    (void)printf("%-12s%s of %s, %s (ticket %s)\n",
                 "last dose",
                 delivered,
                 amount,
                 dg_cli_text(dose, "outcome_text"),
                 dg_cli_text(dose, "ticket"));
}

/* Nothing where the pump has no chamber. */
static void print_glucagon(const json_t *chamber)
{
    const json_t *dose = json_object_get(chamber, "last_dose");
    char amount[DG_QUANTITY_TEXT_MAX];
    char delivered[DG_QUANTITY_TEXT_MAX];

    if (!json_is_object(chamber)) {
        return;
    }
    dg_milligrams_write((int32_t)dg_cli_int(chamber, "left_ug"), amount);
    dg_milligrams_write((int32_t)dg_cli_int(chamber, "total_ug"), delivered);
    (void)printf(
        "%-12s%s in the chamber, %s given\n", "glucagon", amount, delivered);
    if (json_is_object(dose)) {
        dg_milligrams_write((int32_t)dg_cli_int(dose, "amount_ug"), amount);
        dg_milligrams_write((int32_t)dg_cli_int(dose, "delivered_ug"),
                            delivered);
        (void)printf("%-12s%s of %s of glucagon, %s (ticket %s)\n",
                     "",
                     delivered,
                     amount,
                     dg_cli_text(dose, "outcome_text"),
                     dg_cli_text(dose, "ticket"));
    }
}

static const char *therapy_words(const char *therapy)
{
    if (strcmp(therapy, "run") == 0) {
        return "running: basal by schedule";
    }
    if (strcmp(therapy, "lowered") == 0) {
        return "running: basal lowered for a while";
    }
    if (strcmp(therapy, "suspended") == 0) {
        return "suspended: no basal, no doses";
    }
    return "safe state: basal goes on, no doses";
}

/* What is withheld now, and how long a phone could withhold. */
static void print_withheld(const json_t *status)
{
    const json_t *left = json_object_get(status, "withheld_left_s");
    char span[DG_QUANTITY_TEXT_MAX];

    dg_span_write((uint32_t)json_integer_value(left), span);
    if (json_is_null(left)) {
        (void)printf("%-12suntil a person resumes at the pump\n", "withheld");
    } else if (json_integer_value(left) > 0) {
        (void)printf("%-12s%lld %% of basal for %s more\n",
                     "withheld",
                     (dg_cli_int(status, "withheld_permille") + 9) / 10,
                     span);
    }
    dg_span_write((uint32_t)dg_cli_int(status, "headroom_suspend_s"), span);
    (void)printf("%-12sfor %s at most, now\n", "may suspend", span);
}

static void print_status(const json_t *status)
{
    const json_t *missing = json_object_get(status, "missing");
    const json_t *glucose = json_object_get(status, "glucose_mg_dL");

    (void)printf(
        "%-12s%s\n", "therapy", therapy_words(dg_cli_text(status, "therapy")));
    print_withheld(status);
    (void)printf("%-12s%s\n", "authority", dg_cli_text(status, "rung"));
    if (json_array_size(missing) > 0U) {
        print_list("next needs", missing, "");
    }
    print_last_dose(json_object_get(status, "last_dose"));
    print_amount(
        "on board", dg_cli_int(status, "iob_mU"), " (insulin still active)");
    print_amount("bolus", dg_cli_int(status, "bolus_total_mU"), " in all");
    print_amount("basal", dg_cli_int(status, "basal_total_mU"), " in all");
    if (dg_cli_int(status, "uncertain_mU") > 0) {
        print_amount("uncertain",
                     dg_cli_int(status, "uncertain_mU"),
                     " (counted as delivered)");
    }
    print_glucagon(json_object_get(status, "glucagon"));
    print_amount("reservoir", dg_cli_int(status, "reservoir_mU"), "");
    (void)printf(
        "%-12s%lld %%\n", "battery", dg_cli_int(status, "battery_percent"));
    if (json_is_integer(glucose)) {
        (void)printf("%-12s%lld mg/dL\n",
                     "glucose",
                     (long long)json_integer_value(glucose));
    } else {
        (void)printf("%-12sno fresh plausible reading\n", "glucose");
    }
    if (json_array_size(json_object_get(status, "glucose_findings")) > 0U) {
        print_list("sensor", json_object_get(status, "glucose_findings"), "");
    }
    print_list("alarms", json_object_get(status, "alarms"), "none");
}

int dg_cli_status(int argc, char **argv)
{
    const char *asked = NULL;
    bool as_json = false;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--json", NULL, &as_json}};
    char dir[DG_CLI_PATH_MAX];
    struct dg_cli_talk gateway;
    const int read = dg_cli_options(argc, argv, status_help, options, 2, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    json_t *reply = dg_cli_talk_ask(&gateway, "{\"op\":\"status\"}", ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));
    const json_t *status = json_object_get(reply, "status");

    if (as_json && (reply != NULL)) {
        (void)json_dumpf(reply, stdout, JSON_INDENT(2));
        (void)printf("\n");
    } else {
        if (!is_ok) {
            dg_cli_complain(reply);
        }
        if (!is_ok && json_is_object(status)) {
            (void)printf("STALE: this is what the pump said %lld s ago\n",
                         dg_cli_int(status, "age_s"));
        }
        if (json_is_object(status)) {
            print_status(status);
        }
    }
    json_decref(reply);
    dg_cli_talk_close(&gateway);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}

int dg_cli_stop(int argc, char **argv)
{
    const char *asked = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    struct dg_cli_talk gateway;
    const int read = dg_cli_options(argc, argv, stop_help, options, 1, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_gateway(&gateway, dir)) {
        return DG_CLI_FAILED;
    }

    json_t *reply = dg_cli_talk_ask(&gateway, "{\"op\":\"stop\"}", ANSWER_MS);
    const bool is_ok = json_is_true(json_object_get(reply, "ok"));

    if (is_ok) {
        (void)printf("No bolus is running. Basal goes on.\n");
        print_last_dose(
            json_object_get(json_object_get(reply, "status"), "last_dose"));
    } else {
        dg_cli_complain(reply);
        (void)fprintf(stderr,
                      "dosegate: the stop button of the pump always works\n");
    }
    json_decref(reply);
    dg_cli_talk_close(&gateway);
    return is_ok ? DG_CLI_OK : DG_CLI_FAILED;
}
