/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_LAB_TOKEN_H
#define DG_EVAL_LAB_TOKEN_H

#include <stdbool.h>

#include "eval/lab_key.h"

/* A laboratory's key in a PKCS#11 token: it signs there and is never here. */

/** Whether a name of a key means one in a token: "pkcs11:...". */
bool dg_lab_token_is_uri(const char *name);

/**
 * Open the key that a URI of RFC 7512 names; it is made on first use.
 *
 * @param[in,out] crypto    Signs with the token from here on, where it is given
 *                          the private half of @p key; else as before.
 * @param         pin_file  First line is the PIN; NULL: the URI's pin-source,
 *                          else a person at the terminal is asked.
 * @param[out]    key       Its private half is a reference.  Wipe it with
 *                          dg_lab_key_wipe(), and close with
 *                          dg_lab_token_close().
 *
 * @retval DG_OK      Opened; a signature was made and checked.
 * @retval DG_E_PORT  Not; @p problem says why.
 */
DG_NODISCARD enum dg_status dg_lab_token_open(struct dg_crypto *crypto,
                                              const char *uri,
                                              const char *pin_file,
                                              struct dg_lab_key *key,
                                              struct dg_problem *problem);

/** Log out of the token, if one is open. */
void dg_lab_token_close(void);

/** Open a key in a token or in a file, whichever the name means; see
 * dg_lab_token_open() and dg_lab_key_open(). */
DG_NODISCARD enum dg_status dg_lab_any_open(struct dg_crypto *crypto,
                                            const char *name,
                                            const char *pin_file,
                                            struct dg_lab_key *key,
                                            struct dg_problem *problem);

#endif
