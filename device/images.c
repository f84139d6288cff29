/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dosegate/message.h"
#include "dosegate/settings.h"

#define PATH_MAX_    520
#define FACTORY_SIZE 4096U
#define KIND_SIZE    8U
/* More resets in a row than the boot loader grants tries. */
#define RESETS_MAX (2U * DG_BOOT_TRIES)

static const char kinds[][KIND_SIZE + 1U] = {
    "good....", "crash...", "faulty.."};

static void announce(void *context, const struct dg_manifest *manifest)
{
    struct dg_images *images = context;

    images->announced = (manifest == NULL) ? 0U : manifest->sequence;
}

static void restart(void *context)
{
    struct dg_images *images = context;

    images->is_due = true;
}

static void set_up(struct dg_images *images)
{
    memcpy(images->root.vendor, "dosegate virtual", DG_MANIFEST_ID_SIZE);
    memcpy(images->root.device_class, "pump, one hormon", DG_MANIFEST_ID_SIZE);
    images->port.flash = &images->flash.port;
    images->port.root = &images->root;
    images->port.context = images;
    images->port.announce = announce;
    images->port.restart = restart;
    images->is_open = true;
}

static bool path_of(char path[PATH_MAX_], const char *dir, const char *name)
{
    const int size = snprintf(path, PATH_MAX_, "%s/%s", dir, name);

    return (size > 0) && (size < PATH_MAX_);
}

static bool write_file(const char *path, dg_span bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0) {
        return false;
    }

    const bool is_written =
        write(fd, bytes.at, bytes.size) == (ssize_t)bytes.size;

    return (close(fd) == 0) && is_written;
}

static bool read_file(const char *path, dg_buf bytes)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }

    const bool is_read =
        read(fd, bytes.at, bytes.capacity) == (ssize_t)bytes.capacity;

    return (close(fd) == 0) && is_read;
}

/* An image and its signed manifest; @p image has room for size bytes. */
static enum dg_status make_release(const struct dg_images *images,
                                   const struct dg_crypto *crypto,
                                   struct dg_manifest *manifest,
                                   enum dg_image_kind kind,
                                   uint8_t *image,
                                   dg_buf room,
                                   dg_span *message)
{
    const dg_span whole = {image, manifest->size};
    const int version = snprintf(manifest->version,
                                 sizeof manifest->version,
                                 "0.%u",
                                 (unsigned)manifest->sequence);

    if ((version <= 0) || (version >= (int)sizeof manifest->version)) {
        return DG_E_RANGE;
    }
    manifest->version_size = (uint8_t)version;
    manifest->protocol_major = DG_VERSION_MAJOR;
    manifest->layout_from = DG_SETTINGS_LAYOUT;
    manifest->layout_to = DG_SETTINGS_LAYOUT;
    for (uint32_t i = 0U; i < manifest->size; i++) {
        image[i] = (uint8_t)((i * 31U) ^ (i >> 7) ^ manifest->sequence);
    }
    memcpy(image, kinds[kind], KIND_SIZE);

    const enum dg_status status =
        crypto->sha256(crypto->context, &whole, 1U, &manifest->digest);

    if (status != DG_OK) {
        return status;
    }
    return dg_manifest_sign(
        crypto, &images->maker, &images->root, manifest, room, message);
}

/* Release 1 into slot 0, as it leaves the factory. */
static enum dg_status install_first(struct dg_images *images,
                                    const struct dg_crypto *crypto)
{
    static uint8_t image[FACTORY_SIZE];
    struct dg_manifest manifest = {
        .sequence = 1U, .security_counter = 1U, .size = sizeof image};
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message = {NULL, 0U};
    uint32_t next = 0U;
    enum dg_status status = make_release(images,
                                         crypto,
                                         &manifest,
                                         DG_IMAGE_GOOD,
                                         image,
                                         DG_BUF_OF(room),
                                         &message);

    if (status == DG_OK) {
        status =
            dg_image_begin(images->port.flash, 0U, message, &manifest, &next);
    }
    if (status == DG_OK) {
        status = dg_image_write(
            images->port.flash, 0U, &manifest, DG_SPAN_OF(image), &next);
    }
    if (status == DG_OK) {
        status = dg_boot_format(images->port.flash, crypto, &images->root, 0U);
    }
    return status;
}

