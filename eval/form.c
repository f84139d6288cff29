/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/form.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/digest.h"
#include "eval/yaml.h"

#define DAY_SIZE 10U
#define SUFFIX   ".yaml"

struct answering {
    struct dg_run *run;
    struct dg_run_test *test;
    const struct dg_catalogue_entry *entry;
    struct dg_yaml yaml;
};

static enum dg_run_verdict read_verdict(struct answering *to)
{
    static const struct {
        const char *word;
        enum dg_run_verdict verdict;
    } words[] = {{"pass", DG_RUN_PASS},
                 {"fail", DG_RUN_FAIL},
                 {"inconclusive", DG_RUN_INCONCLUSIVE}};
    const char *text = dg_yaml_text(&to->yaml, to->yaml.root, "verdict");

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i].word) == 0) {
            return words[i].verdict;
        }
    }
    dg_yaml_fail(&to->yaml,
                 to->yaml.root,
                 "'verdict' is pass, fail or inconclusive, not '%s'",
                 text);
    return DG_RUN_UNDECIDED;
}

static bool is_day(const char *text)
{
    static const char form[] = "0000-00-00";

    if (strlen(text) != DAY_SIZE) {
        return false;
    }
    for (size_t i = 0; i < DAY_SIZE; i++) {
        const bool is_digit = (text[i] >= '0') && (text[i] <= '9');

        if ((form[i] == '0') ? !is_digit : (text[i] != '-')) {
            return false;
        }
    }
    return (strncmp(&text[5], "01", 2U) >= 0) &&
           (strncmp(&text[5], "12", 2U) <= 0) &&
           (strncmp(&text[8], "01", 2U) >= 0) &&
           (strncmp(&text[8], "31", 2U) <= 0);
}

/* Nobody signs on a day to come: such a date was typed in wrong, or ahead. */
static const char *read_day(struct answering *to)
{
    const char *day = dg_yaml_text(&to->yaml, to->yaml.root, "date");

    if (!is_day(day)) {
        dg_yaml_fail(&to->yaml, to->yaml.root, "'date' is a day, YYYY-MM-DD");
    } else if (strncmp(day, to->run->head.started, DAY_SIZE) > 0) {
        dg_yaml_fail(&to->yaml,
                     to->yaml.root,
                     "'date' is %s, which is after this run began",
                     day);
    }
    return day;
}

