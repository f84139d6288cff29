/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/starter.h"

#include <stdbool.h>
#include <string.h>

#include "eval/target/target.h"

/* A text of somebody else in double quotes; what YAML could take for its own
 * is escaped. */
static void put_text(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (const char *i = text; *i != '\0'; i++) {
        const unsigned char byte = (unsigned char)*i;

        if ((byte == '"') || (byte == '\\')) {
            (void)fputc('\\', out);
        }
        if (byte >= 0x20U) {
            (void)fputc(byte, out);
        } else {
            (void)fprintf(out, "\\x%02x", byte);
        }
    }
    (void)fputc('"', out);
}

static void put_key(FILE *out, const char *indent, const char *key)
{
    (void)fprintf(out, "%s%s: ", indent, key);
}

/* What is known, or the question. */
static void put_line(FILE *out,
                     const char *indent,
                     const char *key,
                     const char *known,
                     const char *question)
{
    put_key(out, indent, key);
    if ((known != NULL) && (known[0] != '\0')) {
        put_text(out, known);
    } else {
        (void)fputs("\"" DG_TARGET_OPEN " ", out);
        (void)fputs(question, out);
        (void)fputc('"', out);
    }
    (void)fputc('\n', out);
}

static bool has(const struct dg_words *words, const char *id)
{
    for (size_t i = 0U; i < words->count; i++) {
        if (strcmp(words->item[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static void put_head(FILE *out)
{
    (void)fputs(
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# A security target: docs/security-targets.md says what each key "
        "means.\n"
        "# Write in place of each question mark; dosegate profile check lists "
        "what is left.\n"
        "kind: security-target\n",
        out);
    put_line(out, "", "id", NULL, "a short name of this document");
}

/* "Security target of X" as one text. */
static void put_title(const struct dg_starter *starter, FILE *out)
{
    char title[256];

    if (starter->product == NULL) {
        put_line(out, "", "title", NULL, "a title that names the product");
        return;
    }
    (void)snprintf(
        title, sizeof title, "Security target of %.200s", starter->product);
    put_line(out, "", "title", title, "");
}

static void put_product(const struct dg_starter *starter, FILE *out)
{
    put_line(out, "", "version", "0.1", "");
    put_line(out, "", "date", starter->date, "the day of this version");
    put_line(out, "", "author", starter->author, "who wrote it");
    put_line(
        out, "", "edition", dg_edition_word(starter->profile->edition), "");
    (void)fputs("\nproduct:\n", out);
    put_line(out, "  ", "maker", starter->maker, "who makes it");
    put_line(out, "  ", "name", starter->product, "its name");
    put_line(out, "  ", "version", starter->version, "which version");
    put_line(out,
             "  ",
             "type",
             (starter->type != NULL) ? starter->type : starter->profile->toe,
             "what kind of product");
    put_line(out,
             "  ",
             "firmware_digest",
             starter->firmware_digest,
             "SHA-256 of the firmware, 64 hexadecimal digits");
}

/* What the profile asks for beside the package.  Of a family that the package
 * has too, the check says whether that is enough. */
static bool is_beside(const struct dg_starter *starter,
                      const struct dg_sar *sar)
{
    const size_t size = strcspn(sar->component, ".");

    for (size_t i = 0U; i < starter->package->sar_count; i++) {
        const char *own = starter->package->sars[i].component;

        if ((strcspn(own, ".") == size) &&
            (strncmp(own, sar->component, size) == 0)) {
            return false;
        }
    }
    return !sar->is_optional;
}

/* The components that put_requirements() adds to the package. */
static void put_adds(const struct dg_starter *starter, FILE *out)
{
    const struct dg_profile *profile = starter->profile;
    size_t count = 0U;

    for (size_t i = 0U; i < profile->sar_count; i++) {
        if (is_beside(starter, &profile->sars[i])) {
            (void)fprintf(out,
                          "%s%s",
                          (count == 0U) ? "    conformance: augmented\n"
                                          "    adds: ["
                                        : ", ",
                          profile->sars[i].component);
            count++;
        }
    }
    (void)fputs((count == 0U) ? "    conformance: conformant\n" : "]\n", out);
}

static bool has_extended_sar(const struct dg_profile *profile)
{
    for (size_t i = 0U; i < profile->sar_count; i++) {
        if (dg_component_is_extended(profile->sars[i].component) &&
            !profile->sars[i].is_optional) {
            return true;
        }
    }
    return false;
}

static void put_claims(const struct dg_starter *starter, FILE *out)
{
    const struct dg_profile *profile = starter->profile;
    bool is_extended = false;

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        is_extended =
            is_extended || dg_component_is_extended(profile->sfrs[i].component);
    }
    (void)fputs("\nclaims:\n  profiles:\n", out);
    put_line(out, "    - ", "id", profile->id, "");
    put_line(out, "      ", "version", profile->version, "");
    if (starter->profile_file != NULL) {
        put_line(out, "      ", "file", starter->profile_file, "");
    }
    put_line(out, "      ", "sha256", starter->profile_digest, "its SHA-256");
    put_line(out,
             "      ",
             "conformance",
             dg_conformance_word(profile->conformance),
             "");
    put_line(out,
             "      ",
             "why",
             NULL,
             "why the product is what this profile is about");
    (void)fputs("  package:\n", out);
    put_line(out, "    ", "id", starter->package->id, "");
    put_line(out, "    ", "version", starter->package->version, "");
    put_line(out, "    ", "sha256", starter->package_digest, "its SHA-256");
    put_adds(starter, out);
    put_line(out, "    ", "why", NULL, "why this much assurance");
    put_line(out, "  ", "part2", is_extended ? "extended" : "conformant", "");
    put_line(out,
             "  ",
             "part3",
             (has_extended_sar(profile) || has_extended_sar(starter->package))
                 ? "extended"
                 : "conformant",
             "");
}

static void put_overview(const struct dg_starter *starter, FILE *out)
{
    (void)fputs("\noverview:\n", out);
    put_line(out,
             "  ",
             "usage",
             NULL,
             "what it is for and who uses it; call it by its name");
    put_line(out, "  ", "security", NULL, "what it does for security");
    (void)fputs("  needs: [\"" DG_TARGET_OPEN
                " what it needs beside it, or none\"]\n"
                "\nscope:\n  physical:\n",
                out);
    put_line(out, "    - ", "part", NULL, "a part of the product");
    put_line(out, "      ", "version", NULL, "its version");
    put_line(out, "      ", "delivery", NULL, "how it reaches the user");
    put_line(out, "  ", "logical", NULL, "what the parts do together");
    (void)fputs("\ninterfaces: [\"" DG_TARGET_OPEN " every way in and out\"]\n",
                out);
    (void)fputs("features: [", out);
    for (size_t i = 0U; i < starter->profile->mandatory.count; i++) {
        (void)fprintf(out,
                      "%s%s",
                      (i == 0U) ? "" : ", ",
                      starter->profile->mandatory.item[i]);
    }
    for (size_t i = 0U, put = starter->profile->mandatory.count;
         i < starter->features.count;
         i++) {
        if (!has(&starter->profile->mandatory, starter->features.item[i])) {
            (void)fprintf(out,
                          "%s%s",
                          (put == 0U) ? "" : ", ",
                          starter->features.item[i]);
            put++;
        }
    }
    (void)fputs("]\nfunctions: [", out);
    for (size_t i = 0U; i < starter->functions.count; i++) {
        (void)fprintf(
            out, "%s%s", (i == 0U) ? "" : ", ", starter->functions.item[i]);
    }
    (void)fputs("]\n", out);
}

static void put_taken(const struct dg_starter *starter, FILE *out)
{
    const struct dg_profile *profile = starter->profile;

    (void)fprintf(out, "\nproblem:\n  take:\n    %s:\n", profile->id);
    for (size_t i = 0U; i < profile->problem_count; i++) {
        (void)fprintf(out, "      - %s\n", profile->problem[i].id);
    }
    if (profile->problem_count == 0U) {
        (void)fputs("      []\n", out);
    }
    (void)fprintf(out, "\nobjectives:\n  take:\n    %s:\n", profile->id);
    for (size_t i = 0U; i < profile->objective_count; i++) {
        (void)fprintf(out, "      - %s\n", profile->objectives[i].id);
    }
    if (profile->objective_count == 0U) {
        (void)fputs("      []\n", out);
    }
}

/* Requirements ------------------------------------------------------------- */

static bool is_open(const struct dg_operation *operation)
{
    if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        return operation->value[0] == '\0';
    }
    for (size_t i = 0U; i < operation->choice_count; i++) {
        if (operation->choices[i].is_chosen) {
            return false;
        }
    }
    return operation->kind == DG_OPERATION_SELECTION;
}

/* Whether what it stands in is chosen by the profile already. */
static bool is_reached(const struct dg_operation *operation)
{
    for (const struct dg_operation *at = operation; at != NULL;
         at = at->parent) {
        if ((at->choice != NULL) && !at->choice->is_chosen) {
            return false;
        }
    }
    return true;
}

/* The question stands inside quotes: what it quotes loses its own. */
static void put_inside(FILE *out, const char *text)
{
    for (const char *i = text; *i != '\0'; i++) {
        (void)fputc(((*i == '"') || (*i == '\\') || (*i < ' ')) ? ' ' : *i,
                    out);
    }
}

static void put_question(FILE *out, const struct dg_operation *operation)
{
    (void)fprintf(out, "        %s: \"" DG_TARGET_OPEN " ", operation->name);
    if (operation->kind == DG_OPERATION_ASSIGNMENT) {
        put_inside(out, operation->text);
        if (operation->bound[0] != '\0') {
            (void)fputs(" (", out);
            put_inside(out, operation->bound);
            (void)fputs(")", out);
        }
    } else {
        (void)fputs(operation->is_one ? "a list of one of" : "a list of", out);
        for (size_t i = 0U; i < operation->choice_count; i++) {
            (void)fprintf(
                out, "%s %s (", (i == 0U) ? "" : ",", operation->choices[i].id);
            put_inside(out, operation->choices[i].text);
            (void)fputs(")", out);
        }
    }
    (void)fputs("\"\n", out);
}

/* What waits for a choice that is not made yet is a comment: it is asked for
 * by the check once the choice is made. */
static void put_later(FILE *out, const struct dg_operation *operation)
{
    (void)fprintf(out,
                  "        # %s, with %s: ",
                  operation->name,
                  (operation->choice == NULL) ? "it" : operation->choice->id);
    put_inside(out, operation->text);
    (void)fputc('\n', out);
}

static void put_element(FILE *out,
                        const struct dg_element *element,
                        bool *is_first)
{
    bool has_question = false;

    for (size_t i = 0U; i < element->count; i++) {
        has_question = has_question || (is_open(&element->operations[i]) &&
                                        is_reached(&element->operations[i]));
    }
    if (!has_question) {
        return;
    }
    if (*is_first) {
        (void)fputs("    complete:\n", out);
        *is_first = false;
    }
    (void)fprintf(out, "      %s:\n", element->id);
    for (size_t i = 0U; i < element->count; i++) {
        const struct dg_operation *operation = &element->operations[i];

        if (is_open(operation) && is_reached(operation)) {
            put_question(out, operation);
        } else if (is_open(operation) &&
                   (operation->kind == DG_OPERATION_ASSIGNMENT)) {
            put_later(out, operation);
        }
    }
}

static bool is_chosen(const struct dg_profile *profile, const char *id)
{
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const struct dg_sfr *sfr = &profile->sfrs[i];

        for (size_t at = 0U; at < sfr->count; at++) {
            for (size_t op = 0U; op < sfr->elements[at].count; op++) {
                const struct dg_operation *operation =
                    &sfr->elements[at].operations[op];

                for (size_t pick = 0U; pick < operation->choice_count; pick++) {
                    if (operation->choices[pick].is_chosen &&
                        (strcmp(operation->choices[pick].id, id) == 0)) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

/* What applies to this product: mandatory, or waiting for what is there. */
static bool applies(const struct dg_starter *starter, const struct dg_sfr *sfr)
{
    bool is_due = sfr->status == DG_SFR_MANDATORY;

    if ((sfr->status == DG_SFR_SELECTION_BASED) ||
        (sfr->status == DG_SFR_FEATURE_BASED)) {
        for (size_t i = 0U; i < sfr->when.count; i++) {
            is_due = is_due || has(&starter->functions, sfr->when.item[i]) ||
                     is_chosen(starter->profile, sfr->when.item[i]);
        }
    }
    return is_due;
}

static void put_requirements(const struct dg_starter *starter, FILE *out)
{
    const struct dg_profile *profile = starter->profile;

    (void)fputs("\n# Texts are the profile's; complete holds what it left "
                "open.\nsfrs:\n",
                out);
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const struct dg_sfr *sfr = &profile->sfrs[i];
        bool is_first = true;

        if (!applies(starter, sfr)) {
            continue;
        }
        (void)fprintf(out, "  # %s\n  - id: %s\n", sfr->plain, sfr->id);
        for (size_t at = 0U; at < sfr->count; at++) {
            put_element(out, &sfr->elements[at], &is_first);
        }
        if ((sfr->tests.count + sfr->manual.count) == 0U) {
            (void)fputs("    manual: [\"" DG_TARGET_OPEN
                        " what a person does to see that it is met\"]\n",
                        out);
        }
        put_line(out, "    ", "summary", NULL, "how the product meets it");
    }
    (void)fputc('\n', out);
    put_line(out, "", "sars_why", NULL, "why these SARs and no others");
    (void)fputs("sars:\n", out);
    for (size_t i = 0U; i < starter->package->sar_count; i++) {
        (void)fprintf(out, "  - %s\n", starter->package->sars[i].component);
    }
    for (size_t i = 0U; i < profile->sar_count; i++) {
        if (is_beside(starter, &profile->sars[i])) {
            (void)fprintf(out, "  - %s\n", profile->sars[i].component);
        }
    }
}

void dg_starter_write(const struct dg_starter *starter, FILE *out)
{
    put_head(out);
    put_title(starter, out);
    put_product(starter, out);
    put_claims(starter, out);
    put_overview(starter, out);
    put_taken(starter, out);
    put_requirements(starter, out);
}
