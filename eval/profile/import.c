/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/profile/import.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "eval/profile/links.h"
#include "eval/profile/words.h"
#include "eval/profile/xml.h"

/* "FCS_COP.1/Hash (objective)": the SFR of that name whatever its capitals, or
 * the words as they are. */
static const char *sfr_id(const struct dg_profile *profile, const char *text)
{
    const size_t size = strcspn(text, " (");

    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const char *id = profile->sfrs[i].id;

        if ((strlen(id) == size) && (strncasecmp(id, text, size) == 0)) {
            return id;
        }
    }
    return text;
}

/* A module addresses a threat once by each of the twins of a component. */
static const char *twin_of(struct dg_import *import,
                           const struct dg_links *links,
                           const char *id)
{
    size_t before = 1U;
    char twin[200];

    for (size_t i = 0U; i < links->count; i++) {
        const size_t size = strlen(id);
        const char *to = links->item[i].to;

        before += ((strncmp(to, id, size) == 0) &&
                   ((to[size] == '\0') || (to[size] == '#')))
                      ? 1U
                      : 0U;
    }
    (void)snprintf(twin, sizeof twin, "%.160s#%zu", id, before);

    const struct dg_sfr *sfr = dg_profile_sfr(import->profile, twin);

    return ((before > 1U) && (sfr != NULL)) ? sfr->id : id;
}

/* `objective-refer`, or `addressed-by` and the `rationale` that follows it. */
static struct dg_links read_links(struct dg_import *import, const xmlNode *node)
{
    struct dg_links links = {NULL, 0U};
    size_t count = 0U;

    for (const xmlNode *i = node->children; i != NULL; i = i->next) {
        count += (dg_import_is(i, "addressed-by") ||
                  dg_import_is(i, "objective-refer"))
                     ? 1U
                     : 0U;
    }
    links.item = dg_import_room(import, node, count, sizeof *links.item);
    for (const xmlNode *i = (links.item == NULL) ? NULL : node->children;
         i != NULL;
         i = i->next) {
        struct dg_link *link = &links.item[links.count];

        if (dg_import_is(i, "objective-refer")) {
            link->to = dg_import_attribute(import, i, "ref");
            link->why = dg_import_text(import, dg_import_child(i, "rationale"));
            link->line = (size_t)xmlGetLineNo(i);
            links.count++;
        } else if (dg_import_is(i, "addressed-by")) {
            link->to =
                twin_of(import,
                        &links,
                        sfr_id(import->profile, dg_import_text(import, i)));
            link->why = "";
            link->line = (size_t)xmlGetLineNo(i);
            links.count++;
        } else if (dg_import_is(i, "rationale") && (links.count > 0U)) {
            links.item[links.count - 1U].why = dg_import_text(import, i);
        }
    }
    return links;
}

static const struct {
    const char *name;
    enum dg_spd_kind kind;
} spd_rows[] = {{"threat", DG_SPD_THREAT},
                {"OSP", DG_SPD_POLICY},
                {"assumption", DG_SPD_ASSUMPTION}};

static void read_spd(struct dg_import *import,
                     const xmlNode *node,
                     enum dg_spd_kind kind,
                     struct dg_spd *spd)
{
    const xmlNode *words = dg_import_child(node, "description");

    spd->kind = kind;
    spd->id = dg_import_attribute(import, node, "name");
    spd->text = dg_import_body(import, words);
    spd->plain = dg_import_marked(import, words, "plain");
    spd->agent = dg_import_marked(import, words, "agent");
    spd->assets = dg_import_words(import, words, "asset");
    spd->editorial = dg_import_marked(import, words, "editorial");
    spd->links = read_links(import, node);
    spd->line = (size_t)xmlGetLineNo(node);
}

