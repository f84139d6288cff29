/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/merkle.h"
#include "ports/host/crypto_openssl.h"
#include "vectors.h"

static struct dg_crypto crypto;

#define NODES_MAX 80U

static struct dg_hash hash_of(const char *hex)
{
    struct dg_hash hash;
    uint8_t room[128];
    const dg_span bytes = vectors_hex(hex, DG_BUF_OF(room));

    memset(&hash, 0, sizeof hash);
    /* Some cases use a short text for a root that is only compared. */
    memcpy(hash.byte,
           bytes.at,
           (bytes.size < sizeof hash.byte) ? bytes.size : sizeof hash.byte);
    return hash;
}

static struct dg_hash member(const json_t *object, const char *name)
{
    return hash_of(json_string_value(json_object_get(object, name)));
}

/* Sizes are decimal strings in one file and numbers in the other. */
static uint64_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    assert_non_null(value);
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                                 : (uint64_t)json_integer_value(value);
}

/* A node of another length than a hash cannot be handed over at all: then the
 * case says so. */
static bool nodes_of(const json_t *object,
                     struct dg_hash nodes[NODES_MAX],
                     size_t *count)
{
    const json_t *proof = json_object_get(object, "proof");

    *count = json_array_size(proof);
    assert_true(*count <= NODES_MAX);
    for (size_t i = 0U; i < *count; i++) {
        const char *hex = json_string_value(json_array_get(proof, i));

        if (strlen(hex) != 64U) {
            return false;
        }
        nodes[i] = hash_of(hex);
    }
    return true;
}

static bool is_hash(const json_t *object, const char *name)
{
    const size_t size =
        strlen(json_string_value(json_object_get(object, name)));

    return (size > 0U) && (size <= 64U);
}

/* @verifies{FAU_LOG.1@1} @verifies{FAU_LOG.3@1} */
static void test_merkle__published_inclusion__each_as_told(void **state)
{
    json_t *cases = vectors_load("merkle/inclusion.json");
    struct dg_hash nodes[NODES_MAX];
    unsigned held = 0U;
    unsigned refused = 0U;

    (void)state;
    for (size_t i = 0U; i < json_array_size(cases); i++) {
        const json_t *test = json_array_get(cases, i);
        const bool valid = json_is_true(json_object_get(test, "valid"));
        size_t count = 0U;
        enum dg_status status = DG_E_AUTH;

        if (nodes_of(test, nodes, &count) && is_hash(test, "root") &&
            is_hash(test, "leafHash")) {
            const struct dg_hash leaf = member(test, "leafHash");
            const struct dg_hash root = member(test, "root");

            status = dg_merkle_verify_inclusion(&crypto,
                                                number(test, "leafIdx"),
                                                number(test, "treeSize"),
                                                &leaf,
                                                nodes,
                                                count,
                                                &root);
        }
        if (status != (valid ? DG_OK : DG_E_AUTH)) {
            fail_msg("%s: %s",
                     json_string_value(json_object_get(test, "name")),
                     dg_status_name(status));
        }
        held += valid ? 1U : 0U;
        refused += valid ? 0U : 1U;
    }
    assert_int_equal(held + refused, 98U);
    assert_true((held > 0U) && (refused > 0U));
    json_decref(cases);
}

