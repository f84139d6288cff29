/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "amount.h"
#include "order.h"
#include "place.h"
#include "verbs.h"

/* What a pump does beside a bolus, one verb each.  All but the temporary basal
 * want the pump's own button, whoever asks. */

static int refuse(const char *verb, const char *text, const char *why)
{
    (void)fprintf(stderr, "dosegate %s: '%.32s': %s\n", verb, text, why);
    return DG_CLI_FAILED;
}

static int miss(const char *verb, const char *what)
{
    (void)fprintf(stderr, "dosegate %s: write dosegate %s\n", verb, what);
    return DG_CLI_FAILED;
}

int dg_cli_temp_basal(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate temp-basal RATE --for TIME [--dir DIR] [--yes]\n"
        "\n"
        "Raise or lower basal for a while.  RATE is in units an hour, 0.01 to "
        "30;\n"
        "TIME is 1m to 24h, as 30m or 2h.  The pump has limits far below, and "
        "goes\n"
        "back to its schedule by itself; dosegate stop ends a raised one.\n"
        "\n"
        "  --yes  approve what the pump resolved without asking (for "
        "scripts)\n";
    struct dg_cli_order order = {.wanted = {.kind = DG_EFFECT_BASAL}};
    const char *rate = NULL;
    const char *span = NULL;
    const char *why = NULL;
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--for", &span, NULL},
                                            {"--yes", NULL, &order.yes}};
    const int read = dg_cli_options(argc, argv, help, options, 3, &rate);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((rate == NULL) || (span == NULL)) {
        return miss(argv[0], "temp-basal 0.5 --for 30m");
    }
    if (dg_cli_rate_read(rate, &order.wanted.rate, &why) != DG_OK) {
        return refuse(argv[0], rate, why);
    }
    if (dg_cli_span_read(span,
                         DG_TEMPORARY_S_MIN,
                         DG_TEMPORARY_S_MAX,
                         &order.wanted.duration,
                         &why) != DG_OK) {
        return refuse(argv[0], span, why);
    }
    return dg_cli_order_run(&order);
}

/* A verb that carries one amount. */
static int run_amount(int argc,
                      char **argv,
                      const char *help,
                      const char *example,
                      const struct dg_effect *wanted)
{
    struct dg_cli_order order = {.wanted = *wanted};
    const char *amount = NULL;
    const char *why = NULL;
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--yes", NULL, &order.yes}};
    const int read = dg_cli_options(argc, argv, help, options, 2, &amount);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (amount == NULL) {
        return miss(argv[0], example);
    }
    if (dg_cli_amount_read(amount, &order.wanted.amount, &why) != DG_OK) {
        return refuse(argv[0], amount, why);
    }
    return dg_cli_order_run(&order);
}

int dg_cli_prime(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate prime AMOUNT [--dir DIR] [--yes]\n"
        "\n"
        "Fill the tube.  Take the set off the body and tell the pump so at its "
        "own\n"
        "buttons first; the pump wants its button for the prime, too.\n"
        "\n"
        "  --yes  approve what the pump resolved without asking (for "
        "scripts)\n";
    static const struct dg_effect wanted = {.kind = DG_EFFECT_PRIME};

    return run_amount(argc, argv, help, "prime 10", &wanted);
}

int dg_cli_glucagon(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate glucagon AMOUNT [--dir DIR] [--yes] [--again]\n"
        "\n"
        "Ask a pump with a chamber of glucagon for a small dose, which raises "
        "glucose.\n"
        "AMOUNT is in milligrams, 0.01 to 1; the pump has limits far below, "
        "and "
        "wants\n"
        "its button where glucose is not known to be low.  A rescue dose has "
        "no "
        "command:\n"
        "the pump itself gives it, at its own buttons.\n"
        "\n"
        "  --yes    approve what the pump resolved without asking (for "
        "scripts)\n"
        "  --again  a second dose, although the fate of the last one has just "
        "come out\n";
    struct dg_cli_order order = {.wanted = {.kind = DG_EFFECT_GLUCAGON}};
    const char *amount = NULL;
    const char *why = NULL;
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--yes", NULL, &order.yes},
                                            {"--again", NULL, &order.again}};
    const int read = dg_cli_options(argc, argv, help, options, 3, &amount);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (amount == NULL) {
        return miss(argv[0], "glucagon 0.10");
    }
    if (dg_cli_glucagon_read(amount, &order.wanted.glucagon, &why) != DG_OK) {
        return refuse(argv[0], amount, why);
    }
    return dg_cli_order_run(&order);
}

