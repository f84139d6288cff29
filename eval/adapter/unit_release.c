/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "eval/adapter/words.h"

/* Firmware as its maker makes it, and as others would like it to be. */
#define IMAGE_SIZE    20000
#define FILE_MAX      65536U
#define SIGNATURE     64U /* at the end of a signed manifest */
#define FIRST_RELEASE 1U

struct file {
    char path[DG_UNIT_PATH + 64U];
    uint8_t byte[FILE_MAX];
    size_t size;
};

static bool read_whole(struct file *file)
{
    const int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = (fd < 0) ? -1 : read(fd, file->byte, sizeof file->byte);

    if (fd >= 0) {
        (void)close(fd);
    }
    file->size = (got < 0) ? 0U : (size_t)got;
    return got > 0;
}

static bool write_whole(const struct file *file)
{
    const int fd =
        open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_written =
        (fd >= 0) && (write(fd, file->byte, file->size) == (ssize_t)file->size);

    return (fd >= 0) && (close(fd) == 0) && is_written;
}

/* A sound signature by somebody else. */
static bool sign_as_other(uint8_t signature[SIGNATURE])
{
    struct dg_crypto crypto;
    struct dg_secret secret;
    struct dg_public_key key;
    struct dg_signature made;
    const struct dg_hash hash = {{0U}};

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return false;
    }

    const bool is_made =
        (crypto.p256_generate(crypto.context, &secret, &key) == DG_OK) &&
        (crypto.es256_sign(crypto.context, &secret, &hash, &made) == DG_OK);

    dg_crypto_openssl_free(&crypto);
    if (is_made) {
        memcpy(signature, made.byte, SIGNATURE);
    }
    return is_made;
}

static bool spoil(const char *kind, struct file *manifest, struct file *image)
{
    uint8_t *signature = &manifest->byte[manifest->size - SIGNATURE];

    if (strcmp(kind, "unsigned") == 0) {
        memset(signature, 0, SIGNATURE);
        return true;
    }
    if (strcmp(kind, "wrong_key") == 0) {
        return sign_as_other(signature);
    }
    if (strcmp(kind, "truncated") == 0) {
        image->size /= 2U;
        return true;
    }
    if (strcmp(kind, "changed") == 0) {
        image->byte[image->size / 2U] ^= 0x01U;
        return true;
    }
    return (strcmp(kind, "good") == 0) || (strcmp(kind, "older") == 0);
}

static json_t *made(const struct file *manifest, const struct file *image)
{
    return json_pack("{s:b, s:s, s:s}",
                     "ok",
                     1,
                     "manifest",
                     manifest->path,
                     "image",
                     image->path);
}

json_t *dg_unit_release(struct dg_unit *unit, const char *kind)
{
    static struct file manifest;
    static struct file image;
    const bool is_older = (kind != NULL) && (strcmp(kind, "older") == 0);
    const unsigned number =
        is_older ? FIRST_RELEASE : (FIRST_RELEASE + 1U + unit->releases);

    unit->releases += is_older ? 0U : 1U;

    json_t *answer = dg_unit_ask(unit,
                                 json_pack("{s:s, s:i, s:i, s:i, s:s}",
                                           "op",
                                           "release",
                                           "sequence",
                                           (int)number,
                                           "counter",
                                           (int)number,
                                           "size",
                                           IMAGE_SIZE,
                                           "kind",
                                           "good"));
    const bool is_made = json_is_true(json_object_get(answer, "ok"));

    json_decref(answer);
    (void)snprintf(manifest.path,
                   sizeof manifest.path,
                   "%s/release-%u.manifest",
                   unit->dir,
                   number);
    (void)snprintf(image.path,
                   sizeof image.path,
                   "%s/release-%u.image",
                   unit->dir,
                   number);
    if (!is_made || !read_whole(&manifest) || !read_whole(&image) ||
        (manifest.size <= SIGNATURE)) {
        return dg_words_failure("the pump's maker made no release");
    }
    if ((kind == NULL) || !spoil(kind, &manifest, &image) ||
        !write_whole(&manifest) || !write_whole(&image)) {
        return dg_words_failure("\"kind\" of a release is good, unsigned, "
                                "wrong_key, truncated, changed or older");
    }
    return made(&manifest, &image);
}

json_t *dg_unit_firmware(struct dg_unit *unit)
{
    json_t *told = dg_unit_ask(unit, json_pack("{s:s}", "op", "firmware"));
    const json_t *sequence = json_object_get(told, "sequence");
    json_t *answer =
        json_is_integer(sequence)
            ? json_pack("{s:b, s:I}",
                        "ok",
                        1,
                        "version",
                        (json_int_t)json_integer_value(sequence))
            : dg_words_failure("the pump does not tell its firmware");

    json_decref(told);
    return answer;
}
