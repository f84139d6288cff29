/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/export.h"

/* Letters that YAML refuses or takes for the end of a line: U+0080 to U+009F,
 * U+2028, U+2029 and the byte order mark. */
static bool put_unusual(FILE *out, const char **at)
{
    const unsigned char *byte = (const unsigned char *)*at;

    if ((byte[0] == 0xC2U) && (byte[1] >= 0x80U) && (byte[1] <= 0x9FU)) {
        (void)fprintf(out, "\\x%02X", byte[1]);
        *at += 1;
        return true;
    }
    if ((byte[0] == 0xE2U) && (byte[1] == 0x80U) &&
        ((byte[2] == 0xA8U) || (byte[2] == 0xA9U))) {
        (void)fprintf(out, "\\u20%02X", byte[2] - 0x80U);
        *at += 2;
        return true;
    }
    if ((byte[0] == 0xEFU) && (byte[1] == 0xBBU) && (byte[2] == 0xBFU)) {
        (void)fputs("\\uFEFF", out);
        *at += 2;
        return true;
    }
    return false;
}

/* A text as YAML takes it whatever is in it: in double quotes. */
static void put_quoted(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char letter = (unsigned char)*at;

        if ((letter == '"') || (letter == '\\')) {
            (void)fprintf(out, "\\%c", letter);
        } else if (put_unusual(out, &at)) {
            continue;
        } else if ((letter < 0x20U) || (letter == 0x7FU)) {
            (void)fprintf(out, "\\x%02X", letter);
        } else {
            (void)fputc(letter, out);
        }
    }
    (void)fputc('"', out);
}

static void put(FILE *out, const char *lead, const char *key, const char *text)
{
    if (text[0] != '\0') {
        (void)fprintf(out, "%s%s: ", lead, key);
        put_quoted(out, text);
        (void)fputc('\n', out);
    }
}

static void put_words(FILE *out,
                      const char *lead,
                      const char *key,
                      const struct dg_words *words)
{
    if (words->count == 0U) {
        return;
    }
    (void)fprintf(out, "%s%s: [", lead, key);
    for (size_t i = 0U; i < words->count; i++) {
        (void)fputs((i == 0U) ? "" : ", ", out);
        put_quoted(out, words->item[i]);
    }
    (void)fputs("]\n", out);
}

/* Published files say some things twice; a map has a key once. */
static bool is_said(const struct dg_links *links, size_t at)
{
    for (size_t i = 0U; i < at; i++) {
        if (strcmp(links->item[i].to, links->item[at].to) == 0) {
            return true;
        }
    }
    return false;
}

static void put_links(FILE *out, const char *key, const struct dg_links *links)
{
    if (links->count == 0U) {
        return;
    }
    (void)fprintf(out, "    %s:\n", key);
    for (size_t i = 0U; i < links->count; i++) {
        if (is_said(links, i)) {
            continue;
        }
        (void)fputs("      ", out);
        put_quoted(out, links->item[i].to);
        (void)fputs(": ", out);
        put_quoted(out, links->item[i].why);
        (void)fputc('\n', out);
    }
}

static void put_head(FILE *out, const struct dg_profile *profile)
{
    (void)fprintf(out, "kind: %s\n", dg_profile_kind_word(profile->kind));
    if (profile->is_imported) {
        (void)fputs("imported: \"yes\"\n", out);
    }
    put(out, "", "id", profile->id);
    put(out, "", "version", profile->version);
    put(out, "", "date", profile->date);
    put(out, "", "title", profile->title);
    put(out, "", "author", profile->author);
    put(out, "", "status", profile->status);
    put(out, "", "overview", profile->overview);
    put(out, "", "source", profile->source);
    (void)fprintf(out, "edition: %s\n", dg_edition_word(profile->edition));
    if (profile->kind != DG_PROFILE_ASSURANCE_PACKAGE) {
        put(out, "", "toe", profile->toe);
        (void)fprintf(out,
                      "conformance: %s\n%s",
                      dg_conformance_word(profile->conformance),
                      profile->is_direct ? "rationale: direct\n" : "");
    }
    put_words(out, "", "bases", &profile->bases);
    put_words(out, "", "packages", &profile->packages);
    put_words(out, "", "mandatory_features", &profile->mandatory);
}

static void put_small(FILE *out, const struct dg_profile *profile)
{
    (void)fputs((profile->term_count > 0U) ? "glossary:\n" : "", out);
    for (size_t i = 0U; i < profile->term_count; i++) {
        if (dg_profile_term(profile, profile->terms[i].name) !=
            &profile->terms[i]) {
            continue;
        }
        (void)fputs("  ", out);
        put_quoted(out, profile->terms[i].name);
        (void)fputs(": ", out);
        put_quoted(out, profile->terms[i].text);
        (void)fputc('\n', out);
    }
    (void)fputs((profile->feature_count > 0U) ? "features:\n" : "", out);
    for (size_t i = 0U; i < profile->feature_count; i++) {
        put(out, "  - ", "id", profile->features[i].id);
        put(out, "    ", "title", profile->features[i].title);
        put(out, "    ", "text", profile->features[i].text);
    }
    (void)fputs((profile->family_count > 0U) ? "extended:\n" : "", out);
    for (size_t i = 0U; i < profile->family_count; i++) {
        put(out, "  - ", "family", profile->families[i].id);
        put(out, "    ", "title", profile->families[i].title);
        put(out, "    ", "behaviour", profile->families[i].behaviour);
    }
}

