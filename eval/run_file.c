/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "eval/run_codec.h"
#include "eval/run_file_format.h"

/* The format's name stands this near to the beginning. */
#define SNIFF_SIZE 128U

struct entry {
    dg_span name;
    size_t size;
    dg_span hash;
    dg_span bytes; /* in the file */
};

struct reading {
    const struct dg_crypto *crypto;
    dg_span file;
    dg_span message; /* the signed manifest, first in the file */
    struct dg_public_key key;
    dg_span format;   /* in the manifest */
    dg_span sign_off; /* of the second evaluator, last in the file */
    struct entry *entries;
    size_t count;
    struct dg_run_file_check *check;
};

static bool is_equal(dg_span a, dg_span b)
{
    return (a.size == b.size) &&
           ((a.size == 0U) || (memcmp(a.at, b.at, a.size) == 0));
}

static bool is_text(dg_span a, const char *text)
{
    return is_equal(a, (dg_span){(const uint8_t *)text, strlen(text)});
}

/* Tell a damaged run file from something else: one damaged byte cannot spoil
 * both marks. */
static bool looks_like_run(dg_span file)
{
    static const uint8_t head[] = {0xD2, 0x84, 0x43, 0xA1, 0x01, 0x26};
    const size_t name = sizeof(DG_RUN_FORMAT) - 1U;

    if ((file.size >= sizeof(head)) &&
        (memcmp(file.at, head, sizeof(head)) == 0)) {
        return true;
    }
    for (size_t i = 0; (i < SNIFF_SIZE) && ((i + name) <= file.size); i++) {
        if (memcmp(file.at + i, DG_RUN_FORMAT, name) == 0) {
            return true;
        }
    }
    return false;
}

static void find_altered(struct dg_run_file_check *check,
                         dg_span section,
                         size_t offset,
                         const char *why)
{
    check->state = DG_RUN_FILE_ALTERED;
    check->cause = DG_RUN_CAUSE_ALTERED;
    check->offset = offset;
    (void)snprintf(check->section,
                   sizeof(check->section),
                   "%.*s",
                   (int)section.size,
                   (const char *)section.at);
    dg_problem_set(&check->why,
                   "altered: the part \"%s\", from byte %zu on, %s",
                   check->section,
                   offset,
                   why);
}

static void find_bad_manifest(struct dg_run_file_check *check, const char *why)
{
    static const uint8_t name[] = "manifest";

    find_altered(check, (dg_span){name, sizeof(name) - 1U}, 0, why);
}

static void find_no_run(struct dg_run_file_check *check, const char *why)
{
    check->state = DG_RUN_FILE_NOT_A_RUN;
    check->cause = DG_RUN_CAUSE_NO_RUN;
    dg_problem_set(&check->why, "not a Dosegate run file: %s", why);
}

