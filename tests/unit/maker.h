/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_MAKER_H
#define DG_TEST_MAKER_H

#include "dosegate/boot.h"
#include "rig.h"

/* The maker of a device and its second flash: releases, manifests, slots. */
#define MAKER_IMAGE_SIZE 9000U /* three sectors, the last in part */

extern struct rig_flash maker_images;
extern struct dg_crypto maker_crypto;
extern struct dg_update_root maker_root;
extern uint8_t maker_image[MAKER_IMAGE_SIZE]; /* of the last release made */

/** A maker with a new key, for one vendor and class. */
void maker_init(void);

/** Make release @p sequence: other bytes in each. */
struct dg_manifest maker_manifest_of(uint32_t sequence, uint32_t counter);

/** Its signed manifest; the span lasts until the next call. */
dg_span maker_sign(const struct dg_manifest *manifest);

/** The rest of the image into a slot; false when the power went. */
bool maker_download(unsigned slot,
                    const struct dg_manifest *manifest,
                    dg_span message);

/** A flash with release 1 in slot 0, confirmed, counter 5. */
void maker_manufacture(void);

/** What the boot loader decides at a reset. */
struct dg_boot_choice maker_choose(void);

/** Release @p sequence into @p slot, armed. */
void maker_install(unsigned slot, uint32_t sequence, uint32_t counter);

/** Flip a bit of the image in @p slot. */
void maker_spoil(unsigned slot);

#endif
