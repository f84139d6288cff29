/* SPDX-License-Identifier: Apache-2.0 */
#include "erase.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore.h"
#include "private_file.h"
#include "program.h"
#include "token_start.h"

#define NAMES_MAX 64U
#define NAME_SIZE 40U
#define PATH_SIZE 300U

struct names {
    char name[NAMES_MAX][NAME_SIZE];
    size_t count;
};

/* Plain files of a directory; more than there is room for: false. */
static bool list(int directory, struct names *names)
{
    const int again =
        openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *from = (again < 0) ? NULL : fdopendir(again);
    bool whole = from != NULL;

    names->count = 0;
    while (whole) {
        const struct dirent *entry = readdir(from);

        if (entry == NULL) {
            break;
        }
        if ((strcmp(entry->d_name, ".") == 0) ||
            (strcmp(entry->d_name, "..") == 0) || (entry->d_type == DT_DIR)) {
            continue;
        }
        whole =
            (names->count < NAMES_MAX) && (strlen(entry->d_name) < NAME_SIZE);
        if (whole) {
            (void)snprintf(
                names->name[names->count++], NAME_SIZE, "%.39s", entry->d_name);
        }
    }
    if (from != NULL) {
        (void)closedir(from);
    }
    return whole;
}

/* One key, whatever it was for. */
static bool destroy(struct dg_keystore *store, const char *name)
{
    static const enum dg_key_use uses[] = {DG_KEY_AGREE, DG_KEY_SIGN};
    struct dg_key key;

    for (size_t i = 0; i < 2U; i++) {
        if (dg_keystore_load(store, name, uses[i], &key) == DG_OK) {
            return dg_keystore_destroy(store, &key) == DG_OK;
        }
    }
    return false;
}

static bool destroy_keys(const struct dg_crypto *crypto,
                         const char *where,
                         const char *path,
                         int directory,
                         const struct names *names)
{
    struct dg_keystore store;
    char why[DG_KEYSTORE_WHY_MAX] = "";
    const struct dg_keystore_row *row = dg_keystore_row_of(where);
    int token = -1;
    bool done = true;

    if ((row != NULL) && !row->is_weak) {
        char what[DG_PROGRAM_WHY_MAX];
        int program = -1;
        pid_t pid = -1;

        if (dg_program_take(crypto, DG_ROLE_ID_NONE, &program, what) != DG_OK) {
            (void)fprintf(stderr, "dosegate-domain: %s\n", what);
            return false;
        }
        token = dg_token_start(where, program, &pid);
        (void)close(program);
    }

    if (dg_keystore_open(&store, crypto, where, directory, token, why) !=
        DG_OK) {
        (void)fprintf(stderr, "dosegate-domain: %s: %s\n", path, why);
        return false;
    }
    for (size_t i = 0; i < names->count; i++) {
        if ((strncmp(names->name[i], "key-", 4) == 0) &&
            !destroy(&store, &names->name[i][4])) {
            (void)fprintf(stderr,
                          "dosegate-domain: %s/%s: its key may still be where "
                          "it was made: name that place with --keys\n",
                          path,
                          names->name[i]);
            done = false;
        }
    }
    dg_keystore_close(&store);
    return done;
}

/* All files of a directory; those of keys first, where they are kept. */
static bool clear(const struct dg_crypto *crypto,
                  const char *where,
                  const char *path)
{
    char why[DG_PRIVATE_WHY_MAX];
    struct names names;
    struct stat about;
    int directory = -1;

    if (stat(path, &about) != 0) {
        return true; /* there never was one */
    }
    if ((dg_private_directory_open(path, &directory, why) != DG_OK) ||
        !list(directory, &names)) {
        (void)fprintf(stderr, "dosegate-domain: %s cannot be read\n", path);
        return false;
    }

    bool done =
        (where == NULL) || destroy_keys(crypto, where, path, directory, &names);

    for (size_t i = 0; i < names.count; i++) {
        if (dg_private_file_erase(directory, names.name[i]) != DG_OK) {
            (void)fprintf(stderr,
                          "dosegate-domain: %s/%s cannot be removed\n",
                          path,
                          names.name[i]);
            done = false;
        }
    }
    (void)close(directory);
    return done;
}

/* What the domain leaves beside its directories; the pump's own files, where a
 * virtual one lives here, are not the phone's. */
static bool clear_top(const char *dir)
{
    static const char *const ours[] = {"dosegate-domain.log",
                                       "dosegate-domain.pid",
                                       "gateway.sock",
                                       "confirm.sock",
                                       "health.json",
                                       "presence"}; /* of version 0.1 */
    char why[DG_PRIVATE_WHY_MAX];
    int directory = -1;
    bool done = dg_private_directory_open(dir, &directory, why) == DG_OK;

    for (size_t i = 0; done && (i < sizeof(ours) / sizeof(ours[0])); i++) {
        done = dg_private_file_erase(directory, ours[i]) == DG_OK;
    }
    if (directory >= 0) {
        (void)close(directory);
    }
    return done;
}

/* @satisfies{FDP_ERASE.1@1} */
bool dg_erase(const struct dg_crypto *crypto,
              const char *dir,
              const char *keys,
              const char *presence)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%s/keys", dir);

    bool done = clear(crypto, keys, path);

    (void)rmdir(path);
    (void)snprintf(path, sizeof(path), "%s/confirm", dir);
    done = clear(crypto, presence, path) && done;
    (void)rmdir(path);
    return clear_top(dir) && done;
}
