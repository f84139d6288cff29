/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/export_part.h"
#include "eval/profile/import.h"

static void put_reference(struct dg_export *xml)
{
    const struct dg_profile *profile = xml->profile;

    dg_export_begin(xml, "PPReference");
    dg_export_begin(xml, "ReferenceTable");
    dg_export_text(xml, "PPTitle", profile->title);
    dg_export_text(xml, "PPVersion", profile->version);
    dg_export_text(xml, "PPAuthor", profile->author);
    dg_export_text(xml, "PPPubDate", profile->date);
    dg_export_end(xml);
    dg_export_end(xml);
    dg_export_begin(xml, "RevisionHistory");
    dg_export_begin(xml, "entry");
    dg_export_text(xml, "version", profile->version);
    dg_export_text(xml, "date", profile->date);
    dg_export_text(xml, "subject", profile->status);
    dg_export_end(xml);
    dg_export_end(xml);
}

static void put_ceiling(struct dg_export *xml,
                        const char *mark,
                        const int64_t permille[DG_PROFILE_CAPS])
{
    char text[128];

    (void)snprintf(text,
                   sizeof text,
                   "%lld %lld %lld %lld %lld",
                   (long long)permille[0],
                   (long long)permille[1],
                   (long long)permille[2],
                   (long long)permille[3],
                   (long long)permille[4]);
    dg_export_mark(xml, "h:p", mark, text);
}