enum dg_status dg_images_make(struct dg_images *images,
                              const char *dir,
                              const struct dg_crypto *crypto)
{
    char path[PATH_MAX_];

    memset(images, 0, sizeof *images);
    if (!path_of(path, dir, "maker.key") ||
        (crypto->p256_generate(
             crypto->context, &images->maker, &images->root.key) != DG_OK) ||
        !write_file(path, DG_SPAN_OF(images->maker.byte)) ||
        !path_of(path, dir, "images.bin") ||
        (dg_flash_file_create(&images->flash, path, DG_IMAGES_SECTORS) !=
         DG_OK)) {
        return DG_E_PORT;
    }
    (void)snprintf(images->dir, sizeof images->dir, "%s", dir);
    set_up(images);
    return (install_first(images, crypto) == DG_OK) ? DG_OK : DG_E_PORT;
}

enum dg_status dg_images_open(struct dg_images *images,
                              const char *dir,
                              const struct dg_crypto *crypto)
{
    char path[PATH_MAX_];

    memset(images, 0, sizeof *images);
    if (!path_of(path, dir, "images.bin")) {
        return DG_E_PORT;
    }
    if (access(path, F_OK) != 0) {
        return DG_OK;
    }

    const enum dg_status status =
        dg_flash_file_open(&images->flash, path, DG_IMAGES_SECTORS);

    if (status != DG_OK) {
        return status;
    }
    if (!path_of(path, dir, "maker.key") ||
        !read_file(path, DG_BUF_OF(images->maker.byte)) ||
        (crypto->p256_public(
             crypto->context, &images->maker, &images->root.key) != DG_OK)) {
        dg_flash_file_close(&images->flash);
        return DG_E_CORRUPT;
    }
    (void)snprintf(images->dir, sizeof images->dir, "%s", dir);
    set_up(images);
    return DG_OK;
}

static enum dg_status read_kind(const struct dg_images *images,
                                enum dg_image_kind *kind)
{
    const struct dg_flash *flash = images->port.flash;
    uint8_t bytes[KIND_SIZE];

    if (flash->read(flash->context,
                    dg_image_offset(flash, images->port.choice.slot),
                    DG_BUF_OF(bytes)) != DG_OK) {
        return DG_E_PORT;
    }
    for (unsigned i = 0U; i < (sizeof kinds / sizeof kinds[0]); i++) {
        if (memcmp(bytes, kinds[i], KIND_SIZE) == 0) {
            *kind = (enum dg_image_kind)i;
            return DG_OK;
        }
    }
    /* Signed and not an image of the virtual pump: it cannot run. */
    *kind = DG_IMAGE_CRASH;
    return DG_OK;
}

enum dg_status dg_images_boot(struct dg_images *images,
                              const struct dg_crypto *crypto,
                              enum dg_image_kind *kind)
{
    images->is_due = false;
    images->announced = 0U;
    for (unsigned reset = 0U; reset < RESETS_MAX; reset++) {
        enum dg_status status = dg_boot_choose(
            images->port.flash, crypto, &images->root, &images->port.choice);

        if (status == DG_OK) {
            status = read_kind(images, kind);
        }
        if ((status != DG_OK) || (*kind != DG_IMAGE_CRASH)) {
            return status;
        }
    }
    return DG_E_CORRUPT;
}

static bool publish(const struct dg_images *images,
                    uint32_t sequence,
                    const char *suffix,
                    dg_span bytes)
{
    char name[40];
    char path[PATH_MAX_];

    (void)snprintf(
        name, sizeof name, "release-%u.%s", (unsigned)sequence, suffix);
    return path_of(path, images->dir, name) && write_file(path, bytes);
}

enum dg_status dg_images_release(struct dg_images *images,
                                 const struct dg_crypto *crypto,
                                 uint32_t sequence,
                                 uint32_t security_counter,
                                 enum dg_image_kind kind,
                                 uint32_t size)
{
    static uint8_t image[DG_IMAGES_SIZE_MAX];
    struct dg_manifest manifest = {.sequence = sequence,
                                   .security_counter = security_counter,
                                   .size = size};
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message = {NULL, 0U};

    if ((size < DG_IMAGES_SIZE_MIN) || (size > DG_IMAGES_SIZE_MAX) ||
        (kind > DG_IMAGE_FAULTY)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = make_release(
        images, crypto, &manifest, kind, image, DG_BUF_OF(room), &message);

    if (status != DG_OK) {
        return status;
    }
    return (publish(images, sequence, "manifest", message) &&
            publish(images, sequence, "image", (dg_span){image, size}))
               ? DG_OK
               : DG_E_PORT;
}

void dg_images_close(struct dg_images *images)
{
    if (images->is_open) {
        dg_flash_file_close(&images->flash);
        images->is_open = false;
    }
}
