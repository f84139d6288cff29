/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/manifest.h"

#include "statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What is signed: the manifest, and whom the image is for. */
struct whole {
    struct dg_manifest manifest;
    uint8_t vendor[DG_MANIFEST_ID_SIZE];
    uint8_t device_class[DG_MANIFEST_ID_SIZE];
};

#define IN(member) DG_FIELD_IN(whole, member)

_Static_assert(offsetof(struct dg_manifest, version) ==
                   offsetof(struct dg_manifest, version_size) + 1U,
               "a text stands behind its size");

static const uint8_t purpose[] = "dosegate update 1";

/* Keys 1 to 10 of the map. */
static const struct dg_field fields[] = {
    {DG_FIELD_NUMBER, IN(manifest.sequence), 1U, DG_SIGNED_COUNTER_MAX},
    {DG_FIELD_NUMBER, IN(manifest.security_counter), 0U, DG_SIGNED_COUNTER_MAX},
    {DG_FIELD_BYTES, IN(vendor), 0U, 0U},
    {DG_FIELD_BYTES, IN(device_class), 0U, 0U},
    {DG_FIELD_NUMBER, IN(manifest.size), 1U, UINT32_MAX},
    {DG_FIELD_BYTES, IN(manifest.digest.byte), 0U, 0U},
    {DG_FIELD_NUMBER, IN(manifest.protocol_major), 0U, UINT8_MAX},
    {DG_FIELD_NUMBER, IN(manifest.layout_from), 0U, UINT8_MAX},
    {DG_FIELD_NUMBER, IN(manifest.layout_to), 0U, UINT8_MAX},
    {DG_FIELD_TEXT,
     DG_MANIFEST_VERSION_MAX,
     offsetof(struct whole, manifest.version_size),
     1U,
     DG_MANIFEST_VERSION_MAX},
};

static const struct dg_statement statement = {
    .purpose = {purpose, sizeof purpose - 1U},
    .field = fields,
    .fields = sizeof fields / sizeof fields[0],
    .layout = 1U,
    .is_map = true,
    .size = sizeof(struct whole),
    .message_max = DG_MANIFEST_MAX};

static bool is_sound(const struct dg_manifest *manifest)
{
    return manifest->layout_from <= manifest->layout_to;
}

enum dg_status dg_manifest_sign(const struct dg_crypto *crypto,
                                const struct dg_secret *private_key,
                                const struct dg_update_root *root,
                                const struct dg_manifest *manifest,
                                dg_buf room,
                                dg_span *message)
{
    struct whole whole;

    if ((root == NULL) || (manifest == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_sound(manifest)) {
        return DG_E_RANGE;
    }
    whole.manifest = *manifest;
    memcpy(whole.vendor, root->vendor, DG_MANIFEST_ID_SIZE);
    memcpy(whole.device_class, root->device_class, DG_MANIFEST_ID_SIZE);
    return dg_statement_sign(
        &statement, crypto, private_key, &whole, room, message);
}

/* @satisfies{FPT_TUD.1@1} */
enum dg_status dg_manifest_verify(const struct dg_crypto *crypto,
                                  const struct dg_update_root *root,
                                  dg_span message,
                                  struct dg_manifest *manifest)
{
    struct whole whole;

    if ((root == NULL) || (manifest == NULL)) {
        return DG_E_USAGE;
    }

    const enum dg_status status =
        dg_statement_verify(&statement, crypto, &root->key, message, &whole);

    if (status != DG_OK) {
        return status;
    }
    /* An image for somebody else is refused, whoever signed it. */
    if ((memcmp(whole.vendor, root->vendor, DG_MANIFEST_ID_SIZE) != 0) ||
        (memcmp(whole.device_class, root->device_class, DG_MANIFEST_ID_SIZE) !=
         0)) {
        return DG_E_UNSUPPORTED;
    }
    if (!is_sound(&whole.manifest)) {
        return DG_E_RANGE;
    }
    *manifest = whole.manifest;
    return DG_OK;
}