/* @verifies{FAU_LOG.3@1} */
static void test_merkle__published_consistency__each_as_told(void **state)
{
    json_t *cases = vectors_load("merkle/consistency.json");
    struct dg_hash nodes[NODES_MAX];
    unsigned held = 0U;
    unsigned refused = 0U;

    (void)state;
    for (size_t i = 0U; i < json_array_size(cases); i++) {
        const json_t *test = json_array_get(cases, i);
        const bool valid = json_is_true(json_object_get(test, "valid"));
        size_t count = 0U;
        enum dg_status status = DG_E_AUTH;

        if (nodes_of(test, nodes, &count) && is_hash(test, "root1") &&
            is_hash(test, "root2")) {
            const struct dg_hash from = member(test, "root1");
            const struct dg_hash root = member(test, "root2");

            status = dg_merkle_verify_consistency(&crypto,
                                                  number(test, "size1"),
                                                  number(test, "size2"),
                                                  &from,
                                                  &root,
                                                  nodes,
                                                  count);
        }
        if (status != (valid ? DG_OK : DG_E_AUTH)) {
            fail_msg("%s: %s",
                     json_string_value(json_object_get(test, "name")),
                     dg_status_name(status));
        }
        held += valid ? 1U : 0U;
        refused += valid ? 0U : 1U;
    }
    assert_int_equal(held + refused, 98U);
    assert_true((held > 0U) && (refused > 0U));
    json_decref(cases);
}

/* our own trees ------------------------------------------------------------ */

static struct dg_hash leaves[600];

static void add(struct dg_merkle *tree, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        assert_int_equal(dg_merkle_add(tree, &crypto, &leaves[i]), DG_OK);
    }
}

static struct dg_hash root_of(uint32_t first, uint32_t end)
{
    struct dg_merkle tree;
    struct dg_hash root;

    memset(&tree, 0, sizeof tree);
    add(&tree, first, end);
    assert_int_equal(dg_merkle_root(&tree, &crypto, &root), DG_OK);
    return root;
}

/* The definition of RFC 9162, 2.1.1, word for word: the oracle. */
static struct dg_hash recursive_root(uint32_t first, uint32_t end)
{
    struct dg_hash hash;
    uint32_t split = 1U;
    uint8_t mark = 1U;

    if ((end - first) == 1U) {
        return leaves[first];
    }
    while ((split * 2U) < (end - first)) {
        split *= 2U;
    }

    const struct dg_hash left = recursive_root(first, first + split);
    const struct dg_hash right = recursive_root(first + split, end);
    const dg_span parts[3] = {
        {&mark, 1U}, DG_SPAN_OF(left.byte), DG_SPAN_OF(right.byte)};

    assert_int_equal(crypto.sha256(crypto.context, parts, 3U, &hash), DG_OK);
    return hash;
}

static size_t resolve(const struct dg_merkle_plan *plan, struct dg_hash *nodes)
{
    for (size_t i = 0U; i < plan->count; i++) {
        nodes[i] = root_of(plan->range[i].first, plan->range[i].end);
    }
    return plan->count;
}

/* @verifies{FAU_LOG.1@1} */
static void test_merkle__published_trees__roots_and_proofs(void **state)
{
    json_t *file = vectors_load("merkle/trees.json");
    const json_t *entries = json_object_get(file, "leaves");
    const json_t *trees = json_object_get(file, "trees");
    struct dg_hash nodes[DG_MERKLE_PROOF_MAX];
    struct dg_hash want[NODES_MAX];
    struct dg_merkle_plan plan;
    size_t count = 0U;

    (void)state;
    for (size_t i = 0U; i < json_array_size(entries); i++) {
        uint8_t room[256];
        const dg_span entry = vectors_hex(
            json_string_value(json_array_get(entries, i)), DG_BUF_OF(room));

        assert_int_equal(dg_merkle_leaf(&crypto, entry, &leaves[i]), DG_OK);
    }
    assert_int_equal(json_array_size(trees), 22U);
    for (size_t i = 0U; i < json_array_size(trees); i++) {
        const json_t *tree = json_array_get(trees, i);
        const struct dg_hash root = root_of(0U, (uint32_t)number(tree, "size"));
        const struct dg_hash told = member(tree, "root");

        assert_memory_equal(&root, &told, sizeof root);
    }

    const json_t *inclusion = json_object_get(file, "inclusion");

    for (size_t i = 0U; i < json_array_size(inclusion); i++) {
        const json_t *test = json_array_get(inclusion, i);

        assert_true(nodes_of(test, want, &count));
        assert_int_equal(
            dg_merkle_plan_inclusion((uint32_t)number(test, "index"),
                                     (uint32_t)number(test, "size"),
                                     &plan),
            DG_OK);
        assert_int_equal(resolve(&plan, nodes), count);
        assert_memory_equal(nodes, want, count * sizeof nodes[0]);
    }

    const json_t *consistency = json_object_get(file, "consistency");

    for (size_t i = 0U; i < json_array_size(consistency); i++) {
        const json_t *test = json_array_get(consistency, i);

        assert_true(nodes_of(test, want, &count));
        assert_int_equal(
            dg_merkle_plan_consistency((uint32_t)number(test, "size1"),
                                       (uint32_t)number(test, "size2"),
                                       &plan),
            DG_OK);
        assert_int_equal(resolve(&plan, nodes), count);
        assert_memory_equal(nodes, want, count * sizeof nodes[0]);
    }
    json_decref(file);
}

