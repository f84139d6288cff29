/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rate.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "eval/conclude.h"
#include "eval/file.h"
#include "eval/lab_token.h"
#include "eval/run_file.h"
#include "place.h"
#include "trusted.h"
#include "verbs.h"

#define NOT_TRUSTED 2

static const char help[] =
    "usage: dosegate rate RUN [--trust KEY] [--dir DIR]\n"
    "       dosegate rate RUN --path TEST[:N] --factor ID --level ID\n"
    "                     --by NAME --because TEXT --out NEW\n"
    "       dosegate rate RUN --confirm --by NAME --out NEW\n"
    "\n"
    "List the attack paths of a run with their rating; change a factor that\n"
    "the catalogue proposed; or confirm all of it as the second evaluator.\n"
    "\n"
    "  --path TEST[:N]  the path: id of the test, and which when it has more\n"
    "  --factor ID      elapsed_time, expertise, knowledge, window, equipment\n"
    "  --level ID       a level of that factor in the run's rating table\n"
    "  --by NAME        who says so\n"
    "  --because TEXT   why; stands in the run file beside the proposal\n"
    "  --confirm        sign off the run: another key than the lab's, and\n"
    "                   another person than any whose name is in the run,\n"
    "                   which has to name its evaluator\n"
    "  --out NEW        the new run file, where none is; RUN stays as it is\n"
    "  --trust KEY      public key of the lab that signed RUN (default: own)\n"
    "  --key KEY        signs NEW: a key file, or pkcs11:... for a token\n"
    "                   (default: lab.key below DIR)\n"
    "  --pin-file FILE  PIN of the token (default: its pin-source, or asked)\n"
    "  --dir DIR        where the own key lives (default as dosegate up)\n"
    "\n"
    "Exit codes: 0 done, 1 could not, 2 RUN is altered or not trusted.\n";

struct order {
    const char *run;
    const char *path;
    const char *factor;
    const char *level;
    const char *person;
    const char *because;
    const char *out;
    const char *trust;
    const char *key;
    const char *pin_file;
    const char *dir;
    bool is_confirm;
};

struct work {
    struct dg_crypto crypto;
    struct dg_lab_key key;
    struct dg_public_key first;
    struct dg_run run;
    struct dg_run_file_check check;
};

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate rate: %s: %s\n", what, why);
    return DG_CLI_FAILED;
}

static bool open_key(struct work *work, const struct order *order)
{
    char state[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    struct dg_problem problem;

    if (((order->key == NULL) || dg_lab_token_is_uri(order->key)) &&
        (!dg_cli_place(order->dir, state) || !dg_cli_make_place(state) ||
         !dg_cli_join(state, "lab.key", path))) {
        return false;
    }
    const char *file = (order->key != NULL) ? order->key : path;

    if (dg_lab_any_open(
            &work->crypto, file, order->pin_file, &work->key, &problem) !=
        DG_OK) {
        (void)fail("key", problem.text);
        return false;
    }
    dg_lab_public_beside(
        &work->key, dg_lab_token_is_uri(file) ? path : file, NULL);
    return true;
}

static const char *against_claim(const struct dg_run *run,
                                 const struct dg_rating *rating)
{
    if (run->head.van_claimed == 0U) {
        return "";
    }
    return (rating->range->van < run->head.van_claimed) ? ", below the claim"
                                                        : ", residual";
}

/* Which points a path comes to, and what of it an evaluator changed. */
static void list_path(const struct dg_run *run,
                      const struct dg_run_test *test,
                      const struct dg_run_path *path,
                      size_t number)
{
    struct dg_rating rating;

    (void)printf("%s:%zu  %s\n", test->id, number, path->title);
    if (!dg_conclude_path(run, path, &rating)) {
        (void)printf("  cannot be rated with the run's table\n");
    } else if (!rating.is_exploitable) {
        (void)printf("  not exploitable\n");
    } else if (rating.range->van == 0U) {
        (void)printf("  %u points: withstands no level of AVA_VAN%s\n",
                     rating.sum,
                     against_claim(run, &rating));
    } else {
        (void)printf("  %u points: withstands AVA_VAN %u%s\n",
                     rating.sum,
                     rating.range->van,
                     against_claim(run, &rating));
    }
    for (const struct dg_rating_choice *c = path->choices; c != NULL;
         c = c->next) {
        (void)printf("  %-14s %s", c->factor, c->level);
        if (c->changed_by[0] != '\0') {
            (void)printf("  (proposed %s; %s: %s)",
                         c->proposed,
                         c->changed_by,
                         c->reason);
        }
        (void)printf("\n");
    }
    (void)printf("  rated by %s; confirmed by %s\n",
                 path->rated_by,
                 (path->confirmed_by[0] == '\0') ? "nobody"
                                                 : path->confirmed_by);
}

static int list(const struct dg_run *run)
{
    struct dg_conclusion conclusion;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        size_t number = 0;

        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            number++;
            list_path(run, t, p, number);
        }
    }
    if (dg_conclude(run, &conclusion) != DG_OK) {
        return fail("rating", "out of memory");
    }
    if (conclusion.paths == 0U) {
        (void)printf("No attack path was found: nothing to rate.\n");
    }
    for (unsigned van = 1U; van <= DG_RATING_VAN_MAX; van++) {
        const bool is_held = conclusion.has_van && (van <= conclusion.van);
        const bool is_above = van > run->head.van_claimed;

        (void)printf("AVA_VAN %u: %s\n",
                     van,
                     is_held    ? "no path contradicts it"
                     : is_above ? "not claimed, so not looked for"
                                : "contradicted, or open");
    }
    if (run->head.van_claimed == 0U) {
        (void)printf("No level is claimed, so no path is residual.\n");
    } else {
        (void)printf("Residual paths, which the claim allows: %zu\n",
                     conclusion.residual);
    }
    return DG_CLI_OK;
}

