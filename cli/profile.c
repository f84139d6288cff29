/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <stdio.h>
#include <string.h>

#include "verbs.h"

/* A new sub-verb is one row here and one line in profile.h. */
struct sub {
    const char *name;
    const char *title; /* as messages and options call it */
    int (*run)(int argc, char **argv);
    const char *help;
};

/* clang-format off */
static const struct sub subs[] = {
    { "list", "profile list", dg_cli_profile_list, "the profiles and packages that ship, or those of a folder" },
    { "show", "profile show", dg_cli_profile_show, "what one asks for, in words: show connected-device" },
    { "check", "profile check", dg_cli_profile_check, "what the criteria find wrong with a security target" },
    { "new", "profile new", dg_cli_profile_new, "begin a security target for a product" },
    { "import", "profile import", dg_cli_profile_import, "turn CC XML into our YAML: import mobile-device.xml" },
    { "export", "profile export", dg_cli_profile_export, "turn our YAML into CC XML: export connected-device" },
    { "platform", "profile platform", dg_cli_profile_platform, "what an evaluation of the phone is worth for ours" },
};
/* clang-format on */

#define SUBS (sizeof subs / sizeof subs[0])

static void print_help(FILE *out)
{
    (void)fputs("usage: dosegate profile NAME [OPTIONS]\n\n", out);
    for (size_t i = 0U; i < SUBS; i++) {
        (void)fprintf(out, "  %-8s %s\n", subs[i].name, subs[i].help);
    }
    (void)fputs("\ndosegate profile NAME --help tells more.  The profiles that "
                "ship are Dosegate's\nown and not normative.\n",
                out);
}

int dg_cli_profile(int argc, char **argv)
{
    char title[32];

    if ((argc < 2) || (strcmp(argv[1], "--help") == 0)) {
        print_help((argc < 2) ? stderr : stdout);
        return (argc < 2) ? DG_CLI_FAILED : DG_CLI_OK;
    }
    for (size_t i = 0U; i < SUBS; i++) {
        if (strcmp(argv[1], subs[i].name) == 0) {
            (void)snprintf(title, sizeof title, "%s", subs[i].title);
            argv[1] = title;
            return subs[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr,
                  "dosegate profile: there is no '%.32s': see dosegate profile "
                  "--help\n",
                  argv[1]);
    return DG_CLI_FAILED;
}
