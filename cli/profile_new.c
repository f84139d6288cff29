/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "eval/digest.h"
#include "eval/feature.h"
#include "eval/file.h"
#include "eval/target/starter.h"
#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate profile new [OPTIONS]\n"
    "\n"
    "Begin a security target: all that a profile asks of a product, taken, "
    "and\n"
    "a question mark wherever a person has to write.  On a terminal what no\n"
    "option says is asked for; elsewhere it is left open.\n"
    "\n"
    "  --profile NAME   a profile that ships, or a file (default\n"
    "                   connected-device)\n"
    "  --package NAME   how much assurance (default the profile's first)\n"
    "  --product TEXT   the product's name\n"
    "  --maker TEXT     who makes it\n"
    "  --version TEXT   which version of it\n"
    "  --author TEXT    who writes the target\n"
    "  --firmware FILE  its firmware: the target names its SHA-256\n"
    "  --functions LIST what it does, by the profile: pump,automated\n"
    "  --features LIST  what it has, by spec/features.yaml; what the profile\n"
    "                   asks of everyone comes by itself\n"
    "  --out FILE       write it there (default: to standard output); a file\n"
    "                   that is there already stays as it is\n";

#define WORDS_MAX  64U
#define ANSWER_MAX 512U

struct asking {
    const char *verb;
    const char *profile;
    const char *package;
    const char *product;
    const char *maker;
    const char *version;
    const char *author;
    const char *firmware;
    const char *functions;
    const char *features;
    const char *out;
};

/* Questions --------------------------------------------------------------- */

/* One line from the terminal; NULL: nothing was said. */
static const char *ask(const char *question, char answer[ANSWER_MAX])
{
    (void)fprintf(stderr, "%s: ", question);
    if (fgets(answer, ANSWER_MAX, stdin) == NULL) {
        return NULL;
    }
    answer[strcspn(answer, "\n")] = '\0';
    return (answer[0] == '\0') ? NULL : answer;
}

static void say_words(char *question,
                      size_t size,
                      const char *what,
                      const struct dg_profile *profile)
{
    size_t used = (size_t)snprintf(question, size, "%s (", what);

    for (size_t i = 0U; (i < profile->feature_count) && (used < size); i++) {
        used += (size_t)snprintf(&question[used],
                                 size - used,
                                 "%s%s",
                                 (i == 0U) ? "" : ",",
                                 profile->features[i].id);
    }
    if (used < size) {
        (void)snprintf(&question[used], size - used, "), with commas");
    }
}

/* What no option said. */
static void ask_all(struct asking *asking, const struct dg_profile *profile)
{
    static char answers[5][ANSWER_MAX];
    char question[ANSWER_MAX];
    const struct {
        const char **to;
        const char *question;
    } questions[] = {
        {&asking->product, "The product's name"},
        {&asking->maker, "Who makes it"},
        {&asking->version, "Which version of it"},
        {&asking->author, "Who writes this target"},
    };

    (void)fprintf(stderr,
                  "A security target for %s %s.  An empty answer leaves it "
                  "open.\n",
                  profile->id,
                  profile->version);
    for (size_t i = 0U; i < 4U; i++) {
        if (*questions[i].to == NULL) {
            *questions[i].to = ask(questions[i].question, answers[i]);
        }
    }
    if ((asking->functions == NULL) && (profile->feature_count > 0U)) {
        say_words(question, sizeof question, "What it does", profile);
        asking->functions = ask(question, answers[4]);
    }
}

/* Words ------------------------------------------------------------------- */

static bool is_known(const char *word,
                     const struct dg_profile *profile,
                     const struct dg_feature_list *features)
{
    return (features != NULL) ? (dg_feature_find(features, word) != NULL)
                              : (dg_profile_feature(profile, word) != NULL);
}

/* "a,b" as words that are all known. */
static bool split(const struct asking *asking,
                  const char *list,
                  const struct dg_profile *profile,
                  const struct dg_feature_list *features,
                  struct dg_arena *arena,
                  struct dg_words *words)
{
    words->item = dg_arena_take(arena, WORDS_MAX * sizeof *words->item);
    while ((list != NULL) && (*list != '\0') && (words->item != NULL)) {
        const size_t size = strcspn(list, ", ");

        if (size > 0U) {
            const char *word = dg_arena_text(arena, list, size);

            if (!is_known(word, profile, features) ||
                (words->count == WORDS_MAX)) {
                (void)fprintf(stderr,
                              "dosegate %s: '%.64s' is no %s\n",
                              asking->verb,
                              word,
                              (features != NULL)
                                  ? "word of spec/features.yaml"
                                  : "function of this profile (profile show "
                                    "lists them)");
                return false;
            }
            words->item[words->count] = word;
            words->count++;
        }
        list += size;
        list += strspn(list, ", ");
    }
    return words->item != NULL;
}

/* Writing ----------------------------------------------------------------- */

