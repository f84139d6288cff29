/* SPDX-License-Identifier: Apache-2.0 */
/* Target: manifests, slots and the boot state.  The signature is taken for
 * good, so that the fuzzer reaches what lies behind it.  Oracle: a manifest
 * that is read is written again as the same payload; whatever the flash says,
 * an image runs only above the counter and within its slot, and reading the
 * state twice gives one answer. */
#include <stdlib.h>
#include <string.h>

#include "dosegate/boot.h"
#include "dosegate/cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTOR  4096U
#define SECTORS 8U

static uint8_t bytes[SECTOR * SECTORS];
static struct dg_update_root root;

static enum dg_status do_sha256(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    (void)context;
    (void)parts;
    (void)count;
    memset(hash, 0, sizeof *hash);
    return DG_OK;
}

static enum dg_status do_sign(void *context,
                              const struct dg_secret *private_key,
                              const struct dg_hash *hash,
                              struct dg_signature *signature)
{
    (void)context;
    (void)private_key;
    (void)hash;
    memset(signature, 0, sizeof *signature);
    return DG_OK;
}

static enum dg_status do_verify(void *context,
                                const struct dg_public_key *public_key,
                                const struct dg_hash *hash,
                                const struct dg_signature *signature)
{
    (void)context;
    (void)public_key;
    (void)hash;
    (void)signature;
    return DG_OK;
}

/* The first 32 bytes of the image: a digest that a fuzzer can hit. */
static enum dg_status do_sha256_flash(void *context,
                                      const struct dg_flash *flash,
                                      uint32_t offset,
                                      uint32_t size,
                                      struct dg_hash *hash)
{
    (void)context;
    if ((offset > sizeof bytes) || (size > (sizeof bytes - offset))) {
        abort();
    }
    return flash->read(flash->context, offset, DG_BUF_OF(hash->byte));
}

static const struct dg_crypto crypto = {.sha256 = do_sha256,
                                        .es256_sign = do_sign,
                                        .es256_verify = do_verify,
                                        .sha256_flash = do_sha256_flash};

static enum dg_status do_read(void *context, uint32_t offset, dg_buf out)
{
    (void)context;
    if ((offset > sizeof bytes) || (out.capacity > (sizeof bytes - offset))) {
        abort();
    }
    memcpy(out.at, &bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status do_program(void *context, uint32_t offset, dg_span part)
{
    (void)context;
    if ((offset > sizeof bytes) || (part.size > (sizeof bytes - offset))) {
        abort();
    }
    for (size_t i = 0U; i < part.size; i++) {
        bytes[offset + i] &= part.at[i];
    }
    return DG_OK;
}

static enum dg_status do_erase(void *context, uint32_t sector)
{
    (void)context;
    if (sector >= SECTORS) {
        abort();
    }
    memset(&bytes[sector * SECTOR], 0xFF, SECTOR);
    return DG_OK;
}

static const struct dg_flash flash = {
    NULL, SECTOR, SECTORS, do_read, do_program, do_erase};

static void fuzz_manifest(dg_span message)
{
    static const struct dg_secret key;
    uint8_t room[DG_MANIFEST_MAX];
    struct dg_manifest manifest;
    struct dg_cose_sign1 was;
    struct dg_cose_sign1 is;
    dg_span again;

    if (dg_manifest_verify(&crypto, &root, message, &manifest) != DG_OK) {
        return;
    }
    if ((dg_manifest_sign(
             &crypto, &key, &root, &manifest, DG_BUF_OF(room), &again) !=
         DG_OK) ||
        (dg_cose_sign1_parse(message, &was) != DG_OK) ||
        (dg_cose_sign1_parse(again, &is) != DG_OK) ||
        (was.payload.size != is.payload.size) ||
        (memcmp(was.payload.at, is.payload.at, is.payload.size) != 0)) {
        abort();
    }
}

/* The input fills the beginnings of the state's copies, the heads and the
 * images. */
static void fuzz_flash(dg_span input)
{
    static const uint32_t starts[] = {
        0U, SECTOR, 2U * SECTOR, 3U * SECTOR, 5U * SECTOR, 6U * SECTOR};
    struct dg_boot_choice first;
    struct dg_boot_choice second;
    struct dg_boot_state state;
    const size_t share = input.size / 6U;

    memset(bytes, 0xFF, sizeof bytes);
    for (size_t i = 0U; i < 6U; i++) {
        const size_t part = (share < SECTOR) ? share : SECTOR;

        if (part > 0U) {
            memcpy(&bytes[starts[i]], &input.at[i * share], part);
        }
    }
    if (dg_boot_choose(&flash, &crypto, &root, &first) != DG_OK) {
        return;
    }
    if ((first.manifest.security_counter < first.state.security_counter) ||
        (first.manifest.size > dg_image_size_max(&flash)) ||
        (first.slot >= DG_IMAGE_SLOTS) ||
        (dg_boot_read(&flash, &state) != DG_OK) ||
        (state.security_counter != first.state.security_counter)) {
        abort();
    }
    /* A trial comes to an end; a confirmed image stays. */
    for (unsigned i = 0U; i <= DG_BOOT_TRIES; i++) {
        if (dg_boot_choose(&flash, &crypto, &root, &second) != DG_OK) {
            return;
        }
    }
    if (second.is_trial || (!first.is_trial && (second.slot != first.slot))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0U) {
        return 0;
    }

    const dg_span rest = {&data[1], size - 1U};

    if ((data[0] & 1U) == 0U) {
        fuzz_manifest(rest);
    } else {
        fuzz_flash(rest);
    }
    return 0;
}
