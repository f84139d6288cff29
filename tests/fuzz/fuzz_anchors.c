/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_anchors_open over contents that somebody signed.  Oracle: what is
 * taken is in date and in range, is not taken a second after its end, a second
 * before its beginning, or after a higher version. */
#include "attest/anchors.h"

#include <stdlib.h>
#include <string.h>

#include "attest/anchors_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

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

static enum dg_status try_at(dg_span file,
                             int64_t at_s,
                             uint32_t version_min,
                             struct dg_anchors_head *head)
{
    const struct dg_crypto crypto = {.sha256 = any_hash,
                                     .es256_verify = any_verify};
    const struct dg_public_key key = {{0U}, {0U}};
    struct dg_anchors *anchors = NULL;
    char reason[DG_REASON_MAX];
    const enum dg_status status = dg_anchors_open(
        &crypto, &key, file, at_s, version_min, &anchors, reason);

    need((status == DG_OK) == (anchors != NULL));
    need((status == DG_OK) == (reason[0] == '\0'));
    *head = dg_anchors_head(anchors);
    if (anchors != NULL) {
        const uint8_t long_serial[21] = {1U};

        need(!dg_anchors_is_revoked(anchors, DG_SPAN_OF(long_serial)));
    }
    dg_anchors_free(anchors);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dg_span file = {data, size};
    struct dg_anchors_head head;
    struct dg_anchors_head other;
    /* The time of the seed. */
    const int64_t now_s = 1800000000;

    if ((size == 0U) || (try_at(file, now_s, 0U, &head) != DG_OK)) {
        return 0;
    }
    need((head.version >= 1U) && (head.roots >= 1U) && (head.roots <= 16U));
    need((head.issued_s <= now_s) && (now_s <= head.expires_s));
    need((head.expires_s - head.issued_s) <= (int64_t)DG_ANCHOR_LIFE_S_MAX);
    need(!head.has_revocation || (head.listed_s <= head.issued_s));
    need(try_at(file, head.expires_s + 1, 0U, &other) == DG_E_STATE);
    need(try_at(file, head.issued_s - 1, 0U, &other) == DG_E_STATE);
    need((head.version == UINT32_MAX) ||
         (try_at(file, now_s, head.version + 1U, &other) == DG_E_REPLAY));
    return 0;
}
