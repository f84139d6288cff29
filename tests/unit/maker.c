/* SPDX-License-Identifier: Apache-2.0 */
#include "maker.h"

#include <string.h>

#include "cmocka_all.h"

struct rig_flash maker_images;
struct dg_crypto maker_crypto;
struct dg_update_root maker_root;
uint8_t maker_image[MAKER_IMAGE_SIZE];

static struct dg_secret maker_key;
static uint8_t message_room[DG_MANIFEST_MAX];

void maker_init(void)
{
    static struct rig rig;
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    maker_crypto = rig.crypto;
    memset(maker_root.vendor, 0x11, sizeof maker_root.vendor);
    memset(maker_root.device_class, 0x22, sizeof maker_root.device_class);
    assert_int_equal(maker_crypto.p256_generate(
                         maker_crypto.context, &maker_key, &maker_root.key),
                     DG_OK);
}

/* An image of release @p sequence: other bytes in each. */
struct dg_manifest maker_manifest_of(uint32_t sequence, uint32_t counter)
{
    struct dg_manifest manifest;
    const dg_span whole = {maker_image, sizeof maker_image};

    for (size_t i = 0U; i < sizeof maker_image; i++) {
        maker_image[i] = (uint8_t)((i * 31U) ^ (i >> 7) ^ (sequence * 17U));
    }
    memset(&manifest, 0, sizeof manifest);
    manifest.sequence = sequence;
    manifest.security_counter = counter;
    manifest.size = sizeof maker_image;
    assert_int_equal(
        maker_crypto.sha256(maker_crypto.context, &whole, 1U, &manifest.digest),
        DG_OK);
    manifest.protocol_major = DG_VERSION_MAJOR;
    manifest.layout_from = DG_SETTINGS_LAYOUT;
    manifest.layout_to = DG_SETTINGS_LAYOUT;
    manifest.version_size = 5U;
    memcpy(manifest.version, "1.2.3", 5U);
    return manifest;
}

dg_span maker_sign(const struct dg_manifest *manifest)
{
    dg_span message = {NULL, 0U};

    assert_int_equal(dg_manifest_sign(&maker_crypto,
                                      &maker_key,
                                      &maker_root,
                                      manifest,
                                      DG_BUF_OF(message_room),
                                      &message),
                     DG_OK);
    return message;
}

/* The rest of the image into a slot; false when the power went. */
bool maker_download(unsigned slot,
                    const struct dg_manifest *manifest,
                    dg_span message)
{
    uint32_t next = 0U;
    enum dg_status status =
        dg_image_begin(&maker_images.port, slot, message, manifest, &next);

    while ((status == DG_OK) && (next < manifest->size)) {
        const uint32_t left = manifest->size - next;
        const uint32_t in_sector = RIG_SECTOR - (next % RIG_SECTOR);
        uint32_t part = (left < 256U) ? left : 256U;

        part = (part < in_sector) ? part : in_sector;
        status = dg_image_write(&maker_images.port,
                                slot,
                                manifest,
                                (dg_span){&maker_image[next], part},
                                &next);
    }
    return status == DG_OK;
}

/* A flash with release 1 in slot 0, confirmed, counter 5. */
void maker_manufacture(void)
{
    struct dg_manifest first;

    maker_init();
    first = maker_manifest_of(1U, 5U);
    rig_flash_init(&maker_images);
    assert_true(maker_download(0U, &first, maker_sign(&first)));
    assert_int_equal(
        dg_boot_format(&maker_images.port, &maker_crypto, &maker_root, 0U),
        DG_OK);
}

struct dg_boot_choice maker_choose(void)
{
    struct dg_boot_choice choice;

    assert_int_equal(
        dg_boot_choose(&maker_images.port, &maker_crypto, &maker_root, &choice),
        DG_OK);
    return choice;
}

/* Release @p sequence into slot @p slot, armed. */
void maker_install(unsigned slot, uint32_t sequence, uint32_t counter)
{
    const struct dg_manifest manifest = maker_manifest_of(sequence, counter);

    assert_true(maker_download(slot, &manifest, maker_sign(&manifest)));
    assert_int_equal(
        dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, slot),
        DG_OK);
}

void maker_spoil(unsigned slot)
{
    maker_images.bytes[dg_image_offset(&maker_images.port, slot) + 4321U] ^=
        0x10U;
}