static void make_leaves(void)
{
    for (uint32_t i = 0U; i < (sizeof leaves / sizeof leaves[0]); i++) {
        const uint8_t entry[2] = {(uint8_t)(i >> 8), (uint8_t)i};

        assert_int_equal(dg_merkle_leaf(&crypto, DG_SPAN_OF(entry), &leaves[i]),
                         DG_OK);
    }
}

/* Also without any vector file. */
/* @verifies{FAU_LOG.1@1} @verifies{FAU_LOG.3@1} */
static void test_merkle__every_pair_of_sizes__proofs_hold_and_no_other(
    void **state)
{
    struct dg_hash nodes[DG_MERKLE_PROOF_MAX + 1U];
    struct dg_merkle_plan plan;

    (void)state;
    make_leaves();
    memset(nodes, 0, sizeof nodes);
    for (uint32_t size = 1U; size <= 40U; size++) {
        const struct dg_hash root = root_of(0U, size);
        const struct dg_hash want = recursive_root(0U, size);

        assert_memory_equal(&root, &want, sizeof root);
        for (uint32_t at = 0U; at < size; at++) {
            assert_int_equal(dg_merkle_plan_inclusion(at, size, &plan), DG_OK);

            const size_t count = resolve(&plan, nodes);

            for (uint32_t as = 0U; as <= size; as++) {
                assert_int_equal(
                    dg_merkle_verify_inclusion(
                        &crypto, as, size, &leaves[at], nodes, count, &root),
                    (as == at) ? DG_OK : DG_E_AUTH);
            }
            assert_int_equal(
                dg_merkle_verify_inclusion(
                    &crypto, at, size, &leaves[at], nodes, count + 1U, &root),
                DG_E_AUTH);
        }
        for (uint32_t from = 1U; from <= size; from++) {
            const struct dg_hash old = root_of(0U, from);

            assert_int_equal(dg_merkle_plan_consistency(from, size, &plan),
                             DG_OK);

            const size_t count = resolve(&plan, nodes);

            for (uint32_t as = 0U; as <= (size + 1U); as++) {
                assert_int_equal(
                    dg_merkle_verify_consistency(
                        &crypto, as, size, &old, &root, nodes, count),
                    (as == from) ? DG_OK : DG_E_AUTH);
            }
            assert_int_equal(
                dg_merkle_verify_consistency(
                    &crypto, from, size, &old, &root, nodes, count + 1U),
                DG_E_AUTH);
            for (size_t i = 0U; i < count; i++) {
                nodes[i].byte[i % 32U] ^= 0x10U;
                assert_int_equal(
                    dg_merkle_verify_consistency(
                        &crypto, from, size, &old, &root, nodes, count),
                    DG_E_AUTH);
                nodes[i].byte[i % 32U] ^= 0x10U;
            }
        }
    }
}

