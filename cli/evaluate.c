/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluate.h"
#include "eval/black_box.h"
#include "eval/contract.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/plan.h"
#include "eval/replay.h"
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
    "  --replay FILE     send the messages of sequences.json again, which "
    "were\n"
    "                    enough to make a product fail, and write nothing\n"
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

/* What the options say, before anything is judged. */
struct asked {
    struct dg_evaluate_options order;
    const char *tier;
    const char *strength;
    const char *seed;
    const char *jobs;
    const char *patience;
    bool no_calibration;
    bool is_plan;
};

static bool refuse(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate evaluate: %s: %s\n", what, why);
    return false;
}

/* Options that are each good, and say two things together. */
static bool is_one_order(const struct asked *asked)
{
    const struct dg_evaluate_options *order = &asked->order;
    const bool has_box = order->black_box != NULL;
    const struct {
        bool is_there;
        const char *what;
        const char *why;
    } clashes[] = {
        {has_box && ((order->product != NULL) || (order->adapter != NULL)),
         "--black-box is for a product without --product and --adapter",
         "leave them out"},
        {(order->product != NULL) && (order->adapter != NULL),
         "--product and --adapter",
         "name one of them"},
        {(order->target != NULL) && has_box,
         "--target and --black-box",
         "a product without an adapter does not say which one it is"},
        {(order->target != NULL) &&
             ((order->profile != NULL) || (order->package != NULL)),
         "--target names profile and package",
         "leave out --profile and --package"},
        {order->plan_as_json && !asked->is_plan,
         "--json goes with --plan",
         "a run's results are in its run file"},
        {(order->resume != NULL) &&
             ((order->out != NULL) || (order->only != NULL) ||
              (order->retry != NULL) || asked->no_calibration),
         "--resume goes on with the tests of its folder and writes there",
         "leave out --out, --only, --retry-failed and --no-calibration"},
        {(order->replay != NULL) &&
             (has_box || asked->is_plan || (order->out != NULL) ||
              (order->resume != NULL) || (order->retry != NULL) ||
              (order->expect != NULL) || (order->forms != NULL) ||
              (asked->seed != NULL)),
         "--replay sends what its file says, and writes nothing",
         "leave out all but --product or --adapter, --only and --patience"},
    };

    for (size_t i = 0U; i < sizeof clashes / sizeof clashes[0]; i++) {
        if (clashes[i].is_there) {
            return refuse(clashes[i].what, clashes[i].why);
        }
    }
    return true;
}

/* One option, its value shown, and what is wrong with it. */
static bool refuse_value(const char *option, const char *value, const char *why)
{
    char what[128];

    (void)snprintf(what, sizeof what, "%s %.64s", option, value);
    return refuse(what, why);
}

/* A folder can be searched, which looks like a program that can be run. */
static bool is_program(const char *path)
{
    struct stat about;

    return (stat(path, &about) != 0) || S_ISREG(about.st_mode);
}

/* What a plan does not read must be there all the same. */
static bool has_files(const struct asked *asked)
{
    const struct dg_evaluate_options *order = &asked->order;

    if (!asked->is_plan) {
        return true; /* whoever reads them says so */
    }
    if ((order->forms != NULL) && (access(order->forms, R_OK | X_OK) != 0)) {
        return refuse_value("--forms", order->forms, strerror(errno));
    }
    if ((order->expect != NULL) && (access(order->expect, R_OK) != 0)) {
        return refuse_value("--expect", order->expect, strerror(errno));
    }
    return true;
}

static bool has_good_values(const struct asked *asked)
{
    const struct dg_evaluate_options *order = &asked->order;

    if ((order->product != NULL) && !is_product_name(order->product)) {
        return refuse_value("--product",
                            order->product,
                            "write flawed/NAME with a name from eval/flawed");
    }
    if ((order->adapter != NULL) && !is_program(order->adapter)) {
        return refuse_value("--adapter", order->adapter, "not a program");
    }
    if ((order->black_box != NULL) &&
        (dg_black_box_refuses(order->black_box) != NULL)) {
        return refuse_value("--black-box",
                            order->black_box,
                            dg_black_box_refuses(order->black_box));
    }
    if ((asked->tier != NULL) && !is_tier(asked->tier)) {
        return refuse_value("--tier", asked->tier, "fast or full");
    }
    return has_files(asked);
}