static void put_problem(FILE *out, const struct dg_profile *profile)
{
    static const struct {
        enum dg_spd_kind kind;
        const char *key;
        const char *links;
    } rows[] = {{DG_SPD_THREAT, "threats", "countered_by"},
                {DG_SPD_POLICY, "policies", "enforced_by"},
                {DG_SPD_ASSUMPTION, "assumptions", "upheld_by"}};

    for (size_t row = 0U; row < (sizeof rows / sizeof rows[0]); row++) {
        bool is_first = true;

        for (size_t i = 0U; i < profile->problem_count; i++) {
            const struct dg_spd *spd = &profile->problem[i];

            if (spd->kind != rows[row].kind) {
                continue;
            }
            if (is_first) {
                (void)fprintf(out, "%s:\n", rows[row].key);
            }
            is_first = false;
            put(out, "  - ", "id", spd->id);
            put(out, "    ", "plain", spd->plain);
            put(out, "    ", "agent", spd->agent);
            put_words(out, "    ", "assets", &spd->assets);
            put(out,
                "    ",
                (spd->kind == DG_SPD_THREAT) ? "action" : "text",
                spd->text);
            put(out, "    ", "editorial", spd->editorial);
            put_links(out, rows[row].links, &spd->links);
        }
    }
}

static void put_objectives(FILE *out, const struct dg_profile *profile)
{
    static const char *const keys[] = {"objectives", "environment"};

    for (int side = 0; side < 2; side++) {
        bool is_first = true;

        for (size_t i = 0U; i < profile->objective_count; i++) {
            const struct dg_objective *objective = &profile->objectives[i];

            if (objective->is_environment != (side == 1)) {
                continue;
            }
            if (is_first) {
                (void)fprintf(out, "%s:\n", keys[side]);
            }
            is_first = false;
            put(out, "  - ", "id", objective->id);
            put(out, "    ", "text", objective->text);
            put(out, "    ", "plain", objective->plain);
            put_links(out, "met_by", &objective->links);
        }
    }
}

static void put_marked(FILE *out,
                       const struct dg_operation *operation,
                       bool is_chosen)
{
    bool is_first = true;

    for (size_t i = 0U; i < operation->choice_count; i++) {
        const struct dg_choice *choice = &operation->choices[i];

        if (is_chosen ? choice->is_chosen : choice->is_exclusive) {
            (void)fprintf(out,
                          "%s",
                          !is_first   ? ", "
                          : is_chosen ? "            chosen: ["
                                      : "            exclusive: [");
            put_quoted(out, choice->id);
            is_first = false;
        }
    }
    (void)fputs(is_first ? "" : "]\n", out);
}

static void put_operation(FILE *out, const struct dg_operation *operation)
{
    static const char lead[] = "            ";

    (void)fputs("          ", out);
    put_quoted(out, operation->name);
    (void)fputs(":\n", out);
    if (operation->kind == DG_OPERATION_SELECTION) {
        (void)fprintf(out,
                      "%sselect:%s\n",
                      lead,
                      (operation->choice_count == 0U) ? " {}" : "");
        for (size_t i = 0U; i < operation->choice_count; i++) {
            (void)fprintf(out, "%s  ", lead);
            put_quoted(out, operation->choices[i].id);
            (void)fputs(": ", out);
            put_quoted(out, operation->choices[i].text);
            (void)fputc('\n', out);
        }
        (void)fprintf(out,
                      "%s%s",
                      operation->is_one ? lead : "",
                      operation->is_one ? "one: \"yes\"\n" : "");
        put_marked(out, operation, false);
        put_marked(out, operation, true);
    } else if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        (void)fprintf(out, "%sassign: ", lead);
        put_quoted(out, operation->text);
        (void)fputc('\n', out);
        put(out, lead, "value", operation->value);
        put(out, lead, "bound", operation->bound);
    } else {
        (void)fprintf(out, "%srefine: ", lead);
        put_quoted(out, operation->text);
        (void)fputc('\n', out);
    }
}

static void put_elements(FILE *out,
                         const struct dg_element *elements,
                         size_t count)
{
    (void)fputs((count > 0U) ? "    elements:\n" : "", out);
    for (size_t i = 0U; i < count; i++) {
        const char type[2] = {elements[i].type, '\0'};

        (void)fputs("      - text: ", out);
        put_quoted(out, elements[i].text);
        (void)fputc('\n', out);
        put(out, "        ", "note", elements[i].note);
        put(out, "        ", "type", type);
        (void)fputs((elements[i].count > 0U) ? "        operations:\n" : "",
                    out);
        for (size_t at = 0U; at < elements[i].count; at++) {
            put_operation(out, &elements[i].operations[at]);
        }
    }
}

