/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_KEY_FILE_H
#define DG_ATTEST_KEY_FILE_H

#include "dosegate/crypto.h"
#include "dosegate/status.h"

/* Keys of those who sign about phones: the maker's policy key and the
 * verifier's ticket key.  One line of text; the private file has mode 0600 and
 * belongs to who runs this, or it is refused: who can read it can sign. */
#define DG_KEY_FILE_WHY_MAX 320U

/**
 * Read a private key, and work out its public half.
 *
 * @param[out] why  DG_KEY_FILE_WHY_MAX bytes: what was wrong, and the remedy.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_AUTH       Others may use it, or it is somebody else's.
 * @retval DG_E_MALFORMED  It is no key file.
 * @retval DG_E_PORT       It cannot be read, or crypto failed.
 */
DG_NODISCARD enum dg_status dg_key_file_read(const struct dg_crypto *crypto,
                                             const char *path,
                                             struct dg_secret *secret,
                                             struct dg_public_key *public_key,
                                             char *why);

/** Make a key: PATH (0600) and PATH.pub.  DG_E_STATE when PATH is there
 * already: a key is never written over.  DG_E_PORT otherwise. */
DG_NODISCARD enum dg_status dg_key_file_make(const struct dg_crypto *crypto,
                                             const char *path,
                                             char *why);

/** Read a public key file.  DG_E_MALFORMED, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_key_file_read_public(const char *path,
                                                    struct dg_public_key *key,
                                                    char *why);

/** Overwrite a secret so that no compiler leaves it out. */
void dg_key_file_wipe(struct dg_secret *secret);

#endif
