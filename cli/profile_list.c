/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate profile list [FOLDER]\n"
    "\n"
    "The profiles, modules and packages that ship, or those of a folder: one\n"
    "line each, with id, version, what kind it is, and title.  What cannot be\n"
    "read is named, and the exit code is 1.\n";

static const char *profiles_folder(void)
{
    static char path[DG_CLI_PATH_MAX];
    const char *spec = getenv("DOSEGATE_SPEC");

    if (!dg_cli_join((spec != NULL) ? spec : DG_SPEC_DIR, "profiles", path)) {
        path[0] = '\0';
    }
    return path;
}

static bool is_id(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
           strlen(name);
}

bool dg_cli_profile_open(const char *verb,
                         const char *name,
                         struct dg_profile *profile)
{
    static const char *const places[] = {"", "packages/"};
    struct dg_problem problem = {""};
    char path[DG_CLI_PATH_MAX];

    for (size_t i = 0U; is_id(name) && (i < 2U); i++) {
        const int used = snprintf(path,
                                  sizeof path,
                                  "%s/%s%s.yaml",
                                  profiles_folder(),
                                  places[i],
                                  name);

        if ((used > 0) && ((size_t)used < sizeof path) &&
            (access(path, R_OK) == 0)) {
            name = path;
        }
    }
    if ((name != path) && is_id(name) && (access(name, F_OK) != 0)) {
        (void)fprintf(stderr,
                      "dosegate %s: %.64s: no profile of that id; see dosegate "
                      "profile list\n",
                      verb,
                      name);
        return false;
    }
    if (dg_profile_open(name, profile, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate %s: %s\n", verb, problem.text);
        return false;
    }
    return true;
}

void dg_cli_profile_wrap(FILE *out, const char *text, unsigned indent)
{
    size_t column = 0U;

    while (*text != '\0') {
        const size_t blanks = strspn(text, " \t\n");
        const size_t size = strcspn(text + blanks, " \t\n");

        text += blanks;
        if (size == 0U) {
            break;
        }
        if ((column > 0U) && (column + 1U + size > 79U)) {
            (void)fputc('\n', out);
            column = 0U;
        }
        if (column == 0U) {
            (void)fprintf(out, "%*s", (int)indent, "");
            column = indent;
        } else {
            (void)fputc(' ', out);
            column++;
        }
        (void)fwrite(text, 1U, size, out);
        column += size;
        text += size;
    }
    (void)fputc('\n', out);
}

static int is_profile_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return (entry->d_name[0] != '.') && (dot != NULL) &&
           ((strcmp(dot, ".yaml") == 0) || (strcmp(dot, ".xml") == 0));
}

/* false: something could not be read. */
static bool list_folder(const char *verb,
                        const char *folder,
                        bool *is_there,
                        size_t *seen)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_profile_file, alphasort);
    bool all = true;

    *is_there = count >= 0;
    *seen += (count > 0) ? (size_t)count : 0U;
    for (int i = 0; i < count; i++) {
        struct dg_profile profile = {0};
        char path[DG_CLI_PATH_MAX];

        if (!dg_cli_join(folder, entries[i]->d_name, path)) {
            (void)fprintf(stderr, "dosegate %s: the path is too long\n", verb);
            all = false;
        } else if (dg_cli_profile_open(verb, path, &profile)) {
            (void)printf("%-20s %-6s %-18s %s\n",
                         profile.id,
                         profile.version,
                         dg_profile_kind_word(profile.kind),
                         profile.title);
        } else {
            all = false;
        }
        dg_profile_free(&profile);
        free(entries[i]);
    }
    free(entries);
    return all;
}

int dg_cli_profile_list(int argc, char **argv)
{
    const char *folder = NULL;
    char packages[DG_CLI_PATH_MAX];
    bool is_there = false;
    size_t seen = 0U;
    const int asked = dg_cli_options(argc, argv, help, NULL, 0U, &folder);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (folder == NULL) {
        folder = profiles_folder();
    }

    bool all = list_folder(argv[0], folder, &is_there, &seen);

    if (!is_there) {
        (void)fprintf(stderr,
                      "dosegate %s: the folder %s cannot be read\n",
                      argv[0],
                      folder);
        return DG_CLI_FAILED;
    }
    /* A folder need not have packages. */
    if (dg_cli_join(folder, "packages", packages)) {
        all = list_folder(argv[0], packages, &is_there, &seen) && all;
    }
    if (seen == 0U) {
        (void)fprintf(stderr,
                      "dosegate %s: the folder %s has no profile: no file "
                      "ends in .yaml or .xml\n",
                      argv[0],
                      folder);
    }
    return (all && (seen > 0U)) ? DG_CLI_OK : DG_CLI_FAILED;
}
