/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the checker of run files and the decoder of their sections.
 * Oracle: (1) no input is ever valid under a key that nobody signed with;
 * (2) whatever the decoder takes encodes to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"
#include "eval/run_codec.h"
#include "eval/run_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dg_shape *shape_of(uint8_t choice)
{
    static const struct dg_shape *const shapes[] = {&dg_shape_head,
                                                    &dg_shape_product,
                                                    &dg_shape_test,
                                                    &dg_shape_figure,
                                                    &dg_shape_calibrations};

    return shapes[choice % (sizeof(shapes) / sizeof(shapes[0]))];
}

static void check_section(const struct dg_shape *shape, dg_span bytes)
{
    static union {
        struct dg_run run;
        struct dg_run_test test;
    } object;
    struct dg_arena arena;
    size_t budget = 1000;

    dg_arena_init(&arena);
    dg_run_codec_clear(shape, &object);
    if (dg_run_codec_read(bytes, shape, &arena, &budget, &object) == DG_OK) {
        uint8_t *room = malloc(bytes.size + 1U);
        struct dg_cbor_writer writer;
        dg_span again = {NULL, 0};

        if (room == NULL) {
            abort();
        }
        dg_cbor_writer_init(&writer, (dg_buf){room, bytes.size});
        dg_run_codec_write(&writer, shape, &object);
        if ((dg_cbor_writer_end(&writer, &again) != DG_OK) ||
            (again.size != bytes.size) ||
            (memcmp(again.at, bytes.at, bytes.size) != 0)) {
            abort();
        }
        free(room);
    }
    dg_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dg_crypto crypto;
    struct dg_public_key nobody = {{1}, {2}};
    struct dg_run_file_check check;

    if ((crypto.sha256 == NULL) && (dg_crypto_openssl_init(&crypto) != DG_OK)) {
        abort();
    }
    if (size == 0U) {
        return 0;
    }

    const dg_span rest = {data + 1, size - 1U};

    check_section(shape_of(data[0]), rest);
    if (dg_run_file_check_bytes(&crypto, rest, &nobody, NULL, &check) !=
        DG_OK) {
        abort();
    }
    if ((check.state == DG_RUN_FILE_VALID) ||
        (check.state == DG_RUN_FILE_NONE)) {
        abort();
    }
    return 0;
}
