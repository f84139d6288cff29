/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/profile/operation.h"
#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate profile show FILE [--of ID] [--full]\n"
    "\n"
    "What a profile, module or package asks for, in words.  FILE is our YAML,\n"
    "a CC XML file (*.xml), or the id of one that ships.\n"
    "\n"
    "  --of ID  only this: T.NETWORK_ATTACK, O.CHANNEL, FTP_ITC.1, AVA_VAN.4,\n"
    "           in full\n"
    "  --full   with the text of each element, its notes and what an "
    "evaluator\n"
    "           does about it\n";

static void print_links(const char *what, const struct dg_links *links)
{
    if (links->count == 0U) {
        return;
    }
    (void)printf("      %s", what);
    for (size_t i = 0U; i < links->count; i++) {
        (void)printf("%s %s%s",
                     (i == 0U) ? "" : ",",
                     links->item[i].to,
                     links->item[i].is_outside ? " (not in this file)" : "");
    }
    (void)printf("\n");
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

static void print_spd(const struct dg_spd *spd, bool is_full)
{
    static const char *const answers[] = {
        "", "countered by", "enforced by", "upheld by"};

    (void)printf("  %s%s%s\n",
                 spd->id,
                 (spd->editorial[0] == '\0') ? "" : ", ",
                 spd->editorial);
    if (spd->plain[0] != '\0') {
        dg_cli_profile_wrap(stdout, spd->plain, 6U);
    }
    if (is_full) {
        print_words("      agent: ",
                    &(struct dg_words){.item = (const char *[]){spd->agent},
                                       .count = spd->agent[0] != '\0'});
        print_words("      assets: ", &spd->assets);
        dg_cli_profile_wrap(stdout, spd->text, 6U);
        for (size_t i = 0U; i < spd->links.count; i++) {
            (void)printf(
                "      %s %s:\n", answers[spd->kind], spd->links.item[i].to);
            dg_cli_profile_wrap(stdout, spd->links.item[i].why, 10U);
        }
    } else {
        print_links(answers[spd->kind], &spd->links);
    }
}

static void print_objective(const struct dg_objective *objective, bool is_full)
{
    (void)printf("  %s\n", objective->id);
    if (objective->plain[0] != '\0') {
        dg_cli_profile_wrap(stdout, objective->plain, 6U);
    }
    if (is_full) {
        dg_cli_profile_wrap(stdout, objective->text, 6U);
    }
    print_links("met by", &objective->links);
}

static void print_elements(const struct dg_element *elements, size_t count)
{
    struct dg_arena arena;

    dg_arena_init(&arena);
    for (size_t i = 0U; i < count; i++) {
        (void)printf("      %s\n", elements[i].id);
        dg_cli_profile_wrap(
            stdout, dg_element_render(&elements[i], &arena), 10U);
        if (elements[i].note[0] != '\0') {
            (void)printf("        Note:\n");
            dg_cli_profile_wrap(stdout, elements[i].note, 10U);
        }
    }
    dg_arena_free(&arena);
}

static void print_activities(const struct dg_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->activity_count; i++) {
        const struct dg_activity *activity = &sfr->activities[i];

        (void)printf("      %s of %s\n", activity->kind, activity->of);
        if (activity->text[0] != '\0') {
            dg_cli_profile_wrap(stdout, activity->text, 10U);
        }
        for (size_t at = 0U; at < activity->count; at++) {
            (void)printf(
                "        Test %zu %s\n", at + 1U, activity->tests[at].id);
            dg_cli_profile_wrap(stdout, activity->tests[at].text, 10U);
        }
    }
}

static void print_sfr(const struct dg_sfr *sfr, bool is_full)
{
    (void)printf("  %s %s%s%s\n",
                 sfr->id,
                 sfr->title,
                 (sfr->status == DG_SFR_MANDATORY) ? "" : ", ",
                 (sfr->status == DG_SFR_MANDATORY)
                     ? ""
                     : dg_sfr_status_word(sfr->status));
    if (sfr->plain[0] != '\0') {
        dg_cli_profile_wrap(stdout, sfr->plain, 6U);
    }
    print_words("      when: ", &sfr->when);
    print_words("      tests: ", &sfr->tests);
    for (size_t i = 0U; i < sfr->manual.count; i++) {
        (void)printf("      a person:\n");
        dg_cli_profile_wrap(stdout, sfr->manual.item[i], 10U);
    }
    if (is_full) {
        print_words("      requirements: ", &sfr->requirements);
        print_elements(sfr->elements, sfr->count);
        print_activities(sfr);
    }
}

