/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/service/text.h"

#define PRIVATE_TITLE "dosegate key 1 "
#define PUBLIC_TITLE  "dosegate public key 1 "
#define LINE_SIZE     200U
#define PATH_SIZE     480U

static void wipe(void *at, size_t size)
{
    volatile unsigned char *byte = at;

    while (size > 0U) {
        size--;
        byte[size] = 0;
    }
}

void dg_key_file_wipe(struct dg_secret *secret)
{
    wipe(secret, sizeof(*secret));
}

static enum dg_status refuse(enum dg_status status,
                             char *why,
                             const char *path,
                             const char *what)
{
    (void)snprintf(why, DG_KEY_FILE_WHY_MAX, "%.160s %s", path, what);
    return status;
}

/* One line "TITLE HEX\n" and nothing after it. */
static bool parse(char line[LINE_SIZE], const char *title, dg_buf out)
{
    const size_t skip = strlen(title);
    const size_t size = strlen(line);

    if ((size <= skip + 1U) || (line[size - 1U] != '\n') ||
        (strncmp(line, title, skip) != 0)) {
        return false;
    }
    line[size - 1U] = '\0';
    return dg_text_get_hex(&line[skip], out);
}

/* The whole file, zero terminated; false when it is larger than a line. */
static bool slurp(int fd, char line[LINE_SIZE])
{
    size_t have = 0;

    while (have < LINE_SIZE) {
        const ssize_t got = read(fd, &line[have], LINE_SIZE - have);

        if (got < 0) {
            return false;
        }
        if (got == 0) {
            line[have] = '\0';
            return strlen(line) == have;
        }
        have += (size_t)got;
    }
    return false;
}

static enum dg_status check_owner(int fd, const char *path, char *why)
{
    struct stat about;

    if ((fstat(fd, &about) != 0) || !S_ISREG(about.st_mode)) {
        return refuse(DG_E_AUTH, why, path, "is no regular file");
    }
    if (about.st_uid != geteuid()) {
        return refuse(DG_E_AUTH,
                      why,
                      path,
                      "belongs to another user: run this as its owner");
    }
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0U) {
        return refuse(DG_E_AUTH,
                      why,
                      path,
                      "may be used by others: make a new key if somebody can "
                      "have copied it, else run chmod 600 on it");
    }
    return DG_OK;
}

enum dg_status dg_key_file_read(const struct dg_crypto *crypto,
                                const char *path,
                                struct dg_secret *secret,
                                struct dg_public_key *public_key,
                                char *why)
{
    char line[LINE_SIZE] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        return refuse(DG_E_PORT, why, path, strerror(errno));
    }

    enum dg_status status = check_owner(fd, path, why);

    if ((status == DG_OK) &&
        !(slurp(fd, line) &&
          parse(line, PRIVATE_TITLE, DG_BUF_OF(secret->byte)))) {
        status = refuse(DG_E_MALFORMED,
                        why,
                        path,
                        "is no key file: make one with dosegate policy key");
    }
    wipe(line, sizeof(line));
    (void)close(fd);
    if (status != DG_OK) {
        return status;
    }
    status = crypto->p256_public(crypto->context, secret, public_key);
    if (status != DG_OK) {
        dg_key_file_wipe(secret);
        return refuse(status, why, path, "holds no key of P-256");
    }
    return DG_OK;
}

enum dg_status dg_key_file_read_public(const char *path,
                                       struct dg_public_key *key,
                                       char *why)
{
    char line[LINE_SIZE] = "";
    uint8_t both[2U * DG_P256_SIZE];
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return refuse(DG_E_PORT, why, path, strerror(errno));
    }

    const bool is_good =
        slurp(fd, line) && parse(line, PUBLIC_TITLE, DG_BUF_OF(both));

    (void)close(fd);
    if (!is_good) {
        return refuse(DG_E_MALFORMED,
                      why,
                      path,
                      "is no public key file: take the .pub file that "
                      "dosegate policy key made");
    }
    memcpy(key->x, both, DG_P256_SIZE);
    memcpy(key->y, &both[DG_P256_SIZE], DG_P256_SIZE);
    return DG_OK;
}

/* A new file with one line, whole or not there at all. */
static enum dg_status put_line(
    const char *path, mode_t mode, const char *title, dg_span bytes, char *why)
{
    char line[LINE_SIZE];
    const int used = snprintf(line, sizeof(line), "%s", title);
    const int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

    if (fd < 0) {
        return (errno == EEXIST)
                   ? refuse(DG_E_STATE,
                            why,
                            path,
                            "is there already: a key is never written over")
                   : refuse(DG_E_PORT, why, path, strerror(errno));
    }
    dg_text_put_hex(bytes, &line[used]);

    const size_t size = (size_t)used + (2U * bytes.size);

    line[size] = '\n';

    const bool is_written =
        (write(fd, line, size + 1U) == (ssize_t)(size + 1U)) &&
        (fsync(fd) == 0);

    wipe(line, sizeof(line));
    (void)close(fd);
    if (!is_written) {
        (void)unlink(path);
        return refuse(DG_E_PORT, why, path, "cannot be written");
    }
    return DG_OK;
}

enum dg_status dg_key_file_make(const struct dg_crypto *crypto,
                                const char *path,
                                char *why)
{
    struct dg_secret secret;
    struct dg_public_key key;
    uint8_t both[2U * DG_P256_SIZE];
    char beside[PATH_SIZE];
    const int size = snprintf(beside, sizeof(beside), "%s.pub", path);

    if ((size < 0) || ((size_t)size >= sizeof(beside))) {
        return refuse(DG_E_PORT, why, path, "is too long a name");
    }

    enum dg_status status =
        crypto->p256_generate(crypto->context, &secret, &key);

    if (status != DG_OK) {
        return refuse(status, why, path, "was not made: crypto failed");
    }
    memcpy(both, key.x, DG_P256_SIZE);
    memcpy(&both[DG_P256_SIZE], key.y, DG_P256_SIZE);
    status = put_line(
        path, S_IRUSR | S_IWUSR, PRIVATE_TITLE, DG_SPAN_OF(secret.byte), why);
    dg_key_file_wipe(&secret);
    if (status != DG_OK) {
        return status;
    }
    status = put_line(beside,
                      S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH,
                      PUBLIC_TITLE,
                      DG_SPAN_OF(both),
                      why);
    if (status != DG_OK) {
        (void)unlink(path);
    }
    return status;
}
