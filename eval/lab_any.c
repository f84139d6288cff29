/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/lab_token.h"

bool dg_lab_token_is_uri(const char *name)
{
    return strncmp(name, "pkcs11:", 7U) == 0;
}

/* @satisfies{EVL_KEY.1@1} */
enum dg_status dg_lab_any_open(struct dg_crypto *crypto,
                               const char *name,
                               const char *pin_file,
                               struct dg_lab_key *key,
                               struct dg_problem *problem)
{
    return dg_lab_token_is_uri(name)
               ? dg_lab_token_open(crypto, name, pin_file, key, problem)
               : dg_lab_key_open(crypto, name, key, problem);
}