static void print_sar(const struct dg_sar *sar, bool is_full)
{
    (void)printf("  %s %s\n", sar->component, sar->title);
    if (sar->plain[0] != '\0') {
        dg_cli_profile_wrap(stdout, sar->plain, 6U);
    }
    if (is_full) {
        print_elements(sar->elements, sar->count);
    }
}

static void print_head(const struct dg_profile *profile)
{
    (void)printf("%s %s (%s)\n%s\n",
                 profile->id,
                 profile->version,
                 profile->date,
                 profile->title);
    (void)printf("%s; %s, Common Criteria %s",
                 profile->status,
                 dg_profile_kind_word(profile->kind),
                 dg_edition_word(profile->edition));
    if (profile->kind != DG_PROFILE_ASSURANCE_PACKAGE) {
        (void)printf(", %s conformance%s",
                     dg_conformance_word(profile->conformance),
                     profile->is_direct ? ", direct rationale" : "");
    }
    (void)printf("\n\n");
    dg_cli_profile_wrap(stdout, profile->overview, 0U);
    print_words("\nPackages: ", &profile->packages);
    print_words("\nExtends: ", &profile->bases);
}

static void print_all(const struct dg_profile *profile, bool is_full)
{
    static const char *const titles[] = {
        "", "\nThreats\n", "\nPolicies\n", "\nAssumptions\n"};
    enum dg_spd_kind kind = 0;
    int side = -1;

    print_head(profile);
    for (size_t i = 0U; i < profile->problem_count; i++) {
        if (profile->problem[i].kind != kind) {
            kind = profile->problem[i].kind;
            (void)fputs(titles[kind], stdout);
        }
        print_spd(&profile->problem[i], is_full);
    }
    for (size_t i = 0U; i < profile->objective_count; i++) {
        if (profile->objectives[i].is_environment != side) {
            side = profile->objectives[i].is_environment;
            (void)printf("\nObjectives for the %s\n",
                         (side == 1) ? "environment" : "product");
        }
        print_objective(&profile->objectives[i], is_full);
    }
    (void)fputs((profile->sfr_count > 0U) ? "\nFunctional requirements\n" : "",
                stdout);
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        print_sfr(&profile->sfrs[i], is_full);
    }
    (void)fputs((profile->sar_count > 0U) ? "\nAssurance requirements\n" : "",
                stdout);
    for (size_t i = 0U; i < profile->sar_count; i++) {
        print_sar(&profile->sars[i], is_full);
    }
}

/* false: there is no such id. */
static bool print_one(const struct dg_profile *profile, const char *id)
{
    const struct dg_spd *spd = dg_profile_problem(profile, id);
    const struct dg_objective *objective = dg_profile_objective(profile, id);
    const struct dg_sfr *sfr = dg_profile_sfr(profile, id);
    const struct dg_sar *sar = dg_profile_sar(profile, id);

    if (spd != NULL) {
        print_spd(spd, true);
    } else if (objective != NULL) {
        print_objective(objective, true);
    } else if (sfr != NULL) {
        print_sfr(sfr, true);
    } else if (sar != NULL) {
        print_sar(sar, true);
    } else {
        return false;
    }
    return true;
}

int dg_cli_profile_show(int argc, char **argv)
{
    const char *name = NULL;
    const char *id = NULL;
    bool is_full = false;
    struct dg_profile profile = {0};
    const struct dg_cli_option options[] = {
        {"--of", &id, NULL},
        {"--full", NULL, &is_full},
    };
    const int asked = dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], &name);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (name == NULL) {
        (void)fprintf(
            stderr, "dosegate %s: which? see dosegate profile list\n", argv[0]);
        return DG_CLI_FAILED;
    }

    bool is_shown = dg_cli_profile_open(argv[0], name, &profile);

    if (is_shown && (id == NULL)) {
        print_all(&profile, is_full);
    } else if (is_shown && !print_one(&profile, id)) {
        (void)fprintf(
            stderr, "dosegate %s: %.200s has no %.60s\n", argv[0], name, id);
        is_shown = false;
    }
    dg_profile_free(&profile);
    return is_shown ? DG_CLI_OK : DG_CLI_FAILED;
}
