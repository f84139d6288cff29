/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/evaluate.h"
#include "verbs.h"

/* One front door.  A new verb is one row here and one line in verbs.h. */
struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

/* clang-format off */
static const struct verb verbs[] = {
    { "up",     dg_cli_up,     "start a virtual pump and the phone's medical domain" },
    { "down",   dg_cli_down,   "end both" },
    { "pair",   dg_cli_pair,   "pair this phone with the pump" },
    { "attest", dg_cli_attest, "show the pump what this phone is, or explain evidence" },
    { "anchors", dg_cli_anchors, "sign, or show, roots and revocation for evidence" },
    { "requalify", dg_cli_requalify, "test this phone after its system changed" },
    { "policy", dg_cli_policy, "make, sign and carry the platform policy" },
    { "bolus",  dg_cli_bolus,  "ask for a bolus, confirm it, follow it: bolus 2.00" },
    { "temp-basal", dg_cli_temp_basal, "raise or lower basal: temp-basal 0.5 --for 30m" },
    { "glucagon", dg_cli_glucagon, "a small dose that raises glucose: glucagon 0.10" },
    { "prime",  dg_cli_prime,  "fill the tube, the set off the body: prime 10" },
    { "refill", dg_cli_refill, "tell how much a new reservoir holds: refill 300" },
    { "sensor", dg_cli_sensor, "use the sensor that was held to the pump" },
    { "basal",  dg_cli_basal,  "change the schedule: basal 0.8 --from 6 --to 10" },
    { "suspend", dg_cli_suspend, "withhold basal for a while: suspend 30m" },
    { "resume", dg_cli_resume, "end a suspension: basal by its schedule" },
    { "limits", dg_cli_limits, "the limits in force; bring a profile: limits show" },
    { "prescribe", dg_cli_prescribe, "for the prescriber: make and sign a profile" },
    { "status", dg_cli_status, "what the pump says now" },
    { "stop",   dg_cli_stop,   "stop a running bolus" },
    { "phone",  dg_cli_phone,  "this phone's keys and PIN; export, erase" },
    { "phones", dg_cli_phones, "the phones that the pump knows" },
    { "revoke", dg_cli_revoke, "remove a phone from the pump: revoke 2" },
    { "lease",  dg_cli_lease,  "take, release or give control of the pump" },
    { "update", dg_cli_update, "carry a firmware update to the pump" },
    { "domain", dg_cli_domain, "what keeps the phone's roles apart, and how the phone is" },
    { "evaluate", dg_cli_evaluate, "attack a product and write a signed report" },
    { "report", dg_cli_report, "make reports and other formats from a run file" },
    { "catalogue", dg_cli_catalogue, "list tests, forms and the cases they cover" },
    { "profile", dg_cli_profile, "what a product is judged against: profile list" },
    { "adapter", dg_cli_adapter, "check that an adapter keeps its contract" },
    { "compare", dg_cli_compare, "two run files: what is new, fixed, worse, to be tested" },
    { "rate", dg_cli_rate, "attack paths of a run: list, rate, confirm" },
    { "trial", dg_cli_trial, "ask virtual people what a hostile phone does to them" },
    { "journal", dg_cli_journal, "export the pump's journal to a file" },
    { "verify", dg_cli_verify, "check a run file, report, label or journal" },
};
/* clang-format on */

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *to)
{
    (void)fputs("usage: dosegate VERB [OPTIONS]\n       dosegate --version\n\n",
                to);
    for (size_t i = 0; i < VERBS; i++) {
        (void)fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    }
    (void)fputs("\ndosegate VERB --help tells more.  Exit codes: 0 ok, 1 could "
                "not run, 2 the\nproduct failed.  Research software, not a "
                "medical device.\n",
                to);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return DG_CLI_FAILED;
    }
    if ((strcmp(argv[1], "--help") == 0) || (strcmp(argv[1], "help") == 0)) {
        print_help(stdout);
        return DG_CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("dosegate " DG_TOOL_VERSION);
        return DG_CLI_OK;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr,
                  "dosegate: there is no verb '%.32s': see dosegate --help\n",
                  argv[1]);
    return DG_CLI_FAILED;
}
