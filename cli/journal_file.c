/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dosegate/cbor.h"

#define MAGIC      "dosegate journal 1"
#define MAGIC_SIZE (sizeof(MAGIC) - 1U)
#define FIELDS     7U

static void say(char why[DG_JOURNAL_FILE_WHY], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char why[DG_JOURNAL_FILE_WHY], const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(why, DG_JOURNAL_FILE_WHY, format, list);
    va_end(list);
}

enum dg_status dg_journal_file_write(const struct dg_journal_file *file,
                                     dg_buf room,
                                     dg_span *bytes)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_array(&writer, FIELDS);
    dg_cbor_write_tstr(&writer, MAGIC);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(file->device.byte));
    dg_cbor_write_bstr_head(&writer, 2U * DG_P256_SIZE);
    dg_cbor_write_raw(&writer, DG_SPAN_OF(file->key.x));
    dg_cbor_write_raw(&writer, DG_SPAN_OF(file->key.y));
    dg_cbor_write_bstr(&writer, file->head);
    dg_cbor_write_uint(&writer, file->first);
    dg_cbor_write_array(&writer, file->peak_count);
    for (size_t i = 0; i < file->peak_count; i++) {
        dg_cbor_write_bstr(&writer, DG_SPAN_OF(file->peak[i].byte));
    }
    dg_cbor_write_array(&writer, file->count);
    dg_cbor_write_raw(&writer, file->entries);
    return dg_cbor_writer_end(&writer, bytes);
}

bool dg_journal_file_is_one(dg_span bytes)
{
    /* Array of seven, text of 18 bytes. */
    return (bytes.size > (2U + MAGIC_SIZE)) && (bytes.at[0] == 0x87U) &&
           (memcmp(&bytes.at[2], MAGIC, MAGIC_SIZE) == 0);
}

bool dg_journal_file_next(dg_span *rest, dg_span *entry)
{
    struct dg_cbor_reader reader;

    if (rest->size == 0U) {
        return false;
    }
    dg_cbor_reader_init(&reader, *rest);
    *entry = dg_cbor_read_bstr(&reader);
    if ((reader.status != DG_OK) || (entry->at == NULL)) {
        return false;
    }

    const size_t used = (size_t)(entry->at - rest->at) + entry->size;

    rest->at += used;
    rest->size -= used;
    return true;
}

static unsigned bits_of(uint32_t size)
{
    unsigned count = 0;

    for (; size != 0U; size >>= 1U) {
        count += size & 1U;
    }
    return count;
}

static void copy_exact(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

/* Everything but the entries' own insides. */
static bool parse(dg_span bytes, struct dg_journal_file *file)
{
    struct dg_cbor_reader reader;
    uint8_t key[2U * DG_P256_SIZE] = {0};

    memset(file, 0, sizeof(*file));
    dg_cbor_reader_init(&reader, bytes);

    const bool is_seven = dg_cbor_read_array(&reader) == FIELDS;
    const dg_span magic = dg_cbor_read_tstr(&reader);

    if (!is_seven || (magic.size != MAGIC_SIZE) ||
        (memcmp(magic.at, MAGIC, MAGIC_SIZE) != 0)) {
        return false;
    }
    copy_exact(&reader, file->device.byte, DG_DEVICE_ID_SIZE);
    copy_exact(&reader, key, sizeof(key));
    memcpy(file->key.x, &key[0], DG_P256_SIZE);
    memcpy(file->key.y, &key[DG_P256_SIZE], DG_P256_SIZE);
    file->head = dg_cbor_read_bstr(&reader);
    file->first = (uint32_t)dg_cbor_read_uint_max(&reader, DG_MERKLE_LEAVES);
    file->peak_count = dg_cbor_read_array(&reader);
    if ((reader.status != DG_OK) ||
        (file->peak_count != bits_of(file->first))) {
        return false;
    }
    for (size_t i = 0; i < file->peak_count; i++) {
        copy_exact(&reader, file->peak[i].byte, DG_HASH_SIZE);
    }

    const size_t count = dg_cbor_read_array(&reader);

    if ((reader.status != DG_OK) || (count > DG_MERKLE_LEAVES)) {
        return false;
    }
    file->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        const dg_span entry = dg_cbor_read_bstr(&reader);

        if ((reader.status != DG_OK) || (entry.at == NULL)) {
            return false;
        }
        if (i == 0U) {
            /* One or two bytes of length stand before it. */
            file->entries.at = entry.at - ((entry.size < 24U) ? 1 : 2);
        }
    }
    if (count > 0U) {
        file->entries.size = (size_t)(&bytes.at[bytes.size] - file->entries.at);
    }
    return dg_cbor_reader_end(&reader) == DG_OK;
}

static void start_tree(const struct dg_journal_file *file,
                       struct dg_merkle *tree)
{
    size_t next = 0;

    memset(tree, 0, sizeof(*tree));
    tree->size = file->first;
    for (unsigned level = 0; level < DG_MERKLE_LEVELS; level++) {
        if (((file->first >> level) & 1U) != 0U) {
            tree->peak[level] = file->peak[next];
            next++;
        }
    }
}

static bool add(const struct dg_crypto *crypto,
                dg_span entry,
                struct dg_merkle *tree)
{
    struct dg_hash leaf;