static void put_activities(FILE *out,
                           const struct dg_activity *activities,
                           size_t count)
{
    (void)fputs((count > 0U) ? "    activities:\n" : "", out);
    for (size_t i = 0U; i < count; i++) {
        const struct dg_activity *activity = &activities[i];

        put(out, "      - ", "of", activity->of);
        put(out, "        ", "kind", activity->kind);
        put(out, "        ", "text", activity->text);
        (void)fputs((activity->count > 0U) ? "        tests:\n" : "", out);
        for (size_t at = 0U; at < activity->count; at++) {
            (void)fputs("          - text: ", out);
            put_quoted(out, activity->tests[at].text);
            (void)fputc('\n', out);
            put(out, "            ", "id", activity->tests[at].id);
            put(out, "            ", "goal", activity->tests[at].goal);
            put(out, "            ", "evidence", activity->tests[at].evidence);
        }
    }
}

static void put_definition(FILE *out, const struct dg_definition *definition)
{
    if (definition != NULL) {
        (void)fputs("    definition:\n", out);
        put(out, "      ", "levelling", definition->levelling);
        put(out, "      ", "management", definition->management);
        put(out, "      ", "audit", definition->audit);
        put(out, "      ", "dependencies", definition->dependencies);
    }
}

static void put_sfr(FILE *out, const struct dg_sfr *sfr)
{
    put(out, "  - ", "id", sfr->id);
    put(out, "    ", "title", sfr->title);
    put(out, "    ", "plain", sfr->plain);
    (void)fprintf(out, "    status: %s\n", dg_sfr_status_word(sfr->status));
    put_words(out, "    ", "when", &sfr->when);
    put_definition(out, sfr->definition);
    put_elements(out, sfr->elements, sfr->count);
    (void)fputs((sfr->waiver_count > 0U) ? "    waived:\n" : "", out);
    for (size_t i = 0U; i < sfr->waiver_count; i++) {
        const struct dg_waiver *waiver = &sfr->waivers[i];

        (void)fputs("      ", out);
        put_quoted(out, waiver->component);
        (void)fprintf(
            out, ":\n        kind: %s\n", dg_waiver_word(waiver->kind));
        put(out, "        ", "by", waiver->by);
        put(out, "        ", "why", waiver->why);
    }
    put_words(out, "    ", "requirements", &sfr->requirements);
    put_words(out, "    ", "tests", &sfr->tests);
    put_words(out, "    ", "manual", &sfr->manual);
    put_activities(out, sfr->activities, sfr->activity_count);
}

static void put_ceiling(FILE *out,
                        const char *key,
                        const int64_t permille[DG_PROFILE_CAPS])
{
    (void)fprintf(out,
                  "  %s: {dose: %lld, 5min: %lld, 1h: %lld, 4h: %lld, 24h: "
                  "%lld}\n",
                  key,
                  (long long)permille[0],
                  (long long)permille[1],
                  (long long)permille[2],
                  (long long)permille[3],
                  (long long)permille[4]);
}

static void put_requirements(FILE *out, const struct dg_profile *profile)
{
    (void)fputs((profile->sfr_count > 0U) ? "sfrs:\n" : "", out);
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        put_sfr(out, &profile->sfrs[i]);
    }
    (void)fputs((profile->sar_count > 0U) ? "sars:\n" : "", out);
    for (size_t i = 0U; i < profile->sar_count; i++) {
        const struct dg_sar *sar = &profile->sars[i];

        put(out, "  - ", "id", sar->component);
        put(out, "    ", "title", sar->title);
        put(out, "    ", "plain", sar->plain);
        (void)fputs(sar->is_optional ? "    optional: \"yes\"\n" : "", out);
        put_elements(out, sar->elements, sar->count);
        put_activities(out, sar->activities, sar->activity_count);
    }
    if (profile->ceilings != NULL) {
        (void)fputs("ceilings_permille:\n", out);
        put_ceiling(out, "automatic", profile->ceilings->automatic_permille);
        put_ceiling(out, "total", profile->ceilings->total_permille);
    }
}

enum dg_status dg_profile_write(const struct dg_profile *profile,
                                char **text,
                                size_t *size)
{
    FILE *out = open_memstream(text, size);

    if (out == NULL) {
        *text = NULL;
        return DG_E_PORT;
    }
    put_head(out, profile);
    put_small(out, profile);
    put_problem(out, profile);
    put_objectives(out, profile);
    put_requirements(out, profile);
    if (fclose(out) != 0) {
        free(*text);
        *text = NULL;
        return DG_E_PORT;
    }
    return DG_OK;
}
