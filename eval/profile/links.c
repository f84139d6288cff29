/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/links.h"

#include <stdlib.h>
#include <string.h>

/* Where an id was born. */
struct birth {
    const char *id;
    size_t line;
    bool is_trigger; /* a choice or a feature: a requirement may wait for it */
};

struct linking {
    struct dg_profile *profile;
    struct dg_problem *problem;
    struct birth *births; /* by id */
    size_t count;
    bool is_imported;
    enum dg_status status;
};

/* The first problem sticks. */
static void fail(struct linking *link,
                 size_t line,
                 const char *id,
                 const char *what,
                 const char *other)
{
    if (link->status == DG_OK) {
        link->status = DG_E_MALFORMED;
        dg_problem_set(link->problem,
                       "%.200s:%zu: %.80s %s%.80s",
                       link->profile->file,
                       line,
                       id,
                       what,
                       other);
    }
}

static void bear(struct linking *link,
                 const char *id,
                 size_t line,
                 bool is_trigger)
{
    link->births[link->count] = (struct birth){id, line, is_trigger};
    link->count++;
}

static size_t choices_of(const struct dg_sfr *sfr)
{
    size_t count = 0U;

    for (size_t i = 0U; i < sfr->count; i++) {
        for (size_t at = 0U; at < sfr->elements[i].count; at++) {
            count += sfr->elements[i].operations[at].choice_count;
        }
    }
    return count;
}

static void bear_choices(struct linking *link, const struct dg_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->count; i++) {
        for (size_t at = 0U; at < sfr->elements[i].count; at++) {
            const struct dg_operation *operation =
                &sfr->elements[i].operations[at];

            for (size_t one = 0U; one < operation->choice_count; one++) {
                const struct dg_choice *choice = &operation->choices[one];

                bear(link, choice->id, choice->line, true);
            }
        }
    }
}

static int by_id(const void *left, const void *right)
{
    const struct birth *one = left;
    const struct birth *other = right;
    const int order = strcmp(one->id, other->id);

    if (order != 0) {
        return order;
    }
    return (one->line > other->line) ? 1 : -1;
}

static void gather(struct linking *link)
{
    const struct dg_profile *profile = link->profile;
    size_t room = profile->problem_count + profile->objective_count +
                  profile->feature_count + profile->sfr_count +
                  profile->sar_count;

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        room += choices_of(&profile->sfrs[i]);
    }
    link->births = calloc(room + 1U, sizeof *link->births);
    if (link->births == NULL) {
        dg_problem_set(link->problem, "%.200s: out of memory", profile->file);
        link->status = DG_E_PORT;
        return;
    }
    for (size_t i = 0U; i < profile->problem_count; i++) {
        bear(link, profile->problem[i].id, profile->problem[i].line, false);
    }
    for (size_t i = 0U; i < profile->objective_count; i++) {
        bear(link,
             profile->objectives[i].id,
             profile->objectives[i].line,
             false);
    }
    for (size_t i = 0U; i < profile->feature_count; i++) {
        bear(link, profile->features[i].id, profile->features[i].line, true);
    }
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        bear(link, profile->sfrs[i].id, profile->sfrs[i].line, false);
        bear_choices(link, &profile->sfrs[i]);
    }
    for (size_t i = 0U; i < profile->sar_count; i++) {
        bear(link, profile->sars[i].component, profile->sars[i].line, false);
    }
    qsort(link->births, link->count, sizeof *link->births, by_id);
    for (size_t i = 1U; i < link->count; i++) {
        if (strcmp(link->births[i - 1U].id, link->births[i].id) == 0) {
            fail(link,
                 link->births[i].line,
                 link->births[i].id,
                 "stands here twice; ids are used once in a file",
                 "");
        }
    }
}

static int to_birth(const void *key, const void *entry)
{
    const struct birth *birth = entry;

    return strcmp(key, birth->id);
}

static bool is_trigger(const struct linking *link, const char *id)
{
    const struct birth *birth =
        bsearch(id, link->births, link->count, sizeof *link->births, to_birth);

    return (birth != NULL) && birth->is_trigger;
}

