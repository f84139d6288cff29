/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>

#include "amount.h"
#include "order.h"
#include "place.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate bolus AMOUNT [--extended TIME] [--dir DIR] [--yes] "
    "[--again]\n"
    "\n"
    "Ask the pump for a bolus, show what the pump resolved, and follow it.\n"
    "AMOUNT is in units: 2 or 2.0 or 2.05.\n"
    "\n"
    "  --extended TIME  evenly over 30m to 8h, as 2h or 90m or 1h30m\n"
    "  --yes            approve what the pump resolved without asking (for\n"
    "                   scripts)\n"
    "  --again          a second dose, although the outcome of the one before\n"
    "                   was reported within the last minute only\n";

int dg_cli_bolus(int argc, char **argv)
{
    struct dg_cli_order order = {
        .wanted = {.kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL}};
    const char *amount = NULL;
    const char *span = NULL;
    const char *why = NULL;
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--extended", &span, NULL},
                                            {"--yes", NULL, &order.yes},
                                            {"--again", NULL, &order.again}};
    const int read = dg_cli_options(argc, argv, help, options, 4, &amount);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (amount == NULL) {
        (void)fprintf(stderr,
                      "dosegate bolus: how much?  write dosegate bolus 2.0\n");
        return DG_CLI_FAILED;
    }
    if (dg_cli_amount_read(amount, &order.wanted.amount, &why) != DG_OK) {
        (void)fprintf(stderr, "dosegate bolus: '%.32s': %s\n", amount, why);
        return DG_CLI_FAILED;
    }
    if (span != NULL) {
        order.wanted.form = DG_FORM_EXTENDED;
        if (dg_cli_span_read(span,
                             DG_EXTENDED_S_MIN,
                             DG_EXTENDED_S_MAX,
                             &order.wanted.duration,
                             &why) != DG_OK) {
            (void)fprintf(stderr, "dosegate bolus: '%.32s': %s\n", span, why);
            return DG_CLI_FAILED;
        }
    }
    return dg_cli_order_run(&order);
}