static bool read_numbers(const char *verb, struct asked *asked)
{
    struct dg_evaluate_options *order = &asked->order;
    unsigned long long seed = 1U;
    unsigned long long strength = 0U;
    unsigned long long jobs = JOBS_DEFAULT;
    unsigned long long patience = DG_CONTRACT_PATIENCE_MS / 1000;

    if (!dg_cli_number(verb, "--seed", asked->seed, 0U, UINT64_MAX, &seed) ||
        !dg_cli_number(
            verb, "--strength", asked->strength, 1U, 4U, &strength) ||
        !dg_cli_number(verb, "--jobs", asked->jobs, 1U, JOBS_MAX, &jobs) ||
        !dg_cli_number(
            verb, "--patience", asked->patience, 1U, 600U, &patience)) {
        return false;
    }
    order->seed = seed;
    order->has_seed = asked->seed != NULL;
    order->strength = (unsigned)strength;
    /* One stranger at a time: who ended it must be known. */
    order->jobs = (order->black_box != NULL) ? 1U : (unsigned)jobs;
    order->patience_ms = (int)patience * 1000;
    return true;
}

/* What follows from the options that are there. */
static void complete(struct asked *asked)
{
    struct dg_evaluate_options *order = &asked->order;
    const char *spec = getenv("DOSEGATE_SPEC");

    if (order->resume != NULL) {
        order->out = order->resume;
    } else if (order->out == NULL) {
        order->out = OUT_DEFAULT;
    } else {
        /* A person chose it. */
    }
    order->spec = (spec != NULL) ? spec : DG_SPEC_DIR;
    order->flawed = DG_FLAWED_DIR;
    order->is_full =
        (asked->tier != NULL) && (strcmp(asked->tier, "full") == 0);
    /* A flawed product is run to see its failure, not to judge the judge. */
    order->calibrate = !asked->no_calibration && (order->product == NULL) &&
                       (order->black_box == NULL) && (order->replay == NULL);
}

/* As the rows below; 0, or what dg_cli_options() gives. */
static int read_options(int argc, char **argv, struct asked *asked)
{
    struct dg_evaluate_options *order = &asked->order;
    const struct dg_cli_option options[] = {
        {"--product", &order->product, NULL},
        {"--adapter", &order->adapter, NULL},
        {"--only", &order->only, NULL},
        {"--test", &order->only, NULL}, /* in commands of older reports */
        {"--resume", &order->resume, NULL},
        {"--retry-failed", &order->retry, NULL},
        {"--replay", &order->replay, NULL},
        {"--expect", &order->expect, NULL},
        {"--evaluator", &order->evaluator, NULL},
        {"--key", &order->key, NULL},
        {"--pin-file", &order->pin_file, NULL},
        {"--forms", &order->forms, NULL},
        {"--tier", &asked->tier, NULL},
        {"--strength", &asked->strength, NULL},
        {"--profile", &order->profile, NULL},
        {"--package", &order->package, NULL},
        {"--target", &order->target, NULL},
        {"--seed", &asked->seed, NULL},
        {"--jobs", &asked->jobs, NULL},
        {"--patience", &asked->patience, NULL},
        {"--black-box", &order->black_box, NULL},
        {"--out", &order->out, NULL},
        {"--dir", &order->dir, NULL},
        {"--no-calibration", NULL, &asked->no_calibration},
        {"--plan", NULL, &asked->is_plan},
        {"--json", NULL, &order->plan_as_json},
    };

    return dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], NULL);
}

int dg_cli_evaluate(int argc, char **argv)
{
    struct asked asked = {.tier = NULL};
    char programs[512];
    char state[DG_CLI_PATH_MAX];
    const int read = read_options(argc, argv, &asked);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!read_numbers(argv[0], &asked) || !is_one_order(&asked) ||
        !has_good_values(&asked) || !dg_cli_place(asked.order.dir, state) ||
        !dg_cli_make_place(state)) {
        return DG_CLI_FAILED;
    }
    if (!find_programs(programs)) {
        (void)fprintf(stderr, "dosegate evaluate: /proc is not mounted\n");
        return DG_CLI_FAILED;
    }
    complete(&asked);
    asked.order.state = state;
    asked.order.programs = programs;
    /* In a log, what was said before an error stands before it. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0U);
    if (asked.is_plan) {
        return dg_plan(&asked.order);
    }
    return (asked.order.replay != NULL) ? dg_replay(&asked.order)
                                        : dg_evaluate(&asked.order);
}
