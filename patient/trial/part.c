/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "patient/trial/aggregate.h"
#include "patient/trial/digest.h"

/* A part: 8 words of head, 4 of the plan's digest, the bitmap, the cells, 4 of
 * the digest of all before; each word 8 bytes, least significant first.
 *
 * head: magic, version, words of a cell, scenarios, arms, people, blocks,
 * blocks done. */

#define MAGIC   0x314C414952544744ULL /* "DGTRIAL1" */
#define VERSION 1U
#define HEAD    8U
#define DIGEST  4U
#define CELL    (sizeof(struct dg_trial_cell) / sizeof(uint64_t))

static void put_head(const struct dg_trial_result *result, uint64_t head[HEAD])
{
    head[0] = MAGIC;
    head[1] = VERSION;
    head[2] = CELL;
    head[3] = result->scenarios;
    head[4] = result->arms;
    head[5] = result->people;
    head[6] = result->blocks;
    head[7] = result->done;
}

static size_t bitmap_words(const struct dg_trial_result *result)
{
    return (size_t)((result->blocks + 63U) / 64U);
}

/* Write ---------------------------------------------------------------------*/

struct sink {
    FILE *file;
    struct dg_trial_digest digest;
    bool is_bad;
};

static void put_bytes(struct sink *sink, const uint8_t *bytes, size_t count)
{
    dg_trial_digest_add(&sink->digest, bytes, count);
    sink->is_bad =
        sink->is_bad || (fwrite(bytes, 1U, count, sink->file) != count);
}

static void put_words(struct sink *sink, const uint64_t *words, size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        uint8_t bytes[8];

        for (unsigned k = 0U; k < 8U; k++) {
            bytes[k] = (uint8_t)(words[i] >> (8U * k));
        }
        put_bytes(sink, bytes, sizeof bytes);
    }
}

/* A cell is words and nothing else. */
static const uint64_t *words_of(const struct dg_trial_cell *cell)
{
    return (const uint64_t *)(const void *)cell;
}

static bool put_all(FILE *file,
                    const uint8_t digest[32],
                    const struct dg_trial_result *result)
{
    struct sink sink = {.file = file};
    uint64_t head[HEAD];
    uint8_t end[32];

    dg_trial_digest_start(&sink.digest);
    put_head(result, head);
    put_words(&sink, head, HEAD);
    put_bytes(&sink, digest, 32U);
    put_words(&sink, result->bitmap, bitmap_words(result));
    for (size_t i = 0U; i < (result->scenarios * result->arms); i++) {
        put_words(&sink, words_of(&result->cell[i]), CELL);
    }
    dg_trial_digest_end(&sink.digest, end);
    sink.is_bad = sink.is_bad || (fwrite(end, 1U, 32U, file) != 32U);
    return !sink.is_bad && (fflush(file) == 0) && (fsync(fileno(file)) == 0);
}

/* The new name is on the disk only when the folder is. */
static bool sync_folder(const char *path)
{
    char copy[PATH_MAX];

    (void)snprintf(copy, sizeof copy, "%s", path);

    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY);

    if (fd < 0) {
        return false;
    }

    const bool is_done = fsync(fd) == 0;

    (void)close(fd);
    return is_done;
}

enum dg_status dg_trial_part_write(const char *path,
                                   const uint8_t digest[32],
                                   const struct dg_trial_result *result)
{
    char name[PATH_MAX];

    if (snprintf(name, sizeof name, "%s.part", path) >= (int)sizeof name) {
        return DG_E_PORT;
    }

    FILE *file = fopen(name, "wb");

    if (file == NULL) {
        return DG_E_PORT;
    }

    const bool is_written = put_all(file, digest, result);

    if ((fclose(file) != 0) || !is_written || (rename(name, path) != 0)) {
        (void)remove(name);
        return DG_E_PORT;
    }
    return sync_folder(path) ? DG_OK : DG_E_PORT;
}

/* Read ----------------------------------------------------------------------*/

struct source {
    FILE *file;
    struct dg_trial_digest digest;
    bool is_short;
};

static void take_bytes(struct source *source, uint8_t *bytes, size_t count)
{
    if (fread(bytes, 1U, count, source->file) != count) {
        memset(bytes, 0, count);
        source->is_short = true;
    }
    dg_trial_digest_add(&source->digest, bytes, count);
}

static void take_words(struct source *source, uint64_t *words, size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        uint8_t bytes[8];

        take_bytes(source, bytes, sizeof bytes);
        words[i] = 0U;
        for (unsigned k = 0U; k < 8U; k++) {
            words[i] |= (uint64_t)bytes[k] << (8U * k);
        }
    }
}

static uint64_t count_ones(const uint64_t *words, size_t count)
{
    uint64_t ones = 0U;

    for (size_t i = 0U; i < count; i++) {
        for (uint64_t rest = words[i]; rest != 0U; rest &= rest - 1U) {
            ones++;
        }
    }
    return ones;
}

static bool is_end_right(struct source *source)
{
    uint8_t want[32];
    uint8_t have[32];

    dg_trial_digest_end(&source->digest, want);
    return (fread(have, 1U, 32U, source->file) == 32U) &&
           (memcmp(want, have, 32U) == 0) && (fgetc(source->file) == EOF);
}

static enum dg_status take_head(struct source *source,
                                const uint8_t digest[32],
                                const struct dg_trial_result *result,
                                uint64_t *done)
{
    uint64_t head[HEAD];
    uint64_t want[HEAD];
    uint8_t plan[32];

    take_words(source, head, HEAD);
    take_bytes(source, plan, sizeof plan);
    if (source->is_short || (head[0] != MAGIC)) {
        return DG_E_CORRUPT;
    }
    put_head(result, want);
    want[7] = head[7];
    if ((memcmp(head, want, sizeof head) != 0) ||
        (memcmp(plan, digest, sizeof plan) != 0)) {
        return DG_E_UNSUPPORTED;
    }
    *done = head[7];
    return DG_OK;
}

/* Into memory of its own: a part that turns out damaged changes nothing. */
static enum dg_status take_body(struct source *source,
                                struct dg_trial_result *result,
                                uint64_t done)
{
    const size_t words = bitmap_words(result);
    const size_t cells = result->scenarios * result->arms;
    uint64_t *body = calloc(words + (cells * CELL), sizeof *body);
    enum dg_status status = DG_E_CORRUPT;

    if (body == NULL) {
        return DG_E_PORT;
    }
    take_words(source, body, words + (cells * CELL));
    if (!source->is_short && is_end_right(source) &&
        (count_ones(body, words) == done)) {
        memcpy(result->bitmap, body, words * sizeof *body);
        memcpy(result->cell, body + words, cells * sizeof result->cell[0]);
        result->done = done;
        status = DG_OK;
    }
    free(body);
    return status;
}

enum dg_status dg_trial_part_read(const char *path,
                                  const uint8_t digest[32],
                                  struct dg_trial_result *result)
{
    struct source source = {.file = fopen(path, "rb")};
    uint64_t done = 0U;

    if (source.file == NULL) {
        return (errno == ENOENT) ? DG_E_STATE : DG_E_PORT;
    }
    dg_trial_digest_start(&source.digest);

    enum dg_status status = take_head(&source, digest, result, &done);

    if (status == DG_OK) {
        status = take_body(&source, result, done);
    }
    (void)fclose(source.file);
    return status;
}
