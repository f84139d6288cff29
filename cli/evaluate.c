/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluate.h"
#include "eval/black_box.h"
#include "eval/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/plan.h"
#include "place.h"
#include "verbs.h"

#define JOBS_DEFAULT 4U /* tests wait more than they work */
#define JOBS_MAX     16U
#define OUT_DEFAULT  "out"

static const char help[] =
    "usage: dosegate evaluate [OPTIONS]\n"
    "\n"
    "Attack a product over its real interface and write a signed report.\n"
    "\n"
    "  --product NAME    flawed/replay, ...: a deliberately flawed product\n"
    "                    (default: the reference, Dosegate's virtual pump)\n"
    "  --adapter PATH    another product: its adapter, see docs/adapter.md\n"
    "  --only ID[,ID]    only these tests; ids are the files in "
    "spec/catalogue\n"
    "  --tier TIER       fast (default), or full: the long tests as well\n"
    "  --forms DIR       ask for the forms that a person fills in, and read\n"
    "                    those that are signed; without it they are listed as\n"
    "                    not evaluated\n"
    "  --strength N      how many parameters of a test meet in every\n"
    "                    combination, 1 to 4 (default: as its entry says)\n"
    "  --profile FILE    against this one, or the id of one that ships\n"
    "                    (default connected-device)\n"
    "  --package ID      a package of the profile (default its first)\n"
    "  --black-box ADDRESS\n"
    "                    a product without an adapter, udp:ADDRESS:PORT of a\n"
    "                    private network: what a stranger can find out\n"
    "  --target FILE     a security target: it names profile, package, "
    "product\n"
    "                    and features in place of options and adapter\n"
    "  --patience S      how long an adapter may take for one answer, 1 to\n"
    "                    600 s (default 90)\n"
    "  --seed N          repeats a run exactly (default 1)\n"
    "  --jobs N          tests at a time, 1 to 16 (default 4)\n"
    "  --out DIR         run file and reports go there (default out)\n"
    "  --plan            say which tests would run, which do not apply and "
    "why,\n"
    "                    and what nobody judges; attack nothing, write "
    "nothing\n"
    "  --json            with --plan: as JSON\n"
    "  --resume DIR      go on with the run in DIR, which was ended early\n"
    "  --retry-failed R  run again what did not pass in run file or folder R\n"
    "  --expect FILE     known failures with reason and last day: "
    "docs/runs.md\n"
    "  --key KEY         signs the run: a key file, or pkcs11:... for a "
    "token\n"
    "                    (default: lab.key below DIR)\n"
    "  --pin-file FILE   PIN of the token (default: its pin-source, or asked)\n"
    "  --evaluator NAME  who evaluates; stands in the run file\n"
    "  --no-calibration  leave out the flawed products\n"
    "  --dir DIR         where the lab key lives (default as dosegate up)\n"
    "\n"
    "Exit codes: 0 all pass, 1 could not judge, 2 the product failed.\n"
    "The profile is Dosegate's own and not normative.\n";

/* A product's name goes into a path. */
static bool is_product_name(const char *name)
{
    return (strncmp(name, "flawed/", 7U) == 0) && (name[7] != '\0') &&
           (strspn(&name[7], "abcdefghijklmnopqrstuvwxyz0123456789-") ==
            strlen(&name[7]));
}

static bool is_tier(const char *text)
{
    return (strcmp(text, "fast") == 0) || (strcmp(text, "full") == 0);
}