static void read_security_problem(struct dg_import *import, const xmlNode *root)
{
    struct dg_profile *profile = import->profile;
    size_t count = 0U;

    for (size_t i = 0U; i < 3U; i++) {
        count += dg_import_count(root, spd_rows[i].name);
    }
    profile->problem =
        dg_import_room(import, root, count, sizeof *profile->problem);
    for (size_t kind = 0U; (profile->problem != NULL) && (kind < 3U); kind++) {
        for (const xmlNode *i = dg_import_next(root, root); i != NULL;
             i = dg_import_next(root, i)) {
            if (dg_import_is(i, spd_rows[kind].name)) {
                read_spd(import,
                         i,
                         spd_rows[kind].kind,
                         &profile->problem[profile->problem_count]);
                profile->problem_count++;
            }
        }
    }
}

static void read_objectives(struct dg_import *import, const xmlNode *root)
{
    static const char *const names[] = {"SO", "SOE"};
    struct dg_profile *profile = import->profile;

    profile->objectives = dg_import_room(import,
                                         root,
                                         dg_import_count(root, names[0]) +
                                             dg_import_count(root, names[1]),
                                         sizeof *profile->objectives);
    for (size_t side = 0U; (profile->objectives != NULL) && (side < 2U);
         side++) {
        for (const xmlNode *i = dg_import_next(root, root); i != NULL;
             i = dg_import_next(root, i)) {
            if (!dg_import_is(i, names[side])) {
                continue;
            }

            const xmlNode *words = dg_import_child(i, "description");
            struct dg_objective *objective =
                &profile->objectives[profile->objective_count];

            objective->id = dg_import_attribute(import, i, "name");
            objective->is_environment = side == 1U;
            objective->text = dg_import_body(import, words);
            objective->plain = dg_import_marked(import, words, "plain");
            if (side == 0U) {
                objective->links = read_links(import, i);
            }
            objective->line = (size_t)xmlGetLineNo(i);
            profile->objective_count++;
        }
    }
}

/* Terms, features and families: each a name with words. */
static void read_small(struct dg_import *import, const xmlNode *root)
{
    struct dg_profile *profile = import->profile;

    profile->terms = dg_import_room(
        import, root, dg_import_count(root, "term"), sizeof *profile->terms);
    profile->features = dg_import_room(import,
                                       root,
                                       dg_import_count(root, "feature"),
                                       sizeof *profile->features);
    profile->families = dg_import_room(import,
                                       root,
                                       dg_import_count(root, "ext-comp-def"),
                                       sizeof *profile->families);
    for (const xmlNode *i = dg_import_next(root, root); i != NULL;
         i = dg_import_next(root, i)) {
        const size_t line = (size_t)xmlGetLineNo(i);

        if ((dg_import_is(i, "feature") &&
             (dg_import_attribute(import, i, "id")[0] == '\0')) ||
            (dg_import_is(i, "ext-comp-def") &&
             (dg_import_attribute(import, i, "fam-id")[0] == '\0'))) {
            dg_import_fail(import, i, "a feature or family without an id");
        }
        if ((profile->terms != NULL) && dg_import_is(i, "term")) {
            profile->terms[profile->term_count++] =
                (struct dg_term){dg_import_attribute(import, i, "full"),
                                 dg_import_text(import, i),
                                 line};
        } else if ((profile->features != NULL) && dg_import_is(i, "feature")) {
            profile->features[profile->feature_count++] = (struct dg_feature){
                dg_import_attribute(import, i, "id"),
                dg_import_attribute(import, i, "title"),
                dg_import_text(import, dg_import_child(i, "description")),
                line};
        } else if ((profile->families != NULL) &&
                   dg_import_is(i, "ext-comp-def")) {
            profile->families[profile->family_count++] = (struct dg_family){
                dg_import_attribute(import, i, "fam-id"),
                dg_import_attribute(import, i, "title"),
                dg_import_text(import, dg_import_child(i, "fam-behavior")),
                line};
        }
    }
}

/* "25 25 60 120 480" of our own export. */
static void read_ceiling(const char *text, int64_t permille[DG_PROFILE_CAPS])
{
    char *at = NULL;

    for (size_t i = 0U; i < DG_PROFILE_CAPS; i++) {
        const long value = strtol(text, &at, 10);

        permille[i] = ((value >= 0) && (value <= 2000)) ? value : 0;
        text = at;
    }
}