/* Whether an id has its prefix, and behind it capitals, digits and "_". */
static bool has_form(const char *id, const char *prefix)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const size_t size = strlen(prefix);

    return (strncmp(id, prefix, size) == 0) && (id[size] != '\0') &&
           (strspn(&id[size], letters) == strlen(&id[size]));
}

/* FTP_ITC.1, FDP_DOSE_EXT.1: class, family, number. */
static bool is_component(const char *id)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char family[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    static const char digits[] = "0123456789";
    const char *dot = strchr(id, '.');

    return (dot != NULL) && ((dot - id) > 4) && (strspn(id, upper) == 3U) &&
           (id[3] == '_') && (strspn(id, family) == (size_t)(dot - id)) &&
           (dot[1] != '\0') && (strspn(dot + 1, digits) == strlen(dot + 1));
}

/* Whether a link of the security problem may lead to this id. */
static bool answers(const struct linking *link,
                    const struct dg_spd *spd,
                    const char *id)
{
    const struct dg_objective *objective =
        dg_profile_objective(link->profile, id);

    if (objective != NULL) {
        return objective->is_environment || (spd->kind != DG_SPD_ASSUMPTION);
    }
    return (link->profile->is_direct || link->is_imported) &&
           (spd->kind != DG_SPD_ASSUMPTION) &&
           (dg_profile_sfr(link->profile, id) != NULL);
}

static void check_problem(struct linking *link, struct dg_spd *spd)
{
    static const char *const prefixes[] = {"", "T.", "P.", "A."};
    static const char *const answerers[] = {
        "",
        "is no objective (with rationale: direct, no SFR) of this file: ",
        "is no objective of this file: ",
        "is no objective for the environment (OE) of this file: "};

    if (!has_form(spd->id, prefixes[spd->kind])) {
        fail(link, spd->line, spd->id, "needs the form ", prefixes[spd->kind]);
    }
    for (size_t i = 0U; i < spd->links.count; i++) {
        struct dg_link *to = &spd->links.item[i];

        to->is_outside = !answers(link, spd, to->to);
        if (to->is_outside && !link->is_imported) {
            fail(link, to->line, to->to, answerers[spd->kind], spd->id);
        }
    }
    if ((spd->agent[0] != '\0') &&
        (dg_profile_term(link->profile, spd->agent) == NULL)) {
        fail(link,
             spd->line,
             spd->id,
             "has an agent that the glossary does not have: ",
             spd->agent);
    }
    for (size_t i = 0U; i < spd->assets.count; i++) {
        if (dg_profile_term(link->profile, spd->assets.item[i]) == NULL) {
            fail(link,
                 spd->line,
                 spd->id,
                 "has an asset that the glossary does not have: ",
                 spd->assets.item[i]);
        }
    }
}

static void check_objective(struct linking *link,
                            struct dg_objective *objective)
{
    const char *prefix = objective->is_environment ? "OE." : "O.";

    if (!has_form(objective->id, prefix)) {
        fail(link, objective->line, objective->id, "needs the form ", prefix);
    }
    if (!objective->is_environment && link->profile->is_direct) {
        fail(link,
             objective->line,
             objective->id,
             "has no place here: with rationale: direct there are no "
             "objectives for the product",
             "");
    }
    for (size_t i = 0U; i < objective->links.count; i++) {
        struct dg_link *to = &objective->links.item[i];

        to->is_outside = dg_profile_sfr(link->profile, to->to) == NULL;
        if (to->is_outside && !link->is_imported) {
            fail(link,
                 to->line,
                 to->to,
                 "is no SFR of this file, but meets ",
                 objective->id);
        }
    }
}

static void check_family(struct linking *link, const struct dg_sfr *sfr)
{
    const char *dot = strchr(sfr->component, '.');
    const size_t size = (size_t)(dot - sfr->component);

    for (size_t i = 0U; i < link->profile->family_count; i++) {
        const char *id = link->profile->families[i].id;

        if ((strlen(id) == size) && (memcmp(id, sfr->component, size) == 0)) {
            return;
        }
    }
    fail(link,
         sfr->line,
         sfr->id,
         "is of a family that 'extended' does not define",
         "");
}