/* Where this program is: its neighbours are the product. */
static bool find_programs(char programs[512])
{
    const ssize_t size = readlink("/proc/self/exe", programs, 511U);
    char *slash = NULL;

    if (size <= 0) {
        return false;
    }
    programs[size] = '\0';
    slash = strrchr(programs, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

int dg_cli_evaluate(int argc, char **argv)
{
    const char *product = NULL;
    const char *adapter = NULL;
    const char *only = NULL;
    const char *resume = NULL;
    const char *retry = NULL;
    const char *expected = NULL;
    const char *evaluator = NULL;
    const char *key = NULL;
    const char *pin_file = NULL;
    const char *forms = NULL;
    const char *tier = NULL;
    const char *strength_text = NULL;
    const char *profile = NULL;
    const char *package = NULL;
    const char *target = NULL;
    const char *seed_text = NULL;
    const char *jobs_text = NULL;
    const char *patience_text = NULL;
    const char *black_box = NULL;
    const char *out = NULL;
    const char *dir = NULL;
    bool no_calibration = false;
    bool is_plan = false;
    bool is_json = false;
    const struct dg_cli_option options[] = {
        {"--product", &product, NULL},
        {"--adapter", &adapter, NULL},
        {"--only", &only, NULL},
        {"--test", &only, NULL}, /* its name in commands of older reports */
        {"--resume", &resume, NULL},
        {"--retry-failed", &retry, NULL},
        {"--expect", &expected, NULL},
        {"--evaluator", &evaluator, NULL},
        {"--key", &key, NULL},
        {"--pin-file", &pin_file, NULL},
        {"--forms", &forms, NULL},
        {"--tier", &tier, NULL},
        {"--strength", &strength_text, NULL},
        {"--profile", &profile, NULL},
        {"--package", &package, NULL},
        {"--target", &target, NULL},
        {"--seed", &seed_text, NULL},
        {"--jobs", &jobs_text, NULL},
        {"--patience", &patience_text, NULL},
        {"--black-box", &black_box, NULL},
        {"--out", &out, NULL},
        {"--dir", &dir, NULL},
        {"--no-calibration", NULL, &no_calibration},
        {"--plan", NULL, &is_plan},
        {"--json", NULL, &is_json},
    };
    unsigned long long seed = 1U;
    unsigned long long strength = 0U;
    unsigned long long jobs = JOBS_DEFAULT;
    unsigned long long patience = DG_CONTRACT_PATIENCE_MS / 1000;
    char programs[512];
    char state[DG_CLI_PATH_MAX];
    const int asked = dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], NULL);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_number(argv[0], "--seed", seed_text, 0U, UINT64_MAX, &seed) ||
        !dg_cli_number(
            argv[0], "--strength", strength_text, 1U, 4U, &strength) ||
        !dg_cli_number(argv[0], "--jobs", jobs_text, 1U, JOBS_MAX, &jobs) ||
        !dg_cli_number(
            argv[0], "--patience", patience_text, 1U, 600U, &patience) ||
        !dg_cli_place(dir, state) || !dg_cli_make_place(state)) {
        return DG_CLI_FAILED;
    }
    if ((product != NULL) && !is_product_name(product)) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --product %.64s: write flawed/NAME "
                      "with a name from eval/flawed\n",
                      product);
        return DG_CLI_FAILED;
    }
    if ((black_box != NULL) && ((product != NULL) || (adapter != NULL))) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --black-box is for a product without "
                      "--product and --adapter: leave them out\n");
        return DG_CLI_FAILED;
    }
    if ((black_box != NULL) && (dg_black_box_refuses(black_box) != NULL)) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --black-box %.64s: %s\n",
                      black_box,
                      dg_black_box_refuses(black_box));
        return DG_CLI_FAILED;
    }
    if ((product != NULL) && (adapter != NULL)) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --product and --adapter: name one "
                      "of them\n");
        return DG_CLI_FAILED;
    }
    if ((tier != NULL) && !is_tier(tier)) {
        (void)fprintf(
            stderr, "dosegate evaluate: --tier %.16s: fast or full\n", tier);
        return DG_CLI_FAILED;
    }
    if ((target != NULL) && (black_box != NULL)) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --target and --black-box: a product "
                      "without an adapter does not say which one it is\n");
        return DG_CLI_FAILED;
    }
    if ((target != NULL) && ((profile != NULL) || (package != NULL))) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --target names profile and package: "
                      "leave out --profile and --package\n");
        return DG_CLI_FAILED;
    }
    if (is_json && !is_plan) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --json goes with --plan; a run's "
                      "results are in its run file\n");
        return DG_CLI_FAILED;
    }
    if ((resume != NULL) && ((out != NULL) || (only != NULL) ||
                             (retry != NULL) || no_calibration)) {
        (void)fprintf(stderr,
                      "dosegate evaluate: --resume goes on with the tests of "
                      "its folder and writes there: leave out --out, --only, "
                      "--retry-failed and --no-calibration\n");
        return DG_CLI_FAILED;
    }
    if (!find_programs(programs)) {
        (void)fprintf(stderr, "dosegate evaluate: /proc is not mounted\n");
        return DG_CLI_FAILED;
    }

    const char *spec = getenv("DOSEGATE_SPEC");
    const struct dg_evaluate_options order = {
        .product = product,
        .adapter = adapter,
        .only = only,
        .resume = resume,
        .retry = retry,
        .expect = expected,
        .evaluator = evaluator,
        .key = key,
        .pin_file = pin_file,
        .out = (resume != NULL) ? resume
               : (out != NULL)  ? out
                                : OUT_DEFAULT,
        .profile = profile,
        .package = package,
        .target = target,
        .state = state,
        .programs = programs,
        .spec = (spec != NULL) ? spec : DG_SPEC_DIR,
        .flawed = DG_FLAWED_DIR,
        .forms = forms,
        .is_full = (tier != NULL) && (strcmp(tier, "full") == 0),
        .strength = (unsigned)strength,
        .seed = seed,
        .has_seed = seed_text != NULL,
        /* One stranger at a time: who ended it must be known. */
        .jobs = (black_box != NULL) ? 1U : (unsigned)jobs,
        .patience_ms = (int)patience * 1000,
        .black_box = black_box,
        /* A flawed product is run to see its failure, not to judge the
         * judge. */
        .calibrate =
            !no_calibration && (product == NULL) && (black_box == NULL),
        .plan_as_json = is_json};

    return is_plan ? dg_plan(&order) : dg_evaluate(&order);
}