int dg_cli_refill(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate refill AMOUNT [--dir DIR] [--yes]\n"
        "\n"
        "Tell the pump how much insulin is in a new reservoir.  Take the set "
        "off the\n"
        "body and tell the pump so at its own buttons first; the pump compares "
        "with\n"
        "the reservoir's own reading, and wants its button.\n"
        "\n"
        "  --yes  approve what the pump resolved without asking (for "
        "scripts)\n";
    static const struct dg_effect wanted = {.kind = DG_EFFECT_SETTINGS,
                                            .setting = DG_SETTING_REFILL};

    return run_amount(argc, argv, help, "refill 300", &wanted);
}

int dg_cli_sensor(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate sensor [--dir DIR] [--yes]\n"
        "\n"
        "Use the sensor that was held to the pump within the last five "
        "minutes.  The\n"
        "pump wants its button.\n"
        "\n"
        "  --yes  approve what the pump resolved without asking (for "
        "scripts)\n";
    struct dg_cli_order order = {
        .wanted = {.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_SENSOR}};
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--yes", NULL, &order.yes}};
    const int read = dg_cli_options(argc, argv, help, options, 2, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    return dg_cli_order_run(&order);
}

/* A whole hour of the day, without a sign or blanks. */
static bool read_hour(const char *text, unsigned *hour)
{
    const size_t digits = strspn(text, "0123456789");

    if ((digits == 0U) || (digits > 2U) || (text[digits] != '\0')) {
        return false;
    }
    *hour = (unsigned)(text[0] - '0');
    if (digits == 2U) {
        *hour = (*hour * 10U) + (unsigned)(text[1] - '0');
    }
    return *hour <= 24U;
}

int dg_cli_basal(int argc, char **argv)
{
    static const char help[] =
        "usage: dosegate basal RATE --from HOUR --to HOUR [--dir DIR] "
        "[--yes]\n"
        "\n"
        "Change the basal schedule, every day.  RATE is in units an hour, 0.01 "
        "to 30;\n"
        "HOUR counts 0 to 24 on the pump's own clock.  The pump takes small "
        "changes\n"
        "only, and wants its button.\n"
        "\n"
        "  --yes  approve what the pump resolved without asking (for "
        "scripts)\n";
    struct dg_cli_order order = {
        .wanted = {.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_BASAL}};
    const char *rate = NULL;
    const char *from = NULL;
    const char *until = NULL;
    const char *why = NULL;
    unsigned first = 0;
    unsigned end = 0;
    const struct dg_cli_option options[] = {{"--dir", &order.dir, NULL},
                                            {"--from", &from, NULL},
                                            {"--to", &until, NULL},
                                            {"--yes", NULL, &order.yes}};
    const int read = dg_cli_options(argc, argv, help, options, 4, &rate);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((rate == NULL) || (from == NULL) || (until == NULL)) {
        return miss(argv[0], "basal 0.8 --from 6 --to 10");
    }
    if (dg_cli_rate_read(rate, &order.wanted.rate, &why) != DG_OK) {
        return refuse(argv[0], rate, why);
    }
    if (!read_hour(from, &first)) {
        return refuse(argv[0], from, "write a whole hour, 0 to 23");
    }
    if (!read_hour(until, &end) || (end <= first)) {
        return refuse(
            argv[0], until, "write a whole hour after --from, 1 to 24");
    }
    order.wanted.hour = (uint8_t)first;
    order.wanted.hours = (uint8_t)(end - first);
    return dg_cli_order_run(&order);
}
