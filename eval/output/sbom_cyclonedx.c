/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/output/sbom_parts.h"

#define PLACE_SIZE 128U

/* CycloneDX 1.6, schema: component.type. */
static const char *const types[] = {"application",
                                    "framework",
                                    "library",
                                    "container",
                                    "platform",
                                    "operating-system",
                                    "device",
                                    "device-driver",
                                    "firmware",
                                    "file",
                                    "machine-learning-model",
                                    "data",
                                    "cryptographic-asset"};

static bool is_type(const char *type)
{
    for (size_t i = 0; i < (sizeof(types) / sizeof(types[0])); i++) {
        if (strcmp(types[i], type) == 0) {
            return true;
        }
    }
    return false;
}

static const char *property_of(struct dg_sbom_work *work,
                               const json_t *component,
                               const char *name)
{
    const json_t *properties = json_object_get(component, "properties");

    for (size_t i = 0; i < json_array_size(properties); i++) {
        const json_t *one = json_array_get(properties, i);
        const char *key = json_string_value(json_object_get(one, "name"));

        if ((key != NULL) && (strcmp(key, name) == 0)) {
            return dg_sbom_text(work, one, "value");
        }
    }
    return "";
}

/* Who makes it: supplier, else manufacturer (1.6), publisher. */
static const char *supplier_of(struct dg_sbom_work *work,
                               const json_t *component)
{
    const char *name =
        dg_sbom_text(work, json_object_get(component, "supplier"), "name");

    if (name[0] == '\0') {
        name = dg_sbom_text(
            work, json_object_get(component, "manufacturer"), "name");
    }
    return (name[0] == '\0') ? dg_sbom_text(work, component, "publisher")
                             : name;
}

static const char *other_id_of(struct dg_sbom_work *work,
                               const json_t *component)
{
    const char *id = dg_sbom_text(work, component, "purl");

    if (id[0] == '\0') {
        id = dg_sbom_text(work, component, "cpe");
    }
    return (id[0] == '\0')
               ? dg_sbom_text(work, json_object_get(component, "swid"), "tagId")
               : id;
}

static void read_component(struct dg_sbom_work *work,
                           const json_t *object,
                           const char *place)
{
    struct dg_sbom_component *one = dg_sbom_add(work, place);
    const char *type = dg_sbom_text(work, object, "type");

    if (one == NULL) {
        return;
    }
    one->id = dg_sbom_text(work, object, "bom-ref");
    one->name = dg_sbom_text(work, object, "name");
    one->version = dg_sbom_text(work, object, "version");
    one->supplier = supplier_of(work, object);
    one->other_id = other_id_of(work, object);
    one->support_level = property_of(work, object, "dosegate:support-level");
    one->support_end = property_of(work, object, "dosegate:end-of-support");
    one->has_digest = json_array_size(json_object_get(object, "hashes")) > 0U;
    dg_sbom_take_id(work, one->id, place);
    dg_sbom_check(work, one);
    if (!is_type(type)) {
        dg_sbom_find(work,
                     "SBOM-TYPE",
                     place,
                     "'%.60s' is no type of CycloneDX 1.6: write one that is",
                     type);
    }
}

/* Components may lie in components. */
static void read_components(struct dg_sbom_work *work,
                            const json_t *list,
                            const char *at,
                            unsigned depth)
{
    for (size_t i = 0; (work->status == DG_OK) && (i < json_array_size(list));
         i++) {
        const json_t *object = json_array_get(list, i);
        char place[PLACE_SIZE];

        (void)snprintf(place, sizeof(place), "%.90scomponents[%zu]", at, i);
        read_component(work, object, place);
        if (json_array_size(json_object_get(object, "components")) == 0U) {
            continue;
        }
        if (depth == DG_SBOM_NESTING_MAX) {
            work->status = DG_E_RANGE;
            dg_problem_set(work->problem,
                           "%.100s: components lie deeper than %u",
                           place,
                           DG_SBOM_NESTING_MAX);
            return;
        }
        (void)snprintf(place, sizeof(place), "%.90scomponents[%zu].", at, i);
        read_components(
            work, json_object_get(object, "components"), place, depth + 1U);
    }
}

static void check_reference(struct dg_sbom_work *work,
                            const char *ref,
                            const char *place)
{
    if ((ref == NULL) || (json_object_get(work->ids, ref) == NULL)) {
        dg_sbom_find(work,
                     "SBOM-DANGLING",
                     place,
                     "'%.200s' is the id of nothing in this list",
                     (ref == NULL) ? "" : ref);
    }
}

static void read_dependencies(struct dg_sbom_work *work, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *ref = json_string_value(json_object_get(one, "ref"));
        const json_t *on = json_object_get(one, "dependsOn");
        char place[PLACE_SIZE];

        (void)snprintf(place, sizeof(place), "dependencies[%zu]", i);
        check_reference(work, ref, place);
        if ((ref != NULL) &&
            (json_object_set_new(work->related, ref, json_true()) != 0)) {
            work->sbom->arena.failed = true;
        }
        for (size_t k = 0; k < json_array_size(on); k++) {
            const char *to = json_string_value(json_array_get(on, k));

            if (!dg_sbom_relate(work)) {
                return;
            }
            check_reference(work, to, place);
        }
    }
}

static const char *author_of(struct dg_sbom_work *work, const json_t *metadata)
{
    const json_t *authors = json_object_get(metadata, "authors");
    const char *name = dg_sbom_text(work, json_array_get(authors, 0), "name");

    if (name[0] == '\0') {
        name = dg_sbom_text(
            work, json_object_get(metadata, "manufacturer"), "name");
    }
    return (name[0] == '\0')
               ? dg_sbom_text(
                     work, json_object_get(metadata, "supplier"), "name")
               : name;
}

void dg_sbom_read_cyclonedx(struct dg_sbom_work *work, json_t *root)
{
    static const char *const known[] = {"1.4", "1.5", "1.6", "1.7"};
    struct dg_sbom *sbom = work->sbom;
    const json_t *metadata = json_object_get(root, "metadata");
    const json_t *product = json_object_get(metadata, "component");
    const char *serial = dg_sbom_text(work, root, "serialNumber");
    bool is_known = false;

    sbom->format = "CycloneDX";
    sbom->version = dg_sbom_text(work, root, "specVersion");
    sbom->author = author_of(work, metadata);
    sbom->made = dg_sbom_text(work, metadata, "timestamp");
    for (size_t i = 0; i < (sizeof(known) / sizeof(known[0])); i++) {
        is_known = is_known || (strcmp(known[i], sbom->version) == 0);
    }
    if (!is_known) {
        dg_sbom_find(work,
                     "SBOM-SCHEMA",
                     "specVersion",
                     "'%.30s' is not one of 1.4 to 1.7: it was read by the "
                     "rules of 1.6",
                     sbom->version);
    }
    if (strncmp(serial, "urn:uuid:", 9) != 0) {
        dg_sbom_find(work,
                     "SBOM-SERIAL",
                     "serialNumber",
                     "no urn:uuid: two lists of one product cannot be told "
                     "apart");
    }
    if (product == NULL) {
        dg_sbom_find(work,
                     "SBOM-PRODUCT",
                     "metadata",
                     "does not say which product it is about: write "
                     "metadata.component");
    } else {
        dg_sbom_take_id(
            work, dg_sbom_text(work, product, "bom-ref"), "metadata.component");
    }
    read_components(work, json_object_get(root, "components"), "", 1U);
    if (work->status == DG_OK) {
        read_dependencies(work, json_object_get(root, "dependencies"));
    }
}
