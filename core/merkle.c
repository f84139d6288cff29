/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/merkle.h"

#include <stdbool.h>
#include <string.h>

/* RFC 9162, 2.1.1: what tells a leaf from a node. */
static const uint8_t leaf_mark[1] = {0x00U};
static const uint8_t node_mark[1] = {0x01U};

enum dg_status dg_merkle_leaf(const struct dg_crypto *crypto,
                              dg_span entry,
                              struct dg_hash *leaf)
{
    const dg_span parts[2] = {DG_SPAN_OF(leaf_mark), entry};

    return crypto->sha256(crypto->context, parts, 2U, leaf);
}

/* @out may be one of the two that go in. */
static enum dg_status node_of(const struct dg_crypto *crypto,
                              const struct dg_hash *left,
                              const struct dg_hash *right,
                              struct dg_hash *out)
{
    struct dg_hash node;
    const dg_span parts[3] = {
        DG_SPAN_OF(node_mark), DG_SPAN_OF(left->byte), DG_SPAN_OF(right->byte)};
    const enum dg_status status =
        crypto->sha256(crypto->context, parts, 3U, &node);

    if (status == DG_OK) {
        *out = node;
    }
    return status;
}

/* @satisfies{FAU_LOG.1@1} */
enum dg_status dg_merkle_add(struct dg_merkle *tree,
                             const struct dg_crypto *crypto,
                             const struct dg_hash *leaf)
{
    struct dg_hash node = *leaf;
    unsigned level = 0U;

    if (tree->size >= DG_MERKLE_LEAVES) {
        return DG_E_STATE;
    }
    /* As a binary counter carries: two peaks of one height become one. */
    while (((tree->size >> level) & 1U) != 0U) {
        const enum dg_status status =
            node_of(crypto, &tree->peak[level], &node, &node);

        if (status != DG_OK) {
            return status;
        }
        level++;
    }
    tree->peak[level] = node;
    tree->size++;
    return DG_OK;
}

enum dg_status dg_merkle_root(const struct dg_merkle *tree,
                              const struct dg_crypto *crypto,
                              struct dg_hash *root)
{
    const dg_span none = {NULL, 0U};
    enum dg_status status = DG_OK;
    bool has_any = false;

    if (tree->size == 0U) {
        return crypto->sha256(crypto->context, &none, 1U, root);
    }
    /* The lowest peak is the rightmost one; each higher one stands left. */
    for (unsigned level = 0U; (status == DG_OK) && (level < DG_MERKLE_LEVELS);
         level++) {
        if (((tree->size >> level) & 1U) == 0U) {
            continue;
        }
        if (has_any) {
            status = node_of(crypto, &tree->peak[level], root, root);
        } else {
            *root = tree->peak[level];
        }
        has_any = true;
    }
    return status;
}

/* plans ------------------------------------------------------------------ */

/* Largest power of two below @n; wants n > 1. */
static uint32_t split_of(uint32_t n)
{
    uint32_t split = 1U;

    while (split < (n - split)) {
        split *= 2U;
    }
    return split;
}

/* A path is found from the root down, and a proof goes from the leaf up. */
static void reverse(struct dg_merkle_plan *plan)
{
    for (size_t i = 0U; i < (plan->count / 2U); i++) {
        const struct dg_merkle_range range = plan->range[i];

        plan->range[i] = plan->range[plan->count - 1U - i];
        plan->range[plan->count - 1U - i] = range;
    }
}

static void push(struct dg_merkle_plan *plan, uint32_t first, uint32_t end)
{
    plan->range[plan->count] = (struct dg_merkle_range){first, end};
    plan->count++;
}

enum dg_status dg_merkle_plan_inclusion(uint32_t index,
                                        uint32_t size,
                                        struct dg_merkle_plan *plan)
{
    uint32_t first = 0U;
    uint32_t end = size;

    plan->count = 0U;
    if ((size > DG_MERKLE_LEAVES) || (index >= size)) {
        return DG_E_RANGE;
    }
    while ((end - first) > 1U) {
        const uint32_t middle = first + split_of(end - first);

        if (index < middle) {
            push(plan, middle, end);
            end = middle;
        } else {
            push(plan, first, middle);
            first = middle;
        }
    }
    reverse(plan);
    return DG_OK;
}

enum dg_status dg_merkle_plan_consistency(uint32_t from,
                                          uint32_t size,
                                          struct dg_merkle_plan *plan)
{
    uint32_t first = 0U;
    uint32_t end = size;

    plan->count = 0U;
    if ((size > DG_MERKLE_LEAVES) || (from == 0U) || (from > size)) {
        return DG_E_RANGE;
    }
    while (end != from) {
        const uint32_t middle = first + split_of(end - first);

        if (from <= middle) {
            push(plan, middle, end);
            end = middle;
        } else {
            push(plan, first, middle);
            first = middle;
        }
    }
    /* The old tree as a whole is known to whoever asks. */
    if (first != 0U) {
        push(plan, first, end);
    }
    reverse(plan);
    return DG_OK;
}

