/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "eval/run_codec.h"
#include "eval/run_file.h"
#include "eval/run_file_format.h"

#define FIRST_CAPACITY (64U * 1024U)

struct section {
    char name[DG_RUN_SECTION_NAME_MAX + 1U];
    const struct dg_shape *shape;
    const void *object;
    size_t offset; /* in the body */
    size_t size;
    struct dg_hash hash;
};

struct making {
    const struct dg_crypto *crypto;
    const struct dg_lab_key *key;
    struct section *sections;
    size_t count;
    dg_buf body; /* all sections, one behind the other */
    size_t body_used;
    dg_buf manifest;
    dg_span payload;
    dg_buf file;
};

static void free_making(struct making *making)
{
    free(making->sections);
    free(making->body.at);
    free(making->manifest.at);
    free(making->file.at);
}

static void add_section(struct making *making,
                        const char *prefix,
                        const char *id,
                        const struct dg_shape *shape,
                        const void *object)
{
    struct section *section = &making->sections[making->count];

    (void)snprintf(section->name, sizeof(section->name), "%s%.60s", prefix, id);
    section->shape = shape;
    section->object = object;
    making->count++;
}

static enum dg_status list_sections(struct making *making,
                                    const struct dg_run *run)
{
    size_t count = 3; /* head, product, calibration */

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        count++;
    }
    for (const struct dg_run_figure *f = run->figures; f != NULL; f = f->next) {
        count++;
    }
    if (count > DG_RUN_SECTIONS_MAX) {
        return DG_E_RANGE;
    }
    making->sections = calloc(count, sizeof(*making->sections));
    if (making->sections == NULL) {
        return DG_E_PORT;
    }
    add_section(making, "head", "", &dg_shape_head, &run->head);
    add_section(making, "product", "", &dg_shape_product, &run->product);
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        add_section(making, "test ", t->id, &dg_shape_test, t);
    }
    for (const struct dg_run_figure *f = run->figures; f != NULL; f = f->next) {
        add_section(making, "figure ", f->id, &dg_shape_figure, f);
    }
    add_section(making, "calibration", "", &dg_shape_calibrations, run);
    return DG_OK;
}

/* Give the buffer twice its room, up to the largest file. */
static enum dg_status grow(dg_buf *buf)
{
    const size_t capacity =
        (buf->capacity == 0U) ? FIRST_CAPACITY : (2U * buf->capacity);

    if (capacity > DG_RUN_FILE_SIZE_MAX) {
        return DG_E_RANGE;
    }

    uint8_t *at = realloc(buf->at, capacity);

    if (at == NULL) {
        return DG_E_PORT;
    }
    *buf = (dg_buf){at, capacity};
    return DG_OK;
}

static enum dg_status encode_section(struct making *making,
                                     struct section *section)
{
    for (;;) {
        struct dg_cbor_writer writer;
        dg_span bytes = {NULL, 0};

        dg_cbor_writer_init(
            &writer,
            (dg_buf){making->body.at + making->body_used,
                     making->body.capacity - making->body_used});
        dg_run_codec_write(&writer, section->shape, section->object);

        enum dg_status status = dg_cbor_writer_end(&writer, &bytes);

        if (status == DG_OK) {
            section->offset = making->body_used;
            section->size = bytes.size;
            making->body_used += bytes.size;
            return making->crypto->sha256(
                making->crypto->context, &bytes, 1, &section->hash);
        }
        status = (status == DG_E_NO_SPACE) ? grow(&making->body) : status;
        if (status != DG_OK) {
            return status;
        }
    }
}

static enum dg_status encode_body(struct making *making)
{
    enum dg_status status = grow(&making->body);

    for (size_t i = 0; (i < making->count) && (status == DG_OK); i++) {
        status = encode_section(making, &making->sections[i]);
    }
    return status;
}

static enum dg_status encode_manifest(struct making *making)
{
    const struct dg_public_key *key = &making->key->public_key;
    const size_t capacity =
        256U + (making->count * (DG_RUN_SECTION_NAME_MAX + 64U));
    struct dg_cbor_writer writer;

