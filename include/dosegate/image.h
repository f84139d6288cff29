/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_IMAGE_H
#define DG_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/flash.h"
#include "dosegate/manifest.h"
#include "dosegate/status.h"

/* Two places for firmware, A and B, on a flash of their own:
 *
 *   sectors 0, 1         boot state, two copies (dosegate/boot.h)
 *   then half and half   slot A, slot B: one head sector, then the image
 *
 * A head holds the signed manifest, and one byte for each sector of the image
 * that is programmed from 0xFF to 0 when that sector is complete.  So a
 * download that was cut goes on where it was, and never trusts what it finds:
 * the digest over all decides in the end. */
#define DG_IMAGE_STATE_SECTORS 2U
#define DG_IMAGE_SECTORS_MIN   6U /* state, and a slot of one sector twice */
#define DG_IMAGE_SLOTS         2U
#define DG_IMAGE_MARKS_AT      512U /* in the head; room for 3,584 sectors */

/** Whether the flash can hold two slots. */
bool dg_image_is_large_enough(const struct dg_flash *flash);

/** Largest image of a slot, bytes. */
uint32_t dg_image_size_max(const struct dg_flash *flash);

/** Byte of the flash at which the image of @p slot (0, 1) begins. */
uint32_t dg_image_offset(const struct dg_flash *flash, unsigned slot);

/**
 * Make a slot ready for the image of @p manifest, or find how far an earlier
 * download of the same manifest came.
 *
 * @param      message  The signed manifest, verified by the caller.
 * @param[out] next     Byte of the image to go on with, 0 .. size.
 *
 * @retval DG_OK, DG_E_RANGE (image or manifest does not fit), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_image_begin(const struct dg_flash *flash,
                                           unsigned slot,
                                           dg_span message,
                                           const struct dg_manifest *manifest,
                                           uint32_t *next);

/**
 * Write the next bytes of the image.
 *
 * @param         bytes  At least 1, not beyond the sector that @p next is in,
 *                       not beyond the size of the image.
 * @param[in,out] next   Rises by the size of @p bytes.
 *
 * @retval DG_OK, DG_E_RANGE (crosses a sector or the end), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_image_write(const struct dg_flash *flash,
                                           unsigned slot,
                                           const struct dg_manifest *manifest,
                                           dg_span bytes,
                                           uint32_t *next);

/** Erase the head: nothing goes on from what is there.  DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_image_forget(const struct dg_flash *flash,
                                            unsigned slot);

/**
 * Read and verify the manifest in the head of a slot.
 *
 * @retval DG_OK         @p manifest is what the maker signed.
 * @retval DG_E_CORRUPT  No head, a torn one, or one that does not verify.
 * @retval DG_E_PORT     Flash or crypto failed.
 */
DG_NODISCARD enum dg_status dg_image_manifest(const struct dg_flash *flash,
                                              const struct dg_crypto *crypto,
                                              const struct dg_update_root *root,
                                              unsigned slot,
                                              struct dg_manifest *manifest);

/**
 * The same, and the image is what the manifest says, byte by byte.
 *
 * @retval DG_OK, DG_E_CORRUPT (also: the digest differs), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_image_verify(const struct dg_flash *flash,
                                            const struct dg_crypto *crypto,
                                            const struct dg_update_root *root,
                                            unsigned slot,
                                            struct dg_manifest *manifest);

#endif
