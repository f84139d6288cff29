/* SPDX-License-Identifier: Apache-2.0 */
/* Target: what comes from outside of a journal - an entry, a head, a
 * consistency proof, an exported file.  Oracle: an entry that is read encodes
 * to the very bytes; a head and an export hold only where nobody can have made
 * them up, so none of the fuzzer's does; a proof holds only for the size and
 * root that it is of, and never from nothing. */
#include "cli/journal_file.h"
#include "crypto_openssl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROOF_MAX 32U

static struct dg_crypto crypto;
static struct dg_public_key key;
static bool is_made;

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void entry(dg_span bytes)
{
    struct dg_journal_entry entry;
    uint8_t room[DG_JOURNAL_ENTRY_MAX];
    dg_span back = {NULL, 0U};

    if (dg_journal_entry_decode(bytes, &entry) != DG_OK) {
        return;
    }
    check(entry.data_size <= DG_JOURNAL_DATA_MAX);
    check(entry.who <= DG_JOURNAL_BY_STRANGER);
    if ((unsigned)entry.kind < DG_JOURNAL_KINDS) {
        check(dg_journal_entry_encode(&entry, DG_BUF_OF(room), &back) == DG_OK);
        check(back.size == bytes.size);
        check(memcmp(back.at, bytes.at, back.size) == 0);
    }
}

static void head(dg_span bytes)
{
    const struct dg_device_id device = {{0U}};
    struct dg_journal_claim claim;
    struct dg_hash hash;

    if (dg_journal_head_parse(&crypto, bytes, &claim, &hash) == DG_OK) {
        check(claim.size <= DG_MERKLE_LEAVES);
    }
    check(dg_journal_head_verify(
              &crypto, &key, &device, bytes, &claim, &hash) != DG_OK);
}

/* [sizes, 2 bytes][from root][root][nodes] */
static void proof(dg_span bytes)
{
    static struct dg_hash nodes[PROOF_MAX];
    struct dg_hash from;
    struct dg_hash root;
    size_t count = 0U;

    if (bytes.size < (2U + (2U * DG_HASH_SIZE))) {
        return;
    }
    memcpy(from.byte, &bytes.at[2], DG_HASH_SIZE);
    memcpy(root.byte, &bytes.at[2U + DG_HASH_SIZE], DG_HASH_SIZE);
    for (size_t at = 2U + (2U * DG_HASH_SIZE);
         ((at + DG_HASH_SIZE) <= bytes.size) && (count < PROOF_MAX);
         at += DG_HASH_SIZE) {
        memcpy(nodes[count].byte, &bytes.at[at], DG_HASH_SIZE);
        count++;
    }
    if (dg_merkle_verify_consistency(
            &crypto, bytes.at[0], bytes.at[1], &from, &root, nodes, count) ==
        DG_OK) {
        check((bytes.at[0] >= 1U) && (bytes.at[0] <= bytes.at[1]));
        /* Without a node both are one tree. */
        check((count > 0U) || (memcmp(&from, &root, sizeof root) == 0));
        /* Another root does not hold by the same proof. */
        root.byte[0] ^= 1U;
        check(dg_merkle_verify_consistency(&crypto,
                                           bytes.at[0],
                                           bytes.at[1],
                                           &from,
                                           &root,
                                           nodes,
                                           count) != DG_OK);
    }
}

static void export(dg_span bytes)
{
    struct dg_journal_file file;
    char why[DG_JOURNAL_FILE_WHY] = "";
    const enum dg_journal_verdict verdict =
        dg_journal_file_check(&crypto, bytes, &file, why);

    check(why[0] != '\0');
    /* Whoever has a key can sign an export; a fuzzer has none. */
    check(verdict != DG_JOURNAL_SOUND);
    check(verdict != DG_JOURNAL_UNCHECKED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!is_made) {
        struct dg_secret secret;

        check(dg_crypto_openssl_init(&crypto) == DG_OK);
        check(crypto.p256_generate(crypto.context, &secret, &key) == DG_OK);
        is_made = true;
    }
    if (size < 1U) {
        return 0;
    }

    const dg_span rest = {&data[1], size - 1U};

    switch (data[0] % 4U) {
    case 0U:
        entry(rest);
        break;
    case 1U:
        head(rest);
        break;
    case 2U:
        proof(rest);
        break;
    default:
        export(rest);
        break;
    }
    return 0;
}
