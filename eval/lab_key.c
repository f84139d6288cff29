/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/lab_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/file.h"
#include "eval/hex.h"

#define PRIVATE_TITLE  "dosegate lab key 1 "
#define PUBLIC_TITLE   "dosegate lab public key 1 "
#define PRIVATE_DIGITS (2U * sizeof(struct dg_secret))
#define PUBLIC_DIGITS  (2U * sizeof(struct dg_public_key))
#define LINE_MAX_SIZE  200U

/* The compiler may not drop this one: the pointer is volatile. */
static void wipe(void *at, size_t size)
{
    volatile unsigned char *byte = at;

    while (size > 0U) {
        size--;
        byte[size] = 0;
    }
}

void dg_lab_key_wipe(struct dg_lab_key *key)
{
    wipe(key, sizeof(*key));
}

enum dg_status dg_lab_key_id(const struct dg_crypto *crypto,
                             const struct dg_public_key *public_key,
                             char id[DG_KEY_ID_SIZE])
{
    const dg_span parts[] = {DG_SPAN_OF(public_key->x),
                             DG_SPAN_OF(public_key->y)};
    struct dg_hash hash;
    const enum dg_status status =
        crypto->sha256(crypto->context, parts, 2, &hash);

    if (status == DG_OK) {
        dg_hex_put((dg_span){hash.byte, DG_KEY_ID_BYTES}, id);
    }
    return status;
}

/* Who can read the key can sign in the laboratory's name. */
static enum dg_status check_owner(int fd,
                                  const char *path,
                                  struct dg_problem *problem)
{
    struct stat about;

    if ((fstat(fd, &about) != 0) || !S_ISREG(about.st_mode)) {
        dg_problem_set(problem, "%s is not a regular file: refused", path);
        return DG_E_AUTH;
    }
    if (about.st_uid != geteuid()) {
        dg_problem_set(
            problem,
            "the lab key %s belongs to user %lu, not to you: refused",
            path,
            (unsigned long)about.st_uid);
        return DG_E_AUTH;
    }
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0U) {
        dg_problem_set(problem,
                       "others may use the lab key %s (mode %03o): refused. "
                       "If nobody has copied it, run: chmod 600 %s",
                       path,
                       (unsigned)(about.st_mode & 0777U),
                       path);
        return DG_E_AUTH;
    }
    return DG_OK;
}

/* Split "title hex\n"; false when the line has another form. */
static bool parse_line(char *line, const char *title, dg_buf out)
{
    const size_t skip = strlen(title);
    const size_t size = strlen(line);

    if ((size <= (skip + 1U)) || (line[size - 1U] != '\n') ||
        (strncmp(line, title, skip) != 0)) {
        return false;
    }
    line[size - 1U] = '\0';
    return dg_hex_get(line + skip, out);
}

static enum dg_status read_key(int fd,
                               const char *path,
                               struct dg_secret *secret,
                               struct dg_problem *problem)
{
    char line[LINE_MAX_SIZE] = "";
    const enum dg_status status = check_owner(fd, path, problem);

    if (status != DG_OK) {
        return status;
    }

    const ssize_t got = read(fd, line, sizeof(line) - 1U);
    const bool is_good =
        (got > 0) && parse_line(line, PRIVATE_TITLE, DG_BUF_OF(secret->byte));

    wipe(line, sizeof(line));
    if (!is_good) {
        dg_problem_set(problem,
                       "%s is not a lab key. Move it away and a new key is "
                       "made on the next run",
                       path);
        return DG_E_MALFORMED;
    }
    return DG_OK;
}

/* Make the last folder of the path, as a convenience on first use. */
static void make_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');

    if ((slash == NULL) || (slash == path) ||
        ((size_t)(slash - path) >= sizeof(folder))) {
        return;
    }
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    (void)mkdir(folder, S_IRWXU);
}

static enum dg_status make_key(const struct dg_crypto *crypto,
                               const char *path,
                               struct dg_problem *problem)
{
    struct dg_secret secret;
    struct dg_public_key public_key;
    char line[LINE_MAX_SIZE];
    const size_t skip = strlen(PRIVATE_TITLE);
    enum dg_status status =
        crypto->p256_generate(crypto->context, &secret, &public_key);

    if (status != DG_OK) {
        dg_problem_set(problem, "cannot make a lab key: crypto failed");
        return status;
    }
    make_folder(path);
    memcpy(line, PRIVATE_TITLE, skip);
    dg_hex_put(DG_SPAN_OF(secret.byte), line + skip);
    line[skip + PRIVATE_DIGITS] = '\n';
    status = dg_file_create(
        path,
        (dg_span){(const uint8_t *)line, skip + PRIVATE_DIGITS + 1U},
        S_IRUSR | S_IWUSR,
        problem);
    wipe(line, sizeof(line));
    wipe(&secret, sizeof(secret));

    /* Somebody else made one at the same moment: that one is the key. */
    return (status == DG_E_STATE) ? DG_OK : status;
}

