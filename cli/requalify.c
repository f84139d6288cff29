/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "requalify_checks.h"
#include "requalify_health.h"
#include "talk.h"
#include "verbs.h"
#include "vouch.h"

#define PRODUCT_FAILED 2

static const char help[] =
    "usage: dosegate requalify [--service URL --platform PROGRAM] [--dir DIR] "
    "[--yes]\n"
    "\n"
    "After an update of the phone's system: test storage, clock, background\n"
    "execution, notification, link, confirmation and timing, and show the "
    "signed\n"
    "result to the attestation service with fresh evidence.  The smallest dose "
    "is\n"
    "asked for and declined; nothing is given.  Takes some ten seconds.\n"
    "A phone that found something about itself (health.json) is not tested.\n"
    "\n"
    "  --yes  say that the question on the display was seen (for scripts)\n"
    "\n"
    "Exit codes: 0 passed and shown, 1 could not run, 2 a test failed.\n";

static bool run_checks(const char *dir,
                       bool yes,
                       struct dg_requalification *run)
{
    struct dg_cli_talk gateway = {.fd = -1};
    struct dg_cli_talk display = {.fd = -1};
    struct dg_cli_checks checks = {.dir = dir,
                                   .gateway = &gateway,
                                   .display = &display,
                                   .yes = yes,
                                   .run = run};
    char path[DG_CLI_PATH_MAX];
    bool is_run = false;

    if (dg_cli_join(dir, "confirm.sock", path) &&
        dg_cli_talk_open(
            &display, path, "the medical domain does not run: dosegate up") &&
        dg_cli_gateway(&gateway, dir)) {
        dg_cli_checks_run(&checks);
        is_run = dg_cli_health_settle(&checks);
    }
    dg_cli_talk_close(&gateway);
    dg_cli_talk_close(&display);
    for (unsigned i = 0; is_run && (i < DG_CHECKS); i++) {
        (void)printf("%-13s %s%s\n",
                     dg_check_name((enum dg_check)i),
                     (run->result[i] == DG_CHECK_PASSED) ? "passed"
                                                         : "failed: ",
                     (checks.why[i] == NULL) ? "" : checks.why[i]);
    }
    return is_run;
}

int dg_cli_requalify(int argc, char **argv)
{
    const char *asked = NULL;
    const char *service = NULL;
    const char *platform = NULL;
    bool yes = false;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL},
                                            {"--service", &service, NULL},
                                            {"--platform", &platform, NULL},
                                            {"--yes", NULL, &yes}};
    struct dg_requalification run;
    struct dg_cli_vouch vouch;
    char dir[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc, argv, help, options, 4, NULL);

    memset(&run, 0, sizeof(run));
    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) ||
        !dg_cli_vouch_take(dir, service, platform, &vouch) ||
        !dg_cli_health_is_well(dir) || !run_checks(dir, yes, &run)) {
        return DG_CLI_FAILED;
    }
    /* A run that failed is shown as well: that is how a bad build is stopped
     * for others. */
    if (!dg_cli_vouch_run(dir, &vouch, &run)) {
        return DG_CLI_FAILED;
    }
    return dg_requalification_passed(&run) ? DG_CLI_OK : PRODUCT_FAILED;
}