/* What the ranges promise to whoever has only peaks and the later leaves. */
static void test_merkle__plans__ranges_end_before_or_begin_after(void **state)
{
    struct dg_merkle_plan plan;

    (void)state;
    for (uint32_t size = 1U; size <= 300U; size++) {
        for (uint32_t from = 1U; from <= size; from++) {
            assert_int_equal(dg_merkle_plan_consistency(from, size, &plan),
                             DG_OK);
            for (size_t i = 0U; i < plan.count; i++) {
                const struct dg_merkle_range range = plan.range[i];
                const uint32_t length = range.end - range.first;

                if (range.end <= from) {
                    assert_int_equal(length & (length - 1U), 0U);
                    assert_true((from & length) != 0U);
                    assert_int_equal(range.first, from & ~(2U * length - 1U));
                } else {
                    assert_true(range.first >= from);
                }
            }
        }
    }
    assert_int_equal(dg_merkle_plan_consistency(0U, 5U, &plan), DG_E_RANGE);
    assert_int_equal(dg_merkle_plan_consistency(6U, 5U, &plan), DG_E_RANGE);
    assert_int_equal(dg_merkle_plan_inclusion(5U, 5U, &plan), DG_E_RANGE);
    assert_int_equal(dg_merkle_plan_inclusion(1U, DG_MERKLE_LEAVES + 1U, &plan),
                     DG_E_RANGE);
    assert_int_equal(dg_merkle_plan_consistency(1U, DG_MERKLE_LEAVES, &plan),
                     DG_OK);
    assert_true(plan.count <= DG_MERKLE_PROOF_MAX);
    assert_int_equal(dg_merkle_plan_consistency(
                         DG_MERKLE_LEAVES - 1U, DG_MERKLE_LEAVES, &plan),
                     DG_OK);
    assert_true(plan.count <= DG_MERKLE_PROOF_MAX);
}

static void test_merkle__full__refused_long_before_it_wraps(void **state)
{
    struct dg_merkle tree;
    struct dg_merkle before;

    (void)state;
    make_leaves();
    memset(&tree, 0x5A, sizeof tree);
    tree.size = DG_MERKLE_LEAVES - 1U;
    assert_int_equal(dg_merkle_add(&tree, &crypto, &leaves[0]), DG_OK);
    before = tree;
    assert_int_equal(dg_merkle_add(&tree, &crypto, &leaves[0]), DG_E_STATE);
    assert_memory_equal(&tree, &before, sizeof tree);
}

static void test_merkle__null__usage(void **state)
{
    const struct dg_hash zero = {{0}};

    (void)state;
    assert_int_equal(
        dg_merkle_verify_inclusion(NULL, 0U, 1U, &zero, NULL, 0U, &zero),
        DG_E_USAGE);
    assert_int_equal(
        dg_merkle_verify_inclusion(&crypto, 0U, 1U, &zero, NULL, 1U, &zero),
        DG_E_USAGE);
    assert_int_equal(
        dg_merkle_verify_consistency(&crypto, 1U, 1U, NULL, &zero, NULL, 0U),
        DG_E_USAGE);
    assert_int_equal(
        dg_merkle_verify_consistency(&crypto, 1U, 2U, &zero, &zero, NULL, 2U),
        DG_E_USAGE);
    assert_int_equal(
        dg_merkle_verify_consistency(&crypto, 1U, 2U, &zero, &zero, NULL, 0U),
        DG_E_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merkle__published_inclusion__each_as_told),
        cmocka_unit_test(test_merkle__published_consistency__each_as_told),
        cmocka_unit_test(test_merkle__published_trees__roots_and_proofs),
        cmocka_unit_test(
            test_merkle__every_pair_of_sizes__proofs_hold_and_no_other),
        cmocka_unit_test(test_merkle__plans__ranges_end_before_or_begin_after),
        cmocka_unit_test(test_merkle__full__refused_long_before_it_wraps),
        cmocka_unit_test(test_merkle__null__usage),
    };

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return 1;
    }

    const int failed = cmocka_run_group_tests_name("merkle", tests, NULL, NULL);

    dg_crypto_openssl_free(&crypto);
    return failed;
}