enum dg_status dg_lab_key_open(const struct dg_crypto *crypto,
                               const char *path,
                               struct dg_lab_key *key,
                               struct dg_problem *problem)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    enum dg_status status = DG_OK;

    *key = (struct dg_lab_key){.id = ""};

    int fd = open(path, flags);

    if ((fd < 0) && (errno == ENOENT)) {
        status = make_key(crypto, path, problem);
        if (status != DG_OK) {
            return status;
        }
        fd = open(path, flags);
    }
    if ((fd < 0) && (errno == ELOOP)) {
        dg_problem_set(problem, "%s is not a regular file: refused", path);
        return DG_E_AUTH;
    }
    if (fd < 0) {
        dg_problem_set(
            problem, "cannot open the lab key %s: %s", path, strerror(errno));
        return DG_E_PORT;
    }
    status = read_key(fd, path, &key->private_key, problem);
    (void)close(fd);
    if (status == DG_OK) {
        status = crypto->p256_public(
            crypto->context, &key->private_key, &key->public_key);
    }
    if (status == DG_OK) {
        status = dg_lab_key_id(crypto, &key->public_key, key->id);
    } else if (status == DG_E_RANGE) {
        dg_problem_set(problem, "%s is not a lab key", path);
        status = DG_E_MALFORMED;
    }
    if (status != DG_OK) {
        dg_lab_key_wipe(key);
    }
    return status;
}

enum dg_status dg_lab_public_write(const struct dg_public_key *public_key,
                                   const char *path,
                                   struct dg_problem *problem)
{
    char line[LINE_MAX_SIZE];
    const size_t skip = strlen(PUBLIC_TITLE);

    memcpy(line, PUBLIC_TITLE, skip);
    dg_hex_put(DG_SPAN_OF(public_key->x), line + skip);
    dg_hex_put(DG_SPAN_OF(public_key->y), line + skip + (PUBLIC_DIGITS / 2U));
    line[skip + PUBLIC_DIGITS] = '\n';
    return dg_file_write(
        path,
        (dg_span){(const uint8_t *)line, skip + PUBLIC_DIGITS + 1U},
        0644,
        problem);
}

enum dg_status dg_lab_public_read(const char *path,
                                  struct dg_public_key *public_key,
                                  struct dg_problem *problem)
{
    char line[LINE_MAX_SIZE] = "";
    uint8_t both[2U * DG_P256_SIZE];
    dg_span bytes = {NULL, 0};
    const enum dg_status status =
        dg_file_read(path, sizeof(line) - 1U, &bytes, problem);

    if (status == DG_E_PORT) {
        return status;
    }
    if (status == DG_OK) {
        memcpy(line, bytes.at, bytes.size);
        dg_file_free(bytes);
    }
    if ((status != DG_OK) || !parse_line(line, PUBLIC_TITLE, DG_BUF_OF(both))) {
        dg_problem_set(problem, "%s is not a lab public key", path);
        return DG_E_MALFORMED;
    }
    memcpy(public_key->x, both, DG_P256_SIZE);
    memcpy(public_key->y, both + DG_P256_SIZE, DG_P256_SIZE);
    return DG_OK;
}

/* Whether a file holds this public half. */
static bool holds(const char *path, const struct dg_public_key *public_key)
{
    struct dg_public_key found;
    struct dg_problem problem;

    return (dg_lab_public_read(path, &found, &problem) == DG_OK) &&
           (memcmp(found.x, public_key->x, sizeof(found.x)) == 0) &&
           (memcmp(found.y, public_key->y, sizeof(found.y)) == 0);
}

void dg_lab_public_beside(const struct dg_lab_key *key,
                          const char *path,
                          char name[DG_LAB_PATH_SIZE])
{
    static const char suffix[] = ".key";
    const size_t tail = sizeof(suffix) - 1U;
    const size_t size = strlen(path);
    const bool has_suffix =
        (size > tail) && (strcmp(path + size - tail, suffix) == 0);
    const int stem = (int)(has_suffix ? (size - tail) : size);
    char beside[DG_LAB_PATH_SIZE];

    if (name != NULL) {
        name[0] = '\0';
    }
    if ((size == 0U) ||
        (size + sizeof(key->id) + sizeof("-.pub") > sizeof(beside))) {
        return; /* whoever needs it will say so */
    }
    (void)snprintf(beside, sizeof(beside), "%.*s.pub", stem, path);
    if ((access(beside, F_OK) == 0) && !holds(beside, &key->public_key)) {
        (void)snprintf(
            beside, sizeof(beside), "%.*s-%s.pub", stem, path, key->id);
    }
    if (!holds(beside, &key->public_key) &&
        (dg_lab_public_write(&key->public_key, beside, NULL) != DG_OK)) {
        return;
    }
    if (name != NULL) {
        (void)snprintf(name, DG_LAB_PATH_SIZE, "%s", beside);
    }
}
