/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/profile/profile.h"

const struct dg_spd *dg_profile_problem(const struct dg_profile *profile,
                                        const char *id)
{
    for (size_t i = 0U; i < profile->problem_count; i++) {
        if (strcmp(profile->problem[i].id, id) == 0) {
            return &profile->problem[i];
        }
    }
    return NULL;
}

const struct dg_objective *dg_profile_objective(
    const struct dg_profile *profile, const char *id)
{
    for (size_t i = 0U; i < profile->objective_count; i++) {
        if (strcmp(profile->objectives[i].id, id) == 0) {
            return &profile->objectives[i];
        }
    }
    return NULL;
}

const struct dg_sfr *dg_profile_sfr(const struct dg_profile *profile,
                                    const char *id)
{
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        if (strcmp(profile->sfrs[i].id, id) == 0) {
            return &profile->sfrs[i];
        }
    }
    return NULL;
}

const struct dg_sar *dg_profile_sar(const struct dg_profile *profile,
                                    const char *component)
{
    for (size_t i = 0U; i < profile->sar_count; i++) {
        if (strcmp(profile->sars[i].component, component) == 0) {
            return &profile->sars[i];
        }
    }
    return NULL;
}

const struct dg_feature *dg_profile_feature(const struct dg_profile *profile,
                                            const char *id)
{
    for (size_t i = 0U; i < profile->feature_count; i++) {
        if (strcmp(profile->features[i].id, id) == 0) {
            return &profile->features[i];
        }
    }
    return NULL;
}

const struct dg_term *dg_profile_term(const struct dg_profile *profile,
                                      const char *name)
{
    for (size_t i = 0U; i < profile->term_count; i++) {
        if (strcmp(profile->terms[i].name, name) == 0) {
            return &profile->terms[i];
        }
    }
    return NULL;
}

const struct dg_family *dg_profile_family(const struct dg_profile *profile,
                                          const char *id)
{
    for (size_t i = 0U; i < profile->family_count; i++) {
        if (strcmp(profile->families[i].id, id) == 0) {
            return &profile->families[i];
        }
    }
    return NULL;
}

static bool is_asked(const struct dg_asked *asked,
                     size_t count,
                     const char *id,
                     size_t size)
{
    for (size_t i = 0U; i < count; i++) {
        if ((strlen(asked[i].id) == size) &&
            (memcmp(asked[i].id, id, size) == 0)) {
            return true;
        }
    }
    return false;
}

size_t dg_profile_asked(const struct dg_profile *profile,
                        struct dg_arena *arena,
                        struct dg_asked **asked)
{
    size_t count = 0U;

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        count += profile->sfrs[i].requirements.count;
    }
    *asked = dg_arena_take(arena, (count + 1U) * sizeof **asked);
    count = 0U;
    for (size_t i = 0U; (*asked != NULL) && (i < profile->sfr_count); i++) {
        const struct dg_sfr *sfr = &profile->sfrs[i];

        for (size_t at = 0U; at < sfr->requirements.count; at++) {
            const char *id = sfr->requirements.item[at];
            const size_t size = strcspn(id, "@");

            if (!is_asked(*asked, count, id, size)) {
                (*asked)[count].id = dg_arena_text(arena, id, size);
                (*asked)[count].plain = sfr->plain;
                count++;
            }
        }
    }
    return count;
}

unsigned dg_profile_van(const struct dg_profile *profile)
{
    static const char family[] = "AVA_VAN.";

    for (size_t i = 0U; i < profile->sar_count; i++) {
        const char *component = profile->sars[i].component;
        const char level = component[strlen(component) - 1U];

        if ((strncmp(component, family, sizeof family - 1U) == 0) &&
            (strlen(component) == sizeof family) && (level >= '1') &&
            (level <= '5')) {
            return (unsigned)(level - '0');
        }
    }
    return 0U;
}

bool dg_component_is_extended(const char *component)
{
    const char *dot = strchr(component, '.');

    return (dot != NULL) && ((dot - component) > 4) &&
           (memcmp(dot - 4, "_EXT", 4U) == 0);
}

void dg_profile_package_path(const struct dg_profile *profile,
                             const char *id,
                             char *path,
                             size_t size)
{
    const char *slash = strrchr(profile->file, '/');
    const int folder = (slash == NULL) ? 0 : (int)(slash - profile->file) + 1;
    const int used =
        snprintf(path, size, "%.*spackages/%s.yaml", folder, profile->file, id);

    if ((used < 0) || ((size_t)used >= size)) {
        path[0] = '\0';
    }
}
