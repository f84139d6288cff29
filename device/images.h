/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_IMAGES_H
#define DG_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/update.h"
#include "flash_file.h"

/* The second flash of the virtual pump, its boot loader, and its maker.
 *
 * The process is the same whichever image "runs"; an image of the virtual pump
 * only says how it behaves, in its first bytes.  So update, trial and way back
 * are real and the firmware is not.  The maker's key lies beside the flash:
 * the bench plays the maker as it plays the sensor. */
#define DG_IMAGES_SECTORS  36U /* two slots of 64 KiB */
#define DG_IMAGES_SIZE_MIN 16U
#define DG_IMAGES_SIZE_MAX 65536U

enum dg_image_kind {
    DG_IMAGE_GOOD = 0,
    DG_IMAGE_CRASH = 1,  /* its watchdog bites as soon as it runs */
    DG_IMAGE_FAULTY = 2, /* its random numbers are all zero       */
};

struct dg_images {
    bool is_open; /* else this pump cannot be updated */
    struct dg_flash_file flash;
    struct dg_update_root root;
    struct dg_secret maker;
    struct dg_update_port port;
    uint32_t announced; /* sequence that waits for the button, 0: none */
    bool is_due;        /* the device asked for a reset */
    char dir[480];
};

/**
 * Manufacture: make @p dir/images.bin with release 1, and @p dir/maker.key.
 *
 * @retval DG_OK, DG_E_PORT (errno tells why).
 */
DG_NODISCARD enum dg_status dg_images_make(struct dg_images *images,
                                           const char *dir,
                                           const struct dg_crypto *crypto);

/**
 * Open what dg_images_make() made.  Without images.bin the pump cannot be
 * updated: DG_OK, and is_open is false.
 *
 * @retval DG_OK, DG_E_STATE (in use), DG_E_CORRUPT (not ours), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_images_open(struct dg_images *images,
                                           const char *dir,
                                           const struct dg_crypto *crypto);

/**
 * What the boot loader does at a reset; an image that crashes is reset by its
 * watchdog until it gives up.
 *
 * @param[out] kind  How the image that runs behaves.
 *
 * @retval DG_OK, DG_E_CORRUPT (nothing may run), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_images_boot(struct dg_images *images,
                                           const struct dg_crypto *crypto,
                                           enum dg_image_kind *kind);

/**
 * The maker publishes a release: @p dir/release-N.manifest and .image.
 *
 * @param size  DG_IMAGES_SIZE_MIN .. DG_IMAGES_SIZE_MAX bytes.
 *
 * @retval DG_OK, DG_E_RANGE, DG_E_PORT (errno tells why).
 */
DG_NODISCARD enum dg_status dg_images_release(struct dg_images *images,
                                              const struct dg_crypto *crypto,
                                              uint32_t sequence,
                                              uint32_t security_counter,
                                              enum dg_image_kind kind,
                                              uint32_t size);

void dg_images_close(struct dg_images *images);

#endif