/* verifying -------------------------------------------------------------- */

static bool is_same(const struct dg_hash *a, const struct dg_hash *b)
{
    return memcmp(a->byte, b->byte, DG_HASH_SIZE) == 0;
}

/* Where a path stands on its way up: node @fn of a level whose last is @sn. */
struct climb {
    uint64_t fn;
    uint64_t sn;
};

/* One level up past a node on the left; levels at which the path has no
 * neighbour are passed at once. */
static void climb_right_edge(struct climb *climb)
{
    while (((climb->fn & 1U) == 0U) && (climb->fn != 0U)) {
        climb->fn >>= 1;
        climb->sn >>= 1;
    }
}

static bool is_left_sibling(const struct climb *climb)
{
    return ((climb->fn & 1U) != 0U) || (climb->fn == climb->sn);
}

enum dg_status dg_merkle_verify_inclusion(const struct dg_crypto *crypto,
                                          uint64_t index,
                                          uint64_t size,
                                          const struct dg_hash *leaf,
                                          const struct dg_hash *proof,
                                          size_t count,
                                          const struct dg_hash *root)
{
    if ((crypto == NULL) || (leaf == NULL) || (root == NULL) ||
        ((proof == NULL) && (count != 0U))) {
        return DG_E_USAGE;
    }
    if (index >= size) {
        return DG_E_AUTH;
    }

    struct climb climb = {index, size - 1U};
    struct dg_hash hash = *leaf;

    for (size_t i = 0U; i < count; i++) {
        enum dg_status status = DG_OK;

        if (climb.sn == 0U) {
            return DG_E_AUTH;
        }
        if (is_left_sibling(&climb)) {
            status = node_of(crypto, &proof[i], &hash, &hash);
            climb_right_edge(&climb);
        } else {
            status = node_of(crypto, &hash, &proof[i], &hash);
        }
        if (status != DG_OK) {
            return status;
        }
        climb.fn >>= 1;
        climb.sn >>= 1;
    }
    return ((climb.sn == 0U) && is_same(&hash, root)) ? DG_OK : DG_E_AUTH;
}

/* Both roots at once, from the node where the old tree ends. */
static enum dg_status climb_both(const struct dg_crypto *crypto,
                                 struct climb climb,
                                 const struct dg_hash *start,
                                 const struct dg_hash *proof,
                                 size_t count,
                                 struct dg_hash roots[2])
{
    roots[0] = *start;
    roots[1] = *start;
    for (size_t i = 0U; i < count; i++) {
        enum dg_status status = DG_OK;

        if (climb.sn == 0U) {
            return DG_E_AUTH;
        }
        if (is_left_sibling(&climb)) {
            status = node_of(crypto, &proof[i], &roots[0], &roots[0]);
            if (status == DG_OK) {
                status = node_of(crypto, &proof[i], &roots[1], &roots[1]);
            }
            climb_right_edge(&climb);
        } else {
            status = node_of(crypto, &roots[1], &proof[i], &roots[1]);
        }
        if (status != DG_OK) {
            return status;
        }
        climb.fn >>= 1;
        climb.sn >>= 1;
    }
    return (climb.sn == 0U) ? DG_OK : DG_E_AUTH;
}

enum dg_status dg_merkle_verify_consistency(const struct dg_crypto *crypto,
                                            uint64_t from,
                                            uint64_t size,
                                            const struct dg_hash *from_root,
                                            const struct dg_hash *root,
                                            const struct dg_hash *proof,
                                            size_t count)
{
    if ((crypto == NULL) || (from_root == NULL) || (root == NULL) ||
        ((proof == NULL) && (count != 0U))) {
        return DG_E_USAGE;
    }
    if ((from == 0U) || (from > size)) {
        return DG_E_AUTH;
    }
    if (from == size) {
        return ((count == 0U) && is_same(from_root, root)) ? DG_OK : DG_E_AUTH;
    }
    if (count == 0U) {
        return DG_E_AUTH;
    }

    /* An old tree of a power of two is itself the node to start from, and the
     * proof does not repeat it. */
    const bool is_whole = (from & (from - 1U)) == 0U;
    const size_t used = is_whole ? 0U : 1U;
    struct climb climb = {from - 1U, size - 1U};
    struct dg_hash roots[2];

    while ((climb.fn & 1U) != 0U) {
        climb.fn >>= 1;
        climb.sn >>= 1;
    }

    const enum dg_status status = climb_both(crypto,
                                             climb,
                                             is_whole ? from_root : &proof[0],
                                             &proof[used],
                                             count - used,
                                             roots);

    if (status != DG_OK) {
        return status;
    }
    return (is_same(&roots[0], from_root) && is_same(&roots[1], root))
               ? DG_OK
               : DG_E_AUTH;
}
