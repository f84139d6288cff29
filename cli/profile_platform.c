/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/platform.h"

#include <stdio.h>
#include <string.h>

#include "eval/file.h"
#include "eval/utf8.h"
#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate profile platform PHONE [--for FILE] [--claimed FILE]\n"
    "\n"
    "What an evaluation of the phone is worth for a profile of ours: for each\n"
    "threat of ours the requirements of the phone's profile that address it,\n"
    "and which of them the phone has.  PHONE is the profile that the phone "
    "was\n"
    "evaluated against, in CC XML or our YAML.\n"
    "\n"
    "  --for FILE      ours, or the id of one that ships (default\n"
    "                  mobile-control)\n"
    "  --claimed FILE  ids of requirements in the phone's own security "
    "target,\n"
    "                  one a line, # begins a remark; without it those that\n"
    "                  its profile demands of everyone\n";

#define CLAIMED_SIZE_MAX 65536U

/* Ids, one a line. */
static bool read_claimed(const char *verb,
                         const char *path,
                         struct dg_arena *arena,
                         struct dg_words *words)
{
    struct dg_problem problem = {""};
    dg_span bytes = {NULL, 0U};

    if (dg_file_read(path, CLAIMED_SIZE_MAX, &bytes, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate %s: %s\n", verb, problem.text);
        return false;
    }

    char *own = dg_arena_take(arena, bytes.size + 1U);
    const char *at = "";

    if (own != NULL) {
        if (bytes.size > 0U) {
            memcpy(own, bytes.at, bytes.size);
        }
        /* They are printed. */
        dg_utf8_make_printable(own);
        at = own;
    }

    /* An id has one letter at least, and a blank behind it. */
    words->item =
        dg_arena_take(arena, ((bytes.size / 2U) + 2U) * sizeof *words->item);
    dg_file_free(bytes);
    while ((words->item != NULL) && (*at != '\0')) {
        const size_t size = strcspn(at, " \t\r\n#");

        if (size > 0U) {
            words->item[words->count] = dg_arena_text(arena, at, size);
            words->count++;
        }
        at += size;
        at += (*at == '#') ? strcspn(at, "\n") : strspn(at, " \t\r\n");
    }
    return !arena->failed;
}

static void print_words(const char *what, const struct dg_words *words)
{
    for (size_t i = 0U; i < words->count; i++) {
        (void)printf("%s%s", (i == 0U) ? what : ", ", words->item[i]);
    }
    if (words->count > 0U) {
        (void)printf("\n");
    }
}

static void print_row(const struct dg_platform_row *row)
{
    (void)printf("%s\n", row->ours->id);
    if (row->theirs == NULL) {
        (void)printf("  not in the phone's profile: the product or its "
                     "environment has to meet it\n");
        return;
    }
    (void)printf("  the phone has %zu of %zu requirements that address it\n",
                 row->held.count,
                 row->held.count + row->missing.count);
    print_words("  it lacks: ", &row->missing);
    print_words("  of other documents: ", &row->outside);
}

static bool print_claim(const char *verb,
                        const struct dg_profile *ours,
                        const struct dg_profile *theirs,
                        const char *claimed_path)
{
    struct dg_arena arena;
    struct dg_words claimed = {NULL, 0U};
    struct dg_platform_row *rows = NULL;
    const char *stranger = NULL;

    dg_arena_init(&arena);

    bool is_done = (claimed_path == NULL) ||
                   read_claimed(verb, claimed_path, &arena, &claimed);

    if (is_done && (claimed_path != NULL)) {
        stranger = dg_profile_platform_stranger(theirs, &claimed);
    }
    if (stranger != NULL) {
        (void)fprintf(stderr,
                      "dosegate %s: %s: %.80s is no requirement of %s\n",
                      verb,
                      claimed_path,
                      stranger,
                      theirs->file);
        is_done = false;
    }

    const size_t count =
        !is_done ? 0U
                 : dg_profile_platform(ours,
                                       theirs,
                                       (claimed_path == NULL) ? NULL : &claimed,
                                       &arena,
                                       &rows);

    if (is_done) {
        (void)printf("%s, as %s %s has it%s\n",
                     ours->id,
                     theirs->title,
                     theirs->version,
                     (claimed_path == NULL)
                         ? ", for a phone that has what is mandatory"
                         : "");
    }
    for (size_t i = 0U; i < count; i++) {
        print_row(&rows[i]);
    }
    if (is_done && (dg_profile_van(theirs) > 0U)) {
        (void)printf("The phone's profile asks for AVA_VAN.%u: what has to "
                     "resist more rests on isolation\nor on the device.\n",
                     dg_profile_van(theirs));
    }
    is_done = is_done && !arena.failed;
    dg_arena_free(&arena);
    return is_done;
}

int dg_cli_profile_platform(int argc, char **argv)
{
    const char *phone = NULL;
    const char *ours_name = "mobile-control";
    const char *claimed = NULL;
    struct dg_profile ours = {0};
    struct dg_profile theirs = {0};
    const struct dg_cli_option options[] = {
        {"--for", &ours_name, NULL},
        {"--claimed", &claimed, NULL},
    };
    const int asked = dg_cli_options(argc, argv, help, options, 2U, &phone);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (phone == NULL) {
        (void)fprintf(stderr,
                      "dosegate %s: whose profile? see dosegate %s --help\n",
                      argv[0],
                      argv[0]);
        return DG_CLI_FAILED;
    }

    const bool is_done = dg_cli_profile_open(argv[0], ours_name, &ours) &&
                         dg_cli_profile_open(argv[0], phone, &theirs) &&
                         print_claim(argv[0], &ours, &theirs, claimed);

    dg_profile_free(&theirs);
    dg_profile_free(&ours);
    return is_done ? DG_CLI_OK : DG_CLI_FAILED;
}
