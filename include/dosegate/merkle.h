/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MERKLE_H
#define DG_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Merkle trees as RFC 9162 (2.1) has them, with SHA-256:
 *
 *   leaf = H(00 || entry)   node = H(01 || left || right)   empty = H()
 *
 * A tree of n > 1 leaves splits at the largest power of two below n.
 *
 * Trusted: the tree in RAM.  Untrusted: sizes, hashes and proofs that are
 * verified.  Kept for any input: a verifier reads @count nodes and no more. */

/* A log of up to 2^24 - 1 leaves: one a minute for 31 years. */
#define DG_MERKLE_LEVELS    24U
#define DG_MERKLE_LEAVES    0x00FFFFFFU
#define DG_MERKLE_PROOF_MAX (DG_MERKLE_LEVELS + 1U)

/* A growing tree by its complete subtrees alone: @peak[i] is the root of 2^i
 * leaves and counts where bit i of @size is set.  All zero is the empty
 * tree. */
struct dg_merkle {
    uint32_t size; /* 0 .. DG_MERKLE_LEAVES */
    struct dg_hash peak[DG_MERKLE_LEVELS];
};

/* Leaves @first .. @end - 1; the hash of that subtree is a node of a proof. */
struct dg_merkle_range {
    uint32_t first;
    uint32_t end;
};

/* Which nodes a proof consists of, in its order. */
struct dg_merkle_plan {
    size_t count; /* 0 .. DG_MERKLE_PROOF_MAX */
    struct dg_merkle_range range[DG_MERKLE_PROOF_MAX];
};

/** Hash one entry into its leaf.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_merkle_leaf(const struct dg_crypto *crypto,
                                           dg_span entry,
                                           struct dg_hash *leaf);

/**
 * Add a leaf at the end.
 *
 * @retval DG_OK       @p tree has one leaf more.
 * @retval DG_E_STATE  The tree has DG_MERKLE_LEAVES leaves.
 * @retval DG_E_PORT   The crypto port failed; @p tree is unchanged.
 */
DG_NODISCARD enum dg_status dg_merkle_add(struct dg_merkle *tree,
                                          const struct dg_crypto *crypto,
                                          const struct dg_hash *leaf);

/** Give the root of the tree as it is now.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_merkle_root(const struct dg_merkle *tree,
                                           const struct dg_crypto *crypto,
                                           struct dg_hash *root);

/**
 * Name the nodes of an inclusion proof (RFC 9162, 2.1.3.1).
 *
 * Every range ends at or before @p index, or begins after it.
 *
 * @param index  0 .. size - 1.
 * @param size   1 .. DG_MERKLE_LEAVES.
 *
 * @retval DG_OK, DG_E_RANGE (@p plan is then empty).
 */
DG_NODISCARD enum dg_status dg_merkle_plan_inclusion(
    uint32_t index, uint32_t size, struct dg_merkle_plan *plan);

/**
 * Name the nodes of a consistency proof (RFC 9162, 2.1.4.1).
 *
 * Every range ends at or before @p from, and is then a peak of the tree of
 * @p from leaves; or begins at or after it.
 *
 * @param from  1 .. size.
 * @param size  1 .. DG_MERKLE_LEAVES.
 *
 * @retval DG_OK, DG_E_RANGE (@p plan is then empty).
 */
DG_NODISCARD enum dg_status dg_merkle_plan_consistency(
    uint32_t from, uint32_t size, struct dg_merkle_plan *plan);

/**
 * Verify that a leaf stands at @p index of the tree (RFC 9162, 2.1.3.2).
 *
 * @param proof  @p count nodes; may be NULL when @p count is 0.
 *
 * @retval DG_OK       It does.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_AUTH   It does not, or the proof is longer or shorter than this
 *                     place needs.
 * @retval DG_E_PORT   The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_merkle_verify_inclusion(
    const struct dg_crypto *crypto,
    uint64_t index,
    uint64_t size,
    const struct dg_hash *leaf,
    const struct dg_hash *proof,
    size_t count,
    const struct dg_hash *root);

/**
 * Verify that the tree of @p from leaves is the beginning of the tree of
 * @p size leaves (RFC 9162, 2.1.4.2).
 *
 * @p from of 0 proves nothing and is refused; equal sizes want an empty proof
 * and equal roots.
 *
 * @retval DG_OK       It is.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_AUTH   It is not, or not by this proof.
 * @retval DG_E_PORT   The crypto port failed.
 */
DG_NODISCARD enum dg_status dg_merkle_verify_consistency(
    const struct dg_crypto *crypto,
    uint64_t from,
    uint64_t size,
    const struct dg_hash *from_root,
    const struct dg_hash *root,
    const struct dg_hash *proof,
    size_t count);

#endif