static void read_entry(struct dg_cbor_reader *reader, struct entry *entry)
{
    if (dg_cbor_read_array(reader) != 3U) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    entry->name = dg_cbor_read_tstr(reader);
    entry->size = (size_t)dg_cbor_read_uint_max(reader, DG_RUN_FILE_SIZE_MAX);
    entry->hash = dg_cbor_read_bstr_exact(reader, DG_HASH_SIZE);
    if ((entry->name.size == 0U) ||
        (entry->name.size > DG_RUN_SECTION_NAME_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
}

static void expect_key(struct dg_cbor_reader *reader,
                       struct dg_cbor_map *map,
                       int64_t expected)
{
    int64_t key = 0;

    if (!dg_cbor_map_next(reader, map, &key) || (key != expected)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

/* The part of a manifest that no version may change: format and key. */
static enum dg_status read_manifest_head(struct reading *reading,
                                         struct dg_cbor_reader *reader,
                                         struct dg_cbor_map *map)
{
    dg_cbor_read_map(reader, map);
    expect_key(reader, map, DG_RUN_KEY_FORMAT);
    reading->format = dg_cbor_read_tstr(reader);
    expect_key(reader, map, DG_RUN_KEY_X);

    const dg_span x = dg_cbor_read_bstr_exact(reader, DG_P256_SIZE);

    expect_key(reader, map, DG_RUN_KEY_Y);

    const dg_span y = dg_cbor_read_bstr_exact(reader, DG_P256_SIZE);

    if (reader->status != DG_OK) {
        return DG_E_MALFORMED;
    }
    memcpy(reading->key.x, x.at, x.size);
    memcpy(reading->key.y, y.at, y.size);
    return DG_OK;
}

/* Read the list of sections; DG_E_PORT only for memory. */
static enum dg_status read_manifest(struct reading *reading, dg_span payload)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;

    dg_cbor_reader_init(&reader, payload);
    if (read_manifest_head(reading, &reader, &map) != DG_OK) {
        return DG_E_MALFORMED;
    }
    expect_key(&reader, &map, DG_RUN_KEY_SECTIONS);

    const size_t count = dg_cbor_read_array(&reader);

    if ((reader.status != DG_OK) || (map.left != 0U) || (count < 3U) ||
        (count > DG_RUN_SECTIONS_MAX)) {
        return DG_E_MALFORMED;
    }
    reading->entries = calloc(count, sizeof(*reading->entries));
    if (reading->entries == NULL) {
        return DG_E_PORT;
    }
    reading->count = count;
    for (size_t i = 0; i < count; i++) {
        read_entry(&reader, &reading->entries[i]);
    }
    return dg_cbor_reader_end(&reader);
}

/* The first item of the file; {NULL, 0} when there is none. */
static dg_span first_item(dg_span file, enum dg_status *status)
{
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, file);

    const dg_span item = dg_cbor_read_any(&reader);

    *status = reader.status;
    return item;
}

/* Whether the manifest is signed with the key that it names.  DG_OK with state
 * NONE: it is. */
static enum dg_status check_signature(struct reading *reading,
                                      const struct dg_cose_sign1 *parts)
{
    static const uint8_t purpose[] = DG_RUN_PURPOSE;
    struct dg_run_file_check *check = reading->check;
    char id[DG_KEY_ID_SIZE];
    char kid[DG_KEY_ID_SIZE] = "";
    dg_span payload = {NULL, 0};
    enum dg_status status =
        dg_cose_sign1_verify(reading->crypto,
                             &reading->key,
                             (dg_span){purpose, sizeof(purpose) - 1U},
                             reading->message,
                             &payload);

    if (status == DG_E_PORT) {
        return status;
    }
    if (status != DG_OK) {
        find_bad_manifest(check, "is not what was signed");
        return DG_OK;
    }
    status = dg_lab_key_id(reading->crypto, &reading->key, id);
    if (status != DG_OK) {
        return status;
    }
    /* The kid is the one part that a COSE signature does not cover. */
    if (parts->kid.size == DG_KEY_ID_BYTES) {
        dg_hex_put(parts->kid, kid);
    }
    if (strcmp(kid, id) != 0) {
        find_bad_manifest(check, "names another key than it was signed with");
        return DG_OK;
    }
    memcpy(check->origin.key_id, id, sizeof(id));
    return DG_OK;
}

/* Somebody signed it, so it is no accident that the format is unknown. */
static void find_version(struct reading *reading)
{
    struct dg_run_file_check *check = reading->check;

    find_no_run(check, "");
    check->cause = DG_RUN_CAUSE_VERSION;
    dg_problem_set(&check->why,
                   "a run file of a version that this program does not know: "
                   "%.*s, signed with the key %s",
                   (reading->format.size > 64U) ? 64
                                                : (int)reading->format.size,
                   (const char *)reading->format.at,
                   check->origin.key_id);
}

/* Believe the manifest, or find out why not.  DG_OK with state NONE: the
 * signature holds under the key that the manifest names. */
static enum dg_status check_manifest(struct reading *reading)
{
    struct dg_run_file_check *check = reading->check;
    struct dg_cose_sign1 parts;
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    enum dg_status status = DG_OK;

    reading->message = first_item(reading->file, &status);
    if (status == DG_E_TRUNCATED) {
        find_bad_manifest(check, "is cut short");
        check->cause = DG_RUN_CAUSE_CUT_SHORT;
        return DG_OK;
    }
    if (dg_cose_sign1_parse(reading->message, &parts) != DG_OK) {
        find_bad_manifest(check, "is damaged");
        return DG_OK;
    }
    dg_cbor_reader_init(&reader, parts.payload);
    if (read_manifest_head(reading, &reader, &map) != DG_OK) {
        find_bad_manifest(check, "is damaged");
        return DG_OK;
    }
    status = check_signature(reading, &parts);
    if ((status != DG_OK) || (check->state != DG_RUN_FILE_NONE)) {
        return status;
    }
    if (!is_text(reading->format, DG_RUN_FORMAT)) {
        find_version(reading);
        return DG_OK;
    }
    status = read_manifest(reading, parts.payload);
    if ((status != DG_OK) && (status != DG_E_PORT)) {
        find_no_run(check, "it is signed, but its manifest has another form");
        return DG_OK;
    }
    return status;
}

/* Compare every section with the manifest. */
static enum dg_status check_sections(struct reading *reading)
{
    size_t offset = reading->message.size;

    for (size_t i = 0; i < reading->count; i++) {
        struct entry *entry = &reading->entries[i];
        struct dg_hash hash;

        if (entry->size > (reading->file.size - offset)) {
            find_altered(reading->check, entry->name, offset, "is cut short");
            reading->check->cause = DG_RUN_CAUSE_CUT_SHORT;
            return DG_OK;
        }
        entry->bytes = (dg_span){reading->file.at + offset, entry->size};

        const enum dg_status status = reading->crypto->sha256(
            reading->crypto->context, &entry->bytes, 1, &hash);

        if (status != DG_OK) {
            return status;
        }
        if (!is_equal(entry->hash, DG_SPAN_OF(hash.byte))) {
            find_altered(
                reading->check, entry->name, offset, "is not what was signed");
            return DG_OK;
        }
        offset += entry->size;
    }
    reading->sign_off =
        (dg_span){reading->file.at + offset, reading->file.size - offset};
    if ((reading->sign_off.size > 0U) &&
        !dg_second_is_meant(reading->sign_off)) {
        static const uint8_t name[] = "after the end";

        find_altered(reading->check,
                     (dg_span){name, sizeof(name) - 1U},
                     offset,
                     "was added");
    }
    return DG_OK;
}

/* Whether a name is the prefix and then exactly this id (of which a name keeps
 * 60 bytes). */
static bool is_named(dg_span name, const char *prefix, const char *id)
{
    char expected[DG_RUN_SECTION_NAME_MAX + 1U];

    (void)snprintf(expected, sizeof(expected), "%s%.60s", prefix, id);
    return is_text(name, expected);
}

/* Hang a decoded item at the end of a list; gives the new end. */
static void *hang(void *end, void *item)
{
    memcpy(end, &item, sizeof(item)); /* head or `next`, both pointers */
    return item;
}

struct decoding {
    struct dg_run *run;
    size_t budget;
    void *last_test;
    void *last_figure;
};

static enum dg_status decode_test(struct decoding *to, const struct entry *from)
{
    struct dg_run_test *test = dg_arena_take(&to->run->arena, sizeof(*test));

    if (test == NULL) {
        return DG_E_PORT;
    }
    dg_run_codec_clear(&dg_shape_test, test);
    to->last_test = hang(to->last_test, test);

    const enum dg_status status = dg_run_codec_read(
        from->bytes, &dg_shape_test, &to->run->arena, &to->budget, test);

    if ((status == DG_OK) && !is_named(from->name, "test ", test->id)) {
        return DG_E_MALFORMED;
    }
    return status;
}

static enum dg_status decode_figure(struct decoding *to,
                                    const struct entry *from)
{
    struct dg_run_figure *figure =
        dg_arena_take(&to->run->arena, sizeof(*figure));

    if (figure == NULL) {
        return DG_E_PORT;
    }
    dg_run_codec_clear(&dg_shape_figure, figure);
    to->last_figure = hang(to->last_figure, figure);

    const enum dg_status status = dg_run_codec_read(
        from->bytes, &dg_shape_figure, &to->run->arena, &to->budget, figure);

    if ((status == DG_OK) && !is_named(from->name, "figure ", figure->id)) {
        return DG_E_MALFORMED;
    }
    return status;
}

static enum dg_status decode_section(struct decoding *to,
                                     const struct entry *from,
                                     size_t at,
                                     size_t count)
{
    static const uint8_t test[] = "test ";
    struct dg_run *run = to->run;
    const size_t prefix = sizeof(test) - 1U;

    if (at == 0U) {
        return !is_text(from->name, "head") ? DG_E_MALFORMED
                                            : dg_run_codec_read(from->bytes,
                                                                &dg_shape_head,
                                                                &run->arena,
                                                                &to->budget,
                                                                &run->head);
    }
    if (at == 1U) {
        return !is_text(from->name, "product")
                   ? DG_E_MALFORMED
                   : dg_run_codec_read(from->bytes,
                                       &dg_shape_product,
                                       &run->arena,
                                       &to->budget,
                                       &run->product);
    }
    if ((at + 1U) == count) {
        return !is_text(from->name, "calibration")
                   ? DG_E_MALFORMED
                   : dg_run_codec_read(from->bytes,
                                       &dg_shape_calibrations,
                                       &run->arena,
                                       &to->budget,
                                       run);
    }
    if ((run->figures == NULL) && (from->name.size > prefix) &&
        (memcmp(from->name.at, test, prefix) == 0)) {
        return decode_test(to, from);
    }
    return decode_figure(to, from);
}

static enum dg_status decode_run(struct reading *reading, struct dg_run *run)
{
    struct decoding to = {
        run, DG_RUN_FILE_ITEMS_MAX, &run->tests, &run->figures};
    enum dg_status status = DG_OK;

    for (size_t i = 0; (i < reading->count) && (status == DG_OK); i++) {
        status = decode_section(&to, &reading->entries[i], i, reading->count);
    }
    if ((status == DG_OK) && (run->head.rating_table[0] != '\0')) {
        const char *text = run->head.rating_table;

        status =
            dg_run_set_table(run,
                             reading->crypto,
                             (dg_span){(const uint8_t *)text, strlen(text)},
                             NULL);
    }
    return status;
}

/* DG_OK with state NONE: the sign-off holds and is noted in the run. */
static enum dg_status check_second(struct reading *reading, struct dg_run *run)
{
    static const uint8_t name[] = "second signature";
    struct dg_run_file_check *check = reading->check;
    struct dg_problem problem = {""};
    const size_t offset = reading->file.size - reading->sign_off.size;
    const enum dg_status status =
        dg_second_check(reading->crypto,
                        (dg_span){reading->file.at, offset},
                        reading->sign_off,
                        run,
                        &reading->key,
                        &check->second,
                        &problem);

    if (status == DG_E_PORT) {
        return status;
    }
    if (status != DG_OK) {
        find_altered(check, (dg_span){name, sizeof(name) - 1U}, offset, "");
        check->cause = DG_RUN_CAUSE_SECOND;
        dg_problem_set(&check->why, "%s", problem.text);
        return DG_OK;
    }
    dg_second_note(run, &check->second);
    return DG_OK;
}

/* The signature and all sections hold.  What do they say, and whose is it? */
static enum dg_status conclude(struct reading *reading,
                               const struct dg_public_key *trusted,
                               struct dg_run *run)
{
    struct dg_run_file_check *check = reading->check;
    const enum dg_status status = decode_run(reading, run);

    if (status == DG_E_PORT) {
        return status;
    }
    if (status != DG_OK) {
        find_no_run(check, "it is signed, but its content has another form");
        return DG_OK;
    }
    if (reading->sign_off.size > 0U) {
        const enum dg_status second = check_second(reading, run);

        if ((second != DG_OK) || (check->state != DG_RUN_FILE_NONE)) {
            return second;
        }
    }
    if ((trusted != NULL) &&
        (memcmp(trusted, &reading->key, sizeof(*trusted)) == 0)) {
        check->state = DG_RUN_FILE_VALID;
        dg_problem_set(
            &check->why, "valid: signed with the key %s", check->origin.key_id);
        return DG_OK;
    }
    check->state = DG_RUN_FILE_OTHER_SIGNER;
    check->cause =
        (trusted == NULL) ? DG_RUN_CAUSE_NO_KEY : DG_RUN_CAUSE_OTHER_KEY;
    dg_problem_set(&check->why,
                   "whole, but signed by somebody else: key %s, which is not "
                   "the one you trust",
                   check->origin.key_id);
    return DG_OK;
}

static enum dg_status check_whole(struct reading *reading,
                                  const struct dg_public_key *trusted,
                                  struct dg_run *run)
{
    enum dg_status status = check_manifest(reading);

    if ((status != DG_OK) || (reading->check->state != DG_RUN_FILE_NONE)) {
        return status;
    }
    status = check_sections(reading);
    if ((status != DG_OK) || (reading->check->state != DG_RUN_FILE_NONE)) {
        return status;
    }
    return conclude(reading, trusted, run);
}

enum dg_status dg_run_file_check_bytes(const struct dg_crypto *crypto,
                                       dg_span bytes,
                                       const struct dg_public_key *trusted,
                                       struct dg_run *run,
                                       struct dg_run_file_check *check)
{
    struct reading reading = {.crypto = crypto, .file = bytes, .check = check};
    struct dg_run own;
    struct dg_run *to = (run == NULL) ? &own : run;
    struct dg_hash hash;

    *check = (struct dg_run_file_check){.state = DG_RUN_FILE_NONE};
    dg_run_init(to);
    if (bytes.size > DG_RUN_FILE_SIZE_MAX) {
        find_no_run(check, "larger than a run file may be");
        return DG_OK;
    }
    if (!looks_like_run(bytes)) {
        find_no_run(check, "it does not begin like one");
        return DG_OK;
    }

    enum dg_status status = crypto->sha256(crypto->context, &bytes, 1, &hash);

    if (status == DG_OK) {
        dg_hex_put(DG_SPAN_OF(hash.byte), check->origin.digest);
        status = check_whole(&reading, trusted, to);
    }
    free(reading.entries);

    const bool is_whole = (check->state == DG_RUN_FILE_VALID) ||
                          (check->state == DG_RUN_FILE_OTHER_SIGNER);

    if ((run == NULL) || (status != DG_OK) || !is_whole) {
        dg_run_free(to);
    }
    if (status != DG_OK) {
        check->state = DG_RUN_FILE_NONE;
        dg_problem_set(&check->why, "memory or crypto failed: nothing known");
        return DG_E_PORT;
    }
    return DG_OK;
}

/* @satisfies{EVL_RUN.1@1} */
enum dg_status dg_run_file_read(const struct dg_crypto *crypto,
                                const char *path,
                                const struct dg_public_key *trusted,
                                struct dg_run *run,
                                struct dg_run_file_check *check)
{
    struct dg_problem problem = {""};
    dg_span bytes = {NULL, 0};

    *check = (struct dg_run_file_check){.state = DG_RUN_FILE_NONE};
    if (run != NULL) {
        dg_run_init(run);
    }

    enum dg_status status =
        dg_file_read(path, DG_RUN_FILE_SIZE_MAX, &bytes, &problem);

    if (status == DG_E_RANGE) {
        find_no_run(check, "larger than a run file may be");
        return DG_OK;
    }
    if (status != DG_OK) {
        check->why = problem;
        return DG_E_PORT;
    }
    status = dg_run_file_check_bytes(crypto, bytes, trusted, run, check);
    dg_file_free(bytes);
    return status;
}

enum dg_status dg_run_file_verify(const struct dg_crypto *crypto,
                                  const char *path,
                                  const struct dg_public_key *trusted,
                                  struct dg_run_file_check *check)
{
    return dg_run_file_read(crypto, path, trusted, NULL, check);
}
