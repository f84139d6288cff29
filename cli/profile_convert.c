/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/file.h"
#include "eval/profile/export.h"
#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help_import[] =
    "usage: dosegate profile import FILE.xml [--out FILE.yaml]\n"
    "\n"
    "Read a base profile, module or functional package in the CC XML of NIAP\n"
    "and write it as our YAML.  Nothing that a file names is fetched.\n"
    "\n"
    "  --out FILE  where to; without it to stdout\n";

static const char help_export[] =
    "usage: dosegate profile export FILE [--package ID] [--out FILE.xml]\n"
    "\n"
    "Write a profile of ours as CC XML, which the published schemas accept.\n"
    "FILE is our YAML, or the id of one that ships.\n"
    "\n"
    "  --package ID  with the SARs of this package of the profile\n"
    "  --out FILE    where to; without it to stdout\n";

/* To a file, whole or not at all, or to stdout. */
static bool put(const char *verb,
                const char *path,
                const char *text,
                size_t size)
{
    struct dg_problem problem = {""};

    if (path == NULL) {
        return (fwrite(text, 1U, size, stdout) == size) &&
               (fflush(stdout) == 0);
    }
    if (dg_file_write(
            path, (dg_span){(const uint8_t *)text, size}, 0644U, &problem) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate %s: %s\n", verb, problem.text);
        return false;
    }
    return true;
}

static bool is_named(const char *verb, const char *name)
{
    if (name == NULL) {
        (void)fprintf(stderr,
                      "dosegate %s: which file? see dosegate %s --help\n",
                      verb,
                      verb);
    }
    return name != NULL;
}

int dg_cli_profile_import(int argc, char **argv)
{
    const char *name = NULL;
    const char *out = NULL;
    char *text = NULL;
    size_t size = 0U;
    struct dg_profile profile = {0};
    const struct dg_cli_option options[] = {{"--out", &out, NULL}};
    const int asked =
        dg_cli_options(argc, argv, help_import, options, 1U, &name);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!is_named(argv[0], name)) {
        return DG_CLI_FAILED;
    }

    bool is_done = dg_cli_profile_open(argv[0], name, &profile);

    if (is_done && (dg_profile_write(&profile, &text, &size) != DG_OK)) {
        (void)fprintf(stderr, "dosegate %s: out of memory\n", argv[0]);
        is_done = false;
    }
    is_done = is_done && put(argv[0], out, text, size);
    free(text);
    dg_profile_free(&profile);
    return is_done ? DG_CLI_OK : DG_CLI_FAILED;
}

static bool open_package(const char *verb,
                         const struct dg_profile *profile,
                         const char *id,
                         struct dg_profile *package)
{
    char path[DG_CLI_PATH_MAX];

    for (size_t i = 0U; i < profile->packages.count; i++) {
        if (strcmp(profile->packages.item[i], id) == 0) {
            dg_profile_package_path(profile, id, path, sizeof path);
            return dg_cli_profile_open(verb, path, package);
        }
    }
    (void)fprintf(stderr,
                  "dosegate %s: %s does not name the package %.60s\n",
                  verb,
                  profile->id,
                  id);
    return false;
}

int dg_cli_profile_export(int argc, char **argv)
{
    const char *name = NULL;
    const char *out = NULL;
    const char *package_id = NULL;
    char *text = NULL;
    size_t size = 0U;
    struct dg_profile profile = {0};
    struct dg_profile package = {0};
    struct dg_problem problem = {""};
    const struct dg_cli_option options[] = {{"--out", &out, NULL},
                                            {"--package", &package_id, NULL}};
    const int asked =
        dg_cli_options(argc, argv, help_export, options, 2U, &name);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!is_named(argv[0], name)) {
        return DG_CLI_FAILED;
    }

    bool is_done = dg_cli_profile_open(argv[0], name, &profile) &&
                   ((package_id == NULL) ||
                    open_package(argv[0], &profile, package_id, &package));

    if (is_done && (dg_profile_export(&profile,
                                      (package_id == NULL) ? NULL : &package,
                                      &text,
                                      &size,
                                      &problem) != DG_OK)) {
        (void)fprintf(stderr, "dosegate %s: %s\n", argv[0], problem.text);
        is_done = false;
    }
    is_done = is_done && put(argv[0], out, text, size);
    free(text);
    dg_profile_free(&package);
    dg_profile_free(&profile);
    return is_done ? DG_CLI_OK : DG_CLI_FAILED;
}