    making->manifest = (dg_buf){malloc(capacity), capacity};
    if (making->manifest.at == NULL) {
        return DG_E_PORT;
    }
    dg_cbor_writer_init(&writer, making->manifest);
    dg_cbor_write_map(&writer, 4);
    dg_cbor_write_int(&writer, DG_RUN_KEY_FORMAT);
    dg_cbor_write_tstr(&writer, DG_RUN_FORMAT);
    dg_cbor_write_int(&writer, DG_RUN_KEY_X);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->x));
    dg_cbor_write_int(&writer, DG_RUN_KEY_Y);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->y));
    dg_cbor_write_int(&writer, DG_RUN_KEY_SECTIONS);
    dg_cbor_write_array(&writer, making->count);
    for (size_t i = 0; i < making->count; i++) {
        const struct section *section = &making->sections[i];

        dg_cbor_write_array(&writer, 3);
        dg_cbor_write_tstr(&writer, section->name);
        dg_cbor_write_uint(&writer, section->size);
        dg_cbor_write_bstr(&writer, DG_SPAN_OF(section->hash.byte));
    }
    return dg_cbor_writer_end(&writer, &making->payload);
}

/* Sign the manifest and put the sections behind it. */
static enum dg_status seal(struct making *making, dg_span *bytes)
{
    static const uint8_t purpose[] = DG_RUN_PURPOSE;
    const size_t head =
        making->payload.size + DG_KEY_ID_BYTES + DG_COSE_SIGN1_OVERHEAD_MAX;
    uint8_t kid[DG_KEY_ID_BYTES];
    dg_span message = {NULL, 0};

    if ((head + making->body_used) > DG_RUN_FILE_SIZE_MAX) {
        return DG_E_RANGE;
    }
    if (!dg_hex_get(making->key->id, DG_BUF_OF(kid))) {
        return DG_E_USAGE;
    }
    making->file =
        (dg_buf){malloc(head + making->body_used), head + making->body_used};
    if (making->file.at == NULL) {
        return DG_E_PORT;
    }

    const enum dg_status status =
        dg_cose_sign1(making->crypto,
                      &making->key->private_key,
                      DG_SPAN_OF(kid),
                      (dg_span){purpose, sizeof(purpose) - 1U},
                      making->payload,
                      making->file,
                      &message);

    if (status != DG_OK) {
        return status;
    }
    memmove(making->file.at, message.at, message.size);
    memcpy(making->file.at + message.size, making->body.at, making->body_used);
    *bytes = (dg_span){making->file.at, message.size + making->body_used};
    return DG_OK;
}

/* Read what would be written, as a stranger would. */
static enum dg_status read_back(const struct making *making,
                                dg_span bytes,
                                struct dg_run_origin *origin,
                                struct dg_problem *problem)
{
    struct dg_run_file_check check;
    const enum dg_status status = dg_run_file_check_bytes(
        making->crypto, bytes, &making->key->public_key, NULL, &check);

    if (status != DG_OK) {
        return status;
    }
    if (check.state != DG_RUN_FILE_VALID) {
        dg_problem_set(
            problem, "the run cannot be stored: %.300s", check.why.text);
        return DG_E_USAGE;
    }
    if (origin != NULL) {
        *origin = check.origin;
    }
    return DG_OK;
}

enum dg_status dg_run_file_encode(const struct dg_crypto *crypto,
                                  const struct dg_run *run,
                                  const struct dg_lab_key *key,
                                  dg_span *bytes,
                                  struct dg_run_origin *origin,
                                  struct dg_problem *problem)
{
    struct making making = {.crypto = crypto, .key = key};

    *bytes = (dg_span){NULL, 0};
    if (run->arena.failed) {
        dg_problem_set(problem, "memory ran out while the run was recorded");
        return DG_E_USAGE;
    }
    dg_problem_set(problem, "the run cannot be stored");

    enum dg_status status = list_sections(&making, run);

    if (status == DG_OK) {
        status = encode_body(&making);
    }
    if (status == DG_OK) {
        status = encode_manifest(&making);
    }
    if (status == DG_OK) {
        status = seal(&making, bytes);
    }
    if (status == DG_OK) {
        status = read_back(&making, *bytes, origin, problem);
    }
    if (status == DG_E_RANGE) {
        dg_problem_set(problem,
                       "the run is larger than %u MiB: keep fewer packets",
                       DG_RUN_FILE_SIZE_MAX / (1024U * 1024U));
    }
    if (status == DG_OK) {
        making.file.at = NULL; /* the caller's from here on */
    } else {
        *bytes = (dg_span){NULL, 0};
    }
    free_making(&making);
    return status;
}

enum dg_status dg_run_file_write(const struct dg_crypto *crypto,
                                 const struct dg_run *run,
                                 const struct dg_lab_key *key,
                                 const char *path,
                                 struct dg_run_origin *origin,
                                 struct dg_problem *problem)
{
    dg_span bytes = {NULL, 0};
    enum dg_status status =
        dg_run_file_encode(crypto, run, key, &bytes, origin, problem);

    if (status == DG_OK) {
        status = dg_file_write(path, bytes, 0644, problem);
    }
    dg_file_free(bytes);
    return status;
}
