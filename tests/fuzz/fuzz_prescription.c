/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_prescription_verify.  Oracle: what is accepted is signed again byte
 * by byte the same (one encoding), and what is merged with what it was is never
 * looser than either. */
#include "dosegate/cose.h"
#include "dosegate/prescription.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The signature is not under test: every one holds. */
static enum dg_status any_hash(void *context,
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

static enum dg_status any_verify(void *context,
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

static enum dg_status any_sign(void *context,
                               const struct dg_secret *private_key,
                               const struct dg_hash *hash,
                               struct dg_signature *signature)
{
    (void)context;
    (void)private_key;
    (void)hash;
    memset(signature, 0x5A, sizeof *signature);
    return DG_OK;
}

/* What core/bounds.c says, in other words. */
static void check_merge(const struct dg_bounds *one,
                        const struct dg_bounds *other)
{
    struct dg_bounds made;
    bool is_same = true;

    dg_bounds_meet(one, other, &made);
    for (unsigned i = 0U; i < DG_BOUNDS; i++) {
        const bool is_less = (i == 1U) || (i == 2U);
        const int32_t low =
            (one->value[i] < other->value[i]) ? one->value[i] : other->value[i];
        const int32_t high =
            (one->value[i] < other->value[i]) ? other->value[i] : one->value[i];

        if (made.value[i] != (is_less ? high : low)) {
            abort();
        }
        is_same = is_same && (made.value[i] == other->value[i]);
    }
    if (is_same != (dg_bounds_looser(other, one) == DG_BOUNDS)) {
        abort();
    }
    for (unsigned age = 1U; age <= 3U; age++) {
        if ((dg_bounds_unsound(one, (enum dg_age_class)age) == DG_BOUNDS) &&
            (dg_bounds_unsound(other, (enum dg_age_class)age) == DG_BOUNDS) &&
            (dg_bounds_unsound(&made, (enum dg_age_class)age) != DG_BOUNDS)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_bounds other;
    const struct dg_crypto crypto = {
        .sha256 = any_hash, .es256_sign = any_sign, .es256_verify = any_verify};
    const struct dg_public_key key = {{0U}, {0U}};
    const struct dg_secret secret = {{0U}};
    struct dg_prescription prescription;
    struct dg_prescription shown;
    struct dg_cose_sign1 came;
    struct dg_cose_sign1 again;
    uint8_t room[DG_PRESCRIPTION_MAX];
    dg_span bytes;

    memset(&prescription, 0, sizeof prescription);
    if (dg_prescription_verify(
            &crypto, &key, (dg_span){data, size}, &prescription) != DG_OK) {
        return 0;
    }
    /* Who shows it without the key reads the same. */
    if ((dg_prescription_read((dg_span){data, size}, &shown) != DG_OK) ||
        (shown.counter != prescription.counter) ||
        (memcmp(&shown.bounds, &prescription.bounds, sizeof shown.bounds) !=
         0)) {
        abort();
    }
    if ((size > DG_PRESCRIPTION_MAX) || (prescription.counter == 0U) ||
        ((unsigned)prescription.age_class - 1U > 2U)) {
        abort();
    }
    if ((dg_prescription_sign(
             &crypto, &secret, &prescription, DG_BUF_OF(room), &bytes) !=
         DG_OK) ||
        (dg_cose_sign1_parse(bytes, &again) != DG_OK) ||
        (dg_cose_sign1_parse((dg_span){data, size}, &came) != DG_OK) ||
        (came.payload.size != again.payload.size) ||
        (memcmp(came.payload.at, again.payload.at, came.payload.size) != 0)) {
        abort();
    }
    /* Somewhat like it, as one profile is like the next. */
    for (unsigned i = 0U; i < DG_BOUNDS; i++) {
        other.value[i] = prescription.bounds.value[i] ^ (data[i] & 7);
    }
    check_merge(&other, &prescription.bounds);
    return 0;
}
