/* SPDX-License-Identifier: Apache-2.0 */
#include "failing.h"

#include <string.h>

static bool is_due(struct failing *failing)
{
    failing->calls++;
    return (failing->at > 0U) &&
           ((failing->how == FAILING_LASTS) ? (failing->calls >= failing->at)
                                            : (failing->calls == failing->at));
}

static bool crypto_fails(struct failing *failing)
{
    const bool fails = is_due(failing);

    failing->was_crypto = failing->was_crypto || fails;
    return fails;
}

static bool flash_fails(struct failing *failing)
{
    const bool fails = is_due(failing);

    failing->was_flash = failing->was_flash || fails;
    return fails;
}

/* Each function of the crypto port, with its name and its arguments. */
#define PASS(name, ...)                                                        \
    const struct dg_crypto *crypto = ((struct failing *)context)->true_crypto; \
                                                                               \
    return crypto_fails(context) ? DG_E_PORT                                   \
                                 : crypto->name(crypto->context, __VA_ARGS__)

static enum dg_status do_random(void *context, dg_buf out)
{
    PASS(random, out);
}

static enum dg_status do_sha256(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    PASS(sha256, parts, count, hash);
}

static enum dg_status do_hmac(void *context,
                              dg_span key,
                              const dg_span *parts,
                              size_t count,
                              struct dg_hash *mac)
{
    PASS(hmac_sha256, key, parts, count, mac);
}

static enum dg_status do_seal(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span plain,
                              dg_buf out)
{
    PASS(ccm_seal, key, tag_size, aad, plain, out);
}

static enum dg_status do_open(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span sealed,
                              dg_buf out)
{
    PASS(ccm_open, key, tag_size, aad, sealed, out);
}

static enum dg_status do_generate(void *context,
                                  struct dg_secret *private_key,
                                  struct dg_public_key *public_key)
{
    PASS(p256_generate, private_key, public_key);
}

static enum dg_status do_public(void *context,
                                const struct dg_secret *private_key,
                                struct dg_public_key *public_key)
{
    PASS(p256_public, private_key, public_key);
}

static enum dg_status do_ecdh(void *context,
                              const struct dg_secret *private_key,
                              const uint8_t peer_x[DG_P256_SIZE],
                              struct dg_secret *shared)
{
    PASS(p256_ecdh, private_key, peer_x, shared);
}

static enum dg_status do_multiply(void *context,
                                  const struct dg_secret *scalar,
                                  const struct dg_public_key *point,
                                  struct dg_public_key *product)
{
    PASS(p256_multiply, scalar, point, product);
}

static enum dg_status do_add(void *context,
                             const struct dg_public_key *a,
                             const struct dg_public_key *b,
                             struct dg_public_key *sum)
{
    PASS(p256_add, a, b, sum);
}

static enum dg_status do_sign(void *context,
                              const struct dg_secret *private_key,
                              const struct dg_hash *hash,
                              struct dg_signature *signature)
{
    PASS(es256_sign, private_key, hash, signature);
}

static enum dg_status do_verify(void *context,
                                const struct dg_public_key *public_key,
                                const struct dg_hash *hash,
                                const struct dg_signature *signature)
{
    PASS(es256_verify, public_key, hash, signature);
}

static enum dg_status do_sha256_flash(void *context,
                                      const struct dg_flash *flash,
                                      uint32_t offset,
                                      uint32_t size,
                                      struct dg_hash *hash)
{
    PASS(sha256_flash, flash, offset, size, hash);
}

static enum dg_status do_read(void *context, uint32_t offset, dg_buf out)
{
    const struct dg_flash *flash = ((struct failing *)context)->true_flash;

    return flash_fails(context) ? DG_E_PORT
                                : flash->read(flash->context, offset, out);
}

static bool write_fails(struct failing *failing)
{
    const bool fails = flash_fails(failing);

    failing->was_write = failing->was_write || fails;
    return fails;
}

/* How a write ends: done and said to be, done and said not to be, not done. */
static enum dg_status do_program(void *context, uint32_t offset, dg_span bytes)
{
    const struct failing *failing = context;
    const struct dg_flash *flash = failing->true_flash;
    const bool fails = write_fails(context);

    if (fails && (failing->how != FAILING_LATE)) {
        return DG_E_PORT;
    }

    const enum dg_status status = flash->program(flash->context, offset, bytes);

    return fails ? DG_E_PORT : status;
}

static enum dg_status do_erase(void *context, uint32_t sector)
{
    const struct failing *failing = context;
    const struct dg_flash *flash = failing->true_flash;
    const bool fails = write_fails(context);

    if (fails && (failing->how != FAILING_LATE)) {
        return DG_E_PORT;
    }

    const enum dg_status status = flash->erase(flash->context, sector);

    return fails ? DG_E_PORT : status;
}

void failing_init(struct failing *failing,
                  const struct dg_crypto *crypto,
                  const struct dg_flash *flash)
{
    memset(failing, 0, sizeof *failing);
    failing->true_crypto = crypto;
    failing->true_flash = flash;
    failing->crypto = (struct dg_crypto){failing,
                                         do_random,
                                         do_sha256,
                                         do_hmac,
                                         do_seal,
                                         do_open,
                                         do_generate,
                                         do_public,
                                         do_ecdh,
                                         do_multiply,
                                         do_add,
                                         do_sign,
                                         do_verify,
                                         do_sha256_flash};
    failing->flash = (struct dg_flash){failing,
                                       flash->sector_size,
                                       flash->sector_count,
                                       do_read,
                                       do_program,
                                       do_erase};
}

void failing_arm(struct failing *failing, uint32_t at, enum failing_how how)
{
    failing->calls = 0U;
    failing->at = at;
    failing->how = how;
    failing->was_flash = false;
    failing->was_write = false;
    failing->was_crypto = false;
}
