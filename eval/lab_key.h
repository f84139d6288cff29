/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_LAB_KEY_H
#define DG_EVAL_LAB_KEY_H

#include "dosegate/crypto.h"
#include "dosegate/status.h"
#include "eval/problem.h"

/* First 8 bytes of SHA-256 over x || y, in hex. */
#define DG_KEY_ID_BYTES 8U
#define DG_KEY_ID_SIZE  (2U * DG_KEY_ID_BYTES + 1U)

#define DG_LAB_PATH_SIZE 1024U

/* The key with which a laboratory signs its runs. */
struct dg_lab_key {
    struct dg_secret private_key;
    struct dg_public_key public_key;
    char id[DG_KEY_ID_SIZE];
};

/**
 * Open the key file, or make it on first use.
 *
 * The file holds one line, has mode 0600 and belongs to who runs this.  The
 * folder above it is made (mode 0700) when it is missing.
 *
 * @param[out] key  Zero unless DG_OK.  Wipe it with dg_lab_key_wipe().
 *
 * @retval DG_OK           Opened.
 * @retval DG_E_AUTH       The file may be read or written by others, belongs
 *                         to somebody else or is no regular file: refused,
 *                         and @p problem says what to do.
 * @retval DG_E_MALFORMED  The file is not a key file.
 * @retval DG_E_PORT       It cannot be read or made, or crypto failed.
 */
DG_NODISCARD enum dg_status dg_lab_key_open(const struct dg_crypto *crypto,
                                            const char *path,
                                            struct dg_lab_key *key,
                                            struct dg_problem *problem);

/** Forget the key. */
void dg_lab_key_wipe(struct dg_lab_key *key);

/** Write the public half as one line of text, for those who verify. */
DG_NODISCARD enum dg_status dg_lab_public_write(
    const struct dg_public_key *public_key,
    const char *path,
    struct dg_problem *problem);

/** Put the public half beside the key file, as "lab.pub" beside "lab.key": what
 * a laboratory gives to those who verify.  Where that is another key's, which
 * somebody may still need, it goes beside as "lab-ID.pub".
 *
 * @param[out] name  The file that holds this public half; "" where none could
 *                   be written.  May be NULL. */
void dg_lab_public_beside(const struct dg_lab_key *key,
                          const char *path,
                          char name[DG_LAB_PATH_SIZE]);

/** Read a public half.  DG_E_MALFORMED: not such a file.  DG_E_PORT: it cannot
 * be read. */
DG_NODISCARD enum dg_status dg_lab_public_read(const char *path,
                                               struct dg_public_key *public_key,
                                               struct dg_problem *problem);

/** Give the id of a public key.  DG_E_PORT: crypto failed. */
DG_NODISCARD enum dg_status dg_lab_key_id(
    const struct dg_crypto *crypto,
    const struct dg_public_key *public_key,
    char id[DG_KEY_ID_SIZE]);

#endif