static int change(struct work *work, const struct order *order)
{
    const struct dg_rate_change one = {.path = order->path,
                                       .factor = order->factor,
                                       .level = order->level,
                                       .person = order->person,
                                       .because = order->because};
    struct dg_problem problem = {""};
    struct dg_run_origin origin;

    if (dg_rate_change(&work->run, &one, &problem) != DG_OK) {
        return fail(order->path, problem.text);
    }
    work->run.head.made_from =
        dg_run_text(&work->run, work->check.origin.digest);
    if (dg_run_file_write(&work->crypto,
                          &work->run,
                          &work->key,
                          order->out,
                          &origin,
                          &problem) != DG_OK) {
        return fail(order->out, problem.text);
    }
    (void)printf("%s: signed by lab key %s, made from run %.16s%s\n",
                 order->out,
                 origin.key_id,
                 work->check.origin.digest,
                 work->check.second.is_there
                     ? "; the confirmation of that one is void"
                     : "");
    return DG_CLI_OK;
}

/* What is signed is what was checked, though the file was read twice. */
static bool is_what_was_checked(const struct work *work,
                                dg_span file,
                                struct dg_problem *problem)
{
    struct dg_run_file_check again;

    if ((dg_run_file_check_bytes(
             &work->crypto, file, &work->first, NULL, &again) == DG_OK) &&
        (again.state == DG_RUN_FILE_VALID) && !again.second.is_there &&
        (strcmp(again.origin.digest, work->check.origin.digest) == 0)) {
        return true;
    }
    dg_problem_set(problem, "it was changed just now; look at it again");
    return false;
}

static int confirm(struct work *work, const struct order *order)
{
    const time_t now = time(NULL);
    struct dg_problem problem = {""};
    struct tm parts;
    char moment[32];
    dg_span file = {NULL, 0};
    dg_span bytes = {NULL, 0};
    int code = DG_CLI_FAILED;

    if (work->check.second.is_there) {
        return fail(order->run, "it has been confirmed already");
    }
    (void)gmtime_r(&now, &parts);
    (void)strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if ((dg_file_read(order->run, DG_RUN_FILE_SIZE_MAX, &file, &problem) !=
         DG_OK) ||
        !is_what_was_checked(work, file, &problem) ||
        (dg_second_sign(&work->crypto,
                        file,
                        &work->run,
                        &work->first,
                        &work->key,
                        order->person,
                        moment,
                        &bytes,
                        &problem) != DG_OK) ||
        (dg_file_write(order->out, bytes, 0644, &problem) != DG_OK)) {
        code = fail(order->run, problem.text);
    } else {
        (void)printf("%s: confirmed by %s, key %s\n",
                     order->out,
                     order->person,
                     work->key.id);
        code = DG_CLI_OK;
    }
    dg_file_free(file);
    dg_file_free(bytes);
    return code;
}

