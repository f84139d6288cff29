/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/neighbour.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/adapter/words.h"
#include "eval/file.h"

/* What somebody does to the files of the medical part while it does not run:
 * takes one away, damages one, puts it back. */
#define FILES_MAX      32U
#define PATH_SIZE      768U
#define SIZE_MAX_BYTES (1024U * 1024U)
#define TREE_FDS       16

static struct {
    char path[FILES_MAX][PATH_SIZE];
    size_t count;
} files;

static int take_file(const char *path,
                     const struct stat *about,
                     int type,
                     struct FTW *where)
{
    (void)where;
    if ((type == FTW_F) && S_ISREG(about->st_mode) &&
        (files.count < FILES_MAX) && (strlen(path) < PATH_SIZE)) {
        (void)snprintf(files.path[files.count++], PATH_SIZE, "%s", path);
    }
    return 0;
}

static int by_text(const void *one, const void *other)
{
    return strcmp(one, other);
}

static bool copy(const char *from, const char *to, bool is_damaged)
{
    struct dg_problem problem;
    dg_span bytes = {NULL, 0U};

    if (dg_file_read(from, SIZE_MAX_BYTES, &bytes, &problem) != DG_OK) {
        return false;
    }

    uint8_t *own = malloc(bytes.size + 1U);
    bool is_done = own != NULL;

    if (is_done) {
        if (bytes.size > 0U) {
            memcpy(own, bytes.at, bytes.size);
        }
        if (is_damaged && (bytes.size > 0U)) {
            own[bytes.size / 2U] ^= 1U;
        }
        is_done = dg_file_write(
                      to, (dg_span){own, bytes.size}, 0600, &problem) == DG_OK;
    }
    free(own);
    dg_file_free(bytes);
    return is_done;
}

static json_t *start_again(struct dg_bench_phone *phone, const char *bin)
{
    const char *problem = dg_app_start(
        &phone->app, bin, phone->dir, phone->via, phone->is_loop, phone->isf);

    phone->is_off = problem != NULL;
    return json_pack("{s:b, s:i, s:s}",
                     "ok",
                     1,
                     "files",
                     (int)files.count,
                     "result",
                     (problem == NULL) ? "started" : "refused");
}

json_t *dg_neighbour_spoil(struct dg_bench_phone *phone,
                           const json_t *request,
                           const char *bin)
{
    static char spoiled[PATH_SIZE]; /* what has to be put back; "": nothing */
    const char *how = json_string_value(json_object_get(request, "how"));
    const size_t which =
        (size_t)json_integer_value(json_object_get(request, "file"));
    char kept[PATH_SIZE];

    if (how == NULL) {
        return dg_words_failure("needs \"how\": remove, damage or restore");
    }
    (void)snprintf(kept, sizeof kept, "%.700s-kept", phone->dir);
    dg_app_stop(&phone->app);
    if ((strcmp(how, "restore") == 0) && (spoiled[0] != '\0')) {
        (void)copy(kept, spoiled, false);
        spoiled[0] = '\0';
    }
    files.count = 0U;
    (void)nftw(phone->dir, take_file, TREE_FDS, FTW_PHYS);
    qsort(files.path, files.count, sizeof files.path[0], by_text);
    if ((strcmp(how, "restore") != 0) && (which < files.count)) {
        (void)snprintf(spoiled, sizeof spoiled, "%s", files.path[which]);
        if (!copy(spoiled, kept, false) ||
            ((strcmp(how, "remove") == 0) ? (unlink(spoiled) != 0)
                                          : !copy(kept, spoiled, true))) {
            return dg_words_failure("the phone's files could not be changed");
        }
    }
    return start_again(phone, bin);
}