static void put_introduction(struct dg_export *xml)
{
    const struct dg_profile *profile = xml->profile;

    dg_export_begin(xml, "sec:Introduction");
    dg_export_begin(xml, "sec:Overview");
    dg_export_mark(xml, "h:p", "status", profile->status);
    dg_export_mark(xml, "h:p", "text", profile->overview);
    dg_export_mark(xml, "h:p", "source", profile->source);
    dg_export_marks(xml, "h:p", "package", &profile->packages);
    dg_export_marks(xml, "h:p", "mandatory", &profile->mandatory);
    if (profile->ceilings != NULL) {
        put_ceiling(xml, "automatic", profile->ceilings->automatic_permille);
        put_ceiling(xml, "total", profile->ceilings->total_permille);
    }
    dg_export_end(xml);
    dg_export_begin(xml, "tech-terms");
    for (size_t i = 0U; i < profile->term_count; i++) {
        dg_export_begin(xml, "term");
        dg_export_attribute(xml, "full", profile->terms[i].name);
        dg_export_words(xml, profile->terms[i].text);
        dg_export_end(xml);
    }
    dg_export_end(xml);
    if (profile->feature_count > 0U) {
        dg_export_begin(xml, "sec:Features");
        dg_export_begin(xml, "implements");
        for (size_t i = 0U; i < profile->feature_count; i++) {
            dg_export_begin(xml, "feature");
            dg_export_attribute(xml, "id", profile->features[i].id);
            dg_export_attribute(xml, "title", profile->features[i].title);
            dg_export_text(xml, "description", profile->features[i].text);
            dg_export_end(xml);
        }
        dg_export_end(xml);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

static void put_claims(struct dg_export *xml)
{
    const struct dg_profile *profile = xml->profile;

    dg_export_begin(xml, "sec:Conformance_Claims");
    dg_export_begin(xml, "CClaimsInfo");
    dg_export_attribute(xml,
                        "cc-version",
                        (profile->edition == DG_EDITION_31R5) ? "cc-31r5"
                                                              : "cc-2022r1");
    dg_export_attribute(xml,
                        "cc-approach",
                        profile->is_direct ? "direct-rationale" : "standard");
    dg_export_text(
        xml, "cc-st-conf", dg_conformance_word(profile->conformance));
    dg_export_text(xml,
                   "cc-pt2-conf",
                   (profile->family_count > 0U) ? "extended" : "conformant");
    dg_export_text(xml, "cc-pt3-conf", "conformant");
    dg_export_text(xml, "cc-pp-conf", "");
    dg_export_text(xml, "cc-pp-config-with", "");
    dg_export_begin(xml, "cc-pkg-claim");
    for (size_t i = 0U; i < profile->packages.count; i++) {
        dg_export_begin(xml, "AP-cc-ref");
        dg_export_attribute(xml, "conf", "conformant");
        dg_export_words(xml, profile->packages.item[i]);
        dg_export_end(xml);
    }
    dg_export_end(xml);
    dg_export_end(xml);
    dg_export_end(xml);
}

/* A threat, policy or assumption: what answers it is an objective, or with a
 * direct rationale an SFR. */
static void put_spd(struct dg_export *xml,
                    const char *name,
                    const struct dg_spd *spd)
{
    dg_export_begin(xml, name);
    dg_export_attribute(xml, "name", spd->id);
    dg_export_begin(xml, "description");
    dg_export_mark(xml, "h:span", "agent", spd->agent);
    dg_export_mark(xml, "h:p", "text", spd->text);
    dg_export_mark(xml, "h:p", "plain", spd->plain);
    dg_export_marks(xml, "h:span", "asset", &spd->assets);
    dg_export_mark(xml, "h:span", "editorial", spd->editorial);
    dg_export_end(xml);
    for (size_t i = 0U; i < spd->links.count; i++) {
        const struct dg_link *link = &spd->links.item[i];

        if (dg_profile_objective(xml->profile, link->to) != NULL) {
            dg_export_begin(xml, "objective-refer");
            dg_export_attribute(xml, "ref", link->to);
            dg_export_text(xml, "rationale", link->why);
            dg_export_end(xml);
        } else {
            dg_export_text(xml, "addressed-by", link->to);
            dg_export_text(xml, "rationale", link->why);
        }
    }
    dg_export_end(xml);
}

static void put_problem(struct dg_export *xml)
{
    static const struct {
        enum dg_spd_kind kind;
        const char *chapter;
        const char *group;
        const char *name;
    } rows[] = {
        {DG_SPD_THREAT, "sec:Threats", "threats", "threat"},
        {DG_SPD_ASSUMPTION, "sec:Assumptions", "assumptions", "assumption"},
        {DG_SPD_POLICY, "sec:Organizational_Security_Policies", "OSPs", "OSP"}};

    dg_export_begin(xml, "sec:Security_Problem_Definition");
    for (size_t row = 0U; row < (sizeof rows / sizeof rows[0]); row++) {
        dg_export_begin(xml, rows[row].chapter);
        dg_export_begin(xml, rows[row].group);
        for (size_t i = 0U; i < xml->profile->problem_count; i++) {
            if (xml->profile->problem[i].kind == rows[row].kind) {
                put_spd(xml, rows[row].name, &xml->profile->problem[i]);
            }
        }
        dg_export_end(xml);
        dg_export_end(xml);
    }
    dg_export_end(xml);
}

static size_t put_side(struct dg_export *xml,
                       bool is_environment,
                       bool only_count)
{
    size_t count = 0U;

    for (size_t i = 0U; i < xml->profile->objective_count; i++) {
        const struct dg_objective *objective = &xml->profile->objectives[i];

        if (objective->is_environment != is_environment) {
            continue;
        }
        count++;
        if (only_count) {
            continue;
        }
        dg_export_begin(xml, is_environment ? "SOE" : "SO");
        dg_export_attribute(xml, "name", objective->id);
        dg_export_begin(xml, "description");
        dg_export_mark(xml, "h:p", "text", objective->text);
        dg_export_mark(xml, "h:p", "plain", objective->plain);
        dg_export_end(xml);
        for (size_t at = 0U; at < objective->links.count; at++) {
            dg_export_text(xml, "addressed-by", objective->links.item[at].to);
            dg_export_text(xml, "rationale", objective->links.item[at].why);
        }
        dg_export_end(xml);
    }
    return count;
}

static void put_objectives(struct dg_export *xml)
{
    static const char *const rows[][2] = {
        {"sec:Security_Objectives_for_the_TOE", "SOs"},
        {"sec:Security_Objectives_for_the_Operational_Environment", "SOEs"}};

    dg_export_begin(xml, "sec:Security_Objectives");
    for (size_t side = 0U; side < 2U; side++) {
        const size_t count = put_side(xml, side == 1U, true);

        if ((count == 0U) && (side == 0U)) {
            continue;
        }
        dg_export_begin(xml, rows[side][0]);
        if (count > 0U) {
            dg_export_begin(xml, rows[side][1]);
            (void)put_side(xml, side == 1U, false);
            dg_export_end(xml);
        }
        dg_export_end(xml);
    }
    dg_export_begin(xml, "sec:Security_Objectives_Rationale");
    dg_export_end(xml);
    dg_export_end(xml);
}

static void put_all(struct dg_export *xml, const struct dg_profile *package)
{
    dg_export_begin(xml, "PP");
    dg_export_attribute(xml, "xmlns", "https://niap-ccevs.org/cc/v1");
    dg_export_attribute(
        xml, "xmlns:sec", "https://niap-ccevs.org/cc/v1/section");
    dg_export_attribute(xml, "xmlns:h", "http://www.w3.org/1999/xhtml");
    dg_export_attribute(xml, "target-product", xml->profile->toe);
    dg_export_attribute(xml, "short", xml->profile->id);
    put_reference(xml);
    put_introduction(xml);
    put_claims(xml);
    put_problem(xml);
    put_objectives(xml);
    dg_export_requirements(xml, package);
    dg_export_begin(xml, "bibliography");
    dg_export_end(xml);
    dg_export_end(xml);
}

/* The format has fewer forms of ids than we: digits stand in none but those of
 * threats. */
static bool is_sayable(const struct dg_profile *profile,
                       struct dg_problem *problem)
{
    const char *wrong = NULL;
    size_t threats = 0U;

    for (size_t i = 0U; i < profile->problem_count; i++) {
        const struct dg_spd *spd = &profile->problem[i];

        threats += (spd->kind == DG_SPD_THREAT) ? 1U : 0U;
        if ((spd->kind != DG_SPD_THREAT) &&
            (strpbrk(spd->id, "0123456789") != NULL)) {
            wrong = spd->id;
        }
    }
    for (size_t i = 0U; i < profile->objective_count; i++) {
        if (strpbrk(profile->objectives[i].id, "0123456789") != NULL) {
            wrong = profile->objectives[i].id;
        }
    }
    if (wrong != NULL) {
        dg_problem_set(problem,
                       "%.200s: CC XML has no digits in ids such as %.60s",
                       profile->file,
                       wrong);
        return false;
    }
    if ((profile->kind != DG_PROFILE_PROFILE) || profile->is_imported ||
        (threats == 0U) || (profile->sfr_count == 0U)) {
        dg_problem_set(problem,
                       "%.200s: only a profile of our own, with threats and "
                       "SFRs, can be written as CC XML; for a package write "
                       "its profile with --package",
                       profile->file);
        return false;
    }
    return true;
}

static enum dg_status write_xml(const struct dg_profile *profile,
                                const struct dg_profile *package,
                                xmlBuffer *buffer)
{
    struct dg_export xml = {.out = xmlNewTextWriterMemory(buffer, 0),
                            .profile = profile};

    if (xml.out == NULL) {
        return DG_E_PORT;
    }
    xml.failed |= xmlTextWriterStartDocument(xml.out, "1.0", "UTF-8", NULL) < 0;
    put_all(&xml, package);
    xml.failed |= xmlTextWriterEndDocument(xml.out) < 0;
    xmlFreeTextWriter(xml.out);
    return xml.failed ? DG_E_PORT : DG_OK;
}

/* What was written has to be readable, whatever the texts hold. */
static enum dg_status read_again(const xmlBuffer *buffer,
                                 const struct dg_profile *profile,
                                 struct dg_problem *problem)
{
    struct dg_profile again;
    const dg_span bytes = {xmlBufferContent(buffer),
                           (size_t)xmlBufferLength(buffer)};
    const enum dg_status status =
        dg_profile_import(bytes, profile->file, &again, problem);

    dg_profile_free(&again);
    return status;
}

/* @satisfies{EVL_PROFILE.2@1} */
enum dg_status dg_profile_export(const struct dg_profile *profile,
                                 const struct dg_profile *package,
                                 char **text,
                                 size_t *size,
                                 struct dg_problem *problem)
{
    *text = NULL;
    *size = 0U;
    if (!is_sayable(profile, problem)) {
        return DG_E_MALFORMED;
    }

    xmlBuffer *buffer = xmlBufferCreate();

    if (buffer == NULL) {
        return DG_E_PORT;
    }

    enum dg_status status = write_xml(profile, package, buffer);

    if (status == DG_OK) {
        status = read_again(buffer, profile, problem);
    }
    if (status == DG_OK) {
        *size = (size_t)xmlBufferLength(buffer);
        *text = malloc(*size + 1U);
        if (*text == NULL) {
            status = DG_E_PORT;
        } else {
            memcpy(*text, xmlBufferContent(buffer), *size);
            (*text)[*size] = '\0';
        }
    }
    if (status == DG_E_PORT) {
        dg_problem_set(problem, "%.200s: out of memory", profile->file);
    }
    xmlBufferFree(buffer);
    return status;
}