/* One line for each thing that the form wants recorded, in its words. */
static void read_seen(struct answering *to, const char *name)
{
    const char **seen = NULL;
    const size_t count =
        dg_yaml_texts(&to->yaml, to->yaml.root, "seen", &to->run->arena, &seen);

    if (count != to->entry->record_count) {
        dg_yaml_fail(&to->yaml,
                     to->yaml.root,
                     "'seen' has %zu items; %s wants %zu recorded",
                     count,
                     name,
                     to->entry->record_count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        dg_run_add_line(
            to->run,
            &to->test->seen,
            dg_run_textf(to->run, "%s: %s", to->entry->record[i], seen[i]));
    }
}

static void settle(struct answering *to,
                   enum dg_run_verdict verdict,
                   const char *by,
                   const char *day)
{
    to->test->verdict = verdict;
    to->test->reason =
        dg_run_textf(to->run,
                     DG_RUN_SIGNED_BY "%s" DG_RUN_SIGNED_ON "%s: %s.",
                     by,
                     day,
                     dg_run_verdict_name(verdict));
    if (verdict == DG_RUN_FAIL) {
        (void)dg_catalogue_add_path(
            to->run, to->test, to->entry, DG_RATING_SUCCESSFUL);
    }
}

static void read_answer(struct answering *to, const char *path)
{
    struct dg_yaml_node *root = to->yaml.root;
    char digest[65] = "";

    if (strcmp(dg_yaml_text(&to->yaml, root, "id"), to->entry->id) != 0) {
        dg_yaml_fail(&to->yaml,
                     root,
                     "'id' must be the name of the file: %s",
                     to->entry->id);
    }

    const char *firmware = dg_yaml_text(&to->yaml, root, "firmware");
    const char *by = dg_yaml_text(&to->yaml, root, "by");
    const char *day = read_day(to);
    const enum dg_run_verdict verdict = read_verdict(to);

    read_seen(to, to->entry->id);
    dg_yaml_close(&to->yaml, root);
    if (to->yaml.status != DG_OK) {
        return;
    }
    if (dg_digest_file(path, digest)) {
        dg_run_add_line(
            to->run,
            &to->test->seen,
            dg_run_textf(to->run, "The signed form has SHA-256 %s.", digest));
    }
    if (strcmp(firmware, to->run->product.firmware_digest) != 0) {
        to->test->reason = dg_run_textf(to->run,
                                        "%s signed this on %s for another "
                                        "firmware, %.16s; it has to be done "
                                        "again for this one.",
                                        by,
                                        day,
                                        firmware);
        return;
    }
    settle(to, verdict, by, day);
}

static enum dg_status add_form(struct dg_run *run,
                               const struct dg_catalogue_entry *entry,
                               const char *folder,
                               struct dg_problem *problem)
{
    struct answering to = {.run = run, .entry = entry};
    const char *method = "";
    char path[PATH_MAX];
    struct stat info;

    to.test = dg_catalogue_add_test(run, entry);
    if (to.test == NULL) {
        return DG_E_PORT;
    }
    for (size_t i = 0; i < entry->method_count; i++) {
        method = dg_run_textf(
            run, "%s%s%s", method, (i == 0U) ? "" : " ", entry->method[i]);
    }
    to.test->tier = dg_run_textf(run, "form: %s", entry->work);
    to.test->tried = method;
    to.test->verdict = (folder == NULL) ? DG_RUN_NOT_ASKED : DG_RUN_PENDING;
    to.test->reason = dg_run_text(
        run,
        (folder == NULL) ? "This needs a person, and the run asked for nobody."
                         : "This needs a person: no signed form was given.");
    if (folder == NULL) {
        return DG_OK;
    }
    if (snprintf(path, sizeof path, "%s/%s" SUFFIX, folder, entry->id) >=
        (int)sizeof path) {
        dg_problem_set(problem, "the path is too long: %s", folder);
        return DG_E_PORT;
    }
    if ((stat(path, &info) != 0) && (errno == ENOENT)) {
        return DG_OK;
    }
    dg_yaml_open(&to.yaml, path);
    read_answer(&to, path);

    const enum dg_status status = dg_yaml_end(&to.yaml, problem);

    dg_yaml_free(&to.yaml);
    return status;
}

/* A file that is no form's is a name typed wrong: said, not passed over. */
static enum dg_status check_folder(const struct dg_catalogue *catalogue,
                                   const char *folder,
                                   struct dg_problem *problem)
{
    enum dg_status status = DG_OK;
    DIR *dir = opendir(folder);

    if (dir == NULL) {
        dg_problem_set(problem, "%s: %s", folder, strerror(errno));
        return DG_E_PORT;
    }
    for (const struct dirent *one = readdir(dir);
         (one != NULL) && (status == DG_OK);
         one = readdir(dir)) {
        const size_t size = strlen(one->d_name);
        char stem[NAME_MAX + 1];

        if ((one->d_name[0] == '.') || (size <= strlen(SUFFIX)) ||
            (strcmp(&one->d_name[size - strlen(SUFFIX)], SUFFIX) != 0)) {
            continue;
        }
        (void)snprintf(stem,
                       sizeof stem,
                       "%.*s",
                       (int)(size - strlen(SUFFIX)),
                       one->d_name);

        const struct dg_catalogue_entry *entry =
            dg_catalogue_find(catalogue, stem);

        if ((entry == NULL) || !entry->is_form) {
            dg_problem_set(problem,
                           "%s/%s: the catalogue has no form '%s'; "
                           "dosegate catalogue lists them",
                           folder,
                           one->d_name,
                           stem);
            status = DG_E_MALFORMED;
        }
    }
    (void)closedir(dir);
    return status;
}

/* @satisfies{EVL_FORM.1@1} */
enum dg_status dg_forms_add(struct dg_run *run,
                            const struct dg_catalogue *catalogue,
                            const char *folder,
                            bool (*is_wanted)(const void *context,
                                              const char *id),
                            const void *context,
                            struct dg_problem *problem)
{
    enum dg_status status =
        (folder == NULL) ? DG_OK : check_folder(catalogue, folder, problem);

    for (const struct dg_catalogue_entry *entry = catalogue->entries;
         (entry != NULL) && (status == DG_OK);
         entry = entry->next) {
        /* One that the run has already does not apply to the product. */
        if (entry->is_form &&
            ((is_wanted == NULL) || is_wanted(context, entry->id)) &&
            (dg_run_find_test(run, entry->id) == NULL)) {
            status = add_form(run, entry, folder, problem);
        }
    }
    return status;
}

void dg_form_print(const struct dg_catalogue_entry *entry, FILE *to)
{
    (void)fprintf(to, "# %s\n# How:\n", entry->title);
    for (size_t i = 0; i < entry->method_count; i++) {
        (void)fprintf(to, "#   %zu. %s\n", i + 1U, entry->method[i]);
    }
    (void)fprintf(to,
                  "# Passes when: %s\n"
                  "id: %s\n"
                  "firmware:  # SHA-256 of what you looked at, as the run "
                  "names it\n"
                  "verdict:   # pass, fail or inconclusive\n"
                  "by:        # your name\n"
                  "date:      # YYYY-MM-DD\n"
                  "seen:\n",
                  entry->pass,
                  entry->id);
    for (size_t i = 0; i < entry->record_count; i++) {
        (void)fprintf(to, "  -   # %s\n", entry->record[i]);
    }
}