static bool write_out(const struct asking *asking,
                      const struct dg_starter *starter)
{
    char *text = NULL;
    size_t size = 0U;
    struct dg_problem problem = {""};
    FILE *memory = open_memstream(&text, &size);

    if (memory == NULL) {
        (void)fprintf(stderr, "dosegate %s: out of memory\n", asking->verb);
        return false;
    }
    dg_starter_write(starter, memory);

    bool is_good = fclose(memory) == 0;

    if (is_good && (asking->out == NULL)) {
        is_good =
            (fwrite(text, 1U, size, stdout) == size) && (fflush(stdout) == 0);
    } else if (is_good) {
        const enum dg_status status =
            dg_file_create(asking->out,
                           (dg_span){(const uint8_t *)text, size},
                           0644,
                           &problem);

        is_good = status == DG_OK;
        if (status == DG_E_STATE) {
            dg_problem_set(&problem,
                           "%.300s is there already and stays as it is",
                           asking->out);
        }
    }
    if (!is_good) {
        (void)fprintf(stderr,
                      "dosegate %s: %s\n",
                      asking->verb,
                      (problem.text[0] != '\0') ? problem.text
                                                : strerror(errno));
    }
    free(text);
    return is_good;
}

static bool fill(const struct asking *asking,
                 const struct dg_profile *profile,
                 const struct dg_profile *package,
                 struct dg_arena *arena)
{
    struct dg_starter starter = {.profile = profile,
                                 .package = package,
                                 .product = asking->product,
                                 .maker = asking->maker,
                                 .version = asking->version,
                                 .author = asking->author};
    const char *spec = getenv("DOSEGATE_SPEC");
    const time_t now = time(NULL);
    struct dg_feature_list features = {.count = 0U};
    struct dg_problem problem = {""};
    struct tm parts;
    char date[16] = "";
    char path[DG_CLI_PATH_MAX];
    char real[PATH_MAX];
    char digests[3][65] = {"", "", ""};
    bool is_good = true;

    if (gmtime_r(&now, &parts) != NULL) {
        (void)strftime(date, sizeof date, "%Y-%m-%d", &parts);
    }
    starter.date = date;
    (void)dg_digest_file(profile->file, digests[0]);
    (void)dg_digest_file(package->file, digests[1]);
    starter.profile_digest = digests[0];
    starter.package_digest = digests[1];
    if ((strchr(asking->profile, '/') != NULL) &&
        (realpath(profile->file, real) != NULL)) {
        starter.profile_file = real;
    }
    if (asking->firmware != NULL) {
        if (!dg_digest_file(asking->firmware, digests[2])) {
            (void)fprintf(stderr,
                          "dosegate %s: cannot read %.200s\n",
                          asking->verb,
                          asking->firmware);
            return false;
        }
        starter.firmware_digest = digests[2];
    }
    if (!dg_cli_join(
            (spec != NULL) ? spec : DG_SPEC_DIR, "features.yaml", path) ||
        (dg_feature_list_open(path, &features, &problem) != DG_OK)) {
        (void)fprintf(stderr, "dosegate %s: %s\n", asking->verb, problem.text);
        is_good = false;
    }
    is_good = is_good &&
              split(asking,
                    asking->functions,
                    profile,
                    NULL,
                    arena,
                    &starter.functions) &&
              split(asking,
                    asking->features,
                    profile,
                    &features,
                    arena,
                    &starter.features) &&
              write_out(asking, &starter);
    dg_feature_list_free(&features);
    return is_good;
}

/* Beside the profile, as evaluate looks for it; else one that ships, or a file
 * that was named. */
static bool open_package(const struct asking *asking,
                         const struct dg_profile *profile,
                         struct dg_profile *package)
{
    char path[DG_CLI_PATH_MAX] = "";

    if (strpbrk(asking->package, "/.") == NULL) {
        dg_profile_package_path(profile, asking->package, path, sizeof path);
    }
    return dg_cli_profile_open(asking->verb,
                               ((path[0] != '\0') && (access(path, R_OK) == 0))
                                   ? path
                                   : asking->package,
                               package);
}

int dg_cli_profile_new(int argc, char **argv)
{
    struct asking asking = {.verb = argv[0], .profile = "connected-device"};
    const struct dg_cli_option options[] = {
        {"--profile", &asking.profile, NULL},
        {"--package", &asking.package, NULL},
        {"--product", &asking.product, NULL},
        {"--maker", &asking.maker, NULL},
        {"--version", &asking.version, NULL},
        {"--author", &asking.author, NULL},
        {"--firmware", &asking.firmware, NULL},
        {"--functions", &asking.functions, NULL},
        {"--features", &asking.features, NULL},
        {"--out", &asking.out, NULL},
    };
    struct dg_profile profile = {.file = ""};
    struct dg_profile package = {.file = ""};
    struct dg_arena arena;
    int code = DG_CLI_FAILED;
    const int asked = dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], NULL);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    dg_arena_init(&arena);
    if (dg_cli_profile_open(argv[0], asking.profile, &profile)) {
        if ((asking.package == NULL) && (profile.packages.count > 0U)) {
            asking.package = profile.packages.item[0];
        }
        if (asking.package == NULL) {
            (void)fprintf(stderr,
                          "dosegate %s: the profile names no package: name "
                          "one with --package\n",
                          argv[0]);
        } else if (open_package(&asking, &profile, &package)) {
            if (isatty(STDIN_FILENO) == 1) {
                ask_all(&asking, &profile);
            }
            code = fill(&asking, &profile, &package, &arena) ? DG_CLI_OK
                                                             : DG_CLI_FAILED;
        }
    }
    dg_arena_free(&arena);
    dg_profile_free(&package);
    dg_profile_free(&profile);
    return code;
}