static void read_ceilings(struct dg_import *import, const xmlNode *root)
{
    const char *automatic = dg_import_marked(import, root, "automatic");
    const char *total = dg_import_marked(import, root, "total");

    if ((automatic[0] == '\0') || (total[0] == '\0')) {
        return;
    }

    struct dg_ceilings *ceilings =
        dg_arena_take(&import->profile->arena, sizeof *ceilings);

    if (ceilings != NULL) {
        read_ceiling(automatic, ceilings->automatic_permille);
        read_ceiling(total, ceilings->total_permille);
    }
    import->profile->ceilings = ceilings;
}

static const xmlNode *find(const xmlNode *root, const char *name)
{
    const xmlNode *i = dg_import_next(root, root);

    while ((i != NULL) && !dg_import_is(i, name)) {
        i = dg_import_next(root, i);
    }
    return i;
}

/* An id for a file that has none: its title in small letters. */
static const char *id_of(struct dg_import *import, const xmlNode *root)
{
    const char *text = dg_import_attribute(import, root, "short");
    char id[64];
    size_t size = 0U;

    if (text[0] == '\0') {
        text = import->profile->title;
    }
    for (const char *at = text; (*at != '\0') && (size < (sizeof id - 1U));
         at++) {
        const char small =
            ((*at >= 'A') && (*at <= 'Z')) ? (char)(*at - 'A' + 'a') : *at;
        const bool is_ours = ((small >= 'a') && (small <= 'z')) ||
                             ((small >= '0') && (small <= '9'));

        if (is_ours) {
            id[size++] = small;
        } else if ((size > 0U) && (id[size - 1U] != '-')) {
            id[size++] = '-';
        }
    }
    size -= ((size > 0U) && (id[size - 1U] == '-')) ? 1U : 0U;
    if (size == 0U) {
        return "unnamed";
    }
    return dg_arena_text(&import->profile->arena, id, size);
}

/* The words of attribute @name of all elements called @what. */
static struct dg_words attributes(struct dg_import *import,
                                  const xmlNode *root,
                                  const char *what,
                                  const char *name)
{
    struct dg_words words = {NULL, 0U};

    words.item = dg_import_room(
        import, root, dg_import_count(root, what), sizeof *words.item);
    for (const xmlNode *i = (words.item == NULL) ? NULL
                                                 : dg_import_next(root, root);
         i != NULL;
         i = dg_import_next(root, i)) {
        if (dg_import_is(i, what)) {
            words.item[words.count] = dg_import_attribute(import, i, name);
            words.count += (words.item[words.count][0] == '\0') ? 0U : 1U;
        }
    }
    return words;
}

static void read_claims(struct dg_import *import, const xmlNode *root)
{
    struct dg_profile *profile = import->profile;
    const xmlNode *claims = find(root, "CClaimsInfo");
    const char *kind =
        dg_import_text(import, dg_import_child(claims, "cc-st-conf"));
    const char *version = dg_import_attribute(import, claims, "cc-version");
    const char *approach = dg_import_attribute(import, claims, "cc-approach");

    profile->conformance = DG_CONFORMANCE_EXACT;
    for (unsigned i = 1U; i <= DG_WORDS_CONFORMANCE; i++) {
        if (strcmp(kind, dg_word_conformance(i)) == 0) {
            profile->conformance = (enum dg_conformance)i;
        }
    }
    profile->edition =
        (strcmp(version, "cc-31r5") == 0) ? DG_EDITION_31R5 : DG_EDITION_2022;
    profile->is_direct = strcmp(approach, "direct-rationale") == 0;
}

