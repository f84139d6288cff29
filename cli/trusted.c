/* SPDX-License-Identifier: Apache-2.0 */
#include "trusted.h"

#include <stdio.h>

#include "eval/lab_key.h"
#include "place.h"

bool dg_cli_trusted(const struct dg_crypto *crypto,
                    const char *verb,
                    const char *key_path,
                    const char *dir,
                    struct dg_public_key *trusted,
                    bool *has_trusted)
{
    char state[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    struct dg_problem problem;

    *has_trusted = false;
    if (key_path != NULL) {
        if (dg_lab_public_read(key_path, trusted, &problem) != DG_OK) {
            (void)fprintf(stderr, "dosegate %s: %s\n", verb, problem.text);
            return false;
        }
        *has_trusted = true;
        return true;
    }
    if (!dg_cli_place(dir, state) || !dg_cli_join(state, "lab.key", path)) {
        return false;
    }

    FILE *probe = fopen(path, "re");

    if (probe == NULL) {
        return true;
    }
    (void)fclose(probe);

    struct dg_lab_key key;

    if (dg_lab_key_open(crypto, path, &key, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate %s: %s\n", verb, problem.text);
        return false;
    }
    *trusted = key.public_key;
    *has_trusted = true;
    dg_lab_key_wipe(&key);
    return true;
}