static void check_waivers(struct linking *link, const struct dg_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->waiver_count; i++) {
        const struct dg_waiver *waiver = &sfr->waivers[i];
        const struct dg_objective *objective =
            dg_profile_objective(link->profile, waiver->by);

        if ((waiver->kind == DG_WAIVER_ENVIRONMENT) &&
            ((objective == NULL) || !objective->is_environment)) {
            fail(link,
                 waiver->line,
                 waiver->component,
                 "is waived by what is no objective for the environment: ",
                 waiver->by);
        }
        if ((waiver->kind == DG_WAIVER_OTHER) &&
            (dg_profile_sfr(link->profile, waiver->by) == NULL)) {
            fail(link,
                 waiver->line,
                 waiver->component,
                 "is waived by what is no SFR of this file: ",
                 waiver->by);
        }
    }
}

static void check_sfr(struct linking *link, const struct dg_sfr *sfr)
{
    const bool waits = (sfr->status == DG_SFR_SELECTION_BASED) ||
                       (sfr->status == DG_SFR_FEATURE_BASED);

    if (!is_component(sfr->component)) {
        fail(link, sfr->line, sfr->id, "is no component as FTP_ITC.1 is", "");
        return;
    }
    if (link->is_imported) {
        return;
    }
    if (waits != (sfr->when.count > 0U)) {
        fail(link,
             sfr->line,
             sfr->id,
             "needs 'when' if, and only if, it is selection-based or "
             "feature-based",
             "");
    }
    for (size_t i = 0U; i < sfr->when.count; i++) {
        if (!is_trigger(link, sfr->when.item[i])) {
            fail(link,
                 sfr->line,
                 sfr->id,
                 "waits for what is no choice and no feature of this file: ",
                 sfr->when.item[i]);
        }
    }
    for (size_t i = 0U; i < sfr->requirements.count; i++) {
        if (strchr(sfr->requirements.item[i], '@') == NULL) {
            fail(link,
                 sfr->line,
                 sfr->id,
                 "names a requirement without its revision (ID@1): ",
                 sfr->requirements.item[i]);
        }
    }
    if (sfr->count == 0U) {
        fail(link, sfr->line, sfr->id, "has no elements", "");
    }
    if (dg_component_is_extended(sfr->component)) {
        check_family(link, sfr);
    }
    check_waivers(link, sfr);
}

static void check_kind(struct linking *link)
{
    const struct dg_profile *profile = link->profile;

    if ((profile->kind == DG_PROFILE_ASSURANCE_PACKAGE) &&
        ((profile->sfr_count > 0U) || (profile->sar_count == 0U))) {
        fail(link, 1U, profile->id, "holds SARs and nothing else", "");
    }
    if ((profile->kind == DG_PROFILE_FUNCTIONAL_PACKAGE) &&
        (profile->sar_count > 0U)) {
        fail(link, 1U, profile->id, "is functional: it holds no SARs", "");
    }
}

enum dg_status dg_profile_link(struct dg_profile *profile,
                               bool is_imported,
                               struct dg_problem *problem)
{
    struct linking link = {.profile = profile,
                           .problem = problem,
                           .is_imported = is_imported,
                           .status = DG_OK};

    gather(&link);
    for (size_t i = 0U; (link.status == DG_OK) && (i < profile->problem_count);
         i++) {
        check_problem(&link, &profile->problem[i]);
    }
    for (size_t i = 0U;
         (link.status == DG_OK) && (i < profile->objective_count);
         i++) {
        check_objective(&link, &profile->objectives[i]);
    }
    for (size_t i = 0U; (link.status == DG_OK) && (i < profile->sfr_count);
         i++) {
        check_sfr(&link, &profile->sfrs[i]);
    }
    for (size_t i = 0U; (link.status == DG_OK) && (i < profile->sar_count);
         i++) {
        if (!is_component(profile->sars[i].component)) {
            fail(&link,
                 profile->sars[i].line,
                 profile->sars[i].component,
                 "is no component as AVA_VAN.4 is",
                 "");
        }
    }
    check_kind(&link);
    free(link.births);
    return link.status;
}