/* RUN, or what somebody else keeps there, stays as it is. */
static bool is_free(const char *out)
{
    struct stat about;

    if ((out == NULL) || (lstat(out, &about) != 0)) {
        return true; /* what else stands against it, writing says */
    }
    (void)fail(out, "it is there already and stays as it is: name a new file");
    return false;
}

/* What was asked for must be whole, and only one thing. */
static bool is_whole(const struct order *order)
{
    const bool is_change = (order->path != NULL) || (order->factor != NULL) ||
                           (order->level != NULL) || (order->because != NULL);
    const char *why = NULL;

    if (order->run == NULL) {
        why = "name the run file";
    } else if (order->is_confirm && is_change) {
        why = "--confirm changes nothing: leave out --path and what goes with "
              "it";
    } else if (is_change &&
               ((order->path == NULL) || (order->factor == NULL) ||
                (order->level == NULL) || (order->because == NULL))) {
        why = "--path, --factor, --level and --because go together";
    } else if ((is_change || order->is_confirm) &&
               ((order->person == NULL) || (order->out == NULL))) {
        why = "say who with --by, and where to with --out";
    } else {
        return true;
    }
    (void)fprintf(stderr, "dosegate rate: %s; see --help\n", why);
    return false;
}

static int read_run(struct work *work, const struct order *order)
{
    bool has_trusted = false;

    if (!dg_cli_trusted(&work->crypto,
                        "rate",
                        order->trust,
                        order->dir,
                        &work->first,
                        &has_trusted)) {
        return DG_CLI_FAILED;
    }
    if (dg_run_file_read(&work->crypto,
                         order->run,
                         has_trusted ? &work->first : NULL,
                         &work->run,
                         &work->check) != DG_OK) {
        return fail(order->run, work->check.why.text);
    }
    if (work->check.state != DG_RUN_FILE_VALID) {
        (void)fail(order->run, work->check.why.text);
        return (work->check.state == DG_RUN_FILE_NOT_A_RUN) ? DG_CLI_FAILED
                                                            : NOT_TRUSTED;
    }
    return DG_CLI_OK;
}

static int run_order(struct work *work, const struct order *order)
{
    const int code = read_run(work, order);

    if (code != DG_CLI_OK) {
        return code;
    }
    if (!order->is_confirm && (order->path == NULL)) {
        return list(&work->run);
    }
    if (!open_key(work, order)) {
        return DG_CLI_FAILED;
    }
    return order->is_confirm ? confirm(work, order) : change(work, order);
}

int dg_cli_rate(int argc, char **argv)
{
    struct order order = {.run = NULL};
    const struct dg_cli_option options[] = {
        {"--path", &order.path, NULL},
        {"--factor", &order.factor, NULL},
        {"--level", &order.level, NULL},
        {"--by", &order.person, NULL},
        {"--because", &order.because, NULL},
        {"--out", &order.out, NULL},
        {"--trust", &order.trust, NULL},
        {"--key", &order.key, NULL},
        {"--pin-file", &order.pin_file, NULL},
        {"--dir", &order.dir, NULL},
        {"--confirm", NULL, &order.is_confirm}};
    static struct work work;
    const int asked = dg_cli_options(argc,
                                     argv,
                                     help,
                                     options,
                                     sizeof options / sizeof options[0],
                                     &order.run);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!is_whole(&order) || !is_free(order.out)) {
        return DG_CLI_FAILED;
    }
    if (dg_crypto_openssl_init(&work.crypto) != DG_OK) {
        return fail("OpenSSL", "no usable libcrypto 3");
    }
    dg_run_init(&work.run);

    const int code = run_order(&work, &order);

    dg_run_free(&work.run);
    dg_lab_key_wipe(&work.key);
    dg_lab_token_close();
    dg_crypto_openssl_free(&work.crypto);
    return code;
}
