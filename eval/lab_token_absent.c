/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/lab_token.h"

/* Where libp11-kit was not there when this was built. */
enum dg_status dg_lab_token_open(struct dg_crypto *crypto,
                                 const char *uri,
                                 const char *pin_file,
                                 struct dg_lab_key *key,
                                 struct dg_problem *problem)
{
    (void)crypto;
    (void)uri;
    (void)pin_file;
    *key = (struct dg_lab_key){.id = ""};
    dg_problem_set(problem,
                   "this program was built without PKCS#11: install "
                   "libp11-kit-dev and build it again");
    return DG_E_PORT;
}

void dg_lab_token_close(void)
{
}