    return (dg_merkle_leaf(crypto, entry, &leaf) == DG_OK) &&
           (dg_merkle_add(tree, crypto, &leaf) == DG_OK);
}

/* @size is not below the first entry, and the file has so many. */
static bool root_at(const struct dg_crypto *crypto,
                    const struct dg_journal_file *file,
                    uint32_t size,
                    struct dg_hash *root)
{
    struct dg_merkle tree;
    dg_span rest = file->entries;
    dg_span entry = {NULL, 0};

    start_tree(file, &tree);
    while ((tree.size < size) && dg_journal_file_next(&rest, &entry)) {
        if (!add(crypto, entry, &tree)) {
            return false;
        }
    }
    return (tree.size == size) &&
           (dg_merkle_root(&tree, crypto, root) == DG_OK);
}

/* Each entry is one, and none is before the one before it. */
static bool are_entries(const struct dg_journal_file *file,
                        char why[DG_JOURNAL_FILE_WHY])
{
    dg_span rest = file->entries;
    dg_span bytes = {NULL, 0};
    uint32_t last_s = 0;

    for (uint32_t i = 0; i < file->count; i++) {
        struct dg_journal_entry entry;

        if (!dg_journal_file_next(&rest, &bytes) ||
            (dg_journal_entry_decode(bytes, &entry) != DG_OK)) {
            say(why, "entry %u is not one of a journal", file->first + i);
            return false;
        }
        if (entry.at.s < last_s) {
            say(why, "entry %u is older than the one before", file->first + i);
            return false;
        }
        last_s = entry.at.s;
    }
    return true;
}

/* @satisfies{FAU_EXPORT.1@1} */
enum dg_journal_verdict dg_journal_file_check(const struct dg_crypto *crypto,
                                              dg_span bytes,
                                              struct dg_journal_file *file,
                                              char why[DG_JOURNAL_FILE_WHY])
{
    struct dg_hash hash;
    struct dg_hash root;

    if (!parse(bytes, file)) {
        const bool was_one = dg_journal_file_is_one(bytes);

        say(why,
            was_one ? "not whole: cut short, or changed"
                    : "not an exported journal");
        return was_one ? DG_JOURNAL_ALTERED : DG_JOURNAL_NOT_ONE;
    }

    const enum dg_status status = dg_journal_head_verify(
        crypto, &file->key, &file->device, file->head, &file->claim, &hash);

    if (status == DG_E_PORT) {
        say(why, "crypto failed");
        return DG_JOURNAL_NO_CRYPTO;
    }
    if (status != DG_OK) {
        say(why, "its head was not signed by the key that it names");
        return DG_JOURNAL_ALTERED;
    }
    if ((file->first > file->claim.size) ||
        (file->count != (file->claim.size - file->first))) {
        say(why,
            "the head was signed over %u entries, here %u end at %u",
            file->claim.size,
            file->count,
            file->first + file->count);
        return DG_JOURNAL_ALTERED;
    }
    if (!are_entries(file, why)) {
        return DG_JOURNAL_ALTERED;
    }
    if (!root_at(crypto, file, file->claim.size, &root)) {
        say(why, "crypto failed");
        return DG_JOURNAL_NO_CRYPTO;
    }
    if (memcmp(&root, &file->claim.root, sizeof(root)) != 0) {
        say(why, "an entry is not what it was when the head was signed");
        return DG_JOURNAL_ALTERED;
    }
    say(why,
        "entries %u to %u of epoch %u, as the pump signed them at second %u",
        file->first,
        file->claim.size,
        file->claim.epoch,
        file->claim.at.s);
    return DG_JOURNAL_SOUND;
}

/* @satisfies{FAU_EXPORT.2@1} */
enum dg_journal_verdict dg_journal_file_continues(
    const struct dg_crypto *crypto,
    const struct dg_journal_file *earlier,
    const struct dg_journal_file *later,
    char why[DG_JOURNAL_FILE_WHY])
{
    const struct dg_journal_claim *then = &earlier->claim;
    struct dg_hash root;

    if ((memcmp(&earlier->device, &later->device, sizeof(later->device)) !=
         0) ||
        (memcmp(&earlier->key, &later->key, sizeof(later->key)) != 0)) {
        say(why, "the earlier one is of another pump");
        return DG_JOURNAL_ALTERED;
    }
    if (later->claim.epoch > then->epoch) {
        say(why,
            "the pump began anew after damage: epoch %u, then %u",
            then->epoch,
            later->claim.epoch);
        return DG_JOURNAL_APART;
    }
    if ((later->claim.epoch < then->epoch) ||
        (later->claim.size < then->size)) {
        say(why, "it ends before the earlier one: the pump went back");
        return DG_JOURNAL_ALTERED;
    }
    if (later->first > then->size) {
        say(why,
            "entries %u to %u left the pump in between: nothing to compare",
            then->size,
            later->first);
        return DG_JOURNAL_APART;
    }
    if (!root_at(crypto, later, then->size, &root)) {
        say(why, "crypto failed");
        return DG_JOURNAL_NO_CRYPTO;
    }
    if (memcmp(&root, &then->root, sizeof(root)) != 0) {
        say(why,
            "FORK: up to entry %u the pump had signed another history",
            then->size);
        return DG_JOURNAL_ALTERED;
    }
    say(why, "it continues the earlier one from entry %u on", then->size);
    return DG_JOURNAL_SOUND;
}
