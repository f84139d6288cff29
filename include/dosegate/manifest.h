/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MANIFEST_H
#define DG_MANIFEST_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* What a firmware image is, said by the maker: a COSE_Sign1 with the purpose
 * "dosegate update 1" over one deterministic CBOR map (docs/protocol.md).  Of
 * the IETF's manifests (SUIT) it keeps the conditions and none of the
 * commands: what the device does with an image is fixed in the device. */
#define DG_MANIFEST_MAX         256U
#define DG_MANIFEST_ID_SIZE     16U
#define DG_MANIFEST_VERSION_MAX 16U

/* What the boot loader was built with, and no message changes. */
struct dg_update_root {
    uint8_t vendor[DG_MANIFEST_ID_SIZE];
    uint8_t device_class[DG_MANIFEST_ID_SIZE];
    struct dg_public_key key;
};

struct dg_manifest {
    uint32_t sequence;         /* of the release, 1 .. ; rises with each one */
    uint32_t security_counter; /* never falls; a fix that is no matter of
                                  security keeps it */
    uint32_t size;             /* of the image, bytes, 1 .. */
    struct dg_hash digest;     /* plain SHA-256 of the image */
    uint8_t protocol_major;    /* least that a phone must speak */
    uint8_t layout_from;       /* layouts of the settings that the image */
    uint8_t layout_to;         /* reads, both ends included              */
    uint8_t version_size;      /* 1 .. DG_MANIFEST_VERSION_MAX */
    char version[DG_MANIFEST_VERSION_MAX]; /* for people; decides nothing */
};

/**
 * Write and sign a manifest (the maker's side).
 *
 * @param      room     At least DG_MANIFEST_MAX bytes.
 * @param[out] message  Inside @p room.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (a field out of range),
 *         DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_manifest_sign(
    const struct dg_crypto *crypto,
    const struct dg_secret *private_key,
    const struct dg_update_root *root,
    const struct dg_manifest *manifest,
    dg_buf room,
    dg_span *message);

/**
 * Verify a manifest and read it.
 *
 * @param[out] manifest  Untouched unless DG_OK.
 *
 * @retval DG_OK             The maker said so, and of this class of device.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_AUTH         The signature does not hold.
 * @retval DG_E_UNSUPPORTED  Another vendor, class, format or a key that is not
 *                           known: everything in a manifest is critical.
 * @retval DG_E_RANGE        A field outside its range, or above
 *                           DG_MANIFEST_MAX bytes.
 * @retval DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_manifest_verify(
    const struct dg_crypto *crypto,
    const struct dg_update_root *root,
    dg_span message,
    struct dg_manifest *manifest);

#endif
