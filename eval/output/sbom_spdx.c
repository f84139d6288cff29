/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/output/sbom_parts.h"

#define PLACE_SIZE 128U
#define LEVEL      "support-level: "

/* SPDX 2.3: said that nobody knows, or that there is none. */
static const char *stated(const char *text)
{
    return ((strcmp(text, "NOASSERTION") == 0) || (strcmp(text, "NONE") == 0))
               ? ""
               : text;
}

static const char *level_of(struct dg_sbom_work *work, const json_t *package)
{
    const json_t *notes = json_object_get(package, "annotations");

    for (size_t i = 0; i < json_array_size(notes); i++) {
        const char *text =
            dg_sbom_text(work, json_array_get(notes, i), "comment");

        if (strncmp(text, LEVEL, strlen(LEVEL)) == 0) {
            return text + strlen(LEVEL);
        }
    }
    return "";
}

/* A purl, a CPE or the like; a link to documents is none. */
static const char *other_id_of(struct dg_sbom_work *work, const json_t *package)
{
    static const char *const kinds[] = {
        "purl", "cpe22Type", "cpe23Type", "swid", "gitoid", "swh"};
    const json_t *refs = json_object_get(package, "externalRefs");

    for (size_t i = 0; i < json_array_size(refs); i++) {
        const json_t *ref = json_array_get(refs, i);
        const char *type =
            json_string_value(json_object_get(ref, "referenceType"));

        for (size_t k = 0;
             (type != NULL) && (k < (sizeof(kinds) / sizeof(kinds[0])));
             k++) {
            if (strcmp(type, kinds[k]) == 0) {
                return dg_sbom_text(work, ref, "referenceLocator");
            }
        }
    }
    return "";
}

static void read_packages(struct dg_sbom_work *work, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *package = json_array_get(list, i);
        char place[PLACE_SIZE];

        (void)snprintf(place, sizeof(place), "packages[%zu]", i);

        struct dg_sbom_component *one = dg_sbom_add(work, place);

        if (one == NULL) {
            return;
        }
        one->id = dg_sbom_text(work, package, "SPDXID");
        one->name = dg_sbom_text(work, package, "name");
        one->version = dg_sbom_text(work, package, "versionInfo");
        one->supplier = stated(dg_sbom_text(work, package, "supplier"));
        one->other_id = other_id_of(work, package);
        one->support_level = level_of(work, package);
        one->support_end = dg_sbom_text(work, package, "validUntilDate");
        one->has_digest =
            json_array_size(json_object_get(package, "checksums")) > 0U;
        dg_sbom_take_id(work, one->id, place);
        dg_sbom_check(work, one);
    }
}

static bool leads_somewhere(const struct dg_sbom_work *work, const char *id)
{
    return (strcmp(id, "NOASSERTION") == 0) || (strcmp(id, "NONE") == 0) ||
           (strncmp(id, "DocumentRef-", 12) == 0) ||
           (json_object_get(work->ids, id) != NULL);
}

static void take_end(struct dg_sbom_work *work,
                     const json_t *relationship,
                     const char *key,
                     const char *place)
{
    const char *id = json_string_value(json_object_get(relationship, key));

    if ((id == NULL) || !leads_somewhere(work, id)) {
        dg_sbom_find(work,
                     "SBOM-DANGLING",
                     place,
                     "%s '%.200s' is the id of nothing in this list",
                     key,
                     (id == NULL) ? "" : id);
        return;
    }
    if (json_object_set_new(work->related, id, json_true()) != 0) {
        work->sbom->arena.failed = true;
    }
}

static void read_relationships(struct dg_sbom_work *work, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        char place[PLACE_SIZE];

        if (!dg_sbom_relate(work)) {
            return;
        }
        (void)snprintf(place, sizeof(place), "relationships[%zu]", i);
        take_end(work, one, "spdxElementId", place);
        take_end(work, one, "relatedSpdxElement", place);
    }
}

static void take_files(struct dg_sbom_work *work, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        char place[PLACE_SIZE];

        (void)snprintf(place, sizeof(place), "files[%zu]", i);
        dg_sbom_take_id(
            work, dg_sbom_text(work, json_array_get(list, i), "SPDXID"), place);
    }
}

void dg_sbom_read_spdx(struct dg_sbom_work *work, json_t *root)
{
    struct dg_sbom *sbom = work->sbom;
    const json_t *creation = json_object_get(root, "creationInfo");
    const char *creator = json_string_value(
        json_array_get(json_object_get(creation, "creators"), 0));

    sbom->format = "SPDX";
    sbom->version = dg_sbom_text(work, root, "spdxVersion");
    sbom->author = (creator == NULL)
                       ? ""
                       : dg_arena_text(&sbom->arena, creator, strlen(creator));
    sbom->made = dg_sbom_text(work, creation, "created");
    if ((strcmp(sbom->version, "SPDX-2.3") != 0) &&
        (strcmp(sbom->version, "SPDX-2.2") != 0)) {
        dg_sbom_find(work,
                     "SBOM-SCHEMA",
                     "spdxVersion",
                     "'%.30s' is neither SPDX-2.2 nor SPDX-2.3: it was read by "
                     "the rules of 2.3",
                     sbom->version);
    }
    if (dg_sbom_text(work, root, "documentNamespace")[0] == '\0') {
        dg_sbom_find(work,
                     "SBOM-SERIAL",
                     "documentNamespace",
                     "is missing: two lists of one product cannot be told "
                     "apart");
    }
    dg_sbom_take_id(work, dg_sbom_text(work, root, "SPDXID"), "SPDXID");
    read_packages(work, json_object_get(root, "packages"));
    if (work->status == DG_OK) {
        take_files(work, json_object_get(root, "files"));
        read_relationships(work, json_object_get(root, "relationships"));
    }
}
