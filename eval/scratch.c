/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACE_MAX 40U /* a socket's path has 107 bytes in all */

bool dg_scratch_make(char path[64])
{
    const char *place = getenv("TMPDIR");

    if ((place == NULL) || (place[0] != '/') || (strlen(place) > PLACE_MAX)) {
        place = "/tmp";
    }
    (void)snprintf(path, 64U, "%s/dosegate-XXXXXX", place);
    return mkdtemp(path) != NULL;
}

static int remove_one(const char *path,
                      const struct stat *stat,
                      int type,
                      struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

void dg_scratch_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
