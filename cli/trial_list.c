/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/trial/findings.h"
#include "patient/control/controller.h"
#include "place.h"
#include "trial.h"
#include "verbs.h"

#define SUFFIX ".yaml"

static const char *trials_dir(char path[DG_CLI_PATH_MAX])
{
    const char *spec = getenv("DOSEGATE_SPEC");

    return dg_cli_join((spec != NULL) ? spec : DG_SPEC_DIR, "trials", path)
               ? path
               : NULL;
}

static bool is_name(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
           strlen(name);
}

bool dg_cli_trial_open(const char *name, struct dg_book *book)
{
    char folder[DG_CLI_PATH_MAX];
    char file[96];
    char path[DG_CLI_PATH_MAX];
    struct dg_problem problem;

    *book = (struct dg_book){0};
    if (is_name(name)) {
        if ((snprintf(file, sizeof(file), "%.80s%s", name, SUFFIX) <= 0) ||
            (trials_dir(folder) == NULL) || !dg_cli_join(folder, file, path)) {
            (void)fprintf(stderr, "dosegate trial: the path is too long\n");
            return false;
        }
        name = path;
    }
    if (dg_book_read(book, name, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate trial: %s\n", problem.text);
        dg_book_free(book);
        return false;
    }
    return true;
}

static int is_trial(const struct dirent *entry)
{
    const size_t size = strlen(entry->d_name);

    return (size > strlen(SUFFIX)) &&
           (strcmp(entry->d_name + size - strlen(SUFFIX), SUFFIX) == 0);
}

/* One line for each trial that ships; what cannot be read is named. */
static bool list_trials(void)
{
    char folder[DG_CLI_PATH_MAX];
    struct dirent **entries = NULL;
    const int count = (trials_dir(folder) == NULL)
                          ? -1
                          : scandir(folder, &entries, is_trial, alphasort);
    bool all = count >= 0;

    for (int i = 0; i < count; i++) {
        struct dg_book book;
        char *name = entries[i]->d_name;

        name[strlen(name) - strlen(SUFFIX)] = '\0';
        if (dg_cli_trial_open(name, &book)) {
            (void)printf("  %-16s %s\n", name, book.title);
            dg_book_free(&book);
        } else {
            all = false;
        }
        free(entries[i]);
    }
    free(entries);
    if (count < 0) {
        (void)fprintf(stderr,
                      "dosegate trial: the folder of trials %s cannot be "
                      "read\n",
                      folder);
    }
    return all;
}

int dg_cli_trial_list(void)
{
    (void)printf("Trials (dosegate trial run NAME):\n");

    const bool all = list_trials();

    (void)printf(
        "\nAttacks, failures and mistakes ('attack' of a scenario):\n");
    for (unsigned i = 1U; i < DG_TRIAL_ATTACKS; i++) {
        const struct dg_trial_attack_row *row =
            dg_trial_attack_at((enum dg_trial_attack)i);

        (void)printf("  %-16s %s\n", row->name, row->what);
    }
    (void)printf("\nArms:\n  %-16s the pump does what its phone says\n",
                 "none");
    for (size_t i = 0; dg_trial_sold_at(i) != NULL; i++) {
        (void)printf("  sold:%-11s %s\n",
                     dg_trial_sold_at(i)->name,
                     dg_trial_sold_at(i)->title);
    }
    (void)printf("  dosegate:low, dosegate:medium, dosegate:high\n");
    (void)printf("\nLimits of an arm of Dosegate that a trial may change:\n");
    for (unsigned i = 0U; i < DG_TRIAL_LIMITS; i++) {
        const struct dg_trial_limit_row *row = dg_trial_limit_at(i);

        (void)printf("  %-16s %d to %d%s%s, shipped %d: %s\n",
                     row->name,
                     row->low,
                     row->high,
                     (row->unit[0] == '\0') ? "" : " ",
                     row->unit,
                     row->shipped,
                     row->what);
    }
    (void)printf("\nControllers:\n");
    for (size_t i = 0; dg_controller_at(i) != NULL; i++) {
        (void)printf("  %-16s %s\n",
                     dg_controller_at(i)->name,
                     dg_controller_at(i)->title);
    }
    (void)printf("\nModels:\n  wilinska2010, s2013, s2008, hovorka2004\n");
    return all ? DG_CLI_OK : DG_CLI_FAILED;
}

int dg_cli_trial_show(const char *name)
{
    struct dg_book book;

    if (!dg_cli_trial_open(name, &book)) {
        return DG_CLI_FAILED;
    }
    (void)printf("%s: %s\n\n%s\n\n", book.name, book.title, book.question);
    (void)printf("people %llu, days %u, seed %llu, %s precision\n",
                 (unsigned long long)book.plan.people,
                 book.plan.days,
                 (unsigned long long)book.plan.seed,
                 (book.plan.precision == DG_TRIAL_DOUBLE) ? "double"
                                                          : "single");
    (void)printf("controller %s\nmodels",
                 (book.controller != NULL) ? book.controller : book.program);
    for (size_t i = 0; i < book.models; i++) {
        (void)printf(" %s", dg_book_model_name(book.model[i]));
    }
    (void)printf("\n\narms\n");
    for (size_t i = 0; i < book.plan.arms; i++) {
        char arm[DG_TRIAL_ARM_NAME_MAX];
        char title[DG_FINDING_TEXT_SIZE];

        dg_trial_arm_name(&book.plan.arm[i], arm);
        dg_finding_arm(&book.plan.arm[i], title);
        (void)printf("  %-18s %s\n", arm, title);
    }
    (void)printf("\nscenarios\n");
    for (size_t i = 0; i < book.plan.scenarios; i++) {
        const struct dg_trial_attack_row *row =
            dg_trial_attack_at(book.plan.scenario[i].attack);

        (void)printf("  %-18s %s\n",
                     dg_trial_scenario_name(&book.plan.scenario[i]),
                     row->what);
    }
    dg_book_free(&book);
    return DG_CLI_OK;
}