static void read_head(struct dg_import *import, const xmlNode *root)
{
    struct dg_profile *profile = import->profile;
    const xmlNode *table = find(root, "ReferenceTable");
    const xmlNode *introduction = find(root, "Introduction");
    const char *status = dg_import_marked(import, root, "status");
    static const struct {
        const char *root;
        enum dg_profile_kind kind;
    } rows[] = {{"PP", DG_PROFILE_PROFILE},
                {"Module", DG_PROFILE_MODULE},
                {"Package", DG_PROFILE_FUNCTIONAL_PACKAGE}};

    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        if (dg_import_is(root, rows[i].root)) {
            profile->kind = rows[i].kind;
        }
    }
    if ((profile->kind == 0) || (table == NULL)) {
        dg_import_fail(import,
                       root,
                       "no PP, Module or Package with a ReferenceTable in the "
                       "namespace https://niap-ccevs.org/cc/v1");
        return;
    }
    profile->title = dg_import_text(import, dg_import_child(table, "PPTitle"));
    profile->version =
        dg_import_text(import, dg_import_child(table, "PPVersion"));
    profile->author =
        dg_import_text(import, dg_import_child(table, "PPAuthor"));
    profile->date = dg_import_text(import, dg_import_child(table, "PPPubDate"));
    profile->id = id_of(import, root);
    profile->status = (status[0] == '\0') ? "imported from CC XML" : status;
    profile->toe = dg_import_attribute(import, root, "target-product");
    profile->overview = dg_import_body(
        import,
        (introduction == NULL)
            ? NULL
            : xmlFirstElementChild((xmlNode *)(uintptr_t)introduction));
    profile->source = dg_import_marked(import, root, "source");
    profile->bases = attributes(import, root, "base-pp", "id");
    profile->packages = dg_import_words(import, root, "package");
    profile->mandatory = dg_import_words(import, root, "mandatory");
    profile->is_imported = status[0] == '\0';
    read_claims(import, root);
}

/* @satisfies{EVL_PROFILE.2@1} */
static void read_all(struct dg_import *import, const xmlNode *root)
{
    read_head(import, root);
    read_small(import, root);
    read_ceilings(import, root);
    if (import->status == DG_OK) {
        dg_import_requirements(import, root);
    }
    read_security_problem(import, root);
    read_objectives(import, root);
}

static xmlDoc *parse(dg_span bytes,
                     const char *name,
                     struct dg_problem *problem)
{
    /* No network, no entities beyond XML's five (dg_xml_look() refused their
     * declarations), no default attributes, libxml2's own limits kept. */
    xmlDoc *document = xmlReadMemory((const char *)bytes.at,
                                     (int)bytes.size,
                                     name,
                                     "UTF-8",
                                     XML_PARSE_NONET | XML_PARSE_NOERROR |
                                         XML_PARSE_NOWARNING);

    if (document == NULL) {
        const xmlError *error = xmlGetLastError();
        const char *why = ((error == NULL) || (error->message == NULL))
                              ? "?"
                              : error->message;

        dg_problem_set(problem,
                       "%.200s:%d: not XML: %.*s",
                       name,
                       (error == NULL) ? 1 : error->line,
                       (int)strcspn(why, "\n"),
                       why);
    } else if (xmlGetIntSubset(document) != NULL) {
        /* Whatever dg_xml_look() took it for. */
        dg_problem_set(
            problem, "%.200s: a document type declaration; take it out", name);
        xmlFreeDoc(document);
        document = NULL;
    } else {
        /* Elements, attributes and texts only. */
    }
    return document;
}

enum dg_status dg_profile_import(dg_span bytes,
                                 const char *name,
                                 struct dg_profile *profile,
                                 struct dg_problem *problem)
{
    struct dg_import import = {
        .profile = profile, .problem = problem, .status = DG_OK};

    memset(profile, 0, sizeof *profile);
    dg_arena_init(&profile->arena);
    profile->file = dg_arena_text(&profile->arena, name, strlen(name));
    if (dg_xml_look(bytes, name, problem) != DG_OK) {
        return DG_E_MALFORMED;
    }

    xmlDoc *document = parse(bytes, name, problem);

    if (document == NULL) {
        return DG_E_MALFORMED;
    }
    read_all(&import, xmlDocGetRootElement(document));
    xmlFreeDoc(document);
    if ((import.status == DG_OK) && profile->arena.failed) {
        dg_problem_set(problem, "%.200s: out of memory", name);
        import.status = DG_E_PORT;
    }
    return (import.status == DG_OK)
               ? dg_profile_link(profile, profile->is_imported, problem)
               : import.status;
}
